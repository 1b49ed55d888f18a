"""Labels as people copy them, told again, and words of a period: spaces, brackets and numbering do
not matter.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Final, Self, TypeAlias

from xltools.model.form import Form
from xltools.model.stated import PERIOD_YEAR, Measure, MeasureKind, measure, period_years, stated
from xltools.model.text import half_width

_SAID: Final = re.compile(r"[年期]|累计|同比|环比|增减|增长|增幅|季度|[0-9]{4}")
_CHANGE: Final = re.compile(
    r"同比|环比|增减|增长|增幅|(?:[比较与](?:上一?|去)年(?:度|同期)?(?:相比)?)"
)
_RUNNING: Final = re.compile(r"(?:历年)?累计")
_PART: Final = re.compile(r"[上下]半年|第?[一二三四1-4]季度")
_BEFORE: Final = re.compile(r"(?:上一?|去|前)年度?(?:同期)?|上期|同期|往年|以前年度")
_NOW: Final = re.compile(r"(?:本|今|当|全)年度?|本期|报告年度")
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
    bare = half_width(text)
    for pattern, named in (
        (_CHANGE, Period.CHANGE), (_RUNNING, Period.RUNNING), (_PART, Period.PART),
    ):  # fmt: skip
        if pattern.search(bare):
            return named
    before, now = _BEFORE.search(bare), _NOW.search(bare)
    if before or now:
        return None if before and now else Period.BEFORE if before else Period.THIS
    years = period_years(bare)
    return years.pop() if len(years) == 1 else None


def earlier(text: str, year: int) -> bool:
    """Whether a title or the name of a sheet says that what it heads is of a year before ``year``
    (0: not known, then only words say so). What names its own year as well is of that year.
    """
    bare = half_width(text)
    years = period_years(bare)
    if year in years:
        return False
    gone = _BEFORE.search(bare) or _GONE.search(bare)
    return gone is not None or (bool(year) and any(y < year for y in years))


def conflicts(text: str, label: str) -> bool:
    """Whether a text like a label speaks of another period than the label does. A remark that a
    count runs over years (累计) changes nothing.
    """
    named = period(text)
    return named in (Period.BEFORE, Period.PART, Period.CHANGE) and named is not period(label)


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
    bare = half_width(text)
    for pattern in (_CHANGE, _RUNNING, _PART, _BEFORE, _NOW, PERIOD_YEAR):
        bare = pattern.sub("", bare)
    return bare


def as_asked(text: str) -> tuple[str, ...]:
    """A text as it would read for the year that is asked for."""
    bare = half_width(text)
    return _BEFORE.sub("本年", bare), PERIOD_YEAR.sub("本年", bare)


def filler(text: str) -> bool:
    """Whether a text only says that there are figures (数, 情况, 合计), or nothing."""
    return not any(c.isalnum() for c in _FILLER.sub("", text))


def titled(text: str) -> bool:
    """Whether a text reads like the title of a table."""
    bare = half_width(text)
    return bool(_TITLED.search(bare)) and not _ASIDE.search(bare)


LONGEST: Final = 200  # characters of a text that may be a label
SAME, LOOSE, PART, CLOSE, WEAK = 1.0, 0.9, 0.85, 0.9, 0.5
SURE: Final = 0.6  # below this the neighbours must speak for it

_FUZZY: Final = 80  # no label is longer
_TRIES: Final = 4000  # texts of one sheet that are compared letter by letter
_NUMBERED: Final = re.compile(
    r"^(?:\([0-9一二三四五六七八九十]{1,3}\)|[0-9一二三四五六七八九十]{1,3}[、.,:])"
)
_REMARK: Final = re.compile(r"\([^()]*\)$")


def plain(text: str) -> str:
    """One form for half and full width, without spaces."""
    return half_width(text[:LONGEST])


@lru_cache(maxsize=1 << 14)
def key(text: str) -> str:
    """What of a text is compared."""
    letters = "".join(c for c in plain(text) if c.isalnum())
    return letters.replace("其它", "其他")


def variants(text: str) -> tuple[str, ...]:
    """Keys of a text without its number, and without the remark behind it."""
    text_plain = plain(text)
    bare = _NUMBERED.sub("", text_plain)
    forms = (key(bare), key(_REMARK.sub("", text_plain)), key(_REMARK.sub("", bare)))
    return tuple(dict.fromkeys(k for k in forms if len(k) > 1))


@lru_cache(maxsize=1 << 14)
def core(text: str) -> str:
    """The key of a text without the measure that it names; of a measure alone, its own."""
    return key(stated(text).bare) or key(text)


def beyond(text: str, label: str) -> tuple[Measure, ...]:
    """The measures that a text names which was taken for a label, those too that stand right
    behind it: 收费金额元.
    """
    measures = stated(text).measures
    text_key, label_core = key(text), core(label)
    if measures or text_key == key(label) or not text_key.startswith(label_core):
        return measures
    return _rest(text_key[len(label_core) :])


def _rest(text: str) -> tuple[Measure, ...]:
    behind = measure(text) if text else None
    return (
        (behind,)
        if behind is not None and behind.kind is not MeasureKind.OTHER and behind.likely
        else ()
    )


def _alike(some: Sequence[Measure], others: Sequence[Measure]) -> bool:
    return [(m.kind, m.power) for m in some] == [(m.kind, m.power) for m in others]


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """Keys of a form's labels: all of them, those over columns (titles too), those beside rows."""

    every: frozenset[str]
    heads: frozenset[str]
    stubs: frozenset[str]

    @classmethod
    def of(cls, form: Form) -> Self:
        """The labels of a form."""
        heads, stubs = set[str](), set[str]()
        for table in form.tables:
            heads |= {key(table.title), key(table.corner)}
            for block in table.blocks:
                heads |= {key(block.title), *(key(x) for h in block.columns for x in h.labels)}
                stubs |= {key(x) for h in block.rows for x in h.labels}
        return cls(
            every=frozenset(heads | stubs) - {""},
            heads=frozenset(heads) - {""},
            stubs=frozenset(stubs) - {""},
        )


class Vocabulary:
    """The labels of one axis of a table, and of which line each text may be the label."""

    def __init__(
        self,
        lines: Sequence[tuple[str, ...]],
        others: Iterable[str] = (),
        foreign: Iterable[str] = (),
    ) -> None:
        """Take each line's labels from the outermost to the innermost.

        ``others``: keys of the form's other labels, which are never taken for one of these by
        likeness; ``foreign``: those of them that stand over several lines of another table.
        """
        self.lines = lines
        self.others = frozenset(others)
        self.outers = tuple(frozenset(core(x) for x in labels[:-1]) for labels in lines)
        self.groups = frozenset[str]().union(*self.outers) if lines else frozenset[str]()
        self.foreign = frozenset(foreign) - self.groups
        self._measures = tuple(stated(x[-1]).measures if x else () for x in lines)
        self._last = tuple(labels[-1] if labels else "" for labels in lines)
        self._exact: dict[str, list[int]] = {}
        self._loose: dict[str, list[int]] = {}
        self._leaves: dict[str, list[int]] = {}
        self._cores: dict[str, list[int]] = {}
        for line, labels in enumerate(lines):
            if not labels:
                continue
            for start in range(len(labels)):
                self._exact.setdefault(key("".join(labels[start:])), []).append(line)
                inner = "".join(labels[start:-1]) + stated(labels[-1]).bare
                self._cores.setdefault(key(inner) or key(labels[-1]), []).append(line)
            for form in variants(labels[-1]):
                self._loose.setdefault(form, []).append(line)
            self._leaves.setdefault(core(labels[-1]), []).append(line)
        outer = (key(x) for labels in lines for x in labels[:-1])
        self.known = frozenset((*outer, *(key(labels[-1]) for labels in lines if labels)))
        self._found: dict[str, Mapping[int, float]] = {}
        self._groups: dict[str, str] = {}

    def forget(self) -> None:
        """Begin anew with another sheet: what is remembered and tried is counted by the sheet."""
        self._found.clear()
        self._groups.clear()

    def find(self, text: str) -> Mapping[int, float]:
        """Give the lines that a text may be the label of, and how sure that is (0 to 1)."""
        lines = self._found.get(text)
        if lines is None:
            lines = self._found[text] = self._find(text)
        return lines

    def _find(self, text: str) -> Mapping[int, float]:
        text_key = key(text)
        if not text_key or len(text) > LONGEST:
            return {}
        if text_key in self._exact:
            return dict.fromkeys(self._exact[text_key], SAME)
        measured = stated(text)
        if measured.alone:
            return {}
        bare, rest = core(text), measured.measures
        lines = self._cores.get(bare, [])
        if not lines:
            start = next(
                (k for k in self._cores if text_key.startswith(k) and _rest(text_key[len(k) :])), ""
            )
            lines, rest = (
                (self._cores[start], _rest(text_key[len(start) :])) if start else ([], rest)
            )
        if lines:
            # Columns that differ in their measure alone are told apart by it.
            same = [i for i in lines if _alike(self._measures[i], rest)]
            return {i: SAME if rest or not self._measures[i] else LOOSE for i in same or lines}
        for form in (text_key, *variants(measured.bare)):
            lines = self._loose.get(form) or self._exact.get(form) or self._cores.get(form) or []
            if lines:
                return {i: LOOSE for i in lines if not conflicts(text, self._last[i])}
        if {text_key, bare} & self.others or text_key.isdigit() or not 1 < len(bare) <= _FUZZY:
            return {}
        near = _nearest(bare, self._leaves) if len(self._found) < _TRIES else {}
        return {
            i: near[k]
            for k in near
            for i in self._leaves[k]
            if not conflicts(text, self._last[i])  # words of another period, other figures
        }

    def group(self, text: str) -> str:
        """Give the key of the outer label that a text is; empty for any other text."""
        label = self._groups.get(text)
        if label is None:
            text_core = core(text)
            label = text_core if text_core in self.groups or text_core in self.foreign else ""
            if (
                not label
                and text_core not in self.others
                and 1 < len(text_core) <= _FUZZY
                and len(self._groups) < _TRIES
            ):
                near = _nearest(text_core, self.groups)
                sure = [k for k, score in near.items() if score >= SURE]
                label = sure[0] if len(sure) == 1 else ""
            self._groups[text] = label
        return label


def _nearest(text: str, among: Iterable[str]) -> dict[str, float]:
    """Labels that a damaged or reworded text is like: the best, and those nearly as good."""
    from rapidfuzz.distance import Levenshtein

    alike: dict[str, float] = {}
    for label in among:
        short, long = sorted((text, label), key=len)
        if len(short) >= 4 and 2 * len(short) >= len(long) and short in long:
            alike[label] = PART
            continue
        wrong = Levenshtein.distance(text, label, score_cutoff=len(long) * 3 // 10 + 1)
        if len(long) == 2 == len(short):
            score = WEAK if wrong == 1 else 0.0
        elif len(long) <= 4:
            score = CLOSE * (1 - wrong / len(long)) if wrong == 1 and len(short) > 1 else 0.0
        else:
            score = CLOSE * (1 - wrong / len(long)) if wrong <= len(long) * 0.3 else 0.0
        if score:
            alike[label] = score
    best = max(alike.values(), default=0.0)
    return {label: score for label, score in alike.items() if score >= best - 0.1}
