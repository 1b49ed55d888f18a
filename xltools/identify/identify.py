"""Find out which unit a return is from, and whether it is of this form and this year.

`identify` does so for all documents of an inbox, `recognise` for one return. The unit is taken from
the workbook itself; where that names none, from its file name or folder, the sender of its mail and
the title of its table (`Witnesses`), of which two must agree. `suspicion` gives a question to ask
the coordinator when every file fails for the same reason, such as the wrong year or form.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Final

from xltools.checks.run import explained
from xltools.forms.declaration import available, load
from xltools.identify.unit_names import area_of, foreign
from xltools.identify.witnesses import Witnesses
from xltools.layout.places import Layout
from xltools.model.findings import Finding, Topic, acceptable, finding
from xltools.model.form import Form
from xltools.model.identity import Identity, WorkbookKind
from xltools.model.record import DocumentRecord, ReturnRecord
from xltools.model.returns import Return
from xltools.model.roster import Unit, UnitState
from xltools.model.stated import title_year
from xltools.model.summary import Document, Outcome, Summary
from xltools.model.text import clean, folded, key
from xltools.model.wording import NamingPlace, Phrase, Saying, Value, each

ENOUGH: Final = 2  # files that fail alike: one may well be the unit's own mistake


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
    """The result of `recognise` for one file. ``ignored``: why it is not a return at all, such as
    that it is a summary that we wrote; empty when it is one.

    ``name``: the name of its unit, as the roster has it if the unit is in the roster; empty when
    nobody knows. ``unit``: the unit of the roster; None when it is not in the roster. ``findings``:
    everything that speaks against the return, or says how its unit was concluded.
    """

    ignored: Value = ""
    name: str = ""
    unit: Unit | None = None
    findings: tuple[Finding, ...] = ()

    @property
    def rejected(self) -> bool:
        """Whether the return is rejected before its figures are checked: its unit is unknown, or it
        has a finding here that the coordinator cannot accept.
        """
        return not self.name or not all(acceptable(finding) for finding in self.findings)


def identify(
    layout: Layout,
    records: Iterable[DocumentRecord],
    witnesses: Witnesses | None,
    year: int,
) -> list[DocumentRecord]:
    """Give each return of an inbox its unit. Returns all records in their order: a workbook of ours
    that is not a return gets the outcome IGNORED, a return that cannot be used gets REJECTED, and
    documents that are not returns stay as they are. ``witnesses`` and ``year`` as for `recognise`.
    """
    return [
        _identified(layout, record, witnesses, year) if isinstance(record, ReturnRecord) else record
        for record in records
    ]


def _identified(
    layout: Layout, record: ReturnRecord, witnesses: Witnesses | None, year: int
) -> ReturnRecord:
    """The return with its unit and the findings about it; ignored or rejected where `recognise`
    says so.
    """
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
    """Judge which unit a return is from, and whether it is of this form and year.

    ``witnesses``: those of the inbox; None when there is no roster. ``year``: the year that is
    collected, 0 for any. A decision of the coordinator about the unit (``record.match``) goes
    before everything that the return and its witnesses say.
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
    """The name of the unit that sent a file without any table of the form, by its file name or
    folder, otherwise by the sender of its mail; empty where neither means exactly one unit, or
    there is no roster.
    """
    if witnesses is None:
        return ""
    for witness in (witnesses.path(record)[0], witnesses.sender(record)[0]):
        if witness is not None:
            return witness.units[0].name if len(witness.units) == 1 else ""
    return ""


def years_of(ret: Return) -> tuple[int, ...]:
    """The years that a return names, each once: the one typed on 填报, then the one on the hidden
    sheet. Where both are missing, the year in its title; empty where there is none either.
    """
    identity = ret.identity.year if ret.identity is not None else 0
    years = tuple(dict.fromkeys(y for y in (ret.year, identity) if y))
    if not years and ret.title and (year := title_year(ret.title)):
        return (year,)
    return years


def usual_year(records: Iterable[DocumentRecord]) -> int:
    """The year that most returns name; the later one where two are named equally often, and 0 when
    no return names a year.
    """
    named = (years_of(record.ret)[:1] for record in records if isinstance(record, ReturnRecord))
    years = Counter(year for first in named for year in first)
    return max(years, key=lambda y: (years[y], y), default=0)


def _whose(
    record: ReturnRecord, witnesses: Witnesses | None
) -> tuple[str, Unit | None, Sequence[Finding]]:
    """The name of the unit that a return is from, that unit of the roster (None where it is not in
    it), and the findings about this. The workbook itself is asked first; only where it names no
    unit are the witnesses asked. The name is empty where nobody can tell.
    """
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
    """The finding about a unit's name that is not in the roster: I-11 where it is a unit of another
    area, otherwise I-04, which proposes the units that may be meant.
    """
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
    """Conclude the unit of a return that does not name one itself. Returns the same as `_whose`: a
    unit on which two witnesses agree comes with I-07, a unit that only one witness names with I-03
    as a doubt; otherwise the name is empty and I-03 says what is known.
    """
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
    """The form as a message names it: its title and the authority that issued it."""
    return Phrase.FORM_OF(form.title, form.authority)


def _title_of(identity: Identity) -> Value:
    """The form of a workbook of ours as a message names it; its technical name, such as
    ``zfxxgk-2019``, where this version of the program does not have the form.
    """
    name = f"{identity.form}-{identity.edition}"
    if name not in available():
        return name
    return _title(load(name))


def suspicion(summary: Summary) -> Value:
    """A question to the coordinator when all files (two at least) fail in the same way: all are of
    one other year, all on one other form, or none has a table of the form. Empty otherwise. Files
    that are ignored or unreadable are not counted.
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
    """The technical name of the form, with its edition, that a document was filled in on; empty
    where nothing says so.
    """
    ret = summary.returns.get(document.path)
    if ret is None:
        return ""
    if ret.identity is not None and ret.identity.form:
        return f"{ret.identity.form}-{ret.identity.edition}"
    return ret.other
