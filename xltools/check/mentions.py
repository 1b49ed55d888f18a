"""Figures that the prose names, against the tables: what the words stand for, the form says."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

from xltools.check.case import Case
from xltools.check.quantities import Quantity, plain, quantities, sentences
from xltools.formula import Linear
from xltools.numbers import Number
from xltools.returns import Status
from xltools.scales import prepare
from xltools.spec import Form, Mention

_GAP = r"[^，。；0-9]{0,20}?"  # what … in a word for none stands for: 未发生行政复议、行政诉讼
_JOINED = re.compile(r"[\s、和及与或]*(?:以及)?[\s、]*")
_REACH = 30  # characters between a word and its number


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """A statement of a text that no reading of its words agrees with.

    ``said``: as it stands there. ``expected``: what the tables have, one for each reading.
    ``items``: the figures that these are made of.
    """

    said: str
    expected: tuple[Number, ...]
    items: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    """The declared words of a form as patterns."""

    named: re.Pattern[str]
    by_word: dict[str, Mention]
    none: Sequence[tuple[re.Pattern[str], Mention]]
    apart: Sequence[str]
    onwards: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spot:
    mention: Mention
    start: int
    end: int


def mismatches(case: Case, text: str) -> tuple[Mismatch, ...]:
    """The statements of a text that do not agree with the tables, each said once, in order."""
    words = _words(case.form)
    found: dict[Mismatch, None] = {}
    for clauses in sentences(plain(text)):
        for clause in clauses:
            if any(word in clause for word in words.onwards):
                break
            if any(word in clause for word in words.apart):
                continue
            for said, group, number in _statements(words, clause):
                readings = _sums(case, [spot.mention for spot in group])
                if readings and number not in (sums := [value for value, _ in readings]):
                    items = dict.fromkeys(i for _, own in readings for i in own)
                    expected = tuple(dict.fromkeys(sums))
                    found[Mismatch(said=said, expected=expected, items=tuple(items))] = None
    return tuple(found)


def _statements(words: _Words, clause: str) -> Iterator[tuple[str, list[_Spot], Number]]:
    """What a clause says: the words, what they stand for, the number."""
    spots = [
        _Spot(mention=words.by_word[m[0]], start=m.start(), end=m.end())
        for m in words.named.finditer(clause)
    ]
    amounts = list(quantities(clause))
    denied = [
        (m, mention)
        for pattern, mention in words.none
        for m in [pattern.search(clause)]
        if m and not amounts
    ]
    for match, mention in denied:
        # 未收到行政复议申请 denies the review, and says nothing of what else can be received.
        plainly = match[0] in mention.words
        if not (plainly and any(o.start() == match.start() and o is not match for o, _ in denied)):
            yield match[0], [_Spot(mention=mention, start=match.start(), end=match.end())], 0
    for amount in amounts:
        before = [s for s in spots if s.end <= amount.start]
        if not before or amount.number is None or _reached(clause, before[-1], amount, amounts):
            continue
        group = [before[-1]]
        for spot in reversed(before[:-1]):
            if not _JOINED.fullmatch(clause[spot.end : group[0].start]):
                break
            group.insert(0, spot)
        said = clause[group[0].start : amount.end]
        yield "".join(said.split()), group, amount.number


def _reached(clause: str, spot: _Spot, amount: Quantity, amounts: Sequence[Quantity]) -> bool:
    """Whether the words are too far away, or another number stands nearer to them."""
    between = clause[spot.end : amount.start]
    taken = any(spot.end <= o.start < amount.start for o in amounts)
    return taken or len(between) > _REACH or re.search(r"[0-9]", between) is not None


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


@lru_cache(maxsize=16)
def _words(form: Form) -> _Words:
    """The declared words made ready, longer before shorter."""
    prose = form.prose
    by_word = {word: m for m in prose.mentions if not m.none for word in m.words}
    names = sorted(by_word, key=len, reverse=True)
    none = [
        (re.compile("|".join(_pattern(w) for w in m.words)), m) for m in prose.mentions if m.none
    ]
    return _Words(
        named=re.compile("|".join(map(re.escape, names)) or r"(?!)"),
        by_word=by_word,
        none=none,
        apart=[word for word in prose.apart if not word.endswith("…")],
        onwards=[word.rstrip("…") for word in prose.apart if word.endswith("…")],
    )


def _pattern(word: str) -> str:
    return _GAP.join(map(re.escape, word.split("…")))
