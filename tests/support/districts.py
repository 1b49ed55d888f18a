"""A district made up around real reports: what the summary's writer is tried on."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from functools import cache
from pathlib import Path

from xltools.forms.declaration import load
from xltools.layout.places import Layout, lay_out
from xltools.model.file_kinds import FileKind
from xltools.model.findings import Finding, finding
from xltools.model.form import Form, ItemType, Severity
from xltools.model.formula import holds
from xltools.model.identity import Identity
from xltools.model.numbers import Number, from_float
from xltools.model.returns import Return, RuleState, Status
from xltools.model.roster import Roster, Unit, UnitState
from xltools.model.summary import Document, MergedReturn, Outcome, Summary

REPORTS = sorted((Path(__file__).parent.parent / "data" / "real_reports").glob("*.json"))
PROSE = "我局认真贯彻落实《中华人民共和国政府信息公开条例》，主动公开机构职能、规范性文件等信息。"


@cache
def form() -> Form:
    return load("zfxxgk-2021")


@cache
def layout() -> Layout:
    return lay_out(form())


def number(value: float) -> Number:
    found = from_float(value)
    assert found is not None
    return found


def published() -> dict[str, tuple[Number, ...]]:
    """The figures of the real reports on this form, by agency, totals recomputed."""
    found = {}
    for path in REPORTS:
        report = json.loads(path.read_text("utf-8"))
        if report["year"] < form().years[0]:
            continue
        numbers: list[Number] = [0] * len(form().items)
        columns = list(dict.fromkeys(i.column for i in form().items if i.table == "t3"))
        cases = iter(report["t4"])
        for item in form().items:
            if item.table == "t2":
                value = report["t2"][item.rows[-1]][item.columns[-1]]
            elif item.table == "t3":
                value = report["t3"][" > ".join(item.rows)][columns.index(item.column)]
            else:
                value = next(cases)
            numbers[item.index] = number(value)
        found[f"{report['agency']}{report['year']}"] = complete(numbers)
    return found


def complete(inputs: Sequence[Number]) -> tuple[Number, ...]:
    """Figures with their totals, by what the form declares and nothing else."""
    numbers: list[Number | None] = [
        inputs[i.index] if i.formula is None else None for i in form().items
    ]

    def value(item: int) -> Number:
        known, formula = numbers[item], form().items[item].formula
        if known is None:
            assert formula is not None
            known = sum((o.sign * value(o.item) for o in formula.operands), start=0)
            numbers[item] = known
        return known

    return tuple(value(i.index) for i in form().items)


def made_up(seed: int) -> tuple[Number, ...]:
    """Figures of an unbalanced return, mostly small, some of nine digits."""
    rng = random.Random(seed)
    numbers: list[Number] = []
    for item in form().items:
        size = rng.choice((0, 0, 3, 40, 900, 10**9 if rng.random() < 0.05 else 7))
        figure: Number = rng.randint(0, size)
        if item.type is ItemType.AMOUNT:
            figure = number(rng.randint(0, 10**9) / 10**4)
        numbers.append(figure)
    return complete(numbers)


def total(entries: Sequence[MergedReturn]) -> tuple[Number, ...]:
    counted = [e.numbers for e in entries if e.counted]
    sums = [sum(column, start=Decimal()) for column in zip(*counted, strict=True)]
    return tuple(int(s) if s == int(s) else s.normalize() for s in sums) or (0,) * len(form().items)


def states(totals: Sequence[Number], prior: Mapping[int, Number]) -> tuple[RuleState, ...]:
    found = []
    last = [prior.get(i.index) for i in form().items]
    for one in form().instances:
        if one.rule.categories or any(last[p] is None for p in one.priors):
            found.append(RuleState.NOT_APPLICABLE)
            continue
        left, right = one.left.value(totals, last), one.right.value(totals, last)
        found.append(RuleState.BALANCED if holds(left, one.op, right) else RuleState.OFF)
    return tuple(found)


def paper(name: str, outcome: Outcome = Outcome.MERGED, *, reason: str = "") -> Document:
    return Document(
        path=f"1月/{name}.xlsx",
        sha256=f"{hash_of(name):064x}",
        outcome=outcome,
        unit=name if outcome is not Outcome.IGNORED else "",
        date=datetime(2026, 1, 5 + len(name) % 20, 9, 30),
        reason=reason,
        version="0.1.0",
        size=41_000 + len(name),
    )


def hash_of(name: str) -> int:
    return int.from_bytes(name.encode()) % 16**64


def entry(
    unit: Unit,
    numbers: tuple[Number, ...],
    *,
    accepted: bool = False,
    texts: Mapping[str, str] | None = None,
) -> MergedReturn:
    statuses = [Status.GIVEN] * len(numbers)
    for item in form().inputs():
        if numbers[item.index] == 0 and (len(unit.name) + item.index) % 7 == 0:
            statuses[item.index] = Status.BLANK if item.index % 2 else Status.VOID
    # A total whose formula came without a result is nothing that the unit left blank.
    statuses[next(i.index for i in form().items if i.formula is not None)] = Status.BLANK
    if texts is None:
        texts = {t.name: f"{unit.name}：{PROSE * (2 + n)}" for n, t in enumerate(form().texts)}
    return MergedReturn(
        unit=unit,
        document=paper(unit.name),
        accepted=accepted,
        numbers=numbers,
        ret=Return(
            identity=Identity(kind="return", version="0.1.0"),
            numbers=numbers,
            statuses=statuses,
            places=[layout().address(i.index) for i in form().items],
            texts=texts,
            unit=unit.name,
            year=2025,
            filler="张三",
            phone="025-8888",
        ),
    )


def summary(
    entries: Sequence[MergedReturn],
    units: Sequence[Unit] | None = None,
    *,
    others: Sequence[Document] = (),
    findings: Sequence[Finding] = (),
    prior: Mapping[int, Number] | None = None,
    inbox: Path | None = None,
) -> Summary:
    """A summary of these entries, its sums and states as they have to be."""
    totals = total(entries)
    roster = None if units is None else Roster(units=tuple(units))
    seen = {e.unit.name for e in entries} | {d.unit for d in others}
    missing = () if roster is None else [
        u.name for u in roster.expected if roster.covered_by(u).name not in seen
    ]  # fmt: skip
    return Summary(
        form=form(),
        year=2025,
        entries=tuple(entries),
        documents=(*(e.document for e in entries), *others),
        roster=roster,
        missing=tuple(missing),
        findings=tuple(findings),
        totals=totals,
        states=states(totals, prior or {}),
        prior=prior or {},
        district="硚口区",
        inbox=inbox,
        version="0.1.0",
    )


def district(inbox: Path | None = None) -> Summary:
    """Real reports and made-up ones, every state of a unit, every severity of a finding."""
    kinds = ("区政府本级", "工作机构", "派出机构", "直属事业机构")
    real = list(published().items())
    units = [
        Unit(
            name=name,
            code=f"{n:03}",
            category=kinds[n % 4],
            contact="李四",
            phone="0123456",
            email="li@example.org",
        )
        for n, (name, _) in enumerate(real, 1)
    ]
    units += [
        Unit(name="区机关事务服务中心（区公共资源交易监督管理办公室）", category=kinds[3]),
        Unit(name="区税务局", category=kinds[1], counted=False),
        Unit(name="区教育局", category=kinds[1], contact="王五", phone="7654321"),
        Unit(name="区档案馆", category=kinds[3], files_through="区教育局"),
        Unit(name="汉中街道办事处", category=kinds[2]),
        Unit(name="宝丰街道办事处", category=kinds[2]),
        Unit(name="区招商局", state=UnitState.ABOLISHED),
        Unit(name="区工会", state=UnitState.EXEMPT),
    ]
    figures = [numbers for _, numbers in real]
    entries = [entry(u, n) for u, n in zip(units, figures, strict=False)]
    entries += [entry(u, made_up(n)) for n, u in enumerate(units[len(real) : len(real) + 3])]
    entries[-1] = replace(entries[-1], accepted=True)
    asked = units[0].name, entries[0].document.path
    findings = [
        rule_finding("T3-01", units[-6].name, "1月/区教育局.xlsx"),
        Finding(
            code="Y-01",
            severity=Severity.QUERY,
            unit=asked[0],
            path=asked[1],
            sheet="表三",
            cells=("D6",),
            items=("t3.carried_in.natural",),
            labels="二、上年结转政府信息公开申请数量 > 申请人情况 > 自然人",
            found="31",
            expected="36",
            detail="上年结转下年度继续办理 36，填的是 31",
            explanation="上年漏记5件，已向上级说明。",
        ),
        finding(
            "V-01",
            unit=asked[0],
            path=asked[1],
            sheet="表三",
            cells=("D5",),
            found="3件",
            expected="3",
        ),
        finding(
            "B-02",
            unit=asked[0],
            path=asked[1],
            sheet="表三",
            cells=tuple(f"E{n}" for n in range(7, 17)),
            found="10",
        ),
        finding("B-01", unit="汉中街道办事处", path="1月/汉中街道办事处.xlsx", detail="四、……情况"),
        finding("F-02", path="1月/坏.xlsx", found="不是完好的工作簿"),
    ]
    others = [
        paper("汉中街道办事处", Outcome.REJECTED, reason="有 1 处必须更正的问题"),
        replace(paper("区教育局旧", Outcome.SUPERSEDED), unit="区教育局"),
        paper("区外单位", Outcome.REJECTED, reason="名录中没有这个单位"),
        replace(paper("坏", Outcome.UNREADABLE, reason="文件损坏"), unit=""),
        paper("说明", Outcome.IGNORED, reason="说明文件"),
        replace(
            paper("区教育局报告", Outcome.IGNORED, reason="随表附送的 Word"),
            unit="区教育局",
            file="1月/区教育局.eml",
            path="1月/区教育局.eml/报告.doc",
            sender="sender@example.org",
            kind=FileKind.DOC,
            companion=True,
        ),
    ]
    prior = {p: total(entries)[p] + 3 * (n % 2) for n, p in enumerate(form().priors)}
    return summary(entries, units, others=others, findings=findings, prior=prior, inbox=inbox)


def rule_finding(code: str, unit: str, path: str) -> Finding:
    return Finding(
        code=code,
        severity=Severity.FATAL,
        unit=unit,
        path=path,
        sheet="表三",
        cells=("D5", "D6", "D28", "D29"),
        labels="申请人情况 > 自然人",
        found="12",
        expected="13",
        detail="-1",
    )
