"""The result of all readers, a Book, whose sheets are each read when first asked for; and the parts
from which readers of single formats assemble sheets within the limits.
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
from xltools.readers.structures import SheetContent


class SheetStanding(IntEnum):
    """Where a sheet comes from.

    ITSELF: it is a sheet of the file. SHOWN: it is the sheet that an object embedded in a document
    displays. BEHIND: it is another sheet of such an object, visible only when the object is opened.
    """

    ITSELF = 0
    SHOWN = 1
    BEHIND = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A worksheet of a book, without its cells. ``visible``: it is not hidden. ``buried``: it is
    hidden in such a way that only a macro can show it again (programs offer no way to).
    ``standing``: whether it is a sheet of the file itself or of an embedded object.
    """

    name: str
    visible: bool
    buried: bool = False
    standing: SheetStanding = SheetStanding.ITSELF


@dataclass(frozen=True, slots=True, kw_only=True)
class TextLine:
    """A paragraph or a line of a document. ``place``: where it is, in words (``第3段``, ``第2页``).

    ``unseen``: its struck-out or hidden text, which ``text`` leaves out; ``text`` may be empty
    because of that. ``picture``: there is no text but a picture as large as a table, or an embedded
    object displayed as a picture.
    """

    text: str
    place: str
    unseen: str = ""
    picture: bool = False


class Book:
    """A workbook or a document: its sheets in order. Each sheet is read when first asked for, and
    kept.

    ``macros``: the file contains macros, which are never run here. ``kind``: the kind of the file.
    ``front``: the name of the sheet that is displayed when the book is opened; empty if unknown.

    For a document, the sheets are its tables, ``lines`` is the text between them in order, and
    ``heads`` are the titles that a web page has outside its text. A row in the grid of such a table
    ends with its last cell, whether that is blank or not.
    """

    def __init__(
        self,
        sheets: Sequence[Sheet],
        load: Callable[[str, bool], Grid],
        count: Callable[[str, int], int | None] | None = None,
        formulas: Callable[[str], int] | None = None,
        content: Callable[[str], SheetContent | None] | None = None,
        *,
        lines: Sequence[TextLine] = (),
        heads: Sequence[str] = (),
        document: bool = False,
    ) -> None:
        """Set up a book from its sheets and the functions that read them. ``document``: the file is
        a document, not a workbook.

        ``load`` returns the grid of the sheet with a given name; its second argument says whether
        flags are needed. It may raise ReadError. Three optional functions answer without reading
        the sheet: ``count`` returns how many cells of a column (from 0) are not blank, or None if
        it cannot say; ``formulas`` how many cells hold a formula; ``content`` what is in the cells
        of a sheet whose structure is known, None for any other.
        """
        self.macros = False
        self.kind: FileKind | None = None
        self.front = ""
        self.sheets = tuple(sheets)
        self.lines, self.heads, self.document = tuple(lines), tuple(heads), document
        self.names = frozenset(s.name for s in sheets)
        self._load, self._count, self._formulas, self._content = load, count, formulas, content
        self._grids: dict[str, Grid] = {}
        self._values: dict[str, Grid] = {}
        self._held: dict[tuple[str, int], int | None] = {}
        self._counted: dict[str, int] = {}

    def grid(self, name: str) -> Grid:
        """Return a sheet with the flags of its cells. Raises ReadError, and KeyError if the book
        has no sheet of this name.
        """
        if name not in self._grids:
            if name not in self.names:
                raise KeyError(name)
            self._grids[name] = self._load(name, True)
        return self._grids[name]

    def values(self, name: str) -> Grid:
        """Return a sheet, possibly without the flags of its cells, which is faster to read: for
        those who need only its texts. Raises as ``grid`` does.
        """
        if name in self._grids:
            return self._grids[name]
        if name not in self._values:
            if name not in self.names:
                raise KeyError(name)
            self._values[name] = self._load(name, False)
        return self._values[name]

    def held(self, name: str, col: int) -> int:
        """Return how many cells of a column (``col``, from 0) are not blank, if possible without
        reading the sheet. Raises as ``grid`` does.
        """
        if name not in self._grids and name not in self._values and self._count:
            if (name, col) not in self._held:
                self._held[name, col] = self._count(name, col) if name in self.names else None
            count = self._held[name, col]
            if count is not None:
                return count
        rows = self.values(name).rows
        return sum(col < len(r) and r[col] is not None and r[col] != "" for r in rows)

    def formulas(self, name: str) -> int:
        """Return how many cells of a sheet hold a formula, if possible without reading the sheet.
        Raises as ``grid`` does.
        """
        if name not in self._grids and self._formulas and name in self.names:
            if name not in self._counted:
                self._counted[name] = self._formulas(name)
            return self._counted[name]
        return sum(flag.formula for flag in self.grid(name).flags.values())

    def content(self, name: str) -> SheetContent | None:
        """Return what is in the cells of a sheet whose structure is known; None for any other sheet
        and in a book without such a sheet. Raises ReadError for a damaged sheet.
        """
        return self._content(name) if self._content and name in self.names else None


ROWS: Final = 1 << 20
COLS: Final = 1 << 14
DEPTH: Final = 500  # nested XML elements at most; each takes memory


@dataclass(slots=True)
class Reach:
    """The size of the range, from A1, that contains all cells of a sheet with content. Cells that
    are only formatted, which may continue to the end of the sheet, do not count.
    """

    rows: int = 0
    cols: int = 0

    def take(self, row: int, col: int) -> None:
        """Extend the range to a cell with content; ``row`` and ``col`` count from 0."""
        self.rows, self.cols = max(self.rows, row + 1), max(self.cols, col + 1)

    def judge(self) -> None:
        """Raise ReadError F-05 if the range has more cells than the limit allows."""
        if self.rows * self.cols > limits().cells:
            raise too_far(self.rows, self.cols)


def too_far(rows: int, cols: int) -> ReadError:
    """The error F-05 for a sheet whose cells with content lie too far apart: ``rows`` times
    ``cols`` exceeds the limit.
    """
    return over("cells", Phrase.SHEET_SIZE(rows, cols))


@dataclass(slots=True)
class CellBudget:
    """The number of cells (rows times columns) that the sheets or tables of one file may occupy
    together. ``left``: how many of them are not used yet; it begins with the limit.
    """

    left: int = field(default_factory=lambda: limits().cells)

    def take(self, count: int) -> bool:
        """Deduct ``count`` cells; return False if fewer than these were left."""
        self.left -= count
        return self.left >= 0


@dataclass(slots=True)
class SheetDraft:
    """A sheet that a reader builds cell by cell, with values (``rows``) and flags by row and column
    from 0.

    ``budget``: the cells that the file's sheets may occupy together. ``width``: the number of
    columns so far. ``merged``: merged areas, each with the numbers of rows and columns for which it
    is repeated (see ``merge``).
    """

    name: str
    budget: CellBudget
    visible: bool = True
    buried: bool = False
    rows: list[list[Raw]] = field(default_factory=list)
    flags: dict[tuple[int, int], Flag] = field(default_factory=dict)
    width: int = 0
    merged: list[tuple[Area, int, int]] = field(default_factory=list)

    def reach(self, rows: int, cols: int) -> None:
        """Enlarge the sheet to at least ``rows`` and ``cols``. Raises ReadError: F-02 if no sheet
        can be that large, F-05 if the cells lie too far apart.
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
        """Write the same value, and flag if there is one, into ``high`` rows by ``wide`` columns of
        cells, beginning at ``row`` and ``col`` (from 0). Does nothing for a blank without a flag.
        Raises ReadError as ``reach``.
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
        """Merge the cell at ``row`` and ``col`` (from 0) with the ``down`` rows below it and the
        ``across`` columns to its right. ``high``, ``wide``: the file repeats this cell for so many
        rows and columns, and each repetition is merged in the same way.
        """
        if down > 0 or across > 0:
            self.merged.append((Area(row, col, row + down, col + across), high, wide))

    def grid(self) -> Grid:
        """Return the sheet as built so far. Merged areas that begin beyond the last cell with
        content are left out, so that there are never more of them than cells.
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
    """Return a book of finished sheets. Raises ReadError F-02 if there are none, or two with the
    same name.
    """
    grids = {d.name: d.grid() for d in drafts}
    if not drafts:
        raise ReadError("F-02", Phrase.NO_SHEET)
    if len(grids) < len(drafts):
        raise ReadError("F-02", Phrase.SHEET_NAME_TWICE)
    sheets = [Sheet(name=d.name, visible=d.visible, buried=d.buried) for d in drafts]
    return Book(sheets, lambda name, _: grids[name])
