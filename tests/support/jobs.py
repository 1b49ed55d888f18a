"""Returns in an inbox, collected: how they are filled in and what came of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook

from support.filled import FORM, LAYOUT
from support.typed import typed
from xltools.ledgers.decisions_file import HEAD, blank
from xltools.model.decisions import (
    Columns,
)
from xltools.model.findings import finding
from xltools.model.identity import (
    CHECKS,
    COVER,
    DATE,
    FIELDS,
    IDENTITY,
    PRINT,
    ZERO,
    Identity,
)
from xltools.model.numbers import Number
from xltools.model.record import Origin, ReturnRecord
from xltools.model.returns import Return, Status
from xltools.model.roster import Roster, Unit
from xltools.model.summary import Summary
from xltools.output.data import counts
from xltools.steps import Job, collect
from xltools.template.build import build
from xltools.template.opening import Subject

INPUTS = [i.name for i in FORM.inputs()]


def template(
    unit: str, *, year: int = 2025, code: str = "", priors: Mapping[str, Number] | None = None
) -> BytesIO:
    """The workbook that a unit is sent; ``priors`` are last year's figures by item name."""
    return BytesIO(_template(unit, year, code, tuple((priors or {}).items())))


@cache
def _template(unit: str, year: int, code: str, priors: tuple[tuple[str, Number], ...]) -> bytes:
    """Many tests start from the same few workbooks: each is built once a worker."""
    by_item = {FORM.by_name[name]: figure for name, figure in priors}
    return build(LAYOUT, Subject(year=year, unit=unit, code=code, priors=by_item), "secret")


def filled(
    path: Path,
    unit: str,
    figures: Mapping[str, str | int | float],
    *,
    zero: bool = True,
    date: str = "",
    year: int = 2025,
    code: str = "",
) -> Path:
    """A return saved without recalculation, as some programs do: its totals are not cached."""
    cells: dict[str, Any] = {
        str(LAYOUT.address(FORM.by_name[name])): value for name, value in figures.items()
    }
    if zero:
        cells[f"{COVER}!C{FIELDS[ZERO] + 1}"] = "是"
    if date:
        cells[f"{COVER}!C{FIELDS[DATE] + 1}"] = date
    data = _template(unit, year, code, ())
    path.parent.mkdir(parents=True, exist_ok=True)
    if all(_plain(value) for value in cells.values()):
        path.write_bytes(typed(data, cells, results=False))
        return path
    book = load_workbook(BytesIO(data))
    for place, value in cells.items():
        sheet, _, address = place.rpartition("!")
        book[sheet][address] = value
    book.save(path)
    return path


def _plain(value: object) -> bool:
    """Whether a value is a number or mere text: no formula, error, truth value, date or font."""
    if type(value) is str:
        return not value.startswith(("=", "#"))
    return type(value) in (int, float)


GOOD: dict[str, str | int | float] = {
    "t3.received.natural": 3,
    "t3.granted.natural": 2,
    "t3.carried_out.natural": 1,
}
BAD = GOOD | {"t3.granted.natural": 1}


def run(inbox: Path, *units: Unit, **fields: object) -> Summary:
    roster = Roster(units=units) if units else None
    job = Job(layout=LAYOUT, inbox=inbox, roster=roster, **fields)  # type: ignore[arg-type]  # because the fields are given as they are
    summary = collect(job)
    numbers = counts(summary)
    assert numbers.pop("received") == sum(numbers.values())
    assert [d.path for d in summary.documents] == sorted(
        p.relative_to(inbox).as_posix() for p in inbox.rglob("*") if p.is_file()
    )
    return summary


def outcomes(summary: Summary) -> dict[str, str]:
    return {d.path: d.outcome.value for d in summary.documents}


def codes(summary: Summary) -> list[str]:
    return [f.code for f in summary.findings]


NOON = datetime(2026, 1, 20, 12)


def candidate(
    name: str,
    when: datetime,
    *,
    tables: str = "234",
    date: str = "",
    bad: bool = False,
    extra: int = 0,
    columns: str = "",
) -> ReturnRecord:
    inputs = {
        i.index
        for t in tables
        for i in FORM.inputs(f"t{t}")
        if not columns or i.column in columns.split()
    }
    ret = Return(
        identity=Identity(kind="return"),
        numbers=[extra if i in inputs else None for i in range(len(FORM.items))],
        statuses=[Status.GIVEN if i in inputs else Status.BLANK for i in range(len(FORM.items))],
        places=[None] * len(FORM.items),
        date=date,
    )
    told = (replace(finding("V-07"), found="-1"),) if bad else ()
    return ReturnRecord(source=Origin(path=name, date=when), ret=ret, unit="甲", findings=told)


def bare(path: Path, title: str = "") -> Path:
    """A return without its own sheets: tables only, as somebody copied them out."""
    book = load_workbook(path)
    for name in (IDENTITY, COVER, CHECKS, PRINT):
        del book[name]
    if title:
        sheet = book[LAYOUT.tables[0].sheet]
        sheet.insert_rows(1)
        sheet["A1"] = title
    book.save(path)
    return path


FULL = dict.fromkeys((i.name for i in FORM.inputs()), 0) | GOOD
TODAY = "2026-01-25"


def lines(file: Path, *rows: dict[str, str | int], sheet: str = Columns.MADE) -> Path:
    """A file of decisions with lines written by hand."""
    book = load_workbook(file) if file.is_file() else blank()
    page = book[sheet]
    heads = {str(c.value): c.column or 0 for c in page[HEAD]}
    at = max(HEAD, *(r for r in range(1, page.max_row + 1) if page.cell(r, 1).value)) + 1
    for number, row in enumerate(rows):
        for label, value in row.items():
            page.cell(at + number, heads[label], value)
    book.save(file)
    return file


def pasted(filled: Path, out: Path, title: str) -> None:
    """What comes of copying the tables' values below each other into an empty workbook."""
    source, book = load_workbook(filled, data_only=True), Workbook()
    sheet, row = book.worksheets[0], 2
    sheet.cell(1, 2, title)
    for table in LAYOUT.tables:
        drawing = table.drawing
        for r, line in enumerate(source[table.sheet].iter_rows(values_only=True)):
            if r < len(drawing.heights):
                for c, value in enumerate(line[: len(drawing.widths)]):
                    sheet.cell(row + r, 2 + c, value)
        row += len(drawing.heights) + 1
    book.save(out)
