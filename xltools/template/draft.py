"""A workbook that is being made, and the cells on its sheets that formulas on other sheets refer
to.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from xltools.excel.book import WorkbookWriter
from xltools.excel.page import Formats
from xltools.excel.stamp import SlotContent, Slots
from xltools.layout.places import Layout
from xltools.model.cells import Address
from xltools.model.form import Instance, Item
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
from xltools.model.numbers import Number, stored
from xltools.model.stated import yuan
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
    """A workbook that is being made: whom it is for, what it shows when it is opened, and which
    cell on its sheets holds what.

    ``password``: of the locks on its sheets. ``keys``: the entries in column A of the hidden
    identity sheet, from the first row; those of last year's figures follow below. ``head``: the
    unit's name in the headers of pages. ``slots``: where a stamp is made, the places that differ
    from one unit to another; None for the workbook of one unit.
    """

    book: WorkbookWriter
    layout: Layout
    subject: Subject
    password: str
    opening: Opening
    keys: tuple[str, ...]
    head: str = ""
    slots: Slots[Opening] | None = None

    @property
    def formats(self) -> Formats:
        """The formats of the workbook's cells, by their properties."""
        return self.book.formats

    def shown(self, content: Callable[[Opening], SlotContent]) -> SlotContent:
        """What a cell shows when the workbook is opened, computed by ``content``; while a stamp is
        made, the mark of a slot that is filled in with it.
        """
        return content(self.opening) if self.slots is None else self.slots.words(content)

    def words(self, content: Callable[[Opening], str]) -> str:
        """A text that is computed by ``content``; while a stamp is made, as for `shown`."""
        return content(self.opening) if self.slots is None else self.slots.words(content)

    def figure(self, content: Callable[[Opening], Number]) -> int | float:
        """The number for a cell without formula, computed by ``content``; while a stamp is made, as
        for `shown`.
        """
        if self.slots is None:
            return stored(content(self.opening))
        return self.slots.number(lambda now: stored(content(now)))

    def prior(self, item: int) -> Address:
        """The hidden cell with last year's figure of an item (its number)."""
        return Address(IDENTITY, len(self.keys) + self.layout.form.priors.index(item), 1)

    def status(self, table: str, column: int) -> Address:
        """The hidden cell that holds one status of a table (its key). In the column DECLARED: 1 if
        its blanks count as 0. In BLANKS: how many inputs are blank. In INPUTS: how many inputs
        there are. In COMPLETE: 1 if nothing is left to be filled in.
        """
        tables = [t.key for t in self.layout.form.tables]
        return Address(IDENTITY, 1 + tables.index(table), column)

    def entry(self, item: int) -> Address:
        """The hidden cell that holds what the cell of an item contains, as a `CellEntry`."""
        place, above = self.layout.address(item), 0
        for table in self.layout.tables:
            if table.sheet == place.sheet:
                break
            above += len(table.drawing.heights)
        return Address(IDENTITY, above + place.row, _STATES + place.col)

    def entries(self, items: Sequence[int]) -> list[str]:
        """The hidden cells of several items that `entry` gives, joined to ranges for a formula."""
        return rectangles([self.entry(i) for i in items])

    def notice(self, row: int) -> Address:
        """A hidden cell below the status of the tables that holds what is left to be done; ``row``
        is counted from 0.
        """
        return Address(IDENTITY, 2 + len(self.layout.form.tables) + row, DECLARED)

    def check(self, row: int, column: int) -> Address:
        """A cell of 校验; ``row`` is counted from the row of the first rule, and ``column`` from
        column A.
        """
        return Address(CHECKS, CHECKS_TOP + row, column)

    def place(self, operand: Operand) -> Address:
        """The cell that holds the figure of an operand, of this year or of last year."""
        if operand.prior:
            return self.prior(operand.item)
        return self.layout.address(operand.item)

    def concerned(self, instance: Instance) -> list[int]:
        """The items of this year that a rule depends on: those it names and the inputs of its
        totals, by item number in ascending order.
        """
        return sorted({*instance.cells, *instance.leaves})

    def amounts(self, instance: Instance) -> bool:
        """Whether any figure of a rule may have decimals."""
        items = self.layout.form.items
        return not all(items[i].whole for i in instance.cells)

    def ranges(self, items: Sequence[int], home: str = "") -> list[str]:
        """The cells of several items joined to ranges, for a formula on the sheet ``home``."""
        return rectangles([self.layout.address(i) for i in items], home)


def field_cell(name: str) -> Address:
    """The cell of 填报 in which a field is filled in. ``name``: the field's label, such as 单位名称
    or 日期.
    """
    return Address(COVER, FIELDS[name], VALUE_COLUMN)


def none_cell(draft: WorkbookDraft, table: str) -> Address:
    """The cell of 填报 in the column 本年无此项 in which a unit declares that a table (its key) has
    no cases.
    """
    tables = [t.key for t in draft.layout.form.tables]
    return Address(COVER, PROGRESS_HEAD + 1 + tables.index(table), NONE_COLUMN)


def entries(draft: WorkbookDraft, items: Sequence[int], test: str) -> str:
    """A formula, without ``=``, for how many of some figures (item numbers) have a content that
    passes a test, such as ``=1`` for `CellEntry.BLANK`, or ``>=4``.
    """
    return counted(draft.entries(items), test)


def paint_entry_states(draft: WorkbookDraft, sheet: Any) -> None:
    """Write the hidden cells that hold what each figure's cell contains to the identity sheet.

    They are not beside the tables, where they would be in the way of somebody who unlocks a sheet.
    They are cells because conditional formats cannot refer to other sheets, but formulas can.
    """
    for item in draft.layout.form.items:
        _entry_state(draft, sheet, item)


def _entry_state(draft: WorkbookDraft, sheet: Any, item: Item) -> None:
    """Write the hidden cell that holds what the cell of an item contains."""
    at, place = draft.entry(item.index), draft.layout.address(item.index)

    def formula(now: Opening) -> str:
        last = now.subject.priors.get(item.index, 0)
        year = draft.subject.year
        return entry_formula(item, place, draft.place, year=year, last=last)

    # Last year's figure is only part of the formula for amounts.
    text = draft.words(formula) if yuan(item) else formula(draft.opening)
    state = draft.shown(lambda now: int(now.states[item.index]))
    sheet.write_formula(at.row, at.col, f"={text}", None, state)
