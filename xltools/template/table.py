"""A table's sheet: the official table, its states at the foot, its colours."""

from typing import Any

from xltools.excel.lock import lock_sheet
from xltools.excel.looks import (
    GREY,
    MARK,
    PALE,
    annotate,
    look_of,
    span,
)
from xltools.layout.drawing import Box
from xltools.layout.places import TableLayout
from xltools.model.form import BOUND, Item
from xltools.model.formula import Linear, excel_sum
from xltools.model.numbers import show, stored
from xltools.model.sheets import CHECKS, COVER, TO_CHECKS, TO_COVER
from xltools.template.draft import Draft
from xltools.template.states import columns_of, paint_foot, paint_mirror, takes


def paint_table(draft: Draft, one: TableLayout) -> None:
    """Add the sheet of a table."""
    sheet = draft.book.add_worksheet(one.sheet)
    drawing, form = one.drawing, draft.layout.form
    for col, width in enumerate(drawing.widths):
        sheet.set_column_pixels(col, col, width)
    for row, height in enumerate(drawing.heights):
        sheet.set_row_pixels(row, height)
    for box in drawing.boxes:
        if box.item is None:
            _draw(draft, sheet, box, drawing.stubs)
        else:
            _figure(draft, sheet, box, form.items[box.item])
    paint_mirror(draft, sheet, one)
    paint_foot(draft, sheet, one)
    _validate(draft, sheet, one)
    link = draft.formats(font_color="#0563C1", underline=1)
    sheet.write_url(one.foot + 1, 0, f"internal:'{COVER}'!A1", link, TO_COVER)
    sheet.write_url(one.foot + 2, 0, f"internal:'{CHECKS}'!A1", link, TO_CHECKS)
    sheet.set_paper(9)
    sheet.set_margins(left=0.7, right=0.7, top=0.75, bottom=0.75)
    sheet.center_horizontally()
    sheet.fit_to_pages(1, 1)
    if drawing.landscape:
        sheet.set_landscape()
    sheet.print_area(0, 0, one.foot, len(drawing.widths) - 1)
    sheet.set_header(f"&L{_plain(draft.subject.unit)}&R{draft.subject.year}年度")
    sheet.set_footer("&C第 &P 页，共 &N 页")
    sheet.hide_gridlines(2)
    first = next(b for b in drawing.boxes if b.item is not None)
    sheet.freeze_panes(min(first.row, 6), first.col if first.col < 4 else 0)
    sheet.set_selection(first.row, first.col, first.row, first.col)
    lock_sheet(sheet, draft.password)


def _plain(text: str) -> str:
    """A name in a page header, where & begins a code."""
    return text.replace("&", "&&")[:60]


def _draw(draft: Draft, sheet: Any, box: Box, stubs: int) -> None:
    look = draft.formats(**look_of(box, stubs))
    span(sheet, box, look)
    sheet.write_string(box.row, box.col, box.text, look)


def _figure(draft: Draft, sheet: Any, box: Box, item: Item) -> None:
    """An input cell, open and pale yellow; or a total, locked and grey, with its formula."""
    total = item.formula is not None
    note = draft.subject.marks.get(item.name, "")
    plain: dict[str, object] = {"border": 1, "align": "center", "shrink": True, "locked": total}
    plain["bg_color"] = GREY if total else PALE
    if item.pattern:
        plain["num_format"] = item.pattern
    look = draft.formats(**plain | (MARK if note else {}))
    span(sheet, box, look)
    annotate(sheet, box.row, box.col, note)
    number = draft.opening.numbers[item.index]
    if item.formula is not None:
        text = total_formula(draft, item, item.formula, sheet.get_name())
        sheet.write_formula(box.row, box.col, text, look, stored(number or 0))
    elif number is not None:
        sheet.write_number(box.row, box.col, stored(number), look)
    else:
        sheet.write_blank(box.row, box.col, None, look)


def total_formula(draft: Draft, item: Item, formula: Linear, home: str) -> str:
    """A total as Excel computes it; sums of amounts are rounded, as binary sums drift."""
    text = excel_sum(formula, draft.place, home, single="SUM({})")
    return f"={text}" if item.whole else f"=ROUND({text},6)"


def _validate(draft: Draft, sheet: Any, one: TableLayout) -> None:
    """What an input takes, and the yellow note beside it."""
    for boxes in columns_of(one).values():
        for box in boxes:
            assert box.item is not None
            item = draft.layout.form.items[box.item]
            if item.formula is not None:
                continue
            kind = takes(item)
            sheet.data_validation(
                box.row,
                box.col,
                box.row,
                box.col,
                {
                    "validate": "integer" if item.whole else "decimal",
                    "criteria": "between",
                    "minimum": -BOUND if item.signed else 0,
                    "maximum": BOUND,
                    "input_title": _heading(item),
                    "input_message": _prompt(draft, item, kind)[:255],
                    "error_title": "填写有误",
                    "error_message": f"请填{kind}，不带单位和其他文字，最大 {BOUND}。没有的填 0。",
                },
            )


def _heading(item: Item) -> str:
    """The innermost labels that tell a cell from its neighbours; Excel shows 32 characters."""
    return " ".join((*item.rows[-1:], *item.columns[-2:]))[-32:]


def _prompt(draft: Draft, item: Item, kind: str) -> str:
    priors, source = draft.subject.priors, draft.layout.form.carried.get(item.index)
    if source in priors and source is not None:
        before = draft.layout.form.items[source]
        label = (before.columns if before.row == item.row else before.rows or before.columns)[-1]
        return f"已按上年“{label}”填入 {show(priors[source])}，有出入的请改正，并在“校验”页说明。"
    unit = f"单位：{item.unit}。" if item.unit else ""
    text = f"请填{kind}，没有的填 0。{unit}"
    if item.index in priors:
        text += f"\n上年：{show(priors[item.index])}"
    return text
