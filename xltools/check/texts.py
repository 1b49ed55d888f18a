"""The parts in prose: what is missing and what is too long."""

from collections.abc import Iterator

from xltools.cells import Address
from xltools.check.case import Case
from xltools.findings import Finding, catalogue
from xltools.layout import TEXT_SHEET
from xltools.roster import Texts
from xltools.spec import TextPart


def text_findings(case: Case, text: Texts) -> Iterator[Finding]:
    """P-01: texts that must be there and are not; P-02: parts longer than asked for."""
    if text is Texts.NONE:
        return
    texts = case.ret.texts
    parts = [part for part in case.form.parts if isinstance(part, TextPart)]
    if text is Texts.REQUIRED:
        empty = [one.name for one in case.form.texts if not texts.get(one.name, "").strip()]
        labels = []
        for part in parts:
            own = [one for one in part.texts if one.name in empty]
            whole = len(own) == len(part.texts)
            labels.extend([part.title] if whole else [one.label for one in own])
        if empty:
            yield _finding(case, "P-01", empty, found="、".join(labels))
    for part in parts:
        length = sum(len("".join(texts.get(one.name, "").split())) for one in part.texts)
        if part.limit and length > part.limit:
            names = [one.name for one in part.texts if texts.get(one.name, "").strip()]
            yield _finding(
                case,
                "P-02",
                names,
                detail=part.title,
                found=str(length),
                expected=str(part.limit),
            )


def _finding(case: Case, code: str, names: list[str], **words: str) -> Finding:
    """A finding at the first rows of some texts."""
    rows = {place.text.name: place.first for place in case.layout.texts}
    here = not case.ret.document  # which has no such sheet
    return Finding(
        code=code,
        severity=catalogue()[code].severity,
        sheet=TEXT_SHEET if here else "",
        cells=tuple(Address(TEXT_SHEET, rows[name], 0).a1 for name in names) if here else (),
        items=tuple(names),
        **words,
    )
