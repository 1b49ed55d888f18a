"""Decode text from whichever of the usual encodings it is in, and parse XML."""

import re
from collections.abc import Callable
from contextlib import suppress
from typing import Final
from xml.parsers import expat

from xltools.model.errors import ReadError
from xltools.model.wording import Phrase

_MARKS: Final = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
# How a page (``charset=``) or XML (``encoding=``) names its encoding.
_SAID: Final = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9._:-]{2,40})""", re.I)


def decode(data: bytes) -> str:
    """Decode text in UTF-8, UTF-16 or GB18030, or in Big5 if it names that encoding.

    A byte order mark decides; without one, the first encoding in which all bytes are valid is used.
    Raises ReadError F-02 if there is none.
    """
    for mark, coding in _MARKS:
        if data.startswith(mark):
            return _strict(data[len(mark) :], coding)
    wide = _wide(data[:4096])
    if wide:
        return _strict(data, wide)
    declared = _SAID.search(data[:2048])
    named = declared[1].decode("ascii").lower() if declared else ""
    for coding in ("utf-8", _known(named), "gb18030"):
        try:
            return data.decode(coding)
        except UnicodeDecodeError:
            continue
    raise ReadError("F-02", Phrase.TEXT_ENCODING_UNKNOWN)


def _strict(data: bytes, coding: str) -> str:
    """Decode bytes in the given encoding. Raises ReadError F-02 if they are not valid in it."""
    try:
        return data.decode(coding)
    except UnicodeDecodeError as error:
        raise ReadError("F-02", Phrase.TEXT_ENCODING_WRONG) from error


def _known(name: str) -> str:
    """Return the encoding to try for the name of an encoding in a text: Big5 if it names that, else
    GB18030. Other names are not trusted, because many pages in GBK name a Western encoding.
    """
    return "big5hkscs" if name.startswith(("big5", "x-big5")) else "gb18030"


def _wide(head: bytes) -> str:
    """Return the kind of UTF-16 that a text without a byte order mark is in, recognised by zeros in
    every other byte; empty for any other text.
    """
    even, odd = head[0::2].count(0), head[1::2].count(0)
    some = len(head) // 16
    if odd > some and not even:
        return "utf-16-le"
    return "utf-16-be" if even > some and not odd else ""


OFFICE: Final = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
SHEET: Final = "urn:schemas-microsoft-com:office:spreadsheet"


def parse(
    xml: bytes | str,
    *,
    start: Callable[[str, dict[str, str]], None] | None = None,
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> None:
    """Parse XML with expat, which calls ``start``, ``end`` and ``text`` for what it finds; names
    are given as ``namespace name``. Without any of these, the XML is only checked.

    Raises ReadError F-02 if the XML is damaged or has a document type. Since a document type is
    refused, no entities can be defined.
    """
    parser = expat.ParserCreate(namespace_separator=" ")
    if start:
        parser.StartElementHandler = start
    if end:
        parser.EndElementHandler = end
    if text:
        parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = _refuse
    try:
        parser.Parse(xml, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise ReadError("F-02", Phrase.XML_DAMAGED) from error


def _refuse(*_: object) -> None:
    """Raise ReadError F-02 for a document type."""
    raise ReadError("F-02", Phrase.XML_DOCTYPE)


class _FoundError(Exception):
    """Raised to stop the parser when the root element has been found."""

    pass


def root(xml: bytes | str) -> tuple[str, dict[str, str]]:
    """Return the name (as ``namespace name``) and the attributes of the root element of XML. What
    follows it is not read.

    Raises ReadError F-02 if the XML is damaged before the root element.
    """
    elements: list[tuple[str, dict[str, str]]] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        elements.append((name, attributes))
        raise _FoundError

    with suppress(_FoundError):
        parse(xml, start=start)
    return elements[0]


def plain_number(text: str, most: int) -> int | None:
    """Parse a text of at most ``most`` ASCII digits as a whole number; returns None for any other
    text.
    """
    return int(text) if text.isascii() and text.isdigit() and len(text) <= most else None


def local(attributes: dict[str, str]) -> dict[str, str]:
    """Return attributes by their names without namespaces. If two have the same name, the first is
    kept.
    """
    by_name: dict[str, str] = {}
    for name, value in attributes.items():
        by_name.setdefault(name.rpartition(" ")[2], value)
    return by_name
