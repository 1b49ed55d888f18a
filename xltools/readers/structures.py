"""What lies between the values of a worksheet part: its structure, as most returns share it.

A part is cut at its values (``<v>…</v>`` and the texts of inline strings). Equal structures give
equal grids but for the values, so a structure that has been understood once need not be parsed
again: a plan says which value goes into which cell. Structures are compared as bytes.
"""

import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import Enum
from functools import cached_property
from operator import itemgetter
from typing import Any, Final, Self, TypeAlias, cast

from xltools.model.cells import (
    PLAIN,
    UNCACHED,
    Flag,
    Grid,
    Imprint,
    Raw,
    RowImprint,
    column_number,
)
from xltools.readers.cutting import EMPTY, Around
from xltools.readers.looks import format_of
from xltools.readers.texts import SharedTexts
from xltools.readers.xlsx_styles import XlsxStyles

_CELL_KEY: Final = re.compile(
    rb'r="([A-Z]{1,2})([1-9][0-9]{0,2})"(?: s="(0|[1-9][0-9]*)")?'
    rb'(?: t="(n|s|str|inlineStr)")?'
    rb"(?:/>|>(<f(?: [^<>]*)?>(?:[^<]*</f>)?)?"
    rb"(?:(<v(?: xml:space=\"preserve\")?>|<is><t(?: xml:space=\"preserve\")?>)([\0\1])"
    rb"|(<v ?/>)?</c>))"
)
_INDICES: Final = re.compile(rb"(?:[0-9]{1,14}\n)*")
_INTEGERS: Final = re.compile(rb"(?:-?[0-9]{1,15}\n)*")
_DECIMALS: Final = re.compile(rb"(?:-?[0-9]{1,15}(?:\.[0-9]{1,20})?\n)*")
_DIGITS: Final = 15
_EPOCH: Final = date(1899, 12, 30)
_FIRST_DAY, _LAST_DAY = 61, 2_958_465  # March 1900, after the day that Excel invents; end of 9999


Pick: TypeAlias = Callable[[Sequence[bytes]], Sequence[bytes]]


class ValueKind(Enum):
    """What the value of a cell is in the XML, and what it becomes."""

    NUMBER = "number"
    DATE = "a number in a cell that displays dates"
    SHARED = "the number of a shared text"
    TEXT = "the text itself"


@dataclass(frozen=True, slots=True, kw_only=True)
class CellPlan:
    """A cell as its structure has it. ``row`` and ``col`` count from 0. ``kind``: what its value
    is; None for a cell without one. ``flag``: the flag of the cell with this value. ``filled``: the
    cell has a value or a formula; ``empty``: its value is written, but empty.
    """

    row: int
    col: int
    kind: ValueKind | None
    flag: Flag = PLAIN
    filled: bool = False
    empty: bool = False


Spot: TypeAlias = tuple[int, int, int]
"""Of a value: its number, and the row and column of its cell."""


@dataclass(frozen=True, slots=True)
class Spots:
    """Where values are, by what they are; empty ones are left out."""

    numbers: list[Spot] = field(default_factory=list)
    shared: list[Spot] = field(default_factory=list)
    texts: list[Spot] = field(default_factory=list)
    days: list[Spot] = field(default_factory=list)

    def add(self, other: "Spots", base: int) -> None:
        """Add the spots of values that come behind ``base`` others."""
        for spots, added in (
            (self.numbers, other.numbers),
            (self.shared, other.shared),
            (self.texts, other.texts),
            (self.days, other.days),
        ):
            if added:
                spots += [(base + number, row, col) for number, row, col in added]

    @classmethod
    def of(cls, valued: Sequence[CellPlan]) -> "Spots":
        """The spots of cells with a value."""
        spots = cls()
        by_kind = {
            ValueKind.NUMBER: spots.numbers,
            ValueKind.SHARED: spots.shared,
            ValueKind.TEXT: spots.texts,
            ValueKind.DATE: spots.days,
        }
        for number, cell in enumerate(valued):
            if cell.kind is not None and not cell.empty:
                by_kind[cell.kind].append((number, cell.row, cell.col))
        return spots


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RowPlan:
    """A row as its structure has it. ``valued``: its cells with a value, in order; ``cells``: those
    with a value, a formula or a flag; ``imprint``: see `RowImprint`.

    Worked out from these: ``spots``, where its values are; ``flags`` by row and column; ``empty``,
    the numbers of the values that are empty; ``width``, the columns up to the last value.
    """

    row: int
    cells: tuple[CellPlan, ...]
    valued: tuple[CellPlan, ...]
    imprint: RowImprint
    spots: Spots
    flags: Mapping[tuple[int, int], Flag]
    empty: tuple[int, ...]
    width: int

    @classmethod
    def of(
        cls, row: int, cells: Iterable[CellPlan], frames: dict[Hashable, int]
    ) -> "RowPlan | None":
        """The plan of a row with these cells; None where one is in another row, or not to the right
        of the cell before it. ``frames``: the numbers of the frames that there are, added to.
        """
        kept, last = [], -1
        for cell in cells:
            if cell.row != row or cell.col <= last:
                return None
            last = cell.col
            if cell.kind is not None or cell.filled:
                kept.append(cell)
        valued = tuple(c for c in kept if c.kind is not None)
        seen = [c.col for c in valued if not c.empty or c.kind is ValueKind.TEXT]
        return cls(
            row=row,
            cells=tuple(kept),
            valued=valued,
            imprint=_imprint(row, kept, frames),
            spots=Spots.of(valued),
            flags={(c.row, c.col): c.flag for c in kept if c.flag != PLAIN},
            empty=tuple(number for number, c in enumerate(valued) if c.empty),
            width=max(seen, default=-1) + 1,
        )


def _imprint(row: int, cells: Sequence[CellPlan], frames: dict[Hashable, int]) -> RowImprint:
    """The imprint of a row with these cells. ``frames``: as for `RowPlan.of`."""
    numbers = [c for c in cells if c.kind is ValueKind.NUMBER and not c.empty]
    plain = [c for c in numbers if c.flag == PLAIN]
    others = (
        (c.col, c.kind, c.flag, c.empty)
        for c in cells
        if c.kind is not ValueKind.NUMBER or c.flag != PLAIN
    )
    return RowImprint(
        row=row,
        frame=frames.setdefault((row, bool(plain), *others), len(frames)),
        numbers=tuple(c.col for c in numbers),
        plain=frozenset(c.col for c in plain),
        results=frozenset(c.col for c in numbers if c.flag.formula),
        pending=frozenset(c.col for c in cells if c.flag == UNCACHED),
        filled=frozenset(c.col for c in cells if c.flag != PLAIN or not c.empty),
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class SheetPlan:
    """A sheet as its structure has it. ``rows``: those that are not blank; ``around``: what the XML
    before and behind its rows says, the merged areas.
    """

    rows: tuple[RowPlan, ...]
    around: Around

    @classmethod
    def of(cls, rows: Iterable[RowPlan], around: Around) -> Self:
        """The plan of a sheet with these rows."""
        return cls(rows=tuple([row for row in rows if row.cells]), around=around)

    @cached_property
    def valued(self) -> tuple[CellPlan, ...]:
        """The cells with a value, in the order of their values."""
        return tuple(cell for row in self.rows for cell in row.valued)

    @cached_property
    def spots(self) -> Spots:
        """Where its values are."""
        spots, base = Spots(), 0
        for row in self.rows:
            if row.valued:
                spots.add(row.spots, base)
                base += len(row.valued)
        return spots

    @cached_property
    def count(self) -> int:
        """How many values it has."""
        return sum([len(row.valued) for row in self.rows])

    @cached_property
    def _picks(self) -> tuple[Pick, Pick, Pick, Pick]:
        """What takes the numbers, the shared texts, other texts and days from the values."""
        # Most sheets are read only once, and need no spots.
        numbers: list[int] = []
        shared: list[int] = []
        texts: list[int] = []
        days: list[int] = []
        base = 0
        for row in self.rows:
            spots = row.spots
            if spots.numbers:
                numbers += [base + number for number, _, _ in spots.numbers]
            if spots.shared:
                shared += [base + number for number, _, _ in spots.shared]
            if spots.texts:
                texts += [base + number for number, _, _ in spots.texts]
            if spots.days:
                days += [base + number for number, _, _ in spots.days]
            base += len(row.valued)
        return _picking(numbers), _picking(shared), _picking(texts), _picking(days)

    @cached_property
    def _last(self) -> list[int]:
        """Which of the shared texts are in the last row or column."""
        height, width = self._size
        last: list[int] = []
        base = 0
        for row in self.rows:
            shared = row.spots.shared
            if row.row + 1 == height:
                last += range(base, base + len(shared))
            elif row.width == width:
                last += [base + n for n, (_, _, col) in enumerate(shared) if col + 1 == width]
            base += len(shared)
        return last

    @cached_property
    def flags(self) -> Mapping[tuple[int, int], Flag]:
        """The flags of the cells."""
        flags: dict[tuple[int, int], Flag] = {}
        for row in self.rows:
            if row.flags:
                flags.update(row.flags)
        return flags

    @cached_property
    def _size(self) -> tuple[int, int]:
        """The rows and columns up to the last cell with a value."""
        last = next((row for row in reversed(self.rows) if row.width), None)
        return (last.row + 1, max(row.width for row in self.rows)) if last is not None else (0, 0)

    @cached_property
    def _empty(self) -> tuple[int, Pick]:
        """How many values are empty, and what takes them from all."""
        empty: list[int] = []
        base = 0
        for row in self.rows:
            if row.empty:
                empty += [base + number for number in row.empty]
            base += len(row.valued)
        return len(empty), _picking(empty)

    def fits(self, values: Sequence[bytes]) -> bool:
        """Whether those of these values are empty that are empty in this structure."""
        count, pick = self._empty
        return values.count(b"") == count and not any(pick(values))

    @cached_property
    def _imprints(self) -> tuple[RowImprint, ...]:
        """The imprints of its rows that are not blank."""
        return tuple([row.imprint for row in self.rows])

    @property
    def height(self) -> int:
        """The number of rows up to the last one with a value."""
        return self._size[0]

    @cached_property
    def _held(self) -> dict[int, int]:
        """By column, how many cells have a value or a formula."""
        held: dict[int, int] = {}
        for row in self.rows:
            for cell in row.cells:
                held[cell.col] = held.get(cell.col, 0) + 1
        return held

    def held(self, col: int) -> int:
        """How many cells of a column, counted from 0, are not blank."""
        return self._held.get(col, 0)

    def content(
        self,
        values: Sequence[bytes],
        texts: Sequence[str | None],
        reader: SharedTexts,
        *,
        lasting: bool = False,
    ) -> "SheetContent | None":
        """What is in the cells of the sheet with these values. ``texts``: the shared texts, None
        for one that does not simply count as it is; ``reader`` reads other texts; ``lasting``: as
        in the content. Returns None where a value is not written in the plain way.
        """
        pick_numbers, pick_shared, pick_texts, pick_days = self._picks
        numbers = plain_numbers(pick_numbers(values))
        indices = _whole(pick_shared(values))
        if numbers is None or indices is None or max(indices, default=-1) >= len(texts):
            return None
        shared = [texts[index] for index in indices]
        # An empty text in the last row or column may make the sheet smaller.
        if None in shared or not all(shared[position] for position in self._last):
            return None
        written = [reader.text(value) for value in pick_texts(values)]
        if not all(written):
            return None
        days: list[date] = []
        for value in pick_days(values):
            day = plain_day(value)
            if day is None:
                return None
            days.append(day)
        held = cast("list[str]", shared + written)
        return SheetContent(plan=self, numbers=numbers, texts=held, days=days, lasting=lasting)

    def grid(self, name: str, content: "SheetContent", *, visible: bool) -> Grid:
        """The sheet with this content."""
        numbers, texts = content.numbers, content.texts
        return Grid(
            name=name,
            rows=PlannedRows(self, numbers, texts, content.days),
            flags=self.flags,
            visible=visible,
            merges=self.around.merges,
            imprint=Imprint((self.around, visible), self._imprints, tuple(texts), numbers),
        )

    def table(
        self, numbers: Sequence[float], texts: Sequence[str], days: Sequence[date]
    ) -> list[list[Raw]]:
        """The values of the sheet by row and column. ``numbers``, ``texts`` and ``days``: the
        values of its cells with numbers, with shared texts followed by other texts, and with dates.
        """
        height, width = self._size
        rows: list[list[Raw]] = [[""] * width for _ in range(height)]
        spots = self.spots
        for (_, row, col), number in zip(spots.numbers, numbers, strict=True):
            rows[row][col] = number
        for (_, row, col), text in zip(spots.shared + spots.texts, texts, strict=True):
            rows[row][col] = text
        for (_, row, col), day in zip(spots.days, days, strict=True):
            rows[row][col] = day
        return rows


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SheetContent:
    """What is in the cells of a sheet with a known structure: ``numbers``, ``texts`` (the shared
    ones followed by others) and ``days``, each in the order of the plan's ``spots``.

    ``lasting``: the plan is kept, and other sheets of the same structure have the same one.
    """

    plan: SheetPlan
    numbers: Sequence[float]
    texts: Sequence[str]
    days: Sequence[date]
    lasting: bool = False


class PlannedRows(Sequence[Sequence[Raw]]):
    """The rows of a sheet with a known structure, made when they are first read."""

    __slots__ = ("_made", "_plan")

    def __init__(
        self,
        plan: SheetPlan,
        numbers: Sequence[float],
        texts: Sequence[str],
        days: Sequence[date],
    ) -> None:
        """``numbers``, ``texts``, ``days``: as for `SheetPlan.table`."""
        self._plan = (plan, numbers, texts, days)
        self._made: list[list[Raw]] | None = None

    def _rows(self) -> list[list[Raw]]:
        """The rows; they are made by the first call."""
        if self._made is None:
            plan, numbers, texts, days = self._plan
            self._made = plan.table(numbers, texts, days)
        return self._made

    def __len__(self) -> int:
        return self._plan[0].height if self._made is None else len(self._made)

    def __getitem__(self, index: Any) -> Any:
        return self._rows()[index]

    def __iter__(self) -> Iterator[Sequence[Raw]]:
        return iter(self._rows())

    def __eq__(self, other: object) -> bool:
        return self._rows() == (other._rows() if isinstance(other, PlannedRows) else other)

    __hash__ = None  # type: ignore[assignment]  # because it may equal a list, which has none


def _picking(numbers: Sequence[int]) -> Pick:
    """What takes the values with these numbers from all."""
    if len(numbers) > 1:
        return itemgetter(*numbers)
    return lambda values: [values[number] for number in numbers]


def _whole(values: Sequence[bytes]) -> list[int] | None:
    """The numbers of shared texts that values are; None where one is not written in digits."""
    written = b"\n".join(values) + b"\n" if values else b""
    if written.count(b"\n") != len(values) or not _INDICES.fullmatch(written):
        return None
    return list(map(int, values))


def plain_day(value: bytes) -> date | None:
    """The day that a number is in a cell that displays dates; None for what is no whole day, or one
    on which programs disagree.
    """
    count = int(value) if value.isdigit() and len(value) < _DIGITS else 0
    return _EPOCH + timedelta(count) if _FIRST_DAY <= count <= _LAST_DAY else None


def plain_numbers(values: Sequence[bytes]) -> list[float] | None:
    """The numbers that values are; None where one is not a plain decimal of at most 15 significant
    digits.
    """
    written = b"\n".join(values) + b"\n" if values else b""
    if written.count(b"\n") != len(values):
        return None
    if not _INTEGERS.fullmatch(written):
        if not _DECIMALS.fullmatch(written):
            return None
        for value in values:
            if b"." in value and len(value.lstrip(b"-0.").replace(b".", b"")) > _DIGITS:
                return None
    return list(map(float, values))


_KINDS: Final = {
    b"n": ValueKind.NUMBER,
    b"": ValueKind.NUMBER,
    b"s": ValueKind.SHARED,
    b"str": ValueKind.TEXT,
    b"inlineStr": ValueKind.TEXT,
}


def cell_plan(key: bytes, styles: XlsxStyles, dates: frozenset[tuple[int, int]]) -> CellPlan | None:
    """The plan of a cell; None for one that only the full path understands. ``key``: its XML with
    the value taken out; ``dates``: the cells that the full path reads as dates.
    """
    match = _CELL_KEY.fullmatch(key)
    if match is None:
        return None
    letters, number, style, kind, formula, opening, value, _ = match.groups(b"")
    row, col = int(number) - 1, column_number(letters.decode())
    if not value:
        flag = UNCACHED if formula else PLAIN
        child = not key.endswith((b"/>", b"></c>")) or bool(formula)
        return CellPlan(row=row, col=col, kind=None, flag=flag, filled=child)
    empty = value == EMPTY
    inline = opening.startswith(b"<is>")
    if inline != (kind == b"inlineStr") or (inline and formula) or (kind == b"s" and empty):
        return None
    value_kind = _KINDS[kind]
    if value_kind is ValueKind.NUMBER and (row, col) in dates:
        value_kind = ValueKind.DATE
    flag = Flag(formula=True, cached=not empty) if formula else PLAIN
    cell_style = styles.style(int(style or b"0"))
    if cell_style.look.odd:
        return None
    if cell_style.format and not empty:
        sample: Raw = 1.0 if value_kind is ValueKind.NUMBER else "x"
        if value_kind is ValueKind.DATE:
            sample = _EPOCH
        flag = format_of(cell_style.format, sample, flag) or flag
    return CellPlan(row=row, col=col, kind=value_kind, flag=flag, filled=True, empty=empty)
