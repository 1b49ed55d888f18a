"""Names of files that are no text, as archives of other systems leave them."""

import os
import sys
from pathlib import Path

import pytest

from xltools.inbox.listing import find


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_names_in_gbk_are_read_and_told_apart(tmp_path: Path) -> None:
    for name in ("民政局.xlsx".encode("gbk"), "民政局.xlsx".encode(), b"\xff\x81.xlsx"):
        (tmp_path / os.fsdecode(name)).write_bytes(b"x")
    names = [f.name for f in find(tmp_path)]
    assert len(set(names)) == 3
    assert {"民政局.xlsx", "民政局.xlsx（2）"} < set(names)
    assert all(name.encode() for name in names)
