"""Commands run and measured, one at a time."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks import ROOT

OURS: Final = ROOT / "benchmarks" / "ours"
OTHERS: Final = ROOT / "benchmarks" / "others"


class RunError(Exception):
    """A command that failed; its errors are in the message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What a command cost: seconds on the clock; seconds of processor time of all its processes;
    the most memory that any of its processes took, in MB; and what it printed.
    """

    wall: float
    processor: float
    memory: float
    printed: str


def xltools(*arguments: str | Path) -> list[str]:
    """The command line of xltools."""
    script = Path(sys.executable).with_name("xltools")
    start = [str(script)] if script.exists() else [sys.executable, "-m", "xltools"]
    return start + [str(argument) for argument in arguments]


def python(script: Path, *arguments: str | Path | int) -> list[str]:
    return [sys.executable, str(script), *(str(argument) for argument in arguments)]


def run(command: Sequence[str], *, statuses: Sequence[int] = (0,)) -> Run:
    """Run a command with an empty cache of its own. Raises RunError unless its exit status is one
    of ``statuses``.
    """
    with tempfile.TemporaryDirectory() as cache, tempfile.TemporaryFile() as out:
        path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
        environment = os.environ | {"XDG_CACHE_HOME": cache, "PYTHONPATH": path}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)  # modules are compiled once
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=out, stderr=out, env=environment)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        printed = out.read().decode("utf-8", "replace")
    if process.returncode not in statuses:
        raise RunError(f"{' '.join(command)}: status {process.returncode}\n{printed[-2000:]}")
    # Of a process that has waited for its workers, the system counts theirs with it.
    return Run(
        wall=wall,
        processor=usage.ru_utime + usage.ru_stime,
        memory=usage.ru_maxrss / 1024,
        printed=printed,
    )
