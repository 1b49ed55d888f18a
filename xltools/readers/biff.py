"""Read workbooks of Excel 5 to 2003 (.xls) and of WPS (.et) into grids of cells.

xlrd reads the values, including errors; if it fails, python-calamine does. Neither reports
formulas, and calamine returns errors as blanks, so the records are scanned here as well. Source of
the records: [MS-XLS] 2.3 and 2.4.
"""

import io
import struct
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, cast

from xltools.model.cells import Area, Flag, Grid, Raw, column_name
from xltools.model.errors import ReadError, guarded
from xltools.model.limits import limits, over
from xltools.model.wording import Phrase
from xltools.readers import biff_styles
from xltools.readers.biff_styles import HEAD, Globals, each_record, unsigned
from xltools.readers.book import Book, Reach, Sheet
from xltools.readers.format_codes import moment
from xltools.readers.kinds import OLE
from xltools.readers.traits import Rich, Trait, amend, rich

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook

_BOF, _EOF, _BOUNDSHEET, _FILEPASS = 0x0809, 0x000A, 0x0085, 0x002F
_FORMULAS: Final = (0x0006, 0x0206, 0x0406)
_STRING, _BOOLERR = 0x0207, 0x0205
_MULRK, _LABELSST, _RSTRING, _MERGED = 0x00BD, 0x00FD, 0x00D6, 0x00E5
# A cell with a value: NUMBER, RK, LABELSST, LABEL, RSTRING.
_VALUES: Final = frozenset((0x0203, 0x027E, 0x00FD, 0x0204, 0x00D6))
_CELLS: Final = _VALUES | {_MULRK, _BOOLERR, *_FORMULAS}
_PLACE: Final = struct.Struct("<HHH").unpack_from  # row, column, style
_WORKSHEET: Final = 0
BURIED: Final = 2
"""The state of a sheet that is hidden in such a way that only a macro can show it again."""
ERRORS: Final = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?",
    0x24: "#NUM!", 0x2A: "#N/A", 0x2B: "#GETTING_DATA",
}  # fmt: skip


def stream(data: bytes) -> bytes:
    """Return the records of a workbook: the content of its stream in an OLE file, or the whole file
    if it is not in one. Raises ReadError F-02 if there is no such stream or the file is damaged.
    """
    if not data.startswith(OLE):
        return data
    import olefile

    def found() -> bytes | None:
        with olefile.OleFileIO(io.BytesIO(data)) as ole:
            for name in ("Workbook", "Book"):
                if ole.exists(name):
                    content: bytes = ole.openstream(name).read()
                    return content
        return None

    records = guarded(found)
    if not records:
        raise ReadError("F-02", Phrase.FILE_DAMAGED)
    return records


def encrypted(records: bytes) -> bool:
    """Whether the records are encrypted. Raises ReadError F-02 if they end before the record that
    shows it.
    """
    for code, _ in each_record(records):
        if code == _FILEPASS:
            return True
        if code in (_EOF, _BOUNDSHEET):
            return False
    raise ReadError("F-02", Phrase.WORKBOOK_INCOMPLETE)


@dataclass(slots=True)
class SheetLook:
    """What a scan of a sheet's records finds. Places are (row, column), from 0.

    ``cells``: how many cells are not blank; ``filled``: how many of them hold a value (which may be
    an empty text) and no error; ``reach``: how far they extend; ``places``: the places of all of
    them. By place: ``formulas`` (whether each cell with a formula has a result), ``errors`` (error
    values as text) and ``traits`` (style and text of the cells that are displayed in an odd way).
    ``merges``: the merged areas.
    """

    cells: int = 0
    filled: int = 0
    formulas: dict[tuple[int, int], bool] = field(default_factory=dict)
    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    reach: Reach = field(default_factory=Reach)
    places: set[tuple[int, int]] = field(default_factory=set)
    traits: dict[tuple[int, int], Trait] = field(default_factory=dict)
    merges: list[Area] = field(default_factory=list)

    def flags(self) -> dict[tuple[int, int], Flag]:
        """Return the flags of cells with formulas and errors, by row and column."""
        flags = {at: Flag(formula=True, cached=ok) for at, ok in self.formulas.items()}
        for at, text in self.errors.items():
            flags[at] = Flag(formula=at in self.formulas, error=text)
        return flags


def look(records: bytes, at: int, book: Globals) -> SheetLook:
    """Scan the records of a sheet. ``at``: the offset of its first record (BOF); ``book``: the
    fonts and styles of the workbook.

    Raises ReadError: F-02 for damage, and if a cell occurs twice; F-05 for cells that lie too far
    apart.
    """
    seen, depth, last = SheetLook(), 0, (-1, -1)
    while at + 4 <= len(records):
        code, size = HEAD(records, at)
        body = records[at + 4 : at + 4 + size]
        if (not depth and code != _BOF) or len(body) < size:
            break
        at += 4 + size
        if code == _BOF:  # a chart within a sheet has its own BOF
            depth += 1
        elif code == _EOF:
            depth -= 1
            if not depth:
                seen.reach.judge()
                return seen
        elif depth == 1 and code == _STRING:
            if not any(body[:2]) and seen.formulas.get(last):
                seen.formulas[last] = False  # an empty text counts as no result
                seen.filled -= 1
        elif depth == 1 and code == _MERGED:
            seen.merges += _merges(body)
        elif depth == 1 and code in _CELLS and size >= 6:
            last = _cell(seen, code, body, last, book)
    raise ReadError("F-02", Phrase.SHEET_INCOMPLETE)


def _merges(body: bytes) -> list[Area]:
    """Return the areas in a record of merged cells (MERGECELLS)."""
    corners = [[unsigned(body, at + n) for n in (0, 4, 2, 6)] for at in range(2, len(body) - 7, 8)]
    return [Area(*corner) for corner in corners if corner[:2] != corner[2:]]


def _cell(
    seen: SheetLook, code: int, body: bytes, last: tuple[int, int], book: Globals
) -> tuple[int, int]:
    """Add a record with one or more cells to ``seen``. ``last``: the place of the last cell with a
    formula; returns its new value, which is this cell if it has a formula.
    """
    row, col, style = _PLACE(body)
    place, count = (row, col), 1
    if code in _VALUES:
        seen.filled += 1
    elif code == _MULRK:
        count = (len(body) - 6) // 6
        seen.filled += count
    elif code == _BOOLERR and len(body) >= 8:
        if body[7]:
            seen.errors[place] = ERRORS.get(body[6], "错误值")
        else:
            seen.filled += 1
    elif code in _FORMULAS and len(body) >= 14:
        last = place
        special = body[12:14] == b"\xff\xff"
        seen.formulas[last] = not (special and body[6] == 3)
        if special and body[6] == 2:
            seen.errors[last] = ERRORS.get(body[8], "错误值")
        elif seen.formulas[last]:
            seen.filled += 1
    else:
        return last
    seen.cells += count
    seen.reach.take(row, col + count - 1)
    if code == _MULRK:
        for n in range(count):
            _take(seen, code, (row, col + n), body, unsigned(body, 4 + 6 * n), book)
    else:
        _take(seen, code, place, body, style, book)
    return last


def _take(
    seen: SheetLook, code: int, place: tuple[int, int], body: bytes, style: int, book: Globals
) -> None:
    """Add one cell, with the way it is displayed, to ``seen``. ``style``: the number of its cell
    style. Raises ReadError F-02 if the cell occurred before.
    """
    if place in seen.places:
        raise ReadError("F-02", Phrase.CELL_TWICE(f"{column_name(place[1])}{place[0] + 1}"))
    seen.places.add(place)
    shown, trait = book.shown, None
    if code == _LABELSST:
        trait = shown.trait(style, unsigned(body, 6, 4))
    elif code == _RSTRING:
        trait = shown.style(style), _runs(body, book)
    elif style in shown.odd:
        trait = shown.style(style), None
    if trait:
        seen.traits[place] = trait


def _runs(body: bytes, book: Globals) -> Rich:
    """Return the runs of a text that is stored in its cell, as files of Excel 5 do (RSTRING)."""
    wide = len(body) > 8 and body[8] & 1 if book.recent else 0
    size = 4 if book.recent else 2
    start, half = 8 + book.recent, size // 2
    end = start + (unsigned(body, 6) << wide)
    text = body[start:end]
    units = text if wide else _decoded(text).encode("utf-16-le")
    runs = []
    for at in range(end + half, len(body) - size + 1, size):
        place = unsigned(body, at, half)
        if not wide:  # offsets are in bytes, and Chinese characters take two
            place = len(_decoded(text[:place]))
        runs.append((place, book.fonts.font(body[at + half])))
    return rich(units, runs)


def _decoded(text: bytes) -> str:
    """Decode text of one or two bytes per character, in GB18030."""
    return text.decode("gb18030", "replace")


def formulas(records: bytes, at: int) -> int:
    """Return how many cells of a sheet hold a formula. ``at``: the offset of its first record
    (BOF). If the sheet is damaged, only the records before the damage count.
    """
    count, end, codes = 0, len(records) - 4, frozenset(_FORMULAS)
    while at <= end:
        code, size = HEAD(records, at)
        if code == _EOF:  # a chart in a sheet comes after its cells
            break
        count += code in codes
        at += 4 + size
    return count


def sheets(records: bytes) -> tuple[list[int], list[int]]:
    """Return, for each worksheet in order, the offset of its first record and its visibility: 0 for
    visible, 1 for hidden, BURIED for hidden from all but macros. They are returned as two lists.
    """
    starts, states = [], []
    for code, body in each_record(records):
        if code == _EOF:
            break
        if code == _BOUNDSHEET and len(body) >= 6 and body[5] == _WORKSHEET:
            starts.append(unsigned(body, 0, 4))
            states.append(body[4] & 3)
    return starts, states


_KINDS: Final = range(1, 6)  # xlrd's types of cells: text, number, date, boolean, error
_NUMBER: Final = 2


def behind(data: bytes) -> bool:
    """Whether a workbook is locked with a password. Raises ReadError F-02 for damage."""
    return encrypted(stream(data))


def read(data: bytes) -> Book:
    """Read a workbook. Raises ReadError: F-03 if it is locked with a password; F-02 if it is
    damaged or has no sheet. Damage in a single sheet (F-02), and cells too far apart (F-05), are
    raised when that sheet is asked for.
    """
    source = _BiffSource(data)
    return Book(source.sheets, source.load, formulas=source.formulas)


class _BiffSource:
    """An opened workbook, from which a Book reads its sheets."""

    def __init__(self, data: bytes) -> None:
        self.data, self.records = data, stream(data)
        if encrypted(self.records):
            raise ReadError("F-03")
        self.globals = biff_styles.read(self.records)
        self.starts, states = sheets(self.records)
        self.xlrd: Any = guarded(self._open_xlrd)
        names: list[str] | None = self.xlrd.sheet_names() if self.xlrd else None
        if names is None:
            names = guarded(self._names)
        if not names or len(names) != len(self.starts):
            raise ReadError(
                "F-02", Phrase.NO_SHEET_LEGIBLE if not names else Phrase.SHEET_LIST_WRONG
            )
        if len(set(names)) < len(names):
            raise ReadError("F-02", Phrase.SHEET_NAME_TWICE)
        pairs = zip(names, states, strict=True)
        self.sheets = tuple(
            Sheet(name=n, visible=not state, buried=state == BURIED) for n, state in pairs
        )
        self.order = names

    def _open_xlrd(self) -> Any:
        """Open the workbook with xlrd. Any exception that xlrd raises means that it cannot read
        this workbook.
        """
        import xlrd

        log = io.StringIO()  # without it, xlrd would print
        book = xlrd.open_workbook(
            file_contents=self.data, on_demand=True, ragged_rows=True, logfile=log
        )
        # Cells whose style is not defined are read as numbers; xlrd would fail on the sheet.
        kinds = book._xf_index_to_xl_type_map
        book._xf_index_to_xl_type_map = defaultdict(lambda: _NUMBER, kinds)
        return book

    @cached_property
    def calamine(self) -> "CalamineWorkbook":
        """The workbook opened with python-calamine, which reads all sheets at once, each as a dense
        array. Raises ReadError F-05 if these arrays would be too large together.
        """
        from python_calamine import CalamineWorkbook

        looks = [look(self.records, at, self.globals) for at in self.starts]
        if sum(sheet.reach.rows * sheet.reach.cols for sheet in looks) > limits().cells:
            raise over("cells", Phrase.SHEETS_TOO_LARGE)
        return CalamineWorkbook.from_filelike(io.BytesIO(self.data))

    def _names(self) -> list[str]:
        """Return the names of the worksheets as python-calamine reads them."""
        from python_calamine import SheetTypeEnum

        worksheet = SheetTypeEnum.WorkSheet
        return [s.name for s in self.calamine.sheets_metadata if s.typ == worksheet]

    def load(self, name: str, _: bool) -> Grid:
        """Read one sheet; the flags are always included. Raises ReadError: F-02 for damage, F-05
        for cells too far apart.
        """
        at = self.order.index(name)
        seen = look(self.records, self.starts[at], self.globals)
        rows = guarded(lambda: self._by_xlrd(at, seen.cells)) if self.xlrd else None
        if rows is None:
            rows = guarded(lambda: self._by_calamine(name, seen.filled))
        if rows is None:
            raise ReadError("F-02", Phrase.SHEET_UNREADABLE(name[:31]))
        visible, flags = self.sheets[at].visible, seen.flags()
        amend(rows, flags, seen.traits)
        return Grid(name=name, rows=rows, flags=flags, visible=visible, merges=seen.merges)

    def formulas(self, name: str) -> int:
        """Return how many cells of a sheet hold a formula."""
        return formulas(self.records, self.starts[self.order.index(name)])

    def _by_xlrd(self, at: int, cells: int) -> list[list[Raw]] | None:
        """Read the values of the sheet with number ``at`` with xlrd; None if it returns fewer than
        ``cells`` cells.
        """
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

    def _by_calamine(self, name: str, filled: int) -> list[list[Raw]] | None:
        """Read the values of a sheet with python-calamine; None if it returns fewer values than
        there are ``filled`` cells. An empty text counts as filled but is returned as a blank, so a
        sheet with one is refused as well.
        """
        sheet = self.calamine.get_sheet_by_name(name)
        rows = cast(list[list[Raw]], sheet.to_python(skip_empty_area=False))
        count = sum(v != "" for row in rows for v in row)
        return rows if count >= filled else None


def _raw(kind: int, value: Any, old: bool) -> Raw:
    """Convert a value of xlrd, whose type it gives as ``kind``. ``old``: days are counted from
    1904.
    """
    if isinstance(value, str):
        return value or None
    if kind in (1, _NUMBER):  # xlrd reports a number as a text if its format is undefined
        return float(value)
    if kind == 3:
        return moment(float(value), from_1904=old)
    return bool(value) if kind == 4 else None
