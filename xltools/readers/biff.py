"""Excel 97 to 2003 workbooks (.xls) and those of WPS (.et) to grids of cells.

xlrd reads the values, errors among them; where it fails, python-calamine does. Neither knows
formulas, and calamine gives errors as blank, so the records are looked over by ourselves.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from xltools.cells import Flag, Grid, Raw
from xltools.errors import ReadError
from xltools.readers.book import Book, Sheet
from xltools.readers.guard import guarded
from xltools.readers.kinds import OLE
from xltools.readers.scan import CELLS
from xltools.readers.serial import moment

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook

_BOF, _EOF, _BOUNDSHEET, _FILEPASS = 0x0809, 0x000A, 0x0085, 0x002F
_FORMULAS: Final = (0x0006, 0x0206, 0x0406)
_STRING, _BOOLERR = 0x0207, 0x0205
_MULRK, _MULBLANK = 0x00BD, 0x00BE
# A cell with a value: NUMBER, RK, LABELSST, LABEL, RSTRING.
_VALUES: Final = frozenset((0x0203, 0x027E, 0x00FD, 0x0204, 0x00D6))
_WORKSHEET: Final = 0
ERRORS: Final = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?",
    0x24: "#NUM!", 0x2A: "#N/A", 0x2B: "#GETTING_DATA",
}  # fmt: skip


def read(data: bytes) -> Book:
    """Read a workbook. Raises ReadError: F-03 behind a password; F-02 for damage, and without a
    sheet. A sheet's own damage (F-02), and cells too far apart (F-05), are raised when that sheet
    is asked for.
    """
    source = _Source(data)
    return Book(source.sheets, source.load)


def stream(data: bytes) -> bytes:
    """The stream of records; a file without OLE around is one. Raises ReadError F-02."""
    if not data.startswith(OLE):
        return data
    import olefile

    def found() -> bytes | None:
        with olefile.OleFileIO(io.BytesIO(data), raise_defects=olefile.DEFECT_INCORRECT) as ole:
            for name in ("Workbook", "Book"):
                if ole.exists(name):
                    content: bytes = ole.openstream(name).read()
                    return content
        return None

    records = guarded(found)
    if not records:
        raise ReadError("F-02", "文件结构已损坏")
    return records


def behind(data: bytes) -> bool:
    """Whether a file is behind a password. Raises ReadError F-02 for damage."""
    return _encrypted(stream(data))


def _encrypted(records: bytes) -> bool:
    """Whether the records are encrypted. Raises ReadError F-02 for damage."""
    at = 0
    while at + 4 <= len(records):
        code, size = _head(records, at)
        if code == _FILEPASS:
            return True
        if code in (_EOF, _BOUNDSHEET):
            return False
        at += 4 + size
    raise ReadError("F-02", "工作簿内容不完整")


@dataclass(slots=True)
class _Look:
    """What the records of a sheet tell: how many values it holds, formulas, errors, reach."""

    filled: int = 0
    formulas: dict[tuple[int, int], bool] = field(default_factory=dict)  # with a result?
    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    high: int = 0
    wide: int = 0

    def flags(self) -> dict[tuple[int, int], Flag]:
        found = {at: Flag(formula=True, cached=ok) for at, ok in self.formulas.items()}
        for at, text in self.errors.items():
            found[at] = Flag(formula=at in self.formulas, error=text)
        return found


def _head(records: bytes, at: int) -> tuple[int, int]:
    code = int.from_bytes(records[at : at + 2], "little")
    return code, int.from_bytes(records[at + 2 : at + 4], "little")


def _look(records: bytes, at: int) -> _Look:
    """Look over the records of a sheet from its BOF on. Raises ReadError F-02, F-05."""
    look, depth, last = _Look(), 0, (-1, -1)
    while at + 4 <= len(records):
        code, size = _head(records, at)
        body = records[at + 4 : at + 4 + size]
        if (not depth and code != _BOF) or len(body) < size:
            break
        at += 4 + size
        if code == _BOF:  # a chart within a sheet has its own
            depth += 1
        elif code == _EOF:
            depth -= 1
            if not depth:
                if look.high * look.wide > CELLS:
                    raise ReadError("F-05", f"工作表范围达 {look.high} 行 {look.wide} 列")
                return look
        elif depth == 1 and code == _STRING:
            if not any(body[:2]) and look.formulas.get(last):
                look.formulas[last] = False  # an empty text is as no result at all
                look.filled -= 1
        elif depth == 1 and size >= 6:
            last = _cell(look, code, body, last)
    raise ReadError("F-02", "工作表内容不完整")


def _cell(look: _Look, code: int, body: bytes, last: tuple[int, int]) -> tuple[int, int]:
    """Take in a record; give the place of the last formula."""
    row, col = int.from_bytes(body[:2], "little"), int.from_bytes(body[2:4], "little")
    count = 1
    if code in _VALUES:
        look.filled += 1
    elif code == _MULRK:
        count = (len(body) - 6) // 6
        look.filled += count
    elif code == _BOOLERR and len(body) >= 8:
        if body[7]:
            look.errors[row, col] = ERRORS.get(body[6], "错误值")
        else:
            look.filled += 1
    elif code in _FORMULAS and len(body) >= 14:
        last = row, col
        special = body[12:14] == b"\xff\xff"
        look.formulas[last] = not (special and body[6] == 3)
        if special and body[6] == 2:
            look.errors[last] = ERRORS.get(body[8], "错误值")
        elif look.formulas[last]:
            look.filled += 1
    else:
        return last
    look.high, look.wide = max(look.high, row + 1), max(look.wide, col + count)
    return last


class _Source:
    """The file behind a book."""

    def __init__(self, data: bytes) -> None:
        self.data, self.records = data, stream(data)
        if _encrypted(self.records):
            raise ReadError("F-03")
        self.starts, states = _sheets(self.records)
        self.calamine: CalamineWorkbook | None = None
        self.xlrd: Any = guarded(self._xlrd)
        names: list[str] | None = self.xlrd.sheet_names() if self.xlrd else None
        if names is None:
            names = guarded(self._names)
        if not names or len(names) != len(self.starts):
            raise ReadError("F-02", "没有能读的工作表" if not names else "工作表目录有误")
        if len(set(names)) < len(names):
            raise ReadError("F-02", "有重名的工作表")
        pairs = zip(names, states, strict=True)
        self.sheets = tuple(Sheet(name=n, visible=not hidden) for n, hidden in pairs)
        self.order = names

    def _xlrd(self) -> Any:
        import xlrd

        log = io.StringIO()  # it would print
        return xlrd.open_workbook(
            file_contents=self.data, on_demand=True, ragged_rows=True, logfile=log
        )

    def _names(self) -> list[str]:
        from python_calamine import CalamineWorkbook, SheetTypeEnum

        self.calamine = CalamineWorkbook.from_filelike(io.BytesIO(self.data))
        kept = SheetTypeEnum.WorkSheet
        return [s.name for s in self.calamine.sheets_metadata if s.typ == kept]

    def load(self, name: str, _: bool) -> Grid:
        """Read one sheet. Raises ReadError."""
        at = self.order.index(name)
        look = _look(self.records, self.starts[at])
        rows = guarded(lambda: self._values(at)) if self.xlrd else None
        if rows is None or _count(rows) < look.filled:
            rows = guarded(lambda: self._again(name))
        if rows is None or _count(rows) < look.filled:
            raise ReadError("F-02", f"工作表“{name[:31]}”读不出来")
        visible = self.sheets[at].visible
        return Grid(name=name, rows=rows, flags=look.flags(), visible=visible)

    def _values(self, at: int) -> Sequence[Sequence[Raw]]:
        sheet = self.xlrd.sheet_by_index(at)
        old = bool(self.xlrd.datemode)
        rows = [
            [_raw(kind, value, old) for kind, value in zip(kinds, values, strict=True)]
            for kinds, values in (
                (sheet.row_types(r), sheet.row_values(r)) for r in range(sheet.nrows)
            )
        ]
        self.xlrd.unload_sheet(at)
        return rows

    def _again(self, name: str) -> Sequence[Sequence[Raw]] | None:
        if self.calamine is None:
            self._names()
        assert self.calamine is not None, "set by _names"
        return self.calamine.get_sheet_by_name(name).to_python(skip_empty_area=False)


def _sheets(records: bytes) -> tuple[list[int], list[bool]]:
    """Where the worksheets begin, in order, and whether each is hidden."""
    starts, hidden, at = [], [], 0
    while at + 4 <= len(records):
        code, size = _head(records, at)
        if code == _EOF:
            break
        if code == _BOUNDSHEET and size >= 6:
            body = records[at + 4 : at + 10]
            if body[5] == _WORKSHEET:
                starts.append(int.from_bytes(body[:4], "little"))
                hidden.append(bool(body[4] & 3))
        at += 4 + size
    return starts, hidden


def _raw(kind: int, value: Any, old: bool) -> Raw:
    """A value as xlrd gives it: 1 text, 2 number, 3 date, 4 boolean, 5 error, else blank."""
    if kind == 1:
        return str(value) or None
    if kind == 2:
        return float(value)
    if kind == 3:
        return moment(float(value), from_1904=old)
    return bool(value) if kind == 4 else None


def _count(rows: Sequence[Sequence[Raw]]) -> int:
    return sum(v is not None and v != "" for row in rows for v in row)
