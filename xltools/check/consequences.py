"""One cause, one finding: imbalances that follow from others are told apart from those that stand.

Three kinds follow. A rule is off because a typed total that it reads is wrong, which the total's
own rule says. A relation is off on a computed line (总计) by what its columns together are off.
And one wrong figure puts its row and its column off, where both have typed totals.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from xltools.model.evaluate import Figures, Judgement, prepare
from xltools.model.form import Form, Instance, Severity
from xltools.model.numbers import Number


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """A figure that explains an imbalance of its row and one of its column.

    ``right``: what it would have to be.
    """

    row: Judgement
    column: Judgement
    item: int
    right: Number


@dataclass(frozen=True, slots=True, kw_only=True)
class _Structure:
    """What hangs together in a form.

    ``below``: of a total, itself and the totals it rests on. ``weights``: of a total, how often
    each input counts in it.
    """

    below: Mapping[int, frozenset[int]]
    weights: Mapping[int, Mapping[int, int]]


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
    rule, below = one.instance.rule, _structure(form).below
    blamed = {
        j.instance.anchor
        for j in off
        if j.instance.rule.total and rule.severity in (j.instance.rule.severity, Severity.QUERY)
    }
    corrected = list(figures)
    for cell in one.instance.cells:
        own = rule.total and cell == one.instance.anchor
        if not own and not blamed.isdisjoint(below.get(cell, ())):
            total = totals[cell]
            assert total is not None, "a rule with an unreadable cell is not weighed"
            corrected[cell] = total
    return prepare(form).scales[one.instance.index].weigh(corrected)[2]


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
    made, found = _structure(form), Counter[int]()
    for side, linear in ((1, one.left), (-1, one.right)):
        for o in linear.operands:
            if not o.prior:
                parts = made.weights.get(o.item) if o.item not in typed else None
                for item, weight in (parts or {o.item: 1}).items():
                    found[item] += side * o.sign * weight
    return found


@lru_cache(maxsize=16)
def _structure(form: Form) -> _Structure:
    below: dict[int, frozenset[int]] = {}
    weights: dict[int, Counter[int]] = {}
    for total in prepare(form).leaves:  # each after what it rests on
        formula = form.items[total].formula
        assert formula is not None, "a total"
        inner = [below.get(o.item, frozenset[int]()) for o in formula.operands]
        below[total] = frozenset({total}).union(*inner)
        weights[total] = Counter()
        for o in formula.operands:
            for item, weight in weights.get(o.item, {o.item: 1}).items():
                weights[total][item] += o.sign * weight
    return _Structure(below=below, weights=weights)
