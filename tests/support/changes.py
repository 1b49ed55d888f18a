"""Workbooks of which one thing was changed that is no value, such as a label or a merged area, or
that were damaged.
"""

from __future__ import annotations

import io
import random
import re
import zipfile
from collections.abc import Callable

from support.containers import zip_
from support.filled import FORM, LAYOUT

TABLE = LAYOUT.tables[1].sheet
"""The sheet that most of them change."""


def parts(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        return {name: file.read(name) for name in file.namelist()}


def part_of(data: bytes, sheet: str) -> str:
    names = re.findall('<sheet [^>]*name="([^"]+)"', parts(data)["xl/workbook.xml"].decode())
    return f"xl/worksheets/sheet{names.index(sheet) + 1}.xml"


def changed(data: bytes, part: str, change: Callable[[str], str]) -> bytes:
    contents = parts(data)
    before = contents[part].decode()
    contents[part] = change(before).encode()
    assert contents[part].decode() != before
    return zip_(contents)


def _first(text: str, old: str, new: str) -> str:
    return text.replace(old, new, 1)


def _label(data: bytes, text: str) -> tuple[str, str]:
    """Where a label is written, and how."""
    for name, part in parts(data).items():
        for written in (text, "".join(f"&#{ord(c)};" for c in text)):
            if f">{written}<".encode() in part:
                return name, written
    raise AssertionError(text)


PAIRS: dict[str, Callable[[bytes], bytes]] = {}


def pair(change: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    PAIRS[change.__name__] = change
    return change


@pair
def a_label_changed(data: bytes) -> bytes:
    name, written = _label(data, FORM.items[40].rows[-1])
    return changed(data, name, lambda xml: xml.replace(f">{written}<", ">别的<"))


@pair
def two_labels_swapped(data: bytes) -> bytes:
    first, second = FORM.items[-1].columns[-1], FORM.items[-2].columns[-1]
    (name, one), (_, two) = _label(data, first), _label(data, second)
    return changed(
        data, name,
        lambda xml: xml.replace(f">{one}<", ">@<")
        .replace(f">{two}<", f">{one}<")
        .replace(">@<", f">{two}<"),
    )  # fmt: skip


@pair
def styles_that_show_shares(data: bytes) -> bytes:
    return changed(
        data, "xl/styles.xml",
        lambda xml: re.sub(r'numFmtId="[0-9]+" fontId', 'numFmtId="9" fontId', xml),
    )  # fmt: skip


@pair
def a_sheet_renamed(data: bytes) -> bytes:
    return changed(data, "xl/workbook.xml", lambda xml: xml.replace(f'name="{TABLE}"', 'name="表"'))


@pair
def a_sheet_hidden(data: bytes) -> bytes:
    return changed(
        data, "xl/workbook.xml",
        lambda xml: re.sub(
            rf'(name="{TABLE}" sheetId="[0-9]+")( state="visible")?', r'\1 state="hidden"', xml
        ),
    )  # fmt: skip


@pair
def dates_since_1904(data: bytes) -> bytes:
    return changed(
        data, "xl/workbook.xml", lambda xml: re.sub("<workbookPr", '<workbookPr date1904="1"', xml)
    )


@pair
def an_area_merged(data: bytes) -> bytes:
    def merge(xml: str) -> str:
        return re.sub(
            r"<mergeCells[^>]*>", lambda m: m[0] + '<mergeCell ref="D5:E5"/>', xml, count=1
        )

    return changed(data, part_of(data, TABLE), merge)


@pair
def columns_hidden_within_the_view(data: bytes) -> bytes:
    return changed(
        data, part_of(data, TABLE),
        lambda xml: xml.replace(
            "</sheetViews>", '<cols><col min="4" max="6" hidden="1"/></cols></sheetViews>', 1
        ),
    )  # fmt: skip


@pair
def rows_within_the_view(data: bytes) -> bytes:
    """What comes first would be taken for the rows."""
    return changed(
        data, part_of(data, TABLE),
        lambda xml: xml.replace("</sheetViews>", "<sheetData></sheetData></sheetViews>", 1),
    )  # fmt: skip


@pair
def another_view_and_header(data: bytes) -> bytes:
    """They may differ: such a sheet is known."""

    def change(xml: str) -> str:
        xml = re.sub("<sheetView ", '<sheetView zoomScale="75" ', xml, count=1)
        return re.sub("<oddHeader>[^<]*</oddHeader>", "<oddHeader>&amp;C别的</oddHeader>", xml)

    return changed(data, part_of(data, TABLE), change)


@pair
def a_merged_area_behind_the_header(data: bytes) -> bytes:
    return changed(
        data, part_of(data, TABLE),
        lambda xml: xml.replace(
            "</worksheet>", '<mergeCells><mergeCell ref="D5:E6"/></mergeCells></worksheet>'
        ),
    )  # fmt: skip


@pair
def a_row_hidden(data: bytes) -> bytes:
    return changed(
        data, part_of(data, TABLE), lambda xml: _first(xml, '<row r="6"', '<row hidden="1" r="6"')
    )


@pair
def a_cell_twice(data: bytes) -> bytes:
    def twice(xml: str) -> str:
        return re.sub(
            r'(<c r="D6"[^>]*>(?:(?!</c>).)*</c>|<c r="D6"[^>]*/>)', r"\1\1", xml, count=1
        )

    return changed(data, part_of(data, TABLE), twice)


@pair
def a_row_twice(data: bytes) -> bytes:
    return changed(
        data, part_of(data, TABLE),
        lambda xml: re.sub(r'(<row r="6".*?</row>)', r"\1\1", xml, count=1),
    )  # fmt: skip


@pair
def rows_in_another_order(data: bytes) -> bytes:
    return changed(
        data, part_of(data, TABLE),
        lambda xml: re.sub(r'(<row r="6".*?</row>)(<row r="7".*?</row>)', r"\2\1", xml, count=1),
    )  # fmt: skip


@pair
def a_formula_changed(data: bytes) -> bytes:
    return changed(
        data, part_of(data, TABLE), lambda xml: re.sub(r"(<f[^>]*>)SUM", r"\1MAX", xml, count=1)
    )


@pair
def a_lock_removed(data: bytes) -> bytes:
    return changed(
        data, part_of(data, TABLE), lambda xml: re.sub("<sheetProtection[^>]*/>", "", xml)
    )


@pair
def a_comment_in_the_rows(data: bytes) -> bytes:
    return changed(
        data, part_of(data, TABLE), lambda xml: _first(xml, '<row r="6"', '<!-- --><row r="6"')
    )


@pair
def a_part_more(data: bytes) -> bytes:
    return zip_({**parts(data), "xl/vbaProject.bin": b"x"})


@pair
def a_value_of_a_cell_in_two(data: bytes) -> bytes:
    return changed(
        data, part_of(data, TABLE),
        lambda xml: re.sub(r"<v>([0-9]+)</v>", r"<v>\1</v><v>5</v>", xml, count=1),
    )  # fmt: skip


@pair
def a_number_of_a_text_that_there_is_not(data: bytes) -> bytes:
    return changed(
        data, part_of(data, TABLE),
        lambda xml: re.sub(
            r'(<c r="D6"[^>/]*?)(?: t="[a-z]+")?(?:/>|>.*?</c>)',
            r'\1 t="s"><v>99999</v></c>',
            xml,
            count=1,
        ),
    )  # fmt: skip


@pair
def a_structure_within_a_value(data: bytes) -> bytes:
    """The bytes of the sheet are longer by what looks like the end of a cell and a new one."""
    return changed(
        data, part_of(data, TABLE),
        lambda xml: re.sub(r'(<c r="D7"[^>]*>)', r'<c r="D7"><v>4</v></c>\1', xml, count=1),
    )  # fmt: skip


@pair
def a_number_in_two_lines(data: bytes) -> bytes:
    return changed(
        data, part_of(data, TABLE),
        lambda xml: re.sub(
            r'(<c r="[D-J](?:6|7|8|9)"(?: s="[0-9]+")?(?: t="n")?>)<v>[0-9]+</v>',
            r"\1<v>1\n2</v>", xml, count=1,
        ),
    )  # fmt: skip


@pair
def another_encoding(data: bytes) -> bytes:
    return changed(
        data, part_of(data, TABLE),
        lambda xml: re.sub('encoding="UTF-8"', 'encoding="GBK"', xml, count=1),
    )  # fmt: skip


def damaged(rng: random.Random, data: bytes) -> bytes:
    """A workbook with a fault in the file or in the XML of one of its parts."""
    if rng.random() < 0.3:
        return hurt(rng, data)
    contents = parts(data)
    name = rng.choice([n for n in contents if n.startswith("xl/")])
    contents[name] = hurt(rng, contents[name])
    return zip_(contents)


def hurt(rng: random.Random, data: bytes) -> bytes:
    hurt_data = bytearray(data)
    at, other = rng.randrange(len(data)), rng.randrange(len(data))
    how = rng.randrange(6)
    if how == 0:
        del hurt_data[at:]
    elif how == 1:
        hurt_data[at] = rng.randrange(256)
    elif how == 2:
        del hurt_data[at : at + rng.randrange(1, 60)]
    elif how == 3:
        hurt_data[at:at] = hurt_data[other : other + rng.randrange(1, 60)]
    elif how == 4:
        hurt_data[at:at] = rng.choice(
            [b"<!---->", b"<?x?>", b"<v>1</v>", b"</c>", b"\0", b"</row>", b"&#0;"]
        )
    else:
        tags = [m.start() for m in re.finditer(rb"<(?:v|c|row|f|t)\b", data)] or [at]
        at = rng.choice(tags)
        del hurt_data[at : at + rng.randrange(1, 12)]
    return bytes(hurt_data)
