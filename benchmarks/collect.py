"""How long the main job takes, against the least it could: ``python benchmarks/collect.py [N]``.

Prints how long 200 workbooks take to generate; how long N (1,000) returns take to collect with
one worker process, against a bare python-calamine loop that opens the same files and reads every
sheet, in the same run, both in seconds of processor time; and the peak memory of the parent and of
its worker. Absolute times say little on a shared machine: quote the ratio.
"""

import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from io import BytesIO
from pathlib import Path

from xltools.forms.declaration import load
from xltools.layout.places import lay_out
from xltools.model.roster import Roster, Unit
from xltools.output.summary import write as write_summary
from xltools.steps import Job, collect
from xltools.template.build import build
from xltools.template.opening import Subject
from xltools.template.outbox import fill_outbox

FORM = load("zfxxgk-2021")
LAYOUT = lay_out(FORM)
DIFFERENT = 25  # workbooks that are really different; the others are copies for other units

LOOP = """
import sys, time
from io import BytesIO
from pathlib import Path
from python_calamine import CalamineWorkbook
start = time.process_time()
for path in sorted(Path(sys.argv[1]).iterdir()):
    book = CalamineWorkbook.from_path(str(path))
    for name in book.sheet_names:
        book.get_sheet_by_name(name).to_python(skip_empty_area=False)
print(time.process_time() - start)
"""


def main(count: int) -> None:
    """Generate, collect, compare, print."""
    with tempfile.TemporaryDirectory() as folder:
        out, inbox = Path(folder) / "outbox", Path(folder) / "inbox"
        roster = Roster(units=tuple(Unit(name=f"unit-{n:04}") for n in range(max(count, 200))))
        start = time.perf_counter()
        fill_outbox(LAYOUT, Roster(units=roster.units[:200]), year=2025, out=out, password="x")
        spent = time.perf_counter() - start
        print(f"generate 200 workbooks: {spent:.1f} s, {spent * 5:.1f} ms each")
        inbox.mkdir()
        returns(inbox, roster, count)
        loop = min(bare_loop(inbox) for _ in range(3))
        units = Roster(units=roster.units[:count])
        job = Job(layout=LAYOUT, inbox=inbox, roster=units, year=2025)
        start = processor()
        summary = collect(job)
        read = processor() - start
        data = BytesIO()
        write_summary(summary, LAYOUT, data, out)
        whole = processor() - start
        print(
            f"collect {count} returns: {len(summary.entries)} merged, {data.tell()} bytes written"
        )
        print(f"  python-calamine alone: {loop:.2f} s of processor time")
        print(f"  read, check, merge: {read:.2f} s = {read / loop:.2f} times it")
        print(f"  and the summary workbook: {whole:.2f} s = {whole / loop:.2f} times it")
        for who, whom in (("parent", resource.RUSAGE_SELF), ("worker", resource.RUSAGE_CHILDREN)):
            print(f"  peak memory, {who}: {resource.getrusage(whom).ru_maxrss / 1024:.0f} MB")


def returns(inbox: Path, roster: Roster, count: int) -> None:
    """Filled-in returns, saved by openpyxl; the names of copies are changed in the file."""
    from openpyxl import load_workbook

    rng = random.Random(1)
    blank = inbox.parent / "blank.xlsx"
    for n in range(min(count, DIFFERENT)):
        unit = roster.units[n].name
        blank.write_bytes(build(LAYOUT, Subject(year=2025, unit=unit), "x"))
        book = load_workbook(blank)
        figures = {i.name: rng.choice([0, 0, 1, 12, 345]) for i in FORM.inputs()}
        for column in {i.column for i in FORM.inputs("t3")}:  # as most are: in balance
            figures[f"t3.carried_in.{column}"] = 0
            figures[f"t3.received.{column}"] = sum(
                figures[i.name]
                for i in FORM.inputs("t3")
                if i.column == column and i.row not in ("received", "carried_in")
            )
        for name, value in figures.items():
            at = LAYOUT.address(FORM.by_name[name])
            book[at.sheet][at.a1] = value
        book.save(inbox / f"{unit}.xlsx")
    made = sorted(inbox.iterdir())
    for n in range(len(made), count):
        shutil.copy(made[n % len(made)], inbox / f"{roster.units[n].name}.xlsx")
        rename(inbox / f"{roster.units[n].name}.xlsx", made[n % len(made)].stem)


def rename(path: Path, old: str) -> None:
    """Give a copied workbook its own unit."""
    import zipfile

    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data.replace(old.encode(), path.stem.encode()))


def processor() -> float:
    """Processor seconds of this process and of the workers that have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def bare_loop(inbox: Path) -> float:
    """Processor seconds of the bare loop, in a process of its own."""
    done = subprocess.run([sys.executable, "-c", LOOP, str(inbox)], capture_output=True, check=True)
    return float(done.stdout)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
