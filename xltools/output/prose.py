"""Write the sheet 文字 of a summary workbook, which has the texts of every merged unit side by
side.
"""

from __future__ import annotations

from itertools import groupby

from xltools.excel.page import HEAD_COLOUR, HEI, SheetWriter, print_nothing
from xltools.excel.safe_text import name
from xltools.excel.stream import Link, StreamedRow
from xltools.layout.geometry import EM, TALLEST, most_lines
from xltools.model.summary import MergedReturn
from xltools.output.plan import SummaryPlan

PARTS, HEAD = 2, 3  # rows of 文字: titles of the parts, headings of their texts
UNIT, TEXT = 140, 34 * EM + 8  # widths of the columns of names and of texts


def write(page: SheetWriter, plan: SummaryPlan) -> None:
    """Write the sheet 文字: a row for each unit and a column for each text. It is for the screen:
    on paper, a text is read in the return of its unit.
    """
    formats, sheet, summary = page.formats, page.sheet, plan.summary
    texts = summary.form.texts
    line = (
        "单元格显示不下的长文，可双击单元格或在编辑栏中查看全文。本页不打印，纸面请看各单位的报表。"
    )
    page.headline("文字部分", line, col=2)
    head = formats.cell(font_name=HEI, align="center", text_wrap=True, bg_color=HEAD_COLOUR)
    sheet.set_column_pixels(0, 0, 40)
    sheet.set_column_pixels(1, 1, UNIT)
    sheet.set_column_pixels(2, 1 + len(texts), TEXT)
    for col, title in enumerate(("序号", "单位名称")):
        page.merged((PARTS, col, HEAD, col), title, head)
    col = 2
    for title, group in groupby(texts, key=lambda t: t.part_title):
        members = list(group)
        last = col + len(members) - 1
        if any(t.heading for t in members):
            page.merged((PARTS, col, PARTS, last), title, head)
            for number, text in enumerate(members, col):
                page.text(HEAD, number, text.label, head)
        else:
            page.merged((PARTS, col, HEAD, last), title, head)
        col = last + 1
    for row in (PARTS, HEAD):
        sheet.set_row_pixels(row, 26)
    centre = formats.cell(align="center", valign="top")
    body = formats.cell(text_wrap=True, valign="top")
    page.stream(
        HEAD + 1,
        len(summary.entries),
        (_prose(plan, number, entry) for number, entry in enumerate(summary.entries, 1)),
        styles=(centre, body, *(body for _ in texts)),
        banded=True,
    )
    last = HEAD + max(1, len(summary.entries))
    sheet.autofilter(HEAD, 0, last, 1 + len(texts))
    sheet.freeze_panes(HEAD + 1, 2)
    print_nothing(sheet, 3 + len(texts))


def _prose(plan: SummaryPlan, number: int, entry: MergedReturn) -> StreamedRow:
    """The row of a unit's texts. ``number``: that of the row in the list, from 1."""
    unit = entry.unit.name
    texts = dict(entry.ret.texts.items())  # which may be packed
    written = [texts.get(text.name, "") for text in plan.summary.form.texts]
    tallest = most_lines(written, TEXT) * 19 + 8
    return StreamedRow(
        contents=(number, Link(plan.standing_link(unit), name(unit)), *written),
        height=min(TALLEST, max(24, tallest)),
    )
