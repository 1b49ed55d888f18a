"""A lock on a folder at an address, so that no two runs use it at once.

The lock is a file that its owner writes anew every few seconds. Whoever finds a lock watches it: if
it is not written anew for a while, its owner has died, and the lock is taken over. So nobody has to
delete the lock of a run that was cut off, and no two machines need to agree on the time.
"""

import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from secrets import token_hex
from typing import Any, Final

from xltools.storage.outputs import make_folder
from xltools.storage.remote import Remote, StorageError, reaching

_NAME: Final = "lock.json"
_BEAT: Final = 3.0  # seconds between two writings of a lock
_DEAD: Final = 20.0  # seconds after which a lock that is not written anew has no owner
_SETTLED: Final = 0.5  # seconds after which two who wrote at once both see what remained


class LockedError(StorageError):
    """Another run uses the folder. ``owner``: the machine and the process of that run."""

    def __init__(self, folder: Remote, owner: str) -> None:
        super().__init__(
            f"{folder}：另一次汇总（{owner}）正在用这个文件夹；请等它结束，或换一个文件夹。"
        )


class LockLostError(StorageError):
    """While this run used the folder, another one took its lock over, as happens when this machine
    was asleep or cut off from the storage.
    """

    def __init__(self, folder: Remote) -> None:
        super().__init__(
            f"{folder}：本机与存储失去联系过久，另一次汇总已接着用这个文件夹；本次没有写出汇总表。"
        )


@contextmanager
def locked(folder: Remote) -> Iterator["Lock"]:
    """Hold the lock on a folder, which is made if it does not exist. Raises LockedError at once if
    the owner of the lock is alive, StorageError if the storage refuses.
    """
    place = folder / _NAME
    with reaching(folder):
        make_folder(folder)
        _wait_until_free(folder, place)
        lock = Lock(place)
        lock.write("create")
        time.sleep(_SETTLED)
        if (found := _read(place)).get("token") != lock.token:
            raise LockedError(folder, _owner(found))
    lock.start()
    try:
        yield lock
        lock.require()
    finally:
        lock.release()


def _wait_until_free(folder: Remote, place: Remote) -> None:
    """Return once there is no lock, or only one whose owner has died, which is deleted. Raises
    LockedError as soon as its owner is seen to be alive.
    """
    first = _read(place)
    if not first:
        return
    if first.get("host") != socket.gethostname() or _runs(int(first.get("process", 0))):
        deadline = time.monotonic() + _DEAD
        while time.monotonic() < deadline:
            time.sleep(_BEAT / 2)
            now = _read(place)
            if not now:
                return
            if now != first:
                raise LockedError(folder, _owner(now))
    with suppress(FileNotFoundError):
        place.files.rm_file(place.path)


def _runs(process: int) -> bool:
    """Whether a process of this machine runs."""
    import psutil

    return psutil.pid_exists(process)


def _read(place: Remote) -> dict[str, Any]:
    """What a lock says; empty where there is none. One that is being written just now says nothing
    of its owner.
    """
    try:
        said = json.loads(place.files.cat_file(place.path))
    except FileNotFoundError:
        return {}
    except ValueError:
        said = None
    return said if isinstance(said, dict) else {"token": ""}


def _owner(said: dict[str, Any]) -> str:
    """The owner of a lock in words."""
    return f"{said.get('host', '？')}，进程 {said.get('process', '？')}"


class Lock:
    """A lock that is held: a thread writes it anew until it is released. ``place``: its file."""

    def __init__(self, place: Remote) -> None:
        self.token = token_hex(16)
        self.place, self._beats = place, 0
        self._lost, self._done = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)

    def start(self) -> None:
        """Begin to write the lock anew."""
        self._thread.start()

    def write(self, mode: str = "overwrite") -> None:
        """Write the lock. ``mode``: ``create`` fails where the storage can tell that there is a
        lock; not all can, therefore it is read again afterwards.
        """
        said = {
            "token": self.token,
            "host": socket.gethostname(),
            "process": os.getpid(),
            "beats": self._beats,
        }
        data = json.dumps(said).encode()
        try:
            self.place.files.pipe_file(self.place.path, data, mode=mode)
        except FileExistsError:
            raise LockedError(self.place.parent, _owner(_read(self.place))) from None

    def require(self) -> None:
        """Raise LockLostError if another run has taken the lock over."""
        if self._lost.is_set():
            raise LockLostError(self.place.parent)

    def release(self) -> None:
        """Stop writing the lock, and delete it if it is still ours."""
        self._done.set()
        self._thread.join()
        with suppress(Exception):
            if not self._lost.is_set() and _read(self.place).get("token") == self.token:
                self.place.files.rm_file(self.place.path)

    def _beat(self) -> None:
        """Write the lock anew every `_BEAT` seconds, unless it is another's. Runs in a thread."""
        while not self._done.wait(_BEAT):
            try:
                found = _read(self.place)
                if found and found.get("token") != self.token:
                    self._lost.set()
                    return
                self._beats += 1
                self.write()
            except Exception:  # a storage that fails for a moment; the next beat tries again
                continue
