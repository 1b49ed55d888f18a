"""A table's sheet: the official table, its states at the foot, its colours."""

from collections.abc import Sequence
from typing import Any

from xltools.cells import Address
from xltools.formula import Linear, excel_sum, rectangles
from xltools.generate.draft import Draft, blanks
from xltools.generate.lock import lock_sheet
from xltools.layout import Box, Role, TableLayout
from xltools.numbers import Number, show
from xltools.sheets import CHECKS, COVER, OFF, RANK
from xltools.spec import Item, ItemType

BOUND = 999_999_999  # nine digits: more than any figure published so far
PALE, GREY, RED = "#FFFFE5", "#EDEDED", "#FFB3B3"
DIFFERENCE = '"差"0;"差"-0;"平衡";@'
DIFFERENCE_AMOUNT = '"差"0.00####;"差"-0.00####;"平衡";@'


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
    _mirror(draft, sheet, one)
    _foot(draft, sheet, one)
    _validate(draft, sheet, one)
    link = draft.formats(font_color="#0563C1", underline=1)
    sheet.write_url(one.foot + 1, 0, f"internal:'{COVER}'!A1", link, "← 返回填报")
    sheet.write_url(one.foot + 2, 0, f"internal:'{CHECKS}'!A1", link, "→ 看校验")
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


def look_of(box: Box, stubs: int) -> dict[str, object]:
    """How a printed box looks in a table with that many columns of stubs."""
    if box.role is Role.TITLE:
        return {"font_name": "黑体", "font_size": 15}
    look: dict[str, object] = {"border": 1, "text_wrap": True, "align": "center"}
    if box.role is Role.STUB and stubs > 1 and (box.width > 1 or box.col):
        look["align"] = "left"
    if box.role is Role.BLOCK:
        look["bold"] = True
    return look


def _draw(draft: Draft, sheet: Any, box: Box, stubs: int) -> None:
    look = draft.formats(**look_of(box, stubs))
    span(sheet, box, look)
    sheet.write_string(box.row, box.col, box.text, look)


def span(sheet: Any, box: Box, look: Any) -> None:
    """Merge a box's cells, blank; a single cell is left alone."""
    if box.height > 1 or box.width > 1:
        last = box.row + box.height - 1, box.col + box.width - 1
        sheet.merge_range(box.row, box.col, *last, "", look)


def _figure(draft: Draft, sheet: Any, box: Box, item: Item) -> None:
    """An input cell, open and pale yellow; or a total, locked and grey, with its formula."""
    total = item.formula is not None
    look = draft.formats(
        border=1, align="center", shrink=True, bg_color=GREY if total else PALE, locked=total
    )
    span(sheet, box, look)
    number = draft.numbers[item.index]
    if item.formula is not None:
        text = total_formula(draft, item, item.formula, sheet.get_name())
        sheet.write_formula(box.row, box.col, text, look, plain(number or 0))
    elif number is not None:
        sheet.write_number(box.row, box.col, plain(number), look)
    else:
        sheet.write_blank(box.row, box.col, None, look)


def total_formula(draft: Draft, item: Item, formula: Linear, home: str) -> str:
    """A total as Excel computes it; sums of amounts are rounded, as binary sums drift."""
    text = excel_sum(formula, draft.place, home)
    return f"=ROUND({text},6)" if item.type is ItemType.AMOUNT else f"={text}"


def plain(number: Number) -> int | float:
    """A number as a workbook stores it."""
    return number if isinstance(number, int) else float(number)


def _columns(one: TableLayout) -> dict[int, list[Box]]:
    columns: dict[int, list[Box]] = {}
    for box in one.drawing.boxes:
        if box.item is not None:
            columns.setdefault(box.col, []).append(box)
    return columns


def _mirror(draft: Draft, sheet: Any, one: TableLayout) -> None:
    """Hidden columns right of the table: per figure, how many reasons there are to be red.

    The colour looks at its own sheet only: formats that look at another one are damaged by .xls.
    """
    shift = len(one.drawing.widths) + 1
    cells: dict[int, list[int]] = {}
    for instance in draft.layout.form.instances:
        for item in instance.cells:
            cells.setdefault(item, []).append(instance.index)
    top, bottom = one.foot, 0
    for boxes in _columns(one).values():
        for box in boxes:
            assert box.item is not None
            figure = draft.layout.form.items[box.item]
            here = Address(sheet.get_name(), box.row, box.col).absolute
            whole = "" if figure.type is ItemType.AMOUNT else f"+({here}<>INT({here}))"
            own = f'IF({here}="",0,1)'
            bad = f"IF(ISNUMBER({here}),({here}<0){whole},{own})"
            rows = [r for r in cells.get(figure.index, ()) if _judged(draft, r)]
            wrong = rectangles([draft.check(r, RANK) for r in rows])
            parts = [f"COUNTIF({w},2)" for w in wrong]
            if figure.formula is None:
                parts.insert(0, f"IF(ISERROR({here}),1,{bad})")
            off = sum(
                draft.difference(_instance(draft, r)) != 0
                for r in rows
                if not draft.pending(_instance(draft, r))
            )
            text = "=" + ("+".join(parts) or "0")
            sheet.write_formula(box.row, box.col + shift, text, None, off)
            top, bottom = min(top, box.row), max(bottom, box.row)
    last = len(one.drawing.widths) - 1
    left = min(_columns(one))
    sheet.set_column(shift - 1, shift + last, None, None, {"hidden": True})
    flag = Address(sheet.get_name(), top, left + shift).a1
    sheet.conditional_format(
        top,
        left,
        bottom,
        last,
        {
            "type": "formula",
            "criteria": f"={flag}>0",
            "format": draft.book.add_format({"bg_color": RED, "font_color": "#9C0006"}),
        },
    )


def _instance(draft: Draft, row: int) -> Any:
    return draft.layout.form.instances[row]


def _judged(draft: Draft, row: int) -> bool:
    return draft.applies(_instance(draft, row))


def _foot(draft: Draft, sheet: Any, one: TableLayout) -> None:
    """Under each column, the worst state of the rules anchored in it."""
    form = draft.layout.form
    columns = _columns(one)
    stubs = min(columns)
    small = draft.formats(font_size=9, align="center", num_format=DIFFERENCE, shrink=True)
    if stubs:
        note = draft.formats(font_size=9, font_color="#7F7F7F", locked=True)
        sheet.write_string(one.foot, 0, "勾稽校验", note)
    for col, boxes in columns.items():
        items = [form.items[b.item] for b in boxes if b.item is not None]
        inputs = [i.index for i in items if i.formula is None]
        own = {i.index for i in items}
        ranks = [r.index for r in form.instances if r.anchor in own and draft.applies(r)]
        text, value = _foot_formula(draft, sheet.get_name(), inputs, ranks)
        sheet.write_formula(one.foot, col, text, small, value)
    area = (one.foot, stubs, one.foot, max(columns))
    here = Address(sheet.get_name(), one.foot, stubs).a1
    for rule, look in (
        (
            f'=OR({here}="非数字",AND(ISNUMBER({here}),{here}<>0))',
            {"bg_color": RED, "font_color": "#9C0006", "bold": True},
        ),
        (f'={here}="未填完"', {"font_color": "#9A9A9A"}),
        (f"=AND(ISNUMBER({here}),{here}=0)", {"font_color": "#2E7D32"}),
    ):
        sheet.conditional_format(
            *area, {"type": "formula", "criteria": rule, "format": draft.book.add_format(look)}
        )


def _foot_formula(
    draft: Draft, home: str, inputs: Sequence[int], instances: Sequence[int]
) -> tuple[str, int | float | str]:
    text, value = '""', ""
    if instances:
        ranks = ",".join(rectangles([draft.check(r, RANK) for r in instances]))
        offs = ",".join(rectangles([draft.check(r, OFF) for r in instances]))
        worst = f"IF(MAX({offs})>0,MAX({offs}),MIN({offs}))"
        text = (
            f'IF(MAX({ranks})=3,"非数字",IF(MAX({ranks})=2,{worst},IF(MAX({ranks})=1,"未填完",0)))'
        )
        states = [_instance(draft, r) for r in instances]
        offs_now = [draft.difference(i) for i in states if not draft.pending(i)]
        red = [d for d in offs_now if d]
        if red:
            best = max(red) if max(red) > 0 else min(red)
            return _guarded(draft, home, inputs, text), plain(best)
        if any(draft.pending(i) for i in states):
            value = "未填完"
        else:
            return _guarded(draft, home, inputs, text), 0
    return _guarded(draft, home, inputs, text), value


def _guarded(draft: Draft, home: str, inputs: Sequence[int], text: str) -> str:
    if not inputs:
        return "=" + text
    ranges = draft.ranges(inputs, home)
    count = f"COUNT({','.join(ranges)})+{blanks(ranges)}"
    return f'=IF({count}<{len(inputs)},"非数字",{text})'


def _validate(draft: Draft, sheet: Any, one: TableLayout) -> None:
    """What an input takes, and the yellow note beside it."""
    for boxes in _columns(one).values():
        for box in boxes:
            assert box.item is not None
            item = draft.layout.form.items[box.item]
            if item.formula is not None:
                continue
            amount = item.type is ItemType.AMOUNT
            kind = "不小于0的数，可有小数" if amount else "不小于0的整数"
            sheet.data_validation(
                box.row,
                box.col,
                box.row,
                box.col,
                {
                    "validate": "decimal" if amount else "integer",
                    "criteria": "between",
                    "minimum": 0,
                    "maximum": BOUND,
                    "input_title": item.label[:32],
                    "input_message": _prompt(draft, item, kind)[:255],
                    "error_title": "填写有误",
                    "error_message": f"请填{kind}，不带单位和其他文字，最大 {BOUND}。没有的填 0。",
                },
            )


def _prompt(draft: Draft, item: Item, kind: str) -> str:
    priors, source = draft.subject.priors, draft.layout.form.carried.get(item.index)
    if source in priors and source is not None:
        label = draft.layout.form.items[source].rows[-1]
        return (
            f"已按上年报告“{label}”填入 {show(priors[source])}，有出入的请改正，并在“校验”页说明。"
        )
    text = f"请填{kind}，没有的填 0。"
    if item.index in priors:
        text += f"\n上年：{show(priors[item.index])}"
    return text


def link_to(address: Address) -> str:
    """An internal link to a cell."""
    return f"internal:'{address.sheet}'!{address.a1}"
