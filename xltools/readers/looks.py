"""How text looks, and what of it counts: one rule for the readers of all formats.

Text that is struck out, or that nobody sees, counts no longer. Characters raised or lowered beside
others, and phonetic guides, are marks: no part of what stands there. Text that is raised or
lowered as a whole stays what it is. Nothing is joined across what is left out.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Final

from xltools import number_formats
from xltools.cells import PLAIN, Flag, Raw


@dataclass(frozen=True, slots=True)
class Look:
    """How text looks, as far as that decides whether it counts; None: as what it stands in.

    ``hidden`` by word, ``tiny`` of no size, ``faint`` because only its place is kept; ``white``
    for certain; ``light``: its ground is white for certain, or for certain not.
    """

    raised: bool | None = None
    struck: bool | None = None
    hidden: bool | None = None
    tiny: bool | None = None
    faint: bool | None = None
    white: bool | None = None
    light: bool | None = None

    def within(self, outer: "Look") -> "Look":
        """The look of what stands in something of another look: its own where it has one."""
        if self == DEFAULT:
            return outer
        pairs = ((getattr(self, n), getattr(outer, n)) for n in Look.__slots__)
        return Look(*(mine if mine is not None else theirs for mine, theirs in pairs))

    @property
    def unseen(self) -> bool:
        """Whether text that looks so is left out."""
        pale = bool(self.white) and self.light is not False
        return bool(self.struck or self.hidden or self.tiny or self.faint) or pale


DEFAULT: Final = Look()


@dataclass(frozen=True, slots=True)
class Run:
    """Characters of one look. ``guide``: a phonetic guide or a note's sign, a mark in any case."""

    text: str
    look: Look = DEFAULT
    guide: bool = False


@dataclass(frozen=True, slots=True)
class Counted:
    """Text taken apart: what counts, the marks in it, and what is left out."""

    text: str
    mark: str = ""
    unseen: str = ""

    def flagged(self, flag: Flag | None) -> Flag | None:
        """A cell's flag, with what its text tells."""
        if not (self.mark or self.unseen):
            return flag
        return replace(flag or PLAIN, mark=self.mark, unseen=self.unseen)

    def typed(self, value: Raw) -> Raw:
        """What a cell with a value beside its text holds: where something was cut off or left
        out, the value only if what is left shows it, else what is left.
        """
        if not (self.mark or self.unseen) or value is None:
            return value
        left = self.text.strip()
        return value if left and shows(left, value) else left or None


def counted(runs: Iterable[Run]) -> Counted:
    """Take the text of one cell or line apart."""
    runs = [run for run in runs if run.text]
    if all(run.look is DEFAULT and not run.guide for run in runs):
        return Counted("".join(run.text for run in runs))
    beside = any(
        not (run.guide or run.look.raised or run.look.unseen) and run.text.strip() for run in runs
    )

    def part(run: Run) -> str:
        if run.look.unseen:
            return "unseen"
        return "mark" if run.guide or (run.look.raised and beside) else "text"

    found: dict[str, list[str]] = {"text": [], "mark": [], "unseen": []}
    for name, group in groupby(runs, part):
        found[name].append("".join(run.text for run in group))
    mark, unseen = (" ".join(" ".join(found[n]).split()) for n in ("mark", "unseen"))
    return Counted("".join(found["text"]), mark, unseen)


def shows(text: str, value: Raw) -> bool:
    """Whether a text is how a program may show a value: its digits, rounded to those shown."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return text == value
    bare = "".join(text.split()).replace(",", "").replace("\u2212", "-")
    if bare and not bare.strip("#"):  # a column too narrow for its number
        return True
    if bare.startswith("(") and bare.endswith(")"):
        bare = "-" + bare[1:-1]
    try:
        shown = float(bare)
    except ValueError:
        return False
    digits = bare.upper().partition("E")
    decimals = len(digits[0].partition(".")[2]) - (int(digits[2]) if digits[2] else 0)
    if not -300 < decimals < 300:
        return False
    return abs(shown - value) <= 0.5000001 * 10.0**-decimals


def format_of(code: str, flag: Flag | None) -> Flag | None:
    """A cell's flag, with its number format where that shows something else than the value."""
    if not code or number_formats.plain(code):
        return flag
    return replace(flag or PLAIN, format=code)
