"""Several files of one unit: which counts, which is superseded, and when nobody can tell."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from xltools.collect.readings import Reading
from xltools.findings import Finding, acceptable, finding
from xltools.returns import Return, Status
from xltools.spec import Form, Severity
from xltools.summary import Outcome

# File systems and zip archives keep dates to two seconds: closer ones say nothing.
SAME_TIME = timedelta(seconds=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A return of a known unit, with all that was found in it."""

    reading: Reading
    unit: str
    findings: tuple[Finding, ...]
    outcome: Outcome = Outcome.MERGED
    accepted: bool = False

    @property
    def ret(self) -> Return:
        """The return; a candidate always has one."""
        assert self.reading.ret is not None
        return self.reading.ret


def settle(form: Form, candidates: Sequence[Candidate], accept: frozenset[str]) -> list[Candidate]:
    """Decide the outcome of every return of one unit, in the order given.

    The same content counts once. Of different ones the later by file date wins, by the date
    typed on 填报 when the files are of the same time; returns that fill complementary parts, or
    whose order cannot be told, are all rejected. A fatal finding rejects what would count,
    unless the unit is in ``accept`` and every fatal finding may be accepted.
    """
    groups: list[list[Candidate]] = []
    for one in candidates:
        same = next((g for g in groups if content(g[0].ret) == content(one.ret)), None)
        if same is None:
            groups.append([one])
        else:
            same.append(one)
    settled: dict[str, Candidate] = {}
    firsts = []
    for group in groups:
        main = max(group, key=_when)
        firsts.append(main)
        for one in group:
            if one is not main:
                told = finding("D-04", found=main.reading.name)
                settled[one.reading.name] = replace(
                    one, outcome=Outcome.SUPERSEDED, findings=(told,)
                )
    for one in _choose(form, firsts):
        settled[one.reading.name] = _judged(one, accept)
    return [settled[one.reading.name] for one in candidates]


def content(ret: Return) -> tuple[object, ...]:
    """What makes two returns the same: figures, declarations, texts, explanations."""
    return (
        tuple(ret.numbers), tuple(ret.statuses), ret.zero, ret.none,
        tuple(sorted(ret.texts.items())), tuple(sorted(ret.explanations.items())),
        tuple(sorted(ret.found.items())),
    )  # fmt: skip


def _when(one: Candidate) -> tuple[datetime, str]:
    return one.reading.modified or datetime.min, _typed(one.ret.date)


def _typed(text: str) -> str:
    """A date as people type it, made comparable; empty when it is none."""
    at = re.search(r"(\d{4})\D{1,2}(\d{1,2})\D{1,2}(\d{1,2})", text)
    return f"{at[1]}-{int(at[2]):02}-{int(at[3]):02}" if at else ""


def _choose(form: Form, firsts: Sequence[Candidate]) -> list[Candidate]:
    if len(firsts) == 1:
        return list(firsts)
    names = [one.reading.name for one in firsts]
    filled = [filled_tables(form, one.ret) for one in firsts]
    apart = [
        any(not (filled[a] <= filled[b] or filled[b] <= filled[a]) for b in range(len(firsts)))
        for a in range(len(firsts))
    ]
    if any(apart):
        return [_both("D-03", one, names) for one in firsts]
    ordered = sorted(firsts, key=_when)
    last, before = ordered[-1], ordered[-2]
    gap = _when(last)[0] - _when(before)[0]
    if gap <= SAME_TIME:
        close = [c for c in firsts if _when(last)[0] - _when(c)[0] <= SAME_TIME]
        dates = sorted(_typed(c.ret.date) for c in close)
        if not dates[-2] or dates[-1] == dates[-2]:
            return [_both("D-02", one, names) for one in firsts]
        last = next(c for c in close if _typed(c.ret.date) == dates[-1])
    told = finding("D-01", found=last.reading.name)
    return [
        one if one is last else replace(one, outcome=Outcome.SUPERSEDED, findings=(told,))
        for one in firsts
    ]


def _both(code: str, one: Candidate, names: Sequence[str]) -> Candidate:
    others = "、".join(n for n in names if n != one.reading.name)
    return replace(one, findings=(finding(code, found=others), *one.findings))


def filled_tables(form: Form, ret: Return) -> frozenset[str]:
    """The tables in which something was filled in or declared, prefilled figures left aside."""
    found = set(ret.none)
    for item in form.inputs():
        if ret.statuses[item.index] is Status.BLANK or item.table in found:
            continue
        prior = form.carried.get(item.index)
        if prior is None or ret.numbers[item.index] != ret.priors.get(prior):
            found.add(item.table)
    return frozenset(found)


def _judged(one: Candidate, accept: frozenset[str]) -> Candidate:
    if one.outcome is not Outcome.MERGED:
        return one
    fatal = [f for f in one.findings if f.severity is Severity.FATAL]
    if not fatal:
        return one
    if one.unit in accept and all(acceptable(f) for f in fatal):
        return replace(one, accepted=True)
    return replace(one, outcome=Outcome.REJECTED)
