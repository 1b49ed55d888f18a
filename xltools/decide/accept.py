"""认可问题: findings of a return that the coordinator has accepted, as long as its basis stands."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from xltools.check.run import explained
from xltools.decide.log import Ruling, leave_open
from xltools.layout.places import Layout
from xltools.ledgers.targets import cell_target, same_cell
from xltools.model.decisions import (
    BLANK,
    Decision,
    DecisionKind,
    DecisionStanding,
    basis_of,
    changes,
    joined,
    text_of,
)
from xltools.model.evaluate import recomputed
from xltools.model.findings import Finding, Words, acceptable
from xltools.model.form import Severity
from xltools.model.numbers import Number, show
from xltools.model.returns import Return
from xltools.settle.candidate import Candidate, shown
from xltools.settle.versions import in_doubt

Prior = Sequence[Number | None] | None


def accepted(ruling: Ruling, one: Candidate, prior: Prior) -> Candidate:
    """A return with those of its findings settled that were accepted; the rest are matters.

    What its unit has explained is none: by now all is found that it may speak of.
    """
    one = replace(one, findings=explained(ruling.layout.form, one.ret, one.findings))
    bases = [
        {} if f.severity is Severity.NOTE else _basis(ruling.layout, f, one.ret, prior)
        for f in one.findings
    ]
    said: dict[int, str] = {}
    for line in ruling.last(DecisionKind.ACCEPT, one.unit):
        said |= dict.fromkeys(_settles(ruling, line, one, bases), line.why)
    findings = tuple(
        replace(f, decision=said[n]) if n in said else f for n, f in enumerate(one.findings)
    )
    for f, rests_on in zip(findings, bases, strict=True):
        leave_open(ruling, one, f, rests_on)
    return replace(one, findings=findings)


def sure(ruling: Ruling, one: Candidate) -> Candidate:
    """A return without the doubts that the coordinator has accepted."""
    kept = list(one.findings)
    for line in ruling.last(DecisionKind.ACCEPT, one.unit):
        for n, f in enumerate(kept):
            if f.code == line.code and in_doubt(f):
                basis = _basis(ruling.layout, f, one.ret, None)
                if changes(basis_of(line.basis), basis) == []:
                    kept[n] = replace(f, decision=line.why)
    return replace(one, findings=tuple(kept))


def _settles(
    ruling: Ruling, line: Decision, one: Candidate, bases: Sequence[Mapping[str, str]]
) -> list[int]:
    """The findings, by number, that a decision settles; and how it stands is ruled.

    ``bases``: what each finding rests on.
    """
    made_on, held, fallen = basis_of(line.basis), list[int](), list[str]()
    apart = False
    for n, f in enumerate(one.findings):
        if f.code != line.code or f.severity is Severity.NOTE:
            continue
        if not _at(ruling.layout, f, line.cell):
            continue
        if not acceptable(f):
            ruling.fail(line, f"{f.code} 这类问题不能认可")
            continue
        changed = changes(made_on, bases[n])
        if changed is None:
            apart = True  # another finding of this code, of which nothing was decided
        elif changed:
            fallen += changed
        else:
            held.append(n)
    if fallen:
        ruling.fall(line, fallen, one.reading.name)
    elif held:
        ruling.rule(line, DecisionStanding.HOLDS, basis=text_of(joined(bases[n] for n in held)))
    elif apart:
        ruling.fall(line, ["“原值”与现在的数对不上"], one.reading.name)
    return held


def _at(layout: Layout, f: Finding, cell: str) -> bool:
    """Whether a finding is at a cell: of its file, or of the template."""
    if not cell:
        return True
    known = layout.form.by_name
    items = [known[i] for i in f.items[:1] if i in known]
    places = [f"{f.sheet}!{c}" for c in f.cells[:1]]
    places += [cell_target(layout.address(i)) for i in items]
    return any(same_cell(cell, place) for place in places)


def _basis(layout: Layout, f: Finding, ret: Return, prior: Prior) -> dict[str, str]:
    """What a finding rests on: the figures of its cells, and of last year where a rule looks
    at them; else what it says itself, in a sentence.
    """
    form = layout.form
    items = [form.by_name[i] for i in f.items if i in form.by_name]
    if not items:
        return {"问题": Words.of(form).fact(f)}
    totals = recomputed(form, ret)  # what a program has stored of them says nothing
    made = {}
    for i in items:
        total = totals[i] if form.items[i].formula is not None and i not in ret.typed else None
        words = shown(ret, i) if total is None else show(total)
        made[cell_target(layout.address(i))] = words
    for rule in form.instances:
        if rule.rule.code == f.code and rule.anchor in items:
            for p in rule.priors:
                number = prior[p] if prior is not None else ret.priors.get(p)
                place = f"上年{cell_target(layout.address(p))}"
                made[place] = BLANK if number is None else show(number)
    return made
