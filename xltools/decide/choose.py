"""选用报表 and 拼合报表: which of several returns of a unit counts, or which are put together."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace

from xltools.decide.correct import Check
from xltools.decide.log import Ruling
from xltools.layout.places import Layout
from xltools.ledgers.targets import file_named
from xltools.model.decisions import Decision, DecisionKind, DecisionStanding, basis_of, text_of
from xltools.model.findings import finding
from xltools.model.returns import Return
from xltools.model.summary import FigureMark, Outcome
from xltools.settle.candidate import Candidate, content
from xltools.settle.combine import ConflictError, combined


def content_digest(layout: Layout, ret: Return) -> str:
    """What makes two returns the same, as a few letters: equal for equal content only."""
    parts = [sorted(p) if isinstance(p, frozenset) else p for p in content(layout.form, ret)]
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:12]


def picked(
    ruling: Ruling,
    unit: str,
    candidates: Sequence[Candidate],
    digests: Mapping[str, str],
    check: Check,
) -> dict[str, Candidate]:
    """By a decision on several returns: the one that counts, and those that it sets aside.

    ``digests``: of each of them by path. Empty where there is no decision that holds.
    """
    by_name = {c.reading.name: c for c in candidates}
    for one in ruling.last(DecisionKind.CHOOSE, unit):
        names = _names(ruling, one, digests)
        if not names:
            continue
        parts = [by_name[n] for n in names]
        main = (
            _combined(ruling, one, parts, check)
            if one.kind is DecisionKind.COMBINE
            else _chosen(one, parts[0])
        )
        if main is None:
            continue
        ruling.rule(one, DecisionStanding.HOLDS, basis=text_of(digests))
        aside = {n: _aside(one, c, names, digests) for n, c in by_name.items() if n != names[0]}
        return {names[0]: main} | aside
    return {}


def _names(ruling: Ruling, one: Decision, digests: Mapping[str, str]) -> list[str]:
    """The paths of the returns that a decision is on; empty where it cannot hold."""
    hits = [file_named(name, digests) for name in one.files]
    lacking = [n for n, h in zip(one.files, hits, strict=True) if len(h) != 1]
    if lacking:
        ruling.fail(one, f"没有收到唯一的“{lacking[0]}”")
        return []
    made_on = basis_of(one.basis)
    news = [n for n, d in digests.items() if made_on and d not in made_on.values()]
    gone = [n for n, d in made_on.items() if d not in digests.values()]
    if news or gone:
        said = [f"又收到 {n}" for n in news] + [f"{n} 已不在或内容已变" for n in gone]
        ruling.fall(one, said)
        return []
    return [h[0] for h in hits]


def _chosen(one: Decision, main: Candidate) -> Candidate:
    """The return that is to count."""
    told = finding("K-04", found="以这一份为准", detail=one.why)
    return replace(main, findings=(*main.findings, told))


def _combined(
    ruling: Ruling, one: Decision, parts: Sequence[Candidate], check: Check
) -> Candidate | None:
    """The first of several returns with what the others add to it; None where they disagree."""
    try:
        ret, notes = combined(ruling.layout, {c.reading.name: c.ret for c in parts})
    except ConflictError as error:
        ruling.fail(one, str(error))
        return None
    main, words = parts[0], f"与 {'、'.join(c.reading.name for c in parts[1:])} 拼合"
    told = finding("K-04", found=words, detail=one.why)
    return replace(
        main,
        reading=replace(main.reading, ret=ret),
        marks={item: FigureMark(note=note, corrected=False) for item, note in notes.items()},
        findings=(*main.known, *check(ret), told),
        reason=f"按决定{words}",
    )


def _aside(
    one: Decision, other: Candidate, names: Sequence[str], digests: Mapping[str, str]
) -> Candidate:
    """A return beside the one that counts: a part of it, the same, or superseded."""
    name, first = other.reading.name, names[0]
    part = one.kind is DecisionKind.COMBINE and name in names
    same = one.kind is DecisionKind.CHOOSE and digests[name] == digests[first]
    words = f"与 {first} 拼合" if part else f"以 {'、'.join(names)} 为准"
    told = finding("D-04" if same else "K-04", found=first if same else words, detail=one.why)
    return replace(
        other,
        findings=(told,),
        outcome=Outcome.MERGED if part else Outcome.SUPERSEDED,
        reason=f"按决定{words}" if part else "",
        part=part,
    )
