"""The decisions of one run, what has come of each so far, and what is open and may be decided."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from xltools.layout.places import Layout
from xltools.ledgers.targets import cell_target, finding_target
from xltools.model.decisions import (
    AppliedDecision,
    Decision,
    DecisionKind,
    Decisions,
    DecisionStanding,
    Matter,
    text_of,
)
from xltools.model.findings import Finding, Topic, acceptable, finding
from xltools.model.form import Form
from xltools.model.roster import Roster
from xltools.model.summary import Document, Outcome
from xltools.model.text import listed
from xltools.settle.candidate import Candidate


@dataclass(slots=True, kw_only=True)
class Ruling:
    """The decisions of one run, and what has come of them so far.

    ``findings``: what is to be said of the decisions themselves. ``matters``: what is open.
    ``matched``: by the path of a return, the decision that says whose it is.
    """

    layout: Layout
    roster: Roster | None
    decisions: Decisions
    findings: list[Finding] = field(default_factory=list)
    matters: list[Matter] = field(default_factory=list)
    matched: dict[str, Decision] = field(default_factory=dict)
    _ruled: dict[Decision, AppliedDecision] = field(default_factory=dict)

    def last(self, kind: DecisionKind, unit: str = "") -> list[Decision]:
        """The decisions of a kind, of one unit or of all; on one matter the last."""
        last = {d.matter: d for d in self.decisions.all}
        both = (kind, DecisionKind.COMBINE) if kind is DecisionKind.CHOOSE else (kind,)
        return [d for d in last.values() if d.kind in both and unit in ("", d.unit)]

    def rule(
        self, one: Decision, standing: DecisionStanding, remark: str = "", basis: str = ""
    ) -> None:
        """Take how a decision stands, and the figures that it now rests on."""
        self._ruled[one] = AppliedDecision(
            decision=one, standing=standing, remark=remark, basis=basis
        )

    def fall(self, one: Decision, said: Sequence[str], path: str = "") -> None:
        """Take that a decision falls, since these are no longer as they were."""
        remark = listed(said, 3, more="等 {} 处", mark="；")
        self.rule(one, DecisionStanding.FALLEN, remark)
        self._say("K-01", one, remark, path)

    def fail(self, one: Decision, remark: str) -> None:
        """Take that a decision cannot be carried out."""
        self.rule(one, DecisionStanding.FAILED, remark)
        self._say("K-03", one, remark, "")

    def _say(self, code: str, one: Decision, remark: str, path: str) -> None:
        what = " ".join(x for x in (one.kind.value, one.target) if x)
        told = finding(code, unit=one.unit, path=path, found=remark, expected=what)
        if told not in self.findings:
            self.findings.append(told)

    def missing(self, units: Iterable[str]) -> None:
        """Take the units that have sent nothing as matters."""
        for name in units:
            self.matters.append(
                Matter(kinds=(DecisionKind.EXCUSE,), unit=name, target="", basis="未报")
            )

    def ruled(self, documents: Iterable[Document]) -> tuple[AppliedDecision, ...]:
        """Every decision, in the order of the file, and how it stands."""
        seen = {d.unit for d in documents if d.outcome is not Outcome.IGNORED}
        last = {d.matter: d for d in self.decisions.all}
        made = []
        for one in self.decisions.all:
            why = _unused(one, seen) if last[one.matter] is one else "后来另有决定"
            unused = AppliedDecision(decision=one, standing=DecisionStanding.UNUSED, remark=why)
            made.append(self._ruled.get(one, unused))
        return tuple(made)


def _unused(one: Decision, seen: set[str]) -> str:
    """Why a decision came to nothing. ``seen``: the units of which something came."""
    if one.kind is DecisionKind.MATCH:
        return "没有收到用这个名称的报表"
    if one.unit not in seen:
        return "没有收到该单位的报表"
    if one.kind is not DecisionKind.ACCEPT:
        return "该单位没有计入的报表"
    return "没有这个问题，或者已经改正"


def leave_open(ruling: Ruling, one: Candidate, f: Finding, basis: Mapping[str, str]) -> None:
    """Take a finding of a return as a matter, if it is open and anything may be decided on it.

    ``basis``: what it rests on.
    """
    kinds = _kinds(ruling.layout.form, f)
    if not f.open or not kinds or f.is_about(Topic.SEVERAL_RETURNS):
        return
    matter = Matter(
        kinds=kinds,
        unit=one.unit,
        target=_target(ruling.layout, f),
        basis=text_of(basis),
        finding=replace(f, unit=one.unit, path=f.path or one.reading.name),
    )
    if matter not in ruling.matters:
        ruling.matters.append(matter)


def leave_undecided(ruling: Ruling, one: Candidate, digests: Mapping[str, str]) -> None:
    """Take as a matter that several returns exclude each other, once for the unit.

    ``digests``: of each return by path (`choose.content_digest`).
    """
    first = one.findings[0]
    if any(m.unit == one.unit and m.finding and m.finding.code == first.code
           for m in ruling.matters):  # fmt: skip
        return
    ruling.matters.append(
        Matter(
            kinds=(DecisionKind.CHOOSE, DecisionKind.COMBINE)
            if first.is_about(Topic.PARTS)
            else (DecisionKind.CHOOSE,),
            unit=one.unit,
            target="＋".join(digests),
            basis=text_of(digests),
            finding=replace(first, unit=one.unit, path=one.reading.name),
        )
    )


def _kinds(form: Form, f: Finding) -> tuple[DecisionKind, ...]:
    """The kinds of decisions that a finding allows."""
    kinds = [DecisionKind.ACCEPT] if acceptable(f) else []
    if any(form.items[form.by_name[i]].formula is None for i in f.items if i in form.by_name):
        kinds.append(DecisionKind.CORRECT)
    if f.is_about(Topic.WHOSE):
        kinds.append(DecisionKind.MATCH)
    return tuple(kinds)


def _target(layout: Layout, f: Finding) -> str:
    """A finding in words: by its first figure's cell on the template, where it has one."""
    known = layout.form.by_name
    at = next((known[i] for i in f.items if i in known), None)
    return finding_target(f) if at is None else f"{f.code} {cell_target(layout.address(at))}"
