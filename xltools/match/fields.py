"""Read what a workbook says apart from its tables: the titles above them, its hidden sheet, and the
sheets 填报 and 文字.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from functools import lru_cache
from typing import Final

from xltools.layout.places import TEXT_SHEET, Layout
from xltools.match.labels import key
from xltools.model import numbers
from xltools.model.cells import Address, Grid
from xltools.model.form import Form
from xltools.model.identity import (
    COVER,
    DATE,
    FIELD_COLUMN,
    FIELDS,
    FILLER,
    NONE_COLUMN,
    PHONE,
    PRINT,
    PRIOR,
    UNIT,
    VALUE_COLUMN,
    YEAR,
    YES,
    ZERO,
    Identity,
    identity_entries,
    identity_rows,
)
from xltools.model.numbers import Number
from xltools.model.stated import first_year
from xltools.readers.book import Book
from xltools.readers.structures import SheetContent

_ROWS: Final = 15  # rows above the first figure of a sheet that may hold titles
_COLUMNS: Final = 60  # columns that may hold titles
_LONGEST: Final = 80  # characters of a title or a label; what is longer is prose
_CHARACTERS: Final = 400  # characters of all titles together
_MOST: Final = 2000  # rows of a sheet that are looked at
_COVER_ROWS, _COVER_COLUMNS = 200, 20  # of a sheet that may be 填报


def titles(book: Book, places: Sequence[Address | None], label_keys: Collection[str]) -> str:
    """The titles of a workbook, one in each line: short texts above the first figure of each sheet
    with figures, and at the top of 打印稿. "" where no figure was found.

    ``places``: the cells of the items, None for one that was not found; ``label_keys``: the keys of
    the form's labels, which are not titles.
    """
    first: dict[str, int] = {}
    for place in places:
        if place is not None and place.row < first.get(place.sheet, 1 << 30):
            first[place.sheet] = place.row
    if not first:
        return ""
    if PRINT in book.names:
        first.setdefault(PRINT, _ROWS)
    lines: dict[str, None] = {}
    for sheet, row in first.items():
        lines.update(dict.fromkeys(_above(book, sheet, min(row, _ROWS), label_keys)))
    return "\n".join(lines)[:_CHARACTERS]


def _above(book: Book, sheet: str, end: int, label_keys: Collection[str]) -> Iterator[str]:
    """Yield the texts above row ``end`` of a sheet that may be titles, on one line and with single
    spaces. Left out are texts longer than _LONGEST and labels of the form. ``label_keys``: the
    keys of these labels.
    """
    for row in book.values(sheet).rows[:end]:
        for value in row[:_COLUMNS]:
            if isinstance(value, str) and value.strip() and len(value) <= _LONGEST:
                text_key = key(value)
                if text_key and text_key not in label_keys:
                    yield " ".join(value.split())


_KEYS: Final = frozenset(f.name for f in fields(Identity)) - {"kind", "year"}


def identity(grid: Grid) -> Identity | None:
    """Read from the hidden sheet (``grid``) what kind of workbook this is, and whose; None if it
    does not name a kind, as in a workbook that xltools did not make.
    """
    entries = identity_entries(grid)
    if not entries.get("kind"):
        return None
    texts = {name: entries[name] for name in _KEYS & entries.keys()}
    return Identity(kind=entries["kind"], year=first_year(entries.get("year", "")), **texts)


def priors(form: Form, grid: Grid) -> dict[int, Number]:
    """Read last year's figures that a template carries on its hidden sheet (``grid``), by item
    number.
    """
    figures: dict[int, Number] = {}
    for name, row in identity_rows(grid).items():
        if not name.startswith(PRIOR):
            continue
        item = form.by_name.get(name.removeprefix(PRIOR))
        value = grid.raw(row, 1)
        if item is not None and isinstance(value, (int, float)):
            number = numbers.from_float(value)
            if number is not None:
                figures[item] = number
    return figures


@dataclass(slots=True)
class Cover:
    """The fields of 填报; "" and 0 where they are blank.

    ``zero``: the unit declares that all blanks are zero; ``none``: the keys of the tables that it
    declares to have no cases.
    """

    unit: str = ""
    year: int = 0
    filler: str = ""
    phone: str = ""
    date: str = ""
    zero: bool = False
    none: set[str] = field(default_factory=set)


def cover(book: Book, layout: Layout) -> Cover:
    """Read the sheet 填报. Where no sheet has that name, as in a template printed to a document,
    the sheet that has its labels is read. A blank ``Cover`` if there is none, or if several such
    sheets name different units.
    """
    if COVER in book.names:
        return _cover(book.values(COVER), layout)
    grids = [book.values(sheet.name) for sheet in book.sheets]
    covers = [_cover(grid, layout) for grid in grids if _labelled(grid)]
    units = {candidate.unit for candidate in covers if candidate.unit}
    if len(units) != 1:
        return Cover()
    return next(candidate for candidate in covers if candidate.unit)


def _labelled(grid: Grid) -> bool:
    """Whether a sheet may be 填报: the labels of unit, year and one more field are in one column.
    In a list of units they would be in one row.
    """
    names = {key(name): name for name in FIELDS}
    columns: dict[int, set[str]] = {}
    for _, col, text in _labels(grid):
        if (name := names.get(key(text))) is not None:
            columns.setdefault(col, set()).add(name)
    return any(len(seen) > 2 and {UNIT, YEAR} <= seen for seen in columns.values())


_FIELDS: Final = {key(name): name for name in FIELDS}


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverPlaces:
    """Where the values of 填报 are, as (row, column): ``fields`` by the name of the field, ``none``
    by the key of the table. ``are_certain``: all labels are in their column, so that no text in
    another column is looked at but the values.
    """

    fields: dict[str, tuple[int, int]] = field(default_factory=dict)
    none: dict[str, tuple[int, int]] = field(default_factory=dict)
    are_certain: bool = False


def cover_places(grid: Grid, layout: Layout) -> CoverPlaces:
    """Find the values of a sheet that is read as 填报: each is beside its label."""
    titles = {key(t.title): t.key for t in layout.form.tables}
    values: dict[str, tuple[int, int]] = {}
    none: dict[str, tuple[int, int]] = {}
    for r, c, text in _labels(grid):
        if c != FIELD_COLUMN and len(values) == len(_FIELDS) and len(none) == len(titles):
            return CoverPlaces(fields=values, none=none, are_certain=True)
        text_key = key(text)
        shift = c + VALUE_COLUMN - FIELD_COLUMN
        if text_key in _FIELDS:
            values.setdefault(_FIELDS[text_key], (r, shift))
        elif text_key in titles:
            none.setdefault(titles[text_key], (r, c + NONE_COLUMN - FIELD_COLUMN))
    return CoverPlaces(fields=values, none=none)


def _cover(grid: Grid, layout: Layout) -> Cover:
    """Read a sheet as 填报."""
    places = cover_places(grid, layout)
    values = places.fields
    texts = {name: grid.text(*at) for name, at in values.items()}
    day = grid.raw(*values[DATE]) if DATE in values else None
    if isinstance(day, datetime):
        texts[DATE] = day.date().isoformat()
    elif isinstance(day, date):
        texts[DATE] = day.isoformat()
    return Cover(
        unit=texts.get(UNIT, ""),
        year=first_year(texts.get(YEAR, "")),
        filler=texts.get(FILLER, ""),
        phone=texts.get(PHONE, ""),
        date=texts.get(DATE, ""),
        zero=texts.get(ZERO, "") == YES,
        none={table for table, at in places.none.items() if grid.text(*at) == YES},
    )


def _labels(grid: Grid) -> Iterator[tuple[int, int, str]]:
    """Yield the short texts of a sheet as (row, column, text); those in the column in which 填报
    has its labels come first.
    """
    rows = list(grid.rows[:_COVER_ROWS])
    for r, row in enumerate(rows):
        if len(row) > FIELD_COLUMN:
            value = row[FIELD_COLUMN]
            if isinstance(value, str) and 0 < len(value) <= _LONGEST:
                yield r, FIELD_COLUMN, value
    for r, row in enumerate(rows):
        for c, value in enumerate(row[:_COVER_COLUMNS]):
            if c != FIELD_COLUMN and isinstance(value, str) and 0 < len(value) <= _LONGEST:
                yield r, c, value


def _same(text: str, label: str) -> bool:
    """Whether a text is the label of a form."""
    return text == label or key(text) == key(label)


Paragraphs = dict[str, list[tuple[int, str]]]
"""The paragraphs on 文字, each with its row, by the name of the text under whose heading they
are.
"""


@lru_cache(maxsize=8)
def _headings(layout: Layout) -> Sequence[tuple[int, str, str]]:
    """The headings on 文字 in order: the row, the label, and the name of the text that follows, ""
    for none.
    """
    titles = [(title.row, title.part.title, "") for title in layout.titles]
    return sorted([*titles, *((p.heading, p.text.label, p.text.name) for p in layout.texts)])


def paragraphs(book: Book, layout: Layout) -> Paragraphs:
    """The paragraphs of a workbook; empty where it has no sheet 文字."""
    content = book.content(TEXT_SHEET)
    known = known_prose(content, layout) if content is not None else None
    if known is None and TEXT_SHEET in book.names:
        return prose(book.values(TEXT_SHEET), layout)
    return known or {}


def prose(grid: Grid, layout: Layout) -> Paragraphs:
    """The paragraphs on 文字. The headings are taken at their expected rows if all of them are
    there, otherwise wherever they are found in their order.
    """
    marks = _headings(layout)
    first = [row[0] if row else "" for row in grid.rows[:_MOST]]
    column = [
        value.strip() if type(value) is str else grid.text(r, 0) if value else ""
        for r, value in enumerate(first)
    ]
    places: dict[int, str] = {}
    if all(row < len(column) and _same(column[row], label) for row, label, _ in marks):
        places = {row: name for row, _, name in marks}
    else:
        at = 0
        for _, label, name in marks:
            label_key = key(label)
            row = next((r for r in range(at, len(column)) if key(column[r]) == label_key), None)
            if row is not None:
                places[row], at = name, row + 1
    return _below(places, enumerate(column))


def _below(places: Mapping[int, str], column: Iterable[tuple[int, str]]) -> Paragraphs:
    """The texts of a column (row and text, in order) that are paragraphs. ``places``: by the rows
    of headings, the names of the texts below them.
    """
    paragraphs: Paragraphs = {}
    current = ""
    for r, line in column:
        if r in places:
            current = places[r]
        elif current and line:
            paragraphs.setdefault(current, []).append((r, line))
    return paragraphs


def known_prose(content: SheetContent, layout: Layout) -> Paragraphs | None:
    """The paragraphs on 文字, as `prose` gives them, of a sheet with a known structure; None where
    a heading is not at its expected row as the form prints it, or there is a figure among the
    paragraphs.
    """
    spots = content.plan.spots
    if any(col == 0 for _, _, col in spots.numbers + spots.days):
        return None
    texts = zip(content.texts, spots.shared + spots.texts, strict=True)
    column = {row: text for text, (_, row, col) in texts if col == 0}
    headings = _headings(layout)
    if any(column.get(row) != label for row, label, _ in headings):
        return None
    return _below({row: name for row, _, name in headings}, sorted(column.items()))


def texts_of(paragraphs: Paragraphs) -> dict[str, str]:
    """The texts of a return, by name; each paragraph is a line or several."""
    return {name: "\n".join([line for _, line in rows]) for name, rows in paragraphs.items()}


def line_places(paragraphs: Paragraphs) -> dict[str, list[Address]]:
    """The cells of the lines of the texts, by name."""
    return {
        name: [Address(TEXT_SHEET, r, 0) for r, line in rows for _ in line.split("\n")]
        for name, rows in paragraphs.items()
    }
