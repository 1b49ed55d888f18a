"""Add up the figures of all workbooks of a folder with openpyxl, and write the sums.

python openpyxl_sums.py TEMPLATE INBOX SUMS.xlsx [--read-only]
"""

import sys
from pathlib import Path

from openpyxl import Workbook, load_workbook

SHEETS = ["表二", "表三", "表四"]

template, inbox, out, *options = sys.argv[1:]
read_only = "--read-only" in options

# The cells that units fill in are those that the blank template leaves unlocked.
book = load_workbook(template)
sums = {
    name: {
        (cell.row, cell.column): 0.0
        for row in book[name].iter_rows()
        for cell in row
        if cell.row and cell.column and not cell.protection.locked
    }
    for name in SHEETS
}

for path in sorted(Path(inbox).iterdir()):
    book = load_workbook(path, read_only=read_only)
    for name, totals in sums.items():
        last_row, last_column = max(row for row, _ in totals), max(col for _, col in totals)
        # Row by row, as a read-only sheet is parsed anew for each cell that is asked for by itself.
        rows = book[name].iter_rows(max_row=last_row, max_col=last_column, values_only=True)
        values = list(rows)
        for row, column in totals:
            value = values[row - 1][column - 1]
            if isinstance(value, int | float):
                totals[row, column] += value
    book.close()

result = Workbook(write_only=True)
for name, totals in sums.items():
    sheet = result.create_sheet(name)
    for (row, column), total in totals.items():
        sheet.append([row, column, total])
result.save(out)
