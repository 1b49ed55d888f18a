"""Read a Word document (.docx): its tables and paragraphs as they are when all tracked changes are
accepted.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from xltools.model.cells import Area
from xltools.model.errors import ReadError
from xltools.model.wording import Phrase
from xltools.readers.book import Book, CellBudget, TextLine
from xltools.readers.documents.passages import (
    GONE,
    Passage,
    TextPiece,
    boxes,
    content,
    is_figure,
    line,
)
from xltools.readers.documents.tables import (
    EmbeddedSheet,
    OpenBook,
    TableDraft,
    book,
    clean,
    is_prose,
    sheets_of,
)
from xltools.readers.documents.word_parts import (
    UNKNOWN,
    WHITE,
    W,
    WordParts,
    WordStyles,
    filled,
    style_of,
)
from xltools.readers.looks import Counted
from xltools.readers.markup import plain_number
from xltools.readers.package import Package

if TYPE_CHECKING:
    from lxml.etree import _Element

PICTURES: Final = (f"{W}drawing", f"{W}pict", f"{W}object")
"""The XML elements that may be a picture."""

_OBJECTS: Final = ("{*}OLEObject", f"{W}objectEmbed")
_LINK: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
# Points. A smaller picture is not a table: seals are 4.2 cm wide, and signatures are not high.
_WIDTH, _HEIGHT = 150, 55
_EMU: Final = 12_700  # EMU in a point
_POINTS: Final = {"pt": 1.0, "in": 72.0, "cm": 72 / 2.54, "mm": 72 / 25.4, "px": 0.75, "": 0.75}
_LENGTH: Final = re.compile(r"(?:^|;)\s*(width|height)\s*:\s*([0-9.]{1,9})\s*([a-z]*)", re.I)


def large_picture(paragraph: "_Element") -> bool:
    """Whether a paragraph contains a picture, or an object displayed as one, that is large enough
    for a table.
    """
    return any(
        _is_picture(element) and _is_large(element) and not _gone(element, paragraph)
        for element in paragraph.iter(*PICTURES)
    )


def objects(body: "_Element") -> Iterator[str]:
    """Yield the relation ids of the embedded objects that display their content, in order. One that
    is displayed as an icon is an attached file and is left out.
    """
    for element in body.iter(*_OBJECTS):
        key = element.get(_LINK)
        aspect = element.get("DrawAspect") or element.get(f"{W}drawAspect") or "Content"
        drawn = element.get("Type", "Embed") != "Link" and aspect.lower() == "content"
        if key and drawn and not _gone(element, body):
            yield key


def _is_picture(element: "_Element") -> bool:
    """Whether a drawing is a picture, not a text box or a chart."""
    return next(element.iter("{*}blip", "{*}imagedata", *_OBJECTS), None) is not None


def _is_large(element: "_Element") -> bool:
    """Whether a drawing is large enough for a table; True if it does not state its size."""
    extent = next(element.iter("{*}extent"), None)
    if extent is not None:
        width, height = (plain_number(extent.get(name, ""), 11) for name in ("cx", "cy"))
        if width is not None and height is not None:
            return width / _EMU >= _WIDTH and height / _EMU >= _HEIGHT
    lengths = {
        name.lower(): float(number) * _POINTS.get(unit.lower(), 1.0)
        for shape in element.iter("{*}shape", "{*}rect")
        for name, number, unit in _LENGTH.findall(shape.get("style", ""))
        if number.count(".") < 2 and number != "."
    }
    return lengths.get("width", _WIDTH) >= _WIDTH and lengths.get("height", _HEIGHT) >= _HEIGHT


def _gone(element: "_Element", within: "_Element") -> bool:
    """Whether an element is in something deleted or hidden, looking no further out than
    ``within``.
    """
    for above in element.iterancestors():
        if above is within:
            return False
        if above.tag in GONE or above.find(f"{W}rPr/{W}vanish") is not None:
            return True
    return False


_HEADS: Final = 3  # rows that the format of the first row may apply to


def read(package: Package, main: str, open_book: OpenBook) -> Book:
    """Read the document whose main part is ``main``. The sheets of embedded workbooks, which
    ``open_book`` opens, follow its own tables. Raises ReadError: F-02 for damage, F-05 over a
    limit.
    """
    parts = WordParts.of(package, main)
    body = parts.root.find(f"{W}body")
    if body is None:
        raise ReadError("F-02", Phrase.WORD_NO_BODY)
    styles = WordStyles(parts.styles)
    reading = _WordReading(
        styles,
        boxed=body.find(f".//{W}txbxContent") is not None,
        pictured=next(body.iter(*PICTURES), None) is not None,
    )
    reading.blocks(body, _paper(parts))
    embedded = list(_embedded(parts, body, open_book)) if reading.pictured else ()
    return book(reading.tables, reading.lines, embedded=embedded)


def _embedded(parts: WordParts, body: "_Element", open_book: OpenBook) -> Iterator[EmbeddedSheet]:
    """Yield the sheets of the embedded workbooks, with names that say which object of the document
    each is from.
    """
    links = (parts.links[key].part for key in objects(body) if key in parts.links)
    for number, part in enumerate(dict.fromkeys(links), 1):
        file = parts.package.parts[part].filename.replace("\\", "/").rpartition("/")[2]
        label = f"嵌入的工作簿{number}（{file}）"
        yield from sheets_of(parts.package.read(part), label, open_book)


def _paper(parts: WordParts) -> str:
    """Return the background of paragraphs: WHITE, or UNKNOWN if there may be pictures behind the
    text.
    """
    backed = (
        parts.root.find(f"{W}background") is not None
        or any(element.get("behindDoc") == "1" for element in parts.root.iter("{*}anchor"))
        or parts.root.find(f".//{W}pict") is not None
        or parts.backed()
    )
    return UNKNOWN if backed else WHITE


@dataclass(slots=True)
class _WordReading:
    """A document while it is read. ``tables`` and ``lines``: what has been read so far; ``budget``:
    the cells that its tables may still occupy; ``paragraphs``: how many paragraphs outside tables
    were read, for the places of lines.
    """

    styles: WordStyles
    boxed: bool  # the document has text boxes
    pictured: bool  # the document may have pictures
    tables: list[TableDraft] = field(default_factory=list)
    lines: list[TextLine] = field(default_factory=list)
    budget: CellBudget = field(default_factory=CellBudget)
    paragraphs: int = 0

    def blocks(self, parent: "_Element", ground: str) -> None:
        """Read the paragraphs and tables in an element; those in a text box follow the paragraph to
        which the box is anchored. ``ground``: the colour of their background. Raises ReadError F-02
        if a part of the document is a file in another format.
        """
        for child in _seen(parent):
            if child.tag == f"{W}altChunk":
                raise ReadError("F-02", Phrase.WORD_FOREIGN_PART)
            if child.tag == f"{W}tbl":
                self.table(child, ground)
            elif child.tag == f"{W}p":
                self.paragraphs += 1
                place = f"第{self.paragraphs}段"
                text, unseen = line(Passage(self.styles, child, ground=ground).pieces)
                for part in text.split("\n"):
                    if part or unseen:
                        self.lines.append(TextLine(text=part, place=place, unseen=unseen))
                        unseen = ""
                if self.pictured and large_picture(child):
                    self.lines.append(TextLine(text="", place=place, picture=True))
                for box in boxes(child) if self.boxed else ():
                    self.blocks(box, UNKNOWN)
            else:
                self.blocks(child, ground)  # content controls, inserted text

    def table(self, element: "_Element", ground: str) -> None:
        """Read a table; if it is only a frame around text or around other tables, read these
        instead. ``ground``: the colour of its background.
        """
        draft, inner = TableDraft(""), list["_Element"]()
        framed, aside = list[tuple["_Element", str]](), list["_Element"]()
        single, frame = list[tuple["_Element", str]](), False
        shape = element.find(f"{W}tblPr")
        style = style_of(shape)
        grounds: dict[frozenset[str], str | None] = {}
        merges = _Merges()
        rows = [row for row in _below(element, "tr") if not _about(row, "trPr", "del")]
        for r, row in enumerate(rows):
            draft.start()
            draft.skip(_number(row.find(f"{W}trPr"), "gridBefore", 0), self.budget)
            hidden = _about(row, "trPr", "hidden")
            cells = [cell for cell in _below(row, "tc") if not _about(cell, "tcPr", "cellDel")]
            for c, cell in enumerate(cells):
                properties, col = cell.find(f"{W}tcPr"), len(draft.rows[-1])
                wide = _number(properties, "gridSpan", 1)
                if _continues(properties, "vMerge") or _continues(properties, "hMerge"):
                    merges.go_on(r, col, wide)
                    draft.skip(wide, self.budget)
                    continue
                merges.begin(r, col, wide)
                edges = _edges(r, len(rows), c, len(cells))
                if edges not in grounds:
                    grounds[edges] = self.styles.ground(shape, edges=edges)
                under = _first(
                    filled(properties.find(f"{W}shd") if properties is not None else None),
                    grounds[edges],
                    ground,
                )
                framed.append((cell, under))
                inner += _below(cell, "tbl")
                text = self.content(cell, style, under, aside, hidden=hidden)
                draft.cell(text, wide=wide, budget=self.budget)
                if len(cells) == 1:
                    single.append((cell, under))
                    frame |= is_prose(text.text)
        if draft.real and not inner:
            draft.name = f"表{len(self.tables) + 1}"
            draft.merges = merges.areas()
            self.tables.append(draft)
            for cell, under in single if frame else ():  # text in rows of one cell is prose too
                self.blocks(cell, under)
            for box in aside:
                self.blocks(box, UNKNOWN)
            return
        for cell, under in framed:  # a frame: its text and tables are read in order
            self.blocks(cell, under)

    def content(
        self, cell: "_Element", style: str, ground: str, aside: "list[_Element]", *, hidden: bool
    ) -> Counted:
        """Return the content of a cell: its paragraphs, each as a line, without tables nested in
        it. ``style``: the style of its table; ``ground``: the colour of its background; ``hidden``:
        its row is hidden.

        A text box that may contain the figure of the cell is included; other text boxes are added
        to ``aside``.
        """
        pieces: list[TextPiece] = []
        for n, paragraph in enumerate(_below(cell, "p")):
            pieces += [TextPiece("\n")] * (n > 0)
            passage = Passage(self.styles, paragraph, table=style, ground=ground, within=True)
            pieces += passage.pieces
        if hidden:
            pieces = [replace(p, setting=replace(p.setting, unseen=True)) for p in pieces]
        text = content(pieces)
        for box in boxes(cell) if self.boxed else ():
            within = self.content(box, "", UNKNOWN, aside, hidden=hidden)
            figure, blank = is_figure(within.text), not clean(text.text)
            if figure and blank:
                text = replace(text, text=f"{clean(within.text)}［文本框］")
            elif figure and is_figure(text.text):
                text = replace(text, text=f"{clean(text.text)}［文本框：{clean(within.text)}］")
            elif blank and not text.unseen:
                text = within
            else:
                aside.append(box)
        return text


class _Merges:
    """The merged cells of a table while its rows are read."""

    def __init__(self) -> None:
        self._areas: list[Area] = []
        self._last: dict[int, int] = {}  # by column: the number of the last cell that begins there

    def begin(self, row: int, col: int, wide: int) -> None:
        """Record a cell that begins here and covers ``wide`` columns."""
        self._last[col] = len(self._areas)
        self._areas.append(Area(row, col, row, col + wide - 1))

    def go_on(self, row: int, col: int, wide: int) -> None:
        """Extend the cell above to this row, if that one has the same width and ends in the row
        above.
        """
        at = self._last.get(col)
        if at is not None:
            area = self._areas[at]
            if (area.bottom, area.right) == (row - 1, col + wide - 1):
                self._areas[at] = replace(area, bottom=row)

    def areas(self) -> list[Area]:
        """Return the areas of more than one cell."""
        return [a for a in self._areas if (a.top, a.left) != (a.bottom, a.right)]


def _seen(parent: "_Element") -> Iterator["_Element"]:
    """Yield the children of an element that are neither deleted nor properties."""
    for child in parent:
        if child.tag not in GONE:  # the tag of a comment is not a string
            yield child


def _below(parent: "_Element", name: str) -> Iterator["_Element"]:
    """Yield the elements of this name (rows of a table, cells of a row, paragraphs of a cell) in
    ``parent``, including those in content controls and insertions.
    """
    for child in _seen(parent):
        if child.tag == f"{W}{name}":
            yield child
        elif child.tag not in (f"{W}tbl", f"{W}tr", f"{W}tc", f"{W}p"):
            yield from _below(child, name)


def _edges(row: int, rows: int, cell: int, cells: int) -> frozenset[str]:
    """Return the conditional formats of a table's style that may apply to a cell. ``row``,
    ``cell``: its position from 0; ``rows``, ``cells``: how many rows the table and cells the row
    has.
    """
    across = {"firstCol": cell == 0, "lastCol": cell == cells - 1}
    down = {"firstRow": row < _HEADS, "lastRow": row == rows - 1}
    corners = {
        "nwCell": down["firstRow"] and across["firstCol"],
        "neCell": down["firstRow"] and across["lastCol"],
        "swCell": down["lastRow"] and across["firstCol"],
        "seCell": down["lastRow"] and across["lastCol"],
    }
    return frozenset(name for name, holds in {**across, **down, **corners}.items() if holds)


def _first(*grounds: str | None) -> str:
    """Return the first of these colours that is not None; WHITE if there is none."""
    return next((ground for ground in grounds if ground is not None), WHITE)


def _about(element: "_Element", about: str, name: str) -> bool:
    """Whether the properties (``about``) of a row or cell contain the element ``name``."""
    return element.find(f"{W}{about}/{W}{name}") is not None


def _continues(about: "_Element | None", name: str) -> bool:
    """Whether a cell continues the one above or beside it, according to the property ``name``.
    ``about``: the properties of the cell.
    """
    merge = about.find(f"{W}{name}") if about is not None else None
    return merge is not None and merge.get(f"{W}val", "continue") != "restart"


def _number(about: "_Element | None", name: str, otherwise: int) -> int:
    """Return the number in the property ``name``; ``otherwise`` if it is missing. ``about``: the
    properties of a row or cell.
    """
    element = about.find(f"{W}{name}") if about is not None else None
    text = element.get(f"{W}val", "") if element is not None else ""
    number = plain_number(text, 5)
    return otherwise if number is None else number
