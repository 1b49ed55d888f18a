"""A table wherever its labels are: every copy in a book, and which of them is the entry."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from xltools import sheets
from xltools.cells import Address, Grid
from xltools.findings import Finding, finding
from xltools.layout import TEXT_SHEET, Layout
from xltools.match.beside import settled
from xltools.match.converted import finding_of, judged, powers
from xltools.match.copies import Copy
from xltools.match.expected import Expected
from xltools.match.figures import Figures, several
from xltools.match.flow import Flow
from xltools.match.lines import View
from xltools.match.mend import mended
from xltools.match.prose import noted
from xltools.match.remarks import remarks
from xltools.match.stated import MOST, Statement
from xltools.readers.workbook import Book
from xltools.returns import Status
from xltools.spec import Table

OURS: Final = frozenset(
    (sheets.COVER, sheets.CHECKS, sheets.PRINT, sheets.IDENTITY, sheets.ISSUES, TEXT_SHEET)
)
"""Sheets of ours that hold no table to be read; 打印稿 repeats them all."""


@dataclass(frozen=True, slots=True)
class _Choice:
    """A table's copies as read, the first of them taken."""

    copy: Copy
    figures: Figures
    findings: Sequence[Finding] = ()


class Search:
    """What one book is searched with: the sheets that may hold tables, and what was seen."""

    def __init__(
        self,
        book: Book,
        layout: Layout,
        labels: tuple[set[str], set[str]],
        figures: Figures,
        *,
        ours: bool,
    ) -> None:
        self.book, self.layout, self.labels = book, layout, labels
        self.figures, self.ours = figures, ours
        self._whole: dict[str, Grid] = {}
        self.names = book.names - OURS if ours else book.names
        self.outside: set[str] | None = None
        self.measured: set[str] = set()  # sheets on which a measure is named beside the table
        self._views: dict[str, View] = {}
        self._said: Sequence[tuple[str, Statement]] | None = None

    def view(self, name: str) -> View:
        """A sheet's texts, collected once."""
        if name not in self._views:
            self._views[name] = View(self.grid(name))
        return self._views[name]

    def keys(self) -> set[str]:
        """The keys of all texts of these sheets."""
        return set[str]().union(*(self.view(name).keys for name in self.names))

    def grid(self, name: str) -> Grid:
        """A sheet; of a document, with the labels whole that a page break has cut."""
        grid = self.book.grid(name)
        if not self.book.document or grid.loose:
            return grid
        if name not in self._whole:
            self._whole[name] = mended(grid, *self.labels)
        return self._whole[name]

    def said(self, table: Table) -> Sequence[Statement]:
        """What the text of a document says of a table's measures."""
        if self._said is None:
            self._said = tuple(islice(noted(self.book.lines, self.layout.form), MOST))
        return [statement for part, statement in self._said if part in ("", table.key)]

    def copies(self, table: Expected, name: str) -> list[Copy]:
        """Every copy of a table on a sheet."""
        grid = self.grid(name)
        if grid.loose:
            return Flow(table.layout).copies(grid)
        found = table.plan.copies(self.view(name))
        if not self.book.document:
            return found
        items = self.figures.form.items
        return [settled(one, grid, lambda i: " > ".join(items[i].rows)) for one in found]


def searched(table: Expected, search: Search) -> list[Finding]:
    """Read a table from wherever its labels are."""
    book, figures, ours = search.book, search.figures, search.ours
    copies: list[_Choice] = []
    names = [s.name for s in book.sheets if s.name in search.names]
    names.sort(key=lambda name: name != table.sheet)
    for name in names:
        for copy in search.copies(table, name):
            copies.append(_read(copy, table, search))
    copies = _entries(copies, book, ours)
    title = table.table.title
    if not copies:
        return [finding("M-01", sheet=table.sheet, found=title, detail=title)]
    chosen = copies[0]
    _take(figures, chosen)
    found = list(remarks(search.layout, table, chosen.copy, document=book.document))
    found += chosen.findings
    others = [c for c in copies[1:] if not _same(chosen.figures, c.figures, table)]
    if others:
        places = [str(Address(c.copy.sheet, *c.copy.corner)) for c in (chosen, *others)]
        found.append(
            finding(
                "M-05",
                sheet=chosen.copy.sheet,
                cells=(Address(chosen.copy.sheet, *chosen.copy.corner).a1,),
                found=several(places),
                detail=title,
            )
        )
    return found


def _read(copy: Copy, table: Expected, search: Search) -> _Choice:
    """A copy's figures, in the measures of the form."""
    form, grid = search.figures.form, search.grid(copy.sheet)
    cells = [(i, Address(copy.sheet, *place)) for i, place in copy.cells.items()]
    read = Figures(form)
    read.read(grid, cells)
    said = (*copy.statements, *search.said(table.table))
    judgements = judged(said, read, table.table, ours=search.ours) if said else ()
    if not judgements:
        return _Choice(copy, read)
    scaled = Figures(form, powers=powers(judgements))
    scaled.read(grid, cells)
    return _Choice(copy, scaled, [finding_of(j, read, copy.sheet) for j in judgements])


def _entries(copies: list[_Choice], book: Book, ours: bool) -> list[_Choice]:
    """Leave out copies that are no entries: made by formulas, or blank beside a filled one."""
    typed = [c for c in copies if not _derived(c, book)]
    if typed or ours:
        copies = typed
    filled = [c for c in copies if any(n for n in _inputs(c.figures) if n is not Status.BLANK)]
    return filled or copies[:1]


def _derived(choice: _Choice, book: Book) -> bool:
    """Whether most figures of a copy come by formulas, as on a print-out."""
    flags = book.grid(choice.copy.sheet).flags
    cells = [
        p for i, p in choice.copy.cells.items() if choice.figures.form.items[i].formula is None
    ]
    made = sum(at in flags and flags[at].formula for at in cells)
    return 2 * made > len(cells)


def _inputs(figures: Figures) -> list[Status]:
    return [
        status
        for item, status, place in zip(
            figures.form.items, figures.statuses, figures.places, strict=True
        )
        if item.formula is None and place is not None
    ]


def _same(one: Figures, other: Figures, table: Expected) -> bool:
    """Whether two copies of a table hold the same."""
    return all(
        one.numbers[i] == other.numbers[i]
        and one.statuses[i] == other.statuses[i]
        and one.found.get(i) == other.found.get(i)
        for i, _ in table.cells
        if one.form.items[i].formula is None
    )


def _take(figures: Figures, choice: _Choice) -> None:
    """Put a copy's figures among those of the return."""
    own: Sequence[int] = tuple(choice.copy.cells)
    for i in own:
        figures.numbers[i] = choice.figures.numbers[i]
        figures.statuses[i] = choice.figures.statuses[i]
        figures.places[i] = choice.figures.places[i]
    figures.typed |= choice.figures.typed
    figures.found |= choice.figures.found
    figures.notes |= choice.figures.notes
