"""What is found fast is what is found plainly: the rules judged on random figures of every form,
and the texts read sentence by sentence.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.filled import FORM
from support.fills import LAYOUTS
from xltools.checks.claims import claims
from xltools.checks.quantities import clauses, has_quantities, plain, quantities, sentences
from xltools.checks.texts import personal
from xltools.model.assessment import assess, judge
from xltools.model.evaluate import EXACT
from xltools.model.form import Form, Instance
from xltools.model.numbers import Number, tidy
from xltools.model.packed import packed
from xltools.model.returns import Return, RuleState, Status

FORMS = [layout.form for layout in LAYOUTS.values()]
AMOUNTS = st.decimals(0, 10**6, places=7).map(tidy)


@st.composite
def returns(draw: st.DrawFn) -> tuple[Form, Return, str, list[Number | None]]:
    """A form, a return filled in at random (many of its rules hold), a category, last year."""
    form = draw(st.sampled_from(FORMS))
    few = st.sampled_from([0, 0, 0, 1, 2])
    numbers: list[Number | None] = [
        draw(few if item.whole else AMOUNTS | st.integers(-3, 9)) for item in form.items
    ]
    statuses = [Status.GIVEN] * len(numbers)
    items = st.sampled_from(range(len(numbers)))
    for status in (Status.BLANK, Status.VOID, Status.UNREADABLE):
        for item in draw(st.sets(items, max_size=3)):
            numbers[item], statuses[item] = None, status
    totals = [item.index for item in form.items if item.formula is not None]
    typed = draw(st.frozensets(st.sampled_from(totals), max_size=2))
    ret = Return(
        identity=None,
        numbers=numbers,
        statuses=statuses,
        places=[None] * len(numbers),
        typed=typed,
        zero=draw(st.booleans()),
    )
    prior: list[Number | None] = [draw(st.none() | few) for _ in form.items]
    return form, ret, draw(st.sampled_from(["", "工作机构"])), prior


def value(form: Form, ret: Return, item: int) -> Number | None:
    """The figure of an item as its rules take it; None for one that is not a number."""
    formula = form.items[item].formula
    typed = formula is None or item in ret.typed
    if typed and ret.statuses[item] is Status.UNREADABLE:
        return None
    if formula is None:
        return ret.numbers[item] or 0
    if item in ret.typed and (number := ret.numbers[item]) is not None:
        return number
    untyped = replace(ret, typed=frozenset())
    parts = [(o.sign, value(form, untyped, o.item)) for o in formula.operands]
    if any(part is None for _, part in parts):
        return None
    total = sum(sign * Fraction(part or 0) for sign, part in parts) + formula.constant
    return tidy(EXACT.divide(Decimal(total.numerator), Decimal(total.denominator)))


def difference(
    form: Form, ret: Return, instance: Instance, prior: Mapping[int, Number | None]
) -> Number | None:
    """By how much a rule is off, by its declaration alone; None where it cannot be evaluated."""
    sides = []
    for linear in (instance.left, instance.right):
        total = Fraction(linear.constant)
        for o in linear.operands:
            figure = prior[o.item] if o.prior else value(form, ret, o.item)
            if figure is None:
                return None
            total += o.sign * Fraction(figure)
        if not all(form.items[i].whole for i in instance.cells):  # half of a millionth goes up
            millionths = math.floor(max(total, -total) * 10**6 + Fraction(1, 2))
            total = Fraction(millionths if total >= 0 else -millionths, 10**6)
        sides.append(total)
    left, right = sides
    if instance.op != "==" and (left <= right if instance.op == "<=" else left >= right):
        return 0
    gap = left - right
    return tidy(EXACT.divide(Decimal(gap.numerator), Decimal(gap.denominator)))


@given(returns())
def test_rules_judged_fast_are_judged_as_declared(
    case: tuple[Form, Return, str, list[Number | None]],
) -> None:
    form, ret, category, prior = case
    expected: dict[int, Number | None] = {}
    unread = {i for i, s in enumerate(ret.statuses) if s is Status.UNREADABLE}
    for instance in form.instances:
        rule = instance.rule
        known = all(prior[i] is not None for i in instance.priors)
        here = known and (not rule.categories or category in rule.categories)
        # Nothing is said of a rule one of whose inputs is no number, even where a total is typed.
        here = here and unread.isdisjoint(instance.leaves)
        expected[instance.index] = (
            difference(form, ret, instance, dict(enumerate(prior))) if here else None
        )
    for read in (ret, packed(ret, ())):
        assessment = assess(form, read, category=category, prior=prior)
        off = {j.instance.index: j.difference for j in assessment.off}
        assert off == {index: gap for index, gap in expected.items() if gap}
        assert assessment.differences == {i: gap for i, gap in expected.items() if gap is not None}
        assert {i: assessment.sides(i) is None for i in expected} == {
            i: gap is None for i, gap in expected.items()
        }
        judgements = judge(form, read, category=category, prior=prior)
        assert {j.instance.index: j.difference for j in judgements} == expected
        assert all(j in judgements for j in assessment.off)
        assert all((j.state is RuleState.BALANCED) <= (j.difference == 0) for j in judgements)


WORDS = [
    *(word.replace("…", "政府") for m in FORM.prose.mentions for word in m.words),
    *(word.rstrip("…") for word in (*FORM.prose.apart, *FORM.prose.aside, *FORM.prose.idle)),
    *"申请 复议 诉讼 件 宗 起 例 余 多 约 一起 条例 文件 万 和 ， 。 ； ： （ ） ！ 、".split(),
    *"12 30 0 7. ３ １２ 十二 2025年 2024年".split(),
    *("\n", " ", "1,234", "１．５", "第", "字" * 150),
]
TEXTS = st.lists(st.sampled_from(WORDS), max_size=40).map("".join).map(plain)


@given(TEXTS, st.sampled_from([0, 2025]))
def test_sentences_passed_over_state_nothing(text: str, year: int) -> None:
    stated = list(claims(FORM, text, year))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("xltools.checks.claims._Words.may_state", lambda words, text: True)
        assert stated == list(claims(FORM, text, year))


@given(TEXTS)
def test_sentences_are_passed_over_only_without_what_is_looked_for(text: str) -> None:
    every, wanted = (list(clauses(text, test)) for test in (lambda sentence: True, has_quantities))
    assert [s for s in every if any(list(quantities(c.text)) for c in s)] == [
        s for s in wanted if any(list(quantities(c.text)) for c in s)
    ]
    for word in ("申请", "复议", "文件"):
        assert [s for s in sentences(text, [word]) if any(word in c for c in s)] == [
            s for s in sentences(text) if any(word in c for c in s)
        ]


NUMBERS = ["13812345678", "138 1234 5678", "+86-139-1234-5678", "11010519491231002X", "0", "1", " "]


@given(st.lists(st.sampled_from([*NUMBERS, "-", "\n", "号", "，"]), max_size=12).map("".join))
def test_texts_passed_over_have_no_personal_numbers(text: str) -> None:
    spots = list(personal(text))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("xltools.checks.texts._DIGITS", re.compile(b""))
        assert spots == list(personal(text))
