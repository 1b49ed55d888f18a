"""A sheet put together cell by cell, within limits, for formats that we take apart ourselves."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from xltools.model.cells import Area, Flag, Grid, Raw
from xltools.model.errors import ReadError
from xltools.model.limits import limits, over
from xltools.readers.book import Book, Sheet

ROWS: Final = 1 << 20
COLS: Final = 1 << 14
DEPTH: Final = 500  # elements within each other; each takes memory


@dataclass(slots=True)
class Budget:
    """Rows times columns that the sheets of one file may reach over, all together."""

    left: int = field(default_factory=lambda: limits().cells)


@dataclass(slots=True)
class Draft:
    """A sheet in the making."""

    name: str
    budget: Budget
    visible: bool = True
    buried: bool = False
    rows: list[list[Raw]] = field(default_factory=list)
    flags: dict[tuple[int, int], Flag] = field(default_factory=dict)
    width: int = 0
    merged: list[tuple[Area, int, int]] = field(default_factory=list)

    def reach(self, rows: int, cols: int) -> None:
        """Make room for ``rows`` and ``cols``. Raises ReadError: F-02 for what no sheet has,
        F-05 when the cells lie too far apart.
        """
        if rows > ROWS or cols > COLS:
            raise ReadError("F-02", "单元格地址不存在")
        before = len(self.rows) * self.width
        high, wide = max(rows, len(self.rows)), max(cols, self.width)
        self.budget.left -= high * wide - before
        if self.budget.left < 0:
            raise over("cells", f"工作表范围达 {high} 行 {wide} 列")
        self.width = wide
        self.rows.extend([] for _ in range(high - len(self.rows)))

    def put(
        self,
        row: int,
        col: int,
        value: Raw,
        flag: Flag | None = None,
        *,
        high: int = 1,
        wide: int = 1,
    ) -> None:
        """Put a value, and a flag if the cell is odd, into ``high`` by ``wide`` cells from a place
        (from 0) on. Nothing to put is no cell. Raises ReadError as ``reach``.
        """
        if flag is None and (value is None or value == ""):
            return
        self.reach(row + high, col + wide)
        for r in range(row, row + high):
            line = self.rows[r]
            line.extend([None] * (col + wide - len(line)))
            line[col : col + wide] = [value] * wide
            if flag is not None:
                for c in range(col, col + wide):
                    self.flags[r, c] = flag

    def merge(
        self, row: int, col: int, *, down: int = 0, across: int = 0, high: int = 1, wide: int = 1
    ) -> None:
        """Merge a cell (from 0) with ``down`` rows below and ``across`` columns beside it, and so
        each of the ``high`` by ``wide`` cells that it stands for.
        """
        if down > 0 or across > 0:
            self.merged.append((Area(row, col, row + down, col + across), high, wide))

    def grid(self) -> Grid:
        """The sheet as it is now. Merged cells beyond the last that holds anything are left out,
        so that their number is within that of the cells.
        """
        merges = [
            Area(first.top + r, first.left + c, first.bottom + r, first.right + c)
            for first, high, wide in self.merged
            for r in range(min(high, len(self.rows) - first.top))
            for c in range(min(wide, self.width - first.left))
        ]
        return Grid(
            name=self.name,
            rows=self.rows,
            flags=self.flags,
            visible=self.visible,
            merges=merges,
        )


def book(drafts: Sequence[Draft]) -> Book:
    """A book of finished sheets. Raises ReadError F-02 without any, or with two of one name."""
    grids = {d.name: d.grid() for d in drafts}
    if not drafts:
        raise ReadError("F-02", "没有工作表")
    if len(grids) < len(drafts):
        raise ReadError("F-02", "有重名的工作表")
    sheets = [Sheet(name=d.name, visible=d.visible, buried=d.buried) for d in drafts]
    return Book(sheets, lambda name, _: grids[name])
