"""Write the sheets 报送情况, 问题, 来源 and 决定 of a summary workbook: a row for each unit,
finding, document and decision.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from xltools.excel.page import (
    CENTRE,
    CODE,
    DATE,
    FIGURE,
    TIME,
    ListColumn,
    Look,
    SheetWriter,
    name,
)
from xltools.ledgers.filled import find_table
from xltools.model.decisions import Columns, DecisionKind, DecisionStanding
from xltools.model.findings import TRIAL, Finding, Words
from xltools.model.form import Severity
from xltools.model.summary import (
    OUTCOMES,
    Document,
    Outcome,
    Place,
    Round,
    Summary,
    UnitStanding,
)
from xltools.model.text import key, listed
from xltools.model.wording import in_words
from xltools.output.detail import ACCEPTED
from xltools.output.plan import LIST_HEAD, STANDING, SummaryPlan
from xltools.readers.workbook import book_of

if TYPE_CHECKING:
    from xlsxwriter.format import Format

_SHOWN = 3  # changes that are listed; the others are counted


def rounds_in_words(summary: Summary, standing: UnitStanding) -> str:
    """When a unit reported, what it changed each time, and how many figures a decision has
    corrected: ``1月20日初报；1月23日更正（改3处：表三!D5 12→13……）``.
    """
    rounds, documents = summary.rounds.get(standing.unit.name, ()), standing.documents
    parts = []
    for number, reporting in enumerate(rounds):
        kind = "报送" if len(rounds) == 1 else "更正" if number else "初报"
        parts.append(f"{_day(reporting.date)}{kind}{_changed(reporting) if number else ''}")
    if not rounds and len(documents) > 1 and {d.outcome for d in documents} == {Outcome.REJECTED}:
        parts.append(f"收到 {len(documents)} 份，未定以哪一份为准")
    corrected = sum(m.corrected for m in standing.entry.marks.values()) if standing.entry else 0
    if corrected:
        parts.append(f"按决定更正{corrected}处（见“决定”）")
    return "；".join(parts)


def _day(date: datetime | None) -> str:
    """A date in words, such as 1月20日; 日期不明 where there is none."""
    return "日期不明，" if date is None else f"{date.month}月{date.day}日"


def _changed(reporting: Round) -> str:
    """What a unit changed when it reported again, in brackets."""
    changes = [f"{change.place} {change.before}→{change.after}" for change in reporting.changes]
    parts = [f"改{len(changes)}处：{listed(changes, _SHOWN, more='……')}"] if changes else []
    if reporting.prose:
        parts.append("文字、说明或声明有改动")
    return f"（{'；'.join(parts) or '数字未变'}）"


_COLUMNS = (
    ListColumn(title="序号", width=40, look=CENTRE),
    ListColumn(title=Columns.UNIT, width=150),
    ListColumn(title=Columns.KIND, width=72, look=CENTRE),
    ListColumn(title=Columns.TARGET, width=200),
    ListColumn(title=Columns.BASIS, width=210),
    ListColumn(title=Columns.VALUE, width=64, look=CENTRE),
    ListColumn(title=Columns.REASON, width=190),
    ListColumn(title=Columns.BY, width=64, look=CENTRE),
    ListColumn(title=Columns.DATE, width=80, look=CENTRE),
    ListColumn(title=Columns.STATE, width=150),
)
COLOURS = {
    DecisionStanding.HOLDS: "#E2EFDA",
    DecisionStanding.FALLEN: "#F8CBAD",
    DecisionStanding.FAILED: "#F8CBAD",
    DecisionStanding.UNUSED: "#EDEDED",
}


def write_decisions(page: SheetWriter, plan: SummaryPlan) -> None:
    """Write the sheet 决定: every decision with its standing at the end of the run."""
    decisions = plan.summary.decisions
    count = {s: sum(applied.standing is s for applied in decisions) for s in DecisionStanding}
    counted = "，".join(f"{s.value} {n}" for s, n in count.items() if n)
    page.headline("决定", f"本汇总依据经办人的 {len(decisions)} 条决定：{counted}。取自决定表。")
    looks = page.list_head(LIST_HEAD, _COLUMNS)
    for row, applied in enumerate(decisions, LIST_HEAD + 1):
        decision = applied.decision
        page.sheet.write_number(row, 0, row - LIST_HEAD, looks[0])
        page.link(row, 1, plan.standing_link(decision.unit), name(decision.unit), looks[1])
        basis = decision.basis or applied.basis
        if decision.kind in (DecisionKind.CHOOSE, DecisionKind.COMBINE):
            basis = basis.replace("；", "；\n")
        texts = [decision.kind.value, decision.target, basis, decision.value]
        texts += [decision.reason, decision.by, decision.date]
        for col, text in enumerate(texts, 2):
            page.text(row, col, text, looks[col])
        look = page.formats.item((), bg_color=COLOURS[applied.standing])
        page.text(row, len(_COLUMNS) - 1, applied.words, look)
    page.list_end(len(decisions))


INK: Mapping[Severity, str] = {
    Severity.FATAL: "#C00000",
    Severity.QUERY: "#9C5700",
    Severity.NOTE: "#595959",
}
OPEN, EXPLAINED, NOTED, DECIDED = "待处理", "已说明", "—", "已认可"

COUNT: Look = (*FIGURE, ("num_format", "0;-0;"))  # a zero is not shown
_UNITS = (
    ListColumn(title="序号", width=40, look=CENTRE),
    ListColumn(title="单位名称", width=165),
    ListColumn(title="单位代码", width=68, look=CODE),
    ListColumn(title="类别", width=88, look=CENTRE),
    ListColumn(title="状态", width=88, look=CENTRE),
    ListColumn(title="说明", width=165),
    ListColumn(title="文件", width=180),
    ListColumn(title="报送日期", width=80, look=DATE),
    ListColumn(title="附送材料", width=80, look=CENTRE),
    ListColumn(title="必须\n更正", width=42, look=COUNT),
    ListColumn(title="需\n说明", width=42, look=COUNT),
    ListColumn(title="提示", width=42, look=COUNT),
    ListColumn(title="报送经过", width=190),
)
_CONTACTS = (
    ListColumn(title="填表人", width=58, look=CENTRE),
    ListColumn(title="填表人电话", width=96, look=CODE),
    ListColumn(title="联系人", width=58, look=CENTRE),
    ListColumn(title="联系电话", width=96, look=CODE),
    ListColumn(title="邮箱", width=120, look=(("num_format", "@"),)),
)
_REMARK = ListColumn(title="备注", width=120, look=(("locked", False), ("num_format", "@")))
# Colours of a state: what is in, what has to be done, what is settled.
_STATE = {
    Place.MERGED: "#E2EFDA",
    Place.NOT_COUNTED: "#E2EFDA",
    Place.REJECTED: "#F8CBAD",
    Place.MISSING: "#F8CBAD",
}


def write_units(page: SheetWriter, plan: SummaryPlan, *, contacts: bool) -> None:
    """Write the sheet 报送情况: every unit with its state; units that are not in the roster come
    last. ``contacts``: whether people are named with their telephone numbers and addresses.
    """
    summary, formats, sheet = plan.summary, page.formats, page.sheet
    columns = (*_UNITS, *(_CONTACTS if contacts else ()), _REMARK)
    line = f"应报 {summary.expected} 个单位，已汇总 {summary.covered} 个。单击单位名称可到明细。"
    page.headline("报送情况", line)
    looks = page.list_head(LIST_HEAD, columns)
    for row, standing in enumerate(plan.stands, LIST_HEAD + 1):
        unit, document = standing.unit, next(iter(standing.documents), None)
        sheet.write_number(row, 0, row - LIST_HEAD, looks[0])
        page.link(row, 1, plan.unit_link(unit.name), name(unit.name), looks[1])
        page.text(row, 2, name(unit.code), looks[2])
        page.text(row, 3, unit.category or "", looks[3])
        colour = {"bg_color": _STATE[standing.place]} if standing.place in _STATE else {}
        page.text(row, 4, standing.words, formats.item(CENTRE, **colour))
        page.text(row, 5, _reason(summary, standing), looks[5])
        path = document.path if document else ""
        page.link(row, 6, plan.file_link(path), name(path), looks[6])
        _date(page, row, 7, document, looks[7])
        page.text(row, 8, _along(standing), looks[8])
        for col, severity in enumerate(Severity, 9):
            count = standing.counts.get(severity, 0)
            ink = {"font_color": INK[severity]} if count else {}
            sheet.write_number(row, col, count, formats.item(COUNT, **ink))
        page.text(row, len(_UNITS) - 1, rounds_in_words(summary, standing), looks[len(_UNITS) - 1])
        if contacts:
            ret = standing.entry.ret if standing.entry else None
            contact = (ret.filler, ret.phone) if ret else ("", "")
            for col, text in enumerate(
                (*contact, unit.contact, unit.phone, unit.email), len(_UNITS)
            ):
                page.text(row, col, name(text), looks[col])
        page.text(row, len(columns) - 1, summary.remarks.get(unit.name, ""), looks[-1])
    page.list_end(len(plan.stands))


def _along(standing: UnitStanding) -> str:
    """What a unit sent along with its return, by kind of file, such as Word、图片 2."""
    kinds = Counter(d.kind.brief if d.kind else "其他" for d in standing.companions)
    return "、".join(kind if n == 1 else f"{kind} {n}" for kind, n in kinds.items())


def _reason(summary: Summary, standing: UnitStanding) -> str:
    """Why a unit has its state, in words; empty where there is nothing to explain."""
    parts = []
    if not standing.listed and summary.roster is not None:
        parts.append("不在名录中")
    if standing.entry and standing.entry.accepted:
        parts.append("有必须更正的问题，经办人决定强制计入")
    held = [
        d.decision for d in summary.decisions
        if d.standing is DecisionStanding.HOLDS and d.decision.unit == standing.unit.name
    ]  # fmt: skip
    parts += [f"经办人决定无需报送：{d.reason}" for d in held if d.kind is DecisionKind.EXCUSE]
    if count := sum(d.kind is not DecisionKind.EXCUSE for d in held):
        parts.append(f"依据 {count} 条决定（见“决定”）")
    parts += [
        in_words(d.reason)
        for d in standing.documents
        if d.reason and d.outcome is not Outcome.SUPERSEDED
    ]
    replaced = sum(d.outcome is Outcome.SUPERSEDED for d in standing.documents)
    if replaced:
        parts.append(f"另有 {replaced} 份被取代（见“来源”）")
    return "；".join(dict.fromkeys(parts))


def _date(page: SheetWriter, row: int, col: int, document: Document | None, look: Format) -> None:
    """Write the date of a document to a cell; blank where there is none."""
    date = document.date if document else None
    if date is None:
        page.text(row, col, "", look)
    else:
        # A spreadsheet knows no time zones: the time on the clock is what people compare.
        page.sheet.write_datetime(row, col, date.replace(tzinfo=None, microsecond=0), look)


_FINDINGS = (
    ListColumn(title="序号", width=40, look=CENTRE),
    ListColumn(title="单位", width=130),
    ListColumn(title="严重程度", width=68, look=CENTRE),
    ListColumn(title="编码", width=56, look=CENTRE),
    ListColumn(title="工作表", width=56, look=CENTRE),
    ListColumn(title="单元格", width=76),
    ListColumn(title="栏目", width=170),
    ListColumn(title="填报值", width=80),
    ListColumn(title="应为", width=80),
    ListColumn(title="问题与处理", width=330),
    ListColumn(title="单位说明", width=150),
    ListColumn(title="状态", width=110, look=CENTRE),
    ListColumn(title="文件", width=160),
)


def write_findings(page: SheetWriter, plan: SummaryPlan) -> None:
    """Write the sheet 问题: every finding, in the order of the units; the most serious of a unit
    come first, and those of rules on trial last.
    """
    summary, formats = plan.summary, page.formats
    inks = {severity: formats.item(CENTRE, font_color=ink) for severity, ink in INK.items()}
    words = Words.of(summary.form)
    accepted = {entry.unit.name for entry in summary.entries if entry.accepted}
    findings = _sorted(plan)
    waiting = sum(is_waiting(finding, accepted) for finding in findings)
    settled = sum(bool(finding.decision) for finding in findings)
    also = f"已认可 {settled} 项（见“决定”）。" if settled else ""
    line = f"共 {len(findings)} 项，待处理 {waiting} 项。{also}单击文件名可打开原文件。"
    page.headline("问题", line)
    looks = page.list_head(LIST_HEAD, _FINDINGS)
    for row, finding in enumerate(findings, LIST_HEAD + 1):
        page.sheet.write_number(row, 0, row - LIST_HEAD, looks[0])
        page.link(row, 1, plan.standing_link(finding.unit), name(finding.unit), looks[1])
        mark = TRIAL if finding.trial else finding.severity.words
        page.text(row, 2, mark, inks[finding.severity])
        texts = (
            finding.code,
            name(finding.sheet),
            listed(finding.cells, 6, more=" 等{}格"),
            finding.labels,
            in_words(finding.found),
            in_words(finding.expected),
            words.message(finding),
            finding.explanation,
            status(finding, accepted),
        )
        for col, text in enumerate(texts, 3):
            page.text(row, col, text, looks[col])
        page.link(row, 12, plan.file_link(finding.path), name(finding.path), looks[12])
    page.list_end(len(findings))


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


_SOURCES = (
    ListColumn(title="序号", width=40, look=CENTRE),
    ListColumn(title="文件", width=300),
    ListColumn(title="处理结果", width=80, look=CENTRE),
    ListColumn(title="单位", width=170),
    ListColumn(title="类型", width=172, look=CENTRE),
    ListColumn(title="时间", width=120, look=TIME),
    ListColumn(title="大小\n（字节）", width=70, look=(*CENTRE, ("num_format", "#,##0"))),
    ListColumn(title="模板版本", width=64, look=CENTRE),
    ListColumn(title="说明", width=220),
    ListColumn(title="SHA-256", width=244, look=(("font_name", "Consolas"), ("font_size", 8))),
)
_SENDER = ListColumn(title="发件人", width=150, look=(("num_format", "@"),))


def write_sources(page: SheetWriter, plan: SummaryPlan, *, contacts: bool) -> None:
    """Write the sheet 来源: every document received. ``contacts``: whether its sender is named."""
    documents = plan.summary.documents
    outcomes = Counter(document.outcome for document in documents)
    counts = [f"{word} {outcomes[outcome]}" for outcome, word in OUTCOMES.items()]
    line = f"收到 {len(documents)} 个文件：{'，'.join(counts)}。"
    page.headline("来源", f"{line}汇总程序 xltools {plan.summary.version}。")
    columns = (*_SOURCES[:-1], *((_SENDER,) if contacts else ()), _SOURCES[-1])
    looks = page.list_head(LIST_HEAD, columns)
    for row, document in enumerate(documents, LIST_HEAD + 1):
        page.sheet.write_number(row, 0, row - LIST_HEAD, looks[0])
        page.link(row, 1, plan.file_link(document.path), name(document.path), looks[1])
        texts = {
            2: OUTCOMES[document.outcome],
            3: name(document.unit),
            4: name(document.kind.value if document.kind else ""),
            7: name(document.version),
            8: in_words(document.reason),
        }
        if contacts:
            texts[9] = name(document.sender)
        for col, text in texts.items():
            page.text(row, col, text, looks[col])
        _date(page, row, 5, document, looks[5])
        if document.size is None:
            page.text(row, 6, "", looks[6])
        else:
            page.sheet.write_number(row, 6, document.size, looks[6])
        page.text(row, len(columns) - 1, document.sha256, looks[-1])
    page.list_end(len(documents))


REMARK, UNIT = "备注", "单位名称"


def remarks_of(data: bytes) -> dict[str, str]:
    """The remarks that people wrote on 报送情况 of an earlier summary, by the name of the unit;
    where a unit has several rows, their remarks are lines of one text. Empty where there is no such
    sheet. ``data``: the content of the workbook.

    Raises ReadError where the workbook cannot be read.
    """
    book = book_of(data)
    if STANDING not in book.names:
        return {}
    headings = {key(label): label for label in (UNIT, REMARK)}
    table = find_table(book.values(STANDING), headings, required=(UNIT, REMARK))
    if table is None:
        return {}
    remarks: dict[str, str] = {}
    for row in table.rows:
        unit, remark = table.text(row, UNIT), table.raw(row, REMARK)
        if unit and remark:
            remarks[unit] = f"{remarks[unit]}\n{remark}" if unit in remarks else remark
    return remarks
