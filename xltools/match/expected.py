"""A table at its expected cells: the quick way, and what must hold for it."""

from xltools.cells import Grid
from xltools.drawing import Role
from xltools.layout import Layout, TableLayout
from xltools.match.labels import LONGEST, key
from xltools.match.lines import COLUMNS, ROWS
from xltools.match.locate import Plan


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
        self.known = frozenset(k for _, _, _, k in self.labels)
        self.height, self.width = len(one.drawing.heights), len(one.drawing.widths)
        self.cells = [(b.item, layout.address(b.item)) for b in boxes if b.item is not None]
        self.plan = Plan(layout.form, one)
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
            if value != text and (not isinstance(value, str) or key(value) != own):
                return False
        return True

    def alone(self, grid: Grid, *, ours: bool) -> bool:
        """Whether no figure stands on the sheet but those of the table at its place and, on a
        sheet of ours, what it was sent out with beside the table and below.
        """
        flags, rows = grid.flags, grid.rows
        frame = self.frame if ours and not flags else frozenset[tuple[int, int]]()
        for r, row in enumerate(rows[:ROWS]):
            start = self.width if r < self.height else 0
            for c, value in enumerate(row[start:COLUMNS], start):
                if (
                    value is not None
                    and value != ""
                    and (type(value) is not str or value[0].isdigit())
                    and (r, c) not in flags
                    and (r, c) not in frame
                ):
                    return False
        return not any(grid.raw(r, c) is not None for r, c in self.spare)

    def outside(self, grid: Grid) -> set[str]:
        """Keys of the short texts beside and below the table."""
        seen = set()
        for r, row in enumerate(grid.rows[:ROWS]):
            for value in row[self.width if r < self.height else 0 : COLUMNS]:
                if isinstance(value, str) and 0 < len(value) <= LONGEST:
                    seen.add(key(value))
        return seen
