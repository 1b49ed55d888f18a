"""What is to be asked of the tables as they were found: figures that belong to no item, and which
figures were left out as another period's.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final

from xltools.match.copies import Copy, Stray
from xltools.match.labels import Labels, filler, key, other, period, rest
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What is known of a sheet besides a table's copy: cells that are no strays (``passed``: of
    all copies, of our own layout), the labels of the form, and the figure read for an item.
    """

    passed: Collection[Place]
    labels: Labels
    number: Callable[[int], Number | None]


def strays(grid: Grid, copy: Copy, beside: Beside) -> list[Stray]:
    """The figures within a copy and beside it that belong to no item, as areas."""
    if not copy.cells:
        return []
    search = _Search(grid, copy, beside)
    return [*search.columns(), *search.rows()]


@dataclass(slots=True)
class _Search:
    grid: Grid
    copy: Copy
    beside: Beside
    items: dict[int, dict[int, int]] = field(default_factory=dict)  # row -> column -> item

    def __post_init__(self) -> None:
        for item, (r, c) in self.copy.cells.items():
            self.items.setdefault(r, {})[c] = item
        self.items = {r: dict(sorted(self.items[r].items())) for r in sorted(self.items)}

    def number(self, row: int, col: int) -> Number | None:
        """The figure that stands in a cell and belongs to nothing known."""
        if (row, col) in self.beside.passed or is_share(self.grid, row, col):
            return None
        if any(m.holds(row, col) and (row, col) != (m.top, m.left) for m in self.grid.merges):
            return None  # nobody sees what lies beneath a merged cell; that is told elsewhere
        return figure(self.grid.raw(row, col))

    def value(self, row: int, col: int) -> Number:
        """The figure of the item in a cell, 0 where it has none."""
        return self.beside.number(self.items[row][col]) or 0

    # Columns

    def columns(self) -> Iterator[Stray]:
        """Strays beside the figures of the table's rows, block by block."""
        by_column: dict[int, dict[int, Number]] = {}
        for r in self.items:
            for c in range(min(COLUMNS, len(self.grid.rows[r]) if r < len(self.grid.rows) else 0)):
                if c not in self.items[r] and (n := self.number(r, c)) is not None:
                    by_column.setdefault(c, {})[r] = n
        passed = [c for c, beside in by_column.items() if self._known(c, beside)]
        blocks: list[list[int]] = []
        for _, group in groupby(self.items, key=lambda r: tuple(self.items[r])):
            blocks.append(list(group))
        for rows in blocks:
            beside = {
                c: {r: n for r, n in column.items() if r in rows}
                for c, column in sorted(by_column.items())
                if c not in passed
            }
            yield from self._block(rows, {c: column for c, column in beside.items() if column})

    def _known(self, col: int, figures: Mapping[int, Number]) -> bool:
        """Whether a whole column is none of figures, or of another table."""
        heads = [text for r in figures for text in self._above(r, col)]
        if any(_NUMBERED.search(t) or _SHARE.search(t) for t in heads):
            return True
        if not any(period(t) and filler(rest(t)) for t in heads) and counting(
            list(figures.values())
        ):
            return True
        return self._foreign(col, list(figures))

    def _foreign(self, col: int, rows: Sequence[int]) -> bool:
        """Whether words that are no labels of the form stand between a table and a column: then
        they are what its figures belong to.
        """
        right = max(max(columns) for columns in self.items.values())
        left = self.copy.corner[1]
        between = range(right + 1, col) if col > right else range(col) if col < left else ()
        for c in between:
            texts = [self.grid.raw(r, c) for r in rows]
            words = [t for t in texts if isinstance(t, str) and figure(t) is None]
            labels = {key(t) for t in words} & self.beside.labels.stubs
            if 2 * len(words) > len(rows) and not labels:
                return True
        return False

    def _above(self, row: int, col: int) -> list[str]:
        """The words in a column above a figure, the nearest first, as far as its headings go."""
        texts = []
        for r in range(row - 1, max(-1, row - 3 * HEADS), -1):
            value = self.grid.raw(r, col)
            if isinstance(value, str) and figure(value) is None:
                texts.append(value)
            elif texts and (value is not None or r in self.items):
                break
        return texts

    def _heading(self, first: int, col: int) -> str:
        """The heading of a column of a block that begins in a row; empty where it has none."""
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
        """The strays of one block, joined where they stand side by side."""
        cols = list(self.items[rows[0]])
        right = max(max(line) for line in self.items.values())
        owners: dict[int, int | None] = {}
        twins: set[int] = set()  # columns that could be the item's as well
        for c in columns:
            heading = self._heading(rows[0], c)
            named = key(heading) in self.beside.labels.every
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
            or other(period(self._heading(rows[0], c)), 0)
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
        """Whether a column repeats that of the item whose it could be, or any, or adds up some."""
        table = [[self.value(r, c) for c in cols] for r in column]
        if owner is not None:
            at = cols.index(owner)
            return all(line[at] == n for line, n in zip(table, column.values(), strict=True))
        return _adds_up(list(column.values()), table)

    # Rows

    def rows(self) -> Iterator[Stray]:
        """Strays in rows between the rows of the table, right above and below."""
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
        """The strays of a row in the columns of a row of items."""
        numbers = {c: self.number(row, c) for c in self.items[near]}
        return {c: n for c, n in numbers.items() if n is not None}

    def _words(self, row: int) -> list[str]:
        cells = self.grid.rows[row][:COLUMNS] if row < len(self.grid.rows) else ()
        return [t for t in cells if isinstance(t, str) and t.strip() and figure(t) is None]

    def _headed(self, row: int) -> bool:
        return any(key(t) in self.beside.labels.heads for t in self._words(row))

    def _row(self, row: int, near: int) -> Iterator[Stray]:
        """A row of strays, judged by the row of items that it stands below."""
        line = self._line(row, near)
        words = self._words(row)
        if not line or any(row == at for at, _ in (u.place for u in self.copy.uneven)):
            return
        if any(_NUMBERED.search(t) or _SHARE.search(t) for t in words):
            return
        if counting(list(line.values())):
            return
        table = [[self.value(r, c) for r in self.items if c in self.items[r]] for c in line]
        alone = not words or all(key(t) in self.beside.labels.stubs for t in words)
        if alone and abs(row - near) == 1:
            at = [r for r in self.items if min(line) in self.items[r]].index(near)
            if all(figures[at] == n for figures, n in zip(table, line.values(), strict=True)):
                return
        elif len({len(figures) for figures in table}) == 1 and _adds_up(list(line.values()), table):
            return
        area = Area(row, min(line), row, max(line))
        yield Stray(area, equal=alone and abs(row - near) == 1)


def _adds_up(line: Sequence[Number], table: Sequence[Sequence[Number]]) -> bool:
    """Whether every figure is the sum of the same neighbours of its line of the table, or one."""
    count = min(map(len, table), default=0)
    return any(
        all(sum(figures[a:b]) == n for figures, n in zip(table, line, strict=True))
        for a in range(count)
        for b in range(a + 1, count + 1)
    )


def doubts(search: Search) -> list[Finding]:
    """M-10, M-11 and M-15 of every table that was searched for."""
    findings: list[Finding] = []
    for table, copy in search.taken:
        if not copy.cells:
            continue
        aside = [c for t, c in search.set_aside if t is table]
        if aside:
            findings.append(_set_aside(table, copy, aside))
        ruled = search.ruled_out(copy.sheet)
        if search.doubtful(table, copy.sheet) and ruled:
            findings.append(_of("M-11", table, copy, [r.area for r in ruled]))
            continue
        # Where tables stand one below the other, figures go with the nearest.
        near = [c for _, c in search.taken if c.sheet == copy.sheet and c.cells]
        ruled = [r for r in ruled if _apart(r.area, copy) == min(_apart(r.area, c) for c in near)]
        if ruled:
            headings = several([" ".join(r.words.split()) for r in ruled])
            findings.append(_of("M-15", table, copy, [r.area for r in ruled], headings))
        grid = search.source(table, copy.sheet)
        left = copy.strays if grid.loose else _left(search, table, copy, grid)
        if copy.missing:
            # What misses its label is named as missing; figures under a label twice are not.
            left = [s for s in left if s.equal]
        for code, equal in (("M-11", True), ("M-10", False)):
            areas = [s.area for s in left if s.equal is equal]
            if areas:
                findings.append(_of(code, table, copy, areas))
    return findings


def _left(search: Search, table: Expected, copy: Copy, grid: Grid) -> Sequence[Stray]:
    """The strays of a copy that no other finding names already."""
    if copy.uneven:
        return ()
    passed = set(search.cells[copy.sheet])
    if search.known.ours or key(TO_COVER) in search.view(copy.sheet).keys:
        passed |= _layout(table, copy, grid)
    numbers = search.figures.numbers
    beside = Beside(passed=passed, labels=search.form_labels, number=lambda item: numbers[item])
    return strays(grid, copy, beside)


def _layout(table: Expected, copy: Copy, grid: Grid) -> set[Place]:
    """The cells that our own sheet has beside its table and below: they hold formulas, or, where a
    program kept values alone, stand at their places from the table's last row and column.
    """
    formulas = {at for at, flag in grid.flags.items() if flag.formula}
    if formulas:
        return formulas
    down = max(r for r, _ in copy.cells.values()) - max(p.row for _, p in table.cells)
    over = max(c for _, c in copy.cells.values()) - max(p.col for _, p in table.cells)
    return {(r + down, c + over) for r, c in table.frame}


def _apart(area: Area, copy: Copy) -> int:
    """How many rows lie between an area and a copy; 0 beside it."""
    rows = {r for r, _ in copy.cells.values()}
    return max(0, area.top - max(rows), min(rows) - area.bottom)


def _set_aside(table: Expected, copy: Copy, aside: Sequence[Copy]) -> Finding:
    corners = [Address(c.sheet, *c.corner) for c in aside]
    return finding(
        "M-15",
        sheet=copy.sheet,
        cells=tuple(at.a1 for at in corners if at.sheet == copy.sheet),
        found=several(corners),
        expected=Phrase.OTHER_YEAR_TITLE,
        detail=table.table.title,
    )


def _of(
    code: str, table: Expected, copy: Copy, areas: Sequence[Area], headings: Value = ""
) -> Finding:
    """A finding on areas of the sheet of a table's copy; ``headings``: what stands above them."""
    return finding(
        code,
        sheet=copy.sheet,
        cells=tuple(Address(copy.sheet, a.top, a.left).a1 for a in areas),
        found=several(areas),
        expected=headings,
        detail=table.table.title,
    )
