"""Read a book as a return: each table is read at its expected cells if it is there, otherwise
wherever its labels are.
"""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypedDict

from xltools.layout.places import Layout
from xltools.match import fields
from xltools.match.attribution import Attribution
from xltools.match.editions import edition_of
from xltools.match.explanations import by_row, explained, in_rows
from xltools.match.fields import titles
from xltools.match.figures import Figures, ItemCells
from xltools.match.labels import Labels, key
from xltools.match.locate import Expected
from xltools.match.prose import LINES, ProseFound, report, unseen
from xltools.match.recipes import FullReading, Recipes
from xltools.match.search import Search, searched
from xltools.match.strays import doubts
from xltools.match.table_findings import merged, of_edition, why_missing
from xltools.match.which_copy import BookFacts, is_unfilled
from xltools.model.cells import Address, Grid, RowImprint
from xltools.model.findings import Finding, Topic, finding
from xltools.model.identity import CHECKS, COVER, IDENTITY, WHY, Identity, WorkbookKind
from xltools.model.memo import Memo
from xltools.model.numbers import Number
from xltools.model.returns import Explanation, Return, Status
from xltools.model.stated import stated
from xltools.model.text import cut
from xltools.model.wording import Phrase, each, several
from xltools.readers.book import Book

_REMEMBERED: Final = 256  # answers to where the tables of a book, or their items, are
_ROWS_REMEMBERED: Final = 1 << 14
_BLANK: Final = RowImprint(row=-1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _TablesRead:
    """The result of reading a form's tables, apart from their figures.

    ``in_place``: every table was read at its expected cells; ``missing``: the keys of tables of
    which no cell was found; ``edition``: the name of another edition of the form, if the tables
    have its labels; otherwise "".
    """

    findings: Sequence[Finding]
    in_place: bool
    missing: frozenset[str]
    edition: str


class _FiguresRead(TypedDict):
    """Fields of a `Return`, with the names that they have there."""

    numbers: Sequence[Number | None]
    statuses: Sequence[Status]
    places: Sequence[Address | None]
    typed: frozenset[int]
    found: Mapping[int, str]
    missing: frozenset[str]
    other: str
    findings: tuple[Finding, ...]
    filler: str
    phone: str
    zero: bool
    none: frozenset[str]


class Matcher:
    """Reads returns of one form; it is made once and then used for any number of books.

    ``tables``: the form's tables, prepared for being found; ``sheets``: the names of the sheets on
    which they are expected.
    """

    def __init__(self, layout: Layout) -> None:
        self.layout, self.form = layout, layout.form
        self.tables = [Expected(layout, table_layout) for table_layout in layout.tables]
        self.sheets = frozenset(t.sheet for t in self.tables)
        self._printed = frozenset[str]().union(*(t.keys | t.plan.keys for t in self.tables))
        self._labels = Labels.of(self.form)
        # By sheet, the columns of items in each row.
        self._columns: dict[str, dict[int, set[int]]] = {}
        for table in self.tables:
            columns = self._columns.setdefault(table.sheet, {})
            for _, place in table.cells:
                columns.setdefault(place.row, set()).add(place.col)
        self._judged: Memo[Hashable, frozenset[str]] = Memo(_REMEMBERED)
        # Sheets, with what is around their rows, on which the merged areas are those of the form.
        self._usual: Memo[tuple[str, Hashable], bool] = Memo(_REMEMBERED)
        self._frames_of: Memo[tuple[str, tuple[RowImprint, ...]], tuple[Hashable, ...] | None] = (
            Memo(_REMEMBERED)
        )
        self._items: Memo[tuple[str, tuple[RowImprint, ...]], ItemCells] = Memo(_REMEMBERED)
        self._rows: Memo[tuple[str, int, RowImprint], ItemCells] = Memo(_ROWS_REMEMBERED)
        self._recipes = Recipes(layout, self.tables)

    def match(self, book: Book) -> Return:
        """Read a book as a return. Mistakes of the sender are findings of the return, which do not
        name the unit and the file yet. A workbook of ours that is not a return, such as a summary,
        gives an empty return. Raises ReadError for a damaged sheet.
        """
        return self._recipes.read(book, self._full)

    def _full(self, book: Book) -> FullReading:
        """Read a book without a recipe.

        What is beside the tables is read first, because it tells of which year they are; then the
        tables; then what depends on where these were found.
        """
        hidden = book.values(IDENTITY) if IDENTITY in book.names else Grid(name=IDENTITY, rows=())
        identity = fields.identity(hidden)
        if identity is not None and identity.kind != WorkbookKind.RETURN:
            ret = Return.empty(self.form, identity=identity)
            return FullReading(ret=ret, in_place=False)
        cover, priors = fields.cover(book, self.layout), fields.priors(self.form, hidden)
        prose = self._prose(book) if book.document else None
        facts = self._facts(book, identity, cover, prose, priors)
        search = Search(book, self.layout, self._labels, Figures(self.form), facts)
        tables = self._read_tables(search, editions=identity is None)
        ret = (
            self._workbook(search, tables, identity, cover)
            if prose is None
            else self._document(search, tables, prose, cover)
        )
        return FullReading(ret=ret, in_place=tables.in_place)

    def _prose(self, book: Book) -> ProseFound:
        """Read the lines of a document: its title, its text parts, and its agency and date."""
        lines = [line.text for line in book.lines[:LINES] if line.text]
        return report(lines, self.form, book.heads)

    def _facts(
        self,
        book: Book,
        identity: Identity | None,
        cover: fields.Cover,
        prose: ProseFound | None,
        priors: Mapping[int, Number],
    ) -> BookFacts:
        """Collect what is known of a book before its tables are read: whether xltools made it, its
        year, last year's figures, and the tables whose blanks the unit declares to be zero.

        ``identity``: what the hidden sheet says; None if it does not name the kind of the workbook.
        ``cover``: the fields of 填报. ``prose``: what the text of a document says; None for a
        workbook. ``priors``: last year's figures that the template carried, by item number.
        """
        year = (identity.year if identity is not None else 0) or cover.year
        tables = {table.table.key for table in self.tables}
        return BookFacts(
            ours=identity is not None or {COVER, CHECKS} <= book.names,
            year=year if prose is None else prose.whose.year,
            priors=priors,
            declared=frozenset(tables if cover.zero else cover.none),
        )

    def _read_tables(self, search: Search, *, editions: bool) -> _TablesRead:
        """Read every table into ``search.figures``. ``editions``: whether the edition is to be
        recognised by the labels, because the book does not name it itself.
        """
        findings: list[Finding] = []
        missing: set[str] = set()
        in_place = True
        where_expected = self._where_expected(search)
        for table in self.tables:
            if table.table.key not in where_expected or not self._read(table, search):
                in_place = False
                findings += searched(table, search)
                if all(search.figures.places[i] is None for i, _ in table.cells):
                    missing.add(table.table.key)
            findings += self._merged(table, search)
        edition = edition_of(self.form, search.keys()) if editions and not in_place else None
        if edition is not None:
            findings.append(of_edition(self.form, edition))
        else:
            findings += doubts(search)
        return _TablesRead(
            findings=findings,
            in_place=in_place,
            missing=frozenset(missing),
            edition=edition.form.name if edition is not None else "",
        )

    def _workbook(
        self,
        search: Search,
        tables: _TablesRead,
        identity: Identity | None,
        cover: fields.Cover,
    ) -> Return:
        """The return made from a workbook: its figures, its cover, its sheet 文字 and what the unit
        explains.
        """
        book, figures = search.book, search.figures
        paragraphs = fields.paragraphs(book, self.layout)
        by_rule: dict[str, str] = {}
        answers: tuple[Explanation, ...] = ()
        if search.facts.ours:
            # Where only the heading of the column is filled, nobody has explained anything.
            checked = CHECKS in book.names and book.held(CHECKS, WHY) != 1
            if checked:
                by_rule = in_rows(book.values(CHECKS), self.form)
            answers = explained(book, self.layout, figures.places, checks=checked)
        title = ""
        if identity is None and not (cover.unit and cover.year):
            title = titles(book, figures.places, self._printed)
        return Return(
            **self._figures(figures, tables, tables.findings, cover),
            identity=identity,
            unit=cover.unit,
            year=cover.year,
            date=cover.date,
            texts=fields.texts_of(paragraphs),
            lines=fields.line_places(paragraphs),
            explanations=by_row(by_rule, answers),
            explained=answers,
            priors=search.facts.priors,
            title=title,
        )

    def _document(
        self, search: Search, tables: _TablesRead, prose: ProseFound, cover: fields.Cover
    ) -> Return:
        """The return made from a document: its figures, and what its title, its text parts and its
        last lines say. A template that was printed whole has a cover, which says what a report's
        title says.
        """
        book, whose = search.book, prose.whose
        findings = why_missing(tables.findings, book.lines, self.tables, self.form)
        twice = [f for f in findings if f.is_about(Topic.SEVERAL_COPIES)]
        count = len(self.tables) - len(tables.missing)
        if prose.count > 1 or (len(prose.titles) > 1 and twice) or len(twice) == count > 1:
            # The tables are there more than once because the document contains several reports.
            findings = [_several_reports(prose), *(f for f in findings if f not in twice)]
        for remark in (*prose.remarks, *unseen([line.unseen for line in book.lines[:LINES]])):
            findings.append(finding("P-09", detail=remark.outcome, found=cut(remark.lines[0])))
        return Return(
            **self._figures(search.figures, tables, (*_dated(whose), *findings), cover),
            identity=None,
            texts=prose.texts,
            unit=whose.unit or cover.unit,
            year=whose.year or cover.year,
            date=prose.date or cover.date,
            title=whose.title.text,
            named=whose.units,
            document=True,
        )

    def _figures(
        self,
        figures: Figures,
        tables: _TablesRead,
        findings: Sequence[Finding],
        cover: fields.Cover,
    ) -> _FiguresRead:
        """What every return has: the figures that were read, and what the cover says about them.
        The findings about the figures come after ``findings``.
        """
        return _FiguresRead(
            filler=cover.filler,
            phone=cover.phone,
            zero=cover.zero,
            none=frozenset(cover.none),
            numbers=figures.numbers,
            statuses=figures.statuses,
            places=tuple(figures.places),
            typed=frozenset(figures.typed),
            found=figures.contents,
            missing=tables.missing,
            other=tables.edition,
            findings=(*findings, *figures.findings()),
        )

    def _where_expected(self, search: Search) -> frozenset[str]:
        """The keys of the tables that are certainly at their expected cells and nowhere else.

        That does not depend on the figures in the cells of items. So where it is known of all
        sheets with tables what they are like apart from figures, the answer is remembered.
        """
        imprint = self._imprint(search)
        if imprint is not None and imprint in self._judged:
            return self._judged[imprint]
        judged = frozenset(t.table.key for t in self.tables if self._is_alone(t, search))
        if imprint is not None:
            self._judged[imprint] = judged
        return judged

    def _imprint(self, search: Search) -> Hashable | None:
        """What the sheets with tables, and the names of all sheets, are like apart from figures in
        the cells of items; None where that is not known, or there are figures in other cells.
        """
        if not search.names <= self.sheets:
            return None
        imprints: list[Hashable] = [search.facts.ours, search.names]
        for sheet in self._columns:
            imprint = search.book.grid(sheet).imprint if sheet in search.book.names else None
            if imprint is None:
                return None
            frames = self._frames(sheet, imprint.rows)
            if frames is None:
                return None
            imprints.append((imprint.around, frames, imprint.texts))
        return tuple(imprints)

    def _frames(self, sheet: str, rows: tuple[RowImprint, ...]) -> tuple[Hashable, ...] | None:
        """The frames of the rows of a sheet; None where it has numbers in other cells than those of
        items.
        """
        question = sheet, rows
        if question not in self._frames_of:
            columns, none = self._columns[sheet], frozenset[int]()
            strange = [r for r in rows if not columns.get(r.row, none).issuperset(r.plain)]
            self._frames_of[question] = None if strange else tuple(row.frame for row in rows)
        return self._frames_of[question]

    def _item_cells(self, table: Expected, rows: tuple[RowImprint, ...]) -> ItemCells:
        """Where the items of a table are on sheets with these rows, worked out once for each."""
        key = table.table.key, rows
        items = self._items.get(key)
        if items is None:
            items = self._items[key] = ItemCells(cells=table.cells)
            bases, base = {}, 0
            for imprint in rows:
                bases[imprint.row] = imprint, base
                base += len(imprint.numbers)
            for row, cells in table.rows.items():
                imprint, base = bases.get(row, (_BLANK, 0))
                items.add(self._in_row(table, cells, imprint), base)
        return items

    def _in_row(
        self, table: Expected, cells: Sequence[tuple[int, Address]], imprint: RowImprint
    ) -> ItemCells:
        """Where the items of a row of a table are, worked out once for each imprint."""
        key = table.table.key, cells[0][0], imprint
        items = self._rows.get(key)
        if items is None:
            items = self._rows[key] = ItemCells.of_row(self.form, cells, imprint)
        return items

    def _is_alone(self, table: Expected, search: Search) -> bool:
        """Whether a table is certainly at its expected cells and nowhere else; if not, it must be
        searched for. It does not depend on the figures of items.
        """
        book = search.book
        if table.sheet not in book.names:
            return False
        grid = book.grid(table.sheet)
        if not table.holds(grid) or not table.alone(grid, ours=search.facts.ours):
            return False
        if search.outside is None:
            search.outside = set()
            for neighbour in self.tables:
                if neighbour.sheet in book.names:
                    texts = set(neighbour.outside(book.grid(neighbour.sheet)))
                    search.outside.update(map(key, texts))
                    if any(stated(text).measures for text in texts):
                        search.measured.add(neighbour.sheet)
        # A measure that is named beside the table may be that of all its figures.
        if table.sheet in search.measured:
            return False
        # Where half of its labels are outside the expected cells, there may be a second copy.
        if 2 * len(search.outside & table.keys) >= len(table.keys):
            return False
        return not any(search.labelled(table, name) for name in search.names - self.sheets)

    def _read(self, table: Expected, search: Search) -> bool:
        """Read a table at its expected cells. Returns whether that is all of it; if not, it must be
        searched for: what is blank here may have been filled in on another sheet.
        """
        grid = search.book.grid(table.sheet)
        if grid.imprint is not None:
            item_cells = self._item_cells(table, grid.imprint.rows)
            search.figures.read_known(grid, grid.imprint.numbers, item_cells)
        else:
            search.figures.read(grid, table.cells)
        items, figures = [i for i, _ in table.cells], search.figures
        return not is_unfilled(
            self.form, items, figures.statuses, figures.numbers, search.facts.priors
        ) or not search.elsewhere(table)

    def _merged(self, table: Expected, search: Search) -> list[Finding]:
        """The findings about merged cells of the sheet from which a table was read; none if it was
        not read.
        """
        places = search.figures.places
        sheet = next((p.sheet for i, _ in table.cells if (p := places[i]) is not None), "")
        if not sheet:
            return []
        grid = search.book.grid(sheet)
        around = grid.imprint.around if grid.imprint is not None else None
        if around is not None and (table.sheet, around) in self._usual:
            return []
        findings = merged(table, search.figures, grid)
        if around is not None and table.merges.issuperset(grid.merges):
            self._usual[table.sheet, around] = True
        return findings


def _several_reports(prose: ProseFound) -> Finding:
    """M-06: a document contains several reports. The finding names their titles, or how many there
    are.
    """
    names = [title.text for title in prose.titles]
    count = max(prose.count, len(names), 2)
    return finding("M-06", found=several(names) if any(names) else Phrase.REPORTS(count))


def _dated(whose: Attribution) -> Iterator[Finding]:
    """I-13 where other places name other years than the title. I-14 where the title names no year
    and the year was taken from another place.
    """
    if whose.contradicting:
        elsewhere = each(Phrase.YEAR_AT(place, year) for place, year in whose.contradicting.items())
        yield finding("I-13", found=Phrase.IN_YEAR(whose.year), expected=elsewhere)
    elif whose.year_from:
        yield finding("I-14", found=Phrase.YEAR_FROM(whose.year_from, whose.year))
