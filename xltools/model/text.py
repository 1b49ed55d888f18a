"""Text as it is compared, measured and shown: the same in every room.

Nothing here knows what a text is about. Labels of a form have a key of their own
(``match.labels.key``), and figures are folded more carefully (``model.numbers``).
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator


def folded(text: str) -> str:
    """A text with full-width letters, digits and signs in half width (Unicode's NFKC)."""
    return unicodedata.normalize("NFKC", text)


def half_width(text: str) -> str:
    """A text in half width and without any spaces, as words are looked for in it."""
    return "".join(folded(text).split())


def key(text: str) -> str:
    """A name, code or heading as it is compared: in half width, without spaces or anything that
    cannot be seen.
    """
    bare = "".join(clean(folded(text)).split())
    return folded(bare)  # two characters that a space kept apart may now combine into one


def clean(text: str) -> str:
    """A text on one line, without control and direction marks and without spaces that stand
    beside Chinese characters.
    """
    visible = "".join(c for c in text if c.isspace() or not is_unseen(c))
    return re.sub(r"(?<=[^\x00-\x7f])\s+|\s+(?=[^\x00-\x7f])", "", " ".join(visible.split()))


def is_unseen(character: str) -> bool:
    """Whether a character is a control character or a formatting mark, which nobody sees."""
    return unicodedata.category(character) in ("Cc", "Cf")


def columns(text: str, *, ambiguous: int = 2) -> int:
    """How many columns of a terminal, or half-width letters on paper, a text takes.

    A Chinese character takes two. So do characters like “ and …, whose width depends on the font,
    in all Chinese fonts; terminals that count them as one pass ``ambiguous=1``.
    """
    double = "WFA" if ambiguous == 2 else "WF"
    return sum(2 if unicodedata.east_asian_width(c) in double else 1 for c in text)


def wrapped(
    text: str, room: int, *, head: str = "", indent: str = "", hanging: str = ""
) -> Iterator[str]:
    """A text in lines of at most ``room`` columns: the first begins with ``head``, the others with
    ``indent``. A character of ``hanging`` begins no line, but may stand beyond the room.
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
    """The first words of a list, at most ``most`` of them, with ``mark`` between them; ``more``
    stands behind them where there are others, with ``{}`` in it for how many there are in all:
    ``甲、乙、丙等 5 处``.
    """
    every = list(words)
    return mark.join(every[:most]) + (more.format(len(every)) if len(every) > most else "")


QUOTED = 40
"""Characters of what stood in a cell that a message quotes."""


def cut(text: str, most: int = QUOTED) -> str:
    """A text on one line of at most ``most`` characters, with … at the end where it is cut."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1] + "…"


def meant(word: str, names: Iterable[str]) -> str:
    """A question with the name most like an unknown word, to stand behind an error message; empty
    where no name is like it.
    """
    from difflib import get_close_matches

    near = get_close_matches(word, list(names), n=1)
    return f"，是否为 {near[0]}？" if near else ""
