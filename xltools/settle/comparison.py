"""Compare returns of a unit: when each was sent, which cells it fills in, where a document differs
from a workbook, and what changed from one return to the next.
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
    """The inputs (item numbers) that a return has filled in: those that are not blank, and all
    those of a table that is declared to have no cases. A figure that the template carried over from
    last year, and that was not changed, is not counted.
    """
    items, carried = set(), form.carried
    numbers, statuses, priors = list(ret.numbers), list(ret.statuses), dict(ret.priors.items())
    for item in form.inputs():
        if item.table in ret.none:
            items.add(item.index)
        elif statuses[item.index] is not Status.BLANK:
            prior = carried.get(item.index)
            if prior is None or numbers[item.index] != priors.get(prior):
                items.add(item.index)
    return frozenset(items)


def when(record: ReturnRecord) -> tuple[datetime, date]:
    """The date of the file, then the date typed in the return, for sorting returns by time. A date
    that is missing is given as the earliest possible one.
    """
    return record.source.date or datetime.min, typed_date(record.ret.date)


def typed_date(text: str) -> date:
    """Read a date that people typed, year before month before day, with any characters between
    them; the earliest possible date when it is not one.
    """
    at = re.search(r"(\d{4})\D{1,2}(\d{1,2})\D{1,2}(\d{1,2})", text)
    try:
        return date(*map(int, at.groups())) if at else date.min
    except ValueError:
        return date.min


def differences(form: Form, workbook: Return, document: Return) -> tuple[Finding, ...]:
    """Compare the figures of a workbook with those of a document that was sent with it. Returns one
    finding D-06 for each figure that differs, naming both places.

    A blank counts as 0. A figure that was not found in one of the two is not compared, because the
    finding that it is missing is made when that file is read. A total that the document left out is
    not compared either; one that is blank in the workbook is computed.
    """
    totals = recomputed(form, workbook)
    ours, theirs = dict[int, Entry](), dict[int, Entry]()
    for item in form.items:
        at, computed = item.index, item.formula is not None
        here, there = entry(workbook, at), entry(document, at)
        located = workbook.places[at] is not None and document.places[at] is not None
        if not located or (computed and there == Entry()):
            continue  # a total that was left out says nothing
        # A blank total counts as the sum of its parts.
        ours[at] = Entry(totals[at]).counted if computed and here == Entry() else here.counted
        theirs[at] = there.counted
    return tuple(
        _difference(form.items[at], workbook.value(at), document.value(at), totals[at])
        for at, here, there in differing(ours, theirs)
        if (here.text is None and there.text is None)
        # Where neither can be read, they differ only if their texts do.
        or workbook.value(at).found != document.value(at).found
    )


def _difference(item: Item, here: Value, there: Value, total: Number | None) -> Finding:
    """The finding D-06 for an item. ``here``: its value in the workbook; ``there``: its value in
    the document; ``total``: the computed total, shown for a total that is blank in the workbook.
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
    """For each unit that sent a return, the rounds that it went through, by the unit's name: which
    return it sent when, and what each changed. ``sent``: all documents before it was decided which
    of them count, with the returns as they came; ``settled``: the same documents afterwards.
    """
    by_path = {record.path: record for record in settled}
    return {
        unit: _rounds(layout, came, [by_path[record.path] for record in came])
        for unit, came in submissions(sent).items()
    }


def _rounds(
    layout: Layout, sent: Sequence[ReturnRecord], settled: Sequence[DocumentRecord]
) -> tuple[Round, ...]:
    """The rounds of one unit: its returns in the order of their dates up to the one that counts
    (or, where none does, the only one that was rejected), each with what changed since the one
    before. Returns with the same content are listed once. Empty where there is no such last return,
    or several.
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
    sent = [record for record in sent if record.path in final or record.path not in refused]
    last = next(record for record in sent if record.path == final[0])
    before: list[ReturnRecord] = []
    if len(sent) > 1:
        seen = {content(layout.form, last.ret)}
        for record in sorted(sent, key=when):
            entries = content(layout.form, record.ret)
            if entries not in seen:
                seen.add(entries)
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
    """What changed from ``first`` to ``second``: the figures that differ (inputs, and totals that
    were typed in either return), and whether a text or a declaration of no cases differs.
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
