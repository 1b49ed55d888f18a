"""What a worker process does: read files for one form, within limits of time and memory."""

import gc
import os
import pickle
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from xltools.inbox.reading import ReadFailure, Reading, ReadReturn, SetAside, contents, read
from xltools.inbox.stored import Fetched
from xltools.model.limits import MB, Limits, use
from xltools.model.packed import packed
from xltools.model.record import Origin

if TYPE_CHECKING:
    from xltools.match.matcher import Matcher
    from xltools.readers.known import Structures

NamedFile = tuple[str, Path | Fetched]
"""A file to read: its path below the inbox, as it can be printed, and the file or its content."""

Listed = Origin | ReadFailure | SetAside

_OBJECTS: Final = 20_000, 20, 100  # new objects before Python looks for circles of them
_PATIENCE: Final = 2.0  # seconds for a chunk of files before the rest of it is given back


class Worker:
    """What a worker process keeps between files: the matcher of the form, the passwords to try, and
    what it has learned of the structures of workbooks. `prepare` sets all three, once for each
    process.
    """

    matcher: "Matcher"
    passwords: tuple[str, ...]
    structures: "Structures"


def serve() -> None:
    """Call functions for the process that started this one, one after the other, until that closes
    standard input or ends this one. A request is a function with its arguments; the answer is what
    the function returned, and what it raised or None.
    """
    import signal

    # Whoever presses Ctrl-C means the command; it ends its workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    # What libraries and parsers that panic print means nothing to anybody.
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in range(3):
        os.dup2(nowhere, standard)
    serve_through(requests, answers)


def serve_through(requests: IO[bytes], answers: IO[bytes]) -> None:
    """Serve as `serve` does, through these two ends of pipes."""
    # Most that is needed to read a workbook is imported before the first request comes.
    import xltools.forms.declaration
    import xltools.match.matcher
    import xltools.readers.containers.walk
    import xltools.readers.workbook  # noqa: F401 - what is imported here is used later

    while True:
        try:
            work, args = pickle.load(requests)
        except EOFError:
            return
        answers.write(_answer(work, args))
        answers.flush()


def _answer(work: Callable[..., object], args: Sequence[object]) -> bytes:
    """The answer to a request, pickled."""
    error: BaseException
    try:
        return pickle.dumps((work(*args), None), protocol=5)
    except MemoryError:
        error = MemoryError()
    except BaseException as raised:
        error = raised
    try:
        return pickle.dumps((None, error), protocol=5)
    except Exception:  # such as that of a parser that panicked
        return pickle.dumps((None, RuntimeError(type(error).__name__)), protocol=5)


def prepare(text: str, path: Path, passwords: tuple[str, ...], settings: Limits) -> None:
    """Prepare a worker process: load the form from its TOML ``text`` (``path`` is only for
    messages), and on Linux set the limit of memory.
    """
    from xltools.forms.declaration import read as read_form
    from xltools.layout.places import lay_out
    from xltools.match.matcher import Matcher
    from xltools.readers.known import Structures

    use(settings)
    if sys.platform == "linux":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (settings.memory * MB, settings.memory * MB))
    Worker.matcher, Worker.passwords = Matcher(lay_out(read_form(text, path))), passwords
    Worker.structures = Structures()
    # What has been loaded stays, and files leave few circles of objects behind.
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_OBJECTS)


def read_file(name: str, place: Path | Fetched, only: int | None = None) -> list[Reading]:
    """Read a file; parameters as for `reading.read`. To be sent back quickly, the figures of
    returns are packed into arrays, and their cells are left out where they are those of the
    template.
    """
    matcher = Worker.matcher
    return [
        replace(reading, ret=packed(reading.ret, matcher.layout.addresses))
        if isinstance(reading, ReadReturn)
        else reading
        for reading in read(name, place, matcher, Worker.passwords, only, Worker.structures)
    ]


def read_chunk(files: Sequence[NamedFile]) -> list[list[Reading]]:
    """Read files one after the other, as `read_file` does. Returns the readings of each; of fewer
    files than there are, but at least one, where they take long.
    """
    answers: list[list[Reading]] = []
    end = time.monotonic() + _PATIENCE
    for name, place in files:
        answers.append(read_file(name, place))
        if time.monotonic() > end:
            break
    return answers


def list_documents(name: str, place: Path | Fetched) -> list[Listed]:
    """List the documents of a file without reading them."""
    return contents(name, place, Worker.passwords)
