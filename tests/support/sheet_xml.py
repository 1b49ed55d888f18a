"""Workbooks and pages put together from their XML, to be damaged part by part."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

import pytest

from xltools.model.errors import ReadError
from xltools.model.wording import in_words
from xltools.readers.package import Package
from xltools.readers.workbook import Book, book_of

NS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'


def sheet(cells: str, *, extra: str = "") -> str:
    return f'{HEAD}<worksheet xmlns="{NS}"><sheetData>{cells}</sheetData>{extra}</worksheet>'


def row(*cells: str, n: int = 1) -> str:
    return f'<row r="{n}">{"".join(cells)}</row>'


def parts(*sheets: str, strings: tuple[str, ...] = ("甲",)) -> dict[str, str | bytes]:
    """A minimal workbook, part by part: sheets Sheet1, Sheet2 …"""
    names = "".join(
        f'<sheet name="Sheet{i}" sheetId="{i}" r:id="rId{i}"/>' for i in range(1, len(sheets) + 1)
    )
    links = "".join(
        f'<Relationship Id="rId{i}" Type="{REL}/worksheet" Target="worksheets/sheet{i}.xml"/>'
        for i in range(1, len(sheets) + 1)
    )
    types = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    shared = "".join(f"<si><t>{s}</t></si>" for s in strings)
    return {
        "[Content_Types].xml": f'{HEAD}<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{types}.sheet.main+xml"/>'
        + "".join(
            f'<Override PartName="/xl/worksheets/sheet{i}.xml" '
            f'ContentType="{types}.worksheet+xml"/>'
            for i in range(1, len(sheets) + 1)
        )
        + f'<Override PartName="/xl/sharedStrings.xml" ContentType="{types}.sharedStrings+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{types}.styles+xml"/></Types>',
        "_rels/.rels": f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships"><Relationship '
        f'Id="rId1" Type="{REL}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'{HEAD}<workbook xmlns="{NS}" xmlns:r="{REL}"><sheets>{names}'
        "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">'
        f'{links}<Relationship Id="rIdS" Type="{REL}/sharedStrings" Target="sharedStrings.xml"/>'
        f'<Relationship Id="rIdT" Type="{REL}/styles" Target="styles.xml"/></Relationships>',
        "xl/sharedStrings.xml": f'{HEAD}<sst xmlns="{NS}">{shared}</sst>',
        "xl/styles.xml": f'{HEAD}<styleSheet xmlns="{NS}"><fonts><font/></fonts><fills><fill>'
        '<patternFill patternType="none"/></fill></fills><borders><border/></borders>'
        '<cellStyleXfs><xf numFmtId="0"/></cellStyleXfs>'
        '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>',
        **{f"xl/worksheets/sheet{i}.xml": text for i, text in enumerate(sheets, 1)},
    }


def packed(contents: Mapping[str, str | bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return stream.getvalue()


def refused(data: bytes) -> tuple[str, str]:
    """The code and detail with which a file, or its first sheet, is refused."""
    with pytest.raises(ReadError) as caught:
        book = book_of(data)
        book.grid(book.sheets[0].name)
    return caught.value.code, in_words(caught.value.detail)


def opendocument(rows: str, *, styles: str = "", tail: str = "</table:table>") -> bytes:
    names = "".join(
        f' xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"'
        for n in ("office", "table", "text", "style")
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document{names} '
        'office:mimetype="application/vnd.oasis.opendocument.spreadsheet">'
        f"<office:automatic-styles>{styles}</office:automatic-styles><office:body>"
        f'<office:spreadsheet><table:table table:name="甲">{rows}{tail}'
        "</office:spreadsheet></office:body></office:document>"
    ).encode()


def xml2003(cells: str, *, tail: str = "", coding: str = "UTF-8") -> bytes:
    space = "urn:schemas-microsoft-com:office:spreadsheet"
    return (
        f'<?xml version="1.0" encoding="{coding}"?><?mso-application progid="Excel.Sheet"?>'
        f'<Workbook xmlns="{space}" xmlns:ss="{space}"><Worksheet ss:Name="甲"><Table>'
        f"{cells}</Table>{tail}</Worksheet></Workbook>"
    ).encode({"gb2312": "gb18030"}.get(coding, coding))


def data_of(kind: str, text: str) -> str:
    return f'<Data ss:Type="{kind}">{text}</Data>'


def page(body: str, head: str = "") -> Book:
    return book_of(f"<html><head>{head}</head><body>{body}</body></html>".encode("gb18030"))


def changed(data: bytes, *changes: tuple[str, str], part: str = "") -> bytes:
    """A package with other words in its parts, or in one of them."""
    source, made = Package.of(data), dict[str, bytes]()
    for name, entry in source.parts.items():
        made[entry.filename] = source.read(name)
        for old, new in changes if part in name else ():
            made[entry.filename] = made[entry.filename].replace(old.encode(), new.encode())
    return packed(made)
