"""The number formats that files of Excel name by a number, or a word, alone."""

from collections.abc import Mapping
from typing import Final

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


def code(given: str) -> str:
    """A format's code, whether it is given itself or by name."""
    return _CODES.get(given.strip().lower(), given)


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
