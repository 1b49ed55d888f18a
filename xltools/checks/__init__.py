"""Check a return: blanks, totals, balance rules and texts. The results are findings."""
