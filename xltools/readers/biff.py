"""Excel 97 to 2003 workbooks (.xls) and those of WPS (.et) to grids of cells.

xlrd reads the values, errors among them; where it fails, python-calamine does. Neither knows
formulas, and calamine gives errors as blank, so the records are looked over by ourselves.
"""

import io
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final, cast

from xltools.model.cells import Grid, Raw
from xltools.model.errors import ReadError
from xltools.model.limits import limits, over
from xltools.readers import biffstyles
from xltools.readers.book import Book, Sheet
from xltools.readers.guard import guarded
from xltools.readers.records import (
    BURIED,
    encrypted,
    formulas,
    look,
    sheets,
    stream,
)
from xltools.readers.serial import moment
from xltools.readers.traits import amend

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook

_KINDS: Final = range(1, 6)  # of cells, as xlrd numbers them: text, number, date, boolean, error
_NUMBER: Final = 2


def behind(data: bytes) -> bool:
    """Whether a workbook is behind a password. Raises ReadError F-02 for damage."""
    return encrypted(stream(data))


def read(data: bytes) -> Book:
    """Read a workbook. Raises ReadError: F-03 behind a password; F-02 for damage, and without a
    sheet. A sheet's own damage (F-02), and cells too far apart (F-05), are raised when that sheet
    is asked for.
    """
    source = _Source(data)
    return Book(source.sheets, source.load, formulas=source.formulas)


class _Source:
    """The file behind a book."""

    def __init__(self, data: bytes) -> None:
        self.data, self.records = data, stream(data)
        if encrypted(self.records):
            raise ReadError("F-03")
        self.globals = biffstyles.read(self.records)
        self.starts, states = sheets(self.records)
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
        self.sheets = tuple(
            Sheet(name=n, visible=not state, buried=state == BURIED) for n, state in pairs
        )
        self.order = names

    def _xlrd(self) -> Any:
        import xlrd

        log = io.StringIO()  # it would print
        book = xlrd.open_workbook(
            file_contents=self.data, on_demand=True, ragged_rows=True, logfile=log
        )
        # A style that the file does not describe is of plain numbers; xlrd would give up the sheet.
        kinds = book._xf_index_to_xl_type_map
        book._xf_index_to_xl_type_map = defaultdict(lambda: _NUMBER, kinds)
        return book

    def _names(self) -> list[str]:
        from python_calamine import CalamineWorkbook, SheetTypeEnum

        # It reads every sheet at once, each as a dense array.
        seen = [look(self.records, at, self.globals) for at in self.starts]
        if sum(one.high * one.wide for one in seen) > limits().cells:
            raise over("cells", "各工作表范围之和过大")
        self.calamine = CalamineWorkbook.from_filelike(io.BytesIO(self.data))
        kept = SheetTypeEnum.WorkSheet
        return [s.name for s in self.calamine.sheets_metadata if s.typ == kept]

    def load(self, name: str, _: bool) -> Grid:
        """Read one sheet. Raises ReadError."""
        at = self.order.index(name)
        seen = look(self.records, self.starts[at], self.globals)
        rows = guarded(lambda: self._values(at, seen.cells)) if self.xlrd else None
        if rows is None:
            rows = guarded(lambda: self._again(name, seen.filled))
        if rows is None:
            raise ReadError("F-02", f"工作表“{name[:31]}”读不出来")
        visible, flags = self.sheets[at].visible, seen.flags()
        amend(rows, flags, seen.traits)
        return Grid(name=name, rows=rows, flags=flags, visible=visible, merges=seen.merges)

    def formulas(self, name: str) -> int:
        """Count the cells of a sheet that hold a formula."""
        return formulas(self.records, self.starts[self.order.index(name)])

    def _values(self, at: int, cells: int) -> list[list[Raw]] | None:
        """The values by xlrd; None when it sees fewer cells than there are."""
        sheet = self.xlrd.sheet_by_index(at)
        if sum(k in _KINDS for r in range(sheet.nrows) for k in sheet.row_types(r)) < cells:
            return None
        old = bool(self.xlrd.datemode)
        rows = [
            [_raw(kind, value, old) for kind, value in zip(kinds, values, strict=True)]
            for kinds, values in (
                (sheet.row_types(r), sheet.row_values(r)) for r in range(sheet.nrows)
            )
        ]
        self.xlrd.unload_sheet(at)
        return rows

    def _again(self, name: str, filled: int) -> list[list[Raw]] | None:
        """The values by calamine; None when there are fewer than cells that are filled. It tells
        an empty text, which counts there, from none as little as from one it lost.
        """
        if self.calamine is None:
            self._names()
        assert self.calamine is not None, "set by _names"
        sheet = self.calamine.get_sheet_by_name(name)
        rows = cast(list[list[Raw]], sheet.to_python(skip_empty_area=False))
        count = sum(v != "" for row in rows for v in row)
        return rows if count >= filled else None


def _raw(kind: int, value: Any, old: bool) -> Raw:
    """A value as xlrd gives it, by its kind."""
    if isinstance(value, str):
        return value or None
    if kind in (1, _NUMBER):  # text by its style alone, where that is of a format there is not
        return float(value)
    if kind == 3:
        return moment(float(value), from_1904=old)
    return bool(value) if kind == 4 else None
