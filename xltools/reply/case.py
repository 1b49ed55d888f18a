"""What is to be written to whom: units by what came of them, and what is left to a person."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import PurePosixPath

from xltools.collect.naming import Naming, stem
from xltools.collect.overtaken import OTHER
from xltools.findings import Finding, Words, acceptable
from xltools.returns import Return
from xltools.roster import Unit
from xltools.spec import Severity
from xltools.summary import Document, Outcome, Summary

EDITION = frozenset(("I-01", "I-12"))


class Kind(Enum):
    """What goes to a unit; the word stands in the names of its files."""

    CORRECTION = "更正"
    AGAIN = "重报"
    REMINDER = "催报"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A unit to be written to: about these documents, the latest first, because of these
    findings. ``returns``: what its workbook takes over, of the same documents; empty where that
    must not be or nothing could be read.
    """

    unit: Unit
    kind: Kind
    documents: tuple[Document, ...] = ()
    findings: tuple[Finding, ...] = ()
    returns: tuple[Return, ...] = ()

    @property
    def address(self) -> str:
        """Where to write: as the roster has it, else the sender of the latest document."""
        return self.unit.email or next((d.sender for d in self.documents if d.sender), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """A document that only the coordinator can settle, and the codes why."""

    document: Document
    codes: tuple[str, ...]


def cases(summary: Summary) -> tuple[tuple[Case, ...], tuple[Left, ...]]:
    """Whom to write to, in the order of the roster; and what is left to the coordinator.

    Of each document the open findings that the unit has to mend are asked for, unless one stands
    against it that only the coordinator can settle.
    """
    roster = summary.roster
    assert roster is not None, "there is nobody to write to without one"
    naming = Naming(summary.form, roster)
    words, accepted = Words.of(summary.form), {e.unit.name for e in summary.entries if e.accepted}
    by_path: dict[str, list[Finding]] = {}
    for one in summary.findings:
        waved = one.severity is Severity.FATAL and one.unit in accepted and acceptable(one)
        if one.open and not waved:
            by_path.setdefault(one.path, []).append(one)
    asked: dict[str, list[Document]] = {}
    unread: dict[str, list[Document]] = {}
    left: list[Left] = []
    settled = {d.unit for d in summary.documents if d.outcome is Outcome.MERGED}
    for document in summary.documents:
        found = by_path.get(document.path, [])
        if not found or document.outcome is Outcome.IGNORED:
            continue
        lost = document.outcome is Outcome.UNREADABLE
        merged = document.outcome is Outcome.MERGED
        unit = _whose(document, naming)
        hard = [f for f in found if not words.entry(f).to_unit]
        if hard or unit is None or (unit.name in settled and not merged):
            codes = tuple(dict.fromkeys(f.code for f in hard or found))
            left.append(Left(document=document, codes=codes))
        elif lost:
            unread.setdefault(unit.name, []).append(document)
        else:
            asked.setdefault(unit.name, []).append(document)
    missing = {roster.covered_by(roster.unit(name)).name for name in summary.missing}
    made = []
    for unit in roster.filers:
        papers = asked.get(unit.name) or unread.get(unit.name) or []
        # What came last is what the unit means now.
        papers = sorted(papers, key=lambda d: (d.date is not None, d.date), reverse=True)
        if papers:
            made.append(_case(summary, unit, papers, by_path))
        elif unit.name in missing and not _waits(unit, left, naming):
            made.append(Case(unit=unit, kind=Kind.REMINDER))
    return tuple(made), tuple(left)


def _case(
    summary: Summary, unit: Unit, papers: Sequence[Document], found: dict[str, list[Finding]]
) -> Case:
    findings = tuple(f for d in papers for f in found[d.path])
    returns = tuple(summary.returns[d.path] for d in papers if d.path in summary.returns)
    other = {f.code for f in findings} & OTHER
    # Of another edition that is known, what both have in common is taken over.
    known = other <= EDITION and all(r.other for r in returns)
    carried = bool(returns) and (not other or known)
    return Case(
        unit=unit,
        kind=Kind.CORRECTION if carried else Kind.AGAIN,
        documents=tuple(papers),
        findings=findings,
        returns=returns if carried else (),
    )


def _waits(unit: Unit, left: Sequence[Left], naming: Naming) -> bool:
    """Whether something of a unit is in after all, and only the coordinator can settle it."""
    return any(_whose(one.document, naming) == unit for one in left)


def _whose(document: Document, naming: Naming) -> Unit | None:
    """The unit of a document: as settled, else by its sender, else by the name of its file."""
    filers = naming.roster.filers
    if document.unit:
        unit = naming.roster.find(document.unit)
        return unit if unit in filers else None
    senders = [u for u in filers if document.sender.lower() in u.addresses]
    if len(senders) == 1:
        return senders[0]
    named = [u for u in naming.named(stem(PurePosixPath(document.path).name)) if u in filers]
    return named[0] if len(named) == 1 else None
