"""Labels that a page break has cut in two, put together again."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import pairwise

from xltools.cells import Grid, Raw
from xltools.match.labels import LONGEST, key
from xltools.match.lines import COLUMNS, ROWS
from xltools.match.runs import is_figure

_APART = 40  # rows between the halves, where a label hangs down over many rows


def mended(grid: Grid, known: Collection[str], groups: Collection[str]) -> Grid:
    """A grid whose cut labels are whole: two texts, one below the other, neither of them a label,
    that make one together. A label stands where its figures are. ``known``: keys of all labels;
    ``groups``: those that stand over several rows or columns.
    """
    rows: list[list[Raw]] = [list(row) for row in grid.rows[:ROWS]]
    seams: set[tuple[int, int]] = set()
    for again in (False, True):
        if again and not seams:
            return grid
        for c in range(min(COLUMNS, max(map(len, rows), default=0))):
            for first, last in _pairs(rows, c):
                head, tail = str(rows[first][c]), str(rows[last][c])
                one, other = key(head), key(tail)
                # Where a row is cut through, a half may by chance be a label as well.
                if not (one and other) or (again and (first, last) not in seams):
                    continue
                if one + other not in known or (not again and (one in known or other in known)):
                    continue
                at = _home(rows, first, last, c, group=one + other in groups)
                if at is not None:
                    seams.add((first, last))
                    rows[first][c] = rows[last][c] = ""
                    rows[at][c] = head + tail
    return replace(grid, rows=rows)


def _pairs(rows: Sequence[Sequence[Raw]], col: int) -> list[tuple[int, int]]:
    """Rows of a column's texts, each with the one below it."""
    written = [
        r
        for r, row in enumerate(rows)
        if col < len(row) and isinstance(row[col], str) and 0 < len(str(row[col])) <= LONGEST
    ]
    return [(a, b) for a, b in pairwise(written) if b - a <= _APART]


def _home(
    rows: Sequence[Sequence[Raw]], first: int, last: int, col: int, *, group: bool
) -> int | None:
    """The row of the two that a label belongs to; None where both have figures of their own."""
    filled = [
        any(v not in (None, "") and is_figure(v) for v in rows[r][col + 1 :]) for r in (first, last)
    ]
    if group or not filled[1]:
        return first
    return None if filled[0] else last
