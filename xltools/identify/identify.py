"""Whose return it is, by what the workbook, its file name, its sender and its title say, and
whether it is of this form and year.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from xltools.forms.declaration import available, load
from xltools.identify.unit_names import Naming, area_of, foreign, stem
from xltools.inbox.reading import Reading
from xltools.layout.places import Layout
from xltools.match.others import seen_only
from xltools.model.findings import Finding, Topic, finding
from xltools.model.form import Form
from xltools.model.returns import Return
from xltools.model.roster import Roster, Unit, UnitState
from xltools.model.sheets import Identity
from xltools.model.text import clean, folded, key
from xltools.model.years import title_year

FILE, FOLDER, SENDER, TITLE = "文件名", "所在文件夹或压缩包的名称", "发件人", "表的标题"
FORWARDED: Final = 3  # units of which somebody else's address sent returns: it collects them


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """What one witness says. ``units``: those that it names, never none."""

    who: str
    units: tuple[Unit, ...]

    def supports(self, unit: Unit) -> bool:
        """Whether this may be a return of the unit by what the witness says."""
        return any(together(unit, one) for one in self.units)

    def __str__(self) -> str:
        return f"{self.who}指向“{'”或“'.join(u.name for u in self.units)}”"


class Witnesses:
    """The witnesses of all returns of a form, by a roster.

    ``readings``: all of them, since a folder, an archive or an address that several units'
    returns came through says nothing of any one of them.
    """

    def __init__(self, form: Form, roster: Roster, readings: Iterable[Reading] = ()) -> None:
        self.roster, self.naming = roster, Naming(form, roster)
        self._addresses: dict[str, list[Unit]] = {}
        for unit in roster:
            for address in unit.addresses:
                self._addresses.setdefault(address, []).append(unit)
        within: dict[str, set[str]] = {}
        sent: dict[str, set[str]] = {}
        for reading in readings:
            unit_of = self.stated(reading.ret) if reading.ret is not None else None
            if unit_of is None:
                continue
            for folder in folders(reading.name):
                within.setdefault(folder, set()).add(unit_of.name)
            if reading.mails:
                address = reading.mails[-1].sender.lower()
                if not any(together(unit_of, u) for u in self._addresses.get(address, ())):
                    sent.setdefault(address, set()).add(unit_of.name)
        self._crowded = {folder for folder, units in within.items() if len(units) > 1}
        self._forwarding = {a for a, units in sent.items() if len(units) >= FORWARDED}

    def stated(self, ret: Return) -> Unit | None:
        """The unit that a workbook itself names, where the roster has it."""
        identity = ret.identity
        told = (identity.unit, ret.unit, identity.code) if identity is not None else (ret.unit,)
        return next((u for t in told if t and (u := self.roster.find(t)) is not None), None)

    def of(self, reading: Reading) -> tuple[Witness, ...]:
        """The witnesses of a reading that name any unit: of path, sender and title at most one."""
        found = [self.path(reading)[0], self.sender(reading)[0]]
        if reading.ret is not None and reading.ret.title:
            units = self.naming.named(reading.ret.title)
            found.append(Witness(who=TITLE, units=units) if units else None)
        return tuple(one for one in found if one is not None)

    def path(self, reading: Reading) -> tuple[Witness | None, str]:
        """What the file's name says, else the nearest of the folders and containers around it;
        with the name that says it.
        """
        for at in (reading.name, *folders(reading.name)):
            if at in self._crowded:
                break
            text = stem(at.rpartition("/")[2])
            units = self.naming.named(text)
            if units:
                return Witness(who=FILE if at == reading.name else FOLDER, units=units), text
        return None, ""

    def sender(self, reading: Reading) -> tuple[Witness | None, bool]:
        """Whose the address is that sent the innermost mail, else one around it; with whether
        it was the innermost.
        """
        for number, mail in enumerate(reversed(reading.mails)):
            address = mail.sender.lower()
            units = self._addresses.get(address)
            if units and address not in self._forwarding:
                return Witness(who=SENDER, units=tuple(units)), number == 0
        return None, False

    def agreed(self, reading: Reading) -> tuple[Unit | None, str, tuple[Witness, ...]]:
        """The one unit that two witnesses agree on, the two in words, and all there are."""
        witnesses = self.of(reading)
        named = dict.fromkeys(u.name for w in witnesses if w.who != SENDER for u in w.units)
        names = named or dict.fromkeys(u.name for w in witnesses for u in w.units)
        found = []
        for unit in map(self.roster.unit, names):
            pair = [w.who for w in witnesses if w.supports(unit)]
            if len(pair) > 1:
                found.append((unit, "和".join(pair[:2])))
        if len(found) == 1:
            return *found[0], witnesses
        return None, "", witnesses

    def against(self, reading: Reading, unit: Unit, by: str) -> Sequence[Finding]:
        """I-10 where the file's name or the sender certainly means another unit than this one,
        which the return is of ``by`` what it says.
        """
        said = []
        path, text = self.path(reading)
        if path is not None and not path.supports(unit) and len(path.units) == 1:
            leaf = stem(reading.name.rpartition("/")[2])
            if not any(self.naming.hints(t, unit) for t in {text, leaf}):
                said.append(f"{path.who}写的是“{path.units[0].name}”")
        for place, name in reading.ret.named.items() if reading.ret is not None else ():
            units = self.naming.named(name)
            if len(units) != 1 or self.naming.hints(name, unit):
                continue
            if self.naming.short(unit) in key(name):
                continue  # a government's report is signed by its office
            if not Witness(who=place, units=units).supports(unit):
                said.append(f"{place}写的是“{units[0].name}”")
        sender, innermost = self.sender(reading)
        # Who passes a mail on need not have written it.
        if sender is not None and innermost and not sender.supports(unit):
            names = "、".join(u.name for u in sender.units[:3])
            said.append(f"发件人的邮箱在名录中是“{names}”的")
        if not said:
            return ()
        return (finding("I-10", found="，".join(said), detail=f"{by}这是“{unit.name}”的表"),)


def folders(path: str) -> Iterator[str]:
    """The folders and containers that a document lies in, the nearest first; without the inbox."""
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path


def together(one: Unit, other: Unit) -> bool:
    """Whether a return of the one may well come under the other's name: the same, filing
    together, or following it.
    """
    return (
        one.name == other.name
        or (one.files_through or one.name) == (other.files_through or other.name)
        or one.name in other.predecessors
        or other.name in one.predecessors
    )


_OURS = {
    "summary": "汇总表",
    "dispatch": "发放清单",
    "roster": "单位名录",
    "previous": "上年数据表",
    "diff": "差异表",
    "decisions": "决定表",
}

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
        against += [f for f in ret.findings if f.is_about(Topic.ANOTHER_EDITION)]
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
    if unit is not None and unit.state is not UnitState.REGISTERED:
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
    if not years and ret.title and (year := title_year(ret.title)):
        return (year,)
    return years


def usual_year(readings: Iterable[Reading]) -> int:
    """The year that most returns name, the later of equals; 0 when none names one."""
    years = Counter(years_of(r.ret)[0] for r in readings if r.ret and years_of(r.ret))
    return max(years, key=lambda y: (years[y], y), default=0)


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
        if stated := _STATED.search(folded(reading.ret.title)):
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
