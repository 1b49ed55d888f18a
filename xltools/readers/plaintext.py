"""Read a text file into a Book: CSV and TSV as one sheet, with values recognised as spreadsheet
programs do when they open it; a report copied as text or written in Markdown as a document.

Depending on the program, the tables of a copied report come as fields between tabs, as fields
between pipes, or with every cell on a line of its own. So the lines are passed on as they are, and
the headings have to show which cell is which.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Final

from xltools.model.errors import ReadError
from xltools.model.limits import limits, over
from xltools.model.wording import Phrase
from xltools.readers import format_codes
from xltools.readers.book import Book, CellBudget, SheetDraft, TextLine, book
from xltools.readers.documents import tables
from xltools.readers.documents.tables import clean
from xltools.readers.markup import decode

_LOOK: Final = 50  # how many records are examined to find the separator
_SEPARATORS: Final = ("\t", ",", ";", "，")

_RULE: Final = re.compile(r"[|+]?[\s:|+=-]*-{2,}[\s:|+=-]*")  # a line between headings and figures
_MARKS: Final = re.compile(r"^\s{0,3}(?:#{1,6}\s+|>\s*)")
_STRONG: Final = re.compile(r"(\*\*|__)(.+?)\1")
_BREAK: Final = re.compile(r"<br\s*/?>", re.IGNORECASE)
_ALONE: Final = re.compile(r"[0-9０-９][0-9０-９.,，．]{0,15}")
_BARS: Final = dict.fromkeys(map(ord, "｜│┃║"), "|")
_LEAST: Final = 10  # a text with at least so many cells is taken to contain a table


def read(data: bytes, name: str) -> Book | None:
    """Read a text: if possible as a table, which becomes a sheet called ``name``, else as a report.
    Returns None if nothing in it looks like a table.

    Such a file contains no formulas; a text that looks like an error value is taken for one. Raises
    ReadError: F-02 for an unknown encoding or unmatched quotes, F-05 for too many cells.
    """
    text = decode(data)
    if "\x00" in text:
        raise ReadError("F-02", Phrase.NUL_IN_TEXT)
    return _table(text, name) or _report(text)


def _table(text: str, name: str) -> Book | None:
    """Return CSV or TSV as a book of one sheet; None if no separator divides the text
    into a table.
    """
    if text[:4].lower() == "sep=" and text[5:6] in "\r\n":  # for Excel
        separator: str | None = text[4]
        text = text[5:].lstrip("\r\n")
    else:
        separator = _separator(text)
    if separator is None:
        return None
    draft = SheetDraft(name, CellBudget())
    for row, record in enumerate(_records(text, separator, strict=True)):
        for col, field in enumerate(record):
            if field:
                draft.put(row, col, *format_codes.value(field))
    return book([draft])


def _report(text: str) -> Book | None:
    """Return a report as a document of lines; None if too few of them can be cells of a table."""
    rows = [_cells(line) for line in re.split(r"\r\n|[\n\r\u2028\u2029\x0b\x0c]", text)]
    if sum(map(len, rows)) > limits().cells:
        raise over("cells", Phrase.TEXT_TOO_LONG)
    several = sum(len(row) for row in rows if len(row) > 1)
    alone = sum(len(row) == 1 and _ALONE.fullmatch(row[0].strip()) is not None for row in rows)
    if max(several, alone) < _LEAST:
        return None
    lines = [
        TextLine(text=clean(" ".join(row)), place=f"第{n}行")
        for n, row in enumerate(rows, 1)
        if any(cell.strip() for cell in row)
    ]
    return tables.book((), [line for line in lines if line.text], rows)


def _records(text: str, separator: str, *, strict: bool = False) -> Iterator[list[str]]:
    """Yield the records of CSV as lists of fields. With ``strict``, a quote that is never closed is
    an error, because it would swallow the rest of the file. Raises ReadError F-02.
    """
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=strict)
    except csv.Error as error:
        raise ReadError("F-02", Phrase.CSV_WRONG) from error


def _separator(text: str) -> str | None:
    """Return the character that separates the fields: the one that gives the most fields, at least
    two, in four fifths or more of the first records. None if the text is not a table.
    """
    best, most = None, 0
    head = text[: 1 << 16]
    for separator in _SEPARATORS:
        first = islice(_records(head, separator), _LOOK)
        records = [r for r in first if any(f.strip() for f in r)]
        if len(records) > 1 and len(head) < len(text):
            records = records[:-1]  # the last one may be cut off
        counts = Counter(len(r) for r in records)
        fields, times = counts.most_common(1)[0] if counts else (0, 0)
        if fields == 2 and not any(r[0].strip() for r in records if len(r) == 2):
            continue  # one cell on each line, as Word copies a table
        if fields > 1 and len(records) > 1 and 5 * times >= 4 * len(records) and fields > most:
            best, most = separator, fields
    return best


def _cells(line: str) -> list[str]:
    """Return the cells of a line, in order; a line of prose is a single cell, and a line drawn
    between rows a single blank one.
    """
    line = _STRONG.sub(r"\2", _BREAK.sub(" ", line))
    if _RULE.fullmatch(line.translate(_BARS).strip()):
        return [""]
    if "\t" in line:
        return line.split("\t")
    bare = line.translate(_BARS).strip()
    if bare.startswith("|") or bare.endswith("|") or bare.count("|") > 1:
        inner = bare.removeprefix("|").removesuffix("|")
        return ["", *re.split(r"(?<!\\)\|", inner)]  # as if they were tabs, the first too
    return [_MARKS.sub("", line)]
