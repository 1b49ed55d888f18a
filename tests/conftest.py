from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from client import Office, missing
from xltools.cli import clock
from xltools.readers.documents import office as older

# The years of the tests, 2023 to 2025, are those around this day: for commands run in processes of
# their own too.
os.environ[clock.VARIABLE] = "2024-07-01"


@pytest.fixture(scope="session")
def office() -> Iterator[Office]:
    """LibreOffice, one for the session; its absence skips, or fails where it is required."""
    if reason := missing():
        if os.environ.get("XLTOOLS_REQUIRE_OFFICE"):
            pytest.fail(f"XLTOOLS_REQUIRE_OFFICE is set, but {reason}", pytrace=False)
        pytest.skip(reason)
    with Office() as running:
        yield running


@pytest.fixture(scope="session")
def soffice() -> str:
    """The program that converts documents; its absence skips, or fails where it is required."""
    found = older.program()
    if not found:
        if os.environ.get("XLTOOLS_REQUIRE_OFFICE"):
            pytest.fail("XLTOOLS_REQUIRE_OFFICE is set, but there is no soffice", pytrace=False)
        pytest.skip("LibreOffice is missing")
    return found
