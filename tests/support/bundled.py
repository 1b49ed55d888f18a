"""Documents of several files, and files that only their own program reads, for the tests."""

from __future__ import annotations

import base64
import html
from collections.abc import Mapping
from email.message import EmailMessage
from functools import cache
from io import BytesIO

from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from support.containers import Files, zip_
from support.filled import FORM, LAYOUT, consistent
from support.inboxes import template, values
from support.outlook import ole
from xltools.model.identity import (
    CHECKS,
    COVER,
    FIELDS,
    PRINT,
    YEAR,
)
from xltools.model.numbers import stored

OFFICE = 'xmlns:x="urn:schemas-microsoft-com:office:excel"'
HEAD = '<meta http-equiv=Content-Type content="text/html; charset=gb2312">'
FIGURES = {n: stored(v) for n, v in consistent(1, typed=True).figures.items() if v is not None}


@cache
def tables(unit: str, seed: int = 0) -> Mapping[str, tuple[str, str]]:
    """The sheets of a filled template as tables of a page, with their states, by name. ``seed``:
    of `inboxes.values`, else the figures are ``FIGURES``.
    """
    given = values(seed) if seed else FIGURES
    book = load_workbook(BytesIO(template(unit)))
    for item in FORM.items:
        at = LAYOUT.address(item.index)
        book[at.sheet][at.a1] = given[item.name]
    book[COVER].cell(FIELDS[YEAR] + 1, 3, 2025)
    skipped = (CHECKS, PRINT)
    return {s.title: (_table(s), s.sheet_state) for s in book.worksheets if s.title not in skipped}


def _table(sheet: Worksheet) -> str:
    spans = {(m.min_row, m.min_col): m for m in sheet.merged_cells.ranges}
    under = {cell for m in spans.values() for cell in m.cells} - spans.keys()
    made = []
    for row in sheet.iter_rows():
        cells = ""
        for cell in row:
            if (cell.row, cell.column) in under:
                continue
            value = "" if cell.value is None or str(cell.value).startswith("=") else cell.value
            span = spans.get((cell.row, cell.column))
            wide, high = (span.size["columns"], span.size["rows"]) if span else (1, 1)
            about = f" colspan={wide}" * (wide > 1) + f" rowspan={high}" * (high > 1)
            number = " x:num" if isinstance(value, int | float) else ""
            cells += f"<td{about}{number}>{html.escape(str(value))}</td>"
        made.append(f"<tr>{cells}</tr>")
    return f"<table x:str border=0>{''.join(made)}</table>"


def frameset(unit: str, name: str = "甲局", *, folder: str = "", seed: int = 0) -> dict[str, bytes]:
    """A workbook as Excel saves it as a web page: the first page, and the folder of its sheets."""
    folder = folder or f"{name}.files"
    sheets = tables(unit, seed)
    listed, files = "", {}
    for n, (title, (table, state)) in enumerate(sheets.items(), 1):
        place = f"{folder}/sheet{n:03}.htm"
        listed += f"<x:ExcelWorksheet><x:Name>{title}</x:Name>"
        listed += f'<x:WorksheetSource HRef="{place}"/></x:ExcelWorksheet>'
        shown = {"hidden": "SheetHidden", "veryHidden": "SheetVeryHidden"}.get(state, "")
        shown = f"<x:Visible>{shown}</x:Visible>" * bool(shown)
        page = f"<html {OFFICE}><head>{HEAD}<link rel=Stylesheet href=stylesheet.css>"
        page += (
            f"<!--[if gte mso 9]><xml>{shown}</xml><![endif]--></head><body>{table}</body></html>"
        )
        files[place] = page.encode("gb18030")
    first = f'<html {OFFICE}><head><meta name="Excel Workbook Frameset">{HEAD}<!--[if gte mso 9]>'
    first += f"<xml><x:ExcelWorkbook><x:ExcelWorksheets>{listed}</x:ExcelWorksheets>"
    first += '</x:ExcelWorkbook></xml><![endif]--></head><frameset rows="*,39">'
    first += f'<frame src="{folder}/sheet001.htm" name=frSheet>'
    first += f'<frame src="{folder}/tabstrip.htm" name=frTabs></frameset></html>'
    tabs = "".join(f'<td><a href="sheet{n:03}.htm">{t}</a></td>' for n, t in enumerate(sheets, 1))
    files[f"{folder}/tabstrip.htm"] = f"<html>{HEAD}<table><tr>{tabs}</tr></table></html>".encode(
        "gb18030"
    )
    files[f"{folder}/filelist.xml"] = b'<xml><o:MainFile HRef="../x.htm"/></xml>'
    files[f"{folder}/stylesheet.css"] = b"td {color:black;}"
    files[f"{folder}/image001.png"] = b"\x89PNG\r\n\x1a\n" + bytes(40)
    return {f"{name}.htm": first.encode("gb18030"), **files}


def single_file(files: Files) -> bytes:
    """Files of a saved page as one file (.mht), as Excel and Word write it."""
    made = b"MIME-Version: 1.0\r\nX-Document-Type: Workbook\r\n"
    made += b'Content-Type: multipart/related; boundary="----=_Next"\r\n\r\n'
    for name, data in files.items():
        suffix = name.rpartition(".")[2]
        kind = {"htm": "text/html", "css": "text/css", "xml": "text/xml"}.get(suffix, "image/png")
        made += f"------=_Next\r\nContent-Location: file:///C:/0/{name}\r\n".encode()
        made += f"Content-Transfer-Encoding: base64\r\nContent-Type: {kind}\r\n\r\n".encode()
        made += base64.encodebytes(data) + b"\r\n"
    return made + b"------=_Next--\r\n"


def google(unit: str, seed: int = 0) -> dict[str, bytes]:
    """A workbook as Google gives it as web pages: a page for each sheet, with its own letters and
    numbers around it.
    """
    files = {"resources/sheet.css": b".ritz .waffle {color:#000}"}
    for title, (table, state) in tables(unit, seed).items():
        if state != "visible":
            continue
        rows = (
            table.replace("<table x:str border=0>", "").removesuffix("</table>").split("<tr>")[1:]
        )
        body = "".join(
            f'<tr><th id="0R{n}" class="row-headers-background"><div class="row-header-wrapper">'
            f"{n}</div></th>{row}"
            for n, row in enumerate(rows, 1)
        ).replace(" x:num", "")
        letters = '<thead><tr><th class="row-header freezebar-origin-ltr"></th>'
        letters += '<th id="0C0" class="column-headers-background">A</th></tr></thead>'
        page = '<meta charset="utf-8"><link type="text/css" rel="stylesheet" '
        page += 'href="resources/sheet.css"><div class="ritz grid-container" dir="ltr">'
        page += (
            f'<table class="waffle" cellspacing="0">{letters}<tbody>{body}</tbody></table></div>'
        )
        files[f"{title}.html"] = page.encode()
    return files


def apple(kind: int = 1) -> dict[str, bytes]:
    """The files of a package of Apple: 1 for Numbers, 10000 for Pages."""
    number = b"\x01" if kind == 1 else b"\x90\x4e"
    first = b"\x00\x20\x00\x00\x30\xbc\x10\x08\x01\x12\x08\x08" + number + bytes(30)
    return {
        "Index/Document.iwa": first,
        "Index/Tables/DataList.iwa": bytes(40),
        "Metadata/Properties.plist": b"bplist00",
        "Metadata/BuildVersionHistory.plist": b"bplist00",
        "Data/report.pdf": b"%PDF-1.4",
        "preview.jpg": b"\xff\xd8\xff" + bytes(40),
    }


def rights() -> bytes:
    """A workbook under rights management."""
    spaces = {"DataSpaceInfo": {"DRMEncryptedDataSpace": bytes(8)}}
    return ole({"\x06DataSpaces": spaces, "EncryptedPackage": bytes(5000)})


def link(unit: str, sender: str, text: str, page: str = "", *, subject: str = "") -> bytes:
    """A mail without attachments."""
    made = EmailMessage()
    made["From"], made["To"] = sender, "ban@example.cn"
    made["Subject"], made["Date"] = subject or f"{unit}年报", "Thu, 15 Jan 2026 09:30:00 +0800"
    made.set_content(text)
    if page:
        made.add_alternative(page, subtype="html")
    return made.as_bytes()


def element(tag: int, content: bytes, *, endless: bool = False) -> bytes:
    """An element of ASN.1, its length told or, as streams have it, marked at its end."""
    if endless:
        return bytes([tag, 0x80]) + content + b"\0\0"
    size = len(content)
    told = size.to_bytes((size.bit_length() + 7) // 8 or 1, "big")
    return (
        bytes([tag])
        + (bytes([size]) if size < 0x80 else bytes([0x80 + len(told)]) + told)
        + content
    )


def signed(content: bytes, *, endless: bool = False, number: int = 2) -> bytes:
    """A message signed as a whole, without certificates; ``number`` 3: an encrypted one."""

    def kind(last: int) -> bytes:
        return element(6, b"\x2a\x86\x48\x86\xf7\x0d\x01\x07" + bytes([last]))

    text = element(4, content)
    if endless:  # in pieces
        halves = (content[: len(content) // 2], content[len(content) // 2 :])
        text = element(0x24, b"".join(element(4, half) for half in halves), endless=True)
    inner = kind(1) + element(0xA0, text, endless=endless)
    version = element(2, b"\1") + element(0x31, b"")
    body = version + element(0x30, inner, endless=endless) + element(0x31, b"")
    whole = kind(number) + element(0xA0, element(0x30, body, endless=endless), endless=endless)
    return element(0x30, whole, endless=endless)


def glyphs(texts: int = 400) -> bytes:
    """A PDF whose font says nothing of what its glyphs mean."""
    shown = "".join(f"{n % 90 + 1:04x}" for n in range(texts))
    drawn = f"BT /F 10 Tf 40 700 Td <{shown}> Tj ET"
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [5 0 R] /Count 1 >>",
        "<< /Type /Font /Subtype /Type0 /BaseFont /AAAAAA+Sim /Encoding /Identity-H"
        " /DescendantFonts [4 0 R] >>",
        "<< /Type /Font /Subtype /CIDFontType2 /BaseFont /AAAAAA+Sim /DW 100 /CIDSystemInfo"
        " << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 6 0 R"
        " /Resources << /Font << /F 3 0 R >> >> >>",
        f"<< /Length {len(drawn)} >>\nstream\n{drawn}\nendstream",
    ]
    made, places = b"%PDF-1.4\n", list[int]()
    for n, one in enumerate(objects, 1):
        places.append(len(made))
        made += f"{n} 0 obj\n{one}\nendobj\n".encode()
    table = "".join(f"{at:010} 00000 n \n" for at in places)
    start = len(made)
    made += f"xref\n0 {len(places) + 1}\n0000000000 65535 f \n{table}".encode()
    end = f"trailer\n<< /Size {len(places) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n"
    return made + end.encode()


def packed(files: Files, folder: str = "") -> bytes:
    """Files in a zip, within a folder where one is named."""
    return zip_({f"{folder}/{name}" if folder else name: data for name, data in files.items()})
