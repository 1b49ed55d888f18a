"""The XML that Excel 2003 saves (SpreadsheetML), often under the name of .xls, to grids."""

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Final

from xltools.cells import Flag, Raw
from xltools.errors import ReadError
from xltools.readers.book import Book
from xltools.readers.cellwise import COLS, DEPTH, ROWS, Budget, Draft, book
from xltools.readers.markup import SHEET, local
from xltools.readers.scan import parse

_VISIBLE: Final = "urn:schemas-microsoft-com:office:excel Visible"
_EPOCH: Final = datetime(1899, 12, 31)


def read(xml: bytes | str) -> Book:
    """Read a workbook. Raises ReadError: F-02 for damage, and when there is no sheet; F-05 for
    cells that lie too far apart.
    """
    reader = _Reader()
    parse(xml, start=reader.start, end=reader.end, text=reader.text)
    return book(reader.drafts)


@dataclass(slots=True)
class _Reader:
    """The state of reading: expat calls ``start``, ``end`` and ``text``."""

    drafts: list[Draft] = field(default_factory=list)
    budget: Budget = field(default_factory=Budget)
    row: int = -1
    col: int = -1
    over: int = 0  # columns that the last cell covers beyond its own
    rest: int = 0  # further rows that a row stands for
    formula: bool = False
    kind: str = ""
    depth: int = 0
    comment: int = 0  # how deep it is; 0: outside of any
    inside: str = ""
    words: list[str] = field(default_factory=list)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        space, _, tag = name.rpartition(" ")
        self.depth += 1
        if self.depth > DEPTH:
            raise ReadError("F-05", f"XML 嵌套超过 {DEPTH} 层")
        if self.comment:
            return
        own = local(attributes)
        if name == _VISIBLE and self.drafts:
            self.inside, self.words = "visible", []
        if space != SHEET:
            return
        if tag == "Worksheet":
            self.drafts.append(Draft(own.get("Name", ""), self.budget))
            self.row, self.rest = -1, 0
        elif not self.drafts:
            return
        elif tag == "Row":
            self.row = _index(own, self.row + self.rest, ROWS)
            self.rest = _count(own, "Span", ROWS)
            self.col, self.over = -1, 0
        elif tag == "Cell":
            self.col = _index(own, self.col + self.over, COLS)
            self.over = _count(own, "MergeAcross", COLS)
            self.formula, self.kind, self.words = "Formula" in own, "", []
        elif tag == "Comment":
            self.comment = self.depth
        elif tag == "Data":
            self.kind, self.inside = own.get("Type", "String"), "data"

    def end(self, name: str) -> None:
        self.depth -= 1
        if self.comment:
            self.comment = 0 if self.depth < self.comment else self.comment
        elif name == _VISIBLE and self.inside == "visible":
            state = "".join(self.words).strip()
            self.drafts[-1].visible = state == "SheetVisible"
            self.drafts[-1].buried = state == "SheetVeryHidden"
            self.inside = ""
        elif name == f"{SHEET} Data":
            self.inside = ""
        elif name == f"{SHEET} Cell" and self.drafts:
            text = "".join(self.words)
            value, flag = _value(self.kind, text, self.formula)
            self.drafts[-1].put(self.row, self.col, value, flag)

    def text(self, data: str) -> None:
        if self.inside:
            self.words.append(data)


def _index(own: dict[str, str], before: int, most: int) -> int:
    """The place of a row or cell from 0: as it says, else after the one before."""
    given = own.get("Index")
    place = before + 1 if given is None else _whole(given) - 1
    if not before < place < most:
        raise ReadError("F-02", "单元格地址不存在")
    return place


def _count(own: dict[str, str], name: str, most: int) -> int:
    return min(_whole(own.get(name, "0")), most)


def _whole(given: str) -> int:
    if not (given.isascii() and given.isdigit() and len(given) < 10):
        raise ReadError("F-02", "单元格地址不存在")
    return int(given)


def _value(kind: str, text: str, formula: bool) -> tuple[Raw, Flag | None]:
    """A cell's value and flag."""
    if kind == "Error":
        return None, Flag(formula=formula, error=text.strip() or "错误值")
    value: Raw = text or None
    try:
        if kind == "Number":
            value = float(text)
        elif kind == "Boolean":
            value = {"1": True, "0": False}[text.strip()]
        elif kind == "DateTime":
            value = _moment(datetime.fromisoformat(text.strip()))
    except (ValueError, KeyError) as error:
        raise ReadError("F-02", f"单元格的值有误（{text[:20]}）") from error
    if not formula:
        return value, None
    return value, Flag(formula=True, cached=value is not None)


def _moment(moment: datetime) -> Raw:
    """A date without its midnight; a time of day, which is written as one of the first day."""
    if moment - _EPOCH < timedelta(days=1):
        return moment.time()
    return moment.date() if moment.time() == time() else moment
