"""Lay out the annual report as a Word document, in the format of official documents (GB/T
9704-2012), with the form's tables drawn as on their sheets.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

from xltools.layout.geometry import Box, Drawing, Role
from xltools.layout.places import Layout
from xltools.model.form import Table, TextPart
from xltools.model.identity import TO_COMPLETE

if TYPE_CHECKING:
    from docx.document import Document
    from docx.text.paragraph import Paragraph

TITLE, HEADING, SUBHEADING, BODY, SIGNED = "公文标题 一级标题 二级标题 公文正文 落款".split()
TABLE, SMALL = "表格文字 表格小字".split()
WIDTH: Final = 156  # mm between the margins
TITLE_LINE: Final = 20  # characters of the title in one line
_LINE: Final = 28.95  # pt: 22 lines a page
# Style: Chinese typeface, the one for figures and Latin letters, size in pt.
_TYPES: Final = {
    TITLE: ("方正小标宋简体", "Times New Roman", 22),
    HEADING: ("黑体", "Times New Roman", 16),
    SUBHEADING: ("楷体_GB2312", "Times New Roman", 16),
    BODY: ("仿宋_GB2312", "Times New Roman", 16),
    SIGNED: ("仿宋_GB2312", "Times New Roman", 16),
    TABLE: ("宋体", "宋体", 10.5),
    SMALL: ("宋体", "宋体", 9),
}


def new() -> "Document":
    """A new empty document with the page, the page numbers and the styles of official documents."""
    from docx import Document
    from docx.shared import Mm

    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.footer_distance = Mm(25)
    _styles(document)
    document.settings.odd_and_even_pages_header_footer = True
    _number(section.footer.paragraphs[0], even=False)
    _number(section.even_page_footer.paragraphs[0], even=True)
    return document


def _styles(document: "Document") -> None:
    """Add the styles of paragraphs and of text in tables to a document."""
    from docx.enum.style import WD_STYLE_TYPE
    from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
    from docx.shared import Pt

    for number, name in enumerate(_TYPES):
        style: Any = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        chinese, latin, size = _TYPES[name]
        style.font.name, style.font.size = latin, Pt(size)
        _chinese(style, chinese)
        layout = style.paragraph_format
        layout.space_before = layout.space_after = Pt(0)
        layout.widow_control = False
        if name in (TABLE, SMALL):
            layout.alignment = WD_ALIGN_PARAGRAPH.CENTER
            continue
        layout.line_spacing_rule, layout.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(_LINE)
        if name == TITLE:
            layout.alignment = WD_ALIGN_PARAGRAPH.CENTER
            layout.line_spacing, layout.space_after = Pt(36), Pt(_LINE)
        elif name == SIGNED:
            layout.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        else:
            layout.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
            _indent(style)
        if name in (HEADING, SUBHEADING):
            layout.keep_with_next = True
            _level(style, number - 1)


def _chinese(style: Any, name: str) -> None:
    """Set the typeface of Chinese characters in a style, which Word keeps apart from that of Latin
    letters.
    """
    from docx.oxml.ns import qn

    style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), name)


def _indent(style: Any) -> None:
    """Let a style indent first lines by two characters, whatever their size."""
    from docx.oxml.ns import qn

    indent = style.element.get_or_add_pPr().get_or_add_ind()
    indent.set(qn("w:firstLineChars"), "200")
    indent.set(qn("w:firstLine"), "640")


def _level(style: Any, level: int) -> None:
    """Put headings of a style into the document's outline at a level, counted from 0."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    outline = OxmlElement("w:outlineLvl")
    outline.set(qn("w:val"), str(level))
    style.element.get_or_add_pPr().append(outline)


def _number(line: "Paragraph", *, even: bool) -> None:
    """Write the page number, as in — 1 —, to a footer: at the outer side of the page, one character
    from the edge.
    """
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Pt

    line.alignment = WD_ALIGN_PARAGRAPH.LEFT if even else WD_ALIGN_PARAGRAPH.RIGHT
    layout = line.paragraph_format
    layout.left_indent = layout.right_indent = Pt(14)
    for text, kind in (("— ", ""), ("", "begin"), ("PAGE", "code"), ("", "end"), (" —", "")):
        run: Any = line.add_run("" if kind == "code" else text)
        run.font.name, run.font.size = "宋体", Pt(14)
        run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), "宋体")
        if kind == "code":
            code = OxmlElement("w:instrText")
            code.text = text
            run._element.append(code)
        elif kind:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
            run._element.append(mark)


_BLUE: Final = "C6D9F1"  # of the title of a block, as in the blank official format
_MANY: Final = 20  # rows: a longer table is set in small type, to fit a page
_TWIPS: Final = 1440 / 25.4  # a mm


def paint(document: "Document", drawing: Drawing, figures: Sequence[str]) -> None:
    """Add a table without its title, which the document has as a heading. ``figures``: as printed,
    by item number.
    """
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
        style = SMALL if rows > _MANY else TABLE
        write(cell, text, style, left=_left(box, drawing), bold=box.role is Role.BLOCK)
        if box.role is Role.BLOCK:
            _fill(cell)
    _together(cells)


def _together(cells: Sequence[Sequence[Any]]) -> None:
    """Keep the rows of a table on one page if they fit on one."""
    for row in cells[:-1]:
        for cell in row:
            for line in cell.paragraphs:
                line.paragraph_format.keep_with_next = True


def grid(
    document: "Document", widths: Sequence[int], rows: int, *, repeat: int = 0
) -> list[list[Any]]:
    """Add a table with borders, as wide as the text, and return its cells by row and column.

    ``widths``: of the columns, relative to each other; ``rows``: the number of rows; ``repeat``:
    how many of the first rows are repeated on every page.
    """
    from docx.enum.table import WD_ROW_HEIGHT_RULE, WD_TABLE_ALIGNMENT
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Mm, Twips

    table = document.add_table(rows, len(widths), "Table Grid")
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    total = sum(widths)
    scaled = [Twips(round(width / total * WIDTH * _TWIPS)) for width in widths]
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
        row_cells = list(row.cells)
        for cell, width in zip(row_cells, scaled, strict=True):
            cell.width = width
        cells.append(row_cells)
    return cells


def write(
    cell: Any, text: str, style: str = TABLE, *, left: bool = False, bold: bool = False
) -> None:
    """Write text to an empty cell, which may have been merged from several: in the middle, or at
    the left edge if ``left``.
    """
    from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
    line, *surplus = cell.paragraphs
    for paragraph in surplus:  # a merged cell keeps a line of each of its parts
        paragraph._element.getparent().remove(paragraph._element)
    line.style = style
    if left:
        line.alignment = WD_ALIGN_PARAGRAPH.LEFT
    run = line.add_run(text)
    run.bold = bold or None


def _left(box: Box, drawing: Drawing) -> bool:
    """Whether the text of a box begins at its left edge, as in official forms."""
    if box.role is Role.STUB:
        return drawing.stubs > 1 and (box.width > 1 or bool(box.col))
    return box.role is Role.BLOCK or (box.role is Role.CORNER and drawing.stubs > 1)


def _fill(cell: Any) -> None:
    """Colour the background of a cell."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    shade = OxmlElement("w:shd")
    for name, value in (("val", "clear"), ("color", "auto"), ("fill", _BLUE)):
        shade.set(qn(f"w:{name}"), value)
    behind = ("w:noWrap", "w:tcMar", "w:textDirection", "w:tcFitText", "w:vAlign", "w:hideMark")
    cell._tc.get_or_add_tcPr().insert_element_before(shade, *behind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Annex:
    """A list at the end of the report. ``head``: the headings of its columns; ``lines``: its rows;
    ``widths``: of the columns, relative to each other.
    """

    title: str
    head: Sequence[str]
    lines: Sequence[Sequence[str]]
    widths: Sequence[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """The content of an annual report.

    ``agency``: the body whose report it is; ``date``: as printed at the end. ``figures``: as
    printed, by item number; ``texts``: by name, one paragraph in each line; ``drafts``: by name,
    sentences made from the figures to replace an empty text, which people complete. ``annex``: the
    list of units in the report of a district. ``wrong``: how many fatal findings the figures have.
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
    """The bytes of the report as a Word document: texts and tables in the order of the form, then
    agency and date, then the annex. The same content always gives the same bytes.
    """
    from docx.shared import Pt

    document = new()
    form = layout.form
    title = f"{paper.agency}{paper.year}年{form.title}"
    about = document.core_properties
    about.title, about.author, about.comments = title, paper.agency, ""
    about.created = about.modified = datetime(paper.year + 1, 1, 1, tzinfo=UTC)
    title_lines = (
        f"{paper.agency}\n{paper.year}年{form.title}" if len(title) > TITLE_LINE else title
    )
    document.add_paragraph(title_lines, TITLE)
    drawings = {placed.table.key: placed.drawing for placed in layout.tables}
    for part in form.parts:
        heading = document.add_paragraph(part.title, HEADING)
        if isinstance(part, Table):
            heading.paragraph_format.space_after = Pt(6)
            paint(document, drawings[part.key], paper.figures)
            document.add_paragraph("", BODY)
        else:
            _prose(document, part, paper)
    document.add_paragraph("", BODY)
    document.add_paragraph(paper.agency, SIGNED)
    document.add_paragraph(paper.date, SIGNED)
    if paper.annex is not None:
        _annex(document, paper.annex)
    return _packed(document)


def _packed(document: "Document") -> bytes:
    """The bytes of a document. The entries of its zip file have no time, so that the same content
    gives the same bytes.
    """
    from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

    stream, fixed = BytesIO(), BytesIO()
    document.save(stream)
    with ZipFile(stream) as source, ZipFile(fixed, "w", ZIP_DEFLATED) as out:
        for entry in source.infolist():
            out.writestr(ZipInfo(entry.filename), source.read(entry), ZIP_DEFLATED)
    return fixed.getvalue()


def _prose(document: "Document", part: TextPart, paper: Paper) -> None:
    """Add the texts of a part of the form. In place of an empty text its draft is added, marked so
    that nobody takes it for finished.
    """
    from docx.enum.text import WD_COLOR_INDEX

    for text in part.texts:
        if text.heading:
            document.add_paragraph(text.heading, SUBHEADING)
        lines = [line for line in paper.texts.get(text.name, "").split("\n") if line.strip()]
        for line in lines:
            document.add_paragraph(line.strip(), BODY)
        if not lines:
            draft = document.add_paragraph("", BODY)
            run = draft.add_run(TO_COMPLETE + paper.drafts.get(text.name, ""))
            run.font.highlight_color = WD_COLOR_INDEX.YELLOW


def _annex(document: "Document", annex: Annex) -> None:
    """Add the annex on a page of its own."""
    heading = document.add_paragraph(annex.title, HEADING)
    heading.paragraph_format.page_break_before = True
    cells = grid(document, annex.widths, len(annex.lines) + 1, repeat=1)
    for row_cells, texts in zip(cells, (annex.head, *annex.lines), strict=True):
        for number, (cell, text) in enumerate(zip(row_cells, texts, strict=True)):
            write(cell, text, left=number == 1 and row_cells is not cells[0])
