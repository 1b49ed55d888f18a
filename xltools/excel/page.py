"""Write sheets: formats made once each, lists with headings, drawn tables, comments."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from xltools.excel.safe_text import plain
from xltools.excel.stream import LINKS, Content, Stream, StreamedRow
from xltools.layout.geometry import Box, Drawing, Role, lines
from xltools.model.cells import Address, column_name

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

Property: TypeAlias = str | int | float | bool
Look: TypeAlias = tuple[tuple[str, Property], ...]

SONG, HEI = "宋体", "黑体"
HEAD_COLOUR = "#E7EDF4"
PALE, GREY, RED, AMBER = "#FFFFE5", "#EDEDED", "#FFB3B3", "#FFE699"
"""Background colours of cells: to fill in, computed, wrong, doubtful."""
MARK: dict[str, Property] = {"bg_color": "#FFD8A8", "border": 2, "border_color": "#E8590C"}
"""A cell that somebody has to look at; its frame shows under the red of a balance check too."""
LINK: dict[str, Property] = {"font_color": "#0563C1", "underline": 1}
"""Text that leads somewhere when it is clicked."""
HEADING: dict[str, Property] = {
    "bold": True, "border": 1, "align": "center", "bg_color": "#D9E2F3",
}  # fmt: skip
"""The heading of a column in what is sent out to units."""
TO_MEND: dict[str, Property] = {"bg_color": RED, "font_color": "#9C0006"}
TO_LOOK_AT: dict[str, Property] = {"bg_color": AMBER, "font_color": "#7F6000"}
FINISHED: dict[str, Property] = {"bg_color": "#C6EFCE", "font_color": "#006100"}
BALANCES: dict[str, Property] = {"font_color": "#2E7D32"}
UNDECIDED: dict[str, Property] = {"font_color": "#9A9A9A"}
"""What a condition changes in a cell, see `colour_where`: wrong, doubtful, ready to be sent back; a
rule that holds, one that cannot be judged yet.
"""
DIFFERENCE = '"差"0;"差"-0;"平衡";@'
DIFFERENCE_AMOUNT = '"差"0.00####;"差"-0.00####;"平衡";@'
UNSUMMED = "各单位的这一项不能相加，所以不汇总；各单位的数见“明细”。"
BAND = "#EFF4FA"
"""Background of every second row of a list."""
LEAST_TYPE = 7
"""Points: no type is printed smaller."""
MARGIN = 0.35
"""Inches to the left and right of wide sheets on paper."""
ACROSS, UPRIGHT = 1020, 700
"""Pixels between these margins on A4 paper on its side and upright, some less than there are,
because programs round the widths of columns, and some take a column for wider.
"""

CENTRE: Look = (("align", "center"),)
CODE: Look = (*CENTRE, ("num_format", "@"))
DATE: Look = (*CENTRE, ("num_format", "yyyy-mm-dd"))
TIME: Look = (*CENTRE, ("num_format", "yyyy-mm-dd hh:mm"))
FIGURE: Look = (*CENTRE, ("text_wrap", False), ("shrink", True))
BODY: Look = (
    *(("font_name", SONG), ("font_size", 10.5)),
    *(("font_charset", 134), ("valign", "vcenter")),
)
"""Body type, which cells have unless their format says otherwise."""


class Formats:
    """The formats of a workbook of XlsxWriter by their properties, which are named as in
    XlsxWriter; each format is created once. ``base``: properties that every format has unless asked
    for otherwise. ``bands``: the style of every second row by that of the others, see `banded`.
    """

    def __init__(self, book: Any, base: Look = BODY) -> None:
        self.book, self.base, self.saved = book, dict(base), False
        self._formats: dict[frozenset[tuple[str, Property]], Format] = {}
        self._properties: dict[Format, dict[str, Property]] = {}
        self.bands: dict[int, int] = {}

    def __call__(self, **properties: Property) -> Format:
        """The format with these properties in addition to those of ``base``."""
        every = self.base | properties
        key = frozenset(every.items())
        if key not in self._formats:
            self._formats[key] = self.book.add_format(every)
            self._properties[self._formats[key]] = every
        return self._formats[key]

    def cell(self, **properties: Property) -> Format:
        """The format with these properties and a thin border, unless the properties say
        otherwise.
        """
        return self(**{"border": 1, **properties})

    def item(self, look: Look = (), **properties: Property) -> Format:
        """The format of a cell in a list: small wrapped text with a thin border. ``look`` changes
        this, and ``properties`` change both.
        """
        return self.cell(**{"text_wrap": True, "font_size": 10, **dict(look), **properties})

    def change(self, **properties: Property) -> Format:
        """A new format for a conditional format: only what the condition changes in a cell."""
        return self.book.add_format(properties)

    def number(self, style: Format) -> int:
        """The number of a cell's format in the workbook, by which streamed rows name it. It must be
        asked for before the workbook is saved.
        """
        if self.saved:
            raise RuntimeError("the formats are written already: number this one before the rows")
        return int(style._get_xf_index())

    def banded(self, style: Format) -> int:
        """The number of a cell's format, as `number` gives it, for a list in which every second row
        is tinted; cells that have a background keep it.
        """
        number, properties = self.number(style), self._properties[style]
        if "bg_color" not in properties:
            self.bands[number] = self.number(self(**properties, bg_color=BAND))
        return number


@dataclass(frozen=True, slots=True, kw_only=True)
class ListColumn:
    """A column of a list: its heading, its width in pixels, and how the look of its cells differs
    from `Formats.item`.
    """

    title: str
    width: int
    look: Look = ()


class SheetWriter:
    """Writes to one sheet on A4 paper. Rows and columns are counted from 0. ``sheet`` is the sheet
    of XlsxWriter, for everything that has no method here.
    """

    def __init__(self, sheet: Worksheet, formats: Formats, streams: list[Stream]) -> None:
        self.sheet, self.formats, self._links = sheet, formats, 0
        self._streams = streams
        self.sheet.set_paper(9)
        self.sheet.set_footer('&C&"宋体,Regular"&9&A　第 &P 页，共 &N 页')

    def text(self, row: int, col: int, text: str, style: Format) -> None:
        """Write text to a cell, never as a formula or number; an empty text makes the cell
        blank.
        """
        if text:
            self.sheet.write_string(row, col, plain(text), style)
        else:
            self.sheet.write_blank(row, col, None, style)

    def link(self, row: int, col: int, url: str | None, text: str, style: Format) -> None:
        """Write text that links to ``url``; only the text where that is empty, or where the sheet
        already has as many links as Excel allows.
        """
        if url and text and self._links < LINKS:
            self._links += 1
            self.sheet.write_url(row, col, url, style, plain(text))
        else:
            self.text(row, col, text, style)

    def unsummed(self, row: int, col: int, style: Format) -> None:
        """Leave the cell of a sum that would make no sense blank, and add the reason as a
        comment.
        """
        self.sheet.write_blank(row, col, None, style)
        self.sheet.write_comment(row, col, UNSUMMED, {"font_name": SONG, "author": ""})

    def merged(self, area: tuple[int, int, int, int], text: str, style: Format) -> None:
        """Merge a range (first row, first column, last row, last column) and write text to it."""
        merge(self.sheet, *area, style)
        self.text(area[0], area[1], text, style)

    def headline(self, title: str, line: str, *, col: int = 0) -> None:
        """Write the title of a sheet to row 0, and a line that says what the sheet shows to row 1.

        ``col``: the column of both. On a sheet whose first columns are repeated on every page, text
        that begins in one of these is cut off at their edge.
        """
        self.sheet.set_row_pixels(0, 34)
        self.sheet.set_row_pixels(1, 24)
        self.text(0, col, title, self.formats(font_name=HEI, font_size=15))
        self.text(1, col, line, self.formats(font_size=10, font_color="#595959"))

    def stream(
        self,
        first: int,
        count: int,
        rows: Iterable[StreamedRow],
        *,
        styles: Sequence[Format],
        widths: Sequence[int] = (),
        figures: Sequence[tuple[int, Format]] = (),
        banded: bool = False,
    ) -> None:
        """Have rows written when the workbook is saved, see `Stream`; until then no row is asked
        for. ``first``: the first of them; ``count``: how many there are. ``banded``: whether every
        second row is tinted.
        """
        number = self.formats.banded if banded else self.formats.number
        if count:
            self._streams.append(
                Stream(
                    self.sheet.get_name(),
                    range(first, first + count),
                    rows,
                    styles=[number(style) for style in styles],
                    widths=widths,
                    figures=[(col, number(style)) for col, style in figures],
                    bands=self.formats.bands if banded else {},
                )
            )

    def write_list(
        self,
        head: int,
        columns: Sequence[ListColumn],
        rows: Iterable[Sequence[Content]],
        count: int,
        *,
        unprinted: int = 0,
    ) -> None:
        """Write a list: its headings to the row ``head``, which stay in view and are printed on
        every page, and below them ``count`` rows, see `stream`; every second one is tinted. Sets
        the widths, heights, filter and print settings: columns that are ``unprinted``, the last
        ones, are for the screen only.
        """
        look = self.formats.cell(
            font_name=HEI, align="center", text_wrap=True, bg_color=HEAD_COLOUR
        )
        for col, column in enumerate(columns):
            self.sheet.set_column_pixels(col, col, column.width)
            self.text(head, col, column.title, look)
        most = max(column.title.count("\n") for column in columns) + 1
        self.sheet.set_row_pixels(head, 20 * most + 10)
        self.stream(
            head + 1,
            count,
            (StreamedRow(contents=contents) for contents in rows),
            styles=[self.formats.item(column.look) for column in columns],
            # As the type has 10 points for 10.5.
            widths=[column.width * 21 // 20 for column in columns],
            banded=True,
        )
        last, right = head + max(1, count), len(columns) - 1
        self.sheet.freeze_panes(head + 1, 2)
        self.sheet.repeat_rows(head)
        self.sheet.autofilter(head, 0, last, right)
        self.sheet.set_landscape()
        self.sheet.set_margins(left=MARGIN, right=MARGIN, top=0.5, bottom=0.6)
        self.sheet.center_horizontally()
        self.sheet.fit_to_pages(1, 0)
        self.sheet.print_area(0, 0, last, right - unprinted)
        area = f"A1:{column_name(right)}{last + 1}"
        self.sheet.ignore_errors({"number_stored_as_text": area})  # text of others stays text


def merge(sheet: Worksheet, top: int, left: int, bottom: int, right: int, look: Format) -> None:
    """Merge a range and leave it blank; does nothing for a single cell or an empty range."""
    if bottom > top or right > left:
        sheet.merge_range(top, left, bottom, right, "", look)


def draw(
    sheet: Worksheet,
    drawing: Drawing,
    style: Callable[[Box], Format],
    figure: Callable[[Box, int, Format], None],
) -> None:
    """Draw a table, or several below each other, from cell A1: set the sizes of columns and rows,
    merge the cells of each box, and write the texts.

    ``style(box)`` gives the format of a box. ``figure(box, item, format)`` is called to write the
    content of each box that belongs to an item (its number): a template writes inputs and totals
    there, a summary its formulas.
    """
    for col, width in enumerate(drawing.widths):
        sheet.set_column_pixels(col, col, width)
    for row, height in enumerate(drawing.heights):
        sheet.set_row_pixels(row, height)
    for box in drawing.boxes:
        look = style(box)
        bottom, right = box.row + box.height - 1, box.col + box.width - 1
        merge(sheet, box.row, box.col, bottom, right, look)
        if box.item is not None:
            figure(box, box.item, look)
        elif box.text:
            sheet.write_string(box.row, box.col, box.text, look)
        elif box.height == box.width == 1:
            sheet.write_blank(box.row, box.col, None, look)


def look_of(box: Box, stubs: int) -> dict[str, Property]:
    """The format properties of a heading, in the style of official forms. ``stubs``: the number of
    columns with headings to the left of the figures.
    """
    if box.role is Role.TITLE:
        return {"font_name": HEI, "font_size": 15}
    look: dict[str, Property] = {"border": 1, "text_wrap": True, "align": "center"}
    if box.role is Role.STUB and stubs > 1 and (box.width > 1 or box.col):
        look["align"] = "left"
    if box.role is Role.BLOCK:
        look["bold"] = True
    return look


def colour_where(
    sheet: Worksheet,
    formats: Formats,
    area: tuple[int, int, int, int],
    changes: Mapping[str, Mapping[str, Property]],
) -> None:
    """Change the look of cells as long as a formula is true for them.

    ``area``: first row, first column, last row and last column, from 0. ``changes``: the changed
    properties by the formula (with its ``=``), written for the first cell of the area. Where
    several formulas are true for a cell, the first one applies.
    """
    for formula, properties in changes.items():
        look = formats.change(**properties)
        rule = {"type": "formula", "criteria": formula, "format": look}
        sheet.conditional_format(*area, rule)


def link_to(address: Address) -> str:
    """The address of a link to a cell of the same workbook, as XlsxWriter takes it."""
    return f"internal:'{address.sheet}'!{address.a1}"


def annotate(sheet: Worksheet, row: int, col: int, note: str) -> None:
    """Add a comment to a cell, sized to its text; does nothing for an empty note."""
    if note:
        options = {
            "author": "汇总核对", "font_name": SONG, "font_size": 9, "color": "#FFF4E6",
            "width": 250, "height": 12 + 17 * min(20, lines(note, 250)),
        }  # fmt: skip
        sheet.write_comment(row, col, note[:2000], options)


def print_nothing(sheet: Worksheet, col: int) -> None:
    """Make a sheet print no page: programs skip a print area without content. ``col``: a column, in
    which nothing is written.
    """
    sheet.print_area(0, col, 0, col)


def lock_sheet(sheet: Worksheet, password: str) -> None:
    """Protect a sheet with a password. Selecting, copying, filtering and changing the sizes of
    columns and rows stay possible.
    """
    sheet.protect(password, {"format_columns": True, "format_rows": True, "autofilter": True})
