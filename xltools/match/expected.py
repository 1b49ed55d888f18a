"""A table at its expected cells: the quick way, and what must hold for it."""

from collections.abc import Iterator

from xltools.layout.drawing import Role
from xltools.layout.places import Layout, TableLayout
from xltools.match.copies import Copy
from xltools.match.labels import LONGEST, key
from xltools.match.lines import COLUMNS, ROWS
from xltools.match.locate import Plan
from xltools.model.cells import Area, Grid
from xltools.model.measures import stated


class Expected:
    """A table at its expected cells: which texts must stand where."""

    def __init__(self, layout: Layout, one: TableLayout) -> None:
        self.layout, self.table, self.sheet = one, one.table, one.sheet
        boxes = one.drawing.boxes
        # The title may have been changed, or lost, without harm.
        self.labels = [
            (b.row, b.col, b.text, key(b.text))
            for b in boxes
            if b.item is None and b.role not in (Role.TITLE, Role.CORNER)
        ]
        self.merges = frozenset(
            Area(b.row, b.col, b.row + b.height - 1, b.col + b.width - 1)
            for b in boxes
            if b.height > 1 or b.width > 1
        )
        self.known = frozenset(k for _, _, _, k in self.labels)
        self.height, self.width = len(one.drawing.heights), len(one.drawing.widths)
        self.cells = [(b.item, layout.address(b.item)) for b in boxes if b.item is not None]
        self.plan = Plan(layout.form, one)
        free = (b for b in boxes if b.role in (Role.TITLE, Role.CORNER))
        self.free = [(b.row, b.col, b.text) for b in free]
        self.covered = [
            (r, c)
            for b in boxes
            for r in range(b.row, b.row + b.height)
            for c in range(b.col, b.col + b.width)
            if (r, c) != (b.row, b.col)
        ]
        stubs = {r for b in boxes if b.role is Role.STUB for r in range(b.row, b.row + b.height)}
        self.bare = sorted({place.row for _, place in self.cells} - stubs)
        self.frame = one.beside
        held = {(b.row, b.col) for b in boxes}
        rows = sorted({place.row for _, place in self.cells})
        self.spare = [(r, c) for r in rows for c in range(self.width) if (r, c) not in held]

    def holds(self, grid: Grid) -> bool:
        """Whether every label stands at its cell, and something in rows that have no label."""
        rows = grid.rows
        for row in self.bare:
            if row >= len(rows) or not any(v is not None and v != "" for v in rows[row]):
                return False
        for row, col, text, own in self.labels:
            try:
                value = rows[row][col]
            except IndexError:
                return False
            if value != text and (
                not isinstance(value, str)
                or key(value) != own
                or stated(value).measures != stated(text).measures
            ):
                return False
        return not self._measured(grid)

    def _measured(self, grid: Grid) -> bool:
        """Whether something in the table that is no label names a measure."""
        printed = {(row, col): text for row, col, text in self.free}
        for row, col in (*self.covered, *printed):
            value = grid.raw(row, col)
            if value is not None and isinstance(value, str):
                text = printed.get((row, col), "")
                if value != text and stated(value).measures != stated(text).measures:
                    return True
        return False

    def in_place(self, copy: Copy) -> int:
        """How many cells of a copy are the expected ones."""
        return sum(copy.cells.get(item) == (at.row, at.col) for item, at in self.cells)

    def alone(self, grid: Grid, *, ours: bool) -> bool:
        """Whether no figure stands on the sheet but those of the table at its place and, on a
        sheet of ours, what it was sent out with beside the table and below.
        """
        rows = grid.rows
        made = {at for at, flag in grid.flags.items() if flag.formula or flag.error}
        frame = self.frame if ours and not made else frozenset[tuple[int, int]]()
        for r, row in enumerate(rows[:ROWS]):
            start = self.width if r < self.height else 0
            for c, value in enumerate(row[start:COLUMNS], start):
                if (
                    value is not None
                    and value != ""
                    and (type(value) is not str or value[0].isdigit())
                    and (r, c) not in made
                    and (r, c) not in frame
                ):
                    return False
        return not any(grid.raw(r, c) is not None for r, c in self.spare)

    def outside(self, grid: Grid) -> Iterator[str]:
        """The short texts beside and below the table."""
        for r, row in enumerate(grid.rows[:ROWS]):
            for value in row[self.width if r < self.height else 0 : COLUMNS]:
                if isinstance(value, str) and 0 < len(value) <= LONGEST:
                    yield value
