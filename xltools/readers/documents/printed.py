"""Lines of print on pages, put together to paragraphs again."""

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

from xltools.readers.book import TextLine
from xltools.readers.documents.glyphs import LOOK, UNSEEN, Char, prose
from xltools.readers.documents.tables import clean

Box = tuple[float, float, float, float]  # left, top, right, bottom, in points from the top left

_NUMBERED: Final = re.compile(r"[-—–―－ ]*(?:第 ?)?[0-9]{1,4}(?: ?[/页共] ?.{0,8})?[-—–―－ ]*")
# A line that begins so begins a paragraph, however full the line before it.
_HEAD: Final = re.compile(
    r"[一二三四五六七八九十]{1,3}、|[（(](?:[一二三四五六七八九十]{1,3}|[0-9]{1,2})[)）]|"
    r"(?:19|20)[0-9]{2}年[0-9]{1,2}月[0-9]{1,2}日$"
)
_WORDS: Final = re.compile(r"[\u4e00-\u9fff]{2}")
_HAN: Final = "\u3000-\u303f\u4e00-\u9fff\uff00-\uffef"
_SPACE: Final = re.compile(rf"(?<=[{_HAN}]) +(?=\S)|(?<=\S) +(?=[{_HAN}])")


@dataclass(slots=True)
class Printed:
    """A line of text on a page."""

    page: int
    text: str
    box: Box
    size: float
    words: list[str] = field(default_factory=list)


def tidied(text: str) -> str:
    """A text on one line, without the blanks that print leaves beside Chinese characters."""
    return _SPACE.sub("", clean(text))


def lines_of(chars: list[Char], number: int) -> list[Printed]:
    """The lines of a page. ``chars``: its characters with their looks."""
    from pdfplumber.utils.text import extract_words

    groups: list[list[dict[str, Any]]] = []
    words = extract_words(prose(chars), x_tolerance=3, y_tolerance=3)
    for word in sorted(words, key=lambda w: w["top"] + w["bottom"]):
        first = groups[-1][0] if groups else None
        apart = word["top"] + word["bottom"] - (first["top"] + first["bottom"]) if first else 0.0
        if first and apart < max(word["bottom"] - word["top"], first["bottom"] - first["top"]):
            groups[-1].append(word)
        else:
            groups.append([word])
    lines = []
    for group in groups:
        group.sort(key=lambda w: w["x0"])
        box = (
            group[0]["x0"], min(w["top"] for w in group),
            max(w["x1"] for w in group), max(w["bottom"] for w in group),
        )  # fmt: skip
        own = [str(w["text"]) for w in group]
        text = tidied(" ".join(own))
        if text:
            size = max(w["bottom"] - w["top"] for w in group)
            lines.append(Printed(number, text, box, size, own))
    return lines


def unseen_of(chars: list[Char], number: int) -> list[TextLine]:
    """What of a page's prose is struck out or not seen, which its lines leave out."""
    struck = [
        {name: what for name, what in c.items() if name != LOOK}
        for c in chars
        if c.get(LOOK) == UNSEEN
    ]
    return [
        TextLine(text="", place=f"第{number}页", unseen=line.text)
        for line in lines_of(struck, number)
    ]


def running(printed: list[Printed], pages: int) -> list[Printed]:
    """The lines without page numbers, and without what is repeated at the edges of pages, be it
    on several lines.
    """
    rest, last = printed, list[Printed]()
    while rest != last:
        ends: dict[int, tuple[float, float]] = {}
        for line in rest:
            low, high = ends.get(line.page, (line.box[1], line.box[1]))
            ends[line.page] = min(low, line.box[1]), max(high, line.box[1])
        edge = [line for line in rest if line.box[1] in ends[line.page]]
        often = Counter(line.text for line in edge)
        first = rest is printed  # further in, figures may be alike by chance
        gone = {
            id(line)
            for line in edge
            if (first and _NUMBERED.fullmatch(line.text) and line.box[1] == ends[line.page][1])
            or (pages > 1 and often[line.text] > max(1, pages // 2)
                and (first or _WORDS.search(line.text)))
        }  # fmt: skip
        rest, last = [line for line in rest if id(line) not in gone], rest
    return rest


def paragraphs(printed: list[Printed]) -> list[TextLine]:
    """Lines of print put together to paragraphs: one begins where a line is indented, or where
    the line before ends early.
    """
    if not printed:
        return []
    sizes = sorted(line.size for line in printed)
    size = sizes[len(sizes) // 2]
    left = min(line.box[0] for line in printed)
    right = max(line.box[2] for line in printed)
    lines: list[TextLine] = []
    before: Printed | None = None
    for line in printed:
        full = before is not None and before.box[2] >= right - 2.5 * size
        flush = line.box[0] <= left + 0.8 * size
        alike = before is not None and abs(before.size - line.size) < 0.25 * size
        if full and flush and alike and lines and not _HEAD.match(line.text):
            lines[-1] = TextLine(text=lines[-1].text + line.text, place=lines[-1].place)
        else:
            lines.append(TextLine(text=line.text, place=f"第{line.page}页"))
        before = line
    return lines
