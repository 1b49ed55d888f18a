"""A table wherever its labels are: every copy in a book, and which of them is the entry."""

from collections.abc import Sequence, Set
from itertools import islice

from xltools import sheets
from xltools.cells import Address, Grid
from xltools.findings import Finding
from xltools.layout import Layout
from xltools.match.beside import settled
from xltools.match.converted import finding_of, judged, powers
from xltools.match.copies import Copy
from xltools.match.earlier import earlier
from xltools.match.entry import (
    NO_ENTRY,
    Choice,
    Known,
    blank,
    entry_of,
    formulas_of,
    headings,
    others_of,
    verdict,
)
from xltools.match.expected import Expected
from xltools.match.figures import Figures
from xltools.match.flow import Flow
from xltools.match.labels import key
from xltools.match.lines import View
from xltools.match.mend import mended
from xltools.match.prose import noted
from xltools.match.remarks import remarks
from xltools.match.stated import MOST, Statement
from xltools.readers.workbook import Book
from xltools.spec import Table


class Search:
    """What one book is searched with: the sheets that may hold tables, and what was seen."""

    def __init__(
        self,
        book: Book,
        layout: Layout,
        labels: tuple[set[str], set[str]],
        figures: Figures,
        known: Known,
    ) -> None:
        self.book, self.layout, self.labels = book, layout, labels
        self.figures, self.known = figures, known
        self._whole: dict[str, Grid] = {}
        self.names = book.names
        self._aside: list[View] | None = None if known.ours else []
        if known.ours:
            self.names -= NO_ENTRY
            if sheets.PRINT in book.names and not self._made_by_us(sheets.PRINT):
                self.names |= {sheets.PRINT}
        self.outside: set[str] | None = None
        self.measured: set[str] = set()  # sheets on which a measure is named beside the table
        self._views: dict[str, View] = {}
        self._said: Sequence[tuple[str, Statement]] | None = None

    def _made_by_us(self, name: str) -> bool:
        """Whether a sheet with the name of one that we make by formulas has them all."""
        form = self.layout.form
        least = {
            sheets.PRINT: len(form.items) + sheets.PRINT_FIELDS,
            sheets.CHECKS: len(form.instances),
        }
        return name in least and self.book.formulas(name) >= least[name]

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

    def choices(self, table: Expected, names: Set[str]) -> list[Choice]:
        """Every copy of a table on some sheets as read, those on its own sheet first."""
        found = []
        for sheet in sorted(self.book.sheets, key=lambda sheet: sheet.name != table.sheet):
            if sheet.name not in names:
                continue
            grid, copies = self.grid(sheet.name), self.copies(table, sheet.name)
            for copy in copies:
                figures, said = _read(copy, table, self)
                past = not self.book.document and self._past(copy, copies)
                found.append(Choice(copy, figures, sheet, formulas_of(copy, grid), past, said))
        return found

    def _past(self, copy: Copy, copies: Sequence[Copy]) -> bool:
        """Whether the title of a copy, or the name of its sheet, is of a year before."""
        titles = [
            text
            for text in headings(copy, copies, self.view(copy.sheet))
            if key(text) not in self.labels[0]
        ]
        return any(earlier(text, self.known.year) for text in (copy.sheet, *titles))

    def rest(self, table: Expected) -> list[Choice]:
        """Copies of a table on those sheets of ours that are not searched as a rule."""
        if self._aside is None:
            names = self.book.names & NO_ENTRY - {sheets.PRINT, sheets.IDENTITY}
            self._aside = [View(self.book.values(n)) for n in names if not self._made_by_us(n)]
        found = {view.grid.name for view in self._aside if table.plan.copies(view)}
        return self.choices(table, found)


def searched(table: Expected, search: Search) -> list[Finding]:
    """Read a table from wherever its labels are."""
    known = search.known
    choices = search.choices(table, search.names)
    entry = entry_of(choices, table, known)
    if entry is None:
        return verdict(None, others_of(choices, None, known), table, known)
    if blank(entry, known):
        choices += search.rest(table)
    _take(search.figures, entry)
    found = list(remarks(search.layout, table, entry.copy, document=search.book.document))
    found += entry.findings
    return [*found, *verdict(entry, others_of(choices, entry, known), table, known)]


def _read(copy: Copy, table: Expected, search: Search) -> tuple[Figures, Sequence[Finding]]:
    """A copy's figures, in the measures of the form, and what is to be said of their measures."""
    form, grid = search.figures.form, search.grid(copy.sheet)
    cells = [(i, Address(copy.sheet, *place)) for i, place in copy.cells.items()]
    figures = Figures(form)
    figures.read(grid, cells)
    said = (*copy.statements, *search.said(table.table))
    judgements = judged(said, figures, table.table, ours=search.known.ours) if said else ()
    if not judgements:
        return figures, ()
    scaled = Figures(form, powers=powers(judgements))
    scaled.read(grid, cells)
    return scaled, [finding_of(j, figures, copy.sheet) for j in judgements]


def _take(figures: Figures, choice: Choice) -> None:
    """Put a copy's figures among those of the return."""
    own: Sequence[int] = tuple(choice.copy.cells)
    for i in own:
        figures.numbers[i] = choice.figures.numbers[i]
        figures.statuses[i] = choice.figures.statuses[i]
        figures.places[i] = choice.figures.places[i]
    figures.typed |= choice.figures.typed
    figures.found |= choice.figures.found
    figures.notes |= choice.figures.notes
