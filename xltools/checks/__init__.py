"""Return to findings: blanks, totals, balance rules and texts."""
