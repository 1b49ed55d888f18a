"""Who says whose a return is, beside the workbook itself: file name, sender, title.

The workbook is one witness, hidden sheet and cover together: a colleague's template that was
copied agrees with itself. What a witness says counts against the workbook only where it is
certain; a false alarm costs a coordinator more than it is worth.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from xltools.identify.unit_names import Naming, stem
from xltools.inbox.reading import Reading
from xltools.model.findings import Finding, finding
from xltools.model.form import Form
from xltools.model.returns import Return
from xltools.model.roster import Roster, Unit, key

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
