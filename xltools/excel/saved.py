"""A workbook of openpyxl as bytes that Excel opens without repairing them.

Source of the order: ECMA-376, part 1, 18.8.22 (font), as Microsoft's Open XML SDK has it.
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Final
from zipfile import ZIP_DEFLATED, ZipFile

if TYPE_CHECKING:
    from openpyxl import Workbook

_STYLES: Final = "xl/styles.xml"
_MAIN: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_ORDER: Final = (
    "b i strike condense extend outline shadow u vertAlign sz color name family charset scheme"
).split()


def saved(book: Workbook) -> bytes:
    """The workbook; openpyxl gives the settings of a font in an order of its own."""
    stream, ordered = BytesIO(), BytesIO()
    book.save(stream)
    with ZipFile(stream) as made, ZipFile(ordered, "w", ZIP_DEFLATED) as out:
        for entry in made.infolist():
            part = made.read(entry)
            out.writestr(entry, _in_order(part) if entry.filename == _STYLES else part)
    return ordered.getvalue()


def _in_order(styles: bytes) -> bytes:
    from lxml import etree

    tree = etree.fromstring(styles, etree.XMLParser(resolve_entities=False))
    places = {f"{_MAIN}{name}": place for place, name in enumerate(_ORDER)}
    for font in tree.iter(f"{_MAIN}font"):
        font[:] = sorted(font, key=lambda setting: places[str(setting.tag)])
    return etree.tostring(tree, encoding="UTF-8", xml_declaration=True, standalone=True)
