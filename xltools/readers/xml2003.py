"""Read the XML that Excel 2003 saves (SpreadsheetML), often with the suffix .xls, into grids of
cells; and how its styles display cells.
"""

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Final

from xltools.model.cells import Flag, Raw
from xltools.model.errors import ReadError
from xltools.model.wording import Phrase
from xltools.readers.book import (
    COLS,
    DEPTH,
    ROWS,
    Book,
    CellBudget,
    SheetDraft,
    book,
)
from xltools.readers.css import declarations
from xltools.readers.format_codes import code
from xltools.readers.looks import (
    DEFAULT,
    Look,
    TextRun,
    counted,
    format_of,
    pale,
)
from xltools.readers.markup import SHEET, local, parse, plain_number
from xltools.readers.pagetext import look_of

_DEFAULT: Final = "Default"
_DEPTH: Final = 50  # at most, styles that inherit from each other


@dataclass(slots=True)
class _Style:
    """What a style itself specifies; the rest it inherits from the style ``parent``. ``format``:
    the code of its number format, None if not specified.
    """

    parent: str
    look: Look = DEFAULT
    format: str | None = None


@dataclass(slots=True)
class Xml2003Styles:
    """Styles by name, collected while they are read. ``open``: the style being read; ``resolved``:
    look and number format by name, with what is inherited, for reuse.
    """

    styles: dict[str, _Style] = field(default_factory=dict)
    open: _Style | None = None
    resolved: dict[str, tuple[Look, str]] = field(default_factory=dict)

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Handle the start of an element before the sheets; ``tag`` and the names of the attributes
        are without namespaces.
        """
        if tag == "Style":
            name = attributes.get("ID", "")
            parent = attributes.get("Parent", "" if name == _DEFAULT else _DEFAULT)
            self.open = self.styles[name] = _Style(parent)
        elif self.open is None:
            return
        elif tag == "NumberFormat":
            self.open.format = code(attributes.get("Format", "General"))
        elif tag == "Font":
            self.open.look = _font(attributes).within(self.open.look)
        elif tag == "Interior":
            self.open.look = Look(light=_ground(attributes)).within(self.open.look)

    def of(self, name: str) -> tuple[Look, str]:
        """Return the look of a style and the code of its number format, including what it
        inherits.
        """
        if name not in self.resolved:
            look, code, at = DEFAULT, "", name or _DEFAULT
            for _ in range(_DEPTH):
                style = self.styles.get(at)
                if style is None:
                    break
                look, at = look.within(style.look), style.parent
                code = code or style.format or ""
            self.resolved[name] = pale(code, look), code
        return self.resolved[name]


def _font(attributes: dict[str, str]) -> Look:
    """Return the look that the attributes of a Font element specify."""
    place, struck, ink = (
        attributes.get("VerticalAlign"),
        attributes.get("StrikeThrough"),
        attributes.get("Color"),
    )
    return Look(
        raised=place in ("Superscript", "Subscript") if place else None,
        struck=struck == "1" if struck else None,
        white=ink.upper() == "#FFFFFF" if ink else None,
    )


def _ground(attributes: dict[str, str]) -> bool | None:
    """Whether the attributes of an Interior element give cells a white background; None if they
    give no background.
    """
    if attributes.get("Pattern", "None") == "None":
        return None
    return attributes.get("Pattern") == "Solid" and attributes.get("Color", "").upper() == "#FFFFFF"


_EXCEL: Final = "urn:schemas-microsoft-com:office:excel"
_VISIBLE: Final = f"{_EXCEL} Visible"
_PHONETIC: Final = f"{_EXCEL} PhoneticText"
_HTML: Final = "http://www.w3.org/TR/REC-html40"
_EPOCH: Final = datetime(1899, 12, 31)


def read(xml: bytes | str) -> Book:
    """Read a workbook. Raises ReadError: F-02 if it is damaged or has no sheet; F-05 for cells that
    lie too far apart.
    """
    reader = _Xml2003Reader()
    parse(xml, start=reader.start, end=reader.end, text=reader.text)
    return book(reader.drafts)


@dataclass(slots=True)
class _Xml2003Reader:
    """Collects the sheets of a file in ``drafts`` while the XML parser calls ``start``, ``end`` and
    ``text``. ``row``, ``col``: the place of the last cell, from 0; ``kind``: the type of its value;
    ``runs``: its text so far; ``inside``: what the text being read belongs to (``data``,
    ``phonetic``, ``visible``, or empty); ``depth``: how many elements are open; ``tables``: how
    many tables the sheet has had.
    """

    drafts: list[SheetDraft] = field(default_factory=list)
    budget: CellBudget = field(default_factory=CellBudget)
    styles: Xml2003Styles = field(default_factory=Xml2003Styles)
    columns: list[tuple[int, int, str]] = field(default_factory=list)  # first, last, style
    table: str = ""  # the style of cells that have none, nor their row or column
    line: str = ""  # the style of the row's cells
    row: int = -1
    col: int = -1
    over: int = 0  # further columns that the last cell covers
    rest: int = 0  # further rows to which the last row applies
    cell: dict[str, str] | None = None  # the attributes of the open cell
    kind: str = ""
    depth: int = 0
    comment: int = 0  # the depth of an open comment; 0 outside of any
    inside: str = ""
    tables: int = 0
    runs: list[TextRun] = field(default_factory=list)
    looks: list[Look] = field(default_factory=list)  # of the open elements in the text of a cell

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Handle the start of an element. Raises ReadError: F-05 for elements nested too deep, F-02
        for damage such as a second value in a cell.
        """
        space, _, tag = name.rpartition(" ")
        self.depth += 1
        if self.depth > DEPTH:
            raise ReadError("F-05", Phrase.XML_DEPTH(DEPTH))
        if self.comment:
            return
        by_name = local(attributes)
        if name == _VISIBLE and self.drafts:
            self.inside, self.runs = "visible", []
        elif name == _PHONETIC and self.cell is not None:
            self.inside = "phonetic"
        elif space == _HTML and self.inside == "data":
            small = {key.lower(): value for key, value in by_name.items()}
            declared = declarations(small.get("style", ""))
            self.looks.append(look_of(tag.lower(), small, declared).within(self.looks[-1]))
        if space != SHEET:
            return
        if tag == "Worksheet":
            self.drafts.append(SheetDraft(by_name.get("Name", ""), self.budget))
            self.row, self.rest, self.tables = -1, 0, 0
        elif not self.drafts:
            self.styles.start(tag, by_name)
        elif tag == "Table":
            self.tables += 1
            if self.tables > 1:  # both would begin in the first cell
                raise ReadError("F-02", Phrase.TWO_TABLES_IN_SHEET)
            self.columns, self.table = [], by_name.get("StyleID", "")
        elif tag == "Column":
            self.column(by_name)
        elif tag == "Row":
            self.row = _index(by_name, self.row + self.rest, ROWS)
            self.rest = _count(by_name, "Span", ROWS)
            self.col, self.over, self.line = -1, 0, by_name.get("StyleID", "")
        elif tag == "Cell":
            if self.cell is not None:
                raise ReadError("F-02", Phrase.CELL_IN_CELL)
            self.col = _index(by_name, self.col + self.over, COLS)
            self.over = _count(by_name, "MergeAcross", COLS)
            self.cell, self.kind, self.runs = by_name, "", []
        elif tag == "Comment":
            self.comment = self.depth
        elif tag == "Data" and self.cell is not None:
            if self.kind:
                raise ReadError("F-02", Phrase.TWO_VALUES_IN_CELL)
            self.kind, self.inside = by_name.get("Type", "String"), "data"
            self.looks = [self.style()[0]]

    def end(self, name: str) -> None:
        """Handle the end of an element: put the cell that ends here into the sheet. Raises
        ReadError F-02, F-05.
        """
        self.depth -= 1
        if self.comment:
            self.comment = 0 if self.depth < self.comment else self.comment
        elif name == _VISIBLE and self.inside == "visible":
            shown = "".join(run.text for run in self.runs).strip()
            self.drafts[-1].visible = shown == "SheetVisible"
            self.drafts[-1].buried = shown == "SheetVeryHidden"
            self.inside = ""
        elif name in (f"{SHEET} Data", _PHONETIC):
            self.inside = ""
        elif name.startswith(_HTML) and len(self.looks) > 1:
            self.looks.pop()
        elif name == f"{SHEET} Cell" and self.cell is not None:
            value, flag = self.value("Formula" in self.cell)
            self.drafts[-1].put(self.row, self.col, value, flag)
            down = _count(self.cell, "MergeDown", ROWS)
            self.drafts[-1].merge(self.row, self.col, down=down, across=self.over)
            self.cell = None

    def text(self, data: str) -> None:
        """Handle characters."""
        if self.inside == "phonetic":
            self.runs.append(TextRun(data, guide=True))
        elif self.inside:
            self.runs.append(TextRun(data, self.looks[-1] if self.inside == "data" else DEFAULT))

    def column(self, attributes: dict[str, str]) -> None:
        """Record the style of a column, and of the further columns to which the element applies. A
        damaged element is ignored, because no value is lost.
        """
        before = self.columns[-1][1] if self.columns else -1
        try:
            first = _index(attributes, before, COLS)
            last = first + _count(attributes, "Span", COLS)
        except ReadError:
            return
        self.columns.append((first, last, attributes.get("StyleID", "")))

    def style(self) -> tuple[Look, str]:
        """Return the look and number format of the open cell: of its own style, or else of the
        style of its row, column or table.
        """
        columns = (name for first, last, name in self.columns if first <= self.col <= last)
        style_name = self.cell.get("StyleID", "") if self.cell else ""
        return self.styles.of(style_name or self.line or next(columns, "") or self.table)

    def value(self, formula: bool) -> tuple[Raw, Flag | None]:
        """Return the value and flag of the cell that ends here. ``formula``: it has a formula."""
        content = counted(self.runs)
        text = "".join(run.text for run in self.runs if not run.guide)
        if self.kind == "Error":
            return None, Flag(formula=formula, error=text.strip() or "错误值")
        value = content.typed(_typed(self.kind, text))
        flag = content.flagged(None)
        if formula:
            flag = content.flagged(Flag(formula=True, cached=value is not None))
        return value, format_of(self.style()[1], value, flag)


def _index(attributes: dict[str, str], before: int, most: int) -> int:
    """Return the position of a row, column or cell, from 0: as its attribute says, or else behind
    the previous one (``before``). Raises ReadError F-02 if it does not come after that, or is
    ``most`` or more.
    """
    index = attributes.get("Index")
    place = before + 1 if index is None else _whole(index) - 1
    if not before < place < most:
        raise ReadError("F-02", Phrase.NO_SUCH_CELL)
    return place


def _count(attributes: dict[str, str], name: str, most: int) -> int:
    """Return the number in an attribute, at most ``most``, and 0 if it is missing. Raises ReadError
    F-02 if it is not a number.
    """
    return min(_whole(attributes.get(name, "0")), most)


def _whole(text: str) -> int:
    """Parse a text of digits as a whole number. Raises ReadError F-02 for any other text."""
    number = plain_number(text, 9)
    if number is None:
        raise ReadError("F-02", Phrase.NO_SUCH_CELL)
    return number


def _typed(kind: str, text: str) -> Raw:
    """Convert the text of a cell to a value of its type (``kind``). Raises ReadError F-02 if the
    text is not valid for that type.
    """
    try:
        if kind == "Number":
            return float(text)
        if kind == "Boolean":
            return {"1": True, "0": False}[text.strip()]
        if kind == "DateTime":
            return _moment(datetime.fromisoformat(text.strip()))
    except (ValueError, KeyError) as error:
        raise ReadError("F-02", Phrase.CELL_VALUE_WRONG_AS(text[:20])) from error
    return text or None


def _moment(moment: datetime) -> Raw:
    """Return a date without its time if that is midnight; a time of day if the date is Excel's
    first day, on which it writes such times.
    """
    if moment - _EPOCH < timedelta(days=1):
        return moment.time()
    return moment.date() if moment.time() == time() else moment
