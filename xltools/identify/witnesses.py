"""The sources beside a return that name its unit (names of files and folders, senders of mails,
titles of tables), and whether they agree.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from xltools.identify.unit_names import Naming, stem
from xltools.model.findings import Finding, finding
from xltools.model.form import Form
from xltools.model.record import DocumentRecord, ReturnRecord
from xltools.model.returns import Return
from xltools.model.roster import Roster, Unit
from xltools.model.text import key
from xltools.model.wording import NamingPlace, Phrase, Saying, Value, each

FORWARDED: Final = 3  # units whose returns one address sent: then it forwards those of others


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """One source that names a unit, and what it says. ``who``: which source it is, such as the file
    name. ``units``: the units that it may mean, at least one; several where an address or a name
    belongs to several.
    """

    who: NamingPlace
    units: tuple[Unit, ...]

    def supports(self, unit: Unit) -> bool:
        """Whether the source agrees that the return is the unit's: it names the unit, or another
        one whose return may come under the unit's name (see `together`).
        """
        return any(together(unit, named) for named in self.units)

    @property
    def statement(self) -> Saying:
        """What the source says, in the words of a finding: that it points to these units."""
        return Phrase.POINTS_TO(self.who, each((unit.name for unit in self.units), "”或“"))


class Witnesses:
    """The sources beside a return that may say which unit it is from: names of files and folders,
    senders of mails, titles of tables. Units are looked up in ``roster``.

    ``records``: all documents of the inbox. They show which folders, archives and addresses returns
    of several units came through: these say nothing about a single return.
    """

    def __init__(self, form: Form, roster: Roster, records: Iterable[DocumentRecord] = ()) -> None:
        self.roster, self.naming = roster, Naming(form, roster)
        self._addresses: dict[str, list[Unit]] = {}
        for unit in roster:
            for address in unit.addresses:
                self._addresses.setdefault(address, []).append(unit)
        within: dict[str, set[str]] = {}
        sent: dict[str, set[str]] = {}
        for record in records:
            unit_of = self.stated(record.ret) if isinstance(record, ReturnRecord) else None
            if unit_of is None:
                continue
            for folder in folders(record.path):
                within.setdefault(folder, set()).add(unit_of.name)
            if record.source.senders:
                address = record.source.senders[-1].lower()
                if not any(together(unit_of, u) for u in self._addresses.get(address, ())):
                    sent.setdefault(address, set()).add(unit_of.name)
        self._crowded = {folder for folder, units in within.items() if len(units) > 1}
        self._forwarding = {a for a, units in sent.items() if len(units) >= FORWARDED}

    def stated(self, ret: Return) -> Unit | None:
        """The unit that a workbook itself names (on its hidden sheet, on its cover, or by its
        code); None where it names none, or none that is in the roster.
        """
        identity = ret.identity
        names = (identity.unit, ret.unit, identity.code) if identity is not None else (ret.unit,)
        return next((u for n in names if n and (u := self.roster.find(n)) is not None), None)

    def of(self, record: DocumentRecord) -> tuple[Witness, ...]:
        """The sources that name a unit for this document: at most one each from its path, its
        sender and its title, in this order; empty where none does.
        """
        witnesses = [self.path(record)[0], self.sender(record)[0]]
        if isinstance(record, ReturnRecord) and record.ret.title:
            units = self.naming.named(record.ret.title)
            witnesses.append(Witness(who=NamingPlace.TITLE, units=units) if units else None)
        return tuple(witness for witness in witnesses if witness is not None)

    def path(self, record: DocumentRecord) -> tuple[Witness | None, str]:
        """What the file's name says; where it names no unit, what the nearest folder, archive or
        mail around it says. Returns the witness and the name it was read from, or None and an empty
        text. The search ends at a folder through which returns of several units came.
        """
        for at in (record.path, *folders(record.path)):
            if at in self._crowded:
                break
            text = stem(at.rpartition("/")[2])
            units = self.naming.named(text)
            if units:
                return Witness(
                    who=NamingPlace.FILE if at == record.path else NamingPlace.FOLDER, units=units
                ), text
        return None, ""

    def sender(self, record: DocumentRecord) -> tuple[Witness | None, bool]:
        """The units whose address sent the document, and whether that was the innermost mail. Of
        several mails inside each other, the innermost with an address in the roster is taken.
        Addresses that forward the returns of several units are passed over. None and False where no
        mail has a usable address.
        """
        for number, sender in enumerate(reversed(record.source.senders)):
            address = sender.lower()
            units = self._addresses.get(address)
            if units and address not in self._forwarding:
                return Witness(who=NamingPlace.SENDER, units=tuple(units)), number == 0
        return None, False

    def agreed(self, record: ReturnRecord) -> tuple[Unit | None, Value, tuple[Witness, ...]]:
        """Find the one unit that at least two sources agree on.

        Returns three things: the unit; a phrase for a finding that names the first two sources that
        agree on it; and all sources that name any unit. If no unit, or more than one, has
        two sources, the unit is None and the phrase is empty. A unit that only the sender's
        address names is considered only if no other source names a unit.
        """
        witnesses = self.of(record)
        named = dict.fromkeys(
            u.name for w in witnesses if w.who is not NamingPlace.SENDER for u in w.units
        )
        names = named or dict.fromkeys(u.name for w in witnesses for u in w.units)
        supported = []
        for unit in map(self.roster.unit, names):
            pair = [w.who for w in witnesses if w.supports(unit)]
            if len(pair) > 1:
                supported.append((unit, Phrase.BOTH_SOURCES(*pair[:2])))
        if len(supported) == 1:
            return *supported[0], witnesses
        return None, "", witnesses

    def against(self, record: ReturnRecord, unit: Unit, by: Value) -> Sequence[Finding]:
        """Check a return's unit against everything else that names a unit. ``unit``: the unit that
        the return is taken to be from; ``by``: the source which says so, for the message.

        Returns one finding I-10 that lists all contradictions, or nothing. A contradiction is a
        file or folder name, a place in the document (``ret.named``), or the sender of the innermost
        mail that clearly means another unit.
        """
        contradictions: list[Saying] = []
        path, text = self.path(record)
        if path is not None and not path.supports(unit) and len(path.units) == 1:
            leaf = stem(record.path.rpartition("/")[2])
            if not any(self.naming.hints(t, unit) for t in {text, leaf}):
                contradictions.append(Phrase.NAMES_UNIT(path.who, path.units[0].name))
        for place, name in record.ret.named.items():
            units = self.naming.named(name)
            if len(units) != 1 or self.naming.hints(name, unit):
                continue
            if self.naming.short(unit) in key(name):
                continue  # a government's report is signed by its office
            if not Witness(who=place, units=units).supports(unit):
                contradictions.append(Phrase.NAMES_UNIT(place, units[0].name))
        sender, innermost = self.sender(record)
        # Who passes a mail on need not have written it.
        if sender is not None and innermost and not sender.supports(unit):
            names = each(u.name for u in sender.units[:3])
            contradictions.append(Phrase.SENDER_OF(names))
        if not contradictions:
            return ()
        return (
            finding("I-10", found=each(contradictions, "，"), detail=Phrase.UNIT_BY(by, unit.name)),
        )


def folders(path: str) -> Iterator[str]:
    """The paths of the folders, archives and mails around a document, the nearest first; the inbox
    itself is not among them.
    """
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path


def together(first: Unit, second: Unit) -> bool:
    """Whether a return of one of the two units may come under the name of the other: they are the
    same, file through the same unit, or one is a predecessor of the other.
    """
    return (
        first.name == second.name
        or (first.files_through or first.name) == (second.files_through or second.name)
        or first.name in second.predecessors
        or second.name in first.predecessors
    )
