"""Workbooks of units filled in at random, and what is to be said of them once they are calculated.

`make engines` runs 300 fills a form, `make test` 20: the environment variable XLTOOLS_FILLS.
"""

from __future__ import annotations

import os
import random
import re
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from io import BytesIO
from typing import Final

from python_calamine import CalamineWorkbook

from xltools.forms.declaration import load
from xltools.layout.places import TEXT_SHEET, Layout, lay_out
from xltools.model.cells import Address
from xltools.model.evaluate import prepare
from xltools.model.form import Form
from xltools.model.identity import (
    CHECKS,
    CHECKS_TOP,
    COVER,
    DATE,
    FILLER,
    NONE_COLUMN,
    PHONE,
    PROGRESS_HEAD,
    WHY,
    YES,
    ZERO,
)
from xltools.model.numbers import Number, show, tidy
from xltools.template.draft import field_cell
from xltools.template.opening import Issue, Issues, Start, Subject

FORMS: Final = ("zfxxgk-2021", "zfxxgk-2019", "sangong-2024")
FILLS: Final = int(os.environ.get("XLTOOLS_FILLS", "20"))
LAYOUTS: Final = {name: lay_out(load(name)) for name in FORMS}

Value = str | float | bool | None
_CELL: Final = re.compile(r'<c r="([A-Z]+)([0-9]+)"([^>]*?)(?:/>|>(<f)?)')


def formulas(data: bytes) -> dict[str, list[tuple[int, int]]]:
    """The cells that hold formulas, by sheet, of a workbook as the generator writes it."""
    names = CalamineWorkbook.from_filelike(BytesIO(data)).sheet_names
    found: dict[str, list[tuple[int, int]]] = {}
    with zipfile.ZipFile(BytesIO(data)) as archive:
        for number, name in enumerate(names, 1):
            xml = archive.read(f"xl/worksheets/sheet{number}.xml").decode()
            found[name] = [
                (int(row) - 1, _column(letters))
                for letters, row, _, formula in _CELL.findall(xml)
                if formula
            ]
    return found


def uncalculated(data: bytes) -> bytes:
    """A workbook whose formulas have no results beside them."""
    made = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as archive, zipfile.ZipFile(made, "w") as copy:
        for part in archive.namelist():
            text = archive.read(part)
            if part.startswith("xl/worksheets/sheet"):
                text = re.sub(rb"</f><v>[^<]*</v>", b"</f>", text)
            copy.writestr(part, text)
    return made.getvalue()


def errors(data: bytes) -> list[str]:
    """The cells that hold an error, as text to be shown."""
    with zipfile.ZipFile(BytesIO(data)) as archive:
        return [
            f"{part} {letters}{row}"
            for part in archive.namelist()
            if part.startswith("xl/worksheets/sheet")
            for letters, row, rest, _ in _CELL.findall(archive.read(part).decode())
            if 't="e"' in rest
        ]


def _column(letters: str) -> int:
    column = 0
    for letter in letters:
        column = 26 * column + ord(letter) - 64
    return column - 1


def values(data: bytes) -> dict[str, list[list[Value]]]:
    """What every sheet holds, from A1 on."""
    book = CalamineWorkbook.from_filelike(BytesIO(data))
    return {
        name: book.get_sheet_by_name(name).to_python(skip_empty_area=False)  # type: ignore[misc]  # because dates are compared as they are
        for name in book.sheet_names
    }


def at(sheets: Mapping[str, list[list[Value]]], sheet: str, row: int, col: int) -> Value:
    rows = sheets[sheet]
    return rows[row][col] if row < len(rows) and col < len(rows[row]) else ""


def same(value: Value, other: Value) -> bool:
    if isinstance(value, float | int) and isinstance(other, float | int):
        return abs(value - other) < 1e-9
    return (value or "") == (other or "")


def differences(expected: bytes, made: bytes) -> list[str]:
    """The formulas that came to something else than their cached values say."""
    wanted, got = values(expected), values(made)
    return [
        f"{Address(sheet, row, col)}: {at(got, sheet, row, col)!r}, cached "
        f"{at(wanted, sheet, row, col)!r}"
        for sheet, cells in formulas(expected).items()
        for row, col in cells
        if not same(at(wanted, sheet, row, col), at(got, sheet, row, col))
    ]


def figures(form: Form, rng: random.Random, *, balanced: bool) -> dict[int, Number]:
    """Inputs of a whole return; ``balanced``: as many rules as can be are put right."""
    inputs: dict[int, Number] = {
        item.index: rng.randrange(60) if item.whole else Decimal(rng.randrange(10**4)) / 100
        for item in form.inputs()
    }
    for item in form.inputs():
        if item.signed and rng.random() < 0.3:
            inputs[item.index] = -inputs[item.index]
    for _ in range(3 if balanced else 0):
        for one in form.instances:
            if one.op != "==" or one.priors:
                continue
            weights = prepare(form).rules[one.index].weights
            constants = one.left.constant - one.right.constant
            off = sum((w * inputs[i] for i, w in weights.items()), start=Decimal(constants))
            for at, weight in weights.items():
                number = inputs[at] - off * weight
                if abs(weight) == 1 and number >= 0:
                    inputs[at] = tidy(Decimal(number))
                    break
    return inputs


def fresh(form: Form, rng: random.Random, number: int) -> Subject:
    """A unit whose workbook goes out; every second one has figures of last year."""
    priors: dict[int, Number] = {}
    if number % 2:
        priors = {i: rng.randrange(60) for i in form.priors if rng.random() < 0.8}
    unit = "" if number % 5 == 4 else "甲局"
    return Subject(year=2025, unit=unit, category=rng.choice(["", "工作机构"]), priors=priors)


def subject(form: Form, rng: random.Random, number: int) -> Subject:
    """A unit's workbook, filled in at random."""
    return filled(form, rng, number, fresh(form, rng, number))


def filled(form: Form, rng: random.Random, number: int, sent: Subject) -> Subject:
    """A workbook as it comes back, filled in at random."""
    inputs = figures(form, rng, balanced=number % 3 > 0)
    for item in rng.sample(sorted(inputs), rng.choice([0, 0, 0, 1, 5, len(inputs) // 2])):
        del inputs[item]
    said = ("统计口径调整", "机构撤并", "　", " ")
    explained = {form.key_of(one): rng.choice(said) for one in form.instances if rng.random() < 0.2}
    texts = {t.name: "一段文字\n又一段" for t in form.texts if rng.random() < 0.4}
    start = Start(
        figures=inputs,
        zero=rng.random() < 0.3,
        none=frozenset(t.key for t in form.tables if rng.random() < 0.1),
        texts=texts,
        explanations=explained,
        filler=rng.choice(["", "张三"]),
        phone=rng.choice(["", "0527-84390000"]),
        date=rng.choice(["", "2026-01-15", "2026-01-15"]),
    )
    return replace(sent, start=start)


def typed(layout: Layout, filled: Subject) -> dict[str, str]:
    """What a clerk types into the fresh workbook of a subject to get it filled in."""
    start, form = filled.start, layout.form
    assert start is not None
    cells: dict[str, str] = {}
    for item in form.inputs():
        number = start.figures.get(item.index)
        if number is not None or item.index in form.carried:
            cells[str(layout.address(item.index))] = "" if number is None else show(number)
    for name, text in ((FILLER, start.filler), (PHONE, start.phone), (DATE, start.date)):
        cells[str(field_cell(name))] = text
    cells[str(field_cell(ZERO))] = YES if start.zero else ""
    for row, table in enumerate(form.tables, PROGRESS_HEAD + 1):
        if table.key in start.none:
            cells[str(Address(COVER, row, NONE_COLUMN))] = YES
    for place in layout.texts:
        for row, line in enumerate(start.texts.get(place.text.name, "").split("\n"), place.first):
            cells[str(Address(TEXT_SHEET, row, 0))] = line
    for one in form.instances:
        if said := start.explanations.get(form.key_of(one)):
            cells[str(Address(CHECKS, CHECKS_TOP + one.index, WHY))] = said
    return {place: text for place, text in cells.items() if text or _carried(layout, place)}


def _carried(layout: Layout, place: str) -> bool:
    return place in {str(layout.address(i)) for i in layout.form.carried}


def correction(layout: Layout, sent: Subject, rng: random.Random) -> Subject:
    """A subject whose workbook goes back to be mended."""
    items = rng.sample([i.index for i in layout.form.inputs()], 3)
    cells = tuple(layout.address(i) for i in items)
    line = Issue(kind="更正", cells=cells, text="请核对。")
    return replace(
        sent,
        marks={layout.form.items[i].name: "请核对" for i in items},
        issues=Issues(lines=(line,), lost=(("表二B4", "3件"),)),
        answers=("0" * 64,),
    )
