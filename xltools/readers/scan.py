"""The XML of a sheet, looked over: formulas, errors and booleans, and how far its cells reach.

What the value reader does not tell is found here. Nearly every program writes cells in one plain
style, which one pattern takes in whole; whatever is written otherwise goes through expat.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final
from xml.parsers import expat

from xltools.cells import Flag
from xltools.errors import ReadError
from xltools.limits import limits, over

"""Rows times columns that a sheet may reach over: values come as a dense array."""

_ROWS, _COLS = 1 << 20, 1 << 14

_REF: Final = re.compile(rb'<c r="([A-Z]{1,3})([1-9][0-9]{0,6})"')
# Column, row, value of a cell with a formula, which may be shared and empty.
_FORMULA: Final = re.compile(
    rb'<c r="([A-Z]{1,3})([0-9]{1,7})"[^>]*><f(?:>| [^>]*>)[^<]*(?:</f>)?(?:<v[^>]*>([^<]*))?'
)
_FAULT: Final = re.compile(
    rb'<c r="([A-Z]{1,3})([0-9]{1,7})"[^>]* t="e"[^>]*>'
    rb"(?:<f[^>]*>[^<]*(?:</f>)?)?(?:<v[^>]*>([^<]*))?"
)
_FILLED: Final = re.compile(
    rb'<c r="[A-Z0-9]+"(?: s="[0-9]+")?(?: t="(?!e")[a-zA-Z]+")?><(?:v>[^<]|is>)'
)
# A cell that lies far off, or is not written in the one plain style, or whose shared text has no
# number for an index.
_STRANGE: Final = re.compile(
    rb'<c(?! r="[A-Z]{1,2}[1-9][0-9]{0,2}"(?: s="[0-9]+")?'
    rb'(?:/?>| t="(?:s"><v>[0-9]{1,9}</v>|(?!s")[a-zA-Z]+")))'
)
_MADE: Final = re.compile(rb'"><f[ />]')
_INDEX: Final = re.compile(rb't="s"[^>]*><v>(?![0-9]{1,9}</v>)')
_ERROR: Final = "错误值"
_CACHED, _UNCACHED = Flag(formula=True), Flag(formula=True, cached=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """``flags`` of the odd cells; ``filled``: how many cells hold a value at least (a plain look
    tells only whether any does), so that a reader who sees fewer is found out.
    """

    flags: Mapping[tuple[int, int], Flag]
    filled: int


@dataclass(slots=True)
class _Reach:
    """How far cells go."""

    rows: int = 0
    cols: int = 0

    def take(self, row: int, col: int) -> None:
        """Note a cell (from 0). Raises ReadError F-02 for one that no sheet has."""
        if not (0 <= row < _ROWS and 0 <= col < _COLS):
            raise ReadError("F-02", "单元格地址不存在")
        self.rows, self.cols = max(self.rows, row + 1), max(self.cols, col + 1)

    def judge(self) -> None:
        """Raise ReadError F-05 when the cells lie too far apart."""
        if self.rows * self.cols > limits().cells:
            raise over("cells", f"工作表范围达 {self.rows} 行 {self.cols} 列")


def scan(xml: bytes, *, flags: bool = True) -> Scan:
    """Look over a worksheet part. Without ``flags`` only its reach is judged, which is quicker.

    Raises ReadError: F-02 for XML that cannot be, F-05 for cells that lie too far apart.
    """
    start = xml.find(b"<sheetData")
    end = xml.find(b"</sheetData>", start)
    if start >= 0 and end >= 0 and not _special(xml):
        data = xml[start:end]
        if _even(data) and (not _STRANGE.search(data) or _near(data)):
            found = _odd(data) if flags else {}
            if found is not None:
                return Scan(flags=found, filled=int(_FILLED.search(data) is not None))
    return _thorough(xml)


def held(xml: bytes, letters: str) -> int | None:
    """How many cells of a column hold something; None when the XML is not of the plain style."""
    start, end = xml.find(b"<sheetData"), xml.find(b"</sheetData>")
    if start < 0 or end < 0 or _special(xml) or xml.count(b"<c ") != xml.count(b'<c r="'):
        return None
    cell = rb'<c r="%b[0-9]+"[^>]*(?<!/)><(?!/c>)' % letters.encode()
    return len(re.findall(cell, xml[start:end]))


def formulas(xml: bytes) -> int:
    """How many cells hold a formula; those that are not written in the plain style do not count."""
    return len(_MADE.findall(xml))


def _special(xml: bytes) -> bool:
    """Whether there are comments, instructions, CDATA or a document type after the first line."""
    # Looking for one byte is many times quicker than for two.
    expected = 2 if xml.startswith(b"<?xml") else 0
    return (b"!" in xml and b"<!" in xml) or (xml.count(b"?") > expected and b"<?" in xml[1:])


def _even(data: bytes) -> bool:
    """Whether as many elements end as begin, the one apart that is cut off at its end.

    The value reader takes a cell whose tags are damaged for a blank one.
    """
    return data.count(b"<") == 2 * data.count(b"</") + data.count(b"/>") + 1


def _near(data: bytes) -> bool:
    """Judge how far the cells reach; False when some are not to be read here."""
    places = _REF.findall(data)
    if len(places) != data.count(b"<c") or _INDEX.search(data):
        return False
    reach = _Reach()
    for letters, row in places:
        reach.take(int(row) - 1, _column(letters))
    reach.judge()
    return True


def _odd(data: bytes) -> dict[tuple[int, int], Flag] | None:
    """Flag cells of formulas and errors; None when some are written in another way."""
    flags: dict[tuple[int, int], Flag] = {}
    formulas = _FORMULA.findall(data)
    if len(formulas) != data.count(b"<f"):
        return None
    for letters, row, value in formulas:
        flags[int(row) - 1, _column(letters)] = _CACHED if value else _UNCACHED
    errors = data.count(b't="e"')
    if errors:
        faults = _FAULT.findall(data)
        if len(faults) != errors:
            return None
        for letters, row, value in faults:
            place = int(row) - 1, _column(letters)
            text = value.decode("utf-8", "replace")
            flags[place] = _flag(place in flags, "e", bool(value), text)
    return flags


def _flag(formula: bool, kind: str, value: bool, text: str) -> Flag:
    error = (text.strip() or _ERROR) if kind == "e" else ""
    return Flag(formula=formula, cached=value or not formula, error=error)


@lru_cache(maxsize=1 << 14)
def _column(letters: bytes) -> int:
    return column(letters.decode())


def column(letters: str) -> int:
    """Number of a column from 0: ``A`` gives 0, ``AA`` 26."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


@dataclass(slots=True)
class _Sheet:
    """The state of a thorough look: expat calls ``start``, ``end`` and ``text``."""

    flags: dict[tuple[int, int], Flag] = field(default_factory=dict)
    reach: _Reach = field(default_factory=_Reach)
    filled: int = 0
    row: int = -1
    col: int = -1
    kind: str = ""
    formula: bool = False
    inside: str = ""
    words: list[str] = field(default_factory=list)
    seen: bool = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        tag = name.rpartition(" ")[2]
        if tag == "sheetData":
            self.seen = True
        elif tag == "row":
            given = attributes.get("r", "")
            self.row = int(given) - 1 if given.isascii() and given.isdigit() else self.row + 1
            self.col = -1
        elif tag == "c":
            self.col += 1
            place = re.fullmatch(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})", attributes.get("r", "").upper())
            if place:
                self.row, self.col = int(place[2]) - 1, column(place[1])
            elif attributes.get("r"):
                raise ReadError("F-02", "单元格地址不存在")
            self.reach.take(self.row, self.col)
            self.kind, self.formula = attributes.get("t", "n"), False
            self.words = []
        elif tag == "f":
            self.formula = True
        elif tag in ("v", "t"):
            self.inside = tag

    def end(self, name: str) -> None:
        tag = name.rpartition(" ")[2]
        if tag in ("v", "t"):
            self.inside = ""
        elif tag == "c":
            text = "".join(self.words)
            if self.kind == "s" and text and not re.fullmatch(r"\s*[0-9]{1,9}\s*", text):
                raise ReadError("F-02", "共享文字的序号不是数字")
            if self.formula or self.kind == "e":
                flag = _flag(self.formula, self.kind, bool(text), text)
                self.flags[self.row, self.col] = flag
            self.filled += bool(text.strip()) and self.kind != "e"
            self.words = []

    def text(self, data: str) -> None:
        if self.inside:
            self.words.append(data)


def _thorough(xml: bytes) -> Scan:
    sheet = _Sheet()
    parse(xml, start=sheet.start, end=sheet.end, text=sheet.text)
    if not sheet.seen:
        raise ReadError("F-02", "工作表没有数据部分")
    sheet.reach.judge()
    return Scan(flags=sheet.flags, filled=sheet.filled)


def parse(
    xml: bytes | str,
    *,
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> None:
    """Run expat over XML; names come as ``namespace name``. Document types are refused, and with
    them every entity. Raises ReadError F-02.
    """
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = start
    if end:
        parser.EndElementHandler = end
    if text:
        parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = _refuse
    try:
        parser.Parse(xml, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise ReadError("F-02", "XML 内容已损坏") from error


def _refuse(*_: object) -> None:
    raise ReadError("F-02", "XML 中有文档类型声明")
