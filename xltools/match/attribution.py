"""Find out which body a report in a document is from, and of which year: from its titles, its last
lines with agency and date, its first sentences, and the titles of its web page.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from xltools.model.form import Form
from xltools.model.stated import YEAR, number
from xltools.model.text import half_width
from xltools.model.wording import NamingPlace

_YEAR_SAID: Final = re.compile(rf"({YEAR})年(?:度)?")
_DATE: Final = re.compile(
    rf"({YEAR})[年./-]"
    r"([0-9]{1,2}|[一二三四五六七八九十]{1,2})[月./-]"
    r"([0-9]{1,2}|[一二三四五六七八九十]{1,3})日?"
)
_STOPS: Final = "。，；！？,;!?：:、>»|"
_LIKE: Final = 0.65  # how like its form's title a title must be
_TALL: Final = 4  # lines that a title may take
_LONGEST: Final = 60  # characters of a title
_NAME: Final = 40  # characters of a body's name
_NOISE: Final = re.compile(r"^(?:附件[0-9一二三四五六七八九十]*[:：]?|关于|《)|》$")
_ABOUT: Final = re.compile(r"关于(?:印发|发布|公布|公开|报送|上报|编制|做好)?$")
_AREA: Final = re.compile(r"[一-鿿]{1,9}[省市区县旗州盟乡镇]")
_NO_NAME: Final = re.compile(r"关于|^现(?:将|公布|发布)")
# What a body's name ends with, if it is on a line above the title.
_BODY: Final = re.compile(
    r"(?:府|局|委|办|厅|院|会|室|处|所|站|中心|校|部|队|园|馆|社|司|区|县|市|镇|乡|街道|团|厂|台|署|行"
    r"|学|集团|基地)$"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Title:
    """The title of a report, joined to one line in half width, with the unit and the year that it
    names ("" and 0 where it names none).
    """

    text: str
    unit: str = ""
    year: int = 0


def titles(lines: Sequence[str], form: str) -> list[Title]:
    """Find the titles of reports among lines, in the order in which they end. ``form``: the title
    of the form, with which every such title ends, possibly with a few characters changed.

    A title may take several lines. Of several titles that could end on the same line, the one that
    names more of unit and year is taken.
    """
    best: dict[int, tuple[int, Title]] = {}
    for start in range(len(lines)):
        text = ""
        for height, line in enumerate(lines[start : start + _TALL], 1):
            above, text = text, text + line
            words = half_width(line)
            if len(text) > 2 * _LONGEST or any(c in _STOPS for c in words[:-1]):
                break
            if words.endswith("。"):
                break  # a sentence
            title = _title(text, form)
            if title is None or (above and not _continued(title, above)):
                continue
            says = bool(title.unit) + bool(title.year)
            end = start + height - 1
            # Of titles that name as much, the shortest holds, which comes last; but the name of an
            # area on the line above belongs to the name of the body.
            area = start > 0 and bool(_AREA.fullmatch(half_width(lines[start - 1])))
            if end not in best or says > best[end][0] or (says == best[end][0] and not area):
                best[end] = says, title
    return [best[end][1] for end in sorted(best)]


def _continued(title: Title, above: str) -> bool:
    """Whether the lines above the last line of a title really belong to it: they end within the
    form's title, or with the unit, if that reads like the name of a body.
    """
    return (
        not title.unit
        or not half_width(above).endswith(title.unit)
        or bool(_BODY.search(title.unit))
    )


def _title(text: str, form: str) -> Title | None:
    """The title in a text that is nothing but a title; None for any other text. ``form``: the title
    of the form.
    """
    from rapidfuzz.distance import Levenshtein

    bare, last = half_width(text), ""
    while bare != last:
        last, bare = bare, _NOISE.sub("", bare)
    year = _YEAR_SAID.search(bare)
    rest = bare if year is None else bare[: year.start()] + bare[year.end() :]
    rest = re.sub(r"\(\)|[()（）]$", "", rest)
    if not form[0] or form[0] not in rest or len(rest) > _LONGEST:
        return None
    likes = [
        (Levenshtein.normalized_similarity(rest[n:], form), n)
        for n in range(len(rest))
        if rest[n] == form[0]
    ]
    like, at = max(likes)
    unit = _ABOUT.sub("", rest[:at])
    if like < _LIKE or len(unit) > _NAME or any(c in _STOPS for c in unit):
        return None
    if unit and not is_name(unit, form):
        return None
    return Title(text=bare, unit=unit, year=number(year[1]) if year else 0)


def is_name(text: str, form: str) -> bool:
    """Whether a text may be the name of a body: it contains neither the title of the form
    (``form``), nor a year, nor words with which a title or a sentence begins.
    """
    bare = half_width(text)
    return (
        bool(bare) and form not in bare and not (_NO_NAME.search(bare) or _YEAR_SAID.search(bare))
    )


def _small(text: str) -> int:
    """The number of a month or day, written in digits or Chinese numerals: 5, 五, 十五, 二十五."""
    if text.isascii():
        return int(text)
    tens, ten, ones = text.partition("十")
    digits = {c: n for n, c in enumerate("一二三四五六七八九", 1)}
    if not ten:
        return digits.get(text, 0)
    return 10 * digits.get(tens, 1) + digits.get(ones, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Foot:
    """The end of a report. ``agency``: the body that signs it, "" without one; ``date``: in ISO
    format, "" without one; ``end``: the index of the line at which the text of the report ends (the
    number of lines where there is neither agency nor date).
    """

    agency: str = ""
    date: str = ""
    end: int


def foot(lines: Sequence[str], agencies: Sequence[str] = ()) -> Foot:
    """Find the agency and the date at the end of a report; the last ones in its lines count. Where
    there is no date, the last line counts as the agency if it agrees with one of ``agencies``.
    """
    for n in range(len(lines) - 1, -1, -1):
        bare = half_width(lines[n]).strip("()")
        day = _DATE.search(bare)
        if day is None or day.end() != len(bare) or day.start() > _NAME:
            continue
        day_text = _iso(day)
        name = bare[: day.start()]
        if not day_text or any(c in _STOPS for c in name):
            continue
        if name:
            return Foot(agency=name, date=day_text, end=n)
        if n and _signs(lines[n - 1]):
            return Foot(agency=half_width(lines[n - 1]), date=day_text, end=n - 1)
        return Foot(date=day_text, end=n)
    last = half_width(lines[-1]) if lines else ""
    if last and _signs(last) and any(a and (a in last or last in a) for a in agencies):
        return Foot(agency=last, end=len(lines) - 1)
    return Foot(end=len(lines))


def _signs(line: str) -> bool:
    """Whether a line may be the name of the agency that signs a report: it is short and has no
    punctuation.
    """
    bare = half_width(line)
    return 1 < len(bare) <= _NAME and not any(c in _STOPS for c in bare)


def _iso(day: re.Match[str]) -> str:
    """The date that ``_DATE`` matched, in ISO format; "" if there is no such day."""
    try:
        return date(number(day[1]), _small(day[2]), _small(day[3])).isoformat()
    except ValueError:
        return ""


_YEAR: Final = rf"({YEAR})年"
_FROM_TO: Final = re.compile(
    rf"{_YEAR}(?:1|01|一)月(?:1|01|一)日(?:起)?[至到—–\-~,，、]+(?:{_YEAR})?(?:12|十二)月(?:31|三十一)日"
)
_MONTH: Final = r"(?![0-9]{1,2}月|[一二三四五六七八九十]{1,2}月)"
_PIECES: Final = re.compile(r"[_|｜—–>»]|\s-\s|-(?=[^0-9])")
_MADE: Final = re.compile(r"(?:由|现将)?([一-鿿()]{3,40}?)(?:组织)?编制(?:了|并公布)?(?:本|的)?")
_FRONT: Final = 12  # lines above and below a report's title that may hold its first sentence
_SPRING: Final = 6  # the last month that tells the year: reports are due by the end of March


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribution:
    """Which body a report is from, and of which year; "" and 0 where nothing tells.

    ``title``: its title, with empty text where it has none; ``year_from``: the place that the year
    was taken from if not from the title, otherwise None; ``contradicting``: years other than the
    title's that other places name, by place; ``units``: bodies that other places name, by place.
    """

    title: Title
    unit: str = ""
    year: int = 0
    year_from: NamingPlace | None = None
    contradicting: Mapping[NamingPlace, int] = field(default_factory=dict)
    units: Mapping[NamingPlace, str] = field(default_factory=dict)


def attributed(
    near: Sequence[Title], lines: Sequence[str], heads: Sequence[str], foot: Foot, form: Form
) -> Attribution:
    """Work out which body a report is from, and of which year.

    ``near``: the titles above its first part, the nearest last; ``lines``: all lines of its
    document; ``heads``: the titles of its web page; ``foot``: its end.
    """
    pages = [
        title
        for head in heads
        for piece in _PIECES.split(head)
        for title in titles([piece], form.title)
    ]
    title = near[-1] if near else Title(text="")
    if near and not title.unit and not heads:
        # The title stands there twice, the second time without the unit. On a web page the first
        # may be that of another report.
        before = near[-2] if len(near) > 1 else title
        if before.year == title.year or not title.year:
            title = Title(text=title.text, unit=before.unit, year=title.year or before.year)
    if not near and pages:
        title = pages[0]
    units = {
        place: unit
        for place, unit in (
            (NamingPlace.PAGE, next((t.unit for t in pages if t.unit), "")),
            (NamingPlace.AGENCY, foot.agency),
            (NamingPlace.SENTENCE, _author(lines[:_FRONT], form)),
        )
        if unit and is_name(unit, form.title)
    }
    years = _years(lines, pages, foot, form)
    certain = {place: year for place, year in years.items() if place is not NamingPlace.DAY}
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
    places = [place for place, stated_year in years.items() if stated_year == year]
    return Attribution(
        title=title,
        unit=unit,
        year=year,
        year_from=places[0] if year else None,
        units=units,
    )


def _years(
    lines: Sequence[str], pages: Sequence[Title], foot: Foot, form: Form
) -> dict[NamingPlace, int]:
    """The year that each place other than the title names, by place; places that name none or
    several are left out. The day of the signature means the year before it if it is in the first
    half of a year.
    """
    text = half_width("".join(lines))
    periods = {number(first) for first, last in _FROM_TO.findall(text) if not last or last == first}
    sentences = re.split(r"[。;；]", half_width("。".join(lines[:_FRONT])))
    words = "|".join(map(re.escape, (*form.called, form.title)))
    about = re.compile(rf"{_YEAR}{_MONTH}度?[^。]*(?:{words})[^。]*报告")
    in_sentences = {number(m[1]) for s in sentences for m in about.finditer(s)}
    named = {title.year for title in pages if title.year}
    day = foot.date
    years = {
        NamingPlace.PAGE: named,
        NamingPlace.PERIOD: periods,
        NamingPlace.SENTENCE: in_sentences,
        NamingPlace.DAY: {int(day[:4]) - 1} if day and int(day[5:7]) <= _SPRING else set(),
    }
    return {
        place: named_years.pop() for place, named_years in years.items() if len(named_years) == 1
    }


def _author(lines: Sequence[str], form: Form) -> str:
    """The body that made the report according to its first sentences; "" if they do not say, or
    only say 本机关 or the like.
    """
    for line in lines:
        for sentence in re.split(r"[。;；，,]", half_width(line)):
            maker = _MADE.match(sentence)
            if maker is not None and "本" not in maker[1] and is_name(maker[1], form.title):
                return maker[1]
    return ""


_NUMBER: Final = re.compile(r"[-—–―－]+\d{1,4}[-—–―－]+|第\d{1,4}页(?:[,，/]?共\d{1,4}页)?")
_FURNITURE: Final = re.compile(
    r"(?:版权所有|(?:主办|承办|协办)(?:单位)?[:：]|技术支持[:：]|网站(?:标识码|地图|声明)|友情链接|"
    r"(?:使用帮助|联系我们|关于我们|隐私声明|法律声明|设为首页|加入收藏)|返回(?:顶部|首页)|"
    r"扫一扫|分享(?:到|至)|上一[篇条页]|下一[篇条页]|相关(?:链接|附件|文档|稿件|信息|阅读|新闻)|"
    r"浏览(?:次数|量)|访问量|点击(?:次数|量|数)|阅读(?:次数|量)|责任编辑|(?:信息|文章)?来源[:：]|"
    r"发布(?:时间|日期|机构)[:：]|字体[:：]|[\[【(]?(?:打印|关闭)(?:本页|此页|页面|窗口)?[\]】)|]?|"
    r"copyright|©|您访问的链接即将离开)",
    re.IGNORECASE,
)
_BUTTONS: Final = re.compile(
    r"(?:[\[【(|丨]*(?:打印|关闭|收藏|分享|纠错|返回|大|中|小)(?:本页|此页|页面|窗口|顶部)?[\]】)|丨]*)+"
)
_ANYWHERE: Final = re.compile(
    r"网站标识码|ICP备|公网安备|版权所有|浏览器版本|最佳浏览", re.IGNORECASE
)
_ASIDE: Final = 20  # characters of a line between such lines that may belong to the page
_ENDS: Final = "。；！？;!?"


def is_furniture(line: str) -> bool:
    """Whether a line certainly belongs to the web page around a report, or is a page number."""
    bare = half_width(line)
    if _NUMBER.fullmatch(bare) or _BUTTONS.fullmatch(bare) or _ANYWHERE.search(bare):
        return True
    return _FURNITURE.match(bare) is not None and "。" not in bare


def is_page_number(line: str) -> bool:
    """Whether a line is only a page number with its marks: - 3 -, 第3页."""
    return _NUMBER.fullmatch(half_width(line)) is not None


def tail(lines: Sequence[str]) -> int:
    """The index of the line at which the text of the web page begins, at the end of a report's
    lines; the number of lines where there is no such text. Short lines behind its first line, such
    as names of links, belong to it; sentences do not.
    """
    start = at = len(lines)
    while at:
        line = lines[at - 1]
        if is_furniture(line):
            start = at - 1
        elif len(half_width(line)) > _ASIDE or half_width(line)[-1:] in _ENDS:
            break
        at -= 1
    return start
