"""The check: single mistakes, real reports, and what must hold for any return at all."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.filled import (
    BLOCKS,
    COLUMNS,
    FORM,
    LAYOUT,
    ROWS,
    TOTALS,
    Draft,
    consistent,
    published,
    totals,
)
from support.mistakes import (
    FORMULAS,
    REPORTS,
    T2,
    T3,
    T3_ROWS,
    T4,
    TOWN,
    TYPED,
    Mistake,
    across,
    all_of,
    blanks,
    block,
    carried_over,
    column,
    declared,
    down,
    emptied,
    filled_in,
    first,
    later,
    lost,
    odd_total,
    prefilled,
    split,
    text,
    together,
    unreadable,
    untyped,
    wrong,
    zeros,
)
from xltools.checks.run import check
from xltools.forms import declaration
from xltools.layout.places import lay_out
from xltools.model.assessment import Judgement, judge
from xltools.model.equation import Equation
from xltools.model.evaluate import recomputed
from xltools.model.findings import Finding, Words, catalogue, finding
from xltools.model.form import Severity
from xltools.model.numbers import Number
from xltools.model.returns import Return, RuleState, Status
from xltools.model.roster import Texts
from xltools.model.wording import Listing, in_words

# What is typed, the mistake, and the one finding: its code and its cells, the first one first.
SINGLE: list[tuple[bool, Mistake, str, list[str]]] = [
    # The totals are the formulas of the template.
    (FORMULAS, wrong("t3.received.natural"), "T3-01", column("natural")),
    (FORMULAS, wrong("t3.carried_in.business", 2), "T3-01", column("business")),
    (FORMULAS, wrong("t3.granted.research", 7), "T3-01", column("research")),
    (FORMULAS, wrong("t3.other_outcome.legal"), "T3-01", column("legal")),
    (FORMULAS, wrong("t3.carried_out.others", -1), "T3-01", column("others")),
    (FORMULAS, blanks("t3.secret.welfare"), "B-03", ["t3.secret.welfare"]),
    (FORMULAS, blanks("t4.cases.direct_other"), "B-02", ["t4.cases.direct_other"]),
    (FORMULAS, blanks(*T4[2:9]), "B-02", T4[2:9]),
    (FORMULAS, blanks("t2.fees.charged"), "B-02", ["t2.fees.charged"]),
    (FORMULAS, emptied("t2"), "B-01", T2[:1]),
    (FORMULAS, emptied("t3"), "B-01", T3[:1]),
    (FORMULAS, prefilled, "B-01", T3[:1]),
    (FORMULAS, emptied("t4"), "B-01", T4[:1]),
    (FORMULAS, emptied("t2", "t3", "t4"), "B-05", T2[:1]),
    (FORMULAS, declared("t4"), "B-04", T4),
    (FORMULAS, declared("t3", emptied("t3"), filled_in("t3.received.legal")), "B-04",
     ["t3.received.legal"]),
    (FORMULAS, wrong("t3.closed.total"), "C-04", ["t3.closed.total"]),
    (FORMULAS, zeros(*(block(b)[0] for b in BLOCKS)), "C-02", [block(b)[0] for b in BLOCKS]),
    (FORMULAS, odd_total("t3.closed.legal", "#REF!"), "C-03", ["t3.closed.legal"]),
    (FORMULAS, later("t3.carried_out.natural", 1), "Y-01", ["t3.carried_in.natural"]),
    (
        FORMULAS,
        later("t2.normative.in_force", -5),
        "Y-02",
        [f"t2.normative.{c}" for c in ("in_force", "issued", "repealed")],
    ),
    (FORMULAS, wrong("t2.regulations.in_force", 6), "T2-01", ["t2.regulations.in_force"]),
    (FORMULAS, text("p1.platform", " \n"), "P-01", ["p1.platform"]),
    (FORMULAS, lambda d: d.texts.clear(), "P-01", [t.name for t in FORM.texts]),
    (FORMULAS, text("p6.matters", ""), "P-01", ["p6.matters"]),
    (
        FORMULAS,
        text("p1.active", "公" * 1001),
        "P-02",
        [t.name for t in FORM.texts if t.name.startswith("p1.")],
    ),
    (FORMULAS, text("p1.on_request", "新收申请 1 件。"), "P-03",
     ["p1.on_request", "t3.received.total"]),
    (FORMULAS, text("p5.problems", "无。"), "P-04", ["p5.problems"]),
    (FORMULAS, text("p6.matters", "无其他需要报告的事项。"), "P-05", ["p6.matters"]),
    (FORMULAS, text("p1.supervision", "收取信息处理费300元。"), "P-06", ["p6.matters"]),
    (FORMULAS, all_of(lambda d: setattr(d, "year", 2025), text("p1.active", "2024年，主动公开。")),
     "P-07", ["p1.active"]),
    (FORMULAS, text("p1.platform", "联系电话13800138000。"), "P-08", ["p1.platform"]),
    (FORMULAS, all_of(wrong("t3.granted.natural"), wrong("t3.granted.business", -1)), "X-02",
     [*column("natural"), *column("business")]),
    (FORMULAS, split("t3.granted.natural", "t3.granted.business"), "X-03",
     ["t3.granted.natural", "t3.granted.business", *column("natural")]),
    (FORMULAS, wrong("t2.fees.charged", 250_000), "X-04", ["t2.fees.charged"]),
    (FORMULAS, unreadable("t3.granted.natural"), "V-02", ["t3.granted.natural"]),
    (FORMULAS, lost("t3"), "M-01", ["t3"]),
    # The totals were typed.
    (TYPED, wrong("t3.granted.natural"), "X-01",
     first("t3.granted.natural", [*across("granted"), *down("natural")])),
    (TYPED, wrong("t3.not_paid.others", 9), "X-01",
     first("t3.not_paid.others", [*across("not_paid"), *down("others")])),
    (TYPED, wrong("t3.received.legal", 2), "X-01",
     first("t3.received.legal", [*across("received"), *column("legal")])),
    (TYPED, wrong("t3.carried_in.natural", -1), "X-01",
     first("t3.carried_in.natural", [*across("carried_in"), *column("natural")])),
    (TYPED, wrong("t3.carried_out.research"), "X-01",
     first("t3.carried_out.research", [*across("carried_out"), *column("research")])),
    (TYPED, wrong("t3.closed.total", 5), "X-01",
     first("t3.closed.total", [*across("closed"), *down("total")])),
    (TYPED, all_of(untyped("t3.closed.natural", "t3.closed.total"), wrong("t3.partial.natural")),
     "X-01", first("t3.partial.natural", [*across("partial"), *column("natural")])),
    (TYPED, wrong("t3.granted.total"), "T3-03", across("granted")),
    (TYPED, wrong("t3.received.total", -1), "T3-03", across("received")),
    (TYPED, wrong("t3.carried_out.total", 3), "T3-03", across("carried_out")),
    (TYPED, wrong("t3.closed.welfare"), "T3-02", down("welfare")),
    # A wrong total that was carried on into the total of totals.
    (TYPED, all_of(wrong("t3.secret.total"), wrong("t3.closed.total")), "T3-03",
     together(across("secret"), across("closed"))),
    (TYPED, all_of(wrong("t3.closed.legal"), wrong("t3.closed.total")), "T3-02",
     together(down("legal"), down("total"))),
    (TYPED, all_of(wrong("t3.received.natural"), wrong("t3.received.total")), "T3-01",
     column("natural")),
    (TYPED, zeros(*T3_ROWS), "T3-03", together(*map(across, ROWS))),
    (TYPED, zeros(*(f"t3.closed.{c}" for c in [*COLUMNS, "total"])), "T3-02",
     together(*map(down, [*COLUMNS, "total"]))),
    (TYPED, zeros("t4.cases.review_total"), "T4-01", block("review")),
    (TYPED, wrong("t4.cases.direct_total", -1), "T4-02", block("direct")),
    (TYPED, wrong("t4.cases.after_pending"), "T4-03", block("after")),
    (TYPED, blanks("t3.carried_in.total"), "C-01", ["t3.carried_in.total"]),
    (TYPED, blanks(*T3_ROWS), "C-01", T3_ROWS),
    (TYPED, odd_total("t4.cases.direct_total", "见附件"), "C-03", ["t4.cases.direct_total"]),
    (TYPED, blanks("t3.internal.business"), "B-03", ["t3.internal.business"]),
    (TYPED, blanks("t4.cases.after_other"), "B-03", ["t4.cases.after_other"]),
    (TYPED, later("t3.carried_out.others", 2), "Y-01", ["t3.carried_in.others"]),
    (TYPED, unreadable("t4.cases.after_other"), "V-02", ["t4.cases.after_other"]),
]  # fmt: skip


def found(draft: Draft, **options: str) -> tuple[Finding, ...]:
    category = options.get("category", TOWN)
    return check(LAYOUT, draft.made(), category=category, text=Texts.REQUIRED, limit=0)


def differences(finding: Finding) -> list[Number]:
    """How much the rule of a finding is off at each place."""
    assert isinstance(finding.detail, Listing)
    return [e.left - e.right for e in finding.detail.values if isinstance(e, Equation)]


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize(("typed", "mistake", "code", "items"), SINGLE)
def test_one_mistake_is_one_finding(
    typed: bool, mistake: Mistake, code: str, items: list[str], seed: int
) -> None:
    draft = consistent(seed, typed=typed)
    mistake(draft)
    if code not in ("C-02", "C-04"):
        draft.recalculate()
    made = found(draft)
    assert [one.code for one in made] == [code]
    one = made[0]
    assert one.items == tuple(items)
    if code[0] in "VM":
        return
    if code[0] == "P":
        assert one.sheet == "文字"
        assert (
            one.cells[0]
            == f"A{LAYOUT.texts[[t.name for t in FORM.texts].index(items[0])].first + 1}"
        )
        return
    places = [LAYOUT.address(FORM.by_name[name]) for name in one.items]
    assert one.cells == tuple(place.a1 for place in places)
    assert {one.sheet} == {place.sheet for place in places}
    assert one.labels == FORM.items[FORM.by_name[items[0]]].path


def test_the_table_of_mistakes_covers_every_code() -> None:
    """Every code that the check itself makes, and every rule of the form."""
    # P-09 and B-06 are said when a document is read.
    own = {code for code in catalogue() if code[0] in "BCXP"} - {"P-09", "B-06"}
    rules = {rule.code for rule in FORM.rules}
    assert {code for _, _, code, _ in SINGLE} == own | rules | {"V-02", "M-01"}
    assert not own & rules


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("typed", [False, True])
def test_a_consistent_return_has_no_finding(seed: int, typed: bool) -> None:
    draft = consistent(seed, typed=typed)
    assert found(draft) == ()
    carried_over(draft)
    assert found(draft) == ()
    states = {one.state for one in judge(FORM, draft.made(), category=TOWN)}
    assert states == {RuleState.BALANCED}


@pytest.mark.parametrize("seed", range(3))
def test_blank_means_zero_only_when_declared(seed: int) -> None:
    draft = consistent(seed, typed=False)
    emptied("t4")(draft)
    assert [one.code for one in found(draft)] == ["B-01"]
    draft.zero = True
    assert found(draft) == ()
    draft.zero, draft.none = False, {"t4"}
    assert found(draft) == ()
    draft.none = {"t3"}
    assert [one.code for one in found(draft)] == ["B-04", "B-01"]


def test_a_blank_that_unbalances_says_where_and_by_how_much() -> None:
    draft = consistent(3, typed=False)
    was, also = draft.figures["t3.granted.natural"], draft.figures["t3.partial.natural"]
    draft.blank("t3.granted.natural", "t3.partial.natural")
    draft.recalculate()
    lacking = (was or 0) + (also or 0)
    (one,) = found(draft)
    assert (one.code, in_words(one.found)) == ("B-03", "空白 2 格")
    assert f"在“自然人”差 {lacking}" in in_words(one.detail)
    assert "总计”差" not in in_words(one.detail)


def test_an_imbalance_beside_a_blank_total_is_reported() -> None:
    """A blank total counts as the sum of its parts: it must not hide what is off."""
    draft = consistent(4, typed=True)
    draft.blank("t3.closed.natural")
    draft.add("t3.received.natural", 1)
    draft.add("t3.received.total", 1)
    codes = [one.code for one in found(draft)]
    assert codes == ["C-01", "T3-01"]
    states = {one.instance.line: one.state for one in judge(FORM, draft.made())
              if one.instance.rule.code == "T3-01"}  # fmt: skip
    assert states["natural"] is RuleState.INCOMPLETE


def test_two_columns_off_are_two_findings_and_the_total_none() -> None:
    draft = consistent(5, typed=False)
    draft.add("t3.received.natural", 3)
    draft.add("t3.received.business", -1)
    draft.add_up()
    made = found(draft)
    assert [one.items for one in made] == [tuple(column("natural")), tuple(column("business"))]
    assert [in_words(one.detail).rpartition("，")[2] for one in made] == ["差 3", "差 -1"]
    assert in_words(made[0].detail).startswith("本年新收政府信息公开申请数量 ")


def test_a_total_off_by_more_than_its_columns_is_kept() -> None:
    """The typed totals of 一 and its columns are right, 四 is not: two causes, two findings."""
    draft = consistent(6, typed=True)
    draft.add("t3.received.natural", 1)
    draft.add("t3.received.total", 1)
    draft.add("t3.carried_out.total", 4)
    assert [(one.code, one.items[0]) for one in found(draft)] == [
        ("T3-01", "t3.received.natural"),
        ("T3-03", "t3.carried_out.total"),
    ]


def test_two_wrong_cells_that_could_be_paired_in_two_ways_keep_rows_and_columns() -> None:
    draft = consistent(7, typed=True)
    draft.add("t3.granted.natural", 1)
    draft.add("t3.partial.business", 1)
    made = found(draft)
    assert [one.code for one in made] == ["T3-02", "T3-03"]
    assert [one.items[:2] for one in made] == [
        ("t3.closed.natural", "t3.closed.business"),
        ("t3.granted.total", "t3.partial.total"),
    ]
    assert [differences(one) for one in made] == [[-1, -1], [-1, -1]]
    assert all(set(one.items) >= {"t3.granted.natural", "t3.partial.business"} for one in made)


def test_two_wrong_cells_off_by_different_amounts_are_both_found() -> None:
    draft = consistent(8, typed=True)
    draft.add("t3.granted.natural", 1)
    draft.add("t3.partial.business", 2)
    made = found(draft)
    assert [one.code for one in made] == ["X-01", "X-01"]
    assert {one.items[0] for one in made} == {"t3.granted.natural", "t3.partial.business"}


def test_a_crossing_says_what_it_should_be() -> None:
    draft = consistent(9, typed=True)
    was = draft.figures["t3.internal.legal"]
    draft.add("t3.internal.legal", 12)
    (one,) = found(draft)
    assert one.severity is Severity.FATAL
    assert (
        in_words(one.found),
        in_words(one.expected),
        in_words(one.detail),
    ) == (
        str((was or 0) + 12),
        str(was),
        "12",
    )
    assert Words().message(one).startswith(f"表三 {one.cells[0]}、")


def test_a_crossing_that_would_have_to_be_negative_explains_nothing() -> None:
    draft = consistent(10, typed=True)
    was = draft.figures["t3.granted.natural"] or 0
    draft.add("t3.granted.total", -was - 1)
    draft.add("t3.closed.natural", -was - 1)
    draft.add("t3.closed.total", -was - 1)
    draft.add("t3.received.natural", -was - 1)
    draft.add("t3.received.total", -was - 1)
    assert [one.code for one in found(draft)] == ["T3-02", "T3-03"]


def test_explanations_travel_with_the_findings() -> None:
    draft = consistent(11, typed=False)
    later("t3.carried_out.natural", 1)(draft)
    draft.priors["t3.carried_out.legal"] += 1
    draft.explanations["Y-01@t3.carried_in.natural"] = " 上年更正 "
    natural, legal = found(draft)
    assert (natural.explanation, natural.open) == ("上年更正", False)
    assert (legal.explanation, legal.open) == ("", True)
    states = [j.state for j in judge(FORM, draft.made()) if j.instance.rule.code == "Y-01"]
    assert states.count(RuleState.EXPLAINED) == 1


def test_an_explained_fatal_finding_stays_fatal() -> None:
    draft = consistent(12, typed=True)
    draft.add("t3.closed.natural", 1)
    draft.explanations["T3-02@t3.closed.natural"] = "系统导出"
    (one,) = found(draft)
    assert (one.severity, one.explanation, one.open) == (Severity.FATAL, "系统导出", True)
    states = {j.instance.line: j.state for j in judge(FORM, draft.made())
              if j.instance.rule.code == "T3-02"}  # fmt: skip
    assert states["natural"] is RuleState.OFF


def test_rules_for_some_categories_are_not_applied_to_others() -> None:
    draft = consistent(13, typed=False)
    draft.add("t2.regulations.in_force", 6)
    assert [one.code for one in found(draft)] == ["T2-01"]
    for category in ("区政府本级", ""):
        assert found(draft, category=category) == ()
        states = [j for j in judge(FORM, draft.made(), category=category)
                  if j.instance.rule.code == "T2-01"]  # fmt: skip
        assert {j.state for j in states} == {RuleState.NOT_APPLICABLE}
        assert {j.difference for j in states} == {None}


def test_last_years_figures_given_go_before_those_of_the_template() -> None:
    draft = consistent(14, typed=False)
    carried_over(draft)
    given: list[Number | None] = [None] * len(FORM.items)
    for name, number in draft.priors.items():
        given[FORM.by_name[name]] = number
    draft.priors["t3.carried_out.natural"] += 1
    assert [one.code for one in found(draft)] == ["Y-01"]
    assert check(LAYOUT, draft.made(), category=TOWN, prior=given) == ()


def test_totals_over_text_are_not_blamed_for_it() -> None:
    """A formula skips the text `3件`, or fails on it; the figure is read all the same."""
    draft = consistent(15, typed=False)
    draft.found["t3.granted.natural"] = "3件"
    draft.add("t3.closed.natural", -3)
    odd_total("t3.granted.total", "#VALUE!")(draft)
    assert found(draft) == ()


@pytest.mark.parametrize(
    ("text", "codes"), [(Texts.REQUIRED, ["P-01", "P-02"]), (Texts.NONE, []),
                        (Texts.OPTIONAL, ["P-02", "P-04", "P-05"])],
)  # fmt: skip
def test_texts_are_asked_for_as_the_roster_says(text: Texts, codes: list[str]) -> None:
    draft = consistent(16, typed=False)
    draft.texts = {"p1.active": "公" * 600, "p1.platform": "开 " * 401}
    made = check(LAYOUT, draft.made(), text=text, limit=0)
    assert [one.code for one in made] == codes
    if text is Texts.REQUIRED:
        assert in_words(made[0].found) == (
            "（二）依申请公开、（三）政府信息管理、（五）监督保障、五、存在的主要问题及改进情况、"
            "六、其他需要报告的事项"
        )
    if codes:
        long = next(one for one in made if one.code == "P-02")
        assert (in_words(long.found), in_words(long.expected)) == ("1001", "1000")


@pytest.mark.parametrize(
    ("limit", "expected"), [(None, []), (0, ["1000"]), (1000, ["1000"]), (1001, []), (300, ["300"])]
)
def test_the_length_is_asked_about_where_the_roster_says_so(
    limit: int | None, expected: list[str]
) -> None:
    draft = consistent(16, typed=False)
    draft.texts |= {"p1.active": "公" * 1001, "p5.problems": "公" * 3000}  # 五 has no limit
    for name in ("on_request", "management", "platform", "supervision"):
        draft.texts[f"p1.{name}"] = ""
    made = check(LAYOUT, draft.made(), limit=limit)
    assert [in_words(one.expected) for one in made if one.code == "P-02"] == expected


def test_findings_of_the_reading_come_first() -> None:
    draft = consistent(17, typed=False)
    draft.add("t3.received.natural", 1)
    draft.add_up()
    note = finding("V-01", found="3件", expected="3")
    draft.findings = [note]
    assert found(draft)[0] is note
    assert [one.code for one in found(draft)] == ["V-01", "T3-01"]


@pytest.mark.parametrize("name", REPORTS)
def test_real_reports_have_no_fatal_finding(name: str) -> None:
    draft = published(name)
    assert check(LAYOUT, draft.made(), text=Texts.NONE) == ()
    assert [x for i, x in enumerate(recomputed(FORM, draft.made())) if i in TOTALS] == [
        x for i, x in enumerate(draft.made().numbers) if i in TOTALS
    ]


def test_a_real_report_follows_that_of_the_year_before() -> None:
    last, this = published("suqian_shi_2023").made(), published("suqian_shi_2024")
    assert check(LAYOUT, this.made(), prior=last.numbers) == ()
    judged = [j for j in judge(FORM, this.made(), prior=last.numbers)
              if j.instance.rule.code.startswith("Y-")]  # fmt: skip
    assert [j.state for j in judged] == [RuleState.BALANCED] * 9
    this.add("t3.carried_in.business", -1)
    this.add("t3.received.business", 1)
    this.add_up()
    made = check(LAYOUT, this.made(), prior=last.numbers)
    assert [(one.code, one.items) for one in made] == [("Y-01", ("t3.carried_in.business",))]
    assert (
        in_words(made[0].found),
        in_words(made[0].expected),
        in_words(made[0].detail),
    ) == (
        "2",
        "3",
        "上年结转下年度继续办理 3，填的是 2",
    )


def test_a_total_of_a_table_that_lost_a_row_is_not_judged() -> None:
    draft = consistent(18, typed=True)
    gone = [n for n in draft.figures if n.startswith("t3.secret.")]
    draft.blank(*gone)
    draft.absent.update(gone)
    draft.findings.append(finding("M-02", found="1.属于国家秘密"))
    assert [one.code for one in found(draft)] == ["M-02"]


@pytest.mark.parametrize("zero", [False, True])
def test_a_table_that_was_not_found_is_not_taken_for_zeros(zero: bool) -> None:
    draft = consistent(19, typed=False)
    carried_over(draft)
    lost("t3")(draft)
    draft.zero = zero
    assert [one.code for one in found(draft)] == ["M-01"]


def test_a_blank_that_only_a_query_would_ask_about_is_no_fatal_finding() -> None:
    draft = consistent(20, typed=False)
    draft.add("t3.carried_out.natural", draft.figures["t3.carried_in.natural"] or 0)
    draft.add("t3.received.natural", 2 * (draft.figures["t3.carried_in.natural"] or 0))
    draft.blank("t3.carried_in.natural")
    draft.add_up()
    draft.priors["t3.carried_out.natural"] = 3
    made = found(draft)
    assert [(one.code, one.severity) for one in made] == [("B-02", Severity.QUERY)]


def test_blank_totals_of_a_declared_table_are_as_declared() -> None:
    draft = consistent(21, typed=True)
    draft.blank(*draft.table("t4"))
    draft.none = {"t4"}
    assert found(draft) == ()
    draft.none, draft.zero = set(), True
    assert found(draft) == ()


def test_a_total_is_not_explained_by_columns_that_are_not_known() -> None:
    draft = consistent(22, typed=False)
    later("t3.carried_out.business", 1)(draft)
    draft.priors["t3.carried_out.total"] += 1
    assert [one.items[0] for one in found(draft)] == ["t3.carried_in.business"]
    del draft.priors["t3.carried_out.natural"]
    assert [one.items for one in found(draft)] == [
        ("t3.carried_in.business", "t3.carried_in.total")
    ]


# Any return at all: a consistent one, changed in a few places.

CHANGES = ("more", "blank", "void", "unreadable", "typed", "formula")
AMOUNT = st.decimals(allow_nan=False, allow_infinity=False, places=8)
NUMBERS = st.integers(-(10**30), 10**30) | st.integers(-3, 3) | AMOUNT
CHANGE = st.tuples(st.sampled_from([i.name for i in FORM.items]), st.sampled_from(CHANGES), NUMBERS)


@st.composite
def returns(draw: st.DrawFn) -> Draft:
    """What the matcher could give, in the figures as in the declarations."""
    draft = consistent(draw(st.integers(0, 9)), typed=draw(st.booleans()))
    for name, change, number in draw(st.lists(CHANGE, max_size=12)):
        total = FORM.by_name[name] in TOTALS
        if change == "more":
            draft.figures[name] = (draft.figures[name] or 0) + number
            draft.statuses[name] = Status.GIVEN
        elif change == "blank":
            draft.blank(name)
        elif change == "void":
            draft.figures[name], draft.statuses[name] = 0, Status.VOID
        elif change == "unreadable":
            draft.figures[name], draft.statuses[name] = None, Status.UNREADABLE
        elif total:
            (draft.typed.add if change == "typed" else draft.typed.discard)(name)
    draft.zero = draw(st.booleans()) and draw(st.booleans())
    draft.none = set(draw(st.lists(st.sampled_from(["t2", "t3", "t4"]), max_size=1)))
    if draw(st.booleans()):
        carried = draw(st.lists(st.sampled_from([*COLUMNS, "total"]), unique=True))
        draft.priors = {f"t3.carried_out.{c}": 3 for c in carried}
        draft.priors["t2.normative.in_force"] = 5
    return draft


def sides(draft: Draft, one: Judgement) -> tuple[Fraction, Fraction]:
    """Both sides of a rule, from its code and the names alone."""
    made = totals(draft.figures)

    def take(name: str) -> Fraction:
        typed = draft.figures[name] if name in draft.typed else None
        if name in made and typed is None:
            return Fraction(made[name])
        return Fraction(draft.figures[name] or 0 if typed is None else typed)

    item = FORM.items[one.instance.anchor]
    r, c = item.row, item.column
    code = one.instance.rule.code
    if code == "T3-01":
        a, b, x, y = map(take, column(c))
        return a + b, x + y
    if code == "Y-01":
        return take(item.name), Fraction(draft.priors[f"t3.carried_out.{c}"])
    if code == "Y-02":
        last = Fraction(draft.priors[f"t2.{r}.in_force"])
        return take(item.name), last + take(f"t2.{r}.issued") - take(f"t2.{r}.repealed")
    if code == "T2-01":
        return take(item.name), Fraction(0)
    parts = {"T3-02": down(c), "T3-03": across(r)}.get(code) or block(c.removesuffix("_total"))
    return take(parts[0]), sum(map(take, parts[1:]), Fraction(0))


def state(draft: Draft, one: Judgement) -> RuleState:
    """The state by the words of the rule book: what concerns it, then what is missing."""
    concerned = {FORM.items[i].name for i in one.instance.leaves}
    concerned |= {FORM.items[i].name for i in one.instance.cells} & draft.typed
    if one.instance.rule.code == "T2-01":
        return RuleState.NOT_APPLICABLE
    if any(FORM.items[i].name not in draft.priors for i in one.instance.priors):
        return RuleState.NOT_APPLICABLE
    statuses = {name: draft.statuses.get(name) for name in concerned}
    if Status.UNREADABLE in statuses.values():
        return RuleState.NOT_NUMBER
    open_ = [n for n, s in statuses.items() if s is Status.BLANK and n[:2] not in draft.none]
    if open_ and not draft.zero:
        return RuleState.INCOMPLETE
    left, right = sides(draft, one)
    return RuleState.BALANCED if left == right else RuleState.OFF


@settings(max_examples=150, deadline=None)
@given(returns())
def test_judgements_equal_an_independent_recomputation(draft: Draft) -> None:
    judged = judge(FORM, draft.made(), category="区政府本级")
    assert [j.instance for j in judged] == list(FORM.instances)
    for one in judged:
        assert one.state is state(draft, one)
        if one.state in (RuleState.NOT_APPLICABLE, RuleState.NOT_NUMBER):
            assert one.difference is one.left is one.right is None
        else:
            assert one.left is not None
            assert one.right is not None
            assert one.difference is not None
            left, right = sides(draft, one)
            assert (Fraction(one.left), Fraction(one.right)) == (left, right)
            assert Fraction(one.difference) == left - right
            assert isinstance(one.difference, int) or one.difference != int(one.difference)


@settings(max_examples=150, deadline=None)
@given(returns())
def test_recomputed_totals_equal_an_independent_recomputation(draft: Draft) -> None:
    made = totals(draft.figures)
    ret = draft.made()
    for item, number in zip(FORM.items, recomputed(FORM, ret), strict=True):
        below = {i for one in FORM.instances if one.anchor == item.index and one.rule.total
                 for i in one.leaves} or {item.index}  # fmt: skip
        if any(ret.statuses[i] is Status.UNREADABLE for i in below):
            assert number is None
        else:
            assert number is not None
            assert number == made.get(item.name, draft.figures[item.name] or 0)


@settings(max_examples=300, deadline=None)
@given(returns())
def test_consequences_never_hide_that_a_return_is_unbalanced(draft: Draft) -> None:
    ret = draft.made()
    hard = [j for j in judge(FORM, ret) if j.instance.rule.severity is Severity.FATAL]
    off = [j for j in hard if j.difference]  # and so also when blanks count as zero
    made = check(LAYOUT, ret, text=Texts.NONE)
    fatal = [one for one in made if one.severity is Severity.FATAL]
    if off:
        assert fatal
    rules = {rule.code for rule in FORM.rules} | {"X-01"}
    named = [one for one in fatal if one.code in rules]
    for one in named:
        cells = {FORM.by_name[name] for name in one.items}
        assert any(cells >= set(j.instance.cells) for j in hard if j.difference)
    if draft.none or any(one.code == "B-01" for one in made):
        return
    # Not only one finding is left: every imbalance shares a cell, or a cell above it, with one.
    reported = {FORM.by_name[name] for one in fatal for name in one.items}
    assert all(reported & {*j.instance.cells, *j.instance.leaves} for j in off)


@settings(max_examples=100, deadline=None)
@given(returns())
def test_findings_are_never_repeated_and_can_be_put_into_words(draft: Draft) -> None:
    words = Words(rules={rule.code: rule.message for rule in FORM.rules})
    made = check(LAYOUT, draft.made(), category=TOWN, text=Texts.REQUIRED)
    assert len({(one.code, one.items) for one in made}) == len(made)
    for one in made:
        assert one.cells
        assert len(one.cells) == len(one.items)
        assert words.message(one)


OTHER = """
form = "other"
edition = "1"
title = "三层"
authority = "测试"

[a]
title = "一、甲"
type = "amount"
columns = [
  ["x", "甲"], ["y", "乙"], ["sub", "小计", "x + y"], ["z", "丙"], ["all", "合计", "sub + z"],
]
rows = [["r", "一"], ["s", "二"], ["both", "和", "r + s"]]

[rules]
A-1 = ["fatal", "a.all", "合计"]
A-2 = ["fatal", "a.sub", "小计"]
A-3 = ["fatal", "a.s <= a.r", "其中不大于总数"]
A-4 = ["query", "a.both.all >= 0 - 5", "下限"]
A-5 = ["fatal", "a.both", "和"]
"""
THREE = declaration.read(OTHER, Path("other.toml"))
THREE_LAYOUT = lay_out(THREE)


def three(figures: dict[str, Number]) -> Return:
    """A return of the form above; the totals that are given are typed."""
    numbers = [figures.get(f"{i.row}.{i.column}") for i in THREE.items]
    typed = [i.index for i in THREE.items if i.formula and numbers[i.index] is not None]
    given_ = [n is not None for n in numbers]
    return Return(
        identity=None,
        numbers=numbers,
        statuses=[Status.GIVEN if yes else Status.BLANK for yes in given_],
        places=THREE_LAYOUT.addresses,
        typed=frozenset(typed),
    )


INPUTS: dict[str, Number] = {
    "r.x": Decimal("0.3"), "r.y": Decimal("0.2"), "r.z": 4,
    "s.x": Decimal("0.1"), "s.y": Decimal("0.2"), "s.z": 2,
}  # fmt: skip


def test_totals_of_totals_are_recomputed_in_order_and_exactly() -> None:
    ret = three(INPUTS)
    made = {i.name[2:]: x for i, x in zip(THREE.items, recomputed(THREE, ret), strict=True)}
    assert (made["r.sub"], made["r.all"]) == (Decimal("0.5"), Decimal("4.5"))
    assert (made["both.x"], made["both.sub"], made["both.all"]) == (
        Decimal("0.4"), Decimal("0.8"), Decimal("6.8"),
    )  # fmt: skip
    assert check(THREE_LAYOUT, ret) == ()


def test_a_wrong_subtotal_that_was_carried_up_is_one_finding() -> None:
    made = check(THREE_LAYOUT, three(INPUTS | {"r.sub": 1, "r.all": 5}))
    assert [(one.code, one.items[0]) for one in made] == [("A-2", "a.r.sub")]
    assert (
        in_words(made[0].found),
        in_words(made[0].expected),
        in_words(made[0].detail),
    ) == (
        "1",
        "0.5",
        "甲 0.3 ＋ 乙 0.2 ＝ 0.5，填的是 1",
    )


def test_amounts_agree_to_six_decimals() -> None:
    ret = three(INPUTS | {"r.sub": Decimal("0.5000004")})
    assert check(THREE_LAYOUT, ret) == ()
    ret = three(INPUTS | {"r.sub": Decimal("0.500001")})
    assert [in_words(one.detail) for one in check(THREE_LAYOUT, ret)] == [
        "甲 0.3 ＋ 乙 0.2 ＝ 0.5，填的是 0.500001"
    ]


def test_an_inequality_that_holds_has_no_difference() -> None:
    judged = {(j.instance.rule.code, j.instance.line): j for j in judge(THREE, three(INPUTS))}
    assert judged["A-3", "x"].difference == 0
    assert judged["A-4", ""].state is RuleState.BALANCED
    made = check(THREE_LAYOUT, three(INPUTS | {"s.z": 5}))
    assert [(one.code, one.items) for one in made] == [
        ("A-3", ("a.s.z", "a.r.z")),
        ("A-3", ("a.s.all", "a.r.all")),
    ]
    assert [in_words(one.detail) for one in made] == ["一 4，填的是 5", "一 4.5，填的是 5.3"]
    made = check(THREE_LAYOUT, three(INPUTS | {"s.x": Decimal("0.3"), "s.z": 5}))
    assert [(one.code, one.items) for one in made] == [("A-3", ("a.s.z", "a.r.z"))]


def test_a_query_never_makes_a_fatal_finding_its_consequence() -> None:
    head, _ = OTHER.split("[rules]")
    soft = f"""{head}
[rules]
A-2 = ["query", "a.sub", "小计"]
A-3 = ["fatal", "a.s.sub == 0", "零"]
"""
    form = declaration.read(soft, Path("soft.toml"))
    ret = three(INPUTS | {"s.x": 0, "s.y": 0, "s.sub": 1, "s.all": 3, "r.sub": 2, "r.all": 6})
    ret = replace(ret, explanations={"A-2@a.r.sub": "已核"})
    made = check(lay_out(form), ret)
    assert [(one.code, one.items[0], one.explanation) for one in made] == [
        ("A-2", "a.r.sub", "已核"),
        ("A-2", "a.s.sub", ""),
        ("A-3", "a.s.sub", ""),
    ]
    # As fatal as the relation, the total's own rule is the cause.
    made = check(lay_out(declaration.read(soft.replace("query", "fatal"), Path("hard.toml"))), ret)
    assert [(one.code, one.items[:2]) for one in made] == [("A-2", ("a.r.sub", "a.s.sub"))]
