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

import xltools.collect.run as running
from filled import LAYOUT
from inboxes import YEAR, files, filled_in
from test_cli import PROGRAM
from xltools.collect.job import Job
from xltools.collect.run import collect
from xltools.intake import Found, find

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
    assert "无法读写" in said and "out" in said
    assert files(folder) == before


def test_a_file_that_vanishes_before_it_is_read(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "in" / "乙.xlsx").write_bytes(filled_in("乙局", 1))
    listed = find

    def vanish(inbox: Path) -> Iterator[Found]:
        found = list(listed(inbox))
        (folder / "in" / "乙.xlsx").unlink()
        yield from found

    monkeypatch.setattr(running, "find", vanish)
    summary = collect(Job(layout=LAYOUT, form="zfxxgk-2021", inbox=folder / "in", year=YEAR))
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


# Ctrl-C


def interrupt(folder: Path, after: str | float, *, group: bool) -> tuple[int, str]:
    """Interrupt the command after it has said something, or after some seconds."""
    shown = folder.with_name(folder.name + ".said")
    with shown.open("wb") as out:
        process = psutil.Popen(
            words("--json", "out.json", "--workers", 2),
            cwd=folder, stdout=out, stderr=out, env=ENV, start_new_session=True,
        )  # fmt: skip
    end = time.monotonic() + 30
    if isinstance(after, str):
        while after not in shown.read_text("utf-8") and time.monotonic() < end:
            time.sleep(0.005)
        assert process.poll() is None, "it was over too soon to be interrupted"
    else:
        time.sleep(after)
    below = process.children(recursive=True)
    if group:  # as a terminal does
        os.killpg(process.pid, signal.SIGINT)
    else:
        process.send_signal(signal.SIGINT)
    status = process.wait(timeout=30)
    _, alive = psutil.wait_procs(below, timeout=10)
    assert alive == []
    return status, shown.read_text("utf-8")


@pytest.fixture
def full(folder: Path) -> Path:
    """An inbox that takes some seconds."""
    data = filled_in("甲局", 1)
    for number in range(400):
        (folder / "in" / f"{number}.xlsx").write_bytes(data)
    return folder


@pytest.mark.parametrize("group", [True, False], ids=["terminal", "process"])
def test_interrupted_while_reading(full: Path, group: bool) -> None:
    (full / "汇总.xlsx").write_bytes(b"before")
    before = files(full)
    status, said = interrupt(full, "已读 100/", group=group)
    assert status == 130
    assert said.splitlines()[-1].startswith("已中断")
    assert "Traceback" not in said
    assert files(full) == before


@pytest.mark.parametrize("seconds", [0.5, 0.7, 0.9, 1.1, 1.3, 1.6, 2.0])
def test_interrupted_at_any_moment(full: Path, seconds: float) -> None:
    before = files(full)
    status, said = interrupt(full, seconds, group=True)
    assert status == 130, said
    assert "Traceback" not in said, said
    assert files(full) == before
