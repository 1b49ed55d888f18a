"""The styles and shared texts of an .xlsb: what is shown there in an odd way. Source: [MS-XLSB]
2.4.658 (BrtFont), 2.4.657 (BrtFmt), 2.4.655 (BrtFill), 2.4.817 (BrtXF), 2.5.121 (RichStr).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from xltools.readers.formats import BUILT_IN
from xltools.readers.looks import Look
from xltools.readers.traits import (
    USUAL,
    Rich,
    Style,
    rich,
    styled,
)

_FONT, _FORMAT, _FILL, _STYLE, _PALETTE = 43, 44, 45, 47, 565
_CELLS, _CELLS_END = 617, 618  # around the styles of cells, not of their named styles
_STRUCK: Final = 0x08
_INDEXED, _RGB, _THEME = 1, 2, 3  # how a color is given
_GROUND: Final = 65  # the color of a window's ground, whatever the palette
_NONE, _SOLID = 0, 1
_RUNS, _GUIDE = 1, 2  # what follows a text

Record = tuple[int, bytes]


@dataclass(frozen=True, slots=True)
class Styles:
    """The styles of cells by number, and the fonts of runs."""

    styles: Sequence[Style] = ()
    fonts: Sequence[Look] = ()


def styles(records: Iterable[Record], light: Callable[[], bool]) -> Styles:
    """What the records of a styles part say; ``light`` tells, if need be, whether the first color
    of the theme is white.
    """
    formats, inside = dict(BUILT_IN), False
    bodies: dict[int, list[bytes]] = {_FONT: [], _FILL: [], _STYLE: []}
    usual = True
    for code, body in records:
        if code in (_CELLS, _CELLS_END):
            inside = code == _CELLS
        elif code == _FORMAT:
            formats[_int(body, 0, 2)] = _text(body, 2)[0].decode("utf-16-le", "replace")
        elif code == _PALETTE:
            usual = False
        elif code in (_FONT, _FILL) or (code == _STYLE and inside):
            bodies[code].append(body)

    def white(color: bytes) -> bool:
        kind = color[0] >> 1 if len(color) == 8 and not any(color[2:4]) else 0
        if kind == _THEME:
            return color[1] == 0 and light()
        if kind == _INDEXED:
            return color[1] == _GROUND or (usual and color[1] in (1, 9))
        return kind == _RGB and color[4:7] == b"\xff\xff\xff"

    fonts = [
        Look(
            struck=bool(_int(body, 2, 2) & _STRUCK),
            raised=_int(body, 6, 2) in (1, 2),
            white=white(body[12:20]),
        )
        for body in bodies[_FONT]
    ]
    pale = [
        _int(body, 0, 4) == _NONE or (_int(body, 0, 4) == _SOLID and white(body[4:12]))
        for body in bodies[_FILL]
    ]
    made = []
    for body in bodies[_STYLE]:
        code, font, fill = (_int(body, at, 2) for at in (2, 4, 6))
        made.append(
            styled(
                fonts[font] if font < len(fonts) else USUAL,
                formats.get(code, ""),
                light=fill < len(pale) and pale[fill],
            )
        )
    return Styles(made, fonts)


def text(body: bytes, at: int, fonts: Sequence[Look]) -> Rich | None:
    """A text with what follows it, from a place in a record on; None for a plain one."""
    kind = body[at] if at < len(body) else 0
    units, end = _text(body, at + 1)
    runs, guide = list[tuple[int, Look]](), ""
    if kind & _RUNS:
        places = range(end + 4, min(end + 4 + 4 * _int(body, end, 4), len(body) - 3), 4)
        numbers = [(_int(body, place, 2), _int(body, place + 2, 2)) for place in places]
        runs = [(start, fonts[n] if n < len(fonts) else USUAL) for start, n in numbers]
        end += 4 + 4 * _int(body, end, 4)
    if kind & _GUIDE:
        guide = _text(body, end)[0].decode("utf-16-le", "replace")
    return rich(units, runs, guide) if runs or guide else None


def _text(body: bytes, at: int) -> tuple[bytes, int]:
    """A text in UTF-16 with its length before it, and where it ends."""
    end = at + 4 + 2 * _int(body, at, 4)
    return body[at + 4 : end], end


def _int(body: bytes, at: int, size: int) -> int:
    return int.from_bytes(body[at : at + size], "little")
