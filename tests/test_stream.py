"""Rows that are written while a workbook is saved: as XlsxWriter would write them, and when."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from support.client import Office
from xltools.excel.book import WorkbookWriter
from xltools.excel.page import CENTRE, ListColumn, SheetWriter
from xltools.excel.stream import LINKS, ROWS, Content, Formula, Link, StreamedRow, Styled
from xltools.model.errors import SheetFullError

COLUMNS = tuple(ListColumn(title=title, width=100, look=CENTRE) for title in "甲乙")
ODD = (
    "_x0041_", "__x000D_x0041_", "_X0041_", "_x41_", " 前后 ", "\t", "一\n二\r\n三", "<r>a</r>",
    "&lt;&amp;]]>", '"\'', "=1+1", "123", "𠮷野家", "\u3000首行", "一\x00二",
)  # fmt: skip


def book_with(rows: Iterable[Sequence[Content]], count: int) -> Any:
    out = BytesIO()
    with WorkbookWriter(out, created=datetime(2026, 1, 1)) as book:
        book.page("表").write_list(0, COLUMNS, rows, count)
    return load_workbook(out)["表"]


def test_each_content_arrives_as_what_it_is() -> None:
    rows: list[Sequence[Content]] = [
        (1, -2), (10**14, Decimal("12.50")), (0.1, 10**20), ("", "文"),
        (datetime(2026, 1, 5, 12), None),
        (Formula("=1+1", 2), Link(None, "无处")), (Link("internal:'表'!A1", "这里"), 0),
        (Link("external:甲/乙.xlsx", "那里"), Link("external:丙.xlsx", "")),
    ]  # fmt: skip
    sheet = book_with(rows, len(rows))
    assert [[c.value for c in row] for row in sheet.iter_rows(min_row=2)] == [
        [1, -2], [10**14, 12.5], [0.1, 1e20], [None, "文"], [46027.5, None],
        ["=1+1", "无处"], ["这里", 0], ["那里", None],
    ]  # fmt: skip
    assert sheet.dimensions == "A1:B9"
    links = {c.coordinate: c.hyperlink for row in sheet for c in row if c.hyperlink}
    assert {at: (link.location, link.target) for at, link in links.items()} == {
        "A8": ("'表'!A1", None),
        "A9": (None, "甲\\乙.xlsx"),
    }


def test_odd_texts_arrive_as_they_are(office: Office, tmp_path: Path) -> None:
    path = tmp_path / "表.xlsx"
    with path.open("wb") as out, WorkbookWriter(out, created=datetime(2026, 1, 1)) as book:
        book.page("表").write_list(0, COLUMNS, ((text, "") for text in ODD), len(ODD))
    safe = [text.replace("\r\n", "\n").replace("\x00", "") for text in ODD]
    assert [row[0].value for row in load_workbook(path)["表"].iter_rows(min_row=2)] == safe
    shown = office.dump(path)[0].cells
    assert [shown[f"A{row}"].value for row in range(2, 2 + len(ODD))] == safe


def test_rows_are_made_while_the_workbook_is_saved() -> None:
    made = []

    def rows() -> Iterator[Sequence[Content]]:
        for number in range(3):
            made.append(number)
            yield number, ""

    with WorkbookWriter(BytesIO(), created=datetime(2026, 1, 1)) as book:
        book.page("表").write_list(0, COLUMNS, rows(), 3)
        assert made == []
    assert made == [0, 1, 2]


def test_a_list_has_as_many_rows_as_it_says() -> None:
    for count in (1, 3):
        with pytest.raises(ValueError, match="zip"):
            book_with([(1, 2), (3, 4)], count)


def test_a_format_is_numbered_before_the_rows() -> None:
    def rows(page: SheetWriter) -> Iterator[Sequence[Content]]:
        yield Styled("晚", page.formats.number(page.formats.item(bold=True))), ""

    with (
        pytest.raises(RuntimeError, match="before the rows"),
        WorkbookWriter(BytesIO(), created=datetime(2026, 1, 1)) as book,
    ):
        page = book.page("表")
        page.write_list(0, COLUMNS, rows(page), 1)


def test_rows_stand_between_those_of_the_frame_and_take_their_place() -> None:
    out = BytesIO()
    with WorkbookWriter(out, created=datetime(2026, 1, 1)) as book:
        page = book.page("表")
        plain = page.formats()
        page.text(0, 0, "头", plain)
        page.sheet.write_comment(2, 3, "批注")
        page.text(4, 0, "脚", plain)
        bold = page.formats.number(page.formats(bold=True))
        rows = (
            StreamedRow(contents=(name,), height=30, figures=(n, 0.5, n), marked={2: bold})
            for n, name in enumerate("甲乙丙")
        )
        page.stream(1, 3, rows, styles=(plain,), figures=[(2, plain), (3, plain), (5, plain)])
    sheet = load_workbook(out)["表"]
    assert [[c.value for c in row] for row in sheet] == [
        ["头", None, None, None, None, None],
        ["甲", None, 0, 0.5, None, 0],
        ["乙", None, 1, 0.5, None, 1],
        ["丙", None, 2, 0.5, None, 2],
        ["脚", None, None, None, None, None],
    ]
    assert sheet["D3"].comment.text == "批注"
    assert [c.font.bold for c in sheet[3]] == [False] * 5 + [True]
    assert [sheet.row_dimensions[row].height for row in (2, 3, 4)] == [22.5] * 3


def test_more_links_than_a_sheet_takes() -> None:
    count = LINKS // 2 + 2
    out = BytesIO()
    with WorkbookWriter(out, created=datetime(2026, 1, 1)) as book:
        link = Link("internal:'表'!A1", "去")
        book.page("表").write_list(0, COLUMNS, ((link, link) for _ in range(count)), count)
    with zipfile.ZipFile(out) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
    assert sheet.count(b"<hyperlink ") == LINKS
    assert sheet.count("去".encode()) == LINKS + 2 * count


def test_more_rows_than_a_sheet_has() -> None:
    with pytest.raises(SheetFullError, match="工作表“表”要写 1048577 行，Excel 的工作表至多"):
        book_with((), ROWS)


def test_every_second_row_is_tinted_but_what_has_a_colour_of_its_own() -> None:
    out = BytesIO()
    with WorkbookWriter(out, created=datetime(2026, 1, 1)) as book:
        page = book.page("表")
        plain, red = page.formats(), page.formats(bg_color="#FF0000")
        bold, marked = page.formats.banded(page.formats(bold=True)), page.formats.banded(red)
        page.text(0, 0, "头", plain)
        row = StreamedRow(contents=(Styled("字", bold), ""), figures=[1, 2], marked={1: marked})
        figures = [(2, plain), (3, plain)]
        page.stream(1, 3, [row] * 3, styles=(plain, plain), figures=figures, banded=True)
    sheet = load_workbook(out)["表"]
    colours = [
        [c.fill.fgColor.rgb if c.fill.fill_type else None for c in row]
        for row in sheet.iter_rows(min_row=2)
    ]
    usual = [None, None, None, "FFFF0000"]
    assert colours == [usual, ["FFEFF4FA"] * 3 + ["FFFF0000"], usual]
    assert [sheet.cell(row, 1).font.bold for row in (2, 3, 4)] == [True] * 3


def test_a_link_can_say_more_than_it_shows() -> None:
    links = (Link("external:甲/乙.xlsx", "乙", '甲/"乙".xlsx'), Link(None, "丙", "不显示"))
    sheet = book_with([links], 1)
    assert sheet["A2"].hyperlink.tooltip == '甲/"乙".xlsx'
    assert sheet["B2"].hyperlink is None
