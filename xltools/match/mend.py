"""Labels that a page break has cut in two, put together again."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from xltools.cells import Grid, Raw
from xltools.match.labels import LONGEST, key

_APART = 40  # rows between the halves, where a label hangs down over many rows


def mended(grid: Grid, known: Collection[str], groups: Collection[str]) -> Grid:
    """A grid whose cut labels are whole: two texts, one below the other, neither of them a label,
    that make one together. A label stands where its figures are. ``known``: keys of all labels;
    ``groups``: those that stand over several rows or columns.
    """
    rows: list[list[Raw]] = [list(row) for row in grid.rows]
    changed = False
    for c in range(max(map(len, rows), default=0)):
        above: tuple[int, str] | None = None
        for r, row in enumerate(rows):
            text = row[c] if c < len(row) else None
            if not isinstance(text, str) or not text or len(text) > LONGEST:
                continue
            if above is not None and r - above[0] <= _APART:
                first, head = above
                whole, cut = key(head) + key(text), (key(head), key(text))
                if whole in known and cut[0] not in known and cut[1] not in known:
                    at = _home(rows, first, r, c, group=whole in groups)
                    if at is not None:
                        rows[first][c] = rows[r][c] = ""
                        rows[at][c] = text = head + text
                        changed, r = True, at  # noqa: PLW2901 # the label's own row from here on
            above = r, text
    return replace(grid, rows=rows) if changed else grid


def _home(
    rows: Sequence[Sequence[Raw]], first: int, last: int, col: int, *, group: bool
) -> int | None:
    """The row of the two that a label belongs to; None where both have figures of their own."""
    filled = [
        any(isinstance(v, (int, float)) or v not in (None, "") for v in rows[r][col + 1 :])
        for r in (first, last)
    ]
    if group or not filled[1]:
        return first
    return None if filled[0] else last
