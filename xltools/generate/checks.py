"""The sheet 校验: every rule at every place, judged while typing."""

from collections.abc import Sequence
from typing import Any

from xltools.cells import Address
from xltools.formula import excel_sum
from xltools.generate.draft import DECLARED, Draft, blanks, odd
from xltools.generate.lock import lock_sheet
from xltools.generate.table import (
    DIFFERENCE,
    DIFFERENCE_AMOUNT,
    RED,
    link_to,
    plain,
)
from xltools.returns import State
from xltools.sheets import (
    CHECKS,
    CHECKS_TOP,
    CODE,
    EXPLANATION,
    LEFT,
    NUMBER,
    OFF,
    RANK,
    RIGHT,
    SAYS,
    STATE,
    WHERE,
    WHY,
)
from xltools.sheets import (
    DIFFERENCE as DIFF,
)
from xltools.spec import Instance, ItemType, Severity, Table

BAD, PENDING = OFF + 1, OFF + 2
_HEAD = {
    NUMBER: ("序号", 40), CODE: ("编码", 60), SAYS: ("勾稽关系", 290),
    WHERE: ("位置（点击跳转）", 330),
    LEFT: ("左边", 80), RIGHT: ("右边", 80), DIFF: ("差额", 70), STATE: ("状态", 80),
    WHY: (EXPLANATION, 260),
}  # fmt: skip


def paint_checks(draft: Draft) -> None:
    """Add 校验: one row a rule instance, then one a table and type for the number rules."""
    sheet, formats = draft.book.add_worksheet(CHECKS), draft.formats
    for column, (text, width) in _HEAD.items():
        sheet.set_column_pixels(column, column, width)
        head = formats(bold=True, border=1, align="center", bg_color="#D9E2F3")
        sheet.write_string(CHECKS_TOP - 1, column, text, head)
    sheet.set_column(RANK, PENDING, None, None, {"hidden": True})
    sheet.write_string(0, 0, "勾稽关系校验", formats(font_name="黑体", font_size=15))
    sheet.set_row_pixels(0, 36)
    hint = "红色为不平衡或非数字，须改正；确有原因的，在“情况说明”栏写明。点“位置”可跳到该格。"
    sheet.write_string(1, 0, hint, formats(font_color="#7F7F7F"))
    instances = draft.layout.form.instances
    for one in instances:
        _row(draft, sheet, one)
    row = len(instances)
    for table in draft.layout.form.tables:
        for kind in ItemType:
            items = [i.index for i in draft.layout.form.inputs(table.key) if i.type is kind]
            if items:
                _number_rule(draft, sheet, row, table, kind, items)
                row += 1
    _colours(draft, sheet, row)
    last = CHECKS_TOP + row - 1
    sheet.freeze_panes(CHECKS_TOP, 0)
    sheet.autofilter(CHECKS_TOP - 1, NUMBER, last, WHY)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(CHECKS_TOP - 1)
    sheet.print_area(0, 0, last, WHY)
    sheet.set_footer("&C第 &P 页，共 &N 页")
    sheet.hide_gridlines(2)
    lock_sheet(sheet, draft.password)


def rows_of(draft: Draft, table: str) -> list[int]:
    """The rows of 校验 that speak of a table: rules anchored in it, and its number rules."""
    form = draft.layout.form
    rows = [i.index for i in form.instances if form.items[i.anchor].table == table]
    at = len(form.instances)
    for other in form.tables:
        for kind in ItemType:
            if any(i.type is kind for i in form.inputs(other.key)):
                if other.key == table:
                    rows.append(at)
                at += 1
    return rows


def _row(draft: Draft, sheet: Any, one: Instance) -> None:
    form, f = draft.layout.form, draft.formats
    at, anchor = CHECKS_TOP + one.index, draft.layout.address(one.anchor)
    cell = f(border=1, align="center")
    wide = f(border=1, text_wrap=True)
    sheet.write_number(at, NUMBER, one.index + 1, cell)
    sheet.write_string(at, CODE, one.rule.code, cell)
    sheet.write_string(at, SAYS, one.rule.message, wide)
    item = form.items[one.anchor]
    heading = item.columns[-1] if one.along == "row" or not item.rows else item.rows[-1]
    place = f"{anchor.sheet} {anchor.a1} {heading}"
    link = f(border=1, font_color="#0563C1", underline=1, text_wrap=True)
    sheet.write_url(at, WHERE, link_to(anchor), link, place)
    amount = draft.amounts(one)
    number = f(border=1, align="center", num_format="0.######" if amount else "0")
    look = f(border=1, align="center", num_format=DIFFERENCE_AMOUNT if amount else DIFFERENCE)
    sheet.write_blank(at, WHY, None, f(border=1, text_wrap=True, locked=False, bg_color="#FFFFE5"))
    if not draft.applies(one):
        for column in (LEFT, RIGHT, DIFF):
            sheet.write_blank(at, column, None, number)
        sheet.write_string(at, STATE, State.NOT_APPLICABLE.value, cell)
        for column in (RANK, OFF, BAD, PENDING):
            sheet.write_number(at, column, 0)
        return

    def here(column: int) -> str:
        return Address(CHECKS, at, column).absolute

    concerned = draft.concerned(one)
    sheet.write_formula(at, BAD, "=" + odd(draft.ranges(concerned), len(concerned)), None, 0)
    pending = draft.pending(one)
    sheet.write_formula(at, PENDING, "=" + _pending(draft, concerned), None, pending)
    left, right = draft.sides(one)
    for column, side, value in ((LEFT, one.left, left), (RIGHT, one.right, right)):
        text = excel_sum(side, draft.place)
        text = f"ROUND({text},6)" if amount else text
        formula = f'=IF({here(BAD)}>0,"",{text})'
        sheet.write_formula(at, column, formula, number, plain(value))
    off = f"{here(LEFT)}-{here(RIGHT)}"
    if amount:
        off = f"ROUND({off},6)"
    if one.op != "==":
        off = f"IF({here(LEFT)}{one.op}{here(RIGHT)},0,{off})"
    difference = left - right
    known = "" if pending else plain(difference)
    formula = f'=IF(OR({here(BAD)}>0,{here(PENDING)}>0),"",{off})'
    sheet.write_formula(at, DIFF, formula, number, known)
    query = one.rule.severity is Severity.QUERY
    told = f"LEN(TRIM({here(WHY)}))>0" if query else "FALSE"
    explained = f'IF({told},"{State.EXPLAINED.value}",{here(DIFF)})' if query else here(DIFF)
    sheet.write_formula(
        at,
        STATE,
        f'=IF({here(BAD)}>0,"{State.NOT_NUMBER.value}",IF({here(PENDING)}>0,'
        f'"{State.INCOMPLETE.value}",IF({here(DIFF)}=0,0,{explained})))',
        look,
        State.INCOMPLETE.value if pending else plain(difference),
    )
    rank = f"IF({told},0,2)" if query else "2"
    rank_now = 1 if pending else 2 if difference else 0
    sheet.write_formula(
        at,
        RANK,
        f"=IF({here(BAD)}>0,3,IF({here(PENDING)}>0,1,IF({here(DIFF)}=0,0,{rank})))",
        None,
        rank_now,
    )
    sheet.write_formula(
        at,
        OFF,
        f"=IF({here(RANK)}=2,{here(DIFF)},0)",
        None,
        plain(difference) if rank_now == 2 else 0,
    )


def _pending(draft: Draft, items: Sequence[int]) -> str:
    """Blank cells that no declaration covers, table by table."""
    form, parts = draft.layout.form, []
    for table in form.tables:
        own = [i for i in items if form.items[i].table == table.key]
        if own:
            declared = draft.status(table.key, DECLARED).full
            parts.append(f"IF({declared}=1,0,{blanks(draft.ranges(own))})")
    return "+".join(parts)


def _number_rule(
    draft: Draft, sheet: Any, row: int, table: Table, kind: ItemType, items: Sequence[int]
) -> None:
    """Figures are numbers, not negative, counts whole (rule 5 of the form)."""
    f, at = draft.formats, CHECKS_TOP + row
    cell, wide = f(border=1, align="center"), f(border=1, text_wrap=True)
    whole = kind is ItemType.COUNT
    says = "均为数字，不为负数" + ("，件数为整数" if whole else "，可有小数")
    first = draft.layout.address(items[0])
    sheet.write_number(at, NUMBER, row + 1, cell)
    sheet.write_string(at, CODE, "数字", cell)
    sheet.write_string(at, SAYS, f"{first.sheet}所填{says}", wide)
    link = f(border=1, font_color="#0563C1", underline=1, text_wrap=True)
    sheet.write_url(at, WHERE, link_to(first), link, f"{first.sheet}，共 {len(items)} 格")
    sheet.write_blank(at, WHY, None, f(border=1, text_wrap=True, locked=False, bg_color="#FFFFE5"))
    ranges = draft.ranges(items)
    n, filled = len(items), sum(draft.numbers[i] is not None for i in items)
    odd_one = "IF({0}<0,1,IF({0}<>INT({0}),1,0))" if whole else "IF({0}<0,1,0)"
    wrong = "+".join(f"SUM(IF(ISNUMBER({r}),{odd_one.format(r)},0))" for r in ranges)

    def here(column: int) -> str:
        return Address(CHECKS, at, column).absolute

    blank = n - filled
    sheet.write_formula(at, BAD, "=" + odd(ranges, n), None, 0)
    sheet.write_formula(at, PENDING, "=" + _pending(draft, items), None, blank)
    sheet.write_formula(at, LEFT, f"={n}-({blanks(ranges)})", cell, filled)
    sheet.write_array_formula(
        at, RIGHT, at, RIGHT, f"{{=COUNT({','.join(ranges)})-({wrong})}}", cell, filled
    )
    sheet.write_formula(at, DIFF, f"={here(LEFT)}-{here(RIGHT)}", cell, 0)
    look = f(border=1, align="center", num_format=DIFFERENCE)
    sheet.write_formula(
        at,
        STATE,
        f'=IF({here(BAD)}>0,"{State.NOT_NUMBER.value}",IF({here(DIFF)}<>0,{here(DIFF)},'
        f'IF({here(PENDING)}>0,"{State.INCOMPLETE.value}",0)))',
        look,
        State.INCOMPLETE.value if blank else 0,
    )
    sheet.write_formula(
        at,
        RANK,
        f"=IF({here(BAD)}>0,3,IF({here(DIFF)}<>0,2,IF({here(PENDING)}>0,1,0)))",
        None,
        1 if blank else 0,
    )
    sheet.write_formula(at, OFF, f"=IF({here(RANK)}=2,{here(DIFF)},0)", None, 0)


def _colours(draft: Draft, sheet: Any, rows: int) -> None:
    here = Address(CHECKS, CHECKS_TOP, STATE).a1
    area = (CHECKS_TOP, STATE, CHECKS_TOP + rows - 1, STATE)
    looks: list[tuple[str, dict[str, object]]] = [
        (f'=OR({here}="{State.NOT_NUMBER.value}",AND(ISNUMBER({here}),{here}<>0))',
         {"bg_color": RED, "font_color": "#9C0006", "bold": True}),
        (f'=OR({here}="{State.INCOMPLETE.value}",{here}="{State.NOT_APPLICABLE.value}")',
         {"font_color": "#9A9A9A"}),
        (f"=AND(ISNUMBER({here}),{here}=0)", {"font_color": "#2E7D32"}),
    ]  # fmt: skip
    for rule, look in looks:
        sheet.conditional_format(
            *area, {"type": "formula", "criteria": rule, "format": draft.book.add_format(look)}
        )
