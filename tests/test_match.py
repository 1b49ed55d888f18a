"""Matching: the figures come back from wherever the tables went, or a finding says why not."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from support.client import Office
from support.drawn import draw
from support.filled import FORM, LAYOUT
from support.matching import (
    COUNT,
    FIGURES,
    MATCHER,
    T2,
    T3,
    T4,
    Flags,
    Pages,
    Rows,
    assert_complete,
    codes,
    delete_column,
    identity_rows,
    insert_columns,
    insert_rows,
    item,
    match,
    only,
    pages_of,
    paste,
    put,
    relabel,
    rows_of,
)
from xltools.layout.places import TEXT_SHEET
from xltools.model.cells import Address, Flag, Raw
from xltools.model.findings import Finding, Words
from xltools.model.identity import (
    CHECKS,
    CHECKS_TOP,
    COVER,
    DATE,
    FIELDS,
    FILLER,
    IDENTITY,
    PHONE,
    PRINT,
    UNIT,
    WHY,
    YEAR,
    ZERO,
    Identity,
)
from xltools.model.returns import Return, Status
from xltools.model.wording import in_words
from xltools.readers.workbook import open_book
from xltools.template.build import build
from xltools.template.opening import Subject

# At the expected cells


@pytest.mark.parametrize("ours", [True, False])
def test_in_place(ours: bool) -> None:
    ret = match(pages_of(), ours=ours)
    assert_complete(ret)
    assert not ret.findings
    assert list(ret.places) == list(LAYOUT.addresses)
    assert (ret.identity is not None) == ours
    # Totals stand there as plain numbers: they were typed.
    assert ret.typed == {i.index for i in FORM.items if i.formula is not None}


NOTHING: dict[str, Callable[[str], str]] = {
    "line breaks": "\n".join,
    "spaces": lambda t: "\u3000".join(t) + " \u00a0",
    "ascii brackets": lambda t: t.replace("（", "(").replace("）", ")").replace("：", ":"),
    "comma for point": lambda t: t.replace(".", "、"),
    "full-width digits": lambda t: "".join(chr(ord(c) + 0xFEE0) if c.isdigit() else c for c in t),
    "straight quotes": lambda t: t.replace("“", '"').replace("”", '"'),
}


@pytest.mark.parametrize("name", NOTHING)
@pytest.mark.parametrize("moved", [False, True])
def test_harmless_writing(name: str, moved: bool) -> None:
    pages = pages_of()
    for rows in pages.values():
        for row in rows:
            row[:] = [NOTHING[name](v) if isinstance(v, str) and v else v for v in row]
        if moved:
            insert_rows(rows, 0)
    ret = match(pages, ours=True)
    assert_complete(ret)
    assert codes(ret) == (["M-03"] * 3 if moved else [])


# Figures


def test_inputs_of_every_kind() -> None:
    pages = pages_of()
    flags: Flags = {"表三": {}}
    values: dict[str, tuple[Raw, Flag | None]] = {
        "t3.received.natural": ("3件", None),
        "t3.received.business": ("1，234", None),
        "t3.received.research": ("/", None),
        "t3.received.welfare": ("约3", None),
        "t3.received.legal": (5.0, Flag(formula=True)),
        "t3.received.others": ("", Flag(formula=True, cached=False)),
        "t3.carried_in.natural": (date(2026, 1, 2), None),
        "t3.carried_in.business": (True, None),
        "t3.carried_in.research": ("", Flag(error="#DIV/0!")),
        "t3.carried_in.welfare": (-2.0, None),
        "t3.carried_in.legal": (2.5, None),
        "t3.carried_in.others": (1e13, None),
        "t3.granted.natural": ("  ", None),
        "t3.granted.business": (float("nan"), None),
        "t3.granted.research": ("4.5件", None),
    }
    for name, (value, flag) in values.items():
        at = put(pages, name, value)
        if flag is not None:
            flags["表三"][at[1:]] = flag
    ret = match(pages, flags, ours=True)
    got = {n: (ret.statuses[item(n)].value, ret.numbers[item(n)]) for n in values}
    bad = ("unreadable", None)
    assert got == {
        "t3.received.natural": ("given", 3),
        "t3.received.business": ("given", 1234),
        "t3.received.research": ("void", 0),
        "t3.received.welfare": bad,
        "t3.received.legal": ("given", 5),
        "t3.received.others": bad,
        "t3.carried_in.natural": bad,
        "t3.carried_in.business": bad,
        "t3.carried_in.research": bad,
        "t3.carried_in.welfare": ("given", -2),
        "t3.carried_in.legal": ("given", Decimal("2.5")),
        "t3.carried_in.others": ("given", 10**13),
        "t3.granted.natural": ("blank", None),
        "t3.granted.business": bad,
        "t3.granted.research": ("given", Decimal("4.5")),
    }
    said = {
        f.code: (f.cells, f.items, in_words(f.found), in_words(f.expected)) for f in ret.findings
    }
    assert said == {
        "V-01": (
            ("D5", "E5", "F7"),
            ("t3.received.natural", "t3.received.business", "t3.granted.research"),
            "3件、1，234、4.5件",
            "3、1234、4.5",
        ),
        "V-02": (
            ("G5", "E7"),
            ("t3.received.welfare", "t3.granted.business"),
            "约3、nan",
            "",
        ),
        "V-03": (("H5",), ("t3.received.legal",), "5", ""),
        "V-04": (("D6",), ("t3.carried_in.natural",), "2026-01-02", ""),
        "V-05": (("E6",), ("t3.carried_in.business",), "TRUE", ""),
        "V-06": (("F6",), ("t3.carried_in.research",), "#DIV/0!", ""),
        "V-07": (("G6",), ("t3.carried_in.welfare",), "-2", ""),
        "V-08": (
            ("H6", "F7"),
            ("t3.carried_in.legal", "t3.granted.research"),
            "2.5、4.5",
            "",
        ),
        "V-09": (("F5",), ("t3.received.research",), "/", ""),
        "V-10": (("I5",), ("t3.received.others",), "", ""),
        "V-11": (("I6",), ("t3.carried_in.others",), "10000000000000", "999999999"),
    }
    assert all(f.sheet == "表三" and f.labels for f in ret.findings)
    assert ret.found[item("t3.received.natural")] == "3件"
    assert all(Words().message(f) for f in ret.findings)


def test_amounts_take_money_units() -> None:
    pages = pages_of()
    put(pages, "t2.fees.charged", "251000元")
    ret = match(pages, ours=True)
    assert ret.numbers[item("t2.fees.charged")] == Decimal("25.1")
    found = only(ret, "V-01")
    assert (in_words(found.found), in_words(found.expected), found.cells) == (
        "251000元",
        "25.1",
        ("B15",),
    )
    put(pages, "t2.licences.decisions", "251000元")
    assert only(match(pages, ours=True), "V-02").cells == ("B8",)


def test_totals() -> None:
    pages = pages_of()
    flags: Flags = {"表四": {}}
    for name, value, flag in (
        ("t4.review_total", 7.0, Flag(formula=True)),
        ("t4.direct_total", "", Flag(formula=True, cached=False)),
        ("t4.after_total", "四件", None),
    ):
        at = put(pages, name.replace("t4.", "t4.cases."), value)
        if flag:
            flags["表四"][at[1:]] = flag
    put(pages, "t3.received.total", "")
    put(pages, "t3.carried_in.total", " 12 ")
    put(pages, "t3.granted.total", "—")
    ret = match(pages, flags, ours=True)

    def state(name: str) -> tuple[Status, object, bool]:
        i = item(name)
        return ret.statuses[i], ret.numbers[i], i in ret.typed

    assert state("t4.cases.review_total") == (Status.GIVEN, 7, False)
    assert state("t4.cases.direct_total") == (Status.BLANK, None, False)
    assert state("t4.cases.after_total") == (Status.UNREADABLE, None, True)
    assert ret.found[item("t4.cases.after_total")] == "四件"
    assert state("t3.received.total") == (Status.BLANK, None, True)
    assert state("t3.carried_in.total") == (Status.GIVEN, 12, True)
    assert state("t3.granted.total") == (Status.VOID, 0, True)
    assert not ret.findings


def test_total_with_an_error() -> None:
    pages = pages_of()
    at = put(pages, "t4.cases.review_total", "")
    flag = Flag(formula=True, error="#VALUE!")
    ret = match(pages, {"表四": {at[1:]: flag}}, ours=True)
    i = item("t4.cases.review_total")
    assert (ret.statuses[i], ret.found[i], i in ret.typed) == (Status.UNREADABLE, "#VALUE!", False)


# Moved


def test_rows_and_columns_inserted() -> None:
    pages = pages_of()
    insert_rows(pages["表二"], 4)
    insert_rows(pages["表三"], 12, 2)
    insert_rows(pages["表三"], 0)
    insert_columns(pages["表三"], 5)
    insert_columns(pages["表四"], 0, 2)
    ret = match(pages, ours=True)
    assert_complete(ret)
    assert [(f.code, in_words(f.found)) for f in ret.findings] == [
        ("M-03", "第5行起下移1行"),
        ("M-03", "第5至12行下移1行，第13行起下移3行，F列起右移1列"),
        ("M-03", "A列起右移2列"),
    ]
    assert in_words(one_of(ret, 0).detail) == T2.table.title
    place = ret.places[item("t3.received.research")]
    assert place is not None and (place.sheet, place.a1) == ("表三", "G6")


def one_of(ret: Return, n: int) -> Finding:
    return ret.findings[n]


def test_rows_and_columns_moved() -> None:
    pages = pages_of()
    rows = pages["表三"]
    rows.insert(20, rows.pop(9))
    for row in rows[1:]:
        row[4], row[5] = row[5], row[4]
    # The merged heading over both stays where it was.
    rows[2][4], rows[2][5] = rows[2][5], rows[2][4]
    ret = match(pages, ours=True)
    assert_complete(ret)
    assert codes(ret) == ["M-03"]
    assert "第10行移到第21行" in in_words(ret.findings[0].found)


def test_sheet_renamed() -> None:
    pages = {("附表3" if n == "表三" else n): rows for n, rows in pages_of().items()}
    ret = match(pages, ours=True)
    assert_complete(ret)
    assert [(f.code, in_words(f.found), f.sheet) for f in ret.findings] == [
        ("M-03", "在工作表“附表3”", "附表3")
    ]


def test_heading_rows_unmerged() -> None:
    """Merged headings taken apart, and repeated in every cell or row."""
    pages = pages_of()
    for table in LAYOUT.tables:
        for box in table.drawing.boxes:
            if box.item is None and box.text:
                for r in range(box.row, box.row + box.height):
                    for c in range(box.col, box.col + box.width):
                        pages[table.sheet][r][c] = box.text
    assert_complete(match(pages, ours=True))
    for rows in pages.values():
        insert_columns(rows, 0)
        insert_rows(rows, 0)
    ret = match(pages, ours=True)
    assert_complete(ret)
    assert codes(ret) == ["M-03"] * 3


SIDE_BY_SIDE = [("B2", 1, 1), ("I4", 3, 8), ("V1", 0, 21)]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
@pytest.mark.parametrize("titles", [True, False])
def test_foreign_workbook_side_by_side(order: Sequence[int], titles: bool) -> None:
    rows: Rows = []
    left = 2
    for n, at in enumerate(order):
        source = rows_of(LAYOUT.tables[at])
        if not titles:
            source[0][0] = ""
        paste(rows, source, 2 + n, left)
        left += len(source[0]) + (n % 2)
    ret = match({"Sheet1": rows})
    assert_complete(ret)
    assert codes(ret) == ["M-03"] * 3
    assert all(in_words(f.found).startswith("在工作表“Sheet1”的 ") for f in ret.findings)
    assert ret.identity is None


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (2, 1, 0)])
@pytest.mark.parametrize("gap", [0, 3])
@pytest.mark.parametrize("titles", [True, False])
def test_foreign_workbook_one_below_the_other(order: Sequence[int], gap: int, titles: bool) -> None:
    rows: Rows = []
    for at in order:
        source = rows_of(LAYOUT.tables[at])
        if not titles:
            source[0][0] = ""
        paste(rows, source, len(rows) + gap, 3)
    ret = match({"Sheet1": rows})
    assert_complete(ret)
    assert codes(ret) == ["M-03"] * 3


def test_place_of_a_copied_table() -> None:
    rows = paste([], rows_of(T3), 3, 2)
    ret = match({"表二": rows_of(T2), "Sheet1": rows, "表四": rows_of(T4)}, ours=True)
    assert_complete(ret)
    found = only(ret, "M-03")
    assert (found.sheet, found.cells, in_words(found.found)) == (
        "Sheet1",
        ("C4",),
        "在工作表“Sheet1”的 C4 起",
    )


def test_blank_rows_between_heading_and_figures() -> None:
    pages = pages_of()
    insert_rows(pages["表四"], 4, 2)
    ret = match(pages, ours=True)
    assert_complete(ret)
    assert codes(ret) == ["M-03"]


def test_blank_table_of_one_row_is_blank() -> None:
    inputs = {i.index: FIGURES[i.index] for i in FORM.items if i.table != "t4"}
    pages = pages_of(inputs)
    pages["表四"].append(["", "", "注：本表由法制机构填写", *[""] * 12])
    insert_columns(pages["表四"], 0)
    ret = match(pages, ours=True)
    own = [i.index for i in FORM.inputs("t4")]
    assert {ret.statuses[i] for i in own} == {Status.BLANK}
    assert codes(ret) == ["M-03"]


# Labels


DAMAGED = {
    "规范性文件": ("行政规范性文件", "规范性文件", "表二"),
    "历史累计": ("现行有效件数", "现行有效件数（历史累计）", "表二"),
    "one character": ("3.危及“三安全一稳定”", "3.危及“三安全一隐定”", "表三"),
    "number lost": ("4.保护第三方合法权益", "保护第三方合法权益", "表三"),
    "total without number": ("（七）总计", "总计", "表三"),
    "remark lost": (
        "（二）部分公开（区分处理的，只计这一情形，不计其他情形）",
        "（二）部分公开",
        "表三",
    ),
    "short": ("规章", "规草", "表二"),
    "spanner": ("法律服务机构", "法律服务机关", "表三"),
    "block": ("第二十条第（五）项", "第二十条第（5）项", "表二"),
    "fee": ("本年收费金额（单位：万元）", "本年收费金额", "表二"),
}


@pytest.mark.parametrize("name", DAMAGED)
@pytest.mark.parametrize("moved", [False, True])
def test_label_reworded_or_damaged(name: str, moved: bool) -> None:
    label, text, sheet = DAMAGED[name]
    pages = pages_of()
    relabel(pages[sheet], {label: text})
    if moved:
        insert_rows(pages[sheet], 0, 2)
    ret = match(pages, ours=True)
    assert_complete(ret)
    found = only(ret, "M-04")
    assert (in_words(found.found), in_words(found.expected), found.sheet) == (text, label, sheet)
    assert codes(ret) == (["M-03", "M-04"] if moved else ["M-04"])


def test_another_money_unit_is_the_same_column_in_another_measure() -> None:
    pages = pages_of()
    relabel(pages["表二"], {"本年收费金额（单位：万元）": "本年收费金额（单位：元）"})
    ret = match(pages, ours=True)
    found = only(ret, "V-17")
    assert codes(ret) == ["V-17"]
    assert found.items == ("t2.fees.charged",)
    assert (found.cells, in_words(found.found)) == (("B14",), "元")
    fee = item("t2.fees.charged")
    assert ret.numbers[fee] == Decimal(FIGURES[fee]) / 10_000
    assert ret.found[fee] == str(FIGURES[fee])


def test_outer_label_damaged() -> None:
    pages = pages_of()
    relabel(pages["表四"], {"行政复议": "行政夏议"})
    ret = match(pages, ours=True)
    assert_complete(ret)


# Missing, and undecided


def lost(ret: Return, *names: str) -> None:
    """Exactly these items are without place and number, all others are right."""
    gone = {item(n) for n in names}
    for i in range(COUNT):
        if i in gone:
            assert (ret.numbers[i], ret.statuses[i], ret.places[i]) == (
                None,
                Status.UNREADABLE,
                None,
            )
        else:
            assert ret.numbers[i] == FIGURES[i], FORM.items[i].name


def line(table: str, *, row: str = "", column: str = "") -> list[str]:
    return [i.name for i in FORM.items if i.table == table and (row or i.row) == i.row
            and (column or i.column) == i.column]  # fmt: skip


def test_row_missing() -> None:
    pages = pages_of()
    del pages["表三"][11]
    ret = match(pages, ours=True)
    lost(ret, *line("t3", row="third_party"))
    found = only(ret, "M-02")
    assert set(found.items) == set(line("t3", row="third_party"))
    assert in_words(found.found) == "三、本年度办理结果 > （三）不予公开 > 4.保护第三方合法权益"
    assert in_words(found.detail) == T3.table.title
    assert in_words(only(ret, "M-03").found) == "第13行起上移1行"


@pytest.mark.parametrize("column", [0, 6, 9, 14])
def test_column_missing(column: int) -> None:
    pages = pages_of()
    outer = pages["表四"][1][column], pages["表四"][2][column]
    delete_column(pages["表四"], column)
    for n, text in enumerate(outer, 1):
        # What was merged over more columns stays with those that are left.
        if text in ("行政复议", "行政诉讼", "未经复议直接起诉", "复议后起诉"):
            pages["表四"][n][column] = text
    key = [i.column for i in FORM.items if i.table == "t4"][column]
    ret = match(pages, ours=True)
    lost(ret, f"t4.cases.{key}")
    assert only(ret, "M-02").items == (f"t4.cases.{key}",)


def test_group_missing_is_known_by_the_labels_above() -> None:
    pages = pages_of()
    rows = pages["表四"]
    top = rows[1][5]
    for _ in range(5):
        delete_column(rows, 5)
    rows[1][5] = top
    ret = match(pages, ours=True)
    lost(ret, *(n for n in line("t4") if ".direct" in n))


def test_group_missing_without_labels_above_is_not_guessed() -> None:
    pages = pages_of()
    rows = pages["表四"]
    for row in rows[1:]:
        del row[5:10]
    rows[1][:] = [""] * 10
    rows[2][5:] = rows[3][5:]
    rows[3][:] = [""] * 10
    ret = match(pages, ours=True)
    assert "M-01" in codes(ret) or "M-02" in codes(ret)
    assert all(ret.numbers[item(n)] is None for n in line("t4"))


@pytest.mark.parametrize("at", [4, 9, 26, 28])
def test_row_twice_is_not_guessed(at: int) -> None:
    pages = pages_of()
    rows = pages["表三"]
    rows.insert(at + 1, [v if isinstance(v, str) else 5.0 for v in rows[at]])
    insert_rows(rows, 0)
    ret = match(pages, ours=True)
    row = next(FORM.items[b.item].row for b in T3.drawing.boxes if b.item and b.row == at)
    lost(ret, *line("t3", row=row))
    assert set(only(ret, "M-02").items) == set(line("t3", row=row))


def test_table_missing() -> None:
    pages = pages_of()
    del pages["表三"]
    # The print-out repeats all tables; it is no place to enter anything.
    pages[PRINT] = rows_of(T3)
    ret = match(pages, ours=True)
    found = only(ret, "M-01")
    assert (in_words(found.found), codes(ret)) == (T3.table.title, ["M-01"])
    assert ret.missing == {"t3"}
    lost(ret, *line("t3"))


def test_print_out_under_another_name() -> None:
    pages = pages_of()
    del pages["表三"]
    rows = rows_of(T3)
    pages["打印"] = rows
    made = {
        (r, c): Flag(formula=True)
        for r, row in enumerate(rows)
        for c, v in enumerate(row)
        if isinstance(v, float)
    }
    assert codes(match(pages, {"打印": made}, ours=True)) == ["M-01"]


def test_no_table_at_all() -> None:
    ret = match({"Sheet1": [["通知", 1.0], ["其他", 2.0], ["总计", 3.0]]})
    assert ret.missing == {"t2", "t3", "t4"}
    assert codes(ret) == ["M-01"] * 3
    assert ret.numbers == [None] * COUNT


# Twice


def test_table_twice() -> None:
    pages = pages_of()
    pages["表三 (2)"] = rows_of(T3)
    ret = match(pages, ours=True)
    assert_complete(ret)
    assert not ret.findings
    pages["表三 (2)"][4][3] = 999.0
    ret = match(pages, ours=True)
    found = only(ret, "M-05")
    assert in_words(found.found) == "表三!A1、表三 (2)!A1"
    assert in_words(found.detail) == T3.table.title


@pytest.mark.parametrize("at", [0, 1, 2])
@pytest.mark.parametrize("shift", [(2, 0), (0, 0), (2, 1), (0, 1)])
@pytest.mark.parametrize("below", [True, False])
def test_table_twice_on_its_sheet(at: int, shift: tuple[int, int], below: bool) -> None:
    table = LAYOUT.tables[at]
    top, left = shift
    if below:
        top += len(table.drawing.heights)
    else:
        left += len(table.drawing.widths)
    pages = pages_of()
    other = {i: n + 1 for i, n in FIGURES.items()}
    paste(pages[table.sheet], rows_of(table, other), top, left)
    ret = match(pages, ours=True)
    assert codes(ret) == ["M-05"]
    assert_complete(ret)


def test_blank_copy_says_nothing() -> None:
    pages = pages_of()
    pages["草稿"] = rows_of(T3, {})
    ret = match(pages, ours=True)
    assert_complete(ret)
    assert not ret.findings
    pages["草稿"], pages["表三"] = pages["表三"], pages["草稿"]
    ret = match(pages)
    assert_complete(ret)
    assert codes(ret) == ["M-03"]


# What stands beside the tables


TEXTS = {
    "p1.active": "主动公开信息12条。\n第二段。",
    "p1.supervision": "开展监督。",
    "p6.matters": "本年未收取信息处理费。",
}
COVER_TEXTS: dict[str, str | int] = {
    UNIT: "硚口区教育局",
    YEAR: 2025,
    FILLER: " 张三 ",
    PHONE: "027-83420000",
    DATE: "2026-01-15",
    ZERO: "是",
}


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw(
        LAYOUT,
        tmp_path_factory.mktemp("drawn") / "a.xlsx",
        {i: n for i, n in FIGURES.items() if FORM.items[i].formula is None},
        fields=COVER_TEXTS,
        none=frozenset({"t4"}),
        texts=TEXTS,
        explanations={"Y-01@t3.carried_in.legal": "口径调整", "T3-01@t3.received.natural": "说明"},
        priors={"t3.carried_out.natural": 3, "t2.regulations.in_force": 66},
        identity={"category": "工作机构"},
    )


def test_whole_workbook(drawn: Path) -> None:
    ret = MATCHER.match(open_book(drawn))
    assert not ret.findings
    assert all(ret.numbers[i.index] == FIGURES[i.index] for i in FORM.inputs())
    assert not ret.typed
    total = FORM.items[item("t3.received.total")]
    assert total.formula is not None
    assert ret.numbers[total.index] == total.formula.value(ret.numbers)
    assert ret.identity == Identity(
        kind="return",
        form="zfxxgk",
        edition="2021",
        unit="硚口区教育局",
        code="01",
        year=2025,
        version="0.1.0",
        category="工作机构",
    )
    assert (ret.unit, ret.year, ret.filler) == ("硚口区教育局", 2025, "张三")
    assert (ret.phone, ret.date, ret.zero) == ("027-83420000", "2026-01-15", True)
    assert ret.none == {"t4"}
    assert ret.texts == TEXTS
    assert ret.priors == {item("t3.carried_out.natural"): 3, item("t2.regulations.in_force"): 66}
    assert ret.explanations == {
        "Y-01@t3.carried_in.legal": "口径调整",
        "T3-01@t3.received.natural": "说明",
    }


def test_workbook_changed_by_openpyxl(drawn: Path, tmp_path: Path) -> None:
    """Rows and columns inserted by another program; formulas lose their results."""
    book = openpyxl.load_workbook(drawn)
    for ranges in [list(ws.merged_cells.ranges) for ws in book.worksheets]:
        for found in ranges:
            next(ws for ws in book.worksheets if found in ws.merged_cells.ranges).unmerge_cells(
                str(found)
            )
    book["表三"].insert_rows(6)
    book["表三"].insert_cols(1)
    book["表二"].title = "主动公开"
    book["填报"].insert_rows(1, 2)
    book["填报"]["C8"] = "83420001"
    book["填报"]["C9"] = datetime(2026, 1, 20)
    book["文字"].insert_rows(1)
    book["文字"].insert_rows(4)
    book["表四"]["A5"] = "3件"
    book["表四"]["B5"] = "=1+1"
    book["表四"]["C5"] = True
    path = tmp_path / "b.xlsx"
    book.save(path)
    ret = MATCHER.match(open_book(path))
    assert [(f.code, in_words(f.found), f.cells) for f in ret.findings] == [
        ("M-03", "在工作表“主动公开”", ("A1",)),
        ("M-03", "第6行起下移1行，D列起右移1列", ("B1",)),
        ("V-01", "3件", ("A5",)),
        ("V-10", "", ("B5",)),
        ("V-05", "TRUE", ("C5",)),
    ]
    changed = {item(f"t4.cases.review_{x}") for x in ("upheld", "corrected", "other")}
    for i in FORM.inputs():
        assert i.index in changed or ret.numbers[i.index] == FIGURES[i.index]
    assert ret.numbers[item("t4.cases.review_upheld")] == 3
    assert (ret.phone, ret.date, ret.zero, set(ret.none)) == (
        "83420001",
        "2026-01-20",
        True,
        {"t4"},
    )
    assert ret.texts == TEXTS
    # No total has a result: that is no fault of the sender.
    assert ret.statuses[item("t3.received.total")] is Status.BLANK
    assert not ret.typed


def test_template_filled_by_a_spreadsheet_program(office: Office, tmp_path: Path) -> None:
    """What the generator writes, the program saves, and is read: figure by figure."""
    blank, out = tmp_path / "blank.xlsx", tmp_path / "out.xlsx"
    subject = Subject(
        year=2025,
        unit="硚口区教育局",
        code="07",
        category="工作机构",
        priors={i: n for i, n in FIGURES.items() if i in FORM.priors},
    )
    blank.write_bytes(build(LAYOUT, subject, "abc"))
    fresh = MATCHER.match(open_book(blank))
    assert not fresh.findings and not fresh.missing and not fresh.explanations
    assert {fresh.statuses[i.index] for i in FORM.inputs()} == {Status.BLANK, Status.GIVEN}
    cells: dict[str, str | int | float] = {
        str(LAYOUT.address(i.index)): FIGURES[i.index] for i in FORM.inputs()
    }
    why = Address(CHECKS, CHECKS_TOP, WHY)
    last = Address(CHECKS, CHECKS_TOP + len(FORM.instances) - 1, WHY)
    text = Address(TEXT_SHEET, LAYOUT.texts[-1].first + 1, 0)
    cells |= {str(why): "说明一", str(last): "说明二", str(text): "本年未收费。"}
    cells |= {f"{COVER}!C{FIELDS[FILLER] + 1}": "张三"}
    filled = office.fill(blank, out, cells)
    assert not filled.refused
    ret = MATCHER.match(open_book(out))
    assert not ret.findings and not ret.typed
    for one in FORM.items:
        expected = one.formula.value(ret.numbers) if one.formula else FIGURES[one.index]
        assert ret.numbers[one.index] == expected
    names = [f"{x.rule.code}@{FORM.items[x.anchor].name}" for x in FORM.instances]
    assert ret.explanations == {names[0]: "说明一", names[-1]: "说明二"}
    assert ret.texts == {LAYOUT.texts[-1].text.name: "本年未收费。"}
    inputs = {i.index for i in FORM.inputs()}
    assert {i: n for i, n in ret.priors.items() if i in inputs} == {
        i: n for i, n in subject.priors.items() if i in inputs
    }
    assert (ret.unit, ret.year, ret.filler) == ("硚口区教育局", 2025, "张三")
    identity = ret.identity
    assert identity is not None
    assert (identity.code, identity.category) == ("07", "工作机构")


def test_another_workbook_of_ours() -> None:
    pages = pages_of()
    pages[IDENTITY] = identity_rows(kind="summary")
    ret = match(pages)
    assert ret.identity is not None and ret.identity.kind == "summary"
    assert not ret.findings and set(ret.numbers) == {None}


def test_another_edition_is_still_read() -> None:
    pages = pages_of()
    pages[IDENTITY] = identity_rows(edition="2019")
    ret = match(pages)
    assert ret.identity is not None and ret.identity.edition == "2019"
    assert_complete(ret)


def test_declarations_must_say_yes() -> None:
    pages = pages_of()
    cover: Rows = [["", ""], ["", ZERO + "：", "否"], ["", T3.table.title, " 是 "]]
    pages[COVER] = [*cover, ["", T4.table.title, "否"], ["", YEAR, "2025年"]]
    pages[CHECKS] = []
    ret = match(pages)
    assert (ret.zero, set(ret.none), ret.year) == (False, {"t3"}, 2025)


def test_text_after_the_last_row_still_counts() -> None:
    last = LAYOUT.texts[-1]
    column: list[Raw] = [""] * (last.last + 40)
    for title in LAYOUT.titles:
        column[title.row] = title.part.title
    for place in LAYOUT.texts:
        column[place.heading] = place.text.label
    column[last.last + 30] = "第三十几段"
    column[last.last + 31] = 0.0  # no paragraph
    ret = match({**pages_of(), TEXT_SHEET: [[x] for x in column]}, ours=True)
    assert ret.texts == {"p6.matters": "第三十几段"}


# Properties


@st.composite
def mangled(draw_: st.DrawFn) -> tuple[Pages, bool]:
    """Sheets with rows and columns inserted, removed and exchanged anywhere."""
    pages = deepcopy(PAGES)
    for rows in pages.values():
        for _ in range(draw_(st.integers(0, 3))):
            axis = draw_(st.sampled_from(["row", "column", "drop row", "drop column", "swap"]))
            height, width = len(rows), len(rows[0])
            if axis == "row":
                insert_rows(rows, draw_(st.integers(0, height)), draw_(st.integers(1, 4)))
            elif axis == "column":
                insert_columns(rows, draw_(st.integers(0, width)), draw_(st.integers(1, 3)))
            elif axis == "drop row" and height > 2:
                del rows[draw_(st.integers(0, height - 1))]
            elif axis == "drop column" and width > 2:
                delete_column(rows, draw_(st.integers(0, width - 1)))
            elif axis == "swap" and height > 2:
                a, b = (draw_(st.integers(0, height - 1)) for _ in range(2))
                rows[a], rows[b] = rows[b], rows[a]
    return pages, draw_(st.booleans())


PAGES = pages_of()


@given(mangled())
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_never_another_figure(case: tuple[Pages, bool]) -> None:
    pages, ours = case
    ret = match(pages, ours=ours)
    for i in range(COUNT):
        assert ret.numbers[i] in (None, FIGURES[i]), FORM.items[i].name
    gone = [i for i in range(COUNT) if ret.numbers[i] is None]
    for i in gone:
        table = next(t for t in LAYOUT.tables if t.table.key == FORM.items[i].table)
        if ret.places[i] is None:
            assert any(
                FORM.items[i].name in f.items
                or (f.code == "M-01" and in_words(f.found) == table.table.title)
                for f in ret.findings
            )
        else:
            # Its row has no label and was moved above the headings: nothing is found below them,
            # and a table blank throughout is fatal to a return.
            own = [x.index for x in FORM.items if x.table == table.table.key]
            assert table is T4
            assert {ret.statuses[x] for x in own} <= {Status.BLANK, Status.UNREADABLE}


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 3), st.booleans()), max_size=6))
@example([(4, 1, True), (0, 2, False)])
@settings(max_examples=150, deadline=None)
def test_insertions_alone_lose_nothing(cuts: list[tuple[int, int, bool]]) -> None:
    pages = deepcopy(PAGES)
    for n, (at, count, row) in enumerate(cuts):
        rows = list(pages.values())[n % 3]
        if row:
            insert_rows(rows, at % (len(rows) + 1), count)
        else:
            insert_columns(rows, at % (len(rows[0]) + 1), count)
    assert_complete(match(pages, ours=True))


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_damaged_labels_are_matched_or_named(data: st.DataObject) -> None:
    """A character of some labels is lost, doubled or replaced."""
    pages = deepcopy(PAGES)
    for rows in pages.values():
        cells = [
            (r, c)
            for r, row in enumerate(rows)
            for c, v in enumerate(row)
            if v and isinstance(v, str)
        ]
        for r, c in data.draw(st.lists(st.sampled_from(cells), max_size=4, unique=True)):
            text = str(rows[r][c])
            at = data.draw(st.integers(0, len(text) - 1))
            new = data.draw(st.sampled_from(["", text[at] * 2, "囗", "〇"]))
            rows[r][c] = text[:at] + new + text[at + 1 :]
    ret = match(pages, ours=True)
    for i in range(COUNT):
        if ret.numbers[i] is None:
            assert any(f.code in ("M-01", "M-02") for f in ret.findings)
        elif ret.numbers[i] != FIGURES[i]:
            # 万元 without its 万 is another measure.
            assert any(f.code == "V-17" and FORM.items[i].name in f.items for f in ret.findings)


# Bounds


def hostile() -> Mapping[str, Rows]:
    rng = random.Random(5)
    labels = [b.text for t in LAYOUT.tables for b in t.drawing.boxes if b.text]
    return {
        "one label everywhere": [["总计"] * 200 for _ in range(2000)],
        "labels at random": [[rng.choice(labels) for _ in range(200)] for _ in range(2000)],
        "nearly labels": [[f"行政规范性文件{r * c}" for c in range(100)] for r in range(1000)],
        "tables by the dozen": [row * 12 for _ in range(40) for row in rows_of(T3)],
        "long": [["总计" * 50_000] * 20 for _ in range(50)],
    }


@pytest.mark.parametrize("name", hostile())
def test_time_is_bounded(name: str) -> None:
    start = time.process_time()
    match({"Sheet1": hostile()[name]})
    assert time.process_time() - start < 30
