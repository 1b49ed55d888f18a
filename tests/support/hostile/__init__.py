"""Hostile and odd files, 359 of them: what inboxes hold once in a while, and what breaks readers.

Each module makes cases of one sort; ``python -m support.hostile OUT`` (with ``tests`` on the path)
writes them all with their list. Standard library only, and the same bytes every time.

===========  =====================================================================================
bombs        sheets and shared texts inflating to gigabytes, many entries, overlapping entries
markup       entity bombs, external entities and DTDs, deep nesting, odd encodings
extents      extents that lie, a single far cell, bad references, broken chains (xlsx xls xlsb ods)
cells        indexes out of range, odd types and numbers, injections, odd Unicode, formulas, names
containers   archives in archives, traversal names, GBK names, truncated, renamed, locked, leftover
mails        encoded attachment names, wrong labels, deep nesting, huge headers
entries      links, devices, pipes and names of a file system
===========  =====================================================================================
"""

from support.hostile.case import Case
from support.hostile.write import every, write_all

__all__ = ["Case", "every", "write_all"]
