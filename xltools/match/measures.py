"""In which measure the figures of a table stand: what the texts in and around it say, and what is
done with figures that stand in another measure than their form's.

A heading says it of its columns, a stub of its rows; what stands alone in a cell (单位：元) of the
column or row beside it, of its block in the block's heading, and of the whole table above or below.
Figures are converted where what they become is exact. It is certain where nothing speaks against
it; where something does, the question says how the figures were counted.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from operator import itemgetter
from typing import Final

from xltools.match.figures import Figures
from xltools.match.labels import beyond, key
from xltools.match.lines import Place, View
from xltools.model.cells import Address
from xltools.model.findings import Finding, Topic, finding, is_about
from xltools.model.form import Form, Item, Table
from xltools.model.numbers import MONEY, scaled
from xltools.model.returns import Status
from xltools.model.stated import Measure, MeasureKind, Stated, stated
from xltools.model.text import cut
from xltools.model.wording import Phrase, Value, each, several

ABOVE: Final = 6  # rows over a table in which its measure may be said
BELOW: Final = 8  # and under it
BESIDE: Final = 6  # columns to the right of it
MOST: Final = 200  # statements of a table or a document that are looked at
NOTES: Final = ("注", "备注", "说明", "附注", "*")


class Rank(IntEnum):
    """How near to figures their measure is said."""

    HEADING = 0
    BESIDE = 1
    BLOCK = 2
    TABLE = 3
    LINE = 4  # of the text of a document


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A text that names measures, and the items whose figures it is about.

    ``place``: its cell, None in the text of a document, where ``where`` says it (第3段).
    """

    text: str
    measures: tuple[Measure, ...]
    items: frozenset[int]
    rank: Rank
    place: Place | None = None
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Where a table stands on its sheet: the cells of its items by block, from top to bottom.

    ``labels``: what its labels are, by the cells in which they were found; ``title``: of the
    table; ``known``: keys of all labels of the form.
    """

    corner: Place
    blocks: Sequence[Mapping[int, Place]]
    labels: Mapping[Place, str]
    title: str
    known: Collection[str]


def statements(view: View, bounds: Bounds) -> Iterator[Statement]:
    """What is said in and around a table on a sheet."""
    blocks = sorted((b for b in bounds.blocks if b), key=lambda b: min(b.values()))
    if not blocks:
        return
    every = frozenset(item for block in blocks for item in block)
    last = max(row for block in blocks for row, _ in block.values())
    right = max(col for block in blocks for _, col in block.values())
    reach = _reach(view, bounds, (last, right))
    for row in (*_above(view, bounds), *_below(view, bounds, last)):
        for col, text in view.rows.get(row, {}).items():
            measured = stated(text)
            if col <= reach and measured.measures and (measured.marked or measured.alone):
                yield Statement(
                    text=text, measures=measured.measures, items=every, rank=Rank.TABLE,
                    place=(row, col),
                )  # fmt: skip
    top = bounds.corner[0]
    for block in blocks:
        table = every if block is blocks[0] else None
        place = _Block(view, bounds, block, top=top, right=right, reach=reach, table=table)
        yield from place.statements()
        top = place.last + 1


def _reach(view: View, bounds: Bounds, end: Place) -> int:
    """The last column in which something may be said of a table: another may stand beside it."""
    for col in range(end[1] + 1, end[1] + 1 + BESIDE):
        rows = range(bounds.corner[0], end[0] + 1)
        if any(key(view.rows.get(r, {}).get(col, "")) in bounds.known for r in rows):
            return col - 1
    return end[1] + BESIDE


def _above(view: View, bounds: Bounds) -> list[int]:
    """Rows above a table; notes that stand there are of the table above them, if there is one."""
    top = bounds.corner[0]
    rows, met = _free(view, range(top - 1, max(-1, top - 1 - ABOVE), -1), bounds.known)
    return [row for row in rows if not (met and _noted(view, row))]


def _below(view: View, bounds: Bounds, last: int) -> list[int]:
    """Rows below a table; where another follows, only notes there are of this one."""
    # Right below a table of ours its states stand, which are numbers.
    rows, met = _free(view, range(last + 1, last + 1 + BELOW), bounds.known, skip=last + 1)
    return [row for row in rows if not met or _noted(view, row)]


def _free(
    view: View, rows: range, label_keys: Collection[str], *, skip: int = -1
) -> tuple[list[int], bool]:
    """Rows up to the first that belongs to another table, and whether there is such a one.

    ``skip``: a row that may hold numbers.
    """
    free: list[int] = []
    for row in rows:
        if _others(view, row, label_keys, figures=row != skip):
            return free, True
        free.append(row)
    return free, False


def _noted(view: View, row: int) -> bool:
    return any(text.startswith(NOTES) for text in view.rows.get(row, {}).values())


def _others(view: View, row: int, label_keys: Collection[str], *, figures: bool = True) -> bool:
    """Whether a row belongs to another table: it has labels, or numbers."""
    if any(key(text) in label_keys for text in view.rows.get(row, {}).values()):
        return True
    values = view.grid.rows[row] if figures and 0 <= row < len(view.grid.rows) else ()
    return sum(isinstance(v, (int, float)) and not isinstance(v, bool) for v in values) > 1


class _Block:
    """A block of a table: its headings from row ``top`` on, its figures, what is beside them.

    ``table``: all items of the table, where the block is its first.
    """

    def __init__(
        self,
        view: View,
        bounds: Bounds,
        block: Mapping[int, Place],
        *,
        top: int,
        right: int,
        reach: int,
        table: frozenset[int] | None,
    ) -> None:
        self.view, self.bounds, self.block = view, bounds, block
        self.top, self.right, self.reach, self.table = top, right, reach, table
        self.cells = frozenset(block.values())
        self.first = min(row for row, _ in self.cells)
        self.last = max(row for row, _ in self.cells)
        self.columns = sorted({col for _, col in self.cells})
        labelled = (r for r, c in bounds.labels if top <= r < self.first and c in self.columns)
        self.leaf = max(labelled, default=self.first)  # the row of its innermost headings

    def statements(self) -> Iterator[Statement]:
        """What is said in its headings, beside its figures and in its stubs."""
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
                concerned = self._head if row < self.first else self._beside
                for items, rank in concerned(place, label, measured):
                    if items:
                        yield Statement(
                            text=text, measures=measures, items=items, rank=rank, place=place
                        )

    def _head(
        self, place: Place, label: str, measured: Stated
    ) -> Iterator[tuple[frozenset[int], Rank]]:
        """Of what a text in the heading is said, and how near it is."""
        row, col = place
        all_of_block = frozenset(self.block), Rank.BLOCK
        outermost = row <= self.bounds.corner[0] and self.table is not None and not label
        if self.table is not None and (label == self.bounds.title or outermost):
            if measured.alone or measured.marked:
                yield self.table, Rank.TABLE
        elif col < self.columns[0]:
            yield all_of_block
        elif col > self.right:
            if measured.alone or measured.marked:
                yield all_of_block
        elif not measured.alone:
            yield self._under(place, heading=True), Rank.HEADING
        else:
            beside = any(
                c >= self.columns[0] and not stated(text).alone
                for c, text in self.view.rows[row].items()
            )
            items = self._under(place) if beside or row > self.leaf else frozenset[int]()
            yield (items, Rank.BESIDE) if items else all_of_block

    def _under(self, place: Place, *, heading: bool = False) -> frozenset[int]:
        """The items of the columns that a text is over: to the right until the next text.

        What is no ``heading`` may also stand in cells that the heading before it is merged over.
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

    def _beside(
        self, place: Place, label: str, measured: Stated
    ) -> Iterator[tuple[frozenset[int], Rank]]:
        """Of what a text in a row of figures is said: of its row, of all rows a stub is beside."""
        row, col = place
        end = row + 1
        if col < self.columns[0] and not measured.alone:
            below = (r for r in range(row + 1, self.last + 1) if col in self.view.rows.get(r, {}))
            end = min(below, default=self.last + 1)
        elif not (measured.alone or measured.marked):
            return
        items = frozenset(i for i, (r, _) in self.block.items() if row <= r < end)
        yield items, Rank.HEADING if label or not measured.alone else Rank.BESIDE


_FEN: Final = -2  # as a power of ten of one 元: nobody is charged less


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What statements that name the same measures do to items: a code, and the power of ten that
    their figures are multiplied by (0: they are taken as they stand).
    """

    code: str
    statements: tuple[Statement, ...]
    items: tuple[int, ...]
    power: int = 0


def judged(
    statements: Sequence[Statement], figures: Figures, table: Table, *, ours: bool
) -> tuple[Judged, ...]:
    """What is to be done with the figures of a table as they stand, ``figures``.

    ``ours``: the workbook was made by us; what else is printed in it names the form's measures.
    """
    form = figures.form
    declared = _declared(table)
    groups: dict[tuple[str, int, int], list[int]] = {}
    for item in form.items:
        status, number = figures.statuses[item.index], figures.numbers[item.index]
        if status is not Status.GIVEN or not number or item.index in figures.measured:
            continue  # nothing is nothing in any measure; a cell may name its own
        verdict = _verdict(item, statements, form, declared)
        if verdict is not None:
            groups.setdefault(verdict, []).append(item.index)
    return _joined(
        _judged(code, statements[at], items, power, figures, ours=ours)
        for (code, at, power), items in groups.items()
    )


def _joined(judgements: Iterable[Judged]) -> tuple[Judged, ...]:
    """One judgement for headings that do the same: the whole table may be in 万件."""
    joined: dict[tuple[str, tuple[Measure, ...], int], Judged] = {}
    for judgement in judgements:
        same = judgement.code, judgement.statements[0].measures, judgement.power
        before = joined.setdefault(same, judgement)
        if before is not judgement:
            joined[same] = replace(
                before,
                statements=(*before.statements, *judgement.statements),
                items=(*before.items, *judgement.items),
            )
    return tuple(joined.values())


def powers(judgements: Sequence[Judged]) -> Mapping[int, int]:
    """The powers of ten by which figures are multiplied, by item."""
    return {i: j.power for j in judgements for i in j.items if j.power}


def _verdict(
    item: Item, statements: Sequence[Statement], form: Form, declared: Collection[str]
) -> tuple[str, int, int] | None:
    """What is said of an item's measure: a code, the statement, the power of ten of its unit.

    The nearest holds; V-16 stands for what is said without contradiction.
    """
    ranked: list[tuple[Rank, int, int]] = []
    unconvertible: list[tuple[Rank, int]] = []
    for at, statement in enumerate(statements):
        if item.index not in statement.items:
            continue
        for power in _powers(item, statement, form, declared):
            if power is None:
                unconvertible.append((statement.rank, at))
            else:
                ranked.append((statement.rank, at, power))
    if unconvertible:
        return "V-18", min(unconvertible, key=itemgetter(0))[1], 0
    ranked.sort(key=itemgetter(0))
    if not any(power for _, _, power in ranked):
        return None
    _, at, power = ranked[0]
    if all(further == power for _, _, further in ranked):
        return "V-16", at, power
    if power and ranked[1][1] != at:
        return "V-17", at, power
    return "V-17", next(at for _, at, further in ranked if further != 0), 0


def _powers(
    item: Item, statement: Statement, form: Form, declared: Collection[str]
) -> Sequence[int | None]:
    """The powers of ten that bring a figure to its item's unit, by what a statement says; None
    for a measure that cannot be converted. Empty where nothing is said of this item.
    """
    measures = [m for m in statement.measures if m.word not in declared or _known(m)]
    kind = MeasureKind.MONEY if item.unit in MONEY else MeasureKind.COUNT
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
    # 元 over counts and amounts together is of the amounts.
    kinds = {
        MeasureKind.MONEY if form.items[i].unit in MONEY else MeasureKind.COUNT
        for i in statement.items
    }
    return (None,) if measures and heading and kinds == {kind} else ()


def _known(measure: Measure) -> bool:
    return measure.kind in (MeasureKind.MONEY, MeasureKind.COUNT, MeasureKind.SCALE)


def _declared(table: Table) -> frozenset[str]:
    """The words of measure that a table prints itself."""
    texts = [table.title, table.corner]
    for block in table.blocks:
        texts.append(block.title)
        texts += [label for h in (*block.rows, *block.columns) for label in h.labels]
    return frozenset(measure.word for text in texts for measure in stated(text).measures)


def _judged(
    code: str,
    statement: Statement,
    items: Sequence[int],
    power: int,
    figures: Figures,
    *,
    ours: bool,
) -> Judged:
    """The judgement on items of one verdict, by what their figures would become."""
    if power and not _possible(items, power, figures):
        code, power = "V-17", 0
    elif power and ours:
        code = "V-17"
    return Judged(code=code, statements=(statement,), items=tuple(items), power=power)


def _possible(items: Sequence[int], power: int, figures: Figures) -> bool:
    """Whether figures may be in a measure: no amount is a part of a 分, and of counts in 万 some
    have decimals, else they may as well be the counts themselves.
    """
    numbers = [figures.numbers[i] or 0 for i in items]
    unit = figures.form.items[items[0]].unit
    if unit in MONEY:
        least = power + MONEY[unit] - _FEN
        return all(isinstance(scaled(n, least), int) for n in numbers)
    return not all(isinstance(n, int) for n in numbers)


def finding_of(judgement: Judged, figures: Figures, sheet: str) -> Finding:
    """What is to be said of a judgement. ``figures``: as they stood; ``sheet``: where."""
    statement, power = judgement.statements[0], judgement.power
    numbers = list(dict.fromkeys(figures.numbers[i] or 0 for i in judgement.items))
    detail: Value = several(numbers)
    if power:
        detail = several(Phrase.COUNTED_AS(n, scaled(n, power)) for n in numbers)
    if is_about(judgement.code, Topic.DOUBTFUL_UNIT):
        detail = (Phrase.NOW_COUNTED if power else Phrase.NOT_CONVERTED)(detail)
    printed = f"{statement.where}“{cut(statement.text)}”" if statement.where else statement.text
    return finding(
        judgement.code,
        sheet=sheet,
        cells=tuple(Address(sheet, *s.place).a1 for s in judgement.statements if s.place),
        items=tuple(figures.form.items[i].name for i in judgement.items),
        labels=cut(printed),
        found=each(measure.word for measure in statement.measures),
        expected=figures.form.items[judgement.items[0]].unit,
        detail=detail,
    )
