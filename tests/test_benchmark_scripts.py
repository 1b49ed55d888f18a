"""The scripts that xltools is compared with do the work that they are timed for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from benchmarks.copies import Mould, values_of
from benchmarks.data import BLANKS
from benchmarks.measure import OTHERS
from benchmarks.returns import LAYOUT, YEAR, filled, roster, typed
from benchmarks.saves import WRITERS, template
from xltools import write_summary
from xltools.model.cells import Address
from xltools.model.numbers import stored
from xltools.model.summary import Summary
from xltools.steps import Job, collect

COUNT = 4


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An inbox of clean returns, some of whose cells are blank, and a blank template."""
    folder = tmp_path_factory.mktemp("district")
    (folder / "inbox").mkdir()
    (folder / "template.xlsx").write_bytes(template(0))
    base = filled(0, 0)
    WRITERS["openpyxl"]([(folder / "template.xlsx", folder / "base.xlsx", typed(base))])
    mould = Mould(folder / "base.xlsx", "openpyxl", base)
    for number in range(COUNT):
        content = filled(number, 0, blanks=BLANKS * (number % 2))
        data = mould.copy(content, values_of(content))
        (folder / "inbox" / f"{content.unit.name}.xlsx").write_bytes(data)
    return folder


@pytest.fixture(scope="module")
def summary(district: Path) -> Summary:
    job = Job(layout=LAYOUT, inbox=district / "inbox", year=YEAR, roster=roster(COUNT))
    merged = collect(job)
    assert len(merged.entries) == COUNT
    return merged


def run(script: str, *arguments: Path | str) -> str:
    done = subprocess.run(
        [sys.executable, str(OTHERS / script), *map(str, arguments)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("script", "options"),
    [
        ("openpyxl_sums.py", ()),
        ("openpyxl_sums.py", ("--read-only",)),
        ("pandas_sums.py", ()),
        ("pandas_sums.py", ("--calamine",)),
    ],
    ids="".join,
)
def test_a_script_writes_the_sums_that_xltools_merges(
    script: str, options: tuple[str, ...], district: Path, summary: Summary, tmp_path: Path
) -> None:
    if script.startswith("pandas"):
        pytest.importorskip("pandas")
    run(script, district / "template.xlsx", district / "inbox", tmp_path / "s.xlsx", *options)
    book = CalamineWorkbook.from_path(tmp_path / "s.xlsx")
    sums = {
        Address(name, int(str(row)[:-2]) - 1, int(str(column)[:-2]) - 1): total
        for name in book.sheet_names
        for row, column, total in book.get_sheet_by_name(name).to_python()
    }
    totals = {LAYOUT.address(i.index): summary.totals[i.index] for i in LAYOUT.form.inputs()}
    wanted = {at: stored(total) for at, total in totals.items() if total is not None}
    beside = sums.keys() - wanted.keys()  # merged cells are unlocked in all their parts
    assert {sums.pop(at) for at in beside} == {0}
    assert sums == pytest.approx(wanted)


def test_the_same_cells_are_written_with_xlsxwriter(summary: Summary, tmp_path: Path) -> None:
    write_summary(summary, tmp_path / "summary.xlsx")
    printed = run("xlsxwriter_cells.py", tmp_path / "summary.xlsx", tmp_path / "cells.xlsx")
    assert float(printed) > 0
    ours, other = (
        {
            name: book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            for name in book.sheet_names
        }
        for book in map(
            CalamineWorkbook.from_path, (tmp_path / "summary.xlsx", tmp_path / "cells.xlsx")
        )
    )
    assert other.keys() == ours.keys()
    for name, rows in ours.items():
        filled_in = [[cell for cell in row if cell != ""] for row in rows]
        assert [[c for c in row if c != ""] for row in other[name]] == filled_in[: len(other[name])]
