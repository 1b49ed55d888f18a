"""A second look at an inbox: what was read of a file is kept, and nothing else is."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from msoffcrypto.format.ooxml import OOXMLFile

from support.commands import PROGRAM, text, xltools
from support.containers import eml, seven, zip_
from support.documents import balanced
from support.filled import LAYOUT
from support.jobs import BAD, GOOD, filled
from support.written import listed, page, word
from xltools import api
from xltools.inbox import fingerprint, intake, pool, shelf
from xltools.inbox.fitness import this_machine
from xltools.inbox.intake import read_inbox
from xltools.inbox.reading import ReadFailure, Reading, ReadReturn
from xltools.inbox.shelf import Shelf, ShelfError, clear
from xltools.model.limits import Limits
from xltools.model.record import Origin
from xltools.model.wording import Phrase
from xltools.readers import workbook
from xltools.readers.documents import office
from xltools.settings.fields import SETTINGS

DAY = 24 * 60 * 60


class Counter:
    """Reads the inbox ``in`` of a folder, with the shelf in ``cache``; counts what workers read."""

    def __init__(self, home: Path, patch: pytest.MonkeyPatch) -> None:
        self.inbox, self.cache = home / "in", home / "cache"
        self.inbox.mkdir()
        self.read: list[str] = []
        self.notes: list[str] = []
        self.before: Callable[[], object] = lambda: None  # what happens just before files are read
        real = pool.Workers.read

        def counted(
            workers: pool.Workers, files: Sequence[Any], progress: pool.Progress = print
        ) -> Iterator[Any]:
            self.read += [name for name, _ in files]
            self.before()
            return real(workers, files, progress)

        patch.setattr(pool.Workers, "read", counted)

    def look(self, **options: Any) -> dict[str, Reading]:
        """What is read in the inbox, by path; ``read`` then has what workers read for it."""
        self.read.clear()
        kept = Shelf(self.cache, self.notes.append, most=options.pop("most", 1 << 29))
        readings = read_inbox(self.inbox, options.pop("layout", LAYOUT), shelf=kept, **options)
        return {reading.source.path: reading for reading in readings}

    def entries(self) -> int:
        path = self.cache / "readings.sqlite"
        connection = sqlite3.connect(path)
        ((count,),) = connection.execute("select count(*) from entry")
        connection.close()
        return int(count)

    def change(self, statement: str, *values: object) -> None:
        connection = sqlite3.connect(self.cache / "readings.sqlite")
        with connection:
            connection.execute(statement, values)
        connection.close()


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Counter:
    return Counter(tmp_path, monkeypatch)


@pytest.fixture
def commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Commands use the cache, in a folder of this test, which is returned."""
    monkeypatch.delenv(SETTINGS["no_cache"].variable)
    monkeypatch.setenv(shelf.FOLDER_VARIABLE, str(tmp_path / "cache"))
    return tmp_path / "cache"


def mixed(inbox: Path) -> None:
    """One file of each sort: workbooks, documents, a page, a text, an archive, a mail."""
    good = filled(inbox / "甲.xlsx", "甲局", GOOD).read_bytes()
    filled(inbox / "区" / "乙.xlsx", "乙局", BAD)
    report = balanced(3)
    (inbox / "丙.docx").write_bytes(word(report))
    (inbox / "丁.html").write_bytes(page(report))
    (inbox / "戊.txt").write_text(listed(report), "utf-8")
    (inbox / "己.zip").write_bytes(zip_({"己局.xlsx": good, "~$己局.xlsx": b"lock"}))
    (inbox / "庚.eml").write_bytes(eml({"庚局.xlsx": good}))
    (inbox / "坏.xlsx").write_bytes(b"PK\x03\x04" + bytes(60))


def locked(data: bytes) -> bytes:
    out = BytesIO()
    OOXMLFile(BytesIO(data)).encrypt("secret", out)
    return out.getvalue()


def test_with_nothing_new_no_file_is_opened_and_no_worker_is_started(
    desk: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    mixed(desk.inbox)
    first = desk.look()
    assert len(desk.read) == 8
    assert desk.entries() == 8
    started: list[object] = []
    monkeypatch.setattr(pool.Workers, "__enter__", started.append)
    monkeypatch.setattr(workbook, "book_of", started.append)
    told: list[tuple[int, int, str]] = []
    assert desk.look(progress=lambda *step: told.append(step)) == first
    assert desk.read == started == desk.notes == []
    assert [(done, total) for done, total, _ in told] == [(n, 8) for n in range(1, 9)]
    assert told[0][2] == "丁.html"


def test_what_is_new_is_read_alone(desk: Counter) -> None:
    mixed(desk.inbox)
    first = desk.look()
    filled(desk.inbox / "甲.xlsx", "甲局", BAD)
    filled(desk.inbox / "辛.xlsx", "辛局", GOOD)
    second = desk.look()
    assert sorted(desk.read) == ["甲.xlsx", "辛.xlsx"]
    assert second["甲.xlsx"] != first["甲.xlsx"]
    assert second["丙.docx"] == first["丙.docx"]
    desk.look()
    assert desk.read == []


def test_path_and_date_are_those_of_the_file(desk: Counter) -> None:
    mixed(desk.inbox)
    first = desk.look()
    (desk.inbox / "新").mkdir()
    for name in ("甲.xlsx", "己.zip", "庚.eml"):
        place = (desk.inbox / name).rename(desk.inbox / "新" / f"改{name}")
        os.utime(place, (1_700_000_000, 1_700_000_000))
    second = desk.look()
    assert desk.read == []
    day = datetime.fromtimestamp(1_700_000_000)
    workbook_source = second["新/改甲.xlsx"].source
    assert workbook_source == replace(first["甲.xlsx"].source, path="新/改甲.xlsx", date=day)
    in_archive = second["新/改己.zip/己局.xlsx"].source
    assert in_archive == replace(
        first["己.zip/己局.xlsx"].source, path="新/改己.zip/己局.xlsx", file="新/改己.zip"
    )
    assert in_archive.date != day  # the archive gives one, even where the file has the same
    mailed = second["新/改庚.eml/庚局.xlsx"].source
    assert mailed.file == "新/改庚.eml"
    assert mailed.senders == first["庚.eml/庚局.xlsx"].source.senders


def test_a_date_that_a_mail_and_its_file_share_stays_that_of_the_mail(desk: Counter) -> None:
    mail = desk.inbox / "庚.eml"
    mail.write_bytes(
        b"From: a@example.cn\r\nDate: Tue, 20 Jan 2026 12:00:00 +0000\r\n"
        + eml({"庚局.xlsx": filled(desk.inbox.parent / "x.xlsx", "庚局", GOOD).read_bytes()})
    )
    sent = datetime.fromisoformat("2026-01-20T12:00:00+00:00").timestamp()
    os.utime(mail, (sent, sent))
    first = desk.look()["庚.eml/庚局.xlsx"].source
    os.utime(mail, (1_700_000_000, 1_700_000_000))
    assert desk.look()["庚.eml/庚局.xlsx"].source == first
    assert desk.read == []


@pytest.mark.parametrize("name", ["丁.html", "戊.txt"])
def test_a_name_counts_where_a_reader_uses_it(desk: Counter, name: str) -> None:
    mixed(desk.inbox)
    desk.look()
    (desk.inbox / name).rename(desk.inbox / f"改{name}")
    desk.look()
    assert desk.read == [f"改{name}"]


def test_parts_beside_a_page_count(desk: Counter) -> None:
    (desk.inbox / "丁.files").mkdir()
    (desk.inbox / "丁.html").write_bytes(page(balanced(3)))
    (desk.inbox / "丁.files" / "style.css").write_text("td {}")
    desk.look()
    desk.look()
    assert desk.read == []
    (desk.inbox / "丁.files" / "style.css").write_text("td { }")
    desk.look()
    assert desk.read == ["丁.html"]


def test_a_folder_that_belongs_to_no_page_does_no_harm(desk: Counter) -> None:
    (desk.inbox / "戊_files").mkdir()
    (desk.inbox / "戊_files" / "a.htm").write_text("<html>")
    (desk.inbox / "戊.txt").write_text(listed(balanced(3)), "utf-8")
    first = desk.look()
    assert desk.look() == first
    assert desk.read == []


def test_an_impossible_date_is_left_to_the_worker(
    desk: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(desk.inbox / "甲.xlsx", "甲局", GOOD)

    class Calendar:
        @staticmethod
        def fromtimestamp(seconds: float) -> datetime:
            raise OverflowError(seconds)

    monkeypatch.setattr(fingerprint, "datetime", Calendar)
    assert isinstance(desk.look()["甲.xlsx"], ReadReturn)
    assert desk.entries() == 0


def test_what_reading_depends_on_counts(desk: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(desk.inbox / "甲.xlsx", "甲局", GOOD)
    desk.look()

    def read_again(**options: Any) -> bool:
        desk.look(**options)
        return desk.read == ["甲.xlsx"]

    assert not read_again()
    assert read_again(settings=Limits(pages=7))
    other = replace(LAYOUT.form, text=LAYOUT.form.text + "\n# another\n")
    assert read_again(layout=replace(LAYOUT, form=other))
    with monkeypatch.context() as patch:
        patch.setattr(office, "program", lambda: __file__)
        assert read_again()
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "America/Denver")
        time.tzset()
        denver = fingerprint.circumstances(LAYOUT.form, Limits())
        patch.setenv("TZ", "America/Phoenix")
        time.tzset()
        assert fingerprint.circumstances(LAYOUT.form, Limits()) != denver
    time.tzset()
    here = this_machine()
    for what in ("xltools 程序文件", "表式文件", "Python 版本", "程序库 python-calamine"):
        changed = replace(here, same={**here.same, what: "another"})
        with monkeypatch.context() as patch:
            patch.setattr(fingerprint, "this_machine", lambda machine=changed: machine)
            assert read_again(), what
    assert not read_again()


def test_what_a_password_opened_is_not_kept(desk: Counter) -> None:
    plain = filled(desk.inbox.parent / "甲.xlsx", "甲局", GOOD).read_bytes()
    (desk.inbox / "甲.xlsx").write_bytes(locked(plain))
    (desk.inbox / "乙.zip").write_bytes(zip_({"一.xlsx": plain, "二.xlsx": locked(plain)}))
    (desk.inbox / "丙.7z").write_bytes(seven({"一.xlsx": plain}, password="secret"))
    (desk.inbox / "丁.zip").write_bytes(zip_({"三.7z": (desk.inbox / "丙.7z").read_bytes()}))
    for passwords in ((), ("secret",), ("secret",)):
        readings = desk.look(passwords=passwords)
        assert len(desk.read) == 4, passwords
        assert desk.entries() == 0
    assert all(isinstance(reading, ReadReturn) for reading in readings.values())
    assert len(readings) == 5


@pytest.mark.parametrize("code", ["F-03", "F-04", "F-05", "F-06", "F-07", "F-08", "F-09", "F-11"])
def test_what_is_due_to_the_run_or_the_machine_is_not_kept(
    desk: Counter, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    filled(desk.inbox / "甲.xlsx", "甲局", GOOD)

    def failing(_self: object, files: Sequence[Any], _step: object) -> Iterator[Any]:
        for number, file in files:
            yield number, [ReadFailure(source=Origin(path=file.name), code=code)]

    with monkeypatch.context() as patch:
        patch.setattr(intake._Here, "read", failing)
        desk.look()
    assert desk.entries() == 0
    assert isinstance(desk.look()["甲.xlsx"], ReadReturn)
    assert desk.entries() == 1


def test_what_libreoffice_could_not_open_is_tried_again(
    desk: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(desk.inbox / "甲.doc", "甲局", GOOD)

    def failing(_self: object, files: Sequence[Any], _step: object) -> Iterator[Any]:
        for number, file in files:
            detail = Phrase.LIBREOFFICE_CANNOT("Word")
            yield number, [ReadFailure(source=Origin(path=file.name), code="F-19", detail=detail)]

    monkeypatch.setattr(intake._Here, "read", failing)
    desk.look()
    assert desk.entries() == 0


def test_a_file_that_changes_before_it_is_read_is_not_kept_as_it_was(desk: Counter) -> None:
    good = filled(desk.inbox / "甲.xlsx", "甲局", GOOD).read_bytes()
    bad = filled(desk.inbox.parent / "x.xlsx", "甲局", BAD).read_bytes()
    archive = desk.inbox / "乙.zip"
    archive.write_bytes(zip_({"乙局.xlsx": good}))

    def change() -> None:
        (desk.inbox / "甲.xlsx").write_bytes(bad)
        archive.write_bytes(zip_({"乙局.xlsx": bad}))

    desk.before = change
    changed = desk.look()
    assert desk.entries() == 0
    desk.before = lambda: None
    (desk.inbox / "甲.xlsx").write_bytes(good)
    archive.write_bytes(zip_({"乙局.xlsx": good}))
    first = desk.look()
    assert len(desk.read) == 2
    for path in ("甲.xlsx", "乙.zip/乙局.xlsx"):
        before, after = changed[path], first[path]
        assert isinstance(before, ReadReturn) and isinstance(after, ReadReturn)
        assert before.ret.numbers != after.ret.numbers
    assert desk.entries() == 2


def test_what_was_read_until_an_end_is_kept(desk: Counter) -> None:
    for number in range(3):
        filled(desk.inbox / f"{number}.xlsx", f"局{number}", GOOD)

    def stop(done: int, _total: int, _name: str) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        desk.look(progress=stop, workers=1)
    assert 1 <= desk.entries() <= 3
    desk.look()
    assert len(desk.read) < 3


def test_an_entry_that_cannot_be_read_is_replaced(desk: Counter) -> None:
    filled(desk.inbox / "甲.xlsx", "甲局", GOOD)
    first = desk.look()
    for content in (b"", b"x\x9c", b'[{"=": "Popen"}]'):
        desk.change("update entry set data = ?", content)
        assert desk.look() == first
        assert desk.read == ["甲.xlsx"]
        desk.look()
        assert desk.read == []
    assert desk.notes == []


@pytest.mark.parametrize("damage", ["no database", "torn", "a folder", "a file for a folder"])
def test_a_cache_that_cannot_be_used_is_told_once_and_costs_nothing_else(
    desk: Counter, damage: str
) -> None:
    mixed(desk.inbox)
    first = desk.look()
    file = desk.cache / "readings.sqlite"
    data = file.read_bytes()
    if damage == "no database":
        file.write_bytes(b"no database" * 1000)
    elif damage == "torn":
        file.write_bytes(data[:4096] + bytes(len(data) - 4096))
    else:
        file.unlink()
        if damage == "a folder":
            file.mkdir()
        else:
            desk.cache.rmdir()
            desk.cache.write_bytes(b"")
    assert desk.look() == first
    assert len(desk.read) == 8
    (note,) = desk.notes
    assert "readings.sqlite" in note
    assert "xltools cache clear" in note
    if damage in ("no database", "torn"):
        assert "已损坏" in note
        clear(desk.cache)
        assert desk.look() == first
        assert desk.entries() == 8
        assert len(desk.notes) == 1


def test_a_shelf_that_gave_up_stays_silent(tmp_path: Path) -> None:
    notes: list[str] = []
    (tmp_path / "file").write_bytes(b"")
    unusable = Shelf(tmp_path / "file", notes.append)
    for _ in range(2):
        with unusable:
            unusable.put([(b"key", b"data")])
            assert unusable.find([b"key"]) == {}
    assert len(notes) == 1


def test_another_run_that_writes_is_not_waited_for_in_vain(
    desk: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(desk.inbox / "甲.xlsx", "甲局", GOOD)
    first = desk.look()
    filled(desk.inbox / "乙.xlsx", "乙局", GOOD)
    monkeypatch.setattr(shelf, "_PATIENCE", 0.05)
    other = sqlite3.connect(desk.cache / "readings.sqlite")
    other.execute("begin immediate")
    second = desk.look()
    assert desk.read == ["乙.xlsx"]  # reading needs no leave to write
    assert second["甲.xlsx"] == first["甲.xlsx"]
    with pytest.raises(ShelfError, match="正被另一次运行使用"):
        clear(desk.cache)
    other.close()
    assert desk.entries() == 1
    assert desk.notes == []


def test_what_was_not_used_for_longest_goes_first(tmp_path: Path) -> None:
    shelved = Shelf(tmp_path, most=1 << 20)
    connection = None
    with shelved:
        for number in range(8):
            shelved.put([(bytes([number]), bytes([number]) * 100_000)])
    connection = sqlite3.connect(tmp_path / "readings.sqlite")
    with connection:
        for number in range(8):
            used = int(time.time()) - (20 - number) * DAY
            connection.execute("update entry set used = ? where key = ?", (used, bytes([number])))
    with shelved:
        assert list(shelved.find([b"\0"])) == [b"\0"]  # it counts as used now
        shelved.put([(b"new", b"n" * 300_000)])
    left = sorted(key for (key,) in connection.execute("select key from entry"))
    connection.close()
    assert b"\0" in left and b"new" in left
    assert bytes([1]) not in left
    assert bytes([7]) in left
    assert (tmp_path / "readings.sqlite").stat().st_size < 3 << 19


def test_what_was_not_used_for_90_days_is_removed(tmp_path: Path) -> None:
    with Shelf(tmp_path) as shelved:
        shelved.put([(b"a", b"a"), (b"b", b"b")])
        connection = sqlite3.connect(tmp_path / "readings.sqlite")
        with connection:
            for key, days in ((b"a", 91), (b"b", 89)):
                used = int(time.time()) - days * DAY
                connection.execute("update entry set used = ? where key = ?", (used, key))
        connection.close()
        shelved.put([(b"c", b"c")])
        assert shelved.find([b"a", b"b", b"c"]) == {b"b": b"b", b"c": b"c"}


def test_nobody_else_may_read_it(desk: Counter) -> None:
    filled(desk.inbox / "甲.xlsx", "甲局", GOOD)
    desk.look()
    assert desk.cache.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in desk.cache.iterdir()} == {0o600}


def test_two_runs_at_once(tmp_path: Path, commands: Path) -> None:
    for number in range(12):
        filled(tmp_path / "in" / f"{number}.xlsx", f"局{number}", GOOD)
    runs = [
        subprocess.Popen(
            [PROGRAM, "collect", "in", "--out", f"{n}.xlsx", "--json", f"{n}.json"],
            cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )
        for n in range(2)
    ]  # fmt: skip
    for run in runs:
        _, errors = run.communicate(timeout=120)
        assert run.returncode == 0
        assert "缓存" not in errors.decode()
    assert (tmp_path / "0.json").read_bytes() == (tmp_path / "1.json").read_bytes()
    connection = sqlite3.connect(commands / "readings.sqlite")
    assert connection.execute("select count(*) from entry").fetchall() == [(12,)]
    assert connection.execute("pragma integrity_check").fetchall() == [("ok",)]
    connection.close()


def test_the_commands(tmp_path: Path, commands: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(tmp_path / "in" / "甲.xlsx", "甲局", GOOD)
    (tmp_path / "r.csv").write_text("单位名称\n甲局\n", "utf-8")
    assert text(xltools("cache", "dir", cwd=tmp_path)) == f"{commands}\n"
    assert "删去 0 个" in text(xltools("cache", "clear", cwd=tmp_path))
    words = ("in", "--roster", "r.csv", "--year", "2025")
    told = text(xltools("collect", *words, "--no-cache", cwd=tmp_path))
    assert not commands.exists()
    first = (tmp_path / "汇总.xlsx").read_bytes()
    told = text(xltools("collect", *words, cwd=tmp_path))
    assert "缓存" not in told

    def refused(*_: object) -> None:
        raise AssertionError("a worker is started")

    with monkeypatch.context() as patch:
        patch.setattr(pool.Workers, "__enter__", refused)
        for command in ("collect", "decide", "reply"):
            assert xltools(command, *words, cwd=tmp_path).returncode == 0, command
        with pytest.raises(AssertionError, match="a worker is started"):
            xltools("decide", *words, "--no-cache", cwd=tmp_path)
        patch.setenv(SETTINGS["no_cache"].variable, "1")
        with pytest.raises(AssertionError, match="a worker is started"):
            xltools("reply", *words, cwd=tmp_path)
    assert (tmp_path / "汇总.xlsx").read_bytes() == first
    assert "删去 1 个" in text(xltools("cache", "clear", cwd=tmp_path))
    for file in commands.iterdir():
        assert "甲局".encode() not in file.read_bytes()


def test_a_cache_that_cannot_be_used_is_a_warning_of_the_command(
    tmp_path: Path, commands: Path
) -> None:
    filled(tmp_path / "in" / "甲.xlsx", "甲局", GOOD)
    commands.write_bytes(b"")
    done = xltools("collect", "in", "--year", "2025", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stderr.decode().count("不留存") == 1


def test_last_years_folder_is_not_read_again(
    tmp_path: Path, commands: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(tmp_path / "去年" / "甲.xlsx", "甲局", GOOD, year=2024)
    (tmp_path / "r.csv").write_text("单位名称\n甲局\n", "utf-8")
    words = ("r.csv", "--year", "2025", "--previous", "去年")
    xltools("generate", *words, cwd=tmp_path)

    def refused(*_: object) -> None:
        raise AssertionError("a worker is started")

    monkeypatch.setattr(pool.Workers, "__enter__", refused)
    assert xltools("generate", *words, cwd=tmp_path).returncode == 0


def test_the_library_keeps_nothing_unless_asked(tmp_path: Path, commands: Path) -> None:
    filled(tmp_path / "in" / "甲.xlsx", "甲局", GOOD)
    first = api.collect(tmp_path / "in", LAYOUT.form, year=2025)
    assert not commands.exists()
    for _ in range(2):
        assert api.collect(tmp_path / "in", LAYOUT.form, year=2025, cache=True) == first
    assert commands.is_dir()


def test_where_it_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(shelf.FOLDER_VARIABLE)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert shelf.shelf_folder() == tmp_path / "xltools"
