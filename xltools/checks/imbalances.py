"""Turn broken balance rules into findings, one for each cause. What only follows from another
imbalance is left out, and everything that a single typing mistake has put out of balance is one
finding.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from itertools import pairwise

from xltools.checks.case import CheckContext
from xltools.model.evaluate import Figures, Judgement, explanation, prepare
from xltools.model.findings import Finding, Topic
from xltools.model.form import Form, Instance, Severity
from xltools.model.formula import holds
from xltools.model.numbers import Number
from xltools.model.returns import RuleState, Status
from xltools.model.wording import Phrase, distinct, each, few


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """A single wrong figure that explains an imbalance of its row and one of its column. ``item``:
    its item number; ``right``: the value with which both would balance.
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
    """Those of the imbalances ``off`` that do not merely follow from others among them, in their
    order.

    ``judgements``: of all rules, by instance; ``figures``: of this year and the last, as rules take
    them; ``totals``: the computed totals, by item. An imbalance only counts as following from one
    that is at least as severe and is either kept or follows from another in turn. So of several
    fatal imbalances at least one is kept.
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
    judgement: Judgement,
    off: Sequence[Judgement],
    figures: Figures,
    totals: Sequence[Number | None],
) -> Number:
    """How much a rule is still off once the totals with imbalances of their own are replaced by the
    computed ones.
    """
    rule, plan = judgement.instance.rule, prepare(form)
    blamed = {
        j.instance.anchor
        for j in off
        if j.instance.rule.total and rule.severity in (j.instance.rule.severity, Severity.QUERY)
    }
    corrected = list(figures)
    for cell in judgement.instance.cells:
        total, put_right = plan.totals.get(cell), totals[cell]
        if total is None or put_right is None or (rule.total and cell == judgement.instance.anchor):
            continue
        if not blamed.isdisjoint(total.totals):
            corrected[cell] = put_right
    return plan.rules[judgement.instance.index].sides(corrected)[2]


def _summed(
    judgement: Judgement,
    siblings: Sequence[tuple[int, int]],
    judgements: Sequence[Judgement],
    left: Mapping[int, Number],
) -> bool:
    """Whether an imbalance is exactly the sum of the imbalances of the lines from which its own
    line is computed. ``siblings``: these lines as (sign, instance); ``left``: as `_left` gives it,
    by instance.
    """
    if judgement.instance.rule.total:
        return False  # a wrong total on such a line must be corrected as well, in the same finding
    if not any(at in left for _, at in siblings):
        return False
    if any(at not in left and judgements[at].difference != 0 for _, at in siblings):
        return False
    return left[judgement.instance.index] == sum(sign * left.get(at, 0) for sign, at in siblings)


def crossings(
    form: Form, off: Sequence[Judgement], figures: Figures, typed: frozenset[int]
) -> tuple[Crossing, ...]:
    """The figures each of which alone explains one imbalance of its row and one of its column.

    ``typed``: the totals (item numbers) whose formula was replaced by a typed figure. An imbalance
    that several figures could explain, or that is explained together with several others, is left
    out.
    """
    candidates: list[Crossing] = []
    weights = [weights_of(form, j.instance, typed) for j in off]
    for a, row in enumerate(off):
        for b, column in enumerate(off):
            if row.instance.along == "column" and column.instance.along == "row":
                for item in weights[a].keys() & weights[b].keys():
                    first, second = weights[a][item], weights[b][item]
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


def weights_of(form: Form, instance: Instance, typed: frozenset[int]) -> Counter[int]:
    """For each item that was typed, by how much the difference of a rule changes when its figure
    grows by 1. ``typed``: the totals whose formula was replaced by a typed figure; other totals
    count by their inputs.
    """
    totals, weights = prepare(form).totals, Counter[int]()
    for side, linear in ((1, instance.left), (-1, instance.right)):
        for o in linear.operands:
            if not o.prior:
                total = totals.get(o.item) if o.item not in typed else None
                for item, weight in total.weights.items() if total else ((o.item, 1),):
                    weights[item] += side * o.sign * weight
    return weights


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


def split(case: CheckContext, off: Sequence[Judgement], typed: frozenset[int]) -> Split | None:
    """Find a number that was typed into two neighbouring cells, so that joining it repairs some of
    the fatal imbalances ``off``; None where there is none, or more than one is possible.

    The joined number may belong in either cell, and with it all fatal rules that use these cells
    must hold. ``typed``: the totals whose formula was replaced by a typed figure.
    """
    if not off:
        return None
    rules = [j for j in case.assessment.judgements if j.instance.rule.severity is Severity.FATAL]
    moves = {j.instance.index: weights_of(case.form, j.instance, typed) for j in rules}
    involved = {i for j in off for i in moves[j.instance.index]}
    splits: list[Split] = []
    for first, second, joined in _neighbours(case):
        if first not in involved and second not in involved:
            continue
        near = [j for j in rules if _moved(moves[j.instance.index], first, second)]
        a, b = (case.assessment.figures[i] for i in (first, second))
        for changes in ((joined - a, -b), (-a, joined - b)):
            steps = dict(zip((first, second), changes, strict=True))
            if all(_holds(j, moves[j.instance.index], steps) for j in near):
                repaired = tuple(j for j in off if j in near)
                splits.append(Split(first=first, second=second, joined=joined, off=repaired))
                break
        if len(splits) > 1:
            return None
    return splits[0] if splits and splits[0].off else None


def _neighbours(case: CheckContext) -> Iterator[tuple[int, int, int]]:
    """Pairs of filled inputs side by side in a row, as item numbers, each with the number that
    their digits make when joined.
    """
    numbers, statuses = case.ret.numbers, case.ret.statuses
    items = case.form.items
    for left, right in pairwise(items):
        if (left.table, left.row) != (right.table, right.row):
            continue
        if left.formula is not None or right.formula is not None:
            continue
        if any(statuses[i.index] is not Status.GIVEN for i in (left, right)):
            continue
        a, b = numbers[left.index], numbers[right.index]
        if isinstance(a, int) and isinstance(b, int) and a > 0 and b >= 0:
            yield left.index, right.index, int(f"{a}{b}")


def _moved(weights: Counter[int], *items: int) -> bool:
    """Whether a rule, given by its ``weights``, uses any of the items."""
    return any(weights[i] for i in items)


def _holds(judgement: Judgement, weights: Counter[int], steps: dict[int, Number]) -> bool:
    """Whether a rule would hold if figures changed by ``steps`` (by item number). ``weights``: as
    `weights_of` gives them.
    """
    if judgement.left is None or judgement.right is None:
        return False
    moved = sum(weights[item] * step for item, step in steps.items())
    return holds(judgement.left + moved, judgement.instance.op, judgement.right)


def opposite(case: CheckContext, off: Sequence[Judgement]) -> Iterator[Pair]:
    """Pairs of imbalances of the same rule that cancel out in the line that is computed from both.

    Where three imbalances cancel out together, or two have the same amount on the same side, it is
    not clear which belong together, and no pair is returned for them.
    """
    judgements = case.assessment.judgements
    at = {j.instance.index: j for j in off if not j.instance.rule.total}
    for total, lines in prepare(case.form).siblings.items():
        if judgements[total].difference != 0:
            continue
        sides = [(sign, at[index]) for sign, index in lines if index in at]
        amounts = [(sign * (j.difference or 0), j) for sign, j in sides]
        counts = Counter(amount for amount, _ in amounts)
        for number, (amount, judgement) in enumerate(amounts):
            for against, counterpart in amounts[number + 1 :]:
                if against == -amount and counts[amount] == counts[against] == 1:
                    del at[judgement.instance.index], at[counterpart.instance.index]
                    yield Pair(first=judgement, second=counterpart)


def imbalances(case: CheckContext, silent: Set[str]) -> tuple[list[Judgement], list[Judgement]]:
    """The imbalances of a return that do not follow from others, as two lists: those that are
    certain, and fatal ones that may disappear once blank inputs are filled in. A blank total counts
    as the sum of its parts, so filling it in changes nothing.

    Rules are left out that use a table in ``silent`` (keys), a cell that was not found, or a figure
    that no cell may hold.
    """
    items, assessment = case.form.items, case.assessment
    # A figure that no cell may hold is asked for again: its imbalances say nothing new.
    named = [n for f in case.ret.findings if f.is_about(Topic.IMPOSSIBLE_FIGURE) for n in f.items]
    wrong = {case.form.by_name[name] for name in named}
    off: list[Judgement] = []
    pending: set[int] = set()
    for judgement in assessment.judgements:
        if not judgement.difference:
            continue
        cells = {*judgement.instance.cells, *judgement.instance.leaves}
        if not case.absent.isdisjoint(cells) or any(items[i].table in silent for i in cells):
            continue
        if not wrong.isdisjoint(cells):
            continue
        if not assessment.blanks.isdisjoint(judgement.instance.leaves):
            if judgement.instance.rule.severity is not Severity.FATAL:
                continue
            pending.add(judgement.instance.index)
        off.append(judgement)
    if not off:
        return [], []
    judgements, numbers, totals = assessment.judgements, assessment.figures, assessment.totals
    # What is only being tried out explains nothing away.
    sure = [j for j in off if not j.instance.rule.trial]
    tried = [j for j in off if j.instance.rule.trial]
    remaining = [
        *causes(case.form, sure, judgements, numbers, totals),
        *causes(case.form, tried, judgements, numbers, totals),
    ]
    return (
        [j for j in remaining if j.instance.index not in pending],
        [j for j in remaining if j.instance.index in pending],
    )


def rule_findings(case: CheckContext, off: Sequence[Judgement]) -> Iterator[Finding]:
    """The findings for the imbalances ``off``, in the order of the form's rules, with the unit's
    explanations.

    All places where a total is wrong are one finding, and so are all places of a rule that is not
    fatal; another fatal rule gives one finding for each place. What a single typing mistake has put
    out of balance is one finding: a number typed into two cells, one wrong figure in its row and
    column, or a number in the wrong column.
    """
    typed = frozenset(i for i in case.ret.typed if case.ret.numbers[i] is not None)
    hard = [j for j in off if j.instance.rule.severity is Severity.FATAL]
    taken: dict[int, Finding] = {}
    if joint := split(case, hard, typed):
        finding = _split(case, joint)
        taken |= {j.instance.index: finding for j in joint.off}
    rest = [j for j in hard if j.instance.index not in taken]
    if len(rest) > 1:
        for crossing in crossings(case.form, rest, case.assessment.figures, typed):
            finding = _crossing(case, crossing)
            taken |= {j.instance.index: finding for j in (crossing.row, crossing.column)}
        for pair in opposite(case, [j for j in rest if j.instance.index not in taken]):
            finding = _pair(case, pair)
            taken |= {j.instance.index: finding for j in (pair.first, pair.second)}
    groups: dict[object, list[Judgement]] = {}
    for judgement in off:
        rule, index = judgement.instance.rule, judgement.instance.index
        if index in taken:
            groups.setdefault(taken[index].items, []).append(judgement)
        elif rule.total or rule.severity is not Severity.FATAL:
            groups.setdefault((rule.code, judgement.state is RuleState.EXPLAINED), []).append(
                judgement
            )
        else:
            groups[index] = [judgement]
    for group in groups.values():
        finding = taken.get(group[0].instance.index) or _rule(case, group)
        words = dict.fromkeys(explanation(case.form, case.ret, j.instance) for j in group)
        yield replace(finding, explanation="；".join(text for text in words if text))


def _rule(case: CheckContext, group: Sequence[Judgement]) -> Finding:
    """The finding for a rule that is broken at the places in ``group``."""
    rule = group[0].instance.rule
    anchors = [j.instance.anchor for j in group]
    cells = dict.fromkeys([*anchors, *(c for j in group for c in j.instance.cells)])
    # What a unit typed over a total is quoted literally: 无, 83件.
    typed = rule.total and all(a in case.ret.found for a in anchors)
    return case.at_items(
        rule.code,
        rule.severity,
        list(cells),
        trial=rule.trial,
        found=few(distinct(case.content(a) for a in anchors))
        if typed
        else few(j.left for j in group),
        expected=few(j.right for j in group),
        detail=few(j.difference for j in group),
    )


def _crossing(case: CheckContext, crossing: Crossing) -> Finding:
    """X-01: one wrong figure explains an imbalance of its row and one of its column."""
    cells = (*crossing.row.instance.cells, *crossing.column.instance.cells)
    difference: Number = crossing.row.difference or 0
    return case.named(
        "X-01",
        list(dict.fromkeys((crossing.item, *cells))),
        found=case.content(crossing.item),
        expected=crossing.right,
        detail=max(difference, -difference),
    )


def _split(case: CheckContext, joint: Split) -> Finding:
    """X-03: a number was typed into two cells."""
    both = (joint.first, joint.second)
    cells = [i for j in joint.off for i in j.instance.cells]
    return case.named(
        "X-03",
        list(dict.fromkeys((*both, *cells))),
        found=Phrase.BOTH(case.content(joint.first), case.content(joint.second)),
        expected=joint.joined,
        detail=few(distinct(j.instance.rule.message for j in joint.off)),
    )


def _pair(case: CheckContext, pair: Pair) -> Finding:
    """X-02: two imbalances cancel out, so a number is in the wrong column or row."""
    both = (pair.first, pair.second)
    cells = [i for j in both for i in j.instance.cells]
    sides = [Phrase.OFF_AT(case.form.heading_of(j.instance), j.difference) for j in both]
    return case.named(
        "X-02",
        list(dict.fromkeys(cells)),
        found=each(sides, "，"),
        expected=0,
        detail=pair.first.instance.rule.message,
    )
