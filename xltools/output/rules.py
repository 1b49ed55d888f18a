"""The sheet 校验 of a summary: every rule of the form on the district's figures."""

from __future__ import annotations

from collections.abc import Mapping

from xltools.excel.page import (
    CENTRE,
    FIGURE,
    HEI,
    ListColumn,
    Look,
    SheetWriter,
)
from xltools.model.cells import Address
from xltools.model.evaluate import judge_sums
from xltools.model.findings import TRIAL
from xltools.model.form import Form, Instance, Severity
from xltools.model.formula import Operand, excel_sum
from xltools.model.returns import RuleState
from xltools.output.plan import (
    LIST_HEAD,
    RULE_DIFFERENCE,
    RULE_LEFT,
    RULE_RIGHT,
    RULE_STATE,
    RULES,
    SummaryPlan,
    cached,
)

_OFF: Look = (*FIGURE, ("num_format", '"差"General;"差"-General;"平衡"'))
_RULES = (
    ListColumn(title="序号", width=40, look=CENTRE),
    ListColumn(title="编码", width=56, look=CENTRE),
    ListColumn(title="性质", width=68, look=CENTRE),
    ListColumn(title="勾稽关系", width=250),
    ListColumn(title="位置", width=270),
    ListColumn(title="汇总表\n单元格", width=56, look=CENTRE),
    ListColumn(title="左边", width=84, look=FIGURE),
    ListColumn(title="右边", width=84, look=FIGURE),
    ListColumn(title="差额", width=84, look=FIGURE),
    ListColumn(title="状态", width=84, look=_OFF),
)
KINDS = {Severity.FATAL: "必须平衡", Severity.QUERY: "需核实", Severity.NOTE: "提示"}
COLOURS = {Severity.FATAL: "#F8CBAD", Severity.QUERY: "#FFE699", Severity.NOTE: "#EDEDED"}


def where(form: Form, instance: Instance) -> str:
    """The heading at which a rule is looked at."""
    item = form.items[instance.anchor]
    labels = {"row": item.columns, "column": item.rows}.get(instance.along, ())
    return " > ".join(label for label in labels if label) or item.path


def write(page: SheetWriter, plan: SummaryPlan) -> None:
    """The whole sheet: a row an instance, both sides as formulas over 汇总."""
    form, summary, sheet = plan.summary.form, plan.summary, page.sheet
    page.headline(
        "校验",
        "左右两边取自“汇总”。跨年核对用上年汇总数；没有上年数的、只适用于单个单位的，为不适用。",
    )
    looks = page.list_head(LIST_HEAD, _RULES)
    top = LIST_HEAD + 1 + len(form.instances) + 2
    known = {item: top + n for n, item in enumerate(sorted(summary.prior))}
    prior = [summary.prior.get(item.index) for item in form.items]

    def at(operand: Operand) -> Address:
        if operand.prior:
            return Address(RULES, known[operand.item], RULE_LEFT)
        return plan.cell(operand.item)

    grey = page.formats.item(CENTRE, font_color="#808080")
    marks = {s: page.formats.change(bg_color=c) for s, c in COLOURS.items()}
    judgements = judge_sums(form, summary.totals, prior)
    for row, judgement in enumerate(judgements, LIST_HEAD + 1):
        instance = judgement.instance
        sheet.write_number(row, 0, row - LIST_HEAD, looks[0])
        kind = TRIAL if instance.rule.trial else KINDS[instance.rule.severity]
        texts = (instance.rule.code, kind, instance.rule.message)
        for col, text in enumerate(texts, 1):
            page.text(row, col, text, looks[col])
        target = f"internal:{plan.cell(instance.anchor).full}"
        page.text(row, 4, where(form, instance), looks[4])
        page.link(row, 5, target, plan.cell(instance.anchor).a1, looks[5])
        if judgement.state is RuleState.NOT_APPLICABLE:
            for col in (RULE_LEFT, RULE_RIGHT, RULE_DIFFERENCE):
                page.text(row, col, "", looks[col])
            page.text(row, RULE_STATE, judgement.state.value, grey)
            continue
        for col, side, value in (
            (RULE_LEFT, instance.left, judgement.left or 0),
            (RULE_RIGHT, instance.right, judgement.right or 0),
        ):
            formula = f"=ROUND({excel_sum(side, at, RULES)},6)"
            sheet.write_formula(row, col, formula, looks[col], cached(value))
        a, b = (Address(RULES, row, col).absolute for col in (RULE_LEFT, RULE_RIGHT))
        gap = f"ROUND({a}-{b},6)"
        if instance.op != "==":
            gap = f"IF({a}{instance.op}{b},0,{gap})"
        shown = cached(judgement.difference or 0)
        same = Address(RULES, row, RULE_DIFFERENCE).absolute
        sheet.write_formula(row, RULE_DIFFERENCE, f"={gap}", looks[RULE_DIFFERENCE], shown)
        sheet.write_formula(row, RULE_STATE, f"={same}", looks[RULE_STATE], shown)
        mark = {
            "type": "cell",
            "criteria": "!=",
            "value": 0,
            "format": marks[instance.rule.severity],
        }
        sheet.conditional_format(row, RULE_DIFFERENCE, row, RULE_STATE, mark)
    page.list_end(LIST_HEAD, len(form.instances), len(_RULES))
    sheet.set_portrait()
    _prior(page, plan, known)


def _prior(page: SheetWriter, plan: SummaryPlan, known: Mapping[int, int]) -> None:
    """Last year's totals, which the rules look at, below the list."""
    if not known:
        return
    page.text(min(known.values()) - 1, 3, "上年汇总数", page.formats(font_name=HEI))
    for item, row in known.items():
        page.merged((row, 3, row, 5), plan.summary.form.items[item].path, page.formats.item())
        figure = cached(plan.summary.prior[item])
        page.sheet.write_number(row, RULE_LEFT, figure, page.formats.item(CENTRE))
    page.sheet.print_area(0, 0, max(known.values()), len(_RULES) - 1)
