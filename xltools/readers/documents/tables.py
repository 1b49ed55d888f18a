"""Assemble a document from what its reader finds: tables cell by cell, lines of prose, and the
sheets of workbooks embedded in it as objects (a table in Word may be a sheet of Excel).
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
from xltools.readers import format_codes, kinds
from xltools.readers.book import Book, CellBudget, Sheet, SheetStanding, TextLine
from xltools.readers.looks import Counted

OpenBook = Callable[[bytes], Book]

# Streams of an OLE object that may contain a file: one in a newer format of Office, one of
# another program, one that was attached as a file.
_HOLDERS: Final = ("Package", "CONTENTS", "\x01Ole10Native")


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddedSheet:
    """A sheet of an embedded workbook. Its name says which workbook; ``load`` reads it, with or
    without flags.
    """

    sheet: Sheet
    load: Callable[[bool], Grid]


def sheets_of(data: bytes, label: str, open_book: OpenBook) -> list[EmbeddedSheet]:
    """Return the visible sheets of the workbook in an embedded object, with names that begin with
    ``label``; empty if the object is not a workbook or cannot be opened. Raises ReadError F-05 for
    a workbook over a limit.
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
    """Yield the visible sheets of a book, with ``label`` before their names."""
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
    """Return a function that reads one sheet of an embedded book. ``inside``: the name of the sheet
    in that book; ``name``: its new name. A damaged sheet is read as an empty one.
    """

    def load(flags: bool) -> Grid:
        try:
            return replace(book.grid(inside) if flags else book.values(inside), name=name)
        except ReadError as error:
            if error.code != "F-02":
                raise
            return Grid(name=name, rows=[], flags={})

    return load


def workbook_in(data: bytes) -> bytes:
    """Return the content of the workbook that an object is or contains; empty for another kind of
    object.
    """
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
    """Return the content of the first existing stream of those in _HOLDERS; empty if
    there is none.
    """
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
    """Return a text as people see it: with single spaces, none at the ends of lines, and without
    invisible characters and empty lines.
    """
    bare = _MARK.sub("", text.replace("\xa0", " ")).translate(_UNSEEN)
    lines = [re.sub(r"[ \t\r\f\v]+", " ", line).strip() for line in bare.split("\n")]
    return "\n".join(line for line in lines if line)


def is_prose(text: str) -> bool:
    """Whether a text contains a sentence, unlike a heading or a figure."""
    return len(text) >= _SENTENCE and "。" in text


def value(content: str | Counted) -> tuple[Raw, Flag | None]:
    """Return the value and flag of a cell with this text: a number, a date, a truth value or an
    error if it is written in the one plain way that ``format_codes.value`` accepts, else the text,
    which may be empty. The marks and the left-out text of a Counted are added to the flag.
    """
    if isinstance(content, Counted):
        raw, flag = value(content.text)
        return raw, content.flagged(flag)
    text = clean(content)
    return format_codes.value(text) if text else ("", None)


@dataclass(slots=True)
class TableDraft:
    """A table that a reader builds row by row. The content of a cell is in the first of the places
    that it covers; the others are None. A row ends with its last cell. ``flags`` by row and column,
    from 0; ``merges``: the areas of merged cells.
    """

    name: str
    rows: list[list[Raw]] = field(default_factory=list)
    flags: dict[tuple[int, int], Flag] = field(default_factory=dict)
    merges: list[Area] = field(default_factory=list)

    def start(self) -> None:
        """Begin a new row."""
        self.rows.append([])

    def cell(self, content: str | Counted, *, wide: int = 1, budget: CellBudget) -> None:
        """Append a cell that covers ``wide`` columns to the last row. Raises ReadError F-05 as
        ``skip``.
        """
        row, col = len(self.rows) - 1, len(self.rows[-1])
        self.skip(max(1, wide), budget)
        self.rows[-1][col], flag = value(content)
        if flag is not None:
            self.flags[row, col] = flag

    def skip(self, wide: int, budget: CellBudget) -> None:
        """Append ``wide`` places without content to the last row, such as those covered by a cell
        above. ``budget``: the cells that the document's tables may still occupy. Raises ReadError
        F-05 if the tables become too large.
        """
        wide = max(0, min(wide, _WIDE))
        if not budget.take(wide):
            raise over("cells", Phrase.DOCUMENT_CELLS(limits().cells))
        self.rows[-1].extend([None] * wide)

    @property
    def width(self) -> int:
        """The number of columns of the longest row."""
        return max(map(len, self.rows), default=0)

    @property
    def real(self) -> bool:
        """Whether this is a table of figures or words, not a frame around text: it has several
        columns and several cells with content.
        """
        filled = sum(v not in (None, "") for row in self.rows for v in row)
        return self.width > 1 and filled > 1


def book(
    tables: Sequence[TableDraft],
    lines: Sequence[TextLine],
    loose: Sequence[Sequence[str | Counted]] = (),
    heads: Sequence[str] = (),
    embedded: Sequence[EmbeddedSheet] = (),
) -> Book:
    """Build the Book of a document. ``loose``: lines that may contain tables, each as its cells in
    order, which become a sheet named 正文; ``heads``: the titles that its page has; ``embedded``:
    the sheets of workbooks in it.

    Raises ReadError F-02 if there is no text at all.
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
    """Return a grid of lines that may contain tables. An error value in such a line
    remains text.
    """
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
