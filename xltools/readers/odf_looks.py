"""How the cells of an OpenDocument file look: their styles; their number formats, translated to the
codes that spreadsheet programs write; and their texts as runs with looks, including equations.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final
from xml.etree.ElementTree import TreeBuilder

from xltools.readers import looks
from xltools.readers.looks import DEFAULT, Counted, Look, TextRun, counted, pale
from xltools.readers.markup import plain_number
from xltools.readers.pagetext import spaced

URN: Final = "urn:oasis:names:tc:opendocument:xmlns:"
OFFICE, TABLE, TEXT, STYLE = (f"{URN}{name}:1.0 " for name in ("office", "table", "text", "style"))
_FO, _NUMBER = f"{URN}xsl-fo-compatible:1.0 ", f"{URN}datastyle:1.0 "
_KINDS: Final = frozenset(
    f"{_NUMBER}{kind}-style" for kind in "number percentage currency date time boolean text".split()
)
_BARE: Final = frozenset(" -+()")  # characters that need no quotes in a code
_DATES: Final = {
    "year": "yy", "month": "m", "day": "d", "day-of-week": "ddd", "hours": "h", "minutes": "m",
    "seconds": "s", "am-pm": "AM/PM", "era": "e", "quarter": "q", "week-of-year": "ww",
    "boolean": '"TRUE"', "fraction": "# ?/?", "text-content": "@",
}  # fmt: skip
_LONGEST: Final = 30  # digits in one format, at most
# Conditions of a format's sections that a code implies by their order, and so need not state.
_ORDERS: Final = (
    (">=0",),
    (">0", "<0"),
    (">0", "<0", "=0"),
)


@dataclass(slots=True)
class OdfFormats:
    """Number formats by name, collected while the elements that define them are read. ``codes``:
    the code of each; ``maps``: its conditions, each with the name of the format to use for values
    that fulfil it.

    The other fields describe the format being read: its ``name``, empty outside one; ``percent``:
    it is for percentages; ``parts``: its code so far; ``digits``: the attributes of the last
    element that displays a number or a part of a date; ``within``: the texts between digits, with
    their positions; ``words``, ``position``: the text being read and its position.
    """

    codes: dict[str, str] = field(default_factory=dict)
    maps: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    name: str = ""
    percent: bool = False
    parts: list[str] = field(default_factory=list)
    digits: dict[str, str] = field(default_factory=dict)
    within: list[tuple[int, str]] = field(default_factory=list)  # position, text
    words: list[str] = field(default_factory=list)
    position: int = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Handle the start of an element."""
        if name in _KINDS:
            self.name = attributes.get(f"{STYLE}name", "")
            self.percent = name == f"{_NUMBER}percentage-style"
            self.parts = []
            self.maps.pop(self.name, None)
        elif not self.name:
            return
        elif name == f"{STYLE}map":
            condition = attributes.get(f"{STYLE}condition", "").replace("value()", "")
            applied = attributes.get(f"{STYLE}apply-style-name", "")
            self.maps.setdefault(self.name, []).append(("".join(condition.split()), applied))
        elif name == f"{_NUMBER}embedded-text":
            self.position = _count(attributes, "position", 0)
            self.words = []
        elif name == f"{STYLE}text-properties":
            if attributes.get(f"{_FO}color", "").lower() == "#ffffff":
                self.parts.append("[White]")
        else:
            self.digits, self.words, self.within = attributes, [], []

    def text(self, data: str) -> None:
        """Handle characters."""
        if self.name:
            self.words.append(data)

    def end(self, name: str) -> None:
        """Handle the end of an element."""
        if not self.name:
            return
        word = "".join(self.words)
        kind = name.removeprefix(_NUMBER)
        if name in _KINDS:
            self.codes[self.name] = "".join(self.parts)
            self.name = ""
        elif kind == "number":
            self.parts.append(_digits(self.digits, self.within))
        elif kind == "embedded-text":
            self.within.append((self.position, word))
        elif kind == "scientific-number":
            decimals = "0" * _count(self.digits, "decimal-places", 0)
            self.parts.append(f"0.{decimals}E+00" if decimals else "0E+00")
        elif kind == "text":
            self.parts.append(_literal(word, percent=self.percent))
        elif kind == "currency-symbol":
            self.parts.append(_literal(word or "¤"))
        elif kind == "fill-character" and word:
            self.parts.append("*" + word[0])
        elif kind in _DATES:
            long = self.digits.get(f"{_NUMBER}style") == "long"
            self.parts.append(_DATES[kind] * (2 if long and kind != "boolean" else 1))

    def code(self, name: str) -> str:
        """Return the code of a format, with a section for each further format that it uses under a
        condition; empty for a name that is not defined.
        """
        code, maps = self.codes.get(name, ""), self.maps.get(name, [])
        others = [self.codes.get(applied, "") for _, applied in maps]
        if tuple(condition for condition, _ in maps) in _ORDERS:
            return ";".join([*others, code])
        conditional = [
            f"[{condition}]{applied}" for (condition, _), applied in zip(maps, others, strict=True)
        ]
        return ";".join([*conditional, code])


def _digits(about: dict[str, str], within: list[tuple[int, str]]) -> str:
    """Return the part of a code that displays the digits of a number. ``about``: the attributes of
    the number element; ``within``: texts to insert between its digits, each with the number of
    digits that follow it.
    """
    integers = _count(about, "min-integer-digits", 0)
    places = _count(about, "decimal-places", 0)
    least = _count(about, "min-decimal-places", places)
    grouped = about.get(f"{_NUMBER}grouping") == "true"
    factor = about.get(f"{_NUMBER}display-factor", "1").partition(".")[0]
    if not (
        grouped or within or f"{_NUMBER}decimal-places" in about or integers > 1 or factor != "1"
    ):
        return "General"
    code = "0" * integers or "#"
    if grouped:
        code = code.rjust(4, "#")
        code = code[:-3] + "," + code[-3:]
    for position, word in sorted(within, reverse=True):
        code = code.rjust(position + 1, "#")
        cut = len(code) - position
        code = code[:cut] + _literal(word) + code[cut:]
    if places:
        code += "." + "0" * min(least, places) + "#" * (places - least)
    return code + "," * (factor.count("0") // 3)


def _literal(word: str, *, percent: bool = False) -> str:
    """Return the part of a code that displays characters as they are, quoted where necessary.
    ``percent``: a percent sign among them means that the value is displayed as a percentage.
    """
    if percent and "%" in word:
        before, _, after = word.partition("%")
        return _literal(before) + "%" + _literal(after)
    if all(c in _BARE for c in word):
        return word
    return '\\"'.join(f'"{part}"' if part else "" for part in word.split('"'))


def _count(about: dict[str, str], name: str, otherwise: int) -> int:
    """Return the number in an attribute, at most _LONGEST; ``otherwise`` if it is missing."""
    count = plain_number(about.get(_NUMBER + name, ""), 3)
    return otherwise if count is None else min(count, _LONGEST)


_DISPLAY: Final = f"{TABLE}display"
_PROTECT: Final = f"{STYLE}cell-protect"
_STYLES: Final = (f"{STYLE}style", f"{STYLE}default-style")
_LOOKS: Final = (f"{STYLE}text-properties", f"{STYLE}table-cell-properties")
_LINES: Final = (f"{STYLE}text-line-through-style", f"{STYLE}text-line-through-type")
_NOTHING: Final = re.compile(r"0[0.]*[a-z%]*")  # a size of 0
_DEPTH: Final = 50  # at most, styles that inherit from each other


@dataclass(slots=True)
class OdfStyle:
    """What a style itself specifies; the rest it inherits from the style ``parent``. ``format``:
    the name of its number format, None if not specified; ``formula_hidden``: it hides formulas,
    which Gnumeric writes in a way that looks like hidden text.
    """

    parent: str = ""
    look: Look = DEFAULT
    format: str | None = None
    formula_hidden: bool = False


@dataclass(slots=True)
class OdfStyles:
    """Styles by family (``table-cell``, ``text``, ``paragraph``) and name, collected while they are
    read. ``hidden``: the names of styles whose tables are not displayed; ``open``: family and name
    of the style being read; ``resolved``: looks and number formats with what they inherit.
    """

    styles: dict[tuple[str, str], OdfStyle] = field(default_factory=dict)
    formats: OdfFormats = field(default_factory=OdfFormats)
    hidden: set[str] = field(default_factory=set)
    open: tuple[str, str] | None = None
    resolved: dict[tuple[str, str], tuple[Look, str]] = field(default_factory=dict)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Handle the start of an element outside the sheets."""
        if name in _STYLES:
            style_name = attributes.get(f"{STYLE}name", "")
            self.open = attributes.get(f"{STYLE}family", ""), style_name
            self.styles[self.open] = OdfStyle(
                parent=attributes.get(f"{STYLE}parent-style-name", ""),
                format=attributes.get(f"{STYLE}data-style-name"),
            )
        elif self.open is None:
            self.formats.start(name, attributes)
        elif name in _LOOKS:
            style = self.styles[self.open]
            look = _look(attributes)
            style.formula_hidden |= attributes.get(_PROTECT) == "formula-hidden"
            if style.formula_hidden:
                look = replace(look, hidden=None)  # so Gnumeric hides formulas, not text
            style.look = look.within(style.look)
        elif attributes.get(_DISPLAY) == "false":
            self.hidden.add(self.open[1])

    def end(self, name: str) -> None:
        """Handle the end of an element outside the sheets."""
        if name in _STYLES:
            self.open = None
        elif self.open is None:
            self.formats.end(name)

    def text(self, data: str) -> None:
        """Handle characters outside the sheets."""
        self.formats.text(data)

    def of(self, family: str, name: str) -> tuple[Look, str]:
        """Return the look of a style and the code of its number format, with what it inherits."""
        key = family, name
        if key not in self.resolved:
            look, code = DEFAULT, None
            for _ in range(_DEPTH):
                style = self.styles.get((family, name))
                if style is None:
                    break
                look = look.within(style.look)
                code = code if code is not None else style.format
                if not name:
                    break
                name = style.parent
            written = self.formats.code(code) if code else ""
            self.resolved[key] = pale(written, look), written
        return self.resolved[key]


def _look(about: dict[str, str]) -> Look:
    """Translate the attributes of an ODF style's properties element into a Look. ``about``:
    attribute values by full name (namespace, a space, local name). A field of the Look is None if
    the attributes do not mention it.
    """
    place = about.get(f"{STYLE}text-position", "").split()
    lines = [about[name] for name in _LINES if name in about]
    ink, ground = about.get(f"{_FO}color"), about.get(f"{_FO}background-color", "transparent")
    if about.get(f"{STYLE}use-window-font-color") == "true":
        ink = "window"
    size = about.get(f"{_FO}font-size")
    display = about.get(f"{TEXT}display")
    return Look(
        raised=place[0].rstrip("%") != "0" if place else None,
        struck=any(line != "none" for line in lines) if lines else None,
        hidden=display == "none" if display else None,
        tiny=_NOTHING.fullmatch(size) is not None if size else None,
        white=ink.lower() == "#ffffff" if ink else None,
        light=ground.lower() == "#ffffff" if ground != "transparent" else None,
    )


_OBJECT: Final = URN + "drawing:1.0 object"
_HREF: Final = "http://www.w3.org/1999/xlink href"
_MATH: Final = f"{looks.MATHML} math"
# Elements in a paragraph that are not part of its text, and those that are marks in it.
_APART: Final = {f"{OFFICE}annotation", f"{TEXT}note-body"}
_GUIDES: Final = {f"{TEXT}ruby-text", f"{TEXT}note-citation"}
_FAMILIES: Final = {f"{TEXT}p": "paragraph", f"{TEXT}span": "text", f"{TEXT}a": "text"}
_NO_TEXT: Final = Counted("")
_P, _S, _STYLE_NAME = f"{TEXT}p", f"{TEXT}s", f"{TEXT}style-name"
_SPACES: Final = 1000  # spaces in one element, at most
# They replace spaces and line ends that count; all other white space is collapsed to one space.
# XML cannot contain these characters, and Python treats them as white space.
_BLANK, _TAB, _BREAK, _PARAGRAPH = "\x1c", "\x1d", "\x1e", "\x1f"
_WRITTEN: Final = str.maketrans(_BLANK + _TAB + _BREAK, " \t\n")
_TABS: Final = {f"{TEXT}tab": _TAB, f"{TEXT}line-break": _BREAK}


@dataclass(slots=True)
class _Equation:
    """An equation, built while its elements are read."""

    builder: TreeBuilder = field(default_factory=TreeBuilder)
    depth: int = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Handle the start of an element in the equation."""
        self.depth += 1
        self.builder.start(name, attributes)

    def end(self, name: str) -> None:
        """Handle the end of an element in the equation."""
        self.depth -= 1
        self.builder.end(name)


@dataclass(slots=True)
class CellText:
    """The text of a cell, collected while its elements are read.

    ``named`` returns the equation in an embedded object, given by its name. ``drawn``: the
    equations placed on the cell, beside its text. ``looks``: depth and look of each open element of
    a paragraph. ``apart``: the depth of the open element whose content is not part of the text;
    ``guide``: the depth of the open phonetic guide; each is 0 if there is none.
    """

    styles: OdfStyles
    look: Look
    named: Callable[[str], str]
    runs: list[TextRun] = field(default_factory=list)
    drawn: list[str] = field(default_factory=list)
    looks: list[tuple[int, Look]] = field(default_factory=list)  # by depth
    depth: int = 0
    apart: int = 0
    guide: int = 0
    open: _Equation | None = None

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Handle the start of an element."""
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
        """Handle the end of an element."""
        if self.open:
            self.open.end(name)
            if not self.open.depth:
                equation = looks.text(self.open.builder.close())
                self.open = None
                self._take(equation)
        elif self.apart == self.depth:
            self.apart = 0
        if self.guide == self.depth:
            self.guide = 0
        if self.looks and self.looks[-1][0] == self.depth:
            self.looks.pop()
        self.depth -= 1

    def text(self, data: str) -> None:
        """Handle characters."""
        if self.open:
            self.open.builder.data(data)
        elif self.looks and not self.apart:
            self._add(data)

    def counted(self) -> Counted:
        """Return the text of a cell that has been read completely, divided as ``looks.counted``
        does. Each paragraph is a line, and each run of white space a single space.
        """
        if not self.runs:
            return _NO_TEXT
        content = counted(self.runs)
        lines = (spaced(t).strip(" ") for t in content.text.split(_PARAGRAPH))
        text = "\n".join(lines).translate(_WRITTEN)
        if content.mark or content.unseen:
            return replace(content, text=text.strip())
        return Counted(text)

    def _styled(self, name: str, attributes: dict[str, str]) -> None:
        """Record the look of an element that begins within the cell's text."""
        if not self.looks and self.runs:
            self.runs.append(TextRun(_PARAGRAPH))
        outer = self.looks[-1][1] if self.looks else self.look
        style = attributes.get(_STYLE_NAME)
        if style and name in _FAMILIES:
            outer = self.styles.of(_FAMILIES[name], style)[0].within(outer)
        self.looks.append((self.depth, outer))

    def _add(self, text: str) -> None:
        """Append text to the runs, with the look of the innermost open element."""
        self.runs.append(TextRun(text, self.looks[-1][1], self.guide > 0))

    def _take(self, equation: str) -> None:
        """Add an equation: to the text if it is within a paragraph, else to ``drawn``."""
        if self.looks:
            self._add(f" {equation} ")  # spaces keep it from joining to the text
        elif equation:
            self.drawn.append(equation)


def _spaces(attributes: dict[str, str]) -> int:
    """How many spaces an element stands for, at most _SPACES."""
    count = plain_number(attributes.get(f"{TEXT}c", "1"), 9)
    return _SPACES if count is None else min(count, _SPACES)
