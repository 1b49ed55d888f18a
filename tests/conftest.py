from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Protocol, TypeVar

import pytest
from openpyxl.worksheet.merge import MergedCellRange

from support.client import Office, missing
from support.engines import Engine, Gnumeric, IronCalc
from support.forked import ForkedChild
from support.onlyoffice import OnlyOffice
from support.openxml import Validator
from support.programs import PROGRAMS, Program
from support.written import Convert
from xltools.cli import options
from xltools.forms import declaration
from xltools.inbox import processes, shelf, worker
from xltools.readers.documents import office as older
from xltools.settings.fields import SETTINGS

# On loading a workbook openpyxl draws the borders of all its merged cells anew, which takes three
# quarters of the time. No test looks at them.
for method in ("_get_borders", "format"):
    setattr(MergedCellRange, method, lambda self: None)

# A worker that starts anew takes 0.4 s of processor time, most of it for imports: those of the
# tests are forked from a process that has done them once. Tests of the workers themselves, and
# commands run in processes of their own, start them as users do.
if sys.platform == "linux":
    processes.starter = ForkedChild
    multiprocessing.set_forkserver_preload(
        ["xltools.match.matcher", "xltools.readers.workbook", worker.__name__, declaration.__name__]
    )


@pytest.fixture
def spawned(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers start as they do for users."""
    monkeypatch.setattr(processes, "starter", processes.start)


# The years of the tests, 2023 to 2025, are those around this day: for commands run in processes of
# their own too.
os.environ[options.TODAY_VARIABLE] = "2024-07-01"

# Every test reads its files anew, but for those of the cache, which have a folder of their own.
os.environ[SETTINGS["no_cache"].variable] = "1"
os.environ[shelf.FOLDER_VARIABLE] = os.devnull


class _Program(Protocol):
    def missing(self) -> str | None: ...


T = TypeVar("T", bound=_Program)


# Fixtures that start LibreOffice, and those that start other programs which are not ours.
_LIBREOFFICE = {"office", "soffice", "convert"}
_PROGRAMS = _LIBREOFFICE | {"engine", "gnumeric", "program", "validator"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that need a program which is not ours, and keep those of LibreOffice together.

    ``make check`` leaves out what is marked ``program``. With several workers, those tests of a
    module that use LibreOffice run in one worker: it starts the program once, with a profile, a
    port and files of its own, while other workers go on with other modules. The other programs are
    started for each job.
    """
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        if fixtures & _PROGRAMS:
            item.add_marker(pytest.mark.program)
        if fixtures & _LIBREOFFICE:
            module = item.nodeid.partition("::")[0]
            item.add_marker(pytest.mark.xdist_group(f"libreoffice: {module}"))


@pytest.fixture(scope="session")
def office() -> Iterator[Office]:
    """LibreOffice, one for the session; its absence skips, or fails where it is required."""
    if reason := missing():
        if os.environ.get("XLTOOLS_REQUIRE_OFFICE"):
            pytest.fail(f"XLTOOLS_REQUIRE_OFFICE is set, but {reason}", pytrace=False)
        pytest.skip(reason)
    with Office() as running:
        yield running


@pytest.fixture(scope="session")
def soffice() -> str:
    """The program that converts documents; its absence skips, or fails where it is required."""
    found = older.program()
    if not found:
        if os.environ.get("XLTOOLS_REQUIRE_OFFICE"):
            pytest.fail("XLTOOLS_REQUIRE_OFFICE is set, but there is no soffice", pytrace=False)
        pytest.skip("LibreOffice is missing")
    return found


@pytest.fixture(scope="session")
def convert(soffice: str, tmp_path_factory: pytest.TempPathFactory) -> Convert:
    """Word documents by name, as LibreOffice saves them in another format."""
    home = tmp_path_factory.mktemp("office")

    def run(files: dict[str, bytes], to: str) -> dict[str, bytes]:
        folder = home / f"{len(list(home.iterdir()))}"
        folder.mkdir()
        for name, data in files.items():
            (folder / f"{name}.docx").write_bytes(data)
        command = [
            soffice, "--headless", f"-env:UserInstallation={(home / 'profile').as_uri()}",
            "--convert-to", to, "--outdir", str(folder), *map(str, sorted(folder.iterdir())),
        ]  # fmt: skip
        subprocess.run(command, check=True, capture_output=True, timeout=200)
        suffix = to.partition(":")[0]
        return {name: (folder / f"{name}.{suffix}").read_bytes() for name in files}

    return run


@pytest.fixture(scope="session", params=[OnlyOffice, IronCalc], ids=lambda kind: kind.name)
def engine(request: pytest.FixtureRequest) -> Engine:
    """An engine of Excel's rules; its absence skips, or fails where it is required."""
    engine: Engine = request.param()
    return _there(engine)


@pytest.fixture(scope="session")
def gnumeric() -> Gnumeric:
    """Gnumeric, which computes what is there; its absence skips, or fails where it is required."""
    return _there(Gnumeric())


@pytest.fixture(scope="session", params=PROGRAMS, ids=lambda program: program.name)
def program(request: pytest.FixtureRequest) -> Program:
    """A program that saves returns; its absence skips, or fails where it is required."""
    program: Program = request.param
    return _there(program)


@pytest.fixture(scope="session")
def validator() -> Validator:
    """The judge of what we write; its absence skips, or fails where it is required."""
    return _there(Validator())


def _there(engine: T) -> T:
    if reason := engine.missing():
        if os.environ.get("XLTOOLS_REQUIRE_ENGINES"):
            pytest.fail(f"XLTOOLS_REQUIRE_ENGINES is set, but {reason}", pytrace=False)
        pytest.skip(reason)
    return engine
