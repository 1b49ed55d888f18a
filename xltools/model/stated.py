"""Find the measure (万元, 人民币元, 万件) and the year (2024年, 24年, 二〇二四年) that the texts
beside figures give for them.

A text gives its measure only in these ways: 单位：万元, 以万元为单位, （万元）, 收费金额/万元, or
the measure alone. Nothing else is taken for one: 填报单位：甲局, 增/减, （含街道）. For years there
are several functions, because what counts as one depends on where the text is: a title also
contains dates and editions, and a sentence years of other matters.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal, localcontext
from enum import Enum
from functools import lru_cache
from typing import Final

from xltools.model.evaluate import EXACT
from xltools.model.form import Item, ItemType
from xltools.model.numbers import MEASURES, MONEY, Number, tidy
from xltools.model.text import folded, half_width

Span = tuple[Number, Number | None]
"""The first and the last number of a range; None for the last if the range has no end."""

_SPREAD: Final = 3  # the factor by which an amount may differ from last year's
_SAME: Final = 100  # the form's bound for 元 applies only from so many times last year's amount on
_STEP: Final = Decimal("0.000001")


def yuan(item: Item) -> int:
    """How many 元 there are in the money unit of an input; 0 for a total, for an item that is not
    an amount, and for an amount in 元.
    """
    if item.type is not ItemType.AMOUNT or item.formula is not None:
        return 0
    factor = 10 ** MONEY[item.unit]
    return factor if factor > 1 else 0


def in_yuan(item: Item, last: Number) -> tuple[Span, ...]:
    """The ranges of numbers in which a figure of this input was probably entered in 元 instead of
    the item's unit: around last year's figure converted to 元, and numbers larger than the form
    considers possible. Empty for an item that is not an amount in another unit than 元.

    ``last``: last year's figure in the item's unit, 0 if it is not known.
    """
    factor = yuan(item)
    if not factor:
        return ()
    if last <= 0:
        return ((item.yuan_from, None),) if item.yuan_from else ()
    with localcontext(EXACT):  # an amount of any size must not overflow
        times = Decimal(last) * factor
        first = (times / _SPREAD).quantize(_STEP, ROUND_CEILING)
        spans: list[Span] = [(tidy(first), tidy(times * _SPREAD))]
        if item.yuan_from:
            spans.append((tidy(max(Decimal(item.yuan_from), Decimal(last) * _SAME)), None))
    return tuple(spans)


def probably_yuan(
    item: Item, number: Number, last: Number, figures: Sequence[Number | None]
) -> bool:
    """Whether ``number`` was probably entered in 元: it lies in one of the ranges of `in_yuan`.

    If last year's figure is not known (``last`` is 0), the number must also be plausible as an
    amount of 元, that is, reach the sum in ``Item.yuan_least``. ``figures``: all figures of the
    return by item number, for computing this sum.
    """
    if last <= 0 and item.yuan_least is not None and number < item.yuan_least.value(figures):
        return False
    return any(
        first <= number and (end is None or number <= end) for first, end in in_yuan(item, last)
    )


LONGEST: Final = 120  # the most characters of a text that may name a measure; longer ones are prose


class MeasureKind(Enum):
    """What kind of thing a measure measures."""

    MONEY = "money"  # in the national currency
    COUNT = "count"
    SCALE = "scale"  # 万 alone, which may mean 万元 or 万件
    CURRENCY = "currency"  # a foreign currency
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure as a text gives it. ``word``: the text; ``kind``: what it measures; ``power``: n if
    it means 10^n 元 or 件.

    ``likely``: the word is certainly a measure, whether it can be converted or not; if False, it
    may be any other word.
    """

    word: str
    kind: MeasureKind
    power: int = 0
    likely: bool = True

    @property
    def share(self) -> bool:
        """Whether it is a percentage or per mille."""
        return self.word in ("%", "％", "‰")


@dataclass(frozen=True, slots=True)
class Stated:
    """What a text says about measures. ``bare``: the text without the measures and the words around
    them; the whole text if it names none.

    ``marked``: the text shows that they are measures, by the word 单位 or by brackets.
    """

    bare: str
    measures: tuple[Measure, ...] = ()
    marked: bool = False

    @property
    def alone(self) -> bool:
        """Whether the text names measures and says nothing else."""
        return bool(self.measures) and not any(c.isalnum() for c in self.bare)


_SCALES: Final = {"十": 1, "百": 2, "千": 3, "万": 4, "亿": 8}
_COUNTS: Final = MEASURES | frozenset(
    "批 场 篇 页 册 张 本 封 单 台 辆 套 所 处 批次 场次 家次 户次 人件 件人".split()
)
_YUAN: Final = frozenset(("元", "圆", "块", "块钱", "元整"))
_FOREIGN: Final = re.compile(
    r"(?:[美欧港日韩加澳新台]|新台|澳门|加拿大|新加坡)(?:元|币|圆|金)|英镑|卢布|法郎|泰铢|卢比|外币|外汇"
    r"|USD|EUR|HKD|JPY|GBP|TWD|KRW|MOP|[$€£]",
    re.IGNORECASE,
)
_OTHER: Final = frozenset(
    "% ‰ 米 公里 千米 平方米 平方公里 立方米 亩 公顷 吨 公斤 千克 克 天 日 月 年 小时 分钟 角 分"
    " m2 km kg".split()
)
_CURRENCY: Final = re.compile(r"人民币|RMB|CNY|¥", re.IGNORECASE)
_TIMES: Final = re.compile(r"(?<=[件人户家项])\(([次人户])\)")  # 件（次）

_OPEN, _CLOSE = "([{【〔「『〈《", ")]}】〕」』〉》"
_BRACKETS: Final = re.compile(
    rf"[{re.escape(_OPEN)}]([^{re.escape(_OPEN + _CLOSE)}]*)[{re.escape(_CLOSE)}]"
)
_LIST: Final = re.compile(r"[、,/;和及与或]+")
_LEAD: Final = re.compile(r"^(?:金额|数量|费用|货币|币种|计价|计量|人民币)[:为]?")
_UNIT: Final = re.compile(
    r"单位 ?(?P<verb>:|均?[为是系]:?|) ?"
    rf"[{re.escape(_OPEN)}]?(?P<body>(?:(?!单位)[^{re.escape(_OPEN + _CLOSE)}。;:])+)"
)
_BY: Final = re.compile(
    r"[以按](?P<body>[^以按为作。,;:]{1,8}?)"
    r"(?:[为作](?:计量|金额|货币|计价)?单位|计算|计|填列|填报|统计)"
)
_KINDS: Final = re.compile(r"(?:计量|金额|货币|计价|数量|计数|计费|费用|收费)$")  # before 单位
_BEHIND: Final = re.compile(r"(?<=[^\s/:|_-])(?: ?[/:|_ -] ?(?P<body>\S{1,8})|(?P<sign>[¥$€£%‰]))$")
_HINT: Final = re.compile(
    r"单\s*位|[以按]|[元圆币镑万亿¥￥$€£%％‰]|[（(\[［【〔「{｛/／:：|_\s-]|^.{1,3}$"
)


@lru_cache(maxsize=1 << 12)
def measure(word: str) -> Measure | None:
    """The measure that a word names; None if it names only the currency, or nothing."""
    bare = half_width(word)
    rest = _CURRENCY.sub("", _TIMES.sub(r"\1", bare))
    national = rest != bare
    start = next((n for n, c in enumerate(rest) if c not in _SCALES), len(rest))
    scale, power, rest = rest[:start], sum(_SCALES[c] for c in rest[:start]), rest[start:]
    if rest in _YUAN or (not rest and (bare == "¥" or (scale and national))):
        return Measure(bare, MeasureKind.MONEY, power)
    if not rest:
        # 十 and 百 alone are the number of a row: （十）.
        return Measure(bare, MeasureKind.SCALE, power, scale[-1] in "万亿") if scale else None
    if rest in _COUNTS or (rest.endswith("数") and rest[:-1] in _COUNTS):
        return Measure(bare, MeasureKind.COUNT, power)
    if _FOREIGN.fullmatch(rest):
        return Measure(bare, MeasureKind.CURRENCY)
    return Measure(bare, MeasureKind.OTHER, likely=rest in _OTHER)


@lru_cache(maxsize=1 << 14)
def stated(text: str) -> Stated:
    """Find the measures that a text names. The time is linear in the length of the text."""
    if len(text) > LONGEST or not _HINT.search(text):
        return Stated(text)
    plain = " ".join(folded(text).split())
    plain = _TIMES.sub(r"\1", re.sub(r"单 位", "单位", plain))
    listed = _whole(plain)
    if listed is not None:
        return listed
    measures: list[Measure] = []
    left = plain
    for words, place in (*_said(plain), *_bracketed(plain)):
        measures += words
        left = left.replace(place, " ", 1)
    behind = None if measures else _BEHIND.search(plain)
    if behind:
        measures += _listed(behind["body"] or behind["sign"])
        left = plain[: behind.start()]
    if not measures:
        return Stated(text)
    return Stated(left.strip(), tuple(dict.fromkeys(measures)), marked=behind is None)


def _whole(plain: str) -> Stated | None:
    """The result for a text that is nothing but a list of measures, in brackets or not; None for
    any other text.
    """
    marked = plain[:1] in _OPEN and plain[-1:] in _CLOSE and len(plain) > 2
    words = _listed(plain[1:-1] if marked else plain)
    if not marked and any(word.kind in (MeasureKind.SCALE, MeasureKind.OTHER) for word in words):
        return None
    return Stated("", words, marked) if words else None


def _said(plain: str) -> Iterator[tuple[Sequence[Measure], str]]:
    """Yield the measures that a text calls a unit (单位：万元, 以万元为单位), each time with the
    piece of the text that does so.
    """
    for match in _UNIT.finditer(plain):
        before = plain[: match.start()]
        kind = _KINDS.search(before)
        # In 金额单位：元 the word 金额 belongs to the unit; in 收费金额单位：元 it belongs to 收费.
        complete = kind is not None and not before[: kind.start()][-1:].isalpha()
        start = kind.start() if kind and complete else match.start()
        for body in (match["body"].rstrip(), match["body"].split(" ")[0]):
            words = _leading(body)
            if words and (
                match["verb"] or any(w.power or w.kind is MeasureKind.MONEY for w in words)
            ):
                yield words, plain[start : match.start("body") + len(body)]
                break
        else:
            # In 报送单位：甲局 the word 单位 does not mean a unit of measure.
            free = complete or not before[-1:].isalpha()
            if free and match["verb"].endswith(":") and match["body"].strip():
                word = _LIST.split(match["body"].split(" ")[0])[0]
                named = measure(word)
                if named is not None:
                    yield (named,), plain[start : match.end()]
    for match in _BY.finditer(plain):
        words = _listed(match["body"])
        if words:
            yield words, match[0]


def _bracketed(plain: str) -> Iterator[tuple[Sequence[Measure], str]]:
    """Yield the measures in each pair of brackets that contains nothing else, with the brackets."""
    for match in _BRACKETS.finditer(plain):
        words = _listed(_LEAD.sub("", match[1].strip()))
        if words:
            yield words, match[0]


def _listed(text: str) -> tuple[Measure, ...]:
    """The measures in a text that is nothing but a list of them: 件、万元. Empty for any other
    text.
    """
    if not 0 < len(text) <= 20:
        return ()
    named = [measure(word) for word in _LIST.split(text.replace(" ", "")) if word]
    words = tuple(word for word in named if word is not None)
    sure = all(word.likely and (word.kind is not MeasureKind.OTHER or not word.word.isalpha())
               for word in words)  # fmt: skip
    return words if sure else ()


def _leading(text: str) -> tuple[Measure, ...]:
    """The measures at the beginning of a list, up to the first word that is not one:
    元，保留两位小数.
    """
    words: list[Measure] = []
    for word in _LIST.split(text.replace(" ", "")):
        named = measure(word) if word else None
        if named is None and word:
            continue
        if named is None or not named.likely:
            break
        words.append(named)
    return tuple(words)


YEAR: Final = "(?:(?:19|20)[0-9]{2}|[一二][〇○零Oo0一二三四五六七八九]{3})"
"""A regular expression for a year in Arabic or Chinese digits, to be used in those for dates and
titles.
"""

_DIGITS: Final = str.maketrans("〇○零Oo一二三四五六七八九", "00000123456789")

PERIOD_YEAR: Final = re.compile(
    # A year in brackets, or before 版 or 号, belongs to a document or an edition.
    r"(?<![0-9.〔\[])(?:(?:19|20)[0-9]{2}(?!\.?[0-9]|[〕\]]|年?版|年?第?[0-9]*号)(?:年度?)?"
    r"|[0-9]{2}年(?![版以内来间前后]|第?[0-9]*号)度?|[一二][〇○零一二三四五六七八九]{3}年度?)"
)
"""A regular expression for a year above figures or in the title of a table; the text must be in
half width.
"""

# Neither a day (2024年1月12日) nor an edition (2021年版).
_IN_TITLE: Final = re.compile(r"(?<![0-9])(20[0-9]{2})\s*年(?!\s*(?:[0-9]{1,2}\s*月|版|修订|印发))")
_IN_PROSE: Final = re.compile(r"(20(?<![0-9]20)[0-9]{2})\s*年度?")  # fast, as 20 comes first
_ALONE: Final = re.compile(r"((?:19|20)[0-9]{2})年?")
_FIRST: Final = re.compile(r"(?<![0-9])(?:19|20)[0-9]{2}(?![0-9])")


def number(written: str) -> int:
    """The number of a year as ``YEAR`` matches it: 2024 for 2024 or 二〇二四."""
    return int(written.translate(_DIGITS))


def only_year(text: str) -> int:
    """The year if a text consists of nothing else, with or without 年; 0 for any other text."""
    match = _ALONE.fullmatch(text)
    return int(match[1]) if match else 0


def first_year(text: str) -> int:
    """The first number of four digits in a text that can be a year (1900 to 2099); 0 if there is
    none.
    """
    match = _FIRST.search(text)
    return int(match[0]) if match else 0


def period_years(text: str) -> set[int]:
    """All years named in a text above figures. ``text`` must be in half width; 24年 is read as
    2024.
    """
    digits = [re.sub("[^0-9]", "", y.translate(_DIGITS)) for y in PERIOD_YEAR.findall(text)]
    return {int(year) if len(year) > 2 else 2000 + int(year) for year in digits}


def title_year(title: str) -> int:
    """The one year that a title names; 0 if it names none or several. Years of dates and editions
    are ignored.
    """
    years = {int(year) for year in _IN_TITLE.findall(folded(title))}
    return years.pop() if len(years) == 1 else 0


def prose_years(text: str) -> list[int]:
    """All years written with 年 in a text, in order; its digits must be in half width."""
    return [int(year) for year in _IN_PROSE.findall(text)]


def without_prose_years(text: str) -> str:
    """The text without the years that ``prose_years`` finds."""
    return _IN_PROSE.sub("", text)
