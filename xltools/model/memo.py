"""Answers that are remembered, but not without end."""

from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Memo(dict[K, V]):
    """Answers by what was asked. All are forgotten when there are ``most`` of them."""

    __slots__ = ("_most",)

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def __setitem__(self, question: K, answer: V) -> None:
        if len(self) >= self._most:
            self.clear()
        super().__setitem__(question, answer)
