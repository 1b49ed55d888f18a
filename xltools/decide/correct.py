"""Apply the decisions 更正数据, which change single figures of a return."""

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
    """Correct the returns that may count as the coordinator has decided. Returns all records; a
    corrected return is new and is still to be checked.
    """
    return [
        _corrected(log, record) if isinstance(record, ReturnRecord) and record.standing else record
        for record in records
    ]


def _corrected(log: DecisionLog, record: ReturnRecord) -> ReturnRecord:
    """The return with all corrections that hold for it: new figures, notes at them, findings K-02
    and a reason that lists them. The same record where there are none.
    """
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
        totals=None,
        decided=(*record.decided, *notes),
        marks={**record.marks, **{line.item: _mark(layout, record.ret, line) for line in lines}},
        reason=each((record.reason, reason), "；") if record.reason else reason,
    )


def _holds(log: DecisionLog, line: Correct, record: ReturnRecord) -> bool:
    """Whether to make a correction in this return; the log records the answer. The correction is
    not made when the figure already has the new value, when it is no longer the one that the
    correction was made for, or when it is a total that was computed, not typed.
    """
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
    """The cell of a figure in its own file, as text; on the template where it was not found in the
    file.
    """
    return str(ret.places[item] or layout.address(item))


def _changed(form: Form, ret: Return, lines: Sequence[Correct]) -> Return:
    """The return with the new figures, and without the findings that were only about the figures
    before.
    """
    numbers, statuses = list(ret.numbers), list(ret.statuses)
    raw, findings = dict(ret.found), list(ret.findings)
    for line in lines:
        numbers[line.item], statuses[line.item] = line.number, Status.GIVEN
        raw.pop(line.item, None)
        findings = [f for x in findings for f in _without(x, form.items[line.item].name)]
    return replace(ret, numbers=numbers, statuses=statuses, found=raw, findings=tuple(findings))


def _note(layout: Layout, ret: Return, line: Correct) -> Finding:
    """The finding K-02 that a figure was corrected: its cell, the figure before and after,
    and why.
    """
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
    """The note for a corrected figure on the summary's detail sheet: the figure before and after,
    the reason, who decided it and when.
    """
    cell, was = _cell(layout, ret, line.item), entry(ret, line.item).words
    why = each((text for text in (line.reason, line.by, line.date) if text), "；")
    note = Phrase.CORRECTED_FROM(cell, was, line.number, why)
    return FigureMark(note=note, corrected=True)


def _carried(layout: Layout, before: Return, ret: Return) -> Return:
    """The corrected return with the stored results of its computed totals changed by the same
    amounts as the corrections change them. So a total that was right stays right, and one that was
    wrong is wrong by the same amount as before. ``before``: the return without corrections.
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
    """The finding without the cell of ``item`` (name), if it is a finding about single figures; a
    tuple of one finding, or empty when that was its only cell.
    """
    if not finding.is_about(Topic.SINGLE_FIGURE) or item not in finding.items:
        return (finding,)
    at = finding.items.index(item)
    items = finding.items[:at] + finding.items[at + 1 :]
    cells = finding.cells
    if len(cells) == len(finding.items):
        cells = cells[:at] + cells[at + 1 :]
    return (replace(finding, items=items, cells=cells),) if items else ()
