"""A sheet with this year's figures alone, where words of a period tell them from others.

Respondents keep last year's figures beside this year's: 上年数 and 本年数 under each heading or
beside each label, whole blocks headed 2024年 and 2025年, a column of 上年同期 or 累计. Such words
are no labels of the form. What they govern of another period is taken off the sheet before tables
are looked for, so that the search sees this year's figures alone, each in its own cell.
"""

from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice
from typing import Final

from xltools.match.labels import (
    Labels,
    Period,
    PeriodOrYear,
    as_asked,
    is_filler,
    is_other_period,
    is_title,
    key,
    period,
    variants,
    without_period,
)
from xltools.match.lines import COLUMNS, ROWS, Place, View
from xltools.match.runs import is_figure, is_share
from xltools.model.cells import Area, Grid, Raw

HEADS: Final = 8  # rows of headings above or between figures
_LONGEST: Final = 40  # characters of words over figures
_MOST: Final = 300  # cells with such words; a true sheet has some for each row
_TRIES: Final = 4000  # texts of one sheet that are looked at
_FIRST, _LAST, _SPREAD = 1990, 2100, 3  # numbers that may be years, and how many


@dataclass(frozen=True, slots=True)
class PeriodMark:
    """A cell whose words say of which period the figures below or beside it are; ``label``: they
    are a heading of the form as well.
    """

    row: int
    col: int
    text: str
    named: PeriodOrYear
    label: bool = False


@dataclass(frozen=True, slots=True)
class OtherPeriod:
    """Figures that are of another period, and the words that say so."""

    area: Area
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ThisYear:
    """A sheet without the figures of other periods, and what was left out."""

    grid: Grid
    ruled: tuple[OtherPeriod, ...]


def this_year(view: View, labels: Labels, year: int) -> ThisYear | None:
    """A sheet as it is without the figures of other periods than ``year`` (0: not known); None
    where no words rule any out.
    """
    marks = list(islice(_marks(view, labels), _MOST + 1))
    if not 0 < len(marks) <= _MOST:
        return None
    sheet = _YearSheet(view, labels, {(m.row, m.col) for m in marks})
    year = year or _titled(view, marks)
    beside = [m for m in marks if sheet.figures(m.row, m.col + 1)]
    over = [m for m in marks if m not in beside]
    for group in _groups(over, lambda m: m.row):
        sheet.rule_columns(group, _year(group, year))
    for group in _groups(beside, lambda m: m.col):
        sheet.rule_rows(group, _year(group, year))
    return sheet.result(marks)


def _marks(view: View, labels: Labels) -> Iterator[PeriodMark]:
    judged: dict[str, PeriodMark | None] = {}
    for r, row in view.rows.items():
        for c, text in row.items():
            if text not in judged:
                if len(judged) == _TRIES:
                    return
                judged[text] = _mark(text, labels)
            mark = judged[text]
            if mark is not None:
                yield replace(mark, row=r, col=c)
    yield from _bare_years(view, labels)


def _mark(text: str, labels: Labels) -> PeriodMark | None:
    """What words make of a cell, wherever it stands; None where they name no period."""
    named = period(text) if len(text) <= _LONGEST else None
    if named is None or key(text) in labels.printed:
        return None
    label = not is_filler(without_period(text))
    if _labelled(text, named, labels) if label else not _own(text, named, labels):
        return PeriodMark(0, 0, text, named, label=label)
    return None


def _own(text: str, named: PeriodOrYear, labels: Labels) -> bool:
    """Whether words are a label that names this period itself, but for a character."""
    from rapidfuzz.distance import Levenshtein

    near = (k for k in labels.printed if period(k) == named)
    return any(Levenshtein.distance(key(text), k, score_cutoff=1) <= 1 for k in near)


def _labelled(text: str, named: PeriodOrYear, labels: Labels) -> bool:
    """Whether a text is a label with words of a period: 自然人（上年）, 上年制发件数."""
    if named in (Period.RUNNING, Period.CHANGE):
        return False  # what a label with these words counts may be what is asked for
    if any(v in labels.printed and period(v) == named for v in variants(text)):
        return False  # the label's own
    left = without_period(text)
    keys = {key(left), *variants(left), *map(key, as_asked(text))}
    return bool(keys & labels.printed)


def _bare_years(view: View, labels: Labels) -> Iterator[PeriodMark]:
    """Years that stand as numbers: several and nothing but years in a row of headings, or in a
    column beside figures.
    """
    by_row: dict[int, list[Place]] = {}
    by_col: dict[int, list[Place]] = {}
    for r, row in enumerate(view.grid.rows[:ROWS]):
        for c, value in enumerate(row[:COLUMNS]):
            if isinstance(value, (int, float)) and not isinstance(value, bool):
                by_row.setdefault(r, []).append((r, c))
                by_col.setdefault(c, []).append((r, c))
    lines = [
        places
        for r, places in by_row.items()
        if not any(key(text) in labels.stubs for text in view.rows.get(r, {}).values())
    ]
    lines += [
        places for c, places in by_col.items() if all(by_row[r][-1][1] > c for r, _ in places)
    ]
    for places in lines:
        years = [view.grid.raw(r, c) for r, c in places]
        if _are_years(years):
            for (r, c), value in zip(places, years, strict=True):
                if isinstance(value, (int, float)):
                    yield PeriodMark(r, c, str(int(value)), int(value))


def _are_years(line: Sequence[Raw]) -> bool:
    """Whether numbers are years, a few and close together; many are figures of that size."""
    years = {int(v) for v in line if isinstance(v, (int, float)) and v == int(v)}
    near = 1 < len(years) <= _SPREAD and max(years) - min(years) < _SPREAD
    return near and all(v in years for v in line) and _FIRST <= min(years) <= max(years) <= _LAST


def _titled(view: View, marks: Sequence[PeriodMark]) -> int:
    """The one year that longer texts above the first words of a period name; else 0."""
    top, places = min(m.row for m in marks), {(m.row, m.col) for m in marks}
    periods = [
        period(text)
        for r, row in view.rows.items()
        for c, text in row.items()
        if r <= top and (r, c) not in places and is_title(text)
    ]
    years = {y for y in periods if isinstance(y, int)}
    return years.pop() if len(years) == 1 else 0


def _year(group: Iterable[PeriodMark], year: int) -> int:
    """The year that figures side by side are judged by: the return's own, else the latest of
    those that stand over them.
    """
    years = {m.named for m in group if isinstance(m.named, int)}
    return year or (max(years) if len(years) > 1 else 0)


def _groups(
    marks: Iterable[PeriodMark], line: Callable[[PeriodMark], int]
) -> Iterable[list[PeriodMark]]:
    groups: dict[int, list[PeriodMark]] = {}
    for mark in marks:
        groups.setdefault(line(mark), []).append(mark)
    return groups.values()


class _YearSheet:
    """A sheet while the figures of other periods are taken off it."""

    def __init__(self, view: View, labels: Labels, marks: Collection[Place]) -> None:
        self.grid, self.texts, self.labels = view.grid, view.rows, labels
        self.marks = marks
        self.rows: list[list[Raw]] = [list(row) for row in view.grid.rows]
        self.width = min(COLUMNS, max(map(len, self.rows), default=0))
        self.ruled: list[OtherPeriod] = []
        self.gone: set[Place] = set()
        self._figures = cache(self._figures_of)
        self._stubs = cache(self._stubs_below)

    def result(self, marks: Iterable[PeriodMark]) -> ThisYear | None:
        """The sheet as it is now, without the words themselves; None where nothing was taken
        off.
        """
        if not self.gone:
            return None
        for mark in marks:
            if not mark.label or (mark.row, mark.col) in self.gone:
                self.rows[mark.row][mark.col] = ""
        flags = {at: flag for at, flag in self.grid.flags.items() if at not in self.gone}
        grid = replace(self.grid, rows=self.rows, flags=flags)
        return ThisYear(grid=grid, ruled=tuple(self.ruled))

    def figures(self, row: int, first: int, last: int = COLUMNS) -> bool:
        """Whether figures stand in a row between two columns."""
        cols = self._figures(row)
        at = bisect_left(cols, first)
        return at < len(cols) and cols[at] <= last

    def _figures_of(self, row: int) -> list[int]:
        """The columns of a row that hold figures."""
        cells = self.grid.rows[row] if row < len(self.grid.rows) else ()
        return [
            c
            for c, v in enumerate(cells[:COLUMNS])
            if v not in (None, "") and is_figure(v) and (row, c) not in self.marks
        ]

    # Words over columns

    def rule_columns(self, group: Sequence[PeriodMark], year: int) -> None:
        """Take off the columns under marks of one row that are of another period."""
        spans = [(m, m.col, self._reach(m)) for m in group if is_other_period(m.named, year)]
        # Where labels of rows lie beneath, it is the title of a table, not of its columns.
        spans = [s for s in spans if s[1] not in self._stubs(s[0].row)]
        gone = {c for _, first, last in spans for c in range(first, last + 1)}
        self.gone |= {(m.row, m.col) for m, _, _ in spans}
        for mark, first, last in spans:
            end = self._end(mark, first, last, gone)
            self._rule(Area(mark.row + 1, first, end, last), mark.text)
            for r in self._headings(mark.row):
                self._shift_right(r, first, last, gone, above=r <= mark.row)
            for r in range(mark.row + 1, end + 1):
                self._clear(r, first, last)

    def _headings(self, row: int) -> Iterator[int]:
        """The rows of headings around a row of words, down to the first figures."""
        first = row
        while first > max(0, row - HEADS) and not self.figures(first - 1, 0):
            first -= 1
        for r in range(first, min(row + HEADS, len(self.rows))):
            if r > row and self.figures(r, 0):
                return
            yield r

    def _reach(self, mark: PeriodMark) -> int:
        """The last column that words stand over: before the next text beside them, the next label
        above, or labels of rows beneath.
        """
        ends = [c for c in self.texts.get(mark.row, {}) if c > mark.col]
        ends += [c for r, c in self.marks if r == mark.row and c > mark.col]
        ends += [c for c in self._stubs(mark.row) if c > mark.col]
        for r in range(mark.row - 1, max(-1, mark.row - HEADS), -1):
            if self.figures(r, 0):
                break
            ends += [
                c
                for c, text in self.texts.get(r, {}).items()
                if c > mark.col and (key(text) in self.labels.heads or (r, c) in self.marks)
            ]
        return min(ends, default=self.width) - 1

    def _stubs_below(self, row: int) -> set[int]:
        """The columns in which labels of rows stand below a row."""
        return {
            c
            for r in range(row + 1, min(len(self.rows), row + 2 * HEADS))
            for c, text in self.texts.get(r, {}).items()
            if key(text) in self.labels.stubs
        }

    def _end(self, mark: PeriodMark, first: int, last: int, gone: Collection[int]) -> int:
        """The last row that words over columns hold for: before other such words, or headings of
        a block whose columns are not divided in the same way.
        """
        begun = False
        for r in range(mark.row + 1, min(ROWS, len(self.rows))):
            texts = self.texts.get(r, {})
            if self.figures(r, first, last):
                begun = True
            if not begun or self.figures(r, 0):
                continue
            heads = {c for c, text in texts.items() if key(text) in self.labels.heads}
            own_heads = heads - self._stubs(r)
            if any((r, c) in self.marks for c in texts):
                return r - 1
            if any(first <= c <= last for c in own_heads) and own_heads <= set(gone):
                return r - 1
        return min(ROWS, len(self.rows)) - 1

    def _shift_right(
        self, row: int, first: int, last: int, gone: Collection[int], *, above: bool
    ) -> None:
        """Put the headings over columns that go over the next column that they are also for.
        ``above``: other words than labels stay where they are.
        """
        texts = self.texts.get(row, {})
        for c in [c for c in texts if first <= c <= last and (row, c) not in self.marks]:
            end = min((x for x in texts if x > c), default=self.width)
            to = next((x for x in range(c + 1, end) if x not in gone), None)
            if to is None and above and key(texts[c]) not in self.labels.printed:
                continue
            cells = self.rows[row]
            cells[c] = ""
            if to is not None:
                cells.extend([""] * (to + 1 - len(cells)))
                cells[to] = texts[c]

    # Words beside rows

    def rule_rows(self, group: Sequence[PeriodMark], year: int) -> None:
        """Take off the rows beside marks of one column that are of another period."""
        ends = {m: self._last(m) for m in group}
        kept = {m.row for m in group if not is_other_period(m.named, year)}
        for mark in group:
            if not is_other_period(mark.named, year):
                continue
            first, last = mark.row, ends[mark]
            self.gone.add((mark.row, mark.col))
            self._rule(Area(first, mark.col + 1, last, self.width - 1), mark.text)
            for r in range(first, last + 1):
                for c in [c for c in self.texts.get(r, {}) if c < mark.col]:
                    self._shift_down(r, c, last + 1 if last + 1 in kept else None)
                self._clear(r, mark.col + 1, self.width - 1)

    def _last(self, mark: PeriodMark) -> int:
        """The last row that words beside rows hold for."""
        for r in range(mark.row + 1, min(ROWS, len(self.rows))):
            texts = self.texts.get(r, {})
            if any(c <= mark.col for c in texts) or (r, mark.col) in self.marks:
                return r - 1
        last = mark.row
        while self.figures(last + 1, mark.col + 1):
            last += 1
        return last

    def _shift_down(self, row: int, col: int, to: int | None) -> None:
        """Put a label beside rows that go beside the row that is kept of those it is for."""
        text = self.rows[row][col]
        self.rows[row][col] = ""
        if to is None or not isinstance(text, str):
            return
        cells = self.rows[to]
        if col < len(cells) and cells[col] in (None, ""):
            cells[col] = text

    # Both

    def _clear(self, row: int, first: int, last: int) -> None:
        cells = self.rows[row]
        for c in range(first, min(last + 1, len(cells))):
            cells[c] = None if cells[c] is None else ""
            self.gone.add((row, c))

    def _rule(self, area: Area, words: str) -> None:
        """Note an area as ruled out, as far as it has figures."""
        places = [
            (r, c)
            for r in range(area.top, area.bottom + 1)
            for c, v in enumerate(self.grid.rows[r][: area.right + 1])
            if c >= area.left and v not in (None, "") and is_figure(v) and (r, c) not in self.marks
        ]
        if not all(is_share(self.grid, r, c) for r, c in places):
            rows, cols = [r for r, _ in places], [c for _, c in places]
            self.ruled.append(OtherPeriod(Area(min(rows), min(cols), max(rows), max(cols)), words))
