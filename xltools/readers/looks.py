"""How text looks, and which of it counts: one rule for workbooks, pages and documents. Struck-out
and hidden text is left out, raised marks are separated, equations are turned into text.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Final, Protocol

from xltools.model import number_formats
from xltools.model.cells import PLAIN, Flag, Raw

PROSE: Final = 100  # characters; in a longer text, raised characters are part of it (m²)
_NOTE: Final = re.compile(r"[\[(（〔［]?(?:[0-9]{1,3}|[*†‡①-⑳])[\])）〕］]?")


@dataclass(frozen=True, slots=True)
class Look:
    """How text looks, as far as that decides whether it counts. A field that is None is not
    specified; then the look of the surrounding element applies.

    ``raised``: set as a superscript or subscript; ``struck``: struck out; ``hidden``: marked as
    hidden; ``tiny``: of size 0; ``faint``: invisible, although it takes up space; ``white``:
    certainly white; ``light``: the background is certainly white (True) or certainly not (False).
    """

    raised: bool | None = None
    struck: bool | None = None
    hidden: bool | None = None
    tiny: bool | None = None
    faint: bool | None = None
    white: bool | None = None
    light: bool | None = None

    def within(self, outer: "Look") -> "Look":
        """Combine this look with that of the surrounding element: each field that is None is taken
        from ``outer``.
        """
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
        """Whether text with this look may not be part of the cell's value, because it is raised or
        not visible.
        """
        return self is not DEFAULT and (bool(self.raised) or self.unseen)

    @property
    def unseen(self) -> bool:
        """Whether text with this look is left out because it is struck out or cannot be seen."""
        pale = bool(self.white) and self.light is not False
        return bool(self.struck or self.hidden or self.tiny or self.faint) or pale


DEFAULT: Final = Look()
"""The look with nothing specified: text looks like the element around it."""
PLAIN_LOOK: Final = Look(raised=False, struck=False, white=False)
"""The look of text that has its own font, without anything odd."""


@dataclass(frozen=True, slots=True)
class TextRun:
    """Characters (``text``) with one ``look``. ``guide``: they are a phonetic guide or the sign of
    a note, which counts as a mark whatever its look.
    """

    text: str
    look: Look = DEFAULT
    guide: bool = False


@dataclass(frozen=True, slots=True)
class Counted:
    """A text divided into what counts (``text``), the marks in it (``mark``: raised signs, phonetic
    guides) and what is left out (``unseen``: struck out or hidden).
    """

    text: str
    mark: str = ""
    unseen: str = ""

    def flagged(self, flag: Flag | None) -> Flag | None:
        """Return the flag of a cell with this text: ``flag`` with the marks and the left-out text
        added, or ``flag`` itself if there are none.
        """
        if not (self.mark or self.unseen):
            return flag
        return replace(flag or PLAIN, mark=self.mark, unseen=self.unseen)

    def typed(self, value: Raw) -> Raw:
        """Return the value of a cell that displays this text and stores ``value`` next to it. If
        part of the text does not count, ``value`` is returned only if the remaining text shows it;
        otherwise the remaining text is returned, or None if nothing remains.
        """
        if not (self.mark or self.unseen) or value is None:
            return value
        left = self.text.strip()
        return value if left and shows(left, value) else left or None


def counted(runs: Iterable[TextRun]) -> Counted:
    """Divide the runs of one cell into what counts, marks, and what is left out. A mark without any
    text that counts is left out too. In a text longer than PROSE, raised characters remain part of
    the text.
    """
    runs = [run for run in runs if run.text]
    if not any(run.guide or run.look.odd for run in runs):
        return Counted("".join([run.text for run in runs]))
    level = "".join(run.text for run in runs if not (run.guide or run.look.raised))
    texts: dict[str, list[str]] = {"text": [], "mark": [], "unseen": []}
    for name, group in groupby(_parts(runs, bool(level.strip())), key=lambda part: part[0]):
        texts[name].append("".join(text for _, text in group))
    text = "".join(texts["text"])
    mark, unseen = (" ".join(" ".join(texts[n]).split()) for n in ("mark", "unseen"))
    if mark and not text.strip():  # a mark without a text that counts
        return Counted("", "", f"{unseen} {mark}".strip())
    if len(text) > PROSE:
        return Counted(prose(runs), "", unseen)
    return Counted(text, mark, unseen)


def _parts(runs: Iterable[TextRun], beside: bool) -> Iterator[tuple[str, str]]:
    """Yield for each run the field of Counted that it belongs to, and its text. ``beside``: there
    is also text that is not raised, so raised text may be a mark on it.
    """
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
    """Whether raised or lowered text that follows this character belongs to the text, as in m² and
    CO₂. ``last`` may be empty.
    """
    return last.isascii() and last.isalpha()


def prose(runs: Iterable[TextRun]) -> str:
    """Return the text of a paragraph without what is struck out or hidden. A raised note sign is
    left out after a word; after a figure it is put in brackets, so that it does not become part of
    the figure. Other raised text remains (m²).
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
    """Whether ``text`` may be how a program displays ``value``. A number matches if it equals the
    displayed digits after rounding to as many decimals.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return text == value
    bare = "".join(text.split()).replace(",", "").replace("\u2212", "-")
    if bare and not bare.strip("#"):  # the column is too narrow for the number
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
    """Return the flag of a cell: ``flag`` with the number format ``code`` added if that displays
    something other than the value; else ``flag`` itself.
    """
    if isinstance(value, str):
        odd = bool(value) and not number_formats.plain(_for_text(code))
    else:
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        odd = number and not number_formats.plain(code)
    return replace(flag or PLAIN, format=code) if code and odd else flag


def _for_text(code: str) -> str:
    """Return the section of a number format that applies to text. If that section is empty, it is
    returned as an empty quoted text, since it displays nothing; without such a section, the format
    is ``@``.
    """
    sections = code.split(";")
    if len(sections) > 3:
        return sections[3] or '""'
    return sections[-1] if "@" in sections[-1] else "@"


def pale(code: str, look: Look) -> Look:
    """Return ``look``, changed to white if the number format displays everything in white."""
    white = all("[white]" in section.lower() for section in code.split(";"))
    return replace(look, white=True) if white else look


MATHML: Final = "http://www.w3.org/1998/Math/MathML"
WHOLE: Final = ("math", "omath")
# Elements of equations whose parts are written side by side. Any other element is written with its
# name, so that its parts do not form a figure.
_ROWS: Final = frozenset(
    (
        "math mrow mstyle mpadded semantics mn mi mo mtext ms omath omathpara r t i b em span e num"
        " den sup sub deg fname ins moveto"
    ).split()
)
_SIGNS: Final = {"msup": "^", "msub": "_", "mfrac": "/", "ssup": "^", "ssub": "_", "f": "/"}
# Elements whose content is not text or is deleted, like all those ending in "pr" (properties).
_APART: Final = frozenset(("", *"annotation annotation-xml mphantom del movefrom".split()))
_DEEP: Final = 100  # nested parts of an equation


class Node(Protocol):
    """An element of any XML parser."""

    @property
    def tag(self) -> object:
        """Its name, with its namespace."""

    @property
    def text(self) -> str | None:
        """The text in it before its first child."""

    def __iter__(self) -> Iterator["Node"]: ...


def name(tag: object) -> str:
    """Return the local name of an element in lower case, without namespace or prefix; empty for a
    comment, whose tag is not a string.
    """
    return re.split(r"[}: ]", tag)[-1].lower() if isinstance(tag, str) else ""


def text(element: Node, deep: int = 0) -> str:
    """Return an equation (MathML or Office Math) as text on one line, such as ``29351``, ``10^2``,
    ``1/2`` or ``msqrt(4)``. ``deep``: how many elements of the equation enclose this one.
    """
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
