"""The lines of the benchmark: what is measured, against what, and the aim.

A line measures pairs, ours and the other one after the other, so that a machine whose speed
changes changes both. Memory and growth have no other.
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Final, TypeAlias

from benchmarks import data
from benchmarks.copies import Mould, values_of
from benchmarks.measure import OTHERS, OURS, python, run, xltools
from benchmarks.returns import YEAR, filled, without_texts
from benchmarks.saves import FOLDER, make_saves, number_of, save_of, template
from xltools.model.identity import PRINT

OPEN: Final = (0, 1)  # xltools ends with 1 where findings are open, as they are here
SHARED_MEMORY: Final = Path("/dev/shm")

Pair: TypeAlias = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Setup:
    """Where the returns are, and how many: ``count`` for the lines about many, ``fewer`` for those
    of which the other way takes long. ``work``: a folder for what is written.
    """

    count: int
    fewer: int
    work: Path

    def district(self, count: int, mode: str = "full") -> Path:
        """A folder with an inbox and a roster, all of which is in memory if there is room."""
        folder = _district(count, mode)
        for path in (folder / "inbox").iterdir():
            path.read_bytes()
        return folder

    @cached_property
    def template(self) -> Path:
        """A blank template, in which others look up the cells."""
        path = self.work / "template.xlsx"
        path.write_bytes(template(0))
        return path


@cache
def _district(count: int, mode: str) -> Path:
    return data.make(FOLDER / "districts" / f"{mode}-{count}", count, mode)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of the benchmark.

    ``of``: how many returns it is about, by the setup, or None. ``faster``: the ratio is how many
    times faster ours is, and should be large; else it is ours by the other, and should be small.
    ``aims``: the first aim, then further ones. ``pair``: measure once; the two in one ``unit``.
    ``repeats``: how often, unless told. ``ours_only``: there is nothing to compare with.
    """

    key: str
    work: str
    against: str
    aims: tuple[float, ...]
    pair: Callable[[Setup], Pair]
    unit: str = "s"
    repeats: int = 3
    faster: bool = False
    ours_only: bool = False


def _loop(inbox: Path, *left_out: str) -> list[str]:
    return python(OTHERS / "calamine_loop.py", inbox, *left_out)


def _collect_alone(mode: str) -> Callable[[Setup], Pair]:
    """Reading, checking and merging in one worker; processor time."""

    def pair(setup: Setup) -> Pair:
        folder = setup.district(setup.count, mode)
        ours = run(python(OURS / "collect.py", folder / "inbox", folder / "roster.xlsx", YEAR, 1))
        return ours.processor, run(_loop(folder / "inbox")).processor

    return pair


def _without_printout(setup: Setup) -> Pair:
    folder = setup.district(setup.count)
    ours = run(python(OURS / "collect.py", folder / "inbox", folder / "roster.xlsx", YEAR, 1))
    return ours.processor, run(_loop(folder / "inbox", PRINT)).processor


def _two_workers(setup: Setup) -> Pair:
    folder = setup.district(setup.count)
    ours = run(python(OURS / "collect.py", folder / "inbox", folder / "roster.xlsx", YEAR, 2))
    return ours.wall, run(_loop(folder / "inbox")).wall


def _command(folder: Path, out: Path, *more: str) -> list[str]:
    """The whole command; a summary of before, which would be kept and looked into, is deleted."""
    out.unlink(missing_ok=True)
    inbox, roster = folder / "inbox", folder / "roster.xlsx"
    return xltools("collect", inbox, "--roster", roster, "--year", str(YEAR), "--out", out, *more)


def _whole(setup: Setup) -> Pair:
    folder = setup.district(setup.count)
    ours = run(_command(folder, setup.work / "sums.xlsx", "--workers", "1"), statuses=OPEN)
    return ours.processor, run(_loop(folder / "inbox")).processor


def _check(setup: Setup) -> Pair:
    make_saves(["LibreOffice"], 1)
    saved = filled(number_of("LibreOffice", 0), 0)
    mould = Mould(save_of("LibreOffice", 0), "LibreOffice", saved)
    paths = []
    for mistakes in (False, True):
        content = without_texts(mistakes=mistakes)
        paths.append(setup.work / f"{mistakes}.xlsx")
        paths[-1].write_bytes(mould.copy(content, values_of(content)))
    printed = run(python(OURS / "check.py", *paths)).printed.split()
    clean, none, wrong, six = map(float, printed)
    assert (none, six) == (0, 6), printed
    return wrong, clean


def _sums(script: str, *options: str) -> Callable[[Setup], Pair]:
    """The whole command with its summary against a script that adds up cells; seconds."""

    def pair(setup: Setup) -> Pair:
        folder = setup.district(setup.fewer)
        ours = run(_command(folder, setup.work / "sums.xlsx"), statuses=OPEN)
        other = python(
            OTHERS / script, setup.template, folder / "inbox", setup.work / "other.xlsx", *options
        )
        return ours.wall, run(other).wall

    return pair


@contextmanager
def _memory_folder(setup: Setup) -> Iterator[Path]:
    """A folder in memory, where the system has such."""
    parent = SHARED_MEMORY if os.access(SHARED_MEMORY, os.W_OK) else setup.work
    with tempfile.TemporaryDirectory(dir=parent) as name:
        yield Path(name)


def _generate(*, previous: bool) -> Callable[[Setup], Pair]:
    def pair(setup: Setup) -> Pair:
        folder = setup.district(setup.count)
        command = xltools("generate", folder / "roster.xlsx", "--year", str(YEAR + 1))
        options = []
        if previous:
            last = FOLDER / "districts" / f"summary-{setup.count}.xlsx"
            if not last.exists():
                run(_command(folder, last), statuses=OPEN)
            command += ["--previous", str(last)]
            options.append("--previous")
        with _memory_folder(setup) as out:
            ours = run([*command, "--out", str(out / "outbox")], statuses=OPEN)
            shutil.rmtree(out / "outbox")
            each = min(setup.count, 200)
            script = OURS / "build_each.py"
            other = run(python(script, folder / "roster.xlsx", YEAR + 1, out, each, *options))
        return ours.processor, float(other.printed) * setup.count

    return pair


def _summary(setup: Setup) -> Pair:
    folder, out = setup.district(setup.count), setup.work / "summary.xlsx"
    out.unlink(missing_ok=True)
    script = OURS / "write_summary.py"
    ours = run(python(script, folder / "inbox", folder / "roster.xlsx", YEAR, out))
    other = run(python(OTHERS / "xlsxwriter_cells.py", out, setup.work / "cells.xlsx"))
    return float(ours.printed.split()[-1]), float(other.printed)


def _memory(setup: Setup) -> Pair:
    folder = setup.district(setup.count)
    return run(_command(folder, setup.work / "sums.xlsx"), statuses=OPEN).memory, 0


def _help(_: Setup) -> Pair:
    return run(xltools("--help")).wall, run(_nothing()).wall


def _check_one(setup: Setup) -> Pair:
    data.fill_pool(1, "full")
    return run(xltools("check", data.made(0, "full")), statuses=OPEN).wall, run(_nothing()).wall


def _nothing() -> list[str]:
    return [*python(Path("-c")), "pass"]


LINES: Final = (
    Line(
        key="collect",
        work="collect {count}, one worker, all checks",
        against="calamine loop",
        aims=(0.75, 0.5),
        pair=_collect_alone("full"),
    ),
    Line(
        key="collect-printout",
        work="the same",
        against="calamine loop without 打印稿",
        aims=(),
        pair=_without_printout,
    ),
    Line(
        key="collect-whole",
        work="the same, whole command with summary",
        against="calamine loop",
        aims=(),
        pair=_whole,
    ),
    Line(
        key="two-workers",
        work="collect {count}, two workers, wall clock",
        against="calamine loop",
        aims=(0.5, 0.35),
        pair=_two_workers,
    ),
    Line(
        key="blank",
        work="collect {count}, a third of the cells blank at random",
        against="calamine loop",
        aims=(0.85,),
        pair=_collect_alone("blank"),
    ),
    Line(
        key="unknown",
        work="collect {count}, every structure unknown",
        against="calamine loop",
        aims=(2.0, 1.6),
        pair=_collect_alone("unknown"),
    ),
    Line(
        key="findings",
        work="check of a return with 6 findings",
        against="check of one without",
        aims=(3,),
        pair=_check,
        unit="ms",
        repeats=5,
    ),
    Line(
        key="openpyxl",
        work="collect {fewer}, whole command with summary, wall clock",
        against="openpyxl script",
        aims=(70,),
        pair=_sums("openpyxl_sums.py"),
        faster=True,
    ),
    Line(
        key="openpyxl-read-only",
        work="the same",
        against="openpyxl script, read_only",
        aims=(70,),
        pair=_sums("openpyxl_sums.py", "--read-only"),
        faster=True,
    ),
    Line(
        key="pandas",
        work="the same",
        against="pandas.read_excel, default engine",
        aims=(20,),
        pair=_sums("pandas_sums.py"),
        faster=True,
    ),
    Line(
        key="pandas-calamine",
        work="the same",
        against="pandas.read_excel, engine calamine",
        aims=(1.5, 2),
        pair=_sums("pandas_sums.py", "--calamine"),
        faster=True,
    ),
    Line(
        key="generate",
        work="generate {count}, in memory",
        against="the builder, unit by unit",
        aims=(100,),
        pair=_generate(previous=False),
        faster=True,
    ),
    Line(
        key="generate-previous",
        work="generate {count} with --previous, in memory",
        against="the builder, unit by unit",
        aims=(15,),
        pair=_generate(previous=True),
        faster=True,
    ),
    Line(
        key="summary",
        work="summary workbook of {count}",
        against="XlsxWriter constant_memory, the same cells",
        aims=(0.3,),
        pair=_summary,
    ),
    Line(
        key="memory",
        work="peak memory of the largest process, {count}",
        against="",
        aims=(150, 100),
        pair=_memory,
        unit="MB",
        ours_only=True,
    ),
    Line(
        key="help",
        work="xltools --help, wall clock",
        against="python -c pass",
        aims=(8,),
        pair=_help,
        repeats=15,
    ),
    Line(
        key="check",
        work="xltools check of one file, wall clock",
        against="python -c pass",
        aims=(30, 20),
        pair=_check_one,
        repeats=15,
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """What the whole command costs for a number of returns: seconds, processor seconds, MB; and
    the processor seconds of the calamine loop over them.
    """

    count: int
    wall: float
    processor: float
    memory: float
    loop: float


def growth(setup: Setup, count: int) -> Growth:
    """Measure one point of how cost grows, the middle one of three where they take seconds only."""
    folder = setup.district(count)
    times, out = 3 if count <= setup.fewer else 1, setup.work / "sums.xlsx"
    ours = [run(_command(folder, out), statuses=OPEN) for _ in range(times)]
    middle = sorted(ours, key=lambda ran: ran.processor)[times // 2]
    loops = sorted(run(_loop(folder / "inbox")).processor for _ in range(times))
    return Growth(
        count=count,
        wall=middle.wall,
        processor=middle.processor,
        memory=max(ran.memory for ran in ours),
        loop=loops[times // 2],
    )
