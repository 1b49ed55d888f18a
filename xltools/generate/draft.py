"""A workbook being made: what all its sheets need to know of each other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from xltools.cells import Address
from xltools.formula import Operand, rectangles
from xltools.layout import Layout
from xltools.numbers import Number
from xltools.returns import State
from xltools.scales import prepare
from xltools.sheets import CHECKS, CHECKS_TOP, COVER, IDENTITY, NONE_COLUMN, PROGRESS_HEAD
from xltools.spec import Instance

HELPER = 3  # first column of the tables' status on the identity sheet
TABLE_KEY, DECLARED, BLANKS, INPUTS, COMPLETE = range(HELPER, HELPER + 5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Whom a workbook is for. ``priors``: last year's figures by item number, as far as known."""

    year: int
    unit: str = ""
    code: str = ""
    category: str = ""
    text: str = "选填"
    priors: Mapping[int, Number] = field(default_factory=dict)


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
    """The workbook, its formats, and the figures that stand in it from the start.

    ``filled``: prefilled inputs by item number. ``numbers``: every item as the fresh workbook
    shows it, totals computed (blank inputs None).
    """

    book: Any
    formats: Formats
    layout: Layout
    subject: Subject
    password: str
    filled: Mapping[int, Number]
    numbers: Sequence[Number | None]
    keys: tuple[str, ...]

    def prior(self, item: int) -> Address:
        """The hidden cell of a figure of last year."""
        return Address(IDENTITY, len(self.keys) + self.layout.form.priors.index(item), 1)

    def status(self, table: str, column: int) -> Address:
        """A hidden cell of a table's status: DECLARED, BLANKS, INPUTS or COMPLETE."""
        tables = [t.key for t in self.layout.form.tables]
        return Address(IDENTITY, 1 + tables.index(table), column)

    def check(self, row: int, column: int) -> Address:
        """A cell of 校验, its rows counted from the first instance."""
        return Address(CHECKS, CHECKS_TOP + row, column)

    def place(self, operand: Operand) -> Address:
        """Where a formula finds a figure."""
        if operand.prior:
            return self.prior(operand.item)
        return self.layout.address(operand.item)

    def applies(self, one: Instance) -> bool:
        """Whether a rule says anything of this unit: its category, last year's figures known.

        A rule on trial troubles no unit: the collector alone looks at it.
        """
        if one.rule.trial:
            return False
        categories = one.rule.categories
        known = all(p in self.subject.priors for p in one.priors)
        return known and (not categories or self.subject.category in categories)

    def concerned(self, one: Instance) -> list[int]:
        """The items that a rule instance rests on, totals and inputs."""
        return sorted({*one.cells, *one.leaves})

    def pending(self, one: Instance) -> int:
        """How many of its inputs are blank in the fresh workbook."""
        return sum(self.numbers[i] is None for i in one.leaves)

    def state(self, one: Instance) -> State:
        """How a rule stands in the fresh workbook."""
        if not self.applies(one):
            return State.NOT_APPLICABLE
        if self.pending(one):
            return State.INCOMPLETE
        return State.BALANCED if self.difference(one) == 0 else State.OFF

    def sides(self, one: Instance) -> tuple[Number, Number]:
        """Both sides of a rule in the fresh workbook."""
        size = len(self.numbers)
        prior = [self.subject.priors.get(i) for i in range(size)] if one.priors else ()
        return one.left.value(self.numbers, prior), one.right.value(self.numbers, prior)

    def difference(self, one: Instance) -> Number:
        """Left less right in the fresh workbook."""
        left, right = self.sides(one)
        return left - right

    def amounts(self, one: Instance) -> bool:
        """Whether decimals are added."""
        items = self.layout.form.items
        return not all(items[i].whole for i in one.cells)

    def ranges(self, items: Sequence[int], home: str = "") -> list[str]:
        """The cells of items as ranges for a formula."""
        return rectangles([self.layout.address(i) for i in items], home)


def none_cell(draft: Draft, table: str) -> Address:
    """The drop-down 本年无此项 of a table."""
    tables = [t.key for t in draft.layout.form.tables]
    return Address(COVER, PROGRESS_HEAD + 1 + tables.index(table), NONE_COLUMN)


def blanks(ranges: Sequence[str]) -> str:
    """A formula for the number of blank cells; COUNTBLANK takes one range at a time."""
    return "+".join(f"COUNTBLANK({r})" for r in ranges)


def odd(ranges: Sequence[str], count: int) -> str:
    """A formula for the number of cells that are neither numbers nor blank."""
    return f"{count}-COUNT({','.join(ranges)})-" + "-".join(f"COUNTBLANK({r})" for r in ranges)


def fresh(layout: Layout, subject: Subject) -> tuple[dict[int, Number], list[Number | None]]:
    """Prefilled inputs, and every figure as a fresh workbook shows it."""
    form = layout.form
    filled = {
        item: subject.priors[prior]
        for item, prior in form.carried.items()
        if prior in subject.priors
    }
    numbers: list[Number | None] = [filled.get(i.index) for i in form.items]
    known: list[Number] = [0 if n is None else n for n in numbers]
    for total, add in prepare(form).totals:
        known[total] = numbers[total] = add(known)
    return filled, numbers
