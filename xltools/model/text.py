"""Functions that compare, measure and show text, used by all rooms.

None of them depends on what a text is about. Labels of a form are compared by another key
(``match.labels.key``), and figures are folded more carefully (``model.numbers``).
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator


def folded(text: str) -> str:
    """The text with full-width letters, digits and signs in half width (Unicode's NFKC form)."""
    return unicodedata.normalize("NFKC", text)


def half_width(text: str) -> str:
    """The text in half width and without any spaces, for searching words in it."""
    return "".join(folded(text).split())


def key(text: str) -> str:
    """The key by which a name, code or heading is compared: in half width, without spaces and
    invisible characters.
    """
    half = folded(text)
    bare = "".join(_visible(half).split())
    # Two characters that a space kept apart may now combine into one.
    return bare if bare == half else folded(bare)


def clean(text: str) -> str:
    """The text on one line, without control characters and formatting marks, and without spaces
    next to Chinese characters.
    """
    words = _visible(text).split()
    if len(words) < 2:
        return "".join(words)
    return re.sub(r"(?<=[^\x00-\x7f])\s+|\s+(?=[^\x00-\x7f])", "", " ".join(words))


def _visible(text: str) -> str:
    """The text without control characters and formatting marks; spaces and line breaks stay."""
    if text.isprintable():  # as nearly all are; then there is no such character
        return text
    return "".join(c for c in text if c.isspace() or not is_unseen(c))


def is_unseen(character: str) -> bool:
    """Whether a character is a control character or a formatting mark, which people cannot see."""
    return unicodedata.category(character) in ("Cc", "Cf")


def columns(text: str, *, ambiguous: int = 2) -> int:
    """The width of a text: in columns of a terminal, or in half-width letters on paper.

    A Chinese character takes two columns. So do characters such as “ and …, whose width depends on
    the font, in all Chinese fonts; for terminals that give them one column, pass ``ambiguous=1``.
    """
    if ambiguous == 2:
        try:
            return len(text.encode("gbk"))  # two bytes for just these characters, and fast
        except UnicodeEncodeError:  # a character that GBK does not have
            pass
    double = "WFA" if ambiguous == 2 else "WF"
    return sum(2 if unicodedata.east_asian_width(c) in double else 1 for c in text)


def wrapped(
    text: str, room: int, *, head: str = "", indent: str = "", hanging: str = ""
) -> Iterator[str]:
    """Break a text into lines of at most ``room`` columns; the first begins with ``head``, the
    others with ``indent``. A character of ``hanging`` may exceed the room, so that it does not
    begin a line.
    """
    line, used = head, columns(head)
    for character in text:
        width = columns(character)
        if used + width > room + (2 if character in hanging else 0):
            yield line.rstrip()
            line, used = indent, columns(indent)
        line, used = line + character, used + width
    yield line.rstrip()


def listed(words: Iterable[str], most: int, *, more: str = "等", mark: str = "、") -> str:
    """Join the first ``most`` words of a list with ``mark`` between them. If there are others,
    ``more`` follows, in which ``{}`` is replaced by the number of all words: ``甲、乙、丙等 5 处``.
    """
    every = list(words)
    return mark.join(every[:most]) + (more.format(len(every)) if len(every) > most else "")


_NUMBERED = re.compile(
    r"^(?:[一二三四五六七八九十]+、|（[一二三四五六七八九十]+）|[0-9]+[.．、])\s*(?=.)"
)
_REMARK = re.compile(r"(?<=.)（[^（）]*）$")


def bare(label: str) -> str:
    """A label of a form for use in a sentence: without its number in front (一、 （一） 1.) and the
    remark in brackets behind it.
    """
    return _REMARK.sub("", _NUMBERED.sub("", label))


QUOTED = 40
"""How many characters of the content of a cell a message quotes."""


def cut(text: str, most: int = QUOTED) -> str:
    """The text on one line of at most ``most`` characters; if it is longer, it is cut and ends in
    ….
    """
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1] + "…"


def meant(word: str, names: Iterable[str]) -> str:
    """A question that suggests the name most similar to an unknown word, for the end of an error
    message; empty if no name is similar.
    """
    from difflib import get_close_matches

    near = get_close_matches(word, list(names), n=1)
    return f"，是否为 {near[0]}？" if near else ""
