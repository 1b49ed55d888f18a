"""A `layout.Drawing` onto a sheet of XlsxWriter: sizes, headings and borders of a table.

What stands in the cells of the items is the caller's: a template writes inputs and totals there,
a summary its formulas.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from xltools.layout.drawing import Box, Drawing

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet


def draw(
    sheet: Worksheet,
    drawing: Drawing,
    style: Callable[[Box], Format],
    cell: Callable[[Box, Format], None],
    *,
    row: int = 0,
    col: int = 0,
) -> None:
    """Draw the boxes with the drawing's corner at ``row``, ``col``; set widths and heights.

    ``style`` gives the format of a box; ``cell`` writes the content of an item's box (whose
    ``row`` and ``col`` are those of the drawing) after its range has been merged.
    """
    for number, width in enumerate(drawing.widths, col):
        sheet.set_column_pixels(number, number, width)
    for number, height in enumerate(drawing.heights, row):
        sheet.set_row_pixels(number, height)
    for box in drawing.boxes:
        top, left, look = row + box.row, col + box.col, style(box)
        if box.height > 1 or box.width > 1:
            sheet.merge_range(top, left, top + box.height - 1, left + box.width - 1, "", look)
        if box.item is not None:
            cell(box, look)
        elif box.text:
            sheet.write_string(top, left, box.text, look)
        elif box.height == box.width == 1:
            sheet.write_blank(top, left, None, look)
