"""A cluster reads an inbox in a store: a real scheduler and two workers of one thread over TCP, and
a server of S3 that checks signatures, all on the loopback. The figures are those of a run here.
"""

from __future__ import annotations

import json
import os
import pickle
import shutil
import signal
import subprocess
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import xlsxwriter
from pyarrow import parquet

from support.clusters import Machines, cluster
from support.commands import PROGRAM, text, xltools
from support.filled import FORM
from support.jobs import FULL, filled
from support.many import returns, unit
from support.stores import KEY, SECRET, Store, s3, used
from xltools.inbox import cluster as clusters
from xltools.inbox.cluster import Chunk
from xltools.inbox.listing import find
from xltools.model.limits import Limits
from xltools.storage.remote import Remote

pytestmark = pytest.mark.xdist_group("cluster")
COUNT = 300


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store with an inbox of 300 returns, and one file that no reader can make sense of."""
    with s3(tmp_path_factory.mktemp("store")) as running, used(running):
        returns(running.folder / "in", COUNT)
        (running.folder / "in" / "坏.xlsx").write_bytes(b"PK\x03\x04 not a workbook")
        yield running


@pytest.fixture(scope="module")
def machines(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    home = tmp_path_factory.mktemp("cluster") / "logs"
    with cluster(home, store.environment) as running:
        for _ in range(2):
            running.add()
        yield running


@pytest.fixture(scope="module")
def roster(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("roster") / "名录.csv"
    path.write_text("\n".join(["单位名称", *map(unit, range(1, COUNT + 1))]), "utf-8")
    return path


@pytest.fixture(scope="module")
def expected(store: Store, roster: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What a run on this machine gives for the same files in a folder."""
    home = tmp_path_factory.mktemp("here")
    words = [store.folder / "in", "--roster", roster, "--year", "2025", "--json", "a.json"]
    done = xltools("collect", *words, cwd=home)
    data = json.loads((home / "a.json").read_bytes())
    assert len(data["returns"]) == COUNT, text(done)
    return data


def words(store: Store, machines: Machines, roster: Path, name: str) -> list[str]:
    out = f"{store.address}/{name}"
    return [
        *("collect", f"{store.address}/in", "--roster", str(roster), "--year", "2025"),
        *("--scheduler", machines.scheduler, "--state", f"{out}/state"),
        *("--out", f"{out}/汇总.xlsx", "--json", f"{out}/a.json"),
    ]


def given(store: Store, name: str) -> Any:
    return json.loads((store.folder / name / "a.json").read_bytes())


def parts(store: Store, name: str) -> dict[Path, int]:
    """The parts that are kept, with the times at which they were written."""
    found = (store.folder / name / "state").rglob("*.parquet")
    return {path: path.stat().st_mtime_ns for path in found if not path.name.startswith(".")}


def until_a_part_is_kept(store: Store, name: str, run: subprocess.Popen[bytes]) -> dict[Path, int]:
    for _ in range(1200):
        if kept := parts(store, name):
            return kept
        assert run.poll() is None, run.communicate()
        time.sleep(0.05)
    raise AssertionError("nothing was kept")


def started(*arguments: str, cwd: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [PROGRAM, *arguments],
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "PYTHONUTF8": "1"},
    )


def test_the_figures_are_those_of_a_run_here(
    store: Store, machines: Machines, roster: Path, expected: Any, tmp_path: Path
) -> None:
    run = started(*words(store, machines, roster, "one"), cwd=tmp_path)
    printed, _ = run.communicate(timeout=600)
    assert run.returncode == 1, printed.decode()
    assert given(store, "one") == expected
    assert (store.folder / "one" / "汇总.xlsx").is_file()
    assert not (store.folder / "one" / "state" / "lock.json").exists()
    rows = [parquet.read_table(path) for path in parts(store, "one")]
    assert len(rows) > 2, "both machines had their share"
    assert sum(table.num_rows for table in rows) == COUNT + 1

    again = xltools(*words(store, machines, roster, "one"), cwd=tmp_path)
    assert "原来的汇总表已改名保留" not in text(again)
    assert given(store, "one") == expected

    # The credentials are nowhere but in the environment.
    with zipfile.ZipFile(store.folder / "one" / "汇总.xlsx") as book:
        inside = b"".join(book.read(name) for name in book.namelist())
    written = b"".join(path.read_bytes() for path in (store.folder / "one").rglob("*.*"))
    for secret in (KEY, SECRET):
        assert secret not in machines.logs()
        assert secret.encode() not in printed + inside + written + json.dumps(expected).encode()


def test_a_task_holds_no_credentials(store: Store) -> None:
    files = tuple(enumerate(find(Remote.parsed(f"{store.address}/in"))))
    chunk = Chunk(
        files=files, machine="", form=FORM.text, form_path=FORM.path, passwords=(),
        settings=Limits(), partial=None,
    )  # fmt: skip
    sent = pickle.dumps(chunk)
    assert unit(7).encode() in sent
    for secret in (KEY, SECRET, *store.environment.values()):
        if secret not in ("true", "2"):
            assert secret.encode() not in sent


def test_a_machine_that_dies_in_mid_run(
    store: Store, machines: Machines, roster: Path, expected: Any, tmp_path: Path
) -> None:
    run = started(*words(store, machines, roster, "death"), cwd=tmp_path)
    until_a_part_is_kept(store, "death", run)
    doomed = machines.workers[0]
    readers = psutil.Process(doomed.pid).children(recursive=True)
    machines.end(doomed, signal.SIGKILL)
    printed, _ = run.communicate(timeout=600)
    assert run.returncode == 1, printed.decode()
    assert given(store, "death") == expected
    _, alive = psutil.wait_procs(readers, timeout=20)
    assert not alive, "what it had started ended with it"
    machines.add()


def test_a_run_that_was_cut_off_goes_on(
    store: Store, machines: Machines, roster: Path, expected: Any, tmp_path: Path
) -> None:
    arguments = words(store, machines, roster, "cut")
    run = started(*arguments, cwd=tmp_path)
    before = until_a_part_is_kept(store, "cut", run)
    run.kill()
    run.communicate(timeout=60)
    assert (store.folder / "cut" / "state" / "lock.json").exists()
    assert not (store.folder / "cut" / "a.json").exists()
    done = xltools(*arguments, cwd=tmp_path)
    assert done.returncode == 1, text(done)
    assert given(store, "cut") == expected
    after = parts(store, "cut")
    assert before.items() <= after.items(), "what was kept was not read again"
    assert sum(parquet.read_table(path).num_rows for path in after) == COUNT + 1


def test_a_replaced_object_is_read_again(
    store: Store, machines: Machines, roster: Path, expected: Any, tmp_path: Path
) -> None:
    path = store.folder / "in" / "00" / f"{unit(7)}.xlsx"
    whole, date = path.read_bytes(), path.stat().st_mtime_ns
    damaged = bytearray(whole)
    damaged[2000:2200] = bytes(200)
    arguments = words(store, machines, roster, "one")
    try:
        path.write_bytes(damaged)
        done = xltools(*arguments, cwd=tmp_path)
        data = given(store, "one")
    finally:
        path.write_bytes(whole)
        os.utime(path, ns=(date, date))
    assert done.returncode == 1, text(done)
    name = path.relative_to(store.folder / "in").as_posix()
    (finding,) = [f for f in data["findings"] if f["path"] == name]
    assert finding["code"] == "F-02"
    others = [e for e in expected["returns"] if e["path"] != name]
    assert data["returns"] == others
    assert xltools(*arguments, cwd=tmp_path).returncode == 1
    assert given(store, "one") == expected


def test_a_file_that_kills_its_reader_costs_itself(
    store: Store, machines: Machines, tmp_path: Path
) -> None:
    inbox = store.folder / "deadly"
    for name in ("甲局", "乙局"):
        filled(inbox / f"{name}.xlsx", name, FULL)
    with xlsxwriter.Workbook(inbox / "远.xlsx") as book:
        sheet = book.add_worksheet("表二")
        sheet.write(0, 0, 1)
        sheet.write(50_000, 16_000, 1)
    done = xltools(
        *("collect", f"{store.address}/deadly", "--year", "2025", "--json", "a.json"),
        *("--scheduler", machines.scheduler, "--limit", "cells=999999999"),
        cwd=tmp_path,
    )
    assert done.returncode == 1, text(done)
    data = json.loads((tmp_path / "a.json").read_bytes())
    assert [entry["unit"] for entry in data["returns"]] == ["乙局", "甲局"]
    assert [f["code"] for f in data["findings"] if f["path"] == "远.xlsx"] == ["F-07"]


def test_a_folder_that_the_machines_share(machines: Machines, tmp_path: Path) -> None:
    filled(tmp_path / "inbox" / "甲局.xlsx", "甲局", FULL)
    common = ["collect", "inbox", "--year", "2025", "--scheduler", machines.scheduler]
    done = xltools(*common, "--json", "a.json", "--state", "state", cwd=tmp_path)
    assert done.returncode == 0, text(done)
    assert len(json.loads((tmp_path / "a.json").read_bytes())["returns"]) == 1
    assert list((tmp_path / "state").rglob("*.parquet"))


def test_over_tls(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The certificates are those of Dask's own settings; without them nobody is let in."""
    from distributed.security import Security

    pair = Security.temporary()
    files = {}
    for name, pem in (("ca-file", pair.tls_ca_file), ("cert", pair.tls_worker_cert),
                      ("key", pair.tls_worker_key)):  # fmt: skip
        files[name] = tmp_path / f"{name}.pem"
        files[name].write_text(pem, "utf-8")
    options = [word for name, path in files.items() for word in (f"--tls-{name}", str(path))]
    filled(tmp_path / "inbox" / "甲局.xlsx", "甲局", FULL)
    with cluster(tmp_path_factory.mktemp("tls") / "logs", {}, *options) as machines:
        machines.add(*options)
        words = ["collect", "inbox", "--year", "2025", "--scheduler", machines.scheduler]
        assert machines.scheduler.startswith("tls://")
        run = started(*words, "--json", "a.json", cwd=tmp_path)
        printed, _ = run.communicate(timeout=300)
        assert run.returncode == 2 and machines.scheduler in printed.decode(), printed.decode()
        assert not (tmp_path / "a.json").exists()
        monkeypatch.setenv("DASK_DISTRIBUTED__COMM__TLS__CA_FILE", str(files["ca-file"]))
        monkeypatch.setenv("DASK_DISTRIBUTED__COMM__TLS__CLIENT__CERT", str(files["cert"]))
        monkeypatch.setenv("DASK_DISTRIBUTED__COMM__TLS__CLIENT__KEY", str(files["key"]))
        run = started(*words, "--json", "a.json", cwd=tmp_path)
        printed, _ = run.communicate(timeout=300)
        assert run.returncode == 0, printed.decode()
        assert len(json.loads((tmp_path / "a.json").read_bytes())["returns"]) == 1


def test_partial_results_without_a_cluster(tmp_path: Path) -> None:
    filled(tmp_path / "inbox" / "甲局.xlsx", "甲局", FULL)
    words = ["collect", "inbox", "--year", "2025", "--state", "state", "--json"]
    assert xltools(*words, "a.json", cwd=tmp_path).returncode == 0
    (part,) = (tmp_path / "state").rglob("*.parquet")
    (row,) = parquet.read_table(part).to_pylist()
    assert row["address"] == (tmp_path / "inbox" / "甲局.xlsx").as_posix()
    written = part.stat().st_mtime_ns
    assert xltools(*words, "b.json", cwd=tmp_path).returncode == 0
    assert (tmp_path / "b.json").read_bytes() == (tmp_path / "a.json").read_bytes()
    assert part.stat().st_mtime_ns == written
    part.write_bytes(part.read_bytes()[:100])  # damaged: then it counts as not there
    assert xltools(*words, "c.json", cwd=tmp_path).returncode == 0
    assert (tmp_path / "c.json").read_bytes() == (tmp_path / "a.json").read_bytes()


def refused(store: Store, machines: Machines, tmp_path: Path) -> str:
    done = xltools(
        *("collect", f"{store.address}/in", "--year", "2025", "--scheduler", machines.scheduler),
        cwd=tmp_path,
    )
    assert done.returncode == 2, text(done)
    assert "已读" not in text(done)
    return text(done)


def test_machines_that_are_not_fit(store: Store, machines: Machines, tmp_path: Path) -> None:
    wrong = machines.add(AWS_SECRET_ACCESS_KEY=f"{SECRET}-wrong")
    message = refused(store, machines, tmp_path)
    assert "存储拒绝访问" in message
    assert SECRET not in message
    machines.end(wrong)

    other = tmp_path / "other"
    package = Path(clusters.__file__).parent.parent
    shutil.copytree(package, other / "xltools", ignore=shutil.ignore_patterns("__pycache__"))
    version = other / "xltools" / "version.py"
    version.write_text(version.read_text("utf-8").replace('"0.', '"99.'), "utf-8")
    form = other / "xltools" / "forms" / "zfxxgk-2021.toml"
    form.write_bytes(form.read_bytes() + b"\n# changed\n")
    wrong = machines.add(TZ="Asia/Shanghai", PYTHONPATH=str(other))
    message = refused(store, machines, tmp_path)
    for what in ("xltools 版本是 99.", "表式文件是", "时区是 +0800"):
        assert what in message
    machines.end(wrong)

    wrong = machines.add(nanny=True)
    assert "distributed.worker.daemon: False" in refused(store, machines, tmp_path)
    machines.end(wrong)
    wrong = machines.add(nanny=True, DASK_DISTRIBUTED__WORKER__DAEMON="False")
    filled(store.folder / "small" / "甲局.xlsx", "甲局", FULL)
    words = ["collect", f"{store.address}/small", "--year", "2025"]
    done = xltools(*words, "--scheduler", machines.scheduler, cwd=tmp_path)
    assert done.returncode == 0, text(done)
    machines.end(wrong)


def test_no_cluster(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters, "_CONNECT", 1.0)
    monkeypatch.setattr(clusters, "_LONELY", 1.0)
    words = ["collect", f"{store.address}/in", "--year", "2025", "--scheduler"]
    done = xltools(*words, "tcp://127.0.0.1:9", cwd=tmp_path)
    assert done.returncode == 2
    assert "连不上调度器" in text(done)
    done = xltools(*words, "127.0.0.1:8786", cwd=tmp_path)
    assert done.returncode == 2
    assert "tcp://主机:端口" in text(done)
    with cluster(tmp_path / "logs", store.environment) as empty:
        done = xltools(*words, empty.scheduler, cwd=tmp_path)
    assert done.returncode == 2
    assert "没有可用的工作机" in text(done)
