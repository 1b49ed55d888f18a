"""The returns of the benchmark are what programs save, and say what they are made to say."""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from benchmarks.copies import Mould, restyled, values_of
from benchmarks.data import BLANKS, MODES
from benchmarks.returns import LAYOUT, MISTAKE, YEAR, FilledReturn, filled, intent, roster, typed
from benchmarks.saves import WRITERS, template
from support.programs import PROGRAMS, Program
from xltools.steps import Job, collect

# What a program writes anew with each save: the time, and random identifiers.
_DRAWN = re.compile(rb'(?<=W3CDTF">)[^<]+|(?<=uid=")[^"]+')
_WRONG = next(p for p in range(100) if intent(p)[1] == "V-02")


def parts(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: _DRAWN.sub(b"", archive.read(name)) for name in archive.namelist()}


def saved(writer: str, content: FilledReturn, number: int, folder: Path) -> Path:
    """The return of unit ``number`` as a program saves it."""
    blank, target = folder / f"{number}-blank.xlsx", folder / f"{number}.xlsx"
    blank.write_bytes(template(number))
    WRITERS[writer]([(blank, target, typed(content))])
    return target


@pytest.mark.parametrize(
    "program", [p for p in PROGRAMS if p.name in WRITERS], ids=lambda p: p.name, indirect=True
)
def test_a_copy_is_the_file_that_the_program_saves(program: Program, tmp_path: Path) -> None:
    """Byte for byte, but for the time and identifiers drawn at random. One of the returns has a
    mistake that the generator, which tells what formulas show, does not know."""
    for pattern in (0, _WRONG):
        first, second = filled(1, pattern), filled(2, pattern)
        mould = Mould(saved(program.name, first, 1, tmp_path), program.name, first)
        copy = parts(mould.copy(second, values_of(second)))
        truth = parts(saved(program.name, second, 2, tmp_path).read_bytes())
        assert list(copy) == list(truth)
        assert [name for name in truth if copy[name] != truth[name]] == []


@pytest.mark.parametrize("mode", MODES)
def test_collect_finds_what_the_returns_are_made_to_have(mode: str, tmp_path: Path) -> None:
    """Twenty patterns of returns, all copies of one save; sums, outcomes and codes as expected."""
    base = filled(0, 0)
    mould = Mould(saved("openpyxl", base, 0, tmp_path), "openpyxl", base)
    (tmp_path / "inbox").mkdir()
    sums = [Decimal(0)] * len(LAYOUT.form.items)
    wanted: Counter[str] = Counter()
    for number in range(20):
        pattern = number + 60
        content = filled(number, pattern, blanks=BLANKS if mode == "blank" else 0)
        path = tmp_path / "inbox" / f"{content.unit.name}.xlsx"
        path.write_bytes(mould.copy(content, values_of(content)))
        if mode == "unknown":
            path.write_bytes(restyled(path, number))
        wanted[content.code] += 1
        if content.kind != MISTAKE:
            for item, figure in content.figures.items():
                sums[item] += figure
    job = Job(layout=LAYOUT, inbox=tmp_path / "inbox", year=YEAR, roster=roster(20))
    summary = collect(job)
    assert Counter(f.code for f in summary.findings) == Counter({c: wanted[c] for c in wanted if c})
    assert len(summary.entries) == 17
    assert [summary.totals[i.index] for i in LAYOUT.form.inputs()] == [
        sums[i.index] for i in LAYOUT.form.inputs()
    ]
