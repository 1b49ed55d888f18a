"""Mails as they are sent (.eml), mailboxes of them (.mbox), and web pages saved as one (.mht)."""

import mimetypes
import re
from collections.abc import Iterator
from typing import Final

from xltools.model.errors import ReadError
from xltools.model.limits import limits, over
from xltools.readers import kinds
from xltools.readers.containers.entry import Budget, ContainerEntry, Opened, leftover, plain
from xltools.readers.containers.entry import parts as parts_of
from xltools.readers.containers.headers import MailHeaders, MailPart, MailWalk, body, head, words
from xltools.readers.containers.links import MailText, linked
from xltools.readers.kinds import MAILBOX_LINE
from xltools.readers.texts import decode

BODY: Final = "邮件正文"
ALONE: Final = "邮件正文（没有附件）"
IMAGE: Final = "邮件内嵌图片"
EXTRA: Final = "邮件附带的签名或日程"

_SHOWN: Final = frozenset({"text/html", "text/css", "text/xml", "application/xml"})
_MAILS: Final = frozenset({"message/rfc822", "message/global", "message/news"})
_EXTRAS: Final = re.compile(
    r"application/(?:x-)?pkcs7-signature|application/pgp-signature|application/pgp-keys"
    r"|text/(?:x-v)?calendar|application/ics|text/(?:x-)?vcard"
)
_EXTRA_NAMES: Final = re.compile(r"\.(?:p7s|ics|vcf)$", re.IGNORECASE)
_STRAY_BODY: Final = re.compile(r"ATT\d{5,}\.(?:txt|html?)$", re.IGNORECASE)  # of Exchange
_SENT: Final = ("to", "cc", "bcc", "received", "message-id", "return-path", "delivered-to")
_CID: Final = re.compile(rb"cid:([^\"'\s<>)]{1,200})", re.IGNORECASE)
_SUFFIXES: Final = {
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.ms-excel": ".xls",
    "application/msword": ".doc",
}


def opened(data: bytes, budget: Budget) -> Opened:
    """A mail and what is attached to it. Raises ReadError F-05."""
    for mark, coding in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            data = data.decode(coding, "replace").encode()
    data = data.removeprefix(b"\xef\xbb\xbf")
    start = len(data) - len(data.lstrip(b"\r\n"))
    own, at = head(data, start, len(data))
    walk = MailWalk(data).of(own, at, len(data))
    page = not own.has(*_SENT) and (
        own.type == "multipart/related" or (own.type == "text/html" and own.has("content-location"))
    )
    if page:
        return Opened(entries=iter(()), document=_page(data, walk, budget))
    return Opened(entries=_mail(data, walk, own.text("subject"), budget), mail=own.mail())


def subject(data: bytes, start: int = 0, end: int | None = None) -> str:
    """The subject of a mail, for its name; empty when it has none."""
    try:
        return plain(head(data, start, len(data) if end is None else end)[0].text("subject"), 60)
    except ReadError:
        return ""


def _mail(
    data: bytes, walk: Iterator[MailPart], subject: str, budget: Budget
) -> Iterator[ContainerEntry]:
    parts: list[MailPart] = []
    fault: ReadError | None = None
    try:
        parts.extend(walk)
    except ReadError as error:
        fault = error  # what came before it counts
    cited = _cited(data, parts)
    count, text = 0, False
    texts, names = list[MailText](), list[str]()
    for part in parts:
        kind, name = part.head.type, part.head.filename
        plainly = not name and part.head.disposition != "attachment"
        if plainly and (kind in ("text/plain", "text/html", "text/enriched") or _report(kind)):
            text = True
            texts += _said(data, part)
            continue
        if _EXTRAS.fullmatch(kind) or _EXTRA_NAMES.search(name):
            yield ContainerEntry(name=name or "签名或日程", ignored=EXTRA)
            continue
        if kind.startswith("text/") and _STRAY_BODY.match(name):
            yield ContainerEntry(name=name, ignored=BODY)
            continue
        if name and leftover(parts_of(name)):
            yield ContainerEntry(name=name, ignored=leftover(parts_of(name)))
            continue
        made = _attached(data, part, budget)
        if made.error is None and _inline(part, made.data, cited):
            yield ContainerEntry(name=name or "图片", ignored=IMAGE)
            continue
        count += 1
        made = made if made.name else _named(made, part.head, count)
        names.append(made.name)
        yield made
    for entry in linked(texts, names, subject):
        count += 1
        yield entry
    if fault is not None:
        raise fault
    if text or not count:
        yield ContainerEntry(name="正文", ignored=BODY if count else ALONE)


def _said(data: bytes, part: MailPart) -> Iterator[MailText]:
    """A text of a mail, as far as it can be read."""
    try:
        yield MailText(decode(body(data, part)), page=part.head.type != "text/plain")
    except ReadError:
        return


def _report(kind: str) -> bool:
    """Whether a part tells of the delivery of another mail."""
    return kind in ("message/delivery-status", "text/rfc822-headers") or (
        kind == "message/disposition-notification" or kind.startswith("multipart/")
    )


def _attached(data: bytes, part: MailPart, budget: Budget) -> ContainerEntry:
    """An attachment with its own name, which may be none."""
    mail, name = part.head.type in _MAILS, part.head.filename
    size = part.end - part.start
    try:
        budget.weigh(size // 4 * 3, size)
        content = body(data, part)
    except ReadError as error:
        return ContainerEntry(name=name, error=error, mail=mail)
    budget.take(len(content))
    if part.head.type == "message/external-body" and not content.strip():
        return ContainerEntry(name=name, error=ReadError("F-17", name or "附件"))
    return ContainerEntry(name=name, data=content, mail=mail)


def _named(made: ContainerEntry, own: MailHeaders, count: int) -> ContainerEntry:
    """An attachment without a name gets one by its place, a mail its subject."""
    if made.mail:
        name = f"{subject(made.data) or f'附件{count}'}.eml"
    else:
        suffix = _SUFFIXES.get(own.type) or kinds.suffix(made.data)
        suffix = suffix or mimetypes.guess_extension(own.type, strict=True) or ""
        name = f"附件{count}{suffix if suffix != '.bin' else ''}"
    return ContainerEntry(name=name, data=made.data, error=made.error, mail=made.mail)


def _cited(data: bytes, parts: list[MailPart]) -> frozenset[str]:
    """The Content-IDs that the pages of a mail show."""
    ids: set[str] = set()
    for part in parts:
        if part.head.type == "text/html" and not part.head.filename:
            try:
                found = _CID.findall(body(data, part))
            except ReadError:
                continue
            ids.update(i.decode("utf-8", "replace").lower() for i in found)
    return frozenset(ids)


def _inline(part: MailPart, content: bytes, cited: frozenset[str]) -> bool:
    """Whether a part is an image of the mail's own page, and by its content no document."""
    image = kinds.kind(content[:4096]) == kinds.IMAGE
    if not image and not (
        part.head.type.startswith("image/") and kinds.kind(content[:4096]) == kinds.UNKNOWN
    ):
        return False
    own = words(part.head.raw("content-id")).strip("<> ").lower()
    return (
        part.head.disposition == "inline"
        or (bool(own) and own in cited)
        or (part.related and part.head.disposition != "attachment")
    )


def _page(data: bytes, walk: Iterator[MailPart], budget: Budget) -> ContainerEntry:
    """A saved page: its first page, with the others and what says how they look. Raises ReadError
    F-02, F-05.
    """
    main: bytes | None = None
    parts: dict[str, bytes] = {}
    for number, part in enumerate(walk):
        made = _attached(data, part, budget)
        place = words(part.head.raw("content-location"))
        if part.head.type in _SHOWN:
            if made.error is not None:
                raise made.error
            if main is None and part.head.type == "text/html":
                main = made.data
                continue
            parts[place or made.name or f"{number}"] = made.data
            own = words(part.head.raw("content-id")).strip("<> ")
            if own:  # how a page of a browser names the pages in it
                parts[f"cid:{own}"] = made.data
    return ContainerEntry(name="", data=main or b"", parts=parts)


_QUOTED: Final = re.compile(rb"^>(>*From )", re.MULTILINE)


def opened_mailbox(data: bytes, budget: Budget) -> Iterator[ContainerEntry]:
    """The mails of a mailbox. Raises ReadError F-05."""
    begun, count = None, 0
    for mark in MAILBOX_LINE.finditer(data):
        if begun is not None:
            yield _mail_of_mailbox(data, begun, mark.start(), count, budget)
        begun, count = mark.end(), count + 1
        if count > limits().entries:
            raise over("entries", f"邮箱内超过 {limits().entries} 封邮件")
    if begun is not None:
        yield _mail_of_mailbox(data, begun, len(data), count, budget)


def _mail_of_mailbox(
    data: bytes, start: int, end: int, count: int, budget: Budget
) -> ContainerEntry:
    title = subject(data, start, end)
    budget.take(end - start)
    name = f"第{count}封（{title.replace('/', '_')}）.eml" if title else f"第{count}封.eml"
    return ContainerEntry(name=name, data=_QUOTED.sub(rb"\1", data[start:end]), mail=True)
