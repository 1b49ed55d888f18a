"""Apply the decisions 选用报表, which says which of several returns of a unit counts, and 拼合报表,
which puts several together.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace

from xltools.decide.log import DecisionLog
from xltools.layout.places import Layout
from xltools.ledgers.targets import file_named
from xltools.model.decisions import (
    Choose,
    Combine,
    DecisionKind,
    DecisionStanding,
    Matter,
    basis_of,
    text_of,
)
from xltools.model.differences import content
from xltools.model.findings import Topic, finding
from xltools.model.record import DocumentRecord, ReturnRecord, replaced, submissions
from xltools.model.returns import Return
from xltools.model.summary import FigureMark, Outcome
from xltools.model.wording import Phrase, each
from xltools.settle.combine import ConflictError, combined


def content_digest(layout: Layout, ret: Return) -> str:
    """A digest of a return's content, 12 hexadecimal digits: the same for two returns exactly when
    they say the same. It is stored as the basis of a decision on files.
    """
    parts = [sorted(p) if isinstance(p, frozenset) else p for p in content(layout.form, ret)]
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:12]


def choose(log: DecisionLog, records: Sequence[DocumentRecord]) -> list[DocumentRecord]:
    """Carry out the decisions that choose or combine returns. Returns all records: the chosen or
    combined return of each unit, and its other returns as parts or superseded. A combined return is
    new and is still to be checked.
    """
    changed: list[ReturnRecord] = []
    for unit, returns in submissions(records).items():
        books = [r for r in returns if not r.ret.document] or returns
        decisions: list[Choose | Combine] = [*log.last(Choose, unit), *log.last(Combine, unit)]
        for decision in decisions:
            digests = {r.path: content_digest(log.layout, r.ret) for r in books}
            changed += _followed(log, decision, {r.path: r for r in books}, digests)
    return replaced(records, changed)


def _followed(
    log: DecisionLog,
    decision: Choose | Combine,
    books: Mapping[str, ReturnRecord],
    digests: Mapping[str, str],
) -> list[ReturnRecord]:
    """The returns of a unit as a decision leaves them, the one that counts first; empty where the
    decision does not hold. ``books``: the returns by path; ``digests``: the digest of each one's
    content, by path.
    """
    paths = _paths(log, decision, digests)
    if not paths:
        return []
    if isinstance(decision, Choose):
        note = finding("K-04", found=Phrase.THIS_COUNTS, detail=decision.why)
        main = books[paths[0]]
        main = replace(main, findings=(*main.findings, note), decided=(note,))
    else:
        try:
            main = _combination(log.layout, decision, [books[path] for path in paths])
        except ConflictError as error:
            log.fail(decision, Phrase.FILLED_UNLIKE(error.cells))
            return []
    log.rule(decision, DecisionStanding.HOLDS, basis=text_of(digests))
    aside = (_aside(decision, r, paths, digests) for path, r in books.items() if path != paths[0])
    return [main, *aside]


def _paths(log: DecisionLog, decision: Choose | Combine, digests: Mapping[str, str]) -> list[str]:
    """The paths of the returns that a decision names, in its order. Empty where it names a file
    that is missing or not unique, or where returns have come, gone or changed since it was made;
    the log records why.
    """
    hits = [file_named(name, digests) for name in decision.files]
    lacking = [n for n, h in zip(decision.files, hits, strict=True) if len(h) != 1]
    if lacking:
        log.fail(decision, Phrase.NO_SINGLE_FILE(lacking[0]))
        return []
    before = basis_of(decision.basis)
    news = [path for path, d in digests.items() if before and d not in before.values()]
    gone = [path for path, d in before.items() if d not in digests.values()]
    if news or gone:
        came, went = map(Phrase.ALSO_CAME, news), map(Phrase.GONE_OR_CHANGED, gone)
        log.fall(decision, [*came, *went])
        return []
    return [h[0] for h in hits]


def _combination(layout: Layout, decision: Combine, parts: Sequence[ReturnRecord]) -> ReturnRecord:
    """The first of several returns, with what the others add to it. Raises ConflictError where two
    of them have filled in a cell differently.
    """
    ret, notes = combined(layout, {part.path: part.ret for part in parts})
    together = Phrase.COMBINED_WITH(each(part.path for part in parts[1:]))
    note = finding("K-04", found=together, detail=decision.why)
    main = parts[0]
    return replace(
        main,
        ret=ret,
        marks={item: FigureMark(note=text, corrected=False) for item, text in notes.items()},
        findings=(*main.whose, note),
        decided=(note,),
        reason=Phrase.BY_DECISION(together),
        totals=None,
    )


def _aside(
    decision: Choose | Combine,
    record: ReturnRecord,
    paths: Sequence[str],
    digests: Mapping[str, str],
) -> ReturnRecord:
    """A return of the unit that does not count by itself: part of the combined one, or superseded,
    with the finding that says so. ``paths``: the returns that the decision names; the first is the
    one that counts.
    """
    first = paths[0]
    if isinstance(decision, Combine) and record.path in paths:
        together = Phrase.COMBINED_WITH(first)
        note = finding("K-04", found=together, detail=decision.why)
        reason = Phrase.BY_DECISION(together)
        return replace(record, findings=(note,), part_of=first, reason=reason)
    if isinstance(decision, Choose) and digests[record.path] == digests[first]:
        note = finding("D-04", found=first, detail=decision.why)
    else:
        note = finding("K-04", found=Phrase.COUNTS_INSTEAD(each(paths)), detail=decision.why)
    return replace(record, findings=(note,), outcome=Outcome.SUPERSEDED)


def take_undecided(log: DecisionLog, record: ReturnRecord, returns: Sequence[ReturnRecord]) -> None:
    """Add to the log's matters that several returns of a unit exclude each other; only once for
    each unit. ``record``: one of them; ``returns``: all that were checked of the unit.
    """
    first = record.findings[0]
    if log.has(record.unit, first.code):
        return
    books = [r for r in returns if not r.ret.document] or returns
    digests = {r.path: content_digest(log.layout, r.ret) for r in books}
    log.take(
        Matter(
            kinds=(DecisionKind.CHOOSE, DecisionKind.COMBINE)
            if first.is_about(Topic.PARTS)
            else (DecisionKind.CHOOSE,),
            unit=record.unit,
            target="＋".join(digests),
            basis=text_of(digests),
            finding=replace(first, unit=record.unit, path=record.path),
        )
    )
