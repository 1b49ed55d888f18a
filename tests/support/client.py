"""LibreOffice as the tests use it: one process for a session, and typed answers.

LibreOffice's bindings live in the system's Python, not in the environment of the tests. So
`office.py` runs as a program of its own, fed with one job a line.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

PROGRAM = Path(__file__).with_name("office.py")


class OfficeError(Exception):
    """A job that LibreOffice could not do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """What LibreOffice refused: `place` is "Sheet!C5", or the operation as it was given."""

    place: str
    value: str | None
    why: str  # "locked", "validation", "protected" or "wrong password"
    message: str | None  # of the data validation


@dataclass(frozen=True, slots=True, kw_only=True)
class FillResult:
    """The workbook that was saved, how many cells were filled, and what was refused."""

    out: Path
    done: int
    refused: tuple[Refusal, ...]
    shown: SheetDump | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CellDump:
    """A cell that is not empty: `value` is what it holds, `text` what it shows."""

    value: float | str | None  # None: LibreOffice gives no value for an error
    text: str
    formula: str | None
    error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetDump:
    """A sheet with its cells by address ("C5"), row by row."""

    name: str
    visible: bool
    protected: bool
    cells: Mapping[str, CellDump]


def missing() -> str | None:
    """Why LibreOffice cannot be used here, or None when it can."""
    if os.name != "posix":
        return "the LibreOffice client needs POSIX processes"
    if not shutil.which(os.environ.get("SOFFICE") or "soffice"):
        return "LibreOffice is missing: no soffice (Debian: libreoffice-calc-nogui)"
    if not shutil.which("pdftoppm"):
        return "pdftoppm is missing (Debian: poppler-utils)"
    probe = subprocess.run(
        [sys.executable, PROGRAM, "--help"], capture_output=True, text=True, check=False
    )
    return None if probe.returncode == 0 else probe.stderr.strip()


class Office:
    """One LibreOffice for many jobs; a context manager.

    Formulas are calculated anew on loading and after filling, unless `recalc` is false: then only
    those that depend on a filled cell are, as when a person opens the file and types.
    """

    def __enter__(self) -> Self:
        # A file, since a pipe that nobody reads would fill up and stop the program.
        self._errors = tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            [sys.executable, PROGRAM, "batch"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            encoding="utf-8",
            env={**os.environ, "PYTHONUTF8": "1"},
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            self._process.communicate(timeout=30)  # the end of its input ends it
        except subprocess.TimeoutExpired:
            self._process.terminate()  # it ends its soffice, unlike when killed
            self._process.communicate(timeout=30)
        finally:
            self._errors.close()

    def fill(
        self,
        src: Path,
        out: Path,
        cells: Mapping[str, str | int | float],
        *,
        paste: bool = False,
        do: Iterable[str] = (),
        recalc: bool = True,
        read: tuple[str, str] | None = None,
    ) -> FillResult:
        """Type into cells ("Sheet!C5"), as a person would, and save as `out`.

        "" clears a cell, "=.." is a formula. `paste` skips data validation, as pasting does. `do`
        changes the structure first: "unprotect S [PW]", "insert-rows S ROW [N]",
        "delete-rows S ROW [N]", "rename S NEW", "remove S", "show S". `read`: a sheet and an area
        of it to look at before it is saved.
        """
        answer = self._run(
            {
                "cmd": "fill",
                "in": str(src),
                "out": str(out),
                "set": dict(cells),
                "paste": paste,
                "do": list(do),
                "recalc": recalc,
                **({"read": {"sheet": read[0], "range": read[1]}} if read else {}),
            }
        )
        refused = tuple(
            Refusal(
                place=item["cell"] if "cell" in item else item["do"],
                value=item.get("value"),
                why=item["why"],
                message=item.get("message"),
            )
            for item in answer["refused"]
        )
        shown = _sheets(answer)[0] if read else None
        return FillResult(
            out=Path(answer["out"]), done=answer["done"], refused=refused, shown=shown
        )

    def dump(
        self, src: Path, *, recalc: bool = True, sheet: str | None = None, area: str | None = None
    ) -> list[SheetDump]:
        """Every sheet, or one, or an area of it ("A1:K40"), with the cells that are not empty."""
        job: dict[str, object] = {"cmd": "dump", "in": str(src), "recalc": recalc}
        job.update({"sheet": sheet} if sheet else {}, **({"range": area} if area else {}))
        return _sheets(self._run(job))

    def convert(
        self,
        src: Path,
        out: Path,
        *,
        recalc: bool = True,
        password: str | None = None,
        options: str | None = None,
    ) -> Path:
        """Save in the format that the suffix of `out` names (xlsx xls et ods fods html csv pdf, of
        a text document doc docx odt), behind a password if one is given. `options`: of
        LibreOffice's filter."""
        job: dict[str, object] = {"cmd": "convert", "in": str(src), "out": str(out)}
        job.update({"options": options} if options else {})
        answer = self._run({**job, "recalc": recalc, "out_password": password})
        return Path(answer["out"])

    def render(self, src: Path, outdir: Path, dpi: int = 90) -> list[Path]:
        """Draw each printed page, as a PNG named by its number and sheet ("01-Sheet.png")."""
        answer = self._run({"cmd": "render", "in": str(src), "out": str(outdir), "dpi": dpi})
        return [Path(page) for page in answer["pages"]]

    def _run(self, job: dict[str, object]) -> dict[str, Any]:
        """Send one job and wait for its answer, which office.py gives or times out."""
        what = f"{job['cmd']} {job['in']}"
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(json.dumps(job) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            status = self._process.wait(timeout=30)
            self._errors.seek(0)
            text = self._errors.read().decode("utf-8", "replace").strip()
            raise OfficeError(f"{what}: office.py ended with status {status}: {text}")
        answer: dict[str, Any] = json.loads(line)
        if not answer["ok"]:
            raise OfficeError(f"{what}: {answer['error']}")
        return answer


def _sheets(answer: Mapping[str, Any]) -> list[SheetDump]:
    return [
        SheetDump(
            name=sheet["sheet"],
            visible=sheet["visible"],
            protected=sheet["protected"],
            cells={
                address: CellDump(
                    value=cell["value"],
                    text=cell["text"],
                    formula=cell.get("formula"),
                    error=cell.get("error"),
                )
                for address, cell in sheet["cells"].items()
            },
        )
        for sheet in answer["sheets"]
    ]
