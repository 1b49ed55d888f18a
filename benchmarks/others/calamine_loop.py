"""Open all workbooks of a folder with python-calamine and read every sheet, or all but some.

python calamine_loop.py INBOX [SHEET ...]
"""

import sys
from pathlib import Path

from python_calamine import CalamineWorkbook

inbox, *left_out = sys.argv[1:]
for path in sorted(Path(inbox).iterdir()):
    book = CalamineWorkbook.from_path(str(path))
    for name in book.sheet_names:
        if name not in left_out:
            book.get_sheet_by_name(name).to_python(skip_empty_area=False)
