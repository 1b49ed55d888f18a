"""Why a table of a document was not found: a picture stands in its place, or text without cells."""

from collections.abc import Sequence
from typing import Final

from xltools.match.expected import Expected
from xltools.match.labels import LONGEST, key
from xltools.match.prose import placed
from xltools.model.findings import Finding, finding
from xltools.model.form import Form, Table, TextPart
from xltools.readers.book import Line

_SEEN_ONLY: Final = frozenset(("F-20", "V-20"))
_SHORTEST: Final = 3  # characters of a label that is told within a text


def seen_only(findings: Sequence[Finding]) -> bool:
    """Whether a table is there for people to see, though it cannot be read."""
    return any(one.code in _SEEN_ONLY for one in findings)


def why_missing(
    findings: Sequence[Finding], lines: Sequence[Line], tables: Sequence[Expected], form: Form
) -> list[Finding]:
    """The findings on a document, M-01 of a table that stands there as a picture (F-20) or without
    its cells (V-20) replaced by what says so.
    """
    lost = {one.detail for one in findings if one.code == "M-01"}
    if not lost:
        return list(findings)
    under = list(placed(lines, form))
    headed = any(part is not None for _, part in under)
    reasons: dict[str, Finding] = {}
    for table in tables:
        title = table.table.title
        if title in lost:
            # Without one heading, as where pages are pictures, everything may be the table.
            own = [line for line, part in under if _heads(part, table) or not headed]
            reason = _as_text(table, own) or _as_picture(table, own)
            if reason is not None:
                reasons[title] = reason
    return [
        reasons[one.detail] if one.code == "M-01" and one.detail in reasons else one
        for one in findings
    ]


def _key(text: str) -> str:
    """The key of a text of any length."""
    return "".join(key(text[at : at + LONGEST]) for at in range(0, len(text), LONGEST))


def _heads(part: Table | TextPart | None, table: Expected) -> bool:
    return isinstance(part, Table) and part.key == table.table.key


def _as_picture(table: Expected, lines: Sequence[Line]) -> Finding | None:
    places = list(dict.fromkeys(line.place for line in lines if line.picture))
    if not places:
        return None
    title = table.table.title
    return finding("F-20", sheet=table.sheet, found="、".join(places[:3]), detail=title)


def _as_text(table: Expected, lines: Sequence[Line]) -> Finding | None:
    """V-20 where most labels of a table stand in running text, with figures."""
    labels = {label for label in table.known if len(label) >= _SHORTEST}
    texts = [(line.place, _key(line.text)) for line in lines]
    whole = "".join(text for _, text in texts)
    there = {label for label in labels if label in whole}
    rest = whole
    for label in sorted(there, key=len, reverse=True):
        rest = rest.replace(label, "")  # some are numbered
    if 2 * len(there) < len(labels) or not any(c.isdigit() for c in rest):
        return None
    places = [place for place, text in texts if any(label in text for label in there)]
    first = places[0] if places else ""
    return finding("V-20", sheet=table.sheet, found=first, detail=table.table.title)
