"""Binary workbooks of Excel 2007 and later (.xlsb) to grids of cells.

python-calamine reads the values, and gives errors and formulas without a result as blank. The
records of a sheet tell those apart; they are looked over by ourselves. What is not known: what a
formula says, and macros, which never run.
"""

import io
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from xltools.cells import Flag, Grid, Raw
from xltools.errors import ReadError
from xltools.limits import limits, over
from xltools.readers.book import Book, Sheet
from xltools.readers.cellwise import COLS, ROWS
from xltools.readers.guard import guarded
from xltools.readers.package import Package
from xltools.readers.records import ERRORS
from xltools.readers.xlsx import targets

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook

MAIN: Final = "xl/workbook.bin"
_ROW, _BLANK, _ERROR, _ISST = 0, 1, 3, 7
_TEXT, _FORMULA_TEXT, _FORMULA_ERROR = 6, 8, 11
_CELLS: Final = range(1, 12)  # BrtCellBlank to BrtFmlaError
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


def _look(data: bytes, texts: Sequence[bool]) -> tuple[dict[tuple[int, int], Flag], int]:
    """Flags of the odd cells of a sheet, and how many hold a value. ``texts``: of the shared ones,
    whether there is anything in each. Raises ReadError F-02, F-05.
    """
    flags: dict[tuple[int, int], Flag] = {}
    row, high, wide, filled, inside, seen = -1, 0, 0, 0, False, False
    for code, body in _records(data):
        if code in (_DATA, _DATA_END):
            inside, seen = code == _DATA, seen or code == _DATA_END
        elif inside and code == _ROW and len(body) >= 4:
            row = _int(body, 0)
        elif inside and code in _CELLS and len(body) >= 8:
            col, value = _int(body, 0), body[8:]
            if not (0 <= row < ROWS and col < COLS):
                raise ReadError("F-02", "单元格地址不存在")
            high, wide = max(high, row + 1), max(wide, col + 1)
            flag = _flag(code, value)
            if flag is not None:
                flags[row, col] = flag
            empty = code == _BLANK or (code in (_TEXT, _FORMULA_TEXT) and not _int(value, 0))
            if code == _ISST:
                if _int(value, 0) >= len(texts):
                    raise ReadError("F-02", "共享文字的序号不存在")
                empty = not texts[_int(value, 0)]
            filled += not empty and not (flag and flag.error)
    if not seen:
        raise ReadError("F-02", "工作表没有数据部分")
    if high * wide > limits().cells:
        raise over("cells", f"工作表范围达 {high} 行 {wide} 列")
    return flags, filled


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
        shared = package.read(_SHARED) if _SHARED in package.parts else b""
        self.texts = [any(body[1:5]) for code, body in _records(shared) if code == _ITEM]

    def load(self, name: str, _: bool) -> Grid:
        """Read one sheet. Raises ReadError."""
        flags, filled = _look(self.package.read(self.parts[name]), self.texts)
        rows = guarded(lambda: self._values(name))
        if rows is None or sum(v is not None and v != "" for r in rows for v in r) < filled:
            raise ReadError("F-02", f"工作表“{name[:31]}”读不出来")
        visible = next(s.visible for s in self.sheets if s.name == name)
        return Grid(name=name, rows=rows, flags=flags, visible=visible)

    def _values(self, name: str) -> Sequence[Sequence[Raw]]:
        if self.calamine is None:
            from python_calamine import CalamineWorkbook

            if _STYLES in self.package.parts:
                self.package.read(_STYLES)  # a size that lies is met here
            self.calamine = CalamineWorkbook.from_filelike(io.BytesIO(self.package.data))
        return self.calamine.get_sheet_by_name(name).to_python(skip_empty_area=False)
