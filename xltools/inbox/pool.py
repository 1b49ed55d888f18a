"""Read files in worker processes with limits of time and memory, so that no file can make the
others fail.

A file whose worker crashes or runs out of time is opened once more after all other files. If it is
an archive or a mail, its documents are then read one by one, so that only the document at fault is
lost.
"""

import os
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self, TypeVar

from xltools.inbox.processes import EndedError, ServerPool
from xltools.inbox.reading import (
    Reading,
    ReadReturn,
    failed,
)
from xltools.inbox.stored import Fetched
from xltools.inbox.worker import (
    NamedFile,
    list_documents,
    prepare,
    read_chunk,
    read_file,
)
from xltools.layout.places import Layout
from xltools.model.errors import ReadError, WorkerError
from xltools.model.limits import (
    MB,
    Limits,
    limits,
    over,
)
from xltools.model.packed import kept, placed
from xltools.model.record import Origin
from xltools.model.spill import Spill
from xltools.model.wording import Phrase

if TYPE_CHECKING:
    from concurrent.futures import Future

_EVERY: Final = 0.05  # seconds; between two looks a worker can take some 60 MB more


class Watch:
    """A context manager that ends child processes of this process which use more than ``limit``
    bytes of memory.

    ``ended`` collects the process numbers of those it has ended. On Linux it does nothing unless
    ``always`` is set, since workers there have a limit set by the system.
    """

    def __init__(self, limit: int, *, always: bool = False) -> None:
        self.limit, self.ended = limit, set[int]()
        self._needed = always or sys.platform != "linux"
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Self:
        if self._needed:
            self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._done.set()
        if self._needed:
            self._thread.join()

    def _look(self) -> None:
        """Look at all child processes every `_EVERY` seconds until the context is left, and end
        those over the limit. Runs in a thread of its own.
        """
        import psutil

        this = psutil.Process()
        while not self._done.wait(_EVERY):
            for child in this.children():
                try:
                    if child.memory_info().rss > self.limit:
                        self.ended.add(child.pid)
                        child.kill()
                except psutil.Error:
                    continue  # it has ended by itself


T = TypeVar("T")
Progress = Callable[[int, int, str], None]  # files done, files in all, name of the last

_CORES: Final = 8  # more processes are started only if they are asked for
_NEEDED: Final = 512 * MB  # of memory for each process
_WORTH: Final = 40  # files for each process; starting it takes as long as reading so many
_CHUNK: Final = 32  # files that a process reads at a time
_CHUNK_SIZE: Final = 2 * MB  # of all files read at a time
_WAITING: Final = 3  # chunks for each process that wait or are being read


def worker_count(files: int) -> int:
    """How many processes it is best to read so many files with: as many as there are cores, at most
    8, as far as they have memory and enough to do.
    """
    if files < 2 * _WORTH:
        return 1
    import psutil

    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    memory = psutil.virtual_memory().available // _NEEDED
    return max(1, min(cores, _CORES, memory, files // _WORTH))


def chunks(files: Sequence[NamedFile], workers: int) -> list[list[int]]:
    """Divide files into chunks to be read by one process at a time, each given by the numbers of
    its files. Large files, which may take long, and those of a small inbox are alone.
    """
    most = max(1, min(_CHUNK, len(files) // (4 * workers)))
    parts: list[list[int]] = []
    room = 0
    for number, (_, place) in enumerate(files):
        try:
            size = place.stat().st_size if isinstance(place, Path) else place.size
        except OSError:
            size = 0  # it is reported when it cannot be read
        if not parts or size > room or len(parts[-1]) >= most:
            parts.append([])
            room = _CHUNK_SIZE
        parts[-1].append(number)
        room -= size
    return parts


def read_all(
    files: Sequence[NamedFile],
    layout: Layout,
    *,
    workers: int | None = None,
    passwords: tuple[str, ...] = (),
    settings: Limits | None = None,
    spill: Spill | None = None,
    progress: Progress = lambda done, total, name: None,
) -> list[list[Reading]]:
    """Read files in worker processes. Returns a list of readings for each file, in the order of
    ``files``.

    ``spill``: where to put the texts of returns as they come, when there may be thousands (see
    `packed.kept`); None to keep them in memory. The other parameters are those of `begun`.
    """
    with begun(
        files, layout, workers=workers, passwords=passwords, settings=settings, progress=progress
    ) as readings:
        answers = {number: restored(read, layout, spill) for number, read in readings}
    return [answers[number] for number in range(len(files))]


@contextmanager
def begun(
    files: Sequence[NamedFile],
    layout: Layout,
    *,
    workers: int | None = None,
    passwords: tuple[str, ...] = (),
    settings: Limits | None = None,
    progress: Progress = lambda done, total, name: None,
) -> Iterator[Iterator[tuple[int, list[Reading]]]]:
    """Begin to read files in worker processes, which end with the context. Gives an iterator over
    the number of each file with its readings, in the order in which they are finished; the figures
    of returns are packed.

    ``workers``: the number of processes; None for what `worker_count` finds best. The other
    parameters are those of `Workers`.
    """
    count = workers or worker_count(len(files))
    with Workers(layout, count, passwords, settings or limits()) as processes:
        yield processes.read(files, progress)


class Workers:
    """Processes that read files for one form. A context manager, which starts and ends them; in
    between, files may be read any number of times, and in several threads.

    ``layout``: the layout of the form; workers get the form's text. ``count``: how many processes.
    ``passwords``: tried on protected files.
    """

    def __init__(
        self, layout: Layout, count: int, passwords: tuple[str, ...], settings: Limits
    ) -> None:
        self.layout, self._count, self._settings = layout, count, settings
        self._watch = Watch(settings.memory * MB)
        # It starts no process before the first file.
        form = layout.form
        self._pool = ServerPool(count, prepare, (form.text, form.path, passwords, settings))

    def __enter__(self) -> Self:
        self._watch.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pool.stop()
        self._watch.__exit__(kind, error, trace)

    def read(
        self, files: Sequence[NamedFile], progress: Progress = lambda done, total, name: None
    ) -> Iterator[tuple[int, list[Reading]]]:
        """Begin to read files. Returns an iterator over the number of each with its readings, in
        the order in which they are finished; the figures of returns are packed.

        ``progress`` is called with the number of files finished, the number of all files, and a
        name: after each file, and after each further attempt at a file that failed. Such attempts
        come last, so that no file waits for them. Raises WorkerError where no worker process can
        start.
        """
        run = _Run(pool=self._pool, watch=self._watch, settings=self._settings)
        answers = run.chunked(files, chunks(files, self._count), _WAITING * self._count)
        return self._readings(run, files, answers, progress)

    def _readings(
        self,
        run: "_Run",
        files: Sequence[NamedFile],
        answers: Iterator[tuple[int, list[Reading] | ReadError]],
        progress: Progress,
    ) -> Iterator[tuple[int, list[Reading]]]:
        """What `read` gives, from the answers to the first attempts."""
        failures: dict[int, ReadError] = {}
        done = 0
        for number, answer in answers:
            if isinstance(answer, ReadError):
                failures[number] = answer
                continue
            done += 1
            yield number, answer
            progress(done, len(files), files[number][0])
        for number, failure in sorted(failures.items()):
            step = partial(progress, done, len(files))
            again = run.again(*files[number], failure, step)
            done += 1
            yield number, again
            progress(done, len(files), files[number][0])


def restored(readings: Sequence[Reading], layout: Layout, spill: Spill | None) -> list[Reading]:
    """The readings of a file as they are handed on, with what the worker left out of each return.
    ``spill``: where its texts go; None for memory.
    """
    cells = layout.addresses
    return [
        ReadReturn(
            source=reading.source,
            ret=placed(reading.ret, cells) if spill is None else kept(reading.ret, cells, spill),
        )
        if isinstance(reading, ReadReturn)
        else reading
        for reading in readings
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """A running pool of workers with its watch and its limits; gets answers from it and tries files
    again.
    """

    pool: ServerPool
    watch: Watch
    settings: Limits

    def chunked(
        self, files: Sequence[NamedFile], parts: Sequence[Sequence[int]], waiting: int
    ) -> Iterator[tuple[int, list[Reading] | ReadError]]:
        """Read files chunk by chunk; the first are handed out at once. Returns an iterator over the
        number of each file with its readings, or with the error that its worker ended with.

        ``parts``: the numbers of the files in each chunk; ``waiting``: how many chunks are handed
        out at a time. What a worker gives back unread is handed out again, and so is, one by one,
        a chunk whose worker ended.
        """
        finished: SimpleQueue[Future[list[list[Reading]]]] = SimpleQueue()
        tasks: dict[Future[list[list[Reading]]], Sequence[int]] = {}
        left = deque(parts)

        def hand_out() -> None:
            while left and len(tasks) < waiting:
                part = left.popleft()
                task = self.pool.schedule(
                    read_chunk,
                    args=[[files[number] for number in part]],
                    timeout=self.settings.seconds,
                )
                tasks[task] = part
                task.add_done_callback(finished.put)

        def answers() -> Iterator[tuple[int, list[Reading] | ReadError]]:
            while tasks:
                finished_task = finished.get()
                part, answer = tasks.pop(finished_task), self.answer(finished_task)
                if not isinstance(answer, ReadError):
                    if len(answer) < len(part):
                        left.appendleft(part[len(answer) :])
                elif len(part) > 1:
                    left.extend([number] for number in part)
                hand_out()
                if not isinstance(answer, ReadError):
                    yield from zip(part, answer, strict=False)
                elif len(part) == 1:
                    yield part[0], answer

        hand_out()
        return answers()

    def answer(self, task: "Future[list[T]]") -> list[T] | ReadError:
        """Wait for a task and return its result. Where the worker ran out of time or memory,
        crashed or raised an exception, returns a ReadError with the code that says so. Raises
        WorkerError where no worker can start.
        """
        try:
            return task.result()
        except WorkerError:
            raise
        except TimeoutError:
            return ReadError("F-04", Phrase.TIME_OVER(self.settings.seconds))
        except EndedError as error:
            if error.pid in self.watch.ended:
                return ReadError("F-08")
            return ReadError("F-07", Phrase.FAILED_AGAIN)
        except MemoryError:
            return ReadError("F-08")
        except Exception as error:
            # A bug of ours that shows in one file must not cost the others.
            return ReadError("F-07", Phrase.PROGRAM_ERROR(type(error).__name__, str(error)[:80]))

    def again(
        self, name: str, place: Path | Fetched, failure: ReadError, step: Callable[[str], None]
    ) -> list[Reading]:
        """Try a file that failed once more, and return its readings. Its documents are read one by
        one; if it has only one document, that is read once more, unless it took too much memory. A
        document whose worker crashes again gets a second attempt. Where the documents cannot even
        be listed, the whole file is one failure. After ``Limits.failures`` failed documents the
        rest is not tried.

        ``failure``: how the first attempt ended. ``step`` is called after each attempt with the
        name of what was tried.
        """
        listed = self.task(list_documents, name, place)
        step(name)
        if isinstance(listed, ReadError):  # what it holds cannot even be listed
            return [failed(Origin(path=name), listed)]
        if len(listed) == 1:
            retried = failure if failure.code == "F-08" else self.task(read_file, name, place)
            if isinstance(retried, ReadError):
                only = listed[0]
                return [failed(only if isinstance(only, Origin) else only.source, retried)]
            return retried
        readings: list[Reading] = []
        culprits = 0
        for number, document in enumerate(listed):
            if not isinstance(document, Origin):
                readings.append(document)
                continue
            if culprits >= self.settings.failures:
                reason = over("failures", Phrase.CULPRITS(culprits), self.settings)
                readings.append(failed(document, reason))
                continue
            alone = self.task(read_file, name, place, number)
            step(document.path)
            if isinstance(alone, ReadError) and alone.code == "F-07":
                alone = self.task(read_file, name, place, number)
                step(document.path)
            if isinstance(alone, ReadError):
                culprits += 1
                readings.append(failed(document, alone))
            else:
                readings += alone
        return readings

    def task(self, work: Callable[..., list[T]], *args: object) -> list[T] | ReadError:
        """Run ``work`` with ``args`` in a worker, wait for it, and return what `answer` returns."""
        timeout = self.settings.seconds
        return self.answer(self.pool.schedule(work, args=list(args), timeout=timeout))
