"""Tables by the lines that they are drawn with, joined over the pages that they go on."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from xltools.readers.documents.printed import Box, Printed, tidied
from xltools.readers.documents.tables import Budget, Table

NEAR: Final = 3.0  # lines that are this near are one
SHIFT: Final = 15.0  # how much a table may be moved on its next page
MARGIN: Final = 11.0  # beside the text of a cell, as Word has it
_BROKEN: Final = re.compile(r"[0-9]+(?:\n[0-9.]+)+")  # a figure on several lines


@dataclass(slots=True)
class Part:
    """A table as far as one page goes: rows of (left, right, text), from top to bottom."""

    page: int
    box: Box
    rows: list[list[tuple[float, float, str]]]
    first: bool = False  # nothing stands above it on the page
    last: bool = False  # nothing stands below


def rows_of(chars: list[dict[str, Any]], cells: list[Box]) -> list[list[tuple[float, float, str]]]:
    """Cells by the rows that they begin in."""
    from pdfplumber.utils.text import extract_text

    rows: dict[float, list[tuple[float, float, str]]] = {}
    tops: list[float] = []
    for x0, top, x1, bottom in sorted(cells, key=lambda c: (c[1], c[0])):
        at = next((t for t in reversed(tops) if abs(t - top) < NEAR), None)
        if at is None:
            at = top
            tops.append(top)
        own = [
            c
            for c in chars
            if x0 <= (c["x0"] + c["x1"]) / 2 < x1 and top <= (c["top"] + c["bottom"]) / 2 < bottom
        ]
        text = extract_text(own, x_tolerance=3, y_tolerance=3) if own else ""
        if _BROKEN.fullmatch(text) and _filled(own, x1 - x0):
            text = text.replace("\n", "")
        rows.setdefault(at, []).append((x0, x1, text))
    return [sorted(rows[t]) for t in tops]


def _filled(chars: list[dict[str, Any]], width: float) -> bool:
    """Whether every line of a cell but its last is so full that the next digit had to go below."""
    lines: dict[int, list[dict[str, Any]]] = {}
    for char in chars:
        lines.setdefault(round(char["top"]), []).append(char)
    for top in sorted(lines)[:-1]:
        own = lines[top]
        used = max(c["x1"] for c in own) - min(c["x0"] for c in own)
        if used + used / len(own) + MARGIN < width:
            return False
    return True


def mark_ends(parts: list[Part], printed: list[Printed]) -> None:
    """Mark the tables that a page begins or ends with."""
    for part in parts:
        others = [p.box for p in parts if p.page == part.page and p is not part]
        others += [line.box for line in printed if line.page == part.page]
        part.first = all(b[1] >= part.box[1] for b in others)
        part.last = all(b[3] <= part.box[3] for b in others)


def joined(parts: list[Part]) -> list[Table]:
    """All tables, with what follows of each on later pages, named after these: 第4至5页表2."""
    counts: Counter[int] = Counter()
    tables = []
    for group in _groups(parts):
        first, last = group[0].page, group[-1].page
        counts[first] += 1
        span = str(first) if len(group) == 1 else f"{first}至{last}"
        tables.append(_table(group, f"第{span}页表{counts[first]}"))
    return tables


def _groups(parts: list[Part]) -> list[list[Part]]:
    """Tables with what follows of them on later pages."""
    groups: list[list[Part]] = []
    for part in sorted(parts, key=lambda p: (p.page, p.box[1])):
        before = groups[-1][-1] if groups else None
        if (
            before
            and part.first
            and before.last
            and part.page == before.page + 1
            and abs(part.box[0] - before.box[0]) <= SHIFT
            and abs(part.box[2] - before.box[2]) <= SHIFT
        ):
            groups[-1].append(part)
        else:
            groups.append([part])
    return groups


def _table(group: list[Part], name: str) -> Table:
    """A table of all its parts on one set of columns, headings that are repeated left out."""
    left, right = group[0].box[0], group[0].box[2]
    edges: list[float] = []
    rows: list[list[tuple[float, float, str]]] = []
    for part in group:
        scale = (right - left) / max(1.0, part.box[2] - part.box[0])
        own = [
            [(left + (a - part.box[0]) * scale, left + (b - part.box[0]) * scale, text)
             for a, b, text in row]
            for row in part.rows
        ]  # fmt: skip
        edges = _edges(edges, [x for row in own for a, b, _ in row for x in (a, b)])
        rows += own[_repeated(rows, own) if rows else 0 :]
    made, budget = Table(name), Budget()
    for row in rows:
        made.start()
        for a, b, text in row:
            col, end = _at(edges, a), _at(edges, b)
            made.skip(col - len(made.rows[-1]), budget)
            made.cell(tidied(text), wide=end - col, budget=budget)
        made.skip(len(edges) - 1 - len(made.rows[-1]), budget)
    return made


def _repeated(before: Sequence[Sequence[object]], own: list[list[tuple[float, float, str]]]) -> int:
    """How many rows at the top of a page repeat the top of the table."""
    count = 0
    for one, other in zip(before, own, strict=False):
        texts = [cell[2] for cell in one]  # type: ignore[index]  # because a row is of cells
        if texts != [cell[2] for cell in other] or not any(t and not t.isdigit() for t in texts):
            break
        if any(re.fullmatch(r"[0-9.,]+", t) for t in texts):
            break
        count += 1
    return count


def _edges(known: list[float], more: list[float]) -> list[float]:
    """Edges of columns, those that nearly meet being one; ``known`` of earlier pages hold."""
    edges = list(known)
    # What another page draws a little off is the same edge, unless columns are as narrow.
    near = 2 * NEAR if known else NEAR
    for x in sorted(more):
        if not edges or min(abs(x - e) for e in edges) > near:
            edges.append(x)
    return sorted(edges)


def _at(edges: list[float], x: float) -> int:
    return min(range(len(edges)), key=lambda n: abs(edges[n] - x))
