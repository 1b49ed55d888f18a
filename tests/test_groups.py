"""Figures added up by groups of units: the sheet 分组小计."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from support.client import Office
from support.commands import text, xltools
from support.jobs import GOOD, filled
from xltools.ledgers.roster import load
from xltools.model.roster import RosterError
from xltools.output.plan import GROUPS, LIST_HEAD

# Each unit with its group, its figure of 新收 and its fees; of 丙局 nothing has come.
UNITS = {
    "甲局": ("东片", 3, 0.1), "乙局": ("西*片", 4, 0.2), "丁局": ("东片", 5, 0.7),
    "戊局": ("", 6, 0.3), "己局": (">1", 7, 1.1), "庚局": ('"引"', 8, 2.5), "丙局": ("西片", 0, 0),
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    lines = ["单位名称,类别,片 区,计入汇总"]
    for name, (group, received, fees) in UNITS.items():
        quoted = '"' + group.replace('"', '""') + '"'
        lines.append(f"{name},工作机构,{quoted},是")
        if received:
            figures = GOOD | {
                "t3.received.natural": received, "t3.granted.natural": received - 1,
                "t2.fees.charged": fees,
            }  # fmt: skip
            filled(tmp_path / "in" / f"{name}.xlsx", name, figures)
    lines.append("辛局,工作机构,东片,否")
    filled(tmp_path / "in" / "辛局.xlsx", "辛局", GOOD)
    (tmp_path / "r.csv").write_text("\n".join(lines), "utf-8")
    return tmp_path


def collect(folder: Path, group: str = "片区") -> str:
    return text(xltools("collect", "in", "--roster", "r.csv", "--year", "2025",
                        "--group", group, cwd=folder))  # fmt: skip


def rows(sheet: Any) -> list[list[Any]]:
    return [list(row) for row in sheet.iter_rows(min_row=LIST_HEAD + 1, values_only=True)]


NAMES = ["东片", "西*片", ">1", '"引"', "（未填）"]


def test_sums_by_group_are_exact(folder: Path, office: Office) -> None:
    assert "汇总表：汇总.xlsx" in collect(folder)
    cached = load_workbook(folder / "汇总.xlsx", data_only=True)
    head, count, *lines = rows(cached[GROUPS])
    assert head == ["表", "项目", "栏", *NAMES, "合计"]
    assert count[3:] == [2, 1, 1, 1, 1, 6]
    fees = next(line for line in lines if line[2] == "本年收费金额")
    assert [Decimal(str(number)) for number in fees[3:]] == [
        Decimal(number) for number in ("0.8", "0.2", "1.1", "2.5", "0.3", "4.9")
    ]
    received = next(line for line in lines if "新收" in line[1] and line[2] == "自然人")
    assert received[3:] == [8, 4, 7, 8, 6, 33]
    for line in lines:
        assert sum(Decimal(str(n)) for n in line[3:-1]) == Decimal(str(line[-1])), line
    # LibreOffice computes the same, from live formulas.
    formulas = load_workbook(folder / "汇总.xlsx")[GROUPS]
    cells = next(s.cells for s in office.dump(folder / "汇总.xlsx") if s.name == GROUPS)
    checked = 0
    for row in formulas.iter_rows(min_row=LIST_HEAD + 2):
        for cell in row:
            if isinstance(cell.value, str) and cell.value.startswith("="):
                expected = cached[GROUPS][cell.coordinate].value
                assert cells[cell.coordinate].value == expected, cell.coordinate
                checked += 1
    assert checked == 5 + 6 * len(lines)


def test_groups_that_formulas_do_not_tell_apart_are_numbers(folder: Path) -> None:
    lines = (folder / "r.csv").read_text("utf-8").replace("东片", "a").replace("西*片", "A")
    (folder / "r.csv").write_text(lines, "utf-8")
    collect(folder)
    sheet = load_workbook(folder / "汇总.xlsx")[GROUPS]
    received = next(line for line in rows(sheet) if "新收" in str(line[1]) and line[2] == "自然人")
    assert received[3:5] == [8, 4]


def test_a_name_longer_than_a_formula_holds_is_summed_as_a_number(folder: Path) -> None:
    lines = (folder / "r.csv").read_text("utf-8").replace("东片", "长" * 254)
    (folder / "r.csv").write_text(lines, "utf-8")
    collect(folder)
    sheet = load_workbook(folder / "汇总.xlsx")[GROUPS]
    received = next(line for line in rows(sheet) if "新收" in str(line[1]) and line[2] == "自然人")
    assert received[3:5] == [8, 4]


def test_by_category_and_without(folder: Path) -> None:
    collect(folder, "类别")
    assert rows(load_workbook(folder / "汇总.xlsx")[GROUPS])[0][3:] == ["工作机构", "合计"]
    collect(folder, "")
    assert GROUPS not in load_workbook(folder / "汇总.xlsx").sheetnames


def test_a_column_that_is_not_there(folder: Path) -> None:
    said = collect(folder, "片区域")
    assert "没有“片区域”这一栏，不能按它分组，是否为 片区？" in said
    assert "；名录里有：单位名称、类别、片区、计入汇总。" in collect(folder, "别的")
    done = xltools("collect", "in", "--year", "2025", "--group", "片区", cwd=folder)
    assert done.returncode == 2
    assert "--group 片区：按名录的栏目分组，要有名录（--roster）。" in text(done)
    with pytest.raises(RosterError):
        load(folder / "r.csv", "打开密码")
