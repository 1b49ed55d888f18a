"""Word documents as packages, changed part by part."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from functools import cache

from support import written
from support.documents import balanced
from support.written import Written
from xltools.layout.places import TableLayout

REPORT = balanced(31)
MAIN, RELS, LINKS = "word/document.xml", "_rels/.rels", "word/_rels/document.xml.rels"
Parts = dict[str, bytes]
Change = Callable[[Parts], Parts]


@cache
def report() -> bytes:
    return written.word(REPORT)


def parts_of(data: bytes) -> Parts:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return {name: package.read(name) for name in package.namelist()}


def packed(parts: Parts) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in parts.items():
            # Python would turn a backslash into a slash where the system's separator is one.
            info = zipfile.ZipInfo("x")
            info.filename = name
            package.writestr(info, data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


PICTURE = (
    '<w:p><w:r><w:drawing><wp:inline xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/'
    'wordprocessingDrawing"><wp:extent cx="{cx}" cy="{cy}"/><a:blip xmlns:a="http://schemas.'
    'openxmlformats.org/drawingml/2006/main"/></wp:inline></w:drawing></w:r></w:p>'
)
LARGE, SEAL = PICTURE.format(cx=5_400_000, cy=3_000_000), PICTURE.format(cx=1_500_000, cy=1_500_000)


def instead_of_table(number: int, xml: str) -> Change:
    """Something in the place of a table, counted from 0."""

    def change(parts: Parts) -> Parts:
        pieces = re.split(r"(<w:tbl>.*?</w:tbl>)", parts[MAIN].decode(), flags=re.DOTALL)
        pieces[2 * number + 1] = xml
        return {**parts, MAIN: "".join(pieces).encode()}

    return change


def run_together(report: Written, table: TableLayout, between: str) -> str:
    """The texts of a table, row by row, in one paragraph or several."""
    boxes = sorted(report.boxes(table), key=lambda box: (box.row, box.col))
    rows = [[b.text for b in boxes if b.row == row] for row in sorted({b.row for b in boxes})]
    texts = between.join("".join(row) for row in rows).split("\n")
    return "".join(f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>" for text in texts)
