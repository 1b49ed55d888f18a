"""What is to be written to whom: units by what came of them, and what is left to a person."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import PurePosixPath

from xltools.identify.unit_names import Naming, stem
from xltools.model.findings import Finding, Topic, Words, acceptable
from xltools.model.form import Severity
from xltools.model.returns import Return
from xltools.model.roster import Unit
from xltools.model.summary import Document, Outcome, Summary


class ReplyKind(Enum):
    """What goes to a unit; the word stands in the names of its files."""

    CORRECTION = "更正"
    AGAIN = "重报"
    REMINDER = "催报"


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressee:
    """A unit to be written to: about these documents, the latest first, because of these
    findings. ``returns``: what its workbook takes over, of the same documents; empty where that
    must not be or nothing could be read.
    """

    unit: Unit
    kind: ReplyKind
    documents: tuple[Document, ...] = ()
    findings: tuple[Finding, ...] = ()
    returns: tuple[Return, ...] = ()

    @property
    def address(self) -> str:
        """Where to write: as the roster has it, else the sender of the latest document."""
        return self.unit.email or next((d.sender for d in self.documents if d.sender), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """A document that only the coordinator can settle, and the codes why.

    ``held``: the units that it may be of, which are not reminded for that.
    """

    document: Document
    codes: tuple[str, ...]
    held: tuple[str, ...] = ()


def cases(summary: Summary) -> tuple[tuple[Addressee, ...], tuple[Left, ...]]:
    """Whom to write to, in the order of the roster; and what is left to the coordinator.

    Of each document the open findings that the unit has to mend are asked for, unless one stands
    against it that only the coordinator can settle. A question to the coordinator keeps nothing
    back. No unit is reminded of which a document of those left may be.
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
        own = [f for f in found if words.entry(f).to_unit]
        others = [f for f in found if f not in own]
        kept = [f for f in others if f.severity is Severity.FATAL]
        if kept or not own or unit is None or (unit.name in settled and not merged):
            left.append(_left(document, kept or found))
            continue
        if others:
            left.append(_left(document, others))
        by_path[document.path] = own
        papers = unread if lost else asked
        papers.setdefault(unit.name, []).append(document)
    missing = {roster.covered_by(roster.unit(name)).name for name in summary.missing}
    made: list[Addressee] = []
    held: dict[str, list[str]] = {}
    owners = {
        one.document.path: _may_be(one.document, summary.returns.get(one.document.path), naming)
        for one in left
        if one.document.outcome is not Outcome.MERGED
    }
    for unit in roster.filers:
        documents = asked.get(unit.name) or unread.get(unit.name) or []
        # What came last is what the unit means now.
        documents = sorted(documents, key=lambda d: (d.date is not None, d.date), reverse=True)
        if documents:
            made.append(_case(summary, unit, documents, by_path))
        elif unit.name in missing:
            paths = [path for path, names in owners.items() if unit.name in names]
            for path in paths:
                held.setdefault(path, []).append(unit.name)
            if not paths:
                made.append(Addressee(unit=unit, kind=ReplyKind.REMINDER))
    told = (replace(one, held=tuple(held.get(one.document.path, ()))) for one in left)
    return tuple(made), tuple(told)


def _case(
    summary: Summary, unit: Unit, papers: Sequence[Document], found: dict[str, list[Finding]]
) -> Addressee:
    findings = tuple(f for d in papers for f in found[d.path])
    returns = tuple(summary.returns[d.path] for d in papers if d.path in summary.returns)
    foreign = [f for f in findings if f.is_about(Topic.ANOTHER_TABLE)]
    # Of another edition that is known, what both have in common is taken over.
    edition = all(f.is_about(Topic.ANOTHER_FORM) for f in foreign) and all(r.other for r in returns)
    carried = bool(returns) and (not foreign or edition)
    return Addressee(
        unit=unit,
        kind=ReplyKind.CORRECTION if carried else ReplyKind.AGAIN,
        documents=tuple(papers),
        findings=findings,
        returns=returns if carried else (),
    )


def _left(document: Document, findings: Sequence[Finding]) -> Left:
    return Left(document=document, codes=tuple(dict.fromkeys(f.code for f in findings)))


def _may_be(document: Document, ret: Return | None, naming: Naming) -> frozenset[str]:
    """The names of all units that a document may be of, however loosely something says so: what
    was settled, what stands in it, its sender, the subject of its mail, its name and those of the
    folders around it.
    """
    units: list[Unit | None] = [naming.roster.find(document.unit)]
    units += [u for u in naming.roster if document.sender.lower() in u.addresses]
    for text in (document.subject, *map(stem, PurePosixPath(document.path).parts)):
        units += naming.named(text) or naming.loosely(text)
    if ret is not None:
        names = [ret.unit, ret.identity.unit if ret.identity is not None else ""]
        for name in filter(None, names):
            named = naming.roster.find(name)
            units += naming.proposals(name) if named is None else [named]
        units += naming.named(ret.title)
    return frozenset(unit.name for unit in units if unit is not None)


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
