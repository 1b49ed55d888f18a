"""Tables with more figures than the form asks for, drawn in the ways in which people add them."""

from __future__ import annotations

import html
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import xlsxwriter

from support.filled import LAYOUT, published
from xltools.layout.geometry import Box, Role
from xltools.layout.places import Layout, TableLayout
from xltools.model.numbers import Number, show

NAMES = {i.index: i.name for i in LAYOUT.form.items}
THIS = {i: published("suqian_shi_2024").figures[n] or 0 for i, n in NAMES.items()}
LAST = {i: published("suqian_shi_2023").figures[n] or 0 for i, n in NAMES.items()}

Figures = Mapping[int, Number]


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A cell or merged range with what is printed in it: a text or a number."""

    row: int
    col: int
    value: str | Number
    height: int = 1
    width: int = 1
    share: bool = False  # shown as a percentage


Table = list[Cell]


def table(one: TableLayout, figures: Figures = THIS) -> Table:
    """A table as the form has it."""
    return [_cell(b, figures) for b in one.drawing.boxes]


def _cell(box: Box, figures: Figures) -> Cell:
    value: str | Number = box.text.replace("\n", "") if box.item is None else figures[box.item]
    return Cell(row=box.row, col=box.col, value=value, height=box.height, width=box.width)


def _last_heads(one: TableLayout) -> set[int]:
    """The rows with the lowest headings of each block."""
    heads = [b for b in one.drawing.boxes if b.role is Role.SPANNER]
    ends = {b.row + b.height for b in heads}
    items = {b.row for b in one.drawing.boxes if b.item is not None}
    return {e - 1 for e in ends if e in items}


def below_headings(
    one: TableLayout,
    words: Sequence[str] = ("上年数", "本年数"),
    figures: Sequence[Figures] = (LAST, THIS),
) -> Table:
    """Under each heading a column for each of ``words``; without words, a blank row there."""
    stubs, count = one.drawing.stubs, len(figures)
    ends = sorted(_last_heads(one))
    made: Table = []

    def down(row: int) -> int:
        return row + sum(e < row for e in ends)

    for b in one.drawing.boxes:
        col = b.col if b.col < stubs else stubs + (b.col - stubs) * count
        end = b.col + b.width
        width = (end if end <= stubs else stubs + (end - stubs) * count) - col
        if b.item is None:
            height = down(b.row + b.height - 1) - down(b.row) + 1
            height += b.role is Role.CORNER and b.row + b.height - 1 in ends
            made.append(
                replace(_cell(b, THIS), row=down(b.row), col=col, height=height, width=width)
            )
            if b.role is Role.SPANNER and b.row + b.height - 1 in ends and words:
                for n, word in enumerate(words):
                    made.append(
                        Cell(
                            row=down(b.row + b.height - 1) + 1,
                            col=col + n * b.width,
                            width=b.width,
                            value=word,
                        )
                    )
            continue
        for n, own in enumerate(figures):
            made.append(
                replace(_cell(b, own), row=down(b.row), col=col + n * b.width, width=b.width)
            )
    return made


def blocks_of_columns(
    one: TableLayout,
    words: Sequence[str] = ("2024年", "2025年"),
    figures: Sequence[Figures] = (LAST, THIS),
) -> Table:
    """All columns of figures again for each of ``words``, which stand over them."""
    stubs, wide = one.drawing.stubs, len(one.drawing.widths)
    made: Table = []
    for b in one.drawing.boxes:
        if b.col < stubs or b.role is Role.BLOCK or b.role is Role.TITLE:
            made.append(
                replace(_cell(b, THIS), row=b.row + 1 if b.row else 0, width=min(b.width, wide))
            )
            continue
        for n, own in enumerate(figures):
            made.append(replace(_cell(b, own), row=b.row + 1, col=b.col + n * (wide - stubs)))
    for n, word in enumerate(words):
        made.append(Cell(row=1, col=stubs + n * (wide - stubs), width=wide - stubs, value=word))
    return made


def beside_labels(
    one: TableLayout,
    words: Sequence[str] = ("上年", "本年"),
    figures: Sequence[Figures] = (LAST, THIS),
) -> Table:
    """For each label a row for each of ``words``, which stand in a column of their own; without
    words there is no such column.
    """
    stubs, count = one.drawing.stubs, len(figures)
    shift = 1 if words else 0
    items = sorted({b.row for b in one.drawing.boxes if b.item is not None})
    made: Table = []

    def down(row: int) -> int:
        return row + (count - 1) * sum(r < row for r in items)

    for b in one.drawing.boxes:
        right = b.col + (shift if b.col >= stubs else 0)
        top, bottom = down(b.row), down(b.row + b.height)
        width = b.width + (shift if b.col < stubs < b.col + b.width else 0)
        if b.item is None:
            cell = replace(_cell(b, THIS), row=top, col=right, height=bottom - top, width=width)
            made.append(cell)
        else:
            for n, own in enumerate(figures):
                made.append(replace(_cell(b, own), row=top + n, col=right))
    if words:
        for row in items:
            for n, word in enumerate(words):
                made.append(Cell(row=down(row) + n, col=stubs, value=word))
    return made


def stacked(
    one: TableLayout,
    words: Sequence[str] = ("2024年", "2025年"),
    figures: Sequence[Figures] = (LAST, THIS),
) -> Table:
    """The whole table for each of ``words``, one below the other, each under its words."""
    made: Table = []
    for word, own in zip(words, figures, strict=True):
        top = max((c.row + c.height for c in made), default=0)
        made.append(Cell(row=top, col=0, value=word, width=len(one.drawing.widths)))
        made += [replace(c, row=c.row + top + 1) for c in table(one, own)]
    return made


def with_column(
    one: TableLayout,
    heading: str,
    value: Callable[[int, int], str | Number],
    *,
    share: bool = False,
) -> Table:
    """One more column on the right, with a heading; its figures by number and row of the line."""
    right = len(one.drawing.widths)
    made = [replace(c) for c in table(one)]
    items = sorted({b.row for b in one.drawing.boxes if b.item is not None})
    heads = [b for b in one.drawing.boxes if b.role is Role.SPANNER]
    if heading:
        made.append(Cell(row=min(b.row for b in heads), col=right, value=heading))
    for n, row in enumerate(items):
        made.append(Cell(row=row, col=right, value=value(n, row), share=share))
    return made


def with_left_column(one: TableLayout, heading: str, value: Callable[[int], str | Number]) -> Table:
    """One more column on the left, as line numbers and codes stand there."""
    made = [replace(c, col=c.col + 1) for c in table(one)]
    items = sorted({b.row for b in one.drawing.boxes if b.item is not None})
    first = min(b.row for b in one.drawing.boxes if b.role is Role.SPANNER)
    if heading:
        made.append(Cell(row=first, col=0, value=heading))
    return [*made, *(Cell(row=row, col=0, value=value(n)) for n, row in enumerate(items))]


def with_row(one: TableLayout, row: int, label: str, value: Callable[[int], str | Number]) -> Table:
    """One more row at a place, with a label, and a figure in each column of figures there."""
    made = [replace(c, row=c.row + (c.row >= row)) for c in table(one)]
    near = max(b.row for b in one.drawing.boxes if b.item is not None and b.row <= max(row, 4))
    columns = [b.col for b in one.drawing.boxes if b.item is not None and b.row == near]
    if label:
        made.append(Cell(row=row, col=0, value=label))
    return [*made, *(Cell(row=row, col=c, value=value(n)) for n, c in enumerate(columns))]


@dataclass(frozen=True, kw_only=True)
class Report:
    """A report of the year 2025: its tables as drawn."""

    tables: Sequence[Table]
    title: str = "甲局2025年政府信息公开工作年度报告"


def report(draw: Callable[[TableLayout], Table], *only: str, layout: Layout = LAYOUT) -> Report:
    """All tables of the form, those named (all, where none is) drawn by a function."""
    return Report(
        tables=[
            draw(one) if one.table.key in only or not only else table(one) for one in layout.tables
        ]
    )


def _size(cells: Table) -> tuple[int, int]:
    return max(c.row + c.height for c in cells), max(c.col + c.width for c in cells)


def _shown(cell: Cell) -> str:
    if isinstance(cell.value, str):
        return cell.value
    return f"{cell.value * 100}%" if cell.share else show(cell.value)


def xlsx(made: Report) -> bytes:
    """A workbook of one's own: a sheet a table, the report's title above each."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    share = book.add_format({"num_format": "0.0%"})
    for n, cells in enumerate(made.tables, 1):
        sheet = book.add_worksheet(f"Sheet{n}")
        sheet.write_string(0, 0, made.title)
        for c in cells:
            look = share if c.share else None
            if c.width * c.height > 1:
                sheet.merge_range(
                    c.row + 1, c.col, c.row + c.height, c.col + c.width - 1, None, look
                )
            if isinstance(c.value, str):
                sheet.write_string(c.row + 1, c.col, c.value)
            else:
                sheet.write_number(c.row + 1, c.col, float(c.value), look)
    book.close()
    return out.getvalue()


def _grid(cells: Table) -> tuple[dict[tuple[int, int], Cell], set[tuple[int, int]], int, int]:
    starts = {(c.row, c.col): c for c in cells}
    covered = {
        (r, k)
        for c in cells
        for r in range(c.row, c.row + c.height)
        for k in range(c.col, c.col + c.width)
    }
    return starts, covered, *_size(cells)


def page(made: Report) -> bytes:
    """A web page."""
    lines = ["<!DOCTYPE html><html><head><meta charset=utf-8></head><body>"]
    lines += [f"<h2>{made.title}</h2>", *(f"<p>{line}</p>" for line in _prose())]
    for cells in made.tables:
        starts, covered, high, wide = _grid(cells)
        lines.append("<table border=1>")
        for r in range(high):
            row = ""
            for k in range(wide):
                cell = starts.get((r, k))
                if cell is not None:
                    spans = f' colspan="{cell.width}" rowspan="{cell.height}"'
                    row += f"<td{spans}>{html.escape(_shown(cell))}</td>"
                elif (r, k) not in covered:
                    row += "<td>&nbsp;</td>"
            lines.append(f"<tr>{row}</tr>")
        lines.append("</table>")
    return "\n".join([*lines, "</body></html>"]).encode()


def word(made: Report) -> bytes:
    """A Word document."""
    import docx

    paper = docx.Document()
    for line in (made.title, *_prose()):
        paper.add_paragraph(line)
    for cells in made.tables:
        drawn = paper.add_table(rows=0, cols=_size(cells)[1], style="Table Grid")
        for row in _word_rows(cells):
            drawn._tbl.append(row)
        paper.add_paragraph("")
    out = io.BytesIO()
    paper.save(out)
    return out.getvalue()


def _word_rows(cells: Table) -> Iterator[Any]:
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls

    starts, _, high, wide = _grid(cells)
    covers = {(r, c.col): c for c in cells for r in range(c.row + 1, c.row + c.height)}
    for r in range(high):
        row, k = "", 0
        while k < wide:
            below = covers.get((r, k))
            cell = starts.get((r, k)) or below or Cell(row=r, col=k, value="")
            merge = "<w:vMerge/>" if below else '<w:vMerge w:val="restart"/>'
            about = f'<w:gridSpan w:val="{cell.width}"/>' + merge * (cell.height > 1)
            said = "" if below else html.escape(_shown(cell))
            row += f"<w:tc><w:tcPr>{about}</w:tcPr><w:p><w:r><w:t>{said}</w:t></w:r></w:p></w:tc>"
            k += cell.width
        yield parse_xml(f"<w:tr {nsdecls('w')}>{row}</w:tr>")


def text(made: Report) -> bytes:
    """Text as a browser copies it: fields between tabs, a merged cell but once."""
    lines = [made.title, *_prose()]
    for cells in made.tables:
        starts, covered, high, wide = _grid(cells)
        for r in range(high):
            row = []
            for k in range(wide):
                cell = starts.get((r, k))
                if cell is not None or (r, k) not in covered:
                    row.append("" if cell is None else _shown(cell))
            lines.append("\t".join(row))
    return "\n".join(lines).encode()


def _prose() -> list[str]:
    parts = [p.title for p in LAYOUT.form.parts]
    return [x for title in parts[:1] for x in (title, "本年度按规定开展政府信息公开工作，" * 8)]


FORMATS: dict[str, Callable[[Report], bytes]] = {
    "xlsx": xlsx, "html": page, "docx": word, "text": text,
}  # fmt: skip
