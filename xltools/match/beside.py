"""Rows of a document's table whose cells do not stand under their headings: one cell too few or
too many, a merged label that reaches too far.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from xltools.cells import Grid, Raw
from xltools.match.copies import Copy, Uneven
from xltools.match.flow import is_figure

_REACH = 4  # columns beside the table's own that are looked at


def settled(copy: Copy, grid: Grid, label: Callable[[int], str]) -> Copy:
    """A copy whose rows are all under their headings: a row beside them is read in order where it
    has just as many figures as columns, and left out where it has not. ``label``: of an item's
    row.
    """
    rows: dict[int, dict[int, int]] = {}
    for item, (r, c) in copy.cells.items():
        rows.setdefault(r, {})[c] = item
    odd = {r: _odd(grid.rows[r] if r < len(grid.rows) else (), cols) for r, cols in rows.items()}
    # A column of numbers all the way down is one more column, no row gone astray.
    often = Counter(c for cols in odd.values() for c in cols)
    cells = dict(copy.cells)
    uneven, shifted = list(copy.uneven), list(copy.shifted)
    for r, own in rows.items():
        short = _short(grid.rows[r] if r < len(grid.rows) else (), own)
        astray = [c for c in odd[r] if 2 * often[c] <= len(rows) or len(rows) == 1]
        if not (astray or short):
            continue
        items = [own[c] for c in sorted(own)]
        order = _in_order(grid.rows[r], own)
        name = label(items[0])
        if len(order) == len(items):
            cells |= {i: (r, c) for i, c in zip(items, order, strict=True)}
            shifted.append(((r, order[0]), name))
            continue
        for item in items:
            del cells[item]
        uneven.append(Uneven((r, min(own)), name, len(items), tuple(items)))
    for r, above in _unnamed(rows, grid.rows):
        items = [i for i in rows[above].values() if i in cells]
        for item in items:
            del cells[item]
        if items:
            place = r, min(rows[above])
            uneven.append(Uneven(place, label(items[0]), len(items), tuple(items)))
    return replace(copy, cells=cells, uneven=tuple(uneven), shifted=tuple(shifted))


def _unnamed(
    rows: Mapping[int, Mapping[int, int]], grid: Sequence[Sequence[Raw]]
) -> list[tuple[int, int]]:
    """Rows of figures within a table or right below it that have no label, each with the row
    above: its label may be for both, or its figures may be cut in two.
    """
    found = []
    above = min(rows, default=0)
    for r in range(above, min(len(grid), max(rows, default=-1) + 2)):
        if r in rows:
            above = r
            continue
        row = grid[r]
        words = any(isinstance(v, str) and v and not is_figure(v) for v in row)
        figures = any(c < len(row) and _number(row[c]) for c in rows[above])
        if figures and not words:
            found.append((r, above))
    return found


def _number(value: Raw) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _odd(row: Sequence[Raw], own: Mapping[int, int]) -> list[int]:
    """Columns right beside the figures' own that hold a number in this row."""
    first, last = min(own), max(own)
    near = [*range(max(0, first - _REACH), first), *range(last + 1, last + 1 + _REACH)]
    return [c for c in near if c < len(row) and _number(row[c])]


def _short(row: Sequence[Raw], own: Mapping[int, int]) -> bool:
    return len(row) <= max(own)


def _in_order(row: Sequence[Raw], own: Mapping[int, int]) -> list[int]:
    """The cells after a row's label, blank or not, that no other cell covers."""
    words = [c for c, v in enumerate(row) if isinstance(v, str) and v and not is_figure(v)]
    start = max((c for c in words if c <= max(own)), default=-1) + 1
    return [c for c in range(start, len(row)) if row[c] is not None]
