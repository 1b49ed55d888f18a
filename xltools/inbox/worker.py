"""What a worker process does: read files for one form, within limits of time and memory."""

import gc
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

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


def prepare(text: str, path: Path, passwords: tuple[str, ...], settings: Limits) -> None:
    """Prepare a worker process: load the form from its TOML ``text`` (``path`` is only for
    messages), ignore Ctrl-C, and on Linux set the limit of memory.
    """
    import signal

    from xltools.forms.declaration import read as read_form
    from xltools.layout.places import lay_out
    from xltools.match.matcher import Matcher
    from xltools.readers.known import Structures

    # Whoever presses Ctrl-C means the command; it ends its workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    use(settings)
    # A parser that panics says so on the terminal, where it means nothing to anybody.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
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
