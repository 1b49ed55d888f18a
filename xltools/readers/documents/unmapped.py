"""Whether the characters of a PDF are text at all: a font without a table of what its glyphs mean
can be seen and printed, and read by nobody but people.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from xltools.model.errors import ReadError
from xltools.readers.documents.glyphs import Char

# What pdfminer gives of a glyph that no table maps; and characters that mean nothing.
_NONE: Final = re.compile("\\(cid:[0-9]+\\)|[\x00-\x08\x0e-\x1f\ufffd\ue000-\uf8ff]")
_HAN: Final = re.compile("[\u3400-\u9fff\uf900-\ufaff]")
_SHARE: Final = (
    0.2  # of the characters: a report has more figures than that, and they are the point
)
_LEAST: Final = 100  # characters, to judge them by their kind
_LETTERS: Final = 0.6  # of them, at least, in text that is in another language


@dataclass(slots=True)
class Legible:
    """Counts the characters of a PDF by whether they are text."""

    shown: int = 0
    unmapped: int = 0
    han: int = 0
    letters: int = 0
    figures: int = 0

    def add(self, chars: Iterable[Char]) -> None:
        """Take the characters of a page."""
        for char in chars:
            text = char["text"]
            if not text.strip():
                continue
            self.shown += 1
            self.unmapped += _NONE.search(text) is not None
            self.han += _HAN.search(text) is not None
            self.letters += text.isascii() and text.isalpha()
            self.figures += text.isdigit()

    def judge(self) -> None:
        """Raise ReadError F-18 where so much is no text that the rest says nothing for certain."""
        if self.unmapped > _SHARE * self.shown:
            raise ReadError("F-18", f"{self.shown} 个字符中有 {self.unmapped} 个")
        # A font that maps its glyphs to letters of its own choice: of a Chinese page no character
        # is Chinese, and what there is is no words either.
        words = self.shown - self.figures
        if words >= _LEAST and not self.han and self.letters < _LETTERS * words:
            raise ReadError("F-18", f"{self.shown} 个字符中没有一个汉字")
