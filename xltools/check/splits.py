"""Slips of the hand that explain imbalances: a figure in two cells, a case in the wrong column.

One cause is one finding: what is explained here takes the place of the plain findings.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from xltools.check.case import Case
from xltools.check.consequences import weights_of
from xltools.model.evaluate import Judgement, prepare
from xltools.model.form import Severity
from xltools.model.formula import holds
from xltools.model.numbers import Number
from xltools.model.returns import Status


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


def split(case: Case, off: Sequence[Judgement], typed: frozenset[int]) -> Split | None:
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


def _neighbours(case: Case) -> Iterator[tuple[int, int, int]]:
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


def opposite(case: Case, off: Sequence[Judgement]) -> Iterator[Pair]:
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
