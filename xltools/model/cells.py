"""Sheets as readers give them: grids of cells, whatever the format of the file is."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import Enum
from typing import Final

from xltools.model.numbers import DIGITS

_REFERENCE: Final = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7}):\$?([A-Z]{1,3})\$?([0-9]{1,7})")


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """A cell: the name of its sheet, its row and column counted from 0."""

    sheet: str
    row: int
    col: int

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


def column_name(col: int) -> str:
    """Letters of a column counted from 0: 0 gives ``A``, 26 ``AA``."""
    name, col = "", col + 1
    while col:
        col, rest = divmod(col - 1, 26)
        name = chr(65 + rest) + name
    return name


def column_number(letters: str) -> int:
    """Number of a column from 0 by its capital letters: ``A`` gives 0, ``AA`` 26."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def quoted(sheet: str) -> str:
    """A sheet name as formulas quote it."""
    return "'" + sheet.replace("'", "''") + "'"


class CellKind(Enum):
    """What stands in a cell."""

    BLANK = "blank"
    NUMBER = "number"
    TEXT = "text"
    BOOLEAN = "boolean"
    DATE = "date"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Flag:
    """What a cell has beside its value.

    ``formula``: it holds a formula; ``cached``: with a result; ``error``: the error value it shows
    (``#DIV/0!``), else empty.

    ``mark``: text in the cell that is no part of the value (raised or lowered characters beside
    others, a phonetic guide); ``unseen``: text that was struck out or that nobody sees (hidden, in
    the colour of its ground). The value leaves both out; where nothing else is there, it is None.

    ``format``: the number format, where it may show something else than the value
    (``number_formats.plain`` tells). ``field``: there is a field to type into, and the file has not
    kept what was typed.
    """

    formula: bool = False
    cached: bool = True
    error: str = ""
    mark: str = ""
    unseen: str = ""
    format: str = ""
    field: bool = False


PLAIN = Flag()

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
        """Whether a cell lies in it."""
        return self.top <= row <= self.bottom and self.left <= col <= self.right


def areas(references: Iterable[str]) -> Sequence[Area]:
    """The areas that references such as ``B2:C4`` or ``$B$2:$C$4`` name, corners in any order.

    What is no such reference, and an area of a single cell, is left out.
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
    """A cell: its kind, its value (None when blank) and its flag."""

    kind: CellKind
    raw: Raw
    flag: Flag = PLAIN

    @property
    def shown(self) -> str:
        """The content as text for a message: the error, else the value."""
        return self.flag.error or _shown(self.raw)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A sheet. ``rows[r][c]`` counts from A1; a row ends anywhere, what is missing is blank.
    ``flags``: of the cells that have any.

    ``merges``: merged cells, where the format of the file has such; a value that lies beneath one,
    where nobody sees it, is in ``rows`` all the same. ``loose``: the grid is a text whose rows are
    lines; its cells are in order, but their columns mean nothing.
    """

    name: str
    rows: Sequence[Sequence[Raw]]
    flags: Mapping[tuple[int, int], Flag] = field(default_factory=dict)
    visible: bool = True
    loose: bool = False
    merges: Sequence[Area] = ()

    def raw(self, row: int, col: int) -> Raw:
        """The value at a place; None beyond the edges and for a blank."""
        if 0 <= row < len(self.rows) and 0 <= col < len(self.rows[row]):
            value = self.rows[row][col]
            return None if value == "" else value
        return None

    def text(self, row: int, col: int) -> str:
        """The text at a place without spaces around it, numbers as people see them; empty for a
        blank.
        """
        value = self.raw(row, col)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        return _shown(value).strip()

    def cell(self, row: int, col: int) -> Cell:
        """The cell at a place, with its kind.

        A cell with a formula that has no result has the kind BLANK; its flag then has ``formula``,
        and not ``cached``.
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
        """Every cell with text: row, column, and the text without spaces around it."""
        for r, row in enumerate(self.rows):
            for c, value in enumerate(row):
                if isinstance(value, str) and value.strip():
                    yield r, c, value.strip()


def _shown(value: Raw) -> str:
    """A value as people see it: a float with as many digits as spreadsheet programs show, None as
    empty.
    """
    if isinstance(value, float):
        value = float(format(value, f".{DIGITS}g"))
    return "" if value is None else str(value)
