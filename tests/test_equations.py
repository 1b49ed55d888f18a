"""How a broken rule is told: as an equation with the headings of the form and its figures."""

from pathlib import Path

from support.commands import text, xltools
from support.filled import FORM, LAYOUT, consistent
from support.jobs import GOOD, filled
from support.mistakes import Mistake, later, wrong
from xltools.checks.run import check
from xltools.model.equation import Addend, Equation
from xltools.model.findings import Words
from xltools.model.roster import Texts

WORDS = Words.of(FORM)


def told(typed: bool, mistake: Mistake, code: str) -> str:
    draft = consistent(1, typed=typed)
    mistake(draft)
    findings = check(LAYOUT, draft.made(), category="派出机构", text=Texts.REQUIRED, limit=0)
    return next(WORDS.fact(finding) for finding in findings if finding.code == code)


def figure(name: str) -> str:
    number = consistent(1, typed=True).made().numbers[FORM.by_name[name]]
    return "0" if number is None else str(number)


def test_a_total_is_the_sum_that_it_should_be() -> None:
    parts = [("upheld", "结果维持"), ("corrected", "结果纠正"), ("other", "其他结果"),
             ("pending", "尚未审结")]  # fmt: skip
    names = [f"t4.cases.review_{key}" for key, _ in parts]
    total = sum(int(figure(name)) for name in names)
    terms = " ＋ ".join(
        f"{label} {figure(name)}" for (_, label), name in zip(parts, names, strict=True)
    )
    assert told(True, wrong("t4.cases.review_total", 2), "T4-01") == (
        f"行政复议的总计等于前四项之和：{terms} ＝ {total}，填的是 {total + 2}。"
    )


def test_last_years_figure_and_the_changes_of_this_year() -> None:
    told_words = told(False, later("t2.normative.in_force", -5), "Y-02")
    issued, repealed = figure("t2.normative.issued"), figure("t2.normative.repealed")
    held = int(figure("t2.normative.in_force"))
    before = held - int(issued) + int(repealed) - 5
    assert told_words.endswith(
        f"：上年现行有效件数 {before} ＋ 本年制发件数 {issued} － 本年废止件数 {repealed}"
        f" ＝ {held - 5}，填的是 {held}。"
    )


def test_both_sides_are_sums() -> None:
    received, carried = (int(figure(f"t3.{row}.natural")) for row in ("received", "carried_in"))
    closed, left = (int(figure(f"t3.{row}.natural")) for row in ("closed", "carried_out"))
    assert told(False, wrong("t3.received.natural", 3), "T3-01").endswith(
        f"：本年新收政府信息公开申请数量 {received + 3} ＋ 上年结转政府信息公开申请数量 {carried}"
        f" ＝ {received + 3 + carried}，总计 {closed} ＋ 结转下年度继续办理 {left}"
        f" ＝ {closed + left}，差 3。"
    )


def test_a_figure_that_must_be_a_certain_one() -> None:
    assert told(False, wrong("t2.regulations.in_force", 6), "T2-01").endswith(
        "规章各项应为0：应为 0，填的是 6。"
    )


def test_of_a_long_sum_what_is_not_zero() -> None:
    terms = tuple(Addend(sign=1, label=f"第{n}项", position=n) for n in range(10))
    whole = Addend(sign=1, label="总计", position=10)

    def words(*figures: int) -> str:
        held = (*figures, *[0] * (10 - len(figures)))
        return str(Equation(
            terms=(whole, *terms), figures=(5, *held), split=1, left=5, right=sum(held),
        ))  # fmt: skip

    assert words(0, 3, 1) == "第1项 3 ＋ 第2项 1 ＝ 4，填的是 5"
    assert words(*[1] * 9) == (
        "第0项 1 ＋ 第1项 1 ＋ 第2项 1 ＋ 第3项 1 ＋ 第4项 1 ＋ 第5项 1 ＋ 其他 3 项 ＝ 9，填的是 5"
    )
    assert words() == "第0项 0，填的是 5"


def test_equal_findings_of_a_unit_are_one_paragraph(tmp_path: Path) -> None:
    figures = GOOD | {"t3.received.natural": 5, "t3.received.business": 7}
    filled(tmp_path / "甲.xlsx", "甲局", figures)
    printed = text(xltools("check", "甲.xlsx", cwd=tmp_path)).splitlines()
    assert sum(line.startswith("[必须更正 T3-01]") for line in printed) == 1
    at = next(n for n, line in enumerate(printed) if line.startswith("[必须更正 T3-01]"))
    assert [line.partition("（")[0] for line in printed[at + 1 : at + 3]] == [
        "  表三 D5、D6、D28、D29",
        "  表三 E5、E6、E28、E29",
    ]
    assert printed[at + 3] == "  请单位核对，改正这几格中填错的数。"
