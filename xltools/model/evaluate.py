"""The one evaluator of a form's totals and rules.

Totals are computed from the inputs in one order, each after the totals that it adds up; every
rule is then compared at each of its places. The template uses this for what its formulas show
before anybody types, the checks for a unit's return, and the summary for the district's sum.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from functools import lru_cache
from operator import itemgetter

from xltools.model.form import Form, Instance, Severity
from xltools.model.formula import Linear, holds, in_order
from xltools.model.numbers import Number, tidy
from xltools.model.returns import Return, RuleState, Status

Figures = Sequence[Number]
"""Figures by item number, those of this year and, after them, those of last year."""

# Wide enough for the sum of the largest and the smallest number that a cell can hold.
EXACT = Context(prec=800)
_STEP = Decimal("0.000001")  # the workbook rounds to the same place


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedRule:
    """A rule instance whose two sides are functions of figures.

    ``amount``: both sides are rounded, because amounts of money are among them. ``watched``: the
    items whose cells must be filled in, and with numbers, before the rule says anything: the
    inputs that it rests on, and the totals that it names.
    """

    instance: Instance
    left: Callable[[Figures], Number]
    right: Callable[[Figures], Number]
    amount: bool
    watched: frozenset[int]

    def sides(self, figures: Figures) -> tuple[Number, Number, Number]:
        """Left side, right side, and their difference: 0 means that the rule holds."""
        left, right = self.left(figures), self.right(figures)
        if self.amount:
            left, right = rounded(left), rounded(right)
        difference = left - right
        if self.instance.op != "==" and holds(left, self.instance.op, right):
            difference = 0
        return left, right, _tidied(difference)


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedTotal:
    """A computed item whose formula is a function of figures.

    ``parts``: the items that the formula names. ``totals``: itself and the totals that it rests
    on. ``weights``: how often each input counts in it, with sign; its keys are all inputs that it
    rests on.
    """

    item: int
    add: Callable[[Figures], Number]
    parts: tuple[int, ...]
    totals: frozenset[int]
    weights: Mapping[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationPlan:
    """What the evaluation of any return of a form needs to know of the form.

    ``rules``: by number of their instance. ``totals``: by item, in the order of computation.
    ``siblings``: of an instance that stands on a computed line (总计), the instances of the same
    rule on the lines that this one is computed from, each with its sign. ``tables``: the items of
    each table. ``priors``: the items of last year that some rule looks at.
    """

    rules: tuple[PreparedRule, ...]
    totals: Mapping[int, PreparedTotal]
    siblings: Mapping[int, Sequence[tuple[int, int]]]
    tables: Mapping[str, frozenset[int]]
    priors: tuple[int, ...]

    def leaves(self, item: int) -> Set[int]:
        """The inputs that an item rests on; of an input, itself."""
        total = self.totals.get(item)
        return {item} if total is None else total.weights.keys()

    def compute(self, figures: list[Number]) -> None:
        """Replace every total in ``figures`` by what its parts give. Exact only in ``EXACT``."""
        for item, total in self.totals.items():
            figures[item] = _tidied(total.add(figures))


def rounded(number: Number) -> Number:
    """A sum of amounts as the workbook rounds it."""
    if isinstance(number, Decimal):
        return tidy(number.quantize(_STEP, ROUND_HALF_UP, EXACT))
    return number


def _tidied(number: Number) -> Number:
    return tidy(number) if isinstance(number, Decimal) else number


# A program works with few forms; the bound is for tests, which make many.
@lru_cache(maxsize=16)
def prepare(form: Form) -> EvaluationPlan:
    """The plan of a form, made once."""
    tables: dict[str, set[int]] = {}
    for item in form.items:
        tables.setdefault(item.table, set()).add(item.index)
    totals = _totals(form)
    return EvaluationPlan(
        rules=tuple(_rule(form, instance) for instance in form.instances),
        totals=totals,
        siblings=_siblings(form),
        tables={key: frozenset(items) for key, items in tables.items()},
        priors=form.priors,
    )


def _totals(form: Form) -> dict[int, PreparedTotal]:
    formulas = {i.index: i.formula for i in form.items if i.formula is not None}
    totals: dict[int, PreparedTotal] = {}
    for item in in_order(formulas):
        weights: dict[int, int] = {}
        below = {item}
        for operand in formulas[item].operands:
            part = totals.get(operand.item)
            if part is not None:
                below |= part.totals
            for leaf, weight in part.weights.items() if part else ((operand.item, 1),):
                weights[leaf] = weights.get(leaf, 0) + operand.sign * weight
        totals[item] = PreparedTotal(
            item=item,
            add=_adder(formulas[item], len(form.items)),
            parts=tuple(operand.item for operand in formulas[item].operands),
            totals=frozenset(below),
            weights=weights,
        )
    return totals


def _rule(form: Form, instance: Instance) -> PreparedRule:
    items, count = form.items, len(form.items)
    totals = (i for i in instance.cells if items[i].formula is not None)
    return PreparedRule(
        instance=instance,
        left=_adder(instance.left, count),
        right=_adder(instance.right, count),
        amount=not all(items[i].whole for i in instance.cells),
        watched=frozenset((*instance.leaves, *totals)),
    )


def _siblings(form: Form) -> Mapping[int, Sequence[tuple[int, int]]]:
    numbers = {(i.rule.code, i.line): i.index for i in form.instances}
    siblings: dict[int, list[tuple[int, int]]] = {}
    for instance in form.instances:
        code = instance.rule.code
        lines = _lines(form, instance)
        if lines and all((code, line) in numbers for _, line in lines):
            siblings[instance.index] = [(sign, numbers[code, line]) for sign, line in lines]
    return siblings


def _lines(form: Form, instance: Instance) -> list[tuple[int, str]]:
    """The headings that the line of an instance is computed from, with signs; none for most."""
    table, along = form.items[instance.anchor].table, instance.along
    for item in form.items:
        on_line = instance.line == (item.column if along == "row" else item.row)
        if item.table != table or item.formula is None or not along or not on_line:
            continue
        parts = [(o.sign, form.items[o.item]) for o in item.formula.operands]
        if along == "row" and all(p.row == item.row for _, p in parts):
            return [(sign, p.column) for sign, p in parts]
        if along == "column" and all(p.column == item.column for _, p in parts):
            return [(sign, p.row) for sign, p in parts]
    return []


def _adder(linear: Linear, count: int) -> Callable[[Figures], Number]:
    """``Linear.value`` made fast: a function of figures that have no gaps. Those of last year
    stand ``count`` places further on.
    """
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


def recomputed(form: Form, ret: Return) -> tuple[Number | None, ...]:
    """The figures of a return with every total recomputed from the inputs, by item number.

    Blank and void inputs are 0, unreadable ones None, and so are the totals that rest on them.
    """
    plan, statuses = prepare(form), ret.statuses
    figures: list[Number] = [0 if number is None else number for number in ret.numbers]
    with localcontext(EXACT):
        plan.compute(figures)
    if Status.UNREADABLE not in statuses:
        return tuple(figures)
    unread = {i for i, s in enumerate(statuses) if s is Status.UNREADABLE and i not in plan.totals}
    unread |= {i for i, t in plan.totals.items() if not unread.isdisjoint(t.weights)}
    return tuple(None if i in unread else number for i, number in enumerate(figures))


def with_totals(
    form: Form, figures: Mapping[int, Number], *, keep: bool = False
) -> dict[int, Number]:
    """Known figures by item, with each total whose parts are all known. ``keep``: totals that are
    known stay as they are; else they are recomputed as well.
    """
    known = dict(figures)
    count = len(form.items)
    values: list[Number] = [known.get(i, 0) for i in range(count)]
    with localcontext(EXACT):
        for item, total in prepare(form).totals.items():
            if not (keep and item in known) and all(part in known for part in total.parts):
                known[item] = values[item] = _tidied(total.add(values))
    return known


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
        for item in inputs:
            sums[item] = _tidied(sums[item])
        prepare(form).compute(sums)
    return tuple(n if i.summed else None for i, n in zip(form.items, sums, strict=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """How a rule stands at one place.

    The sides and their difference are None where nothing can be said (不适用, 非数字). With
    blank cells they are what comes out when blanks count as zero; ``blanks`` is how many there
    are.
    """

    instance: Instance
    state: RuleState
    left: Number | None = None
    right: Number | None = None
    difference: Number | None = None
    blanks: int = 0


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


def judge_sums(
    form: Form, sums: Sequence[Number | None], prior: Sequence[Number | None]
) -> tuple[Judgement, ...]:
    """How the rules stand on a district's own figures, as ``merge`` gives them, against those of
    last year. Rules about figures that are not added up do not apply.
    """
    district = Return(
        identity=None,
        numbers=sums,
        statuses=[Status.GIVEN] * len(sums),
        places=[None] * len(sums),
    )
    return tuple(
        Judgement(instance=j.instance, state=RuleState.NOT_APPLICABLE)
        if any(sums[i] is None for i in j.instance.cells)
        else j
        for j in judge(form, district, prior=prior)
    )


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
    unread: set[int] = set()
    if Status.UNREADABLE in statuses:
        unread = {
            i
            for i, status in enumerate(statuses)
            if status is Status.UNREADABLE and (i not in plan.totals or i in ret.typed)
        }
    blanks = _blanks(plan, ret)
    unknown = {i for i in plan.priors if prior[i] is None}
    judgements = []
    with localcontext(EXACT):
        for rule in plan.rules:
            instance = rule.instance
            categories = instance.rule.categories
            if (categories and category not in categories) or not unknown.isdisjoint(
                instance.priors
            ):
                judgements.append(Judgement(instance=instance, state=RuleState.NOT_APPLICABLE))
                continue
            if not unread.isdisjoint(rule.watched):
                judgements.append(Judgement(instance=instance, state=RuleState.NOT_NUMBER))
                continue
            left, right, difference = rule.sides(figures)
            blank = 0 if blanks.isdisjoint(rule.watched) else len(blanks & rule.watched)
            if blank:
                state = RuleState.INCOMPLETE
            elif difference == 0:
                state = RuleState.BALANCED
            elif instance.rule.severity is Severity.QUERY and explanation(form, ret, instance):
                state = RuleState.EXPLAINED
            else:
                state = RuleState.OFF
            judgements.append(
                Judgement(
                    instance=instance,
                    state=state,
                    left=left,
                    right=right,
                    difference=difference,
                    blanks=blank,
                )
            )
    if any(j.state is RuleState.EXPLAINED for j in judgements):
        judgements = _by_lines(plan, judgements)
    return Assessment(judgements=tuple(judgements), figures=figures, totals=totals, blanks=blanks)


def _blanks(plan: EvaluationPlan, ret: Return) -> frozenset[int]:
    """Blank inputs, and blank totals without a formula, whose table is not declared."""
    if ret.zero or Status.BLANK not in ret.statuses:
        return frozenset()
    covered = {i for table in ret.none for i in plan.tables.get(table, ())}
    return frozenset(
        i
        for i, status in enumerate(ret.statuses)
        if status is Status.BLANK and i not in covered and (i not in plan.totals or i in ret.typed)
    )


def explanation(form: Form, ret: Return, instance: Instance) -> str:
    """What the unit wrote about a rule at a place."""
    if not ret.explanations:
        return ""
    return ret.explanations.get(form.key_of(instance), "").strip()


def _by_lines(plan: EvaluationPlan, judgements: Sequence[Judgement]) -> list[Judgement]:
    """The judgements with those explained that explanations given for other lines explain.

    An imbalance on a computed line (总计) needs no explanation of its own where it is the sum of
    those on the lines added up, and all of these are explained.
    """
    asked = [j for j in judgements if j.instance.rule.severity is Severity.QUERY]
    explained = {j.instance.index for j in asked if j.state is RuleState.EXPLAINED}
    off = {j.instance.index for j in asked if j.state is RuleState.OFF} | explained
    differences = [j.difference for j in judgements]

    def follows(index: int) -> bool:
        lines = plan.siblings[index]
        return (
            off.isdisjoint(at for _, at in lines if at not in explained)
            and all(differences[at] is not None for _, at in lines)
            and differences[index] == sum(sign * (differences[at] or 0) for sign, at in lines)
        )

    waiting = {index for index in off - explained if index in plan.siblings}
    while following := {index for index in waiting if follows(index)}:
        explained |= following
        waiting -= following
    return [
        replace(j, state=RuleState.EXPLAINED) if j.instance.index in explained else j
        for j in judgements
    ]
