"""What readers give: a Book, its sheets in order, each read when it is first asked for; and what
formats put sheets together with, within limits.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

from xltools.model.cells import Area, Flag, Grid, Raw
from xltools.model.errors import ReadError
from xltools.model.file_kinds import FileKind
from xltools.model.limits import limits, over
from xltools.model.wording import Phrase


class SheetStanding(IntEnum):
    """Where a sheet comes from: it is a sheet of the file itself; it is what an embedded object in
    a document shows; or it is behind that one in the object, and is seen only when the object is
    opened.
    """

    ITSELF = 0
    SHOWN = 1
    BEHIND = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A worksheet of a book. ``visible``: people see it; ``buried``: it is hidden so that only a
    macro shows it again (programs do not offer to).
    """

    name: str
    visible: bool
    buried: bool = False
    standing: SheetStanding = SheetStanding.ITSELF


@dataclass(frozen=True, slots=True, kw_only=True)
class TextLine:
    """A paragraph or a line of a document, and where it stands (``第3段``, ``第2页``).

    ``unseen``: text there that is struck out or hidden, which ``text`` leaves out; it may be all
    there is. ``picture``: instead of text there is a picture as large as a table, or an object
    shown as one.
    """

    text: str
    place: str
    unseen: str = ""
    picture: bool = False


class Book:
    """A workbook or a document: its sheets in order, each read when it is first asked for, and
    kept.

    ``macros``: there are programs in it, which nobody runs here. ``kind``: of the file. ``front``:
    the name of the sheet that is seen when the book is opened, empty where that is not known.

    Of a document the tables are the sheets, ``lines`` the text between them in order, ``heads`` the
    titles that a web page has beside its text. In the grid of a table a row ends where its last
    cell does, blank or not.
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
        """Take the sheets and what reads them.

        ``load`` gives the grid of a sheet by its name, with or without flags, and may raise
        ReadError. Without reading the sheet, ``count`` gives how many cells of a column hold
        something (None where it cannot say), and ``formulas`` how many cells hold a formula.
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
        """A sheet with its flags. Raises ReadError, and KeyError for a name that there is not."""
        if name not in self._grids:
            if name not in self.names:
                raise KeyError(name)
            self._grids[name] = self._load(name, True)
        return self._grids[name]

    def values(self, name: str) -> Grid:
        """A sheet without its flags, which is read faster: for its texts. Raises as ``grid``."""
        if name in self._grids:
            return self._grids[name]
        if name not in self._values:
            if name not in self.names:
                raise KeyError(name)
            self._values[name] = self._load(name, False)
        return self._values[name]

    def held(self, name: str, col: int) -> int:
        """How many cells of a column hold something, without reading the sheet where that is
        possible. Raises as ``grid``.
        """
        if name not in self._grids and name not in self._values and self._count:
            count = self._count(name, col) if name in self.names else None
            if count is not None:
                return count
        rows = self.values(name).rows
        return sum(col < len(r) and r[col] is not None and r[col] != "" for r in rows)

    def formulas(self, name: str) -> int:
        """How many cells of a sheet hold a formula, without reading it where that is possible.
        Raises as ``grid``.
        """
        if name not in self._grids and self._formulas and name in self.names:
            return self._formulas(name)
        return sum(flag.formula for flag in self.grid(name).flags.values())


ROWS: Final = 1 << 20
COLS: Final = 1 << 14
DEPTH: Final = 500  # of nested elements, each of which takes memory


@dataclass(slots=True)
class Reach:
    """How many rows and columns the cells of a sheet that hold something reach over. Cells that
    are only formatted may go on to the end of the sheet, and do not count.
    """

    rows: int = 0
    cols: int = 0

    def take(self, row: int, col: int) -> None:
        """Take a cell (from 0) that holds something."""
        self.rows, self.cols = max(self.rows, row + 1), max(self.cols, col + 1)

    def judge(self) -> None:
        """Raise ReadError F-05 when the cells lie too far apart."""
        if self.rows * self.cols > limits().cells:
            raise too_far(self.rows, self.cols)


def too_far(rows: int, cols: int) -> ReadError:
    """The refusal (F-05) of a sheet whose cells lie too far apart."""
    return over("cells", Phrase.SHEET_SIZE(rows, cols))


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
    """A sheet while it is put together, cell by cell."""

    name: str
    budget: CellBudget
    visible: bool = True
    buried: bool = False
    rows: list[list[Raw]] = field(default_factory=list)
    flags: dict[tuple[int, int], Flag] = field(default_factory=dict)
    width: int = 0
    merged: list[tuple[Area, int, int]] = field(default_factory=list)

    def reach(self, rows: int, cols: int) -> None:
        """Make room for so many rows and columns. Raises ReadError: F-02 for more than a sheet can
        have, F-05 when the cells lie too far apart.
        """
        if rows > ROWS or cols > COLS:
            raise ReadError("F-02", Phrase.NO_SUCH_CELL)
        before = len(self.rows) * self.width
        high, wide = max(rows, len(self.rows)), max(cols, self.width)
        if not self.budget.take(high * wide - before):
            raise too_far(high, wide)
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
        """Put a value, and a flag where the cell is odd, into ``high`` by ``wide`` cells, the first
        of them at ``row`` and ``col`` (from 0). A blank without a flag is not put. Raises ReadError
        as ``reach``.
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
        """Merge the cell at ``row`` and ``col`` (from 0) with ``down`` rows below and ``across``
        columns beside it. ``high``, ``wide``: so many rows and columns of cells it stands for, each
        merged so.
        """
        if down > 0 or across > 0:
            self.merged.append((Area(row, col, row + down, col + across), high, wide))

    def grid(self) -> Grid:
        """The sheet as it is now. Merged cells beyond the last cell that holds anything are left
        out, so that there are never more of them than of cells.
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
    """A book of finished sheets. Raises ReadError F-02 without any, or with two of
    the same name.
    """
    grids = {d.name: d.grid() for d in drafts}
    if not drafts:
        raise ReadError("F-02", Phrase.NO_SHEET)
    if len(grids) < len(drafts):
        raise ReadError("F-02", Phrase.SHEET_NAME_TWICE)
    sheets = [Sheet(name=d.name, visible=d.visible, buried=d.buried) for d in drafts]
    return Book(sheets, lambda name, _: grids[name])
