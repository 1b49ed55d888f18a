"""A Word document (.docx): its tables and paragraphs as they read with all changes accepted."""

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from xltools.errors import ReadError
from xltools.readers.book import Book, Line
from xltools.readers.documents.tables import Budget, Table, book, clean
from xltools.readers.guard import guarded

if TYPE_CHECKING:
    from lxml.etree import _Element

_W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MC: Final = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_GONE: Final = {f"{_W}{n}" for n in ("del", "moveFrom", "instrText", "pPr", "rPr")} | {
    f"{_MC}Fallback"
}
_STRUCK: Final = ("vanish", "strike", "dstrike")  # by hand what a deletion is by the program
_OFF: Final = ("0", "false", "off", "none")


def read(data: bytes) -> Book:
    """Read a document that is a sound zip. Raises ReadError F-02, F-05."""
    from docx import Document

    made = guarded(lambda: Document(io.BytesIO(data)).element.body)
    if made is None:
        raise ReadError("F-02", "Word 文档内容已损坏")
    reading = _Reading()
    reading.blocks(made)
    return book(reading.tables, reading.lines)


@dataclass(slots=True)
class _Reading:
    """A document while it is read."""

    tables: list[Table] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    budget: Budget = field(default_factory=Budget)
    paragraphs: int = 0

    def blocks(self, parent: "_Element") -> None:
        """Paragraphs and tables, those in text boxes after the paragraph that they hang on."""
        for child in _seen(parent):
            if child.tag == f"{_W}tbl":
                self.table(child)
            elif child.tag == f"{_W}p":
                self.paragraphs += 1
                place = f"第{self.paragraphs}段"
                for line in clean(_text(child)).split("\n"):
                    if line:
                        self.lines.append(Line(text=line, place=place))
                for box in _boxes(child):
                    self.blocks(box)
            else:
                self.blocks(child)  # content controls, insertions

    def table(self, element: "_Element") -> None:
        """One table, then those within it; a frame around text is no table."""
        made, inner, framed = Table(""), list["_Element"](), list["_Element"]()
        for row in _below(element, "tr"):
            about = row.find(f"{_W}trPr")
            if about is not None and about.find(f"{_W}del") is not None:
                continue
            made.start()
            made.skip(_number(about, "gridBefore", 0), self.budget)
            for cell in _below(row, "tc"):
                own = cell.find(f"{_W}tcPr")
                if own is not None and own.find(f"{_W}cellDel") is not None:
                    continue
                wide = _number(own, "gridSpan", 1)
                if _continues(own, "vMerge") or _continues(own, "hMerge"):
                    made.skip(wide, self.budget)
                    continue
                framed.append(cell)
                inner += _tables(cell)
                made.cell(_words(cell), wide=wide, budget=self.budget)
        if made.real and not inner:
            made.name = f"表{len(self.tables) + 1}"
            self.tables.append(made)
            return
        for cell in framed:  # a frame around a text, with its tables in their places
            self.blocks(cell)


def _seen(parent: "_Element") -> Iterator["_Element"]:
    """Children that people see, of elements that only wrap others too."""
    for child in parent:
        if child.tag not in _GONE:  # a comment's tag is no text
            yield child


def _below(parent: "_Element", name: str) -> Iterator["_Element"]:
    """Rows of a table or cells of a row, those in content controls and insertions too."""
    for child in _seen(parent):
        if child.tag == f"{_W}{name}":
            yield child
        elif child.tag not in (f"{_W}tbl", f"{_W}tr", f"{_W}tc", f"{_W}p"):
            yield from _below(child, name)


def _tables(cell: "_Element") -> list["_Element"]:
    return list(_below(cell, "tbl"))


def _words(cell: "_Element") -> str:
    """The paragraphs of a cell, one a line; tables within left out."""
    return "\n".join(_text(p) for p in _below(cell, "p"))


def _text(element: "_Element") -> str:
    """The text of a paragraph; what is deleted, hidden or struck out is left out."""
    parts: list[str] = []
    for child in _seen(element):
        tag = child.tag
        if tag == f"{_W}t":
            parts.append(child.text or "")
        elif tag in (f"{_W}tab", f"{_W}ptab"):
            parts.append(" ")
        elif tag in (f"{_W}br", f"{_W}cr"):
            parts.append("\n")
        elif tag == f"{_W}noBreakHyphen":
            parts.append("-")
        elif tag == f"{_W}r":
            about = child.find(f"{_W}rPr")
            if about is None or not any(_on(about, name) for name in _STRUCK):
                parts.append(_text(child))
        elif tag not in (f"{_W}txbxContent", f"{_W}tbl"):
            parts.append(_text(child))
    return "".join(parts)


def _boxes(element: "_Element") -> Iterator["_Element"]:
    for child in _seen(element):
        if child.tag == f"{_W}txbxContent":
            yield child
        else:
            yield from _boxes(child)


def _on(about: "_Element", name: str) -> bool:
    found = about.find(f"{_W}{name}")
    return found is not None and found.get(f"{_W}val", "1") not in _OFF


def _continues(about: "_Element | None", name: str) -> bool:
    found = about.find(f"{_W}{name}") if about is not None else None
    return found is not None and found.get(f"{_W}val", "continue") != "restart"


def _number(about: "_Element | None", name: str, otherwise: int) -> int:
    found = about.find(f"{_W}{name}") if about is not None else None
    text = found.get(f"{_W}val", "") if found is not None else ""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else otherwise
