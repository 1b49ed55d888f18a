"""Read a text without columns as alternating words and figures, and decide what counts as a figure
there and in cells.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from xltools.match.labels import core, key
from xltools.match.lines import Place
from xltools.model import numbers
from xltools.model.cells import Grid, Raw
from xltools.model.numbers import Number
from xltools.model.stated import MeasureKind, stated

_LINES: Final = 20_000  # of a text that are looked at
_SENTENCE: Final = 60  # characters of a text that may be a label; a longer one is a sentence
_REACH: Final = 400  # characters before figures that are looked at
_START: Final = re.compile(r"[-+−]?[0-9０-９]")
_ITEM: Final = re.compile(r"[0-9０-９]{1,2}[.．、,，)）][^0-9０-９]")  # a label with its number
_LONGEST: Final = 24  # characters of what was meant for a figure
_COUNTED: Final = 3  # so many consecutive numbers count lines and are not figures
_MANY: Final = 80  # texts before figures that may be parts of headings
_STEPS: Final = 2000  # ways of putting parts of headings together that are tried


@dataclass(slots=True)
class WordRun:
    """Words and the figures or blanks that follow them, up to the next words.

    ``words``: the keys of all these texts without units of measure, put together; ``last``: the key
    of the last of them; ``start``: the cell of the first; ``places`` and ``values``: the cells and
    contents of the figures; ``texts``: the short texts as they are written, with their cells;
    ``all_texts``: these without cells, including texts that repeat the one before them in their
    line.
    """

    words: str
    places: list[Place] = field(default_factory=list)
    values: list[Raw] = field(default_factory=list)
    start: Place = (0, 0)
    last: str = ""
    texts: list[tuple[Place, str]] = field(default_factory=list)
    all_texts: list[str] = field(default_factory=list)

    @property
    def soft(self) -> bool:
        """Whether the words are followed only by blanks, which need not be figures that were left
        blank.
        """
        return all(v in (None, "") for v in self.values)


class _OpenRun:
    """The run that is being read. ``counts_blanks``: decides whether the blanks of a run without
    figures are figures that were left blank.
    """

    def __init__(self, counts_blanks: Callable[[WordRun], bool]) -> None:
        self.counts_blanks = counts_blanks
        self.words, self.places, self.values = list[str](), list[Place](), list[Raw]()
        self.start: Place = (0, 0)
        self.texts = list[tuple[Place, str]]()
        self.all_texts = list[str]()

    def word(self, place: Place, text: str) -> Iterator[WordRun]:
        """Add a text. If the run so far has figures, it ends and is yielded before."""
        yield from self.end()
        if not self.words or len(text) > _SENTENCE:
            self.start = place
        self.words.append("" if _is_measure(text) else core(text))
        if len(text) <= _SENTENCE:
            self.texts.append((place, text))
            self.all_texts.append(text)

    def end(self) -> Iterator[WordRun]:
        """End the run and yield it. Blanks that are not figures left blank are dropped, and then
        the words of the run go on.
        """
        if not self.places:
            return
        words, last = "".join(self.words)[-_REACH:], self.words[-1] if self.words else ""
        run = WordRun(words, self.places, self.values, self.start, last, self.texts, self.all_texts)
        self.places, self.values = [], []
        if not run.soft or self.counts_blanks(run):
            self.words, self.texts, self.all_texts = [], [], []
            yield run


def runs_of(grid: Grid, counts_blanks: Callable[[WordRun], bool]) -> Iterator[WordRun]:
    """The runs of a text, in order. ``grid``: the text, with a row for each line and a cell for
    each piece between tabs; ``counts_blanks``: as in `_OpenRun`.

    A run ends at a line that has several cells. But lines that begin with a tab and have a single
    cell form one list, up to the next empty line.
    """
    now, listing = _OpenRun(counts_blanks), False
    for r, row in enumerate(grid.rows[:_LINES]):
        if len(row) == 1:
            if row[0] in (None, ""):
                if listing:
                    yield from now.end()
                listing = False
            elif is_figure(row[0]):
                now.places.append((r, 0))
                now.values.append(row[0])
            else:
                yield from now.word((r, 0), str(row[0]))
            continue
        if len(row) == 2 and row[0] in (None, ""):
            listing = True
        else:
            yield from now.end()
            listing = False
        last = ""
        for c, value in enumerate(row):
            if c == 0 and value in (None, ""):
                continue
            if value in (None, "") or is_figure(value):
                now.places.append((r, c))
                now.values.append(value)
            elif str(value) != last:  # a heading repeated over its columns is one
                last = str(value)
                yield from now.word((r, c), last)
            elif not now.places:
                now.all_texts.append(last)
        if not listing:
            yield from now.end()
    yield from now.end()


def are_headings(texts: Sequence[str], heads: Sequence[str]) -> bool:
    """Whether ``texts`` end with the headings ``heads`` in their order, some of them broken into
    several texts. Both are keys.
    """
    return bool(heads) and any(
        heads[0].startswith(texts[start]) and _HeadingParse(texts[start:], heads).holds()
        for start in range(max(0, len(texts) - _MANY), len(texts))
        if texts[start]
    )


class _HeadingParse:
    """Reads texts one by one, each as the beginning of the next heading or as a further part of an
    unfinished one.
    """

    def __init__(self, texts: Sequence[str], heads: Sequence[str]) -> None:
        self.texts, self.heads = [text for text in texts if text], heads
        self.steps = 0

    def holds(self) -> bool:
        """Whether the texts make up the headings completely, with nothing left over."""
        if sum(map(len, self.texts)) != sum(map(len, self.heads)):
            return False
        return self._from(0, [], -1)

    def _from(self, at: int, lengths: list[int], last: int) -> bool:
        """Whether the texts from index ``at`` make up the rest of the headings. ``lengths``: for
        each heading that has begun, how many characters have been read; ``last``: the number of the
        heading to which the text before belongs, -1 for none.
        """
        self.steps += 1
        if self.steps > _STEPS:
            return False
        if at == len(self.texts):
            return len(lengths) == len(self.heads) and not self._open(lengths)
        text, following = self.texts[at], len(lengths)
        begins = following < len(self.heads) and self.heads[following].startswith(text)
        if begins and self._from(at + 1, [*lengths, len(text)], last):
            return True
        unfinished = self._open(lengths)
        for head in [n for n in unfinished if n > last][:1] or unfinished[:1]:
            if self.heads[head].startswith(text, lengths[head]):
                grown = [*lengths[:head], lengths[head] + len(text), *lengths[head + 1 :]]
                return self._from(at + 1, grown, head)
        return False

    def _open(self, lengths: Sequence[int]) -> list[int]:
        """The numbers of the headings that have begun and are not finished."""
        return [n for n, count in enumerate(lengths) if count < len(self.heads[n])]


def _is_measure(text: str) -> bool:
    """Whether a text is a unit of measure and not a label, such as （单位：元） or 万元. A plain
    人次 may be a label.
    """
    measured = stated(text)
    return measured.alone and (
        measured.marked
        or any(m.power or m.kind is not MeasureKind.COUNT for m in measured.measures)
    )


def is_figure(value: Raw) -> bool:
    """Whether the content of a cell is a figure, or a short text that was meant as one (12件,
    3.5万). Anything that is not a text counts as one.
    """
    if not isinstance(value, str):
        return True
    reading = numbers.read(value)
    if reading is not None and reading.kind is not numbers.NumberKind.UNREADABLE:
        return True
    plain = value.strip()
    if key(plain).isdigit():
        return True  # .5, which may be the rest of a figure broken over lines
    return len(plain) <= _LONGEST and bool(_START.match(plain)) and not _ITEM.match(plain)


def figure(value: Raw) -> Number | None:
    """The figure in a cell, also if it is written as text; None where there is none, or it cannot
    be read with certainty.
    """
    if isinstance(value, str):
        reading = numbers.read(value)
        return reading.number if reading is not None else None
    if isinstance(value, (int, float)):
        return numbers.from_float(value)
    return None


def counting(line: Sequence[Number]) -> bool:
    """Whether figures only number lines or columns: 1, 2, 3, possibly starting again at 1. At least
    three figures are needed, or six if they do not start at 1.
    """
    steps = sum(b == a + 1 for a, b in pairwise(line))
    least = _COUNTED if line[:1] == [1] else 2 * _COUNTED
    return steps + 1 >= least and all(b in (a + 1, 1) for a, b in pairwise(line))


def is_share(grid: Grid, row: int, col: int) -> bool:
    """Whether a cell contains a share: its text ends in % or ‰, or its number format has %."""
    value, flag = grid.raw(row, col), grid.flags.get((row, col))
    if isinstance(value, str):
        return value.rstrip().endswith(("%", "％", "‰"))
    return flag is not None and "%" in flag.format
