"""Write the sheet 分组小计: the sums of the figures by groups of units, with formulas over 明细."""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from xltools.excel.page import CENTRE, FIGURE, ListColumn, Look, SheetWriter
from xltools.excel.stream import Content, Formula
from xltools.model.form import Item
from xltools.model.numbers import stored
from xltools.model.roster import YES
from xltools.model.text import bare
from xltools.output.board import UnitGroup
from xltools.output.plan import (
    COUNTED_COLUMN,
    GROUP_COLUMN,
    LIST_HEAD,
    SummaryPlan,
    headline,
)

_LINE: Look = (("text_wrap", False), ("shrink", True))
_FEW: Final = 6  # groups beside which a page stands upright
_LONGEST: Final = 255  # characters of a text in a formula of Excel
_SPECIAL: Final = re.compile(r"[~*?]")


def write_groups(
    page: SheetWriter, plan: SummaryPlan, groups: Sequence[UnitGroup], by: str
) -> None:
    """Write the sheet 分组小计: a row for each item of the form, a column for each group. ``by``:
    the heading of the roster by which the units are grouped.
    """
    form = plan.summary.form
    page.headline(headline(plan.summary, "分组小计"), f"按名录的“{by}”分组；只含计入汇总的单位。")
    columns = [
        ListColumn(title="表", width=56, look=CENTRE),
        ListColumn(title="项目", width=300, look=_LINE),
        ListColumn(title="栏", width=130, look=_LINE),
        *(ListColumn(title=group.name, width=84, look=FIGURE) for group in groups),
        ListColumn(title="合计", width=84, look=FIGURE),
    ]
    page.write_list(LIST_HEAD, columns, _rows(plan, groups), len(form.items) + 1)
    if len(groups) < _FEW:
        page.sheet.set_portrait()


def _rows(plan: SummaryPlan, groups: Sequence[UnitGroup]) -> Iterator[list[Content]]:
    """The rows of the sheet: how many units there are, then each item."""
    live = plan.detailed and _told_apart([group.name for group in groups])
    counted = f'{plan.on_detail(COUNTED_COLUMN)},"{YES}"'
    among = [f"{plan.on_detail(GROUP_COLUMN)},{_criterion(group.name)}" for group in groups]
    count: list[Content] = ["", "计入汇总的单位数", ""]
    for group, criterion in zip(groups, among, strict=True):
        formula = f"=COUNTIFS({counted},{criterion})"
        count.append(Formula(formula, group.count) if live else group.count)
    count.append(sum(group.count for group in groups))
    yield count
    for _, items in groupby(plan.summary.form.items, key=lambda item: item.table):
        for item in items:
            yield [
                plan.layout.address(item.index).sheet,
                *_labels(item),
                *(
                    _sum(plan, item, group, f"{counted},{criterion}", live=live)
                    for group, criterion in zip(groups, among, strict=True)
                ),
                _total(plan, item),
            ]


def _labels(item: Item) -> tuple[str, str]:
    """The labels of an item: of its row, and of its column."""
    rows = [bare(label) for label in item.rows if label]
    return " > ".join(rows[-2:]), bare(item.columns[-1])


def _sum(plan: SummaryPlan, item: Item, group: UnitGroup, criteria: str, *, live: bool) -> Content:
    """The sum of an item in a group, as a formula over 明细 if ``live``."""
    number = group.totals[item.index]
    if number is None:
        return "不相加"
    if not live:
        return stored(number)
    total = f"SUMIFS({plan.on_detail(plan.columns[item.index])},{criteria})"
    formula = f"={total}" if plan.whole[item.index] else f"=ROUND({total},6)"
    return Formula(formula, stored(number))


def _total(plan: SummaryPlan, item: Item) -> Content:
    """The district's figure of an item, from 汇总."""
    number = plan.summary.totals[item.index]
    if number is None:
        return "不相加"
    return Formula(f"={plan.cell(item.index).full}", stored(number))


def _criterion(name: str) -> str:
    """The criterion that a cell has this text, for SUMIFS."""
    escaped = _SPECIAL.sub(lambda mark: f"~{mark[0]}", name).replace('"', '""')
    return f'"={escaped}"'


def _told_apart(names: Sequence[str]) -> bool:
    """Whether SUMIFS tells these texts apart: it does not look at the case of letters, takes texts
    that are numbers for these, and a formula holds no longer text than Excel allows.
    """
    if any(len(_criterion(name)) > _LONGEST for name in names):
        return False
    return len({_number(name) for name in names}) == len(names)


def _number(name: str) -> str | float:
    """A text as SUMIFS compares it."""
    try:
        return float(name)
    except ValueError:
        return name.casefold()
