"""Recognise labels of a form as people copy them, and words that name a period.

Labels are compared by their key, which ignores width, spaces and punctuation. A label may have lost
its number, a remark in brackets or its unit of measure, and a few characters may be wrong.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Final, Self, TypeAlias

from xltools.model.form import Block, Form, Table
from xltools.model.stated import PERIOD_YEAR, Measure, MeasureKind, measure, period_years, stated
from xltools.model.text import half_width

_NAMES_PERIOD: Final = re.compile(r"[年期]|累计|同比|环比|增减|增长|增幅|季度|[0-9]{4}")
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
    """The period of figures, where the words above or beside them name it without a year."""

    THIS = "本年"
    BEFORE = "上年"
    PART = "半年"
    RUNNING = "累计"
    CHANGE = "增减"


PeriodOrYear: TypeAlias = Period | int
"""A period in words, or the number of a year."""


def period(text: str) -> PeriodOrYear | None:
    """The period that a text names; None where it names none, or both last year and this one, or
    several years. Words for a change, a running count or a part of a year are decisive where there
    are any; after these, words for last year or this one; then the numbers of years.
    """
    if not _NAMES_PERIOD.search(text):
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
    """Whether a title, or the name of a sheet, says that the figures are of a year before ``year``
    (0 where that is not known; then only words such as 去年 count). It does not if it also names
    ``year`` itself.
    """
    bare = half_width(text)
    years = period_years(bare)
    if year in years:
        return False
    past = _BEFORE.search(bare) or _GONE.search(bare)
    return past is not None or (bool(year) and any(y < year for y in years))


def conflicts(text: str, label: str) -> bool:
    """Whether a text that resembles a label names another period than the label does (last year, a
    part of the year, a change). A count over several years (累计) is not another period here.
    """
    named = period(text)
    return named in (Period.BEFORE, Period.PART, Period.CHANGE) and named is not period(label)


def is_other_period(named: PeriodOrYear | None, year: int) -> bool:
    """Whether figures of a period are certainly not those of ``year`` (0 where the year is not
    known; then a year does not decide it). ``named``: the period that words name; None, for no
    period, is never certain.
    """
    if isinstance(named, int):
        return bool(year) and named != year
    return named is not None and named is not Period.THIS


def without_period(text: str) -> str:
    """A text in half width, without the words in it that name a period."""
    bare = half_width(text)
    for pattern in (_CHANGE, _RUNNING, _PART, _BEFORE, _NOW, PERIOD_YEAR):
        bare = pattern.sub("", bare)
    return bare


def as_asked(text: str) -> tuple[str, ...]:
    """A text as the form might print it, in half width: first with words for last year replaced
    (上年新增 becomes 本年新增), then with years replaced instead (2024年新增 becomes 本年新增).
    """
    bare = half_width(text)
    return _BEFORE.sub("本年", bare), PERIOD_YEAR.sub("本年", bare)


def is_filler(text: str) -> bool:
    """Whether a text says only that figures follow (数, 情况, 合计), or nothing at all."""
    return not any(c.isalnum() for c in _FILLER.sub("", text))


def is_title(text: str) -> bool:
    """Whether a text reads like the title of a table, rather than a note or a date."""
    bare = half_width(text)
    return bool(_TITLED.search(bare)) and not _ASIDE.search(bare)


LONGEST: Final = 200  # characters of a text that may be a label
# How sure it is that a text is a label: the same key; the same but for number, remark or measure;
# a part of the label; alike to the letter, less what differs; one of two letters the same.
SAME, LOOSE, _PART_OF, _CLOSE, _WEAK = 1.0, 0.9, 0.85, 0.9, 0.5
SURE: Final = 0.6  # a likeness below this counts only where the lines around it agree

_FUZZY: Final = 80  # characters of a text that is compared letter by letter; no label is longer
_TRIES: Final = 4000  # texts of one sheet that are compared letter by letter
_KNOWN: Final = 1 << 12  # texts of the last sheets whose lines are remembered
_NUMBERED: Final = re.compile(
    r"^(?:\([0-9一二三四五六七八九十]{1,3}\)|[0-9一二三四五六七八九十]{1,3}[、.,:])"
)
_REMARK: Final = re.compile(r"\([^()]*\)$")


@lru_cache(maxsize=1 << 14)
def key(text: str) -> str:
    """The form in which labels are compared: the letters and digits of a text in half width, with
    其它 replaced by 其他. Only the first ``LONGEST`` characters of the text are used.
    """
    letters = "".join(c for c in half_width(text[:LONGEST]) if c.isalnum())
    return letters.replace("其它", "其他")


def variants(text: str) -> tuple[str, ...]:
    """The keys of a text without its number (1.), without the remark in brackets at its end, and
    without both; each once, and only those of more than one character.
    """
    full = half_width(text[:LONGEST])
    bare = _NUMBERED.sub("", full)
    keys = (key(bare), key(_REMARK.sub("", full)), key(_REMARK.sub("", bare)))
    return tuple(dict.fromkeys(k for k in keys if len(k) > 1))


@lru_cache(maxsize=1 << 14)
def core(text: str) -> str:
    """The key of a text without the unit of measure in it: that of 收费金额 for 收费金额（元）. For
    a text that is only a unit of measure, its own key.
    """
    return key(stated(text).bare) or key(text)


def beyond(text: str, label: str) -> tuple[Measure, ...]:
    """The units of measure that a text adds to its label: those marked as such, as in
    收费金额（元）, or one directly behind the label, as in 收费金额元. Empty where there are none.
    """
    measures = stated(text).measures
    text_key, label_core = key(text), core(label)
    if measures or text_key == key(label) or not text_key.startswith(label_core):
        return measures
    return _measure_behind(text_key[len(label_core) :])


def _measure_behind(text: str) -> tuple[Measure, ...]:
    """The unit of measure that the rest of a key behind a label consists of; empty if it is not
    one.
    """
    behind = measure(text) if text else None
    likely = behind is not None and behind.kind is not MeasureKind.OTHER and behind.likely
    return (behind,) if behind is not None and likely else ()


def _same_measures(first: Sequence[Measure], second: Sequence[Measure]) -> bool:
    """Whether two texts name the same units of measure in the same order, in whatever spelling."""
    return [(m.kind, m.power) for m in first] == [(m.kind, m.power) for m in second]


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """Keys of the texts that a form prints in its tables.

    ``heads``: titles, corners and spanners, which are above figures; ``stubs``: labels of rows;
    ``printed``: all of these; ``keys``: all except corners, which are often notes; ``groups``:
    labels over several rows or columns.
    """

    keys: frozenset[str]
    groups: frozenset[str]
    heads: frozenset[str]
    stubs: frozenset[str]
    printed: frozenset[str]

    @classmethod
    def of(cls, form: Form) -> Self:
        """The labels of a form."""
        blocks = [block for table in form.tables for block in table.blocks]
        spanners = [heading.labels for block in blocks for heading in block.columns]
        stubs = [heading.labels for block in blocks for heading in block.rows]
        tables_and_blocks: list[Table | Block] = [*form.tables, *blocks]
        titles = {key(part.title) for part in tables_and_blocks} - {""}
        corners = {key(table.corner) for table in form.tables} - {""}
        over_columns, beside_rows = (
            frozenset(key(label) for labels in headings for label in labels) - {""}
            for headings in (spanners, stubs)
        )
        keys = over_columns | beside_rows | titles
        return cls(
            keys=keys,
            groups=frozenset(key(x) for labels in spanners + stubs for x in labels[:-1]) - {""},
            heads=over_columns | titles | corners,
            stubs=beside_rows,
            printed=keys | corners,
        )


class Vocabulary:
    """The labels of one axis of a table (its rows, or the columns of a block). It tells for any
    text which lines of the axis it may be the label of. A line is given by its number, from 0.

    ``keys``: of all its labels; ``outers``: for each line, the cores (see `core`) of the labels
    around it; ``groups``: all of these together; ``foreign``: keys of labels that are around lines
    elsewhere in the form.
    """

    def __init__(self, lines: Sequence[tuple[str, ...]], form_labels: Labels | None = None) -> None:
        """Take the labels of each line, from the outermost to the innermost; an empty tuple for a
        line without labels.

        ``form_labels``: those of the whole form. A text that is one of them is never taken for
        another label that it resembles.
        """
        self.lines = lines
        self.form_keys = form_labels.keys if form_labels is not None else frozenset[str]()
        self.outers = tuple(frozenset(core(x) for x in labels[:-1]) for labels in lines)
        self.groups = frozenset[str]().union(*self.outers) if lines else frozenset[str]()
        around = form_labels.groups if form_labels is not None else frozenset[str]()
        self.foreign = around - self.groups
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
            for variant in variants(labels[-1]):
                self._loose.setdefault(variant, []).append(line)
            self._leaves.setdefault(core(labels[-1]), []).append(line)
        outer = (key(x) for labels in lines for x in labels[:-1])
        self.keys = frozenset((*outer, *(key(labels[-1]) for labels in lines if labels)))
        # What was found for the texts of this sheet, and of the last sheets.
        self._lines_of: dict[str, Mapping[int, float]] = {}
        self._group_of: dict[str, str] = {}
        self._known_lines = lru_cache(_KNOWN)(self._find)
        self._known_group = lru_cache(_KNOWN)(self._group)

    def forget(self) -> None:
        """Begin with another sheet. The number of texts that are compared character by character
        is limited for each sheet.
        """
        self._lines_of.clear()
        self._group_of.clear()

    def find(self, text: str) -> Mapping[int, float]:
        """The lines that a text may be the label of, each with how certain that is (0 to 1)."""
        lines = self._lines_of.get(text)
        if lines is None:
            alike = len(self._lines_of) < _TRIES
            lines = self._lines_of[text] = self._known_lines(text, alike)
        return lines

    def _find(self, text: str, alike: bool) -> Mapping[int, float]:
        """The result of `find` for a text that was not asked for before: it compares the key, then
        the key without unit of measure, then without number and remark, then, if ``alike``, by
        likeness.
        """
        text_key = key(text)
        if not text_key or len(text) > LONGEST:
            return {}
        if text_key in self._exact:
            return dict.fromkeys(self._exact[text_key], SAME)
        measured = stated(text)
        if measured.alone:
            return {}
        bare, measures = core(text), measured.measures
        lines = self._cores.get(bare, [])
        if not lines:
            for label, labelled in self._cores.items():
                rest = text_key.removeprefix(label)
                if rest != text_key and (behind := _measure_behind(rest)):
                    lines, measures = labelled, behind
                    break
        if lines:
            # Columns that differ only in their measure are distinguished by it.
            same = [i for i in lines if _same_measures(self._measures[i], measures)]
            return {i: SAME if measures or not self._measures[i] else LOOSE for i in same or lines}
        for variant in (text_key, *variants(measured.bare)):
            tables = (self._loose, self._exact, self._cores)
            lines = next((table[variant] for table in tables if variant in table), [])
            if lines:
                return {i: LOOSE for i in lines if not conflicts(text, self._last[i])}
        if {text_key, bare} & self.form_keys or text_key.isdigit() or not 1 < len(bare) <= _FUZZY:
            return {}
        near = _nearest(bare, self._leaves) if alike else {}
        return {
            i: near[k]
            for k in near
            for i in self._leaves[k]
            if not conflicts(text, self._last[i])  # words of another period, other figures
        }

    def group(self, text: str) -> str:
        """The core (see `core`) of the label over several lines that a text is: one of this axis,
        in which a few characters may be wrong, or one from elsewhere in the form, spelled exactly;
        "" for any other text.
        """
        label = self._group_of.get(text)
        if label is None:
            alike = len(self._group_of) < _TRIES
            label = self._group_of[text] = self._known_group(text, alike)
        return label

    def _group(self, text: str, alike: bool) -> str:
        """The result of `group` for a text that was not asked for before. ``alike``: whether to
        compare it by likeness.
        """
        text_core = core(text)
        if text_core in self.groups or text_core in self.foreign:
            return text_core
        if not alike or text_core in self.form_keys or not 1 < len(text_core) <= _FUZZY:
            return ""
        near = _nearest(text_core, self.groups)
        sure = [k for k, score in near.items() if score >= SURE]
        return sure[0] if len(sure) == 1 else ""


def _nearest(text: str, among: Iterable[str]) -> dict[str, float]:
    """The labels that a damaged or reworded text resembles most, each with how certain that is (0
    to 1): the best one and those nearly as good. Text and labels are cores.
    """
    from rapidfuzz.distance import Levenshtein

    alike: dict[str, float] = {}
    for label in among:
        short, long = sorted((text, label), key=len)
        if len(short) >= 4 and 2 * len(short) >= len(long) and short in long:
            alike[label] = _PART_OF
            continue
        wrong = Levenshtein.distance(text, label, score_cutoff=len(long) * 3 // 10 + 1)
        if len(long) == 2 == len(short):
            score = _WEAK if wrong == 1 else 0.0
        elif len(long) <= 4:
            score = _CLOSE * (1 - wrong / len(long)) if wrong == 1 and len(short) > 1 else 0.0
        else:
            score = _CLOSE * (1 - wrong / len(long)) if wrong <= len(long) * 0.3 else 0.0
        if score:
            alike[label] = score
    best = max(alike.values(), default=0.0)
    return {label: score for label, score in alike.items() if score >= best - 0.1}
