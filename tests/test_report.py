"""The annual report as a document: what it says, how it looks, and what it refuses."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest
from docx import Document
from docx.shared import Pt
from typer.testing import CliRunner

from support.filled import FORM, LAYOUT, published
from xltools.cli.app import app
from xltools.forms import declaration
from xltools.ledgers.previous import load as load_previous
from xltools.match.matcher import Matcher
from xltools.model.errors import FormError
from xltools.model.evaluate import recomputed
from xltools.model.identity import TO_COMPLETE
from xltools.model.numbers import show
from xltools.model.previous import Previous
from xltools.model.returns import Status
from xltools.readers.workbook import book_of
from xltools.report.content import PaperError, paper_of, printed, sentences
from xltools.report.word import Paper, build

SAMPLES = Path(__file__).parent.parent / "samples"
SUMMARY = SAMPLES / "汇总.xlsx"
RETURN = SAMPLES / "inbox" / "2023年政府信息公开年报统计表_沭阳县.xlsx"
NUMBERS = [n or 0 for n in recomputed(FORM, published("suqian_shi_2023").made())]
TEXTS = {t.name: f"{t.name}第一段。\n第二段。" for t in FORM.texts}
PAPER = Paper(
    agency="宿迁市人民政府", year=2023, date="2024年1月20日",
    figures=[show(n) for n in NUMBERS], texts=TEXTS,
)  # fmt: skip


def paragraphs(data: bytes) -> list[str]:
    return [p.text for p in Document(io.BytesIO(data)).paragraphs if p.text]


def test_the_parts_stand_in_the_order_of_the_form() -> None:
    said = paragraphs(build(LAYOUT, PAPER))
    assert said[0] == "宿迁市人民政府\n2023年政府信息公开工作年度报告"
    assert [x for x in said if x in {p.title for p in FORM.parts}] == [p.title for p in FORM.parts]
    for text in FORM.texts:
        assert f"{text.name}第一段。" in said
    assert said[-2:] == ["宿迁市人民政府", "2024年1月20日"]


def test_every_figure_stands_in_its_cell() -> None:
    marks = replace(PAPER, figures=[f"#{i}" for i in range(len(FORM.items))])
    tables = Document(io.BytesIO(build(LAYOUT, marks))).tables
    assert len(tables) == len(LAYOUT.tables)
    for one, table in zip(LAYOUT.tables, tables, strict=True):
        first = 1  # the title is no row of it
        cells = [list(row.cells) for row in table.rows]
        for box in one.drawing.boxes:
            if box.item is not None:
                assert cells[box.row - first][box.col].text == f"#{box.item}"


def test_the_page_is_that_of_official_documents() -> None:
    document = Document(io.BytesIO(build(LAYOUT, PAPER)))
    section = document.sections[0]
    sizes = section.page_width, section.page_height, section.top_margin, section.left_margin
    assert [round(size.mm) for size in sizes if size] == [210, 297, 37, 28]
    body = next(p for p in document.paragraphs if p.text.endswith("第一段。"))
    assert body.style is not None
    assert body.style.font.size == Pt(16)
    assert 'w:eastAsia="仿宋_GB2312"' in body.style.element.xml
    assert "PAGE" in section.footer.paragraphs[0]._element.xml


def test_the_same_paper_gives_the_same_bytes() -> None:
    assert build(LAYOUT, PAPER) == build(LAYOUT, PAPER)


def test_an_empty_text_is_drafted_and_marked() -> None:
    name = FORM.report.drafts[0].text
    texts = {k: v for k, v in TEXTS.items() if k != name}
    data = build(LAYOUT, replace(PAPER, texts=texts, drafts=sentences(FORM, NUMBERS, {})))
    marked = [p for p in Document(io.BytesIO(data)).paragraphs if TO_COMPLETE in p.text]
    assert len(marked) == 1
    assert marked[0].runs[0].font.highlight_color is not None
    assert marked[0].text == TO_COMPLETE + sentences(FORM, NUMBERS, {})[name]


def test_sentences_have_the_figures_the_change_and_the_shares() -> None:
    received = FORM.by_name["t3.received.total"]
    said = sentences(FORM, NUMBERS, {received: 3000})["p1.on_request"]
    assert "新收政府信息公开申请3511件，比上年增加511件（17.0%）" in said
    assert "自然人3402件、占96.9%，法人或其他组织109件、占3.1%" in said
    assert "予以公开1191件" in said
    assert "不予公开" in said
    assert "（一）" not in said
    assert "与上年持平" in sentences(FORM, NUMBERS, {received: 3511})["p1.on_request"]
    fewer = sentences(FORM, NUMBERS, {received: 4000})["p1.on_request"]
    assert "比上年减少489件（12.2%）" in fewer
    none = sentences(FORM, [0] * len(NUMBERS), {})["p1.on_request"]
    assert none.startswith("本年新收政府信息公开申请0件；")


@pytest.mark.parametrize(
    ("lines", "at", "words"),
    [
        ("report = 3", (1, 10), "下面写键和值"),
        ("[report]\nannexe = 1", (2, 1), "annexe"),
        ('[report]\nannex = ["t.a.x"]', (2, 11), "写成 [数据项, 标题]"),
        ('[report]\nannex = [["t.b.x", "B"]]', (2, 12), "没有数据项 't.b.x'，是否为 t.a.x？"),
        ('[report.drafts]\n"p1.z" = "x"', (2, 1), "没有代号叫 'p1.z' 的文字"),
        ('[report.drafts]\n"p1.a" = ""', (2, 11), "句子空着"),
        ('[report.drafts]\n"p1.a" = "{t.a.x"', (2, 11), "花括号不成对"),
        ('[report.drafts]\n"p1.a" = "共{t.b.x}件"', (2, 13), "没有代号叫 'b' 的行或列"),
        ('[report.drafts]\n"p1.a" = "{shares t.a.x}"', (2, 19), "只能是一个合计"),
    ],
)
def test_a_wrong_section_is_shown_at_its_place(lines: str, at: tuple[int, int], words: str) -> None:
    head = 'form = "f"\nedition = "1"\ntitle = "T"\nauthority = "A"\n'
    rest = '\n[p1]\ntitle = "一、文字"\ntext = [["a", ""]]\n[t]\ntitle = "二、表"\n'
    rest += 'columns = [["x", "X"]]\nrows = [["a", "A"]]\n'
    top = "[" not in lines
    text = head + lines + rest if top else head + rest + lines
    first = text[: text.index(lines)].count("\n")
    with pytest.raises(FormError) as caught:
        declaration.read(text, Path("f.toml"))
    assert (caught.value.line - first, caught.value.column) == at, str(caught.value)
    assert words in str(caught.value)


def test_a_return_gives_its_report(tmp_path: Path) -> None:
    out = tmp_path / "r.docx"
    done = CliRunner().invoke(app, ["report", str(RETURN), "--out", str(out)])
    assert done.exit_code == 1, done.output  # its texts are to be written
    assert "标黄待补充" in done.output
    said = paragraphs(out.read_bytes())
    assert said[0].replace("\n", "") == "沭阳县2023年政府信息公开工作年度报告"


def test_a_summary_gives_the_districts_report(tmp_path: Path) -> None:
    paper = paper_of(LAYOUT, SUMMARY, agency="宿迁市人民政府")
    assert paper.annex is not None
    assert paper.annex.lines[-1][1] == "合计"
    received = [c.heading for c in FORM.report.annex].index("新收申请") + 2
    parts = [int(line[received]) for line in paper.annex.lines if "不计入" not in line[1]]
    assert parts[-1] == sum(parts[:-1]) > 0
    assert paper.figures[FORM.by_name["t3.received.total"]] == str(parts[-1])
    assert len(Document(io.BytesIO(build(LAYOUT, paper))).tables) == len(LAYOUT.tables) + 1


def test_another_years_figures_are_not_last_years() -> None:
    before = load_previous(SUMMARY, FORM)
    with pytest.raises(PaperError, match="2023"):
        paper_of(LAYOUT, SUMMARY, agency="宿迁市人民政府", previous=before)
    last = replace(before, year=2022)
    paper = paper_of(LAYOUT, SUMMARY, agency="宿迁市人民政府", previous=last)
    assert "与上年持平" in paper.drafts["p1.on_request"]


def test_whose_report_a_summary_gives_must_be_said() -> None:
    with pytest.raises(PaperError, match="--unit"):
        paper_of(LAYOUT, SUMMARY)


@pytest.mark.parametrize("name", ["suqian_shi_2023", "suqian_shi_2024", "qiaokou_jiguanshiwu_2022"])
def test_what_was_written_reads_back_exactly(name: str) -> None:
    made = published(name).made()
    numbers = recomputed(FORM, made)
    figures = ["" if n is None else show(n) for n in numbers]
    back = Matcher(LAYOUT).match(book_of(build(LAYOUT, replace(PAPER, figures=figures))))
    assert tuple(back.numbers) == tuple(numbers)
    assert (back.unit, back.year, back.date) == (PAPER.agency, PAPER.year, "2024-01-20")
    assert dict(back.texts) == TEXTS
    assert back.findings == ()
    assert back.document


def test_blanks_and_drafts_read_back_as_nothing() -> None:
    blank = replace(
        PAPER,
        figures=["" if i.formula is None else "0" for i in FORM.items],
        texts={},
        drafts={t.name: "共3件。" for t in FORM.texts},
    )
    back = Matcher(LAYOUT).match(book_of(build(LAYOUT, blank)))
    assert {back.statuses[i.index] for i in FORM.inputs()} == {Status.BLANK}
    assert dict(back.texts) == {}


def test_the_districts_report_reads_back_with_its_annex() -> None:
    paper = paper_of(LAYOUT, SUMMARY, agency="宿迁市人民政府")
    back = Matcher(LAYOUT).match(book_of(build(LAYOUT, paper)))
    assert [show(n) for n in back.numbers if n is not None] == list(paper.figures)
    assert back.findings == ()


@pytest.mark.parametrize("name", ["roster.xlsx", "README.md"])
def test_other_files_give_none(name: str) -> None:
    done = CliRunner().invoke(app, ["report", str(SAMPLES / name)])
    assert done.exit_code == 2
    assert name in done.output


def test_a_return_that_does_not_balance_is_told(tmp_path: Path) -> None:
    wrong = RETURN.with_name("2023年政府信息公开年报统计表_泗洪县.xlsx")
    done = CliRunner().invoke(app, ["report", str(wrong), "--out", str(tmp_path / "r.docx")])
    assert done.exit_code == 1
    assert "1 处必须更正" in done.output
    day = CliRunner().invoke(app, ["report", str(RETURN), "--date", "改天"])
    assert day.exit_code == 2
    assert "--date 改天" in day.output


def test_days_as_printed() -> None:
    assert printed("2026-01-09") == "2026年1月9日"
    assert printed("2026年12月31日") == "2026年12月31日"
    assert printed("").endswith("日")


def test_nothing_is_compared_with_what_last_years_table_does_not_have() -> None:
    figures = {FORM.by_name["t3.carried_out.natural"]: 3}
    known = Previous(year=2022, figures={"甲": figures}, path=Path())
    paper = paper_of(LAYOUT, SUMMARY, agency="某市", previous=known)
    assert not any("比上年" in said for said in paper.drafts.values()), paper.drafts
    whole = replace(load_previous(SUMMARY, FORM), year=2022)
    paper = paper_of(LAYOUT, SUMMARY, agency="某市", previous=whole)
    assert any("与上年持平" in said for said in paper.drafts.values()), paper.drafts
