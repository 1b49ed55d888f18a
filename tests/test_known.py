"""Known structures: what is read by them is what is read without them, on every file; and a
structure is known only if nothing but its values has changed.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path

import pytest

from support.changes import PAIRS, TABLE, changed, damaged, part_of
from support.client import Office
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


@pytest.mark.parametrize("seed", range(8))
def test_damage_is_read_alike(seed: int, warm: Structures) -> None:
    """2,000 damaged workbooks in all, between sound ones."""
    rng = random.Random(seed)
    for number in range(250):
        data = damaged(rng, good(number % 3))
        assert answer(data, warm) == answer(data), number
        if number % 50 == 0:
            assert answer(good(number), warm) == answer(good(number))
