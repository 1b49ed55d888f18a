"""A mail to its parts, at any depth, without a copy and without recursion that it could choose."""

import binascii
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from xltools.model.errors import ReadError
from xltools.model.limits import limits, over
from xltools.readers.containers.headers import Head

_GAP: Final = re.compile(rb"\r?\n\r?\n|\A\r?\n")
_LINE: Final = re.compile(rb"[^\r\n]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part that has no parts: its headers, and where its body is. ``related``: it belongs to
    the page beside it, as images do.
    """

    head: Head
    start: int
    end: int
    related: bool


def head(data: bytes, start: int, end: int) -> tuple[Head, int]:
    """The headers at ``start``, and where the body begins. Raises ReadError F-05."""
    most = limits().mail_headers * 1024
    if data.startswith((b"\n", b"\r\n"), start, end):  # none at all
        return Head.of(b""), data.index(b"\n", start) + 1
    gap = _GAP.search(data, start, min(end, start + most + 4))
    stop, body = (gap.start(), gap.end()) if gap is not None else (end, end)
    if stop - start > most:
        raise over("mail-headers", "邮件的信头过大")
    return Head.of(data[start:stop]), body


class Parts:
    """Walks over a mail. Raises ReadError F-05 over a limit."""

    def __init__(self, data: bytes) -> None:
        self.data, self.count = data, 0

    def of(
        self, own: Head, start: int, end: int, depth: int = 0, related: bool = False
    ) -> Iterator[Part]:
        """The parts of what has these headers and this body, in their order."""
        bound = own.boundary if own.type.startswith("multipart/") else b""
        places = self._split(bound, start, end) if bound else iter(())
        first = next(places, None)
        if first is None:
            self._counted()
            yield Part(head=own, start=start, end=end, related=related)
            return
        if depth >= limits().mail_depth:
            raise over("mail-depth", "邮件的部分套了过多层")
        related = own.type == "multipart/related"
        place: tuple[int, int] | None = first
        while place is not None:
            inner, body = head(self.data, *place)
            yield from self.of(inner, min(body, place[1]), place[1], depth + 1, related)
            place = next(places, None)

    def _counted(self) -> None:
        self.count += 1
        if self.count > limits().mail_parts:
            raise over("mail-parts", f"一封邮件超过 {limits().mail_parts} 个部分")

    def _split(self, bound: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
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


def body(data: bytes, part: Part) -> bytes:
    """The content of a part, its transfer encoding undone. Raises ReadError F-02."""
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
    try:
        return binascii.a2b_base64(raw)
    except binascii.Error:
        kept = re.sub(rb"[^A-Za-z0-9+/]", b"", raw)
        kept = kept[: len(kept) - (len(kept) % 4 == 1)]
        return binascii.a2b_base64(kept + b"=" * (-len(kept) % 4))


def _uu(raw: bytes) -> bytes:
    lines = iter(_LINE.findall(raw))
    if not any(line.startswith(b"begin ") for line in lines):
        raise ReadError("F-02", "附件的编码有误")
    made = []
    for line in lines:
        if line.strip() in (b"end", b"`", b""):
            break
        try:
            made.append(binascii.a2b_uu(line))
        except binascii.Error:  # some programs write lines that are too long
            try:
                made.append(binascii.a2b_uu(line[: (((line[0] - 32) & 63) * 4 + 5) // 3]))
            except binascii.Error as error:
                raise ReadError("F-02", "附件的编码有误") from error
    return b"".join(made)
