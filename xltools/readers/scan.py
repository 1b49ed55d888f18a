"""Scan the XML of an .xlsx sheet for what the libraries that read the values do not report:
formulas, errors, cells displayed in an odd way, merged cells, cells that occur twice, and how far
the cells extend.

Nearly every program writes cells in one plain style, which a single regular expression matches. A
sheet in which anything is written differently goes through the XML parser, which takes several
times as long.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from xltools.model.cells import CACHED, UNCACHED, Area, Flag, areas, column_name, column_number
from xltools.model.errors import ReadError
from xltools.model.wording import Phrase
from xltools.readers.book import COLS, ROWS, Reach
from xltools.readers.markup import parse
from xltools.readers.traits import Colors, Rich, RichDraft

_NEAR, _FAR = rb"[A-Z]{1,2}[1-9][0-9]{0,2}", rb"[A-Z]{1,3}[1-9][0-9]{0,6}"
_STYLE: Final = rb'(?: s="(0|[1-9][0-9]*)")?'
_MORE: Final = rb'(?: (?:cm|vm|ph)="[0-9]+")*'


def _cell(address: bytes) -> re.Pattern[bytes]:
    """The pattern of a complete cell in the plain style. ``address``: the pattern of the addresses
    to match. Its groups: the address (empty for a cell in another style), the number of its cell
    style, the number of its shared text, its type, ``<f`` if it has a formula, and its value.
    """
    return re.compile(
        rb'<c(?: r="(%b)"%b' % (address, _STYLE) + rb"(?:%b/>|(?:" % _MORE
        + rb' t="s"%b><v>([0-9]{1,9})</v>' % _MORE
        + rb'|(?: t="((?!s")[a-zA-Z]+)")?%b>(?:(<f)[^>]*>(?:[^<]*</f>)?)?' % _MORE
        + rb"(?:<v(?: [^>/]*)?>([^<]*)</v>|<v ?/>|<is><t[^>]*>(?:[^<]*</t>)?</is>)?"
        + rb")</c>))?"
    )  # fmt: skip


_NEAR_CELL, _FAR_CELL = _cell(_NEAR), _cell(_FAR)
# The beginning of a cell; the group is its address if short and in the plain style, else empty.
_START: Final = re.compile(
    rb'<c(?: r="(%b)"(?: s="[0-9]+")?' % _NEAR
    + rb'(?:/?>| t="(?:s"><v>[0-9]{1,9}</v>|(?!s")[a-zA-Z]+")))?'
)
_FILLED: Final = re.compile(
    rb'<c r="[A-Z0-9]+"(?: s="[0-9]+")?(?: t="(?!e")[a-zA-Z]+")?><(?:v>[^<]|is>)'
)
_ROW: Final = re.compile(rb'<row(?: r="([1-9][0-9]{0,6})")?')
# Cells of a large sheet that are only formatted: rows with nothing else, and cells to the right of
# column ZZ. There may be millions of them, and nothing to read in them.
_LARGE: Final = 1 << 20
_EMPTY_ROW: Final = re.compile(
    rb"<(?:\w+:)?row(?=\s[^<>]*\br=)[^<>]*+(?<!/)>"
    rb"(?:\s*+<(?:\w+:)?c\b[^<>/]*+(?:/>|></(?:\w+:)?c>))++\s*+</(?:\w+:)?row>"
)
_OUTER_CELL: Final = re.compile(
    rb'<(?:\w+:)?c\s+r="[A-Z]{3}[1-9][0-9]{0,6}"[^<>/]*+(?:/>|></(?:\w+:)?c>)'
)
# A comment, an instruction, CDATA or a document type.
_SPECIAL: Final = re.compile(rb"<[!?]")
# A text in several runs, or with a phonetic guide; a value that is not the last in its cell.
_UNUSUAL: Final = re.compile(rb"<(?:r[>P ]|/v>(?!\s*</c>)|v ?/>(?!\s*</c>))")
_BETWEEN: Final = bytes(set(range(256)) - set(b"<>/!? "))
_MERGE: Final = re.compile(rb'<mergeCell ref="([A-Z0-9:$]+)"')
_KEPT: Final = 1 << 16  # merged areas are cached if their XML has fewer bytes
_TEXTS: Final = (b"str", b"inlineStr")  # types of cells that the value reader returns even if empty
_MADE: Final = re.compile(rb'"><f[ />]')
_ERROR: Final = "错误值"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanTargets:
    """The cells that a scan reports because they may be displayed in an odd way: those with one of
    the cell styles in ``styles``, and those with one of the shared texts in ``texts`` (both are
    numbers). ``colors`` returns which colours are white; it is called for texts that are stored
    within their cell.
    """

    styles: frozenset[int] = frozenset()
    texts: frozenset[int] = frozenset()
    colors: Callable[[], Colors] = Colors


NOTHING: Final = ScanTargets()
# The cell style, and the text: the number of a shared one, or the runs of one in the cell.
Odd = tuple[int, int | Rich | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """The result of a scan; places are (row, column) from 0.

    ``flags``: the flags of cells with formulas and errors. ``odd``: the cells of the
    ``ScanTargets``, and those with text in several runs. ``merges``: the merged areas.

    ``filled``: a lower bound for the number of cells with a value (the fast scan gives 1 if there
    are any), by which a library that lost values is noticed. ``shared``: how many cells have each
    shared text, which may be an empty one; the fast scan leaves this out.
    """

    flags: dict[tuple[int, int], Flag]
    filled: int
    odd: Mapping[tuple[int, int], Odd]
    merges: Sequence[Area]
    shared: Mapping[int, int] = field(default_factory=dict)


def scan(xml: bytes, *, flags: bool = True, targets: ScanTargets = NOTHING) -> Scan:
    """Scan a worksheet part: by the fast scan where that is sure to be right, else by the XML
    parser. With ``flags`` False the fast scan leaves out formulas and errors, which takes less
    time.

    Raises ReadError: F-02 for damaged XML, and if a cell, a row or a value occurs twice; F-05 for
    cells that lie too far apart.
    """
    if len(xml) > _LARGE:
        xml = _OUTER_CELL.sub(b"", _EMPTY_ROW.sub(b"", xml))
    start = xml.find(b"<sheetData")
    end = xml.find(b"</sheetData>", start)
    if start >= 0 and end >= 0 and not targets.texts:
        data, rest = xml[start:end], xml[end:]
        if _even(data) and not _special(xml[:start], rest) and b"<sheetData" not in rest:
            seen = _plain(data, flags, targets.styles)
            merges = merges_in(rest)
            if seen is not None and merges is not None:
                filled = int(_FILLED.search(data) is not None)
                return Scan(flags=seen[0], odd=seen[1], filled=filled, merges=merges)
    return scan_thoroughly(xml, targets)


def held(xml: bytes, letters: str) -> int | None:
    """Return how many cells of a column (named by its letters) are not blank, or None if the XML is
    not in the plain style.
    """
    start, end = xml.find(b"<sheetData"), xml.find(b"</sheetData>")
    if start < 0 or end < 0 or _special(xml[:start], xml[end:]):
        return None
    data = xml[start:end]
    if not _even(data) or data.count(b"<c ") != data.count(b'<c r="'):
        return None
    cell = rb'<c r="%b[0-9]+"[^>]*(?<!/)><(?!/c>)' % letters.encode()
    return len(re.findall(cell, data))


def formulas(xml: bytes) -> int:
    """Return how many cells hold a formula that is written in the plain style."""
    return len(_MADE.findall(xml))


def _special(before: bytes, behind: bytes) -> bool:
    """Whether the XML before or behind the cells contains a comment, an instruction or the like,
    which the fast scan cannot handle.
    """
    return any(_SPECIAL.search(part) for part in (before[1:], behind))


def _even(data: bytes) -> bool:
    """Whether the XML in ``data`` has an end for every start tag, except for one end tag that the
    caller has cut off behind ``data``, and contains no comment, declaration or instruction.

    If not, the fast scan must not be used: the library that reads the values takes a cell with
    damaged tags for a blank one, so the damage would go unnoticed.
    """
    # Searching for one byte is faster than for two, so only the characters of tags are kept. That
    # fails where "/>" follows a name without a space: then all of the data is counted.
    bones = data.translate(None, _BETWEEN)
    if b"<!" in bones or b"<?" in bones:
        return False
    count = bones.count(b"<")
    if count == bones.count(b"</") + bones.count(b"/>") + 1:  # end tags are in both counts
        return True
    return count == 2 * data.count(b"</") + data.count(b"/>") + 1


def _plain(
    data: bytes, flags: bool, styles: frozenset[int]
) -> tuple[dict[tuple[int, int], Flag], dict[tuple[int, int], Odd]] | None:
    """Return the flags and the odd cells of the rows in ``data``, as ``Scan`` has them; None if any
    row or cell is not in the plain style. ``flags``: flags are wanted; ``styles``: the numbers of
    odd cell styles.
    """
    rows = _ROW.findall(data)
    if not all(rows):
        return None
    _once(rows, Phrase.ROW_TWICE)
    if not flags and not styles and not _UNUSUAL.search(data):
        places = _START.findall(data)
        if all(places):
            _once(places, Phrase.CELL_TWICE)
            return {}, {}
    cells = _NEAR_CELL.findall(data)
    places = [cell[0] for cell in cells]
    if not all(places):
        cells = _FAR_CELL.findall(data)
        places = [cell[0] for cell in cells]
        if not all(places):
            return None
        reach = Reach()
        for place, _, text, kind, _, value in cells:
            if text or value or kind in _TEXTS:
                reach.take(*place_of(place))
        reach.judge()
    _once(places, Phrase.CELL_TWICE)
    flagged, odd = dict[tuple[int, int], Flag](), dict[tuple[int, int], Odd]()
    for place, _, _, kind, formula, value in cells:
        if kind == b"e":
            text = value.decode("utf-8", "replace")
            flagged[place_of(place)] = _flag(bool(formula), "e", bool(value), text)
        elif formula:
            flagged[place_of(place)] = CACHED if value else UNCACHED
    if styles:
        numbers = _written(styles)
        odd = {
            place_of(place): (int(style or 0), int(text) if text else None)
            for place, style, text, kind, _, value in cells
            if style in numbers and (text or kind or value)
        }
    return flagged, odd


@lru_cache(maxsize=256)
def _written(numbers: frozenset[int]) -> frozenset[bytes]:
    """Return the numbers of cell styles as written in the attribute ``s``. If 0 is one of them, the
    result includes the empty value, because a cell without the attribute has the style 0.
    """
    return frozenset(b"%d" % n for n in numbers) | (frozenset((b"",)) if 0 in numbers else set())


@lru_cache(maxsize=1 << 12)
def place_of(address: bytes) -> tuple[int, int]:
    """Return row and column, from 0, of an address such as ``B7``. Raises ReadError F-02 for an
    address that no sheet has.
    """
    letters = address.rstrip(b"0123456789")
    return _real(int(address[len(letters) :]) - 1, column_number(letters.decode()))


def _real(row: int, col: int) -> tuple[int, int]:
    """Return the place unchanged. Raises ReadError F-02 if no sheet has such a row or column."""
    if not (0 <= row < ROWS and 0 <= col < COLS):
        raise ReadError("F-02", Phrase.NO_SUCH_CELL)
    return row, col


def _once(names: list[bytes], problem: Phrase) -> None:
    """Raise ReadError F-02 if a name occurs twice. ``problem``: the message, which names it."""
    if len(set(names)) < len(names):
        twice = next(name for name, count in Counter(names).items() if count > 1)
        raise ReadError("F-02", problem(twice.decode()))


def merges_in(rest: bytes) -> Sequence[Area] | None:
    """Return the merged areas in the XML behind the cells, or None if they are not written in the
    plain style.
    """
    start, end = rest.find(b"<mergeCell"), rest.find(b"</mergeCells>")
    if start < 0:
        return ()
    if end < 0:
        return None
    xml = rest[start:end]
    return _areas(xml) if len(xml) < _KEPT else _areas.__wrapped__(xml)


@lru_cache(maxsize=256)
def _areas(xml: bytes) -> Sequence[Area] | None:
    """Return the areas in the XML of the merged cells, or None if they are not written in the plain
    style. Results are cached, because many files have the same areas.
    """
    references = _MERGE.findall(xml)
    if len(references) != xml.count(b"<mergeCell") - xml.count(b"<mergeCells"):
        return None
    return areas(ref.decode() for ref in references)


def _flag(formula: bool, kind: str, value: bool, text: str) -> Flag:
    """The flag of a cell. ``formula``: it has a formula; ``kind``: its type as in the XML;
    ``value``: it has a value; ``text``: that value.
    """
    error = (text.strip() or _ERROR) if kind == "e" else ""
    return Flag(formula=formula, cached=value or not formula, error=error)


@dataclass(slots=True)
class _SheetScan:
    """Collects what a scan looks for (``targets``) while the XML parser calls ``start``, ``end``
    and ``text``. ``flags``, ``odd``, ``filled`` and ``shared`` are those of Scan; ``merges`` are
    ranges as written; ``reach``, ``rows`` and ``cells`` are what has occurred so far.

    Of the current cell: ``row``, ``col`` from 0; ``kind``, its type; ``style``, its number;
    ``values``, how many it has had; ``value``, the text of ``v``, which is collected in ``words``;
    ``draft``, the text of ``is``. ``inside``: a cell is open; ``seen``: sheetData has begun.
    """

    targets: ScanTargets
    flags: dict[tuple[int, int], Flag] = field(default_factory=dict)
    odd: dict[tuple[int, int], Odd] = field(default_factory=dict)
    merges: list[str] = field(default_factory=list)
    reach: Reach = field(default_factory=Reach)
    rows: set[int] = field(default_factory=set)
    cells: set[int] = field(default_factory=set)  # row and column in one number
    filled: int = 0
    shared: Counter[int] = field(default_factory=Counter)
    row: int = -1
    col: int = -1
    kind: str = ""
    style: int = 0
    formula: bool = False
    inside: bool = False
    values: int = 0
    words: list[str] | None = None
    draft: RichDraft | None = None
    value: str = ""
    seen: bool = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Handle the start of an element. Raises ReadError F-02 for what occurs twice, or a cell
        that no sheet has.
        """
        tag = name.rpartition(" ")[2]
        if tag == "sheetData":
            if self.seen:
                raise ReadError("F-02", Phrase.SHEET_DATA_TWICE)
            self.seen = True
        elif tag == "row":
            number = attributes.get("r", "")
            self.row = int(number) - 1 if number.isascii() and number.isdigit() else self.row + 1
            self.col = -1
            if self.row in self.rows:
                raise ReadError("F-02", Phrase.ROW_TWICE(self.row + 1))
            self.rows.add(self.row)
        elif tag == "c":
            self._cell(attributes)
        elif tag == "f":
            self.formula = True
        elif tag in ("v", "is") and self.inside:
            self.values += 1
            if self.values > 1:
                raise ReadError("F-02", Phrase.CELL_TWO_VALUES(self.place))
            if tag == "v":
                self.words = []
            else:
                self.draft = RichDraft(self.targets.colors())
        elif tag == "mergeCell":
            self.merges.append(attributes.get("ref", ""))
        elif self.draft:
            self.draft.start(tag, attributes)

    @property
    def place(self) -> str:
        """The address of the current cell, such as ``B7``."""
        return f"{column_name(self.col)}{self.row + 1}"

    def _cell(self, attributes: dict[str, str]) -> None:
        """Begin a cell. Raises ReadError F-02 if its address is invalid or has occurred before."""
        self.col += 1
        place = re.fullmatch(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})", attributes.get("r", "").upper())
        if place:
            self.row, self.col = int(place[2]) - 1, column_number(place[1])
        elif attributes.get("r"):
            raise ReadError("F-02", Phrase.NO_SUCH_CELL)
        _real(self.row, self.col)
        packed = self.row * COLS + self.col
        if packed in self.cells:
            raise ReadError("F-02", Phrase.CELL_TWICE(self.place))
        self.cells.add(packed)
        style = attributes.get("s", "0")
        self.style = int(style) if style.isascii() and style.isdigit() and len(style) < 10 else 0
        self.kind, self.formula = attributes.get("t", "n"), False
        self.inside, self.values, self.value, self.draft = True, 0, "", None

    def end(self, name: str) -> None:
        """Handle the end of an element. Raises ReadError as ``_ended``."""
        tag = name.rpartition(" ")[2]
        if tag == "v" and self.words is not None:
            self.value, self.words = "".join(self.words), None
        elif tag == "c":
            self._ended()
        elif self.draft:
            self.draft.end(tag)

    def _ended(self) -> None:
        """Record the cell that ends here. Raises ReadError F-02 for a shared text without
        a number.
        """
        text, at = self.value, (self.row, self.col)
        rich = None
        if self.draft:
            text, rich = self.draft.written(), self.draft.rich()
        index: int | None = None
        if self.kind == "s" and text:
            if not re.fullmatch(r"\s*[0-9]{1,9}\s*", text):
                raise ReadError("F-02", Phrase.SHARED_TEXT_NO_NUMBER)
            index = int(text)
            self.shared[index] += 1
        if self.formula or self.kind == "e":
            self.flags[at] = _flag(self.formula, self.kind, bool(text), text)
        if text or self.kind.encode() in _TEXTS:
            self.reach.take(*at)
        self.filled += bool(text.strip()) and self.kind != "e"
        if text and (self.style in self.targets.styles or index in self.targets.texts or rich):
            self.odd[at] = self.style, rich or index
        self.inside, self.draft = False, None

    def text(self, data: str) -> None:
        """Handle characters."""
        if self.words is not None:
            self.words.append(data)
        if self.draft:
            self.draft.text(data)


def scan_thoroughly(xml: bytes, targets: ScanTargets = NOTHING) -> Scan:
    """Scan a worksheet part with the XML parser. Raises ReadError as ``scan``."""
    sheet = _SheetScan(targets)
    parse(xml, start=sheet.start, end=sheet.end, text=sheet.text)
    if not sheet.seen:
        raise ReadError("F-02", Phrase.NO_SHEET_DATA)
    sheet.reach.judge()
    return Scan(
        flags=sheet.flags,
        filled=sheet.filled,
        odd=sheet.odd,
        merges=areas(sheet.merges),
        shared=sheet.shared,
    )
