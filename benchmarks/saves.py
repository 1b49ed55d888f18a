"""True saves: the templates of 100 units filled in and saved by LibreOffice, openpyxl, ONLYOFFICE.

They are made once and kept in ``build/benchmark``; the three programs need some minutes for them.
"""

import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final

from benchmarks import ROOT
from benchmarks.returns import LAYOUT, YEAR, filled, typed, unit
from xltools.template.build import build
from xltools.template.opening import Subject

SAVES: Final = 100
"""How many saves of each program there are."""

FOLDER: Final = ROOT / "build" / "benchmark"
PASSWORD: Final = "benchmark"

Cells = dict[str, str | int | float]
Task = tuple[Path, Path, Cells]  # the blank template, where to save it, what is typed into it


def template(number: int) -> bytes:
    """The blank template of a unit, as the generator makes it."""
    whose = unit(number)
    subject = Subject(year=YEAR, unit=whose.name, code=whose.code, category=whose.category or "")
    return build(LAYOUT, subject, PASSWORD)


def _libreoffice(tasks: Sequence[Task]) -> None:
    from support.client import Office

    with Office() as office:
        for blank, target, cells in tasks:
            result = office.fill(blank, target, cells, paste=True)
            assert not result.refused, result.refused


def _openpyxl(tasks: Sequence[Task]) -> None:
    from openpyxl import load_workbook

    from xltools.model.identity import DATE
    from xltools.template.draft import field_cell

    for blank, target, cells in tasks:
        book = load_workbook(blank)
        for place, value in cells.items():
            sheet, _, address = place.rpartition("!")
            day = place == str(field_cell(DATE))
            book[sheet][address] = datetime.fromisoformat(str(value)) if day else value
        book.save(target)


def _onlyoffice(tasks: Sequence[Task]) -> None:
    from support.engines import Job
    from support.onlyoffice import OnlyOffice

    engine = OnlyOffice()
    if missing := engine.missing():
        sys.exit(missing)
    jobs = [
        Job(source=blank, target=target, cells={place: str(v) for place, v in cells.items()})
        for blank, target, cells in tasks
    ]
    for first in range(0, len(jobs), 20):
        engine.run(jobs[first : first + 20])


WRITERS: Final[dict[str, Callable[[Sequence[Task]], None]]] = {
    "LibreOffice": _libreoffice,
    "openpyxl": _openpyxl,
    "ONLYOFFICE": _onlyoffice,
}


@cache
def saves() -> Path:
    """The folder of the saves: another one for another template, or other returns."""
    digest = sha256(template(0))
    for pattern in range(SAVES):
        digest.update(repr(typed(filled(number_of("LibreOffice", pattern), pattern))).encode())
    return FOLDER / f"saves-{digest.hexdigest()[:10]}"


def save_of(writer: str, pattern: int) -> Path:
    return saves() / writer / f"{pattern:03}.xlsx"


def number_of(writer: str, pattern: int) -> int:
    """The number of the return that a save holds; no two saves hold the same one."""
    return 10**7 + list(WRITERS).index(writer) * SAVES + pattern


def make_saves(writers: Sequence[str] = tuple(WRITERS), count: int = SAVES) -> None:
    """Make the saves that are not there yet."""
    for writer in writers:
        (saves() / writer).mkdir(parents=True, exist_ok=True)
        patterns = [p for p in range(count) if not save_of(writer, p).exists()]
        for first in range(0, len(patterns), 20):
            tasks: list[Task] = []
            for pattern in patterns[first : first + 20]:
                number = number_of(writer, pattern)
                target = save_of(writer, pattern)
                blank = target.with_name(f"{target.stem}-blank.xlsx")
                blank.write_bytes(template(number))
                partial = target.with_name(f"{target.stem}-partial.xlsx")
                tasks.append((blank, partial, typed(filled(number, pattern))))
            WRITERS[writer](tasks)
            for blank, partial, _ in tasks:
                blank.unlink()
                partial.rename(partial.with_name(partial.name.replace("-partial", "")))
            print(f"{writer}: {first + len(tasks)} of {len(patterns)} saved", file=sys.stderr)


if __name__ == "__main__":
    make_saves()
