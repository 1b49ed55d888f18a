"""Evaluate the totals and rules of a form: the only place where this is done.

Totals are computed from the inputs, each one after the totals that it adds up; then every rule is
compared at each of its places. The template uses this to find what its formulas show before anybody
types, the checks to judge a unit's return, and the summary to compute the district's sums.
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
"""Numbers by item number: those of this year, followed by those of last year."""

# Wide enough for the sum of the largest and the smallest number that a cell can hold.
EXACT = Context(prec=800)
_STEP = Decimal("0.000001")  # the workbook rounds to the same place


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedRule:
    """A rule instance whose two sides can be computed by functions of figures.

    ``amount``: amounts of money are among the figures, so both sides are rounded. ``watched``: the
    items whose cells must be filled in with numbers before anything can be said about the rule: the
    inputs that it depends on, and the totals that it names.
    """

    instance: Instance
    left: Callable[[Figures], Number]
    right: Callable[[Figures], Number]
    amount: bool
    watched: frozenset[int]

    def sides(self, figures: Figures) -> tuple[Number, Number, Number]:
        """The left side, the right side, and their difference, which is 0 if the rule holds (also
        if it is a ``<=`` or ``>=`` whose sides differ).
        """
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

    ``add``: that function. ``parts``: the items that the formula names. ``totals``: the item itself
    and all totals that it depends on. ``weights``: all inputs that it depends on, each with the
    number of times it is counted, negative if it is subtracted.
    """

    item: int
    add: Callable[[Figures], Number]
    parts: tuple[int, ...]
    totals: frozenset[int]
    weights: Mapping[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationPlan:
    """What has to be known of a form to evaluate any of its returns.

    ``rules``: in the order of the form's instances. ``totals``: by item number, in an order in
    which they can be computed. ``siblings``: for an instance on a computed row or column (such as
    总计), the numbers of the instances of the same rule on the rows or columns that are added up
    there, each with its sign (1 or -1). ``tables``: the items of each table, by its key.
    ``priors``: the items of which some rule uses last year's figure.
    """

    rules: tuple[PreparedRule, ...]
    totals: Mapping[int, PreparedTotal]
    siblings: Mapping[int, Sequence[tuple[int, int]]]
    tables: Mapping[str, frozenset[int]]
    priors: tuple[int, ...]

    def leaves(self, item: int) -> Set[int]:
        """The inputs that an item depends on; for an input, the item itself."""
        total = self.totals.get(item)
        return {item} if total is None else total.weights.keys()

    def compute(self, figures: list[Number]) -> None:
        """Replace every total in ``figures`` by the result of its formula. To be called in the
        decimal context ``EXACT``; in any other the results may be rounded.
        """
        for item, total in self.totals.items():
            figures[item] = _tidied(total.add(figures))


def rounded(number: Number) -> Number:
    """A sum of amounts, rounded to six decimals as in the workbook; an int is returned as it is."""
    if isinstance(number, Decimal):
        return tidy(number.quantize(_STEP, ROUND_HALF_UP, EXACT))
    return number


def _tidied(number: Number) -> Number:
    """A Decimal tidied, see `numbers.tidy`; an int as it is."""
    return tidy(number) if isinstance(number, Decimal) else number


# A program uses only a few forms; the bound is for tests, which make many.
@lru_cache(maxsize=16)
def prepare(form: Form) -> EvaluationPlan:
    """The evaluation plan of a form; it is made once for each form and kept."""
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
    """Prepare the totals of a form, by item number, in the order of computation."""
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
    """Prepare one rule instance."""
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
    """The ``siblings`` of the plan, where the rule is also judged on all lines that are added
    up.
    """
    numbers = {(i.rule.code, i.line): i.index for i in form.instances}
    siblings: dict[int, list[tuple[int, int]]] = {}
    for instance in form.instances:
        code = instance.rule.code
        lines = _lines(form, instance)
        if lines and all((code, line) in numbers for _, line in lines):
            siblings[instance.index] = [(sign, numbers[code, line]) for sign, line in lines]
    return siblings


def _lines(form: Form, instance: Instance) -> list[tuple[int, str]]:
    """The keys of the rows or columns that are added up on the line of an instance, each with its
    sign; empty if the instance is not on a computed line.
    """
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
    """A fast form of ``Linear.value``: a function of figures without gaps, in which those of last
    year begin at position ``count``.
    """
    signs: dict[int, list[int]] = {1: [], -1: []}
    for o in linear.operands:
        signs[o.sign].append(o.item + (count if o.prior else 0))
    plus, minus, constant = _picker(signs[1]), _picker(signs[-1]), linear.constant
    if minus is None:
        return lambda figures: sum(plus(figures), constant) if plus else constant
    return lambda figures: sum(plus(figures) if plus else (), constant) - sum(minus(figures))


def _picker(places: Sequence[int]) -> Callable[[Figures], tuple[Number, ...]] | None:
    """A function that picks the numbers at some positions of figures; None for no positions."""
    if len(places) > 1:
        return itemgetter(*places)
    return (lambda figures: (figures[places[0]],)) if places else None


def recomputed(form: Form, ret: Return) -> tuple[Number | None, ...]:
    """The figures of a return by item number, with every total recomputed from the inputs.

    Blank and void inputs count as 0. Unreadable inputs are None, and so are all totals that depend
    on one.
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
    """Some known figures by item number, completed by every total whose parts are all known.

    ``keep``: totals that are already among the figures stay as they are; otherwise these are
    recomputed too.
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
    """Add up the figures of several returns, item by item; totals are computed from the sums of the
    inputs. The sums are exact and do not depend on the order of the returns.

    ``returns``: for each return, a number for every item of the form; the numbers of totals are not
    used. The result is None for an item whose figures must not be added up over units.
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
    """Whether a rule holds at one place.

    ``left`` and ``right``: the values of its two sides; ``difference``: left minus right, 0 if the
    rule holds. All three are None if the rule cannot be evaluated (不适用, 非数字). Blank cells
    count as 0 in them; ``blanks`` is the number of blank cells among those of the rule.
    """

    instance: Instance
    state: RuleState
    left: Number | None = None
    right: Number | None = None
    difference: Number | None = None
    blanks: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """All judgements of a return, with the figures that they were computed from.

    ``figures``: this year's numbers by item, followed by last year's, 0 for each one that is blank
    or not known. ``totals``: the result of ``recomputed``. ``blanks``: the items that are blank
    although no declaration of the unit (such as 本年无此项) covers them.
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
    """Judge every rule instance of the form on a return, in their order. The sheet 校验 of the
    workbook computes the same.

    ``category``: that of the unit, for rules that are only for some categories; empty if not known.
    ``prior``: last year's figures by item number; None to use those that the template carried.
    """
    return assess(form, ret, category=category, prior=prior).judgements


def judge_sums(
    form: Form, sums: Sequence[Number | None], prior: Sequence[Number | None]
) -> tuple[Judgement, ...]:
    """Judge the rules on a district's sums, as ``merge`` returns them, and last year's. Rules about
    figures that are not added up over units do not apply.
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
    """Do the same as ``judge``, and return the figures as well. A total counts with the result of
    its formula, unless the unit typed a number over that.
    """
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
    """The items that are blank although they have to be filled in: inputs, and totals whose formula
    was deleted, unless the unit declared that its blanks are zeros or that it has nothing to report
    in the table.
    """
    if ret.zero or Status.BLANK not in ret.statuses:
        return frozenset()
    covered = {i for table in ret.none for i in plan.tables.get(table, ())}
    return frozenset(
        i
        for i, status in enumerate(ret.statuses)
        if status is Status.BLANK and i not in covered and (i not in plan.totals or i in ret.typed)
    )


def explanation(form: Form, ret: Return, instance: Instance) -> str:
    """What the unit wrote to explain why a rule does not hold at a place; empty if nothing."""
    if not ret.explanations:
        return ""
    return ret.explanations.get(form.key_of(instance), "").strip()


def _by_lines(plan: EvaluationPlan, judgements: Sequence[Judgement]) -> list[Judgement]:
    """The judgements, with the state EXPLAINED also for those that follow from explained ones.

    A difference on a computed line (such as 总计) needs no explanation of its own if it is the sum
    of the differences on the lines that are added up there, and all of these are explained.
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
