"""Check the returns that may count, compare them with the documents sent along, and decide which of
them are merged and which are rejected.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from xltools.checks.run import examine
from xltools.layout.places import Layout
from xltools.model.findings import Finding, Topic, acceptable, finding
from xltools.model.form import Form, Severity
from xltools.model.packed import PackedNumbers, packed_numbers
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
    """Check each return that may count and has not been checked yet. Returns all records, these
    with the findings of their check. A return that a decision has corrected or combined counts as
    not checked.

    ``roster``: gives the unit's category and what is asked of its texts. ``previous``: last year's
    figures; None when they are not at hand.
    """
    return [
        _checked(layout, record, unit_of(record.unit, roster), roster, previous)
        if isinstance(record, ReturnRecord) and record.standing and record.totals is None
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
    """Check one return of ``unit``: the record with all its findings (about its unit, its figures
    and texts, and decisions) and with last year's figures it was checked against.
    """
    prior = figures_before(layout.form, previous, unit, roster)
    findings, totals = examine(
        layout,
        record.ret,
        category=unit.category or "",
        prior=prior,
        text=unit.text,
        limit=unit.limit,
    )
    return replace(
        record,
        findings=(*record.whose, *findings, *record.decided),
        prior=None if prior is None else PackedNumbers.of(prior),
        totals=packed_numbers(totals, record.ret.numbers),
    )


def compare_companions(form: Form, records: Sequence[DocumentRecord]) -> list[DocumentRecord]:
    """Compare each unit's workbook with the documents (Word, PDF …) that it sent along. Returns all
    records; the differences are added to the findings of the workbook. A difference that several
    documents show is listed once.

    Where several workbooks of a unit exclude each other, the latest one is compared.
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
    """The differences, D-06, between a workbook and the documents sent along, with the document's
    path in each.
    """
    findings: dict[tuple[str, Value], Finding] = {}
    for paper in papers:
        if _answered(book, paper):
            continue
        for difference in differences(form, book.ret, paper.ret):
            named = replace(difference, detail=Phrase.IN_FILE(paper.path, difference.detail))
            findings.setdefault((difference.items[0], difference.expected), named)
    return findings.values()


def excluded(record: ReturnRecord) -> bool:
    """Whether a return is one of several returns of its unit that exclude each other: nobody can
    tell which of them counts.
    """
    return any(finding.is_about(Topic.SEVERAL_RETURNS) for finding in record.findings)


def _answered(book: ReturnRecord, paper: ReturnRecord) -> bool:
    """Whether a document must not be compared with the workbook: the workbook is the corrected
    answer to this very document, or it is blank.
    """
    identity = book.ret.identity
    answers = identity.answers.split() if identity is not None else ()
    blank = any(finding.is_about(Topic.BLANK_RETURN) for finding in book.findings)
    return blank or digest(paper.source.sha256) in answers


def digest(sha256: str) -> str:
    """The short form of a document's SHA-256 (hexadecimal) by which a correction workbook names the
    document that it answers: the first 16 characters.
    """
    return sha256[:16]


def judge(records: Sequence[DocumentRecord], accept: frozenset[str]) -> list[DocumentRecord]:
    """Decide which of the returns that may count are merged. Returns all records with their
    outcomes. A fatal finding rejects a return unless a decision settles the finding, or all of the
    return's fatal findings may be accepted and its unit is in ``accept`` (names of units). The
    parts of a combined return get the same outcome as the combined one.
    """
    judged = [
        _judged(record, accept) if isinstance(record, ReturnRecord) and record.standing else record
        for record in records
    ]
    outcomes = {record.path: record.outcome for record in judged}
    return [
        replace(record, outcome=outcomes[record.part_of])
        if isinstance(record, ReturnRecord) and record.part_of
        else record
        for record in judged
    ]


def _judged(record: ReturnRecord, accept: frozenset[str]) -> ReturnRecord:
    """The return with its outcome: rejected where a fatal finding is left, otherwise merged, and
    marked as accepted in spite of fatal findings where it has any.
    """
    every = [f for f in record.findings if f.severity is Severity.FATAL]
    fatal = [f for f in every if not f.decision]
    if fatal and not (record.unit in accept and all(map(acceptable, fatal))):
        return replace(record, outcome=Outcome.REJECTED)
    return replace(record, accepted=True) if every else record


def supersede_resent(records: Sequence[DocumentRecord]) -> list[DocumentRecord]:
    """Mark documents as superseded that could not be read, or were another table, when a later
    return of the same unit is merged. Returns all records.
    """
    merged = {
        record.unit: record
        for record in records
        if isinstance(record, ReturnRecord) and record.standing
    }
    return [_superseded_by(record, merged.get(record.unit)) for record in records]


def _superseded_by(record: DocumentRecord, later: ReturnRecord | None) -> DocumentRecord:
    """The document, superseded where ``later`` makes up for it. ``later``: the merged return of its
    unit; None when there is none.
    """
    if later is None or not _made_good(record, later):
        return record
    return replace(
        record, outcome=Outcome.SUPERSEDED, findings=(finding("D-01", found=later.path),)
    )


def _made_good(record: DocumentRecord, later: DocumentRecord) -> bool:
    """Whether ``later``, a merged return of the same unit, makes up for a document: it is newer,
    and the document could not be read or was rejected only for being another table.
    """
    dates = record.source.date, later.source.date
    if dates[0] is None or dates[1] is None or dates[1] <= dates[0]:
        return False
    if record.outcome is Outcome.UNREADABLE:
        return True
    return record.outcome is Outcome.REJECTED and all(
        finding.is_about(Topic.ANOTHER_TABLE) for finding in record.findings
    )
