"""Watching the memory of worker processes where the system sets them no limit."""

import sys
import threading
from types import TracebackType
from typing import Final, Self

_EVERY: Final = 0.05  # seconds; between two looks a worker can take some 60 MB more


class Watch:
    """Ends child processes of this one that take more than ``limit`` bytes, while it is entered.

    ``ended`` holds their process numbers. On Linux a worker has a limit of its own and nothing is
    watched, unless ``always``.
    """

    def __init__(self, limit: int, *, always: bool = False) -> None:
        self.limit, self.ended = limit, set[int]()
        self._needed = always or sys.platform != "linux"
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Self:
        if self._needed:
            self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._done.set()
        if self._needed:
            self._thread.join()

    def _look(self) -> None:
        import psutil

        this = psutil.Process()
        while not self._done.wait(_EVERY):
            for child in this.children():
                try:
                    if child.memory_info().rss > self.limit:
                        self.ended.add(child.pid)
                        child.kill()
                except psutil.Error:
                    continue  # it has ended by itself
