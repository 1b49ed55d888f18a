"""A return of a known unit, and what it is compared by with others of that unit."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from xltools.inbox.reading import Reading
from xltools.model.findings import Finding
from xltools.model.form import Form
from xltools.model.returns import Return, Status
from xltools.model.summary import Mark, Outcome


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
    marks: Mapping[int, Mark] = field(default_factory=dict)
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
