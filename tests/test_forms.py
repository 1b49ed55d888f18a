"""Every form that is declared, from the template to the summary; none has code of its own."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from support.client import Office
from support.declared import NEW, YEARS, Figures, consistent, laid_out, published_2019, totals
from support.drawn import draw
from support.summaries import summary_bytes
from support.written import Written, page, word
from xltools.checks.run import check
from xltools.forms.declaration import available, load
from xltools.layout.places import Layout
from xltools.ledgers.previous import load as load_previous
from xltools.ledgers.previous import write_blank
from xltools.match.editions import carried_over, common, edition_of
from xltools.match.labels import key
from xltools.match.matcher import Matcher
from xltools.model.assessment import judge
from xltools.model.cells import column_name
from xltools.model.findings import catalogue
from xltools.model.form import Severity
from xltools.model.identity import (
    CHECKS,
    CHECKS_TOP,
    COVER,
    FIELDS,
    PRINT,
    WHY,
    ZERO,
)
from xltools.model.numbers import Number, stored
from xltools.model.returns import Return, RuleState, Status
from xltools.model.roster import Roster, Unit
from xltools.model.summary import Outcome
from xltools.model.wording import in_words
from xltools.readers.workbook import open_book
from xltools.steps import Job, collect
from xltools.template.build import build
from xltools.template.opening import Subject
from xltools.template.outbox import fill_outbox

ROOT = Path(__file__).parent.parent
PROGRAM = Path(sys.executable).with_name("xltools")
UNIT = "区教育局"
ROSTER = Roster(units=(Unit(name=UNIT, category="工作机构"),))
SIGNED = {f"{COVER}!C{FIELDS[n] + 1}": v for n, v in
          (("填表人", "甲"), ("联系电话", "027-1"), ("填报日期", "2026-1-5"))}  # fmt: skip


def cells(layout: Layout, figures: Mapping[str, Number]) -> dict[str, str | int | float]:
    by_name = layout.form.by_name
    return {str(layout.address(by_name[n])): stored(v) for n, v in figures.items()}


def returned(layout: Layout, path: Path, figures: Mapping[int, Number]) -> Return:
    return Matcher(layout).match(open_book(draw(layout, path, figures)))


def found(made: Figures, path: Path, figures: Mapping[str, Number]) -> list[tuple[str, str]]:
    """What is found in a return with these figures, totals typed: codes, where to look first."""
    ret = returned(made.layout, path, made.numbered(figures))
    prior = [made.priors.get(i.name) for i in made.form.items]
    told = check(made.layout, ret, category="工作机构", prior=prior)
    return [(f.code, f.items[0]) for f in told]


def test_the_declared_forms() -> None:
    assert available() == tuple(sorted(YEARS))
    for name in YEARS:
        form = load(name)
        assert not {r.code for r in form.rules} & catalogue().keys()
        assert {r.severity for r in form.rules} == {Severity.FATAL, Severity.QUERY}
    form = load("zfxxgk-2019")
    rows = [i.row for i in form.items if i.table == "t3" and i.column == "total"]
    assert len(rows) == 23
    assert form.years == (2019, 2020)


@pytest.mark.parametrize("name", YEARS)
def test_from_the_template_to_the_summary(office: Office, tmp_path: Path, name: str) -> None:
    layout, first, second = laid_out(name), consistent(name, 1), consistent(name, 2)
    units = (Unit(name="甲局", category="工作机构"), Unit(name="乙局", category="工作机构"))
    last = {u.name: f.numbered(f.priors) for u, f in zip(units, (first, second), strict=True)}
    path = tmp_path / "上年.xlsx"
    write_last_year(path, layout, last, YEARS[name] - 1)
    previous = load_previous(path, layout.form)
    roster, inbox = Roster(units=units), tmp_path / "inbox"
    inbox.mkdir()
    made = fill_outbox(
        layout, roster, year=YEARS[name], out=tmp_path / "out", previous=previous, password="x"
    )
    for one, figures in zip(made.workbooks, (first, second), strict=True):
        assert one.path.name.startswith(f"{YEARS[name]}年{layout.form.short}_")
        typed = {**cells(layout, figures.inputs), **SIGNED}
        assert not office.fill(one.path, inbox / one.path.name, typed).refused
    summary = collect(Job(layout=layout, inbox=inbox, roster=roster, previous=previous))
    assert [f.code for f in summary.findings] == []
    assert summary.year == YEARS[name]
    for entry, figures in zip(summary.entries, (first, second), strict=True):
        want = figures.all()
        assert {i.name: entry.numbers[i.index] for i in layout.form.items} == want
    both = {n: v + second.inputs[n] for n, v in first.inputs.items()}
    whole = totals(layout.form, both)
    assert {i.name: summary.totals[i.index] for i in layout.form.items} == whole
    assert all(s is not RuleState.OFF for s in summary.states)
    out = tmp_path / "汇总.xlsx"
    out.write_bytes(summary_bytes(summary, layout, tmp_path))
    again = load_previous(out, layout.form)  # next year's --previous
    assert again.figures["甲局"] == {i.index: first.all()[i.name] for i in layout.form.items}
    shown = office.dump(out, sheet="汇总")[0].cells
    assert not any(cell.error for cell in shown.values())


def write_last_year(
    path: Path, layout: Layout, figures: Mapping[str, Mapping[int, Number]], year: int
) -> None:
    from openpyxl import load_workbook

    write_blank(path, layout.form, [Unit(name=n) for n in figures], year=year)
    book = load_workbook(path)
    sheet = book.worksheets[0]
    names = {c.value: c.column for row in sheet.iter_rows(max_row=5) for c in row if c.value}
    rows = {c.value: c.row for row in sheet.iter_rows(max_col=2) for c in row if c.value}
    for unit, known in figures.items():
        for item, number in known.items():
            sheet.cell(rows[unit], names[layout.form.items[item].name], stored(number))
    book.save(path)


def test_the_real_report_on_the_2019_form(office: Office, tmp_path: Path) -> None:
    layout, report = laid_out("zfxxgk-2019"), published_2019()
    template, inbox = tmp_path / "模板.xlsx", tmp_path / "inbox"
    inbox.mkdir()
    template.write_bytes(build(layout, Subject(year=2019, unit=UNIT), "x"))
    typed: dict[str, str | int | float] = {}
    for item in layout.form.inputs():
        value = report[item.name]
        if value is not None:
            shown = value if isinstance(value, str) else stored(value)
            typed[str(layout.address(item.index))] = shown
    typed |= {f"{COVER}!C{FIELDS[ZERO] + 1}": "是", **SIGNED}
    # Pasted: the amount is 251000元, which typing would not let in.
    office.fill(template, inbox / "沪.xlsx", typed, paste=True)
    summary = collect(Job(layout=layout, inbox=inbox, roster=ROSTER, year=2019))
    (entry,) = summary.entries
    assert {f.code for f in summary.findings} == {"V-01", "T2-01"}
    for item in layout.form.items:
        want = report[item.name]
        if item.name == "t2.procurement.paid":
            want = Decimal("25.1")
        if want is not None or item.formula is None:
            assert entry.numbers[item.index] == (want or 0), item.name


# Each rule broken alone: what is changed (typed totals too), what is found, where to look first.
PLUS: dict[str, Number] = dict.fromkeys(
    (f"s.{row}.{column}" for row in ("abroad", "total") for column in ("final", "over", "growth")),
    100,
)
FEN = Decimal("0.001")
MISTAKES: list[tuple[str, dict[str, Number], list[tuple[str, str]]]] = [
    ("zfxxgk-2019", {"t3.received.natural": 5, "t3.received.total": 5},
     [("T3-01", "t3.received.natural")]),
    ("zfxxgk-2019", {"t3.closed.natural": 1, "t3.closed.total": 1},
     [("T3-02", "t3.closed.natural")]),
    ("zfxxgk-2019", {"t3.closed.total": 1}, [("X-01", "t3.closed.total")]),
    ("zfxxgk-2019", {"t3.other_handling.total": 1, "t3.closed.total": 1},
     [("T3-03", "t3.other_handling.total")]),
    ("zfxxgk-2019", {"t4.cases.review_total": 1}, [("T4-01", "t4.cases.review_total")]),
    ("zfxxgk-2019", {"t4.cases.direct_total": -1}, [("T4-02", "t4.cases.direct_total")]),
    ("zfxxgk-2019", {"t4.cases.after_total": 2}, [("T4-03", "t4.cases.after_total")]),
    ("zfxxgk-2019", {"t3.carried_in.natural": 1, "t3.carried_in.total": 1,
                     "t3.received.natural": -1, "t3.received.total": -1},
     [("Y-01", "t3.carried_in.natural")]),
    ("zfxxgk-2019", {"t2.normative.open": 900}, [("Y-02", "t2.normative.open")]),
    ("zfxxgk-2019", {"t2.licences.before": 1}, [("Y-03", "t2.licences.before")]),
    ("zfxxgk-2019", {"t2.regulations.made": 1}, [("T2-01", "t2.regulations.made")]),
    ("zfxxgk-2019", {"t2.normative.opened": 900}, [("T2-02", "t2.normative.opened")]),
    ("zfxxgk-2019", {"t2.fees.change": -900}, [("T2-03", "t2.fees.before")]),
    ("zfxxgk-2019", {"t2.fees.change": Decimal("0.5")}, [("V-08", "t2.fees.change")]),
    ("zfxxgk-2019", {"t2.fees.change": -2 * 10**9},
     [("V-11", "t2.fees.change"), ("T2-03", "t2.fees.before")]),
    ("zfxxgk-2019", {"t2.fees.before": -900},
     [("V-07", "t2.fees.before")]),
    ("sangong-2024", {"s.total.budget": 1, "s.total.over": -1}, [("S-01", "s.total.budget")]),
    ("sangong-2024", {"s.vehicles.budget": 1, "s.vehicles.over": -1, "s.total.budget": 1,
                      "s.total.over": -1}, [("S-02", "s.vehicles.budget")]),
    ("sangong-2024", {"s.abroad.over": 1}, [("S-03", "s.abroad.over")]),
    ("sangong-2024", {"s.total.growth": 1, "s.abroad.growth": 1}, [("S-04", "s.total.growth")]),
    ("sangong-2024", PLUS, [("S-05", "s.total.final"), ("S-06", "s.total.final")]),
    ("sangong-2024", {"s.abroad.before": 5, "s.total.before": 5, "s.abroad.growth": -5,
                      "s.total.growth": -5}, [("Y-01", "s.abroad.before")]),
    ("sangong-2024", {"s.abroad.budget": FEN, "s.total.budget": FEN, "s.abroad.over": -FEN,
                      "s.total.over": -FEN}, [("V-13", "s.abroad.budget")]),
]  # fmt: skip


@pytest.mark.parametrize("which", range(len(MISTAKES)))
def test_a_rule_broken_is_found_alone(tmp_path: Path, which: int) -> None:
    name, changes, want = MISTAKES[which]
    made = consistent(name, which)
    figures = made.all()
    assert found(made, tmp_path / "a.xlsx", figures) == []
    for item, more in changes.items():
        figures[item] = figures[item] + more
    assert found(made, tmp_path / "b.xlsx", figures) == want


def test_every_rule_is_broken_once() -> None:
    broken = {(name, code) for name, _, want in MISTAKES for code, _ in want}
    assert broken >= {(name, rule.code) for name in NEW for rule in load(name).rules}


def states(layout: Layout, path: Path) -> list[str]:
    """The collector's judgement in the words of the workbook."""
    ret = Matcher(layout).match(open_book(path))
    found = []
    for one in judge(layout.form, ret, category="工作机构"):
        off = one.state is RuleState.OFF
        assert one.difference is not None or not off
        whole = all(layout.form.items[i].whole for i in one.instance.cells)
        gap = f"差{one.difference or 0}" if whole else f"差{one.difference or 0:.2f}"
        found.append(gap if off else one.state.value)
    return found


@pytest.mark.parametrize("name", NEW)
def test_the_workbook_and_the_collector_agree(office: Office, tmp_path: Path, name: str) -> None:
    layout, rng = laid_out(name), random.Random(5)
    instances, seen = layout.form.instances, set[str]()
    area = f"H{CHECKS_TOP + 1}:H{CHECKS_TOP + len(instances)}"
    for number in range(10):
        made = consistent(name, number)
        figures, items = dict(made.inputs), list(made.inputs)
        for item in rng.sample(items, number % 4):
            figures[item] = figures[item] + Decimal(rng.choice(("1", "-1", "0.25", "7")))
        typed = cells(layout, figures)
        typed |= dict.fromkeys(rng.sample(list(typed), rng.choice((0, 0, 1, 4))), "")
        if number % 3 == 0:
            typed[f"{COVER}!C{FIELDS[ZERO] + 1}"] = "是"
        for one in rng.sample(instances, 3):
            typed[f"{CHECKS}!{column_name(WHY)}{CHECKS_TOP + 1 + one.index}"] = "口径调整"
        priors = made.numbered(made.priors) if number % 2 else {}
        path, out = tmp_path / "模板.xlsx", tmp_path / "out.xlsx"
        subject = Subject(year=YEARS[name], unit=UNIT, category="工作机构", priors=priors)
        path.write_bytes(build(layout, subject, "x"))
        shown = office.fill(path, out, typed, paste=True, read=(CHECKS, area)).shown
        assert shown is not None
        column = [shown.cells[f"H{CHECKS_TOP + 1 + i.index}"].text for i in instances]
        assert column == states(layout, out), f"fill {number}"
        seen |= {text[0] for text in column}
    assert seen >= set("差平未不")


# The sign, and decimals.


def test_a_change_carries_its_sign(office: Office, tmp_path: Path) -> None:
    layout = laid_out("zfxxgk-2019")
    path, out = tmp_path / "模板.xlsx", tmp_path / "out.xlsx"
    path.write_bytes(build(layout, Subject(year=2020, unit=UNIT), "x"))
    at = {n: str(layout.address(layout.form.by_name[n])) for n in layout.form.by_name}
    change, count = at["t2.licences.change"], at["t2.licences.before"]
    assert [r.place for r in office.fill(path, out, {change: -3, count: -3}).refused] == [count]
    for wrong in ("1.5", "-1000000000", "减三"):
        assert office.fill(path, out, {change: wrong}).refused
    texts = {"t2.licences.change": "+2", "t2.services.change": "-1", "t2.penalties.change": "－4"}
    typed = {at[name]: text for name, text in texts.items()}
    done = office.fill(path, out, {**typed, at["t2.coercion.change"]: "—"}, paste=True)
    ret = Matcher(layout).match(open_book(done.out))
    numbers = {n: ret.numbers[i] for n, i in layout.form.by_name.items() if n.endswith(".change")}
    assert numbers == {
        "t2.licences.change": 2, "t2.services.change": -1, "t2.penalties.change": -4,
        "t2.coercion.change": 0, "t2.fees.change": None,
    }  # fmt: skip
    assert {f.code for f in ret.findings} <= {"V-01", "V-09"}
    sheet = change.split("!")[0]
    shown = office.dump(done.out, sheet=sheet)[0].cells
    assert [shown[at[n].split("!")[1]].text for n in list(texts)[:2]] == ["+2", "-1"]


def test_decimals_are_shown_printed_and_held_to(office: Office, tmp_path: Path) -> None:
    layout = laid_out("sangong-2024")
    made = consistent("sangong-2024", 4)
    made.inputs["s.abroad.final"] = Decimal("3.5")
    path, out = tmp_path / "模板.xlsx", tmp_path / "out.xlsx"
    path.write_bytes(build(layout, Subject(year=2025, unit=UNIT), "x"))
    office.fill(path, out, cells(layout, made.inputs))
    at = layout.address(layout.form.by_name["s.abroad.final"])
    dumped = {s.name: s.cells for s in office.dump(out)}
    assert dumped[at.sheet][at.a1].text == "3.50"
    printed = [c.text for c in dumped[PRINT].values()]
    assert "3.50" in printed
    assert {"财务负责人：", "单位负责人："} <= set(printed)
    assert "保密审查：" not in printed
    assert not any("文字" in c.text for c in dumped[COVER].values())
    light = dumped[COVER]["C9"].text
    assert light.startswith("平衡"), light
    made.inputs["s.abroad.final"] = Decimal("3.505")
    office.fill(path, out, cells(layout, made.inputs))
    assert office.dump(out, sheet=COVER)[0].cells["C9"].text.startswith("须改正 1 处")


# The wrong edition, and what it has in common with the right one.


def inbox_of(tmp_path: Path, name: str, *, full: bool) -> Path:
    made, inbox = consistent(name, 3), tmp_path / "inbox"
    inbox.mkdir()
    names: dict[str, str | int] = {
        "form": "zfxxgk",
        "edition": made.form.edition,
        "unit": UNIT,
        "year": 2025,
    }
    figures = made.numbered(made.inputs)
    draw(made.layout, inbox / f"{UNIT}.xlsx", figures, identity=names, full=full)
    return inbox


@pytest.mark.parametrize("full", [True, False])
@pytest.mark.parametrize("other", ["zfxxgk-2019", "zfxxgk-2021"])
def test_the_other_edition_is_recognised(tmp_path: Path, other: str, full: bool) -> None:
    name = next(n for n in YEARS if n.startswith("zfxxgk") and n != other)
    job = Job(layout=laid_out(name), inbox=inbox_of(tmp_path, other, full=full),
              roster=ROSTER, year=2025)  # fmt: skip
    summary = collect(job)
    assert [d.outcome for d in summary.documents] == [Outcome.REJECTED]
    assert summary.documents[0].unit == UNIT
    told = next(f for f in summary.findings if f.severity is Severity.FATAL)
    assert told.code == ("I-01" if full else "I-12")
    if not full:
        assert (in_words(told.found), in_words(told.expected)) == (
            f"{other[-4:]}年版",
            f"{name[-4:]}年版",
        )


def test_an_edition_is_told_by_most_of_what_only_it_prints() -> None:
    forms = [load(n) for n in YEARS if n.startswith("zfxxgk")]
    old, new = ({key(x) for i in f.items for x in (*i.rows, *i.columns)} for f in forms)
    for own, mine, theirs in ((forms[0], old, new), (forms[1], new, old)):
        told = edition_of(own, theirs)
        assert told is not None
        assert told.form.name in {f.name for f in forms} - {own.name}
        assert edition_of(own, mine) is None
        assert edition_of(own, mine | theirs) is None  # both are in the file
        few = sorted(theirs - mine)[:2]  # a heading or two reworded as the other has them
        assert edition_of(own, (mine & theirs) | set(few)) is None
        assert edition_of(own, set()) is None
    assert edition_of(load("sangong-2024"), old) is None


@pytest.mark.parametrize("write", [word, page], ids=["docx", "html"])
def test_the_real_report_as_a_document(tmp_path: Path, write: Callable[[Written], bytes]) -> None:
    old, new, report = laid_out("zfxxgk-2019"), laid_out("zfxxgk-2021"), published_2019()
    figures = [report[item.name] for item in old.form.items]
    title = "上海市人民政府办公厅2019年政府信息公开工作年度报告"
    told = Written(title=[title], agency="上海市人民政府办公厅", date="2020年1月20日",
                   figures=figures, layout=old)  # fmt: skip
    path = tmp_path / ("a.docx" if write is word else "a.html")
    path.write_bytes(write(told))
    ret = Matcher(old).match(open_book(path))
    for item, want in zip(old.form.items, figures, strict=True):
        number = Decimal("25.1") if want == "251000元" else want
        assert ret.numbers[item.index] == number, item.name
    assert ret.other == ""
    wrong = Matcher(new).match(open_book(path))
    assert wrong.other == "zfxxgk-2019"
    assert [f.code for f in wrong.findings].count("I-12") == 1


@pytest.mark.parametrize("name", [n for n in YEARS if n.startswith("zfxxgk")])
def test_a_table_of_ones_own_edition_is_not_taken_for_another(tmp_path: Path, name: str) -> None:
    made = consistent(name, 3)
    path = draw(made.layout, tmp_path / "a.xlsx", made.numbered(made.inputs), full=False)
    from openpyxl import load_workbook

    book = load_workbook(path)
    sheet = book.worksheets[0]
    sheet.insert_rows(3)  # no longer where it is expected: then labels are looked at
    book.save(path)
    ret = Matcher(made.layout).match(open_book(path))
    assert (ret.other, ret.missing) == ("", frozenset())


def test_what_two_editions_have_in_common(tmp_path: Path) -> None:
    old, new = laid_out("zfxxgk-2019"), laid_out("zfxxgk-2021")
    pairs = common(old.form, new.form)
    named = {old.form.items[a].name: new.form.items[b].name for a, b in pairs.items()}
    assert len(named) == len(set(named.values())) == 22 * 7 + 15
    assert all(a == b for a, b in named.items())
    assert not any("t2." in n or "other" in n.split(".")[1] for n in named)
    back = common(new.form, old.form)
    assert {b: a for a, b in pairs.items()} == dict(back)
    assert dict(common(old.form, old.form)) == {i.index: i.index for i in old.form.items}
    made = consistent("zfxxgk-2019", 8)
    figures = made.numbered(made.inputs)
    blank = made.form.by_name["t3.secret.legal"]
    del figures[blank]
    ret = returned(old, tmp_path / "old.xlsx", figures)
    moved = carried_over(replace(ret, zero=True), old.form, new.form)
    for here in new.form.inputs():
        there = {b: a for a, b in pairs.items()}.get(here.index)
        want = None if there is None else figures.get(there, 0)
        assert moved.numbers[here.index] == want
        assert (moved.statuses[here.index] is Status.BLANK) == (there is None)
        assert moved.places[here.index] == (None if there is None else ret.places[there])
    assert not moved.zero
    assert carried_over(ret, old.form, new.form).statuses[new.form.by_name["t3.secret.legal"]] is (
        Status.BLANK
    )


# The command line, and the sample.


def xltools(*words: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [PROGRAM, *words], cwd=cwd, capture_output=True, encoding="utf-8", check=False
    )


def test_the_smallest_form_there_can_be(tmp_path: Path) -> None:
    (tmp_path / "小.toml").write_text(
        'form = "s"\nedition = "1"\ntitle = "小表"\nauthority = "测试"\n\n'
        '[a]\ntitle = "人数"\ncolumns = [["n", "人数"]]\nrows = [["all", ""]]\n',
        "utf-8",
    )
    (tmp_path / "名录.csv").write_text("单位名称\n甲局\n", "utf-8")
    form = ("--form", "小.toml")
    done = xltools("generate", "名录.csv", *form, "--year", "2025", cwd=tmp_path)
    assert (done.returncode, "Warning" in done.stderr) == (0, False)
    from openpyxl import load_workbook

    path = tmp_path / "outbox" / "2025年小表_甲局.xlsx"
    book = load_workbook(path)
    book["人数"]["A3"] = 5
    (tmp_path / "inbox").mkdir()
    book.save(tmp_path / "inbox" / path.name)
    done = xltools("collect", "inbox", *form, "--roster", "名录.csv", cwd=tmp_path)
    assert (done.returncode, "Warning" in done.stderr) == (0, False), done.stderr
    done = xltools("previous", "new", "上年.xlsx", *form, cwd=tmp_path)
    assert done.returncode == 2
    assert "用不着上年数据" in done.stderr


@pytest.mark.parametrize("name", YEARS)
def test_a_form_is_shown_on_80_columns(name: str) -> None:
    done = xltools("form", "show", name)
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert max(sum(2 if ord(c) > 0x2000 else 1 for c in line) for line in lines) <= 80
    form = load(name)
    assert [n for n in (i.name for i in form.items) if f" {n} " not in done.stdout] == []
    assert [r.code for r in form.rules if f"  {r.code} " not in done.stdout] == []
    assert name in xltools("form", "list").stdout


def test_a_year_that_the_form_is_not_for_is_refused(tmp_path: Path) -> None:
    for words in (("generate", "samples/sangong/roster.csv"), ("collect", "samples/sangong/inbox")):
        done = xltools(*words, "--form", "zfxxgk-2019", "--year", "2023")
        assert done.returncode == 2
        assert "2019 至 2020 年" in done.stderr


def test_the_sample_of_the_third_form(tmp_path: Path) -> None:
    from make_sangong import HOME, MISSING, UNITS, figures

    out = tmp_path / "汇总.xlsx"
    words = "collect inbox --form sangong-2024 --roster roster.csv --year 2025 --out"
    done = xltools(*words.split(), str(out), "--previous", "上年数据.xlsx", cwd=HOME)
    assert done.returncode == 1
    form = load("sangong-2024")
    for book in (out, HOME / "汇总.xlsx"):
        kept = load_previous(book, form)
        assert set(kept.figures) == set(UNITS) - {MISSING, "区水务局"}
        for unit, known in kept.figures.items():
            want = figures()[unit]
            if unit == "汉水街道":
                want["s.reception.final"] = 6.17  # sent as 61700元
            assert {form.items[i].name: float(n) for i, n in known.items()
                    if form.items[i].formula is None} == want  # fmt: skip
    assert "V-13" in done.stdout
    assert "S-05" in done.stdout
