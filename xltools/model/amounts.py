"""Amounts of money that were probably entered in 元 where 万元 or the like are asked for."""

from collections.abc import Sequence
from decimal import ROUND_CEILING, Decimal, localcontext
from typing import Final

from xltools.model.evaluate import EXACT
from xltools.model.form import Item, ItemType
from xltools.model.numbers import MONEY, Number, tidy

Span = tuple[Number, Number | None]
"""The first and the last figure of a range; None: it has no end."""

_SPREAD: Final = 3  # an amount of this year and one of the last differ by this factor at most
_SAME: Final = 100  # against last year, less than this is no mistake of the unit
_STEP: Final = Decimal("0.000001")


def yuan(item: Item) -> int:
    """How many 元 the money unit of an input is; 0 for what is no amount in another unit."""
    if item.type is not ItemType.AMOUNT or item.formula is not None:
        return 0
    factor = 10 ** MONEY[item.unit]
    return factor if factor > 1 else 0


def in_yuan(item: Item, last: Number) -> tuple[Span, ...]:
    """The figures of an input that were probably entered in 元: some 10,000 times last year's,
    or larger than the form thinks possible. ``last``: of last year, 0 where it is not known.
    """
    factor = yuan(item)
    if not factor:
        return ()
    if last <= 0:
        return ((item.yuan_from, None),) if item.yuan_from else ()
    with localcontext(EXACT):  # an amount of any size must not overflow
        times = Decimal(last) * factor
        first = (times / _SPREAD).quantize(_STEP, ROUND_CEILING)
        spans: list[Span] = [(tidy(first), tidy(times * _SPREAD))]
        if item.yuan_from:
            spans.append((tidy(max(Decimal(item.yuan_from), Decimal(last) * _SAME)), None))
    return tuple(spans)


def probably_yuan(
    item: Item, number: Number, last: Number, figures: Sequence[Number | None]
) -> bool:
    """Whether a figure lies in one of the ranges. ``figures``: all of the return, by item.

    Without a figure of last year only where it is plausible as 元 too: the form says what it
    would have to reach (``Item.yuan_least``).
    """
    if last <= 0 and item.yuan_least is not None and number < item.yuan_least.value(figures):
        return False
    return any(
        first <= number and (end is None or number <= end) for first, end in in_yuan(item, last)
    )
