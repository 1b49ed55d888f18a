"""Labels that are cut in parts, as by a page break or over the rows of a heading, put together
again.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from xltools.match.labels import LONGEST, key
from xltools.match.lines import COLUMNS, ROWS
from xltools.match.runs import is_figure
from xltools.model.cells import Grid, Raw

_APART: Final = 40  # rows between two parts, where a label hangs down over many rows
_PARTS: Final = 4  # of one label


def mended(grid: Grid, known: Collection[str], groups: Collection[str]) -> Grid:
    """A grid whose cut labels are whole: texts, one below the other, none of them a label, that
    make one together. A label stands where its figures are. ``known``: keys of all labels;
    ``groups``: those that stand over several rows or columns.
    """
    rows: list[list[Raw]] = [list(row) for row in grid.rows[:ROWS]]
    seams: set[tuple[int, int]] = set()
    for again in (False, True):
        if again and not seams:
            return grid
        for c in range(min(COLUMNS, max(map(len, rows), default=0))):
            for lines in _stretches(rows, c):
                texts = [str(rows[r][c]) for r in lines]
                parts = [key(text) for text in texts]
                whole = "".join(parts)
                # Where a row is cut through, a part may by chance be a label as well.
                if not all(parts) or (again and not seams.issuperset(pairwise(lines))):
                    continue
                if whole not in known or (not again and any(part in known for part in parts)):
                    continue
                at = _home(rows, lines, c, group=whole in groups)
                if at is not None:
                    seams.update(pairwise(lines))
                    for r in lines:
                        rows[r][c] = ""
                    rows[at][c] = "".join(texts)
    return replace(grid, rows=rows)


def _stretches(rows: Sequence[Sequence[Raw]], col: int) -> Iterator[tuple[int, ...]]:
    """Rows of a few texts of a column that stand one below the other, the fewest first."""
    written = [
        r
        for r, row in enumerate(rows)
        if col < len(row) and isinstance(row[col], str) and 0 < len(str(row[col])) <= LONGEST
    ]
    for count in range(2, _PARTS + 1):
        for first in range(len(written) - count + 1):
            lines = tuple(written[first : first + count])
            if all(b - a <= _APART for a, b in pairwise(lines)):
                yield lines


def _home(
    rows: Sequence[Sequence[Raw]], lines: Sequence[int], col: int, *, group: bool
) -> int | None:
    """The row that a label belongs to of those that its parts are in; None where several have
    figures of their own.
    """
    filled = [
        r for r in lines if any(v not in (None, "") and is_figure(v) for v in rows[r][col + 1 :])
    ]
    if group or not filled:
        return lines[0]
    return filled[0] if len(filled) == 1 else None
