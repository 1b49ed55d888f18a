"""Returns to totals: inputs are summed, totals recomputed by their own formulas."""

from collections.abc import Iterable, Sequence
from decimal import localcontext

from xltools.model.form import Form
from xltools.model.numbers import Number
from xltools.model.scales import EXACT, prepare


def merge(form: Form, returns: Iterable[Sequence[Number]]) -> tuple[Number | None, ...]:
    """The sums of figures, item by item; exact, in whatever order the returns come. None for an
    item that is not to be added up.

    Each return has a number for every item; its totals are not looked at.
    """
    sums: list[Number] = [0] * len(form.items)
    inputs = [i.index for i in form.inputs()]
    with localcontext(EXACT):
        for numbers in returns:
            for item in inputs:
                sums[item] = sums[item] + numbers[item]
        for total, add in prepare(form).totals:
            sums[total] = add(sums)
    return tuple(n if i.summed else None for i, n in zip(form.items, sums, strict=True))
