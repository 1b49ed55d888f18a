"""Read, check and merge an inbox; no summary is written.

python collect.py INBOX ROSTER YEAR WORKERS
"""

import sys

import xltools

if __name__ == "__main__":
    inbox, roster, year, workers = sys.argv[1:]
    form = xltools.load_form("zfxxgk-2021")
    summary = xltools.collect(inbox, form, roster, year=int(year), workers=int(workers))
    print(len(summary.entries))
