"""Rows that are not as the form has them: labels cut in parts, cells beside their places, one row
for a group.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby, pairwise
from typing import Final

from xltools.match.copies import Copy, Group, Uneven
from xltools.match.labels import LONGEST, key
from xltools.match.lines import COLUMNS, ROWS, Place, View
from xltools.match.runs import figure, is_figure
from xltools.model import numbers
from xltools.model.cells import PLAIN, Grid, Raw
from xltools.model.form import Form

_APART: Final = 40  # rows between two parts, where a label hangs down over many rows
_PARTS: Final = 4  # of one label


def mended(grid: Grid, label_keys: Collection[str], groups: Collection[str]) -> Grid:
    """A grid whose cut labels are whole: texts, one below the other, none of them a label, that
    make one together. A label stands where its figures are. ``label_keys``: keys of all labels;
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
                joined = "".join(parts)
                # Where a row is cut through, a part may by chance be a label as well.
                if not all(parts) or (again and not seams.issuperset(pairwise(lines))):
                    continue
                if joined not in label_keys or (
                    not again and any(part in label_keys for part in parts)
                ):
                    continue
                at = _home(rows, lines, c, group=joined in groups)
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


_REACH: Final = 4  # columns beside the table's own that are looked at
_HEADS: Final = 8  # rows above the figures that may hold headings

Own = Mapping[int, int]  # of a row: column -> item


def settled(copy: Copy, grid: Grid, label: Callable[[int], str]) -> Copy:
    """A copy whose rows are all under their headings: a row beside them is read in order where it
    has just as many figures as columns, and left out where it has not. ``label``: of an item's
    row.
    """
    rows: dict[int, dict[int, int]] = {}
    for item, (r, c) in copy.cells.items():
        rows.setdefault(r, {})[c] = item
    blocks: dict[tuple[int, ...], list[int]] = {}
    for r in sorted(rows):
        blocks.setdefault(tuple(sorted(rows[r])), []).append(r)
    cells = dict(copy.cells)
    uneven, shifted = list(copy.uneven), list(copy.shifted)

    def leave_out(at: int, row: int) -> None:
        items = tuple(rows[row][c] for c in sorted(rows[row]) if rows[row][c] in cells)
        for item in items:
            del cells[item]
        if items:
            uneven.append(Uneven((at, min(rows[row])), label(items[0]), len(items), items))

    for columns, members in blocks.items():
        astray, certain = _judged(grid, columns, members)
        for r in astray:
            items = [rows[r][c] for c in columns]
            order = _in_order(_row(grid, r), columns)
            if certain and items == sorted(items) and len(order) == len(items):
                cells |= {i: (r, c) for i, c in zip(items, order, strict=True)}
                shifted.append(((r, order[0]), label(items[0])))
            else:
                leave_out(r, r)
    for at, above in _unnamed(rows, grid):
        leave_out(at, above)
    return replace(copy, cells=cells, uneven=tuple(uneven), shifted=tuple(shifted))


def _judged(
    grid: Grid, columns: Sequence[int], members: Sequence[int]
) -> tuple[Sequence[int], bool]:
    """The rows of a block that are not under its headings, and whether it is the rows that have
    gone astray; else it is the headings, and nothing holds.
    """
    first, last = columns[0], columns[-1]
    numbers = {c: [r for r in members if _number(_at(grid, r, c))] for c in _near(columns)}
    often = {c for c, figure_rows in numbers.items() if 2 * len(figure_rows) > len(members) > 1}
    # Figures all the way down under no heading: the headings that there are stand beside theirs.
    if any(c > first and not _headed(grid, members[0], c) for c in often):
        return members, False
    labels = [r for r in members if _words(_at(grid, r, first))]
    if 2 * len(labels) > len(members):
        return members, False
    odd = {r for c, figure_rows in numbers.items() if c not in often for r in figure_rows}
    astray = [
        r
        for r in members
        # A row ends too early, or a cell reaches over several columns.
        if r in odd or r in labels or any(_at(grid, r, c) is None for c in (*columns, last))
    ]
    return astray, len(members) == 1 or 2 * len(astray) <= len(members)


def _near(columns: Sequence[int]) -> list[int]:
    """Columns between those of a block and right beside them."""
    first, last = columns[0], columns[-1]
    return [c for c in range(max(0, first - _REACH), last + 1 + _REACH) if c not in columns]


def _headed(grid: Grid, row: int, col: int) -> bool:
    """Whether words stand above a cell."""
    return any(_words(_at(grid, r, col)) for r in range(max(0, row - _HEADS), row))


def _row(grid: Grid, row: int) -> Sequence[Raw]:
    return grid.rows[row] if row < len(grid.rows) else ()


def _at(grid: Grid, row: int, col: int) -> Raw:
    """What stands in a cell; "" in a blank one, None where there is no cell of its own."""
    cells = _row(grid, row)
    return cells[col] if col < len(cells) else None


def _number(value: Raw) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _words(value: Raw) -> bool:
    return isinstance(value, str) and bool(value) and not is_figure(value)


def _in_order(row: Sequence[Raw], columns: Sequence[int]) -> list[int]:
    """The cells after a row's label, blank or not, that no other cell covers."""
    start = max((c for c, v in enumerate(row) if c <= columns[-1] and _words(v)), default=-1) + 1
    return [c for c in range(start, len(row)) if row[c] is not None]


def _unnamed(rows: Mapping[int, Own], grid: Grid) -> Iterator[tuple[int, int]]:
    """Rows of figures within a table or right below it that have no label, each with the row
    above: its label may be for both, or its figures may be cut in two.
    """
    above = min(rows, default=0)
    for r in range(above, min(len(grid.rows), max(rows, default=-1) + 2)):
        if r in rows:
            above = r
        elif any(_number(_at(grid, r, c)) for c in rows[above]) and not any(
            map(_words, _row(grid, r))
        ):
            yield r, above


_BESIDE: Final = 4  # columns right of a block's that are looked at


def groups_of(stubs: Sequence[tuple[str, ...]]) -> list[Group]:
    """The groups of several rows that share all their labels but the last. ``stubs``: the labels
    of rows, from the outermost to the innermost.
    """
    groups = []
    for labels, rows in groupby(range(len(stubs)), lambda row: stubs[row][:-1]):
        members = tuple(rows)
        if labels and len(members) > 1:
            groups.append(Group(labels, members))
    return groups


def between(rows: Mapping[int, int], group: Sequence[int]) -> tuple[int, int] | None:
    """The lines between which those of a group ought to stand, exclusive; None where one of them
    was found, or none on one side. ``rows``: line by row of the block.
    """
    if not rows.keys().isdisjoint(group):
        return None
    above = [line for row, line in rows.items() if row < group[0]]
    below = [line for row, line in rows.items() if row > group[-1]]
    if not above or not below or max(above) >= min(below):
        return None
    return max(above), min(below)


def line_of(
    view: View, lines: tuple[int, int], is_label: Mapping[int, bool], stubs: Place, data: Place
) -> int | None:
    """The line between two others that has the label of a group alone, and the only figures there.

    ``is_label``: of lines with words in the columns of ``stubs`` (first, last), whether these are
    that label and no other; ``data``: the first and last column of the figures.
    """
    labelled = [r for r in range(lines[0] + 1, lines[1]) if is_label.get(r)]
    cells = range(data[0], data[1] + 1)
    others = [
        r
        for r in range(lines[0] + 1, lines[1])
        if r not in labelled and (is_label.get(r) is False or any(view.filled(r, c) for c in cells))
    ]
    if len(labelled) != 1 or others:
        return None
    row = labelled[0]
    aside = [*range(stubs[1] + 1, data[0]), *range(data[1] + 1, data[1] + 1 + _BESIDE)]
    if any(view.filled(row, c) and is_figure(view.grid.raw(row, c)) for c in aside):
        return None  # its figures do not stand under the headings
    return row


def spread(copy: Copy, grid: Grid, form: Form) -> Copy:
    """A copy with the parts of a collapsed group read from its cells that hold 0 or nothing."""
    cells = dict(copy.cells)
    for group in copy.collapsed:
        for place, items in group.parts.items():
            if is_nothing(grid, place) and not any(form.items[i].signed for i in items):
                cells |= dict.fromkeys(items, place)
    return replace(copy, cells=cells)


def is_nothing(grid: Grid, place: Place) -> bool:
    """Whether a cell holds 0, a word for nothing, or nothing at all."""
    value, flag = grid.raw(*place), grid.flags.get(place, PLAIN)
    if flag.error or flag.unseen or (flag.formula and not flag.cached):
        return False
    if value is None or figure(value) == 0:
        return True
    reading = numbers.read(value) if isinstance(value, str) else None
    blank = isinstance(value, str) and not value.strip()
    return blank or (reading is not None and reading.kind is numbers.NumberKind.VOID)
