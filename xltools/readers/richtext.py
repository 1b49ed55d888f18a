"""Fonts, and texts in several runs, in the XML of Excel: in its styles, its shared texts and its
cells. Source: ECMA-376 part 1, 18.4 and 18.8.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from xltools.readers.looks import Look
from xltools.readers.traits import USUAL, Rich

_NO: Final = ("0", "false", "off")
_GROUND: Final = "65"  # the color of a window's ground, whatever the palette


@dataclass(frozen=True, slots=True, kw_only=True)
class Colors:
    """What may make a color white: whether the theme's first one is, and the numbers of those of
    the palette that are.
    """

    light: bool = False
    palette: frozenset[str] = frozenset({"1", "9"})

    def white(self, color: Mapping[str, str]) -> bool:
        """Whether a color, given by its attributes, is certainly white."""
        if color.get("tint", "") not in ("", "0"):
            return False
        if "theme" in color:
            return self.light and color["theme"] == "0"
        if "indexed" in color:
            return color["indexed"] == _GROUND or color["indexed"] in self.palette
        return color.get("rgb", "")[-6:].upper() == "FFFFFF"


def with_property(font: Look, tag: str, attributes: Mapping[str, str], colors: Colors) -> Look:
    """A font with one of its properties, an element of ``font`` or ``rPr``, taken in."""
    value = attributes.get("val", "")
    if tag == "strike":
        return replace(font, struck=value not in _NO)
    if tag == "vertAlign":
        return replace(font, raised=value in ("superscript", "subscript"))
    if tag == "color":
        return replace(font, white=colors.white(attributes))
    return font


@dataclass(slots=True)
class RichDraft:
    """A text in the making: takes the elements within ``si`` or ``is`` as they come."""

    colors: Colors
    runs: list[tuple[str, Look | None]] = field(default_factory=list)
    guide: str = ""
    font: Look | None = None
    words: list[str] | None = None
    aside: bool = False

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Take the beginning of an element, by its name without a namespace."""
        if tag == "t":
            self.words = []
        elif tag == "rPh":
            self.aside = True
        elif tag == "rPr":
            self.font = USUAL
        elif self.font is not None:
            self.font = with_property(self.font, tag, attributes, self.colors)

    def text(self, data: str) -> None:
        """Take text."""
        if self.words is not None:
            self.words.append(data)

    def end(self, tag: str) -> None:
        """Take the end of an element."""
        if tag == "t" and self.words is not None:
            text, self.words = "".join(self.words), None
            if self.aside:
                self.guide += text
            else:
                self.runs.append((text, self.font))
        elif tag == "r":
            self.font = None
        elif tag == "rPh":
            self.aside = False

    def written(self) -> str:
        """All of the text, the guide left out."""
        return "".join(text for text, _ in self.runs)

    def rich(self) -> Rich | None:
        """The text by its runs; None for one in the font of its cell, with nothing beside it."""
        if self.guide or any(font is not None for _, font in self.runs):
            return Rich(tuple(self.runs), self.guide)
        return None
