"""What people see of a cell on a web page: tables that a spreadsheet saved, and documents."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import xlsxwriter

from support import written
from support.client import Office
from support.documents import balanced, codes, read, wrong
from support.filled import FORM
from support.sheet_xml import page
from xltools.model.cells import (
    Area,
    Cell,
    CellKind,
    Flag,
    Grid,
)
from xltools.readers.css import StyleSheet, declarations
from xltools.readers.workbook import open_book

PROSE = "<p>" + "本年度按规定主动公开政府信息，依法答复申请。" * 4 + "</p>"
KINDS = ("sheet", "document")
every_kind = pytest.mark.parametrize("kind", KINDS)


def grid(kind: str, rows: str, head: str = "") -> Grid:
    """A table, alone as a spreadsheet saves one, or within the text of a page."""
    body = f"<table>{rows}</table>"
    book = page(body if kind == "sheet" else PROSE + body, head)
    assert book.document == (kind == "document")
    return book.grid(book.sheets[0].name)


def cell(kind: str, content: str, head: str = "") -> Cell:
    row = f"<tr><td>件数</td><td>{content}</td></tr>"
    return grid(kind, row + "<tr><td>甲</td><td>乙</td></tr>", head).cell(0, 1)


# Text that is no part of the figure

RAISED = {
    "sup": "<sup>1</sup>",
    "sub": "<SUB><a href='#n1'>1</a></SUB>",
    "style": "<span style='vertical-align: super; font-size:70%'>1</span>",
    "class": "<span class='note small'>1</span>",
    "in a class": "<i class='around'><b>1</b></i>",
    "guide": "<ruby><rt>1</rt></ruby>",
}
UNSEEN = {
    "s": "<s>77</s>",
    "strike": "<font color=red><strike>77</strike></font>",
    "del": "<del><span>7</span>7</del>",
    "line": "<span style='text-decoration:underline line-through'>77</span>",
    "kind of line": "<span style='TEXT-DECORATION-LINE : Line-Through !important;'>77</span>",
    "class": "<span class='old'>77</span>",
    "in a table": "<em>77</em>",
    "none": "<span style='display:none'>77</span>",
    "invisible": "<span style='visibility: hidden'>7<b>7</b></span>",
    "office": "<span style='mso-hide:all'>77</span>",
    "attribute": "<span hidden>77</span>",
    "no size": "<span style='font-size:0px'>77</span>",
    "short for no size": "<span style='font:0/0 a'>77</span>",
    "clear": "<span style='opacity:0'>77</span>",
    "white": "<font color='#FFFFFF'>77</font>",
    "white by rule": "<span style='color: rgb(255, 255, 255)'>77</span>",
    "no colour": "<span style='color:transparent'>77</span>",
}
STYLE = """<style type="text/css"><!--
@charset "utf-8"; /* td { display: none } */
.note.small, p > i { vertical-align: super; content: "}" }
td .around b { vertical-align: sub }
.old { color: gray; text-decoration: line-through }
table tr > td em { display: none !important }
@media print { td { display: none } }
@media screen { .unused { display: none } }
td:hover, :is(td, th), td + td, [class] { display: none }
--></style>"""


@every_kind
@pytest.mark.parametrize("how", RAISED)
def test_a_mark_is_cut_off(kind: str, how: str) -> None:
    found = cell(kind, "1573179" + RAISED[how], STYLE)
    assert (found.raw, found.flag) == (1573179.0, Flag(mark="1"))
    before = cell(kind, f"<p>{RAISED[how]} 1573179</p>", STYLE)
    assert (before.raw, before.flag) == (1573179.0, Flag(mark="1"))


@every_kind
@pytest.mark.parametrize("how", UNSEEN)
def test_what_nobody_sees_is_left_out(kind: str, how: str) -> None:
    found = cell(kind, UNSEEN[how] + "254", STYLE)
    assert (found.raw, found.flag) == (254.0, Flag(unseen="77"))
    whole = cell(kind, f"<p>{UNSEEN[how]}</p>", STYLE)
    assert (whole.kind, whole.flag) == (CellKind.BLANK, Flag(unseen="77"))


@every_kind
def test_text_that_counts(kind: str) -> None:
    for content in (
        "<sup>2</sup><sub>54</sub>",
        "<ins>2</ins><u>54</u>",
        "<s style='text-decoration:none'>254</s>",
        "<span style='visibility:hidden'><b style='visibility:visible'>254</b></span>",
        "<span style='font-size:0'><b style='font-size:12px'>254</b></span>",
        "<span class='hidden none del'>254</span>",
        "<span style='display:inline; opacity:0.5; color:#fffffe'>254</span>",
        "<span style='background:#00f'><font color=white>254</font></span>",
        "<span style='color:white; background:url(a;b.png) no-repeat'>254</span>",
    ):
        found = cell(kind, content, STYLE)
        assert (found.raw, found.flag) == (254.0, Flag()), content


@every_kind
def test_a_mark_on_what_is_struck_out_is_no_figure(kind: str) -> None:
    found = cell(kind, "<s>77</s><sup>1</sup>")
    assert (found.kind, found.flag) == (CellKind.BLANK, Flag(unseen="77 1"))


@every_kind
def test_looks_come_from_around(kind: str) -> None:
    gone = Flag(unseen="254")
    for row, flag in (
        ("<tr style='text-decoration:line-through'><td>件数</td><td>254</td></tr>", gone),
        ("<tbody style='color:white'><tr><td>件数</td><td>254</td></tr></tbody>", gone),
        ("<tr style='color:white' bgcolor=blue><td>件数</td><td>254</td></tr>", Flag()),
        ("<tr style='color:white'><td>件数</td><td bgcolor='#00f'>254</td></tr>", Flag()),
        ("<tr style='color:white' bgcolor=blue><td>件数<td bgcolor='#fff'>254</td></tr>", gone),
    ):
        assert grid(kind, row + "<tr><td>甲</td><td>乙</td></tr>").cell(0, 1).flag == flag, row
    table = "<table><tr><td>件数</td><td>254</td></tr></table>"
    book = page(f"<div style='color:#fff;background:#00f'>{PROSE}{table}</div>")
    assert book.grid("表1").raw(0, 1) == 254.0


def test_colours_are_not_certain_where_style_sheets_are_elsewhere() -> None:
    link = "<link rel=stylesheet href='a.css'>"
    white = "<font color=white>254</font>"
    assert cell("document", white, link).raw == 254.0
    ground = f"<span class=x style='background:#fff'>{white}</span>"
    assert cell("document", ground, link).flag == Flag(unseen="254")
    sized = "<span style='font-size:0'><b class=x>254</b></span>"
    assert cell("document", sized, link).raw == 254.0
    assert cell("document", white, "<style>@import 'a.css';</style>").raw == 254.0


def test_lines_of_blocks_are_apart() -> None:
    """A figure beside a block is not joined to what stands in it."""
    for kind in KINDS:
        assert cell(kind, "<div>77</div>254").raw == "77\n254"


def test_hidden_cells_and_rows() -> None:
    """On a page a cell that is not shown has no place; of a workbook it is a hidden column."""
    rows = (
        "<tr class=no><td>a</td><td>1</td></tr>"
        "<tr><td class=no>b</td><td>甲</td><td style='visibility:hidden'>7</td><td>2</td></tr>"
    )
    head = "<style>.no { display:none }</style>"
    shown = grid("document", rows, head)
    assert [shown.raw(0, c) for c in range(3)] == ["甲", None, 2.0]
    assert shown.cell(0, 1).flag == Flag(unseen="7")
    saved = grid("sheet", rows, head)
    assert [saved.raw(0, c) for c in range(2)] == ["a", 1.0]
    assert [saved.raw(1, c) for c in range(4)] == ["b", "甲", None, 2.0]


def test_tables_that_a_program_of_the_page_shows_are_read() -> None:
    """A style sheet may hide a part of a page until it is asked for; its tables are looked at."""
    head = "<style>.tab { display:none } .fade { visibility:hidden } .no { display:none }</style>"
    table = "<table><tr><td>件数</td><td>254</td></tr></table>"
    for name in ("tab", "fade"):
        book = page(f"<div class={name}>{PROSE}{table}</div>", head)
        assert book.grid("表1").raw(0, 1) == 254.0
    body = "<p class=no>旧</p><p class=fade>新</p><p><b class=fade>旧</b>新</p>"
    lines = [line.text for line in page(body + PROSE + table, head).lines]
    assert lines[:2] == ["新", "新"]


def test_marks_in_prose() -> None:
    """The sign of a note behind a word is left out, behind a figure it stands in brackets; what
    is raised else belongs to the text."""
    body = (
        "<p>受理申请 <span>254<sup>1</sup></span> 件<sup>[2]</sup>，面积5m<sup>2</sup>，"
        "<s>旧文</s><ruby>新<rt>xin</rt></ruby>文，第3<sup>rd</sup>次</p>"
    )
    table = "<table><tr><td>件数</td><td>254</td></tr></table>"
    lines = [line.text for line in page(body + PROSE + table).lines]
    assert lines[0] == "受理申请 254[1] 件，面积5m2，新文，第3rd次"


@every_kind
def test_a_figure_shown_from_its_end_is_none(kind: str) -> None:
    assert not isinstance(cell(kind, '<bdo dir="rtl">21</bdo>').raw, float)
    assert cell(kind, '<bdo dir="ltr">21</bdo>').raw == 21.0


MATH = {
    "<math><mn>29351</mn></math>": 29351.0,
    "<math><semantics><mn>29351</mn><annotation>29351</annotation></semantics></math>": 29351.0,
    "<math><msup><mn>10</mn><mn>2</mn></msup></math>": "10^2",
    "<math><mfrac><mn>1</mn><mn>2</mn></mfrac></math>": "1/2",
    "<math><msqrt><mn>4</mn></msqrt></math>": "msqrt(4)",
    "<!--[if gte msEquation 12]><m:oMath><i><span><m:r>29351</m:r></span></i></m:oMath>"
    "<![endif]--><![if !msEquation]><img src='a.gif'><![endif]>": 29351.0,
    "<!--[if gte msEquation 12]><m:oMath><m:sSup><m:e><m:r>10</m:r></m:e><m:sup><m:r>2</m:r>"
    "</m:sup></m:sSup></m:oMath><![endif]-->": "10^2",
}


@every_kind
@pytest.mark.parametrize("math", MATH)
def test_an_equation_is_read(kind: str, math: str) -> None:
    assert cell(kind, math).raw == MATH[math]
    beside = cell(kind, f"5{math}").raw
    assert isinstance(beside, str) and beside.startswith("5 ")


@every_kind
def test_merged_cells(kind: str) -> None:
    found = grid(
        kind,
        "<tr><td>甲</td><td colspan=2 rowspan=2>5</td></tr><tr><td>乙</td></tr>"
        "<tr><td rowspan=9>丙</td><td>1</td><td>2</td></tr><tr><td>3</td><td>4</td></tr>",
    )
    assert list(found.merges) == [Area(0, 1, 1, 2), Area(2, 0, 3, 0)]


# Numbers beside what is shown


def saved(about: str, shown: str, *, style: str = "") -> Cell:
    """A cell of a page that a spreadsheet saved."""
    head = "<xml xmlns:x='urn:schemas-microsoft-com:office:excel'></xml>"
    rows = f"<table><tr><td {about}>{shown}</td></tr></table>"
    book = page(rows, f"{head}<style>{style}</style>")
    return book.grid(book.sheets[0].name).cell(0, 0)


@pytest.mark.parametrize(
    ("about", "shown", "code"),
    [
        ('sdval="3" sdnum="2052;0;0%"', "300%", "0%"),
        ('sdval="3" sdnum="2052;0;0&quot;万件&quot;"', "3万件", '0"万件"'),
        ('sdval="30000" sdnum="2052;0;0,"', "30", "0,"),
        ('sdval="3" sdnum="2052;0;;;;"', "", ";;;"),
        ('sdval="3" sdnum="2052;0;0;-0;&quot;x&quot;"', "3", '0;-0;"x"'),
        ('sdval="3" sdnum="2052;"', "3", ""),
        ('sdval="1573179" sdnum="2052;0;#,##0.00_);[RED](#,##0.00)"', "1,573,179.00 ", ""),
        ('sdval="12.345" sdnum="2052;0;0.0"', "12.3", ""),
        ('x:num="3"', "300%", '"300%"'),
        ('x:num="3"', "", ";;;"),
        ('x:num="3"', "####", ""),
        ('x:num="-3"', "(3)", ""),
        ('x:num="3"', "30", '"30"'),
        ("x:num class=percent", "3", "0%"),
        ('x:num="3" class=percent', "300%", "0%"),
        ('x:num="3" class=count', "3万件", '0"万件"'),
        ("x:num='3' style='mso-number-format:Percent'", "300.00%", "0.00%"),
        ("class=scaled", "30", "0,"),
        ("class=digits", "30", ""),
    ],
)
def test_number_formats(about: str, shown: str, code: str) -> None:
    """The format, or what is shown where none tells why it is not the number."""
    style = (
        '.percent {mso-number-format:0%;} .scaled {mso-number-format:"0\\,";}'
        '.count {mso-number-format:"0\\0022万件\\0022";}'
        '.digits {mso-number-format:"\\#\\,\\#\\#0\\.00_ ";}'
    )
    found = saved(about, shown, style=style)
    assert found.kind is CellKind.NUMBER
    assert found.flag == Flag(format=code)


def test_a_value_that_its_text_does_not_show() -> None:
    """Where a mark stands in the text, a value that holds it too is not taken."""
    assert saved('x:num="15731791"', "1573179<sup>1</sup>").raw == "1573179"
    assert saved('sdval="1573179"', "1,573,179<sup>1</sup>").raw == 1573179.0
    struck = saved('sdval="3" sdnum="2052;"', "<s>3</s>")
    assert (struck.kind, struck.flag) == (CellKind.BLANK, Flag(unseen="3"))
    by_class = saved('x:num="3" class=old', "3", style=".old {text-decoration:line-through}")
    assert (by_class.kind, by_class.flag) == (CellKind.BLANK, Flag(unseen="3"))


def test_what_excel_hides_because_its_column_is_narrow() -> None:
    """Text that goes on is text; a number cut in two is none that anybody can know."""
    hidden = "<span style='display:none'>{}</span>"
    assert (
        saved("", "政府信息公开" + hidden.format("工作年度报告")).raw == "政府信息公开工作年度报告"
    )
    cut = saved("", "254" + hidden.format("77"))
    assert (cut.kind, cut.flag) == (CellKind.BLANK, Flag(unseen="25477"))
    whole = saved("", hidden.format("77"))
    assert (whole.kind, whole.flag) == (CellKind.BLANK, Flag(unseen="77"))


def test_what_libreoffice_saves(office: Office, tmp_path: Path) -> None:
    src = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(src) as book:
        sheet = book.add_worksheet("甲")
        sheet.write_number(0, 0, 3, book.add_format({"font_strikeout": True}))
        sheet.write_number(1, 0, 3, book.add_format({"font_script": 1}))
        sheet.write_number(2, 0, 3, book.add_format({"font_color": "#FFFFFF"}))
        white = {"font_color": "#FFFFFF", "bg_color": "#0000FF"}
        sheet.write_number(3, 0, 3, book.add_format(white))
        codes_ = ["0%", '0"万件"', "0,", ";;;", '"1"0', "#,##0.00_)", "General"]
        for row, code in enumerate(codes_, 4):
            sheet.write_number(row, 0, 3, book.add_format({"num_format": code}))
        sheet.merge_range("C1:D2", 5)
    found = open_book(office.convert(src, tmp_path / "a.html")).grid("a")
    assert [(found.raw(r, 0), found.cell(r, 0).flag) for r in range(4)] == [
        (None, Flag(unseen="3")),
        (3.0, Flag()),
        (None, Flag(unseen="3")),
        (3.0, Flag()),
    ]
    assert [found.cell(r, 0).flag.format for r in range(4, 11)] == [*codes_[:5], "", ""]
    assert found.merges == [Area(0, 2, 1, 3)]


# A report


def test_a_report_with_marks_everywhere() -> None:
    """Marks in headings, labels and figures: every figure is read, and those with one are told."""
    report = balanced(21)
    made = written.page(report).decode()
    for text in ("行政许可", "商业企业", "（一）予以公开", "本年处理决定数量"):
        assert text in made
        made = made.replace(text, f"{text}<sup>[1]</sup>")
    made = made.replace("主动公开政府信息情况</h2>", "主动公开政府信息情况<sup>2</sup></h2>")
    ret = read(made.encode())
    assert wrong(ret, report.figures) == []
    assert codes(ret.findings) == set()


@pytest.mark.parametrize(
    ("how", "code"),
    [
        ("{}<sup>1</sup>", "V-14"),
        ("<s>77</s>{}", "V-15"),
        ("<span class=old>77</span>{}", "V-15"),
        ("<s>{}</s>", "V-02"),
    ],
)
def test_a_figure_with_more_in_its_cell(how: str, code: str) -> None:
    name = "t2.licences.decisions"
    figures = list(balanced(22).figures)
    figures[FORM.by_name[name]] = 7654321
    made = written.page(balanced(22, figures=figures)).decode()
    made = made.replace("<style>", "<style>.old { text-decoration: line-through } ")
    assert made.count("7654321") == 1
    ret = read(made.replace("7654321", how.format(7654321)).encode())
    told = [f for f in ret.findings if f.code == code]
    assert [f.items for f in told] == [(name,)]
    assert wrong(ret, figures) == ([name] if code == "V-02" else [])


# Style sheets


def test_declarations() -> None:
    assert declarations('a:b; COLOR : Red;display:none !important;display:block;color:"x;y"') == {
        "color": '"x;y"',
        "display": "none",
    }
    assert declarations('mso-number-format:"\\@;A";;') == {"mso-number-format": '"\\@;A"'}


@pytest.mark.parametrize(
    "text",
    [
        '"' * 100_000,
        "'\"" * 50_000,
        '"' + '\\"' * 50_000,
        "(" * 100_000,
        "a:(" * 50_000,
        "x" * 100_000,
        "/*" * 50_000,
        " >" * 50_000 + "{color:red}",
        " " * 100_000 + "{color: " + " " * 100_000 + "x important}",
        "a{color:red}" * 5_000,
    ],
)
def test_no_style_sheet_takes_long(text: str) -> None:
    before = time.process_time()
    StyleSheet().add(text)
    declarations(text)
    assert time.process_time() - before < 5
