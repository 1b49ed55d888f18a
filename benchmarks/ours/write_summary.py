"""Read, check and merge an inbox, write the summary, and print the processor seconds that only
writing took.

python write_summary.py INBOX ROSTER YEAR OUT.xlsx
"""

import os
import sys

import xltools


def processor() -> float:
    """Of this process and of the workers that have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


if __name__ == "__main__":
    inbox, roster, year, out = sys.argv[1:]
    form = xltools.load_form("zfxxgk-2021")
    summary = xltools.collect(inbox, form, roster, year=int(year))
    start = processor()
    xltools.write_summary(summary, out)
    print(processor() - start)
