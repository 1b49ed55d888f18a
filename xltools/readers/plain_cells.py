"""Read an .xlsx sheet whose cells are all written in the plain style, without a library.

Only what every reader understands alike is read: decimals of at most 15 significant digits in cells
whose number format is certainly not one of dates, whole days in cells that certainly display dates,
texts that count as they are, in cells that follow each other. All of the XML is accounted for.
Where a sheet has anything else, a library reads it, and `scan` looks at it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from operator import lt
from typing import Final, TypeAlias

from xltools.model.cells import CACHED, UNCACHED, Area, Raw
from xltools.model.errors import ReadError
from xltools.readers.cutting import MARK
from xltools.readers.markup import parse
from xltools.readers.scan import Scan, merges_in, place_of
from xltools.readers.structures import plain_day, plain_numbers
from xltools.readers.texts import SharedTexts
from xltools.readers.xlsx_styles import XlsxStyles

_LARGEST: Final = 1 << 20  # bytes of a part
_ATTRIBUTES: Final = rb'(?: [a-zA-Z0-9:]+="[^<>"]*")*+'
_SPACE: Final = rb'(?: xml:space="preserve")?+'
# Its groups: the address, the number of the cell style, the type, ``<f`` for a formula, the value,
# the text of an inline string, and ``<v/>``, which is an empty value.
_CELL: Final = re.compile(
    rb'<c r="([A-Z]{1,2}[1-9][0-9]{0,2})"(?: s="(0|[1-9][0-9]{0,5})")?+(?: t="([a-zA-Z]+)")?+'
    + rb"(?:/>|>(?:(<f)%b(?:/>|>[^<]*+</f>))?+" % _ATTRIBUTES
    + rb"(?:<v%b>([^<]*+)</v>|<is><t%b>([^<]*+)</t></is>|(<v/>))?+</c>)" % (_SPACE, _SPACE)
)
_COLUMNS: Final = _CELL.groups + 1
_ROWS: Final = re.compile(
    rb'<sheetData>(?:<row r="[1-9][0-9]{0,6}"%b(?:/>|></row>))*+' % _ATTRIBUTES
)
_OUTSIDE: Final = b"<sheetData>", b"</row>", b"/>"  # what is not the start of a row that has cells
_ROW: Final = re.compile(rb'<row r="([0-9]+)"')
_PART: Final = re.compile(
    rb"(?:<\?xml version=[\"']1\.0[\"'](?: encoding=[\"'](?i:utf-8)[\"'])?"
    rb"(?: standalone=[\"'][a-z]+[\"'])?\?>\s*)?(<worksheet(?: [^<>]*)?>)"
)
_DIMENSION: Final = re.compile(
    rb'<dimension ref="[A-Z]{1,3}[1-9][0-9]{0,6}(?::[A-Z]{1,3}[1-9][0-9]{0,6})?"/>'
)
# A reference that is neither a usual one nor to a character from 32 to 54999 or 60000 to 65499.
_UNUSUAL: Final = re.compile(
    rb"&(?!(?:#(?:[1-4][0-9]{4}|[1-9][0-9]{2,3}|5[0-4][0-9]{3}|6[0-4][0-9]{3}|65[0-4][0-9]{2}"
    rb"|3[2-9]|[4-9][0-9])|amp|lt|gt|quot|apos);)"
)
_MARK: Final = re.compile(MARK)
_KEPT: Final = 1 << 17  # bytes of what stands behind the rows, if they are remembered
_SPECIAL: Final = re.compile(rb"<(?:[!?]|sheetData)")
_DIGITS: Final = 8  # so many are no number of a shared text

Place: TypeAlias = tuple[int, int]
"""A row and a column, from 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainCells:
    """The cells of a sheet, in order. ``places``: where they are; ``styles``: the numbers of their
    cell styles, ``kinds``: their types, ``formulas``: ``<f`` for those that have one, ``values``,
    and ``texts``: of inline strings; each as it is written, None where it is missing. ``merges``:
    the merged areas.
    """

    places: Sequence[Place]
    styles: Sequence[bytes | None]
    kinds: Sequence[bytes | None]
    formulas: Sequence[bytes | None]
    values: Sequence[bytes | None]
    texts: Sequence[bytes | None]
    merges: Sequence[Area]

    def scan(self, *, flags: bool, styles: frozenset[int]) -> Scan:
        """What `scan` sees in these cells, none of which has an error. ``flags``: flags are wanted;
        ``styles``: the numbers of odd cell styles.
        """
        flagged = {}
        if flags:
            flagged = {
                self.places[n]: CACHED if self.values[n] else UNCACHED
                for n, formula in enumerate(self.formulas)
                if formula
            }
        odd = {}
        numbers = {style for style in set(self.styles) if int(style or 0) in styles}
        if numbers:
            for n, style in enumerate(self.styles):
                if style in numbers and (self.values[n] or self.kinds[n]):
                    shared = self.values[n] if self.kinds[n] == b"s" else None
                    odd[self.places[n]] = int(style or 0), int(shared) if shared else None
        filled = any(self.values) or any(self.texts)
        return Scan(flags=flagged, odd=odd, filled=int(filled), merges=self.merges)


def plain_cells(xml: bytes) -> PlainCells | None:
    """The cells of a worksheet part; None where not all of them are in the plain style, one after
    the other.
    """
    start = xml.find(b"<sheetData>")
    end = xml.find(b"</sheetData>", start)
    if len(xml) > _LARGEST or start < 0 or end < 0:
        return None
    data = xml[start:end]
    if not _is_sound(xml[:start], xml[end:]) or _UNUSUAL.search(data) or not _is_utf8(data):
        return None
    pieces = _CELL.split(data)
    between = pieces[::_COLUMNS]
    if not _ROWS.fullmatch(b"".join(between)):
        return None
    places = list(map(place_of, pieces[1::_COLUMNS]))
    merges = merges_in(xml[end:])
    if merges is None or not _are_in_order(places, between):
        return None
    styles, kinds, formulas, values, texts, empty = (
        pieces[n::_COLUMNS] for n in range(2, _COLUMNS)
    )
    if any(empty):
        values = [b"" if none else value for none, value in zip(empty, values, strict=True)]
    return PlainCells(
        places=places,
        styles=styles,
        kinds=kinds,
        formulas=formulas,
        values=values,
        texts=texts,
        merges=merges,
    )


def _is_utf8(data: bytes) -> bool:
    """Whether bytes are text in UTF-8."""
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _is_sound(before: bytes, behind: bytes) -> bool:
    """Whether what stands before and behind the rows of a worksheet part is whole, in UTF-8, and
    understood by every reader.
    """
    root = _PART.match(before)
    if root is None or before.count(b"<dimension") != len(_DIMENSION.findall(before)):
        return False
    # The rest is the same in many files, without the element that names the unit and the marks.
    begin = behind.find(b"><headerFooter") + 1
    end = behind.find(b"</headerFooter><", begin) + len(b"</headerFooter>") if begin else 0
    if end < begin:
        return False
    rest = (behind[:begin] + behind[end:]).replace(b"</sheetData>", root[1], 1)
    if b" xr:uid=" in rest:
        rest = _MARK.sub(b"", rest)
    return (
        _is_whole(before + b"</worksheet>")
        and (not begin or _is_whole(behind[begin:end]))
        and (_is_kept_whole if len(rest) < _KEPT else _is_whole)(rest)
    )


def _is_whole(xml: bytes) -> bool:
    """Whether XML is not damaged, and has no comment, instruction or second ``sheetData``."""
    if _SPECIAL.search(xml, 1):
        return False
    try:
        parse(xml)
    except ReadError:
        return False
    return True


@lru_cache(maxsize=48)
def _is_kept_whole(xml: bytes) -> bool:
    """The answer of ``_is_whole``, remembered for the next sheet that has the same XML."""
    return _is_whole(xml)


def _are_in_order(places: Sequence[Place], between: Sequence[bytes]) -> bool:
    """Whether the rows of a sheet are in order, and the cells in theirs. ``between``: what is
    written before each cell and behind the last one: nothing, or where rows begin and end.
    """
    begins = [n for n, written in enumerate(between) if written]
    *heads, last = [between[n] for n in begins]
    if not between[-1] or any(head.endswith(_OUTSIDE) for head in heads):
        return False
    numbers = [int(number) - 1 for number in _ROW.findall(b"".join(heads) + last)]
    # Of the rows that a head begins, the last one has the cells up to the next head.
    held = [numbers[n - 1] for n in accumulate(head.count(b"<row ") for head in heads)]
    return (
        all(map(lt, places, places[1:]))
        and all(map(lt, numbers, numbers[1:]))
        and held == [places[n][0] for n in begins[:-1]]
        and held == [places[n - 1][0] for n in begins[1:]]
    )


def table(
    cells: PlainCells,
    shared: Sequence[str | None],
    reader: SharedTexts,
    styles: XlsxStyles,
    *,
    from_1904: bool,
) -> list[list[Raw]] | None:
    """The values by row and column; None where not all of them are certain. ``shared``: the shared
    texts, None for one that does not simply count as it is; ``reader`` reads other texts;
    ``from_1904``: dates are counted from then.
    """
    used = set(cells.styles)
    figures = {style for style in used if int(style or 0) in styles.figures}
    days = {style for style in used if int(style or 0) in styles.days and not from_1904}
    numbers: list[bytes] = []
    number_places: list[Place] = []
    others: list[tuple[Place, Raw]] = []
    blank: list[Place] = []
    columns = (cells.places, cells.styles, cells.kinds, cells.values, cells.texts)
    for place, style, kind, value, text in zip(*columns, strict=True):
        content: Raw = None
        if text is None and not value and (value is None or kind in (None, b"n")):
            continue
        if kind == b"s":
            if value and value.isdigit() and len(value) < _DIGITS and int(value) < len(shared):
                content = shared[int(value)]
            if content == "":
                blank.append(place)
                continue
        elif (kind is None or kind == b"n") and value:
            if style in figures:
                numbers.append(value)
                number_places.append(place)
                continue
            content = plain_day(value) if style in days else None
        elif kind == b"str" and value is not None:
            content = reader.text(value) if value else ""
        elif kind == b"inlineStr" and text is not None:
            content = reader.text(text) if text else ""
        if content is None:
            return None
        others.append((place, content))
    plain = plain_numbers(numbers)
    if plain is None:
        return None
    filled: list[tuple[Place, Raw]] = [*zip(number_places, plain, strict=True), *others]
    height = max((row + 1 for (row, _), _ in filled), default=0)
    width = max((col + 1 for (_, col), _ in filled), default=0)
    # Readers disagree on whether an empty shared text makes a sheet larger.
    if any(row >= height or col >= width for row, col in blank):
        return None
    rows: list[list[Raw]] = [[""] * width for _ in range(height)]
    for (row, col), content in filled:
        rows[row][col] = content
    return rows
