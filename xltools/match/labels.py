"""Labels as people copy them, told again: spaces, brackets and numbering do not matter.

A text is compared by its key: its letters, digits and characters alone. Texts that are equal by
key are the same label. Others may still be it (a number before it lost, a remark behind it, one
character damaged); how sure that is stands beside the match. In which measure the figures are
(单位：万元) is no part of a label: what another one does to them is judged when they are read.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Self

from xltools.match.periods import conflicts
from xltools.model.form import Form
from xltools.model.measures import Kind, Measure, measure, stated

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
    return "".join(unicodedata.normalize("NFKC", text[:LONGEST]).split())


@lru_cache(maxsize=1 << 14)
def key(text: str) -> str:
    """What of a text is compared."""
    letters = "".join(c for c in plain(text) if c.isalnum())
    return letters.replace("其它", "其他")


def variants(text: str) -> tuple[str, ...]:
    """Keys of a text without its number, and without the remark behind it."""
    whole = plain(text)
    bare = _NUMBERED.sub("", whole)
    found = (key(bare), key(_REMARK.sub("", whole)), key(_REMARK.sub("", bare)))
    return tuple(dict.fromkeys(k for k in found if len(k) > 1))


@lru_cache(maxsize=1 << 14)
def core(text: str) -> str:
    """The key of a text without the measure that it names; of a measure alone, its own."""
    return key(stated(text).bare) or key(text)


def beyond(text: str, label: str) -> tuple[Measure, ...]:
    """The measures that a text names which was taken for a label, those too that stand right
    behind it: 收费金额元.
    """
    said = stated(text).measures
    own, known = key(text), core(label)
    if said or own == key(label) or not own.startswith(known):
        return said
    return _rest(own[len(known) :])


def _rest(text: str) -> tuple[Measure, ...]:
    said = measure(text) if text else None
    return (said,) if said is not None and said.kind is not Kind.OTHER and said.likely else ()


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
        known = self._found.get(text)
        if known is None:
            known = self._found[text] = self._find(text)
        return known

    def _find(self, text: str) -> Mapping[int, float]:
        own = key(text)
        if not own or len(text) > LONGEST:
            return {}
        if own in self._exact:
            return dict.fromkeys(self._exact[own], SAME)
        said = stated(text)
        if said.alone:
            return {}
        bare, rest = core(text), said.measures
        lines = self._cores.get(bare, [])
        if not lines:
            start = next((k for k in self._cores if own.startswith(k) and _rest(own[len(k) :])), "")
            lines, rest = (self._cores[start], _rest(own[len(start) :])) if start else ([], rest)
        if lines:
            # Columns that differ in their measure alone are told apart by it.
            same = [i for i in lines if _alike(self._measures[i], rest)]
            return {i: SAME if rest or not self._measures[i] else LOOSE for i in same or lines}
        for form in (own, *variants(said.bare)):
            lines = self._loose.get(form) or self._exact.get(form) or self._cores.get(form) or []
            if lines:
                return {i: LOOSE for i in lines if not conflicts(text, self._last[i])}
        if {own, bare} & self.others or own.isdigit() or not 1 < len(bare) <= _FUZZY:
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
        known = self._groups.get(text)
        if known is None:
            own = core(text)
            known = own if own in self.groups or own in self.foreign else ""
            if (
                not known
                and own not in self.others
                and 1 < len(own) <= _FUZZY
                and len(self._groups) < _TRIES
            ):
                near = _nearest(own, self.groups)
                sure = [k for k, score in near.items() if score >= SURE]
                known = sure[0] if len(sure) == 1 else ""
            self._groups[text] = known
        return known


def _nearest(own: str, among: Iterable[str]) -> dict[str, float]:
    """Labels that a damaged or reworded text is like: the best, and those nearly as good."""
    from rapidfuzz.distance import Levenshtein

    found: dict[str, float] = {}
    for label in among:
        short, long = sorted((own, label), key=len)
        if len(short) >= 4 and 2 * len(short) >= len(long) and short in long:
            found[label] = PART
            continue
        wrong = Levenshtein.distance(own, label, score_cutoff=len(long) * 3 // 10 + 1)
        if len(long) == 2 == len(short):
            score = WEAK if wrong == 1 else 0.0
        elif len(long) <= 4:
            score = CLOSE * (1 - wrong / len(long)) if wrong == 1 and len(short) > 1 else 0.0
        else:
            score = CLOSE * (1 - wrong / len(long)) if wrong <= len(long) * 0.3 else 0.0
        if score:
            found[label] = score
    best = max(found.values(), default=0.0)
    return {label: score for label, score in found.items() if score >= best - 0.1}
