"""How cells look, and small things that every sheet of the workbook shares."""

from typing import Any

from xltools.cells import Address
from xltools.drawing import Box, Role

PALE, GREY, RED = "#FFFFE5", "#EDEDED", "#FFB3B3"
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
