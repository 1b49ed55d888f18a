"""A workbook as sorted lines of text: what a review reads, and what tests compare."""

from io import BytesIO
from typing import Any

from openpyxl import load_workbook


def dump(data: bytes) -> str:
    """Each sheet's cells (value or formula, lock, number format), merges, validations, formats,
    protection and print set-up, one a line."""
    book = load_workbook(BytesIO(data))
    lines = [f"workbook locked={bool(book.security and book.security.lockStructure)}"]
    for sheet in book.worksheets:
        lines.append(
            f"sheet {sheet.title} {sheet.sheet_state} protected={sheet.protection.sheet} "
            f"columns={sheet.protection.formatColumns} paper={sheet.page_setup.paperSize} "
            f"{sheet.page_setup.orientation} area={sheet.print_area}"
        )
        lines += [
            _cell(sheet.title, cell) for row in sheet.iter_rows() for cell in row if _odd(cell)
        ]
        lines += sorted(f"{sheet.title} merge {m}" for m in sheet.merged_cells.ranges)
        lines += sorted(
            f"{sheet.title} validation {v.sqref} {v.type} {v.operator} {v.formula1} {v.formula2} "
            f"{v.promptTitle!r} {v.prompt!r} {v.error!r}"
            for v in sheet.data_validations.dataValidation
        )
        lines += sorted(
            f"{sheet.title} format {area.sqref} {rule.type} {rule.formula}"
            for area in sheet.conditional_formatting
            for rule in area.rules
        )
    return "\n".join(lines) + "\n"


def _odd(cell: Any) -> bool:
    return cell.value is not None or (cell.has_style and not cell.protection.locked)


def _cell(sheet: str, cell: Any) -> str:
    value = getattr(cell.value, "text", cell.value)
    lock = "locked" if cell.protection.locked else "open"
    return f"{sheet}!{cell.coordinate} {value!r} {lock} {cell.number_format}"
