"""Values written as mere text, in files that know no types, and numbers under the format of a
date.
"""

import re
from datetime import date, datetime, time, timedelta
from typing import Final

from xltools.model.cells import Flag, Raw

_EPOCHS: Final = datetime(1899, 12, 30), datetime(1904, 1, 1)
_LAST: Final = 2_958_466  # 10000-01-01


def moment(number: float, *, from_1904: bool = False) -> Raw:
    """The date, moment or time of day that a serial number is; the number where it is none."""
    if not 0 <= number < _LAST - 1462:
        return number
    span = timedelta(seconds=round(number * 86400, 3))
    at = _EPOCHS[from_1904] + span
    if number < 1:
        return at.time()
    return at.date() if at.time() == time() else at


# A whole number of as many digits as a spreadsheet program keeps; of a fraction it rounds the rest,
# as what programs write of 0.1 + 0.2. A leading zero is a code, not a number.
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,20})?")
_DATE: Final = re.compile(r"([0-9]{4})([-/])([0-9]{1,2})\2([0-9]{1,2})")
_ERROR: Final = re.compile(
    r"#(?:DIV/0!|N/A|NAME\?|NULL!|NUM!|REF!|VALUE!|SPILL!|CALC!|FIELD!|BLOCKED!|GETTING_DATA)"
    r"|(?:Err|错误)[:：][0-9]{3}"
)


def error(text: str) -> Flag | None:
    """A flag when a text is how programs show an error value."""
    found = _ERROR.fullmatch(text.strip())
    return Flag(error=found[0]) if found else None


def value(text: str) -> tuple[Raw, Flag | None]:
    """What a program would take a written text for: a number, a truth value, a date, an error;
    whatever is not written in the one plain way (``1,000``, ``007``, ``1e3``) stays text.
    """
    own = text.strip()
    if _NUMBER.fullmatch(own):
        return float(own), None
    if own.upper() in ("TRUE", "FALSE"):
        return own.upper() == "TRUE", None
    found = _DATE.fullmatch(own)
    if found:
        try:
            return date(int(found[1]), int(found[3]), int(found[4])), None
        except ValueError:
            return text, None
    flag = error(own)
    return (None, flag) if flag else (text, None)
