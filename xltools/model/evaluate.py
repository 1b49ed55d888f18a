"""Evaluate the totals of a form, and the two sides of its rules: the only place where this is done.

Totals are computed from the inputs, each one after the totals that it adds up; then every rule can
be compared at each of its places (see `assessment`). The template uses this to find what its
formulas show before anybody types, the checks to judge a unit's return, and the summary to compute
the district's sums.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from functools import lru_cache
from itertools import pairwise
from operator import add, itemgetter

from xltools.model.form import Form, Instance
from xltools.model.formula import Linear, holds, in_order
from xltools.model.numbers import Number, tidy
from xltools.model.packed import having, or_zero
from xltools.model.returns import Return, Status

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
    inputs that it depends on, and the totals that it names. ``weights``: by input, how much the
    difference of the rule changes when the input's figure grows by 1 and all totals follow; inputs
    that change nothing are left out. ``implied``: both sides are the same sum of inputs, so the
    rule holds whatever the inputs are, as long as every total is what its formula gives.
    """

    instance: Instance
    left: Callable[[Figures], Number]
    right: Callable[[Figures], Number]
    amount: bool
    watched: frozenset[int]
    weights: Mapping[int, int]
    implied: bool

    def sides(self, figures: Figures) -> tuple[Number, Number, Number]:
        """The left side, the right side, and their difference, which is 0 if the rule holds (also
        if it is a ``<=`` or ``>=`` whose sides differ).
        """
        return self.compared(self.left(figures), self.right(figures))

    def compared(self, left: Number, right: Number) -> tuple[Number, Number, Number]:
        """The result of `sides` for the sums on both sides."""
        if self.amount:
            left, right = rounded(left), rounded(right)
        if left == right or (self.instance.op != "==" and holds(left, self.instance.op, right)):
            return left, right, 0
        return left, right, _tidied(left - right)


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedTotal:
    """A computed item whose formula is a function of figures.

    ``add``: that function. ``parts``: the items that the formula names. ``totals``: the item itself
    and all totals that it depends on. ``weights``: all inputs that it depends on, each with the
    number of times it is counted, negative if it is subtracted.
    """

    item: int
    add: Callable[[Figures], Number]
    parts: frozenset[int]
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
    priors: frozenset[int]

    def leaves(self, item: int) -> Set[int]:
        """The inputs that an item depends on; for an input, the item itself."""
        total = self.totals.get(item)
        return {item} if total is None else total.weights.keys()

    def compute(self, figures: list[Number]) -> None:
        """Replace every total in ``figures`` by the result of its formula. To be called in the
        decimal context ``EXACT``; in any other the results may be rounded.
        """
        for item, total in self.totals.items():
            number = total.add(figures)
            figures[item] = number if type(number) is int else _tidied(number)


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
        rules=tuple(_rule(form, instance, totals) for instance in form.instances),
        totals=totals,
        siblings=_siblings(form),
        tables={key: frozenset(items) for key, items in tables.items()},
        priors=frozenset(form.priors),
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
            parts=frozenset(operand.item for operand in formulas[item].operands),
            totals=frozenset(below),
            weights=weights,
        )
    return totals


def _rule(form: Form, instance: Instance, totals: Mapping[int, PreparedTotal]) -> PreparedRule:
    """Prepare one rule instance. ``totals``: those of the form, by item number."""
    items, count = form.items, len(form.items)
    weights = weights_of(instance, totals)
    constant = instance.left.constant - instance.right.constant
    return PreparedRule(
        instance=instance,
        left=_adder(instance.left, count),
        right=_adder(instance.right, count),
        amount=not all(items[i].whole for i in instance.cells),
        watched=frozenset((*instance.leaves, *(i for i in instance.cells if i in totals))),
        weights=weights,
        implied=not weights and not instance.priors and not constant,
    )


def weights_of(instance: Instance, totals: Mapping[int, PreparedTotal]) -> dict[int, int]:
    """For each item of this year, by how much the difference of a rule changes when the item's
    figure grows by 1; items that change nothing are left out. ``totals``: those that follow from
    their inputs, by item number; any other item counts by itself.
    """
    weights = Counter[int]()
    for side, linear in ((1, instance.left), (-1, instance.right)):
        for operand in linear.operands:
            if not operand.prior:
                total = totals.get(operand.item)
                parts = {operand.item: 1} if total is None else total.weights
                for item, weight in parts.items():
                    weights[item] += side * operand.sign * weight
    return {item: weight for item, weight in weights.items() if weight}


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
    places: dict[int, list[int]] = {1: [], -1: []}
    for operand in linear.operands:
        places[operand.sign].append(operand.item + (count if operand.prior else 0))
    constant, single = linear.constant, places[1][:1]
    if single and not constant and len(linear.operands) == 1:
        return itemgetter(*single)
    plus, minus = _picker(places[1]), _picker(places[-1])
    if not places[-1]:
        return lambda figures: sum(plus(figures), constant)
    return lambda figures: sum(plus(figures), constant) - sum(minus(figures))


def _picker(places: Sequence[int]) -> Callable[[Figures], Sequence[Number]]:
    """A function that picks the numbers at some positions of figures, given in any order. Positions
    at equal distances, such as those of the cells of a row or a column, are picked by a slice.
    """
    if not places:
        return lambda figures: ()
    ordered = sorted(places)
    steps = {after - before for before, after in pairwise(ordered)} or {1}
    if len(steps) == 1 and (step := steps.pop()):
        return itemgetter(slice(ordered[0], ordered[-1] + 1, step))
    return itemgetter(*ordered)


def recomputed(form: Form, ret: Return) -> tuple[Number | None, ...]:
    """The figures of a return by item number, with every total recomputed from the inputs.

    Blank and void inputs count as 0. Unreadable inputs are None, and so are all totals that depend
    on one.
    """
    plan = prepare(form)
    figures = or_zero(ret.numbers)
    with localcontext(EXACT):
        plan.compute(figures)
    unread = {item for item in having(ret, Status.UNREADABLE) if item not in plan.totals}
    if not unread:
        return tuple(figures)
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
            if not (keep and item in known) and total.parts.issubset(known):
                known[item] = values[item] = _tidied(total.add(values))
    return known


def merge(form: Form, returns: Iterable[Sequence[Number]]) -> tuple[Number | None, ...]:
    """Add up the figures of several returns, item by item; totals are computed from the sums of the
    inputs. The sums are exact and do not depend on the order of the returns.

    ``returns``: for each return, a number for every item of the form; the numbers of totals are not
    used. The result is None for an item whose figures must not be added up over units.
    """
    sums: list[Number] = [0] * len(form.items)
    with localcontext(EXACT):
        for numbers in returns:
            sums = list(map(add, sums, numbers))
        sums = list(map(_tidied, sums))
        prepare(form).compute(sums)
    return tuple(n if i.summed else None for i, n in zip(form.items, sums, strict=True))
