"""What is known of each document while an inbox is collected: one record a document, which every
step takes and hands on; and all of them added up to the Summary of a year.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from xltools.model.decisions import MatchUnit
from xltools.model.evaluate import judge_sums, merge, recomputed
from xltools.model.file_kinds import FileKind
from xltools.model.findings import Finding
from xltools.model.form import Form
from xltools.model.numbers import Number
from xltools.model.previous import Previous
from xltools.model.returns import Return
from xltools.model.roster import Roster, unit_of
from xltools.model.summary import Document, FigureMark, MergedReturn, Outcome, Summary
from xltools.model.wording import Value
from xltools.version import __version__


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a document came from, and what file it is.

    ``path``: below the inbox, with slashes, also through archives and mails. ``file``: the path
    of the file that holds it, empty where it is that file itself. ``kind``: of file, None where
    unknown. ``sha256``: of its bytes, in hexadecimal. ``size``: in bytes, None where unknown.
    ``date``: local time, of the mail that it came in, else of the file. ``senders``: the
    addresses of the mails around it, the outermost first; ``subject``: of the innermost.
    """

    path: str
    file: str = ""
    kind: FileKind | None = None
    sha256: str = ""
    size: int | None = 0
    date: datetime | None = None
    senders: tuple[str, ...] = ()
    subject: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRecord:
    """A document and what is known of it. As it stands here there is no return of it: it could not
    be read, or is by nature none; those that were read are ReturnRecords.

    ``outcome``: what becomes of it as far as is known; ``reason``: why it is not merged.
    ``unit``: whose it is, the name as the roster has it; empty where unknown.
    ``companion``: it was sent along with a workbook of its unit, and is ignored for that.
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
        """The version of the program that wrote the template; empty where unknown."""
        return ""

    @property
    def document(self) -> Document:
        """The document as the summary lists it."""
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
    """A document that was read as a return. Its outcome is MERGED until a step finds otherwise.

    ``ret``: the return, as decisions have corrected or combined it. ``whose``: the findings that
    say whose it is, or speak against it before its figures are looked at. ``checked``: whether
    ``findings`` hold those of the check of ``ret``; ``prior``: last year's figures that it was
    checked against, by item number, None for those that the template carried.

    By decisions of the coordinator: ``match`` says whose it is; ``decided``: findings that tell
    what was done; ``marks``: notes at figures, by item number; ``part_of``: the path of the
    return that it was combined into, whose outcome it shares. ``accepted``: it is merged in
    spite of fatal findings.
    """

    ret: Return
    outcome: Outcome = Outcome.MERGED
    whose: tuple[Finding, ...] = ()
    checked: bool = False
    prior: Sequence[Number | None] | None = None
    match: MatchUnit | None = None
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
        """Whether it may still be the one that counts for its unit, or, at the end, does."""
        return self.outcome is Outcome.MERGED and not self.part_of


def submissions(records: Iterable[DocumentRecord]) -> dict[str, list[ReturnRecord]]:
    """The returns of known units that may still count, by unit, in the order of the records."""
    by_unit: dict[str, list[ReturnRecord]] = {}
    for record in records:
        if isinstance(record, ReturnRecord) and record.standing:
            by_unit.setdefault(record.unit, []).append(record)
    return by_unit


def replaced(
    records: Iterable[DocumentRecord], changed: Iterable[DocumentRecord]
) -> list[DocumentRecord]:
    """The records in their order, those of the same path as a changed one by that."""
    by_path = {record.path: record for record in changed}
    return [by_path.get(record.path, record) for record in records]


def entry_of(form: Form, record: ReturnRecord, roster: Roster | None) -> MergedReturn:
    """A merged return as the summary holds it, its totals recomputed."""
    numbers = recomputed(form, record.ret)
    return MergedReturn(
        unit=unit_of(record.unit, roster),
        document=record.document,
        ret=record.ret,
        numbers=tuple(0 if n is None else n for n in numbers),
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
    """The summary of the documents of an inbox, the outcome of each of which is settled.

    ``roster``: that of this run, with the units excused. ``findings``: such as are about no
    document. ``previous``: last year's figures; their sum is of all units, and compared with this
    year's only when all are in.
    """
    order = places(roster)
    entries = sorted(
        (
            entry_of(form, record, roster)
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
        documents=tuple(sorted((r.document for r in records), key=lambda d: d.path)),
        roster=roster,
        missing=_missing(records, roster),
        findings=tuple(sorted(every, key=lambda f: (order.get(f.unit, len(order)), f.path))),
        totals=totals,
        states=tuple(j.state for j in judge_sums(form, totals, [None] * len(form.items))),
        inbox=inbox,
        version=__version__,
        returns={r.path: r.ret for r in records if isinstance(r, ReturnRecord)},
    )
    if previous is None or summary.covered < summary.expected:
        return summary
    prior = previous.totals(form, roster)
    compared = judge_sums(form, totals, [prior.get(item.index) for item in form.items])
    return replace(summary, prior=prior, states=tuple(j.state for j in compared))


def places(roster: Roster | None) -> dict[str, int]:
    """The places of the units in the roster, by name."""
    return {unit.name: n for n, unit in enumerate(roster or ())}


def _missing(records: Sequence[DocumentRecord], roster: Roster | None) -> tuple[str, ...]:
    """The expected units of which nothing came, be it through another."""
    if roster is None:
        return ()
    seen = {record.unit for record in records if record.outcome is not Outcome.IGNORED}
    return tuple(u.name for u in roster.expected if roster.covered_by(u).name not in seen)
