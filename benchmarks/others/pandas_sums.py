"""Add up the figures of all workbooks of a folder with pandas, and write the sums.

python pandas_sums.py TEMPLATE INBOX SUMS.xlsx [--calamine]
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from openpyxl import load_workbook

SHEETS = ["表二", "表三", "表四"]

template, inbox, out, *options = sys.argv[1:]

# The cells that units fill in are those that the blank template leaves unlocked.
book = load_workbook(template)
places = {
    name: tuple(
        np.array(
            [
                (cell.row - 1, cell.column - 1)
                for row in book[name].iter_rows()
                for cell in row
                if cell.row and cell.column and not cell.protection.locked
            ]
        ).T
    )
    for name in SHEETS
}
sums = {name: np.zeros(len(rows)) for name, (rows, _) in places.items()}

for path in sorted(Path(inbox).iterdir()):
    if "--calamine" in options:
        frames = pd.read_excel(path, sheet_name=SHEETS, header=None, engine="calamine")
    else:
        frames = pd.read_excel(path, sheet_name=SHEETS, header=None)
    for name, frame in frames.items():
        values = pd.to_numeric(frame.to_numpy(dtype=object)[places[name]], errors="coerce")
        sums[name] += np.nan_to_num(values)

with pd.ExcelWriter(out, engine="xlsxwriter") as writer:
    for name, totals in sums.items():
        rows, columns = places[name]
        frame = pd.DataFrame({"row": rows + 1, "column": columns + 1, "sum": totals})
        frame.to_excel(writer, sheet_name=name, header=False, index=False)
