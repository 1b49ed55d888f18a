"""Whose return it is, and whether it is one of this form and year at all."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from xltools.forms.declaration import available, load
from xltools.identify.evidence import Witnesses
from xltools.identify.unit_names import area_of, foreign
from xltools.inbox.reading import Reading
from xltools.layout.places import Layout
from xltools.match.lost import seen_only
from xltools.model.findings import Finding, finding
from xltools.model.returns import Return
from xltools.model.roster import State, Unit, clean, key
from xltools.model.sheets import Identity

_OURS = {
    "summary": "汇总表",
    "dispatch": "发放清单",
    "roster": "单位名录",
    "previous": "上年数据表",
    "diff": "差异表",
    "decisions": "决定表",
}

# Neither a day (2024年1月12日) nor an edition (2021年版).
_YEAR: Final = re.compile(r"(?<![0-9])(20[0-9]{2})\s*年(?!\s*(?:[0-9]{1,2}\s*月|版|修订|印发))")
_STATED: Final = re.compile(r"(?:填报|报送)?单位(?:名称)?\s*:\s*([一-鿿()]{3,40})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """``ignored``: why the file is by nature no return. ``name``: the unit's name, of the roster
    where it is in it (empty: unknown). ``findings``: what speaks against it.
    """

    ignored: str = ""
    name: str = ""
    unit: Unit | None = None
    findings: tuple[Finding, ...] = ()


def recognise(
    layout: Layout, reading: Reading, witnesses: Witnesses | None, year: int
) -> Recognised:
    """Judge one file that was read (``reading.ret`` is not None). ``year`` 0: any.

    ``witnesses``: those of the inbox, by the roster; None without a roster.
    """
    ret, form = reading.ret, layout.form
    assert ret is not None
    identity = ret.identity
    if identity is not None and identity.kind in _OURS:
        return Recognised(ignored=f"本程序生成的{_OURS[identity.kind]}")
    against: list[Finding] = []
    if identity is not None and (identity.form, identity.edition) != (form.form, form.edition):
        against.append(
            finding("I-01", found=_title_of(identity), expected=f"{form.title}（{form.authority}）")
        )
    elif ret.other:
        against += [f for f in ret.findings if f.code == "I-12"]
    elif len(ret.missing) == len(form.tables) and not seen_only(ret.findings):
        return Recognised(name=_sender(reading, witnesses), findings=(finding("I-08"),))
    years = years_of(ret)
    wrong = [y for y in years if year and y != year]
    if wrong:
        against.append(finding("I-02", found=str(wrong[0]), expected=str(year)))
    elif year and not years:
        against.append(finding("I-14", found=f"，按本次的{year}年计"))
    name, unit, more = _whose(reading, witnesses)
    against.extend(more)
    if unit is not None and unit.state is not State.REGISTERED:
        against.append(finding("I-05", found=unit.state.value))
    if unit is not None and unit.files_through:
        against.append(finding("I-06", found=unit.files_through))
    return Recognised(name=name, unit=unit, findings=tuple(against))


def _sender(reading: Reading, witnesses: Witnesses | None) -> str:
    """The unit that sent a file which says nothing itself, by its name or its mail's sender."""
    if witnesses is None:
        return ""
    for witness in (witnesses.path(reading)[0], witnesses.sender(reading)[0]):
        if witness is not None:
            return witness.units[0].name if len(witness.units) == 1 else ""
    return ""


def years_of(ret: Return) -> tuple[int, ...]:
    """The years that a return names: on 填报, and on the hidden sheet; else in its title."""
    identity = ret.identity.year if ret.identity is not None else 0
    years = tuple(dict.fromkeys(y for y in (ret.year, identity) if y))
    if not years and ret.title and (year := _title_year(ret.title)):
        return (year,)
    return years


def usual_year(readings: Iterable[Reading]) -> int:
    """The year that most returns name, the later of equals; 0 when none names one."""
    years = Counter(years_of(r.ret)[0] for r in readings if r.ret and years_of(r.ret))
    return max(years, key=lambda y: (years[y], y), default=0)


def _title_year(title: str) -> int:
    """The one year that a title is about; 0 for none or several. Dates and editions are none."""
    years = {int(y) for y in _YEAR.findall(unicodedata.normalize("NFKC", title))}
    return years.pop() if len(years) == 1 else 0


def _whose(
    reading: Reading, witnesses: Witnesses | None
) -> tuple[str, Unit | None, Sequence[Finding]]:
    """The unit by the workbook; where it names none, by two other witnesses that agree."""
    ret = reading.ret
    assert ret is not None
    told = (ret.identity.unit if ret.identity else "", ret.unit)
    names = [name for name in map(clean, told) if name]
    code = ret.identity.code if ret.identity else ""
    if witnesses is None:
        if names:
            return names[0], None, ()
        return "", None, (finding("I-03"),)
    roster = witnesses.roster
    if len(names) == 2 and key(names[0]) != key(names[1]):
        one, other = roster.find(names[0]), roster.find(names[1])
        if one is None or one != other:
            return "", None, (finding("I-09", found=names[0], expected=names[1], detail="填报页"),)
    for name in (*names, code):
        unit = roster.find(name) if name else None
        if unit is not None:
            return unit.name, unit, witnesses.against(reading, unit, "表内的单位")
    if names:
        return names[0], None, (_unknown(names[0], reading, witnesses),)
    return _unnamed(reading, witnesses)


def _unknown(name: str, reading: Reading, witnesses: Witnesses) -> Finding:
    """A name that the roster has not: another district's, or one that may be meant otherwise."""
    naming = witnesses.naming
    area = area_of(name)
    if foreign(area, naming.home):
        return finding("I-11", found=name, expected=naming.home, detail=area)
    meant = list(naming.proposals(name))
    for witness in witnesses.of(reading):
        meant += [u for u in witness.units if len(witness.units) == 1 and u not in meant]
    if not meant:
        return finding("I-04", found=name)
    ask = f"，是否为“{'”或“'.join(u.name for u in meant)}”？确认的，写入名录的“别名”栏"
    return finding("I-04", found=name, expected="、".join(u.name for u in meant), detail=ask)


def _unnamed(reading: Reading, witnesses: Witnesses) -> tuple[str, Unit | None, Sequence[Finding]]:
    """A return that names no unit itself."""
    unit, pair, all_of_them = witnesses.agreed(reading)
    if unit is not None:
        told = finding("I-07", found=pair, expected=unit.name)
        return unit.name, unit, (told, *witnesses.against(reading, unit, pair))
    assert reading.ret is not None
    if not all_of_them:
        if stated := _STATED.search(unicodedata.normalize("NFKC", reading.ret.title)):
            name = clean(stated[1])
            return name, None, (_unknown(name, reading, witnesses),)
        stem = PurePosixPath(reading.name).stem
        meant = witnesses.naming.loosely(stem) or witnesses.naming.loosely(reading.ret.title)
        if not meant:
            return "", None, (finding("I-03"),)
        names = "”或“".join(u.name for u in meant[:3])
        return "", None, (finding("I-03", detail=f"，像是“{names}”"),)
    named = dict.fromkeys(u.name for w in all_of_them for u in w.units)
    if len(all_of_them) == 1 and len(named) == 1:
        unit = all_of_them[0].units[0]
        told = finding("I-03", detail=f"：只有{all_of_them[0]}", expected=unit.name)
        return unit.name, unit, (told,)
    said = "，".join(map(str, all_of_them))
    return "", None, (finding("I-03", detail=f"：{said}"),)


def _title_of(identity: Identity) -> str:
    """What people call the form of a workbook of ours; its name where it is not known here."""
    name = f"{identity.form}-{identity.edition}"
    if name not in available():
        return name
    form = load(name)
    return f"{form.title}（{form.authority}）"
