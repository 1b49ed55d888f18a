"""An inbox to the files in it: everything below the folder, each named once, none opened."""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from xltools.errors import refusal
from xltools.readers.unpack.nature import leftover


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A file of the inbox: ``name`` relative to it with ``/``, and why it is by nature no return
    (empty: it may be one). ``problem``: why a folder below could not be listed.
    """

    name: str
    path: Path
    ignored: str = ""
    problem: str = ""


def find(inbox: Path) -> Iterator[Found]:
    """Every file below ``inbox`` (or the file itself), in the order of their names.

    Lock files, what systems leave in folders, links and devices are named and ignored. Raises
    OSError when the inbox itself cannot be listed; a folder below that cannot is named as such.
    """
    if not inbox.is_dir():
        why = leftover([inbox.name]) or _nature(inbox)
        yield Found(name=_text(inbox.name), path=inbox, ignored=why)
        return
    taken: set[str] = set()
    closed: list[OSError] = []
    for folder, folders, files in os.walk(inbox, onerror=closed.append):
        folders.sort()
        for name in sorted(files + [f for f in folders if (Path(folder) / f).is_symlink()]):
            path = Path(folder) / name
            relative = path.relative_to(inbox)
            why = leftover(relative.parts) or _nature(path)
            yield Found(name=_free(_text(relative.as_posix()), taken), path=path, ignored=why)
    for error in closed:
        path = Path(error.filename)
        if path == inbox:
            raise error
        problem = f"文件夹打不开（{refusal(error)}）"
        shown = _free(_text(path.relative_to(inbox).as_posix()) + "/", taken)
        yield Found(name=shown, path=path, problem=problem)


def _text(name: str) -> str:
    """A name that can be printed: bytes that are no text to this system were GBK on another."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return os.fsencode(name).decode("gb18030", "replace")
    return name


def _free(name: str, taken: set[str]) -> str:
    """A name that no other file has been given: two may read the same once they are text."""
    free, number = name, 2
    while free in taken:
        free, number = f"{name}（{number}）", number + 1
    taken.add(free)
    return free


def _nature(path: Path) -> str:
    """Why what has this name is no file to read; empty when it may be one."""
    try:
        mode = path.lstat().st_mode
    except OSError:
        return ""  # it is reported when it cannot be read
    if stat.S_ISLNK(mode):
        return "链接"
    return "" if stat.S_ISREG(mode) else "不是普通文件"
