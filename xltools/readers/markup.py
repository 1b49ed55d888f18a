"""Bytes of text to text, whichever of the encodings in use here they are in; XML to
its elements.
"""

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
    """Decode text in UTF-8, UTF-16 or GB18030, or in Big5 where it says so.

    A byte order mark decides; without one the first encoding that fits all bytes does. Raises
    ReadError F-02 where none fits.
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
    try:
        return data.decode(coding)
    except UnicodeDecodeError as error:
        raise ReadError("F-02", Phrase.TEXT_ENCODING_WRONG) from error


def _known(name: str) -> str:
    """The encoding to try for a name that a text gives. Only Big5 is believed: a Western name
    stands on many pages that are in GBK.
    """
    return "big5hkscs" if name.startswith(("big5", "x-big5")) else "gb18030"


def _wide(head: bytes) -> str:
    """UTF-16 without a byte order mark, told by zeros in every other byte; empty for any other
    text.
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
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> None:
    """Parse XML with expat, which calls ``start``, ``end`` and ``text`` for what it finds; names
    come as ``namespace name``. A document type, without which there are no entities, is refused.
    Raises ReadError F-02.
    """
    parser = expat.ParserCreate(namespace_separator=" ")
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
    raise ReadError("F-02", Phrase.XML_DOCTYPE)


class _FoundError(Exception):
    pass


def root(xml: bytes | str) -> tuple[str, dict[str, str]]:
    """Name (``namespace name``) and attributes of the root element of XML. What follows it is not
    read.

    Raises ReadError F-02 where the XML is damaged before it.
    """
    elements: list[tuple[str, dict[str, str]]] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        elements.append((name, attributes))
        raise _FoundError

    with suppress(_FoundError):
        parse(xml, start=start)
    return elements[0]


def plain_number(text: str, most: int) -> int | None:
    """A whole number written in ``most`` ASCII digits at most; None for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= most else None


def local(attributes: dict[str, str]) -> dict[str, str]:
    """Attributes by their names without namespaces. Of two with the same name the
    first is taken.
    """
    by_name: dict[str, str] = {}
    for name, value in attributes.items():
        by_name.setdefault(name.rpartition(" ")[2], value)
    return by_name
