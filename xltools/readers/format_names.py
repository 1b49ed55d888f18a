"""Number formats that XML of Excel 2003 and pages of Excel call by a name, as their codes."""

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
