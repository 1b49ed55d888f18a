"""Write the rows of long lists into a workbook as XML, one by one, while it is saved.

XlsxWriter makes an object of every cell and keeps it until the workbook is saved. So it writes only
the frame of such a sheet: headings, widths, filter, print settings, sums and comments. The rows and
their links are put into the frame afterwards, as they are made. That takes a fifth of the time, and
no more memory for many rows than for few.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from decimal import Decimal
from io import BufferedWriter
from itertools import chain, zip_longest
from types import MappingProxyType
from typing import IO, Final, NamedTuple, TypeAlias
from zipfile import ZIP_DEFLATED, ZipFile

from xltools.excel.safe_text import LONGEST, plain
from xltools.layout.geometry import TALLEST, across, lines
from xltools.model.cells import column_name
from xltools.model.errors import SheetFullError

LINKS: Final = 65_000
"""Links on one sheet, a little below what Excel allows."""
ROWS: Final = 1_048_576
"""Rows that a sheet of Excel has."""
_LEVEL: Final = 4  # of compression: against the usual 6, a third of the time and a tenth more bytes
_PIECE: Final = 1 << 16  # bytes that are compressed at once
_LARGE: Final = 100_000  # rows from which a sheet's XML may exceed the 2 GiB of a plain zip entry
_EPOCH: Final = datetime(1899, 12, 30)  # day 0 of Excel's dates since March 1900
_DAY: Final = timedelta(days=1)
_TIP: Final = 255  # characters that Excel shows beside a link
_EXACT: Final = 10**15  # whole numbers from here on are written with 16 digits and an exponent


class Link(NamedTuple):
    """A text that leads to ``url``, an address as XlsxWriter takes it; None for the text alone.
    ``tip``: what shows when the mouse rests on it, a safe text on one line (see `safe_text.name`);
    empty for what the program shows by itself.
    """

    url: str | None
    text: str
    tip: str = ""


class Formula(NamedTuple):
    """A formula, which begins with ``=``, and its value."""

    formula: str
    value: int | float


Usual: TypeAlias = str | int | float | Decimal | datetime | Link | Formula | None


class Styled(NamedTuple):
    """A content with another format than the rest of its column: ``style``, see
    `Formats.number`.
    """

    content: Usual
    style: int


Content: TypeAlias = Usual | Styled
"""What a cell of a streamed row may hold. A text is never taken for a formula or a number; None and
the empty text make the cell blank.
"""


class StreamedRow(NamedTuple):
    """A row of a stream. ``contents``: one for each of its columns. ``height``: in pixels, 0 for
    what its texts need.

    ``figures``: a number for each of its figure columns; ``uncommon``: the positions of all that
    may be anything but integers of at most 15 digits, None where that is not known; ``marked``: the
    styles of those that look different from the rest of their column, by position.
    """

    contents: Sequence[Content]
    height: int = 0
    figures: Sequence[int | float | Decimal] = ()
    uncommon: Sequence[int] | None = None
    marked: Mapping[int, int] = MappingProxyType({})


class _RowLook(NamedTuple):
    """How rows look. ``columns``: letters, style and width in pixels of each column without
    figures, and how many Chinese characters stand on a line in it. ``pieces``: what stands before,
    between and behind the numbers of the row in the elements of its figures.
    """

    columns: list[tuple[str, int, int, int]]
    pieces: list[str]


class Stream:
    """The rows of one sheet that are written when the workbook is saved.

    ``sheet``: its name. ``place``: the numbers of these rows, counted from 0, without a gap;
    ``rows`` gives exactly as many. ``styles``: the style of each column, from column A on (see
    `Formats.number`); ``widths``: their widths in pixels, by which the heights of rows are found;
    ``figures``: column and style of each figure. ``bands``: the style that a cell of every second
    row has in place of its own, by that; empty where all rows look alike.

    ``links`` and ``targets`` are filled while the rows are written: the elements of the sheet's
    links, and the addresses outside the workbook to which some of them lead.
    """

    def __init__(
        self,
        sheet: str,
        place: range,
        rows: Iterable[StreamedRow],
        *,
        styles: Sequence[int],
        widths: Sequence[int] = (),
        figures: Sequence[tuple[int, int]] = (),
        bands: Mapping[int, int] = MappingProxyType({}),
    ) -> None:
        if place.stop > ROWS:
            raise SheetFullError(sheet, place.stop, ROWS)
        self.sheet, self.place, self._rows = sheet, place, rows
        # What stands between the numbers of the row in the elements of its figures.
        self._starts = [*(f'<c r="{column_name(col)}' for col, _ in figures), ""]
        self._bands = bands
        self._plain = self._look(styles, widths, [style for _, style in figures])
        self._banded = self._look(
            [bands.get(style, style) for style in styles],
            widths,
            [bands.get(style, style) for _, style in figures],
        )
        self.right = max([len(self._plain.columns) - 1, *(col for col, _ in figures)])
        self.links: list[bytes] = []
        self.targets: list[str] = []

    def _look(
        self, styles: Sequence[int], widths: Sequence[int], figures: Sequence[int]
    ) -> _RowLook:
        """How a row looks of which the cells have these styles. ``figures``: the styles of its
        figures.
        """
        ends = ["", *map(_figure, figures)]
        return _RowLook(
            columns=[
                (column_name(col), style, width, across(width))
                for col, (style, width) in enumerate(zip_longest(styles, widths, fillvalue=0))
            ],
            pieces=[end + start for end, start in zip(ends, self._starts, strict=True)],
        )

    def xml(self, relations: int) -> Iterator[bytes]:
        """The XML of the rows, in pieces. ``relations``: how many relations the sheet has already,
        which the targets of links follow.
        """
        for above, row in zip(self.place, self._rows, strict=True):
            number = above + 1  # as a workbook counts
            look = self._banded if (above - self.place.start) % 2 else self._plain
            cells, tall = self._cells(number, row.contents, relations, look)
            height = row.height or min(TALLEST, 18 * tall + 8)
            head = f'<row r="{number}" ht="{height * 0.75:.16g}" customHeight="1">'
            yield "".join((head, *cells)).encode()
            yield self._numbers(str(number), row, look.pieces).encode() if row.figures else b""
            yield b"</row>"

    def _cells(
        self, number: int, contents: Sequence[Content], relations: int, look: _RowLook
    ) -> tuple[list[str], int]:
        """The elements of the cells of a row, without figures, and how many lines its texts need.
        ``number``: that of the row, from 1.
        """
        cells, tall = [], 1
        for (letters, usual, width, fits), given in zip(look.columns, contents, strict=True):
            content, style = given if isinstance(given, Styled) else (given, usual)
            if style != usual and look is self._banded:
                style = self._bands.get(style, style)
            if isinstance(content, Link):
                self._link(f"{letters}{number}", content, relations)
                content = content.text
            if not content and (content is None or content == ""):
                cells.append(f'<c r="{letters}{number}" s="{style}"/>')
            elif isinstance(content, str):
                cells.append(f'<c r="{letters}{number}" s="{style}"{_text(content)}')
                if width and len(content) // fits + content.count("\n") >= tall:
                    # Any shorter text needs no more lines than another cell of the row.
                    tall = max(tall, lines(content[:2000], width))
            else:
                cells.append(f'<c r="{letters}{number}" s="{style}"{_value(content)}')
        return cells, tall

    def _link(self, at: str, link: Link, relations: int) -> None:
        """Add the link of a cell, unless the sheet has as many as Excel allows."""
        if not link.url or not link.text or len(self.links) >= LINKS:
            return
        kind, _, target = link.url.partition(":")
        if kind == "internal":
            where = f"location={_quoted(target)} display={_quoted(plain(link.text))}"
        else:
            self.targets.append(target.replace("/", "\\"))  # as Excel writes the path of a file
            where = f'r:id="rId{relations + len(self.targets)}"'
        if link.tip:
            where += f" tooltip={_quoted(link.tip[:_TIP])}"
        self.links.append(f'<hyperlink ref="{at}" {where}/>'.encode())

    def _numbers(self, number: str, row: StreamedRow, pieces: list[str]) -> str:
        """The elements of the figures of a row. ``number``: that of the row, from 1; ``pieces``:
        see `_RowLook`.
        """
        figures: list[float | Decimal | str] = [*row.figures]
        if row.marked:
            pieces = list(pieces)
            for position, style in row.marked.items():
                pieces[position + 1] = _figure(style) + self._starts[position + 1]
        for position in range(len(figures)) if row.uncommon is None else row.uncommon:
            figures[position] = _number(row.figures[position])
        return number.join(pieces) % tuple(figures)


def _figure(style: int) -> str:
    """What follows the address of a figure in its element, with %s for the figure."""
    return f'" s="{style}"><v>%s</v></c>'


def _value(content: float | Decimal | datetime | Formula) -> str:
    """What follows the style of a cell with a value that is no text in its element."""
    if isinstance(content, Formula):
        return f"><f>{_escaped(content.formula[1:])}</f><v>{_number(content.value)}</v></c>"
    if isinstance(content, datetime):
        content = (content - _EPOCH) / _DAY
    return f"><v>{_number(content)}</v></c>"


def _number(value: float | Decimal) -> str:
    """A number as it stands in a cell, as XlsxWriter writes it."""
    if type(value) is int and -_EXACT < value < _EXACT:
        return str(value)
    return f"{value:.16G}"


# Between an underscore and what follows it where both would be read as the code of a character
# (ECMA-376 part 1, 22.9.2.19). Programs do not agree on how to write such a text otherwise.
_KEEP: Final = '<t xml:space="preserve">'  # or spaces at either end would be lost
_CODE: Final = re.compile("(?<=_)(?=x[0-9a-fA-F]{4}_)")


def _text(text: str) -> str:
    """What follows the style of a cell with a text in its element."""
    if len(text) > LONGEST // 2 or not text.isprintable():
        text = plain(text)
    if "&" in text or "<" in text or ">" in text:
        text = _escaped(text)
    if "_x" in text and len(runs := _CODE.split(text)) > 1:
        parted = "</t></r><r><t>".join(runs).replace("<t>", _KEEP)
        return f' t="inlineStr"><is><r>{_KEEP}{parted}</t></r></is></c>'
    start = "<t>" if len(text.strip()) == len(text) else _KEEP
    return f' t="inlineStr"><is>{start}{text}</t></is></c>'


def _escaped(text: str) -> str:
    """A text as XML has it between tags."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _quoted(text: str) -> str:
    """A text on one line as XML has it as the value of an attribute."""
    return '"' + _escaped(text).replace('"', "&quot;").replace("\n", "&#10;") + '"'


def splice(frame: IO[bytes], streams: Mapping[str, Stream], out: IO[bytes]) -> None:
    """Copy the package of a workbook to ``out`` and put the rows of streams into its sheets.

    ``frame``: the package as XlsxWriter wrote it; ``streams``: by the name of the sheet's part.
    Rows of the frame where a stream has its own are left out.
    """
    with ZipFile(frame) as source, ZipFile(out, "w", ZIP_DEFLATED, compresslevel=_LEVEL) as target:
        names = source.namelist()
        relations = {_relations(part): part for part in streams}
        for part in names:
            if part in relations:
                continue
            if part not in streams:
                _add(target, part, [source.read(part)])
                continue
            stream, about = streams[part], _relations(part)
            known = source.read(about) if about in names else _NO_RELATIONS
            rows = stream.xml(known.count(b"<Relationship "))
            head, tail = _parted(source.read(part), stream)
            sheet = chain([head], rows, _linked(tail, stream.links))
            _add(target, part, sheet, large=len(stream.place) > _LARGE)
            if stream.targets or about in names:
                _add(target, about, _related(known, stream.targets))
            stream.links.clear()  # thousands, which the next sheets do not need
            stream.targets.clear()


def _add(target: ZipFile, part: str, pieces: Iterable[bytes], *, large: bool = False) -> None:
    """Add a part to a zip, given in pieces. ``large``: whether it may exceed 2 GiB."""
    with (
        _opened(target, part, large=large) as entry,
        BufferedWriter(entry, _PIECE) as content,
    ):
        content.writelines(pieces)


def _opened(target: ZipFile, part: str, *, large: bool) -> IO[bytes]:
    """A part of a zip to be written. Where isal is installed, it compresses: in a fifth of the time
    of zlib, to some more bytes.
    """
    entry = target.open(part, "w", force_zip64=large)
    with suppress(ImportError):
        from isal import isal_zlib

        # From here zipfile takes what compresses. A Python that kept it elsewhere would use zlib.
        compressor = isal_zlib.compressobj(1, isal_zlib.DEFLATED, -15)
        entry._compressor = compressor  # type: ignore[attr-defined]  # because it is private
    return entry


_ROW: Final = re.compile(rb'<row r="(\d+)"')
_DIMENSION: Final = re.compile(rb'<dimension ref="[^"]*"/>')
_NO_RELATIONS: Final = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    b"</Relationships>"
)
_LINK_TYPE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink"


def _relations(part: str) -> str:
    """The name of the part that lists the relations of another part."""
    folder, _, name = part.rpartition("/")
    return f"{folder}/_rels/{name}.rels"


def _parted(sheet: bytes, stream: Stream) -> tuple[bytes, bytes]:
    """The XML of a sheet before and behind the place of a stream's rows."""
    end = sheet.index(b"</sheetData>")
    rows = [(int(row[1]) - 1, row.start()) for row in _ROW.finditer(sheet, 0, end)]
    start = next((at for row, at in rows if row >= stream.place.start), end)
    stop = next((at for row, at in rows if row >= stream.place.stop), end)
    head, tail = sheet[:start], sheet[stop:]
    if stop == end:  # so the stream has the last row, and the frame does not know it
        used = f'<dimension ref="A1:{column_name(stream.right)}{stream.place.stop}"/>'
        head = _DIMENSION.sub(used.encode(), head, count=1)
    return head, tail


def _linked(tail: bytes, links: Sequence[bytes]) -> Iterator[bytes]:
    """The end of a sheet's XML with links added, which stand before the print settings; in pieces,
    as all links together take megabytes. ``links`` may be filled until the first piece is taken.
    """
    if not links:
        yield tail
        return
    at = tail.find(b"<printOptions")
    if at < 0:
        at = tail.index(b"<pageMargins")
    yield from (tail[:at], b"<hyperlinks>", *links, b"</hyperlinks>", tail[at:])


def _related(known: bytes, targets: Sequence[str]) -> Iterator[bytes]:
    """The relations of a sheet with the targets of links added, numbered onwards; in pieces."""
    head, end, tail = known.partition(b"</Relationships>")
    yield head
    for number, target in enumerate(targets, known.count(b"<Relationship ") + 1):
        yield (
            f'<Relationship Id="rId{number}" Type="{_LINK_TYPE}" Target={_quoted(target)}'
            ' TargetMode="External"/>'
        ).encode()
    yield from (end, tail)
