"""更正数据: a return with its figures as decided."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal

from xltools.decide.log import Ruling
from xltools.layout.places import Layout
from xltools.model.decisions import Decision, DecisionKind, DecisionStanding, same
from xltools.model.evaluate import recomputed
from xltools.model.findings import Finding, Topic, finding
from xltools.model.form import Form
from xltools.model.numbers import Number, show, tidy
from xltools.model.returns import Return, Status
from xltools.model.summary import FigureMark
from xltools.settle.candidate import Candidate, shown

Check = Callable[[Return], tuple[Finding, ...]]


def corrected(ruling: Ruling, one: Candidate, check: Check) -> Candidate:
    """A return with its figures as decided, and checked again if there are any."""
    lines = [d for d in ruling.last(DecisionKind.CORRECT, one.unit) if _holds(ruling, d, one)]
    if not lines:
        return one
    layout = ruling.layout
    ret = _carried(layout, one.ret, _changed(layout.form, one.ret, lines))
    told = [_told(layout, one.ret, line) for line in lines]
    kept = [f for f in one.findings if f.is_about(Topic.CHOSEN) and f not in one.known]
    changed = "、".join(f"{f.sheet}!{f.cells[0]} {f.found}→{f.expected}" if f.cells
                       else f"{f.labels} {f.found}→{f.expected}" for f in told)  # fmt: skip
    reason = f"按决定更正 {len(told)} 处：{changed}"
    return replace(
        one,
        reading=replace(one.reading, ret=ret),
        findings=(*one.known, *check(ret), *kept, *told),
        marks={**one.marks, **{line.item: _mark(layout, one.ret, line) for line in lines}},
        reason="；".join(x for x in (one.reason, reason) if x),
    )


def _holds(ruling: Ruling, line: Decision, one: Candidate) -> bool:
    """Whether a correction is to be made in this return; how it stands is ruled."""
    ret, item = one.ret, line.item
    was, cell = shown(ret, item), _cell(ruling.layout, ret, item)
    if same(was, show(_new(line))):
        ruling.rule(line, DecisionStanding.UNUSED, "报来的已是这个数", was)
        return False
    if line.basis and not same(line.basis, was):
        ruling.fall(line, [f"{cell} 原为 {line.basis}，现为 {was}"], one.reading.name)
        return False
    if ruling.layout.form.items[item].formula is not None and item not in ret.typed:
        ruling.fail(line, f"{cell} 是由各项相加得出的合计，请更正各项")
        return False
    ruling.rule(line, DecisionStanding.HOLDS, basis=was)
    return True


def _new(line: Decision) -> Number:
    assert line.number is not None, "a correction that was read has a number"
    return line.number


def _cell(layout: Layout, ret: Return, item: int) -> str:
    """Where a figure stands: in its file, else on the template."""
    return str(ret.places[item] or layout.address(item))


def _changed(form: Form, ret: Return, lines: Sequence[Decision]) -> Return:
    """A return with the new figures, and no longer with what was wrong with the former."""
    numbers, statuses = list(ret.numbers), list(ret.statuses)
    found, findings = dict(ret.found), list(ret.findings)
    for line in lines:
        numbers[line.item], statuses[line.item] = line.number, Status.GIVEN
        found.pop(line.item, None)
        findings = [f for x in findings for f in _without(x, form.items[line.item].name)]
    return replace(ret, numbers=numbers, statuses=statuses, found=found, findings=tuple(findings))


def _told(layout: Layout, ret: Return, line: Decision) -> Finding:
    """K-02: that a figure was corrected."""
    item, place = layout.form.items[line.item], ret.places[line.item]
    return finding(
        "K-02",
        sheet=place.sheet if place else "",
        cells=(place.a1,) if place else (),
        items=(item.name,),
        labels=item.path,
        found=shown(ret, line.item),
        expected=show(_new(line)),
        detail=line.why,
    )


def _mark(layout: Layout, ret: Return, line: Decision) -> FigureMark:
    """What is to be noted at a corrected figure."""
    cell, was = _cell(layout, ret, line.item), shown(ret, line.item)
    note = f"{cell} 报送 {was}，按决定更正为 {show(_new(line))}。原因：{line.reason}"
    note += "".join(f"；{x}" for x in (line.by, line.date) if x)
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


def _without(one: Finding, item: str) -> tuple[Finding, ...]:
    """A finding of single cells without one of them, which is corrected; nothing if it was the
    only one.
    """
    if not one.is_about(Topic.SINGLE_FIGURE) or item not in one.items:
        return (one,)
    at = one.items.index(item)
    items = one.items[:at] + one.items[at + 1 :]
    cells = one.cells
    if len(cells) == len(one.items):
        cells = cells[:at] + cells[at + 1 :]
    return (replace(one, items=items, cells=cells),) if items else ()
