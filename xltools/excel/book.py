"""An XlsxWriter workbook as ours look: its fonts, formats made once, and text that stays text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING, TypeAlias

from xltools.excel.text import plain
from xltools.layout.drawing import lines
from xltools.model.cells import column_name

if TYPE_CHECKING:
    from xlsxwriter.format import Format

Property: TypeAlias = str | int | float | bool
Look: TypeAlias = tuple[tuple[str, Property], ...]

SONG, HEI = "宋体", "黑体"
HEAD_COLOUR = "#E7EDF4"
GREY = "#EDEDED"
UNSUMMED = "各单位的这一项不能相加，所以不汇总；各单位的数见“明细”。"
LINKS = 65_000
"""Links on one sheet, a little below what Excel allows."""
TALLEST = 545
"""Pixels: no row of Excel is higher."""
LANDSCAPE = 1000
"""Pixels that an A4 sheet takes across, between narrow margins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListColumn:
    """A column of a list: its heading, its width in pixels, and how its cells look."""

    title: str
    width: int
    look: Look = ()


CENTRE: Look = (("align", "center"),)
CODE: Look = (*CENTRE, ("num_format", "@"))
DATE: Look = (*CENTRE, ("num_format", "yyyy-mm-dd"))
TIME: Look = (*CENTRE, ("num_format", "yyyy-mm-dd hh:mm"))
FIGURE: Look = (*CENTRE, ("text_wrap", False), ("shrink", True))


class WorkbookWriter:
    """A workbook being written; a context manager that saves it on a clean exit."""

    def __init__(self, out: BytesIO, *, created: datetime, title: str) -> None:
        import xlsxwriter

        self.book = xlsxwriter.Workbook(
            out,
            {
                "in_memory": True,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "default_format_properties": {
                    "font_name": SONG,
                    "font_size": 11,
                    "font_charset": 134,
                    "font_scheme": False,
                },
                # What a column of 8.38 characters takes in 宋体 11: so pixels come out as meant.
                "default_column_width": 72,
            },
        )
        self.book.set_properties({"title": title, "created": created})
        self.book.set_size(1600, 1000)
        self._formats: dict[frozenset[tuple[str, Property]], Format] = {}

    def __enter__(self) -> WorkbookWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self.book.close()
        else:
            self.book.fileclosed = 1  # or its destructor writes half a file

    def page(self, title: str) -> SheetWriter:
        """A new sheet on A4 paper with a page number at its foot."""
        return SheetWriter(self, title)

    def style(self, **properties: Property) -> Format:
        """The format with these properties, made once; body type unless they say otherwise."""
        key = frozenset(properties.items())
        if key not in self._formats:
            base: dict[str, Property] = {
                "font_name": SONG,
                "font_size": 10.5,
                "font_charset": 134,
                "valign": "vcenter",
            }
            self._formats[key] = self.book.add_format({**base, **properties})
        return self._formats[key]

    def cell(self, **properties: Property) -> Format:
        """The format of a bordered cell."""
        return self.style(**{"border": 1, **properties})

    def item(self, look: Look = (), **more: Property) -> Format:
        """The format of a list's cell."""
        return self.cell(**{"text_wrap": True, "font_size": 10, **dict(look), **more})

    def identity(self, title: str, values: Mapping[str, str | int]) -> None:
        """The hidden sheet that says what this workbook is: keys in column A, values in B."""
        sheet = self.book.add_worksheet(title)
        for row, (key, value) in enumerate(values.items()):
            sheet.write_string(row, 0, key)
            if isinstance(value, int):
                sheet.write_number(row, 1, value)
            else:
                sheet.write_string(row, 1, value)
        sheet.very_hidden()


class SheetWriter:
    """A sheet of a book, and the ways to write on it; ``sheet`` is XlsxWriter's."""

    def __init__(self, book: WorkbookWriter, title: str) -> None:
        self.book, self._links = book, 0
        self._widths: list[int] = []  # of a list's columns, for the heights of its rows
        self._tall: dict[int, int] = {}
        self.sheet = book.book.add_worksheet(title)
        self.sheet.set_paper(9)
        self.sheet.set_footer('&C&"宋体,Regular"&9&A　第 &P 页，共 &N 页')

    def text(self, row: int, col: int, text: str, style: Format) -> None:
        """Text as text, whatever it begins with."""
        if text:
            self.sheet.write_string(row, col, plain(text), style)
            self._grow(row, col, text)
        else:
            self.sheet.write_blank(row, col, None, style)

    def link(self, row: int, col: int, url: str | None, text: str, style: Format) -> None:
        """Text with a link; text alone where there is no link, or too many."""
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

    def merged(self, box: tuple[int, int, int, int], text: str, style: Format) -> None:
        """Text over a range (first row, first column, last row, last column), or in one cell."""
        if box[:2] != box[2:]:
            self.sheet.merge_range(*box, "", style)
        self.text(box[0], box[1], text, style)

    def headline(self, title: str, line: str, *, col: int = 0) -> None:
        """The title of a list, and a line that says what it is; rows 0 and 1.

        ``col``: right of the columns that are repeated on every page, lest it is cut there.
        """
        self.sheet.set_row_pixels(0, 34)
        self.sheet.set_row_pixels(1, 24)
        self.text(0, col, title, self.book.style(font_name=HEI, font_size=15))
        self.text(1, col, line, self.book.style(font_size=9, font_color="#595959"))

    def list_head(self, row: int, columns: Sequence[ListColumn]) -> list[Format]:
        """Widths and headings of a list, frozen and repeated; gives the formats of its cells."""
        head = self.book.cell(font_name=HEI, align="center", text_wrap=True, bg_color=HEAD_COLOUR)
        for col, column in enumerate(columns):
            self.sheet.set_column_pixels(col, col, column.width)
            self.text(row, col, column.title, head)
        most = max(column.title.count("\n") for column in columns) + 1
        self.sheet.set_row_pixels(row, 20 * most + 10)
        self._widths = [column.width for column in columns]
        self.sheet.freeze_panes(row + 1, 2)
        self.sheet.repeat_rows(row)
        return [self.book.item(c.look) for c in columns]

    def list_end(self, head: int, count: int, width: int) -> None:
        """The filter and the page of a list of ``count`` rows under the row ``head``."""
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
