"""Back to the units: what their workbooks hold, that mending them clears what was asked, mails."""

import random
import subprocess
import sys
from dataclasses import replace
from decimal import Decimal
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from openpyxl import load_workbook

from support.client import Office
from support.filled import FORM, LAYOUT
from support.inboxes import outlook
from support.jobs import pasted
from support.replies import (
    DATED,
    INPUTS,
    JUNK,
    NOW,
    OTHERS,
    PRIOR,
    TEXT,
    Cells,
    answered,
    at,
    by_unit,
    dated,
    plain,
    read,
    sent,
    truth,
)
from xltools.layout.places import TEXT_SHEET
from xltools.match.matcher import Matcher
from xltools.model.decisions import Correct, Decisions
from xltools.model.findings import catalogue
from xltools.model.form import Severity
from xltools.model.identity import (
    CHECKS,
    CHECKS_TOP,
    COVER,
    DATE,
    FIELDS,
    ISSUES,
    PHONE,
    PROGRESS_HEAD,
    WHY,
    ZERO,
)
from xltools.model.numbers import Number
from xltools.model.previous import Previous
from xltools.model.returns import Status
from xltools.model.roster import Roster, Texts, Unit, UnitState
from xltools.model.summary import Outcome
from xltools.readers.workbook import book_of
from xltools.reply.asks import SHOWN
from xltools.reply.mail import Attachment, ReplyKind, addresses, draft
from xltools.reply.run import (
    FORMER,
    LISTING,
    Letter,
    reply,
)
from xltools.steps import Job, collect
from xltools.template.build import build
from xltools.template.opening import Issue, Issues, Start, Subject

PROGRAM = Path(sys.executable).with_name("xltools")


def mail(one: Letter) -> EmailMessage:
    parsed = message_from_bytes(one.mail.read_bytes(), policy=policy.default)
    assert isinstance(parsed, EmailMessage)
    return parsed


def start_at_random(seed: int) -> Subject:
    """A workbook that starts with anything a return may hold."""
    rng = random.Random(seed)
    figures: dict[int, Number] = {FORM.by_name[n]: v for n, v in truth(seed).items()}
    for item in rng.sample(sorted(figures), 12):
        figures[item] = rng.choice([0, 7, -3, Decimal("2.5"), 10**12, figures[item] + 1])
    for item in rng.sample(sorted(figures), rng.choice([0, 3, 40])):
        del figures[item]
    tables = [t.key for t in FORM.tables]
    priors = {i: rng.choice([5, figures.get(i) or 0]) for i in FORM.priors}
    queries = [i for i in FORM.instances if i.rule.severity is Severity.QUERY]
    texts = {t.name: "\n".join(f"第{n}段。" for n in range(rng.choice([1, 3, 45])))
             for t in FORM.texts}  # fmt: skip
    return Subject(
        year=2025,
        unit="甲局",
        category="工作机构",
        priors=priors,
        start=Start(
            figures=figures,
            zero=seed % 4 == 1,
            none=frozenset(rng.sample(tables, 1)) if seed % 2 else frozenset(),
            texts=texts if seed % 3 else {},
            explanations={FORM.key_of(i): "系口径调整" for i in rng.sample(queries, 4)},
            filler="李四",
            phone="010-1" if seed % 3 else "",
            date=rng.choice(["2026-01-15", "2026年元月", ""]),
        ),
        marks={INPUTS[0]: "请更正", tables[1]: "请看", FORM.key_of(queries[0]): "请说明"},
        issues=Issues(lines=(Issue(kind="请更正", cells=LAYOUT.addresses[:9], text="看"),)),
    )


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_programs_show_at_once_is_what_they_calculate(
    office: Office, tmp_path: Path, seed: int
) -> None:
    subject = start_at_random(seed)
    assert subject.start is not None
    path = tmp_path / "甲.xlsx"
    path.write_bytes(build(LAYOUT, subject, "secret"))
    fresh = {s.name: s.cells for s in office.dump(path, recalc=False)}
    for sheet in office.dump(path):
        for address, cell in sheet.cells.items():
            assert fresh[sheet.name][address].value == cell.value, f"{sheet.name}!{address}"
    ret = read(path)
    start = subject.start
    given = {i: n for i, n in enumerate(ret.numbers) if FORM.items[i].formula is None}
    assert given == {i: start.figures.get(i) for i in given}
    assert (ret.zero, ret.none, dict(ret.texts)) == (start.zero, start.none, start.texts)
    assert dict(ret.explanations) == start.explanations
    assert (ret.filler, ret.phone, ret.date) == (start.filler, start.phone, start.date)
    assert not [f for f in ret.findings if f.code[0] == "M"]


def test_a_template_without_a_start_has_no_page_of_issues() -> None:
    book = book_of(build(LAYOUT, Subject(year=2025, unit="甲局"), "secret"))
    assert ISSUES not in book.names


def inbox_of_mistakes(office: Office, inbox: Path) -> dict[str, dict[str, Number]]:
    """Nine units with a mistake each; gives the figures that they mean."""
    units = {u: truth(n) for n, u in enumerate("甲 乙 丙 丁 戊 己 庚 辛 癸".split())}
    units = {f"{u}局": figures for u, figures in units.items()}
    sent(inbox / "甲.xlsx", "甲局", units["甲局"],
         {at("t3.carried_out.legal"): int(units["甲局"]["t3.carried_out.legal"]) + 3,
          at("t3.granted.others"): -int(units["甲局"]["t3.granted.others"])})  # fmt: skip
    sent(inbox / "乙.xlsx", "乙局", units["乙局"],
         {at(JUNK): "约30件", at(TEXT): f"{units['乙局'][TEXT]}件", at(DATED): NOW})  # fmt: skip
    units["丙局"] |= dict.fromkeys(OTHERS, 0)
    for name in OTHERS:  # so that nothing is left over, and a blank is no imbalance
        column = name.rsplit(".", 1)[1]
        units["丙局"][f"t3.received.{column}"] -= truth(2)[name]
        units["丙局"][f"t3.received.{column}"] += truth(2)[f"t3.carried_in.{column}"]
        units["丙局"][f"t3.carried_in.{column}"] = 0
    sent(inbox / "丙.xlsx", "丙局", {n: v for n, v in units["丙局"].items() if n not in OTHERS})
    priors = {out: units["丁局"][into] for out, into in PRIOR.items()}
    priors["t3.carried_out.natural"] += 1
    priors["t3.carried_out.legal"] += 2
    told = next(i for i in FORM.instances if FORM.key_of(i) == "Y-01@t3.carried_in.natural")
    why = f"{CHECKS}!I{CHECKS_TOP + told.index + 1}"
    assert WHY == 8
    sent(inbox / "丁.xlsx", "丁局", units["丁局"], {why: "机构改革划转"}, priors=priors)
    aside = sent(inbox.parent / "戊.xlsx", "戊局", units["戊局"], {at(JUNK): 7_000_000})
    office.fill(aside, inbox.parent / "戊-2.xlsx", {})  # totals calculated, then values pasted
    pasted(inbox.parent / "戊-2.xlsx", inbox.parent / "戊-3.xlsx", "戊局 2025年")
    dated(office.convert(inbox.parent / "戊-3.xlsx", inbox / "戊局.xls"), 0)
    own = {t: {n: v for n, v in units["己局"].items() if n.startswith(t)} for t in ("t3.", "t")}
    sent(inbox / "己1.xlsx", "己局", own["t3."])
    rest = {n: v for n, v in own["t"].items() if n not in own["t3."]}
    sent(inbox / "己2.xlsx", "己局", rest, hours=1)
    (inbox / "庚局.xlsx").write_bytes(b"PK\x03\x04 damaged")
    sent(inbox / "辛.xlsx", "辛局", units["辛局"], year=2024)
    sent(inbox / "壬.xlsx", "壬局", truth(20))
    return units | {"壬局": truth(20)}


ROSTER = (
    *(
        Unit(name=f"{n}局", text=Texts.NONE, email=f"u{i}@example.com")
        for i, n in enumerate("甲乙丙丁戊己庚辛壬")
    ),
    Unit(name="癸局", text=Texts.NONE),
)


def test_a_round_through_the_units_own_hands(office: Office, tmp_path: Path) -> None:
    inbox, out = tmp_path / "in", tmp_path / "out"
    units = inbox_of_mistakes(office, inbox)
    before = {p: p.read_bytes() for p in inbox.iterdir()}
    _, made = answered(inbox, out, *ROSTER)
    assert {p: p.read_bytes() for p in inbox.iterdir()} == before
    letters = by_unit(made)
    assert not made.left
    assert {u: one.addressee.kind for u, one in letters.items()} == {
        **dict.fromkeys("甲局 乙局 丙局 丁局 戊局 己局".split(), ReplyKind.CORRECTION),
        **dict.fromkeys("庚局 辛局".split(), ReplyKind.AGAIN),
        "癸局": ReplyKind.REMINDER,
    }
    assert {u: (one.mend, one.explain, one.lost) for u, one in letters.items()} == {
        "甲局": (2, 0, 0), "乙局": (2, 0, 2), "丙局": (0, 1, 0), "丁局": (0, 1, 0),
        "戊局": (1, 0, 0), "己局": (1, 0, 0), "庚局": (1, 0, 0), "辛局": (1, 0, 0),
        "癸局": (0, 0, 0),
    }  # fmt: skip
    for unit, one in letters.items():
        if one.workbook is None:
            continue
        ret, sources = read(one.workbook), one.addressee.returns
        assert (ret.unit, ret.year, ret.filler) == (unit, 2025, "" if unit == "戊局" else "张三")
        for i, item in enumerate(FORM.items):
            had = [s.numbers[i] for s in sources if s.statuses[i] is Status.GIVEN]
            if item.formula is None:
                assert ret.numbers[i] == (had[0] if had else None), (unit, item.name)
        for code, said in sources[0].explanations.items():
            assert ret.explanations[code] == said
    mended: dict[str, dict[str, str | int | float]] = {
        "甲局": {n: plain(units["甲局"][n]) for n in ("t3.carried_out.legal", "t3.granted.others")},
        "乙局": {n: plain(units["乙局"][n]) for n in (JUNK, DATED)},
        "丙局": dict.fromkeys(OTHERS, 0),
        "戊局": {JUNK: plain(units["戊局"][JUNK])},
        "己局": {},
    }
    answer = next(i for i in FORM.instances if FORM.key_of(i) == "Y-01@t3.carried_in.legal")
    cells: dict[str, dict[str, str | int | float]] = {
        unit: {at(n): v for n, v in typed.items()} for unit, typed in mended.items()
    }
    cells["丁局"] = {f"{CHECKS}!I{CHECKS_TOP + answer.index + 1}": "系更正上年差错"}
    for unit, typed in cells.items():
        workbook = letters[unit].workbook
        assert workbook is not None
        book = load_workbook(workbook)
        for place in typed:
            sheet, cell = place.split("!")
            assert book[sheet][cell].comment is not None, place
            assert book[sheet][cell].fill.start_color.rgb == "FFFFD8A8", place
        result = office.fill(workbook, inbox / workbook.name, typed)
        assert not result.refused
        dated(inbox / workbook.name, 5)
    for unit in ("庚局", "辛局", "癸局"):
        attached = next(iter(mail(letters[unit]).iter_attachments()))
        path = tmp_path / f"{unit}.xlsx"
        path.write_bytes(attached.get_content())
        typed = {at(n): plain(v) for n, v in units[unit].items()}
        office.fill(path, inbox / f"{unit}-重报.xlsx", typed)
        dated(inbox / f"{unit}-重报.xlsx", 5)
    (inbox / "庚局.xlsx").unlink()
    second, made = answered(inbox, out, *ROSTER)
    assert [(f.code, f.path) for f in second.findings if f.open] == []
    assert second.clean
    assert not made.letters
    got = {e.unit.name: e.numbers for e in second.entries}
    for unit, figures in units.items():
        assert {n: got[unit][FORM.by_name[n]] for n in INPUTS} == figures, unit
    assert sorted(p.name for p in out.iterdir()) == sorted([FORMER, LISTING])
    assert len(list((out / FORMER).iterdir())) == 9 + 6 + 1


def test_links_lead_to_cells_that_say_what_is_wrong(tmp_path: Path) -> None:
    figures = truth(1)
    sent(tmp_path / "in" / "甲.xlsx", "甲局", figures,
         {at(JUNK): "不详", at(OTHERS[0]): int(figures[OTHERS[0]]) + 1})  # fmt: skip
    _, made = answered(tmp_path / "in", tmp_path / "out", Unit(name="甲局"))
    workbook = made.letters[0].workbook
    assert workbook is not None
    book = load_workbook(workbook)
    assert book.sheetnames[:2] == [COVER, ISSUES]
    page = book[ISSUES]
    cells = [c for row in page.iter_rows() for c in row]
    links = [str(c.hyperlink.location) for c in cells if c.hyperlink]
    targets = [t.replace("'", "").split("!") for t in links if COVER not in t]
    assert ".".join(targets[0]) == at(JUNK).replace("!", ".")
    assert all(book[sheet][cell].comment for sheet, cell in targets)
    texts = [str(c.value) for row in page.iter_rows() for c in row if isinstance(c.value, str)]
    assert any("不详" in t and at(JUNK).split("!")[1] in t for t in texts)
    assert page.sheet_properties.pageSetUpPr is not None
    assert page.sheet_properties.pageSetUpPr.fitToPage
    assert page.protection.sheet


def test_many_troubles_stay_one_page(office: Office, tmp_path: Path) -> None:
    figures = truth(3)
    cells: dict[str, str | int | float | None] = {at(n): f"不详{n}" for n in INPUTS if "t3" in n}
    sent(tmp_path / "in" / "甲.xlsx", "甲局", figures, cells)
    _, made = answered(tmp_path / "in", tmp_path / "out", Unit(name="甲局"))
    one = made.letters[0]
    assert (one.mend, one.lost) == (1, 144)
    assert one.workbook is not None
    pages = office.render(one.workbook, tmp_path / "png", dpi=30)
    assert sum(ISSUES in p.name for p in pages) == 1
    body = mail(one).get_body()
    assert body is not None
    assert len(body.get_content()) < 1000
    assert SHOWN < 20


def test_what_is_not_the_units_to_do(tmp_path: Path) -> None:
    inbox = tmp_path / "in"
    bad: Cells = {at(OTHERS[0]): 999}
    sent(inbox / "外.xlsx", "外单位", truth(1))
    sent(inbox / "撤.xlsx", "撤局", truth(1), bad)
    sent(inbox / "甲1.xlsx", "甲局", truth(1), bad)
    sent(inbox / "甲2.xlsx", "甲局", truth(2), bad)
    sent(inbox / "乙.xlsx", "乙局", truth(3), bad)
    sent(inbox / "丙.xlsx", "丙局", truth(3))
    (inbox / "丙局更正.xlsx").write_bytes(b"PK\x03\x04 damaged")
    (inbox / "不知是谁.xlsx").write_bytes(b"PK\x03\x04 damaged")
    _, made = answered(
        inbox, tmp_path / "out", Unit(name="甲局"), Unit(name="乙局"), Unit(name="丙局"),
        Unit(name="撤局", state=UnitState.ABOLISHED), accept=frozenset({"乙局"}),
    )  # fmt: skip
    assert not made.letters
    assert {one.document.path: one.codes for one in made.left} == {
        "外.xlsx": ("I-04",), "撤.xlsx": ("I-05",), "甲1.xlsx": ("D-02",), "甲2.xlsx": ("D-02",),
        "丙局更正.xlsx": ("F-02",), "不知是谁.xlsx": ("F-02",),
    }  # fmt: skip
    assert not (tmp_path / "out").exists()


def test_running_again_changes_nothing_and_moves_what_is_out_of_date(tmp_path: Path) -> None:
    inbox, out = tmp_path / "in", tmp_path / "out"
    bad: Cells = {at(OTHERS[0]): 999}
    sent(inbox / "甲.xlsx", "甲局", truth(1), bad)
    units = Unit(name="甲局"), Unit(name="乙局")
    answered(inbox, out, *units)
    before = {p.name: p.read_bytes() for p in out.iterdir()}
    assert len(before) == 4
    _, made = answered(inbox, out, *units)
    assert {p.name: p.read_bytes() for p in out.iterdir()} == before
    assert not made.former
    sent(inbox / "乙.xlsx", "乙局", truth(2))
    _, made = answered(inbox, out, *units)
    assert [p.suffix for p in made.former] == [".eml", ".xlsx"]
    assert ["催报" in p.name for p in made.former] == [True, False]
    assert {p.name for p in out.glob("*")} == {*before, FORMER} - {n for n in before if "催报" in n}


def test_last_years_figures_come_along(tmp_path: Path) -> None:
    inbox = tmp_path / "in"
    figures = {FORM.by_name[n]: 4 for n in PRIOR}
    previous = Previous(year=2024, figures={"甲局": figures, "乙局": figures}, path=Path("p"))
    sent(inbox / "甲.xlsx", "甲局", truth(1))
    _, made = answered(inbox, tmp_path / "out", Unit(name="甲局"), Unit(name="乙局"),
                       previous=previous)  # fmt: skip
    one, other = made.letters
    assert (one.addressee.kind, other.addressee.kind) == (ReplyKind.CORRECTION, ReplyKind.REMINDER)
    assert one.explain == 1
    assert one.workbook is not None
    marked = load_workbook(one.workbook)[CHECKS]
    asked = [r for r in range(1, marked.max_row + 1) if marked.cell(r, WHY + 1).comment]
    codes = {marked.cell(r, 2).value for r in asked}
    assert (len(asked), codes) == (3, {"Y-01"})
    attached = next(iter(mail(other).iter_attachments())).get_content()
    ret = Matcher(LAYOUT).match(book_of(attached))
    assert ret.numbers[FORM.by_name["t3.carried_in.natural"]] == 4


def test_mails_can_be_read_back(tmp_path: Path) -> None:
    inbox = tmp_path / "in"
    sent(inbox / "甲.xlsx", "甲局", truth(1), {at(JUNK): "不详"})
    _, made = answered(
        inbox, tmp_path / "out", Unit(name="甲局", email="a@x.cn；b@y.gov.cn"), Unit(name="乙局")
    )
    one, other = made.letters
    parsed = mail(one)
    assert parsed["X-Unsent"] == "1"
    assert parsed["To"] == "a@x.cn, b@y.gov.cn"
    assert "甲局" in parsed["Subject"]
    body = parsed.get_body()
    assert body is not None
    assert body.get_content_charset() == "utf-8"
    assert "请更正" in body.get_content()
    attached = next(iter(parsed.iter_attachments()))
    assert one.workbook is not None
    assert attached.get_content() == one.workbook.read_bytes()
    assert attached.get_filename() == one.workbook.name
    assert attached.get_param("name") == one.workbook.name  # as older programs read it
    raw = one.mail.read_bytes()
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert max(map(len, raw.split(b"\r\n"))) < 998
    raw.decode("ascii")
    assert mail(other)["To"] is None
    assert not mail(other).defects


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a@b.cn", ("a@b.cn",)),
        ("张三 <a@b.cn>；a@b.cn、c@d.cn", ("a@b.cn", "c@d.cn")),
        ("a@b.cn\r\nBcc: x@y.cn", ("a@b.cn", "x@y.cn")),
        ("没有", ()),
    ],
)
def test_addresses(text: str, expected: tuple[str, ...]) -> None:
    assert addresses(text) == expected


def test_no_header_can_be_smuggled_in() -> None:
    data = draft([], "甲局\r\nBcc: x@y.cn", "", [Attachment(name="一\r\nX: y.xlsx", data=b"x")])
    parsed = message_from_bytes(data, policy=policy.default)
    assert parsed["Bcc"] is None
    assert all(part["X"] is None for part in parsed.walk())


def test_the_sender_is_asked_where_the_roster_has_no_address(tmp_path: Path) -> None:
    sent(tmp_path / "in" / "甲.xlsx", "甲局", truth(1), {at(JUNK): "不详"})
    (tmp_path / "in" / "坏.xlsx").write_bytes(b"PK\x03\x04 damaged")
    roster = Roster(units=(Unit(name="甲局"), Unit(name="乙局", email="Li <Yi@x.cn>")))
    job = Job(layout=LAYOUT, inbox=tmp_path / "in", roster=roster, year=2025)
    summary = collect(job)
    senders = {"甲.xlsx": "jia@x.cn", "坏.xlsx": "yi@x.cn"}
    documents = tuple(replace(d, sender=senders[d.path]) for d in summary.documents)
    made = reply(job, replace(summary, documents=documents), tmp_path / "out", outbox=tmp_path)
    assert {u: (one.addressee.kind, one.to) for u, one in by_unit(made).items()} == {
        "甲局": (ReplyKind.CORRECTION, ("jia@x.cn",)),
        "乙局": (ReplyKind.AGAIN, ("Yi@x.cn",)),
    }


def test_every_code_says_what_the_unit_is_to_do() -> None:
    """Whatever is fatal or a question and for the unit has a remedy in its own words."""
    for code, entry in catalogue().items():
        if entry.to_unit and entry.severity is not Severity.NOTE:
            assert entry.unit_remedy, code
            assert "请单位" not in entry.unit_remedy, code
            assert "重新汇总" not in entry.unit_remedy, code


def test_an_explained_question_is_not_asked_again(tmp_path: Path) -> None:
    figures = truth(4)
    told = [i for i in FORM.instances if i.rule.code == "Y-01"]
    priors = {out: figures[into] + 1 for out, into in PRIOR.items()}
    cells: Cells = {f"{CHECKS}!I{CHECKS_TOP + i.index + 1}": "划转" for i in told}
    sent(tmp_path / "in" / "甲.xlsx", "甲局", figures, cells, priors=priors)
    summary, made = answered(tmp_path / "in", tmp_path / "out", Unit(name="甲局"))
    assert [d.outcome for d in summary.documents] == [Outcome.MERGED]
    assert any(f.code == "Y-01" for f in summary.findings)
    assert not made.letters


def test_fields_and_declarations_come_along(tmp_path: Path) -> None:
    figures = {n: v for n, v in truth(5).items() if n.startswith("t3")} | {OTHERS[0]: 999}
    cells: Cells = {
        f"{COVER}!C{FIELDS[PHONE] + 1}": "0527-1", f"{COVER}!C{FIELDS[DATE] + 1}": "2026年1月初",
        f"{COVER}!C{FIELDS[ZERO] + 1}": "是", f"{COVER}!C{PROGRESS_HEAD + 4}": "是",
        f"{TEXT_SHEET}!A{LAYOUT.texts[0].first + 1}": "＝1+1是引文\U0001f600",
    }  # fmt: skip
    sent(tmp_path / "in" / "甲.xlsx", "甲局", figures, cells)
    _, made = answered(tmp_path / "in", tmp_path / "out", Unit(name="甲局"))
    assert made.letters[0].workbook is not None
    ret = read(made.letters[0].workbook)
    assert (ret.phone, ret.date, ret.zero, ret.none) == (
        "0527-1",
        "2026年1月初",
        True,
        frozenset({"t4"}),
    )
    assert list(ret.texts.values()) == ["＝1+1是引文\U0001f600"]


def run(*words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [PROGRAM, "reply", *map(str, words)], capture_output=True, encoding="utf-8", check=False
    )


def test_the_command(tmp_path: Path) -> None:
    inbox, out = tmp_path / "in", tmp_path / "out"
    sent(inbox / "甲.xlsx", "甲局", truth(1), {at(JUNK): "不详"})
    sent(inbox / "外.xlsx", "外单位", truth(1))
    roster = tmp_path / "名录.csv"
    roster.write_text("单位名称,邮箱\n甲局,a@x.cn\n乙局,\n", "utf-8")
    done = run(inbox, "--roster", roster, "--out", out, "--lock-password", "abc")
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    for word in ("甲局（更正 1 项，未能填入 1 处） → a@x.cn", "乙局 → 没有邮箱", "外.xlsx：I-04"):
        assert word in done.stdout
    assert "乙局" in done.stderr
    names = sorted(p.name for p in out.iterdir())
    assert [n.rsplit(".", 1)[1] for n in names] == ["eml", "eml", "xlsx", "xlsx"]
    for words in (
        (tmp_path / "没有", "--roster", roster),
        (inbox, "--roster", tmp_path / "没有.csv"),
        (inbox, "--roster", roster, "--out", inbox / "out"),
        (inbox, "--roster", roster, "--out", roster),
        (inbox, "--roster", roster, "--out", out, "--lock-password", "密码"),
        (inbox, "--roster", roster, "--out", out, "--lock-password", "other"),
    ):
        done = run(*words)
        assert (done.returncode, "Traceback" in done.stderr) == (2, False), words
        assert done.stderr.strip()
    assert sorted(p.name for p in out.iterdir()) == names


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("乙局年报.xlsx", "甲局"),  # a colleague's template, under the unit's own name
        ("甲局和乙局.xlsx", ""),  # two names
        ("乙局/报表.xlsx", "甲局"),
        ("年报.xlsx", "乙局局"),  # a name that the roster has not, which is like one
    ],
)
def test_no_reminder_where_a_file_may_be_the_units(tmp_path: Path, name: str, unit: str) -> None:
    sent(tmp_path / "in" / name, unit, truth(1))
    units = Unit(name="甲局"), Unit(name="乙局"), Unit(name="民政局")
    _, made = answered(tmp_path / "in", tmp_path / "out", *units)
    letters = {u: one.addressee.kind for u, one in by_unit(made).items()}
    assert "乙局" not in letters
    assert letters["民政局"] is ReplyKind.REMINDER
    (left,) = made.left
    assert "乙局" in left.held


def test_an_unread_file_of_two_units_by_its_sender_holds_both_reminders(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    damaged = outlook(
        "both@example.com", NOW.astimezone(), "年报", {"年报.xlsx": b"PK\x03\x04 damaged"}
    )
    (tmp_path / "in" / "邮件.msg").write_bytes(damaged)
    units = [Unit(name=f"{u}局", email="both@example.com") for u in "甲乙"]
    _, made = answered(tmp_path / "in", tmp_path / "out", *units, Unit(name="丙局"))
    assert list(by_unit(made)) == ["丙局"]
    assert [one.held for one in made.left] == [("甲局", "乙局")]


def test_a_lapsed_decision_is_never_drafted_to_a_unit(tmp_path: Path) -> None:
    lapsed = Correct(
        unit="甲局", target=at(OTHERS[0]), item=FORM.by_name[OTHERS[0]],
        basis="777", value="5", number=5, reason="电话",
    )  # fmt: skip
    sent(tmp_path / "in" / "甲.xlsx", "甲局", truth(1))
    decisions = Decisions(all=(lapsed,))
    summary, made = answered(
        tmp_path / "in", tmp_path / "out", Unit(name="甲局"), decisions=decisions
    )
    assert [f.code for f in summary.findings if f.open] == ["K-01"]
    assert not made.letters
    assert [one.codes for one in made.left] == [("K-01",)]
    # Beside it, what the unit has to mend is asked for.
    sent(tmp_path / "in" / "甲.xlsx", "甲局", truth(1) | {OTHERS[1]: 999})
    _, made = answered(tmp_path / "in", tmp_path / "out", Unit(name="甲局"), decisions=decisions)
    (letter,) = made.letters
    assert "K-01" not in {f.code for f in letter.addressee.findings}
    assert letter.addressee.findings
    assert [one.codes for one in made.left] == [("K-01",)]
    assert "决定" not in mail(letter).get_body().get_content()  # type: ignore[union-attr]  # because a draft has a text
