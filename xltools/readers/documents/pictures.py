"""Pictures and objects of a Word document: which are as large as a table, and what objects hold."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from xltools.readers.documents.passages import GONE
from xltools.readers.documents.word_styles import W

if TYPE_CHECKING:
    from lxml.etree import _Element

PICTURES: Final = (f"{W}drawing", f"{W}pict", f"{W}object")
"""The elements that may be a picture."""

_OBJECTS: Final = ("{*}OLEObject", f"{W}objectEmbed")
_LINK: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
# Points; a seal is 4.2 cm, a signature less high, and no table that can be read is as small.
_WIDTH, _HEIGHT = 150, 55
_EMU: Final = 12_700  # in a point
_POINTS: Final = {"pt": 1.0, "in": 72.0, "cm": 72 / 2.54, "mm": 72 / 25.4, "px": 0.75, "": 0.75}
_LENGTH: Final = re.compile(r"(?:^|;)\s*(width|height)\s*:\s*([0-9.]{1,9})\s*([a-z]*)", re.I)


def large_picture(paragraph: "_Element") -> bool:
    """Whether a paragraph has a picture that may be one of a table, or an object seen as one."""
    return any(
        _is_picture(element) and _is_large(element) and not _gone(element, paragraph)
        for element in paragraph.iter(*PICTURES)
    )


def objects(body: "_Element") -> Iterator[str]:
    """The ids of the relations to the objects that are embedded in a document and show what is in
    them, in order: an icon is a file that is attached.
    """
    for element in body.iter(*_OBJECTS):
        key = element.get(_LINK)
        aspect = element.get("DrawAspect") or element.get(f"{W}drawAspect") or "Content"
        drawn = element.get("Type", "Embed") != "Link" and aspect.lower() == "content"
        if key and drawn and not _gone(element, body):
            yield key


def _is_picture(element: "_Element") -> bool:
    """Whether something is drawn that is no text box and no chart."""
    return next(element.iter("{*}blip", "{*}imagedata", *_OBJECTS), None) is not None


def _is_large(element: "_Element") -> bool:
    """By its size; where that is not said it may be."""
    extent = next(element.iter("{*}extent"), None)
    if extent is not None:
        sizes = [extent.get(name, "") for name in ("cx", "cy")]
        if all(size.isascii() and size.isdecimal() and len(size) < 12 for size in sizes):
            width, height = (int(size) / _EMU for size in sizes)
            return width >= _WIDTH and height >= _HEIGHT
    lengths = {
        name.lower(): float(number) * _POINTS.get(unit.lower(), 1.0)
        for shape in element.iter("{*}shape", "{*}rect")
        for name, number, unit in _LENGTH.findall(shape.get("style", ""))
        if number.count(".") < 2 and number != "."
    }
    return lengths.get("width", _WIDTH) >= _WIDTH and lengths.get("height", _HEIGHT) >= _HEIGHT


def _gone(element: "_Element", within: "_Element") -> bool:
    """Whether an element is in what was deleted, or is nowhere to be seen."""
    for above in element.iterancestors():
        if above is within:
            return False
        if above.tag in GONE or above.find(f"{W}rPr/{W}vanish") is not None:
            return True
    return False
