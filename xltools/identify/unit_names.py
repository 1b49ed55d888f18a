"""Find the names of the roster's units in texts that people write: file names, folders, titles.

A unit counts as named only by its full name or an alias in the roster. Short names and misspellings
only give proposals, which people confirm in the roster.
"""

import re
from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from typing import Final

from xltools.model.form import Form
from xltools.model.roster import Roster, Unit
from xltools.model.text import key

ALIKE: Final = 75  # of 100: 民政 and 民族宗教, 教育 and 体育 lie well below
NEXT: Final = 5  # how far behind the likeliest another may lie
PROPOSED: Final = 3  # more would be a list of the roster

# What offices call a 区 is not always a district.
_STEP: Final = re.compile(r"[一-鿿]{2,8}?(?:特别行政区|自治[区州县旗]|[省市区县旗州盟])")
_NO_AREA: Final = re.compile(
    r"(?:开发|高新|园|景|度假|示范|保税|工业|社|小|校|灾|库|矿|林|辖|片|牧|农|试验|管理|合作|功能|"
    r"服务|保护|产业|集聚|实验|行政)区$|(?:城|门|超|上|股|夜)市$"
)
# What follows in the title of a form on what it is about.
_TAIL: Final = r"(?:工作)?(?:年度)?(?:报告|年报|情况)?(?:统计)?(?:表)?"
# Words of file names that name nobody.
_NOISE: Final = (
    r"年度|年报|报告|报表|统计|表格|附件|附表|模板|定稿|终稿|初稿|"
    r"正式|最终|最新|更正|修改|修订|重报|补报|再报|报送|上报|填报|提交|盖章|扫描件|扫描|电子版|"
    r"纸质版|签字|公章|工作|情况|单位|数据|已改|打印稿|副本|新版?|版|的|转|发|和|及|与|表|稿|年|月|日"
)
_KIND: Final = re.compile(
    r"(?:街道办事处|街道办|街道|管理委员会|管委会|人民政府|委员会|办公室|指挥部|中心|政府|"
    r"局|委|办|院|站|所|馆|处|队|镇|乡)$"
)
_CHINESE: Final = re.compile(r"[一-鿿]{2,}")


def area_of(name: str) -> str:
    """The administrative area at the beginning of a unit's name: ``宿迁市宿城区`` of
    宿迁市宿城区教育局. Empty where the name does not begin with one.
    """
    text, at = key(name), 0
    while step := _STEP.match(text, at):
        if _NO_AREA.search(step[0]):
            break
        at = step.end()
    return text[:at]


def shared_area(roster: Roster) -> str:
    """The area with which more than half of the unit names begin, and at least two; empty where
    there is none. Names without an area are not counted, nor are names that are nothing but an
    area, such as the counties of a city.
    """
    areas = [a for u in roster if (a := area_of(u.name)) and a != key(u.name)]
    if not areas:
        return ""
    area, count = Counter(areas).most_common(1)[0]
    return area if count >= 2 and 2 * count > len(areas) else ""


def foreign(area: str, home: str) -> bool:
    """Whether ``area``, from a unit's name, is a different one from ``home``, the area of the
    roster. It is not when one contains the other (宿城区 and 宿迁市宿城区), nor when either is
    empty.
    """
    if not area or not home:
        return False
    return not (area in home or home in area)


def stem(name: str) -> str:
    """A file's name without its suffix. Any ending of up to five ASCII letters and digits after the
    last dot is taken for a suffix; without such an ending the name is returned as it is.
    """
    head, dot, suffix = name.rpartition(".")
    return head if dot and suffix.isascii() and suffix.isalnum() and len(suffix) <= 5 else name


class Naming:
    """The names of a roster's units, prepared for being looked up in texts about a form. ``home``:
    the area that the units share, empty where there is none.
    """

    def __init__(self, form: Form, roster: Roster) -> None:
        self.roster, self.home = roster, shared_area(roster)
        about = dict.fromkeys(re.sub(f"{_TAIL}$", "", key(t)) for t in (form.title, form.short))
        titles = "|".join(re.escape(word) for word in about if word)
        words = [*map(re.escape, map(key, form.called)), _NOISE]
        self._title = re.compile(f"(?:{titles or '(?!)'}){_TAIL}")
        self._noise = re.compile("|".join([titles, *words] if titles else words))
        self._units: dict[str, Unit] = {}
        self._keys = {u.name: tuple(map(key, (u.name, *u.aliases))) for u in roster}
        for unit in roster:
            for name in self._keys[unit.name]:
                if len(name) > 1 and not self._is_home(name):
                    self._units.setdefault(name, unit)
        # The lengths of the names that begin with two characters, ascending.
        self._lengths: dict[str, list[int]] = {}
        for name in sorted(self._units, key=len):
            lengths = self._lengths.setdefault(name[:2], [])
            if len(name) not in lengths[-1:]:
                lengths.append(len(name))

    def _is_home(self, name: str) -> bool:
        """Whether a name is only that of the roster's whole area. In a file name that does not mean
        the unit, since it says whose form this is.
        """
        return bool(self.home) and self.home.endswith(name)

    def named(self, text: str) -> tuple[Unit, ...]:
        """The units that a text names, each once, those with the longest names first. A name inside
        another unit's longer name is not counted: where 教育局招生办 is a unit, its name does not
        also name 教育局.
        """
        hits = sorted(self._hits(key(text)), key=lambda h: (h[0] - h[1], h[0]))
        taken: list[tuple[int, int]] = []
        units: dict[str, Unit] = {}
        for start, end, unit in hits:
            if all(end <= a or start >= b for a, b in taken):
                taken.append((start, end))
            elif (start, end) not in taken:
                continue
            units.setdefault(unit.name, unit)
        return tuple(units.values())

    def _hits(self, text: str) -> Iterator[tuple[int, int, Unit]]:
        """Every place in a text (as `key` gives it) where a unit is named, as start, end and unit;
        the end is not included. Places may overlap.
        """
        reports: list[tuple[int, int]] | None = None
        for start in range(len(text) - 1):
            for length in self._lengths.get(text[start : start + 2], ()):
                end = start + length
                if end > len(text):
                    break
                unit = self._units.get(text[start:end])
                if unit is not None:
                    if reports is None:
                        reports = [m.span() for m in self._title.finditer(text)]
                    if self._stands(text, start, end, reports):
                        yield start, end, unit

    def _stands(self, text: str, start: int, end: int, reports: list[tuple[int, int]]) -> bool:
        """Whether the characters from ``start`` to ``end`` really are a unit's name there, and not
        a part of a word, of the form's title, or of the name of a unit elsewhere. ``reports``: the
        places of the form's title in the text.
        """
        before, after = text[:start], text[end:]
        if _ascii(text[start]) and before and _ascii(before[-1]):
            return False
        if _ascii(text[end - 1]) and after and _ascii(after[0]):
            return False
        # A name at the beginning of the form's title (区政府信息公开年报) is part of that.
        if any(a < end and start < b for a, b in reports):
            return False
        if area_of(text[start:end]) == text[start:end]:
            # An area's name in front of another's: 泗洪县青阳镇 is not 泗洪县.
            return not after or not _CHINESE.match(after[:2]) or bool(self._noise.match(after))
        area = re.search(r"[一-鿿]{2,4}[省市区县旗州盟]$", before)
        if area and self.home and not _NO_AREA.search(area[0]):
            # 泗洪县民政局 is not the 民政局 of this district.
            return any(self.home.endswith(area[0][n:]) for n in range(len(area[0]) - 2))
        return True

    def short(self, unit: Unit) -> str:
        """A unit's name without the area that the units of the roster share, as people in the
        district use it.
        """
        return self._keys[unit.name][0].removeprefix(self.home)

    def hints(self, text: str, unit: Unit) -> bool:
        """Whether a text may mean a unit, even loosely; such a text does not contradict the unit.
        It may when it contains the unit's short name or a name of it, or a word whose characters
        all occur in a name in the same order (卫健委 for 卫生健康委员会). Names of other units are
        taken out of the text first.
        """
        letters = "".join(c for c in key(text) if c.isalnum())
        names = [self.short(unit), *self._keys[unit.name]]
        others = [u for u in self.named(text) if u is not unit]
        rest = key(text)
        for named in others:
            for name in sorted(self._keys[named.name], key=len, reverse=True):
                rest = rest.replace(name, " ")
        # Once written within another's name (教育局招生办) it is not meant itself.
        if any(n in rest for n in names if len(n) > 1):
            return True
        if any(n in letters for n in names if n not in key(text) and len(n) > 1):
            return True
        words = _CHINESE.findall(self._noise.sub(" ", rest))
        return any(_within(word, name) for word in words for name in names)

    def proposals(self, text: str) -> tuple[Unit, ...]:
        """Up to three units that a misspelt or shortened name may mean, the likeliest first; often
        none. Names are compared without their area and without usual endings such as 局 or 委员会.
        """
        from rapidfuzz.fuzz import ratio
        from rapidfuzz.process import extract

        searched = _bare(key(text).removeprefix(area_of(text)))
        scores: dict[str, tuple[float, Unit]] = {}
        # Only names that are alike, or that begin in the same way, can be meant.
        alike = extract(searched, self._bares_alone, scorer=ratio, score_cutoff=ALIKE, limit=None)
        near = {number for _, _, number in alike} | self._beginning.get(searched[:1], set())
        for bare, unit in (self._bares[number] for number in sorted(near)):
            score = _alike(searched, bare)
            if score >= ALIKE and score > scores.get(unit.name, (0.0, unit))[0]:
                scores[unit.name] = score, unit
        best = sorted(scores.values(), key=lambda s: -s[0])
        return tuple(u for s, u in best[:PROPOSED] if s >= best[0][0] - NEXT)

    @cached_property
    def _bares(self) -> list[tuple[str, Unit]]:
        """Each name and alias of each unit, without area and usual ending, with its unit."""
        every = ((name, unit) for unit in self.roster for name in self._keys[unit.name])
        return [(_bare(name.removeprefix(self.home)), unit) for name, unit in every]

    @cached_property
    def _bares_alone(self) -> list[str]:
        """The names of `_bares`."""
        return [bare for bare, _ in self._bares]

    @cached_property
    def _beginning(self) -> dict[str, set[int]]:
        """The numbers of the names in `_bares` by the character with which they begin."""
        numbers: dict[str, set[int]] = {}
        for number, bare in enumerate(self._bares_alone):
            numbers.setdefault(bare[:1], set()).add(number)
        return numbers

    def loosely(self, text: str) -> tuple[Unit, ...]:
        """All units of the roster whose short name (three characters or more) occurs anywhere in
        ``text``, in the order of the roster; empty when there is none.

        Even a name inside a longer name counts, so the result is only good for suggesting units to
        a person, or for listing units that may be meant; it never settles whose a return is.
        """
        searched = key(text)
        return tuple(u for u in self.roster if len(self.short(u)) > 2 and self.short(u) in searched)


def _alike(first: str, second: str) -> float:
    """How alike two names without area and ending are, from 0 to 100; values below `ALIKE` count as
    0. A contraction (文旅 for 文化和旅游) gets 90 or more.
    """
    from rapidfuzz.fuzz import ratio

    short, long = sorted((first, second), key=len)
    if len(short) > 1 and short[0] == long[0] and _within(short, long):
        return 90.0 + 10 * len(short) / len(long)
    return ratio(first, second, score_cutoff=ALIKE)


def _bare(name: str) -> str:
    """A name without its usual ending, such as 局 or 办公室; the name itself where only one
    character would be left.
    """
    bare = _KIND.sub("", name)
    return bare if len(bare) > 1 else name


def _within(word: str, name: str) -> bool:
    """Whether all characters of ``word`` occur in ``name`` in the same order, not necessarily side
    by side.
    """
    letters = iter(name)
    return all(c in letters for c in word)


def _ascii(letter: str) -> bool:
    """Whether a character is an ASCII letter or digit."""
    return letter.isascii() and letter.isalnum()
