"""CSV and TSV to a grid: one sheet, whose values are told apart as programs do on opening it."""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Final

from xltools.model.errors import ReadError
from xltools.readers import formats
from xltools.readers.book import AreaBudget, Book, SheetDraft, book
from xltools.readers.texts import decode

_LOOK: Final = 50  # records that tell the separator
_SEPARATORS: Final = ("\t", ",", ";", "，")


def read(data: bytes, name: str) -> Book | None:
    """Read a text as a table, a sheet of that name; None when it is none.

    A formula leaves no trace in such a file; what looks like an error value is one. Raises
    ReadError F-02 (encoding, quotes), F-05 for too many cells.
    """
    text = decode(data)
    if "\x00" in text:
        raise ReadError("F-02", "文字中有空字符")
    if text[:4].lower() == "sep=" and text[5:6] in "\r\n":  # a line for Excel
        separator: str | None = text[4]
        text = text[5:].lstrip("\r\n")
    else:
        separator = _separator(text)
    if separator is None:
        return None
    draft = SheetDraft(name, AreaBudget())
    for r, record in enumerate(_records(text, separator, strict=True)):
        for c, field in enumerate(record):
            if field:
                draft.put(r, c, *formats.value(field))
    return book([draft])


def _records(text: str, separator: str, *, strict: bool = False) -> Iterator[list[str]]:
    """The records; ``strict``: a quote that is left open would swallow the rest, and is damage."""
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=strict)
    except csv.Error as error:
        raise ReadError("F-02", "CSV 格式有误") from error


def _separator(text: str) -> str | None:
    """What separates fields: that with which most records have one and the same number of them,
    at least two; None when the text is no table.
    """
    best, most = None, 0
    head = text[: 1 << 16]
    for one in _SEPARATORS:
        first = islice(_records(head, one), _LOOK)
        records = [r for r in first if any(f.strip() for f in r)]
        if len(records) > 1 and len(head) < len(text):
            records = records[:-1]  # it may be cut
        counts = Counter(len(r) for r in records)
        fields, times = counts.most_common(1)[0] if counts else (0, 0)
        if fields == 2 and not any(r[0].strip() for r in records if len(r) == 2):
            continue  # a list of cells, one a line, as Word copies a table
        if fields > 1 and len(records) > 1 and 5 * times >= 4 * len(records) and fields > most:
            best, most = one, fields
    return best
