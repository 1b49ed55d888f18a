"""Reading files in worker processes, each within limits: no file can take the rest along."""

import hashlib
import multiprocessing
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from xltools.errors import ReadError
from xltools.match import Matcher
from xltools.returns import Return

SECONDS = 60  # for one file; an honest return takes some milliseconds
MEMORY = 2 << 30  # bytes of address space of a worker


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What came of one file. ``ret`` is None when it could not be read: then ``code`` is a code
    of the catalogue, with ``detail``. ``modified``: the file's date, local time.
    """

    name: str
    sha256: str = ""
    size: int = 0
    modified: datetime | None = None
    ret: Return | None = None
    code: str = ""
    detail: str = ""


def read(name: str, path: Path, matcher: Matcher) -> Reading:
    """Read one file of the inbox; never raises for what is in it."""
    from xltools.readers.workbook import open_book

    digest, size, modified = "", 0, None
    try:
        state = path.stat()
        size, modified = state.st_size, datetime.fromtimestamp(state.st_mtime)
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        ret = matcher.match(open_book(path))
    except ReadError as error:
        return Reading(name=name, sha256=digest, size=size, modified=modified, code=error.code,
                       detail=error.detail)  # fmt: skip
    except MemoryError:
        return Reading(name=name, sha256=digest, size=size, modified=modified, code="F-04",
                       detail="内存超出限制")  # fmt: skip
    except OSError as error:
        detail = error.strerror or str(error)
        return Reading(name=name, sha256=digest, size=size, modified=modified, code="F-06",
                       detail=detail)  # fmt: skip
    return Reading(name=name, sha256=digest, size=size, modified=modified, ret=ret)


_matcher: Matcher | None = None


def _start(form: str) -> None:
    """Prepare a worker: its form, and its limit of memory where the system has one."""
    global _matcher  # noqa: PLW0603 because a worker keeps it from task to task
    from xltools.declaration import load
    from xltools.layout import lay_out

    if sys.platform == "linux":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    _matcher = Matcher(lay_out(load(form)))


def _task(name: str, path: Path) -> Reading:
    assert _matcher is not None, "set by _start"
    return read(name, path, _matcher)


def read_all(
    files: Sequence[tuple[str, Path]], form: str, *, workers: int = 1
) -> Iterator[Reading]:
    """Read files (name, path) in worker processes; answers come in the same order.

    A file that takes too long or kills its worker is answered as such, tried twice in the
    latter case; the others lose nothing. ``form``: a name or path for ``declaration.load``.
    """
    from pebble import ProcessExpired, ProcessPool

    context = multiprocessing.get_context("spawn")
    with ProcessPool(
        max_workers=workers, initializer=_start, initargs=[form], context=context
    ) as pool:
        try:
            tasks = [(f, pool.schedule(_task, args=list(f), timeout=SECONDS)) for f in files]
            for (name, path), first in tasks:
                task = first
                for again in (True, False):
                    try:
                        yield task.result()
                    except TimeoutError:
                        yield Reading(name=name, code="F-04", detail=f"超过 {SECONDS} 秒")
                    except ProcessExpired:
                        if again:
                            task = pool.schedule(_task, args=[name, path], timeout=SECONDS)
                            continue
                        yield Reading(name=name, code="F-04", detail="读取程序异常终止")
                    break
        except BaseException:
            pool.stop()  # type: ignore[no-untyped-call]  # because pebble left its type out
            raise
