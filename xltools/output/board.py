"""What a collection comes to, at a glance: how far it is, what to do next, the key figures and what
the charts show. It is worked out once, as plain data, for everything that shows it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from xltools.model.evaluate import merge
from xltools.model.findings import Words
from xltools.model.formula import Linear
from xltools.model.numbers import Number
from xltools.model.overview import Chart
from xltools.model.summary import MergedReturn, Outcome, Place, Summary, standings

UNGROUPED: Final = "（未填）"
"""The group of units for which the roster names none."""

MOST_UNITS: Final = 10
"""Units that a chart compares."""

_STEPS: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Completeness:
    """How far a collection is, in units: how many are ``expected``; of these, how many are
    ``merged``, how many have only sent what was ``returned`` to them, and how many are ``missing``.
    """

    expected: int
    merged: int
    returned: int
    missing: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStep:
    """Something to do next: what, and the command for it."""

    words: str
    command: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFigure:
    """A sum of the district's figures. ``number``: None where it has a figure that must not be
    added up; ``before``: last year's, None where it is not known; ``change``: the change from last
    year, None where that is not known, or not all units are in.
    """

    label: str
    sum: Linear
    number: Number | None
    before: Number | None = None
    change: Number | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A bar of a chart: its label and number. ``sum``: of which figures of the district it is;
    ``entry``: the return of the unit that it is of, and then ``sum`` of its figures.
    """

    label: str
    number: Number
    sum: Linear
    entry: MergedReturn | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """What a chart shows."""

    title: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitGroup:
    """The units of a group that are merged and counted. ``name``: as on the sheets, （未填） for
    units without a group; ``count``: how many; ``totals``: the sums of their figures by item, None
    for an item that must not be added up.
    """

    name: str
    count: int
    totals: tuple[Number | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """What a collection comes to. ``steps``: at most three, the most pressing first; ``series``:
    those charts of the form that have something to show.
    """

    completeness: Completeness
    steps: tuple[NextStep, ...]
    figures: tuple[KeyFigure, ...]
    series: tuple[Series, ...]


def board(summary: Summary) -> Board:
    """Work out what a collection comes to."""
    form = summary.form
    return Board(
        completeness=completeness(summary),
        steps=tuple(_steps(summary))[:_STEPS],
        figures=tuple(_figures(summary)),
        series=tuple(
            series for chart in form.overview.charts if (series := _series(summary, chart)).bars
        ),
    )


def completeness(summary: Summary) -> Completeness:
    """How far a collection is."""
    expected = {u.name for u in summary.roster.expected} if summary.roster is not None else None
    returned = sum(
        stand.place is Place.REJECTED and (expected is None or stand.unit.name in expected)
        for stand in standings(summary)
    )
    total = summary.expected + (returned if expected is None else 0)
    return Completeness(
        expected=total,
        merged=summary.covered,
        returned=returned,
        missing=max(0, total - summary.covered - returned),
    )


def groups(summary: Summary) -> tuple[UnitGroup, ...]:
    """The groups of the roster that have a merged unit, in its order, those without a group last;
    none where the roster has no groups.
    """
    if summary.roster is None or not summary.roster.grouped_by:
        return ()
    members: dict[str, list[MergedReturn]] = {unit.group: [] for unit in summary.roster}
    for entry in summary.entries:
        if entry.counted:
            members.setdefault(entry.unit.group, []).append(entry)
    return tuple(
        UnitGroup(
            name=name or UNGROUPED,
            count=len(members[name]),
            totals=merge(summary.form, (entry.numbers for entry in members[name])),
        )
        for name in sorted(members, key=lambda name: not name)
        if members[name]
    )


def _figures(summary: Summary) -> Iterator[KeyFigure]:
    """The key figures of the form."""
    before = [summary.before.get(item.index) for item in summary.form.items]
    complete = summary.covered == summary.expected
    for key in summary.form.overview.figures:
        number, last = _sum(key.sum, summary.totals), _sum(key.sum, before)
        change = None
        if complete and number is not None and last is not None:
            change = number - last
        yield KeyFigure(
            label=key.label,
            sum=key.sum,
            number=number,
            before=last,
            change=change,
        )


def _steps(summary: Summary) -> Iterator[NextStep]:
    """What to do next, the most pressing first."""
    words = Words.of(summary.form)
    open_findings = [finding for finding in summary.findings if finding.open]
    asked = {f.unit for f in open_findings if f.unit and words.entry(f).to_unit}
    unsettled = {f.path or f.unit for f in open_findings if not words.entry(f).to_unit}
    unread = sum(d.outcome is Outcome.UNREADABLE and not d.unit for d in summary.documents)
    if summary.roster is None:
        yield NextStep(words="建立单位名录，才知道谁没有报", command="xltools init")
    if unsettled:
        yield NextStep(
            words=f"认定 {len(unsettled)} 份说不清是谁的、重复的或对不上名录的报表",
            command="xltools decide",
        )
    if asked:
        yield NextStep(words=f"请 {len(asked)} 个单位更正或说明", command="xltools reply")
    if summary.missing:
        yield NextStep(words=f"催报 {len(summary.missing)} 个单位", command="xltools reply")
    if unread and not unsettled:
        yield NextStep(words=f"看一看 {unread} 个读不出的文件", command="xltools collect")
    if summary.clean:
        yield NextStep(words="全部报齐：写年度报告", command="xltools report")


def _sum(wanted: Linear, numbers: Sequence[Number | None]) -> Number | None:
    """A sum of figures; None where one of them is not known."""
    if any(numbers[operand.item] is None for operand in wanted.operands):
        return None
    return wanted.value(numbers)


def _series(summary: Summary, chart: Chart) -> Series:
    """What a chart shows: sums that are not all 0, or the units with the most."""
    if chart.by is None:
        sums = ((bar, _sum(bar.sum, summary.totals)) for bar in chart.bars)
        bars = tuple(
            Bar(label=bar.label, number=number, sum=bar.sum)
            for bar, number in sums
            if number is not None
        )
        return Series(title=chart.title, bars=bars if any(bar.number for bar in bars) else ())
    by = chart.by
    units = [
        Bar(label=entry.unit.name, number=number, sum=by, entry=entry)
        for entry in summary.entries
        if entry.counted and (number := _sum(by, entry.numbers)) and number > 0
    ]
    units.sort(key=lambda bar: bar.number, reverse=True)
    return Series(title=chart.title, bars=tuple(units[:MOST_UNITS]))
