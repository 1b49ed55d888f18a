"""Read the shared texts of an .xlsx quickly, where they are written as nearly every program does,
and remember those that recur, such as the labels of a form.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from xltools.model.errors import ReadError
from xltools.model.memo import Memo
from xltools.readers.markup import parse, root
from xltools.readers.traits import Colors, RichDraft

_BEGIN: Final = re.compile(rb"(?:<\?xml [^<>]*\?>\s*)?<sst(?: [^<>]*)?>")
_ROOTS: Final = frozenset(
    f"{namespace} sst"
    for namespace in (
        "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
        "http://purl.oclc.org/ooxml/spreadsheetml/main",
    )
)
_FINISH: Final = re.compile(rb"</sst>\s*")
_END: Final = b"</si>"
_PLAIN: Final = re.compile(rb"<si><t(?: xml:space=\"preserve\")?>([^<]*)</t>")
_RICH: Final = re.compile(
    rb"<si>(?:<r>(?:<rPr>(?:<[a-zA-Z][^<>]*/>)*</rPr>)?"
    rb"<t(?: xml:space=\"preserve\")?>[^<]*</t></r>)+"
)
_RUN: Final = re.compile(rb"<r>(<rPr>.*?</rPr>)?<t[^<>]*>([^<]*)</t></r>")
_REFERENCE: Final = re.compile("(?:#([0-9]{1,7})|#x([0-9a-fA-F]{1,6})|(amp|lt|gt|quot|apos));")
_SHORT: Final = 16  # characters of a reference, with what follows it, that is remembered
_REFERENCES_KEPT: Final = 1 << 14
_NAMED: Final = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_INVALID: Final = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_MOST: Final = 4 << 20  # bytes of texts that are remembered
_LONGEST: Final = 1 << 10  # bytes of a text that is remembered: longer ones do not recur


class SharedTexts:
    """Reads tables of shared texts, and remembers short texts as they are written."""

    def __init__(self) -> None:
        self._texts: dict[bytes, str | None] = {}
        self._plain_properties: Memo[tuple[bytes, Colors], bool] = Memo(1000)
        self._size = 0

    def read(self, xml: bytes, colors: Callable[[], Colors]) -> list[str | None] | None:
        """The shared texts in the part ``xml``; None for a text that does not simply count as it
        is: some of it is struck out, raised or invisible, or it is written in an unusual way.
        ``colors`` returns which colours are white. Returns None for a whole table that is not in
        the plain style.
        """
        begin = _BEGIN.match(xml)
        if begin is None or not _is_root(begin[0]):
            return None
        *pieces, last = xml[begin.end() :].split(_END)
        if not _FINISH.fullmatch(last):
            return None
        texts = list(map(self._texts.get, pieces))
        if None in texts:  # not remembered, or remembered as one that does not simply count
            for number, piece in enumerate(pieces):
                if texts[number] is None and piece not in self._texts:
                    try:
                        texts[number] = self._shared(piece, colors)
                    except ValueError:
                        return None
        return texts

    def _shared(self, piece: bytes, colors: Callable[[], Colors]) -> str | None:
        """A shared text; None where it does not simply count as it is. It is remembered, if it is
        short. Raises ValueError where it is written in an unusual way, or not valid.
        """
        plain = _PLAIN.fullmatch(piece)
        if plain is not None:
            text = plain_text(plain[1])
        elif _RICH.fullmatch(piece):
            text = self._rich(piece, colors())
        else:
            raise ValueError(piece)
        # What a run in the theme's colour looks like depends on the file.
        if len(piece) <= _LONGEST and b"theme" not in piece and b"indexed" not in piece:
            self._keep(piece, text)
        return text

    def text(self, written: bytes) -> str | None:
        """The text that XML in a cell means, as ``plain_text`` has it."""
        try:
            return self._texts[written]
        except KeyError:
            try:
                text = plain_text(written)
            except ValueError:
                text = None
            if len(written) <= _LONGEST:
                self._keep(written, text)
            return text

    def _keep(self, piece: bytes, text: str | None) -> None:
        """Remember a text; all are forgotten when they become too many."""
        if self._size > _MOST:
            self._texts.clear()
            self._size = 0
        self._texts[piece] = text
        self._size += 3 * len(piece) + 200

    def _rich(self, piece: bytes, colors: Colors) -> str | None:
        """A text in several runs; None where some of it does not count."""
        runs = _RUN.findall(piece)
        for properties in {properties for properties, _ in runs if properties}:
            if not self._is_plain(properties, colors):
                return None
        return plain_text(b"".join(text for _, text in runs))

    def _is_plain(self, properties: bytes, colors: Colors) -> bool:
        """Whether text counts in runs of these properties (``rPr``)."""
        known = self._plain_properties.get((properties, colors))
        if known is None:
            draft = RichDraft(colors)
            parse(
                b"<si><r>" + properties + b"<t>x</t></r></si>",
                start=draft.start,
                end=draft.end,
                text=draft.text,
            )
            rich = draft.rich()
            known = rich is None or not rich.marked
            self._plain_properties[properties, colors] = known
        return known


@lru_cache(maxsize=64)
def _is_root(begin: bytes) -> bool:
    """Whether XML that begins so is a table of shared texts."""
    try:
        return root(begin + b"</sst>")[0] in _ROOTS
    except ReadError:
        return False


def plain_text(written: bytes) -> str | None:
    """The text that XML means; None where readers might disagree about it: it begins or ends with
    white space, or has escaped control characters. Raises ValueError where it is not valid.
    """
    text = written.decode()  # UnicodeDecodeError is a ValueError
    if "&" in text:
        first, *pieces = text.split("&")
        text = first + "".join(map(_MEANT.__getitem__, pieces))
    if _INVALID.search(text):
        raise ValueError(text)
    return None if text != text.strip() or "_x" in text or "\r" in text else text


class _References(Memo[str, str]):
    """What a reference, such as ``#26159;`` after its ``&``, and the text behind it mean; short
    ones are remembered. Raises ValueError if it means nothing.
    """

    def __missing__(self, written: str) -> str:
        match = _REFERENCE.match(written)
        if match is None:
            raise ValueError(written)
        meant = _meant(match) + written[match.end() :]
        if len(written) < _SHORT:
            self[written] = meant
        return meant


_MEANT: Final = _References(_REFERENCES_KEPT)


def _meant(reference: "re.Match[str]") -> str:
    """The character that a reference means. Raises ValueError if there is none."""
    decimal, hexadecimal, name = reference.groups()
    if name:
        return _NAMED[name]
    number = int(decimal) if decimal else int(hexadecimal, 16)
    if 0xD800 <= number < 0xE000 or number > 0x10FFFF:
        raise ValueError(number)
    return chr(number)
