"""A return as it was read: the values of the items with the places where they were found, and what
else the unit wrote.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Self

from xltools.model.cells import Address
from xltools.model.errors import ArgumentError
from xltools.model.findings import Finding
from xltools.model.form import Form
from xltools.model.frames import figures_by_item
from xltools.model.identity import Identity
from xltools.model.numbers import Number
from xltools.model.wording import NamingPlace

if TYPE_CHECKING:
    import pandas as pd


class Status(Enum):
    """What the cell of an item contained: a number, nothing, a mark for nothing to report (/ or
    无), or something that cannot be read as a number.
    """

    GIVEN = "given"
    BLANK = "blank"
    VOID = "void"
    UNREADABLE = "unreadable"


class RuleState(Enum):
    """The state of a rule at one place; the values are the words that the workbook shows."""

    INCOMPLETE = "未填完"
    OFF = "差"
    BALANCED = "平衡"
    NOT_NUMBER = "非数字"
    EXPLAINED = "已说明"
    NOT_APPLICABLE = "不适用"


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """The value of one item of a return. ``number``: None unless the cell gave one; ``address``:
    the cell, None if the item was not found; ``found``: the text of the cell.
    """

    item: int
    status: Status
    number: Number | None
    address: Address | None
    found: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A place that a unit names in an explanation. ``items``: the names of the items and texts that
    it may mean. ``cell``: the cell as it was typed (``表二!B16``, or ``B16`` without the sheet);
    empty if the unit wrote a label instead.
    """

    items: tuple[str, ...] = ()
    cell: str = ""

    @property
    def certain(self) -> bool:
        """Whether it can mean only one place."""
        return len(self.items) == 1 or (not self.items and "!" in self.cell)


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A line in which a unit explains something, either in the list at the end of 校验 or on 问题.

    ``typed``: the code and the cell as the unit typed them; ``words``: the explanation; ``place``:
    the cell that contains it. ``code``: the code that was recognised, empty if none was. ``about``:
    the places named; if there are none, every place with this code is meant. ``rows``: for a rule
    of the form, the rows of 校验 (``CODE@item``) that are explained.
    """

    place: Address
    words: str
    typed: tuple[str, str] = ("", "")
    code: str = ""
    about: tuple[Named, ...] = ()
    rows: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Return:
    """A workbook or document as it was read.

    ``numbers``, ``statuses`` and ``places`` have one entry for each item of the form, by its
    number; they may be packed (see ``xltools.model.packed``). ``numbers``: None if there is no
    number; for a total, the number typed over its formula or the formula's stored result.
    ``places``: the cell of each item, None if its table was not found. ``typed``: the totals that
    contain a typed figure instead of a formula. ``found``: by item number, the text of the cell
    where it differs from the number.

    ``zero``: the unit declared that blank cells are zeros; ``none``: the tables for which it
    declared that there is nothing to report; ``missing``: the tables that were not found.
    ``texts``: the prose by the name of the text; ``lines``: the cells of its lines, where known.
    ``explanations``: what the unit wrote in the rows of 校验, by ``CODE@item`` (see `Form.key_of`);
    ``explained``: what it wrote on lines of its own, about any code. ``priors``: last year's
    figures that the template carried, by item number.

    ``unit``, ``year``, ``filler``, ``phone`` and ``date``: what is filled in on 填报 or was found
    in the document; empty or 0 if nothing was. ``title``: the text above the tables, which may name
    unit and year. ``named``: what other places of a document give as the name of the unit, by
    place. ``document``: it was read from a document (Word, PDF, web page, text) and not from a
    workbook. ``other``: the name of another edition of the form, if its tables have the labels of
    that edition. ``findings``: what was noticed while reading.
    """

    identity: Identity | None
    numbers: Sequence[Number | None]
    statuses: Sequence[Status]
    places: Sequence[Address | None]
    typed: frozenset[int] = frozenset()
    found: Mapping[int, str] = field(default_factory=dict)
    zero: bool = False
    none: frozenset[str] = frozenset()
    missing: frozenset[str] = frozenset()
    texts: Mapping[str, str] = field(default_factory=dict)
    lines: Mapping[str, Sequence[Address]] = field(default_factory=dict)
    explanations: Mapping[str, str] = field(default_factory=dict)
    explained: tuple[Explanation, ...] = ()
    priors: Mapping[int, Number] = field(default_factory=dict)
    unit: str = ""
    year: int = 0
    filler: str = ""
    phone: str = ""
    date: str = ""
    title: str = ""
    named: Mapping[NamingPlace, str] = field(default_factory=dict)
    document: bool = False
    other: str = ""
    findings: tuple[Finding, ...] = ()

    @classmethod
    def empty(
        cls, form: Form, *, identity: Identity | None = None, findings: tuple[Finding, ...] = ()
    ) -> Self:
        """A return from which nothing was read: no table was found, and all items are blank."""
        count = len(form.items)
        return cls(
            identity=identity,
            numbers=(None,) * count,
            statuses=(Status.BLANK,) * count,
            places=(None,) * count,
            missing=frozenset(table.key for table in form.tables),
            findings=findings,
        )

    def require_form(self, form: Form) -> None:
        """Raise ArgumentError if the return has another number of items than this form, which shows
        that it was read with another form.
        """
        if len(self.numbers) != len(form.items):
            raise ArgumentError(
                f"the return has {len(self.numbers)} items, form {form.name} {len(form.items)}: "
                "it was read with another form"
            )

    @property
    def stated_unit(self) -> str:
        """The unit's name as it was filled in, or else as its template has it; empty if neither is
        there.
        """
        return self.unit or (self.identity.unit if self.identity is not None else "")

    @property
    def stated_year(self) -> int:
        """The year as it was filled in, or else as its template has it; 0 if neither is there."""
        return self.year or (self.identity.year if self.identity is not None else 0)

    @property
    def stated_units(self) -> tuple[str, ...]:
        """All names that the return gives its unit: that of the template, then the one filled in,
        as far as they are there.
        """
        made_for = self.identity.unit if self.identity is not None else ""
        return tuple(name for name in (made_for, self.unit) if name)

    def value(self, item: int) -> Value:
        """The value of an item (by its number), with its cell and the text of the cell."""
        number = self.numbers[item]
        shown = "" if number is None else str(number)
        return Value(
            item=item,
            status=self.statuses[item],
            number=number,
            address=self.places[item],
            found=self.found.get(item, shown),
        )

    def to_frame(self, form: Form) -> "pd.DataFrame":
        """The return as a DataFrame, with one row for each item (index 数据项, its name) of the
        form that it was read with.

        Columns: 部分, 行 and 列 as printed; 数值 (float, NaN if there is no number; ``numbers`` has
        the exact figures), 状态 (a value of ``Status``), 工作表 and 单元格 (empty if the item was
        not found), 内容 (what the cell contains). Raises MissingPandasError if pandas is not
        installed (``xltools[pandas]``), ArgumentError if ``form`` is another form.
        """
        self.require_form(form)
        statuses = [status.value for status in self.statuses]
        return figures_by_item(form, self.numbers, statuses, self.places, self.found)
