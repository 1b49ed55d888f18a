"""A paper to the bytes of its Word document, with the form's tables drawn as on their sheets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

from xltools.layout.drawing import Box, Drawing, Role
from xltools.layout.places import Layout
from xltools.model.form import Table, TextPart
from xltools.model.sheets import TO_COMPLETE
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Annex:
    """A list behind the report: its headings, its lines, the relative widths of its columns."""

    title: str
    head: Sequence[str]
    lines: Sequence[Sequence[str]]
    widths: Sequence[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """What the report says.

    ``figures``: of every item, as printed; ``texts``: by name, paragraphs a line each;
    ``drafts``: sentences made from the figures where a text is empty, to be completed by hand;
    ``date``: as printed at the end. ``wrong``: how many things in the figures must be corrected.
    """

    agency: str
    year: int
    date: str
    figures: Sequence[str]
    texts: Mapping[str, str] = field(default_factory=dict)
    drafts: Mapping[str, str] = field(default_factory=dict)
    annex: Annex | None = None
    wrong: int = 0


def build(layout: Layout, paper: Paper) -> bytes:
    """The report in the order of the form: texts, tables, agency and date, annex.

    The same paper gives the same bytes.
    """
    from docx.shared import Pt

    document = page.new()
    form = layout.form
    title = f"{paper.agency}{paper.year}年{form.title}"
    about = document.core_properties
    about.title, about.author, about.comments = title, paper.agency, ""
    about.created = about.modified = datetime(paper.year + 1, 1, 1, tzinfo=UTC)
    own = f"{paper.agency}\n{paper.year}年{form.title}" if len(title) > page.TITLE_LINE else title
    document.add_paragraph(own, page.TITLE)
    drawings = {one.table.key: one.drawing for one in layout.tables}
    for part in form.parts:
        heading = document.add_paragraph(part.title, page.HEADING)
        if isinstance(part, Table):
            heading.paragraph_format.space_after = Pt(6)
            paint(document, drawings[part.key], paper.figures)
            document.add_paragraph("", page.BODY)
        else:
            _prose(document, part, paper)
    document.add_paragraph("", page.BODY)
    document.add_paragraph(paper.agency, page.SIGNED)
    document.add_paragraph(paper.date, page.SIGNED)
    if paper.annex is not None:
        _annex(document, paper.annex)
    return _packed(document)


def _packed(document: "Document") -> bytes:
    """The document's zip, its entries without the time of day."""
    from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

    stream, fixed = BytesIO(), BytesIO()
    document.save(stream)
    with ZipFile(stream) as made, ZipFile(fixed, "w", ZIP_DEFLATED) as out:
        for entry in made.infolist():
            out.writestr(ZipInfo(entry.filename), made.read(entry), ZIP_DEFLATED)
    return fixed.getvalue()


def _prose(document: "Document", part: TextPart, paper: Paper) -> None:
    """The texts of a part; an empty one as a draft, marked so that nobody takes it for done."""
    from docx.enum.text import WD_COLOR_INDEX

    for text in part.texts:
        if text.heading:
            document.add_paragraph(text.heading, page.SUBHEADING)
        lines = [line for line in paper.texts.get(text.name, "").split("\n") if line.strip()]
        for line in lines:
            document.add_paragraph(line.strip(), page.BODY)
        if not lines:
            draft = document.add_paragraph("", page.BODY)
            run = draft.add_run(TO_COMPLETE + paper.drafts.get(text.name, ""))
            run.font.highlight_color = WD_COLOR_INDEX.YELLOW


def _annex(document: "Document", annex: Annex) -> None:
    heading = document.add_paragraph(annex.title, page.HEADING)
    heading.paragraph_format.page_break_before = True
    cells = grid(document, annex.widths, len(annex.lines) + 1, repeat=1)
    for own, texts in zip(cells, (annex.head, *annex.lines), strict=True):
        for number, (cell, text) in enumerate(zip(own, texts, strict=True)):
            write(cell, text, left=number == 1 and own is not cells[0])
