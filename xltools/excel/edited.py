"""Workbooks that people go on editing and that are changed in place, by openpyxl.

All other workbooks are written anew by XlsxWriter (`book`), which cannot open a file. A workbook in
which people's columns, colours and remarks must survive is read, changed and saved by openpyxl; it
is also made by openpyxl in the first place, so that new and old lines look the same.
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Final
from zipfile import ZIP_DEFLATED, ZipFile

from xltools.excel.page import plain
from xltools.layout.geometry import lines
from xltools.model.cells import column_name
from xltools.model.identity import IDENTITY

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.cell import Cell
    from openpyxl.worksheet.worksheet import Worksheet

_STYLES: Final = "xl/styles.xml"
_MAIN: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
# Settings of a font in their order: ECMA-376, part 1, 18.8.22, as Microsoft's Open XML SDK has it.
_ORDER: Final = (
    "b i strike condense extend outline shadow u vertAlign sz color name family charset scheme"
).split()


def cell_at(sheet: Worksheet, row: int, col: int) -> Cell:
    """The cell of a row and column, both from 1. Where people have merged it with others and it is
    not the first of these, they are separated: only the first of merged cells can hold anything.
    """
    from openpyxl.cell import Cell

    cell = sheet.cell(row, col)
    if isinstance(cell, Cell):
        return cell
    area = next(area for area in sheet.merged_cells.ranges if cell.coordinate in area)
    sheet.unmerge_cells(area.coord)
    return cell_at(sheet, row, col)


def put(cell: Cell, text: str) -> None:
    """Write text into a cell of openpyxl as text, never as a formula; an empty one makes it
    blank.
    """
    cell.value = plain(text) or None
    if cell.value is not None:
        cell.data_type = "s"


def dress(
    cell: Cell, *, head: str = "", title: bool = False, framed: bool = True, wrap: bool = True
) -> None:
    """Set the look of a cell of openpyxl: that of a title, of a heading on the ground ``head``
    (RRGGBB), or by default of the body of a list. ``framed``: whether it has a border; ``wrap``:
    whether its text takes several lines.
    """
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

    size = 15 if title else 10
    cell.font = Font(name="黑体" if title or head else "宋体", size=size, charset=134)
    cell.alignment = Alignment(
        vertical="center", wrap_text=wrap and not title, horizontal="center" if head else None
    )
    cell.number_format = "@"
    if framed:
        side = Side(style="thin", color="808080")
        cell.border = Border(left=side, right=side, top=side, bottom=side)
    if head:
        cell.fill = PatternFill(fgColor=head, fill_type="solid")


def fit(sheet: Worksheet, row: int) -> None:
    """Set the height that a row of a list needs for its texts (``row`` counted from 1), since not
    every program fits it by itself.
    """
    count = 1
    for col, cell in enumerate(sheet[row]):
        width = sheet.column_dimensions[column_name(col)].width or 13
        if isinstance(cell.value, str):
            count = max(count, lines(cell.value[:2000], int(width * 7.3)))
    sheet.row_dimensions[row].height = min(400, 15 * count + 6)


def drop_row(sheet: Worksheet, row: int) -> None:
    """Take a row out (``row`` counted from 1); those below move up with their looks and heights."""
    # A merged area would stay where it is, and hide what moves into it.
    for area in [area for area in sheet.merged_cells.ranges if area.max_row >= row]:
        sheet.unmerge_cells(area.coord)
    heights = {r: d.height for r, d in sheet.row_dimensions.items() if r > row and d.height}
    sheet.delete_rows(row)
    for r in heights:
        sheet.row_dimensions[r].height = None
    for r, height in heights.items():
        sheet.row_dimensions[r - 1].height = height


def identify(book: Workbook, kind: str) -> None:
    """Add the hidden sheet that says what kind of workbook this is (a `WorkbookKind`)."""
    identity = book.create_sheet(IDENTITY)
    identity.cell(1, 1, "kind")
    identity.cell(1, 2, kind)
    identity.sheet_state = "veryHidden"


def saved(book: Workbook) -> bytes:
    """The bytes of a workbook, which Excel opens without repairing it: openpyxl writes the settings
    of a font in another order than the standard has, which is put right.
    """
    stream, ordered = BytesIO(), BytesIO()
    book.save(stream)
    with ZipFile(stream) as source, ZipFile(ordered, "w", ZIP_DEFLATED) as out:
        for entry in source.infolist():
            part = source.read(entry)
            out.writestr(entry, _in_order(part) if entry.filename == _STYLES else part)
    return ordered.getvalue()


def _in_order(styles: bytes) -> bytes:
    """The part ``xl/styles.xml`` with the settings of each font in the order of the standard."""
    from lxml import etree

    tree = etree.fromstring(styles, etree.XMLParser(resolve_entities=False))
    places = {f"{_MAIN}{name}": place for place, name in enumerate(_ORDER)}
    for font in tree.iter(f"{_MAIN}font"):
        font[:] = sorted(font, key=lambda setting: places[str(setting.tag)])
    return etree.tostring(tree, encoding="UTF-8", xml_declaration=True, standalone=True)
