"""A paper to the bytes of its Word document."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from typing import TYPE_CHECKING

from xltools.layout.places import Layout
from xltools.model.form import Table, TextPart
from xltools.model.sheets import TO_COMPLETE
from xltools.report import page
from xltools.report.table import grid, paint, write

if TYPE_CHECKING:
    from docx.document import Document


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
