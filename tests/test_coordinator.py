"""What the coordinator may get wrong, or has to be told: before, while and after files are read."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner, Result

from support.inboxes import filled_in
from support.rounds import old_form
from xltools.cli.app import app
from xltools.model.identity import COVER, FIELDS, ZERO


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


def test_two_years_in_one_outbox_are_an_error_before_anything_is_written(tmp_path: Path) -> None:
    names, out = roster(tmp_path, "甲局", "乙局"), tmp_path / "outbox"
    assert run("generate", names, "--year", 2024, "--out", out).exit_code == 0
    before = {p.name: p.read_bytes() for p in out.iterdir()}
    for more in ((), ("--force",)):
        done = run("generate", names, "--year", 2025, "--out", out, *more)
        assert done.exit_code == 2
        assert "里面已有 2 份别的年度的模板（如 2024年" in done.stderr
        assert {p.name: p.read_bytes() for p in out.iterdir()} == before
    # Another unit of the same year is added to them.
    assert (
        run("generate", roster(tmp_path, "甲局", "丙局"), "--year", 2024, "--out", out).exit_code
        == 0
    )


@pytest.mark.parametrize(
    ("day", "year", "asked"),
    [("2026-01-15", 2025, False), ("2026-01-15", 2024, True), ("2025-12-20", 2026, False),
     ("2025-12-20", 2052, True)],
)  # fmt: skip
def test_a_year_far_from_today_is_a_warning_and_no_prompt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, day: str, year: int, asked: bool
) -> None:
    monkeypatch.setenv("XLTOOLS_TODAY", day)
    words = ("generate", roster(tmp_path, "甲局"), "--year", year, "--out", tmp_path / "out")
    done = CliRunner().invoke(app, [str(w) for w in words], input=None)
    assert done.exit_code == 0
    warned = f"--year {year}：今年是 {day[:4]} 年，请核对年度有没有写错。" in done.stderr
    assert warned == asked
    assert (tmp_path / "out" / "发放清单.xlsx").is_file()


def test_a_day_that_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XLTOOLS_TODAY", "明天")
    done = run("generate", roster(tmp_path, "甲局"), "--year", 2024)
    assert (done.exit_code, "XLTOOLS_TODAY=明天" in done.stderr) == (2, True)


def test_generate_says_when_last_years_figures_are_missing(tmp_path: Path) -> None:
    names, out = roster(tmp_path, "甲局", "乙局"), tmp_path / "outbox"
    done = run("generate", names, "--year", 2025, "--out", out)
    assert (
        "没有上年数据（--previous）：“二、上年结转政府信息公开申请数量”等 6 项没有预填"
        in done.stderr
    )
    at = inbox(tmp_path, {"甲.xlsx": filled_in("甲局", 1)})
    summary = tmp_path / "上年.xlsx"
    run("collect", at, "--out", summary)
    words = (names, "--year", 2026, "--out", tmp_path / "next", "--previous", summary)
    done = run("generate", *words)
    assert "上年数据中没有以下 1 个单位，没有预填：乙局" in done.stderr
    assert "--previous" not in done.stderr


def shown(path: Path, title: str, *labels: str) -> list[tuple[str, ...]]:
    """The columns of these headings on a list of a workbook of ours."""
    rows = list(load_workbook(path)[title].iter_rows(values_only=True))
    head = next(n for n, row in enumerate(rows) if labels[0] in row)
    columns = [rows[head].index(label) for label in labels]
    return [tuple(str(row[c] or "") for c in columns) for row in rows[head + 1 :] if any(row)]


def blank(data: bytes, cell: str) -> bytes:
    """A return with a cell of 表三 emptied, and no word that blanks are 0."""
    book = load_workbook(BytesIO(data))
    book[COVER].cell(FIELDS[ZERO] + 1, 3, "").value = None
    book["表三"][cell] = None
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_matters_and_findings_are_in_words(tmp_path: Path) -> None:
    """What a decision on whose a return is rests on is a sentence, and a count is no entry."""
    files = {"乙局.xlsx": filled_in("甲局", 1), "丙局.xlsx": blank(filled_in("丙局", 2), "D6")}
    files["丁局.xlsx"] = filled_in("", 3)
    at, ledger = inbox(tmp_path, files), tmp_path / "decisions.xlsx"
    names = roster(tmp_path, "甲局", "乙局", "丙局", "丁局")
    run("decide", at, "--roster", names, "--year", 2025)
    said = "问题=按表内的单位这是“甲局”的表，但文件名写的是“乙局”。"
    waiting = [row[1] for row in shown(ledger, "待定", "对象", "原值")]
    assert said in waiting
    assert "问题=无法确定是哪个单位的表：只有文件名指向“丁局”。" in waiting
    run("collect", at, "--roster", names, "--year", 2025, "--out", tmp_path / "汇总.xlsx")
    findings = shown(tmp_path / "汇总.xlsx", "问题", "编码", "填报值", "应为")
    assert ("I-10", "文件名写的是“乙局”", "") in findings
    counted = [row for row in findings if row[0] in ("B-02", "B-03")]
    assert [row[1] for row in counted] == ["空白 1 格"]
    # The decision made on it holds, and is read back from the words of the file.
    made = ("--accept", "甲局 I-10", "--reason", "电话核实")
    assert run("decide", at, "--roster", names, "--year", 2025, *made).exit_code in (0, 1)
    assert said in [row[1] for row in shown(ledger, "决定", "对象", "原值")]
    done = run("decide", at, "--roster", names, "--year", 2025)
    assert "I-10" not in done.output, "it stands"


PLACES = {
    "collect": ("--out", "汇总.xlsx"),
    "reply": ("--out", "更正"),
    "decide": ("--decisions", "决定.xlsx"),
    "generate": ("--out", "outbox"),
}


@pytest.mark.parametrize("command", PLACES)
def test_a_place_that_cannot_be_written_is_told_before_any_file_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("nothing is read or made before")

    monkeypatch.setattr("xltools.steps.collect", never)
    monkeypatch.setattr("xltools.template.outbox.fill_outbox", never)
    option, name = PLACES[command]
    names = roster(tmp_path, "甲局")
    at = inbox(tmp_path, {})
    words = ("generate", names) if command == "generate" else (command, at, "--roster", names)
    (tmp_path / "文件").write_text("x", "utf-8")
    (tmp_path / "at").mkdir()
    done = run(*words, "--year", 2025, option, tmp_path / "文件" / name)
    assert (done.exit_code, "不是文件夹" in done.stderr) == (2, True)

    def denied(*_: object, **__: object) -> None:
        raise PermissionError(13, "denied")

    monkeypatch.setattr("tempfile.TemporaryFile", denied)
    place = tmp_path / "at" / "new" / name
    done = run(*words, "--year", 2025, option, place)
    assert done.exit_code == 2
    assert f"{option} {place}：{tmp_path / 'at'} 里不能写文件" in done.stderr
    assert not list((tmp_path / "at").iterdir())


def test_a_folder_where_a_file_is_to_be(tmp_path: Path) -> None:
    at = inbox(tmp_path, {})
    (tmp_path / "汇总.xlsx").mkdir()
    done = run("collect", at, "--out", tmp_path / "汇总.xlsx")
    assert (done.exit_code, "是文件夹，请写明文件名" in done.stderr) == (2, True)


def test_an_inbox_and_a_roster_that_cannot_be_opened_are_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = inbox(tmp_path, {"甲.xlsx": filled_in("甲局", 1)})
    out = ("--out", tmp_path / "汇总.xlsx")
    done = run("collect", at, "--roster", tmp_path, *out)
    assert (done.exit_code, done.stderr.startswith("单位名录 ")) == (2, True)
    assert "这是一个文件夹，请指定名录文件" in done.stderr

    def denied(*_: object) -> None:
        raise PermissionError(13, "denied")

    monkeypatch.setattr("xltools.cli.options.os.scandir", denied)
    done = run("collect", at, *out)
    assert (done.exit_code, done.stderr.startswith(f"收件夹 {at} 打不开：")) == (2, True)
