"""Read files of an inbox in worker processes, those at an address after they were brought here."""

from collections.abc import Callable, Iterator, Sequence

from xltools.inbox.listing import InboxFile
from xltools.inbox.pool import Workers
from xltools.inbox.reading import Reading, failed
from xltools.inbox.stored import StoredDocument, fetch_all
from xltools.inbox.worker import NamedFile
from xltools.model.errors import ReadError

Numbered = tuple[int, InboxFile]
"""A file of an inbox with its number among those that are read."""


def read_brought(
    files: Sequence[Numbered],
    processes: Workers,
    step: Callable[[str], None] = lambda name: None,
) -> Iterator[tuple[int, list[Reading]]]:
    """Read files; all that are at an address are in memory until the last is read. Yields the
    number of each with its readings, which are packed; after each, ``step`` is called with its
    name. One that cannot be brought is a failure.
    """
    ready: list[tuple[int, NamedFile]] = []
    stored: list[tuple[int, str, StoredDocument]] = []
    for number, file in files:
        if isinstance(file.place, StoredDocument):
            stored.append((number, file.name, file.place))
        else:
            ready.append((number, (file.name, file.place)))
    for position, fetched in fetch_all([document for _, _, document in stored]):
        number, name, document = stored[position]
        if isinstance(fetched, ReadError):
            yield number, [failed(document.origin(name), fetched)]
            step(name)
        else:
            ready.append((number, (name, fetched)))
    if ready:
        named = [file for _, file in ready]
        for position, readings in processes.read(named, lambda done, total, name: step(name)):
            yield ready[position][0], readings
