"""The formulas of a form file: totals of headings, and the balance rules at their places."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from xltools.forms.figures import inherited
from xltools.forms.resolve import Index, instances, linear
from xltools.forms.source import Source, Written
from xltools.model.form import (
    CATEGORIES,
    Instance,
    Item,
    Rule,
    Severity,
)
from xltools.model.formula import Assertion, FormulaError, Linear, in_order, parse
from xltools.model.text import meant

TRIAL = "trial"
"""The word that stands for the severity of a rule that is being tried out."""
_CODE = re.compile(r"[A-Z][A-Z0-9]*-[0-9]+\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """A rule with its assertion parsed, and where that stands."""

    rule: Rule
    assertion: Assertion
    written: Written


def _parsed(source: Source, written: Written) -> Assertion:
    try:
        return parse(written.text)
    except FormulaError as error:
        source.wrong(error.message, written.at, offset=error.position)


def totals(
    source: Source, index: Index, formulas: Mapping[tuple[str, str], Written]
) -> tuple[Item, ...]:
    """The items with their own formulas; where two meet, the row's stands in the cell, unless
    that adds up what is not to be added up.
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
                if not sums:  # else the cell is the row's
                    source.wrong(error.message, formulas[at].at, offset=error.position)
        computed.append(replace(item, formula=sums[0]) if sums else item)
        if len(sums) > 1:
            others[item.index] = sums[1]
    _acyclic(source, computed, formulas)
    return inherited(computed, others)


def _acyclic(
    source: Source, items: Sequence[Item], formulas: Mapping[tuple[str, str], Written]
) -> None:
    """Refuse totals that rest on themselves."""
    totals = {i.index: i.formula for i in items if i.formula is not None}
    circular = totals.keys() - set(in_order(totals))
    if not circular:
        return
    seen: list[int] = []
    at = min(circular)
    while at not in seen:  # what is left rests on a circle: walk down until it closes
        seen.append(at)
        at = min(o.item for o in totals[at].operands if o.item in circular)
    table, row, column = items[at].table, items[at].row, items[at].column
    name = row if (table, row) in formulas else column
    source.wrong(f"'{name}' 的算式里又用到了它自己", formulas[table, name].at)


def rules(source: Source) -> tuple[Declared, ...]:
    """The section [rules]: CODE = [severity, assertion, message] or with categories."""
    body = source.data.get("rules", {})
    if not isinstance(body, dict):
        source.wrong("[rules] 下一行一条：编码 = [性质, 关系, 说明]", ("rules",))
    return tuple(_rule(source, code, entry) for code, entry in body.items())


@cache
def _reserved() -> frozenset[str]:
    """The codes of the findings that do not come from a form."""
    return frozenset(tomllib.loads((files("xltools.model") / "catalogue.toml").read_text("utf-8")))


def _rule(source: Source, code: str, entry: object) -> Declared:
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
    """Every rule at each of its places, numbered through."""
    count = 0
    for entry in declared:
        try:
            for instance in instances(index, entry.rule, entry.assertion, count):
                count += 1
                yield instance
        except FormulaError as error:
            source.wrong(error.message, entry.written.at, offset=error.position)
