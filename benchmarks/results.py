"""What was measured, kept in a file after each measurement, and the page that shows it."""

import json
import os
import platform
import re
import subprocess
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from typing import Final, Self

from benchmarks import ROOT
from benchmarks.lines import LINES, Growth, Line, Pair
from benchmarks.saves import FOLDER, WRITERS, save_of

PAGE: Final = ROOT / "benchmarks" / "RESULTS.md"
STORE: Final = FOLDER / "results.json"
HOW: Final = """\
Each line is measured several times, ours and the other one in turn, on the same files: here are
the medians, the median of the ratios, and their spread from the least to the greatest. Seconds are
processor time of all processes, unless the line says wall clock. Every run of xltools starts with
an empty cache.

80 % of the returns are clean, 15 % have a mistake, 5 % a query; each has 500 characters of text; a
roster is given. The calamine loop opens the files, reads every sheet and does nothing with it. The
scripts of openpyxl and pandas add up the cells that units fill in and write the sums, without a
check. [README](README.md) says how the returns are made.
"""
_PACKAGES: Final = (
    *("python-calamine", "openpyxl", "pandas", "numpy", "XlsxWriter", "lxml", "isal"),
    *("rapidfuzz", "et_xmlfile"),
)


def state_of_code() -> str:
    """The last commit of the package; with a mark if its files differ from it."""

    def git(*arguments: str) -> str:
        done = subprocess.run(
            ["git", "-C", str(ROOT), *arguments], capture_output=True, text=True, check=False
        )
        return done.stdout.strip()

    commit = git("log", "-1", "--format=%h", "--", "xltools") or version("xltools")
    return f"{commit}, changed" if git("status", "--porcelain", "xltools") else commit


@dataclass(kw_only=True)
class Results:
    """Pairs by line and number of returns (`key_of`), and points of growth, of one state of the
    code.
    """

    code: str
    day: str = ""
    pairs: dict[str, list[Pair]] = field(default_factory=dict)
    growth: dict[str, Growth] = field(default_factory=dict)

    @classmethod
    def load(cls) -> Self:
        """Those of before, if they are of the present state of the code."""
        code = state_of_code()
        if STORE.exists():
            kept = json.loads(STORE.read_text("utf-8"))
            if kept["code"] == code:
                growth = {count: Growth(**point) for count, point in kept["growth"].items()}
                pairs = {key: [(a, b) for a, b in found] for key, found in kept["pairs"].items()}
                return cls(code=code, day=kept["day"], pairs=pairs, growth=growth)
        return cls(code=code)

    def save(self) -> None:
        self.day = date.today().isoformat()
        STORE.parent.mkdir(parents=True, exist_ok=True)
        partial = STORE.with_suffix(".partial")
        partial.write_text(json.dumps(asdict(self), indent=1), "utf-8")
        partial.replace(STORE)


def key_of(line: Line, counts: Mapping[str, int]) -> str:
    """The key under which the pairs of a line are kept. ``counts``: count and fewer."""
    return f"{line.key} {counts['count']} {counts['fewer']}"


def ratio(line: Line, pair: Pair) -> float:
    ours, other = pair
    if line.ours_only:
        return ours
    return other / ours if line.faster else ours / other


def page(results: Results, counts: Mapping[str, int]) -> str:
    """The page with all that was measured."""
    text = [
        "# Results",
        "",
        f"Made by `make bench` on {results.day}, commit {results.code}. {_machine()}",
        "",
        *_table(results, counts),
        "",
        HOW,
        "![Seconds for all returns, by program](comparison.svg)",
        "",
    ]
    if results.growth:
        text += [
            "## How cost grows",
            "",
            "The whole command with its summary: the middle of three runs up to "
            f"{counts['fewer']:,} returns, one run beyond.",
            "",
            "| returns | wall clock | processor time | a return | calamine loop, a return | "
            "peak memory |",
            "| ---: | ---: | ---: | ---: | ---: | ---: |",
        ]
        for point in sorted(results.growth.values(), key=lambda point: point.count):
            each, loop = (1000 * x / point.count for x in (point.processor, point.loop))
            text.append(
                f"| {point.count:,} | {point.wall:.1f} s | {point.processor:.1f} s | "
                f"{each:.2f} ms | {loop:.2f} ms | {point.memory:.0f} MB |"
            )
        text += ["", "![Processor time of a return, and peak memory](growth.svg)", ""]
    return "\n".join(text)


def _table(results: Results, counts: Mapping[str, int]) -> list[str]:
    text = [
        "| work | against | ours | the other | ratio | spread | aim | |",
        "| --- | --- | ---: | ---: | ---: | --- | --- | --- |",
    ]
    shown = {name: f"{count:,}" for name, count in counts.items()}
    for line in LINES:
        pairs = results.pairs.get(key_of(line, counts))
        if not pairs:
            continue
        ratios = [ratio(line, pair) for pair in pairs]
        middle = median(ratios)
        ours, other = (median(side) for side in zip(*pairs, strict=True))
        text.append(
            f"| {line.work.format(**shown)} | {line.against} | {_number(ours)} {line.unit} | "
            f"{'' if line.ours_only else f'{_number(other)} {line.unit}'} | "
            f"**{_number(middle)}** | {_number(min(ratios))} – {_number(max(ratios))} | "
            f"{_aims(line)} | {_reached(line, middle)} |"
        )
    return text


def _number(value: float) -> str:
    """Three significant digits."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}" if value >= 0.1 else f"{value:.3f}"


def _aims(line: Line) -> str:
    sign = "≥" if line.faster else "≤"
    unit = f" {line.unit}" if line.ours_only else ""
    return ", then ".join(f"{sign} {aim:g}{unit}" for aim in line.aims)


def _reached(line: Line, value: float) -> str:
    good = [value >= aim if line.faster else value <= aim for aim in line.aims]
    if not good:
        return ""
    return "yes" if all(good) else "the first" if any(good) else "no"


def _machine() -> str:
    """A sentence on the machine and the versions."""
    processor = platform.processor() or platform.machine()
    information = Path("/proc/cpuinfo")
    if information.exists() and (m := re.search(r"model name\s*: (.+)", information.read_text())):
        processor = m[1]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    packages = [f"{name} {found}" for name in _PACKAGES if (found := _version(name))]
    return (
        f"{processor}, {os.cpu_count()} cores, {memory:.0f} GB; {platform.system()}; "
        f"Python {platform.python_version()}; {', '.join(packages)}; returns saved by "
        f"{_programs()}."
    )


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _programs() -> str:
    """The programs that saved the returns, as they name themselves."""
    names = []
    for writer in WRITERS:
        with zipfile.ZipFile(save_of(writer, 0)) as archive:
            said = archive.read("docProps/app.xml").decode()
        found = re.search(r"<Application>[^<0-9]*([0-9][0-9.]*)", said)
        names.append(f"{writer} {found[1] if found else _version(writer)}".strip())
    return ", ".join(names)
