"""The command line as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

PROGRAM = Path(sys.executable).with_name("xltools")


def xltools(*words: object, cwd: Path, **env: str) -> subprocess.CompletedProcess[bytes]:
    done = subprocess.run(
        [PROGRAM, *map(str, words)],
        cwd=cwd,
        capture_output=True,
        env={**os.environ, "PYTHONUTF8": "1", "COLUMNS": "80", **env},
        check=False,
    )
    assert b"Traceback" not in done.stderr, done.stderr.decode()
    return done


def text(done: subprocess.CompletedProcess[bytes]) -> str:
    return (done.stdout + done.stderr).decode()


def roster(path: Path, *names: str) -> Path:
    path.write_text("\n".join(("单位名称", *names)), "utf-8")
    return path
