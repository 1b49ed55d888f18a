"""Read workbooks of Excel 2007 and later (.xlsx, .xlsm, also strict OOXML) into grids of cells.

python-calamine reads the values; if it returns fewer than the XML contains, openpyxl does. What
neither reports, such as formulas without a result and how cells are displayed, ``scan`` and
``xlsx_styles`` read from the XML.
"""

import io
from collections.abc import Hashable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Final, cast

from xltools.model.cells import Grid, Raw, column_name
from xltools.model.errors import ReadError, guarded
from xltools.model.wording import Phrase
from xltools.readers.book import Book, Sheet
from xltools.readers.known import Environment, KnownSheet, Structures, shared_part, trial
from xltools.readers.markup import parse, plain_number
from xltools.readers.package import Package, Relation, main_part, relations_in, relations_part
from xltools.readers.plain_cells import PlainCells, plain_cells, table
from xltools.readers.scan import (
    Scan,
    ScanTargets,
    formulas,
    held,
    scan,
)
from xltools.readers.structures import SheetContent
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
_WORKSHEET: Final = (
    b'"http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"'
)
# Where python-calamine looks for these parts, whatever the relations of the workbook say.
_SHARED, _STYLES = "xl/sharedstrings.xml", "xl/styles.xml"
_KEPT: Final = 1 << 18  # main parts are cached if they have fewer bytes


def read(package: Package, main: str, structures: Structures | None = None) -> Book:
    """Read the workbook whose main part is ``main``. ``structures``: what was learned from other
    workbooks; this one is read faster by it, and adds to it.

    Raises ReadError: F-02 for damage, F-05 over a limit. Damage in a single sheet is raised when
    that sheet is asked for.
    """
    source = _XlsxSource(package, main, structures)
    book = Book(source.sheets, source.load, source.held, source.formulas, source.content)
    book.front = source.front
    return book


def workbook_part(package: Package) -> str:
    """Return the name of the workbook's main part, which need not be at its usual place; empty if
    there is none. Raises ReadError F-02 for damage.
    """
    return main_part(package, _ROOTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Contents:
    """What the main part of a workbook and its relations say. ``order``: the names of all sheets;
    ``sheets``: those that are worksheets; ``parts``: their parts by name; ``links``: the other
    parts by the kind of their relation; ``front``: the sheet that is shown first, "" if unknown.

    ``are_worksheets``: every sheet is certainly a worksheet. ``from_1904``: dates are counted from
    1904. ``facts``: what changes how a sheet is read: that,
    and the names, states and parts of the sheets in order.
    """

    order: tuple[str, ...]
    sheets: tuple[Sheet, ...]
    parts: Mapping[str, str]
    links: Mapping[str, str]
    front: str
    are_worksheets: bool
    from_1904: bool
    facts: Hashable


def _contents(package: Package, main: str) -> _Contents:
    """Read the main part of a workbook. Results are cached, because many files have the same part.
    Raises ReadError F-02 for damage, and if two sheets have the same name.
    """
    xml, links = package.read(main), package.read(relations_part(main))
    kept = len(xml) + len(links) < _KEPT
    return (_kept if kept else _kept.__wrapped__)(xml, links, main)


@lru_cache(maxsize=64)
def _kept(xml: bytes, relations_xml: bytes, main: str) -> _Contents:
    """Read a main part from its XML and that of its relations. Raises ReadError F-02."""
    entries: list[tuple[str, str, str]] = []
    front = since = ""

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal front, since
        if tag.endswith(" sheet"):
            ids = [v for k, v in attributes.items() if k.endswith(" id")]
            name, state = attributes.get("name", ""), attributes.get("state", "visible")
            entries.append((name, state, ids[0] if ids else ""))
        elif tag.endswith(" workbookView"):
            front = front or attributes.get("activeTab", "0")
        elif tag.endswith(" workbookPr"):
            since = attributes.get("date1904", "")

    parse(xml, start=start)
    links = relations_in(relations_xml, main)
    order = tuple(name for name, _, _ in entries)
    at = plain_number(front, 5) or 0
    if len(set(order)) < len(order):
        raise ReadError("F-02", Phrase.SHEET_NAME_TWICE)
    parts: dict[str, str] = {}
    sheets: list[Sheet] = []
    facts = [("date1904", since, "")]
    for name, state, key in entries:
        link = links.get(key, Relation(kind="", part=""))
        facts.append((name, state, f"{link.kind} {link.part}"))
        if link.kind not in ("chartsheet", "dialogsheet", "xlMacrosheet"):
            parts[name] = link.part
            buried = state == "veryHidden"
            sheets.append(Sheet(name=name, visible=state == "visible", buried=buried))
    return _Contents(
        order=order,
        sheets=tuple(sheets),
        parts=parts,
        links={link.kind: link.part for link in links.values()},
        front=order[at] if front and at < len(order) else "",
        are_worksheets=relations_xml.count(_WORKSHEET) == len(set(parts.values())) == len(entries)
        and all(key in links and links[key].kind == "worksheet" for _, _, key in entries),
        from_1904=since not in ("", "0", "false"),
        facts=tuple(facts),
    )


class _XlsxSource:
    """An opened workbook, from which a Book reads its sheets."""

    def __init__(self, package: Package, main: str, structures: Structures | None = None) -> None:
        self.package, self.main, self.structures = package, main, structures
        contents = _contents(package, main)
        self.order, self.sheets, self.parts = contents.order, contents.sheets, contents.parts
        self.links, self.front, self.facts = contents.links, contents.front, contents.facts
        self.are_worksheets, self.from_1904 = contents.are_worksheets, contents.from_1904
        self.calamine: CalamineWorkbook | None = None
        self.alike = False
        self.light: bool | None = None
        self.styles: XlsxStyles | None = None
        self.texts: dict[int, Rich] | None = None
        self.marked: frozenset[int] = frozenset()
        self.empty: frozenset[int] | None = None
        self.environment: Environment | None = None
        self.is_prepared = False
        self.is_usual = False
        self.plain_texts: Sequence[str | None] | None = None
        self.known: dict[str, KnownSheet | None] = {}
        self.contents: dict[str, SheetContent | None] = {}
        self.sheet_xml: dict[str, bytes] = {}

    def xml(self, name: str) -> bytes:
        """Return the XML of a sheet. Raises ReadError F-02, F-05."""
        if name not in self.sheet_xml:
            self.sheet_xml[name] = self.package.read(self.parts[name])
        return self.sheet_xml[name]

    def load(self, name: str, flags: bool) -> Grid:
        """Read one sheet, by its structure if that is known; else the full way, so that its
        structure is known next time. Raises ReadError as ``fully``.
        """
        known, content = self.find(name), self.content(name)
        if content is not None:
            visible = next(s.visible for s in self.sheets if s.name == name)
            return content.plan.grid(name, content, visible=visible)
        grid = self.fully(name, flags)
        if known is None and self.environment is not None and self.plain_texts is not None:
            self.environment.learn(name, self.xml(name), grid, partial(self.tried, name))
        return grid

    def find(self, name: str) -> KnownSheet | None:
        """Find the plan and the values of a sheet whose structure is known; else None."""
        if not self.is_prepared:
            self.is_prepared = True
            with suppress(ReadError):  # the full path says what is wrong, if it matters
                self.prepare()
        if self.environment is None or self.plain_texts is None:
            return None
        if name not in self.known:
            known = self.known[name] = self.environment.find(name, self.xml(name))
            if known is not None:
                # The next sheet is unpacked into the same memory, while that is still in the cache
                # of the processor.
                del self.sheet_xml[name]
        return self.known[name]

    def content(self, name: str) -> SheetContent | None:
        """What is in the cells of a sheet whose structure is known; None for any other, and where a
        value is not written in the plain way. Raises ReadError as ``xml`` does.
        """
        if name not in self.contents:
            known, content = self.find(name), None
            if known is not None and self.plain_texts is not None and self.structures is not None:
                content = known.plan.content(
                    known.values, self.plain_texts, self.structures.texts, lasting=known.lasting
                )
            self.contents[name] = content
        return self.contents[name]

    def studied(self, name: str) -> KnownSheet | None:
        """Find the plan of a sheet of which only the structure is needed. If it is not known, the
        sheet is read, so that it is known next time; damage that shows in this is left alone.
        """
        known = self.find(name)
        if known is None and self.environment is not None and self.environment.is_open(name):
            with suppress(ReadError):
                self.load(name, True)
        return known

    def prepare(self) -> None:
        """Read the shared texts quickly, and look up what was learned of workbooks like this one.
        Raises ReadError for damage.
        """
        if self.structures is None or not self.package.has_headers:
            return
        xml = self.opened("sharedStrings", _SHARED)
        self.plain_texts = self.structures.texts.read(xml, self.colors) if xml else ()
        theme = self.links.get("theme", "")
        key = (
            tuple(self.package.parts),
            self.facts,
            self.opened("styles", _STYLES),
            self.package.read(theme) if theme in self.package.parts else b"",
        )
        self.environment = self.structures.environment(key, self.cell_styles)
        # Otherwise a library might read other parts.
        usual = {"sharedStrings": _SHARED, "styles": _STYLES}
        self.is_usual = (
            self.main == MAIN and self.are_worksheets
            and self.package.parts.keys() >= set(self.parts.values())
            and all(self.links.get(kind, part) == part for kind, part in usual.items())
        )  # fmt: skip

    def tried(self, name: str, xml: bytes, texts: Sequence[str]) -> Grid | None:
        """Read the sheet ``name`` the full way, with the XML ``xml`` in place of its own and these
        shared texts. Returns None if it cannot be read.
        """
        texts_part = self.links.get("sharedStrings", _SHARED)
        worksheets = frozenset(self.parts.values())
        parts = {
            entry.filename: self.package.read(part)
            for part, entry in self.package.parts.items()
            if part not in worksheets and part != texts_part and part.endswith((".xml", ".rels"))
        }
        parts[self.package.parts[self.parts[name]].filename] = xml
        if texts:
            entry = self.package.parts.get(texts_part)
            parts[entry.filename if entry is not None else texts_part] = shared_part(texts)

        def read() -> Grid:
            return _XlsxSource(Package.of(trial(parts)), self.main).fully(name, True)

        return guarded(read)

    def fully(self, name: str, flags: bool) -> Grid:
        """Read one sheet. It takes less time without ``flags``; then only the flags of cells with
        an odd font are certain to be included. Raises ReadError: F-02 for damage, F-05 for cells
        too far apart.
        """
        styles = self.shown()
        numbers = styles.odd if flags else styles.fonts
        targets = ScanTargets(styles=numbers, texts=self.marked, colors=self.colors)
        cells = plain_cells(self.xml(name)) if self.is_usual and not self.marked else None
        rows = self.by_cells(cells) if cells is not None else None
        if cells is not None and rows is not None:
            seen = cells.scan(flags=flags, styles=numbers)
        else:
            seen = scan(self.xml(name), flags=flags, targets=targets)
            rows = guarded(lambda: self.by_calamine(name))
            if rows is None or not self.is_complete(rows, seen):
                rows = self.by_openpyxl(name, seen)
        if seen.odd:
            traits = {at: (styles.style(n), self.rich(text)) for at, (n, text) in seen.odd.items()}
            amend(rows, seen.flags, traits)
        visible = next(s.visible for s in self.sheets if s.name == name)
        return Grid(name=name, rows=rows, flags=seen.flags, visible=visible, merges=seen.merges)

    def cell_styles(self) -> XlsxStyles:
        """Read how cells are displayed: returns the cell styles, and keeps them."""
        if self.styles is None:
            xml = self.opened("styles", _STYLES)
            self.styles = styles(xml, self.has_white_ground) if xml else XlsxStyles()
        return self.styles

    def shown(self) -> XlsxStyles:
        """Read how cells are displayed: returns the cell styles, and keeps them and the shared
        texts that have several runs.
        """
        read = self.cell_styles()
        # Where all texts count as they are, there is no need to look at their runs.
        if self.texts is None and (self.plain_texts is None or None in self.plain_texts):
            self.marked = frozenset(n for n, text in self.runs().items() if text.marked)
        return read

    def runs(self) -> Mapping[int, Rich]:
        """Return the shared texts that have several runs, by number."""
        if self.texts is None:
            xml = self.opened("sharedStrings", _SHARED)
            self.texts = shared(xml, self.colors) if xml else {}
        return self.texts

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
        return self.runs().get(text) if isinstance(text, int) else text

    def held(self, name: str, col: int) -> int | None:
        """Return how many cells of a column (``col``, from 0) are not blank; None if a quick scan
        cannot find out.
        """
        known = self.studied(name)
        if known is not None:
            return known.plan.held(col)
        return held(self.xml(name), column_name(col))

    def formulas(self, name: str) -> int:
        """Return how many cells hold a formula, counting only those in the plain style of
        ``scan``. To count takes less time than to find out whether the structure is known.
        """
        return formulas(self.package.read(self.parts[name]))

    def by_cells(self, cells: PlainCells) -> list[list[Raw]] | None:
        """Read the values of a sheet whose cells are in the plain style; None where a library must
        read them.
        """
        if self.plain_texts is None or self.structures is None:
            return None
        reader, from_1904 = self.structures.texts, self.from_1904
        return table(cells, self.plain_texts, reader, self.cell_styles(), from_1904=from_1904)

    def by_calamine(self, name: str) -> list[list[Raw]] | None:
        """Read the values of a sheet with python-calamine; None if it sees other sheets than the
        XML lists.
        """
        if self.calamine is None:
            from python_calamine import CalamineWorkbook

            self.calamine = CalamineWorkbook.from_filelike(io.BytesIO(self.package.data))
            self.alike = tuple(self.calamine.sheet_names) == self.order
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
