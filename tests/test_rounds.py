"""Three rounds of mails between a district and its twenty units, until all is in and right.

Every unit works in a spreadsheet program and makes mistakes; together they make every mistake of
the catalogue that a unit can make. No figure that was right is typed again, and none is lost.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.worksheet.cell_range import CellRange

from support import bundled, written
from support.client import Office
from support.explaining import answers
from support.filled import FORM, LAYOUT, totals
from support.jobs import pasted
from support.reshaped import leaves
from support.rounds import (
    AREA,
    INPUTS,
    NAMES,
    PASSWORD,
    REQUIRED,
    YEAR,
    Cells,
    address,
    at,
    before,
    changed,
    comments,
    day,
    eml,
    inputs_of,
    letter,
    mbox,
    msg,
    old_form,
    other_form,
    page,
    plain,
    prose,
    report,
    scan,
    stale,
    texts_of,
    truth,
    two_reports,
    typed,
    volume,
    with_macro,
    write_previous,
    write_roster,
    yuan,
    zipped,
)
from support.word_parts import LARGE, instead_of_table, packed, parts_of
from xltools.ledgers.previous import load as load_previous
from xltools.match.matcher import Matcher
from xltools.model.evaluate import prepare
from xltools.model.findings import SHARED, catalogue
from xltools.model.identity import COVER, NONE_COLUMN, PROGRESS_HEAD
from xltools.model.numbers import Number, stored
from xltools.model.returns import Return, Status
from xltools.model.roster import Roster
from xltools.model.summary import Summary
from xltools.readers.workbook import open_book
from xltools.reply.asks import answer_cell
from xltools.reply.mail import ReplyKind
from xltools.reply.run import Letter, reply
from xltools.steps import Job, collect
from xltools.template.build import build
from xltools.template.opening import Subject
from xltools.template.outbox import file_names, fill_outbox

PROGRAM = Path(sys.executable).with_name("xltools")
NOT_OF_UNITS = {
    "F-04": "the machine was too slow",
    "F-05": "for the coordinator: a file beyond what is safe to open",
    "F-06": "the coordinator's own disk",
    "F-07": "the machine: a reader that dies",
    "F-08": "the machine: too little memory",
    "F-09": "the machine: a program is missing",
    "F-11": "the machine: a program is missing",
    "F-17": "for the coordinator: a link to be followed",
    "V-13": "no figure of this form is limited in its decimals",
    **dict.fromkeys(("K-01", "K-02", "K-03", "K-04"), "about the coordinator's own decisions"),
    "I-03": "for the coordinator: nobody can tell whose it is",
    "I-04": "for the coordinator: the roster lacks a name",
    "I-05": "for the coordinator: the roster's state of a unit",
    "I-06": "for the coordinator: the roster says who files for whom",
    "I-09": "for the coordinator: a workbook that names two units",
    "I-10": "for the coordinator: a workbook that may be a colleague's",
    "I-11": "for the coordinator: another district's",
}
PETITION = inputs_of("t3.petition")
T2, T3, T4 = (t.sheet for t in LAYOUT.tables)


@dataclass
class District:
    """What both sides have: the truth, the files, and what each unit typed so far."""

    office: Office
    home: Path
    roster: Roster
    truth: dict[str, dict[str, Number]]
    typed: list[dict[str, Cells]] = field(default_factory=list)
    sent: dict[str, str] = field(default_factory=dict)
    codes: set[str] = field(default_factory=set)

    @property
    def inbox(self) -> Path:
        return self.home / "收件"

    def job(self) -> Job:
        previous = load_previous(self.home / "上年数据.xlsx", FORM)
        return Job(layout=LAYOUT, inbox=self.inbox, roster=self.roster,
                   year=YEAR, previous=previous)  # fmt: skip

    def post(self, unit: str, suffix: str, data: bytes) -> None:
        """A mail of a unit comes in."""
        name = f"{len(self.sent) + 1:03}.{suffix}"
        (self.inbox / name).write_bytes(data)
        self.sent[name] = unit

    def template(self, unit: str) -> Path:
        names = {u.name: name for u, name in file_names(LAYOUT, self.roster, YEAR)}
        return self.home / "outbox" / names[AREA + unit]

    def fill(
        self, unit: str, cells: Cells, *, source: Path | None = None, do: tuple[str, ...] = ()
    ) -> bytes:
        """A unit types into its workbook, and saves it. What it typed is kept."""
        source = source or self.template(unit)
        out = self.home / "desk" / f"{unit}-{len(self.typed)}-{source.name}"
        result = self.office.fill(source, out, cells, paste=True, do=do)
        assert not result.refused, unit
        self.typed[-1].setdefault(unit, {}).update(cells)
        return out.read_bytes()

    def open_codes(self, summary: Summary) -> dict[str, set[str]]:
        """The codes of open findings by unit: by the mail that a document came in."""
        found: dict[str, set[str]] = {}
        for one in summary.findings:
            self.codes.add(one.code)
            if one.open:
                found.setdefault(self.sent[one.path.split("/")[0]], set()).add(one.code)
        return found


def names(unit: str, suffix: str = "xlsx") -> str:
    return f"{AREA}{unit}.{suffix}"


def fresh(own: dict[str, Number]) -> Cells:
    """All that a template leaves to type: what was carried over from last year stands there."""
    return typed({n: v for n, v in own.items() if ".carried_in." not in n})


def none_cell(table: str) -> str:
    row = PROGRESS_HEAD + 2 + [t.key for t in FORM.tables].index(table)
    return f"{COVER}!{'ABCDEF'[NONE_COLUMN]}{row}"


def first_round(d: District) -> dict[str, set[str]]:
    """Everybody but one sends something, and makes mistakes; gives what has to be found."""
    d.typed.append({})
    own, when, expected = d.truth, day(0), dict[str, set[str]]()

    unit = "教育局"  # an imbalance, a negative figure, 元 for 万元
    cells = fresh(own[unit]) | {
        at("t3.carried_out.legal"): plain(own[unit]["t3.carried_out.legal"]) + 3,
        at("t3.granted.others"): -plain(own[unit]["t3.granted.others"]),
        at("t2.fees.charged"): yuan(own[unit]["t2.fees.charged"]),
    }
    d.post(unit, "eml", eml(unit, when, {names(unit): d.fill(unit, cells)}))
    expected[unit] = {"T3-01", "V-07", "X-04"}

    unit = "财政局"  # figures in all the ways in which people write them
    mine = own[unit]
    cells = fresh(mine) | {
        at("t3.granted.natural"): "2026-1-2",
        at("t3.granted.business"): "TRUE",
        at("t3.granted.research"): "=1/0",
        at("t3.granted.welfare"): "约30件",
        at("t3.received.natural"): f"{mine['t3.received.natural']}件",
        at("t3.received.business"): f"{mine['t3.received.business']}（其中网络3）",
        at("t3.received.research"): f"={mine['t3.received.research']}+0",
        at("t2.regulations.issued"): "无",
        at("t2.licences.decisions"): 10**13,
        at("t4.cases.review_other"): plain(mine["t4.cases.review_other"]) + 0.5,
    }
    d.post(unit, "eml", zipped(unit, when, {names(unit): d.fill(unit, cells)}))
    expected[unit] = {"V-02", "V-04", "V-05", "V-06", "V-08", "V-11"}

    unit = "民政局"  # somebody knew the password, and typed over totals
    mine = own[unit] | totals(dict(own[unit]))
    cells = fresh(own[unit]) | {
        at("t3.closed.natural"): plain(mine["t3.closed.natural"]) + 1,
        at("t3.closed.total"): plain(mine["t3.closed.total"]) + 1,
        at("t3.received.total"): plain(mine["t3.received.total"]) + 1,
        at("t3.granted.total"): "",
        at("t3.partial.total"): "见附件",
        at("t3.secret.total"): "=0+999",
        at("t4.cases.review_total"): 999,
        at("t4.cases.direct_total"): 999,
        at("t4.cases.after_total"): 999,
    }
    do = (f"unprotect {T3} {PASSWORD}", f"unprotect {T4} {PASSWORD}")
    d.post(unit, "msg", msg(unit, when, {names(unit): d.fill(unit, cells, do=do)}))
    expected[unit] = {"T3-02", "T3-03", "T4-01", "T4-02", "T4-03", "C-03", "C-04"}

    unit = "司法局"  # 12 as 1 and 2; figures beside the tables, and cells that show something else
    cells = fresh(own[unit]) | {at("t3.petition.welfare"): 1, at("t3.petition.legal"): 2}
    data = changed(d.fill(unit, cells), _beside)
    d.post(unit, "mbox", mbox(unit, when, {names(unit): data}))
    expected[unit] = {"X-03", "M-10", "M-11", "V-17", "V-18", "V-19"}

    unit = "水务局"  # values pasted into a workbook of its own that names no year, one of them
    # mistyped there, and the fee in 元, as its heading says
    aside = d.home / "desk" / "pasted.xlsx"
    d.fill(unit, fresh(own[unit]))
    pasted(d.home / "desk" / f"{unit}-1-{d.template(unit).name}", aside, f"{AREA}{unit}")
    name = "t3.not_held.research"
    _mistype(aside, own[unit][name])
    _in_yuan(aside)
    d.office.convert(aside, aside.with_suffix(".xls"))
    data = aside.with_suffix(".xls").read_bytes()
    d.post(unit, "eml", eml(unit, when, {names(unit, "xls"): data}))
    expected[unit] = {"X-01"}

    unit = "商务局"  # blanks, and a declaration that contradicts the figures
    blank = [*inputs_of("t2.regulations"), "t3.granted.others"]
    cells = fresh({n: v for n, v in own[unit].items() if n not in blank})
    data = d.fill(unit, cells | {none_cell("t4"): "是"})
    d.post(unit, "eml", eml(unit, when, {names(unit): data}))
    expected[unit] = {"B-02", "B-03", "B-04"}

    unit = "审计局"  # a table not filled in, another thrown away
    cells = fresh({n: v for n, v in own[unit].items() if n.startswith("t3")})
    data = changed(d.fill(unit, cells), lambda book: book.remove(book[T2]))
    d.post(unit, "eml", eml(unit, when, {names(unit): data}))
    expected[unit] = {"B-01", "M-01"}

    unit = "统计局"  # a row gone, a table moved, a heading altered
    d.fill(unit, fresh(own[unit]))
    source = d.home / "desk" / f"{unit}-1-{d.template(unit).name}"
    row = int("".join(c for c in at(PETITION[0]).split("!")[1] if c.isdigit()))
    out = source.with_name("moved.xlsx")
    d.office.fill(source, out, {}, do=(
        f"unprotect {T3} {PASSWORD}", f"delete-rows {T3} {row}",
        f"unprotect {T2} {PASSWORD}", f"insert-rows {T2} 2",
    ))  # fmt: skip
    data = changed(out.read_bytes(), _reworded)
    d.post(unit, "eml", eml(unit, when, {names(unit): data}))
    expected[unit] = {"M-02"}

    unit = "体育局"  # copies of a table, another that stands on a copy alone, cells merged over
    # figures, and a formula without its result
    data = changed(d.fill(unit, fresh(own[unit])), _copied)
    d.post(unit, "eml", eml(unit, when, {names(unit): data}))
    expected[unit] = {"M-05", "M-09", "M-12", "V-10"}

    unit = "林业局"  # a web page, in which a cell and a heading are missing, and the period is old
    data = page(unit, own[unit], "1.信访举报投诉类申请", "（三）不予公开")
    d.post(unit, "eml", eml(unit, when, {names(unit, "html"): data}))
    expected[unit] = {"M-07", "M-18", "V-20", "B-06", "I-13"}

    unit = "农业农村局"  # two years' reports in one file
    data = two_reports(unit, own[unit])
    d.post(unit, "eml", eml(unit, when, {names(unit, "txt"): data}))
    expected[unit] = {"M-06"}

    unit = "交通运输局"  # a workbook that differs from the report beside it, twice the same;
    # and two cases in the wrong column
    mine = own[unit]
    cells = fresh(mine) | {
        at("t2.penalties.decisions"): 900,
        at("t3.received.natural"): plain(mine["t3.received.natural"]) + 2,
        at("t3.received.business"): plain(mine["t3.received.business"]) - 2,
    }
    data = with_macro(d.fill(unit, cells))
    paper = written.word(report(unit, own[unit]))
    files = {names(unit, "xlsm"): data, names(unit, "docx"): paper}
    d.post(unit, "eml", eml(unit, when, files))
    d.post(unit, "eml", eml(unit, day(0, 15), {names(unit, "xlsm"): data}))
    expected[unit] = {"D-06", "X-02"}

    unit = "卫生健康局"  # hardly anything that can be read
    locked = d.home / "desk" / "locked.xlsx"
    d.office.convert(d.template(unit), locked, password="geheim")
    files = {"说明.slk": b"ID;PWXL;N;E\nC;Y1;X1\nE\n", "年报.xlsx": b"PK\3\4 damaged",
             "加密.xlsx": locked.read_bytes(), "扫描.pdf": scan(), "字形.pdf": bundled.glyphs(),
             "年报.numbers": bundled.packed(bundled.apple()), "权限.xlsx": bundled.rights(),
             "年报.htm": bundled.frameset(unit)["甲局.htm"],
             "图片.docx": _pictures(unit, own[unit]),
             "年报.docx": written.word(report(unit, own[unit]))[:-200],
             "分卷.zip": volume({"年报.xlsx": b"x"})}  # fmt: skip
    d.post(unit, "eml", eml(unit, when, files))
    expected[unit] = {f"F-{n:02}" for n in (1, 2, 3, 10, 12, 14, 15, 16, 18, 19)}
    expected[unit] |= {"F-20"}

    unit = "应急管理局"  # in two parts
    for number, tables in enumerate((("t2", "t4"), ("t3",))):
        part = fresh({n: v for n, v in own[unit].items() if n.startswith(tables)})
        data = d.fill(unit, part)
        d.post(unit, "eml", eml(unit, day(number), {names(unit): data}))
    expected[unit] = {"D-03"}

    unit = "市场监督管理局"  # three questions, and totals that nobody calculated
    cells = fresh(own[unit]) | {
        at("t3.carried_in.natural"): plain(own[unit]["t3.carried_in.natural"]),
        at("t2.normative.in_force"): plain(own[unit]["t2.normative.in_force"]) + 2,
    }
    data = stale(d.fill(unit, cells), T4)
    d.post(unit, "eml", eml(unit, when, {names(unit): data}))
    expected[unit] = {"Y-01", "Y-02", "T2-01"}

    unit = "城市管理局"  # last year's template, and the form of years ago
    last = d.home / "desk" / "last.xlsx"
    last.write_bytes(build(LAYOUT, Subject(year=YEAR - 1, unit=AREA + unit), "x"))
    d.post(unit, "eml", eml(unit, when, {names(unit): last.read_bytes()}))
    d.post(unit, "eml", eml(unit, when, {names(unit, "html"): old_form(unit)}))
    expected[unit] = {"I-02", "I-12"}

    unit = "文化和旅游局"  # other tables, and none
    files = {names(unit): other_form(unit), "名单.xlsx": letter()}
    d.post(unit, "eml", eml(unit, when, files))
    expected[unit] = {"I-01", "I-08"}

    unit = "自然资源局"  # two that differ, at the same time: the coordinator has to ask
    cells = fresh(own[unit])
    wrong = d.fill(unit, cells | {at("t2.coercion.decisions"): 77})
    right = d.fill(unit, cells)
    for data in (wrong, right):
        d.post(unit, "eml", eml(unit, when, {names(unit): data}))
    expected[unit] = {"D-02"}

    unit = REQUIRED  # every trouble of the texts but one
    said = texts_of(unit) | {
        "p1.active": "长" * 1001,
        "p1.on_request": f"本年收到政府信息公开申请{int(_received(own[unit])) + 1}件。",
        "p1.platform": "联系电话13812345678。",
        "p1.supervision": f"{YEAR - 1}年，开展了监督检查。",
        "p5.problems": "无",
        "p6.matters": "没有其他需要报告的事项。",
    }
    del said["p1.management"]
    data = d.fill(unit, fresh(own[unit]) | prose(said))
    d.post(unit, "eml", eml(unit, when, {names(unit): data}))
    expected[unit] = {"P-01", "P-02", "P-03", "P-04", "P-05", "P-07", "P-08"}
    return expected


def _pictures(unit: str, own: Mapping[str, Number]) -> bytes:
    """A report in Word with pictures in the place of its tables."""
    parts = parts_of(written.word(report(unit, own)))
    for number in reversed(range(len(LAYOUT.tables))):
        parts = instead_of_table(number, LARGE)(parts)
    return packed(parts)


def _received(own: dict[str, Number]) -> Number:
    return sum((own[n] for n in inputs_of("t3.received")), 0)


def _mistype(path: Path, right: Number) -> None:
    """One figure of pasted values is a hundred more; its row and column say so."""
    place = Matcher(LAYOUT).match(open_book(path)).places[FORM.by_name["t3.not_held.research"]]
    assert place is not None
    book = load_workbook(path)
    cell = book[place.sheet][place.a1]
    assert cell.value == right
    cell.value = int(right) + 100
    book.save(path)


def _in_yuan(path: Path) -> None:
    """The fee of pasted values in 元, and its heading too: that is exact."""
    place = Matcher(LAYOUT).match(open_book(path)).places[FORM.by_name["t2.fees.charged"]]
    assert place is not None
    book = load_workbook(path)
    sheet = book[place.sheet]
    for row in sheet.iter_rows():
        for cell in row:
            if isinstance(cell.value, str):
                cell.value = cell.value.replace("（单位：万元）", "（单位：元）")
    sheet[place.a1] = Decimal(str(sheet[place.a1].value)) * 10_000
    book.save(path)


def _beside(book: Workbook) -> None:
    """Figures beside the tables, of nothing and of last year; one too many in a row; figures that
    are shown otherwise, struck out, marked, or under headings in other measures.
    """
    for column, heading in ((30, None), (32, "上年同期")):
        book[T3].cell(2, column, heading)
        for row in (5, 6):
            book[T3].cell(row, column, 10 * column + row)
    row = book[T2][_cell("t2.licences.decisions")].row
    for area in [a for a in book[T2].merged_cells.ranges if a.min_row == row == a.max_row]:
        book[T2].unmerge_cells(str(area))
    book[T2].cell(row, 3, 300)
    book[T3][_cell("t3.granted.natural")].number_format = "0%"
    for item, look in (
        ("t3.granted.business", {"strike": True}),
        ("t3.granted.research", {"vertAlign": "superscript"}),
    ):
        cell = book[T3][_cell(item)]
        more = TextBlock(InlineFont(**look), "7")
        cell.value = CellRichText(str(cell.value or 0), more)
    fees = next(c for line in book[T2].iter_rows() for c in line if "万元" in str(c.value))
    fees.value = str(fees.value).replace("万元", "美元")
    counts = next(c for line in book[T4].iter_rows() for c in line if c.value == "结果维持")
    counts.value = "结果维持（万件）"


def _reworded(book: Workbook) -> None:
    cell = next(c for row in book[T2].iter_rows() for c in row if c.value == "现行有效件数")
    cell.value = "现行有效数"


def _copied(book: Workbook) -> None:
    for number, name in enumerate(("表三 (2)", f"表三（{YEAR - 1}年）", "底稿")):
        copy = book.copy_worksheet(book[T3])
        copy.title, copy[_cell("t3.granted.natural")] = name, 999 + number
    copy.sheet_state = "hidden"
    book.copy_worksheet(book[T4])
    for item in inputs_of("t4"):
        book[T4][_cell(item)] = None
    blank = [_cell(f"t4.cases.review_{name}") for name in ("upheld", "other")]
    book[T4].merged_cells.add(CellRange(":".join(blank)))
    area = f"{_cell('t3.received.natural')}:{_cell('t3.received.business')}"
    book[T3].merged_cells.add(CellRange(area))
    book[T2][_cell("t2.licences.decisions")] = "=3+4"


def _cell(item: str) -> str:
    """Where an item stands on its sheet."""
    return at(item).split("!")[1]


@dataclass(frozen=True, kw_only=True)
class Received:
    """A mail as its unit opens it: the workbook attached, what it holds, what it asks about."""

    letter: Letter
    workbook: Path
    held: Return
    asked: frozenset[str]


def receive(d: District, letters: Iterable[Letter], number: int) -> dict[str, Received]:
    """Every unit saves the attachment of its mail."""
    found = {}
    for one in letters:
        unit = one.addressee.unit.name.removeprefix(AREA)
        parsed = message_from_bytes(one.mail.read_bytes(), policy=policy.default)
        assert isinstance(parsed, EmailMessage)
        assert parsed["To"] == address(unit)
        (attached,) = parsed.iter_attachments()
        path = d.home / "mailed" / str(number) / str(attached.get_filename())
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(attached.get_content())
        held = Matcher(LAYOUT).match(open_book(path))
        found[unit] = Received(letter=one, workbook=path, held=held, asked=asked_in(path))
        assert held.unit == AREA + unit
        if one.addressee.kind is ReplyKind.CORRECTION:
            for item in FORM.inputs():
                right = d.truth[unit][item.name]
                had = [
                    r for r in one.addressee.returns if r.statuses[item.index] is not Status.BLANK
                ]
                if had and all(r.numbers[item.index] == right for r in had):
                    assert held.numbers[item.index] == right, (unit, item.name)
    return found


def asked_in(path: Path) -> frozenset[str]:
    """The cells that a workbook asks about: those with a note, and what a total of them adds up."""
    noted = comments(path)
    below = [
        at(FORM.items[leaf].name)
        for total in prepare(FORM).totals
        if at(FORM.items[total].name) in noted
        for leaf in prepare(FORM).leaves(total)
    ]
    return frozenset({*noted, *below})


def answer(d: District, got: Received, unit: str, cells: Cells, when: datetime) -> None:
    """A unit types what it was asked for, and nothing else, and sends the workbook back."""
    for name in (n for n in INPUTS if at(n) in cells):
        held = got.held.numbers[FORM.by_name[name]]
        assert held is None or at(name) in got.asked, (unit, name)
        assert held != d.truth[unit][name], (unit, name)
    data = d.fill(unit, cells, source=got.workbook)
    d.post(unit, "eml", eml(unit, when, {got.workbook.name: data}))


def right(d: District, unit: str, *items: str) -> Cells:
    return typed({n: d.truth[unit][n] for n in items})


def why(*keys: str) -> Cells:
    """Explanations on 校验, by CODE@item."""
    return {str(answer_cell(LAYOUT, key)): "机构改革划转，数据无误。" for key in keys}


def kinds(got: Iterable[str]) -> dict[str, ReplyKind]:
    """What goes to each unit after the first round: where anything was readable it is kept."""
    again = dict.fromkeys(("城市管理局", "文化和旅游局"), ReplyKind.AGAIN)
    other = {**again, "退役军人事务局": ReplyKind.REMINDER}
    return {unit: other.get(unit, ReplyKind.CORRECTION) for unit in got}


def second_round(d: District, got: dict[str, Received]) -> dict[str, set[str]]:
    """Most mend all, some only half; gives what is still open then."""
    d.typed.append({})
    when, own, open_codes = day(5), d.truth, dict[str, set[str]]()
    cells = {
        "教育局": right(d, "教育局", "t3.carried_out.legal", "t3.granted.others"),
        "民政局": {},
        "司法局": right(d, "司法局", "t3.petition.welfare"),
        # Mended and said so: then the words speak of nothing any more.
        "水务局": right(d, "水务局", "t3.not_held.research")
        | dict.fromkeys(answers(got["水务局"].workbook.read_bytes()).values(), "已改正"),
        "商务局": right(d, "商务局", *inputs_of("t2.regulations"), "t3.granted.others")
        | {none_cell("t4"): ""},
        "审计局": right(d, "审计局", *inputs_of("t2")),
        "统计局": right(d, "统计局", *PETITION),
        "体育局": right(d, "体育局", "t2.licences.decisions", *inputs_of("t4")),
        "林业局": right(d, "林业局", *PETITION, *(n for n in leaves() if own["林业局"].get(n)),
                     *inputs_of("t2", "t4")),
        "交通运输局": right(d, "交通运输局", "t2.penalties.decisions", "t3.received.natural",
                       "t3.received.business"),
        "应急管理局": {},
        "农业农村局": {},
        "财政局": right(
            d, "财政局", "t3.granted.natural", "t3.granted.business", "t3.granted.research",
            "t2.licences.decisions", "t4.cases.review_other",
        ) | {at("t3.granted.welfare"): int(own["财政局"]["t3.granted.welfare"]) + 40},
        "市场监督管理局": right(d, "市场监督管理局", "t2.normative.in_force")
        | why("Y-01@t3.carried_in.natural", "T2-01@t2.regulations.issued",
              "T2-01@t2.regulations.in_force"),
        REQUIRED: prose({**texts_of(REQUIRED), "p1.active": "收取信息处理费300元。"}),
        **{u: fresh(own[u]) for u in ("卫生健康局", "城市管理局", "文化和旅游局")},
    }  # fmt: skip
    assert set(got) == {*cells, "退役军人事务局"}
    for unit, own_cells in cells.items():
        if unit == "农业农村局":  # back as it came
            blank = d.template(unit).read_bytes()
            d.post(unit, "eml", eml(unit, when, {names(unit): blank}))
        else:
            answer(d, got[unit], unit, own_cells, when)
    unit = "自然资源局"  # the coordinator has rung up
    data = d.home / "desk" / f"{unit}-1-{d.template(unit).name}"
    d.post(unit, "eml", eml(unit, when, {names(unit): data.read_bytes()}))
    open_codes |= {"教育局": {"X-04"}, "财政局": {"T3-01"}, "司法局": {"T3-01"}}
    open_codes |= {"审计局": {"B-01"}, "农业农村局": {"B-05"}, REQUIRED: {"P-06"}}
    return open_codes


def third_round(d: District, got: dict[str, Received]) -> None:
    d.typed.append({})
    cells = {
        "教育局": right(d, "教育局", "t2.fees.charged"),
        "财政局": right(d, "财政局", "t3.granted.welfare"),
        "司法局": right(d, "司法局", "t3.petition.legal"),
        "审计局": right(d, "审计局", *inputs_of("t4")),
        REQUIRED: prose({"p1.active": "按规定开展工作。"}),
        **{u: fresh(d.truth[u]) for u in ("农业农村局", "退役军人事务局")},
    }
    assert set(got) == set(cells)
    for unit, own_cells in cells.items():
        answer(d, got[unit], unit, own_cells, day(9))


def test_three_rounds_until_all_is_right(office: Office, tmp_path: Path) -> None:
    figures = truth()
    assert len(figures) == len(NAMES) == 20
    for folder in ("收件", "desk"):
        (tmp_path / folder).mkdir()
    roster = write_roster(tmp_path / "名录.csv")
    last = {unit: before(own) for unit, own in figures.items()}
    last["市场监督管理局"]["t3.carried_out.natural"] += 1
    write_previous(tmp_path / "上年数据.xlsx", last)
    d = District(office=office, home=tmp_path, roster=roster, truth=figures)
    fill_outbox(LAYOUT, roster, year=YEAR, out=tmp_path / "outbox", password=PASSWORD,
                previous=d.job().previous)  # fmt: skip
    wanted = first_round(d)
    for number in (1, 2):
        job = d.job()
        summary = collect(job)
        assert d.open_codes(summary) == wanted, number
        made = reply(job, summary, tmp_path / "corrections", outbox=tmp_path / "outbox")
        got = receive(d, made.letters, number)
        if number == 1:
            assert {u: one.letter.addressee.kind for u, one in got.items()} == kinds(got)
            wanted = second_round(d, got)
        else:
            third_round(d, got)
    words = [d.inbox, "--roster", tmp_path / "名录.csv", "--year", YEAR,
             "--previous", tmp_path / "上年数据.xlsx"]  # fmt: skip
    out = tmp_path / "汇总.json"
    done = run("collect", *words, "--out", tmp_path / "汇总.xlsx", "--json", out)
    assert done.returncode == 0, done.stdout + done.stderr
    all_is_right(d, json.loads(out.read_text("utf-8")))
    done = run("reply", *words, "--out", tmp_path / "corrections")
    assert done.returncode == 0, done.stdout + done.stderr
    own = {rule.code for rule in FORM.rules if not rule.trial}
    assert d.codes == (catalogue().keys() - {*SHARED, *NOT_OF_UNITS}) | own


def all_is_right(d: District, told: dict[str, Any]) -> None:
    """The last summary: every unit once, with the figures it means, and their sums."""
    meant = {u: {**own, **totals(dict(own))} for u, own in d.truth.items()}
    got = {r["unit"].removeprefix(AREA): r["values"] for r in told["returns"]}
    assert got == {u: {n: stored(v) for n, v in own.items()} for u, own in meant.items()}
    sums = {n: sum((own[n] for own in meant.values()), 0) for n in meant["教育局"]}
    assert {t["item"]: t["value"] for t in told["totals"]} == {
        n: stored(v) for n, v in sums.items()
    }
    assert told["missing"] == []
    documents = told["documents"]
    assert {one["path"].split("/")[0] for one in documents} == d.sent.keys()
    for one in documents:
        assert one["outcome"] in ("merged", "superseded", "ignored"), one
        if one["outcome"] != "ignored" or one.get("companion"):
            assert one["unit"] == AREA + d.sent[one["path"].split("/")[0]]
    counts = told["counts"]
    assert counts["merged"] == len(NAMES)
    assert counts["received"] == len(documents)
    assert counts["received"] == counts["merged"] + counts["superseded"] + counts["ignored"]
    explained = {f["code"] for f in told["findings"] if f.get("explanation")}
    assert explained == {"Y-01", "T2-01", "E-01"}
    open_now = [f for f in told["findings"] if f["severity"] != "note" and not f.get("explanation")]
    assert open_now == []


def run(*words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [PROGRAM, *map(str, words)], capture_output=True, encoding="utf-8", check=False
    )
