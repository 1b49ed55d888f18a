"""Read a PDF that contains text: tables by their lines, joined across pages; paragraphs reassembled
from lines; and what was typed into form fields or over the pages, as if it were printed there.

The value of a form field is in its dictionary, or in that of the field that contains it (ISO
32000-1, 12.7.3). Text typed over a page (FreeText, 12.5.6.6) has an appearance of its own, which is
drawn onto the page. What is hidden is ignored.
"""

import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

from xltools.model.errors import ReadError, guarded
from xltools.model.limits import limits, over
from xltools.model.wording import Phrase
from xltools.readers.book import Book, TextLine
from xltools.readers.documents.glyphs import Char, level, looked_at, upright
from xltools.readers.documents.printed import (
    Printed,
    TablePart,
    joined,
    lines_of,
    mark_ends,
    paragraphs,
    parts_of,
    running,
    unseen_of,
)
from xltools.readers.documents.tables import book
from xltools.readers.passwords import fits

if TYPE_CHECKING:
    from pdfplumber.page import Page

# What pdfminer returns for a glyph without a character, and characters without a meaning.
_NONE: Final = re.compile("\\(cid:[0-9]+\\)|[\x00-\x08\x0e-\x1f\ufffd\ue000-\uf8ff]")
_HAN: Final = re.compile("[\u3400-\u9fff\uf900-\ufaff]")
_SHARE: Final = 0.2  # share of unreadable characters at most; more of a report than this is figures
_LEAST: Final = 100  # with fewer characters, their kinds prove nothing
_LETTERS: Final = 0.6  # a text with at least this share of Latin letters is in another language


@dataclass(slots=True)
class Legible:
    """Counts the characters of a PDF to find out whether its text can be read: ``shown`` (all
    except blanks), ``unmapped`` (without a meaning), ``han``, ``letters`` (Latin) and ``figures``.
    """

    shown: int = 0
    unmapped: int = 0
    han: int = 0
    letters: int = 0
    figures: int = 0

    def add(self, chars: Iterable[Char]) -> None:
        """Count the characters of a page."""
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
        """Raise ReadError F-18 if so many characters cannot be read that the others are
        uncertain.
        """
        if self.unmapped > _SHARE * self.shown:
            raise ReadError("F-18", Phrase.PDF_UNMAPPED(self.shown, self.unmapped))
        # A font may map its glyphs to arbitrary letters: then no character of a Chinese page is
        # Chinese, and few are letters of words.
        words = self.shown - self.figures
        if words >= _LEAST and not self.han and self.letters < _LETTERS * words:
            raise ReadError("F-18", Phrase.PDF_NO_CHINESE(self.shown))


Result = TypeVar("Result")

CHARS: Final = 50_000  # at most, on one page; a full page of small print has 5,000
COVER: Final = 0.8  # the share of a page that one image covers on a scan


def read(data: bytes, passwords: Sequence[str] = ()) -> Book:
    """Read a PDF. Raises ReadError: F-02 if it is damaged, F-03 if it is locked, F-05 for too many
    pages or characters, F-12 for a scan, F-18 for text that cannot be read.
    """
    import logging

    logging.getLogger("pdfminer").setLevel(logging.CRITICAL)  # otherwise it logs every odd font
    pages = _guard(lambda: _pages(data, passwords))
    parts, printed, scans, letters = list[TablePart](), list[Printed](), 0, 0
    unseen, legible = list[TextLine](), Legible()
    for number, page in enumerate(pages, 1):
        tables_here, lines, struck, scanned = _guard(partial(_page, page, number))
        legible.add(page.chars)
        page.close()
        parts += tables_here
        printed += lines
        unseen += struck
        scans += scanned
        letters += 0 if scanned else sum(len(line.text) for line in lines) + 10 * len(tables_here)
    if not letters:
        raise ReadError("F-12", str(len(pages)))
    legible.judge()
    printed = running(printed, len(pages))
    mark_ends(parts, printed)
    tables = joined(parts)
    loose = [] if tables else [line.words for line in printed]
    return book(tables, [*paragraphs(printed), *unseen], loose)


def _guard(read_: Callable[[], Result]) -> Result:
    """Return what ``read_`` returns. Raises ReadError F-02 if it fails."""
    result = guarded(read_)
    if result is None:
        raise ReadError("F-02", Phrase.PDF_DAMAGED)
    return result


def _pages(data: bytes, passwords: Sequence[str]) -> "list[Page]":
    """Open a PDF with the first of the passwords that fits, and return its pages. Raises ReadError:
    F-02 if it has none, F-03 if no password fits, F-05 for too many pages.
    """
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
            raise over("pages", Phrase.PDF_PAGES(most))
        if not pages:
            raise ReadError("F-02", Phrase.PDF_NO_PAGES)
        if password:
            fits()
        return pages
    raise ReadError("F-03")


def _page(page: "Page", number: int) -> tuple[list[TablePart], list[Printed], list[TextLine], bool]:
    """Read a page: returns its tables, the lines of text outside them, the text outside them that
    is not visible, and whether the page is a scan. ``number``: its number, from 1. Raises ReadError
    F-05 for too many characters.
    """
    if len(page.chars) > CHARS:
        raise ReadError("F-05", Phrase.PDF_CHARACTERS(number, len(page.chars), CHARS))
    page = upright(page)
    page = guarded(partial(entered, page)) or page  # a damaged annotation must not spoil the page
    # Bold type that is printed twice would give every digit twice.
    page = level(page.dedupe_chars(tolerance=1))
    drawn = len(page.lines) + len(page.rects) + len(page.curves)
    area = float(page.width) * float(page.height)
    covered = any(
        (i["x1"] - i["x0"]) * (i["bottom"] - i["top"]) >= COVER * area for i in page.images
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


Annot = dict[str, Any]

_HIDDEN: Final = 0b100010  # flags of an annotation: hidden, or not for the screen
_SIZE: Final = 9.0  # points
_LEADING: Final = 1.2
_OUTER: Final = 10  # how many fields around a field are searched


def entered(page: "Page") -> "Page":
    """Return the page with what was typed into its form fields and over it added to its
    characters.
    """
    annots = [a for a in guarded(lambda: page.annots) or () if _is_seen(a["data"])]
    drawn, placed = list[Annot](), list[tuple[Annot, str]]()
    for annot in annots:
        text = _value(annot["data"]) if _name(annot["data"], "Subtype") == "Widget" else ""
        if not text and _appearance(annot["data"]) is not None:
            drawn.append(annot["data"])
        elif text or annot.get("contents"):
            placed.append((annot, text or str(annot["contents"])))
    if drawn:
        page = _with_appearances(page, drawn)
    chars = [char for annot, text in _one_each_place(placed) for char in _chars(annot, text, page)]
    if chars:
        page.objects["char"] = [*page.chars, *chars]
    return page


def _one_each_place(placed: list[tuple[Annot, str]]) -> list[tuple[Annot, str]]:
    """Combine annotations in the same place into one, with each text on a line of its own, so that
    their digits do not join to one figure. Takes and returns annotations with their texts.
    """
    kept: list[tuple[Annot, str]] = []
    rows: dict[int, list[int]] = {}  # positions in ``kept``, by the annotation's height on the page
    for annot, text in placed:
        row = int((annot["top"] + annot["bottom"]) / 2 // _SIZE)
        near = [n for r in (row - 1, row, row + 1) for n in rows.get(r, ())]
        same = next((n for n in near if _overlap(annot, kept[n][0])), None)
        if same is None:
            rows.setdefault(row, []).append(len(kept))
            kept.append((annot, text))
        elif text not in kept[same][1].split("\n"):
            kept[same] = kept[same][0], f"{kept[same][1]}\n{text}"
    return kept


def _overlap(annot: Annot, beside: Annot) -> bool:
    """Whether two annotations cover each other by more than half of the smaller one."""
    wide = min(annot["x1"], beside["x1"]) - max(annot["x0"], beside["x0"])
    high = min(annot["bottom"], beside["bottom"]) - max(annot["top"], beside["top"])
    sizes = [(a["x1"] - a["x0"]) * (a["bottom"] - a["top"]) for a in (annot, beside)]
    return bool(wide > 0 < high and 2 * wide * high > min(sizes))


def _is_seen(annot: Annot) -> bool:
    """Whether an annotation is visible and of a kind that text is typed into."""
    kind = _name(annot, "Subtype")
    if kind == "Widget":
        typed = _name({"": _field(annot, "FT")}, "") in ("Tx", "Ch")
    else:
        typed = kind == "FreeText"
    flags = annot.get("F")
    return typed and not (isinstance(flags, int) and flags & _HIDDEN)


def _field(annot: Annot, key: str) -> Any:
    """Return the value of a key in a form field, or in the nearest field around it that has the
    key; None if there is none.
    """
    from pdfplumber.utils.pdfinternals import resolve

    outer: Any = annot
    for _ in range(_OUTER):
        if not isinstance(outer, dict):
            break
        if key in outer:
            return resolve(outer[key])
        outer = resolve(outer.get("Parent"))
    return None


def _value(annot: Annot) -> str:
    """Return the content of a form field; for a list of choices, the text displayed for the chosen
    ones.
    """
    value = _field(annot, "V")
    shown = {_text(o[0]): _text(o[1]) for o in _field(annot, "Opt") or () if _is_pair(o)}
    parts = value if isinstance(value, list) else [value]
    return "\n".join(filter(None, (shown.get(text, text) for text in map(_text, parts))))


def _is_pair(option: object) -> bool:
    """Whether a choice of a list has a displayed text besides its value."""
    return isinstance(option, list) and len(option) == 2


def _text(value: object) -> str:
    """Decode a text in a PDF: UTF-16 or UTF-8 according to its byte order mark, else
    PDFDocEncoding.
    """
    from pdfminer.pdftypes import PDFStream
    from pdfminer.utils import decode_text

    if isinstance(value, PDFStream):
        value = value.get_data()
    if isinstance(value, bytes):
        if value.startswith(b"\xef\xbb\xbf"):
            value = value[3:].decode("utf-8", "replace")
        elif value.startswith(b"\xff\xfe"):
            value = value[2:].decode("utf-16-le", "replace")
        else:
            value = decode_text(value)
    elif not isinstance(value, str):
        value = getattr(value, "name", "")
    return str(value).replace("\r\n", "\n").replace("\r", "\n").strip()


def _name(holder: Annot, key: str) -> str:
    """Return the name that a dictionary has under a key; empty if there is none."""
    return str(getattr(holder.get(key), "name", ""))


def _appearance(annot: Annot) -> Any:
    """Return the stream that draws an annotation; None if it has none."""
    from pdfminer.pdftypes import PDFStream

    appearances = annot.get("AP")
    normal = appearances.get("N") if isinstance(appearances, dict) else None
    return normal if isinstance(normal, PDFStream) and normal.get("BBox") else None


def _with_appearances(page: "Page", annots: list[Annot]) -> "Page":
    """Read the page again with the appearances of annotations drawn on it (12.5.5,
    algorithm 8.1).
    """
    from pdfminer.pdftypes import PDFStream
    from pdfplumber.page import Page

    page_object = copy(page.page_obj)
    streams = {f"XltoolsEntered{n}": (_appearance(a), a["Rect"]) for n, a in enumerate(annots)}
    drawing = "".join(
        f" Q q {' '.join(f'{x:f}' for x in _matrix(form, rect))} cm /{name} Do"
        for name, (form, rect) in streams.items()
    )
    forms = dict(_dictionary(page_object.resources.get("XObject")))
    forms |= {name: form for name, (form, _) in streams.items()}
    page_object.resources = {**page_object.resources, "XObject": forms}
    # The graphics state that the page leaves behind must not apply to what is drawn over it.
    first, last = PDFStream({}, b"q "), PDFStream({}, f"{drawing} Q ".encode("ascii"))
    for number, stream in enumerate((first, last), 1):
        stream.set_objid(-number, 0)  # pdfminer ignores a stream without a number
    page_object.contents = [first, *page_object.contents, last]
    return Page(page.pdf, page_object, page.page_number, page.initial_doctop)


def _dictionary(value: Any) -> dict[Any, Any]:
    """Return a dictionary to which a PDF may refer indirectly; empty if it is none."""
    from pdfplumber.utils.pdfinternals import resolve

    resolved = resolve(value)
    return resolved if isinstance(resolved, dict) else {}


def _matrix(form: Any, rect: list[float]) -> tuple[float, ...]:
    """Return the matrix that maps the box of an appearance to the rectangle of its annotation, as
    six numbers (ISO 32000-1, 8.3.3).
    """
    from pdfminer.utils import MATRIX_IDENTITY, apply_matrix_pt

    x0, y0, x1, y1 = map(float, form["BBox"])
    matrix = tuple(form.get("Matrix") or MATRIX_IDENTITY)
    corners = [apply_matrix_pt(matrix, point) for point in ((x0, y0), (x0, y1), (x1, y0), (x1, y1))]
    (left, right), (low, high) = ((min(a), max(a)) for a in zip(*corners, strict=True))
    across = (rect[2] - rect[0]) / (right - left) if right > left else 1.0
    up = (rect[3] - rect[1]) / (high - low) if high > low else 1.0
    return across, 0.0, 0.0, up, rect[0] - left * across, rect[1] - low * up


def _chars(annot: Annot, text: str, page: "Page") -> Iterator[dict[str, Any]]:
    """Yield the characters of a text as pdfplumber represents them, in lines around the middle of
    the annotation. No character is placed beyond its sides, because the middle of a character
    decides which cell it belongs to.
    """
    lines = [line for line in text.split("\n") if line.strip()]
    wide, high = annot["x1"] - annot["x0"], annot["bottom"] - annot["top"]
    size = min(_SIZE, high / (_LEADING * len(lines)) if lines else _SIZE)
    top = (annot["top"] + annot["bottom"] - _LEADING * size * len(lines)) / 2
    for line in lines:
        widths = [size / 2 if char.isascii() else size for char in line]
        squeezed = min(1.0, wide / sum(widths))
        x = (annot["x0"] + annot["x1"] - sum(widths) * squeezed) / 2
        for char, width in zip(line, widths, strict=True):
            right, bottom = x + width * squeezed, top + size
            yield {
                "object_type": "char", "text": char, "fontname": "", "size": size,
                "x0": x, "x1": right, "top": top, "bottom": bottom,
                "y0": page.height - bottom, "y1": page.height - top,
                "width": right - x, "height": size, "doctop": page.initial_doctop + top,
                "upright": True, "matrix": (1, 0, 0, 1, x, page.height - bottom),
                "non_stroking_color": (0,), "stroking_color": (0,), "ncs": "DeviceGray",
                "page_number": page.page_number,
            }  # fmt: skip
            x = right
        top += _LEADING * size
