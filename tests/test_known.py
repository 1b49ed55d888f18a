"""Known structures: what is read by them is what is read without them, on every file; and a
structure is known only if nothing but its values has changed.
"""

from __future__ import annotations

import io
import random
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path

import pytest

from support.client import Office
from support.containers import zip_
from support.filled import FORM, LAYOUT
from support.inboxes import filled_in
from support.typed import typed
from xltools.layout.places import TEXT_SHEET
from xltools.match.matcher import Matcher
from xltools.model.cells import Grid
from xltools.model.errors import ReadError
from xltools.model.identity import CHECKS, COVER, IDENTITY, PRINT, WHY
from xltools.model.returns import Return
from xltools.readers.known import Structures
from xltools.readers.workbook import Book, book_of

ROOT = Path(__file__).parent.parent
MATCHER = Matcher(LAYOUT)
TABLE = LAYOUT.tables[1].sheet
Answer = str | tuple[Return, tuple[tuple[object, ...], ...], int, int]


def _shown(grid: Grid) -> tuple[object, ...]:
    values = [[(type(value).__name__, value) for value in row] for row in grid.rows]
    return values, dict(grid.flags), tuple(grid.merges), grid.visible


def answer(data: bytes, structures: Structures | None = None) -> Answer:
    """All that is read of a file: the return, every sheet, what is counted of two; or why not."""
    try:
        book = book_of(data, structures=structures)
        ret = MATCHER.match(book)
        sheets = tuple(_sheet(book, sheet.name) for sheet in book.sheets)
        # Asked of a book of which no sheet has been read yet.
        fresh = book_of(data, structures=structures)
        held = fresh.held(CHECKS, WHY) if CHECKS in book.names else 0
        made = fresh.formulas(PRINT) if PRINT in book.names else 0
    except ReadError as error:
        return f"{error.code} {error.detail}"
    return ret, sheets, held, made


def _sheet(book: Book, name: str) -> tuple[object, ...]:
    try:
        return _shown(book.grid(name))
    except ReadError as error:
        return (error.code, str(error.detail))


def known_sheets(data: bytes, structures: Structures) -> set[str]:
    """The sheets that are read by their structure."""
    book = book_of(data, structures=structures)
    return {s.name for s in book.sheets if book.grid(s.name).imprint is not None}


@cache
def good(seed: int) -> bytes:
    return filled_in(f"单位{seed}", seed)


@pytest.fixture
def warm() -> Structures:
    structures = Structures()
    for seed in range(3):
        answer(good(seed), structures)
    return structures


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


def workbooks() -> Iterator[Path]:
    folders = ("samples", "templates", "tests/data", "xltools")
    for folder in folders:
        yield from sorted(p for p in (ROOT / folder).rglob("*.xls[xm]") if p.is_file())


def test_the_next_return_is_read_by_its_structure(
    warm: Structures, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No library opens it any more."""
    import python_calamine

    def refused(*_: object) -> None:
        raise AssertionError("a library was asked")

    monkeypatch.setattr(python_calamine.CalamineWorkbook, "from_filelike", refused, raising=False)
    expected = {t.sheet for t in LAYOUT.tables} | {COVER, TEXT_SHEET, CHECKS, PRINT, IDENTITY}
    assert known_sheets(good(9), warm) == expected


def test_a_return_of_unknown_structure_is_read_alike_without_a_library(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import python_calamine

    expected = answer(good(0))

    def refused(*_: object) -> None:
        raise AssertionError("a library was asked")

    monkeypatch.setattr(python_calamine.CalamineWorkbook, "from_filelike", refused, raising=False)
    assert answer(good(0), Structures()) == expected


def in_first_figure(old: str, new: str) -> Callable[[bytes], bytes]:
    """A change of a workbook: the first cell with a figure in a table is written in another way.
    ``old``: what is replaced in its XML; ``new``: what by.
    """

    def change(data: bytes) -> bytes:
        cell = r'<c r="D6"[^>]*>(?:<f>[^<]*</f>)?<v>[0-9]+</v></c>'
        return changed(
            data, part_of(data, TABLE),
            lambda xml: re.sub(cell, lambda m: re.sub(old, new, m[0], count=1), xml, count=1),
        )  # fmt: skip

    return change


def at_the_end(cells: str) -> Callable[[bytes], bytes]:
    """A change of a workbook: a table is followed by a row, the 99th, with these cells."""
    return lambda data: changed(
        data,
        part_of(data, TABLE),
        lambda xml: xml.replace("</sheetData>", f'<row r="99">{cells}</row></sheetData>'),
    )


def in_styles(code: str) -> Callable[[bytes], bytes]:
    """A change of a workbook: all cell styles have the number format ``code``."""

    def change(data: bytes) -> bytes:
        formats = f'<numFmts count="1"><numFmt numFmtId="164" formatCode="{code}"/></numFmts>'

        def restyled(xml: str) -> str:
            xml = re.sub("<numFmts.*</numFmts>", "", xml)
            xml = re.sub("(<styleSheet[^>]*>)", lambda m: m[0] + formats, xml)
            return re.sub('numFmtId="[0-9]+"', 'numFmtId="164"', xml)

        return changed(data, "xl/styles.xml", restyled)

    return change


@pytest.mark.parametrize(
    "change",
    [
        *(in_first_figure("<v>[0-9]+</v>", f"<v>{value}</v>") for value in (
            "1E3", "0.1234567890123456", "12.50", "-0", "-7", "007", "1 ", "", "46000", "&#49;",
            "1e400",
        )),
        *(in_first_figure("<v>[0-9]+", f"{more}<v>5") for more in (
            "<f>1+</f>", "<f/>", "<f>&x;</f>", "<f>&#26376;</f>", "<f>&#55555;</f>",
        )),
        *(at_the_end(cell) for cell in (
            '<c r="A99"/>', '<c r="A99" t="str"/>', '<c r="A99" t="str"><f>A1</f></c>',
            '<c r="A99" t="str"><v/></c>', '<c r="A99" t="str"><f>A1</f><v></v></c>',
            '<c r="A99" t="inlineStr"><is><t></t></is></c>', '<c r="A99" t="inlineStr"></c>',
            '<c r="A99"><v></v></c>', '<c r="A99"><v/></c>', '<c r="A99" t="s"><v></v></c>',
            '<c r="A99" t="str"><is><t>a</t></is></c>', '<c r="A99"><is><t>a</t></is></c>',
            '<c r="A98"><v>1</v></c>', '<c r="A99"><v>1</v></c><c r="A99"><v>2</v></c>',
            '</row><c r="A99"><v>1</v></c><row r="100">',
            '<c r="A99"><v>1</v></c></row><c r="A100"/><row r="101">', '</row><row r="98">',
            '<c r="B99"><v>1</v></c><c r="A99"><v>2</v></c>', '<c r="ABC99"><v>1</v></c>',
        )),
        *(in_first_figure('"D6"', f'"D6" t="{kind}"') for kind in ("n", "b", "e", "s", "str", "d")),
        in_first_figure("<v>[0-9]+</v>", '<v xml:space="preserve"> 5 </v>'),
        in_first_figure("<v>[0-9]+</v>", "<is><t>5</t></is>"),
        in_first_figure('"D6"', '"D6" t="inlineStr"'),
        in_first_figure("</c>", "</c><x/>"),
        in_first_figure('"D6"', '"D7"'),
        in_first_figure("<v>", "<v><!-- -->"),
        *map(in_styles, (
            "General", "0", "yyyy-mm-dd", "yyyy/m/d", "[h]:mm", "0.00E+00", "[Red]0",
            "&quot;d&quot;0",
            "\\d0", "h:mm", "#,##0.00_);(0)", "0%", "General;d", "aaaa", "月", "m月",
        )),
        lambda data: in_styles("yyyy-mm-dd")(PAIRS["dates_since_1904"](data)),
    ],
)  # fmt: skip
def test_what_no_library_reads_is_read_as_by_one(change: Callable[[bytes], bytes]) -> None:
    data = change(good(0))
    assert data != good(0)
    assert answer(data, Structures()) == answer(data)


@pytest.mark.parametrize("backwards", [False, True])
def test_every_workbook_is_read_alike(backwards: bool) -> None:
    paths = list(workbooks())
    structures = Structures()
    for _ in range(2):
        for path in reversed(paths) if backwards else paths:
            data = path.read_bytes()
            assert answer(data, structures) == answer(data), path


def test_every_fill_is_read_alike() -> None:
    """Blanks, decimals, words, formulas and errors in cells, known for the second time or not."""
    rng = random.Random(5)
    structures = Structures()
    cells = [f"{at.sheet}!{at.a1}" for i in FORM.inputs() for at in [LAYOUT.addresses[i.index]]]
    values: Sequence[str | int | float] = (
        0, 7, 12.5, -3, 10**15 + 1, 1e-7, 0.1 + 0.2, "无", "１２", "7", "=1+1", "#DIV/0!", " 5 ",
        "a&b", "_x000D_", "是\n否",
    )  # fmt: skip
    blank = typed(good(0), {})
    for number in range(60):
        some = rng.sample(cells, 1 + number % 5)
        plain = {cell: rng.randrange(10**6) for cell in rng.sample(cells, 150)}
        data = typed(blank, plain | {cell: rng.choice(values) for cell in some})
        assert answer(data, structures) == answer(data), number


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


@pytest.mark.parametrize("name", PAIRS)
def test_what_differs_from_a_known_workbook_is_read_alike(name: str, warm: Structures) -> None:
    """Twice, so that what was learned of the changed file is tried as well."""
    for seed in (1, 2, 3):
        data = PAIRS[name](good(seed))
        assert answer(data, warm) == answer(data) == answer(data, Structures())
        assert answer(good(seed), warm) == answer(good(seed))


@pytest.mark.program
def test_returns_of_another_program_are_read_alike(office: Office, tmp_path: Path) -> None:
    structures = Structures()
    saved = []
    for seed in range(4):
        (tmp_path / f"{seed}.xlsx").write_bytes(good(seed))
        saved.append(
            office.convert(tmp_path / f"{seed}.xlsx", tmp_path / f"b{seed}.xlsx").read_bytes()
        )
    for data in saved:
        assert answer(data, structures) == answer(data)
    assert TABLE in known_sheets(saved[0], structures)
    for name, change in PAIRS.items():
        try:
            data = change(saved[1])
        except AssertionError:
            continue  # the program writes it otherwise
        assert answer(data, structures) == answer(data), name
        assert answer(saved[2], structures) == answer(saved[2]), name


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


@pytest.mark.parametrize("seed", range(8))
def test_damage_is_read_alike(seed: int, warm: Structures) -> None:
    """2,000 damaged workbooks in all, between sound ones."""
    rng = random.Random(seed)
    for number in range(250):
        data = damaged(rng, good(number % 3))
        assert answer(data, warm) == answer(data), number
        if number % 50 == 0:
            assert answer(good(number), warm) == answer(good(number))
