"""A form made ready for judging: its sums as functions, what rests on what, in which order.

All of it is the same for every return of the form, and prepared once.
"""

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from functools import lru_cache
from operator import itemgetter

from xltools.model.form import Form, Instance
from xltools.model.formula import Linear, holds
from xltools.model.numbers import Number, tidy

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
class Plan:
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
def prepare(form: Form) -> Plan:
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
    return Plan(
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
