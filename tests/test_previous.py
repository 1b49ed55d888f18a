"""Last year's figures: read back exactly from a summary, and from the workbook made for them."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from support import districts
from support.client import Office
from support.dumps import dump
from support.summaries import write_summary
from xltools.ledgers.previous import build_blank, load, write_blank
from xltools.model.form import ItemType
from xltools.model.numbers import Number
from xltools.model.previous import Previous, PreviousError
from xltools.model.roster import Roster, Unit

FORM = districts.form()
UNITS = (Unit(name="区教育局"), Unit(name="区民政局"), Unit(name="汉中街道办事处"))
AMOUNTS = [i.index for i in FORM.items if i.type is ItemType.AMOUNT]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("previous")


def summary_file(folder: Path, figures: dict[str, tuple[Number, ...]]) -> Path:
    entries = [districts.entry(Unit(name=n), f, texts={}) for n, f in figures.items()]
    path = folder / "汇总.xlsx"
    write_summary(districts.summary(entries), districts.layout(), path)
    return path


counts = st.integers(min_value=0, max_value=10**9)
amounts = st.decimals(min_value=0, max_value=10**9, places=6).map(
    lambda d: int(d) if d == int(d) else d.normalize()
)


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(min_value=0, max_value=2**32),
    special=st.lists(st.tuples(st.sampled_from([i.index for i in FORM.items]), counts)),
    amount=amounts,
)
def test_summary_reads_back_exactly(
    folder: Path, seed: int, special: list[tuple[int, int]], amount: Number
) -> None:
    """Whatever figures it holds, balanced or not: totals are read, not computed."""
    rng = random.Random(seed)
    numbers: list[Number] = [rng.randint(0, 10 ** rng.randint(1, 9)) for _ in FORM.items]
    for item, value in special:
        numbers[item] = value
    for item in AMOUNTS:
        numbers[item] = amount
    figures = {"区教育局": tuple(numbers), "区民政局": districts.made_up(seed)}
    found = load(summary_file(folder, figures), FORM)
    assert found.year == 2025
    assert found.figures == {unit: dict(enumerate(f)) for unit, f in figures.items()}


def test_summary_reads_back_exactly_after_office_saved_it(office: Office, tmp_path: Path) -> None:
    summary = districts.district()
    write_summary(summary, districts.layout(), tmp_path / "汇总.xlsx")
    saved = office.convert(tmp_path / "汇总.xlsx", tmp_path / "saved.xlsx")
    found = load(saved, FORM)
    assert found.figures == {e.unit.name: dict(enumerate(e.numbers)) for e in summary.entries}
    assert found.left_out == {"区税务局"}
    wanted = {i: summary.totals[i] for i in FORM.priors}
    assert dict(found.totals(FORM.priors)) == wanted


def test_amounts_of_six_decimals_survive_office(office: Office, tmp_path: Path) -> None:
    figures = {}
    for number, text in enumerate(("0.000001", "999999999.999999", "0.1", "4068.208", "1e9")):
        numbers = list(districts.made_up(number))
        for item in AMOUNTS:
            value = Decimal(text)
            numbers[item] = int(value) if value == int(value) else value
        figures[f"单位{number}"] = tuple(numbers)
    path = summary_file(tmp_path, figures)
    saved = office.convert(path, tmp_path / "saved.xlsx")
    assert load(saved, FORM).figures == {u: dict(enumerate(f)) for u, f in figures.items()}


def test_negative_and_fractional_figures_of_a_summary_survive(folder: Path) -> None:
    numbers: list[Number] = [0] * len(FORM.items)
    numbers[0], numbers[1] = -3, Decimal("1.5")
    path = summary_file(folder, {"甲": tuple(numbers)})
    assert load(path, FORM).figures == {"甲": dict(enumerate(numbers))}


def labels(item: int) -> str:
    return FORM.items[item].path


def blank(
    folder: Path,
    change: Callable[[Any], None] = lambda sheet: None,
    *,
    year: int | None = 2024,
    units: tuple[Unit, ...] = UNITS,
) -> Path:
    """The workbook for last year's figures, its first rows filled in, then changed."""
    book = load_workbook(BytesIO(build_blank(FORM, units, year=year)))
    sheet = book["上年数据"]
    for row, number in ((9, 10), (10, 20)):
        for col in range(3, 11):
            sheet.cell(row, col).value = number + col
    change(sheet)
    path = folder / "上年.xlsx"
    book.save(path)
    return path


PARTS = {2: 13, 5: 14, 178: 15, 179: 16, 180: 17, 181: 18, 182: 19, 183: 20}


def test_blank_workbook_is_made_of_these() -> None:
    book = load_workbook(BytesIO(build_blank(FORM, UNITS)))
    sheet = book["上年数据"]
    assert book.sheetnames == ["上年数据", "填写说明", "xltools"]
    assert [c.value for c in sheet[4]] == [
        "head:4", "unit", *(FORM.items[i].name for i in FORM.priors),
    ]  # fmt: skip
    assert sheet.row_dimensions[4].hidden
    heads = [[c.value for c in row] for row in sheet["C5:K8"]]
    none = None
    assert heads == [
        ["第二十条第（一）项", none, "四、结转下年度继续办理", *[none] * 6],
        ["规章", "行政规范性文件", "申请人情况", *[none] * 6],
        ["现行有效件数", "现行有效件数", "自然人", "法人或其他组织", *[none] * 4, "总计"],
        [none, none, none, "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他", none],
    ]
    assert [sheet.cell(row, 2).value for row in range(9, 13)] == [*(u.name for u in UNITS), none]
    assert sheet["K9"].value == '=IF(COUNT(E9,F9,G9,H9,I9,J9)=6,E9+F9+G9+H9+I9+J9,"")'
    rules = {str(v.sqref): (v.type, v.formula1, v.formula2) for v in
             sheet.data_validations.dataValidation}  # fmt: skip
    assert rules["B3"] == ("whole", "2000", "2100")
    assert rules["C9:C31"] == ("whole", "0", "1000000000000")
    assert {v[0] for v in rules.values()} == {"whole"}, "no list to choose from"
    assert len(rules) == 1 + len(FORM.priors)
    assert "“数据年度”" in str(book["填写说明"]["A3"].value)
    assert book["xltools"].sheet_state == "veryHidden"


def test_blank_workbook_is_the_same_each_time_and_without_roster(tmp_path: Path) -> None:
    assert build_blank(FORM, UNITS, year=2024) == build_blank(FORM, UNITS, year=2024)
    write_blank(tmp_path / "a.xlsx", FORM)
    lines = dump((tmp_path / "a.xlsx").read_bytes()).split("\n")
    assert sum("=IF(COUNT(" in line for line in lines) == 60
    assert any("上年数据!B9" in line and "open" in line for line in lines)


def test_filled_by_hand_the_total_is_recomputed(tmp_path: Path) -> None:
    """openpyxl leaves the formulas of the totals without results."""
    found = load(blank(tmp_path), FORM)
    assert found.year == 2024
    assert found.figures["区教育局"] == PARTS | {184: sum(range(15, 21))}
    assert found.figures["汉中街道办事处"] == {}


def test_filled_by_office_it_reads_the_same(office: Office, tmp_path: Path) -> None:
    write_blank(tmp_path / "上年.xlsx", FORM, UNITS)
    cells: dict[str, str | int | float] = {
        f"上年数据!{'CDEFGHIJ'[n]}9": v for n, v in enumerate(PARTS.values())
    }
    done = office.fill(tmp_path / "上年.xlsx", tmp_path / "out.xlsx", cells | {"上年数据!B3": 2024})
    assert not done.refused
    found = load(done.out, FORM)
    assert found.figures["区教育局"] == PARTS | {184: sum(range(15, 21))}
    again = office.fill(done.out, tmp_path / "no.xlsx", {"上年数据!C10": -1, "上年数据!D10": 1.5})
    assert [r.why for r in again.refused] == ["validation", "validation"]


def test_a_total_typed_stands_and_is_known_without_its_parts(tmp_path: Path) -> None:
    def change(sheet: Any) -> None:
        sheet["K9"] = 999
        for col in range(5, 11):
            sheet.cell(11, col).value = None
        sheet["K11"] = 7

    found = load(blank(tmp_path, change), FORM)
    assert found.figures["区教育局"][184] == 999
    assert found.figures["汉中街道办事处"] == {184: 7}


def test_numbers_as_people_write_them(tmp_path: Path) -> None:
    def change(sheet: Any) -> None:
        sheet["C9"], sheet["D9"], sheet["E9"] = "１，２３４", " 5件", "0"

    found = load(blank(tmp_path, change), FORM).figures["区教育局"]
    assert (found[2], found[5], found[178]) == (1234, 5, 0)


@pytest.mark.parametrize(
    ("cell", "value", "said"),
    [
        ("C9", "约三件", f"“上年数据”第 9 行 C 列（{labels(2)}）：“约三件”不是数"),
        ("C9", "无", f"“上年数据”第 9 行 C 列（{labels(2)}）：“无”不是数"),
        ("D9", True, f"“上年数据”第 9 行 D 列（{labels(5)}）：“True”不是数"),
        ("E10", "#DIV/0!", f"“上年数据”第 10 行 E 列（{labels(178)}）：“#DIV/0!”不是数"),
        ("E10", "=1+1", f"“上年数据”第 10 行 E 列（{labels(178)}）：公式没有结果"),
        ("C9", -1, f"“上年数据”第 9 行 C 列（{labels(2)}）：-1 小于 0"),
        ("C9", 1.5, f"“上年数据”第 9 行 C 列（{labels(2)}）：1.5 不是整数"),
        ("B10", " 区教 育局", "“上年数据”第 10 行 B 列（单位名称）：“区教育局”重复，第 9 行已有"),
        ("B10", None, "“上年数据”第 10 行 B 列（单位名称）：这一行填了数，却没有单位名称"),
        ("B3", "去年", "“上年数据”第 3 行 B 列：数据年度应是四位数的年份"),
        ("B3", None, "“上年数据”第 3 行 B 列：数据年度应是四位数的年份"),
        ("C4", "t9.none.such", "“上年数据”第 4 行 C 列：这里的表没有“t9.none.such”这一项"),
        ("C4", "t2.normative.in_force", "“上年数据”第 4 行 D 列：隐藏的栏目名"),
    ],
)
def test_each_mistake_is_told_with_its_place(
    tmp_path: Path, cell: str, value: object, said: str
) -> None:
    def change(sheet: Any) -> None:
        sheet[cell] = value
        if value == "#DIV/0!":
            sheet[cell].data_type = "e"

    with pytest.raises(PreviousError) as caught:
        load(blank(tmp_path, change), FORM)
    assert len(caught.value.problems) == 1
    assert said in str(caught.value)


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    def change(sheet: Any) -> None:
        sheet["C9"], sheet["D9"], sheet["B10"], sheet["B3"] = "甲", -2, "区教育局", "？"

    with pytest.raises(PreviousError) as caught:
        load(blank(tmp_path, change), FORM)
    assert len(caught.value.problems) == 4
    assert "有 4 处问题" in str(caught.value)


def test_a_unit_twice_is_seen_through_widths(tmp_path: Path) -> None:
    def change(sheet: Any) -> None:
        sheet["B9"], sheet["B10"] = "第1小学（东区）", "第１小学(东区)"

    with pytest.raises(PreviousError, match=r"第 10 行 B 列.*重复，第 9 行已有"):
        load(blank(tmp_path, change), FORM)


def test_other_files_are_refused(tmp_path: Path) -> None:
    def said(path: Path) -> str:
        with pytest.raises(PreviousError) as caught:
            load(path, FORM)
        (problem,) = caught.value.problems
        return str(problem)

    assert "文件无法读取" in said(tmp_path / "没有.xlsx")
    (tmp_path / "空.xlsx").write_bytes(b"")
    assert "文件是空的" in said(tmp_path / "空.xlsx")
    (tmp_path / "字.xlsx").write_text("单位,数")
    assert "不能读取" in said(tmp_path / "字.xlsx")
    path = blank(tmp_path)
    book = load_workbook(path)
    book["xltools"]["B3"] = "2019"
    book.save(tmp_path / "旧.xlsx")
    assert "是另一种表（zfxxgk-2019）的数据" in said(tmp_path / "旧.xlsx")
    book["xltools"]["B1"] = "return"
    book.save(tmp_path / "报.xlsx")
    assert "不是本程序写出的" in said(tmp_path / "报.xlsx")
    book = load_workbook(path)
    book["上年数据"].delete_rows(4)
    book.save(tmp_path / "删.xlsx")
    assert "没有找到数据页" in said(tmp_path / "删.xlsx")
    assert said(blank(tmp_path, lambda s: s.delete_rows(9, 50))) == "一个单位也没有。"


def test_a_blank_in_a_summary_is_no_zero(tmp_path: Path) -> None:
    path = summary_file(tmp_path, {"甲": districts.made_up(1)})
    book = load_workbook(path)
    book["明细"]["G11"] = None
    book.save(path)
    with pytest.raises(PreviousError) as caught:
        load(path, FORM)
    assert f"“明细”第 11 行 G 列（{labels(0)}）：空白" in str(caught.value)


def test_a_summary_with_its_sums_at_the_bottom_is_read_as_before(tmp_path: Path) -> None:
    """Summaries of earlier versions have the row of sums below the units."""
    units = {"甲": districts.made_up(1), "乙": districts.made_up(2)}
    path = summary_file(tmp_path, units)
    now = load(path, FORM).figures
    assert set(now) == set(units), "the sums are no unit"
    book: Any = load_workbook(path)
    sheet = book["明细"]
    (key,) = (c for row in sheet.iter_rows() for c in row if str(c.value).startswith("head:"))
    head = int(key.value.removeprefix("head:"))
    sums = key.row + head
    assert sheet.cell(sums, 1).value == "合计"
    for col, cell in enumerate([*sheet[sums]], 1):
        sheet.cell(sheet.max_row + (col == 1), col, 1 if col > 6 else cell.value)
    sheet.delete_rows(sums)
    key.value = f"head:{head - 1}"
    book.save(path)
    assert sheet.cell(sheet.max_row, 1).value == "合计"
    assert load(path, FORM).figures == now


def test_rows_added_above_do_no_harm(office: Office, tmp_path: Path) -> None:
    path = blank(tmp_path)
    out = tmp_path / "out.xlsx"
    office.fill(path, out, {}, do=["insert-rows 上年数据 1 2", "rename 上年数据 数据"])
    assert load(out, FORM).figures == load(path, FORM).figures


def previous(**figures: dict[int, Number]) -> Previous:
    return Previous(year=2024, figures=figures, path=Path("上年.xlsx"))


def test_a_unit_takes_over_what_it_stands_for() -> None:
    units = (
        Unit(name="新局", aliases=("大局",), predecessors=("甲局", "乙局")),
        Unit(name="甲局"),
        Unit(name="乙局"),
        Unit(name="所", files_through="新局"),
        Unit(name="税务", counted=False),
    )
    roster = Roster(units=units)
    last = previous(
        大局={2: 1, 5: 1},
        甲局={2: 10, 5: 10},
        所={2: 100},
        税务={2: 1000, 5: 0},
        别处={2: 10000, 5: 0},
    )
    assert last.of(units[0], roster) == {2: 111}, "5 is not known of all"
    assert last.of(units[2], roster) == {}
    assert last.of(units[0]) == {2: 1, 5: 1}, "without a roster, by name or alias"
    later = Roster(
        units=(Unit(name="甲乙局", predecessors=("乙局",)), Unit(name="乙局", aliases=("甲局",)))
    )
    assert last.of(later.units[0], later) == {2: 10, 5: 10}, "by another roster"
    assert last.of(units[0], roster) == {2: 111}
    assert last.of(Unit(name="没有")) == {}
    assert last.totals(FORM.priors, roster) == {2: 10111}
    assert last.totals(FORM.priors) == {2: 11111}
    assert replace(last, left_out=frozenset({"别处"})).totals(FORM.priors) == {2: 1111}
