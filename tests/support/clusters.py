"""A Dask cluster on the loopback: a scheduler and workers of one thread, each a process."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from support.stores import free_port

DASK = Path(sys.executable).with_name("dask")


@dataclass(slots=True, kw_only=True)
class Machines:
    """A running cluster. ``home``: where its logs are; ``workers``: the processes that read."""

    home: Path
    scheduler: str
    environment: Mapping[str, str]
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def add(self, *options: str, nanny: bool = False, **changes: str) -> subprocess.Popen[bytes]:
        """Start a worker, with ``changes`` to its environment, and wait until it is there."""
        name = f"w{len(self.workers)}-{time.monotonic_ns()}"
        command = [
            *(str(DASK), "worker", self.scheduler, "--nthreads", "1", "--no-dashboard"),
            *(() if nanny else ("--no-nanny",)),
            *("--local-directory", str(self.home / name), "--name", name, *options),
        ]
        worker = self._start(name, command, changes)
        self.workers.append(worker)
        log = self.home / f"{name}.log"
        for _ in range(600):
            if "Registered to" in log.read_text("utf-8"):
                return worker
            assert worker.poll() is None, log.read_text("utf-8")
            time.sleep(0.1)
        raise AssertionError(log.read_text("utf-8"))

    def end(self, worker: subprocess.Popen[bytes], how: int = signal.SIGTERM) -> None:
        """End a worker with all that it has started."""
        self.workers.remove(worker)
        worker.send_signal(how)
        worker.wait(120)

    def logs(self) -> str:
        """All that the cluster has logged."""
        return "\n".join(path.read_text("utf-8") for path in self.home.glob("*.log"))

    def _start(
        self, name: str, command: list[str], changes: Mapping[str, str]
    ) -> subprocess.Popen[bytes]:
        with (self.home / f"{name}.log").open("wb") as log:
            return subprocess.Popen(
                command,
                stdout=log,
                stderr=log,
                env={**os.environ, "PYTHONUTF8": "1", **self.environment, **changes},
            )


@contextmanager
def cluster(home: Path, environment: Mapping[str, str], *options: str) -> Iterator[Machines]:
    """A scheduler without workers, whose processes have ``environment``."""
    home.mkdir(parents=True)
    port = free_port()
    protocol = "tls" if options else "tcp"
    machines = Machines(
        home=home, scheduler=f"{protocol}://127.0.0.1:{port}", environment=environment
    )
    command = [
        *(str(DASK), "scheduler", "--host", f"{protocol}://127.0.0.1", "--port", str(port)),
        *("--no-dashboard", *options),
    ]
    scheduler = machines._start("scheduler", command, {})
    try:
        for _ in range(600):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield machines
    finally:
        for process in (*machines.workers, scheduler):
            for child in psutil.Process(process.pid).children(recursive=True):
                child.kill()
            process.kill()
            process.wait(60)
