"""Number formats, as spreadsheets write them: whether a cell shows its value as it is."""

import re
from functools import lru_cache
from typing import Final

# General and text; digits with an optional thousands comma and decimals; what only sets space,
# brackets a negative number or colours it.
_PLAIN: Final = re.compile(r"(?:general|@|[#0?](?:[#0?]|,(?=[#0?]))*(?:\.[0#?]+)?)", re.IGNORECASE)
_SPACE: Final = re.compile(
    r"_.|\*.|\[(?:red|black|blue|green|cyan|magenta|white|yellow|color\s?\d{1,2})\]"
    r"|\[\$-[0-9a-f]+\]|\\[ ()+-]|[\s()+-]|\"\s*\"",
    re.IGNORECASE,
)


@lru_cache(maxsize=1 << 12)
def plain(code: str) -> bool:
    """Whether a number format shows every number by its own digits, and nothing else."""
    return all(_PLAIN.fullmatch(_SPACE.sub("", section)) for section in code.split(";"))
