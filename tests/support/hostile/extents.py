"""Extents that lie: a declared one, a far cell, repetition, references out of range."""

import struct
from collections.abc import Iterator, Mapping

from support.hostile import ole
from support.hostile.case import Case
from support.hostile.ole import compound, record, xls
from support.hostile.ooxml import number, ods, row, sheet, xlsb, xlsx

FIRST = row(1, number("A1"))


def far(ref: str) -> str:
    return FIRST + row(1_048_576, number(ref))


def cases() -> Iterator[Case]:
    yield from _ooxml()
    yield from _xls()
    yield from _xlsb()
    yield from _ods()


def _ooxml() -> Iterator[Case]:
    whole = "A1:XFD1048576"
    extent = '<dimension ref="{}"/>'.format
    yield Case(
        name="extent_large.xlsx",
        what="the extent says the whole grid: one cell",
        data=xlsx(sheet(FIRST, before=extent(whole))),
        honest=True,
    )
    yield Case(
        name="extent_small.xlsx",
        what="the extent says A1, cells reach to Z500",
        data=xlsx(sheet(FIRST + row(500, number("Z500")), before=extent("A1"))),
        honest=True,
    )
    refs = ("", "A1:", ":", "ZZZZZZZ99999999999", "B2:A1", "A1:XFD99999999999", "1:1048576",
            "A1:B2:C3", "A0", "A4294967296:A4294967297")  # fmt: skip
    for n, ref in enumerate(refs):
        yield Case(
            name=f"extent_bad_{n}.xlsx",
            what=f"extent {ref!r}",
            data=xlsx(sheet(FIRST, before=extent(ref))),
        )
    one = sheet(row(1_048_576, number("XFD1048576")))
    yield Case(name="far_alone.xlsx", what="a single cell at XFD1048576", data=xlsx(one))
    for col, cells in (("XFD", "17 thousand million"), ("CV", "105 million"), ("T", "21 million")):
        yield Case(
            name=f"far_{col}.xlsx",
            what=f"A1 and {col}1048576: {cells} cells if dense",
            data=xlsx(sheet(far(f"{col}1048576"))),
        )
    yield Case(
        name="far_A.xlsx",
        what="A1 and A1048576: someone pressed Ctrl+Down; common",
        data=xlsx(sheet(far("A1048576"))),
        honest=True,
    )
    yield Case(
        name="far_in_row.xlsx",
        what="A1 and XFD1",
        data=xlsx(sheet(row(1, number("A1"), number("XFD1")))),
        honest=True,
    )
    yield Case(
        name="far_sheets_50.xlsx",
        what="50 sheets of 105 million cells each",
        data=xlsx(*[sheet(far("CV1048576"))] * 50),
    )
    names = ("", "A0", "A-1", "ZZZZ1", "XFE1", "A1048577", "A4294967296", "A99999999999999999999",
            "1A", "a1", "$A$1", "Sheet1!A1", "ＡＡ１", "A" * 100_000 + "1")  # fmt: skip
    for n, ref in enumerate(names):
        one = sheet(row(1, number(ref)))
        yield Case(name=f"cell_bad_{n}.xlsx", what=f"a cell called {ref[:24]!r}", data=xlsx(one))
    rows = ("0", "-1", "1048577", "4294967295", "4294967296", "99999999999999999999", "x", "")
    for n, ref in enumerate(rows):
        one = sheet(f'<row r="{ref}"><c><v>1</v></c></row>')
        yield Case(
            name=f"row_bad_{n}.xlsx",
            what=f"a row called {ref!r}, its cell without a name",
            data=xlsx(one),
        )
    plain = "<c><v>1</v></c>"
    yield Case(
        name="row_jump.xlsx",
        what="row 1, then row 4294967295, cells without names",
        data=xlsx(sheet(f'<row r="1">{plain}</row><row r="4294967295">{plain}</row>')),
    )
    back = row(9, number("A9")) + row(3, number("A3")) + row(3, number("A3", 7))
    yield Case(
        name="row_backwards.xlsx", what="rows out of order and repeated", data=xlsx(sheet(back))
    )
    merge = '<mergeCell ref="{}"/>'.format
    merges: Mapping[str, tuple[str, str]] = {
        "merge_whole": ("one merge over the whole grid", merge(whole)),
        "merge_100k": (
            "100 000 merges",
            "".join(merge(f"A{2 * n + 1}:B{2 * n + 2}") for n in range(100_000)),
        ),
        "merge_bad": (
            "broken merges",
            merge("B2:A1") + merge("") + merge("A1:ZZZZ9") + "<mergeCell/>",
        ),
    }
    for name, (what, told) in merges.items():
        one = sheet(FIRST, after=f"<mergeCells>{told}</mergeCells>")
        yield Case(name=f"{name}.xlsx", what=what, data=xlsx(one), honest=name == "merge_whole")
    rules = (
        f'<conditionalFormatting sqref="{whole}"><cfRule type="expression" priority="1">'
        "<formula>1</formula></cfRule></conditionalFormatting>"
        f'<dataValidations count="1"><dataValidation type="list" sqref="{whole}">'
        '<formula1>"a,b"</formula1></dataValidation></dataValidations>'
    )
    yield Case(
        name="rules_whole.xlsx",
        what="formats and validation over the whole grid; common",
        data=xlsx(sheet(FIRST, after=rules)),
        honest=True,
    )
    cols = "".join(f'<col min="{n}" max="16384" width="9"/>' for n in range(1, 16_384))
    yield Case(
        name="columns_overlapping.xlsx",
        what="16 383 overlapping ranges of columns",
        data=xlsx(sheet(FIRST, before=f"<cols>{cols}</cols>")),
    )


def _xls() -> Iterator[Case]:
    corner = [(0, 0, 1.0), (65_535, 255, 2.0)]
    for n in (1, 10, 100):
        yield Case(
            name=f"far_{n}.xls",
            what=f"{n} sheets of 16.7 million cells if dense",
            data=xls({f"S{at}": corner for at in range(n)}),
        )
    yield Case(
        name="far_column.xls",
        what="column 65535: 4.3 thousand million cells if dense",
        data=xls({"S": [(0, 0, 1.0), (65_535, 65_535, 2.0)]}),
    )
    stream = {"Workbook": ole.workbook(ole.ONE)}
    yield Case(
        name="loop.xls",
        what="a chain of sectors that loops, a stream of 1 TB",
        data=compound(stream, loop=True, size=1 << 40),
    )
    yield Case(
        name="many_fats.xls",
        what="the header claims 2^31 sectors of the allocation table",
        data=compound(stream, fats=0x7FFFFFFF),
    )
    yield Case(name="good.xls", what="a good one", data=xls(ole.ONE), honest=True)
    sheet_at = record(0x85, b"\xff\xff\xff\x7f\0\0\1\0S")
    start = record(0x809, b"\0\6\5\0" + bytes(12))
    yield Case(
        name="sheet_offset.xls",
        what="a sheet that begins far beyond the stream",
        data=compound({"Workbook": start + sheet_at + record(0x0A)}),
    )
    count = record(0xFC, struct.pack("<II", 0xFFFFFFFF, 0xFFFFFFFF) + b"\x01\0\0A")
    yield Case(
        name="strings_count.xls",
        what="claims 2^32 shared strings",
        data=xls(ole.ONE, more=count),
    )
    runs = record(0xFC, struct.pack("<II", 1, 1) + b"\xff\xff\x0d\xff\xff\xff\xff\xff\x7fA")
    yield Case(
        name="strings_runs.xls",
        what="a shared string whose runs and phonetic length are out of bounds",
        data=xls(ole.ONE, more=runs),
    )


def _xlsb() -> Iterator[Case]:
    one = [(0, 0, 1)]
    yield Case(name="good.xlsb", what="a good one", data=xlsb(one), honest=True)
    yield Case(
        name="far.xlsb",
        what="A1 and XFD1048576",
        data=xlsb([*one, (1_048_575, 16_383, 2)]),
    )
    yield Case(
        name="extent.xlsb",
        what="an extent that lies",
        data=xlsb(one, (0, 0xFFFFFFFF, 0, 0xFFFFFFFF)),
    )
    yield Case(
        name="far_row.xlsb",
        what="row and column 2^32 - 2",
        data=xlsb([*one, (0xFFFFFFFE, 0xFFFFFFFE, 2)]),
    )


def _ods() -> Iterator[Case]:
    good = ods(_table(_row(_cell())))
    yield Case(name="good.ods", what="a good one", data=good, honest=True)
    yield Case(
        name="trailing.ods",
        what="empty cells repeated to the ends, as LibreOffice writes them; common",
        data=ods(_table(_row(_cell() + _blank(16_383)) + _row(_blank(16_384), 1_048_575))),
        honest=True,
    )
    for name, what, rows in (
        ("repeat_all", "every cell by repetition", _row(_cell(16_384), 1_048_576)),
        ("repeat_67m", "67 million cells by repetition", _row(_cell(1_024), 65_536)),
        (
            "repeat_then_cell",
            "one far cell",
            _row(_cell()) + _row(_blank(16_384), 1_048_574) + _row(_blank(16_383) + _cell()),
        ),
        ("repeat_2e64", "repetition of 2^64 - 1", _row(_cell(2**64 - 1), 2**64 - 1)),
        ("repeat_negative", "negative repetition", _row(_cell(-5), -1)),
        (
            "repeat_99_groups",
            "1.6 thousand million cells in 99 groups of rows",
            _row(_cell(16_384), 1000) * 99,
        ),
        (
            "spaces",
            "a run of 4 thousand million blanks",
            _row(
                '<table:table-cell office:value-type="string"><text:p>a'
                '<text:s text:c="4000000000"/>b</text:p></table:table-cell>'
            ),
        ),
    ):
        yield Case(name=f"{name}.ods", what=what, data=ods(_table(rows)))
    whole = _table(_row(_cell()))
    yield Case(
        name="unclosed.ods",
        what="no end of the table, over which a reader was seen to loop for ever",
        data=ods(whole.replace("</table:table>", "")),
    )
    yield Case(
        name="misspelt_end.ods",
        what="a misspelt end of the table: the same loop",
        data=ods(whole.replace("</table:table>", "</table:tabl>")),
    )


def _cell(times: int = 1) -> str:
    told = f'table:number-columns-repeated="{times}" office:value-type="float" office:value="1"'
    return f"<table:table-cell {told}><text:p>1</text:p></table:table-cell>"


def _blank(times: int) -> str:
    return f'<table:table-cell table:number-columns-repeated="{times}"/>'


def _row(cells: str, times: int = 1) -> str:
    return f'<table:table-row table:number-rows-repeated="{times}">{cells}</table:table-row>'


def _table(rows: str) -> str:
    return f'<table:table table:name="S">{rows}</table:table>'
