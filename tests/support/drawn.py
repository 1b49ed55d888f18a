"""A return drawn straight from the layout: what the reader and the matcher are tried on."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path

import xlsxwriter

from xltools.layout.geometry import Role
from xltools.layout.places import TEXT_SHEET, Layout, TableLayout, compose
from xltools.model import formula
from xltools.model.identity import (
    CHECKS,
    CHECKS_TOP,
    CODE,
    COVER,
    DIFFERENCE,
    EXPLANATION,
    FIELD_COLUMN,
    FIELDS,
    IDENTITY,
    LEFT,
    NONE,
    NONE_COLUMN,
    NUMBER,
    PRINT,
    PROGRESS_HEAD,
    RIGHT,
    SAYS,
    STATE,
    VALUE_COLUMN,
    WHERE,
    WHY,
    YES,
)
from xltools.model.numbers import Number

Figure = Number | float | str | bool | None


def draw(
    layout: Layout,
    path: Path,
    figures: Mapping[int, Figure],
    *,
    fields: Mapping[str, str | int] | None = None,
    none: frozenset[str] = frozenset(),
    texts: Mapping[str, str] | None = None,
    explanations: Mapping[str, str] | None = None,
    priors: Mapping[str, int] | None = None,
    identity: Mapping[str, str | int] | None = None,
    full: bool = True,
) -> Path:
    """Write a return; totals are formulas with their results. ``full``: the sheets beside the
    tables too. ``explanations`` by CODE@item."""
    book = xlsxwriter.Workbook(str(path))
    if full:
        _cover(book, layout, fields or {}, none)
    for one in layout.tables:
        _table(book, layout, one, figures)
    if full:
        _texts(book, layout, texts or {})
        _checks(book, layout, explanations or {})
        _print(book, layout, figures)
        who = {
            "kind": "return",
            "form": layout.form.form,
            "edition": layout.form.edition,
            "unit": "硚口区教育局",
            "code": "01",
            "year": 2025,
            "version": "0.1.0",
            **(identity or {}),
        }
        hidden = book.add_worksheet(IDENTITY)
        hidden.hide()
        rows = [*who.items(), *((f"prior.{k}", v) for k, v in (priors or {}).items())]
        for row, (key, value) in enumerate(rows):
            hidden.write(row, 0, key)
            hidden.write(row, 1, value)
    book.close()
    return path


def total(layout: Layout, item: int, figures: Mapping[int, Figure]) -> float:
    """What the formula of a total gives."""
    own = layout.form.items[item].formula
    if own is None:
        value = figures.get(item)
        return float(value) if value is not None and not isinstance(value, str) else 0.0
    return sum(o.sign * total(layout, o.item, figures) for o in own.operands)


def _cover(
    book: xlsxwriter.Workbook,
    layout: Layout,
    fields: Mapping[str, str | int],
    none: frozenset[str],
) -> None:
    sheet = book.add_worksheet(COVER)
    sheet.write(0, 1, layout.form.title)
    for label, row in FIELDS.items():
        sheet.write(row, FIELD_COLUMN, label)
        sheet.write(row, VALUE_COLUMN, fields.get(label))
    sheet.write_row(PROGRESS_HEAD, 1, ["统计表", NONE, "已填", "状态"])
    for at, one in enumerate(layout.tables, PROGRESS_HEAD + 1):
        sheet.write_url(at, 1, f"internal:'{one.sheet}'!A1", string=one.table.title)
        sheet.write(at, NONE_COLUMN, YES if one.table.key in none else None)
        sheet.write_formula(at, 3, f"COUNT('{one.sheet}'!A1:Z99)", None, 0)


def _table(
    book: xlsxwriter.Workbook, layout: Layout, one: TableLayout, figures: Mapping[int, Figure]
) -> None:
    sheet = book.add_worksheet(one.sheet)
    paint(book, sheet, layout, one, figures, 0, 0)
    for col in range(len(one.drawing.widths)):
        sheet.write_formula(one.foot, col, f"SUM({'ABCDEFGHIJKLMNO'[col]}5)", None, 0)


def paint(
    book: xlsxwriter.Workbook,
    sheet: xlsxwriter.worksheet.Worksheet,
    layout: Layout,
    one: TableLayout,
    figures: Mapping[int, Figure],
    top: int,
    left: int,
    *,
    merged: bool = True,
    formulas: bool = True,
) -> None:
    """Draw one table with its top left corner at a cell."""
    plain = book.add_format()
    for box in one.drawing.boxes:
        row, col = top + box.row, left + box.col
        if box.item is None:
            if merged and box.height * box.width > 1:
                sheet.merge_range(
                    row, col, row + box.height - 1, col + box.width - 1, box.text, plain
                )
            else:
                sheet.write_string(row, col, box.text)
            continue
        if box.width > 1 and merged:
            sheet.merge_range(row, col, row, col + box.width - 1, None, plain)
        own = layout.form.items[box.item].formula
        value = figures.get(box.item)
        if box.role is Role.TOTAL and box.item not in figures:
            result = total(layout, box.item, figures)
            if formulas and own is not None:
                text = formula.excel_sum(own, lambda o: layout.address(o.item), one.sheet)
                sheet.write_formula(row, col, text, plain, result)
            else:
                sheet.write_number(row, col, result)
        elif isinstance(value, bool):
            sheet.write_boolean(row, col, value)
        elif isinstance(value, str) and value.startswith("="):
            shown, _, result_text = value.partition("|")
            cached: str | float = result_text
            with contextlib.suppress(ValueError):
                cached = float(result_text)
            sheet.write_formula(row, col, shown, plain, cached)
        elif isinstance(value, str):
            sheet.write_string(row, col, value)
        elif value is not None:
            sheet.write_number(row, col, float(value))
        else:
            sheet.write_blank(row, col, None, plain)


def _texts(book: xlsxwriter.Workbook, layout: Layout, texts: Mapping[str, str]) -> None:
    sheet = book.add_worksheet(TEXT_SHEET)
    for title in layout.titles:
        sheet.write_string(title.row, 0, title.part.title)
    for place in layout.texts:
        sheet.write_string(place.heading, 0, place.text.label)
        for at, line in enumerate(texts.get(place.text.name, "").split("\n")):
            sheet.write_string(place.first + at, 0, line)


def _checks(book: xlsxwriter.Workbook, layout: Layout, explanations: Mapping[str, str]) -> None:
    sheet = book.add_worksheet(CHECKS)
    sheet.write_string(CHECKS_TOP - 1, WHY, EXPLANATION)
    for at, one in enumerate(layout.form.instances):
        row, item = CHECKS_TOP + at, layout.form.items[one.anchor]
        sheet.write_number(row, NUMBER, at + 1)
        sheet.write_string(row, CODE, one.rule.code)
        sheet.write_string(row, SAYS, one.rule.message)
        sheet.write_string(row, WHERE, item.path)
        for col in (LEFT, RIGHT, DIFFERENCE):
            sheet.write_formula(row, col, layout.address(one.anchor).full + "+0", None, 0)
        sheet.write_formula(row, STATE, 'IF(G4=0,"平衡","差")', None, "平衡")
        sheet.write(row, WHY, explanations.get(f"{one.rule.code}@{item.name}"))


def _print(book: xlsxwriter.Workbook, layout: Layout, figures: Mapping[int, Figure]) -> None:
    sheet = book.add_worksheet(PRINT)
    drawn = compose(layout, top=2)
    for box in drawn.drawing.boxes:
        if box.item is None:
            sheet.write_string(box.row, box.col, box.text)
        else:
            result = total(layout, box.item, figures)
            sheet.write_formula(box.row, box.col, layout.address(box.item).full, None, result)
