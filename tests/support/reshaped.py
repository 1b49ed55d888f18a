"""Tables of the form as people reshape them: rows dropped, joined or split, headings changed."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

import openpyxl

from support import written
from support.filled import FORM, LAYOUT
from support.written import Written
from xltools.layout.geometry import Box, Drawing, Role
from xltools.layout.places import Layout, TableLayout
from xltools.model.numbers import Number, show

Reshape = Callable[[TableLayout], Drawing]
SIXTH = "（六）其他处理"


def reshaped(report: Written, change: Mapping[str, Reshape]) -> Written:
    """A report with some of its tables, by key, of another shape."""
    tables = tuple(
        replace(one, drawing=change[one.table.key](one)) if one.table.key in change else one
        for one in LAYOUT.tables
    )
    layout: Layout = replace(LAYOUT, tables=tables)
    return replace(report, layout=layout)


def without_rows(drawing: Drawing, gone: set[int]) -> Drawing:
    """A drawing without some rows; what reaches over them is as much lower."""
    kept = [r for r in range(len(drawing.heights)) if r not in gone]
    boxes = []
    for box in drawing.boxes:
        rows = [r for r in range(box.row, box.row + box.height) if r in kept]
        if rows:
            boxes.append(replace(box, row=kept.index(rows[0]), height=len(rows)))
    return replace(drawing, boxes=tuple(boxes), heights=tuple(drawing.heights[r] for r in kept))


def untitled(one: TableLayout) -> Drawing:
    """A table without the titles of its blocks."""
    return without_rows(one.drawing, {b.row for b in one.drawing.boxes if b.role is Role.BLOCK})


def without_headings(one: TableLayout) -> Drawing:
    """A table with the headings of its first block alone, without the titles of blocks."""
    heads = {b.row for b in one.drawing.boxes if b.role in (Role.SPANNER, Role.CORNER)}
    titles = {b.row for b in one.drawing.boxes if b.role is Role.BLOCK}
    return without_rows(one.drawing, titles | (heads - {min(heads)}))


def broken(one: TableLayout) -> Drawing:
    """A table whose lowest headings are broken in two over two rows of cells."""
    boxes: list[Box] = []
    extra = 0
    rows = range(len(one.drawing.heights))
    heads = [b for b in one.drawing.boxes if b.role is Role.SPANNER]
    lowest = {b.row + b.height - 1 for b in heads} - {b.row - 1 for b in heads}
    heights: list[int] = []
    for row in rows:
        heights.append(one.drawing.heights[row])
        for box in (b for b in one.drawing.boxes if b.row == row):
            boxes.append(replace(box, row=row + extra))
        if row in lowest:
            extra += 1
            heights.append(one.drawing.heights[row])
            for at, box in enumerate(boxes):
                if box.row + box.height == row + extra and box.role in (Role.SPANNER, Role.CORNER):
                    bare = box.text.replace("\n", "")
                    half = (len(bare) + 1) // 2
                    if box.role is Role.SPANNER and 3 < len(bare) < 10:
                        boxes[at] = replace(box, text=bare[:half])
                        boxes.append(replace(box, row=row + extra, height=1, text=bare[half:]))
                    else:
                        boxes[at] = replace(box, height=box.height + 1)
    return replace(one.drawing, boxes=tuple(boxes), heights=tuple(heights))


def collapsed(*figures: Number | str, label: str = SIXTH) -> Reshape:
    """A table in which a group of rows is one row with these figures."""

    def change(one: TableLayout) -> Drawing:
        group = next(b for b in one.drawing.boxes if b.text == label)
        drawing = without_rows(one.drawing, set(range(group.row + 1, group.row + group.height)))
        wide = one.drawing.stubs - group.col
        boxes = [
            b
            for b in drawing.boxes
            if b.row != group.row or not (b.item is not None or b.role is Role.STUB)
            or b.col < group.col
        ]  # fmt: skip
        boxes.append(replace(group, width=wide, height=1))
        places = [b.col for b in one.drawing.boxes if b.row == group.row and b.item is not None]
        boxes += [
            Box(
                row=group.row, col=col, height=1, width=1, role=Role.INPUT,
                text=value if isinstance(value, str) else show(value),
            )
            for col, value in zip(sorted(places), figures, strict=True)
        ]  # fmt: skip
        return replace(drawing, boxes=tuple(boxes))

    return change


def leaves(label: str = SIXTH) -> list[str]:
    """The items of the rows of a group, by name, row by row."""
    return [i.name for i in FORM.items if i.table == "t3" and label in i.rows]


def workbook(report: Written) -> bytes:
    """A workbook of somebody's own: every table on a sheet, merged as it is drawn."""
    made = openpyxl.Workbook()
    assert made.active is not None
    made.remove(made.active)
    for number, one in enumerate(report.layout.tables, 1):
        sheet = made.create_sheet(f"统计{number}")
        sheet.cell(1, 1, report.title[-1])
        sheet.cell(2, 1, one.table.title)
        for box in report.boxes(one):
            figure = report.figures[box.item] if box.item is not None else None
            value: float | str | None = box.text or None
            if isinstance(figure, (int, Decimal)) or box.text.isdigit():
                value = float(box.text)
            at = {
                "start_row": box.row + 3, "end_row": box.row + 2 + box.height,
                "start_column": box.col + 1, "end_column": box.col + box.width,
            }  # fmt: skip
            sheet.cell(box.row + 3, box.col + 1, value)
            if box.height * box.width > 1:
                sheet.merge_cells(**at)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def piped(report: Written) -> str:
    """Text with a cell a line, each before a bar, and bars alone for what a row has left."""
    return _lines(report, lambda text: f"{text} |", "||")


def barred(report: Written) -> str:
    """Text with a cell a line, each behind a bar of full width."""
    return _lines(report, lambda text: f"｜{text}", "")


def _lines(report: Written, cell: Callable[[str], str], end: str) -> str:
    def table(rows: Sequence[Sequence[str]]) -> list[str]:
        return [line for row in rows for line in (*map(cell, row), end)]

    return written.text(report, table, once=True)


FORMATS: dict[str, Callable[[Written], bytes | str]] = {
    "workbook": workbook,
    "word": written.word,
    "page": written.page,
    "listed": written.listed,
    "tabbed": written.tabbed,
    "bare": written.bare,
    "markdown": written.markdown,
    "piped": piped,
    "barred": barred,
}
