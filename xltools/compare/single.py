"""Single files, for a unit to look at its own return before it is sent."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path

from xltools.check.run import check
from xltools.collect.job import Job
from xltools.collect.sorting import document_of
from xltools.collect.summing import entry_of
from xltools.identify.identify import recognise
from xltools.inbox.pool import read_all
from xltools.model.findings import Finding, Topic, finding
from xltools.model.summary import Document, MergedReturn, Outcome, Summary
from xltools.settle.candidate import Candidate
from xltools.settle.versions import settle
from xltools.version import __version__


def check_files(job: Job, files: Sequence[Path]) -> Summary:
    """Each file by itself, judged as ``collect`` would but against no other and no roster."""
    form = job.layout.form
    documents: list[Document] = []
    entries: list[MergedReturn] = []
    findings: list[Finding] = []
    named = [(str(f), f) for f in files]
    read = read_all(named, job.layout, passwords=job.passwords, settings=job.limits)
    for reading in chain.from_iterable(read):
        document, told = document_of(reading), tuple[Finding, ...]()
        if reading.ignored:
            document = replace(document, outcome=Outcome.IGNORED, reason=reading.ignored)
        elif reading.ret is None:
            told = (finding(reading.code, found=reading.detail),)
        else:
            known = recognise(job.layout, reading, None, 0)
            identity = reading.ret.identity
            category = identity.category if identity is not None else ""
            # Whose it is does not matter to the one who fills it in.
            about = tuple(f for f in known.findings if not f.is_about(Topic.UNKNOWN_UNIT))
            told = about if about else check(job.layout, reading.ret, category=category)
            one = Candidate(reading=reading, unit=known.name, findings=told)
            settled = settle(form, [one], frozenset())[0]
            outcome = Outcome.IGNORED if known.ignored else settled.outcome
            document = replace(document, outcome=outcome, unit=known.name, reason=known.ignored)
            told = () if known.ignored else told
            if outcome is Outcome.MERGED:
                entries.append(entry_of(job, settled, document))
        documents.append(document)
        findings += [replace(f, unit=document.unit, path=document.path) for f in told]
    return Summary(
        form=form,
        year=max((e.ret.year for e in entries), default=0),
        entries=tuple(entries),
        documents=tuple(documents),
        roster=None,
        missing=(),
        findings=tuple(findings),
        totals=(),
        states=(),
        version=__version__,
    )
