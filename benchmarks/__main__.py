"""Measure all lines and write RESULTS.md with its plots: ``python -m benchmarks``, `make bench`."""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import plots
from benchmarks.lines import LINES, Setup, growth
from benchmarks.measure import run, xltools
from benchmarks.results import PAGE, Results, key_of, page, ratio


def main() -> None:
    """Measure what is not measured yet, keep it, and write the page."""
    given = _arguments()
    counts = {"count": given.count, "fewer": min(given.fewer, given.count)}
    results = Results.load()
    keys = given.only.split(",") if given.only else [line.key for line in LINES]
    if unknown := set(keys) - {line.key for line in LINES}:
        sys.exit(f"no such line: {', '.join(sorted(unknown))}")
    run(xltools("--help"))  # compiles what is not compiled yet
    with tempfile.TemporaryDirectory() as work:
        setup = Setup(work=Path(work), **counts)
        for line in LINES:
            if line.key not in keys:
                continue
            pairs = results.pairs.setdefault(key_of(line, counts), [])
            while len(pairs) < (given.repeats or line.repeats):
                start = time.monotonic()
                pair = line.pair(setup)
                pairs.append(pair)
                results.save()
                write(results, counts, given.page)
                _say(f"{line.key}: {ratio(line, pair):.3g} ({time.monotonic() - start:.0f} s)")
        for count in map(int, filter(None, given.growth.split(","))):
            if str(count) not in results.growth:
                results.growth[str(count)] = growth(setup, count)
                results.save()
                _say(f"growth: {count}")
    write(results, counts, given.page)
    _say(f"{given.page} is written")


def write(results: Results, counts: dict[str, int], path: Path) -> None:
    """Write the page and its plots beside it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page(results, counts), "utf-8")
    named = {
        "openpyxl": "openpyxl",
        "openpyxl-read-only": "openpyxl, read_only",
        "pandas": "pandas",
        "pandas-calamine": "pandas, engine calamine",
    }
    found = [
        (named[line.key], pairs)
        for line in LINES
        if line.key in named and (pairs := results.pairs.get(key_of(line, counts)))
    ]
    if found:
        picture = plots.comparison(counts["fewer"], found)
        path.with_name("comparison.svg").write_text(picture, "utf-8")
    if results.growth:
        picture = plots.growth(list(results.growth.values()))
        path.with_name("growth.svg").write_text(picture, "utf-8")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    add = parser.add_argument
    add("--count", type=int, default=10_000, help="returns (10,000)")
    add("--fewer", type=int, default=1_000, help="returns where the others take long (1,000)")
    add("--growth", default="100,1000,10000", help="numbers of returns, empty for none")
    add("--repeats", type=int, default=0, help="how often each line; 0: 3 to 15 times")
    add("--only", default="", help=f"some lines: {','.join(line.key for line in LINES)}")
    add("--page", type=Path, default=PAGE, help="where to write the results")
    return parser.parse_args()


if __name__ == "__main__":
    main()
