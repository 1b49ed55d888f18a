"""Read from the records at the beginning of an .xls how cells are displayed: the cell styles, and
the shared texts that have several runs.

Source: [MS-XLS] 2.4.122 (Font), 2.4.126 (Format), 2.4.353 (XF), 2.4.188 (Palette), 2.4.265 (SST),
2.5.293 (XLUnicodeRichExtendedString).
"""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from xltools.readers.format_codes import BUILT_IN
from xltools.readers.looks import Look
from xltools.readers.traits import (
    USUAL,
    CellStyle,
    Rich,
    Shown,
    rich,
    styled,
)

_BOF, _EOF, _CONTINUE = 0x0809, 0x000A, 0x003C
_FONT, _FORMAT, _XF, _PALETTE, _SST = 0x0031, 0x041E, 0x00E0, 0x0092, 0x00FC
HEAD: Final = struct.Struct("<HH").unpack_from
_EXCEL_97: Final = 0x0600
_STRUCK: Final = 0x08
WHITE: Final = (1, 9)  # numbers of white in the usual palette
GROUND: Final = 65  # the colour of the window's background, in any palette
_OWN: Final = 8  # the first number in a file's own palette
_SOLID: Final = 1
_WIDE, _GUIDED, _RICH = 1, 4, 8  # flags of a text: two bytes per character, guide, runs


@dataclass(slots=True)
class Fonts:
    """The fonts of a workbook in the order of their records. The number 4 is not used, for
    historical reasons, so numbers above it are one higher than the position in the list.
    """

    fonts: list[Look] = field(default_factory=list)

    def font(self, number: int) -> Look:
        """Return the look of a font by its number; the usual look for a number that is
        not defined.
        """
        number -= number > 4
        return self.fonts[number] if number < len(self.fonts) else USUAL


@dataclass(slots=True)
class Globals:
    """What the records before the first sheet say. ``shown``: the cell styles, and the shared texts
    with several runs; ``recent``: the records are in the format of Excel 97 and later, not in that
    of Excel 5.
    """

    shown: Shown = field(default_factory=Shown)
    fonts: Fonts = field(default_factory=Fonts)
    recent: bool = True


def read(records: bytes) -> Globals:
    """Read the records before the first sheet. Damaged records are ignored: whether the values can
    be read in spite of the damage is decided where they are read.
    """
    state = Globals()
    formats, cells = dict(BUILT_IN), list[bytes]()
    fonts, palette, texts = list[bytes](), b"", list[bytes]()
    last = 0
    for code, body in each_record(records):
        if code == _EOF:
            break
        if code == _BOF:
            state.recent = unsigned(body, 0) >= _EXCEL_97
        elif code == _FONT:
            fonts.append(body)
        elif code == _FORMAT:
            formats[unsigned(body, 0)] = _format(body, state.recent)
        elif code == _XF:
            cells.append(body)
        elif code == _PALETTE:
            palette = body
        elif code == _SST or (code == _CONTINUE and last == _SST):
            texts.append(body)
        last = last if code == _CONTINUE else code
    state.fonts = Fonts([_font(body, palette) for body in fonts])
    styles = [_style(body, formats, state, palette) for body in cells]
    state.shown = Shown.of(styles, _texts(texts, state.fonts) if texts else {})
    return state


def each_record(records: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the number and content of each record. The content of the last one may be cut off."""
    at = 0
    while at + 4 <= len(records):
        code, size = HEAD(records, at)
        yield code, records[at + 4 : at + 4 + size]
        at += 4 + size


def unsigned(body: bytes, at: int, size: int = 2) -> int:
    """The unsigned little-endian number in the ``size`` bytes of a record from offset ``at`` on."""
    return int.from_bytes(body[at : at + size], "little")


def _format(body: bytes, recent: bool) -> str:
    """Return the code of a number format from its record. ``recent``: as in ``Globals``."""
    if not recent:
        return body[3 : 3 + body[2]].decode("gb18030", "replace") if len(body) > 2 else ""
    wide = len(body) > 4 and body[4] & _WIDE
    return body[5:].decode("utf-16-le" if wide else "latin-1", "replace")


def _white(color: int, palette: bytes) -> bool:
    """Whether a colour, given by its number, is white. ``palette``: the record with the file's own
    colours, empty if it has none.
    """
    if color == GROUND:
        return True
    if color >= _OWN and palette:
        at = 2 + 4 * (color - _OWN)
        return palette[at : at + 3] == b"\xff\xff\xff"
    return color in WHITE


def _font(body: bytes, palette: bytes) -> Look:
    """Return the look that a font record describes. ``palette``: as in ``_white``."""
    return Look(
        struck=bool(unsigned(body, 2) & _STRUCK),
        raised=unsigned(body, 8) in (1, 2),
        white=_white(unsigned(body, 4), palette),
    )


def _style(body: bytes, formats: dict[int, str], book: Globals, palette: bytes) -> CellStyle:
    """Return the cell style that an XF record describes. ``formats``: codes of number formats by
    number; ``book``: the fonts, and the format of the records; ``palette``: as in ``_white``.
    """
    if book.recent:
        pattern, color = unsigned(body, 16) >> 10, unsigned(body, 18) & 0x7F
    else:
        pattern, color = unsigned(body, 10) & 0x3F, unsigned(body, 8) & 0x7F
    pale = not pattern or (pattern == _SOLID and _white(color, palette))
    return styled(
        book.fonts.font(unsigned(body, 0)), formats.get(unsigned(body, 2), ""), light=pale
    )


@dataclass(slots=True)
class _Pieces:
    """A reading position in the bytes of the shared texts, which are divided over several records
    (``pieces``).

    ``number``: the record; ``at``: the offset in it. Where the division falls within the characters
    of a text, the next record begins with a byte that says how wide its characters are from there
    on.
    """

    pieces: Sequence[bytes]
    number: int = 0
    at: int = 8

    def take(self, size: int) -> bytes:
        """Return the next ``size`` bytes, or fewer if the records end, and move behind them."""
        body = self.pieces[self.number]
        taken, self.at = body[self.at : self.at + size], self.at + size
        while len(taken) < size and self.number + 1 < len(self.pieces):
            self.number, self.at = self.number + 1, size - len(taken)
            taken += self.pieces[self.number][: self.at]
        return taken

    def characters(self, count: int, wide: int) -> bytes:
        """Return the next ``count`` characters, in UTF-16, and move behind them. ``wide``: 1 if
        they take two bytes each, 0 if one.
        """
        units = b""
        while True:
            body = self.pieces[self.number]
            there = min(count, (len(body) - self.at) >> wide)
            taken = body[self.at : self.at + (there << wide)]
            units += taken if wide else taken.decode("latin-1").encode("utf-16-le")
            self.at += there << wide
            count -= there
            if not count or self.number + 1 == len(self.pieces):
                return units
            self.number, self.at = self.number + 1, 1
            wide = self.pieces[self.number][0] & _WIDE if self.pieces[self.number] else 0


def _texts(pieces: Sequence[bytes], fonts: Fonts) -> dict[int, Rich]:
    """Return the shared texts that have several runs or a phonetic guide, by number."""
    rich_texts: dict[int, Rich] = {}
    source, count = _Pieces(pieces), unsigned(pieces[0], 4, 4)
    for number in range(count):
        head = source.take(3)
        if len(head) < 3:
            break
        kind = head[2]
        runs = unsigned(source.take(2), 0) if kind & _RICH else 0
        size = unsigned(source.take(4), 0, 4) if kind & _GUIDED else 0
        units = source.characters(unsigned(head, 0), kind & _WIDE)
        if runs or size:
            places, guide = source.take(4 * runs), source.take(size)
            starts = [
                (unsigned(places, at), fonts.font(unsigned(places, at + 2)))
                for at in range(0, len(places), 4)
            ]
            rich_texts[number] = rich(units, starts, _guide(guide))
    return rich_texts


def _guide(body: bytes) -> str:
    """Return the phonetic guide in the bytes behind a text ([MS-XLS] 2.5.87, ExtRst)."""
    end = 14 + 2 * unsigned(body, 12)
    return body[14:end].decode("utf-16-le", "replace")
