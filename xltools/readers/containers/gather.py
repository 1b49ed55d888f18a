"""Entries of a container that are one document together, put together (`bundles`)."""

from collections.abc import Iterator, Sequence

from xltools.readers.bundles import READ, Bundle, bundles, may_belong
from xltools.readers.containers.entry import Entry
from xltools.readers.containers.names import parts


def gathered(entries: Iterator[Entry]) -> Iterator[Entry]:
    """The entries, those that belong together as one, after all others.

    Raises what taking out an entry raises, when all that came before it is given.
    """
    held: list[Entry] = []
    fault: Exception | None = None
    try:
        for entry in entries:
            if entry.ignored or entry.opened is not None or not may_belong(_path(entry)):
                yield entry
            else:
                held.append(entry)
    except MemoryError:
        raise
    except Exception as error:  # of any kind: who asks for the next entry knows them
        fault = error
    yield from _together(held)
    if fault is not None:
        raise fault


def _together(held: Sequence[Entry]) -> Iterator[Entry]:
    """Entries as documents: those of several files first."""
    by_path: dict[str, Entry] = {}
    for entry in held:
        by_path.setdefault(_path(entry), entry)
    taken: set[int] = set()
    for bundle in bundles(list(by_path)):
        own = [by_path[path] for path in bundle.parts]
        taken.update(map(id, own))
        if bundle.name in by_path:
            taken.add(id(by_path[bundle.name]))
        yield _document(bundle, by_path)
        if bundle.folder != bundle.name:
            yield Entry(name=bundle.folder or bundle.parts[0], ignored=bundle.about)
    yield from (entry for entry in held if id(entry) not in taken)


def _document(bundle: Bundle, entries: dict[str, Entry]) -> Entry:
    """The one entry of a document of several files, with the first fault of those that are read."""
    main = entries.get(bundle.name)
    parts_of = {path: entries[path] for path in bundle.parts}
    needed = [main] if main is not None else []
    needed += [entry for path, entry in parts_of.items() if path.lower().endswith(READ)]
    dates = [entry.modified for entry in needed[:1] if entry.modified is not None]
    return Entry(
        name=bundle.name,
        data=main.data if main is not None else b"",
        modified=dates[0] if dates else None,
        error=next((entry.error for entry in needed if entry.error is not None), None),
        parts={p: e.data if p.lower().endswith(READ) else b"" for p, e in parts_of.items()},
    )


def _path(entry: Entry) -> str:
    return "/".join(parts(entry.name))
