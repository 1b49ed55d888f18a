"""What changed from one return of a unit to the next."""

from collections.abc import Sequence
from itertools import pairwise

from xltools.layout.places import Layout
from xltools.ledgers.targets import cell_target
from xltools.model.numbers import show
from xltools.model.returns import Return, Status
from xltools.model.summary import Change, Outcome, Round
from xltools.settle.candidate import Candidate, content, told_lines, when


def rounds_of(
    layout: Layout, sent: Sequence[Candidate], settled: Sequence[Candidate]
) -> tuple[Round, ...]:
    """The returns of a unit in the order of their dates, as they were sent, up to the one that
    counts; the same content once. Empty where no one counts, or several do.
    """
    sent = [one for one in sent if not one.ret.document] or list(sent)
    mine = [one for one in settled if not one.companion and not one.part]
    final = [one for one in mine if one.outcome is Outcome.MERGED]
    final = final or [one for one in mine if one.outcome is Outcome.REJECTED]
    if len(final) != 1:
        return ()
    refused = {c.reading.name for c in settled if c.outcome is Outcome.REJECTED}
    sent = [c for c in sent if c.reading.name not in refused - {final[0].reading.name}]
    last = next(c for c in sent if c.reading.name == final[0].reading.name)
    distinct: list[Candidate] = []
    for one in sorted(sent, key=when):
        same = any(_same(layout, one, other) for other in distinct)
        if not same and not _same(layout, one, last):
            distinct.append(one)
    before = [one for one in distinct if when(one) <= when(last)]
    made = [*before, last]
    changes = [((), False), *(_changes(layout, a.ret, b.ret) for a, b in pairwise(made))]
    return tuple(
        Round(path=one.reading.name, date=one.reading.modified, changes=cells, prose=prose)
        for one, (cells, prose) in zip(made, changes, strict=True)
    )


def _same(layout: Layout, one: Candidate, other: Candidate) -> bool:
    return content(layout.form, one.ret) == content(layout.form, other.ret)


def _changes(layout: Layout, one: Return, other: Return) -> tuple[tuple[Change, ...], bool]:
    """The figures that are not the same (inputs, and totals that were typed), and whether a text
    or a declaration is not.
    """
    found = []
    for item in layout.form.items:
        at = item.index
        if item.formula is not None and at not in one.typed and at not in other.typed:
            continue
        was, now = shown(one, at), shown(other, at)
        if was != now:
            place = cell_target(layout.address(at))
            found.append(Change(item=at, place=place, before=was, after=now))
    before, after = (
        (ret.texts, ret.explanations, told_lines(ret), ret.zero, ret.none) for ret in (one, other)
    )
    return tuple(found), before != after


def shown(ret: Return, item: int) -> str:
    """What a cell says: its number, 空白, or what stands there where that is no number."""
    number = ret.numbers[item]
    if ret.statuses[item] is Status.BLANK and number is None:
        return "空白"
    return ret.found.get(item, "？") if number is None else show(number)
