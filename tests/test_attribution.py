"""Whose report a document is and of which year, said in all the ways in which it is said."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from support import written
from support.filled import LAYOUT
from xltools.match.attribution import Title, titles
from xltools.match.matcher import Matcher
from xltools.model.returns import Return
from xltools.readers.workbook import book_of

MATCHER = Matcher(LAYOUT)
TITLE = LAYOUT.form.title
UNIT = "甲市财政局"
REPORT = f"{UNIT}2024年{TITLE}"
OTHERS = (f"甲市教育局2024年{TITLE}", f"甲市公安局2023年{TITLE}")
PERIOD = "本报告所列数据的统计期限自2024年1月1日起至2024年12月31日止。"
FORMATS: dict[str, Callable[[written.Written], bytes]] = {
    "docx": written.word,
    "html": written.page,
    "txt": lambda report: written.tabbed(report).encode(),
}


def read(
    kind: str,
    front: Sequence[str],
    *,
    agency: str = UNIT,
    date: str = "2025年1月20日",
    head: str = "",
) -> Return:
    """A report with some lines above its first part; ``head``: what its page has in <head>."""
    made = replace(
        written.report_of("suqian_shi_2024"), title=front, agency=agency, date=date, texts={}
    )
    data = FORMATS[kind](made)
    if head:
        data = data.replace(b"<body>", f"<head>{head}</head><body>".encode(), 1)
    return MATCHER.match(book_of(data))


def said(ret: Return) -> list[str]:
    return [finding.code for finding in ret.findings if finding.code[0] == "I"]


# What stands above the report; unit, year, and what is said of it.
FRONTS: dict[str, tuple[Sequence[str], str, int, list[str]]] = {
    "its title": ([REPORT], UNIT, 2024, []),
    "its title over two lines": ([UNIT, f"2024年{TITLE}"], UNIT, 2024, []),
    "twice": ([REPORT, REPORT], UNIT, 2024, []),
    "reports of others above": ([*OTHERS, REPORT], UNIT, 2024, []),
    "an older report above": ([f"{UNIT}2023年{TITLE}", REPORT], UNIT, 2024, []),
    "about": ([f"{UNIT}关于2024年{TITLE}"], UNIT, 2024, []),
    "about publishing it": ([f"{UNIT}关于发布2024年{TITLE}"], UNIT, 2024, []),
    "twice without a unit": ([f"2024年{TITLE}"] * 2, UNIT, 2024, []),
    "no year but in the period": ([f"{UNIT}{TITLE}", PERIOD], UNIT, 2024, ["I-14"]),
    "no year but in the first sentence": (
        [f"{UNIT}{TITLE}", f"现公布{UNIT}2024年度{TITLE}。"], UNIT, 2024, ["I-14"],
    ),
    "no title": (["根据条例的规定，制作本报告。", PERIOD], UNIT, 2024, ["I-14"]),
    "no year but below": ([f"{UNIT}{TITLE}"], UNIT, 2024, ["I-14"]),
    "another year in the period": (
        [REPORT, PERIOD.replace("2024", "2023")], UNIT, 2024, ["I-13"],
    ),
    "a day in January": ([REPORT, "2025年1月1日起施行的办法。"], UNIT, 2024, []),
}  # fmt: skip


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("front", FRONTS)
def test_what_stands_above_a_report(kind: str, front: str) -> None:
    lines, unit, year, codes = FRONTS[front]
    ret = read(kind, lines)
    assert (ret.unit, ret.year, said(ret)) == (unit, year, codes)


@pytest.mark.parametrize("kind", FORMATS)
def test_a_report_that_names_nobody_and_no_year(kind: str) -> None:
    ret = read(kind, [TITLE], agency="", date="")
    assert (ret.unit, ret.year) == ("", 0)


@pytest.mark.parametrize(
    "head",
    [
        f"<title>{REPORT}</title>",
        f"<title>{REPORT}_甲市人民政府门户网站</title>",
        f"<title>甲市财政局 - {REPORT}</title>",
        f'<title>通知公告</title><meta name="ArticleTitle" content="{REPORT}">',
        f'<meta property="og:title" content="{REPORT}">',
    ],
)
def test_a_title_of_the_page_only(head: str) -> None:
    ret = read("html", ["最新公开", PERIOD], agency="", head=head)
    assert (ret.unit, ret.year, said(ret)) == (UNIT, 2024, [])


def test_the_title_of_the_page_says_what_the_title_does_not() -> None:
    ret = read("html", [*OTHERS, f"2024年{TITLE}"], agency="", head=f"<title>{REPORT}</title>")
    assert (ret.unit, ret.year) == (UNIT, 2024)
    ret = read("html", [f"{UNIT}{TITLE}"], head=f"<title>{UNIT}2023年{TITLE}</title>", date="")
    assert (ret.year, said(ret)) == (2023, ["I-14"])
    ret = read("html", [REPORT], head=f"<title>{UNIT}2023年{TITLE}</title>")
    assert (ret.year, said(ret)) == (2024, ["I-13"])


@pytest.mark.parametrize(
    ("lines", "unit", "year"),
    [
        ([f"2024年{TITLE}", f"2024年{TITLE}"], "", 2024),
        ([f"2024年{TITLE}2024年{TITLE}"], "", 0),
        ([f"甲市人民政府关于印发2024年{TITLE}"], "甲市人民政府", 2024),
        (["最新公开", f"2024年{TITLE}"], "", 2024),
        (["甲市", "财政局", f"2024年{TITLE}"], "甲市财政局", 2024),
    ],
)
def test_no_name_holds_a_title_or_a_year(lines: Sequence[str], unit: str, year: int) -> None:
    found = titles(lines, TITLE)
    last = found[-1] if found else Title(text="")
    assert (last.unit, last.year) == (unit, year)
