"""The record of one run's decisions: what became of each, and which matters are open for a
decision.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from xltools.layout.places import Layout
from xltools.ledgers.targets import cell_target, finding_target
from xltools.model.decisions import (
    NOTHING_SENT,
    AppliedDecision,
    Decision,
    DecisionKind,
    DecisionLine,
    Decisions,
    DecisionStanding,
    Matter,
    text_of,
)
from xltools.model.findings import Finding, Topic, acceptable, finding
from xltools.model.form import Form
from xltools.model.record import DocumentRecord, ReturnRecord
from xltools.model.roster import Roster
from xltools.model.summary import Outcome
from xltools.model.wording import FEW, Listing, Phrase, Value

Kind = TypeVar("Kind", bound=DecisionLine)


@dataclass(slots=True, kw_only=True)
class DecisionLog:
    """The decisions of one run and what became of each. ``year``: of the reports collected.
    Decisions of another year are not applied; one that names no year is of this one.
    """

    layout: Layout
    roster: Roster | None
    decisions: Decisions
    year: int
    _last: dict[str, list[Decision]] = field(init=False)  # by unit; all of them under ""
    _applied: dict[Decision, AppliedDecision] = field(init=False, default_factory=dict)
    _findings: dict[Finding, None] = field(init=False, default_factory=dict)
    _matters: dict[Matter, None] = field(init=False, default_factory=dict)
    _codes: set[tuple[str, str]] = field(init=False, default_factory=set)  # of units with matters

    def __post_init__(self) -> None:
        """Find the last decision on each subject."""
        last = self._of_year()
        self._last = {"": list(last.values())}
        for decision in last.values():
            if decision.unit:
                self._last.setdefault(decision.unit, []).append(decision)

    def _of_year(self) -> dict[tuple[object, ...], Decision]:
        """The last decision of the year on each subject."""
        return {d.subject: d for d in self.decisions.all if d.year in (0, self.year)}

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Findings about the decisions themselves, such as that one no longer holds."""
        return tuple(self._findings)

    @property
    def matters(self) -> tuple[Matter, ...]:
        """What is open and may be decided, each matter once."""
        return tuple(self._matters)

    def last(self, kind: type[Kind], unit: str = "") -> list[Kind]:
        """The decisions of one class, of ``unit`` or, when that is empty, of all units. Of several
        decisions on the same subject only the last is returned, and only if it is of this class.
        """
        return [decision for decision in self._last.get(unit, ()) if isinstance(decision, kind)]

    def rule(
        self, decision: Decision, standing: DecisionStanding, remark: Value = "", basis: str = ""
    ) -> None:
        """Record the standing of a decision. ``remark``: what the list of decisions adds;
        ``basis``: the figures that the decision rests on now.
        """
        self._applied[decision] = AppliedDecision(
            decision=decision, standing=standing, remark=remark, basis=basis
        )

    def fall(self, decision: Decision, changes: Sequence[Value], path: str = "") -> None:
        """Record that a decision no longer holds, and add the finding K-01. ``changes``: what is
        different from when it was made; ``path``: of the document concerned.
        """
        remark = Listing(values=tuple(changes), most=FEW, rest="等 {} 处", mark="；")
        self.rule(decision, DecisionStanding.FALLEN, remark)
        self._report("K-01", decision, remark, path)

    def fail(self, decision: Decision, remark: Value) -> None:
        """Record that a decision cannot be carried out, for the reason ``remark``, and add the
        finding K-03.
        """
        self.rule(decision, DecisionStanding.FAILED, remark)
        self._report("K-03", decision, remark, "")

    def _report(self, code: str, decision: Decision, remark: Value, path: str) -> None:
        """Add a finding about a decision; the same finding counts once."""
        kind, target = decision.kind, decision.target
        subject = Phrase.DECISION_ON(kind, target) if target else kind
        report = finding(code, unit=decision.unit, path=path, found=remark, expected=subject)
        self._findings[report] = None

    def take(self, matter: Matter) -> None:
        """Add a matter; the same matter counts once."""
        self._matters[matter] = None
        if matter.finding is not None:
            self._codes.add((matter.unit, matter.finding.code))

    def has(self, unit: str, code: str) -> bool:
        """Whether there is a matter of a unit that a finding with this code raises."""
        return (unit, code) in self._codes

    def take_missing(self, units: Iterable[str]) -> None:
        """Add a matter for each unit that has sent nothing: it may be excused."""
        for name in units:
            kinds = (DecisionKind.EXCUSE,)
            self.take(Matter(kinds=kinds, unit=name, target="", basis=NOTHING_SENT))

    def take_finding(
        self, record: ReturnRecord, finding: Finding, basis: Mapping[str, str]
    ) -> None:
        """Add a finding of a return as a matter, if it is open and any kind of decision can be made
        on it. ``basis``: what the finding rests on, in words by cell.
        """
        kinds = _kinds(self.layout.form, finding)
        if not finding.open or not kinds or finding.is_about(Topic.SEVERAL_RETURNS):
            return
        self.take(
            Matter(
                kinds=kinds,
                unit=record.unit,
                target=_target(self.layout, finding),
                basis=text_of(basis),
                finding=replace(finding, unit=record.unit, path=finding.path or record.path),
            )
        )

    def applied(self, records: Iterable[DocumentRecord]) -> tuple[AppliedDecision, ...]:
        """All decisions in the order of the file, each with its standing at the end of the run. A
        decision that no step ruled on is unused, and its remark says why. ``records``: all
        documents.
        """
        seen = {r.unit for r in records if r.outcome is not Outcome.IGNORED}
        last = self._of_year()
        return tuple(
            self._applied.get(decision)
            or AppliedDecision(
                decision=decision,
                standing=DecisionStanding.UNUSED,
                remark=_unused(decision, last.get(decision.subject), seen)
                if decision.year in (0, self.year)
                else Phrase.DECISION_OF_YEAR(decision.year),
            )
            for decision in self.decisions.all
        )


def _unused(decision: Decision, last: Decision | None, seen: set[str]) -> Phrase:
    """Why a decision of the year was not used. ``last``: the last one on its subject; ``seen``: the
    names of the units that sent something.
    """
    if last is not decision:
        return Phrase.LATER_DECISION
    if decision.kind is DecisionKind.MATCH:
        return Phrase.NO_SUCH_NAME_CAME
    if decision.unit not in seen:
        return Phrase.NOTHING_CAME
    if decision.kind is not DecisionKind.ACCEPT:
        return Phrase.NOTHING_COUNTS
    return Phrase.NO_SUCH_FINDING_NOW


def _kinds(form: Form, finding: Finding) -> tuple[DecisionKind, ...]:
    """The kinds of decisions that can be made on a finding: accept it, correct its figures, or
    match its return to a unit.
    """
    kinds = [DecisionKind.ACCEPT] if acceptable(finding) else []
    items = [form.items[form.by_name[name]] for name in finding.items if name in form.by_name]
    if any(item.formula is None for item in items):
        kinds.append(DecisionKind.CORRECT)
    if finding.is_about(Topic.WHOSE):
        kinds.append(DecisionKind.MATCH)
    return tuple(kinds)


def _target(layout: Layout, finding: Finding) -> str:
    """How the file of decisions refers to a finding: its code and the cell of its first figure on
    the template; for a finding without figures, see `finding_target`.
    """
    items = layout.form.by_name
    at = next((items[name] for name in finding.items if name in items), None)
    if at is None:
        return finding_target(finding)
    return f"{finding.code} {cell_target(layout.address(at))}"
