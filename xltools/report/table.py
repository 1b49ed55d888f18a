"""A table of the form in a Word document, drawn as on its sheet."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from xltools.layout.drawing import Box, Drawing, Role
from xltools.report import page

if TYPE_CHECKING:
    from docx.document import Document

_BLUE: Final = "C6D9F1"  # of the title of a block, as in the blank official format
_MANY: Final = 20  # rows: a longer table is set in small type, to fit a page
_TWIPS: Final = 1440 / 25.4  # a mm


def paint(document: "Document", drawing: Drawing, figures: Sequence[str]) -> None:
    """Add a table without its title, which is a heading of the text. ``figures`` by item."""
    first = next(b.row + b.height for b in drawing.boxes if b.role is Role.TITLE)
    boxes = [b for b in drawing.boxes if b.role is not Role.TITLE]
    rows = len(drawing.heights) - first
    heads = min(b.row for b in boxes if b.item is not None) - first
    one_block = not any(b.role is Role.BLOCK for b in boxes)
    cells = grid(document, drawing.widths, rows, repeat=heads if one_block else 0)
    for box in boxes:
        top, last = box.row - first, box.row - first + box.height - 1
        cell = cells[top][box.col]
        if box.height > 1 or box.width > 1:
            cell = cell.merge(cells[last][box.col + box.width - 1])
        text = figures[box.item] if box.item is not None else box.text
        style = page.SMALL if rows > _MANY else page.TABLE
        write(cell, text, style, left=_left(box, drawing), bold=box.role is Role.BLOCK)
        if box.role is Role.BLOCK:
            _fill(cell)
    _together(cells)


def _together(cells: Sequence[Sequence[Any]]) -> None:
    """Keep a table on one page where it fits on one."""
    for row in cells[:-1]:
        for cell in row:
            for line in cell.paragraphs:
                line.paragraph_format.keep_with_next = True


def grid(
    document: "Document", widths: Sequence[int], rows: int, *, repeat: int = 0
) -> list[list[Any]]:
    """A table with all its lines, its cells by row and column, the width of the text.

    ``widths``: of the columns, in any unit. The first ``repeat`` rows stand again on every page.
    """
    from docx.enum.table import WD_ROW_HEIGHT_RULE, WD_TABLE_ALIGNMENT
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Mm, Twips

    table = document.add_table(rows, len(widths), "Table Grid")
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    whole = sum(widths)
    scaled = [Twips(round(w / whole * page.WIDTH * _TWIPS)) for w in widths]
    for column, width in zip(table.columns, scaled, strict=True):
        column.width = width
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        edge = OxmlElement(f"w:{side}")
        edge.set(qn("w:w"), "45")
        edge.set(qn("w:type"), "dxa")
        margins.append(edge)
    table._tbl.tblPr.insert_element_before(margins, "w:tblLook")
    cells = []
    for number, row in enumerate(table.rows):
        row.height, row.height_rule = Mm(6.4), WD_ROW_HEIGHT_RULE.AT_LEAST
        settings = row._tr.get_or_add_trPr()
        settings.append(OxmlElement("w:cantSplit"))
        if number < repeat:
            settings.append(OxmlElement("w:tblHeader"))
        own = list(row.cells)
        for cell, width in zip(own, scaled, strict=True):
            cell.width = width
        cells.append(own)
    return cells


def write(
    cell: Any, text: str, style: str = page.TABLE, *, left: bool = False, bold: bool = False
) -> None:
    """Put a text into a cell that is empty."""
    from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
    for more in cell.paragraphs[1:]:  # a merged cell keeps a line of each of its parts
        more._element.getparent().remove(more._element)
    line = cell.paragraphs[0]
    line.style = style
    if left:
        line.alignment = WD_ALIGN_PARAGRAPH.LEFT
    run = line.add_run(text)
    run.bold = bold or None


def _left(box: Box, drawing: Drawing) -> bool:
    """Whether a box's text begins at its left edge."""
    if box.role is Role.STUB:
        return drawing.stubs > 1 and (box.width > 1 or bool(box.col))
    return box.role is Role.BLOCK or (box.role is Role.CORNER and drawing.stubs > 1)


def _fill(cell: Any) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    shade = OxmlElement("w:shd")
    for name, value in (("val", "clear"), ("color", "auto"), ("fill", _BLUE)):
        shade.set(qn(f"w:{name}"), value)
    behind = ("w:noWrap", "w:tcMar", "w:textDirection", "w:tcFitText", "w:vAlign", "w:hideMark")
    cell._tc.get_or_add_tcPr().insert_element_before(shade, *behind)
