"""Whom a workbook is for, what it holds from the start, and what its formulas come to before
anybody types.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from xltools.layout.places import Layout
from xltools.model.cells import Address
from xltools.model.evaluate import Judgement, assess
from xltools.model.form import (
    Form,
    Instance,
    Item,
    ItemType,
    Table,
)
from xltools.model.numbers import Number, stored
from xltools.model.returns import Return, RuleState, Status
from xltools.template.cell_entry import CellEntry, entry_of, wrongs


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """What a workbook is to hold from the start, as a return gave it.

    ``figures``: inputs by item number; one that is not there is blank. ``none``: tables declared
    to have nothing; ``zero``: blanks count as zero. ``texts`` by name, a paragraph a line;
    ``explanations`` by ``CODE@item``, ``explained``: lines of the list that ends 校验 (code, cell,
    words). ``date`` as typed, or YYYY-MM-DD.
    """

    figures: Mapping[int, Number]
    zero: bool = False
    none: frozenset[str] = frozenset()
    texts: Mapping[str, str] = field(default_factory=dict)
    explanations: Mapping[str, str] = field(default_factory=dict)
    explained: Sequence[tuple[str, str, str]] = ()
    filler: str = ""
    phone: str = ""
    date: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """A line of 问题. ``kind``: what is asked for, in a word; ``cells``: of this workbook, that
    it links to; ``code``: of the finding, ``about``: the cells that an answer speaks of (none: all
    of the code); ``mend``: no answer will do, something has to be mended.
    """

    kind: str
    cells: tuple[Address, ...]
    text: str
    code: str = ""
    about: tuple[Address, ...] = ()
    mend: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Issues:
    """The sheet 问题: what is to be done, and ``lost``: (where, what stood there) of entries that
    could not be taken over. ``more``, ``more_lost``: how many are not listed.
    """

    lines: tuple[Issue, ...]
    lost: tuple[tuple[str, str], ...] = ()
    more: int = 0
    more_lost: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Whom a workbook is for. ``priors``: last year's figures by item number, as far as known.

    ``limit``: how long its texts may be, as ``Unit.limit``.
    ``answers``: digests of the documents that it goes back for, and that are out of date once it
    is returned.
    ``start``: what it holds from the start; without it, what is carried over from last year.
    ``marks``: notes on cells that somebody has to look at, by the name of the item or text, by
    the key of the table (its 本年无此项), or by ``CODE@item`` (its 情况说明). ``issues``: what the
    sheet 问题 says; without them there is none.
    """

    year: int
    unit: str = ""
    code: str = ""
    category: str = ""
    text: str = "选填"
    limit: int | None = None
    priors: Mapping[int, Number] = field(default_factory=dict)
    start: Start | None = None
    marks: Mapping[str, str] = field(default_factory=dict)
    issues: Issues | None = None
    answers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRule:
    """A table's inputs of one kind must be numbers such as ``sample`` takes; or (without one) be
    empty as declared.
    """

    table: Table
    sample: Item | None
    items: tuple[int, ...]


def entry_rules(form: Form) -> list[EntryRule]:
    """The rules about entries of all tables, in the order of their rows on 校验."""
    rules, kinds = [], list(ItemType)
    for table in form.tables:
        inputs = form.inputs(table.key)
        samples: dict[tuple[str, ...], Item] = {}
        for item in sorted(inputs, key=lambda i: kinds.index(i.type)):
            samples.setdefault(wrongs(item), item)
        for wrong, sample in samples.items():
            items = tuple(i.index for i in inputs if wrongs(i) == wrong)
            rules.append(EntryRule(table=table, sample=sample, items=items))
        rules.append(EntryRule(table=table, sample=None, items=tuple(i.index for i in inputs)))
    return rules


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRow:
    """A row of 校验: both sides, how many of its cells are still blank (``pending``), and how bad
    it is (RANK, 0 to 2). ``applies``: whether the rule is about this unit at all.
    """

    left: Number = 0
    right: Number = 0
    pending: int = 0
    difference: Number = 0
    explained: bool = False
    applies: bool = True

    @property
    def rank(self) -> int:
        """0: nothing to do; 1: not filled in; 2: off."""
        if self.pending:
            return 1
        return 2 if self.difference and not self.explained else 0

    @property
    def off(self) -> Number:
        """By how much, where it has to be mended."""
        return self.difference if self.rank == 2 else 0

    @property
    def state(self) -> int | float | str:
        """What its state cell holds."""
        if self.pending:
            return RuleState.INCOMPLETE.value
        if self.difference and self.explained:
            return RuleState.EXPLAINED.value
        return stored(self.difference)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """``numbers``: every item, totals computed (blank inputs None). By table: ``declared``
    (blanks count as zero), ``blanks`` now and in a template with nothing filled in (``waiting``).
    ``rows``: of 校验, by rule instance; ``entries``: its further rows. ``states``: of every item.
    """

    numbers: Sequence[Number | None]
    declared: Mapping[str, bool]
    blanks: Mapping[str, int]
    waiting: Mapping[str, int]
    rows: tuple[CheckRow, ...]
    entries: tuple[CheckRow, ...]
    states: Sequence[CellEntry]

    def complete(self, table: str) -> bool:
        """Whether nothing of a table is left to be filled in."""
        return self.declared[table] or not self.blanks[table]

    @property
    def ranks(self) -> list[int]:
        """Of all rows of 校验."""
        return [row.rank for row in (*self.rows, *self.entries)]


def opening(layout: Layout, subject: Subject) -> Opening:
    """Work out what a subject's workbook shows."""
    form, start = layout.form, subject.start
    carried = {
        item: subject.priors[prior]
        for item, prior in form.carried.items()
        if prior in subject.priors
    }
    filled = carried if start is None else start.figures
    inputs = [filled.get(i.index) if i.formula is None else None for i in form.items]
    assessment = assess(form, _unfilled(subject, inputs), category=subject.category)
    numbers = [
        assessment.totals[i.index] if i.formula is not None else inputs[i.index] for i in form.items
    ]
    tables = {t.key: [i.index for i in form.inputs(t.key)] for t in form.tables}
    none = frozenset[str]() if start is None else start.none
    zero = start is not None and start.zero
    declared = {key: zero or key in none for key in tables}
    states = [
        entry_of(i, numbers, year=subject.year, last=subject.priors.get(i.index, 0))
        for i in form.items
    ]
    entries = []
    for rule in entry_rules(form):
        given = [i for i in rule.items if numbers[i] is not None]
        if rule.sample is None:
            full = sum(numbers[i] != 0 for i in given) if rule.table.key in none else 0
            entries.append(CheckRow(left=full, difference=full))
        else:
            off = sum(states[i] is CellEntry.WRONG for i in given)
            entries.append(
                CheckRow(
                    left=len(given),
                    right=len(given) - off,
                    difference=off,
                    # What is wrong comes before what is missing on these rows.
                    pending=0 if off or declared[rule.table.key] else len(rule.items) - len(given),
                )
            )
    return Opening(
        numbers=numbers,
        declared=declared,
        blanks={key: sum(numbers[i] is None for i in items) for key, items in tables.items()},
        waiting={key: sum(i not in carried for i in items) for key, items in tables.items()},
        rows=tuple(map(_row, assessment.judgements)),
        entries=tuple(entries),
        states=states,
    )


def _unfilled(subject: Subject, inputs: Sequence[Number | None]) -> Return:
    """The return that a workbook would be if it came back as it goes out."""
    start = subject.start or Start(figures={})
    return Return(
        identity=None,
        numbers=inputs,
        statuses=[Status.BLANK if n is None else Status.GIVEN for n in inputs],
        places=[None] * len(inputs),
        zero=start.zero,
        none=start.none,
        explanations=start.explanations,
        priors=subject.priors,
    )


def _row(judgement: Judgement) -> CheckRow:
    # A rule on trial troubles no unit: the collector alone looks at it.
    if judgement.state is RuleState.NOT_APPLICABLE or judgement.instance.rule.trial:
        return CheckRow(applies=False)
    return CheckRow(
        left=judgement.left or 0,
        right=judgement.right or 0,
        pending=judgement.blanks,
        difference=judgement.difference or 0,
        explained=judgement.state is RuleState.EXPLAINED,
    )


def explained(subject: Subject, form: Form, instance: Instance) -> bool:
    """Whether a workbook has an explanation of a rule at a place from the start."""
    given = {} if subject.start is None else subject.start.explanations
    return bool(given.get(form.key_of(instance), "").strip())
