"""The main job: it turns an inbox into a Summary. This module knows only the order of the steps."""

from dataclasses import dataclass, field, replace
from pathlib import Path

from xltools.decide.accept import accept, accept_doubts, excuse
from xltools.decide.choose import choose
from xltools.decide.correct import correct
from xltools.decide.log import DecisionLog
from xltools.decide.match import match_units, take_unclear
from xltools.identify.identify import identify, usual_year
from xltools.identify.witnesses import Witnesses
from xltools.inbox.intake import read_inbox
from xltools.inbox.pool import Progress
from xltools.inbox.shelf import Shelf
from xltools.layout.places import Layout
from xltools.model.decisions import Decisions
from xltools.model.garbage import few_searches
from xltools.model.limits import Limits
from xltools.model.previous import Previous
from xltools.model.record import DocumentRecord, places, sum_up
from xltools.model.roster import Roster, unit_of
from xltools.model.spill import Spill
from xltools.model.summary import Summary
from xltools.settle.comparison import rounds
from xltools.settle.judge import check_returns, compare_companions, judge, supersede_resent
from xltools.settle.versions import along_with_workbooks, join_workbooks, settle
from xltools.storage.remote import Location


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """The task of ``collect``. ``year``: 0 for the year that most returns name. ``previous``: last
    year's figures. ``accept``: the units whose returns are merged in spite of fatal findings.
    ``workers``: how many processes read; None for what suits the machine. ``scheduler`` and
    ``state``: see `xltools.inbox.intake.read_inbox`. ``skip``: files of the command itself, to be
    ignored if they are in the inbox. ``passwords``: those to try on protected files, besides those
    in the roster. ``limits``: what reading a file may cost. ``decisions``: those of the
    coordinator. ``shelf``: where what is read of files is kept, and taken from; None to read them
    all.
    """

    layout: Layout
    inbox: Location
    roster: Roster | None = None
    year: int = 0
    previous: Previous | None = None
    accept: frozenset[str] = frozenset()
    workers: int | None = None
    scheduler: str = ""
    state: Location | None = None
    passwords: tuple[str, ...] = ()
    skip: frozenset[Path] = frozenset()
    limits: Limits = field(default_factory=Limits)
    decisions: Decisions = field(default_factory=Decisions)
    shelf: Shelf | None = None


@few_searches()
def collect(job: Job, progress: Progress = lambda done, total, name: None) -> Summary:
    """Read every file below the inbox, check the returns, decide which of them count, and add these
    up.

    Every document, including those in archives and mails, becomes exactly one Document of the
    summary. ``progress``: see `Progress`. Raises the errors of `read_inbox`.
    """
    layout, form, roster = job.layout, job.layout.form, job.roster

    # Read the inbox, and identify the unit of each return.
    records = _read(job, progress)
    year = job.year or usual_year(records)
    log = DecisionLog(layout=layout, roster=roster, decisions=job.decisions, year=year)
    records = match_units(log, records)
    witnesses = Witnesses(form, roster, records) if roster is not None else None
    records = identify(layout, records, witnesses, year)
    take_unclear(log, records)
    records = sent = join_workbooks(records, witnesses)

    # Decide which return of each unit counts.
    records = check_returns(layout, records, roster, job.previous)
    records = accept_doubts(log, records)
    records = choose(log, records)
    records = settle(form, records)

    # Find what is wrong with it, and decide whether it is merged.
    records = correct(log, records)
    records = check_returns(layout, records, roster, job.previous)
    records = compare_companions(form, records)
    records = accept(log, records)
    records = judge(records, frozenset(unit_of(name, roster).name for name in job.accept))
    history = rounds(layout, sent, records)

    # Sort out what came along with it or before it.
    records = along_with_workbooks(form, records, witnesses)
    records = supersede_resent(records)

    roster = excuse(log, records)
    summary = sum_up(
        form, records, year=year, roster=roster, previous=job.previous,
        inbox=job.inbox if isinstance(job.inbox, Path) else None, findings=log.findings,
    )  # fmt: skip
    log.take_missing(summary.missing)
    order = places(roster)
    return replace(
        summary,
        decisions=log.applied(records),
        matters=tuple(sorted(log.matters, key=lambda m: order.get(m.unit, len(order)))),
        rounds=history,
    )


def _read(job: Job, progress: Progress) -> list[DocumentRecord]:
    """Read all files of the inbox; returns a record for each document."""
    readings = read_inbox(
        job.inbox,
        job.layout,
        skip=job.skip,
        workers=job.workers,
        scheduler=job.scheduler,
        state=job.state,
        passwords=(*job.passwords, *(job.roster.passwords if job.roster else ())),
        settings=job.limits,
        spill=Spill(),
        shelf=job.shelf,
        progress=progress,
    )
    return [reading.record for reading in readings]
