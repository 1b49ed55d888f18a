"""Pages of a PDF that are turned, or whose figures were typed into fields or over them."""

from __future__ import annotations

import ctypes
import io
import math
from collections.abc import Callable
from dataclasses import replace

import pdfplumber
import pypdfium2
import pypdfium2.raw as pdfium
import pytest

from support import written
from support.documents import balanced, codes, wrong
from support.filled import FORM
from support.matching import MATCHER
from support.written import Convert
from xltools.model.returns import Return
from xltools.readers.documents.pdf import entered
from xltools.readers.workbook import book_of

Rect = tuple[float, float, float, float]
REPORT = balanced(3)
BLANK = replace(REPORT, figures=[None] * len(REPORT.figures))


@pytest.fixture(scope="module")
def printed(convert: Convert) -> dict[str, bytes]:
    """The same report, filled in and not."""
    return convert({"full": written.word(REPORT), "blank": written.word(BLANK)}, "pdf")


def read(data: bytes) -> Return:
    return MATCHER.match(book_of(data))


def is_whole(data: bytes) -> None:
    ret = read(data)
    assert wrong(ret, REPORT.figures) == []
    assert [f for f in ret.findings if f.open] == []
    assert (ret.unit, ret.year) == ("宿迁市人民政府", 2023)
    assert dict(ret.texts) == REPORT.texts


def changed(data: bytes, change: Callable[[pypdfium2.PdfPage, int], None]) -> bytes:
    """A PDF with each page changed, given its number."""
    out = io.BytesIO()
    made = pypdfium2.PdfDocument(data)
    for number in range(len(made)):
        page = made[number]
        change(page, number)
        page.close()
    made.save(out)
    return out.getvalue()


def drawn_turned(page: pypdfium2.PdfPage, degrees: int) -> None:
    """Turn what is drawn on a page, by numbers that are not quite whole, and the page with it."""
    wide, high = page.get_size()
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    corners = [(cos * x - sin * y, sin * x + cos * y) for x in (0, wide) for y in (0, high)]
    left, low = min(x for x, _ in corners), min(y for _, y in corners)
    matrix = pdfium.FS_MATRIX(cos, sin, -sin, cos, -left, -low)
    assert pdfium.FPDFPage_TransFormWithClip(page, matrix, None)
    size = max(x for x, _ in corners) - left, max(y for _, y in corners) - low
    page.set_mediabox(0, 0, *size)


@pytest.mark.parametrize("degrees", [90, 180, 270])
@pytest.mark.parametrize("how", ["said", "drawn", "one page"])
def test_turned_pages(how: str, degrees: int, printed: dict[str, bytes]) -> None:
    def turn(page: pypdfium2.PdfPage, number: int) -> None:
        if how == "said":
            page.set_rotation(degrees)
        elif how == "drawn" or number == 1:
            drawn_turned(page, degrees)

    is_whole(changed(printed["full"], turn))


def test_a_page_turned_twice_is_upright(printed: dict[str, bytes]) -> None:
    def turn(page: pypdfium2.PdfPage, number: int) -> None:
        drawn_turned(page, 90)
        page.set_rotation(90)

    is_whole(changed(printed["full"], turn))


def inside(page: pdfplumber.page.Page, cell: Rect) -> str:
    """What stands within a cell."""
    x0, top, x1, bottom = cell
    return "".join(
        c["text"]
        for c in page.chars
        if x0 < (c["x0"] + c["x1"]) / 2 < x1 and top < (c["top"] + c["bottom"]) / 2 < bottom
    ).strip()


def entries(printed: dict[str, bytes]) -> dict[int, list[tuple[Rect, str]]]:
    """By page, the blank cells of a report and what stands in them where it is filled in; from
    the lower left corner of the page."""
    found: dict[int, list[tuple[Rect, str]]] = {}
    full, blank = (pdfplumber.open(io.BytesIO(printed[name])) for name in ("full", "blank"))
    for number, (one, other) in enumerate(zip(full.pages, blank.pages, strict=True)):
        high = float(one.height)
        for cell in (cell for table in other.find_tables() for cell in table.cells):
            text = inside(one, cell)
            if text and not inside(other, cell):
                x0, top, x1, bottom = cell
                rect = (x0 + 2, high - bottom + 2, x1 - 2, high - top - 2)
                found.setdefault(number, []).append((rect, text))
    return found


def typed_over(data: bytes, found: dict[int, list[tuple[Rect, str]]], flags: int = 4) -> bytes:
    """A PDF with texts typed over its pages."""

    def add(page: pypdfium2.PdfPage, number: int) -> None:
        for (left, low, right, high), text in found.get(number, ()):
            annot = pdfium.FPDFPage_CreateAnnot(page, pdfium.FPDF_ANNOT_FREETEXT)
            pdfium.FPDFAnnot_SetRect(annot, pdfium.FS_RECTF(left, high, right, low))
            pdfium.FPDFAnnot_SetFlags(annot, flags)
            for key, value in (("Contents", text), ("Subj", "Tx")):
                wide = (value + "\0").encode("utf-16-le")
                words = ctypes.cast(ctypes.c_char_p(wide), ctypes.POINTER(ctypes.c_ushort))
                assert pdfium.FPDFAnnot_SetStringValue(annot, key.encode(), words)
            pdfium.FPDFPage_CloseAnnot(annot)

    return changed(data, add)


def as_fields(data: bytes) -> bytes:
    """The same with fields of a form in their place; nothing in the file changes its length."""
    for old, new in (
        (b"/Subtype/FreeText", b"/Subtype/Widget  "),
        (b"/Contents(", b"/V       ("),
        (b"/Subj(Tx)", b"/FT/Tx   "),
    ):
        assert old in data
        data = data.replace(old, new)
    return data


@pytest.mark.parametrize("how", ["over", "fields"])
def test_two_fields_on_one_place(how: str, printed: dict[str, bytes]) -> None:
    """Two figures are neither joined nor mixed; the same one twice is one."""
    found = entries(printed)
    page, places = next(iter(found.items()))
    rect, text = next(p for p in places if p[1].isdigit() and len(p[1]) > 2)
    item = next(i for i, n in enumerate(REPORT.figures) if n is not None and str(n) == text)
    for more, whole in (("3", False), (text, True)):
        data = typed_over(printed["blank"], {**found, page: [*places, (rect, more)]})
        ret = read(as_fields(data) if how == "fields" else data)
        assert (wrong(ret, REPORT.figures) == []) == whole, more
        assert whole or FORM.items[item].name in {n for f in ret.findings for n in f.items}


def test_a_slanted_watermark_is_no_text(printed: dict[str, bytes]) -> None:
    def stamped(page: pypdfium2.PdfPage, _: int) -> None:
        font = pdfium.FPDFText_LoadStandardFont(page.pdf.raw, b"Helvetica")
        for row in range(4):
            mark = pdfium.FPDFPageObj_CreateTextObj(page.pdf.raw, font, 40)
            wide = ("SAMPLE 2024" + "\0").encode("utf-16-le")
            words = ctypes.cast(ctypes.c_char_p(wide), ctypes.POINTER(ctypes.c_ushort))
            assert pdfium.FPDFText_SetText(mark, words)
            turn = math.cos(math.radians(45)), math.sin(math.radians(45))
            pdfium.FPDFPageObj_Transform(
                mark, turn[0], turn[1], -turn[1], turn[0], 90, 60 + 160 * row
            )
            pdfium.FPDFPage_InsertObject(page.raw, mark)
        pdfium.FPDFPage_GenerateContent(page.raw)

    is_whole(changed(printed["full"], stamped))


@pytest.mark.parametrize("how", ["over", "fields"])
def test_typed_into_a_pdf(how: str, printed: dict[str, bytes]) -> None:
    found = entries(printed)
    assert sum(map(len, found.values())) == len(FORM.items)
    data = typed_over(printed["blank"], found)
    is_whole(as_fields(data) if how == "fields" else data)


def test_typed_into_a_pdf_that_is_turned(printed: dict[str, bytes]) -> None:
    def turn(page: pypdfium2.PdfPage, number: int) -> None:
        page.set_rotation(90)

    is_whole(changed(typed_over(printed["blank"], entries(printed)), turn))


def test_what_is_hidden_over_a_page_is_not_read(printed: dict[str, bytes]) -> None:
    ret = read(typed_over(printed["blank"], entries(printed), flags=2))
    assert not any(ret.numbers)


def test_fields_without_content_are_blank(printed: dict[str, bytes]) -> None:
    found = {n: [(rect, " ") for rect, _ in cells] for n, cells in entries(printed).items()}
    ret = read(as_fields(typed_over(printed["blank"], found)))
    assert not any(ret.numbers)
    assert not codes(ret.findings) - {"M-03"}


def page_with(annot: str, *objects: str, more: str = "") -> pdfplumber.page.Page:
    """A blank page with one annotation; further objects are numbered from 5 on."""
    every = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 400] /Annots [4 0 R] {more} >>",
        f"<< /Type /Annot /Rect [100 100 160 120] {annot} >>",
        *objects,
    ]
    out = "%PDF-1.4\n"
    for n, body in enumerate(every, 1):
        out += f"{n} 0 obj\n{body}\nendobj\n"
    data = f"{out}trailer << /Root 1 0 R >>\n%%EOF".encode("latin-1")
    return entered(pdfplumber.open(io.BytesIO(data)).pages[0])


def stream(content: str, about: str) -> str:
    return f"<< {about} /Length {len(content)} >>\nstream\n{content}\nendstream"


FONT = "/Resources << /Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >>"
SHOWN = stream("BT /F 10 Tf 2 5 Td (77) Tj ET", f"/Type /XObject /Subtype /Form {FONT} "
               "/BBox [0 0 30 10]")  # fmt: skip


@pytest.mark.parametrize(
    ("annot", "objects", "text"),
    [
        ("/Subtype /FreeText /Contents (12)", (), "12"),
        ("/Subtype /FreeText /Contents (12) /AP << /N 5 0 R >>", (SHOWN,), "77"),
        ("/Subtype /Widget /FT /Tx /V (12) /AP << /N 5 0 R >>", (SHOWN,), "12"),
        ("/Subtype /Widget /FT /Tx /AP << /N 5 0 R >>", (SHOWN,), "77"),
        ("/Subtype /Widget /FT /Tx /V <FEFF0031003200614E07>", (), "12a万"),
        ("/Subtype /Widget /FT /Tx /V <EFBBBF3132E4B887>", (), "12万"),
        ("/Subtype /Widget /Parent 5 0 R", ("<< /FT /Tx /V (12) /Kids [4 0 R] >>",), "12"),
        ("/Subtype /Widget /FT /Ch /V (a) /Opt [[(a) (12)] [(b) (13)]]", (), "12"),
        ("/Subtype /Widget /FT /Ch /V (12) /Opt [(12) (13)]", (), "12"),
        ("/Subtype /Widget /FT /Tx /V 5 0 R", (stream("12", ""),), "12"),
        ("/Subtype /Widget /FT /Btn /V /Yes", (), ""),
        ("/Subtype /Widget /FT /Tx /V (12) /F 2", (), ""),
        ("/Subtype /Widget /FT /Tx", (), ""),
        ("/Subtype /Widget /Parent 4 0 R", (), ""),
        ("/Subtype /Stamp /AP << /N 5 0 R >>", (SHOWN,), ""),
        ("/Subtype /Link /Contents (12)", (), ""),
    ],
)
def test_what_stands_in_an_annotation(annot: str, objects: tuple[str, ...], text: str) -> None:
    page = page_with(annot, *objects)
    assert "".join(c["text"] for c in page.chars) == text
    for char in page.chars:  # within its rectangle
        assert 100 <= char["x0"] < char["x1"] <= 160
        assert 280 <= (char["top"] + char["bottom"]) / 2 <= 300


def test_a_long_text_stays_within_its_field() -> None:
    page = page_with("/Subtype /Widget /FT /Tx /V (123456789012345678901234567890)")
    assert 100 <= min(c["x0"] for c in page.chars) <= max(c["x1"] for c in page.chars) <= 160.01
