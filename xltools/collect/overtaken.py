"""Documents that a later return of their unit has made good."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from xltools.collect.sorting import Sorted
from xltools.model.findings import Finding, finding
from xltools.model.summary import Document, Entry, Outcome

OTHER: Final = frozenset(("I-01", "I-02", "I-08", "I-12"))
"""Findings that say that a table is not the one that is asked for, whatever its figures."""


def set_aside(found: Sorted, entries: Sequence[Entry]) -> None:
    """Supersede what was another table or could not be read, and was sent again since."""
    for at, later in _overtaken(entries, found.documents, found.findings).items():
        found.documents[at] = replace(found.documents[at], outcome=Outcome.SUPERSEDED)
        found.findings[at] = (finding("D-01", found=later),)


def _overtaken(
    entries: Sequence[Entry],
    documents: Mapping[str, Document],
    findings: Mapping[str, Sequence[Finding]],
) -> dict[str, str]:
    """The paths of those documents, with that of the later one of each."""
    merged = {entry.unit.name: entry.document for entry in entries}
    found = {}
    for at, document in documents.items():
        later = merged.get(document.unit)
        if document.outcome not in (Outcome.REJECTED, Outcome.UNREADABLE) or later is None:
            continue
        if later.date is None or document.date is None or later.date <= document.date:
            continue
        unread = document.outcome is Outcome.UNREADABLE
        if unread or all(one.code in OTHER for one in findings[at]):
            found[at] = later.path
    return found
