"""The summary workbook of a district: its figures, where they come from, and what is open."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from xltools.excel.book import WorkbookWriter
from xltools.excel.page import (
    GREY,
    HEI,
    SheetWriter,
    draw,
)
from xltools.layout.drawing import Box, Role
from xltools.layout.places import Composite, Layout
from xltools.ledgers.previous import SUMMARY
from xltools.model.cells import Address, quoted
from xltools.model.returns import RuleState
from xltools.model.summary import Outcome, Place, Summary, UnitStanding
from xltools.output import (
    detail,
    rules,
    standings,
)
from xltools.output import plan as plans
from xltools.output.plan import (
    LIST_HEAD,
    RULE_DIFFERENCE,
    RULES,
    TOTALS,
    TOTALS_TOP,
    SummaryPlan,
    cached,
    headline,
)

if TYPE_CHECKING:
    from xlsxwriter.format import Format

TITLE_ROW, UNITS_ROW, OTHERS_ROW, STATE_ROW = range(4)
MARGIN = 0.6  # inches above and below
PAPER = round((11.69 - 2 * MARGIN) * 96)  # pixels between them
FOOT = 44  # pixels of the line for names


def write_totals(page: SheetWriter, plan: SummaryPlan) -> None:
    """The whole sheet."""
    summary, sheet, formats = plan.summary, page.sheet, page.formats
    items = summary.form.items

    def stubs(box: Box) -> int:
        table = sum(top <= box.row for top in plan.made.tops) - 1
        return plan.layout.tables[table].drawing.stubs

    def style(box: Box) -> Format:
        if box.role is Role.TITLE:
            return formats(font_name=HEI, font_size=14)
        if box.role is Role.STUB and box.height == 1 and stubs(box) > 1:
            return formats.cell(text_wrap=True)
        if box.role is Role.BLOCK:
            return formats.cell(bold=True, align="center")
        if box.item is None:
            return formats.cell(align="center", text_wrap=True)
        number = items[box.item].pattern or ("0" if plan.whole[box.item] else "General")
        return formats.cell(align="center", shrink=True, num_format=number)

    def figure(box: Box, item: int, look: Format) -> None:
        total = summary.totals[item]
        if total is None:
            page.unsummed(box.row, box.col, formats.cell(bg_color=GREY))
            return
        # The link's own text is replaced by the formula, which keeps the link and the look.
        page.link(box.row, box.col, plan.figures_link(item), "0", look)
        formula = plan.formula(items[item], TOTALS)
        sheet.write_formula(box.row, box.col, formula, look, cached(total))

    draw(sheet, plan.made.drawing, style, figure)
    _heading(page, plan)
    last, right = len(plan.made.drawing.heights), len(plan.made.drawing.widths) - 1
    signed = "填表人：　　　　　　　审核人：　　　　　　　单位负责人：　　　　　　　日期："
    sheet.set_row_pixels(last, FOOT)
    page.merged((last, 0, last, right), signed, formats())
    sheet.set_portrait()
    sheet.center_horizontally()
    sheet.set_margins(left=0.6, right=0.6, top=MARGIN, bottom=MARGIN)
    sheet.print_area(0, 0, last, right)
    # Where pages are fitted, Excel ignores set breaks: so a scale, at which every table fits.
    breaks, scale = _pages(plan.made)
    sheet.set_h_pagebreaks(breaks)
    sheet.set_print_scale(scale)
    sheet.hide_gridlines(2)
    sheet.freeze_panes(STATE_ROW + 1, 0)


def _heading(page: SheetWriter, plan: SummaryPlan) -> None:
    summary, formats = plan.summary, page.formats
    right = len(plan.made.drawing.widths) - 1
    for row in range(TOTALS_TOP):
        page.sheet.set_row_pixels(row, 24 if row else 40)
    title = headline(summary, "汇总")
    look = formats(font_name=HEI, font_size=16, align="center")
    page.merged((TITLE_ROW, 0, TITLE_ROW, right), title, look)
    whole = summary.covered == summary.expected > 0
    look = formats(align="center", font_color="#000000" if whole else "#C00000")
    page.merged((UNITS_ROW, 0, UNITS_ROW, right), completeness(summary), look)
    look = formats(align="center", shrink=True)
    page.merged((OTHERS_ROW, 0, OTHERS_ROW, right), others(plan), look)
    first = Address(RULES, LIST_HEAD + 1, RULE_DIFFERENCE)
    last = Address(RULES, LIST_HEAD + len(summary.form.instances), RULE_DIFFERENCE)
    cells = f"{quoted(RULES)}!{first.absolute}:{last.absolute}"
    # Where a rule does not apply its cell is blank, and counts for neither.
    # Not COUNTIF: over formulas, ONLYOFFICE counts what they were.
    count = f"SUMPRODUCT(ISNUMBER({cells})*({cells}<>0))"
    wrong = sum(state in (RuleState.OFF, RuleState.EXPLAINED) for state in summary.states)
    words = "有 {} 处不平衡，见“校验”"
    before, after = words.split("{}")
    formula = f'="勾稽关系："&IF({count}=0,"全部平衡","{before}"&{count}&"{after}")'
    shown = "勾稽关系：" + (words.format(wrong) if wrong else "全部平衡")
    look = formats(align="center", font_color="#C00000" if wrong else "#000000")
    page.merged((STATE_ROW, 0, STATE_ROW, right), "", look)
    page.sheet.write_formula(STATE_ROW, 0, formula, look, shown)


def completeness(summary: Summary) -> str:
    """How many units are in: 已汇总 47/52 个单位."""
    count = f"{summary.covered}/{summary.expected}"
    if summary.roster is None:
        return f"{summary.year}年度　已汇总 {summary.covered} 个单位（未提供单位名录）"
    return f"{summary.year}年度　已汇总 {count} 个单位"


def others(plan: SummaryPlan) -> str:
    """What is to be known of the units that are not in as a matter of course."""
    summary, lost = plan.summary, (Outcome.REJECTED, Outcome.UNREADABLE)
    wanted = {u.name for u in summary.roster.expected} if summary.roster is not None else None

    def expected(one: UnitStanding) -> bool:
        return wanted is None or one.unit.name in wanted

    nameless = sum(not d.unit and d.outcome in lost for d in summary.documents)
    counts = {
        "退回 {} 个": sum(one.place is Place.REJECTED and expected(one) for one in plan.stands),
        "未报 {} 个": len(summary.missing),
        "强制计入 {} 个": sum(entry.accepted for entry in summary.entries),
        "已报不计入 {} 个": sum(not entry.counted for entry in summary.entries),
        "名录外或不应报的 {} 个": sum(
            one.place is Place.REJECTED and not expected(one) for one in plan.stands
        ),
        "另有 {} 个文件不知是哪个单位的": nameless,
        "灰格 {} 项不能相加，不汇总，各单位的数见“明细”": summary.totals.count(None),
    }
    return "　".join(words.format(count) for words, count in counts.items() if count)


def _pages(made: Composite) -> tuple[list[int], int]:
    """The rows before which a page ends, and the scale in percent at which every page fits.

    Tables share a page where they fit at full size.
    """
    heights = [*made.drawing.heights, FOOT]
    breaks: list[int] = []
    used, most = 0, 1
    for top, stop in pairwise([0, *made.tops[1:], len(heights)]):
        height = sum(heights[top:stop])
        if used and used + height > PAPER:
            breaks.append(top)
            used = 0
        used += height
        most = max(most, used)
    # A little less than fits: programs round the heights of rows.
    return breaks, min(100, PAPER * 98 // most)


def write(summary: Summary, layout: Layout, path: Path, *, contacts: bool = True) -> None:
    """Write a summary to ``path``; as `build`. Raises OSError where that cannot be."""
    path.write_bytes(build(summary, layout, path.parent, contacts=contacts))


def build(summary: Summary, layout: Layout, home: Path, *, contacts: bool = True) -> bytes:
    """A summary as the bytes of a workbook; the same summary gives the same bytes.

    ``layout`` is that of the summary's form; ``home`` the folder that the workbook will stand
    in, from which its links to documents start. Without ``contacts`` no name, telephone number
    or address of a person stands in it, but for what the unit wrote into its texts.
    """
    plan = plans.plan(summary, layout, home)
    title = f"{summary.district}{summary.year}年{summary.form.title}汇总"
    buffer = BytesIO()
    with WorkbookWriter(buffer, created=datetime(summary.year + 1, 1, 1), title=title) as book:
        write_totals(book.page(plans.TOTALS), plan)
        detail.write(book.page(plans.DETAIL), plan)
        standings.write_units(book.page(plans.STANDING), plan, contacts=contacts)
        standings.write_findings(book.page(plans.FINDINGS), plan)
        if summary.decisions:
            standings.write_decisions(book.page(plans.DECIDED), plan)
        if summary.form.texts:
            detail.write_texts(book.page(plans.PROSE), plan)
        rules.write(book.page(plans.RULES), plan)
        standings.write_sources(book.page(plans.SOURCES), plan, contacts=contacts)
        identity: dict[str, str | int] = {
            "kind": SUMMARY,
            "form": summary.form.form,
            "edition": summary.form.edition,
            "year": summary.year,
            "version": summary.version,
        }
        book.identity(identity)
    return buffer.getvalue()
