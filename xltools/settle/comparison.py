"""Returns of a unit beside each other: when each was sent, what it fills in, what a document gives
otherwise than a workbook, what changed from each return to the next.
"""

import re
from collections.abc import Sequence
from datetime import date, datetime
from itertools import pairwise

from xltools.layout.places import Layout
from xltools.ledgers.targets import cell_target
from xltools.model.differences import Entry, content, differing, entered, entry, written
from xltools.model.evaluate import recomputed
from xltools.model.findings import Finding, finding
from xltools.model.form import Form, Item
from xltools.model.numbers import Number
from xltools.model.record import DocumentRecord, ReturnRecord, submissions
from xltools.model.returns import Return, Status, Value
from xltools.model.summary import FigureChange, Outcome, Round
from xltools.model.wording import Phrase


def filled(form: Form, ret: Return) -> frozenset[int]:
    """The inputs that hold something, or whose table is declared to have nothing.

    What the template had carried over is left aside.
    """
    items, carried = set(), form.carried
    for item in form.inputs():
        if item.table in ret.none:
            items.add(item.index)
        elif ret.statuses[item.index] is not Status.BLANK:
            prior = carried.get(item.index)
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
    ours, theirs = dict[int, Entry](), dict[int, Entry]()
    for item in form.items:
        at, computed = item.index, item.formula is not None
        here, there = entry(workbook, at), entry(document, at)
        located = workbook.places[at] is not None and document.places[at] is not None
        if not located or (computed and there == Entry()):
            continue  # a total that was left out says nothing
        # One that nobody has worked out yet stands for the sum of its parts.
        ours[at] = Entry(totals[at]).counted if computed and here == Entry() else here.counted
        theirs[at] = there.counted
    return tuple(
        _difference(form.items[at], workbook.value(at), document.value(at), totals[at])
        for at, here, there in differing(ours, theirs)
        if (here.text is None and there.text is None)
        # Where nothing can be read, the same may stand in both: nothing at all.
        or workbook.value(at).found != document.value(at).found
    )


def _difference(item: Item, here: Value, there: Value, total: Number | None) -> Finding:
    """D-06 at an item of a workbook (``here``) and a document; ``total``: the sum of its parts, if
    it is a total.
    """
    blank_total = item.formula is not None and here.status is Status.BLANK
    number = total if blank_total else here.number
    return finding(
        "D-06",
        sheet=here.address.sheet if here.address else "",
        cells=(here.address.a1,) if here.address else (),
        items=(item.name,),
        labels=item.path,
        found=here.found if number is None else number,
        expected=(there.found or Phrase.BLANK) if there.number is None else there.number,
        detail=there.address or "",
    )


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
    """The figures that are not the same (inputs, and totals that were typed in one of the two),
    and whether a text or a declaration is not.
    """
    items = {*entered(layout.form, first), *entered(layout.form, second)}
    before, after = ({i: entry(ret, i) for i in items} for ret in (first, second))
    figures = tuple(
        FigureChange(
            item=item, place=cell_target(layout.address(item)), before=was.words, after=now.words
        )
        for item, was, now in differing(before, after)
    )
    return figures, written(first) != written(second)
