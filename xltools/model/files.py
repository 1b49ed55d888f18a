"""Putting a file in its place: whole or not at all, and never losing the one before."""

import os
import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Where a file was put. ``kept``: the former one, under its date. ``beside``: the place asked
    for was in use (open in Excel on Windows), so it stands beside it.
    """

    path: Path
    kept: Path | None = None
    beside: bool = False


def put(path: Path, data: bytes, *, keep: bool = True) -> Placed:
    """Write a file aside, then rename it into place; a different former one keeps its date.

    Without ``keep`` the former one is replaced.

    Raises OSError when the folder cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_file() and path.read_bytes() == data:
        return Placed(path=path)
    try:
        opened = NamedTemporaryFile(  # noqa: SIM115 - closed by the with below
            dir=path.parent, prefix=".~", suffix=".tmp", delete=False
        )
    except OSError as error:  # nobody asked for a file of that name
        raise OSError(error.errno, error.strerror, str(path)) from None
    with opened as aside:
        temporary = Path(aside.name)
        try:
            aside.write(data)
            aside.flush()
            os.fsync(aside.fileno())
        except BaseException:  # a full disk, Ctrl-C
            aside.close()
            temporary.unlink()
            raise
    kept = None
    try:
        # A new file is readable as the user's umask says, which temporary ones are not.
        mask = os.umask(0)
        os.umask(mask)
        temporary.chmod(0o666 & ~mask)
        if keep and path.exists():
            kept = free_name(path, path.stat().st_mtime)
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


def free_name(path: Path, when: float) -> Path:
    """A name with a date (seconds since 1970) that nothing has yet."""
    name = f"{path.stem}_{datetime.fromtimestamp(when):%Y%m%d-%H%M%S}"
    free, number = path.with_name(name + path.suffix), 2
    while free.exists():
        free, number = path.with_name(f"{name}-{number}{path.suffix}"), number + 1
    return free
