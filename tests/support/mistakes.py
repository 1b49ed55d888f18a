"""Mistakes in figures and texts, each a change of a right draft."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from support.filled import (
    COLUMNS,
    OUTCOMES,
    PARTS,
    ROWS,
    Draft,
    balance,
    consistent,
)
from xltools.model.findings import finding
from xltools.model.numbers import Number
from xltools.model.returns import Status

REPORTS = (
    "huaian_shi_2024",
    "qiaokou_jiguanshiwu_2022",
    "shuyang_2025",
    "suqian_shi_2023",
    "suqian_shi_2024",
)
TOWN = "派出机构"


def column(name: str) -> list[str]:
    """The cells of 一 + 二 = （七） + 四 in a column, in order."""
    return [f"t3.{row}.{name}" for row in ("received", "carried_in", "closed", "carried_out")]


def down(name: str) -> list[str]:
    """（七）总计 of a column and what it adds up."""
    return [f"t3.closed.{name}", *(f"t3.{row}.{name}" for row in OUTCOMES)]


def across(name: str) -> list[str]:
    """总计 of a row and what it adds up."""
    return [f"t3.{name}.total", *(f"t3.{name}.{c}" for c in COLUMNS)]


def block(name: str) -> list[str]:
    return [f"t4.cases.{name}_total", *(f"t4.cases.{name}_{p}" for p in PARTS)]


def first(item: str, cells: Sequence[str]) -> list[str]:
    """Some cells, one of which goes before the others."""
    return [item, *dict.fromkeys(c for c in cells if c != item)]


def together(*groups: list[str]) -> list[str]:
    """The cells of several places as one finding names them: the totals, then the rest."""
    heads = [cells[0] for cells in groups]
    return list(dict.fromkeys([*heads, *(c for cells in groups for c in cells)]))


Mistake = Callable[[Draft], object]


def wrong(item: str, by: Number = 1) -> Mistake:
    return lambda d: d.add(item, by)


def all_of(*mistakes: Mistake) -> Mistake:
    return lambda d: [mistake(d) for mistake in mistakes]


def zeros(*items: str) -> Mistake:
    return lambda d: d.figures.update(dict.fromkeys(items, 0))


def blanks(*items: str) -> Mistake:
    return lambda d: d.blank(*items)


def untyped(*items: str) -> Mistake:
    """Those totals are formulas, the others typed."""
    return lambda d: d.typed.difference_update(items)


def odd_total(item: str, text: str) -> Mistake:
    def change(d: Draft) -> None:
        d.figures[item], d.statuses[item], d.found[item] = None, Status.UNREADABLE, text

    return change


def emptied(*tables: str) -> Mistake:
    """Nothing was filled in; the totals are formulas, which show 0."""

    def change(d: Draft) -> None:
        for table in tables:
            d.blank(*d.inputs(table))
        d.add_up()

    return change


def filled_in(item: str) -> Mistake:
    def change(d: Draft) -> None:
        d.figures[item] = 3
        del d.statuses[item]

    return change


def prefilled(d: Draft) -> None:
    """Only what the template had carried from last year stands in the table."""
    emptied("t3")(d)
    for c in COLUMNS:
        d.figures[f"t3.carried_in.{c}"] = d.priors[f"t3.carried_out.{c}"] = 4
        del d.statuses[f"t3.carried_in.{c}"]
    d.add_up()


def carried_over(d: Draft) -> None:
    """Last year's report, which this year's follows."""
    for c in [*COLUMNS, "total"]:
        last = d.figures[f"t3.carried_in.{c}"]
        assert last is not None
        d.priors[f"t3.carried_out.{c}"] = last
    for row in ("regulations", "normative"):
        now = [d.figures[f"t2.{row}.{c}"] or 0 for c in ("in_force", "issued", "repealed")]
        d.priors[f"t2.{row}.in_force"] = now[0] - now[1] + now[2]


def later(item: str, by: int) -> Mistake:
    """Last year's figure is another one."""

    def change(d: Draft) -> None:
        carried_over(d)
        d.priors[item] += by

    return change


def split(first: str, second: str) -> Mistake:
    """A figure of 70 is entered as 7 and, in the cell beside it, 0."""

    def change(d: Draft) -> None:
        d.figures[first], d.figures[second] = 70, 0
        balance(d)
        d.figures[first] = 7

    return change


def unreadable(item: str) -> Mistake:
    def change(d: Draft) -> None:
        d.figures[item], d.statuses[item], d.found[item] = None, Status.UNREADABLE, "约3"
        code = finding("V-02", sheet="表三", cells=("A1",), items=(item,))
        d.findings.append(code)

    return change


def lost(table: str) -> Mistake:
    def change(d: Draft) -> None:
        d.blank(*d.table(table))
        d.typed -= set(d.table(table))
        d.absent.update(d.table(table))
        d.missing.add(table)
        d.findings.append(finding("M-01", items=(table,)))

    return change


def text(name: str, said: str) -> Mistake:
    return lambda d: d.texts.update({name: said})


def declared(table: str, *then: Mistake) -> Mistake:
    return all_of(lambda d: d.none.add(table), *then)


FORMULAS, TYPED = False, True
T2, T3, T4 = (consistent(0, typed=False).inputs(key) for key in ("t2", "t3", "t4"))
T3_ROWS = [f"t3.{row}.total" for row in ROWS]
