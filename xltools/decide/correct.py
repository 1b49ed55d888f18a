"""更正数据: a return with its figures as decided."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from xltools.decide.log import DecisionLog
from xltools.layout.places import Layout
from xltools.model.decisions import Correct, DecisionStanding, same
from xltools.model.differences import entry
from xltools.model.evaluate import recomputed
from xltools.model.findings import Finding, Topic, finding
from xltools.model.form import Form
from xltools.model.numbers import show, tidy
from xltools.model.record import DocumentRecord, ReturnRecord
from xltools.model.returns import Return, Status
from xltools.model.summary import FigureMark
from xltools.model.wording import Phrase, each


def correct(log: DecisionLog, records: Sequence[DocumentRecord]) -> list[DocumentRecord]:
    """The records, each return that counts with its figures as decided: a corrected return is a
    new value, still to be checked.
    """
    return [
        _corrected(log, record) if isinstance(record, ReturnRecord) and record.standing else record
        for record in records
    ]


def _corrected(log: DecisionLog, record: ReturnRecord) -> ReturnRecord:
    """A return with the corrections that hold for it."""
    lines = [line for line in log.last(Correct, record.unit) if _holds(log, line, record)]
    if not lines:
        return record
    layout = log.layout
    ret = _carried(layout, record.ret, _changed(layout.form, record.ret, lines))
    notes = [_note(layout, record.ret, line) for line in lines]
    changes = each(
        Phrase.CORRECTED_AT(
            f"{note.sheet}!{note.cells[0]}" if note.cells else note.labels,
            note.found,
            note.expected,
        )
        for note in notes
    )
    reason = Phrase.CORRECTED(len(notes), changes)
    return replace(
        record,
        ret=ret,
        checked=False,
        decided=(*record.decided, *notes),
        marks={**record.marks, **{line.item: _mark(layout, record.ret, line) for line in lines}},
        reason=each((record.reason, reason), "；") if record.reason else reason,
    )


def _holds(log: DecisionLog, line: Correct, record: ReturnRecord) -> bool:
    """Whether a correction is to be made in this return; how it stands is ruled."""
    ret, item = record.ret, line.item
    was, cell = entry(ret, item).words, _cell(log.layout, ret, item)
    if same(was, show(line.number)):
        log.rule(line, DecisionStanding.UNUSED, Phrase.ALREADY_SO, was)
        return False
    if line.basis and not same(line.basis, was):
        log.fall(line, [Phrase.WAS_NOW(cell, line.basis, was)], record.path)
        return False
    if log.layout.form.items[item].formula is not None and item not in ret.typed:
        log.fail(line, Phrase.COMPUTED_TOTAL(cell))
        return False
    log.rule(line, DecisionStanding.HOLDS, basis=was)
    return True


def _cell(layout: Layout, ret: Return, item: int) -> str:
    """Where a figure stands: in its file, else on the template."""
    return str(ret.places[item] or layout.address(item))


def _changed(form: Form, ret: Return, lines: Sequence[Correct]) -> Return:
    """A return with the new figures, and no longer with what was wrong with the former."""
    numbers, statuses = list(ret.numbers), list(ret.statuses)
    raw, findings = dict(ret.found), list(ret.findings)
    for line in lines:
        numbers[line.item], statuses[line.item] = line.number, Status.GIVEN
        raw.pop(line.item, None)
        findings = [f for x in findings for f in _without(x, form.items[line.item].name)]
    return replace(ret, numbers=numbers, statuses=statuses, found=raw, findings=tuple(findings))


def _note(layout: Layout, ret: Return, line: Correct) -> Finding:
    """K-02: that a figure was corrected."""
    item, place = layout.form.items[line.item], ret.places[line.item]
    return finding(
        "K-02",
        sheet=place.sheet if place else "",
        cells=(place.a1,) if place else (),
        items=(item.name,),
        labels=item.path,
        found=entry(ret, line.item).words,
        expected=line.number,
        detail=line.why,
    )


def _mark(layout: Layout, ret: Return, line: Correct) -> FigureMark:
    """What is to be noted at a corrected figure."""
    cell, was = _cell(layout, ret, line.item), entry(ret, line.item).words
    why = each((text for text in (line.reason, line.by, line.date) if text), "；")
    note = Phrase.CORRECTED_FROM(cell, was, line.number, why)
    return FigureMark(note=note, corrected=True)


def _carried(layout: Layout, before: Return, ret: Return) -> Return:
    """A corrected return, the stored results of its totals moved by what was corrected.

    So a total that was right stays right, and one that was off is off by the same.
    """
    form, numbers, statuses = layout.form, list(ret.numbers), list(ret.statuses)
    old, new = recomputed(form, before), recomputed(form, ret)
    for item in form.items:
        at = item.index
        number, was, now = numbers[at], old[at], new[at]
        if item.formula is None or at in ret.typed or number is None or was == now:
            continue
        if was is None or now is None:
            numbers[at], statuses[at] = None, Status.BLANK
        else:
            moved = Decimal(number) + Decimal(now) - Decimal(was)
            numbers[at] = tidy(moved)
    return replace(ret, numbers=numbers, statuses=statuses)


def _without(finding: Finding, item: str) -> tuple[Finding, ...]:
    """A finding of single cells without one of them, which is corrected; nothing if that
    was its only cell.
    """
    if not finding.is_about(Topic.SINGLE_FIGURE) or item not in finding.items:
        return (finding,)
    at = finding.items.index(item)
    items = finding.items[:at] + finding.items[at + 1 :]
    cells = finding.cells
    if len(cells) == len(finding.items):
        cells = cells[:at] + cells[at + 1 :]
    return (replace(finding, items=items, cells=cells),) if items else ()
