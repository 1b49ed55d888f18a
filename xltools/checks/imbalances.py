"""Turn broken balance rules into findings, one for each cause. What only follows from another
imbalance is left out, and everything that a single typing mistake has put out of balance is one
finding.
"""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import replace
from itertools import chain

from xltools.checks.case import CheckContext
from xltools.checks.equations import equation
from xltools.checks.slips import Crossing, Pair, Split, crossings, opposite, split
from xltools.model.assessment import Assessment, Judgement, explanation
from xltools.model.equation import Equation
from xltools.model.evaluate import prepare
from xltools.model.findings import Finding, Topic
from xltools.model.form import Severity
from xltools.model.numbers import Number
from xltools.model.returns import RuleState
from xltools.model.wording import FEW, Listing, Phrase, distinct, each, few


def causes(assessment: Assessment, off: Sequence[Judgement]) -> tuple[Judgement, ...]:
    """Those of the imbalances ``off`` that do not merely follow from others among them, in their
    order.

    An imbalance only counts as following from one that is at least as severe and is either kept or
    follows from another in turn. So of several fatal imbalances at least one is kept.
    """
    if len(off) < 2:
        return tuple(off)
    siblings = prepare(assessment.form).siblings
    totals = [j for j in off if j.instance.rule.total]
    left = {j.instance.index: _left(assessment, j, totals) for j in off}
    return tuple(
        j
        for j in off
        if left[j.instance.index] != 0
        and not ((lines := siblings.get(j.instance.index)) and _summed(assessment, j, lines, left))
    )


def _left(assessment: Assessment, judgement: Judgement, totals: Sequence[Judgement]) -> Number:
    """How much a rule is still off once the totals with imbalances of their own (``totals``) are
    replaced by the computed ones.
    """
    if not totals and judgement.difference is not None:
        return judgement.difference
    rule, plan = judgement.instance.rule, prepare(assessment.form)
    blamed = {
        j.instance.anchor
        for j in totals
        if rule.severity in (j.instance.rule.severity, Severity.QUERY)
    }
    corrected = list(assessment.figures)
    for cell in judgement.instance.cells:
        total, put_right = plan.totals.get(cell), assessment.totals[cell]
        if total is None or put_right is None or (rule.total and cell == judgement.instance.anchor):
            continue
        if not blamed.isdisjoint(total.totals):
            corrected[cell] = put_right
    return plan.rules[judgement.instance.index].sides(corrected)[2]


def _summed(
    assessment: Assessment,
    judgement: Judgement,
    siblings: Sequence[tuple[int, int]],
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
    if any(at not in left and assessment.differences.get(at) != 0 for _, at in siblings):
        return False
    return left[judgement.instance.index] == sum(sign * left.get(at, 0) for sign, at in siblings)


def imbalances(case: CheckContext, silent: Set[str]) -> tuple[list[Judgement], list[Judgement]]:
    """The imbalances of a return that do not follow from others, as two lists: those that are
    certain, and fatal ones that may disappear once blank inputs are filled in. A blank total counts
    as the sum of its parts, so filling it in changes nothing.

    Rules are left out that use a table in ``silent`` (keys), a cell that was not found, or a figure
    that no cell may hold.
    """
    items, assessment = case.form.items, case.assessment
    if not assessment.off:
        return [], []
    # A figure that no cell may hold is asked for again: its imbalances say nothing new.
    named = [n for f in case.ret.findings if f.is_about(Topic.IMPOSSIBLE_FIGURE) for n in f.items]
    passed = {*case.absent, *(case.form.by_name[name] for name in named)}
    if silent:
        passed |= {item.index for item in items if item.table in silent}
    off: list[Judgement] = []
    pending: set[int] = set()
    for judgement in assessment.off:
        instance = judgement.instance
        if passed and not (
            passed.isdisjoint(instance.cells) and passed.isdisjoint(instance.leaves)
        ):
            continue
        if assessment.blanks and not assessment.blanks.isdisjoint(instance.leaves):
            if instance.rule.severity is not Severity.FATAL:
                continue
            pending.add(instance.index)
        off.append(judgement)
    # What is only being tried out explains nothing away.
    sure = [j for j in off if not j.instance.rule.trial]
    tried = [j for j in off if j.instance.rule.trial]
    remaining = [*causes(assessment, sure), *causes(assessment, tried)]
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
    if not off:
        return
    typed = frozenset(i for i in case.ret.typed if case.numbers[i] is not None)
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
    explained = bool(case.ret.explanations)
    for group in groups.values():
        finding = taken.get(group[0].instance.index) or _rule(case, group)
        if explained:
            words = dict.fromkeys(explanation(case.form, case.ret, j.instance) for j in group)
            if text := "；".join(filter(None, words)):
                finding = replace(finding, explanation=text)
        yield finding


def _rule(case: CheckContext, group: Sequence[Judgement]) -> Finding:
    """The finding for a rule that is broken at the places in ``group``."""
    if len(group) == 1:
        return _rule_at(case, group[0])
    instances, _, left, right, _, _ = zip(*group, strict=True)
    rule = instances[0].rule
    anchors = [instance.anchor for instance in instances]
    cells = dict.fromkeys([*anchors, *chain(*[instance.cells for instance in instances])])
    # What a unit typed over a total is quoted literally: 无, 83件.
    typed = rule.total and all(a in case.ret.found for a in anchors)
    equations = [_equation(case, j, case.form.heading_of(j.instance)) for j in group]
    return case.at_items(
        rule.code,
        rule.severity,
        list(cells),
        trial=rule.trial,
        found=few(distinct(map(case.content, anchors)) if typed else left),
        expected=few(right),
        detail=Listing(values=tuple(equations), most=FEW, mark="；", rest="；等 {} 处"),
    )


def _rule_at(case: CheckContext, judgement: Judgement) -> Finding:
    """The finding for a rule that is broken at one place."""
    instance = judgement.instance
    rule = instance.rule
    typed = rule.total and instance.anchor in case.ret.found
    return case.at_items(
        rule.code,
        rule.severity,
        instance.cells,
        trial=rule.trial,
        found=case.content(instance.anchor) if typed else judgement.left,
        expected=judgement.right,
        detail=_equation(case, judgement, ""),
    )


def _equation(case: CheckContext, judgement: Judgement, place: str) -> Equation:
    """The equation of a broken rule. ``place``: as for `equation`."""
    instance, _, left, right, _, _ = judgement
    typed = case.ret.found.get(instance.anchor, "") if instance.rule.total else ""
    figures = case.assessment.figures
    return equation(case.form, instance, figures, left or 0, right or 0, typed, place)


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
