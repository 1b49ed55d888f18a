"""A recipe: how to read a return of our template whose sheets have structures that were met before,
without looking for anything in it.

Two workbooks whose sheets have the same plans differ in values only. If the values that tell what
is where are equal, too, each figure, name and paragraph of the one is where it is in the other.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from operator import itemgetter
from typing import Any, Final, TypeAlias

from xltools.match.fields import Paragraphs, texts_of
from xltools.match.which_copy import is_unfilled
from xltools.model.cells import Address, Grid
from xltools.model.form import BOUND, Form
from xltools.model.numbers import Number, from_float, places
from xltools.model.packed import PackedNumbers
from xltools.model.returns import Return
from xltools.readers.book import Book, Sheet
from xltools.readers.structures import SheetContent, SheetPlan

Plans: TypeAlias = tuple[SheetPlan, ...]
CellOfSheet: TypeAlias = tuple[str, int, int]
"""The name of a sheet, and row and column of a cell on it."""

_MARK, _MARK_DAY = 1001, date(2000, 1, 1).toordinal()  # the first markers


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BookContent:
    """What is in the cells of some sheets of a workbook, all of which have plans: the numbers,
    texts and days, sheet after sheet. ``names``: those sheets; ``sheets``: all of the workbook.
    """

    names: Sequence[str]
    sheets: Sequence[Sheet]
    plans: Plans
    numbers: Sequence[float]
    texts: Sequence[str]
    days: Sequence[date]

    @classmethod
    def of(cls, book: Book, names: Sequence[str]) -> "BookContent | None":
        """The content of the sheets ``names``; None where the plan of one is not a lasting one.
        Raises ReadError for a damaged sheet.
        """
        plans: list[SheetPlan] = []
        numbers: list[float] = []
        texts: list[str] = []
        days: list[date] = []
        for name in names:
            content = book.content(name)
            if content is None or not content.lasting:
                return None
            plans.append(content.plan)
            numbers += content.numbers
            texts += content.texts
            days += content.days
        return cls(
            names=names,
            sheets=book.sheets,
            plans=tuple(plans),
            numbers=numbers,
            texts=texts,
            days=days,
        )

    def cells(self) -> tuple[list[CellOfSheet], list[CellOfSheet], list[CellOfSheet]]:
        """The cells of the numbers, of the texts and of the days."""
        numbers: list[CellOfSheet] = []
        texts: list[CellOfSheet] = []
        days: list[CellOfSheet] = []
        for name, plan in zip(self.names, self.plans, strict=True):
            spots = plan.spots
            numbers += [(name, row, col) for _, row, col in spots.numbers]
            texts += [(name, row, col) for _, row, col in spots.shared + spots.texts]
            days += [(name, row, col) for _, row, col in spots.days]
        return numbers, texts, days

    def grids(self) -> dict[str, Grid]:
        """The sheets, by name. They have no imprint: nothing is known of them but their cells."""
        visible = {sheet.name: sheet.visible for sheet in self.sheets}
        numbers, texts, days = iter(self.numbers), iter(self.texts), iter(self.days)
        grids: dict[str, Grid] = {}
        for name, plan in zip(self.names, self.plans, strict=True):
            spots = plan.spots
            content = SheetContent(
                plan=plan,
                numbers=[next(numbers) for _ in spots.numbers],
                texts=[next(texts) for _ in spots.shared + spots.texts],
                days=[next(days) for _ in spots.days],
            )
            grids[name] = replace(plan.grid(name, content, visible=visible[name]), imprint=None)
        return grids


class Picker:
    """Takes the values at some ``positions`` of a sequence."""

    __slots__ = ("_several", "positions")

    def __init__(self, positions: Sequence[int]) -> None:
        self.positions: Final = tuple(positions)
        several: Callable[[Sequence[Any]], tuple[Any, ...]] | None = None
        if len(positions) > 1:
            several = itemgetter(*positions)
        self._several = several

    def take(self, values: Sequence[Any]) -> tuple[Any, ...]:
        """The values at the positions."""
        if self._several is not None:
            return self._several(values)
        return tuple([values[position] for position in self.positions])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fixed:
    """The values of a workbook that another must have, too: what takes them from its numbers, its
    texts and its days, and what is taken.
    """

    pickers: tuple[Picker, Picker, Picker]
    values: tuple[tuple[object, ...], ...]

    @classmethod
    def of(cls, content: BookContent, pickers: tuple[Picker, Picker, Picker]) -> "Fixed":
        """The values that ``pickers`` take from a content."""
        return cls(pickers=pickers, values=_taken(content, pickers))

    def are_in(self, content: BookContent) -> bool:
        """Whether a content has the same values."""
        return _taken(content, self.pickers) == self.values


def _taken(content: BookContent, pickers: tuple[Picker, Picker, Picker]) -> tuple[Any, ...]:
    """What the pickers take from the numbers, the texts and the days of a content."""
    numbers, texts, days = pickers
    return numbers.take(content.numbers), texts.take(content.texts), days.take(content.days)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Recipe:
    """How to read the workbooks whose sheets have certain plans, and certain values but for free
    ones. Positions are those in a `BookContent`.

    ``ret``: the return that one of them gave, with its cells and statuses; ``sheets``: its sheets;
    ``fixed``: its values that are not free. ``items``: the items that have a figure, and
    ``figures``, which takes these; ``exact``: which of ``items``, by index, need not be whole;
    ``tables``: the items of each table.

    ``priors``: the positions of last year's figures, by item; ``names``: those of texts, by the
    field of the identity, and ``fields``, by the field of the return; ``day``: that of the date, if
    it is a day.
    """

    form: Form
    ret: Return
    sheets: Sequence[Sheet]
    fixed: Fixed
    items: Sequence[int]
    figures: Picker
    exact: Sequence[int]
    tables: Sequence[Sequence[int]]
    priors: Mapping[int, int]
    names: Mapping[str, int]
    fields: Mapping[str, int]
    day: int | None

    def fits(self, content: BookContent) -> bool:
        """Whether a workbook with the same plans has the same sheets and fixed values."""
        return content.sheets == self.sheets and self.fixed.are_in(content)

    def read(
        self, content: BookContent, paragraphs: Paragraphs, lines: Mapping[str, Sequence[Address]]
    ) -> Return | None:
        """The return that a workbook gives which this fits; None where a figure is odd, or a table
        is not filled in. ``paragraphs``: those on 文字; ``lines``: the cells of their lines.
        """
        numbers, priors = self._numbers(content.numbers), self._priors(content.numbers)
        if numbers is None or priors is None:
            return None
        if priors and any(
            is_unfilled(self.form, items, self.ret.statuses, numbers, priors)
            for items in self.tables
        ):
            return None
        texts = content.texts
        identity = self.ret.identity
        if identity is not None and self.names:
            named: dict[str, Any] = {name: texts[at] for name, at in self.names.items()}
            identity = replace(identity, **named)
        stated: dict[str, Any] = {name: texts[at] for name, at in self.fields.items()}
        if self.day is not None:
            stated["date"] = content.days[self.day].isoformat()
        return replace(
            self.ret,
            identity=identity,
            numbers=PackedNumbers.of(numbers),
            texts=texts_of(paragraphs),
            lines=lines,
            priors=priors,
            **stated,
        )

    def _numbers(self, held: Sequence[float]) -> list[Number | None] | None:
        """The figures of all items, None for those without one; None where one is not a figure that
        the form allows for its item. ``held``: the numbers of the workbook.
        """
        given: list[Number | float] = list(self.figures.take(held))
        whole: list[Number] = list(map(int, given))
        for index in self.exact:
            number, most = from_float(held[self.figures.positions[index]]), self._most(index)
            if number is None or (most is not None and places(number) > most):
                return None
            whole[index] = given[index] = number
        if whole != given or min(whole) < 0 or max(whole) > BOUND:
            return None
        if len(whole) == len(self.form.items):
            return [*whole]
        numbers: list[Number | None] = [None] * len(self.form.items)
        for item, figure in zip(self.items, whole, strict=True):
            numbers[item] = figure
        return numbers

    def _most(self, index: int) -> int | None:
        """How many decimals the form allows for one of ``items``; None where it does not say."""
        return self.form.items[self.items[index]].decimals

    def _priors(self, held: Sequence[float]) -> dict[int, Number] | None:
        """Last year's figures by item; None where one is not a whole number. ``held``: the numbers
        of the workbook.
        """
        priors: dict[int, Number] = {}
        for item, position in self.priors.items():
            prior = held[position]
            if not (0 <= prior <= BOUND and prior.is_integer()):
                return None
            priors[item] = int(prior)
        return priors

    def marked(self, content: BookContent) -> BookContent:
        """A content with a marker in place of each value that is not fixed, all different."""
        numbers, texts, days = (frozenset(picker.positions) for picker in self.fixed.pickers)
        return replace(
            content,
            numbers=[
                value if n in numbers else float(_MARK + n)
                for n, value in enumerate(content.numbers)
            ],
            texts=[text if n in texts else f"标记{n}" for n, text in enumerate(content.texts)],
            days=[
                day if n in days else date.fromordinal(_MARK_DAY + n)
                for n, day in enumerate(content.days)
            ],
        )
