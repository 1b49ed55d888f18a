"""A text as words and figures in turn."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from xltools.match.labels import core, key
from xltools.match.lines import Place
from xltools.model import numbers
from xltools.model.cells import Grid, Raw
from xltools.model.numbers import Number
from xltools.model.stated import MeasureKind, stated

LINES: Final = 20_000  # of a text that are looked at
_SENTENCE: Final = 60
_REACH: Final = 400  # characters before figures that are looked at
_START: Final = re.compile(r"[-+−]?[0-9０-９]")
_ITEM: Final = re.compile(r"[0-9０-９]{1,2}[.．、,，)）][^0-9０-９]")  # a label with its number
_LONGEST: Final = 24
_COUNTED: Final = 3  # numbers in turn that number lines and are no figures


@dataclass(slots=True)
class WordRun:
    """Words, and the figures that follow them; ``soft``: nothing but blanks.

    ``texts``: the short texts that the words are of, with their cells; ``every``: those too that
    repeat the one before them in their line, as parts of headings do.
    """

    words: str
    places: list[Place] = field(default_factory=list)
    values: list[Raw] = field(default_factory=list)
    start: Place = (0, 0)
    last: str = ""  # the words of the last cell
    texts: list[tuple[Place, str]] = field(default_factory=list)
    every: list[str] = field(default_factory=list)

    @property
    def soft(self) -> bool:
        """Whether only blanks follow, which may be no figures at all."""
        return all(v in (None, "") for v in self.values)


class _Open:
    """The run that is being read. ``counts_blanks``: whether the blanks after a run's words stand
    for figures.
    """

    def __init__(self, counts_blanks: Callable[[WordRun], bool]) -> None:
        self.counts_blanks = counts_blanks
        self.words, self.places, self.values = list[str](), list[Place](), list[Raw]()
        self.start: Place = (0, 0)
        self.texts = list[tuple[Place, str]]()
        self.every = list[str]()

    def word(self, place: Place, text: str) -> Iterator[WordRun]:
        """Add words, which end the figures before them."""
        yield from self.end()
        if not self.words or len(text) > _SENTENCE:
            self.start = place
        self.words.append("" if _measure(text) else core(text))
        if len(text) <= _SENTENCE:
            self.texts.append((place, text))
            self.every.append(text)

    def end(self) -> Iterator[WordRun]:
        """End a run; after blanks that are no figures the words go on."""
        if not self.places:
            return
        words, last = "".join(self.words)[-_REACH:], self.words[-1] if self.words else ""
        run = WordRun(words, self.places, self.values, self.start, last, self.texts, self.every)
        self.places, self.values = [], []
        if not run.soft or self.counts_blanks(run):
            self.words, self.texts, self.every = [], [], []
            yield run


def runs_of(grid: Grid, counts_blanks: Callable[[WordRun], bool]) -> Iterator[WordRun]:
    """Words and figures in turn. Cells of one line belong together, and so do those of a list,
    one a line behind a tab, down to the next empty line.
    """
    now, listing = _Open(counts_blanks), False
    for r, row in enumerate(grid.rows[:LINES]):
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
                now.every.append(last)
        if not listing:
            yield from now.end()
    yield from now.end()


def _measure(text: str) -> bool:
    """Whether a text is a measure and no label: （单位：元）, 万元; 人次 may be one."""
    measured = stated(text)
    return measured.alone and (
        measured.marked
        or any(m.power or m.kind is not MeasureKind.COUNT for m in measured.measures)
    )


def is_figure(value: Raw) -> bool:
    """Whether a cell holds a figure, or what was meant for one."""
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
    """The figure that a cell holds, if it is one beyond doubt."""
    if isinstance(value, str):
        reading = numbers.read(value)
        return reading.number if reading is not None else None
    if isinstance(value, (int, float)):
        return numbers.from_float(value)
    return None


def counting(line: list[Number]) -> bool:
    """Whether figures only number their lines or columns: 1, 2, 3, begun anew in each block, or
    many that go on from another table.
    """
    steps = sum(b == a + 1 for a, b in pairwise(line))
    least = _COUNTED if line[:1] == [1] else 2 * _COUNTED
    return steps + 1 >= least and all(b in (a + 1, 1) for a, b in pairwise(line))


def is_share(grid: Grid, row: int, col: int) -> bool:
    """Whether a cell holds a share: marked % in its text or by its number format."""
    value, flag = grid.raw(row, col), grid.flags.get((row, col))
    if isinstance(value, str):
        return value.rstrip().endswith(("%", "％", "‰"))
    return flag is not None and "%" in flag.format
