"""Words of a period: which year's figures a heading or a title speaks of (上年数, 2024年, 累计)."""

import re
from enum import Enum
from typing import Final, TypeAlias

from xltools.match.attribution import plain

_SAID: Final = re.compile(r"[年期]|累计|同比|环比|增减|增长|增幅|季度|[0-9]{4}")
_CHANGE: Final = re.compile(
    r"同比|环比|增减|增长|增幅|(?:[比较与](?:上一?|去)年(?:度|同期)?(?:相比)?)"
)
_RUNNING: Final = re.compile(r"(?:历年)?累计")
_PART: Final = re.compile(r"[上下]半年|第?[一二三四1-4]季度")
_BEFORE: Final = re.compile(r"(?:上一?|去|前)年度?(?:同期)?|上期|同期|往年|以前年度")
_NOW: Final = re.compile(r"(?:本|今|当|全)年度?|本期|报告年度")
# A year in brackets, or before 版 or 号, is that of a document or an edition.
_YEAR: Final = re.compile(
    r"(?<![0-9.〔\[])(?:(?:19|20)[0-9]{2}(?!\.?[0-9]|[〕\]]|年?版|年?第?[0-9]*号)(?:年度?)?"
    r"|[0-9]{2}年(?![版以内来间前后]|第?[0-9]*号)度?|[一二][〇○零一二三四五六七八九]{3}年度?)"
)
_FORMER: Final = str.maketrans("〇○零一二三四五六七八九", "000123456789")
_GONE: Final = re.compile(r"前年|历年|旧表")
_FILLER: Final = re.compile(r"情况|实际|完成|发生|数据|数量|总数|合计|件数|数|值|额|末|度|项")
_TITLED: Final = re.compile(r"表|情况|报告|数据|年报|统计")
_ASIDE: Final = re.compile(r"^(?:注|备注|说明|填报|填表)|月")


class Period(Enum):
    """What words say of the figures that they stand over."""

    THIS = "本年"
    BEFORE = "上年"
    PART = "半年"
    RUNNING = "累计"
    CHANGE = "增减"


Said: TypeAlias = Period | int
"""A period, or a year."""


def period(text: str) -> Said | None:
    """The period that words name; None for none, and where they name several."""
    if not _SAID.search(text):
        return None
    bare = plain(text)
    for pattern, named in (
        (_CHANGE, Period.CHANGE), (_RUNNING, Period.RUNNING), (_PART, Period.PART),
    ):  # fmt: skip
        if pattern.search(bare):
            return named
    before, now = _BEFORE.search(bare), _NOW.search(bare)
    if before or now:
        return None if before and now else Period.BEFORE if before else Period.THIS
    years = _years(bare)
    return years.pop() if len(years) == 1 else None


def earlier(text: str, year: int) -> bool:
    """Whether a title or the name of a sheet says that what it heads is of a year before ``year``
    (0: not known, then only words say so). What names its own year as well is of that year.
    """
    bare = plain(text)
    years = _years(bare)
    if year in years:
        return False
    gone = _BEFORE.search(bare) or _GONE.search(bare)
    return gone is not None or (bool(year) and any(y < year for y in years))


def _years(bare: str) -> set[int]:
    """The years that a text in half width names: 2024, 24年, 二〇二四年."""
    said = [re.sub("[^0-9]", "", y.translate(_FORMER)) for y in _YEAR.findall(bare)]
    return {int(digits) if len(digits) > 2 else 2000 + int(digits) for digits in said}


def conflicts(text: str, label: str) -> bool:
    """Whether a text like a label speaks of another period than the label does. A remark that a
    count runs over years (累计) changes nothing.
    """
    said = period(text)
    return said in (Period.BEFORE, Period.PART, Period.CHANGE) and said is not period(label)


def other(said: Said | None, year: int) -> bool:
    """Whether figures of a period are certainly not those of a year (0: not known)."""
    if isinstance(said, int):
        return bool(year) and said != year
    return said is not None and said is not Period.THIS


def this(said: Said | None, year: int) -> bool:
    """Whether figures of a period are certainly those of a year."""
    return said is Period.THIS or (isinstance(said, int) and said == year)


def rest(text: str) -> str:
    """What of a text, in half width, is left without words of a period."""
    bare = plain(text)
    for pattern in (_CHANGE, _RUNNING, _PART, _BEFORE, _NOW, _YEAR):
        bare = pattern.sub("", bare)
    return bare


def as_asked(text: str) -> tuple[str, ...]:
    """A text as it would read for the year that is asked for."""
    bare = plain(text)
    return _BEFORE.sub("本年", bare), _YEAR.sub("本年", bare)


def filler(text: str) -> bool:
    """Whether a text only says that there are figures (数, 情况, 合计), or nothing."""
    return not any(c.isalnum() for c in _FILLER.sub("", text))


def titled(text: str) -> bool:
    """Whether a text reads like the title of a table."""
    bare = plain(text)
    return bool(_TITLED.search(bare)) and not _ASIDE.search(bare)
