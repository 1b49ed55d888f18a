"""Which values of a workbook of our template may be others in a workbook that is read by the same
recipe, and where they are.

Free are the figures, those of last year, some names on the hidden sheet, the fields of 填报 that
the unit fills in, and results of formulas in cells that are never read. All others are fixed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from xltools.layout.places import Layout
from xltools.match.fields import CoverPlaces, cover_places
from xltools.match.recipe import BookContent, Picker
from xltools.model.cells import PLAIN, Flag
from xltools.model.form import Form
from xltools.model.identity import (
    COVER,
    DATE,
    FIELD_COLUMN,
    FILLER,
    IDENTITY,
    PHONE,
    PRIOR,
    UNIT,
    identity_rows,
)
from xltools.readers.book import Book

_NAMES: Final = "unit", "code", "category", "answers"  # entries of the hidden sheet
_FIELDS: Final = {UNIT: "unit", FILLER: "filler", PHONE: "phone", DATE: "date"}  # those of 填报
_VALUES: Final = 1  # the column of the hidden sheet that has the values of its entries

_Cell: TypeAlias = tuple[str, int, int]  # the name of a sheet, row and column


@dataclass(frozen=True, slots=True, kw_only=True)
class FreePlaces:
    """The positions of the free values in the content of a workbook.

    ``figures`` and ``priors``: those of figures and of last year's figures, by item; ``names``:
    those of texts, by the field of the identity; ``fields``: those of texts, by the field of the
    return; ``day``: that of the date, None where it is no day. ``fixed``: takes the numbers, the
    texts and the days that are not free.
    """

    figures: Mapping[int, int]
    priors: Mapping[int, int]
    names: Mapping[str, int]
    fields: Mapping[str, int]
    day: int | None
    fixed: tuple[Picker, Picker, Picker]


def free_places(book: Book, layout: Layout, content: BookContent) -> FreePlaces | None:
    """Find the free values of a workbook. None where its labels, or what is in the cells of items
    and fields, are not as in nearly every return: then what is read may depend on the values.
    """
    cells = _Cells(content)
    items = {(at.sheet, at.row, at.col): item for item, at in enumerate(layout.addresses)}
    cover = cover_places(book.values(COVER), layout)
    entries = {
        name: (IDENTITY, row, _VALUES) for name, row in identity_rows(book.values(IDENTITY)).items()
    }
    fields = {name: (COVER, *at) for name, at in cover.fields.items() if name in _FIELDS}
    if not (
        cover.are_certain
        and all(cells.is_plain(cell, item, layout.form) for cell, item in items.items())
        and not any(cell in cells.number_at for cell in fields.values())
        and cells.are_results([cell for cell in cells.number_at if _beside(cell, items, layout)])
    ):
        return None
    by_name = layout.form.by_name
    figures = {
        item: cells.number_at[cell] for cell, item in items.items() if cell in cells.number_at
    }
    priors = {
        by_name[name]: cells.number_at[cell]
        for entry, cell in entries.items()
        if entry.startswith(PRIOR) and cell in cells.number_at
        and (name := entry.removeprefix(PRIOR)) in by_name
    }  # fmt: skip
    names: dict[str, int] = {
        name: cells.text_at[entries[name]]
        for name in _NAMES
        if name in entries and entries[name] in cells.text_at
    }
    texts = {
        _FIELDS[name]: cells.text_at[cell] for name, cell in fields.items() if cell in cells.text_at
    }
    day = cells.day_at.get(fields[DATE])
    unread = cells.unread(cover, items)
    return FreePlaces(
        figures=figures,
        priors=priors,
        names=names,
        fields=texts,
        day=day,
        fixed=(
            _but(len(content.numbers), {*figures.values(), *priors.values(), *unread[0]}),
            _but(len(content.texts), {*names.values(), *texts.values(), *unread[1]}),
            _but(len(content.days), {day}),
        ),
    )


def _but(count: int, free: "set[int] | set[int | None]") -> Picker:
    """Takes all of ``count`` values but those at some positions."""
    return Picker([position for position in range(count) if position not in free])


def _beside(cell: _Cell, items: Mapping[_Cell, int], layout: Layout) -> bool:
    """Whether a cell is on the sheet of a table, but not that of an item."""
    return cell not in items and any(cell[0] == table.sheet for table in layout.tables)


class _Cells:
    """The cells of the sheets with plans. ``number_at``, ``text_at`` and ``day_at``: the position
    of a cell's number, text or day in the content.
    """

    def __init__(self, content: BookContent) -> None:
        numbers, texts, days = content.cells()
        self.number_at = {cell: position for position, cell in enumerate(numbers)}
        self.text_at = {cell: position for position, cell in enumerate(texts)}
        self.day_at = {cell: position for position, cell in enumerate(days)}
        self._flags: dict[str, Mapping[tuple[int, int], Flag]] = {
            name: plan.flags for name, plan in zip(content.names, content.plans, strict=True)
        }

    def _flag(self, cell: _Cell) -> Flag:
        """The flag of a cell."""
        sheet, row, col = cell
        return self._flags[sheet].get((row, col), PLAIN)

    def is_plain(self, cell: _Cell, item: int, form: Form) -> bool:
        """Whether the cell of an item has nothing but a number, which for a total is the result of
        a formula; or no value at all.
        """
        if cell in self.text_at or cell in self.day_at:
            return False
        if cell not in self.number_at:
            return True
        flag = self._flag(cell)
        return flag == PLAIN if form.items[item].formula is None else flag.formula

    def are_results(self, cells: "list[_Cell]") -> bool:
        """Whether all of some cells have formulas."""
        return all(self._flag(cell).formula for cell in cells)

    def unread(self, cover: CoverPlaces, items: Mapping[_Cell, int]) -> tuple[list[int], list[int]]:
        """The positions of numbers and of texts that are results of formulas in cells that are
        never read: beside and below tables, on 填报 those that are neither label nor value, and on
        the hidden sheet those behind its entries.
        """
        read = {*cover.fields.values(), *cover.none.values()}

        def is_unread(cell: _Cell) -> bool:
            sheet, row, col = cell
            if not self._flag(cell).formula:
                return False
            if sheet == IDENTITY:
                return col > _VALUES
            if sheet == COVER:
                return col != FIELD_COLUMN and (row, col) not in read
            return cell in self.number_at and cell not in items

        return (
            [position for cell, position in self.number_at.items() if is_unread(cell)],
            [position for cell, position in self.text_at.items() if is_unread(cell)],
        )
