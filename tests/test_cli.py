"""The commands as a new user runs them, right and wrong."""

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from openpyxl import load_workbook

from support.client import Office
from support.commands import PROGRAM, process, roster, text, xltools
from support.jobs import BAD, GOOD, filled

ROOT = Path(__file__).parent.parent
SAMPLES = ROOT / "samples"


def test_help_answers_at_once_and_loads_nothing_heavy(tmp_path: Path) -> None:
    heavy = ("pandas", "openpyxl", "xlsxwriter", "python_calamine", "numpy", "rich.progress")
    code = (
        "import sys; sys.argv = ['xltools', '--help']\n"
        "from xltools.cli import main\n"
        "try: main()\n"
        f"finally: print([m for m in {heavy} if m in sys.modules])"
    )
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, cwd=tmp_path, text=True, check=False
    )
    assert done.stdout.splitlines()[-1] == "[]"
    assert time.perf_counter() - start < 20, "an order of magnitude, not a measurement"


READING = (
    *("xltools.match.matcher", "xltools.readers.biff", "xltools.readers.odf"),
    *("xltools.readers.documents.pdf", "xltools.readers.containers.walk"),
    *("python_calamine", "xlrd", "lxml", "openpyxl", "pdfplumber", "xlsxwriter"),
)


def test_what_reads_files_is_imported_by_workers_alone(tmp_path: Path) -> None:
    filled(tmp_path / "甲.xlsx", "甲局", GOOD)
    code = (
        "import sys; sys.argv = ['xltools', 'check', '甲.xlsx']\n"
        "from xltools.cli import main\n"
        "if __name__ == '__main__':\n"
        "    try: main()\n"
        f"    finally: print([m for m in {READING} if m in sys.modules])\n"
    )
    (tmp_path / "run.py").write_text(code, "utf-8")
    done = subprocess.run(
        [sys.executable, "run.py"], cwd=tmp_path, capture_output=True, check=False, text=True
    )
    assert done.stdout.splitlines()[-2:] == ["甲.xlsx：没有问题", "[]"]


def test_a_worker_imports_no_command(tmp_path: Path) -> None:
    code = (
        "import io, sys\n"
        "from xltools.inbox.worker import serve_through\n"
        "serve_through(io.BytesIO(), io.BytesIO())\n"
        "print([m in sys.modules for m in ('xltools.match.matcher', 'xltools.cli', 'typer')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, check=True, text=True
    )
    assert done.stdout.strip() == "[True, False, False]"


def test_every_outcome_is_told_and_counts_add_up(tmp_path: Path) -> None:
    filled(tmp_path / "in" / "甲.xlsx", "甲局", GOOD)
    filled(tmp_path / "in" / "乙.xlsx", "乙局", BAD)
    names = roster(tmp_path / "r.csv", "甲局", "乙局", "丙局")
    done = xltools("collect", "in", "--roster", names, "--json", "out.json", cwd=tmp_path)
    assert done.returncode == 1
    said = text(done)
    for line in (
        "共收到 2 个文件：已汇总 1，退回 1，",
        "应报 3 个单位，已汇总 1 个。",
        "未报 1 个：丙局",
        "退回：乙.xlsx",
        "[必须更正 T3-01] 乙局（乙.xlsx）",
        "  表三 D5、D6、D28、D29（",
        "汇总表：汇总.xlsx",
    ):
        assert line in said
    data = json.loads((tmp_path / "out.json").read_text("utf-8"))
    assert list(data) == ["form", "year", "counts", "documents", "totals", "returns", "missing",
                          "findings"]  # fmt: skip
    assert data["counts"] == {
        "received": 2, "merged": 1, "rejected": 1, "superseded": 0, "ignored": 0, "unreadable": 0
    }  # fmt: skip
    assert data["missing"] == ["丙局"]
    assert len(data["totals"]) == 200
    finding = data["findings"][0]
    assert finding["code"] == "T3-01"
    assert finding["severity"] == "fatal"
    assert (finding["unit"], finding["path"], finding["sheet"]) == ("乙局", "乙.xlsx", "表三")
    assert finding["items"][0] == "t3.received.natural"
    assert len(finding["cells"]) == len(finding["items"]) == 4


def test_all_in_and_clean_is_status_0_and_a_rerun_keeps_the_former(tmp_path: Path) -> None:
    filled(tmp_path / "in" / "甲.xlsx", "甲局", GOOD)
    names = roster(tmp_path / "r.csv", "甲局")
    for inbox in range(2):
        done = xltools("collect", "in", "--roster", names, cwd=tmp_path)
        assert done.returncode == 0, text(done)
        filled(tmp_path / "in" / f"甲{inbox}.xlsx", "甲局", GOOD)
    assert "原来的汇总表已改名保留：汇总_" in text(done)
    assert len(list(tmp_path.glob("汇总*.xlsx"))) == 2
    book = load_workbook(tmp_path / "汇总.xlsx")
    assert book.sheetnames[:8] == [
        "总览",
        "汇总",
        "明细",
        "报送情况",
        "问题",
        "文字",
        "校验",
        "来源",
    ]


def test_accept_and_previous_year(tmp_path: Path) -> None:
    filled(tmp_path / "in" / "乙.xlsx", "乙局", BAD)
    names = roster(tmp_path / "r.csv", "乙局")
    done = xltools("collect", "in", "--roster", names, "--accept", "乙局", cwd=tmp_path)
    assert "已汇总 1，退回 0" in text(done)
    wrong = xltools("collect", "in", "--roster", names, "--accept", "丁局", cwd=tmp_path)
    assert wrong.returncode == 2
    assert "名录中没有“丁局”" in text(wrong)
    (tmp_path / "汇总.xlsx").rename(tmp_path / "上年.xlsx")
    shutil.rmtree(tmp_path / "in")
    filled(tmp_path / "in" / "乙.xlsx", "乙局", GOOD)
    done = xltools("collect", "in", "--roster", names, "--previous", "上年.xlsx", cwd=tmp_path)
    assert "[需说明 Y-01] 乙局" in text(done)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("collect", "nowhere"), "没有这个收件夹"),
        (("collect", "in", "--out", "汇总.txt"), "请以 .xlsx 结尾"),
        (("collect", "."), "收件夹里只放收到的文件"),
        (("collect", "in"), "是空的"),
        (("collect", "in", "--json", "in/out.json"), "收件夹里只放收到的文件"),
        (("collect", "in", "--roster", "missing.xlsx"), "missing.xlsx"),
        (("collect", "in", "--previous", "missing.xlsx"), "missing.xlsx"),
        (("collect", "in", "--form", "nothing"), "nothing"),
        (("check", "missing.xlsx"), "没有这个文件"),
        (("generate", "missing.csv", "--year", "2025"), "找不到这个文件"),
        (("generate", "r.csv", "--year", "2010"), "2021 年及以后"),
        (("generate", "r.csv", "--year", "2025", "--lock-password", "x" * 16), "至多 15"),
        (("generate", "r.csv"), "--year"),
        (("form", "check", "r.csv"), "r.csv:1"),
        (("form", "show", "missing.toml"), "missing.toml"),
        (("roster", "new", "r.csv"), "已存在，未覆盖"),
        (("previous", "new", "r.csv"), "已存在，未覆盖"),
        (("nonsense",), "nonsense"),
    ],
    ids=lambda x: " ".join(x) if isinstance(x, tuple) else "",
)
def test_wrong_use_is_one_message_and_status_2(
    tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    roster(tmp_path / "r.csv", "甲局")
    (tmp_path / "in").mkdir()
    done = xltools(*words, cwd=tmp_path)
    assert done.returncode == 2
    assert said in text(done)
    assert len(text(done).splitlines()) <= 5
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["in", "r.csv"]


def test_output_never_fails_on_a_narrow_console(tmp_path: Path) -> None:
    filled(tmp_path / "in" / "甲𠮷.xlsx", "甲𠮷局", GOOD)
    for encoding in ("gbk", "cp936", "ascii", "cp1252"):
        done = process("collect", "in", cwd=tmp_path, PYTHONUTF8="0", PYTHONIOENCODING=encoding)
        assert done.returncode == 0, done.stderr
    assert "共收到" in process(
        "collect", "in", cwd=tmp_path, PYTHONUTF8="0", PYTHONIOENCODING="gbk"
    ).stdout.decode("gbk")


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    command = f"'{PROGRAM}' form show zfxxgk-2021 | head -1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, check=False)
    assert done.stdout
    assert not done.stderr


def test_form_show_gives_every_item(tmp_path: Path) -> None:
    done = xltools("form", "show", "zfxxgk-2021", "--json", cwd=tmp_path)
    data = json.loads(done.stdout)
    assert data["form"] == "zfxxgk-2021"
    items = data["items"]
    assert set(items[0]) == {"item", "part", "row", "column", "sheet", "cell", "kind", "type"}
    figures = [i for i in items if i["type"] != "text"]
    assert len(figures) == 200
    assert sum(i["kind"] == "computed" for i in figures) == 34
    assert len(items) - len(figures) == 7
    assert len({i["item"] for i in items}) == 207
    assert len({(i["sheet"], i["cell"]) for i in items}) == 207


def test_generate_says_what_it_left_alone(tmp_path: Path) -> None:
    names = roster(tmp_path / "r.csv", "甲局", "乙局")
    assert xltools("generate", names, "--year", "2025", cwd=tmp_path).returncode == 0
    first = next((tmp_path / "outbox").glob("*甲局.xlsx"))
    first.write_bytes(b"filled in")
    done = xltools("generate", names, "--year", "2025", cwd=tmp_path)
    assert done.returncode == 1
    assert "已存在且内容不同，未覆盖" in text(done)
    assert first.name in text(done)
    assert first.read_bytes() == b"filled in"
    assert xltools("generate", names, "--year", "2025", "--force", cwd=tmp_path).returncode == 0


def test_contacts_can_be_left_out(tmp_path: Path) -> None:
    done = xltools("collect", SAMPLES / "inbox", "--roster", SAMPLES / "roster.xlsx", "--year",
                   2023, "--no-contacts", cwd=tmp_path)  # fmt: skip
    assert done.returncode == 1
    book = load_workbook(tmp_path / "汇总.xlsx")
    everything = "\n".join(
        str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row if cell.value
    )
    assert "@example.com" not in everything
    assert "0527-" not in everything


def test_files_of_the_command_may_lie_in_the_inbox(tmp_path: Path) -> None:
    """They are accounted for, and never counted as returns."""
    inbox = tmp_path / "in"
    filled(inbox / "甲.xlsx", "甲局", GOOD)
    names = roster(inbox / "r.csv", "甲局")
    done = xltools("collect", "in", "--roster", names, cwd=tmp_path)
    assert done.returncode == 0, text(done)
    assert "共收到 2 个文件：已汇总 1，退回 0，被取代 0，非报送文件 1" in text(done)


def test_accept_that_cannot_be_is_said(tmp_path: Path) -> None:
    filled(tmp_path / "in" / "甲.xlsx", "甲局", GOOD | {"t3.granted.business": "约30"})
    said = text(xltools("collect", "in", "--accept", "甲局", "--accept", "乙局", cwd=tmp_path))
    assert "--accept 甲局：未计入，有不能强制计入的问题（V-02）。" in said
    assert "--accept 乙局：未计入，没有它的报表。" in said


def test_another_password_needs_force(tmp_path: Path) -> None:
    names = roster(tmp_path / "r.csv", "甲局")
    words = ("generate", names, "--year", "2025", "--lock-password")
    assert xltools(*words, "one", cwd=tmp_path).returncode == 0
    done = xltools(*words, "two", cwd=tmp_path)
    assert done.returncode == 2
    assert "与 --lock-password 不同" in text(done)
    assert xltools(*words, "two", "--force", cwd=tmp_path).returncode == 0


def test_a_workbook_with_a_password(tmp_path: Path) -> None:
    from io import BytesIO

    from msoffcrypto.format.ooxml import OOXMLFile

    plain = filled(tmp_path / "甲.xlsx", "甲局", GOOD)
    (tmp_path / "in").mkdir()
    with plain.open("rb") as file, (tmp_path / "in" / "甲.xlsx").open("wb") as out:
        locked = BytesIO()
        OOXMLFile(file).encrypt("密码1", locked)
        out.write(locked.getvalue())
    without = xltools("collect", "in", "--year", "2025", cwd=tmp_path)
    assert without.returncode == 1
    assert "F-03" in text(without)
    for words in (("--password", "密码1"), ("--password", "wrong", "--password", "密码1")):
        assert xltools("collect", "in", *words, cwd=tmp_path).returncode == 0


def test_the_other_formats_are_collected(office: Office, tmp_path: Path) -> None:
    done = filled(tmp_path / "甲.xlsx", "甲局", GOOD)
    for kind in ("xls", "et", "ods", "fods"):
        (tmp_path / kind).mkdir()
        office.convert(done, tmp_path / kind / f"甲.{kind}")
        said = xltools("collect", kind, "--out", f"{kind}.xlsx", cwd=tmp_path)
        assert said.returncode == 0, text(said)


def test_nothing_received_is_not_done(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    done = xltools("collect", "in", "--year", "2025", cwd=tmp_path)
    assert done.returncode == 1
    assert "共收到 0 个文件" in text(done)


def test_json_goes_to_standard_output_alone(tmp_path: Path) -> None:
    filled(tmp_path / "in" / "甲.xlsx", "甲局", GOOD)
    done = xltools("collect", "in", "--json", "-", cwd=tmp_path)
    assert json.loads(done.stdout)["counts"]["merged"] == 1
    assert done.returncode == 0


def test_check_of_our_own_summary_says_what_it_is(tmp_path: Path) -> None:
    done = xltools("check", SAMPLES / "汇总.xlsx", cwd=tmp_path)
    assert done.returncode == 1
    assert "不是填好的报表（本程序生成的汇总表）" in text(done)


def test_the_parser_speaks_the_language_of_its_users(tmp_path: Path) -> None:
    for words, said in (
        (("generate", "r.csv"), "缺少选项 --year"),
        (("generate",), "缺少 ROSTER。在年度文件夹"),
        (("generate", "r.csv", "--year", "1999"), "--year 不能小于 2000"),
        (("generate", "r.csv", "--year", "x"), "--year 后面要写整数"),
        (("collect", "in", "--frobnicate"), "没有 --frobnicate 这个选项"),
        (("collect", "in", "--roster"), "选项 --roster 后面没有写值"),
        (("collect", "in", "more"), "多出了 more"),
        (("gather",), "没有 gather 这个命令"),
    ):
        done = xltools(*words, cwd=tmp_path)
        assert done.returncode == 2
        assert said in text(done), text(done)
        assert "Error" not in text(done)
    bare = xltools(cwd=tmp_path)
    assert (bare.returncode, b"collect" in bare.stdout + bare.stderr) == (2, True)


def test_what_the_system_refuses_is_told_in_chinese(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for words in (
        ("roster", "new", "file/名录.xlsx"),
        ("generate", roster(tmp_path / "r.csv", "甲局"), "--year", 2025, "--out", "file"),
        ("generate", tmp_path / "r.csv", "--year", 2025, "--previous", "no.xlsx"),
        ("form", "show", "no.toml"),
    ):
        done = xltools(*words, cwd=tmp_path)
        assert done.returncode == 2
        assert not any(w in text(done) for w in ("No such", "Not a directory", "exists")), text(
            done
        )
    # Of the file that was asked for, not of the one that is written aside.
    (tmp_path / "in").mkdir()
    done = xltools("collect", "in", "--year", 2025, "--out", "/proc/汇总.xlsx", cwd=tmp_path)
    assert (done.returncode, ".tmp" in text(done)) == (2, False), text(done)


@pytest.mark.parametrize("command", ["collect", "reply"])
def test_no_year_of_a_report_and_not_the_year_before(tmp_path: Path, command: str) -> None:
    filled(tmp_path / "in" / "甲.xlsx", "甲局", GOOD)
    given = (command, "in", "--roster", roster(tmp_path / "r.csv", "甲局"))
    done = xltools(*given, "--year", 9999, cwd=tmp_path)
    assert (done.returncode, "--year 9999" in text(done)) == (2, True)
    assert xltools("collect", "in", "--out", "上年.xlsx", cwd=tmp_path).returncode == 0
    done = xltools(*given, "--year", 2027, "--previous", "上年.xlsx", cwd=tmp_path)
    assert (done.returncode, "2025 年的数据" in text(done)) == (2, True), text(done)
    words = ("generate", "r.csv", "--year", 2027, "--previous", "上年.xlsx")
    assert xltools(*words, cwd=tmp_path).returncode == 2


def test_as_a_module() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "xltools", "--version"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout.split()[0]) == (0, "xltools")
