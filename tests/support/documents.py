"""Reports as documents: a right one to start from, read back and compared with its figures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pytest
from lxml import html as markup

from support.filled import FORM, LAYOUT, consistent
from support.matching import MATCHER
from support.written import Written
from xltools.checks.run import check
from xltools.model.errors import ReadError
from xltools.model.findings import Finding
from xltools.model.returns import Return
from xltools.model.wording import in_words
from xltools.readers.workbook import book_of

if TYPE_CHECKING:
    pass


def read(data: bytes | str, passwords: Sequence[str] = ()) -> Return:
    return MATCHER.match(book_of(data if isinstance(data, bytes) else data.encode(), passwords))


def refused(data: bytes, passwords: Sequence[str] = ()) -> tuple[str, str]:
    with pytest.raises(ReadError) as caught:
        read(data, passwords)
    return caught.value.code, in_words(caught.value.detail)


def codes(found: Sequence[Finding]) -> set[str]:
    return {one.code for one in found}


def wrong(ret: Return, figures: Sequence[object]) -> list[str]:
    """Items that were read as something else than they are."""
    return [i.name for i in FORM.items if ret.numbers[i.index] != figures[i.index]]


def silent(ret: Return, figures: Sequence[object]) -> list[str]:
    """Items read as another figure, or not found, of which no finding that is open tells."""
    found = check(LAYOUT, ret)
    told = {name for one in found for name in one.items if one.open or one.code == "C-01"}
    whole = bool(codes(found) & {"M-01", "V-20", "M-05", "M-06", "I-08"})
    return [] if whole else [name for name in wrong(ret, figures) if name not in told]


def balanced(seed: int, **more: Any) -> Written:
    """A report in which everything holds, so that no rule hides a reading that is wrong."""
    draft = consistent(seed, typed=True)
    said: dict[str, Any] = {
        "title": ["宿迁市人民政府2023年政府信息公开工作年度报告"],
        "agency": "宿迁市人民政府",
        "date": "2024年1月31日",
        "figures": [draft.figures[i.name] for i in FORM.items],
        "texts": {t.name: f"按规定做好{t.label[-4:]}。" for t in FORM.texts},
    }
    return Written(**{**said, **more})


def image_pdf(pages: int, *, letters: bool = False) -> bytes:
    """Pages that are pictures, as a scanner makes them; ``letters``: with text laid under."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>"]
    kids = " ".join(f"{5 + 2 * n} 0 R" for n in range(pages))
    objects.append(f"<< /Type /Pages /Kids [{kids}] /Count {pages} >>")
    pixel = "<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray"
    objects.append(f"{pixel} /BitsPerComponent 8 /Length 1 >>\nstream\nx\nendstream")
    objects.append("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
    for n in range(pages):
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {6 + 2 * n} 0 R"
            " /Resources << /XObject << /I 3 0 R >> /Font << /F 4 0 R >> >> >>"
        )
        drawn = "q 595 0 0 842 0 0 cm /I Do Q"
        drawn += " BT 3 Tr /F 12 Tf 72 700 Td (2023 15 27) Tj ET" if letters else ""
        objects.append(f"<< /Length {len(drawn)} >>\nstream\n{drawn}\nendstream")
    out, places = b"%PDF-1.4\n", []
    for n, one in enumerate(objects, 1):
        places.append(len(out))
        out += f"{n} 0 obj\n{one}\nendobj\n".encode()
    start = len(out)
    table = "".join(f"{at:010} 00000 n \n" for at in places)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}".encode()
    return (
        out
        + f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF".encode()
    )


def page_of(data: bytes) -> markup.HtmlElement:
    return markup.fromstring(data.decode())


def bytes_of(page: markup.HtmlElement) -> bytes:
    return b"<!DOCTYPE html><meta charset=utf-8>" + bytes(markup.tostring(page, encoding="utf-8"))


def row_of(page: markup.HtmlElement, label: str) -> list[markup.HtmlElement]:
    cell = next(c for c in page.iter("td") if label in c.text_content())
    return list(cell.getparent())
