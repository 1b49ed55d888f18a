"""Decisions of the coordinator: the kinds of decision, the figures that a decision rests on, the
matters on which one can be made, and what became of each in a run.
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
"""What a decision rests on: the contents of cells, by place. The empty key holds a content whose
place nobody wrote down, as people do who write only the figure.
"""

BLANK = Phrase.BLANK.value
_SPLIT = re.compile(r"[；;\r\n]+")


def basis_of(text: str) -> dict[str, str]:
    """Read a basis from text: entries ``place=content``, separated by semicolons or line breaks.

    Returns the contents by place, the place as `key` compares it. A part without ``=`` gets the
    empty place; of two parts with the same place the later one counts.
    """
    entries: dict[str, str] = {}
    for part in _SPLIT.split(text):
        place, mark, value = part.replace("＝", "=").partition("=")
        if not mark:
            place, value = "", place
        if key(place) or key(value):
            entries[key(place)] = value.strip()
    return entries


def text_of(basis: Basis) -> str:
    """Write a basis as text that `basis_of` reads: ``place=content``, separated by ；. Semicolons,
    line breaks and ``=`` within a content are replaced, since they would separate entries.
    """
    return "；".join(
        f"{place}={_plain(value)}" if place else _plain(value) for place, value in basis.items()
    )


def _plain(value: str) -> str:
    """A content on one line, with the marks that separate entries replaced by full-width ones."""
    return " ".join(_SPLIT.sub("，", value).replace("=", "＝").split())


def same(first: str, second: str) -> bool:
    """Whether two contents of a basis are the same: equal numbers if both are numbers, else equal
    texts, apart from spaces, full width and quotation marks. An empty content is the same as 空白.
    """
    return _value(first) == _value(second)


def _value(text: str) -> Decimal | str:
    """A content as it is compared: its number, or else its text as a key, 空白 for an empty one."""
    reading = numbers.read(_plain(text))
    if (
        reading is not None
        and reading.kind is numbers.NumberKind.NUMBER
        and reading.number is not None
    ):
        return Decimal(reading.number)
    return key(_plain(text)).strip("“”\"'") or BLANK


def changes(before: Basis, now: Basis) -> list[Saying] | None:
    """The contents that have changed since a decision: for each a phrase that says what was there
    and what is there now. ``before``: what the decision rests on; ``now``: the same places today.
    The list is empty if nothing changed or ``before`` is empty; the result is None if the two have
    no place in common.

    Only places that both have are compared, because a decision written by hand may rest on only
    some of the figures, and one about several findings rests on more of them. A content of
    ``before`` without a place, if it is the only one, is compared with the first of ``now``.
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
    """All entries of several bases in one; of two with the same place the later one counts."""
    entries: dict[str, str] = {}
    for part in parts:
        entries |= part
    return entries


NOTHING_SENT: Final = "未报"
"""The basis of the decision that a unit need not report."""

DONE: Final = "已了结"
"""The entry in the column 状况 of the sheet 待定 for a matter that no longer exists. Its line is
kept for the sake of what people typed into it.
"""


class DecisionKind(Worded):
    """The kinds of decisions; the values are the words by which the file calls them."""

    ACCEPT = "认可问题"
    CORRECT = "更正数据"
    EXCUSE = "无需报送"
    MATCH = "名称对应"
    CHOOSE = "选用报表"
    COMBINE = "拼合报表"


KINDS: Final = tuple(kind.value for kind in DecisionKind)


class Columns:
    """The names of the file's sheets and of their columns."""

    MADE: Final = "决定"
    WAITING: Final = "待定"
    KIND, UNIT, TARGET, BASIS, VALUE, REASON, BY, DATE, YEAR, STATE = (
        "种类 单位 对象 原值 新值 原因 决定人 日期 年度 状况".split()
    )
    CHOICE, MESSAGE, OFFER, FILE = "决定 问题 可作的决定 文件".split()
    ON_MADE: Final = (KIND, UNIT, TARGET, BASIS, VALUE, REASON, BY, DATE, YEAR, STATE)
    ON_WAITING: Final = (
        *(UNIT, TARGET, BASIS, MESSAGE, FILE, YEAR, OFFER),
        *(CHOICE, VALUE, REASON, BY, DATE, STATE),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionLine:
    """A decision as text, as written on a line of the file or given by options of the command.

    ``unit``: the unit's name in the roster. ``target``: what the decision is about: a cell, a code,
    a name, files. ``basis``: the figures it rests on, as `text_of` writes them; empty where
    somebody wrote the line by hand without them. ``value``: the new figure, if the decision gives
    one. ``reason``, ``by``, ``date``: why it was made, by whom and when. ``year``: of the reports
    that it is about, 0 where the line does not say. ``sheet`` and ``row`` (counted from 1): the
    place of the line in the file; empty and 0 for a decision that is not in the file yet.
    """

    kind: DecisionKind
    unit: str
    target: str = ""
    basis: str = ""
    value: str = ""
    reason: str = ""
    by: str = ""
    date: str = ""
    year: int = 0
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
        """All fields except the kind, by name: the arguments for making an object of the class for
        this kind from the line.
        """
        return {f.name: getattr(self, f.name) for f in fields(DecisionLine) if f.name != "kind"}

    @property
    def subject(self) -> tuple[object, ...]:
        """A key for what is decided: of two decisions with the same subject, the later one replaces
        the earlier one.
        """
        return self.kind, self.unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Accept(DecisionLine):
    """认可问题: findings with this ``code`` are accepted as they are and need not be corrected.
    ``cell``: only those at this cell, such as ``表三!D5``; empty: those at any cell.
    """

    kind: DecisionKind = field(default=DecisionKind.ACCEPT, init=False)
    code: str
    cell: str = ""

    @property
    def subject(self) -> tuple[object, ...]:
        """Kind, unit, code and cell: only a decision about the same code at the same cell replaces
        it.
        """
        return self.kind, self.unit, self.code, self.cell


@dataclass(frozen=True, slots=True, kw_only=True)
class Correct(DecisionLine):
    """更正数据: the figure of ``item`` (its number in the form) is ``number``, whatever the return
    says.
    """

    kind: DecisionKind = field(default=DecisionKind.CORRECT, init=False)
    item: int
    number: Number

    @property
    def subject(self) -> tuple[object, ...]:
        """Kind, unit and item: only a decision about the same figure replaces it."""
        return self.kind, self.unit, self.item


@dataclass(frozen=True, slots=True, kw_only=True)
class Excuse(DecisionLine):
    """无需报送: the unit need not report this year."""

    kind: DecisionKind = field(default=DecisionKind.EXCUSE, init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchUnit(DecisionLine):
    """名称对应: the returns that call their unit by the name in ``target``, or that are in the file
    named there, belong to this unit.
    """

    kind: DecisionKind = field(default=DecisionKind.MATCH, init=False)

    @property
    def subject(self) -> tuple[object, ...]:
        """Kind and name or file: a decision that gives the same name or file to another unit
        replaces it.
        """
        return self.kind, self.target


@dataclass(frozen=True, slots=True, kw_only=True)
class PickFiles(DecisionLine):
    """A decision on which of a unit's several returns counts. ``files``: the paths of those that
    do.
    """

    files: tuple[str, ...] = ()

    @property
    def subject(self) -> tuple[object, ...]:
        """The unit alone: a decision to choose and one to combine replace each other."""
        return PickFiles, self.unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Choose(PickFiles):
    """选用报表: of all the unit's returns, only the one in this file counts."""

    kind: DecisionKind = field(default=DecisionKind.CHOOSE, init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Combine(PickFiles):
    """拼合报表: the returns in these files, each of which is only a part, are combined into one."""

    kind: DecisionKind = field(default=DecisionKind.COMBINE, init=False)


Decision: TypeAlias = Accept | Correct | Excuse | MatchUnit | Choose | Combine


@dataclass(frozen=True, slots=True, kw_only=True)
class Decisions:
    """All decisions of a file in the order of its lines, those on the sheet 待定 after those on
    决定. ``path``: the file; None if there is none.
    """

    all: tuple[Decision, ...] = ()
    path: Path | None = None


class DecisionStanding(Enum):
    """What became of a decision in a run; the value is what the column 状况 begins with."""

    HOLDS = "有效"
    FALLEN = "已失效"
    UNUSED = "未用到"
    FAILED = "不能执行"


@dataclass(frozen=True, slots=True, kw_only=True)
class AppliedDecision:
    """A decision after a run. ``standing``: what became of it; ``remark``: why, empty where there
    is nothing to add; ``basis``: the figures that it rests on now, as `text_of` writes them.
    """

    decision: Decision
    standing: DecisionStanding
    remark: Value = ""
    basis: str = ""

    @property
    def words(self) -> str:
        """The text for the column 状况: the standing, and the remark after a colon."""
        standing = self.standing.value
        return f"{standing}：{in_words(self.remark)}" if self.remark else standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """An open matter of a run that the coordinator may decide. ``kinds``: the kinds of decision
    that are possible. ``unit``, ``target``, ``basis``: the entries for a line about it in the file
    of decisions. ``finding``: the finding that raises it; None for a unit that has sent nothing.
    """

    kinds: tuple[DecisionKind, ...]
    unit: str
    target: str
    basis: str
    finding: Finding | None = None


class DecisionsError(ProblemsError):
    """The file of decisions cannot be used, or cannot be brought up to date."""

    noun = "决定表"


NEEDS: Final[Mapping[DecisionKind, tuple[str, ...]]] = {
    DecisionKind.ACCEPT: (Columns.UNIT, Columns.TARGET, Columns.REASON),
    DecisionKind.CORRECT: (Columns.UNIT, Columns.TARGET, Columns.VALUE, Columns.REASON),
    DecisionKind.EXCUSE: (Columns.UNIT, Columns.REASON),
    DecisionKind.MATCH: (Columns.UNIT, Columns.TARGET, Columns.REASON),
    DecisionKind.CHOOSE: (Columns.UNIT, Columns.TARGET, Columns.REASON),
    DecisionKind.COMBINE: (Columns.UNIT, Columns.TARGET, Columns.REASON),
}
"""By kind of decision, the columns that a line must have filled in."""
