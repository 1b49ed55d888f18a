"""Write the sheet 明细, which has every figure of every merged unit (a row for each unit) with the
district's sums below, and the sheet 文字, which has the units' texts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby, pairwise
from math import ceil

from xltools.excel.page import (
    GREY,
    HEAD_COLOUR,
    HEI,
    LANDSCAPE,
    Formats,
    Property,
    SheetWriter,
)
from xltools.excel.safe_text import name, plain
from xltools.excel.stream import Link, StreamedRow, Styled
from xltools.layout.geometry import EM, LINE, TALLEST, HeadingBox, lines, measure, most_lines, split
from xltools.ledgers.previous import COUNTED_KEY, HEAD_KEY, UNIT_KEY
from xltools.model.form import Form, Item
from xltools.model.numbers import stored
from xltools.model.packed import having, uncommon
from xltools.model.returns import Status
from xltools.model.roster import NO, YES
from xltools.model.summary import MergedReturn, Summary
from xltools.model.wording import in_words
from xltools.output.board import UNGROUPED
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
    heads,
)

WIDTHS = (40, 165, 80, 44, 64)  # of the columns of META
GAP = 10  # pixels of the column between two tables
NARROW = 58  # eight digits of 9 points
FEN = 82  # nine digits and some decimals
SMALL = 9  # points
SCALE = 88  # percent, on paper
_WHOLE: dict[str, Property] = {"num_format": "0"}
ACCEPTED = "强制计入"
CORRECTED, TAKEN = "#FCE4D6", "#E4DFEC"
"""Figures corrected by a decision; taken from another document by one."""
SHADES: Mapping[Status, str] = {Status.BLANK: "#FFF2CC", Status.VOID: "#DDEBF7"}


def write(page: SheetWriter, plan: SummaryPlan) -> None:
    """Write the sheet 明细: headings, a row for each merged unit, and the district's sums."""
    summary, sheet = plan.summary, page.sheet
    boxes = heads(summary.form, plan.columns, plan.levels)
    widths = _widths(summary.form, boxes, plan)
    breaks = _breaks(summary.form, boxes, plan, widths)
    for col, width in enumerate(WIDTHS):
        sheet.set_column_pixels(col, col, width)
    for left, right in plan.spans:
        # Two outline groups side by side would be one: the gap keeps them apart.
        sheet.set_column_pixels(left - 1, left - 1, GAP)
        for col in range(left, right + 1):
            sheet.set_column_pixels(col, col, widths[col], None, {"level": 1})
    page.headline(
        headline(summary, "明细"),
        "浅黄底：填报时空白，按零计；浅蓝底：填的是“/”“无”等，按零计。"
        "合计只含“计入汇总”为“是”的单位。" + _legend(summary),
        col=UNIT_COLUMN + 1,
    )
    _keys(page, plan)
    _head(page, plan, split(boxes, breaks), widths)
    _units(page, plan)
    _total(page, plan)
    last = plan.spans[-1][1]
    sheet.autofilter(plan.first - 1, 0, plan.last, last)
    sheet.freeze_panes(plan.first, UNIT_COLUMN + 1)
    sheet.set_landscape()
    sheet.set_margins(left=0.5, right=0.5, top=0.5, bottom=0.6)
    sheet.repeat_rows(HEAD_ROW, plan.first - 1)
    sheet.repeat_columns(0, UNIT_COLUMN)
    sheet.print_area(0, 0, plan.total_row, last)
    sheet.set_print_scale(SCALE)
    sheet.set_v_pagebreaks(breaks)


def _legend(summary: Summary) -> str:
    """What the colours of figures changed by decisions mean; empty where there are no such
    figures.
    """
    corrected = {mark.corrected for entry in summary.entries for mark in entry.marks.values()}
    words = {True: "浅橙底加粗：按决定更正，原值见批注。", False: "浅紫底：按决定取自另一份报表。"}
    return "".join(text for mark, text in words.items() if mark in corrected)


def _widths(form: Form, boxes: Sequence[HeadingBox], plan: SummaryPlan) -> dict[int, int]:
    """The width in pixels of each item's column, by column, so that figures fit, and the headings
    (``boxes``) fit in three lines.
    """
    widths = dict.fromkeys(plan.columns, NARROW)
    for item in form.items:
        if not item.whole:
            widths[plan.columns[item.index]] = 2 * NARROW if item.decimals is None else FEN
    for box in boxes:
        span = range(box.left, box.right + 1) if box.top else ()
        need = ceil(_wide(box.text) / 3) + EM + 8
        for col in span:
            widths[col] += max(0, ceil((need - _across(widths, box)) / len(span)))
    return widths


def _wide(text: str) -> int:
    """The width in pixels of a text in the small type of this sheet (9 points)."""
    return measure(text) * SMALL * 2 // 21  # measured at 10.5 points


def _across(widths: Mapping[int, int], box: HeadingBox) -> int:
    """The total width of the columns below a heading, in pixels."""
    return sum(widths[col] for col in range(box.left, box.right + 1))


def _keys(page: SheetWriter, plan: SummaryPlan) -> None:
    """Write the hidden row of item names, by which the summary can be read back."""
    look = page.formats(font_color="#808080")
    page.text(KEY_ROW, 0, f"{HEAD_KEY}{plan.levels}", look)
    page.text(KEY_ROW, UNIT_COLUMN, UNIT_KEY, look)
    page.text(KEY_ROW, COUNTED_COLUMN, COUNTED_KEY, look)
    for item in plan.summary.form.items:
        page.text(KEY_ROW, plan.columns[item.index], item.name, look)
    page.sheet.set_row(KEY_ROW, None, None, {"hidden": True})


def _head(
    page: SheetWriter, plan: SummaryPlan, boxes: Sequence[HeadingBox], widths: Mapping[int, int]
) -> None:
    """Write the headings, in rows high enough for all texts. ``boxes``: the headings, split where a
    page ends; ``widths``: of the columns.
    """
    base: dict[str, Property] = {
        **{"align": "center", "text_wrap": True},
        **{"font_size": SMALL, "bg_color": HEAD_COLOUR},
    }
    look, title = page.formats.cell(**base), page.formats.cell(**base, font_name=HEI)
    meta = list(META)
    if plan.summary.roster is not None and plan.summary.roster.grouped_by:
        meta[GROUP_COLUMN] = plan.summary.roster.grouped_by
    for col, text in enumerate(meta):
        page.merged((HEAD_ROW, col, plan.first - 1, col), text, title)
    heights = [22] * plan.levels
    for box in sorted(boxes, key=lambda b: b.bottom - b.top):
        where = (HEAD_ROW + box.top, box.left, HEAD_ROW + box.bottom, box.right)
        page.merged(where, box.text, look if box.top else title)
        need = lines(box.text, _across(widths, box) * 7 // 6) * (LINE - 3) + 5
        levels = range(box.top, box.bottom + 1)
        lacking = need - sum(heights[level] for level in levels)
        for level in levels:
            heights[level] += max(0, ceil(lacking / len(levels)))
    # Room for the buttons of the filter, at the bottom of the lowest level.
    heights[-1] += 12
    for row, height in enumerate(heights, HEAD_ROW):
        page.sheet.set_row_pixels(row, height)


def _units(page: SheetWriter, plan: SummaryPlan) -> None:
    """Write a row for each merged unit; figures that were blank or void, or changed by a decision,
    are coloured.
    """
    formats, entries = page.formats, plan.summary.entries
    text = formats.cell(font_size=SMALL, text_wrap=True)
    centre = formats.cell(font_size=SMALL, align="center")
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
        (_unit(plan, number, entry, looks) for number, entry in enumerate(entries, 1)),
        styles=(centre, text, centre, centre, centre),
        figures=list(zip(plan.columns, looks.usual, strict=True)),
    )


class _Looks:
    """How the figures of units look, by item number. ``usual``: the formats. The others are styles:
    ``fraction`` of a count that is no whole number (accepted by hand), which is shown as it is;
    ``shaded`` of an input that was blank or void; ``corrected`` and ``taken`` of a figure that a
    decision changed. ``warned``: the style of a remark on a unit.
    """

    def __init__(self, formats: Formats, form: Form) -> None:
        def style(**look: Property) -> int:
            return formats.number(formats.cell(**{"font_size": SMALL, **look}))

        self.usual = [
            formats.cell(**{"font_size": SMALL, **(_WHOLE if i.whole else {}), **_pattern(i)})
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


def _unit(plan: SummaryPlan, number: int, entry: MergedReturn, looks: _Looks) -> StreamedRow:
    """The row of a merged unit. ``number``: that of the row in the list, from 1."""
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
        height=36 if _wide(unit) > WIDTHS[UNIT_COLUMN] - 10 else 22,
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
    """Write the row of the district's sums; a sum that would make no sense is left blank."""
    row, formats = plan.total_row, page.formats
    page.sheet.set_row_pixels(row, 24)
    base: dict[str, Property] = {"font_size": SMALL, "font_name": HEI, "top": 2}
    # Not in the column of names: reading back ends at the last name.
    page.text(row, 0, "合计", formats.cell(**base, align="center"))
    for col in range(1, len(META)):
        page.text(row, col, "", formats.cell(**base))
    for item, total in zip(plan.summary.form.items, plan.summary.totals, strict=True):
        number = _WHOLE if plan.whole[item.index] else {}
        if total is None:
            page.unsummed(row, plan.columns[item.index], formats.cell(**base, bg_color=GREY))
            continue
        formula, look = plan.formula(item, DETAIL), formats.cell(**base, **number | _pattern(item))
        page.sheet.write_formula(row, plan.columns[item.index], formula, look, stored(total))


def _breaks(
    form: Form, boxes: Sequence[HeadingBox], plan: SummaryPlan, widths: Mapping[int, int]
) -> list[int]:
    """The columns before which a page ends, for printing. Each table begins on a new page, and is
    split only where the heading of a row begins. ``widths``: of the columns.
    """
    room = LANDSCAPE * 100 // SCALE
    fixed = sum(WIDTHS[: UNIT_COLUMN + 1])
    starts = {box.left for box in boxes if box.top == 1} | {
        plan.columns[b.index] for a, b in pairwise(form.items) if a.row != b.row
    }
    breaks: list[int] = []
    used = sum(WIDTHS)
    for number, (left, right) in enumerate(plan.spans):
        if number:
            breaks.append(left)
            used = fixed
        cuts = sorted(col for col in starts if left <= col <= right)
        for start, stop in pairwise([*cuts, right + 1]):
            width = sum(widths[col] for col in range(start, stop))
            if used + width > room and start not in breaks:
                breaks.append(start)
                used = fixed
            used += width
    return breaks


PARTS, HEAD = 2, 3  # rows of 文字: titles of the parts, headings of their texts
UNIT, TEXT = 140, 34 * EM + 8  # widths of the columns of names and of texts
EACH = 2  # texts on a page


def write_texts(page: SheetWriter, plan: SummaryPlan) -> None:
    """Write the sheet 文字: a row for each unit and a column for each text."""
    formats, sheet, summary = page.formats, page.sheet, plan.summary
    texts = summary.form.texts
    page.headline("文字部分", "单元格显示不下的长文，可双击单元格或在编辑栏中查看全文。", col=2)
    head = formats.cell(font_name=HEI, align="center", text_wrap=True, bg_color=HEAD_COLOUR)
    sheet.set_column_pixels(0, 0, 40)
    sheet.set_column_pixels(1, 1, UNIT)
    sheet.set_column_pixels(2, 1 + len(texts), TEXT)
    for col, title in enumerate(("序号", "单位名称")):
        page.merged((PARTS, col, HEAD, col), title, head)
    col = 2
    # Cut where a page ends, so that each page says what part it shows.
    for (title, _), group in groupby(texts, key=lambda t: (t.part_title, texts.index(t) // EACH)):
        members = list(group)
        last = col + len(members) - 1
        if any(t.heading for t in members):
            page.merged((PARTS, col, PARTS, last), title, head)
            for number, text in enumerate(members, col):
                page.text(HEAD, number, text.label, head)
        else:
            page.merged((PARTS, col, HEAD, last), title, head)
        col = last + 1
    for row in (PARTS, HEAD):
        sheet.set_row_pixels(row, 26)
    centre = formats.cell(align="center", valign="top")
    body = formats.cell(text_wrap=True, valign="top")
    page.stream(
        HEAD + 1,
        len(summary.entries),
        (_prose(plan, number, entry) for number, entry in enumerate(summary.entries, 1)),
        styles=(centre, body, *(body for _ in texts)),
    )
    last = HEAD + max(1, len(summary.entries))
    sheet.autofilter(HEAD, 0, last, 1 + len(texts))
    sheet.freeze_panes(HEAD + 1, 2)
    sheet.set_landscape()
    sheet.set_margins(left=0.5, right=0.5, top=0.5, bottom=0.6)
    sheet.repeat_rows(PARTS, HEAD)
    sheet.repeat_columns(0, 1)
    sheet.print_area(0, 0, last, 1 + len(texts))
    sheet.set_v_pagebreaks(list(range(2 + EACH, 2 + len(texts), EACH)))
    sheet.set_print_scale(85)


def _prose(plan: SummaryPlan, number: int, entry: MergedReturn) -> StreamedRow:
    """The row of a unit's texts. ``number``: that of the row in the list, from 1."""
    unit = entry.unit.name
    texts = dict(entry.ret.texts.items())  # which may be packed
    written = [texts.get(text.name, "") for text in plan.summary.form.texts]
    tallest = most_lines(written, TEXT) * 19 + 8
    return StreamedRow(
        contents=(number, Link(plan.standing_link(unit), name(unit)), *written),
        height=min(TALLEST, max(24, tallest)),
    )
