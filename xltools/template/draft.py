"""A workbook being made: what all its sheets need to know of each other, and the hidden cells that
say what stands in each cell.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from xltools.excel.book import WorkbookWriter
from xltools.excel.page import Formats
from xltools.layout.places import Layout
from xltools.model.cells import Address, quoted
from xltools.model.form import Instance, Item
from xltools.model.formula import Operand, excel_sum, rectangles
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
from xltools.model.numbers import show
from xltools.model.stated import in_yuan
from xltools.template.cell_entry import CellEntry, days, wrongs
from xltools.template.opening import Opening, Subject

HELPER = 3  # first column of the tables' status on the identity sheet
TABLE_KEY, DECLARED, BLANKS, INPUTS, COMPLETE = range(HELPER, HELPER + 5)
STATES = HELPER + 7  # then the state of each figure, placed as on its own sheet


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkbookDraft:
    """A workbook being made: whom it is for, what it shows when it is opened, and where on its
    sheets everything stands.

    ``password``: of its locks. ``keys``: what the hidden sheet has in column A, from its first row
    on; last year's figures follow them.
    """

    book: WorkbookWriter
    layout: Layout
    subject: Subject
    password: str
    opening: Opening
    keys: tuple[str, ...]

    @property
    def formats(self) -> Formats:
        """The formats of its cells, by their properties."""
        return self.book.formats

    def prior(self, item: int) -> Address:
        """The hidden cell of a figure of last year."""
        return Address(IDENTITY, len(self.keys) + self.layout.form.priors.index(item), 1)

    def status(self, table: str, column: int) -> Address:
        """A hidden cell of a table's status: DECLARED, BLANKS, INPUTS or COMPLETE."""
        tables = [t.key for t in self.layout.form.tables]
        return Address(IDENTITY, 1 + tables.index(table), column)

    def entry(self, item: int) -> Address:
        """The hidden cell that says what stands in a figure's cell: an ``CellEntry``."""
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

    def concerned(self, instance: Instance) -> list[int]:
        """The items that a rule instance rests on, totals and inputs."""
        return sorted({*instance.cells, *instance.leaves})

    def amounts(self, instance: Instance) -> bool:
        """Whether decimals are added."""
        items = self.layout.form.items
        return not all(items[i].whole for i in instance.cells)

    def ranges(self, items: Sequence[int], home: str = "") -> list[str]:
        """The cells of items as ranges for a formula."""
        return rectangles([self.layout.address(i) for i in items], home)


def field_cell(name: str) -> Address:
    """The cell in which a field of 填报 is filled in."""
    return Address(COVER, FIELDS[name], VALUE_COLUMN)


def none_cell(draft: WorkbookDraft, table: str) -> Address:
    """The drop-down 本年无此项 of a table."""
    tables = [t.key for t in draft.layout.form.tables]
    return Address(COVER, PROGRESS_HEAD + 1 + tables.index(table), NONE_COLUMN)


def paint_entry_states(draft: WorkbookDraft, sheet: Any) -> None:
    """The hidden cells, on the identity sheet: formats of conditions reach no other sheet, but
    formulas do, and columns beside a table are in the way of whoever unlocks it.

    A formula that shows nothing is no blank: files do not tell it from one without a result.
    """
    for item in draft.layout.form.items:
        at, place = draft.entry(item.index), draft.layout.address(item.index)
        cell = f"{quoted(place.sheet)}!{place.a1}"  # there are many: the short way to write it
        number, text = "0", f"{CellEntry.NO_NUMBER:d}"
        if item.formula is None:
            number = f"IF(OR({','.join(wrongs(item))}),{CellEntry.WRONG:d},{_asked(draft, item)})"
            spaces = f'(LEN({cell})>0)*({bare(cell)}="")'
            text = f"IF(ISTEXT({cell}),IF({spaces},{CellEntry.BLANK:d},{text}),{text})"
        formula = (
            f"=IF(ISNUMBER({cell}),IF(ISLOGICAL({cell}),{CellEntry.NO_NUMBER:d},"
            f"{number.format(cell)}),IF(ISBLANK({cell}),{CellEntry.BLANK:d},{text}))"
        )
        sheet.write_formula(at.row, at.col, formula, None, int(draft.opening.states[item.index]))


def _asked(draft: WorkbookDraft, item: Item) -> str:
    """YUAN, DAY or FINE, for a number over ``{0}`` that is not wrong."""
    first, end = days(draft.subject.year)
    whole = "" if item.whole else ",{0}=INT({0})"
    day = f"AND({{0}}>={first},{{0}}<{end}{whole})"
    text = f"IF({day},{CellEntry.DAY:d},{CellEntry.FINE:d})"
    last = draft.subject.priors.get(item.index, 0)
    tests = [
        f"{{0}}>={show(first)}" if end is None else f"AND({{0}}>={show(first)},{{0}}<={show(end)})"
        for first, end in in_yuan(item, last)
    ]
    if not tests:
        return text
    test = f"OR({','.join(tests)})"
    if last <= 0 and item.yuan_least is not None:
        test = f"AND({test},{{0}}>={excel_sum(item.yuan_least, draft.place, single='SUM({})')})"
    return f"IF({test},{CellEntry.YUAN:d},{text})"


def bare(cell: str) -> str:
    """The text of a cell without blanks, the short way: it stands in every figure's state, and
    what a workbook holds is read of every return.
    """
    return f'TRIM(SUBSTITUTE(SUBSTITUTE({cell},"\u3000",""),"\u00a0",""))'


def blank_text(cell: str) -> str:
    """Whether a text is of blanks only, or of nothing, as a formula: without each kind of blank it
    is, all in all, shorter by its length. Functions within functions are few: .xls takes seven.
    """
    kinds = ('" "', '"\u3000"', '"\u00a0"', "CHAR(10)")
    left = "+".join(f'LEN(SUBSTITUTE({cell},{kind},""))' for kind in kinds)
    return f"{left}={len(kinds) - 1}*LEN({cell})"


def says_nothing(cell: str) -> str:
    """Whether a text to be typed is not there: blanks only, or an error value."""
    return f"IF(ISERROR({cell}),TRUE,{blank_text(cell)})"


def says_yes(cell: str, yes: str) -> str:
    """Whether a list's answer was chosen, or pasted with blanks around it."""
    return f'IF(ISERROR({cell}),FALSE,{bare(cell)}="{yes}")'


def counted(ranges: Sequence[str], test: str) -> str:
    """A formula for how many cells, all of them numbers, pass a test: ``=2``, ``>=2``."""
    return "+".join(
        f"SUMPRODUCT(({r}{test})*1)" if ":" in r else f"IF({r}{test},1,0)" for r in ranges
    )


def entries(draft: WorkbookDraft, items: Sequence[int], test: str) -> str:
    """A formula for how many of some figures' states pass a test."""
    return counted(draft.entries(items), test)
