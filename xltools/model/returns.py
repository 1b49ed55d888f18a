"""A return as it was read, and what is made of many: values with their places."""

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
    """What an item's cell gave: a number, nothing, a mark for nothing (/ 无), or no number."""

    GIVEN = "given"
    BLANK = "blank"
    VOID = "void"
    UNREADABLE = "unreadable"


class RuleState(Enum):
    """How a rule stands at one place; the words that the workbook shows."""

    INCOMPLETE = "未填完"
    OFF = "差"
    BALANCED = "平衡"
    NOT_NUMBER = "非数字"
    EXPLAINED = "已说明"
    NOT_APPLICABLE = "不适用"


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """One item of a return, with where it was read and what stood there."""

    item: int
    status: Status
    number: Number | None
    address: Address | None
    found: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A place as a unit names it: the ``items`` (and texts) by name that it may mean, and the
    ``cell`` as it was typed (``表二!B16``, without its sheet ``B16``), empty where it was a label.
    """

    items: tuple[str, ...] = ()
    cell: str = ""

    @property
    def certain(self) -> bool:
        """Whether it can mean one place only."""
        return len(self.items) == 1 or (not self.items and "!" in self.cell)


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A line in which a unit explains something: of the list that ends 校验, or of 问题.

    ``typed``: the code and the cell as they stand there; ``words``: what is explained; ``place``:
    the cell of the words. ``code``: as the catalogue or the form has it, empty for none that is
    known. ``about``: the places that it names; none: wherever the code is. ``rows``: of a rule of
    the form, the rows of 校验 (``CODE@item``) that it explains.
    """

    place: Address
    words: str
    typed: tuple[str, str] = ("", "")
    code: str = ""
    about: tuple[Named, ...] = ()
    rows: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Return:
    """One workbook read. Lists run over the items of the form, by number; they may be views of
    packed arrays (``xltools.model.packed``).

    ``numbers``: as found (inputs as read; totals as typed or cached, None when neither);
    ``statuses`` alike. ``typed``: totals that hold a typed figure instead of a formula.
    ``places``: the cell of each item (None where its table was not found). ``found``: what
    stood in a cell, where that differs from the number. ``priors``: last year's figures that
    the template carried, by item. ``explanations``: what the unit wrote of rules, by
    ``CODE@item`` of a rule instance's anchor; ``explained``: what it wrote in lines of their own,
    of whatever code. ``lines``: of a text, the cell of each of its lines,
    where known. ``missing``: tables that were not found.
    ``title``: what stands above the tables, which may name the unit and the year. ``named``: the
    bodies that other places of a document name, by place (网页标题, 落款). ``document``:
    read from a document (Word, PDF, web page, text) rather than a workbook. ``other``: the name
    of the edition whose labels its tables have, where that is another than it was read for.
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
        """A return of which nothing was read: no table was found, all items are blank."""
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
        """Raise ArgumentError unless the lists run over the items of this form."""
        if len(self.numbers) != len(form.items):
            raise ArgumentError(
                f"the return has {len(self.numbers)} items, form {form.name} {len(form.items)}: "
                "it was read with another form"
            )

    @property
    def stated_unit(self) -> str:
        """The unit by what was filled in, else by what its template was made for; else empty."""
        return self.unit or (self.identity.unit if self.identity is not None else "")

    @property
    def stated_year(self) -> int:
        """The year by what was filled in, else by what its template was made for; else 0."""
        return self.year or (self.identity.year if self.identity is not None else 0)

    @property
    def stated_units(self) -> tuple[str, ...]:
        """All names that it gives its unit, the one that its template was made for first."""
        made_for = self.identity.unit if self.identity is not None else ""
        return tuple(name for name in (made_for, self.unit) if name)

    def value(self, item: int) -> Value:
        """An item with its provenance."""
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
        """The return as a DataFrame: a row an item (index its name) of the form it was read with.

        Columns: 部分, 行 and 列 as printed; 数值 (float, NaN where there is no number; ``numbers``
        has the exact figures), 状态 (a value of ``Status``), 工作表 and 单元格 (empty where the
        item was not found), 内容 (what stands in the cell). Raises MissingPandasError without
        pandas (``xltools[pandas]``), ArgumentError for another form.
        """
        self.require_form(form)
        statuses = [status.value for status in self.statuses]
        return figures_by_item(form, self.numbers, statuses, self.places, self.found)
