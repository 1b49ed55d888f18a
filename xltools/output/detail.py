"""Write the sheet 明细, which has every figure of every merged unit (a row for each unit) below
the district's sums.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil

from xltools.excel.page import (
    GREY,
    HEAD_COLOUR,
    HEI,
    MARGIN,
    Formats,
    Property,
    SheetWriter,
)
from xltools.excel.safe_text import name, plain
from xltools.excel.stream import Link, StreamedRow, Styled
from xltools.layout.geometry import LINE, lines
from xltools.ledgers.previous import COUNTED_KEY, HEAD_KEY, UNIT_KEY
from xltools.model.form import Form, Item
from xltools.model.numbers import stored
from xltools.model.packed import having, uncommon
from xltools.model.returns import Status
from xltools.model.roster import NO, YES
from xltools.model.summary import MergedReturn, Summary
from xltools.model.wording import in_words
from xltools.output.board import UNGROUPED
from xltools.output.figure_columns import GAP, SMALL, FigureColumns, arrange, wide
from xltools.output.plan import (
    COUNTED_COLUMN,
    DETAIL,
    GROUP_COLUMN,
    HEAD_ROW,
    KEY_ROW,
    META,
    UNIT_COLUMN,
    SummaryPlan,
    headline,
)

_WHOLE: dict[str, Property] = {"num_format": "0"}
# Columns are as wide as their figures need: shrinking is for programs with wider type.
_FIGURE: dict[str, Property] = {"font_size": SMALL, "shrink": True}
_FILTER = 16  # pixels below the sums for the buttons of the filter
ACCEPTED = "强制计入"
TOTAL = "#DDE6F1"
"""Background of the row of sums."""
CORRECTED, TAKEN = "#FCE4D6", "#E4DFEC"
"""Figures corrected by a decision; taken from another document by one."""
SHADES: Mapping[Status, str] = {Status.BLANK: "#FFF2CC", Status.VOID: "#DDEBF7"}


def write(page: SheetWriter, plan: SummaryPlan) -> None:
    """Write the sheet 明细: headings, the district's sums, and a row for each merged unit."""
    summary, sheet = plan.summary, page.sheet
    columns = arrange(plan, {_group(plan, entry) or "" for entry in summary.entries})
    for col, width in enumerate(columns.meta):
        sheet.set_column_pixels(col, col, width)
    for left, right in plan.spans:
        # Two outline groups side by side would be one: the gap keeps them apart.
        sheet.set_column_pixels(left - 1, left - 1, GAP)
        for col in range(left, right + 1):
            level = {"level": columns.levels[col]}
            sheet.set_column_pixels(col, col, columns.widths[col], None, level)
    page.headline(
        headline(summary, "明细"),
        "浅黄底：填报时空白，按零计；浅蓝底：填的是“/”“无”等，按零计。"
        "合计只含“计入汇总”为“是”的单位。" + _legend(summary),
        col=UNIT_COLUMN + 1,
    )
    _keys(page, plan)
    _head(page, plan, columns)
    _total(page, plan)
    _units(page, plan, columns.meta[UNIT_COLUMN])
    last = plan.spans[-1][1]
    # The row of sums is the head of the filter: so it is neither sorted nor hidden.
    sheet.autofilter(plan.total_row, 0, plan.last, last)
    sheet.freeze_panes(plan.first, UNIT_COLUMN + 1)
    sheet.set_landscape()
    sheet.set_margins(left=MARGIN, right=MARGIN, top=0.5, bottom=0.6)
    sheet.repeat_rows(HEAD_ROW, plan.total_row)
    sheet.repeat_columns(0, UNIT_COLUMN)
    sheet.print_area(0, 0, plan.last, last)
    sheet.set_print_scale(columns.scale)
    sheet.set_v_pagebreaks(columns.breaks)


def _legend(summary: Summary) -> str:
    """What the colours of figures changed by decisions mean; empty where there are no such
    figures.
    """
    corrected = {mark.corrected for entry in summary.entries for mark in entry.marks.values()}
    words = {True: "浅橙底加粗：按决定更正，原值见批注。", False: "浅紫底：按决定取自另一份报表。"}
    return "".join(text for mark, text in words.items() if mark in corrected)


def _keys(page: SheetWriter, plan: SummaryPlan) -> None:
    """Write the hidden row of item names, by which the summary can be read back."""
    look = page.formats(font_color="#808080")
    page.text(KEY_ROW, 0, f"{HEAD_KEY}{plan.first - HEAD_ROW}", look)
    page.text(KEY_ROW, UNIT_COLUMN, UNIT_KEY, look)
    page.text(KEY_ROW, COUNTED_COLUMN, COUNTED_KEY, look)
    for item in plan.summary.form.items:
        page.text(KEY_ROW, plan.columns[item.index], item.name, look)
    page.sheet.set_row(KEY_ROW, None, None, {"hidden": True})


def _head(page: SheetWriter, plan: SummaryPlan, columns: FigureColumns) -> None:
    """Write the headings, in rows high enough for all texts."""
    base: dict[str, Property] = {
        **{"align": "center", "text_wrap": True},
        **{"font_size": SMALL, "bg_color": HEAD_COLOUR},
    }
    look, title = page.formats.cell(**base), page.formats.cell(**base, font_name=HEI)
    standing = page.formats.cell(**base | {"text_wrap": False, "rotation": 270})
    meta = list(META)
    if plan.summary.roster is not None and plan.summary.roster.grouped_by:
        meta[GROUP_COLUMN] = plan.summary.roster.grouped_by
    for col, text in enumerate(meta):
        page.merged((HEAD_ROW, col, plan.total_row - 1, col), text, title)
    heights = [20] * plan.levels
    for box in sorted(columns.boxes, key=lambda b: b.bottom - b.top):
        where = (HEAD_ROW + box.top, box.left, HEAD_ROW + box.bottom, box.right)
        if stands := columns.stands(box):
            need = (LINE - 4) * len(box.text) + 6
        else:
            need = lines(box.text, columns.across(box) * 7 // 6) * (LINE - 4) + 4
        page.merged(where, box.text, standing if stands else look if box.top else title)
        levels = range(box.top, box.bottom + 1)
        lacking = need - sum(heights[level] for level in levels)
        for level in levels:
            heights[level] += max(0, ceil(lacking / len(levels)))
    for row, height in enumerate(heights, HEAD_ROW):
        page.sheet.set_row_pixels(row, height)


def _units(page: SheetWriter, plan: SummaryPlan, width: int) -> None:
    """Write a row for each merged unit; figures that were blank or void, or changed by a decision,
    are coloured. ``width``: of the column of names, in pixels.
    """
    formats, entries = page.formats, plan.summary.entries
    text = formats.cell(font_size=SMALL, text_wrap=True)
    centre = formats.cell(font_size=SMALL, align="center", shrink=True)
    if not entries:
        for col in (*range(len(META)), *plan.columns):
            page.text(plan.first, col, "", text)
        return
    for row, entry in enumerate(entries, plan.first):
        for item, mark in entry.marks.items():
            note = in_words(mark.note)
            size = {"x_scale": 1.8, "y_scale": 0.6 + len(note) / 70}
            font = {"font_name": "宋体", "font_size": 9, "author": ""}
            page.sheet.write_comment(row, plan.columns[item], plain(note), size | font)
    looks = _Looks(formats, plan.summary.form)
    page.stream(
        plan.first,
        len(entries),
        (_unit(plan, number, entry, looks, width) for number, entry in enumerate(entries, 1)),
        styles=(centre, text, centre, centre, centre),
        figures=list(zip(plan.columns, looks.usual, strict=True)),
        banded=True,
    )


class _Looks:
    """How the figures of units look, by item number. ``usual``: the formats. The others are styles:
    ``fraction`` of a count that is no whole number (accepted by hand), which is shown as it is;
    ``shaded`` of an input that was blank or void; ``corrected`` and ``taken`` of a figure that a
    decision changed. ``warned``: the style of a remark on a unit.
    """

    def __init__(self, formats: Formats, form: Form) -> None:
        def style(**look: Property) -> int:
            return formats.banded(formats.cell(**{**_FIGURE, **look}))

        self.usual = [
            formats.cell(**{**_FIGURE, **(_WHOLE if i.whole else {}), **_pattern(i)})
            for i in form.items
        ]
        self.fraction = {i.index: style(**_pattern(i)) for i in form.items if i.whole}
        self.shaded = {
            status: {
                item.index: style(**_WHOLE | _pattern(item), bg_color=colour)
                for item in form.inputs()
            }
            for status, colour in SHADES.items()
        }
        self.corrected = style(bg_color=CORRECTED, bold=True)
        self.taken = style(bg_color=TAKEN, bold=False)
        self.warned = style(align="center", font_color="#C00000")


def _unit(
    plan: SummaryPlan, number: int, entry: MergedReturn, looks: _Looks, width: int
) -> StreamedRow:
    """The row of a merged unit. ``number``: that of the row in the list, from 1; ``width``: of the
    column of names, in pixels.
    """
    unit, figures, odd = entry.unit.name, [*entry.numbers], uncommon(entry.numbers)
    fractions = [i for i in odd if i in looks.fraction and type(figures[i]) is not int]
    marked = {i: looks.fraction[i] for i in fractions}
    for status, styles in looks.shaded.items():
        marked |= {i: styles[i] for i in having(entry.ret, status) if i in styles}
    for item, mark in entry.marks.items():
        marked[item] = looks.corrected if mark.corrected else looks.taken
    return StreamedRow(
        contents=(
            number,
            Link(plan.standing_link(unit), name(unit)),
            _group(plan, entry),
            YES if entry.counted else Styled(NO, looks.warned),
            Styled(ACCEPTED if entry.accepted else "", looks.warned),
        ),
        height=36 if wide(unit) > width - 10 else 21,
        figures=figures,
        uncommon=odd,
        marked=marked,
    )


def _group(plan: SummaryPlan, entry: MergedReturn) -> str | None:
    """What 明细 says of a unit's group: what the roster says, or that it says nothing; the category
    where units are not grouped.
    """
    roster = plan.summary.roster
    if roster is None or not roster.grouped_by:
        return entry.unit.category
    return entry.unit.group or UNGROUPED


def _pattern(item: Item) -> dict[str, Property]:
    """The number format of an item as a format property; empty where the form sets none."""
    return {"num_format": item.pattern} if item.pattern else {}


def _total(page: SheetWriter, plan: SummaryPlan) -> None:
    """Write the row of the district's sums, below the headings; a sum that would make no sense is
    left blank.
    """
    row, formats = plan.total_row, page.formats
    page.sheet.set_row_pixels(row, 22 + _FILTER)
    base: dict[str, Property] = {
        **_FIGURE,
        **{"font_name": HEI, "valign": "top", "bg_color": TOTAL, "bottom": 2},
    }
    # Not in the column of names: who reads figures back takes a row with a name for a unit.
    page.text(row, 0, "合计", formats.cell(**base, align="center"))
    for col in range(1, len(META)):
        page.text(row, col, "", formats.cell(**base))
    for item, total in zip(plan.summary.form.items, plan.summary.totals, strict=True):
        number = _WHOLE if plan.whole[item.index] else {}
        if total is None:
            page.unsummed(row, plan.columns[item.index], formats.cell(**base | {"bg_color": GREY}))
            continue
        formula, look = plan.formula(item, DETAIL), formats.cell(**base, **number | _pattern(item))
        page.sheet.write_formula(row, plan.columns[item.index], formula, look, stored(total))
