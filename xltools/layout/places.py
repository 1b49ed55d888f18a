"""Where everything of a form stands: its tables on sheets of their own, its texts on one sheet, and
all tables together on one page.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise

from xltools.layout.geometry import (
    LEAST,
    LINE,
    PAGE,
    Box,
    Drawing,
    Role,
    broken,
    draw,
    row_heights,
)
from xltools.model.cells import Address
from xltools.model.form import Form, Table, Text, TextPart
from xltools.model.identity import (
    CHECKS,
    COVER,
    IDENTITY,
    ISSUES,
    PRINT,
)

TEXT_SHEET = "文字"
TEXT_ROWS = 30
"""Rows of that sheet that each text has for its paragraphs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableLayout:
    """A table on its own sheet, whose name is ``sheet``, drawn from cell A1 on."""

    table: Table
    sheet: str
    drawing: Drawing

    @property
    def foot(self) -> int:
        """The first row below the table, for the states of its columns."""
        return len(self.drawing.heights)

    @property
    def mirror(self) -> int:
        """How many columns right of each figure a hidden cell counts the reasons for it to be
        red.
        """
        return len(self.drawing.widths) + 1

    @property
    def beside(self) -> frozenset[tuple[int, int]]:
        """The cells (row, column) right of the table and below it that hold numbers which are no
        figures: the hidden counts and the states of the columns.
        """
        places = [(b.row, b.col) for b in self.drawing.boxes if b.item is not None]
        return frozenset(
            {(row, col + self.mirror) for row, col in places} | {(self.foot, c) for _, c in places}
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TextPlace:
    """Where a text is written: the row of its heading, then its rows, ``first`` to ``last``."""

    text: Text
    heading: int
    first: int
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TextTitle:
    """The row of the title of a part, above its texts."""

    part: TextPart
    row: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Layout:
    """All places of a form: a sheet for each table, and the sheet of texts, which stand in column
    A. ``addresses``: the cells of all items, by their numbers.
    """

    form: Form
    tables: tuple[TableLayout, ...]
    titles: tuple[TextTitle, ...]
    texts: tuple[TextPlace, ...]
    addresses: tuple[Address, ...]

    def address(self, item: int) -> Address:
        """The cell of an item, by its number."""
        return self.addresses[item]


def lay_out(form: Form) -> Layout:
    """The places of a form's items and texts."""
    names = [TEXT_SHEET, COVER, CHECKS, PRINT, IDENTITY, ISSUES]
    tables = []
    addresses: dict[int, Address] = {}
    for table in form.tables:
        numbered = table.part != table.title
        name = _sheet_name(f"表{table.part}" if numbered else table.title)
        while name in names:
            name += "_"
        names.append(name)
        items = {(i.row, i.column): i for i in form.items if i.table == table.key}
        drawing = draw(table, items)
        tables.append(TableLayout(table=table, sheet=name, drawing=drawing))
        for box in drawing.boxes:
            if box.item is not None:
                addresses[box.item] = Address(name, box.row, box.col)
    titles, texts = _texts(form)
    return Layout(
        form=form,
        tables=tuple(tables),
        titles=titles,
        texts=texts,
        addresses=tuple(addresses[i.index] for i in form.items),
    )


def _sheet_name(title: str) -> str:
    """A title as the name of a sheet: without characters that Excel forbids there, and at most
    28.
    """
    return "".join("_" if c in "[]:*?/\\'" or not c.isprintable() else c for c in title)[:28]


def _texts(form: Form) -> tuple[tuple[TextTitle, ...], tuple[TextPlace, ...]]:
    """The places of the titles of parts and of texts. A part whose only text has no heading of its
    own has no title: its text bears it.
    """
    titles, places, row = [], [], 1
    for part in form.parts:
        if not isinstance(part, TextPart):
            continue
        if any(t.heading for t in part.texts):
            titles.append(TextTitle(part=part, row=row))
            row += 1
        for text in part.texts:
            places.append(TextPlace(text=text, heading=row, first=row + 1, last=row + TEXT_ROWS))
            row += TEXT_ROWS + 1
    return tuple(titles), tuple(places)


@dataclass(frozen=True, slots=True, kw_only=True)
class Composite:
    """Several tables one below the other on one grid of columns: ``tops``, the first row of each
    table; ``places``, row and column of each item by its number.
    """

    drawing: Drawing
    tops: tuple[int, ...]
    places: Mapping[int, tuple[int, int]]


def compose(
    layout: Layout,
    *,
    top: int = 0,
    gap: int = 1,
    width: int = PAGE,
    line: int = LINE,
    least: int = LEAST,
) -> Composite:
    """All tables of a form one below the other on one sheet.

    Lengths are pixels: ``width`` of each table, ``line`` of a line of text, ``least`` of the
    lowest row. ``top`` rows above the first table and ``gap`` rows below each stay free. The column
    edges of all tables are united into one grid, on which a cell may span several columns.
    """
    edges, edges_by_table = _united_edges(layout, width)
    widths = tuple(right - left for left, right in pairwise(edges))
    boxes: list[Box] = []
    heights: list[int] = [least] * top
    tops = []
    for placed, table_edges in zip(layout.tables, edges_by_table, strict=True):
        first = len(heights)
        tops.append(first)
        moved = [_on_grid(box, edges, table_edges) for box in placed.drawing.boxes]
        moved = [broken(box, widths) for box in moved]
        fitted = row_heights(moved, widths, len(placed.drawing.heights), line=line, least=least)
        boxes.extend(replace(box, row=box.row + first) for box in moved)
        heights.extend((*fitted, *[least] * gap))
    return Composite(
        drawing=Drawing(boxes=tuple(boxes), widths=widths, heights=tuple(heights)),
        tops=tuple(tops),
        places={b.item: (b.row, b.col) for b in boxes if b.item is not None},
    )


def _united_edges(layout: Layout, width: int) -> tuple[list[int], list[list[int]]]:
    """The column edges of all tables, each scaled to ``width``, in pixels from the left; and the
    edges of each table among them. An edge near one of an earlier table is moved onto it.
    """
    edges = [0, width]
    edges_by_table = []
    for placed in layout.tables:
        total = sum(placed.drawing.widths)
        scaled = (round(edge * width / total) for edge in accumulate(placed.drawing.widths))
        table_edges = [0, *(_snapped(edge, edges) for edge in scaled)]
        edges = sorted({*edges, *table_edges})
        edges_by_table.append(table_edges)
    return edges, edges_by_table


def _snapped(edge: int, edges: Sequence[int]) -> int:
    """The nearest of some edges if it is at most 5 pixels away, else the edge itself."""
    nearest = min(edges, key=lambda candidate: abs(candidate - edge))
    return nearest if abs(nearest - edge) <= 5 else edge


def _on_grid(box: Box, edges: Sequence[int], table_edges: Sequence[int]) -> Box:
    """A box of a table on the united grid, the line breaks of a spanner taken out."""
    left = edges.index(table_edges[box.col])
    right = edges.index(table_edges[box.col + box.width])
    text = box.text.replace("\n", "") if box.role is Role.SPANNER else box.text
    return replace(box, col=left, width=right - left, text=text)
