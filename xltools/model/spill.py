"""Mappings kept as bytes, in memory or in a temporary file: for what a return contains and few
steps read, such as its texts.

The texts of a return take ten times as much memory as its figures. An inbox has thousands of
returns, and at any one time the texts of one of them are read.
"""

import pickle
from collections.abc import ItemsView, Iterator, Mapping, ValuesView
from errno import EIO
from io import FileIO
from os import strerror
from tempfile import TemporaryFile
from threading import Lock
from typing import Any, Final, NamedTuple, Self, TypeVar
from weakref import finalize

K = TypeVar("K")
V = TypeVar("V")

_NOTHING: Final = pickle.dumps({}, protocol=5)

SMALL: Final = 2 << 20
"""How many bytes stay in memory before a Spill begins its file."""


class Spill:
    """A temporary file for bytes that are written once and read rarely. The first ``small`` bytes
    stay in memory, so that a small job needs no file. The file has no name by which others could
    open it, and is gone once nothing refers to it any more.
    """

    def __init__(self, small: int = SMALL) -> None:
        self._room = small
        self._end = 0
        self._file: FileIO | None = None
        self._lock = Lock()

    def add(self, data: bytes) -> "Slot | bytes":
        """Put bytes into the file. Returns their place there; or the bytes themselves, which then
        stay in memory: while there is room for them, and where they cannot be written.
        """
        with self._lock:
            if len(data) <= self._room:
                self._room -= len(data)
                return data
            try:
                file = self._opened()
                file.seek(self._end)
                written = file.write(data)
            except OSError:  # the disk is full, or there is no folder for temporary files
                return data
            if written < len(data):
                return data
            slot = Slot(self, self._end, len(data))
            self._end += len(data)
            return slot

    def _opened(self) -> FileIO:
        """The file, which is made when it is first needed. Raises OSError."""
        if self._file is None:
            self._file = TemporaryFile(buffering=0)  # noqa: SIM115  # because it stays open
            finalize(self, self._file.close)
        return self._file

    def read(self, start: int, size: int) -> bytes:
        """The ``size`` bytes from byte ``start`` of the file on, which `add` has written. Raises
        OSError where they cannot be read.
        """
        with self._lock:
            file = self._opened()
            file.seek(start)
            data = file.read(size)
        if len(data) < size:
            raise OSError(EIO, strerror(EIO))
        return data


class Slot(NamedTuple):
    """A place in the file of a Spill: the first byte and how many there are."""

    spill: Spill
    start: int
    size: int


class PackedMapping(Mapping[K, V]):
    """A mapping that is kept as bytes (those of a pickle that this program has made) and cannot be
    changed. It equals any mapping with the same entries. Each look into it unpacks all of it, so
    whoever reads several entries takes them from ``items()``.

    ``data``: the bytes, or their place in a Spill.
    """

    __slots__ = ("_data",)

    def __init__(self, data: bytes | Slot) -> None:
        self._data = data

    @classmethod
    def of(cls, mapping: Mapping[K, V]) -> Self:
        """Pack a mapping."""
        if isinstance(mapping, cls):
            return mapping
        return cls(_NOTHING if not mapping else pickle.dumps(dict(mapping.items()), protocol=5))

    @property
    def _bytes(self) -> bytes:
        """The bytes, wherever they are kept."""
        data = self._data
        return data.spill.read(data.start, data.size) if isinstance(data, Slot) else data

    def unpacked(self) -> dict[K, V]:
        """All entries in their order, as a dict of their own."""
        entries: dict[K, V] = pickle.loads(self._bytes)
        return entries

    def spilled(self, spill: Spill) -> "PackedMapping[K, V]":
        """The same mapping with its bytes in ``spill``; `NONE` where it has no entries."""
        data = self._bytes
        return NONE if data == NONE._bytes else PackedMapping(spill.add(data))

    def __getitem__(self, key: K) -> V:
        return self.unpacked()[key]

    def __iter__(self) -> Iterator[K]:
        return iter(self.unpacked())

    def __len__(self) -> int:
        return len(self.unpacked())

    def items(self) -> ItemsView[K, V]:
        """All entries as pairs, unpacked once."""
        return self.unpacked().items()

    def values(self) -> ValuesView[V]:
        """The values of all entries, unpacked once."""
        return self.unpacked().values()

    def __reduce__(self) -> tuple[type[Self], tuple[bytes]]:
        return type(self), (self._bytes,)

    def __repr__(self) -> str:
        return repr(self.unpacked())


NONE: Final[PackedMapping[Any, Any]] = PackedMapping(_NOTHING)
"""A mapping without entries, for all that have none: thousands of dicts of nothing take memory."""
