"""Find what a single typing mistake has put out of balance: one wrong figure in its row and its
column, a number typed into two cells, a number in the wrong row or column.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from xltools.checks.case import CheckContext
from xltools.model.assessment import Judgement
from xltools.model.evaluate import Figures, prepare, weights_of
from xltools.model.form import Form, Instance, Severity
from xltools.model.formula import holds
from xltools.model.numbers import Number
from xltools.model.returns import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """A single wrong figure that explains an imbalance of its row and one of its column. ``item``:
    its item number; ``right``: the value with which both would balance.
    """

    row: Judgement
    column: Judgement
    item: int
    right: Number


def crossings(
    form: Form, off: Sequence[Judgement], figures: Figures, typed: frozenset[int]
) -> tuple[Crossing, ...]:
    """The figures each of which alone explains one imbalance of its row and one of its column.

    ``typed``: the totals (item numbers) whose formula was replaced by a typed figure. An imbalance
    that several figures could explain, or that is explained together with several others, is left
    out.
    """
    rows = [(j, _weights(form, j.instance, typed)) for j in off if j.instance.along == "column"]
    if not rows:
        return ()
    columns = [(j, _weights(form, j.instance, typed)) for j in off if j.instance.along == "row"]
    candidates: list[Crossing] = []
    for row, row_weights in rows:
        for column, column_weights in columns:
            for item in row_weights.keys() & column_weights.keys():
                first, second = row_weights[item], column_weights[item]
                if row.difference is None or column.difference is None:
                    continue
                right = figures[item] - row.difference * first
                same = row.difference * first == column.difference * second
                if abs(first) == abs(second) == 1 and same and right >= 0:
                    candidates.append(Crossing(row=row, column=column, item=item, right=right))
    uses = Counter(j.instance.index for c in candidates for j in (c.row, c.column))
    return tuple(
        c for c in candidates if uses[c.row.instance.index] == uses[c.column.instance.index] == 1
    )


def _weights(form: Form, instance: Instance, typed: frozenset[int]) -> Mapping[int, int]:
    """For each item that was typed, by how much the difference of a rule changes when its figure
    grows by 1; items that change nothing are left out. ``typed``: the totals whose formula was
    replaced by a typed figure; other totals count by their inputs.
    """
    plan = prepare(form)
    if typed.isdisjoint(instance.cells):
        return plan.rules[instance.index].weights
    return weights_of(instance, {i: t for i, t in plan.totals.items() if i not in typed})


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """A number that was typed into two neighbouring cells by mistake, such as 10 as 1 and 0.
    ``first`` and ``second``: the item numbers; ``joined``: the number; ``off``: the imbalances that
    it repairs.
    """

    first: int
    second: int
    joined: int
    off: tuple[Judgement, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two lines of the same rule that are off by opposite amounts, so that the line computed from
    both balances.
    """

    first: Judgement
    second: Judgement


@dataclass(frozen=True, slots=True, kw_only=True)
class _Neighbours:
    """Inputs side by side in a row that the same fatal rules use in the same way. ``pairs``: the
    item numbers of each two.

    The rules, by the number of the instance: ``left`` are the equations that use only the input on
    the left, with its weight in them; ``right`` those that use only the one on the right;
    ``others`` all other rules, with both weights. ``rules``: all of them.
    """

    pairs: Sequence[tuple[int, int]]
    left: Sequence[tuple[int, int]]
    right: Sequence[tuple[int, int]]
    others: Sequence[tuple[int, int, int]]
    rules: frozenset[int]


@lru_cache(maxsize=64)
def _neighbours(form: Form, typed: frozenset[int]) -> Sequence[_Neighbours]:
    """All inputs of a form that stand side by side. ``typed``: as for `split`."""
    rules = [
        (instance.index, instance.op == "==", _weights(form, instance, typed))
        for instance in form.instances
        if instance.rule.severity is Severity.FATAL
    ]
    groups: dict[tuple[tuple[int, bool, int, int], ...], list[tuple[int, int]]] = {}
    for first, second in pairwise(form.items):
        in_row = (first.table, first.row) == (second.table, second.row)
        if in_row and first.formula is None and second.formula is None:
            a, b = first.index, second.index
            uses = tuple(
                (index, equation, weights.get(a, 0), weights.get(b, 0))
                for index, equation, weights in rules
                if a in weights or b in weights
            )
            groups.setdefault(uses, []).append((a, b))
    return [
        _Neighbours(
            pairs=pairs,
            left=[(index, a) for index, equation, a, b in uses if equation and not b],
            right=[(index, b) for index, equation, a, b in uses if equation and not a],
            others=[(index, a, b) for index, equation, a, b in uses if not equation or (a and b)],
            rules=frozenset(index for index, *_ in uses),
        )
        for uses, pairs in groups.items()
    ]


def split(case: CheckContext, off: Sequence[Judgement], typed: frozenset[int]) -> Split | None:
    """Find a number that was typed into two neighbouring cells, so that joining it repairs some of
    the fatal imbalances ``off``; None where there is none, or more than one is possible.

    The joined number may belong in either cell, and with it all fatal rules that use these cells
    must hold. ``typed``: the totals whose formula was replaced by a typed figure.
    """
    if not off:
        return None
    indices = {judgement.instance.index for judgement in off}
    numbers = case.numbers
    splits: list[Split] = []
    for group in _neighbours(case.form, typed):
        if group.rules.isdisjoint(indices):
            continue
        left, right = _surplus(case, group.left), _surplus(case, group.right)
        known = left is not None and right is not None
        for first, second in group.pairs:
            # Nearly always the cell that would become 0 shows at once that this is wrong.
            number = numbers[first]
            if not number or (known and number != left and numbers[second] != right):
                continue
            joined = _joined(case, group, first, second)
            if joined is not None:
                repaired = tuple(j for j in off if j.instance.index in group.rules)
                splits.append(Split(first=first, second=second, joined=joined, off=repaired))
                if len(splits) > 1:
                    return None
    return splits[0] if splits else None


def _surplus(case: CheckContext, rules: Sequence[tuple[int, int]]) -> Number | None:
    """The figure of an input that would have to become 0 for all equations to hold which use it
    (``rules``: number of the instance and weight); -1 where no figure would do. None where any may,
    as there are no such equations, or they do not tell.
    """
    surplus: Number | None = None
    for index, weight in rules:
        difference = case.assessment.differences.get(index)
        if difference is None:
            return -1
        if weight in (1, -1):
            if surplus is not None and surplus != difference * weight:
                return -1
            surplus = difference * weight
    return surplus


def _joined(case: CheckContext, group: _Neighbours, first: int, second: int) -> int | None:
    """The number that the digits of two neighbouring figures make when joined, if all fatal rules
    that use them hold with it in one of the two cells and 0 in the other; otherwise None.
    """
    a, b = case.numbers[first], case.numbers[second]
    if not (isinstance(a, int) and isinstance(b, int) and a > 0 and b >= 0):
        return None
    joined = int(f"{a}{b}")
    if not (_balanced(case, group, joined - a, -b) or _balanced(case, group, -a, joined - b)):
        return None
    given = case.ret.statuses
    return joined if given[first] is given[second] is Status.GIVEN else None


def _balanced(case: CheckContext, group: _Neighbours, first: int, second: int) -> bool:
    """Whether all fatal rules that use two figures would hold if the figures changed by ``first``
    and ``second``.
    """
    differences = case.assessment.differences
    for index, weight in group.left:
        if differences.get(index) != -weight * first:
            return False
    for index, weight in group.right:
        if differences.get(index) != -weight * second:
            return False
    return all(_holds(case, i, a * first + b * second) for i, a, b in group.others)


def _holds(case: CheckContext, index: int, moved: Number) -> bool:
    """Whether a rule would hold if its left side grew by ``moved``. ``index``: of its instance."""
    sides = case.assessment.sides(index)
    if sides is None:
        return False
    left, right, _ = sides
    return holds(left + moved, case.form.instances[index].op, right)


def opposite(case: CheckContext, off: Sequence[Judgement]) -> Iterator[Pair]:
    """Pairs of imbalances of the same rule that cancel out in the line that is computed from both.

    Where three imbalances cancel out together, or two have the same amount on the same side, it is
    not clear which belong together, and no pair is returned for them.
    """
    at = {j.instance.index: j for j in off if not j.instance.rule.total}
    if len(at) < 2:
        return
    for total, lines in prepare(case.form).siblings.items():
        sides = [(sign, at[index]) for sign, index in lines if index in at]
        if len(sides) < 2 or case.assessment.differences.get(total) != 0:
            continue
        amounts = [(sign * (j.difference or 0), j) for sign, j in sides]
        counts = Counter(amount for amount, _ in amounts)
        for number, (amount, judgement) in enumerate(amounts):
            for against, counterpart in amounts[number + 1 :]:
                if against == -amount and counts[amount] == counts[against] == 1:
                    del at[judgement.instance.index], at[counterpart.instance.index]
                    yield Pair(first=judgement, second=counterpart)
