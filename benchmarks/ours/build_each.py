"""Build the templates of the first units of a roster one by one, and print the processor seconds
of one.

python build_each.py ROSTER YEAR FOLDER COUNT [--previous]

With --previous, each carries figures of last year, which cost no time here.
"""

import sys
import time
from pathlib import Path

import xltools
from xltools.ledgers.roster import load


def main() -> None:
    roster, year, folder, count, *options = sys.argv[1:]
    form = xltools.load_form("zfxxgk-2021")
    units = load(Path(roster)).units[: int(count)]
    figures = {item.name: 7 for item in form.inputs()} if options else None
    start = time.process_time()
    for unit in units:
        data = xltools.build_template(form, unit, int(year), previous=figures, password="benchmark")
        Path(folder, f"{unit.name}.xlsx").write_bytes(data)
    print((time.process_time() - start) / len(units))


if __name__ == "__main__":
    main()
