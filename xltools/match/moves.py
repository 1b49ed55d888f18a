"""What moved where, in words for people."""

from collections.abc import Mapping, Sequence
from itertools import groupby

from xltools.cells import Address, column_name
from xltools.match.copies import Copy

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
    said = [*_say_rows(rows), *_say_columns(columns)]
    return "，".join(said[:_MOST]) + ("等" if len(said) > _MOST else "")


def _shifts(lines: Mapping[int, int]) -> list[tuple[int, int, int]]:
    """Stretches (first, last, shift) of lines that moved alike."""
    stretches = []
    for shift, group in groupby(sorted(lines.items()), key=lambda pair: pair[1]):
        own = [line for line, _ in group]
        stretches.append((own[0], own[-1], shift))
    return stretches


def _say_rows(stretches: Sequence[tuple[int, int, int]]) -> list[str]:
    said = []
    for n, (first, last, shift) in enumerate(stretches):
        if not shift:
            continue
        way = f"{'下' if shift > 0 else '上'}移{abs(shift)}行"
        if n == len(stretches) - 1:
            said.append(f"第{first + 1}行起{way}")
        elif first == last:
            said.append(f"第{first + 1}行移到第{first + 1 + shift}行")
        else:
            said.append(f"第{first + 1}至{last + 1}行{way}")
    return said


def _say_columns(stretches: Sequence[tuple[int, int, int]]) -> list[str]:
    said = []
    for n, (first, last, shift) in enumerate(stretches):
        if not shift:
            continue
        way = f"{'右' if shift > 0 else '左'}移{abs(shift)}列"
        if n == len(stretches) - 1:
            said.append(f"{column_name(first)}列起{way}")
        elif first == last:
            said.append(f"{column_name(first)}列移到{column_name(first + shift)}列")
        else:
            said.append(f"{column_name(first)}至{column_name(last)}列{way}")
    return said
