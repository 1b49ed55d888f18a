"""A PDF with text: tables by their lines, joined over pages, and paragraphs put together again."""

import io
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

from xltools.errors import ReadError
from xltools.limits import limits, over
from xltools.readers.book import Book, Line
from xltools.readers.documents.tables import Budget, Table, book, clean
from xltools.readers.guard import guarded

if TYPE_CHECKING:
    from pdfplumber.page import Page

Result = TypeVar("Result")
Box = tuple[float, float, float, float]  # left, top, right, bottom, in points from the top left

CHARS: Final = 50_000  # on one page; a full page of small print has 5,000
NEAR: Final = 3.0  # lines that are this near are one
SHIFT: Final = 15.0  # how much a table may be moved on its next page
COVER: Final = 0.8  # of a page, by one image: that page is a scan
MARGIN: Final = 11.0  # beside the text of a cell, as Word has it
_BROKEN: Final = re.compile(r"[0-9]+(?:\n[0-9.]+)+")  # a figure on several lines
_NUMBERED: Final = re.compile(r"[-—–―－ ]*(?:第 ?)?[0-9]{1,4}(?: ?[/页共] ?.{0,8})?[-—–―－ ]*")
# A line that begins so begins a paragraph, however full the line before it.
_HEAD: Final = re.compile(
    r"[一二三四五六七八九十]{1,3}、|[（(](?:[一二三四五六七八九十]{1,3}|[0-9]{1,2})[)）]|"
    r"(?:19|20)[0-9]{2}年[0-9]{1,2}月[0-9]{1,2}日$"
)
_HAN: Final = "\u3000-\u303f\u4e00-\u9fff\uff00-\uffef"
_SPACE: Final = re.compile(rf"(?<=[{_HAN}]) +(?=\S)|(?<=\S) +(?=[{_HAN}])")


@dataclass(slots=True)
class _Part:
    """A table as far as one page goes: rows of (left, right, text), from top to bottom."""

    page: int
    box: Box
    rows: list[list[tuple[float, float, str]]]
    first: bool = False  # nothing stands above it on the page
    last: bool = False  # nothing stands below


@dataclass(slots=True)
class _Printed:
    """A line of text on a page."""

    page: int
    text: str
    box: Box
    size: float
    words: list[str] = field(default_factory=list)


def read(data: bytes, passwords: Sequence[str] = ()) -> Book:
    """Read a PDF. Raises ReadError: F-02 damaged, F-03 locked, F-05 too many pages, F-12 a scan."""
    import logging

    logging.getLogger("pdfminer").setLevel(logging.CRITICAL)  # it tells of every odd font
    pages = _guard(lambda: _pages(data, passwords))
    parts, printed, scans, letters = list[_Part](), list[_Printed](), 0, 0
    for number, page in enumerate(pages, 1):
        own, lines, scanned = _guard(partial(_page, page, number))
        page.close()
        parts += own
        printed += lines
        scans += scanned
        letters += 0 if scanned else sum(len(line.text) for line in lines) + 10 * len(own)
    if not letters:
        raise ReadError("F-12", str(len(pages)))
    printed = _running(printed, len(pages))
    _ends(parts, printed)
    tables = [_table(group) for group in _joined(parts)]
    _name(tables)
    loose = [] if tables else [line.words for line in printed]
    return book([t for _, t in tables], _paragraphs(printed), loose)


def _guard(read_: Callable[[], Result]) -> Result:
    found = guarded(read_)
    if found is None:
        raise ReadError("F-02", "PDF 内容已损坏")
    return found


def _pages(data: bytes, passwords: Sequence[str]) -> "list[Page]":
    """The pages, opened with the first password that fits."""
    import pdfplumber
    from pdfminer.pdfdocument import PDFPasswordIncorrect
    from pdfplumber.utils.exceptions import PdfminerException

    most = limits().pages
    for password in ("", *passwords):
        try:
            pdf = pdfplumber.open(
                io.BytesIO(data),
                password=password,
                pages=list(range(1, most + 2)),
                unicode_norm="NFC",
            )
            pages = pdf.pages
        except (PDFPasswordIncorrect, PdfminerException) as error:
            inner = error.args[0] if error.args else None
            if isinstance(error, PDFPasswordIncorrect) or isinstance(inner, PDFPasswordIncorrect):
                continue
            raise
        if len(pages) > most:
            raise over("pages", f"PDF 超过 {most} 页")
        if not pages:
            raise ReadError("F-02", "PDF 中没有页面")
        return pages
    raise ReadError("F-03")


def _page(page: "Page", number: int) -> tuple[list[_Part], list[_Printed], bool]:
    """The tables and lines of a page, and whether it is a picture of one."""
    if len(page.chars) > CHARS:
        raise ReadError("F-05", f"第 {number} 页有 {len(page.chars)} 个字符，上限 {CHARS}")
    # Bold type made by printing twice would give every digit twice.
    page = page.dedupe_chars(tolerance=1)
    drawn = len(page.lines) + len(page.rects) + len(page.curves)
    whole = float(page.width) * float(page.height)
    covered = any(
        (i["x1"] - i["x0"]) * (i["bottom"] - i["top"]) >= COVER * whole for i in page.images
    )
    if covered and drawn < 4:
        return [], [], True
    parts = []
    for table in page.find_tables({"snap_tolerance": NEAR, "join_tolerance": NEAR}):
        part = _Part(page=number, box=table.bbox, rows=_rows(page.chars, table.cells))
        if max(map(len, part.rows)) > 1:  # else a shade behind text, or a frame around it
            parts.append(part)
    boxes = [p.box for p in parts]

    def outside(thing: dict[str, Any]) -> bool:
        x, y = (thing["x0"] + thing["x1"]) / 2, (thing["top"] + thing["bottom"]) / 2
        return not any(a <= x <= c and b <= y <= d for a, b, c, d in boxes)

    chars = [c for c in page.chars if outside(c)]
    return parts, _lines(chars, number), not page.chars and bool(page.images)


def _lines(chars: list[dict[str, Any]], number: int) -> list[_Printed]:
    from pdfplumber.utils.text import extract_words

    groups: list[list[dict[str, Any]]] = []
    words = extract_words(chars, x_tolerance=3, y_tolerance=3)
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
        own = [str(w["text"]) for w in group]
        text = _SPACE.sub("", clean(" ".join(own)))
        if text:
            size = max(w["bottom"] - w["top"] for w in group)
            lines.append(_Printed(number, text, box, size, own))
    return lines


def _rows(chars: list[dict[str, Any]], cells: list[Box]) -> list[list[tuple[float, float, str]]]:
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


def _running(printed: list[_Printed], pages: int) -> list[_Printed]:
    """The lines without page numbers, and without what is repeated at the edges of pages."""
    ends: dict[int, tuple[float, float]] = {}
    for line in printed:
        low, high = ends.get(line.page, (line.box[1], line.box[1]))
        ends[line.page] = min(low, line.box[1]), max(high, line.box[1])
    edge = [line for line in printed if line.box[1] in ends[line.page]]
    often = Counter(line.text for line in edge)
    gone = {
        id(line)
        for line in edge
        if (_NUMBERED.fullmatch(line.text) and line.box[1] == ends[line.page][1])
        or (pages > 1 and often[line.text] > max(1, pages // 2))
    }
    return [line for line in printed if id(line) not in gone]


def _ends(parts: list[_Part], printed: list[_Printed]) -> None:
    """Mark the tables that a page begins or ends with."""
    for part in parts:
        others = [p.box for p in parts if p.page == part.page and p is not part]
        others += [line.box for line in printed if line.page == part.page]
        part.first = all(b[1] >= part.box[1] for b in others)
        part.last = all(b[3] <= part.box[3] for b in others)


def _joined(parts: list[_Part]) -> list[list[_Part]]:
    """Tables with what follows of them on later pages."""
    groups: list[list[_Part]] = []
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


def _table(group: list[_Part]) -> tuple[list[int], Table]:
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
    made, budget = Table(""), Budget()
    for row in rows:
        made.start()
        for a, b, text in row:
            col, end = _at(edges, a), _at(edges, b)
            made.skip(col - len(made.rows[-1]), budget)
            made.cell(_SPACE.sub("", clean(text)), wide=end - col, budget=budget)
        made.skip(len(edges) - 1 - len(made.rows[-1]), budget)
    return [p.page for p in group], made


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


def _name(tables: list[tuple[list[int], Table]]) -> None:
    """Name tables after their pages: 第3页表1, 第4至5页表2."""
    counts: Counter[int] = Counter()
    for pages, table in tables:
        counts[pages[0]] += 1
        span = str(pages[0]) if len(pages) == 1 else f"{pages[0]}至{pages[-1]}"
        table.name = f"第{span}页表{counts[pages[0]]}"


def _paragraphs(printed: list[_Printed]) -> list[Line]:
    """Lines of print put together to paragraphs: one begins where a line is indented, or where
    the line before ends early.
    """
    if not printed:
        return []
    sizes = sorted(line.size for line in printed)
    size = sizes[len(sizes) // 2]
    left = min(line.box[0] for line in printed)
    right = max(line.box[2] for line in printed)
    lines: list[Line] = []
    before: _Printed | None = None
    for line in printed:
        full = before is not None and before.box[2] >= right - 2.5 * size
        flush = line.box[0] <= left + 0.8 * size
        alike = before is not None and abs(before.size - line.size) < 0.25 * size
        if full and flush and alike and lines and not _HEAD.match(line.text):
            lines[-1] = Line(text=lines[-1].text + line.text, place=lines[-1].place)
        else:
            lines.append(Line(text=line.text, place=f"第{line.page}页"))
        before = line
    return lines
