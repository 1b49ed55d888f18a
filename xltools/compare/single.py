"""Single files, for a unit to look at its own return before it is sent."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path

from xltools.checks.run import check
from xltools.identify.identify import recognise
from xltools.inbox.pool import read_all
from xltools.layout.places import Layout
from xltools.model.district import entry_of
from xltools.model.findings import Topic
from xltools.model.limits import Limits
from xltools.model.record import DocumentRecord, ReturnRecord
from xltools.model.summary import Outcome, Summary
from xltools.settle.judge import judge
from xltools.version import __version__


def check_files(
    layout: Layout,
    files: Sequence[Path],
    *,
    passwords: tuple[str, ...] = (),
    settings: Limits | None = None,
) -> Summary:
    """Each file by itself, judged as ``collect`` would but against no other and no roster.

    The summary has documents, findings and entries, but no totals. ``passwords`` and
    ``settings`` as for ``read_all``.
    """
    named = [(str(file), file) for file in files]
    readings = read_all(named, layout, passwords=passwords, settings=settings)
    records = judge(
        [_checked(layout, reading.record) for reading in chain.from_iterable(readings)],
        frozenset(),
    )
    entries = [
        entry_of(layout.form, record, None)
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
    """A return with what speaks against it, or else what is found in its figures."""
    if not isinstance(record, ReturnRecord):
        return record
    recognised = recognise(layout, record, None, 0)
    if recognised.ignored:
        return replace(
            record, outcome=Outcome.IGNORED, unit=recognised.name, reason=recognised.ignored
        )
    # Whose it is does not matter to the one who fills it in.
    against = tuple(f for f in recognised.findings if not f.is_about(Topic.UNKNOWN_UNIT))
    identity = record.ret.identity
    category = identity.category if identity is not None else ""
    findings = against or check(layout, record.ret, category=category)
    return replace(record, unit=recognised.name, findings=findings)
