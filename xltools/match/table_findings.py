"""Make the findings about a table as it was found: what is missing, moved, changed, merged or
collapsed; and, for a document, why a table could not be read.
"""

from collections.abc import Iterator, Mapping, Sequence, Set
from itertools import groupby
from typing import Final

from xltools.layout.places import Layout
from xltools.match.copies import Collapsed, Copy
from xltools.match.editions import OtherEdition, headings_of
from xltools.match.figures import Figures
from xltools.match.labels import LONGEST, key
from xltools.match.locate import Expected
from xltools.match.measures import MeasureJudgement
from xltools.match.prose import by_part
from xltools.model.cells import Address, Area, Grid
from xltools.model.findings import Finding, Topic, finding, is_about
from xltools.model.form import Form, Table
from xltools.model.numbers import scaled
from xltools.model.returns import Status
from xltools.model.text import cut
from xltools.model.wording import Listing, Phrase, Saying, Shift, Value, each, in_words, several
from xltools.readers.book import TextLine

_STRETCHES: Final = 4  # stretches of rows or columns that a finding names
_SHORTEST: Final = 3  # characters of a label that is recognised within running text


def merged(table: Expected, figures: Figures, grid: Grid) -> list[Finding]:
    """The findings about areas of a sheet that were merged into one cell where the form has several
    cells, at least one of them an input.

    M-09: the area has a figure that may belong to any of its cells, or hides the content of an
    input. M-16: everything in it is blank or zero, so that nothing can be mistaken. ``figures``: as
    read from ``grid``, the sheet of the table.
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
        if _is_ambiguous(area, items, figures, grid):
            areas["M-09"][area] = items
        elif len(items) > 1:
            areas["M-16"][area] = items
    return [_on_areas(code, held, figures, grid) for code, held in areas.items() if held]


def _on_areas(
    code: str, areas: Mapping[Area, Sequence[int]], figures: Figures, grid: Grid
) -> Finding:
    """A finding with a code about merged areas of a sheet. ``areas``: the items whose cells are in
    each.
    """
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


def _is_ambiguous(area: Area, items: Sequence[int], figures: Figures, grid: Grid) -> bool:
    """Whether the figure in a merged area may belong to another cell than the one from which it was
    read. ``items``: those whose cells are in the area, at least one.
    """
    shown = grid.raw(area.top, area.left)
    has_figure = isinstance(shown, (int, float)) and shown != 0
    if len(items) > 1:
        return has_figure or any(
            figures.statuses[i] is Status.UNREADABLE or figures.numbers[i] for i in items
        )
    place = figures.places[items[0]]
    if place is None or (place.row, place.col) == (area.top, area.left):
        return False
    beneath = grid.raw(place.row, place.col)
    return has_figure if beneath is None else beneath != shown


def on_copy(
    layout: Layout, table: Expected, copy: Copy, keys: Set[str], *, document: bool
) -> Iterator[Finding]:
    """The findings about the copy from which a table is read: rows and columns missing (M-02),
    moved (M-03), reworded headings (M-04), rows with too few or too many figures (M-07), rows not
    under their headings (M-08), and groups of rows collapsed into one (M-17, M-18).

    ``keys``: the keys of all texts on the sheet; ``document``: whether the file is a text; a table
    in a text has no expected cells, so nothing counts as moved.
    """
    title, sheet, form = table.table.title, copy.sheet, layout.form
    corner = Address(sheet, *copy.corner).a1
    shared = {i for group in copy.collapsed for items in group.parts.values() for i in items}
    if copy.missing:
        apart = shared | {i for row in copy.uneven for i in row.items}
        lost = [i for i, _ in table.cells if i not in copy.cells and i not in apart]
        yield finding(
            "M-02",
            sheet=sheet,
            cells=(corner,),
            items=tuple(form.items[i].name for i in sorted(lost)),
            found=_missing(copy, form, table.table.key, keys),
            detail=title,
        )
    for count in sorted({row.count for row in copy.uneven}):
        rows = [row for row in copy.uneven if row.count == count]
        yield finding(
            "M-07",
            sheet=sheet,
            cells=tuple(Address(sheet, *row.place).a1 for row in rows),
            items=tuple(form.items[i].name for row in rows for i in row.items),
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
    yield from _collapsed(copy, form, title)
    apart_cells = {i: place for i, place in copy.cells.items() if i not in shared}
    moved = "" if document else _moved(copy, apart_cells, layout.addresses, table.sheet)
    if moved:
        yield finding("M-03", sheet=sheet, cells=(corner,), found=moved, detail=title)
    if copy.changed:
        yield finding(
            "M-04",
            sheet=sheet,
            cells=tuple(Address(sheet, *place).a1 for place, _, _ in copy.changed),
            found=several([cut(text) for _, text, _ in copy.changed]),
            expected=several([label for _, _, label in copy.changed]),
            detail=title,
        )


def _moved(
    copy: Copy, cells: Mapping[int, tuple[int, int]], expected: Sequence[Address], sheet: str
) -> Value:
    """How far cells of a copy are from where they are expected; "" where all are in place.

    ``cells``: by item, the cells of the copy that belong to one item only; ``expected``: the
    expected cells of all items of the form; ``sheet``: the table's own sheet.
    """
    rows = {expected[i].row: r - expected[i].row for i, (r, _) in cells.items()}
    columns = {expected[i].col: c - expected[i].col for i, (_, c) in cells.items()}
    shifts = [*_shifts(rows, columns=False), *_shifts(columns, columns=True)]
    if copy.sheet != sheet:
        corner = Address(copy.sheet, *copy.corner).a1
        return Phrase.ON_SHEET_FROM(copy.sheet, corner) if shifts else Phrase.ON_SHEET(copy.sheet)
    return Listing(values=tuple(shifts), most=_STRETCHES, mark="，") if shifts else ""


def _shifts(lines: Mapping[int, int], *, columns: bool) -> list[Shift]:
    """The stretches of rows (or of columns, if ``columns``) that moved by the same distance.
    ``lines``: how far each row or column moved, by its expected number; 0 for not at all.
    """
    stretches = []
    for by, group in groupby(sorted(lines.items()), key=lambda pair: pair[1]):
        numbers = [line for line, _ in group]
        stretches.append((numbers[0], numbers[-1], by))
    return [
        Shift(columns=columns, first=first, last=last, by=by, onwards=last == stretches[-1][1])
        for first, last, by in stretches
        if by
    ]


def _missing(copy: Copy, form: Form, table: str, keys: Set[str]) -> Value:
    """The headings that a copy of a table lacks and, where another edition of the form has other
    headings that are on the sheet instead, those too. ``table``: the key of the table.
    """
    missing, edition = several(copy.missing), headings_of(form, table, keys)
    if edition is None:
        return missing
    return Phrase.MISSING_INSTEAD(missing, _edition(edition.form), each(edition.labels, "”“"))


def of_edition(form: Form, edition: OtherEdition) -> Finding:
    """I-12: the tables are those of another ``edition`` than that of ``form``."""
    return finding(
        "I-12",
        found=_edition(edition.form),
        expected=_edition(form),
        detail=each(edition.labels, "”“"),
    )


def _edition(form: Form) -> Saying:
    """The edition of a form in words: 2019年版."""
    is_year = form.edition.isdecimal() and len(form.edition) == 4
    return (Phrase.EDITION_OF_YEAR if is_year else Phrase.EDITION_NAMED)(form.edition)


def _collapsed(copy: Copy, form: Form, title: str) -> Iterator[Finding]:
    """M-17 for collapsed groups all of whose items are known because their figures are 0; M-18 for
    those of which some items are unknown and have to be asked for. ``title``: of the table.
    """
    for code, asked in (("M-17", False), ("M-18", True)):
        groups = [g for g in copy.collapsed if _is_open(g, copy) is asked]
        if not groups:
            continue
        parts = [
            (place, items)
            for group in groups
            for place, items in group.parts.items()
            if not asked or copy.cells.keys().isdisjoint(items)
        ]
        yield finding(
            code,
            sheet=copy.sheet,
            cells=tuple(Address(copy.sheet, *place).a1 for place, _ in parts),
            items=tuple(form.items[i].name for _, items in parts for i in items),
            labels=in_words(several(group.label for group in groups)),
            found=several(group.label for group in groups),
            detail=title,
        )


def _is_open(group: Collapsed, copy: Copy) -> bool:
    """Whether some items of a collapsed group have no cell in the copy."""
    return any(copy.cells.keys().isdisjoint(items) for items in group.parts.values())


def on_measures(judgement: MeasureJudgement, figures: Figures, sheet: str) -> Finding:
    """The finding about a judgement on units of measure. ``figures``: as they are in the cells;
    ``sheet``: the sheet of these cells.
    """
    statement, power = judgement.statements[0], judgement.power
    numbers = list(dict.fromkeys(figures.numbers[i] or 0 for i in judgement.items))
    detail: Value = several(numbers)
    if power:
        detail = several(Phrase.COUNTED_AS(n, scaled(n, power)) for n in numbers)
    if is_about(judgement.code, Topic.DOUBTFUL_UNIT):
        detail = (Phrase.NOW_COUNTED if power else Phrase.NOT_CONVERTED)(detail)
    printed = f"{statement.where}“{cut(statement.text)}”" if statement.where else statement.text
    return finding(
        judgement.code,
        sheet=sheet,
        cells=tuple(Address(sheet, *s.place).a1 for s in judgement.statements if s.place),
        items=tuple(figures.form.items[i].name for i in judgement.items),
        labels=cut(printed),
        found=each(measure.word for measure in statement.measures),
        expected=figures.form.items[judgement.items[0]].unit,
        detail=detail,
    )


def why_missing(
    findings: Sequence[Finding], lines: Sequence[TextLine], tables: Sequence[Expected], form: Form
) -> list[Finding]:
    """The findings about a document, with M-01 (a table was not found) replaced where the
    document's lines tell why: by V-20 where the table is there as running text without cells, by
    F-20 where it is a picture.

    ``lines``: all lines of the document; ``tables``: all tables of the form.
    """
    lost = {finding.detail for finding in findings if finding.is_about(Topic.LOST_TABLE)}
    if not lost:
        return list(findings)
    under = list(by_part(lines, form))
    headed = any(part is not None for _, part, _ in under)
    reasons: dict[Value, Finding] = {}
    for table in tables:
        title = table.table.title
        if title in lost:
            # In a document without any heading, as one of scanned pages, any line may be the table.
            table_lines = [ln for ln, part, _ in under if _is_of(part, table) or not headed]
            reason = _as_text(table, table_lines) or _as_picture(table, table_lines)
            if reason is not None:
                reasons[title] = reason
    return [
        reasons.get(finding.detail, finding) if finding.is_about(Topic.LOST_TABLE) else finding
        for finding in findings
    ]


def _is_of(part: object, table: Expected) -> bool:
    """Whether a part of the form is this table; False for None."""
    return isinstance(part, Table) and part.key == table.table.key


def _as_picture(table: Expected, lines: Sequence[TextLine]) -> Finding | None:
    """F-20 if any of a table's lines is a picture; otherwise None."""
    places = list(dict.fromkeys(line.place for line in lines if line.picture))
    if not places:
        return None
    title = table.table.title
    return finding("F-20", sheet=table.sheet, found=each(places[:3]), detail=title)


def _as_text(table: Expected, lines: Sequence[TextLine]) -> Finding | None:
    """V-20 if at least half of a table's labels are in its lines, with digits between them;
    otherwise None.
    """
    labels = {label for label in table.keys if len(label) >= _SHORTEST}
    texts = [(line.place, _long_key(line.text)) for line in lines]
    running = "".join(text for _, text in texts)
    present = {label for label in labels if label in running}
    between_labels = running
    for label in sorted(present, key=len, reverse=True):
        between_labels = between_labels.replace(label, "")  # labels may contain digits themselves
    if 2 * len(present) < len(labels) or not any(c.isdigit() for c in between_labels):
        return None
    places = [place for place, text in texts if any(label in text for label in present)]
    first = places[0] if places else ""
    return finding("V-20", sheet=table.sheet, found=first, detail=table.table.title)


def _long_key(text: str) -> str:
    """The key of a text of any length; `key` itself uses only its beginning."""
    return "".join(key(text[at : at + LONGEST]) for at in range(0, len(text), LONGEST))
