"""A decision, what it rests on, the matters that one can be made on, and what can be wrong with
one.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any, Final, TypeAlias

from xltools.model import numbers
from xltools.model.errors import ProblemsError
from xltools.model.findings import Finding
from xltools.model.numbers import Number
from xltools.model.text import key
from xltools.model.wording import Phrase, Saying, Value, Worded, in_words

Basis = Mapping[str, str]
"""What stood where. The empty key: a figure alone, which people write for the one they mean."""

BLANK = Phrase.BLANK.value
_SPLIT = re.compile(r"[；;\r\n]+")


def basis_of(text: str) -> dict[str, str]:
    """The entries of a text."""
    entries: dict[str, str] = {}
    for part in _SPLIT.split(text):
        place, mark, value = part.replace("＝", "=").partition("=")
        if not mark:
            place, value = "", place
        if key(place) or key(value):
            entries[key(place)] = value.strip()
    return entries


def text_of(basis: Basis) -> str:
    """The text of entries; the marks that separate them are taken out of what stood there."""
    return "；".join(
        f"{place}={_plain(value)}" if place else _plain(value) for place, value in basis.items()
    )


def _plain(value: str) -> str:
    return " ".join(_SPLIT.sub("，", value).replace("=", "＝").split())


def same(first: str, second: str) -> bool:
    """Whether two entries say the same, numbers by value."""
    return _value(first) == _value(second)


def _value(text: str) -> Decimal | str:
    reading = numbers.read(_plain(text))
    if (
        reading is not None
        and reading.kind is numbers.NumberKind.NUMBER
        and reading.number is not None
    ):
        return Decimal(reading.number)
    return key(_plain(text)).strip("“”\"'") or BLANK


def changes(before: Basis, now: Basis) -> list[Saying] | None:
    """The entries that are no longer as they were; None when nothing is shared.

    A decision may rest on a part of the figures (written by hand) or on more (several findings).
    """
    if not before:
        return []
    current = {key(place): (place, value) for place, value in now.items()}
    if set(before) == {""} and now:
        current[""] = next(iter(now.items()))
    shared = [place for place in before if place in current]
    if not shared:
        return None
    return [
        Phrase.WAS_NOW(current[place][0], before[place], current[place][1])
        for place in shared
        if not same(before[place], current[place][1])
    ]


def joined(parts: Iterable[Basis]) -> dict[str, str]:
    """The entries of several in one."""
    entries: dict[str, str] = {}
    for part in parts:
        entries |= part
    return entries


NOTHING_SENT: Final = "未报"
"""What the decision rests on that a unit need not report."""

DONE: Final = "已了结"
"""In the column 状况 of 待定: the matter is gone, the line stays for what was typed in it."""


class DecisionKind(Worded):
    """What is decided; the words of the file."""

    ACCEPT = "认可问题"
    CORRECT = "更正数据"
    EXCUSE = "无需报送"
    MATCH = "名称对应"
    CHOOSE = "选用报表"
    COMBINE = "拼合报表"


KINDS: Final = tuple(kind.value for kind in DecisionKind)


class Columns:
    """The sheets of the file and the headings of their columns."""

    MADE: Final = "决定"
    WAITING: Final = "待定"
    KIND, UNIT, TARGET, BASIS, VALUE, REASON, BY, DATE, STATE = (
        "种类 单位 对象 原值 新值 原因 决定人 日期 状况".split()
    )
    CHOICE, MESSAGE, OFFER, FILE = "决定 问题 可作的决定 文件".split()
    ON_MADE: Final = (KIND, UNIT, TARGET, BASIS, VALUE, REASON, BY, DATE, STATE)
    ON_WAITING: Final = (
        *(UNIT, TARGET, BASIS, MESSAGE, FILE, OFFER),
        *(CHOICE, VALUE, REASON, BY, DATE, STATE),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionLine:
    """A decision in the words in which the file, or an option of the command, has it.

    ``unit``: the name as the roster has it. ``target``: what is decided on; ``basis``: what stood
    there when it was decided, as `text_of` writes it, empty when it was written by hand without.
    ``sheet`` and ``row``: where it stands in the file, counted from 1; empty and 0 for nowhere
    yet.
    """

    kind: DecisionKind
    unit: str
    target: str = ""
    basis: str = ""
    value: str = ""
    reason: str = ""
    by: str = ""
    date: str = ""
    sheet: str = ""
    row: int = 0

    @property
    def why(self) -> str:
        """Reason, by whom and when, on one line."""
        return "，".join(x for x in (self.reason, self.by, self.date) if x)

    @property
    def label(self) -> str:
        """Unit, kind and target on one line, to name the decision in messages."""
        return " ".join(x for x in (self.unit, self.kind.value, self.target) if x)

    @property
    def words(self) -> Mapping[str, Any]:
        """All entries but the kind by their names, to make a decision of its kind of."""
        return {f.name: getattr(self, f.name) for f in fields(DecisionLine) if f.name != "kind"}

    @property
    def subject(self) -> tuple[object, ...]:
        """What is decided on: a later decision on the same takes the place of an earlier one."""
        return self.kind, self.unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Accept(DecisionLine):
    """认可问题: findings of a ``code`` need not be mended; at one ``cell`` (``表三!D5``), or
    wherever they are where that is empty.
    """

    kind: DecisionKind = field(default=DecisionKind.ACCEPT, init=False)
    code: str
    cell: str = ""

    @property
    def subject(self) -> tuple[object, ...]:
        """Unit, code and cell."""
        return self.kind, self.unit, self.code, self.cell


@dataclass(frozen=True, slots=True, kw_only=True)
class Correct(DecisionLine):
    """更正数据: the figure of an ``item``, by its number in the form, is this ``number``."""

    kind: DecisionKind = field(default=DecisionKind.CORRECT, init=False)
    item: int
    number: Number

    @property
    def subject(self) -> tuple[object, ...]:
        """Unit and item."""
        return self.kind, self.unit, self.item


@dataclass(frozen=True, slots=True, kw_only=True)
class Excuse(DecisionLine):
    """无需报送: the unit need not report this year."""

    kind: DecisionKind = field(default=DecisionKind.EXCUSE, init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchUnit(DecisionLine):
    """名称对应: returns under the name, or of the file, that ``target`` gives are the unit's."""

    kind: DecisionKind = field(default=DecisionKind.MATCH, init=False)

    @property
    def subject(self) -> tuple[object, ...]:
        """The name or file."""
        return self.kind, self.target


@dataclass(frozen=True, slots=True, kw_only=True)
class PickFiles(DecisionLine):
    """Which of several returns of a unit counts: those of these ``files``."""

    files: tuple[str, ...] = ()

    @property
    def subject(self) -> tuple[object, ...]:
        """The unit: choosing and combining take each other's place."""
        return PickFiles, self.unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Choose(PickFiles):
    """选用报表: the return of the one file counts."""

    kind: DecisionKind = field(default=DecisionKind.CHOOSE, init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Combine(PickFiles):
    """拼合报表: the returns of the files, each of which is a part, count as one."""

    kind: DecisionKind = field(default=DecisionKind.COMBINE, init=False)


Decision: TypeAlias = Accept | Correct | Excuse | MatchUnit | Choose | Combine


@dataclass(frozen=True, slots=True, kw_only=True)
class Decisions:
    """All decisions of a file, in its order, those chosen on 待定 last."""

    all: tuple[Decision, ...] = ()
    path: Path | None = None


class DecisionStanding(Enum):
    """How a decision stands after a run; the first words of 状况."""

    HOLDS = "有效"
    FALLEN = "已失效"
    UNUSED = "未用到"
    FAILED = "不能执行"


@dataclass(frozen=True, slots=True, kw_only=True)
class AppliedDecision:
    """A decision after a run: how it stands and why, and the figures it now rests on."""

    decision: Decision
    standing: DecisionStanding
    remark: Value = ""
    basis: str = ""

    @property
    def words(self) -> str:
        """The state as the file has it."""
        standing = self.standing.value
        return f"{standing}：{in_words(self.remark)}" if self.remark else standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """An open matter of a run on which a decision is possible: which kinds, and what a line of
    the file on it says. ``finding`` is None for a unit that has sent nothing.
    """

    kinds: tuple[DecisionKind, ...]
    unit: str
    target: str
    basis: str
    finding: Finding | None = None


class DecisionsError(ProblemsError):
    """The file of decisions cannot be used, or an existing one cannot be brought up to date."""

    noun = "决定表"


NEEDS: Final[Mapping[DecisionKind, tuple[str, ...]]] = {
    DecisionKind.ACCEPT: (Columns.UNIT, Columns.TARGET, Columns.REASON),
    DecisionKind.CORRECT: (Columns.UNIT, Columns.TARGET, Columns.VALUE, Columns.REASON),
    DecisionKind.EXCUSE: (Columns.UNIT, Columns.REASON),
    DecisionKind.MATCH: (Columns.UNIT, Columns.TARGET, Columns.REASON),
    DecisionKind.CHOOSE: (Columns.UNIT, Columns.TARGET, Columns.REASON),
    DecisionKind.COMBINE: (Columns.UNIT, Columns.TARGET, Columns.REASON),
}
"""What a line must have filled in."""
