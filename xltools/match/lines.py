"""A sheet as the search for tables sees it: its short texts, and its rows and columns scored.

All searches are bounded: ``ROWS`` by ``COLUMNS`` of a sheet, and few passes over them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from xltools.match.align import between, decide
from xltools.match.labels import LONGEST, SURE, Vocabulary, key
from xltools.model.cells import Grid

ROWS: Final = 2000
COLUMNS: Final = 200
TEXTS: Final = 60_000  # cells with text that are looked at
SLACK: Final = 8  # rows that may have come into a heading
SIDE: Final = 0.3  # how much the outer labels weigh beside the label itself

Place = tuple[int, int]


class View:
    """A sheet's short texts by row and column, within limits."""

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        self.rows: dict[int, dict[int, str]] = {}
        self.keys: set[str] = set()
        left = TEXTS
        for r, row in enumerate(grid.rows[:ROWS]):
            found = {
                c: value
                for c, value in enumerate(row[:COLUMNS])
                if isinstance(value, str) and 0 < len(value) <= LONGEST and key(value)
            }
            if found:
                self.rows[r] = found
                self.keys.update(map(key, found.values()))
                left -= len(found)
            if left < 0:
                break

    def filled(self, row: int, col: int) -> bool:
        """Whether anything stands in a cell."""
        return self.grid.raw(row, col) is not None or (row, col) in self.grid.flags


@dataclass(frozen=True, slots=True)
class Match:
    """A line's label as found: its cell, its text, how sure it is."""

    place: Place
    text: str
    score: float


@dataclass(slots=True)
class Lines:
    """Lines of a sheet along one axis, scored, with the cells that gave the scores.

    ``written``: the lines that have any label.
    """

    scores: dict[int, dict[int, float]] = field(default_factory=dict)
    matches: dict[Place, Match] = field(default_factory=dict)  # by (form line, sheet line)
    written: set[int] = field(default_factory=set)

    def take(
        self, words: Vocabulary, line: int, place: Place, text: str, around: Sequence[str]
    ) -> None:
        """Score a line by a text in it and the outer labels that hold there, the nearest first."""
        for form, base in words.find(text).items():
            score = base + _side(words, form, around)
            if score > self.scores.get(line, {}).get(form, 0.0):
                self.scores.setdefault(line, {})[form] = score
                self.matches[form, line] = Match(place, text, base)

    def answer(self, first: int, last: int, count: int) -> dict[int, Match]:
        """Decide which line is which; a weak likeness counts only right between its neighbours."""
        lines = decide(self.scores, first, last, count)
        written = sorted(self.written)
        for f in [f for f, g in lines.items() if self.matches[f, g].score < SURE]:
            if not between(lines, written, f):
                del lines[f]
        return {f: self.matches[f, g] for f, g in lines.items()}


def _side(words: Vocabulary, form: int, around: Sequence[str]) -> float:
    """What the outer labels add: agreement, less disagreement; another table's rule it out.

    Beyond the last that a line ought to have, nothing counts: there other tables may begin.
    """
    wanted = set(words.outers[form])
    count, against = len(wanted), False
    for group in around:
        if not wanted:
            break
        if group in words.foreign:
            return float("-inf")
        against = against or group not in words.outers[form]
        wanted.discard(group)
    agreed = SIDE * (count - len(wanted)) / count if count else 0.0
    return agreed - (SIDE if against else 0.0)


def columns(
    view: View, words: Vocabulary, rows: Place, cols: Place, data: Sequence[int] = ()
) -> Lines:
    """Score columns by the texts in a band of rows (first, last).

    A heading holds for the columns to its right until the next text in its row. Where it is
    repeated instead of merged, it counts in those columns that hold something in the rows of
    ``data``.
    """
    lines = Lines()
    band = range(rows[0], rows[1] + 1)
    groups = dict.fromkeys(band, "")
    for c in range(cols[0], cols[1] + 1):
        own = {r: view.rows[r][c] for r in band if c in view.rows.get(r, ())}
        for r, text in own.items():
            groups[r] = words.group(text)
        used = not data or any(view.filled(r, c) for r in data)
        for r, text in own.items():
            if used or key(view.rows[r].get(c - 1, "")) != key(text):
                lines.written.add(c)
                lines.take(words, c, (r, c), text, _above(view, groups, (r, c)))
    return lines


def _above(view: View, groups: Mapping[int, str], place: Place) -> Sequence[str]:
    """The outer labels over a cell, upwards until a figure or a label that is none of them."""
    found = []
    row, col = place
    for r in range(row - 1, min(groups) - 1, -1):
        labelled = col in view.rows.get(r, ())
        if not groups[r] if labelled else view.filled(r, col):
            break
        if groups[r]:
            found.append(groups[r])
    return found


def bands(view: View, words: Vocabulary, depth: int) -> list[Place]:
    """Stretches of rows that hold spanners: close together, and none repeated further down."""
    found: list[Place] = []
    seen: dict[Place, str] = {}
    for r, row in view.rows.items():
        hits = {
            c: key(text)
            for c, text in row.items()
            if words.find(text) or words.group(text) in words.groups
        }
        if not hits:
            continue
        # Figures between headings, or a heading again below itself: another table begins.
        first, before = found[-1] if found else (r, r)
        again = any(seen.get((at, c)) == k for c, k in hits.items() for at in range(first, r - 1))
        again = again or any(_figures(view, at) for at in range(before + 1, r))
        far = not found or r - before > SLACK or r - first >= depth + SLACK
        if far or again:
            found.append((r, r))
        else:
            found[-1] = first, r
        seen.update({(r, c): k for c, k in hits.items()})
    return found[:COLUMNS]


def _figures(view: View, row: int) -> bool:
    """Whether a number stands in a row."""
    if row >= len(view.grid.rows):
        return False
    return any(isinstance(v, (int, float)) for v in view.grid.rows[row][:COLUMNS])
