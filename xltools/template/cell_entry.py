"""Judge what a cell of a table contains: nothing, a number that the form allows, or something else.
This is done twice with the same result: in Python for the workbook as it is sent out, and by
formulas while somebody fills it in. The module also has formulas that several sheets use.
"""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from enum import IntEnum
from typing import Final

from xltools.model.cells import Address, quoted
from xltools.model.form import BOUND, Item
from xltools.model.formula import Operand, excel_sum
from xltools.model.numbers import Number, places, show
from xltools.model.stated import in_yuan, probably_yuan


class CellEntry(IntEnum):
    """What a cell contains; a higher value is worse.

    FINE: a number that the form allows. YUAN: a number that was probably entered in 元 instead of
    万元. DAY: a number that spreadsheets use for a date on which the return may be filled in;
    programs turn 1/2 into one. WRONG: a number that the form does not allow. NO_NUMBER: anything
    else.
    """

    FINE = 0
    BLANK = 1
    YUAN = 2
    DAY = 3
    WRONG = 4
    NO_NUMBER = 5


YEARS: Final = 3
"""A return is filled in in the year that it reports on, or in the two after it."""


def wrongs(item: Item) -> tuple[str, ...]:
    """Tests for a formula that are true for a number that an input must not have; ``{0}`` is the
    input's cell.
    """
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
    """Judge the cell of an item in a return for ``year``. ``numbers``: all figures of the return by
    item number, None for a blank; ``last``: the item's figure of last year, 0 where it is not
    known.
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
    """The first and the last day on which a return for ``year`` may be filled in, as spreadsheets
    number days: the number of the first day and that of the day after the last.
    """
    first, end = (date(y, 1, 1) - date(1899, 12, 30) for y in (year, year + YEARS))
    return first.days, end.days


def entry_formula(
    item: Item, at: Address, place: Callable[[Operand], Address], *, year: int, last: Number
) -> str:
    """The formula, without ``=``, that gives the value of `entry_of` for an item whose cell is
    ``at``.

    ``place``: gives the cell of an operand, of this year or the last. A cell with a formula that
    shows nothing is not taken for blank, because in a file it looks the same as a formula without a
    result.
    """
    cell = f"{quoted(at.sheet)}!{at.a1}"  # there are many: the short way to write it
    number, text = "0", f"{CellEntry.NO_NUMBER:d}"
    if item.formula is None:
        doubt = _doubt_formula(item, place, year=year, last=last)
        number = f"IF(OR({','.join(wrongs(item))}),{CellEntry.WRONG:d},{doubt})"
        spaces = f'(LEN({cell})>0)*({bare(cell)}="")'
        text = f"IF(ISTEXT({cell}),IF({spaces},{CellEntry.BLANK:d},{text}),{text})"
    return (
        f"IF(ISNUMBER({cell}),IF(ISLOGICAL({cell}),{CellEntry.NO_NUMBER:d},"
        f"{number.format(cell)}),IF(ISBLANK({cell}),{CellEntry.BLANK:d},{text}))"
    )


def _doubt_formula(
    item: Item, place: Callable[[Operand], Address], *, year: int, last: Number
) -> str:
    """A formula that gives YUAN, DAY or FINE for the cell ``{0}``, which holds a number that is not
    wrong.
    """
    first, end = days(year)
    whole = "" if item.whole else ",{0}=INT({0})"
    day = f"AND({{0}}>={first},{{0}}<{end}{whole})"
    text = f"IF({day},{CellEntry.DAY:d},{CellEntry.FINE:d})"
    tests = [
        f"{{0}}>={show(low)}" if high is None else f"AND({{0}}>={show(low)},{{0}}<={show(high)})"
        for low, high in in_yuan(item, last)
    ]
    if not tests:
        return text
    test = f"OR({','.join(tests)})"
    if last <= 0 and item.yuan_least is not None:
        test = f"AND({test},{{0}}>={excel_sum(item.yuan_least, place, single='SUM({})')})"
    return f"IF({test},{CellEntry.YUAN:d},{text})"


def bare(cell: str) -> str:
    """A formula for the text of a cell without blanks around it, including full-width and
    non-breaking ones. It is part of the formula of every figure, so it is kept short: TRIM leaves
    one blank between words, which does not matter when the text is compared with "" or 是.
    """
    return f'TRIM(SUBSTITUTE(SUBSTITUTE({cell},"\u3000",""),"\u00a0",""))'


def blank_text(cell: str) -> str:
    """A formula that is true when a cell contains only blanks of four kinds. Each kind is removed
    in turn, and the lengths that are left add up to three times the length of the text. The
    functions are side by side instead of nested, because .xls allows seven levels at most.
    """
    kinds = ('" "', '"\u3000"', '"\u00a0"', "CHAR(10)")
    left = "+".join(f'LEN(SUBSTITUTE({cell},{kind},""))' for kind in kinds)
    return f"{left}={len(kinds) - 1}*LEN({cell})"


def says_nothing(cell: str) -> str:
    """A formula that is true when a cell for text is empty, holds only blanks, or an error
    value.
    """
    return f"IF(ISERROR({cell}),TRUE,{blank_text(cell)})"


def says_yes(cell: str, yes: str) -> str:
    """A formula that is true when a cell with a list of answers holds the answer ``yes``, chosen
    from the list or pasted with blanks around it.
    """
    return f'IF(ISERROR({cell}),FALSE,{bare(cell)}="{yes}")'


def counted(ranges: Sequence[str], test: str) -> str:
    """A formula, without ``=``, for the number of cells in some ranges that pass a test such as
    ``=2`` or ``>=2``. All of the cells must hold numbers.
    """
    return "+".join(
        f"SUMPRODUCT(({r}{test})*1)" if ":" in r else f"IF({r}{test},1,0)" for r in ranges
    )
