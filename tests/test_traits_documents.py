"""What stands in a cell of a document and is no part of its figure: marks, guides, struck, hidden
and white text, equations; in Word, in the formats that LibreOffice makes Word of, and in PDF.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pytest

from filled import FORM
from test_documents import MATCHER, balanced, codes, silent, wrong
from written import Convert, word
from xltools.match.mend import mended
from xltools.readers.workbook import book_of
from xltools.returns import Return, Status

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
