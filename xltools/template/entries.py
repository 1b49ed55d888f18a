"""The rows of 校验 about the entries themselves: numbers they must be, declarations they obey."""

from collections.abc import Sequence
from typing import Any

from xltools.excel.looks import DIFFERENCE, link_to
from xltools.model.cells import Address
from xltools.model.numbers import stored
from xltools.model.returns import State
from xltools.model.sheets import (
    CHECKS,
    CHECKS_TOP,
    CODE,
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
from xltools.model.sheets import DIFFERENCE as DIFF
from xltools.template.draft import DECLARED, Draft, none_cell
from xltools.template.entry_states import Entry, entries, says_yes
from xltools.template.opening import EntryRule, Row
from xltools.template.states import takes

BAD, PENDING, TOLD = OFF + 1, OFF + 2, OFF + 3


def paint_entry_rule(draft: Draft, sheet: Any, row: int, rule: EntryRule) -> None:
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
        f'=IF({here(BAD)}>0,"{State.NOT_NUMBER.value}",IF({here(DIFF)}<>0,{here(DIFF)},'
        f'IF({here(PENDING)}>0,"{State.INCOMPLETE.value}",0)))',
        look,
        now.state,
    )
    ranks = f"=IF({here(BAD)}>0,3,IF({here(DIFF)}<>0,2,IF({here(PENDING)}>0,1,0)))"
    sheet.write_formula(at, RANK, ranks, None, now.rank)
    sheet.write_formula(at, OFF, f"=IF({here(RANK)}=2,{here(DIFF)},0)", None, stored(now.off))


def _numbers(draft: Draft, sheet: Any, at: int, rule: EntryRule, now: Row) -> None:
    """Left: cells filled in; right: those that hold what they may (rule 5 of the form)."""
    cell = draft.formats(border=1, align="center")
    n = len(rule.items)
    declared = draft.opening.declared[rule.table.key]
    waiting = 0 if declared else n - int(now.left)
    bad = "=" + entries(draft, rule.items, f"={Entry.NO_NUMBER:d}")
    sheet.write_formula(at, BAD, bad, None, 0)
    pending = "=" + pending_blanks(draft, rule.items)
    sheet.write_formula(at, PENDING, pending, None, waiting)
    filled = f"{n}-({entries(draft, rule.items, f'={Entry.BLANK:d}')})"
    sheet.write_formula(at, LEFT, f"={filled}", cell, stored(now.left))
    wrong = entries(draft, rule.items, f">={Entry.WRONG:d}")
    sheet.write_formula(at, RIGHT, f"={filled}-({wrong})", cell, stored(now.right))


def _declaration(draft: Draft, sheet: Any, at: int, rule: EntryRule, now: Row) -> None:
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


def pending_blanks(draft: Draft, items: Sequence[int]) -> str:
    """Blank cells that no declaration covers, table by table."""
    form, parts = draft.layout.form, []
    for table in form.tables:
        own = [i for i in items if form.items[i].table == table.key]
        if own:
            declared = draft.status(table.key, DECLARED).full
            parts.append(f"IF({declared}=1,0,{entries(draft, own, f'={Entry.BLANK:d}')})")
    return "+".join(parts)
