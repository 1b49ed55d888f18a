"""Sheets as readers return them: grids of cells, the same for every file format."""

import re
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import Enum
from functools import lru_cache
from typing import Final, Self

from xltools.model.numbers import DIGITS

_REFERENCE: Final = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7}):\$?([A-Z]{1,3})\$?([0-9]{1,7})")


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """The address of a cell: the name of its sheet, and its row and column counted from 0."""

    sheet: str
    row: int
    col: int

    def __reduce__(self) -> tuple[type[Self], tuple[str, int, int]]:
        # Shorter and faster than what a dataclass does; a return has many addresses.
        return type(self), (self.sheet, self.row, self.col)

    @property
    def a1(self) -> str:
        """The address as people write it, without the sheet: ``C5``."""
        return f"{column_name(self.col)}{self.row + 1}"

    @property
    def absolute(self) -> str:
        """The address for a formula on its own sheet: ``$C$5``."""
        return f"${column_name(self.col)}${self.row + 1}"

    @property
    def full(self) -> str:
        """The address for a formula on another sheet: ``'表三'!$C$5``."""
        return f"{quoted(self.sheet)}!{self.absolute}"

    def __str__(self) -> str:
        return f"{self.sheet}!{self.a1}"


@lru_cache(maxsize=1024)
def column_name(col: int) -> str:
    """The letters of a column counted from 0: ``A`` for 0, ``AA`` for 26."""
    name, col = "", col + 1
    while col:
        col, rest = divmod(col - 1, 26)
        name = chr(65 + rest) + name
    return name


def column_number(letters: str) -> int:
    """The number of a column, counted from 0, from its capital letters: 0 for ``A``, 26 for
    ``AA``.
    """
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def quoted(sheet: str) -> str:
    """The name of a sheet in quotation marks, as formulas write it."""
    return "'" + sheet.replace("'", "''") + "'"


class CellKind(Enum):
    """What kind of content a cell has."""

    BLANK = "blank"
    NUMBER = "number"
    TEXT = "text"
    BOOLEAN = "boolean"
    DATE = "date"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Flag:
    """What is known of a cell besides its value.

    ``formula``: it holds a formula. ``cached``: the file has kept the formula's result (True also
    for a cell without a formula). ``error``: the error value that it shows, such as ``#DIV/0!``;
    else empty.

    ``mark``: text in the cell that is not part of its value: raised or lowered characters beside
    others, or a phonetic guide. ``unseen``: text that is struck out or that nobody can see, because
    it is hidden or has the colour of its background. The value contains neither; where there is
    nothing else in the cell, the value is None.

    ``format``: the cell's number format, kept only where it may show something other than the value
    (``number_formats.plain`` decides); else empty. ``field``: the cell contains a field to type
    into, and the file has not kept what was typed.
    """

    formula: bool = False
    cached: bool = True
    error: str = ""
    mark: str = ""
    unseen: str = ""
    format: str = ""
    field: bool = False


PLAIN = Flag()
CACHED, UNCACHED = Flag(formula=True), Flag(formula=True, cached=False)
"""Those of a formula with its result, and without."""

Raw = str | int | float | bool | date | datetime | time | timedelta | None


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle of cells on a sheet: its first and last row and column, counted from 0."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def a1(self) -> str:
        """The area as people write it: ``C5:D6``."""
        first, last = (
            f"{column_name(col)}{row + 1}"
            for row, col in ((self.top, self.left), (self.bottom, self.right))
        )
        return f"{first}:{last}"

    def holds(self, row: int, col: int) -> bool:
        """Whether the cell at ``row`` and ``col``, counted from 0, lies in the area."""
        return self.top <= row <= self.bottom and self.left <= col <= self.right


def areas(references: Iterable[str]) -> Sequence[Area]:
    """The areas named by references such as ``B2:C4`` or ``$B$2:$C$4``, in the order of the
    references. The two corners of a reference may come in any order.

    Anything that is not such a reference is left out, and so is an area of a single cell.
    """
    named = []
    for reference in references:
        corners = _REFERENCE.fullmatch(reference.upper())
        if corners:
            left, right = sorted((column_number(corners[1]), column_number(corners[3])))
            top, bottom = sorted((int(corners[2]) - 1, int(corners[4]) - 1))
            if (top, left) != (bottom, right):
                named.append(Area(top, left, bottom, right))
    return tuple(named)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """The content of a cell: its kind, its value (None when blank) and its flag."""

    kind: CellKind
    raw: Raw
    flag: Flag = PLAIN

    @property
    def shown(self) -> str:
        """The content as text for a message: the error value if the cell shows one, else the value;
        empty for a blank cell.
        """
        return self.flag.error or _shown(self.raw)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RowImprint:
    """What a row of a sheet is like apart from its figures; columns count from 0.

    ``row``: its number, from 0. ``frame``: all cells but those with a plain number or nothing in
    them, and whether there are such numbers. ``numbers``: the columns with a number, in order;
    ``plain``: those of them with nothing but the number, and ``results`` those with a formula.
    ``pending``: the columns with a formula without a result; ``filled``: those with any value or
    flag.
    """

    row: int
    frame: Hashable = None
    numbers: tuple[int, ...] = ()
    plain: frozenset[int] = frozenset()
    results: frozenset[int] = frozenset()
    pending: frozenset[int] = frozenset()
    filled: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Imprint:
    """What a sheet is like apart from its figures. ``around``: what concerns the whole sheet, such
    as its merged areas; ``rows``: its rows that are not blank, in order; ``texts``: its texts in
    order; ``numbers``: the figures in the cells that ``rows`` name.

    Sheets whose ``around``, ``texts`` and frames of rows are equal differ only in plain numbers: a
    cell with a number in one has another, or is blank, in the other.
    """

    around: Hashable
    rows: tuple[RowImprint, ...]
    texts: tuple[str, ...]
    numbers: Sequence[float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A sheet. ``rows[r][c]`` is the value of a cell, ``rows[0][0]`` that of A1; rows may differ in
    length, and cells beyond the end of a row are blank. ``flags``: the flags of cells by (row,
    column), only of those that need one.

    ``visible``: False for a hidden sheet. ``merges``: the merged areas, where the file format has
    any; ``rows`` also contains the values that lie hidden beneath a merged area. ``loose``: the
    grid was made from the lines of a text; its cells are in reading order, but cells in the same
    column have nothing to do with each other. ``imprint``: what the sheet is like apart from its
    figures, where that is known without looking at its cells.
    """

    name: str
    rows: Sequence[Sequence[Raw]]
    flags: Mapping[tuple[int, int], Flag] = field(default_factory=dict)
    visible: bool = True
    loose: bool = False
    merges: Sequence[Area] = ()
    imprint: Imprint | None = field(default=None, compare=False)

    def raw(self, row: int, col: int) -> Raw:
        """The value of a cell; None for a blank one and for one outside the sheet."""
        rows = self.rows
        if 0 <= row < len(rows):
            cells = rows[row]
            if 0 <= col < len(cells):
                value = cells[col]
                return None if value == "" else value
        return None

    def text(self, row: int, col: int) -> str:
        """The value of a cell as text without surrounding spaces, numbers as people see them; empty
        for a blank cell.
        """
        value = self.raw(row, col)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        return _shown(value).strip()

    def cell(self, row: int, col: int) -> Cell:
        """The content of a cell, with its kind.

        A cell whose formula has no stored result is of the kind BLANK; its flag has ``formula``
        True and ``cached`` False.
        """
        raw, flag = self.raw(row, col), self.flags.get((row, col), PLAIN)
        if flag.error:
            kind = CellKind.ERROR
        elif raw is None or (isinstance(raw, str) and not raw.strip()):
            raw, kind = None, CellKind.BLANK
        elif isinstance(raw, bool):
            kind = CellKind.BOOLEAN
        elif isinstance(raw, (int, float)):
            kind = CellKind.NUMBER
        elif isinstance(raw, str):
            kind = CellKind.TEXT
        else:
            kind = CellKind.DATE
        return Cell(kind=kind, raw=raw, flag=flag)

    def texts(self) -> Iterator[tuple[int, int, str]]:
        """Yield row, column and text of every cell that holds text, the text without surrounding
        spaces.
        """
        for r, row in enumerate(self.rows):
            for c, value in enumerate(row):
                if isinstance(value, str) and value.strip():
                    yield r, c, value.strip()


def _shown(value: Raw) -> str:
    """A value as people see it: a float with as many significant digits as spreadsheet programs
    show, None as an empty text.
    """
    if isinstance(value, float):
        value = float(format(value, f".{DIGITS}g"))
    return "" if value is None else str(value)
