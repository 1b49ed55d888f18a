"""A table's states: the worst of each column at its foot, and the red of the cells concerned."""

from collections.abc import Mapping, Sequence
from typing import Any

from xltools.excel.looks import AMBER, DIFFERENCE, DIFFERENCE_AMOUNT, RED
from xltools.layout.drawing import Box
from xltools.layout.places import TableLayout
from xltools.model.cells import Address
from xltools.model.form import Item
from xltools.model.formula import rectangles
from xltools.model.numbers import stored
from xltools.model.returns import State
from xltools.model.sheets import OFF, RANK
from xltools.template.draft import Draft
from xltools.template.entry_states import Entry, counted, entries

_ASKED = 0.5  # in the hidden mirror: no reason to be red, but one to be looked at
_BAD = "数字有误"  # negative, in parts, or too large


def columns_of(one: TableLayout) -> Mapping[int, list[Box]]:
    """The boxes of figures by column of the sheet, from top to bottom."""
    columns: dict[int, list[Box]] = {}
    for box in one.drawing.boxes:
        if box.item is not None:
            columns.setdefault(box.col, []).append(box)
    return columns


def paint_mirror(draft: Draft, sheet: Any, one: TableLayout) -> None:
    """Hidden columns right of the table: per figure, how many reasons there are to be red.

    The colour looks at its own sheet only: formats that look at another one are damaged by .xls.
    """
    shift = one.mirror
    cells: dict[int, list[int]] = {}
    for instance in draft.layout.form.instances:
        for item in instance.cells:
            cells.setdefault(item, []).append(instance.index)
    top, bottom = one.foot, 0
    for boxes in columns_of(one).values():
        for box in boxes:
            assert box.item is not None
            rows = [r for r in cells.get(box.item, ()) if draft.opening.rows[r].applies]
            ranks = rectangles([draft.check(r, RANK) for r in rows])
            parts = [counted(ranks, "=2")] if ranks else []
            off = float(sum(draft.opening.rows[r].rank == 2 for r in rows))
            if draft.layout.form.items[box.item].formula is None:
                state = draft.entry(box.item).full
                asked = f"IF({state}>={Entry.YUAN:d},{_ASKED},0)"
                parts.insert(0, f"IF({state}>={Entry.WRONG:d},1,{asked})")
                now = draft.opening.states[box.item]
                off += 1 if now >= Entry.WRONG else _ASKED if now.asked else 0
            text = "=" + ("+".join(parts) or "0")
            sheet.write_formula(box.row, box.col + shift, text, None, off)
            top, bottom = min(top, box.row), max(bottom, box.row)
    last = len(one.drawing.widths) - 1
    left = min(columns_of(one))
    sheet.set_column(shift - 1, shift + last, None, None, {"hidden": True})
    flag = Address(sheet.get_name(), top, left + shift).a1
    for rule, look in (
        (f"={flag}>=1", {"bg_color": RED, "font_color": "#9C0006"}),
        (f"={flag}>0", {"bg_color": AMBER, "font_color": "#7F6000"}),
    ):
        sheet.conditional_format(
            *(top, left, bottom, last),
            {"type": "formula", "criteria": rule, "format": draft.book.add_format(look)},
        )


def takes(item: Item) -> str:
    """What an input takes, in words."""
    sign = "可为负数的" if item.signed else "不小于0的"
    if item.whole:
        return f"{sign}整数"
    return f"{sign}数，" + {None: "可有小数", 0: "不带小数"}.get(
        item.decimals, f"小数至多{item.decimals}位"
    )


def paint_foot(draft: Draft, sheet: Any, one: TableLayout) -> None:
    """Under each column, the worst state of the rules anchored in it."""
    form = draft.layout.form
    columns = columns_of(one)
    stubs = min(columns)
    if stubs:
        note = draft.formats(font_size=9, font_color="#7F7F7F", locked=True)
        sheet.write_string(one.foot, 0, "勾稽校验", note)
    for col, boxes in columns.items():
        items = [form.items[b.item] for b in boxes if b.item is not None]
        inputs = [i.index for i in items if i.formula is None]
        own = {i.index for i in items}
        rows = draft.opening.rows
        ranks = [r.index for r in form.instances if r.anchor in own and rows[r.index].applies]
        text, value = _foot_formula(draft, inputs, ranks)
        amounts = any(draft.amounts(form.instances[r]) for r in ranks)
        shows = DIFFERENCE_AMOUNT if amounts else DIFFERENCE
        small = draft.formats(font_size=9, align="center", num_format=shows, shrink=True)
        sheet.write_formula(one.foot, col, text, small, value)
    area = (one.foot, stubs, one.foot, max(columns))
    here = Address(sheet.get_name(), one.foot, stubs).a1
    for rule, look in (
        (
            f'=OR({here}="{State.NOT_NUMBER.value}",{here}="{_BAD}",AND(ISNUMBER({here}),{here}<>0))',
            {"bg_color": RED, "font_color": "#9C0006", "bold": True},
        ),
        (f'={here}="{State.INCOMPLETE.value}"', {"font_color": "#9A9A9A"}),
        (f"=AND(ISNUMBER({here}),{here}=0)", {"font_color": "#2E7D32"}),
    ):
        sheet.conditional_format(
            *area, {"type": "formula", "criteria": rule, "format": draft.book.add_format(look)}
        )


def _foot_formula(
    draft: Draft, inputs: Sequence[int], instances: Sequence[int]
) -> tuple[str, int | float | str]:
    text = '""'
    now: int | float | str = ""
    if instances:
        ranks = ",".join(rectangles([draft.check(r, RANK) for r in instances]))
        offs = ",".join(rectangles([draft.check(r, OFF) for r in instances]))
        worst = f"IF(MAX({offs})>0,MAX({offs}),MIN({offs}))"
        text = (
            f'IF(MAX({ranks})=3,"{State.NOT_NUMBER.value}",IF(MAX({ranks})=2,{worst},'
            f'IF(MAX({ranks})=1,"{State.INCOMPLETE.value}",0)))'
        )
        rows = [draft.opening.rows[r] for r in instances]
        rank, red = max(row.rank for row in rows), [row.off for row in rows]
        best = max(red) if max(red) > 0 else min(red)
        now = (0, State.INCOMPLETE.value, stored(best))[rank]
    if any(draft.opening.states[i] is Entry.WRONG for i in inputs):
        now = _BAD
    return _guarded(draft, inputs, text), now


def _guarded(draft: Draft, inputs: Sequence[int], text: str) -> str:
    """A foot's formula, which judges nothing while a figure above it is wrong by itself."""
    if not inputs:
        return "=" + text
    words = entries(draft, inputs, f"={Entry.NO_NUMBER:d}")
    wrong = entries(draft, inputs, f"={Entry.WRONG:d}")
    return f'=IF({words}>0,"{State.NOT_NUMBER.value}",IF({wrong}>0,"{_BAD}",{text}))'
