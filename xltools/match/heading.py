"""The head and the foot of a report: title, unit and year above, agency and date below."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

_YEAR: Final = re.compile(r"((?:19|20)[0-9]{2}|[一二][〇○零Oo0一二三四五六七八九]{3})年(?:度)?")
_FORMER: Final = str.maketrans("〇○零Oo一二三四五六七八九", "00000123456789")
_DATE: Final = re.compile(
    r"((?:19|20)[0-9]{2}|[一二][〇○零Oo0一二三四五六七八九]{3})[年./-]"
    r"([0-9]{1,2}|[一二三四五六七八九十]{1,2})[月./-]"
    r"([0-9]{1,2}|[一二三四五六七八九十]{1,3})日?"
)
_STOPS: Final = "。，；！？,;!?：:、>»|"
_LIKE: Final = 0.65  # how like its form's title a title must be
_TALL: Final = 4  # lines that a title may take
_LONGEST: Final = 60
_NAME: Final = 40
_NOISE: Final = re.compile(r"^(?:附件[0-9一二三四五六七八九十]*[:：]?|关于|《)|》$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Title:
    """A title as it reads in one line, with the unit and the year that it names."""

    text: str
    unit: str = ""
    year: int = 0


def plain(text: str) -> str:
    """Text in half width, without spaces."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def titles(lines: Sequence[str], form: str) -> list[Title]:
    """The titles of a form's reports among lines, those that say most first. A title may stand
    on several lines; ``form``: what all of them end with.
    """
    found: list[tuple[tuple[int, int, int], Title]] = []
    for start in range(len(lines)):
        text = ""
        for height, line in enumerate(lines[start : start + _TALL], 1):
            text += line
            if len(text) > 2 * _LONGEST or any(c in _STOPS for c in plain(line)[:-1]):
                break
            one = _title(text, form)
            if one is not None:
                rank = (-bool(one.unit) - bool(one.year), height, start)
                found.append((rank, one))
    return [one for _, one in sorted(found, key=lambda pair: pair[0])]


def _title(text: str, form: str) -> Title | None:
    from rapidfuzz.distance import Levenshtein

    bare, last = plain(text), ""
    while bare != last:
        last, bare = bare, _NOISE.sub("", bare)
    found = _YEAR.search(bare)
    rest = bare if found is None else bare[: found.start()] + bare[found.end() :]
    rest = re.sub(r"\(\)|[()（）]$", "", rest)
    if not form[0] or form[0] not in rest or len(rest) > _LONGEST:
        return None
    likes = [
        (Levenshtein.normalized_similarity(rest[n:], form), n)
        for n in range(len(rest))
        if rest[n] == form[0]
    ]
    like, at = max(likes)
    unit = rest[:at]
    if like < _LIKE or len(unit) > _NAME or any(c in _STOPS for c in unit):
        return None
    return Title(text=bare, unit=unit, year=number(found[1]) if found else 0)


def number(text: str) -> int:
    """A year as written in either kind of digits."""
    return int(text.translate(_FORMER))


def _small(text: str) -> int:
    """A month or a day: 5, 五, 十五, 二十五."""
    if text.isascii():
        return int(text)
    tens, ten, ones = text.partition("十")
    digits = {c: n for n, c in enumerate("一二三四五六七八九", 1)}
    if not ten:
        return digits.get(text, 0)
    return 10 * digits.get(tens, 1) + digits.get(ones, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Foot:
    """What a report ends with: its agency and its date (ISO, empty when there is none), and
    where its text ends.
    """

    agency: str = ""
    date: str = ""
    end: int


def foot(lines: Sequence[str], agencies: Sequence[str] = ()) -> Foot:
    """Find the agency and the date below a report's last part; ``agencies``: names to expect."""
    for n in range(len(lines) - 1, -1, -1):
        bare = plain(lines[n]).strip("()")
        day = _DATE.search(bare)
        if day is None or day.end() != len(bare) or day.start() > _NAME:
            continue
        said = _iso(day)
        name = bare[: day.start()]
        if not said or any(c in _STOPS for c in name):
            continue
        if name:
            return Foot(agency=name, date=said, end=n)
        if n and _signs(lines[n - 1]):
            return Foot(agency=plain(lines[n - 1]), date=said, end=n - 1)
        return Foot(date=said, end=n)
    last = plain(lines[-1]) if lines else ""
    if last and _signs(last) and any(a and (a in last or last in a) for a in agencies):
        return Foot(agency=last, end=len(lines) - 1)
    return Foot(end=len(lines))


def _signs(line: str) -> bool:
    bare = plain(line)
    return 1 < len(bare) <= _NAME and not any(c in _STOPS for c in bare)


def _iso(found: "re.Match[str]") -> str:
    try:
        return date(number(found[1]), _small(found[2]), _small(found[3])).isoformat()
    except ValueError:
        return ""
