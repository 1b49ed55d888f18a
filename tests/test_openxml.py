"""Everything that xltools writes keeps to the schemas of Office Open XML: Excel and Word open it
without repairing it.
"""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.styles import Font, PatternFill
from typer.testing import CliRunner

from support import districts
from support.fills import LAYOUTS, correction, subject
from support.openxml import Validator
from support.summaries import write_summary
from xltools.cli.app import app
from xltools.template.build import build

YEARS = {"zfxxgk-2021": 2023, "zfxxgk-2019": 2020, "sangong-2024": 2024}
UNITS = ("甲局", "乙局", "丙局", "丁局")
ROSTER = "单位名称,类别,邮箱\n" + "".join(f"{u},工作机构,{n}@a.cn\n" for n, u in enumerate(UNITS))
EXCUSED_UNIT = ("--excuse", UNITS[-1], "--reason", "机构撤并", "--by", "张三")


def xltools(*words: object) -> None:
    done = CliRunner().invoke(app, [str(word) for word in words])
    assert done.exit_code in (0, 1), done.output
    assert done.exception is None or isinstance(done.exception, SystemExit), done.output


def received(folder: Path, form: str) -> tuple[list[Path], tuple[object, ...]]:
    """The returns of all units but the last, and what the commands that judge them are told."""
    layout, rng, year = LAYOUTS[form], random.Random(form), YEARS[form]
    roster, inbox = folder / "名录.csv", folder / "inbox"
    roster.write_text(ROSTER, "utf-8")
    inbox.mkdir()
    returns = []
    for number, unit in enumerate(UNITS[:-1]):
        filled = replace(subject(layout.form, rng, number), unit=unit, year=year)
        returns.append(inbox / f"{unit}.xlsx")
        returns[-1].write_bytes(build(layout, filled, "x"))
    return returns, (inbox, "--roster", roster, "--year", year, "--form", form)


@pytest.mark.parametrize("form", YEARS)
def test_what_each_command_writes(validator: Validator, tmp_path: Path, form: str) -> None:
    returns, told = received(tmp_path, form)
    year, common = YEARS[form], ("--form", form)
    roster, summary, outbox = tmp_path / "名录.csv", tmp_path / "汇总.xlsx", tmp_path / "outbox"
    accepted = [word for unit in UNITS[:-1] for word in ("--accept", unit)]
    xltools("previous", "new", tmp_path / "上年数据.xlsx", "--roster", roster, *common)
    xltools("generate", roster, "--year", year, "--out", outbox, *common)
    xltools("collect", *told, "--out", summary, *accepted)
    xltools("reply", *told, "--out", tmp_path / "corrections", "--outbox", outbox)
    xltools("decide", *told, "--decisions", tmp_path / "decisions.xlsx", *EXCUSED_UNIT)
    xltools("diff", *returns[:2], "--out", tmp_path / "变动.xlsx", *common)
    xltools("report", returns[0], "--out", tmp_path / "单位.docx", *common)
    xltools("report", summary, "--unit", "某市", "--out", tmp_path / "全市.docx", *common)
    written = sorted(tmp_path.rglob("*.xlsx")) + sorted(tmp_path.rglob("*.docx"))
    names = {str(path.relative_to(tmp_path).parent / path.stem) for path in written}
    assert names >= {
        "上年数据", "汇总", "decisions", "变动", "单位", "全市", "outbox/发放清单",
        "corrections/更正清单",
    }  # fmt: skip
    assert sum(name.startswith("outbox/") for name in names) == len(UNITS) + 1
    assert sum(name.startswith("corrections/") for name in names) > 1
    assert faults(validator, *written) == []


def test_a_new_roster(validator: Validator, tmp_path: Path) -> None:
    xltools("roster", "new", tmp_path / "名录.xlsx")
    assert faults(validator, tmp_path / "名录.xlsx") == []


def test_a_summary_of_all_that_can_happen(validator: Validator, tmp_path: Path) -> None:
    write_summary(districts.district(), districts.layout(), tmp_path / "汇总.xlsx")
    assert faults(validator, tmp_path / "汇总.xlsx") == []


@pytest.mark.parametrize("form", YEARS)
def test_templates_filled_in_and_sent_back(validator: Validator, tmp_path: Path, form: str) -> None:
    layout, rng = LAYOUTS[form], random.Random(form)
    paths = []
    for number in range(3):
        sent = subject(layout.form, rng, number)
        for name, one in (("报表", sent), ("更正", correction(layout, sent, rng))):
            paths.append(tmp_path / f"{name}{number}.xlsx")
            paths[-1].write_bytes(build(layout, one, "x"))
    assert faults(validator, *paths) == []


def test_decisions_in_a_file_that_people_have_worked_on(
    validator: Validator, tmp_path: Path
) -> None:
    """What they added and coloured stands in the file as it is written anew."""
    _, told = received(tmp_path, "sangong-2024")
    path = tmp_path / "decisions.xlsx"
    xltools("decide", *told, "--decisions", path)
    assert faults(validator, path) == []
    book = load_workbook(path)
    made = book["决定"]
    made["L3"], made["L4"] = "备注", "已电话核实"
    made["L4"].font = Font(name="楷体", bold=True, color="FF0000", size=12, underline="single")
    made["L4"].fill = PatternFill(fgColor="FFFF00", fill_type="solid")
    book.save(path)
    xltools("decide", *told, "--decisions", path, *EXCUSED_UNIT)
    cell = load_workbook(path)["决定"]["L4"]
    assert (cell.value, cell.font.name, cell.font.b, cell.font.u) == (
        "已电话核实", "楷体", True, "single"
    )  # fmt: skip
    assert faults(validator, path) == []


def faults(validator: Validator, *paths: Path) -> list[str]:
    return [
        f"{path.name} {fault.part} {fault.element}: {fault.words}"
        for path, fault in validator.faults(paths)
    ]
