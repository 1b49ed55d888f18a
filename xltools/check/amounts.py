"""Amounts of money that were probably entered in 元 where 万元 or the like are asked for."""

from collections.abc import Iterator
from decimal import Decimal

from xltools.check.case import Case
from xltools.findings import Finding
from xltools.numbers import MONEY, Number, show, tidy
from xltools.spec import Item, ItemType

_SPREAD = 3  # an amount of this year and one of the last differ by this factor at most, as a rule
_SAME = 100  # against last year, less than this is no mistake of the unit


def amount_findings(case: Case) -> Iterator[Finding]:
    """X-04: an input larger than the form thinks possible, or some 10,000 times last year's.

    Without a figure of last year it is asked only where the amount is plausible as 元 too: the
    form says what it would have to reach (``Item.yuan_least``).
    """
    items, figures = case.form.items, case.assessment.figures
    for item in items:
        if item.type is not ItemType.AMOUNT or item.formula is not None:
            continue
        number = case.ret.numbers[item.index]
        if number is None or number <= 0 or item.index in case.absent:
            continue
        factor = 10 ** MONEY[item.unit]  # 元 in the unit that is asked for
        if factor == 1:
            continue
        last = figures[len(items) + item.index]
        large = bool(item.yuan_from) and number >= item.yuan_from
        if last > 0:
            # Decimals: an amount of any size must not overflow.
            ratio = Decimal(number) / Decimal(last)
            near = factor <= ratio * _SPREAD <= factor * _SPREAD**2
            doubt = near or (large and ratio >= _SAME)
        else:
            doubt = large and number >= _least(case, item)
        if doubt:
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
