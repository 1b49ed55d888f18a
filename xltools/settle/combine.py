"""Two or more part returns of a unit put together: what each has filled in, united."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from xltools.layout.places import Layout
from xltools.model.evaluate import prepare
from xltools.model.findings import Finding, Topic
from xltools.model.numbers import Number, show
from xltools.model.returns import Return, Status
from xltools.model.text import listed
from xltools.settle.comparison import filled


class ConflictError(ValueError):
    """The parts have filled in the same cell differently; the text lists the first of these."""


def combined(layout: Layout, parts: Mapping[str, Return]) -> tuple[Return, dict[int, str]]:
    """The united return of parts by file name, the first the one that the others are added to;
    and where each figure that is not the first's was taken from, in words by item.

    A cell that one part has filled in is that part's; totals are recomputed where their parts
    come from several files. Raises ConflictError.
    """
    form, plan, names = layout.form, prepare(layout.form), list(parts)
    rets = [parts[name] for name in names]
    sets = [filled(form, ret) for ret in rets]
    first = rets[0]
    numbers, statuses, places = list(first.numbers), list(first.statuses), list(first.places)
    raw, typed = dict(first.found), set(first.typed)
    owner = [0] * len(form.items)
    conflicts = []
    for item in form.inputs():
        at = item.index
        having = [n for n, items in enumerate(sets) if at in items]
        entries = {_entry(rets[n], at) for n in having}
        if len(entries) > 1:
            shown = "、".join(f"{names[n]} 填 {_shown(rets[n], at)}" for n in having)
            conflicts.append(f"{layout.address(at)}（{shown}）")
        # Else whatever stands there: a figure of last year that the template carried.
        standing = [n for n, ret in enumerate(rets) if ret.statuses[at] is not Status.BLANK]
        located = [n for n, ret in enumerate(rets) if ret.places[at] is not None]
        owner[at] = next(iter((*having, *standing, *located, 0)))
    if conflicts:
        some = listed(conflicts, 3, more="等 {} 处", mark="；")
        raise ConflictError(f"同一格填得不同：{some}")
    from_one_file = [True] * len(form.items)
    for item in form.items:
        if item.formula is None:
            continue
        owners = {owner[leaf] for leaf in plan.leaves(item.index)}
        owner[item.index] = min(owners) if owners else 0
        from_one_file[item.index] = len(owners) == 1
    for item in form.items:
        at = item.index
        ret = rets[owner[at]]
        numbers[at], statuses[at], places[at] = ret.numbers[at], ret.statuses[at], ret.places[at]
        raw.pop(at, None)
        typed.discard(at)
        if not from_one_file[at]:  # a sum of a part is none of the whole
            numbers[at], statuses[at] = None, Status.BLANK
            continue
        if at in ret.found:
            raw[at] = ret.found[at]
        if at in ret.typed:
            typed.add(at)
    marks = {
        i.index: f"取自 {names[owner[i.index]]}"
        + (f" {places[i.index]}" if places[i.index] else "")
        for i in form.inputs()
        if owner[i.index]
    }
    united = replace(
        first,
        numbers=numbers,
        statuses=statuses,
        places=places,
        found=raw,
        typed=frozenset(typed),
        zero=all(ret.zero for ret in rets),
        none=frozenset().union(*(ret.none for ret in rets)),
        missing=frozenset.intersection(*(ret.missing for ret in rets)),
        texts={k: v for ret in reversed(rets) for k, v in ret.texts.items() if v},
        explanations={k: v for ret in reversed(rets) for k, v in ret.explanations.items()},
        explained=tuple(line for ret in rets for line in ret.explained),
        priors={k: v for ret in reversed(rets) for k, v in ret.priors.items()},
        findings=tuple(_findings(layout, parts, owner, places)),
    )
    return united, marks


def _findings(
    layout: Layout, parts: Mapping[str, Return], owner: Sequence[int], places: Sequence[object]
) -> list[Finding]:
    """What was said of the parts' reading, where it still is to be said of the whole."""
    kept = []
    for number, (name, ret) in enumerate(parts.items()):
        for finding in ret.findings:
            items = [layout.form.by_name[i] for i in finding.items if i in layout.form.by_name]
            if finding.is_about(Topic.LOST):
                lost = items or [
                    i.index
                    for t in layout.tables
                    if t.table.title == finding.detail
                    for i in layout.form.items
                    if i.table == t.table.key
                ]
                if all(places[i] is not None for i in lost):
                    continue
            elif items and not any(owner[i] == number for i in items):
                continue
            kept.append(replace(finding, path=name))
    return kept


def _entry(ret: Return, item: int) -> tuple[Number | None, str]:
    """What a cell says, for comparison: its number, else what stood there."""
    number = ret.numbers[item]
    if number is None and ret.statuses[item] is Status.UNREADABLE:
        return None, ret.found.get(item, "")
    return number or 0, ""


def _shown(ret: Return, item: int) -> str:
    number = ret.numbers[item]
    return ret.found.get(item, "空白" if number is None else show(number))
