"""What the coordinator may get wrong, or has to be told: before, while and after files are read."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from inboxes import filled_in
from rounds import old_form
from xltools.cli.app import app


def run(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def roster(folder: Path, *names: str) -> Path:
    path = folder / "名录.csv"
    path.write_text("\n".join(("单位名称", *names)), "utf-8")
    return path


def inbox(folder: Path, files: Mapping[str, bytes]) -> Path:
    (folder / "in").mkdir()
    for name, data in files.items():
        (folder / "in" / name).write_bytes(data)
    return folder / "in"


def test_without_a_roster_it_says_what_that_costs(tmp_path: Path) -> None:
    at, out = inbox(tmp_path, {"甲.xlsx": filled_in("甲局", 1)}), tmp_path / "汇总.xlsx"
    done = run("collect", at, "--out", out)
    assert done.exit_code == 0
    assert "没有单位名录（--roster）：不知道谁没有报" in done.stderr
    done = run("collect", at, "--out", out, "--roster", roster(tmp_path, "甲局"))
    assert "--roster" not in done.output


def test_a_wrong_year_is_suspected_when_all_files_are_of_another(tmp_path: Path) -> None:
    at = inbox(tmp_path, {f"{u}.xlsx": filled_in(f"{u}局", n) for n, u in enumerate("甲乙")})
    names = roster(tmp_path, "甲局", "乙局")
    words = (at, "--roster", names, "--year", 2024)
    done = run("collect", *words, "--out", tmp_path / "汇总.xlsx")
    assert "全部 2 个文件都是 2025 年的，是否应为 --year 2025？" in done.stderr
    done = run("reply", *words, "--out", tmp_path / "更正")
    assert "是否应为 --year 2025？核对之前，下面的草稿先不要发。" in done.stderr


@pytest.mark.parametrize("count", [1, 2])
def test_a_wrong_form_is_suspected_when_all_files_are_on_another(
    tmp_path: Path, count: int
) -> None:
    at = inbox(tmp_path, {f"{u}.xlsx": old_form(f"{u}局") for u in "甲乙"[:count]})
    done = run("collect", at, "--year", 2025, "--out", tmp_path / "汇总.xlsx")
    asked = "全部 2 个文件都是 zfxxgk-2019 的表，是否应为 --form zfxxgk-2019？" in done.stderr
    assert asked == (count > 1), "one file may be its unit's own mistake"


def test_files_without_any_table_of_the_form(tmp_path: Path) -> None:
    files = {f"{u}.xlsx": filled_in(f"{u}局", n) for n, u in enumerate("甲乙")}
    at = inbox(tmp_path, files)
    words = ("--form", "sangong-2024", "--year", 2025, "--out", tmp_path / "汇总.xlsx")
    assert "--form zfxxgk-2021？" in run("collect", at, *words).stderr
    for name in files:
        (at / name).with_suffix(".csv").write_text("序号,姓名\n1,张三\n", "utf-8")
        (at / name).unlink()
    assert "是否用错了 --form sangong-2024？" in run("collect", at, *words).stderr


def test_nothing_is_suspected_when_one_file_is_right(tmp_path: Path) -> None:
    files = {"甲.xlsx": filled_in("甲局", 1), "乙.xlsx": old_form("乙局")}
    done = run("collect", inbox(tmp_path, files), "--out", tmp_path / "汇总.xlsx")
    assert "是否" not in done.stderr
