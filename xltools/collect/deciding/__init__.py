"""Decisions of the coordinator, applied while an inbox is collected, and what came of each."""

from xltools.collect.deciding.excuse import excused
from xltools.collect.deciding.match import known, named
from xltools.collect.deciding.ruling import Ruling
from xltools.collect.deciding.settle import settled

__all__ = ["Ruling", "excused", "known", "named", "settled"]
