"""A return and the document sent beside it: where their figures differ."""

from xltools.model.balance import recomputed
from xltools.model.findings import Finding, finding
from xltools.model.form import Form
from xltools.model.numbers import show
from xltools.model.returns import Return, Status


def differences(form: Form, workbook: Return, document: Return) -> tuple[Finding, ...]:
    """One finding, D-06, for each figure that the two give differently, naming both places.

    A blank is no figure, and counts as 0. What was not found in one of them is not compared: that
    it is missing is said where that one is read.
    """
    totals = recomputed(form, workbook)
    found = []
    for item in form.items:
        here, there = workbook.places[item.index], document.places[item.index]
        if here is None or there is None:
            continue
        own = workbook.value(item.index)
        # A total that nobody has worked out yet stands for the sum of its parts.
        theirs = document.value(item.index)
        number, other = own.number, theirs.number
        if item.formula is not None and own.status is Status.BLANK:
            number = totals[item.index]
        if item.formula is not None and theirs.status is Status.BLANK:
            continue  # and one that was left out says nothing
        odd = Status.UNREADABLE in (own.status, theirs.status)
        if own.found == theirs.found if odd else (number or 0) == (other or 0):
            continue
        found.append(
            finding(
                "D-06",
                sheet=here.sheet,
                cells=(here.a1,),
                items=(item.name,),
                labels=item.path,
                found=own.found if number is None else show(number),
                expected=(theirs.found if other is None else show(other)) or "空白",
                detail=str(there),
            )
        )
    return tuple(found)
