"""Last year's figures from a folder of last year's returns, as they were sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from xltools.identify.identify import Witnesses, recognise, usual_year
from xltools.inbox.files import find
from xltools.inbox.pool import read_all
from xltools.inbox.reading import Reading
from xltools.layout.places import Layout
from xltools.model.errors import Problem
from xltools.model.evaluate import recomputed, with_totals
from xltools.model.findings import acceptable, catalogue
from xltools.model.numbers import Number
from xltools.model.previous import Previous, PreviousError
from xltools.model.returns import Return
from xltools.model.roster import Roster
from xltools.model.summary import Outcome
from xltools.settle.candidate import Candidate
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
    files = [(f.name, f.path) for f in find(folder) if not f.ignored and not f.problem]
    readings: list[Reading] = []
    if files:
        read = read_all(files, layout, workers=workers, passwords=tuple(passwords))
        readings += [r for r in chain.from_iterable(read) if not r.ignored]
    year = year or usual_year(readings)
    witnesses = Witnesses(layout.form, roster, readings) if roster is not None else None
    units: dict[str, list[Candidate]] = {}
    unused: list[tuple[str, str]] = []
    for reading in readings:
        if reading.ret is None:
            unused.append((reading.name, reading.code))
            continue
        known = recognise(layout, reading, witnesses, year)
        stops = [f.code for f in known.findings if not acceptable(f)]
        if known.ignored:
            continue
        if stops:
            unused.append((reading.name, stops[0]))
        else:
            one = Candidate(reading=reading, unit=known.name, findings=known.findings)
            units.setdefault(known.name, []).append(one)
    figures: dict[str, dict[int, Number]] = {}
    for name, candidates in units.items():
        for one in settle(layout.form, candidates, frozenset({name})):
            if one.outcome is Outcome.MERGED:
                figures[name] = figures_of(layout, one.ret)
            elif one.outcome is Outcome.REJECTED:
                code = next(f.code for f in one.findings if not acceptable(f))
                unused.append((one.reading.name, code))
    if not figures:
        raise PreviousError(folder, [_problem(name, code) for name, code in unused] or [_EMPTY])
    counted = {name: roster.find(name) if roster is not None else None for name in figures}
    left_out = frozenset(name for name, unit in counted.items() if unit and not unit.counted)
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


_EMPTY = Problem(message="文件夹里没有报表。")


def _problem(name: str, code: str) -> Problem:
    return Problem(place=name, message=f"{catalogue()[code].meaning}（{code}）。")
