"""Addresses: what they may say, the listing as of a folder, outputs whole or not at all, locks.

The stores are servers of their own on the loopback: S3 with signatures checked, and SFTP.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.commands import roster, text, xltools
from support.jobs import FULL, filled
from support.stores import PASSWORD, SECRET, Store, s3, sftp, used
from xltools.inbox.listing import find
from xltools.inbox.stored import StoredDocument, fetch
from xltools.model.errors import ReadError
from xltools.model.wording import Phrase, in_words
from xltools.storage import lock, remote
from xltools.storage.lock import LockedError, LockLostError, locked
from xltools.storage.outputs import staged, write_whole
from xltools.storage.remote import MissingExtraError, Remote, StorageError, located


@pytest.fixture(scope="module", params=["s3", "sftp"])
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Store]:
    home = tmp_path_factory.mktemp(request.param)
    with {"s3": s3, "sftp": sftp}[request.param](home) as running:
        yield running


@pytest.fixture
def store(server: Store) -> Iterator[Store]:
    with used(server):
        yield server
    for left in server.folder.iterdir():
        shutil.rmtree(left) if left.is_dir() else left.unlink()


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("s3://amt/一月/收件/", Remote(protocol="s3", server="", path="amt/一月/收件")),
        ("S3://amt", Remote(protocol="s3", server="", path="amt")),
        ("sftp://bote@host:22/收件", Remote(protocol="sftp", server="bote@host:22", path="/收件")),
        ("file:///srv/收件", Path("/srv/收件")),
        ("C:/收件", Path("C:/收件")),
        ("收件", Path("收件")),
    ],
)
def test_addresses_and_paths(address: str, place: object) -> None:
    assert located(address) == place


@pytest.mark.parametrize(
    "address",
    [
        "s3://key:geheim@amt/收件",
        "s3://geheim@amt/收件",
        "sftp://bote:geheim@host/收件",
        "s3://amt/收件?X-Amz-Signature=geheim",
        "https://host/收件?token=geheim",
        "simplecache::s3://amt/收件?geheim",
    ],
)
def test_no_secret_in_an_address(address: str) -> None:
    with pytest.raises(StorageError) as caught:
        located(address)
    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize("address", ["nosuch://amt/收件", "sftp://host", "http://host/收件"])
def test_addresses_that_cannot_be_used(address: str) -> None:
    with pytest.raises(StorageError, match=r"s3://|sftp://"):
        assert not located(address).files  # type: ignore[union-attr]  # because a path is none here


@pytest.mark.parametrize("words", [["s3://amt/inbox"], ["inbox", "--out", "s3://amt/a.xlsx"]])
def test_the_missing_extra_is_told_before_work(tmp_path: Path, words: list[str]) -> None:
    """In a process of its own: fsspec keeps what other tests have imported."""
    filled(tmp_path / "inbox" / "甲局.xlsx", "甲局", FULL)
    program = (
        "import sys\n"
        "from xltools.cli import main\n"
        "if __name__ == '__main__':\n"
        "    sys.modules['s3fs'] = None\n"
        f"    sys.argv = ['xltools', 'collect', *{words!r}, '--year', '2025']\n"
        "    sys.exit(main())\n"
    )
    (tmp_path / "run.py").write_text(program, "utf-8")
    done = subprocess.run(
        [sys.executable, "run.py"], cwd=tmp_path, capture_output=True, check=False
    )
    assert done.returncode == 2
    assert "pip install xltools[cluster]" in text(done)
    assert "已读" not in text(done)


def test_a_missing_extra_is_an_error_of_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object, **__: object) -> None:
        raise ImportError("s3fs")

    monkeypatch.setattr("fsspec.get_filesystem_class", missing)
    remote._opened.cache_clear()
    with pytest.raises(MissingExtraError):
        assert Remote.parsed("s3://amt/inbox").files


def test_without_an_address_nothing_of_the_extra_is_imported(tmp_path: Path) -> None:
    filled(tmp_path / "inbox" / "甲局.xlsx", "甲局", FULL)
    program = (
        "import sys\n"
        "from xltools.cli import app\n"
        "if __name__ == '__main__':\n"
        "    sys.argv = ['xltools', 'collect', 'inbox', '--year', '2025', '--out', 'a.xlsx']\n"
        "    app.run()\n"
        "    print(sorted({'fsspec', 'pyarrow', 'distributed', 's3fs'} & sys.modules.keys()))\n"
    )
    (tmp_path / "run.py").write_text(program, "utf-8")
    done = subprocess.run(
        [sys.executable, "run.py"], cwd=tmp_path, capture_output=True, check=True, text=True
    )
    assert done.stdout.splitlines()[-1] == "[]"
    assert (tmp_path / "a.xlsx").is_file()


TREE = (
    *("b.xlsx", "a/2.xlsx", "a/10.xlsx", "a b/c.xlsx", "a.xlsx", "Z.xlsx", "a/b/c.xlsx"),
    *("~$b.xlsx", ".DS_Store", "a/Thumbs.db", "__MACOSX/b.xlsx", "[1]*.xlsx", "第 1 份.xlsx"),
    *("saved.htm", "saved.files/sheet001.htm", "saved.files/filelist.xml", "saved.files/x.xlsx"),
    *("lone.files/sheet001.htm", "lone.files/filelist.xml", "t.numbers/Index/a.iwa"),
    *("t.numbers/preview.jpg", "g/one.html", "g/two.html", "g/resources/sheet.css", "q#1.xlsx"),
)


def test_an_address_is_listed_as_a_folder(store: Store) -> None:
    for name in TREE:
        path = store.folder / "inbox" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        style = b"<link href='resources/sheet.css'>" if name.startswith("g/") else name.encode()
        path.write_bytes(style)
    at_home = [(f.name, in_words(f.ignored)) for f in find(store.folder / "inbox")]
    away = list(find(Remote.parsed(f"{store.address}/inbox")))
    assert [(f.name, in_words(f.ignored)) for f in away] == at_home
    assert len(at_home) < len(TREE)
    parts = {
        f.name: sorted(fetch(f.place).parts)
        for f in away
        if isinstance(f.place, StoredDocument) and not f.ignored
    }
    assert parts["saved.htm"] == [
        "saved.files/filelist.xml", "saved.files/sheet001.htm", "saved.files/x.xlsx"
    ]  # fmt: skip
    assert parts["t.numbers"] == ["t.numbers/Index/a.iwa", "t.numbers/preview.jpg"]
    assert parts["g"] == ["g/one.html", "g/resources/sheet.css", "g/two.html"]
    assert parts["b.xlsx"] == []


def test_a_collection_at_an_address_is_that_of_the_folder(store: Store, tmp_path: Path) -> None:
    inbox = store.folder / "收件"
    for unit in ("甲局", "乙局"):
        filled(inbox / "一月" / f"{unit}.xlsx", unit, FULL)
    (inbox / "坏.xlsx").write_bytes(b"PK\x03\x04 not a workbook")
    (inbox / "空.xlsx").write_bytes(b"")
    roster(tmp_path / "名录.csv", "甲局", "乙局", "丙局")
    common = ["--roster", "名录.csv", "--year", "2025"]
    home = ["--out", "汇总.xlsx", "--json", "a.json"]
    here = xltools("collect", inbox, *common, *home, cwd=tmp_path)
    away = ["--out", f"{store.address}/出/汇总.xlsx", "--json", f"{store.address}/出/a.json"]
    there = xltools("collect", f"{store.address}/收件", *common, *away, cwd=tmp_path)
    assert there.returncode == here.returncode == 1, text(there)
    data = [json.loads((f / "a.json").read_bytes()) for f in (tmp_path, store.folder / "出")]
    assert data[0] == data[1]
    assert len(data[0]["returns"]) == 2
    assert f"汇总表：{store.address}/出/汇总.xlsx" in text(there)
    assert sorted(p.name for p in (store.folder / "出").iterdir()) == ["a.json", "汇总.xlsx"]

    again = xltools("collect", f"{store.address}/收件", *common, *away, cwd=tmp_path)
    assert "改名保留" not in text(again)
    filled(inbox / "丙局.xlsx", "丙局", FULL)
    third = xltools("collect", f"{store.address}/收件", *common, *away, cwd=tmp_path)
    assert "原来的汇总表已改名保留：汇总_" in text(third)
    assert len(list((store.folder / "出").glob("汇总*.xlsx"))) == 2


def test_an_inbox_at_an_address_that_is_not_there(store: Store, tmp_path: Path) -> None:
    done = xltools("collect", f"{store.address}/nowhere", "--year", "2025", cwd=tmp_path)
    assert done.returncode == 2
    assert "没有这个收件夹" in text(done)


def test_no_output_in_the_inbox(store: Store, tmp_path: Path) -> None:
    filled(store.folder / "in" / "甲局.xlsx", "甲局", FULL)
    words = [f"{store.address}/in", "--out", f"{store.address}/in/a.xlsx", "--year", "2025"]
    done = xltools("collect", *words, cwd=tmp_path)
    assert done.returncode == 2
    assert "收件夹里只放收到的文件" in text(done)


@pytest.mark.parametrize("change", ["longer", "other", "gone"])
def test_a_file_that_changed_after_it_was_listed(store: Store, change: str) -> None:
    path = filled(store.folder / "in" / "甲局.xlsx", "甲局", FULL)
    (file,) = find(Remote.parsed(f"{store.address}/in"))
    assert isinstance(file.place, StoredDocument)
    data = path.read_bytes()
    assert fetch(file.place).data == data
    path.unlink()
    if change != "gone":
        path.write_bytes(data + b"\0" if change == "longer" else data[:-1] + b"\1")
        os.utime(path, (time.time() + 5,) * 2)
    time.sleep(0.1)  # the server looks at its folder anew
    with pytest.raises(ReadError) as caught:
        fetch(file.place)
    expected = Phrase.NO_SUCH_PATH if change == "gone" else Phrase.CHANGED_SINCE_LISTED
    assert (caught.value.code, caught.value.detail) == ("F-06", expected)


def test_wrong_credentials_are_told_and_kept_secret(server: Store, tmp_path: Path) -> None:
    wrong = {"AWS_SECRET_ACCESS_KEY": f"{SECRET}!", "FSSPEC_SFTP_PASSWORD": f"{PASSWORD}!"}
    with used(server, **wrong):
        words = [f"{server.address}/收件", "--year", "2025"]
        done = xltools("collect", *words, cwd=tmp_path)
    assert done.returncode == 2
    assert "存储拒绝访问" in text(done)
    assert SECRET not in text(done)
    assert PASSWORD not in text(done)


def test_a_server_that_is_not_there(server: Store, tmp_path: Path) -> None:
    address = server.address.rpartition(":")[0] + ":9" if "@" in server.address else "s3://amt"
    with used(server, AWS_ENDPOINT_URL_S3="http://127.0.0.1:9", AWS_MAX_ATTEMPTS="1"):
        done = xltools("collect", f"{address}/收件", "--year", "2025", cwd=tmp_path)
    assert done.returncode == 2
    assert "连不上存储" in text(done)


def test_an_sftp_server_that_nobody_knows(tmp_path: Path) -> None:
    with sftp(tmp_path) as server, used(server):
        (tmp_path / ".ssh" / "known_hosts").write_bytes(b"")
        done = xltools("collect", f"{server.address}/in", "--year", "2025", cwd=tmp_path)
    assert done.returncode == 2
    assert "known_hosts" in text(done)


def test_an_output_is_whole_or_not_at_all(store: Store) -> None:
    place = Remote.parsed(f"{store.address}/out/a.bin")
    assert write_whole(place, b"first").kept is None
    with pytest.raises(KeyboardInterrupt), staged(place) as output:
        output.file.write(b"half")
        raise KeyboardInterrupt
    assert [p.name for p in (store.folder / "out").iterdir()] == ["a.bin"]
    assert (store.folder / "out" / "a.bin").read_bytes() == b"first"
    kept = write_whole(place, b"second").kept
    assert kept is not None
    assert (store.folder / "out" / kept).read_bytes() == b"first"
    assert (store.folder / "out" / "a.bin").read_bytes() == b"second"
    os.utime(store.folder / "out" / "a.bin", (kept_date := 1_700_000_000, kept_date))
    os.utime(store.folder / "out" / kept, (kept_date, kept_date))
    assert write_whole(place, b"third", keep=False).kept is None
    assert len(list((store.folder / "out").iterdir())) == 2


def test_one_run_at_a_time(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "_BEAT", 0.2)
    monkeypatch.setattr(lock, "_DEAD", 2.0)
    folder = Remote.parsed(f"{store.address}/state")
    with locked(folder), pytest.raises(LockedError, match="另一次汇总"), locked(folder):
        pass
    assert not (store.folder / "state" / "lock.json").exists()


def test_a_lock_of_the_dead_is_taken_over(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "_BEAT", 0.2)
    monkeypatch.setattr(lock, "_DEAD", 1.0)
    folder = Remote.parsed(f"{store.address}/state")
    (store.folder / "state").mkdir()
    left = {"token": "a", "host": "elsewhere", "process": 1, "beats": 7}
    (store.folder / "state" / "lock.json").write_text(json.dumps(left))
    with locked(folder):
        assert json.loads((store.folder / "state" / "lock.json").read_bytes())["token"] != "a"


def test_a_lock_that_was_lost_is_told(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "_BEAT", 0.1)
    folder = Remote.parsed(f"{store.address}/state")
    other = {"token": "other", "host": "elsewhere", "process": 1, "beats": 0}
    with pytest.raises(LockLostError), locked(folder) as held:
        (store.folder / "state" / "lock.json").write_text(json.dumps(other))
        time.sleep(1.0)
        held.require()
    assert (store.folder / "state" / "lock.json").exists()
