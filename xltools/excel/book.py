"""Write a new workbook with XlsxWriter: typefaces, formats, the hidden sheet that says what the
workbook is, and the lock of its structure. The lock prevents mistakes and is not a security
feature, see ECMA-376 part 4, 14.7.1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from typing import IO, TYPE_CHECKING, Any

from xltools.excel.page import BODY, SONG, Formats, Look, SheetWriter
from xltools.excel.stream import Stream, splice
from xltools.model.identity import IDENTITY

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

MAX_PASSWORD = 15
"""Characters of a password: some programs hash longer ones differently."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BookStyle:
    """How a workbook looks by default.

    ``default``: the properties of cells without a format; programs compute column widths from its
    typeface. ``base``: the properties of every other format, unless the format sets them itself.
    ``options``: further options for XlsxWriter's workbook. ``window``: width and height of the
    program's window in pixels; None leaves that to the program.
    """

    default: Look
    base: Look
    options: Mapping[str, Any] = field(default_factory=dict)
    window: tuple[int, int] | None = None


_SONG: Look = (("font_name", SONG), ("font_charset", 134))
LISTS = BookStyle(
    default=(*_SONG, ("font_size", 11), ("font_scheme", False)),
    base=BODY,
    # A column of 8.38 characters takes 72 pixels in 宋体 11: so other widths come out as meant.
    options={"default_column_width": 72},
    window=(1600, 1000),
)
"""For workbooks to be read: lists and sums."""
PLAIN = BookStyle(default=(*_SONG, ("font_size", 11), ("font_family", 3)), base=())
"""For workbooks whose formats say everything themselves."""
FORMS = BookStyle(default=PLAIN.default, base=(*BODY, ("font_family", 3)))
"""For workbooks to be filled in."""


class WorkbookWriter:
    """A workbook that is written to ``out``. It is a context manager, which saves the workbook at
    the end unless an exception was raised.

    ``created``: the date in the workbook's properties, fixed so that the same content gives the
    same bytes; ``title``: the title there. ``password``: of the lock of its structure; None for a
    workbook without a lock. ``book`` is the workbook of XlsxWriter, ``formats`` its formats.
    """

    def __init__(
        self,
        out: IO[bytes],
        *,
        created: datetime,
        title: str = "",
        style: BookStyle = LISTS,
        password: str | None = None,
    ) -> None:
        import xlsxwriter

        options = {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "default_format_properties": dict(style.default),
            **style.options,
        }
        kind = xlsxwriter.Workbook if password is None else _locked(password)
        self._out, self._frame, self._streams = out, BytesIO(), list[Stream]()
        self.book = kind(self._frame, options)
        self.book.set_properties(({"title": title} if title else {}) | {"created": created})
        if style.window is not None:
            self.book.set_size(*style.window)
        self.formats = Formats(self.book, style.base)

    def __enter__(self) -> WorkbookWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            self.book.fileclosed = 1  # or its destructor writes half a file
            return
        self.book.close()
        self.formats.saved = True
        names = [sheet.get_name() for sheet in self.book.worksheets()]
        streams = {stream.sheet: stream for stream in self._streams}
        parts = {
            f"xl/worksheets/sheet{number}.xml": streams[name]
            for number, name in enumerate(names, 1)
            if name in streams
        }
        if parts:
            splice(self._frame, parts, self._out)
        else:
            self._out.write(self._frame.getbuffer())

    def page(self, title: str) -> SheetWriter:
        """Add a sheet on A4 paper with page numbers in its footer, and return a writer for it."""
        return SheetWriter(self.book.add_worksheet(title), self.formats, self._streams)

    def sheet(self, title: str) -> Worksheet:
        """Add a plain sheet of XlsxWriter with default settings, and return it."""
        return self.book.add_worksheet(title)

    def identity(self, values: Mapping[str, str | int], *, very: bool = True) -> Worksheet:
        """Add the hidden sheet that says what this workbook is: keys in column A, values in B.
        Returns the sheet, so that further hidden cells can be written to it.

        ``very``: whether it is hidden so that spreadsheet programs do not offer to show it.
        """
        sheet = self.book.add_worksheet(IDENTITY)
        for row, (key, value) in enumerate(values.items()):
            sheet.write_string(row, 0, key)
            if isinstance(value, int):
                sheet.write_number(row, 1, value)
            else:
                sheet.write_string(row, 1, value)
        if very:
            sheet.very_hidden()
        else:
            sheet.hide()
        return sheet


def password_hash(password: str) -> str:
    """The 16-bit hash of an ASCII password, as four hexadecimal digits, that locks in workbooks use
    (ECMA-376 part 4, 14.7.1).
    """
    value = 0
    for character in reversed(password):
        value = ((value >> 14) & 1) | ((value << 1) & 0x7FFF)
        value ^= ord(character)
    value = ((value >> 14) & 1) | ((value << 1) & 0x7FFF)
    return f"{value ^ len(password) ^ 0xCE4B:04X}"


def _locked(password: str) -> Any:
    """The class of a workbook of XlsxWriter whose structure is locked with ``password``."""
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

    class PlainFormulas(Worksheet):  # type: ignore[misc]  # because XlsxWriter has no types
        """A sheet that does not search formulas for recent functions, which XlsxWriter would give a
        prefix. Our formulas use none, and the search takes 40 % of the time.
        """

        def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:
            del expand_future_functions
            return formula.strip("{=}")

    class Locked(Workbook):  # type: ignore[misc]  # because XlsxWriter has no types
        """A workbook with the element workbookProtection, which XlsxWriter does not write. Its
        place is directly behind workbookPr.
        """

        def _write_workbook_pr(self) -> None:
            super()._write_workbook_pr()
            attributes = [("workbookPassword", password_hash(password)), ("lockStructure", 1)]
            self._xml_empty_tag("workbookProtection", attributes)

        def add_worksheet(self, name: str | None = None) -> Any:
            return super().add_worksheet(name, PlainFormulas)

    return Locked
