"""Make samples/sangong/ anew, LibreOffice being the clerks: ``python tests/make_sangong.py``.

The units and their figures are made up, by a fixed seed. The summary is what collecting gives.
"""

import random
import subprocess
import sys
import tempfile
from pathlib import Path

from make_samples import PASSWORD, Cells, signed
from support.client import Office
from xltools.forms.declaration import load
from xltools.layout.places import lay_out
from xltools.ledgers.previous import load as load_previous
from xltools.ledgers.roster import load as load_roster
from xltools.model.cells import column_name
from xltools.model.identity import (
    CHECKS,
    CHECKS_TOP,
    COVER,
    FIELDS,
    WHY,
    ZERO,
)
from xltools.template.outbox import file_names, fill_outbox

HOME = Path(__file__).parent.parent / "samples" / "sangong"
FORM = load("sangong-2024")
LAYOUT = lay_out(FORM)
YEAR = 2025
UNITS = tuple("区政府办公室 区财政局 区教育局 区商务局 区档案馆 区水务局 汉水街道 区统计局".split())
MISSING = "区统计局"


def figures() -> dict[str, dict[str, float]]:
    """What each unit reports, by item name: inputs with two decimals at most."""
    rng, found = random.Random(YEAR), dict[str, dict[str, float]]()
    for unit in UNITS:
        own: dict[str, float] = {}
        for row in ("abroad", "reception", "purchase", "running"):
            some = row in ("reception", "running") or rng.random() < 0.3
            budget = rng.randrange(200, 3000) if some else 0
            own[f"s.{row}.budget"] = budget / 100
            own[f"s.{row}.final"] = budget * rng.randrange(60, 100) // 100 / 100
            own[f"s.{row}.before"] = budget * rng.randrange(80, 120) // 100 / 100
        found[unit] = own
    found["区教育局"]["s.running.final"] = found["区教育局"]["s.running.budget"] + 1.5
    found["区商务局"]["s.abroad.final"] = found["区商务局"]["s.abroad.budget"] + 3.08
    found["区档案馆"] = dict.fromkeys(found["区档案馆"], 0)
    for item in ("budget", "final", "before"):
        found["区档案馆"][f"s.reception.{item}"] = 0.6
    return found


def cell(name: str) -> str:
    return str(LAYOUT.address(FORM.by_name[name]))


def write_roster(path: Path) -> None:
    path.write_text(
        "单位名称,类别,联系人,电话\n"
        + "".join(
            f"{name},{'派出' if name.endswith('街道') else '工作'}机构,联系人{n},027-8371{n:04}\n"
            for n, name in enumerate(UNITS, 1)
        ),
        "utf-8-sig",
    )


def write_last_year(path: Path) -> None:
    """Last year's figures, filled in by hand; nobody has those of 汉水街道."""
    from openpyxl import load_workbook

    from xltools.ledgers.previous import KEY_ROW, build_blank

    units = tuple(load_roster(HOME / "roster.csv").units)
    path.write_bytes(build_blank(FORM, units, year=YEAR - 1))
    book = load_workbook(path)
    sheet = book.worksheets[0]
    names = {c.value: c.column for c in sheet[KEY_ROW + 1]}
    for row in range(KEY_ROW + 2, sheet.max_row + 1):
        unit = str(sheet.cell(row, 2).value)
        if unit in UNITS and unit != "汉水街道":
            for row_key in ("abroad", "reception", "purchase", "running"):
                value = figures()[unit][f"s.{row_key}.before"]
                col = names[f"s.{row_key}.final"]
                assert col is not None
                sheet.cell(row, col, value)
    book.save(path)


def main() -> None:
    """Roster, last year, templates, what the units make of them, and the summary."""
    inbox = HOME / "inbox"
    inbox.mkdir(parents=True, exist_ok=True)
    for old in inbox.iterdir():
        old.unlink()
    write_roster(HOME / "roster.csv")
    write_last_year(HOME / "上年数据.xlsx")
    roster = load_roster(HOME / "roster.csv")
    previous = load_previous(HOME / "上年数据.xlsx", FORM)
    with tempfile.TemporaryDirectory() as folder, Office() as office:
        outbox = Path(folder)
        fill_outbox(LAYOUT, roster, year=YEAR, out=outbox, previous=previous, password=PASSWORD)
        for unit, name in file_names(LAYOUT, roster, YEAR):
            cells: Cells = {cell(n): v for n, v in figures()[unit.name].items()}
            cells |= signed("2026-1-15")
            paste = False
            if unit.name == MISSING:
                continue
            if unit.name == "区教育局":  # over its budget, and says why
                for one in FORM.instances:
                    over = {"S-05": ("running", "vehicles"), "S-06": ("total",)}
                    if FORM.items[one.anchor].row in over.get(one.rule.code, ()):
                        at = f"{CHECKS}!{column_name(WHY)}{CHECKS_TOP + one.index + 1}"
                        cells[at] = "公务用车集中大修"
            elif unit.name == "区档案馆":  # only what is not zero, and says that the rest is
                cells = {at: v for at, v in cells.items() if v != 0}
                cells[f"{COVER}!C{FIELDS[ZERO] + 1}"] = "是"
            elif unit.name == "区水务局":  # more decimals than there are fen
                cells[cell("s.running.final")] = 10.1234
            elif unit.name == "汉水街道":  # pasted with its unit, in 元
                cells[cell("s.reception.final")] = "61700元"
                paste = True
            result = office.fill(outbox / name, inbox / name, cells, paste=paste)
            if result.refused:
                sys.exit(f"{unit.name}: refused {result.refused}")
    (HOME / "汇总.xlsx").unlink(missing_ok=True)
    words = f"collect inbox --form sangong-2024 --roster roster.csv --year {YEAR}"
    subprocess.run(
        [Path(sys.executable).with_name("xltools"), *words.split(), "--previous", "上年数据.xlsx"],
        cwd=HOME,
        check=False,
    )


if __name__ == "__main__":
    main()
