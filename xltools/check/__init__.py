"""Return to findings: blanks, totals, balance rules and texts."""

from xltools.balance import Judgement, judge, recomputed
from xltools.check.explanations import explained
from xltools.check.run import check

__all__ = ["Judgement", "check", "explained", "judge", "recomputed"]
