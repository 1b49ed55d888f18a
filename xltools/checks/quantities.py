"""Split a text into sentences and clauses, and find the numbers of cases (with 件, 宗, 起 or 例) in
them.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

from xltools.model.numbers import LONGEST, Number, read

_CUT: Final = re.compile(r"[。；;！!？?\n]")
# A comma between groups of three digits belongs to the number. All marks come first: this is fast.
_CLAUSE: Final = re.compile(
    r"[，,:：()（）。；;！!？?\n](?:(?<![，,])|(?<![0-9][，,])|(?![0-9]{3}(?![0-9])))"
)
_DIGITS: Final = "零一二三四五六七八九"
_UNITS: Final = {"十": 10, "百": 100, "千": 1000}
_CHINESE: Final = "〇零一二两三四五六七八九十百千万"
_NUMBER: Final = re.compile(
    # Nearly everywhere in a text it shows from one character that no number begins there.
    rf"(?=[\s0-9{_CHINESE}约近超逾第每同任大不至最以])"
    r"(?P<before>[约近超逾第每同任]|超过|大约|不到|不足|至少|最多|以上)?\s*"
    rf"(?P<number>[0-9][0-9,，.]*[万]?|[{_CHINESE}]+)"
    r"\s*(?P<odd>[余多几])?\s*(?P<measure>件次|[件宗起例])(?P<after>以上|左右|以内)?"
)
_LONGEST: Final = 200  # characters of a clause
_TOGETHER: Final = "一起"  # hardly ever one case
_STOP: Final = re.compile(r"[。！!？?\n]")
# Full-width digits and point; one character stays one character.
_PLAIN: Final = str.maketrans("０１２３４５６７８９．", "0123456789.")
_WIDE: Final = re.compile("[０-９．]")
# Every match of `_NUMBER` contains one of this, which is found much faster.
_CASES: Final = re.compile(rf"[0-9{_CHINESE}][,，.]*万?\s*[余多几]?\s*[件宗起例]")


class Quantity(NamedTuple):
    """A number of cases in a clause. ``text``: as it is written, from character ``start`` to
    ``end``. ``number``: its value; None where it is not exact, as in 约30件 or 第三件.
    """

    start: int
    end: int
    text: str
    number: Number | None


class Clause(NamedTuple):
    """A clause of a sentence. ``mark``: the punctuation mark behind it, empty at the end of the
    sentence; ``inside``: whether it is in brackets.
    """

    text: str
    mark: str
    inside: bool


def plain(text: str) -> str:
    """The text with full-width digits and points replaced by half-width ones; its length stays the
    same.
    """
    return text.translate(_PLAIN) if _WIDE.search(text) else text


def sentences(text: str, words: Sequence[str] = ("",)) -> Iterator[list[str]]:
    """Split a text (as `plain` gives it) at full stops and semicolons; each sentence is a list of
    its clauses. Clauses of more than 200 characters are left out: they are not real clauses and
    take long to search. ``words``: only sentences that contain one of these are wanted.
    """
    if not any(word in text for word in words):
        return
    for sentence in _CUT.split(text):
        if any(word in sentence for word in words):
            yield [c for c in _CLAUSE.split(sentence) if len(c) <= _LONGEST and c.strip()]


def clauses(text: str, wanted: Callable[[str], bool]) -> Iterator[list[Clause]]:
    """Split a text (as `plain` gives it) at full stops, not at semicolons; each sentence is a list
    of its clauses. Clauses of more than 200 characters are left out, as in `sentences`.
    ``wanted``: only sentences for which it returns True are.
    """
    for sentence in filter(wanted, _STOP.split(text)):
        pieces: list[Clause] = []
        depth = start = 0
        for cut in _CLAUSE.finditer(sentence):
            mark = cut[0]
            pieces.append(Clause(sentence[start : cut.start()], mark, depth > 0))
            if mark in "(（":
                depth += 1
            elif mark in ")）" and depth:
                depth -= 1
            start = cut.end()
        pieces.append(Clause(sentence[start:], "", depth > 0))
        yield [c for c in pieces if len(c.text) <= _LONGEST]


def has_quantities(text: str) -> bool:
    """Whether a text may contain a number of cases. If not, none of its clauses has any."""
    measured = "件" in text or "宗" in text or "起" in text or "例" in text
    return measured and _CASES.search(text) is not None


def quantities(clause: str) -> Iterator[Quantity]:
    """The numbers of cases (件, 宗, 起, 例) in a clause, in order."""
    for match in _NUMBER.finditer(clause):
        before, number, odd, _, after = match.groups()
        exact = not (before or odd or after or match[0] == _TOGETHER)
        start, end = match.start("number"), match.end()
        yield Quantity(start, end, clause[start:end], _value(number) if exact else None)


def _value(text: str) -> Number | None:
    """The value of a number in digits or Chinese numerals; None for anything else, and for more
    digits than `LONGEST`.
    """
    if text[0] in _CHINESE:
        return numeral(text)
    if len(text) > LONGEST:
        return None
    if text.isdigit() and text.isascii() and (text[0] != "0" or len(text) == 1):
        return int(text)
    reading = read(text + ("件" if text.endswith("万") else ""))
    return reading.number if reading is not None else None


def numeral(text: str) -> int | None:
    """The value of a number in Chinese numerals below 万万, such as 一百零五, 两千, 十二 or 二〇;
    None for any other text.

    Numerals in a row without 十, 百, 千 or 万 are read as digits. A last numeral directly behind
    百, 千 or 万 (一百五) may mean 150 or 105, so this gives None, too.
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
