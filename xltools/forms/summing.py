"""What of a form is not to be added up: shares, rates, averages, ranks (the setting ``sum``)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from xltools.forms.positions import Path as Where
from xltools.forms.source import Source
from xltools.model.form import Item
from xltools.model.formula import Linear
from xltools.model.text import meant


def apart(
    source: Source, table: Mapping[str, Any], block: Mapping[str, Any], at: Where,
    items: Sequence[Item],
) -> Iterator[Item]:  # fmt: skip
    """A block's items with what ``sum`` says of them: its own before that of its table.

    ``sum = false`` is about all of them, ``sum = { name = false }`` about a row or column.
    """
    whole, names = True, dict[str, bool]()
    for body, where in ((table, (at[0], "sum")), (block, (*at, "sum"))):
        given = body.get("sum", {})
        if isinstance(given, bool):
            whole = given
        elif isinstance(given, dict) and all(isinstance(v, bool) for v in given.values()):
            names |= given
        else:
            source.wrong("'sum' 写成 false，或 { 代号 = false }", where)
    for name in block.get("sum", {}) if isinstance(block.get("sum"), dict) else ():
        if not any(name in (i.row, i.column) for i in items):
            asked = meant(name, {n for i in items for n in (i.row, i.column)})
            source.wrong(f"没有代号叫 '{name}' 的行或列{asked}", (*at, "sum", name), key=True)
    for item in items:
        said = [names[name] for name in (item.row, item.column) if name in names]
        yield replace(item, summed=all(said) if said else whole)


def inherited(items: Sequence[Item], others: Mapping[int, Linear]) -> tuple[Item, ...]:
    """The items of a form, computed ones after what they rest on.

    A plain sum of what is not to be added up makes no sense within a return either: where two
    computed headings meet, the other's formula (``others``) stands instead; else it is filled
    in. Anything else computed from such figures, as a difference of rates, is not added up in turn.
    """
    made = list(items)
    changed = True
    while changed:
        changed = False
        for item in made:
            formula = item.formula
            if formula is None or all(made[o.item].summed for o in formula.operands):
                continue
            kept: Linear | None = formula
            if formula.plain:
                kept = others.get(item.index)
                kept = None if kept is not None and kept.plain else kept
            if item.summed or kept is not formula:
                made[item.index] = replace(item, summed=False, formula=kept)
                changed = True
    return tuple(made)
