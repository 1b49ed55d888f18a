"""Many returns of one unit: which of them are parts of one, and how the others are named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import combinations

from hypothesis import example, given
from hypothesis import strategies as st

from support.filled import FORM
from xltools.model.record import Origin, ReturnRecord
from xltools.model.returns import Return, Status
from xltools.model.summary import Outcome
from xltools.model.wording import in_words
from xltools.settle.versions import NAMED, settle

T2 = [item.index for item in FORM.inputs("t2")]
INPUTS = [*T2, *(item.index for item in FORM.inputs("t3")[:2])]


def record(path: str, cells: Sequence[int], figure: int = 1) -> ReturnRecord:
    """A return of a unit, sent at the same time as the others, with some cells filled in."""
    blank = Return.empty(FORM)
    numbers = [figure if i in cells else None for i in range(len(FORM.items))]
    statuses = [Status.BLANK if number is None else Status.GIVEN for number in numbers]
    ret = replace(blank, numbers=numbers, statuses=statuses, missing=frozenset())
    return ReturnRecord(source=Origin(path=path, date=datetime(2026, 1, 1)), unit="甲局", ret=ret)


def apart(first: frozenset[int], second: frozenset[int]) -> bool:
    """Whether two returns are parts of one, by the words of `settle`: each fills in a table that
    the other does not, or they have no cell in common in a table that both fill in.
    """
    tables = [
        {FORM.items[i].table: {j for j in cells if FORM.items[j].table == FORM.items[i].table}
         for i in cells}
        for cells in (first, second)
    ]  # fmt: skip
    mine, yours = tables
    if mine.keys() - yours.keys() and yours.keys() - mine.keys():
        return True
    return any(mine[table].isdisjoint(yours[table]) for table in mine.keys() & yours.keys())


@given(st.lists(st.frozensets(st.sampled_from(INPUTS)), min_size=2, max_size=6, unique=True))
@example([frozenset(T2[::2]), frozenset(T2[1::2])])
def test_parts_are_told_from_versions(filled_in: list[frozenset[int]]) -> None:
    records = [record(f"{n}.xlsx", sorted(cells)) for n, cells in enumerate(filled_in)]
    codes = {r.findings[0].code for r in settle(FORM, records)}
    parts = any(apart(a, b) for a, b in combinations(filled_in, 2))
    assert codes == {"D-03" if parts else "D-02"}


def test_of_very_many_returns_the_first_are_named() -> None:
    few = settle(FORM, [record(f"{n}.xlsx", INPUTS, n + 1) for n in range(NAMED + 1)])
    for at, rejected in enumerate(few):
        names = [f"{n}.xlsx" for n in range(NAMED + 1) if n != at]
        assert in_words(rejected.findings[0].found) == "、".join(names)
    many = settle(FORM, [record(f"{n}.xlsx", INPUTS, n + 1) for n in range(NAMED + 100)])
    for at, rejected in enumerate(many):
        assert rejected.outcome is Outcome.REJECTED
        names = [f"{n}.xlsx" for n in range(NAMED + 100) if n != at][:NAMED]
        others = f"{'、'.join(names)}等 {NAMED + 99} 份"
        assert in_words(rejected.findings[0].found) == others
