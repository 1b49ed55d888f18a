"""Decisions given on the command line, a string each."""

from collections.abc import Sequence
from dataclasses import replace

from xltools.layout.places import Layout
from xltools.ledgers.decisions import settled
from xltools.ledgers.targets import TargetError
from xltools.model.decisions import Decision, DecisionKind
from xltools.model.errors import XltoolsError
from xltools.model.roster import Roster, key


class GivenError(XltoolsError):
    """A decision that cannot be understood; the text says what was given and how to write it."""


HOW = {
    DecisionKind.ACCEPT: ("--accept", "单位 编码 [单元格]"),
    DecisionKind.CORRECT: ("--set", "单位 数据项=新值"),
    DecisionKind.EXCUSE: ("--excuse", "单位"),
    DecisionKind.MATCH: ("--match", "名称=单位"),
    DecisionKind.CHOOSE: ("--choose", "单位=文件"),
    DecisionKind.COMBINE: ("--combine", "单位=文件1+文件2"),
}
"""The option of each kind, and how its words are written."""


def given(
    words: Sequence[tuple[DecisionKind, str]],
    layout: Layout,
    roster: Roster | None,
    *,
    reason: str,
    by: str,
    date: str,
) -> list[Decision]:
    """The decisions that some words say. Raises GivenError."""
    made = []
    for kind, text in words:
        option, how = HOW[kind]
        try:
            one = _parts(kind, text, roster)
            one = settled(replace(one, reason=reason, by=by, date=date), layout, roster)
        except ValueError as error:
            raise GivenError(f'{option} “{text}”：{error}（写法：{option} "{how}"）') from None
        made.append(one)
    return made


def _parts(kind: DecisionKind, text: str, roster: Roster | None) -> Decision:
    if kind is DecisionKind.EXCUSE:
        return Decision(kind=kind, unit=_unit(text, roster))
    if kind is DecisionKind.ACCEPT:
        unit, rest = _leading(text, roster)
        return Decision(kind=kind, unit=unit, target=_rest(rest, "编码"))
    before, mark, after = (part.strip() for part in text.replace("＝", "=").rpartition("="))
    if not mark or not before or not after:
        raise TargetError("缺少等号，或等号一边是空的")
    if kind is DecisionKind.CORRECT:
        unit, rest = _leading(before, roster)
        return Decision(kind=kind, unit=unit, target=_rest(rest, "数据项"), value=after)
    if kind is DecisionKind.MATCH:
        return Decision(kind=kind, unit=_unit(after, roster), target=before)
    return Decision(kind=kind, unit=_unit(before, roster), target=after)


def _rest(text: str, what: str) -> str:
    if not text:
        raise TargetError(f"单位后面没有写{what}")
    return text


def _unit(text: str, roster: Roster | None) -> str:
    if roster is None:
        return text.strip()
    unit = roster.find(text)
    if unit is None:
        raise TargetError(f"名录中没有“{text.strip()}”")
    return unit.name


def _leading(text: str, roster: Roster | None) -> tuple[str, str]:
    """The unit that words begin with, and the rest; of the names that fit, the longest."""
    words = text.split()
    for count in range(len(words), 0, -1):
        name = " ".join(words[:count])
        if roster is None and count == 1 and key(name):
            return name, " ".join(words[1:])
        unit = roster.find(name) if roster is not None else None
        if unit is not None:
            return unit.name, " ".join(words[count:])
    raise TargetError("开头不是名录中的单位（或它的别名、代码）")
