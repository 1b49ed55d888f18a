"""Whose return it is, by what the workbook, its file name, its sender and its title say, and
whether it is of this form and year; and what to ask where every file fails alike.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Final

from xltools.checks.run import explained
from xltools.forms.declaration import available, load
from xltools.identify.unit_names import Naming, area_of, foreign, stem
from xltools.layout.places import Layout
from xltools.model.findings import Finding, Topic, acceptable, finding
from xltools.model.form import Form
from xltools.model.identity import Identity, WorkbookKind
from xltools.model.record import DocumentRecord, ReturnRecord
from xltools.model.returns import Return
from xltools.model.roster import Roster, Unit, UnitState
from xltools.model.stated import title_year
from xltools.model.summary import Document, Outcome, Summary
from xltools.model.text import clean, folded, key
from xltools.model.wording import NamingPlace, Phrase, Saying, Value, each

ENOUGH: Final = 2  # files that fail alike: one may well be the unit's own mistake
FORWARDED: Final = 3  # units of which somebody else's address sent returns: it collects them


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """What one witness says. ``units``: those that it names, never none."""

    who: NamingPlace
    units: tuple[Unit, ...]

    def supports(self, unit: Unit) -> bool:
        """Whether this may be a return of the unit by what the witness says."""
        return any(together(unit, named) for named in self.units)

    @property
    def statement(self) -> Saying:
        """What it says, as a finding carries it."""
        return Phrase.POINTS_TO(self.who, each((unit.name for unit in self.units), "”或“"))


class Witnesses:
    """What lies beside the documents of an inbox and says whose they are, by a roster: names of
    files and folders, senders of mails, titles of tables.

    ``records``: all documents of the inbox, since a folder, an archive or an address that several
    units' returns came through says nothing of any one of them.
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
        """The unit that a workbook itself names, where the roster has it."""
        identity = ret.identity
        names = (identity.unit, ret.unit, identity.code) if identity is not None else (ret.unit,)
        return next((u for n in names if n and (u := self.roster.find(n)) is not None), None)

    def of(self, record: DocumentRecord) -> tuple[Witness, ...]:
        """The witnesses of a document that name any unit: at most one each of path, sender and
        title.
        """
        witnesses = [self.path(record)[0], self.sender(record)[0]]
        if isinstance(record, ReturnRecord) and record.ret.title:
            units = self.naming.named(record.ret.title)
            witnesses.append(Witness(who=NamingPlace.TITLE, units=units) if units else None)
        return tuple(witness for witness in witnesses if witness is not None)

    def path(self, record: DocumentRecord) -> tuple[Witness | None, str]:
        """What the file's name says, else the nearest of the folders and containers around it;
        with the name that says it.
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
        """Whose the address is that sent the innermost mail, else one around it; with whether
        it was the innermost.
        """
        for number, sender in enumerate(reversed(record.source.senders)):
            address = sender.lower()
            units = self._addresses.get(address)
            if units and address not in self._forwarding:
                return Witness(who=NamingPlace.SENDER, units=tuple(units)), number == 0
        return None, False

    def agreed(self, record: ReturnRecord) -> tuple[Unit | None, Value, tuple[Witness, ...]]:
        """The one unit that two witnesses agree on, what these two are, and all there are."""
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
        """I-10 where the file's name or the sender certainly means another unit than this one,
        which the return is of ``by`` what it says.
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
    """The folders and containers that a document lies in, the nearest first; without the inbox."""
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path


def together(first: Unit, second: Unit) -> bool:
    """Whether a return of the first may well come under the second's name, or the reverse: they
    are the same, file together, or one follows the other.
    """
    return (
        first.name == second.name
        or (first.files_through or first.name) == (second.files_through or second.name)
        or first.name in second.predecessors
        or second.name in first.predecessors
    )


_OURS: dict[str, Phrase] = {
    WorkbookKind.SUMMARY: Phrase.OUR_SUMMARY,
    WorkbookKind.DISPATCH: Phrase.OUR_DISPATCH,
    WorkbookKind.ROSTER: Phrase.OUR_ROSTER,
    WorkbookKind.PREVIOUS: Phrase.OUR_PREVIOUS,
    WorkbookKind.DIFFERENCES: Phrase.OUR_DIFFERENCES,
    WorkbookKind.DECISIONS: Phrase.OUR_DECISIONS,
}

_STATED: Final = re.compile(r"(?:填报|报送)?单位(?:名称)?\s*:\s*([一-鿿()]{3,40})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """``ignored``: why the file is by nature no return. ``name``: the unit's name, of the roster
    where it is in it (empty: unknown); ``unit``: that of the roster, None where it is not in it.
    ``findings``: what speaks against it.
    """

    ignored: Value = ""
    name: str = ""
    unit: Unit | None = None
    findings: tuple[Finding, ...] = ()

    @property
    def rejected(self) -> bool:
        """Whether it is not to be looked at further: nobody knows whose it is, or a finding
        speaks against it that the coordinator cannot accept.
        """
        return not self.name or not all(acceptable(finding) for finding in self.findings)


def identify(
    layout: Layout,
    records: Iterable[DocumentRecord],
    witnesses: Witnesses | None,
    year: int,
) -> list[DocumentRecord]:
    """The records with the unit of each return: those of ours that are no returns are ignored,
    those that nobody can use rejected. ``witnesses`` and ``year`` as for ``recognise``.
    """
    return [
        _identified(layout, record, witnesses, year) if isinstance(record, ReturnRecord) else record
        for record in records
    ]


def _identified(
    layout: Layout, record: ReturnRecord, witnesses: Witnesses | None, year: int
) -> ReturnRecord:
    """A return with its unit, and with what speaks against it."""
    recognised = recognise(layout, record, witnesses, year)
    if recognised.ignored:
        return replace(record, outcome=Outcome.IGNORED, reason=recognised.ignored)
    name, whose = recognised.name, recognised.findings
    if not recognised.rejected:
        return replace(record, unit=name, whose=whose, findings=whose)
    findings = explained(layout.form, record.ret, whose)
    return replace(record, outcome=Outcome.REJECTED, unit=name, whose=whose, findings=findings)


def recognise(
    layout: Layout, record: ReturnRecord, witnesses: Witnesses | None, year: int
) -> Recognised:
    """Judge whose a return is, and whether it is of this form and year. ``year`` 0: any.

    ``witnesses``: those of the inbox, by the roster; None without a roster. A decision on whose
    it is (``ReturnRecord.match``) goes before all that the return and its witnesses say.
    """
    ret, form, decision = record.ret, layout.form, record.match
    identity = ret.identity
    if identity is not None and identity.kind in _OURS:
        return Recognised(ignored=_OURS[identity.kind])
    decided: tuple[Finding, ...] = ()
    if decision is not None:
        decided = (finding("K-04", found=Phrase.TAKEN_FOR(decision.unit), detail=decision.why),)
    against: list[Finding] = []
    if identity is not None and (identity.form, identity.edition) != (form.form, form.edition):
        against.append(finding("I-01", found=_title_of(identity), expected=_title(form)))
    elif ret.other:
        against += [f for f in ret.findings if f.is_about(Topic.ANOTHER_EDITION)]
    elif len(ret.missing) == len(form.tables) and not any(
        f.is_about(Topic.UNREADABLE_TABLE) for f in ret.findings
    ):
        sender = _sender(record, witnesses)
        return Recognised(name=sender, findings=(finding("I-08"), *decided))
    years = years_of(ret)
    wrong = [y for y in years if year and y != year]
    if wrong:
        against.append(finding("I-02", found=wrong[0], expected=year))
    elif year and not years:
        against.append(finding("I-14", found=Phrase.COUNTED_AS_YEAR(year)))
    if decision is not None:
        name = clean(decision.unit)
        unit = witnesses.roster.find(name) if witnesses is not None else None
    else:
        name, unit, doubts = _whose(record, witnesses)
        against.extend(doubts)
    if unit is not None and unit.state is not UnitState.REGISTERED:
        against.append(finding("I-05", found=unit.state))
    if unit is not None and unit.files_through:
        against.append(finding("I-06", found=unit.files_through))
    return Recognised(name=name, unit=unit, findings=(*against, *decided))


def _sender(record: DocumentRecord, witnesses: Witnesses | None) -> str:
    """The unit that sent a file which says nothing itself, by its name or its mail's sender."""
    if witnesses is None:
        return ""
    for witness in (witnesses.path(record)[0], witnesses.sender(record)[0]):
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


def usual_year(records: Iterable[DocumentRecord]) -> int:
    """The year that most returns name, the later of equals; 0 when none names one."""
    named = (years_of(record.ret)[:1] for record in records if isinstance(record, ReturnRecord))
    years = Counter(year for first in named for year in first)
    return max(years, key=lambda y: (years[y], y), default=0)


def _whose(
    record: ReturnRecord, witnesses: Witnesses | None
) -> tuple[str, Unit | None, Sequence[Finding]]:
    """The unit by the workbook; where it names none, by two other witnesses that agree."""
    ret = record.ret
    names = [name for name in map(clean, ret.stated_units) if name]
    code = ret.identity.code if ret.identity else ""
    if witnesses is None:
        if names:
            return names[0], None, ()
        return "", None, (finding("I-03"),)
    roster = witnesses.roster
    if len(names) == 2 and key(names[0]) != key(names[1]):
        first, second = roster.find(names[0]), roster.find(names[1])
        if first is None or first != second:
            return (
                "",
                None,
                (finding("I-09", found=names[0], expected=names[1], detail=NamingPlace.COVER),),
            )
    for name in (*names, code):
        unit = roster.find(name) if name else None
        if unit is not None:
            return unit.name, unit, witnesses.against(record, unit, NamingPlace.TABLE)
    if names:
        return names[0], None, (_unknown(names[0], record, witnesses),)
    return _unnamed(record, witnesses)


def _unknown(name: str, record: ReturnRecord, witnesses: Witnesses) -> Finding:
    """A name that the roster has not: another district's, or one that may be meant otherwise."""
    naming = witnesses.naming
    area = area_of(name)
    if foreign(area, naming.home):
        return finding("I-11", found=name, expected=naming.home, detail=area)
    meant = list(naming.proposals(name))
    for witness in witnesses.of(record):
        meant += [u for u in witness.units if len(witness.units) == 1 and u not in meant]
    if not meant:
        return finding("I-04", found=name)
    names = [unit.name for unit in meant]
    question = Phrase.PERHAPS_UNITS(each(names, "”或“"))
    return finding("I-04", found=name, expected=each(names), detail=question)


def _unnamed(
    record: ReturnRecord, witnesses: Witnesses
) -> tuple[str, Unit | None, Sequence[Finding]]:
    """A return that names no unit itself."""
    unit, pair, all_of_them = witnesses.agreed(record)
    if unit is not None:
        concluded = finding("I-07", found=pair, expected=unit.name)
        return unit.name, unit, (concluded, *witnesses.against(record, unit, pair))
    if not all_of_them:
        if stated := _STATED.search(folded(record.ret.title)):
            name = clean(stated[1])
            return name, None, (_unknown(name, record, witnesses),)
        file = PurePosixPath(record.path).stem
        meant = witnesses.naming.loosely(file) or witnesses.naming.loosely(record.ret.title)
        if not meant:
            return "", None, (finding("I-03"),)
        names = each((u.name for u in meant[:3]), "”或“")
        return "", None, (finding("I-03", detail=Phrase.LIKE_UNITS(names)),)
    named = dict.fromkeys(u.name for w in all_of_them for u in w.units)
    if len(all_of_them) == 1 and len(named) == 1:
        unit = all_of_them[0].units[0]
        doubt = finding("I-03", detail=Phrase.BY_ONE(all_of_them[0].statement), expected=unit.name)
        return unit.name, unit, (doubt,)
    statements = each((witness.statement for witness in all_of_them), "，")
    return "", None, (finding("I-03", detail=Phrase.BY_SEVERAL(statements)),)


def _title(form: Form) -> Saying:
    return Phrase.FORM_OF(form.title, form.authority)


def _title_of(identity: Identity) -> Value:
    """What people call the form of a workbook of ours; its name where it is not known here."""
    name = f"{identity.form}-{identity.edition}"
    if name not in available():
        return name
    return _title(load(name))


def suspicion(summary: Summary) -> Value:
    """A question to the coordinator when every file that was read is of one other year, or of one
    other form, or has no table of the form at all; empty otherwise.
    """
    passed = (Outcome.IGNORED, Outcome.UNREADABLE)
    documents = [d for d in summary.documents if d.outcome not in passed]
    if len(documents) < ENOUGH:
        return ""
    paths = {d.path for d in documents}
    against = [f for f in summary.findings if f.path in paths and f.is_about(Topic.ANOTHER_TABLE)]
    if {f.path for f in against} != paths:
        return ""
    count = len(documents)
    if (
        all(f.is_about(Topic.ANOTHER_YEAR) for f in against)
        and len(years := {f.found for f in against}) == 1
    ):
        year = years.pop()
        return Phrase.ALL_OF_YEAR(count, year, year)
    names = {_form_of(summary, d) for d in documents}
    if all(f.is_about(Topic.ANOTHER_FORM) for f in against) and len(names) == 1:
        name = names.pop()
        return Phrase.ALL_OF_FORM(count, name, name) if name else ""
    if all(f.is_about(Topic.NO_TABLE) for f in against):
        return Phrase.ALL_WITHOUT_TABLE(count, summary.form.title, summary.form.name)
    return ""


def _form_of(summary: Summary, document: Document) -> str:
    """The name of the form that a return is really on, where it says so."""
    ret = summary.returns.get(document.path)
    if ret is None:
        return ""
    if ret.identity is not None and ret.identity.form:
        return f"{ret.identity.form}-{ret.identity.edition}"
    return ret.other
