"""Read a whole inbox: here or on a cluster, from a folder or an address, going on from what an
earlier run has kept.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from xltools.inbox.bringing import Numbered, read_brought
from xltools.inbox.listing import InboxFile, find
from xltools.inbox.pool import Progress, Workers, restored, worker_count
from xltools.inbox.reading import ReadFailure, Reading, SetAside
from xltools.inbox.recall import FileReader, Recall
from xltools.inbox.shelf import Shelf
from xltools.layout.places import Layout
from xltools.model.limits import Limits, limits
from xltools.model.record import Origin
from xltools.model.spill import Spill
from xltools.model.wording import Phrase
from xltools.storage.remote import Location, as_address

if TYPE_CHECKING:
    from xltools.inbox.cluster import Cluster
    from xltools.inbox.partial import PartialResults

_BATCH: Final = 500
"""Files read at a time where they are brought from an address or kept as partial results."""


def read_inbox(
    inbox: Location,
    layout: Layout,
    *,
    skip: frozenset[Path] = frozenset(),
    workers: int | None = None,
    scheduler: str = "",
    state: Location | None = None,
    passwords: tuple[str, ...] = (),
    settings: Limits | None = None,
    spill: Spill | None = None,
    shelf: Shelf | None = None,
    progress: Progress = lambda done, total, name: None,
) -> list[Reading]:
    """Read every file below ``inbox``. Returns one reading for each document in it; none is left
    out.

    ``skip``: files that the command itself reads or writes, such as the roster; they may lie in the
    inbox and are set aside. ``scheduler``: the address of a Dask scheduler, whose cluster reads the
    files; empty for this machine. ``state``: the folder of partial results, which this run goes on
    from and adds to; None for none. ``shelf``: what was read of files before, where it may be used;
    it gets what is read now. A cluster does without it. The other parameters are those of
    `pool.read_all`.

    Raises OSError or StorageError when the inbox itself cannot be listed, or ``state`` not be used;
    ClusterError, LockedError. A folder below the inbox that cannot be listed is returned as a
    failure.
    """
    chosen = settings or limits()
    with ExitStack() as stack:
        partial, lock = _partial(inbox, layout, state, chosen, stack)
        common = (layout, passwords, chosen, partial)
        cluster = stack.enter_context(_cluster(scheduler, *common)) if scheduler else None
        # Its machines have other current folders.
        here = inbox.absolute() if isinstance(inbox, Path) else inbox
        readings, files = _sorted_out(here if cluster is not None else inbox, skip)
        if cluster is not None:
            cluster.require_seen("收件夹", files[0].place if files else None)
            cluster.require_seen("--state 的文件夹", lock)
        done: dict[int, list[Reading]] = {}

        def step(name: str) -> None:
            progress(len(done), len(files), name)

        if partial is not None:
            for number, kept in partial.kept(files):
                done[number] = restored(kept, layout, spill)
                step(files[number].name)
        left = [(number, file) for number, file in enumerate(files) if number not in done]
        reader: FileReader = cluster if cluster is not None else _Here(*common, workers)
        if shelf is not None and cluster is None:
            reader = Recall(reader=reader, shelf=shelf, form=layout.form, settings=chosen)
        for number, read in reader.read(left, step) if left else ():
            done[number] = restored(read, layout, spill)
    return [*readings, *(reading for n in range(len(files)) for reading in done[n])]


@dataclass(frozen=True, slots=True)
class _Here:
    """The worker processes of this machine. ``workers``: how many; None for what suits the machine.
    ``partial``: where to keep what was read too; None for nowhere.
    """

    layout: Layout
    passwords: tuple[str, ...]
    settings: Limits
    partial: "PartialResults | None"
    workers: int | None

    def read(
        self, files: Sequence[Numbered], step: Callable[[str], None]
    ) -> Iterator[tuple[int, list[Reading]]]:
        """Read files, those at an address after they were brought here; see `FileReader`."""
        # All at once, unless they have to be brought here or kept.
        plain = self.partial is None and all(isinstance(file.place, Path) for _, file in files)
        size = len(files) if plain else _BATCH
        count = self.workers or worker_count(len(files))
        with Workers(self.layout, count, self.passwords, self.settings) as processes:
            for start in range(0, len(files), size):
                batch = files[start : start + size]
                results: dict[int, list[Reading]] = {}
                for number, readings in read_brought(batch, processes, step):
                    yield number, readings
                    if self.partial is not None:
                        results[number] = readings
                if self.partial is not None:
                    self.partial.keep([(file, results[number]) for number, file in batch])


def _cluster(
    scheduler: str,
    layout: Layout,
    passwords: tuple[str, ...],
    settings: Limits,
    partial: "PartialResults | None",
) -> "Cluster":
    """The cluster of a scheduler, for a context that connects to it and looks whether it is fit."""
    from xltools.inbox.cluster import Cluster

    return Cluster(scheduler, layout, passwords, settings, partial)


def _partial(
    inbox: Location, layout: Layout, state: Location | None, settings: Limits, stack: ExitStack
) -> "tuple[PartialResults | None, Location | None]":
    """The partial results in the folder ``state``, which is locked until ``stack`` is left, and the
    file that is its lock; None and None where there is no such folder.
    """
    if state is None:
        return None, None
    from xltools.inbox.fitness import this_machine
    from xltools.inbox.partial import PartialResults
    from xltools.storage.lock import locked

    folder = as_address(state) if isinstance(state, Path) else state
    lock = stack.enter_context(locked(folder))
    where = as_address(inbox) if isinstance(inbox, Path) else inbox
    about = (str(where), layout.form.text, this_machine().digest, repr(settings))
    circumstances = hashlib.sha256("\0".join(about).encode()).hexdigest()
    return PartialResults(folder=folder, circumstances=circumstances), lock.place


def _sorted_out(inbox: Location, skip: frozenset[Path]) -> tuple[list[Reading], list[InboxFile]]:
    """What is set aside in an inbox or could not be listed, as readings; and the files to read."""
    readings: list[Reading] = []
    files: list[InboxFile] = []
    names = {path.name.casefold() for path in skip}
    for file in find(inbox):
        place = file.place
        # To resolve a path takes long, and only a link, which is ignored, leads to another name.
        skipped = (
            isinstance(place, Path)
            and (bool(file.ignored) or place.name.casefold() in names)
            and place.resolve() in skip
        )
        reason = Phrase.FILE_OF_THIS_RUN if skipped else file.ignored
        if reason:
            source = Origin(path=file.name, size=None)
            readings.append(SetAside(source=source, reason=reason))
        elif file.problem:
            source = Origin(path=file.name)
            readings.append(ReadFailure(source=source, code="F-06", detail=file.problem))
        else:
            files.append(file)
    return readings, files
