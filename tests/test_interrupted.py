"""Folders and disks that do not do what they should, and Ctrl-C: a clear line, nothing half done.

Run through the real command. The superuser may do anything, so where the tests run as that, the
command runs without the two capabilities that pass over permissions.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from openpyxl import load_workbook

from support.commands import PROGRAM
from support.filled import LAYOUT
from support.inboxes import YEAR, files, filled_in
from xltools.inbox import intake
from xltools.inbox.listing import InboxFile, find
from xltools.steps import Job, collect

if sys.platform != "linux":
    pytest.skip("permissions, limits and signals as Linux has them", allow_module_level=True)

WEAK = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]
ENV = {**os.environ, "PYTHONUTF8": "1", "COLUMNS": "80"}


def words(*more: object) -> list[str]:
    return [str(PROGRAM), "collect", "in", "--year", str(YEAR), *map(str, more)]


def weak(*more: object) -> list[str]:
    """The command of somebody who is stopped by permissions."""
    if os.geteuid():
        return words(*more)
    if shutil.which("setpriv") is None:
        pytest.skip("runs as the superuser, whom no permission stops, and there is no setpriv")
    return [*WEAK, *words(*more)]


def run(
    command: list[str], folder: Path, limit: int = 0, **env: str
) -> subprocess.CompletedProcess[str]:
    def limited() -> None:
        if limit:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    done = subprocess.run(
        command, cwd=folder, capture_output=True, encoding="utf-8", check=False, timeout=60,
        env={**ENV, **env}, preexec_fn=limited,
    )  # fmt: skip
    assert "Traceback" not in done.stderr, done.stderr
    return done


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """An inbox with one good return; permissions are given back at the end."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "甲.xlsx").write_bytes(filled_in("甲局", 1))
    yield tmp_path
    for path in (tmp_path, *tmp_path.rglob("*")):
        if path.is_dir():
            path.chmod(0o700)


def codes(folder: Path) -> dict[str, tuple[str, list[str]]]:
    told = json.loads((folder / "out.json").read_text("utf-8"))
    return {
        d["path"]: (d["outcome"], [f["code"] for f in told["findings"] if f["path"] == d["path"]])
        for d in told["documents"]
    }


MERGED: tuple[str, list[str]] = ("merged", [])
LOST = ("unreadable", ["F-06"])


def test_a_file_that_may_not_be_read(folder: Path) -> None:
    (folder / "in" / "乙.xlsx").write_bytes(filled_in("乙局", 1))
    (folder / "in" / "乙.xlsx").chmod(0)
    done = run(weak("--json", "out.json"), folder)
    assert done.returncode == 1
    assert codes(folder) == {"甲.xlsx": MERGED, "乙.xlsx": LOST}
    assert "乙.xlsx" in done.stdout and "文件无法读取" in done.stdout


def test_a_folder_that_may_not_be_listed(folder: Path) -> None:
    (folder / "in" / "下级").mkdir()
    (folder / "in" / "下级" / "乙.xlsx").write_bytes(filled_in("乙局", 1))
    (folder / "in" / "下级").chmod(0)
    done = run(weak("--json", "out.json"), folder)
    assert done.returncode == 1
    assert codes(folder) == {"甲.xlsx": MERGED, "下级/": LOST}
    assert "下级/" in done.stdout


def test_an_inbox_that_may_not_be_listed(folder: Path) -> None:
    (folder / "in").chmod(0)
    done = run(weak(), folder)
    assert done.returncode == 2
    assert "in" in done.stderr and len(done.stderr.splitlines()) <= 5
    assert not (folder / "汇总.xlsx").exists()


def test_a_folder_for_the_summary_that_may_not_be_written(folder: Path) -> None:
    (folder / "out").mkdir()
    (folder / "out" / "汇总.xlsx").write_bytes(b"before")
    (folder / "out").chmod(0o500)
    before = files(folder)
    done = run(weak("--out", "out/汇总.xlsx"), folder)
    assert done.returncode == 2
    said = done.stderr.splitlines()[-1]
    assert said.startswith("--out out/汇总.xlsx：") and "里不能写文件" in said
    assert files(folder) == before


def test_a_file_that_vanishes_before_it_is_read(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "in" / "乙.xlsx").write_bytes(filled_in("乙局", 1))
    listed = find

    def vanish(inbox: Path) -> Iterator[InboxFile]:
        found = list(listed(inbox))
        (folder / "in" / "乙.xlsx").unlink()
        yield from found

    monkeypatch.setattr(intake, "find", vanish)
    summary = collect(Job(layout=LAYOUT, inbox=folder / "in", year=YEAR))
    assert {d.path: d.outcome.value for d in summary.documents} == {
        "甲.xlsx": "merged",
        "乙.xlsx": "unreadable",
    }
    assert [f.code for f in summary.findings if f.path == "乙.xlsx"] == ["F-06"]


def test_a_folder_that_is_being_written_to(folder: Path) -> None:
    """Files that come while it runs are for the next time; each is whole, or said to be not."""
    data = filled_in("乙局", 1)
    process = subprocess.Popen(words("--json", "out.json"), cwd=folder, env=ENV)
    number = 0
    while process.poll() is None:
        number += 1
        with (folder / "in" / f"乙{number}.xlsx").open("wb") as file:
            for at in range(0, len(data), 8192):
                file.write(data[at : at + 8192])
                file.flush()
                time.sleep(0.002)
    assert process.returncode in (0, 1)
    found = codes(folder)
    assert found.pop("甲.xlsx") == MERGED
    for path, (outcome, said) in found.items():
        if outcome == "unreadable":
            assert set(said) <= {"F-01", "F-02", "F-06"} and said, path
        else:
            assert outcome in ("merged", "superseded"), path


def small_disk(folder: Path) -> bool:
    mounted = ["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(folder)]
    return subprocess.run(mounted, capture_output=True, check=False).returncode == 0


def test_a_full_disk(folder: Path) -> None:
    disk = folder / "disk"
    disk.mkdir()
    if shutil.which("mount") is None or not small_disk(disk):
        pytest.skip("a small disk cannot be mounted here")
    try:
        (disk / "汇总.xlsx").write_bytes(b"before")
        (disk / "rest").write_bytes(bytes(40_000))
        before = files(disk)
        done = run(words("--out", "disk/汇总.xlsx"), folder)
        assert done.returncode == 2
        said = done.stderr.splitlines()[-1]
        assert said.startswith("无法读写")
        assert files(disk) == before
        assert (disk / "汇总.xlsx").read_bytes() == b"before"
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_a_disk_that_takes_no_more(folder: Path) -> None:
    """Any write beyond some bytes fails, wherever it is made."""
    (folder / "汇总.xlsx").write_bytes(b"before")
    (folder / "tmp").mkdir()
    before = files(folder)
    done = run(words(), folder, limit=8192, TMPDIR=str(folder / "tmp"), PYTHONDONTWRITEBYTECODE="1")
    assert done.returncode == 2
    said = done.stderr.splitlines()[-1]
    assert said.startswith("无法读写")
    assert files(folder) == before


# Ctrl-C, at named moments: the command itself presses it there, so that no machine is too quick
# or too slow for the test.

PRESS = """
import os, signal, sys
import {module}

def press():
    os.kill(os.getpid(), signal.SIGINT)

def before(work):
    def pressed(*given, **named):
        press()
        return work(*given, **named)
    return pressed

def after(work):
    def pressed(*given, **named):
        result = work(*given, **named)
        press()
        return result
    return pressed

{module}.{name} = {when}({module}.{name})
sys.argv = ["xltools", *sys.argv[1:]]
from xltools.cli import main
main()
"""

# When, what is being done, and where in the program that is.
BEFORE_WRITING = {
    "while it starts": ("before", "xltools.cli.app", "prepare"),
    "while the form is read": ("before", "xltools.forms.declaration", "load"),
    "when the inbox has been listed": ("after", "xltools.inbox.intake", "find"),
    "when all files are settled": ("before", "xltools.steps", "sum_up"),
    "while the summary is made": ("before", "xltools.output.summary", "write"),
    "while the summary is written": ("before", "os", "fsync"),
    "when the summary is written, but not in its place": ("after", "os", "fsync"),
}
WRITTEN = {
    "when the summary is in its place": ("after", "xltools.model.files", "put_written"),
    "while the outcome is told": ("before", "xltools.cli.console", "tell"),
    "at the very end": ("before", "sys", "exit"),
    "when the interpreter takes itself apart": ("before", "threading", "_shutdown"),
}


def pressed(folder: Path, moment: tuple[str, str, str]) -> subprocess.CompletedProcess[str]:
    when, module, name = moment
    code = PRESS.format(when=when, module=module, name=name)
    command = [sys.executable, "-c", code, *words("--json", "out.json", "--workers", 2)[1:]]
    return run(command, folder)


@pytest.mark.parametrize("moment", BEFORE_WRITING.values(), ids=BEFORE_WRITING)
def test_interrupted_before_anything_is_written(folder: Path, moment: tuple[str, str, str]) -> None:
    (folder / "汇总.xlsx").write_bytes(b"before")
    before = files(folder)
    done = pressed(folder, moment)
    assert done.returncode == 130, done.stderr
    assert files(folder) == before


@pytest.mark.parametrize("moment", WRITTEN.values(), ids=WRITTEN)
def test_interrupted_when_the_summary_is_written(
    folder: Path, moment: tuple[str, str, str]
) -> None:
    """The summary is whole; the status says that it was interrupted, or how it ended."""
    finished = run(words("--out", "finished.xlsx"), folder)
    done = pressed(folder, moment)
    assert done.returncode in (130, finished.returncode), done.stderr
    whole, interrupted = folder / "finished.xlsx", folder / "汇总.xlsx"
    assert len(load_workbook(interrupted).sheetnames) == len(load_workbook(whole).sheetnames)
    assert not list(folder.glob(".~*"))


def interrupt(folder: Path, said: str, *, group: bool) -> tuple[int, str]:
    """Interrupt the command from outside, as soon as it has said something."""
    shown = folder.with_name(folder.name + ".said")
    with shown.open("wb") as out:
        process = psutil.Popen(
            words("--json", "out.json", "--workers", 2),
            cwd=folder, stdout=out, stderr=out, env=ENV, start_new_session=True,
        )  # fmt: skip
    end = time.monotonic() + 60
    while said not in shown.read_text("utf-8") and time.monotonic() < end:
        time.sleep(0.005)
    assert process.poll() is None, "it was over too soon to be interrupted"
    below = process.children(recursive=True)
    if group:  # as a terminal does
        os.killpg(process.pid, signal.SIGINT)
    else:
        process.send_signal(signal.SIGINT)
    status = process.wait(timeout=30)
    _, alive = psutil.wait_procs(below, timeout=10)
    assert alive == []
    return status, shown.read_text("utf-8")


@pytest.mark.parametrize("group", [True, False], ids=["terminal", "process"])
def test_interrupted_while_reading(folder: Path, group: bool) -> None:
    data = filled_in("甲局", 1)
    for number in range(1000):  # of which 900 are still to be read
        (folder / "in" / f"{number}.xlsx").write_bytes(data)
    (folder / "汇总.xlsx").write_bytes(b"before")
    before = files(folder)
    status, said = interrupt(folder, "已读 100/", group=group)
    assert status == 130
    assert said.splitlines()[-1].startswith("已中断")
    assert "Traceback" not in said
    assert files(folder) == before
