"""Rules on trial: one word in the form file, and they are told apart and stop nobody."""

import json
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner

from support.filled import LAYOUT, consistent
from support.jobs import GOOD, filled
from support.summaries import summary_bytes
from xltools.checks.run import check
from xltools.cli.app import app
from xltools.forms import declaration
from xltools.forms.declaration import load
from xltools.layout.places import lay_out
from xltools.model.form import Severity
from xltools.model.identity import (
    CHECKS,
    CHECKS_TOP,
    CODE,
    RANK,
    STATE,
)
from xltools.model.returns import RuleState
from xltools.model.roster import Texts
from xltools.output.data import report
from xltools.steps import Job, collect
from xltools.template.build import build
from xltools.template.opening import Subject

OFFICIAL = (Path(declaration.__file__).parent.parent / "forms" / "zfxxgk-2021.toml").read_text(
    "utf-8"
)
NEW = 'N-01 = ["trial", "t3.received.total <= 1", "新收不多于一件"]\n'
TRIED = OFFICIAL.replace("[prose]", f"{NEW}\n[prose]")


@pytest.fixture
def form(tmp_path: Path) -> Path:
    path = tmp_path / "试行.toml"
    path.write_text(TRIED, "utf-8")
    return path


def test_a_trial_is_a_note_apart_at_the_end(form: Path) -> None:
    layout = lay_out(load(form))
    draft = consistent(1, typed=False)
    draft.add("t3.received.natural", 1)
    draft.texts["p5.problems"] = "无"
    draft.add_up()
    made = check(layout, draft.made(), text=Texts.REQUIRED)
    assert [(one.code, one.severity, one.trial) for one in made] == [
        ("T3-01", Severity.FATAL, False),
        ("P-04", Severity.QUERY, False),
        ("N-01", Severity.NOTE, True),
    ]
    assert not made[-1].open
    # The one word makes it a question, and the other a mistake.
    for word, severity in (("query", Severity.QUERY), ("fatal", Severity.FATAL)):
        grown = declaration.read(TRIED.replace('["trial"', f'["{word}"'), form)
        one = next(f for f in check(lay_out(grown), draft.made()) if f.code == "N-01")
        assert (one.severity, one.trial, one.open) == (severity, False, True)


def test_a_trial_explains_nothing_away(form: Path) -> None:
    """A total's own rule on trial does not take the place of the question that follows from it."""
    more = NEW + 'N-02 = ["trial", "t4.review_total", "和"]\n'
    more += 'N-03 = ["query", "t4.cases.review_total <= 0", "无复议"]\n'
    text = OFFICIAL.replace("[prose]", f"{more}\n[prose]").replace('T4-01 = ["fatal"', "#")
    layout = lay_out(declaration.read(text, form))
    draft = consistent(2, typed=True)
    for part in ("upheld", "corrected", "other", "pending"):
        draft.figures[f"t4.cases.review_{part}"] = 0
    draft.figures["t4.cases.review_total"] = 5
    found = [one.code for one in check(layout, draft.made())]
    assert found == ["N-03", "N-01", "N-02"]


def test_a_trial_is_marked_in_every_output(form: Path, tmp_path: Path) -> None:
    filled(tmp_path / "in" / "甲.xlsx", "甲局", GOOD)
    layout = lay_out(load(form))
    summary = collect(Job(layout=layout, inbox=tmp_path / "in"))
    assert summary.clean, "a trial leaves nothing to be done"
    data = report(summary)["findings"]
    assert [(f["code"], f["severity"], f.get("trial")) for f in data] == [("N-01", "note", True)]
    book = load_workbook(BytesIO(summary_bytes(summary, layout, tmp_path)))
    rows = list(book["问题"].iter_rows(min_row=4, values_only=True))
    assert [(r[2], r[3], r[11]) for r in rows] == [("试行", "N-01", "—")]
    rules = [r for r in book["校验"].iter_rows(values_only=True) if r[1] == "N-01"]
    assert [r[2] for r in rules] == ["试行"]


def test_the_terminal_tells_trials_apart(form: Path, tmp_path: Path) -> None:
    path = filled(tmp_path / "in" / "甲.xlsx", "甲局", GOOD)
    run = CliRunner()
    out = str(tmp_path / "汇总.xlsx")
    done = run.invoke(app, ["collect", str(path.parent), "--form", str(form), "--out", out])
    assert done.exit_code == 0
    assert "[试行] N-01：1 个单位有 1 条" in done.output
    done = run.invoke(app, ["check", str(path), "--form", str(form)])
    assert done.exit_code == 0
    assert "[试行 N-01] 甲局" in done.output
    assert "没有问题" in done.output
    done = run.invoke(app, ["check", str(path), "--form", str(form), "--json", "-"])
    assert json.loads(done.output)["findings"][0]["trial"] is True


def test_the_template_troubles_no_unit_with_a_trial(form: Path) -> None:
    layout = lay_out(load(form))
    book = load_workbook(BytesIO(build(layout, Subject(year=2025, unit="甲局"), "x")))
    sheet = book[CHECKS]
    row = CHECKS_TOP + len(layout.form.instances)
    assert sheet.cell(row, CODE + 1).value == "N-01"
    assert sheet.cell(row, STATE + 1).value == "试行" not in [s.value for s in RuleState]
    assert sheet.cell(row, RANK + 1).value == 0
    before = load_workbook(BytesIO(build(LAYOUT, Subject(year=2025, unit="甲局"), "x")))[CHECKS]
    assert before.cell(row - 1, CODE + 1).value == sheet.cell(row - 1, CODE + 1).value == "T2-01"
