"""Read workbooks of Excel 2007 and later (.xlsx, .xlsm, also strict OOXML) into grids of cells.

python-calamine reads the values; if it returns fewer than the XML contains, openpyxl does. What
neither reports, such as formulas without a result and how cells are displayed, ``scan`` and
``xlsx_styles`` read from the XML.
"""

import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final, cast

from xltools.model.cells import Grid, Raw, column_name
from xltools.model.errors import ReadError, guarded
from xltools.model.wording import Phrase
from xltools.readers.book import Book, Sheet
from xltools.readers.markup import parse, plain_number
from xltools.readers.package import Package, Relation, main_part, relations
from xltools.readers.scan import (
    Scan,
    ScanTargets,
    formulas,
    held,
    scan,
)
from xltools.readers.traits import Colors, Rich, amend
from xltools.readers.xlsx_styles import (
    XlsxStyles,
    empty_texts,
    is_light,
    shared,
    styles,
)

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook

MAIN: Final = "xl/workbook.xml"
_ROOTS: Final = frozenset(
    f"{namespace} workbook"
    for namespace in (
        "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
        "http://purl.oclc.org/ooxml/spreadsheetml/main",
    )
)
# Where python-calamine looks for these parts, whatever the relations of the workbook say.
_SHARED, _STYLES = "xl/sharedstrings.xml", "xl/styles.xml"


def read(package: Package, main: str) -> Book:
    """Read the workbook whose main part is ``main``. Raises ReadError: F-02 for damage, F-05 over a
    limit. Damage in a single sheet is raised when that sheet is asked for.
    """
    source = _XlsxSource(package, main)
    book = Book(source.sheets, source.load, source.held, source.formulas)
    book.front = source.front
    return book


def workbook_part(package: Package) -> str:
    """Return the name of the workbook's main part, which need not be at its usual place; empty if
    there is none. Raises ReadError F-02 for damage.
    """
    return main_part(package, _ROOTS)


class _XlsxSource:
    """An opened workbook, from which a Book reads its sheets."""

    def __init__(self, package: Package, main: str) -> None:
        self.package = package
        entries: list[tuple[str, str, str]] = []
        front = ""

        def start(tag: str, attributes: dict[str, str]) -> None:
            if tag.endswith(" sheet"):
                ids = [v for k, v in attributes.items() if k.endswith(" id")]
                name, state = attributes.get("name", ""), attributes.get("state", "visible")
                entries.append((name, state, ids[0] if ids else ""))
            elif tag.endswith(" workbookView"):
                nonlocal front
                front = front or attributes.get("activeTab", "0")

        parse(package.read(main), start=start)
        links = relations(package, main)
        self.order = [name for name, _, _ in entries]
        at = plain_number(front, 5) or 0
        self.front = self.order[at] if front and at < len(self.order) else ""
        if len(set(self.order)) < len(self.order):
            raise ReadError("F-02", Phrase.SHEET_NAME_TWICE)
        self.parts: dict[str, str] = {}
        sheets: list[Sheet] = []
        for name, state, key in entries:
            link = links.get(key, Relation(kind="", part=""))
            if link.kind not in ("chartsheet", "dialogsheet", "xlMacrosheet"):
                self.parts[name] = link.part
                buried = state == "veryHidden"
                sheets.append(Sheet(name=name, visible=state == "visible", buried=buried))
        self.sheets = tuple(sheets)
        self.links = {link.kind: link.part for link in links.values()}
        self.calamine: CalamineWorkbook | None = None
        self.alike = False
        self.light: bool | None = None
        self.texts: dict[int, Rich] = {}
        self.styles: XlsxStyles | None = None
        self.marked: frozenset[int] = frozenset()
        self.empty: frozenset[int] | None = None

    def load(self, name: str, flags: bool) -> Grid:
        """Read one sheet. It takes less time without ``flags``; then only the flags of cells with
        an odd font are certain to be included. Raises ReadError: F-02 for damage, F-05 for cells
        too far apart.
        """
        styles = self.styles or self.shown()
        numbers = styles.odd if flags else styles.fonts
        targets = ScanTargets(styles=numbers, texts=self.marked, colors=self.colors)
        seen = scan(self.package.read(self.parts[name]), flags=flags, targets=targets)
        rows = guarded(lambda: self.by_calamine(name))
        if rows is None or not self.is_complete(rows, seen):
            rows = self.by_openpyxl(name, seen)
        if seen.odd:
            traits = {at: (styles.style(n), self.rich(text)) for at, (n, text) in seen.odd.items()}
            amend(rows, seen.flags, traits)
        visible = next(s.visible for s in self.sheets if s.name == name)
        return Grid(name=name, rows=rows, flags=seen.flags, visible=visible, merges=seen.merges)

    def shown(self) -> XlsxStyles:
        """Read how cells are displayed: returns the cell styles, and keeps them and the shared
        texts that have several runs.
        """
        xml = self.opened("styles", _STYLES)
        self.styles = styles(xml, self.has_white_ground) if xml else XlsxStyles()
        xml = self.opened("sharedStrings", _SHARED)
        if xml:
            self.texts = shared(xml, self.colors)
            self.marked = frozenset(n for n, text in self.texts.items() if text.marked)
        return self.styles

    def opened(self, kind: str, usual: str) -> bytes:
        """Return the part of this ``kind``; empty if it is missing. ``usual``: its usual name.

        python-calamine opens the same part, and returns empty strings if it has a document type. So
        the part is read here first: a document type is refused (F-02), and a wrong size is noticed
        within the limits (F-05).
        """
        xml = b""
        for part in dict.fromkeys((usual, self.links.get(kind, usual))):
            if part in self.package.parts:
                xml = self.package.read(part)
                if b"!" in xml and b"<!DOCTYPE" in xml:
                    raise ReadError("F-02", Phrase.XML_DOCTYPE)
        return xml

    def has_white_ground(self) -> bool:
        """Whether the background colour of the theme is white, as it is in a workbook without a
        theme.
        """
        if self.light is None:
            part = self.links.get("theme", "")
            self.light = part not in self.package.parts or is_light(self.package.read(part))
        return self.light

    def colors(self) -> Colors:
        """Return which colours are white in this workbook."""
        colors = self.styles.colors if self.styles else Colors()
        return replace(colors, light=self.has_white_ground())

    def rich(self, text: int | Rich | None) -> Rich | None:
        """Return the runs of a text. ``text``: the runs themselves, or the number of a shared text;
        None for a text without runs.
        """
        return self.texts.get(text) if isinstance(text, int) else text

    def held(self, name: str, col: int) -> int | None:
        """Return how many cells of a column (``col``, from 0) are not blank; None if a quick scan
        cannot find out.
        """
        return held(self.package.read(self.parts[name]), column_name(col))

    def formulas(self, name: str) -> int:
        """Return how many cells hold a formula, counting only those in the plain style of
        ``scan``.
        """
        return formulas(self.package.read(self.parts[name]))

    def by_calamine(self, name: str) -> list[list[Raw]] | None:
        """Read the values of a sheet with python-calamine; None if it sees other sheets than the
        XML lists.
        """
        if self.calamine is None:
            from python_calamine import CalamineWorkbook

            self.calamine = CalamineWorkbook.from_filelike(io.BytesIO(self.package.data))
            self.alike = self.calamine.sheet_names == self.order
        if not self.alike:
            return None
        sheet = self.calamine.get_sheet_by_index(self.order.index(name))
        return cast(list[list[Raw]], sheet.to_python(skip_empty_area=False))

    def is_complete(self, rows: Sequence[Sequence[Raw]], seen: Scan) -> bool:
        """Whether a library returned at least as many values (``rows``) as the scan found in the
        XML (``seen``). Shared texts that are empty may be missing.
        """
        if seen.filled <= 1:
            count = len(rows)
        else:
            count = sum(v is not None and v != "" for row in rows for v in row)
        if count >= seen.filled:
            return True
        if self.empty is None:
            xml = self.opened("sharedStrings", _SHARED)
            self.empty = empty_texts(xml) if xml else frozenset()
        return count >= seen.filled - sum(seen.shared.get(n, 0) for n in self.empty)

    def by_openpyxl(self, name: str, seen: Scan) -> list[list[Raw]]:
        """Read the values of a sheet with openpyxl, which can read some sheets that python-calamine
        cannot. Raises ReadError F-02 if it cannot, or if values are missing.
        """
        rows = guarded(lambda: _openpyxl(self.package.data, name))
        if rows is None or not self.is_complete(rows, seen):
            raise ReadError("F-02", Phrase.SHEET_UNREADABLE(name[:31]))
        return rows


def _openpyxl(data: bytes, name: str) -> list[list[Raw]] | None:
    """Read the values of a sheet with openpyxl; None if openpyxl does not know it as a
    worksheet.
    """
    import warnings

    from openpyxl import load_workbook

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of styles and validations that it does not know
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        try:
            if name not in book.sheetnames:
                return None
            sheet = book[name]
            if not hasattr(sheet, "reset_dimensions"):
                return None
            sheet.reset_dimensions()  # the size that the file states may be wrong
            return [_trimmed(row) for row in sheet.iter_rows(values_only=True)]
        finally:
            book.close()


def _trimmed(row: Sequence[object]) -> list[Raw]:
    """Return a row up to its last value. Cells that are only formatted, which may continue to the
    end of the sheet, are left out.
    """
    end = len(row)
    while end and row[end - 1] is None:
        end -= 1
    return [_raw(value) for value in row[:end]]


def _raw(value: object) -> Raw:
    """Convert a value that openpyxl returns. An object of its own (rich text) is converted to its
    text.
    """
    plain = (str, int, float, date, datetime, time, timedelta)  # a bool is an int
    return value if value is None or isinstance(value, plain) else str(value)
