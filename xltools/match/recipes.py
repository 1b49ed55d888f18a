"""Find recipes for the returns of a form, try them, and read by them.

A recipe is not argued, it is tried. It is kept only if a workbook with marker values in all free
places is read alike by it and without it; and the next workbooks that it fits are read in both
ways. Whatever is odd is read without a recipe.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Final

from xltools.layout.places import TEXT_SHEET, Layout
from xltools.match.fields import Paragraphs, known_prose, line_places
from xltools.match.free_places import free_places
from xltools.match.locate import Expected
from xltools.match.recipe import BookContent, Fixed, Picker, Plans, Recipe
from xltools.match.search import has_our_formulas
from xltools.model.cells import Address
from xltools.model.errors import ReadError
from xltools.model.identity import CHECKS, COVER, IDENTITY, PRINT, WHY, WorkbookKind
from xltools.model.memo import Memo
from xltools.model.packed import PackedStatuses, unpacked
from xltools.model.returns import Return, Status
from xltools.model.spill import PackedMapping
from xltools.readers.book import Book

_REMEMBERED: Final = 128  # combinations of plans
_ATTEMPTS: Final = 4  # recipes for a combination of plans: the workbooks may differ in fixed values
_TRIALS: Final = 2  # workbooks that a new recipe reads along with the full path
_PATTERNS: Final = 4096  # of paragraphs


@dataclass(frozen=True, slots=True, kw_only=True)
class FullReading:
    """A return as it is read without a recipe. ``in_place``: every table was read at its expected
    cells, without a search.
    """

    ret: Return
    in_place: bool


@dataclass(slots=True, eq=False)
class _OnTrial:
    """A recipe, and how many workbooks it is yet to read along with the full path."""

    recipe: Recipe
    left: int = _TRIALS


@dataclass(slots=True, eq=False)
class _Attempts:
    """The recipes for a combination of plans, and how many more may be looked for."""

    recipes: list[_OnTrial] = field(default_factory=list)
    left: int = _ATTEMPTS


class Recipes:
    """The recipes that were found for workbooks of one form."""

    def __init__(self, layout: Layout, tables: Sequence[Expected]) -> None:
        self._layout, self._tables = layout, tables
        self._planned = (IDENTITY, COVER, *dict.fromkeys(table.sheet for table in tables))
        self._sheets = frozenset((*self._planned, TEXT_SHEET, CHECKS, PRINT))
        self._attempts: Memo[Plans, _Attempts] = Memo(_REMEMBERED)
        self._lines: Memo[tuple[object, ...], PackedMapping[str, Sequence[Address]]] = Memo(
            _PATTERNS
        )

    def read(self, book: Book, full: Callable[[Book], FullReading]) -> Return:
        """Read a book by a recipe; by ``full`` where there is none that fits, so that there may be
        one next time. Raises what ``full`` raises.
        """
        content: BookContent | None = None
        if book.names == self._sheets:
            with suppress(ReadError):  # the full path says what is wrong, if it matters
                content = BookContent.of(book, self._planned)
        if content is None:
            return full(book).ret
        attempts = self._attempts.get(content.plans)
        if attempts is None:
            self._attempts[content.plans] = _Attempts()  # next time they are known to recur
            return full(book).ret
        for trial in attempts.recipes:
            if trial.recipe.fits(content):
                return self._by(trial, attempts, book, content, full)
        reading = full(book)
        # The findings about a return may depend on its figures.
        if attempts.left and reading.in_place and _is_plain(reading.ret):
            attempts.left -= 1
            recipe = self._recipe(book, content, reading.ret)
            if recipe is not None and self._is_right(recipe, book, content, full):
                attempts.recipes.append(_OnTrial(recipe))
        return reading.ret

    def _by(
        self,
        trial: _OnTrial,
        attempts: _Attempts,
        book: Book,
        content: BookContent,
        full: Callable[[Book], FullReading],
    ) -> Return:
        """Read a book by a recipe that fits. While that is on trial, the book is read the full way,
        too; if the returns differ, no recipe is looked for in such books any more.
        """
        ret = self._prepared(trial.recipe, book, content)
        if ret is not None and not trial.left:
            return ret
        truth = full(book).ret
        if ret is not None:
            trial.left -= 1
            if not _same(ret, truth):
                attempts.recipes, attempts.left = [], 0
        return truth

    def _prepared(self, recipe: Recipe, book: Book, content: BookContent) -> Return | None:
        """The return that a recipe gives; None where it gives none, where 文字 or 打印稿 is not as
        expected, and where something is explained on 校验.
        """
        with suppress(ReadError):
            prose = book.content(TEXT_SHEET)
            paragraphs = known_prose(prose, self._layout) if prose is not None else None
            if (
                paragraphs is not None
                and has_our_formulas(book, PRINT, self._layout.form)
                and book.held(CHECKS, WHY) == 1
            ):
                return recipe.read(content, paragraphs, self._line_places(paragraphs))
        return None

    def _line_places(self, paragraphs: Paragraphs) -> PackedMapping[str, Sequence[Address]]:
        """The cells of the lines of paragraphs, packed once for returns that have them in the same
        cells.
        """
        pattern = tuple(
            [(name, at, text.count("\n")) for name, rows in paragraphs.items() for at, text in rows]
        )
        lines = self._lines.get(pattern)
        if lines is None:
            lines = self._lines[pattern] = PackedMapping.of(line_places(paragraphs))
        return lines

    def _recipe(self, book: Book, content: BookContent, ret: Return) -> Recipe | None:
        """The recipe for workbooks like this one, which gave ``ret``; None where what is read of
        them may depend on their figures.
        """
        form, addresses = self._layout.form, self._layout.addresses
        around = {n: p.around for n, p in zip(self._planned, content.plans, strict=True)}
        if not all(table.merges.issuperset(around[table.sheet].merges) for table in self._tables):
            return None
        places = free_places(book, self._layout, content)
        if places is None or not places.figures or ret.places != addresses:
            return None
        statuses = [Status.BLANK] * len(form.items)
        for item in places.figures:
            statuses[item] = Status.GIVEN
        if list(ret.statuses) != statuses:
            return None
        items = sorted(places.figures)
        return Recipe(
            form=form,
            ret=replace(ret, statuses=PackedStatuses.of(statuses)),
            sheets=content.sheets,
            fixed=Fixed.of(content, places.fixed),
            items=items,
            figures=Picker([places.figures[item] for item in items]),
            exact=[index for index, item in enumerate(items) if not form.items[item].whole],
            tables=[[item for item, _ in table.cells] for table in self._tables],
            priors=places.priors,
            names=places.names,
            fields=places.fields,
            day=places.day,
        )

    def _is_right(
        self,
        recipe: Recipe,
        book: Book,
        content: BookContent,
        full: Callable[[Book], FullReading],
    ) -> bool:
        """Whether ``book`` with markers in place of all values that are not fixed is read alike by
        a recipe and without it.
        """
        marked = recipe.marked(content)
        grids = marked.grids()
        reading = full(
            Book(
                book.sheets,
                lambda name, _: grids[name] if name in grids else book.grid(name),
                book.held,
                book.formulas,
            )
        )
        ret = self._prepared(recipe, book, marked)
        return ret is not None and reading.in_place and _same(ret, reading.ret)


def _is_plain(ret: Return) -> bool:
    """Whether a return is of our template and has nothing but figures, fields and paragraphs."""
    return (
        ret.identity is not None
        and ret.identity.kind == WorkbookKind.RETURN
        and not (ret.findings or ret.found or ret.typed or ret.missing or ret.other or ret.title)
        and not (ret.explanations or ret.explained or ret.named or ret.document)
    )


def _same(first: Return, second: Return) -> bool:
    """Whether two returns are the same in every field, down to the types of values and the order of
    entries.
    """
    written, also = (
        repr(replace(unpacked(ret), lines=dict(ret.lines.items()))) for ret in (first, second)
    )
    return first == second and written == also
