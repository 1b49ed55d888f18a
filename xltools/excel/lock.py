"""Locking a workbook. A guard rail against slips, not security: see ECMA-376 part 4, 14.7.1."""

from typing import Any

MAX_PASSWORD = 15  # longer ones hash differently in some programs


def password_hash(password: str) -> str:
    """The 16-bit legacy hash of a password, four hexadecimal digits; ``password`` is ASCII."""
    value = 0
    for character in reversed(password):
        value = ((value >> 14) & 1) | ((value << 1) & 0x7FFF)
        value ^= ord(character)
    value = ((value >> 14) & 1) | ((value << 1) & 0x7FFF)
    return f"{value ^ len(password) ^ 0xCE4B:04X}"


def locked_workbook(stream: Any, password: str) -> Any:
    """An XlsxWriter workbook whose structure is protected; its bytes depend on content alone."""
    from datetime import UTC, datetime

    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

    class Plain(Worksheet):  # type: ignore[misc]  # because XlsxWriter has no types
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
            return super().add_worksheet(name, Plain)

    plain = {"font_name": "宋体", "font_size": 11, "font_charset": 134, "font_family": 3}
    book = Locked(stream, {"in_memory": True, "default_format_properties": plain})
    book.set_properties({"created": datetime(2000, 1, 1, tzinfo=UTC)})
    return book


def lock_sheet(sheet: Any, password: str) -> None:
    """Protect a sheet; selecting, copying, filtering and widening columns stay allowed."""
    sheet.protect(password, {"format_columns": True, "format_rows": True, "autofilter": True})
