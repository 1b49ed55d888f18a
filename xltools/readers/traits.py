"""How the cells of an Excel workbook are displayed, by their cell styles and the runs of their
texts, and which part of their values counts in view of that.
"""

from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from xltools.model.cells import PLAIN, Flag, Raw
from xltools.model.number_formats import plain
from xltools.readers.looks import (
    DEFAULT,
    PLAIN_LOOK,
    Look,
    TextRun,
    counted,
    format_of,
    pale,
)

USUAL: Final = PLAIN_LOOK


@dataclass(frozen=True, slots=True, kw_only=True)
class CellStyle:
    """A cell style. ``look``: the look of its font on its background; ``format``: the code of its
    number format, empty if that is a plain one.
    """

    look: Look = USUAL
    format: str = ""

    @property
    def odd(self) -> bool:
        """Whether this style can change how a value has to be understood, such as by hiding it or
        by a special number format.
        """
        return self.look.odd or bool(self.format)


@dataclass(frozen=True, slots=True)
class Rich:
    """A text in ``runs``, each with its look, which is None for text in the cell's font. ``guide``:
    the phonetic guide shown with the text, empty if it has none.
    """

    runs: tuple[tuple[str, Look | None], ...]
    guide: str = ""

    @property
    def marked(self) -> bool:
        """Whether some of the text does not count, whatever the cell's font is."""
        return bool(self.guide) or any(look is not None and look.odd for _, look in self.runs)


# How a cell is displayed: its style, and its text if that has several runs or a guide.
Trait = tuple[CellStyle, Rich | None]


@dataclass(frozen=True, slots=True)
class Shown:
    """How the cells of a workbook are displayed. ``styles``: its cell styles by number; ``texts``:
    the shared texts, by number, that have several runs or a phonetic guide. ``odd``, ``marked``:
    the numbers of those styles and texts that can change how a value has to be understood.
    """

    styles: Sequence[CellStyle] = ()
    texts: Mapping[int, Rich] = field(default_factory=dict)
    odd: frozenset[int] = frozenset()
    marked: frozenset[int] = frozenset()

    @classmethod
    def of(cls, styles: Sequence[CellStyle], texts: Mapping[int, Rich]) -> "Shown":
        """Build a Shown from styles and texts, working out which of them are odd or marked."""
        odd = frozenset(n for n, style in enumerate(styles) if style.odd)
        marked = frozenset(n for n, text in texts.items() if text.marked)
        return cls(styles, texts, odd, marked)

    def style(self, number: int) -> CellStyle:
        """Return a style by its number; a plain style for a number that is not defined."""
        return self.styles[number] if 0 <= number < len(self.styles) else CellStyle()

    def trait(self, style: int, index: int) -> Trait | None:
        """Return the style and the text of a cell, given by their numbers; None if neither is odd.
        ``index``: the number of its shared text, -1 for a cell without one.
        """
        if style in self.odd or index in self.marked:
            return self.style(style), self.texts.get(index)
        return None


def rich(units: bytes, runs: Iterable[tuple[int, Look]], guide: str = "") -> Rich:
    """Divide a text into runs. ``units``: the text in UTF-16 (little-endian); ``runs``: the start
    of each run, in UTF-16 code units, and its look. Text before the first run has the cell's font.
    """
    runs = list(runs)
    starts = [0, *(2 * start for start, _ in runs), len(units)]
    looks = [None, *(look for _, look in runs)]
    pieces = zip(starts, starts[1:], looks, strict=False)
    texts = [(units[a:b].decode("utf-16-le", "replace"), look) for a, b, look in pieces if a < b]
    return Rich(tuple(texts), guide)


def styled(font: Look, code: str, *, light: bool) -> CellStyle:
    """Return the cell style with this font and number format. ``light``: the background is
    certainly white, or there is none.
    """
    look = pale(code, replace(font, light=light))
    return CellStyle(look=look, format="" if plain(code) else code)


def amend(
    rows: Sequence[list[Raw]],
    flags: MutableMapping[tuple[int, int], Flag],
    traits: Mapping[tuple[int, int], Trait],
) -> None:
    """Remove from the values of a sheet what does not count, and note it in its flags; both are
    changed in place. ``traits``: style and text of the cells that are displayed in an odd way, by
    row and column from 0.
    """
    for (row, col), (style, rich) in traits.items():
        flag = flags.get((row, col), PLAIN)
        value = rows[row][col] if row < len(rows) and col < len(rows[row]) else None
        if value is None or value == "" or flag.error:
            continue
        rows[row][col], changed = _judged(value, flag, style, rich)
        if changed != PLAIN:
            flags[row, col] = changed


def _judged(value: Raw, flag: Flag, style: CellStyle, rich: Rich | None) -> tuple[Raw, Flag]:
    """Return what remains of a value in view of its style and runs, and the new flag of the cell.
    ``flag``: its flag so far.
    """
    if isinstance(value, str):
        texts = rich.runs if rich else ((value, None),)
        runs = [TextRun(text, (look or DEFAULT).within(style.look)) for text, look in texts]
        if rich and rich.guide:
            runs.append(TextRun(rich.guide, guide=True))
        content = counted(runs)
        if content.text.strip() or content.mark or content.unseen:
            value = content.text if content.text.strip() else None
        flag = content.flagged(flag) or flag
        return value, format_of(style.format, value, flag) or flag
    if style.look.unseen:
        shown = int(value) if isinstance(value, float) and value.is_integer() else value
        return None, replace(flag, unseen=str(shown))
    return value, format_of(style.format, value, flag) or flag


_NO: Final = ("0", "false", "off")
_GROUND: Final = "65"  # the colour of the window's background, in any palette


@dataclass(frozen=True, slots=True, kw_only=True)
class Colors:
    """Which colours are white. ``light``: the first colour of the theme is; ``palette``: the
    numbers of the palette's colours that are.
    """

    light: bool = False
    palette: frozenset[str] = frozenset({"1", "9"})

    def white(self, color: Mapping[str, str]) -> bool:
        """Whether a colour, given by the attributes of its XML element, is certainly white."""
        if color.get("tint", "") not in ("", "0"):
            return False
        if "theme" in color:
            return self.light and color["theme"] == "0"
        if "indexed" in color:
            return color["indexed"] == _GROUND or color["indexed"] in self.palette
        return color.get("rgb", "")[-6:].upper() == "FFFFFF"


def with_property(font: Look, tag: str, attributes: Mapping[str, str], colors: Colors) -> Look:
    """Apply one property of a font, an element within ``font`` or ``rPr``, and return the resulting
    look.
    """
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
    """A text while it is read: receives the XML elements within ``si`` or ``is`` in order, and
    collects its runs and its phonetic guide. ``font``: the look of the current run, None for the
    cell's font; ``words``: the characters of the open ``t``, None outside one; ``aside``: the
    reader is within the phonetic guide.
    """

    colors: Colors
    runs: list[tuple[str, Look | None]] = field(default_factory=list)
    guide: str = ""
    font: Look | None = None
    words: list[str] | None = None
    aside: bool = False

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Handle the start of an element; ``tag`` is its name without a namespace."""
        if tag == "t":
            self.words = []
        elif tag == "rPh":
            self.aside = True
        elif tag == "rPr":
            self.font = USUAL
        elif self.font is not None:
            self.font = with_property(self.font, tag, attributes, self.colors)

    def text(self, data: str) -> None:
        """Handle characters."""
        if self.words is not None:
            self.words.append(data)

    def end(self, tag: str) -> None:
        """Handle the end of an element; ``tag`` is its name without a namespace."""
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
        """Return the complete text, without the phonetic guide."""
        return "".join(text for text, _ in self.runs)

    def rich(self) -> Rich | None:
        """Return the text in runs; None if all of it has the cell's font and there is no phonetic
        guide.
        """
        if self.guide or any(font is not None for _, font in self.runs):
            return Rich(tuple(self.runs), self.guide)
        return None
