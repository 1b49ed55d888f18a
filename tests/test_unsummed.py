"""Figures that are not to be added up, as rates: no sum of them is ever shown."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner

from xltools.cli.app import app
from xltools.forms.declaration import load, read
from xltools.layout.places import lay_out
from xltools.model.errors import FormError
from xltools.template.build import build
from xltools.template.opening import Subject

FORM = """\
form = "rates"
edition = "1"
title = "办件统计表"
authority = "测试"

[t]
title = "办件"
types = { rate = "amount", last = "amount", gain = "amount" }
unit = "元"
sum = { rate = false, last = false }
columns = [
  ["cases", "办件数"],
  ["rate",  "按时办结率（%）"],
  ["last",  "上年按时办结率（%）"],
  ["gain",  "提高（百分点）", "rate - last"],
]
rows = [["counter", "窗口"], ["online", "网上"], ["all", "合计", "counter + online"]]

[p]
title = "文字"
text = [["said", "说明"]]

[rules]
R-01 = ["fatal", "t.all", "合计等于各项之和"]
R-02 = ["query", "t.rate >= t.last", "不低于上年"]

[report.drafts]
"p.said" = "办件{t.all.cases}件，按时办结率{t.all.rate}%。"

[report]
annex = [["t.all.cases", "办件数"], ["t.all.rate", "按时办结率"]]
"""
UNSUMMED = [f"t.{row}.{column}" for row in ("counter", "online", "all")
            for column in ("rate", "last", "gain")]  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three units at 97.5 %, as they report it."""
    (tmp_path / "表.toml").write_text(FORM, "utf-8")
    (tmp_path / "in").mkdir()
    layout = lay_out(load(tmp_path / "表.toml"))
    for number, unit in enumerate("甲乙丙", 1):
        book = load_workbook(BytesIO(build(layout, Subject(year=2025, unit=f"{unit}局"), "pass")))
        for item in layout.form.inputs():
            place = layout.address(item.index)
            figure = {"cases": number, "rate": 97.5, "last": 97}[item.column]
            book[place.sheet][place.a1] = figure
        book.save(tmp_path / "in" / f"{unit}.xlsx")
    return tmp_path


def run(folder: Path, *words: str) -> Any:
    return CliRunner().invoke(app, [*words, "--form", str(folder / "表.toml")])


def test_a_plain_sum_of_rates_is_filled_in_and_a_difference_computed() -> None:
    form = read(FORM, Path("表.toml"))
    assert [i.name for i in form.items if not i.summed] == UNSUMMED
    computed = [i.name for i in form.items if i.formula is not None]
    assert computed == ["t.counter.gain", "t.online.gain", "t.all.cases", "t.all.gain"]
    # The rule that the total is the sum of its parts is looked at where it is one.
    assert [(i.rule.code, i.line) for i in form.instances if i.rule.total] == [("R-01", "cases")]
    assert [i.index for i in form.instances] == list(range(len(form.instances)))


def test_the_summary_leaves_them_blank_and_says_why(folder: Path) -> None:
    done = run(folder, "collect", str(folder / "in"), "--out", str(folder / "汇总.xlsx"),
               "--json", str(folder / "汇总.json"))  # fmt: skip
    assert done.exit_code == 0, done.output
    data = json.loads((folder / "汇总.json").read_text("utf-8"))
    sums = {one["item"]: one["value"] for one in data["totals"]}
    assert [name for name, value in sums.items() if value is None] == UNSUMMED
    assert (sums["t.counter.cases"], sums["t.all.cases"]) == (6, 12)
    for values in (True, False):
        book = load_workbook(folder / "汇总.xlsx", data_only=values)
        for title in ("汇总", "校验"):
            shown = [c.value for row in book[title].iter_rows() for c in row]
            assert not [v for v in shown if str(v) in ("292.5", "292.50", "291", "1.5")], title
    sheet = book["汇总"]
    noted = [c for row in sheet.iter_rows() for c in row if c.comment]
    assert len(noted) == len(UNSUMMED)
    assert all(c.value is None and c.comment and "不能相加" in c.comment.text for c in noted)
    assert "灰格 9 项不能相加" in sheet["A3"].value
    detail = book["明细"]
    keys = {c.value: c.column for c in detail[3] if c.value}
    total = next(row[0].row for row in detail.iter_rows() if row[0].value == "合计")
    assert [k for k in keys if "." in str(k) and detail.cell(total, keys[k]).value is None] == (
        UNSUMMED
    )
    assert detail.cell(detail.max_row, keys["t.all.rate"]).value == 97.5
    # A rule about rates is for the units alone.
    states = {
        row[1].value: row[9].value for row in book["校验"].iter_rows(min_row=4) if row[1].value
    }
    assert states["R-02"] == "不适用"
    assert str(states["R-01"]).startswith("=")


def test_no_sum_of_them_in_the_report_nor_between_summaries(folder: Path) -> None:
    from docx import Document

    out = folder / "汇总.xlsx"
    run(folder, "collect", str(folder / "in"), "--out", str(out))
    said = run(folder, "report", str(out), "--unit", "某区", "--out", str(folder / "报告.docx"))
    assert said.exit_code == 1, said.output
    document = Document(str(folder / "报告.docx"))
    text = "\n".join(p.text for p in document.paragraphs)
    tables = [[c.text for c in row.cells] for t in document.tables for row in t.rows]
    assert "办结率0%" not in text
    assert ["", "合计", "12", ""] in tables
    assert not [row for row in tables if "292.5" in row]
    changed = folder / "in" / "甲.xlsx"
    book = load_workbook(changed)
    place = lay_out(load(folder / "表.toml")).address(1)
    book[place.sheet][place.a1] = 98
    book.save(changed)
    run(folder, "collect", str(folder / "in"), "--out", str(folder / "后.xlsx"))
    diff = run(folder, "diff", str(out), str(folder / "后.xlsx"), "--json", "-")
    assert {one["unit"] for one in json.loads(diff.output)["changes"]} == {"甲局"}


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("sum = { rate = false, last = false }", "sum = 0", "'sum'"),
        ("sum = { rate = false, last = false }", "sum = { rate = 0 }", "'sum'"),
        ("sum = { rate = false, last = false }", "sum = { rats = false }", "'rats'"),
    ],
)
def test_settings_that_are_wrong(old: str, new: str, named: str) -> None:
    with pytest.raises(FormError) as caught:
        read(FORM.replace(old, new), Path("表.toml"))
    assert named in str(caught.value)
    assert caught.value.line == 10


def test_a_table_of_which_nothing_is_added_up() -> None:
    form = read(
        FORM.replace("sum = { rate = false, last = false }", "sum = false"), Path("表.toml")
    )
    assert not any(item.summed for item in form.items)
    but = read(
        FORM.replace("sum = { rate = false, last = false }", "sum = false")
        .replace("types =", "# types =")
        .replace('unit = "元"', ""),
        Path("表.toml"),
    )
    assert not any(item.summed for item in but.items)
