"""Spreadsheet engines that order values as Excel does: number < text < logical.

LibreOffice takes a logical for a number, so what holds there may not hold in Excel. Two engines
compute everything once more. ONLYOFFICE is a program that offices use; its driver is
`onlyoffice.py`. IronCalc is a library of its own making (MIT or Apache-2.0), runs wherever the
tests do, and is strict: what it refuses, an old or a small program may refuse too. It is chosen
before Gnumeric, which cannot be typed into, and HyperFormula, which reads no workbooks. Gnumeric
computes some workbooks as they are, where it is installed.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol


class EngineError(Exception):
    """A job that an engine could not do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A workbook to open, what to type into it ("Sheet!C5"; "" clears), and where to save it."""

    source: Path
    target: Path
    cells: Mapping[str, str] = field(default_factory=dict)


class Engine(Protocol):
    """A program that types, calculates everything and saves as .xlsx."""

    name: str

    def missing(self) -> str | None:
        """Why it cannot be used here, or None when it can."""

    def run(self, jobs: Sequence[Job]) -> None:
        """Do many jobs. Raises EngineError for what was not saved."""


class IronCalc:
    """The library of that name, in this process."""

    name = "IronCalc"

    def missing(self) -> str | None:
        found = importlib.util.find_spec("ironcalc")
        return None if found else "IronCalc is missing (pip install ironcalc)"

    def run(self, jobs: Sequence[Job]) -> None:
        import ironcalc

        for job in jobs:
            model = ironcalc.load_from_xlsx(str(job.source), "en", "UTC", "en")
            sheets = [sheet["name"] for sheet in model.get_worksheets_properties()]
            for place, text in job.cells.items():
                name, _, address = place.rpartition("!")
                letters = address.rstrip("0123456789")
                row, column = int(address[len(letters) :]), 0
                for letter in letters:
                    column = 26 * column + ord(letter) - 64
                model.set_user_input(sheets.index(name), row, column, text)
            model.evaluate()
            job.target.unlink(missing_ok=True)  # it overwrites nothing
            model.save_to_xlsx(str(job.target))


class Gnumeric:
    """Its converter, which calculates anew and types nothing."""

    name = "Gnumeric"

    def missing(self) -> str | None:
        found = shutil.which(os.environ.get("SSCONVERT") or "ssconvert")
        return None if found else "Gnumeric is missing: no ssconvert (Debian: gnumeric)"

    def run(self, jobs: Sequence[Job]) -> None:
        for job in jobs:
            assert not job.cells, "ssconvert types nothing"
            program = os.environ.get("SSCONVERT") or "ssconvert"
            done = subprocess.run(
                [program, "--recalc", str(job.source), str(job.target)],
                capture_output=True,
                text=True,
                check=False,
                timeout=120,
            )
            if done.returncode:
                raise EngineError(f"{job.source}: {done.stderr.strip()}")
