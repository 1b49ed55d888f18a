"""From inbox to summary: every outcome, the figures of real reports, and what a re-run does."""

import hashlib
import json
import os
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from openpyxl import load_workbook

from support.client import Office
from support.filled import FORM, LAYOUT, printed
from support.jobs import BAD, GOOD, INPUTS, NOON, candidate, codes, filled, outcomes, run, template
from support.summaries import summary_bytes
from xltools.inbox.pool import read_all
from xltools.layout.places import TEXT_SHEET
from xltools.model.identity import (
    COVER,
    FIELDS,
    IDENTITY,
    YEAR,
)
from xltools.model.previous import Previous
from xltools.model.record import ReturnRecord
from xltools.model.returns import RuleState
from xltools.model.roster import Unit, UnitState
from xltools.model.summary import Outcome, Summary
from xltools.model.wording import in_words
from xltools.output.data import report
from xltools.output.json_text import json_pieces
from xltools.selfcheck import check_readings
from xltools.settle.judge import judge
from xltools.settle.versions import settle

DATA = Path(__file__).parent / "data" / "real_reports"
REPORTS = sorted(p.stem for p in DATA.glob("*.json") if "2019" not in p.stem)


@pytest.mark.parametrize(
    ("limit", "said"), [(None, []), (0, [("P-02", "1000")]), (1200, []), (30, [("P-02", "30")])]
)
def test_the_length_of_texts_is_what_the_roster_says(
    tmp_path: Path, limit: int | None, said: list[tuple[str, str]]
) -> None:
    book = load_workbook(filled(tmp_path / "in" / "甲局.xlsx", "甲局", GOOD))
    texts = {place.text.name: place.first for place in LAYOUT.texts}
    for name, text in {
        "p1.active": "公" * 1100,
        "p5.problems": "培训不够，将予加强。",
        "p6.matters": "没有收取信息处理费。",
    }.items():
        book[TEXT_SHEET].cell(texts[name] + 1, 1, text)
    book.save(tmp_path / "in" / "甲局.xlsx")
    summary = run(tmp_path / "in", Unit(name="甲局", limit=limit), year=2025)
    assert [(f.code, in_words(f.expected)) for f in summary.findings if f.code[0] == "P"] == said


@pytest.mark.parametrize("name", REPORTS)
def test_every_real_report_comes_back_exactly(office: Office, tmp_path: Path, name: str) -> None:
    """Generate, fill by the spreadsheet program, save, collect: all 200 figures."""
    figures = printed(name)
    path = tmp_path / "模板.xlsx"
    path.write_bytes(template("某单位").getvalue())
    cells: dict[str, str | int | float] = {
        str(LAYOUT.address(FORM.by_name[n])): figures[n] for n in INPUTS
    }
    result = office.fill(path, tmp_path / "in" / "某单位.xlsx", cells)
    assert not result.refused
    summary = run(tmp_path / "in", Unit(name="某单位"))
    assert outcomes(summary) == {"某单位.xlsx": "merged"}
    assert not [f for f in summary.findings if f.open]
    values = report(summary)["returns"][0]["values"]
    assert len(values) == 200
    assert values == figures
    assert [t["value"] for t in report(summary)["totals"]] == [figures[i.name] for i in FORM.items]


def test_every_outcome_and_who_is_missing(tmp_path: Path) -> None:
    inbox = tmp_path / "in"
    filled(inbox / "甲.xlsx", "甲局", GOOD)
    filled(inbox / "sub" / "乙.xlsx", "乙局", BAD)
    filled(inbox / "外.xlsx", "外单位", GOOD)
    filled(inbox / "旧.xlsx", "丁局", GOOD, year=2024)
    (inbox / "报告.pdf").write_bytes(b"%PDF-1.7\n")
    (inbox / "坏.xlsx").write_bytes(b"PK\x03\x04 damaged")
    (inbox / "~$甲.xlsx").write_bytes(b"lock")
    shutil.copy(inbox / "甲.xlsx", inbox / "甲-再发.xlsx")
    (inbox / "汇总.xlsx").write_bytes(b"")
    before = {p: (hashlib.sha256(p.read_bytes()).hexdigest(), p.stat().st_mtime_ns)
              for p in inbox.rglob("*") if p.is_file()}  # fmt: skip
    summary = run(inbox, Unit(name="甲局"), Unit(name="乙局"), Unit(name="丙局"),
                  Unit(name="丁局"), year=2025)  # fmt: skip
    assert outcomes(summary) == {
        "sub/乙.xlsx": "rejected", "~$甲.xlsx": "ignored", "坏.xlsx": "unreadable",
        "外.xlsx": "rejected", "报告.pdf": "unreadable", "旧.xlsx": "rejected",
        "汇总.xlsx": "unreadable",
        **dict(zip(("甲-再发.xlsx", "甲.xlsx"), _one_merged(summary), strict=True)),
    }  # fmt: skip
    assert summary.missing == ("丙局",)
    assert {f.path: f.code for f in summary.findings if f.code[0] in "FI"} == {
        "坏.xlsx": "F-02", "报告.pdf": "F-02", "汇总.xlsx": "F-02", "外.xlsx": "I-04",
        "旧.xlsx": "I-02",
    }  # fmt: skip
    assert summary.totals[FORM.by_name["t3.received.total"]] == 3
    after = {p: (hashlib.sha256(p.read_bytes()).hexdigest(), p.stat().st_mtime_ns)
             for p in inbox.rglob("*") if p.is_file()}  # fmt: skip
    assert before == after


def _one_merged(summary: Summary) -> list[str]:
    both = [outcomes(summary)[n] for n in ("甲-再发.xlsx", "甲.xlsx")]
    assert sorted(both) == ["merged", "superseded"]
    return both


def test_our_own_workbooks_are_no_returns(tmp_path: Path) -> None:
    inbox = tmp_path / "in"
    filled(inbox / "甲.xlsx", "甲局", GOOD)
    summary = run(inbox)
    (inbox / "汇总.xlsx").write_bytes(summary_bytes(summary, LAYOUT, inbox))
    assert outcomes(run(inbox))["汇总.xlsx"] == "ignored"


def test_an_empty_return_is_never_zeros(tmp_path: Path) -> None:
    filled(tmp_path / "in" / "甲.xlsx", "甲局", {}, zero=False)
    summary = run(tmp_path / "in", Unit(name="甲局"), accept=frozenset({"甲局"}))
    assert outcomes(summary) == {"甲.xlsx": "rejected"}
    assert codes(summary) == ["B-05"]


def test_accept_merges_and_marks_but_not_what_cannot_be_read(tmp_path: Path) -> None:
    inbox, accept = tmp_path / "in", frozenset({"甲局", "乙局"})
    filled(inbox / "甲.xlsx", "甲局", BAD)
    filled(inbox / "乙.xlsx", "乙局", GOOD | {"t3.granted.business": "约30"})
    summary = run(inbox, Unit(name="甲局"), Unit(name="乙局"), accept=accept)
    assert outcomes(summary) == {"甲.xlsx": "merged", "乙.xlsx": "rejected"}
    assert [e.accepted for e in summary.entries] == [True]
    assert "V-02" in codes(summary)


def test_a_joint_filer_counts_as_in_and_not_twice(tmp_path: Path) -> None:
    inbox = tmp_path / "in"
    filled(inbox / "甲.xlsx", "甲局", GOOD)
    units = Unit(name="甲局"), Unit(name="随报", files_through="甲局")
    summary = run(inbox, *units)
    assert (summary.covered, summary.expected, summary.missing) == (2, 2, ())
    filled(inbox / "随.xlsx", "随报", GOOD)
    summary = run(inbox, *units)
    assert outcomes(summary)["随.xlsx"] == "rejected"
    assert "I-06" in codes(summary)


def test_units_not_expected_or_not_counted(tmp_path: Path) -> None:
    inbox = tmp_path / "in"
    filled(inbox / "甲.xlsx", "甲局", GOOD)
    filled(inbox / "垂.xlsx", "垂管局", GOOD)
    filled(inbox / "撤.xlsx", "撤局", GOOD)
    summary = run(inbox, Unit(name="甲局"), Unit(name="垂管局", counted=False),
                  Unit(name="撤局", state=UnitState.ABOLISHED),
                  Unit(name="免局", state=UnitState.EXEMPT))  # fmt: skip
    assert outcomes(summary) == {"垂.xlsx": "merged", "撤.xlsx": "rejected", "甲.xlsx": "merged"}
    assert summary.totals[FORM.by_name["t3.received.total"]] == 3
    assert summary.missing == ()
    assert "I-05" in codes(summary)


def test_found_by_alias_and_by_code_and_not_by_file_name_alone(tmp_path: Path) -> None:
    inbox = tmp_path / "in"
    filled(inbox / "1.xlsx", "区教育局", GOOD)
    filled(inbox / "2.xlsx", "改了名的局", GOOD, code="B01")
    filled(inbox / "2025年年报（卫健局）.xlsx", "", GOOD)
    book = load_workbook(inbox / "2025年年报（卫健局）.xlsx")
    del book[IDENTITY]
    book.save(inbox / "2025年年报（卫健局）.xlsx")
    units = (Unit(name="硚口区教育局", aliases=("区教育局",)),
             Unit(name="民政局", code="B01"), Unit(name="卫健局"))  # fmt: skip
    summary = run(inbox, *units)
    assert {e.unit.name for e in summary.entries} == {"硚口区教育局", "民政局"}
    # A file's name alone is one witness: it proposes the unit, and a person decides.
    assert [(f.code, f.unit) for f in summary.findings] == [("I-03", "卫健局")]
    summary = run(inbox, *units, accept=frozenset({"卫健局"}))
    assert {e.unit.name: e.accepted for e in summary.entries}["卫健局"]


def test_the_year_is_that_of_most_returns(tmp_path: Path) -> None:
    inbox = tmp_path / "in"
    for n, year in enumerate((2025, 2025, 2024)):
        filled(inbox / f"{n}.xlsx", f"局{n}", GOOD, year=year)
    summary = run(inbox)
    assert summary.year == 2025
    assert outcomes(summary)["2.xlsx"] == "rejected"


# ---- several returns of one unit


def settled(*candidates: ReturnRecord) -> list[str]:
    return [c.outcome.value for c in judge(settle(FORM, candidates), frozenset())]


LATER = NOON + timedelta(minutes=1)


DATED = candidate("b", NOON, date="2026年1月10日", extra=1)


@pytest.mark.parametrize(
    ("candidates", "expected"),
    [
        ([candidate("a", NOON), candidate("b", NOON)], ["merged", "superseded"]),
        ([candidate("a", NOON), candidate("b", LATER, extra=1)], ["superseded", "merged"]),
        ([candidate("a", LATER), candidate("b", NOON, extra=1)], ["merged", "superseded"]),
        ([candidate("a", NOON), candidate("b", NOON, extra=1)], ["rejected", "rejected"]),
        (
            [candidate("a", NOON, date="2026-1-9"), DATED],
            ["superseded", "merged"],
        ),
        (
            [candidate("a", LATER, date="2026-1-1"), DATED],
            ["merged", "superseded"],
        ),
        (
            [candidate("a", NOON, date="2026-1-9"), candidate("b", NOON, extra=1)],
            ["rejected", "rejected"],
        ),
        (
            [candidate("a", NOON), candidate("b", LATER, bad=True, extra=1)],
            ["superseded", "rejected"],
        ),
        ([candidate("a", NOON, tables="2"), candidate("b", LATER, tables="34")], ["rejected"] * 2),
        ([candidate("a", NOON, tables="2"), candidate("b", LATER)], ["superseded", "merged"]),
        (
            [candidate("a", NOON, columns="natural"), candidate("b", LATER, columns="business")],
            ["rejected"] * 2,
        ),
        (
            [candidate("a", NOON, tables="2"), candidate("b", NOON, tables="34"),
             candidate("c", LATER, extra=1)],
            ["superseded", "superseded", "merged"],
        ),
    ],
    ids=["same", "later", "earlier", "tie", "typed date", "typed date is no more", "half a date",
         "bad later one", "parts", "whole after part", "columns", "whole after parts"],
)  # fmt: skip
def test_which_of_several_counts(candidates: list[ReturnRecord], expected: list[str]) -> None:
    assert settled(*candidates) == expected
    assert settled(*reversed(candidates))[::-1] == expected or expected == ["merged", "superseded"]


def test_file_dates_decide_between_real_files(tmp_path: Path) -> None:
    inbox = tmp_path / "in"
    first = filled(inbox / "甲.xlsx", "甲局", BAD)
    second = filled(inbox / "甲-更正.xlsx", "甲局", GOOD)
    os.utime(first, (1_768_000_000, 1_768_000_000))
    os.utime(second, (1_768_900_000, 1_768_900_000))
    summary = run(inbox, Unit(name="甲局"))
    assert outcomes(summary) == {"甲.xlsx": "superseded", "甲-更正.xlsx": "merged"}
    assert codes(summary) == ["D-01"]
    os.utime(first, (1_769_000_000, 1_769_000_000))
    summary = run(inbox, Unit(name="甲局"))
    assert outcomes(summary) == {"甲.xlsx": "rejected", "甲-更正.xlsx": "superseded"}
    assert summary.entries == ()


def test_the_order_of_files_changes_nothing(tmp_path: Path) -> None:
    for n in range(6):
        filled(tmp_path / "a" / f"{n}.xlsx", f"局{n}", GOOD | {"t3.secret.natural": 0})
        filled(tmp_path / "b" / f"{9 - n}.xlsx", f"局{n}", GOOD | {"t3.secret.natural": 0})
    units = [Unit(name=f"局{n}") for n in range(6)]
    one, other = run(tmp_path / "a", *units), run(tmp_path / "b", *units)
    assert one.totals == other.totals
    assert [e.unit for e in one.entries] == [e.unit for e in other.entries]


def test_check_judges_a_file_by_itself(tmp_path: Path) -> None:
    paths = [filled(tmp_path / "甲.xlsx", "甲局", GOOD), filled(tmp_path / "乙.xlsx", "", BAD)]
    (good,), (bad,) = read_all([(path.name, path) for path in paths], LAYOUT)
    summary = check_readings(LAYOUT, [good, bad])
    assert [d.outcome for d in summary.documents] == [Outcome.MERGED, Outcome.REJECTED]
    assert codes(summary) == ["T3-01"]
    data = report(summary, totals=False)
    assert "totals" not in data
    written = json.loads("".join(json_pieces(data)))
    assert [f["code"] for f in written["findings"]] == ["T3-01"]


def test_the_hidden_year_counts_too(tmp_path: Path) -> None:
    """Last year's template with its year deleted, or its cover gone, is last year's."""
    inbox = tmp_path / "in"
    for name in ("cleared", "gone"):
        book = load_workbook(filled(inbox / f"{name}.xlsx", "甲局", GOOD, year=2024))
        if name == "gone":
            del book[COVER]
        else:
            book[COVER].cell(FIELDS[YEAR] + 1, 3, None).value = None
        book.save(inbox / f"{name}.xlsx")
    summary = run(inbox, Unit(name="甲局"), year=2025)
    assert set(outcomes(summary).values()) == {"rejected"}
    assert set(codes(summary)) == {"I-02"}


def test_the_same_inputs_are_the_same_whatever_is_cached(office: Office, tmp_path: Path) -> None:
    inbox = tmp_path / "in"
    first = filled(inbox / "甲.xlsx", "甲局", GOOD)
    office.convert(first, inbox / "甲-另存.xlsx")
    summary = run(inbox, Unit(name="甲局"))
    assert sorted(outcomes(summary).values()) == ["merged", "superseded"]
    assert codes(summary) == ["D-04"]


def test_a_foreign_workbook_gets_one_finding(tmp_path: Path) -> None:
    from openpyxl import Workbook

    (tmp_path / "in").mkdir()
    Workbook().save(tmp_path / "in" / "通讯录.xlsx")
    assert codes(run(tmp_path / "in", Unit(name="甲局"))) == ["I-08"]


def test_marks_that_turn_text_around_leave_a_name(tmp_path: Path) -> None:
    filled(tmp_path / "in" / "1.xlsx", "甲\u202e局", GOOD)
    assert [e.unit.name for e in run(tmp_path / "in").entries] == ["甲局"]


def test_a_password_in_the_roster_opens_a_workbook(office: Office, tmp_path: Path) -> None:
    inbox = tmp_path / "in"
    plain = filled(tmp_path / "甲.xlsx", "甲局", GOOD)
    inbox.mkdir()
    office.convert(plain, inbox / "甲.xlsx", password="2025年报")
    assert codes(run(inbox, Unit(name="甲局"))) == ["F-03"]
    summary = run(inbox, Unit(name="乙局", password="别的"), Unit(name="甲局", password="2025年报"))
    assert outcomes(summary) == {"甲.xlsx": "merged"}
    assert "2025年报" not in "".join(json_pieces(report(summary)))


def test_last_years_sum_is_compared_when_all_are_in(tmp_path: Path) -> None:
    inbox = tmp_path / "in"
    filled(inbox / "甲.xlsx", "甲局", GOOD)
    item = FORM.by_name["t3.carried_out.natural"]
    previous = Previous(year=2024, figures={"甲局": {item: 0}, "乙局": {item: 5}}, path=tmp_path)
    units = Unit(name="甲局"), Unit(name="乙局")
    summary = run(inbox, *units, year=2025, previous=previous)
    assert not summary.prior
    assert RuleState.OFF not in summary.states
    filled(inbox / "乙.xlsx", "乙局", GOOD)
    summary = run(inbox, *units, year=2025, previous=previous)
    assert summary.prior[item] == 5
    assert RuleState.OFF in summary.states  # nobody has carried the five over
