"""Amounts of money that were probably entered in 元 where 万元 or the like are asked for."""

from collections.abc import Iterator
from decimal import Decimal

from xltools.check.case import Case
from xltools.model.amounts import probably_yuan, yuan
from xltools.model.findings import Finding
from xltools.model.numbers import show, tidy


def amount_findings(case: Case) -> Iterator[Finding]:
    """X-04: an input larger than the form thinks possible, or some 10,000 times last year's."""
    items, figures = case.form.items, case.assessment.figures
    for item in items:
        factor = yuan(item)
        number = case.ret.numbers[item.index]
        if not factor or number is None or number <= 0 or item.index in case.absent:
            continue
        last = figures[len(items) + item.index]
        if probably_yuan(item, number, last, case.assessment.totals):
            yield case.named(
                "X-04",
                [item.index],
                found=case.shown(item.index),
                expected=show(tidy(Decimal(number) / factor)),
                detail=item.unit + (f"，上年为 {show(last)}" if last > 0 else ""),
            )
