"""The main job: an inbox to a Summary."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from xltools.collect.job import Job
from xltools.collect.sorting import Sorted, set_aside, sort_out
from xltools.collect.summing import entry_of, sum_up
from xltools.decide.counting import settled
from xltools.decide.excuse import excused
from xltools.decide.log import Ruling
from xltools.identify.identify import Witnesses, usual_year
from xltools.inbox.files import Found, find
from xltools.inbox.pool import Progress, read_all
from xltools.inbox.reading import Reading
from xltools.model.returns import Return
from xltools.model.summary import (
    Document,
    MergedReturn,
    Outcome,
    Round,
    Summary,
)
from xltools.settle.candidate import Candidate, rounds_of
from xltools.settle.companions import along, companions


def collect(job: Job, progress: Progress = lambda done, total, name: None) -> Summary:
    """Read every file below the inbox, check what came, settle what counts, and add up.

    Every document, of archives and mails too, ends in exactly one Document. Raises OSError when
    the inbox cannot be listed.
    """
    files = _files(job)
    readings = list(_read(job, files, progress))
    year = job.year or usual_year(readings)
    form, roster = job.layout.form, job.roster
    witnesses = Witnesses(form, roster, readings) if roster is not None else None
    ruling = Ruling(layout=job.layout, roster=job.roster, decisions=job.decisions)
    found = sort_out(job, readings, ruling, witnesses, year)
    for f in files:
        if f.ignored:
            found.put(_ignored(f))
    counted = _settle(job, found, ruling)
    for at, document in companions(form, readings, found.documents, witnesses).items():
        found.documents[at] = document
        if document.companion:
            found.findings.pop(at, None)
    set_aside(found, counted.entries)
    job = replace(job, roster=excused(ruling, found.documents.values()))
    summary = sum_up(job, year, counted.entries, found, ruling.findings)
    ruling.missing(summary.missing)
    order = job.order
    return replace(
        summary,
        decisions=ruling.ruled(found.documents.values()),
        matters=tuple(sorted(ruling.matters, key=lambda m: order.get(m.unit, len(order)))),
        rounds=counted.rounds,
        returns={r.name: r.ret for r in readings if r.ret is not None} | counted.returns,
    )


def _files(job: Job) -> list[Found]:
    """All files of the inbox, those of the command itself as ignored."""
    return [
        replace(f, ignored="本次汇总用到的名录、汇总表等") if f.path.resolve() in job.skip else f
        for f in find(job.inbox)
    ]


def _ignored(one: Found) -> Document:
    return Document(path=one.name, sha256="", outcome=Outcome.IGNORED, reason=one.ignored)


def _read(job: Job, found: Sequence[Found], progress: Progress) -> Iterator[Reading]:
    """What is in every file that is not ignored, first those that cannot be opened at all."""
    wanted = [f for f in found if not f.ignored]
    yield from (Reading(name=f.name, code="F-06", detail=f.problem) for f in wanted if f.problem)
    files = [(f.name, f.path) for f in wanted if not f.problem]
    if not files:
        return
    for readings in read_all(
        files,
        job.layout,
        workers=job.workers,
        passwords=(*job.passwords, *(job.roster.passwords if job.roster else ())),
        settings=job.limits,
        progress=progress,
    ):
        yield from readings


@dataclass(slots=True, kw_only=True)
class _CountedReturns:
    """What counts, and the returns of each unit in the order that they came in.

    ``returns``: by path, as they stand after decisions: what goes back to a unit shows what was
    told of it.
    """

    entries: list[MergedReturn] = field(default_factory=list)
    rounds: dict[str, tuple[Round, ...]] = field(default_factory=dict)
    returns: dict[str, Return] = field(default_factory=dict)


def _settle(job: Job, found: Sorted, ruling: Ruling) -> _CountedReturns:
    """Settle which return of each unit counts, and write the outcomes into the documents."""
    counted, accept = _CountedReturns(), job.accepted
    for name, candidates in found.units.items():
        unit = job.unit(name)
        check, prior = partial(job.check, unit), job.prior(unit)
        done = settled(ruling, name, candidates, accept, check, prior)
        counted.rounds[name] = rounds_of(job.layout, candidates, done)
        for one in done:
            document = _outcome(found.documents[one.reading.name], one)
            found.put(document, one.findings)
            counted.returns[one.reading.name] = one.ret
            if one.outcome is Outcome.MERGED and not one.part:
                counted.entries.append(entry_of(job, one, document))
    return counted


def _outcome(document: Document, one: Candidate) -> Document:
    """The document of a return, with what became of that."""
    return replace(
        document,
        outcome=one.outcome,
        unit=one.unit,
        companion=one.companion,
        reason=along(document.kind) if one.companion else one.reason,
    )
