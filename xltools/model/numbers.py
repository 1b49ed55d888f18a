"""Read text that people wrote as a number, a void mark (nothing to report), or unreadable; nothing
is guessed.

People write figures as `3件`, `1，234`, `２５．１`, `251000元` or `55（含自然失效29件）`. A text
that can be read in only one way is accepted, and the liberties taken are listed; anything else is
left to a person. Whether a number may be negative, fractional or large is for the checks to judge.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Context, Decimal
from enum import Enum
from typing import Final, TypeAlias

Number: TypeAlias = int | Decimal
"""An integral value is always an int, any other a Decimal without trailing zeros."""

LIBERTIES: Final = (
    "text",  # the cell held text, not a number
    "spaces",  # spaces or invisible characters around it, or before its unit or remark
    "fullwidth",  # full-width digits, point, comma or sign
    "sign",  # a plus sign, or the typographic minus (U+2212)
    "thousands",  # thousands separators
    "unit",  # a measure word or a money unit follows
    "converted",  # the unit carries a factor: 251000元 is 25.1 for 万元, 1.2万 is 12000
    "remark",  # one bracketed remark that names a part of the number
)
"""The codes that `NumberReading.how` may contain, in this order."""


class NumberKind(Enum):
    """What a text was read as."""

    NUMBER = "number"
    VOID = "void"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberReading:
    """A text as it was read. ``number``: None unless ``kind`` is NUMBER; ``how``: the liberties
    taken, codes of LIBERTIES.
    """

    kind: NumberKind
    number: Number | None = None
    how: tuple[str, ...] = ()


MEASURES: Final = frozenset("件个份项次宗起条例笔部家户人名位") | {"人次", "件次", "项次"}
"""Words that only say what is counted; they do not change the number."""

MONEY: Final = {"元": 0, "千元": 3, "万": 4, "万元": 4, "亿": 8, "亿元": 8}
"""Money units, each with n for 10^n 元. 万 and 亿 alone, as units of money, mean 万元 and 亿元."""

DIGITS: Final = 15
"""The number of significant digits of a number in a spreadsheet. Files and copies may contain two
more, which come from adding binary fractions: 3440.0000000000005. Nobody typed these, and no
program shows them.
"""

LONGEST: Final = 100
"""The most characters that a figure may have; any longer text is a sentence."""

_VOID: Final = frozenset(
    (
        "无",
        "没有",
        "暂无",
        "不适用",
        "不涉及",
        "本年无",
        "本年度无",
        "无此项",
        "本年无此项",
        "N/A",
        "NA",
    )
)
# All dashes and lines that input methods offer, except 一, which is the numeral one.
_STROKES: Final = re.compile(r"[-‐‑‒–—―−─━﹘﹣]+|[/\\]+")

# Only these full-width forms are folded, not all of NFKC, which would read 5² as 52 and ① as 1.
# One character stays one character, so that positions hold.
_FOLD: Final = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}

# Zero-width and direction marks, which text copied from web pages and chats may contain.
_INVISIBLE: Final = "\u00ad\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u2060\ufeff" + "".join(
    map(chr, (*range(0x202A, 0x202E), *range(0x2066, 0x206A)))
)
_AROUND: Final = _INVISIBLE + "".join(c for c in map(chr, range(0x3001)) if c.isspace())

# `12.` and `.5` do not match: a digit may have been lost on the empty side. Neither does `05`,
# which may be a code or 0.5 without its point. The quantifiers are possessive: no backtracking.
_FIGURE: Final = re.compile(
    r"(?P<sign>[-+−]?)"
    r"(?P<whole>0|[1-9][0-9]*+(?!,)|[1-9][0-9]{0,2}(?:,[0-9]{3})++)"
    r"(?P<part>\.[0-9]++)?"
    r"(?P<gap>\s*+)(?P<unit>[^\s0-9()]*+)"
    r"(?:(?P<space>\s*+)(?P<remark>\((?:含|其中)[^()]++\)))?"
)
# Wide enough for any text of LONGEST digits and any factor: a whole number is never rounded.
_EXACT: Final = Context(prec=2 * LONGEST)
_SHOWN: Final = Context(prec=DIGITS)


def from_float(x: float | int) -> Number | None:
    """The numeric value of a cell as spreadsheets show it, with DIGITS significant digits: 0.1
    gives Decimal("0.1"), 0.1 + 0.2 gives Decimal("0.3"), 3.0 gives 3.

    None for NaN and the infinities, and for a boolean, which is not a figure.
    """
    if isinstance(x, bool):
        return None
    if isinstance(x, int):
        return x
    shown = Decimal(format(x, f".{DIGITS}g"))
    return tidy(shown) if shown.is_finite() else None


def read(text: str, unit: str = "") -> NumberReading | None:
    """Read the text of one cell in a column whose figures are in `unit`.

    `unit` is "" (or a measure word) for counts and a money unit such as "万元" for amounts; with
    any other unit, only that word itself is understood behind a number. Returns None for a blank
    cell, which has nothing but spaces. Never raises an error; the time is linear in the length of
    the text.
    """
    bare = text.strip(_AROUND)
    if not bare:
        return None
    if len(bare) > LONGEST:
        return NumberReading(kind=NumberKind.UNREADABLE)
    plain = bare.translate(_FOLD)
    if _is_void(plain):
        return NumberReading(kind=NumberKind.VOID)
    match = _FIGURE.fullmatch(plain)
    shift = _shift(match["unit"], unit) if match else None
    if match is None or shift is None:
        return NumberReading(kind=NumberKind.UNREADABLE)
    sign = "-" if match["sign"] in ("-", "−") else ""
    figure = Decimal(sign + match["whole"].replace(",", "") + (match["part"] or ""))
    if match["part"] and figure.adjusted() < DIGITS:
        figure = _SHOWN.plus(figure)  # mail merge and CSV write digits that spreadsheets hide
    number = tidy(_EXACT.scaleb(figure, shift))
    if shift and unit not in MONEY and not isinstance(number, int):
        return NumberReading(kind=NumberKind.UNREADABLE)  # 1.23456万 is no whole number of cases
    bounds = slice(0, match.start("gap"))  # full-width signs in a remark are normal
    taken = {
        "text": True,
        "spaces": bare != text or bool(match["gap"] or match["space"]),
        "fullwidth": bare[bounds] != plain[bounds],
        "sign": match["sign"] in ("+", "−"),
        "thousands": "," in match["whole"],
        "unit": bool(match["unit"]),
        "converted": shift != 0,
        "remark": bool(match["remark"]),
    }
    how = tuple(code for code in LIBERTIES if taken[code])
    return NumberReading(kind=NumberKind.NUMBER, number=number, how=how)


def show(n: Number) -> str:
    """The digits of a number, with a decimal point where needed and never with an exponent."""
    return format(n, "f") if isinstance(n, Decimal) else str(n)


def _is_void(plain: str) -> bool:
    """Whether a text is a mark for "nothing to report" (`/`, `——`, `无`, `不适用`)."""
    mark = "".join(plain.split())
    return mark.removesuffix("。").upper() in _VOID or _STROKES.fullmatch(mark) is not None


def _shift(word: str, unit: str) -> int | None:
    """The power of ten that converts a figure followed by `word` to `unit`; None if that is not
    known.

    A money unit among counts, or a measure word among amounts, is not understood, since the figure
    is probably in the wrong column.
    """
    if not word or word == unit:
        return 0
    if unit in MONEY:
        return MONEY[word] - MONEY[unit] if word in MONEY else None
    if unit and unit not in MEASURES:
        return None
    scale = {"万": 4, "亿": 8}.get(word[0], 0)
    rest = word[1:] if scale else word
    return scale if rest in MEASURES or (scale and not rest) else None


def tidy(value: Decimal) -> Number:
    """The value as an int if it is integral, else as a Decimal without trailing zeros."""
    integral = int(value)
    return integral if value == integral else _EXACT.normalize(value)


def scaled(number: Number, power: int) -> Number:
    """``number`` times 10 to the ``power``, exactly."""
    return tidy(_EXACT.scaleb(Decimal(number), power))


def places(number: Number) -> int:
    """The number of decimals of a number."""
    exponent = number.as_tuple().exponent if isinstance(number, Decimal) else 0
    return max(0, -exponent) if isinstance(exponent, int) else 0


def stored(number: Number) -> int | float:
    """The number as workbooks and JSON hold it: an int, or a float, which keeps up to 15
    significant digits.
    """
    return number if isinstance(number, int) else float(number)
