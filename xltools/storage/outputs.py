"""Write outputs to addresses so that a reader never sees half of one, and so that no earlier
version is lost; on this machine `model.files` does the same.

An output is first written beside its place under a name of its own and then copied or renamed, as
the storage allows: an object store copies a whole object at once, a server renames. What a run that
was cut off leaves begins with ``.~``, and no inbox takes it for a file.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from secrets import token_hex
from typing import IO, TYPE_CHECKING, Final

from xltools.model.files import Placed, put, put_written
from xltools.storage.remote import (
    Location,
    Remote,
    StorageError,
    StoredFile,
    as_address,
    look_up,
    reaching,
)

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

WITH_FOLDERS: Final = ("sftp", "ssh", "file")
"""Protocols with folders, which must be made, and in which a file is renamed over another at once.
In all others, which are object stores, it is copied.
"""
_PIECE: Final = 1 << 22


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """A written output. ``place``: where it is now. ``kept``: where the earlier version is kept,
    None if there was none; at an address only the name. ``beside``: the place asked for was in use,
    so that it has another name.
    """

    place: Location
    kept: str | None = None
    beside: bool = False


def write_whole(place: Location, data: bytes, *, keep: bool = True) -> Output:
    """Write ``data`` to a place on this machine or at an address. An earlier version with other
    content is kept under a name with its date; if ``keep`` is False, it is replaced. If the content
    is already there, nothing is written. Raises OSError or StorageError; what was there remains.
    """
    if isinstance(place, Path):
        return _output(put(place, data, keep=keep))
    before = look_up(place)
    if before is not None and before.size == len(data):
        with reaching(place):
            if place.files.cat_file(place.path) == data:
                return Output(place=place)
    with staged(place, keep=keep) as output:
        output.file.write(data)
    return Output(place=place, kept=output.kept)


def write_pieces(
    place: Location,
    write: Callable[[IO[bytes]], object],
    *,
    keep: bool = True,
    former: Path | None = None,
) -> Output:
    """Have ``write`` write a file to a place as `write_whole` does: on this machine piece by piece,
    to an address at once. ``former``: the folder of this machine for the earlier version of a file
    of this machine; None for the folder that it is in.
    """
    if isinstance(place, Path):
        return _output(put_written(place, write, keep=keep, former=former))
    buffer = BytesIO()
    write(buffer)
    return write_whole(place, buffer.getvalue(), keep=keep)


def _output(placed: Placed) -> Output:
    """An output on this machine."""
    kept = placed.kept
    if kept is not None and kept.parent == placed.path.parent:
        kept = Path(kept.name)
    return Output(place=placed.path, kept=None if kept is None else str(kept), beside=placed.beside)


@dataclass(slots=True)
class Staged:
    """An output that is being written to ``file``. ``kept``: after that, the name of the earlier
    version, None if there was none or it was not to be kept.
    """

    file: IO[bytes]
    kept: str | None = None


@contextmanager
def staged(place: Location, *, keep: bool = True) -> Iterator[Staged]:
    """A binary file to write an output to, piece by piece. When the context is left, the output is
    put in its place as `write_whole` says; after an exception nothing has changed there.

    Missing folders are made. Raises OSError or StorageError.
    """
    if isinstance(place, Path):
        place.parent.mkdir(parents=True, exist_ok=True)
        place = as_address(place)
    store = place.files
    aside = (place.parent / f".~{token_hex(8)}.tmp").path
    try:
        with reaching(place):
            make_folder(place.parent)
            with store.open(aside, "wb") as file:
                output = Staged(file)
                yield output
                size = file.tell()
            if store.info(aside)["size"] != size:
                raise StorageError(f"{place}：没有写完整，请重新运行；原来的文件没有动。")
            former = look_up(place)
            if former is not None and former.size == size and _same(store, aside, place.path):
                store.rm_file(aside)
                return
            if keep and former is not None:
                output.kept = _kept(place, former)
            if place.protocol in WITH_FOLDERS:
                store.mv(aside, place.path)
            else:
                _copy(store, aside, place.path)
                store.rm_file(aside)
    except BaseException:
        with suppress(Exception):
            store.rm_file(aside)
        raise


def _same(store: "AbstractFileSystem", one: str, other: str) -> bool:
    """Whether two files of the same size have the same content."""
    with store.open(one, "rb") as first, store.open(other, "rb") as second:
        while piece := first.read(_PIECE):
            if piece != second.read(_PIECE):
                return False
    return True


def _kept(place: Remote, former: StoredFile) -> str:
    """Copy the file that is at ``place`` to a name with its date, and return that name."""
    stem, suffix = place.name.removesuffix(place.suffix), place.suffix
    dated = f"{stem}_{former.modified or datetime.now():%Y%m%d-%H%M%S}"
    name, number = f"{dated}{suffix}", 2
    while place.files.exists((place.parent / name).path):
        name, number = f"{dated}-{number}{suffix}", number + 1
    _copy(place.files, place.path, (place.parent / name).path)
    return name


def _copy(store: "AbstractFileSystem", source: str, target: str) -> None:
    """Copy a file within a storage, by the storage itself where it can do so."""
    try:
        store.cp_file(source, target)
    except NotImplementedError:  # SFTP has no command for it
        with store.open(source, "rb") as old, store.open(target, "wb") as new:
            while piece := old.read(_PIECE):
                new.write(piece)


def make_folder(folder: Remote) -> None:
    """Make a folder and those above it, where the storage has folders."""
    if folder.protocol in WITH_FOLDERS:
        folder.files.makedirs(folder.path, exist_ok=True)


def check_place(option: str, place: Remote, *, folder: bool = False) -> None:
    """Write and delete an empty file beside a place at an address, to find out before any work is
    done whether that can be done. ``option``: the option that gave the place, for the message;
    ``folder``: the place is to be a folder. Raises StorageError.
    """
    home = place if folder else place.parent
    probe = (home / f".~{token_hex(8)}.tmp").path
    try:
        with reaching(place):
            if not folder and place.files.isdir(place.path):
                raise StorageError(f"{place}：是文件夹，请写明文件名。")
            make_folder(home)
            place.files.pipe_file(probe, b"")
            place.files.rm_file(probe)
    except (StorageError, OSError) as error:
        raise StorageError(f"{option} {error}") from error
