"""What moved where, in words for people."""

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby

from xltools.match.copies import Copy
from xltools.model.cells import Address, column_name

_MOST = 4


def describe(copy: Copy, expected: Sequence[Address], sheet: str) -> str:
    """Say how a copy's place differs from the expected one; empty when it does not.

    ``expected``: the cells of all items; ``sheet``: the table's own sheet.
    """
    corner = Address(copy.sheet, *copy.corner).a1
    rows = _shifts({expected[i].row: r - expected[i].row for i, (r, _) in copy.cells.items()})
    columns = _shifts({expected[i].col: c - expected[i].col for i, (_, c) in copy.cells.items()})
    still = not any(d for _, _, d in (*rows, *columns))
    if copy.sheet != sheet:
        return f"在工作表“{copy.sheet}”" + ("" if still else f"的 {corner} 起")
    if still:
        return ""
    said = [
        *_say(rows, "下上", "第·行", lambda row: str(row + 1)),
        *_say(columns, "右左", "·列", column_name),
    ]
    return "，".join(said[:_MOST]) + ("等" if len(said) > _MOST else "")


def _shifts(lines: Mapping[int, int]) -> list[tuple[int, int, int]]:
    """Stretches (first, last, shift) of lines that moved alike."""
    stretches = []
    for shift, group in groupby(sorted(lines.items()), key=lambda pair: pair[1]):
        own = [line for line, _ in group]
        stretches.append((own[0], own[-1], shift))
    return stretches


def _say(
    stretches: Sequence[tuple[int, int, int]], ways: str, unit: str, name: Callable[[int], str]
) -> list[str]:
    """Where stretches went. ``ways``: the words for forward and back; ``unit``: what a line is,
    around its ``name``.
    """
    said = []
    head, tail = unit.split("·")
    for n, (first, last, shift) in enumerate(stretches):
        if not shift:
            continue
        way = f"{ways[shift < 0]}移{abs(shift)}{tail}"
        if n == len(stretches) - 1:
            said.append(f"{head}{name(first)}{tail}起{way}")
        elif first == last:
            said.append(f"{head}{name(first)}{tail}移到{head}{name(first + shift)}{tail}")
        else:
            said.append(f"{head}{name(first)}至{name(last)}{tail}{way}")
    return said
