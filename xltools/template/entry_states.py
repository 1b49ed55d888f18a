"""What stands in each cell of a table, in a hidden cell of its own: nothing, a number that the
form takes, or something else.

Everything that judges counts these cells, so a cell is judged in one place and one way. Their
formulas, and those that count them, are of the forms that every program computes alike: Excel
orders values number < text < logical, so no result of a comparison is compared with a number;
COUNTIF over formulas is out of date in ONLYOFFICE while somebody types, IronCalc refuses it for a
single cell, and Gnumeric refuses SUMPRODUCT(LEN()).
"""

from collections.abc import Sequence
from typing import Any

from xltools.model.amounts import in_yuan
from xltools.model.cells import quoted
from xltools.model.form import Item
from xltools.model.formula import excel_sum
from xltools.model.numbers import show
from xltools.template.draft import Draft
from xltools.template.entry import Entry, days, wrongs


def paint_entry_states(draft: Draft, sheet: Any) -> None:
    """The hidden cells, on the identity sheet: formats of conditions reach no other sheet, but
    formulas do, and columns beside a table are in the way of whoever unlocks it.

    A formula that shows nothing is no blank: files do not tell it from one without a result.
    """
    for item in draft.layout.form.items:
        at, place = draft.entry(item.index), draft.layout.address(item.index)
        cell = f"{quoted(place.sheet)}!{place.a1}"  # there are many: the short way to write it
        number, text = "0", f"{Entry.NO_NUMBER:d}"
        if item.formula is None:
            number = f"IF(OR({','.join(wrongs(item))}),{Entry.WRONG:d},{_asked(draft, item)})"
            spaces = f'(LEN({cell})>0)*({bare(cell)}="")'
            text = f"IF(ISTEXT({cell}),IF({spaces},{Entry.BLANK:d},{text}),{text})"
        formula = (
            f"=IF(ISNUMBER({cell}),IF(ISLOGICAL({cell}),{Entry.NO_NUMBER:d},"
            f"{number.format(cell)}),IF(ISBLANK({cell}),{Entry.BLANK:d},{text}))"
        )
        sheet.write_formula(at.row, at.col, formula, None, int(draft.opening.states[item.index]))


def _asked(draft: Draft, item: Item) -> str:
    """YUAN, DAY or FINE, for a number over ``{0}`` that is not wrong."""
    first, end = days(draft.subject.year)
    whole = "" if item.whole else ",{0}=INT({0})"
    day = f"AND({{0}}>={first},{{0}}<{end}{whole})"
    text = f"IF({day},{Entry.DAY:d},{Entry.FINE:d})"
    last = draft.subject.priors.get(item.index, 0)
    tests = [
        f"{{0}}>={show(first)}" if end is None else f"AND({{0}}>={show(first)},{{0}}<={show(end)})"
        for first, end in in_yuan(item, last)
    ]
    if not tests:
        return text
    test = f"OR({','.join(tests)})"
    if last <= 0 and item.yuan_least is not None:
        test = f"AND({test},{{0}}>={excel_sum(item.yuan_least, draft.place, single='SUM({})')})"
    return f"IF({test},{Entry.YUAN:d},{text})"


def bare(cell: str) -> str:
    """The text of a cell without blanks, the short way: it stands in every figure's state, and
    what a workbook holds is read of every return.
    """
    return f'TRIM(SUBSTITUTE(SUBSTITUTE({cell},"\u3000",""),"\u00a0",""))'


def blank_text(cell: str) -> str:
    """Whether a text is of blanks only, or of nothing, as a formula: without each kind of blank it
    is, all in all, shorter by its length. Functions within functions are few: .xls takes seven.
    """
    kinds = ('" "', '"\u3000"', '"\u00a0"', "CHAR(10)")
    left = "+".join(f'LEN(SUBSTITUTE({cell},{kind},""))' for kind in kinds)
    return f"{left}={len(kinds) - 1}*LEN({cell})"


def says_nothing(cell: str) -> str:
    """Whether a text to be typed is not there: blanks only, or an error value."""
    return f"IF(ISERROR({cell}),TRUE,{blank_text(cell)})"


def says_yes(cell: str, yes: str) -> str:
    """Whether a list's answer was chosen, or pasted with blanks around it."""
    return f'IF(ISERROR({cell}),FALSE,{bare(cell)}="{yes}")'


def counted(ranges: Sequence[str], test: str) -> str:
    """A formula for how many cells, all of them numbers, pass a test: ``=2``, ``>=2``."""
    return "+".join(
        f"SUMPRODUCT(({r}{test})*1)" if ":" in r else f"IF({r}{test},1,0)" for r in ranges
    )


def entries(draft: Draft, items: Sequence[int], test: str) -> str:
    """A formula for how many of some figures' states pass a test."""
    return counted(draft.entries(items), test)
