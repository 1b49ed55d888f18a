"""Write the sheet 打印稿: all tables on one A4 page, filled by formulas, for signature and seal."""

from typing import Any

from xltools.excel.page import Property, draw, lock_sheet, look_of, merge
from xltools.layout.geometry import Box, Role
from xltools.layout.places import compose
from xltools.model.cells import Address
from xltools.model.form import Item
from xltools.model.identity import (
    COVER,
    DATE,
    FILLER,
    LIGHT_ROW,
    PRINT,
    UNIT,
    VALUE_COLUMN,
)
from xltools.model.numbers import stored
from xltools.model.returns import RuleState
from xltools.template.cell_entry import CellEntry
from xltools.template.draft import COMPLETE, WorkbookDraft, field_cell
from xltools.template.opening import Opening
from xltools.template.status_light import day_of, light_now

_DRAFT = "（尚未填完或有须改正处，不得报送）"
_TOP = 2  # rows above the tables: title and unit
_WIDTH = 756  # pixels: the widest table at its own width; the page is scaled to it
_LINE, _LEAST = 18, 19  # pixels: rows on paper may be lower than rows that are typed into


def paint_printout(draft: WorkbookDraft) -> None:
    """Add the sheet 打印稿: title and unit, all tables below each other, and the lines for
    signatures.
    """
    sheet, f, form = draft.book.sheet(PRINT), draft.formats, draft.layout.form
    page = compose(draft.layout, top=_TOP, width=_WIDTH, line=_LINE, least=_LEAST)
    drawing = page.drawing
    stubs = {t.table.key: t.drawing.stubs for t in draft.layout.tables}
    tables = [t.table.key for t in draft.layout.tables]

    def style(box: Box) -> Any:
        table = tables[sum(top <= box.row for top in page.tops) - 1]
        return _look(draft, box, stubs[table])

    def figure(box: Box, item: int, look: Any) -> None:
        _figure(draft, sheet, box, form.items[item], look)

    last = len(drawing.widths) - 1
    title = f(font_name="黑体", font_size=16, align="center")
    merge(sheet, 0, 0, 0, last, title)
    sheet.write_string(0, 0, f"{draft.subject.year}年{form.short}", title)
    unit = field_cell(UNIT).full
    half = max(0, (last - 1) // 2)
    left, right = f(), f(align="right", bold=True, font_color="#C00000")
    merge(sheet, 1, 0, 1, half, left)
    sheet.write_formula(1, 0, f'="填报单位："&{unit}', left, f"填报单位：{draft.subject.unit}")
    merge(sheet, 1, half + 1, 1, last, right)
    light = Address(COVER, LIGHT_ROW, VALUE_COLUMN).full
    text = f'=IF(LEFT({light},2)="{RuleState.BALANCED.value}","","{_DRAFT}")'

    def unfinished(now: Opening) -> str:
        return "" if light_now(draft, now).startswith(RuleState.BALANCED.value) else _DRAFT

    sheet.write_formula(1, half + 1, text, right, draft.shown(unfinished))
    draw(sheet, drawing, style, figure)
    sheet.set_row_pixels(0, 38)
    if not last:
        sheet.set_column_pixels(1, 1, _WIDTH // 2)  # a table of one column: room beside it
    bottom = _signatures(draft, sheet, len(drawing.heights), drawing.widths)
    sheet.set_paper(9)
    sheet.set_margins(left=0.7, right=0.7, top=0.6, bottom=0.6)
    sheet.center_horizontally()
    sheet.fit_to_pages(1, 1)
    sheet.print_area(0, 0, bottom, max(1, last))
    sheet.hide_gridlines(2)
    lock_sheet(sheet, draft.password)


def _look(draft: WorkbookDraft, box: Box, stubs: int) -> Any:
    """The format of a box: as on the sheet of its table, but figures without background. ``stubs``:
    the number of columns with headings to the left of the figures.
    """
    if box.item is None:
        small: dict[str, Property] = {"font_size": 12} if box.role is Role.TITLE else {}
        return draft.formats(**look_of(box, stubs) | small)
    pattern = draft.layout.form.items[box.item].pattern
    number: dict[str, Property] = {"num_format": pattern} if pattern else {}
    return draft.formats(border=1, shrink=True, align="center", **number)


def _figure(draft: WorkbookDraft, sheet: Any, box: Box, item: Item, look: Any) -> None:
    """Write the formula of a figure. It shows nothing for a blank or a total until the table is
    complete; from then on it shows 0 for a blank.
    """
    cell = draft.layout.address(item.index).full
    complete = draft.status(item.table, COMPLETE).full
    if item.formula is None:
        blank = f"{draft.entry(item.index).full}={CellEntry.BLANK:d}"
        text = f'=IF({blank},IF({complete}=1,0,""),{cell})'
    else:
        text = f'=IF({complete}=1,{cell},"")'

    def now(opening: Opening) -> int | float | str:
        number, filled = opening.numbers[item.index], opening.complete(item.table)
        if number is None and filled:
            number = 0
        hidden = number is None or (item.formula is not None and not filled)
        return "" if number is None or hidden else stored(number)

    sheet.write_formula(box.row, box.col, text, look, draft.shown(now))


def _signatures(draft: WorkbookDraft, sheet: Any, row: int, widths: tuple[int, ...]) -> int:
    """Write a row for 填表人 and the people who sign, and a row for the seal and the date. ``row``:
    the first of these; ``widths``: of the columns, in pixels. Returns the last row.
    """
    f = draft.formats
    total, at, cuts = sum(widths), 0, [0]
    filler, date = field_cell(FILLER).full, field_cell(DATE).full
    entries = [("填表人：", filler), *((f"{s}：", "") for s in draft.layout.form.signers)]
    for number in range(1, len(entries)):
        while at < len(widths) and sum(widths[:at]) < total * number / len(entries):
            at += 1
        cuts.append(at)
    cuts.append(len(widths))
    look = f(shrink=True)
    if len(set(cuts)) < len(cuts):  # a table of few columns: one line for all
        label, source = entries[0]
        rest = "".join(f"　　　　{label}" for label, _ in entries[1:])
        merge(sheet, row, 0, row, len(widths) - 1, look)
        sheet.write_formula(row, 0, f'="{label}"&{source}&"{rest}"', look, label + rest)
        entries = []
    for (label, source), left, right in zip(entries, cuts, cuts[1:], strict=False):
        merge(sheet, row, left, row, right - 1, look)
        if source:
            name = draft.subject.start.filler if draft.subject.start else ""
            sheet.write_formula(row, left, f'="{label}"&{source}', look, label + name)
        else:
            sheet.write_string(row, left, label, look)
    sheet.set_row_pixels(row, 34)
    look = f(align="right")
    merge(sheet, row + 1, 0, row + 1, len(widths) - 1, look)
    blank = "      年    月    日"
    text = f'="（单位公章）    "&IF({date}="","{blank}",IF(AND(ISNUMBER({date}),N({date})<73415),'
    text += f'YEAR({date})&"年"&MONTH({date})&"月"&DAY({date})&"日",{date}))'
    typed = draft.subject.start.date if draft.subject.start else ""
    day = day_of(typed)
    now = f"{day.year}年{day.month}月{day.day}日" if day else typed or blank
    sheet.write_formula(row + 1, 0, text, look, f"（单位公章）    {now}")
    sheet.set_row_pixels(row + 1, 34)
    return row + 1
