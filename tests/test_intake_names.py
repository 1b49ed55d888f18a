"""Files of an inbox that are told by their names: names that are no text, as archives of other
systems leave them, and files of the command itself.
"""

import os
import sys
from pathlib import Path

import pytest

from support.filled import LAYOUT
from xltools.inbox.intake import read_inbox
from xltools.inbox.listing import find
from xltools.inbox.reading import SetAside
from xltools.model.wording import Phrase


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_names_in_gbk_are_read_and_told_apart(tmp_path: Path) -> None:
    for name in ("民政局.xlsx".encode("gbk"), "民政局.xlsx".encode(), b"\xff\x81.xlsx"):
        (tmp_path / os.fsdecode(name)).write_bytes(b"x")
    names = [f.name for f in find(tmp_path)]
    assert len(set(names)) == 3
    assert {"民政局.xlsx", "民政局.xlsx（2）"} < set(names)
    assert all(name.encode() for name in names)


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_a_link_to_a_file_of_the_command_is_known_for_it(tmp_path: Path) -> None:
    inbox, other = tmp_path / "in", tmp_path / "other.csv"
    (inbox / "below").mkdir(parents=True)
    roster = inbox / "below" / "roster.csv"
    for path in (roster, other):
        path.write_text("单位名称\n甲局\n", "utf-8")
    (inbox / "link.csv").symlink_to(roster)
    (inbox / "another.csv").symlink_to(other)
    readings = read_inbox(inbox, LAYOUT, skip=frozenset({roster.resolve()}))
    reasons = {r.source.path: r.reason for r in readings if isinstance(r, SetAside)}
    assert reasons == {
        "another.csv": Phrase.LINK,
        "link.csv": Phrase.FILE_OF_THIS_RUN,
        "below/roster.csv": Phrase.FILE_OF_THIS_RUN,
    }
