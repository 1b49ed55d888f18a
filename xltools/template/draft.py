"""A workbook being made: what all its sheets need to know of each other."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from xltools.layout.places import Layout
from xltools.model.cells import Address
from xltools.model.form import Instance
from xltools.model.formula import Operand, rectangles
from xltools.model.sheets import (
    CHECKS,
    CHECKS_TOP,
    COVER,
    FIELDS,
    IDENTITY,
    NONE_COLUMN,
    PROGRESS_HEAD,
    VALUE_COLUMN,
)
from xltools.template.opening import Opening
from xltools.template.subject import Subject

HELPER = 3  # first column of the tables' status on the identity sheet
TABLE_KEY, DECLARED, BLANKS, INPUTS, COMPLETE = range(HELPER, HELPER + 5)
STATES = HELPER + 7  # then the state of each figure, placed as on its own sheet


class Formats:
    """XlsxWriter formats by their properties, each made once."""

    def __init__(self, book: Any) -> None:
        self.book, self.made = book, dict[tuple[tuple[str, object], ...], Any]()

    def __call__(self, **properties: object) -> Any:
        """The format of body type with these properties."""
        full = {"font_name": "宋体", "font_charset": 134, "font_family": 3, "font_size": 10.5}
        full |= {"valign": "vcenter"} | properties
        key = tuple(sorted(full.items()))
        if key not in self.made:
            self.made[key] = self.book.add_format(full)
        return self.made[key]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """The workbook, its formats, and what it shows when it is opened."""

    book: Any
    formats: Formats
    layout: Layout
    subject: Subject
    password: str
    opening: Opening
    keys: tuple[str, ...]

    def prior(self, item: int) -> Address:
        """The hidden cell of a figure of last year."""
        return Address(IDENTITY, len(self.keys) + self.layout.form.priors.index(item), 1)

    def status(self, table: str, column: int) -> Address:
        """A hidden cell of a table's status: DECLARED, BLANKS, INPUTS or COMPLETE."""
        tables = [t.key for t in self.layout.form.tables]
        return Address(IDENTITY, 1 + tables.index(table), column)

    def entry(self, item: int) -> Address:
        """The hidden cell that says what stands in a figure's cell: an ``Entry``."""
        place, above = self.layout.address(item), 0
        for table in self.layout.tables:
            if table.sheet == place.sheet:
                break
            above += len(table.drawing.heights)
        return Address(IDENTITY, above + place.row, STATES + place.col)

    def entries(self, items: Sequence[int]) -> list[str]:
        """The hidden cells of figures as ranges for a formula."""
        return rectangles([self.entry(i) for i in items])

    def notice(self, row: int) -> Address:
        """A hidden cell below the tables' status, which says what is left to be done."""
        return Address(IDENTITY, 2 + len(self.layout.form.tables) + row, DECLARED)

    def check(self, row: int, column: int) -> Address:
        """A cell of 校验, its rows counted from the first instance."""
        return Address(CHECKS, CHECKS_TOP + row, column)

    def place(self, operand: Operand) -> Address:
        """Where a formula finds a figure."""
        if operand.prior:
            return self.prior(operand.item)
        return self.layout.address(operand.item)

    def concerned(self, one: Instance) -> list[int]:
        """The items that a rule instance rests on, totals and inputs."""
        return sorted({*one.cells, *one.leaves})

    def amounts(self, one: Instance) -> bool:
        """Whether decimals are added."""
        items = self.layout.form.items
        return not all(items[i].whole for i in one.cells)

    def ranges(self, items: Sequence[int], home: str = "") -> list[str]:
        """The cells of items as ranges for a formula."""
        return rectangles([self.layout.address(i) for i in items], home)


def field_cell(name: str) -> Address:
    """The cell in which a field of 填报 is filled in."""
    return Address(COVER, FIELDS[name], VALUE_COLUMN)


def none_cell(draft: Draft, table: str) -> Address:
    """The drop-down 本年无此项 of a table."""
    tables = [t.key for t in draft.layout.form.tables]
    return Address(COVER, PROGRESS_HEAD + 1 + tables.index(table), NONE_COLUMN)
