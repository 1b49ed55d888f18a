"""The main job: an inbox to a Summary."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from xltools import __version__
from xltools.balance import judge, recomputed
from xltools.check import check
from xltools.collect.companions import along, belonging, companions
from xltools.collect.deciding import Ruling
from xltools.collect.isolation import read_all
from xltools.collect.readings import Reading
from xltools.collect.recognise import recognise, years_of
from xltools.collect.rounds import rounds_of
from xltools.collect.settle import Candidate
from xltools.collect.witness import Witnesses
from xltools.decisions import Decisions
from xltools.findings import Finding, acceptable, finding
from xltools.intake import find
from xltools.layout import Layout
from xltools.limits import Limits
from xltools.merge import merge
from xltools.numbers import Number
from xltools.previous import Previous
from xltools.returns import Return, State, Status
from xltools.roster import Roster, Texts, Unit, key
from xltools.scales import consistent
from xltools.spec import Form
from xltools.summary import Document, Entry, Outcome, Summary

OTHER = frozenset(("I-01", "I-02", "I-08", "I-12"))
"""Findings that say that a table is not the one that is asked for, whatever its figures."""
Progress = Callable[[int, int, str], None]  # files done, files in all, name of the last


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What ``collect`` is to do. ``form``: name or path for ``declaration.load``; ``year`` 0: the
    one that most returns name; ``accept``: units to merge in spite of fatal findings; ``skip``:
    files of the command itself, which may lie in the inbox; ``passwords``: tried on files that
    have one, beside those of the roster; ``limits``: what a file may cost; ``decisions``: of the
    coordinator.
    """

    layout: Layout
    form: str
    inbox: Path
    roster: Roster | None = None
    year: int = 0
    previous: Previous | None = None
    accept: frozenset[str] = frozenset()
    workers: int = 1
    passwords: tuple[str, ...] = ()
    skip: frozenset[Path] = frozenset()
    limits: Limits = field(default_factory=Limits)
    decisions: Decisions = field(default_factory=Decisions)


def collect(job: Job, progress: Progress = lambda done, total, name: None) -> Summary:
    """Read every file below the inbox, check what came, settle what counts, and add up.

    Every document, of archives and mails too, ends in exactly one Document. Raises OSError when
    the inbox cannot be listed.
    """
    found = [
        replace(f, ignored="本次汇总用到的名录、汇总表等") if f.path.resolve() in job.skip else f
        for f in find(job.inbox)
    ]
    documents = {f.name: _ignored(f.name, f.ignored) for f in found if f.ignored}
    files = [(f.name, f.path) for f in found if not f.ignored and not f.problem]
    readings = [Reading(name=f.name, code="F-06", detail=f.problem) for f in found if f.problem]
    for number, read in enumerate(_readings(job, files)):
        readings += read
        progress(number + 1, len(files), files[number][0])
    year = job.year or usual_year(readings)
    witnesses = Witnesses(job.roster, readings) if job.roster is not None else None
    findings: dict[str, tuple[Finding, ...]] = {}
    units: dict[str, list[Candidate]] = {}
    ruling = Ruling(layout=job.layout, roster=job.roster, decisions=job.decisions)
    for reading in readings:
        documents[reading.name] = document = document_of(reading)
        if reading.ignored:
            documents[reading.name] = replace(
                document, outcome=Outcome.IGNORED, reason=reading.ignored
            )
            continue
        if reading.ret is None:
            findings[reading.name] = (finding(reading.code, found=reading.detail),)
            continue
        known = ruling.known(reading, recognise(job.layout, ruling.named(reading), witnesses, year))
        if known.ignored:
            documents[reading.name] = replace(
                document, outcome=Outcome.IGNORED, reason=known.ignored
            )
        elif not known.name or not all(acceptable(f) for f in known.findings):
            documents[reading.name] = replace(document, outcome=Outcome.REJECTED, unit=known.name)
            findings[reading.name] = known.findings
        else:
            unit = known.unit or Unit(name=known.name)
            told = (*known.findings, *_checked(job, unit, reading.ret))
            units.setdefault(unit.name, []).append(
                Candidate(reading=reading, unit=unit.name, findings=told, known=known.findings)
            )
    unsure = [r for r in readings if r.ret and r.ret.document and _unsure(findings.get(r.name, ()))]
    came = {
        one.reading.name: name
        for name, candidates in units.items()
        for one in candidates
        if not one.ret.document
    }
    if witnesses is not None:
        for reading, name in belonging(unsure, came, witnesses):
            units[name].append(Candidate(reading=reading, unit=name, findings=()))
            del findings[reading.name]
    entries = []
    accept = frozenset(_named(job.accept, job.roster))
    rounds = {}
    # As they stand after decisions: what goes back to a unit shows what was told of it.
    returns = {r.name: r.ret for r in readings if r.ret is not None}
    for name, candidates in units.items():
        unit = _unit(job, name)
        settled = ruling.settled(
            name, candidates, accept, partial(_checked, job, unit), prior_of(job, unit)
        )
        rounds[name] = rounds_of(job.layout, candidates, settled)
        for one in settled:
            at = one.reading.name
            documents[at] = replace(
                documents[at],
                outcome=one.outcome,
                unit=name,
                companion=one.companion,
                reason=along(documents[at].kind) if one.companion else one.reason,
            )
            findings[at] = one.findings
            returns[at] = one.ret
            if one.outcome is Outcome.MERGED and not one.part:
                entries.append(entry_of(job, one, documents[at]))
    for at, document in companions(readings, documents, witnesses).items():
        documents[at] = document
        if document.companion:
            findings.pop(at, None)
    for at, later in _made_good(entries, documents, findings).items():
        documents[at] = replace(documents[at], outcome=Outcome.SUPERSEDED)
        findings[at] = (finding("D-01", found=later),)
    job = replace(job, roster=ruling.excused(documents.values()))
    summary = _summary(job, year, entries, documents, findings, ruling.findings)
    ruling.missing(summary.missing)
    order = {u.name: n for n, u in enumerate(job.roster or ())}
    return replace(
        summary,
        decisions=ruling.ruled(documents.values()),
        matters=tuple(sorted(ruling.matters, key=lambda m: order.get(m.unit, len(order)))),
        rounds=rounds,
        returns=returns,
    )


def _unsure(findings: Sequence[Finding]) -> bool:
    """Whether all that speaks against a return is that nobody knows whose it is."""
    return bool(findings) and all(one.code in ("I-03", "I-04") for one in findings)


def _made_good(
    entries: Sequence[Entry],
    documents: Mapping[str, Document],
    findings: Mapping[str, Sequence[Finding]],
) -> dict[str, str]:
    """What was another table or could not be read, and was sent again since: its path and that
    of the later.
    """
    merged = {entry.unit.name: entry.document for entry in entries}
    found = {}
    for at, document in documents.items():
        later = merged.get(document.unit)
        if document.outcome not in (Outcome.REJECTED, Outcome.UNREADABLE) or later is None:
            continue
        if later.date is None or document.date is None or later.date <= document.date:
            continue
        unread = document.outcome is Outcome.UNREADABLE
        if unread or all(one.code in OTHER for one in findings[at]):
            found[at] = later.path
    return found


def _unit(job: Job, name: str) -> Unit:
    unit = job.roster.find(name) if job.roster is not None else None
    return unit or Unit(name=name)


def _checked(job: Job, unit: Unit, ret: Return) -> tuple[Finding, ...]:
    """The findings of a unit's return, as the roster has the unit if it does."""
    listed = job.roster is not None and job.roster.find(unit.name) is not None
    return check(
        job.layout,
        ret,
        category=unit.category or "",
        prior=prior_of(job, unit),
        text=unit.text if listed else Texts.OPTIONAL,
    )


def _readings(job: Job, files: Sequence[tuple[str, Path]]) -> Iterator[list[Reading]]:
    if files:
        yield from read_all(
            files,
            job.form,
            job.layout,
            workers=job.workers,
            passwords=(*job.passwords, *(job.roster.passwords if job.roster else ())),
            settings=job.limits,
        )


def usual_year(readings: Iterable[Reading]) -> int:
    """The year that most returns name, the later of equals; 0 when none names one."""
    years = Counter(years_of(r.ret)[0] for r in readings if r.ret and years_of(r.ret))
    return max(years, key=lambda y: (years[y], y), default=0)


def _ignored(name: str, reason: str) -> Document:
    return Document(path=name, sha256="", outcome=Outcome.IGNORED, reason=reason)


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
        kind=reading.kind,
    )


def _named(names: Iterable[str], roster: Roster | None) -> Iterator[str]:
    for name in names:
        unit = roster.find(name) if roster is not None else None
        yield unit.name if unit is not None else name


def prior_of(job: Job, unit: Unit) -> Sequence[Number | None] | None:
    """Last year's figures of a unit by item number; None to use what its template carried."""
    if job.previous is None:
        return None
    known = consistent(job.layout.form, job.previous.of(unit, job.roster))
    if not known:
        return None
    return [known.get(i.index) for i in job.layout.form.items]


def entry_of(job: Job, one: Candidate, document: Document) -> Entry:
    """A merged return as the summary holds it."""
    numbers = recomputed(job.layout.form, one.ret)
    return Entry(
        unit=_unit(job, one.unit),
        document=document,
        ret=one.ret,
        numbers=tuple(0 if n is None else n for n in numbers),
        accepted=one.accepted,
        marks=one.marks,
    )


def _summary(
    job: Job,
    year: int,
    entries: Sequence[Entry],
    documents: dict[str, Document],
    findings: dict[str, tuple[Finding, ...]],
    decided: Sequence[Finding] = (),
) -> Summary:
    form, roster = job.layout.form, job.roster
    order = {u.name: n for n, u in enumerate(roster)} if roster is not None else {}
    ordered = tuple(sorted(entries, key=lambda e: (order.get(e.unit.name, 0), e.unit.name)))
    totals = merge(form, (e.numbers for e in ordered if e.counted))
    seen = {d.unit for d in documents.values() if d.outcome is not Outcome.IGNORED}
    missing = tuple(
        u.name
        for u in (roster.expected if roster is not None else ())
        if roster is not None and roster.covered_by(u).name not in seen
    )
    prior = job.previous.totals(form, roster) if job.previous is not None else {}
    told = [
        replace(f, unit=documents[name].unit, path=f.path or name)
        for name in documents
        for f in findings.get(name, ())
    ]
    told += decided
    full = [prior.get(i.index) for i in form.items]
    return Summary(
        form=form,
        year=year,
        entries=ordered,
        documents=tuple(documents[name] for name in sorted(documents)),
        roster=roster,
        missing=missing,
        findings=tuple(sorted(told, key=lambda f: (order.get(f.unit, len(order)), f.path))),
        totals=totals,
        states=states(form, totals, full),
        prior=prior,
        inbox=job.inbox,
        version=__version__,
    )


def states(
    form: Form, totals: Sequence[Number], prior: Sequence[Number | None]
) -> tuple[State, ...]:
    """How the form's rules stand on the district's own figures."""
    places = [None] * len(totals)
    whole = Return(
        identity=None, numbers=totals, statuses=[Status.GIVEN] * len(totals), places=places
    )
    return tuple(j.state for j in judge(form, whole, prior=prior))


def accept_problems(names: Iterable[str], roster: Roster | None) -> list[str]:
    """Names given to accept that the roster does not have."""
    if roster is None:
        return []
    return [n for n in names if roster.find(n) is None and key(n)]
