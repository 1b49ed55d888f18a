"""Reading files in worker processes, each within limits: no file can take the rest along."""

import hashlib
import multiprocessing
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from xltools.errors import ReadError
from xltools.layout import Layout
from xltools.match import Matcher
from xltools.readers.unpack import Mail
from xltools.returns import Return

if TYPE_CHECKING:
    from pebble import ProcessFuture

SECONDS = 60  # for one file; an honest return takes some milliseconds
MEMORY = 2 << 30  # bytes of address space of a worker


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What came of one document. ``ret`` is None when it could not be read: then ``code`` is a
    code of the catalogue, with ``detail``; or when ``ignored`` says that it is no return.

    ``file``: the file of the inbox that holds it, where that is another. ``kind``: what kind of
    file it is. ``modified``: its date, local time, of its mail if it has one. ``mails``: that it
    came in, outermost first.
    """

    name: str
    file: str = ""
    kind: str = ""
    sha256: str = ""
    size: int = 0
    modified: datetime | None = None
    mails: tuple[Mail, ...] = ()
    ignored: str = ""
    ret: Return | None = None
    code: str = ""
    detail: str = ""


def read(name: str, path: Path, matcher: Matcher, passwords: Sequence[str] = ()) -> Reading:
    """Read one file of the inbox; never raises for what is in it.

    ``passwords`` are tried on a workbook that has one.
    """
    from xltools.readers.workbook import open_book

    digest, size, modified = "", 0, None
    try:
        state = path.stat()
        size, modified = state.st_size, datetime.fromtimestamp(state.st_mtime)
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        ret = matcher.match(open_book(path, passwords))
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
_passwords: tuple[str, ...] = ()


def _start(form: str, passwords: tuple[str, ...]) -> None:
    """Prepare a worker: its form, and its limit of memory where the system has one."""
    global _matcher, _passwords
    from xltools.declaration import load
    from xltools.layout import lay_out

    if sys.platform == "linux":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    _matcher, _passwords = Matcher(lay_out(load(form))), passwords


def _task(name: str, path: Path) -> Reading:
    assert _matcher is not None, "set by _start"
    reading = read(name, path, _matcher, _passwords)
    if reading.ret is not None and tuple(reading.ret.places) == _matcher.layout.addresses:
        # Most stand where the layout has them, which the parent knows: sending 200 addresses
        # with every return would cost a tenth of its time.
        return replace(reading, ret=replace(reading.ret, places=()))
    return reading


def read_all(
    files: Sequence[tuple[str, Path]],
    form: str,
    layout: Layout,
    *,
    workers: int = 1,
    passwords: tuple[str, ...] = (),
) -> Iterator[Reading]:
    """Read files (name, path) in worker processes; answers come in the same order.

    A file that takes too long or kills its worker is answered as such, tried twice in the
    latter case; the others lose nothing. ``form``: a name or path for ``declaration.load``,
    ``layout``: that of the form; ``passwords``: tried on workbooks that have one.
    """
    from pebble import ProcessPool

    context = multiprocessing.get_context("spawn")
    with ProcessPool(
        max_workers=workers, initializer=_start, initargs=[form, passwords], context=context
    ) as pool:
        try:
            tasks = [(f, pool.schedule(_task, args=list(f), timeout=SECONDS)) for f in files]
            for (name, path), first in tasks:
                answer = _answer(name, first)
                if answer is None:  # its worker died: once more, in a fresh one
                    again = pool.schedule(_task, args=[name, path], timeout=SECONDS)
                    answer = _answer(name, again)
                died = Reading(name=name, code="F-04", detail="读取程序异常终止")
                yield _placed(answer or died, layout)
        except BaseException:
            pool.stop()  # type: ignore[no-untyped-call]  # because pebble left its type out
            raise


def _placed(reading: Reading, layout: Layout) -> Reading:
    """A reading with the places that its worker did not send."""
    ret = reading.ret
    if ret is None or ret.places:
        return reading
    return replace(reading, ret=replace(ret, places=layout.addresses))


def _answer(name: str, task: "ProcessFuture[Reading]") -> Reading | None:
    """What a worker made of a file; None when the worker died over it."""
    from pebble import ProcessExpired

    try:
        return task.result()
    except TimeoutError:
        return Reading(name=name, code="F-04", detail=f"超过 {SECONDS} 秒")
    except ProcessExpired:
        return None
    except Exception as error:
        # A bug of ours, met in one file: it must not cost the others.
        told = f"程序出错（{type(error).__name__}: {str(error)[:80]}）"
        return Reading(name=name, code="F-04", detail=told)
