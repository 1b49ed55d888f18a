"""The clauses of a text, and the numbers of cases (件, 宗, 起, 例) that stand in them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from xltools.model.numbers import LONGEST, Number, read

# A comma between groups of three digits belongs to the number.
_CUT: Final = re.compile(r"[。；;！!？?\n]")
_CLAUSE: Final = re.compile(r"(?<![0-9])[，,]|[，,](?![0-9]{3}(?![0-9]))|[:：()（）。；;！!？?\n]")
_DIGITS: Final = "零一二三四五六七八九"
_UNITS: Final = {"十": 10, "百": 100, "千": 1000}
_CHINESE: Final = "〇零一二两三四五六七八九十百千万"
_NUMBER: Final = re.compile(
    r"(?P<before>[约近超逾第每同任]|超过|大约|不到|不足|至少|最多|以上)?\s*"
    rf"(?P<number>[0-9][0-9,，.]*[万]?|[{_CHINESE}]+)"
    r"\s*(?P<odd>[余多几])?\s*(?P<measure>件次|[件宗起例])(?P<after>以上|左右|以内)?"
)
_LONGEST: Final = 200  # characters of a clause
_TOGETHER: Final = "一起"  # hardly ever one case
_STOP: Final = re.compile(r"[。！!？?\n]")
# Full-width digits, point and comma; one character stays one character.
_PLAIN: Final = {ord(c): ord("0") + n for n, c in enumerate("０１２３４５６７８９")} | {0xFF0E: "."}


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """A number of cases in a clause: ``text`` as it is written, from ``start`` to ``end``; and the
    number, None where it is not exact: 约30件, 第三件.
    """

    start: int
    end: int
    text: str
    number: Number | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """A clause of a sentence. ``mark``: the punctuation mark behind it, empty at the end of the
    sentence; ``inside``: whether it stands in brackets.
    """

    text: str
    mark: str
    inside: bool


def plain(text: str) -> str:
    """A text with half-width digits and points in place of full-width ones, as long as before."""
    return text.translate(_PLAIN)


def sentences(text: str) -> Iterator[list[str]]:
    """The sentences of a text (as `plain` gives it) up to full stops and semicolons, each as a list
    of its clauses. Clauses of over 200 characters are left out: nobody writes such, and they take
    long to search.
    """
    for sentence in _CUT.split(text):
        yield [c for c in _CLAUSE.split(sentence) if len(c) <= _LONGEST and c.strip()]


def clauses(text: str) -> Iterator[list[Clause]]:
    """The sentences of a text (as `plain` gives it) up to full stops only, each as a list of its
    clauses. Clauses of over 200 characters are left out, as in `sentences`.
    """
    for sentence in _STOP.split(text):
        pieces: list[Clause] = []
        depth = start = 0
        for cut in _CLAUSE.finditer(sentence):
            pieces.append(Clause(text=sentence[start : cut.start()], mark=cut[0], inside=depth > 0))
            depth = max(0, depth + (cut[0] in "(（") - (cut[0] in ")）"))
            start = cut.end()
        pieces.append(Clause(text=sentence[start:], mark="", inside=depth > 0))
        yield [c for c in pieces if len(c.text) <= _LONGEST]


def quantities(clause: str) -> Iterator[Quantity]:
    """The numbers of cases (件, 宗, 起, 例) in a clause, in order."""
    for match in _NUMBER.finditer(clause):
        exact = not (match["before"] or match["odd"] or match["after"] or match[0] == _TOGETHER)
        yield Quantity(
            start=match.start("number"),
            end=match.end(),
            text=clause[match.start("number") : match.end()],
            number=_value(match["number"]) if exact else None,
        )


def _value(text: str) -> Number | None:
    """The number of a text in digits or in Chinese numerals; None where it is neither."""
    if text[0] in _CHINESE:
        return numeral(text)
    if len(text) > LONGEST:
        return None
    reading = read(text + ("件" if text.endswith("万") else ""))
    return reading.number if reading is not None else None


def numeral(text: str) -> int | None:
    """A number in Chinese numerals below 万万: 一百零五, 两千, 十二, 二〇; None where it is none.

    Numerals in a row without a unit are digits. A last one behind 百, 千 or 万 without 零 (一百五)
    may mean tens as well as ones: None, too.
    """
    if len(text) > 30:
        return None
    text = text.replace("〇", "零").replace("两", "二")
    head, wan, tail = text.rpartition("万")
    if wan:
        high, low = numeral(head) if head else None, numeral(tail) if tail else 0
        loose = bool(tail) and len(tail.lstrip("零")) == 1 and not tail.startswith("零")
        return None if high is None or low is None or loose else high * 10_000 + low
    if not any(unit in text for unit in _UNITS):
        if not text or any(c not in _DIGITS for c in text) or len(text) > 15:
            return None
        return int("".join(str(_DIGITS.index(c)) for c in text))
    total, digit, last = 0, 0, 10_000
    zero = False
    for at, c in enumerate(text):
        if c == "零":
            zero, digit = True, 0
        elif c in _DIGITS:
            if digit:
                return None
            digit = _DIGITS.index(c)
        else:
            unit = _UNITS[c]
            if unit >= last or (not digit and not (c == "十" and at == 0)):
                return None
            total, digit, last, zero = total + (digit or 1) * unit, 0, unit, False
    if digit and last > 10 and not zero:
        return None
    return total + digit
