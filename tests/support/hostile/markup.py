"""Hostile XML in every part: entities, DTDs, depth, odd encodings."""

from collections.abc import Iterator

from support.hostile.case import Case
from support.hostile.ooxml import (
    DECLARED,
    FIRST,
    MAIN,
    fixed,
    inline,
    number,
    row,
    shared,
    sheet,
    xlsx,
)
from support.hostile.zips import packed

BILLION = '<!DOCTYPE x [<!ENTITY a0 "lol">' + "".join(
    f'<!ENTITY a{n} "' + f"&a{n - 1};" * 10 + '">' for n in range(1, 11)
) + "]>"  # fmt: skip
ATTACKS = {
    "billion": (BILLION, "&a10;"),
    "quadratic": ('<!DOCTYPE x [<!ENTITY a "' + "A" * 200_000 + '">]>', "&a;" * 20_000),
    "file": ('<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>', "&e;"),
    "net": ('<!DOCTYPE x [<!ENTITY e SYSTEM "http://127.0.0.1:9/x">]>', "&e;"),
    "parameter": ('<!DOCTYPE x [<!ENTITY % p SYSTEM "file:///etc/hostname"> %p;]>', ""),
    "endless_dtd": ('<!DOCTYPE x SYSTEM "file:///dev/zero">', ""),
}
XML = '<?xml version="1.0"?>'
TEXT = sheet(row(1, shared()))


def cases() -> Iterator[Case]:
    for name, (dtd, entity) in ATTACKS.items():
        strings = f'{XML}{dtd}<sst xmlns="{MAIN}" count="1"><si><t>{entity}</t></si></sst>'
        yield Case(
            name=f"{name}_strings.xlsx",
            what="in the shared strings",
            data=xlsx(TEXT, shared=strings),
        )
        cell = f'<row r="1"><c r="A1" t="inlineStr"><is><t>{entity}</t></is></c></row>'
        one = f'{XML}{dtd}<worksheet xmlns="{MAIN}"><sheetData>{cell}</sheetData></worksheet>'
        yield Case(name=f"{name}_sheet.xlsx", what="in the sheet", data=xlsx(one))
        parts = fixed()
        book = str(parts["xl/workbook.xml"]).replace(DECLARED, XML + dtd)
        parts["xl/workbook.xml"] = book.replace("<sheets>", f"<x>{entity}</x><sheets>")
        parts[FIRST] = sheet(row(1, number("A1")))
        yield Case(name=f"{name}_workbook.xlsx", what="in the workbook part", data=packed(parts))
    for n in (5_000, 2_000_000):
        nested = "<a>" * n + "</a>" * n
        cell = f'<row r="1"><c r="A1" t="inlineStr"><is><t>{nested}</t></is></c></row>'
        strings = "<r>" * n + "</r>" * n
        strings = f'{DECLARED}<sst xmlns="{MAIN}"><si>{strings}</si></sst>'
        styles = f'{DECLARED}<styleSheet xmlns="{MAIN}">{nested}</styleSheet>'
        where = f"{n} nested elements in"
        yield Case(name=f"deep_{n}.xlsx", what=f"{where} a cell", data=xlsx(sheet(cell)))
        yield Case(
            name=f"deep_strings_{n}.xlsx",
            what=f"{where} the shared strings",
            data=xlsx(TEXT, shared=strings),
        )
        yield Case(
            name=f"deep_styles_{n}.xlsx",
            what=f"{where} the styles",
            data=xlsx(sheet(), styles=styles),
        )
    many = " ".join(f'a{n}="1"' for n in range(300_000))
    yield Case(
        name="attributes_300k.xlsx",
        what="300 000 attributes on one element: looking for equal ones may be quadratic",
        data=xlsx(sheet(f"<row {many}/>")),
    )
    one = sheet(row(1, number("A1")))
    yield Case(
        name="utf16.xlsx",
        what="a sheet part in UTF-16",
        data=xlsx(one.replace("UTF-8", "UTF-16").encode("utf-16")),
    )
    one = sheet(row(1, inline("A1", "单位名称")))
    yield Case(
        name="gb18030.xlsx",
        what="a sheet part in GB18030",
        data=xlsx(one.replace("UTF-8", "GB18030").encode("gb18030")),
    )
    marked = sheet(row(1, inline("A1", "@@")))
    for name, what, inside in (
        ("bad_utf8", "invalid UTF-8 in a cell", b"\xb5\xa5\xff\xfe"),
        ("raw_control", "raw control characters, NUL among them", b"a\x00b\x01c\x1bd\x0be"),
        (
            "referred_control",
            "forbidden character references",
            b"&#0;&#1;&#xD800;&#x110000;&#99999999999;",
        ),
    ):
        data = xlsx(marked.encode().replace(b"@@", inside))
        yield Case(name=f"{name}.xlsx", what=what, data=data)
    yield Case(
        name="unclosed.xlsx",
        what="XML that stops in the middle",
        data=xlsx(sheet(row(1, number("A1")))[:-60]),
    )
    yield Case(
        name="no_namespace.xlsx",
        what="no namespace",
        data=xlsx("<worksheet><sheetData><row><c><v>1</v></c></row></sheetData></worksheet>"),
    )
    cell = '<x:row r="1"><x:c r="A1"><x:v>1</x:v></x:c></x:row>'
    one = f'<x:worksheet xmlns:x="{MAIN}"><x:sheetData>{cell}</x:sheetData></x:worksheet>'
    yield Case(
        name="prefixed.xlsx",
        what="elements with a prefix, as some exporters write them",
        data=xlsx(DECLARED + one),
        honest=True,
    )
