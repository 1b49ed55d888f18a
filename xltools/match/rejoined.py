"""Headings of a text that are broken over lines of cells: first a part of each, then the next part
of those that the lines above left unfinished, in the same order.
"""

from collections.abc import Sequence
from typing import Final

MANY: Final = 80  # texts before figures that may be parts of headings
_STEPS: Final = 2000


def are_headings(texts: Sequence[str], heads: Sequence[str]) -> bool:
    """Whether texts end with headings in their order, some of them broken. Keys of both."""
    return bool(heads) and any(
        heads[0].startswith(texts[start]) and _Parse(texts[start:], heads).holds()
        for start in range(max(0, len(texts) - MANY), len(texts))
        if texts[start]
    )


class _Parse:
    """Texts taken one by one, each as the beginning of the next heading or as the next part of an
    unfinished one.
    """

    def __init__(self, texts: Sequence[str], heads: Sequence[str]) -> None:
        self.texts, self.heads = [text for text in texts if text], heads
        self.steps = 0

    def holds(self) -> bool:
        """Whether all texts are used, and all headings whole."""
        if sum(map(len, self.texts)) != sum(map(len, self.heads)):
            return False
        return self._from(0, [], -1)

    def _from(self, at: int, done: list[int], last: int) -> bool:
        """Go on at a text. ``done``: how much of each heading is there, of those that have begun;
        ``last``: the one that went on last.
        """
        self.steps += 1
        if self.steps > _STEPS:
            return False
        if at == len(self.texts):
            return len(done) == len(self.heads) and not self._open(done)
        text, following = self.texts[at], len(done)
        begins = following < len(self.heads) and self.heads[following].startswith(text)
        if begins and self._from(at + 1, [*done, len(text)], last):
            return True
        unfinished = self._open(done)
        for head in [n for n in unfinished if n > last][:1] or unfinished[:1]:
            if self.heads[head].startswith(text, done[head]):
                more = [*done[:head], done[head] + len(text), *done[head + 1 :]]
                return self._from(at + 1, more, head)
        return False

    def _open(self, done: Sequence[int]) -> list[int]:
        return [n for n, count in enumerate(done) if count < len(self.heads[n])]
