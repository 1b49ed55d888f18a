"""A workbook as readers give it: sheets in order, each read when it is first asked for, put
together within limits.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

from xltools.model.cells import Area, Flag, Grid, Raw
from xltools.model.errors import ReadError
from xltools.model.file_kinds import FileKind
from xltools.model.limits import limits, over


class SheetStanding(IntEnum):
    """How a sheet stands in its file: by itself; as what an object in a document shows; or behind
    that, in the same object, where only opening it shows it.
    """

    ITSELF = 0
    SHOWN = 1
    BEHIND = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A worksheet: its name, and whether people see it. ``buried``: hidden so that only a macro
    shows it again; programs do not offer to.
    """

    name: str
    visible: bool
    buried: bool = False
    standing: SheetStanding = SheetStanding.ITSELF


@dataclass(frozen=True, slots=True, kw_only=True)
class TextLine:
    """A paragraph or line of prose, and where it stands (``第3段``, ``第2页``); ``unseen``: what
    is struck out or hidden there, which its text leaves out; that may be all there is.
    ``picture``: no text, but a picture as large as a table, or an object that is seen as one.
    """

    text: str
    place: str
    unseen: str = ""
    picture: bool = False


class Book:
    """A workbook: its sheets in order, each read when it is first asked for, and kept.

    ``macros``: it has programs in it, which nobody runs. ``kind``: what kind of file it is.
    ``front``: the sheet that is seen when it is opened, where that is known.

    A document is one too: its tables are the sheets, ``lines`` the prose between them in order,
    ``heads`` the titles that its page has beside its text.
    In its grids a row ends where its last cell does, blank or not.
    """

    def __init__(
        self,
        sheets: Sequence[Sheet],
        load: Callable[[str, bool], Grid],
        count: Callable[[str, int], int | None] | None = None,
        formulas: Callable[[str], int] | None = None,
        *,
        lines: Sequence[TextLine] = (),
        heads: Sequence[str] = (),
        document: bool = False,
    ) -> None:
        """Take what gives a sheet by name, with or without its flags, and may raise ReadError.

        ``count`` may tell how many cells of a column hold something, and ``formulas`` how many of
        a sheet hold a formula, without reading the sheet.
        """
        self.macros = False
        self.kind: FileKind | None = None
        self.front = ""
        self.sheets = tuple(sheets)
        self.lines, self.heads, self.document = tuple(lines), tuple(heads), document
        self.names = frozenset(s.name for s in sheets)
        self._load, self._count, self._formulas = load, count, formulas
        self._grids: dict[str, Grid] = {}
        self._values: dict[str, Grid] = {}

    def grid(self, name: str) -> Grid:
        """A sheet with its flags. Raises ReadError, KeyError for a name that it has not."""
        if name not in self._grids:
            if name not in self.names:
                raise KeyError(name)
            self._grids[name] = self._load(name, True)
        return self._grids[name]

    def values(self, name: str) -> Grid:
        """A sheet, its flags left out: quicker, for text. Raises as ``grid``."""
        if name in self._grids:
            return self._grids[name]
        if name not in self._values:
            if name not in self.names:
                raise KeyError(name)
            self._values[name] = self._load(name, False)
        return self._values[name]

    def held(self, name: str, col: int) -> int:
        """How many cells of a column hold something, told without reading the sheet if it can
        be. Raises as ``grid``.
        """
        if name not in self._grids and name not in self._values and self._count:
            count = self._count(name, col) if name in self.names else None
            if count is not None:
                return count
        rows = self.values(name).rows
        return sum(col < len(r) and r[col] is not None and r[col] != "" for r in rows)

    def formulas(self, name: str) -> int:
        """How many cells of a sheet hold a formula, told without reading it if it can be. Raises as
        ``grid``.
        """
        if name not in self._grids and self._formulas and name in self.names:
            return self._formulas(name)
        return sum(flag.formula for flag in self.grid(name).flags.values())


ROWS: Final = 1 << 20
COLS: Final = 1 << 14
DEPTH: Final = 500  # elements within each other; each takes memory


@dataclass(slots=True)
class CellBudget:
    """Cells (rows times columns) that the sheets or tables of one file may reach over, all
    together.
    """

    left: int = field(default_factory=lambda: limits().cells)

    def take(self, count: int) -> bool:
        """Use some; False where there are no longer as many."""
        self.left -= count
        return self.left >= 0


@dataclass(slots=True)
class SheetDraft:
    """A sheet in the making."""

    name: str
    budget: CellBudget
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
        if not self.budget.take(high * wide - before):
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


def book(drafts: Sequence[SheetDraft]) -> Book:
    """A book of finished sheets. Raises ReadError F-02 without any, or with two of one name."""
    grids = {d.name: d.grid() for d in drafts}
    if not drafts:
        raise ReadError("F-02", "没有工作表")
    if len(grids) < len(drafts):
        raise ReadError("F-02", "有重名的工作表")
    sheets = [Sheet(name=d.name, visible=d.visible, buried=d.buried) for d in drafts]
    return Book(sheets, lambda name, _: grids[name])
