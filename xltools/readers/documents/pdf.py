"""A PDF with text: tables by their lines, joined over pages, and paragraphs put together again."""

import io
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

from xltools.model.errors import ReadError, guarded
from xltools.model.limits import limits, over
from xltools.readers.book import Book, TextLine
from xltools.readers.documents.entered import entered
from xltools.readers.documents.glyphs import Char, level, looked_at, upright
from xltools.readers.documents.printed import (
    Printed,
    lines_of,
    paragraphs,
    running,
    unseen_of,
)
from xltools.readers.documents.ruled import TablePart, joined, mark_ends, parts_of
from xltools.readers.documents.tables import book

if TYPE_CHECKING:
    from pdfplumber.page import Page

# What pdfminer gives of a glyph that no table maps; and characters that mean nothing.
_NONE: Final = re.compile("\\(cid:[0-9]+\\)|[\x00-\x08\x0e-\x1f\ufffd\ue000-\uf8ff]")
_HAN: Final = re.compile("[\u3400-\u9fff\uf900-\ufaff]")
_SHARE: Final = (
    0.2  # of the characters: a report has more figures than that, and they are the point
)
_LEAST: Final = 100  # characters, to judge them by their kind
_LETTERS: Final = 0.6  # of them, at least, in text that is in another language


@dataclass(slots=True)
class Legible:
    """Counts the characters of a PDF by whether they are text."""

    shown: int = 0
    unmapped: int = 0
    han: int = 0
    letters: int = 0
    figures: int = 0

    def add(self, chars: Iterable[Char]) -> None:
        """Take the characters of a page."""
        for char in chars:
            text = char["text"]
            if not text.strip():
                continue
            self.shown += 1
            self.unmapped += _NONE.search(text) is not None
            self.han += _HAN.search(text) is not None
            self.letters += text.isascii() and text.isalpha()
            self.figures += text.isdigit()

    def judge(self) -> None:
        """Raise ReadError F-18 where so much is no text that the rest says nothing for certain."""
        if self.unmapped > _SHARE * self.shown:
            raise ReadError("F-18", f"{self.shown} 个字符中有 {self.unmapped} 个")
        # A font that maps its glyphs to letters of its own choice: of a Chinese page no character
        # is Chinese, and what there is is no words either.
        words = self.shown - self.figures
        if words >= _LEAST and not self.han and self.letters < _LETTERS * words:
            raise ReadError("F-18", f"{self.shown} 个字符中没有一个汉字")


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
    parts, printed, scans, letters = list[TablePart](), list[Printed](), 0, 0
    unseen, legible = list[TextLine](), Legible()
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


def _page(page: "Page", number: int) -> tuple[list[TablePart], list[Printed], list[TextLine], bool]:
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
