"""A book to a Return: each table at its expected cells, else wherever its labels are."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from xltools import sheets
from xltools.cells import Address, Grid
from xltools.findings import Finding, finding
from xltools.layout import TEXT_SHEET, Layout
from xltools.match import fields
from xltools.match.beside import settled
from xltools.match.copies import Copy
from xltools.match.expected import Expected
from xltools.match.figures import Figures, cut, several
from xltools.match.flow import Flow
from xltools.match.lines import View
from xltools.match.locate import labels_of
from xltools.match.mend import mended
from xltools.match.moves import describe
from xltools.match.others import Other, edition_of
from xltools.match.prose import LINES, report
from xltools.match.titles import titles
from xltools.readers.workbook import Book
from xltools.returns import Return, Status
from xltools.spec import Form

# Sheets of ours that hold no table to be read; 打印稿 repeats them all.
_OURS: Final = frozenset(
    (sheets.COVER, sheets.CHECKS, sheets.PRINT, sheets.IDENTITY, sheets.ISSUES, TEXT_SHEET)
)
RETURN: Final = "return"


@dataclass(frozen=True, slots=True)
class _Choice:
    """A table's copies as read, the first of them taken."""

    copy: Copy
    figures: Figures


class _Search:
    """What one book is searched with: the sheets that may hold tables, and what was seen."""

    def __init__(
        self, book: Book, ours: bool, figures: Figures, labels: tuple[set[str], set[str]]
    ) -> None:
        self.book, self.ours, self.figures, self.labels = book, ours, figures, labels
        self._whole: dict[str, Grid] = {}
        self.names = book.names - _OURS if ours else book.names
        self.outside: set[str] | None = None
        self._views: dict[str, View] = {}

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


class Matcher:
    """Reads returns of one form; made once, then used for any number of books."""

    def __init__(self, layout: Layout) -> None:
        self.layout, self.form = layout, layout.form
        self.tables = [Expected(layout, one) for one in layout.tables]
        self.own = _OURS | {t.sheet for t in self.tables}
        self.known = frozenset[str]().union(*(t.known | t.plan.known for t in self.tables))
        self.labels = labels_of(self.form)

    def match(self, book: Book) -> Return:
        """Read a book. What the sender did wrong is in the findings, whose ``unit`` and ``path``
        are left open. Raises ReadError for a sheet that is damaged.
        """
        rows = fields.pairs(book)
        identity = fields.identity(rows)
        figures = Figures(self.form)
        if identity is not None and identity.kind != RETURN:
            return self._nothing(identity)
        ours = identity is not None or {sheets.COVER, sheets.CHECKS} <= book.names
        search = _Search(book, ours, figures, self.labels)
        found: list[Finding] = []
        missing: set[str] = set()
        missed = False
        for table in self.tables:
            if not self._quick(table, search):
                missed = True
                found += self._search(table, search)
                if all(figures.places[i] is None for i, _ in table.cells):
                    missing.add(table.table.key)
        other = edition_of(self.form, search.keys()) if missed and identity is None else None
        if other is not None:
            found.append(_edition(self.form, other))
        edition = other.form.name if other is not None else ""
        if book.document:
            return replace(self._document(book, figures, found, missing), other=edition)
        cover = fields.Cover()
        if sheets.COVER in book.names:
            cover = fields.cover(book.values(sheets.COVER), self.layout)
        prose: dict[str, list[tuple[int, str]]] = {}
        if TEXT_SHEET in book.names:
            prose = fields.prose(book.values(TEXT_SHEET), self.layout)
        said: dict[str, str] = {}
        # One cell of the column is its heading: then nobody has explained anything.
        if ours and sheets.CHECKS in book.names and book.held(sheets.CHECKS, sheets.WHY) != 1:
            said = fields.explanations(book.values(sheets.CHECKS), self.form)
        title = ""
        if identity is None and not (cover.unit and cover.year):
            title = titles(book, figures.places, self.known)
        return Return(
            identity=identity,
            numbers=figures.numbers,
            statuses=figures.statuses,
            places=figures.places,
            typed=frozenset(figures.typed),
            found=figures.found,
            zero=cover.zero,
            none=frozenset(cover.none),
            missing=frozenset(missing),
            texts={name: "\n".join(line for _, line in rows) for name, rows in prose.items()},
            lines={
                name: [Address(TEXT_SHEET, r, 0) for r, line in rows for _ in line.split("\n")]
                for name, rows in prose.items()
            },
            explanations=said,
            priors=fields.priors(self.form, rows),
            unit=cover.unit,
            year=cover.year,
            filler=cover.filler,
            phone=cover.phone,
            date=cover.date,
            other=edition,
            title=title,
            findings=(*found, *figures.findings()),
        )

    def _document(
        self, book: Book, figures: Figures, found: list[Finding], missing: set[str]
    ) -> Return:
        """A document's return: what its title, its text parts and its last lines say."""
        said = report([line.text for line in book.lines[:LINES]], self.form)
        twice = [one for one in found if one.code == "M-05"]
        tables = len(self.tables) - len(missing)
        if said.count > 1 or (len(said.titles) > 1 and twice) or len(twice) == tables > 1:
            names = [one.text for one in said.titles]
            count = max(said.count, len(names), 2)
            # Which table belongs to which report is all one: that there are several is the cause.
            found = [one for one in found if one.code != "M-05"]
            found.insert(0, finding("M-06", found=several(names) or f"{count} 份"))
        return Return(
            identity=None,
            numbers=figures.numbers,
            statuses=figures.statuses,
            places=figures.places,
            typed=frozenset(figures.typed),
            found=figures.found,
            missing=frozenset(missing),
            texts=said.texts,
            unit=said.title.unit or said.agency,
            year=said.title.year,
            date=said.date,
            title=said.title.text,
            document=True,
            findings=(*found, *figures.findings()),
        )

    def _nothing(self, identity: sheets.Identity) -> Return:
        """A workbook of ours that is no return: nothing is read from it."""
        blank = Figures(self.form)
        return Return(
            identity=identity,
            numbers=blank.numbers,
            statuses=blank.statuses,
            places=blank.places,
            missing=frozenset(t.key for t in self.form.tables),
        )

    def _quick(self, table: Expected, search: "_Search") -> bool:
        """Read a table at its expected cells when it stands there, and nowhere else."""
        book = search.book
        if table.sheet not in book.names:
            return False
        grid = book.grid(table.sheet)
        if not table.holds(grid):
            return False
        if search.outside is None:
            search.outside = set()
            for one in self.tables:
                if one.sheet in book.names:
                    search.outside |= one.outside(book.grid(one.sheet))
        # With half its labels outside the expected places a second copy may be among them.
        if 2 * len(search.outside & table.known) >= len(table.known):
            return False
        if any(table.plan.copies(search.view(name)) for name in search.names - self.own):
            return False
        search.figures.read(grid, table.cells)
        return True

    def _search(self, table: Expected, search: "_Search") -> list[Finding]:
        """Read a table from wherever its labels are."""
        book, figures, ours = search.book, search.figures, search.ours
        copies: list[_Choice] = []
        names = [s.name for s in book.sheets if s.name in search.names]
        names.sort(key=lambda name: name != table.sheet)
        for name in names:
            for copy in search.copies(table, name):
                read = Figures(self.form)
                own = [(i, Address(name, r, c)) for i, (r, c) in copy.cells.items()]
                read.read(search.grid(name), own)
                copies.append(_Choice(copy, read))
        copies = self._entries(copies, book, ours)
        title = table.table.title
        if not copies:
            return [finding("M-01", sheet=table.sheet, found=title, detail=title)]
        chosen = copies[0]
        _take(figures, chosen)
        found = list(self._remarks(table, chosen.copy, document=book.document))
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

    def _entries(self, copies: list[_Choice], book: Book, ours: bool) -> list[_Choice]:
        """Leave out copies that are no entries: made by formulas, or blank beside a filled one."""
        typed = [c for c in copies if not self._derived(c, book)]
        if typed or ours:
            copies = typed
        filled = [c for c in copies if any(n for n in _inputs(c.figures) if n is not Status.BLANK)]
        return filled or copies[:1]

    def _derived(self, choice: _Choice, book: Book) -> bool:
        """Whether most figures of a copy come by formulas, as on a print-out."""
        flags = book.grid(choice.copy.sheet).flags
        cells = [p for i, p in choice.copy.cells.items() if self.form.items[i].formula is None]
        made = sum(at in flags and flags[at].formula for at in cells)
        return 2 * made > len(cells)

    def _remarks(self, table: Expected, copy: Copy, *, document: bool) -> Iterable[Finding]:
        """M-02 to M-04, M-07 and M-08 of a copy. In a document no place is the expected one."""
        title, sheet = table.table.title, copy.sheet
        corner = Address(sheet, *copy.corner).a1
        if copy.missing:
            apart = {i for one in copy.uneven for i in one.items}
            lost = [i for i, _ in table.cells if i not in copy.cells and i not in apart]
            yield finding(
                "M-02",
                sheet=sheet,
                cells=(corner,),
                items=tuple(self.form.items[i].name for i in sorted(lost)),
                found=several(copy.missing),
                detail=title,
            )
        for count in sorted({one.count for one in copy.uneven}):
            rows = [one for one in copy.uneven if one.count == count]
            yield finding(
                "M-07",
                sheet=sheet,
                cells=tuple(Address(sheet, *one.place).a1 for one in rows),
                items=tuple(self.form.items[i].name for one in rows for i in one.items),
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
        moved = "" if document else describe(copy, self.layout.addresses, table.sheet)
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


def _edition(form: Form, other: Other) -> Finding:
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
