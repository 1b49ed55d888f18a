"""The sheet 校验: every rule at every place, and the rules about the entries themselves, judged
while typing.
"""

from collections.abc import Sequence
from typing import Any

from xltools.excel.page import (
    DIFFERENCE,
    DIFFERENCE_AMOUNT,
    MARK,
    RED,
    Property,
    annotate,
    link_to,
    lock_sheet,
)
from xltools.layout.drawing import lines
from xltools.model.cells import Address
from xltools.model.evaluate import prepare
from xltools.model.findings import TRIAL
from xltools.model.form import Instance, Severity
from xltools.model.formula import excel_sum, rectangles
from xltools.model.identity import (
    CHECKS,
    CHECKS_TOP,
    CODE,
    COVER,
    EXPLANATION,
    LEFT,
    NONE,
    NUMBER,
    OFF,
    RANK,
    RIGHT,
    SAYS,
    STATE,
    WHERE,
    WHY,
    YES,
)
from xltools.model.identity import DIFFERENCE as DIFF
from xltools.model.numbers import stored
from xltools.model.returns import RuleState
from xltools.template.draft import (
    DECLARED,
    WorkbookDraft,
    counted,
    entries,
    none_cell,
    says_nothing,
    says_yes,
)
from xltools.template.entry import CellEntry
from xltools.template.issues import answered, paint_explanations
from xltools.template.opening import CheckRow, EntryRule, entry_rules, explained, key_of
from xltools.template.table import takes

BAD, PENDING, TOLD = OFF + 1, OFF + 2, OFF + 3


def paint_entry_rule(draft: WorkbookDraft, sheet: Any, row: int, rule: EntryRule) -> None:
    """Write one rule into its row of 校验 (counted from the first instance)."""
    f, at = draft.formats, CHECKS_TOP + row
    cell, wide = f(border=1, align="center"), f(border=1, text_wrap=True)
    first = draft.layout.address(rule.items[0])
    says = f"声明“{NONE}”的表不应填有数"
    if rule.sample is not None:
        says = f"所填均为{takes(rule.sample)}（空白却报错的，按 Delete 清空）"
    sheet.write_number(at, NUMBER, row + 1, cell)
    sheet.write_string(at, CODE, "声明" if rule.sample is None else "数字", cell)
    sheet.write_string(at, SAYS, f"{first.sheet}{says}", wide)
    sheet.set_row_pixels(at, 44)
    link = f(border=1, font_color="#0563C1", underline=1, text_wrap=True)
    sheet.write_url(at, WHERE, link_to(first), link, f"{first.sheet}，共 {len(rule.items)} 格")
    sheet.write_blank(at, WHY, None, f(border=1, text_wrap=True, locked=False, bg_color="#FFFFE5"))
    now = draft.opening.entries[row - len(draft.opening.rows)]
    if rule.sample is None:
        _declaration(draft, sheet, at, rule, now)
    else:
        _numbers(draft, sheet, at, rule, now)

    def here(column: int) -> str:
        return Address(CHECKS, at, column).absolute

    look = f(border=1, align="center", num_format=DIFFERENCE, shrink=True)
    sheet.write_formula(at, DIFF, f"={here(LEFT)}-{here(RIGHT)}", cell, stored(now.difference))
    sheet.write_formula(
        at,
        STATE,
        f'=IF({here(BAD)}>0,"{RuleState.NOT_NUMBER.value}",IF({here(DIFF)}<>0,{here(DIFF)},'
        f'IF({here(PENDING)}>0,"{RuleState.INCOMPLETE.value}",0)))',
        look,
        now.state,
    )
    ranks = f"=IF({here(BAD)}>0,3,IF({here(DIFF)}<>0,2,IF({here(PENDING)}>0,1,0)))"
    sheet.write_formula(at, RANK, ranks, None, now.rank)
    sheet.write_formula(at, OFF, f"=IF({here(RANK)}=2,{here(DIFF)},0)", None, stored(now.off))


def _numbers(draft: WorkbookDraft, sheet: Any, at: int, rule: EntryRule, now: CheckRow) -> None:
    """Left: cells filled in; right: those that hold what they may (rule 5 of the form)."""
    cell = draft.formats(border=1, align="center")
    n = len(rule.items)
    declared = draft.opening.declared[rule.table.key]
    waiting = 0 if declared else n - int(now.left)
    bad = "=" + entries(draft, rule.items, f"={CellEntry.NO_NUMBER:d}")
    sheet.write_formula(at, BAD, bad, None, 0)
    pending = "=" + pending_blanks(draft, rule.items)
    sheet.write_formula(at, PENDING, pending, None, waiting)
    filled = f"{n}-({entries(draft, rule.items, f'={CellEntry.BLANK:d}')})"
    sheet.write_formula(at, LEFT, f"={filled}", cell, stored(now.left))
    wrong = entries(draft, rule.items, f">={CellEntry.WRONG:d}")
    sheet.write_formula(at, RIGHT, f"={filled}-({wrong})", cell, stored(now.right))


def _declaration(draft: WorkbookDraft, sheet: Any, at: int, rule: EntryRule, now: CheckRow) -> None:
    """Left: figures other than 0 in a table declared to have none; right: none."""
    cell = draft.formats(border=1, align="center")
    figures = "+".join(
        f'COUNTIF({r},">0")+COUNTIF({r},"<0")' if ":" in r else f"IF(ISNUMBER({r}),IF({r}=0,0,1),0)"
        for r in draft.ranges(rule.items)
    )
    declared = says_yes(none_cell(draft, rule.table.key).full, YES)
    sheet.write_formula(at, LEFT, f"=IF({declared},{figures},0)", cell, stored(now.left))
    sheet.write_number(at, RIGHT, 0, cell)
    sheet.write_number(at, BAD, 0)
    sheet.write_number(at, PENDING, 0)


def pending_blanks(draft: WorkbookDraft, items: Sequence[int]) -> str:
    """Blank cells that no declaration covers, table by table."""
    form, parts = draft.layout.form, []
    for table in form.tables:
        own = [i for i in items if form.items[i].table == table.key]
        if own:
            declared = draft.status(table.key, DECLARED).full
            parts.append(f"IF({declared}=1,0,{entries(draft, own, f'={CellEntry.BLANK:d}')})")
    return "+".join(parts)


_HEAD = {
    NUMBER: ("序号", 40), CODE: ("编码", 60), SAYS: ("勾稽关系", 320),
    WHERE: ("位置（点击跳转）", 340),
    LEFT: ("左边", 80), RIGHT: ("右边", 80), DIFF: ("差额", 70), STATE: ("状态", 100),
    WHY: (EXPLANATION, 260),
}  # fmt: skip


def paint_checks(draft: WorkbookDraft) -> None:
    """Add 校验: one row a rule instance, then one a table and type for the number rules."""
    sheet, formats = draft.book.sheet(CHECKS), draft.formats
    for column, (text, width) in _HEAD.items():
        sheet.set_column_pixels(column, column, width)
        head = formats(bold=True, border=1, align="center", bg_color="#D9E2F3")
        sheet.write_string(CHECKS_TOP - 1, column, text, head)
    sheet.set_column(RANK, TOLD, None, None, {"hidden": True})
    sheet.write_string(0, 0, "勾稽关系校验", formats(font_name="黑体", font_size=15))
    sheet.set_row_pixels(0, 36)
    hint = "红色须改正；标有“可说明”的确有原因，在“情况说明”栏写明即可。点“位置”可跳到该格。"
    sheet.write_string(1, 0, hint, formats(font_color="#7F7F7F"))
    form = draft.layout.form
    for instance in form.instances:
        _row(draft, sheet, instance)
    row = len(form.instances)
    for rule in entry_rules(form):
        paint_entry_rule(draft, sheet, row, rule)
        row += 1
    ranks = f"{draft.check(0, RANK).absolute}:{draft.check(row - 1, RANK).absolute}"
    red = formats(bold=True, font_color="#9C0006")
    bad = counted([ranks], ">=2")
    text = f'=IF({bad}=0,"","须改正 "&{bad}&" 处")'
    off = sum(rank >= 2 for rank in draft.opening.ranks)
    sheet.write_formula(0, STATE, text, red, f"须改正 {off} 处" if off else "")
    # Not in the column 情况说明: what stands there beside its heading is taken for explanations.
    sheet.write_url(
        0, LEFT, f"internal:'{COVER}'!A1", formats(font_color="#0563C1", underline=1), "← 返回填报"
    )
    _colours(draft, sheet, row)
    sheet.freeze_panes(CHECKS_TOP, 0)
    sheet.autofilter(CHECKS_TOP - 1, NUMBER, CHECKS_TOP + row - 1, WHY)
    last = paint_explanations(draft, sheet, CHECKS_TOP + row + 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(CHECKS_TOP - 1)
    sheet.print_area(0, 0, last, WHY)
    sheet.set_footer("&C第 &P 页，共 &N 页")
    sheet.hide_gridlines(2)
    lock_sheet(sheet, draft.password)


def rows_of(draft: WorkbookDraft, table: str) -> list[int]:
    """The rows of 校验 that speak of a table: rules anchored in it, and those of its entries."""
    form = draft.layout.form
    rows = [i.index for i in form.instances if form.items[i.anchor].table == table]
    start = len(form.instances)
    return rows + [start + n for n, r in enumerate(entry_rules(form)) if r.table.key == table]


def _row(draft: WorkbookDraft, sheet: Any, instance: Instance) -> None:
    form, f = draft.layout.form, draft.formats
    at, anchor = CHECKS_TOP + instance.index, draft.layout.address(instance.anchor)
    cell = f(border=1, align="center")
    wide = f(border=1, text_wrap=True)
    sheet.write_number(at, NUMBER, instance.index + 1, cell)
    sheet.write_string(at, CODE, instance.rule.code, cell)
    may = "（可说明）" if instance.rule.severity is Severity.QUERY else ""
    sheet.write_string(at, SAYS, instance.rule.message + may, wide)
    item = form.items[instance.anchor]
    heading = item.columns[-1] if instance.along == "row" or not item.rows else item.rows[-1]
    place = f"{anchor.sheet} {anchor.a1} {heading}"
    link = f(border=1, font_color="#0563C1", underline=1, text_wrap=True)
    sheet.write_url(at, WHERE, link_to(anchor), link, place)
    tall = max(lines(place, _HEAD[WHERE][1]), lines(instance.rule.message + may, _HEAD[SAYS][1]))
    sheet.set_row_pixels(at, 22 if tall == 1 else 20 * tall + 4)
    amount = draft.amounts(instance)
    number = f(border=1, align="center", num_format="0.######" if amount else "0", shrink=True)
    shows = DIFFERENCE_AMOUNT if amount else DIFFERENCE
    look = f(border=1, align="center", num_format=shows, shrink=True)
    _explanation(draft, sheet, at, instance)
    now = draft.opening.rows[instance.index]
    if not now.applies:
        for column in (LEFT, RIGHT, DIFF):
            sheet.write_blank(at, column, None, number)
        silent = TRIAL if instance.rule.trial else RuleState.NOT_APPLICABLE.value
        sheet.write_string(at, STATE, silent, cell)
        for column in (RANK, OFF, BAD, PENDING):
            sheet.write_number(at, column, 0)
        return

    def here(column: int) -> str:
        return Address(CHECKS, at, column).absolute

    concerned = draft.concerned(instance)
    sheet.write_formula(
        at, BAD, "=" + entries(draft, concerned, f"={CellEntry.NO_NUMBER:d}"), None, 0
    )
    sheet.write_formula(at, PENDING, "=" + pending_blanks(draft, concerned), None, now.pending)
    for column, side, value in (
        (LEFT, instance.left, now.left),
        (RIGHT, instance.right, now.right),
    ):
        text = excel_sum(side, draft.place, single="SUM({})")
        text = f"ROUND({text},6)" if amount else text
        formula = f'=IF({here(BAD)}>0,"",{text})'
        sheet.write_formula(at, column, formula, number, stored(value))
    off = f"{here(LEFT)}-{here(RIGHT)}"
    if amount:
        off = f"ROUND({off},6)"
    if instance.op != "==":
        off = f"IF({here(LEFT)}{instance.op}{here(RIGHT)},0,{off})"
    known = "" if now.pending else stored(now.difference)
    formula = f'=IF(OR({here(BAD)}>0,{here(PENDING)}>0),"",{off})'
    sheet.write_formula(at, DIFF, formula, number, known)
    told = instance.rule.severity is Severity.QUERY
    if told:
        answer = answered(draft, instance)
        other = "0" if answer is None else f"IF({says_nothing(answer.full)},0,1)"
        formula = f"=IF({says_nothing(here(WHY))},{other},1)"
        sheet.write_formula(at, TOLD, formula, None, int(explained(draft.subject, form, instance)))
    off = here(DIFF)
    if told:
        off = f'IF({off}=0,0,IF({here(RANK)}=0,"{RuleState.EXPLAINED.value}",{off}))'
    sheet.write_formula(
        at,
        STATE,
        f'=IF({here(BAD)}>0,"{RuleState.NOT_NUMBER.value}",IF({here(PENDING)}>0,'
        f'"{RuleState.INCOMPLETE.value}",{off}))',
        look,
        now.state,
    )
    rank = _unless_told(draft, instance, here(TOLD), here(DIFF), amount=amount) if told else "2"
    sheet.write_formula(
        at,
        RANK,
        f"=IF({here(BAD)}>0,3,IF({here(PENDING)}>0,1,IF({here(DIFF)}=0,0,{rank})))",
        None,
        now.rank,
    )
    sheet.write_formula(
        at,
        OFF,
        f"=IF({here(RANK)}=2,{here(DIFF)},0)",
        None,
        stored(now.off),
    )


def _unless_told(
    draft: WorkbookDraft, instance: Instance, told: str, difference: str, *, amount: bool
) -> str:
    """0 where an imbalance is explained, else 2, as a formula.

    A total is explained by what was said of the lines that it adds up, as the collector takes it.
    """
    lines = prepare(draft.layout.form).siblings.get(instance.index, ())
    if not lines or not all(draft.opening.rows[at].applies for _, at in lines):
        return f"IF({told}=1,0,2)"
    total = "".join(
        f"{'+' if sign > 0 else '-'}SUM({','.join(cells)})"
        for sign in (1, -1)
        if (cells := rectangles([draft.check(at, DIFF) for s, at in lines if s == sign], CHECKS))
    ).removeprefix("+")
    total = f"ROUND({total},6)" if amount else total
    off = counted(rectangles([draft.check(at, RANK) for _, at in lines], CHECKS), "=2")
    return f"IF({told}=1,0,IF((({off})=0)*({total}={difference}),0,2))"


def _explanation(draft: WorkbookDraft, sheet: Any, at: int, instance: Instance) -> None:
    """情况说明 of a rule: blank, or as it was given; marked where it is asked for."""
    key, start = key_of(draft.layout.form, instance), draft.subject.start
    note = draft.subject.marks.get(key, "")
    look: dict[str, Property] = {"border": 1, "text_wrap": True, "locked": False}
    style = draft.formats(**look | (MARK if note else {"bg_color": "#FFFFE5"}))
    said = "" if start is None else start.explanations.get(key, "")
    if said:
        sheet.write_string(at, WHY, said, style)
    else:
        sheet.write_blank(at, WHY, None, style)
    annotate(sheet, at, WHY, note)


def _colours(draft: WorkbookDraft, sheet: Any, rows: int) -> None:
    here = Address(CHECKS, CHECKS_TOP, STATE).a1
    area = (CHECKS_TOP, STATE, CHECKS_TOP + rows - 1, STATE)
    looks: list[tuple[str, dict[str, Property]]] = [
        (f'=OR({here}="{RuleState.NOT_NUMBER.value}",AND(ISNUMBER({here}),{here}<>0))',
         {"bg_color": RED, "font_color": "#9C0006", "bold": True}),
        (f'=OR({here}="{RuleState.INCOMPLETE.value}",{here}="{RuleState.NOT_APPLICABLE.value}")',
         {"font_color": "#9A9A9A"}),
        (f"=AND(ISNUMBER({here}),{here}=0)", {"font_color": "#2E7D32"}),
    ]  # fmt: skip
    for rule, look in looks:
        sheet.conditional_format(
            *area, {"type": "formula", "criteria": rule, "format": draft.formats.change(**look)}
        )
