"""Binary workbooks of Excel 2007 and later (.xlsb) to grids of cells.

python-calamine reads the values, and gives errors and formulas without a result as blank. The
records of a sheet tell those apart; they are looked over by ourselves, and with them what is shown
in an odd way. What is not known: what a formula says, and macros, which never run.
"""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, cast

from xltools.cells import Area, Flag, Grid, Raw, column_name
from xltools.errors import ReadError
from xltools.limits import limits, over
from xltools.readers.book import Book, Sheet
from xltools.readers.cellwise import COLS, ROWS
from xltools.readers.guard import guarded
from xltools.readers.package import Package
from xltools.readers.records import ERRORS
from xltools.readers.styles import light
from xltools.readers.traits import Shown, Trait, amend
from xltools.readers.xlsbstyles import Styles, styles, text
from xltools.readers.xlsx import targets

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook

MAIN: Final = "xl/workbook.bin"
_ROW, _BLANK, _ERROR, _ISST = 0, 1, 3, 7
_TEXT, _FORMULA_TEXT, _FORMULA_ERROR = 6, 8, 11
_CELLS: Final = range(1, 12)  # BrtCellBlank to BrtFmlaError
_RICH: Final = 62  # BrtCellRString: a text of several runs that stands in its cell
_SHORT: Final = range(13, 19)  # cells without a column of their own, which calamine leaves out
_MERGE: Final = 176
_FORMULAS: Final = range(8, 12)
_SHEET: Final = 156
_BURIED: Final = 2
_ITEM: Final = 19  # of the shared texts
_SHARED, _STYLES = "xl/sharedstrings.bin", "xl/styles.bin"
_DATA, _DATA_END = 145, 146


def read(package: Package) -> Book:
    """Read a workbook. Raises ReadError F-02 for damage, and without a sheet. A sheet's own
    damage, and cells too far apart (F-05), are raised when that sheet is asked for.
    """
    source = _Source(package)
    return Book(source.sheets, source.load)


def _records(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Number and content of each record. Raises ReadError F-02 where they do not add up."""
    at, end = 0, len(data)
    while at < end:
        code, shift = data[at], 1
        if code & 0x80 and at + 1 < end:
            code, shift = (code & 0x7F) | (data[at + 1] & 0x7F) << 7, 2
        at += shift
        size = 0
        for n in range(4):
            if at >= end:
                raise ReadError("F-02", "工作表内容不完整")
            byte = data[at]
            at += 1
            size |= (byte & 0x7F) << 7 * n
            if not byte & 0x80:
                break
        if at + size > end:
            raise ReadError("F-02", "工作表内容不完整")
        yield code, data[at : at + size]
        at += size


@dataclass(slots=True)
class _Look:
    """What the records of a sheet tell: flags of the odd cells, how they are shown, merged areas,
    and how many cells hold a value.
    """

    flags: dict[tuple[int, int], Flag] = field(default_factory=dict)
    traits: dict[tuple[int, int], Trait] = field(default_factory=dict)
    merges: list[Area] = field(default_factory=list)
    filled: int = 0


def _look(data: bytes, texts: Sequence[bool], shown: Shown, made: Styles) -> _Look:
    """Look over the records of a sheet. ``texts``: of the shared ones, whether there is anything
    in each. Raises ReadError F-02 for damage, and for a cell or a row that is there twice; F-05.
    """
    look, places, rows = _Look(), set[tuple[int, int]](), set[int]()
    row, high, wide, inside, seen = -1, 0, 0, False, False
    for code, body in _records(data):
        if code in (_DATA, _DATA_END):
            inside, seen = code == _DATA, seen or code == _DATA_END
        elif code == _MERGE and len(body) >= 16:
            top, bottom, left, right = (_int(body, at) for at in (0, 4, 8, 12))
            if (top, left) != (bottom, right):
                look.merges.append(Area(top, left, bottom, right))
        elif inside and code == _ROW and len(body) >= 4:
            row = _int(body, 0)
            if row in rows:
                raise ReadError("F-02", f"第 {row + 1} 行写了两次")
            rows.add(row)
        elif inside and code in _SHORT:
            look.filled += 1
        elif inside and (code in _CELLS or code == _RICH) and len(body) >= 8:
            col, value = _int(body, 0), body[8:]
            if not (0 <= row < ROWS and col < COLS):
                raise ReadError("F-02", "单元格地址不存在")
            if (row, col) in places:
                raise ReadError("F-02", f"单元格 {column_name(col)}{row + 1} 写了两次")
            places.add((row, col))
            high, wide = max(high, row + 1), max(wide, col + 1)
            flag = _flag(code, value)
            if flag is not None:
                look.flags[row, col] = flag
            empty = code == _BLANK or (code in (_TEXT, _FORMULA_TEXT) and not _int(value, 0))
            if code == _ISST:
                if _int(value, 0) >= len(texts):
                    raise ReadError("F-02", "共享文字的序号不存在")
                empty = not texts[_int(value, 0)]
            look.filled += not empty and not (flag and flag.error)
            # The three bytes of the number of the style are followed by flags.
            style = int.from_bytes(body[4:7], "little")
            trait = shown.trait(style, _int(value, 0) if code == _ISST else -1)
            if code == _RICH:
                trait = shown.style(style), text(value, 0, made.fonts)
            if trait:
                look.traits[row, col] = trait
    if not seen:
        raise ReadError("F-02", "工作表没有数据部分")
    if high * wide > limits().cells:
        raise over("cells", f"工作表范围达 {high} 行 {wide} 列")
    return look


def _flag(code: int, value: bytes) -> Flag | None:
    formula = code in _FORMULAS
    if code in (_ERROR, _FORMULA_ERROR):
        return Flag(formula=formula, error=ERRORS.get(value[0] if value else -1, "错误值"))
    if not formula:
        return None
    return Flag(formula=True, cached=code != _FORMULA_TEXT or bool(_int(value, 0)))


def _int(body: bytes, at: int) -> int:
    return int.from_bytes(body[at : at + 4], "little")


def _string(body: bytes, at: int) -> tuple[str, int]:
    """A text with its length before it, and where it ends."""
    size = _int(body, at)
    size = 0 if size == 0xFFFFFFFF else size
    end = at + 4 + 2 * size
    if end > len(body):
        raise ReadError("F-02", "工作表目录有误")
    return body[at + 4 : end].decode("utf-16-le", "replace"), end


class _Source:
    """The file behind a book."""

    def __init__(self, package: Package) -> None:
        self.package = package
        links = targets(package, MAIN)
        self.parts: dict[str, str] = {}
        sheets = []
        for code, body in _records(package.read(MAIN)):
            if code != _SHEET or len(body) < 12:
                continue
            key, end = _string(body, 8)
            name, _ = _string(body, end)
            kind, target = links.get(key, ("", ""))
            if name in self.parts:
                raise ReadError("F-02", "有重名的工作表")
            if kind.endswith("/worksheet"):
                self.parts[name] = target
                state = _int(body, 0)
                sheets.append(Sheet(name=name, visible=not state, buried=state == _BURIED))
        if not sheets:
            raise ReadError("F-02", "没有工作表")
        self.sheets = tuple(sheets)
        self.calamine: CalamineWorkbook | None = None
        self.theme = next((t for k, t in links.values() if k.endswith("/theme")), "")
        self.styles = Styles()
        if _STYLES in package.parts:
            self.styles = styles(_records(package.read(_STYLES)), self.lit)
        shared = package.read(_SHARED) if _SHARED in package.parts else b""
        items = [body for code, body in _records(shared) if code == _ITEM]
        self.texts = [any(body[1:5]) for body in items]
        runs = {
            n: text(body, 0, self.styles.fonts) for n, body in enumerate(items) if any(body[:1])
        }
        self.shown = Shown.of(self.styles.styles, {n: rich for n, rich in runs.items() if rich})

    def lit(self) -> bool:
        """Whether the ground of the theme is white; a workbook without a theme has a white one."""
        parts = self.package.parts
        return self.theme not in parts or light(self.package.read(self.theme))

    def load(self, name: str, _: bool) -> Grid:
        """Read one sheet. Raises ReadError."""
        data = self.package.read(self.parts[name])
        look = _look(data, self.texts, self.shown, self.styles)
        rows = guarded(lambda: self._values(name))
        if rows is None or sum(v is not None and v != "" for r in rows for v in r) < look.filled:
            raise ReadError("F-02", f"工作表“{name[:31]}”读不出来")
        amend(rows, look.flags, look.traits)
        visible = next(s.visible for s in self.sheets if s.name == name)
        return Grid(name=name, rows=rows, flags=look.flags, visible=visible, merges=look.merges)

    def _values(self, name: str) -> list[list[Raw]]:
        if self.calamine is None:
            from python_calamine import CalamineWorkbook

            self.calamine = CalamineWorkbook.from_filelike(io.BytesIO(self.package.data))
        sheet = self.calamine.get_sheet_by_name(name)
        return cast(list[list[Raw]], sheet.to_python(skip_empty_area=False))
