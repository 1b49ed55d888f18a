"""``import xltools``: the public interface, as a program uses it."""

import doctest
import os
import re
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import load_workbook

import xltools
from xltools import api
from xltools.model.numbers import Number

ROOT = Path(__file__).parent.parent
GUIDE = (ROOT / "docs" / "library.md").read_text("utf-8")
SAMPLES = ROOT / "samples"
INPUT = "t2.regulations.issued"
FORM = xltools.load_form("zfxxgk-2021")
FUNCTIONS = [name for name in xltools.__all__ if name in vars(api) and name.islower()]
ENVIRONMENT = {**os.environ, "PYTHONIOENCODING": "utf-8"}


def program(folder: Path, text: str) -> subprocess.CompletedProcess[str]:
    """A script of its own, run as its user would."""
    script = folder / "program.py"
    script.write_text(text, "utf-8")
    return subprocess.run(
        [sys.executable, script],
        cwd=folder,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("name", FUNCTIONS)
def test_examples(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    finder = doctest.DocTestFinder(recurse=False)
    names = {**vars(api), **{n: getattr(xltools, n) for n in xltools.__all__}}
    tests = finder.find(getattr(xltools, name), name, globs=names)
    results = [doctest.DocTestRunner().run(test) for test in tests]
    assert sum(result.failed for result in results) == 0
    assert sum(result.attempted for result in results) >= 1


def test_the_guide_runs(tmp_path: Path) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", GUIDE, re.S)
    (tmp_path / "inbox").mkdir()
    for path in sorted((SAMPLES / "inbox").glob("*.xlsx"))[:2]:
        (tmp_path / "inbox" / path.name).write_bytes(path.read_bytes())
    (tmp_path / "roster.xlsx").write_bytes((SAMPLES / "roster.xlsx").read_bytes())
    done = program(tmp_path, code)
    assert done.returncode == 0, done.stderr
    assert re.search(r"^\d+ merged; missing: \S+", done.stdout, re.MULTILINE)
    assert (tmp_path / "summary.xlsx").stat().st_size > 10_000
    assert not done.stderr


def test_the_guide_names_every_function() -> None:
    table = GUIDE.split("## What there is")[1]
    named = set(re.findall(r"`(\w+)[`(]", table))
    assert set(xltools.__all__) - {"__version__"} <= named


def test_public_names_are_what_they_say() -> None:
    import xltools.inbox.pool  # modules of the package do not take the place of its functions

    for name in xltools.__all__:
        assert name in dir(xltools)
        assert getattr(xltools, name) is not None
    assert callable(xltools.check)
    assert callable(xltools.collect)
    with pytest.raises(AttributeError, match="nothing_of_the_kind"):
        _ = xltools.nothing_of_the_kind


def test_samples_are_collected_without_a_word(capfd: pytest.CaptureFixture[str]) -> None:
    """In another thread, where no signal handler can be set, and without printing anything."""
    summaries: list[xltools.Summary] = []

    def work() -> None:
        roster = SAMPLES / "roster.xlsx"
        summaries.append(xltools.collect(SAMPLES / "inbox", FORM, roster, year=2023))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    (summary,) = summaries
    assert capfd.readouterr() == ("", "")
    assert summary.entries
    assert {type(n) for n in summary.totals} <= {int, Decimal}
    assert sum(summary.to_frame()["三"].to_numpy().sum(axis=0)) == sum(
        n for item, n in zip(FORM.items, summary.totals, strict=True) if item.part == "三" and n
    )


def template(path: Path, previous: xltools.Return | dict[str, Number] | None = None) -> Path:
    path.write_bytes(xltools.build_template(FORM, "甲局", 2025, previous=previous, password="abc"))
    return path


def test_the_same_arguments_give_the_same_workbook(tmp_path: Path) -> None:
    assert template(tmp_path / "a.xlsx").read_bytes() == template(tmp_path / "b.xlsx").read_bytes()


def test_last_year_is_carried_over(tmp_path: Path) -> None:
    carried = {FORM.items[new].name: FORM.items[old].name for new, old in FORM.carried.items()}
    new, old = next(iter(carried.items()))
    ret = xltools.read_return(template(tmp_path / "a.xlsx", {old: 7}), FORM)
    assert ret.value(FORM.by_name[new]).number == 7
    again = xltools.read_return(template(tmp_path / "b.xlsx", ret), FORM)
    assert again.unit == "甲局"


def test_a_file_that_cannot_be_read_is_a_finding(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"no workbook")
    ret = xltools.read_return(tmp_path / "a.xlsx", FORM)
    assert [finding.code for finding in ret.findings] == ["F-01"]
    assert len(ret.numbers) == len(FORM.items)
    assert not any(n is not None for n in ret.numbers)
    assert xltools.check(FORM, ret) == ret.findings


def test_str_puts_a_value_into_words(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"")
    (tmp_path / ".DS_Store").write_bytes(b"Bud1")
    summary = xltools.collect(tmp_path, FORM, year=2025)
    reasons = {document.path: str(document.reason) for document in summary.documents}
    assert reasons == {".DS_Store": "系统文件", "a.xlsx": ""}
    (finding,) = [finding for finding in summary.findings if finding.path == "a.xlsx"]
    assert str(finding.found) == "文件是空的（0 字节）"


def units(*names: str, filer: str | None = None) -> xltools.Roster:
    return xltools.Roster(units=tuple(xltools.Unit(name=n, files_through=filer) for n in names))


def test_a_name_is_cleaned_as_that_of_a_roster_is(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(xltools.build_template(FORM, "甲\x00 局\n", 2025))
    assert load_workbook(tmp_path / "a.xlsx").sheetnames
    assert xltools.read_return(tmp_path / "a.xlsx", FORM).stated_unit == "甲局"


def test_errors_of_the_caller(tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("甲,乙\n1,2\n", "utf-8")
    (tmp_path / "text").write_text("", "utf-8")
    summary = xltools.collect(tmp_path / "inbox", FORM, year=2025)
    other = xltools.Return.empty(xltools.load_form("sangong-2024"))
    own = xltools.Return.empty(FORM)
    calls: list[tuple[Callable[[], object], str]] = [
        (lambda: xltools.load_form("zfxxgk-1999"), "zfxxgk-1999"),
        (lambda: xltools.build_template(FORM, "甲局", 1999), "1999"),
        (lambda: xltools.build_template(FORM, "甲局", 2025, password="密码"), "password"),
        (lambda: xltools.build_template(FORM, "甲局", 2025, previous={"t9.x": 1}), r"t9\.x"),
        (lambda: xltools.build_template(FORM, "甲局", 2025, previous={INPUT: 1.5}), "1.5"),  # type: ignore[dict-item]  # because a float is what is refused
        (lambda: xltools.build_template(FORM, "甲局", 2025, previous=other), "another form"),
        (lambda: xltools.check(FORM, other), "another form"),
        (lambda: xltools.check(FORM, own, previous=other), "another form"),
        (lambda: other.to_frame(FORM), "another form"),
        (lambda: xltools.collect(tmp_path / "inbox", FORM, workers=0), "worker"),
        (lambda: xltools.collect(tmp_path / "inbox", FORM, workers=1000), "worker"),
        (lambda: xltools.collect(tmp_path / "inbox", FORM, units("甲局", "甲局")), "of its own"),
        (lambda: xltools.collect(tmp_path / "inbox", FORM, units("甲局", filer="乙局")), "乙局"),
        (lambda: xltools.build_template(FORM, "\x01", 2025), "name"),
        (lambda: xltools.build_template(FORM, xltools.Unit(name="甲局", limit=-5), 2025), "-5"),
        (lambda: xltools.read_return(SAMPLES / "汇总.xlsx", FORM), "summary"),
        (lambda: xltools.write_summary(summary, tmp_path / "s.docx"), "xlsx"),
        (lambda: xltools.read_return(tmp_path / "none.xlsx", FORM), "none.xlsx"),
        (lambda: xltools.read_return(tmp_path, FORM), re.escape(tmp_path.name)),
        (lambda: xltools.collect(tmp_path / "none", FORM), "none"),
        (lambda: xltools.collect(tmp_path / "inbox", FORM, wrong), "wrong.csv"),
        (lambda: xltools.collect(tmp_path / "inbox", FORM, tmp_path / "none.xlsx"), "none.xlsx"),
        (lambda: xltools.collect(tmp_path / "inbox", FORM, year=1999), "1999"),
        (lambda: xltools.collect(tmp_path / "inbox", FORM, decisions=wrong), "wrong.csv"),
        (lambda: xltools.collect(tmp_path / "inbox", FORM, previous=wrong), "wrong.csv"),
        (
            lambda: xltools.collect(tmp_path / "inbox", FORM, previous=tmp_path / "inbox"),
            "lies in the inbox",
        ),
        (
            lambda: xltools.collect(
                tmp_path / "inbox", FORM, SAMPLES / "roster.xlsx", accept=["无此局"]
            ),
            "无此局",
        ),
        (
            lambda: xltools.write_summary(summary, tmp_path / "text" / "s.xlsx"),
            "text",
        ),
    ]
    for call, words in calls:
        with pytest.raises(xltools.XltoolsError, match=words):
            call()


def test_a_file_of_several_documents_is_for_collect(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        for name in ("甲局.xlsx", "乙局.xlsx"):
            archive.write(template(tmp_path / name), name)
    with pytest.raises(xltools.XltoolsError, match="2 documents"):
        xltools.read_return(tmp_path / "all.zip", FORM)
    with zipfile.ZipFile(tmp_path / "nothing.zip", "w") as archive:
        archive.writestr("Thumbs.db", b"")
    with pytest.raises(xltools.XltoolsError, match="no return"):
        xltools.read_return(tmp_path / "nothing.zip", FORM)


def test_names_may_come_one_by_one(tmp_path: Path) -> None:
    """A generator is read once, and a single text is no sequence of letters."""
    (tmp_path / "inbox").mkdir()
    template(tmp_path / "inbox" / "甲局.xlsx")
    roster = xltools.Roster(units=(xltools.Unit(name="甲局"),))
    for accept in ("甲局", (name for name in ["甲局"])):
        summary = xltools.collect(tmp_path / "inbox", FORM, roster, year=2025, accept=accept)
        assert [document.unit for document in summary.documents] == ["甲局"]
    place = tmp_path / "out" / "summary.xlsx"
    assert xltools.write_summary(summary, place) == place


UNGUARDED = """
import sys
import xltools
form = xltools.load_form("zfxxgk-2021")
print(xltools.read_return({path!r}, form).identity.unit)
{more}
"""


def test_a_program_needs_no_guard(tmp_path: Path) -> None:
    """Workers do not import the program's main module."""
    path = str(template(tmp_path / "a.xlsx"))
    done = program(tmp_path, UNGUARDED.format(path=path, more=""))
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 1), done.stderr


def test_a_python_that_does_not_start_again_is_told(tmp_path: Path) -> None:
    path = str(template(tmp_path / "a.xlsx"))
    for other in ("nowhere", "false"):
        more = f"sys.executable = {other!r}\nxltools.read_return({path!r}, form)"
        done = program(tmp_path, UNGUARDED.format(path=path, more=more))
        assert (done.returncode, done.stderr.count("Traceback")) == (1, 1)
        assert "WorkerError: 不能启动读取文件的进程" in done.stderr.splitlines()[-1]
