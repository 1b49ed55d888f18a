"""The remarks that people typed into 报送情况 of a summary, read back before it is replaced."""

from pathlib import Path

from xltools.model.cells import Grid
from xltools.model.roster import clean, key
from xltools.output.plan import STANDING
from xltools.readers.workbook import open_book

REMARK, UNIT = "备注", "单位名称"
_WITHIN = 15  # rows: the user may have put lines above the headings


def remarks_of(path: Path) -> dict[str, str]:
    """The remarks by unit, wherever its line stands; empty where there is no such sheet.

    Raises ReadError when the workbook cannot be read.
    """
    book = open_book(path)
    if STANDING not in book.names:
        return {}
    grid = book.values(STANDING)
    for head in range(min(_WITHIN, len(grid.rows))):
        labels = [key(grid.text(head, col)) for col in range(len(grid.rows[head]))]
        if UNIT in labels and REMARK in labels:
            return _below(grid, head, labels.index(UNIT), labels.index(REMARK))
    return {}


def _below(grid: Grid, head: int, unit: int, remark: int) -> dict[str, str]:
    found: dict[str, str] = {}
    for row in range(head + 1, len(grid.rows)):
        name, said = clean(grid.text(row, unit)), grid.text(row, remark)
        if name and said:
            found[name] = f"{found[name]}\n{said}" if name in found else said
    return found
