"""docs/declare-a-form.md: its files are written and its commands run, as a reader would."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from openpyxl import load_workbook

from xltools.forms import parts
from xltools.forms.declaration import SETTINGS, read
from xltools.model.errors import FormError

GUIDE = (Path(__file__).parent.parent / "docs" / "declare-a-form.md").read_text("utf-8")
PROGRAM = Path(sys.executable).with_name("xltools")
BLOCKS = re.findall(r"```(\w+)(?: (\S+))?\n(.*?)```", GUIDE, re.S)


def fill(folder: Path) -> None:
    """What the two units make of their workbooks."""
    (folder / "收件").mkdir()
    typed = {
        "区教育局": {"B4": 3, "C4": 120, "D4": 20000, "E4": 20500.5,
                 "B5": 2, "C5": 300, "D5": 30000, "E5": 30000},
        "区民政局": {"B4": 1, "C4": 40, "D4": 100, "E4": 99.5,
                 "B5": 0, "C5": -40, "D5": 0, "E5": 0},
    }  # fmt: skip
    for unit, cells in typed.items():
        name = f"2025年培训情况统计表_{unit}.xlsx"
        book = load_workbook(folder / "下发" / name)
        for at, value in cells.items():
            book["培训情况"][at] = value
        book.save(folder / "收件" / name)


def test_the_guide_runs(tmp_path: Path) -> None:
    ran = 0
    for language, name, text in BLOCKS:
        if name:
            (tmp_path / name).write_text(text, "utf-8")
        if language != "console":
            continue
        for part in re.split(r"^\$ ", text, flags=re.M)[1:]:
            command, *printed = part.splitlines()
            words = command.split()
            assert words[0] == "xltools"
            if words[1] == "collect":
                fill(tmp_path)
            done = subprocess.run(
                [PROGRAM, *words[1:]],
                cwd=tmp_path,
                capture_output=True,
                encoding="utf-8",
                env={**os.environ, "PYTHONUTF8": "1"},
                check=False,
            )
            said = (done.stdout if done.returncode != 2 else done.stderr).splitlines()
            assert said[: len(printed)] == printed, (command, done.stdout + done.stderr)
            ran += 1
    assert ran == 6
    assert (tmp_path / "汇总.xlsx").is_file()


FORM = [text for language, name, text in BLOCKS if name == "培训.toml"][-1]
MISTAKES = [
    ("inside + online", "inside + onlne"),
    ('"t.all"', '"u.all"'),
    ('title = "培训情况"\n', ""),
    ("columns = [", "colums = 1\ncolumns = ["),
    ('spent = "amount"', 'spent = "money"'),
    ('unit = "元"', 'unit = "角"'),
    ("decimals = 2", 'decimals = "2"'),
    ('unit = "元"\n', ""),
    ('types = { spent = "amount", planned = "amount" }\n', ""),
    ('["online", "线上培训"]', '["online线上培训"]'),
    ('["online", "线上培训"]', '["线上", "线上培训"]'),
    ('["online", "线上培训"]', '["inside", "线上培训"]'),
    ('["online", "线上培训"]', '["online", "线下培训"]'),
    ("inside + online", "inside + 2"),
    ("inside + online", "inside + all"),
    ("inside + online", "inside ＋ online"),
    ("inside + online", "inside +"),
    ("t.people >= t.classes", "t.people + t.classes"),
    ("t.people >= t.classes", "t.people >= t.all"),
    ('"query", "t.people', '"warn", "t.people'),
    ("R-02", "V-07"),
    ('"参训人次不少于班次"]', '"参训人次不少于班次", ["机关"]]'),
    ("[2025, 9999]", "[2025]"),
]


def test_the_error_messages_of_the_guide_are_real() -> None:
    said = []
    for old, new in MISTAKES:
        assert FORM.count(old) == 1, old
        with pytest.raises(FormError) as caught:
            read(FORM.replace(old, new), Path("培训.toml"))
        said.append(caught.value.message)
    listed = re.findall(r"^\| `(.*?)` \|", GUIDE[GUIDE.index("## 看懂报错") :], re.M)
    assert sorted(listed) == sorted(said)


def test_every_key_is_documented() -> None:
    keys = {*parts.OWN, *parts.TEXT, *parts.TABLE, *parts.BLOCK, *SETTINGS}
    keys |= {"annex", "drafts", "figures", "charts", "bars", "shares", "units"}
    keys -= {"rules", "prose", "report", "overview"}  # these have headings of their own
    documented = set(re.findall(r"^\| `(\w+)` \|", GUIDE, re.M))
    assert keys == documented
