"""Figures of other periods beside this year's: this year's are taken, or a finding names them."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import openpyxl
import pytest
from openpyxl import Workbook

from support.declared import laid_out
from support.filled import LAYOUT
from support.matching import (
    FIGURES,
    MATCHER,
    Rows,
    assert_complete,
    codes,
    item,
    match,
    only,
    pages_of,
    rows_of,
)
from support.two_years import (
    FORMATS,
    LAST,
    THIS,
    Report,
    Table,
    below_headings,
    beside_labels,
    blocks_of_columns,
    report,
    stacked,
    table,
    with_column,
    with_left_column,
    with_row,
)
from xltools.layout.places import TableLayout
from xltools.match.labels import Period, Vocabulary, period
from xltools.match.matcher import Matcher
from xltools.model.cells import Flag, Grid
from xltools.model.form import Severity
from xltools.model.identity import PRINT
from xltools.model.numbers import Number
from xltools.model.returns import Return
from xltools.model.wording import in_words
from xltools.readers.workbook import Book, Sheet, book_of
from xltools.template.build import build
from xltools.template.opening import Subject

T2, T3, T4 = LAYOUT.tables
KEYS = [one.table.key for one in LAYOUT.tables]
GRIDS = ["xlsx", "html", "docx"]
"""The formats in which cells have columns; a text has only an order."""

Draw = Callable[[TableLayout], Table]


def read(made: Report, kind: str) -> Return:
    return MATCHER.match(book_of(FORMATS[kind](made)))


def off(ret: Return, figures: Mapping[int, Number] = THIS) -> list[str]:
    return [LAYOUT.form.items[i].name for i, n in figures.items() if ret.numbers[i] != n]


def asked(ret: Return) -> set[str]:
    """The codes of what somebody has to do something about."""
    return {f.code for f in ret.findings if f.severity is not Severity.NOTE}


@pytest.mark.parametrize("kind", FORMATS)
def test_tables_as_drawn_have_no_finding(kind: str) -> None:
    ret = read(report(table), kind)
    assert (off(ret), set(codes(ret)) - {"M-03"}) == ([], set())


# Certain: words tell which is this year's


def reverse(draw: Callable[..., Table], *words: str) -> Draw:
    return lambda one: draw(one, words, (THIS, LAST))


CERTAIN: dict[str, Draw] = {
    "上年数 and 本年数 below each heading": below_headings,
    "本年数 before 上年数": reverse(below_headings, "本年数", "上年数"),
    "2024年 and 2025年 below each heading": lambda o: below_headings(o, ("2024年", "2025年")),
    "years as numbers below each heading": lambda o: below_headings(o, (2024, 2025)),  # type: ignore[arg-type]  # because a year may be typed as a number
    "three columns below each heading": lambda o: below_headings(
        o, ("上年", "本年", "同比增减"), (LAST, THIS, LAST)
    ),
    "blocks of columns": blocks_of_columns,
    "blocks of columns, this year's first": reverse(blocks_of_columns, "本年", "上年同期"),
    "上年 and 本年 beside each label": beside_labels,
    "2025年 before 2024年 beside each label": reverse(beside_labels, "2025年", "2024年"),
    "tables one below the other": stacked,
    "this year's table above": reverse(stacked, "2025年", "2024年"),
    "tables under whole titles": lambda o: stacked(o, ("甲局2024年统计表", "甲局2025年统计表")),
}


@pytest.mark.parametrize("kind", GRIDS)
@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("how", CERTAIN)
def test_certain_is_taken_and_told(how: str, key: str, kind: str) -> None:
    ret = read(report(CERTAIN[how], key), kind)
    assert (off(ret), asked(ret)) == ([], set())
    found = only(ret, "M-15")
    assert in_words(found.detail) == next(
        t.table.title for t in LAYOUT.tables if t.table.key == key
    )


def test_the_note_names_the_ranges_and_the_words() -> None:
    found = only(read(report(below_headings, "t3"), "docx"), "M-15")
    assert found.cells[:2] == ("D6", "F6")
    assert in_words(found.found).startswith("D6:D30、F6:F30、")
    assert in_words(found.expected) == "上年数"


@pytest.mark.parametrize("kind", GRIDS)
@pytest.mark.parametrize("key", ["t2", "t3"])
@pytest.mark.parametrize(
    "heading", ["上年同期", "去年", "上年（2024年）", "2024年", "累计", "同比增减"]
)
def test_column_of_another_period_on_the_right(heading: str, key: str, kind: str) -> None:
    ret = read(report(lambda o: with_column(o, heading, lambda n, _: 900 + 7 * n), key), kind)
    assert (off(ret), asked(ret)) == ([], set())
    assert in_words(only(ret, "M-15").expected) == heading


@pytest.mark.parametrize("kind", GRIDS)
@pytest.mark.parametrize("key", ["t2", "t3"])
@pytest.mark.parametrize("at", [5, None])
def test_row_of_another_period(at: int | None, key: str, kind: str) -> None:
    """Between rows, and below the last."""

    def draw(one: TableLayout) -> Table:
        return with_row(one, at or len(one.drawing.heights), "上年数", lambda n: 900 + 7 * n)

    ret = read(report(draw, key), kind)
    assert (off(ret), asked(ret)) == ([], set())
    assert in_words(only(ret, "M-15").expected) == "上年数"


def test_headings_with_the_period_in_brackets() -> None:
    rows = rows_of(T3)
    double(rows, T3, lambda text: (f"{text}（上年）", f"{text}（本年）"))
    ret = match({"表二": rows_of(T2), "Sheet1": rows, "表四": rows_of(T4)})
    assert_complete(ret)
    assert asked(ret) == set()
    assert in_words(only(ret, "M-15").expected).startswith(
        "自然人（上年）、总计（上年）、商业企业（上年）"
    )


def double(rows: Rows, table: TableLayout, words: Callable[[str], tuple[str, str]]) -> None:
    """Before each column of figures one more, the lowest headings of both as words say."""
    places = {LAYOUT.address(b.item) for b in table.drawing.boxes if b.item is not None}
    first = min(p.row for p in places)
    for col in sorted({p.col for p in places}, reverse=True):
        low = max(r for r in range(1, first) if rows[r][col])
        before, own = words(str(rows[low][col]))
        for r, row in enumerate(rows):
            row.insert(col, 5.0 + r if isinstance(row[col], float) else "")
        rows[low][col], rows[low][col + 1] = before, own


def test_label_of_another_period_is_not_the_label() -> None:
    """上年制发件数 is near to 本年制发件数, and is not it."""
    pages = pages_of()
    rows = pages["表二"]
    at = LAYOUT.address(item("t2.regulations.issued"))
    for r, row in enumerate(rows):
        row.insert(at.col, 5.0 if isinstance(row[at.col], float) else "")
        if row[at.col + 1] == "本年制发件数":
            rows[r][at.col] = "上年制发件数"
    ret = match(pages, ours=True)
    assert_complete(ret)
    assert (asked(ret), in_words(only(ret, "M-15").expected)) == (set(), "上年制发件数")
    pages = pages_of()
    for row in pages["表二"]:
        row[:] = ["上年制发件数" if v == "本年制发件数" else v for v in row]
    ret = match(pages, ours=True)
    assert ret.numbers[item("t2.regulations.issued")] is None
    assert "本年制发件数" in in_words(only(ret, "M-02").found)


# Not certain: a fatal finding or a query that names the range


UNCERTAIN: dict[str, Draw] = {
    "two columns below each heading": lambda o: below_headings(o, ()),
    "two rows beside each label": lambda o: beside_labels(o, ()),
    "two blocks of columns": lambda o: blocks_of_columns(o, ()),
    "years that are not the report's": lambda o: below_headings(o, ("2022年", "2023年")),
    "上年数 alone": lambda o: below_headings(o, ("上年数",), (LAST,)),
}


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("how", UNCERTAIN)
def test_what_could_equally_be_this_years_is_fatal(how: str, key: str, kind: str) -> None:
    ret = read(report(UNCERTAIN[how], key), kind)
    title = next(t.table.title for t in LAYOUT.tables if t.table.key == key)
    fatal = [
        f for f in ret.findings if f.severity is Severity.FATAL and in_words(f.detail) == title
    ]
    assert fatal, codes(ret)


def test_the_ranges_that_could_be_this_years_are_named() -> None:
    found = only(read(report(lambda o: below_headings(o, ()), "t3"), "xlsx"), "M-11")
    assert in_words(found.found).startswith("E7:E31、G7:G31")
    found = only(read(report(lambda o: beside_labels(o, ()), "t3"), "xlsx"), "M-11")
    assert in_words(found.found).startswith("D7:J7、D9:J9")


@pytest.mark.parametrize("key", KEYS)
def test_rows_without_a_label_in_a_text(key: str) -> None:
    ret = read(report(lambda o: beside_labels(o, (), (THIS, LAST)), key), "text")
    assert asked(ret) >= {"M-11"}


def test_rows_beside_words_of_a_period_in_a_text() -> None:
    assert "M-11" in asked(read(report(beside_labels, "t4"), "text"))


@pytest.mark.parametrize("kind", GRIDS)
@pytest.mark.parametrize("key", ["t2", "t3"])
@pytest.mark.parametrize("heading", ["合计", "备注"])
def test_column_that_says_nothing_of_its_period(heading: str, key: str, kind: str) -> None:
    ret = read(report(lambda o: with_column(o, heading, lambda n, _: 900 + 7 * n), key), kind)
    assert (off(ret), asked(ret)) == ([], {"M-10"})
    right = "K" if key == "t3" else "E"
    assert in_words(only(ret, "M-10").found).startswith(right)


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("key", ["t2", "t3"])
def test_row_under_a_label_of_no_item(key: str, kind: str) -> None:
    ret = read(report(lambda o: with_row(o, 5, "其中：涉外", lambda n: 900 + 7 * n), key), kind)
    if (key, kind) != ("t3", "text"):  # its headings stand in two rows
        assert (off(ret), asked(ret)) == ([], {"M-10"})


# Left out


def running(start: int = 1) -> Callable[..., int]:
    return lambda n, *_: start + n


EXCLUDED: dict[str, Draw] = {
    "line numbers under 序号": lambda o: with_left_column(o, "序号", running()),
    "line numbers alone": lambda o: with_left_column(o, "", running(8)),
    "line numbers on the right": lambda o: with_column(o, "行次", running()),
    "codes under 代码": lambda o: with_left_column(o, "代码", lambda n: 10100 + 17 * n),
    "codes with a leading zero": lambda o: with_left_column(o, "", lambda n: f"0{n + 1}"),
    "shares by their heading": lambda o: with_column(o, "占比（%）", lambda n, _: 5 + 7 * n),
    "shares by their text": lambda o: with_column(o, "备注", lambda n, _: f"{5 + 7 * n}.5%"),
    "the last column again": lambda o: with_column(o, "合计", lambda _, row: _last(o, row)),
    "blanks and strokes": lambda o: with_column(o, "备注", lambda n, _: "—" if n % 2 else ""),
    "words": lambda o: with_column(o, "备注", lambda n, _: "见附件2"),
    "column numbers": lambda o: with_row(o, 4, "栏次", running()),
}


def _last(one: TableLayout, row: int) -> Number:
    items = [b for b in one.drawing.boxes if b.item is not None and b.row == row]
    at = max(items, key=lambda b: b.col).item
    assert at is not None
    return THIS[at]


@pytest.mark.parametrize("kind", GRIDS)
@pytest.mark.parametrize("key", ["t2", "t3"])
@pytest.mark.parametrize("how", EXCLUDED)
def test_what_is_no_figure_of_its_own(how: str, key: str, kind: str) -> None:
    ret = read(report(EXCLUDED[how], key), kind)
    assert (off(ret), set(codes(ret)) - {"M-03"}) == ([], set())


@pytest.mark.parametrize("kind", GRIDS)
def test_numbers_of_columns_over_a_single_row(kind: str) -> None:
    ret = read(report(lambda o: with_row(o, 4, "", running()), "t4"), kind)
    assert (off(ret), set(codes(ret)) - {"M-03"}) == ([], set())


def test_a_sum_of_neighbours_repeats_what_is_there() -> None:
    """法人小计 beside the kinds of legal persons."""
    pages = pages_of()
    rows = pages["表三"]
    for r, row in enumerate(rows):
        kinds = row[4:9]
        numbers = [kind for kind in kinds if isinstance(kind, float)]
        row.append(sum(numbers) if numbers else "法人小计" if r == 2 else "")
    ret = match(pages)
    assert_complete(ret)
    assert not ret.findings


def test_shares_by_number_format() -> None:
    pages = pages_of()
    flags = {}
    for r, row in enumerate(pages["表三"]):
        row.append(0.25 if r >= 4 else "")
        flags[r, len(row) - 1] = Flag(format="0.0%")
    ret = match(pages, {"表三": flags})
    assert_complete(ret)
    assert not ret.findings


@pytest.mark.parametrize("words", ["现行有效件数（累计）", "现行有效件数（历年累计）"])
def test_a_count_over_years_keeps_its_label(words: str) -> None:
    pages = pages_of()
    for row in pages["表二"]:
        row[:] = [words if v == "现行有效件数" else v for v in row]
    ret = match(pages)
    assert_complete(ret)
    assert set(codes(ret)) <= {"M-04"}


def test_figures_that_look_like_years_are_figures() -> None:
    figures = {i: 2015 + n % 7 for n, i in enumerate(FIGURES)}
    ret = match({one.sheet: rows_of(one, figures) for one in LAYOUT.tables})
    assert ret.numbers == list(figures.values())
    assert not ret.findings


# In our own workbook


BLANK = build(LAYOUT, Subject(year=2025, unit="甲局"), "x")


def sent(change: Callable[[Workbook], object], *, values: bool = False) -> Return:
    """Our template filled in and changed. ``values``: as programs keep it that keep no formulas."""
    book = openpyxl.load_workbook(io.BytesIO(BLANK))
    if values:
        for sheet in book:
            for row in sheet.iter_rows():
                for cell in row:
                    if isinstance(cell.value, str) and cell.value.startswith("="):
                        cell.value = None if sheet.title == PRINT else 0
    for i, number in THIS.items():
        at = LAYOUT.address(i)
        if values or LAYOUT.form.items[i].formula is None:
            book[at.sheet][at.a1] = float(number)
    change(book)
    out = io.BytesIO()
    book.save(out)
    return MATCHER.match(book_of(out.getvalue()))


def typed(sheet: str, rows: Sequence[int], cols: Sequence[int]) -> Callable[[Workbook], None]:
    """Figures in rows and columns counted from 1."""

    def change(book: Workbook) -> None:
        for r in rows:
            for c in cols:
                book[sheet].cell(r, c, 3 * r + 7 * c)

    return change


def inputs_off(ret: Return) -> list[str]:
    return off(ret, {i.index: THIS[i.index] for i in LAYOUT.form.inputs()})


@pytest.mark.parametrize("values", [False, True])
def test_our_own_workbook_has_no_strays(values: bool) -> None:
    ret = sent(lambda _: None, values=values)
    assert (inputs_off(ret), codes(ret)) == ([], [])


TYPED = {
    "right of the table": ("表三", range(5, 30), [11], "K5:K29"),
    "over the hidden columns": ("表三", range(5, 30), [15], "O5:O29"),
    "far to the right": ("表三", range(5, 30), [24], "X5:X29"),
    "a single one": ("表三", [7], [24], "X7"),
    "over the states below": ("表三", [30], range(4, 11), "D30:J30"),
    "below the links": ("表三", [34], range(4, 11), "D34:J34"),
    "a second row": ("表四", [8], range(1, 16), "A8:O8"),
    "beside blocks": ("表二", [4, 5, 8, 11, 12, 15], [5], "E4:E5、E8:E15"),
}


@pytest.mark.parametrize("how", TYPED)
def test_figures_typed_beside_our_table(how: str) -> None:
    sheet, rows, cols, found = TYPED[how]
    ret = sent(typed(sheet, rows, cols))
    assert (inputs_off(ret), codes(ret)) == ([], ["M-10"])
    assert (only(ret, "M-10").sheet, in_words(only(ret, "M-10").found)) == (sheet, found)


def test_columns_put_into_our_table() -> None:
    def change(book: Workbook) -> None:
        book["表三"].insert_cols(8)
        typed("表三", range(5, 30), [8])(book)

    ret = sent(change)
    assert (inputs_off(ret), in_words(only(ret, "M-11").found)) == ([], "H5:H29")


def test_words_of_a_period_beside_our_table() -> None:
    def change(book: Workbook) -> None:
        typed("表三", range(5, 30), [11])(book)
        book["表三"].cell(3, 11, "上年同期")

    for values in (False, True):
        ret = sent(change, values=values)
        assert (inputs_off(ret), codes(ret)) == ([], ["M-15"])


def test_remarks_and_telephones_are_no_strays() -> None:
    def change(book: Workbook) -> None:
        book["表三"].cell(7, 24, "含自然失效3件，见说明")
        book["表三"].cell(36, 1, "联系电话")
        book["表三"].cell(36, 2, 13800000000)

    assert codes(sent(change)) == []


def test_last_years_table_on_a_sheet_that_says_so() -> None:
    def change(book: Workbook) -> None:
        book.copy_worksheet(book["表三"]).title = "2024年表三"
        typed("2024年表三", range(5, 30), range(4, 10))(book)

    ret = sent(change)
    assert (inputs_off(ret), codes(ret)) == ([], ["M-13"])
    assert in_words(only(ret, "M-13").found) == "2024年表三!A1"


# Bounds and other forms


def test_tables_on_sheets_named_by_years() -> None:
    other = {i: n + 1 for i, n in FIGURES.items()}
    pages = {f"2024年{one.sheet}": rows_of(one, other) for one in LAYOUT.tables}
    pages |= {f"2025年{one.sheet}": rows_of(one) for one in LAYOUT.tables}
    ret = match(pages)
    assert_complete(ret)
    assert [c for c in codes(ret) if c != "M-03"] == ["M-15"] * 3


def test_form_with_last_year_of_its_own() -> None:
    """上年决算数 is a column of the form, and keeps its figures under shorter words too."""
    layout = laid_out("sangong-2024")
    (only,) = layout.tables
    figures = {i.index: 100 + 7 * i.index for i in layout.form.items}
    for words in ("上年决算数", "上年决算数（决算口径）", "增减"):
        label = words if words in ("上年决算数", "增减") else "上年决算数"
        rows: Rows = [["" for _ in only.drawing.widths] for _ in only.drawing.heights]
        for b in only.drawing.boxes:
            text = words if b.text.removesuffix("额") == label.removesuffix("额") else b.text
            rows[b.row][b.col] = text if b.item is None else float(figures[b.item])
        grid = Grid(name="表", rows=rows)
        book = Book([Sheet(name="表", visible=True)], partial(lambda one, *_: one, grid))
        ret = Matcher(layout).match(book)
        assert ret.numbers == list(figures.values())
        assert set(codes(ret)) <= {"M-03", "M-04"}


@pytest.mark.parametrize("cells", ["上年数", 2024.0, "2024年统计表"])
def test_words_of_a_period_without_end_take_no_time(cells: str | float) -> None:
    pages = pages_of()
    for rows in pages.values():
        for row in rows:
            row.extend([cells] * 180)
        rows += [[cells] * 200 for _ in range(300)]
    start = time.process_time()
    match(pages)
    assert time.process_time() - start < 20


# Words


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("上年数", Period.BEFORE), ("上一年", Period.BEFORE), ("去年同期", Period.BEFORE),
        ("本年数", Period.THIS), ("本年度", Period.THIS), ("2024年", 2024), ("2024年度数", 2024),
        ("二〇二四年", 2024), ("二○二五年度", 2025), ("累计", Period.RUNNING),
        ("比上年增减", Period.CHANGE), ("同比", Period.CHANGE), ("上半年", Period.PART),
        ("24年数", 2024), ("国办公开办函〔2021〕30号 2024年度", 2024),
        # Those of a document or an edition are no period.
        ("国办公开办函〔2021〕30号", None), ("2021年版", None), ("2021年第3号", None),
        ("10年以上", None),
        ("自然人", None), ("结转下年度继续办理", None), ("2024年至2025年", None),
        ("本年（含上年结转）", None), ("12024年", None),
    ],
)  # fmt: skip
def test_words_of_a_period(text: str, said: Period | int | None) -> None:
    assert period(text) == said


def test_a_label_keeps_its_own_period() -> None:
    words = Vocabulary(
        [("二、上年结转政府信息公开申请数量",), ("一、本年新收政府信息公开申请数量",)]
    )
    assert set(words.find("二、去年结转政府信息公开申请数量")) == {0}
    assert set(words.find("一、上年新收政府信息公开申请数量")) == set()
