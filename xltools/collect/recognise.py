"""Whose return it is, and whether it is one of this form and year at all."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from xltools.collect.readings import Reading
from xltools.findings import Finding, finding
from xltools.layout import Layout
from xltools.returns import Return
from xltools.roster import Roster, State, Unit, clean, key

_OURS = {
    "summary": "汇总表",
    "dispatch": "发放清单",
    "roster": "单位名录",
    "previous": "上年数据表",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """``ignored``: why the file is by nature no return. ``name``: the unit's name, of the roster
    where it is in it (empty: unknown). ``findings``: what speaks against it.
    """

    ignored: str = ""
    name: str = ""
    unit: Unit | None = None
    findings: tuple[Finding, ...] = ()


def recognise(layout: Layout, reading: Reading, roster: Roster | None, year: int) -> Recognised:
    """Judge one file that was read (``reading.ret`` is not None). ``year`` 0: any."""
    ret, form = reading.ret, layout.form
    assert ret is not None
    identity = ret.identity
    if identity is not None and identity.kind in _OURS:
        return Recognised(ignored=f"本程序生成的{_OURS[identity.kind]}")
    against: list[Finding] = []
    if identity is not None and (identity.form, identity.edition) != (form.form, form.edition):
        against.append(
            finding("I-01", found=f"{identity.form}-{identity.edition}", expected=form.name)
        )
    elif ret.other:
        against += [f for f in ret.findings if f.code == "I-12"]
    elif len(ret.missing) == len(form.tables):
        return Recognised(findings=(finding("I-08"),))
    wrong = [y for y in years_of(ret) if year and y != year]
    if wrong:
        against.append(finding("I-02", found=str(wrong[0]), expected=str(year)))
    name, unit, more = _whose(reading, roster)
    against.extend(more)
    if unit is not None and unit.state is not State.REGISTERED:
        against.append(finding("I-05", found=unit.state.value))
    if unit is not None and unit.files_through:
        against.append(finding("I-06", found=unit.files_through))
    return Recognised(name=name, unit=unit, findings=tuple(against))


def years_of(ret: Return) -> tuple[int, ...]:
    """The years that a return names: on 填报, and on the hidden sheet."""
    identity = ret.identity.year if ret.identity is not None else 0
    return tuple(dict.fromkeys(y for y in (ret.year, identity) if y))


def _whose(reading: Reading, roster: Roster | None) -> tuple[str, Unit | None, Sequence[Finding]]:
    """The unit by the workbook, else by the file's name when that names just one."""
    ret = reading.ret
    assert ret is not None
    told = (ret.identity.unit if ret.identity else "", ret.unit)
    names = [name for name in map(clean, told) if name]
    code = ret.identity.code if ret.identity else ""
    if roster is None:
        if names:
            return names[0], None, ()
        return "", None, (finding("I-03"),)
    if len(names) == 2 and key(names[0]) != key(names[1]):
        one, other = roster.find(names[0]), roster.find(names[1])
        if one is None or one != other:
            return "", None, (finding("I-09", found=names[0], expected=names[1], detail="填报页"),)
    for name in (*names, code):
        unit = roster.find(name) if name else None
        if unit is not None:
            return unit.name, unit, ()
    if names:
        return names[0], None, (finding("I-04", found=names[0]),)
    unit = _named(PurePosixPath(reading.name).name, roster)
    if unit is None:
        return "", None, (finding("I-03"),)
    return unit.name, unit, (finding("I-07", found="文件名", expected=unit.name),)


def _named(file: str, roster: Roster) -> Unit | None:
    """The one unit whose name or alias stands in a file's name; the longest name wins."""
    text = key(re.sub(r"\.[A-Za-z0-9]{1,5}$", "", file))
    hits = [
        (len(key(name)), unit)
        for unit in roster
        for name in (unit.name, *unit.aliases)
        if len(key(name)) > 1 and key(name) in text
    ]
    if not hits:
        return None
    longest = max(length for length, _ in hits)
    best = {unit.name: unit for length, unit in hits if length == longest}
    return next(iter(best.values())) if len(best) == 1 else None
