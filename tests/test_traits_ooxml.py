"""Cells of Excel's formats that show something else than their values say, cells that are merged,
and cells that are there twice.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace

import openpyxl
import pytest
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Color, Font, PatternFill

from support import shown
from support.client import Office
from support.filled import FORM, LAYOUT
from support.hostile.ooxml import MAIN, OFFICE, STRICT_MAIN, STRICT_OFFICE, record
from support.jobs import template
from support.sheet_xml import NS, changed, packed, refused, row, sheet
from support.sheet_xml import parts as parts_of
from support.shown import CASES, Shown, biff, number, text
from xltools.match.matcher import Matcher
from xltools.model.cells import (
    PLAIN,
    Area,
    CellKind,
    Flag,
    Grid,
    Raw,
)
from xltools.model.errors import ReadError
from xltools.model.wording import in_words
from xltools.readers import scan
from xltools.readers.package import Package
from xltools.readers.scan import ScanTargets
from xltools.readers.workbook import book_of, open_book

Writer = Callable[[Sequence[Shown]], bytes]


def strict(cells: Sequence[Shown]) -> bytes:
    return changed(shown.xlsx(cells), (MAIN, STRICT_MAIN), (OFFICE, STRICT_OFFICE))


def unusual(cells: Sequence[Shown]) -> bytes:
    """In a way that no pattern takes in."""
    return changed(shown.xlsx(cells), ('<c r="', '<c  r="'), part="sheet1")


WRITERS: dict[str, Writer] = {
    "xlsx": shown.xlsx,
    "xlsx, texts in cells": lambda cells: shown.xlsx(cells, inline=True),
    "xlsx, written unusually": unusual,
    "xlsx, strict": strict,
    "xlsb": shown.xlsb,
    "xls": shown.xls,
    "xls, texts cut": lambda cells: shown.xls(cells, cut=41),
}


def read(data: bytes) -> Grid:
    return book_of(data).grid("Sheet1")


def at(found: Grid, n: int) -> tuple[Raw, Flag]:
    return found.raw(n, 0), found.flags.get((n, 0), PLAIN)


def right(found: Grid, cases: Sequence[Shown]) -> None:
    got = [at(found, n) for n in range(len(cases))]
    assert got == [(cell.value, cell.flag) for cell in cases]


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("name", CASES)
def test_what_counts_of_a_cell(name: str, writer: str) -> None:
    right(read(WRITERS[writer]([CASES[name]])), [CASES[name]])


@pytest.mark.parametrize("writer", WRITERS)
def test_many_cells_on_a_sheet(writer: str) -> None:
    cells = list(CASES.values())
    right(read(WRITERS[writer](cells)), cells)


@pytest.mark.parametrize("suffix", ["xls", "et"])
def test_as_another_program_saves_it(office: Office, tmp_path: Path, suffix: str) -> None:
    cells = [c for c in CASES.values() if not c.guide and "‰" not in c.code]
    (tmp_path / "a.xlsx").write_bytes(shown.xlsx(cells))
    office.convert(tmp_path / "a.xlsx", tmp_path / f"a.{suffix}")
    found = open_book(tmp_path / f"a.{suffix}").grid("Sheet1")
    for n, cell in enumerate(cells):
        value, flag = at(found, n)
        # A format may be written in other words, as 0\\万\\件.
        assert (value, flag.mark, flag.unseen) == (cell.value, cell.flag.mark, cell.flag.unseen)
        assert bool(flag.format) == bool(cell.flag.format), cell


OLD = [n for n, c in CASES.items() if not c.guide and "‰" not in c.code and "front" not in n]


@pytest.mark.parametrize("name", OLD)
def test_records_of_excel_5(name: str) -> None:
    """What its code page has: no per mille, no digit in a circle; nor does it know guides."""
    right(read(shown.xls([CASES[name]], old=True)), [CASES[name]])


def test_the_values_of_a_sheet_are_the_same_without_its_flags() -> None:
    cells = list(shown.FONT_CASES.values())
    for writer in WRITERS.values():
        found = book_of(writer(cells)).values("Sheet1")
        assert [found.raw(n, 0) for n in range(len(cells))] == [c.value for c in cells]


class PanicException(BaseException):
    pass


def test_by_the_second_library(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise PanicException

    cells = list(CASES.values())
    monkeypatch.setattr("xlrd.book.Book.sheet_by_index", fail)
    right(read(shown.xls(cells)), cells)
    monkeypatch.setattr("python_calamine.CalamineWorkbook", SimpleNamespace(from_filelike=fail))
    right(read(shown.xlsx(cells)), cells)


def test_a_struck_figure_of_a_return_cannot_be_read() -> None:
    """It is neither the old figure nor a blank that may be declared zero."""
    item, book = "t3.received.natural", openpyxl.load_workbook(template("某单位"))
    place = LAYOUT.address(FORM.by_name[item])
    book[place.sheet][place.a1] = 77
    book[place.sheet][place.a1].font = Font(strike=True)
    out = io.BytesIO()
    book.save(out)
    said = [f for f in Matcher(LAYOUT).match(book_of(out.getvalue())).findings if item in f.items]
    assert [(f.code, f.cells) for f in said] == [("V-02", (place.a1,))]
    assert "77" in in_words(said[0].found)


# What is white


def colored(font: Color, ground: Color | None = None) -> bytes:
    book = openpyxl.Workbook()
    found = book.active
    assert found is not None
    found.title = "Sheet1"
    found["A1"] = 3
    found["A1"].font = Font(color=font)
    if ground is not None:
        found["A1"].fill = PatternFill("solid", fgColor=ground)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


BACKGROUND = Color(theme=0)
DARKER = Color(theme=0, tint=-0.5)


@pytest.mark.parametrize(
    ("font", "ground", "unseen"),
    [
        (Color(rgb="FFFFFFFF"), None, True),
        (Color(rgb="FFFFFF"), Color(rgb="FFFFFFFF"), True),
        (Color(indexed=9), None, True),
        (Color(indexed=1), None, True),
        (Color(indexed=65), None, True),
        (BACKGROUND, None, True),
        (BACKGROUND, BACKGROUND, True),
        (BACKGROUND, DARKER, False),
        (DARKER, None, False),
        (Color(theme=1), None, False),
        (Color(indexed=8), None, False),
        (Color(rgb="FFFFFFFE"), None, False),
        (BACKGROUND, Color(theme=4), False),
    ],
)
def test_only_what_is_certainly_white_is_unseen(
    font: Color, ground: Color | None, unseen: bool
) -> None:
    right(read(colored(font, ground)), [
        number(None, flag=Flag(unseen="3")) if unseen else number(3.0)
    ])  # fmt: skip


def test_a_theme_whose_ground_is_dark() -> None:
    light = '<a:sysClr val="window" lastClr="FFFFFF"/>'
    data = changed(colored(BACKGROUND), (light, '<a:srgbClr val="202020"/>'), part="theme")
    assert b"202020" in Package.of(data).read("xl/theme/theme1.xml")
    right(read(data), [number(3.0)])


def test_a_palette_of_its_own() -> None:
    data = changed(colored(Color(indexed=9)), ('"00FFFFFF"', '"00202020"'), part="styles")
    right(read(data), [number(3.0)])


def test_as_openpyxl_writes_runs() -> None:
    book = openpyxl.Workbook(write_only=True)
    found = book.create_sheet("Sheet1")
    mark = TextBlock(InlineFont(vertAlign="superscript"), "1")
    found.append([CellRichText("1573179", mark)])
    out = io.BytesIO()
    book.save(out)
    right(read(out.getvalue()), [text(value="1573179", flag=Flag(mark="1"))])


# Formats that a file names by a number alone


@pytest.mark.parametrize(("code", "kind", "format"), [
    (9, CellKind.NUMBER, "0%"), (11, CellKind.NUMBER, ""), (2, CellKind.NUMBER, ""),
    (58, CellKind.DATE, ""), (31, CellKind.DATE, ""),
])  # fmt: skip
def test_formats_by_number(code: int, kind: CellKind, format: str) -> None:
    contents = parts_of(sheet(row('<c r="A1" s="1"><v>1</v></c>')))
    contents["xl/styles.xml"] = str(contents["xl/styles.xml"]).replace('"14"', f'"{code}"')
    cell = read(packed(contents)).cell(0, 0)
    assert (cell.kind, cell.flag) == (kind, Flag(format=format))


# Merged cells

HIDDEN = [number(float(n), given=n) for n in (7, 8, 9)]
AREA = Area(0, 0, 2, 1)
MERGED: dict[str, bytes] = {
    "xlsx": shown.xlsx(
        HIDDEN, behind='<mergeCells count="2"><mergeCell ref="A1:B3"/><mergeCell ref="D9"/>'
        "</mergeCells>",
    ),
    "xlsx, written unusually": shown.xlsx(
        HIDDEN, behind="<mergeCells><mergeCell  ref='$A$1:$B$3'/></mergeCells>"
    ),
    "xlsb": shown.xlsb(
        HIDDEN,
        behind=record(177, struct.pack("<I", 2)) + record(176, struct.pack("<4I", 0, 2, 0, 1))
        + record(176, struct.pack("<4I", 8, 8, 3, 3)) + record(178),
    ),
    "xls": shown.xls(
        HIDDEN, sheet=biff(0x00E5, struct.pack("<9H", 2, 0, 2, 0, 1, 8, 8, 3, 3))
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MERGED)
def test_merged_cells_and_what_lies_beneath(name: str) -> None:
    found = read(MERGED[name])
    assert list(found.merges) == [AREA]
    right(found, HIDDEN)


@pytest.mark.parametrize("suffix", ["xls", "et"])
def test_merged_cells_as_another_program_saves_them(
    office: Office, tmp_path: Path, suffix: str
) -> None:
    (tmp_path / "a.xlsx").write_bytes(MERGED["xlsx"])
    office.convert(tmp_path / "a.xlsx", tmp_path / f"a.{suffix}")
    found = open_book(tmp_path / f"a.{suffix}").grid("Sheet1")
    assert list(found.merges) == [AREA]
    right(found, HIDDEN)


# Cells that are there twice

ONE, TWO = '<c r="A1"><v>1</v></c>', '<c r="A1"><v>2</v></c>'
BESIDE = '<c r="B1"><v>2</v></c>'
TWICE: dict[str, tuple[str, str]] = {
    "a cell": (row(ONE, TWO), "单元格 A1 写了两次"),
    "a cell, blank the second time": (row(ONE, '<c r="A1"/>'), "单元格 A1 写了两次"),
    "a cell, in another row": (row(ONE) + row(TWO, n=2), "单元格 A1 写了两次"),
    "a cell, once without its address": (
        row(BESIDE.replace("B1", "A1"), '<c r="C1"/>', ONE), "单元格 A1 写了两次"
    ),
    "a cell far off": (
        row('<c r="A1001"><v>1</v></c>', '<c r="A1001"><v>2</v></c>', n=1001),
        "单元格 A1001 写了两次",
    ),
    "a row": (row(ONE) + row(BESIDE), "第 1 行写了两次"),
    "a row without its number": (
        row('<c r="A2"/>', n=2) + f"<row>{BESIDE.replace('B1', 'B3')}</row>"
        + row('<c r="A3"><v>1</v></c>', n=3),
        "第 3 行写了两次",
    ),
    "a value": (row(ONE.replace("</c>", "<v>2</v></c>")), "单元格 A1 有两个值"),
    "a value, empty the first time": (row(ONE.replace("<v>", "<v/><v>")), "单元格 A1 有两个值"),
    "a value, empty the second time": (
        row(ONE.replace("</v>", "</v><v></v>")), "单元格 A1 有两个值"
    ),
    "a value and a text": (
        row(ONE.replace("</v>", "</v><is><t>2</t></is>")), "单元格 A1 有两个值"
    ),
    "the data": (row(ONE) + "</sheetData><sheetData>" + row(BESIDE, n=2), "两个数据部分"),
}  # fmt: skip


@pytest.mark.parametrize("flags", [True, False])
@pytest.mark.parametrize("way", ["", "<c  r="])
@pytest.mark.parametrize("name", TWICE)
def test_what_is_there_twice_is_damage(name: str, way: str, flags: bool) -> None:
    cells, problem = TWICE[name]
    data = packed(parts_of(sheet(cells.replace("<c r=", way or "<c r="))))
    book = book_of(data)
    with pytest.raises(ReadError) as caught:
        (book.grid if flags else book.values)("Sheet1")
    assert caught.value.code == "F-02" and problem in in_words(caught.value.detail)


def test_two_addresses_of_one_cell_are_damage() -> None:
    """No XML: which of them counts each reader decides for itself."""
    code, _ = refused(packed(parts_of(sheet(row('<c r="A1" r="B1"><v>1</v></c>')))))
    assert code == "F-02"


TWICE_BINARY: dict[str, bytes] = {
    "xlsb, a cell": shown.xlsb(
        [], sheet=record(0, struct.pack("<IIHHBI", 0, 0, 300, 0, 0, 0))
        + 2 * record(5, struct.pack("<IId", 0, 0, 1)),
    ),
    "xlsb, a row": shown.xlsb(
        [number(1.0)], sheet=record(0, struct.pack("<IIHHBI", 0, 0, 300, 0, 0, 0))
    ),
    "xls, a cell": shown.xls([], sheet=2 * biff(0x0203, struct.pack("<HHHd", 0, 0, 0, 1))),
    "xls, one among several": shown.xls(
        [], sheet=biff(0x0203, struct.pack("<HHHd", 0, 2, 0, 1))
        + biff(0x00BD, struct.pack("<HH", 0, 1) + 2 * struct.pack("<HI", 0, 6) + b"\2\0"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TWICE_BINARY)
def test_what_is_there_twice_in_binary_is_damage(name: str) -> None:
    code, detail = refused(TWICE_BINARY[name])
    assert code == "F-02" and "写了两次" in detail


# The quick look and the thorough one

LOOKED = [
    shown.xlsx(list(CASES.values())),
    shown.xlsx(list(CASES.values()), inline=True),
    MERGED["xlsx"],
    packed(parts_of(sheet(row(
        '<c r="A1" s="1"><f>1+1</f><v>2</v></c><c r="B1" s="2" t="e"><f>1/0</f><v>#DIV/0!</v></c>'
        '<c r="C1" s="1"/><c r="D1" s="2" t="str"><f>"a"</f><v>a</v></c><c r="E1" s="1" ph="1"/>'
        '<c r="F1"><f t="shared" si="0"/></c><c r="G1" s="1" t="s"><v>0</v></c>'
    )))),
]  # fmt: skip


@pytest.mark.parametrize("n", range(len(LOOKED)))
def test_the_quick_look_agrees_with_the_thorough_one(n: int) -> None:
    xml = Package.of(LOOKED[n]).read("xl/worksheets/sheet1.xml")
    for styles in (frozenset[int](), frozenset({1, 3, 5}), frozenset(range(40))):
        quick = scan.scan(xml, targets=ScanTargets(styles=styles))
        thorough = scan.scan_thoroughly(xml, ScanTargets(styles=styles))
        assert (quick.flags, quick.odd) == (thorough.flags, thorough.odd)
        assert list(quick.merges) == list(thorough.merges)


def test_the_plain_style_is_looked_over_quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(*_: object) -> None:
        raise AssertionError("the sheet was parsed")

    monkeypatch.setattr(scan, "scan_thoroughly", slow)
    for data in (LOOKED[2], LOOKED[3]):
        scan.scan(Package.of(data).read("xl/worksheets/sheet1.xml"))


def test_namespace_of_runs_does_not_matter() -> None:
    data = changed(
        shown.xlsx([CASES["raised mark"]]),
        ("<sst xmlns=", "<x:sst xmlns:x="), ("</sst>", "</x:sst>"),
        ("<si>", "<x:si>"), ("</si>", "</x:si>"), ("<r>", "<x:r>"), ("</r>", "</x:r>"),
        ("<rPr>", "<x:rPr>"), ("</rPr>", "</x:rPr>"), ("<vert", "<x:vert"),
        ("<t>", "<x:t>"), ("</t>", "</x:t>"),
        part="sharedstrings",
    )  # fmt: skip
    assert NS in str(Package.of(data).read("xl/sharedstrings.xml"))
    right(read(data), [CASES["raised mark"]])
