"""Handle rows that are not as the form has them: labels that are cut in pieces, figures that are
not under their headings, and a single row in place of a group of rows.
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

_APART: Final = 40  # rows from one part of a label to the next, where it stands beside many rows
_PARTS: Final = 4  # parts of one label
_REACH: Final = 4  # columns beside those of a block that are looked at
_HEADS: Final = 8  # rows above the figures that may hold headings


def mended(grid: Grid, label_keys: Collection[str], groups: Collection[str]) -> Grid:
    """A sheet on which labels that were cut in pieces are joined again: texts below each other that
    make up a label together, though none of them is a label. The joined label is put into the row
    that has its figures.

    ``label_keys``: the keys of all labels of the form; ``groups``: those of labels over several
    rows or columns.
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
                # The second time, where a row is cut through all its labels: then a part may happen
                # to be a label itself.
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
    return replace(grid, rows=rows, imprint=None)


def _stretches(rows: Sequence[Sequence[Raw]], col: int) -> Iterator[tuple[int, ...]]:
    """The rows of two to four texts that follow each other in a column, the shortest stretches
    first.
    """
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
    """The row, among those with the pieces of a label (``lines``), to which the label belongs: the
    one with figures; None if several have figures. ``group``: whether it is a label over several
    rows, which belongs to the first.
    """
    filled = [
        r for r in lines if any(v not in (None, "") and is_figure(v) for v in rows[r][col + 1 :])
    ]
    if group or not filled:
        return lines[0]
    return filled[0] if len(filled) == 1 else None


def settled(copy: Copy, grid: Grid, label: Callable[[int], str]) -> Copy:
    """A copy of a table in the text of a document, after rows whose figures are not under their
    headings have been dealt with: such a row is read in order if it has as many figures as the
    block has columns; otherwise it is left out and recorded as uneven. ``label``: gives the label
    of an item's row.
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
        """Leave out the items of ``row`` because of the row ``at``, whose figures are not under
        their headings.
        """
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
    """The rows of a block whose figures are not under its headings; and whether it is these rows
    that are wrong. If not, the headings are, and none of the block's figures can be assigned.

    ``columns``: where the headings are; ``members``: the rows of the block.
    """
    first, last = columns[0], columns[-1]
    numbers = {c: [r for r in members if _is_number(_at(grid, r, c))] for c in _near(columns)}
    often = {c for c, figure_rows in numbers.items() if 2 * len(figure_rows) > len(members) > 1}
    # A column of figures has no heading: the headings are not above their columns.
    if any(c > first and not _headed(grid, members[0], c) for c in often):
        return members, False
    labels = [r for r in members if _is_words(_at(grid, r, first))]
    if 2 * len(labels) > len(members):
        return members, False
    odd = {r for c, figure_rows in numbers.items() if c not in often for r in figure_rows}
    astray = [
        r
        for r in members
        # ... or it ends too early, or a cell of it reaches over several columns.
        if r in odd or r in labels or any(_at(grid, r, c) is None for c in (*columns, last))
    ]
    return astray, len(members) == 1 or 2 * len(astray) <= len(members)


def _near(columns: Sequence[int]) -> list[int]:
    """The columns between the columns of a block, and those next to it on either side."""
    first, last = columns[0], columns[-1]
    return [c for c in range(max(0, first - _REACH), last + 1 + _REACH) if c not in columns]


def _headed(grid: Grid, row: int, col: int) -> bool:
    """Whether there are words above a cell, where headings may be."""
    return any(_is_words(_at(grid, r, col)) for r in range(max(0, row - _HEADS), row))


def _row(grid: Grid, row: int) -> Sequence[Raw]:
    """The cells of a row; none for a row below the sheet."""
    return grid.rows[row] if row < len(grid.rows) else ()


def _at(grid: Grid, row: int, col: int) -> Raw:
    """The content of a cell; "" for a blank cell, None where there is no cell of its own."""
    cells = _row(grid, row)
    return cells[col] if col < len(cells) else None


def _is_number(value: Raw) -> bool:
    """Whether the content of a cell is a number, not a number written as text."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_words(value: Raw) -> bool:
    """Whether the content of a cell is a text that is not a figure."""
    return isinstance(value, str) and bool(value) and not is_figure(value)


def _in_order(row: Sequence[Raw], columns: Sequence[int]) -> list[int]:
    """The columns of the cells behind a row's label, blank or not, without those that a merged cell
    covers.
    """
    start = max((c for c, v in enumerate(row) if c <= columns[-1] and _is_words(v)), default=-1) + 1
    return [c for c in range(start, len(row)) if row[c] is not None]


def _unnamed(rows: Mapping[int, Mapping[int, int]], grid: Grid) -> Iterator[tuple[int, int]]:
    """The rows of figures without a label, within a table or directly below it, each with the row
    of the table above it. The label of that row may apply to both, or its figures may be cut in
    two.

    ``rows``: the items of each row of the table, by row and column.
    """
    above = min(rows, default=0)
    for r in range(above, min(len(grid.rows), max(rows, default=-1) + 2)):
        if r in rows:
            above = r
        elif any(_is_number(_at(grid, r, c)) for c in rows[above]) and not any(
            map(_is_words, _row(grid, r))
        ):
            yield r, above


def groups_of(stubs: Sequence[tuple[str, ...]]) -> list[Group]:
    """The groups of successive rows that share all their labels except the innermost. ``stubs``:
    the labels of each row, from the outermost to the innermost.
    """
    groups = []
    for labels, rows in groupby(range(len(stubs)), lambda row: stubs[row][:-1]):
        members = tuple(rows)
        if labels and len(members) > 1:
            groups.append(Group(labels, members))
    return groups


def between(rows: Mapping[int, int], group: Sequence[int]) -> tuple[int, int] | None:
    """The lines directly above and below the place where the rows of a ``group`` (their numbers)
    should be; None if one of them was found, or if nothing was found above or below. ``rows``: the
    line of each row that was found, by its number.
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
    """The row between two others that has only the label of a group, if it is the only one there
    with that label and no other row there has words or figures; otherwise None.

    ``lines``: the rows above and below; ``is_label``: for rows with words in the columns of row
    labels, whether these are that label and nothing else; ``stubs`` and ``data``: the first and the
    last column of row labels and of figures.
    """
    labelled = [r for r in range(lines[0] + 1, lines[1]) if is_label.get(r)]
    cells = range(data[0], data[1] + 1)
    unlike = [
        r
        for r in range(lines[0] + 1, lines[1])
        if r not in labelled and (is_label.get(r) is False or any(view.filled(r, c) for c in cells))
    ]
    if len(labelled) != 1 or unlike:
        return None
    row = labelled[0]
    aside = [*range(stubs[1] + 1, data[0]), *range(data[1] + 1, data[1] + 1 + _REACH)]
    if any(view.filled(row, c) and is_figure(view.grid.raw(row, c)) for c in aside):
        return None  # its figures are not under the headings
    return row


def spread(copy: Copy, grid: Grid, form: Form) -> Copy:
    """A copy in which the items of a collapsed group get the cell of its single row if that cell is
    0 or blank: then each of them is 0 or blank. Items that may be negative are left out.
    """
    cells = dict(copy.cells)
    for group in copy.collapsed:
        for place, items in group.parts.items():
            if _is_nothing(grid, place) and not any(form.items[i].signed for i in items):
                cells |= dict.fromkeys(items, place)
    return replace(copy, cells=cells)


def _is_nothing(grid: Grid, place: Place) -> bool:
    """Whether a cell certainly contains 0, a word for nothing (无), or nothing at all."""
    value, flag = grid.raw(*place), grid.flags.get(place, PLAIN)
    if flag.error or flag.unseen or (flag.formula and not flag.cached):
        return False
    if value is None or figure(value) == 0:
        return True
    reading = numbers.read(value) if isinstance(value, str) else None
    blank = isinstance(value, str) and not value.strip()
    return blank or (reading is not None and reading.kind is numbers.NumberKind.VOID)
