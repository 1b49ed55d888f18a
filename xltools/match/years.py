"""Copies of one table under titles of different years or periods: which is this year's."""

from collections.abc import Iterator, Sequence

from xltools.match.copies import Copy
from xltools.match.heading import plain
from xltools.match.labels import Labels, key
from xltools.match.lines import Place, View
from xltools.match.periods import (
    Said,
    other,
    period,
    this,
    titled,
)

_LONGEST = 60  # characters of a title


def said_of(copy: Copy, view: View, labels: Labels, others: Sequence[Copy]) -> Said | None:
    """What the title nearest above a copy says of its period; else what its sheet's name says.
    ``others``: copies of the same table, whose titles are none of its own.
    """
    first, left, right = _extent(copy)
    top = max(
        (
            max(r for r, _ in one.cells.values()) + 1
            for one in others
            if one.sheet == copy.sheet and max(r for r, _ in one.cells.values()) < first
            and _extent(one)[1] <= right and left <= _extent(one)[2]
        ),
        default=0,
    )  # fmt: skip
    for _, text in _above(view, (top, first), (left, right)):
        if key(text) not in labels.every and (titled(text) or len(plain(text)) <= _LONGEST // 6):
            said = period(text)
            if said is not None:
                return said
    return period(copy.sheet)


def of_this_year(said: Sequence[Said | None], year: int) -> list[bool]:
    """Which copies may be this year's, by what each says. Where one certainly is, only such; where
    none is, all that are not certainly of another year.
    """
    years = {s for s in said if isinstance(s, int)}
    year = year or (max(years) if len(years) > 1 else 0)
    may = [not other(s, year) for s in said]
    if any(this(s, year) for s in said) or any(may):
        return may
    return [True] * len(said)


def _extent(copy: Copy) -> tuple[int, int, int]:
    """The first row of a copy's figures, its first and its last column."""
    cells: list[Place] = list(copy.cells.values())
    left = min(copy.corner[1], *(c for _, c in cells))
    return min(r for r, _ in cells), left, max(c for _, c in cells)


def _above(view: View, rows: Place, cols: Place) -> Iterator[tuple[int, str]]:
    """The short texts above a copy, the nearest first."""
    for r in range(rows[1] - 1, rows[0] - 1, -1):
        for c, text in view.rows.get(r, {}).items():
            if cols[0] <= c <= cols[1] and len(text) <= _LONGEST:
                yield r, text
