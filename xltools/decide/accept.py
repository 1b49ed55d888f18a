"""Apply the decisions 认可问题, by which the coordinator accepts findings as long as the figures
behind them do not change, and 无需报送, which excuses units from reporting.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from xltools.checks.run import explained
from xltools.decide.choose import take_undecided
from xltools.decide.log import DecisionLog
from xltools.layout.places import Layout
from xltools.ledgers.targets import cell_target, same_cell
from xltools.model.decisions import (
    BLANK,
    NOTHING_SENT,
    Accept,
    DecisionStanding,
    Excuse,
    basis_of,
    changes,
    joined,
    text_of,
)
from xltools.model.differences import entry
from xltools.model.evaluate import recomputed
from xltools.model.findings import Finding, Words, acceptable
from xltools.model.form import Severity
from xltools.model.numbers import Number, show
from xltools.model.record import DocumentRecord, ReturnRecord, replaced
from xltools.model.roster import Roster, UnitState
from xltools.model.summary import Outcome
from xltools.model.wording import Phrase, Value
from xltools.settle.judge import excluded
from xltools.settle.versions import in_doubt

Prior = Sequence[Number | None] | None


def accept_doubts(log: DecisionLog, records: Sequence[DocumentRecord]) -> list[DocumentRecord]:
    """Settle the findings about whose a return is that the coordinator has accepted, in the returns
    that may count. Returns all records.
    """
    return [
        _without_doubts(log, record)
        if isinstance(record, ReturnRecord) and record.standing
        else record
        for record in records
    ]


def _without_doubts(log: DecisionLog, record: ReturnRecord) -> ReturnRecord:
    """Write the reason of the decision into each finding of a return that leaves its unit in doubt,
    if the coordinator has accepted it. Returns the changed return. A decision counts only while its
    basis is unchanged.
    """
    doubts = [n for n, finding in enumerate(record.findings) if in_doubt(finding)]
    if not doubts:
        return record
    findings = list(record.findings)
    for line in log.last(Accept, record.unit):
        for n in doubts:
            if findings[n].code == line.code:
                basis = _basis(log.layout, findings[n], record, None)
                if changes(basis_of(line.basis), basis) == []:
                    findings[n] = replace(findings[n], decision=line.why)
    whose = tuple(f for n, f in enumerate(findings) if n < len(record.whose))
    return replace(record, findings=tuple(findings), whose=whose)


def accept(log: DecisionLog, records: Sequence[DocumentRecord]) -> list[DocumentRecord]:
    """Settle the findings that the coordinator has accepted, in each return that was checked.
    Returns all records. Each finding that stays open is added to the log as a matter to decide, and
    so is the fact that several returns of a unit exclude each other.
    """
    checked: dict[str, list[ReturnRecord]] = {}
    for record in records:
        if isinstance(record, ReturnRecord) and record.totals is not None:
            checked.setdefault(record.unit, []).append(record)
    accepted: list[ReturnRecord] = []
    for returns in checked.values():
        # What would count comes first; what was set aside for a doubt, last.
        for record in sorted(returns, key=lambda r: not (r.standing or excluded(r))):
            if excluded(record):
                take_undecided(log, record, returns)
            elif record.standing or record.outcome is Outcome.REJECTED:
                accepted.append(_accepted(log, record))
    return replaced(records, accepted)


def _accepted(log: DecisionLog, record: ReturnRecord) -> ReturnRecord:
    """Write the reason of the decision into each finding of a return that the coordinator has
    accepted, and add the other open findings to the log as matters. Returns the changed return.

    Findings that the unit itself has explained are marked before that and are not open; this
    happens only here because all findings are known by now.
    """
    if not record.findings and not record.ret.explained:
        return record
    layout = log.layout
    record = replace(record, findings=explained(layout.form, record.ret, record.findings))
    bases = [
        {} if f.severity is Severity.NOTE else _basis(layout, f, record, record.prior)
        for f in record.findings
    ]
    reasons: dict[int, str] = {}
    for line in log.last(Accept, record.unit):
        reasons |= dict.fromkeys(_settles(log, line, record, bases), line.why)
    findings = tuple(
        replace(f, decision=reasons[n]) if n in reasons else f
        for n, f in enumerate(record.findings)
    )
    for finding, rests_on in zip(findings, bases, strict=True):
        log.take_finding(record, finding, rests_on)
    return replace(record, findings=findings)


def _settles(
    log: DecisionLog, line: Accept, record: ReturnRecord, bases: Sequence[Mapping[str, str]]
) -> list[int]:
    """The numbers of the findings (from 0, in ``record.findings``) that a decision accepts. The log
    records whether the decision holds, falls or cannot be carried out. ``bases``: what each finding
    rests on, as `_basis` gives it.
    """
    before, held, fallen = basis_of(line.basis), list[int](), list[Value]()
    apart = False
    for n, f in enumerate(record.findings):
        if f.code != line.code or f.severity is Severity.NOTE:
            continue
        if not _at(log.layout, f, line.cell):
            continue
        if not acceptable(f):
            log.fail(line, Phrase.NOT_ACCEPTABLE(f.code))
            continue
        changed = changes(before, bases[n])
        if changed is None:
            apart = True  # another finding of this code, which the decision is not about
        elif changed:
            fallen += changed
        else:
            held.append(n)
    if fallen:
        log.fall(line, fallen, record.path)
    elif held:
        log.rule(line, DecisionStanding.HOLDS, basis=text_of(joined(bases[n] for n in held)))
    elif apart:
        log.fall(line, [Phrase.BASIS_UNLIKE], record.path)
    return held


def _at(layout: Layout, f: Finding, cell: str) -> bool:
    """Whether a finding's first cell is ``cell``, in the file or on the template; True for an empty
    ``cell``, which means any.
    """
    if not cell:
        return True
    by_name = layout.form.by_name
    items = [by_name[i] for i in f.items[:1] if i in by_name]
    places = [f"{f.sheet}!{c}" for c in f.cells[:1]]
    places += [cell_target(layout.address(i)) for i in items]
    return any(same_cell(cell, place) for place in places)


def _basis(layout: Layout, f: Finding, record: ReturnRecord, prior: Prior) -> dict[str, str]:
    """What a finding rests on, in words by cell: the figures of its cells, and those of last year
    where its rule uses them. A finding without figures rests on its own sentence, under 问题.
    ``prior``: last year's figures by item number; None to take those that the template carried.
    """
    form, ret = layout.form, record.ret
    items = [form.by_name[i] for i in f.items if i in form.by_name]
    if not items:
        return {"问题": Words.of(form).fact(f)}
    # What a program has stored of the totals says nothing.
    totals = record.totals if record.totals is not None else recomputed(form, ret)
    entries = {}
    for i in items:
        total = totals[i] if form.items[i].formula is not None and i not in ret.typed else None
        words = entry(ret, i).words if total is None else show(total)
        entries[cell_target(layout.address(i))] = words
    for rule in form.instances:
        if rule.rule.code == f.code and rule.anchor in items:
            for p in rule.priors:
                number = prior[p] if prior is not None else ret.priors.get(p)
                place = f"上年{cell_target(layout.address(p))}"
                entries[place] = BLANK if number is None else show(number)
    return entries


def excuse(log: DecisionLog, records: Iterable[DocumentRecord]) -> Roster | None:
    """The roster of this run, in which the units that the decisions excuse have the state 免报. A
    decision falls where the unit has sent something after all, and is unused where the unit is not
    expected anyway. None when there is no roster.
    """
    roster, decisions = log.roster, log.last(Excuse)
    if roster is None:
        for decision in decisions:
            log.rule(decision, DecisionStanding.UNUSED, Phrase.NO_ROSTER)
        return None
    sent = {r.unit: r.path for r in records if r.outcome is not Outcome.IGNORED}
    free = set()
    for decision in decisions:
        unit = roster.find(decision.unit)
        if unit is None or unit.state is not UnitState.REGISTERED:
            log.rule(decision, DecisionStanding.UNUSED, Phrase.NOT_EXPECTED)
        elif decision.unit in sent:
            log.fall(decision, [Phrase.UNIT_SENT(sent[decision.unit])])
        else:
            log.rule(decision, DecisionStanding.HOLDS, basis=NOTHING_SENT)
            free.add(decision.unit)
    units = tuple(replace(u, state=UnitState.EXEMPT) if u.name in free else u for u in roster)
    return replace(roster, units=units) if free else roster
