"""Check returns one by one, as a unit does before it sends its own."""

from collections.abc import Iterable
from dataclasses import replace

from xltools.checks.run import check
from xltools.identify.identify import recognise
from xltools.inbox.reading import Reading
from xltools.layout.places import Layout
from xltools.model.findings import Topic
from xltools.model.record import DocumentRecord, ReturnRecord, entry_of
from xltools.model.summary import Outcome, Summary
from xltools.settle.judge import judge
from xltools.version import __version__


def check_readings(layout: Layout, readings: Iterable[Reading]) -> Summary:
    """Check each of the documents that were read by itself. It is judged as ``collect`` would, but
    without a roster and without comparing it with others.

    The summary has documents, findings and entries, but no totals.
    """
    records = judge([_checked(layout, reading.record) for reading in readings], frozenset())
    entries = [
        entry_of(layout.form, record, record.document, None)
        for record in records
        if isinstance(record, ReturnRecord) and record.standing
    ]
    return Summary(
        form=layout.form,
        year=max((entry.ret.year for entry in entries), default=0),
        entries=tuple(entries),
        documents=tuple(record.document for record in records),
        roster=None,
        missing=(),
        findings=tuple(
            replace(finding, unit=record.unit, path=record.path)
            for record in records
            for finding in record.findings
        ),
        totals=(),
        states=(),
        version=__version__,
    )


def _checked(layout: Layout, record: DocumentRecord) -> DocumentRecord:
    """A return with the findings that reject it or, if there are none, those of the check of its
    figures. A record that is not a return stays as it is.
    """
    if not isinstance(record, ReturnRecord):
        return record
    recognised = recognise(layout, record, None, 0)
    if recognised.ignored:
        return replace(
            record, outcome=Outcome.IGNORED, unit=recognised.name, reason=recognised.ignored
        )
    # The person who fills in the return knows which unit it is for.
    against = tuple(f for f in recognised.findings if not f.is_about(Topic.UNKNOWN_UNIT))
    identity = record.ret.identity
    category = identity.category if identity is not None else ""
    findings = against or check(layout, record.ret, category=category)
    return replace(record, unit=recognised.name, findings=findings)
