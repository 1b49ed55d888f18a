"""A document put together from what its reader finds: tables cell by cell, lines of prose, and the
sheets of workbooks that are embedded in it as objects (a table in Word may be a sheet of Excel).
"""

import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from xltools.model.cells import Area, Flag, Grid, Raw
from xltools.model.errors import ReadError, guarded
from xltools.model.file_kinds import FileKind
from xltools.model.limits import limits, over
from xltools.model.wording import Phrase
from xltools.readers import formats, kinds
from xltools.readers.book import Book, CellBudget, Sheet, SheetStanding, TextLine
from xltools.readers.looks import Counted

OpenBook = Callable[[bytes], Book]

# Streams of an OLE object that may hold a whole file: one in a newer format of Office, one of
# another program, one that was attached as a file.
_HOLDERS: Final = ("Package", "CONTENTS", "\x01Ole10Native")


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddedSheet:
    """A sheet of an embedded workbook, its name saying which workbook, and what reads it."""

    sheet: Sheet
    load: Callable[[bool], Grid]


def sheets_of(data: bytes, label: str, open_book: OpenBook) -> list[EmbeddedSheet]:
    """The sheets of the workbook in an embedded object, without hidden ones. Their names begin with
    ``label``. Empty where the object is no workbook, or one that cannot be opened. Raises ReadError
    F-05.
    """
    try:
        held = workbook_in(data)
        book = open_book(held) if held else None
    except ReadError as error:
        if error.code == "F-05":
            raise
        return []
    return list(_named(book, label)) if book is not None and not book.document else []


def _named(book: Book, label: str) -> Iterator[EmbeddedSheet]:
    """The visible sheets of a book under their new names."""
    for sheet in book.sheets:
        if not sheet.visible:
            continue
        name = f"{label}{sheet.name}"
        shown = sheet.name == book.front or len(book.sheets) == 1
        standing = SheetStanding.SHOWN if shown else SheetStanding.BEHIND
        yield EmbeddedSheet(
            sheet=replace(sheet, name=name, standing=standing), load=_loader(book, sheet.name, name)
        )


def _loader(book: Book, inside: str, name: str) -> Callable[[bool], Grid]:
    """What reads a sheet of an embedded book. A damaged sheet is given as an empty one."""

    def load(flags: bool) -> Grid:
        try:
            return replace(book.grid(inside) if flags else book.values(inside), name=name)
        except ReadError as error:
            if error.code != "F-02":
                raise
            return Grid(name=name, rows=[], flags={})

    return load


def workbook_in(data: bytes) -> bytes:
    """The bytes of the workbook that an object is or holds; empty for another kind of object."""
    if data.startswith(kinds.ZIP):
        return data
    if not data.startswith(kinds.OLE):
        return b""
    if kinds.kind(data) == FileKind.XLS:
        return data
    held = guarded(lambda: _held(data)) or b""
    starts = [at for mark in (kinds.ZIP[0], kinds.OLE) if (at := held.find(mark)) >= 0]
    return held[min(starts) :] if starts else b""


def _held(data: bytes) -> bytes:
    """The content of the first of the streams in _HOLDERS that is there; empty where none is."""
    import olefile

    with olefile.OleFileIO(io.BytesIO(data)) as ole:
        for name in _HOLDERS:
            if ole.exists(name):
                content: bytes = ole.openstream(name).read()
                return content
    return b""


BODY: Final = "正文"
_WIDE: Final = 1000  # columns that one cell may cover, as browsers have it
_SENTENCE: Final = 20  # characters that a sentence has at least
_MARK: Final = re.compile(r"\[bookmark: [^\]]*\]")  # left by programs that copy from Word
_UNSEEN: Final = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))


def clean(text: str) -> str:
    """Text as people see it: single spaces, none at the ends of lines, no invisible characters, no
    empty lines.
    """
    bare = _MARK.sub("", text.replace("\xa0", " ")).translate(_UNSEEN)
    lines = [re.sub(r"[ \t\r\f\v]+", " ", line).strip() for line in bare.split("\n")]
    return "\n".join(line for line in lines if line)


def is_prose(text: str) -> bool:
    """Whether a text has a sentence in it, as no heading and no figure does."""
    return len(text) >= _SENTENCE and "。" in text


def value(content: str | Counted) -> tuple[Raw, Flag | None]:
    """The value and flag of a cell with this text: a number where it is written in the plain way,
    else the text, which may be empty.
    """
    if isinstance(content, Counted):
        raw, flag = value(content.text)
        return raw, content.flagged(flag)
    text = clean(content)
    return formats.value(text) if text else ("", None)


@dataclass(slots=True)
class TableDraft:
    """A table while it is put together. The content of a cell stands in the first of the places
    that it covers; the others hold None. A row ends with its last cell.
    """

    name: str
    rows: list[list[Raw]] = field(default_factory=list)
    flags: dict[tuple[int, int], Flag] = field(default_factory=dict)
    merges: list[Area] = field(default_factory=list)

    def start(self) -> None:
        """Begin a row."""
        self.rows.append([])

    def cell(self, content: str | Counted, *, wide: int = 1, budget: CellBudget) -> None:
        """Add a cell to the row that covers ``wide`` columns. Raises ReadError F-05 as ``skip``."""
        row, col = len(self.rows) - 1, len(self.rows[-1])
        self.skip(max(1, wide), budget)
        self.rows[-1][col], flag = value(content)
        if flag is not None:
            self.flags[row, col] = flag

    def skip(self, wide: int, budget: CellBudget) -> None:
        """Leave out ``wide`` places of the row, which have no cell or belong to one above. Raises
        ReadError F-05 where the tables of the document become too large.
        """
        wide = max(0, min(wide, _WIDE))
        if not budget.take(wide):
            raise over("cells", Phrase.DOCUMENT_CELLS(limits().cells))
        self.rows[-1].extend([None] * wide)

    @property
    def width(self) -> int:
        """How many columns the longest row has."""
        return max(map(len, self.rows), default=0)

    @property
    def real(self) -> bool:
        """Whether this is a table of figures or words, and no frame around text."""
        filled = sum(v not in (None, "") for row in self.rows for v in row)
        return self.width > 1 and filled > 1


def book(
    tables: Sequence[TableDraft],
    lines: Sequence[TextLine],
    loose: Sequence[Sequence[str | Counted]] = (),
    heads: Sequence[str] = (),
    embedded: Sequence[EmbeddedSheet] = (),
) -> Book:
    """The book of a document. ``loose``: lines that may hold tables, each as its cells in order;
    ``heads``: the titles that its page has; ``embedded``: the sheets of workbooks in it.

    Raises ReadError F-02 when there is no text at all.
    """
    grids = {
        t.name: Grid(name=t.name, rows=t.rows, flags=t.flags, merges=tuple(t.merges))
        for t in tables
    }
    if loose:
        grids[BODY] = _flowing(loose)
    if not grids and not lines:
        raise ReadError("F-02", Phrase.DOCUMENT_NO_TEXT)
    loads = {sheet.sheet.name: sheet.load for sheet in embedded}

    def load(name: str, flags: bool) -> Grid:
        return grids[name] if name in grids else loads[name](flags)

    sheets = [Sheet(name=name, visible=True) for name in grids]
    sheets += [sheet.sheet for sheet in embedded]
    return Book(sheets, load, lines=lines, heads=heads, document=True)


def _flowing(lines: Sequence[Sequence[str | Counted]]) -> Grid:
    """A grid of lines that may hold tables. An error value in a text is text."""
    rows: list[list[Raw]] = []
    flags: dict[tuple[int, int], Flag] = {}
    for r, line in enumerate(lines):
        rows.append([])
        for c, cell in enumerate(line):
            raw, flag = value(cell)
            rows[r].append(raw)
            if flag is not None and not flag.error:
                flags[r, c] = flag
    return Grid(name=BODY, rows=rows, flags=flags, loose=True)
