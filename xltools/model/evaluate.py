"""Figures against the rules of their form: totals recomputed, and how each rule stands; the sum of
many returns.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from functools import lru_cache
from operator import itemgetter

from xltools.model.form import Form, Instance, Severity
from xltools.model.formula import Linear, holds
from xltools.model.numbers import Number, tidy
from xltools.model.returns import Return, RuleState, Status

Figures = Sequence[Number]
"""Figures by item number, those of this year and, after them, those of last year."""

# Wide enough for the sum of the largest and the smallest number that a cell can hold.
EXACT = Context(prec=800)
_STEP = Decimal("0.000001")  # the workbook rounds to the same place


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """A rule instance made ready. ``watched``: the cells that must be numbers and filled."""

    one: Instance
    left: Callable[[Figures], Number]
    right: Callable[[Figures], Number]
    amount: bool
    watched: frozenset[int]

    def weigh(self, figures: Figures) -> tuple[Number, Number, Number]:
        """Left side, right side, and their difference: 0 means that the rule holds."""
        left, right = self.left(figures), self.right(figures)
        if self.amount:
            left, right = rounded(left), rounded(right)
        difference = left - right
        if self.one.op != "==" and holds(left, self.one.op, right):
            difference = 0
        if isinstance(difference, Decimal):
            difference = tidy(difference)
        return left, right, difference


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationPlan:
    """A form made ready."""

    scales: tuple[Scale, ...]
    totals: tuple[tuple[int, Callable[[Figures], Number]], ...]  # each after what it rests on
    leaves: Mapping[int, frozenset[int]]  # of totals, each after what it rests on
    # Of an instance on a computed line (总计): its rule on the lines added up, with signs.
    siblings: Mapping[int, Sequence[tuple[int, int]]]
    tables: Mapping[str, frozenset[int]]
    priors: tuple[int, ...]


def rounded(number: Number) -> Number:
    """A sum of amounts as the workbook rounds it."""
    if isinstance(number, Decimal):
        return tidy(number.quantize(_STEP, ROUND_HALF_UP, EXACT))
    return number


# A program works with few forms; the bound is for tests, which make many.
@lru_cache(maxsize=16)
def prepare(form: Form) -> EvaluationPlan:
    """What is the same for all returns of a form."""
    formulas = {i.index: i.formula for i in form.items if i.formula is not None}
    below: dict[int, frozenset[int]] = {}
    while len(below) < len(formulas):  # no circles: the declaration refuses them
        for at, formula in formulas.items():
            parts = [o.item for o in formula.operands]
            if at not in below and not any(p in formulas and p not in below for p in parts):
                below[at] = frozenset(x for p in parts for x in below.get(p, (p,)))
    count = len(form.items)
    made = tuple(
        Scale(
            one=one,
            left=_adder(one.left, count),
            right=_adder(one.right, count),
            amount=not all(form.items[i].whole for i in one.cells),
            watched=frozenset((*one.leaves, *(i for i in one.cells if i in formulas))),
        )
        for one in form.instances
    )
    tables: dict[str, set[int]] = {}
    for item in form.items:
        tables.setdefault(item.table, set()).add(item.index)
    return EvaluationPlan(
        scales=made,
        totals=tuple((at, _adder(formulas[at], count)) for at in below),
        leaves=below,
        siblings=_siblings(form),
        tables={key: frozenset(items) for key, items in tables.items()},
        priors=form.priors,
    )


def explained_by_lines(
    form: Form, differences: Sequence[Number | None], off: Set[int], explained: Set[int]
) -> frozenset[int]:
    """Imbalances that the explanations given for other lines explain: one on a computed line
    (总计) that is no more than the sum of those on the lines added up, all of them explained.

    ``differences`` by rule instance, None where nothing can be said; ``off``, ``explained``:
    instances out of balance that may be explained, and those that were.
    """
    siblings, done = prepare(form).siblings, set(explained)
    waiting = {i for i in off - done if i in siblings}
    while True:
        more = {
            i
            for i in waiting - done
            if off.isdisjoint(at for _, at in siblings[i] if at not in done)
            and all(differences[at] is not None for _, at in siblings[i])
            and differences[i] == sum(sign * (differences[at] or 0) for sign, at in siblings[i])
        }
        if not more:
            return frozenset(done - explained)
        done |= more


def consistent(form: Form, figures: Mapping[int, Number]) -> dict[int, Number]:
    """Known figures, each total replaced by the sum of its parts where all of these are known."""
    known = dict(figures)
    with localcontext(EXACT):
        for total in prepare(form).leaves:
            formula = form.items[total].formula
            assert formula is not None, "leaves has totals only"
            if all(o.item in known for o in formula.operands):
                value = sum(o.sign * known[o.item] for o in formula.operands)
                known[total] = tidy(value) if isinstance(value, Decimal) else value
    return known


def _siblings(form: Form) -> Mapping[int, Sequence[tuple[int, int]]]:
    at = {(i.rule.code, i.line): i.index for i in form.instances}
    siblings: dict[int, list[tuple[int, int]]] = {}
    for one in form.instances:
        lines = _lines(form, one)
        if lines and all((one.rule.code, line) in at for _, line in lines):
            siblings[one.index] = [(sign, at[one.rule.code, line]) for sign, line in lines]
    return siblings


def _lines(form: Form, one: Instance) -> list[tuple[int, str]]:
    """The headings that the line of an instance is computed from, with signs; none for most."""
    table = form.items[one.anchor].table
    for item in form.items:
        on_line = one.line == (item.column if one.along == "row" else item.row)
        if item.table != table or item.formula is None or not one.along or not on_line:
            continue
        parts = [(o.sign, form.items[o.item]) for o in item.formula.operands]
        if one.along == "row" and all(p.row == item.row for _, p in parts):
            return [(sign, p.column) for sign, p in parts]
        if one.along == "column" and all(p.column == item.column for _, p in parts):
            return [(sign, p.row) for sign, p in parts]
    return []


def _adder(linear: Linear, count: int) -> Callable[[Figures], Number]:
    """A sum as a function of figures; those of last year stand ``count`` places further on."""
    signs: dict[int, list[int]] = {1: [], -1: []}
    for o in linear.operands:
        signs[o.sign].append(o.item + (count if o.prior else 0))
    plus, minus, constant = _picker(signs[1]), _picker(signs[-1]), linear.constant
    if minus is None:
        return lambda figures: sum(plus(figures), constant) if plus else constant
    return lambda figures: sum(plus(figures) if plus else (), constant) - sum(minus(figures))


def _picker(places: Sequence[int]) -> Callable[[Figures], tuple[Number, ...]] | None:
    if len(places) > 1:
        return itemgetter(*places)
    return (lambda figures: (figures[places[0]],)) if places else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """How a rule stands at one place.

    The sides and their difference are None where nothing can be said (不适用, 非数字). With
    blank cells they are what comes out when blanks count as zero.
    """

    instance: Instance
    state: RuleState
    left: Number | None = None
    right: Number | None = None
    difference: Number | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """All judgements of a return, with the figures they rest on.

    ``figures``: the operands, this year's and last year's; ``totals``: as ``recomputed``;
    ``blanks``: cells left blank that no declaration covers.
    """

    judgements: tuple[Judgement, ...]
    figures: Figures
    totals: tuple[Number | None, ...]
    blanks: frozenset[int]


def recomputed(form: Form, ret: Return) -> tuple[Number | None, ...]:
    """The figures of a return with every total recomputed from the inputs, by item number.

    Blank and void inputs are 0, unreadable ones None, and so are the totals that rest on them.
    """
    plan, statuses = prepare(form), ret.statuses
    figures: list[Number] = [0 if number is None else number for number in ret.numbers]
    with localcontext(EXACT):
        for total, add in plan.totals:
            value = add(figures)
            figures[total] = tidy(value) if isinstance(value, Decimal) else value
    if Status.UNREADABLE not in statuses:
        return tuple(figures)
    odd = {i for i, s in enumerate(statuses) if s is Status.UNREADABLE and i not in plan.leaves}
    resting = {total for total, leaves in plan.leaves.items() if not odd.isdisjoint(leaves)}
    return tuple(None if i in odd or i in resting else x for i, x in enumerate(figures))


def judge(
    form: Form,
    ret: Return,
    *,
    category: str = "",
    prior: Sequence[Number | None] | None = None,
) -> tuple[Judgement, ...]:
    """How every rule instance of the form stands, in order; the sheet 校验 says the same.

    ``category``: of the unit, empty when not known. ``prior``: last year's figures by item
    number; without them, those that the template carried.
    """
    return assess(form, ret, category=category, prior=prior).judgements


def assess(
    form: Form,
    ret: Return,
    *,
    category: str = "",
    prior: Sequence[Number | None] | None = None,
) -> Assessment:
    """As ``judge``, with the figures. Blank totals are what their inputs give."""
    plan, statuses, totals = prepare(form), ret.statuses, recomputed(form, ret)
    if prior is None:
        prior = [ret.priors.get(i) for i in range(len(form.items))]
    figures: list[Number] = [0 if x is None else x for x in (*totals, *prior)]
    for i in ret.typed:
        if (number := ret.numbers[i]) is not None:
            figures[i] = number
    odd: set[int] = set()
    if Status.UNREADABLE in statuses:
        unreadable = {i for i, s in enumerate(statuses) if s is Status.UNREADABLE}
        odd = {i for i in unreadable if i not in plan.leaves or i in ret.typed}
    blanks = _blanks(plan, ret)
    unknown = {i for i in plan.priors if prior[i] is None}
    judgements = []
    with localcontext(EXACT):
        for scale in plan.scales:
            one = scale.one
            categories = one.rule.categories
            if (categories and category not in categories) or not unknown.isdisjoint(one.priors):
                judgements.append(Judgement(instance=one, state=RuleState.NOT_APPLICABLE))
                continue
            if not odd.isdisjoint(scale.watched):
                judgements.append(Judgement(instance=one, state=RuleState.NOT_NUMBER))
                continue
            left, right, difference = scale.weigh(figures)
            if not blanks.isdisjoint(scale.watched):
                state = RuleState.INCOMPLETE
            elif difference == 0:
                state = RuleState.BALANCED
            elif one.rule.severity is Severity.QUERY and explanation(form, ret, one):
                state = RuleState.EXPLAINED
            else:
                state = RuleState.OFF
            judgements.append(
                Judgement(instance=one, state=state, left=left, right=right, difference=difference)
            )
    if any(j.state is RuleState.EXPLAINED for j in judgements):
        judgements = _by_lines(form, judgements)
    return Assessment(judgements=tuple(judgements), figures=figures, totals=totals, blanks=blanks)


def _by_lines(form: Form, judgements: Sequence[Judgement]) -> list[Judgement]:
    """What was explained on each line needs no explanation on their total."""
    asked = [j for j in judgements if j.instance.rule.severity is Severity.QUERY]
    explained = explained_by_lines(
        form,
        [j.difference for j in judgements],
        {j.instance.index for j in asked if j.state in (RuleState.OFF, RuleState.EXPLAINED)},
        {j.instance.index for j in asked if j.state is RuleState.EXPLAINED},
    )
    return [
        replace(j, state=RuleState.EXPLAINED) if j.instance.index in explained else j
        for j in judgements
    ]


def explanation(form: Form, ret: Return, one: Instance) -> str:
    """What the unit wrote about a rule at a place."""
    if not ret.explanations:
        return ""
    return ret.explanations.get(f"{one.rule.code}@{form.items[one.anchor].name}", "").strip()


def _blanks(plan: EvaluationPlan, ret: Return) -> frozenset[int]:
    """Blank inputs, and blank totals without a formula, whose table is not declared."""
    if ret.zero or Status.BLANK not in ret.statuses:
        return frozenset()
    covered = {i for table in ret.none for i in plan.tables.get(table, ())}
    return frozenset(
        i
        for i, status in enumerate(ret.statuses)
        if status is Status.BLANK and i not in covered and (i not in plan.leaves or i in ret.typed)
    )


def merge(form: Form, returns: Iterable[Sequence[Number]]) -> tuple[Number | None, ...]:
    """The sums of figures, item by item; exact, in whatever order the returns come. None for an
    item that is not to be added up.

    Each return has a number for every item; its totals are not looked at.
    """
    sums: list[Number] = [0] * len(form.items)
    inputs = [i.index for i in form.inputs()]
    with localcontext(EXACT):
        for numbers in returns:
            for item in inputs:
                sums[item] = sums[item] + numbers[item]
        for total, add in prepare(form).totals:
            sums[total] = add(sums)
    return tuple(n if i.summed else None for i, n in zip(form.items, sums, strict=True))
