"""Find the lines of a form (its rows, or the columns of a block) among the lines of a sheet.

A line is a row or a column, given by its number, from 0. For each line of the sheet, scores say how
certain it is which line of the form it is. A chain is a stretch of the sheet in which lines of the
form occur in their order; within a chain it is decided which line is which. In the code, ``f`` is a
line of the form and ``g`` one of the sheet.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from operator import add
from typing import Final, TypeAlias

from xltools.match.labels import LONGEST, SURE, Vocabulary, key
from xltools.model.cells import Grid

Scores: TypeAlias = Mapping[int, Mapping[int, float]]
"""How sure it is which line of the form a line of the sheet is: sheet line -> form line -> score,
about 0 to 1.3. Pairs that are not in it score 0.
"""

_GAP: Final = 0.05  # what a skipped sheet line costs a chain: it keeps copies apart
_NEAR: Final = 0.04  # two alignments that differ by less are equally good
_CERTAIN: Final = 0.8  # the score from which a line is recognised even out of order
_COPIES: Final = 20  # chains on one sheet that are looked for


def chains(scores: Scores, *, least: int) -> list[tuple[int, int]]:
    """Find the chains on a sheet. Returns the first and last sheet line of each, from top to bottom
    (or left to right). A chain has at least ``least`` lines of the form. The best chain is looked
    for first, then others before and after it.
    """
    stretches: list[tuple[int, int]] = []
    open_: list[tuple[int, int]] = [(-1, max(scores, default=-1) + 1)]
    while open_ and len(stretches) < _COPIES:
        low, high = open_.pop()
        lines = [g for g in sorted(scores) if low < g < high]
        chain = _chain(scores, lines)
        if len(chain) < least:
            continue
        stretches.append((chain[0], chain[-1]))
        open_ += [(chain[-1], high), (low, chain[0])]
    return sorted(stretches)


def _chain(scores: Scores, lines: list[int]) -> list[int]:
    """The sheet lines of the best chain among ``lines``, in order: of all ways to pick lines in the
    order of the form, the one with the highest sum of scores, minus a little for each line skipped.
    The time needed is proportional to sheet lines times form lines.
    """
    count = max((f for g in lines for f in scores[g]), default=-1) + 1
    # For each form line, the best chain that ends with it: its value plus _GAP times its last sheet
    # line, so that chains that end at different places can be compared; and its last pair of lines.
    height = [float("-inf")] * count
    ends: list[tuple[int, int] | None] = [None] * count
    before: dict[tuple[int, int], tuple[int, int] | None] = {}
    best, last = 0.0, None
    for g in lines:
        top, end = float("-inf"), None
        reach: dict[int, tuple[float, tuple[int, int] | None]] = {}
        for f in range(count):
            if f in scores[g]:
                reach[f] = top, end
            if height[f] > top:
                top, end = height[f], ends[f]
        for f, (potential, previous) in reach.items():
            joined = potential - _GAP * (g - 1)
            value = scores[g][f] + max(0.0, joined)
            before[f, g] = previous if joined > 0 else None
            if value + _GAP * g > height[f]:
                height[f], ends[f] = value + _GAP * g, (f, g)
            if value > best:
                best, last = value, (f, g)
    chain = []
    while last is not None:
        chain.append(last[1])
        last = before[last]
    return chain[::-1]


def decide(scores: Scores, first: int, last: int, count: int) -> dict[int, int]:
    """Decide which sheet line, from ``first`` to ``last``, each of the ``count`` lines of the form
    is. Returns the sheet line of each form line for which that is certain.

    It is certain if all of the best alignments that keep the order agree on it. For a line out of
    order it is certain if its label is clear, is there only once, and cannot be that of another
    line.
    """
    lines = [g for g in sorted(scores) if first <= g <= last]
    size = len(lines)
    # ahead[f][j]: the best value of the first f form lines among the first j sheet lines; behind:
    # of those from f on, among those from j on.
    places: list[dict[int, float]] = [{} for _ in range(count)]  # of each form line: j -> score
    for j, g in enumerate(lines):
        for f, score in scores[g].items():
            if f < count:
                places[f][j] = score
    ahead = [[0.0] * (size + 1)]
    for scored in places:
        ahead.append(_best_ahead(ahead[-1], scored))
    behind = [[0.0] * (size + 1)]
    for scored in reversed(places):
        behind.append(_best_behind(behind[-1], scored))
    behind.reverse()
    best = ahead[count][size] - _NEAR
    answer: dict[int, int] = {}
    for f, scored in enumerate(places):
        ways = [
            lines[j]
            for j, score in scored.items()
            if ahead[f][j] + score + behind[f + 1][j + 1] >= best
        ]
        if len(ways) == 1 and max(map(add, ahead[f], behind[f + 1])) < best:
            answer[f] = ways[0]
    _moved(scores, lines, count, answer)
    return answer


def _best_ahead(before: list[float], scored: Mapping[int, float]) -> list[float]:
    """The next entry of ``ahead`` in `decide` after ``before``, for a form line with these scores
    by place among the sheet lines.
    """
    if not scored:
        return before
    values = [best := 0.0]
    for j in range(len(before) - 1):
        best = max(before[j + 1], best, before[j] + scored[j] if j in scored else 0.0)
        values.append(best)
    return values


def _best_behind(after: list[float], scored: Mapping[int, float]) -> list[float]:
    """The entry of ``behind`` in `decide` that precedes ``after``, as in `_best_ahead`."""
    if not scored:
        return after
    values = [best := 0.0]
    for j in range(len(after) - 2, -1, -1):
        best = max(after[j], best, after[j + 1] + scored[j] if j in scored else 0.0)
        values.append(best)
    return values[::-1]


def _moved(scores: Scores, lines: list[int], count: int, answer: dict[int, int]) -> None:
    """Add lines out of order to ``answer``: those whose label is clear, is on one sheet line only,
    and is the label of no other form line there.
    """
    taken = set(answer.values())
    wishes = {
        f: [g for g in lines if g not in taken and scores[g].get(f, 0.0) >= _CERTAIN]
        for f in range(count)
        if f not in answer
    }
    asked: dict[int, int] = {}
    for places in wishes.values():
        for g in places:
            asked[g] = asked.get(g, 0) + 1
    for f, places in wishes.items():
        if len(places) == 1 and asked[places[0]] == 1:
            answer[f] = places[0]


def between(answer: Mapping[int, int], written: list[int], line: int) -> bool:
    """Whether a form line was found directly beside the form lines before and after it: in order,
    and with no other labelled sheet line between. At least one of these two must have been found;
    one that was not is passed over. ``written``: the sheet lines with any label, sorted.
    """
    sheet_line = answer[line]
    sides = 0
    for step in (-1, 1):
        neighbour = answer.get(line + step)
        if neighbour is None:
            continue
        low, high = sorted((sheet_line, neighbour))
        if (neighbour > sheet_line) != (step > 0):
            return False
        if bisect_left(written, high) - bisect_right(written, low):
            return False
        sides += 1
    return sides > 0


ROWS: Final = 2000  # of a sheet that are looked at
COLUMNS: Final = 200  # of a sheet that are looked at
_TEXTS: Final = 60_000  # cells with text that are looked at
SLACK: Final = 8  # rows that may have been inserted into a heading
_SIDE: Final = 0.3  # how much the outer labels weigh beside the label itself

Place: TypeAlias = tuple[int, int]
"""A row and a column, from 0."""


class View:
    """The texts of a sheet as the search for tables uses them.

    ``rows``: the texts that may be labels, by row and column, within the limits above; ``keys``:
    the keys of all these texts; ``grid``: the sheet itself.
    """

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        self.rows: dict[int, dict[int, str]] = {}
        self.keys: set[str] = set()
        left = _TEXTS
        for r, row in enumerate(grid.rows[:ROWS]):
            texts = {
                c: value
                for c, value in enumerate(row[:COLUMNS])
                if isinstance(value, str) and 0 < len(value) <= LONGEST and key(value)
            }
            if texts:
                self.rows[r] = texts
                self.keys.update(map(key, texts.values()))
                left -= len(texts)
            if left < 0:
                break

    def filled(self, row: int, col: int) -> bool:
        """Whether a cell has content or a flag (a formula, an error, a mark)."""
        return self.grid.raw(row, col) is not None or (row, col) in self.grid.flags


@dataclass(frozen=True, slots=True)
class Match:
    """The label of a line as it was found. ``place``: its cell; ``text``: the text there;
    ``score``: how certain it is (0 to 1) that the text is that label.
    """

    place: Place
    text: str
    score: float


@dataclass(slots=True)
class Lines:
    """How well the lines of a sheet (all rows, or all columns) match the lines of the form, by
    their labels. Lines are given by their numbers.

    ``scores[sheet_line][form_line]``: the score of the best label in the sheet line for the form
    line; pairs that do not match are missing. ``matches[form_line, sheet_line]``: the label
    with this score. ``written``: the sheet lines that have any text where a label would be,
    even if it matches nothing.
    """

    scores: dict[int, dict[int, float]] = field(default_factory=dict)
    matches: dict[Place, Match] = field(default_factory=dict)
    written: set[int] = field(default_factory=set)

    def take(
        self, words: Vocabulary, line: int, place: Place, text: str, around: Sequence[str]
    ) -> None:
        """Score a sheet line by a text in it. ``around``: the labels over several lines that apply
        to this one, the nearest first, as `Vocabulary.group` gives them.
        """
        for form_line, base in words.find(text).items():
            score = base + _agreement(words, form_line, around)
            if score > self.scores.get(line, {}).get(form_line, 0.0):
                self.scores.setdefault(line, {})[form_line] = score
                self.matches[form_line, line] = Match(place, text, base)

    def answer(self, first: int, last: int, count: int) -> dict[int, Match]:
        """The labels found for the form lines between the sheet lines ``first`` and ``last``, by
        form line. ``count``: the number of form lines. A weak likeness only counts directly between
        the neighbours of the line.
        """
        lines = decide(self.scores, first, last, count)
        written = sorted(self.written)
        for f in [f for f, g in lines.items() if self.matches[f, g].score < SURE]:
            if not between(lines, written, f):
                del lines[f]
        return {f: self.matches[f, g] for f, g in lines.items()}


def _agreement(words: Vocabulary, form_line: int, around: Sequence[str]) -> float:
    """How much the labels around a label add to its score: up to ``_SIDE`` for those that the form
    line has, minus ``_SIDE`` if any is a different one; minus infinity for one of another table.

    Once all labels that the form line has are found, no further labels count, because they may be
    another table's.
    """
    lacking = set(words.outers[form_line])
    count, against = len(lacking), False
    for group in around:
        if not lacking:
            break
        if group in words.foreign:
            return float("-inf")
        against = against or group not in words.outers[form_line]
        lacking.discard(group)
    agreed = _SIDE * (count - len(lacking)) / count if count else 0.0
    return agreed - (_SIDE if against else 0.0)


def columns(
    view: View, words: Vocabulary, rows: Place, cols: Place, data: Sequence[int] = ()
) -> Lines:
    """Score the columns of a sheet by the headings in a band of rows.

    ``rows``, ``cols``: the first and the last row and column to look at. A heading applies to the
    columns on its right up to the next text in its row. Where it is repeated in the next column
    instead of being merged over both, it counts there only if that column has something in the rows
    ``data``, those of the figures (if ``data`` is empty, it always counts).
    """
    lines = Lines()
    band = range(rows[0], rows[1] + 1)
    groups = dict.fromkeys(band, "")
    by_column: dict[int, dict[int, str]] = {}
    for r in band:
        for c, text in view.rows.get(r, {}).items():
            if cols[0] <= c <= cols[1]:
                by_column.setdefault(c, {})[r] = text
    for c, texts in sorted(by_column.items()):
        for r, text in texts.items():
            groups[r] = words.group(text)
        for r, text in texts.items():
            repeated = key(view.rows[r].get(c - 1, "")) == key(text)
            if not repeated or not data or any(view.filled(at, c) for at in data):
                lines.written.add(c)
                lines.take(words, c, (r, c), text, _above(view, groups, (r, c)))
    return lines


def _above(view: View, groups: Mapping[int, str], place: Place) -> Sequence[str]:
    """The labels over several columns above a cell, the nearest first, up to a figure or another
    label. ``groups``: for each row of the band, the label that applies to this column ("" for
    none).
    """
    outer = []
    row, col = place
    for r in range(row - 1, min(groups) - 1, -1):
        labelled = col in view.rows.get(r, ())
        if not groups[r] if labelled else view.filled(r, col):
            break
        if groups[r]:
            outer.append(groups[r])
    return outer


def bands(view: View, words: Vocabulary, depth: int) -> list[Place]:
    """The stretches of rows (first, last) that hold the headings of one copy of a block: they are
    close together, have no figures between them, and no heading is repeated below itself.
    ``depth``: how many rows of headings the form has.
    """
    stretches: list[Place] = []
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
        first, before = stretches[-1] if stretches else (r, r)
        again = any(seen.get((at, c)) == k for c, k in hits.items() for at in range(first, r - 1))
        again = again or any(_has_numbers(view, at) for at in range(before + 1, r))
        far = not stretches or r - before > SLACK or r - first >= depth + SLACK
        if far or again:
            stretches.append((r, r))
        else:
            stretches[-1] = first, r
        seen.update({(r, c): k for c, k in hits.items()})
    return stretches[:COLUMNS]


def _has_numbers(view: View, row: int) -> bool:
    """Whether a row has a number in any cell."""
    cells = view.grid.rows[row][:COLUMNS] if row < len(view.grid.rows) else ()
    return any(isinstance(value, (int, float)) for value in cells)
