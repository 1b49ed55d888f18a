"""A sheet as the search for tables sees it: its short texts, its rows and columns scored, and
lines of a form aligned to them.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from xltools.match.labels import LONGEST, SURE, Vocabulary, key
from xltools.model.cells import Grid

Scores: TypeAlias = Mapping[int, Mapping[int, float]]

GAP: Final = 0.05  # what a skipped sheet line takes from a chain: it keeps copies apart
NEAR: Final = 0.04  # two ways that differ by less are equally good
CERTAIN: Final = 0.8  # a label so well known that it needs no order
COPIES: Final = 20


def chains(scores: Scores, *, least: int) -> list[tuple[int, int]]:
    """Stretches of sheet lines (first, last) that each hold the form's lines in order, at least
    ``least`` of them. The best is taken first, then what lies before and after it.
    """
    stretches: list[tuple[int, int]] = []
    open_: list[tuple[int, int]] = [(-1, max(scores, default=-1) + 1)]
    while open_ and len(stretches) < COPIES:
        low, high = open_.pop()
        lines = [g for g in sorted(scores) if low < g < high]
        chain = _chain(scores, lines)
        if len(chain) < least:
            continue
        stretches.append((chain[0], chain[-1]))
        open_ += [(chain[-1], high), (low, chain[0])]
    return sorted(stretches)


def _chain(scores: Scores, lines: list[int]) -> list[int]:
    """Sheet lines of the best chain, in order. Time: lines times form lines."""
    count = max((f for g in lines for f in scores[g]), default=-1) + 1
    # Per form line, the best chain that ends with it: value plus GAP times its sheet line, so that
    # chains which end at different places can be compared; and the end of that chain.
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
            joined = potential - GAP * (g - 1)
            value = scores[g][f] + max(0.0, joined)
            before[f, g] = previous if joined > 0 else None
            if value + GAP * g > height[f]:
                height[f], ends[f] = value + GAP * g, (f, g)
            if value > best:
                best, last = value, (f, g)
    chain = []
    while last is not None:
        chain.append(last[1])
        last = before[last]
    return chain[::-1]


def decide(scores: Scores, first: int, last: int, count: int) -> dict[int, int]:
    """Which sheet line each of ``count`` form lines is, between two sheet lines inclusive.

    A form line has an answer only when every best alignment in order gives it the same one; or,
    when order does not hold (moved lines), when its label is found once and fits no other line.
    """
    lines = [g for g in sorted(scores) if first <= g <= last]
    size = len(lines)
    ahead = [[0.0] * (size + 1) for _ in range(count + 1)]
    behind = [[0.0] * (size + 1) for _ in range(count + 1)]
    for f in range(count):
        for j, g in enumerate(lines):
            score = scores[g].get(f, 0.0)
            joined = ahead[f][j] + score if score else 0.0
            ahead[f + 1][j + 1] = max(ahead[f][j + 1], ahead[f + 1][j], joined)
    for f in range(count - 1, -1, -1):
        for j in range(size - 1, -1, -1):
            score = scores[lines[j]].get(f, 0.0)
            joined = behind[f + 1][j + 1] + score if score else 0.0
            behind[f][j] = max(behind[f + 1][j], behind[f][j + 1], joined)
    best = ahead[count][size] - NEAR
    answer: dict[int, int] = {}
    for f in range(count):
        ways = [
            g
            for j, g in enumerate(lines)
            if f in scores[g] and ahead[f][j] + scores[g][f] + behind[f + 1][j + 1] >= best
        ]
        without = any(ahead[f][j] + behind[f + 1][j] >= best for j in range(size + 1))
        if len(ways) == 1 and not without:
            answer[f] = ways[0]
    _moved(scores, lines, count, answer)
    return answer


def _moved(scores: Scores, lines: list[int], count: int, answer: dict[int, int]) -> None:
    """Add lines out of order whose label is certain, found once, and nobody else's."""
    taken = set(answer.values())
    wishes = {
        f: [g for g in lines if g not in taken and scores[g].get(f, 0.0) >= CERTAIN]
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
    """Whether a form line's sheet line stands right between those of its neighbours: no other
    line with a label (``written``, sorted) comes between them, and order holds.
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
    lacking = set(words.outers[form])
    count, against = len(lacking), False
    for group in around:
        if not lacking:
            break
        if group in words.foreign:
            return float("-inf")
        against = against or group not in words.outers[form]
        lacking.discard(group)
    agreed = SIDE * (count - len(lacking)) / count if count else 0.0
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
        texts = {r: view.rows[r][c] for r in band if c in view.rows.get(r, ())}
        for r, text in texts.items():
            groups[r] = words.group(text)
        used = not data or any(view.filled(r, c) for r in data)
        for r, text in texts.items():
            if used or key(view.rows[r].get(c - 1, "")) != key(text):
                lines.written.add(c)
                lines.take(words, c, (r, c), text, _above(view, groups, (r, c)))
    return lines


def _above(view: View, groups: Mapping[int, str], place: Place) -> Sequence[str]:
    """The outer labels over a cell, upwards until a figure or a label that is none of them."""
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
    """Stretches of rows that hold spanners: close together, and none repeated further down."""
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
        again = again or any(_figures(view, at) for at in range(before + 1, r))
        far = not stretches or r - before > SLACK or r - first >= depth + SLACK
        if far or again:
            stretches.append((r, r))
        else:
            stretches[-1] = first, r
        seen.update({(r, c): k for c, k in hits.items()})
    return stretches[:COLUMNS]


def _figures(view: View, row: int) -> bool:
    """Whether a number stands in a row."""
    if row >= len(view.grid.rows):
        return False
    return any(isinstance(v, (int, float)) for v in view.grid.rows[row][:COLUMNS])


MANY: Final = 80  # texts before figures that may be parts of headings
_STEPS: Final = 2000


def are_headings(texts: Sequence[str], heads: Sequence[str]) -> bool:
    """Whether texts end with headings in their order, some of them broken. Keys of both."""
    return bool(heads) and any(
        heads[0].startswith(texts[start]) and _Parse(texts[start:], heads).holds()
        for start in range(max(0, len(texts) - MANY), len(texts))
        if texts[start]
    )


class _Parse:
    """Texts taken one by one, each as the beginning of the next heading or as the next part of an
    unfinished one.
    """

    def __init__(self, texts: Sequence[str], heads: Sequence[str]) -> None:
        self.texts, self.heads = [text for text in texts if text], heads
        self.steps = 0

    def holds(self) -> bool:
        """Whether all texts are used, and all headings whole."""
        if sum(map(len, self.texts)) != sum(map(len, self.heads)):
            return False
        return self._from(0, [], -1)

    def _from(self, at: int, lengths: list[int], last: int) -> bool:
        """Whether the texts from number ``at`` on can be used up. ``lengths``: how many characters
        of each heading are there, of those that have begun; ``last``: the number of the heading
        that the text before belongs to.
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
        return [n for n, count in enumerate(lengths) if count < len(self.heads[n])]
