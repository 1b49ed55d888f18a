"""The parts in prose: what is missing or too long, and what they say against the tables."""

from collections.abc import Iterator, Sequence

from xltools.check.case import Case
from xltools.check.mentions import mismatches
from xltools.check.statements import (
    fee_charged,
    fee_denied,
    personal,
    says_nothing,
    wrong_year,
)
from xltools.layout.places import TEXT_SHEET
from xltools.model.cells import Address
from xltools.model.findings import Finding, catalogue
from xltools.model.form import TextPart
from xltools.model.numbers import show
from xltools.model.roster import Texts


def text_findings(case: Case, text: Texts, limit: int | None) -> Iterator[Finding]:
    """All findings about the texts: none when no texts are asked for and none were written.

    ``limit``: how long they may be, as ``Unit.limit``.
    """
    texts = case.ret.texts
    written = any(said.strip() for said in texts.values())
    if text is not Texts.NONE:
        yield from _missing(case, text)
        if limit is not None:
            yield from _long(case, limit)
        if written:
            yield from _substance(case, text)
            yield from _fee(case, text)
            yield from _figures(case)
            yield from _year(case)
    if written:  # what must not be published is named even where nobody asked for the texts
        yield from _personal(case)


def _missing(case: Case, text: Texts) -> Iterator[Finding]:
    """P-01: texts that must be there and are not."""
    if text is not Texts.REQUIRED:
        return
    texts = case.ret.texts
    empty = [one.name for one in case.form.texts if not texts.get(one.name, "").strip()]
    labels = []
    for part in _parts(case):
        own = [one for one in part.texts if one.name in empty]
        whole = len(own) == len(part.texts)
        labels.extend([part.title] if whole else [one.label for one in own])
    if empty:
        yield _finding(case, "P-01", empty, found="、".join(labels))


def _long(case: Case, limit: int) -> Iterator[Finding]:
    """P-02: parts longer than asked for, of those that have a limit in the form."""
    texts = case.ret.texts
    for part in _parts(case):
        length = sum(len("".join(texts.get(one.name, "").split())) for one in part.texts)
        wanted = part.limit and (limit or part.limit)
        if wanted and length > wanted:
            names = [one.name for one in part.texts if texts.get(one.name, "").strip()]
            yield _finding(
                case,
                "P-02",
                names,
                detail=part.title,
                found=str(length),
                expected=str(wanted),
            )


def _substance(case: Case, text: Texts) -> Iterator[Finding]:
    """P-04: texts that say no more than 无, or are empty beside others (P-01 says so if asked)."""
    for name in case.form.prose.substance:
        said = case.ret.texts.get(name, "").strip()
        if says_nothing(said) and (said or text is not Texts.REQUIRED):
            yield _finding(case, "P-04", [name], detail=_label(case, name), found=said[:20])


def _fee(case: Case, text: Texts) -> Iterator[Finding]:
    """P-05: nothing is said of the fee; P-06: it is denied here and named there."""
    fee = case.form.prose.fee
    if fee is None:
        return
    said = case.ret.texts.get(fee.text, "").strip()
    denied = fee_denied(said, fee)
    label = _label(case, fee.text)
    if denied and (found := fee_charged(case.ret.texts, fee)):
        yield _finding(case, "P-06", [fee.text], detail=label, found=found, expected=fee.called)
    stated = any(fee_denied(other, fee) is not None for other in case.ret.texts.values())
    if not stated and (said or text is not Texts.REQUIRED):
        yield _finding(case, "P-05", [fee.text], detail=label, expected=fee.called)


def _figures(case: Case) -> Iterator[Finding]:
    """P-03: figures named in a text that are not those of the tables, one finding a text."""
    year = _reported(case)
    for name in case.form.prose.figures:
        wrong = mismatches(case, case.ret.texts.get(name, ""), year)
        if wrong:
            items = dict.fromkeys(i for one in wrong for i in one.items)
            lines = case.ret.texts[name].split("\n")
            first = next((n for n, x in enumerate(lines) if _bare(wrong[0].said) in _bare(x)), 0)
            yield _finding(
                case,
                "P-03",
                [name, *(case.form.items[i].name for i in items)],
                lines=[first],
                found="；".join(one.said for one in wrong),
                expected="；".join("或".join(map(show, one.expected)) for one in wrong),
            )


def _year(case: Case) -> Iterator[Finding]:
    """P-07: a text that speaks of the year before or after."""
    year = _reported(case)
    found = {name: wrong_year(said, year) for name, said in case.ret.texts.items() if year}
    names = [name for name, other in found.items() if other]
    if names:
        others = "、".join(dict.fromkeys(str(found[name]) for name in names))
        yield _finding(case, "P-07", names, found=others, expected=str(year))


def _personal(case: Case) -> Iterator[Finding]:
    """P-08: numbers that identify people. They are named by their cells and never repeated."""
    for name, said in case.ret.texts.items():
        spots = list(personal(said))
        if spots:
            lines = list(dict.fromkeys(line for line, _ in spots))
            kinds = "、".join(dict.fromkeys(kind for _, kind in spots))
            yield _finding(case, "P-08", [name], lines=lines, found=kinds)


def _reported(case: Case) -> int:
    """The year that is reported on, 0 when nobody says."""
    identity = case.ret.identity
    return case.ret.year or (identity.year if identity is not None else 0)


def _parts(case: Case) -> list[TextPart]:
    return [part for part in case.form.parts if isinstance(part, TextPart)]


def _label(case: Case, name: str) -> str:
    return next(one.label for one in case.form.texts if one.name == name)


def _bare(text: str) -> str:
    return "".join(text.split())


def _finding(
    case: Case,
    code: str,
    names: Sequence[str],
    *,
    lines: Sequence[int] = (),
    found: str = "",
    expected: str = "",
    detail: str = "",
) -> Finding:
    """A finding at the first rows of some texts, or at some ``lines`` of the first of them."""
    rows = {place.text.name: place.first for place in case.layout.texts}
    here = not case.ret.document  # which has no such sheet
    places = [Address(TEXT_SHEET, rows[name], 0) for name in names if here and name in rows]
    known = case.ret.lines.get(names[0], ())
    exact = [known[n] if n < len(known) else places[0] for n in lines if here]
    return Finding(
        code=code,
        severity=catalogue()[code].severity,
        sheet=TEXT_SHEET if here else "",
        cells=tuple(dict.fromkeys(place.a1 for place in exact or places)),
        items=tuple(names),
        found=found,
        expected=expected,
        detail=detail,
    )
