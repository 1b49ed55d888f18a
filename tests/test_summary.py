"""The summary workbook: what it says, formulas that are alive and right, text that stays text."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from support import districts
from support.client import Office
from support.summaries import summary_bytes, write_summary
from xltools.excel.safe_text import CUT, LONGEST, file_link, name, plain, way_to
from xltools.forms.declaration import read
from xltools.layout.places import lay_out
from xltools.model.cells import column_name
from xltools.model.findings import finding
from xltools.model.form import Severity
from xltools.model.numbers import from_float
from xltools.model.returns import RuleState, Status
from xltools.model.roster import Unit
from xltools.model.summary import Outcome, Place, Summary, standings
from xltools.output import plan as plans
from xltools.output.board import board
from xltools.output.findings import INK

FORM = districts.form()
SHEETS = ["总览", "汇总", "明细", "报送情况", "问题", "文字", "校验", "来源", "xltools"]


def opened(summary: Summary, *, values: bool = False, contacts: bool = True) -> Any:
    data = summary_bytes(summary, districts.layout(), Path("/district"), contacts=contacts)
    return load_workbook(BytesIO(data), data_only=values)


def rows(sheet: Any, first: int = 1) -> list[list[Any]]:
    return [[c.value for c in row] for row in sheet.iter_rows(min_row=first)]


def planned(summary: Summary) -> plans.SummaryPlan:
    return plans.plan(summary, districts.layout(), Path("/district"))


@pytest.fixture(scope="module")
def summary() -> Summary:
    return districts.district(Path("/district/inbox"))


@pytest.fixture(scope="module")
def book(summary: Summary) -> Any:
    return opened(summary)


@pytest.fixture(scope="module")
def cached(summary: Summary) -> Any:
    return opened(summary, values=True)


@pytest.fixture(scope="module")
def path(summary: Summary, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("summary") / "汇总.xlsx"
    write_summary(summary, districts.layout(), path)
    return path


def test_sheets_in_order_the_last_hidden(book: Any) -> None:
    assert book.sheetnames == SHEETS
    assert [s.sheet_state for s in book.worksheets] == ["visible"] * 8 + ["veryHidden"]
    assert rows(book["xltools"]) == [
        ["kind", "summary"], ["form", "zfxxgk"], ["edition", "2021"], ["year", 2025],
        ["version", "0.1.0"],
    ]  # fmt: skip


def test_lists_have_these_columns_and_are_filtered_frozen_and_repeated(book: Any) -> None:
    heads = {n: "|".join(str(v).replace("\n", "") for v in rows(book[n])[2]) for n in SHEETS[3:8]}
    assert heads == {
        "报送情况": "序号|单位名称|单位代码|类别|状态|说明|文件|报送日期|附送材料"
        "|必须更正|需说明|提示|报送经过|填表人|填表人电话|联系人|联系电话|邮箱|备注",
        "问题": "序号|单位|严重程度|编码|工作表|单元格|栏目|填报值|应为|问题与处理|单位说明|状态"
        "|文件",
        "文字": "序号|单位名称|一、总体情况|None|None|None|None"
        "|五、存在的主要问题及改进情况|六、其他需要报告的事项",
        "校验": "序号|编码|性质|勾稽关系|位置|汇总表单元格|左边|右边|差额|状态",
        "来源": "序号|文件|处理结果|单位|类型|时间|大小（字节）|模板版本|说明|发件人|SHA-256",
    }
    setup = {
        s.title: (s.auto_filter.ref, s.freeze_panes, s.print_title_rows, s.print_title_cols,
                  s.page_setup.orientation, str(s.page_setup.paperSize))
        for s in book.worksheets[:8]
    }  # fmt: skip
    assert setup == {
        "总览": (None, None, None, None, "portrait", "9"),
        "汇总": (None, "A5", None, None, "portrait", "9"),
        "明细": ("A10:GZ18", "C11", "$4:$10", "$A:$B", "landscape", "9"),
        "报送情况": ("A3:S17", "C4", "$3:$3", None, "landscape", "9"),
        "问题": ("A3:M9", "C4", "$3:$3", None, "landscape", "9"),
        "文字": ("A4:I12", "C5", None, None, "portrait", "9"),
        "校验": ("A3:J57", "C4", "$3:$3", None, "portrait", "9"),
        "来源": ("A3:K17", "C4", "$3:$3", None, "landscape", "9"),
    }


def test_detail_has_official_headings_in_levels(book: Any, summary: Summary) -> None:
    sheet, plan = book["明细"], planned(summary)
    merged = {r.coord: r for r in sheet.merged_cells.ranges}

    def above(item: str) -> list[str]:
        col = plan.columns[FORM.by_name[item]] + 1
        found = []
        for row in range(plans.HEAD_ROW + 1, plan.total_row + 1):
            cell = sheet.cell(row, col)
            box = next((r for r in merged.values() if cell.coordinate in r), None)
            value = cell.value if box is None else sheet.cell(box.min_row, box.min_col).value
            if value not in found:
                found.append(value)
        return found

    assert above("t2.regulations.in_force") == [
        "二、主动公开政府信息情况", "第二十条第（一）项", "规章", "现行有效件数",
    ]  # fmt: skip
    assert above("t3.secret.business") == [
        "三、收到和处理政府信息公开申请情况", "三、本年度办理结果", "（三）不予公开",
        "1.属于国家秘密", "法人或其他组织", "商业企业",
    ]  # fmt: skip
    assert above("t4.cases.direct_total") == [
        "四、政府信息公开行政复议、行政诉讼情况", "行政诉讼", "未经复议直接起诉", "总计",
    ]  # fmt: skip
    names = [sheet.cell(plans.KEY_ROW + 1, c + 1).value for c in plan.columns]
    assert names == [i.name for i in FORM.items]
    assert sheet.row_dimensions[plans.KEY_ROW + 1].hidden
    letters = [column_name(c) for left, right in plan.spans for c in (left - 1, left, right)]
    levels = [sheet.column_dimensions[c].outlineLevel for c in letters[:2]]
    assert levels == [0, 1]
    assert columns_in_groups(summary) == list(plan.spans), "a gap keeps the groups apart"


def test_items_fold_into_the_total_beside_them(book: Any, summary: Summary) -> None:
    dimensions, levels = book["明细"].column_dimensions, {}
    for dimension in dimensions.values():
        for col in range(dimension.min, dimension.max + 1):
            levels[col - 1] = dimension.outlineLevel
            assert not dimension.hidden, "all is open at first"
    for item, col in zip(FORM.items, planned(summary).columns, strict=True):
        part = item.table in {"t3", "t4"}
        total = item.column.split("_")[-1] == "total"
        assert levels[col] == (2 if part and not total else 1), item.name


def test_sums_stand_on_top_and_stay_there(book: Any, cached: Any, summary: Summary) -> None:
    sheet, plan = book["明细"], planned(summary)
    row = plan.total_row + 1
    assert [sheet.cell(row, 1).value, sheet.cell(row, 2).value] == ["合计", None]
    assert sheet.freeze_panes == f"C{row + 1}", "in view, whatever unit is looked at"
    assert sheet.auto_filter.ref.startswith(f"A{row}:"), "neither sorted nor filtered away"
    last = plan.first + len(summary.entries)
    for item, col in zip(FORM.items, plan.columns, strict=True):
        letters = column_name(col)
        assert f"${letters}${row + 1}:${letters}${last})" in sheet.cell(row, col + 1).value
        below = cached["汇总"][plan.cell(item.index).a1].value
        assert cached["明细"].cell(row, col + 1).value == below


def columns_in_groups(summary: Summary) -> list[tuple[int, int]]:
    """The runs of columns with an outline level, as the file has them."""
    data = summary_bytes(summary, districts.layout(), Path("/district"))
    with zipfile.ZipFile(BytesIO(data)) as archive:
        xml = archive.read("xl/worksheets/sheet3.xml").decode()
    runs: list[tuple[int, int]] = []
    for low, high, rest in re.findall(r'<col min="(\d+)" max="(\d+)"([^/]*)/>', xml):
        if "outlineLevel=" in rest:
            joined = bool(runs) and runs[-1][1] == int(low) - 2
            start = runs.pop()[0] if joined else int(low) - 1
            runs.append((start, int(high) - 1))
    return runs


def test_detail_shows_marks_and_every_figure(book: Any, summary: Summary) -> None:
    sheet, plan = book["明细"], planned(summary)
    for number, entry in enumerate(summary.entries):
        row = plan.first + number + 1
        figures = [sheet.cell(row, c + 1) for c in plan.columns]
        assert [from_float(c.value) for c in figures] == list(entry.numbers)
        marks = [sheet.cell(row, c).value for c in (2, 4, 5)]
        assert marks == [
            entry.unit.name, "否" if entry.unit.name == "区税务局" else "是",
            "强制计入" if entry.accepted else None,
        ]  # fmt: skip
        for item, cell in zip(FORM.items, figures, strict=True):
            colour = {Status.BLANK: "FFFFF2CC", Status.VOID: "FFDDEBF7"}.get(
                entry.ret.statuses[item.index] if item.formula is None else Status.GIVEN
            )
            band = "FFEFF4FA" if number % 2 else None
            assert (cell.fill.fgColor.rgb if cell.fill.fill_type else None) == (colour or band)
    shades = {s for e in summary.entries for s in e.ret.statuses}
    assert shades == {Status.GIVEN, Status.BLANK, Status.VOID}


def test_totals_are_linked_formulas_with_exact_results(
    book: Any, cached: Any, summary: Summary
) -> None:
    plan = planned(summary)
    counted = [e.numbers for e in summary.entries if e.unit.name != "区税务局"]
    assert len(counted) == len(summary.entries) - 1
    for item in FORM.items:
        at = plan.cell(item.index).a1
        cell = book["汇总"][at]
        assert cell.data_type == "f"
        value = from_float(cached["汇总"][at].value)
        assert value == sum(numbers[item.index] for numbers in counted)
        column = cell.hyperlink.location.replace("'明细'!", "").split(":")[0].replace("$", "")
        key = book["明细"][re.sub(r"\d+", str(plans.KEY_ROW + 1), column)].value
        assert key == item.name
        assert cell.font.underline is None
        assert cell.font.color is None or cell.font.color.type == "theme", "not blue"
        assert ("ROUND(" in cell.value) == (item.type.value == "amount")


def test_fractional_count_is_summed_and_shown_as_it_is() -> None:
    numbers = list(districts.made_up(1))
    numbers[0] = districts.number(1.1)
    entries = [
        districts.entry(Unit(name=n), districts.complete(numbers), accepted=True) for n in "甲乙丙"
    ]
    made = districts.summary(entries)
    cell = opened(made)["汇总"][planned(made).cell(0).a1]
    assert "ROUND(" in cell.value
    assert cell.number_format == "General"
    assert opened(made, values=True)["汇总"][planned(made).cell(0).a1].value == 3.3


def test_amounts_stay_amounts_when_all_happen_to_be_whole() -> None:
    numbers = districts.complete([1] * len(FORM.items))
    made = districts.summary([districts.entry(Unit(name="甲"), numbers)])
    sheet, plan = opened(made)["汇总"], planned(made)
    cells = {i: sheet[plan.cell(i.index).a1] for i in FORM.items}
    rounded = {i.name for i, c in cells.items() if "ROUND(" in c.value}
    assert rounded == {"t2.fees.charged"}
    assert {i.name for i, c in cells.items() if c.number_format == "General"} == rounded


def test_heading_says_how_complete_it_is(cached: Any) -> None:
    # 9 + 1 + 1 = 11: who is not in is told so that it adds up.
    assert [cached["汇总"].cell(row, 1).value for row in range(1, 5)] == [
        "硚口区2025年政府信息公开工作年度报告汇总表",
        "2025年度　已汇总 9/11 个单位",
        "退回 1 个　未报 1 个　强制计入 1 个　已报不计入 1 个　"
        "名录外或不应报的 1 个　另有 1 个文件不知是哪个单位的",
        "勾稽关系：有 16 处不平衡，见“校验”",
    ]


def test_heading_without_roster_and_when_all_is_well() -> None:
    numbers = next(iter(districts.published().values()))
    one = districts.entry(Unit(name="甲"), numbers)
    book = opened(districts.summary([one]), values=True)
    assert [book["汇总"].cell(row, 1).value for row in range(2, 5)] == [
        "2025年度　已汇总 1 个单位（未提供单位名录）", None, "勾稽关系：全部平衡",
    ]  # fmt: skip
    full = districts.summary([one], [Unit(name="甲")])
    sheet = opened(full, values=True)["汇总"]
    assert sheet["A2"].value == "2025年度　已汇总 1/1 个单位"
    assert sheet["A2"].font.color.rgb == "FF000000"


def test_nothing_merged_still_makes_a_workbook(office: Office, tmp_path: Path) -> None:
    path = tmp_path / "汇总.xlsx"
    write_summary(districts.summary([], [Unit(name="甲")]), districts.layout(), path)
    dumped = {s.name: s.cells for s in office.dump(path)}
    assert dumped["汇总"]["A2"].text == "2025年度　已汇总 0/1 个单位"
    figures = [c for c in dumped["汇总"].values() if c.formula and "SUMIF" in c.formula]
    assert len(figures) == len(FORM.items)
    assert {c.value for c in figures} == {0}


def test_standings_of_every_kind(summary: Summary) -> None:
    found = {s.unit.name: (s.place, s.words, s.listed) for s in standings(summary)}
    assert list(found)[-9:] == [
        "区机关事务服务中心（区公共资源交易监督管理办公室）", "区税务局", "区教育局", "区档案馆",
        "汉中街道办事处", "宝丰街道办事处", "区招商局", "区工会", "区外单位",
    ]  # fmt: skip
    assert found["区税务局"] == (Place.NOT_COUNTED, "不计入", True)
    assert found["区教育局"] == (Place.MERGED, "已汇总", True)
    assert found["区档案馆"] == (Place.THROUGH, "由区教育局合并报送", True)
    assert found["汉中街道办事处"] == (Place.REJECTED, "退回", True)
    assert found["宝丰街道办事处"] == (Place.MISSING, "未报", True)
    assert found["区招商局"] == (Place.ABOLISHED, "撤销", True)
    assert found["区工会"] == (Place.EXEMPT, "免报", True)
    assert found["区外单位"] == (Place.REJECTED, "退回", False)
    assert summary.missing == ("宝丰街道办事处",)
    assert (summary.covered, summary.expected) == (9, 11), "区档案馆 is in through 区教育局"


def test_list_of_units(book: Any) -> None:
    sheet = book["报送情况"]
    found = {row[1].value: row for row in sheet.iter_rows(min_row=4)}
    taught = found["区教育局"]
    assert [c.value for c in taught[4:6]] == [
        "已汇总", "有必须更正的问题，经办人决定强制计入；另有 1 份被取代（见“来源”）",
    ]  # fmt: skip
    assert taught[6].hyperlink.target == "inbox\\1月\\区教育局.xlsx"
    assert [c.value for c in taught[8:18]] == [
        "Word", 1, 0, 0, None, "张三", "025-8888", "王五", "7654321", None,
    ]  # fmt: skip
    assert taught[1].hyperlink.location == "'明细'!$B$18"
    assert [c.value for c in found["淮安市人民政府2024"][9:12]] == [0, 2, 1]
    assert found["区外单位"][5].value == "不在名录中；名录中没有这个单位"
    remark = taught[18]
    assert (remark.value, remark.protection.locked, taught[5].protection.locked) == (
        None, False, True,
    )  # fmt: skip


def test_list_of_findings_by_unit_then_severity(book: Any) -> None:
    found = rows(book["问题"], 4)
    assert [(r[1], r[2], r[3], r[11]) for r in found] == [
        ("淮安市人民政府2024", "需说明", "Y-01", "已说明"),
        ("淮安市人民政府2024", "需说明", "B-02", "待处理"),
        ("淮安市人民政府2024", "提示", "V-01", "—"),
        ("区教育局", "必须更正", "T3-01", "强制计入"),
        ("汉中街道办事处", "必须更正", "B-01", "待处理"),
        (None, "必须更正", "F-02", "待处理"),
    ]
    assert found[0][4:11] == [
        "表三", "D6", "二、上年结转政府信息公开申请数量 > 申请人情况 > 自然人", "31", "36",
        "表三 D6（二、上年结转政府信息公开申请数量 > 申请人情况 > 自然人）："
        "上年结转等于上年报告的结转下年度继续办理：上年结转下年度继续办理 36，填的是 31。"
        "请单位核对，有误的改正，无误的在“校验”页说明原因。",
        "上年漏记5件，已向上级说明。",
    ]  # fmt: skip
    assert found[1][5] == "E7、E8、E9、E10、E11、E12 等10格"
    link = book["问题"]["M4"].hyperlink
    assert link.target == "inbox\\1月\\淮安市人民政府2024.xlsx"
    assert set(INK) == set(Severity)


def test_rules_on_the_districts_figures(cached: Any, summary: Summary) -> None:
    found = rows(cached["校验"], 4)[: len(FORM.instances)]
    prior = [summary.prior.get(i.index) for i in FORM.items]
    for row, one in zip(found, FORM.instances, strict=True):
        assert row[1] == one.rule.code
        if one.rule.categories:
            assert row[6:] == [None, None, None, "不适用"]
            continue
        left, right = one.left.value(summary.totals, prior), one.right.value(summary.totals, prior)
        assert [from_float(v) for v in row[6:9]] == [left, right, left - right]
    assert sum(r[8] not in (0, None) for r in found) == 16
    assert [found[n][4] for n in (0, 39, 49)] == [
        "申请人情况 > 自然人", "行政复议 > 总计", "第二十条第（一）项 > 规章",
    ]  # fmt: skip
    bare = districts.summary(summary.entries)
    states = [r[9] for r in rows(opened(bare, values=True)["校验"], 4)[: len(FORM.instances)]]
    unknown = [i for i in FORM.instances if i.priors or i.rule.categories]
    assert [n for n, s in enumerate(states) if s == "不适用"] == [i.index for i in unknown]


def test_sources_and_counts(book: Any) -> None:
    sheet = book["来源"]
    assert sheet["A2"].value == (
        "收到 14 个文件：已汇总 8，退回 2，被取代 1，非报送文件 2，无法读取 1。"
        "汇总程序 xltools 0.1.0。"
    )
    outcomes = [r[2] for r in rows(sheet, 4)]
    assert outcomes == ["已汇总"] * 8 + ["退回", "被取代", "退回", "无法读取", "非报送文件",
                                          "非报送文件"]  # fmt: skip
    assert len(sheet["K4"].value) == 64
    along = sheet[17]
    assert [along[n].value for n in (1, 3, 4, 8, 9)] == [
        "1月/区教育局.eml/报告.doc", "区教育局", "旧版 Word（.doc/.wps）", "随表附送的 Word",
        "sender@example.org",
    ]  # fmt: skip
    assert along[1].hyperlink.target == "inbox\\1月\\区教育局.eml", "what holds it can be opened"
    assert len(Outcome) == 5


def test_texts_stand_side_by_side_and_too_long_ones_say_so() -> None:
    first = FORM.texts[0].name
    long = "长" * 40_000
    one = districts.entry(Unit(name="甲"), districts.made_up(1), texts={first: long})
    two = districts.entry(Unit(name="乙"), districts.made_up(2), texts={first: "短\n第二段"})
    found = rows(opened(districts.summary([one, two]))["文字"], 5)
    assert [r[1:4] for r in found] == [
        ["甲", "长" * (LONGEST - len(CUT)) + CUT, None], ["乙", "短\n第二段", None],
    ]  # fmt: skip
    assert len(plain("😀" * 20_000).encode("utf-16-le")) <= 2 * LONGEST


def test_recalculated_it_is_as_written(
    office: Office, path: Path, cached: Any, summary: Summary
) -> None:
    dumped = {s.name: s.cells for s in office.dump(path)}
    compared = dict.fromkeys(SHEETS, 0)
    for sheet in ("总览", "汇总", "明细", "校验"):
        for at, cell in dumped[sheet].items():
            if cell.formula is not None:
                assert cell.error is None
                assert cell.value == cached[sheet][at].value, f"{sheet}!{at} {cell.formula}"
                compared[sheet] += 1
    rules = 4 * sum(not one.rule.categories for one in FORM.instances)
    shown = board(summary)
    assert compared == dict.fromkeys(SHEETS, 0) | {
        "总览": len(shown.figures) + sum(len(series.bars) for series in shown.series),
        "汇总": len(FORM.items) + 1, "明细": len(FORM.items), "校验": rules,
    }  # fmt: skip


def test_totals_follow_the_detail(
    office: Office, path: Path, summary: Summary, tmp_path: Path
) -> None:
    plan, item = planned(summary), FORM.by_name["t3.received.natural"]
    tax = plan.units["区税务局"] + 1
    figure = f"明细!{column_name(plan.columns[item])}{plan.first + 1}"
    out = tmp_path / "changed.xlsx"
    office.fill(path, out, {f"明细!D{tax}": "是", figure: 5000})
    dumped = {s.name: s.cells for s in office.dump(out)}
    now = [5000, *(e.numbers[item] for e in summary.entries[1:])]
    assert dumped["汇总"][plan.cell(item).a1].value == sum(now)
    assert summary.totals[item] != sum(now)
    numbers = {cell.value for at, cell in dumped["总览"].items() if cell.formula is not None}
    total = FORM.by_name["t3.received.total"]
    assert {dumped["汇总"][plan.cell(i).a1].value for i in (item, total)} <= numbers
    off = [
        c for at, c in dumped["校验"].items() if at.startswith("I") and c.value not in (0, "差额")
    ]
    assert dumped["汇总"]["A4"].text == f"勾稽关系：有 {len(off)} 处不平衡，见“校验”"
    state = dumped["校验"]["J4"]
    assert state.text == f"差{dumped['校验']['I4'].text}"


def test_same_summary_same_bytes(summary: Summary) -> None:
    layout, home = districts.layout(), Path("/district")
    assert summary_bytes(summary, layout, home) == summary_bytes(summary, layout, home)


def test_without_contacts_no_person_is_left(summary: Summary) -> None:
    def text(contacts: bool) -> str:
        data = summary_bytes(summary, districts.layout(), Path("/district"), contacts=contacts)
        with zipfile.ZipFile(BytesIO(data)) as archive:
            return "".join(archive.read(n).decode() for n in archive.namelist())

    people = ("张三", "025-8888", "李四", "0123456", "li@example.org", "王五", "7654321",
              "sender@example.org")  # fmt: skip
    assert all(word in text(True) for word in people)
    assert not [word for word in (*people, "填表人电话", "邮箱") if word in text(False)]


EVIL = (
    "=cmd|'/c calc'!A1", "+1+1", "-2+3", "@SUM(1)", "=1+1", "{=1}", "=HYPERLINK(\"http://a\")",
    "http://example.org/", "mailto:a@example.org", "internal:'明细'!A1", "external:a.xlsx",
    "\t=1", "_x0041_", "123", "1/2", "<b>&amp;",
)  # fmt: skip


def formulas(book: Any) -> Iterator[str]:
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    yield sheet.title


def evil(text: str) -> Summary:
    """A summary in which everything that others wrote is this text."""
    unit = Unit(name=text.strip(), code=text, contact=text, phone=text, email=text)
    one = districts.entry(unit, districts.made_up(1), texts={t.name: text for t in FORM.texts})
    ret = replace(one.ret, filler=text, phone=text)
    document = replace(one.document, path=text, reason=text, version=text, unit=unit.name)
    one = replace(one, ret=ret, document=document)
    told = finding("V-02", unit=unit.name, path=text, sheet=text, cells=(text,), labels=text,
                   found=text, expected=text, explanation=text)  # fmt: skip
    return districts.summary([one], [unit], findings=[told], inbox=Path("/district/inbox"))


@pytest.mark.parametrize("text", EVIL)
def test_text_of_others_stays_text(text: str) -> None:
    made = evil(text)
    book = opened(made)
    assert sorted(set(formulas(book))) == ["总览", "明细", "校验", "汇总"]
    shown = board(made)
    overview = len(shown.figures) + sum(len(series.bars) for series in shown.series)
    rules = sum(not one.rule.categories and not one.priors for one in FORM.instances)
    assert len(list(formulas(book))) == overview + 2 * len(FORM.items) + 1 + 4 * rules
    for row in rows(book["文字"], 5):
        assert row[2:] == [text] * len(FORM.texts)
    told = book["问题"][4]
    assert [told[i].value for i in (6, 7, 8, 10)] == [text] * 4
    assert {c.data_type for c in told[1:]} == {"s"}
    assert book["明细"].cell(planned(made).first + 1, 2).value == name(text)
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.hyperlink is not None and cell.hyperlink.target:
                    assert cell.hyperlink.target.startswith("inbox\\")


def test_office_sees_no_formula_in_text_of_others(office: Office, tmp_path: Path) -> None:
    made = evil(EVIL[0])
    made = replace(made, findings=tuple(replace(made.findings[0], found=t) for t in EVIL))
    write_summary(made, districts.layout(), tmp_path / "汇总.xlsx")
    dumped = {s.name: s.cells for s in office.dump(tmp_path / "汇总.xlsx")}
    assert dumped["文字"]["C5"].value == EVIL[0]
    assert [dumped["问题"][f"H{row}"].value for row in range(4, 4 + len(EVIL))] == list(EVIL)
    written = [c for n in ("报送情况", "问题", "文字", "来源") for c in dumped[n].values()]
    assert not [c for c in written if c.formula or c.error]


def test_invisible_marks_are_taken_out() -> None:
    assert name("区\u202e教育\u2066局\u200f\n\x07 ") == "区教育局"
    assert name("长" * 500) == "长" * 119 + "…"
    assert plain("一\r\n二\r三\x00\u202e\ud800\ufffe") == "一\n二\n三"
    made = evil("区\u202e教\x07育局")
    data = summary_bytes(made, districts.layout(), Path("/district"))
    with zipfile.ZipFile(BytesIO(data)) as archive:
        xml = "".join(archive.read(n).decode() for n in archive.namelist())
    assert "\u202e" not in xml
    assert "_x0007_" not in xml
    assert "区教育局" in xml


@pytest.mark.parametrize(
    ("path", "link"),
    [
        ("甲.xlsx", "external:inbox/甲.xlsx"),
        ("子 目录/100%#1[a].xlsx", "external:inbox/子%20目录/100%25%231%5Ba%5D.xlsx"),
        ("../别处.xlsx", "external:别处.xlsx"),
        ("a\\b.xlsx", None),
        ("javascript:alert(1)", None),
        ("甲\u202excod.exe", None),
        ("甲\n.xlsx", None),
        ("甲" * 1000, None),
    ],
)
def test_links_to_files(path: str, link: str | None) -> None:
    assert file_link(way_to(Path("/district/inbox"), Path("/district")), path) == link
    assert file_link(None, path) is None


def test_links_from_other_folders() -> None:
    inbox = Path("/district/inbox")
    ways = {home: way_to(inbox, Path(home)) for home in ("/district/out", "/", "/district/inbox")}
    assert ways == {"/district/out": "../inbox", "/": "district/inbox", "/district/inbox": "."}
    links = [file_link(way, "甲.xlsx") for way in ways.values()]
    assert links == [f"external:{at}甲.xlsx" for at in ("../inbox/", "district/inbox/", "")]


def test_link_with_escapes_arrives_in_the_workbook() -> None:
    one = districts.entry(Unit(name="甲"), districts.made_up(1))
    one = replace(one, document=replace(one.document, path="子 目录/100%#1.xlsx", unit="甲"))
    book = opened(districts.summary([one], inbox=Path("/district/inbox")))
    assert book["来源"]["B4"].hyperlink.target == "inbox\\子%20目录\\100%25%231.xlsx"
    assert book["来源"]["B4"].value == "子 目录/100%#1.xlsx"


def test_any_declared_form_can_be_summarised() -> None:
    """Nothing is particular to one form: rows without columns of their own, inequalities."""
    form = read(
        """
form = "tiny"
edition = "1"
title = "小表"
short = "小表"
authority = "测试"

[a]
title = "一、人员"
columns = [["men", "男"], ["women", "女"], ["all", "合计", "men + women"]]
rows = [["staff", "在编"], ["others", "编外 > 其他"]]

[rules]
A-01 = ["query", "a.staff >= a.others", "在编不少于编外"]
""",
        Path("tiny.toml"),
    )
    layout = lay_out(form)
    numbers = (3, 4, 7, 1, 9, 10)
    one = districts.entry(Unit(name="甲"), districts.made_up(1))
    ret = replace(one.ret, numbers=numbers, statuses=[Status.GIVEN] * 6, texts={})
    entry = replace(one, numbers=numbers, ret=ret)
    states = tuple(
        RuleState.BALANCED if a >= b else RuleState.OFF
        for a, b in zip(numbers[:3], numbers[3:], strict=True)
    )
    made = replace(
        districts.summary([one]), form=form, entries=(entry,), totals=numbers, states=states
    )
    book = load_workbook(BytesIO(summary_bytes(made, layout, Path())), data_only=True)
    assert [r[6:9] for r in rows(book["校验"], 4)] == [[3, 1, 0], [4, 9, -5], [7, 10, -3]]
