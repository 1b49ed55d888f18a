"""Last year's figures from a folder of last year's returns, as they were sent."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from xltools.identify.identify import Witnesses, identify, usual_year
from xltools.inbox.pool import read_inbox
from xltools.layout.places import Layout
from xltools.model.errors import Problem
from xltools.model.evaluate import recomputed, with_totals
from xltools.model.findings import acceptable, catalogue
from xltools.model.numbers import Number
from xltools.model.previous import Previous, PreviousError
from xltools.model.record import DocumentRecord, ReturnRecord
from xltools.model.returns import Return
from xltools.model.roster import Roster, unit_of
from xltools.model.summary import Outcome
from xltools.settle.judge import judge
from xltools.settle.versions import settle


@dataclass(frozen=True, slots=True, kw_only=True)
class LastYear:
    """What a folder gave. ``unused``: files that gave nothing, with the code that says why."""

    previous: Previous
    unused: tuple[tuple[str, str], ...]


def read_folder(
    folder: Path,
    layout: Layout,
    *,
    roster: Roster | None = None,
    year: int = 0,
    workers: int = 1,
    passwords: Sequence[str] = (),
) -> LastYear:
    """Read last year's returns; units are recognised as ``collect`` does, several of one settled.

    ``year``: what the figures are of, 0 for
    the year that most returns name. What was wrong with them is not asked again: a figure that
    is no number, or whose table is missing, is not known, and every other is taken. Raises
    PreviousError when no return can be used, OSError when the folder cannot be listed.
    """
    readings = read_inbox(folder, layout, workers=workers, passwords=tuple(passwords))
    records = [reading.record for reading in readings]
    year = year or usual_year(records)
    witnesses = Witnesses(layout.form, roster, records) if roster is not None else None
    records = [_usable(record) for record in identify(layout, records, witnesses, year)]
    unused = [(record.path, code) for record in records if (code := _refused(record))]
    records = settle(layout.form, records)
    records = judge(records, frozenset(record.unit for record in records))
    figures = {
        record.unit: figures_of(layout, record.ret)
        for record in records
        if isinstance(record, ReturnRecord) and record.standing
    }
    refused = [(record.path, code) for record in records if (code := _refused(record))]
    unused += [line for line in refused if line not in unused]
    if not figures:
        raise PreviousError(folder, [_problem(name, code) for name, code in unused] or [_EMPTY])
    left_out = frozenset(name for name in figures if not unit_of(name, roster).counted)
    previous = Previous(
        year=year,
        figures=figures,
        path=folder,
        left_out=left_out,
        unsummed=layout.form.unsummed,
    )
    return LastYear(previous=previous, unused=tuple(unused))


def figures_of(layout: Layout, ret: Return) -> dict[int, Number]:
    """The figures of a return that are known, by item; totals as their parts give them."""
    form = layout.form
    placed = [place is not None for place in ret.places]
    totals = recomputed(form, ret)
    inputs = {
        i.index: number
        for i in form.inputs()
        if (number := totals[i.index]) is not None and placed[i.index]
    }
    return with_totals(form, inputs)


def _usable(record: DocumentRecord) -> DocumentRecord:
    """A return with nothing against it that could not be accepted, be its unit unknown, counts."""
    rejected = isinstance(record, ReturnRecord) and record.outcome is Outcome.REJECTED
    if rejected and all(acceptable(finding) for finding in record.findings):
        return replace(record, outcome=Outcome.MERGED)
    return record


def _refused(record: DocumentRecord) -> str:
    """The code that says why a file gave no figures; empty where it did, or need not."""
    if record.outcome is Outcome.UNREADABLE:
        return record.findings[0].code
    if record.outcome is not Outcome.REJECTED:
        return ""
    return next((f.code for f in record.findings if not acceptable(f)), "")


_EMPTY = Problem(message="文件夹里没有报表。")


def _problem(name: str, code: str) -> Problem:
    return Problem(place=name, message=f"{catalogue()[code].meaning}（{code}）。")
