"""Compare the figures that a text names with the tables. The section [prose] of a form declares
which words mean which figures, and which words show that a text speaks of something else.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from typing import Final, NamedTuple

from xltools.checks.case import CheckContext
from xltools.checks.quantities import (
    Clause,
    Quantity,
    clauses,
    has_quantities,
    quantities,
)
from xltools.model.evaluate import prepare
from xltools.model.form import Form, Mention
from xltools.model.formula import Linear
from xltools.model.numbers import Number
from xltools.model.stated import prose_years, without_prose_years

_GAP: Final = r"[^，。；0-9]{0,20}?"  # what … in a declared word matches: 未发生…诉讼
_JOINED: Final = re.compile(r"[^0-9]{0,10}?(?:[、和及与或并加]|以及)[^0-9]{0,8}")
_REACH: Final = 30  # characters between a word and its number
# Between a word and its number these say nothing of whose number it is: 共, 合计, 数量为.
_BARE: Final = re.compile(r"(?:完毕|完成|[\s共总合累计数量约为是有了达到均的“”\"【】])*")
_NEVER: Final = r"(?!)"
_DIGIT: Final = re.compile(r"[0-9]")


class Claim(NamedTuple):
    """A figure that a text states. ``passage``: the words as they are in the text; ``mentions``:
    what these words mean, several where they are joined by a word such as 和; ``number``: the
    number stated for them.
    """

    passage: str
    mentions: tuple[Mention, ...]
    number: Number

    @property
    def words(self) -> tuple[tuple[str, ...], ...]:
        """The declared words of its mentions, by which claims about the same are told."""
        return tuple(mention.words for mention in self.mentions)


def claims(form: Form, text: str, year: int) -> Sequence[Claim]:
    """The figures that a text (as `plain` gives it) states for ``year`` (0 for any year), in their
    order. Whatever may be about something else is left out; `Prose` explains the words that show
    this.
    """
    words = _words(form)
    if not words.may_state(text):
        return ()
    stated: list[Claim] = []
    for sentence in clauses(text, words.states):
        topics = [words.topic(clause.text) for clause in sentence]
        named = True in topics
        outer = inner = _NOTHING_READ
        for clause, topic in zip(sentence, topics, strict=True):
            if not clause.inside:
                of_clause, outer = _read(words, clause, topic, outer, year, named=named)
                inner = outer
            else:
                of_clause, inner = _read(words, clause, topic, inner, year, named=named)
            stated += of_clause
    return stated


class _Scope(NamedTuple):
    """What the clauses read so far mean for the next clause of the same sentence, or of the same
    brackets.

    ``topic``: whether they were about what the form counts, None where they did not say;
    ``elsewhere``: whether they were about another year; ``parts``: the punctuation marks that end
    the present list of parts of a figure, empty outside such a list.
    """

    topic: bool | None = None
    elsewhere: bool = False
    parts: str = ""


_NOTHING_READ: Final = _Scope()


class _Entry(NamedTuple):
    """A declared word. ``mention``: what it means. ``lead``: a number behind it belongs to it even
    when other declared words are nearer; ``free``: the word itself says what is counted; ``act``
    and ``bound``: see `Prose`.
    """

    word: str
    mention: Mention
    lead: bool
    free: bool
    act: bool
    bound: bool


class _Spot(NamedTuple):
    """A declared word in a clause, at the characters ``start`` to ``end``."""

    entry: _Entry
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    """The words that a form declares in [prose], compiled for searching.

    ``named``: finds any declared word. ``entries``: these by their words, and ``gapped``: those
    with … in them, each with its pattern, in the order in which they are tried. ``none``: words
    that say that there was none; ``nothing``: finds any of these. The other fields are the lists of
    `Prose` as patterns; ``onwards`` has the words of ``apart`` that end in …, behind which a text
    lists only parts of a figure. ``odd`` finds any word of ``idle``, ``apart`` and ``aside``.
    """

    named: re.Pattern[str]
    entries: Mapping[str, _Entry]
    gapped: Sequence[tuple[re.Pattern[str], _Entry]]
    none: Sequence[tuple[re.Pattern[str], Mention]]
    nothing: re.Pattern[str]
    idle: re.Pattern[str]
    onwards: re.Pattern[str]
    apart: re.Pattern[str]
    aside: re.Pattern[str]
    odd: re.Pattern[str]
    about: re.Pattern[str]
    other: re.Pattern[str]
    lead: re.Pattern[str]

    def may_state(self, text: str) -> bool:
        """Whether a text may state a figure: whether there is a number of cases in it, or words
        that say that there was none. Sentences without these, which are most, need not be read.
        """
        return has_quantities(text) or self.nothing.search(text) is not None

    def states(self, sentence: str) -> bool:
        """Whether a sentence may state a figure that the form declares a word for."""
        if has_quantities(sentence) and self.named.search(sentence):
            return True
        return self.nothing.search(sentence) is not None

    def spots(self, clause: str) -> list[_Spot]:
        """The declared words in a clause, in their order."""
        return [_Spot(self.entry(m[0]), *m.span()) for m in self.named.finditer(clause)]

    def entry(self, found: str) -> _Entry:
        """The declared word that ``named`` has found as this text."""
        entry = self.entries.get(found)
        return entry or next(entry for gapped, entry in self.gapped if gapped.fullmatch(found))

    def topic(self, clause: str) -> bool | None:
        """Whether the last noun in a clause is something that the form counts; None for a clause
        without a noun. The nouns are those that the form declares: ``about`` for what it counts,
        ``other`` for other things.

        A noun directly behind another one belongs to that one, so it does not mean what the form
        counts: in 复议申请, the word 申请 is not an application that the form counts.
        """
        nouns = [*self.about.finditer(clause), *self.other.finditer(clause)]
        if not nouns:
            return None
        if len(nouns) > 1:
            nouns.sort(key=lambda m: m.start())
        topic, end = False, -1
        for noun in nouns:
            topic = noun.re is self.about and noun.start() != end
            end = noun.end()
        return topic


def _read(
    words: _Words, clause: Clause, topic: bool | None, scope: _Scope, year: int, *, named: bool
) -> tuple[Sequence[Claim], _Scope]:
    """The figures that a clause states, and the scope for the next clause. ``topic``: that of the
    clause; ``named``: whether any clause of the sentence names what the form counts.
    """
    text = clause.text
    if scope.parts:
        return (), scope._replace(parts="") if clause.mark in scope.parts else scope
    if words.odd.search(text):
        if onwards := words.onwards.search(text):
            bare = _BARE.fullmatch(text, onwards.end()) is not None
            up_to = "。" if bare and clause.mark in (":", "：") else "；;"
            over = clause.mark in ("；", ";")
            text, scope = text[: onwards.start()], scope._replace(parts="" if over else up_to)
            topic = words.topic(text)
        if words.apart.search(words.idle.sub(" ", text)):
            return (), scope._replace(topic=False)
        if words.aside.search(text):
            said = topic is not None and scope.topic is None
            return (), scope._replace(topic=topic) if said else scope
    spots = words.spots(text)
    years = set(prose_years(text)) if year and "20" in text else set()
    leads = [spot for spot in spots if spot.entry.lead]
    if years and year not in years and leads:
        spots = leads  # 2023年结转3件 is a figure of the year after
    elif years:
        scope = scope._replace(elsewhere=year not in years)
    stated: Sequence[Claim] = ()
    if not scope.elsewhere or (years and leads):
        stated = list(_claims(words, text, spots, scope, named=named))
    return stated, scope if topic in (None, scope.topic) else scope._replace(topic=topic)


def _claims(
    words: _Words, text: str, spots: Sequence[_Spot], scope: _Scope, *, named: bool
) -> Iterator[Claim]:
    """The figures that a clause (``text``) states for the year. ``spots``: the declared words in
    it.
    """
    denied = words.nothing.search(text) is not None
    if not spots and not denied:
        return
    amounts = list(quantities(text))
    if denied and not amounts:
        yield from _denials(words, text, scope)
    ends = [0, *(amount.end for amount in amounts)]
    for number, amount in enumerate(amounts):
        window = [s for s in spots if ends[number] <= s.start and s.end <= amount.start]
        if not window or amount.number is None:
            continue
        chosen = next((s for s in reversed(window) if s.entry.lead), window[-1])
        if chosen.entry.lead and any(s.entry.free for s in window):
            continue
        asked = chosen.entry.free and words.about.search(text, chosen.end, amount.start)
        if asked and any(s.entry.act for s in window):
            continue  # 收到行政复议申请12件 is what the reviewing body reports
        behind = text[amount.end : amounts[number + 1].start if amounts[number + 1 :] else None]
        if _counts(words, text, chosen, amount, behind, scope, named=named):
            group = _group(text, window, window.index(chosen))
            passage = "".join(text[group[0].start : amount.end].split())
            mentions = tuple(spot.entry.mention for spot in group)
            yield Claim(passage=passage, mentions=mentions, number=amount.number)


def _counts(
    words: _Words,
    text: str,
    spot: _Spot,
    amount: Quantity,
    behind: str,
    scope: _Scope,
    *,
    named: bool,
) -> bool:
    """Whether the number ``amount`` belongs to the declared word before it (``spot``), and the word
    is about what the form counts. ``behind``: the text from this number to the next one; ``named``:
    as for `_read`.
    """
    entry, between = spot.entry, text[spot.end : amount.start]
    if len(between) > _REACH:
        return False
    if _DIGIT.search(between) and _DIGIT.search(without_prose_years(between)):
        return False
    if entry.free:
        return True
    topic = words.topic(text[: amount.end])
    if topic is None:
        topic = words.topic(behind)
    if topic is None:
        topic = scope.topic
    if topic is False:
        return False
    if entry.act and not _BARE.fullmatch(between) and not words.about.search(between):
        return False  # 收到锦旗3件
    return not entry.bound or topic is True or named


def _group(text: str, window: Sequence[_Spot], at: int) -> list[_Spot]:
    """The declared word at index ``at`` of ``window`` with those before and behind it that are
    joined to it, as in 行政复议和行政诉讼.
    """
    first = last = at
    while first and _joined(text, window[first - 1], window[first]):
        first -= 1
    while last + 1 < len(window) and _joined(text, window[last], window[last + 1]):
        last += 1
    return list(window[first : last + 1])


def _joined(text: str, left: _Spot, right: _Spot) -> bool:
    """Whether two declared words share one number: 行政复议和行政诉讼, or directly 复议诉讼."""
    if left.entry.free is not right.entry.free:
        return False
    between = text[left.end : right.start].strip()
    return _JOINED.fullmatch(between) is not None or (left.entry.free and not between)


def _denials(words: _Words, text: str, scope: _Scope) -> Iterator[Claim]:
    """Claims of 0: passages of a clause without numbers that say that there was none."""
    for pattern, mention in words.none:
        match = pattern.search(text)
        if match is None:
            continue
        if not words.other.search(match[0]) and not words.lead.search(match[0]):
            behind = text[match.end() :]
            bare = _BARE.fullmatch(behind) is not None
            if words.other.search(behind) or (bare and scope.topic is False):
                continue  # 未收到…行政复议 denies the review only
            if not bare and not words.about.search(behind):
                continue  # 未收到锦旗
        yield Claim(passage=match[0], mentions=(mention,), number=0)


@lru_cache(maxsize=16)
def _words(form: Form) -> _Words:
    """The declared words of a form, compiled for searching; longer ones come before shorter
    ones.
    """
    prose = form.prose
    lead, other = _any(prose.lead), _any(prose.other)
    entries = [
        _Entry(
            word=word,
            mention=mention,
            lead=lead.search(word) is not None,
            free=other.search(word) is not None,
            act=word in prose.acts,
            bound=word in prose.bound,
        )
        for mention in prose.mentions
        if not mention.none
        for word in mention.words
    ]
    entries.sort(key=lambda entry: len(entry.word), reverse=True)
    named = "|".join(_pattern(entry.word) for entry in entries)
    gapped = [(re.compile(_pattern(entry.word)), entry) for entry in entries if "…" in entry.word]
    if named and all(entry.word[0] != "…" for entry in entries):
        # Nearly everywhere in a text it shows from one character that none of the words is there.
        first = re.escape("".join(dict.fromkeys(entry.word[0] for entry in entries)))
        named = f"(?=[{first}])(?:{named})"
    onwards = [word.rstrip("…") for word in prose.apart if word.endswith("…")]
    return _Words(
        named=re.compile(named or _NEVER),
        entries={
            # Of two that match alike, the first is found.
            entry.word: next((e for p, e in gapped if p.fullmatch(entry.word)), entry)
            for entry in entries
            if "…" not in entry.word
        },
        gapped=gapped,
        none=[(_any(m.words), m) for m in prose.mentions if m.none],
        nothing=_any([word for m in prose.mentions if m.none for word in m.words]),
        idle=_any(prose.idle),
        onwards=_any(onwards),
        apart=_any([word for word in prose.apart if not word.endswith("…")]),
        aside=_any(prose.aside),
        odd=_any([*prose.idle, *prose.apart, *prose.aside]),
        about=_any(prose.about),
        other=other,
        lead=lead,
    )


def _any(words: Sequence[str]) -> re.Pattern[str]:
    """A pattern that finds any of some words, in each of which … matches a few characters; it never
    matches when there are no words.
    """
    return re.compile("|".join(map(_pattern, words)) or _NEVER)


def _pattern(word: str) -> str:
    """A declared word as a regular expression, in which … matches up to 20 characters without
    punctuation or digits.
    """
    return _GAP.join(map(re.escape, word.split("…")))


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """A figure in a text that differs from the tables in every possible reading of its words.

    ``passage``: the words as they are in the text; ``expected``: the figures in the tables, one for
    each reading; ``items``: the numbers of the items that these are made of.
    """

    passage: str
    expected: tuple[Number, ...]
    items: tuple[int, ...]


def mismatches(case: CheckContext, text: str, year: int) -> tuple[Mismatch, ...]:
    """The figures in a text that differ from the tables, each once, in their order.

    Figures for parts of a whole are not reported: numbers stated for the same words that are
    smaller than one that agrees (全市收到20件，甲县收到8件), or that add up to the figure in the
    tables.
    """
    stated = claims(case.form, text, year)
    if not stated or all(_agrees(case, claim) for claim in stated):
        return ()
    readings_of = [(claim, _sums(case, claim.mentions)) for claim in stated]
    judged = [(claim, readings) for claim, readings in readings_of if readings]
    named: dict[tuple[tuple[str, ...], ...], list[Number]] = {}
    for claim, _ in judged:
        named.setdefault(claim.words, []).append(claim.number)
    wrong: dict[Mismatch, None] = {}
    for claim, readings in judged:
        expected = tuple(dict.fromkeys(value for value, _ in readings))
        numbers = named[claim.words]
        wholes = [number for number in numbers if number in expected]
        added = len(numbers) > 1 and sum(numbers) in expected
        if claim.number not in expected and not added and claim.number >= max(wholes, default=0):
            items = tuple(dict.fromkeys(i for _, summands in readings for i in summands))
            wrong[Mismatch(passage=claim.passage, expected=expected, items=items)] = None
    return tuple(wrong)


def _agrees(case: CheckContext, claim: Claim) -> bool:
    """Whether a number is plainly the figure of one of its words, as most are: no other reading of
    the words can make it wrong.
    """
    totals = case.assessment.totals
    for mention in claim.mentions:
        for linear in mention.readings:
            if claim.number == linear.value(totals) and all(
                totals[operand.item] is not None for operand in linear.operands
            ):
                return True
    return False


def _sums(case: CheckContext, mentions: Sequence[Mention]) -> list[tuple[Number, list[int]]]:
    """The numbers that some joined words may mean, each with the items that it is made of: the
    figure of any one of the words, or of several added up. Empty where one of the figures is not
    available.
    """
    readings: list[list[tuple[Number, list[int]]]] = []
    for mention in mentions:
        readings.append([])
        for linear in mention.readings:
            value = _sum(case, linear)
            if value is None:
                return []
            readings[-1].append((value, [operand.item for operand in linear.operands]))
    values = [reading for of_mention in readings for reading in of_mention]
    for size in range(2, len(readings) + 1):
        for several in combinations(readings[:4], size):
            first = [of_mention[0] for of_mention in several]
            total: Number = 0
            for value, _ in first:
                total = total + value
            values.append((total, [item for _, items in first for item in items]))
    return values


def _sum(case: CheckContext, linear: Linear) -> Number | None:
    """The value of a sum in the return, with totals computed anew; None where one of its figures
    was not found or not filled in.
    """
    totals, blanks, absent = case.assessment.totals, case.assessment.blanks, case.absent
    if any(totals[operand.item] is None for operand in linear.operands):
        return None
    if blanks or absent:
        leaves = prepare(case.form).leaves
        for below in (leaves(operand.item) for operand in linear.operands):
            if not absent.isdisjoint(below) or blanks.issuperset(below):
                return None  # not filled in: others say so
    return linear.value(totals)
