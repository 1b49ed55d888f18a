"""Find out in which units of measure the figures of a table are, by the texts in and around it, and
what to do with figures in another measure than the form asks for.

A heading names the measure of its columns, a row label that of its row. A text that is nothing but
a measure (单位：元) applies to the column or row beside it; in the heading of a block, to the
block; above or below the table, to all of it. Figures are converted where that gives an exact
result. A note says so if nothing contradicts it (V-16); if something does, or if the figures cannot
be converted, the sender is asked (V-17, V-18).
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from operator import itemgetter
from typing import Final

from xltools.match.figures import Figures
from xltools.match.labels import beyond, key
from xltools.match.lines import Place, View
from xltools.model.form import Form, Item, Table
from xltools.model.numbers import MONEY, scaled
from xltools.model.returns import Status
from xltools.model.stated import Measure, MeasureKind, Stated, stated

_ABOVE: Final = 6  # rows above a table in which its measure may be named
_BELOW: Final = 8  # rows below it
_BESIDE: Final = 6  # columns to the right of it
MOST: Final = 200  # statements of a table or a document that are looked at
NOTES: Final = ("注", "备注", "说明", "附注", "*")
"""What a note on a table begins with."""

_FEN: Final = -2  # 分 as a power of ten of 元: no amount has a smaller part
_CONVERTIBLE: Final = (MeasureKind.MONEY, MeasureKind.COUNT, MeasureKind.SCALE)


class Rank(IntEnum):
    """How near to the figures a text is that names their unit of measure. The lowest value is the
    nearest, and the nearest text is decisive.
    """

    HEADING = 0  # in a heading of the column or row
    BESIDE = 1  # alone in a cell of the column or row
    BLOCK = 2
    TABLE = 3
    LINE = 4  # in the text of a document


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A text that names units of measure, and the items to whose figures it applies.

    ``place``: its cell; None in the text of a document, where ``where`` says where it is (第3段).
    """

    text: str
    measures: tuple[Measure, ...]
    items: frozenset[int]
    rank: Rank
    place: Place | None = None
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Where a copy of a table is on its sheet.

    ``corner``: the first row and column of its labels; ``blocks``: the cell of each item, block by
    block; ``labels``: the labels that were found, as the form prints them, by cell; ``title``: the
    title of the table; ``label_keys``: the keys of all labels of the form.
    """

    corner: Place
    blocks: Sequence[Mapping[int, Place]]
    labels: Mapping[Place, str]
    title: str
    label_keys: Collection[str]


def statements(view: View, bounds: Bounds) -> Iterator[Statement]:
    """Find what the texts of a sheet, in a table and around it, say about the units of measure of
    its figures.
    """
    blocks = sorted((b for b in bounds.blocks if b), key=lambda b: min(b.values()))
    if not blocks:
        return
    all_items = frozenset(item for block in blocks for item in block)
    last = max(row for block in blocks for row, _ in block.values())
    right = max(col for block in blocks for _, col in block.values())
    reach = _reach(view, bounds, (last, right))
    for row in (*_above(view, bounds), *_below(view, bounds, last)):
        for col, text in view.rows.get(row, {}).items():
            measured = stated(text)
            if col <= reach and measured.measures and (measured.marked or measured.alone):
                yield Statement(
                    text=text,
                    measures=measured.measures,
                    items=all_items,
                    rank=Rank.TABLE,
                    place=(row, col),
                )
    top = bounds.corner[0]
    for block in blocks:
        table = all_items if block is blocks[0] else None
        area = _MeasuredBlock(
            view=view, bounds=bounds, block=block, top=top, right=right, reach=reach, table=table
        )
        yield from area.statements()
        top = area.last + 1


def _reach(view: View, bounds: Bounds, end: Place) -> int:
    """The last column in which a text may apply to a table: some columns to the right of the table,
    or up to where labels of another table begin. ``end``: the last row and column of its figures.
    """
    for col in range(end[1] + 1, end[1] + 1 + _BESIDE):
        rows = range(bounds.corner[0], end[0] + 1)
        if any(key(view.rows.get(r, {}).get(col, "")) in bounds.label_keys for r in rows):
            return col - 1
    return end[1] + _BESIDE


def _above(view: View, bounds: Bounds) -> list[int]:
    """The rows above a table whose texts may apply to it. If another table is above, rows with
    notes are left out, since these belong to that table.
    """
    top = bounds.corner[0]
    rows, met = _free(view, range(top - 1, max(-1, top - 1 - _ABOVE), -1), bounds.label_keys)
    return [row for row in rows if not (met and _has_note(view, row))]


def _below(view: View, bounds: Bounds, last: int) -> list[int]:
    """The rows below a table whose texts may apply to it; if another table follows, only rows with
    notes. ``last``: the last row of the table.
    """
    # Directly below a table of our template are numbers: the cells with the states of its rules.
    rows, met = _free(view, range(last + 1, last + 1 + _BELOW), bounds.label_keys, skip=last + 1)
    return [row for row in rows if not met or _has_note(view, row)]


def _free(
    view: View, rows: range, label_keys: Collection[str], *, skip: int = -1
) -> tuple[list[int], bool]:
    """Those of ``rows`` up to the first that belongs to another table, and whether there is such a
    row. ``skip``: a row that may have numbers without belonging to another table.
    """
    free: list[int] = []
    for row in rows:
        cells = view.grid.rows[row] if row != skip and 0 <= row < len(view.grid.rows) else ()
        numbers = sum(isinstance(v, (int, float)) and not isinstance(v, bool) for v in cells)
        if numbers > 1 or any(key(t) in label_keys for t in view.rows.get(row, {}).values()):
            return free, True
        free.append(row)
    return free, False


def _has_note(view: View, row: int) -> bool:
    """Whether a row has a note, such as 注：…."""
    return any(text.startswith(NOTES) for text in view.rows.get(row, {}).values())


@dataclass(kw_only=True)
class _MeasuredBlock:
    """A block of a table with the texts in its headings and row labels and beside its figures.

    ``block``: the cells of its items; ``top``: the first row of its headings; ``right``: the last
    column of the table's figures; ``reach``: the last column to look at; ``table``: all items of
    the table if this is its first block, otherwise None.
    """

    view: View
    bounds: Bounds
    block: Mapping[int, Place]
    top: int
    right: int
    reach: int
    table: frozenset[int] | None

    def __post_init__(self) -> None:
        self.cells = frozenset(self.block.values())
        self.first = min(row for row, _ in self.cells)
        self.last = max(row for row, _ in self.cells)
        self.columns = sorted({col for _, col in self.cells})
        labels = self.bounds.labels
        labelled = (r for r, c in labels if self.top <= r < self.first and c in self.columns)
        self.leaf = max(labelled, default=self.first)  # row of innermost headings

    def statements(self) -> Iterator[Statement]:
        """What the texts in its headings, in its row labels and beside its figures say."""
        for row in range(self.top, self.last + 1):
            for col, text in self.view.rows.get(row, {}).items():
                place = row, col
                if place in self.cells or not self.bounds.corner[1] <= col <= self.reach:
                    continue
                label = self.bounds.labels.get(place, "")
                measured = stated(text)
                measures = beyond(text, label) if label else measured.measures
                if not measures or (not label and all(m.share for m in measures)):
                    continue  # a column of shares beside the figures says nothing of them
                scope = self._in_head if row < self.first else self._beside_figures
                items, rank = scope(place, label, measured)
                if items:
                    yield Statement(
                        text=text, measures=measures, items=items, rank=rank, place=place
                    )

    def _in_head(self, place: Place, label: str, measured: Stated) -> tuple[frozenset[int], Rank]:
        """The items to which a text in the headings applies (none if it applies to no figures), and
        how near it is to them.

        ``label``: the label that the text was recognised as, "" for none; ``measured``: its units
        of measure.
        """
        row, col = place
        says = measured.alone or measured.marked
        none, whole_block = frozenset[int](), frozenset(self.block)
        outermost = row <= self.bounds.corner[0] and self.table is not None and not label
        if self.table is not None and (label == self.bounds.title or outermost):
            return self.table if says else none, Rank.TABLE
        if col < self.columns[0]:
            return whole_block, Rank.BLOCK
        if col > self.right:
            return whole_block if says else none, Rank.BLOCK
        if not measured.alone:
            return self._under(place, heading=True), Rank.HEADING
        beside = any(
            c >= self.columns[0] and not stated(text).alone
            for c, text in self.view.rows[row].items()
        )
        items = self._under(place) if beside or row > self.leaf else none
        return (items, Rank.BESIDE) if items else (whole_block, Rank.BLOCK)

    def _under(self, place: Place, *, heading: bool = False) -> frozenset[int]:
        """The items in the columns under a text: from its own column up to the next text in its
        row.

        A text that is not a ``heading`` may be in the middle of a column of merged cells; then that
        column is included.
        """
        row, col = place
        end = min((c for c in self.view.rows[row] if c > col), default=self.right + 1)
        ends = [*self.columns[1:], self.right + 1]
        under = {
            start
            for start, after_last in zip(self.columns, ends, strict=True)
            if start < end and (start >= col if heading else after_last > col)
        }
        return frozenset(i for i, (_, c) in self.block.items() if c in under)

    def _beside_figures(
        self, place: Place, label: str, measured: Stated
    ) -> tuple[frozenset[int], Rank]:
        """The items to which a text in a row of figures applies, and how near it is to them: the
        items of its row; for a row label, those of all rows down to the next label in its column.
        """
        row, col = place
        end = row + 1
        if col < self.columns[0] and not measured.alone:
            below = (r for r in range(row + 1, self.last + 1) if col in self.view.rows.get(r, {}))
            end = min(below, default=self.last + 1)
        elif not (measured.alone or measured.marked):
            return frozenset(), Rank.BESIDE
        items = frozenset(i for i, (r, _) in self.block.items() if row <= r < end)
        return items, Rank.HEADING if label or not measured.alone else Rank.BESIDE


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureJudgement:
    """What to do because of statements that name the same units of measure. ``code``: of the
    finding; ``items``: the items concerned; ``power``: the power of ten by which their figures are
    multiplied, 0 to use them as they are.
    """

    code: str
    statements: tuple[Statement, ...]
    items: tuple[int, ...]
    power: int = 0


def judged(
    statements: Sequence[Statement], figures: Figures, table: Table, *, ours: bool
) -> tuple[MeasureJudgement, ...]:
    """Decide what to do with the figures of a table because of what texts say about their units of
    measure.

    ``figures``: as they are in the cells; ``ours``: whether the workbook was made by xltools. Such
    a workbook prints the measures of the form, so a text that names another one is doubtful.
    """
    form = figures.form
    declared = _declared(table)
    groups: dict[tuple[str, int, int], list[int]] = {}
    for item in form.items:
        status, number = figures.statuses[item.index], figures.numbers[item.index]
        if status is not Status.GIVEN or not number or item.index in figures.measured:
            continue  # 0 is 0 in any measure; a cell that names its own measure is right
        verdict = _verdict(item, statements, form, declared)
        if verdict is not None:
            groups.setdefault(verdict, []).append(item.index)
    joined: dict[tuple[str, tuple[Measure, ...], int], tuple[list[Statement], list[int]]] = {}
    for (code, at, power), items in groups.items():
        possible = not power or _is_possible(items, power, figures)
        doubtful = not possible or (power and ours)
        kind = "V-17" if doubtful else code, statements[at].measures, power if possible else 0
        # Every heading of a table may say 万件: that is one finding.
        alike_statements, alike_items = joined.setdefault(kind, ([], []))
        alike_statements.append(statements[at])
        alike_items += items
    return tuple(
        MeasureJudgement(code=code, statements=tuple(alike), items=tuple(items), power=power)
        for (code, _, power), (alike, items) in joined.items()
    )


def _verdict(
    item: Item, statements: Sequence[Statement], form: Form, declared: Collection[str]
) -> tuple[str, int, int] | None:
    """What statements say about the measure of an item's figure: the code of a finding, the index
    of the decisive statement (the nearest one), and the power of ten by which to multiply the
    figure. None where they say nothing, or that the figure is in the item's unit.

    V-16: all of them agree; V-17: they contradict each other; V-18: one names a measure that cannot
    be converted. ``declared``: the units of measure that the form itself prints in the table.
    """
    named = [
        (statement.rank, at, power)
        for at, statement in enumerate(statements)
        if item.index in statement.items
        for power in _powers(item, statement, form, declared)
    ]
    named.sort(key=itemgetter(0))
    for _, at, power in named:
        if power is None:
            return "V-18", at, 0
    convertible = [(at, power) for _, at, power in named if power]
    if not convertible:
        return None
    _, at, power = named[0]
    if power and all(further == power for _, _, further in named):
        return "V-16", at, power
    if power and named[1][1] != at:
        return "V-17", at, power
    return "V-17", convertible[0][0], 0


def _powers(
    item: Item, statement: Statement, form: Form, declared: Collection[str]
) -> Sequence[int | None]:
    """The powers of ten that convert a figure from a measure named by a statement to the item's
    unit: several where the statement names several measures, None for a measure that cannot be
    converted. Empty where it names no measure that may be the item's.
    """
    measures = [m for m in statement.measures if m.word not in declared or m.kind in _CONVERTIBLE]
    kind = _kind_of(item)
    base = MONEY.get(item.unit, 0)
    fits = {m.power - base for m in measures if m.kind in (kind, MeasureKind.SCALE)}
    if fits:
        return sorted(fits)
    heading = statement.rank is Rank.HEADING
    for m in measures:
        if m.kind is MeasureKind.OTHER and (m.likely or heading):
            return (None,)
        if m.kind is MeasureKind.CURRENCY and (heading or kind is MeasureKind.MONEY):
            return (None,)
    # 元 over counts and amounts together speaks of the amounts.
    kinds = {_kind_of(form.items[i]) for i in statement.items}
    return (None,) if measures and heading and kinds == {kind} else ()


def _kind_of(item: Item) -> MeasureKind:
    """MONEY for an item that is an amount of money, COUNT for any other."""
    return MeasureKind.MONEY if item.unit in MONEY else MeasureKind.COUNT


def _declared(table: Table) -> frozenset[str]:
    """The words for units of measure that the form itself prints in a table."""
    texts = [table.title, table.corner]
    for block in table.blocks:
        texts.append(block.title)
        texts += [label for h in (*block.rows, *block.columns) for label in h.labels]
    return frozenset(measure.word for text in texts for measure in stated(text).measures)


def _is_possible(items: Sequence[int], power: int, figures: Figures) -> bool:
    """Whether figures (of items of the same kind) can be in a measure with which they have to be
    multiplied by 10 to the ``power``. No amount may then have a fraction of a 分. Counts in 万 must
    have decimals in at least one figure, because otherwise they may as well be plain counts.
    """
    numbers = [figures.numbers[i] or 0 for i in items]
    unit = figures.form.items[items[0]].unit
    if unit in MONEY:
        least = power + MONEY[unit] - _FEN
        return all(isinstance(scaled(n, least), int) for n in numbers)
    return not all(isinstance(n, int) for n in numbers)
