"""What stands in a cell of a table: nothing, a number that the form takes, or something else."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from enum import IntEnum
from typing import Final

from xltools.model.form import BOUND, Item
from xltools.model.numbers import Number, places
from xltools.model.stated import probably_yuan


class CellEntry(IntEnum):
    """What stands in a cell. YUAN: probably 元 for 万元. DAY: a number that a date of these years
    would be, as programs make one of 1/2. WRONG: a number that the form does not take.
    """

    FINE = 0
    BLANK = 1
    YUAN = 2
    DAY = 3
    WRONG = 4
    NO_NUMBER = 5

    @property
    def asked(self) -> bool:
        """Whether it may be right, and ought to be looked at."""
        return self in (CellEntry.YUAN, CellEntry.DAY)


YEARS: Final = 3
"""A return is filled in in the year that it reports on, or in the two after it."""


def wrongs(item: Item) -> tuple[str, ...]:
    """What must not be true of an input's number, as formulas over its cell ``{0}``."""
    low = f"{{0}}<-{BOUND}" if item.signed else "{0}<0"
    tests = (low, f"{{0}}>{BOUND}")
    if item.whole:
        return (*tests, "{0}<>INT({0})")
    if item.decimals is None:
        return tests
    # A rounded number may be another by its last bit, as some programs round.
    return (*tests, f"ABS({{0}}-ROUND({{0}},{item.decimals}))>ABS({{0}})*1E-15")


def entry_of(
    item: Item, numbers: Sequence[Number | None], *, year: int, last: Number = 0
) -> CellEntry:
    """What a figure of a return for a year is; ``numbers``: all of the return, by item; ``last``:
    of last year, 0 where it is not known.
    """
    number = numbers[item.index]
    if number is None:
        return CellEntry.BLANK
    if item.formula is not None:
        return CellEntry.FINE
    if (number < 0 and not item.signed) or not -BOUND <= number <= BOUND:
        return CellEntry.WRONG
    if isinstance(number, Decimal) and (
        item.whole or (item.decimals is not None and places(number) > item.decimals)
    ):
        return CellEntry.WRONG
    if probably_yuan(item, number, last, numbers):
        return CellEntry.YUAN
    first, end = days(year)
    return CellEntry.DAY if isinstance(number, int) and first <= number < end else CellEntry.FINE


def days(year: int) -> tuple[int, int]:
    """The numbers by which spreadsheets know the days on which a return may be filled in: the
    first, and the one after the last.
    """
    first, end = (date(y, 1, 1) - date(1899, 12, 30) for y in (year, year + YEARS))
    return first.days, end.days
