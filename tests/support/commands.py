"""The command line, run in the process of the tests or in one of its own.

A new process costs about half a second of processor time before it does anything. Therefore
``xltools`` runs the command here, from the arguments to the exit status. ``process`` starts the
installed program; it serves tests of what only a process has: its console's encoding, the streams
it was given, its start.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path
from unittest import mock

from xltools.cli import app

PROGRAM = Path(sys.executable).with_name("xltools")
_ENVIRONMENT = {"PYTHONUTF8": "1", "COLUMNS": "80"}


def xltools(*words: object, cwd: Path) -> subprocess.CompletedProcess[bytes]:
    """Run a command in this process, in the folder ``cwd``; give its status and what it printed.

    The answer is that of a process, with standard output and standard error in UTF-8. An error
    that the command does not turn into a message is raised here.
    """
    arguments = ["xltools", *map(str, words)]
    output, errors = (io.TextIOWrapper(io.BytesIO(), "utf-8", newline="\n") for _ in range(2))
    with (
        chdir(cwd),
        mock.patch.object(sys, "argv", arguments),
        mock.patch.dict(os.environ, _ENVIRONMENT),
        redirect_stdout(output),
        redirect_stderr(errors),
    ):
        status = app.run()
    return subprocess.CompletedProcess(arguments, status, _bytes(output), _bytes(errors))


def _bytes(stream: io.TextIOWrapper) -> bytes:
    stream.flush()
    assert isinstance(stream.buffer, io.BytesIO)
    return stream.buffer.getvalue()


def process(*words: object, cwd: Path, **env: str) -> subprocess.CompletedProcess[bytes]:
    """Run the installed program in the folder ``cwd``, with ``env`` added to its environment."""
    done = subprocess.run(
        [PROGRAM, *map(str, words)],
        cwd=cwd,
        capture_output=True,
        env={**os.environ, **_ENVIRONMENT, **env},
        check=False,
    )
    assert b"Traceback" not in done.stderr, done.stderr.decode()
    return done


def text(done: subprocess.CompletedProcess[bytes]) -> str:
    return (done.stdout + done.stderr).decode()


def roster(path: Path, *names: str) -> Path:
    path.write_text("\n".join(("单位名称", *names)), "utf-8")
    return path
