"""ONLYOFFICE as the tests use it: the engine of the real program, many jobs to a start.

PyPI's document-builder brings it (Linux x86-64). It is under the AGPL: a separate program of the
tests, kept in an environment of its own (`make .venv-engines`), never imported by the product nor
shipped with it.

It writes to locked cells and skips data validation: for these, LibreOffice is asked (`client.py`).
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from pathlib import Path
from typing import Final

from support.engines import EngineError, Job

_ROOT: Final = Path(__file__).parent.parent.parent
_START: Final = 50  # workbooks to a start of the program
_PROCESSORS: Final = os.cpu_count() or 1


class OnlyOffice:
    """The engine; started for each batch of jobs, as it keeps nothing between them."""

    name = "ONLYOFFICE"

    def missing(self) -> str | None:
        found = _folder()
        return None if found else "ONLYOFFICE is missing (make .venv-engines, or set DOCBUILDER)"

    def run(self, jobs: Sequence[Job]) -> None:
        """Type, calculate and save as the suffixes say. Raises EngineError for what was not saved.

        Jobs in a row with one source are done in one opening, which costs more than all the rest:
        a cell that an earlier one typed into and the next one does not is cleared.
        """
        openings = [list(group) for _, group in groupby(jobs, key=lambda job: job.source)]
        size = max(1, min(_START, -(-len(openings) // _PROCESSORS)))
        batches = [openings[first : first + size] for first in range(0, len(openings), size)]
        with ThreadPoolExecutor(_PROCESSORS) as workers:
            for _ in workers.map(_run, batches):
                pass

    def render(
        self, source: Path, folder: Path, sheets: Sequence[str], dpi: int = 90
    ) -> list[Path]:
        """Draw the pages of some sheets, each a PNG named by its sheet and page. A sheet is drawn
        as it is printed.
        """
        folder.mkdir(parents=True, exist_ok=True)
        pages = []
        for sheet in sheets:
            paper = folder / f"{sheet}.pdf"
            said = _script(_lines([Job(source=source, target=paper)], sheet))
            if not paper.exists():
                raise EngineError(f"ONLYOFFICE did not draw {sheet}: {said}")
            pictures = folder / sheet
            subprocess.run(["pdftoppm", "-r", str(dpi), "-png", paper, pictures], check=True)
            pages += sorted(folder.glob(f"{sheet}-*.png"))
        return pages


def _run(openings: Sequence[Sequence[Job]]) -> None:
    for job in (job for opening in openings for job in opening):
        job.target.unlink(missing_ok=True)
    # The program ends early now and then, on a busy machine: what it left is tried once more.
    for last in (False, True):
        said = _script([line for opening in openings for line in _lines(opening)])
        openings = [[job for job in own if not job.target.exists()] for own in openings]
        openings = [own for own in openings if own]
        if not openings:
            return
        if last:
            lost = "、".join(job.target.name for own in openings for job in own)
            raise EngineError(f"ONLYOFFICE did not save {lost}: {said}")


def _folder() -> Path | None:
    """The folder of the program, where it is."""
    if given := os.environ.get("DOCBUILDER"):
        return Path(given)
    places = _ROOT.glob(".venv-engines/lib/python3*/site-packages/docbuilder/lib")
    return next((place for place in places if (place / "docbuilder").exists()), None)


def _lines(opening: Sequence[Job], sheet: str = "") -> list[str]:
    """The lines of a script for jobs with one source; a line is run as a whole, or not at all."""
    lines = [f'builder.OpenFile({_quote(opening[0].source.resolve())}, "");']
    typed: set[str] = set()
    for job in opening:
        cells = dict.fromkeys(sorted(typed - job.cells.keys()), "") | dict(job.cells)
        for place, text in cells.items():
            name, _, address = place.rpartition("!")
            cell = f"Api.GetSheet({_quote(name)}).GetRange({_quote(address)})"
            lines.append(f"{cell}.SetValue({_quote(text)});")
        typed |= job.cells.keys()
        if not job.cells:  # else all that rests on what was typed is calculated, as for people
            lines.append("Api.RecalculateAllFormulas(function(){});")
        if sheet:
            lines.append(f"Api.GetSheet({_quote(sheet)}).SetActive();")
        kind = job.target.suffix.removeprefix(".")
        lines.append(f"builder.SaveFile({_quote(kind)}, {_quote(job.target.resolve())});")
    return [*lines, "builder.CloseFile();"]


def _quote(text: str | Path) -> str:
    return json.dumps(str(text), ensure_ascii=False)


def _script(lines: Sequence[str]) -> str:
    """Run a script; what the program said, which is not always about a failure."""
    folder = _folder()
    assert folder is not None, "missing() tells"
    with tempfile.TemporaryDirectory() as work:
        script = Path(work) / "jobs.docbuilder"
        script.write_text("\n".join(lines), "utf-8")
        done = subprocess.run(
            [folder / "docbuilder", script],
            cwd=folder,
            env={**os.environ, "LD_LIBRARY_PATH": str(folder)},
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            timeout=600,
        )
    return f"{done.stderr.strip()[-500:]} (status {done.returncode})"
