"""Sheets as they are written: formats made once by their properties, lists with headings, drawn
tables, comments; text of others made safe.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias
from unicodedata import category

from xltools.layout.geometry import Box, Drawing, Role, lines
from xltools.model.cells import Address, column_name

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

LONGEST = 32_767
"""UTF-16 units in a cell; XlsxWriter cuts longer text without a word."""
CUT = "……（超过单元格上限，余下部分见原文件）"
NAME = 120
"""Characters of a name of a unit, file or sheet."""

# Control characters, marks that turn the direction of text around, half characters.
_UNWANTED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
    "\ud800-\udfff\ufffe\uffff]"
)
_ODD_IN_PATH = re.compile(r'[\\:"<>|?*\n\t]')
_ESCAPES = {ord(c): f"%{ord(c):02X}" for c in "% #[]^`{}"}


def plain(text: str) -> str:
    """Text of several lines as it may stand in a cell: nothing invisible, and not too long."""
    text = _UNWANTED.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    units = text.encode("utf-16-le")
    if len(units) <= 2 * LONGEST:
        return text
    return units[: 2 * (LONGEST - len(CUT))].decode("utf-16-le", "ignore") + CUT


def name(text: str) -> str:
    """A name or path on one line, without anything invisible, and not too long."""
    seen = (" " if c.isspace() else c for c in text)
    line = " ".join("".join(c for c in seen if category(c) not in ("Cc", "Cf")).split())
    line = _UNWANTED.sub("", line)
    return line if len(line) <= NAME else line[: NAME - 1] + "…"


def file_link(folder: Path | None, path: str, home: Path) -> str | None:
    """A link from the folder ``home`` to a file below ``folder``; None where none can be made."""
    if folder is None or _UNWANTED.search(path):
        return None
    try:
        target = Path(os.path.relpath(folder / path, home)).as_posix()
    except ValueError:  # on another drive
        return None
    if _ODD_IN_PATH.search(target) or len(target) < 2 or target.startswith("/"):
        return None
    target = target.translate(_ESCAPES)
    # Half of what XlsxWriter takes: it counts again after changes of its own.
    return f"external:{target}" if len(target) <= 1000 else None


Property: TypeAlias = str | int | float | bool
Look: TypeAlias = tuple[tuple[str, Property], ...]

SONG, HEI = "宋体", "黑体"
HEAD_COLOUR = "#E7EDF4"
PALE, GREY, RED, AMBER = "#FFFFE5", "#EDEDED", "#FFB3B3", "#FFE699"
"""Grounds of cells: to be filled in, computed, wrong, to be looked at."""
MARK: dict[str, Property] = {"bg_color": "#FFD8A8", "border": 2, "border_color": "#E8590C"}
"""A cell that somebody has to look at; its frame shows under the red of a balance check too."""
DIFFERENCE = '"差"0;"差"-0;"平衡";@'
DIFFERENCE_AMOUNT = '"差"0.00####;"差"-0.00####;"平衡";@'
UNSUMMED = "各单位的这一项不能相加，所以不汇总；各单位的数见“明细”。"
LINKS = 65_000
"""Links on one sheet, a little below what Excel allows."""
TALLEST = 545
"""Pixels: no row of Excel is higher."""
LANDSCAPE = 1000
"""Pixels that an A4 sheet takes across, between narrow margins."""

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
    """The formats of an XlsxWriter workbook, each made once.

    ``base``: the properties that a format has unless others are given.
    """

    def __init__(self, book: Any, base: Look = BODY) -> None:
        self.book, self.base = book, dict(base)
        self._formats: dict[frozenset[tuple[str, Property]], Format] = {}

    def __call__(self, **properties: Property) -> Format:
        """The format with these properties on top of the base."""
        every = self.base | properties
        key = frozenset(every.items())
        if key not in self._formats:
            self._formats[key] = self.book.add_format(every)
        return self._formats[key]

    def cell(self, **properties: Property) -> Format:
        """The format of a bordered cell."""
        return self(**{"border": 1, **properties})

    def item(self, look: Look = (), **properties: Property) -> Format:
        """The format of a list's cell."""
        return self.cell(**{"text_wrap": True, "font_size": 10, **dict(look), **properties})

    def change(self, **properties: Property) -> Format:
        """The format of a condition: it has nothing but what it changes in a cell."""
        return self.book.add_format(properties)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListColumn:
    """A column of a list: its heading, its width in pixels, and how its cells look."""

    title: str
    width: int
    look: Look = ()


class SheetWriter:
    """A sheet on A4 paper, and the ways to write on it; ``sheet`` is XlsxWriter's.

    All rows and columns are counted from 0.
    """

    def __init__(self, sheet: Worksheet, formats: Formats) -> None:
        self.sheet, self.formats, self._links = sheet, formats, 0
        self._widths: list[int] = []  # of a list's columns, for the heights of its rows
        self._tall: dict[int, int] = {}
        self.sheet.set_paper(9)
        self.sheet.set_footer('&C&"宋体,Regular"&9&A　第 &P 页，共 &N 页')

    def text(self, row: int, col: int, text: str, style: Format) -> None:
        """Write text as text, whatever it begins with."""
        if text:
            self.sheet.write_string(row, col, plain(text), style)
            self._grow(row, col, text)
        else:
            self.sheet.write_blank(row, col, None, style)

    def link(self, row: int, col: int, url: str | None, text: str, style: Format) -> None:
        """Write text with a link; text alone where there is no link, or too many on the sheet."""
        if url and text and self._links < LINKS:
            self._links += 1
            self.sheet.write_url(row, col, url, style, plain(text))
            self._grow(row, col, text)
        else:
            self.text(row, col, text, style)

    def unsummed(self, row: int, col: int, style: Format) -> None:
        """The blank cell of a sum that would make no sense, with the reason as its comment."""
        self.sheet.write_blank(row, col, None, style)
        self.sheet.write_comment(row, col, UNSUMMED, {"font_name": SONG, "author": ""})

    def _grow(self, row: int, col: int, text: str) -> None:
        """Make room for a text in a list: not every program does so by itself."""
        if col < len(self._widths):
            count = lines(text[:2000], self._widths[col] * 21 // 20)  # 10 points for 10.5
            self._tall[row] = max(self._tall.get(row, 1), count)

    def merged(self, area: tuple[int, int, int, int], text: str, style: Format) -> None:
        """Text over a range (first row, first column, last row, last column), or in one cell."""
        merge(self.sheet, *area, style)
        self.text(area[0], area[1], text, style)

    def headline(self, title: str, line: str, *, col: int = 0) -> None:
        """The title of a list, and a line that says what it is; rows 0 and 1.

        ``col``: right of the columns that are repeated on every page, lest it is cut there.
        """
        self.sheet.set_row_pixels(0, 34)
        self.sheet.set_row_pixels(1, 24)
        self.text(0, col, title, self.formats(font_name=HEI, font_size=15))
        self.text(1, col, line, self.formats(font_size=9, font_color="#595959"))

    def list_head(self, row: int, columns: Sequence[ListColumn]) -> list[Format]:
        """Write the headings of a list and set its widths; they stay in view and are printed on
        every page. Returns the formats of its cells, column by column.
        """
        head = self.formats.cell(
            font_name=HEI, align="center", text_wrap=True, bg_color=HEAD_COLOUR
        )
        for col, column in enumerate(columns):
            self.sheet.set_column_pixels(col, col, column.width)
            self.text(row, col, column.title, head)
        most = max(column.title.count("\n") for column in columns) + 1
        self.sheet.set_row_pixels(row, 20 * most + 10)
        self._widths = [column.width for column in columns]
        self.sheet.freeze_panes(row + 1, 2)
        self.sheet.repeat_rows(row)
        return [self.formats.item(c.look) for c in columns]

    def list_end(self, head: int, count: int, width: int) -> None:
        """Finish a list of ``count`` rows and ``width`` columns below the headings in row
        ``head``: the heights of its rows, its filter and how it is printed.
        """
        last = head + max(1, count)
        for row in range(head + 1, head + count + 1):
            self.sheet.set_row_pixels(row, min(TALLEST, 18 * self._tall.get(row, 1) + 8))
        self._widths = []
        self.sheet.autofilter(head, 0, last, width - 1)
        self.sheet.set_landscape()
        self.sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
        self.sheet.center_horizontally()
        self.sheet.fit_to_pages(1, 0)
        self.sheet.print_area(0, 0, last, width - 1)
        area = f"A1:{column_name(width - 1)}{last + 1}"
        self.sheet.ignore_errors({"number_stored_as_text": area})  # text of others stays text


def merge(sheet: Worksheet, top: int, left: int, bottom: int, right: int, look: Format) -> None:
    """Join the cells of a range, blank; a single cell, or a range of none, is left alone."""
    if bottom > top or right > left:
        sheet.merge_range(top, left, bottom, right, "", look)


def draw(
    sheet: Worksheet,
    drawing: Drawing,
    style: Callable[[Box], Format],
    figure: Callable[[Box, int, Format], None],
) -> None:
    """Draw a table, or several below one another, from cell A1 on: sizes of columns and rows, and
    every box with its text.

    ``style`` gives the format of a box. ``figure`` writes what stands in the box of an item, whose
    number it is given, after its cells have been merged: a template writes inputs and totals
    there, a summary its formulas.
    """
    for col, width in enumerate(drawing.widths):
        sheet.set_column_pixels(col, col, width)
    for row, height in enumerate(drawing.heights):
        sheet.set_row_pixels(row, height)
    for box in drawing.boxes:
        look = style(box)
        merge(
            *(sheet, box.row, box.col),
            *(box.row + box.height - 1, box.col + box.width - 1, look),
        )
        if box.item is not None:
            figure(box, box.item, look)
        elif box.text:
            sheet.write_string(box.row, box.col, box.text, look)
        elif box.height == box.width == 1:
            sheet.write_blank(box.row, box.col, None, look)


def look_of(box: Box, stubs: int) -> dict[str, Property]:
    """How a printed box looks on a form, in a table with that many columns of stubs."""
    if box.role is Role.TITLE:
        return {"font_name": HEI, "font_size": 15}
    look: dict[str, Property] = {"border": 1, "text_wrap": True, "align": "center"}
    if box.role is Role.STUB and stubs > 1 and (box.width > 1 or box.col):
        look["align"] = "left"
    if box.role is Role.BLOCK:
        look["bold"] = True
    return look


def link_to(address: Address) -> str:
    """An internal link to a cell."""
    return f"internal:'{address.sheet}'!{address.a1}"


def annotate(sheet: Worksheet, row: int, col: int, note: str) -> None:
    """A comment at a cell, as large as its text; nothing without a note."""
    if note:
        options = {
            "author": "汇总核对", "font_name": SONG, "font_size": 9, "color": "#FFF4E6",
            "width": 250, "height": 12 + 17 * min(20, lines(note, 250)),
        }  # fmt: skip
        sheet.write_comment(row, col, note[:2000], options)


def lock_sheet(sheet: Worksheet, password: str) -> None:
    """Protect a sheet; selecting, copying, filtering and widening columns stay allowed."""
    sheet.protect(password, {"format_columns": True, "format_rows": True, "autofilter": True})
