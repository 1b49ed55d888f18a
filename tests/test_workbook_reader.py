"""Reading workbooks: kinds, limits, damage, and cells that other readers get wrong."""

from __future__ import annotations

import io
import os
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from types import SimpleNamespace

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from support.sheet_xml import HEAD, NS, packed, parts, refused, row, sheet
from xltools.model import limits
from xltools.model.cells import CellKind, Flag, Grid
from xltools.model.errors import ReadError
from xltools.model.wording import in_words
from xltools.readers import package, scan
from xltools.readers.workbook import book_of, open_book


def grid(*cells: str) -> Grid:
    return book_of(packed(parts(sheet(row(*cells))))).grid("Sheet1")


# Kinds of file

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


def ole(stream: str) -> bytes:
    return OLE + stream.encode("utf-16-le") + bytes(100)


KINDS: dict[str, bytes] = {
    "旧版 PowerPoint（.ppt/.dps）": ole("PowerPoint Document"),
    "邮件（.msg）": ole("__properties_version1.0") + ole("Workbook"),
    "旧版 Office 文件": OLE,
    "PowerPoint": packed({"ppt/presentation.xml": "<a/>"}),
    "压缩包（ZIP）": packed({"表.xlsx": b"PK"}),
    "压缩包（RAR）": b"Rar!\x1a\x07\x01\x00",
    "压缩包（7z）": b"7z\xbc\xaf\x27\x1c\x00",
    "网页": "<html><p>单位</p><table><tr><td></td></tr></table></html>".encode("gb18030"),
    "XML 文件": b'<?xml version="1.0"?><a/>',
    "程序": b"MZ\x90\x00",
    "无法识别的文件": bytes(50),
}
SAME_NAME: list[tuple[str, bytes]] = [
    ("图片", b"\x89PNG\r\n\x1a\n"),
    ("图片", b"\xff\xd8\xff\xe0"),
    ("图片", b"RIFF\x00\x00\x00\x00WEBP"),
    ("图片", b"BM\x00\x00\x00\x00\x00\x00\x00\x00"),
    ("邮件", b"Received: from a\r\n\tby b\r\nFrom: x\r\n\r\ntext"),
    ("邮件", b"X-A: 1\nSubject: x\n\n"),
    ("文本", "\ufeff单位,件数\n".encode()),
    ("文本", ("单" * 3000).encode()),
    ("文本", "单位\t件数".encode("utf-16")),
]


@pytest.mark.parametrize(("name", "data"), [*KINDS.items(), *SAME_NAME])
def test_other_kinds_are_named(name: str, data: bytes) -> None:
    assert refused(data) == ("F-01", name)


NO_WORKBOOK: dict[str, bytes] = {
    "xls": ole("Workbook"),
    "xlsb": packed({"xl/workbook.bin": b"\x00"}),
    "ods": packed(
        {"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<a/>"}
    ),
    "xml": b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook',
}


@pytest.mark.parametrize("name", NO_WORKBOOK)
def test_a_known_kind_with_nothing_in_it_is_damaged(name: str) -> None:
    assert refused(NO_WORKBOOK[name])[0] == "F-02"


def test_encrypted() -> None:
    assert refused(ole("EncryptedPackage")) == ("F-03", "")


def test_told_by_content(tmp_path: Path) -> None:
    path = tmp_path / "表.doc"
    path.write_bytes(packed(parts(sheet(row('<c r="A1"><v>1</v></c>')))))
    assert open_book(path).grid("Sheet1").rows == [[1.0]]


def test_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.touch()
    with pytest.raises(ReadError) as caught:
        open_book(path)
    assert caught.value.code == "F-02"


def test_not_to_be_read(tmp_path: Path) -> None:
    fifo = tmp_path / "pipe.xlsx"
    wanted = [tmp_path / "none.xlsx", tmp_path]
    if hasattr(os, "mkfifo"):
        os.mkfifo(fifo)
        wanted.append(fifo)
    for path in wanted:
        with pytest.raises(ReadError) as caught:
            open_book(path)
        assert caught.value.code == "F-06" and caught.value.detail


# Limits and damage


def test_file_too_large(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with path.open("wb") as file:
        file.truncate((50 << 20) + 1)
    with pytest.raises(ReadError) as caught:
        open_book(path)
    assert (caught.value.code, in_words(caught.value.detail)) == (
        "F-05",
        "文件大小 50 MB，上限 50 MB（设置 file-size）",
    )


def test_entries_are_counted_before_the_directory_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = packed({f"{i}": b"" for i in range(5001)})

    def never(*_: object) -> None:
        raise AssertionError("the directory was read")

    monkeypatch.setattr(zipfile, "ZipFile", never)
    assert refused(data) == ("F-05", "压缩结构内有 5001 项，上限 5000 项（设置 entries）")


@contextmanager
def held(**settings: int) -> Iterator[None]:
    """With some limits set lower."""
    limits.use(limits.Limits(**settings))
    yield
    limits.use(limits.Limits())


def test_part_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package, "RATIO_FROM", 1 << 40)
    data = packed({**parts(sheet("")), "x": bytes(3 << 20)})
    with held(part=1):
        assert refused(data) == ("F-05", "其中一项解压后 3 MB，上限 1 MB（设置 part）")


def test_whole_too_large() -> None:
    data = packed({**parts(sheet("")), "x": bytes(700_000), "y": bytes(700_000)})
    with held(unpacked=1):
        assert refused(data)[0] == "F-05"


def test_ratio() -> None:
    assert refused(packed({**parts(sheet("")), "x": bytes(11 << 20)})) == (
        "F-05",
        "其中一项解压后是原来的 1028 倍，上限 200 倍（设置 ratio）",
    )
    book_of(packed({**parts(sheet("")), "x": bytes(9 << 20)}))


@pytest.mark.parametrize("name", ["xl/worksheets/sheet1.xml", "XL/Worksheets/Sheet1.xml"])
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_part_twice(name: str) -> None:
    stream = io.BytesIO(packed(parts(sheet(row('<c r="A1"><v>1</v></c>')))))
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr(name, sheet(row('<c r="A1"><v>2</v></c>')))
    code, detail = refused(stream.getvalue())
    assert code == "F-05" and "重名" in detail


@pytest.mark.parametrize("name", ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"])
def test_size_that_lies(name: str) -> None:
    """The directory says 10 bytes; another reader would inflate it all."""
    contents = parts(sheet(row('<c r="A1"><v>1</v></c>')))
    data = bytearray(packed(contents))
    size = len(contents[name].encode() if isinstance(contents[name], str) else contents[name])  # type: ignore[union-attr]  # because of the check
    true, lie = size.to_bytes(4, "little"), (10).to_bytes(4, "little")
    at = data.rindex(name.encode()) - 46 + 24
    assert data[at : at + 4] == true
    data[at : at + 4] = lie
    assert refused(bytes(data)) == ("F-05", "压缩包内所记大小与实际不符")


def test_damage() -> None:
    whole = packed(parts(sheet(row('<c r="A1"><v>1</v></c>'))))
    for cut in (30, len(whole) // 2, len(whole) - 10):
        assert refused(whole[:cut])[0] == "F-02"
    wrong = bytearray(whole)
    at = whole.index(b"xl/worksheets/sheet1.xml") + len("xl/worksheets/sheet1.xml") + 4
    wrong[at] ^= 0xFF
    assert refused(bytes(wrong))[0] == "F-02"


@pytest.mark.parametrize("gone", ["xl/worksheets/sheet1.xml", "xl/_rels/workbook.xml.rels"])
def test_part_missing(gone: str) -> None:
    contents = parts(sheet(""))
    del contents[gone]
    assert refused(packed(contents)) == ("F-02", f"缺少 {gone}")


def test_damage_of_a_sheet_is_met_when_it_is_asked_for() -> None:
    contents = parts(sheet(row('<c r="A1"><v>1</v></c>')), f"{HEAD}<worksheet><sheetData><row>")
    book = book_of(packed(contents))
    assert book.grid("Sheet1").rows == [[1.0]]
    for read in (book.grid, book.values):
        with pytest.raises(ReadError) as caught:
            read("Sheet2")
        assert caught.value.code == "F-02"
    with pytest.raises(KeyError):
        book.grid("Sheet3")


@pytest.mark.parametrize(
    "part", ["xl/workbook.xml", "xl/sharedStrings.xml", "xl/worksheets/sheet1.xml"]
)
def test_document_types_are_refused(part: str) -> None:
    contents = parts(sheet(row('<c r="A1" t="s"><v>0</v></c>')))
    text = str(contents[part])
    contents[part] = text.replace(HEAD, HEAD + '<!DOCTYPE x [<!ENTITY a "b">]>')
    assert refused(packed(contents)) == ("F-02", "XML 中有文档类型声明")


def test_sheet_name_twice() -> None:
    contents = parts(sheet(""), sheet(""))
    contents["xl/workbook.xml"] = str(contents["xl/workbook.xml"]).replace("Sheet2", "Sheet1")
    assert refused(packed(contents)) == ("F-02", "有重名的工作表")


class PanicException(BaseException):
    pass


@pytest.mark.parametrize("error", [PanicException("x"), ValueError("x")])
def test_a_failing_library_is_no_crash(
    error: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the quick reader panics the slow one is asked; when both fail it is damage."""

    def fail(*_: object, **__: object) -> None:
        raise error

    data = packed(parts(sheet(row('<c r="A1"><v>1</v></c><c r="B1" t="s"><v>0</v></c>'))))
    monkeypatch.setattr("python_calamine.CalamineWorkbook", SimpleNamespace(from_filelike=fail))
    assert book_of(data).grid("Sheet1").rows == [[1, "甲"]]
    monkeypatch.setattr("openpyxl.load_workbook", fail)
    assert refused(data)[0] == "F-02"


def test_interrupts_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("python_calamine.CalamineWorkbook", SimpleNamespace(from_filelike=stop))
    with pytest.raises(KeyboardInterrupt):
        book_of(packed(parts(sheet("")))).grid("Sheet1")


# How far cells reach


@pytest.mark.parametrize(
    "cells",
    [
        '<c r="A1"><v>1</v></c><c r="XFD1048576"><v>1</v></c>',
        "<c r='A1'><v>1</v></c><c r='XFD1048576'><v>1</v></c>",
        '<c r="A1"><v>1</v></c><c r="&#88;FD1048576"><v>1</v></c>',
        '<c s="0" r="XFD1048576"><v>1</v></c>',
        '<c r="F999999"><v>1</v></c>',
    ],
)
@pytest.mark.parametrize("flags", [True, False])
def test_cells_too_far_apart(cells: str, flags: bool) -> None:
    xml = sheet(f"{row(cells)}", extra='<dimension ref="A1"/>').encode()
    with pytest.raises(ReadError) as caught:
        scan.scan(xml, flags=flags)
    assert caught.value.code == "F-05"


@pytest.mark.parametrize("place", ["XFE1", "A1048577", "A0", "1A", "ZZZZ1", "Sheet1!A1"])
def test_cells_that_no_sheet_has(place: str) -> None:
    code = refused(packed(parts(sheet(row(f'<c r="{place}"><v>1</v></c>')))))[0]
    assert code == "F-02"


def test_honest_extent_and_a_dimension_that_lies() -> None:
    text = sheet(row('<c r="A1"><v>1</v></c>') + row('<c r="A9999"><v>2</v></c>', n=9999))
    text = text.replace("<sheetData>", '<dimension ref="A1:XFD1048576"/><sheetData>')
    found = book_of(packed(parts(text))).grid("Sheet1")
    assert (len(found.rows), found.raw(9998, 0)) == (9999, 2.0)


# Cells


def test_cells_of_every_kind() -> None:
    found = grid(
        '<c r="B1"><v>1.5</v></c>',
        '<c r="C1" t="s"><v>0</v></c>',
        '<c r="D1" t="b"><v>1</v></c>',
        '<c r="E1" t="e"><f>1/0</f><v>#DIV/0!</v></c>',
        '<c r="F1" t="e"><v>#N/A</v></c>',
        '<c r="G1"><f>1+1</f><v>2</v></c>',
        '<c r="H1"><f>1+1</f></c>',
        '<c r="I1" t="str"><f>""</f><v></v></c>',
        '<c r="J1" s="1"><v>46024</v></c>',
        '<c r="K1" t="inlineStr"><is><t>乙</t></is></c>',
        '<c r="L1"/>',
        '<c r="M1" s="1"><f t="shared" si="0"/><v>3</v></c>',
        '<c r="N1" t="str"><f>"a"</f><v>丙</v></c>',
    )
    kinds = [found.cell(0, c).kind for c in range(14)]
    assert kinds == [
        CellKind.BLANK,
        CellKind.NUMBER,
        CellKind.TEXT,
        CellKind.BOOLEAN,
        CellKind.ERROR,
        CellKind.ERROR,
        CellKind.NUMBER,
        CellKind.BLANK,
        CellKind.BLANK,
        CellKind.DATE,
        CellKind.TEXT,
        CellKind.BLANK,
        CellKind.DATE,
        CellKind.TEXT,
    ]
    assert found.flags == {
        (0, 4): Flag(formula=True, error="#DIV/0!"),
        (0, 5): Flag(error="#N/A"),
        (0, 6): Flag(formula=True),
        (0, 7): Flag(formula=True, cached=False),
        (0, 8): Flag(formula=True, cached=False),
        (0, 12): Flag(formula=True),
        (0, 13): Flag(formula=True),
    }
    assert (found.raw(0, 9), found.raw(0, 10), found.raw(0, 3)) == (date(2026, 1, 2), "乙", True)
    assert (found.cell(0, 4).shown, found.cell(0, 5).shown) == ("#DIV/0!", "#N/A")


PLAIN = (
    '<c r="A1"><v>1</v></c><c r="B1"><f>1+1</f><v>2</v></c><c r="C1" t="e"><v>#REF!</v></c>'
    '<c r="D1"><f>1</f></c>'
)
ODD: dict[str, str] = {
    "prefix": PLAIN.replace("<", "<x:").replace("<x:/", "</x:"),
    "quotes": PLAIN.replace('"', "'"),
    "comment": PLAIN.replace("<v>", "<!-- <f>1</f> --><v>"),
    "cdata": PLAIN.replace("<v>1</v>", "<v><![CDATA[1]]></v>"),
    "no reference": PLAIN.replace(' r="A1"', "").replace(' r="B1"', "").replace(' r="C1"', ""),
    "attribute first": PLAIN.replace('<c r="', '<c s="0" r="'),
    "line breaks": PLAIN.replace("><", ">\n  <").replace("<c r", "<c\n r"),
    "reference": PLAIN.replace('r="B1"', 'r="&#66;1"'),
    "spaces": PLAIN.replace("<v>", '<v xml:space="preserve">'),
    "instruction": "<?x y?>" + PLAIN,
    "end in an instruction": "<?x </sheetData>?>" + PLAIN,
    "self-closing value": PLAIN.replace("<f>1</f>", "<f>1</f><v/>"),
}


@pytest.mark.parametrize("name", ["plain", *ODD])
def test_however_the_xml_is_written(name: str) -> None:
    text = sheet(row(ODD.get(name, PLAIN)))
    if name == "end in an instruction":
        text = text.removeprefix(HEAD)
    if name == "prefix":
        text = (
            f'{HEAD}<x:worksheet xmlns:x="{NS}"><x:sheetData><x:row r="1">{ODD[name]}</x:row>'
            "</x:sheetData></x:worksheet>"
        )
    found = book_of(packed(parts(text))).grid("Sheet1")
    assert [found.cell(0, c).raw for c in range(2)] == [1, 2]
    assert found.flags == {
        (0, 1): Flag(formula=True),
        (0, 2): Flag(error="#REF!"),
        (0, 3): Flag(formula=True, cached=False),
    }


def test_utf16_sheet_is_not_an_empty_sheet() -> None:
    text = sheet(row('<c r="A1"><v>7</v></c>')).replace("UTF-8", "UTF-16")
    contents = parts(sheet(""))
    contents["xl/worksheets/sheet1.xml"] = text.encode("utf-16")
    assert book_of(packed(contents)).grid("Sheet1").rows == [[7]]


@pytest.mark.parametrize("index", ["x", "-1", "1.5", "5", "4294967296", "99999999999999999999"])
def test_shared_text_that_does_not_exist(index: str) -> None:
    assert refused(packed(parts(sheet(row(f'<c r="A1" t="s"><v>{index}</v></c>')))))[0] == "F-02"


def test_one_cell_that_cannot_be_read_is_no_empty_sheet() -> None:
    bad = row('<c r="A1" t="n"><v>text</v></c><c r="B1"><v>7</v></c>')
    assert refused(packed(parts(sheet(bad))))[0] == "F-02"


@pytest.mark.parametrize("place", ["A1", "B3"])
def test_values_stand_at_their_addresses(place: str) -> None:
    n = int(place[1])
    text = sheet(row(f'<c r="{place}"><v>1</v></c>', n=n))
    found = book_of(packed(parts(text))).grid("Sheet1")
    assert found.raw(n - 1, ord(place[0]) - 65) == 1.0
    assert sum(v not in ("", None) for r in found.rows for v in r) == 1


def test_rows_out_of_order() -> None:
    text = sheet(row('<c r="B3"><v>3</v></c>', n=3) + row('<c r="A1"><v>1</v></c>'))
    found = book_of(packed(parts(text))).grid("Sheet1")
    assert (found.raw(0, 0), found.raw(2, 1)) == (1.0, 3.0)


def test_parts_under_other_names() -> None:
    contents = parts(sheet(row('<c r="A1" t="s"><v>0</v></c>')))
    slashed = {name.replace("/", "\\"): content for name, content in contents.items()}
    assert book_of(packed(slashed)).grid("Sheet1").rows == [["甲"]]
    absolute = dict(contents)
    rels = "xl/_rels/workbook.xml.rels"
    absolute[rels] = str(contents[rels]).replace('"worksheets/', '"/xl/worksheets/')
    assert book_of(packed(absolute)).grid("Sheet1").rows == [["甲"]]
    elsewhere = {
        name.replace("xl/workbook.xml", "xl/book.xml").replace(
            "workbook.xml.rels", "book.xml.rels"
        ): str(content).replace("xl/workbook.xml", "xl/book.xml")
        for name, content in contents.items()
    }
    assert book_of(packed(elsewhere)).grid("Sheet1").rows == [["甲"]]


# The book


@pytest.fixture
def written(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "a.xlsx"
    book = xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd"})
    first = book.add_worksheet("甲")
    first.write_row(0, 0, ["单位", 1, 2.5, True])
    first.write_datetime(1, 1, datetime(2026, 1, 2))
    first.write_formula(1, 2, "=1+1", None, 2)
    first.write_formula(1, 3, '=IF(A1="","","x")', None, "")
    book.add_worksheet("乙").hide()
    book.add_worksheet("丙").very_hidden()
    chart = book.add_chart({"type": "line"})
    chart.add_series({"values": "=甲!$B$1:$C$1"})
    book.add_chartsheet("图").set_chart(chart)
    book.add_worksheet("丁").write(4, 2, "末")
    book.close()
    yield path


def test_sheets_in_order_and_hidden(written: Path) -> None:
    book = open_book(written)
    assert [(s.name, s.visible) for s in book.sheets] == [
        ("甲", True),
        ("乙", False),
        ("丙", False),
        ("丁", True),
    ]
    assert book.grid("丁").text(4, 2) == "末"
    assert list(book.grid("乙").rows) == []
    assert not book.grid("丙").visible
    assert [s.name for s in book.sheets if s.buried] == ["丙"]
    assert [book.formulas(s.name) for s in book.sheets] == [2, 0, 0, 0]
    first = book.grid("甲")
    assert first is book.grid("甲") is book.values("甲")
    assert first.cell(1, 1).kind is CellKind.DATE
    assert first.cell(1, 3) == book.values("甲").cell(1, 3)
    assert (first.cell(1, 3).kind, first.cell(1, 3).flag.cached) == (CellKind.BLANK, False)


def test_only_sheets_asked_for_are_inflated(written: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    plain = package.Package.read

    def noted(self: package.Package, name: str) -> bytes:
        read.append(name)
        return plain(self, name)

    monkeypatch.setattr(package.Package, "read", noted)
    book = open_book(written)
    book.grid("丁")
    assert [n for n in read if "worksheets" in n] == ["xl/worksheets/sheet4.xml"]


def test_held(written: Path) -> None:
    book = open_book(written)
    assert [book.held("甲", c) for c in range(5)] == [1, 2, 2, 2, 0]
    assert book.held("丁", 2) == 1
    book.values("甲")
    # Once read, a formula that shows nothing holds nothing.
    assert [book.held("甲", c) for c in range(5)] == [1, 2, 2, 1, 0]


def test_as_openpyxl_saves_it(written: Path, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(written)
    path = tmp_path / "b.xlsm"
    book.save(path)
    found = open_book(path).grid("甲")
    assert (found.raw(0, 0), found.raw(0, 2), found.raw(0, 3)) == ("单位", 2.5, True)
    assert found.flags[1, 2] == Flag(formula=True, cached=False)


# Properties

values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**9), 10**9),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=8),
)


@given(st.lists(st.lists(values, min_size=1, max_size=6), min_size=1, max_size=6))
@settings(max_examples=60, deadline=None)
def test_what_was_written_is_read(rows: list[list[object]]) -> None:
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    out = book.add_worksheet()
    for r, line in enumerate(rows):
        for c, value in enumerate(line):
            if isinstance(value, bool):
                out.write_boolean(r, c, value)
            elif isinstance(value, int):
                out.write_number(r, c, value)
            elif isinstance(value, str) and value:
                out.write_string(r, c, value)
    book.close()
    found = book_of(stream.getvalue()).grid("Sheet1")
    for r, line in enumerate(rows):
        for c, value in enumerate(line):
            assert found.raw(r, c) == (None if value == "" else value)


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_damage_anywhere_is_an_answer(data: st.DataObject) -> None:
    """Bytes changed or cut off: cells, or one of the codes; nothing else is ever raised."""
    whole = bytearray(WHOLE)
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(len(whole) // 2, len(whole)))
    try:
        book = book_of(bytes(whole[:cut]))
        for one in book.sheets:
            book.grid(one.name)
    except ReadError as error:
        assert error.code in ("F-01", "F-02", "F-05")


WHOLE = packed(parts(sheet(row(PLAIN)), sheet(row('<c r="A1" t="s"><v>0</v></c>'))))


@given(st.text(max_size=60), st.sampled_from(["", PLAIN, '<c r="A1"><v>1</v></c>']))
@settings(max_examples=150, deadline=None)
def test_the_quick_look_agrees_with_the_thorough_one(noise: str, cells: str) -> None:
    """Whatever stands between the cells, both see the same, or one says that it cannot be."""
    xml = sheet(row(cells + noise.translate({ord("<"): "&lt;", ord("&"): "&amp;"}))).encode(
        "utf-8", "surrogatepass"
    )
    try:
        thorough = scan.scan_thoroughly(xml)
    except ReadError:
        return
    assert scan.scan(xml).flags == thorough.flags


def test_crc_is_checked() -> None:
    contents = packed(parts(sheet(row('<c r="A1"><v>1</v></c>'))))
    whole = bytearray(contents)
    name = b"xl/worksheets/sheet1.xml"
    at = whole.rindex(name) - 46 + 16
    whole[at : at + 4] = zlib.crc32(b"other").to_bytes(4, "little")
    assert refused(bytes(whole)) == ("F-02", "xl/worksheets/sheet1.xml 已损坏")
