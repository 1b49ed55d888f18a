"""Write the sheet 问题 of a summary workbook, a row for each finding; and 问题分类, a row for each
kind.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from xltools.excel.page import CENTRE, FIGURE, ListColumn, SheetWriter
from xltools.excel.safe_text import name
from xltools.excel.stream import Content, Link, Styled
from xltools.model.findings import TRIAL, Finding, Words
from xltools.model.form import Severity
from xltools.model.text import listed
from xltools.model.wording import in_words
from xltools.output.detail import ACCEPTED
from xltools.output.plan import LIST_HEAD, SummaryPlan

INK: Mapping[Severity, str] = {
    Severity.FATAL: "#C00000",
    Severity.QUERY: "#9C5700",
    Severity.NOTE: "#595959",
}
OPEN, EXPLAINED, NOTED, DECIDED = "待处理", "已说明", "—", "已认可"

_FINDINGS = (
    ListColumn(title="序号", width=36, look=CENTRE),
    ListColumn(title="单位", width=126),
    ListColumn(title="严重程度", width=64, look=CENTRE),
    ListColumn(title="编码", width=50, look=CENTRE),
    ListColumn(title="工作表", width=52, look=CENTRE),
    ListColumn(title="单元格", width=72),
    ListColumn(title="栏目", width=180),
    ListColumn(title="填报值", width=142),
    ListColumn(title="应为", width=72),
    ListColumn(title="问题与处理", width=400),
    ListColumn(title="单位说明", width=64),
    ListColumn(title="状态", width=70, look=CENTRE),
    ListColumn(title="文件", width=130),
)
_EXPLAINED = {"问题与处理": 330, "单位说明": 134}
"""Widths where units gave explanations."""


FIRST: Final = 1_000
"""How many findings of a kind are listed where the workbook is without the detail."""
_KINDS = (
    ListColumn(title="序号", width=40, look=CENTRE),
    ListColumn(title="编码", width=56, look=CENTRE),
    ListColumn(title="严重程度", width=68, look=CENTRE),
    ListColumn(title="问题", width=330),
    ListColumn(title="条数", width=64, look=FIGURE),
    ListColumn(title="待处理", width=64, look=FIGURE),
    ListColumn(title="单位数", width=64, look=FIGURE),
    ListColumn(title="已列出", width=64, look=FIGURE),
)


def _kind(finding: Finding) -> tuple[bool, int, str]:
    """The kind of a finding: whether it is on trial, how serious it is, and its code; in the order
    in which kinds are listed.
    """
    return finding.trial, list(Severity).index(finding.severity), finding.code


def write_kinds(page: SheetWriter, plan: SummaryPlan) -> None:
    """Write the sheet 问题分类: each kind of finding, how many there are and in how many units."""
    summary, words = plan.summary, Words.of(plan.summary.form)
    accepted = {entry.unit.name for entry in summary.entries if entry.accepted}
    kinds: dict[tuple[bool, int, str], list[Finding]] = {}
    for finding in summary.findings:
        kinds.setdefault(_kind(finding), []).append(finding)
    line = f"每类在“问题”页列出前 {FIRST} 条，全部在 findings.parquet 里。"
    page.headline("问题分类", f"共 {len(summary.findings)} 项，{len(kinds)} 类。{line}")

    def row(number: int, findings: Sequence[Finding]) -> list[Content]:
        """The row of a kind."""
        first, entry = findings[0], words.entry(findings[0])
        rule = words.rule(first)
        return [
            number,
            first.code,
            TRIAL if first.trial else first.severity.words,
            entry.meaning if rule == first.code else rule,
            len(findings),
            sum(is_waiting(finding, accepted) for finding in findings),
            len({finding.unit or finding.path for finding in findings}),
            min(FIRST, len(findings)),
        ]

    rows = (row(number, kinds[kind]) for number, kind in enumerate(sorted(kinds), 1))
    page.write_list(LIST_HEAD, _KINDS, rows, len(kinds))


def _first_of_each(findings: Iterable[Finding]) -> list[Finding]:
    """The first findings of each kind, kind by kind, else in their order."""
    kinds: dict[tuple[bool, int, str], list[Finding]] = {}
    for finding in findings:
        same = kinds.setdefault(_kind(finding), [])
        if len(same) < FIRST:
            same.append(finding)
    return [finding for kind in sorted(kinds) for finding in kinds[kind]]


def write_findings(page: SheetWriter, plan: SummaryPlan) -> None:
    """Write the sheet 问题: every finding, in the order of the units; the most serious of a unit
    come first, and those of rules on trial last. Where the workbook is without the detail, the
    first thousand of each kind, kind by kind.
    """
    summary, formats = plan.summary, page.formats
    inks = {s: formats.banded(formats.item(CENTRE, font_color=ink)) for s, ink in INK.items()}
    words = Words.of(summary.form)
    accepted = {entry.unit.name for entry in summary.entries if entry.accepted}
    findings = _sorted(plan)
    waiting = sum(is_waiting(finding, accepted) for finding in findings)
    settled = sum(bool(finding.decision) for finding in findings)
    also = f"已认可 {settled} 项（见“决定”）。" if settled else ""
    line = f"共 {len(findings)} 项，待处理 {waiting} 项。{also}单击文件名可打开原文件。"
    if not plan.detailed:
        line = f"共 {len(findings)} 项，待处理 {waiting} 项。{also}每类列出前 {FIRST} 条。"
        findings = _first_of_each(findings)
    page.headline("问题", line)

    def row(number: int, finding: Finding) -> list[Content]:
        """The row of a finding."""
        mark = TRIAL if finding.trial else finding.severity.words
        return [
            number,
            Link(plan.standing_link(finding.unit), name(finding.unit)),
            Styled(mark, inks[finding.severity]),
            finding.code,
            name(finding.sheet),
            listed(finding.cells, 6, more=" 等{}格"),
            finding.labels,
            plan.unit_part(in_words(finding.found)),
            in_words(finding.expected),
            words.message(finding),
            finding.explanation,
            status(finding, accepted),
            plan.file(finding.path),
        ]

    rows = (row(number, finding) for number, finding in enumerate(findings, 1))
    explained = any(finding.explanation for finding in findings)
    columns = [
        replace(column, width=_EXPLAINED.get(column.title, column.width)) if explained else column
        for column in _FINDINGS
    ]
    page.write_list(LIST_HEAD, columns, rows, len(findings))


def _sorted(plan: SummaryPlan) -> list[Finding]:
    """The findings in the order in which 问题 lists them."""
    order = {standing.unit.name: number for number, standing in enumerate(plan.stands)}
    severities = list(Severity)
    return sorted(
        plan.summary.findings,
        key=lambda f: (
            order.get(f.unit, len(order)),
            f.unit,
            f.trial,
            severities.index(f.severity),
            f.path,
        ),
    )


def is_waiting(finding: Finding, accepted: set[str]) -> bool:
    """Whether somebody still has to act on a finding. ``accepted``: the names of units whose return
    is merged in spite of fatal findings.
    """
    return finding.open and not (finding.severity is Severity.FATAL and finding.unit in accepted)


def status(finding: Finding, accepted: set[str]) -> str:
    """The state of a finding in words; ``accepted`` as for `is_waiting`."""
    if finding.severity is Severity.NOTE:
        return NOTED
    if finding.decision:
        return f"{DECIDED}：{finding.decision}"
    if finding.severity is Severity.FATAL and finding.unit in accepted:
        return ACCEPTED
    return OPEN if is_waiting(finding, accepted) else EXPLAINED
