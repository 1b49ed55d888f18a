"""Processes that read, forked from one that has done all imports: a tenth of the cost of a new
Python. Commands run in processes of their own, and tests of the workers themselves, do without.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from multiprocessing.connection import Connection
from typing import IO

from xltools.inbox import worker


class ForkedChild:
    """A `xltools.inbox.processes.Child` that was forked."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("forkserver")
        ours, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()
        self.pid = self._process.pid or 0
        self.stdin: IO[bytes] | None = os.fdopen(os.dup(ours.fileno()), "wb")
        self.stdout: IO[bytes] | None = os.fdopen(os.dup(ours.fileno()), "rb")
        ours.close()

    def kill(self) -> None:
        self._process.kill()

    def wait(self) -> int:
        self._process.join()
        return self._process.exitcode or 0


def _serve(connection: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    number = connection.fileno()
    worker.serve_through(os.fdopen(os.dup(number), "rb"), os.fdopen(os.dup(number), "wb"))
