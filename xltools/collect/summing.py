"""What was settled, summed up: the entries, the totals, who is missing, all that was found."""

from collections.abc import Sequence
from dataclasses import replace

from xltools.collect.job import Job
from xltools.collect.sorting import Sorted
from xltools.model.evaluate import judge_sums, merge, recomputed
from xltools.model.findings import Finding
from xltools.model.summary import Document, MergedReturn, Outcome, Summary
from xltools.settle.candidate import Candidate
from xltools.version import __version__


def entry_of(job: Job, one: Candidate, document: Document) -> MergedReturn:
    """A merged return as the summary holds it."""
    numbers = recomputed(job.layout.form, one.ret)
    return MergedReturn(
        unit=job.unit(one.unit),
        document=document,
        ret=one.ret,
        numbers=tuple(0 if n is None else n for n in numbers),
        accepted=one.accepted,
        marks=one.marks,
    )


def sum_up(
    job: Job,
    year: int,
    entries: Sequence[MergedReturn],
    found: Sorted,
    decided: Sequence[Finding] = (),
) -> Summary:
    """The summary of an inbox of which all is settled. ``decided``: findings on the decisions.

    Last year's sum is of all units: it is compared with this year's when all are in.
    """
    form, roster, order = job.layout.form, job.roster, job.order
    ordered = tuple(sorted(entries, key=lambda e: (order.get(e.unit.name, 0), e.unit.name)))
    totals = merge(form, (e.numbers for e in ordered if e.counted))
    told = [*_told(found), *decided]
    made = Summary(
        form=form,
        year=year,
        entries=ordered,
        documents=tuple(found.documents[name] for name in sorted(found.documents)),
        roster=roster,
        missing=_missing(job, found),
        findings=tuple(sorted(told, key=lambda f: (order.get(f.unit, len(order)), f.path))),
        totals=totals,
        states=tuple(j.state for j in judge_sums(form, totals, [None] * len(form.items))),
        inbox=job.inbox,
        version=__version__,
    )
    if job.previous is None or made.covered < made.expected:
        return made
    prior = job.previous.totals(form, roster)
    compared = judge_sums(form, totals, [prior.get(i.index) for i in form.items])
    return replace(made, prior=prior, states=tuple(j.state for j in compared))


def _missing(job: Job, found: Sorted) -> tuple[str, ...]:
    """The expected units of which nothing came, be it through another."""
    roster = job.roster
    if roster is None:
        return ()
    seen = {d.unit for d in found.documents.values() if d.outcome is not Outcome.IGNORED}
    return tuple(u.name for u in roster.expected if roster.covered_by(u).name not in seen)


def _told(found: Sorted) -> list[Finding]:
    """All findings, each with the unit and the path of its document."""
    return [
        replace(f, unit=document.unit, path=f.path or name)
        for name, document in found.documents.items()
        for f in found.findings.get(name, ())
    ]
