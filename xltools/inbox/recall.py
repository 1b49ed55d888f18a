"""A second look at an inbox: files that were read before are not read again; what was read of them
is taken from the shelf.
"""

import json
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Final, Protocol

from xltools.inbox.bringing import Numbered
from xltools.inbox.fingerprint import Fingerprint, circumstances, fingerprint
from xltools.inbox.plain import from_plain, to_plain
from xltools.inbox.reading import Reading, lasts
from xltools.inbox.shelf import Shelf
from xltools.model.form import Form
from xltools.model.limits import Limits, within

deflating: ModuleType = zlib
"""What compresses: isal, which takes a third of the time of zlib, where it is installed."""

with suppress(ImportError):
    from isal import isal_zlib

    deflating = isal_zlib

_BATCH: Final = 300  # files looked up, or kept, in one transaction
_FAST: Final = 1  # the level of compression: higher ones take more time than they save
_JSON: Final = json.JSONEncoder(separators=(",", ":"), check_circular=False)
"""To ASCII: names may be no valid text."""

# What is raised where the bytes on the shelf are not those of `_kept`.
_WRONG: Final = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, zlib.error)


class FileReader(Protocol):
    """What reads files: the worker processes of this machine, the machines of a cluster, or one of
    these behind the shelf.
    """

    def read(
        self, files: Sequence[Numbered], step: Callable[[str], None]
    ) -> Iterator[tuple[int, list[Reading]]]:
        """Read files. Yields the number of each with its readings, the returns in them packed, in
        the order in which they are finished; after each, or after an attempt at one, ``step`` is
        called with its name.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Recall:
    """A `FileReader` that takes the readings of files from the shelf where they are there, and puts
    those of other files on it if they may be kept.

    ``reader``: what reads the others; it is not called if there are none. ``form`` and
    ``settings``: the form that is read for, and the limits. Only files on this machine are looked
    up: what is at an address would have to be brought here first (see `partial` for these).
    """

    reader: FileReader
    shelf: Shelf
    form: Form
    settings: Limits

    def read(
        self, files: Sequence[Numbered], step: Callable[[str], None]
    ) -> Iterator[tuple[int, list[Reading]]]:
        """Read files, see `FileReader`; those on the shelf come first."""
        around = circumstances(self.form, self.settings)
        prints: dict[int, Fingerprint] = {}
        rest: list[Numbered] = []
        with ExitStack() as stack:
            stack.enter_context(self.shelf)
            for start in range(0, len(files), _BATCH):
                batch = files[start : start + _BATCH]
                for number, file in batch:
                    if isinstance(file.place, Path) and (
                        known := self._print(file.name, file.place, around)
                    ):
                        prints[number] = known
                entries = self.shelf.find([prints[n].key for n, _ in batch if n in prints])
                for number, file in batch:
                    readings = _taken(entries, prints.get(number), file.name)
                    if readings is None:
                        rest.append((number, file))
                        continue
                    del prints[number]
                    yield number, readings
                    step(file.name)
            if not rest:
                return
            places = {n: (f.name, f.place) for n, f in rest if isinstance(f.place, Path)}
            pending: list[tuple[bytes, bytes]] = []
            # Whatever ends the work, an error or Ctrl-C, what was read until then is kept.
            stack.callback(lambda: self.shelf.put(pending))
            for number, readings in self.reader.read(rest, step):
                before = prints.pop(number, None)
                if before is not None and _may_be_kept(readings):
                    name, place = places[number]
                    same = _same(readings, name, before)
                    if same is None:
                        same = self._unchanged(name, place, around, before)
                    data = _kept(readings, name) if same else None
                    pending += [(before.key, data)] if data is not None else []
                yield number, readings
                if len(pending) >= _BATCH:
                    self.shelf.put(pending)
                    pending.clear()

    def _print(self, name: str, place: Path, around: bytes) -> Fingerprint | None:
        """The fingerprint of a file, taken within the limits of this run."""
        with within(self.settings):
            return fingerprint(name, place, around)

    def _unchanged(self, name: str, place: Path, around: bytes, before: Fingerprint) -> bool:
        """Whether a file still has the fingerprint that it had before it was read."""
        after = self._print(name, place, around)
        return after is not None and after.key == before.key


def _same(readings: Sequence[Reading], name: str, before: Fingerprint) -> bool | None:
    """Whether what was read are the bytes of which the fingerprint was taken, by the digest of a
    document that is the file itself; None if there is no such document.
    """
    source = readings[0].source
    if len(readings) > 1 or source.path != name or not source.sha256:
        return None
    return source.sha256 in before.digests


def _may_be_kept(readings: Sequence[Reading]) -> bool:
    """Whether the readings of a file may be kept: all are due to the file alone, and nothing in it
    was opened with a password.
    """
    return bool(readings) and all(lasts(r) and not r.source.locked for r in readings)


def _kept(readings: Sequence[Reading], name: str) -> bytes | None:
    """The readings of a file as bytes: compressed JSON, which runs nothing when it is read. What
    the file's path and date add is left out. ``name``: its path below the inbox. None where they
    contain what cannot be kept.
    """
    try:
        text = _JSON.encode([to_plain(_without_place(reading, name)) for reading in readings])
    except _WRONG:
        return None
    compressed: bytes = deflating.compress(text.encode("ascii"), _FAST)
    return compressed


def _taken(
    entries: dict[bytes, bytes], known: Fingerprint | None, name: str
) -> list[Reading] | None:
    """The readings of a file among entries of the shelf, with the file's path and date as they are
    now; None if they are not there, or of no use.
    """
    if known is None or (data := entries.get(known.key)) is None:
        return None
    try:
        return [
            _placed(from_plain(plain), name, known.date)
            for plain in json.loads(zlib.decompress(data))
        ]
    except _WRONG:
        return None


def _without_place(reading: Reading, name: str) -> Reading:
    """A reading whose path begins at its file, and without the date of that file. Raises ValueError
    for one that is not of that file.
    """
    source = reading.source
    inside, start = bool(source.file), f"{name}/"
    if source.file not in ("", name) or not (
        source.path.startswith(start) if inside else source.path == name
    ):
        raise ValueError(f"{source.path} is not in {name}")
    return replace(
        reading,
        source=replace(
            source,
            path=source.path.removeprefix(start) if inside else "",
            file="." if inside else "",
            date=source.date if source.dated else None,
        ),
    )


def _placed(reading: Reading, name: str, date: datetime | None) -> Reading:
    """A reading from `_without_place` with the path and date of its file."""
    source = reading.source
    return replace(
        reading,
        source=replace(
            source,
            path=f"{name}/{source.path}" if source.file else name,
            file=name if source.file else "",
            date=source.date if source.dated else date,
        ),
    )
