"""Write the sheet 填报: who reports, what is declared, how far each part is filled in, and what to
do.
"""

from datetime import date
from typing import Any

from xltools.excel.page import (
    FINISHED,
    HEADING,
    LINK,
    MARK,
    PALE,
    TO_LOOK_AT,
    TO_MEND,
    Property,
    annotate,
    colour_where,
    lock_sheet,
)
from xltools.layout.geometry import lines
from xltools.layout.places import TEXT_SHEET, TableLayout
from xltools.model.cells import Address
from xltools.model.formula import rectangles
from xltools.model.identity import (
    CHECKS,
    CHECKS_TOP,
    COVER,
    DATE,
    FIELD_COLUMN,
    FIELDS,
    FILLER,
    ISSUES,
    LIGHT_ROW,
    NONE,
    NONE_COLUMN,
    PHONE,
    PRINT,
    PROGRESS_HEAD,
    RANK,
    UNIT,
    VALUE_COLUMN,
    YEAR,
    YES,
    ZERO,
)
from xltools.model.returns import RuleState
from xltools.model.roster import Texts
from xltools.template.cell_entry import counted, says_yes
from xltools.template.checks import rows_of
from xltools.template.draft import BLANKS, DECLARED, INPUTS, WorkbookDraft, field_cell, none_cell
from xltools.template.opening import Opening, Start
from xltools.template.status_light import (
    READY,
    UNFILLED,
    day_of,
    example,
    light_formula,
    light_now,
    odd_day,
)
from xltools.template.table import LENGTH

_WIDTHS = 16, 250, 210, 100, 130  # of the columns, in pixels
_WIDTH = sum(_WIDTHS[FIELD_COLUMN:])
_SECRET = "本表不得填写涉密内容；涉密信息不得通过互联网报送。"
_STEPS = (
    "① 填好单位名称、填表人、电话、日期，再逐张填各表的浅黄格；合计自动算出。没有的填 0，"
    "或把“空白格按零计”选“是”；整表没有的选“本年无此项”。",
    "② 看上面的“填报状态”：红色处须改正，点“校验”看差在哪里；标有“可说明”的（如与上年对不上），"
    "在“校验”页写情况说明即可。橙色处请核对。",
    "③ {text}打印“打印稿”签字盖章，把本文件原样发回，不要改文件名。",
)
_TEXT = "需要写文字的，在“文字”页一段一格粘贴；然后"


def paint_cover(draft: WorkbookDraft) -> None:
    """Add the sheet 填报: the fields at the top, the status light, the list of parts with links to
    them, and the steps to take.
    """
    sheet, f, subject = draft.book.sheet(COVER), draft.formats, draft.subject
    for column, width in enumerate(_WIDTHS):
        sheet.set_column_pixels(column, column, width)
    sheet.set_row_pixels(0, 44)
    title = f(font_name="黑体", font_size=18, align="center")
    sheet.merge_range(0, 1, 0, 4, "", title)
    sheet.write_string(0, 1, f"{subject.year}年{draft.layout.form.short}", title)
    warn = f(bold=True, font_color="#C00000", align="center", border=1, bg_color="#FDECEA")
    sheet.merge_range(1, 1, 1, 4, "", warn)
    sheet.write_string(1, 1, _SECRET, warn)
    sheet.set_row_pixels(1, 30)
    _fields(draft, sheet)
    _light(draft, sheet)
    _notice(draft, sheet)
    end = _progress(draft, sheet)
    _steps(draft, sheet, end + 1)
    sheet.hide_gridlines(2)
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 1)
    sheet.center_horizontally()
    first = field_cell(FILLER)
    sheet.set_selection(first.row, first.col, first.row, first.col)
    if subject.issues is None:
        sheet.activate()
    lock_sheet(sheet, draft.password)


def _fields(draft: WorkbookDraft, sheet: Any) -> None:
    """Write the fields at the top, from 单位名称 to 空白格按零计: their names, the cells to fill
    in, and hints.
    """
    f, subject = draft.formats, draft.subject
    label = f(border=1, bg_color="#F2F2F2", align="center")
    fixed = f(border=1, bold=True, indent=1)
    notes = {
        **({} if subject.unit else {UNIT: "请填本单位全称"}),
        FILLER: "填表人姓名",
        PHONE: "有疑问时联系的电话",
        DATE: f"如 {example(subject.year)}",
        ZERO: "选“是”：各表没填的格都是 0",
    }
    for name, row in FIELDS.items():
        sheet.set_row_pixels(row, 30)
        sheet.write_string(row, FIELD_COLUMN, name, label)
        if name == UNIT and subject.unit:
            sheet.write_string(row, VALUE_COLUMN, subject.unit, fixed)
        elif name == YEAR:
            sheet.write_number(
                row, VALUE_COLUMN, subject.year, f(border=1, bold=True, indent=1, align="left")
            )
        else:
            kinds = {DATE: "yyyy-mm-dd", PHONE: "@", UNIT: "@", FILLER: "@"}
            look = f(
                border=1,
                bg_color=PALE,
                locked=False,
                indent=1,
                align="left",
                num_format=kinds.get(name, "General"),
            )
            _initial(sheet, row, name, draft.subject.start, look)
        if name == UNIT:
            sheet.merge_range(row, VALUE_COLUMN, row, 4, "", fixed)
            if subject.unit:
                sheet.write_string(row, VALUE_COLUMN, subject.unit, fixed)
            else:
                sheet.write_blank(
                    row, VALUE_COLUMN, None, f(border=1, bg_color=PALE, locked=False, indent=1)
                )
        if name in notes and name != UNIT:
            grey = f(font_color="#7F7F7F", font_size=9, indent=1)
            sheet.write_string(row, VALUE_COLUMN + 1, notes[name], grey)
    _dated(draft, sheet, field_cell(DATE))
    zero = field_cell(ZERO)
    _yes(sheet, zero, "选“是”表示：所有没有填的格都按 0 计。不选则空白格视为没有填完。")


def _initial(sheet: Any, row: int, name: str, start: Start | None, look: Any) -> None:
    """Write what the workbook has from the start (``start``) to the cell of the field ``name``, or
    leave the cell blank.
    """
    if start is None:
        sheet.write_blank(row, VALUE_COLUMN, None, look)
        return
    texts = {FILLER: start.filler, PHONE: start.phone, DATE: start.date}
    texts[ZERO] = YES if start.zero else ""
    text = texts.get(name, "")
    day = day_of(text) if name == DATE else None
    if day is not None:
        sheet.write_datetime(row, VALUE_COLUMN, day, look)
    elif text:
        sheet.write_string(row, VALUE_COLUMN, text, look)
    else:
        sheet.write_blank(row, VALUE_COLUMN, None, look)


def _has_nothing(draft: WorkbookDraft, table: str) -> bool:
    """Whether the workbook declares from the start that a table (its key) has no cases."""
    start = draft.subject.start
    return start is not None and table in start.none


def _table_state(draft: WorkbookDraft, table: str, now: Opening, rank: int) -> str:
    """The state of a table (its key) that the list of parts on 填报 shows when the workbook is
    opened, before Excel computes it: 须改正, 无此项, 空白按零, 未填报, 未填完 or 填齐. ``rank``:
    the highest `CheckRow.rank` among the table's rows of 校验; with 2, a rule is violated.
    """
    if rank == 2:
        return "须改正"
    if _has_nothing(draft, table):
        return "无此项"
    if now.declared[table]:
        return "空白按零"
    if now.blanks[table] >= now.waiting[table]:
        return UNFILLED
    return RuleState.INCOMPLETE.value if now.blanks[table] else "填齐"


def _dated(draft: WorkbookDraft, sheet: Any, at: Address) -> None:
    """Let a cell accept only dates, and colour it where the date cannot be the date of this
    return.
    """
    message = f"请按 {example(draft.subject.year)} 的样子填写日期。"
    sheet.data_validation(at.row, at.col, at.row, at.col, {
        "validate": "date", "criteria": "between", "minimum": date(2000, 1, 1),
        "maximum": date(2100, 12, 31), "input_message": message,
        "error_title": "日期有误", "error_message": message,
    })  # fmt: skip
    odd = {f"={odd_day(at.absolute, draft.subject.year)}": TO_LOOK_AT}
    colour_where(sheet, draft.formats, (at.row, at.col, at.row, at.col), odd)


def _yes(sheet: Any, at: Address, message: str) -> None:
    """Let a cell accept only 是 or 否, from a list; ``message`` is shown beside it when it is
    selected.
    """
    sheet.data_validation(at.row, at.col, at.row, at.col, {
        "validate": "list", "source": [YES, "否"], "input_message": message,
        "error_title": "请从列表中选", "error_message": "只能选“是”或“否”，或按 Delete 键清空。",
    })  # fmt: skip


def _light(draft: WorkbookDraft, sheet: Any) -> None:
    """Write the status light: one cell with the state of the whole return, in its colour."""
    f = draft.formats
    sheet.set_row_pixels(LIGHT_ROW, 82)  # four lines
    sheet.write_string(
        LIGHT_ROW,
        FIELD_COLUMN,
        "填报状态",
        f(border=1, bg_color="#F2F2F2", align="center", bold=True),
    )
    look = f(
        border=1, bold=True, font_size=12, align="center", font_color="#7F7F7F", text_wrap=True
    )
    sheet.merge_range(LIGHT_ROW, VALUE_COLUMN, LIGHT_ROW, 4, "", look)
    state = draft.words(lambda now: light_now(draft, now))
    sheet.write_formula(LIGHT_ROW, VALUE_COLUMN, light_formula(draft), look, state)
    here = Address(COVER, LIGHT_ROW, VALUE_COLUMN).absolute
    balanced = RuleState.BALANCED.value
    changes = {
        f'=RIGHT({here},{len(READY)})="{READY}"': FINISHED,
        f'=LEFT({here},{len(balanced)})="{balanced}"': TO_LOOK_AT,
        f'=OR(LEFT({here},3)="须改正",LEFT({here},3)="有格子")': TO_MEND,
    }
    colour_where(sheet, f, (LIGHT_ROW, VALUE_COLUMN, LIGHT_ROW, 4), changes)


def _notice(draft: WorkbookDraft, sheet: Any) -> None:
    """Write below the status light until when and where the workbook is to be sent, and whom to
    ask, if that is known.
    """
    notice = draft.subject.collector.notice()
    if not notice:
        return
    row = LIGHT_ROW + 1
    look = draft.formats(
        border=1, bold=True, text_wrap=True, indent=1, bg_color="#E8F1FA", font_color="#1F3864"
    )
    sheet.merge_range(row, FIELD_COLUMN, row, 4, "", look)
    sheet.write_string(row, FIELD_COLUMN, notice, look)
    sheet.set_row_pixels(row, 20 * lines(notice, _WIDTH) + 14)


def _progress(draft: WorkbookDraft, sheet: Any) -> int:
    """Write the list of parts: a row for each table, and one for all texts. Returns its last row,
    from 0.
    """
    form, head = draft.layout.form, draft.formats(**HEADING)
    for column, text in enumerate(("各部分（点击跳转）", NONE, "已填格数", "状态"), FIELD_COLUMN):
        sheet.write_string(PROGRESS_HEAD, column, text, head)
    for placed in draft.layout.tables:
        _table_progress(draft, sheet, placed)
    last = PROGRESS_HEAD + len(form.tables)
    if not form.texts:
        return last
    _text_progress(draft, sheet, last + 1)
    return last + 1


def _table_progress(draft: WorkbookDraft, sheet: Any, placed: TableLayout) -> None:
    """Write the row of a table in the list of parts: a link to it, the cell 本年无此项, how many
    cells are filled in, and its state.
    """
    f, key, now = draft.formats, placed.table.key, draft.opening
    at, cell = none_cell(draft, key), f(border=1, align="center")
    sheet.set_row_pixels(at.row, 34)
    link = f(border=1, text_wrap=True, **LINK)
    sheet.write_url(at.row, FIELD_COLUMN, f"internal:'{placed.sheet}'!A1", link, placed.table.title)
    note = draft.subject.marks.get(key, "")
    plain: dict[str, Property] = {"border": 1, "locked": False, "align": "center"}
    look = f(**plain | (MARK if note else {"bg_color": PALE}))
    if _has_nothing(draft, key):
        sheet.write_string(at.row, at.col, YES, look)
    else:
        sheet.write_blank(at.row, at.col, None, look)
    annotate(sheet, at.row, at.col, note)
    _yes(sheet, at, f"“{placed.table.title}”各项今年都没有的，选“是”，整表不用填。")
    blanks, inputs = draft.status(key, BLANKS).full, draft.status(key, INPUTS).full
    count = len(draft.layout.form.inputs(key))
    filled = f"{count - now.blanks[key]} / {count}"
    sheet.write_formula(at.row, at.col + 1, f'=({inputs}-{blanks})&" / "&{inputs}', cell, filled)
    rows = rows_of(draft, key)
    ranks = ",".join(rectangles([draft.check(row, RANK) for row in rows]))
    carried = count - now.waiting[key]
    text = (
        f'=IF(MAX({ranks})=3,"{RuleState.NOT_NUMBER.value}",IF(MAX({ranks})=2,"须改正",'
        f'IF({says_yes(at.absolute, YES)},"无此项",'
        f'IF({draft.status(key, DECLARED).full}=1,"空白按零",'
        f'IF({blanks}>={inputs}-{carried},"{UNFILLED}",'
        f'IF({blanks}>0,"{RuleState.INCOMPLETE.value}","填齐"))))))'
    )

    def state(now: Opening) -> str:
        worst = max((now.ranks[row] for row in rows), default=0)
        return _table_state(draft, key, now, worst)

    sheet.write_formula(at.row, at.col + 2, text, cell, draft.words(state))


def _text_progress(draft: WorkbookDraft, sheet: Any, row: int) -> None:
    """Write the row of all texts in the list of parts: a link to them, whether they are asked for,
    and how many are written.
    """
    f, texts = draft.formats, draft.layout.form.texts
    cell, link = f(border=1, align="center"), f(border=1, text_wrap=True, **LINK)
    sheet.set_row_pixels(row, 28)
    sheet.write_url(row, FIELD_COLUMN, f"internal:'{TEXT_SHEET}'!A1", link, "文字部分")
    asked = {Texts.REQUIRED: "须填写", Texts.OPTIONAL: "可不填", Texts.NONE: "不用填"}
    sheet.write_string(row, NONE_COLUMN, asked[draft.subject.text], cell)
    lengths = [Address(TEXT_SHEET, place.heading, LENGTH) for place in draft.layout.texts]
    counts = counted(rectangles(lengths), ">0")
    start = draft.subject.start.texts if draft.subject.start else {}
    written = f"{sum(bool(start.get(text.name)) for text in texts)} / {len(texts)}"
    formula = f'=({counts})&" / "&{len(texts)}'
    sheet.write_formula(row, NONE_COLUMN + 1, formula, cell, written)
    sheet.write_blank(row, NONE_COLUMN + 2, None, cell)


def _steps(draft: WorkbookDraft, sheet: Any, row: int) -> None:
    """Write links to other sheets to ``row``, and below it the three steps of filling in the
    workbook.
    """
    f = draft.formats
    link = f(**LINK)
    sheet.set_row_pixels(row, 30)
    where = f"internal:'{CHECKS}'!A{CHECKS_TOP + 1}"
    sheet.write_url(row, FIELD_COLUMN, where, link, "→ 校验（看哪里不平衡）")
    sheet.write_url(row, VALUE_COLUMN, f"internal:'{PRINT}'!A1", link, "→ 打印稿（签字盖章用）")
    if draft.subject.issues is not None:
        bold = f(font_color="#E8590C", underline=1, bold=True)
        target = f"internal:'{ISSUES}'!A1"
        sheet.write_url(row, VALUE_COLUMN + 1, target, bold, "→ 问题（先看这里）")
    sheet.write_string(row + 1, FIELD_COLUMN, "填报三步", f(bold=True))
    sheet.set_row_pixels(row + 1, 26)
    for offset, text in enumerate(_STEPS, row + 2):
        look = f(text_wrap=True, valign="top")
        sheet.merge_range(offset, FIELD_COLUMN, offset, 4, "", look)
        words = text.format(text=_TEXT if draft.layout.texts else "")
        sheet.write_string(offset, FIELD_COLUMN, words, look)
        sheet.set_row_pixels(offset, 42)
