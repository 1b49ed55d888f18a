"""Reassemble what is printed on the pages of a PDF: lines of text into paragraphs, and tables from
the lines with which they are drawn, joined across pages.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from xltools.readers.book import CellBudget, TextLine
from xltools.readers.documents.glyphs import LOOK, UNSEEN, Char, content, marked, plain, prose
from xltools.readers.documents.tables import TableDraft, clean, is_prose
from xltools.readers.looks import Counted

if TYPE_CHECKING:
    from pdfplumber.page import Page

Box = tuple[float, float, float, float]  # left, top, right, bottom, in points from the top left

_NUMBERED: Final = re.compile(r"[-—–―－ ]*(?:第 ?)?[0-9]{1,4}(?: ?[/页共] ?.{0,8})?[-—–―－ ]*")
# A line that begins so starts a paragraph, however full the line before it is.
_HEAD: Final = re.compile(
    r"[一二三四五六七八九十]{1,3}、|[（(](?:[一二三四五六七八九十]{1,3}|[0-9]{1,2})[)）]|"
    r"(?:19|20)[0-9]{2}年[0-9]{1,2}月[0-9]{1,2}日$"
)
_WORDS: Final = re.compile(r"[\u4e00-\u9fff]{2}")
_HAN: Final = "\u3000-\u303f\u4e00-\u9fff\uff00-\uffef"
_SPACE: Final = re.compile(rf"(?<=[{_HAN}]) +(?=\S)|(?<=\S) +(?=[{_HAN}])")


@dataclass(slots=True)
class Printed:
    """A line of text on a page. ``page``: the number of the page; ``size``: the height of the line
    in points; ``words``: its words from left to right.
    """

    page: int
    text: str
    box: Box
    size: float
    words: list[str] = field(default_factory=list)


def tidied(text: str) -> str:
    """Return a text without the spaces that printing leaves next to Chinese characters."""
    return _SPACE.sub("", clean(text))


def lines_of(chars: list[Char], number: int) -> list[Printed]:
    """Return the lines of text on a page. ``chars``: its characters with their looks; ``number``:
    the number of the page.
    """
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
        texts = [str(w["text"]) for w in group]
        text = tidied(" ".join(texts))
        if text:
            size = max(w["bottom"] - w["top"] for w in group)
            lines.append(Printed(number, text, box, size, texts))
    return lines


def unseen_of(chars: list[Char], number: int) -> list[TextLine]:
    """Return the text of a page that is struck out or cannot be seen, one TextLine for each line;
    ``lines_of`` leaves this text out. The parameters are those of ``lines_of``.
    """
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
    """Return the lines without page numbers and running heads, that is, without text repeated at
    the edges of pages, even if it takes several lines. ``pages``: the number of pages.
    """
    rest, last = printed, list[Printed]()
    while rest != last:
        ends: dict[int, tuple[float, float]] = {}
        for line in rest:
            low, high = ends.get(line.page, (line.box[1], line.box[1]))
            ends[line.page] = min(low, line.box[1]), max(high, line.box[1])
        edge = [line for line in rest if line.box[1] in ends[line.page]]
        often = Counter(line.text for line in edge)
        first = rest is printed  # in later rounds equal figures may be a coincidence
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
    """Join lines into paragraphs. One begins at an indented line, or after a line that
    ends early.
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


NEAR: Final = 3.0  # points; lines nearer to each other than this are one
SHIFT: Final = 15.0  # points by which a table may be shifted on its next page
MARGIN: Final = 11.0  # points beside the text of a cell, as in Word

Row: TypeAlias = list[tuple[float, float, Counted]]  # cells: left edge, right edge, content

_NEAR_IS_ONE: Final = {"snap_tolerance": NEAR, "join_tolerance": NEAR}
_BROKEN: Final = re.compile(r"[0-9]+(?:\n[0-9.]+)+")  # a figure on several lines


@dataclass(slots=True)
class TablePart:
    """The part of a table that is on one page, with its rows from top to bottom. ``page``: the
    number of the page; ``box``: the rectangle that it occupies.
    """

    page: int
    box: Box
    rows: list[Row]
    first: bool = False  # nothing is above it on the page
    last: bool = False  # nothing is below it on the page


def parts_of(page: "Page", chars: list[Char], number: int) -> tuple[list[TablePart], list[Box]]:
    """Return the tables of a page, and the boxes whose text is not prose. ``chars``: the characters
    of the page with their looks; ``number``: the number of the page.

    Shaded paragraphs that touch a table have edges like cells. So, if a table has rules, rows of a
    single cell outside these are prose, and a shade within a cell is not a cell.
    """
    ruled: list[Box] = []
    if any(map(_is_shade, page.rects)):
        bare = page.filter(lambda thing: not _is_shade(thing)).find_tables(_NEAR_IS_ONE)
        ruled, inner = [t.bbox for t in bare], [cell for t in bare for cell in t.cells]
        page = page.filter(lambda thing: not (_is_shade(thing) and _within(thing, inner)))
    tables = page.find_tables(_NEAR_IS_ONE)
    parts: list[TablePart] = []
    closed: list[Box] = []
    for table in tables:
        ruled_here = [box for box in ruled if _holds(table.bbox, box)]
        for rows in _stretches(_bands(table.cells), ruled_here):
            cells = [cell for row in rows for cell in row]
            part = TablePart(number, _around(cells), [_row(chars, row) for row in rows])
            if max(map(len, part.rows)) < 2:  # a shade or a frame around text
                continue
            parts.append(part)
            single = [row for row in part.rows if len(row) == 1]
            frame = any(is_prose(counted.text) for row in single for _, _, counted in row)
            closed += [cell for row in rows if len(row) > 1 or not frame for cell in row]
    return parts, closed


def _is_shade(thing: dict[str, Any]) -> bool:
    """Whether a shape is a filled background without a border and too thick to be a line."""
    return (
        thing["object_type"] == "rect"
        and bool(thing.get("fill"))
        and not thing.get("stroke")
        and min(thing["x1"] - thing["x0"], thing["bottom"] - thing["top"]) > NEAR
    )


def _within(thing: dict[str, Any], cells: list[Box]) -> bool:
    """Whether a shape lies within one of these cells."""
    return any(
        x0 - NEAR <= thing["x0"]
        and thing["x1"] <= x1 + NEAR
        and top - NEAR <= thing["top"]
        and thing["bottom"] <= bottom + NEAR
        for x0, top, x1, bottom in cells
    )


def _holds(box: Box, inner: Box) -> bool:
    """Whether the centre of the box ``inner`` lies in ``box``."""
    x, y = (inner[0] + inner[2]) / 2, (inner[1] + inner[3]) / 2
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]


def _stretches(rows: list[list[Box]], ruled: list[Box]) -> list[list[list[Box]]]:
    """Divide the rows of a table into connected stretches, without the rows of a single cell
    outside all rules. ``ruled``: the boxes of the tables drawn with rules; without any, there is
    one stretch.
    """
    if not ruled:
        return [rows]
    kept: list[list[list[Box]]] = [[]]
    for row in rows:
        if len(row) > 1 or any(_holds(box, row[0]) for box in ruled):
            kept[-1].append(row)
        elif kept[-1]:
            kept.append([])
    return [stretch for stretch in kept if stretch]


def _around(cells: list[Box]) -> Box:
    """Return the smallest box that contains all cells."""
    left, top, right, bottom = zip(*cells, strict=True)
    return min(left), min(top), max(right), max(bottom)


def _bands(cells: list[Box]) -> list[list[Box]]:
    """Group cells into rows by their upper edges."""
    rows: dict[float, list[Box]] = {}
    tops: list[float] = []
    for cell in sorted(cells, key=lambda c: (c[1], c[0])):
        at = next((t for t in reversed(tops) if abs(t - cell[1]) < NEAR), None)
        if at is None:
            at = cell[1]
            tops.append(at)
        rows.setdefault(at, []).append(cell)
    return [rows[t] for t in tops]


def _row(chars: list[Char], cells: list[Box]) -> Row:
    """Return the cells of a row with their contents, from left to right. ``chars``: the characters
    of the page with their looks.
    """
    from pdfplumber.utils.text import extract_text

    row: Row = []
    for x0, top, x1, bottom in sorted(cells):
        inside = marked(
            [
                c
                for c in chars
                if x0 <= (c["x0"] + c["x1"]) / 2 < x1
                and top <= (c["top"] + c["bottom"]) / 2 < bottom
            ]
        )
        counted = plain(inside)
        text = extract_text(counted, x_tolerance=3, y_tolerance=3) if counted else ""
        if _BROKEN.fullmatch(text) and _filled(counted, x1 - x0):
            text = text.replace("\n", "")
        row.append((x0, x1, content(inside, tidied(text))))
    return row


def _filled(chars: list[Char], width: float) -> bool:
    """Whether every line in a cell except the last is so full that its next digit would not have
    fitted. ``width``: the width of the cell in points.
    """
    lines: dict[int, list[Char]] = {}
    for char in chars:
        lines.setdefault(round(char["top"]), []).append(char)
    for top in sorted(lines)[:-1]:
        line = lines[top]
        used = max(c["x1"] for c in line) - min(c["x0"] for c in line)
        if used + used / len(line) + MARGIN < width:
            return False
    return True


def mark_ends(parts: list[TablePart], printed: list[Printed]) -> None:
    """Set for each part of a table whether it is the first or the last thing on its page.
    ``printed``: the lines of text outside tables.
    """
    for part in parts:
        others = [p.box for p in parts if p.page == part.page and p is not part]
        others += [line.box for line in printed if line.page == part.page]
        part.first = all(b[1] >= part.box[1] for b in others)
        part.last = all(b[3] <= part.box[3] for b in others)


def joined(parts: list[TablePart]) -> list[TableDraft]:
    """Return all tables, each joined with its parts on the following pages. They are named after
    their pages: 第4至5页表2 is the second table that begins on page 4, and it ends on page 5.
    """
    counts: Counter[int] = Counter()
    tables = []
    for group in _groups(parts):
        first, last = group[0].page, group[-1].page
        counts[first] += 1
        span = str(first) if len(group) == 1 else f"{first}至{last}"
        tables.append(_table(group, f"第{span}页表{counts[first]}"))
    return tables


def _groups(parts: list[TablePart]) -> list[list[TablePart]]:
    """Group the parts of the same table: each further part is the first thing on its page and
    follows a part that is the last thing on the page before, with the same left and right edges.
    """
    groups: list[list[TablePart]] = []
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


def _table(group: list[TablePart], name: str) -> TableDraft:
    """Build one table from its parts, on a common set of columns, without the headings that are
    repeated on further pages.
    """
    left, right = group[0].box[0], group[0].box[2]
    edges: list[float] = []
    rows: list[Row] = []
    for part in group:
        scale = (right - left) / max(1.0, part.box[2] - part.box[0])
        scaled = [
            [(left + (a - part.box[0]) * scale, left + (b - part.box[0]) * scale, counted)
             for a, b, counted in row]
            for row in part.rows
        ]  # fmt: skip
        edges = _edges(edges, [x for row in scaled for a, b, _ in row for x in (a, b)])
        rows += scaled[_repeated(rows, scaled) if rows else 0 :]
    draft, budget = TableDraft(name), CellBudget()
    for row in rows:
        draft.start()
        for a, b, counted in row:
            col, end = _at(edges, a), _at(edges, b)
            draft.skip(col - len(draft.rows[-1]), budget)
            draft.cell(counted, wide=end - col, budget=budget)
        draft.skip(len(edges) - 1 - len(draft.rows[-1]), budget)
    return draft


def _repeated(before: Sequence[Row], rows: Sequence[Row]) -> int:
    """Return how many of the ``rows`` at the top of a part repeat the top rows of the table
    (``before``).
    """
    count = 0
    for earlier, later in zip(before, rows, strict=False):
        texts = [counted.text for _, _, counted in earlier]
        if texts != [counted.text for _, _, counted in later] or not any(
            t and not t.isdigit() for t in texts
        ):
            break
        if any(re.fullmatch(r"[0-9.,]+", t) for t in texts):
            break
        count += 1
    return count


def _edges(before: list[float], places: list[float]) -> list[float]:
    """Add the positions in ``places`` to the edges of columns, except those very near to an edge;
    returns all edges from left to right. ``before``: the edges found on earlier pages, which stay.
    """
    edges = list(before)
    # Another page may draw the same edge at a slightly different place.
    near = 2 * NEAR if before else NEAR
    for x in sorted(places):
        if not edges or min(abs(x - e) for e in edges) > near:
            edges.append(x)
    return sorted(edges)


def _at(edges: list[float], x: float) -> int:
    """Return the number of the edge that is nearest to ``x``."""
    return min(range(len(edges)), key=lambda n: abs(edges[n] - x))
