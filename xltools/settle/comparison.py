"""Two returns of a unit compared: whether they say the same, which figures differ, what changed
from each to the next; and part returns put together.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import pairwise

from xltools.layout.places import Layout
from xltools.ledgers.targets import cell_target
from xltools.model.evaluate import prepare, recomputed
from xltools.model.findings import Finding, Topic, finding
from xltools.model.form import Form
from xltools.model.numbers import Number, show
from xltools.model.record import DocumentRecord, ReturnRecord, submissions
from xltools.model.returns import Return, Status
from xltools.model.summary import FigureChange, Outcome, Round
from xltools.model.wording import FEW, Listing, Phrase, Value, each


def content(form: Form, ret: Return) -> tuple[object, ...]:
    """What makes two returns the same: inputs and typed totals, declarations, prose.

    Results of formulas are left out: which of them a program stores says nothing.
    """
    entered = [i for i, item in enumerate(form.items) if item.formula is None or i in ret.typed]
    lines = explained_lines(ret)
    return (
        tuple((i, ret.numbers[i], ret.statuses[i] is Status.BLANK) for i in entered),
        tuple((i, ret.found.get(i)) for i in entered if ret.statuses[i] is Status.UNREADABLE),
        ret.zero, ret.none, tuple(sorted(ret.texts.items())),
        tuple(sorted(ret.explanations.items())),
        # Nothing at all where there is nothing: decisions hold digests made without it.
        *((lines,) if lines else ()),
    )  # fmt: skip


def explained_lines(ret: Return) -> tuple[tuple[str, tuple[str, str], str], ...]:
    """The lines in which something is explained, wherever they stand."""
    return tuple(sorted({(line.code, line.typed, line.words) for line in ret.explained}))


def filled(form: Form, ret: Return) -> frozenset[int]:
    """The inputs that hold something, or whose table is declared to have nothing.

    What the template had carried over is left aside.
    """
    items = set()
    for item in form.inputs():
        if item.table in ret.none:
            items.add(item.index)
        elif ret.statuses[item.index] is not Status.BLANK:
            prior = form.carried.get(item.index)
            if prior is None or ret.numbers[item.index] != ret.priors.get(prior):
                items.add(item.index)
    return frozenset(items)


def when(record: ReturnRecord) -> tuple[datetime, date]:
    """The date of a file, and the one typed in it; the earliest of all where there is none."""
    return record.source.date or datetime.min, typed_date(record.ret.date)


def typed_date(text: str) -> date:
    """A date as people type it; the earliest of all when it is none."""
    at = re.search(r"(\d{4})\D{1,2}(\d{1,2})\D{1,2}(\d{1,2})", text)
    try:
        return date(*map(int, at.groups())) if at else date.min
    except ValueError:
        return date.min


def differences(form: Form, workbook: Return, document: Return) -> tuple[Finding, ...]:
    """One finding, D-06, for each figure that the two give differently, naming both places.

    A blank is no figure, and counts as 0. What was not found in one of them is not compared: that
    it is missing is said where that one is read.
    """
    totals = recomputed(form, workbook)
    findings = []
    for item in form.items:
        here, there = workbook.places[item.index], document.places[item.index]
        if here is None or there is None:
            continue
        ours = workbook.value(item.index)
        # A total that nobody has worked out yet stands for the sum of its parts.
        theirs = document.value(item.index)
        number, number_there = ours.number, theirs.number
        if item.formula is not None and ours.status is Status.BLANK:
            number = totals[item.index]
        if item.formula is not None and theirs.status is Status.BLANK:
            continue  # and one that was left out says nothing
        odd = Status.UNREADABLE in (ours.status, theirs.status)
        if ours.found == theirs.found if odd else (number or 0) == (number_there or 0):
            continue
        findings.append(
            finding(
                "D-06",
                sheet=here.sheet,
                cells=(here.a1,),
                items=(item.name,),
                labels=item.path,
                found=ours.found if number is None else number,
                expected=theirs.found or Phrase.BLANK if number_there is None else number_there,
                detail=there,
            )
        )
    return tuple(findings)


def rounds(
    layout: Layout, sent: Sequence[DocumentRecord], settled: Sequence[DocumentRecord]
) -> dict[str, tuple[Round, ...]]:
    """The rounds of each unit that sent a return. ``sent``: all documents before it was settled
    which of them count, with the returns as they came; ``settled``: the same afterwards.
    """
    by_path = {record.path: record for record in settled}
    return {
        unit: _rounds(layout, came, [by_path[record.path] for record in came])
        for unit, came in submissions(sent).items()
    }


def _rounds(
    layout: Layout, sent: Sequence[ReturnRecord], settled: Sequence[DocumentRecord]
) -> tuple[Round, ...]:
    """The returns of a unit in the order of their dates, as they were sent, up to the one that
    counts; the same content once. Empty where no one counts, or several do.
    """
    sent = [record for record in sent if not record.ret.document] or list(sent)
    apart = [
        record for record in settled
        if not record.companion and not (isinstance(record, ReturnRecord) and record.part_of)
    ]  # fmt: skip
    final = [record.path for record in apart if record.outcome is Outcome.MERGED]
    final = final or [record.path for record in apart if record.outcome is Outcome.REJECTED]
    if len(final) != 1:
        return ()
    refused = {record.path for record in settled if record.outcome is Outcome.REJECTED}
    sent = [record for record in sent if record.path not in refused - set(final)]
    last = next(record for record in sent if record.path == final[0])
    contents = {record.path: content(layout.form, record.ret) for record in sent}
    before: list[ReturnRecord] = []
    for record in sorted(sent, key=when):
        earlier = [contents[path] for path in (*(r.path for r in before), last.path)]
        if contents[record.path] not in earlier:
            before.append(record)
    order = [*(record for record in before if when(record) <= when(last)), last]
    changes = [((), False), *(_changes(layout, a.ret, b.ret) for a, b in pairwise(order))]
    return tuple(
        Round(path=record.path, date=record.source.date, changes=cells, prose=prose)
        for record, (cells, prose) in zip(order, changes, strict=True)
    )


def _changes(
    layout: Layout, first: Return, second: Return
) -> tuple[tuple[FigureChange, ...], bool]:
    """The figures that are not the same (inputs, and totals that were typed), and whether a text
    or a declaration is not.
    """
    figures = []
    for item in layout.form.items:
        at = item.index
        if item.formula is not None and at not in first.typed and at not in second.typed:
            continue
        was, now = shown(first, at), shown(second, at)
        if was != now:
            place = cell_target(layout.address(at))
            figures.append(FigureChange(item=at, place=place, before=was, after=now))
    before, after = (
        (ret.texts, ret.explanations, explained_lines(ret), ret.zero, ret.none)
        for ret in (first, second)
    )
    return tuple(figures), before != after


def shown(ret: Return, item: int) -> str:
    """What a cell says: its number, 空白, or what stands there where that is no number."""
    number = ret.numbers[item]
    if ret.statuses[item] is Status.BLANK and number is None:
        return Phrase.BLANK.value
    return ret.found.get(item, "？") if number is None else show(number)


class ConflictError(ValueError):
    """The parts have filled in the same cell differently. ``cells``: what each says there, the
    first three of them shown.
    """

    def __init__(self, cells: Listing) -> None:
        self.cells = cells
        super().__init__(cells)


def combined(layout: Layout, parts: Mapping[str, Return]) -> tuple[Return, dict[int, Value]]:
    """The united return of parts by file name, the first the one that the others are added to;
    and where each figure that is not the first's was taken from, by item.

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
            given = each(Phrase.FILE_GIVES(names[n], _shown(rets[n], at)) for n in having)
            conflicts.append(Phrase.CELL_IS_GIVEN(layout.address(at), given))
        # Else whatever stands there: a figure of last year that the template carried.
        standing = [n for n, ret in enumerate(rets) if ret.statuses[at] is not Status.BLANK]
        located = [n for n, ret in enumerate(rets) if ret.places[at] is not None]
        owner[at] = next(iter((*having, *standing, *located, 0)))
    if conflicts:
        raise ConflictError(Listing(values=tuple(conflicts), most=FEW, rest="等 {} 处", mark="；"))
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
    marks: dict[int, Value] = {
        i.index: Phrase.TAKEN_FROM_CELL(names[owner[i.index]], places[i.index])
        if places[i.index]
        else Phrase.TAKEN_FROM(names[owner[i.index]])
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
        for problem in ret.findings:
            items = [layout.form.by_name[i] for i in problem.items if i in layout.form.by_name]
            if problem.is_about(Topic.LOST):
                lost = items or [
                    i.index
                    for t in layout.tables
                    if t.table.title == problem.detail
                    for i in layout.form.items
                    if i.table == t.table.key
                ]
                if all(places[i] is not None for i in lost):
                    continue
            elif items and not any(owner[i] == number for i in items):
                continue
            kept.append(replace(problem, path=name))
    return kept


def _entry(ret: Return, item: int) -> tuple[Number | None, str]:
    """What a cell says, for comparison: its number, else what stood there."""
    number = ret.numbers[item]
    if number is None and ret.statuses[item] is Status.UNREADABLE:
        return None, ret.found.get(item, "")
    return number or 0, ""


def _shown(ret: Return, item: int) -> str:
    number = ret.numbers[item]
    return ret.found.get(item, Phrase.BLANK.value if number is None else show(number))
