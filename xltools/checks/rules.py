"""The balance rules as findings: which imbalances are reported, and with which cells."""

from collections.abc import Iterator, Sequence, Set
from dataclasses import replace

from xltools.checks.case import CheckContext
from xltools.checks.causes import Crossing, Pair, Split, causes, crossings, opposite, split
from xltools.model.evaluate import Judgement, explanation
from xltools.model.findings import Finding, Topic
from xltools.model.form import Severity
from xltools.model.numbers import Number
from xltools.model.returns import RuleState
from xltools.model.wording import Phrase, distinct, each, few


def imbalances(case: CheckContext, silent: Set[str]) -> tuple[list[Judgement], list[Judgement]]:
    """The causes among all imbalances: those that stand, and those that blank inputs may heal.

    The second are fatal rules that are off when blanks count as zero. A blank total heals
    nothing, it counts as the sum of its parts. Rules that touch a table in ``silent``, a cell
    that was not found, or a figure that is wrong by itself, are left out.
    """
    items, assessment = case.form.items, case.assessment
    # A figure that no cell may hold is asked for again: what comes of it says nothing new.
    named = [n for f in case.ret.findings if f.is_about(Topic.IMPOSSIBLE_FIGURE) for n in f.items]
    wrong = {case.form.by_name[name] for name in named}
    off: list[Judgement] = []
    pending: set[int] = set()
    for one in assessment.judgements:
        if not one.difference:
            continue
        cells = {*one.instance.cells, *one.instance.leaves}
        if not case.absent.isdisjoint(cells) or any(items[i].table in silent for i in cells):
            continue
        if not wrong.isdisjoint(cells):
            continue
        if not assessment.blanks.isdisjoint(one.instance.leaves):
            if one.instance.rule.severity is not Severity.FATAL:
                continue
            pending.add(one.instance.index)
        off.append(one)
    if not off:
        return [], []
    judgements, numbers, totals = assessment.judgements, assessment.figures, assessment.totals
    # What is only being tried out explains nothing away.
    sure = [j for j in off if not j.instance.rule.trial]
    tried = [j for j in off if j.instance.rule.trial]
    found = [
        *causes(case.form, sure, judgements, numbers, totals),
        *causes(case.form, tried, judgements, numbers, totals),
    ]
    return (
        [j for j in found if j.instance.index not in pending],
        [j for j in found if j.instance.index in pending],
    )


def rule_findings(case: CheckContext, off: Sequence[Judgement]) -> Iterator[Finding]:
    """The findings of imbalances, in the order of the form's rules.

    A computed heading whose formula fails in many places is one finding, and so is a question
    that arises in many; a relation that must hold is one at each place. What one slip of the
    hand puts off is one together: a figure in two cells, one wrong figure in its row and its
    column, a case in the wrong column.
    """
    typed = frozenset(i for i in case.ret.typed if case.ret.numbers[i] is not None)
    hard = [j for j in off if j.instance.rule.severity is Severity.FATAL]
    taken: dict[int, Finding] = {}
    if one_split := split(case, hard, typed):
        made = _split(case, one_split)
        taken |= {j.instance.index: made for j in one_split.off}
    rest = [j for j in hard if j.instance.index not in taken]
    if len(rest) > 1:
        for crossing in crossings(case.form, rest, case.assessment.figures, typed):
            made = _crossing(case, crossing)
            taken |= {j.instance.index: made for j in (crossing.row, crossing.column)}
        for pair in opposite(case, [j for j in rest if j.instance.index not in taken]):
            made = _pair(case, pair)
            taken |= {j.instance.index: made for j in (pair.first, pair.second)}
    groups: dict[object, list[Judgement]] = {}
    for one in off:
        rule, index = one.instance.rule, one.instance.index
        if index in taken:
            groups.setdefault(taken[index].items, []).append(one)
        elif rule.total or rule.severity is not Severity.FATAL:
            groups.setdefault((rule.code, one.state is RuleState.EXPLAINED), []).append(one)
        else:
            groups[index] = [one]
    for group in groups.values():
        made = taken.get(group[0].instance.index) or _rule(case, group)
        said = [explanation(case.form, case.ret, j.instance) for j in group]
        yield replace(made, explanation="；".join(dict.fromkeys(x for x in said if x)))


def _rule(case: CheckContext, group: Sequence[Judgement]) -> Finding:
    rule = group[0].instance.rule
    anchors = [j.instance.anchor for j in group]
    cells = dict.fromkeys([*anchors, *(c for j in group for c in j.instance.cells)])
    # What a unit typed as its total is quoted as it stands there: 无, 83件.
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
    cells = (*crossing.row.instance.cells, *crossing.column.instance.cells)
    difference: Number = crossing.row.difference or 0
    return case.named(
        "X-01",
        list(dict.fromkeys((crossing.item, *cells))),
        found=case.content(crossing.item),
        expected=crossing.right,
        detail=max(difference, -difference),
    )


def _split(case: CheckContext, found: Split) -> Finding:
    both = (found.first, found.second)
    cells = [i for j in found.off for i in j.instance.cells]
    return case.named(
        "X-03",
        list(dict.fromkeys((*both, *cells))),
        found=Phrase.BOTH(case.content(found.first), case.content(found.second)),
        expected=found.joined,
        detail=few(distinct(j.instance.rule.message for j in found.off)),
    )


def _pair(case: CheckContext, pair: Pair) -> Finding:
    both = (pair.first, pair.second)
    cells = [i for j in both for i in j.instance.cells]
    sides = [Phrase.OFF_AT(case.heading(j.instance), j.difference) for j in both]
    return case.named(
        "X-02",
        list(dict.fromkeys(cells)),
        found=each(sides, "，"),
        expected=0,
        detail=pair.first.instance.rule.message,
    )
