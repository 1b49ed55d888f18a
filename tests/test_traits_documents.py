"""What stands in a cell of a document and is no part of its figure: marks, guides, struck, hidden
and white text, equations; in Word, in the formats that LibreOffice makes Word of, and in PDF.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pdfplumber
import pytest

from support import written
from support.documents import balanced, codes, silent, wrong
from support.filled import FORM
from support.matching import MATCHER
from support.written import Convert, Written, word
from xltools.match.irregular_rows import mended
from xltools.model.returns import Return, Status
from xltools.model.wording import in_words
from xltools.readers.documents.glyphs import looked_at, marked
from xltools.readers.documents.printed import Printed, running
from xltools.readers.workbook import book_of

if TYPE_CHECKING:
    from docx.document import Document

FIGURE = 87654  # stands nowhere else
ITEM = "t2.licences.decisions"
INDEX = FORM.by_name[ITEM]
MATH = "http://schemas.openxmlformats.org/officeDocument/2006/math"


def run(text: object, look: str = "") -> str:
    return f"<w:r><w:rPr>{look}</w:rPr><w:t xml:space='preserve'>{text}</w:t></w:r>"


def math(inner: str) -> str:
    return f"<m:oMath xmlns:m='{MATH}'>{inner}</m:oMath>"


def code_field(code: str, result: str = "") -> str:
    mark = "<w:r><w:fldChar w:fldCharType='{}'/></w:r>"
    told = mark.format("separate") + result if result else ""
    return (
        f"{mark.format('begin')}<w:r><w:instrText xml:space='preserve'>{code}</w:instrText></w:r>"
        f"{told}{mark.format('end')}"
    )


def text_box(text: object) -> str:
    return f"<w:r><w:pict><w:txbxContent><w:p>{run(text)}</w:p></w:txbxContent></w:pict></w:r>"


UP, DOWN = "<w:vertAlign w:val='superscript'/>", "<w:vertAlign w:val='subscript'/>"
STRUCK, WHITE = "<w:strike/>", "<w:color w:val='FFFFFF'/>"
SMALL_UP = "<w:position w:val='6'/><w:sz w:val='12'/>"
RUBY = (
    f"<w:r><w:ruby><w:rubyPr/><w:rt>{run(1)}</w:rt><w:rubyBase>{run(FIGURE)}</w:rubyBase></w:ruby>"
    "</w:r>"
)
PLAIN_MATH = math(f"<m:r><m:t>{FIGURE}</m:t></m:r>")
FRACTION = math(
    "<m:f><m:num><m:r><m:t>8765</m:t></m:r></m:num><m:den><m:r><m:t>4</m:t></m:r></m:den></m:f>"
)
POWER = math(
    "<m:sSup><m:e><m:r><m:t>10</m:t></m:r></m:e><m:sup><m:r><m:t>3</m:t></m:r></m:sup></m:sSup>"
)

STYLES = (
    "<w:style w:type='character' w:styleId='UpBase'><w:name w:val='u'/><w:rPr>"
    f"{UP}</w:rPr></w:style>"
    "<w:style w:type='character' w:styleId='Up'><w:name w:val='v'/><w:basedOn w:val='UpBase'/>"
    "</w:style>"
    f"<w:style w:type='character' w:styleId='Out'><w:name w:val='o'/><w:rPr>{STRUCK}</w:rPr>"
    "</w:style>"
    "<w:style w:type='paragraph' w:styleId='Gone'><w:name w:val='g'/><w:rPr><w:vanish/></w:rPr>"
    "</w:style>"
)


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A cell's runs, or its properties and paragraphs when it begins with a cell's element;
    the figure that it gives, None for one that is not to be read; what is said of it."""

    cell: str
    value: int | None = FIGURE
    said: str = ""


KINDS = {
    "raised behind": Kind(cell=run(FIGURE) + run(1, UP), said="V-14"),
    "raised before": Kind(cell=run(1, UP) + run(FIGURE), said="V-14"),
    "lowered": Kind(cell=run(FIGURE) + run(1, DOWN), said="V-14"),
    "raised between": Kind(cell=run(876) + run(1, UP) + run(54), said="V-14"),
    "moved up and smaller": Kind(cell=run(FIGURE) + run(1, SMALL_UP), said="V-14"),
    "by a character style": Kind(
        cell=run(FIGURE) + run(1, "<w:rStyle w:val='Up'/>"), said="V-14"
    ),
    "raised as a whole": Kind(cell=run(FIGURE, UP)),
    "moved as a whole": Kind(cell=run(FIGURE, SMALL_UP)),
    "moved as large": Kind(cell=run(87) + run(654, "<w:position w:val='2'/>")),
    "a note's own mark": Kind(
        cell=run(FIGURE)
        + "<w:r><w:footnoteReference w:customMarkFollows='1' w:id='9'/><w:t>1</w:t></w:r>",
        said="V-14",
    ),
    "a note's number": Kind(cell=run(FIGURE) + "<w:r><w:footnoteReference w:id='9'/></w:r>"),
    "struck beside": Kind(cell=run(77, STRUCK) + run(FIGURE), said="V-15"),
    "struck twice": Kind(cell=run(77, "<w:dstrike/>") + run(FIGURE), said="V-15"),
    "struck by style": Kind(cell=run(77, "<w:rStyle w:val='Out'/>") + run(FIGURE), said="V-15"),
    "style undone": Kind(cell=run(87654, "<w:rStyle w:val='Out'/><w:strike w:val='0'/>")),
    "struck alone": Kind(cell=run(77, STRUCK), value=None, said="V-02"),
    "struck with a mark": Kind(cell=run(77, STRUCK) + run(1, UP), value=None, said="V-02"),
    "hidden": Kind(cell=run(77, "<w:vanish/>") + run(FIGURE), said="V-15"),
    "hidden alone": Kind(cell=run(77, "<w:vanish/>"), value=None, said="V-02"),
    "hidden on the web": Kind(cell=run(77, "<w:webHidden/>") + run(FIGURE), said="V-15"),
    "white": Kind(cell=run(77, WHITE) + run(FIGURE), said="V-15"),
    "white on white": Kind(
        cell=run(77, WHITE + "<w:shd w:val='clear' w:fill='FFFFFF'/>") + run(FIGURE), said="V-15"
    ),
    "white on dark": Kind(cell=run(FIGURE, WHITE + "<w:shd w:val='clear' w:fill='1F3864'/>")),
    "white and highlighted": Kind(cell=run(FIGURE, WHITE + "<w:highlight w:val='green'/>")),
    "deleted": Kind(cell=f"<w:del><w:r><w:delText>9</w:delText></w:r></w:del>{run(FIGURE)}"),
    "moved away": Kind(cell=f"<w:moveFrom>{run(9)}</w:moveFrom><w:moveTo>{run(FIGURE)}</w:moveTo>"),
    "guide": Kind(cell=RUBY, said="V-14"),
    "guide by a field": Kind(
        cell=code_field(rf"EQ \* jc2 \* hps10 \o\ad(\s\up 9(1),{FIGURE})"), said="V-14"
    ),
    "equation": Kind(cell=PLAIN_MATH),
    "equation beside": Kind(cell=run(12) + PLAIN_MATH, value=None, said="V-02"),
    "fraction": Kind(cell=FRACTION, value=None, said="V-02"),
    "power": Kind(cell=POWER, value=None, said="V-02"),
    "equation by a field": Kind(cell=code_field(r"EQ \f(8765,4)"), value=None, said="M-07"),
    "equation of an older editor": Kind(
        cell="<w:r><w:object><o:OLEObject xmlns:o='urn:schemas-microsoft-com:office:office' "
        "ProgID='Equation.DSMT4'/></w:object></w:r>",
        value=None,
        said="M-07",
    ),
    "field": Kind(cell=code_field("=SUM(ABOVE)", run(FIGURE))),
    "field within the code of a field": Kind(
        cell=code_field(f"= </w:instrText></w:r>{code_field('MERGEFIELD a', run(9))}"
                        "<w:r><w:instrText> * 2", run(FIGURE))
    ),
    "symbol": Kind(
        cell=run(12) + "<w:r><w:sym w:font='Wingdings' w:char='F0FE'/></w:r>" + run(34),
        value=None,
        said="V-02",
    ),
    "text box alone": Kind(cell=text_box(FIGURE), value=None, said="V-02"),
    "text box over it": Kind(cell=run(77) + text_box(FIGURE), value=None, said="V-02"),
}  # fmt: skip


def altered(data: bytes, change: Callable[[str], str], styles: str = "") -> bytes:
    """A .docx whose document is changed, with more styles."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            part = old.read(name).decode("utf-8", "surrogateescape")
            if name == "word/document.xml":
                part = change(part)
            elif name == "word/styles.xml":
                part = part.replace("</w:styles>", f"{styles}</w:styles>")
            new.writestr(name, part.encode("utf-8", "surrogateescape"))
    return out.getvalue()


def report_of(cell: str, *, item: str = ITEM, seed: int = 3) -> tuple[bytes, Sequence[object]]:
    """A report one cell of which is made of these runs, and its figures."""
    figures = list(balanced(seed).figures)
    figures[FORM.by_name[item]] = FIGURE
    plain = f"<w:r><w:t>{FIGURE}</w:t></w:r>"
    data = word(balanced(seed, figures=figures))
    return altered(data, lambda xml: xml.replace(plain, cell, 1), STYLES), figures


def read(data: bytes) -> Return:
    return MATCHER.match(book_of(data))


def holds(ret: Return, kind: Kind, figures: Sequence[object]) -> None:
    """The cell is read as it ought to be, and every other as it was."""
    assert [n for n in wrong(ret, figures) if n != ITEM] == []
    assert ret.numbers[INDEX] == kind.value
    assert [(f.code, f.items) for f in ret.findings] == (
        [(kind.said, (ITEM,))] if kind.said else []
    )
    assert (ret.statuses[INDEX] is Status.UNREADABLE) == (kind.value is None)


@pytest.mark.parametrize("how", KINDS)
def test_in_word(how: str) -> None:
    data, figures = report_of(KINDS[how].cell)
    holds(read(data), KINDS[how], figures)


GROUNDS = {
    "a cell's shading": ("<w:tcPr><w:shd w:val='clear' w:fill='1F3864'/>", ""),
    "a pattern": ("<w:tcPr><w:shd w:val='pct50' w:color='000000' w:fill='FFFFFF'/>", ""),
    "a paragraph's shading": ("", "<w:pPr><w:shd w:val='clear' w:fill='1F3864'/></w:pPr>"),
}


@pytest.mark.parametrize("how", GROUNDS)
def test_white_on_what_is_not_white_is_seen(how: str) -> None:
    of_cell, of_paragraph = GROUNDS[how]
    data, figures = report_of("@@" + run(FIGURE, WHITE))

    def shaded(xml: str) -> str:
        before, after = xml.split("<w:p>@@")
        at = before.rindex("<w:tcPr>")
        before = before[:at] + (of_cell or "<w:tcPr>") + before[at + len("<w:tcPr>") :]
        return f"{before}<w:p>{of_paragraph}{after}"

    holds(read(altered(data, shaded)), Kind(cell=""), figures)


def test_white_headings_on_a_table_styles_dark_row() -> None:
    style = (
        "<w:style w:type='table' w:styleId='Dark'><w:name w:val='d'/>"
        "<w:tblStylePr w:type='firstRow'><w:rPr><w:color w:val='FFFFFF'/></w:rPr>"
        "<w:tcPr><w:shd w:val='clear' w:fill='4472C4'/></w:tcPr></w:tblStylePr></w:style>"
    )

    def dark(xml: str) -> str:
        xml = xml.replace('w:tblStyle w:val="TableGrid"', 'w:tblStyle w:val="Dark"')
        label = f"<w:r><w:t>{'信息内容'}</w:t></w:r>"
        return xml.replace(label, run("信息内容", WHITE))

    report = balanced(3)
    ret = read(altered(word(report), dark, style))
    assert (wrong(ret, report.figures), ret.findings) == ([], ())


def test_a_hidden_row_is_not_read() -> None:
    data, figures = report_of("@@" + run(FIGURE))

    def hide(xml: str) -> str:
        before, after = xml.split("@@")
        at = before.rindex("<w:tr>") + len("<w:tr>")
        return f"{before[:at]}<w:trPr><w:hidden/></w:trPr>{before[at:]}{after}"

    ret = read(altered(data, hide))
    assert [n for n in wrong(ret, figures) if n != ITEM] == []
    assert ret.numbers[INDEX] is None
    assert any(ITEM in f.items and f.open for f in ret.findings) or "M-02" in codes(ret.findings)


def test_marks_in_prose_are_not_joined() -> None:
    report = balanced(3)
    texts = {**report.texts, "p6.matters": "全年收取信息处理费@@元。"}
    xml = f"</w:t></w:r>{run(1573179)}{run(1, UP)}{run(9, STRUCK)}<w:r><w:t>"
    data = altered(word(balanced(3, texts=texts)), lambda x: x.replace("@@", xml))
    assert read(data).texts["p6.matters"] == "全年收取信息处理费1573179[1]元。"


def test_flags_stay_with_their_cells_when_labels_are_mended() -> None:
    data, _ = report_of(KINDS["raised behind"].cell)
    grid = book_of(data).grid("表1")
    at = next(at for at, flag in grid.flags.items() if flag.mark)
    again = mended(grid, {"abcd"}, set())
    assert (again.flags[at].mark, again.rows[at[0]][at[1]]) == ("1", float(FIGURE))


# In what LibreOffice makes of Word

CONVERTED = (
    "raised behind", "lowered", "moved up and smaller", "by a character style",
    "raised as a whole", "struck beside", "struck by style", "struck alone", "hidden", "white",
    "white on dark", "guide", "equation", "fraction",
)  # fmt: skip


@pytest.mark.parametrize("suffix", ["doc", "rtf", "odt", "pdf"])
def test_converted(convert: Convert, suffix: str) -> None:
    made = {how.replace(" ", "_"): report_of(KINDS[how].cell) for how in CONVERTED}
    for name, data in convert({name: data for name, (data, _) in made.items()}, suffix).items():
        how, figures = name.replace("_", " "), made[name][1]
        kind, ret = KINDS[how], read(data)
        assert silent(ret, figures) == [], how
        if how in ("equation", "fraction"):  # which it may draw, or leave out
            assert ret.numbers[INDEX] in (kind.value, None), how
        elif (how, suffix) == ("hidden", "pdf"):  # not printed at all
            holds(ret, Kind(cell=""), figures)
        elif (how, suffix) == ("guide", "pdf"):  # printed on a line of its own
            holds(ret, Kind(cell="", value=None, said="V-02"), figures)
        else:
            holds(ret, kind, figures)


# In PDF, drawn by hand


def drawn(content: str, annots: str = "") -> bytes:
    """A page of one font."""
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 400] /Contents 4 0 R /Annots [{annots}] "
        "/Resources << /Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>",
        f"<< /Length {len(content)} >>\nstream\n{content}\nendstream",
    ]
    out = "%PDF-1.4\n"
    for n, body in enumerate(objects, 1):
        out += f"{n} 0 obj\n{body}\nendobj\n"
    return f"{out}trailer << /Root 1 0 R >>\n%%EOF".encode()


def shown(text: str, x: float, y: float, size: float = 10, more: str = "") -> str:
    return f"BT {more} /F {size} Tf {x} {y} Td ({text}) Tj ET"


NOTE = "<< /Type /Annot /Subtype /StrikeOut /Rect [99 98 112 110] /QuadPoints [{}] >>".format(
    "99 110 112 110 99 98 112 98"
)
DRAWN = {
    "a thin box through it": (f"{shown('77', 100, 100)} 100 103 11 0.5 re f", ("", "77")),
    "a line through it": (f"{shown('77', 100, 100)} 0.5 w 100 103 m 111 103 l S", ("", "77")),
    "a line below it": (f"{shown('77', 100, 100)} 0.5 w 100 98.6 m 111 98.6 l S", ("", "")),
    "a rule that goes on": (f"{shown('77', 100, 100)} 0.5 w 20 103 m 380 103 l S", ("", "")),
    "a rule from rule to rule": (
        f"{shown('77', 100, 100)} 0.5 w 98 103 m 113 103 l S 98 80 m 98 120 l S "
        "113 80 m 113 120 l S",
        ("", ""),
    ),
    "raised": (f"{shown('77', 100, 100)} {shown('1', 111.5, 104, 6)}", ("1", "")),
    "raised by a rise": (
        f"{shown('77', 100, 100)} {shown('1', 111.5, 100, 6, '4 Ts')} 0 Ts",
        ("1", ""),
    ),
    "lowered": (f"{shown('77', 100, 100)} {shown('1', 111.5, 98.5, 6)}", ("1", "")),
    "raised before it": (f"{shown('1', 96.5, 104, 6)} {shown('77', 100, 100)}", ("1", "")),
    "smaller on the line": (f"{shown('77', 100, 100)} {shown('1', 111.5, 100, 6)}", ("", "")),
    "small on the line above": (f"{shown('77', 100, 100)} {shown('1', 111.5, 112, 6)}", ("", "")),
    "white": (f"{shown('77', 100, 100, more='1 1 1 rg')} 0 g {shown('254', 200, 99)}", ("", "77")),
    "white on dark": (
        f"0.1 0.2 0.4 rg 90 90 60 30 re f {shown('77', 100, 100, more='1 1 1 rg')} 0 g "
        f"{shown('254', 200, 99)}",
        ("", ""),
    ),
}  # fmt: skip


@pytest.mark.parametrize("how", [*DRAWN, "struck by a remark"])
def test_drawn_in_a_pdf(how: str) -> None:
    content, said = DRAWN.get(how, (shown("77", 100, 100), ("", "77")))
    with pdfplumber.open(io.BytesIO(drawn(content, "" if how in DRAWN else NOTE))) as pdf:
        chars = marked(looked_at(pdf.pages[0], pdf.pages[0].chars))
    looks = [
        "".join(c["text"] for c in chars if c.get("look") == look) for look in ("mark", "unseen")
    ]
    assert tuple(looks) == said
    assert {c["text"] for c in chars} >= {"7"}


def test_shaded_paragraphs_that_touch_a_table_are_prose(convert: Convert) -> None:
    report = balanced(3)

    def shaded(xml: str) -> str:
        before, *rest = re.split("(<w:tbl>.*?</w:tbl>)", xml, flags=re.DOTALL)
        shade = (
            "<w:p><w:pPr><w:shd w:val='clear' w:fill='{}'/>"
            "<w:spacing w:before='0' w:after='0'/><w:ind w:left='-104' w:right='-64'/></w:pPr>"
        )
        every = [before, *rest]
        for n in range(0, len(every), 2):
            fill = "FFFFFF" if n else "DDEEFF"
            every[n] = re.sub(r"<w:p>(?:<w:pPr/>)?", shade.format(fill), every[n])
        return "".join(every)

    data = convert({"a": altered(word(report), shaded)}, "pdf")["a"]
    with pdfplumber.open(io.BytesIO(data)) as pdf:
        assert sum(len(page.rects) for page in pdf.pages) > 10
    ret = read(data)
    assert (wrong(ret, report.figures), ret.findings) == ([], ())
    assert (ret.unit, ret.year, dict(ret.texts)) == (report.agency, 2023, report.texts)


def test_a_highlighted_figure_is_one_in_a_pdf(convert: Convert) -> None:
    data, figures = report_of(run(FIGURE, "<w:highlight w:val='yellow'/>"))
    holds(read(convert({"a": data}, "pdf")["a"]), Kind(cell=""), figures)


# Merged cells


def merged(*, across: bool) -> tuple[bytes, Sequence[object]]:
    """A report with two cells of figures merged into one, beside or below each other."""
    report = balanced(3)
    data = word(report)

    def change(xml: str) -> str:
        rows = re.findall(r"<w:tr>.*?</w:tr>", xml, re.DOTALL)
        first = next(n for n, row in enumerate(rows) if "1.属于国家秘密" in row)
        made = list(rows[first : first + 2])
        cells = [re.findall(r"<w:tc>.*?</w:tc>", row, re.DOTALL) for row in made]
        if across:
            wide = cells[0][-4].replace("</w:tcPr>", "<w:gridSpan w:val='2'/></w:tcPr>")
            made[0] = made[0].replace(cells[0][-4] + cells[0][-3], wide)
        else:
            top = cells[0][-4].replace("</w:tcPr>", "<w:vMerge w:val='restart'/></w:tcPr>")
            low = "<w:tc><w:tcPr><w:vMerge/></w:tcPr><w:p/></w:tc>"
            made[0] = made[0].replace("".join(cells[0][-4:]), top + "".join(cells[0][-3:]))
            made[1] = made[1].replace("".join(cells[1][-4:]), low + "".join(cells[1][-3:]))
        for old, new in zip(rows[first : first + 2], made, strict=True):
            xml = xml.replace(old, new, 1)
        return xml

    return altered(data, change), report.figures


@pytest.mark.parametrize("kind", ["docx", "pdf"])
@pytest.mark.parametrize("across", [True, False])
def test_a_cell_merged_over_several_figures_is_named(
    kind: str, across: bool, convert: Convert
) -> None:
    data, figures = merged(across=across)
    if kind == "docx":
        merges = book_of(data).grid("表2").merges
        areas = [(m.bottom - m.top, m.right - m.left) for m in merges if m.left > 2]
        assert ((0, 1) if across else (1, 0)) in areas
    else:
        data = convert({"a": data}, "pdf")["a"]
    ret = read(data)
    assert silent(ret, figures) == []
    assert [f.code for f in ret.findings if f.code.startswith("M")] == ["M-07"]


# Texts that would be lost


HEADS = [part.title for part in FORM.parts]
SITE = (
    "友情链接",
    "人民网",
    "主办单位：甲市人民政府办公室",
    "网站标识码：3200000000",
    "打印 关闭",
    "- 3 -",
)


def made_of(report: Written, kind: str, lines: Callable[[list[str]], list[str]]) -> bytes:
    """A report in Word or as a text, its paragraphs changed."""
    if kind == "text":
        return "\n".join(lines(written.tabbed(report).split("\n"))).encode()

    def alter(made: Document) -> None:
        kept = lines([p.text for p in made.paragraphs])
        for p in made.paragraphs:
            if p.text not in kept:
                made.element.body.remove(p._element)
        for line in kept:
            if line not in [p.text for p in made.paragraphs]:
                made.add_paragraph(line)

    return word(report, alter)


@pytest.mark.parametrize("kind", ["docx", "text"])
@pytest.mark.parametrize("part", [0, 4])
def test_a_missing_heading_loses_no_text(kind: str, part: int) -> None:
    report = balanced(3, texts=TEXTS)
    data = made_of(report, kind, lambda lines: [x for x in lines if x != HEADS[part]])
    ret = read(data)
    assert dict(ret.texts) == TEXTS
    assert [(f.code, HEADS[part] in in_words(f.detail)) for f in ret.findings] == [("P-09", True)]


TEXTS = {t.name: f"按规定做好{t.label[-4:]}，全年没有发生问题，继续努力。" for t in FORM.texts}


def test_a_missing_heading_without_headings_of_texts() -> None:
    """The text is what stands below the title and is not about the report itself."""
    report = balanced(3, texts={**TEXTS, **dict.fromkeys(list(TEXTS)[1:5], "")})
    heads = {HEADS[0], *(t.heading for t in FORM.texts if t.heading)}
    about = "本报告根据条例编制，统计期限自2023年1月1日起至2023年12月31日止。"

    def cut(lines: list[str], *more: str) -> list[str]:
        at = next(n for n, line in enumerate(lines) if "年度报告" in line) + 1
        return [*lines[:at], about, *more, *(x for x in lines[at:] if x not in heads)]

    ret = read(made_of(report, "text", cut))
    assert ret.texts["p1.active"] == TEXTS["p1.active"]
    assert codes(ret.findings) == {"P-09"}
    more = "编制主动公开目录，全年没有发生问题，继续努力。"
    texts = {**report.texts, "p1.active": f"{TEXTS['p1.active']}\n{more}"}
    ret = read(made_of(balanced(3, texts=texts), "text", cut))
    assert ret.texts["p1.active"] == texts["p1.active"]
    # That sentence alone may be about the report: it is told, and not taken.
    texts["p1.active"] = ""
    ret = read(made_of(balanced(3, texts=texts), "text", lambda lines: cut(lines, more)))
    assert "p1.active" not in ret.texts
    assert [(f.code, in_words(f.found)) for f in ret.findings] == [("P-09", about)]


def test_a_missing_heading_of_a_table_does_not_swell_a_text() -> None:
    report = balanced(3, texts=TEXTS)
    ret = read(made_of(report, "text", lambda lines: [x for x in lines if x != HEADS[1]]))
    assert dict(ret.texts) == TEXTS
    assert codes(ret.findings) == {"P-09"}


def test_a_text_without_its_heading_between_texts_is_told() -> None:
    report = balanced(3, texts=TEXTS)
    ret = read(made_of(report, "docx", lambda lines: [x for x in lines if x != HEADS[5]]))
    assert ret.texts["p5.problems"].split("\n") == [TEXTS["p5.problems"], TEXTS["p6.matters"]]
    assert [(f.code, HEADS[5] in in_words(f.detail)) for f in ret.findings] == [("P-09", True)]


@pytest.mark.parametrize("kind", ["docx", "text"])
@pytest.mark.parametrize("signed", [True, False])
def test_the_foot_of_a_site_is_no_text(kind: str, signed: bool) -> None:
    report = balanced(3, texts=TEXTS)

    def add(lines: list[str]) -> list[str]:
        end = {report.agency, report.date} if not signed else set()
        return [*(x for x in lines if x and x not in end), *SITE]

    ret = read(made_of(report, kind, add))
    assert dict(ret.texts) == TEXTS
    assert ret.date == ("2024-01-31" if signed else "")
    assert codes(ret.findings) == (set() if signed else {"P-09"})


def test_a_text_that_names_sites_is_kept() -> None:
    said = "通过友情链接和扫一扫公开。\n主办单位已更新网站地图，浏览次数1200次。"
    report = balanced(3, texts={**TEXTS, "p6.matters": said})
    ret = read(
        made_of(report, "docx", lambda x: [y for y in x if y not in (report.agency, report.date)])
    )
    assert ret.texts["p6.matters"] == said
    assert ret.findings == ()


def test_text_below_the_signature_is_told() -> None:
    report = balanced(3, texts=TEXTS)
    more = "附件说明：本单位下一年度将继续做好公开工作，请各方监督。"
    ret = read(made_of(report, "docx", lambda lines: [*lines, more]))
    assert dict(ret.texts) == TEXTS
    assert [(f.code, in_words(f.found)) for f in ret.findings] == [("P-09", more)]


@pytest.mark.parametrize("kind", ["docx", "odt", "pdf"])
def test_struck_prose_is_left_out_and_told(kind: str, request: pytest.FixtureRequest) -> None:
    report = balanced(3, texts={**TEXTS, "p6.matters": "@@没有收取信息处理费。"})
    struck = f"</w:t></w:r>{run('旧的说法。', STRUCK)}<w:r><w:t>"
    data = altered(word(report), lambda xml: xml.replace("@@", struck))
    if kind != "docx":
        data = request.getfixturevalue("convert")({"a": data}, kind)["a"]
    ret = read(data)
    assert ret.texts["p6.matters"] == "没有收取信息处理费。"
    assert [(f.code, in_words(f.found)) for f in ret.findings] == [("P-09", "旧的说法。")]


def test_prose_in_a_row_of_a_table_is_read() -> None:
    """A report whose texts stand in rows of one cell of a table, as in a frame."""
    report = balanced(3, texts=TEXTS)

    def framed(xml: str) -> str:
        start, table = xml.index("<w:p><w:r><w:t>一、"), xml.index("<w:tbl>")
        start = start if start > 0 else table
        texts = re.findall(r"<w:p>.*?</w:p>", xml[start:table], re.DOTALL)
        rows = "".join(
            f"<w:tr><w:tc><w:tcPr><w:gridSpan w:val='4'/></w:tcPr>{p}</w:tc></w:tr>" for p in texts
        )
        first = xml.index("<w:tr>", table)
        return xml[:start] + xml[table:first] + rows + xml[first:]

    ret = read(altered(word(report), framed))
    assert dict(ret.texts) == TEXTS
    assert (wrong(ret, report.figures), ret.findings) == ([], ())


def test_a_foot_of_several_lines_on_each_page_is_no_text() -> None:
    def at(page: int, y: float, text: str) -> Printed:
        return Printed(page=page, text=text, box=(90, y, 200, y + 10), size=10)

    lines = [
        line
        for page in (1, 2, 3)
        for line in (
            at(page, 40, "甲市人民政府"),
            at(page, 60, "年度报告"),
            at(page, 100, f"第{page}页的正文，不是页脚。"),
            at(page, 700, "主办单位：甲市人民政府办公室"),
            at(page, 720, "版权所有"),
            at(page, 740, f"{page}"),
        )
    ]
    assert [line.text for line in running(lines, 3)] == [
        f"第{page}页的正文，不是页脚。" for page in (1, 2, 3)
    ]
