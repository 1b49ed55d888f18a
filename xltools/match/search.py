"""A table wherever its labels are: every copy in a book, and which of them is the entry."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from xltools import sheets
from xltools.cells import Address, Grid
from xltools.findings import Finding, finding
from xltools.layout import TEXT_SHEET, Layout
from xltools.match.beside import settled
from xltools.match.copies import Copy
from xltools.match.expected import Expected
from xltools.match.figures import Figures, several
from xltools.match.flow import Flow
from xltools.match.labels import Labels
from xltools.match.lines import Place, View
from xltools.match.mend import mended
from xltools.match.remarks import remarks
from xltools.match.this_year import Ruled, ThisYear, this_year
from xltools.match.years import of_this_year, said_of
from xltools.readers.workbook import Book
from xltools.returns import Status

OURS: Final = frozenset(
    (sheets.COVER, sheets.CHECKS, sheets.PRINT, sheets.IDENTITY, sheets.ISSUES, TEXT_SHEET)
)
"""Sheets of ours that hold no table to be read; 打印稿 repeats them all."""


@dataclass(frozen=True, slots=True)
class _Choice:
    """A table's copies as read, the first of them taken."""

    copy: Copy
    figures: Figures


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
        year: int = 0,
    ) -> None:
        """Take a book; ``year``: the one that it says it is for, 0 where it says none."""
        self.book, self.layout, self.labels = book, layout, labels
        self.year, self.form_labels = year, Labels.of(layout.form)
        self.figures, self.ours = figures, ours
        self._whole: dict[str, Grid] = {}
        self._this_year: dict[str, ThisYear | None] = {}
        self._doubtful: set[tuple[str, str]] = set()
        self.cells: dict[str, set[Place]] = {}  # by sheet, of every copy of a table
        self.taken: list[tuple[Expected, Copy]] = []
        self.aside: list[tuple[Expected, Copy]] = []  # copies of other years
        self.names = book.names - OURS if ours else book.names
        self.outside: set[str] | None = None
        self._views: dict[str, View] = {}

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
            whole = self.whole(name)
            view = View(whole)
            read = None if whole.loose else this_year(view, self.form_labels, self.year)
            self._this_year[name] = read
            if read is None:
                self._views[name] = view
        read = self._this_year[name]
        return self.whole(name) if read is None else read.grid

    def whole(self, name: str) -> Grid:
        """A sheet; of a document, with the labels whole that a page break has cut."""
        grid = self.book.grid(name)
        if not self.book.document or grid.loose:
            return grid
        if name not in self._whole:
            self._whole[name] = mended(grid, *self.labels)
        return self._whole[name]

    def ruled_out(self, name: str) -> Sequence[Ruled]:
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
        found = self._copies(table, self.view(name))
        if self._this_year.get(name) is not None:
            every = self._copies(table, View(self.whole(name)))
            if max((c.size for c in every), default=0) > max((c.size for c in found), default=0):
                self._doubtful.add((table.table.key, name))
                found = every
        for copy in found:
            self.cells.setdefault(name, set()).update(copy.cells.values())
        return found

    def _copies(self, table: Expected, view: View) -> list[Copy]:
        grid = view.grid
        if grid.loose:
            return Flow(table.layout).copies(grid)
        found = table.plan.copies(view)
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
            read = Figures(figures.form)
            own = [(i, Address(name, r, c)) for i, (r, c) in copy.cells.items()]
            read.read(search.source(table, name), own)
            copies.append(_Choice(copy, read))
    copies = _of_this_year(_entries(copies, book, ours), table, search)
    title = table.table.title
    if not copies:
        return [finding("M-01", sheet=table.sheet, found=title, detail=title)]
    chosen = copies[0]
    _take(figures, chosen)
    search.taken.append((table, chosen.copy))
    found = list(remarks(search.layout, table, chosen.copy, document=book.document))
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


def _entries(copies: list[_Choice], book: Book, ours: bool) -> list[_Choice]:
    """Leave out copies that are no entries: made by formulas, or blank beside a filled one."""
    typed = [c for c in copies if not _derived(c, book)]
    if typed or ours:
        copies = typed
    filled = [c for c in copies if any(n for n in _inputs(c.figures) if n is not Status.BLANK)]
    return filled or copies[:1]


def _of_this_year(copies: list[_Choice], table: Expected, search: Search) -> list[_Choice]:
    """Leave out copies under titles of other years, where another may be this year's."""
    if len(copies) < 2:
        return copies
    every = [c.copy for c in copies]
    said = [
        said_of(c, search.view(c.sheet), search.form_labels, [o for o in every if o is not c])
        for c in every
    ]
    may = of_this_year(said, search.year)
    search.aside += [(table, c) for c, keep in zip(every, may, strict=True) if not keep]
    return [c for c, keep in zip(copies, may, strict=True) if keep]


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
