"""A text of a Word document in pieces, each with its setting, put together to what a cell or a line
says.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from xltools.readers.documents.tables import clean
from xltools.readers.documents.word_styles import PLAIN, Setting
from xltools.readers.looks import (
    Counted,
    Look,
    Run,
    counted,
    prose,
)

_FIGURE: Final = re.compile(r"[-+−]?[0-9０-９][0-9０-９.,，．]*")


@dataclass(frozen=True, slots=True)
class Piece:
    """Characters that are set alike. ``guide``: a phonetic guide; ``odd``: what cannot be read as
    plain characters, as an equation, and stands for them in words.
    """

    text: str
    setting: Setting = PLAIN
    guide: bool = False
    odd: str = ""


def content(pieces: Sequence[Piece]) -> Counted:
    """What a cell says. An equation counts where it is a figure and stands alone."""
    runs = list(_runs(pieces))
    beside = [
        run
        for run in runs
        if run.text.strip() and not (run.guide or run.look.raised or run.look.unseen)
    ]
    for at, piece in enumerate(pieces):
        if piece.odd and not (len(beside) <= 1 and is_figure(piece.text)):
            runs[at] = Run(piece.odd, runs[at].look)
    return counted(runs)


def line(pieces: Sequence[Piece]) -> tuple[str, str]:
    """What a paragraph of prose says, and what of it nobody sees."""
    runs = list(_runs(pieces))
    return clean(prose(runs)), clean("".join(run.text for run in runs if run.look.unseen))


def _runs(pieces: Sequence[Piece]) -> Iterator[Run]:
    tall = max(
        (p.setting.size for p in pieces if p.text.strip() and not (p.guide or p.setting.unseen)),
        default=0,
    )
    for piece in pieces:
        setting = piece.setting
        raised = setting.raised or (setting.shifted != 0 and setting.size < tall)
        yield Run(piece.text, Look(raised=raised, hidden=setting.unseen), piece.guide)


def is_figure(text: str) -> bool:
    """Whether a text is a figure in plain digits and nothing else."""
    return _FIGURE.fullmatch(clean(text)) is not None
