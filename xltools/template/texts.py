"""The sheet 文字: a heading a text, and rows that take paragraphs pasted from Word."""

from xltools.excel.lock import lock_sheet
from xltools.excel.looks import MARK, PALE, RED, annotate
from xltools.layout.drawing import lines
from xltools.layout.places import TEXT_ROWS, TEXT_SHEET
from xltools.model.sheets import COVER
from xltools.template.draft import Draft

LENGTH = 2  # hidden column: how long each text is
WIDTH, TALLEST = 540, 545  # pixels; no row of Excel is higher


def paint_texts(draft: Draft) -> None:
    """Add 文字, when the form has texts: one paragraph a row, 30 rows a text."""
    layout, f = draft.layout, draft.formats
    if not layout.texts:
        return
    sheet = draft.book.add_worksheet(TEXT_SHEET)
    sheet.set_column_pixels(0, 0, WIDTH)
    sheet.set_column_pixels(1, 1, 170)
    sheet.set_column(LENGTH, LENGTH, None, None, {"hidden": True})
    hint = f"文字部分：一段一格。从 Word 复制后，选中标题下第一个浅黄格粘贴。（{_asked(draft)}）"
    sheet.write_string(0, 0, hint, f(font_color="#7F7F7F", text_wrap=True))
    sheet.write_url(0, 1, f"internal:'{COVER}'!A1", f(font_color="#0563C1", underline=1), "← 填报")
    sheet.set_row_pixels(0, 30)
    part = f(font_name="黑体", font_size=14)
    head = f(font_name="黑体", font_size=12, bg_color="#F2F2F2", border=1)
    small = f(font_size=9, font_color="#7F7F7F", indent=1)
    rows: dict[str, list[str]] = {}
    for place in layout.texts:
        rows.setdefault(place.text.part_title, []).append(f"$C${place.heading + 1}")
    given = {t.name: paragraphs(draft, t.name) for t in layout.form.texts}
    asked = draft.subject.limit
    for title in layout.titles:
        sheet.write_string(title.row, 0, title.part.title, part)
        sheet.set_row_pixels(title.row, 34)
        count = "+".join(rows[title.part.title])
        limit = 0 if asked is None else title.part.limit and (asked or title.part.limit)
        wish = f'&" 字，要求不超过 {limit} 字"' if limit else '&" 字"'
        now = sum(units(x) for t in title.part.texts for x in given[t.name])
        words = f"共 {now} 字，要求不超过 {limit} 字" if limit else f"共 {now} 字"
        sheet.write_formula(title.row, 1, f'="共 "&({count}){wish}', small, words)
        if limit:
            red = draft.book.add_format({"bg_color": RED, "font_color": "#9C0006"})
            rule = {"type": "formula", "criteria": f"=({count})>{limit}", "format": red}
            sheet.conditional_format(title.row, 1, title.row, 1, rule)
    plain: dict[str, object] = {"text_wrap": True, "locked": False, "valign": "top"}
    plain |= {"num_format": "@"}
    own = f(**plain | {"bg_color": PALE, "border": 4, "border_color": "#BFBFBF"})
    marked = f(**plain | MARK)
    for place in layout.texts:
        sheet.write_string(place.heading, 0, place.text.label, head)
        sheet.set_row_pixels(place.heading, 28)
        area = f"$A${place.first + 1}:$A${place.last + 1}"
        told, note = given[place.text.name], draft.subject.marks.get(place.text.name, "")
        # An array: some programs do not take SUMPRODUCT(LEN()) for one.
        length, here = sum(map(units, told)), (place.heading, LENGTH)
        sheet.write_array_formula(*here, *here, f"{{=SUM(LEN({area}))}}", None, length)
        formula = f'="已写 "&$C${place.heading + 1}&" 字"'
        sheet.write_formula(place.heading, 1, formula, small, f"已写 {length} 字")
        for row in range(place.first, place.last + 1):
            at = row - place.first
            look = marked if note and at < max(1, len(told)) else own
            if at < len(told):
                sheet.write_string(row, 0, told[at], look)
                sheet.set_row_pixels(row, min(TALLEST, 18 * lines(told[at], WIDTH) + 8))
            else:
                sheet.write_blank(row, 0, None, look)
        annotate(sheet, place.first, 0, note)
    sheet.freeze_panes(1, 0)
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.print_area(0, 0, layout.texts[-1].last, 0)
    sheet.hide_gridlines(2)
    lock_sheet(sheet, draft.password)


def _asked(draft: Draft) -> str:
    return {"必填": "本单位须填写", "选填": "可不填", "不填": "本单位不用填"}[draft.subject.text]


def paragraphs(draft: Draft, name: str) -> list[str]:
    """A text as its rows hold it: a paragraph a row, and all that is left in the last one."""
    start = draft.subject.start
    text = "" if start is None else start.texts.get(name, "")
    rows = text.split("\n") if text else []
    return [*rows[: TEXT_ROWS - 1], "\n".join(rows[TEXT_ROWS - 1 :])][: max(0, len(rows))]


def units(text: str) -> int:
    """The length of a text as Excel's LEN counts it."""
    return len(text.encode("utf-16-le")) // 2
