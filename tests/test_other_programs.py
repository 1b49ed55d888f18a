"""Workbooks as programs other than Excel and LibreOffice save them, and what a program leaves in a
file that no person sees: digits beyond the 15th, formatted cells to the end of a sheet.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from support import shown
from support.filled import FORM, LAYOUT
from support.hostile.ole import compound
from support.hostile.ooxml import ods as ods_of
from support.hostile.ooxml import record
from support.jobs import GOOD, INPUTS, codes, filled, outcomes, run, template
from support.sheet_xml import NS, changed, opendocument, packed, refused, row, sheet
from support.sheet_xml import parts as parts_of
from support.shown import biff, number, text
from support.written import Written, word
from xltools.match.matcher import Matcher
from xltools.model.cells import (
    Area,
    CellKind,
    Flag,
    Grid,
    column_name,
)
from xltools.model.file_kinds import FileKind
from xltools.model.identity import (
    COVER,
    DATE,
    FIELDS,
    FILLER,
    UNIT,
    YEAR,
    ZERO,
)
from xltools.model.numbers import from_float
from xltools.model.roster import Unit
from xltools.readers import biff as xls_records
from xltools.readers import kinds
from xltools.readers.package import Package
from xltools.readers.workbook import book_of, kind_of

DATA = Path(__file__).parent / "data"
MATCHER = Matcher(LAYOUT)
NOISE = 72701.25780000002
FLAT = "urn:oasis:names:tc:opendocument:xmlns:"


def read(data: bytes) -> Grid:
    book = book_of(data)
    return book.grid(book.sheets[0].name)


# Digits beyond the 15th


def ods(cells: str) -> bytes:
    return ods_of(f'<table:table table:name="S">{cells}</table:table>')


def float_cell(value: object, more: str = "") -> str:
    return (
        f'<table:table-cell office:value-type="float" office:value="{value}"{more}>'
        f"<text:p>{value}</text:p></table:table-cell>"
    )


def xml2003(rows: str) -> bytes:
    name = "urn:schemas-microsoft-com:office:spreadsheet"
    return (
        f'<?xml version="1.0"?><Workbook xmlns="{name}" xmlns:ss="{name}">'
        f'<Worksheet ss:Name="S"><Table>{rows}</Table></Worksheet></Workbook>'
    ).encode()


WITH_NOISE: Mapping[str, bytes] = {
    "xlsx": packed(parts_of(sheet(row(f'<c r="A1"><v>{NOISE!r}</v></c>')))),
    "xlsb": shown.xlsb([number(NOISE, given=NOISE)]),
    "xls": shown.xls([number(NOISE, given=NOISE)]),
    "ods": ods(f"<table:table-row>{float_cell(repr(NOISE))}</table:table-row>"),
    "xml": xml2003(f'<Row><Cell><Data ss:Type="Number">{NOISE!r}</Data></Cell></Row>'),
    "csv": f"{NOISE!r},甲\n1,乙\n2,丙\n".encode(),
    "html": f"<table><tr><td>{NOISE!r}</td></tr></table>".encode(),
}


@pytest.mark.parametrize("kind", WITH_NOISE)
def test_a_figure_has_the_digits_that_a_spreadsheet_shows(kind: str) -> None:
    found = read(WITH_NOISE[kind])
    value = found.raw(0, 0)
    assert isinstance(value, float) and str(from_float(value)) == "72701.2578"
    assert found.text(0, 0) == found.cell(0, 0).shown == "72701.2578"


def test_a_count_with_noise_is_whole(tmp_path: Path) -> None:
    noisy = GOOD | {"t3.received.natural": 3.0000000000000004, "t2.fees.charged": 0.1 + 0.2}
    filled(tmp_path / "in" / "甲局.xlsx", "甲局", noisy)
    summary = run(tmp_path / "in", Unit(name="甲局"))
    assert codes(summary) == []
    numbers = summary.returns["甲局.xlsx"].numbers
    assert numbers[FORM.by_name["t3.received.natural"]] == 3
    assert str(numbers[FORM.by_name["t2.fees.charged"]]) == "0.3"


def test_two_versions_that_differ_by_noise_are_one(tmp_path: Path) -> None:
    filled(tmp_path / "in" / "甲局.xlsx", "甲局", GOOD | {"t2.fees.charged": NOISE})
    filled(tmp_path / "in" / "甲局再报.xlsx", "甲局", GOOD | {"t2.fees.charged": 72701.2578})
    summary = run(tmp_path / "in", Unit(name="甲局"))
    assert sorted(outcomes(summary).values()) == ["merged", "superseded"]
    assert codes(summary) == ["D-04"]


@pytest.mark.parametrize("printed", ["72701.2578", "72701.25780000002", "72,701.257800000007"])
def test_a_document_beside_a_workbook_that_differs_by_noise(tmp_path: Path, printed: str) -> None:
    """Mail merge writes all digits of a figure, a person those that the workbook shows."""
    figures: dict[str, str | int | float] = dict.fromkeys(INPUTS, 0) | GOOD
    filled(tmp_path / "in" / "甲局.xlsx", "甲局", figures | {"t2.fees.charged": NOISE})
    cells = [str(figures.get(i.name, 0)) if i.formula is None else "" for i in FORM.items]
    cells[FORM.by_name["t2.fees.charged"]] = printed
    paper = Written(
        title=["甲局2025年政府信息公开工作年度报告"], agency="甲局", date="2026年1月9日",
        figures=cells,
    )  # fmt: skip
    (tmp_path / "in" / "甲局报告.docx").write_bytes(word(paper))
    summary = run(tmp_path / "in", Unit(name="甲局"))
    assert "D-06" not in codes(summary)
    assert outcomes(summary) == {"甲局.xlsx": "merged", "甲局报告.docx": "ignored"}


# Formatted cells to the end of a sheet

ONE = '<c r="A1"><v>1</v></c>'
ENDS = '<c r="A1048576" s="1"/><c r="XFD1048576" s="1"></c>'
LAST_ROW = 1_048_575


def xlsb(cells: bytes) -> bytes:
    return shown.xlsb([], sheet=cells)


def xlsb_row(at: int) -> bytes:
    return record(0, struct.pack("<IIHHBI", at, 0, 300, 0, 0, 0))


def xlsb_cell(code: int, col: int, body: bytes = b"") -> bytes:
    return record(code, struct.pack("<II", col, 0) + body)


FORMATTED: Mapping[str, bytes] = {
    "xlsx": packed(parts_of(sheet(row(ONE) + row(ENDS, n=LAST_ROW + 1)))),
    "xlsx, the last column": packed(
        parts_of(sheet(row(ONE, '<c r="XFD1" s="1"/>') + row('<c r="A400" s="1"/>', n=400)))
    ),
    "xlsx, written unusually": packed(
        parts_of(sheet((row(ONE) + row(ENDS, n=LAST_ROW + 1)).replace("<c r=", "<c  r=")))
    ),
    "xlsx, every cell of 9 columns": packed(
        parts_of(sheet(row(ONE) + "".join(
            row(*(f'<c r="{c}{n}" s="1"/>' for c in "ABCDEFGHI"), n=n) for n in range(2, 20_000)
        )))
    ),
    "xlsx, every cell to the last column": packed(
        parts_of(sheet(row(ONE, *(
            f'<c r="{column_name(c)}1" s="1"/>' for c in range(1, 16_384)
        )) + row(*(f'<c r="{column_name(c)}2" s="1"/>' for c in range(16_384)), n=2)))
    ),
    "xlsb": xlsb(
        xlsb_row(0) + xlsb_cell(5, 0, struct.pack("<d", 1)) + xlsb_cell(1, 16383)
        + xlsb_row(LAST_ROW) + xlsb_cell(1, 0) + record(12, struct.pack("<I", 0))
        + xlsb_cell(1, 16383)
    ),
    "xls": shown.xls(
        [], sheet=biff(0x0203, struct.pack("<HHHd", 0, 0, 0, 1))
        + biff(0x0201, struct.pack("<HHH", 0, 255, 0))
        + biff(0x00BE, struct.pack("<HH", 65535, 0) + bytes(512) + struct.pack("<H", 255)),
    ),
    "ods": ods(
        f"<table:table-row>{float_cell(1)}"
        '<table:table-cell table:style-name="c" table:number-columns-repeated="16383"/>'
        '</table:table-row><table:table-row table:number-rows-repeated="1048575">'
        '<table:table-cell table:style-name="c" table:number-columns-repeated="16384"/>'
        "</table:table-row>"
    ),
    "xml": xml2003(
        '<Row><Cell><Data ss:Type="Number">1</Data></Cell><Cell ss:Index="16384" ss:StyleID="s"/>'
        '</Row><Row ss:Index="1048576"><Cell ss:StyleID="s"/>'
        '<Cell ss:Index="16384" ss:StyleID="s"/></Row>'
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", FORMATTED)
def test_only_cells_that_hold_something_extend_a_sheet(kind: str) -> None:
    found = read(FORMATTED[kind])
    assert found.raw(0, 0) == 1
    assert all(v is None or v == "" for r in found.rows for v in r[1:])
    assert len(found.rows) == 1 and len(found.rows[0]) == 1


FAR_OFF: Mapping[str, bytes] = {
    "xlsx": packed(parts_of(sheet(row(ONE) + row('<c r="XFD1048576"><v>2</v></c>', n=1048576)))),
    "xlsx, an empty text": packed(
        parts_of(sheet(row(ONE) + row('<c r="XFD1048576" t="str"><v></v></c>', n=1048576)))
    ),
    "xlsx, written unusually": packed(
        parts_of(sheet(row(ONE) + row('<c  r="XFD1048576"><v>2</v></c>', n=1048576)))
    ),
    "xlsb": xlsb(
        xlsb_row(0) + xlsb_cell(5, 0, struct.pack("<d", 1))
        + xlsb_row(LAST_ROW) + xlsb_cell(5, 16383, struct.pack("<d", 2))
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", FAR_OFF)
def test_cells_that_hold_something_still_lie_too_far_apart(kind: str) -> None:
    assert refused(FAR_OFF[kind])[0] == "F-05"


def test_a_return_formatted_to_the_end_is_merged(tmp_path: Path) -> None:
    path = filled(tmp_path / "in" / "甲局.xlsx", "甲局", GOOD)
    end = f'<row r="1048576">{ENDS}</row></sheetData>'
    path.write_bytes(changed(path.read_bytes(), ("</sheetData>", end), part="worksheets/sheet"))
    summary = run(tmp_path / "in", Unit(name="甲局"))
    assert (codes(summary), outcomes(summary)) == ([], {"甲局.xlsx": "merged"})


# Prefixed and pretty-printed XML, and a shared text in which there is nothing


def prefixed(xml: str) -> str:
    """XML with a prefix, as ClosedXML writes it."""
    named = re.sub(r"<(/?)(?=[a-zA-Z])", r"<\1x:", xml)
    return named.replace(f'xmlns="{NS}"', f'xmlns:x="{NS}"')


def pretty(xml: str) -> str:
    return re.sub(r"><(?!/(?:x:)?(?:v|t|f)>)", ">\n  <", xml)


WAYS: Mapping[str, Callable[[str], str]] = {
    "plain": lambda xml: xml,
    "prefixed": prefixed,
    "pretty": pretty,
    "both": lambda xml: pretty(prefixed(xml)),
}
CELLS = row(
    '<c r="A1" t="s"><v>1</v></c>', '<c r="B1" t="s"><v>0</v></c>', '<c r="C1"><v>2.5</v></c>',
    '<c r="D1"><f>1+1</f><v>2</v></c>', '<c r="E1" t="s"><v>2</v></c>', '<c r="F1"/>',
    '<c r="G1" t="e"><v>#N/A</v></c>', '<c r="H1" s="1"><v>46024</v></c>',
    '<c r="I1" t="b"><v>1</v></c>', '<c r="J1" t="inlineStr"><is><t>乙</t></is></c>',
    '<c r="K1" t="s"><v>1</v></c>', '<c r="L1" t="s"><v>1</v></c>',
)  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_shared_texts_in_which_there_is_nothing(way: str) -> None:
    contents = parts_of(sheet(CELLS), strings=("甲", "", " "))
    for name in ("worksheets/sheet1", "sharedStrings", "styles", "workbook"):
        contents[f"xl/{name}.xml"] = WAYS[way](str(contents[f"xl/{name}.xml"]))
    found = book_of(packed(contents)).grid("Sheet1")
    kinds_of = [found.cell(0, n).kind for n in range(12)]
    assert kinds_of == [
        CellKind.BLANK, CellKind.TEXT, CellKind.NUMBER, CellKind.NUMBER, CellKind.BLANK,
        CellKind.BLANK, CellKind.ERROR, CellKind.DATE, CellKind.BOOLEAN, CellKind.TEXT,
        CellKind.BLANK, CellKind.BLANK,
    ]  # fmt: skip
    assert (found.raw(0, 1), found.raw(0, 2), found.raw(0, 9)) == ("甲", 2.5, "乙")
    assert found.flags == {(0, 3): Flag(formula=True), (0, 6): Flag(error="#N/A")}


def test_a_value_that_is_lost_is_still_missed() -> None:
    """The empty shared text excuses its own cells alone."""
    cells = row(
        '<c  r="A1" t="s"><v>0</v></c>', '<c r="B1" t="s"><v>9</v></c>', ONE.replace("A1", "C1")
    )
    assert refused(packed(parts_of(sheet(cells), strings=("",))))[0] == "F-02"


@pytest.mark.parametrize("way", WAYS)
def test_a_figure_among_the_formatted_rows_of_a_large_sheet_is_read(way: str) -> None:
    rows = [row(*(f'<c r="{c}{n}" s="1"/>' for c in "ABCDEFGHI"), n=n) for n in range(2, 9_000)]
    rows[7_000] = row('<c r="A7002" s="1"/>', '<c r="B7002"><v>7</v></c>', n=7002)
    rows[7_001] = row('<c r="A7003" s="1"></c>', '<c r="AAA7003"/>', '<c r="XFD7003"/>', n=7003)
    data = packed(parts_of(WAYS[way](sheet(row(ONE) + "".join(rows)))))
    found = book_of(data).grid("Sheet1")
    assert (found.raw(7001, 1), len(found.rows)) == (7, 7002)
    rows[7_000] = rows[7_000].replace("</row>", '<c r="B7002"/></row>')
    code, detail = refused(packed(parts_of(WAYS[way](sheet(row(ONE) + "".join(rows))))))
    assert code == "F-02" and "写了两次" in detail


# .xlsb


def test_every_kind_of_cell_in_both_forms() -> None:
    """SheetJS writes a cell behind another in the short form, without a column of its own."""
    real, rk = struct.pack("<d", 2.5), struct.pack("<I", 12345 << 2 | 3)
    negative, half = struct.pack("<i", -3 << 2 | 2), struct.pack("<d", 0.5)[4:]
    said, style = shown.wide("文字"), bytes(4)
    cells = (
        xlsb_cell(5, 2, real)
        + record(13, style + rk)
        + record(12, style)
        + record(17, style + said)
        + record(16, style + real)
        + record(15, style + b"\x01")
        + record(14, style + b"\x07")
        + record(18, style + struct.pack("<I", 0))
        + xlsb_cell(2, 12, negative)
        + record(13, style + half)
        + record(13, style + struct.pack("<I", 7 << 2 | 2))
        + xlsb_cell(62, 16, b"\0" + said)
    )
    data = shown.xlsb([text(("丙", None), value="丙")], sheet=xlsb_row(5) + cells)
    found = read(data)
    assert [found.raw(5, n) for n in range(18)] == [
        None, None, 2.5, 123.45, None, "文字", 2.5, True, None, "丙", None, None, -3, 0.5, 7, None,
        "文字", None,
    ]  # fmt: skip
    assert found.flags == {(5, 8): Flag(error="#DIV/0!")}
    assert found.raw(0, 0) == "丙"


DAMAGED = {
    "half a number": (xlsb_cell(5, 0, b"\0\0"), "单元格内容不完整"),
    "no truth value": (xlsb_cell(4, 0), "单元格内容不完整"),
    "no style": (record(13, b"\0"), "单元格内容不完整"),
    "half a text": (xlsb_cell(6, 0, b"\x09\0\0\0ab"), "文字不完整"),
    "beyond the last column": (xlsb_cell(2, 16384, bytes(4)), "单元格地址不存在"),
    "behind the last column": (xlsb_cell(1, 16383) + record(13, bytes(8)), "单元格地址不存在"),
    "twice, once in the short form": (
        xlsb_cell(2, 1, bytes(4)) + xlsb_cell(2, 0, bytes(4)) + record(13, bytes(8)), "写了两次"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", DAMAGED)
def test_damage_in_an_xlsb_is_told(name: str) -> None:
    cells, detail = DAMAGED[name]
    code, said = refused(shown.xlsb([], sheet=xlsb_row(0) + cells))
    assert code == "F-02" and detail in said


def test_dates_from_1904_in_an_xlsb() -> None:
    data = shown.xlsb([number(1.0, code="yyyy-mm-dd", given=1)])
    assert read(data).raw(0, 0) == date(1899, 12, 31)
    parts = {name: Package.of(data).read(name) for name in Package.of(data).parts}
    parts["xl/workbook.bin"] = record(153, struct.pack("<I", 1)) + parts["xl/workbook.bin"]
    assert read(packed(parts)).raw(0, 0) == date(1904, 1, 2)


def test_an_xlsb_as_onlyoffice_saves_it() -> None:
    """Numbers, texts, truth values, errors, formulas, dates, a merged cell, raised characters; and
    formatted cells to the last row and column.
    """
    found = read((DATA / "onlyoffice.xlsb").read_bytes())
    assert list(found.rows[0]) == [
        "文字", 1, 2.5, True, False, -3, 1e9, 0.07, 123456789.25, 536870911, 536870912,
        -536870912, -0.01, 3440,
    ]  # fmt: skip
    assert list(found.rows[1]) == [None, 2, "ab", None, True, None]
    assert list(found.rows[2]) == [
        date(2026, 1, 2), datetime(2026, 1, 2, 12, 30), time(12, 0), 0.5,
    ]  # fmt: skip
    assert (found.raw(5, 0), found.text(8, 0), len(found.rows)) == ("并", "12", 9)
    assert list(found.merges) == [Area(5, 0, 6, 2)]
    assert found.flags == {
        (1, 0): Flag(formula=True, error="#DIV/0!"), (1, 1): Flag(formula=True),
        (1, 2): Flag(formula=True), (1, 3): Flag(formula=True, cached=False),
        (1, 4): Flag(formula=True), (1, 5): Flag(formula=True, error="#N/A"),
        (2, 3): Flag(format="0%"), (8, 0): Flag(mark="3"),
    }  # fmt: skip


# .ods


def repacked(data: bytes, *left_out: str, extra: Mapping[str, str] | None = None) -> bytes:
    source = zipfile.ZipFile(io.BytesIO(data))
    kept = {n: source.read(n) for n in source.namelist() if n not in left_out}
    return packed(kept | dict(extra or {}))


SAVED = ods(f"<table:table-row>{float_cell(1)}</table:table-row>")
MANIFEST = "META-INF/manifest.xml"
UNTYPED = {
    "without its mimetype": repacked(SAVED, "mimetype"),
    "with another mimetype": repacked(SAVED, "mimetype", extra={"mimetype": "application/zip"}),
    "without its manifest": repacked(SAVED, "mimetype", MANIFEST, extra={"styles.xml": "<a/>"}),
}


@pytest.mark.parametrize("name", UNTYPED)
def test_an_ods_is_told_by_its_content(name: str) -> None:
    data = UNTYPED[name]
    assert (kinds.container(data), kind_of(data)) == (None, FileKind.ODS)
    assert read(data).raw(0, 0) == 1


def test_other_zips_are_no_ods() -> None:
    said = str(zipfile.ZipFile(io.BytesIO(SAVED)).read(MANIFEST), "utf-8")
    writer = said.replace("opendocument.spreadsheet", "opendocument.text")
    text_document = repacked(SAVED, "mimetype", MANIFEST, extra={MANIFEST: writer})
    assert kind_of(text_document) == FileKind.ODT
    page = packed({"content.xml": "<a/>"})
    assert (kinds.container(page), kind_of(page)) == (FileKind.ZIP, FileKind.ZIP)


@pytest.mark.parametrize(("given", "value"), [("1", True), ("true", True), ("0", False)])
def test_truth_values_of_an_ods(given: str, value: bool) -> None:
    cell = f'<table:table-cell office:value-type="boolean" office:boolean-value="{given}"/>'
    assert read(ods(f"<table:table-row>{cell}</table:table-row>")).raw(0, 0) is value


@pytest.mark.parametrize(
    ("protect", "unseen"), [("formula-hidden", ""), ("none", "7"), ("protected", "7")]
)
def test_gnumeric_hides_the_formula_and_not_the_cell(protect: str, unseen: str) -> None:
    """It gives every cell that may be filled in of an .xlsx both of these in its .ods."""
    style = (
        '<style:style style:name="c" style:family="table-cell"><style:table-cell-properties '
        f'style:cell-protect="{protect}"/><style:text-properties text:display="none"/>'
        "</style:style>"
    )
    cell = float_cell(7, ' table:style-name="c"')
    found = book_of(opendocument(f"<table:table-row>{cell}</table:table-row>", styles=style))
    assert found.grid("甲").cell(0, 0).flag.unseen == unseen


@pytest.mark.parametrize("end", ["\r\n", "\n"])
def test_dif_is_named_whatever_ends_its_lines(end: str) -> None:
    lines = ["TABLE", "0,1", '"GNUMERIC"', "VECTORS", "0,5", '""', "DATA", "0,0", '""', "-1,0"]
    assert refused(end.join(lines).encode()) == ("F-01", "DIF 表格（.dif）")


# .xls


def altered(data: bytes, change: Callable[[bytearray, int, int], None]) -> bytes:
    """The records of an .xls, each changed in place by its code and where it begins."""
    records, at = bytearray(xls_records.stream(data)), 0
    while at + 4 <= len(records):
        code, size = struct.unpack_from("<HH", records, at)
        change(records, at, code)
        at += 4 + size
    return compound({"Workbook": bytes(records)})


UNUSED = 0x0FFE


def without(lost: int) -> Callable[[bytearray, int, int], None]:
    def change(records: bytearray, at: int, code: int) -> None:
        if code == lost:
            struct.pack_into("<H", records, at, UNUSED)

    return change


def beyond(records: bytearray, at: int, code: int) -> None:
    if code == 0x0203:
        struct.pack_into("<H", records, at + 8, 500)


@pytest.mark.parametrize("change", [without(0x041E), without(0x00E0), beyond])
def test_a_style_that_an_xls_does_not_describe(
    change: Callable[[bytearray, int, int], None],
) -> None:
    cells = [number(1.5, code="0.000", given=1.5), text(("甲", None), value="甲"), text(value="")]
    found = read(altered(shown.xls(cells), change))
    assert (found.raw(0, 0), found.raw(1, 0)) == (1.5, "甲")


# The cover under another name

Change = Callable[[Worksheet], None]


def renamed(*, cover: str = "Sheet1", change: Change | None = None, second: str = "") -> bytes:
    """A return whose sheets have lost their names, and their hidden sheet with them."""
    book = load_workbook(template("甲局"))
    for name, value in GOOD.items():
        at = LAYOUT.address(FORM.by_name[name])
        book[at.sheet][at.a1] = value
    front = book[COVER]
    front.cell(FIELDS[FILLER] + 1, 3, "张三")
    front.cell(FIELDS[ZERO] + 1, 3, "是")
    if change is not None:
        change(front)
    if second:
        copy = book.copy_worksheet(front)
        copy.cell(FIELDS[UNIT] + 1, 3, second)
    kept = {COVER, *(t.sheet for t in LAYOUT.tables)}
    for other in [s for s in book.worksheets if s.title not in kept and s.title[:2] != COVER]:
        book.remove(other)
    for n, one in enumerate(book.worksheets, 1):
        one.title = f"Sheet{n}" if one.title != COVER else cover
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize("name", ["Sheet99", "封面", " "])
def test_the_cover_is_found_by_its_labels(name: str) -> None:
    ret = MATCHER.match(book_of(renamed(cover=name)))
    assert (ret.unit, ret.year, ret.filler, ret.zero) == ("甲局", 2025, "张三", True)
    assert ret.identity is None
    assert ret.numbers[FORM.by_name["t3.received.natural"]] == 3


def test_the_cover_is_found_elsewhere_on_its_sheet() -> None:
    def down(front: Worksheet) -> None:
        front.insert_rows(1, 4)
        front.insert_cols(1, 2)

    ret = MATCHER.match(book_of(renamed(cover="Sheet99", change=down)))
    assert (ret.unit, ret.year) == ("甲局", 2025)


def test_two_covers_that_name_different_units_name_none() -> None:
    assert MATCHER.match(book_of(renamed(cover="Sheet99", second="乙局"))).unit == ""
    assert MATCHER.match(book_of(renamed(cover="Sheet99", second="甲局"))).unit == "甲局"


def test_a_list_of_units_is_no_cover() -> None:
    """There the same words are headings, beside each other."""

    def listed(front: Worksheet) -> None:
        front.delete_rows(1, front.max_row)
        front.append([None, UNIT, YEAR, FILLER, DATE])
        front.append([None, "甲局", 2025, "张三", "2026-1-9"])

    ret = MATCHER.match(book_of(renamed(cover="Sheet99", change=listed)))
    assert (ret.unit, ret.year, ret.filler) == ("", 0, "")
