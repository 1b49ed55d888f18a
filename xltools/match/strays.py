"""Find figures among those of a table or beside it that belong to no item (strays), and make the
findings about these and about figures that were left out because they are of another period.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Final

from xltools.match.copies import Copy, Stray
from xltools.match.labels import Labels, is_filler, is_other_period, key, period, without_period
from xltools.match.lines import COLUMNS, Place
from xltools.match.locate import Expected
from xltools.match.runs import counting, figure, is_share
from xltools.match.search import Search
from xltools.match.this_year import HEADS
from xltools.model.cells import Address, Area, Grid
from xltools.model.findings import Finding, finding
from xltools.model.identity import TO_COVER
from xltools.model.numbers import Number
from xltools.model.wording import Phrase, Value, several

_BELOW: Final = 40  # rows below a table that are looked at
_NUMBERED: Final = re.compile(r"序号|编号|行次|栏次|行号|代码|编码|电话|邮编|日期|页码")
_SHARE: Final = re.compile(r"[%％‰]|占比|比例|比重|百分|[增比]率")


class _StraySearch:
    """The search for strays within a copy of a table and beside it.

    ``grid``: the copy's sheet; ``passed``: cells that are not strays: those of all copies and those
    of our own layout; ``labels``: of the form; ``figures``: what was read for each item.
    """

    def __init__(
        self,
        grid: Grid,
        copy: Copy,
        passed: Collection[Place],
        labels: Labels,
        figures: Sequence[Number | None],
    ) -> None:
        """Start the search; the copy must have at least one cell."""
        self.grid, self.copy, self.passed = grid, copy, passed
        self.labels, self.figures = labels, figures
        self.items: dict[int, dict[int, int]] = {}  # row -> column -> item, all in order
        for item, (r, c) in sorted(copy.cells.items(), key=itemgetter(1)):
            self.items.setdefault(r, {})[c] = item

    def number(self, row: int, col: int) -> Number | None:
        """The figure in a cell that may be a stray; None where there is no figure, and for a cell
        that is in ``passed``, has a share, or is covered by a merged cell.
        """
        if (row, col) in self.passed or is_share(self.grid, row, col):
            return None
        number = figure(self.grid.raw(row, col))
        if number is not None and any(
            m.holds(row, col) and (row, col) != (m.top, m.left) for m in self.grid.merges
        ):
            return None  # nobody sees what lies beneath a merged cell; another finding names it
        return number

    def value(self, row: int, col: int) -> Number:
        """The figure that was read for the item in a cell; 0 where there is none."""
        return self.figures[self.items[row][col]] or 0

    # Columns

    def columns(self) -> Iterator[Stray]:
        """The strays in the rows of the table, in columns that have no items there, block by block.
        Successive rows with items in the same columns count as one block.
        """
        by_column: dict[int, dict[int, Number]] = {}
        for r in self.items:
            cells = self.grid.rows[r][:COLUMNS] if r < len(self.grid.rows) else ()
            for c in range(len(cells)):
                if c not in self.items[r] and (n := self.number(r, c)) is not None:
                    by_column.setdefault(c, {})[r] = n
        passed = [c for c, figures in by_column.items() if self._is_explained(c, figures)]
        for _, group in groupby(self.items, key=lambda r: tuple(self.items[r])):
            rows = list(group)
            beside = {
                c: {r: n for r, n in column.items() if r in rows}
                for c, column in sorted(by_column.items())
                if c not in passed
            }
            yield from self._block(rows, {c: column for c, column in beside.items() if column})

    def _is_explained(self, col: int, figures: Mapping[int, Number]) -> bool:
        """Whether a column of figures (by row) certainly does not belong to the table: it numbers
        the rows, has shares, or has labels of its own.
        """
        heads = [text for r in figures for text in self._above(r, col)]
        if any(_NUMBERED.search(t) or _SHARE.search(t) for t in heads):
            return True
        if not any(period(t) and is_filler(without_period(t)) for t in heads) and counting(
            list(figures.values())
        ):
            return True
        return self._has_own_labels(col, list(figures))

    def _has_own_labels(self, col: int, rows: Sequence[int]) -> bool:
        """Whether a column of words that are not labels of the form is between the table and a
        column ``col``, so that the figures there belong to these words. ``rows``: the rows with
        figures.
        """
        right = max(max(columns) for columns in self.items.values())
        left = self.copy.corner[1]
        between = range(right + 1, col) if col > right else range(col) if col < left else ()
        for c in between:
            texts = [self.grid.raw(r, c) for r in rows]
            words = [t for t in texts if isinstance(t, str) and figure(t) is None]
            labels = {key(t) for t in words} & self.labels.stubs
            if 2 * len(words) > len(rows) and not labels:
                return True
        return False

    def _above(self, row: int, col: int) -> list[str]:
        """The words in a column above a cell, the nearest first, as far up as its headings go."""
        texts = []
        for r in range(row - 1, max(-1, row - 3 * HEADS), -1):
            value = self.grid.raw(r, col)
            if isinstance(value, str) and figure(value) is None:
                texts.append(value)
            elif texts and (value is not None or r in self.items):
                break
        return texts

    def _heading(self, first: int, col: int) -> str:
        """The heading of a column in a block whose first row is ``first``; "" where there is
        none.
        """
        for r in range(first - 1, max(-1, first - HEADS), -1):
            if r in self.items:
                break
            value = self.grid.raw(r, col)
            if isinstance(value, str) and figure(value) is None:
                return value
        return ""

    def _block(
        self, rows: Sequence[int], columns: Mapping[int, Mapping[int, Number]]
    ) -> list[Stray]:
        """The strays of one block, joined to areas where they are side by side. ``columns``: the
        figures in its rows that are not items, by column and row.

        A column that repeats figures of the table, or sums of them, is not a stray. It is an equal
        stray if its heading is a label of the form, or if it shares the heading of an item's column
        to its left, so that either may be the item's.
        """
        cols = list(self.items[rows[0]])
        right = max(max(line) for line in self.items.values())
        owners: dict[int, int | None] = {}
        twins: set[int] = set()  # columns that may as well be the item's
        for c in columns:
            heading = self._heading(rows[0], c)
            named = key(heading) in self.labels.printed
            left = max((x for x in cols if x < c), default=None)
            shared = left is not None and not any(
                self._heading(rows[0], x) for x in range(left + 1, c + 1)
            )
            owners[c] = left if shared else None
            if named or (shared and c < right):
                twins.add(c)
        if twins:
            twins |= {c for c in columns if owners[c] is not None}
        kept = [
            c
            for c in columns
            if not self._repeats(columns[c], cols, owners[c] if c in twins else None)
            or is_other_period(period(self._heading(rows[0], c)), 0)
        ]
        areas = []
        for _, run in groupby(
            enumerate(kept), key=lambda pair: (pair[1] - pair[0], pair[1] in twins)
        ):
            near = [c for _, c in run]
            lines = [r for c in near for r in columns[c]]
            area = Area(min(lines), near[0], max(lines), near[-1])
            areas.append(Stray(area, equal=near[0] in twins))
        return areas

    def _repeats(
        self, column: Mapping[int, Number], cols: Sequence[int], owner: int | None
    ) -> bool:
        """Whether the figures of a column (by row) repeat those of ``owner``, the column of the
        items that they may belong to. Where that is None, whether they repeat or add up any columns
        of the block (``cols``).
        """
        table = [[self.value(r, c) for c in cols] for r in column]
        if owner is not None:
            at = cols.index(owner)
            return all(line[at] == n for line, n in zip(table, column.values(), strict=True))
        return _adds_up(list(column.values()), table)

    # Rows

    def rows(self) -> Iterator[Stray]:
        """The strays in rows that have no items: between the rows of the table, directly above it,
        and below it down to where something else begins.
        """
        first, last = min(self.items), max(self.items)
        for r in range(first - 1, max(-1, first - HEADS), -1):
            if not self._line(r, first):
                break
            yield from self._row(r, first)
        above = first
        for r in range(first, last + 1):
            if r in self.items:
                above = r
            else:
                yield from self._row(r, above)
        empty = 0
        for r in range(last + 1, min(len(self.grid.rows), last + _BELOW)):
            words = self._words(r)
            line = self._line(r, last)
            if line and (len(words) > 1 or (words and 2 * len(line) < len(self.items[last]))):
                break
            empty = 0 if line else empty + 1
            if empty > HEADS or self._headed(r):
                break
            yield from self._row(r, last)

    def _line(self, row: int, near: int) -> dict[int, Number]:
        """The possible strays in a row, by column: those in the columns of ``near``, a row of
        items.
        """
        numbers = {c: self.number(row, c) for c in self.items[near]}
        return {c: n for c, n in numbers.items() if n is not None}

    def _words(self, row: int) -> list[str]:
        """The texts of a row that are not figures."""
        cells = self.grid.rows[row][:COLUMNS] if row < len(self.grid.rows) else ()
        return [t for t in cells if isinstance(t, str) and t.strip() and figure(t) is None]

    def _headed(self, row: int) -> bool:
        """Whether a row has a heading of the form."""
        return any(key(t) in self.labels.heads for t in self._words(row))

    def _row(self, row: int, near: int) -> Iterator[Stray]:
        """The strays of a row, as one area; none if they are shares, number something, or repeat or
        add up rows of the table. ``near``: the row of items directly below it, or the nearest above
        it.
        """
        line = self._line(row, near)
        words = self._words(row)
        if not line or any(_NUMBERED.search(t) or _SHARE.search(t) for t in words):
            return
        if counting(list(line.values())):
            return
        table = [[self.value(r, c) for r in self.items if c in self.items[r]] for c in line]
        alone = not words or all(key(t) in self.labels.stubs for t in words)
        if alone and abs(row - near) == 1:
            at = [r for r in self.items if min(line) in self.items[r]].index(near)
            if all(figures[at] == n for figures, n in zip(table, line.values(), strict=True)):
                return
        elif len({len(figures) for figures in table}) == 1 and _adds_up(list(line.values()), table):
            return
        area = Area(row, min(line), row, max(line))
        yield Stray(area, equal=alone and abs(row - near) == 1)


def _adds_up(line: Sequence[Number], table: Sequence[Sequence[Number]]) -> bool:
    """Whether one range of neighbouring positions gives all figures of ``line`` as sums: each
    figure is the sum of its row of ``table`` over this range. A range of one position is a
    repetition.
    """
    count = min(map(len, table), default=0)
    return any(
        all(sum(figures[a:b]) == n for figures, n in zip(table, line, strict=True))
        for a in range(count)
        for b in range(a + 1, count + 1)
    )


def doubts(search: Search) -> list[Finding]:
    """The findings about the tables that were searched for: strays that belong to no item (M-10) or
    may as well be an item's (M-11), and figures left out because they are of another period (M-15).
    """
    findings: list[Finding] = []
    for table, copy in search.taken:
        if not copy.cells:
            continue
        aside = [c for t, c in search.set_aside if t is table]
        if aside:
            findings.append(_on_set_aside(table, copy, aside))
        ruled = search.ruled_out(copy.sheet)
        if search.is_doubtful(table, copy.sheet) and ruled:
            findings.append(_on_areas("M-11", table, copy, [r.area for r in ruled]))
            continue
        # Where tables stand one below the other, figures go with the nearest.
        near = [c for _, c in search.taken if c.sheet == copy.sheet and c.cells]
        ruled = [r for r in ruled if _apart(r.area, copy) == min(_apart(r.area, c) for c in near)]
        if ruled:
            headings = several([" ".join(r.words.split()) for r in ruled])
            findings.append(_on_areas("M-15", table, copy, [r.area for r in ruled], headings))
        grid = search.source(table, copy.sheet)
        strays = copy.strays if grid.loose else _strays_of(search, table, copy, grid)
        if copy.missing:
            # Strays may be those whose heading is missing, which another finding names.
            strays = [s for s in strays if s.equal]
        for code, equal in (("M-11", True), ("M-10", False)):
            areas = [s.area for s in strays if s.equal is equal]
            if areas:
                findings.append(_on_areas(code, table, copy, areas))
    return findings


def _strays_of(search: Search, table: Expected, copy: Copy, grid: Grid) -> Sequence[Stray]:
    """The strays of a copy on its sheet; none where rows are uneven, because another finding names
    these.
    """
    if copy.uneven:
        return ()
    passed = set(search.cells[copy.sheet])
    if search.facts.ours or key(TO_COVER) in search.view(copy.sheet).keys:
        passed |= _layout(table, copy, grid)
    strays = _StraySearch(grid, copy, passed, search.labels, search.figures.numbers)
    return [*strays.columns(), *strays.rows()]


def _layout(table: Expected, copy: Copy, grid: Grid) -> set[Place]:
    """The cells beside and below a table that our template fills: all that have formulas or, where
    a program saved the file without formulas, those at the expected distance from the table's last
    row and column.
    """
    formulas = {at for at, flag in grid.flags.items() if flag.formula}
    if formulas:
        return formulas
    down = copy.figures.bottom - max(p.row for _, p in table.cells)
    over = copy.figures.right - max(p.col for _, p in table.cells)
    return {(r + down, c + over) for r, c in table.frame}


def _apart(area: Area, copy: Copy) -> int:
    """How many rows an area is above or below the figures of a copy; 0 if it is beside them."""
    figures = copy.figures
    return max(0, area.top - figures.bottom, figures.top - area.bottom)


def _on_set_aside(table: Expected, copy: Copy, aside: Sequence[Copy]) -> Finding:
    """M-15 about copies of a table that were set aside because their titles name other years."""
    corners = [Address(c.sheet, *c.corner) for c in aside]
    return finding(
        "M-15",
        sheet=copy.sheet,
        cells=tuple(at.a1 for at in corners if at.sheet == copy.sheet),
        found=several(corners),
        expected=Phrase.OTHER_YEAR_TITLE,
        detail=table.table.title,
    )


def _on_areas(
    code: str, table: Expected, copy: Copy, areas: Sequence[Area], headings: Value = ""
) -> Finding:
    """A finding with a code about areas on the sheet of a table's copy. ``headings``: the words
    above them.
    """
    return finding(
        code,
        sheet=copy.sheet,
        cells=tuple(Address(copy.sheet, a.top, a.left).a1 for a in areas),
        found=several(areas),
        expected=headings,
        detail=table.table.title,
    )
