"""Write the summary workbook of a district: all its sheets in their order. The sheets 汇总 and 校验
are written here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import IO, TYPE_CHECKING

from xltools.excel.book import WorkbookWriter
from xltools.excel.page import (
    CENTRE,
    FIGURE,
    GREY,
    HEI,
    ListColumn,
    Look,
    SheetWriter,
    draw,
)
from xltools.excel.stream import Content, Formula, Link, Styled
from xltools.layout.geometry import Box, Role
from xltools.layout.places import Composite, Layout
from xltools.model.assessment import Judgement, judge_sums
from xltools.model.cells import Address, quoted
from xltools.model.findings import TRIAL
from xltools.model.form import Form, Instance, Severity
from xltools.model.formula import Operand, excel_sum
from xltools.model.garbage import few_searches
from xltools.model.identity import DETAIL_KEY, WorkbookKind
from xltools.model.numbers import stored
from xltools.model.returns import RuleState
from xltools.model.summary import Outcome, Place, Summary
from xltools.output import detail, findings, prose, standings
from xltools.output import plan as plans
from xltools.output.board import board, groups
from xltools.output.groups import write_groups
from xltools.output.overview import write_overview
from xltools.output.plan import (
    FIGURES_FILE,
    LIST_HEAD,
    RULE_DIFFERENCE,
    RULE_LEFT,
    RULE_RIGHT,
    RULE_STATE,
    RULES,
    TOTALS,
    TOTALS_TOP,
    SummaryPlan,
    headline,
)

if TYPE_CHECKING:
    from xlsxwriter.format import Format

_OFF: Look = (*FIGURE, ("num_format", '"差"General;"差"-General;"平衡"'))
_RULES = (
    ListColumn(title="序号", width=36, look=CENTRE),
    ListColumn(title="编码", width=52, look=CENTRE),
    ListColumn(title="性质", width=64, look=CENTRE),
    ListColumn(title="勾稽关系", width=256),
    ListColumn(title="位置", width=246),
    ListColumn(title="汇总表\n单元格", width=54, look=CENTRE),
    ListColumn(title="左边", width=72, look=FIGURE),
    ListColumn(title="右边", width=72, look=FIGURE),
    ListColumn(title="差额", width=72, look=FIGURE),
    ListColumn(title="状态", width=72, look=_OFF),
)
_KINDS = {Severity.FATAL: "必须平衡", Severity.QUERY: "需核实", Severity.NOTE: "提示"}
_COLOURS = {Severity.FATAL: "#F8CBAD", Severity.QUERY: "#FFE699", Severity.NOTE: "#EDEDED"}


def where(form: Form, instance: Instance) -> str:
    """Where a rule is judged: the labels of the row or column; the labels of its item where the
    rule is judged at one place only.
    """
    item = form.items[instance.anchor]
    labels = {"row": item.columns, "column": item.rows}.get(instance.along, ())
    return " > ".join(label for label in labels if label) or item.path


def write_rules(page: SheetWriter, plan: SummaryPlan) -> None:
    """Write the sheet 校验: a row for each rule at each place, with formulas over 汇总 for both
    sides.
    """
    form, summary, sheet = plan.summary.form, plan.summary, page.sheet
    page.headline(
        "校验",
        "左右两边取自“汇总”。跨年核对用上年汇总数；没有上年数的、只适用于单个单位的，为不适用。",
    )
    first = LIST_HEAD + 1
    top = first + len(form.instances) + 2
    prior_rows = {item: top + n for n, item in enumerate(sorted(summary.prior))}

    def at(operand: Operand) -> Address:
        if operand.prior:
            return Address(RULES, prior_rows[operand.item], RULE_LEFT)
        return plan.cell(operand.item)

    grey = page.formats.banded(page.formats.item(CENTRE, font_color="#808080"))
    prior = [summary.prior.get(item.index) for item in form.items]
    judgements = judge_sums(form, summary.totals, prior)
    page.write_list(
        LIST_HEAD,
        _RULES,
        (_rule(plan, row, judgement, at, grey) for row, judgement in enumerate(judgements, first)),
        len(form.instances),
    )
    marks = {s: page.formats.change(bg_color=c) for s, c in _COLOURS.items()}
    for row, judgement in enumerate(judgements, first):
        if judgement.state is not RuleState.NOT_APPLICABLE:
            mark = {
                "type": "cell",
                "criteria": "!=",
                "value": 0,
                "format": marks[judgement.instance.rule.severity],
            }
            sheet.conditional_format(row, RULE_DIFFERENCE, row, RULE_STATE, mark)
    sheet.set_portrait()
    _prior(page, plan, prior_rows)


def _rule(
    plan: SummaryPlan,
    row: int,
    judgement: Judgement,
    at: Callable[[Operand], Address],
    grey: int,
) -> list[Content]:
    """The row of a rule at one place. ``row``: its number; ``at``: the cell of an operand;
    ``grey``: the style of the word that the rule does not apply.
    """
    instance = judgement.instance
    anchor = plan.cell(instance.anchor)
    contents: list[Content] = [
        row - LIST_HEAD,
        instance.rule.code,
        TRIAL if instance.rule.trial else _KINDS[instance.rule.severity],
        instance.rule.message,
        where(plan.summary.form, instance),
        Link(f"internal:{anchor.full}", anchor.a1),
    ]
    if judgement.state is RuleState.NOT_APPLICABLE:
        return [*contents, None, None, None, Styled(judgement.state.value, grey)]
    sides = (
        Formula(f"=ROUND({excel_sum(side, at, RULES)},6)", stored(value or 0))
        for side, value in ((instance.left, judgement.left), (instance.right, judgement.right))
    )
    a, b = (Address(RULES, row, col).absolute for col in (RULE_LEFT, RULE_RIGHT))
    gap = f"ROUND({a}-{b},6)"
    if instance.op != "==":
        gap = f"IF({a}{instance.op}{b},0,{gap})"
    shown = stored(judgement.difference or 0)
    same = Address(RULES, row, RULE_DIFFERENCE).absolute
    return [*contents, *sides, Formula(f"={gap}", shown), Formula(f"={same}", shown)]


def _prior(page: SheetWriter, plan: SummaryPlan, rows: Mapping[int, int]) -> None:
    """Write last year's sums, which some rules use, below the list. ``rows``: the row of each, by
    item number.
    """
    if not rows:
        return
    page.text(min(rows.values()) - 1, 3, "上年汇总数", page.formats(font_name=HEI))
    for item, row in rows.items():
        page.merged((row, 3, row, 5), plan.summary.form.items[item].path, page.formats.item())
        figure = stored(plan.summary.prior[item])
        page.sheet.write_number(row, RULE_LEFT, figure, page.formats.item(CENTRE))
    page.sheet.print_area(0, 0, max(rows.values()), len(_RULES) - 1)


_TITLE_ROW, _UNITS_ROW, _OTHERS_ROW, _STATE_ROW = range(4)
_MARGIN = 0.6  # inches above and below the tables on paper
_PAPER = round((11.69 - 2 * _MARGIN) * 96)  # pixels between the margins
_FOOT = 44  # pixels of the row for signatures


def write_totals(page: SheetWriter, plan: SummaryPlan) -> None:
    """Write the sheet 汇总: all tables below each other, with formulas for the sums over 明细, or
    the sums themselves where there is no such sheet.
    """
    summary, sheet, formats = plan.summary, page.sheet, page.formats
    items = summary.form.items

    def stubs(box: Box) -> int:
        table = sum(top <= box.row for top in plan.composite.tops) - 1
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
            grey = formats.cell(bg_color=GREY)
            if plan.detailed:
                page.unsummed(box.row, box.col, grey)
            else:
                page.text(box.row, box.col, "", grey)
            return
        if not plan.detailed:
            sheet.write_number(box.row, box.col, stored(total), look)
            return
        # The link's own text is replaced by the formula, which keeps the link and the look.
        page.link(box.row, box.col, plan.figures_link(item), "0", look)
        formula = plan.formula(items[item], TOTALS)
        sheet.write_formula(box.row, box.col, formula, look, stored(total))

    draw(sheet, plan.composite.drawing, style, figure)
    _heading(page, plan)
    last, right = len(plan.composite.drawing.heights), len(plan.composite.drawing.widths) - 1
    signed = "填表人：　　　　　　　审核人：　　　　　　　单位负责人：　　　　　　　日期："
    sheet.set_row_pixels(last, _FOOT)
    page.merged((last, 0, last, right), signed, formats())
    sheet.set_portrait()
    sheet.center_horizontally()
    sheet.set_margins(left=0.6, right=0.6, top=_MARGIN, bottom=_MARGIN)
    sheet.print_area(0, 0, last, right)
    # Where pages are fitted, Excel ignores set breaks: so a scale, at which every table fits.
    breaks, scale = _pages(plan.composite)
    sheet.set_h_pagebreaks(breaks)
    sheet.set_print_scale(scale)
    sheet.hide_gridlines(2)
    sheet.freeze_panes(_STATE_ROW + 1, 0)


def _heading(page: SheetWriter, plan: SummaryPlan) -> None:
    """Write the rows above the tables: the title, how many units are included, the line of
    exceptions (`others`), and whether all rules hold.
    """
    summary, formats = plan.summary, page.formats
    right = len(plan.composite.drawing.widths) - 1
    for row in range(TOTALS_TOP):
        page.sheet.set_row_pixels(row, 24 if row else 40)
    title = headline(summary, "汇总")
    look = formats(font_name=HEI, font_size=16, align="center")
    page.merged((_TITLE_ROW, 0, _TITLE_ROW, right), title, look)
    complete = summary.covered == summary.expected > 0
    look = formats(align="center", font_color="#000000" if complete else "#C00000")
    page.merged((_UNITS_ROW, 0, _UNITS_ROW, right), completeness(summary), look)
    look = formats(align="center", shrink=True)
    page.merged((_OTHERS_ROW, 0, _OTHERS_ROW, right), others(plan), look)
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
    page.merged((_STATE_ROW, 0, _STATE_ROW, right), "", look)
    page.sheet.write_formula(_STATE_ROW, 0, formula, look, shown)


def completeness(summary: Summary) -> str:
    """The year and how many units are included: 2025年度　已汇总 47/52 个单位."""
    count = f"{summary.covered}/{summary.expected}"
    if summary.roster is None:
        return f"{summary.year}年度　已汇总 {summary.covered} 个单位（未提供单位名录）"
    return f"{summary.year}年度　已汇总 {count} 个单位"


def others(plan: SummaryPlan) -> str:
    """A line that counts exceptions: units rejected, missing, merged by decision or not counted,
    files of unknown units, items that are not summed. Exceptions that do not occur are left out.
    """
    summary, lost = plan.summary, (Outcome.REJECTED, Outcome.UNREADABLE)
    expected = {u.name for u in summary.roster.expected} if summary.roster is not None else None
    rejected = [stand.unit.name for stand in plan.stands if stand.place is Place.REJECTED]
    due = sum(expected is None or name in expected for name in rejected)
    nameless = sum(not d.unit and d.outcome in lost for d in summary.documents)
    where = "“明细”" if plan.detailed else f" {FIGURES_FILE}"
    counts = {
        "退回 {} 个": due,
        "未报 {} 个": len(summary.missing),
        "强制计入 {} 个": sum(entry.accepted for entry in summary.entries),
        "已报不计入 {} 个": sum(not entry.counted for entry in summary.entries),
        "名录外或不应报的 {} 个": len(rejected) - due,
        "另有 {} 个文件不知是哪个单位的": nameless,
        f"灰格 {{}} 项不能相加，不汇总，各单位的数见{where}": summary.totals.count(None),
    }
    return "　".join(words.format(count) for words, count in counts.items() if count)


def _pages(composite: Composite) -> tuple[list[int], int]:
    """The rows before which a page ends, and the scale in percent at which every page fits. Tables
    stay whole. As many are put on one page as fit where the type is made smaller by up to three
    tenths, and then the type is as large as it can be.
    """
    heights = [*composite.drawing.heights, _FOOT]
    tables = list(pairwise([0, *composite.tops[1:], len(heights)]))

    def breaks(scale: int) -> list[int]:
        ends: list[int] = []
        used = 0
        for top, stop in tables:
            height = sum(heights[top:stop])
            if used and (used + height) * scale > _PAPER * 100:
                ends.append(top)
                used = 0
            used += height
        return ends

    scale = min(range(100, 69, -1), key=lambda scale: len(breaks(scale)))
    ends = breaks(scale)
    most = max(sum(heights[a:b]) for a, b in pairwise([0, *ends, len(heights)]))
    # A little less than fits: programs round the heights of rows.
    return ends, min(scale, _PAPER * 98 // most)


@few_searches()
def write(
    summary: Summary,
    layout: Layout,
    out: IO[bytes],
    home: Path,
    *,
    contacts: bool = True,
    detailed: bool = True,
) -> None:
    """Write a summary as a workbook to the file ``out``; the same summary always gives the same
    bytes. Raises SheetFullError where it has more units, documents or findings than a sheet takes.

    ``layout``: of the summary's form; ``home``: the folder in which the workbook will be, from
    which links to documents start. ``contacts``: whether names, telephone numbers and addresses of
    people are included; without them, only what units wrote in their texts can still name people.
    ``detailed``: whether it has the detail; without it, it has the totals, the standing of the
    units, and the findings by kind with the first thousand of each.
    """
    plan = plans.plan(summary, layout, home, detailed=detailed)
    title = f"{summary.district}{summary.year}年{summary.form.title}汇总"
    with WorkbookWriter(out, created=datetime(summary.year + 1, 1, 1), title=title) as book:
        write_overview(book.page(plans.OVERVIEW), plan, board(summary))
        write_totals(book.page(plans.TOTALS), plan)
        if grouped := groups(summary):
            by = summary.roster.grouped_by if summary.roster is not None else ""
            write_groups(book.page(plans.GROUPS), plan, grouped, by)
        if detailed:
            detail.write(book.page(plans.DETAIL), plan)
        standings.write_units(book.page(plans.STANDING), plan, contacts=contacts)
        if not detailed:
            findings.write_kinds(book.page(plans.KINDS), plan)
        findings.write_findings(book.page(plans.FINDINGS), plan)
        if summary.decisions:
            standings.write_decisions(book.page(plans.DECIDED), plan)
        if detailed and summary.form.texts:
            prose.write(book.page(plans.PROSE), plan)
        write_rules(book.page(plans.RULES), plan)
        if detailed:
            standings.write_sources(book.page(plans.SOURCES), plan, contacts=contacts)
        identity: dict[str, str | int] = {
            "kind": WorkbookKind.SUMMARY,
            "form": summary.form.form,
            "edition": summary.form.edition,
            "year": summary.year,
            "version": summary.version,
            **({} if detailed else {DETAIL_KEY: FIGURES_FILE}),
        }
        book.identity(identity)
