"""Figures against the rules of their form: totals recomputed, and how each rule stands."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, localcontext

from xltools.model.form import Form, Instance, Severity
from xltools.model.numbers import Number, tidy
from xltools.model.returns import Return, State, Status
from xltools.model.scales import (
    EXACT,
    Figures,
    Plan,
    explained_by_lines,
    prepare,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """How a rule stands at one place.

    The sides and their difference are None where nothing can be said (不适用, 非数字). With
    blank cells they are what comes out when blanks count as zero.
    """

    instance: Instance
    state: State
    left: Number | None = None
    right: Number | None = None
    difference: Number | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """All judgements of a return, with the figures they rest on.

    ``figures``: the operands, this year's and last year's; ``totals``: as ``recomputed``;
    ``blanks``: cells left blank that no declaration covers.
    """

    judgements: tuple[Judgement, ...]
    figures: Figures
    totals: tuple[Number | None, ...]
    blanks: frozenset[int]


def recomputed(form: Form, ret: Return) -> tuple[Number | None, ...]:
    """The figures of a return with every total recomputed from the inputs, by item number.

    Blank and void inputs are 0, unreadable ones None, and so are the totals that rest on them.
    """
    plan, statuses = prepare(form), ret.statuses
    figures: list[Number] = [0 if number is None else number for number in ret.numbers]
    with localcontext(EXACT):
        for total, add in plan.totals:
            value = add(figures)
            figures[total] = tidy(value) if isinstance(value, Decimal) else value
    if Status.UNREADABLE not in statuses:
        return tuple(figures)
    odd = {i for i, s in enumerate(statuses) if s is Status.UNREADABLE and i not in plan.leaves}
    resting = {total for total, leaves in plan.leaves.items() if not odd.isdisjoint(leaves)}
    return tuple(None if i in odd or i in resting else x for i, x in enumerate(figures))


def judge(
    form: Form,
    ret: Return,
    *,
    category: str = "",
    prior: Sequence[Number | None] | None = None,
) -> tuple[Judgement, ...]:
    """How every rule instance of the form stands, in order; the sheet 校验 says the same.

    ``category``: of the unit, empty when not known. ``prior``: last year's figures by item
    number; without them, those that the template carried.
    """
    return assess(form, ret, category=category, prior=prior).judgements


def assess(
    form: Form,
    ret: Return,
    *,
    category: str = "",
    prior: Sequence[Number | None] | None = None,
) -> Assessment:
    """As ``judge``, with the figures. Blank totals are what their inputs give."""
    plan, statuses, totals = prepare(form), ret.statuses, recomputed(form, ret)
    if prior is None:
        prior = [ret.priors.get(i) for i in range(len(form.items))]
    figures: list[Number] = [0 if x is None else x for x in (*totals, *prior)]
    for i in ret.typed:
        if (number := ret.numbers[i]) is not None:
            figures[i] = number
    odd: set[int] = set()
    if Status.UNREADABLE in statuses:
        unreadable = {i for i, s in enumerate(statuses) if s is Status.UNREADABLE}
        odd = {i for i in unreadable if i not in plan.leaves or i in ret.typed}
    blanks = _blanks(plan, ret)
    unknown = {i for i in plan.priors if prior[i] is None}
    judgements = []
    with localcontext(EXACT):
        for scale in plan.scales:
            one = scale.one
            categories = one.rule.categories
            if (categories and category not in categories) or not unknown.isdisjoint(one.priors):
                judgements.append(Judgement(instance=one, state=State.NOT_APPLICABLE))
                continue
            if not odd.isdisjoint(scale.watched):
                judgements.append(Judgement(instance=one, state=State.NOT_NUMBER))
                continue
            left, right, difference = scale.weigh(figures)
            if not blanks.isdisjoint(scale.watched):
                state = State.INCOMPLETE
            elif difference == 0:
                state = State.BALANCED
            elif one.rule.severity is Severity.QUERY and explanation(form, ret, one):
                state = State.EXPLAINED
            else:
                state = State.OFF
            judgements.append(
                Judgement(instance=one, state=state, left=left, right=right, difference=difference)
            )
    if any(j.state is State.EXPLAINED for j in judgements):
        judgements = _by_lines(form, judgements)
    return Assessment(judgements=tuple(judgements), figures=figures, totals=totals, blanks=blanks)


def _by_lines(form: Form, judgements: Sequence[Judgement]) -> list[Judgement]:
    """What was explained on each line needs no explanation on their total."""
    asked = [j for j in judgements if j.instance.rule.severity is Severity.QUERY]
    explained = explained_by_lines(
        form,
        [j.difference for j in judgements],
        {j.instance.index for j in asked if j.state in (State.OFF, State.EXPLAINED)},
        {j.instance.index for j in asked if j.state is State.EXPLAINED},
    )
    return [
        replace(j, state=State.EXPLAINED) if j.instance.index in explained else j
        for j in judgements
    ]


def explanation(form: Form, ret: Return, one: Instance) -> str:
    """What the unit wrote about a rule at a place."""
    if not ret.explanations:
        return ""
    return ret.explanations.get(f"{one.rule.code}@{form.items[one.anchor].name}", "").strip()


def _blanks(plan: Plan, ret: Return) -> frozenset[int]:
    """Blank inputs, and blank totals without a formula, whose table is not declared."""
    if ret.zero or Status.BLANK not in ret.statuses:
        return frozenset()
    covered = {i for table in ret.none for i in plan.tables.get(table, ())}
    return frozenset(
        i
        for i, status in enumerate(ret.statuses)
        if status is Status.BLANK and i not in covered and (i not in plan.leaves or i in ret.typed)
    )
