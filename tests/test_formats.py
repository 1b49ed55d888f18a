"""The other spreadsheet formats: the same return in each, odd cells, damage, limits."""

from __future__ import annotations

import io
import struct
from collections.abc import Mapping
from datetime import date, datetime, time
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace

import olefile
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from support.client import Office
from support.filled import FORM, LAYOUT, printed
from support.jobs import INPUTS, template
from support.sheet_xml import (
    NS,
    REL,
    data_of,
    opendocument,
    packed,
    page,
    parts,
    refused,
    row,
    sheet,
    xml2003,
)
from xltools.checks.run import check
from xltools.match.matcher import Matcher
from xltools.model.cells import CellKind, Flag, Grid
from xltools.model.errors import ReadError
from xltools.model.wording import in_words
from xltools.readers import biff, book, kinds
from xltools.readers import biff as records_
from xltools.readers.biff_styles import Globals
from xltools.readers.workbook import book_of, open_book

TYPED = ("xls", "et", "ods", "fods")  # formats that keep types and formulas
OFFICE = (*TYPED, "html")
MATCHER = Matcher(LAYOUT)


# The same return


ODD: dict[str, str | int | float] = {
    "t3.received.natural": "=1/0",
    "t3.received.business": "=1+1",
    "t3.granted.natural": "3件",
    "t3.granted.business": "'5",
    "t3.carried_out.natural": -2,
    "t3.carried_out.business": 1.5,
    "t2.fees.charged": 12.345678,
}


@pytest.fixture(scope="module")
def returns(office: Office, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A right return, one that does not balance, and an odd one, in every format."""
    folder = tmp_path_factory.mktemp("returns")
    blank = folder / "blank.xlsx"
    blank.write_bytes(template("某单位").getvalue())
    figures = printed("suqian_shi_2023")
    right: dict[str, str | int | float] = {n: figures[n] for n in INPUTS}
    cases = {
        "right": right,
        "wrong": right | {"t3.granted.natural": 9999},
        "odd": ODD,
    }
    for name, cells in cases.items():
        src = folder / f"{name}.xlsx"
        at = {str(LAYOUT.address(FORM.by_name[n])): v for n, v in cells.items()}
        assert not office.fill(blank, src, at, paste=True).refused
        for kind in OFFICE:
            office.convert(src, folder / f"{name}.{kind}")
    others = [f"remove {s.name}" for s in open_book(src).sheets if s.name != "表三"]
    for name in cases:
        for kind in ("xlsx", "csv"):
            out = folder / name / f"表三.{kind}"
            assert not office.fill(folder / f"{name}.xlsx", out, {}, do=others).refused
    return folder


def judged(path: Path) -> tuple[object, ...]:
    """Figures, states and findings of a file."""
    ret = MATCHER.match(open_book(path))
    found = [*ret.findings, *check(LAYOUT, ret)]
    said = [
        (
            f.code,
            f.sheet,
            f.cells,
            f.items,
            in_words(f.found),
            in_words(f.expected),
        )
        for f in found
    ]
    return tuple(ret.numbers), tuple(ret.statuses), said


@pytest.mark.parametrize("kind", OFFICE)
@pytest.mark.parametrize("name", ["right", "wrong"])
def test_the_same_return_in_every_format(returns: Path, name: str, kind: str) -> None:
    found = judged(returns / f"{name}.{kind}")
    assert found == judged(returns / f"{name}.xlsx")
    codes = [f[0] for f in found[2]]  # type: ignore[attr-defined]  # because of object
    assert ("T3-01" in codes) == (name == "wrong")


@pytest.mark.parametrize("name", ["right", "wrong"])
def test_the_same_table_as_csv(returns: Path, name: str) -> None:
    assert judged(returns / name / "表三.csv") == judged(returns / name / "表三.xlsx")


@pytest.mark.parametrize("kind", TYPED)
def test_odd_cells_are_the_same_findings(returns: Path, kind: str) -> None:
    found = judged(returns / f"odd.{kind}")
    assert found == judged(returns / "odd.xlsx")
    codes = {f[0] for f in found[2]}  # type: ignore[attr-defined]  # because of object
    assert {"V-01", "V-03", "V-06", "V-07", "V-08"} <= codes


@pytest.mark.parametrize("path", ["odd.html", "odd/表三.csv"])
def test_odd_cells_without_types(returns: Path, path: str) -> None:
    """A formula leaves no trace there; whatever else is odd is found."""
    codes = {f[0] for f in judged(returns / path)[2]}  # type: ignore[attr-defined]  # because of object
    assert {"V-01", "V-06", "V-07", "V-08"} <= codes


@pytest.mark.parametrize("kind", TYPED)
def test_identity_and_hidden_sheets(returns: Path, kind: str) -> None:
    book = open_book(returns / f"right.{kind}")
    ret = MATCHER.match(book)
    assert ret.identity is not None and ret.identity.unit == ret.unit == "某单位"
    original = open_book(returns / "right.xlsx")
    assert [(s.name, s.visible) for s in book.sheets] == [
        (s.name, s.visible) for s in original.sheets
    ]


# Cells


@pytest.fixture(scope="module")
def cells(office: Office, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Cells of every kind in every format."""
    folder = tmp_path_factory.mktemp("cells")
    path = folder / "a.xlsx"
    book = xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd"})
    out = book.add_worksheet("甲")
    out.write_row(0, 1, ["文字", 1, 2.5, True])
    out.write_string(1, 0, "007")
    out.write_string(1, 1, "12")
    out.write_datetime(1, 2, datetime(2026, 1, 2))
    moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    out.write_datetime(1, 3, datetime(2026, 1, 2, 12, 30), moment)
    out.write_number(1, 4, 0.25, book.add_format({"num_format": "0%"}))
    out.write_formula(2, 0, "=1/0", None, "#DIV/0!")
    out.write_formula(2, 1, "=NA()", None, "#N/A")
    out.write_formula(2, 2, "=1+1", None, 2)
    out.write_formula(2, 3, '="a"&"b"', None, "ab")
    out.write_formula(2, 4, '=IF(1,"","x")', None, "")
    out.merge_range(3, 0, 4, 2, "合并\n两行")
    out.write(5, 6, "末")
    hidden = book.add_worksheet("乙")
    hidden.hide()
    hidden.write_row(0, 0, ["kind", "return"])
    book.add_worksheet("丙")
    book.close()
    for kind in (*OFFICE, "csv"):
        office.convert(path, folder / f"a.{kind}")
    return folder


SEEN = {
    (0, 0): (CellKind.BLANK, None),
    (0, 1): (CellKind.TEXT, "文字"),
    (0, 2): (CellKind.NUMBER, 1.0),
    (0, 3): (CellKind.NUMBER, 2.5),
    (0, 4): (CellKind.BOOLEAN, True),
    (1, 0): (CellKind.TEXT, "007"),
    (1, 1): (CellKind.TEXT, "12"),
    (1, 2): (CellKind.DATE, date(2026, 1, 2)),
    (1, 3): (CellKind.DATE, datetime(2026, 1, 2, 12, 30)),
    (1, 4): (CellKind.NUMBER, 0.25),
    (2, 2): (CellKind.NUMBER, 2.0),
    (2, 3): (CellKind.TEXT, "ab"),
    (2, 4): (CellKind.BLANK, None),
    (3, 0): (CellKind.TEXT, "合并\n两行"),
    (3, 1): (CellKind.BLANK, None),
    (4, 0): (CellKind.BLANK, None),
    (5, 6): (CellKind.TEXT, "末"),
}
ERRORS = {(2, 0): "#DIV/0!", (2, 1): "#N/A"}


def hold(found: Grid, expected: Mapping[tuple[int, int], tuple[CellKind, object]]) -> None:
    got = {at: (found.cell(*at).kind, found.cell(*at).raw) for at in expected}
    assert got == expected
    for at, text in ERRORS.items():
        cell = found.cell(*at)
        assert (cell.kind, cell.shown) == (CellKind.ERROR, text)


@pytest.mark.parametrize("kind", ["xlsx", *TYPED])
def test_cells_of_every_kind(cells: Path, kind: str) -> None:
    book = open_book(cells / f"a.{kind}")
    assert [(s.name, s.visible) for s in book.sheets] == [
        ("甲", True),
        ("乙", False),
        ("丙", True),
    ]
    found = book.grid("甲")
    hold(found, SEEN)
    flags = {at: found.cell(*at).flag for at in [(2, 0), (2, 2), (2, 3), (2, 4), (0, 2)]}
    assert flags == {
        (2, 0): Flag(formula=True, error="#DIV/0!"),
        (2, 2): Flag(formula=True),
        (2, 3): Flag(formula=True),
        (2, 4): Flag(formula=True, cached=False),
        (0, 2): Flag(),
    }
    assert book.grid("乙").text(0, 1) == "return" and not book.grid("乙").visible
    assert not any(s.buried for s in book.sheets)
    formulas = [open_book(cells / f"a.{kind}").formulas(s.name) for s in book.sheets]
    assert formulas == [
        sum(f.formula for f in book.grid(s.name).flags.values()) for s in book.sheets
    ]
    assert not any(book.grid("丙").rows)
    assert book.held("甲", 0) == 2 if kind == "xlsx" else book.held("甲", 1) == 2


def test_cells_of_a_page(cells: Path) -> None:
    hold(open_book(cells / "a.html").grid("a"), SEEN)


def test_cells_of_csv(cells: Path) -> None:
    """No types: a number as text is a number there, and other shapes than the plain stay text."""
    changed = {(1, 1): (CellKind.NUMBER, 12.0), (1, 3): (CellKind.TEXT, "2026-01-02 12:30:00")}
    hold(open_book(cells / "a.csv").grid("a"), SEEN | changed | {(1, 4): (CellKind.TEXT, "25%")})


def test_the_suffix_tells_nothing(cells: Path, tmp_path: Path) -> None:
    for kind in ("xls", "ods", "fods", "html", "csv"):
        path = tmp_path / f"{kind}.xlsx"
        path.write_bytes((cells / f"a.{kind}").read_bytes())
        assert open_book(path).sheets


# Damage


@pytest.mark.parametrize("kind", ["xls", "ods", "fods", "html", "csv"])
@given(data=st.data())
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_damage_anywhere_is_an_answer(cells: Path, kind: str, data: st.DataObject) -> None:
    whole = bytearray((cells / f"a.{kind}").read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    read_all(bytes(whole[: data.draw(st.integers(len(whole) // 2, len(whole)))]))


def read_all(data: bytes) -> None:
    try:
        book = book_of(data)
        assert book.sheets
        for one in book.sheets:
            book.grid(one.name)
    except ReadError as error:
        assert error.code in ("F-01", "F-02", "F-03", "F-05")


@pytest.mark.parametrize("kind", ["xls", "ods", "fods"])
def test_a_file_cut_off_is_damaged(cells: Path, kind: str) -> None:
    whole = (cells / f"a.{kind}").read_bytes()
    for share in (0.3, 0.5, 0.9):
        assert refused(whole[: int(len(whole) * share)])[0] in ("F-01", "F-02")


class PanicException(BaseException):
    pass


def test_xls_by_the_second_library(cells: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise PanicException

    data = (cells / "a.xls").read_bytes()
    monkeypatch.setattr("xlrd.open_workbook", fail)
    book = book_of(data)
    assert [s.visible for s in book.sheets] == [True, False, True]
    hold(book.grid("甲"), SEEN)
    metadata = CalamineWorkbook.from_filelike(BytesIO(data)).sheets_metadata
    damaged = SimpleNamespace(sheets_metadata=metadata, get_sheet_by_name=fail)
    library = "python_calamine.CalamineWorkbook"
    monkeypatch.setattr(library, SimpleNamespace(from_filelike=lambda _: damaged))
    assert refused(data)[0] == "F-02"
    monkeypatch.setattr(library, SimpleNamespace(from_filelike=fail))
    assert refused(data) == ("F-02", "没有能读的工作表")


def test_xls_values_that_are_lost(cells: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = (cells / "a.xls").read_bytes()
    plain = records_.look

    def more(records: bytes, at: int, book: Globals) -> records_.SheetLook:
        seen = plain(records, at, book)
        seen.cells += 1
        return seen

    def most(records: bytes, at: int, book: Globals) -> records_.SheetLook:
        seen = more(records, at, book)
        seen.filled += 1
        return seen

    monkeypatch.setattr(biff, "look", more)
    hold(book_of(data).grid("甲"), SEEN)  # by the second library
    monkeypatch.setattr(biff, "look", most)
    assert refused(data) == ("F-02", "工作表“甲”读不出来")


def test_xls_with_an_empty_text(cells: Path) -> None:
    """Some programs write them; they are no sign of loss."""
    with olefile.OleFileIO(io.BytesIO((cells / "a.xls").read_bytes())) as ole:
        whole = ole.openstream("Workbook").read()
    label = struct.pack("<HHHHHHB", 0x0204, 9, 0, 0, 15, 0, 0)
    end = whole.rindex(b"\x0a\x00\x00\x00")  # of the last sheet
    found = book_of(whole[:end] + label + whole[end:]).grid("丙")
    assert found.cell(0, 0).kind is CellKind.BLANK


def test_a_sheet_without_its_end(cells: Path) -> None:
    with olefile.OleFileIO(io.BytesIO((cells / "a.xls").read_bytes())) as ole:
        whole = ole.openstream("Workbook").read()
    starts, _ = records_.sheets(whole)
    assert refused(whole[: starts[0] + 100]) == ("F-02", "工作表内容不完整")


def test_xls_records_without_a_container(cells: Path) -> None:
    with olefile.OleFileIO(io.BytesIO((cells / "a.xls").read_bytes())) as ole:
        records = ole.openstream("Workbook").read()
    hold(book_of(records).grid("甲"), SEEN)


# Passwords


@pytest.mark.parametrize("kind", ["xlsx", "xls"])
def test_behind_a_password(office: Office, cells: Path, tmp_path: Path, kind: str) -> None:
    path = office.convert(cells / "a.xlsx", tmp_path / f"a.{kind}", password="密码 1")
    for wrong in ((), ("", "1"), ("x" * 300,)):
        with pytest.raises(ReadError) as caught:
            open_book(path, wrong)
        assert caught.value.code == "F-03"
    hold(open_book(path, ("1", "密码 1")).grid("甲"), SEEN)


def test_an_ods_behind_a_password(office: Office, cells: Path, tmp_path: Path) -> None:
    path = office.convert(cells / "a.xlsx", tmp_path / "a.ods", password="1")
    assert refused(path.read_bytes())[0] == "F-03"


def test_the_password_of_excel_itself(office: Office, cells: Path, tmp_path: Path) -> None:
    path = office.convert(cells / "a.xlsx", tmp_path / "a.xls", password="VelvetSweatshop")
    hold(open_book(path).grid("甲"), SEEN)


def test_a_password_that_takes_too_long() -> None:
    data = kinds.OLE + bytes(600) + "EncryptedPackage".encode("utf-16-le")
    assert refused(data + b'spinCount="100000000"')[0] == "F-05"


# Strict OOXML


def test_strict() -> None:
    cells = '<c r="A1" t="s"><v>0</v></c><c r="B1"><v>2</v></c><c r="C1" t="e"><v>#REF!</v></c>'
    dated = '<c r="D1" s="1" t="d"><v>2026-01-02</v></c>'
    strict = "http://purl.oclc.org/ooxml/"
    contents = {
        name: str(text)
        .replace(NS, strict + "spreadsheetml/main")
        .replace(REL, strict + "officeDocument/relationships")
        for name, text in parts(sheet(row(cells + dated))).items()
    }
    found = book_of(packed(contents)).grid("Sheet1")
    kinds = [found.cell(0, c).kind for c in range(4)]
    assert kinds == [CellKind.TEXT, CellKind.NUMBER, CellKind.ERROR, CellKind.DATE]


# Binary workbooks


def record(code: int, body: bytes = b"") -> bytes:
    head = bytes([code]) if code < 128 else bytes([code & 0x7F | 0x80, code >> 7])
    size = len(body)
    return head + (bytes([size]) if size < 128 else bytes([size & 0x7F | 0x80, size >> 7])) + body


def wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def cell(code: int, col: int, body: bytes = b"", style: int = 0) -> bytes:
    return record(code, struct.pack("<II", col, style) + body)


def binary(cells: bytes, *texts: str, at: int = 0, end: bool = True) -> bytes:
    """An .xlsb with a hidden sheet of one row of cells."""
    contents = parts("")
    del contents["xl/worksheets/sheet1.xml"], contents["xl/workbook.xml"], contents["xl/styles.xml"]
    del contents["xl/sharedStrings.xml"]
    header = record(0, struct.pack("<IIHHBI", at, 0, 300, 0, 0, 0))
    formats = record(617, struct.pack("<I", 2)) + b"".join(
        record(47, struct.pack("<HHHHHBBHH", 0xFFFF, n, 0, 0, 0, 0, 0, 0, 0)) for n in (0, 14)
    )
    return packed(
        {
            **{name: str(text).replace(".xml", ".bin") for name, text in contents.items()
               if name.startswith("_rels")},
            "[Content_Types].xml": contents["[Content_Types].xml"],
            "xl/_rels/workbook.bin.rels": str(contents["xl/_rels/workbook.xml.rels"]).replace(
                ".xml", ".bin"),
            "xl/workbook.bin": record(131) + record(143)
            + record(156, struct.pack("<II", 1, 1) + wide("rId1") + wide("甲"))
            + record(144) + record(132),
            "xl/sharedStrings.bin": record(159, struct.pack("<II", len(texts), len(texts)))
            + b"".join(record(19, b"\x00" + wide(t)) for t in texts)
            + record(160),
            "xl/styles.bin": record(278) + formats + record(618) + record(279),
            "xl/worksheets/sheet1.bin": record(129) + record(148, struct.pack("<IIII", 0, 0, 0, 9))
            + record(145) + header + cells + (record(146) + record(130) if end else b""),
        }
    )  # fmt: skip


FORMULA = struct.pack("<HII", 0, 0, 0)


def test_binary_workbook() -> None:
    data = binary(
        cell(5, 0, struct.pack("<d", 2.5))
        + cell(6, 1, wide("文字"))
        + cell(4, 2, b"\x01")
        + cell(3, 3, b"\x07")
        + cell(9, 4, struct.pack("<d", 2) + FORMULA)
        + cell(8, 5, wide("") + FORMULA)
        + cell(11, 6, b"\x2a" + FORMULA)
        + cell(1, 7)
        + cell(5, 8, struct.pack("<d", 46024), style=1)
    )
    book = book_of(data)
    assert [(s.name, s.visible) for s in book.sheets] == [("甲", False)]
    found = book.grid("甲")
    assert [found.cell(0, c).kind for c in range(9)] == [
        CellKind.NUMBER,
        CellKind.TEXT,
        CellKind.BOOLEAN,
        CellKind.ERROR,
        CellKind.NUMBER,
        CellKind.BLANK,
        CellKind.ERROR,
        CellKind.BLANK,
        CellKind.DATE,
    ]
    assert found.flags == {
        (0, 3): Flag(error="#DIV/0!"),
        (0, 4): Flag(formula=True),
        (0, 5): Flag(formula=True, cached=False),
        (0, 6): Flag(formula=True, error="#N/A"),
    }
    assert found.raw(0, 8) == date(2026, 1, 2)


def test_binary_workbook_with_shared_texts() -> None:
    cells = b"".join(cell(7, c, struct.pack("<I", c)) for c in range(2))
    found = book_of(binary(cells, "", "乙")).grid("甲")
    assert [found.cell(0, c).kind for c in range(2)] == [CellKind.BLANK, CellKind.TEXT]


def test_binary_workbook_damaged() -> None:
    one = cell(5, 0, struct.pack("<d", 1))
    assert refused(binary(one, end=False)) == ("F-02", "工作表没有数据部分")
    assert refused(binary(one, at=1 << 20))[0] == "F-02"
    far = cell(5, 16383, struct.pack("<d", 1))
    assert refused(binary(far, at=(1 << 20) - 1))[0] == "F-05"
    assert refused(binary(cell(7, 0, struct.pack("<I", 5)))) == ("F-02", "共享文字的序号不存在")


# OpenDocument


def ods_row(*cells: str, more: str = "") -> str:
    return f"<table:table-row{more}>{''.join(cells)}</table:table-row>"


def ods_cell(text: str = "", *, more: str = "", kind: str = "string") -> str:
    given = f' office:value-type="{kind}"' if kind else ""
    return f"<table:table-cell{given}{more}>{text}</table:table-cell>"


def test_opendocument_cells() -> None:
    text = (
        "<text:p> 甲  <text:span>乙</text:span><text:s text:c='2'/>丙"
        "<office:annotation><text:p>批注</text:p></office:annotation></text:p><text:p>丁</text:p>"
    )
    found = book_of(
        opendocument(
            ods_row(
                ods_cell(text),
                ods_cell(kind="", more=' table:number-columns-repeated="3"'),
                ods_cell("<text:p>x</text:p>", more=' table:number-columns-repeated="2"'),
                ods_cell(
                    "<text:p>#DIV/0!</text:p>",
                    kind="float",
                    more=' office:value="0" table:formula="of:=1/0"',
                ),
                ods_cell(kind="", more=' table:formula="of:=A1"'),
                ods_cell(kind="time", more=' office:time-value="PT36H00M00S"'),
            )
            + ods_row(ods_cell("<text:p>y</text:p>"), more=' table:number-rows-repeated="2"')
        )
    ).grid("甲")
    assert found.text(0, 0) == "甲 乙  丙\n丁"
    assert [found.raw(0, c) for c in range(1, 6)] == [None, None, None, "x", "x"]
    assert found.cell(0, 6).kind is CellKind.ERROR
    assert found.cell(0, 7).flag == Flag(formula=True, cached=False)
    assert found.cell(0, 8).kind is CellKind.DATE
    assert [found.text(r, 0) for r in (1, 2)] == ["y", "y"] and len(found.rows) == 3


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (opendocument(ods_row(ods_cell()), tail=""), "F-02"),
        (opendocument("").replace(b"table:table", b"table:shapes"), "F-02"),
        (opendocument(ods_row(ods_cell(kind="float", more=' office:value="x"'))), "F-02"),
        (opendocument(ods_row(ods_cell(kind="float"))), "F-02"),
        (opendocument(ods_row(ods_cell(more=' table:number-columns-repeated="-1"'))), "F-02"),
        (
            opendocument(
                ods_row(
                    ods_cell("<text:p>x</text:p>", more=' table:number-columns-repeated="16384"'),
                    more=' table:number-rows-repeated="1048576"',
                )
            ),
            "F-05",
        ),
        (opendocument("<a>" * 600 + "</a>" * 600), "F-05"),
    ],
)
def test_opendocument_damaged(data: bytes, code: str) -> None:
    assert refused(data)[0] == code


def test_a_document_type_is_refused() -> None:
    data = opendocument(ods_row(ods_cell("<text:p>x</text:p>")))
    data = data.replace(b"?>", b'?><!DOCTYPE x [<!ENTITY a "b">]>', 1)
    assert refused(data)[0] in ("F-01", "F-02")


def test_two_workbooks_in_one_file() -> None:
    contents = parts(sheet(""))
    contents["mimetype"] = "application/vnd.oasis.opendocument.spreadsheet"
    contents["content.xml"] = opendocument("").decode()
    assert refused(packed(contents)) == ("F-02", "同一文件内有两种工作簿")


# The XML of Excel 2003


@pytest.mark.parametrize("coding", ["UTF-8", "gb2312", "UTF-16"])
def test_xml2003(coding: str) -> None:
    html = "http://www.w3.org/TR/REC-html40"
    cells = (
        f'<Row ss:Index="2"><Cell ss:Index="3">{data_of("Number", "3.5")}</Cell>'
        f'<Cell ss:Formula="=1/0">{data_of("Error", "#DIV/0!")}</Cell><Cell ss:Formula="=1"/>'
        f'<Cell ss:MergeAcross="1">{data_of("String", f"<B xmlns={html!r}>硚</B>口")}</Cell>'
        f"<Cell>{data_of('Boolean', '1')}</Cell>"
        f"<Cell>{data_of('DateTime', '2026-01-02T00:00:00.000')}</Cell>"
        f"<Cell>{data_of('DateTime', '1899-12-31T12:00:00.000')}</Cell>"
        f"<Cell>{data_of('String', '007')}<Comment><ss:Data>注</ss:Data></Comment></Cell></Row>"
    )
    tail = '<WorksheetOptions xmlns="urn:schemas-microsoft-com:office:excel"><Visible>'
    tail += "{}</Visible></WorksheetOptions>"
    for state in ("SheetVisible", "SheetHidden", "SheetVeryHidden"):
        book = book_of(xml2003(cells, tail=tail.format(state), coding=coding))
        (only,) = book.sheets
        assert (only.visible, only.buried) == (state == "SheetVisible", "Very" in state)
    found = book.grid("甲")
    assert not found.visible
    assert found.rows[1] == [
        None, None, 3.5, None, None, "硚口", None, True, date(2026, 1, 2), time(12), "007",
    ]  # fmt: skip
    assert found.flags == {
        (1, 3): Flag(formula=True, error="#DIV/0!"),
        (1, 4): Flag(formula=True, cached=False),
    }


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ('<Row ss:Index="1048576"><Cell ss:Index="16384"><Data>1</Data></Cell></Row>', "F-05"),
        ('<Row ss:Index="1048577"/>', "F-02"),
        ('<Row ss:Index="2"/><Row ss:Index="1"/>', "F-02"),
        (f"<Row><Cell>{data_of('Number', 'x')}</Cell></Row>", "F-02"),
        ("<Row><Cell>", "F-02"),
        ("<a>" * 600, "F-05"),
    ],
)
def test_xml2003_damaged(cells: str, code: str) -> None:
    assert refused(xml2003(cells))[0] == code


# Pages


def test_page_with_spans() -> None:
    book = page(
        "<table><thead><tr><th rowspan=2>甲<th colspan=2>乙<br>丙</tr></thead>"
        "<tr><td>1<td>1,234</tr><tr><td>007</td><td x:num='3.5'>4</td><td x:str>5</td></tr>"
        "<tr><td style='mso-number-format:\"\\@\"'>6<td>&nbsp;<td>#REF!</tr></table>",
        "<meta http-equiv=Content-Type content='text/html; charset=gb2312'>",
    )
    found = book.grid("表格")
    assert [[found.raw(r, c) for c in range(3)] for r in range(4)] == [
        ["甲", "乙\n丙", None],
        [None, 1.0, "1,234"],
        ["007", 3.5, "5"],
        ["6", None, None],
    ]
    assert found.cell(3, 2).shown == "#REF!"


def test_pages_with_several_tables() -> None:
    one = "<table><tr><td>{}</td></tr></table>"
    book = page("<h1>Sheet 1: <em>甲</em></h1>" + one.format(1) + one.format("") + one.format(2))
    assert [s.name for s in book.sheets] == ["甲", "表格2"]
    outer = page("<table><tr><td>外" + one.format("内") + "</td><td>2</td></tr></table>")
    assert [outer.grid(s.name).text(0, 0) for s in outer.sheets] == ["外", "内"]
    said = "<!--[if gte mso 9]><xml><x:Name>三</x:Name><x:Name>四</x:Name></xml><![endif]-->"
    assert [s.name for s in page(one.format(1) + one.format(2), said).sheets] == ["三", "四"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ("<table><tr><td>" + "<b>" * 100_000 + "1</td><td>2</td></tr></table>", "F-02"),
        ("<table><tr><td>" + "</x>" * 2000 + "<b>" * 300 + "1</table>", "F-02"),
        ("<table><tr><td>" + "9" * 11_000_000 + "</table>", "F-02"),
        ("<table><tr>" + "<td colspan=1000>1</td>" * 17 + "</table>", "F-05"),
        ("<table><tr><td>1\x002</table>", "F-02"),
        ("<table><tr><td></table>", "F-01"),
    ],
)
def test_pages_refused(data: str, code: str) -> None:
    assert refused(b"<html>" + data.encode())[0] == code


# CSV


CSV = '单位,件数,日期\n硚口区,3,2026/1/2\n“甲”,"1,000",007\n'


@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_csv(coding: str, separator: str) -> None:
    text = CSV.replace('"1,000"', "丙").replace(",", separator)
    found = book_of(text.encode(coding), name="表三").grid("表三")
    assert found.rows[0] == ["单位", "件数", "日期"]
    assert found.rows[1] == ["硚口区", 3.0, date(2026, 1, 2)]
    assert found.rows[2] == ["“甲”", "丙", "007"]


def test_csv_as_programs_write_it() -> None:
    assert book_of(CSV.encode()).grid("表格").raw(2, 1) == "1,000"
    assert book_of(f"sep=;\n{CSV.replace(',', ';')}".encode()).grid("表格").raw(1, 1) == 3.0
    quoted = 'a,b\n1,"两\n行 ""引"""\n'
    assert book_of(quoted.encode()).grid("表格").rows[1] == [1.0, '两\n行 "引"']


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("各位：请查收。\n谢谢，再见\n", "F-01"),
        ("Dear all, hello\nplease see, attached, the file\nregards\n", "F-01"),
        ("a\n", "F-01"),
        ("ID;PWXL;N;E\nC;Y1;X1\nC;Y2;X1\nC;Y3;X1\nC;Y4;X1\n", "F-01"),
        ("a,b\n" * 9 + '"1,2\n3,4\n', "F-02"),
        ("a,b\n1,2\n3," + "9" * (2 << 20) + "\n", "F-02"),
    ],
)
def test_text_that_is_no_table(text: str, code: str) -> None:
    assert refused(text.encode())[0] == code


def test_limits_hold_for_all_sheets_together(monkeypatch: pytest.MonkeyPatch) -> None:
    budget = book.CellBudget(left=100)
    book.SheetDraft("甲", budget).put(8, 9, 1.0)
    with pytest.raises(ReadError) as caught:
        book.SheetDraft("乙", budget).put(1, 9, 1.0)
    assert caught.value.code == "F-05"
