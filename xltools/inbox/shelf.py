"""The shelf: what was read of files, kept in the user's cache folder for the next run.

It is one SQLite file, which several runs may use at the same time. It holds what the files hold:
names, telephone numbers, texts, addresses of mails. All of it can be read again from the files, so
whatever goes wrong here costs time only: a shelf that cannot be used is as good as an empty one.
"""

import os
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TypeVar

from xltools.model.errors import XltoolsError, refusal
from xltools.model.limits import MB
from xltools.model.wording import in_words

T = TypeVar("T")

FOLDER_VARIABLE: Final = "XLTOOLS_CACHE_DIR"
"""The environment variable that names another folder for the shelf."""

_FILE: Final = "readings.sqlite"
_FORMAT: Final = 1  # of the tables below; a file of another format is emptied
_MOST: Final = 500 * MB
_UNUSED: Final = 90  # days after which an entry that was not used is removed
_DAY: Final = 24 * 60 * 60
_PATIENCE: Final = 2.0  # seconds to wait for another run that is writing
_ASKED: Final = 500  # keys in one question; SQLite allows 32,766
_TABLES: Final = (
    "drop table if exists entry",
    "create table entry (key blob primary key, used integer not null, size integer not null,"
    " data blob not null)",
    "create index by_use on entry (used, size)",
    f"pragma user_version = {_FORMAT}",
)


class ShelfError(XltoolsError):
    """The shelf cannot be emptied; the text says why and what to do."""


def shelf_folder() -> Path:
    """The folder of the shelf: in the user's cache folder, or where XLTOOLS_CACHE_DIR says."""
    if folder := os.environ.get(FOLDER_VARIABLE):
        return Path(folder)
    import platformdirs

    return platformdirs.user_cache_path("xltools", appauthor=False)


class Shelf:
    """Bytes by key, in one file. Use it as a context manager, which opens the file.

    ``folder``: where the file is; made if need be. ``note`` is called, at most once, with a line in
    Chinese if the file cannot be used; the shelf is then empty and keeps nothing. ``most``: how
    many bytes the file may have; what has not been used for the longest time goes first.
    """

    def __init__(
        self,
        folder: Path,
        note: Callable[[str], None] = lambda text: None,
        *,
        most: int = _MOST,
    ) -> None:
        self._path, self._note, self._most = folder / _FILE, note, most
        self._connection: sqlite3.Connection | None = None
        self._off = False

    def __enter__(self) -> Self:
        try:
            self._connection = None if self._off else _opened(self._path)
        except (sqlite3.Error, OSError) as error:
            self._give_up(error)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    def find(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """The bytes kept under these keys, as far as there are any. They count as used now."""
        entries: dict[bytes, bytes] = {}
        now = int(time.time())
        stale: list[tuple[int, bytes]] = []
        for start in range(0, len(keys), _ASKED):
            for key, used, data in self._do(partial(_entries, keys[start : start + _ASKED])):
                entries[key] = data
                if abs(now - used) > _DAY:  # each change writes the whole entry anew
                    stale.append((now, key))
        if stale:
            self._do(lambda c: c.executemany("update entry set used = ? where key = ?", stale))
        return entries

    def put(self, entries: Sequence[tuple[bytes, bytes]]) -> None:
        """Keep bytes under their keys, and remove what was not used for 90 days, and more where
        there is no room.
        """
        now = int(time.time())
        rows = [(key, now, len(data), data) for key, data in entries]

        def write(connection: sqlite3.Connection) -> None:
            connection.execute("delete from entry where used < ?", (now - _UNUSED * _DAY,))
            connection.executemany("insert or replace into entry values (?, ?, ?, ?)", rows)
            _make_room(connection, self._most)

        if rows:
            self._do(write)

    def _do(self, work: Callable[[sqlite3.Connection], T]) -> T | tuple[()]:
        """Do ``work`` in one transaction and return what it returns; nothing where the file cannot
        be used, or where another run keeps it busy.
        """
        if self._connection is None:
            return ()
        try:
            with self._connection as connection:
                return work(connection)
        except sqlite3.Error as error:
            if not _busy(error):
                self._give_up(error)
        return ()

    def _give_up(self, error: sqlite3.Error | OSError) -> None:
        """Use the file no more, and say why."""
        self._close()
        self._off = True
        self._note(
            f"读过的内容这次不留存、也不用上次留存的：{self._path} {_why(error)}。"
            "不影响结果，只是每次都要重读；修复可用 xltools cache clear，不用缓存可加 --no-cache。"
        )

    def _close(self) -> None:
        """Close the file, if it is open."""
        if self._connection is not None:
            with suppress(sqlite3.Error):
                self._connection.close()
            self._connection = None


def clear(folder: Path) -> int:
    """Empty the shelf in a folder. Returns how many entries it had; 0 for a damaged one, whose
    files are removed. Raises ShelfError where another run is using it, or the system refuses it.
    """
    path = folder / _FILE
    if not path.exists():
        return 0
    try:
        try:
            connection = _opened(path)
        except sqlite3.DatabaseError as error:
            if _busy(error):
                raise
            _remove(path)
            return 0
        try:
            ((count,),) = connection.execute("select count(*) from entry")
            with connection:
                connection.execute("delete from entry")
            connection.execute("vacuum")  # nothing of the content is left in the file
            connection.execute("pragma wal_checkpoint(truncate)")
            return int(count)
        except sqlite3.DatabaseError as error:
            if _busy(error):
                raise
            connection.close()
            _remove(path)
            return 0
        finally:
            connection.close()
    except (sqlite3.Error, OSError) as error:
        raise ShelfError(f"{path} {_why(error)}，没有清空；请等别的命令运行完再试。") from error


def _remove(path: Path) -> None:
    """Remove the file of a shelf, and those that SQLite has beside it. Raises OSError."""
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _opened(path: Path) -> sqlite3.Connection:
    """Open the file of a shelf, which is made if need be, readable by its owner alone. Raises
    OSError and sqlite3.Error.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    connection = sqlite3.connect(path, timeout=_PATIENCE)
    try:
        ((mode,),) = connection.execute("pragma journal_mode = wal")
        if mode != "wal":
            raise sqlite3.OperationalError(f"journal mode {mode}")
        connection.execute("pragma synchronous = normal")
        if _format(connection) != _FORMAT:
            with connection:
                connection.execute("begin immediate")
                if _format(connection) != _FORMAT:  # another run may have made the tables
                    for statement in _TABLES:
                        connection.execute(statement)
    except BaseException:
        connection.close()
        raise
    return connection


def _make_room(connection: sqlite3.Connection, most: int) -> None:
    """If the file has more than ``most`` bytes, remove the entries that were not used for the
    longest time, until the others need nine tenths of them.
    """
    size = _size(connection)
    if size <= most:
        return
    last = connection.execute(
        "select used, rowid from (select used, rowid, sum(size) over (order by used, rowid)"
        " as sizes from entry) where sizes >= ? order by sizes limit 1",
        (size - most * 9 // 10,),
    ).fetchone()
    if last is None:
        connection.execute("delete from entry")
    else:
        connection.execute("delete from entry where (used, rowid) <= (?, ?)", last)


def _entries(
    keys: Sequence[bytes], connection: sqlite3.Connection
) -> list[tuple[bytes, int, bytes]]:
    """The entries under these keys: the key, when it was used (seconds since 1970), its bytes."""
    marks = ",".join("?" * len(keys))
    question = f"select key, used, data from entry where key in ({marks})"
    return connection.execute(question, keys).fetchall()


def _format(connection: sqlite3.Connection) -> int:
    """The format of the tables in a file; 0 for a new one."""
    ((version,),) = connection.execute("pragma user_version")
    return int(version)


def _size(connection: sqlite3.Connection) -> int:
    """How many bytes of the file are in use."""
    ((pages,),) = connection.execute("pragma page_count")
    ((free,),) = connection.execute("pragma freelist_count")
    ((size,),) = connection.execute("pragma page_size")
    return int(size) * (int(pages) - int(free))


def _busy(error: sqlite3.Error) -> bool:
    """Whether another process is using the file just now."""
    return getattr(error, "sqlite_errorcode", 0) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def _why(error: sqlite3.Error | OSError) -> str:
    """Why a file cannot be used, in Chinese."""
    if isinstance(error, OSError):
        return f"打不开（{in_words(refusal(error))}）"
    if _busy(error):
        return "正被另一次运行使用"
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return _REASONS.get(code, f"打不开（{error}）")


_REASONS: Final = {
    sqlite3.SQLITE_NOTADB: "已损坏",
    sqlite3.SQLITE_CORRUPT: "已损坏",
    sqlite3.SQLITE_FULL: "所在的磁盘已满",
    sqlite3.SQLITE_READONLY: "没有权限写入",
    sqlite3.SQLITE_CANTOPEN: "打不开",
    sqlite3.SQLITE_IOERR: "读写出错",
}
