"""The whole kit of hostile files in one inbox with good returns: none can hurt it."""

from __future__ import annotations

import json
import os
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import psutil
import pytest

from support.commands import PROGRAM, roster
from support.filled import FORM
from support.hostile import Case, every, write_all
from support.inboxes import YEAR, figures, files, filled_in, values
from xltools.model.cells import Raw
from xltools.model.limits import MB, Limits
from xltools.readers.workbook import book_of

# One run serves all tests of the module: in one worker.
pytestmark = pytest.mark.xdist_group("hostile")

GOOD = [f"第{n}局" for n in range(1, 21)]
# The temporary folders of a program are its own affair, as long as nothing is left there.
# In the environment of the command and of all that it starts, whatever their session.
MARK = "XLTOOLS_TEST_OF"
PLACES = ("inbox", "work", "tmp", "home")


@dataclass(kw_only=True)
class Run:
    """What a run of the command did. Memory in bytes: peaks of any process of a kind."""

    folder: Path
    cases: list[Case]
    before: dict[bytes, tuple[int, int, int]]
    returncode: int = -1
    seconds: float = 0
    errors: str = ""
    parent: int = 0
    worker: int = 0
    left: list[int] = field(default_factory=list)

    @cached_property
    def report(self) -> Mapping[str, Any]:
        assert (self.folder / "out.json").exists(), self.errors
        told: Mapping[str, Any] = json.loads((self.folder / "out.json").read_bytes())
        return told

    @cached_property
    def codes(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {d["path"]: set() for d in self.report["documents"]}
        for one in self.report["findings"]:
            found[one["path"]].add(one["code"])
        return found

    def of(self, name: str) -> list[Mapping[str, Any]]:
        """The documents of a file of the kit."""
        own = f"kit/{name}"
        return [
            d
            for d in self.report["documents"]
            if d["path"] == own or d["path"].startswith(own + "/")
        ]


def peak(process: psutil.Process) -> int:
    """The most memory that a process has had, as the kernel counts it."""
    status = Path(f"/proc/{process.pid}/status").read_text("ascii", "replace")
    line = next((x for x in status.splitlines() if x.startswith("VmHWM")), "VmHWM: 0 kB")
    return int(line.split()[1]) * 1024


def watch(run: Run, process: psutil.Popen, done: threading.Event) -> None:
    while not done.wait(0.05):
        try:
            run.parent = max(run.parent, peak(process))
            for child in process.children(recursive=True):
                run.worker = max(run.worker, peak(child))
        except (psutil.Error, OSError):
            continue


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Collect it all, in an environment of its own, and watch."""
    if not Path("/proc/self/status").exists():
        pytest.skip("the kit needs the files and the memory counters of Linux")
    folder = tmp_path_factory.mktemp("hostile")
    for place in PLACES:
        (folder / place).mkdir()
    cases = write_all(folder / "inbox" / "kit")
    (folder / "inbox" / "kit.json").unlink()
    for seed, unit in enumerate(GOOD):
        (folder / "inbox" / f"{unit}.xlsx").write_bytes(filled_in(unit, seed))
    roster(folder / "roster.csv", *GOOD)
    made = Run(folder=folder, cases=cases, before=files(folder))
    words = ("collect", "../inbox", "--roster", "../roster.csv", "--year", YEAR, "--workers", 2,
             "--out", "../out.xlsx", "--json", "../out.json")  # fmt: skip
    places = {"TMPDIR": "tmp", "TEMP": "tmp", "HOME": "home"}
    start = time.monotonic()
    with (folder / "said.txt").open("wb") as said:
        process = psutil.Popen(
            [PROGRAM, *map(str, words)],
            cwd=folder / "work",
            stdout=subprocess.DEVNULL,
            stderr=said,
            env={
                **os.environ,
                "PYTHONUTF8": "1",
                MARK: str(folder),
                **{k: str(folder / v) for k, v in places.items()},
            },
        )
        done = threading.Event()
        watching = threading.Thread(target=watch, args=(made, process, done))
        watching.start()
        try:
            made.returncode = process.wait(timeout=280)
        finally:
            done.set()
            watching.join()
            made.left = _left(str(folder), patience=5)
            for pid in made.left:
                psutil.Process(pid).kill()
    made.seconds = time.monotonic() - start
    made.errors = (folder / "said.txt").read_text("utf-8", "replace")
    print(f"{made.seconds:.0f} s, parent {made.parent // MB} MB, worker {made.worker // MB} MB")
    return made


def _left(mark: str, patience: float) -> list[int]:
    """The processes that a command has started and that are still there after some seconds."""
    end = time.monotonic() + patience
    while (found := _there(mark)) and time.monotonic() < end:
        time.sleep(0.1)
    return found


def _there(mark: str) -> list[int]:
    found = []
    for pid in psutil.pids():
        try:
            if psutil.Process(pid).environ().get(MARK) == mark:
                found.append(pid)
        except (OSError, psutil.Error):
            continue
    return found


def test_it_ends_by_itself_and_leaves_nothing(run: Run) -> None:
    assert run.returncode == 1, run.errors
    assert "Traceback" not in run.errors
    assert run.left == []
    after = files(run.folder)
    for name in (b"out.xlsx", b"out.json", b"said.txt"):
        assert after.pop(name)
    assert after == run.before
    assert not list(Path("/").glob("evil*"))


def test_memory_stays_within_bounds(run: Run) -> None:
    assert 0 < run.parent < 300 * MB
    assert 0 < run.worker < Limits().memory * MB


def test_the_good_returns_are_merged(run: Run) -> None:
    found = {r["unit"]: r["values"] for r in run.report["returns"]}
    assert found == {unit: values(seed) for seed, unit in enumerate(GOOD)}
    totals = [t["value"] for t in run.report["totals"]]
    for item, total in zip(FORM.items, totals, strict=True):
        parts = sum(figures(seed)[item.name] for seed in range(len(GOOD)))
        assert total == pytest.approx(float(parts), abs=1e-9), item.name
    assert run.report["missing"] == []


def test_every_case_is_accounted_for(run: Run) -> None:
    empty = {"entries/folder.xlsx"}  # a folder with nothing in it
    assert {c.name for c in run.cases if not run.of(c.name)} == empty
    documents = run.report["documents"]
    paths = [d["path"] for d in documents]
    assert len(set(paths)) == len(paths)
    counts = dict(run.report["counts"])
    assert counts.pop("received") == len(documents) == sum(counts.values())
    assert counts == {**dict.fromkeys(counts, 0), **Counter(d["outcome"] for d in documents)}
    assert counts["merged"] == len(GOOD)
    own = {f"{unit}.xlsx" for unit in GOOD}
    assert {p for p in paths if not p.startswith("kit/")} == own


def test_every_answer_is_a_code(run: Run) -> None:
    """What is not ignored says why; nothing of the kit ends or hangs its reader unforeseen."""
    for document in run.report["documents"]:
        if not document["path"].startswith("kit/"):
            continue
        codes = run.codes[document["path"]]
        if document["outcome"] == "ignored":
            assert codes == set(), document
        else:
            assert document["outcome"] in ("unreadable", "rejected"), document
            assert any(c[:2] in ("F-", "I-") for c in codes), document


def one_code(run: Run, name: str) -> str:
    (document,) = run.of(name)
    codes = run.codes[document["path"]]
    assert len(codes) == 1, (name, codes)
    return codes.pop()


REFUSED = {
    "bombs/*.xlsx": {"F-05"},
    "markup/billion_*": {"F-02"},
    "markup/quadratic_*": {"F-02"},
    "markup/file_*": {"F-02"},
    "markup/net_*": {"F-02"},
    "markup/parameter_*": {"F-02"},
    "markup/endless_dtd_*": {"F-02"},
    "extents/far_*.xls": {"F-05"},
    "extents/repeat_*": {"F-02", "F-05"},
    "extents/unclosed.ods": {"F-02"},
    "extents/misspelt_end.ods": {"F-02"},
    "cells/string_index_[0-5].xlsx": {"F-02"},
    "containers/twice.xlsx": {"F-02", "F-05"},
    "containers/bad_crc.xlsx": {"F-02"},
    "containers/truncated_*.xlsx": {"F-01", "F-02"},
    "containers/truncated_[15]*.xls": {"F-01", "F-02"},
    "containers/zero.*": {"F-02"},
    "containers/locked_*.xlsx": {"F-02", "F-03", "F-05"},
    "mails/big_100mb.eml": {"F-05"},
    "entries/sparse_10gb.xlsx": {"F-05"},
}


@pytest.mark.parametrize("pattern", REFUSED)
def test_what_is_refused(run: Run, pattern: str) -> None:
    names = [c.name for c in run.cases if Path(c.name).match(pattern)]
    assert names
    for name in names:
        assert one_code(run, name) in REFUSED[pattern], name


def test_the_honest_are_read(run: Run) -> None:
    """They hold no return of this form: it takes reading them to know that."""
    for case in run.cases:
        if not case.honest:
            continue
        documents = [d for d in run.of(case.name) if d["outcome"] != "ignored"]
        assert documents, case.name
        for document in documents:
            assert run.codes[document["path"]] <= {"I-08", "F-13"}, (document, case.what)


# What honest files hold, cell by cell

UNIT: list[list[Raw]] = [["单位", 1]]
TABLE: list[list[Raw]] = [["单位", "人数"], ["民政局", 12]]
READS: dict[str, list[list[Raw]]] = {
    "markup/prefixed.xlsx": [[1]],
    "extents/extent_large.xlsx": [[1]],
    "extents/far_in_row.xlsx": [[1, *[None] * 16_382, 1]],
    "extents/merge_whole.xlsx": [[1]],
    "extents/rules_whole.xlsx": [[1]],
    "extents/good.xls": [[1]],
    "extents/good.xlsb": [[1]],
    "extents/good.ods": [[1]],
    "extents/trailing.ods": [[1]],
    "cells/inline.xlsx": [["单位名称", "１２３"]],
    "cells/rich.xlsx": [["单位名称"]],
    "cells/uncached.xlsx": [[None, 2]],
    "cells/very_hidden.xlsx": [[1]],
    "cells/good.xlsx": [[1]],
    "cells/strict.xlsx": [[date(2026, 11, 22), "严格"]],
    "containers/good.xlsx": UNIT,
    "containers/macro.xlsm": UNIT,
    "containers/macro_as.xlsx": UNIT,
    **{
        f"containers/{kind}_{code}_as.{suffix}": TABLE
        for kind, suffix in (("html", "xls"), ("csv", "xls"), ("tsv", "xlsx"))
        for code in ("utf-8", "gbk")
    },
    "containers/csv_utf16_as.xls": TABLE,
    "containers/xml2003_as.xls": [["单位"]],
    **{
        f"containers/xlsx_as{end}": UNIT
        for end in (".xls", ".et", ".ods", ".xlsb", "", ".XLSX.tmp")
    },
    **{f"containers/xls_as.{suffix}": [[1]] for suffix in ("xlsx", "et", "ods")},
}


def far_a(rows: list[list[Raw]]) -> None:
    assert len(rows) == 1_048_576 and rows[0] == rows[-1] == [1]
    assert not any(any(row) for row in rows[1:-1])


def far_z(rows: list[list[Raw]]) -> None:
    assert len(rows) == 500 and rows[0][0] == rows[499][25] == 1


def as_text(rows: list[list[Raw]]) -> None:
    from support.hostile.cells import TEXTS

    assert [row[0] for row in rows] == list(TEXTS)


def injected(rows: list[list[Raw]]) -> None:
    from support.hostile.cells import INJECTIONS

    assert len(rows) == len(INJECTIONS) + 1
    for n, (row, text) in enumerate(zip(rows[1:], INJECTIONS, strict=True), 2):
        # A parser of XML reads a carriage return as the end of a line; _x0000_ is a NUL.
        assert row == [text.replace("\r", "\n").replace("_x0000_", "\0"), n]


JUDGED: dict[str, Callable[[list[list[Raw]]], None]] = {
    "extents/far_A.xlsx": far_a,
    "extents/extent_small.xlsx": far_z,
    "cells/numbers_as_text.xlsx": as_text,
    "cells/injections.xlsx": injected,
}


def test_the_honest_are_read_right() -> None:
    honest = {c.name: c for c in every() if c.honest and not c.name.startswith("mails/")}
    archives = {"containers/gbk_names.zip", "containers/mac.zip"}
    assert set(honest) == {*READS, *JUDGED, *archives}
    for name, case in honest.items():
        if name in archives:
            continue
        book = book_of(case.data)
        grid = book.grid(book.sheets[0].name)
        rows: list[list[Raw]] = [
            [None if value == "" else value for value in row] for row in grid.rows
        ]
        if name in JUDGED:
            JUDGED[name](rows)
        else:
            assert rows == READS[name], name
    flag = book_of(honest["cells/uncached.xlsx"].data).grid("Sheet1").cell(0, 0).flag
    assert flag.formula and not flag.cached
    hidden = book_of(honest["cells/very_hidden.xlsx"].data)
    assert [s.visible for s in hidden.sheets] == [False, True]
