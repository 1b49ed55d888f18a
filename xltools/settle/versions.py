"""Settle several documents of one unit: find the return that counts and those that it supersedes,
the documents that were sent along with a workbook, and the returns between which nobody can decide.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations

from xltools.identify.witnesses import Witnesses, folders
from xltools.model.differences import content
from xltools.model.file_kinds import PAPERS, FileKind
from xltools.model.findings import Finding, Topic, acceptable, finding
from xltools.model.form import Form
from xltools.model.record import DocumentRecord, ReturnRecord, replaced, submissions
from xltools.model.roster import Roster, Unit
from xltools.model.summary import Outcome
from xltools.model.wording import Phrase, Value, each
from xltools.settle.comparison import filled, typed_date, when


def join_workbooks(
    records: Sequence[DocumentRecord], witnesses: Witnesses | None
) -> list[DocumentRecord]:
    """Give documents (Word, PDF …) that were read, but do not say for certain which unit they are
    from, to the unit whose workbook they were sent with. Returns all records. Without ``witnesses``
    (no roster) nothing changes.
    """
    if witnesses is None:
        return list(records)
    units = {
        record.path: record.unit
        for record in records
        if isinstance(record, ReturnRecord) and record.standing and not record.ret.document
    }
    around, sent = _around(units), frozenset(units.values())
    joined = []
    for record in records:
        if isinstance(record, ReturnRecord) and record.ret.document and _unsure(record):
            unit = _whose(record, witnesses, around)
            if unit in sent:
                joined.append(
                    replace(record, outcome=Outcome.MERGED, unit=unit, findings=(), whose=())
                )
    return replaced(records, joined)


def _unsure(record: ReturnRecord) -> bool:
    """Whether a return was rejected only because it is not clear which unit it is from."""
    return (
        record.outcome is Outcome.REJECTED
        and bool(record.findings)
        and all(finding.is_about(Topic.UNKNOWN_UNIT) for finding in record.findings)
    )


def along_with_workbooks(
    form: Form, records: Sequence[DocumentRecord], witnesses: Witnesses | None
) -> list[DocumentRecord]:
    """Give documents that could not be read, or hold no table, to their unit where it is known all
    the same. Returns all records.

    Papers (``file_kinds.PAPERS``, such as scans and letters) become companions when a workbook of
    the unit came in; other files stay unreadable, with the unit named. Without ``witnesses`` (no
    roster), only the units that sent workbooks are looked for.
    """
    papers = [record for record in records if _of_unknown_unit(record)]
    if not papers:
        return list(records)
    units = {
        record.path: record.unit
        for record in records
        if isinstance(record, ReturnRecord) and not record.ret.document and record.unit
    }
    if witnesses is None:
        names = dict.fromkeys(units.values())
        witnesses = Witnesses(form, Roster(units=tuple(Unit(name=name) for name in names)))
    around, sent = _around(units), frozenset(units.values())
    placed = []
    for paper in papers:
        # What lies beside a workbook goes with it if it is a paper; a second workbook does not.
        unit = _whose(paper, witnesses, around if paper.source.kind in PAPERS else {})
        if unit and (unit in sent or not isinstance(paper, ReturnRecord)):
            placed.append(_placed(paper, unit, unit in sent))
    return replaced(records, placed)


def _of_unknown_unit(record: DocumentRecord) -> bool:
    """Whether a document is to be given to a unit by its surroundings: it is a paper without a
    table (a scan, a letter, an old format), a document whose unit nobody can tell, or a file that
    could not be read. Files that could not be opened at all are left out.
    """
    if isinstance(record, ReturnRecord):
        ret = record.ret
        if record.source.kind in PAPERS and ret.document and not any(ret.places):
            return True
        return ret.document and not record.unit and record.outcome is Outcome.REJECTED
    return record.outcome is Outcome.UNREADABLE and not any(
        finding.is_about(Topic.UNREACHABLE_FILE) for finding in record.findings
    )


def _reason_sent_along(kind: FileKind | None) -> Value:
    """The reason that the list of documents gives for not merging a companion: a file, such as a
    scan, that a unit sent along with its workbook. ``kind``: what kind of file it is, which the
    reason names; None if unknown.
    """
    return Phrase.FILE_SENT_ALONG if kind is None else Phrase.SENT_ALONG(kind.brief)


def _placed(paper: DocumentRecord, unit: str, with_workbook: bool) -> DocumentRecord:
    """A document with its unit. A paper becomes a companion where ``with_workbook``, that is, where
    a workbook of the unit came in; otherwise its reason says that it is the only thing the unit
    sent. Any other file only gets its unit.
    """
    kind = paper.source.kind
    if kind is None or kind not in PAPERS:
        return replace(paper, unit=unit)
    if with_workbook:
        return replace(
            paper, unit=unit, outcome=Outcome.IGNORED, companion=True,
            reason=_reason_sent_along(kind), findings=(),
        )  # fmt: skip
    return replace(paper, unit=unit, reason=Phrase.ONLY_SENT(kind.brief))


def _around(units: Mapping[str, str]) -> dict[str, set[str]]:
    """The units whose workbooks lie in each folder, archive or mail, by its path. The inbox itself
    is left out: to lie in it together says nothing. ``units``: the unit of each workbook, by the
    workbook's path.
    """
    around: dict[str, set[str]] = {}
    for path, unit in units.items():
        for folder in folders(path):
            around.setdefault(folder, set()).add(unit)
    return around


def _whose(paper: DocumentRecord, witnesses: Witnesses, around: Mapping[str, set[str]]) -> str:
    """The name of the unit that a document belongs to: the one that its first witness (name, sender
    or title) names, or, of several, the one whose workbook lies nearby; without a witness, the only
    unit with a workbook in the nearest folder, archive or mail that has any. Empty where that is
    not exactly one unit. ``around``: as `_around` gives it.
    """
    near: set[str] = set()
    for folder in folders(paper.path):
        near = around.get(folder, set())
        if near:
            break
    for witness in witnesses.of(paper):
        names = {unit.name for unit in witness.units}
        if len(names) > 1:  # an address of several units: whose workbook is beside it?
            names &= near
        if len(names) == 1:
            return names.pop()
        return ""
    return next(iter(near)) if len(near) == 1 else ""


NAMED = 50
"""How many other returns of its unit a finding about a return names."""

# File systems and zip archives keep dates to two seconds: closer ones say nothing.
SAME_TIME = timedelta(seconds=2)


def settle(form: Form, records: Sequence[DocumentRecord]) -> list[DocumentRecord]:
    """Settle which return of each unit counts, if any. Returns all records; the outcome of a return
    that counts stays MERGED.

    Returns with the same content count once. Of different ones, the one with the later file date
    counts; where the files are of the same time, the one with the later date typed on 填报. Where
    that does not tell the order, all are rejected. They are also rejected when they fill
    complementary parts (different tables, or different cells of a table), unless the last one has
    everything that the others have.

    Documents (Word, PDF …) are ignored as companions of the unit's workbook, if there is one. A
    return that may be another unit's is rejected if the unit has one that is certainly its own.
    """
    settled: list[ReturnRecord] = []
    for returns in submissions(records).values():
        settled += _of_unit(form, returns)
    return replaced(records, settled)


def _of_unit(form: Form, returns: Sequence[ReturnRecord]) -> list[ReturnRecord]:
    """Settle the returns of one unit: the rules of `settle`. Returns all of them with their
    outcomes, in no particular order.
    """
    if len(returns) == 1:
        return list(returns)
    books = [record for record in returns if not record.ret.document]
    papers = [record for record in returns if record.ret.document] if books else []
    books = books or list(returns)
    certain = [record for record in books if not _doubtful(record)]
    doubtful = [record for record in books if _doubtful(record)] if certain else []
    certain = certain or books
    by_content = (
        {content(form, record.ret): record for record in reversed(certain)} if doubtful else {}
    )
    return [
        *_distinct(form, certain),
        *(_aside(form, record, by_content) for record in doubtful),
        *(
            replace(
                paper,
                outcome=Outcome.IGNORED,
                companion=True,
                findings=(),
                reason=_reason_sent_along(paper.source.kind),
            )
            for paper in papers
        ),
    ]


def _doubtful(record: ReturnRecord) -> bool:
    """Whether a return may be another unit's, and no decision says that it is this one's. Such a
    return does not supersede one that is certainly the unit's.
    """
    return any(in_doubt(finding) and not finding.decision for finding in record.findings)


def in_doubt(finding: Finding) -> bool:
    """Whether a finding says that the return may be another unit's, and the coordinator may accept
    it as this unit's.
    """
    return finding.is_about(Topic.WHOSE) and acceptable(finding)


def _aside(
    form: Form, record: ReturnRecord, certain: Mapping[tuple[object, ...], ReturnRecord]
) -> ReturnRecord:
    """Settle a return that may be another unit's, beside ``certain`` ones of the unit, by their
    content: superseded when it has the same content as one of those, otherwise rejected.
    """
    twin = certain.get(content(form, record.ret))
    if twin is None:
        return replace(record, outcome=Outcome.REJECTED)
    return _superseded(record, "D-04", twin)


def _superseded(record: ReturnRecord, code: str, by: ReturnRecord) -> ReturnRecord:
    """The return with the outcome SUPERSEDED and a single finding: ``code`` with the path of
    ``by``, the return that counts instead.
    """
    return replace(record, outcome=Outcome.SUPERSEDED, findings=(finding(code, found=by.path),))


def _distinct(form: Form, returns: Sequence[ReturnRecord]) -> list[ReturnRecord]:
    """Settle returns each of which might count. Of those with the same content, the latest goes on
    to `_latest`, and the others are superseded by it.
    """
    groups: dict[tuple[object, ...], list[ReturnRecord]] = {}
    for record in returns:
        groups.setdefault(content(form, record.ret), []).append(record)
    latest = [max(group, key=when) for group in groups.values()]
    copies = [
        _superseded(record, "D-04", last)
        for last, group in zip(latest, groups.values(), strict=True)
        for record in group
        if record is not last
    ]
    return [*_latest(form, latest), *copies]


def _latest(form: Form, returns: Sequence[ReturnRecord]) -> list[ReturnRecord]:
    """Settle returns with different content: the latest one counts and supersedes the others. All
    are rejected where it is not certain which is the latest, or where they seem to be parts of one
    return.
    """
    if len(returns) == 1:
        return list(returns)
    ordered = sorted(returns, key=when)
    last, before = ordered[-1], ordered[-2]
    if when(last)[0] - when(before)[0] <= SAME_TIME:
        close = [r for r in returns if when(last)[0] - when(r)[0] <= SAME_TIME]
        dates = sorted(typed_date(r.ret.date) for r in close)
        if dates[-2] == date.min or dates[-1] == dates[-2]:
            return _excluded("D-03" if _apart(form, returns) else "D-02", returns)
        last = next(r for r in close if typed_date(r.ret.date) == dates[-1])
    of_last = filled(form, last.ret)
    covers = all(filled(form, r.ret) <= of_last for r in returns)
    if not covers and _apart(form, returns):
        return _excluded("D-03", returns)
    return [r if r is last else _superseded(r, "D-01", last) for r in returns]


def _excluded(code: str, returns: Sequence[ReturnRecord]) -> list[ReturnRecord]:
    """Reject all of the returns, each with a single finding: ``code`` with the paths of the
    others. Of very many others, only the first are named.
    """
    named = [record.path for record in returns[: NAMED + 1]]
    count = len(returns) - 1
    rejected = []
    for record in returns:
        others = each([path for path in named if path != record.path][:NAMED])
        content = others if count <= NAMED else Phrase.AND_OTHERS(others, count)
        findings = (finding(code, found=content),)
        rejected.append(replace(record, outcome=Outcome.REJECTED, findings=findings))
    return rejected


def _apart(form: Form, returns: Sequence[ReturnRecord]) -> bool:
    """Whether any two of the returns seem to be parts of one: each fills in a table that the other
    does not, or they fill in different cells of the same table, with none in common.
    """
    by_table = [frozenset(i.index for i in form.inputs(table.key)) for table in form.tables]
    # The cells that a return fills in, by table; returns that fill in the same count once.
    parts = {
        tuple(items & cells for items in by_table)
        for cells in {filled(form, record.ret) for record in returns}
    }
    tables = {frozenset(n for n, cells in enumerate(part) if cells) for part in parts}
    if any(not (a <= b or b <= a) for a, b in combinations(tables, 2)):
        return True
    return any(map(_disjoint, zip(*parts, strict=True), map(len, by_table)))


def _disjoint(sets: Iterable[frozenset[int]], size: int) -> bool:
    """Whether any two of the sets that are not empty have nothing in common. ``size``: how many
    elements there are in all: only the sets with at most half of them are compared with others.
    """
    ordered = sorted({cells for cells in sets if cells}, key=len)
    return any(
        a.isdisjoint(b)
        for number, a in enumerate(ordered)
        if 2 * len(a) <= size
        for b in ordered[number + 1 :]
    )
