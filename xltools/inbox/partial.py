"""Partial results of a run: what was read of each file, kept in a folder that a run cut off can go
on from. Keyed by the address of the file and its ETag, so that a file that was replaced is read
anew.

A part is a Parquet file with one row a file: ``address``, ``stamp``, ``name`` and ``readings``
(JSON, see `inbox.plain`). Parts are written once, under names of their own, by whoever has read
their files; so workers write beside each other, and a part that is there is whole.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from xltools.inbox.listing import InboxFile
from xltools.inbox.plain import from_plain, to_plain
from xltools.inbox.reading import Reading, lasts
from xltools.inbox.stored import StoredDocument
from xltools.storage.outputs import staged
from xltools.storage.remote import Remote, listed, reaching

SUFFIX: Final = ".parquet"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileKey:
    """Which file, and which content of it. ``stamp``: its size, its ETag where it has one, and its
    date; ``name``: its path below the inbox, as it is shown.
    """

    address: str
    stamp: str
    name: str


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class PartialResults:
    """A folder with parts. ``folder``: where it is; ``circumstances``: a digest of all that decides
    what is read from a file besides its content (form, program, limits, inbox). Parts of other
    circumstances lie in the same folder and are not looked at.
    """

    folder: Remote
    circumstances: str

    @property
    def home(self) -> Remote:
        """Where the parts of these circumstances are."""
        return self.folder / self.circumstances[:16]

    @staticmethod
    def key_of(file: InboxFile) -> FileKey | None:
        """The key of a file of an inbox; None for one that cannot be looked at, and for a folder
        that is one document on a disk.
        """
        if isinstance(file.place, StoredDocument):
            place = file.place
            every = (place.file, *(other for _, other in place.around))
            stamps = [f"{f.path}:{f.size}:{f.stamp}:{f.modified}" for f in every if f is not None]
            stamp = stamps[0] if len(stamps) == 1 else _digest("\n".join(stamps))
            return FileKey(address=str(place.inbox / place.path), stamp=stamp, name=file.name)
        try:
            about = file.place.stat()
        except OSError:
            return None
        if file.place.is_dir():
            return None
        return FileKey(
            address=file.place.absolute().as_posix(),
            stamp=f"{about.st_size}:{about.st_mtime_ns}",
            name=file.name,
        )

    def kept(self, files: Sequence[InboxFile]) -> Iterator[tuple[int, list[Reading]]]:
        """What is kept of files: the number of each in ``files`` and its readings, which are
        packed. A part that cannot be read counts as not there. Raises StorageError if the storage
        refuses.
        """
        import pyarrow
        from pyarrow import parquet

        keys = {key: number for number, file in enumerate(files) if (key := self.key_of(file))}
        home, given = self.home, set[int]()
        for part in sorted(listed(home)):
            if not part.endswith(SUFFIX):
                continue
            with reaching(home):
                data = home.files.cat_file((home / part).path)
            try:
                table = parquet.read_table(pyarrow.BufferReader(data))
                rows = [table.column(column).to_pylist() for column in _COLUMNS]
            except (pyarrow.ArrowException, OSError, KeyError):
                continue
            for address, stamp, name, text in zip(*rows, strict=True):
                number = keys.get(FileKey(address=address, stamp=stamp, name=name))
                if number is None or number in given:
                    continue
                try:
                    readings = [from_plain(reading) for reading in json.loads(text)]
                except (ValueError, KeyError, TypeError, AttributeError):
                    continue
                given.add(number)
                yield number, readings

    def keep(self, results: Sequence[tuple[InboxFile, Sequence[Reading]]]) -> None:
        """Write what was read of files as a part; the returns are packed. Whatever is due to the
        machine or the moment is left out, so that it is tried again. Raises StorageError.
        """
        import pyarrow
        from pyarrow import parquet

        lasting = [
            (key, readings)
            for file, readings in results
            if (key := self.key_of(file)) and all(map(lasts, readings))
        ]
        if not lasting:
            return
        columns: dict[str, list[str]] = {
            "address": [key.address for key, _ in lasting],
            "stamp": [key.stamp for key, _ in lasting],
            "name": [key.name for key, _ in lasting],
            "readings": [
                json.dumps([to_plain(reading) for reading in readings], ensure_ascii=False)
                for _, readings in lasting
            ],
        }
        number = _digest("\n".join(f"{key.address} {key.stamp}" for key, _ in lasting))
        place = self.home / f"{number[:32]}{SUFFIX}"
        with staged(place, keep=False) as output:
            parquet.write_table(pyarrow.table(columns), output.file, compression="zstd")


_COLUMNS: Final = ("address", "stamp", "name", "readings")
