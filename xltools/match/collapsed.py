"""Rows of a group for which a return has one row, that of the label over them.

Where that row has 0, or nothing, each of its parts has: they are read from it. What any other
figure is made up of nobody can tell.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Final

from xltools.match.copies import Collapsed, Copy, Group
from xltools.match.figures import several
from xltools.match.lines import Place, View
from xltools.match.runs import figure, is_figure
from xltools.model import numbers
from xltools.model.cells import PLAIN, Address, Grid
from xltools.model.findings import Finding, finding
from xltools.model.form import Form

_BESIDE: Final = 4  # columns right of a block's that are looked at


def groups_of(stubs: Sequence[tuple[str, ...]]) -> list[Group]:
    """The groups of several rows that share all their labels but the last. ``stubs``: the labels
    of rows, from the outermost to the innermost.
    """
    found = []
    for labels, rows in groupby(range(len(stubs)), lambda row: stubs[row][:-1]):
        own = tuple(rows)
        if labels and len(own) > 1:
            found.append(Group(labels, own))
    return found


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
    found = [r for r in range(lines[0] + 1, lines[1]) if is_label.get(r)]
    cells = range(data[0], data[1] + 1)
    others = [
        r
        for r in range(lines[0] + 1, lines[1])
        if r not in found and (is_label.get(r) is False or any(view.filled(r, c) for c in cells))
    ]
    if len(found) != 1 or others:
        return None
    row = found[0]
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
    return blank or (reading is not None and reading.kind is numbers.Kind.VOID)


def remarks_of(copy: Copy, form: Form, title: str) -> Iterator[Finding]:
    """M-17 of collapsed groups whose parts are 0, M-18 of those whose parts are to be asked for."""
    for code, asked in (("M-17", False), ("M-18", True)):
        groups = [g for g in copy.collapsed if _is_open(g, copy) is asked]
        if not groups:
            continue
        parts = [
            (place, items)
            for group in groups
            for place, items in group.parts.items()
            if not asked or copy.cells.keys().isdisjoint(items)
        ]
        yield finding(
            code,
            sheet=copy.sheet,
            cells=tuple(Address(copy.sheet, *place).a1 for place, _ in parts),
            items=tuple(form.items[i].name for _, items in parts for i in items),
            labels=several([group.label for group in groups]),
            found=several([group.label for group in groups]),
            detail=title,
        )


def _is_open(group: Collapsed, copy: Copy) -> bool:
    """Whether some of the parts of a group are not known."""
    return any(copy.cells.keys().isdisjoint(items) for items in group.parts.values())
