"""An inbox to the files in it: everything below the folder, each named once, none opened."""

import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from xltools.model.errors import refusal
from xltools.readers.bundles import bundles, of_google
from xltools.readers.containers.entry import leftover


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxFile:
    """A file of the inbox: ``name`` relative to it with ``/``, and why it is by nature no return
    (empty: it may be one). ``problem``: why a folder below could not be listed.
    """

    name: str
    path: Path
    ignored: str = ""
    problem: str = ""


def find(inbox: Path) -> Iterator[InboxFile]:
    """Every file below ``inbox`` (or the file itself), in the order of their names.

    Lock files, what systems leave in folders, links and devices are named and ignored, and so is
    the folder of a saved page; a folder that one program shows as a document is one. Raises
    OSError when the inbox itself cannot be listed; a folder below that cannot is named as such.
    """
    if not inbox.is_dir():
        why = leftover([inbox.name]) or _nature(inbox)
        yield InboxFile(name=_text(inbox.name), path=inbox, ignored=why)
        return
    taken: set[str] = set()
    closed: list[OSError] = []
    below: dict[str, Path] = {}
    for folder, folders, files in os.walk(inbox, onerror=closed.append):
        folders.sort()
        for name in sorted(files + [f for f in folders if (Path(folder) / f).is_symlink()]):
            path = Path(folder) / name
            below[path.relative_to(inbox).as_posix()] = path
    nature = {at: leftover(PurePosixPath(at).parts) or _nature(path) for at, path in below.items()}
    parts = _together(inbox, {at: path for at, path in below.items() if not nature[at]})
    for at, path in below.items():
        if at in parts:
            yield from (replace(f, name=_free(_text(f.name), taken)) for f in parts[at])
        else:
            yield InboxFile(name=_free(_text(at), taken), path=path, ignored=nature[at])
    for error in closed:
        path = Path(error.filename)
        if path == inbox:
            raise error
        problem = f"文件夹打不开（{refusal(error)}）"
        shown = _free(_text(path.relative_to(inbox).as_posix()) + "/", taken)
        yield InboxFile(name=shown, path=path, problem=problem)


def _together(inbox: Path, files: Mapping[str, Path]) -> dict[str, list[InboxFile]]:
    """What stands for the files that belong to documents of several: by the path of each what is
    to be named in its place, which is nothing for most.
    """

    def google(at: str) -> bool:
        try:
            return of_google(files[at])
        except OSError:
            return False  # it is reported when it cannot be read

    in_place: dict[str, list[InboxFile]] = {}
    for bundle in bundles(list(files), google):
        in_place |= {at: [] for at in bundle.parts}
        if not bundle.parts:
            continue
        folder = bundle.folder or bundle.parts[0]
        ignored = "" if bundle.folder == bundle.name else bundle.about
        in_place[bundle.parts[0]] = [InboxFile(name=folder, path=inbox / folder, ignored=ignored)]
    return in_place


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
