"""Figures that the prose names, against the tables: what the words stand for, the form says."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from xltools.check.case import Case
from xltools.check.claims import claims
from xltools.model.form import Mention
from xltools.model.formula import Linear
from xltools.model.numbers import Number
from xltools.model.returns import Status
from xltools.model.scales import prepare


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """A statement of a text that no reading of its words agrees with.

    ``said``: as it stands there. ``expected``: what the tables have, one for each reading.
    ``items``: the figures that these are made of.
    """

    said: str
    expected: tuple[Number, ...]
    items: tuple[int, ...]


def mismatches(case: Case, text: str, year: int) -> tuple[Mismatch, ...]:
    """The statements of a text that do not agree with the tables, each said once, in order.

    Parts of a figure are none: numbers beside the same words that are less than one that agrees
    (全市收到20件，甲县收到8件), or that add up to what the tables have.
    """
    judged = [(claim, _sums(case, claim.mentions)) for claim in claims(case.form, text, year)]
    known = [(claim, readings) for claim, readings in judged if readings]
    named: dict[tuple[Mention, ...], list[Number]] = {}
    for claim, _ in known:
        named.setdefault(claim.mentions, []).append(claim.number)
    found: dict[Mismatch, None] = {}
    for claim, readings in known:
        expected = tuple(dict.fromkeys(value for value, _ in readings))
        numbers = named[claim.mentions]
        wholes = [number for number in numbers if number in expected]
        added = len(numbers) > 1 and sum(numbers) in expected
        if claim.number not in expected and not added and claim.number >= max(wholes, default=0):
            items = tuple(dict.fromkeys(i for _, own in readings for i in own))
            found[Mismatch(said=claim.said, expected=expected, items=items)] = None
    return tuple(found)


def _sums(case: Case, mentions: Sequence[Mention]) -> list[tuple[Number, list[int]]]:
    """What words joined together may stand for: any of them, or some of them added up.

    Empty when a figure that is needed is not known.
    """
    sums = [[(_sum(case, r), [o.item for o in r.operands]) for r in m.readings] for m in mentions]
    if any(value is None for one in sums for value, _ in one):
        return []
    known = [[(v, items) for v, items in one if v is not None] for one in sums]
    found = [pair for one in known for pair in one]
    for size in range(2, len(known) + 1):
        for some in combinations(known[:4], size):
            heads = [one[0] for one in some]
            total: Number = 0
            for value, _ in heads:
                total = total + value
            found.append((total, [i for _, items in heads for i in items]))
    return found


def _sum(case: Case, one: Linear) -> Number | None:
    """A sum over the tables, totals recomputed; None when a figure of it is not known."""
    totals, statuses = case.assessment.totals, case.ret.statuses
    leaves = prepare(case.form).leaves
    for o in one.operands:
        below = leaves.get(o.item, frozenset((o.item,)))
        if totals[o.item] is None or not case.absent.isdisjoint(below):
            return None
        if all(statuses[i] is Status.BLANK and i in case.assessment.blanks for i in below):
            return None  # not filled in: others say so
    return one.value(totals)
