"""Make samples/ anew, with LibreOffice as every unit's clerk: ``python tests/make_samples.py``.

The figures are those of 宿迁市's published report on 2023 and of a real return that is all zero.
The city's report names eleven reporters and how many applications each handled, 3,607 in all;
here the published cases are dealt out to them in these numbers, by a fixed seed. So every return
balances, and all together they give the published table again.
"""

import random
import sys
import tempfile
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path

from support.client import Office
from support.filled import REPORTS, printed
from support.jobs import pasted
from xltools.forms.declaration import load
from xltools.layout.places import lay_out
from xltools.ledgers.roster import load as load_roster
from xltools.model.identity import (
    COVER,
    DATE,
    FIELDS,
    FILLER,
    PHONE,
    PROGRESS_HEAD,
    ZERO,
)
from xltools.template.outbox import file_names, fill_outbox

ROOT = Path(__file__).parent.parent
SAMPLES = ROOT / "samples"
FORM = load("zfxxgk-2021")
LAYOUT = lay_out(FORM)
YEAR = 2023
PASSWORD = "samples"
HANDLED = {
    "市政府": 349, "市各有关部门": 933, "沭阳县": 477, "泗阳县": 301, "泗洪县": 874, "宿豫区": 216,
    "宿城区": 348, "宿迁经济技术开发区": 55, "市湖滨新区": 26, "苏州宿迁工业园区": 12,
    "市洋河新区": 16,
}  # fmt: skip
KINDS = {"市政府": "区政府本级", "市各有关部门": "工作机构", "市机关事务服务中心": "直属事业机构",
         "市档案馆": "直属事业机构"}  # fmt: skip
ZERO_UNIT, MISSING, NO_CASES = "市机关事务服务中心", "市档案馆", "市洋河新区"
Figures = dict[str, int | float]
Cells = dict[str, str | int | float]


def dealt(figures: Figures) -> dict[str, Figures]:
    """The published figures dealt out to the reporters; inputs only."""
    rng = random.Random(2023)
    units: dict[str, Figures] = {u: {i.name: 0 for i in FORM.inputs()} for u in HANDLED}
    cases = list(_cases(figures, rng))
    rng.shuffle(cases)
    assert len(cases) == sum(HANDLED.values())
    for unit, count in HANDLED.items():
        for names in cases[:count]:
            for name in names:
                units[unit][name] += 1
        del cases[:count]
    shares = list(HANDLED.values())
    for item in FORM.inputs():
        whole = figures[item.name]
        if item.table == "t3":
            continue
        if item.row == "regulations":
            units["市政府"][item.name] = whole
        elif item.type.value == "amount":
            rest = round(whole * 10000)
            for unit, share in list(zip(HANDLED, shares, strict=True))[:-1]:
                part = round(whole * 10000) * share // sum(shares)
                units[unit][item.name] = part / 10000
                rest -= part
            units["市洋河新区"][item.name] = rest / 10000
        else:
            weights = [0 if item.table == "t4" and u == NO_CASES else n for u, n in HANDLED.items()]
            for unit in rng.choices(list(HANDLED), weights, k=min(int(whole), 5000)):
                units[unit][item.name] += int(whole) // min(int(whole), 5000)
            left = int(whole) - sum(int(u[item.name]) for u in units.values())
            units["市各有关部门"][item.name] += left
    return units


def _cases(figures: Figures, rng: random.Random) -> Iterator[tuple[str, str]]:
    """Each application as (where it came from, what became of it), column by column."""
    inputs = FORM.inputs("t3")
    for column in dict.fromkeys(i.column for i in inputs):
        origins: list[str] = []
        ends: list[str] = []
        for item in (i for i in inputs if i.column == column):
            side = origins if item.row in ("received", "carried_in") else ends
            side += [item.name] * int(figures[item.name])
        rng.shuffle(ends)
        yield from zip(origins, ends, strict=True)


def cell(name: str) -> str:
    return str(LAYOUT.address(FORM.by_name[name]))


def typed(figures: Mapping[str, int | float]) -> Cells:
    return {cell(name): value for name, value in figures.items()}


def signed(date: str, filler: str = "张经办") -> Cells:
    at = {name: f"{COVER}!C{FIELDS[name] + 1}" for name in (FILLER, PHONE, DATE, ZERO)}
    return {at[FILLER]: filler, at[PHONE]: "0527-84360000", at[DATE]: date}


def texts() -> Cells:
    """The seed's own prose, paragraph by paragraph."""
    lines = (REPORTS.parent / "qiaokou-2022.txt").read_text("utf-8").splitlines()
    marks = ["（1）", "（2）", "（3）", "（4）", "（5）", "二、"]
    at = [next(n for n, t in enumerate(lines) if t.startswith(m)) for m in marks]
    parts = [lines[a + 1 : b] for a, b in pairwise(at)]
    five = next(n for n, t in enumerate(lines) if t.startswith("五、"))
    six = next(n for n, t in enumerate(lines) if t.startswith("六、"))
    parts += [lines[five + 1 : six], [t for t in lines[six + 1 :] if len(t) > 30]]
    cells: Cells = {}
    for place, paragraphs in zip(LAYOUT.texts, parts, strict=True):
        for row, text in enumerate(p.strip() for p in paragraphs if p.strip()):
            cells[f"文字!A{place.first + 1 + row}"] = text
    return cells


def write_roster(path: Path) -> None:
    from openpyxl import load_workbook

    from xltools.ledgers.roster_blank import write_blank

    path.unlink(missing_ok=True)
    write_blank(path)
    book = load_workbook(path)
    sheet = book.worksheets[0]
    heads = {c.value: c.column for row in sheet.iter_rows(max_row=5) for c in row if c.value}
    top = next(c.row for row in sheet.iter_rows(max_row=5) for c in row if c.value == "单位名称")
    for n, name in enumerate((*HANDLED, ZERO_UNIT, MISSING), 1):
        values = {
            "单位名称": name, "单位代码": f"SQ{n:02}", "类别": KINDS.get(name, "派出机构"),
            "文字": "必填" if name == ZERO_UNIT else "选填", "联系人": f"联系人{n}",
            "电话": f"0527-8436{n:04}", "邮箱": f"unit{n:02}@example.com",
        }  # fmt: skip
        for label, value in values.items():
            sheet.cell(top + n, heads[label], value)
    book.save(path)


def main() -> None:
    """Roster, templates, and what the units make of them."""
    SAMPLES.mkdir(exist_ok=True)
    inbox = SAMPLES / "inbox"
    inbox.mkdir(exist_ok=True)
    for old in inbox.iterdir():
        old.unlink()
    write_roster(SAMPLES / "roster.xlsx")
    roster = load_roster(SAMPLES / "roster.xlsx")
    returns = dealt(printed("suqian_shi_2023"))
    returns[ZERO_UNIT] = {i.name: 0 for i in FORM.inputs()}
    with tempfile.TemporaryDirectory() as folder, Office() as office:
        outbox = Path(folder)
        fill_outbox(LAYOUT, roster, year=YEAR, out=outbox, password=PASSWORD)
        names = {unit.name: name for unit, name in file_names(LAYOUT, roster, YEAR)}

        def send(
            unit: str,
            cells: Cells,
            *,
            name: str = "",
            do: tuple[str, ...] = (),
            paste: bool = False,
        ) -> None:
            result = office.fill(outbox / names[unit], inbox / (name or names[unit]), cells,
                                 do=do, paste=paste)  # fmt: skip
            if result.refused:
                sys.exit(f"{unit}: refused {result.refused}")

        for unit, figures in returns.items():
            cells = typed(figures) | signed("2024-1-12")
            if unit == ZERO_UNIT:
                send(unit, cells | texts())
            elif unit == "沭阳县":
                filled = {n: v for n, v in figures.items() if v}
                zero = {f"{COVER}!C{FIELDS[ZERO] + 1}": "是"}
                send(unit, {**typed(filled), **signed("2024-1-9"), **zero})
            elif unit == "泗阳县":  # the totals of table 四 left at 0
                totals = [i.name for i in FORM.items if i.table == "t4" and i.formula]
                sheet = LAYOUT.tables[2].sheet
                send(
                    unit,
                    cells | {cell(n): 0 for n in totals},
                    do=(f"unprotect {sheet} {PASSWORD}",),
                )
            elif unit == "泗洪县":  # a case under the wrong kind of applicant
                cells[cell("t3.received.natural")] = figures["t3.received.natural"] + 1
                cells[cell("t3.received.business")] = figures["t3.received.business"] - 1
                send(unit, cells)
            elif unit == "宿豫区":  # blank cells, not declared
                for table, count in (("t3.", 2), ("t4.", 1)):
                    zeros = [n for n, v in figures.items() if n.startswith(table) and not v]
                    cells.update((cell(n), "") for n in zeros[:count])
                send(unit, cells)
            elif unit == "宿城区":  # figures with units
                for name in ("t3.received.natural", "t3.granted.natural"):
                    cells[cell(name)] = f"{figures[name]}件"
                send(unit, cells, paste=True)
            elif unit == "宿迁经济技术开发区":  # twice: first with an imbalance, then right
                first = dict(cells)
                first[cell("t3.carried_out.natural")] = figures["t3.carried_out.natural"] + 2
                stem = names[unit].removesuffix(".xlsx")
                send(unit, first, name=f"{stem}.xlsx")
                send(unit, cells | signed("2024-1-22"), name=f"{stem}（更正）.xlsx")
            elif unit == "市湖滨新区":  # somebody unlocked the sheet and inserted a row
                sheet = LAYOUT.tables[1].sheet
                _moved(office, outbox / names[unit], inbox / names[unit], cells, sheet)
            elif unit == NO_CASES:
                kept = {n: v for n, v in figures.items() if not n.startswith("t4.")}
                none: Cells = {f"{COVER}!C{PROGRESS_HEAD + 4}": "是"}
                send(unit, typed(kept) | signed("2024-1-15") | none)
            elif unit == "苏州宿迁工业园区":  # the tables pasted into a workbook of their own
                with tempfile.TemporaryDirectory() as aside:
                    source = Path(aside) / "filled.xlsx"
                    office.fill(outbox / names[unit], source, cells)
                    pasted(
                        source, inbox / f"{unit}信息公开年报.xlsx", f"{unit}{YEAR}年{FORM.short}"
                    )
            else:
                send(unit, cells)


def _moved(office: Office, source: Path, out: Path, cells: Cells, sheet: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        filled = Path(folder) / "filled.xlsx"
        office.fill(source, filled, cells)
        office.fill(filled, out, {}, do=(f"unprotect {sheet} {PASSWORD}", f"insert-rows {sheet} 2"))


if __name__ == "__main__":
    main()
