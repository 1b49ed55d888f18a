"""Write the sheet 校验: a row for each rule at each place, then a row for each rule about the
entries of a table. Formulas judge the rules while somebody fills in the workbook.
"""

from collections.abc import Callable, Sequence
from typing import Any

from xltools.excel.page import (
    BALANCES,
    DIFFERENCE,
    DIFFERENCE_AMOUNT,
    HEADING,
    LINK,
    MARK,
    PALE,
    TO_MEND,
    UNDECIDED,
    Property,
    annotate,
    colour_where,
    link_to,
    lock_sheet,
)
from xltools.excel.stamp import SlotContent
from xltools.layout.geometry import lines
from xltools.model.cells import Address
from xltools.model.evaluate import prepare
from xltools.model.findings import TRIAL
from xltools.model.form import Instance, Severity
from xltools.model.formula import Linear, excel_sum, rectangles
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
from xltools.model.numbers import Number, stored
from xltools.model.returns import RuleState
from xltools.template.cell_entry import CellEntry, counted, says_nothing, says_yes
from xltools.template.draft import DECLARED, WorkbookDraft, entries, none_cell
from xltools.template.issues import answered, paint_explanations
from xltools.template.opening import CheckRow, EntryRule, Opening, entry_rules, explained
from xltools.template.table import takes

BAD, PENDING, EXPLAINED = OFF + 1, OFF + 2, OFF + 3
"""Hidden columns behind OFF: how many cells of the rule hold no number, how many are still blank,
and 1 where an imbalance is explained.
"""


_HEAD = {
    NUMBER: ("序号", 40), CODE: ("编码", 60), SAYS: ("勾稽关系", 320),
    WHERE: ("位置（点击跳转）", 340),
    LEFT: ("左边", 80), RIGHT: ("右边", 80), DIFF: ("差额", 70), STATE: ("状态", 100),
    WHY: (EXPLANATION, 260),
}  # fmt: skip


def paint_checks(draft: WorkbookDraft) -> None:
    """Add the sheet 校验: its rows, the number of things that must be corrected, and below the rows
    the list in which a unit explains other findings.
    """
    sheet, formats = draft.book.sheet(CHECKS), draft.formats
    for column, (text, width) in _HEAD.items():
        sheet.set_column_pixels(column, column, width)
        sheet.write_string(CHECKS_TOP - 1, column, text, formats(**HEADING))
    sheet.set_column(RANK, EXPLAINED, None, None, {"hidden": True})
    sheet.write_string(0, 0, "勾稽关系校验", formats(font_name="黑体", font_size=15))
    sheet.set_row_pixels(0, 36)
    hint = "红色须改正；标有“可说明”的确有原因，在“情况说明”栏写明即可。点“位置”可跳到该格。"
    sheet.write_string(1, 0, hint, formats(font_color="#7F7F7F"))
    form = draft.layout.form
    for instance in form.instances:
        _row(draft, sheet, instance)
    for number, rule in enumerate(entry_rules(form)):
        _entry_rule(draft, sheet, number, rule)
    count = len(draft.opening.ranks)
    ranks = f"{draft.check(0, RANK).absolute}:{draft.check(count - 1, RANK).absolute}"
    red = formats(bold=True, font_color="#9C0006")
    bad = counted([ranks], ">=2")
    text = f'=IF({bad}=0,"","须改正 "&{bad}&" 处")'

    def wrong(now: Opening) -> str:
        off = now.ranks.count(2)
        return f"须改正 {off} 处" if off else ""

    sheet.write_formula(0, STATE, text, red, draft.words(wrong))
    # Not in the column 情况说明, where any text is taken for an explanation.
    sheet.write_url(0, LEFT, f"internal:'{COVER}'!A1", formats(**LINK), "← 返回填报")
    _colours(draft, sheet, count)
    sheet.freeze_panes(CHECKS_TOP, 0)
    sheet.autofilter(CHECKS_TOP - 1, NUMBER, CHECKS_TOP + count - 1, WHY)
    last = paint_explanations(draft, sheet, CHECKS_TOP + count + 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(CHECKS_TOP - 1)
    sheet.print_area(0, 0, last, WHY)
    sheet.set_footer("&C第 &P 页，共 &N 页")
    sheet.hide_gridlines(2)
    lock_sheet(sheet, draft.password)


def _row(draft: WorkbookDraft, sheet: Any, instance: Instance) -> None:
    """Write the row of 校验 for a rule at one place."""
    at = CHECKS_TOP + instance.index
    _labels(draft, sheet, at, instance)
    _explanation(draft, sheet, at, instance)
    if draft.opening.rows[instance.index].applies:
        _judgement(draft, sheet, at, instance)
    else:
        _not_judged(draft, sheet, at, instance)


def _labels(draft: WorkbookDraft, sheet: Any, at: int, instance: Instance) -> None:
    """Write the number, code and wording of a rule and a link to its place to row ``at``, and make
    the row high enough.
    """
    rule, f = instance.rule, draft.formats
    anchor, cell = draft.layout.address(instance.anchor), f(border=1, align="center")
    sheet.write_number(at, NUMBER, instance.index + 1, cell)
    sheet.write_string(at, CODE, rule.code, cell)
    says = rule.message + ("（可说明）" if rule.severity is Severity.QUERY else "")
    sheet.write_string(at, SAYS, says, f(border=1, text_wrap=True))
    place = f"{anchor.sheet} {anchor.a1} {draft.layout.form.heading_of(instance)}"
    link = f(border=1, text_wrap=True, **LINK)
    sheet.write_url(at, WHERE, link_to(anchor), link, place)
    tall = max(lines(place, _HEAD[WHERE][1]), lines(says, _HEAD[SAYS][1]))
    sheet.set_row_pixels(at, 22 if tall == 1 else 20 * tall + 4)


def _number_look(draft: WorkbookDraft, instance: Instance) -> Any:
    """The format of both sides of a rule and of their difference."""
    pattern = "0.######" if draft.amounts(instance) else "0"
    return draft.formats(border=1, align="center", num_format=pattern, shrink=True)


def _not_judged(draft: WorkbookDraft, sheet: Any, at: int, instance: Instance) -> None:
    """Write the row of a rule that does not apply to this unit or is on trial: no figures, and rank
    0.
    """
    number = _number_look(draft, instance)
    for column in (LEFT, RIGHT, DIFF):
        sheet.write_blank(at, column, None, number)
    state = TRIAL if instance.rule.trial else RuleState.NOT_APPLICABLE.value
    sheet.write_string(at, STATE, state, draft.formats(border=1, align="center"))
    for column in (RANK, OFF, BAD, PENDING):
        sheet.write_number(at, column, 0)


def _judgement(draft: WorkbookDraft, sheet: Any, at: int, instance: Instance) -> None:
    """Write the formulas that judge a rule: how many of its cells hold no number and how many are
    blank, both sides and their difference, the state, the rank, and the imbalance that must be
    corrected.
    """

    def here(column: int) -> str:
        return Address(CHECKS, at, column).absolute

    def write(
        column: int, formula: str, content: Callable[[CheckRow], SlotContent], look: Any = None
    ) -> None:
        value = draft.shown(lambda now: content(now.rows[instance.index]))
        sheet.write_formula(at, column, f"={formula}", look, value)

    def side(column: int, linear: Linear, value: Callable[[CheckRow], Number]) -> None:
        text = excel_sum(linear, draft.place, single="SUM({})")
        text = f"ROUND({text},6)" if amount else text
        write(column, f'IF({here(BAD)}>0,"",{text})', lambda row: stored(value(row)), number)

    amount, concerned = draft.amounts(instance), draft.concerned(instance)
    number = _number_look(draft, instance)
    bad = entries(draft, concerned, f"={CellEntry.NO_NUMBER:d}")
    sheet.write_formula(at, BAD, f"={bad}", None, 0)
    write(PENDING, _pending_blanks(draft, concerned), lambda row: row.pending)
    side(LEFT, instance.left, lambda row: row.left)
    side(RIGHT, instance.right, lambda row: row.right)
    gap = f"{here(LEFT)}-{here(RIGHT)}"
    if amount:
        gap = f"ROUND({gap},6)"
    if instance.op != "==":
        gap = f"IF({here(LEFT)}{instance.op}{here(RIGHT)},0,{gap})"
    write(
        DIFF,
        f'IF(OR({here(BAD)}>0,{here(PENDING)}>0),"",{gap})',
        lambda row: "" if row.pending else stored(row.difference),
        number,
    )
    state, rank = here(DIFF), "2"
    if instance.rule.severity is Severity.QUERY:
        answer = answered(draft, instance)
        on_issues = "0" if answer is None else f"IF({says_nothing(answer.full)},0,1)"
        start = int(explained(draft.subject, draft.layout.form, instance))
        text = f"=IF({says_nothing(here(WHY))},{on_issues},1)"
        sheet.write_formula(at, EXPLAINED, text, None, start)
        state = f'IF({state}=0,0,IF({here(RANK)}=0,"{RuleState.EXPLAINED.value}",{state}))'
        rank = _unless_explained(draft, instance, here(EXPLAINED), here(DIFF), amount=amount)
    write(
        STATE,
        f'IF({here(BAD)}>0,"{RuleState.NOT_NUMBER.value}",IF({here(PENDING)}>0,'
        f'"{RuleState.INCOMPLETE.value}",{state}))',
        lambda row: row.state,
        draft.formats(
            border=1,
            align="center",
            num_format=DIFFERENCE_AMOUNT if amount else DIFFERENCE,
            shrink=True,
        ),
    )
    write(
        RANK,
        f"IF({here(BAD)}>0,3,IF({here(PENDING)}>0,1,IF({here(DIFF)}=0,0,{rank})))",
        lambda row: row.rank,
    )
    write(OFF, f"IF({here(RANK)}=2,{here(DIFF)},0)", lambda row: stored(row.off))


def _unless_explained(
    draft: WorkbookDraft, instance: Instance, explanation: str, difference: str, *, amount: bool
) -> str:
    """A formula, without ``=``, that gives 0 where an imbalance is explained and 2 where it is not.

    ``explanation`` and ``difference``: the cells of the row that hold whether it is explained, and
    the imbalance; ``amount``: whether figures may have decimals. An imbalance of a total also
    counts as explained where the imbalances of the lines that it sums are explained and add up to
    it; it is judged the same way when returns are collected.
    """
    lines = prepare(draft.layout.form).siblings.get(instance.index, ())
    if not lines or not all(draft.opening.rows[at].applies for _, at in lines):
        return f"IF({explanation}=1,0,2)"
    total = "".join(
        f"{'+' if sign > 0 else '-'}SUM({','.join(cells)})"
        for sign in (1, -1)
        if (cells := rectangles([draft.check(at, DIFF) for s, at in lines if s == sign], CHECKS))
    ).removeprefix("+")
    total = f"ROUND({total},6)" if amount else total
    off = counted(rectangles([draft.check(at, RANK) for _, at in lines], CHECKS), "=2")
    return f"IF({explanation}=1,0,IF((({off})=0)*({total}={difference}),0,2))"


def _explanation(draft: WorkbookDraft, sheet: Any, at: int, instance: Instance) -> None:
    """Write the cell 情况说明 of a rule: blank, or with the explanation that the workbook has from
    the start; it is marked where the unit is asked to explain.
    """
    key, start = draft.layout.form.key_of(instance), draft.subject.start
    note = draft.subject.marks.get(key, "")
    look: dict[str, Property] = {"border": 1, "text_wrap": True, "locked": False}
    style = draft.formats(**look | (MARK if note else {"bg_color": PALE}))
    explanation = "" if start is None else start.explanations.get(key, "")
    if explanation:
        sheet.write_string(at, WHY, explanation, style)
    else:
        sheet.write_blank(at, WHY, None, style)
    annotate(sheet, at, WHY, note)


def _entry_rule(draft: WorkbookDraft, sheet: Any, number: int, rule: EntryRule) -> None:
    """Write the row of a rule about the entries of a table. ``number``: of the rule among all
    `entry_rules`.
    """
    row = len(draft.layout.form.instances) + number  # of 校验, counted from the first rule
    f, at = draft.formats, CHECKS_TOP + row
    cell, wide = f(border=1, align="center"), f(border=1, text_wrap=True)
    first = draft.layout.address(rule.items[0])
    code, says = "声明", f"声明“{NONE}”的表不应填有数"
    if rule.sample is not None:
        code, says = "数字", f"所填均为{takes(rule.sample)}（空白却报错的，按 Delete 清空）"
    sheet.write_number(at, NUMBER, row + 1, cell)
    sheet.write_string(at, CODE, code, cell)
    sheet.write_string(at, SAYS, f"{first.sheet}{says}", wide)
    sheet.set_row_pixels(at, 44)
    link = f(border=1, text_wrap=True, **LINK)
    sheet.write_url(at, WHERE, link_to(first), link, f"{first.sheet}，共 {len(rule.items)} 格")
    sheet.write_blank(at, WHY, None, f(border=1, text_wrap=True, locked=False, bg_color=PALE))

    def here(column: int) -> str:
        return Address(CHECKS, at, column).absolute

    def write(
        column: int, formula: str, content: Callable[[CheckRow], SlotContent], look: Any = None
    ) -> None:
        value = draft.shown(lambda now: content(now.entries[number]))
        sheet.write_formula(at, column, f"={formula}", look, value)

    if rule.sample is None:
        _declaration(draft, sheet, at, rule, write)
    else:
        _numbers(draft, sheet, at, rule, write)
    write(DIFF, f"{here(LEFT)}-{here(RIGHT)}", lambda row: stored(row.difference), cell)
    write(
        STATE,
        f'IF({here(BAD)}>0,"{RuleState.NOT_NUMBER.value}",IF({here(DIFF)}<>0,{here(DIFF)},'
        f'IF({here(PENDING)}>0,"{RuleState.INCOMPLETE.value}",0)))',
        lambda row: row.state,
        f(border=1, align="center", num_format=DIFFERENCE, shrink=True),
    )
    ranks = f"IF({here(BAD)}>0,3,IF({here(DIFF)}<>0,2,IF({here(PENDING)}>0,1,0)))"
    write(RANK, ranks, lambda row: row.rank)
    write(OFF, f"IF({here(RANK)}=2,{here(DIFF)},0)", lambda row: stored(row.off))


def _numbers(
    draft: WorkbookDraft, sheet: Any, at: int, rule: EntryRule, write: Callable[..., None]
) -> None:
    """Write both sides of a rule that inputs must hold numbers: on the left how many are filled in,
    on the right how many of these hold a number that the form allows. ``at``: the row; ``write``:
    writes a formula to one of its columns, see `_entry_rule`.
    """
    cell = draft.formats(border=1, align="center")
    n = len(rule.items)
    declared = draft.opening.declared[rule.table.key]
    bad = entries(draft, rule.items, f"={CellEntry.NO_NUMBER:d}")
    sheet.write_formula(at, BAD, f"={bad}", None, 0)
    blanks = _pending_blanks(draft, rule.items)
    write(PENDING, blanks, lambda row: 0 if declared else n - int(row.left))
    filled = f"{n}-({entries(draft, rule.items, f'={CellEntry.BLANK:d}')})"
    write(LEFT, filled, lambda row: stored(row.left), cell)
    wrong = entries(draft, rule.items, f">={CellEntry.WRONG:d}")
    write(RIGHT, f"{filled}-({wrong})", lambda row: stored(row.right), cell)


def _declaration(
    draft: WorkbookDraft, sheet: Any, at: int, rule: EntryRule, write: Callable[..., None]
) -> None:
    """Write both sides of a rule that a table declared to have no cases must be empty: on the left
    how many figures other than 0 are in it, on the right 0. ``at`` and ``write``: as for
    `_numbers`.
    """
    cell = draft.formats(border=1, align="center")
    figures = "+".join(
        f'COUNTIF({r},">0")+COUNTIF({r},"<0")' if ":" in r else f"IF(ISNUMBER({r}),IF({r}=0,0,1),0)"
        for r in draft.ranges(rule.items)
    )
    declared = says_yes(none_cell(draft, rule.table.key).full, YES)
    write(LEFT, f"IF({declared},{figures},0)", lambda row: stored(row.left), cell)
    sheet.write_number(at, RIGHT, 0, cell)
    sheet.write_number(at, BAD, 0)
    sheet.write_number(at, PENDING, 0)


def _pending_blanks(draft: WorkbookDraft, items: Sequence[int]) -> str:
    """A formula, without ``=``, for how many of some inputs (item numbers) are blank in tables
    whose blanks do not count as 0.
    """
    form, parts = draft.layout.form, []
    for table in form.tables:
        blanks = [i for i in items if form.items[i].table == table.key]
        if blanks:
            declared = draft.status(table.key, DECLARED).full
            parts.append(f"IF({declared}=1,0,{entries(draft, blanks, f'={CellEntry.BLANK:d}')})")
    return "+".join(parts)


def _colours(draft: WorkbookDraft, sheet: Any, rows: int) -> None:
    """Add the colours of the states to the first ``rows`` rows."""
    state = Address(CHECKS, CHECKS_TOP, STATE).a1
    open_states = (RuleState.INCOMPLETE.value, RuleState.NOT_APPLICABLE.value)
    undecided = ",".join(f'{state}="{words}"' for words in open_states)
    wrong = f'{state}="{RuleState.NOT_NUMBER.value}"'
    changes: dict[str, dict[str, Property]] = {
        f"=OR({wrong},AND(ISNUMBER({state}),{state}<>0))": TO_MEND | {"bold": True},
        f"=OR({undecided})": UNDECIDED,
        f"=AND(ISNUMBER({state}),{state}=0)": BALANCES,
    }
    area = (CHECKS_TOP, STATE, CHECKS_TOP + rows - 1, STATE)
    colour_where(sheet, draft.formats, area, changes)


def rows_of(draft: WorkbookDraft, table: str) -> list[int]:
    """The rows of 校验 that belong to a table (its key), counted from the first rule: rules judged
    in this table, and rules about its entries.
    """
    form = draft.layout.form
    rows = [i.index for i in form.instances if form.items[i.anchor].table == table]
    start = len(form.instances)
    return rows + [start + n for n, r in enumerate(entry_rules(form)) if r.table.key == table]
