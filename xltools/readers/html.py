"""Tables of a web page, often saved under the name of .xls, to grids of cells.

Programs that save such pages leave the true value beside the shown one (``sdval``, ``x:num``); it
is taken where it stands. Formulas leave no trace, and errors only their text.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from xltools.cells import Flag, Raw
from xltools.errors import ReadError
from xltools.readers import plain
from xltools.readers.book import Book
from xltools.readers.cellwise import COLS, ROWS, Budget, Draft, book
from xltools.readers.documents import page as pages
from xltools.readers.serial import moment
from xltools.readers.texts import decode

if TYPE_CHECKING:
    from lxml.etree import _Element

_CELL: Final = re.compile(r"<t[dh](?=[\s>/])", re.IGNORECASE)
_HIDDEN: Final = re.compile(
    r"<!--.*?(?:-->|\Z)|<(script|style)\b.*?(?:</\1|\Z)", re.DOTALL | re.IGNORECASE
)
# Traces of spreadsheet programs: what they saved is no document, whatever text is beside.
_SHEETS: Final = re.compile(
    r"sdval=|x:num|x:str|Excel\.Sheet|excel:worksheet|mso-number-format", re.IGNORECASE
)
_SPAN: Final = 1000  # columns that one cell may cover, as browsers have it
_NAMES: Final = re.compile(r"<x:Name>([^<]{1,31})</x:Name>")
_HEADING: Final = re.compile(r"(?:Sheet|Table|工作表|表格?)\s*[0-9]+\s*[:：]\s*(.{1,31})")
_TEXTUAL: Final = re.compile(r"""mso-number-format\s*:\s*["']?\\?@""")
_BREAKS: Final = {"br", "p", "div", "li"}
_UNSEEN: Final = {"script", "style", "comment", "template", "table"}


def read(data: bytes, name: str) -> Book | None:
    """Read every table that holds something, each as a sheet; None when there is none. A page with
    text beside them is a document. A single
    one without a name of its own gets ``name``.

    Raises ReadError: F-02 for bytes in no known encoding or what cannot be parsed, F-05 for too
    many cells.
    """
    from lxml import etree

    text = decode(data)
    if "\x00" in text:
        raise ReadError("F-02", "文字中有空字符")
    parser = etree.HTMLParser(
        encoding="utf-8", recover=True, no_network=True, remove_comments=True, remove_pis=True
    )
    try:
        # A surrogate alone is no character: such a page is damaged.
        page = etree.fromstring(text.encode("utf-8"), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ReadError("F-02", "网页内容已损坏") from error
    # What is nested too deep, or too long, the parser leaves out, and goes no further.
    if parser.error_log.filter_from_fatals():
        raise ReadError("F-02", "网页内容嵌套过深或过长")
    if page is None:
        return None
    if sum(1 for _ in page.iter("td", "th")) < len(_CELL.findall(_HIDDEN.sub("", text))):
        raise ReadError("F-02", "网页内容有缺失")
    if not _SHEETS.search(text):
        document = pages.read(page)
        if document is not None:
            return document
    budget, drafts = Budget(), []
    named = _headings(page)
    marked = "sdval=" in text or "LibreOffice" in text[:2000]
    for number, table in enumerate(page.iter("table")):
        draft = Draft(named.get(number, ""), budget)
        _Table(draft, marked=marked).read(table)
        if draft.rows:
            drafts.append(draft)
    if not drafts:
        return None
    said = _NAMES.findall(text)
    _name(drafts, said if len(said) == len(drafts) else [], name)
    return book(drafts)


def _name(drafts: list[Draft], said: list[str], single: str) -> None:
    """Give every sheet a name of its own."""
    used: set[str] = set()
    for n, draft in enumerate(drafts, 1):
        other = single if len(drafts) == 1 else f"表格{n}"
        name = (said[n - 1] if said else draft.name).strip() or other
        draft.name = name if name not in used else f"{name}（{n}）"
        used.add(draft.name)


def _headings(page: "_Element") -> dict[int, str]:
    """Names that stand above tables, by the table's number: ``Sheet 1: 表三``."""
    names: dict[int, str] = {}
    number, last = 0, ""
    for element in page.iter("h1", "h2", "h3", "table"):
        if element.tag != "table":
            found = _HEADING.fullmatch(" ".join(_text(element).split()))
            last = found[1] if found else last
            continue
        if last:
            names[number] = last
        number, last = number + 1, ""
    return names


@dataclass(slots=True)
class _Table:
    """One table: its cells put where rows and columns that are spanned leave them."""

    draft: Draft
    marked: bool  # whether numbers carry their value, so that what does not is text
    busy: list[int] = field(default_factory=list)  # by column: the first row that is free again

    def read(self, table: "_Element") -> None:
        for row, element in enumerate(_rows(table)):
            col = 0
            for cell in element:
                if cell.tag not in ("td", "th"):
                    continue
                while col < len(self.busy) and self.busy[col] > row:
                    col += 1
                wide = max(1, min(_whole(cell.get("colspan")), _SPAN))
                high = _whole(cell.get("rowspan")) or ROWS
                if row >= ROWS or col + wide > COLS:
                    raise ReadError("F-05", "网页表格过大")
                self.busy.extend([0] * (col + wide - len(self.busy)))
                self.busy[col : col + wide] = [row + high] * wide
                self.draft.put(row, col, *self.value(cell))
                col += wide

    def value(self, cell: "_Element") -> tuple[Raw, Flag | None]:
        """A cell's value and flag. What is shown as an error is one, whatever value is beside."""
        text = _text(cell)
        about = {str(k).lower(): str(v) for k, v in cell.attrib.items()}
        flag = plain.error(about.get("x:err", "")) or plain.error(text)
        if flag is not None:
            return None, flag
        if "x:str" in about or _TEXTUAL.search(about.get("style", "")):
            return text or None, None
        if "x:bool" in about:
            return about["x:bool"].upper() == "TRUE", None
        if "sdval" in about or "x:num" in about:
            return _number(about, text), None
        return (text or None, None) if self.marked else plain.value(text)


def _number(about: Mapping[str, str], text: str) -> Raw:
    given = about.get("sdval") or about.get("x:num") or text.replace(",", "")
    try:
        number = float(given)
    except ValueError:
        return text or None
    shape = about.get("sdnum", "").rpartition(";")[2].upper()
    if shape == "BOOLEAN":
        return bool(number)
    # In quotes, in brackets or after a backslash stands text, not a date.
    shape = re.sub(r'"[^"]*"|\[[^]]*\]|\\.', "", shape)
    if shape != "GENERAL" and re.search("[YMDH]", shape):
        return moment(number)
    return number


def _rows(table: "_Element") -> Iterator["_Element"]:
    """The rows of a table, not those of tables within it."""
    for child in table:
        if child.tag == "tr":
            yield child
        elif child.tag in ("thead", "tbody", "tfoot"):
            yield from (row for row in child if row.tag == "tr")


def _text(cell: "_Element") -> str:
    """The text of a cell as it is seen; lines apart, tables within left out."""
    parts: list[str] = []

    def walk(element: "_Element") -> None:
        if element.tag in _BREAKS:
            parts.append("\n")
        if element.tag not in _UNSEEN:
            parts.append(re.sub(r"[ \t\r\n]+", " ", element.text or ""))
            for child in element:
                walk(child)
                parts.append(re.sub(r"[ \t\r\n]+", " ", child.tail or ""))

    walk(cell)
    lines = [line.replace("\xa0", " ").strip() for line in "".join(parts).split("\n")]
    return "\n".join(lines).strip()


def _whole(given: str | None) -> int:
    """A span; 1 when none is given, 0 for one to the end."""
    text = (given or "1").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 1
