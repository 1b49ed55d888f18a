"""The sheets that are filled in: a table with its states at the foot and its colours; 文字, a
heading a text.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from xltools.excel.page import (
    AMBER,
    DIFFERENCE,
    DIFFERENCE_AMOUNT,
    GREY,
    MARK,
    PALE,
    RED,
    Property,
    annotate,
    draw,
    lock_sheet,
    look_of,
)
from xltools.layout.geometry import Box, lines
from xltools.layout.places import TEXT_ROWS, TEXT_SHEET, TableLayout
from xltools.model.cells import Address
from xltools.model.form import BOUND, Item
from xltools.model.formula import Linear, excel_sum, rectangles
from xltools.model.identity import CHECKS, COVER, OFF, RANK, TO_CHECKS, TO_COVER
from xltools.model.numbers import show, stored
from xltools.model.returns import RuleState
from xltools.template.cell_entry import CellEntry
from xltools.template.draft import WorkbookDraft, counted, entries

LENGTH = 2  # hidden column: how long each text is
WIDTH, TALLEST = 540, 545  # pixels; no row of Excel is higher


def paint_texts(draft: WorkbookDraft) -> None:
    """Add 文字, when the form has texts: one paragraph a row, 30 rows a text."""
    layout, f = draft.layout, draft.formats
    if not layout.texts:
        return
    sheet = draft.book.sheet(TEXT_SHEET)
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
    written = {t.name: paragraphs(draft, t.name) for t in layout.form.texts}
    asked = draft.subject.limit
    for title in layout.titles:
        sheet.write_string(title.row, 0, title.part.title, part)
        sheet.set_row_pixels(title.row, 34)
        count = "+".join(rows[title.part.title])
        limit = 0 if asked is None else title.part.limit and (asked or title.part.limit)
        wish = f'&" 字，要求不超过 {limit} 字"' if limit else '&" 字"'
        now = sum(units(x) for t in title.part.texts for x in written[t.name])
        words = f"共 {now} 字，要求不超过 {limit} 字" if limit else f"共 {now} 字"
        sheet.write_formula(title.row, 1, f'="共 "&({count}){wish}', small, words)
        if limit:
            red = draft.formats.change(**{"bg_color": RED, "font_color": "#9C0006"})
            rule = {"type": "formula", "criteria": f"=({count})>{limit}", "format": red}
            sheet.conditional_format(title.row, 1, title.row, 1, rule)
    plain: dict[str, Property] = {"text_wrap": True, "locked": False, "valign": "top"}
    plain |= {"num_format": "@"}
    plain_look = f(**plain | {"bg_color": PALE, "border": 4, "border_color": "#BFBFBF"})
    marked = f(**plain | MARK)
    for place in layout.texts:
        sheet.write_string(place.heading, 0, place.text.label, head)
        sheet.set_row_pixels(place.heading, 28)
        area = f"$A${place.first + 1}:$A${place.last + 1}"
        texts, note = (
            written[place.text.name],
            draft.subject.marks.get(place.text.name, ""),
        )
        # An array: some programs do not take SUMPRODUCT(LEN()) for one.
        length, here = sum(map(units, texts)), (place.heading, LENGTH)
        sheet.write_array_formula(*here, *here, f"{{=SUM(LEN({area}))}}", None, length)
        formula = f'="已写 "&$C${place.heading + 1}&" 字"'
        sheet.write_formula(place.heading, 1, formula, small, f"已写 {length} 字")
        for row in range(place.first, place.last + 1):
            at = row - place.first
            look = marked if note and at < max(1, len(texts)) else plain_look
            if at < len(texts):
                sheet.write_string(row, 0, texts[at], look)
                sheet.set_row_pixels(row, min(TALLEST, 18 * lines(texts[at], WIDTH) + 8))
            else:
                sheet.write_blank(row, 0, None, look)
        annotate(sheet, place.first, 0, note)
    sheet.freeze_panes(1, 0)
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.print_area(0, 0, layout.texts[-1].last, 0)
    sheet.hide_gridlines(2)
    lock_sheet(sheet, draft.password)


def _asked(draft: WorkbookDraft) -> str:
    return {"必填": "本单位须填写", "选填": "可不填", "不填": "本单位不用填"}[draft.subject.text]


def paragraphs(draft: WorkbookDraft, name: str) -> list[str]:
    """A text as its rows hold it: a paragraph a row, and all that is left in the last one."""
    start = draft.subject.start
    text = "" if start is None else start.texts.get(name, "")
    rows = text.split("\n") if text else []
    return [*rows[: TEXT_ROWS - 1], "\n".join(rows[TEXT_ROWS - 1 :])][: max(0, len(rows))]


def units(text: str) -> int:
    """The length of a text as Excel's LEN counts it."""
    return len(text.encode("utf-16-le")) // 2


_ASKED = 0.5  # in the hidden mirror: no reason to be red, but one to be looked at
_BAD = "数字有误"  # negative, in parts, or too large


def columns_of(placed: TableLayout) -> Mapping[int, list[tuple[Box, int]]]:
    """The boxes of figures, each with the number of its item, by column of the sheet, from top to
    bottom.
    """
    columns: dict[int, list[tuple[Box, int]]] = {}
    for box in placed.drawing.boxes:
        if box.item is not None:
            columns.setdefault(box.col, []).append((box, box.item))
    return columns


def paint_mirror(draft: WorkbookDraft, sheet: Any, placed: TableLayout) -> None:
    """Hidden columns right of the table: per figure, how many reasons there are to be red.

    The colour looks at its own sheet only: formats that look at another one are damaged by .xls.
    """
    shift = placed.mirror
    cells: dict[int, list[int]] = {}
    for instance in draft.layout.form.instances:
        for item in instance.cells:
            cells.setdefault(item, []).append(instance.index)
    top, bottom = placed.foot, 0
    for boxes in columns_of(placed).values():
        for box, number in boxes:
            rows = [r for r in cells.get(number, ()) if draft.opening.rows[r].applies]
            ranks = rectangles([draft.check(r, RANK) for r in rows])
            parts = [counted(ranks, "=2")] if ranks else []
            off = float(sum(draft.opening.rows[r].rank == 2 for r in rows))
            if draft.layout.form.items[number].formula is None:
                state = draft.entry(number).full
                asked = f"IF({state}>={CellEntry.YUAN:d},{_ASKED},0)"
                parts.insert(0, f"IF({state}>={CellEntry.WRONG:d},1,{asked})")
                now = draft.opening.states[number]
                off += 1 if now >= CellEntry.WRONG else _ASKED if now.asked else 0
            text = "=" + ("+".join(parts) or "0")
            sheet.write_formula(box.row, box.col + shift, text, None, off)
            top, bottom = min(top, box.row), max(bottom, box.row)
    last = len(placed.drawing.widths) - 1
    left = min(columns_of(placed))
    sheet.set_column(shift - 1, shift + last, None, None, {"hidden": True})
    flag = Address(sheet.get_name(), top, left + shift).a1
    for rule, look in (
        (f"={flag}>=1", {"bg_color": RED, "font_color": "#9C0006"}),
        (f"={flag}>0", {"bg_color": AMBER, "font_color": "#7F6000"}),
    ):
        sheet.conditional_format(
            *(top, left, bottom, last),
            {"type": "formula", "criteria": rule, "format": draft.formats.change(**look)},
        )


def takes(item: Item) -> str:
    """What an input takes, in words."""
    sign = "可为负数的" if item.signed else "不小于0的"
    if item.whole:
        return f"{sign}整数"
    return f"{sign}数，" + {None: "可有小数", 0: "不带小数"}.get(
        item.decimals, f"小数至多{item.decimals}位"
    )


def paint_foot(draft: WorkbookDraft, sheet: Any, placed: TableLayout) -> None:
    """Under each column, the worst state of the rules anchored in it."""
    form = draft.layout.form
    columns = columns_of(placed)
    stubs = min(columns)
    if stubs:
        note = draft.formats(font_size=9, font_color="#7F7F7F", locked=True)
        sheet.write_string(placed.foot, 0, "勾稽校验", note)
    for col, boxes in columns.items():
        items = [form.items[number] for _, number in boxes]
        inputs = [i.index for i in items if i.formula is None]
        indexes = {i.index for i in items}
        rows = draft.opening.rows
        ranks = [r.index for r in form.instances if r.anchor in indexes and rows[r.index].applies]
        text, value = _foot_formula(draft, inputs, ranks)
        amounts = any(draft.amounts(form.instances[r]) for r in ranks)
        shows = DIFFERENCE_AMOUNT if amounts else DIFFERENCE
        small = draft.formats(font_size=9, align="center", num_format=shows, shrink=True)
        sheet.write_formula(placed.foot, col, text, small, value)
    area = (placed.foot, stubs, placed.foot, max(columns))
    here = Address(sheet.get_name(), placed.foot, stubs).a1
    for rule, look in (
        (
            f'=OR({here}="{RuleState.NOT_NUMBER.value}",{here}="{_BAD}",AND(ISNUMBER({here}),{here}<>0))',
            {"bg_color": RED, "font_color": "#9C0006", "bold": True},
        ),
        (f'={here}="{RuleState.INCOMPLETE.value}"', {"font_color": "#9A9A9A"}),
        (f"=AND(ISNUMBER({here}),{here}=0)", {"font_color": "#2E7D32"}),
    ):
        sheet.conditional_format(
            *area, {"type": "formula", "criteria": rule, "format": draft.formats.change(**look)}
        )


def _foot_formula(
    draft: WorkbookDraft, inputs: Sequence[int], instances: Sequence[int]
) -> tuple[str, int | float | str]:
    text = '""'
    now: int | float | str = ""
    if instances:
        ranks = ",".join(rectangles([draft.check(r, RANK) for r in instances]))
        offs = ",".join(rectangles([draft.check(r, OFF) for r in instances]))
        worst = f"IF(MAX({offs})>0,MAX({offs}),MIN({offs}))"
        text = (
            f'IF(MAX({ranks})=3,"{RuleState.NOT_NUMBER.value}",IF(MAX({ranks})=2,{worst},'
            f'IF(MAX({ranks})=1,"{RuleState.INCOMPLETE.value}",0)))'
        )
        rows = [draft.opening.rows[r] for r in instances]
        rank, red = max(row.rank for row in rows), [row.off for row in rows]
        best = max(red) if max(red) > 0 else min(red)
        now = (0, RuleState.INCOMPLETE.value, stored(best))[rank]
    if any(draft.opening.states[i] is CellEntry.WRONG for i in inputs):
        now = _BAD
    return _guarded(draft, inputs, text), now


def _guarded(draft: WorkbookDraft, inputs: Sequence[int], text: str) -> str:
    """A foot's formula, which judges nothing while a figure above it is wrong by itself."""
    if not inputs:
        return "=" + text
    words = entries(draft, inputs, f"={CellEntry.NO_NUMBER:d}")
    wrong = entries(draft, inputs, f"={CellEntry.WRONG:d}")
    return f'=IF({words}>0,"{RuleState.NOT_NUMBER.value}",IF({wrong}>0,"{_BAD}",{text}))'


def paint_table(draft: WorkbookDraft, placed: TableLayout) -> None:
    """Add the sheet of a table."""
    sheet = draft.book.sheet(placed.sheet)
    drawing, form = placed.drawing, draft.layout.form

    def style(box: Box) -> Any:
        if box.item is None:
            return draft.formats(**look_of(box, drawing.stubs))
        return _look(draft, form.items[box.item])

    def figure(box: Box, item: int, look: Any) -> None:
        _figure(draft, sheet, box, form.items[item], look)

    draw(sheet, drawing, style, figure)
    paint_mirror(draft, sheet, placed)
    paint_foot(draft, sheet, placed)
    _validate(draft, sheet, placed)
    link = draft.formats(font_color="#0563C1", underline=1)
    sheet.write_url(placed.foot + 1, 0, f"internal:'{COVER}'!A1", link, TO_COVER)
    sheet.write_url(placed.foot + 2, 0, f"internal:'{CHECKS}'!A1", link, TO_CHECKS)
    sheet.set_paper(9)
    sheet.set_margins(left=0.7, right=0.7, top=0.75, bottom=0.75)
    sheet.center_horizontally()
    sheet.fit_to_pages(1, 1)
    if drawing.landscape:
        sheet.set_landscape()
    sheet.print_area(0, 0, placed.foot, len(drawing.widths) - 1)
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


def _look(draft: WorkbookDraft, item: Item) -> Any:
    """The format of a figure: an input open and pale yellow, a total locked and grey; one with a
    note stands out.
    """
    total = item.formula is not None
    plain: dict[str, Property] = {"border": 1, "align": "center", "shrink": True, "locked": total}
    plain["bg_color"] = GREY if total else PALE
    if item.pattern:
        plain["num_format"] = item.pattern
    return draft.formats(**plain | (MARK if draft.subject.marks.get(item.name) else {}))


def _figure(draft: WorkbookDraft, sheet: Any, box: Box, item: Item, look: Any) -> None:
    """What a figure's cell holds: a number, blank, or the formula of a total; and its note."""
    annotate(sheet, box.row, box.col, draft.subject.marks.get(item.name, ""))
    number = draft.opening.numbers[item.index]
    if item.formula is not None:
        text = total_formula(draft, item, item.formula, sheet.get_name())
        sheet.write_formula(box.row, box.col, text, look, stored(number or 0))
    elif number is not None:
        sheet.write_number(box.row, box.col, stored(number), look)
    else:
        sheet.write_blank(box.row, box.col, None, look)


def total_formula(draft: WorkbookDraft, item: Item, formula: Linear, home: str) -> str:
    """A total as Excel computes it; sums of amounts are rounded, as binary sums drift."""
    text = excel_sum(formula, draft.place, home, single="SUM({})")
    return f"={text}" if item.whole else f"=ROUND({text},6)"


def _validate(draft: WorkbookDraft, sheet: Any, placed: TableLayout) -> None:
    """What an input takes, and the yellow note beside it."""
    for boxes in columns_of(placed).values():
        for box, number in boxes:
            item = draft.layout.form.items[number]
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


def _prompt(draft: WorkbookDraft, item: Item, kind: str) -> str:
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
