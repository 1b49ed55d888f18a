"""The file of decisions, brought up to date: what was decided, how it stands, what is open.

An existing file is changed in place, line by line: columns, colours and remarks of people stay.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from xltools.excel.saved import saved
from xltools.ledgers.decisions import find
from xltools.ledgers.decisions_blank import (
    HEAD,
    blank,
    dress,
    fit,
    put,
    waiting_sheet,
)
from xltools.model.cells import Grid
from xltools.model.decisions import (
    DONE,
    AppliedDecision,
    Columns,
    Decision,
    DecisionProblem,
    DecisionsError,
    DecisionStanding,
    Matter,
    text_of,
)
from xltools.model.findings import Words
from xltools.model.roster import clean, key
from xltools.model.summary import Summary

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

_TYPED = (Columns.CHOICE, Columns.VALUE, Columns.REASON, Columns.BY, Columns.DATE)


def updated(path: Path, summary: Summary, today: str) -> bytes | None:
    """The file's new content after a run; None when nothing in it changes.

    Decisions of the run that stand nowhere in the file yet are added. ``today``: the date of a
    decision that was chosen on 待定 without one. Raises DecisionsError when an existing file
    cannot be changed.
    """
    book = _opened(path) if path.is_file() else blank()
    sheets = {key(name): name for name in book.sheetnames}
    made = _DecisionSheet(book[sheets[Columns.MADE]], Columns.ON_MADE)
    if Columns.WAITING in sheets:
        waiting = _DecisionSheet(book[sheets[Columns.WAITING]], Columns.ON_WAITING)
    else:
        waiting = _DecisionSheet(waiting_sheet(book), Columns.ON_WAITING)
    lines: dict[tuple[str, int], list[AppliedDecision]] = {}
    for one in summary.decisions:
        d = one.decision
        lines.setdefault((key(d.sheet), d.row or -1 - len(lines)), []).append(one)
    gone = []
    for (name, row), group in lines.items():
        if name == Columns.MADE:
            _restate(made, row, group)
        elif not name:
            made.add(_line(group[0], today))
        elif all(one.standing is DecisionStanding.HOLDS for one in group):
            also = waiting.extra(row)
            for one in group:
                made.add(_line(one, today, also))
            gone.append(row)
        else:
            waiting.put(row, Columns.STATE, "；".join(dict.fromkeys(o.words for o in group)))
    _refresh(waiting, summary, gone)
    if path.is_file() and not (made.changed or waiting.changed):
        return None
    return saved(book)


def _opened(path: Path) -> Workbook:
    from openpyxl import load_workbook

    try:
        return load_workbook(path)
    except Exception as error:  # whatever openpyxl stumbles over; others could read the file
        message = f"文件改写不了（{type(error).__name__}）；请用 Excel 另存为 .xlsx 后再试。"
        raise DecisionsError(path, (DecisionProblem(message=message),)) from None


def _restate(made: _DecisionSheet, row: int, group: Sequence[AppliedDecision]) -> None:
    """The state of a line of 决定, and what it rests on where it was written without."""
    made.put(row, Columns.STATE, "；".join(dict.fromkeys(one.words for one in group)))
    first = group[0]
    if made.text(row, Columns.BASIS) or any(
        o.standing is not DecisionStanding.HOLDS for o in group
    ):
        return
    if len(group) == 1:
        made.put(row, Columns.BASIS, first.basis)
    else:
        places = {o.decision.target.partition("（")[0]: o.basis for o in group}
        made.put(row, Columns.BASIS, text_of(places))


def _line(one: AppliedDecision, today: str, also: str = "") -> dict[str, str]:
    d: Decision = one.decision
    return {
        Columns.KIND: d.kind.value,
        Columns.UNIT: d.unit,
        Columns.TARGET: d.target,
        Columns.BASIS: d.basis or one.basis,
        Columns.VALUE: d.value,
        Columns.REASON: "；".join(x for x in (d.reason, also) if x),
        Columns.BY: d.by,
        Columns.DATE: d.date or today,
        Columns.STATE: one.words,
    }


def _refresh(waiting: _DecisionSheet, summary: Summary, gone: list[int]) -> None:
    """The open matters: new ones added, settled ones taken away unless something was typed."""
    rows: dict[tuple[str, str], list[int]] = {}
    for row in waiting.rows():
        if row not in gone:
            place = key(waiting.text(row, Columns.UNIT)), key(waiting.text(row, Columns.TARGET))
            rows.setdefault(place, []).append(row)
    words = Words.of(summary.form)
    new = []
    for matter in summary.matters:
        line = _matter(matter, words)
        at = rows.get((key(line[Columns.UNIT]), key(line[Columns.TARGET])))
        if not at:
            new.append(line)
            continue
        row = at.pop(0)
        # What was chosen rests on the figures that stood there when it was chosen.
        if not waiting.text(row, Columns.CHOICE):
            for label, text in line.items():
                waiting.put(row, label, text)
            waiting.put(row, Columns.STATE, "")
    for left in rows.values():
        for row in left:
            if any(waiting.text(row, label) for label in _TYPED) or waiting.extra(row):
                if not waiting.text(row, Columns.CHOICE):
                    waiting.put(row, Columns.STATE, DONE)
            else:
                gone.append(row)
    for row in sorted(gone, reverse=True):
        waiting.delete(row)
    for line in new:
        waiting.add(line)


def _matter(one: Matter, words: Words) -> dict[str, str]:
    message = words.message(one.finding) if one.finding is not None else "没有收到该单位的报表。"
    code = f"{one.finding.code} " if one.finding is not None else ""
    return {
        Columns.UNIT: one.unit,
        Columns.TARGET: one.target,
        Columns.BASIS: one.basis,
        Columns.MESSAGE: code + message,
        Columns.FILE: one.finding.path if one.finding is not None else "",
        Columns.OFFER: "、".join(kind.value for kind in one.kinds),
    }


class _DecisionSheet:
    """A sheet of the file: its lines by the headings, and whether one was changed."""

    def __init__(self, sheet: Worksheet, labels: tuple[str, ...]) -> None:
        self.sheet, self.changed = sheet, False
        grid = Grid(name=sheet.title, rows=[list(r) for r in sheet.iter_rows(values_only=True)])  # type: ignore[arg-type]  # formulas are text here
        table = find(grid, labels)
        self.head = table.head + 1 if table else HEAD
        self.columns = {label: col + 1 for label, col in table.columns.items()} if table else {}
        for label in labels:
            if label not in self.columns:
                self.columns[label] = (sheet.max_column or 0) + 1
                put(sheet.cell(self.head, self.columns[label]), label)
                dress(sheet.cell(self.head, self.columns[label]), head="E7EDF4")
                self.changed = True

    def rows(self) -> list[int]:
        """The lines that hold something."""
        return [
            row
            for row in range(self.head + 1, (self.sheet.max_row or 0) + 1)
            if any(cell.value not in (None, "") for cell in self.sheet[row])
        ]

    def text(self, row: int, label: str) -> str:
        value = self.sheet.cell(row, self.columns[label]).value
        return "" if value is None else clean(str(value))

    def extra(self, row: int) -> str:
        """What people wrote into columns of their own."""
        known = set(self.columns.values())
        return "；".join(
            f"{clean(str(self.sheet.cell(self.head, c.column).value or '备注'))}：{c.value}"
            for c in self.sheet[row]
            if c.column not in known and c.value not in (None, "")
        )

    def put(self, row: int, label: str, text: str) -> None:
        cell = self.sheet.cell(row, self.columns[label])
        before = "" if cell.value is None else str(cell.value)
        if key(before) != key(text):
            put(cell, text)
            self.changed = True

    def add(self, line: dict[str, str]) -> None:
        """A new line below the last."""
        row = max([self.head, *self.rows()]) + 1
        for label, col in self.columns.items():
            cell = self.sheet.cell(row, col)
            put(cell, line.get(label, ""))
            dress(cell)
        fit(self.sheet, row)
        self.changed = True

    def delete(self, row: int) -> None:
        """Take a line out; those below move up, with their looks and heights."""
        heights = {
            r: d.height for r, d in self.sheet.row_dimensions.items() if r > row and d.height
        }
        self.sheet.delete_rows(row)
        for r in heights:
            self.sheet.row_dimensions[r].height = None
        for r, height in heights.items():
            self.sheet.row_dimensions[r - 1].height = height
        self.changed = True
