"""Reading in worker processes, each file within limits: none can take the others along.

A file that ends or hangs its worker is opened once more, after all others, and if it is an archive
or a mail its documents are read one by one, so that only the culprit among them is lost.
"""

import multiprocessing
import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self, TypeVar

from xltools.inbox.reading import (
    InboxFile,
    ReadFailure,
    Reading,
    ReadReturn,
    SetAside,
    contents,
    failed,
    find,
    read,
)
from xltools.layout.places import Layout
from xltools.match.matcher import Matcher
from xltools.model.errors import ReadError, WorkerError
from xltools.model.limits import (
    MB,
    Limits,
    limits,
    over,
    use,
)
from xltools.model.packed import packed, placed
from xltools.model.record import Origin
from xltools.model.wording import Phrase

if TYPE_CHECKING:
    from concurrent.futures import Future
    from multiprocessing.context import BaseContext

    from pebble import ProcessPool

_EVERY: Final = 0.05  # seconds; between two looks a worker can take some 60 MB more


class Watch:
    """Ends child processes of this one that take more than ``limit`` bytes, while it is entered.

    ``ended`` holds their process numbers. On Linux a worker has a limit of its own and nothing is
    watched, unless ``always``.
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

Listed = Origin | ReadFailure | SetAside


class _Worker:
    """What a worker process is prepared with, once, by ``_start``."""

    matcher: Matcher
    passwords: tuple[str, ...]


def _start(text: str, path: Path, passwords: tuple[str, ...], settings: Limits) -> None:
    """Prepare a worker process: read the form from its TOML ``text`` (``path`` is for messages),
    and set the limit of memory where the system has one.
    """
    import signal

    from xltools.forms.declaration import read as read_form
    from xltools.layout.places import lay_out

    # Whoever presses Ctrl-C means the command; it ends its workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    use(settings)
    # A parser that panics says so on the terminal, where it means nothing to anybody.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    if sys.platform == "linux":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (settings.memory * MB, settings.memory * MB))
    _Worker.matcher, _Worker.passwords = Matcher(lay_out(read_form(text, path))), passwords


def _read(name: str, path: Path, only: int | None = None) -> list[Reading]:
    matcher = _Worker.matcher
    return [
        replace(reading, ret=packed(reading.ret, matcher.layout.addresses))
        if isinstance(reading, ReadReturn)
        else reading
        for reading in read(name, path, matcher, _Worker.passwords, only)
    ]


def _list(name: str, path: Path) -> list[Listed]:
    return contents(name, path, _Worker.passwords)


def read_inbox(
    inbox: Path,
    layout: Layout,
    *,
    skip: frozenset[Path] = frozenset(),
    workers: int = 1,
    passwords: tuple[str, ...] = (),
    settings: Limits | None = None,
    progress: Progress = lambda done, total, name: None,
) -> list[Reading]:
    """What is in every file below ``inbox``: a reading for each document, none left out.

    ``skip``: files of the command itself, which may lie there and are set aside; the other
    parameters are those of ``read_all``. Raises OSError when the inbox cannot be listed; of a
    folder below that, it is a failure.
    """
    readings: list[Reading] = []
    files: list[InboxFile] = []
    for file in find(inbox):
        skipped = file.path.resolve() in skip
        reason = Phrase.FILE_OF_THIS_RUN if skipped else file.ignored
        if reason:
            source = Origin(path=file.name, size=None)
            readings.append(SetAside(source=source, reason=reason))
        elif file.problem:
            source = Origin(path=file.name)
            readings.append(ReadFailure(source=source, code="F-06", detail=file.problem))
        else:
            files.append(file)
    if files:
        named = [(file.name, file.path) for file in files]
        for documents in read_all(
            named, layout, workers=workers, passwords=passwords, settings=settings,
            progress=progress,
        ):  # fmt: skip
            readings += documents
    return readings


def read_all(
    files: Sequence[tuple[str, Path]],
    layout: Layout,
    *,
    workers: int = 1,
    passwords: tuple[str, ...] = (),
    settings: Limits | None = None,
    progress: Progress = lambda done, total, name: None,
) -> list[list[Reading]]:
    """Read files (name, path) in worker processes; a list of readings for each, in their order.

    ``layout``: of the form that the files are read for, whose text is sent to the workers;
    ``passwords``: tried on what has one; ``settings``: the limits, by default those that hold
    here. ``progress`` is told of each file when it is done, and of each further attempt at one
    that failed: these come after all other files, so that none of them waits for it. Raises
    WorkerError where no worker can start.
    """
    from concurrent.futures import as_completed

    from pebble import ProcessPool

    if getattr(multiprocessing.current_process(), "_inheriting", False):
        # This is a worker that imports the main module, and that calls us without its guard: it
        # ends without a word, and the process that started it says what is wrong.
        raise SystemExit(1)
    with _deaf():
        context = _context()
    chosen = settings or limits()
    others = set(multiprocessing.active_children())
    answers: dict[int, list[Reading]] = {}
    failures: dict[int, ReadError] = {}
    with (
        Watch(chosen.memory * MB) as watch,
        ProcessPool(
            max_workers=workers,
            initializer=_start,
            initargs=[layout.form.text, layout.form.path, passwords, chosen],
            context=context,
        ) as pool,
    ):
        run = _Run(pool=pool, watch=watch, settings=chosen)
        try:
            with _deaf():
                tasks: dict[Future[list[Reading]], int] = {
                    pool.schedule(_read, args=list(file), timeout=chosen.seconds): number
                    for number, file in enumerate(files)
                }
            for task in as_completed(tasks):
                number, answer = tasks[task], run.answer(task)
                if isinstance(answer, ReadError):
                    failures[number] = answer
                else:
                    answers[number] = answer
                    progress(len(answers), len(files), files[number][0])
            for number, failure in sorted(failures.items()):
                step = partial(progress, len(answers), len(files))
                answers[number] = run.again(*files[number], failure, step)
                progress(len(answers), len(files), files[number][0])
        except RuntimeError:
            if pool.active:
                raise
            raise WorkerError from None
        finally:
            pool.stop()  # type: ignore[no-untyped-call]  # because pebble left its type out
            # One that is still starting would find its locks gone, and print a traceback.
            for worker in set(multiprocessing.active_children()) - others:
                worker.kill()
    return [_placed(answers[number], layout) for number in range(len(files))]


def _placed(readings: Sequence[Reading], layout: Layout) -> list[Reading]:
    """The readings of a file with the places that its worker did not send."""
    return [
        replace(reading, ret=placed(reading.ret, layout.addresses))
        if isinstance(reading, ReadReturn)
        else reading
        for reading in readings
    ]


def _context() -> "BaseContext":
    """How worker processes start: never by forking this one, which may be large and have threads.

    On Linux they are forks of a process that has imported what they need, once for as long as this
    one lives. Elsewhere, or where that process has no place for its socket, each starts anew,
    which takes 0.3 s of processor time.
    """
    if sys.platform == "linux":
        from multiprocessing import forkserver

        forkserver.set_forkserver_preload(["xltools.inbox.pool", "xltools.forms.declaration"])
        with suppress(OSError):
            forkserver.ensure_running()
            return multiprocessing.get_context("forkserver")
    return multiprocessing.get_context("spawn")


@contextmanager
def _deaf() -> Iterator[None]:
    """Keep Ctrl-C from threads and processes that are started here, and from those that they
    start: a worker hears it before it can be told to leave it to the command, and would print a
    traceback.
    """
    import signal

    if sys.platform == "win32":
        yield
        return
    from multiprocessing import resource_tracker

    resource_tracker.ensure_running()  # starting it would let the signal through again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """A pool at work, and what is watched about it."""

    pool: "ProcessPool"
    watch: Watch
    settings: Limits

    def answer(self, task: "Future[list[T]]") -> list[T] | ReadError:
        """What a worker made of a file, or how it failed."""
        from pebble import ProcessExpired

        try:
            return task.result()
        except TimeoutError:
            return ReadError("F-04", Phrase.TIME_OVER(self.settings.seconds))
        except ProcessExpired as error:
            if error.pid in self.watch.ended:
                return ReadError("F-08")
            return ReadError("F-07", Phrase.FAILED_AGAIN)
        except MemoryError:
            return ReadError("F-08")
        except Exception as error:
            # A bug of ours, met in one file: it must not cost the others.
            return ReadError("F-07", Phrase.PROGRAM_ERROR(type(error).__name__, str(error)[:80]))

    def again(
        self, name: str, path: Path, failure: ReadError, step: Callable[[str], None]
    ) -> list[Reading]:
        """A file that failed: its documents one by one; a single one once more, unless it took
        too much memory. ``step`` is told the name of what was tried after each attempt.
        """
        listed = self.task(_list, name, path)
        step(name)
        if isinstance(listed, ReadError):  # what it holds cannot even be listed
            return [failed(Origin(path=name), listed)]
        if len(listed) == 1:
            retried = failure if failure.code == "F-08" else self.task(_read, name, path)
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
            alone = self.task(_read, name, path, number)
            step(document.path)
            if isinstance(alone, ReadError) and alone.code == "F-07":
                alone = self.task(_read, name, path, number)
                step(document.path)
            if isinstance(alone, ReadError):
                culprits += 1
                readings.append(failed(document, alone))
            else:
                readings += alone
        return readings

    def task(self, work: Callable[..., list[T]], *args: object) -> list[T] | ReadError:
        """Do something with a file in a worker and wait for it."""
        timeout = self.settings.seconds
        return self.answer(self.pool.schedule(work, args=list(args), timeout=timeout))
