"""The roster: who reports, under which names, and in which way.

Every return is judged against it, so nothing in it may be doubtful: `load` collects all errors of
a roster and raises them together.
"""

from xltools.roster.lines import load
from xltools.roster.table import INSTRUCTIONS
from xltools.roster.units import (
    LABELS,
    NO,
    YES,
    Category,
    Problem,
    Roster,
    RosterError,
    State,
    Texts,
    Unit,
    clean,
    key,
)
from xltools.spec import CATEGORIES

__all__ = [
    "CATEGORIES",
    "INSTRUCTIONS",
    "LABELS",
    "NO",
    "YES",
    "Category",
    "Problem",
    "Roster",
    "RosterError",
    "State",
    "Texts",
    "Unit",
    "clean",
    "key",
    "load",
]
