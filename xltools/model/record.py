"""What is known of each document while an inbox is collected: one record for each document, which
the steps pass on; and `sum_up`, which makes the Summary of the year from all records.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, cast

from xltools.model.assessment import judge_sums
from xltools.model.evaluate import merge, recomputed
from xltools.model.file_kinds import FileKind
from xltools.model.findings import Finding
from xltools.model.form import Form
from xltools.model.numbers import Number
from xltools.model.packed import PackedNumbers, packed_numbers
from xltools.model.previous import Previous
from xltools.model.returns import Return, Status
from xltools.model.roster import Roster, unit_of
from xltools.model.summary import Document, FigureMark, MergedReturn, Outcome, Summary
from xltools.model.wording import Value
from xltools.version import __version__

if TYPE_CHECKING:
    from xltools.model.decisions import MatchUnit


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a document came from and what file it is.

    ``path``: its path below the inbox, with slashes, continued into archives and mails. ``file``:
    the path of the file of the inbox that contains it, empty if it is such a file itself. ``kind``:
    None if unknown. ``sha256``: of its bytes, in hexadecimal. ``size``: in bytes, None if unknown.
    ``date``: local time, of the mail that it came in, or else of the file. ``senders``: the
    addresses from which the mails around it were sent, the outermost mail first; ``subject``: that
    of the innermost mail.

    ``dated``: ``date`` is that of the mail or of the entry of the archive, and not of the file.
    ``locked``: a password had to open it, or something else in the same file.
    """

    path: str
    file: str = ""
    kind: FileKind | None = None
    sha256: str = ""
    size: int | None = 0
    date: datetime | None = None
    senders: tuple[str, ...] = ()
    subject: str = ""
    dated: bool = False
    locked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRecord:
    """What is known of a document. An object of this class itself is a document without a return:
    it could not be read, or is not a return by its nature. For a document that was read as a return
    there is a ReturnRecord.

    ``outcome``: what becomes of it, as far as the steps have decided; ``reason``: why it is not
    merged. ``unit``: the unit that it belongs to, by the name in the roster; empty if unknown.
    ``companion``: the unit sent it along with its workbook, and it is ignored for that reason.
    """

    source: Origin
    outcome: Outcome
    unit: str = ""
    reason: Value = ""
    findings: tuple[Finding, ...] = ()
    companion: bool = False

    @property
    def path(self) -> str:
        """The path of the document below the inbox."""
        return self.source.path

    @property
    def version(self) -> str:
        """The version of the program that wrote the template; empty here, as there is no return."""
        return ""

    @property
    def document(self) -> Document:
        """The document in the form in which the summary lists it."""
        source = self.source
        return Document(
            path=source.path,
            sha256=source.sha256,
            outcome=self.outcome,
            unit=self.unit,
            date=source.date,
            reason=self.reason,
            version=self.version,
            size=source.size,
            file=source.file,
            sender=source.senders[-1] if source.senders else "",
            subject=source.subject,
            kind=source.kind,
            companion=self.companion,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnRecord(DocumentRecord):
    """A document that was read as a return. Its outcome is MERGED until a step decides otherwise.

    ``ret``: the return, with the changes that decisions made (corrections, combination with
    others). ``whose``: the findings about which unit it is from, and others that reject it before
    its figures are checked. ``totals``: the figures of ``ret`` with all totals recomputed, by item
    number, once it has been checked (then ``findings`` contains those of the check); None before.
    ``prior``: last year's figures that it was checked against, by item number; None for those that
    the template carried.

    The rest comes from decisions of the coordinator. ``match``: the one that says which unit it is
    from. ``decided``: findings that report what decisions changed. ``marks``: notes on changed
    figures, by item number. ``part_of``: the path of the return that it was combined into, whose
    outcome it shares; empty for none. ``accepted``: it is merged in spite of fatal findings.
    """

    ret: Return
    outcome: Outcome = Outcome.MERGED
    whose: tuple[Finding, ...] = ()
    totals: Sequence[Number | None] | None = None
    prior: Sequence[Number | None] | None = None
    match: "MatchUnit | None" = None
    decided: tuple[Finding, ...] = ()
    marks: Mapping[int, FigureMark] = field(default_factory=dict)
    part_of: str = ""
    accepted: bool = False

    @property
    def version(self) -> str:
        """The version of the program that wrote the template; empty where unknown."""
        return self.ret.identity.version if self.ret.identity is not None else ""

    @property
    def standing(self) -> bool:
        """Whether it may still be the return that counts for its unit; after the last step, whether
        it is.
        """
        return self.outcome is Outcome.MERGED and not self.part_of


def submissions(records: Iterable[DocumentRecord]) -> dict[str, list[ReturnRecord]]:
    """The returns that may still count for their units, by the name of the unit; for each unit in
    the order of the records.
    """
    by_unit: dict[str, list[ReturnRecord]] = {}
    for record in records:
        if isinstance(record, ReturnRecord) and record.standing:
            by_unit.setdefault(record.unit, []).append(record)
    return by_unit


def replaced(
    records: Iterable[DocumentRecord], changed: Iterable[DocumentRecord]
) -> list[DocumentRecord]:
    """The records in their order, each one replaced by the record in ``changed`` that has the same
    path, if there is one.
    """
    by_path = {record.path: record for record in changed}
    return [by_path.get(record.path, record) for record in records]


def entry_of(
    form: Form, record: ReturnRecord, document: Document, roster: Roster | None
) -> MergedReturn:
    """The entry of the summary for a merged return; its totals are recomputed, and figures that are
    not known count as 0. ``document``: that of the record.
    """
    ret, numbers = record.ret, record.totals
    if numbers is None:
        numbers = packed_numbers(recomputed(form, ret), ret.numbers)
    if Status.UNREADABLE in ret.statuses:
        numbers = PackedNumbers.of([0 if number is None else number for number in numbers])
    return MergedReturn(
        unit=unit_of(record.unit, roster),
        document=document,
        ret=ret,
        numbers=cast("Sequence[Number]", numbers),  # because none is None
        accepted=record.accepted,
        marks=record.marks,
    )


def sum_up(
    form: Form,
    records: Sequence[DocumentRecord],
    *,
    year: int,
    roster: Roster | None,
    previous: Previous | None = None,
    inbox: Path | None = None,
    findings: Sequence[Finding] = (),
) -> Summary:
    """Make the summary from the records of all documents, whose outcomes must be final.

    ``roster``: that of this run, with the units excused by decisions as exempt. ``findings``: those
    that belong to no document. ``previous``: last year's figures; the rules that compare with last
    year are judged only when all expected units are in, because last year's sums are of all units.
    """
    order = places(roster)
    documents = {record.path: record.document for record in records}
    entries = sorted(
        (
            entry_of(form, record, documents[record.path], roster)
            for record in records
            if isinstance(record, ReturnRecord) and record.standing
        ),
        key=lambda entry: (order.get(entry.unit.name, 0), entry.unit.name),
    )
    totals = merge(form, (entry.numbers for entry in entries if entry.counted))
    every = [
        *(
            replace(finding, unit=record.unit, path=finding.path or record.path)
            for record in records
            for finding in record.findings
        ),
        *findings,
    ]
    summary = Summary(
        form=form,
        year=year,
        entries=tuple(entries),
        documents=tuple(sorted(documents.values(), key=lambda d: d.path)),
        roster=roster,
        missing=_missing(records, roster),
        findings=tuple(sorted(every, key=lambda f: (order.get(f.unit, len(order)), f.path))),
        totals=totals,
        states=tuple(j.state for j in judge_sums(form, totals, [None] * len(form.items))),
        inbox=inbox,
        version=__version__,
        returns={r.path: r.ret for r in records if isinstance(r, ReturnRecord)},
    )
    if previous is None:
        return summary
    summary = replace(summary, before=previous.totals(form.overview.items, roster))
    if summary.covered < summary.expected:
        return summary
    prior = previous.totals(form.priors, roster)
    compared = judge_sums(form, totals, [prior.get(item.index) for item in form.items])
    return replace(summary, prior=prior, states=tuple(j.state for j in compared))


def places(roster: Roster | None) -> dict[str, int]:
    """The position of each unit in the roster, by name; empty without a roster."""
    return {unit.name: n for n, unit in enumerate(roster or ())}


def _missing(records: Sequence[DocumentRecord], roster: Roster | None) -> tuple[str, ...]:
    """The names of the expected units from which nothing came, neither from themselves nor from the
    unit through which they file.
    """
    if roster is None:
        return ()
    seen = {record.unit for record in records if record.outcome is not Outcome.IGNORED}
    return tuple(u.name for u in roster.expected if roster.covered_by(u).name not in seen)
