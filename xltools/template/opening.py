"""Whom a workbook is for, what it contains from the start, and what its formulas give before
anybody types.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from xltools.layout.places import Layout
from xltools.model.assessment import Judgement, assess
from xltools.model.cells import Address
from xltools.model.collector import NOBODY, Collector
from xltools.model.form import (
    Form,
    Instance,
    Item,
    ItemType,
    Table,
)
from xltools.model.numbers import Number, stored
from xltools.model.returns import Return, RuleState, Status
from xltools.model.roster import Texts
from xltools.template.cell_entry import CellEntry, entry_of, wrongs


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """What a workbook contains from the start, taken from a return.

    ``figures``: of inputs, by item number; inputs not in it are blank. ``zero``: whether blanks
    count as 0; ``none``: the keys of tables declared to have no cases. ``texts``: by the name of
    the text, one paragraph in each line. ``explanations``: of rules, by ``CODE@item``;
    ``explained``: of other findings, the lines at the end of 校验 as (code, cell, words). ``date``:
    as it was typed, or YYYY-MM-DD.
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
    """A line of the sheet 问题.

    ``kind``: what is asked for, in a word; ``text``: the problem and its remedy; ``cells``: the
    cells of this workbook to which the line links. ``code``: of the findings that it is about;
    ``about``: the cells that an answer refers to, empty where it refers to all findings of the
    code. ``mend``: whether something must be corrected, so that an explanation alone is not enough.
    """

    kind: str
    cells: tuple[Address, ...]
    text: str
    code: str = ""
    about: tuple[Address, ...] = ()
    mend: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Issues:
    """The content of the sheet 问题. ``lines``: what the unit must do; ``lost``: entries of its
    return that could not be carried over, as (where, content). ``unlisted`` and ``unlisted_lost``:
    how many more there are of each that are not listed.
    """

    lines: tuple[Issue, ...]
    lost: tuple[tuple[str, str], ...] = ()
    unlisted: int = 0
    unlisted_lost: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Whom a workbook is for, and what it shows.

    ``year``: the year that the return reports on; ``unit``, ``code`` and ``category``: as in the
    roster, empty for a workbook that any unit may fill in. ``text``: whether texts are asked for;
    ``limit``: how long they may be, see `Unit`. ``priors``: last year's figures by item number, as
    far as they are known. ``start``: what the workbook contains from the start; None for only what
    is carried over from last year.

    ``marks``: notes on cells that somebody must look at, by the name of the item or text, by the
    key of the table for its 本年无此项, or by ``CODE@item`` for the 情况说明 of a rule. ``issues``:
    the content of the sheet 问题; None for a workbook without it. ``answers``: digests of documents
    that are out of date once this workbook comes back. ``collector``: who collects, for the cover.
    """

    year: int
    unit: str = ""
    code: str = ""
    category: str = ""
    text: Texts = Texts.OPTIONAL
    limit: int | None = None
    priors: Mapping[int, Number] = field(default_factory=dict)
    start: Start | None = None
    marks: Mapping[str, str] = field(default_factory=dict)
    issues: Issues | None = None
    answers: tuple[str, ...] = ()
    collector: Collector = NOBODY


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRule:
    """A rule about the entries of a table, which has its own row on 校验. Either the inputs
    ``items`` (item numbers) must hold numbers that the input ``sample`` would accept; or, where
    ``sample`` is None, they must hold no figures when the table is declared to have no cases.
    """

    table: Table
    sample: Item | None
    items: tuple[int, ...]


# A program uses only a few forms; the bound is for tests, which make many.
@lru_cache(maxsize=16)
def entry_rules(form: Form) -> tuple[EntryRule, ...]:
    """The rules about the entries of all tables, in the order of their rows on 校验."""
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
    return tuple(rules)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRow:
    """What a row of 校验 shows when the workbook is opened.

    ``left`` and ``right``: both sides of the rule; ``pending``: how many of its cells are still
    blank; ``difference``: by how much it is off, 0 where it holds; ``explained``: whether the
    difference is explained. ``applies``: False for a rule that does not apply to this unit or is on
    trial.
    """

    left: Number = 0
    right: Number = 0
    pending: int = 0
    difference: Number = 0
    explained: bool = False
    applies: bool = True

    @property
    def rank(self) -> int:
        """0 where there is nothing to do, 1 where cells are blank, 2 where the rule is violated and
        not explained.
        """
        if self.pending:
            return 1
        return 2 if self.difference and not self.explained else 0

    @property
    def off(self) -> Number:
        """The difference where it must be corrected (rank 2), otherwise 0."""
        return self.difference if self.rank == 2 else 0

    @property
    def state(self) -> int | float | str:
        """The content of the state cell: a word such as 未填完, or the difference."""
        if self.pending:
            return RuleState.INCOMPLETE.value
        if self.difference and self.explained:
            return RuleState.EXPLAINED.value
        return stored(self.difference)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What a workbook shows when it is opened.

    ``subject``: whom it is for. ``numbers``: the figures by item number, totals computed, None for
    blank inputs; ``states``: what each item's cell contains. By the key of a table: ``declared``,
    whether its blanks count as 0; ``blanks``, how many of its inputs are blank; ``waiting``, how
    many would be blank with only what is carried over from last year. ``rows``: the rows of 校验
    for rules, by instance; ``entries``: the rows behind these, one for each of `entry_rules`;
    ``ranks``: the ranks of all these rows, from top to bottom.
    """

    subject: Subject
    numbers: Sequence[Number | None]
    declared: Mapping[str, bool]
    blanks: Mapping[str, int]
    waiting: Mapping[str, int]
    rows: tuple[CheckRow, ...]
    entries: tuple[CheckRow, ...]
    ranks: tuple[int, ...]
    states: Sequence[CellEntry]

    def complete(self, table: str) -> bool:
        """Whether a table (its key) is complete: none of its inputs is blank, or its blanks count
        as 0.
        """
        return self.declared[table] or not self.blanks[table]


@lru_cache(maxsize=16)
def _carried(form: Form) -> Mapping[int, int]:
    """`Form.carried`, which is made anew each time it is asked for."""
    return form.carried


@lru_cache(maxsize=16)
def inputs_of(form: Form) -> Mapping[str, tuple[int, ...]]:
    """The inputs (item numbers) of each table, by its key."""
    return {table.key: tuple(i.index for i in form.inputs(table.key)) for table in form.tables}


def opening(layout: Layout, subject: Subject) -> Opening:
    """Compute what the workbook of a subject shows when it is opened."""
    form, start = layout.form, subject.start
    carried = {
        item: subject.priors[prior]
        for item, prior in _carried(form).items()
        if prior in subject.priors
    }
    filled = carried if start is None else start.figures
    inputs = [filled.get(i.index) if i.formula is None else None for i in form.items]
    assessment = assess(form, _unfilled(subject, inputs), category=subject.category)
    numbers = [
        assessment.totals[i.index] if i.formula is not None else inputs[i.index] for i in form.items
    ]
    tables = inputs_of(form)
    none = frozenset[str]() if start is None else start.none
    zero = start is not None and start.zero
    declared = {key: zero or key in none for key in tables}
    states = [
        entry_of(i, numbers, year=subject.year, last=subject.priors.get(i.index, 0))
        for i in form.items
    ]
    rows = tuple(map(_row, assessment.judgements))
    of_entries = tuple(
        _entry_row(rule, numbers, states, none, declared) for rule in entry_rules(form)
    )
    return Opening(
        subject=subject,
        numbers=numbers,
        declared=declared,
        blanks={key: sum(numbers[i] is None for i in items) for key, items in tables.items()},
        waiting={key: sum(i not in carried for i in items) for key, items in tables.items()},
        rows=rows,
        entries=of_entries,
        ranks=tuple(row.rank for row in (*rows, *of_entries)),
        states=states,
    )


def _entry_row(
    rule: EntryRule,
    numbers: Sequence[Number | None],
    states: Sequence[CellEntry],
    none: frozenset[str],
    declared: Mapping[str, bool],
) -> CheckRow:
    """The row of 校验 for a rule about entries. ``numbers`` and ``states``: by item number;
    ``none``: the keys of tables declared to have no cases; ``declared``: by the key of a table,
    whether its blanks count as 0.
    """
    filled = [item for item in rule.items if numbers[item] is not None]
    if rule.sample is None:
        figures = sum(numbers[i] != 0 for i in filled) if rule.table.key in none else 0
        return CheckRow(left=figures, difference=figures)
    wrong = sum(states[item] is CellEntry.WRONG for item in filled)
    blank = len(rule.items) - len(filled)
    return CheckRow(
        left=len(filled),
        right=len(filled) - wrong,
        difference=wrong,
        # What is wrong comes before what is missing on these rows.
        pending=0 if wrong or declared[rule.table.key] else blank,
    )


def _unfilled(subject: Subject, inputs: Sequence[Number | None]) -> Return:
    """The return that the workbook would give if it came back unchanged. ``inputs``: its figures by
    item number, None for blanks and totals.
    """
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
    """The row of 校验 for a judged rule. A rule on trial is shown as not applying, because only the
    people who collect the returns see its result.
    """
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
    """Whether the workbook contains an explanation of a rule at a place from the start."""
    explanations = {} if subject.start is None else subject.start.explanations
    return bool(explanations.get(form.key_of(instance), "").strip())
