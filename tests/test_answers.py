"""Whatever a unit is asked has a place to answer it, and the answer is taken to the question."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from support.catalogue_cases import DRAFTED, SENT, column, in_yuan, shown_otherwise
from support.client import Office
from support.desk import CELL
from support.explaining import answers, first_line, line, returned, text_cell
from support.filled import FORM, LAYOUT, Draft, consistent
from support.mistakes import TOWN, later, text, wrong
from support.summaries import write_summary
from support.typed import typed
from xltools.checks.run import check
from xltools.decide.choose import content_digest
from xltools.forms.declaration import load
from xltools.inbox import pool
from xltools.inbox.reading import Reading
from xltools.inbox.reading import read as read_file
from xltools.layout.places import Layout, lay_out
from xltools.match.matcher import Matcher
from xltools.model.findings import SHARED, Finding, catalogue
from xltools.model.form import Severity
from xltools.model.identity import (
    ABOUT,
    ANSWER,
    ASKED,
    CHECKS,
    CODE,
    COVER,
    ISSUES,
    LIGHT_ROW,
    WHY,
)
from xltools.model.returns import Return
from xltools.model.roster import Roster, Texts, Unit
from xltools.model.summary import Outcome, Summary
from xltools.model.wording import in_words
from xltools.readers.workbook import book_of, open_book
from xltools.reply.run import Reply, reply
from xltools.report.word import Paper
from xltools.report.word import build as build_paper
from xltools.steps import Job, collect
from xltools.template.build import build
from xltools.template.issues import LINES
from xltools.template.opening import Subject

FORMER = Path(__file__).parent / "data" / "former"
NAME = "甲局.xlsx"
UNIT = Unit(name="甲局", category=TOWN, text=Texts.REQUIRED, limit=0)
WORDS = "本年度机构合并，数字属实"
FEE = "t2.fees.charged"
# What somebody with the password of its sheets has changed in a return.
CHANGED: dict[str, Callable[[Workbook], None]] = {
    "M-10": column(""),
    "V-17": in_yuan,
    "V-19": shown_otherwise,
}
Asked = tuple[bytes, bytes | None]  # the workbook, and a report that goes with it


def queries() -> list[str]:
    """Every code that a unit can be asked to explain."""
    rules = [rule.code for rule in FORM.rules if rule.severity is Severity.QUERY]
    entries = [
        e.code for e in catalogue().values()
        if e.severity is Severity.QUERY and e.to_unit and e.code not in SHARED
    ]  # fmt: skip
    return sorted(rules + entries)


def asked(code: str) -> Asked:
    """A return that is asked about one thing."""
    draft = consistent(1, typed=False)
    if code in DRAFTED:
        DRAFTED[code][1](draft)
        if code != "C-04":
            draft.recalculate()
        return returned(draft, UNIT.name, TOWN), None
    assert code in SENT
    if code in CHANGED:
        book = load_workbook(BytesIO(returned(draft, UNIT.name, TOWN)))
        CHANGED[code](book)
        out = BytesIO()
        book.save(out)
        return out.getvalue(), None
    assert code == "D-06", "a new question needs a mistake here"
    figures = {i.name: draft.figures[i.name] for i in FORM.items}
    data = returned(draft, UNIT.name, TOWN)
    figures[CELL] = 77
    made = Paper(
        agency=UNIT.name, year=2025, date="2026年1月9日",
        figures=[str(figures[i.name]) if i.formula is None else "" for i in FORM.items],
    )  # fmt: skip
    return data, build_paper(LAYOUT, made)


class Coordinator:
    """The coordinator's office: an inbox and what is made of it."""

    def __init__(self, home: Path, unit: Unit = UNIT, layout: Layout = LAYOUT) -> None:
        self.home, self.unit, self.layout, self.hours = home, unit, layout, 0
        self.inbox.mkdir(exist_ok=True)

    @property
    def inbox(self) -> Path:
        return self.home / "in"

    def receive(self, data: bytes, name: str = NAME) -> Path:
        """A file of an hour later than the one before."""
        path = self.inbox / name
        path.write_bytes(data)
        self.hours += 1
        when = datetime(2026, 1, 20).timestamp() + 3600 * self.hours
        os.utime(path, (when, when))
        return path

    def job(self) -> Job:
        return Job(layout=self.layout, inbox=self.inbox, year=2025,
                   roster=Roster(units=(self.unit,)))  # fmt: skip

    def collect(self) -> Summary:
        return collect(self.job())

    def reply(self, summary: Summary) -> Reply:
        return reply(self.job(), summary, self.home / "out", outbox=self.home, password="x")

    def correction(self, summary: Summary) -> bytes:
        workbook = self.reply(summary).letters[0].workbook
        assert workbook is not None
        return workbook.read_bytes()


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Starting a process for each of so many inboxes would take minutes."""

    def read(
        workers: pool.Workers, files: Sequence[tuple[str, Path]], _progress: object
    ) -> Iterator[tuple[int, list[Reading]]]:
        for number, (name, path) in enumerate(files):
            yield number, list(read_file(name, path, Matcher(workers.layout)))

    monkeypatch.setattr(pool.Workers, "read", read)


@pytest.fixture
def desk(tmp_path: Path) -> Coordinator:
    return Coordinator(tmp_path)


def the(findings: tuple[Finding, ...], code: str) -> Finding:
    found = [f for f in findings if f.code == code]
    assert len(found) == 1, [f.code for f in findings]
    return found[0]


def place(one: Finding) -> str:
    return f"{one.sheet}!{one.cells[0]}"


def receive(desk: Coordinator, code: str) -> tuple[bytes, Finding]:
    """A return that is asked about one thing, and what it is asked."""
    data, paper = asked(code)
    desk.receive(data)
    if paper is not None:
        desk.receive(paper, "甲局.docx")
    summary = desk.collect()
    assert [f.code for f in summary.findings if f.open] == [code]
    return data, the(summary.findings, code)


@pytest.mark.parametrize("code", queries())
def test_a_question_is_answered_in_the_template(code: str, desk: Coordinator) -> None:
    data, question = receive(desk, code)
    desk.receive(typed(data, line(data, code, place(question), WORDS)))
    summary = desk.collect()
    answered = the(summary.findings, code)
    assert (answered.explanation, answered.open) == (WORDS, False)
    assert (answered.cells, in_words(answered.found)) == (
        question.cells,
        in_words(question.found),
    )
    assert [d.outcome for d in summary.documents if d.path == NAME] == [Outcome.MERGED]
    assert "E-01" not in {f.code for f in summary.findings}
    assert summary.clean
    assert not desk.reply(summary).letters


# A correction of these asks for nothing any more: it adds up itself, holds the result of the
# formula and nothing beside its tables, in the form's measures and formats, and answers the report
# that it was compared with.
MENDED = {"C-03", "C-04", "D-06", *CHANGED}


@pytest.mark.parametrize("code", queries())
def test_a_question_is_answered_in_its_correction(code: str, desk: Coordinator) -> None:
    _, question = receive(desk, code)
    correction = desk.correction(desk.collect())
    at = answers(correction)
    assert list(at) == [code]
    book = load_workbook(BytesIO(correction))
    sheet, cell = at[code].split("!")
    assert book[sheet][cell].value is None
    assert not book[sheet][cell].protection.locked
    desk.receive(correction, "更正.xlsx")
    before = desk.collect()
    assert [f.code for f in before.findings if f.open] == ([] if code in MENDED else [code])
    desk.receive(typed(correction, {at[code]: WORDS}), "更正.xlsx")
    summary = desk.collect()
    told = the(summary.findings, "E-01" if code in MENDED else code)
    assert (told.explanation, told.path) == (WORDS, "更正.xlsx")
    assert summary.clean
    assert question.items[:1] == told.items[:1] or code in MENDED


@pytest.mark.parametrize("code", ["X-03", "B-03", "V-02", "T3-01", "M-02"])
def test_what_has_to_be_mended_is_not_excused(code: str, desk: Coordinator) -> None:
    draft = consistent(1, typed=False)
    if code in DRAFTED:
        DRAFTED[code][1](draft)
        draft.recalculate()
    data = returned(draft, UNIT.name, TOWN)
    if code == "V-02":
        data = typed(data, {str(LAYOUT.address(FORM.by_name["t3.granted.others"])): "约3"})
    if code == "M-02":
        book = load_workbook(BytesIO(data))
        book[LAYOUT.tables[1].sheet].delete_rows(20)
        out = BytesIO()
        book.save(out)
        data = out.getvalue()
        row = first_line(data)
        for column, said in ((CODE, code), (WHY, WORDS)):
            book[CHECKS].cell(row, column + 1, said)
        out = BytesIO()
        book.save(out)
        desk.receive(out.getvalue())
    else:
        desk.receive(typed(data, line(data, code, "", WORDS)))
    summary = desk.collect()
    told = the(summary.findings, code)
    assert told.severity is Severity.FATAL
    assert told.open
    assert told.explanation == WORDS
    assert [d.outcome for d in summary.documents] == [Outcome.REJECTED]
    correction = desk.correction(summary)
    desk.receive(typed(correction, {answers(correction)[code]: WORDS}), "更正.xlsx")
    again = desk.collect()
    assert [f.severity for f in again.findings if f.open] == [Severity.FATAL], "still open"


FEE_CELL = str(LAYOUT.address(FORM.by_name[FEE]))
FEE_SHEET, FEE_AT = FEE_CELL.split("!")


def fee_return() -> bytes:
    draft = consistent(1, typed=False)
    draft.figures[FEE] = 250_000
    return returned(draft, UNIT.name, TOWN)


def read(data: bytes, layout: Layout = LAYOUT) -> Return:
    return Matcher(layout).match(book_of(data))


def findings(data: bytes) -> tuple[Finding, ...]:
    return check(LAYOUT, read(data), category=TOWN, text=Texts.REQUIRED)


@pytest.mark.parametrize(
    "code",
    [
        "X-04",
        "x-04",
        "ｘ－０４",
        "Ｘ-04",
        "X04",
        "x 04",
        " X—04 ",
        "编码X-04",
        "X-04 金额过大",
        "X–04。",
    ],
)
def test_a_code_is_read_as_people_type_it(code: str) -> None:
    data = fee_return()
    made = findings(typed(data, line(data, code, "", WORDS)))
    assert the(made, "X-04").explanation == WORDS
    assert len(made) == 1


@pytest.mark.parametrize(
    "cell",
    [
        FEE_CELL,
        FEE_AT,
        FEE_AT.lower(),
        f"{FEE_SHEET} {FEE_AT}",
        f"{FEE_SHEET}{FEE_AT}",
        f"{FEE_SHEET}！{FEE_AT}",
        f"'{FEE_SHEET}'!${FEE_AT[0]}${FEE_AT[1:]}",
        f"{FEE_SHEET}.{FEE_AT}",
        f" {FEE_SHEET} ! {FEE_AT} ",
        f"{FEE_SHEET}!{FEE_AT[0]}2:{FEE_AT}",
        f"{FEE_SHEET}!{FEE_AT[0]}8、{FEE_AT}",
        f"{LAYOUT.tables[1].sheet}!D5；{FEE_CELL}",
        FORM.items[FORM.by_name[FEE]].label,
        " > ".join((*FORM.items[FORM.by_name[FEE]].rows, *FORM.items[FORM.by_name[FEE]].columns)),
        "行政事业性收费",
        "见附件",  # no place at all: then the one finding of this code is meant
    ],
)
def test_a_cell_is_read_as_people_type_it(cell: str) -> None:
    data = fee_return()
    made = findings(typed(data, line(data, "X-04", cell, WORDS)))
    assert the(made, "X-04").explanation == WORDS
    assert len(made) == 1


@pytest.mark.parametrize(
    ("code", "cell", "why"),
    [
        ("X-04", f"{FEE_SHEET}!B2", "没有对上"),
        ("X-04", f"{LAYOUT.tables[1].sheet}!{FEE_AT}", "没有对上"),
        ("X-04", "B99", "没有对上"),
        ("X-02", "", "本次没有这个问题"),
        ("Y-01", "", "本次没有这个问题"),
        ("", "", "没有写编码"),
        ("", FEE_CELL, "不是问题编码"),
        ("Q-99", FEE_CELL, "“Q-99 "),
        ("见邮件", "", "“见邮件”不是问题编码"),
        ("RULE", "", "不是问题编码"),
    ],
)
def test_what_speaks_of_nothing_is_a_note_and_not_lost(
    code: str, cell: str, why: str, desk: Coordinator
) -> None:
    data = fee_return()
    desk.receive(typed(data, line(data, code, cell, WORDS, number=3)))
    summary = desk.collect()
    note = the(summary.findings, "E-01")
    assert note.severity is Severity.NOTE
    assert why in in_words(note.detail)
    assert (note.sheet, note.explanation) == (CHECKS, WORDS)
    assert the(summary.findings, "X-04").open
    out = desk.home / "汇总.xlsx"
    write_summary(summary, LAYOUT, out)
    shown = [c.value for row in load_workbook(out)[ISSUES].iter_rows() for c in row]
    assert WORDS in shown
    assert any(isinstance(v, str) and WORDS in v and why in v for v in shown)


@pytest.mark.parametrize("words", ["", " ", "　　", "\u200b", "\xa0　", "#N/A", "#VALUE!"])
def test_blanks_and_errors_explain_nothing(words: str) -> None:
    data = fee_return()
    made = findings(typed(data, line(data, "X-04", FEE_CELL, words)))
    assert [(f.code, f.open) for f in made] == [("X-04", True)]


def test_one_of_several_places() -> None:
    """An answer speaks of its cell alone, in whatever table the other one is."""
    layout = lay_out(load("sangong-2024"))
    from support.declared import consistent as money

    made = money("sangong-2024", 1)
    draft = Draft(figures=dict(made.inputs))
    names = ["s.abroad.final", "s.reception.final"]
    priors = {layout.form.by_name[n]: 30 for n in names}
    data = build(layout, Subject(year=2025, unit="甲局", priors=priors), "x")
    cells: dict[str, str | int | float] = {
        str(layout.address(layout.form.by_name[n])): float(v or 0) for n, v in draft.figures.items()
    }
    cells |= dict.fromkeys((str(layout.address(layout.form.by_name[n])) for n in names), 300_000)
    first, second = (str(layout.address(layout.form.by_name[n])) for n in names)

    def asked_of(*lines: dict[str, str]) -> dict[str, str]:
        told = dict(cells)
        for one in lines:
            told |= one
        made = check(layout, Matcher(layout).match(book_of(typed(data, told))))
        return {f.cells[0]: f.explanation for f in made if f.code == "X-04"}

    a, b = first.split("!")[1], second.split("!")[1]
    assert asked_of() == {a: "", b: ""}
    assert asked_of(line(data, "X-04", first, WORDS)) == {a: WORDS, b: ""}
    assert asked_of(line(data, "X-04", b, WORDS)) == {a: "", b: WORDS}
    assert asked_of(line(data, "X-04", "", WORDS)) == {a: WORDS, b: WORDS}
    assert asked_of(line(data, "X-04", f"{a}、{b}", WORDS)) == {a: WORDS, b: WORDS}
    column = layout.form.items[layout.form.by_name[names[0]]].columns[-1]
    assert asked_of(line(data, "X-04", column, WORDS)) == {a: "", b: ""}, "which of them?"
    two = line(data, "X-04", first, "甲"), line(data, "X-04", second, "乙", number=1)
    assert asked_of(*two) == {a: "甲", b: "乙"}


def test_a_question_about_many_cells_is_answered_for_those_that_are_named() -> None:
    draft = consistent(1, typed=False)
    blank = ["t4.cases.direct_other", "t4.cases.after_other"]
    blank += ["t4.cases.direct_pending"]
    draft.blank(*blank)
    draft.recalculate()
    data = returned(draft, UNIT.name, TOWN)
    made = the(findings(data), "B-02")
    assert (len(made.cells), in_words(made.found)) == (3, "空白 3 格")
    first, second, third = (f"{made.sheet}!{c}" for c in made.cells)
    told = typed(data, line(data, "B-02", second, WORDS))
    assert [(f.cells, in_words(f.found), f.open) for f in findings(told)] == [
        ((made.cells[1],), "空白 1 格", False),
        ((made.cells[0], made.cells[2]), "空白 2 格", True),
    ]  # fmt: skip
    told = typed(
        data, line(data, "B-02", second, "甲") | line(data, "B-02", f"{first}、{third}", "乙", 1)
    )
    assert {f.cells: f.explanation for f in findings(told)} == {
        (made.cells[1],): "甲", (made.cells[0], made.cells[2]): "乙",
    }  # fmt: skip
    book = load_workbook(BytesIO(returned(consistent(1, typed=False), UNIT.name, TOWN)))
    for name, value in ((CELL, 3), ("t2.penalties.decisions", 5)):
        at = LAYOUT.address(FORM.by_name[name])
        book[at.sheet][at.a1], book[at.sheet][at.a1].number_format = value, "0%"
    out = BytesIO()
    book.save(out)
    data = out.getvalue()
    made = the(findings(data), "V-19")
    assert in_words(made.found) == "300%、500%"
    told = typed(data, line(data, "V-19", made.cells[0], WORDS))
    shown = [f for f in findings(told) if f.code == "V-19"]
    assert [(in_words(f.found), f.open) for f in shown] == [("300%", False), ("500%", True)]


CARRIED_IN = ("t3.carried_in.natural", "t3.carried_in.legal")


def two_columns() -> bytes:
    draft = consistent(1, typed=False)
    first, second = (n.replace("carried_in", "carried_out") for n in CARRIED_IN)
    later(first, 1)(draft)
    draft.priors[second] += 1
    return returned(draft, UNIT.name, TOWN)


def test_a_rule_is_explained_where_it_stands() -> None:
    """A line on a rule at one column leaves the other open; without a cell it speaks of all."""
    data = two_columns()
    both = [str(LAYOUT.address(FORM.by_name[n])) for n in CARRIED_IN]
    asked_about = {f.code: f for f in findings(data)}
    assert set(asked_about) == {"Y-01"}
    made = findings(typed(data, line(data, "Y-01", both[0], WORDS)))
    told = {f.cells[0]: f.explanation for f in made}
    assert told == {both[0].split("!")[1]: WORDS, both[1].split("!")[1]: ""}
    for cell in ("", "、".join(both)):
        (one,) = findings(typed(data, line(data, "y-01", cell, WORDS)))
        assert (one.code, one.explanation) == ("Y-01", WORDS)


def test_what_was_explained_comes_back_with_a_correction(desk: Coordinator) -> None:
    """Nobody has to explain twice: a second correction holds what the first one was told."""
    draft = consistent(1, typed=False)
    draft.figures[FEE] = 250_000
    text("p1.on_request", "新收 1 件。")(draft)
    later("t3.carried_out.natural", 1)(draft)
    draft.figures[CELL] = Decimal("1.5")
    data = returned(draft, UNIT.name, TOWN)
    told = line(data, "", "", "请电话联系") | line(data, "X-04", FEE_AT, "大额收费", number=1)
    desk.receive(typed(data, told))
    first = desk.collect()
    assert sorted({f.code for f in first.findings if f.open}) == ["P-03", "V-08", "Y-01"]
    correction = desk.correction(first)
    at = answers(correction)
    assert "X-04" not in at
    ret = read(correction)
    assert {(e.code, e.words) for e in ret.explained} == {("", "请电话联系"), ("X-04", "大额收费")}
    desk.receive(typed(correction, {at["P-03"]: "口径不同", at["Y-01"]: "机构划转"}), "更正1.xlsx")
    second = desk.collect()
    assert {f.code for f in second.findings if f.open} == {"V-08"}
    again = desk.correction(second)
    assert set(answers(again)) == {"V-08"}
    ret = read(again)
    assert {(e.code, e.words) for e in ret.explained} == {
        ("", "请电话联系"), ("X-04", "大额收费"), ("P-03", "口径不同"),
    }  # fmt: skip
    assert set(ret.explanations.values()) == {"机构划转"}
    desk.receive(typed(again, {str(LAYOUT.address(FORM.by_name[CELL])): 2}), "更正2.xlsx")
    last = desk.collect()
    assert last.clean
    told_last = {f.code: f.explanation for f in last.findings if f.path == "更正2.xlsx"}
    assert told_last == {
        "X-04": "大额收费", "P-03": "口径不同", "Y-01": "机构划转", "E-01": "请电话联系",
    }  # fmt: skip


def test_more_lines_than_the_list_has_are_kept(desk: Coordinator) -> None:
    draft = consistent(1, typed=False)
    wrong("t3.received.natural")(draft)
    draft.recalculate()
    data = returned(draft, UNIT.name, TOWN)
    told: dict[str, str] = {}
    for number in range(LINES):
        told |= line(data, "X-04", f"B{number + 5}", f"第{number}条", number=number)
    desk.receive(typed(data, told))
    correction = desk.correction(desk.collect())
    ret = read(correction)
    assert [e.words for e in ret.explained] == [f"第{n}条" for n in range(LINES)]
    assert typed(correction, line(correction, "X-04", "", "再一条", number=LINES))


def test_an_explanation_is_a_change() -> None:
    data = fee_return()
    told = read(typed(data, line(data, "X-04", "", WORDS)))
    assert content_digest(LAYOUT, told) != content_digest(LAYOUT, read(data))


# In the hands of the clerk.


def test_the_list_takes_any_text_and_prints(office: Office, tmp_path: Path) -> None:
    path = tmp_path / "模板.xlsx"
    path.write_bytes(fee_return())
    told = line(path.read_bytes(), "ｘ－04", FEE_CELL, WORDS)
    result = office.fill(path, tmp_path / "out.xlsx", told)
    assert not result.refused
    (made,) = findings((tmp_path / "out.xlsx").read_bytes())
    assert (made.code, made.explanation) == ("X-04", WORDS)
    pages = office.render(tmp_path / "out.xlsx", tmp_path / "png", dpi=30)
    assert sum(CHECKS in p.name for p in pages) == 3


@pytest.mark.parametrize("kind", ["xls", "ods", "fods"])
def test_explained_in_other_formats(office: Office, tmp_path: Path, kind: str) -> None:
    desk = Coordinator(tmp_path)
    data = fee_return()
    (tmp_path / "a.xlsx").write_bytes(typed(data, line(data, "X-04", FEE_AT, WORDS)))
    desk.receive(office.convert(tmp_path / "a.xlsx", tmp_path / f"a.{kind}").read_bytes(),
                 f"甲局.{kind}")  # fmt: skip
    assert [(f.code, f.explanation) for f in desk.collect().findings] == [("X-04", WORDS)]
    (desk.inbox / f"甲局.{kind}").unlink()
    desk.receive(data)
    correction = desk.correction(desk.collect())
    (tmp_path / "b.xlsx").write_bytes(correction)
    result = office.fill(
        tmp_path / "b.xlsx", tmp_path / f"b.{kind}", {answers(correction)["X-04"]: WORDS}
    )
    assert not result.refused
    desk.receive((tmp_path / f"b.{kind}").read_bytes(), f"更正.{kind}")
    told = [f for f in desk.collect().findings if f.path == f"更正.{kind}"]
    assert [(f.code, f.explanation) for f in told] == [("X-04", WORDS)]


def test_an_answer_on_the_page_of_issues_turns_the_light(office: Office, tmp_path: Path) -> None:
    """A rule that is answered on 问题 is no longer red on 校验, as the collector has it."""
    desk = Coordinator(tmp_path)
    desk.receive(two_columns())
    path = tmp_path / "更正.xlsx"
    path.write_bytes(desk.correction(desk.collect()))
    at = answers(path.read_bytes())["Y-01"]
    light = f"C{LIGHT_ROW + 1}"

    def shown(answer: str) -> str:
        result = office.fill(
            path, tmp_path / "out.xlsx", {at: answer}, read=(COVER, f"{light}:{light}")
        )
        assert result.shown is not None
        return result.shown.cells[light].text

    assert shown("").startswith("须改正 3 处")
    assert shown("=1/0").startswith("须改正 3 处")
    assert shown("　　 ").startswith("须改正 3 处")
    assert shown("机构划转").startswith("平衡")
    assert [f.explanation for f in findings((tmp_path / "out.xlsx").read_bytes())] == ["机构划转"]


def test_the_page_of_issues(desk: Coordinator) -> None:
    """Each line has its code and cells; what the unit types stands below, all else is locked."""
    draft = consistent(1, typed=False)
    draft.figures[FEE] = 250_000
    text("p1.on_request", "新收 1 件。")(draft)
    desk.receive(returned(draft, UNIT.name, TOWN))
    correction = desk.correction(desk.collect())
    sheet = load_workbook(BytesIO(correction))[ISSUES]
    at = answers(correction)
    assert set(at) == {"X-04", "P-03"}
    rows = {sheet.cell(int(a.split("!")[1][1:]) - 1, ASKED + 1).value: a for a in at.values()}
    assert set(rows) == set(at)
    about = {
        code: sheet.cell(int(a.split("!")[1][1:]) - 1, ABOUT + 1).value for code, a in at.items()
    }
    assert about == {"X-04": FEE_CELL, "P-03": text_cell("p1.on_request")}
    open_cells = {
        c.coordinate for row in sheet.iter_rows() for c in row
        if not c.protection.locked and c.column == ANSWER + 1
    }  # fmt: skip
    assert {a.split("!")[1] for a in at.values()} == open_cells
    prompts = [v for v in sheet.data_validations.dataValidation if v.prompt]
    assert {str(v.sqref) for v in prompts} == open_cells
    assert sheet.column_dimensions["J"].hidden
    assert sheet.page_setup.orientation != "landscape"


def test_the_words_that_ask_name_the_place() -> None:
    """Who is asked to explain is told where, in the template and in the correction."""
    for entry in catalogue().values():
        if entry.to_unit and "说明" in entry.remedy:
            assert "“校验”页" in entry.remedy, entry.code
            assert "“问题”页" in entry.unit_remedy, entry.code
            assert "情况说明" in entry.unit_remedy, entry.code


# What was sent out by the version before.


@pytest.mark.parametrize("name", ["return", "correction"])
def test_former_workbooks_are_read_as_they_were(name: str, tmp_path: Path) -> None:
    layout = lay_out(load("sangong-2024"))
    unit = {"return": "区教育局", "correction": "区商务局"}[name]
    desk = Coordinator(tmp_path, Unit(name=unit, category="工作机构"), layout)
    desk.receive((FORMER / f"{name}.xlsx").read_bytes())
    summary = desk.collect()
    assert [d.outcome for d in summary.documents] == [Outcome.MERGED]
    told = {
        "return": {"S-05": "公务用车集中大修", "S-06": "公务用车集中大修"},
        "correction": {"S-05": "出国任务调整，已报批", "S-06": "出国任务调整，已报批"},
    }[name]
    assert {f.code: f.explanation for f in summary.findings} == told
    assert summary.clean
    assert not desk.reply(summary).letters


def test_decisions_on_former_returns_hold() -> None:
    """What a decision was made on is still what it was: the digests are those of that version."""
    layout = lay_out(load("sangong-2024"))
    digests = {
        name: content_digest(layout, Matcher(layout).match(open_book(FORMER / f"{name}.xlsx")))
        for name in ("return", "correction")
    }
    assert digests == {"return": "2d0059cefdfb", "correction": "ca061256305d"}
