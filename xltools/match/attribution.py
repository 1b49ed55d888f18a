"""Whose report a document is, and of which year: what the places that may say so say together.

Its own title decides, the one nearest above the report: a page may list the reports of other
bodies and of other years above it. What the title leaves open, the title of the page, the first
sentences, the period of the figures and the date below the report say.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from xltools.match.heading import (
    Foot,
    Title,
    is_name,
    number,
    plain,
    titles,
)
from xltools.model.form import Form

PAGE, SENTENCE, PERIOD, DAY, AGENCY = "网页标题", "正文首句", "统计期限", "落款日期", "落款"

_YEAR: Final = r"((?:19|20)[0-9]{2}|[一二][〇○零Oo0一二三四五六七八九]{3})年"
_PERIOD: Final = re.compile(
    rf"{_YEAR}(?:1|01|一)月(?:1|01|一)日(?:起)?[至到—–\-~,，、]+(?:{_YEAR})?(?:12|十二)月(?:31|三十一)日"
)
_MONTH: Final = r"(?![0-9]{1,2}月|[一二三四五六七八九十]{1,2}月)"
_PIECES: Final = re.compile(r"[_|｜—–>»]|\s-\s|-(?=[^0-9])")
_MADE: Final = re.compile(r"(?:由|现将)?([一-鿿()]{3,40}?)(?:组织)?编制(?:了|并公布)?(?:本|的)?")
_FRONT: Final = 12  # lines above and below a report's title that may hold its first sentence
_SPRING: Final = 6  # a report is published by the end of March; later months say nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribution:
    """Whose a report is and of which year; empty and 0 where nobody says.

    ``year_from``: the place that says the year, where it is not the title; ``contradicting``:
    years that other places say against the title's, by place; ``units``: bodies that other
    places name, by place.
    """

    title: Title
    unit: str = ""
    year: int = 0
    year_from: str = ""
    contradicting: Mapping[str, int] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)


def attributed(
    above: Sequence[str], lines: Sequence[str], heads: Sequence[str], foot: Foot, form: Form
) -> Attribution:
    """Judge the lines above a report, all of its lines, the titles of its page (``heads``), and
    what stands below it.
    """
    near = titles(above, form.title)
    pages = [
        title
        for head in heads
        for piece in _PIECES.split(head)
        for title in titles([piece], form.title)
    ]
    title = near[-1] if near else Title(text="")
    if near and not title.unit and not heads:
        # The title again, without its unit: only where no page is around that lists others.
        before = near[-2] if len(near) > 1 else title
        if before.year == title.year or not title.year:
            title = Title(text=title.text, unit=before.unit, year=title.year or before.year)
    if not near and pages:
        title = pages[0]
    units = {
        place: unit
        for place, unit in (
            (PAGE, next((t.unit for t in pages if t.unit), "")),
            (AGENCY, foot.agency),
            (SENTENCE, _author(lines[:_FRONT], form)),
        )
        if unit and is_name(unit, form.title)
    }
    years = _years(lines, pages, foot, form)
    certain = {place: year for place, year in years.items() if place != DAY}
    agreed = set(certain.values()) or set(years.values())
    unit = title.unit or next(iter(units.values()), "")
    if title.year:
        return Attribution(
            title=title,
            unit=unit,
            year=title.year,
            contradicting={p: y for p, y in certain.items() if y != title.year},
            units=units,
        )
    year = agreed.pop() if len(agreed) == 1 else 0
    places = [place for place, said in years.items() if said == year]
    return Attribution(
        title=title,
        unit=unit,
        year=year,
        year_from=places[0] if year else "",
        units=units,
    )


def _years(lines: Sequence[str], pages: Sequence[Title], foot: Foot, form: Form) -> dict[str, int]:
    """The one year that each place names, where it names one."""
    text = plain("".join(lines))
    periods = {number(first) for first, last in _PERIOD.findall(text) if not last or last == first}
    sentences = re.split(r"[。;；]", plain("。".join(lines[:_FRONT])))
    words = "|".join(map(re.escape, (*form.called, form.title)))
    about = re.compile(rf"{_YEAR}{_MONTH}度?[^。]*(?:{words})[^。]*报告")
    told = {number(m[1]) for s in sentences for m in about.finditer(s)}
    named = {title.year for title in pages if title.year}
    day = foot.date
    years = {
        PAGE: named,
        PERIOD: periods,
        SENTENCE: told,
        DAY: {int(day[:4]) - 1} if day and int(day[5:7]) <= _SPRING else set(),
    }
    return {place: said.pop() for place, said in years.items() if len(said) == 1}


def _author(lines: Sequence[str], form: Form) -> str:
    """The body that the first sentences say has made the report; empty for 本机关 and the like."""
    for line in lines:
        for sentence in re.split(r"[。;；，,]", plain(line)):
            made = _MADE.match(sentence)
            if made is not None and "本" not in made[1] and is_name(made[1], form.title):
                return made[1]
    return ""
