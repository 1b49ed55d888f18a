"""Sentences from figures, as the form declares them: what is written where nobody wrote."""

import re
from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from itertools import count
from typing import Final

from xltools.model.form import Draft, Form, Piece
from xltools.model.numbers import Number, show

# 一、 （一） 1. before a label, and a remark in brackets behind it.
_NUMBERED: Final = re.compile(
    r"^(?:[一二三四五六七八九十]+、|（[一二三四五六七八九十]+）|[0-9]+\.)"
)
_REMARK: Final = re.compile(r"（[^（）]*）$")


def sentences(
    form: Form, numbers: Sequence[Number | None], prior: Mapping[int, Number]
) -> dict[str, str]:
    """The declared sentences by the name of their text; ``prior``: last year's, where known.

    None for a sentence about a figure that there is not (None): a district's that is no sum.
    """
    figures = [0 if n is None else n for n in numbers]
    unknown = {i for i, n in enumerate(numbers) if n is None}
    return {
        draft.text: _sentence(form, draft, figures, prior)
        for draft in form.report.drafts
        if unknown.isdisjoint(
            o.item for piece in draft.pieces if isinstance(piece, Piece) for o in piece.sum.operands
        )
    }


def _plain(label: str) -> str:
    """A label as it stands in a sentence: without its number and its remark."""
    return _REMARK.sub("", _NUMBERED.sub("", label))


def _sentence(
    form: Form, draft: Draft, numbers: Sequence[Number], prior: Mapping[int, Number]
) -> str:
    return "".join(
        piece if isinstance(piece, str) else _said(form, piece, numbers, prior)
        for piece in draft.pieces
    )


def _said(form: Form, piece: Piece, numbers: Sequence[Number], prior: Mapping[int, Number]) -> str:
    value = piece.sum.value(numbers)
    if piece.what == "shares":
        return _shares(form, piece, numbers)
    if piece.what == "figure":
        return show(value)
    if any(o.item not in prior for o in piece.sum.operands):
        return ""
    before = piece.sum.value([prior.get(i.index) for i in form.items])
    if value == before:
        return "，与上年持平"
    word = "增加" if value > before else "减少"
    gap = value - before if value > before else before - value
    rate = f"（{_percent(gap, before)}）" if before else ""
    return f"，比上年{word}{show(gap)}{piece.unit}{rate}"


def _shares(form: Form, piece: Piece, numbers: Sequence[Number]) -> str:
    """What a total is made of, under the outermost labels that differ; nothing for nothing."""
    total = form.items[piece.sum.operands[0].item]
    assert total.formula is not None, "declared so"
    whole = numbers[total.index]
    if not whole:
        return ""
    parts = [form.items[o.item] for o in total.formula.operands]
    labels = [p.rows if p.column == total.column else p.columns for p in parts]
    shared = next(n for n in count() if len({own[: n + 1] for own in labels}) > 1)
    sums: dict[str, Number] = {}
    for part, own in zip(parts, labels, strict=True):
        name = _plain(own[min(shared, len(own) - 1)])
        sums[name] = sums.get(name, 0) + numbers[part.index]
    said = [f"{name}{show(n)}{piece.unit}、占{_percent(n, whole)}" for name, n in sums.items() if n]
    return f"（{'，'.join(said)}）"


def _percent(part: Number, whole: Number) -> str:
    share = Decimal(part) * 100 / Decimal(whole)
    return f"{share.quantize(Decimal('0.1'), ROUND_HALF_UP)}%"
