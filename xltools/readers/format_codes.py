"""Number formats that Excel files give only by a number or a name, serial numbers as dates, and
values that are written as plain text.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Final

from xltools.model.cells import Flag, Raw

_CODES: Final = {
    "general": "General",
    "general number": "General",
    "fixed": "0.00",
    "standard": "#,##0.00",
    "percent": "0.00%",
    "scientific": "0.00E+00",
    "currency": '"￥"#,##0.00',
    "euro currency": '"€"#,##0.00',
    "yes/no": '"Yes";"Yes";"No"',
    "true/false": '"True";"True";"False"',
    "on/off": '"On";"On";"Off"',
    "general date": "yyyy-m-d h:mm",
    "long date": "yyyy-m-d",
    "medium date": "d-mmm-yy",
    "short date": "yyyy-m-d",
    "long time": "h:mm:ss",
    "medium time": "h:mm AM/PM",
    "short time": "h:mm",
}


def code(text: str) -> str:
    """Return the code of a number format that is given by its code, which is returned unchanged, or
    by its English name, such as ``Percent``.
    """
    return _CODES.get(text.strip().lower(), text)


BUILT_IN: Final[Mapping[int, str]] = {
    1: "0",
    2: "0.00",
    3: "#,##0",
    4: "#,##0.00",
    5: '"￥"#,##0;"￥"\\-#,##0',
    6: '"￥"#,##0;[Red]"￥"\\-#,##0',
    7: '"￥"#,##0.00;"￥"\\-#,##0.00',
    8: '"￥"#,##0.00;[Red]"￥"\\-#,##0.00',
    9: "0%",
    10: "0.00%",
    11: "0.00E+00",
    12: "# ?/?",
    13: "# ??/??",
    14: "yyyy/m/d",
    15: "d-mmm-yy",
    16: "d-mmm",
    17: "mmm-yy",
    18: "h:mm AM/PM",
    19: "h:mm:ss AM/PM",
    20: "h:mm",
    21: "h:mm:ss",
    22: "yyyy/m/d h:mm",
    37: "#,##0 ;\\-#,##0 ",
    38: "#,##0 ;[Red]\\-#,##0 ",
    39: "#,##0.00 ;\\-#,##0.00 ",
    40: "#,##0.00 ;[Red]\\-#,##0.00 ",
    41: '_ * #,##0_ ;_ * \\-#,##0_ ;_ * "-"_ ;_ @_ ',
    42: '_ "￥"* #,##0_ ;_ "￥"* \\-#,##0_ ;_ "￥"* "-"_ ;_ @_ ',
    43: '_ * #,##0.00_ ;_ * \\-#,##0.00_ ;_ * "-"??_ ;_ @_ ',
    44: '_ "￥"* #,##0.00_ ;_ "￥"* \\-#,##0.00_ ;_ "￥"* "-"??_ ;_ @_ ',
    45: "mm:ss",
    46: "[h]:mm:ss",
    47: "mm:ss.0",
    48: "##0.0E+0",
    49: "@",
    **dict.fromkeys((27, 36, 50, 52, 57), 'yyyy"年"m"月"'),
    **dict.fromkeys((28, 29, 51, 53, 54, 58), 'm"月"d"日"'),
    30: "m-d-yy",
    31: 'yyyy"年"m"月"d"日"',
    32: 'h"时"mm"分"',
    33: 'h"时"mm"分"ss"秒"',
    **dict.fromkeys((34, 55), '上午/下午h"时"mm"分"'),
    **dict.fromkeys((35, 56), '上午/下午h"时"mm"分"ss"秒"'),
}


_EPOCHS: Final = datetime(1899, 12, 30), datetime(1904, 1, 1)
_LAST: Final = 2_958_466  # 10000-01-01


def moment(number: float, *, from_1904: bool = False) -> Raw:
    """Convert a serial number of a spreadsheet to a date, a date with a time, or (below 1) a time
    of day; a number out of range is returned as it is. ``from_1904``: days are counted from 1904
    (Macintosh), not from 1900.
    """
    if not 0 <= number < _LAST - 1462:
        return number
    span = timedelta(seconds=round(number * 86400, 3))
    at = _EPOCHS[from_1904] + span
    if number < 1:
        return at.time()
    return at.date() if at.time() == time() else at


# Numbers of at most 15 digits before the point, which is what a spreadsheet program keeps; decimals
# beyond that it rounds. Digits with a leading zero are a code, not a number.
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,20})?")
_DATE: Final = re.compile(r"([0-9]{4})([-/])([0-9]{1,2})\2([0-9]{1,2})")
_ERROR: Final = re.compile(
    r"#(?:DIV/0!|N/A|NAME\?|NULL!|NUM!|REF!|VALUE!|SPILL!|CALC!|FIELD!|BLOCKED!|GETTING_DATA)"
    r"|(?:Err|错误)[:：][0-9]{3}"
)


def error(text: str) -> Flag | None:
    """Return a flag with the error value (such as ``#DIV/0!``) that a text consists of; None for
    any other text.
    """
    shown = _ERROR.fullmatch(text.strip())
    return Flag(error=shown[0]) if shown else None


def value(text: str) -> tuple[Raw, Flag | None]:
    """Convert a text as a spreadsheet program does when it opens a CSV file: to a number, a truth
    value, a date, or for an error value to None with a flag. Everything that is not written in the
    one plain way (such as ``1,000``, ``007``, ``1e3``) remains text.
    """
    bare = text.strip()
    if _NUMBER.fullmatch(bare):
        return float(bare), None
    if bare.upper() in ("TRUE", "FALSE"):
        return bare.upper() == "TRUE", None
    matched = _DATE.fullmatch(bare)
    if matched:
        try:
            return date(int(matched[1]), int(matched[3]), int(matched[4])), None
        except ValueError:
            return text, None
    flag = error(bare)
    return (None, flag) if flag else (text, None)
