"""Read binary workbooks of Excel 2007 and later (.xlsb) into grids of cells.

The records are read here, because python-calamine leaves out cells in the short form that SheetJS
writes, returns errors and formulas without a result as blanks, and fails on files saved by
ONLYOFFICE. The text of formulas and macros, which are never run, is not read.

Source: [MS-XLSB] 2.4 (records), 2.5.9 (Cell), 2.5.122 (RkNumber), 2.5.168 (XLWideString).
"""

import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from xltools.model.cells import (
    Area,
    Flag,
    Grid,
    Raw,
    column_name,
)
from xltools.model.errors import ReadError
from xltools.model.number_formats import temporal
from xltools.model.wording import Phrase
from xltools.readers.biff import BURIED, ERRORS
from xltools.readers.biff_styles import GROUND, WHITE, unsigned
from xltools.readers.book import COLS, ROWS, Book, CellBudget, Sheet, SheetDraft
from xltools.readers.format_codes import BUILT_IN, moment
from xltools.readers.kinds import XLSB_MAIN
from xltools.readers.looks import Look
from xltools.readers.package import Package, Relation, relations
from xltools.readers.traits import (
    USUAL,
    CellStyle,
    Rich,
    Shown,
    Trait,
    amend,
    rich,
    styled,
)
from xltools.readers.xlsx_styles import is_light

_FONT, _FORMAT, _FILL, _STYLE, _PALETTE = 43, 44, 45, 47, 565
_CELL_STYLES, _CELL_STYLES_END = 617, 618  # around the cell styles, as opposed to named styles
_STRUCK: Final = 0x08
_INDEXED, _RGB, _THEME = 1, 2, 3  # how a colour is given
_NONE, _SOLID = 0, 1
_RUNS, _GUIDE = 1, 2  # flags of a text: what follows it

Record = tuple[int, bytes]


@dataclass(frozen=True, slots=True)
class XlsbStyles:
    """The cell styles by number, and the fonts by number, which the runs of texts refer to."""

    styles: Sequence[CellStyle] = ()
    fonts: Sequence[Look] = ()


def styles(records: Iterable[Record], light: Callable[[], bool]) -> XlsbStyles:
    """Read the records of a styles part. ``light`` returns whether the first colour of the theme is
    white; it is called only if a style refers to that colour.
    """
    formats, inside = dict(BUILT_IN), False
    bodies: dict[int, list[bytes]] = {_FONT: [], _FILL: [], _STYLE: []}
    usual = True
    for code, body in records:
        if code in (_CELL_STYLES, _CELL_STYLES_END):
            inside = code == _CELL_STYLES
        elif code == _FORMAT:
            formats[unsigned(body, 0, 2)] = _text(body, 2)[0].decode("utf-16-le", "replace")
        elif code == _PALETTE:
            usual = False
        elif code in (_FONT, _FILL) or (code == _STYLE and inside):
            bodies[code].append(body)

    def white(color: bytes) -> bool:
        kind = color[0] >> 1 if len(color) == 8 and not any(color[2:4]) else 0
        if kind == _THEME:
            return color[1] == 0 and light()
        if kind == _INDEXED:
            return color[1] == GROUND or (usual and color[1] in WHITE)
        return kind == _RGB and color[4:7] == b"\xff\xff\xff"

    fonts = [
        Look(
            struck=bool(unsigned(body, 2, 2) & _STRUCK),
            raised=unsigned(body, 6, 2) in (1, 2),
            white=white(body[12:20]),
        )
        for body in bodies[_FONT]
    ]
    pale = [
        unsigned(body, 0, 4) == _NONE or (unsigned(body, 0, 4) == _SOLID and white(body[4:12]))
        for body in bodies[_FILL]
    ]
    cell_styles = []
    for body in bodies[_STYLE]:
        code, font, fill = (unsigned(body, at, 2) for at in (2, 4, 6))
        cell_styles.append(
            styled(
                fonts[font] if font < len(fonts) else USUAL,
                formats.get(code, ""),
                light=fill < len(pale) and pale[fill],
            )
        )
    return XlsbStyles(cell_styles, fonts)


def text(body: bytes, at: int, fonts: Sequence[Look]) -> Rich | None:
    """Return the text at offset ``at`` in a record, with its runs and phonetic guide; None if it
    has neither runs nor a guide.
    """
    kind = body[at] if at < len(body) else 0
    units, end = _text(body, at + 1)
    runs, guide = list[tuple[int, Look]](), ""
    if kind & _RUNS:
        places = range(end + 4, min(end + 4 + 4 * unsigned(body, end, 4), len(body) - 3), 4)
        numbers = [(unsigned(body, place, 2), unsigned(body, place + 2, 2)) for place in places]
        runs = [(start, fonts[n] if n < len(fonts) else USUAL) for start, n in numbers]
        end += 4 + 4 * unsigned(body, end, 4)
    if kind & _GUIDE:
        guide = _text(body, end)[0].decode("utf-16-le", "replace")
    return rich(units, runs, guide) if runs or guide else None


def _text(body: bytes, at: int) -> tuple[bytes, int]:
    """Return the text, in UTF-16, that follows its length at offset ``at`` in a record, and the
    offset where it ends.
    """
    end = at + 4 + 2 * unsigned(body, at, 4)
    return body[at + 4 : end], end


_ROW, _MERGE, _DATA, _DATA_END = 0, 176, 145, 146
# Records of cells that state their column, by content.
_BLANK, _RK, _ERROR, _BOOL, _REAL, _TEXT, _SHARED_TEXT = range(1, 8)
_FORMULA_TEXT, _FORMULA_REAL, _FORMULA_BOOL, _FORMULA_ERROR = range(8, 12)
_FORMULAS: Final = range(8, 12)
_CELLS: Final = range(1, 12)
_SHORT: Final = range(12, 19)  # as from _BLANK on, without a column: it is the next one
_RICH: Final = 62  # a text in several runs within the cell
# The least number of bytes of a cell's value.
_LEAST: Final = {
    _RK: 4, _ERROR: 1, _BOOL: 1, _REAL: 8, _TEXT: 4, _SHARED_TEXT: 4, _RICH: 5,
    _FORMULA_TEXT: 4, _FORMULA_REAL: 8, _FORMULA_BOOL: 1, _FORMULA_ERROR: 1,
}  # fmt: skip
_SHEET, _BOOK, _ITEM = 156, 153, 19
_FROM_1904: Final = 1


def read(package: Package) -> Book:
    """Read a workbook. Raises ReadError F-02 if it is damaged or has no sheet. Damage in a single
    sheet, and cells too far apart (F-05), are raised when that sheet is asked for.
    """
    source = _XlsbSource(package)
    return Book(source.sheets, source.load)


def _records(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the number and content of each record. Raises ReadError F-02 if their sizes do not add
    up.
    """
    at, end = 0, len(data)
    while at < end:
        code, shift = data[at], 1
        if code & 0x80 and at + 1 < end:
            code, shift = (code & 0x7F) | (data[at + 1] & 0x7F) << 7, 2
        at += shift
        size = 0
        for n in range(4):
            if at >= end:
                raise ReadError("F-02", Phrase.SHEET_INCOMPLETE)
            byte = data[at]
            at += 1
            size |= (byte & 0x7F) << 7 * n
            if not byte & 0x80:
                break
        if at + size > end:
            raise ReadError("F-02", Phrase.SHEET_INCOMPLETE)
        yield code, data[at : at + size]
        at += size


@dataclass(slots=True)
class _XlsbReader:
    """A sheet while its records are read into ``draft``. ``texts``: the shared texts; ``rows``: the
    rows read so far; ``cols``: the columns read so far in the current row; ``row``, ``col``: the
    place of the last cell; ``traits``: style and text of the cells that are displayed in an odd
    way; ``from_1904``: days are counted from 1904.
    """

    draft: SheetDraft
    texts: Sequence[str]
    shown: Shown
    styles: XlsbStyles
    from_1904: bool
    traits: dict[tuple[int, int], Trait] = field(default_factory=dict)
    merges: list[Area] = field(default_factory=list)
    rows: set[int] = field(default_factory=set)
    cols: set[int] = field(default_factory=set)
    row: int = -1
    col: int = -1

    def read(self, records: Iterator[tuple[int, bytes]]) -> None:
        """Process all records of the sheet. Raises ReadError: F-02 for damage, and if a cell or a
        row occurs twice; F-05 for cells that lie too far apart.
        """
        inside = seen = False
        for code, body in records:
            if code in (_DATA, _DATA_END):
                inside, seen = code == _DATA, seen or code == _DATA_END
            elif code == _MERGE and len(body) >= 16:
                top, bottom, left, right = (unsigned(body, at, 4) for at in (0, 4, 8, 12))
                if (top, left) != (bottom, right):
                    self.merges.append(Area(top, left, bottom, right))
            elif not inside:
                continue
            elif code == _ROW and len(body) >= 4:
                self.row, self.col, self.cols = unsigned(body, 0, 4), -1, set()
                if self.row in self.rows:
                    raise ReadError("F-02", Phrase.ROW_TWICE(self.row + 1))
                self.rows.add(self.row)
            elif code in _SHORT:
                self.cell(code - _SHORT.start + _BLANK, self.col + 1, body, 0)
            elif code in _CELLS or code == _RICH:
                self.cell(code, unsigned(body, 0, 4), body, 4)
        if not seen:
            raise ReadError("F-02", Phrase.NO_SHEET_DATA)

    def cell(self, code: int, col: int, body: bytes, at: int) -> None:
        """Add a cell. ``code``: the number of its record; ``at``: the offset of its style in the
        record, which its value follows. Raises ReadError F-02 for damage.
        """
        place = self.row, col
        if not (0 <= self.row < ROWS and col < COLS):
            raise ReadError("F-02", Phrase.NO_SUCH_CELL)
        if col in self.cols:
            raise ReadError("F-02", Phrase.CELL_TWICE(f"{column_name(col)}{self.row + 1}"))
        self.cols.add(col)
        self.col = col
        if code == _BLANK:
            return
        # The number of the style takes three bytes; the fourth has flags.
        number, value = unsigned(body, at, 3), body[at + 4 :]
        if len(value) < _LEAST[code]:
            raise ReadError("F-02", Phrase.CELL_INCOMPLETE)
        raw = self.value(code, value)
        style = self.shown.style(number)
        if isinstance(raw, float) and temporal(style.format):
            raw = moment(raw, from_1904=self.from_1904)
        flag = None
        if code in (_ERROR, _FORMULA_ERROR):
            flag = Flag(formula=code in _FORMULAS, error=ERRORS.get(value[0], "错误值"))
        elif code in _FORMULAS:
            flag = Flag(formula=True, cached=raw is not None)
        self.draft.put(*place, raw, flag)
        trait = self.shown.trait(number, unsigned(value, 0, 4) if code == _SHARED_TEXT else -1)
        if code == _RICH:
            trait = style, text(value, 0, self.styles.fonts)
        if trait:
            self.traits[place] = trait

    def value(self, code: int, value: bytes) -> Raw:
        """Return the value of a cell, from the bytes in ``value``; None for an error, which its
        flag contains, and for an empty text. Raises ReadError F-02 for damage.
        """
        if code == _RK:
            return _rk(unsigned(value, 0, 4))
        if code in (_REAL, _FORMULA_REAL):
            number: float = struct.unpack_from("<d", value)[0]
            return number
        if code in (_BOOL, _FORMULA_BOOL):
            return bool(value[0])
        if code in (_TEXT, _FORMULA_TEXT, _RICH):
            return _string(value, int(code == _RICH))[0] or None
        if code == _SHARED_TEXT:
            if unsigned(value, 0, 4) >= len(self.texts):
                raise ReadError("F-02", Phrase.SHARED_TEXT_MISSING)
            return self.texts[unsigned(value, 0, 4)] or None
        return None


def _rk(packed: int) -> float:
    """Decode a number that is packed into four bytes: a whole number or the upper half of a float,
    either of which may be in hundredths.
    """
    if packed & 2:
        number = float((packed >> 2) - (1 << 30 if packed & 1 << 31 else 0))
    else:
        number = struct.unpack("<d", struct.pack("<Q", (packed & ~3) << 32))[0]
    return number / 100 if packed & 1 else number


def _string(body: bytes, at: int) -> tuple[str, int]:
    """Return the text that follows its length at offset ``at`` in a record, and the offset where it
    ends. Raises ReadError F-02 if it is cut off.
    """
    size = unsigned(body, at, 4)
    size = 0 if size == 0xFFFFFFFF else size
    end = at + 4 + 2 * size
    if end > len(body):
        raise ReadError("F-02", Phrase.TEXT_INCOMPLETE)
    return body[at + 4 : end].decode("utf-16-le", "replace"), end


class _XlsbSource:
    """An opened workbook, from which a Book reads its sheets."""

    def __init__(self, package: Package) -> None:
        self.package = package
        links = relations(package, XLSB_MAIN)
        self.links = {link.kind: link.part for link in links.values()}
        self.parts: dict[str, str] = {}
        self.from_1904 = False
        sheets = []
        for code, body in _records(package.read(XLSB_MAIN)):
            if code == _BOOK:
                self.from_1904 = bool(unsigned(body, 0, 4) & _FROM_1904)
            if code != _SHEET or len(body) < 12:
                continue
            key, end = _string(body, 8)
            name, _ = _string(body, end)
            link = links.get(key, Relation(kind="", part=""))
            if name in self.parts:
                raise ReadError("F-02", Phrase.SHEET_NAME_TWICE)
            if link.kind == "worksheet":
                self.parts[name] = link.part
                state = unsigned(body, 0, 4)
                sheets.append(Sheet(name=name, visible=not state, buried=state == BURIED))
        if not sheets:
            raise ReadError("F-02", Phrase.NO_SHEET)
        self.sheets = tuple(sheets)
        self.styles = styles(_records(self.opened("styles")), self.has_white_ground)
        items = [body for code, body in _records(self.opened("sharedStrings")) if code == _ITEM]
        self.texts = [_string(body, 1)[0] for body in items]
        runs = {
            n: text(body, 0, self.styles.fonts) for n, body in enumerate(items) if any(body[:1])
        }
        self.shown = Shown.of(self.styles.styles, {n: rich for n, rich in runs.items() if rich})

    def opened(self, kind: str) -> bytes:
        """Return the part of this ``kind`` that the workbook refers to; empty if it is missing."""
        part = self.links.get(kind, f"xl/{kind.lower()}.bin")
        return self.package.read(part) if part in self.package.parts else b""

    def has_white_ground(self) -> bool:
        """Whether the background colour of the theme is white, as it is in a workbook without a
        theme.
        """
        part = self.links.get("theme", "")
        return part not in self.package.parts or is_light(self.package.read(part))

    def load(self, name: str, _: bool) -> Grid:
        """Read one sheet; the flags are always included. Raises ReadError: F-02 for damage, F-05
        for cells too far apart.
        """
        visible = next(s.visible for s in self.sheets if s.name == name)
        draft = SheetDraft(name, CellBudget(), visible=visible)
        reader = _XlsbReader(draft, self.texts, self.shown, self.styles, self.from_1904)
        reader.read(_records(self.package.read(self.parts[name])))
        amend(draft.rows, draft.flags, reader.traits)
        return replace(draft.grid(), merges=reader.merges)
