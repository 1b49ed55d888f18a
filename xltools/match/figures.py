"""Read cells as figures: the figure that an item's cell gives, and the findings about it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from xltools.model import number_formats, numbers
from xltools.model.cells import Address, Cell, CellKind, Grid, RowImprint
from xltools.model.findings import Finding, finding
from xltools.model.form import BOUND, Form, Item
from xltools.model.numbers import Number
from xltools.model.returns import Status
from xltools.model.text import cut
from xltools.model.wording import Phrase, Value, in_words, several

_EXACT: Final = 10.0**15  # a whole float below this has all its digits
_SOME: Final = re.compile(r"[1-9一二三四五六七八九]")
_BELOW: Final = re.compile(r"^\((.*)\)$")  # a figure below zero, as accounting writes it
_YUAN: Final = re.compile(r"[¥￥]\s*|CNY\s*|RMB\s*|人民币\s*")
_ODD: Final = {CellKind.DATE: "V-04", CellKind.BOOLEAN: "V-05", CellKind.ERROR: "V-06"}


@dataclass(slots=True)
class Note:
    """What a finding says about one cell. ``content``: what is in the cell; ``expected``: what
    should be, "" where nothing in particular.
    """

    item: int
    content: Value
    expected: Value = ""


@dataclass(slots=True)
class Figures:
    """The figures read from the cells of a form's items; they are filled in table by table.

    ``numbers``, ``statuses`` and ``places`` are by item: the figure in the item's unit (None where
    there is none), whether it could be read, and its cell (None where it was not found). Whatever
    has not been read has the status of something unreadable.

    ``typed``: totals whose cells have no formula; ``contents``: what is in a cell, where it is not
    just the figure; ``measured``: items whose cells name the unit of measure themselves;
    ``powers``: for items in another measure than the form's, the power of ten by which figures are
    multiplied; ``notes``: what findings are to say, by table and code.
    """

    form: Form
    numbers: list[Number | None] = field(default_factory=list)
    statuses: list[Status] = field(default_factory=list)
    places: list[Address | None] = field(default_factory=list)
    typed: set[int] = field(default_factory=set)
    contents: dict[int, str] = field(default_factory=dict)
    measured: set[int] = field(default_factory=set)
    powers: Mapping[int, int] = field(default_factory=dict)
    notes: dict[tuple[str, str], list[Note]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        count = len(self.form.items)
        self.numbers = [None] * count
        self.statuses = [Status.UNREADABLE] * count
        self.places = [None] * count

    def read(self, grid: Grid, cells: Iterable[tuple[int, Address]]) -> None:
        """Read the figures of some items from a sheet. ``cells``: each item with its cell."""
        rows, flags, items = grid.rows, grid.flags, self.form.items
        values, statuses, places = self.numbers, self.statuses, self.places
        powers = self.powers
        for index, place in cells:
            at = place.row, place.col
            places[index] = place
            total = items[index].formula is not None
            row = rows[at[0]] if at[0] < len(rows) else ()
            value = row[at[1]] if at[1] < len(row) else None
            if type(value) is float and 0.0 <= value < _EXACT and value.is_integer() and not powers:
                # Nearly every cell comes here: a plain whole number, or a total with its result.
                flag = flags.get(at)
                if flag is None or (total and not flag.error):
                    values[index] = number = int(value)
                    statuses[index] = Status.GIVEN
                    if total and (flag is None or not flag.formula):
                        self.typed.add(index)
                    elif number > BOUND and not total:
                        self._note("V-11", items[index], number, BOUND)
                    continue
            elif (value is None or value == "") and not total and at not in flags:
                statuses[index] = Status.BLANK
                continue
            cell = grid.cell(*at)
            if total:
                self._total(items[index], cell)
            else:
                self._input(items[index], cell)

    def read_known(self, grid: Grid, numbers: Sequence[float], item_cells: "ItemCells") -> None:
        """Read the figures of some items from a sheet of which it is known in which cells its
        numbers are; the result is that of ``read``. ``numbers``: of the sheet, as in `Imprint`;
        ``item_cells``: where the items are among them.
        """
        values, statuses, places = self.numbers, self.statuses, self.places
        for index, place in item_cells.blank:
            places[index] = place
            statuses[index] = Status.BLANK
        rest = set(item_cells.others)
        figures = [numbers[position] for position in item_cells.positions]
        whole = list(map(int, figures))
        if figures and (whole != figures or min(figures) < 0 or max(figures) > BOUND):
            rest.update(
                index
                for index, figure in zip(item_cells.given, figures, strict=True)
                if not (figure.is_integer() and 0 <= figure <= BOUND)
            )
        if item_cells.are_all_given:
            first, end = item_cells.given[0], item_cells.given[-1] + 1
            places[first:end] = item_cells.places
            values[first:end] = whole
            statuses[first:end] = [Status.GIVEN] * len(whole)
        else:
            for index, figure, place in zip(
                item_cells.given, whole, item_cells.places, strict=True
            ):
                places[index] = place
                values[index] = figure
                statuses[index] = Status.GIVEN
        if rest:
            self.read(grid, [cell for cell in item_cells.cells if cell[0] in rest])

    def _note(self, code: str, item: Item, content: Value, expected: Value = "") -> None:
        """Record what a finding with a code is to say about an item's cell."""
        note = Note(item.index, content, expected)
        self.notes.setdefault((item.table, code), []).append(note)

    def _set(self, item: Item, status: Status, number: Number | None = None) -> None:
        """Record the status and the number (None where there is none) that an item's cell gives."""
        self.statuses[item.index], self.numbers[item.index] = status, number

    def _unreadable(self, code: str, item: Item, shown: Value) -> None:
        """Record an item whose cell gives no figure. ``shown``: what people see in the cell."""
        self._set(item, Status.UNREADABLE)
        self.contents[item.index] = in_words(shown)
        self._note(code, item, shown)

    def _input(self, item: Item, cell: Cell) -> None:
        """Read the cell of an input: a figure, a blank, or something that cannot be read."""
        shown = cut(cell.shown)
        if cell.flag.unseen and cell.kind is CellKind.BLANK:
            self._unreadable("V-02", item, Phrase.STRUCK_OUT(cut(cell.flag.unseen)))
            return
        if cell.flag.mark:
            self._note("V-14", item, cut(cell.flag.mark))
        if cell.flag.unseen:
            self._note("V-15", item, cut(cell.flag.unseen))
        if cell.kind in _ODD:
            if cell.kind is CellKind.BOOLEAN:
                shown = "TRUE" if cell.raw else "FALSE"
            self._unreadable(_ODD[cell.kind], item, shown)
        elif cell.flag.formula and (cell.kind is CellKind.BLANK or not cell.flag.cached):
            self._unreadable("V-10", item, shown)
        elif cell.kind is CellKind.BLANK and cell.flag.field:
            self._unreadable("B-06", item, "")
        elif cell.kind is CellKind.BLANK:
            self._set(item, Status.BLANK)
        elif cell.kind is CellKind.NUMBER and isinstance(cell.raw, (int, float)):
            number = numbers.from_float(cell.raw)
            if number is None:
                self._unreadable("V-02", item, shown)
                return
            self._read_as(item, self._scaled(item, number))
            self._disguised(item, cell, number)
            if cell.flag.formula:
                self._note("V-03", item, number)
        else:
            self._text(item, cell, shown)

    def _text(self, item: Item, cell: Cell, shown: str) -> None:
        """Read the cell of an input that has text in it."""
        reading = numbers.read(str(cell.raw), item.unit)
        if reading is None:
            self._set(item, Status.BLANK)
        elif reading.kind is numbers.NumberKind.VOID:
            self._set(item, Status.VOID, 0)
            self.contents[item.index] = shown
            self._note("V-09", item, shown)
        elif reading.number is None:
            self._unreadable("V-02", item, shown)
        else:
            if "unit" in reading.how:
                self.measured.add(item.index)
                self._read_as(item, reading.number)
            else:
                self._read_as(item, self._scaled(item, reading.number))
            self.contents[item.index] = shown
            remark = "V-12" if "remark" in reading.how else "V-01"
            code = "V-03" if cell.flag.formula else remark
            self._note(code, item, shown, reading.number)
            self._disguised(item, cell, reading.number)

    def _disguised(self, item: Item, cell: Cell, number: Number) -> None:
        """Record V-19 where the number format of a cell makes people see another figure than the
        one in it (``number``), or none.
        """
        code, raw = cell.flag.format, cell.raw
        if not isinstance(raw, (int, float, str)) or not code or number_formats.plain(code):
            return
        if not _same_figure(number_formats.shown(code, raw, exact=True), number, item):
            shown = cut(number_formats.shown(code, raw))
            self._note("V-19", item, shown or Phrase.NOT_SHOWN, number)

    def _scaled(self, item: Item, number: Number) -> Number:
        """A number converted to the unit of its item. Where that changes it, the number in the cell
        is kept in ``contents``.
        """
        power = self.powers.get(item.index, 0)
        if not power:
            return number
        self.contents[item.index] = numbers.show(number)
        return numbers.scaled(number, power)

    def _read_as(self, item: Item, number: Number) -> None:
        """Record the figure of an input, with notes where the form does not allow such a figure."""
        self._set(item, Status.GIVEN, number)
        if number < 0 and not item.signed:
            self._note("V-07", item, number)
        if item.whole and not isinstance(number, int):
            self._note("V-08", item, number)
        if item.decimals is not None and numbers.places(number) > item.decimals:
            self._note("V-13", item, number, item.decimals)
        if not -BOUND <= number <= BOUND:
            self._note("V-11", item, number, BOUND)

    def _total(self, item: Item, cell: Cell) -> None:
        """Read the cell of a total: the result of its formula, or what was typed over the
        formula.
        """
        if not cell.flag.formula:
            self.typed.add(item.index)
        if cell.kind is CellKind.BLANK or not cell.flag.cached:
            self._set(item, Status.BLANK)
            return
        number: Number | None = None
        if cell.kind is CellKind.NUMBER and isinstance(cell.raw, (int, float)):
            number = numbers.from_float(cell.raw)
        elif cell.kind is CellKind.TEXT:
            reading = numbers.read(str(cell.raw), item.unit)
            if reading is None:
                self._set(item, Status.BLANK)
                return
            void = reading.kind is numbers.NumberKind.VOID
            number = 0 if void else reading.number
            self.contents[item.index] = cut(cell.shown)
            if void:
                self._set(item, Status.VOID, 0)
                return
        if number is None:
            self.contents[item.index] = cut(cell.shown)
            self._set(item, Status.UNREADABLE)
        else:
            self._set(item, Status.GIVEN, self._scaled(item, number))

    def findings(self) -> list[Finding]:
        """The findings about all cells, one for each code and table, in the order of their first
        items.
        """
        findings = []
        for (_, code), notes in self.notes.items():
            places = [self.places[n.item] for n in notes]
            first = places[0]
            findings.append(
                finding(
                    code,
                    sheet=first.sheet if first else "",
                    cells=tuple(p.a1 for p in places if p is not None),
                    items=tuple(self.form.items[n.item].name for n in notes),
                    labels=self.form.items[notes[0].item].path,
                    found=several([n.content for n in notes]),
                    expected=several([n.expected for n in notes]),
                )
            )
        return sorted(findings, key=lambda f: (self.form.by_name[f.items[0]], f.code))


@dataclass(frozen=True, kw_only=True)
class ItemCells:
    """Where the items of a table are on sheets whose rows have the same imprints.

    ``cells``: each item with its cell; ``given``: items with a plain number, and totals with the
    result of their formula; ``positions``: their positions among the numbers of the sheet;
    ``places``: their cells; ``blank``: items whose cells are blank, and totals whose formula has no
    result; ``others``: all other items.
    """

    cells: Sequence[tuple[int, Address]]
    given: list[int] = field(default_factory=list)
    positions: list[int] = field(default_factory=list)
    places: list[Address] = field(default_factory=list)
    blank: list[tuple[int, Address]] = field(default_factory=list)
    others: set[int] = field(default_factory=set)

    @cached_property
    def are_all_given(self) -> bool:
        """Whether they all are ``given``, and follow each other in the form."""
        count = len(self.given)
        return count == len(self.cells) > 0 and self.given == [
            *range(self.given[0], self.given[0] + count)
        ]

    @classmethod
    def of_row(
        cls, form: Form, cells: Sequence[tuple[int, Address]], imprint: RowImprint
    ) -> "ItemCells":
        """Where items are that are all in one row. ``cells``: each item with its cell; ``imprint``:
        of the row. Positions are those among the numbers of the row.
        """
        items = ItemCells(cells=cells)
        for index, place in cells:
            is_total = form.items[index].formula is not None
            if place.col in (imprint.results if is_total else imprint.plain):
                items.given.append(index)
                items.positions.append(imprint.numbers.index(place.col))
                items.places.append(place)
            elif place.col in imprint.pending if is_total else place.col not in imprint.filled:
                items.blank.append((index, place))
            else:
                items.others.add(index)
        return items

    def add(self, other: "ItemCells", base: int) -> None:
        """Add the items of a row. ``base``: how many numbers of the sheet come before its own."""
        self.given.extend(other.given)
        self.positions.extend([base + position for position in other.positions])
        self.places.extend(other.places)
        self.blank.extend(other.blank)
        self.others.update(other.others)


def _same_figure(shown: str, number: Number, item: Item) -> bool:
    """Whether the text that a cell shows means the figure that was read from it (``number``). The
    number is still the same when it is shown as a percentage, with a currency sign, or with a unit
    of money.
    """
    if not number:
        return not _SOME.search(shown)  # a zero may be shown as 0%, as a dash or not at all
    bare = _YUAN.sub("", _BELOW.sub(r"-\1", shown))
    if bare != shown and bare[-1:].isdigit() and _YUAN.search(shown):
        bare += "元"
    reading = numbers.read(bare, item.unit)
    return reading is not None and reading.number == number
