"""Remove the figures of other periods from a sheet, where words above or beside figures name the
period.

Units keep last year's figures beside this year's: 上年数 and 本年数 under each heading or beside
each label, whole blocks headed 2024年 and 2025年, a column 上年同期 or 累计. Such words are not
labels of the form. The figures of another period are removed before tables are looked for, so that
the search sees only this year's figures, each in its own cell.
"""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Sequence
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
_LONGEST: Final = 40  # characters of a text that names the period of figures
_MOST: Final = 300  # cells with such texts; a real sheet has only a few in each row
_TRIES: Final = 4000  # texts of one sheet that are looked at
_FIRST, _LAST = 1990, 2100  # numbers that may be years
_NUMBERS: Final = frozenset((int, float))
_SPREAD: Final = 3  # at most so many years are side by side


@dataclass(frozen=True, slots=True)
class PeriodMark:
    """A cell whose text names the period of the figures below or beside it.

    ``named``: that period; ``label``: whether the text is also a label of the form
    (自然人（上年）).
    """

    row: int
    col: int
    text: str
    named: PeriodOrYear
    label: bool = False


@dataclass(frozen=True, slots=True)
class OtherPeriod:
    """An area of figures of another period, and the text that says so."""

    area: Area
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ThisYear:
    """A sheet without the figures of other periods, and the areas that were removed."""

    grid: Grid
    ruled: tuple[OtherPeriod, ...]


def this_year(view: View, labels: Labels, year: int) -> ThisYear | None:
    """The sheet without the figures that are certainly not of ``year``; None where nothing is
    removed. ``labels``: of the form.

    ``year``: 0 where it is not known. Then titles on the sheet may name it, or the latest of
    several years side by side counts as this year.
    """
    marks = list(islice(_marks(view, labels), _MOST + 1))
    if not 0 < len(marks) <= _MOST:
        return None
    sheet = _YearSheet(view, labels, {(m.row, m.col) for m in marks})
    year = year or _titled(view, marks)
    beside = [m for m in marks if sheet.figures(m.row, m.col + 1)]
    over = [m for m in marks if m not in beside]
    for row in dict.fromkeys(m.row for m in over):
        group = [m for m in over if m.row == row]
        sheet.rule_columns(group, _year(group, year))
    for col in dict.fromkeys(m.col for m in beside):
        group = [m for m in beside if m.col == col]
        sheet.rule_rows(group, _year(group, year))
    return sheet.result(marks)


def _marks(view: View, labels: Labels) -> Iterator[PeriodMark]:
    """The cells of a sheet that name the period of figures, in words or as the number of a year."""
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
    """The mark for a text that names a period, with row and column 0; None for a text that names
    none, or is itself a label of the form.
    """
    named = period(text) if len(text) <= _LONGEST else None
    if named is None or key(text) in labels.printed:
        return None
    label = not is_filler(without_period(text))
    if _is_dated_label(text, named, labels) if label else not _is_label(text, named, labels):
        return PeriodMark(0, 0, text, named, label=label)
    return None


def _is_label(text: str, named: PeriodOrYear, labels: Labels) -> bool:
    """Whether a text is a label of the form that names this period; one character may differ."""
    from rapidfuzz.distance import Levenshtein

    near = (k for k in labels.printed if period(k) == named)
    return any(Levenshtein.distance(key(text), k, score_cutoff=1) <= 1 for k in near)


def _is_dated_label(text: str, named: PeriodOrYear, labels: Labels) -> bool:
    """Whether a text is a label of the form with a period added, such as 上年制发件数."""
    if named in (Period.RUNNING, Period.CHANGE):
        return False  # the form may ask for just that
    if any(v in labels.printed and period(v) == named for v in variants(text)):
        return False  # the label itself names the period
    left = without_period(text)
    keys = {key(left), *variants(left), *map(key, as_asked(text))}
    return bool(keys & labels.printed)


def _bare_years(view: View, labels: Labels) -> Iterator[PeriodMark]:
    """The cells with years as numbers: in a row of headings, or in a column to the left of figures,
    which has several years and no other number.
    """
    by_row: dict[int, list[Place]] = {}
    by_col: dict[int, list[Place]] = {}
    for r, row in enumerate(view.grid.rows[:ROWS]):
        places = [(r, c) for c, value in enumerate(row[:COLUMNS]) if type(value) in _NUMBERS]
        if places:
            by_row[r] = places
        for place in places:
            by_col.setdefault(place[1], []).append(place)
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
    """Whether all numbers are years: two or three different ones, close together."""
    years = {int(v) for v in line if isinstance(v, (int, float)) and v == int(v)}
    near = 1 < len(years) <= _SPREAD and max(years) - min(years) < _SPREAD
    return near and all(v in years for v in line) and _FIRST <= min(years) <= max(years) <= _LAST


def _titled(view: View, marks: Sequence[PeriodMark]) -> int:
    """The year in the titles above the first mark; 0 where they name none, or several."""
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
    """The year that counts as this year for the marks in one row or column: ``year`` or, if that is
    0, the latest of several years that the marks name; 0 where there is none.
    """
    years = {m.named for m in group if isinstance(m.named, int)}
    return year or (max(years) if len(years) > 1 else 0)


class _YearSheet:
    """A sheet from which the figures of other periods are being removed.

    ``marks``: the cells that name periods; ``rows``: its cells as they are now; ``gone``: the cells
    that were removed; ``ruled``: the areas of figures among these.
    """

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
        """The sheet without texts that only name a period; None where nothing was removed."""
        if not self.gone:
            return None
        for mark in marks:
            if not mark.label or (mark.row, mark.col) in self.gone:
                self.rows[mark.row][mark.col] = ""
        flags = {at: flag for at, flag in self.grid.flags.items() if at not in self.gone}
        grid = replace(self.grid, rows=self.rows, flags=flags)
        return ThisYear(grid=grid, ruled=tuple(self.ruled))

    def figures(self, row: int, first: int, last: int = COLUMNS) -> bool:
        """Whether a row has figures from column ``first`` to ``last``."""
        cols = self._figures(row)
        at = bisect_left(cols, first)
        return at < len(cols) and cols[at] <= last

    def _figures_of(self, row: int) -> list[int]:
        """The columns of a row that have figures, in ascending order."""
        cells = self.grid.rows[row] if row < len(self.grid.rows) else ()
        return [
            c
            for c, v in enumerate(cells[:COLUMNS])
            if v not in (None, "") and is_figure(v) and (row, c) not in self.marks
        ]

    # Marks over columns

    def rule_columns(self, group: Sequence[PeriodMark], year: int) -> None:
        """Remove the columns under those marks of one row that name another period. ``year``: the
        one that counts as this year, 0 where it is not known.
        """
        # A mark above labels of rows heads a whole table, not its columns.
        spans = [
            (mark, mark.col, self._reach(mark))
            for mark in group
            if is_other_period(mark.named, year) and mark.col not in self._stubs(mark.row)
        ]
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
        """The rows of headings around a row of marks, between the figures above and below it."""
        first = row
        while first > max(0, row - HEADS) and not self.figures(first - 1, 0):
            first -= 1
        for r in range(first, min(row + HEADS, len(self.rows))):
            if r > row and self.figures(r, 0):
                return
            yield r

    def _reach(self, mark: PeriodMark) -> int:
        """The last column that a mark applies to: up to the next text in its row, the next heading
        in a row above, or labels of rows below.
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
        """The columns that have labels of rows in the next ``2 * HEADS`` rows below a row."""
        return {
            c
            for r in range(row + 1, min(len(self.rows), row + 2 * HEADS))
            for c, text in self.texts.get(r, {}).items()
            if key(text) in self.labels.stubs
        }

    def _end(self, mark: PeriodMark, first: int, last: int, gone: Collection[int]) -> int:
        """The last row that a mark over columns applies to: up to the next row of marks, or of
        headings that these columns have for themselves. ``first``, ``last``: its columns; ``gone``:
        all columns that are removed under marks of its row.
        """
        begun = False
        for r in range(mark.row + 1, min(ROWS, len(self.rows))):
            texts = self.texts.get(r, {})
            if self.figures(r, first, last):
                begun = True
            if not begun or self.figures(r, 0):
                continue
            heads = {c for c, text in texts.items() if key(text) in self.labels.heads}
            spanners = heads - self._stubs(r)
            if any((r, c) in self.marks for c in texts):
                return r - 1
            if any(first <= c <= last for c in spanners) and spanners <= set(gone):
                return r - 1
        return min(ROWS, len(self.rows)) - 1

    def _shift_right(
        self, row: int, first: int, last: int, gone: Collection[int], *, above: bool
    ) -> None:
        """Move the headings over columns that are being removed to the next column that they also
        cover. Where there is none they are removed too; but in a row ``above`` the marks, only
        those that are labels of the form.
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

    # Marks beside rows

    def rule_rows(self, group: Sequence[PeriodMark], year: int) -> None:
        """Remove the rows beside those marks of one column that name another period. ``year``: the
        one that counts as this year, 0 where it is not known.
        """
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
        """The last row that a mark beside rows applies to: up to the next text in its column or to
        its left; for the last mark, as far down as there are figures beside it.
        """
        for r in range(mark.row + 1, min(ROWS, len(self.rows))):
            if (r, mark.col) in self.marks or any(c <= mark.col for c in self.texts.get(r, {})):
                return r - 1
        last = mark.row
        while self.figures(last + 1, mark.col + 1):
            last += 1
        return last

    def _shift_down(self, row: int, col: int, to: int | None) -> None:
        """Move a label left of a removed row to the blank cell in row ``to``; None to drop it."""
        text = self.rows[row][col]
        self.rows[row][col] = ""
        if to is None or not isinstance(text, str):
            return
        cells = self.rows[to]
        if col < len(cells) and cells[col] in (None, ""):
            cells[col] = text

    # Both

    def _clear(self, row: int, first: int, last: int) -> None:
        """Remove the content of some columns of a row."""
        cells = self.rows[row]
        for c in range(first, min(last + 1, len(cells))):
            cells[c] = None if cells[c] is None else ""
            self.gone.add((row, c))

    def _rule(self, area: Area, words: str) -> None:
        """Record the figures of an area as another period's, unless all of them are shares."""
        places = [
            (r, c)
            for r in range(area.top, area.bottom + 1)
            for c, v in enumerate(self.grid.rows[r][: area.right + 1])
            if c >= area.left and v not in (None, "") and is_figure(v) and (r, c) not in self.marks
        ]
        if not all(is_share(self.grid, r, c) for r, c in places):
            rows, cols = [r for r, _ in places], [c for _, c in places]
            self.ruled.append(OtherPeriod(Area(min(rows), min(cols), max(rows), max(cols)), words))
