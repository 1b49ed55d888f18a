"""Which of a unit's returns counts, with what was decided on them."""

from collections.abc import Sequence
from dataclasses import replace

from xltools.decide.accept import Prior, accepted, sure
from xltools.decide.choose import content_digest, picked
from xltools.decide.correct import Check, corrected
from xltools.decide.log import Ruling, leave_undecided
from xltools.model.findings import Topic
from xltools.model.summary import Outcome
from xltools.settle.candidate import Candidate
from xltools.settle.versions import settle


def settled(
    ruling: Ruling,
    unit: str,
    candidates: Sequence[Candidate],
    accept: frozenset[str],
    check: Check,
    prior: Prior = None,
) -> list[Candidate]:
    """As ``settle``, with what was decided on the unit; ``check`` gives the findings of a
    return that is not as it was sent.
    """
    books = [c for c in candidates if not c.ret.document] or list(candidates)
    digests = {c.reading.name: content_digest(ruling.layout, c.ret) for c in books}
    aside = picked(ruling, unit, books, digests, check)
    apart = {n for n, c in aside.items() if c.part or c.outcome is not Outcome.MERGED}
    remaining = [
        aside.get(c.reading.name, c)
        for c in (sure(ruling, one) for one in candidates)
        if c.reading.name not in apart
    ]

    def finish(one: Candidate) -> Candidate:
        if _excluded(one):
            leave_undecided(ruling, one, digests)
        elif one.outcome is Outcome.MERGED:
            return accepted(ruling, corrected(ruling, one, check), prior)
        return one

    done = {c.reading.name: c for c in settle(ruling.layout.form, remaining, accept, finish)}
    for name, one in done.items():
        # What came to it since: of the documents sent along, or of a doubt.
        if one.outcome in (Outcome.MERGED, Outcome.REJECTED) and not _excluded(one):
            done[name] = accepted(ruling, one, prior)
    main = next((c for c in done.values() if c.marks or c.reason), None)
    outcome = main.outcome if main is not None else Outcome.REJECTED
    # Parts of a whole share what becomes of it.
    parts = {n: replace(c, outcome=outcome) for n, c in aside.items() if c.part}
    every = aside | done | parts
    return [every[one.reading.name] for one in candidates]


def _excluded(one: Candidate) -> bool:
    """Whether it is one of several that exclude each other."""
    return any(f.is_about(Topic.SEVERAL_RETURNS) for f in one.findings)
