"""A return of a known unit, what it is compared by with others of that unit, and what changed
between them.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import pairwise

from xltools.inbox.reading import Reading
from xltools.layout.places import Layout
from xltools.ledgers.targets import cell_target
from xltools.model.findings import Finding
from xltools.model.form import Form
from xltools.model.numbers import show
from xltools.model.returns import Return, Status
from xltools.model.summary import FigureChange, FigureMark, Outcome, Round


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A return of a known unit, with all that was found in it.

    ``known``: those of its findings that say whose it is. By decisions: ``marks`` of figures,
    ``reason``, and ``part``: it is put together with another one, which stands for both.
    """

    reading: Reading
    unit: str
    findings: tuple[Finding, ...]
    outcome: Outcome = Outcome.MERGED
    accepted: bool = False
    companion: bool = False
    known: tuple[Finding, ...] = ()
    marks: Mapping[int, FigureMark] = field(default_factory=dict)
    reason: str = ""
    part: bool = False

    @property
    def ret(self) -> Return:
        """The return; a candidate always has one."""
        assert self.reading.ret is not None
        return self.reading.ret


def content(form: Form, ret: Return) -> tuple[object, ...]:
    """What makes two returns the same: inputs and typed totals, declarations, prose.

    Results of formulas are left out: which of them a program stores says nothing.
    """
    said = [i for i, item in enumerate(form.items) if item.formula is None or i in ret.typed]
    lines = told_lines(ret)
    return (
        tuple((i, ret.numbers[i], ret.statuses[i] is Status.BLANK) for i in said),
        tuple((i, ret.found.get(i)) for i in said if ret.statuses[i] is Status.UNREADABLE),
        ret.zero, ret.none, tuple(sorted(ret.texts.items())),
        tuple(sorted(ret.explanations.items())),
        # Nothing at all where there is nothing: decisions hold digests made without it.
        *((lines,) if lines else ()),
    )  # fmt: skip


def told_lines(ret: Return) -> tuple[tuple[str, tuple[str, str], str], ...]:
    """The lines in which something is explained, wherever they stand."""
    return tuple(sorted({(line.code, line.typed, line.words) for line in ret.explained}))


def filled(form: Form, ret: Return) -> frozenset[int]:
    """The inputs that hold something, or whose table is declared to have nothing.

    What the template had carried over is left aside.
    """
    found = set()
    for item in form.inputs():
        if item.table in ret.none:
            found.add(item.index)
        elif ret.statuses[item.index] is not Status.BLANK:
            prior = form.carried.get(item.index)
            if prior is None or ret.numbers[item.index] != ret.priors.get(prior):
                found.add(item.index)
    return frozenset(found)


def when(one: Candidate) -> tuple[datetime, date]:
    """The date of a file, and the one typed in it."""
    return one.reading.modified or datetime.min, typed_date(one.ret.date)


def typed_date(text: str) -> date:
    """A date as people type it; the earliest of all when it is none."""
    at = re.search(r"(\d{4})\D{1,2}(\d{1,2})\D{1,2}(\d{1,2})", text)
    try:
        return date(*map(int, at.groups())) if at else date.min
    except ValueError:
        return date.min


def rounds_of(
    layout: Layout, sent: Sequence[Candidate], settled: Sequence[Candidate]
) -> tuple[Round, ...]:
    """The returns of a unit in the order of their dates, as they were sent, up to the one that
    counts; the same content once. Empty where no one counts, or several do.
    """
    sent = [one for one in sent if not one.ret.document] or list(sent)
    mine = [one for one in settled if not one.companion and not one.part]
    final = [one for one in mine if one.outcome is Outcome.MERGED]
    final = final or [one for one in mine if one.outcome is Outcome.REJECTED]
    if len(final) != 1:
        return ()
    refused = {c.reading.name for c in settled if c.outcome is Outcome.REJECTED}
    sent = [c for c in sent if c.reading.name not in refused - {final[0].reading.name}]
    last = next(c for c in sent if c.reading.name == final[0].reading.name)
    distinct: list[Candidate] = []
    for one in sorted(sent, key=when):
        same = any(_same(layout, one, other) for other in distinct)
        if not same and not _same(layout, one, last):
            distinct.append(one)
    before = [one for one in distinct if when(one) <= when(last)]
    made = [*before, last]
    changes = [((), False), *(_changes(layout, a.ret, b.ret) for a, b in pairwise(made))]
    return tuple(
        Round(path=one.reading.name, date=one.reading.modified, changes=cells, prose=prose)
        for one, (cells, prose) in zip(made, changes, strict=True)
    )


def _same(layout: Layout, one: Candidate, other: Candidate) -> bool:
    return content(layout.form, one.ret) == content(layout.form, other.ret)


def _changes(layout: Layout, one: Return, other: Return) -> tuple[tuple[FigureChange, ...], bool]:
    """The figures that are not the same (inputs, and totals that were typed), and whether a text
    or a declaration is not.
    """
    found = []
    for item in layout.form.items:
        at = item.index
        if item.formula is not None and at not in one.typed and at not in other.typed:
            continue
        was, now = shown(one, at), shown(other, at)
        if was != now:
            place = cell_target(layout.address(at))
            found.append(FigureChange(item=at, place=place, before=was, after=now))
    before, after = (
        (ret.texts, ret.explanations, told_lines(ret), ret.zero, ret.none) for ret in (one, other)
    )
    return tuple(found), before != after


def shown(ret: Return, item: int) -> str:
    """What a cell says: its number, 空白, or what stands there where that is no number."""
    number = ret.numbers[item]
    if ret.statuses[item] is Status.BLANK and number is None:
        return "空白"
    return ret.found.get(item, "？") if number is None else show(number)
