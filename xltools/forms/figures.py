"""What the figures of a form file are: amounts with their unit and decimals, and what is not added
up.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from xltools.forms.resolve import Index, reading
from xltools.forms.source import KeyPath, Source
from xltools.model.form import Block, Item, ItemType
from xltools.model.formula import FormulaError, Linear, parse
from xltools.model.numbers import MONEY
from xltools.model.text import meant

PLACES = 6  # decimals: no more are told apart, sums are rounded there
_UNITS = "|".join(sorted(MONEY, reverse=True))  # 万元 before 万
_PRINTED = re.compile(rf"(?:单位[:：]?|[（(])({_UNITS})(?=[）)]|$)")


def priced(
    source: Source, table: Mapping[str, Any], block: Mapping[str, Any], at: KeyPath,
    items: Sequence[Item],
) -> tuple[Item, ...]:  # fmt: skip
    """A block's items, the amounts with unit and decimals: its own before those of its table.

    ``table`` and ``block``: what the file says of them (the same where a table has no blocks).
    """
    where = {name: (*at, name) if name in block else (at[0], name) for name in ("unit", "decimals")}
    unit = block.get("unit", table.get("unit", "万元"))
    if not isinstance(unit, str) or unit not in MONEY:
        source.wrong(f"unit 不能是 {unit!r}：只能是 {'、'.join(MONEY)}", where["unit"])
    decimals = block.get("decimals", table.get("decimals"))
    if decimals is not None and (type(decimals) is not int or not 0 <= decimals <= PLACES):
        source.wrong(f"'decimals' 是 0 至 {PLACES} 的数，不加引号", where["decimals"])
    if block is not table:
        idle(source, block, at, items)
    return tuple(
        replace(i, unit=unit, decimals=decimals) if i.type is ItemType.AMOUNT else i for i in items
    )


def idle(source: Source, body: Mapping[str, Any], at: KeyPath, items: Sequence[Item]) -> None:
    """Refuse what is said of amounts where there are none: a type was forgotten."""
    for name in ("unit", "decimals"):
        if name in body and not any(i.type is ItemType.AMOUNT for i in items):
            source.wrong(f"'{name}' 只用于金额，这里没有一个数是 \"amount\"", (*at, name), key=True)


def told(source: Source, block: Block, at: KeyPath, items: Sequence[Item]) -> None:
    """Refuse an amount whose printed label names another unit than the form works with."""
    for axis, headings in (("rows", block.rows), ("columns", block.columns)):
        for number, heading in enumerate(headings):
            printed = _PRINTED.search("".join(heading.labels))
            units = {i.unit for i in items if i.unit and heading.key in (i.row, i.column)}
            if printed and units - {printed[1]}:
                what = f"标题上印的是{printed[1]}，unit 却是{min(units)}"
                source.wrong(what, (*at, axis, number, 1))


def doubted(
    source: Source, body: Mapping[str, Any], at: KeyPath, items: Sequence[Item]
) -> Iterator[Item]:
    """The items of a block with what its setting ``yuan_from`` says of them."""
    where = (*at, "yuan_from")
    bounds = body.get("yuan_from", {})
    if not isinstance(bounds, dict):
        source.wrong("'yuan_from' 写成 { 代号 = 100000 }", where)
    for name, bound in bounds.items():
        amounts = [i for i in items if name in (i.row, i.column)]
        if not amounts:
            asked = meant(name, {n for i in items for n in (i.row, i.column)})
            source.wrong(f"没有代号叫 '{name}' 的行或列{asked}", (*where, name), key=True)
        if any(i.type is not ItemType.AMOUNT for i in amounts):
            source.wrong(f"'{name}' 不是金额", (*where, name), key=True)
        if type(bound) is not int or bound < 1:
            source.wrong("'yuan_from' 里是大于 0 的整数", (*where, name))
    for item in items:
        bound = bounds.get(item.column, bounds.get(item.row, 0))
        yield replace(item, yuan_from=bound) if bound else item


def weighed(source: Source, index: Index) -> tuple[Item, ...]:
    """The items of a form with what the settings ``yuan_least`` say of them. Raises SpecError.

    Each stands beside ``yuan_from`` and names a sum of figures of any table.
    """
    items = list(index.items)
    for key, body in source.data.items():
        if not isinstance(body, dict):
            continue
        blocks = body.get("blocks", [])
        for at, block in [((key,), body), *(((key, "blocks", n), b) for n, b in enumerate(blocks))]:
            where = (*at, "yuan_least")
            sums = block.get("yuan_least", {})
            if not isinstance(sums, dict):
                source.wrong("'yuan_least' 写成 { 代号 = \"算式\" }", where)
            for name, text in sums.items():
                if name not in block.get("yuan_from", {}):
                    source.wrong(f"'{name}' 没有写 'yuan_from'", (*where, name), key=True)
                if not isinstance(text, str):
                    source.wrong("'yuan_least' 里是算式：\"…\"", (*where, name))
                try:
                    least = reading(index, parse(text))
                except FormulaError as error:
                    source.wrong(error.message, (*where, name), offset=error.position)
                for number, item in enumerate(items):
                    if item.table == key and name in (item.row, item.column) and item.yuan_from:
                        items[number] = replace(item, yuan_least=least)
    return tuple(items)


def apart(
    source: Source, table: Mapping[str, Any], block: Mapping[str, Any], at: KeyPath,
    items: Sequence[Item],
) -> Iterator[Item]:  # fmt: skip
    """A block's items with what ``sum`` says of them: its own before that of its table.

    ``sum = false`` is about all of them, ``sum = { name = false }`` about a row or column.
    """
    summed, names = True, dict[str, bool]()
    for body, where in ((table, (at[0], "sum")), (block, (*at, "sum"))):
        setting = body.get("sum", {})
        if isinstance(setting, bool):
            summed = setting
        elif isinstance(setting, dict) and all(isinstance(v, bool) for v in setting.values()):
            names |= setting
        else:
            source.wrong("'sum' 写成 false，或 { 代号 = false }", where)
    for name in block.get("sum", {}) if isinstance(block.get("sum"), dict) else ():
        if not any(name in (i.row, i.column) for i in items):
            asked = meant(name, {n for i in items for n in (i.row, i.column)})
            source.wrong(f"没有代号叫 '{name}' 的行或列{asked}", (*at, "sum", name), key=True)
    for item in items:
        named = [names[name] for name in (item.row, item.column) if name in names]
        yield replace(item, summed=all(named) if named else summed)


def inherited(items: Sequence[Item], others: Mapping[int, Linear]) -> tuple[Item, ...]:
    """The items of a form, computed ones after what they rest on.

    A plain sum of what is not to be added up makes no sense within a return either: where two
    computed headings meet, the other's formula (``others``) stands instead; else it is filled
    in. Anything else computed from such figures, as a difference of rates, is not added up in turn.
    """
    resolved = list(items)
    changed = True
    while changed:
        changed = False
        for item in resolved:
            formula = item.formula
            if formula is None or all(resolved[o.item].summed for o in formula.operands):
                continue
            kept: Linear | None = formula
            if formula.plain:
                kept = others.get(item.index)
                kept = None if kept is not None and kept.plain else kept
            if item.summed or kept is not formula:
                resolved[item.index] = replace(item, summed=False, formula=kept)
                changed = True
    return tuple(resolved)
