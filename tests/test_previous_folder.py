"""Last year's returns in a folder, as what this year's are compared with."""

from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner

from support.filled import FORM, LAYOUT, published
from support.jobs import GOOD, INPUTS, codes, filled, outcomes
from xltools.cli.app import app
from xltools.compare import LastYear, read_folder
from xltools.model.previous import PreviousError
from xltools.model.roster import Roster, Unit, UnitState
from xltools.steps import Job, collect

CLI = CliRunner()
LAST = GOOD | {"t3.carried_out.natural": 1}
ITEM = FORM.by_name


def read(folder: Path, *units: Unit, year: int = 0) -> LastYear:
    roster = Roster(units=units) if units else None
    return read_folder(folder, LAYOUT, roster=roster, year=year)


def test_two_years_of_a_real_city(tmp_path: Path) -> None:
    """The published reports of 2023 and 2024 agree in all nine figures that cross the years."""
    for year in (2023, 2024):
        figures = published(f"suqian_shi_{year}").figures
        cells = {n: float(v) for n in INPUTS if (v := figures[n]) is not None}
        filled(tmp_path / str(year) / "市政府.xlsx", "市政府", cells, year=year)
    last = read(tmp_path / "2023", Unit(name="市政府")).previous
    assert last.year == 2023
    assert last.figures["市政府"] == {
        i.index: published("suqian_shi_2023").figures[i.name] for i in FORM.items
    }
    job = Job(layout=LAYOUT, inbox=tmp_path / "2024", previous=last)
    assert codes(collect(job)) == []
    changed = dict(last.figures["市政府"])
    changed[ITEM["t3.carried_out.natural"]] = 7
    changed[ITEM["t2.normative.in_force"]] = 0
    other = replace(last, figures={"市政府": changed})
    assert codes(collect(replace(job, previous=other))) == ["Y-01", "Y-02"]


def test_a_return_is_compared_with_that_of_the_same_unit(tmp_path: Path) -> None:
    old, new = tmp_path / "2024", tmp_path / "2025"
    filled(old / "a" / "x.xlsx", "甲局", LAST, year=2024)
    filled(old / "y.xlsx", "乙局", LAST, year=2024)
    figures = GOOD | {"t3.carried_in.natural": 1, "t3.carried_out.natural": 2}
    filled(new / "甲.xlsx", "甲局", figures)
    filled(new / "乙.xlsx", "乙局", GOOD)
    names = tmp_path / "名录.csv"
    names.write_text("单位名称\n甲局\n乙局\n", "utf-8")
    out = str(tmp_path / "汇总.xlsx")
    done = CLI.invoke(
        app, ["collect", str(new), "--roster", str(names), "--previous", str(old), "--out", out]
    )
    assert done.exit_code == 1
    assert "[需说明 Y-01] 乙局" in done.output
    assert "甲局" not in done.output


def test_a_unit_has_what_its_predecessors_had(tmp_path: Path) -> None:
    filled(tmp_path / "甲.xlsx", "甲局", LAST, year=2024)
    filled(tmp_path / "乙.xlsx", "乙局", LAST, year=2024)
    gone = Unit(name="乙局", state=UnitState.ABOLISHED)
    unit = Unit(name="甲局", predecessors=("乙局",))
    roster = Roster(units=(unit, gone))
    last = read_folder(tmp_path, LAYOUT, roster=roster)
    assert last.unused == ()
    assert last.previous.of(unit, roster)[ITEM["t3.carried_out.natural"]] == 2


def test_a_return_with_mistakes_still_says_what_was_carried_over(tmp_path: Path) -> None:
    """Nobody can mend last year's return: what is a number is taken, what is none is not known."""
    bad = LAST | {"t3.received.natural": 9, "t3.granted.business": "若干"}
    filled(tmp_path / "甲.xlsx", "甲局", bad, year=2024)
    known = read(tmp_path).previous.figures["甲局"]
    assert known[ITEM["t3.carried_out.natural"]] == 1
    assert ITEM["t3.granted.business"] not in known
    assert ITEM["t3.closed.business"] not in known
    assert ITEM["t3.closed.natural"] in known


def test_what_cannot_be_used_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "上年"
    filled(folder / "甲.xlsx", "甲局", LAST, year=2024)
    filled(folder / "今.xlsx", "甲局", GOOD, year=2025)
    filled(folder / "丙1.xlsx", "丙局", LAST, year=2024, date="2025-1-5")
    filled(folder / "丙2.xlsx", "丙局", GOOD | {"t2.licences.decisions": 5}, year=2024,
           date="2025-1-5")  # fmt: skip
    filled(folder / "外.xlsx", "外局", LAST, year=2024)
    (folder / "坏.xlsx").write_bytes(b"PK\x03\x04 damaged")
    found = read(folder, Unit(name="甲局"), Unit(name="丙局"), year=2024)
    assert set(found.previous.figures) in ({"甲局"}, {"甲局", "丙局"})
    assert dict(found.unused).items() >= {
        ("今.xlsx", "I-02"), ("外.xlsx", "I-04"), ("坏.xlsx", "F-02")
    }  # fmt: skip
    if "丙局" not in found.previous.figures:  # files of the same second: nobody can tell
        assert dict(found.unused)["丙1.xlsx"] == dict(found.unused)["丙2.xlsx"] == "D-02"


@pytest.mark.parametrize("files", [0, 1])
def test_a_folder_without_returns_is_a_mistake_of_the_caller(tmp_path: Path, files: int) -> None:
    for number in range(files):
        (tmp_path / f"{number}.xlsx").write_bytes(b"PK\x03\x04 damaged")
    with pytest.raises(PreviousError) as caught:
        read(tmp_path)
    assert [one.place for one in caught.value.problems] == ([""] if not files else ["0.xlsx"])


def test_generate_carries_over_from_a_folder(tmp_path: Path) -> None:
    old = tmp_path / "2024"
    filled(old / "甲.xlsx", "甲局", LAST, year=2024)
    filled(old / "外.xlsx", "外局", LAST, year=2024)
    names = tmp_path / "名录.csv"
    names.write_text("单位名称\n甲局\n", "utf-8")
    out = tmp_path / "outbox"
    done = CLI.invoke(
        app,
        ["generate", str(names), "--year", "2025", "--out", str(out), "--previous", str(old)],
    )
    assert done.exit_code == 0, done.output
    assert "上年的 外.xlsx 没有用上：单位不在名录中（I-04）。" in done.output
    made = next(p for p in out.iterdir() if "甲局" in p.name)
    at = LAYOUT.address(ITEM["t3.carried_in.natural"])
    assert load_workbook(made)[at.sheet][at.a1].value == 1


def test_the_folder_may_not_lie_in_the_inbox(tmp_path: Path) -> None:
    filled(tmp_path / "in" / "2024" / "甲.xlsx", "甲局", LAST, year=2024)
    words = ["collect", str(tmp_path / "in"), "--previous", str(tmp_path / "in" / "2024")]
    done = CLI.invoke(app, [*words, "--out", str(tmp_path / "汇总.xlsx")])
    assert done.exit_code == 2
    assert "收件夹之外" in done.output


def test_the_outcome_of_this_years_files_is_as_without(tmp_path: Path) -> None:
    filled(tmp_path / "old" / "甲.xlsx", "甲局", LAST, year=2024)
    filled(tmp_path / "in" / "甲.xlsx", "甲局", GOOD)
    job = Job(layout=LAYOUT, inbox=tmp_path / "in")
    last = read(tmp_path / "old").previous
    assert outcomes(collect(job)) == outcomes(collect(replace(job, previous=last)))
