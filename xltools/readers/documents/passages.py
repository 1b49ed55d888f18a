"""Divide a paragraph of a Word document into pieces of text with the same formatting, as displayed:
fields are replaced by their results, phonetic guides and equations are recognised.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from xltools.readers import looks
from xltools.readers.documents.tables import clean
from xltools.readers.documents.word_parts import PLAIN, Setting, W, WordStyles
from xltools.readers.looks import (
    Counted,
    Look,
    TextRun,
    counted,
    prose,
)

if TYPE_CHECKING:
    from lxml.etree import _Element

_FIGURE: Final = re.compile(r"[-+−]?[0-9０-９][0-9０-９.,，．]*")


@dataclass(frozen=True, slots=True)
class TextPiece:
    """Characters with the same formatting (``setting``). ``guide``: they are a phonetic guide.
    ``odd``: for something that is not plain text, such as an equation, the words to show in its
    place; empty for plain text.
    """

    text: str
    setting: Setting = PLAIN
    guide: bool = False
    odd: str = ""


def content(pieces: Sequence[TextPiece]) -> Counted:
    """Return the content of a cell, divided into what counts, marks, and what cannot be seen. An
    equation counts as a figure if it is one and there is no other text.
    """
    runs = list(_runs(pieces))
    beside = [
        run
        for run in runs
        if run.text.strip() and not (run.guide or run.look.raised or run.look.unseen)
    ]
    for at, piece in enumerate(pieces):
        if piece.odd and not (len(beside) <= 1 and is_figure(piece.text)):
            runs[at] = TextRun(piece.odd, runs[at].look)
    return counted(runs)


def line(pieces: Sequence[TextPiece]) -> tuple[str, str]:
    """Return the text of a paragraph of prose, and separately its text that is not visible."""
    runs = list(_runs(pieces))
    return clean(prose(runs)), clean("".join(run.text for run in runs if run.look.unseen))


def _runs(pieces: Sequence[TextPiece]) -> Iterator[TextRun]:
    """Convert pieces to runs. A piece that is moved off the line counts as raised if it is smaller
    than the largest other text.
    """
    tall = max(
        (p.setting.size for p in pieces if p.text.strip() and not (p.guide or p.setting.unseen)),
        default=0,
    )
    for piece in pieces:
        setting = piece.setting
        raised = setting.raised or (setting.shifted != 0 and setting.size < tall)
        yield TextRun(piece.text, Look(raised=raised, hidden=setting.unseen), piece.guide)


def is_figure(text: str) -> bool:
    """Whether a text is a single figure in plain digits."""
    return _FIGURE.fullmatch(clean(text)) is not None


_M: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_MC: Final = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
GONE: Final = {f"{W}{n}" for n in ("del", "moveFrom", "pPr", "rPr")} | {f"{_MC}Fallback"}
"""Elements whose text is deleted or never displayed."""

_DIGITS: Final = range(0xF030, 0xF03A)  # the digits in a symbol font
_EQUATION: Final = "［公式］"  # marks an equation that is no figure
# A phonetic guide as an EQ field draws it: the text, and the guide raised above it.
_GUIDE: Final = re.compile(
    r"EQ\s.*\\o\s*(?:\\a[lcrd])?\s*\(\s*\\s\s*\\up\s*-?[0-9.]+\s*\((?P<guide>[^()]*)\)\s*[,;，；]"
    r"\s*(?P<base>[^()\\]*)\)\s*",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(slots=True)
class _Field:
    """A field while it is read. ``code``: its code so far; ``swallowed``: the pieces of text within
    the code, which are not displayed; ``result``: its result has begun.
    """

    code: str = ""
    swallowed: list[TextPiece] = field(default_factory=list)
    result: bool = False


class Passage:
    """A paragraph, divided into ``pieces``. ``table``: the name of the style of the table around
    it; ``ground``: the colour of its background; ``within``: it is in a cell, where nothing may be
    dropped that may be part of a figure.
    """

    def __init__(
        self,
        styles: WordStyles,
        paragraph: "_Element",
        *,
        table: str = "",
        ground: str,
        within: bool = False,
    ) -> None:
        self.pieces: list[TextPiece] = []
        self._styles, self._table, self._ground, self._within = styles, table, ground, within
        self._about = paragraph.find(f"{W}pPr")
        self._fields: list[_Field] = []
        self._walk(paragraph, PLAIN)
        while self._fields:  # a field without an end: what seemed to be its code is text
            swallowed = self._fields.pop(0).swallowed
            self.pieces += swallowed

    def _add(self, piece: TextPiece) -> None:
        """Append a piece to the paragraph, or to the field whose code it is in."""
        code = next((f for f in self._fields if not f.result), None)
        (self.pieces if code is None else code.swallowed).append(piece)

    def _walk(self, element: "_Element", setting: Setting) -> None:
        """Add the text within an element. ``setting``: the formatting of that text, unless it is in
        a run with its own.
        """
        for child in element:
            tag = child.tag
            if tag in GONE:
                continue
            if tag == f"{W}t":
                self._add(TextPiece(child.text or "", setting))
            elif tag in (f"{W}tab", f"{W}ptab"):
                self._add(TextPiece(" ", setting))
            elif tag in (f"{W}br", f"{W}cr"):
                self._add(TextPiece("\n", setting))
            elif tag == f"{W}noBreakHyphen":
                self._add(TextPiece("-", setting))
            elif tag == f"{W}r":
                self._walk(child, self._setting(child))
            elif tag == f"{W}ruby":
                self._ruby(child)
            elif tag == f"{_M}oMath":
                self._equation(child)
            elif tag == f"{W}fldChar":
                self._field(child.get(f"{W}fldCharType", ""), setting)
            elif tag == f"{W}instrText":
                if self._fields:
                    self._fields[-1].code += child.text or ""
            elif tag == f"{W}fldSimple" and self._drawn(child.get(f"{W}instr", ""), setting):
                continue
            elif tag == f"{W}sym" and self._within:
                self._add(TextPiece(_symbol(child), setting))
            elif tag == f"{W}object" and self._within and _is_equation(child):
                self._add(TextPiece("", setting, odd=_EQUATION))
            elif tag not in (f"{W}txbxContent", f"{W}tbl"):
                self._walk(child, setting)

    def _setting(self, run: "_Element") -> Setting:
        """Return the formatting of a run. The mark of a note, where people have typed it, counts as
        raised.
        """
        setting = self._styles.setting(run.find(f"{W}rPr"), self._about, self._table, self._ground)
        for kind in ("footnoteReference", "endnoteReference"):
            note = run.find(f"{W}{kind}")
            if note is not None and note.get(f"{W}customMarkFollows"):
                return replace(setting, raised=True)
        return setting

    def _ruby(self, ruby: "_Element") -> None:
        """Add a text and its phonetic guide."""
        for part in ruby:
            if part.tag == f"{W}rubyBase":
                self._walk(part, PLAIN)
            elif part.tag == f"{W}rt":
                inner = Passage(self._styles, part, table=self._table, ground=self._ground)
                for piece in inner.pieces:
                    self._add(replace(piece, guide=True))

    def _equation(self, equation: "_Element") -> None:
        """Add an equation. If its parts are formatted differently, it does not count as a
        figure.
        """
        settings = {self._setting(run) for run in equation.iter(f"{_M}r")}
        text = looks.text(equation)
        odd = f"{text}{_EQUATION}"
        if len(settings) > 1:  # its parts are formatted differently, so it is not a figure
            text = odd
        self._add(TextPiece(text, settings.pop() if len(settings) == 1 else PLAIN, odd=odd))

    def _field(self, kind: str, setting: Setting) -> None:
        """Process the character that begins a field, separates its code from its result, or ends it
        (``kind``).
        """
        if kind == "begin":
            self._fields.append(_Field())
        elif kind == "separate" and self._fields:
            self._fields[-1].result = True
        elif kind == "end" and self._fields:
            ended = self._fields.pop()
            if not ended.result:
                self._drawn(ended.code, setting)

    def _drawn(self, code: str, setting: Setting) -> bool:
        """Add what an EQ field displays, which has no result. Returns False for any other kind of
        field.
        """
        if not code.strip().upper().startswith("EQ "):
            return False
        guided = _GUIDE.fullmatch(code.strip())
        if guided is None:
            self._add(TextPiece("", setting, odd=f"{code.strip()[3:].strip()}{_EQUATION}"))
        else:
            self._add(TextPiece(guided["base"], setting))
            self._add(TextPiece(guided["guide"], setting, guide=True))
        return True


def _is_equation(element: "_Element") -> bool:
    """Whether an embedded object is an equation of an older equation editor."""
    return any(
        str(part.get("ProgID", "")).startswith("Equation") for part in element.iter("{*}OLEObject")
    )


def boxes(element: "_Element") -> Iterator["_Element"]:
    """Yield the text boxes that are anchored in a paragraph, or in the paragraphs of a cell."""
    for child in element:
        if child.tag == f"{W}txbxContent":
            yield child
        elif child.tag not in GONE and child.tag != f"{W}tbl":
            yield from boxes(child)


def _symbol(element: "_Element") -> str:
    """Return a character of a symbol font: the digit that it shows, if the font is Symbol;
    otherwise the character with its code, usually one for private use, or U+FFFD if the code is not
    valid.
    """
    try:
        code = int(element.get(f"{W}char", ""), 16)
    except ValueError:
        return "\ufffd"
    if code in _DIGITS and element.get(f"{W}font", "").lower() == "symbol":
        return chr(code - 0xF000)
    return chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else "\ufffd"
