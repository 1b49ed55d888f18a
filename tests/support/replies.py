"""Returns sent in, collected and answered by mail."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from support.declared import consistent as consistent_on
from support.declared import laid_out
from support.filled import FORM, LAYOUT, consistent
from support.jobs import template
from xltools.match.matcher import Matcher
from xltools.model.identity import (
    COVER,
    FIELDS,
    FILLER,
    IDENTITY,
)
from xltools.model.numbers import Number
from xltools.model.returns import Return
from xltools.model.roster import Roster, Unit
from xltools.model.summary import Summary
from xltools.readers.workbook import open_book
from xltools.reply.run import (
    Letter,
    Reply,
    reply,
)
from xltools.steps import Job, collect
from xltools.template.build import build
from xltools.template.opening import Subject

INPUTS = [i.name for i in FORM.inputs()]
NOW = datetime(2026, 1, 20, 9, 0)
Cells = Mapping[str, str | int | float | datetime | None]


def at(name: str) -> str:
    return str(LAYOUT.address(FORM.by_name[name]))


def truth(seed: int) -> dict[str, Number]:
    """The inputs of a return in which everything holds."""
    figures = consistent(seed, typed=False).figures
    return {n: v for n in INPUTS if (v := figures[n]) is not None}


def plain(number: Number) -> int | float:
    return number if isinstance(number, int) else float(number)


def sent(
    path: Path,
    unit: str,
    figures: Mapping[str, Number],
    cells: Cells | None = None,
    *,
    year: int = 2025,
    hours: int = 0,
    priors: Mapping[str, Number] | None = None,
) -> Path:
    """A return in the inbox, of a time so many hours after the others'."""
    book = load_workbook(template(unit, year=year, priors=priors))
    typed = {at(n): plain(v) for n, v in figures.items()} | dict(cells or {})
    typed.setdefault(f"{COVER}!C{FIELDS[FILLER] + 1}", "张三")
    for place, value in typed.items():
        sheet, cell = place.split("!")
        book[sheet][cell] = value
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)
    return dated(path, hours)


def dated(path: Path, hours: int) -> Path:
    when = (NOW + timedelta(hours=hours)).timestamp()
    os.utime(path, (when, when))
    return path


def answered(inbox: Path, out: Path, *units: Unit, **fields: Any) -> tuple[Summary, Reply]:
    roster = Roster(units=units)
    job = Job(layout=LAYOUT, inbox=inbox, roster=roster, year=2025, **fields)
    summary = collect(job)
    return summary, reply(job, summary, out, outbox=out)


def by_unit(made: Reply) -> dict[str, Letter]:
    return {one.addressee.unit.name: one for one in made.letters}


def read(path: Path) -> Return:
    return Matcher(LAYOUT).match(open_book(path))


PRIOR = {f"t3.carried_out.{c}": f"t3.carried_in.{c}" for c in "natural business legal".split()}
JUNK, TEXT, DATED = "t3.received.natural", "t3.granted.legal", "t4.cases.review_upheld"
OTHERS = "t3.carried_out.research t3.carried_out.welfare t3.carried_out.others".split()
OLD = laid_out("zfxxgk-2019")


def former(path: Path, *, identity: bool) -> dict[str, float]:
    """A return of this year on the former edition; gives its inputs by name."""
    figures = consistent_on(OLD.form.name, 7).inputs
    book = load_workbook(BytesIO(build(OLD, Subject(year=2025, unit="甲局"), "secret")))
    given = {}
    for item in OLD.form.inputs():
        at = OLD.address(item.index)
        given[item.name] = book[at.sheet][at.a1].value = float(figures.get(item.name, 0))
    if not identity:
        del book[IDENTITY]
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)
    dated(path, 0)
    return given
