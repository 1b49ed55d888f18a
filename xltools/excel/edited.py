"""Change workbooks in place with openpyxl that people go on editing.

All other workbooks are written anew with XlsxWriter (`book`), which cannot open a file. Where
columns, colours and remarks that people added must be kept, the workbook is read, changed and saved
with openpyxl; it is also created with openpyxl, so that new and old rows look the same.
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Final
from zipfile import ZIP_DEFLATED, ZipFile

from xltools.excel.safe_text import plain
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
    """The cell in a row and column, both from 1. If people have merged it with others and it is not
    the first cell of the merged area, the area is separated, because only its first cell can have
    content.
    """
    from openpyxl.cell import Cell

    cell = sheet.cell(row, col)
    if isinstance(cell, Cell):
        return cell
    area = next(area for area in sheet.merged_cells.ranges if cell.coordinate in area)
    sheet.unmerge_cells(area.coord)
    return cell_at(sheet, row, col)


def put(cell: Cell, text: str) -> None:
    """Write text to a cell of openpyxl, never as a formula; an empty text makes the cell blank."""
    cell.value = plain(text) or None
    if cell.value is not None:
        cell.data_type = "s"


def dress(
    cell: Cell, *, head: str = "", title: bool = False, framed: bool = True, wrap: bool = True
) -> None:
    """Set the look of a cell of openpyxl: of a title, of a heading with the background ``head``
    (RRGGBB), or, by default, of the body of a list. ``framed``: whether it has a border; ``wrap``:
    whether its text is wrapped.
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
    """Set the height of a row (from 1) of a list so that its texts fit, because not every program
    does so by itself.
    """
    count = 1
    for col, cell in enumerate(sheet[row]):
        width = sheet.column_dimensions[column_name(col)].width or 13
        if isinstance(cell.value, str):
            count = max(count, lines(cell.value[:2000], int(width * 7.3)))
    sheet.row_dimensions[row].height = min(400, 15 * count + 6)


def drop_row(sheet: Worksheet, row: int) -> None:
    """Delete a row (from 1); those below move up together with their looks and heights. Merged
    areas that reach the row or lie below it are separated.
    """
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
    """The bytes of a workbook in a form that Excel opens without a repair message: openpyxl writes
    the settings of a font in an order that the standard does not allow, which is corrected here.
    """
    stream, ordered = BytesIO(), BytesIO()
    book.save(stream)
    with ZipFile(stream) as source, ZipFile(ordered, "w", ZIP_DEFLATED) as out:
        for entry in source.infolist():
            part = source.read(entry)
            out.writestr(entry, _in_order(part) if entry.filename == _STYLES else part)
    return ordered.getvalue()


def _in_order(styles: bytes) -> bytes:
    """``styles``, the part ``xl/styles.xml``, with the settings of each font in the order of the
    standard.
    """
    from lxml import etree

    tree = etree.fromstring(styles, etree.XMLParser(resolve_entities=False))
    places = {f"{_MAIN}{name}": place for place, name in enumerate(_ORDER)}
    for font in tree.iter(f"{_MAIN}font"):
        font[:] = sorted(font, key=lambda setting: places[str(setting.tag)])
    return etree.tostring(tree, encoding="UTF-8", xml_declaration=True, standalone=True)
