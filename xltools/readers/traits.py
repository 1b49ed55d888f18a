"""How the cells of an Excel workbook are shown, by their cell styles and the runs of their texts,
and what of their values counts in view of that.
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
    """A cell style. ``look``: of its font on its ground; ``format``: the code of its number format,
    empty where that is a plain one.
    """

    look: Look = USUAL
    format: str = ""

    @property
    def odd(self) -> bool:
        """Whether this style changes what is to be made of a value."""
        return self.look.odd or bool(self.format)


@dataclass(frozen=True, slots=True)
class Rich:
    """A text in runs, each with its look, or None where it has the cell's font; and a phonetic
    guide beside the text.
    """

    runs: tuple[tuple[str, Look | None], ...]
    guide: str = ""

    @property
    def marked(self) -> bool:
        """Whether anything in the text does not count, whatever the font of the cell is."""
        return bool(self.guide) or any(look is not None and look.odd for _, look in self.runs)


Trait = tuple[CellStyle, Rich | None]


@dataclass(frozen=True, slots=True)
class Shown:
    """How the cells of a workbook are shown. ``styles``: its cell styles; ``texts``: those shared
    texts, by number, that have several runs or a guide. ``odd``, ``marked``: the numbers of the
    styles and texts among them that change what is to be made of a value.
    """

    styles: Sequence[CellStyle] = ()
    texts: Mapping[int, Rich] = field(default_factory=dict)
    odd: frozenset[int] = frozenset()
    marked: frozenset[int] = frozenset()

    @classmethod
    def of(cls, styles: Sequence[CellStyle], texts: Mapping[int, Rich]) -> "Shown":
        """Take styles and texts, and find the odd and the marked ones among them."""
        odd = frozenset(n for n, style in enumerate(styles) if style.odd)
        marked = frozenset(n for n, text in texts.items() if text.marked)
        return cls(styles, texts, odd, marked)

    def style(self, number: int) -> CellStyle:
        """A style by its number; a plain one for a number that there is not."""
        return self.styles[number] if 0 <= number < len(self.styles) else CellStyle()

    def trait(self, style: int, index: int) -> Trait | None:
        """The trait of a cell with this style and shared text, by number; None where neither is
        odd.
        """
        if style in self.odd or index in self.marked:
            return self.style(style), self.texts.get(index)
        return None


def rich(units: bytes, runs: Iterable[tuple[int, Look]], guide: str = "") -> Rich:
    """A text in UTF-16 (``units``) as a Rich. ``runs``: where each begins, in UTF-16 units, and its
    look; text before the first has the cell's font.
    """
    runs = list(runs)
    starts = [0, *(2 * start for start, _ in runs), len(units)]
    looks = [None, *(look for _, look in runs)]
    pieces = zip(starts, starts[1:], looks, strict=False)
    texts = [(units[a:b].decode("utf-16-le", "replace"), look) for a, b, look in pieces if a < b]
    return Rich(tuple(texts), guide)


def styled(font: Look, code: str, *, light: bool) -> CellStyle:
    """The cell style with this font and number format. ``light``: its ground is certainly white, or
    it has none.
    """
    look = pale(code, replace(font, light=light))
    return CellStyle(look=look, format="" if plain(code) else code)


def amend(
    rows: Sequence[list[Raw]],
    flags: MutableMapping[tuple[int, int], Flag],
    traits: Mapping[tuple[int, int], Trait],
) -> None:
    """Remove from the values of a sheet what does not count, and note that in its flags. Both are
    changed in place. ``traits``: of the cells that are shown in an odd way, by row and column.
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
    """What is left of a value in view of its style and runs, and its flag."""
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
    """What may be white. ``light``: the first colour of the theme is; ``palette``: the numbers of
    the palette's colours that are.
    """

    light: bool = False
    palette: frozenset[str] = frozenset({"1", "9"})

    def white(self, color: Mapping[str, str]) -> bool:
        """Whether a colour, given by the attributes of its element, is certainly white."""
        if color.get("tint", "") not in ("", "0"):
            return False
        if "theme" in color:
            return self.light and color["theme"] == "0"
        if "indexed" in color:
            return color["indexed"] == _GROUND or color["indexed"] in self.palette
        return color.get("rgb", "")[-6:].upper() == "FFFFFF"


def with_property(font: Look, tag: str, attributes: Mapping[str, str], colors: Colors) -> Look:
    """The look of a font with one more of its properties, an element within ``font`` or ``rPr``."""
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
    """A text while it is read: takes the elements within ``si`` or ``is`` in their order."""

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
        """The whole text, without the phonetic guide."""
        return "".join(text for text, _ in self.runs)

    def rich(self) -> Rich | None:
        """The text in runs; None where all of it has the cell's font and there is no guide."""
        if self.guide or any(font is not None for _, font in self.runs):
            return Rich(tuple(self.runs), self.guide)
        return None
