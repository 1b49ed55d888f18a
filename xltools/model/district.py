"""The district: what became of every document, added up to the Summary of a year."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from xltools.model.evaluate import judge_sums, merge, recomputed
from xltools.model.findings import Finding
from xltools.model.form import Form
from xltools.model.previous import Previous
from xltools.model.record import DocumentRecord, ReturnRecord
from xltools.model.roster import Roster, unit_of
from xltools.model.summary import MergedReturn, Outcome, Summary
from xltools.version import __version__


def entry_of(form: Form, record: ReturnRecord, roster: Roster | None) -> MergedReturn:
    """A merged return as the summary holds it, its totals recomputed."""
    numbers = recomputed(form, record.ret)
    return MergedReturn(
        unit=unit_of(record.unit, roster),
        document=record.document,
        ret=record.ret,
        numbers=tuple(0 if n is None else n for n in numbers),
        accepted=record.accepted,
        marks=record.marks,
    )


def sum_up(
    form: Form,
    records: Sequence[DocumentRecord],
    *,
    year: int,
    roster: Roster | None,
    previous: Previous | None = None,
    inbox: Path | None = None,
    findings: Sequence[Finding] = (),
) -> Summary:
    """The summary of the documents of an inbox, the outcome of each of which is settled.

    ``roster``: that of this run, with the units excused. ``findings``: such as are about no
    document. ``previous``: last year's figures; their sum is of all units, and compared with this
    year's only when all are in.
    """
    order = places(roster)
    entries = sorted(
        (
            entry_of(form, record, roster)
            for record in records
            if isinstance(record, ReturnRecord) and record.standing
        ),
        key=lambda entry: (order.get(entry.unit.name, 0), entry.unit.name),
    )
    totals = merge(form, (entry.numbers for entry in entries if entry.counted))
    every = [
        *(
            replace(finding, unit=record.unit, path=finding.path or record.path)
            for record in records
            for finding in record.findings
        ),
        *findings,
    ]
    summary = Summary(
        form=form,
        year=year,
        entries=tuple(entries),
        documents=tuple(sorted((r.document for r in records), key=lambda d: d.path)),
        roster=roster,
        missing=_missing(records, roster),
        findings=tuple(sorted(every, key=lambda f: (order.get(f.unit, len(order)), f.path))),
        totals=totals,
        states=tuple(j.state for j in judge_sums(form, totals, [None] * len(form.items))),
        inbox=inbox,
        version=__version__,
        returns={r.path: r.ret for r in records if isinstance(r, ReturnRecord)},
    )
    if previous is None or summary.covered < summary.expected:
        return summary
    prior = previous.totals(form, roster)
    compared = judge_sums(form, totals, [prior.get(item.index) for item in form.items])
    return replace(summary, prior=prior, states=tuple(j.state for j in compared))


def places(roster: Roster | None) -> dict[str, int]:
    """The places of the units in the roster, by name."""
    return {unit.name: n for n, unit in enumerate(roster or ())}


def _missing(records: Sequence[DocumentRecord], roster: Roster | None) -> tuple[str, ...]:
    """The expected units of which nothing came, be it through another."""
    if roster is None:
        return ()
    seen = {record.unit for record in records if record.outcome is not Outcome.IGNORED}
    return tuple(u.name for u in roster.expected if roster.covered_by(u).name not in seen)
