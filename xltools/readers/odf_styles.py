"""Styles of an OpenDocument file: how cells and text look, and in which number format."""

import re
from dataclasses import dataclass, field, replace
from typing import Final

from xltools.readers.looks import DEFAULT, Look, pale
from xltools.readers.odf_formats import Formats

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
class Style:
    """What a style says itself, and which one says the rest."""

    parent: str = ""
    look: Look = DEFAULT
    format: str | None = None
    formula_hidden: bool = False


@dataclass(slots=True)
class Styles:
    """Styles by family (``table-cell``, ``text``, ``paragraph``) and name, as they are met."""

    styles: dict[tuple[str, str], Style] = field(default_factory=dict)
    formats: Formats = field(default_factory=Formats)
    hidden: set[str] = field(default_factory=set)  # styles of tables that are not shown
    open: tuple[str, str] | None = None
    known: dict[tuple[str, str], tuple[Look, str]] = field(default_factory=dict)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Meet the beginning of an element outside the sheets."""
        if name in _STYLES:
            own = attributes.get(f"{STYLE}name", "")
            self.open = attributes.get(f"{STYLE}family", ""), own
            self.styles[self.open] = Style(
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
