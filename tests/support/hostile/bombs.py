"""Archives that inflate far beyond their size, lie about it, or hold too many entries."""

import zlib
from collections.abc import Iterator

from support.hostile.case import Case
from support.hostile.ooxml import DECLARED, FIRST, MAIN, ONE, TYPES, fixed, sheet, texts, xlsx
from support.hostile.zips import Zip, deflated, repeated

HUGE, LARGE = 3_900_000_000, 1_000_000_000
HEAD, _, TAIL = sheet("@").partition("@")
STRINGS, STYLES, KINDS = "xl/sharedStrings.xml", "xl/styles.xml", "[Content_Types].xml"
MB = 1 << 20


def swollen(
    part: str, before: str, chunk: str, after: str, total: int, *, told: int | None = None
) -> bytes:
    """A workbook one part of which inflates to a total of bytes; ``told``: what it says of it."""
    raw, crc, size = repeated(
        before.encode(), chunk.encode(), total // len(chunk.encode()), after.encode()
    )
    parts = fixed(
        shared=texts() if part == STRINGS else None, styles="x" if part == STYLES else None
    )
    if part != FIRST:
        parts[FIRST] = ONE
    made = Zip()
    for name, data in parts.items():
        if name != part:
            made.add(name, data)
    made.add(part, raw=raw, crc=crc, size=size if told is None else told)
    return made.done()


def cases() -> Iterator[Case]:
    rows = "<row><c><v>1</v></c></row>" * 40_000
    strings = f'{DECLARED}<sst xmlns="{MAIN}">'
    formats = f'{DECLARED}<styleSheet xmlns="{MAIN}"><cellXfs>'
    kinds = f'{DECLARED}<Types xmlns="{TYPES}">'
    yield Case(
        name="sheet_4gb_numbers.xlsx",
        what="one sheet, 3.9 GB of <row>",
        data=swollen(FIRST, HEAD, rows, TAIL, HUGE),
    )
    yield Case(
        name="sheet_4gb_spaces.xlsx",
        what="one sheet, 3.9 GB of blanks inside sheetData",
        data=swollen(FIRST, HEAD, " " * MB, TAIL, HUGE),
    )
    yield Case(
        name="strings_4gb_one.xlsx",
        what="one shared string of 3.9 GB",
        data=swollen(STRINGS, strings + "<si><t>", "A" * MB, "</t></si></sst>", HUGE),
    )
    yield Case(
        name="strings_4gb_many.xlsx",
        what="229 million short shared strings",
        data=swollen(STRINGS, strings, "<si><t>A</t></si>" * 60_000, "</sst>", HUGE),
    )
    yield Case(
        name="styles_1gb.xlsx",
        what="55 million cell formats",
        data=swollen(
            STYLES, formats, '<xf numFmtId="0"/>' * 60_000, "</cellXfs></styleSheet>", LARGE
        ),
    )
    yield Case(
        name="lying_size.xlsx",
        what="inflates to 500 MB, its header says 1000 bytes",
        data=swollen(FIRST, HEAD, rows, TAIL, 500_000_000, told=1000),
    )
    yield Case(
        name="content_types_1gb.xlsx",
        what="25 million <Default>",
        data=swollen(
            KINDS, kinds, '<Default Extension="a" ContentType="b"/>' * 30_000, "</Types>", LARGE
        ),
    )
    yield Case(
        name="comment_1gb.xlsx",
        what="an XML comment of 1 GB in the sheet",
        data=swollen(FIRST, HEAD + "<!--", "x" * MB, "-->" + TAIL, LARGE),
    )
    yield Case(
        name="attribute_1gb.xlsx",
        what="an attribute value of 1 GB",
        data=swollen(FIRST, HEAD + '<row r="1" spans="', "1" * MB, '"/>' + TAIL, LARGE),
    )
    for count in (60_000, 300_000):
        made = Zip()
        for name, data in {**fixed(), FIRST: ONE}.items():
            made.add(name, data)
        for n in range(count):
            made.add(f"xl/media/{n}.png", method=0)
        yield Case(
            name=f"entries_{count}.xlsx", what=f"{count} empty entries more", data=made.done()
        )
    yield Case(
        name="overlapping.zip",
        what="30 001 entries share one header: 300 GB when extracted",
        data=_overlapping(),
    )
    yield Case(
        name="zip_in_zip_x10.zip",
        what="10 levels of 10 members each: 10^10 leaves",
        data=_tenfold(),
    )
    yield Case(name="depth_1000.zip", what="1000 levels, one member each", data=_deep())


def _overlapping() -> bytes:
    raw, crc, size = repeated(b"", b"0" * MB, 10, b"")
    made = Zip()
    first = made.add("a.xlsx", raw=raw, crc=crc, size=size)
    for n in range(30_000):
        made.add(f"{n:05}.xlsx", raw=raw, crc=crc, size=size, at=first)
    return made.done()


def _tenfold() -> bytes:
    data, name = xlsx(ONE), "leaf.xlsx"
    for level in range(10):
        made, raw, crc = Zip(), deflated(data), zlib.crc32(data)
        for n in range(10):
            made.add(f"{n}_{name}", raw=raw, crc=crc, size=len(data))
        data, name = made.done(), f"level{level}.zip"
    return data


def _deep() -> bytes:
    data = b"end"
    for _ in range(1000):
        made = Zip()
        made.add("x.zip", data, method=0)
        data = made.done()
    return data
