"""What is to be said of a table as it was found: what is missing, moved, changed or merged."""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import replace
from itertools import groupby

from xltools.layout.places import Layout
from xltools.match.copies import Copy
from xltools.match.figures import Figures
from xltools.match.locate import Expected
from xltools.match.others import Other, headings_of
from xltools.match.rows import remarks_of
from xltools.model.cells import Address, Area, Grid
from xltools.model.findings import Finding, finding
from xltools.model.form import Form
from xltools.model.returns import Status
from xltools.model.text import cut
from xltools.model.wording import Listing, Phrase, Saying, Shift, Value, each, several


def merged(table: Expected, figures: Figures, grid: Grid) -> list[Finding]:
    """Areas of a sheet, merged into one cell, over several cells of a table that was read from it,
    an input among them: M-09 where they hold a figure, or hide what stands in an input; M-16 where
    all is blank or zero, so that nothing can be mistaken.
    """
    strange = [area for area in grid.merges if area not in table.merges]
    if not strange:
        return []
    cells: dict[tuple[int, int], int] = {}
    for item, _ in table.cells:
        place = figures.places[item]
        if place is not None and place.sheet == grid.name:
            cells[place.row, place.col] = item
    areas: dict[str, dict[Area, list[int]]] = {"M-09": {}, "M-16": {}}
    for area in strange:
        items = [item for at, item in cells.items() if area.holds(*at)]
        if all(figures.form.items[item].formula is not None for item in items):
            continue
        if _mixed(area, items, figures, grid):
            areas["M-09"][area] = items
        elif len(items) > 1:
            areas["M-16"][area] = items
    return [_of(code, held, figures, grid) for code, held in areas.items() if held]


def _of(code: str, areas: Mapping[Area, Sequence[int]], figures: Figures, grid: Grid) -> Finding:
    """The finding on areas of a sheet; the figures beneath each are given."""
    covered = list(dict.fromkeys(item for items in areas.values() for item in items))
    places = [figures.places[item] for item in covered]
    return finding(
        code,
        sheet=grid.name,
        cells=tuple(p.a1 for p in places if p is not None),
        items=tuple(figures.form.items[item].name for item in covered),
        labels=figures.form.items[covered[0]].path,
        found=several(areas),
    )


def _mixed(area: Area, items: Sequence[int], figures: Figures, grid: Grid) -> bool:
    """Whether a merged area holds a figure that may be of another cell than the one it is read
    from.
    """
    shown = grid.raw(area.top, area.left)
    figure = isinstance(shown, (int, float)) and shown != 0
    if len(items) > 1:
        return figure or any(
            figures.statuses[i] is Status.UNREADABLE or figures.numbers[i] for i in items
        )
    place = figures.places[items[0]]
    if place is None or (place.row, place.col) == (area.top, area.left):
        return False
    beneath = grid.raw(place.row, place.col)
    return figure if beneath is None else beneath != shown


_MOST = 4  # stretches of lines that a finding names


def describe(copy: Copy, expected: Sequence[Address], sheet: str) -> Value:
    """How a copy's place differs from the expected one; "" when it does not.

    ``expected``: the cells of all items; ``sheet``: the table's own sheet.
    """
    rows = {expected[i].row: r - expected[i].row for i, (r, _) in copy.cells.items()}
    columns = {expected[i].col: c - expected[i].col for i, (_, c) in copy.cells.items()}
    shifts = [*_shifts(rows, columns=False), *_shifts(columns, columns=True)]
    if copy.sheet != sheet:
        corner = Address(copy.sheet, *copy.corner).a1
        return Phrase.ON_SHEET_FROM(copy.sheet, corner) if shifts else Phrase.ON_SHEET(copy.sheet)
    return Listing(values=tuple(shifts), most=_MOST, mark="，") if shifts else ""


def _shifts(lines: Mapping[int, int], *, columns: bool) -> list[Shift]:
    """The stretches of rows or columns that moved alike. ``lines``: the shift of each by number."""
    stretches = []
    for by, group in groupby(sorted(lines.items()), key=lambda pair: pair[1]):
        numbers = [line for line, _ in group]
        stretches.append((numbers[0], numbers[-1], by))
    return [
        Shift(columns=columns, first=first, last=last, by=by, onwards=last == stretches[-1][1])
        for first, last, by in stretches
        if by
    ]


def remarks(
    layout: Layout, table: Expected, copy: Copy, keys: Set[str], *, document: bool
) -> Iterable[Finding]:
    """M-02 to M-04, M-07, M-08, M-17 and M-18 of a copy. In a document no place is the expected
    one. ``keys``: of all texts of its sheet.
    """
    title, sheet = table.table.title, copy.sheet
    corner = Address(sheet, *copy.corner).a1
    shared = {i for group in copy.collapsed for items in group.parts.values() for i in items}
    if copy.missing:
        apart = shared | {i for row in copy.uneven for i in row.items}
        lost = [i for i, _ in table.cells if i not in copy.cells and i not in apart]
        yield finding(
            "M-02",
            sheet=sheet,
            cells=(corner,),
            items=tuple(layout.form.items[i].name for i in sorted(lost)),
            found=_missing(copy, layout.form, table.table.key, keys),
            detail=title,
        )
    for count in sorted({row.count for row in copy.uneven}):
        rows = [row for row in copy.uneven if row.count == count]
        yield finding(
            "M-07",
            sheet=sheet,
            cells=tuple(Address(sheet, *row.place).a1 for row in rows),
            items=tuple(layout.form.items[i].name for row in rows for i in row.items),
            found=several(row.label for row in rows),
            expected=count,
            detail=title,
        )
    if copy.shifted:
        yield finding(
            "M-08",
            sheet=sheet,
            cells=tuple(Address(sheet, *place).a1 for place, _ in copy.shifted),
            found=several([label for _, label in copy.shifted]),
            detail=title,
        )
    yield from remarks_of(copy, layout.form, title)
    places = {i: place for i, place in copy.cells.items() if i not in shared}
    moved = replace(copy, cells=places)
    place = "" if document else describe(moved, layout.addresses, table.sheet)
    if place:
        yield finding("M-03", sheet=sheet, cells=(corner,), found=place, detail=title)
    if copy.changed:
        yield finding(
            "M-04",
            sheet=sheet,
            cells=tuple(Address(sheet, *place).a1 for place, _, _ in copy.changed),
            found=several([cut(text) for _, text, _ in copy.changed]),
            expected=several([label for _, _, label in copy.changed]),
            detail=title,
        )


def _missing(copy: Copy, form: Form, table: str, keys: Set[str]) -> Value:
    """The headings that a copy of a table lacks, and those of another edition of the form that
    stand there. ``keys``: of all texts of its sheet.
    """
    missing, edition = several(copy.missing), headings_of(form, table, keys)
    if edition is None:
        return missing
    return Phrase.MISSING_INSTEAD(missing, _edition(edition.form), each(edition.labels, "”“"))


def of_edition(form: Form, edition: Other) -> Finding:
    """That the tables are those of another edition."""
    return finding(
        "I-12",
        found=_edition(edition.form),
        expected=_edition(form),
        detail=each(edition.labels, "”“"),
    )


def _edition(form: Form) -> Saying:
    """An edition as people call it: 2019年版."""
    is_year = form.edition.isdecimal() and len(form.edition) == 4
    return (Phrase.EDITION_OF_YEAR if is_year else Phrase.EDITION_NAMED)(form.edition)
