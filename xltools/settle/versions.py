"""Several files of one unit: which counts, which is superseded, when nobody can tell, and where a
report differs from the workbook that it came with.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations

from xltools.model.evaluate import recomputed
from xltools.model.findings import Finding, Topic, acceptable, finding
from xltools.model.form import Form, Severity
from xltools.model.numbers import show
from xltools.model.returns import Return, Status
from xltools.model.summary import Outcome
from xltools.model.wording import Value
from xltools.settle.candidate import (
    Candidate,
    content,
    filled,
    typed_date,
    when,
)


def differences(form: Form, workbook: Return, document: Return) -> tuple[Finding, ...]:
    """One finding, D-06, for each figure that the two give differently, naming both places.

    A blank is no figure, and counts as 0. What was not found in one of them is not compared: that
    it is missing is said where that one is read.
    """
    totals = recomputed(form, workbook)
    found = []
    for item in form.items:
        here, there = workbook.places[item.index], document.places[item.index]
        if here is None or there is None:
            continue
        own = workbook.value(item.index)
        # A total that nobody has worked out yet stands for the sum of its parts.
        theirs = document.value(item.index)
        number, other = own.number, theirs.number
        if item.formula is not None and own.status is Status.BLANK:
            number = totals[item.index]
        if item.formula is not None and theirs.status is Status.BLANK:
            continue  # and one that was left out says nothing
        odd = Status.UNREADABLE in (own.status, theirs.status)
        if own.found == theirs.found if odd else (number or 0) == (other or 0):
            continue
        found.append(
            finding(
                "D-06",
                sheet=here.sheet,
                cells=(here.a1,),
                items=(item.name,),
                labels=item.path,
                found=own.found if number is None else show(number),
                expected=(theirs.found if other is None else show(other)) or "空白",
                detail=str(there),
            )
        )
    return tuple(found)


# File systems and zip archives keep dates to two seconds: closer ones say nothing.
SAME_TIME = timedelta(seconds=2)

Finish = Callable[[Candidate], Candidate]


def settle(
    form: Form,
    candidates: Sequence[Candidate],
    accept: frozenset[str],
    finish: Finish = lambda one: one,
) -> list[Candidate]:
    """Decide the outcome of every return of one unit, in the order given.

    The same content counts once. Of different ones the later by file date wins, by the date
    typed on 填报 when the files are of the same time. Returns whose order cannot be told are all
    rejected, and so are those that fill complementary parts (different tables, or different
    cells of a table) unless the last has all that the others have. A fatal finding rejects what
    would count, unless the unit is in ``accept`` and every fatal finding may be accepted.
    Documents are set aside as companions where there is a workbook, and so, as rejected, are
    returns that may be another unit's where one is certain. ``finish`` is done to each of those
    among which dates decide, before it is judged by what is found in it.
    """
    books = [one for one in candidates if not one.ret.document] or list(candidates)
    sure = [one for one in books if not _doubtful(one)] or books
    settled = {one.reading.name: one for one in _settle(form, sure, accept, finish)}
    counts = next((c for c in settled.values() if c.outcome is Outcome.MERGED), None)
    # By identity: candidates are compared as a whole, and may be equal.
    certain, of_books = {id(one) for one in sure}, {id(one) for one in books}
    papers = [one for one in candidates if id(one) not in of_books]
    if papers:
        held = [one for one in settled.values() if one.outcome is not Outcome.SUPERSEDED]
        main = counts or max(held, key=when)
        current = [one for one in papers if not _answered(main, one)]
        settled[main.reading.name] = _compared(form, main, current)
    for one in candidates:
        if id(one) not in of_books:
            settled[one.reading.name] = replace(
                one, outcome=Outcome.IGNORED, companion=True, findings=()
            )
        elif id(one) not in certain:
            settled[one.reading.name] = _aside(form, one, sure)
    return [settled[one.reading.name] for one in candidates]


def _doubtful(one: Candidate) -> bool:
    """Whether it may be another unit's: such a return may not take the place of one of which it is
    certain.
    """
    return any(in_doubt(finding) and not finding.decision for finding in one.findings)


def in_doubt(finding: Finding) -> bool:
    """Whether a finding leaves open whose a return is, and the coordinator may accept it as the
    unit's.
    """
    return finding.is_about(Topic.WHOSE) and acceptable(finding)


def _aside(form: Form, one: Candidate, sure: Sequence[Candidate]) -> Candidate:
    """A return that may be another unit's, beside one that is the unit's own."""
    twin = next((s for s in sure if content(form, s.ret) == content(form, one.ret)), None)
    if twin is None:
        return replace(one, outcome=Outcome.REJECTED)
    told = finding("D-04", found=twin.reading.name)
    return replace(one, outcome=Outcome.SUPERSEDED, findings=(told,))


def _answered(main: Candidate, paper: Candidate) -> bool:
    """Whether a document says nothing of this workbook: it is what the workbook was sent back
    for, or the workbook is blank.
    """
    identity = main.ret.identity
    answers = identity.answers.split() if identity is not None else ()
    blank = any(f.is_about(Topic.BLANK_RETURN) for f in main.findings)
    return blank or digest(paper.reading.sha256) in answers


def digest(sha256: str) -> str:
    """How a workbook names a document that it answers."""
    return sha256[:16]


def _compared(form: Form, main: Candidate, papers: Sequence[Candidate]) -> Candidate:
    """A workbook with what the documents sent beside it give differently, each figure once."""
    found: dict[tuple[str, Value], Finding] = {}
    for paper in papers:
        for one in differences(form, main.ret, paper.ret):
            told = replace(one, detail=f"{paper.reading.name} {one.detail}")
            found.setdefault((one.items[0], one.expected), told)
    return replace(main, findings=(*main.findings, *found.values()))


def _settle(
    form: Form, candidates: Sequence[Candidate], accept: frozenset[str], finish: Finish
) -> list[Candidate]:
    """The outcomes of returns of which each might count."""
    groups: list[list[Candidate]] = []
    for one in candidates:
        same = next((g for g in groups if content(form, g[0].ret) == content(form, one.ret)), None)
        if same is None:
            groups.append([one])
        else:
            same.append(one)
    settled: dict[str, Candidate] = {}
    firsts = []
    for group in groups:
        main = max(group, key=when)
        firsts.append(main)
        for one in group:
            if one is not main:
                told = finding("D-04", found=main.reading.name)
                settled[one.reading.name] = replace(
                    one, outcome=Outcome.SUPERSEDED, findings=(told,)
                )
    for one in _choose(form, firsts):
        settled[one.reading.name] = _judged(finish(one), accept)
    return [settled[one.reading.name] for one in candidates]


def _choose(form: Form, firsts: Sequence[Candidate]) -> list[Candidate]:
    if len(firsts) == 1:
        return list(firsts)
    names = [one.reading.name for one in firsts]
    ordered = sorted(firsts, key=when)
    last, before = ordered[-1], ordered[-2]
    gap = when(last)[0] - when(before)[0]
    if gap <= SAME_TIME:
        close = [c for c in firsts if when(last)[0] - when(c)[0] <= SAME_TIME]
        dates = sorted(typed_date(c.ret.date) for c in close)
        if dates[-2] == date.min or dates[-1] == dates[-2]:
            code = "D-03" if _apart(form, firsts) else "D-02"
            return [_both(code, one, names) for one in firsts]
        last = next(c for c in close if typed_date(c.ret.date) == dates[-1])
    covers = all(filled(form, one.ret) <= filled(form, last.ret) for one in firsts)
    if not covers and _apart(form, firsts):
        return [_both("D-03", one, names) for one in firsts]
    told = finding("D-01", found=last.reading.name)
    return [
        one if one is last else replace(one, outcome=Outcome.SUPERSEDED, findings=(told,))
        for one in firsts
    ]


def _both(code: str, one: Candidate, names: Sequence[str]) -> Candidate:
    """That two returns exclude each other is all there is to say of them for now."""
    others = "、".join(n for n in names if n != one.reading.name)
    return replace(one, findings=(finding(code, found=others),))


def _apart(form: Form, firsts: Sequence[Candidate]) -> bool:
    """Whether some two fill parts that only together make a whole."""
    tables = {item.index: item.table for item in form.items}
    sets = [filled(form, one.ret) for one in firsts]
    for one, other in combinations(sets, 2):
        mine, yours = ({tables[i] for i in s} for s in (one, other))
        if not (mine <= yours or yours <= mine):
            return True
        for table in mine & yours:
            a, b = ({i for i in s if tables[i] == table} for s in (one, other))
            if a.isdisjoint(b):
                return True
    return False


def _judged(one: Candidate, accept: frozenset[str]) -> Candidate:
    """Whether what would count does: it has no fatal finding, or only such as were accepted."""
    if one.outcome is not Outcome.MERGED:
        return one
    all_fatal = [f for f in one.findings if f.severity is Severity.FATAL]
    fatal = [f for f in all_fatal if not f.decision]
    if not fatal:
        return replace(one, accepted=True) if all_fatal else one
    if one.unit in accept and all(acceptable(f) for f in fatal):
        return replace(one, accepted=True)
    return replace(one, outcome=Outcome.REJECTED)
