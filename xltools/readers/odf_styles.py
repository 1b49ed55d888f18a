"""Styles of an OpenDocument file: how cells and text look, and their number formats in the code
that spreadsheets write for them.
"""

import re
from dataclasses import dataclass, field, replace
from typing import Final

from xltools.readers.looks import DEFAULT, Look, pale

NUMBER: Final = "urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0 "
_STYLE: Final = "urn:oasis:names:tc:opendocument:xmlns:style:1.0 "
_KINDS: Final = frozenset(
    f"{NUMBER}{kind}-style" for kind in "number percentage currency date time boolean text".split()
)
_BARE: Final = frozenset(" -+()")  # stand for themselves in a code
_DATES: Final = {
    "year": "yy", "month": "m", "day": "d", "day-of-week": "ddd", "hours": "h", "minutes": "m",
    "seconds": "s", "am-pm": "AM/PM", "era": "e", "quarter": "q", "week-of-year": "ww",
    "boolean": '"TRUE"', "fraction": "# ?/?", "text-content": "@",
}  # fmt: skip
_LONGEST: Final = 30  # digits that one format asks for
# Which values other formats stand for, in the order that codes have without saying so.
_ORDERS: Final = (
    (">=0",),
    (">0", "<0"),
    (">0", "<0", "=0"),
)


@dataclass(slots=True)
class OdfFormats:
    """Number formats by name, while the elements that make them are met."""

    codes: dict[str, str] = field(default_factory=dict)
    maps: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    name: str = ""
    percent: bool = False
    parts: list[str] = field(default_factory=list)
    digits: dict[str, str] = field(default_factory=dict)
    within: list[tuple[int, str]] = field(default_factory=list)  # texts between digits
    words: list[str] = field(default_factory=list)
    position: int = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Meet the beginning of an element."""
        if name in _KINDS:
            self.name = attributes.get(f"{_STYLE}name", "")
            self.percent = name == f"{NUMBER}percentage-style"
            self.parts = []
            self.maps.pop(self.name, None)
        elif not self.name:
            return
        elif name == f"{_STYLE}map":
            condition = attributes.get(f"{_STYLE}condition", "").replace("value()", "")
            applied = attributes.get(f"{_STYLE}apply-style-name", "")
            self.maps.setdefault(self.name, []).append(("".join(condition.split()), applied))
        elif name == f"{NUMBER}embedded-text":
            self.position = _count(attributes, "position", 0)
            self.words = []
        elif name == f"{_STYLE}text-properties":
            if attributes.get(f"{_FO}color", "").lower() == "#ffffff":
                self.parts.append("[White]")
        else:
            self.digits, self.words, self.within = attributes, [], []

    def text(self, data: str) -> None:
        """Meet text."""
        if self.name:
            self.words.append(data)

    def end(self, name: str) -> None:
        """Meet the end of an element."""
        if not self.name:
            return
        word = "".join(self.words)
        kind = name.removeprefix(NUMBER)
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
            long = self.digits.get(f"{NUMBER}style") == "long"
            self.parts.append(_DATES[kind] * (2 if long and kind != "boolean" else 1))

    def code(self, name: str) -> str:
        """A format's code, with those that it leaves some values to; empty for one unknown."""
        code, maps = self.codes.get(name, ""), self.maps.get(name, [])
        others = [self.codes.get(applied, "") for _, applied in maps]
        if tuple(condition for condition, _ in maps) in _ORDERS:
            return ";".join([*others, code])
        said = [f"[{condition}]{other}" for (condition, _), other in zip(maps, others, strict=True)]
        return ";".join([*said, code])


def _digits(about: dict[str, str], within: list[tuple[int, str]]) -> str:
    """The digits of a number, with the texts that stand between them, as a code."""
    whole = _count(about, "min-integer-digits", 0)
    places = _count(about, "decimal-places", 0)
    least = _count(about, "min-decimal-places", places)
    grouped = about.get(f"{NUMBER}grouping") == "true"
    factor = about.get(f"{NUMBER}display-factor", "1").partition(".")[0]
    if not (grouped or within or f"{NUMBER}decimal-places" in about or whole > 1 or factor != "1"):
        return "General"
    code = "0" * whole or "#"
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
    """Characters that a format shows as they are; a percent sign that means one."""
    if percent and "%" in word:
        before, _, after = word.partition("%")
        return _literal(before) + "%" + _literal(after)
    if all(c in _BARE for c in word):
        return word
    return '\\"'.join(f'"{part}"' if part else "" for part in word.split('"'))


def _count(about: dict[str, str], name: str, otherwise: int) -> int:
    given = about.get(NUMBER + name, "")
    whole = given.isascii() and given.isdigit() and len(given) < 4
    return min(int(given), _LONGEST) if whole else otherwise


_URN: Final = "urn:oasis:names:tc:opendocument:xmlns:"
STYLE: Final = _URN + "style:1.0 "
_TABLE, _TEXT, _FO = _URN + "table:1.0 ", _URN + "text:1.0 ", _URN + "xsl-fo-compatible:1.0 "
_DISPLAY: Final = f"{_TABLE}display"
_PROTECT: Final = f"{STYLE}cell-protect"
_STYLES: Final = (f"{STYLE}style", f"{STYLE}default-style")
_LOOKS: Final = (f"{STYLE}text-properties", f"{STYLE}table-cell-properties")
_LINES: Final = (f"{STYLE}text-line-through-style", f"{STYLE}text-line-through-type")
_NOTHING: Final = re.compile(r"0[0.]*[a-z%]*")  # a size
_DEPTH: Final = 50  # styles that inherit from one another


@dataclass(slots=True)
class OdfStyle:
    """What a style says itself, and which one says the rest."""

    parent: str = ""
    look: Look = DEFAULT
    format: str | None = None
    formula_hidden: bool = False


@dataclass(slots=True)
class OdfStyles:
    """Styles by family (``table-cell``, ``text``, ``paragraph``) and name, as they are met."""

    styles: dict[tuple[str, str], OdfStyle] = field(default_factory=dict)
    formats: OdfFormats = field(default_factory=OdfFormats)
    hidden: set[str] = field(default_factory=set)  # styles of tables that are not shown
    open: tuple[str, str] | None = None
    known: dict[tuple[str, str], tuple[Look, str]] = field(default_factory=dict)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Meet the beginning of an element outside the sheets."""
        if name in _STYLES:
            own = attributes.get(f"{STYLE}name", "")
            self.open = attributes.get(f"{STYLE}family", ""), own
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
                look = replace(look, hidden=None)  # so Gnumeric says that a formula is not shown
            style.look = look.within(style.look)
        elif attributes.get(_DISPLAY) == "false":
            self.hidden.add(self.open[1])

    def end(self, name: str) -> None:
        """Meet the end of an element outside the sheets."""
        if name in _STYLES:
            self.open = None
        elif self.open is None:
            self.formats.end(name)

    def text(self, data: str) -> None:
        """Meet text outside the sheets."""
        self.formats.text(data)

    def of(self, family: str, name: str) -> tuple[Look, str]:
        """A style's look and number format, with what it inherits."""
        key = family, name
        if key not in self.known:
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
            self.known[key] = pale(written, look), written
        return self.known[key]


def _look(about: dict[str, str]) -> Look:
    """What properties say of how text looks."""
    place = about.get(f"{STYLE}text-position", "").split()
    lines = [about[name] for name in _LINES if name in about]
    ink, ground = about.get(f"{_FO}color"), about.get(f"{_FO}background-color", "transparent")
    if about.get(f"{STYLE}use-window-font-color") == "true":
        ink = "window"
    size = about.get(f"{_FO}font-size")
    display = about.get(f"{_TEXT}display")
    return Look(
        raised=place[0].rstrip("%") != "0" if place else None,
        struck=any(line != "none" for line in lines) if lines else None,
        hidden=display == "none" if display else None,
        tiny=_NOTHING.fullmatch(size) is not None if size else None,
        white=ink.lower() == "#ffffff" if ink else None,
        light=ground.lower() == "#ffffff" if ground != "transparent" else None,
    )
