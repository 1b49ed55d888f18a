"""One cause, one finding: imbalances that follow from others, and slips of the hand that explain
some.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from xltools.checks.case import CheckContext
from xltools.model.evaluate import Figures, Judgement, prepare
from xltools.model.form import Form, Instance, Severity
from xltools.model.formula import holds
from xltools.model.numbers import Number
from xltools.model.returns import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """A figure that explains an imbalance of its row and one of its column.

    ``right``: what it would have to be.
    """

    row: Judgement
    column: Judgement
    item: int
    right: Number


def causes(
    form: Form,
    off: Sequence[Judgement],
    judgements: Sequence[Judgement],
    figures: Figures,
    totals: Sequence[Number | None],
) -> tuple[Judgement, ...]:
    """Those imbalances of ``off`` that do not follow from others of them, in order.

    An imbalance follows only from one that weighs as much, and that either stands itself or
    follows from one further down; so of fatal ones one always stands.
    """
    if len(off) < 2:
        return tuple(off)
    siblings = prepare(form).siblings
    left = {j.instance.index: _left(form, j, off, figures, totals) for j in off}
    return tuple(
        j
        for j in off
        if left[j.instance.index] != 0
        and not _summed(j, siblings.get(j.instance.index, ()), judgements, left)
    )


def _left(
    form: Form,
    one: Judgement,
    off: Sequence[Judgement],
    figures: Figures,
    totals: Sequence[Number | None],
) -> Number:
    """What is left of an imbalance when totals whose own rules are off are put right."""
    rule, plan = one.instance.rule, prepare(form)
    blamed = {
        j.instance.anchor
        for j in off
        if j.instance.rule.total and rule.severity in (j.instance.rule.severity, Severity.QUERY)
    }
    corrected = list(figures)
    for cell in one.instance.cells:
        total, put_right = plan.totals.get(cell), totals[cell]
        if total is None or put_right is None or (rule.total and cell == one.instance.anchor):
            continue
        if not blamed.isdisjoint(total.totals):
            corrected[cell] = put_right
    return plan.rules[one.instance.index].sides(corrected)[2]


def _summed(
    one: Judgement,
    siblings: Sequence[tuple[int, int]],
    judgements: Sequence[Judgement],
    left: Mapping[int, Number],
) -> bool:
    """Whether an imbalance is the sum of those on the lines that its line is computed from."""
    if one.instance.rule.total:
        return False  # a wrong total on such a line is one more cell to mend, in one finding
    if not any(at in left for _, at in siblings):
        return False
    if any(at not in left and judgements[at].difference != 0 for _, at in siblings):
        return False
    return left[one.instance.index] == sum(sign * left.get(at, 0) for sign, at in siblings)


def crossings(
    form: Form, off: Sequence[Judgement], figures: Figures, typed: frozenset[int]
) -> tuple[Crossing, ...]:
    """Figures each of which alone explains one imbalance of its row and one of its column.

    ``typed``: totals that hold a figure of their own. Where a row or column could be paired in
    two ways, or with two cells, nothing is said.
    """
    found: list[Crossing] = []
    weights = [weights_of(form, j.instance, typed) for j in off]
    for a, one in enumerate(off):
        for b, other in enumerate(off):
            if one.instance.along == "column" and other.instance.along == "row":
                for item in weights[a].keys() & weights[b].keys():
                    first, second = weights[a][item], weights[b][item]
                    assert one.difference is not None, "an imbalance"
                    assert other.difference is not None, "an imbalance"
                    right = figures[item] - one.difference * first
                    same = one.difference * first == other.difference * second
                    if abs(first) == abs(second) == 1 and same and right >= 0:
                        found.append(Crossing(row=one, column=other, item=item, right=right))
    uses = Counter(j.instance.index for c in found for j in (c.row, c.column))
    return tuple(
        c for c in found if uses[c.row.instance.index] == uses[c.column.instance.index] == 1
    )


def weights_of(form: Form, one: Instance, typed: frozenset[int]) -> Counter[int]:
    """How each figure that somebody typed moves the difference of a rule.

    ``typed``: totals that hold a figure of their own.
    """
    totals, found = prepare(form).totals, Counter[int]()
    for side, linear in ((1, one.left), (-1, one.right)):
        for o in linear.operands:
            if not o.prior:
                total = totals.get(o.item) if o.item not in typed else None
                for item, weight in total.weights.items() if total else ((o.item, 1),):
                    found[item] += side * o.sign * weight
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """A figure that stands in two neighbouring cells, as 10 in 1 and 0.

    ``joined``: what it is. ``off``: the imbalances that joining the two repairs.
    """

    first: int
    second: int
    joined: int
    off: tuple[Judgement, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two lines that are off by opposite amounts, while the line computed from both is not."""

    first: Judgement
    second: Judgement


def split(case: CheckContext, off: Sequence[Judgement], typed: frozenset[int]) -> Split | None:
    """The one figure that, put together again, repairs some of the fatal imbalances ``off``.

    None when no two neighbours do, or several could. The joined figure may belong into either
    of the two cells; every fatal rule that looks at them must hold then.
    """
    if not off:
        return None
    rules = [j for j in case.assessment.judgements if j.instance.rule.severity is Severity.FATAL]
    moves = {j.instance.index: weights_of(case.form, j.instance, typed) for j in rules}
    wanted = {i for j in off for i in moves[j.instance.index]}
    found: list[Split] = []
    for first, second, joined in _neighbours(case):
        if first not in wanted and second not in wanted:
            continue
        near = [j for j in rules if _moved(moves[j.instance.index], first, second)]
        a, b = (case.assessment.figures[i] for i in (first, second))
        for changes in ((joined - a, -b), (-a, joined - b)):
            steps = dict(zip((first, second), changes, strict=True))
            if all(_holds(j, moves[j.instance.index], steps) for j in near):
                own = tuple(j for j in off if j in near)
                found.append(Split(first=first, second=second, joined=joined, off=own))
                break
        if len(found) > 1:
            return None
    return found[0] if found and found[0].off else None


def _neighbours(case: CheckContext) -> Iterator[tuple[int, int, int]]:
    """Inputs that stand side by side in a row, and the figure that both make when joined."""
    numbers, statuses = case.ret.numbers, case.ret.statuses
    items = case.form.items
    for one, other in pairwise(items):
        if (one.table, one.row) != (other.table, other.row):
            continue
        if one.formula is not None or other.formula is not None:
            continue
        if any(statuses[i.index] is not Status.GIVEN for i in (one, other)):
            continue
        a, b = numbers[one.index], numbers[other.index]
        if isinstance(a, int) and isinstance(b, int) and a > 0 and b >= 0:
            yield one.index, other.index, int(f"{a}{b}")


def _moved(weights: Counter[int], *items: int) -> bool:
    return any(weights[i] for i in items)


def _holds(one: Judgement, weights: Counter[int], steps: dict[int, Number]) -> bool:
    """Whether a rule holds when some figures are changed by so much."""
    if one.left is None or one.right is None:
        return False
    moved = sum(weights[item] * step for item, step in steps.items())
    return holds(one.left + moved, one.instance.op, one.right)


def opposite(case: CheckContext, off: Sequence[Judgement]) -> Iterator[Pair]:
    """Pairs of imbalances of one relation that cancel out on the line computed from both.

    Three columns that together cancel out, or two of the same amount on one side, leave open
    which belong together: these stay single findings.
    """
    judgements = case.assessment.judgements
    at = {j.instance.index: j for j in off if not j.instance.rule.total}
    for total, lines in prepare(case.form).siblings.items():
        if judgements[total].difference != 0:
            continue
        sides = [(sign, at[index]) for sign, index in lines if index in at]
        amounts = [(sign * (j.difference or 0), j) for sign, j in sides]
        counts = Counter(amount for amount, _ in amounts)
        for number, (amount, one) in enumerate(amounts):
            for against, other in amounts[number + 1 :]:
                if against == -amount and counts[amount] == counts[against] == 1:
                    del at[one.instance.index], at[other.instance.index]
                    yield Pair(first=one, second=other)
