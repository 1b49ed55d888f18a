"""The balance rules as findings: which imbalances are reported, and with which cells."""

from collections.abc import Iterator, Sequence, Set
from dataclasses import replace

from xltools.balance import Judgement, explanation
from xltools.check.case import Case, distinct, figures
from xltools.check.consequences import Crossing, causes, crossings
from xltools.findings import Finding
from xltools.numbers import Number, show
from xltools.returns import State
from xltools.spec import Severity

_WRONG = ("V-07", "V-08", "V-13")


def imbalances(case: Case, silent: Set[str]) -> tuple[list[Judgement], list[Judgement]]:
    """The causes among all imbalances: those that stand, and those that blank inputs may heal.

    The second are fatal rules that are off when blanks count as zero. A blank total heals
    nothing, it counts as the sum of its parts. Rules that touch a table in ``silent``, a cell
    that was not found, or a figure that is wrong by itself, are left out.
    """
    items, assessment = case.form.items, case.assessment
    # A figure that no cell may hold is asked for again: what comes of it says nothing new.
    named = [n for f in case.ret.findings if f.code in _WRONG for n in f.items]
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
    found = causes(case.form, off, judgements, numbers, totals)
    return (
        [j for j in found if j.instance.index not in pending],
        [j for j in found if j.instance.index in pending],
    )


def rule_findings(case: Case, off: Sequence[Judgement]) -> Iterator[Finding]:
    """The findings of imbalances, in the order of the form's rules.

    A computed heading whose formula fails in many places is one finding, and so is a question
    that arises in many; a relation that must hold is one at each place, and a row and a column
    that one figure puts off are one together.
    """
    typed = frozenset(i for i in case.ret.typed if case.ret.numbers[i] is not None)
    hard = [j for j in off if j.instance.rule.severity is Severity.FATAL]
    crossed = crossings(case.form, hard, case.assessment.figures, typed) if len(hard) > 1 else ()
    taken = {j.instance.index: c for c in crossed for j in (c.row, c.column)}
    groups: dict[object, list[Judgement]] = {}
    for one in off:
        rule, index = one.instance.rule, one.instance.index
        crossing = taken.get(index)
        if crossing:
            groups.setdefault((crossing.item, crossing.row.instance.index), []).append(one)
        elif rule.total or rule.severity is Severity.QUERY:
            groups.setdefault((rule.code, one.state is State.EXPLAINED), []).append(one)
        else:
            groups[index] = [one]
    for group in groups.values():
        crossing = taken.get(group[0].instance.index)
        made = _crossing(case, crossing) if crossing else _rule(case, group)
        said = [explanation(case.form, case.ret, j.instance) for j in group]
        yield replace(made, explanation="；".join(dict.fromkeys(x for x in said if x)))


def _rule(case: Case, group: Sequence[Judgement]) -> Finding:
    rule = group[0].instance.rule
    anchors = [j.instance.anchor for j in group]
    cells = dict.fromkeys([*anchors, *(c for j in group for c in j.instance.cells)])
    # What a unit typed as its total is quoted as it stands there: 无, 83件.
    typed = rule.total and all(a in case.ret.found for a in anchors)
    return case.made(
        rule.code,
        rule.severity,
        list(cells),
        found=distinct(case.shown(a) for a in anchors)
        if typed
        else figures([j.left for j in group]),
        expected=figures([j.right for j in group]),
        detail=figures([j.difference for j in group]),
    )


def _crossing(case: Case, crossing: Crossing) -> Finding:
    cells = (*crossing.row.instance.cells, *crossing.column.instance.cells)
    difference: Number = crossing.row.difference or 0
    return case.named(
        "X-01",
        list(dict.fromkeys((crossing.item, *cells))),
        found=case.shown(crossing.item),
        expected=show(crossing.right),
        detail=show(max(difference, -difference)),
    )
