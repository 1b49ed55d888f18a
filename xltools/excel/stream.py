"""Write the rows of long lists into a workbook as XML, one by one, while it is saved.

XlsxWriter makes an object of every cell and keeps it until the workbook is saved. So it writes only
the frame of such a sheet: headings, widths, filter, print settings, sums and comments. The rows and
their links are put into the frame afterwards, as they are made. That takes a fifth of the time, and
no more memory for many rows than for few.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import IO, Final, NamedTuple, TypeAlias
from xml.sax.saxutils import quoteattr
from zipfile import ZIP_DEFLATED, ZipFile

from xltools.excel.safe_text import plain
from xltools.model.cells import column_name
from xltools.model.errors import SheetFullError

LINKS: Final = 65_000
"""Links on one sheet, a little below what Excel allows."""
ROWS: Final = 1_048_576
"""Rows that a sheet of Excel has."""
_LEVEL: Final = 4  # of compression: against the usual 6, a third of the time and a tenth more bytes
_LARGE: Final = 100_000  # rows from which a sheet's XML may exceed the 2 GiB of a plain zip entry
_EPOCH: Final = datetime(1899, 12, 30)  # day 0 of Excel's dates since March 1900
_DAY: Final = timedelta(days=1)
_EXACT: Final = 10**15  # whole numbers from here on are written with 16 digits and an exponent


class Link(NamedTuple):
    """A text that leads to ``url``, an address as XlsxWriter takes it; None for the text alone."""

    url: str | None
    text: str


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


def text_of(content: Content) -> str:
    """The text of a content; empty where it is none."""
    if isinstance(content, Styled):
        content = content.content
    if isinstance(content, Link):
        return content.text
    return content if isinstance(content, str) else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamedRow:
    """A row of a stream. ``contents``: one for each of its columns; ``height``: in pixels.

    ``figures``: a number for each of its figure columns; ``marked``: the styles of those that look
    different from the rest of their column, by position.
    """

    contents: Sequence[Content]
    height: int
    figures: Sequence[int | float | Decimal] = ()
    marked: Mapping[int, int] = field(default_factory=dict)


class Stream:
    """The rows of one sheet that are written when the workbook is saved.

    ``sheet``: its name. ``place``: the numbers of these rows, counted from 0, without a gap;
    ``rows`` gives exactly as many. ``styles``: the style of each column, from column A on (see
    `Formats.number`); ``figures``: column and style of each figure.

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
        figures: Sequence[tuple[int, int]] = (),
    ) -> None:
        if place.stop > ROWS:
            raise SheetFullError(sheet, place.stop, ROWS)
        self.sheet, self.place, self._rows = sheet, place, rows
        self._columns = [(column_name(col), style) for col, style in enumerate(styles)]
        self._places = [column_name(col) for col, _ in figures]
        self._figures = [_figure(column_name(col), style) for col, style in figures]
        self.right = max([len(styles) - 1, *(col for col, _ in figures)])
        self.links: list[str] = []
        self.targets: list[str] = []

    def xml(self, relations: int) -> Iterator[bytes]:
        """The XML of the rows, in pieces. ``relations``: how many relations the sheet has already,
        which the targets of links follow.
        """
        for above, row in zip(self.place, self._rows, strict=True):
            number = above + 1  # as a workbook counts
            head = f'<row r="{number}" ht="{row.height * 0.75:.16g}" customHeight="1">'
            cells = [
                self._cell(f"{letters}{number}", style, content, relations)
                for (letters, style), content in zip(self._columns, row.contents, strict=True)
            ]
            if row.figures:
                cells.append(self._numbers(str(number), row))
            yield f"{head}{''.join(cells)}</row>".encode()

    def _cell(self, at: str, style: int, content: Content, relations: int) -> str:
        """The element of the cell with the address ``at``."""
        if isinstance(content, Styled):
            style, content = content.style, content.content
        if isinstance(content, Link):
            text, url = plain(content.text), content.url
            if url and text and len(self.links) < LINKS:
                self._link(at, url, text, relations)
        elif isinstance(content, str):
            text = plain(content)
        elif isinstance(content, Formula):
            formula, value = _escaped(content.formula[1:]), _number(content.value)
            return f'<c r="{at}" s="{style}"><f>{formula}</f><v>{value}</v></c>'
        elif isinstance(content, datetime):
            value = _number((content - _EPOCH) / _DAY)
            return f'<c r="{at}" s="{style}"><v>{value}</v></c>'
        elif content is not None:
            return f'<c r="{at}" s="{style}"><v>{_number(content)}</v></c>'
        else:
            text = ""
        if not text:
            return f'<c r="{at}" s="{style}"/>'
        return f'<c r="{at}" s="{style}" t="inlineStr"><is>{_text(text)}</is></c>'

    def _link(self, at: str, url: str, text: str, relations: int) -> None:
        """Add the link of a cell, see `Link`."""
        kind, _, target = url.partition(":")
        if kind == "internal":
            self.links.append(
                f'<hyperlink ref="{at}" location={quoteattr(target)} display={quoteattr(text)}/>'
            )
        else:
            # As Excel writes the path of a file.
            self.targets.append(target.replace("/", "\\"))
            identifier = f"rId{relations + len(self.targets)}"
            self.links.append(f'<hyperlink ref="{at}" r:id="{identifier}"/>')

    def _numbers(self, number: str, row: StreamedRow) -> str:
        """The elements of the figures of a row. ``number``: that of the row, from 1."""
        cells = self._figures
        if row.marked:
            cells = list(cells)
            for position, style in row.marked.items():
                cells[position] = _figure(self._places[position], style)
        figures: Sequence[object] = row.figures
        if not all(type(figure) is int and -_EXACT < figure < _EXACT for figure in row.figures):
            figures = [_number(figure) for figure in row.figures]
        return "".join(cells).replace("#", number) % tuple(figures)


def _figure(letters: str, style: int) -> str:
    """The element of a figure in a column, with # for the number of the row and %s for the
    figure.
    """
    return f'<c r="{letters}#" s="{style}"><v>%s</v></c>'


def _number(value: float | Decimal) -> str:
    """A number as it stands in a cell, as XlsxWriter writes it."""
    if type(value) is int and -_EXACT < value < _EXACT:
        return str(value)
    return f"{value:.16G}"


# Between an underscore and what follows it where both would be read as the code of a character
# (ECMA-376 part 1, 22.9.2.19). Programs do not agree on how to write such a text otherwise.
_CODE: Final = re.compile("(?<=_)(?=x[0-9a-fA-F]{4}_)")


def _text(text: str) -> str:
    """The text of a cell as elements."""
    if "_x" in text and len(runs := _CODE.split(text)) > 1:
        return "".join(f"<r>{_text(run)}</r>" for run in runs)
    space = ' xml:space="preserve"' if text[0].isspace() or text[-1].isspace() else ""
    return f"<t{space}>{_escaped(text)}</t>"


def _escaped(text: str) -> str:
    """A text as XML has it between tags."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


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
                with target.open(part, "w") as copy:
                    copy.write(source.read(part))
                continue
            stream, about = streams[part], _relations(part)
            known = source.read(about) if about in names else _NO_RELATIONS
            large = len(stream.place) > _LARGE
            with target.open(part, "w", force_zip64=large) as sheet:
                head, tail = _parted(source.read(part), stream)
                sheet.write(head)
                for piece in stream.xml(known.count(b"<Relationship ")):
                    sheet.write(piece)
                sheet.write(_linked(tail, stream.links))
            if stream.targets or about in names:
                with target.open(about, "w") as links:
                    links.write(_related(known, stream.targets))


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


def _linked(tail: bytes, links: Sequence[str]) -> bytes:
    """The end of a sheet's XML with links added, which stand before the print settings."""
    if not links:
        return tail
    at = tail.find(b"<printOptions")
    if at < 0:
        at = tail.index(b"<pageMargins")
    return b"".join(
        (tail[:at], b"<hyperlinks>", "".join(links).encode(), b"</hyperlinks>", tail[at:])
    )


def _related(known: bytes, targets: Sequence[str]) -> bytes:
    """The relations of a sheet with the targets of links added, numbered onwards."""
    first = known.count(b"<Relationship ") + 1
    added = "".join(
        f'<Relationship Id="rId{number}" Type="{_LINK_TYPE}" Target={quoteattr(target)}'
        ' TargetMode="External"/>'
        for number, target in enumerate(targets, first)
    )
    return known.replace(b"</Relationships>", added.encode() + b"</Relationships>")
