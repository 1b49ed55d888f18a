"""Several returns of one unit: which counts, which is superseded, and when nobody can tell."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations

from xltools.model.findings import Finding, Topic, acceptable, finding
from xltools.model.form import Form
from xltools.model.record import DocumentRecord, ReturnRecord, replaced, submissions
from xltools.model.summary import Outcome
from xltools.settle.companions import along
from xltools.settle.comparison import content, filled, typed_date, when

# File systems and zip archives keep dates to two seconds: closer ones say nothing.
SAME_TIME = timedelta(seconds=2)


def settle(form: Form, records: Sequence[DocumentRecord]) -> list[DocumentRecord]:
    """The records with it settled which return of each unit counts, if any: its outcome stays
    MERGED.

    The same content counts once. Of different ones the later by file date wins, by the date
    typed on 填报 when the files are of the same time. Returns whose order cannot be told are all
    rejected, and so are those that fill complementary parts (different tables, or different
    cells of a table) unless the last has all that the others have. Documents (Word, PDF …) are
    ignored as companions where there is a workbook, and so, as rejected, are returns that may be
    another unit's where one is certain.
    """
    settled: list[ReturnRecord] = []
    for returns in submissions(records).values():
        settled += _of_unit(form, returns)
    return replaced(records, settled)


def _of_unit(form: Form, returns: Sequence[ReturnRecord]) -> list[ReturnRecord]:
    """Settle the returns of one unit."""
    books = [record for record in returns if not record.ret.document]
    papers = [record for record in returns if record.ret.document] if books else []
    books = books or list(returns)
    certain = [record for record in books if not _doubtful(record)]
    doubtful = [record for record in books if _doubtful(record)] if certain else []
    certain = certain or books
    return [
        *_distinct(form, certain),
        *(_aside(form, record, certain) for record in doubtful),
        *(
            replace(
                paper,
                outcome=Outcome.IGNORED,
                companion=True,
                findings=(),
                reason=along(paper.source.kind),
            )
            for paper in papers
        ),
    ]


def _doubtful(record: ReturnRecord) -> bool:
    """Whether it may be another unit's: such a return may not take the place of one of which it is
    certain.
    """
    return any(in_doubt(finding) and not finding.decision for finding in record.findings)


def in_doubt(finding: Finding) -> bool:
    """Whether a finding leaves open whose a return is, and the coordinator may accept it as the
    unit's.
    """
    return finding.is_about(Topic.WHOSE) and acceptable(finding)


def _aside(form: Form, record: ReturnRecord, certain: Iterable[ReturnRecord]) -> ReturnRecord:
    """A return that may be another unit's, beside one that is the unit's own."""
    entries = content(form, record.ret)
    twin = next((r for r in certain if content(form, r.ret) == entries), None)
    if twin is None:
        return replace(record, outcome=Outcome.REJECTED)
    return _superseded(record, "D-04", twin)


def _superseded(record: ReturnRecord, code: str, by: ReturnRecord) -> ReturnRecord:
    """A return in whose place another counts: all there is to say of it."""
    return replace(record, outcome=Outcome.SUPERSEDED, findings=(finding(code, found=by.path),))


def _distinct(form: Form, returns: Sequence[ReturnRecord]) -> list[ReturnRecord]:
    """Settle returns of which each might count: those of the same content count once."""
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
    """Settle returns of different content: the last counts, where it can be told."""
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
    covers = all(filled(form, r.ret) <= filled(form, last.ret) for r in returns)
    if not covers and _apart(form, returns):
        return _excluded("D-03", returns)
    return [r if r is last else _superseded(r, "D-01", last) for r in returns]


def _excluded(code: str, returns: Sequence[ReturnRecord]) -> list[ReturnRecord]:
    """Returns that exclude each other: that is all there is to say of them for now."""
    return [
        replace(
            record,
            outcome=Outcome.REJECTED,
            findings=(finding(code, found="、".join(r.path for r in returns if r is not record)),),
        )
        for record in returns
    ]


def _apart(form: Form, returns: Sequence[ReturnRecord]) -> bool:
    """Whether some two fill parts that only together make a whole."""
    tables = {item.index: item.table for item in form.items}
    for first, second in combinations([filled(form, r.ret) for r in returns], 2):
        mine, yours = ({tables[i] for i in items} for items in (first, second))
        if not (mine <= yours or yours <= mine):
            return True
        for table in mine & yours:
            a, b = ({i for i in items if tables[i] == table} for items in (first, second))
            if a.isdisjoint(b):
                return True
    return False
