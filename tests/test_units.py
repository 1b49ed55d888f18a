"""Figures in another measure than their form's: what headings, notes and number formats say."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from support import written
from support.declared import laid_out
from support.filled import FORM, LAYOUT
from support.matching import (
    FIGURES,
    Pages,
    Rows,
    codes,
    identity_rows,
    insert_rows,
    item,
    match,
    only,
    pages_of,
    put,
    relabel,
    rows_of,
)
from xltools.layout.places import Layout
from xltools.match.matcher import Matcher
from xltools.model.cells import Flag, Grid
from xltools.model.findings import Words
from xltools.model.identity import IDENTITY
from xltools.model.number_formats import plain, shown
from xltools.model.numbers import Number
from xltools.model.returns import Return
from xltools.model.stated import MeasureKind, measure, stated
from xltools.model.wording import in_words
from xltools.readers.workbook import Book, Sheet, book_of

FEE, PENALTIES = item("t2.fees.charged"), item("t2.penalties.decisions")
HEADING = "本年收费金额（单位：万元）"
BARE = "本年收费金额"


def priced(fee: float = 3000) -> Pages:
    """The tables by sheet, with a fee of our own."""
    return pages_of({**FIGURES, FEE: fee})


def headed(heading: str, fee: float = 3000) -> Pages:
    pages = priced(fee)
    relabel(pages["表二"], {HEADING: heading})
    return pages


def noted(sheet: str, row: int, col: int, text: str, *, heading: str = BARE) -> Pages:
    """The tables with a text in a cell that has none."""
    pages = headed(heading)
    rows = pages[sheet]
    rows.extend([""] * len(rows[0]) for _ in range(row + 1 - len(rows)))
    rows[row].extend([""] * (col + 1 - len(rows[row])))
    assert not rows[row][col]
    rows[row][col] = text
    return pages


def told(ret: Return) -> list[tuple[str, tuple[str, ...], str]]:
    """What is said of measures: code, cells, measure."""
    return [
        (f.code, f.cells, in_words(f.found))
        for f in ret.findings
        if f.code in ("V-16", "V-17", "V-18")
    ]


# Words of measure.


@pytest.mark.parametrize(
    ("word", "kind", "power"),
    [
        ("元", MeasureKind.MONEY, 0),
        ("人民币元", MeasureKind.MONEY, 0),
        ("￥", MeasureKind.MONEY, 0),
        ("千元", MeasureKind.MONEY, 3),
        ("万元", MeasureKind.MONEY, 4),
        ("万 元", MeasureKind.MONEY, 4),
        ("万元人民币", MeasureKind.MONEY, 4),
        ("人民币万", MeasureKind.MONEY, 4),
        ("百万元", MeasureKind.MONEY, 6),
        ("亿元", MeasureKind.MONEY, 8),
        ("件", MeasureKind.COUNT, 0),
        ("人次", MeasureKind.COUNT, 0),
        ("件（次）", MeasureKind.COUNT, 0),
        ("件数", MeasureKind.COUNT, 0),
        ("百件", MeasureKind.COUNT, 2),
        ("千件", MeasureKind.COUNT, 3),
        ("万件", MeasureKind.COUNT, 4),
        ("万", MeasureKind.SCALE, 4),
        ("美元", MeasureKind.CURRENCY, 0),
        ("港币", MeasureKind.CURRENCY, 0),
        ("$", MeasureKind.CURRENCY, 0),
        ("%", MeasureKind.OTHER, 0),
        ("平方米", MeasureKind.OTHER, 0),
        ("甲局", MeasureKind.OTHER, 0),
    ],
)
def test_word_of_measure(word: str, kind: MeasureKind, power: int) -> None:
    found = measure(word)
    assert found is not None
    assert found.kind is kind
    assert found.power == power or kind in (MeasureKind.CURRENCY, MeasureKind.OTHER)


@pytest.mark.parametrize("word", ["人民币", "", " "])
def test_no_word_of_measure(word: str) -> None:
    assert measure(word) is None


SAID = {
    "单位：元": "元",
    "单 位：万 元": "万元",
    "金额单位：元": "元",
    "金额单位：元  币种：人民币": "元",
    "填报单位：甲局      单位：元": "元",
    "单位：元，保留两位小数": "元",
    "单位：元（保留两位小数）": "元",
    "单位：人民币（元）": "元",
    "单位均为万元": "万元",
    "注：本表金额单位为人民币元。": "人民币元",
    "注：本表金额以元为单位。": "元",
    "（单位：万件）": "万件",
    "【单位：元】": "元",
    "（元）": "元",
    "元": "元",
    "单位：件、万元": "件 万元",
    "单位：件/万元": "件 万元",
    f"{BARE}（单位：人民币元）": "人民币元",
    f"{BARE}（人民币：元）": "元",
    f"{BARE}（以元计）": "元",
    f"{BARE}[元]": "元",
    f"{BARE}〔元〕": "元",
    f"{BARE}/元": "元",
    f"{BARE} 元": "元",
    f"{BARE}\n（元）": "元",
    f"{BARE}￥": "¥",
    f"{BARE}（单位：欧元）": "欧元",
    f"{BARE}（单位：甲乙）": "甲乙",
    "二、主动公开政府信息情况（单位：元）": "元",
}


@pytest.mark.parametrize("text", SAID)
def test_measure_said(text: str) -> None:
    said = stated(text)
    assert " ".join(m.word for m in said.measures) == SAID[text]
    assert not said.bare.startswith(BARE) or said.bare.strip("() ") == BARE


@pytest.mark.parametrize(
    "text",
    [
        *(b.text for t in LAYOUT.tables for b in t.drawing.boxes if b.text and b.text != HEADING),
        *(b.text for b in laid_out("zfxxgk-2019").tables[0].drawing.boxes if b.text),
        "因公出国（境）费",
        "填报单位：甲局",
        "单位（盖章）：甲局",
        "单位名称",
        "计量单位",
        "用人单位总数",
        "本年处理决定数量（含街道）",
        "（十）其他",
        "政府信息公开年报统计表（年）",
        "以下简称",
        "全年收取信息处理费300元。",
        "万",
        "合计",
    ],
)
def test_no_measure_said(text: str) -> None:
    assert stated(text).measures == ()


@given(st.text(alphabet="单位：:元万件人民币（）()/ 、，以为计%￥甲\n", max_size=40))
def test_any_text_may_be_asked(text: str) -> None:
    said = stated(text)
    assert said.measures or said.bare == text


# Headings.

CONVERTED: dict[str, Number] = {
    f"{BARE}（单位：人民币元）": Decimal("0.3"),
    f"{BARE}（元）": Decimal("0.3"),
    f"{BARE}[元]": Decimal("0.3"),
    f"{BARE}【单位：元】": Decimal("0.3"),
    f"{BARE}/元": Decimal("0.3"),
    "收费金额/元": Decimal("0.3"),
    f"{BARE}元": Decimal("0.3"),
    f"{BARE}\n（元）": Decimal("0.3"),
    f"{BARE}（千元）": 300,
    f"{BARE}（单位：百万元）": 300_000,
    f"{BARE}（亿元）": 30_000_000,
}


def saved(pages: Pages) -> bytes:
    """The tables in a workbook of somebody's own."""
    book = openpyxl.Workbook()
    del book[book.sheetnames[0]]
    for name, rows in pages.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append([None if value == "" else value for value in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def reported(heading: str, fee: str = "3000") -> written.Written:
    """A published report with a heading and a fee of our own."""
    report = written.report_of("suqian_shi_2024")
    figures = list(report.figures)
    figures[FEE] = fee
    return replace(report, figures=figures, mend=lambda _, text: text.replace(HEADING, heading))


WRITTEN: Mapping[str, Callable[[written.Written], bytes | str]] = {
    "docx": written.word,
    "html": written.page,
    "tabbed": written.tabbed,
    "listed": written.listed,
    "bare": written.bare,
    "markdown": written.markdown,
}


def read(data: bytes | str) -> Return:
    made = data.encode() if isinstance(data, str) else data
    return Matcher(LAYOUT).match(book_of(made, name="甲局"))


LOOSE = ("tabbed", "listed", "bare", "markdown")
# In a text without columns a table is told by its headings, so these have to be whole.
CHANGED = ("收费金额/元", f"{BARE}元")


@pytest.mark.parametrize(
    ("kind", "heading"),
    [(k, h) for k in ("xlsx", *WRITTEN) for h in CONVERTED if k not in LOOSE or h not in CHANGED],
)
def test_heading_in_another_measure_is_converted(kind: str, heading: str) -> None:
    ret = read(saved(headed(heading)) if kind == "xlsx" else WRITTEN[kind](reported(heading)))
    assert ret.numbers[FEE] == CONVERTED[heading]
    assert type(ret.numbers[FEE]) is type(CONVERTED[heading])
    assert ret.found[FEE] == "3000"
    found = only(ret, "V-16")
    assert found.items == ("t2.fees.charged",)
    place = ret.places[FEE]
    assert place is not None and found.sheet == place.sheet
    assert len(found.cells) == 1, "the cell of the heading"
    # Of a heading that has changed besides its measure that is told too.
    assert codes(ret) == (["M-04", "V-16"] if heading.startswith("收费") else ["V-16"])


@pytest.mark.parametrize("kind", LOOSE)
@pytest.mark.parametrize("heading", CHANGED)
def test_changed_heading_in_a_text_without_columns_is_missed(kind: str, heading: str) -> None:
    ret = read(WRITTEN[kind](reported(heading)))
    assert ret.numbers[FEE] is None
    assert codes(ret) == ["M-02"]


def test_heading_in_another_measure_in_a_pdf(convert: written.Convert) -> None:
    report = reported(f"{BARE}（单位：元）")
    ret = read(convert({"report": written.word(report)}, "pdf")["report"])
    assert ret.numbers[FEE] == Decimal("0.3")
    assert codes(ret) == ["V-16"]


@pytest.mark.parametrize(
    "heading",
    [HEADING, f"{BARE}（万元）", f"{BARE}(单位:万元)", f"{BARE}（万元人民币）", f"{BARE}/万元"],
)
@pytest.mark.parametrize("kind", ["xlsx", "ours", *WRITTEN])
def test_heading_in_the_same_measure_is_silent(heading: str, kind: str) -> None:
    if kind == "ours":
        ret = match(headed(heading), ours=True)
    elif kind == "xlsx":
        ret = read(saved(headed(heading)))
    else:
        ret = read(WRITTEN[kind](reported(heading)))
    assert ret.numbers[FEE] == 3000
    assert ret.findings == ()


@pytest.mark.parametrize("kind", ["xlsx", *WRITTEN])
def test_heading_without_a_measure_is_told(kind: str) -> None:
    ret = read(saved(headed(BARE)) if kind == "xlsx" else WRITTEN[kind](reported(BARE)))
    assert ret.numbers[FEE] == 3000
    assert codes(ret) == ["M-04"]


@pytest.mark.parametrize(
    ("heading", "word"),
    [
        (f"{BARE}（美元）", "美元"),
        (f"{BARE}（单位：港币）", "港币"),
        (f"{BARE}/USD", "USD"),
        (f"{BARE}（万件）", "万件"),
        (f"{BARE}（单位：甲乙）", "甲乙"),
        (f"{BARE}（%）", "%"),
    ],
)
@pytest.mark.parametrize("kind", ["xlsx", *WRITTEN])
def test_unknown_measure_is_fatal(heading: str, word: str, kind: str) -> None:
    ret = read(saved(headed(heading)) if kind == "xlsx" else WRITTEN[kind](reported(heading)))
    found = only(ret, "V-18")
    assert (in_words(found.found), found.items) == (word, ("t2.fees.charged",))
    assert len(found.cells) == 1
    assert ret.numbers[FEE] == 3000
    assert word in Words().message(found)


def test_in_a_workbook_of_ours_another_measure_is_asked_about() -> None:
    """Its hints and its other sheets name the form's measure all the same."""
    ret = match(headed(f"{BARE}（单位：人民币元）"), ours=True)
    assert told(ret) == [("V-17", ("B14",), "人民币元")]
    assert (ret.numbers[FEE], ret.found[FEE]) == (Decimal("0.3"), "3000")
    assert "3000 计为 0.3" in Words().message(only(ret, "V-17"))


def test_no_amount_is_below_a_fen() -> None:
    ret = match(headed(f"{BARE}（元）", 72701.2578))
    assert told(ret) == [("V-17", ("B14",), "元")]
    assert ret.numbers[FEE] == Decimal("72701.2578")


@pytest.mark.parametrize(
    ("typed", "number"),
    [("251000元", Decimal("25.1")), ("25.1万元", Decimal("25.1")), ("2510", Decimal("0.251"))],
)
def test_a_cell_that_names_its_measure_is_not_converted_again(typed: str, number: Number) -> None:
    pages = headed(f"{BARE}（元）")
    put(pages, "t2.fees.charged", typed)
    ret = match(pages)
    assert ret.numbers[FEE] == number
    assert told(ret) == ([("V-16", ("B14",), "元")] if typed == "2510" else [])


@pytest.mark.parametrize("value", [0, "", "/"])
@pytest.mark.parametrize("word", ["元", "美元"])
def test_nothing_is_nothing_in_any_measure(value: str | int, word: str) -> None:
    pages = headed(f"{BARE}（{word}）")
    put(pages, "t2.fees.charged", float(value) if value == 0 else value)
    assert told(match(pages)) == []


def test_counts_in_ten_thousands() -> None:
    """They are taken so where they can be nothing else."""
    pages = priced()
    relabel(pages["表二"], {"本年处理决定数量": "本年处理决定数量（万件）"})
    put(pages, "t2.licences.decisions", 39.0)
    put(pages, "t2.penalties.decisions", 1.2)
    ret = match(pages)
    assert ret.numbers[PENALTIES] == 12_000
    assert ret.numbers[item("t2.licences.decisions")] == 39
    assert told(ret) == [("V-17", ("B7",), "万件"), ("V-16", ("B10",), "万件")]
    assert only(ret, "V-17").items == ("t2.licences.decisions",)


def test_column_of_their_own_says_nothing_of_its_neighbours() -> None:
    pages = priced()
    rows = pages["表二"]
    rows[13][2], rows[14][2] = "其中：代收金额（元）", "1200元"
    ret = match(pages)
    assert ret.numbers[FEE] == 3000
    assert told(ret) == []


def test_money_over_counts_is_fatal() -> None:
    pages = priced()
    relabel(pages["表二"], {"本年处理决定数量": "本年处理决定数量（元）"})
    ret = match(pages)
    assert told(ret) == [("V-18", ("B7", "B10"), "元")]
    assert set(only(ret, "V-18").items) == {
        i.name for i in FORM.items if i.columns[-1] == "本年处理决定数量"
    }


# Beside, above and below a table.

T2_COUNTS = {i.name for i in FORM.items if i.table == "t2" and i.index != FEE}


@pytest.mark.parametrize(
    ("row", "col", "text"),
    [
        (0, 3, "单位：元"),  # in the title's row, over cells that it is merged over
        (0, 5, "单位：元"),  # beside the title
        (0, 5, "（单位：人民币元）"),
        (0, 5, "单位：件、元"),
        (12, 3, "单位：元"),  # in the row of the block's title
        (13, 3, "元"),  # in the row of the heading
        (13, 5, "单位：元"),
        (14, 3, "元"),  # in the row of the figure
        (14, 4, "元"),
        (15, 0, "注：金额单位为元"),  # below
        (18, 0, "说明：金额以元为单位。"),
        (17, 0, "填报单位：甲局    金额单位：元"),
    ],
)
def test_measure_of_the_amount_beside_the_table(row: int, col: int, text: str) -> None:
    ret = match(noted("表二", row, col, text))
    place = f"{'ABCDEF'[col]}{row + 1}"
    assert [(c, at) for c, at, _ in told(ret)] == [("V-16", (place,))]
    assert only(ret, "V-16").items == ("t2.fees.charged",)
    assert ret.numbers[FEE] == Decimal("0.3")
    assert ret.numbers[PENALTIES] == FIGURES[PENALTIES]
    ours = match(noted("表二", row, col, text), ours=True)
    assert [(c, at) for c, at, _ in told(ours)] == [("V-17", (place,))]


def test_measure_above_a_table_that_has_moved_down() -> None:
    pages = headed(BARE)
    insert_rows(pages["表二"], 0, 3)
    pages["表二"][2][0] = "填报单位：甲局    单位：元"
    ret = match(pages)
    assert told(ret) == [("V-16", ("A3",), "元")]
    assert ret.numbers[FEE] == Decimal("0.3")


@pytest.mark.parametrize("text", ["单位：万件", "（单位：万件）", "单位：万件、万元"])
def test_measure_of_all_counts_above_the_table(text: str) -> None:
    ret = match(noted("表二", 0, 5, text, heading=HEADING), ours=True)
    found = only(ret, "V-17")
    assert found.cells == ("F1",)
    assert set(found.items) == T2_COUNTS
    assert ret.numbers[PENALTIES] == FIGURES[PENALTIES], "whole numbers may as well be the counts"


@pytest.mark.parametrize(
    ("sheet", "text"),
    [
        ("表二", "单位：件"),
        ("表二", "单位：件、万元"),
        ("表二", "单位：件/万元"),
        ("表二", "单位：甲局"),
        ("表二", "单位：沭阳县教育局"),
        ("表二", "填报单位：甲局"),
        ("表二", "单位：个"),
        ("表三", "单位：件"),
        ("表三", "单位：元"),  # there is no amount
        ("表三", "单位：万元"),
        ("表三", "单位：美元"),
        ("表四", "（件）"),
    ],
)
@pytest.mark.parametrize("ours", [False, True])
def test_what_changes_nothing_is_silent(sheet: str, text: str, ours: bool) -> None:
    ret = match(noted(sheet, 0, 17, text, heading=HEADING), ours=ours)
    assert ret.findings == ()


def test_two_measures_for_one_figure_are_asked_about() -> None:
    """The nearer holds."""
    ret = match(noted("表二", 0, 5, "单位：元", heading=HEADING))
    assert told(ret) == [("V-17", ("F1",), "元")]
    assert ret.numbers[FEE] == 3000
    ret = match(noted("表二", 0, 5, "单位：万元", heading=f"{BARE}（元）"))
    assert told(ret) == [("V-17", ("B14",), "元")]
    assert ret.numbers[FEE] == Decimal("0.3")


def test_measure_between_two_tables_on_one_sheet() -> None:
    """It stands above the table that follows; a note below stands with the one before."""
    pages = headed(BARE)
    both: Rows = [*pages.pop("表三"), [""], *pages.pop("表二")]
    wide = max(map(len, both))
    first = len(rows_of(LAYOUT.tables[1]))
    for text, said in (
        ("单位：元", ["V-16"]),
        ("单位：万件", ["V-17"]),
        ("注：单位：万件", ["V-17"]),
    ):
        rows: Rows = [[*row, *[""] * (wide - len(row))] for row in both]
        rows[first][9] = text
        ret = match({**pages, "合表": rows})
        assert [c for c, _, _ in told(ret)] == said
        (found,) = [f for f in ret.findings if f.code in said]
        assert {n.partition(".")[0] for n in found.items} == {"t3" if text[0] == "注" else "t2"}


NOTES = ["单位：元", "（单位：元）", "注：金额单位为元。"]


@pytest.mark.parametrize("line", NOTES)
@pytest.mark.parametrize("below", [False, True])
@pytest.mark.parametrize("kind", ["docx", "html", "tabbed"])
def test_line_above_or_below_a_table_of_a_document(line: str, below: bool, kind: str) -> None:
    first, second = (t.table.title for t in LAYOUT.tables[:2])
    report = reported(BARE)
    if kind == "docx":

        def alter(made: object) -> None:
            paragraphs = made.paragraphs  # type: ignore[attr-defined]  # because python-docx is imported where it is used
            at = next(p for p in paragraphs if p.text == (second if below else first))
            new = at.insert_paragraph_before(line)
            if not below:
                at._p.addnext(new._p)

        data: bytes | str = written.word(report, alter)
    else:
        text = written.page(report).decode() if kind == "html" else written.tabbed(report)
        lines, title = text.split("\n"), second if below else first
        at = next(n for n, x in enumerate(lines) if title in x and "<td" not in x)
        lines.insert(at + (not below), f"<p>{line}</p>" if kind == "html" else line)
        data = "\n".join(lines)
    ret = read(data)
    assert ret.numbers[FEE] == Decimal("0.3")
    found = only(ret, "V-16")
    assert (found.items, in_words(found.found)) == (("t2.fees.charged",), "元")
    assert line in found.labels
    # Under the heading of a table without amounts it says nothing of this one.
    other = data.decode() if isinstance(data, bytes) and kind != "docx" else data
    if isinstance(other, str):
        moved = other.replace(f"<p>{line}</p>" if kind == "html" else f"{line}\n", "")
        assert told(read(moved)) == []


def test_prose_of_a_report_says_nothing_of_its_tables() -> None:
    report = reported(HEADING)
    said = "单位：元"
    texts = {name: f"{text}\n{said}\n以元为单位" for name, text in report.texts.items()}
    assert told(read(written.page(replace(report, texts=texts)))) == []


# Other forms.


def match_of(layout: Layout, pages: Pages) -> Return:
    def load(name: str, _: bool) -> Grid:
        return Grid(name=name, rows=pages[name])

    return Matcher(layout).match(Book([Sheet(name=n, visible=True) for n in pages], load))


def test_corner_in_another_measure_is_of_the_whole_table() -> None:
    layout = laid_out("sangong-2024")
    figures = {i.index: 1_000_000 + 10_000 * i.index for i in layout.form.items}
    table = layout.tables[0]
    pages = {table.sheet: rows_of(table, figures)}
    assert match_of(layout, pages).findings == ()
    relabel(pages[table.sheet], {"项目（单位：万元）": "项目（单位：元）"})
    ret = match_of(layout, pages)
    assert ret.numbers == [100 + i for i in figures]
    found = only(ret, "V-16")
    assert set(found.items) == {i.name for i in layout.form.items}


def test_amount_whose_heading_prints_no_measure() -> None:
    layout = laid_out("zfxxgk-2019")
    paid = layout.form.by_name["t2.procurement.paid"]
    figures = {i.index: 1000 + i.index for i in layout.form.items} | {paid: 251_000}
    pages = {t.sheet: rows_of(t, figures) for t in layout.tables}
    assert match_of(layout, pages).numbers[paid] == 251_000
    for heading, number in (("采购总金额（元）", Decimal("25.1")), ("采购总金额（万元）", 251_000)):
        changed = {name: [list(row) for row in rows] for name, rows in pages.items()}
        relabel(changed[layout.tables[0].sheet], {"采购总金额": heading})
        ret = match_of(layout, changed)
        assert ret.numbers[paid] == number
        assert codes(ret) == ([] if number == 251_000 else ["V-16"])


# The quick way and the plain way.


@pytest.mark.parametrize("text", ["单位：元", "单位：万件", "单位：美元", "单位：件"])
def test_quick_and_plain_way_agree(text: str) -> None:
    pages = noted("表二", 0, 5, text, heading=HEADING)
    quick = match(pages, ours=True)
    pages[IDENTITY] = identity_rows()
    plain_way = match({**pages, "表二 (2)": [["甲"]]})
    assert told(quick) == told(plain_way)
    assert quick.numbers == plain_way.numbers


# Number formats.

PLAIN = """
General|0|0.00|#,##0|#,##0.00|0_ |0_);(0)|0_);[Red](0)|#,##0;[Red]#,##0|0;[红色]-0|@|??0|0.0?
_-* #,##0_-;-* #,##0_-;_-* "-"_-;_-@_-|_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ |[$-804]0
G/通用格式|通用格式|[>=100]0;0|+0;-0;0|0;-0;;@|0.00E+00|[DBNum1]General|[DBNum2][$-804]0|#|000
Fixed|Standard|[Color 10]0|[Blue]General|# ##0|#\\ ##0|0_ ;[Red]\\-0\\ |* 0|0;-0;"无"
"""


@pytest.mark.parametrize("code", ["", *PLAIN.strip("\n").replace("\n", "|").split("|")])
def test_format_that_shows_the_figure(code: str) -> None:
    assert plain(code)
    for value in (3.0, 12345.0):
        digits = shown(code, value, exact=True).replace(",", "").replace(" ", "").lstrip("0+")
        assert digits.rstrip(".0") == str(int(value)).rstrip("0") or "E" in code or "DBNum" in code


@pytest.mark.parametrize(
    ("code", "value", "text"),
    [
        ("0%", 3.0, "300%"),
        ("0.00%", 0.5, "50.00%"),
        ("Percent", 0.5, "50.00%"),
        ("0,", 3000.0, "3"),
        ("0.0,", 25100.0, "25.1"),
        ("#,##0,", 1234567.0, "1,235"),
        ('#,##0.0,,"百万"', 12345678.0, "12.3百万"),
        ('0!.0,"万"', 25000.0, "2.5万"),
        ('0"."0000', 12345.0, "1.2345"),
        ('"1"0', 5.0, "15"),
        ('0"0"', 3.0, "30"),
        ("0\\0", 3.0, "30"),
        ("0*0", 3.0, "30"),
        ('"-"0', 5.0, "-5"),
        ("-0", 5.0, "-5"),
        ("(0)", 5.0, "(5)"),
        ("0;0", -5.0, "5"),
        ('0"万件"', 3.0, "3万件"),
        ("0万", 3.0, "3万"),
        ('0"元"', 251.0, "251元"),
        ('G/通用格式"万件"', 3.5, "3.5万件"),
        ('#,##0.00"万元"', 2534.1, "2,534.10万元"),
        ("¥#,##0.00", 25.1, "¥25.10"),
        ("[$¥-804]#,##0.00", 25.1, "¥25.10"),
        ("[$$-409]0", 3.0, "$3"),
        (";;;", 7.0, ""),
        (";;;@", 7.0, ""),
        ('""', 7.0, ""),
        ("0;;", -3.0, ""),
        ('"合计"', 3.0, "合计"),
        ("# ?/?", 0.5, "1/2"),
        ("# ?/?", 2.5, "2 1/2"),
        ("yyyy-mm-dd", 45000.0, "2023-03-15"),
        ("h:mm", 0.5, "12:00"),
        ('[=3]"三百";0', 3.0, "三百"),
        ('[=3]"三百";0', 4.0, "4"),
        ("000-0000", 1234567.0, "123-4567"),
        ('@"万"', "12", "12万"),
        ('0;0;0;@"万"', "12", "12万"),
        ("0%", "12", "12"),
        ("Yes/No", 1.0, "Yes"),
    ],
)
def test_format_that_shows_something_else(code: str, value: float | str, text: str) -> None:
    assert not plain(code)
    assert shown(code, value) == text


@given(
    st.text(alphabet='0#?.,;%@"\\!_*[]$-+()E/ymdhsGeneral万件元>=<1 9红', max_size=20),
    st.one_of(st.floats(), st.integers(-9, 10**9).map(float), st.text(max_size=4)),
)
def test_any_format_can_be_asked(code: str, value: float | str) -> None:
    plain(code)
    shown(code, value)
    shown(code, value, exact=True)


def formatted(name: str, value: float | str, code: str) -> Return:
    pages = pages_of()
    sheet, row, col = put(pages, name, value)
    return match(pages, {sheet: {(row, col): Flag(format=code)}}, ours=True)


@pytest.mark.parametrize(
    ("name", "value", "code", "text"),
    [
        ("t2.penalties.decisions", 3.0, "0%", "300%"),
        ("t2.penalties.decisions", 1.0, "0%", "100%"),
        ("t2.penalties.decisions", 3.0, '0"万件"', "3万件"),
        ("t2.penalties.decisions", 3.0, '0"0"', "30"),
        ("t2.penalties.decisions", 3.0, '"-"0', "-3"),
        ("t2.penalties.decisions", 3.0, "¥0", "¥3"),
        ("t2.penalties.decisions", 3.0, ";;;", "（不显示）"),
        ("t2.penalties.decisions", 3000.0, "0,", "3"),
        ("t2.fees.charged", 251.0, '0"元"', "251元"),
        ("t2.fees.charged", 25.1, "¥#,##0.00", "¥25.10"),
        ("t2.fees.charged", 0.5, "0%", "50%"),
        ("t2.fees.charged", 0.5, "# ?/?", "1/2"),
    ],
)
def test_what_a_cell_shows_is_another_figure(name: str, value: float, code: str, text: str) -> None:
    ret = formatted(name, value, code)
    found = only(ret, "V-19")
    assert codes(ret) == ["V-19"]
    assert found.cells == (LAYOUT.address(item(name)).a1,)
    assert (in_words(found.found), found.items) == (text, (name,))
    assert Decimal(in_words(found.expected)) == Decimal(str(value)) == ret.numbers[item(name)]


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("t2.penalties.decisions", 3.0, '0"件"'),
        ("t2.penalties.decisions", 3.0, '#,##0 "件"'),
        ("t2.penalties.decisions", 25000.0, '0!.0,"万"'),
        ("t2.penalties.decisions", 12345.0, '0!.0,"万"'),
        ("t2.penalties.decisions", 0.0, "0%"),
        ("t2.penalties.decisions", 0.0, '0"万件"'),
        ("t2.penalties.decisions", 0.0, ";;;"),
        ("t2.penalties.decisions", 5.0, "0;0"),
        ("t2.fees.charged", 2534.1, '#,##0.00"万元"'),
        ("t2.fees.charged", 25.13, '0.0"万元"'),
    ],
)
def test_what_a_cell_shows_is_its_figure(name: str, value: float, code: str) -> None:
    ret = formatted(name, value, code)
    assert ret.findings == ()
    assert ret.numbers[item(name)] == Decimal(str(value))


def test_text_shown_with_a_word_behind_it() -> None:
    assert codes(formatted("t2.penalties.decisions", "12", '@"万"')) == ["V-01", "V-19"]
    assert codes(formatted("t2.penalties.decisions", "12", '@"件"')) == ["V-01"]
    assert codes(formatted("t2.penalties.decisions", "12", "0%")) == ["V-01"]
