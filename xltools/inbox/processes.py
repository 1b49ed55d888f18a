"""Python processes that call functions for this one, and may be ended at any moment.

Each is a new Python, with nothing of this process, which may have threads and be large. It needs
neither `multiprocessing`, whose import takes longer than the start of Python, nor the program's
main module. Requests and answers are pickles, sent through its standard input and output.
"""

import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from queue import SimpleQueue
from typing import IO, TYPE_CHECKING, Any, Final, NamedTuple, Protocol

if TYPE_CHECKING:
    from concurrent.futures import Future

# Nothing of the package is imported here: a command starts a process before all else.

MOST_WORKERS: Final = 64
"""The greatest number of worker processes that may be asked for."""

_CODE: Final = "import sys; sys.path[:] = {}; from xltools.inbox.worker import serve; serve()"


class Child(Protocol):
    """A process that was started, and the two ends of its pipes that this one holds."""

    pid: int
    stdin: IO[bytes] | None
    stdout: IO[bytes] | None

    def kill(self) -> None:
        """End it at once."""

    def wait(self) -> int:
        """Wait until it has ended."""


def start() -> Child:
    """Start a process that serves this one: see `xltools.inbox.worker.serve`. Raises OSError."""
    program, environment = sys.executable, None
    if sys.platform == "win32":
        # The Python of a virtual environment only starts another one, whose memory nobody watches.
        program = getattr(sys, "_base_executable", program)
        environment = os.environ | {"__PYVENV_LAUNCHER__": sys.executable}
    flags = ["-X", "utf8"] if sys.flags.utf8_mode else []
    return subprocess.Popen(
        [program, *flags, "-c", _CODE.format(list(map(str, sys.path)))],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )


starter: Callable[[], Child] = start
"""How processes are started. Tests fork theirs from one that has done all imports."""


class EndedError(Exception):
    """A process has ended while it was at work. ``pid``: its number."""

    def __init__(self, pid: int) -> None:
        super().__init__(pid)
        self.pid = pid


class Server:
    """A process that calls functions, one at a time; OSError where it cannot start. ``usable``:
    whether it has not been ended.
    """

    def __init__(self) -> None:
        self._child = starter()
        self.usable = True

    def call(self, work: Callable[..., Any], args: Sequence[object], seconds: float | None) -> Any:
        """Call ``work`` in the process, and return what it returns or raise what it raises. After
        ``seconds`` (None: never) the process is ended. Raises TimeoutError then, and EndedError
        where it ends for another reason.
        """
        request = pickle.dumps((work, args), protocol=5)
        child, expired = self._child, threading.Event()
        assert child.stdin is not None and child.stdout is not None

        def end() -> None:
            expired.set()
            self.kill()

        timer = None if seconds is None else threading.Timer(seconds, end)
        if timer is not None:
            timer.daemon = True
            timer.start()
        try:
            child.stdin.write(request)
            child.stdin.flush()
            answer, error = pickle.load(child.stdout)
        except (EOFError, OSError, ValueError, pickle.UnpicklingError):  # it has ended
            self.kill()
            if expired.is_set():
                raise TimeoutError from None
            raise EndedError(child.pid) from None
        finally:
            if timer is not None:
                timer.cancel()
        if error is not None:
            raise error
        return answer

    def kill(self) -> None:
        """End the process at once, whatever it is doing."""
        self.usable = False
        self._child.kill()

    def close(self) -> None:
        """End the process, wait until it has ended, and close its pipes."""
        self.kill()
        self._child.wait()
        for pipe in (self._child.stdin, self._child.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()


_ahead: list[Server] = []


def start_ahead() -> None:
    """Start a process before there is work for it, as it takes long to start. The first
    `ServerPool` that needs one takes it.
    """
    with suppress(OSError):
        _ahead.append(Server())


class _Task(NamedTuple):
    """Work to be done, and where its result goes. ``seconds``: see `Server.call`."""

    future: "Future[Any]"
    work: Callable[..., Any]
    args: Sequence[object]
    seconds: float | None


class ServerPool:
    """Processes that work side by side. They are started when there is work for them, and anew
    after one has ended.

    ``count``: how many; ``prepare`` and ``args``: what each calls first. May be used by several
    threads.
    """

    def __init__(self, count: int, prepare: Callable[..., None], args: Sequence[object]) -> None:
        self._count, self._prepare, self._args = count, prepare, args
        self._tasks: SimpleQueue[_Task | None] = SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._servers: set[Server] = set()
        self._lock = threading.Lock()
        self._stopped = False

    def schedule(
        self, work: Callable[..., Any], *, args: Sequence[object], timeout: float | None = None
    ) -> "Future[Any]":
        """Have a function called in one of the processes, when one is free. Returns its future;
        for its exceptions see `Server.call`, and WorkerError where no process can start.
        """
        from concurrent.futures import Future

        future: Future[Any] = Future()
        self._tasks.put(_Task(future, work, args, timeout))
        with self._lock:
            if len(self._threads) < self._count and not self._stopped:
                self._threads.append(threading.Thread(target=self._work, daemon=True))
                self._threads[-1].start()
        return future

    def stop(self) -> None:
        """End all processes at once; what they were working on is lost."""
        with self._lock:
            self._stopped = True
            servers = list(self._servers)
        for server in servers:
            server.kill()
        for _ in self._threads:
            self._tasks.put(None)
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        """Do one task after the other with a process of its own. Runs in a thread."""
        server: Server | None = None
        while (task := self._tasks.get()) is not None and not self._stopped:
            try:
                if server is None or not server.usable:
                    server = self._another(server)
                answer = server.call(task.work, task.args, task.seconds)
            except BaseException as error:
                task.future.set_exception(error)
            else:
                task.future.set_result(answer)
        if server is not None:
            server.close()

    def _another(self, former: Server | None) -> Server:
        """A new process that is prepared, in place of one that has ended. Raises WorkerError where
        it cannot start, or ends before it is.
        """
        from xltools.model.errors import WorkerError

        if former is not None:
            former.close()
        try:
            with self._lock:
                if self._stopped:
                    raise WorkerError
                self._servers -= {former}
                server = _ahead.pop() if _ahead else Server()
                self._servers.add(server)
            server.call(self._prepare, self._args, None)
        except (EndedError, OSError):
            raise WorkerError from None
        return server
