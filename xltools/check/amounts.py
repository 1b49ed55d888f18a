"""Amounts of money that were probably entered in 元 where 万元 are asked for."""

from collections.abc import Iterator
from decimal import Decimal

from xltools.check.case import Case
from xltools.findings import Finding
from xltools.numbers import MONEY, show, tidy
from xltools.spec import ItemType

_FACTOR = 10 ** MONEY["万元"]
_SPREAD = 3  # an amount of this year and one of the last differ by this factor at most, as a rule
_SAME = 100  # against last year, less than this is no mistake of the unit


def amount_findings(case: Case) -> Iterator[Finding]:
    """X-04: an input larger than the form thinks possible, or some 10,000 times last year's."""
    items, figures = case.form.items, case.assessment.figures
    for item in items:
        if item.type is not ItemType.AMOUNT or item.formula is not None:
            continue
        number = case.ret.numbers[item.index]
        if number is None or number <= 0 or item.index in case.absent:
            continue
        last = figures[len(items) + item.index]
        if last > 0:
            # Decimals: an amount of any size must not overflow.
            ratio = Decimal(number) / Decimal(last)
            near = _FACTOR <= ratio * _SPREAD <= _FACTOR * _SPREAD**2
            doubt = near or (bool(item.yuan_from) and number >= item.yuan_from and ratio >= _SAME)
        else:
            doubt = bool(item.yuan_from) and number >= item.yuan_from
        if doubt:
            yield case.named(
                "X-04",
                [item.index],
                found=case.shown(item.index),
                expected=show(tidy(Decimal(number) / _FACTOR)),
                detail=f"，上年为 {show(last)}" if last > 0 else "",
            )
