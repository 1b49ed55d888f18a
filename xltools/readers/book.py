"""A workbook as readers give it: its sheets in order, each read when it is first asked for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum

from xltools.model.cells import Grid


class Standing(IntEnum):
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
    standing: Standing = Standing.ITSELF


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
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
        lines: Sequence[Line] = (),
        heads: Sequence[str] = (),
        document: bool = False,
    ) -> None:
        """Take what gives a sheet by name, with or without its flags, and may raise ReadError.

        ``count`` may tell how many cells of a column hold something, and ``formulas`` how many of
        a sheet hold a formula, without reading the sheet.
        """
        self.macros = False
        self.kind = ""
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
            known = self._count(name, col) if name in self.names else None
            if known is not None:
                return known
        rows = self.values(name).rows
        return sum(col < len(r) and r[col] is not None and r[col] != "" for r in rows)

    def formulas(self, name: str) -> int:
        """How many cells of a sheet hold a formula, told without reading it if it can be. Raises as
        ``grid``.
        """
        if name not in self._grids and self._formulas and name in self.names:
            return self._formulas(name)
        return sum(flag.formula for flag in self.grid(name).flags.values())
