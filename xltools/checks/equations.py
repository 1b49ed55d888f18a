"""The equation of a broken rule, in the words of the form: the headings printed at its figures."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Final, TypeAlias

from xltools.model.equation import Addend, Equation
from xltools.model.form import Form, Instance
from xltools.model.formula import Linear
from xltools.model.numbers import Number
from xltools.model.text import bare

_LAST_YEAR: Final = "上年"


def equation(
    form: Form,
    instance: Instance,
    figures: Sequence[Number],
    left: Number,
    right: Number,
    typed: str,
    place: str,
) -> Equation:
    """The equation of a rule at one place. ``figures``: this year's by item, followed by last
    year's; ``left`` and ``right``: what the sides come to; ``typed`` and ``place`` as in
    `Equation`.
    """
    terms, split, pick = _terms(form, instance.index)
    return Equation(terms, pick(figures), split, left, right, typed, place)


_Pick: TypeAlias = Callable[[Sequence[Number]], tuple[Number, ...]]


@lru_cache(maxsize=4096)
def _terms(form: Form, index: int) -> tuple[tuple[Addend, ...], int, _Pick]:
    """The terms of both sides of an instance of a rule (its number), how many of them are on the
    left, and what takes their figures from those of a return.
    """
    instance = form.instances[index]
    left, right = (tuple(_side(form, instance, side)) for side in (instance.left, instance.right))
    terms = left + right
    positions = [term.position for term in terms]
    if len(terms) > 1 and min(positions) >= 0:
        return terms, len(left), itemgetter(*positions)

    def pick(figures: Sequence[Number]) -> tuple[Number, ...]:
        return tuple([figures[t.position] if t.position >= 0 else t.constant for t in terms])

    return terms, len(left), pick


def _side(form: Form, instance: Instance, side: Linear) -> list[Addend]:
    """The terms of a side of a rule; at least one."""
    terms = [
        Addend(
            sign=operand.sign,
            label=_label(form, instance, operand.item, prior=operand.prior),
            position=operand.item + (len(form.items) if operand.prior else 0),
        )
        for operand in side.operands
    ]
    if side.constant or not terms:
        sign = -1 if side.constant < 0 else 1
        terms.append(Addend(sign=sign, label="", constant=abs(side.constant)))
    return terms


def _label(form: Form, instance: Instance, item: int, *, prior: bool) -> str:
    """The heading of an item in an equation: of its row, where the rule is judged in columns, or of
    its column; with both where it names single items. The number in front of a heading and the
    remark behind it are left out.
    """
    figure, anchor = form.items[item], form.items[instance.anchor]
    if instance.along == "row" and figure.rows and figure.table == anchor.table:
        label = figure.rows[-1]
    elif instance.along == "column" and figure.table == anchor.table:
        label = figure.columns[-1]
    else:
        label = figure.label
    label = bare(label)
    if not prior:
        return label
    return label if label.startswith(_LAST_YEAR) else f"{_LAST_YEAR}{label}"
