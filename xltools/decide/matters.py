"""What is open in a unit's returns, and may be decided."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from xltools.decide.log import Ruling
from xltools.layout.places import Layout
from xltools.ledgers.targets import cell_target, finding_target
from xltools.model.decisions import Kind, Matter, text_of
from xltools.model.findings import Finding, acceptable
from xltools.model.form import Form
from xltools.settle.candidate import Candidate

WHOSE: Final = ("I-03", "I-04", "I-09", "I-10", "I-11")
"""Findings that say that it is not clear whose return it is."""
SEVERAL: Final = ("D-02", "D-03")
"""Findings that say that several returns of a unit exclude each other."""


def leave_open(ruling: Ruling, one: Candidate, f: Finding, basis: Mapping[str, str]) -> None:
    """Take a finding of a return as a matter, if it is open and anything may be decided on it.

    ``basis``: what it rests on.
    """
    kinds = _kinds(ruling.layout.form, f)
    if not f.open or not kinds or f.code in SEVERAL:
        return
    matter = Matter(
        kinds=kinds,
        unit=one.unit,
        target=_target(ruling.layout, f),
        basis=text_of(basis),
        finding=replace(f, unit=one.unit, path=f.path or one.reading.name),
    )
    if matter not in ruling.matters:
        ruling.matters.append(matter)


def leave_undecided(ruling: Ruling, one: Candidate, digests: Mapping[str, str]) -> None:
    """Take as a matter that several returns exclude each other, once for the unit.

    ``digests``: of each return by path (`choose.content_digest`).
    """
    first = one.findings[0]
    if any(m.unit == one.unit and m.finding and m.finding.code == first.code
           for m in ruling.matters):  # fmt: skip
        return
    ruling.matters.append(
        Matter(
            kinds=(Kind.CHOOSE, Kind.COMBINE) if first.code == "D-03" else (Kind.CHOOSE,),
            unit=one.unit,
            target="＋".join(digests),
            basis=text_of(digests),
            finding=replace(first, unit=one.unit, path=one.reading.name),
        )
    )


def _kinds(form: Form, f: Finding) -> tuple[Kind, ...]:
    """The kinds of decisions that a finding allows."""
    kinds = [Kind.ACCEPT] if acceptable(f) else []
    if any(form.items[form.by_name[i]].formula is None for i in f.items if i in form.by_name):
        kinds.append(Kind.CORRECT)
    if f.code in WHOSE:
        kinds.append(Kind.MATCH)
    return tuple(kinds)


def _target(layout: Layout, f: Finding) -> str:
    """A finding in words: by its first figure's cell on the template, where it has one."""
    known = layout.form.by_name
    at = next((known[i] for i in f.items if i in known), None)
    return finding_target(f) if at is None else f"{f.code} {cell_target(layout.address(at))}"
