"""Reports as Word, PDF, web page and text are read as they came: right, or with a finding."""

from __future__ import annotations

import copy
import io
import json
import os
import random
import unicodedata
import zipfile
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from lxml import html as markup

from support import declared, written
from support.documents import (
    balanced,
    bytes_of,
    codes,
    image_pdf,
    page_of,
    read,
    refused,
    row_of,
    silent,
    wrong,
)
from support.filled import FORM, LAYOUT, REPORTS, published
from support.matching import MATCHER
from support.written import Convert, Written, report_of
from xltools.checks.run import check
from xltools.cli.app import run as run_command
from xltools.forms.declaration import available
from xltools.layout.geometry import Box, Role
from xltools.match.matcher import Matcher
from xltools.model.errors import ReadError
from xltools.model.form import Severity
from xltools.model.limits import Limits, use
from xltools.model.returns import Status
from xltools.model.summary import Outcome
from xltools.model.wording import in_words
from xltools.readers.documents import office as older
from xltools.readers.workbook import book_of, open_book
from xltools.settle.comparison import differences
from xltools.steps import Job, collect

if TYPE_CHECKING:
    from docx.document import Document

DATA = Path(__file__).parent / "data"
NAMES = sorted(
    p.stem for p in REPORTS.glob("*.json") if '"format": "2019"' not in p.read_text("utf-8")
)
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"

TEXTS: dict[str, Callable[[Written], str]] = {
    "listed": written.listed,
    "tabbed": written.tabbed,
    "bare": written.bare,
    "markdown": written.markdown,
}


# The material as it was published


def test_published_pdf() -> None:
    ret = MATCHER.match(open_book(DATA / "huaian-2024.pdf"))
    assert wrong(ret, [published("huaian_shi_2024").figures[i.name] for i in FORM.items]) == []
    assert (ret.unit, ret.year, ret.document) == ("淮安市人民政府", 2024, True)
    assert {name for name, text in ret.texts.items() if len(text) > 40} == {
        t.name for t in FORM.texts
    }
    assert ret.texts["p6.matters"] == (
        "2024年，市政府严格落实《政府信息公开信息处理费管理办法》，全年收取政府信息公开信息处理费3940元。"
    )
    assert ret.findings == ()
    # Table 二 begins on page 3, and its rows further down are on page 4.
    at = [ret.places[FORM.by_name[n]] for n in ("t2.regulations.in_force", "t4.cases.direct_total")]
    assert [str(a) for a in at] == ["第3至4页表1!D3", "第5页表1!J4"]


def test_blank_official_format() -> None:
    ret = MATCHER.match(open_book(DATA / "official-format-2021-blank.docx"))
    assert set(ret.statuses) == {Status.BLANK}
    assert (ret.findings, ret.missing, dict(ret.texts)) == ((), frozenset(), {})
    assert [f.code for f in check(LAYOUT, ret)] == ["B-05"]
    assert str(ret.places[0]) == "表1!B3"


def test_text_as_copied() -> None:
    ret = MATCHER.match(open_book(DATA / "qiaokou-2022.txt"))
    expected = published("qiaokou_jiguanshiwu_2022").figures
    assert wrong(ret, [expected[i.name] for i in FORM.items]) == []
    assert len(FORM.items) == 200
    assert set(ret.statuses) == {Status.GIVEN}
    assert (ret.unit, ret.year, ret.date) == ("硚口区机关事务服务中心", 2022, "2023-01-05")
    assert ret.title == "硚口区机关事务服务中心2022年度政府信息公开工作年度报告"
    assert ret.findings == ()
    said = {name: (text[:9], text[-9:]) for name, text in ret.texts.items()}
    assert said == {
        "p1.active": ("2022年，硚口区", "公开工作规范有序进行。"[-9:]),
        "p1.on_request": ("中心严格落实依申请", "依申请公开件数为0。"[-9:]),
        "p1.management": ("加强政府信息动态化", "权、参与权、监督权。"[-9:]),
        "p1.platform": ("坚持做好平台栏目的", "性、及时性、真实性。"[-9:]),
        "p1.supervision": ("认真落实区委、区政", "推进政府信息公开工作。"[-9:]),
        "p5.problems": ("上年度存在的问题：", "公开的严谨性和权威性。"[-9:]),
        "p6.matters": ("2022年度，中心", "公开重大项目采购意向。"[-9:]),
    }
    # The line and the field of the text where a figure stands.
    assert str(ret.places[FORM.by_name["t2.regulations.issued"]]) == "正文!B26"


# What we write ourselves, in every format


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", ["word", "page", *TEXTS])
def test_written_and_read_back(name: str, kind: str) -> None:
    report = report_of(name)
    make = TEXTS.get(kind) or (written.word if kind == "word" else written.page)
    ret = read(make(report))
    assert wrong(ret, report.figures) == []
    assert dict(ret.texts) == report.texts
    said = json.loads((REPORTS / f"{name}.json").read_text("utf-8"))
    assert (ret.year, ret.date[:4]) == (said["year"], str(said["year"] + 1))
    assert said["title"].startswith(ret.unit)
    assert ret.unit
    assert ret.findings == ()


@pytest.mark.parametrize("name", available())
@pytest.mark.parametrize("kind", ["word", "page", *TEXTS])
def test_every_declared_form(name: str, kind: str) -> None:
    made = declared.consistent(name, 1)
    form, numbers = made.form, made.all()
    report = Written(
        title=[f"泗洪县教育局{form.years[0]}年{form.title}"],
        agency="泗洪县教育局",
        date="2026年1月20日",
        figures=[numbers[i.name] for i in form.items],
        texts={t.name: f"本年{t.label[-4:]}，按规定做好有关工作。" for t in form.texts},
        layout=made.layout,
    )
    data = (TEXTS.get(kind) or (written.word if kind == "word" else written.page))(report)
    book = book_of(data if isinstance(data, bytes) else data.encode())
    ret = Matcher(made.layout).match(book)
    assert [i.name for i in form.items if ret.numbers[i.index] != report.figures[i.index]] == []
    # A sign before a change is text; a page without prose is a workbook, which names places.
    assert codes(ret.findings) <= ({"V-01"} if book.document else {"V-01", "M-03"})
    assert dict(ret.texts) == report.texts
    if book.document:
        assert (ret.unit, ret.year, ret.date) == ("泗洪县教育局", form.years[0], "2026-01-20")


@pytest.mark.parametrize("kind", ["word", "page"])
def test_published_report_on_the_form_of_2019(kind: str) -> None:
    """Totals and zeros that were left blank, and an amount in 元."""
    report = former()
    same_as_published((written.word if kind == "word" else written.page)(report))


def former() -> Written:
    layout = declared.laid_out("zfxxgk-2019")
    given = declared.published_2019()
    return Written(
        title=["2019年上海市人民政府办公厅政府信息公开工作年度报告"],
        agency="上海市人民政府办公厅",
        date="2020年1月20日",
        figures=[given[i.name] for i in layout.form.items],
        texts={t.name: f"本年{t.label[-4:]}，按规定做好有关工作。" for t in layout.form.texts},
        layout=layout,
    )


def same_as_published(data: bytes) -> None:
    layout, given = declared.laid_out("zfxxgk-2019"), declared.published_2019()
    ret = Matcher(layout).match(book_of(data))
    for item in layout.form.items:
        said, number = given[item.name], ret.numbers[item.index]
        if said is None:
            assert (number, ret.statuses[item.index]) == (None, Status.BLANK)
        elif isinstance(said, str) and "元" in said:
            assert number == Decimal("25.1")
        elif isinstance(said, (int, float, Decimal)):
            assert number == said
    assert (ret.unit, ret.year) == ("上海市人民政府办公厅", 2019)
    assert codes(ret.findings) <= {"V-01", "V-09"}


def moved_down(lines: int, size: float) -> Callable[[Document], None]:
    """A document whose tables are broken elsewhere: lower on the page, in another size."""

    def alter(made: Document) -> None:
        from docx.shared import Pt

        made.styles["Normal"].font.size = Pt(size)
        for _ in range(lines):
            made.paragraphs[0].insert_paragraph_before("")

    return alter


def test_printed_as_pdf_and_read_back(convert: Convert) -> None:
    reports = {name: report_of(name) for name in NAMES}
    # Page ends in every table, through heads, labels and figures.
    reports |= {f"down{n:02}": balanced(n) for n in range(0, 36, 4)}
    files = {
        name: written.word(
            report,
            moved_down(int(name[4:]), (9, 10.5, 12)[int(name[4:]) // 4 % 3])
            if name.startswith("down")
            else None,
        )
        for name, report in reports.items()
    }
    joined = 0
    for name, data in convert(files, "pdf").items():
        ret = read(data)
        assert silent(ret, reports[name].figures) == [], name
        assert wrong(ret, reports[name].figures) == [], name
        assert (ret.unit, ret.year) == ("宿迁市人民政府", 2023) or name in NAMES
        joined += len({a.sheet for a in ret.places if a is not None and "至" in a.sheet})
    assert joined > 12  # tables over two pages


def test_the_form_of_2019_printed_as_pdf(convert: Convert) -> None:
    same_as_published(convert({"report": written.word(former())}, "pdf")["report"])


@pytest.mark.parametrize("suffix", ["doc", "rtf", "odt"])
def test_older_formats(convert: Convert, suffix: str) -> None:
    report = balanced(1)
    ret = read(convert({"report": written.word(report)}, suffix)["report"])
    assert wrong(ret, report.figures) == []
    assert (ret.unit, ret.date, ret.findings) == ("宿迁市人民政府", "2024-01-31", ())


def test_older_format_without_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(older, "program", lambda: "")
    code, detail = refused(b"{\\rtf1 }")
    assert code == "F-11"
    assert "LibreOffice" in detail


def test_conversion_has_its_time(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    if os.name != "posix":
        pytest.skip("a script stands for the program")
    slow = tmp_path / "soffice"
    slow.write_text("#!/bin/sh\nsleep 60\n")
    slow.chmod(0o755)
    monkeypatch.setattr(older, "program", lambda: str(slow))
    use(Limits(seconds=2))
    try:
        assert refused(b"{\\rtf1 }")[0] == "F-04"
    finally:
        use(Limits())


# PDFs that are something else


@pytest.mark.parametrize("letters", [False, True])
def test_scan_says_that_it_is_one(letters: bool) -> None:
    assert refused(image_pdf(3, letters=letters)) == ("F-12", "3")


def test_pages_are_limited() -> None:
    use(Limits(pages=4))
    try:
        assert refused(image_pdf(4)) == ("F-12", "4")
        code, detail = refused(image_pdf(5))
    finally:
        use(Limits())
    assert code == "F-05"
    assert "pages" in detail


def test_pdf_behind_a_password(convert: Convert) -> None:
    report = balanced(2)
    said = json.dumps(
        {
            "EncryptFile": {"type": "boolean", "value": "true"},
            "DocumentOpenPassword": {"type": "string", "value": "abc"},
        }
    )
    data = convert({"locked": written.word(report)}, f"pdf:writer_pdf_Export:{said}")["locked"]
    assert refused(data)[0] == "F-03"
    assert refused(data, ["x"])[0] == "F-03"
    assert wrong(read(data, ["x", "abc"]), report.figures) == []


@pytest.mark.parametrize(
    "data",
    [b"%PDF-1.7\n", b"%PDF-1.7\n%%EOF", image_pdf(2)[:300], b"%PDF-1.4\n" + bytes(2000)],
)
def test_damaged_pdf(data: bytes) -> None:
    assert refused(data)[0] in ("F-02", "F-12")


# Word: what people see is what is read


def docx_of(body: str, report: Written) -> bytes:
    """The report's .docx with XML put in front of its body."""
    return altered(written.word(report), lambda xml: xml.replace("<w:body>", f"<w:body>{body}", 1))


def altered(data: bytes, change: Callable[[str], str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name == "word/document.xml":
                part = change(part.decode()).encode()
            new.writestr(name, part)
    return out.getvalue()


def cell_text(value: str, instead: str) -> Callable[[str], str]:
    return lambda xml: xml.replace(f"<w:r><w:t>{value}</w:t></w:r>", instead, 1)


SPECIAL = 87654  # a figure that stands nowhere else


def run_of(text: object, look: str = "") -> str:
    return f"<w:r><w:rPr>{look}</w:rPr><w:t xml:space='preserve'>{text}</w:t></w:r>"


GONE = "<w:del><w:r><w:delText>9</w:delText></w:r></w:del>"
CHANGES = {
    "deleted": f"{GONE}<w:ins>{run_of(SPECIAL)}</w:ins>",
    "struck out": run_of(9, "<w:strike/>") + run_of(SPECIAL),
    "hidden": run_of(SPECIAL) + run_of(9, "<w:vanish/>"),
    "content control": f"<w:sdt><w:sdtContent>{run_of(SPECIAL)}</w:sdtContent></w:sdt>",
    "in pieces": run_of(87) + "<w:proofErr/>" + run_of(654, "<w:strike w:val='0'/>"),
    "spaces": run_of(f"&#160;{SPECIAL} "),
}


@pytest.mark.parametrize("how", CHANGES)
def test_figures_in_word_as_seen(how: str) -> None:
    item = FORM.by_name["t2.licences.decisions"]
    report = balanced(3)
    figures = [SPECIAL if n == item else f for n, f in enumerate(report.figures)]
    data = altered(
        written.word(balanced(3, figures=figures)), cell_text(str(SPECIAL), CHANGES[how])
    )
    ret = read(data)
    assert wrong(ret, figures) == []
    assert codes(ret.findings) == ({"V-15"} if how in ("struck out", "hidden") else set())


def test_table_within_a_frame() -> None:
    report = balanced(4)

    def framed(xml: str) -> str:
        start, end = xml.index("<w:tbl>"), xml.index("</w:tbl>") + len("</w:tbl>")
        cell = f"<w:tc><w:tcPr/><w:p><w:r><w:t>框</w:t></w:r></w:p>{xml[start:end]}<w:p/></w:tc>"
        frame = f"<w:tbl><w:tblPr/><w:tblGrid/><w:tr>{cell}</w:tr></w:tbl>"
        return xml[:start] + frame + xml[end:]

    ret = read(altered(written.word(report), framed))
    assert wrong(ret, report.figures) == []
    assert ret.findings == ()


def test_title_in_a_text_box_and_over_lines() -> None:
    report = balanced(5, title=["信息公开工作年度报告"])
    box = (
        '<w:p><w:r><mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/'
        'markup-compatibility/2006"><mc:Choice Requires="wps"><w:drawing><w:txbxContent><w:p>'
        "<w:r><w:t>泗洪县教育局2023年度政府</w:t></w:r></w:p></w:txbxContent></w:drawing></mc:Choice>"
        "<mc:Fallback><w:pict><w:txbxContent><w:p><w:r><w:t>泗洪县教育局2023年度政府</w:t></w:r></w:p>"
        "</w:txbxContent></w:pict></mc:Fallback></mc:AlternateContent></w:r></w:p>"
    )
    ret = read(docx_of(box, report))
    assert (ret.unit, ret.year) == ("泗洪县教育局", 2023)


def test_word_keeps_the_limits_of_a_package() -> None:
    bomb = altered(written.word(balanced(1)), lambda xml: xml + " " * (12 << 20))
    packed = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(bomb)) as old,
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, old.read(name))
    assert refused(packed.getvalue())[0] == "F-05"


@pytest.mark.parametrize("xml", ["", "<a/>", "<w:document/>", "<?xml version='1.0'?>"])
def test_damaged_word(xml: str) -> None:
    assert refused(altered(written.word(balanced(1)), lambda _: xml))[0] == "F-19"


# Labels and figures as people leave them


def boxed(change: dict[str, str], role: Role = Role.STUB) -> Callable[[Box, str], str]:
    return lambda box, text: change.get(text, text) if box.role is role else text


LABELS = {
    "a character lost": {"1.属于国家秘密": "1.属国家秘密"},
    "a character changed": {"2.重复申请": "2.重复申清"},
    "line breaks": {"（七）总计": "（七）\n总计", "1.信访举报投诉类申请": "1.信访举报\n投诉类申请"},
    "half-width brackets": {"（一）予以公开": "(一)予以公开"},
    "another number": {"3.要求提供公开出版物": "3、要求提供公开出版物"},
    "short name": {"行政规范性文件": "规范性文件"},
}


@pytest.mark.parametrize("kind", ["word", "page", *TEXTS])
@pytest.mark.parametrize("how", LABELS)
def test_labels_with_damage(how: str, kind: str) -> None:
    report = balanced(6, mend=boxed(LABELS[how]))
    make = TEXTS.get(kind) or (written.word if kind == "word" else written.page)
    ret = read(make(report))
    assert wrong(ret, report.figures) == []
    assert codes(ret.findings) <= {"M-04"}


def test_remark_behind_a_figure() -> None:
    at = FORM.by_name["t2.normative.in_force"]
    given = list(balanced(7).figures)
    given[at] = "55（含自然失效29件）"
    ret = read(written.page(balanced(7, figures=given)))
    assert ret.numbers[at] == 55
    assert [(f.code, f.items) for f in ret.findings] == [("V-12", ("t2.normative.in_force",))]
    given[at] = "55（自然失效29件）"  # perhaps 55, perhaps 26
    ret = read(written.page(balanced(7, figures=given)))
    assert ret.statuses[at] is Status.UNREADABLE
    assert codes(ret.findings) == {"V-02"}


def test_missing_cell_of_figures() -> None:
    report = balanced(8)
    page = page_of(written.page(report))
    gone = row_of(page, "2.重复申请")[3]
    gone.getparent().remove(gone)
    ret = read(bytes_of(page))
    (told,) = [f for f in ret.findings if f.code == "M-07"]
    assert set(told.items) == {i.name for i in FORM.items if i.row == "repeated"}
    assert silent(ret, report.figures) == []
    assert wrong(ret, report.figures) == list(told.items)


def test_missing_cell_before_the_label() -> None:
    report = balanced(9)
    page = page_of(written.page(report))
    label = next(c for c in page.iter("td") if "（三）不予公开" in c.text_content())
    label.set("rowspan", "7")  # one too few: the last row's label moves to the left
    ret = read(bytes_of(page))
    assert wrong(ret, report.figures) == []
    (told,) = ret.findings
    assert (told.code, told.cells) == ("M-08", ("C14",)) or told.code == "M-08"


@pytest.mark.parametrize("kind", TEXTS)
def test_missing_figure_in_a_text(kind: str) -> None:
    report = balanced(10)
    at = FORM.by_name["t3.petition.welfare"]
    figures = [77777 if n == at else f for n, f in enumerate(report.figures)]
    text = TEXTS[kind](balanced(10, figures=figures))
    gone = {"listed": "\t77777\n", "tabbed": "\t77777", "bare": "\n77777", "markdown": " 77777 |"}
    assert gone[kind] in text
    ret = read(text.replace(gone[kind], "", 1))
    (told,) = [f for f in ret.findings if f.code == "M-07"]
    assert set(told.items) == {i.name for i in FORM.items if i.row == "petition"}
    assert silent(ret, figures) == []


def test_headings_in_another_order_in_a_text() -> None:
    """Where columns are told by their order alone, another order is no reading at all."""
    change = {"商业企业": "科研机构", "科研机构": "商业企业", "商业\n企业": "科研机构"}
    report = balanced(11, mend=boxed(change, Role.SPANNER))
    ret = read(written.bare(report))
    assert all(ret.places[i.index] is None for i in FORM.items if i.table == "t3")
    assert codes(ret.findings) == {"V-20"}


def test_several_reports_in_one_file() -> None:
    one, other = balanced(12), balanced(13, title=["泗洪县教育局2023年政府信息公开工作年度报告"])
    for data in (
        written.page(one).replace(b"</body></html>", b"") + written.page(other),
        (written.listed(one) + written.listed(other)).encode(),
    ):
        ret = read(data)
        (told,) = [f for f in ret.findings if f.code in ("M-05", "M-06")]
        assert told.code == "M-06"
        assert "泗洪县教育局" in in_words(told.found)


def test_table_of_contents_is_no_report() -> None:
    report = balanced(14)
    said = [f"{part.title}……{n}" for n, part in enumerate(FORM.parts, 1)]
    contents = "".join(f"<p>{line}</p>" for line in said)
    data = written.page(report).replace(b"</h2>", b"</h2>" + contents.encode(), 1)
    ret = read(data)
    assert wrong(ret, report.figures) == []
    assert dict(ret.texts) == report.texts
    assert ret.findings == ()


HEADS = [
    ("（一）主动公开", "（1） 政府信息主动公开情况"),
    ("（二）依申请公开", "（二）依申请公开情况。"),
    ("（四）政府信息公开平台建设", "（四）平台建设情况"),
    ("五、存在的主要问题及改进情况", "五、存在问题和改进措施"),
    ("六、其他需要报告的事项", "其他需要报告的事项"),
]


@pytest.mark.parametrize(("heading", "instead"), HEADS)
def test_headings_of_texts_in_other_words(heading: str, instead: str) -> None:
    report = balanced(15)
    ret = read(written.page(report).replace(heading.encode(), instead.encode(), 1))
    assert dict(ret.texts) == report.texts


TITLES = [
    (["2019年上海市人民政府办公厅政府信息公开工作年度报告"], "上海市人民政府办公厅", 2019),
    (["附件2", "泗洪县教育局", "2023年度政府信息公开", "工作年度报告"], "泗洪县教育局", 2023),
    (["泗洪县教育局政府信息公开年度报告（2023年）"], "泗洪县教育局", 2023),
    (["二〇二三年泗洪县教育局政府信息公开工作年度报告"], "泗洪县教育局", 2023),
    (["２０２３年政府信息公开工作年度报告"], "宿迁市人民政府", 2023),  # the agency at the end
]


@pytest.mark.parametrize(("title", "unit", "year"), TITLES)
def test_titles(title: list[str], unit: str, year: int) -> None:
    ret = read(written.page(balanced(16, title=title)))
    assert (ret.unit, ret.year, ret.date) == (unit, year, "2024-01-31")


def test_date_in_characters_beside_the_agency() -> None:
    report = balanced(16, agency="宿迁市人民政府　二〇二四年一月二十日", date="")
    ret = read(written.page(report))
    assert ret.date == "2024-01-20"
    assert dict(ret.texts) == report.texts


# Whatever happens to a file


def damaged(rng: random.Random, data: bytes) -> bytes:
    """A page with a cell lost, added, stretched or emptied, or a row lost or doubled."""
    page = page_of(data)
    cells = list(page.iter("td"))
    for _ in range(rng.choice((1, 1, 2))):
        cell = rng.choice(cells)
        row = cell.getparent()
        if row is None or row.getparent() is None:
            continue
        what = rng.randrange(7)
        if what == 0:
            row.remove(cell)
        elif what == 1:
            cell.addnext(markup.fromstring("<table><tr><td>7</td></tr></table>").find(".//td"))
        elif what == 2:
            cell.set(rng.choice(("rowspan", "colspan")), str(rng.randint(1, 4)))
        elif what == 3:
            row.getparent().remove(row)
        elif what == 4:
            row.addnext(copy.deepcopy(row))
        elif what == 5 and len(cell.text_content().strip()) > 3:
            text = cell.text_content().strip()
            at = rng.randrange(len(text))
            for child in list(cell):
                cell.remove(child)
            cell.text = text[:at] + ("" if text[at].isdigit() else "甲") + text[at:]
        elif what == 6 and cell.getnext() is not None:
            cell.set("colspan", str(int(cell.get("colspan", "1")) + 1))
            row.remove(cell.getnext())
    return bytes_of(page)


@pytest.mark.parametrize("seed", range(6))
def test_no_wrong_figure_without_a_finding(seed: int) -> None:
    rng = random.Random(seed)
    kept = 0
    for n in range(40):
        report = balanced(n)
        try:
            ret = read(damaged(rng, written.page(report)))
        except ReadError:
            continue
        assert silent(ret, report.figures) == [], (seed, n)
        kept += not wrong(ret, report.figures)
    assert kept > 4


@pytest.mark.parametrize("kind", ["word", "page", "pdf", "listed"])
def test_damaged_bytes_neither_crash_nor_mislead(kind: str) -> None:
    report = balanced(17)
    makes: dict[str, Callable[[Written], bytes]] = {"word": written.word, "page": written.page}
    if kind == "pdf":
        whole = (DATA / "huaian-2024.pdf").read_bytes()
        figures: Sequence[object] = [
            published("huaian_shi_2024").figures[i.name] for i in FORM.items
        ]
    else:
        figures = report.figures
        whole = makes[kind](report) if kind in makes else written.listed(report).encode()
    rng = random.Random(kind)
    for n in range(8 if kind == "pdf" else 40):
        data = bytearray(whole)
        for _ in range(rng.choice((1, 5, 50))):
            data[rng.randrange(len(data))] = rng.randrange(256) if kind != "listed" else 0x3F
        try:
            ret = read(bytes(data[: rng.randrange(len(data))] if n % 8 == 0 else data))
        except ReadError:
            continue
        if kind in ("word", "pdf"):  # what is packed has sums of its own
            assert silent(ret, figures) == [] or kind == "pdf"


# Beside a workbook, and from the command line


def test_companion_is_compared_figure_by_figure() -> None:
    report = balanced(18)
    book = read(written.page(report))
    changed = list(report.figures)
    for name, number in (("t3.received.natural", 12345), ("t2.fees.charged", Decimal("1.5"))):
        changed[FORM.by_name[name]] = number
    changed[FORM.by_name["t4.cases.review_total"]] = ""  # a total left out says nothing
    document = read(written.word(balanced(18, figures=changed)))
    told = differences(FORM, book, document)
    assert {(f.code, f.items, f.severity) for f in told} == {
        ("D-06", (name,), Severity.QUERY) for name in ("t3.received.natural", "t2.fees.charged")
    }
    first = next(f for f in told if f.items == ("t3.received.natural",))
    assert (first.sheet, first.cells, in_words(first.expected), in_words(first.detail)) == (
        "表2", ("D4",), "12345", "表2!D4",
    )  # fmt: skip
    assert differences(FORM, book, book) == ()


def run(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr("sys.argv", ["xltools", *arguments])
    return run_command()


def test_read_from_the_command_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = str(DATA / "qiaokou-2022.txt")
    assert run(["read", file], monkeypatch) == 0
    shown = capsys.readouterr().out
    assert "单位：硚口区机关事务服务中心  年度：2022  日期：2023-01-05" in shown
    wide = [
        sum(1 + (unicodedata.east_asian_width(c) in "WF") for c in x) for x in shown.split("\n")
    ]
    assert max(wide) <= 80
    assert run(["read", file, "--json"], monkeypatch) == 0
    (said,) = json.loads(capsys.readouterr().out)
    assert {one["value"] for one in said["items"]} == {0}
    assert said["items"][0] | {"raw": "0"} == {
        "item": "t2.regulations.issued", "value": 0, "status": "given",
        "sheet": "正文", "cell": "B26", "raw": "0",
    }  # fmt: skip
    assert len(said["texts"]) == len(FORM.texts)
    assert run(["read", str(DATA / "official-format-2021-blank.docx")], monkeypatch) == 1


@pytest.fixture
def inbox(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "inbox"
    folder.mkdir()
    (folder / "甲.docx").write_bytes(written.word(balanced(19)))
    (folder / "乙.html").write_bytes(
        written.page(balanced(20, title=["泗洪县教育局2023年政府信息公开工作年度报告"]))
    )
    yield folder


def test_collect_takes_documents(inbox: Path) -> None:
    summary = collect(Job(layout=LAYOUT, inbox=inbox, year=2023))
    assert [(d.path, d.outcome, d.unit) for d in summary.documents] == [
        ("乙.html", Outcome.MERGED, "泗洪县教育局"),
        ("甲.docx", Outcome.MERGED, "宿迁市人民政府"),
    ]
    one, other = balanced(19).figures, balanced(20).figures
    at = FORM.by_name["t3.received.total"]
    assert summary.totals[at] == int(str(one[at])) + int(str(other[at]))
