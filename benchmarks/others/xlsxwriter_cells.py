"""Write the cells of a workbook anew with XlsxWriter in constant_memory mode, and print the
processor seconds that writing took.

python xlsxwriter_cells.py WORKBOOK OUT.xlsx
"""

import sys
import time
from datetime import datetime

import xlsxwriter
from python_calamine import CalamineWorkbook

source, out = sys.argv[1:]
book = CalamineWorkbook.from_path(source)
sheets = {
    name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names
}
start = time.process_time()
with xlsxwriter.Workbook(out, {"constant_memory": True}) as result:
    moment = result.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    for name, rows in sheets.items():
        sheet = result.add_worksheet(name)
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                if isinstance(value, str):
                    if value:
                        sheet.write_string(number, column, value)
                elif isinstance(value, datetime):
                    sheet.write_datetime(number, column, value, moment)
                elif isinstance(value, int | float):
                    sheet.write_number(number, column, value)
print(time.process_time() - start)
