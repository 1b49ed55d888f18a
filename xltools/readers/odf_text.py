"""The text of an OpenDocument cell, as runs that each have a look, and the equations in it."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final
from xml.etree.ElementTree import TreeBuilder

from xltools.model.errors import ReadError
from xltools.readers import looks
from xltools.readers.looks import Counted, Look, TextRun, counted
from xltools.readers.odf_styles import OdfStyles
from xltools.readers.package import Package
from xltools.readers.scan import parse

_URN: Final = "urn:oasis:names:tc:opendocument:xmlns:"
_OFFICE, _TEXT = _URN + "office:1.0 ", _URN + "text:1.0 "
_OBJECT: Final = _URN + "drawing:1.0 object"
_HREF: Final = "http://www.w3.org/1999/xlink href"
_MATH: Final = f"{looks.MATHML} math"
# Within a paragraph, but no part of its text; and what is a mark beside it.
_APART: Final = {f"{_OFFICE}annotation", f"{_TEXT}note-body"}
_GUIDES: Final = {f"{_TEXT}ruby-text", f"{_TEXT}note-citation"}
_FAMILIES: Final = {f"{_TEXT}p": "paragraph", f"{_TEXT}span": "text", f"{_TEXT}a": "text"}
_NOTHING: Final = Counted("")
_P, _S, _STYLE = f"{_TEXT}p", f"{_TEXT}s", f"{_TEXT}style-name"
_SPACE: Final = re.compile(r"[ \t\r\n]+")
_UNKNOWN: Final = "公式"  # what stands for an equation that cannot be read
_SPACES: Final = 1000  # of one run
# Space that is meant, while the rest is put together: characters that no XML can hold, and that
# are space to Python.
_BLANK, _TAB, _BREAK, _PARAGRAPH = "\x1c", "\x1d", "\x1e", "\x1f"
_WRITTEN: Final = str.maketrans(_BLANK + _TAB + _BREAK, " \t\n")
_TABS: Final = {f"{_TEXT}tab": _TAB, f"{_TEXT}line-break": _BREAK}


@dataclass(slots=True)
class _Equation:
    """An equation while its elements are met."""

    builder: TreeBuilder = field(default_factory=TreeBuilder)
    depth: int = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        self.builder.start(name, attributes)

    def end(self, name: str) -> None:
        self.depth -= 1
        self.builder.end(name)


def equation(package: Package, name: str) -> str:
    """What the equation that is an object of a package says; empty for another kind of object.

    Raises ReadError F-02, F-05 for a part that cannot be unpacked.
    """
    part = f"{name.removeprefix('./').rstrip('/')}/content.xml"
    if part.lower() not in package.parts:
        return ""
    xml = package.read(part)
    if looks.MATHML.encode() not in xml[:2000]:
        return ""
    cell = CellText(OdfStyles(), Look(), lambda _: "")
    try:
        parse(xml, start=cell.start, end=cell.end, text=cell.text)
    except ReadError:  # as older programs wrote them, with a document type
        return _UNKNOWN
    return " ".join(cell.drawn)


@dataclass(slots=True)
class CellText:
    """A cell's text while its elements are met.

    ``drawn``: what the equations that lie on the cell say; ``named`` tells it of an object by name.
    """

    styles: OdfStyles
    look: Look
    named: Callable[[str], str]
    runs: list[TextRun] = field(default_factory=list)
    drawn: list[str] = field(default_factory=list)
    looks: list[tuple[int, Look]] = field(default_factory=list)  # of what is open in a paragraph
    depth: int = 0
    apart: int = 0  # how deep what is no part of the text began; 0: outside of any
    guide: int = 0
    open: _Equation | None = None

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Meet the beginning of an element."""
        self.depth += 1
        if self.open:
            self.open.start(name, attributes)
        elif self.apart:
            return
        elif name in _APART:
            self.apart = self.depth
        elif name == _MATH:
            self.open = _Equation()
            self.open.start(name, attributes)
        elif name == _OBJECT and _HREF in attributes:
            self._take(self.named(attributes[_HREF]))
        elif self.looks or (name == _P and self.depth == 1):
            self._styled(name, attributes)
            if name in _GUIDES:
                self.guide = self.guide or self.depth
            elif name == _S:
                self._add(_BLANK * _spaces(attributes))
            elif name in _TABS:
                self._add(_TABS[name])

    def end(self, name: str) -> None:
        """Meet the end of an element."""
        if self.open:
            self.open.end(name)
            if not self.open.depth:
                said = looks.text(self.open.builder.close())
                self.open = None
                self._take(said)
        elif self.apart == self.depth:
            self.apart = 0
        if self.guide == self.depth:
            self.guide = 0
        if self.looks and self.looks[-1][0] == self.depth:
            self.looks.pop()
        self.depth -= 1

    def text(self, data: str) -> None:
        """Meet text."""
        if self.open:
            self.open.builder.data(data)
        elif self.looks and not self.apart:
            self._add(data)

    def counted(self) -> Counted:
        """The text of a cell that has ended: space put together, and a paragraph a line."""
        if not self.runs:
            return _NOTHING
        found = counted(self.runs)
        lines = (_SPACE.sub(" ", t).strip(" ") for t in found.text.split(_PARAGRAPH))
        text = "\n".join(lines).translate(_WRITTEN)
        if found.mark or found.unseen:
            return replace(found, text=text.strip())
        return Counted(text)

    def _styled(self, name: str, attributes: dict[str, str]) -> None:
        if not self.looks and self.runs:
            self.runs.append(TextRun(_PARAGRAPH))
        outer = self.looks[-1][1] if self.looks else self.look
        given = attributes.get(_STYLE)
        if given and name in _FAMILIES:
            outer = self.styles.of(_FAMILIES[name], given)[0].within(outer)
        self.looks.append((self.depth, outer))

    def _add(self, text: str) -> None:
        self.runs.append(TextRun(text, self.looks[-1][1], self.guide > 0))

    def _take(self, said: str) -> None:
        """Take an equation: as text where it stands in some, else as drawn on the cell."""
        if self.looks:
            self._add(f" {said} ")  # joined to nothing
        elif said:
            self.drawn.append(said)


def _spaces(attributes: dict[str, str]) -> int:
    given = attributes.get(f"{_TEXT}c", "1")
    return min(int(given), _SPACES) if given.isascii() and given.isdigit() else _SPACES
