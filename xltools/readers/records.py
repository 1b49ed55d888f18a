"""The records of an .xls or .et, looked over: formulas, errors, how far and how many cells there
are, which the libraries that read the values do not tell.
"""

import io
from dataclasses import dataclass, field
from struct import Struct
from typing import Final

from xltools.cells import Flag
from xltools.errors import ReadError
from xltools.limits import limits, over
from xltools.readers.guard import guarded
from xltools.readers.kinds import OLE

_BOF, _EOF, _BOUNDSHEET, _FILEPASS = 0x0809, 0x000A, 0x0085, 0x002F
_FORMULAS: Final = (0x0006, 0x0206, 0x0406)
_STRING, _BOOLERR = 0x0207, 0x0205
_MULRK, _MULBLANK = 0x00BD, 0x00BE
# A cell with a value: NUMBER, RK, LABELSST, LABEL, RSTRING.
_VALUES: Final = frozenset((0x0203, 0x027E, 0x00FD, 0x0204, 0x00D6))
_WORKSHEET: Final = 0
BURIED: Final = 2
"""How a sheet is hidden that only a macro shows again."""
ERRORS: Final = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?",
    0x24: "#NUM!", 0x2A: "#N/A", 0x2B: "#GETTING_DATA",
}  # fmt: skip


def stream(data: bytes) -> bytes:
    """The stream of records; a file without OLE around is one. Raises ReadError F-02."""
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
        raise ReadError("F-02", "文件结构已损坏")
    return records


def encrypted(records: bytes) -> bool:
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
class Look:
    """What the records of a sheet tell.

    ``cells``: how many there are, blank ones left out; ``filled``: those among them that hold a
    value, be it an empty text, and no error; ``high`` and ``wide``: how far they reach.
    """

    cells: int = 0
    filled: int = 0
    formulas: dict[tuple[int, int], bool] = field(default_factory=dict)  # with a result?
    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    high: int = 0
    wide: int = 0

    def flags(self) -> dict[tuple[int, int], Flag]:
        """The flags of cells with formulas and errors, by row and column."""
        found = {at: Flag(formula=True, cached=ok) for at, ok in self.formulas.items()}
        for at, text in self.errors.items():
            found[at] = Flag(formula=at in self.formulas, error=text)
        return found


def _head(records: bytes, at: int) -> tuple[int, int]:
    code = int.from_bytes(records[at : at + 2], "little")
    return code, int.from_bytes(records[at + 2 : at + 4], "little")


def look(records: bytes, at: int) -> Look:
    """Look over the records of a sheet from its BOF on. Raises ReadError F-02, F-05."""
    seen, depth, last = Look(), 0, (-1, -1)
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
                if seen.high * seen.wide > limits().cells:
                    raise over("cells", f"工作表范围达 {seen.high} 行 {seen.wide} 列")
                return seen
        elif depth == 1 and code == _STRING:
            if not any(body[:2]) and seen.formulas.get(last):
                seen.formulas[last] = False  # an empty text is as no result at all
                seen.filled -= 1
        elif depth == 1 and size >= 6:
            last = _cell(seen, code, body, last)
    raise ReadError("F-02", "工作表内容不完整")


def _cell(seen: Look, code: int, body: bytes, last: tuple[int, int]) -> tuple[int, int]:
    """Take in a record; give the place of the last formula."""
    row, col = int.from_bytes(body[:2], "little"), int.from_bytes(body[2:4], "little")
    count = 1
    if code in _VALUES:
        seen.filled += 1
    elif code == _MULRK:
        count = (len(body) - 6) // 6
        seen.filled += count
    elif code == _BOOLERR and len(body) >= 8:
        if body[7]:
            seen.errors[row, col] = ERRORS.get(body[6], "错误值")
        else:
            seen.filled += 1
    elif code in _FORMULAS and len(body) >= 14:
        last = row, col
        special = body[12:14] == b"\xff\xff"
        seen.formulas[last] = not (special and body[6] == 3)
        if special and body[6] == 2:
            seen.errors[last] = ERRORS.get(body[8], "错误值")
        elif seen.formulas[last]:
            seen.filled += 1
    else:
        return last
    seen.cells += count
    seen.high, seen.wide = max(seen.high, row + 1), max(seen.wide, col + count)
    return last


def formulas(records: bytes, at: int) -> int:
    """How many cells of a sheet, from its BOF on, hold a formula; of damage as far as it goes."""
    count, end, codes = 0, len(records) - 4, frozenset(_FORMULAS)
    head = Struct("<HH").unpack_from
    while at <= end:
        code, size = head(records, at)
        if code == _EOF:  # a chart within a sheet stands behind its cells
            break
        count += code in codes
        at += 4 + size
    return count


def sheets(records: bytes) -> tuple[list[int], list[int]]:
    """Where the worksheets begin, in order, and how each is hidden: 0 for not, or ``BURIED``."""
    starts, states, at = [], [], 0
    while at + 4 <= len(records):
        code, size = _head(records, at)
        if code == _EOF:
            break
        if code == _BOUNDSHEET and size >= 6:
            body = records[at + 4 : at + 10]
            if body[5] == _WORKSHEET:
                starts.append(int.from_bytes(body[:4], "little"))
                states.append(body[4] & 3)
        at += 4 + size
    return starts, states
