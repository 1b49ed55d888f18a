"""OpenDocument spreadsheets, zipped (.ods) or flat (.fods), to grids of cells.

Values, formulas and errors come from one look at the XML. Another reader of the values would add
nothing but its own faults: python-calamine gives error cells as blank, knows no formula, and does
not end on a table without an end.
"""

import re
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

from xltools.cells import Flag, Raw
from xltools.errors import ReadError
from xltools.readers import plain
from xltools.readers.book import Book
from xltools.readers.cellwise import COLS, DEPTH, ROWS, Budget, Draft, book
from xltools.readers.package import Package
from xltools.readers.scan import parse

_URN: Final = "urn:oasis:names:tc:opendocument:xmlns:"
_OFFICE, _TABLE, _TEXT = _URN + "office:1.0 ", _URN + "table:1.0 ", _URN + "text:1.0 "
_STYLE: Final = _URN + "style:1.0 "
# Some programs put their own kind of value beside the standard's, which has none for errors.
_KIND: Final = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0 value-type"
_SHEETS: Final = [f"{_OFFICE}body", f"{_OFFICE}spreadsheet"]
_CELLS: Final = {f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"}
# Within a paragraph, but no part of its text.
_APART: Final = {f"{_OFFICE}annotation", f"{_TEXT}note", f"{_TEXT}ruby-text"}
_DURATION: Final = re.compile(r"(-?)P(?:(\d+)D)?T?(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?")
_SPACES: Final = 1000  # of one run
# Space that is meant, while the rest is put together: characters that no XML can hold.
_BLANK, _TAB, _BREAK = "\x00", "\x01", "\x02"
_WRITTEN: Final = str.maketrans(_BLANK + _TAB + _BREAK, " \t\n")


def zipped(package: Package) -> Book:
    """Read an .ods. Raises ReadError: F-03 behind a password, F-02, F-05 as ``flat``."""
    manifest = "meta-inf/manifest.xml"
    if manifest in package.parts and b"encryption-data" in package.read(manifest):
        raise ReadError("F-03")
    return flat(package.read("content.xml"))


def flat(xml: bytes | str) -> Book:
    """Read a .fods, or the content of an .ods.

    Raises ReadError: F-02 for damage, and when there is no sheet; F-05 over a limit.
    """
    reader = _Reader()
    parse(xml, start=reader.start, end=reader.end, text=reader.text)
    return book(reader.drafts)


@dataclass(slots=True)
class _Reader:
    """The state of reading: expat calls ``start``, ``end`` and ``text``."""

    drafts: list[Draft] = field(default_factory=list)
    budget: Budget = field(default_factory=Budget)
    path: list[str] = field(default_factory=list)
    hidden: set[str] = field(default_factory=set)
    style: str = ""
    sheet: int = 0  # how deep its element is; 0: outside of any
    cell: int = 0
    apart: int = 0
    row: int = 0
    col: int = 0
    line: list[tuple[int, int, Raw, Flag | None]] = field(default_factory=list)
    high: int = 1
    about: dict[str, str] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        depth = len(self.path)
        if depth >= DEPTH:
            raise ReadError("F-05", f"XML 嵌套超过 {DEPTH} 层")
        if self.apart:
            pass
        elif self.cell:
            if name in _APART:
                self.apart = depth + 1
            elif name == f"{_TEXT}p" and depth == self.cell:
                self.lines.append("")
            elif self.lines and name == f"{_TEXT}s":
                self.lines[-1] += _BLANK * _spaces(attributes)
            elif self.lines and name in (f"{_TEXT}tab", f"{_TEXT}line-break"):
                self.lines[-1] += _TAB if name.endswith("tab") else _BREAK
        elif name in _CELLS and self.sheet:
            self.cell, self.about, self.lines = depth + 1, attributes, []
        elif name == f"{_TABLE}table-row" and self.sheet:
            self.high = _number(attributes, f"{_TABLE}number-rows-repeated")
            self.col, self.line = 0, []
        elif name == f"{_TABLE}table" and self.path[1:] == _SHEETS:
            self.sheet, self.row = depth + 1, 0
            shown = attributes.get(f"{_TABLE}style-name") not in self.hidden
            title = attributes.get(f"{_TABLE}name", "")
            self.drafts.append(Draft(title, self.budget, visible=shown))
        elif name == f"{_STYLE}style":
            self.style = attributes.get(f"{_STYLE}name", "")
        elif attributes.get(f"{_TABLE}display") == "false":
            self.hidden.add(self.style)
        self.path.append(name)

    def end(self, name: str) -> None:
        depth = len(self.path)
        self.path.pop()
        if self.apart:
            self.apart = 0 if depth == self.apart else self.apart
        elif self.cell:
            if depth == self.cell:
                self.take()
                self.cell, self.lines = 0, []
        elif self.sheet and name == f"{_TABLE}table-row":
            for col, wide, value, flag in self.line:
                self.drafts[-1].put(self.row, col, value, flag, high=self.high, wide=wide)
            self.row = min(self.row + self.high, ROWS)
        elif depth == self.sheet:
            self.sheet = 0

    def text(self, data: str) -> None:
        # Between paragraphs, and in drawings, there is text that is not the cell's.
        if self.lines and not self.apart and self.path[self.cell : self.cell + 1] == [f"{_TEXT}p"]:
            self.lines[-1] += data

    def take(self) -> None:
        """Note a cell that ends, with those it is repeated for."""
        wide = _number(self.about, f"{_TABLE}number-columns-repeated")
        texts = [re.sub(r"[ \t\r\n]+", " ", t).strip(" ") for t in self.lines]
        value, flag = _value(self.about, "\n".join(texts).translate(_WRITTEN))
        if flag is not None or (value is not None and value != ""):
            self.line.append((self.col, wide, value, flag))
        self.col = min(self.col + wide, COLS)


def _spaces(attributes: dict[str, str]) -> int:
    given = attributes.get(f"{_TEXT}c", "1")
    return min(int(given), _SPACES) if given.isascii() and given.isdigit() else _SPACES


def _number(attributes: dict[str, str], name: str) -> int:
    """A count of repetitions; 1 when none is given."""
    given = attributes.get(name, "1")
    if not (given.isascii() and given.isdigit() and len(given) < 10 and int(given)):
        raise ReadError("F-02", "单元格重复次数有误")
    return int(given)


def _value(about: dict[str, str], text: str) -> tuple[Raw, Flag | None]:
    """A cell's value and flag."""
    formula = f"{_TABLE}formula" in about
    kind = about.get(f"{_OFFICE}value-type", "")
    fault = plain.error(text)
    if about.get(_KIND) == "error":
        return None, Flag(formula=formula, error=text.strip() or "错误值")
    if fault is not None and (formula or kind not in ("string", "")):
        return None, Flag(formula=formula, error=fault.error)
    value = _typed(kind, about, text)
    if not formula:
        return value, None
    return value, Flag(formula=True, cached=value is not None and value != "")


def _typed(kind: str, about: dict[str, str], text: str) -> Raw:
    try:
        if kind in ("float", "percentage", "currency"):
            return float(about[f"{_OFFICE}value"])
        if kind == "boolean":
            return {"true": True, "false": False}[about[f"{_OFFICE}boolean-value"]]
        if kind == "date":
            given = about[f"{_OFFICE}date-value"]
            return datetime.fromisoformat(given) if "T" in given else date.fromisoformat(given)
        if kind == "time":
            return _duration(about[f"{_OFFICE}time-value"])
    except OverflowError as error:
        raise ReadError("F-02", "单元格的值有误") from error
    except (KeyError, ValueError) as error:
        raise ReadError("F-02", f"单元格的值有误（{text[:20]}）") from error
    return about.get(f"{_OFFICE}string-value") or text or None


def _duration(given: str) -> timedelta:
    found = _DURATION.fullmatch(given)
    if not found or given in ("P", "PT"):
        raise ValueError(given)
    days, hours, minutes = (int(found[n] or 0) for n in (2, 3, 4))
    span = timedelta(days=days, hours=hours, minutes=minutes, seconds=float(found[5] or 0))
    return -span if found[1] else span
