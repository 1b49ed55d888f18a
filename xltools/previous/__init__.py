"""Last year's figures: what carry-overs and other figures of this year are compared with."""

from xltools.previous.figures import Previous, PreviousError, Problem
from xltools.previous.sheet import load

__all__ = ["Previous", "PreviousError", "Problem", "load"]
