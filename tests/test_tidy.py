"""The detail of a summary as Parquet files, and the workbook without it."""

from __future__ import annotations

import json
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from openpyxl import load_workbook
from pyarrow import parquet

from support.commands import text, xltools
from support.districts import form, layout, published
from support.jobs import BAD, FULL, filled
from xltools.model.roster import Unit
from xltools.model.summary import Document, MergedReturn, Outcome, Summary
from xltools.output import findings, tidy
from xltools.output.tidy import write_tidy

SAMPLES = Path(__file__).parent.parent / "samples"
FILES = ("documents", "figures", "findings", "texts", "units")


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The samples collected with their detail apart, and once more with it in the workbook."""
    home = tmp_path_factory.mktemp("tidy")
    common = ["collect", SAMPLES / "inbox", "--roster", SAMPLES / "roster.xlsx", "--year", "2023"]
    done = xltools(*common, "--out", "a.xlsx", "--tidy", "detail", "--json", "a.json", cwd=home)
    assert done.returncode == 1, text(done)
    assert "明细（Parquet）：detail" in text(done)
    assert xltools(*common, "--out", "whole.xlsx", cwd=home).returncode == 1
    return home


def frame(home: Path, name: str) -> pd.DataFrame:
    return pd.read_parquet(home / "detail" / f"{name}.parquet")


def test_the_figures_add_up_to_the_totals(written: Path) -> None:
    data = json.loads((written / "a.json").read_bytes())
    figures = frame(written, "figures")
    assert len(figures) == 200 * len(data["returns"])
    sums = figures[figures["counted"]].groupby("item", observed=True)["value"].sum().round(6)
    assert {t["item"]: t["value"] for t in data["totals"]} == sums.to_dict()
    row = figures[(figures["unit"] == "沭阳县") & (figures["item"] == "t2.regulations.issued")]
    (entry,) = [e for e in data["returns"] if e["unit"] == "沭阳县"]
    (document,) = [d for d in data["documents"] if d["path"] == entry["path"]]
    assert row.drop(columns=["exact", "note"]).to_dict("records") == [
        {
            "unit": "沭阳县", "item": "t2.regulations.issued", "counted": True,
            "value": entry["values"]["t2.regulations.issued"], "path": entry["path"],
            "sheet": "表二", "cell": "B4", "sha256": document["sha256"],
        }
    ]  # fmt: skip


def test_everything_that_the_workbook_lacks_is_there(written: Path) -> None:
    data = json.loads((written / "a.json").read_bytes())
    found = frame(written, "findings")
    assert [*zip(found["code"], found["path"], strict=True)] == [
        (f["code"], f["path"]) for f in data["findings"]
    ]
    assert list(found["message"]) == [f["message"] for f in data["findings"]]
    assert [list(cells) for cells in found["cells"]] == [f["cells"] for f in data["findings"]]
    documents = frame(written, "documents")
    assert list(documents["sha256"]) == [d["sha256"] for d in data["documents"]]
    assert set(frame(written, "texts")["unit"]) <= {e["unit"] for e in data["returns"]}
    units = frame(written, "units")
    assert len(units) == 13
    assert dict(zip(units["unit"], units["state"], strict=True))["市档案馆"] == "未报"


def test_the_workbook_has_totals_standings_and_kinds(written: Path) -> None:
    book, whole = (load_workbook(written / n, data_only=True) for n in ("a.xlsx", "whole.xlsx"))
    assert book.sheetnames == ["总览", "汇总", "报送情况", "问题分类", "问题", "校验", "xltools"]
    for name in ("汇总", "校验"):
        assert [list(row) for row in book[name].values] == [list(row) for row in whole[name].values]
    formulas = load_workbook(written / "a.xlsx")["汇总"]
    held = [c.value for row in formulas.iter_rows(min_row=5) for c in row if c.value is not None]
    assert not [value for value in held if str(value).startswith("=")]
    listed = book["问题"].max_row
    assert listed == whole["问题"].max_row
    kinds = [row for row in book["问题分类"].iter_rows(min_row=4, values_only=True) if row[1]]
    assert sum(int(str(row[4])) for row in kinds) == len(frame(written, "findings"))


def test_the_first_of_each_kind_are_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(findings, "FIRST", 2)
    for unit in ("甲局", "乙局", "丙局"):
        filled(tmp_path / "in" / f"{unit}.xlsx", unit, FULL | BAD)
    xltools("collect", "in", "--year", "2025", "--out", "a.xlsx", "--tidy", "t", cwd=tmp_path)
    book = load_workbook(tmp_path / "a.xlsx")
    codes = [str(row[3]) for row in book["问题"].iter_rows(min_row=4, values_only=True) if row[3]]
    assert codes
    assert {codes.count(code) for code in codes} == {2}
    counts = [row[4] for row in book["问题分类"].iter_rows(min_row=4, values_only=True) if row[1]]
    assert set(counts) == {3}


def test_many_units_have_their_detail_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tidy, "MOST_UNITS", 1)
    for unit in ("甲局", "乙局"):
        filled(tmp_path / "in" / f"{unit}.xlsx", unit, FULL)
    done = xltools("collect", "in", "--year", "2025", "--out", "汇总.xlsx", cwd=tmp_path)
    assert sorted(p.stem for p in (tmp_path / "汇总_明细").iterdir()) == sorted(FILES)
    assert "明细" not in load_workbook(tmp_path / "汇总.xlsx").sheetnames
    again = xltools("collect", "in", "--year", "2025", "--out", "汇总.xlsx", cwd=tmp_path)
    assert "改名保留" not in text(again)
    filled(tmp_path / "in" / "丙局.xlsx", "丙局", FULL)
    third = xltools("collect", "in", "--year", "2025", "--out", "汇总.xlsx", cwd=tmp_path)
    assert "原来的明细已改名保留：figures_" in text(third)
    refused = xltools(
        *("collect", "in", "--year", "2026", "--previous", "汇总.xlsx", "--out", "b.xlsx"),
        cwd=tmp_path,
    )
    assert refused.returncode == 2
    assert "这份汇总表没有明细，各单位的数在 figures.parquet 里" in text(refused)
    assert done.returncode == 0


def test_without_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for unit in ("甲局", "乙局"):
        filled(tmp_path / "in" / f"{unit}.xlsx", unit, FULL)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setattr("xltools.storage.remote.find_spec", lambda name: None)
    words = ["collect", "in", "--year", "2025", "--out", "a.xlsx"]
    for option in ("--tidy", "--state"):
        done = xltools(*words, option, "t", cwd=tmp_path)
        assert done.returncode == 2
        assert "pip install xltools[cluster]" in text(done)
        assert "已读" not in text(done)
    monkeypatch.setattr(tidy, "MOST_UNITS", 1)
    done = xltools(*words, cwd=tmp_path)
    assert done.returncode == 0
    assert "pip install xltools[cluster]" in text(done)
    assert "明细" in load_workbook(tmp_path / "a.xlsx").sheetnames
    roster = tmp_path / "名录.csv"
    roster.write_text("单位名称\n甲局\n乙局\n丙局", "utf-8")
    done = xltools(*words, "--roster", roster, cwd=tmp_path)
    assert done.returncode == 2
    assert "已读" not in text(done)


def made(*numbers: Any) -> Summary:
    """A summary with one unit whose first figures are these."""
    base = next(iter(published().values()))
    document = Document(path="甲.xlsx", sha256="0" * 64, outcome=Outcome.MERGED, unit="甲")
    from xltools.model.returns import Return

    entry = MergedReturn(
        unit=Unit(name="甲"),
        document=document,
        ret=Return.empty(form()),
        numbers=(*numbers, *base[len(numbers) :]),
    )
    return Summary(
        form=form(), year=2025, entries=(entry,), documents=(document,), roster=None, missing=(),
        findings=(), totals=(0,) * len(base), states=(),
    )  # fmt: skip


def test_figures_that_no_double_holds_are_there_in_digits(tmp_path: Path) -> None:
    numbers = (2**53, 2**53 + 1, Decimal("0.1"), Decimal("12345678901234567.89"), -(10**30))
    write_tidy(made(*numbers), layout(), tmp_path)
    rows = parquet.read_table(tmp_path / "figures.parquet").slice(0, 5).to_pylist()
    assert [row["exact"] for row in rows] == [
        None, str(2**53 + 1), None, "12345678901234567.89", None
    ]  # fmt: skip
    assert [row["value"] for row in rows] == [float(number) for number in numbers]
    assert rows[0]["sheet"] is None


def test_people_are_named_only_where_they_may_be(written: Path, tmp_path: Path) -> None:
    assert {"phone", "email"} <= set(frame(written, "units").columns)
    assert "sender" in frame(written, "documents").columns
    filled(tmp_path / "in" / "甲局.xlsx", "甲局", FULL)
    words = ["collect", "in", "--year", "2025", "--tidy", "detail", "--no-contacts"]
    assert xltools(*words, cwd=tmp_path).returncode == 0
    assert not {"phone", "email", "filler"} & set(frame(tmp_path, "units").columns)
    assert not {"sender", "subject"} & set(frame(tmp_path, "documents").columns)


def test_an_empty_summary(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_bytes(b"x")
    xltools("collect", "in", "--year", "2025", "--tidy", "detail", cwd=tmp_path)
    assert {name: len(frame(tmp_path, name)) for name in FILES} == {
        "documents": 1, "figures": 0, "findings": 1, "texts": 0, "units": 0
    }  # fmt: skip
