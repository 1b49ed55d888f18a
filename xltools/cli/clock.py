"""What day it is."""

import os
from datetime import date
from typing import Final

from xltools.cli.console import fail

VARIABLE: Final = "XLTOOLS_TODAY"


def today() -> date:
    """Today; the day that the variable names, for tests and to repeat what was done then."""
    given = os.environ.get(VARIABLE, "")
    if not given:
        return date.today()
    try:
        return date.fromisoformat(given)
    except ValueError:
        fail(f"环境变量 {VARIABLE}={given}：请写成 2025-01-20 这样的日期。")
