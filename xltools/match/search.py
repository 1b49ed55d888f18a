"""A table wherever its labels are: every copy in a book, and which of them is the entry."""

from collections.abc import Sequence, Set
from itertools import islice

from xltools.layout.places import Layout
from xltools.match.copies import Copy, of_this_year, said_of
from xltools.match.figures import Figures
from xltools.match.flow import Flow
from xltools.match.labels import Labels, earlier, key
from xltools.match.lines import Place, View
from xltools.match.locate import Expected
from xltools.match.measures import MOST, Statement, finding_of, judged, powers
from xltools.match.moves import remarks
from xltools.match.prose import noted
from xltools.match.rows import mended, settled, spread
from xltools.match.this_year import OtherPeriod, ThisYear, this_year
from xltools.match.which_copy import (
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
from xltools.model.cells import Address, Grid
from xltools.model.findings import Finding
from xltools.model.form import Table
from xltools.model.identity import CHECKS, IDENTITY, PRINT, PRINT_FIELDS
from xltools.readers.book import SheetStanding
from xltools.readers.workbook import Book


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
        """Take a book; ``year``: the one that it says it is for, 0 where it says none."""
        self.book, self.layout, self.labels = book, layout, labels
        self.form_labels = Labels.of(layout.form)
        self.figures, self.known = figures, known
        self._whole: dict[str, Grid] = {}
        self._this_year: dict[str, ThisYear | None] = {}
        self._doubtful: set[tuple[str, str]] = set()
        self.cells: dict[str, set[Place]] = {}  # by sheet, of every copy of a table
        self.taken: list[tuple[Expected, Copy]] = []
        self.set_aside: list[tuple[Expected, Copy]] = []  # copies of other years
        self.embedded = frozenset(s.name for s in book.sheets if s.standing)
        self.behind = frozenset(s.name for s in book.sheets if s.standing is SheetStanding.BEHIND)
        self.names = book.names - self.behind
        self._aside: list[View] | None = None if known.ours else []
        if known.ours:
            self.names -= NO_ENTRY
            if PRINT in book.names and not self._made_by_us(PRINT):
                self.names |= {PRINT}
        self.outside: set[str] | None = None
        self.measured: set[str] = set()  # sheets on which a measure is named beside the table
        self._views: dict[str, View] = {}
        self._said: Sequence[tuple[str, Statement]] | None = None

    def _made_by_us(self, name: str) -> bool:
        """Whether a sheet with the name of one that we make by formulas has them all."""
        form = self.layout.form
        least = {
            PRINT: len(form.items) + PRINT_FIELDS,
            CHECKS: len(form.instances),
        }
        return name in least and self.book.formulas(name) >= least[name]

    def view(self, name: str) -> View:
        """A sheet's texts, collected once."""
        grid = self.grid(name)
        if name not in self._views:
            self._views[name] = View(grid)
        return self._views[name]

    def keys(self) -> set[str]:
        """The keys of all texts of these sheets."""
        return set[str]().union(*(self.view(name).keys for name in self.names))

    def grid(self, name: str) -> Grid:
        """A sheet without the figures of other periods that words tell apart."""
        if name not in self._this_year:
            sheet = self.whole(name)
            view = View(sheet)
            read = None if sheet.loose else this_year(view, self.form_labels, self.known.year)
            self._this_year[name] = read
            if read is None:
                self._views[name] = view
        read = self._this_year[name]
        return self.whole(name) if read is None else read.grid

    def whole(self, name: str) -> Grid:
        """A sheet; if it is not of ours, with the labels whole that are cut in parts."""
        grid = self.book.grid(name)
        if self.known.ours or grid.loose:
            return grid
        if name not in self._whole:
            self._whole[name] = mended(grid, *self.labels)
        return self._whole[name]

    def _in_text(self, name: str) -> bool:
        """Whether a sheet is a table of a document's text."""
        return self.book.document and name not in self.embedded

    def said(self, table: Table) -> Sequence[Statement]:
        """What the text of a document says of a table's measures."""
        if self._said is None:
            self._said = tuple(islice(noted(self.book.lines, self.layout.form), MOST))
        return [statement for part, statement in self._said if part in ("", table.key)]

    def ruled_out(self, name: str) -> Sequence[OtherPeriod]:
        """Figures of a sheet that words say are of another period."""
        read = self._this_year.get(name)
        return () if read is None else read.ruled

    def doubtful(self, table: Expected, name: str) -> bool:
        """Whether a table on a sheet is whole only with figures that words say are another's."""
        return (table.table.key, name) in self._doubtful

    def source(self, table: Expected, name: str) -> Grid:
        """The sheet that a table's figures are read from."""
        return self.whole(name) if self.doubtful(table, name) else self.grid(name)

    def copies(self, table: Expected, name: str) -> list[Copy]:
        """Every copy of a table on a sheet."""
        copies = self._copies(table, self.view(name))
        if self._this_year.get(name) is not None:
            every = self._copies(table, View(self.whole(name)))
            if max((c.size for c in every), default=0) > max((c.size for c in copies), default=0):
                self._doubtful.add((table.table.key, name))
                copies = every
        for copy in copies:
            cells = self.cells.setdefault(name, set())
            cells.update(copy.cells.values())
            cells.update(place for group in copy.collapsed for place in group.parts)
        return copies

    def _copies(self, table: Expected, view: View) -> list[Copy]:
        grid, form = view.grid, self.figures.form
        copies = Flow(table.layout).copies(grid) if grid.loose else table.plan.copies(view)
        if self._in_text(grid.name) and not grid.loose:
            copies = [settled(c, grid, lambda i: " > ".join(form.items[i].rows)) for c in copies]
        return [spread(copy, grid, form) if copy.collapsed else copy for copy in copies]

    def choices(self, table: Expected, names: Set[str]) -> list[Choice]:
        """Every copy of a table on some sheets as read, those on its own sheet first."""
        choices = []
        for sheet in sorted(self.book.sheets, key=lambda sheet: sheet.name != table.sheet):
            if sheet.name not in names:
                continue
            copies = self.copies(table, sheet.name)
            best = max(copies, key=table.in_place, default=None)
            for copy in copies:
                # What stands elsewhere in a workbook of ours is compared, of whatever period it is.
                compared = self.known.ours and table.sheet in self.book.names
                compared &= sheet.name != table.sheet or copy is not best
                grid = self.whole(sheet.name) if compared else self.source(table, sheet.name)
                figures, findings = _read(copy, grid, table, self)
                past = not self._in_text(sheet.name) and self._past(copy, copies)
                choices.append(
                    Choice(copy, figures, sheet, formulas_of(copy, grid), past, findings)
                )
        return choices

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
            names = self.book.names & NO_ENTRY - {PRINT, IDENTITY}
            self._aside = [View(self.book.values(n)) for n in names if not self._made_by_us(n)]
        holding = {view.grid.name for view in self._aside if table.plan.copies(view)}
        return self.choices(table, holding)


def searched(table: Expected, search: Search) -> list[Finding]:
    """Read a table from wherever its labels are."""
    known = search.known
    choices = search.choices(table, search.names)
    if all(blank(choice, known) for choice in choices):
        choices += search.choices(table, search.behind)
    if not known.ours:
        choices = _of_this_year(choices, table, search)
    entry = entry_of(choices, table, known)
    if entry is None:
        return verdict(None, others_of(choices, None, known), table, known)
    if blank(entry, known):
        choices += search.rest(table)
    _take(search.figures, entry)
    search.taken.append((table, entry.copy))
    keys = search.view(entry.copy.sheet).keys
    findings = list(remarks(search.layout, table, entry.copy, keys, document=search.book.document))
    findings += entry.findings
    return [*findings, *verdict(entry, others_of(choices, entry, known), table, known)]


def _read(
    copy: Copy, grid: Grid, table: Expected, search: Search
) -> tuple[Figures, Sequence[Finding]]:
    """A copy's figures, in the measures of the form, and what is to be said of their measures."""
    form = search.figures.form
    cells = [(i, Address(copy.sheet, *place)) for i, place in copy.cells.items()]
    figures = Figures(form)
    figures.read(grid, cells)
    statements = (*copy.statements, *search.said(table.table))
    judgements = (
        judged(statements, figures, table.table, ours=search.known.ours) if statements else ()
    )
    if not judgements:
        return figures, ()
    scaled = Figures(form, powers=powers(judgements))
    scaled.read(grid, cells)
    return scaled, [finding_of(j, figures, copy.sheet) for j in judgements]


def _of_this_year(choices: list[Choice], table: Expected, search: Search) -> list[Choice]:
    """Leave out copies under titles of other years, where another may be this year's."""
    if len(choices) < 2:
        return choices
    copies = [choice.copy for choice in choices]
    read = [copy for copy in copies if copy.cells]
    periods = [
        said_of(
            copy,
            search.view(copy.sheet),
            search.form_labels,
            [neighbour for neighbour in read if neighbour is not copy],
        )
        if copy.cells
        else None
        for copy in copies
    ]
    may = of_this_year(periods, search.known.year)
    search.set_aside += [(table, copy) for copy, keep in zip(copies, may, strict=True) if not keep]
    return [choice for choice, keep in zip(choices, may, strict=True) if keep]


def _take(figures: Figures, choice: Choice) -> None:
    """Put a copy's figures among those of the return."""
    items: Sequence[int] = tuple(choice.copy.cells)
    for i in items:
        figures.numbers[i] = choice.figures.numbers[i]
        figures.statuses[i] = choice.figures.statuses[i]
        figures.places[i] = choice.figures.places[i]
    figures.typed |= choice.figures.typed
    figures.contents |= choice.figures.contents
    figures.notes |= choice.figures.notes
