"""A text in pieces, each with its look, put together to what a cell or a line says."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from xltools.readers.documents.looks import PLAIN, Look
from xltools.readers.documents.tables import Content, clean

_DIGITS: Final = re.compile(r"[0-9]+")
_FIGURE: Final = re.compile(r"[-+−]?[0-9０-９][0-9０-９.,，．]*")


@dataclass(frozen=True, slots=True)
class Piece:
    """Characters that look alike. ``guide``: a phonetic guide; ``odd``: what cannot be read as
    plain characters, as an equation, and stands for them in words.
    """

    text: str
    look: Look = PLAIN
    guide: bool = False
    odd: str = ""


def content(pieces: Sequence[Piece]) -> Content:
    """What a cell says. What is raised or lowered is a mark beside other characters; a cell
    raised as a whole is not. An equation counts where it is a figure and stands alone.
    """
    if not any(
        p.look.unseen or p.look.raised or p.look.shifted or p.guide or p.odd for p in pieces
    ):
        return Content("".join(p.text for p in pieces))
    hidden = [p for p in pieces if p.look.unseen]
    unseen = clean("".join(p.text for p in hidden))
    seen = [p for p in pieces if not p.look.unseen]
    tall = max((p.look.size for p in seen if p.text.strip() and not p.guide), default=0)
    marks = [p for p in seen if p.guide or _lifted(p, tall)]
    if not any(p.text.strip() for p in seen if p not in marks) and not unseen:
        marks = [p for p in marks if p.guide]
    rest = [p for p in seen if p not in marks]
    alone = sum(bool(p.text.strip() or p.odd) for p in rest) == 1
    text = "".join(p.odd if p.odd and not (alone and is_figure(p.text)) else p.text for p in rest)
    mark = clean("".join(p.text for p in marks))
    if not clean(text) and (mark or unseen):
        return Content("", unseen=clean(f"{unseen}\n{mark}"))
    return Content(text, mark=mark, unseen=unseen)


def line(pieces: Sequence[Piece]) -> tuple[str, str]:
    """What a paragraph of prose says, and what of it nobody sees. Raised digits behind a figure,
    the mark of a note, stand in brackets.
    """
    text, unseen = "", ""
    for piece in pieces:
        if piece.look.unseen:
            unseen += piece.text
        elif piece.guide:
            continue
        elif piece.look.raised and _DIGITS.fullmatch(piece.text) and text[-1:].isdigit():
            text += f"[{piece.text}]"
        else:
            text += piece.text
    return clean(text), clean(unseen)


def _lifted(piece: Piece, tall: int) -> bool:
    look = piece.look
    return look.raised or (look.shifted != 0 and look.size < tall)


def is_figure(text: str) -> bool:
    """Whether a text is a figure in plain digits and nothing else."""
    return _FIGURE.fullmatch(clean(text)) is not None
