"""Check a return: collect all findings about its figures and texts, with the explanations that its
unit gave.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import localcontext
from itertools import compress
from typing import NamedTuple

from xltools.checks.case import CheckContext
from xltools.checks.cells import (
    amount_findings,
    blank_findings,
    contradicted,
    filled_elsewhere,
    total_findings,
    unreported,
)
from xltools.checks.imbalances import imbalances, rule_findings
from xltools.checks.texts import text_findings
from xltools.layout.places import Layout
from xltools.model.assessment import assess
from xltools.model.evaluate import EXACT
from xltools.model.findings import Finding, Topic, catalogue, finding
from xltools.model.form import Form, Severity
from xltools.model.numbers import Number
from xltools.model.returns import Explanation, Named, Return
from xltools.model.roster import Texts
from xltools.model.wording import Listing, Phrase, Value


def explained(form: Form, ret: Return, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings of a return, with the explanations that the unit gave in ``ret.explained`` added
    to those they belong to.

    An explanation belongs to the findings of its code at the places that it names, or to all
    findings of the code where it names none. One that belongs to no finding becomes a note (E-01)
    at the end. Findings that already have their explanations stay as they are, so the function may
    be called again with further findings.
    """
    if not ret.explained:
        return tuple(findings)
    explainable = [f for f in findings if not f.is_about(Topic.EXPLANATION)]
    alone = []
    for line in ret.explained:
        meant = _meant(line, explainable)
        if not meant:
            elsewhere = any(f.code == line.code for f in explainable)
            alone.append(_note(line, elsewhere=elsewhere))
        for n in reversed(meant):
            answered, rest = _parted(form, line, explainable[n])
            answered = replace(answered, explanation=_joined(answered.explanation, line.words))
            explainable[n : n + 1] = [answered, *rest]
    return (*explainable, *alone)


def _parted(form: Form, line: Explanation, finding: Finding) -> tuple[Finding, tuple[Finding, ...]]:
    """Split a finding into the part at the cells that an explanation is about, and the part at its
    other cells (a tuple, empty where nothing is left).

    Only a query of the catalogue about several figures is split, because it asks about each figure
    by itself; any other finding is explained as a whole.
    """
    apart = (
        finding.severity is Severity.QUERY
        and finding.code in catalogue()
        and len(finding.items) == len(finding.cells) > 1
        and all(name in form.by_name for name in finding.items)
    )
    named = [
        any(_is_at(replace(finding, items=(item,), cells=(cell,)), place) for place in line.about)
        for item, cell in zip(finding.items, finding.cells, strict=False)
    ]
    if not apart or all(named) or not any(named):
        return finding, ()
    return _only(finding, named), (_only(finding, [not n for n in named]),)


def _only(finding: Finding, kept: Sequence[bool]) -> Finding:
    """The finding at some of its cells only. ``kept``: for each cell, whether it stays. The count
    or list of contents in its message is reduced in the same way.
    """
    content = finding.found
    if content == Phrase.BLANK_CELLS(len(kept)):
        content = Phrase.BLANK_CELLS(sum(kept))
    elif isinstance(content, Listing) and len(content.values) == len(kept) <= content.most:
        content = replace(content, values=tuple(compress(content.values, kept)))
    return replace(
        finding,
        items=tuple(compress(finding.items, kept)),
        cells=tuple(compress(finding.cells, kept)),
        found=content,
    )


def _joined(before: str, words: str) -> str:
    """The explanation ``before`` with ``words`` added, unless it contains them already."""
    return before if words in before else "；".join(x for x in (before, words) if x)


def _meant(line: Explanation, findings: Sequence[Finding]) -> list[int]:
    """The indices in ``findings`` of those that an explanation belongs to, in ascending order."""
    if line.code not in catalogue():  # a rule of the form: its rows have taken what is said
        anchors = {name.partition("@")[2] for name in line.rows}
        return [
            n for n, f in enumerate(findings)
            if line.words in f.explanation and not anchors.isdisjoint(f.items)
        ]  # fmt: skip
    every = [n for n, f in enumerate(findings) if f.code == line.code]
    if not line.about:
        return every
    if len(every) == 1 and not any(p.items or p.cell for p in line.about):
        return every  # whatever was meant by the words for a cell
    meant: dict[int, None] = {}
    for place in line.about:
        first = [n for n in every if _is_at(findings[n], place, first=True)]
        near = first or [n for n in every if _is_at(findings[n], place)]
        if place.certain or len(near) == 1:
            meant |= dict.fromkeys(near)
    return sorted(meant)


def _is_at(finding: Finding, place: Named, *, first: bool = False) -> bool:
    """Whether a finding is about a place. ``first``: whether the place must be the finding's first
    cell.
    """
    items, cells = (
        (finding.items[:1], finding.cells[:1]) if first else (finding.items, finding.cells)
    )
    if not set(items).isdisjoint(place.items):
        return True
    return any(place.cell in (f"{finding.sheet}!{cell}", cell) for cell in cells)


def _note(line: Explanation, *, elsewhere: bool) -> Finding:
    """E-01: the note that an explanation belongs to no finding, and why. ``elsewhere``: whether
    there are findings of its code at other places.
    """
    typed = " ".join(x for x in line.typed if x)
    if not typed:
        why: Value = Phrase.NO_CODE
    elif not line.code:
        why = Phrase.NOT_A_CODE(typed)
    elif elsewhere:
        why = Phrase.NOT_AT_THAT_CELL(typed)
    else:
        why = Phrase.NO_SUCH_FINDING(typed)
    return finding(
        "E-01",
        sheet=line.place.sheet,
        cells=(line.place.a1,),
        found=" ".join(line.words.split()),
        detail=why,
        explanation=line.words,
    )


def check(
    layout: Layout,
    ret: Return,
    *,
    category: str = "",
    prior: Sequence[Number | None] | None = None,
    text: Texts = Texts.OPTIONAL,
    limit: int | None = None,
) -> tuple[Finding, ...]:
    """Check a return and return all findings about it; those from reading it come first. Their unit
    and path are not set.

    ``category``, ``text`` and ``limit``: those of the unit, see `Unit`. ``prior``: last year's
    figures by item number; None to use those that the template carried.
    """
    return examine(layout, ret, category=category, prior=prior, text=text, limit=limit).findings


class Examined(NamedTuple):
    """A return that was checked. ``findings``: all about it; ``totals``: its figures with every
    total recomputed, as `evaluate.recomputed` gives them.
    """

    findings: tuple[Finding, ...]
    totals: tuple[Number | None, ...]


def examine(
    layout: Layout,
    ret: Return,
    *,
    category: str = "",
    prior: Sequence[Number | None] | None = None,
    text: Texts = Texts.OPTIONAL,
    limit: int | None = None,
) -> Examined:
    """Check a return; parameters as for `check`."""
    with localcontext(EXACT):
        case = CheckContext(
            layout=layout,
            ret=ret,
            numbers=[*ret.numbers],
            texts=dict(ret.texts.items()),
            assessment=assess(layout.form, ret, category=category, prior=prior),
            absent=_absent(layout, ret),
        )
        void, against = unreported(case), contradicted(case)
        off, pending = imbalances(case, {*void, *against, *filled_elsewhere(case)})
        results = (
            *ret.findings,
            *blank_findings(case, void, against, pending),
            *total_findings(case, void),
            *rule_findings(case, [j for j in off if not j.instance.rule.trial]),
            *amount_findings(case),
            *text_findings(case, text, limit),
            *rule_findings(case, [j for j in off if j.instance.rule.trial]),
        )
    findings = explained(layout.form, ret, results)
    return Examined(findings=findings, totals=case.assessment.totals)


def _absent(layout: Layout, ret: Return) -> frozenset[int]:
    """The numbers of the items whose cell was not found."""
    if ret.places is layout.addresses:  # as in most returns
        return frozenset()
    return frozenset(i for i, place in enumerate(ret.places) if place is None)
