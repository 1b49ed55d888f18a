"""Decisions of the coordinator, kept as data: what they are, what they rest on, their file.

Every summary rests on them, so nothing in the file may be doubtful: `load` collects all errors in
it and raises them together.
"""

from xltools.decisions.basis import Basis, basis_of, text_of
from xltools.decisions.decision import (
    DONE,
    IDENTITY_KIND,
    KINDS,
    Columns,
    Decision,
    Decisions,
    DecisionsError,
    Kind,
    Matter,
    Problem,
    Ruled,
    Standing,
)
from xltools.decisions.lines import load
from xltools.decisions.targets import cell_target, finding_target, item_of, item_target

__all__ = [
    "DONE",
    "IDENTITY_KIND",
    "KINDS",
    "Basis",
    "Columns",
    "Decision",
    "Decisions",
    "DecisionsError",
    "Kind",
    "Matter",
    "Problem",
    "Ruled",
    "Standing",
    "basis_of",
    "cell_target",
    "finding_target",
    "item_of",
    "item_target",
    "load",
    "text_of",
]
