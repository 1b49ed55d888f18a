"""A report copied as text, or written in Markdown: lines, and what may be tables in them.

How tables come out of such copying differs: fields between tabs, between pipes, or every cell on
a line of its own. So the lines are given as they are; what a cell is the headings must say.
"""

import re
from typing import Final

from xltools.model.errors import ReadError
from xltools.model.limits import limits, over
from xltools.readers.book import Book, TextLine
from xltools.readers.documents.tables import book, clean
from xltools.readers.texts import decode

_RULE: Final = re.compile(r"[|+]?[\s:|+=-]*-{2,}[\s:|+=-]*")  # between heads and figures
_MARKS: Final = re.compile(r"^\s{0,3}(?:#{1,6}\s+|>\s*)")
_STRONG: Final = re.compile(r"(\*\*|__)(.+?)\1")
_BREAK: Final = re.compile(r"<br\s*/?>", re.IGNORECASE)
_ALONE: Final = re.compile(r"[0-9０-９][0-9０-９.,，．]{0,15}")
_BARS: Final = dict.fromkeys(map(ord, "｜│┃║"), "|")
LEAST: Final = 10  # cells that make a text one with a table


def read(data: bytes) -> Book | None:
    """Read a text; None when nothing in it looks like a table. Raises ReadError F-02, F-05."""
    text = decode(data)
    if "\x00" in text:
        raise ReadError("F-02", "文字中有空字符")
    rows = [_cells(line) for line in re.split(r"\r\n|[\n\r\u2028\u2029\x0b\x0c]", text)]
    if sum(map(len, rows)) > limits().cells:
        raise over("cells", "文字过长")
    several = sum(len(row) for row in rows if len(row) > 1)
    alone = sum(len(row) == 1 and _ALONE.fullmatch(row[0].strip()) is not None for row in rows)
    if max(several, alone) < LEAST:
        return None
    lines = [
        TextLine(text=clean(" ".join(row)), place=f"第{n}行")
        for n, row in enumerate(rows, 1)
        if any(cell.strip() for cell in row)
    ]
    return book((), [line for line in lines if line.text], rows)


def _cells(line: str) -> list[str]:
    """A line's cells in order; a line of prose is one."""
    line = _STRONG.sub(r"\2", _BREAK.sub(" ", line))
    if _RULE.fullmatch(line.translate(_BARS).strip()):
        return [""]
    if "\t" in line:
        return line.split("\t")
    bare = line.translate(_BARS).strip()
    if bare.startswith("|") or bare.endswith("|") or bare.count("|") > 1:
        inner = bare.removeprefix("|").removesuffix("|")
        return ["", *re.split(r"(?<!\\)\|", inner)]  # as if tabs stood there, and one before
    return [_MARKS.sub("", line)]
