"""What a collection comes to at a glance, and the sheet 总览 that shows it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from support.client import Office
from support.commands import roster, text, xltools
from support.filled import FORM
from support.jobs import BAD, GOOD, filled, run
from xltools.forms.declaration import read as read_form
from xltools.model.errors import FormError
from xltools.model.overview import Overview
from xltools.model.roster import Unit
from xltools.model.summary import Summary
from xltools.output.board import Completeness, board
from xltools.output.plan import OVERVIEW

UNITS = tuple(Unit(name=name) for name in ("甲局", "乙局", "丙局", "丁局"))


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    filled(tmp_path / "in" / "甲.xlsx", "甲局", GOOD)
    filled(tmp_path / "in" / "乙.xlsx", "乙局", GOOD | {"t3.received.natural": 9,
                                                     "t3.granted.natural": 8})  # fmt: skip
    filled(tmp_path / "in" / "丙.xlsx", "丙局", BAD)
    return tmp_path / "in"


def test_how_far_it_is_and_what_is_next(inbox: Path) -> None:
    shown = board(run(inbox, *UNITS))
    assert shown.completeness == Completeness(expected=4, merged=2, returned=1, missing=1)
    assert [(step.words, step.command) for step in shown.steps] == [
        ("请 1 个单位更正或说明", "xltools reply"),
        ("催报 1 个单位", "xltools reply"),
    ]
    (inbox / "丙.xlsx").unlink()
    done = board(run(inbox, *UNITS[:2]))
    assert done.completeness == Completeness(expected=2, merged=2, returned=0, missing=0)
    assert [step.command for step in done.steps] == ["xltools report"]
    without = board(run(inbox))
    assert [step.command for step in without.steps] == ["xltools init", "xltools report"]


def test_key_figures_and_what_the_charts_show(inbox: Path) -> None:
    summary = run(inbox, *UNITS)
    shown = board(summary)
    numbers = {figure.label: figure.number for figure in shown.figures}
    assert numbers == {
        "新收申请": 12, "办结申请": 10, "结转下年": 2, "行政复议": 0, "行政诉讼": 0,
        "现行有效行政规范性文件": 0,
    }  # fmt: skip
    series = {one.title: [(bar.label, bar.number) for bar in one.bars] for one in shown.series}
    assert series["新收申请最多的单位"] == [("乙局", 9), ("甲局", 3)]
    assert series["申请怎样办结"][0] == ("予以公开", 10)
    assert sum(number for _, number in series["申请怎样办结"]) == 10
    assert series["谁提出的申请"][:2] == [("自然人", 12), ("商业企业", 0)]
    assert "行政复议和行政诉讼" not in series, "nothing to show"


def test_last_year_and_the_change(inbox: Path, tmp_path: Path) -> None:
    (inbox / "丙.xlsx").unlink()
    roster(tmp_path / "r.csv", "甲局", "乙局")
    words = ("collect", "in", "--roster", "r.csv", "--year", "2025")
    xltools(*words, "--out", "今年.xlsx", cwd=tmp_path)
    filled(tmp_path / "later" / "甲.xlsx", "甲局", GOOD, year=2026)
    later = ("collect", "later", "--roster", "r.csv", "--previous", "今年.xlsx", "--year", "2026")
    assert "汇总表：明年.xlsx" in text(xltools(*later, "--out", "明年.xlsx", cwd=tmp_path))
    assert row_of(tmp_path / "明年.xlsx", "新收申请") == [3, 12, "未报齐"]
    filled(tmp_path / "later" / "乙.xlsx", "乙局", GOOD, year=2026)
    xltools(*later, "--out", "明年.xlsx", cwd=tmp_path)
    assert row_of(tmp_path / "明年.xlsx", "新收申请") == [6, 12, -6]
    assert row_of(tmp_path / "今年.xlsx", "新收申请") == [12, "—", "—"]


def cells(path: Path, *, values: bool = True) -> Iterator[list[Any]]:
    sheet = load_workbook(path, data_only=values)[OVERVIEW]
    for row in sheet.iter_rows(values_only=True):
        yield [value for value in row if value is not None]


def row_of(path: Path, label: str) -> list[Any]:
    return next(row[1:4] for row in cells(path) if row and row[0] == label)


@pytest.fixture
def written(inbox: Path, tmp_path: Path) -> tuple[Path, Summary]:
    roster(tmp_path / "r.csv", *(unit.name for unit in UNITS))
    xltools("collect", "in", "--roster", "r.csv", "--year", "2025", cwd=tmp_path)
    return tmp_path / "汇总.xlsx", run(inbox, *UNITS)


def test_the_sheet_shows_the_board(written: tuple[Path, Summary]) -> None:
    path, summary = written
    shown = board(summary)
    rows = list(cells(path))
    assert [4, 2, 1, 1] in [row[:4] for row in rows]
    assert [row[:2] for row in rows if row and str(row[0])[:2] in ("1.", "2.")] == [
        [f"{n}. {step.words}", step.command] for n, step in enumerate(shown.steps, 1)
    ]
    for figure in shown.figures:
        assert row_of(path, figure.label)[0] == figure.number
    beside = [row[-2:] for row in rows]
    for series in shown.series:
        for bar in series.bars:
            assert [bar.label, bar.number] in beside


def test_it_fits_on_one_page(written: tuple[Path, Summary], office: Office, tmp_path: Path) -> None:
    path, _ = written
    pages = office.render(path, tmp_path / "pages", dpi=30)
    assert [page.name for page in pages if OVERVIEW in page.name] == [f"01-{OVERVIEW}.png"]


WRONG = (
    ("[overview]\nfigure = []", "[overview] 没有 'figure' 这个键，是否为 figures？"),
    ("[overview]\nfigures = 3", "'figures' 是列表"),
    ('[overview]\nfigures = [["a"]]', "'figures' 的每一项写成 [数据项的和, 名称]"),
    ('[overview]\nfigures = [["t3.nothing.total", "没有"]]', "里没有代号叫 'nothing'"),
    ("[overview]\ncharts = 3", "'charts' 是列表"),
    ('[overview]\ncharts = [{ title = "甲" }]', "甲：在 bars、shares、units 中写一个"),
    ('[overview]\ncharts = [{ shares = "t3.received.total" }]', "缺少 'title'"),
    (
        '[overview]\ncharts = [{ title = "甲", shares = "t3.received.natural" }]',
        "'shares' 后面只能是一个合计",
    ),
    ('[overview]\ncharts = [{ title = "甲", kind = "pie" }]', "没有 'kind' 这个键"),
)


@pytest.mark.parametrize(("section", "message"), WRONG)
def test_mistakes_in_the_section_are_pointed_at(section: str, message: str) -> None:
    plain = FORM.text.split("[overview]")[0]
    with pytest.raises(FormError) as caught:
        read_form(plain + section, FORM.path)
    assert message in caught.value.message
    assert caught.value.line > plain.count("\n")


def test_a_form_may_have_none() -> None:
    assert read_form(FORM.text.split("[overview]")[0], FORM.path).overview == Overview()
