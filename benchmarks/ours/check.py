"""Check two returns many times, and print the milliseconds of processor time of one check of each,
and how many findings each has.

python check.py CLEAN.xlsx WRONG.xlsx
"""

import sys
import time

import xltools
from xltools.checks.run import check
from xltools.layout.places import lay_out

TIMES = 300


def main() -> None:
    form = xltools.load_form("zfxxgk-2021")
    layout = lay_out(form)  # once for all returns, as collect does
    for path in sys.argv[1:]:
        ret = xltools.read_return(path, form)
        category = ret.identity.category if ret.identity else ""
        findings = check(layout, ret, category=category)
        start = time.process_time()
        for _ in range(TIMES):
            check(layout, ret, category=category)
        spent = (time.process_time() - start) / TIMES
        print(spent * 1000, sum(f.severity is not xltools.Severity.NOTE for f in findings))


if __name__ == "__main__":
    main()
