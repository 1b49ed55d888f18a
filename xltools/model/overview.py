"""What a form declares for the first page of a summary: its key figures and charts."""

from dataclasses import dataclass
from typing import Final

from xltools.model.formula import Linear


@dataclass(frozen=True, slots=True, kw_only=True)
class KeySum:
    """A sum of figures with the label under which the first page of a summary shows it."""

    label: str
    sum: Linear


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A chart on the first page of a summary. ``bars``: the sums that it compares; empty where it
    compares units by the sum ``by``.
    """

    title: str
    bars: tuple[KeySum, ...] = ()
    by: Linear | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """What a form declares for the first page of a summary: its key figures and charts."""

    figures: tuple[KeySum, ...] = ()
    charts: tuple[Chart, ...] = ()

    @property
    def items(self) -> frozenset[int]:
        """The items of the key figures."""
        return frozenset(operand.item for key in self.figures for operand in key.sum.operands)


NO_OVERVIEW: Final = Overview()
"""That of a form which declares none."""
