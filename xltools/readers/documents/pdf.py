"""A PDF with text: tables by their lines, joined over pages, and paragraphs put together again."""

import io
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

from xltools.model.errors import ReadError
from xltools.model.limits import limits, over
from xltools.readers.book import Book, Line
from xltools.readers.documents.entered import entered
from xltools.readers.documents.glyphs import Char, looked_at
from xltools.readers.documents.printed import (
    Printed,
    lines_of,
    paragraphs,
    running,
    unseen_of,
)
from xltools.readers.documents.ruled import Part, joined, mark_ends, parts_of
from xltools.readers.documents.tables import book
from xltools.readers.documents.turned import level, upright
from xltools.readers.documents.unmapped import Legible
from xltools.readers.guard import guarded

if TYPE_CHECKING:
    from pdfplumber.page import Page

Result = TypeVar("Result")

CHARS: Final = 50_000  # on one page; a full page of small print has 5,000
COVER: Final = 0.8  # of a page, by one image: that page is a scan


def read(data: bytes, passwords: Sequence[str] = ()) -> Book:
    """Read a PDF. Raises ReadError: F-02 damaged, F-03 locked, F-05 too many pages, F-12 a scan,
    F-18 text that nobody can read.
    """
    import logging

    logging.getLogger("pdfminer").setLevel(logging.CRITICAL)  # it tells of every odd font
    pages = _guard(lambda: _pages(data, passwords))
    parts, printed, scans, letters = list[Part](), list[Printed](), 0, 0
    unseen, legible = list[Line](), Legible()
    for number, page in enumerate(pages, 1):
        own, lines, struck, scanned = _guard(partial(_page, page, number))
        legible.add(page.chars)
        page.close()
        parts += own
        printed += lines
        unseen += struck
        scans += scanned
        letters += 0 if scanned else sum(len(line.text) for line in lines) + 10 * len(own)
    if not letters:
        raise ReadError("F-12", str(len(pages)))
    legible.judge()
    printed = running(printed, len(pages))
    mark_ends(parts, printed)
    tables = joined(parts)
    loose = [] if tables else [line.words for line in printed]
    return book(tables, [*paragraphs(printed), *unseen], loose)


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


def _page(page: "Page", number: int) -> tuple[list[Part], list[Printed], list[Line], bool]:
    """The tables and lines of a page, what is struck out beside them, and whether it is a picture
    of a page.
    """
    if len(page.chars) > CHARS:
        raise ReadError("F-05", f"第 {number} 页有 {len(page.chars)} 个字符，上限 {CHARS}")
    page = upright(page)
    page = guarded(partial(entered, page)) or page  # a damaged remark does no harm to the page
    # Bold type made by printing twice would give every digit twice.
    page = level(page.dedupe_chars(tolerance=1))
    drawn = len(page.lines) + len(page.rects) + len(page.curves)
    whole = float(page.width) * float(page.height)
    covered = any(
        (i["x1"] - i["x0"]) * (i["bottom"] - i["top"]) >= COVER * whole for i in page.images
    )
    if covered and drawn < 4:
        return [], [], [], True
    chars = looked_at(page, page.chars)
    parts, closed = parts_of(page, chars, number)

    def outside(char: Char) -> bool:
        x, y = (char["x0"] + char["x1"]) / 2, (char["top"] + char["bottom"]) / 2
        return not any(a <= x <= c and b <= y <= d for a, b, c, d in closed)

    loose = [c for c in chars if outside(c)]
    blank = not chars and bool(page.images)
    return parts, lines_of(loose, number), unseen_of(loose, number), blank
