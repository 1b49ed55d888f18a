"""Readings sorted by unit: whose each one is, what speaks against it, and what a later return of
its unit has made good.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from xltools.check.run import explained
from xltools.collect.job import Job
from xltools.decide.log import Ruling
from xltools.decide.match import known, named
from xltools.identify.identify import Witnesses, recognise
from xltools.inbox.reading import Reading
from xltools.model.findings import Finding, Topic, acceptable, finding
from xltools.model.summary import Document, MergedReturn, Outcome
from xltools.settle.candidate import Candidate
from xltools.settle.companions import belonging


@dataclass(slots=True, kw_only=True)
class Sorted:
    """What is known so far of an inbox: every document and its findings by path, the returns of
    each unit by its name.
    """

    documents: dict[str, Document] = field(default_factory=dict)
    findings: dict[str, tuple[Finding, ...]] = field(default_factory=dict)
    units: dict[str, list[Candidate]] = field(default_factory=dict)

    def put(self, document: Document, findings: tuple[Finding, ...] = ()) -> None:
        """Take a document, with what is to be said of it."""
        self.documents[document.path] = document
        self.findings[document.path] = findings

    def add(self, unit: str, one: Candidate) -> None:
        """Take a return of a unit, its outcome still open."""
        self.units.setdefault(unit, []).append(one)


def sort_out(
    job: Job,
    readings: Sequence[Reading],
    ruling: Ruling,
    witnesses: Witnesses | None,
    year: int,
) -> Sorted:
    """Each reading in its place: ignored, unreadable, rejected, or among its unit's returns."""
    found = Sorted()
    for reading in readings:
        if reading.ret is None or reading.ignored:
            found.put(*_unread(reading))
        else:
            _place(job, found, reading, ruling, witnesses, year)
    if witnesses is not None:
        _join(found, readings, witnesses)
    return found


def document_of(reading: Reading) -> Document:
    """A file that was read, its outcome still open."""
    ret = reading.ret
    return Document(
        path=reading.name,
        sha256=reading.sha256,
        outcome=Outcome.UNREADABLE,
        date=reading.modified,
        size=reading.size,
        version=ret.identity.version if ret is not None and ret.identity else "",
        file=reading.file,
        sender=reading.mails[-1].sender if reading.mails else "",
        subject=reading.mails[-1].subject if reading.mails else "",
        kind=reading.kind,
    )


def _unread(reading: Reading) -> tuple[Document, tuple[Finding, ...]]:
    """A document of which there is no return, and why."""
    document = document_of(reading)
    if reading.ignored:
        return replace(document, outcome=Outcome.IGNORED, reason=reading.ignored), ()
    return document, (finding(reading.code, found=reading.detail),)


def _place(
    job: Job,
    found: Sorted,
    reading: Reading,
    ruling: Ruling,
    witnesses: Witnesses | None,
    year: int,
) -> None:
    """Sort in a reading of which there is a return."""
    assert reading.ret is not None, "what was not read is sorted in elsewhere"
    document = document_of(reading)
    whose = recognise(job.layout, named(ruling, reading), witnesses, year)
    whose = known(ruling, reading, whose)
    if whose.ignored:
        found.put(replace(document, outcome=Outcome.IGNORED, reason=whose.ignored))
    elif not whose.name or not all(acceptable(f) for f in whose.findings):
        rejected = replace(document, outcome=Outcome.REJECTED, unit=whose.name)
        found.put(rejected, explained(job.layout.form, reading.ret, whose.findings))
    else:
        found.put(document)
        unit = whose.unit or job.unit(whose.name)
        told = (*whose.findings, *job.check(unit, reading.ret))
        one = Candidate(reading=reading, unit=unit.name, findings=told, known=whose.findings)
        found.add(unit.name, one)


def _join(found: Sorted, readings: Iterable[Reading], witnesses: Witnesses) -> None:
    """Put documents of which nobody could say whose they are with the workbook they go with."""
    unsure = [
        r for r in readings
        if r.ret and r.ret.document and _unsure(found.findings.get(r.name, ()))
    ]  # fmt: skip
    came = {
        one.reading.name: name
        for name, candidates in found.units.items()
        for one in candidates
        if not one.ret.document
    }
    for reading, name in belonging(unsure, came, witnesses):
        found.add(name, Candidate(reading=reading, unit=name, findings=()))
        del found.findings[reading.name]


def _unsure(findings: Sequence[Finding]) -> bool:
    """Whether all that speaks against a return is that nobody knows whose it is."""
    return bool(findings) and all(one.is_about(Topic.UNKNOWN_UNIT) for one in findings)


def set_aside(found: Sorted, entries: Sequence[MergedReturn]) -> None:
    """Supersede what was another table or could not be read, and was sent again since."""
    for at, later in _overtaken(entries, found.documents, found.findings).items():
        found.documents[at] = replace(found.documents[at], outcome=Outcome.SUPERSEDED)
        found.findings[at] = (finding("D-01", found=later),)


def _overtaken(
    entries: Sequence[MergedReturn],
    documents: Mapping[str, Document],
    findings: Mapping[str, Sequence[Finding]],
) -> dict[str, str]:
    """The paths of those documents, with that of the later one of each."""
    merged = {entry.unit.name: entry.document for entry in entries}
    found = {}
    for at, document in documents.items():
        later = merged.get(document.unit)
        if document.outcome not in (Outcome.REJECTED, Outcome.UNREADABLE) or later is None:
            continue
        if later.date is None or document.date is None or later.date <= document.date:
            continue
        unread = document.outcome is Outcome.UNREADABLE
        if unread or all(one.is_about(Topic.ANOTHER_TABLE) for one in findings[at]):
            found[at] = later.path
    return found
