"""Cut the XML of a worksheet into what stands before and behind its rows, its rows and its cells,
so that what differs between two saves of a sheet is apart from what they have in common.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from xltools.model.cells import Area, column_number

ROW: Final = b"<row "
VALUE, EMPTY = b"\0", b"\1"
"""Stand in the XML of a cell for its value, and for an empty value; no XML contains them."""

_CELL: Final = b"<c "
_OPEN, _CLOSE = b"<sheetData>", b"</sheetData>"
_END, _INLINE_END = b"</v></c>", b"</t></is></c>"
MARK: Final = rb' xr:uid="\{[0-9A-F-]{36}\}"'
"""Matches the marks that programs give elements at random."""
_VIEWS: Final = rb"<sheetViews>(?:</?(?:sheetView|pane|selection)(?: [^<>!?]*)?>)*</sheetViews>"
_MARGIN: Final = (
    rb"<headerFooter[^<>]*>"
    rb"(?:<((?:odd|even|first)(?:Header|Footer))>[^<]*</\1>|<(?:odd|even|first)(?:Header|Footer)/>)*"
    rb"</headerFooter>"
)
_MARGIN_BEGIN: Final = b"<headerFooter"
_BEFORE: Final = re.compile(_VIEWS + b"|" + MARK)
_BEHIND: Final = re.compile(_MARGIN + b"|" + MARK)
_HEIGHT: Final = re.compile(rb' ht="[0-9.]+"')
_ENCODING: Final = re.compile(rb"""<\?xml[^>]*\bencoding\s*=\s*["']([^"']*)""")
_SPECIAL: Final = re.compile(rb"<[!?]")
_ROW_TAG: Final = re.compile(rb'r="([1-9][0-9]{0,6})"[^<>]*')
_ADDRESS: Final = re.compile(rb"([A-Z]{1,2})([1-9][0-9]{0,2})")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Around:
    """What stands before and behind the rows of a sheet. ``key``: its bytes, without the view of
    the window, the header and footer of the printed page, and the marks that programs give elements
    at random (``xr:uid``); ``merges``: the merged areas.
    """

    key: tuple[bytes, bytes]
    merges: Sequence[Area]


@dataclass(frozen=True, slots=True, kw_only=True)
class CutSheet:
    """A worksheet part, cut before and behind its rows. ``around``: as in `Around.key`. ``rows``:
    the XML of the rows, in which every value ends alike.
    """

    around: tuple[bytes, bytes]
    rows: bytes


def has_inline(xml: bytes) -> bool:
    """Whether a worksheet part has inline strings."""
    return b"inlineStr" in xml


def cut(xml: bytes, *, inline: bool) -> CutSheet | None:
    """Cut a worksheet part; None where its rows are not found in the plain way. ``inline``: it has
    inline strings; if not, those that it has are left in the structure.
    """
    start = xml.find(_OPEN) + len(_OPEN)
    end = xml.rfind(_CLOSE)
    if start < len(_OPEN) or end < start:
        return None
    around = _BEFORE.sub(b"", xml[:start]), _BEHIND.sub(b"", xml[end:])
    return CutSheet(around=around, rows=_alike(xml[start:end], inline=inline))


def _alike(rows: bytes, *, inline: bool) -> bytes:
    """The XML of rows in which inline strings, too, end as all other values do."""
    return rows.replace(_INLINE_END, _END) if inline else rows


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Border:
    """What stands before and behind the rows of a sheet, as the bytes between the gaps in which
    sheets may differ: the view of the window, the header and footer of the printed page, and marks
    (see `Around.key`). All sheets with a border have the same `Around.key`.

    ``before`` and ``behind``: the bytes; there is a gap after each but the last. ``usual``: those
    before the rows with what was in the gaps of the sheet that it was made from, which nearly all
    have. ``fixed``: the bytes behind the rows up to the header and footer, if there are any, and
    ``rest`` those behind them, both with marks.
    """

    usual: bytes
    before: Sequence[bytes]
    behind: Sequence[bytes]
    fixed: int
    rest: int | None

    @classmethod
    def of(cls, xml: bytes) -> "Border | None":
        """The border of a sheet that can be cut; None where it has several headers."""
        start, end = xml.find(_OPEN) + len(_OPEN), xml.rfind(_CLOSE)
        gaps = list(_BEHIND.finditer(xml, end))
        margins = [gap for gap in gaps if gap[0].startswith(_MARGIN_BEGIN)]
        if len(margins) > 1:
            return None
        margin = margins[0].span() if margins else (len(xml), len(xml))
        return cls(
            usual=xml[:start],
            before=_between(xml[:start], _BEFORE),
            behind=_between(xml[end:], _BEHIND),
            fixed=margin[0] - end,
            rest=len(xml) - margin[1] if margins else None,
        )

    def rows(self, xml: bytes, *, inline: bool) -> bytes | None:
        """The XML of the rows of a sheet that has this border, as in `CutSheet`; else None.
        ``inline``: as for `cut`.
        """
        start = len(self.usual)
        if not xml.startswith(self.usual):
            start = _follow(xml, 0, self.before, _BEFORE)
        margin = len(xml)
        if self.rest is not None:
            margin = xml.rfind(_MARGIN_BEGIN, start, len(xml) - self.rest)
        end = margin - self.fixed
        if not 0 <= start <= end or _follow(xml, end, self.behind, _BEHIND) != len(xml):
            return None
        return _alike(xml[start:end], inline=inline)


def _between(xml: bytes, gap: "re.Pattern[bytes]") -> list[bytes]:
    """What stands between the gaps of XML."""
    spans = [match.span() for match in gap.finditer(xml)]
    ends = [0, *(end for _, end in spans)]
    return [xml[end:start] for end, (start, _) in zip(ends, [*spans, (len(xml), 0)], strict=True)]


def _follow(xml: bytes, at: int, pieces: Sequence[bytes], gap: "re.Pattern[bytes]") -> int:
    """Where ``pieces`` end that stand in ``xml`` from ``at`` on, with a gap after each but the
    last; -1 if they do not.
    """
    for number, piece in enumerate(pieces):
        if number:
            match = gap.match(xml, at)
            if match is None:
                return -1
            at = match.end()
        if not xml.startswith(piece, at):
            return -1
        at += len(piece)
    return at


def is_plain_around(around: tuple[bytes, bytes]) -> bool:
    """Whether the XML before and behind the rows has no comment, instruction or second sheet, and
    is in UTF-8.
    """
    before, behind = around
    encoding = _ENCODING.match(before)
    return (encoding is None or encoding[1].lower() == b"utf-8") and not (
        _SPECIAL.search(before[1:]) or _SPECIAL.search(behind) or before.count(b"<sheetData") != 1
        or b"<sheetData" in behind
    )  # fmt: skip


def pieces_of(rows: bytes) -> list[bytes]:
    """Cut the XML of rows behind each value: all but the last piece end with a value."""
    return rows.split(_END)


def row_key(row: bytes) -> tuple[bytes, list[bytes]]:
    """Cut a row (what follows ``<row ``) at its values. Returns its structure and the values."""
    pieces = pieces_of(row)
    values = []
    for number, piece in enumerate(pieces[:-1]):
        before, _, value = piece.rpartition(b">")
        pieces[number] = before + (VALUE if value else EMPTY)
        values.append(value)
    return b">".join(pieces), values


def cell_keys(row: bytes) -> tuple[bytes, list[bytes]] | None:
    """Cut a row into its start tag, without its height, and its cells, each with its value taken
    out; None where it is not written in the plain way.
    """
    tag, closed, body = row.partition(b">")
    if not closed:
        return None
    tag = _HEIGHT.sub(b"", tag, count=1)
    if not body:
        return (tag, []) if tag.endswith(b"/") else None
    if not body.endswith(b"</row>"):
        return None
    first, *cells = body[: -len(b"</row>")].split(_CELL)
    if first:
        return None
    keys = []
    for cell in cells:
        if cell.endswith(_END):
            before, _, value = cell[: -len(_END)].rpartition(b">")
            keys.append(before + b">" + (VALUE if value else EMPTY))
        else:
            keys.append(cell)
    return tag, keys


def row_number(tag: bytes) -> int | None:
    """The row, from 0, that the start tag of a row names; None for one in another style."""
    match = _ROW_TAG.fullmatch(tag.removesuffix(b"/"))
    return int(match[1]) - 1 if match else None


def shape_of(key: bytes) -> tuple[bytes, bytes]:
    """Divide a cell (its XML with the value taken out) into its address and its shape, which is all
    the rest. Cells of one shape are read alike, wherever they are.
    """
    address, _, shape = key[3:].partition(b'"')
    return address, shape


@lru_cache(maxsize=1 << 14)
def plain_place(address: bytes) -> tuple[int, int] | None:
    """Row and column, from 0, of an address such as ``B7``; None for one in another style."""
    match = _ADDRESS.fullmatch(address)
    return (int(match[2]) - 1, column_number(match[1].decode())) if match else None
