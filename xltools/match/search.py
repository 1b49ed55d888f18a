"""Read a table from wherever its labels are: find and read all copies of it in a book, and use the
one that the unit filled in.
"""

from collections.abc import Iterator, Sequence, Set
from itertools import islice
from typing import Final

from xltools.layout.places import Layout
from xltools.match.copies import Copy
from xltools.match.figures import Figures
from xltools.match.flow import Flow
from xltools.match.irregular_rows import mended, settled, spread
from xltools.match.labels import Labels, earlier, key
from xltools.match.lines import Place, View
from xltools.match.locate import Expected
from xltools.match.measures import MOST, NOTES, Rank, Statement, judged
from xltools.match.prose import LINES, by_part
from xltools.match.table_findings import on_copy, on_measures
from xltools.match.this_year import OtherPeriod, ThisYear, this_year
from xltools.match.which_copy import (
    NO_ENTRY,
    BookFacts,
    Choice,
    entry_of,
    formulas_of,
    further_copies,
    headings,
    is_blank,
    of_this_year,
    on_further_copies,
    titled_period,
)
from xltools.model.cells import Address, Grid
from xltools.model.findings import Finding
from xltools.model.form import Form, Table, TextPart
from xltools.model.identity import CHECKS, IDENTITY, PRINT, PRINT_FIELDS
from xltools.model.stated import stated
from xltools.readers.book import Book, SheetStanding, TextLine

_NOTE: Final = 60  # characters of a line of a document that names the measure of a table


class Search:
    """The search for a form's tables in one book: which sheets may have them, what these contain
    without the figures of other periods, and what has been found so far.

    ``names``: the sheets that are searched. ``figures``: what was read, filled in table by table.
    ``taken``: the copy from which each table was read; ``set_aside``: copies of other years;
    ``cells``: for each sheet, the cells of all copies found.

    The matcher stores here what it sees when it reads tables at their expected cells: ``outside``,
    the keys of texts beside and below the tables (None before it has looked), and ``measured``, the
    sheets on which such a text names a unit of measure.
    """

    def __init__(
        self, book: Book, layout: Layout, labels: Labels, figures: Figures, facts: BookFacts
    ) -> None:
        """Start a search. ``labels``: those of the form; ``figures``: the figures to fill in, of
        the same form.
        """
        self.book, self.layout, self.labels = book, layout, labels
        self.figures, self.facts = figures, facts
        self.cells: dict[str, set[Place]] = {}
        self.taken: list[tuple[Expected, Copy]] = []
        self.set_aside: list[tuple[Expected, Copy]] = []
        self.outside: set[str] | None = None
        self.measured: set[str] = set()
        self.embedded = frozenset(s.name for s in book.sheets if s.standing)
        self.behind = frozenset(s.name for s in book.sheets if s.standing is SheetStanding.BEHIND)
        self.names = book.names - self.behind
        if facts.ours:
            self.names -= NO_ENTRY
            if PRINT in book.names and not has_our_formulas(book, PRINT, layout.form):
                self.names |= {PRINT}
        # What is worked out once, by the name of the sheet.
        self._views: dict[str, View] = {}
        self._mended: dict[str, Grid] = {}
        self._this_year: dict[str, ThisYear | None] = {}
        self._labelled: dict[tuple[str, str], list[Copy]] = {}  # the table comes before the sheet
        self._doubtful: set[tuple[str, str]] = set()
        self._aside: list[View] | None = None if facts.ours else []
        self._noted: Sequence[tuple[str, Statement]] | None = None

    def view(self, name: str) -> View:
        """The texts of a sheet, without those above figures of other periods."""
        grid = self.grid(name)
        if name not in self._views:
            self._views[name] = View(grid)
        return self._views[name]

    def keys(self) -> set[str]:
        """The keys of all texts of the sheets that are searched."""
        return set[str]().union(*(self.view(name).keys for name in self.names))

    def grid(self, name: str) -> Grid:
        """A sheet without the figures that belong to another period according to the words beside
        them.
        """
        if name not in self._this_year:
            sheet = self.full_grid(name)
            view = View(sheet)
            read = None if sheet.loose else this_year(view, self.labels, self.facts.year)
            self._this_year[name] = read
            if read is None:
                self._views[name] = view
        read = self._this_year[name]
        return self.full_grid(name) if read is None else read.grid

    def full_grid(self, name: str) -> Grid:
        """A sheet with the figures of all periods. Labels that are cut over several cells are
        joined, except in a workbook of ours, which has none.
        """
        grid = self.book.grid(name)
        if self.facts.ours or grid.loose:
            return grid
        if name not in self._mended:
            self._mended[name] = mended(grid, self.labels.keys, self.labels.groups)
        return self._mended[name]

    def _in_text(self, name: str) -> bool:
        """Whether a sheet is a table in the text of a document, not a workbook embedded in it."""
        return self.book.document and name not in self.embedded

    def noted(self, table: Table) -> Sequence[Statement]:
        """What the text of a document says about the units of measure of a table; empty for a
        workbook.
        """
        if self._noted is None:
            self._noted = tuple(islice(_noted(self.book.lines, self.layout.form), MOST))
        return [statement for part, statement in self._noted if part in ("", table.key)]

    def ruled_out(self, name: str) -> Sequence[OtherPeriod]:
        """The figures of a sheet that belong to another period according to the words beside
        them.
        """
        read = self._this_year.get(name)
        return () if read is None else read.ruled

    def is_doubtful(self, table: Expected, name: str) -> bool:
        """Whether more of a table is found on a sheet when the figures of other periods are kept.
        Then it is doubtful that the words above these figures mean another period.
        """
        return (table.table.key, name) in self._doubtful

    def source(self, table: Expected, name: str) -> Grid:
        """The sheet from which a table's figures are read: without the figures of other periods, or
        with them where that is doubtful.
        """
        return self.full_grid(name) if self.is_doubtful(table, name) else self.grid(name)

    def copies(self, table: Expected, name: str) -> list[Copy]:
        """Find every copy of a table on a sheet."""
        copies = self._copies(table, self.grid(name))
        if self._this_year.get(name) is not None:
            all_periods = self._copies(table, self.full_grid(name))
            size, full_size = (max((c.size for c in x), default=0) for x in (copies, all_periods))
            if full_size > size:
                self._doubtful.add((table.table.key, name))
                copies = all_periods
        for copy in copies:
            cells = self.cells.setdefault(name, set())
            cells.update(copy.cells.values())
            cells.update(place for group in copy.collapsed for place in group.parts)
        return copies

    def labelled(self, table: Expected, name: str) -> list[Copy]:
        """Find every copy of a table on a sheet by its labels, without the figures of other
        periods.
        """
        copies = self._labelled.get((table.table.key, name))
        if copies is None:
            copies = table.plan.copies(self.view(name))
            self._labelled[table.table.key, name] = copies
        return copies

    def _copies(self, table: Expected, grid: Grid) -> list[Copy]:
        """Find every copy of a table on a sheet, with or without the figures of other periods."""
        form = self.figures.form
        if grid.loose:
            copies = Flow(table.layout).copies(grid)
        elif grid is self.grid(grid.name):
            copies = self.labelled(table, grid.name)
        else:
            copies = table.plan.copies(View(grid))
        if self._in_text(grid.name) and not grid.loose:
            copies = [settled(c, grid, lambda i: " > ".join(form.items[i].rows)) for c in copies]
        return [spread(copy, grid, form) if copy.collapsed else copy for copy in copies]

    def choices(self, table: Expected, names: Set[str]) -> list[Choice]:
        """Every copy of a table on some sheets, with its figures; those on the table's own sheet
        come first.
        """
        choices = []
        for sheet in sorted(self.book.sheets, key=lambda sheet: sheet.name != table.sheet):
            if sheet.name not in names:
                continue
            copies = self.copies(table, sheet.name)
            best = max(copies, key=table.in_place, default=None)
            for copy in copies:
                # In a workbook of ours all but the copy in its place are only compared with that
                # one, whatever period they are of.
                compared = self.facts.ours and table.sheet in self.book.names
                compared &= sheet.name != table.sheet or copy is not best
                grid = self.full_grid(sheet.name) if compared else self.source(table, sheet.name)
                figures, findings = _read(copy, grid, table, self)
                past = not self._in_text(sheet.name) and self._is_past(copy, copies)
                choices.append(
                    Choice(copy, figures, sheet, formulas_of(copy, grid), past, findings)
                )
        return choices

    def _is_past(self, copy: Copy, copies: Sequence[Copy]) -> bool:
        """Whether the title of a copy, or the name of its sheet, is of a year before that of the
        return. ``copies``: all copies on the sheet.
        """
        titles = [
            text
            for text in headings(copy, copies, self.view(copy.sheet))
            if key(text) not in self.labels.keys
        ]
        return any(earlier(text, self.facts.year) for text in (copy.sheet, *titles))

    def elsewhere(self, table: Expected) -> list[Choice]:
        """The copies of a table on those sheets of our workbook that are not for filling in tables;
        empty for any other workbook.
        """
        if self._aside is None:
            names = self.book.names & NO_ENTRY - {PRINT, IDENTITY}
            self._aside = [
                View(self.book.values(n))
                for n in names
                if not has_our_formulas(self.book, n, self.layout.form)
            ]
        holding = {view.grid.name for view in self._aside if table.plan.copies(view)}
        return self.choices(table, holding)


def has_our_formulas(book: Book, name: str, form: Form) -> bool:
    """Whether a sheet that our template fills with formulas (打印稿, 校验) still has all of
    them.
    """
    least = {PRINT: len(form.items) + PRINT_FIELDS, CHECKS: len(form.instances)}
    return name in least and book.formulas(name) >= least[name]


def searched(table: Expected, search: Search) -> list[Finding]:
    """Search the whole book for a table, and read it into ``search.figures`` from the copy that
    counts. Returns the findings about that copy and about the others; M-01 where there is no copy.
    """
    facts = search.facts
    choices = search.choices(table, search.names)
    if all(is_blank(choice, facts) for choice in choices):
        choices += search.choices(table, search.behind)
    if not facts.ours:
        choices = _of_this_year(choices, table, search)
    entry = entry_of(choices, table, facts)
    findings: list[Finding] = []
    if entry is not None:
        if is_blank(entry, facts):
            choices += search.elsewhere(table)
        _take(search.figures, entry)
        search.taken.append((table, entry.copy))
        keys = search.view(entry.copy.sheet).keys
        document = search.book.document
        findings += on_copy(search.layout, table, entry.copy, keys, document=document)
        findings += entry.findings
    further = further_copies(choices, entry, facts)
    return [*findings, *on_further_copies(entry, further, table, facts)]


def _read(
    copy: Copy, grid: Grid, table: Expected, search: Search
) -> tuple[Figures, Sequence[Finding]]:
    """The figures of a copy, converted to the measures of the form where texts name others, and the
    findings about these measures. ``grid``: the copy's sheet.
    """
    form = search.figures.form
    cells = [(i, Address(copy.sheet, *place)) for i, place in copy.cells.items()]
    figures = Figures(form)
    figures.read(grid, cells)
    statements = (*copy.statements, *search.noted(table.table))
    ours = search.facts.ours
    judgements = judged(statements, figures, table.table, ours=ours) if statements else ()
    if not judgements:
        return figures, ()
    scaled = Figures(form, powers={i: j.power for j in judgements for i in j.items if j.power})
    scaled.read(grid, cells)
    return scaled, [on_measures(j, figures, copy.sheet) for j in judgements]


def _noted(lines: Sequence[TextLine], form: Form) -> Iterator[tuple[str, Statement]]:
    """What the lines of a document say about the units of measure of its tables. Each statement
    comes with the key of the table under whose heading the line is ("" above the first heading,
    where it applies to all tables).

    A line counts if it is short and marks the measures that it names as such (单位：万元).
    """
    notes = [stated(x.text) if len(x.text) <= _NOTE else None for x in lines[:LINES]]
    if not any(note is not None and note.marked for note in notes):
        return
    for note, (line, part, is_heading) in zip(notes, by_part(lines, form), strict=True):
        if note is None or not note.marked or isinstance(part, TextPart):
            continue
        if note.alone or is_heading or "单位" in line.text or line.text.startswith(NOTES):
            items = (i.index for i in form.items if part is None or i.table == part.key)
            statement = Statement(
                text=line.text,
                measures=note.measures,
                items=frozenset(items),
                rank=Rank.LINE,
                where=line.place,
            )
            yield part.key if part else "", statement


def _of_this_year(choices: list[Choice], table: Expected, search: Search) -> list[Choice]:
    """The copies without those whose titles name another year, as long as another copy may be this
    year's. The copies left out are kept in ``search.set_aside``.
    """
    if len(choices) < 2:
        return choices
    copies = [choice.copy for choice in choices]
    with_cells = [copy for copy in copies if copy.cells]
    periods = [
        titled_period(
            copy,
            search.view(copy.sheet),
            search.labels,
            [neighbour for neighbour in with_cells if neighbour is not copy],
        )
        if copy.cells
        else None
        for copy in copies
    ]
    may = of_this_year(periods, search.facts.year)
    search.set_aside += [(table, copy) for copy, keep in zip(copies, may, strict=True) if not keep]
    return [choice for choice, keep in zip(choices, may, strict=True) if keep]


def _take(figures: Figures, choice: Choice) -> None:
    """Copy the figures of a choice into the return's ``figures``."""
    for i in choice.copy.cells:
        figures.numbers[i] = choice.figures.numbers[i]
        figures.statuses[i] = choice.figures.statuses[i]
        figures.places[i] = choice.figures.places[i]
    figures.typed |= choice.figures.typed
    figures.contents |= choice.figures.contents
    figures.notes |= choice.figures.notes
