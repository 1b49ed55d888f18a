"""Parse the headers and the parts of a mail, even if they do not follow the standards."""

import binascii
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.header import decode_header
from email.message import Message
from email.parser import HeaderParser
from email.policy import compat32
from email.utils import mktime_tz, parseaddr, parsedate_tz
from typing import Final

from xltools.model.errors import ReadError
from xltools.model.limits import limits, over
from xltools.model.wording import Phrase
from xltools.readers.containers.entry import Mail, decoded, moment, plain
from xltools.readers.containers.p7m import mended_base64

_LONGEST: Final = 16_384  # characters of a header that are read
_GB: Final = r"gb_?2312(?:-80|-1980)?|x-gbk|gbk|euc-cn|cn-gb|csgb2312|ms936|cp936|936"
_LABEL: Final = re.compile(rf"(=\?)(?:{_GB})(?=[?*])", re.IGNORECASE)  # RFC 2047
_MARKED: Final = re.compile(rf"(\*(?:0\*)?\s*=\s*\"?)(?:{_GB})(?=')", re.IGNORECASE)  # RFC 2231
_FOLD: Final = re.compile(r"\r?\n[ \t]*")
_ANGLE: Final = re.compile(r"<([^<>]*)>")
_ADDRESS: Final = re.compile(r"[^\s@<>()\"',;:\[\]\\]+@[^\s@<>()\"',;:\\]+")


@dataclass(frozen=True, slots=True)
class MailHeaders:
    """The headers of a mail or of one of its parts."""

    message: "Message[str, str]"

    @classmethod
    def of(cls, raw: bytes) -> "MailHeaders":
        """Parse headers. Lines with non-ASCII bytes are decoded one by one, each in the encoding
        that fits.
        """
        text = "\n".join(decoded(line) for line in raw.replace(b"\r\n", b"\n").split(b"\n"))
        text = _MARKED.sub(r"\1gb18030", _LABEL.sub(r"\1gb18030", text))
        message: Message[str, str] = HeaderParser(policy=compat32).parsestr(text + "\n\n")
        for name in ("content-type", "content-disposition"):
            value = message.get(name)
            if value is not None:
                del message[name]
                message[name] = _FOLD.sub(" ", value)[:_LONGEST]
        return cls(message)

    def has(self, *names: str) -> bool:
        """Whether any of these headers is present."""
        return any(name in self.message for name in names)

    def raw(self, name: str) -> str:
        """Return a header on one line, as written; empty if it is missing."""
        value = self.message.get(name)
        return _FOLD.sub(" ", str(value))[:_LONGEST].strip() if value is not None else ""

    def text(self, name: str) -> str:
        """Return a header on one line, with its encoded words decoded; empty if it is missing."""
        return words(self.raw(name))

    @property
    def type(self) -> str:
        """The type of the content in lower case, such as ``text/plain``."""
        return self.message.get_content_type()

    @property
    def disposition(self) -> str:
        """``attachment``, ``inline`` or another word in lower case; empty if the header
        is missing.
        """
        return self.message.get_content_disposition() or ""

    @property
    def boundary(self) -> bytes:
        """The boundary that separates the parts of a multipart mail; empty if there is none."""
        boundary = self._param("boundary", "content-type")
        return boundary.encode("utf-8", "surrogateescape") if len(boundary) <= 1000 else b""

    @property
    def filename(self) -> str:
        """The file name of an attachment; empty if it has none."""
        name = self._param("filename", "content-disposition") or self._param("name", "content-type")
        return words(name).strip().strip('"').strip()

    def _param(self, name: str, header: str) -> str:
        """Return a parameter of a header; empty if it is missing or cannot be read."""
        try:
            value = self.message.get_param(name, header=header)
        except (ValueError, TypeError, IndexError):
            return ""  # numbered pieces that contradict each other
        if isinstance(value, tuple):
            raw = value[2].encode("raw-unicode-escape")
            return _decoded(raw, value[0] or "")
        return str(value) if value is not None else ""

    def mail(self) -> Mail:
        """Return sender, subject and date of the mail."""
        name, address = sender(self.raw("from") or self.raw("sender"))
        if not address:
            address = sender(self.raw("sender"))[1]
        return Mail(
            sender=address,
            name=name,
            subject=plain(self.text("subject"), 200),
            date=date(self.raw("date")),
        )


def words(value: str) -> str:
    """Decode the encoded words (RFC 2047) in the value of a header."""
    if "=?" not in value:
        return value
    try:
        pieces = decode_header(value)
    except (MessageError, ValueError):
        return value
    return "".join(
        piece if isinstance(piece, str) else _decoded(piece, charset) for piece, charset in pieces
    )


def sender(value: str) -> tuple[str, str]:
    """Return the name and the address (in lower case) in a From header; either is empty if missing.

    If there is a single address in angle brackets, it is used, whatever surrounds it.
    """
    value = value[:2000]
    angled = _ANGLE.findall(re.sub(r'"(?:[^"\\]|\\.)*"', "", value))
    try:
        name, address = parseaddr(value)
    except (ValueError, IndexError, RecursionError):
        name, address = "", ""
    if len(angled) == 1:
        address = angled[0]
        name = name or value.partition("<")[0].strip().strip('"')
    address = address.strip().lower()
    return plain(words(name)), address if _ADDRESS.fullmatch(address) else ""


def date(value: str) -> datetime | None:
    """Convert a Date header to local time; None if it is not a date."""
    try:
        fields = parsedate_tz(value[:200])
        if fields is None:
            return None
        return datetime(*fields[:6]) if fields[9] is None else moment(float(mktime_tz(fields)))
    except (ValueError, OverflowError, IndexError, TypeError):
        return None


def _decoded(raw: bytes, charset: str | None) -> str:
    """Decode bytes in the given charset, or if that is unknown or does not fit, in UTF-8 or
    GB18030.
    """
    if charset is None:  # what ``decode_header`` returns for text between encoded words
        charset = "raw-unicode-escape"
    for coding in (charset.partition("*")[0], "utf-8", "gb18030"):
        try:
            return raw.decode(coding)
        except (LookupError, ValueError):
            continue
    return raw.decode("gb18030", "replace")


_GAP: Final = re.compile(rb"\r?\n\r?\n|\A\r?\n")
_LINE: Final = re.compile(rb"[^\r\n]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class MailPart:
    """A part of a mail that has no parts itself. ``head``: its headers; ``start``, ``end``: the
    offsets of its body in the mail; ``related``: it belongs to the HTML next to it, as images do.
    """

    head: MailHeaders
    start: int
    end: int
    related: bool


def head(data: bytes, start: int, end: int) -> tuple[MailHeaders, int]:
    """Return the headers of the mail or part between the offsets ``start`` and ``end``, and the
    offset of the body after them. Raises ReadError F-05 if they are too long.
    """
    most = limits().mail_headers * 1024
    if data.startswith((b"\n", b"\r\n"), start, end):  # no headers at all
        return MailHeaders.of(b""), data.index(b"\n", start) + 1
    gap = _GAP.search(data, start, min(end, start + most + 4))
    stop, body = (gap.start(), gap.end()) if gap is not None else (end, end)
    if stop - start > most:
        raise over("mail-headers", Phrase.MAIL_HEADERS_TOO_LARGE)
    return MailHeaders.of(data[start:stop]), body


class MailWalk:
    """Finds the parts of a mail (``data``) and counts them."""

    def __init__(self, data: bytes) -> None:
        self.data, self.count = data, 0

    def of(
        self, headers: MailHeaders, start: int, end: int, depth: int = 0, related: bool = False
    ) -> Iterator[MailPart]:
        """Yield the parts, in order, of a mail or part with these headers and a body from offset
        ``start`` to ``end``. ``depth``: how many parts enclose it; ``related``: as in MailPart.
        Raises ReadError F-05 over a limit.
        """
        bound = headers.boundary if headers.type.startswith("multipart/") else b""
        places = self._split(bound, start, end) if bound else iter(())
        first = next(places, None)
        if first is None:
            self._counted()
            yield MailPart(head=headers, start=start, end=end, related=related)
            return
        if depth >= limits().mail_depth:
            raise over("mail-depth", Phrase.MAIL_PARTS_TOO_DEEP)
        related = headers.type == "multipart/related"
        place: tuple[int, int] | None = first
        while place is not None:
            inner, body = head(self.data, *place)
            yield from self.of(inner, min(body, place[1]), place[1], depth + 1, related)
            place = next(places, None)

    def _counted(self) -> None:
        """Count a part. Raises ReadError F-05 for too many."""
        self.count += 1
        if self.count > limits().mail_parts:
            raise over("mail-parts", Phrase.MAIL_PARTS(limits().mail_parts))

    def _split(self, bound: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Yield the offsets of the beginning and end of each part between boundary lines."""
        line = re.compile(rb"^--" + re.escape(bound) + rb"(--)?[ \t]*\r?(?:\n|\Z)", re.MULTILINE)
        begun = None
        for mark in line.finditer(self.data, start, end):
            if begun is not None:
                stop = mark.start() - 1
                stop -= self.data[stop - 1 : stop] == b"\r"
                yield begun, max(begun, stop)
            if mark[1]:
                return
            begun = mark.end()
        if begun is not None:
            yield begun, end


def body(data: bytes, part: MailPart) -> bytes:
    """Return the content of a part with its transfer encoding decoded. Raises ReadError F-02 if
    that is damaged.
    """
    coding = part.head.raw("content-transfer-encoding").lower().strip("\"' ;")
    raw = data[part.start : part.end]
    if coding == "base64":
        return _base64(raw)
    if coding == "quoted-printable":
        return quopri.decodestring(raw)
    if coding in ("x-uuencode", "uuencode", "uue", "x-uue"):
        return _uu(raw)
    return raw


def _base64(raw: bytes) -> bytes:
    """Decode base64, mended if need be. Raises binascii.Error."""
    try:
        return binascii.a2b_base64(raw)
    except binascii.Error:
        return mended_base64(raw)


def _uu(raw: bytes) -> bytes:
    """Decode uuencoded lines. Raises ReadError F-02 if they are damaged."""
    lines = iter(_LINE.findall(raw))
    if not any(line.startswith(b"begin ") for line in lines):
        raise ReadError("F-02", Phrase.ATTACHMENT_ENCODING)
    decoded_lines = []
    for line in lines:
        if line.strip() in (b"end", b"`", b""):
            break
        try:
            decoded_lines.append(binascii.a2b_uu(line))
        except binascii.Error:  # some programs write lines that are too long
            try:
                decoded_lines.append(binascii.a2b_uu(line[: (((line[0] - 32) & 63) * 4 + 5) // 3]))
            except binascii.Error as error:
                raise ReadError("F-02", Phrase.ATTACHMENT_ENCODING) from error
    return b"".join(decoded_lines)
