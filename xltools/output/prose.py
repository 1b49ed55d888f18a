"""The sheet 文字: the text parts of all units side by side."""

from __future__ import annotations

from itertools import groupby

from xltools.excel.book import HEAD_COLOUR, HEI, TALLEST, Page
from xltools.excel.text import name
from xltools.layout.drawing import EM, lines
from xltools.output.plan import Plan

PARTS, HEAD = 2, 3  # rows: titles of the parts, headings of their texts
UNIT, TEXT = 140, 34 * EM + 8  # widths
EACH = 2  # texts on a page


def write(page: Page, plan: Plan) -> None:
    """A row a unit, a column a text."""
    book, sheet, summary = page.book, page.sheet, plan.summary
    texts = summary.form.texts
    page.headline("文字部分", "单元格显示不下的长文，可双击单元格或在编辑栏中查看全文。", col=2)
    head = book.cell(font_name=HEI, align="center", text_wrap=True, bg_color=HEAD_COLOUR)
    sheet.set_column_pixels(0, 0, 40)
    sheet.set_column_pixels(1, 1, UNIT)
    sheet.set_column_pixels(2, 1 + len(texts), TEXT)
    for col, title in enumerate(("序号", "单位名称")):
        page.merged((PARTS, col, HEAD, col), title, head)
    col = 2
    # Cut where a page ends, so that each page says what part it shows.
    for (title, _), group in groupby(texts, key=lambda t: (t.part_title, texts.index(t) // EACH)):
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
    centre = book.cell(align="center", valign="top")
    body = book.cell(text_wrap=True, valign="top")
    for row, entry in enumerate(summary.entries, HEAD + 1):
        sheet.write_number(row, 0, row - HEAD, centre)
        unit = entry.unit.name
        page.link(row, 1, plan.standing_link(unit), name(unit), body)
        written = [entry.ret.texts.get(text.name, "") for text in texts]
        for number, prose in enumerate(written, 2):
            page.text(row, number, prose, body)
        tallest = max(lines(text, TEXT) for text in written) * 19 + 8
        sheet.set_row_pixels(row, min(TALLEST, max(24, tallest)))
    last = HEAD + max(1, len(summary.entries))
    sheet.autofilter(HEAD, 0, last, 1 + len(texts))
    sheet.freeze_panes(HEAD + 1, 2)
    sheet.set_landscape()
    sheet.set_margins(left=0.5, right=0.5, top=0.5, bottom=0.6)
    sheet.repeat_rows(PARTS, HEAD)
    sheet.repeat_columns(0, 1)
    sheet.print_area(0, 0, last, 1 + len(texts))
    sheet.set_v_pagebreaks(list(range(2 + EACH, 2 + len(texts), EACH)))
    sheet.set_print_scale(85)
