"""How a cell is shown, and what of it counts therefore: one rule for all formats of workbooks.

Text that is struck out, or white on white, is left out of the value. Characters raised or lowered
beside others are a mark and cut off; a cell raised as a whole is a cell like any other. A number
format that shows something else than the value is told.
"""

from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from xltools.cells import PLAIN, Flag, Raw
from xltools.number_formats import plain

PROSE: Final = 100  # characters: in a longer text a raised one is a part of it (m²)


@dataclass(frozen=True, slots=True, kw_only=True)
class Font:
    """What of a font matters. ``raised``: or lowered."""

    struck: bool = False
    raised: bool = False
    white: bool = False


USUAL: Final = Font()


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How a cell is shown. ``pale``: its ground is certainly white, or none; ``format``: its
    number format, where that is not a plain one.
    """

    font: Font = USUAL
    pale: bool = False
    format: str = ""

    @property
    def odd(self) -> bool:
        """Whether it changes what is to be made of a value."""
        return self.font != USUAL or bool(self.format)

    def hides(self, font: Font) -> bool:
        """Whether text in a font counts no longer, or nobody sees it, in a cell of this style."""
        return font.struck or (font.white and self.pale)


@dataclass(frozen=True, slots=True)
class Rich:
    """A text by its runs, each with its font, or None for the cell's own; and a guide to how it
    is pronounced, which stands beside it.
    """

    runs: tuple[tuple[str, Font | None], ...]
    guide: str = ""

    @property
    def marked(self) -> bool:
        """Whether anything in it does not count, whatever the font of the cell."""
        return bool(self.guide) or any(font not in (None, USUAL) for _, font in self.runs)


Trait = tuple[Style, Rich | None]


@dataclass(frozen=True, slots=True)
class Shown:
    """How the cells of a workbook are shown: its styles by number, and by number those of its
    shared texts that have several runs or a guide. ``odd``: the styles, ``marked``: the texts
    among them that change what is to be made of a value.
    """

    styles: Sequence[Style] = ()
    texts: Mapping[int, Rich] = field(default_factory=dict)
    odd: frozenset[int] = frozenset()
    marked: frozenset[int] = frozenset()

    @classmethod
    def of(cls, styles: Sequence[Style], texts: Mapping[int, Rich]) -> "Shown":
        """Tell which are odd, which marked."""
        odd = frozenset(n for n, style in enumerate(styles) if style.odd)
        marked = frozenset(n for n, text in texts.items() if text.marked)
        return cls(styles, texts, odd, marked)

    def style(self, number: int) -> Style:
        """A style by its number; a plain one for a number that there is not."""
        return self.styles[number] if 0 <= number < len(self.styles) else Style()

    def trait(self, style: int, index: int) -> Trait | None:
        """How a cell of a style is shown that holds a shared text; None when in no odd way."""
        if style in self.odd or index in self.marked:
            return self.style(style), self.texts.get(index)
        return None


def rich(units: bytes, runs: Iterable[tuple[int, Font]], guide: str = "") -> Rich:
    """A text, in UTF-16, by its runs: where each begins, and its font. What stands before the
    first is in the font of the cell.
    """
    runs = list(runs)
    starts = [0, *(2 * start for start, _ in runs), len(units)]
    fonts = [None, *(font for _, font in runs)]
    pieces = zip(starts, starts[1:], fonts, strict=False)
    made = [(units[a:b].decode("utf-16-le", "replace"), font) for a, b, font in pieces if a < b]
    return Rich(tuple(made), guide)


def styled(font: Font, code: str, *, pale: bool) -> Style:
    """A style by its font, the code of its number format, and its ground."""
    white = font.white or all("[white]" in part.lower() for part in code.split(";"))
    font = replace(font, white=white)
    return Style(font=font, pale=pale, format="" if plain(code) else code)


def amend(
    rows: Sequence[list[Raw]],
    flags: MutableMapping[tuple[int, int], Flag],
    traits: Mapping[tuple[int, int], Trait],
) -> None:
    """Leave out of the values of a sheet what does not count, and say so in its flags. Both are
    changed in place; ``traits``: of the cells shown in an odd way, by row and column.
    """
    for (row, col), (style, rich) in traits.items():
        flag = flags.get((row, col), PLAIN)
        value = rows[row][col] if row < len(rows) and col < len(rows[row]) else None
        if value is None or value == "" or flag.error:
            continue
        rows[row][col], changed = _judged(value, flag, style, rich)
        if changed != PLAIN:
            flags[row, col] = changed


def _judged(value: Raw, flag: Flag, style: Style, rich: Rich | None) -> tuple[Raw, Flag]:
    """What is left of a value, and its flag."""
    if isinstance(value, str):
        runs = rich.runs if rich else ((value, None),)
        left, mark, unseen = _apart([(text, font or style.font) for text, font in runs], style)
        if not (mark or unseen):
            left = value
        if rich and rich.guide:
            mark = f"{mark} {rich.guide}".strip()
        if left.strip() and not plain(_text_section(style.format)):
            flag = replace(flag, format=style.format)
        return left if left.strip() else None, replace(flag, mark=mark, unseen=unseen)
    if style.hides(style.font):
        shown = int(value) if isinstance(value, float) and value.is_integer() else value
        return None, replace(flag, unseen=str(shown))
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        flag = replace(flag, format=style.format)
    return value, flag


def _apart(runs: Sequence[tuple[str, Font]], style: Style) -> tuple[str, str, str]:
    """What counts of a text, the mark beside it, and what is unseen."""
    seen = [(text, font.raised) for text, font in runs if not style.hides(font)]
    unseen = "".join(text for text, font in runs if style.hides(font)).strip()
    base = "".join(text for text, raised in seen if not raised)
    mark = "".join(text for text, raised in seen if raised).strip()
    if not base.strip() or len(base) > PROSE:
        return "".join(text for text, _ in seen), "", unseen
    return base, mark, unseen


def _text_section(code: str) -> str:
    """The section of a number format that text is shown by."""
    sections = code.split(";")
    if len(sections) > 3:
        return sections[3] or '""'  # an empty one shows nothing
    return sections[-1] if "@" in sections[-1] else "@"
