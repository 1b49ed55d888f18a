"""The geometry of a printed table: how its headings are merged, and the widths and heights of its
columns and rows. Lengths are in pixels, unless they count levels or lines.

A line is a column with its spanners or a row with its stubs; the levels of its headings are counted
from the outermost.
"""

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from math import ceil, lcm

from xltools.model.form import Block, Heading, Item, Table
from xltools.model.text import columns


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """One of the labels above a column or beside a row: its text, and how many levels of the
    headings it takes.

    Neighbouring lines that have the same text here share one box, unless their ``mark`` differs.
    Innermost labels have different marks, because each line has a heading of its own.
    """

    text: str
    levels: int = 1
    mark: Hashable = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadingBox:
    """A printed heading. ``top`` and ``bottom``: its first and last level; ``left`` and ``right``:
    its first and last line; all counted from 0. ``innermost``: it is the innermost heading of its
    line.
    """

    top: int
    bottom: int
    left: int
    right: int
    text: str
    innermost: bool = False

    @property
    def count(self) -> int:
        """The number of lines that it spans."""
        return self.right - self.left + 1


def labelled(texts: Sequence[str], levels: int, mark: Hashable = None) -> list[Label]:
    """Make the labels of one line from their texts, the outermost first. Outer labels take one
    level each; the innermost takes the rest of the ``levels`` and gets the ``mark``.
    """
    *outer, last = texts
    left = levels - len(outer)
    return [*(Label(text=text) for text in outer), Label(text=last, levels=left, mark=mark)]


def merged(lines: Iterable[Sequence[Label]]) -> list[HeadingBox]:
    """Make the boxes for the labels of several lines, which are given in their order. Two
    neighbouring lines share a box if that label and all outer ones are equal.

    The boxes come in the order of the lines at which they begin, those of one line from the
    outermost to the innermost.
    """
    boxes: list[HeadingBox] = []
    above: Sequence[Label] = ()  # the labels of the line before
    at: list[int] = []  # the indexes of their boxes in the list
    for number, labels in enumerate(lines):
        shared = _shared(above, labels)
        at = at[:shared]
        for box in at:
            boxes[box] = replace(boxes[box], right=number)
        top = sum(label.levels for label in labels[:shared])
        for label in labels[shared:]:
            bottom = top + label.levels - 1
            innermost = label is labels[-1]
            at.append(len(boxes))
            boxes.append(
                HeadingBox(
                    **{"top": top, "bottom": bottom, "left": number, "right": number},
                    text=label.text,
                    innermost=innermost,
                )
            )
            top = bottom + 1
        above = labels
    return boxes


def _shared(above: Sequence[Label], labels: Sequence[Label]) -> int:
    """How many labels two lines have in common, counted from the outermost."""
    count = 0
    while count < min(len(above), len(labels)) and above[count] == labels[count]:
        count += 1
    return count


def split(boxes: Iterable[HeadingBox], breaks: Iterable[int]) -> list[HeadingBox]:
    """The boxes, cut in two where a page ends, so that each page has its own headings. ``breaks``:
    the lines before which a page ends.
    """
    pieces = list(boxes)
    for cut in breaks:
        for box in [b for b in pieces if b.left < cut <= b.right]:
            pieces.remove(box)
            pieces += [replace(box, right=cut - 1), replace(box, left=cut)]
    return pieces


def by_level(boxes: Iterable[HeadingBox]) -> Iterator[HeadingBox]:
    """The boxes by level, the outermost first; those of a level in the order of their lines."""
    return iter(sorted(boxes, key=lambda box: (box.top, box.left)))


EM = 14
"""Width of a Chinese character in body type."""
PAD = 8
"""How much of the width of a cell is kept free beside its text."""
PAGE = 650
"""The width between the margins of an upright A4 sheet."""
_FIGURE, _WIDEST = 70, 140  # least (for eight digits) and greatest width of a column of figures
LINE, LEAST = 20, 27
"""The height of a line of body type, and the least height of a row."""
TALLEST = 545
"""No row of Excel is higher."""


class Role(Enum):
    """What kind of box of a table it is."""

    TITLE = "title"
    BLOCK = "block"
    CORNER = "corner"
    SPANNER = "spanner"
    STUB = "stub"
    INPUT = "input"
    TOTAL = "total"


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A cell or merged range of a table. ``row`` and ``col``: its top left cell; ``height`` and
    ``width``: how many rows and columns it takes; ``text``: what is printed in it. ``item``: the
    number of the item whose figure it holds; None for a heading.
    """

    row: int
    col: int
    height: int
    width: int
    role: Role
    text: str = ""
    item: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A table as boxes on a grid. Rows and columns are counted from 0; ``widths`` has the width of
    every column and ``heights`` the height of every row, in pixels.
    """

    boxes: tuple[Box, ...]
    widths: tuple[int, ...]
    heights: tuple[int, ...]

    @property
    def stubs(self) -> int:
        """How many columns of headings there are to the left of the figures."""
        return min(b.col for b in self.boxes if b.item is not None)

    @property
    def landscape(self) -> bool:
        """Whether it is so wide that it would be printed too small on an upright page."""
        return sum(self.widths) > PAGE * 4 // 3


def draw(table: Table, items: Mapping[tuple[str, str], Item]) -> Drawing:
    """Lay out a table as boxes: its title in row 0, then its blocks one below the other. ``items``:
    those of the table, by the keys of row and column.
    """
    stubs = max(len(r.labels) for b in table.blocks for r in b.rows)
    body = lcm(*(len(b.columns) for b in table.blocks))
    widths = _widths(table, stubs, body)
    boxes = [Box(row=0, col=0, height=1, width=stubs + body, role=Role.TITLE, text=table.title)]
    row = 1
    for block in table.blocks:
        block_boxes = list(_block(block, table.corner, items, row=row, stubs=stubs, body=body))
        boxes.extend(block_boxes)
        row = max(b.row + b.height for b in block_boxes)
    boxes = [broken(b, widths) for b in boxes]
    return Drawing(boxes=tuple(boxes), widths=widths, heights=row_heights(boxes, widths, row))


def _block(
    block: Block,
    corner: str,
    items: Mapping[tuple[str, str], Item],
    *,
    row: int,
    stubs: int,
    body: int,
) -> Iterator[Box]:
    """Yield the boxes of a block, the first of which is in row ``row``. ``corner``: the text above
    the stubs; ``stubs`` and ``body``: how many columns the table has for headings and for figures.
    """
    if block.title:
        yield Box(row=row, col=0, height=1, width=stubs + body, role=Role.BLOCK, text=block.title)
        row += 1
    depth = max(len(c.labels) for c in block.columns)
    step = body // len(block.columns)
    if stubs:
        yield Box(row=row, col=0, height=depth, width=stubs, role=Role.CORNER, text=corner)
    for box in _headings(block.columns, depth):
        yield Box(
            row=row + box.top,
            col=stubs + box.left * step,
            height=box.bottom - box.top + 1,
            width=box.count * step,
            role=Role.SPANNER,
            text=box.text,
        )
    row += depth
    for box in _headings(block.rows, stubs):
        yield Box(
            row=row + box.left,
            col=box.top,
            height=box.count,
            width=box.bottom - box.top + 1,
            role=Role.STUB,
            text=box.text,
        )
    for r, stub in enumerate(block.rows):
        for c, spanner in enumerate(block.columns):
            item = items[stub.key, spanner.key]
            yield Box(
                row=row + r,
                col=stubs + c * step,
                height=1,
                width=step,
                role=Role.INPUT if item.formula is None else Role.TOTAL,
                item=item.index,
            )


def _headings(headings: Sequence[Heading], levels: int) -> Iterator[HeadingBox]:
    """The boxes for the headings of rows or columns, by level; ``levels``: how many levels there
    are. Each heading has its own box for its innermost label; a heading without labels is one empty
    box.
    """
    if not levels:
        return iter(())
    return by_level(
        merged(
            labelled(heading.labels or ("",), levels, mark=number)
            for number, heading in enumerate(headings)
        )
    )


def _widths(table: Table, stubs: int, body: int) -> tuple[int, ...]:
    """The widths of a table's columns. A column of outer stubs is as narrow as possible while each
    label still fits into the height of its rows; the columns of figures share what is left of the
    page.
    """
    levels = []
    for level in range(stubs):
        spans = [
            (box.text, box.count, box.innermost)
            for b in table.blocks
            for box in _headings(b.rows, stubs)
            if box.top == level
        ]
        outer = [(text, count) for text, count, last in spans if not last]
        if level == stubs - 1 or not outer:
            longest = max((measure(text) for text, _, last in spans if last), default=0)
            levels.append(min(longest + PAD, EM * 13 + PAD + 4))
        else:
            ems = next(
                (
                    n
                    for n in (2, 4, 6, 8)
                    if all(lines(t, n * EM + PAD) * LINE * 4 <= c * LEAST * 3 for t, c in outer)
                ),
                10,
            )
            levels.append(ems * EM + PAD)
    figure = min(_WIDEST, max(_FIGURE, (PAGE - sum(levels)) // body))
    if levels:
        levels[-1] += max(0, PAGE - sum(levels) - figure * body)
    return (*levels, *[figure] * body)


def measure(text: str) -> int:
    """The width in pixels of a text on one line of body type."""
    return EM // 2 * columns(text)


def across(width: int) -> int:
    """How many Chinese characters stand on a line in a box that is ``width`` pixels wide."""
    return max(EM, width - PAD) // EM


def lines(text: str, width: int) -> int:
    """How many lines a text needs in a box that is ``width`` pixels wide."""
    room = 2 * across(width)
    return sum(max(1, -(-columns(part) // room)) for part in text.split("\n"))


def most_lines(texts: Iterable[str], width: int) -> int:
    """How many lines the one of the texts needs that needs most in a box ``width`` pixels wide. A
    text is measured only if it can be that one.
    """
    most, room = 1, across(width)
    for text in sorted(texts, key=len, reverse=True):
        if len(text) // room + text.count("\n") >= most:
            most = max(most, lines(text, width))
    return most


def broken(box: Box, widths: Sequence[int]) -> Box:
    """The box, with line breaks in its text if it is a spanner too narrow for that; the lines then
    have equal lengths. Any other box is returned as it is. ``widths``: those of all columns.
    """
    room = sum(widths[box.col : box.col + box.width]) - PAD
    if box.role is not Role.SPANNER or measure(box.text) <= room:
        return box
    parts = ceil(measure(box.text) / (room // EM * EM))
    length = ceil(len(box.text) / parts)
    starts = range(0, len(box.text), length)
    return replace(box, text="\n".join(box.text[start : start + length] for start in starts))


def row_heights(
    boxes: Sequence[Box], widths: Sequence[int], count: int, *, line: int = LINE, least: int = LEAST
) -> tuple[int, ...]:
    """The heights of ``count`` rows at which all texts fit. (Spreadsheet programs do not adjust the
    height of merged cells by themselves.) ``widths``: those of all columns; ``line``: the height of
    a line of text; ``least``: the least height of a row.
    """
    heights = [least] * count
    heights[0] = 36
    for box in sorted(boxes, key=lambda b: b.height):
        if not box.text or box.role is Role.TITLE:
            continue
        need = lines(box.text, sum(widths[box.col : box.col + box.width])) * line + 5
        rows = range(box.row, box.row + box.height)
        lacking = need - sum(heights[r] for r in rows)
        if lacking > 0:
            for r in rows:
                heights[r] += ceil(lacking / box.height)
    return tuple(heights)
