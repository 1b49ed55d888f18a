"""What changed between two files: the order, the kinds of files, the table and the workbook."""

import json
import subprocess
import sys
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import load_workbook
from rich.cells import cell_len

from support.client import Office
from support.filled import FORM, LAYOUT
from support.replies import JUNK, at, sent, truth
from support.summaries import summary_bytes
from xltools.compare import CompareError, compare
from xltools.model.differences import (
    WHOLE,
    Changes,
    Difference,
    Entry,
    Side,
    changes,
    differing,
)
from xltools.model.identity import COVER, FIELDS, ZERO
from xltools.model.numbers import Number
from xltools.model.returns import Status
from xltools.model.roster import Roster, Unit
from xltools.output.differences import build
from xltools.steps import Job, collect

PROGRAM = Path(sys.executable).with_name("xltools")
OUT = "t3.carried_out.natural"


def run(*words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [PROGRAM, "diff", *map(str, words)], capture_output=True, encoding="utf-8", check=False
    )


def made(old: Path, new: Path) -> Changes:
    return compare(LAYOUT, old, new)


def named(found: Changes) -> list[tuple[str, str, Number | None, Number | None]]:
    return [(c.unit, FORM.items[c.item].name, c.old.number, c.new.number) for c in found.figures]


def district(path: Path, units: Mapping[str, int], off: int = 0) -> Path:
    """A summary of some units, each with figures made from a number."""
    inbox = path.parent / f"{path.stem}-in"
    for unit, seed in units.items():
        figures = truth(seed)
        figures["t2.fees.charged"] += off
        sent(inbox / f"{unit}.xlsx", unit, figures)
    roster = Roster(units=tuple(Unit(name=u) for u in units))
    job = Job(layout=LAYOUT, inbox=inbox, roster=roster, year=2025)
    path.write_bytes(summary_bytes(collect(job), LAYOUT, path.parent))
    return path


def test_two_returns_in_different_formats(office: Office, tmp_path: Path) -> None:
    figures = truth(1)
    old = sent(tmp_path / "a.xlsx", "甲局", figures)
    other = figures | {OUT: figures[OUT] + 1000, "t4.cases.after_upheld": 0}
    cells = {at(JUNK): "约30", at("t2.fees.charged"): None}
    source = sent(tmp_path / "b.xlsx", "甲局", other, cells)
    new = office.convert(source, tmp_path / "b.xls")
    found = made(old, new)
    names = [n for _, n, _, _ in named(found)]
    assert names[0] == JUNK, "what is no number comes first"
    assert found.figures[0].new.text == "约30"
    got = {n: (a, b) for _, n, a, b in named(found)}
    assert got[OUT] == (figures[OUT], figures[OUT] + 1000)
    assert got["t3.carried_out.total"][1] == (got["t3.carried_out.total"][0] or 0) + 1000
    assert got["t2.fees.charged"] == (figures["t2.fees.charged"], None)
    assert got["t4.cases.after_upheld"] == (figures["t4.cases.after_upheld"], 0)
    expected = {JUNK, OUT, "t3.carried_out.total", "t2.fees.charged", "t4.cases.after_upheld",
                "t4.cases.after_total", "t3.received.total"}  # fmt: skip
    assert set(got) == expected
    assert made(old, old).none


def test_a_blank_that_counts_as_zero_is_no_change(tmp_path: Path) -> None:
    figures = truth(2) | {OUT: 0}
    old = sent(tmp_path / "a.xlsx", "甲局", figures)
    rest = {n: v for n, v in figures.items() if v}
    new = sent(tmp_path / "b.xlsx", "甲局", rest, {f"{COVER}!C{FIELDS[ZERO] + 1}": "是"})
    assert made(old, new).none
    undeclared = made(old, sent(tmp_path / "c.xlsx", "甲局", rest))
    assert {(a, b) for _, _, a, b in named(undeclared)} == {(0, None)}


def test_two_summaries(tmp_path: Path) -> None:
    old = district(tmp_path / "a.xlsx", {"甲局": 1, "乙局": 2, "丙局": 3})
    new = district(tmp_path / "b.xlsx", {"甲局": 1, "乙局": 4, "丁局": 3})
    found = made(old, new)
    assert (found.added, found.removed) == (("丁局",), ("丙局",))
    units = [c.unit for c in found.figures]
    assert set(units) == {WHOLE, "乙局"}, "甲局 is as it was; the others are on one side only"
    assert units == sorted(units, key=lambda u: u != WHOLE), "the district first"
    sums = {n: (a, b) for u, n, a, b in named(found) if u == WHOLE}
    one = sum(truth(s)["t2.fees.charged"] for s in (1, 2, 3))
    other = sum(truth(s)["t2.fees.charged"] for s in (1, 4, 3))
    assert sums["t2.fees.charged"] == (one, other)
    assert made(old, old).none


def test_units_renamed_go_by_the_roster(tmp_path: Path) -> None:
    old = district(tmp_path / "a.xlsx", {"甲局": 1})
    new = district(tmp_path / "b.xlsx", {"甲委": 1})
    assert made(old, new).added == ("甲委",)
    roster = Roster(units=(Unit(name="甲委", aliases=("甲局",)),))
    assert compare(LAYOUT, old, new, roster=roster).none


def side(*figures: Number) -> Side:
    return Side(name="x", year=2025, many=False, figures={"甲": dict(enumerate(figures))})


def test_what_matters_comes_first() -> None:
    """What is gone before what is halved, 300 to 200 before 3 to 1, ties as in the form."""
    found = changes(FORM, side(3, 300, 20, 20, 5, 5), side(1, 200, 10, 0, 4, 4))
    assert [c.item for c in found.figures] == [3, 1, 2, 0, 4, 5]
    assert found.figures[0].gone


@pytest.mark.parametrize(
    ("old", "new", "difference", "share"),
    [(2, 3, 1, 0.5), (0, 3, 3, None), (None, 0, 0, None), (Decimal("0.1"), Decimal("0.3"),
     Decimal("0.2"), 2.0)],
)  # fmt: skip
def test_a_change(old: Number, new: Number, difference: Number, share: float | None) -> None:
    one = Difference(unit="", item=0, old=Entry(old), new=Entry(new))
    assert (one.difference, one.share) == (difference, share)


def test_files_that_cannot_be_compared(tmp_path: Path) -> None:
    summary = district(tmp_path / "a.xlsx", {"甲局": 1})
    ret = tmp_path / "a-in" / "甲局.xlsx"
    (tmp_path / "坏.xlsx").write_bytes(b"PK\x03\x04 damaged")
    for other in (ret, tmp_path / "坏.xlsx"):
        with pytest.raises(CompareError, match=other.name):
            made(summary, other)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "文件打不开：文件是空的（0 字节）。"),
        (b"PK\x03\x04 damaged", "文件打不开：压缩包不完整。"),
        (b"\x89PNG\r\n\x1a\n", "这种文件（图片）目前不能读取。"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(tmp_path: Path, data: bytes, words: str) -> None:
    ret, bad = tmp_path / "甲.xlsx", tmp_path / "坏.xlsx"
    sent(ret, "甲局", truth(1))
    bad.write_bytes(data)
    with pytest.raises(CompareError) as caught:
        compare(LAYOUT, ret, bad)
    assert str(caught.value) == f"{bad}：{words}"


def test_the_workbook(office: Office, tmp_path: Path) -> None:
    old = district(tmp_path / "a.xlsx", {"甲局": 1, "乙局": 2})
    new = district(tmp_path / "b.xlsx", {"甲局": 3, "丙局": 2})
    found = made(old, new)
    path = tmp_path / "差异.xlsx"
    path.write_bytes(build(found, LAYOUT))
    assert path.read_bytes() == build(found, LAYOUT)
    sheet = load_workbook(path)["差异"]
    rows = [r for r in sheet.iter_rows(values_only=True) if isinstance(r[0], int)]
    assert len(rows) == len(found.figures)
    for row, one in zip(rows, found.figures, strict=True):
        place = LAYOUT.address(one.item)
        assert row[1:4] == (one.unit, place.sheet, place.a1)
        assert isinstance(row[5], (int, float))
        assert isinstance(row[6], (int, float))
        assert row[7] == pytest.approx(row[6] - row[5])
    units = [r[1:3] for r in load_workbook(path)["单位增减"].iter_rows(values_only=True)]
    assert units[-2:] == [("丙局", "后有前无"), ("乙局", "前有后无")]
    assert office.render(path, tmp_path / "png", dpi=30)


def test_the_command(tmp_path: Path) -> None:
    figures = truth(1)
    old = sent(tmp_path / "a.xlsx", "甲局", figures)
    new = sent(tmp_path / "b.xlsx", "甲局", {n: v + 10**6 for n, v in figures.items()})
    done = run(old, new, "--out", tmp_path / "差异.xlsx", "--json", tmp_path / "d.json")
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    table = [x for x in done.stdout.splitlines() if x[:2] in ("表二", "表三", "表四")]
    assert len(table) == 30
    assert max(map(cell_len, table)) <= 80
    assert all("1000000" in line for line in table if "总计 /" not in line)
    data = json.loads((tmp_path / "d.json").read_text("utf-8"))
    assert len(data["changes"]) == 200
    assert {"unit", "item", "sheet", "cell", "old", "new", "difference"} == set(data["changes"][0])
    assert (tmp_path / "差异.xlsx").is_file()
    assert run(old, old).returncode == 0
    for words in (
        (old, tmp_path / "没有.xlsx"),
        (old, new, "--out", "x.csv"),
        (old, new, "--out", old),
    ):
        done = run(*words)
        assert (done.returncode, "Traceback" in done.stderr) == (2, False)
        assert done.stderr.strip()


def test_a_change_sheet_in_the_inbox_is_no_return(tmp_path: Path) -> None:
    old = sent(tmp_path / "in" / "a.xlsx", "甲局", truth(1))
    new = sent(tmp_path / "b.xlsx", "甲局", truth(2))
    (tmp_path / "in" / "差异.xlsx").write_bytes(build(made(old, new), LAYOUT))
    job = Job(layout=LAYOUT, inbox=tmp_path / "in", year=2025)
    outcomes = {d.path: d.outcome.value for d in collect(job).documents}
    assert outcomes["差异.xlsx"] == "ignored"


@pytest.mark.parametrize(
    ("number", "status", "text", "entry", "words"),
    [
        (3, Status.GIVEN, "3件", Entry(3), "3"),
        (Decimal("0.0000001"), Status.GIVEN, None, Entry(Decimal("0.0000001")), "0.0000001"),
        (0, Status.VOID, "/", Entry(0), "0"),
        (None, Status.BLANK, None, Entry(), "空白"),
        (None, Status.UNREADABLE, "约30", Entry(text="约30"), "约30"),
        (None, Status.UNREADABLE, "", Entry(text=""), ""),
        (None, Status.UNREADABLE, None, Entry(text="？"), "？"),
    ],
)
def test_what_a_cell_says(
    number: Number | None, status: Status, text: str | None, entry: Entry, words: str
) -> None:
    assert Entry.of(number, status, text) == entry
    assert entry.words == words
    assert entry.counted == (Entry(0) if status is Status.BLANK else entry)


def test_where_two_sets_of_entries_differ() -> None:
    """In the order of the form; a blank is no 0, and what one set does not have is blank in it."""
    before = {3: Entry(1), 2: Entry(Decimal(5)), 0: Entry(0), 5: Entry(), 7: Entry(2)}
    after = {0: Entry(), 2: Entry(5), 3: Entry(text="1"), 6: Entry(4), 8: Entry()}
    assert list(differing(before, after)) == [
        (0, Entry(0), Entry()),
        (3, Entry(1), Entry(text="1")),
        (6, Entry(), Entry(4)),
        (7, Entry(2), Entry()),
    ]
