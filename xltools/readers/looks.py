"""How text looks, and what of it counts: one rule for workbooks, pages and documents; equations as
text.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Final, Protocol

from xltools.model import number_formats
from xltools.model.cells import PLAIN, Flag, Raw

PROSE: Final = 100  # characters: in a longer text what is raised is a part of it (m²)
_NOTE: Final = re.compile(r"[\[(（〔［]?(?:[0-9]{1,3}|[*†‡①-⑳])[\])）〕］]?")


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
        if self is DEFAULT or outer is DEFAULT:
            return outer if self is DEFAULT else self
        return Look(
            outer.raised if self.raised is None else self.raised,
            outer.struck if self.struck is None else self.struck,
            outer.hidden if self.hidden is None else self.hidden,
            outer.tiny if self.tiny is None else self.tiny,
            outer.faint if self.faint is None else self.faint,
            outer.white if self.white is None else self.white,
            outer.light if self.light is None else self.light,
        )

    @property
    def odd(self) -> bool:
        """Whether text that looks so may be no part of what stands there."""
        return self is not DEFAULT and (bool(self.raised) or self.unseen)

    @property
    def unseen(self) -> bool:
        """Whether text that looks so is left out."""
        pale = bool(self.white) and self.light is not False
        return bool(self.struck or self.hidden or self.tiny or self.faint) or pale


DEFAULT: Final = Look()
"""As what it stands in."""
PLAIN_LOOK: Final = Look(raised=False, struck=False, white=False)
"""As text with a font of its own that says nothing odd."""


@dataclass(frozen=True, slots=True)
class TextRun:
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


def counted(runs: Iterable[TextRun]) -> Counted:
    """Take the text of one cell apart."""
    runs = [run for run in runs if run.text]
    if not any(run.guide or run.look.odd for run in runs):
        return Counted("".join([run.text for run in runs]))
    level = "".join(run.text for run in runs if not (run.guide or run.look.raised))
    texts: dict[str, list[str]] = {"text": [], "mark": [], "unseen": []}
    for name, group in groupby(_parts(runs, bool(level.strip())), key=lambda part: part[0]):
        texts[name].append("".join(text for _, text in group))
    text = "".join(texts["text"])
    mark, unseen = (" ".join(" ".join(texts[n]).split()) for n in ("mark", "unseen"))
    if mark and not text.strip():  # a mark on nothing, or on what is left out
        return Counted("", "", f"{unseen} {mark}".strip())
    if len(text) > PROSE:
        return Counted(prose(runs), "", unseen)
    return Counted(text, mark, unseen)


def _parts(runs: Iterable[TextRun], beside: bool) -> Iterator[tuple[str, str]]:
    """What each run is, and its text; ``beside``: whether something is not raised."""
    last = ""
    for run in runs:
        if run.look.unseen:
            yield "unseen", run.text
        elif run.guide or (run.look.raised and beside and not _letter(last)):
            yield "mark", run.text
        else:
            yield "text", run.text
            last = run.text.rstrip()[-1:] or last


def _letter(last: str) -> bool:
    """Whether what is raised or lowered behind a character belongs to it: m², CO₂."""
    return last.isascii() and last.isalpha()


def prose(runs: Iterable[TextRun]) -> str:
    """What a paragraph says. The sign of a note, raised behind a word, is left out; behind a
    figure it stands in brackets; what else is raised is a part of the text (m²).
    """
    text = ""
    for run in runs:
        if run.look.unseen or run.guide:
            continue
        sign = run.look.raised and _NOTE.fullmatch(run.text.strip())
        last = text.rstrip()[-1:]
        if not sign or not last or _letter(last):
            text += run.text
        elif last.isdigit():
            text += f"[{run.text.strip('[]')}]"
    return text


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


def format_of(code: str, value: Raw, flag: Flag | None) -> Flag | None:
    """A cell's flag, with its number format where that shows something else than the value."""
    if isinstance(value, str):
        odd = bool(value) and not number_formats.plain(_for_text(code))
    else:
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        odd = number and not number_formats.plain(code)
    return replace(flag or PLAIN, format=code) if code and odd else flag


def _for_text(code: str) -> str:
    """The section of a number format by which text is shown; an empty one shows nothing."""
    sections = code.split(";")
    if len(sections) > 3:
        return sections[3] or '""'
    return sections[-1] if "@" in sections[-1] else "@"


def pale(code: str, look: Look) -> Look:
    """A look, made white by a number format that writes everything in white."""
    white = all("[white]" in section.lower() for section in code.split(";"))
    return replace(look, white=True) if white else look


MATHML: Final = "http://www.w3.org/1998/Math/MathML"
WHOLE: Final = ("math", "omath")
# Elements whose parts stand side by side; any other is named, so that no figure is made of it.
_ROWS: Final = frozenset(
    (
        "math mrow mstyle mpadded semantics mn mi mo mtext ms omath omathpara r t i b em span e num"
        " den sup sub deg fname ins moveto"
    ).split()
)
_SIGNS: Final = {"msup": "^", "msub": "_", "mfrac": "/", "ssup": "^", "ssub": "_", "f": "/"}
# What is no text, or is there no longer; properties end with pr.
_APART: Final = frozenset(("", *"annotation annotation-xml mphantom del movefrom".split()))
_DEEP: Final = 100  # parts of an equation within each other


class Node(Protocol):
    """An element of whatever parser."""

    @property
    def tag(self) -> object:
        """Its name, in its namespace."""

    @property
    def text(self) -> str | None:
        """What stands in it before its first child."""

    def __iter__(self) -> Iterator["Node"]: ...


def name(tag: object) -> str:
    """An element's own name, without namespace or prefix; empty for a comment."""
    return re.split(r"[}: ]", tag)[-1].lower() if isinstance(tag, str) else ""


def text(element: Node, deep: int = 0) -> str:
    """What an equation says, on one line: ``29351``, ``10^2``, ``1/2``, ``msqrt(4)``."""
    if deep > _DEEP:
        return "…"
    tag, parts = name(element.tag), list[str]()
    for child in element:
        inner = name(child.tag)
        if inner not in _APART and not inner.endswith("pr"):
            parts.append(text(child, deep + 1))
    leaf = "".join((element.text or "").split())
    parts = [part for part in parts if part]
    if tag in _ROWS:
        return leaf + "".join(parts)
    if tag in _SIGNS:
        return leaf + _SIGNS[tag].join(parts)
    inside = leaf + " ".join(parts)
    return f"{tag}({inside})" if inside else ""
