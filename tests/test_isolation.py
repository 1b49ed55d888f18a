"""Files that end, hang or exhaust their reader cost themselves alone."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest
import xlsxwriter

from support.filled import LAYOUT
from xltools.inbox import worker
from xltools.inbox.pool import Watch, _Run, chunks, read_all, worker_count
from xltools.inbox.processes import EndedError, ServerPool
from xltools.inbox.reading import ReadFailure, Reading, SetAside, read
from xltools.inbox.worker import read_file
from xltools.match.matcher import Matcher
from xltools.model.errors import ReadError
from xltools.model.limits import Limits, LimitsError
from xltools.model.record import Origin
from xltools.model.wording import in_words
from xltools.readers.workbook import load_bytes
from xltools.template.build import build
from xltools.template.opening import Subject

pytestmark = pytest.mark.usefixtures("spawned")

COLUMNS, ROWS = "ABCDEFGHIJKLMNO", 25_000
# With the limit of the extent lifted, the dense array that the value reader asks for ends its
# process; with it, the file is refused before.
LIFTED = Limits(cells=999_999_999)


def far(path: Path) -> Path:
    """A legal workbook with one cell in each of two corners."""
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("表二")
        sheet.write(0, 0, 1)
        sheet.write(50_000, 16_000, 1)
    return path


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workbook that takes some seconds to read, and some hundred megabytes."""
    path = tmp_path_factory.mktemp("slow") / "慢.xlsx"
    small = BytesIO()
    with xlsxwriter.Workbook(small) as book:
        book.add_worksheet("甲")
    cells = "".join(
        f'<c r="{column}%d" t="inlineStr"><is><t>{column}-%d</t></is></c>' for column in COLUMNS
    )
    rows = (
        f'<row r="%d">{cells}</row>' % ((row,) * (2 * len(COLUMNS) + 1)) for row in range(1, ROWS)
    )
    with (
        zipfile.ZipFile(small) as parts,
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as out,
    ):
        for name in parts.namelist():
            data = parts.read(name)
            if name == "xl/worksheets/sheet1.xml":
                head, empty, tail = data.partition(b"<sheetData/>")
                assert empty
                data = b"".join(
                    (head, b"<sheetData>", "".join(rows).encode(), b"</sheetData>", tail)
                )
            out.writestr(name, data)
    return path


def everything(*files: Path, settings: Limits) -> dict[str, Reading]:
    named = [(f.name, f) for f in files]
    read = list(read_all(named, LAYOUT, settings=settings))
    assert [bool(one) for one in read] == [True] * len(files)
    return {reading.source.path: reading for one in read for reading in one}


def code(reading: Reading) -> str:
    return reading.code if isinstance(reading, ReadFailure) else ""


def failure_of(reading: Reading) -> tuple[str, str]:
    assert isinstance(reading, ReadFailure)
    return reading.code, in_words(reading.detail)


def wrapped(path: Path, *files: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for file in files:
            archive.write(file, file.name)
    return path


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("good") / "好.xlsx"
    path.write_bytes(build(LAYOUT, Subject(year=2025, unit="甲局"), "secret"))
    return path


def test_a_death_costs_one_file(tmp_path: Path, good: Path) -> None:
    others = [tmp_path / f"{n}.xlsx" for n in range(4)]
    for one in others:
        one.write_bytes(good.read_bytes())
    bad = far(tmp_path / "远.xlsx")
    found = everything(*others[:2], bad, *others[2:], settings=LIFTED)
    assert {n: code(r) for n, r in found.items()} == {
        **{one.name: "" for one in others},
        "远.xlsx": "F-07",
    }
    assert code(everything(bad, settings=Limits())["远.xlsx"]) == "F-05"


def test_a_death_in_an_archive_costs_one_document(tmp_path: Path, good: Path) -> None:
    whole = wrapped(tmp_path / "全.zip", good, far(tmp_path / "远.xlsx"))
    found = everything(whole, good, settings=LIFTED)
    assert {n: code(r) for n, r in found.items()} == {
        "全.zip/好.xlsx": "",
        "全.zip/远.xlsx": "F-07",
        "好.xlsx": "",
    }


def test_too_many_culprits_in_an_archive(tmp_path: Path, good: Path) -> None:
    bad = [far(tmp_path / f"{n}.xlsx") for n in range(3)]
    whole = wrapped(tmp_path / "全.zip", *bad, good)
    found = everything(whole, settings=replace(LIFTED, failures=2))
    assert [code(r) for r in found.values()] == ["F-07", "F-07", "F-05", "F-05"]
    assert "设置 failures" in failure_of(found["全.zip/好.xlsx"])[1]


def test_a_time_out_costs_one_file(slow: Path, good: Path) -> None:
    found = everything(slow, good, settings=Limits(seconds=1))
    assert {n: code(r) for n, r in found.items()} == {"慢.xlsx": "F-04", "好.xlsx": ""}
    assert code(everything(slow, settings=Limits())["慢.xlsx"]) == ""


def test_what_timed_out_is_tried_again_after_all_others(
    tmp_path: Path, slow: Path, good: Path
) -> None:
    both = wrapped(tmp_path / "全.zip", slow, good)
    told: list[tuple[int, str]] = []
    read = read_all(
        [(f.name, f) for f in (slow, both, good)],
        LAYOUT,
        settings=Limits(seconds=1),
        progress=lambda done, total, name: told.append((done, name)),
    )
    assert [[code(r) for r in readings] for readings in read] == [["F-04"], ["F-04", ""], [""]]
    # One line for each attempt that may take as long as the limit: the first file is listed and
    # read again, and so are the archive and its two documents.
    assert told == [
        (1, "好.xlsx"),
        (1, "慢.xlsx"),
        (2, "慢.xlsx"),
        (2, "全.zip"),
        (2, "全.zip/慢.xlsx"),
        (2, "全.zip/好.xlsx"),
        (3, "全.zip"),
    ]


def test_a_death_in_a_chunk_costs_one_file(tmp_path: Path, good: Path) -> None:
    """The others that the same process was to read at a time are read one by one."""
    others = [tmp_path / f"{n}.xlsx" for n in range(12)]
    for other in others:
        shutil.copy(good, other)
    files = [*others[:5], far(tmp_path / "远.xlsx"), *others[5:]]
    assert max(map(len, chunks([(f.name, f) for f in files], 1))) > 1
    assert {n: code(r) for n, r in everything(*files, settings=LIFTED).items()} == {
        **{other.name: "" for other in others},
        "远.xlsx": "F-07",
    }


def test_large_files_are_read_alone(tmp_path: Path) -> None:
    files = []
    for number, size in enumerate([1] * 300 + [3 << 20, 1, 1]):
        path = tmp_path / f"{number}"
        with path.open("wb") as file:
            file.truncate(size)
        files.append((path.name, path))
    parts = chunks(files, 2)
    assert [n for part in parts for n in part] == list(range(len(files)))
    assert [300] in parts and max(map(len, parts)) == 32
    assert chunks([*files, ("无", tmp_path / "无")], 2)[-1][-1] == len(files)
    assert chunks(files[:4], 2) == [[0], [1], [2], [3]]


def test_the_rest_of_a_slow_chunk_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is handed out again, so that a worker is never ended for many files that are slow."""
    monkeypatch.setattr(worker, "_PATIENCE", -1.0)
    monkeypatch.setattr(worker, "read_file", lambda name, path: [name])
    handed: list[list[str]] = []

    class Pool:
        """A pool that reads at once, in this process."""

        def schedule(self, work: Callable[..., Any], *, args: list[Any], **_: object) -> Any:
            handed.append([name for name, _ in args[0]])
            task: Future[Any] = Future()
            task.set_result(work(*args))
            return task

    run = _Run(pool=Pool(), watch=Watch(1 << 30), settings=Limits())  # type: ignore[arg-type]  # because `ServerPool` is no protocol
    files = [(name, Path(name)) for name in "甲乙丙"]
    answers: dict[int, object] = dict(run.chunked(files, [[0, 1], [2]], 1))
    assert answers == {0: ["甲"], 1: ["乙"], 2: ["丙"]}
    assert handed == [["甲", "乙"], ["乙"], ["丙"]]


@pytest.mark.parametrize("cores", [1, 2, 64])
def test_as_many_workers_as_are_worth_it(cores: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(cores)), raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    assert worker_count(0) == worker_count(60) == 1
    assert worker_count(100) == min(cores, 2)
    assert 1 <= worker_count(10**6) <= min(cores, 8)
    memory = SimpleNamespace(available=600 << 20)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: memory)
    assert worker_count(10**6) == 1


@pytest.mark.parametrize(("failure", "tried"), [("F-04", True), ("F-07", True), ("F-08", False)])
def test_the_second_attempt_counts(good: Path, failure: str, tried: bool) -> None:
    class Pool:
        """A pool whose worker answers at once: by now nothing else keeps it busy."""

        def schedule(self, work: Callable[..., Any], **_: object) -> Future[list[Any]]:
            task: Future[list[Any]] = Future()
            source = Origin(path="甲.xlsx", sha256="read" if work is read_file else "")
            task.set_result([SetAside(source=source, reason="") if work is read_file else source])
            return task

    run = _Run(pool=Pool(), watch=Watch(1 << 30), settings=Limits())  # type: ignore[arg-type]  # because `ServerPool` is no protocol
    (reading,) = run.again("甲.xlsx", good, ReadError(failure), lambda name: None)
    assert (code(reading), reading.source.sha256) == (("", "read") if tried else (failure, ""))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the memory of a process")
def test_out_of_memory_costs_one_file(slow: Path, good: Path) -> None:
    found = everything(slow, good, settings=Limits(memory=200))
    assert {n: code(r) for n, r in found.items()} == {"慢.xlsx": "F-08", "好.xlsx": ""}


def test_memory_is_watched_where_nothing_limits_it() -> None:
    hungry = "x = []\nwhile True: x.append(bytearray(1 << 20))"
    modest = "import time; time.sleep(60)"
    with (
        Watch(200 << 20, always=True) as watch,
        subprocess.Popen([sys.executable, "-c", modest]) as other,
        subprocess.Popen([sys.executable, "-c", hungry]) as process,
    ):
        process.wait(30)
        end = time.monotonic() + 10
        while not watch.ended and time.monotonic() < end:
            time.sleep(0.05)
        assert watch.ended == {process.pid}
        assert other.poll() is None
        other.kill()


def test_a_process_answers_whatever_it_was_asked_before() -> None:
    pool = ServerPool(1, print, [])
    questions: list[tuple[Callable[..., Any], object, type[BaseException]]] = [
        (eval, "1/0", ZeroDivisionError),
        (eval, "(_ for _ in ()).throw(KeyboardInterrupt)", KeyboardInterrupt),
        (eval, "lambda: 0", Exception),  # no pickle can be made of it
        (os._exit, 0, EndedError),
        (time.sleep, 60, TimeoutError),
    ]
    try:
        for work, argument, error in questions:
            asked = pool.schedule(work, args=[argument], timeout=0.5 if work is time.sleep else 60)
            after = pool.schedule(len, args=["甲乙"], timeout=60)
            with pytest.raises(error):
                asked.result(60)
            assert after.result(60) == 2
    finally:
        pool.stop()


def test_no_process_is_left(good: Path) -> None:
    before = {p.pid for p in psutil.Process().children(recursive=True)}
    everything(good, settings=Limits())
    left = {p.pid for p in psutil.Process().children(recursive=True)} - before
    assert not left


def test_a_file_that_changes_is_not_read(
    tmp_path: Path, good: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "写.xlsx"
    path.write_bytes(good.read_bytes())
    plain = load_bytes

    def growing(file: Path) -> bytes:
        data = plain(file)
        with file.open("ab") as more:
            more.write(b"\0")
        return data

    monkeypatch.setattr("xltools.readers.workbook.load_bytes", growing)
    (reading,) = read("写.xlsx", path, Matcher(LAYOUT))
    assert failure_of(reading) == ("F-06", "文件正在被写入")


def test_a_file_that_vanished(tmp_path: Path) -> None:
    (reading,) = read("无.xlsx", tmp_path / "无.xlsx", Matcher(LAYOUT))
    assert failure_of(reading) == ("F-06", "没有这个文件或文件夹")


@pytest.mark.parametrize("text", ["x=1", "file-size", "file-size=", "file-size=0", "memory=-1"])
def test_settings_that_there_are_not(text: str) -> None:
    with pytest.raises(LimitsError) as caught:
        Limits.given([text])
    assert text.partition("=")[0] in str(caught.value)


def test_settings() -> None:
    assert Limits.given(["file-size=100", "seconds = 5"]) == Limits(file_size=100, seconds=5)
