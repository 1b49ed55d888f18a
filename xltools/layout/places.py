"""The places of a form's tables and texts in a workbook: each table on a sheet of its own, the
texts together on one sheet; and all tables together on one page, for printing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
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
"""How many rows of this sheet each text has for its paragraphs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableLayout:
    """A table on its own sheet, laid out from cell A1 on. ``sheet``: the name of the sheet."""

    table: Table
    sheet: str
    drawing: Drawing

    @property
    def foot(self) -> int:
        """The first row below the table, which shows the states of its columns."""
        return len(self.drawing.heights)

    @property
    def mirror(self) -> int:
        """How many columns to the right of each figure there is a hidden cell with the number of
        reasons for showing the figure in red.
        """
        return len(self.drawing.widths) + 1

    @property
    def beside(self) -> frozenset[tuple[int, int]]:
        """The cells (row, column) to the right of the table and below it that contain numbers which
        are not figures: the hidden counts and the states of the columns.
        """
        places = [(b.row, b.col) for b in self.drawing.boxes if b.item is not None]
        return frozenset(
            {(row, col + self.mirror) for row, col in places} | {(self.foot, c) for _, c in places}
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TextPlace:
    """The rows of a text: that of its heading, then those for its paragraphs, ``first`` to
    ``last``; all counted from 0.
    """

    text: Text
    heading: int
    first: int
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TextTitle:
    """The row (from 0) of the title of a part, above its texts."""

    part: TextPart
    row: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Layout:
    """All places of a form: a sheet for each table, and one sheet with the texts, in column A.

    ``titles``: the rows of the titles of text parts; ``texts``: the rows of the texts;
    ``addresses``: the cells of all items, by item number.
    """

    form: Form
    tables: tuple[TableLayout, ...]
    titles: tuple[TextTitle, ...]
    texts: tuple[TextPlace, ...]
    addresses: tuple[Address, ...]

    def address(self, item: int) -> Address:
        """The cell of an item, by the item's number."""
        return self.addresses[item]


# A program uses only a few forms; the bound is for tests, which make many.
@lru_cache(maxsize=16)
def lay_out(form: Form) -> Layout:
    """Find places for all tables, items and texts of a form; it is done once for each form."""
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
    """Make the name of a sheet from a title: characters that Excel does not allow are replaced by
    ``_``, and only the first 28 characters are used.
    """
    return "".join("_" if c in "[]:*?/\\'" or not c.isprintable() else c for c in title)[:28]


def _texts(form: Form) -> tuple[tuple[TextTitle, ...], tuple[TextPlace, ...]]:
    """The places of the titles of text parts and of the texts. A part gets no title of its own if
    none of its texts has a heading; the title is then used as their heading.
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
    """All tables one below the other on one grid of columns. ``tops``: the first row of each table;
    ``places``: row and column of each item, by its number.
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
    """Lay out all tables of a form one below the other on one sheet.

    Lengths are in pixels: ``width`` is that of each table, ``line`` the height of a line of text,
    ``least`` the least height of a row. ``top`` rows above the first table and ``gap`` rows below
    each table are left empty. Since the tables have different columns, the edges of all of them
    together make one grid, on which a cell may span several columns.
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
    """The column edges of all tables together, each table scaled to ``width``, in pixels from the
    left; and the edges of each single table, which are among these. An edge close to one of an
    earlier table is moved onto that.
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
    """The nearest of ``edges`` if it is at most 5 pixels away, else ``edge`` itself."""
    nearest = min(edges, key=lambda candidate: abs(candidate - edge))
    return nearest if abs(nearest - edge) <= 5 else edge


def _on_grid(box: Box, edges: Sequence[int], table_edges: Sequence[int]) -> Box:
    """A box of a table with its columns on the united grid, and without the line breaks in the text
    of a spanner. ``edges``: those of the grid; ``table_edges``: those of the table.
    """
    left = edges.index(table_edges[box.col])
    right = edges.index(table_edges[box.col + box.width])
    text = box.text.replace("\n", "") if box.role is Role.SPANNER else box.text
    return replace(box, col=left, width=right - left, text=text)
