"""Read what a form file says about its figures: the unit and decimals of amounts, which figures
must not be added up over units, which ones are totals of others, and the rules between them.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

from xltools.forms.resolve import Index, Written, instances, linear, reading
from xltools.model.form import (
    CATEGORIES,
    Block,
    Instance,
    Item,
    ItemType,
    Rule,
    Severity,
)
from xltools.model.formula import Assertion, FormulaError, Linear, in_order, parse
from xltools.model.numbers import MONEY
from xltools.model.text import meant
from xltools.model.toml_source import KeyPath, Source

PLACES = 6  # the most decimals of an amount; sums are rounded to as many
_UNITS = "|".join(sorted(MONEY, reverse=True))  # 万元 before 万
_PRINTED = re.compile(rf"(?:单位[:：]?|[（(])({_UNITS})(?=[）)]|$)")


def with_units(
    source: Source, table: Mapping[str, Any], block: Mapping[str, Any], at: KeyPath,
    items: Sequence[Item],
) -> tuple[Item, ...]:  # fmt: skip
    """The items of a block; its amounts get the ``unit`` and ``decimals`` that the block declares
    or, if it declares none, its table.

    ``table`` and ``block``: their settings in the file, the same object if a table has no blocks;
    ``at``: the path of the block. Raises FormError.
    """
    where = {name: (*at, name) if name in block else (at[0], name) for name in ("unit", "decimals")}
    unit = block.get("unit", table.get("unit", "万元"))
    if not isinstance(unit, str) or unit not in MONEY:
        source.wrong(f"unit 不能是 {unit!r}：只能是 {'、'.join(MONEY)}", where["unit"])
    decimals = block.get("decimals", table.get("decimals"))
    if decimals is not None and (type(decimals) is not int or not 0 <= decimals <= PLACES):
        source.wrong(f"'decimals' 是 0 至 {PLACES} 的数，不加引号", where["decimals"])
    if block is not table:
        refuse_idle(source, block, at, items)
    return tuple(
        replace(i, unit=unit, decimals=decimals) if i.type is ItemType.AMOUNT else i for i in items
    )


def refuse_idle(
    source: Source, body: Mapping[str, Any], at: KeyPath, items: Sequence[Item]
) -> None:
    """Raise FormError if there are settings for amounts but none of the items is an amount:
    probably a type was forgotten.
    """
    for name in ("unit", "decimals"):
        if name in body and not any(i.type is ItemType.AMOUNT for i in items):
            source.wrong(f"'{name}' 只用于金额，这里没有一个数是 \"amount\"", (*at, name), key=True)


def refuse_other_units(source: Source, block: Block, at: KeyPath, items: Sequence[Item]) -> None:
    """Raise FormError if the printed label of an amount names another money unit than the one
    declared for it.
    """
    for axis, headings in (("rows", block.rows), ("columns", block.columns)):
        for number, heading in enumerate(headings):
            printed = _PRINTED.search("".join(heading.labels))
            units = {i.unit for i in items if i.unit and heading.key in (i.row, i.column)}
            if printed and units - {printed[1]}:
                what = f"标题上印的是{printed[1]}，unit 却是{min(units)}"
                source.wrong(what, (*at, axis, number, 1))


def with_yuan_bounds(
    source: Source, body: Mapping[str, Any], at: KeyPath, items: Sequence[Item]
) -> Iterator[Item]:
    """The items of a block, with the bounds from its setting ``yuan_from``: from which number on an
    amount was probably entered in 元. Raises FormError.
    """
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


def with_least_sums(source: Source, index: Index) -> tuple[Item, ...]:
    """The items of a form, with the sums from the settings ``yuan_least``: what an amount must
    reach, in addition to ``yuan_from``, to have been entered in 元. The sums may contain figures of
    any table. Raises FormError.
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


def with_unsummed(
    source: Source, table: Mapping[str, Any], block: Mapping[str, Any], at: KeyPath,
    items: Sequence[Item],
) -> Iterator[Item]:  # fmt: skip
    """The items of a block, with what the settings ``sum`` of the block and of its table say:
    whether the figures of several units may be added up. Raises FormError.

    ``sum = false`` applies to all items, ``sum = { name = false }`` to those of a row or column.
    The block takes precedence over the table, and a row or column over the whole.
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


def without_idle_sums(items: Sequence[Item], others: Mapping[int, Linear]) -> tuple[Item, ...]:
    """The items of a form, with changes to those totals that depend on figures which must not be
    added up.

    A plain sum of such figures makes no sense within a return either. If the item is also on
    another computed heading, whose formula (in ``others``, by item number) is not a plain sum, it
    gets that one; else it becomes an input. Any other formula, such as a difference of two rates,
    is kept, but its results must not be added up over units either.
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


TRIAL = "trial"
"""What a form file has in place of a severity for a rule that is being tried out."""
_CODE = re.compile(r"[A-Z][A-Z0-9]*-[0-9]+\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """A rule with its parsed assertion, and the assertion's text and path in the file."""

    rule: Rule
    assertion: Assertion
    written: Written


def _parsed(source: Source, written: Written) -> Assertion:
    """Parse a formula. Raises FormError at its place in the file."""
    try:
        return parse(written.text)
    except FormulaError as error:
        source.wrong(error.message, written.at, offset=error.position)


def totals(
    source: Source, index: Index, formulas: Mapping[tuple[str, str], Written]
) -> tuple[Item, ...]:
    """The items of a form with their formulas. ``formulas``: those of rows and columns, by the keys
    of table and heading. Raises FormError.

    Where a computed row meets a computed column, the item gets the formula of the row, unless that
    adds up figures which must not be added up.
    """
    parsed = {at: _parsed(source, written) for at, written in formulas.items()}
    computed = []
    others: dict[int, Linear] = {}
    for item in index.items:
        sums: list[Linear] = []
        for axis, heading, fixed in (
            ("row", item.row, item.column),
            ("column", item.column, item.row),
        ):
            at = (item.table, heading)
            if at not in parsed:
                continue
            try:
                sums.append(linear(index, parsed[at], table=item.table, axis=axis, fixed=fixed))
            except FormulaError as error:
                if not sums:  # otherwise the item has the formula of its row
                    source.wrong(error.message, formulas[at].at, offset=error.position)
        computed.append(replace(item, formula=sums[0]) if sums else item)
        if len(sums) > 1:
            others[item.index] = sums[1]
    _acyclic(source, computed, formulas)
    return without_idle_sums(computed, others)


def _acyclic(
    source: Source, items: Sequence[Item], formulas: Mapping[tuple[str, str], Written]
) -> None:
    """Raise FormError if a total depends on itself."""
    totals = {i.index: i.formula for i in items if i.formula is not None}
    circular = totals.keys() - set(in_order(totals))
    if not circular:
        return
    seen: list[int] = []
    at = min(circular)
    while at not in seen:  # every total left depends on a circle: follow it until it closes
        seen.append(at)
        at = min(o.item for o in totals[at].operands if o.item in circular)
    table, row, column = items[at].table, items[at].row, items[at].column
    name = row if (table, row) in formulas else column
    source.wrong(f"'{name}' 的算式里又用到了它自己", formulas[table, name].at)


def rules(source: Source) -> tuple[Declared, ...]:
    """Read the section [rules]. Its entries are CODE = [severity, assertion, message], optionally
    with a list of unit categories at the end. Raises FormError.
    """
    body = source.data.get("rules", {})
    if not isinstance(body, dict):
        source.wrong("[rules] 下一行一条：编码 = [性质, 关系, 说明]", ("rules",))
    return tuple(_rule(source, code, entry) for code, entry in body.items())


@cache
def _reserved() -> frozenset[str]:
    """The codes of the catalogue of findings, which no form may use for a rule."""
    return frozenset(tomllib.loads((files("xltools.model") / "catalogue.toml").read_text("utf-8")))


def _rule(source: Source, code: str, entry: object) -> Declared:
    """Read one entry of the section [rules] and parse its assertion. Raises FormError."""
    at = ("rules", code)
    if not _CODE.match(code):
        source.wrong(f"'{code}' 不能作编码：写成大写字母、连字符、数字，如 R-01", at, key=True)
    if code in _reserved():
        source.wrong(f"'{code}' 是程序自己的编码，请换一个", at, key=True)
    fine = isinstance(entry, list) and 3 <= len(entry) <= 4
    if not isinstance(entry, list) or not fine or not all(isinstance(x, str) for x in entry[:3]):
        what = f"{code} 写成 [性质, 关系, 说明]，后面可以加单位类别的列表"
        source.wrong(what, at)
    severity, text, message, categories = (*entry, [])[:4]
    if severity not in (Severity.FATAL.value, Severity.QUERY.value, TRIAL):
        severities = (Severity.FATAL.value, Severity.QUERY.value, TRIAL)
        asked = meant(severity, severities)
        source.wrong(f"性质不能是 {severity!r}：只能是 {'、'.join(severities)}{asked}", (*at, 0))
    if not isinstance(categories, list) or not all(isinstance(c, str) for c in categories):
        source.wrong('单位类别是文字的列表：["工作机构"]', (*at, 3))
    for number, category in enumerate(categories):
        if category not in CATEGORIES:
            text = f"没有“{category}”这种单位类别：只有{'、'.join(CATEGORIES)}"
            source.wrong(text + meant(category, CATEGORIES), (*at, 3, number))
    written = Written(text=text, at=(*at, 1))
    assertion = _parsed(source, written)
    rule = Rule(
        code=code,
        severity=Severity.NOTE if severity == TRIAL else Severity(severity),
        assertion=text,
        message=message,
        categories=tuple(categories),
        total=not assertion.op,
        trial=severity == TRIAL,
    )
    return Declared(rule=rule, assertion=assertion, written=written)


def all_instances(source: Source, declared: Sequence[Declared], index: Index) -> Iterator[Instance]:
    """Yield the instances of all rules at all their places, numbered from 0. Raises FormError."""
    count = 0
    for entry in declared:
        try:
            for instance in instances(index, entry.rule, entry.assertion, count):
                count += 1
                yield instance
        except FormulaError as error:
            source.wrong(error.message, entry.written.at, offset=error.position)
