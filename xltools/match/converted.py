"""Figures that stand in another measure than their form's: converted, asked about, or refused.

They are converted where what they become is exact. It is certain where nothing speaks against it;
where something does, the question says how the figures were counted.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import Final

from xltools.match.figures import Figures
from xltools.match.stated import Rank, Statement
from xltools.model.cells import Address
from xltools.model.findings import Finding, Topic, finding, is_about
from xltools.model.form import Form, Item, Table
from xltools.model.measures import Measure, MeasureKind, stated
from xltools.model.numbers import MONEY, scaled
from xltools.model.returns import Status
from xltools.model.text import cut
from xltools.model.wording import Phrase, Value, each, several

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
    said: list[tuple[Rank, int, int | None]] = []
    for at, statement in enumerate(statements):
        if item.index not in statement.items:
            continue
        for power in _powers(item, statement, form, declared):
            said.append((statement.rank, at, power))
    said.sort(key=itemgetter(0))
    for _, at, power in said:
        if power is None:
            return "V-18", at, 0
    if not any(power for _, _, power in said):
        return None
    _, at, power = said[0]
    assert power is not None, "a measure that cannot be converted was told above"
    if all(other == power for _, _, other in said):
        return "V-16", at, power
    if power and said[1][1] != at:
        return "V-17", at, power
    return "V-17", next(at for _, at, other in said if other != 0), 0


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
