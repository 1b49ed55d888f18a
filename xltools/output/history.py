"""What a unit sent and when, and what changed between, in words."""

from datetime import datetime

from xltools.model.summary import (
    Change,
    Outcome,
    Round,
    Standing,
    Summary,
)

SHOWN = 3
"""Changes that are told; the others are counted."""


def told_rounds(summary: Summary, one: Standing) -> str:
    """``1月20日初报；1月23日更正（改3处：表三!D5 12→13……）``, and what was decided since."""
    rounds = summary.rounds.get(one.unit.name, ())
    parts = []
    for number, each in enumerate(rounds):
        what = "报送" if len(rounds) == 1 else "更正" if number else "初报"
        parts.append(f"{_day(each.date)}{what}{_changed(each) if number else ''}")
    several = {d.outcome for d in one.documents} == {Outcome.REJECTED} and len(one.documents) > 1
    if not rounds and several:
        parts.append(f"收到 {len(one.documents)} 份，未定以哪一份为准")
    corrected = sum(m.corrected for m in one.entry.marks.values()) if one.entry else 0
    if corrected:
        parts.append(f"按决定更正{corrected}处（见“决定”）")
    return "；".join(parts)


def _day(date: datetime | None) -> str:
    return "日期不明，" if date is None else f"{date.month}月{date.day}日"


def _changed(one: Round) -> str:
    said = []
    if one.changes:
        more = "……" if len(one.changes) > SHOWN else ""
        shown = "、".join(map(_change, one.changes[:SHOWN]))
        said.append(f"改{len(one.changes)}处：{shown}{more}")
    if one.prose:
        said.append("文字、说明或声明有改动")
    return f"（{'；'.join(said) or '数字未变'}）"


def _change(one: Change) -> str:
    return f"{one.place} {one.before}→{one.after}"
