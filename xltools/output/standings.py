"""Write the sheets 报送情况, 来源 and 决定 of a summary workbook: a row for each unit, document and
decision.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from xltools.excel.page import CENTRE, CODE, DATE, FIGURE, TIME, ListColumn, Look, SheetWriter
from xltools.excel.safe_text import name
from xltools.excel.stream import Content, Link, Styled
from xltools.ledgers.filled import find_table
from xltools.model.decisions import (
    AppliedDecision,
    Columns,
    Decision,
    DecisionKind,
    DecisionStanding,
)
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
from xltools.output.findings import INK
from xltools.output.plan import FIGURES_FILE, LIST_HEAD, STANDING, SummaryPlan
from xltools.readers.workbook import book_of

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
    styles = {
        standing: page.formats.number(page.formats.item((), bg_color=colour))
        for standing, colour in COLOURS.items()
    }
    rows = (_decision(plan, number, applied, styles) for number, applied in enumerate(decisions, 1))
    page.write_list(LIST_HEAD, _COLUMNS, rows, len(decisions))


def _decision(
    plan: SummaryPlan,
    number: int,
    applied: AppliedDecision,
    styles: Mapping[DecisionStanding, int],
) -> list[Content]:
    """The row of a decision. ``styles``: those of its standing."""
    decision = applied.decision
    basis = decision.basis or applied.basis
    if decision.kind in (DecisionKind.CHOOSE, DecisionKind.COMBINE):
        basis = basis.replace("；", "；\n")
    return [
        number,
        Link(plan.standing_link(decision.unit), name(decision.unit)),
        decision.kind.value,
        decision.target,
        basis,
        decision.value,
        decision.reason,
        decision.by,
        decision.date,
        Styled(applied.words, styles[applied.standing]),
    ]


COUNT: Look = (*FIGURE, ("num_format", "0;-0;"))  # a zero is not shown
_UNITS = (
    ListColumn(title="序号", width=36, look=CENTRE),
    ListColumn(title="单位名称", width=130),
    ListColumn(title="单位代码", width=60, look=CODE),
    ListColumn(title="类别", width=64, look=CENTRE),
    ListColumn(title="状态", width=64, look=CENTRE),
    ListColumn(title="说明", width=120),
    ListColumn(title="文件", width=174),
    ListColumn(title="报送日期", width=76, look=DATE),
    ListColumn(title="附送材料", width=58, look=CENTRE),
    ListColumn(title="必须\n更正", width=36, look=COUNT),
    ListColumn(title="需\n说明", width=36, look=COUNT),
    ListColumn(title="提示", width=36, look=COUNT),
    ListColumn(title="报送经过", width=138),
)
_CONTACTS = (
    ListColumn(title="填表人", width=50, look=CENTRE),
    ListColumn(title="填表人电话", width=84, look=CODE),
    ListColumn(title="联系人", width=50, look=CENTRE),
    ListColumn(title="联系电话", width=84, look=CODE),
    ListColumn(title="邮箱", width=92, look=(("num_format", "@"),)),
)
_REMARK = ListColumn(title="备注", width=68, look=(("locked", False), ("num_format", "@")))
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
    summary, formats = plan.summary, page.formats
    more = "单击单位名称可到明细。" if plan.detailed else f"各单位的数在 {FIGURES_FILE} 里。"
    line = f"应报 {summary.expected} 个单位，已汇总 {summary.covered} 个。{more}"
    page.headline("报送情况", line)
    places = {p: formats.number(formats.item(CENTRE, bg_color=c)) for p, c in _STATE.items()}
    inks = {s: formats.banded(formats.item(COUNT, font_color=INK[s])) for s in Severity}
    decisions = _decisions_by_unit(summary)
    sources = "“来源”" if plan.detailed else " documents.parquet"

    def row(number: int, standing: UnitStanding) -> list[Content]:
        """The row of a unit."""
        unit, document = standing.unit, next(iter(standing.documents), None)
        path, state = document.path if document else "", standing.words
        style = places.get(standing.place)
        counts = standing.counts
        ret = standing.entry.ret if contacts and standing.entry else None
        filler = (ret.filler, ret.phone) if ret else ("", "")
        people = (*filler, unit.contact, unit.phone, unit.email) if contacts else ()
        return [
            number,
            Link(plan.unit_link(unit.name), name(unit.name)),
            name(unit.code),
            unit.category,
            state if style is None else Styled(state, style),
            _reason(summary, standing, decisions.get(unit.name, ()), sources),
            plan.file(path),
            _date(document),
            _along(standing),
            *(Styled(counts[s], ink) if s in counts else 0 for s, ink in inks.items()),
            rounds_in_words(summary, standing),
            *map(name, people),
            summary.remarks.get(unit.name, ""),
        ]

    columns = (*_UNITS, *(_CONTACTS if contacts else ()), _REMARK)
    rows = (row(number, standing) for number, standing in enumerate(plan.stands, 1))
    page.write_list(LIST_HEAD, columns, rows, len(plan.stands))


def _decisions_by_unit(summary: Summary) -> Mapping[str, list[Decision]]:
    """The decisions that hold, by the name of their unit."""
    by_unit: dict[str, list[Decision]] = {}
    for applied in summary.decisions:
        if applied.standing is DecisionStanding.HOLDS:
            by_unit.setdefault(applied.decision.unit, []).append(applied.decision)
    return by_unit


def _along(standing: UnitStanding) -> str:
    """What a unit sent along with its return, by kind of file, such as Word、图片 2."""
    kinds = Counter(d.kind.brief if d.kind else "其他" for d in standing.companions)
    return "、".join(kind if n == 1 else f"{kind} {n}" for kind, n in kinds.items())


def _reason(
    summary: Summary, standing: UnitStanding, held: Sequence[Decision], sources: str
) -> str:
    """Why a unit has its state, in words; empty where there is nothing to explain. ``held``: the
    decisions about it that hold; ``sources``: where all documents are listed.
    """
    parts = []
    if not standing.listed and summary.roster is not None:
        parts.append("不在名录中")
    if standing.entry and standing.entry.accepted:
        parts.append("有必须更正的问题，经办人决定强制计入")
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
        parts.append(f"另有 {replaced} 份被取代（见{sources}）")
    return "；".join(dict.fromkeys(parts))


def _date(document: Document | None) -> datetime | None:
    """The date of a document as workbooks hold it."""
    if document is None or document.date is None:
        return None
    # A spreadsheet knows no time zones: the time on the clock is what people compare.
    return document.date.replace(tzinfo=None, microsecond=0)


_SOURCES = (
    ListColumn(title="序号", width=36, look=CENTRE),
    ListColumn(title="文件", width=400),
    ListColumn(title="处理结果", width=80, look=CENTRE),
    ListColumn(title="单位", width=150),
    ListColumn(title="类型", width=130, look=CENTRE),
    ListColumn(title="时间", width=120, look=TIME),
    ListColumn(title="大小\n（字节）", width=70, look=(*CENTRE, ("num_format", "#,##0"))),
    ListColumn(title="模板版本", width=64, look=CENTRE),
    ListColumn(title="说明", width=190),
    ListColumn(title="SHA-256", width=440, look=(("font_name", "Consolas"), ("font_size", 9))),
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

    def row(number: int, document: Document) -> list[Content]:
        """The row of a document."""
        return [
            number,
            Link(plan.file_link(document.path), name(document.path)),
            OUTCOMES[document.outcome],
            name(document.unit),
            name(document.kind.value) if document.kind else "",
            _date(document),
            document.size,
            name(document.version),
            in_words(document.reason),
            *((name(document.sender),) if contacts else ()),
            document.sha256,
        ]

    rows = (row(number, document) for number, document in enumerate(documents, 1))
    # The digests are for the screen: on paper they would crowd out everything else.
    page.write_list(LIST_HEAD, columns, rows, len(documents), unprinted=1)


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
