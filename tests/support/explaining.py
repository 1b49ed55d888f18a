"""Explanations typed into workbooks of ours: on the list that ends 校验, and on 问题."""

from __future__ import annotations

from support.filled import LAYOUT, Draft
from support.typed import typed
from xltools.layout.places import TEXT_SHEET, Layout
from xltools.model.cells import column_name
from xltools.model.identity import (
    ANSWER,
    ASKED,
    CHECKS,
    CODE,
    EXPLANATION,
    ISSUES,
    NUMBER,
    OTHERS,
    WHERE,
    WHY,
)
from xltools.model.returns import Status
from xltools.readers.workbook import book_of
from xltools.template.build import build
from xltools.template.opening import Start, Subject


def first_line(data: bytes) -> int:
    """The row (from 1) of the list's first line."""
    grid = book_of(data).values(CHECKS)
    heads = (r for r in range(len(grid.rows)) if grid.text(r, NUMBER).startswith(OTHERS))
    return next(heads) + 3


def line(data: bytes, code: str, cell: str, words: str, number: int = 0) -> dict[str, str]:
    """A line of the list, as cells to be typed into."""
    row = first_line(data) + number
    columns = {CODE: code, WHERE: cell, WHY: words}
    return {f"{CHECKS}!{column_name(c)}{row}": text for c, text in columns.items() if text}


def answers(data: bytes) -> dict[str, str]:
    """The cells of 问题 that take answers, by code."""
    grid = book_of(data).values(ISSUES)
    return {
        grid.text(row - 1, ASKED): f"{ISSUES}!{column_name(ANSWER)}{row + 1}"
        for row in range(len(grid.rows))
        if grid.text(row, ASKED).startswith(EXPLANATION)
    }


def returned(draft: Draft, unit: str, category: str = "", layout: Layout = LAYOUT) -> bytes:
    """A draft as the workbook that its unit sends, with the totals that it shows."""
    index = layout.form.by_name
    inputs = {i.name: i.index for i in layout.form.inputs()}
    figures = {
        at: number for name, at in inputs.items()
        if (number := draft.figures[name]) is not None
        and draft.statuses.get(name, Status.GIVEN) is Status.GIVEN
    }  # fmt: skip
    subject = Subject(
        year=2025, unit=unit, category=category,
        priors={index[name]: number for name, number in draft.priors.items()},
        start=Start(figures=figures, zero=draft.zero, none=frozenset(draft.none),
                    texts=draft.texts, explanations=draft.explanations),
    )  # fmt: skip
    data = build(layout, subject, "secret")
    totals = {name: number for name, number in draft.figures.items() if name not in inputs}
    shown = Draft(figures=dict(draft.figures))
    shown.add_up()
    cells: dict[str, str | int | float] = {}
    for name, number in totals.items():
        at = str(layout.address(index[name]))
        if name in draft.found:
            cells[at] = draft.found[name]
        elif number != shown.figures[name]:
            cells[at] = f"=SUM(A1:A1)+{number}"  # a formula that somebody changed
    return typed(data, cells)


def text_cell(name: str) -> str:
    """The first cell of a text."""
    place = next(p for p in LAYOUT.texts if p.text.name == name)
    return f"{TEXT_SHEET}!A{place.first + 1}"
