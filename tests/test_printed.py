"""The summary on paper: how many pages it takes, where they end, and that all can be read."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.utils import range_boundaries

from support.client import Office
from support.summaries import write_summary
from xltools.forms.declaration import load
from xltools.layout.places import lay_out
from xltools.ledgers.previous import load as load_previous
from xltools.ledgers.roster import load as load_roster
from xltools.model.summary import Summary
from xltools.output import plan as plans
from xltools.steps import Job, collect

SAMPLES = Path(__file__).parent.parent / "samples"
LEAST = 7  # points
DIGIT = 6  # pixels of a digit of 9 points
_INCH = 96  # pixels
_SHEETS = ["总览", "汇总", "明细", "报送情况", "问题", "校验", "来源"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The summary of an inbox of the samples, and its workbook."""

    summary: Summary
    path: Path
    book: Any


def sample(folder: Path, name: str) -> Sample:
    """Collect an inbox of the samples."""
    at, form, year, roster = {
        "zfxxgk": (SAMPLES, "zfxxgk-2021", 2023, "roster.xlsx"),
        "sangong": (SAMPLES / "sangong", "sangong-2024", 2025, "roster.csv"),
    }[name]
    layout = lay_out(load(form))
    last = at / "上年数据.xlsx"
    job = Job(
        layout=layout,
        inbox=at / "inbox",
        roster=load_roster(at / roster),
        year=year,
        previous=load_previous(last, layout.form) if last.exists() else None,
    )
    summary, path = collect(job), folder / "汇总.xlsx"
    write_summary(summary, layout, path)
    return Sample(summary=summary, path=path, book=load_workbook(path, data_only=True))


@pytest.fixture(scope="module", params=["zfxxgk", "sangong"])
def printed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Sample:
    return sample(tmp_path_factory.mktemp(request.param), request.param)


def widths(sheet: Any, left: int, right: int) -> list[int]:
    """The widths in pixels of columns, which are counted from 1."""
    known = {
        col: dimension.width
        for dimension in sheet.column_dimensions.values()
        for col in range(dimension.min, dimension.max + 1)
    }
    return [round(known[col] * 8) for col in range(left, right + 1)]


def room(sheet: Any) -> float:
    """The pixels between the margins of A4 paper, across."""
    inches = 11.69 if sheet.page_setup.orientation == "landscape" else 8.27
    margins: float = sheet.page_margins.left + sheet.page_margins.right
    return (inches - margins) * _INCH


def area(sheet: Any) -> tuple[int, int, int, int]:
    """What of a sheet is printed: first column, first row, last column, last row, from 1."""
    left, top, right, bottom = range_boundaries(sheet.print_area.split("!")[-1].replace("$", ""))
    assert left and top and right and bottom
    return left, top, right, bottom


def scale(sheet: Any) -> float:
    """The scale at which a sheet is printed: what is set, or what fits to the width of a page."""
    if not sheet.sheet_properties.pageSetUpPr.fitToPage:
        percent: int = sheet.page_setup.scale or 100
        return percent / 100
    left, _, right, _ = area(sheet)
    return min(1.0, room(sheet) / sum(widths(sheet, left, right)))


def test_it_takes_few_pages(office: Office, printed: Sample, tmp_path: Path) -> None:
    pages = office.render(printed.path, tmp_path / "pages", dpi=30)
    count = Counter(page.stem.split("-")[1] for page in pages)
    assert len(pages) <= 12, count
    most = {"总览": 1, "汇总": 2, "明细": 4, "报送情况": 1, "问题": 1, "校验": 2, "来源": 1}
    assert list(count) == list(most), "文字 is for the screen"
    assert not [name for name in count if count[name] > most[name]], count
    sheet = printed.book["明细"]
    # Where a page were too narrow for its columns, LibreOffice would begin another one.
    assert count["明细"] == len(sheet.col_breaks.brk) + 1


@pytest.mark.parametrize("name", _SHEETS[1:])
def test_no_type_is_too_small_on_paper(printed: Sample, name: str) -> None:
    sheet = printed.book[name]
    left, top, right, bottom = area(sheet)
    sizes = {
        cell.font.sz
        for row in sheet.iter_rows(top, bottom, left, right)
        for cell in row
        if cell.value is not None
    }
    assert min(sizes) * scale(sheet) >= LEAST


def test_pages_of_the_detail_end_between_rows_of_the_form(printed: Sample) -> None:
    sheet, form = printed.book["明细"], printed.summary.form
    plan = plans.plan(printed.summary, lay_out(form), printed.path.parent)
    starts = {
        plan.columns[item.index]
        for item in form.items
        if not item.index
        or (item.table, item.row)
        != (form.items[item.index - 1].table, form.items[item.index - 1].row)
    }
    breaks = [mark.id for mark in sheet.col_breaks.brk]
    assert breaks
    assert set(breaks) <= starts
    merged = [r for r in sheet.merged_cells.ranges if r.min_row > plans.HEAD_ROW]
    assert not [str(r) for r in merged if any(r.min_col <= b < r.max_col for b in breaks)]
    for left, right in plan.spans:
        across = sum(widths(sheet, left + 1, right + 1)) + sum(widths(sheet, 1, 2))
        if across <= room(sheet) / scale(sheet):
            assert not [b for b in breaks if left < b <= right], "a table that fits is whole"
    ends = [0, *breaks, plan.spans[-1][1] + 1]
    for first, (start, stop) in enumerate(pairwise(ends)):
        repeated = sum(widths(sheet, 1, 2)) if first else 0
        assert repeated + sum(widths(sheet, start + 1, stop)) <= room(sheet) / scale(sheet)
    assert sheet.print_title_cols == "$A:$B"


def test_no_figure_is_cut(printed: Sample) -> None:
    sheet, form = printed.book["明细"], printed.summary.form
    plan = plans.plan(printed.summary, lay_out(form), printed.path.parent)
    for item, col in zip(form.items, plan.columns, strict=True):
        (width,) = widths(sheet, col + 1, col + 1)
        for row in range(plan.total_row, plan.last + 1):
            cell = sheet.cell(row + 1, col + 1)
            shown = f"{cell.value:.{item.decimals or 0}f}" if item.decimals else str(cell.value)
            assert DIGIT * len(shown) + 4 <= width, (cell.coordinate, shown)
            assert cell.alignment.shrink_to_fit, "where the type is wider than ours"


def test_headings_of_narrow_columns_stand(printed: Sample) -> None:
    sheet = printed.book["明细"]
    boxes = {r.coord.split(":")[0]: r for r in sheet.merged_cells.ranges}
    plan = plans.plan(printed.summary, lay_out(printed.summary.form), printed.path.parent)
    standing = 0
    for row in sheet.iter_rows(plans.HEAD_ROW + 1, plan.total_row, plan.columns[0] + 1):
        for cell in row:
            if cell.value is None:
                continue
            box = boxes.get(cell.coordinate)
            last = (box.max_row, box.max_col) if box else (cell.row, cell.column)
            rows = range(cell.row, last[0] + 1)
            height = sum((sheet.row_dimensions[r].height or 15) / 0.75 for r in rows)
            if cell.alignment.text_rotation == 255:
                standing += 1
                assert 12 * len(cell.value) <= height, cell.value
            else:
                across = sum(widths(sheet, cell.column, last[1])) - 4
                needed = -(-12 * len(cell.value) // (across // 12 * 12))
                assert 15 * needed <= height + 15, cell.value
    narrow = [col for col in plan.columns if widths(sheet, col + 1, col + 1)[0] < 24]
    assert bool(standing) == bool(narrow)


def test_files_are_shown_by_the_part_of_the_unit(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    book = sample(tmp_path_factory.mktemp("files"), "zfxxgk").book
    whole = "2023年政府信息公开年报统计表_宿豫区.xlsx"
    shown = {cell.value: cell for cell in book["报送情况"]["G"]}
    assert shown["宿豫区"].hyperlink.target.endswith(whole)
    assert shown["宿豫区"].hyperlink.tooltip == whole
    assert "苏州宿迁工业园区信息公开年报.xlsx" in shown, "a name of the unit's own"
    assert "宿豫区" in {cell.value for cell in book["问题"]["M"]}
    assert whole in {cell.value for cell in book["来源"]["B"]}
    digests = book["来源"]["K"][3:]
    assert {len(cell.value) for cell in digests} == {64}
    assert area(book["来源"])[2] == 10, "digests are not printed"
