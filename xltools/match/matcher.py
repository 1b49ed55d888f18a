"""A book to a Return: each table at its expected cells, else wherever its labels are."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from xltools.layout.places import TEXT_SHEET, Layout
from xltools.match import fields
from xltools.match.attribution import Attribution
from xltools.match.entry import Known, unfilled
from xltools.match.explanations import by_row, explained
from xltools.match.fields import titles
from xltools.match.figures import Figures, several
from xltools.match.labels import key
from xltools.match.locate import Expected, labels_of
from xltools.match.moves import merged, of_edition
from xltools.match.others import edition_of, why_missing
from xltools.match.prose import LINES, ProseFound, report, unseen
from xltools.match.search import Search, searched
from xltools.match.strays import doubts
from xltools.model import sheets
from xltools.model.cells import Address
from xltools.model.findings import Finding, Topic, finding
from xltools.model.measures import stated
from xltools.model.returns import Explanation, Return
from xltools.model.text import cut
from xltools.readers.workbook import Book

RETURN: Final = "return"


class Matcher:
    """Reads returns of one form; made once, then used for any number of books."""

    def __init__(self, layout: Layout) -> None:
        self.layout, self.form = layout, layout.form
        self.tables = [Expected(layout, one) for one in layout.tables]
        self.own = frozenset(t.sheet for t in self.tables)
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
        cover = fields.cover(book, self.layout)
        priors = fields.priors(self.form, rows)
        every = {t.table.key for t in self.tables}
        said: ProseFound | None = None
        if book.document:
            lines = [line.text for line in book.lines[:LINES] if line.text]
            said = report(lines, self.form, book.heads)
        year = (identity.year if identity is not None else 0) or cover.year
        known = Known(
            ours=ours,
            year=year if said is None else said.whose.year,
            priors=priors,
            declared=frozenset(every if cover.zero else cover.none),
        )
        search = Search(book, self.layout, self.labels, figures, known)
        found: list[Finding] = []
        missing: set[str] = set()
        missed = False
        for table in self.tables:
            if not self._quick(table, search):
                missed = True
                found += searched(table, search)
                if all(figures.places[i] is None for i, _ in table.cells):
                    missing.add(table.table.key)
            found += self._merged(table, search)
        other = edition_of(self.form, search.keys()) if missed and identity is None else None
        if other is not None:
            found.append(of_edition(self.form, other))
        edition = other.form.name if other is not None else ""
        if other is None:
            found += doubts(search)
        if said is not None:
            found = why_missing(found, book.lines, self.tables, self.form)
            printed = self._document(book, said, figures, found, missing)
            # A template printed whole says on its first page what the title of a report does.
            return replace(
                printed,
                other=edition,
                unit=printed.unit or cover.unit,
                year=printed.year or cover.year,
                filler=cover.filler,
                phone=cover.phone,
                date=printed.date or cover.date,
                zero=cover.zero,
                none=frozenset(cover.none),
            )
        prose: dict[str, list[tuple[int, str]]] = {}
        if TEXT_SHEET in book.names:
            prose = fields.prose(book.values(TEXT_SHEET), self.layout)
        by_rule: dict[str, str] = {}
        answers: tuple[Explanation, ...] = ()
        if ours:
            # One cell of the column is its heading: then nobody has explained anything.
            checked = sheets.CHECKS in book.names and book.held(sheets.CHECKS, sheets.WHY) != 1
            if checked:
                by_rule = fields.explanations(book.values(sheets.CHECKS), self.form)
            answers = explained(book, self.layout, figures.places, checks=checked)
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
            explanations=by_row(by_rule, answers),
            explained=answers,
            priors=priors,
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
        self,
        book: Book,
        said: ProseFound,
        figures: Figures,
        found: list[Finding],
        missing: set[str],
    ) -> Return:
        """A document's return: what its title, its text parts and its last lines say."""
        whose = said.whose
        remarks = [*said.remarks, *unseen([line.unseen for line in book.lines[:LINES]])]
        twice = [one for one in found if one.is_about(Topic.SEVERAL_COPIES)]
        tables = len(self.tables) - len(missing)
        if said.count > 1 or (len(said.titles) > 1 and twice) or len(twice) == tables > 1:
            names = [one.text for one in said.titles]
            count = max(said.count, len(names), 2)
            # Which table belongs to which report is all one: that there are several is the cause.
            found = [one for one in found if not one.is_about(Topic.SEVERAL_COPIES)]
            found.insert(0, finding("M-06", found=several(names) or f"{count} 份"))
        found += [
            finding("P-09", detail=remark.done, found=cut(remark.lines[0])) for remark in remarks
        ]
        return Return(
            identity=None,
            numbers=figures.numbers,
            statuses=figures.statuses,
            places=figures.places,
            typed=frozenset(figures.typed),
            found=figures.found,
            missing=frozenset(missing),
            texts=said.texts,
            unit=whose.unit,
            year=whose.year,
            date=said.date,
            title=whose.title.text,
            named=whose.units,
            document=True,
            findings=(*_dated(whose), *found, *figures.findings()),
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

    def _quick(self, table: Expected, search: Search) -> bool:
        """Read a table at its expected cells when it stands there, and nowhere else."""
        book = search.book
        if table.sheet not in book.names:
            return False
        grid = book.grid(table.sheet)
        if not table.holds(grid) or not table.alone(grid, ours=search.known.ours):
            return False
        if search.outside is None:
            search.outside = set()
            for one in self.tables:
                if one.sheet in book.names:
                    texts = set(one.outside(book.grid(one.sheet)))
                    search.outside.update(map(key, texts))
                    if any(stated(text).measures for text in texts):
                        search.measured.add(one.sheet)
        # A measure named beside the table may be of all its figures.
        if table.sheet in search.measured:
            return False
        # With half its labels outside the expected places a second copy may be among them.
        if 2 * len(search.outside & table.known) >= len(table.known):
            return False
        if any(table.plan.copies(search.view(name)) for name in search.names - self.own):
            return False
        search.figures.read(grid, table.cells)
        # What was left blank may have been filled in anywhere.
        items = [i for i, _ in table.cells]
        return not unfilled(search.figures, items, search.known.priors) or not search.rest(table)

    def _merged(self, table: Expected, search: Search) -> list[Finding]:
        """What is to be said of merged cells on the sheet from which a table was read."""
        places = search.figures.places
        sheet = next((p.sheet for i, _ in table.cells if (p := places[i]) is not None), "")
        return merged(table, search.figures, search.book.grid(sheet)) if sheet else []


def _dated(whose: Attribution) -> Iterator[Finding]:
    """I-13 and I-14: a year that the title does not say, or that is said otherwise elsewhere."""
    if whose.contradicting:
        said = "、".join(f"{place}为{year}年" for place, year in whose.contradicting.items())
        yield finding("I-13", found=f"{whose.year}年", expected=said)
    elif whose.year_from:
        yield finding("I-14", found=f"，按{whose.year_from}认定为{whose.year}年")
