"""Write files so that a reader never sees half of one, and so that no earlier version is lost."""

import filecmp
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import mkstemp
from typing import IO


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """The result of writing a file. ``path``: where it is now. ``kept``: the earlier file, renamed
    with its date; None if there was none. ``beside``: True if the path asked for was in use (open
    in Excel on Windows), so that the file has another name in the same folder.
    """

    path: Path
    kept: Path | None = None
    beside: bool = False


def put(path: Path, data: bytes, *, keep: bool = True, former: Path | None = None) -> Placed:
    """Write ``data`` to ``path``, as `put_written` does. If the content is already there, the
    folder is left alone.
    """
    if path.is_file() and path.stat().st_size == len(data) and path.read_bytes() == data:
        return Placed(path=path)
    return put_written(path, lambda file: file.write(data), keep=keep, former=former)


def put_written(
    path: Path,
    write: Callable[[IO[bytes]], object],
    *,
    keep: bool = True,
    former: Path | None = None,
) -> Placed:
    """Have ``write`` write a file: first a temporary one, which is then renamed to ``path``. An
    earlier file with other content is kept under a name with its date, in the folder ``former`` or,
    if that is None, beside the new one; if ``keep`` is False, it is replaced. Missing folders are
    made; if the content is already there, the file is left alone.

    Returns where the file is now, as another program may have ``path`` open. Raises OSError if the
    folder cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor, name = mkstemp(dir=path.parent, prefix=".~", suffix=".tmp")
    except OSError as error:  # name the file that was asked for, not the temporary one
        raise OSError(error.errno, error.strerror, str(path)) from None
    temporary = Path(name)
    with os.fdopen(descriptor, "w+b") as aside:
        try:
            write(aside)
            aside.flush()
            os.fsync(aside.fileno())
        except BaseException:  # a full disk, Ctrl-C
            with suppress(OSError):  # of a full disk once more, for what is not written yet
                aside.close()
            temporary.unlink()
            raise
    kept = None
    try:
        if path.is_file() and filecmp.cmp(temporary, path, shallow=False):
            temporary.unlink()
            return Placed(path=path)
        # Give the file the permissions of any new file (by umask); temporary files have fewer.
        mask = os.umask(0)
        os.umask(mask)
        temporary.chmod(0o666 & ~mask)
        if keep and path.exists():
            if former is not None:
                former.mkdir(parents=True, exist_ok=True)
            kept = free_name(path, path.stat().st_mtime, former)
            shutil.copy2(path, kept)
        try:
            temporary.replace(path)
        except PermissionError:
            if kept is not None:
                kept.unlink()
            beside = free_name(path, datetime.now().timestamp())
            temporary.replace(beside)
            return Placed(path=beside, beside=True)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return Placed(path=path, kept=kept)


def set_aside(path: Path, former: Path) -> Path:
    """Move a file to the folder ``former``, under another name where one of its name is there
    already. Returns its new path.
    """
    former.mkdir(parents=True, exist_ok=True)
    place = former / path.name
    if place.exists():
        place = free_name(path, path.stat().st_mtime, former)
    return Path(shutil.move(path, place))


def free_name(path: Path, when: float, folder: Path | None = None) -> Path:
    """A path like ``path`` that does not exist yet, with the date ``when`` (seconds since 1970)
    and, where needed, a number in the file name. ``folder``: where it is to be; None for the folder
    of ``path``.
    """
    name = f"{path.stem}_{datetime.fromtimestamp(when):%Y%m%d-%H%M%S}"
    folder = folder or path.parent
    free, number = folder / (name + path.suffix), 2
    while free.exists():
        free, number = folder / f"{name}-{number}{path.suffix}", number + 1
    return free
