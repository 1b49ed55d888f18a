"""Workbooks that stand in a document as objects: a table in Word may be a sheet of Excel."""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from xltools.model.cells import Grid
from xltools.model.errors import ReadError, guarded
from xltools.readers import kinds
from xltools.readers.book import Book, Sheet, SheetStanding

OpenBook = Callable[[bytes], Book]

# Streams of an OLE object that hold a whole file: as Office keeps one of a newer format, as other
# programs do, and as a file is that was attached and not drawn.
_HOLDERS: Final = ("Package", "CONTENTS", "\x01Ole10Native")


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddedSheet:
    """A sheet of an embedded workbook, under a name that says which one, and how it is read."""

    sheet: Sheet
    load: Callable[[bool], Grid]


def sheets_of(data: bytes, label: str, open_book: OpenBook) -> list[EmbeddedSheet]:
    """The sheets of the workbook in an embedded object that are not hidden, named after ``label``;
    none where it is no workbook, or one that cannot be opened. Raises ReadError F-05.
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
    """What reads a sheet; one that is damaged has nothing in it, as its table is then not found."""

    def load(flags: bool) -> Grid:
        try:
            return replace(book.grid(inside) if flags else book.values(inside), name=name)
        except ReadError as error:
            if error.code != "F-02":
                raise
            return Grid(name=name, rows=[], flags={})

    return load


def workbook_in(data: bytes) -> bytes:
    """The file of a workbook that an object holds, or is; empty for another kind of object."""
    if data.startswith(kinds.ZIP):
        return data
    if not data.startswith(kinds.OLE):
        return b""
    if kinds.kind(data) == kinds.XLS:
        return data
    held = guarded(lambda: _held(data)) or b""
    starts = [at for mark in (kinds.ZIP[0], kinds.OLE) if (at := held.find(mark)) >= 0]
    return held[min(starts) :] if starts else b""


def _held(data: bytes) -> bytes:
    """What the first of those streams holds that there is."""
    import olefile

    with olefile.OleFileIO(io.BytesIO(data)) as ole:
        for name in _HOLDERS:
            if ole.exists(name):
                content: bytes = ole.openstream(name).read()
                return content
    return b""
