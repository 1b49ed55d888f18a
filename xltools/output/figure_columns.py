"""The columns of 明细: how wide each is, which fold together, and where pages end on paper."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil

from xltools.excel.page import ACROSS, LEAST_TYPE
from xltools.layout.geometry import EM, HeadingBox, lines, measure, split
from xltools.model.form import Form, Item
from xltools.model.numbers import Number, show
from xltools.model.packed import uncommon
from xltools.model.summary import Summary
from xltools.output.plan import UNIT_COLUMN, SummaryPlan, heads

SMALL = 9  # points
GAP = 10  # pixels of the column between two tables
_DIGIT = 6.6  # pixels of a digit of 9 points in the widest of the usual typefaces
_BESIDE = 6  # pixels that programs keep free beside a number
_NARROW = 20  # pixels: two digits, and the button of a filter
_ONE = 30  # pixels of a column in which one character stands on a line
_LINES = 4  # of a heading, before its columns are made wider
_STANDING = 8  # characters of the longest heading that is written from the top to the bottom
_NAME, _LONG_NAME = 100, 165  # pixels of the column of names: least, most
_AT_ONCE = 256  # returns whose figures are compared at once
_SCALES = range(100, -(-LEAST_TYPE * 100 // SMALL) - 1, -1)  # percent


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureColumns:
    """``boxes``: the headings, cut in two where a page ends. ``meta``: the widths in pixels of the
    first columns, which say whose the figures are; ``widths``: those of the figures, by column.
    ``levels``: by column, 1 for what folds away with its table, 2 for what folds into the total
    beside it. ``breaks``: the columns before which a page ends; ``scale``: of the print, in
    percent.
    """

    boxes: Sequence[HeadingBox]
    meta: tuple[int, ...]
    widths: Mapping[int, int]
    levels: Mapping[int, int]
    breaks: list[int]
    scale: int

    def across(self, box: HeadingBox) -> int:
        """The width of a heading in pixels."""
        return _across(self.widths, box)

    def stands(self, box: HeadingBox) -> bool:
        """Whether a heading is written from the top to the bottom, as it is short and its column
        too narrow for it.
        """
        width = self.across(box)
        return _may_stand(box) and (width < _ONE or lines(box.text, width * 7 // 6) > _LINES - 1)


def arrange(plan: SummaryPlan, groups: Iterable[str]) -> FigureColumns:
    """Find the columns of 明细 for the figures that are there. ``groups``: what it says of the
    groups of units.
    """
    form = plan.summary.form
    boxes = heads(form, plan.columns, plan.levels)
    meta, widths = _meta(plan.summary, groups), _widths(plan, boxes)
    blocks = [list(_blocks(form, boxes, plan, widths, span)) for span in plan.spans]

    def breaks(scale: int) -> list[int]:
        return _breaks(blocks, sum(meta), sum(meta[: UNIT_COLUMN + 1]), ACROSS * 100 // scale)

    # The largest type that needs no more pages than the smallest.
    scale = min(_SCALES, key=lambda scale: len(breaks(scale)))
    return FigureColumns(
        boxes=split(boxes, breaks(scale)),
        meta=meta,
        widths=widths,
        levels=_levels(form, plan),
        breaks=breaks(scale),
        scale=scale,
    )


def wide(text: str) -> int:
    """The width in pixels of a text in the small type of this sheet (9 points)."""
    return measure(text) * SMALL * 2 // 21  # measured at 10.5 points


def _meta(summary: Summary, groups: Iterable[str]) -> tuple[int, ...]:
    """The widths of the first columns, see `META`. ``groups``: as for `arrange`."""
    names = [wide(entry.unit.name) + 14 for entry in summary.entries]
    kinds = [wide(group) + 12 for group in groups]
    marked = any(entry.accepted for entry in summary.entries)
    return (
        max(36, ceil(_DIGIT * len(str(len(names))) + 10)),
        min(_LONG_NAME, max(_NAME, *names, 0)),
        min(88, max(44, *kinds, 0)),
        36,
        64 if marked else 36,
    )


def _longest(plan: SummaryPlan) -> list[int]:
    """How many characters the longest figure of each item has, its sum included, by item number.

    What is added up to a sum is no longer than it, unless something is negative. So thousands of
    returns are looked at only where an item may be negative or has no sum.
    """
    items, entries = plan.summary.form.items, plan.summary.entries
    most: list[Number] = [0 if total is None else total for total in plan.summary.totals]
    least = [*most]
    odd = any(
        item.signed or not item.summed or (item.formula is not None and not item.formula.plain)
        for item in items
    )
    apart = [entry for entry in entries if entry.accepted or not entry.counted]
    if odd or any(min(entry.numbers) < 0 for entry in apart):
        apart = [*entries]
    for start in range(0, len(apart), _AT_ONCE):
        figures = [[*entry.numbers] for entry in apart[start : start + _AT_ONCE]]
        most = [*map(max, most, *figures)]
        least = [*map(min, least, *figures)]
    longest = [
        max(_shown(item, high), _shown(item, low))
        for item, high, low in zip(items, most, least, strict=True)
    ]
    plain = {item.index for item in items if not item.pattern}
    for entry in entries:  # a fraction may be longer than a larger number
        for item in plain.intersection(uncommon(entry.numbers)):
            longest[item] = max(longest[item], _shown(items[item], entry.numbers[item]))
    return longest


def _shown(item: Item, number: Number) -> int:
    """How many characters a figure of an item has as it is shown."""
    if item.decimals:
        return len(f"{number:.{item.decimals}f}")
    return min(11, len(show(number))) + (item.signed and number > 0)


def _widths(plan: SummaryPlan, boxes: Sequence[HeadingBox]) -> dict[int, int]:
    """The width in pixels of each item's column, by column, so that its longest figure fits, and
    the headings (``boxes``) that do not stand fit in four lines.
    """
    widths = {
        column: max(_NARROW, ceil(_DIGIT * count) + _BESIDE)
        for column, count in zip(plan.columns, _longest(plan), strict=True)
    }
    for box in boxes:
        span = range(box.left, box.right + 1) if box.top and not _may_stand(box) else ()
        need = ceil(wide(box.text) / _LINES) + EM + 8
        for col in span:
            widths[col] += max(0, ceil((need - _across(widths, box)) / len(span)))
    return widths


def _may_stand(box: HeadingBox) -> bool:
    """Whether a heading may be written from the top to the bottom: it is short and above one
    column.
    """
    return bool(box.top) and box.left == box.right and 0 < len(box.text) <= _STANDING


def _across(widths: Mapping[int, int], box: HeadingBox) -> int:
    """The total width of the columns below a heading, in pixels."""
    return sum(widths[col] for col in range(box.left, box.right + 1))


def _levels(form: Form, plan: SummaryPlan) -> dict[int, int]:
    """The outline level of each column: 2 where the next columns end in the total of just these,
    1 elsewhere.
    """
    levels = dict.fromkeys(plan.columns, 1)
    parts = {
        (item.table, item.column): frozenset(form.items[o.item].column for o in formula.operands)
        for item in form.items
        if (formula := item.formula) is not None
        and formula.plain
        and all(form.items[o.item].row == item.row for o in formula.operands)
    }
    for item in form.items:
        added = parts.get((item.table, item.column), frozenset())
        before = form.items[max(0, item.index - len(added)) : item.index]
        if added and {(i.row, i.column) for i in before} == {(item.row, c) for c in added}:
            levels |= {plan.columns[i.index]: 2 for i in before}
    return levels


def _blocks(
    form: Form,
    boxes: Sequence[HeadingBox],
    plan: SummaryPlan,
    widths: Mapping[int, int],
    span: tuple[int, int],
) -> Iterator[tuple[int, int]]:
    """The blocks of a table that stay together on paper, each with its first column and its width:
    what is below the heading of one row, or, if that is wider than a page, each column. ``span``:
    the first and last column of the table.
    """
    left, right = span
    starts = {box.left for box in boxes if box.top == 1} | {
        plan.columns[b.index] for a, b in pairwise(form.items) if a.row != b.row
    }
    cuts = sorted({left, right + 1} | {col for col in starts if left <= col <= right})
    for start, stop in pairwise(cuts):
        width = sum(widths[col] for col in range(start, stop))
        if width <= ACROSS - _LONG_NAME:
            yield start, width
        else:
            yield from ((col, widths[col]) for col in range(start, stop))


def _breaks(
    tables: Sequence[Sequence[tuple[int, int]]], first: int, again: int, room: int
) -> list[int]:
    """The columns before which a page ends. A table that does not fit on what is left of a page,
    but on one of its own, begins there; one that fits on none is cut between its blocks.

    ``tables``: their blocks, see `_blocks`; ``first`` and ``again``: how much of the first page,
    and of every other, the names take; ``room``: the width of a page.
    """
    breaks: list[int] = []
    used = first
    for blocks in tables:
        whole = sum(width for _, width in blocks)
        used += GAP
        if used + whole > room >= again + whole:
            breaks.append(blocks[0][0])
            used = again
        for start, width in blocks:
            if used + width > room and start not in breaks:
                breaks.append(start)
                used = again
            used += width
    return breaks
