"""Numbers under the format of a date to dates."""

from datetime import datetime, time, timedelta
from typing import Final

from xltools.model.cells import Raw

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
