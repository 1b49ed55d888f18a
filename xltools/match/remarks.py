"""What is to be said of a table as it was found: what is missing, moved or changed."""

from collections.abc import Iterable, Set
from dataclasses import replace

from xltools.layout.places import Layout
from xltools.match.collapsed import remarks_of
from xltools.match.copies import Copy
from xltools.match.expected import Expected
from xltools.match.figures import cut, several
from xltools.match.moves import describe
from xltools.match.others import Other, headings_of
from xltools.model.cells import Address
from xltools.model.findings import Finding, finding
from xltools.model.form import Form


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
        apart = shared | {i for one in copy.uneven for i in one.items}
        lost = [i for i, _ in table.cells if i not in copy.cells and i not in apart]
        yield finding(
            "M-02",
            sheet=sheet,
            cells=(corner,),
            items=tuple(layout.form.items[i].name for i in sorted(lost)),
            found=several(copy.missing) + _instead(layout.form, table.table.key, keys),
            detail=title,
        )
    for count in sorted({one.count for one in copy.uneven}):
        rows = [one for one in copy.uneven if one.count == count]
        yield finding(
            "M-07",
            sheet=sheet,
            cells=tuple(Address(sheet, *one.place).a1 for one in rows),
            items=tuple(layout.form.items[i].name for one in rows for i in one.items),
            found=several([one.label for one in rows]),
            expected=str(count),
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
    said = "" if document else describe(moved, layout.addresses, table.sheet)
    if said:
        yield finding("M-03", sheet=sheet, cells=(corner,), found=said, detail=title)
    if copy.changed:
        yield finding(
            "M-04",
            sheet=sheet,
            cells=tuple(Address(sheet, *place).a1 for place, _, _ in copy.changed),
            found=several([cut(text) for _, text, _ in copy.changed]),
            expected=several([label for _, _, label in copy.changed]),
            detail=title,
        )


def _instead(form: Form, table: str, keys: Set[str]) -> str:
    """Which headings of another edition stand in a table, in words."""
    other = headings_of(form, table, keys)
    if other is None:
        return ""
    return f"（表中另有{_words(other.form)}的“{'”“'.join(other.labels)}”）"


def of_edition(form: Form, other: Other) -> Finding:
    """That the tables are those of another edition."""
    return finding(
        "I-12",
        found=_words(other.form),
        expected=_words(form),
        detail="”“".join(other.labels),
    )


def _words(form: Form) -> str:
    """An edition as people call it: 2019年版."""
    year = form.edition.isdecimal() and len(form.edition) == 4
    return f"{form.edition}年版" if year else f"“{form.edition}”版"
