"""A workbook being made: whom it is for, and the places on its sheets that the other sheets'
formulas look at.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from xltools.excel.book import WorkbookWriter
from xltools.excel.page import Formats
from xltools.layout.places import Layout
from xltools.model.cells import Address
from xltools.model.form import Instance
from xltools.model.formula import Operand, rectangles
from xltools.model.identity import (
    CHECKS,
    CHECKS_TOP,
    COVER,
    FIELDS,
    IDENTITY,
    NONE_COLUMN,
    PROGRESS_HEAD,
    VALUE_COLUMN,
)
from xltools.template.cell_entry import counted, entry_formula
from xltools.template.opening import Opening, Subject

_STATUS = 3
TABLE_KEY, DECLARED, BLANKS, INPUTS, COMPLETE = range(_STATUS, _STATUS + 5)
"""Columns of the hidden identity sheet that hold the status of each table, see
`WorkbookDraft.status`.
"""
_STATES = _STATUS + 7
"""The first column of the cells that say what stands in each figure's cell. They stand as the
figures do on their own sheets, one sheet below the other.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkbookDraft:
    """A workbook being made: whom it is for, what it shows when it is opened, and where on its
    sheets everything stands.

    ``password``: of the locks on its sheets. ``keys``: what stands in column A of the hidden
    identity sheet, from the first row on; last year's figures follow them.
    """

    book: WorkbookWriter
    layout: Layout
    subject: Subject
    password: str
    opening: Opening
    keys: tuple[str, ...]

    @property
    def formats(self) -> Formats:
        """The formats of the workbook's cells, by their properties."""
        return self.book.formats

    def prior(self, item: int) -> Address:
        """The hidden cell of last year's figure of an item."""
        return Address(IDENTITY, len(self.keys) + self.layout.form.priors.index(item), 1)

    def status(self, table: str, column: int) -> Address:
        """The hidden cell that says of a table (its key): in the column DECLARED 1 where its blanks
        count as 0; in BLANKS how many inputs are blank, in INPUTS of how many; in COMPLETE 1 where
        nothing is left to be filled in.
        """
        tables = [t.key for t in self.layout.form.tables]
        return Address(IDENTITY, 1 + tables.index(table), column)

    def entry(self, item: int) -> Address:
        """The hidden cell that says what stands in the cell of an item: a `CellEntry`."""
        place, above = self.layout.address(item), 0
        for table in self.layout.tables:
            if table.sheet == place.sheet:
                break
            above += len(table.drawing.heights)
        return Address(IDENTITY, above + place.row, _STATES + place.col)

    def entries(self, items: Sequence[int]) -> list[str]:
        """The hidden cells that say what stands in those of some items, as ranges for a formula."""
        return rectangles([self.entry(i) for i in items])

    def notice(self, row: int) -> Address:
        """A hidden cell below the status of the tables, which says what is left to be done; ``row``
        is counted from 0.
        """
        return Address(IDENTITY, 2 + len(self.layout.form.tables) + row, DECLARED)

    def check(self, row: int, column: int) -> Address:
        """A cell of 校验, its rows counted from that of the first instance."""
        return Address(CHECKS, CHECKS_TOP + row, column)

    def place(self, operand: Operand) -> Address:
        """The cell in which a formula finds a figure, of this year or of the last."""
        if operand.prior:
            return self.prior(operand.item)
        return self.layout.address(operand.item)

    def concerned(self, instance: Instance) -> list[int]:
        """The items of this year that a rule rests on: those it names, and the inputs below."""
        return sorted({*instance.cells, *instance.leaves})

    def amounts(self, instance: Instance) -> bool:
        """Whether a rule adds figures that may have decimals."""
        items = self.layout.form.items
        return not all(items[i].whole for i in instance.cells)

    def ranges(self, items: Sequence[int], home: str = "") -> list[str]:
        """The cells of items as ranges for a formula on the sheet ``home``."""
        return rectangles([self.layout.address(i) for i in items], home)


def field_cell(name: str) -> Address:
    """The cell of 填报 in which a field (单位名称, 日期 …) is filled in."""
    return Address(COVER, FIELDS[name], VALUE_COLUMN)


def none_cell(draft: WorkbookDraft, table: str) -> Address:
    """The cell of 填报 that declares that a table (its key) has nothing: 本年无此项."""
    tables = [t.key for t in draft.layout.form.tables]
    return Address(COVER, PROGRESS_HEAD + 1 + tables.index(table), NONE_COLUMN)


def entries(draft: WorkbookDraft, items: Sequence[int], test: str) -> str:
    """A formula, without its =, for how many of some figures pass a test of what stands in their
    cells: ``=1`` (`CellEntry.BLANK`), ``>=4``.
    """
    return counted(draft.entries(items), test)


def paint_entry_states(draft: WorkbookDraft, sheet: Any) -> None:
    """Write the hidden cells that say what stands in each figure's cell, on the identity sheet.

    They are not beside the tables, where they are in the way of whoever unlocks a sheet; and they
    are cells, since conditions of colours reach no other sheet but formulas do.
    """
    for item in draft.layout.form.items:
        at, place = draft.entry(item.index), draft.layout.address(item.index)
        last = draft.subject.priors.get(item.index, 0)
        formula = entry_formula(item, place, draft.place, year=draft.subject.year, last=last)
        now = int(draft.opening.states[item.index])
        sheet.write_formula(at.row, at.col, f"={formula}", None, now)
