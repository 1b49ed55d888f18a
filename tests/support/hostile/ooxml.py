"""Small .xlsx, .xlsb and .ods files from raw parts."""

import struct
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape, quoteattr

from support.hostile.zips import Zip, packed

TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT_MAIN = "http://purl.oclc.org/ooxml/spreadsheetml/main"
STRICT_OFFICE = "http://purl.oclc.org/ooxml/officeDocument/relationships"
DECLARED = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
PACKAGE = "application/vnd.openxmlformats-package"
SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml"
FIRST = "xl/worksheets/sheet1.xml"

Parts = dict[str, str | bytes]


def sheet(rows: str = "", *, before: str = "", after: str = "", main: str = MAIN) -> str:
    """A worksheet part."""
    head = f'{DECLARED}<worksheet xmlns="{main}" xmlns:r="{OFFICE}">'
    return f"{head}{before}<sheetData>{rows}</sheetData>{after}</worksheet>"


def row(number: int, *cells: str) -> str:
    return f'<row r="{number}">{"".join(cells)}</row>'


def number(ref: str, value: object = 1) -> str:
    return f'<c r="{ref}"><v>{value}</v></c>'


def inline(ref: str, text: str) -> str:
    """A cell with its text in it."""
    told = escape(text)
    return f'<c r="{ref}" t="inlineStr"><is><t xml:space="preserve">{told}</t></is></c>'


def shared(ref: str = "A1", index: str = "0") -> str:
    """A cell with a text of the shared ones."""
    return f'<c r="{ref}" t="s"><v>{index}</v></c>'


def calculated(ref: str, formula: str, value: str = "") -> str:
    return f'<c r="{ref}"><f>{formula}</f>' + (f"<v>{value}</v>" if value else "") + "</c>"


ONE = sheet(row(1, number("A1")))


def texts(*all_: str, raw: str = "") -> str:
    """A part of shared texts; ``raw``: more of it as it stands."""
    told = "".join(f'<si><t xml:space="preserve">{escape(t)}</t></si>' for t in all_)
    count = f'count="{len(all_)}" uniqueCount="{len(all_)}"'
    return f'{DECLARED}<sst xmlns="{MAIN}" {count}>{told}{raw}</sst>'


def relationship(name: str, kind: str, target: str, more: str = "") -> str:
    return f'<Relationship Id="{name}" Type="{kind}" Target="{target}"{more}/>'


def fixed(
    sheets: int = 1,
    *,
    shared: str | None = None,
    styles: str | None = None,
    names: Sequence[str] = (),
    macro: bool = False,
    main: str = MAIN,
    office: str = OFFICE,
    types: str = "",
    rels: str = "",
) -> Parts:
    """The parts of a package beside its worksheets. ``types``, ``rels``: more of these."""
    names = names or [f"Sheet{n}" for n in range(1, sheets + 1)]
    book = "application/vnd.ms-excel.sheet.macroEnabled" if macro else f"{SPREADSHEET}.sheet"
    overrides = {"xl/workbook.xml": f"{book}.main+xml"}
    for n in range(1, sheets + 1):
        overrides[f"xl/worksheets/sheet{n}.xml"] = f"{SPREADSHEET}.worksheet+xml"
    links = [
        relationship(f"rId{n}", f"{office}/worksheet", f"worksheets/sheet{n}.xml")
        for n in range(1, sheets + 1)
    ]
    more: Parts = {}
    for name, text in (("sharedStrings", shared), ("styles", styles)):
        if text is not None:
            overrides[f"xl/{name}.xml"] = f"{SPREADSHEET}.{name}+xml"
            links.append(relationship(f"rId-{name}", f"{office}/{name}", f"{name}.xml"))
            more[f"xl/{name}.xml"] = text
    told = "".join(
        f'<Override PartName="/{part}" ContentType="{kind}"/>' for part, kind in overrides.items()
    )
    listed = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{n}" r:id="rId{n}"/>'
        for n, name in enumerate(names, 1)
    )
    return {
        "[Content_Types].xml": f'{DECLARED}<Types xmlns="{TYPES}">'
        f'<Default Extension="rels" ContentType="{PACKAGE}.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{told}{types}</Types>',
        "_rels/.rels": f'{DECLARED}<Relationships xmlns="{RELS}">'
        + relationship("rId1", f"{office}/officeDocument", "xl/workbook.xml")
        + "</Relationships>",
        "xl/workbook.xml": f'{DECLARED}<workbook xmlns="{main}" xmlns:r="{office}">'
        f"<sheets>{listed}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'{DECLARED}<Relationships xmlns="{RELS}">'
        f"{''.join(links)}{rels}</Relationships>",
        **more,
    }


def xlsx(
    *sheets: str | bytes,
    shared: str | None = None,
    styles: str | None = None,
    names: Sequence[str] = (),
    extra: Mapping[str, str | bytes] | None = None,
    macro: bool = False,
    main: str = MAIN,
    office: str = OFFICE,
    types: str = "",
    rels: str = "",
) -> bytes:
    """A workbook of these worksheet parts."""
    parts = fixed(
        len(sheets), shared=shared, styles=styles, names=names, macro=macro, main=main,
        office=office, types=types, rels=rels,
    )  # fmt: skip
    for n, text in enumerate(sheets, 1):
        parts[f"xl/worksheets/sheet{n}.xml"] = text
    return packed({**parts, **(extra or {})})


# The binary workbook: records of a code, a size and a body


def record(code: int, body: bytes = b"") -> bytes:
    head = bytes([code]) if code < 128 else bytes([code & 0x7F | 0x80, code >> 7])
    size = len(body)
    while size > 127:
        head, size = head + bytes([size & 0x7F | 0x80]), size >> 7
    return head + bytes([size]) + body


def _wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


Cells = Sequence[tuple[int, int, int]]  # row, column, whole number


def xlsb(cells: Cells, extent: tuple[int, int, int, int] | None = None) -> bytes:
    """An .xlsb of one sheet. ``extent``: what it says of itself."""
    rows, cols = [c[0] for c in cells], [c[1] for c in cells]
    extent = extent or (min(rows), max(rows), min(cols), max(cols))
    body = record(129) + record(148, struct.pack("<4I", *extent)) + record(145)
    last = -1
    for at, col, value in cells:
        if at != last:
            body += record(0, struct.pack("<IIHBBBI", at, 0, 300, 0, 0, 0, 0))
            last = at
        body += record(2, struct.pack("<III", col, 0, value << 2 | 2))
    listed = record(156, struct.pack("<II", 0, 1) + _wide("rId1") + _wide("Sheet1"))
    book = record(131) + record(153, bytes(12)) + record(143) + listed + record(144) + record(132)
    head = f'{DECLARED}<Relationships xmlns="{RELS}">'
    link = relationship("rId1", f"{OFFICE}/officeDocument", "xl/workbook.bin")
    sheet_link = relationship("rId1", f"{OFFICE}/worksheet", "worksheets/sheet1.bin")
    return packed(
        {
            "[Content_Types].xml": f'{DECLARED}<Types xmlns="{TYPES}">'
            f'<Default Extension="rels" ContentType="{PACKAGE}.relationships+xml"/>'
            '<Default Extension="bin" '
            'ContentType="application/vnd.ms-excel.sheet.binary.macroEnabled.main"/></Types>',
            "_rels/.rels": f"{head}{link}</Relationships>",
            "xl/_rels/workbook.bin.rels": f"{head}{sheet_link}</Relationships>",
            "xl/workbook.bin": book,
            "xl/worksheets/sheet1.bin": body + record(146) + record(130),
        }
    )


def ods(tables: str) -> bytes:
    """An .ods with these ``table:table`` elements."""
    oasis = "urn:oasis:names:tc:opendocument:xmlns"
    mimetype = "application/vnd.oasis.opendocument.spreadsheet"
    entry = "<manifest:file-entry manifest:full-path="
    names = "".join(f' xmlns:{n}="{oasis}:{n}:1.0"' for n in ("office", "table", "text"))
    made = Zip()
    made.add("mimetype", mimetype, method=0)
    made.add(
        "META-INF/manifest.xml",
        f'<?xml version="1.0"?><manifest:manifest xmlns:manifest="{oasis}:manifest:1.0">'
        f'{entry}"/" manifest:media-type="{mimetype}"/>'
        f'{entry}"content.xml" manifest:media-type="text/xml"/></manifest:manifest>',
    )
    made.add(
        "content.xml",
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content{names} '
        f'office:version="1.2"><office:body><office:spreadsheet>{tables}'
        "</office:spreadsheet></office:body></office:document-content>",
    )
    return made.done()
