"""A broken rule with its figures, as people would write it: 上年现行有效件数 5 ＋ 本年制发件数 1
－ 本年废止件数 0 ＝ 6，填的是 7.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from xltools.model.numbers import Number, show

_MANY: Final = 6  # terms of a side that are written out


@dataclass(frozen=True, slots=True, kw_only=True)
class Addend:
    """A figure in a sum. ``sign``: 1 or -1; ``label``: the heading printed at it, "" for a
    constant; ``position``: where it is among the figures of a return, -1 for a constant, which is
    ``constant``.
    """

    sign: int
    label: str
    position: int = -1
    constant: int = 0


class Equation(NamedTuple):
    """Both sides of a rule at one place. ``terms`` and ``figures``: of the left side, then of the
    right one; ``split``: how many belong to the left. ``left`` and ``right``: the sums of both;
    ``typed``: what people see at the left side where that is no number, else ""; ``place``: the
    heading at which the rule is judged, "" where it need not be told.
    """

    terms: tuple[Addend, ...]
    figures: tuple[Number, ...]
    split: int
    left: Number
    right: Number
    typed: str = ""
    place: str = ""

    def __str__(self) -> str:
        where = f"“{self.place}”：" if self.place else ""
        return where + self._sides()

    def _sides(self) -> str:
        """What the two sides come to."""
        split = self.split
        right = _sum(self.terms[split:], self.figures[split:])
        if split > 1 or self.terms[0].sign < 0 or not self.terms[0].label:
            left = _sum(self.terms[:split], self.figures[:split])
            sides = (_equal(left, self.left), _equal(right, self.right))
            return f"{'，'.join(sides)}，差 {show(self.left - self.right)}"
        filled = f"填的是 {self.typed or show(self.left)}"
        terms = self.terms[split:]
        if not any(term.label for term in terms):
            return f"应为 {show(self.right)}，{filled}"
        if len(terms) == 1:
            return f"{right}，{filled}"
        return f"{_equal(right, self.right)}，{filled}"


def _equal(words: str, value: Number) -> str:
    """A sum in words with what it comes to; a single figure as it is."""
    return f"{words} ＝ {show(value)}" if " ＋ " in words or " － " in words else words


def _sum(terms: Sequence[Addend], figures: Sequence[Number]) -> str:
    """A sum in words: its figures with their labels. Of a long one, only what is not zero, and of
    that the first few.
    """
    pairs = list(zip(terms, figures, strict=True))
    if len(pairs) > _MANY:
        pairs = [pair for pair in pairs if pair[1]] or pairs[:1]
    words = ""
    for term, figure in pairs[:_MANY]:
        mark = " ＋ " if term.sign > 0 else " － "
        words += mark if words else "" if term.sign > 0 else "－"
        words += f"{term.label} {show(figure)}" if term.label else show(figure)
    rest = len(pairs) - _MANY
    return f"{words} ＋ 其他 {rest} 项" if rest > 0 else words
