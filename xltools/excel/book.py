"""A workbook written anew with XlsxWriter: its types, its formats, the sheet that says what it is,
and its lock. The lock is a guard rail against slips, not security: see ECMA-376 part 4, 14.7.1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO, TYPE_CHECKING, Any

from xltools.excel.page import BODY, SONG, Formats, Look, SheetWriter
from xltools.model.identity import IDENTITY

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

MAX_PASSWORD = 15  # longer ones hash differently in some programs


@dataclass(frozen=True, slots=True, kw_only=True)
class BookStyle:
    """How a workbook looks where nothing else is said.

    ``default``: the type of cells without a format, from which programs reckon the width of
    columns; ``base``: what formats have beside that; ``options``: further ones of XlsxWriter's
    workbook; ``window``: the size of its window in pixels, if not the program's own.
    """

    default: Look
    base: Look
    options: Mapping[str, Any] = field(default_factory=dict)
    window: tuple[int, int] | None = None


_SONG: Look = (("font_name", SONG), ("font_charset", 134))
LISTS = BookStyle(
    default=(*_SONG, ("font_size", 11), ("font_scheme", False)),
    base=BODY,
    # What a column of 8.38 characters takes in 宋体 11: so pixels come out as meant.
    options={"default_column_width": 72},
    window=(1600, 1000),
)
"""Workbooks for reading: lists and sums."""
PLAIN = BookStyle(default=(*_SONG, ("font_size", 11), ("font_family", 3)), base=())
"""Workbooks whose formats say everything themselves."""
FORMS = BookStyle(default=PLAIN.default, base=(*BODY, ("font_family", 3)))
"""Forms to be filled in."""


class WorkbookWriter:
    """A workbook being written to ``out``; a context manager that saves it on a clean exit.

    ``created``: the date that it bears, so that the same content gives the same bytes.
    ``password``: of the lock on its structure; None for a workbook that is not locked.
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
        self.book = kind(out, options)
        self.book.set_properties(({"title": title} if title else {}) | {"created": created})
        if style.window is not None:
            self.book.set_size(*style.window)
        self.formats = Formats(self.book, style.base)

    def __enter__(self) -> WorkbookWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self.book.close()
        else:
            self.book.fileclosed = 1  # or its destructor writes half a file

    def page(self, title: str) -> SheetWriter:
        """A new sheet on A4 paper with a page number at its foot."""
        return SheetWriter(self.book.add_worksheet(title), self.formats)

    def sheet(self, title: str) -> Worksheet:
        """A new sheet as XlsxWriter has it, on which everything is still to be set."""
        return self.book.add_worksheet(title)

    def identity(self, values: Mapping[str, str | int], *, very: bool = True) -> Worksheet:
        """The hidden sheet that says what this workbook is: keys in column A, values in B.

        ``very``: hidden so that programs do not offer to show it. Returns the sheet, to which a
        form to be filled in adds what its formulas need.
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
    """The 16-bit legacy hash of a password, four hexadecimal digits; ``password`` is ASCII."""
    value = 0
    for character in reversed(password):
        value = ((value >> 14) & 1) | ((value << 1) & 0x7FFF)
        value ^= ord(character)
    value = ((value >> 14) & 1) | ((value << 1) & 0x7FFF)
    return f"{value ^ len(password) ^ 0xCE4B:04X}"


def _locked(password: str) -> Any:
    """XlsxWriter's class of workbook, with a lock on its structure."""
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

    class PlainFormulas(Worksheet):  # type: ignore[misc]  # because XlsxWriter has no types
        """Our formulas use no recent functions: looking for thirty of them in each costs 40 %."""

        def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:
            del expand_future_functions
            return formula.strip("{=}")

    class Locked(Workbook):  # type: ignore[misc]  # because XlsxWriter has no types
        """XlsxWriter writes no workbookProtection; it belongs right behind workbookPr."""

        def _write_workbook_pr(self) -> None:
            super()._write_workbook_pr()
            attributes = [("workbookPassword", password_hash(password)), ("lockStructure", 1)]
            self._xml_empty_tag("workbookProtection", attributes)

        def add_worksheet(self, name: str | None = None) -> Any:
            return super().add_worksheet(name, PlainFormulas)

    return Locked
