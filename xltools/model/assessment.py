"""Judge the rules of a form on the figures of a return, or on the sums of a district: the only
place where this is done.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import localcontext
from functools import cached_property, lru_cache
from typing import NamedTuple, cast

from xltools.model.evaluate import (
    EXACT,
    EvaluationPlan,
    Figures,
    PreparedRule,
    prepare,
    recomputed,
)
from xltools.model.form import Form, Instance, Severity
from xltools.model.numbers import Number
from xltools.model.packed import having, or_zero
from xltools.model.returns import Return, RuleState, Status


class Judgement(NamedTuple):
    """Whether a rule holds at one place.

    ``left`` and ``right``: the values of its two sides; ``difference``: left minus right, 0 if the
    rule holds. All three are None if the rule cannot be evaluated (不适用, 非数字). Blank cells
    count as 0 in them; ``blanks`` is the number of blank cells among those of the rule.
    """

    instance: Instance
    state: RuleState
    left: Number | None = None
    right: Number | None = None
    difference: Number | None = None
    blanks: int = 0


@dataclass(frozen=True, kw_only=True, eq=False)
class Assessment:
    """The figures of a return as the rules of its form take them, and what the rules say of them.

    ``figures``: this year's numbers by item, followed by last year's, 0 for each one that is blank
    or not known. ``totals``: the result of ``recomputed``. ``blanks``: the items that are blank
    although no declaration of the unit (such as 本年无此项) covers them. ``unread``: the items that
    are not numbers. ``unknown``: the items whose figure of last year some rule uses and nobody
    knows. ``category``: that of the unit, empty if not known.

    Rules are judged when somebody asks. In most returns all hold, and that is soon seen.
    """

    form: Form
    ret: Return
    category: str
    figures: Figures
    totals: tuple[Number | None, ...]
    blanks: frozenset[int]
    unread: frozenset[int]
    unknown: frozenset[int]

    @cached_property
    def off(self) -> tuple[Judgement, ...]:
        """The judgements of the rules that do not hold, in the order of the form. Blank cells count
        as 0 in them.
        """
        figures, unread = self.figures, self.unread
        typed = any(self.ret.numbers[i] is not None for i in self.ret.typed)
        rules = _applicable(self.form, self.category, self.unknown, typed=typed)
        off: list[Judgement] = []
        with localcontext(EXACT):
            for rule in rules:
                left, right = rule.left(figures), rule.right(figures)
                if left == right or not unread.isdisjoint(rule.watched):
                    continue
                left, right, difference = rule.compared(left, right)
                if difference:
                    off.append(self._judged(rule, left, right, difference))
        if any(judgement.state is RuleState.EXPLAINED for judgement in off):
            off = self._by_lines(off)
        return tuple(off)

    @cached_property
    def judgements(self) -> tuple[Judgement, ...]:
        """The judgements of all rule instances of the form, in their order."""
        off = {judgement.instance.index: judgement for judgement in self.off}
        return tuple(
            off.get(rule.instance.index) or self._judgement(rule)
            for rule in prepare(self.form).rules
        )

    @cached_property
    def differences(self) -> Mapping[int, Number]:
        """The differences of all rules that can be evaluated, by the number of the instance."""
        differences = dict(_no_differences(self.form, self.category, self.unknown))
        if self.unread:
            rules = prepare(self.form).rules
            for index in [i for i in differences if not self.unread.isdisjoint(rules[i].watched)]:
                del differences[index]
        for judgement in self.off:
            differences[judgement.instance.index] = judgement.difference or 0
        return differences

    def sides(self, index: int) -> tuple[Number, Number, Number] | None:
        """The left side of a rule, its right side and their difference (see `Judgement`), by the
        number of the instance; None if the rule cannot be evaluated.
        """
        rule = prepare(self.form).rules[index]
        if not self._evaluable(rule):
            return None
        with localcontext(EXACT):
            return rule.sides(self.figures)

    def _evaluable(self, rule: PreparedRule) -> bool:
        """Whether a rule applies, and all figures that it uses are numbers."""
        return self._applies(rule) and self.unread.isdisjoint(rule.watched)

    def _applies(self, rule: PreparedRule) -> bool:
        """Whether a rule is for units of this category, and the figures of last year that it uses
        are known.
        """
        categories = rule.instance.rule.categories
        if categories and self.category not in categories:
            return False
        return self.unknown.isdisjoint(rule.instance.priors)

    def _judgement(self, rule: PreparedRule) -> Judgement:
        """The judgement of a rule that holds, or cannot be evaluated."""
        sides = self.sides(rule.instance.index)
        if sides is not None:
            return self._judged(rule, *sides)
        state = RuleState.NOT_NUMBER if self._applies(rule) else RuleState.NOT_APPLICABLE
        return Judgement(instance=rule.instance, state=state)

    def _judged(
        self, rule: PreparedRule, left: Number, right: Number, difference: Number
    ) -> Judgement:
        """The judgement of a rule with the values of its sides."""
        instance = rule.instance
        blank = len(self.blanks & rule.watched) if self.blanks else 0
        if blank:
            state = RuleState.INCOMPLETE
        elif difference == 0:
            state = RuleState.BALANCED
        elif instance.rule.severity is Severity.QUERY and explanation(
            self.form, self.ret, instance
        ):
            state = RuleState.EXPLAINED
        else:
            state = RuleState.OFF
        return Judgement(
            instance=instance,
            state=state,
            left=left,
            right=right,
            difference=difference,
            blanks=blank,
        )

    def _by_lines(self, off: Sequence[Judgement]) -> list[Judgement]:
        """The judgements ``off``, with the state EXPLAINED also for those that follow from
        explained ones.

        A difference on a computed line (such as 总计) needs no explanation of its own if it is the
        sum of the differences on the lines that are added up there, and all of these are explained.
        """
        siblings = prepare(self.form).siblings
        differences = {j.instance.index: j.difference or 0 for j in off}
        asked = [j for j in off if j.instance.rule.severity is Severity.QUERY]
        explained = {j.instance.index for j in asked if j.state is RuleState.EXPLAINED}
        unexplained = {j.instance.index for j in asked if j.state is RuleState.OFF}

        def follows(index: int) -> bool:
            lines = siblings[index]
            return (
                unexplained.isdisjoint(at for _, at in lines)
                and all(self.sides(at) is not None for _, at in lines)
                and differences[index] == sum(sign * differences.get(at, 0) for sign, at in lines)
            )

        waiting = {index for index in unexplained if index in siblings}
        while following := {index for index in waiting if follows(index)}:
            explained |= following
            unexplained -= following
            waiting -= following
        return [
            j._replace(state=RuleState.EXPLAINED) if j.instance.index in explained else j
            for j in off
        ]


@lru_cache(maxsize=64)
def _applicable(
    form: Form, category: str, unknown: frozenset[int], *, typed: bool
) -> tuple[PreparedRule, ...]:
    """The rules of a form that are to be judged on a return; parameters as for `Assessment`.
    ``typed``: whether any total was typed; otherwise the rules that hold anyway are left out.
    """
    return tuple(
        rule
        for rule in prepare(form).rules
        if (typed or not rule.implied)
        and (not rule.instance.rule.categories or category in rule.instance.rule.categories)
        and unknown.isdisjoint(rule.instance.priors)
    )


@lru_cache(maxsize=64)
def _no_differences(form: Form, category: str, unknown: frozenset[int]) -> Mapping[int, Number]:
    """The difference 0 for each rule that is to be judged on a return, by the number of the
    instance; parameters as for `Assessment`.
    """
    rules = _applicable(form, category, unknown, typed=True)
    return {rule.instance.index: 0 for rule in rules}


def judge(
    form: Form,
    ret: Return,
    *,
    category: str = "",
    prior: Sequence[Number | None] | None = None,
) -> tuple[Judgement, ...]:
    """Judge every rule instance of the form on a return, in their order. The sheet 校验 of the
    workbook computes the same.

    ``category``: that of the unit, for rules that are only for some categories; empty if not known.
    ``prior``: last year's figures by item number; None to use those that the template carried.
    """
    return assess(form, ret, category=category, prior=prior).judgements


def judge_sums(
    form: Form, sums: Sequence[Number | None], prior: Sequence[Number | None]
) -> tuple[Judgement, ...]:
    """Judge the rules on a district's sums, as ``merge`` returns them, and last year's. Rules about
    figures that are not added up over units do not apply.
    """
    district = Return(
        identity=None,
        numbers=sums,
        statuses=[Status.GIVEN] * len(sums),
        places=[None] * len(sums),
    )
    return tuple(
        Judgement(instance=j.instance, state=RuleState.NOT_APPLICABLE)
        if any(sums[i] is None for i in j.instance.cells)
        else j
        for j in judge(form, district, prior=prior)
    )


def assess(
    form: Form,
    ret: Return,
    *,
    category: str = "",
    prior: Sequence[Number | None] | None = None,
) -> Assessment:
    """Prepare a return for its rules to be judged; parameters as for `judge`. A total counts with
    the result of its formula, unless the unit typed a number over that.
    """
    plan, totals = prepare(form), recomputed(form, ret)
    if prior is None:
        priors = dict(ret.priors.items())
        prior = [priors.get(i) for i in range(len(form.items))] if priors else ()
    unread = having(ret, Status.UNREADABLE)
    figures = or_zero(totals) if unread else cast("list[Number]", [*totals])
    figures += or_zero(prior) or [0] * len(form.items)
    for i in ret.typed:
        if (number := ret.numbers[i]) is not None:
            figures[i] = number
    return Assessment(
        form=form,
        ret=ret,
        category=category,
        figures=figures,
        totals=totals,
        blanks=_blanks(plan, ret),
        unread=frozenset(i for i in unread if i not in plan.totals or i in ret.typed),
        unknown=frozenset(i for i in plan.priors if prior[i] is None) if prior else plan.priors,
    )


def _blanks(plan: EvaluationPlan, ret: Return) -> frozenset[int]:
    """The items that are blank although they have to be filled in: inputs, and totals whose formula
    was deleted, unless the unit declared that its blanks are zeros or that it has nothing to report
    in the table.
    """
    if ret.zero:
        return frozenset()
    covered = {i for table in ret.none for i in plan.tables.get(table, ())}
    return frozenset(
        i
        for i in having(ret, Status.BLANK)
        if i not in covered and (i not in plan.totals or i in ret.typed)
    )


def explanation(form: Form, ret: Return, instance: Instance) -> str:
    """What the unit wrote to explain why a rule does not hold at a place; empty if nothing."""
    if not ret.explanations:
        return ""
    return ret.explanations.get(form.key_of(instance), "").strip()
