"""Read the styles, the theme and the shared texts of an .xlsx, as far as they change how the value
of a cell has to be understood.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from xltools.model.errors import ReadError
from xltools.readers.format_codes import BUILT_IN
from xltools.readers.looks import Look
from xltools.readers.markup import parse, plain_number
from xltools.readers.traits import USUAL, CellStyle, Colors, Rich, RichDraft, styled, with_property

_KEPT: Final = 1 << 20  # results are cached for parts of fewer bytes
_THEMED: Final = re.compile(rb"theme\s*=\s*[\"']0")
# A styles part in the plain style: how it begins, the start tag of a section, and how it ends.
_BEGIN: Final = re.compile(
    rb'(?:<\?xml version="1\.0"(?: encoding="(?i:utf-8)")?(?: standalone="[a-z]+")?\?>)?\s*'
    rb'<styleSheet xmlns="[^<>]*(?<!/)>'
)
_SECTION: Final = re.compile(rb"\s*<([a-zA-Z]+)(?: [^<>]*)?>")
_FINISH: Final = re.compile(rb"\s*</styleSheet>\s*")
_SPECIAL: Final = re.compile(rb"<[!?]")
# The sections that say how values are displayed, and how each of their entries begins.
_ENTRIES: Final = (
    (b"numFmts", b"<numFmt "), (b"fonts", b"<font>"), (b"fills", b"<fill>"), (b"cellXfs", b"<xf "),
)  # fmt: skip
# Codes of number formats that are certainly none of dates, and those of days.
_FIGURE: Final = re.compile(r"General|(?:\[Red\]|[^a-zA-Z])+")
_DATES: Final = (*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59))  # built in
_OWN: Final = 164  # from here on, the numbers of a file's own number formats
_DAY: Final = re.compile(r"yyyy([-/]|\\[-/])mm?\1dd?(?:;@)?")
_LONGEST: Final = 1 << 10  # bytes of an entry in the plain style


@dataclass(frozen=True, slots=True, kw_only=True)
class XlsxStyles:
    """The cell styles by number, and which colours are white in this workbook.

    ``odd``: the numbers of the styles that change how a value has to be understood; ``fonts``:
    those of them whose font does. ``figures``: those in which a number is certainly no date;
    ``days``: those in which it certainly is one.
    """

    styles: Sequence[CellStyle] = ()
    colors: Colors = field(default_factory=Colors)
    odd: frozenset[int] = frozenset()
    fonts: frozenset[int] = frozenset()
    figures: frozenset[int] = frozenset()
    days: frozenset[int] = frozenset()

    def style(self, number: int) -> CellStyle:
        """Return a style by its number; a plain style for a number that is not defined."""
        return self.styles[number] if 0 <= number < len(self.styles) else CellStyle()


def styles(xml: bytes, light: Callable[[], bool]) -> XlsxStyles:
    """Read a styles part. ``light`` returns whether the first colour of the theme is white; it is
    called only if a style refers to that colour. Results are cached, because many files have the
    same part. Raises ReadError F-02.
    """
    white = _THEMED.search(xml) is not None and light()
    return _kept(xml, white) if len(xml) < _KEPT else _read(xml, white)


def is_light(theme: bytes) -> bool:
    """Whether the first colour of a theme, which is the background of the sheets, is white. Raises
    ReadError F-02 if the theme is damaged.
    """
    path: list[str] = []
    colors: list[str] = []

    def start(name: str, attributes: Mapping[str, str]) -> None:
        path.append(name.rpartition(" ")[2])
        if path[-2:-1] == ["lt1"]:
            value = attributes.get("val", "")
            colors.append(value if path[-1] == "srgbClr" else attributes.get("lastClr", value))

    def end(_: str) -> None:
        path.pop()

    parse(theme, start=start, end=end)
    return [color.upper().replace("WINDOW", "FFFFFF") for color in colors] == ["FFFFFF"]


def shared(xml: bytes, colors: Callable[[], Colors]) -> dict[int, Rich]:
    """Return the shared texts that have several runs or a phonetic guide, by number. ``colors``
    returns which colours are white; it is called only if there may be such texts. Raises ReadError
    F-02.
    """
    plainly = b"rPr" not in xml and b"rPh" not in xml and not xml.startswith((b"\xff", b"\xfe"))
    if plainly and b"\0" not in xml[:4]:
        return {}
    rich_texts: dict[int, Rich] = {}

    def take(number: int, draft: RichDraft) -> None:
        rich = draft.rich()
        if rich:
            rich_texts[number] = rich

    _each_text(xml, colors(), take)
    return rich_texts


def empty_texts(xml: bytes) -> frozenset[int]:
    """Return the numbers of the shared texts that are empty or blank, as Gnumeric writes them for
    cells with empty text. Raises ReadError F-02.
    """
    empty: list[int] = []

    def take(number: int, draft: RichDraft) -> None:
        if not draft.written().strip():
            empty.append(number)

    _each_text(xml, Colors(), take)
    return frozenset(empty)


def _each_text(xml: bytes, colors: Colors, take: Callable[[int, RichDraft], None]) -> None:
    """Call ``take`` with the number and the runs of each shared text. Raises ReadError F-02."""
    number, draft = -1, RichDraft(colors)

    def start(name: str, attributes: Mapping[str, str]) -> None:
        nonlocal number, draft
        tag = name.rpartition(" ")[2]
        if tag == "si":
            number, draft = number + 1, RichDraft(colors)
        draft.start(tag, attributes)

    def end(name: str) -> None:
        tag = name.rpartition(" ")[2]
        draft.end(tag)
        if tag == "si":
            take(number, draft)

    def text(data: str) -> None:
        draft.text(data)

    parse(xml, start=start, end=end, text=text)


@lru_cache(maxsize=64)
def _kept(xml: bytes, white: bool) -> XlsxStyles:
    """Read a styles part as ``_read`` does, with cached results."""
    return _read(xml, white)


def _read(xml: bytes, white: bool) -> XlsxStyles:
    """Read a styles part. ``white``: the first colour of the theme is white. Raises
    ReadError F-02.
    """
    draft = _by_entries(xml, white)
    if draft is None:
        draft = _Draft(Colors(light=white))
        if b"indexedColors" in xml.replace(b"\0", b""):  # UTF-16 has zeros between the letters
            draft = _Draft(Colors(light=white, palette=_palette(xml)))
        parse(xml, start=draft.start, end=draft.end)
    kinds = {
        (font, fill, code): _styled(
            draft.fonts[font] if font < len(draft.fonts) else USUAL,
            draft.formats.get(code, ""),
            fill < len(draft.pale) and draft.pale[fill],
        )
        for font, fill, code in set(draft.cells)
    }
    odd = {cell for cell, style in kinds.items() if style.odd}
    codes = {n: draft.formats.get(n, "" if n else "General") for _, _, n in kinds}
    figures = {n for n in codes if n not in _DATES and _FIGURE.fullmatch(codes[n])}
    days = {n for n in codes if (n == _DATES[0] or n >= _OWN) and _DAY.fullmatch(codes[n])}

    def numbers(cells: Collection[tuple[int, int, int]]) -> frozenset[int]:
        return frozenset(n for n, cell in enumerate(draft.cells) if cell in cells)

    return XlsxStyles(
        styles=tuple(map(kinds.__getitem__, draft.cells)),
        colors=draft.colors,
        odd=numbers(odd),
        fonts=numbers({cell for cell in odd if kinds[cell].look.odd}),
        figures=numbers({cell for cell in kinds if cell[2] in figures}),
        days=numbers({cell for cell in kinds if cell[2] in days}),
    )


@lru_cache(maxsize=1 << 10)
def _styled(font: Look, code: str, light: bool) -> CellStyle:
    """The cell style with this font and number format, as `styled` has it."""
    return styled(font, code, light=light)


def _by_entries(xml: bytes, white: bool) -> "_Draft | None":
    """The lists of a styles part, put together from those of its entries, most of which were met in
    other files; None where it is not in the plain style. ``white``: as in ``_read``. Raises
    ReadError F-02.
    """
    sections = _sections(xml)
    if sections is None:
        return None
    colors = Colors(light=white)
    if b"indexedColors" in xml:
        section = sections.get(b"colors", b"")
        if xml.count(b"rgbColor") != section.count(b"rgbColor") or len(section) > _LONGEST << 3:
            return None
        colors = Colors(light=white, palette=_kept_palette(section))
    lists: dict[bytes, list[_Draft]] = {}
    for name, begin in _ENTRIES:
        first, *rest = sections.get(name, b"").split(begin)
        if first.strip() or max(map(len, rest), default=0) > _LONGEST:
            return None
        try:
            entries = {entry: _entry(name, begin + entry, colors) for entry in set(rest)}
        except ReadError:  # such as a prefix that is defined elsewhere
            return None
        lists[name] = list(map(entries.__getitem__, rest))
    own = {code: text for d in lists[b"numFmts"] for code, text in d.formats.items()}
    return _Draft(
        colors,
        formats={**BUILT_IN, **own},
        fonts=[font for d in lists[b"fonts"] for font in d.fonts],
        pale=[pale for d in lists[b"fills"] for pale in d.pale],
        cells=[cell for d in lists[b"cellXfs"] for cell in d.cells],
    )


def _sections(xml: bytes) -> dict[bytes, bytes] | None:
    """The XML within each section of a styles part, by its name; None where the part is not in the
    plain style. Raises ReadError F-02.
    """
    begin = _BEGIN.match(xml)
    if begin is None or _SPECIAL.search(xml, begin.end()):
        return None
    parse(xml)  # this only finds damage
    sections: dict[bytes, bytes] = {}
    at = begin.end()
    while tag := _SECTION.match(xml, at):
        closing = b"" if tag[0].endswith(b"/>") else b"</%b>" % tag[1]
        end = xml.find(closing, tag.end())
        if end < 0 or tag[1] in sections:
            return None
        sections[tag[1]] = xml[tag.end() : end]
        at = end + len(closing)
    return sections if _FINISH.fullmatch(xml, at) else None


@lru_cache(maxsize=1 << 12)
def _entry(section: bytes, xml: bytes, colors: Colors) -> "_Draft":
    """The lists of a styles part that has nothing but this entry in this section. Raises ReadError
    F-02.
    """
    draft = _Draft(colors, formats={})
    whole = b"<styleSheet><%b>%b</%b></styleSheet>" % (section, xml, section)
    parse(whole, start=draft.start, end=draft.end)
    return draft


@lru_cache(maxsize=64)
def _kept_palette(section: bytes) -> frozenset[str]:
    """The palette of a styles part with these colours, as ``_palette`` has it."""
    return _palette(b'<colors xmlns="main">%b</colors>' % section)


def _palette(xml: bytes) -> frozenset[str]:
    """Return the numbers of the white colours in the file's own palette. The palette comes after
    the fonts, which refer to it, so this is read first.
    """
    colors: list[str] = []

    def start(name: str, attributes: Mapping[str, str]) -> None:
        if name.endswith(" rgbColor"):
            colors.append(attributes.get("rgb", ""))

    parse(xml, start=start)
    return frozenset(str(n) for n, rgb in enumerate(colors) if rgb[-6:].upper() == "FFFFFF")


@dataclass(slots=True)
class _Draft:
    """The lists of a styles part while the XML parser, which calls ``start`` and ``end``, reads it:
    the codes of number formats by number, the looks of fonts, and the cell styles. ``pale``: for
    each fill, whether it leaves the background white; ``path``: the open elements.
    """

    colors: Colors
    formats: dict[int, str] = field(default_factory=lambda: dict(BUILT_IN))
    fonts: list[Look] = field(default_factory=list)
    pale: list[bool] = field(default_factory=list)
    cells: list[tuple[int, int, int]] = field(default_factory=list)  # font, fill, format
    path: list[str] = field(default_factory=list)
    solid: bool = False  # whether the last fill is solid in its foreground colour

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """Handle the start of an element."""
        tag = name.rpartition(" ")[2]
        self.path.append(tag)
        section = self.path[1] if len(self.path) > 1 else ""
        if section == "numFmts" and tag == "numFmt":
            self.formats[_number(attributes, "numFmtId")] = attributes.get("formatCode", "")
        elif section == "fonts" and tag == "font":
            self.fonts.append(USUAL)
        elif section == "fonts" and self.fonts:
            self.fonts[-1] = with_property(self.fonts[-1], tag, attributes, self.colors)
        elif section == "fills" and tag == "fill":
            self.pale.append(False)
            self.solid = False
        elif section == "fills" and tag == "patternFill" and self.pale:
            kind = attributes.get("patternType", "none")
            self.pale[-1], self.solid = kind == "none", kind == "solid"
        elif section == "fills" and tag == "fgColor" and self.pale and self.solid:
            self.pale[-1] = self.colors.white(attributes)
        elif section == "cellXfs" and tag == "xf":
            ids = ("fontId", "fillId", "numFmtId")
            font, fill, code = (_number(attributes, key) for key in ids)
            self.cells.append((font, fill, code))

    def end(self, _: str) -> None:
        """Handle the end of an element."""
        self.path.pop()


def _number(attributes: Mapping[str, str], key: str) -> int:
    """Return the number in an attribute; 0 if there is none."""
    return plain_number(attributes.get(key, "0"), 9) or 0
