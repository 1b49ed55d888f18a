"""Amounts of money that were probably entered in 元 where 万元 or the like are asked for."""

from collections.abc import Iterator
from decimal import Decimal

from xltools.amounts import probably_yuan, yuan
from xltools.check.case import Case
from xltools.findings import Finding
from xltools.numbers import Number, show, tidy
from xltools.spec import Item


def amount_findings(case: Case) -> Iterator[Finding]:
    """X-04: an input larger than the form thinks possible, or some 10,000 times last year's.

    Without a figure of last year it is asked only where the amount is plausible as 元 too: the
    form says what it would have to reach (``Item.yuan_least``).
    """
    items, figures = case.form.items, case.assessment.figures
    for item in items:
        factor = yuan(item)
        number = case.ret.numbers[item.index]
        if not factor or number is None or number <= 0 or item.index in case.absent:
            continue
        last = figures[len(items) + item.index]
        plausible = last > 0 or number >= _least(case, item)
        if plausible and probably_yuan(item, number, last):
            yield case.named(
                "X-04",
                [item.index],
                found=case.shown(item.index),
                expected=show(tidy(Decimal(number) / factor)),
                detail=item.unit + (f"，上年为 {show(last)}" if last > 0 else ""),
            )


def _least(case: Case, item: Item) -> Number:
    """What an amount would have to reach if it were 元, as far as the figures for it are known."""
    if item.yuan_least is None:
        return 0
    return item.yuan_least.value([value or 0 for value in case.assessment.totals])
