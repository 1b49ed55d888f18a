"""Read a web page into a Book. A page saved by a spreadsheet program (often with the suffix .xls)
becomes a workbook, one sheet per table; a page with text around its tables becomes a document.

Programs that save such pages write the true value next to the displayed text (``sdval``,
``x:num``), and the number format; both are used where present. Formulas are not saved, and of
errors only the text. LibreOffice saves text that was raised or struck out within a cell as plain
text joined to the rest; it can no longer be told apart.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from xltools.model import number_formats
from xltools.model.cells import Flag, Raw
from xltools.model.errors import ReadError
from xltools.model.wording import Phrase
from xltools.readers import format_codes
from xltools.readers.book import (
    Book,
    CellBudget,
    SheetDraft,
    book,
)
from xltools.readers.documents import page as pages
from xltools.readers.format_codes import moment
from xltools.readers.looks import (
    Counted,
    TextRun,
    counted,
    format_of,
    shows,
)
from xltools.readers.markup import decode
from xltools.readers.pagetext import Looks, TableCell, lines

if TYPE_CHECKING:
    from lxml.etree import _Element

_CELL: Final = re.compile(r"<t[dh](?=[\s>/])", re.IGNORECASE)
_HIDDEN: Final = re.compile(
    r"<!--.*?(?:-->|\Z)|<(script|style)\b.*?(?:</\1|\Z)", re.DOTALL | re.IGNORECASE
)
# Only spreadsheet programs write these. A page with one is not a document, whatever its text.
_SHEETS: Final = re.compile(
    r"sdval=|x:num|x:str|Excel\.Sheet|excel:worksheet|mso-number-format", re.IGNORECASE
)
# Classes of the cells that show column letters and row numbers on a page of Google.
_FRAME: Final = re.compile(r"(?:^|\s)(?:row-headers?-|column-headers?-|row-header\b|freezebar)")
_NAMES: Final = re.compile(r"<x:Name>([^<]{1,31})</x:Name>")
_HEADING: Final = re.compile(r"(?:Sheet|Table|工作表|表格?)\s*[0-9]+\s*[:：]\s*(.{1,31})")
_TEXTUAL: Final = re.compile(r"""mso-number-format\s*:\s*["']?\\?@""")
_EXCEL: Final = "schemas-microsoft-com:office:excel"
# Equations, which Word saves within comments that browsers ignore.
_EQUATION: Final = re.compile(r"<!--\[if gte msEquation [0-9]+\]>(.*?)<!\[endif\]-->", re.DOTALL)
_ESCAPED: Final = re.compile(r"\\(?:([0-9a-fA-F]{4})|(.))", re.DOTALL)


@dataclass(frozen=True, slots=True)
class WebPage:
    """A parsed page: its source ``text``, and the ``root`` of its elements."""

    text: str
    root: "_Element"


def parsed(data: bytes) -> WebPage | None:
    """Parse a page; returns None for one without content.

    Raises ReadError F-02 if the encoding is unknown, and if the parser had to leave something out
    (elements nested too deep, cells that it lost).
    """
    from lxml import etree

    text = _EQUATION.sub(r"\1", decode(data))
    if "\x00" in text:
        raise ReadError("F-02", Phrase.NUL_IN_TEXT)
    parser = etree.HTMLParser(
        encoding="utf-8", recover=True, no_network=True, remove_comments=True, remove_pis=True
    )
    try:
        # Lone surrogates cannot be encoded: such a page is damaged.
        page = etree.fromstring(text.encode("utf-8"), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ReadError("F-02", Phrase.PAGE_DAMAGED) from error
    # Where elements are nested too deep or too long, the parser stops.
    if parser.error_log.filter_from_fatals():
        raise ReadError("F-02", Phrase.PAGE_TOO_DEEP)
    if page is None:
        return None
    if sum(1 for _ in page.iter("td", "th")) < len(_CELL.findall(_HIDDEN.sub("", text))):
        raise ReadError("F-02", Phrase.PAGE_INCOMPLETE)
    _without_frame(page)
    return WebPage(text, page)


def book_of(page: WebPage, name: str) -> Book | None:
    """Build the Book of a page; returns None if it has no table with content.

    A page saved by a spreadsheet program becomes a workbook with a sheet for each table; a page
    with text around its tables becomes a document. ``name``: the name for the sheet of a page with
    a single table that has no name of its own. Raises ReadError F-05 for too many cells.
    """
    if not _SHEETS.search(page.text):
        document = pages.read(page.root)
        if document is not None:
            return document
    sheets = drafts(page, CellBudget())
    if not sheets:
        return None
    names = _NAMES.findall(page.text)
    _name(sheets, names if len(names) == len(sheets) else [], name)
    return book(sheets)


def drafts(page: WebPage, budget: CellBudget) -> list[SheetDraft]:
    """Return the tables of a page that have content, as sheets. A sheet gets the name that the page
    shows above the table; its name is empty if there is none, as is usual. Raises ReadError F-05
    for too many cells.
    """
    sheets = []
    looks = Looks.of(page.root)
    named = _headings(page.root, looks)
    marked = "sdval=" in page.text or "LibreOffice" in page.text[:2000]
    reading = _HtmlTable(looks, marked=marked, excel=_EXCEL in page.text)
    for number, table in enumerate(page.root.iter("table")):
        draft = SheetDraft(named.get(number, ""), budget)
        reading.read(table, draft)
        if draft.rows:
            sheets.append(draft)
    return sheets


def _without_frame(page: "_Element") -> None:
    """Remove the column letters and row numbers that Google shows around a sheet, which are cells
    of the HTML table.
    """
    for table in [*page.iter("table")]:
        if "waffle" not in table.get("class", "").split():
            continue
        for cell in [*table.iter("td", "th")]:
            if _FRAME.search(cell.get("class", "")):
                _remove(cell)
        for row in [*table.iter("tr")]:
            if not len(row):
                _remove(row)


def _remove(element: "_Element") -> None:
    """Remove an element, with everything in it, from the page."""
    outer = element.getparent()
    if outer is not None:
        outer.remove(element)


def _name(drafts: list[SheetDraft], names: list[str], single: str) -> None:
    """Give every sheet a unique name: the one at its position in ``names`` if that list is not
    empty, else the name above its table, else ``single`` for a lone sheet or its number.
    """
    used: set[str] = set()
    for n, draft in enumerate(drafts, 1):
        otherwise = single if len(drafts) == 1 else f"表格{n}"
        name = (names[n - 1] if names else draft.name).strip() or otherwise
        draft.name = name if name not in used else f"{name}（{n}）"
        used.add(draft.name)


def _headings(page: "_Element", looks: Looks) -> dict[int, str]:
    """Return the names shown above tables (as in ``Sheet 1: 表三``), by the number of the table on
    the page, from 0.
    """
    names: dict[int, str] = {}
    number, last = 0, ""
    for element in page.iter("h1", "h2", "h3", "table"):
        if element.tag != "table":
            heading = counted(looks.runs(element, looks.at(element))).text
            matched = _HEADING.fullmatch(" ".join(heading.split()))
            last = matched[1] if matched else last
            continue
        if last:
            names[number] = last
        number, last = number + 1, ""
    return names


@dataclass(slots=True)
class _HtmlTable:
    """Reads the tables of one page into sheets."""

    looks: Looks
    marked: bool  # numbers are saved with a value, so cells without one are text
    excel: bool  # Excel saved the page, and marks as hidden what does not fit

    def read(self, table: "_Element", draft: SheetDraft) -> None:
        """Put the cells of a table into a sheet. Hidden rows and cells are included, as they are
        for a workbook.
        """
        for row in self.looks.rows(table, self.looks.at(table), hidden=True):
            for cell in row.cells:
                draft.put(cell.row, cell.col, *self.value(cell))
                draft.merge(cell.row, cell.col, down=cell.high - 1, across=cell.wide - 1)

    def value(self, cell: TableCell) -> tuple[Raw, Flag | None]:
        """Return the value and flag of a cell. A cell that displays an error is an error, whatever
        value is saved with it.
        """
        element = cell.element
        runs = list(self.looks.runs(element, cell.look))
        content = _cut(runs) if self.excel else counted(runs)
        text, about = (
            lines(content.text),
            {str(k).lower(): str(v) for k, v in element.attrib.items()},
        )
        flag = format_codes.error(about.get("x:err", "")) or format_codes.error(text)
        if self.looks.has_lost(element, text):
            flag = Flag(field=True)
        if flag is not None:
            return None, flag
        code = _code(about, self.format(element))
        value: Raw
        if "x:str" in about or _TEXTUAL.search(about.get("style", "")):
            value = text or None
        elif "x:bool" in about:
            value = about["x:bool"].upper() == "TRUE"
        elif "sdval" in about or "x:num" in about:
            value = _number(about, text)
            if isinstance(value, float) and not content.unseen and number_formats.plain(code):
                code = code if shows(text, value) else _literal(text)
        elif self.marked:
            value = text or None
        else:
            value, flag = format_codes.value(text)
        value = (
            replace(content, text=text).typed(value) if content.mark or content.unseen else value
        )
        return value, format_of(code, value, content.flagged(flag))

    def format(self, cell: "_Element") -> str:
        """Return the number format in the style of a cell on a page saved by Excel, with its
        characters escaped as in style sheets; empty if there is none or the page is by another
        program.
        """
        if not self.excel:
            return ""
        return self.looks.sheet.declared(cell).get("mso-number-format", "")


def _cut(runs: list[TextRun]) -> Counted:
    """Divide the text of a cell saved by Excel, which marks as hidden the text at the end that does
    not fit into the column's width. Such text counts like the rest, unless a number is cut in two:
    then its value is uncertain, and all of it is returned as unseen.
    """
    end = len(runs)
    while end and (runs[end - 1].look.hidden or not runs[end - 1].text.strip()):
        end -= 1
    seen, rest = ("".join(run.text for run in part) for part in (runs[:end], runs[end:]))
    if not seen.strip() or not rest.strip():
        return counted(runs)
    if seen.rstrip()[-1].isdigit() and rest.lstrip()[0].isdigit():
        return Counted("", unseen="".join((seen + rest).split()))
    shown = (replace(run, look=replace(run.look, hidden=None)) for run in runs[end:])
    return counted([*runs[:end], *shown])


def _code(about: Mapping[str, str], office_code: str) -> str:
    """Return the code of a cell's number format, from the ``sdnum`` that LibreOffice writes or the
    ``mso-number-format`` of Excel (``office_code``, with its characters escaped as in style
    sheets). ``about``: the attributes of the cell.
    """
    if "sdnum" in about:
        return ";".join(about["sdnum"].split(";")[2:]) or "General"
    bare = office_code.strip().strip("\"'")
    written = _ESCAPED.sub(lambda m: chr(int(m[1], 16)) if m[1] else m[2], bare)
    return format_codes.code(written) if written else "General"


def _literal(text: str) -> str:
    """Return a number format that displays any number as ``text``. It marks a number whose page
    shows something other than its value.
    """
    return '"' + text.replace('"', "") + '"' if text else ";;;"


def _number(about: Mapping[str, str], text: str) -> Raw:
    """Return the value saved with a cell, or else the number that its text shows. It becomes a date
    or time if the cell's format is for those, and a truth value if it has LibreOffice's format for
    these. Without a number, the text is returned, or None if that is empty. ``about``: the
    attributes of the cell.
    """
    written = about.get("sdval") or about.get("x:num") or text.replace(",", "")
    try:
        number = float(written)
    except ValueError:
        return text or None
    shape = _code(about, "").upper() if "sdnum" in about else ""
    if shape == "BOOLEAN":
        return bool(number)
    # Letters in quotes, in brackets or after a backslash do not make a format one of dates.
    shape = re.sub(r'"[^"]*"|\[[^]]*\]|\\.', "", shape)
    if shape != "GENERAL" and re.search("[YMDH]", shape):
        return moment(number)
    return number
