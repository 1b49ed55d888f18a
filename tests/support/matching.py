"""A return as sheets of raw values, matched with the form; and what came of it."""

from __future__ import annotations

from collections.abc import Mapping

from support.drawn import Figure
from support.filled import FORM, LAYOUT
from xltools.layout.places import TableLayout
from xltools.match.matcher import Matcher
from xltools.model.cells import Flag, Grid, Raw
from xltools.model.findings import Finding
from xltools.model.identity import IDENTITY
from xltools.model.returns import Return, Status
from xltools.readers.workbook import Book, Sheet

MATCHER = Matcher(LAYOUT)
T2, T3, T4 = LAYOUT.tables
COUNT = len(FORM.items)
# Every item its own number, so that no figure can stand in for another unseen.
FIGURES: dict[int, int] = {i.index: 1000 + 7 * i.index for i in FORM.items}
Rows = list[list[Raw]]
Pages = dict[str, Rows]
Flags = dict[str, dict[tuple[int, int], Flag]]


def rows_of(table: TableLayout, figures: Mapping[int, Figure] = FIGURES) -> Rows:
    """A table's own sheet as a reader gives it: a merged text in its first cell only."""
    rows: Rows = [[""] * len(table.drawing.widths) for _ in table.drawing.heights]
    for box in table.drawing.boxes:
        value = box.text if box.item is None else figures.get(box.item, "")
        rows[box.row][box.col] = float(value) if type(value) is int else value  # type: ignore[assignment]  # because figures of tests are raw values too
    return rows


def pages_of(figures: Mapping[int, Figure] = FIGURES) -> Pages:
    return {table.sheet: rows_of(table, figures) for table in LAYOUT.tables}


def identity_rows(**more: Raw) -> Rows:
    fields: dict[str, Raw] = {"kind": "return", "form": FORM.form, "edition": FORM.edition}
    fields |= {"unit": "硚口区教育局", "year": 2025.0, **more}
    return [[k, v] for k, v in fields.items()]


def match(pages: Pages, flags: Flags | None = None, *, ours: bool = False) -> Return:
    pages = dict(pages)
    if ours:
        pages[IDENTITY] = identity_rows()

    def load(name: str, _: bool) -> Grid:
        return Grid(name=name, rows=pages[name], flags=(flags or {}).get(name, {}))

    return MATCHER.match(Book([Sheet(name=n, visible=True) for n in pages], load))


def codes(ret: Return) -> list[str]:
    return [f.code for f in ret.findings]


def only(ret: Return, code: str) -> Finding:
    findings = [f for f in ret.findings if f.code == code]
    assert len(findings) == 1, codes(ret)
    return findings[0]


def assert_complete(ret: Return, figures: Mapping[int, Figure] = FIGURES) -> None:
    """Every figure came back, and is where its place says."""
    assert ret.numbers == [figures[i] for i in range(COUNT)]
    assert set(ret.statuses) == {Status.GIVEN}
    assert not ret.missing


def item(name: str) -> int:
    return FORM.by_name[name]


def put(pages: Pages, name: str, value: Raw) -> tuple[str, int, int]:
    at = LAYOUT.address(item(name))
    pages[at.sheet][at.row][at.col] = value
    return at.sheet, at.row, at.col


def insert_rows(rows: Rows, at: int, count: int = 1) -> None:
    rows[at:at] = [[""] * len(rows[0]) for _ in range(count)]


def insert_columns(rows: Rows, at: int, count: int = 1) -> None:
    for row in rows:
        row[at:at] = [""] * count


def delete_column(rows: Rows, at: int) -> None:
    for row in rows:
        del row[at]


def paste(target: Rows, source: Rows, top: int, left: int) -> Rows:
    height = max(len(target), top + len(source))
    width = max([len(r) for r in target] + [left + len(source[0])])
    for row in target:
        row.extend([""] * (width - len(row)))
    target += [[""] * width for _ in range(height - len(target))]
    for r, row in enumerate(source):
        target[top + r][left : left + len(row)] = row
    return target


def relabel(rows: Rows, change: Mapping[str, str]) -> None:
    seen = set()
    for row in rows:
        for c, value in enumerate(row):
            if isinstance(value, str) and value.replace("\n", "") in change:
                seen.add(value.replace("\n", ""))
                row[c] = change[value.replace("\n", "")]
    assert seen == set(change)
