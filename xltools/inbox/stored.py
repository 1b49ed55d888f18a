"""The files of an inbox at an address: where each is, and bringing one to this machine whole, to be
read.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Final

from xltools.model.errors import ReadError
from xltools.model.record import Origin
from xltools.model.wording import Phrase
from xltools.readers.parts import parts_below, parts_beside
from xltools.storage.remote import Remote, StoredFile, read_unchanged

_AT_ONCE: Final = 16
"""How many documents are fetched at the same time: most of the time is waiting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDocument:
    """A file of an inbox at an address, or a folder that is one document.

    ``inbox``: the address of the inbox. ``path``: below the inbox, with slashes. ``file``: what was
    listed there, None for a folder. ``around``: with their paths below the inbox, the files of that
    folder, or those that may belong to the file, if it should be a saved page.
    """

    inbox: Remote
    path: str
    file: StoredFile | None
    around: tuple[tuple[str, StoredFile], ...] = ()

    def origin(self, name: str) -> Origin:
        """Where it came from, as far as the listing tells. ``name``: its path as it is shown."""
        if self.file is None:
            return Origin(path=name)
        return Origin(path=name, size=self.file.size, date=self.file.modified)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A document that is in memory, with all that may be needed to read it.

    ``name``: its file name. ``data``: its content, empty for a folder. ``parts``: the files of the
    folder, or those that belong to it if it is a saved page, by path relative to the folder in
    which the document is. ``modified``: its date in local time, None if unknown.
    """

    name: str
    data: bytes
    parts: Mapping[str, bytes] = field(default_factory=dict)
    modified: datetime | None = None

    @property
    def size(self) -> int:
        """Its bytes and those of its parts, to bound how much is held in memory."""
        return len(self.data) + sum(map(len, self.parts.values()))


class StoredFolder:
    """Files that were listed at an address, as the surroundings of a document (see
    `xltools.readers.parts.Surroundings`).
    """

    def __init__(self, inbox: Remote, files: Mapping[str, StoredFile]) -> None:
        self._inbox, self._files = inbox, files

    def has_folder(self, path: str) -> bool:
        """Whether there is such a folder."""
        return any(True for _ in self.below(path))

    def has_file(self, path: str) -> bool:
        """Whether there is such a file."""
        return path in self._files

    def files(self) -> Iterable[str]:
        """The files directly in the folder, in the order of their names."""
        return sorted(path for path in self._files if "/" not in path)

    def below(self, folder: str) -> Iterable[str]:
        """All files in a folder and its subfolders, in the order in which they were listed."""
        return (path for path in self._files if path.startswith(f"{folder}/"))

    def read(self, path: str, most: int) -> bytes:
        """The first ``most`` bytes of a file; nothing of a link. Raises ReadError."""
        file = self._files[path]
        return b"" if file.link else read_unchanged(self._inbox, file)[:most]


def fetch(document: StoredDocument) -> Fetched:
    """Bring a document to this machine. Raises ReadError: F-02 if it is empty, F-05 over a limit,
    F-06 if the storage refuses it, or if it has changed since it was listed.
    """
    folder, slash, name = document.path.rpartition("/")
    start = f"{folder}{slash}"
    around = StoredFolder(
        document.inbox, {path.removeprefix(start): file for path, file in document.around}
    )
    if document.file is None:
        dates = [file.modified for _, file in document.around if file.modified is not None]
        parts = parts_below(around, name)
        return Fetched(name=name, data=b"", parts=parts, modified=max(dates, default=None))
    data = read_unchanged(document.inbox, document.file)
    if not data:
        raise ReadError("F-02", Phrase.EMPTY_FILE)
    parts = parts_beside(around, name, data) if document.around else {}
    return Fetched(name=name, data=data, parts=parts, modified=document.file.modified)


def fetch_all(documents: Sequence[StoredDocument]) -> Iterator[tuple[int, Fetched | ReadError]]:
    """Bring documents to this machine, several at the same time, a few ahead of whoever takes them.
    Yields the number of each in ``documents``, and the document or the error of `fetch`, in their
    order.
    """
    if not documents:
        return
    from concurrent.futures import ThreadPoolExecutor

    # Where a file system waits in one connection, threads would only stand in its way.
    several = bool(getattr(documents[0].inbox.files, "async_impl", False))

    def brought(document: StoredDocument) -> Fetched | ReadError:
        try:
            return fetch(document)
        except ReadError as error:
            return error

    with ThreadPoolExecutor(_AT_ONCE if several else 1) as threads:
        left = iter(enumerate(documents))
        ahead = [(n, threads.submit(brought, d)) for n, d in islice(left, 2 * _AT_ONCE)]
        while ahead:
            number, first = ahead.pop(0)
            ahead += [(n, threads.submit(brought, d)) for n, d in islice(left, 1)]
            yield number, first.result()
