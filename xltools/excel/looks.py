"""How cells look, and small things that every sheet of the workbook shares."""

from typing import Any

from xltools.layout.drawing import Box, Role, lines
from xltools.model.cells import Address

PALE, GREY, RED, AMBER = "#FFFFE5", "#EDEDED", "#FFB3B3", "#FFE699"
MARK: dict[str, object] = {"bg_color": "#FFD8A8", "border": 2, "border_color": "#E8590C"}
"""A cell that somebody has to look at; its frame shows under the red of a balance check too."""
DIFFERENCE = '"差"0;"差"-0;"平衡";@'
DIFFERENCE_AMOUNT = '"差"0.00####;"差"-0.00####;"平衡";@'


def look_of(box: Box, stubs: int) -> dict[str, object]:
    """How a printed box looks in a table with that many columns of stubs."""
    if box.role is Role.TITLE:
        return {"font_name": "黑体", "font_size": 15}
    look: dict[str, object] = {"border": 1, "text_wrap": True, "align": "center"}
    if box.role is Role.STUB and stubs > 1 and (box.width > 1 or box.col):
        look["align"] = "left"
    if box.role is Role.BLOCK:
        look["bold"] = True
    return look


def span(sheet: Any, box: Box, look: Any) -> None:
    """Merge a box's cells, blank; a single cell is left alone."""
    if box.height > 1 or box.width > 1:
        last = box.row + box.height - 1, box.col + box.width - 1
        sheet.merge_range(box.row, box.col, *last, "", look)


def link_to(address: Address) -> str:
    """An internal link to a cell."""
    return f"internal:'{address.sheet}'!{address.a1}"


def annotate(sheet: Any, row: int, col: int, note: str) -> None:
    """A comment at a cell, as large as its text; nothing without a note."""
    if note:
        options = {
            "author": "汇总核对", "font_name": "宋体", "font_size": 9, "color": "#FFF4E6",
            "width": 250, "height": 12 + 17 * min(20, lines(note, 250)),
        }  # fmt: skip
        sheet.write_comment(row, col, note[:2000], options)
