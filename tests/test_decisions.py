"""Decisions of the coordinator: each kind through collect, when they fall, and their file."""

import json
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.styles import PatternFill

from support.client import Office
from support.commands import roster as write_roster
from support.commands import text, xltools
from support.declared import laid_out
from support.filled import FORM, LAYOUT
from support.jobs import BAD, GOOD, TODAY, filled, lines
from support.summaries import summary_bytes
from xltools.excel.edited import cell_at, drop_row, put
from xltools.ledgers.decisions import GivenError, given, load
from xltools.ledgers.decisions_file import HEAD, blank, updated
from xltools.ledgers.targets import TargetError, item_of
from xltools.model.decisions import (
    Columns,
    DecisionKind,
    Decisions,
    DecisionsError,
    DecisionStanding,
    basis_of,
    changes,
    text_of,
)
from xltools.model.findings import catalogue
from xltools.model.identity import IDENTITY
from xltools.model.roster import Roster, Unit
from xltools.model.summary import Summary, standings
from xltools.model.wording import in_words
from xltools.output.data import report
from xltools.output.json_text import json_pieces
from xltools.output.standings import remarks_of, rounds_in_words
from xltools.steps import Job, collect

UNITS = Unit(name="甲局", aliases=("区甲局",)), Unit(name="乙局"), Unit(name="丙局")
ROSTER = Roster(units=UNITS)
D5 = FORM.by_name["t3.received.natural"]
D6 = FORM.by_name["t3.carried_in.natural"]
AT = str(LAYOUT.address(D5))


def run(inbox: Path, file: Path | None = None, *units: Unit, new: Sequence[str] = ()) -> Summary:
    roster = Roster(units=units) if units else ROSTER
    made = load(file, LAYOUT, roster) if file and file.is_file() else Decisions()
    kinds = {
        "accept": DecisionKind.ACCEPT,
        "set": DecisionKind.CORRECT,
        "excuse": DecisionKind.EXCUSE,
        "match": DecisionKind.MATCH,
        "choose": DecisionKind.CHOOSE,
        "combine": DecisionKind.COMBINE,
    }
    words = [(kinds[text.split(" ", 1)[0]], text.split(" ", 1)[1]) for text in new]
    more = given(words, LAYOUT, roster, reason="电话核实", by="张三", date=TODAY)
    job = Job(layout=LAYOUT, inbox=inbox, roster=roster, year=2025,
              decisions=replace(made, all=(*made.all, *more)))  # fmt: skip
    return collect(job)


def decide(inbox: Path, file: Path, *new: str) -> Summary:
    """As the command does: collect, then bring the file up to date."""
    summary = run(inbox, file, new=new)
    data = updated(file, summary, TODAY)
    if data is not None:
        file.write_bytes(data)
    return summary


def stands(summary: Summary) -> list[str]:
    return [one.standing.name for one in summary.decisions]


def outcomes(summary: Summary) -> dict[str, str]:
    return {d.path: d.outcome.value for d in summary.documents}


def codes(summary: Summary, *, opened: bool = True) -> list[str]:
    return [f.code for f in summary.findings if f.open or not opened]


def others(inbox: Path) -> None:
    for name in ("乙局", "丙局"):
        filled(inbox / f"{name}.xlsx", name, GOOD)


def received(summary: Summary) -> object:
    return summary.totals[D5]


# ---- findings accepted


def test_an_accepted_finding_is_settled_and_falls_with_its_figures(tmp_path: Path) -> None:
    inbox, file = tmp_path / "in", tmp_path / "decisions.xlsx"
    others(inbox)
    filled(inbox / "甲.xlsx", "甲局", BAD)
    assert codes(run(inbox)) == ["T3-01"]
    summary = decide(inbox, file, f"accept 区甲局 T3-01 {AT}")
    assert summary.clean
    assert outcomes(summary)["甲.xlsx"] == "merged"
    assert [f.decision for f in summary.findings if f.code == "T3-01"] == [
        f"电话核实，张三，{TODAY}"
    ]
    assert [e.accepted for e in summary.entries] == [True, False, False]
    again = run(inbox, file)
    assert (stands(again), again.clean) == (["HOLDS"], True)
    assert again.decisions[0].decision.basis.startswith(f"{AT}=3；")
    # Another figure of the rule changes: the decision falls, and a line says so.
    filled(inbox / "甲.xlsx", "甲局", BAD | {"t3.granted.natural": 0})
    fallen = run(inbox, file)
    assert stands(fallen) == ["FALLEN"]
    assert sorted(codes(fallen)) == ["K-01", "T3-01"]
    assert outcomes(fallen)["甲.xlsx"] == "rejected"
    # Mended: nothing is left to be said.
    filled(inbox / "甲.xlsx", "甲局", GOOD)
    assert (run(inbox, file).clean, stands(run(inbox, file))) == (True, ["UNUSED"])
    # As it was: it holds again.
    filled(inbox / "甲.xlsx", "甲局", BAD)
    assert stands(run(inbox, file)) == ["HOLDS"]


def test_only_the_finding_that_was_accepted_is(tmp_path: Path) -> None:
    inbox = tmp_path / "in"
    filled(inbox / "甲.xlsx", "甲局", BAD | {"t3.received.business": 7})
    summary = run(inbox, new=[f"accept 甲局 T3-01 {AT}"])
    assert codes(summary) == ["T3-01"]
    assert outcomes(summary)["甲.xlsx"] == "rejected"
    whole = run(inbox, new=["accept 甲局 T3-01"])
    assert codes(whole) == []
    assert outcomes(whole)["甲.xlsx"] == "merged"


def test_a_query_of_last_year_rests_on_last_years_figure(tmp_path: Path) -> None:
    inbox = tmp_path / "in"
    filled(inbox / "甲.xlsx", "甲局", GOOD | {"t3.received.natural": 2, "t3.carried_in.natural": 1})
    from xltools.model.previous import Previous

    def collected(last: int, made: Decisions) -> Summary:
        out = FORM.by_name["t3.carried_out.natural"]
        before = Previous(year=2024, figures={"甲局": {out: last}}, path=tmp_path)
        return collect(
            Job(layout=LAYOUT, inbox=inbox, roster=Roster(units=UNITS[:1]),
                year=2025, previous=before, decisions=made)
        )  # fmt: skip

    new = given([(DecisionKind.ACCEPT, "甲局 Y-01")], LAYOUT, ROSTER, reason="漏记", by="", date="")
    first = collected(5, Decisions(all=tuple(new)))
    assert (codes(first), stands(first)) == ([], ["HOLDS"])
    kept = replace(new[0], basis=first.decisions[0].basis)
    assert "上年" in kept.basis
    assert stands(collected(5, Decisions(all=(kept,)))) == ["HOLDS"]
    assert codes(collected(6, Decisions(all=(kept,)))) == ["Y-01", "K-01"]


def test_what_no_decision_can_settle_is_refused() -> None:
    for code in (c for c, e in catalogue().items() if not e.acceptable):
        with pytest.raises(GivenError, match="不能认可"):
            given(
                [(DecisionKind.ACCEPT, f"甲局 {code}")], LAYOUT, ROSTER, reason="x", by="", date=""
            )


# ---- figures corrected


def test_a_corrected_figure_counts_and_is_marked(tmp_path: Path) -> None:
    inbox, file = tmp_path / "in", tmp_path / "decisions.xlsx"
    others(inbox)
    filled(inbox / "甲.xlsx", "甲局", BAD)
    summary = decide(inbox, file, f"set 甲局 {AT}=2")
    assert summary.clean
    assert received(summary) == 2 + 3 + 3
    assert codes(summary, opened=False) == ["K-02"]
    mark = summary.entries[0].marks[D5]
    assert mark.corrected
    assert all(x in in_words(mark.note) for x in ("3", "2", "电话核实", "张三", TODAY))
    document = next(d for d in summary.documents if d.unit == "甲局")
    assert "按决定更正 1 处" in in_words(document.reason)
    assert str(summary.entries[0].ret.places[D5]) == AT  # where it was read is kept
    book = load_workbook(_bytes(tmp_path, summary_bytes(summary, LAYOUT, tmp_path)))
    notes = [c.comment.text for row in book["明细"].iter_rows() for c in row if c.comment]
    assert notes == [in_words(mark.note)]
    assert "决定" in book.sheetnames
    assert any("更正" in str(c.value) for c in book["决定"]["C"])
    # The unit mends it itself: nothing to do. Another figure: the decision falls.
    filled(inbox / "甲.xlsx", "甲局", BAD | {"t3.received.natural": 2})
    assert stands(run(inbox, file)) == ["UNUSED"]
    filled(inbox / "甲.xlsx", "甲局", BAD | {"t3.received.natural": 9})
    fallen = run(inbox, file)
    assert sorted(codes(fallen)) == ["K-01", "T3-01"]
    assert outcomes(fallen)["甲.xlsx"] == "rejected"


def test_a_correction_heals_what_cannot_be_read(tmp_path: Path) -> None:
    inbox = tmp_path / "in"
    others(inbox)
    filled(
        inbox / "甲.xlsx", "甲局", GOOD | {"t3.received.natural": "约30", "t3.granted.legal": -1}
    )
    assert sorted(codes(run(inbox))) == ["V-02", "V-07"]
    row = "t3.granted.legal"
    summary = run(inbox, new=["set 甲局 t3.received.natural=3", f"set 甲局 {row}=0"])
    assert summary.clean
    assert received(summary) == 9


def test_a_total_made_by_a_formula_is_not_corrected(tmp_path: Path) -> None:
    filled(tmp_path / "in" / "甲.xlsx", "甲局", GOOD)
    summary = run(tmp_path / "in", new=["set 甲局 t3.received.total=8"])
    assert stands(summary) == ["FAILED"]
    assert "K-03" in codes(summary)


# ---- units, names, files


def test_an_excused_unit_is_not_missed_until_it_reports(tmp_path: Path) -> None:
    inbox, file = tmp_path / "in", tmp_path / "decisions.xlsx"
    others(inbox)
    assert run(inbox).missing == ("甲局",)
    summary = decide(inbox, file, "excuse 甲局")
    assert (summary.missing, summary.expected, summary.clean) == ((), 2, True)
    assert [s.words for s in standings(summary) if s.unit.name == "甲局"] == ["免报"]
    filled(inbox / "甲.xlsx", "甲局", GOOD)
    fallen = run(inbox, file)
    assert (codes(fallen), stands(fallen), fallen.expected) == (["K-01"], ["FALLEN"], 3)
    assert outcomes(fallen)["甲.xlsx"] == "merged"


@pytest.mark.parametrize("words", ["match 甲分局=甲局", "match 来件.xlsx=甲局"])
def test_a_name_matched(tmp_path: Path, words: str) -> None:
    inbox, file = tmp_path / "in", tmp_path / "decisions.xlsx"
    others(inbox)
    filled(inbox / "来件.xlsx", "甲分局", GOOD)
    assert codes(run(inbox)) == ["I-04"]
    summary = decide(inbox, file, words)
    assert summary.clean
    assert {e.unit.name for e in summary.entries} == {"甲局", "乙局", "丙局"}
    assert codes(summary, opened=False) == ["K-04"]
    filled(inbox / "来件.xlsx", "别的局", GOOD)
    later = run(inbox, file)
    assert "I-04" in codes(later)
    assert stands(later) == (["UNUSED"] if "分" in words else ["FALLEN"])


def test_the_return_that_was_chosen_counts(tmp_path: Path) -> None:
    inbox, file = tmp_path / "in", tmp_path / "decisions.xlsx"
    others(inbox)
    first = filled(inbox / "甲.xlsx", "甲局", GOOD)
    second = filled(inbox / "甲-2.xlsx", "甲局", GOOD | {"t2.fees.charged": 2})
    for path in (first, second):
        os.utime(path, (1_768_000_000, 1_768_000_000))
    assert codes(run(inbox)) == ["D-02", "D-02"]
    summary = decide(inbox, file, "choose 甲局=甲.xlsx")
    assert summary.clean
    assert outcomes(summary)["甲.xlsx"] == "merged"
    assert outcomes(summary)["甲-2.xlsx"] == "superseded"
    # Also against the latest one.
    os.utime(second, (1_769_000_000, 1_769_000_000))
    assert outcomes(run(inbox, file))["甲.xlsx"] == "merged"
    # The same content under another name changes nothing; a third return does.
    (inbox / "甲-3.xlsx").write_bytes(second.read_bytes())
    assert stands(run(inbox, file)) == ["HOLDS"]
    filled(inbox / "甲-3.xlsx", "甲局", GOOD | {"t2.fees.charged": 3})
    assert stands(run(inbox, file)) == ["FALLEN"]
    assert "K-01" in codes(run(inbox, file))


def test_two_part_returns_are_put_together(tmp_path: Path) -> None:
    inbox, file = tmp_path / "in", tmp_path / "decisions.xlsx"
    others(inbox)
    inputs = {i.name: 0 for i in FORM.inputs()}
    two = {k: v for k, v in inputs.items() if k.startswith("t2.")} | {"t2.fees.charged": 2}
    rest = {k: v for k, v in inputs.items() if not k.startswith("t2.")} | GOOD
    filled(inbox / "甲-表二.xlsx", "甲局", two, zero=False)
    filled(inbox / "甲-其余.xlsx", "甲局", rest, zero=False)
    assert codes(run(inbox)) == ["D-03", "D-03"]
    summary = decide(inbox, file, "combine 甲局=甲-表二.xlsx+甲-其余.xlsx")
    assert codes(summary) == []
    assert {outcomes(summary)[f"甲-{n}.xlsx"] for n in ("表二", "其余")} == {"merged"}
    assert len(summary.entries) == 3
    entry = summary.entries[0]
    assert entry.numbers[FORM.by_name["t2.fees.charged"]] == 2
    assert entry.numbers[D5] == 3
    assert "甲-其余.xlsx" in in_words(entry.marks[D5].note)
    assert received(summary) == 9
    # A cell that both fill in differently is an error of the decision.
    filled(inbox / "甲-其余.xlsx", "甲局", rest | {"t2.fees.charged": 5}, zero=False)
    (tmp_path / "decisions.xlsx").unlink()
    bad = run(inbox, new=["combine 甲局=甲-表二.xlsx+甲-其余.xlsx"])
    assert stands(bad) == ["FAILED"]
    fees = str(LAYOUT.address(FORM.by_name["t2.fees.charged"]))
    assert fees in in_words(bad.decisions[0].remark)
    assert "K-03" in codes(bad)


# ---- the file


def test_written_by_hand_is_read_whatever_spaces_widths_and_dates(tmp_path: Path) -> None:
    inbox = tmp_path / "in"
    others(inbox)
    filled(inbox / "甲.xlsx", "甲局", BAD)
    sheet, cell = AT.split("!")
    file = lines(tmp_path / "d.xlsx", {
        Columns.KIND: " 认可 问题", Columns.UNIT: "区　甲局 ",
        Columns.TARGET: f"Ｔ3－01　{sheet}！{cell.lower()}",
        Columns.REASON: "属实", Columns.DATE: "1月 20日",
    })  # fmt: skip
    summary = decide(inbox, file)
    assert (stands(summary), summary.clean) == (["HOLDS"], True)
    page = load_workbook(file)[Columns.MADE]
    shown = {h.value: c.value for h, c in zip(page[HEAD], page[HEAD + 1], strict=True)}
    assert shown[Columns.STATE] == "有效"
    assert str(shown[Columns.BASIS]).startswith(f"{AT}=3；")
    before = file.read_bytes()
    decide(inbox, file)
    assert file.read_bytes() == before


def test_every_error_is_told_at_once_with_its_place(tmp_path: Path) -> None:
    why = {Columns.REASON: "x"}
    correct = {Columns.KIND: "更正数据", Columns.UNIT: "甲局", **why}
    rows: list[dict[str, str | int]] = [
        {Columns.UNIT: "甲局", **why},
        {Columns.KIND: "同意吗", Columns.UNIT: "甲局", **why},
        {Columns.KIND: "无需报送", Columns.UNIT: "丁局", **why},
        {Columns.KIND: "认可问题", Columns.UNIT: "甲局", Columns.TARGET: "V-02", **why},
        {Columns.KIND: "认可问题", Columns.UNIT: "甲局", Columns.TARGET: "Q9-99", **why},
        {**correct, Columns.TARGET: AT, Columns.VALUE: "约3"},
        {**correct, Columns.TARGET: "自然人", Columns.VALUE: 3},
        {**correct, Columns.TARGET: AT},
        {Columns.KIND: "拼合报表", Columns.UNIT: "甲局", Columns.TARGET: "一份.xlsx", **why},
        {Columns.KIND: "名称对应", Columns.UNIT: "甲局", Columns.TARGET: "乙局", **why},
        {Columns.KIND: "无需报送", Columns.UNIT: "甲局"},
    ]  # fmt: skip
    file = lines(tmp_path / "d.xlsx")
    book = load_workbook(file)
    page = book[Columns.MADE]
    heads = {str(c.value): c.column or 0 for c in page[HEAD]}
    for n, row in enumerate(rows, HEAD + 1):
        for label, value in row.items():
            page.cell(n, heads[label], value)
    book.save(file)
    with pytest.raises(DecisionsError) as error:
        load(file, LAYOUT, ROSTER)
    assert [(p.row - HEAD, p.column) for p in error.value.problems] == [
        (1, "种类"), (2, "种类"), (3, "单位"), (4, "对象"), (5, "对象"), (6, "新值"),
        (7, "对象"), (8, "新值"), (9, "对象"), (10, "对象"), (11, "原因"),
    ]  # fmt: skip
    for name, data in (("x.xlsx", b"PK no"), ("y.xlsx", b"a,b\n")):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(DecisionsError):
            load(tmp_path / name, LAYOUT, ROSTER)


def test_a_choice_on_the_open_matters_is_a_decision(tmp_path: Path) -> None:
    inbox, file = tmp_path / "in", tmp_path / "decisions.xlsx"
    filled(inbox / "甲.xlsx", "甲局", BAD)
    filled(inbox / "来.xlsx", "甲分局", GOOD)
    filled(inbox / "乙.xlsx", "乙局", BAD)
    decide(inbox, file)
    book = load_workbook(file)
    page = book[Columns.WAITING]
    heads = {str(c.value): c.column or 0 for c in page[HEAD]}
    seen = {}
    for row in range(HEAD + 1, page.max_row + 1):
        at = {label: page.cell(row, col).value for label, col in heads.items()}
        seen[at[Columns.UNIT], str(at[Columns.TARGET]).split(" ")[0]] = row, at[Columns.OFFER]
    assert {k: v[1] for k, v in seen.items()} == {
        ("甲局", "T3-01"): "认可问题、更正数据",
        ("乙局", "T3-01"): "认可问题、更正数据",
        (None, "甲分局"): "名称对应",
        ("丙局", "None"): "无需报送",
    }
    for place, kind, value in (
        (("甲局", "T3-01"), "更正数据", f"{AT.split('!')[1]}=2"),
        (("乙局", "T3-01"), "认可问题", None),
        (("丙局", "None"), "无需报送", None),
    ):
        row = seen[place][0]
        for label, said in (
            (Columns.CHOICE, kind),
            (Columns.VALUE, value),
            (Columns.REASON, "核实"),
        ):
            page.cell(row, heads[label], said)
    page.cell(seen[None, "甲分局"][0], 20, "我的备注")
    page.cell(HEAD, 20, "自用")
    book.save(file)
    chosen = run(inbox, file)  # collect takes them as they stand
    assert (stands(chosen), chosen.missing) == (["HOLDS"] * 3, ())
    assert received(chosen) == 2 + 3
    decide(inbox, file)
    book = load_workbook(file)
    assert [c.value for c in book[Columns.MADE]["A"][HEAD:]] == ["更正数据", "认可问题", "无需报送"]
    left = list(book[Columns.WAITING].iter_rows(min_row=HEAD + 1, values_only=True))
    assert [(r[1], r[19]) for r in left] == [("甲分局", "我的备注")]
    after = run(inbox, file)
    assert (stands(after), received(after)) == (["HOLDS"] * 3, 5)
    before = file.read_bytes()
    decide(inbox, file)
    assert file.read_bytes() == before


def test_a_choice_rests_on_the_figures_that_stood_there(tmp_path: Path) -> None:
    """The unit sends other figures before the choice is carried out: it does not hold."""
    inbox, file = tmp_path / "in", tmp_path / "decisions.xlsx"
    filled(inbox / "甲.xlsx", "甲局", BAD)
    decide(inbox, file)
    book = load_workbook(file)
    page = book[Columns.WAITING]
    heads = {str(c.value): c.column or 0 for c in page[HEAD]}
    page.cell(HEAD + 1, heads[Columns.CHOICE], "认可问题")
    page.cell(HEAD + 1, heads[Columns.REASON], "核实")
    book.save(file)
    filled(inbox / "甲.xlsx", "甲局", BAD | {"t3.granted.natural": 0})
    for _ in range(2):  # bringing the file up to date does not make it hold
        summary = decide(inbox, file)
        assert stands(summary) == ["FALLEN"]
        assert "K-01" in codes(summary)


def test_columns_colours_and_remarks_of_people_stay(tmp_path: Path) -> None:
    inbox, file = tmp_path / "in", tmp_path / "decisions.xlsx"
    others(inbox)
    filled(inbox / "甲.xlsx", "甲局", BAD)
    decide(inbox, file, f"accept 甲局 T3-01 {AT}")
    book = load_workbook(file)
    page = book[Columns.MADE]
    page.insert_cols(1)
    page.cell(HEAD, 1, "我的栏")
    page.cell(HEAD + 1, 1, "已与李四确认")
    page.cell(HEAD + 1, 3).fill = PatternFill(fgColor="00FF00", fill_type="solid")
    book.save(file)
    (inbox / "乙局.xlsx").unlink()
    summary = decide(inbox, file, "excuse 乙局")
    assert stands(summary) == ["HOLDS", "HOLDS"]
    page = load_workbook(file)[Columns.MADE]
    assert page.cell(HEAD + 1, 1).value == "已与李四确认"
    assert page.cell(HEAD + 1, 3).fill.fgColor.rgb == "0000FF00"
    assert page.cell(HEAD + 2, 2).value == "无需报送"


def test_cells_that_people_have_merged_are_separated_where_they_are_written_to(
    tmp_path: Path,
) -> None:
    inbox, file = tmp_path / "in", tmp_path / "decisions.xlsx"
    others(inbox)
    filled(inbox / "甲.xlsx", "甲局", BAD)
    decide(inbox, file, f"accept 甲局 T3-01 {AT}", "excuse 乙局")
    book = load_workbook(file)
    page, col = book[Columns.MADE], Columns.ON_MADE.index(Columns.STATE) + 1
    page.merge_cells(start_row=HEAD + 1, end_row=HEAD + 2, start_column=col, end_column=col)
    book.save(file)
    summary = decide(inbox, file)
    page = load_workbook(file)[Columns.MADE]
    assert not page.merged_cells.ranges
    states = [page.cell(row, col).value for row in (HEAD + 1, HEAD + 2)]
    assert states == [applied.words for applied in summary.decisions]


def test_a_row_taken_out_leaves_nothing_hidden_below(tmp_path: Path) -> None:
    book = blank()
    page = book[Columns.MADE]
    for row in range(HEAD + 1, HEAD + 5):
        put(cell_at(page, row, 1), f"第{row}行")
    page.merge_cells(start_row=HEAD + 2, end_row=HEAD + 3, start_column=2, end_column=2)
    page.merge_cells(start_row=1, end_row=1, start_column=1, end_column=3)
    page.merge_cells(start_row=HEAD + 2, end_row=HEAD + 3, start_column=1, end_column=1)
    drop_row(page, HEAD + 1)
    book.save(tmp_path / "x.xlsx")
    page = load_workbook(tmp_path / "x.xlsx")[Columns.MADE]
    column = [page.cell(row, 1).value for row in range(HEAD + 1, HEAD + 4)]
    assert column == [f"第{HEAD + 2}行", None, f"第{HEAD + 4}行"]
    assert [area.coord for area in page.merged_cells.ranges] == ["A1:C1"]


def test_a_later_decision_takes_the_place_of_an_earlier_one(tmp_path: Path) -> None:
    inbox, file = tmp_path / "in", tmp_path / "decisions.xlsx"
    others(inbox)
    filled(inbox / "甲.xlsx", "甲局", BAD)
    decide(inbox, file, f"set 甲局 {AT}=5")
    summary = decide(inbox, file, f"set 甲局 {AT}=2")
    assert stands(summary) == ["UNUSED", "HOLDS"]
    assert summary.clean


def test_text_that_looks_like_a_formula_stays_text(tmp_path: Path) -> None:
    book = blank()
    put(cell_at(book.worksheets[0], 9, 1), "=HYPERLINK(1)")
    book.save(tmp_path / "x.xlsx")
    cell = load_workbook(tmp_path / "x.xlsx").worksheets[0].cell(9, 1)
    assert (cell.data_type, cell.value) == ("s", "=HYPERLINK(1)")


def test_the_file_is_no_return(tmp_path: Path) -> None:
    inbox = tmp_path / "in"
    others(inbox)
    decide(inbox, inbox / "别名.xlsx")
    assert outcomes(run(inbox))["别名.xlsx"] == "ignored"
    assert load_workbook(inbox / "别名.xlsx")[IDENTITY].sheet_state == "veryHidden"


def test_a_file_saved_by_a_spreadsheet_program_is_read_the_same(
    office: Office, tmp_path: Path
) -> None:
    inbox, file = tmp_path / "in", tmp_path / "decisions.xlsx"
    filled(inbox / "甲.xlsx", "甲局", BAD)
    filled(inbox / "乙局.xlsx", "乙局", BAD)
    decide(inbox, file, f"accept 甲局 T3-01 {AT}")
    heads = {c.value: c.coordinate[0] for c in load_workbook(file)[Columns.WAITING][HEAD]}
    page = load_workbook(file)[Columns.WAITING]
    at = next(r for r in range(HEAD + 1, page.max_row + 1) if page.cell(r, 1).value == "乙局")
    saved = tmp_path / "saved.xlsx"
    cells: dict[str, str | int | float] = {
        f"待定!{heads[Columns.CHOICE]}{at}": "认可问题",
        f"待定!{heads[Columns.REASON]}{at}": "核实",
        f"待定!{heads[Columns.DATE]}{at}": "2026-1-25",
    }
    assert not office.fill(file, saved, cells).refused
    assert office.fill(
        file, tmp_path / "no.xlsx", {f"待定!{heads[Columns.CHOICE]}{at}": "随便"}
    ).refused
    one, other = load(file, LAYOUT, ROSTER), load(saved, LAYOUT, ROSTER)
    assert other.all[: len(one.all)] == one.all
    assert [(d.kind, d.unit, d.date) for d in other.all[len(one.all) :]] == [
        (DecisionKind.ACCEPT, "乙局", TODAY)
    ]
    summary = decide(inbox, saved)
    assert stands(summary) == ["HOLDS", "HOLDS"]


# ---- words


def test_a_figure_is_named_by_its_cell_its_name_or_its_labels() -> None:
    item = FORM.items[D5]
    for words in (
        item.name,
        AT,
        AT.replace("!", " "),
        item.path,
        item.label,
        f"{AT}（{item.path}）",
    ):
        assert item_of(LAYOUT, words) == D5
    for item in FORM.items:
        assert item_of(LAYOUT, item.path) == item.index
    for bad in ("", "D5", "自然人", "表九!A1", "没有这一栏"):
        with pytest.raises(TargetError):
            item_of(LAYOUT, bad)


def test_a_basis_compares_numbers_by_value_and_text_by_letters() -> None:
    made = basis_of("表三!D5=12.50；表三！Ｄ6＝空白;上年表三!D29=“约30”")
    now = {"表三!D5": "12.5", "表三!D6": "空白", "上年表三!D29": "约30"}
    assert changes(made, now) == []
    assert changes(made, now | {"表三!D5": "12.6"}) is not None
    assert len(changes(made, now | {"表三!D5": "12.6"}) or ()) == 1
    assert changes(made, {"表三!E5": "1"}) is None
    assert basis_of(text_of({"a": "x；y=z", "b": ""})) == {
        "a": "x，y=z",
        "b": "",
    }


# ---- the summary


def _bytes(folder: Path, data: bytes) -> Path:
    path = folder / "summary.xlsx"
    path.write_bytes(data)
    return path


def test_rounds_tell_what_changed_between(tmp_path: Path) -> None:
    inbox = tmp_path / "in"
    days = {"a": 20, "b": 23, "c": 25}
    sent = {"a": BAD, "b": BAD | {"t3.received.natural": 12}, "c": GOOD}
    for name, figures in sent.items():
        path = filled(inbox / f"{name}.xlsx", "甲局", figures)
        when = 1_768_867_200 + (days[name] - 20) * 86_400  # noon and later on 20 January 2026
        os.utime(path, (when, when))
    summary = run(inbox)
    rounds = summary.rounds["甲局"]
    assert [r.path for r in rounds] == ["a.xlsx", "b.xlsx", "c.xlsx"]
    assert [[(c.place, c.before, c.after) for c in r.changes] for r in rounds[:2]] == [
        [], [(AT, "3", "12")],
    ]  # fmt: skip
    assert len(rounds[2].changes) == 2
    told = rounds_in_words(summary, standings(summary)[0])
    assert told.startswith("1月20日初报；1月23日更正（改1处：") or "日初报；" in told
    assert "3→12" in told


def test_remarks_survive_wherever_their_line_stands(tmp_path: Path) -> None:
    inbox, out = tmp_path / "in", tmp_path / "out.xlsx"
    others(inbox)
    out.write_bytes(summary_bytes(run(inbox), LAYOUT, tmp_path))
    book = load_workbook(out)
    page = book["报送情况"]
    col = next(c.column for c in page[3] if c.value == "备注")
    names = [page.cell(row, 2).value for row in (4, 5, 6)]
    for row, name in zip((4, 5, 6), reversed(names), strict=True):  # sorted by the user
        page.cell(row, 2, name)
        page.cell(row, col, f"{name}的备注")
    book.save(out)
    remarks = remarks_of(out.read_bytes())
    assert remarks == {name: f"{name}的备注" for name in map(str, names)}
    page = load_workbook(
        _bytes(tmp_path, summary_bytes(replace(run(inbox), remarks=remarks), LAYOUT, tmp_path))
    )["报送情况"]
    assert [page.cell(r, col).value for r in (4, 5, 6)] == [f"{n}的备注" for n in names]


def test_the_report_for_machines_names_decisions(tmp_path: Path) -> None:
    filled(tmp_path / "in" / "甲.xlsx", "甲局", BAD)
    data = report(run(tmp_path / "in", None, UNITS[0], new=["accept 甲局 T3-01"]))
    assert json.loads("".join(json_pieces(data)))
    assert [d["standing"] for d in data["decisions"]] == ["holds"]
    assert [f["decision"] for f in data["findings"] if f["code"] == "T3-01"]
    assert DecisionStanding.HOLDS.name == "HOLDS"


def test_totals_that_a_program_has_stored_move_with_a_correction(
    office: Office, tmp_path: Path
) -> None:
    others(tmp_path / "in")
    office.fill(filled(tmp_path / "甲.xlsx", "甲局", BAD), tmp_path / "in" / "甲.xlsx", {})
    summary = run(tmp_path / "in", new=[f"set 甲局 {AT}=2"])
    assert summary.entries[0].ret.numbers[FORM.by_name["t3.received.total"]] == 2
    assert codes(summary, opened=False) == ["K-02"]


def test_the_commands_record_refuse_and_use_decisions(tmp_path: Path) -> None:
    others(tmp_path / "in")
    filled(tmp_path / "in" / "甲.xlsx", "甲局", BAD)
    roster = ("--roster", write_roster(tmp_path / "r.csv", "甲局", "乙局", "丙局"))
    words = ("decide", "in", *roster, "--year", 2025)
    for wrong, said in (
        (("--accept", f"甲局 T3-01 {AT}"), "--reason"),
        (("--accept", "丁局 T3-01", "--reason", "x"), "开头不是名录中的单位"),
        (("--accept", "甲局 V-02", "--reason", "x"), "不能认可"),
        (("--accept", "甲局 T3-02", "--reason", "x"), f"T3-01 {AT}"),
        (("--set", "甲局 自然人=3", "--reason", "x"), "请写明工作表和单元格"),
        (("--choose", "甲局=没有.xlsx", "--reason", "x"), "没有收到唯一的"),
        (("--excuse", "乙局", "--reason", "x"), "已收到该单位的报表"),
    ):
        done = xltools(*words, *wrong, cwd=tmp_path)
        assert done.returncode == 2
        assert said in text(done)
        assert not (tmp_path / "decisions.xlsx").exists()
    done = xltools(*words, "--set", f"甲局 {AT}=2", "--reason", "电话核实", cwd=tmp_path)
    assert done.returncode == 0, text(done)
    before = (tmp_path / "decisions.xlsx").read_bytes()
    assert "没有变化" in text(xltools(*words, cwd=tmp_path))
    assert (tmp_path / "decisions.xlsx").read_bytes() == before
    done = xltools("collect", "in", *roster, "--year", 2025, cwd=tmp_path)
    assert done.returncode == 0, text(done)
    assert "采用决定表" in text(done)
    for command in ("collect", "reply"):
        done = xltools(command, "in", *roster, "--decisions", "no.xlsx", cwd=tmp_path)
        assert done.returncode == 2
    # What was decided is not asked of the unit.
    done = xltools("reply", "in", *roster, "--year", 2025, cwd=tmp_path)
    assert (done.returncode, "甲局" in text(done)) == (0, False), text(done)
    (tmp_path / "decisions.xlsx").unlink()
    done = xltools("reply", "in", *roster, "--year", 2025, cwd=tmp_path)
    assert (done.returncode, "甲局" in text(done)) == (1, True), text(done)


def test_a_summary_that_cannot_be_read_is_kept_and_said(tmp_path: Path) -> None:
    others(tmp_path / "in")
    (tmp_path / "汇总.xlsx").write_bytes(b"PK damaged")
    done = xltools("collect", "in", cwd=tmp_path)
    assert "备注没有带过来" in text(done)
    assert [p.read_bytes() for p in tmp_path.glob("汇总_*.xlsx")] == [b"PK damaged"]


def test_a_corrected_figure_is_what_its_item_takes() -> None:
    """A change may fall, a count may not; an amount is in the unit of its item."""
    layout = laid_out("zfxxgk-2019")
    signed = next(i for i in layout.form.inputs() if i.signed)
    count = next(i for i in layout.form.inputs() if not i.signed and i.whole)
    roster = Roster(units=(Unit(name="甲局"),))

    def correct(item: str, value: str) -> str:
        words = [(DecisionKind.CORRECT, f"甲局 {item}={value}")]
        (one,) = given(words, layout, roster, reason="电话核实", by="", date=TODAY)
        return one.value

    assert correct(signed.name, "-2")
    assert correct(count.name, "2")
    for item, value in ((count.name, "-2"), (count.name, "2.5"), (signed.name, "2.5")):
        with pytest.raises(GivenError):
            correct(item, value)
