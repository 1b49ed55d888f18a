"""Styles of the XML of Excel 2003: how cells look, and in which number format."""

from dataclasses import dataclass, field
from typing import Final

from xltools.readers.format_names import code
from xltools.readers.looks import DEFAULT, Look, pale

_DEFAULT: Final = "Default"
_DEPTH: Final = 50  # styles that inherit from one another


@dataclass(slots=True)
class _Style:
    """What a style says itself, and which one says the rest."""

    parent: str
    look: Look = DEFAULT
    format: str | None = None


@dataclass(slots=True)
class Styles:
    """Styles by name, as they are met."""

    styles: dict[str, _Style] = field(default_factory=dict)
    open: _Style | None = None
    known: dict[str, tuple[Look, str]] = field(default_factory=dict)

    def start(self, tag: str, own: dict[str, str]) -> None:
        """Meet the beginning of an element before the sheets; attributes by their own names."""
        if tag == "Style":
            name = own.get("ID", "")
            parent = own.get("Parent", "" if name == _DEFAULT else _DEFAULT)
            self.open = self.styles[name] = _Style(parent)
        elif self.open is None:
            return
        elif tag == "NumberFormat":
            self.open.format = code(own.get("Format", "General"))
        elif tag == "Font":
            self.open.look = _font(own).within(self.open.look)
        elif tag == "Interior":
            self.open.look = Look(light=_ground(own)).within(self.open.look)

    def of(self, name: str) -> tuple[Look, str]:
        """A style's look and number format, with what it inherits."""
        if name not in self.known:
            look, found, at = DEFAULT, "", name or _DEFAULT
            for _ in range(_DEPTH):
                style = self.styles.get(at)
                if style is None:
                    break
                look, at = look.within(style.look), style.parent
                found = found or style.format or ""
            self.known[name] = pale(found, look), found
        return self.known[name]


def _font(own: dict[str, str]) -> Look:
    place, struck, ink = own.get("VerticalAlign"), own.get("StrikeThrough"), own.get("Color")
    return Look(
        raised=place in ("Superscript", "Subscript") if place else None,
        struck=struck == "1" if struck else None,
        white=ink.upper() == "#FFFFFF" if ink else None,
    )


def _ground(own: dict[str, str]) -> bool | None:
    """Whether a cell is filled white; None where it is not filled."""
    if own.get("Pattern", "None") == "None":
        return None
    return own.get("Pattern") == "Solid" and own.get("Color", "").upper() == "#FFFFFF"
