"""Read OpenDocument spreadsheets, zipped (.ods) or flat (.fods), into grids of cells.

Values, formulas and errors are read in one pass over the XML. A library for the values would only
add faults of its own: python-calamine returns error cells as blanks, does not report formulas, and
never finishes on a table without an end.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Final

from xltools.model.cells import Flag, Raw
from xltools.model.errors import ReadError
from xltools.model.file_kinds import FileKind
from xltools.model.wording import Phrase
from xltools.readers import format_codes, looks
from xltools.readers.book import (
    COLS,
    DEPTH,
    ROWS,
    Book,
    CellBudget,
    SheetDraft,
    book,
)
from xltools.readers.looks import DEFAULT, Look, format_of
from xltools.readers.markup import local, parse, plain_number
from xltools.readers.odf_looks import OFFICE, TABLE, CellText, OdfStyles
from xltools.readers.package import Package

_MANIFEST, _CONTENT = "meta-inf/manifest.xml", "content.xml"
_BODY: Final = re.compile(rb"<(?:[\w.-]+:)?body\b[^>]*>\s*<(?:[\w.-]+:)?(spreadsheet|text)\b")
# LibreOffice adds a value type of its own, because the standard has none for errors.
_KIND: Final = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0 value-type"
_SHEETS: Final = [f"{OFFICE}body", f"{OFFICE}spreadsheet"]
_CELLS: Final = {f"{TABLE}table-cell", f"{TABLE}covered-table-cell"}
_SHEET, _ROW, _COLUMN = (f"{TABLE}{name}" for name in ("table", "table-row", "table-column"))
_STYLE, _INHERITED = f"{TABLE}style-name", f"{TABLE}default-cell-style-name"
_WIDE, _HIGH = f"{TABLE}number-columns-repeated", f"{TABLE}number-rows-repeated"
_FORMULA, _TYPE = f"{TABLE}formula", f"{OFFICE}value-type"
_DOWN, _ACROSS = f"{TABLE}number-rows-spanned", f"{TABLE}number-columns-spanned"
_UNKNOWN: Final = "公式"  # the text for an equation that cannot be read
_DURATION: Final = re.compile(r"(-?)P(?:(\d+)D)?T?(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?")


def kind(package: Package) -> FileKind | None:
    """Return the kind of document in a zip that has no mimetype entry: by its manifest, or else by
    its content; None if it is not an OpenDocument file. Raises ReadError F-02, F-05 for damage.
    """
    media_type = ""

    def entry(name: str, attributes: dict[str, str]) -> None:
        nonlocal media_type
        by_name = local(attributes)
        if name.endswith(" file-entry") and by_name.get("full-path") == "/":
            media_type = by_name.get("media-type", "")

    if _MANIFEST in package.parts:
        parse(package.read(_MANIFEST), start=entry)
    if "opendocument" not in media_type and _CONTENT in package.parts:
        body = _BODY.search(package.read(_CONTENT))
        media_type = f"opendocument.{body[1].decode()}" if body else ""
    if "opendocument.spreadsheet" in media_type:
        return FileKind.ODS
    return FileKind.ODT if "opendocument" in media_type else None


def locked(package: Package) -> bool:
    """Whether a document is locked with a password, according to its manifest, which is never
    encrypted.
    """
    return _MANIFEST in package.parts and b"encryption-data" in package.read(_MANIFEST)


def zipped(package: Package) -> Book:
    """Read an .ods. Raises ReadError: F-03 if it is locked with a password, F-02 and F-05 as
    ``flat``.
    """
    if locked(package):
        raise ReadError("F-03")
    styles = OdfStyles()
    if "styles.xml" in package.parts:
        named = package.read("styles.xml")
        parse(named, start=styles.start, end=styles.end, text=styles.text)
    return _book(package.read(_CONTENT), styles, lambda name: _equation(package, name))


def _equation(package: Package, name: str) -> str:
    """Return the equation in an embedded object, as text; empty for an object of another kind.
    ``name``: the folder of the object in the package.

    Raises ReadError F-02, F-05 for a part that cannot be unpacked.
    """
    part = f"{name.removeprefix('./').rstrip('/')}/content.xml"
    if part.lower() not in package.parts:
        return ""
    xml = package.read(part)
    if looks.MATHML.encode() not in xml[:2000]:
        return ""
    cell = CellText(OdfStyles(), Look(), lambda _: "")
    try:
        parse(xml, start=cell.start, end=cell.end, text=cell.text)
    except ReadError:  # older programs wrote a document type
        return _UNKNOWN
    return " ".join(cell.drawn)


def flat(xml: bytes | str) -> Book:
    """Read a .fods.

    Raises ReadError: F-02 if it is damaged or has no sheet; F-05 over a limit.
    """
    return _book(xml, OdfStyles(), lambda _: "")


def _book(xml: bytes | str, styles: OdfStyles, named: Callable[[str], str]) -> Book:
    """Read the content of a file. ``named`` returns the equation in an embedded object, given by
    its name. Raises ReadError as ``flat``.
    """
    reader = _OdfReader(styles, named)
    parse(xml, start=reader.start, end=reader.end, text=reader.text)
    return book(reader.drafts)


@dataclass(slots=True)
class _OdfReader:
    """Collects the sheets of a file in ``drafts`` while the XML parser calls ``start``, ``end`` and
    ``text``. ``row``, ``col``: the place of the next cell, from 0; ``high``: how often the row is
    repeated; ``line``: the cells of the row, each with its column, its repetitions, value and flag.
    """

    styles: OdfStyles
    named: Callable[[str], str]
    drafts: list[SheetDraft] = field(default_factory=list)
    budget: CellBudget = field(default_factory=CellBudget)
    path: list[str] = field(default_factory=list)
    sheet: int = 0  # the depth of its element; 0 outside of any
    cell: CellText | None = None
    about: dict[str, str] = field(default_factory=dict)
    look: Look = DEFAULT
    format: str = ""
    columns: list[tuple[int, str]] = field(default_factory=list)  # end and name of each style
    style: str = ""  # the default style of the row's cells
    row: int = 0
    col: int = 0
    high: int = 1
    line: list[tuple[int, int, Raw, Flag | None]] = field(default_factory=list)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Handle the start of an element. Raises ReadError: F-05 for elements nested too deep, F-02
        for a wrong number of repetitions.
        """
        depth = len(self.path)
        if depth >= DEPTH:
            raise ReadError("F-05", Phrase.XML_DEPTH(DEPTH))
        if self.cell:
            self.cell.start(name, attributes)
        elif not self.sheet:
            if name == _SHEET and self.path[1:] == _SHEETS:
                self.sheet, self.row, self.columns = depth + 1, 0, []
                shown = attributes.get(_STYLE) not in self.styles.hidden
                title = attributes.get(f"{TABLE}name", "")
                self.drafts.append(SheetDraft(title, self.budget, visible=shown))
            else:
                self.styles.start(name, attributes)
        elif name in _CELLS:
            style = attributes.get(_STYLE) or self.style or self.column()
            self.look, self.format = self.styles.of("table-cell", style or "Default")
            self.about, self.cell = attributes, CellText(self.styles, self.look, self.named)
        elif name == _ROW:
            self.high = _number(attributes, _HIGH)
            self.style = attributes.get(_INHERITED, "")
            self.col, self.line = 0, []
        elif name == _COLUMN:
            end = self.columns[-1][0] if self.columns else 0
            end += _number(attributes, _WIDE)
            style = attributes.get(_INHERITED, "")
            self.columns.append((end, style))
        self.path.append(name)

    def end(self, name: str) -> None:
        """Handle the end of an element: write the row into the sheet, or record the cell, that ends
        here. Raises ReadError F-02, F-05.
        """
        depth = len(self.path)
        self.path.pop()
        if self.cell:
            if self.cell.depth:
                self.cell.end(name)
            else:
                self.take(self.cell)
                self.cell = None
        elif not self.sheet:
            self.styles.end(name)
        elif name == _ROW:
            for col, wide, value, flag in self.line:
                self.drafts[-1].put(self.row, col, value, flag, high=self.high, wide=wide)
            self.row = min(self.row + self.high, ROWS)
        elif depth == self.sheet:
            self.sheet = 0

    def text(self, data: str) -> None:
        """Handle characters."""
        if self.cell:
            self.cell.text(data)
        elif not self.sheet:
            self.styles.text(data)

    def column(self) -> str:
        """Return the name of the default style for cells of the current column; empty if it has
        none.
        """
        return next((style for end, style in self.columns if end > self.col), "")

    def take(self, cell: CellText) -> None:
        """Record a cell that ends here, with its repetitions in the row."""
        wide = _number(self.about, _WIDE)
        value, flag = _value(self.about, cell, self.look)
        percent = self.about.get(_TYPE) == "percentage"
        code = "0%" if percent and "%" not in self.format else self.format
        flag = format_of(code, value, flag)
        if flag is not None or (value is not None and value != ""):
            self.line.append((self.col, wide, value, flag))
        if _DOWN in self.about or _ACROSS in self.about:
            down, across = _spanned(self.about, _DOWN), _spanned(self.about, _ACROSS)
            self.drafts[-1].merge(
                self.row, self.col, down=down, across=across, high=self.high, wide=wide
            )
        self.col = min(self.col + wide, COLS)


def _number(attributes: dict[str, str], name: str) -> int:
    """Return how often a cell, row or column is repeated; 1 if the attribute is missing. Raises
    ReadError F-02 if it is not a number above 0.
    """
    count = plain_number(attributes.get(name, "1"), 9)
    if not count:
        raise ReadError("F-02", Phrase.CELL_REPEATED_WRONGLY)
    return count


def _spanned(attributes: dict[str, str], name: str) -> int:
    """Return how many cells beyond the first a merged cell covers in one direction. ``name``: the
    attribute for that direction.
    """
    span = plain_number(attributes.get(name, "1"), 7) or 1
    return min(span, ROWS) - 1


def _value(about: dict[str, str], cell: CellText, look: Look) -> tuple[Raw, Flag | None]:
    """Return the value and flag of a cell. ``about``: its attributes; ``look``: the look of its
    style. Raises ReadError F-02 if the value is not valid for its type.
    """
    formula = _FORMULA in about
    kind = about.get(_TYPE, "")
    content = cell.counted()
    text, fault = content.text, format_codes.error(content.text)
    if about.get(_KIND) == "error":
        return None, Flag(formula=formula, error=text.strip() or "错误值")
    if fault is not None and (formula or kind not in ("string", "")):
        return None, Flag(formula=formula, error=fault.error)
    value = _typed(kind, about, text)
    if look.unseen and not cell.runs and value is not None:
        content = replace(content, unseen=_shown(value))  # a value without a displayed text
    value = content.typed(value)
    if cell.drawn:
        drawn = " ".join(cell.drawn)
        if value in (None, "") and not content.unseen:
            value = drawn
        else:
            content = replace(content, mark=f"{content.mark} {drawn}".strip())
    if not formula:
        return value, content.flagged(None)
    return value, content.flagged(Flag(formula=True, cached=value is not None and value != ""))


def _shown(value: Raw) -> str:
    """A value as text; a float with at most six significant digits."""
    return f"{value:g}" if isinstance(value, float) else str(value)


def _typed(kind: str, about: dict[str, str], text: str) -> Raw:
    """Return the value that the attributes of a cell give. ``kind``: its value type; ``text``: the
    text that it displays. Raises ReadError F-02 if the value is not valid for its type.
    """
    try:
        if kind in ("float", "percentage", "currency"):
            return float(about[f"{OFFICE}value"])
        if kind == "boolean":
            written = about[f"{OFFICE}boolean-value"]
            return {"true": True, "1": True, "false": False, "0": False}[written]
        if kind == "date":
            written = about[f"{OFFICE}date-value"]
            return (
                datetime.fromisoformat(written) if "T" in written else date.fromisoformat(written)
            )
        if kind == "time":
            return _duration(about[f"{OFFICE}time-value"])
    except OverflowError as error:
        raise ReadError("F-02", Phrase.CELL_VALUE_WRONG) from error
    except (KeyError, ValueError) as error:
        raise ReadError("F-02", Phrase.CELL_VALUE_WRONG_AS(text[:20])) from error
    return about.get(f"{OFFICE}string-value") or text or None


def _duration(written: str) -> timedelta:
    """Convert a duration as written in ISO 8601 (``PT10H30M00S``). Raises ValueError."""
    matched = _DURATION.fullmatch(written)
    if not matched or written in ("P", "PT"):
        raise ValueError(written)
    days, hours, minutes = (int(matched[n] or 0) for n in (2, 3, 4))
    span = timedelta(days=days, hours=hours, minutes=minutes, seconds=float(matched[5] or 0))
    return -span if matched[1] else span
