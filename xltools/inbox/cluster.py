"""Read files on the machines of a Dask cluster, by chunks of hundreds.

On a machine a chunk is read as on this one: in worker processes with limits, so that a file that
kills its reader costs that file alone. Tasks hold addresses and no credentials: each machine takes
these from its own environment.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from xltools.forms.declaration import read as read_form
from xltools.inbox.bringing import Numbered, read_brought
from xltools.inbox.fitness import Machine, this_machine
from xltools.inbox.partial import PartialResults
from xltools.inbox.pool import Workers
from xltools.inbox.reading import Reading, failed
from xltools.inbox.stored import StoredDocument
from xltools.layout.places import Layout, lay_out
from xltools.model.errors import ReadError, XltoolsError
from xltools.model.limits import Limits
from xltools.model.record import Origin
from xltools.model.wording import Phrase, in_words
from xltools.storage.remote import INSTALL, MissingExtraError, Remote, look_up

if TYPE_CHECKING:
    from distributed import Client, Future

_CHUNK: Final = 300
"""Files that a task reads at most: enough that handing it over costs nothing beside them."""
_SHARES: Final = 4
"""Tasks for each thread of the cluster at least, while there are files: so none waits long for
another, and one that dies costs little.
"""
_AHEAD: Final = 2  # tasks for each thread of the cluster that are handed over at a time
_CONNECT: Final = 10.0  # seconds to wait for the scheduler
_LONELY: Final = 60.0  # seconds to wait for a machine, when there is none
_LOOK: Final = 2.0  # seconds between two looks whether there is one

_LOST: Final = ("CommClosedError", "CancelledError", "FutureCancelledError", "TimeoutError")
"""Exceptions of a future whose scheduler is gone."""

SETTING: Final = "distributed.worker.daemon: False"
"""The setting of Dask that lets its workers start processes."""


class ClusterError(XltoolsError):
    """The cluster cannot be used, or was lost; the text says in Chinese why, and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """Files to be read by one task. ``files``: with their numbers among all. ``machine``: the
    digest of what must be the same on every machine. ``form`` and ``form_path``: the text of the
    form and where it is from, for messages. ``partial``: where to keep what was read; None for
    nowhere.
    """

    files: tuple[Numbered, ...]
    machine: str
    form: str
    form_path: Path
    passwords: tuple[str, ...]
    settings: Limits
    partial: PartialResults | None


def read_chunk(chunk: Chunk) -> list[tuple[int, list[Reading]]]:
    """Read the files of a chunk on a machine of the cluster. Returns the number of each file with
    its readings, which are packed.

    Raises ClusterError if this machine differs from the one that gave the task, or may not start
    processes: a machine may join when a run has begun.
    """
    here = this_machine()
    if here.digest != chunk.machine or here.daemonic:
        raise ClusterError("一台新加入的工作机与本机不同，或不能启动进程；请停掉它后再运行。")
    results = dict(read_brought(chunk.files, _workers(chunk)))
    if chunk.partial is not None:
        chunk.partial.keep([(file, results[number]) for number, file in chunk.files])
    return list(results.items())


_kept_workers: "dict[tuple[object, ...], Workers]" = {}
_starting: Final = threading.Lock()


def _workers(chunk: Chunk) -> Workers:
    """The processes of this machine that read for a chunk. They stay for the next chunks of a run;
    those of a run for another form, or with other passwords or limits, are ended first.
    """
    from distributed import get_worker

    about = (chunk.form, chunk.form_path, chunk.passwords, chunk.settings)
    with _starting:
        if about not in _kept_workers:
            while _kept_workers:
                _kept_workers.popitem()[1].__exit__(None, None, None)
            layout = lay_out(read_form(chunk.form, chunk.form_path))
            count = get_worker().state.nthreads
            processes = Workers(layout, count, chunk.passwords, chunk.settings)
            _kept_workers[about] = processes.__enter__()
        return _kept_workers[about]


def _why_unseen(place: Path | Remote | StoredDocument) -> str:
    """Why this machine cannot see a file, in words; empty if it can."""
    if isinstance(place, StoredDocument):
        file = place.file or place.around[0][1]
        place = replace(place.inbox, path=file.path)
    try:
        seen = place.exists() if isinstance(place, Path) else look_up(place) is not None
    except XltoolsError as error:
        return str(error)
    return "" if seen else f"{place}：{in_words(Phrase.NO_SUCH_PATH)}"


class Cluster:
    """A cluster that reads files: a context manager, which connects and disconnects."""

    def __init__(
        self,
        scheduler: str,
        layout: Layout,
        passwords: tuple[str, ...],
        settings: Limits,
        partial: PartialResults | None,
    ) -> None:
        self._scheduler, self._layout = scheduler, layout
        self._passwords, self._settings, self._partial = passwords, settings, partial
        self._client: Client | None = None

    def __enter__(self) -> "Cluster":
        """Connect, and look whether the machines are fit. Raises MissingExtraError and
        ClusterError.
        """
        try:
            from distributed import Client
        except ImportError:
            raise MissingExtraError("--scheduler") from None
        # What it says of lost connections is said by us.
        logging.getLogger("distributed").setLevel(logging.CRITICAL)
        try:
            self._client = Client(self._scheduler, timeout=_CONNECT, set_as_default=False)
        except (OSError, TimeoutError, ValueError, RuntimeError, TypeError) as error:
            raise ClusterError(
                f"--scheduler {self._scheduler}：连不上调度器"
                f"（{type(error).__name__}），请核对地址、网络和证书。"
            ) from error
        try:
            self._require_fit()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._client is not None:
            self._client.close(timeout=_CONNECT)

    @property
    def _connected(self) -> "Client":
        """The connection. Raises RuntimeError outside of the context."""
        if self._client is None:
            raise RuntimeError("a cluster reads within its context")
        return self._client

    def _require_fit(self) -> None:
        """Raise ClusterError if there is no machine, or if one of them reads otherwise than this
        one or may not start processes.
        """
        self._wait_for_machines()
        answers = self._run(this_machine)
        here = this_machine()
        problems = []
        for name, machine in sorted(answers.items()):
            if not isinstance(machine, Machine):
                problems.append(f"{name}：{_why_not(machine)}")
                continue
            problems += [
                f"{name}：{what}是 {machine.same.get(what, '（没有）')}，本机是 {ours}"
                for what, ours in here.same.items()
                if machine.same.get(what) != ours
            ]
            if machine.daemonic:
                problems.append(
                    f"{name}：不能启动读取进程；请在 Dask 的配置里设 {SETTING}"
                    "（或环境变量 DASK_DISTRIBUTED__WORKER__DAEMON=False）后重新启动工作机"
                )
        if problems:
            raise ClusterError("\n".join(["工作机不能用，请改正后再运行：", *problems]))

    def require_seen(self, what: str, place: Path | Remote | StoredDocument | None) -> None:
        """Raise ClusterError if one of the machines cannot see a file. ``what``: what it belongs
        to, for the message. Without a file, nothing is looked at.
        """
        if place is None:
            return
        refused = self._run(_why_unseen, place)
        problems = [f"{name}：{why}" for name, why in sorted(refused.items()) if why]
        if problems:
            raise ClusterError("\n".join([f"工作机读不到{what}，请改正后再运行：", *problems]))

    def _run(self, work: Callable[..., Any], *args: object) -> dict[str, Any]:
        """Call a function on each machine. Returns what it returned or the exception, by machine.
        Raises ClusterError where the cluster is lost.
        """
        client = self._connected
        try:
            futures = {
                name: client.submit(work, *args, workers=[name], pure=False)
                for name in client.nthreads()
            }
            self._done(list(futures.values()), _LONELY, "ALL_COMPLETED")
            return {
                name: future.exception() if future.status == "error" else future.result(_CONNECT)
                for name, future in futures.items()
            }
        except Exception as error:
            raise self._lost() from error

    def _done(self, futures: Sequence["Future[Any]"], seconds: float, when: str) -> set[Any]:
        """Wait for futures, some or all, and return those that are done. Raises TimeoutError."""
        from distributed import wait

        with self._connected.as_current():
            done: set[Any] = wait(futures, timeout=seconds, return_when=when).done
        return done

    def _lost(self) -> ClusterError:
        return ClusterError(
            f"与调度器 {self._scheduler} 的连接断了；请恢复后原样再运行一次"
            "（用了 --state 的，从断处接着读）。"
        )

    def _wait_for_machines(self) -> None:
        """Wait until there is a machine. Raises ClusterError if none comes."""
        deadline = time.monotonic() + _LONELY
        while not self._threads():
            if time.monotonic() > deadline:
                raise ClusterError(
                    f"调度器 {self._scheduler} 没有可用的工作机；请启动工作机（dask worker）后"
                    "原样再运行一次（用了 --state 的，从断处接着读）。"
                )
            time.sleep(_LOOK / 4)

    def _threads(self) -> int:
        """How many chunks the cluster can read at the same time."""
        client = self._connected
        if client.status not in ("running", "connecting"):
            raise self._lost()
        try:
            return sum(client.nthreads().values())
        except Exception as error:
            raise self._lost() from error

    def read(
        self, files: Sequence[Numbered], step: Callable[[str], None]
    ) -> Iterator[tuple[int, list[Reading]]]:
        """Read files chunk by chunk, see `xltools.inbox.recall.FileReader`.

        A chunk whose machine dies is read by another; a file that is in a chunk with which machine
        after machine dies is read alone, and if that happens again it is a failure of that file.
        Raises ClusterError where the cluster is lost.
        """
        client = self._connected
        names = {number: file.name for number, file in files}
        shares = _SHARES * max(1, self._threads())
        size = min(_CHUNK, max(1, -(-len(files) // shares)))
        left = [files[start : start + size] for start in range(0, len(files), size)][::-1]
        running: dict[Future[Any], Sequence[Numbered]] = {}
        try:
            while left or running:
                self._wait_for_machines()
                while left and len(running) < _AHEAD * max(1, self._threads()):
                    part = left.pop()
                    running[client.submit(read_chunk, self._chunk(part), pure=False)] = part
                try:
                    done = self._done(list(running), _LOOK, "FIRST_COMPLETED")
                except TimeoutError:
                    continue
                for future in done:
                    part = running.pop(future)
                    for number, readings, again in self._taken(future, part):
                        if again is not None:
                            left.append([again])
                        else:
                            yield number, readings
                            step(names[number])
        finally:
            if running:
                client.cancel(list(running), force=True)

    def _chunk(self, files: Sequence[Numbered]) -> Chunk:
        """The task of reading some files."""
        return Chunk(
            files=tuple(files),
            machine=this_machine().digest,
            form=self._layout.form.text,
            form_path=self._layout.form.path,
            passwords=self._passwords,
            settings=self._settings,
            partial=self._partial,
        )

    def _taken(
        self, future: "Future[Any]", part: Sequence[Numbered]
    ) -> Iterator[tuple[int, list[Reading], Numbered | None]]:
        """What came of a task: for each file its number and its readings; or the file itself, which
        is then to be read alone.
        """
        try:
            for number, readings in future.result(timeout=_CONNECT):
                yield number, readings, None
            return
        except ClusterError:
            raise
        except Exception as error:
            kind = type(error).__name__
            if kind in (
                "CommClosedError",
                "CancelledError",
                "FutureCancelledError",
                "TimeoutError",
            ):
                raise self._lost() from error
            if kind != "KilledWorker":
                raise
        for number, file in part:
            if len(part) > 1:
                yield number, [], (number, file)
            else:
                killed = ReadError("F-07", Phrase.FAILED_AGAIN)
                yield number, [failed(Origin(path=file.name), killed)], None


def _why_not(answer: object) -> str:
    """Why a machine did not say what it is, in words."""
    if isinstance(answer, ModuleNotFoundError) or "deserialization" in str(answer):
        return f"没有安装与本机相同的 xltools（调度器和工作机上都要装：{INSTALL}）"
    return f"{type(answer).__name__}: {str(answer)[:80]}"
