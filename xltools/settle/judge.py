"""What the returns that count are found to have wrong, and what becomes of them for that."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from xltools.checks.run import check
from xltools.layout.places import Layout
from xltools.model.findings import Finding, Topic, acceptable, finding
from xltools.model.form import Form, Severity
from xltools.model.previous import Previous, figures_before
from xltools.model.record import DocumentRecord, ReturnRecord, replaced
from xltools.model.roster import Roster, Unit, unit_of
from xltools.model.summary import Outcome
from xltools.model.wording import Phrase, Value
from xltools.settle.comparison import differences, when


def check_returns(
    layout: Layout,
    records: Sequence[DocumentRecord],
    roster: Roster | None,
    previous: Previous | None,
) -> list[DocumentRecord]:
    """The records with the findings of the check of each return that may count.

    A return is checked once for each set of figures: those that a decision has corrected or
    combined are checked anew.
    """
    return [
        _checked(layout, record, unit_of(record.unit, roster), roster, previous)
        if isinstance(record, ReturnRecord) and record.standing and not record.checked
        else record
        for record in records
    ]


def _checked(
    layout: Layout,
    record: ReturnRecord,
    unit: Unit,
    roster: Roster | None,
    previous: Previous | None,
) -> ReturnRecord:
    """A return of a unit with the findings of its check."""
    prior = figures_before(layout.form, previous, unit, roster)
    findings = check(
        layout,
        record.ret,
        category=unit.category or "",
        prior=prior,
        text=unit.text,
        limit=unit.limit,
    )
    findings = (*record.whose, *findings, *record.decided)
    return replace(record, findings=findings, prior=prior, checked=True)


def compare_companions(form: Form, records: Sequence[DocumentRecord]) -> list[DocumentRecord]:
    """The records with what the documents sent beside a workbook give differently, each figure
    once, as findings of the workbook.

    Where several workbooks of a unit exclude each other, the latest is compared.
    """
    papers: dict[str, list[ReturnRecord]] = {}
    books: dict[str, ReturnRecord] = {}
    for record in records:
        if not isinstance(record, ReturnRecord):
            continue
        if record.companion:
            papers.setdefault(record.unit, []).append(record)
        elif record.standing or excluded(record):
            before = books.get(record.unit)
            if before is None or when(before) < when(record):
                books[record.unit] = record
    compared = [
        replace(book, findings=(*book.findings, *_against(form, book, papers[unit])))
        for unit, book in books.items()
        if unit in papers
    ]
    return replaced(records, compared)


def _against(form: Form, book: ReturnRecord, papers: Iterable[ReturnRecord]) -> Iterable[Finding]:
    """The differences between a workbook and the documents sent beside it."""
    findings: dict[tuple[str, Value], Finding] = {}
    for paper in papers:
        if _answered(book, paper):
            continue
        for difference in differences(form, book.ret, paper.ret):
            named = replace(difference, detail=Phrase.IN_FILE(paper.path, difference.detail))
            findings.setdefault((difference.items[0], difference.expected), named)
    return findings.values()


def excluded(record: ReturnRecord) -> bool:
    """Whether it is one of several returns of a unit that exclude each other."""
    return any(finding.is_about(Topic.SEVERAL_RETURNS) for finding in record.findings)


def _answered(book: ReturnRecord, paper: ReturnRecord) -> bool:
    """Whether a document says nothing of this workbook: it is what the workbook was sent back
    for, or the workbook is blank.
    """
    identity = book.ret.identity
    answers = identity.answers.split() if identity is not None else ()
    blank = any(finding.is_about(Topic.BLANK_RETURN) for finding in book.findings)
    return blank or digest(paper.source.sha256) in answers


def digest(sha256: str) -> str:
    """How a workbook names a document that it answers."""
    return sha256[:16]


def judge(records: Sequence[DocumentRecord], accept: frozenset[str]) -> list[DocumentRecord]:
    """The records with the outcome of each return that would count: a fatal finding rejects it,
    unless a decision settles the finding, or the unit is in ``accept`` and the finding is one
    that may be accepted. The parts of a combined return share what becomes of it.
    """
    judged = replaced(
        records,
        (_judged(r, accept) for r in records if isinstance(r, ReturnRecord) and r.standing),
    )
    outcomes = {record.path: record.outcome for record in judged}
    return [
        replace(record, outcome=outcomes[record.part_of])
        if isinstance(record, ReturnRecord) and record.part_of
        else record
        for record in judged
    ]


def _judged(record: ReturnRecord, accept: frozenset[str]) -> ReturnRecord:
    """Whether what would count does: it has no fatal finding, or only such as were accepted."""
    every = [f for f in record.findings if f.severity is Severity.FATAL]
    fatal = [f for f in every if not f.decision]
    if fatal and not (record.unit in accept and all(map(acceptable, fatal))):
        return replace(record, outcome=Outcome.REJECTED)
    return replace(record, accepted=bool(every))


def supersede_resent(records: Sequence[DocumentRecord]) -> list[DocumentRecord]:
    """The records, those superseded that were another table or could not be read, where a later
    return of their unit is merged.
    """
    merged = {
        record.unit: record
        for record in records
        if isinstance(record, ReturnRecord) and record.standing
    }
    return [_superseded_by(record, merged.get(record.unit)) for record in records]


def _superseded_by(record: DocumentRecord, later: ReturnRecord | None) -> DocumentRecord:
    """A document as it stands beside the merged return of its unit, where there is one."""
    if later is None or not _made_good(record, later):
        return record
    return replace(
        record, outcome=Outcome.SUPERSEDED, findings=(finding("D-01", found=later.path),)
    )


def _made_good(record: DocumentRecord, later: DocumentRecord) -> bool:
    """Whether a merged return of the same unit answers all that speaks against a document."""
    dates = record.source.date, later.source.date
    if dates[0] is None or dates[1] is None or dates[1] <= dates[0]:
        return False
    if record.outcome is Outcome.UNREADABLE:
        return True
    return record.outcome is Outcome.REJECTED and all(
        finding.is_about(Topic.ANOTHER_TABLE) for finding in record.findings
    )
