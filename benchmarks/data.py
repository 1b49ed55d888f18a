"""Make the returns of a district: ``python -m benchmarks.data FOLDER COUNT [--mode MODE]``.

FOLDER gets ``inbox/`` with COUNT returns, ``roster.xlsx``, and ``expected.json`` with what collect
should make of them: how many are merged, which findings there are, and the sum of every figure.
The programs that saved them (LibreOffice, openpyxl, ONLYOFFICE) take turns.

The returns themselves lie in ``build/benchmark``; FOLDER has links to them. What is there already
is not made again.
"""

import argparse
import json
import multiprocessing
import os
import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Final

from benchmarks.copies import VERSION, Mould, Value, restyled, values_of
from benchmarks.returns import FORM, MISTAKE, FilledReturn, filled, roster, unit
from benchmarks.saves import SAVES, WRITERS, make_saves, number_of, save_of, saves
from xltools.model.evaluate import with_totals
from xltools.model.numbers import Number, stored, tidy

MODES: Final = ("full", "blank", "unknown")
"""All cells filled in; a third of them blank, at random; each file with a structure of its own."""

BLANKS: Final = 1 / 3
PERIOD: Final = 40 * SAVES * len(WRITERS)
"""So many returns differ in all; a later one has the figures and texts of an earlier one, and a
unit of its own.
"""


def source(number: int) -> tuple[str, int]:
    """The program whose save is copied for a return, and the number of the save."""
    writers = list(WRITERS)
    return writers[number % len(writers)], number // len(writers) % SAVES


def returned(number: int, mode: str) -> FilledReturn:
    """What return ``number`` says."""
    _, pattern = source(number)
    first = filled(number % PERIOD, pattern, blanks=BLANKS if mode == "blank" else 0)
    return replace(first, unit=unit(number))


def pool(mode: str) -> Path:
    """The folder of the returns, named by number."""
    return saves() / f"{mode}-{VERSION}"


def made(number: int, mode: str) -> Path:
    return pool(mode) / f"{number // 1000:03}" / f"{number:06}.xlsx"


@lru_cache(maxsize=2)
def mould(writer: str, pattern: int) -> Mould:
    number = number_of(writer, pattern)
    return Mould(save_of(writer, pattern), writer, filled(number, pattern))


def write(numbers: Sequence[int], mode: str) -> None:
    """Write returns into the pool that differ in nothing but the unit."""
    if mode == "unknown":
        for number in numbers:
            _put(made(number, mode), restyled(made(number, "full"), number))
        return
    values: dict[tuple[str, str], Value] = {}
    before = unit(0)
    for number in numbers:
        content = returned(number, mode)
        if not values:
            values = values_of(content)
        else:
            names = {before.name: content.unit.name, before.code: content.unit.code}
            names |= {f"填报单位：{old}": f"填报单位：{new}" for old, new in names.items()}
            values = {k: names.get(v, v) if isinstance(v, str) else v for k, v in values.items()}
        before = content.unit
        _put(made(number, mode), mould(*source(number)).copy(content, values))


def _put(path: Path, data: bytes) -> None:
    """Write a file that is there only once it is whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    partial.write_bytes(data)
    partial.rename(path)


def _task(task: tuple[Sequence[int], str]) -> None:
    numbers, mode = task
    write([number for number in numbers if not made(number, mode).exists()], mode)


def fill_pool(count: int, mode: str, processes: int = 0) -> None:
    """Make the first ``count`` returns of a mode. ``processes``: 0 for as many as cores."""
    if mode == "unknown":
        fill_pool(count, "full", processes)
    make_saves()
    tasks = [(range(first, count, PERIOD), mode) for first in range(min(count, PERIOD))]
    tasks = [task for task in tasks if not all(made(number, mode).exists() for number in task[0])]
    if not tasks:
        return
    tasks.sort(key=lambda task: source(task[0][0]))  # those of one save together: see `mould`
    with multiprocessing.Pool(processes or os.cpu_count()) as workers:
        for _ in workers.imap_unordered(_task, tasks, chunksize=max(1, min(40, len(tasks) // 20))):
            pass


def make(folder: Path, count: int, mode: str = "full", processes: int = 0) -> Path:
    """Make a district of ``count`` units in ``folder``, and return the folder."""
    fill_pool(count, mode, processes)
    inbox = folder / "inbox"
    inbox.mkdir(parents=True, exist_ok=True)
    wanted = {f"{unit(number).name}.xlsx": made(number, mode) for number in range(count)}
    for present in inbox.iterdir():
        if present.name in wanted and present.samefile(wanted[present.name]):
            del wanted[present.name]
        else:
            present.unlink()
    for name, path in wanted.items():
        try:
            os.link(path, inbox / name)
        except OSError:  # another disk
            shutil.copy2(path, inbox / name)
    write_roster(folder / "roster.xlsx", count)
    text = json.dumps(expected(count, mode), ensure_ascii=False, indent=1)
    (folder / "expected.json").write_text(text, "utf-8")
    return folder


def expected(count: int, mode: str) -> dict[str, object]:
    """What collect should make of the returns: outcomes and codes counted, and the sum of each
    figure over those that are merged (all but those with a mistake).
    """
    kinds: Counter[str] = Counter()
    codes: Counter[str] = Counter()
    sums = [Decimal(0)] * len(FORM.items)
    for first in range(min(count, PERIOD)):
        times = len(range(first, count, PERIOD))
        content = returned(first, mode)
        kinds[content.kind] += times
        codes[content.code] += times
        if content.kind == MISTAKE:
            continue
        figures: dict[int, Number] = {i.index: 0 for i in FORM.inputs()}
        figures.update(content.figures)
        for item, figure in with_totals(FORM, figures).items():
            sums[item] += times * figure
    codes.pop("", None)
    return {
        "returns": count,
        "mode": mode,
        "kinds": dict(kinds),
        "codes": dict(sorted(codes.items())),
        "sums": {item.name: stored(tidy(sums[item.index])) for item in FORM.items},
    }


def write_roster(path: Path, count: int) -> None:
    """The roster of the units, as a list with four columns."""
    import xlsxwriter

    from xltools.model.roster import CATEGORY, CODE, EMAIL, NAME

    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet("单位名录")
        sheet.write_row(0, 0, (NAME, CODE, CATEGORY, EMAIL))
        for row, listed in enumerate(roster(count), 1):
            address = f"u{listed.code}@example.org"
            sheet.write_row(row, 0, (listed.name, listed.code, listed.category, address))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("count", type=int)
    parser.add_argument("--mode", choices=MODES, default="full")
    parser.add_argument("--processes", type=int, default=0)
    given = parser.parse_args()
    make(given.folder, given.count, given.mode, given.processes)
