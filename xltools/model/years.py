"""The years that a text names: 2024年, ２０２４, 24年, 二〇二四年.

Each function says which of them it takes, as that depends on where the text stands: a title has
dates and editions in it that are no year of the figures, a sentence has years of other things.
"""

import re
from typing import Final

from xltools.model.text import folded

YEAR: Final = "(?:(?:19|20)[0-9]{2}|[一二][〇○零Oo0一二三四五六七八九]{3})"
"""A pattern of a year in Arabic or Chinese digits, for use in patterns of dates and titles."""

_DIGITS: Final = str.maketrans("〇○零Oo一二三四五六七八九", "00000123456789")

PERIOD_YEAR: Final = re.compile(
    # A year in brackets, or before 版 or 号, is that of a document or an edition.
    r"(?<![0-9.〔\[])(?:(?:19|20)[0-9]{2}(?!\.?[0-9]|[〕\]]|年?版|年?第?[0-9]*号)(?:年度?)?"
    r"|[0-9]{2}年(?![版以内来间前后]|第?[0-9]*号)度?|[一二][〇○零一二三四五六七八九]{3}年度?)"
)
"""A year over figures, or in the title of a table, in half width."""

# Neither a day (2024年1月12日) nor an edition (2021年版).
_IN_TITLE: Final = re.compile(r"(?<![0-9])(20[0-9]{2})\s*年(?!\s*(?:[0-9]{1,2}\s*月|版|修订|印发))")
_IN_PROSE: Final = re.compile(r"(?<![0-9])(20[0-9]{2})\s*年度?")
_ALONE: Final = re.compile(r"((?:19|20)[0-9]{2})年?")
_FIRST: Final = re.compile(r"(?<![0-9])(?:19|20)[0-9]{2}(?![0-9])")


def number(written: str) -> int:
    """The number of a year that ``YEAR`` matches: 2024, 二〇二四."""
    return int(written.translate(_DIGITS))


def only_year(text: str) -> int:
    """The year of a text that holds nothing else, with or without 年; 0 for any other text."""
    match = _ALONE.fullmatch(text)
    return int(match[1]) if match else 0


def first_year(text: str) -> int:
    """The first number of four digits in a text that may be a year; 0 without one."""
    match = _FIRST.search(text)
    return int(match[0]) if match else 0


def period_years(text: str) -> set[int]:
    """The years that words over figures name; ``text`` in half width. 24年 is 2024."""
    digits = [re.sub("[^0-9]", "", y.translate(_DIGITS)) for y in PERIOD_YEAR.findall(text)]
    return {int(year) if len(year) > 2 else 2000 + int(year) for year in digits}


def title_year(title: str) -> int:
    """The one year that a title is about; 0 for none or several. Dates and editions are none."""
    years = {int(year) for year in _IN_TITLE.findall(folded(title))}
    return years.pop() if len(years) == 1 else 0


def prose_years(text: str) -> list[int]:
    """The years before 年 in a text whose digits are in half width, in order."""
    return [int(year) for year in _IN_PROSE.findall(text)]


def without_prose_years(text: str) -> str:
    """A text without the years that ``prose_years`` finds."""
    return _IN_PROSE.sub("", text)
