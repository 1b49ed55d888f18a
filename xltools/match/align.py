"""Lines of a form against lines of a sheet, in order: which is which, and where that is open.

Scores are given sparsely: sheet line -> form line -> score above 0.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from typing import Final, TypeAlias

Scores: TypeAlias = Mapping[int, Mapping[int, float]]

GAP: Final = 0.05  # what a skipped sheet line takes from a chain: it keeps copies apart
NEAR: Final = 0.04  # two ways that differ by less are equally good
CERTAIN: Final = 0.8  # a label so well known that it needs no order
COPIES: Final = 20


def chains(scores: Scores, *, least: int) -> list[tuple[int, int]]:
    """Stretches of sheet lines (first, last) that each hold the form's lines in order, at least
    ``least`` of them. The best is taken first, then what lies before and after it.
    """
    found: list[tuple[int, int]] = []
    open_: list[tuple[int, int]] = [(-1, max(scores, default=-1) + 1)]
    while open_ and len(found) < COPIES:
        low, high = open_.pop()
        lines = [g for g in sorted(scores) if low < g < high]
        chain = _chain(scores, lines)
        if len(chain) < least:
            continue
        found.append((chain[0], chain[-1]))
        open_ += [(chain[-1], high), (low, chain[0])]
    return sorted(found)


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
    own = answer[line]
    sides = 0
    for step in (-1, 1):
        other = answer.get(line + step)
        if other is None:
            continue
        low, high = sorted((own, other))
        if (other > own) != (step > 0):
            return False
        if bisect_left(written, high) - bisect_right(written, low):
            return False
        sides += 1
    return sides > 0
