"""What a folder may hold beside plain files: links, devices, pipes, names."""

import os
from collections.abc import Iterator
from pathlib import Path

from support.hostile.case import Case
from support.hostile.containers import GOOD

LINKS = {
    "device.xlsx": "/dev/zero",
    "broken.xlsx": "nowhere",
    "loop": ".",
    "outside.xlsx": "/etc/hostname",
}


def write(folder: Path) -> Iterator[Case]:
    """Make them in a folder; what they are."""
    (folder / "folder.xlsx").mkdir()
    yield Case(name="folder.xlsx", what="a folder called so, empty")
    os.mkfifo(folder / "pipe.xlsx")
    yield Case(name="pipe.xlsx", what="a pipe: to open it waits for ever")
    for name, target in LINKS.items():
        (folder / name).symlink_to(target)
        yield Case(name=name, what=f"a link to {target}")
    with (folder / "sparse_10gb.xlsx").open("wb") as file:
        file.truncate(10_000_000_000)
    yield Case(name="sparse_10gb.xlsx", what="10 GB that take no room")
    locked = folder / "unreadable.xlsx"
    locked.write_bytes(GOOD)
    locked.chmod(0)
    yield Case(name=locked.name, what="a file that nobody may read, the superuser apart")
    for name, what in (
        ("民政局.xlsx", "a name in GBK, as archives of other systems leave them"),
        ("a" * 250 + ".xlsx", "as long a name as there can be"),
        ("new\nline\u202e.xlsx", "a name of two lines"),
        ("=cmd.xlsx", "a name like a formula"),
    ):
        stored = name.encode("gbk") if "GBK" in what else os.fsencode(name)
        (folder / os.fsdecode(stored)).write_bytes(GOOD)
        yield Case(name=name, what=what, honest=True)
