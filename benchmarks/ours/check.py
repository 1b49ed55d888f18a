"""Check two returns many times, and print the milliseconds of processor time of one check of each,
and how many findings each has.

python check.py CLEAN.xlsx WRONG.xlsx
"""

import sys
import time

import xltools

TIMES = 100


def main() -> None:
    form = xltools.load_form("zfxxgk-2021")
    for path in sys.argv[1:]:
        ret = xltools.read_return(path, form)
        unit = xltools.Unit(name=ret.unit, category=ret.identity.category if ret.identity else None)
        findings = xltools.check(form, ret, unit=unit)
        start = time.process_time()
        for _ in range(TIMES):
            xltools.check(form, ret, unit=unit)
        spent = (time.process_time() - start) / TIMES
        print(spent * 1000, sum(f.severity is not xltools.Severity.NOTE for f in findings))


if __name__ == "__main__":
    main()
