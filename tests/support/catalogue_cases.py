"""Every code of the catalogue: a mistake that provokes it alone, and its remedy."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from lxml import html as markup
from msoffcrypto.format.ooxml import OOXMLFile
from openpyxl import Workbook, load_workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont

from support import bundled, written
from support import declared as forms
from support.containers import eml, zip_
from support.desk import CELL, DISTRICT, OFFICE, RARS, Act, Desk
from support.documents import bytes_of, image_pdf, page_of, row_of
from support.explaining import first_line
from support.filled import FORM, LAYOUT, Draft, consistent
from support.jobs import FULL, GOOD, bare, lines
from support.mistakes import (
    FORMULAS,
    T3_ROWS,
    TYPED,
    Mistake,
    all_of,
    blanks,
    block,
    declared,
    emptied,
    later,
    odd_total,
    split,
    text,
    untyped,
    wrong,
    zeros,
)
from support.replies import former
from support.reshaped import collapsed, leaves, reshaped
from support.word_parts import LARGE, instead_of_table, packed, parts_of, run_together
from xltools.ledgers.decisions_file import HEAD
from xltools.model.decisions import Columns, DecisionKind
from xltools.model.identity import (
    CHECKS,
    COVER,
    FIELDS,
    IDENTITY,
    UNIT,
    WHY,
)
from xltools.model.limits import Limits
from xltools.model.numbers import stored
from xltools.model.roster import Unit, UnitState
from xltools.report.word import Paper
from xltools.report.word import build as build_paper
from xltools.template.build import build
from xltools.template.opening import Subject

# What is typed, the mistake, and what the remedy tells the unit to do.
Drafted = tuple[bool, Mistake, Mistake | None]


def right(*items: str) -> Mistake:
    """The right figures in some cells again."""

    def change(d: Draft) -> None:
        true = consistent(1, typed=False)
        for item in items:
            d.figures[item] = true.figures[item]
            d.statuses.pop(item, None)
            d.found.pop(item, None)

    return change


def explained(place: str) -> Mistake:
    return lambda d: d.explanations.update({place: "统计口径有变化"})


def declare(**fields: object) -> Mistake:
    def change(d: Draft) -> None:
        for name, value in fields.items():
            setattr(d, name, value)

    return change


def at(year: int, *mistakes: Mistake) -> Mistake:
    return all_of(declare(year=year), *mistakes)


DRAFTED: dict[str, Drafted] = {
    "B-01": (FORMULAS, emptied("t4"), declare(none={"t4"})),
    "B-02": (FORMULAS, blanks("t4.cases.direct_other"), right("t4.cases.direct_other")),
    "B-03": (FORMULAS, blanks("t3.secret.welfare"), right("t3.secret.welfare")),
    "B-04": (FORMULAS, declared("t4"), declare(none=set())),
    "B-05": (FORMULAS, emptied("t2", "t3", "t4"), declare(zero=True)),
    "C-01": (TYPED, blanks(*T3_ROWS), None),
    "C-02": (FORMULAS, zeros(block("after")[0], block("direct")[0]), None),
    "C-03": (TYPED, odd_total("t4.cases.direct_total", "见附件"), right("t4.cases.direct_total")),
    "C-04": (FORMULAS, wrong("t3.closed.total"), right("t3.closed.total")),
    "X-01": (TYPED, wrong("t3.granted.natural"), wrong("t3.granted.natural", -1)),
    "X-02": (
        FORMULAS,
        all_of(wrong("t3.granted.natural"), wrong("t3.granted.business", -1)),
        right("t3.granted.natural", "t3.granted.business"),
    ),
    "X-03": (
        FORMULAS,
        split("t3.granted.natural", "t3.granted.business"),
        lambda d: d.figures.update({"t3.granted.natural": 70, "t3.granted.business": 0}),
    ),
    "X-04": (FORMULAS, wrong("t2.fees.charged", 250_000), right("t2.fees.charged")),
    "P-01": (FORMULAS, text("p1.platform", " "), text("p1.platform", "更新了网站。")),
    "P-02": (FORMULAS, text("p1.active", "公" * 1001), text("p1.active", "公" * 900)),
    "P-03": (FORMULAS, text("p1.on_request", "新收 1 件。"), text("p1.on_request", "规范办理。")),
    "P-04": (FORMULAS, text("p5.problems", "无"), text("p5.problems", "培训不够，将予加强。")),
    "P-05": (FORMULAS, text("p6.matters", "无"), text("p6.matters", "没有收取信息处理费。")),
    "P-06": (
        FORMULAS,
        text("p1.supervision", "收取信息处理费300元。"),
        text("p6.matters", "收取信息处理费300元。"),
    ),
    "P-07": (
        FORMULAS,
        at(2025, text("p1.active", "2024年，主动公开。")),
        text("p1.active", "2025年，主动公开。"),
    ),
    "P-08": (FORMULAS, text("p1.platform", "电话13800138000"), text("p1.platform", "已更新。")),
    "T3-01": (FORMULAS, wrong("t3.received.natural"), wrong("t3.received.natural", -1)),
    "T3-02": (TYPED, wrong("t3.closed.welfare"), wrong("t3.closed.welfare", -1)),
    "T3-03": (TYPED, wrong("t3.granted.total"), wrong("t3.granted.total", -1)),
    "T4-01": (TYPED, wrong("t4.cases.review_total"), wrong("t4.cases.review_total", -1)),
    "T4-02": (TYPED, wrong("t4.cases.direct_other"), wrong("t4.cases.direct_total")),
    "T4-03": (TYPED, wrong("t4.cases.after_total"), untyped("t4.cases.after_total")),
    "Y-01": (
        FORMULAS,
        later("t3.carried_out.natural", 1),
        explained("Y-01@t3.carried_in.natural"),
    ),
    "Y-02": (
        FORMULAS,
        later("t2.normative.in_force", -5),
        explained("Y-02@t2.normative.in_force"),
    ),
    "T2-01": (FORMULAS, wrong("t2.regulations.in_force", 6), right("t2.regulations.in_force")),
}


def put(item: str, value: object) -> Act:
    """The return with something in one of its cells."""
    return lambda desk: desk.send(figures=GOOD | {item: value})


def beside(figure: str, more: str, **font: Any) -> CellRichText:
    """A figure with characters of another font beside it."""
    return CellRichText(figure, TextBlock(InlineFont(**font), more))


def edited(change: Callable[[Workbook], object]) -> Act:
    """The return, changed by somebody with the password of its sheets."""

    def act(desk: Desk) -> None:
        path = desk.send()
        book = load_workbook(path)
        change(book)
        book.save(path)

    return act


def raw(data: bytes, name: str = "甲局.xlsx") -> Act:
    return lambda desk: (desk.inbox / name).write_bytes(data)


def both(*acts: Act) -> Act:
    return lambda desk: [act(desk) for act in acts]


def again(desk: Desk) -> None:
    """请单位用下发的模板填报后重新报送; the other file is moved away."""
    gone(desk)
    desk.failing = ""
    desk.send()


def huge(desk: Desk) -> None:
    """A return with a picture of 60 MB in it."""
    desk.send()
    with zipfile.ZipFile(desk.file, "a") as file:
        file.writestr("xl/media/image1.bmp", bytes(60 << 20))


def failing(how: str) -> Act:
    return both(Desk.send, lambda desk: setattr(desk, "failing", how))


def gone(desk: Desk) -> None:
    """The coordinator moves away what was sent."""
    for path in desk.inbox.iterdir():
        path.unlink()


def instead(*acts: Act) -> Act:
    """Something else is sent in its place."""
    return both(gone, *acts)


def given(act: Act, **settings: Any) -> Act:
    """Collected in another way."""
    return both(act, *(lambda d, n=n, v=v: setattr(d, n, v) for n, v in settings.items()))


def nothing(desk: Desk) -> None:
    """What was sent stays as it is."""


def hidden(desk: Desk) -> None:
    desk.programs(there=False)


def installed(desk: Desk) -> None:
    desk.programs(there=True)


def zipped(desk: Desk) -> None:
    """The return in a common zip."""
    data = desk.send().read_bytes()
    desk.file.unlink()
    (desk.inbox / "甲局.zip").write_bytes(zip_({"甲局.xlsx": data}))


def volume(desk: Desk) -> None:
    """The second of several volumes of a zip."""
    zipped(desk)
    path = desk.inbox / "甲局.zip"
    data = bytearray(path.read_bytes())
    data[-18:-14] = b"\2\0\2\0"
    path.write_bytes(data)


def pages(desk: Desk) -> None:
    """The workbook as a web page, in a zip with its folder."""
    gone(desk)
    raw(zip_(bundled.frameset("甲局")), "甲局.zip")(desk)


def cloud(desk: Desk) -> None:
    """A mail with a link to its attachment."""
    text = "从QQ邮箱发来的超大附件 甲局.xlsx https://mail.qq.com/cgi-bin/ftnExs_download?k=1"
    raw(bundled.link("甲局", "jia@example.cn", text), "甲局.eml")(desk)


def attached(desk: Desk) -> None:
    """The return as a common attachment."""
    data = desk.send().read_bytes()
    instead(raw(eml({"甲局.xlsx": data}), "甲局.eml"))(desk)


def macros(desk: Desk) -> None:
    desk.send()
    with zipfile.ZipFile(desk.file, "a") as file:
        file.writestr("xl/vbaProject.bin", b"macros")


def report(unit: str = "甲局", **more: Any) -> written.Written:
    draft = consistent(1, typed=True)
    said: dict[str, Any] = {
        "title": [f"{unit}2025年政府信息公开工作年度报告"],
        "agency": unit,
        "date": "2026年1月9日",
        "figures": [draft.figures[i.name] for i in FORM.items],
        "texts": draft.texts,
    }
    return written.Written(**{**said, **more})


def page(*units: str) -> Act:
    """A web page with a report, or several."""

    def act(desk: Desk) -> None:
        data = b"".join(written.page(report(u)).replace(b"</body></html>", b"") for u in units)
        (desk.inbox / f"{units[0]}.html").write_bytes(data + b"</body></html>")

    return act


def apart(desk: Desk) -> None:
    """Each report a file."""
    both(page("甲局"), page("乙局"))(desk)
    desk.roster["乙局"] = Unit(name="乙局")


def one_row(*figures: int) -> Act:
    """A web page on which （六）其他处理 is one row; without figures it is 0."""

    def act(desk: Desk) -> None:
        made = report()
        numbers = dict(zip((i.name for i in FORM.items), made.figures, strict=True))
        for name in leaves():
            column = name.rpartition(".")[2]
            granted = f"t3.granted.{column}"
            numbers[granted] = int(numbers[granted] or 0) + int(numbers[name] or 0)
            numbers[name] = 0
        made = replace(made, figures=list(numbers.values()))
        row = collapsed(*figures or (0,) * 7)
        (desk.inbox / "甲局.html").write_bytes(written.page(reshaped(made, {"t3": row})))

    return act


def unsaved(tree: Any) -> None:
    """Figures typed into fields of a page that a browser saved without them."""
    last = [*tree.iter("tr")][-1]
    for cell in last:
        cell.text = ""
        for part in [*cell]:
            cell.remove(part)
        cell.append(markup.Element("input", type="text", name="f"))


def mended(change: Callable[[Any], object]) -> Act:
    """A web page with its tables changed."""

    def act(desk: Desk) -> None:
        tree = page_of(written.page(report()))
        change(tree)
        (desk.inbox / "甲局.html").write_bytes(bytes_of(tree))

    return act


def lacking(tree: Any) -> None:
    cell = row_of(tree, "2.重复申请")[3]
    cell.getparent().remove(cell)


def hanging(tree: Any) -> None:
    """A label that ends a row too early: the last row's cells stand one place to the left."""
    label = next(c for c in tree.iter("td") if "（三）不予公开" in c.text_content())
    label.set("rowspan", "7")


def measured(word: str) -> Act:
    """A web page on which a fee of 3,000 is in another measure than the form's."""

    def change(tree: Any) -> None:
        for cell in tree.iter("td"):
            if "（单位：万元）" in cell.text_content():
                (part,) = (p for p in cell.iter() if p.text and "万元" in p.text)
                part.text = part.text.replace("万元", word)
        (part,) = (p for p in row_of(tree, "行政事业性收费")[1].iter() if (p.text or "").strip())
        part.text = "3000"

    return mended(change)


def in_yuan(book: Workbook) -> None:
    fee = LAYOUT.address(FORM.by_name["t2.fees.charged"])
    for row in book[T2].iter_rows():
        for cell in row:
            if isinstance(cell.value, str):
                cell.value = cell.value.replace("（单位：万元）", "（单位：元）")
    book[fee.sheet][fee.a1] = 3000


def shown_otherwise(book: Workbook) -> None:
    place = LAYOUT.address(FORM.by_name[CELL])
    book[place.sheet][place.a1] = 3
    book[place.sheet][place.a1].number_format = "0%"


def word(desk: Desk) -> None:
    (desk.inbox / "甲局.docx").write_bytes(written.word(report()))


def word_cut_off(desk: Desk) -> None:
    (desk.inbox / "甲局.docx").write_bytes(written.word(report())[:-200])


def in_place_of_a_table(xml: str) -> Act:
    """A Word document with something else in the place of its last table."""

    def act(desk: Desk) -> None:
        parts = parts_of(written.word(report()))
        data = packed(instead_of_table(len(LAYOUT.tables) - 1, xml)(parts))
        (desk.inbox / "甲局.docx").write_bytes(data)

    return act


def cells_lost(desk: Desk) -> None:
    in_place_of_a_table(run_together(report(), LAYOUT.tables[-1], ""))(desk)


def headless(desk: Desk) -> None:
    """The heading of the first part is missing."""

    def cut(made: Any) -> None:
        heading = next(p for p in made.paragraphs if p.text == FORM.parts[0].title)
        heading._element.getparent().remove(heading._element)

    (desk.inbox / "甲局.docx").write_bytes(written.word(report(), cut))


def rich(desk: Desk) -> None:
    (desk.inbox / "甲局.rtf").write_bytes(_rich())


@cache
def _rich() -> bytes:
    """The report as an older program stores it."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        (home / "a.docx").write_bytes(written.word(report()))
        command = [
            OFFICE(), "--headless", f"-env:UserInstallation={(home / 'profile').as_uri()}",
            "--convert-to", "rtf", "--outdir", folder, str(home / "a.docx"),
        ]  # fmt: skip
        subprocess.run(command, check=True, capture_output=True, timeout=200)
        return (home / "a.rtf").read_bytes()


def paper(**more: int) -> Act:
    """The report that goes with the return, some figures of it different."""

    def act(desk: Desk) -> None:
        desk.send()
        known = GOOD | more
        figures = [str(known.get(i.name, 0)) if i.formula is None else "" for i in FORM.items]
        made = Paper(agency="甲局", year=2025, date="2026年1月9日", figures=figures)
        (desk.inbox / "甲局.docx").write_bytes(build_paper(LAYOUT, made))

    return act


def expenses(fen: str) -> Act:
    """A return of expenses, so much more in one of its cells."""

    def act(desk: Desk) -> None:
        made = forms.consistent("sangong-2024", 1)
        desk.layout = made.layout
        book = load_workbook(BytesIO(build(made.layout, Subject(year=2025, unit="甲局"), "x")))
        made.inputs["s.abroad.budget"] += Decimal(fen)
        for name, number in made.inputs.items():
            at = made.layout.address(made.form.by_name[name])
            book[at.sheet][at.a1] = stored(number)
        book.save(desk.file)

    return act


def at_cell(item: str) -> str:
    return str(LAYOUT.address(FORM.by_name[item]))


def decision(
    kind: DecisionKind, target: str = "", value: int | str = "", basis: int | str = ""
) -> Act:
    """A line in the table of decisions, written by hand."""
    row = {
        Columns.KIND: kind.value, Columns.UNIT: "甲局", Columns.TARGET: target,
        Columns.BASIS: basis, Columns.VALUE: value, Columns.REASON: "电话核实",
    }  # fmt: skip
    return lambda desk: lines(desk.ledger, {k: v for k, v in row.items() if v != ""})


def in_line(**columns: str | None) -> Act:
    """The line changed."""

    def act(desk: Desk) -> None:
        book = load_workbook(desk.ledger)
        made = book[Columns.MADE]
        heads = {str(c.value): c.column or 0 for c in made[HEAD]}
        for name, value in columns.items():
            made.cell(HEAD + 1, heads[getattr(Columns, name)]).value = value
        book.save(desk.ledger)

    return act


def struck(desk: Desk) -> None:
    """The line deleted."""
    book = load_workbook(desk.ledger)
    book[Columns.MADE].delete_rows(HEAD + 1)
    book.save(desk.ledger)


def encrypted(desk: Desk) -> None:
    desk.send()
    data = BytesIO()
    with desk.file.open("rb") as file:
        OOXMLFile(file).encrypt("secret", data)
    desk.file.write_bytes(data.getvalue())


def identity(name: str, value: object) -> Act:
    def change(book: Any) -> None:
        sheet = book[IDENTITY]
        row = next(r for r in range(1, 40) if sheet.cell(r, 1).value == name)
        sheet.cell(row, 2).value = value

    return edited(change)


def cover(name: str, value: str) -> Act:
    return edited(lambda b: b[COVER].cell(FIELDS[name] + 1, 3, value))


def sent(name: str, seconds: int, **figures: object) -> Act:
    """A return whose file is of some second."""

    def act(desk: Desk) -> None:
        path = desk.send(name, figures=GOOD | figures)
        when = datetime(2026, 1, 5).timestamp() + seconds
        os.utime(path, (when, when))

    return act


def part(name: str, *tables: str, seconds: int = 0) -> Act:
    """A return in which only some tables are filled, of some second."""

    def act(desk: Desk) -> None:
        every = {i.name: GOOD.get(i.name, 0) for i in FORM.inputs() if i.table in tables}
        path = desk.send(name, figures=every, zero=False)
        os.utime(path, (1_767_000_000 + seconds, 1_767_000_000 + seconds))

    return act


def listed(unit: Unit, *more: Unit) -> Act:
    return lambda desk: setattr(desk, "roster", {u.name: u for u in (unit, *more)})


def cached(desk: Desk) -> None:
    """A formula with its result, where a figure is asked for."""
    put(CELL, "=1+2")(desk)
    data = BytesIO(desk.file.read_bytes())
    with zipfile.ZipFile(data) as old, zipfile.ZipFile(desk.file, "w") as new:
        for name in old.namelist():
            sheet = re.sub(rb"(<f>1\+2</f>)<v\s*(?:/>|></v>)", rb"\1<v>3</v>", old.read(name))
            new.writestr(name, sheet)


def explain(path: Path) -> None:
    """Words in the list that ends 校验, and no code."""
    book = load_workbook(path)
    book[CHECKS].cell(first_line(path.read_bytes()), WHY + 1, "本年度机构合并")
    book.save(path)


T2, T3, T4 = (t.sheet for t in LAYOUT.tables)


def twice(book: Workbook) -> None:
    copy = book.copy_worksheet(book[T4])
    place = LAYOUT.address(FORM.by_name["t4.cases.review_upheld"])
    book[T4][place.a1], copy[place.a1] = 5, 9


def away(book: Workbook) -> None:
    """Figures in a copy of a table's sheet, which is left blank."""
    copy = book.copy_worksheet(book[T4])
    copy[LAYOUT.address(FORM.by_name["t4.cases.review_upheld"]).a1] = 5


def duplicate(*, name: str = "", hidden: bool = False) -> Act:
    """Other figures in a copy of a table's sheet, which is filled."""

    def change(book: Workbook) -> None:
        twice(book)
        copy = book.worksheets[-1]
        copy.title, copy.sheet_state = name or copy.title, "hidden" if hidden else "visible"

    return edited(change)


def joined(book: Workbook) -> None:
    """A figure over three cells merged into one."""
    block = [LAYOUT.address(FORM.by_name[f"t4.cases.review_{x}"]) for x in ("upheld", "other")]
    book[T4][block[0].a1] = 5
    book[T4].merge_cells(f"{block[0].a1}:{block[1].a1}")


def joined_blank(book: Workbook) -> None:
    """Cells that say 0, merged into one."""
    block = [LAYOUT.address(FORM.by_name[f"t4.cases.review_{x}"]) for x in ("upheld", "other")]
    for row in book[T4][f"{block[0].a1}:{block[1].a1}"]:
        for cell in row:
            cell.value = 0
    book[T4].merge_cells(f"{block[0].a1}:{block[1].a1}")


def relabelled(book: Workbook) -> None:
    for row in book[T2].iter_rows():
        for cell in row:
            if cell.value == "行政规范性文件":
                cell.value = "规范性文件"


def column(heading: str) -> Callable[[Workbook], None]:
    """Figures typed into a column right of a table."""

    def change(book: Workbook) -> None:
        for row, value in ((2, heading or None), (5, 12), (6, 3)):
            book[T3].cell(row, 30, value)

    return change


def unmerged(book: Workbook) -> None:
    """A second figure typed beside an item's, where one cell for both had been."""
    at = LAYOUT.address(FORM.by_name["t2.licences.decisions"])
    for area in list(book[T2].merged_cells.ranges):
        if area.min_row == at.row + 1 == area.max_row and area.min_col == at.col + 1:
            book[T2].unmerge_cells(str(area))
    book[T2].cell(at.row + 1, at.col + 2, 300)


# The mistake, what the remedy tells to do, and codes of notes that come along with it.
def dated(**said: Any) -> Act:
    """A web page with a report whose title and period may be of different years, or of none."""

    def act(desk: Desk) -> None:
        (desk.inbox / "甲局.html").write_bytes(written.page(report(**said)))

    return act


UNDATED = "甲局政府信息公开工作年度报告"
DATED = "甲局2025年政府信息公开工作年度报告"
PERIOD = "本报告所列数据的统计期限自{0}年1月1日起至{0}年12月31日止。"
SENT: dict[str, tuple[Act, Act | tuple[Act, ...] | None, set[str]]] = {
    "F-01": (raw(b"MZ\x90\x00" + bytes(200), "甲局.exe"), again, set()),
    "F-02": (raw(b"PK\x03\x04 damaged"), again, set()),
    "F-03": (encrypted, (given(nothing, passwords=("secret",)), again), set()),
    "F-04": (failing("F-04"), again, set()),
    "F-05": (huge, given(nothing, limits=Limits.given(["file-size=100"])), set()),
    "F-06": (failing("vanish"), again, set()),
    "F-07": (failing("F-07"), again, set()),
    "F-08": (failing("memory"), again, set()),
    "F-09": (
        both(raw((RARS / "packed.rar").read_bytes(), "甲局.rar"), hidden),
        (instead(zipped), installed),
        {"I-08"},  # it is packed by its makers: no return is in it
    ),
    "F-10": (volume, (instead(zipped), again), set()),
    "F-11": (both(rich, hidden), (installed, instead(word)), set()),
    "F-12": (raw(image_pdf(3), "甲局.pdf"), (instead(word), again), set()),
    "F-13": (macros, None, set()),
    "F-14": (raw(bundled.packed(bundled.apple()), "甲局.numbers"), again, set()),
    "F-15": (raw(bundled.frameset("甲局")["甲局.htm"], "甲局.htm"), (again, pages), set()),
    "F-16": (raw(bundled.rights()), again, set()),
    "F-17": (cloud, (again, attached), set()),
    "F-18": (raw(bundled.glyphs(), "甲局.pdf"), (instead(word), again), set()),
    "F-20": (in_place_of_a_table(LARGE), (instead(word), again), set()),
    "F-19": (word_cut_off, (instead(word), again), set()),
    "I-01": (identity("edition", "2019"), again, set()),
    "I-02": (lambda d: d.send(year=2024), again, set()),
    "I-03": (
        lambda d: d.send("报表.xlsx", unit=""),
        (again, decision(DecisionKind.MATCH, "报表.xlsx")),
        set(),
    ),
    "I-04": (
        lambda d: d.send(unit="乙局"),
        listed(Unit(name="乙局")),
        set(),
    ),
    "I-05": (
        both(Desk.send, listed(Unit(name="甲局", state=UnitState.ABOLISHED))),
        listed(Unit(name="甲局")),
        set(),
    ),
    "I-06": (
        both(Desk.send, listed(Unit(name="甲局", files_through="乙局"), Unit(name="乙局"))),
        listed(Unit(name="甲局"), Unit(name="乙局")),
        set(),
    ),
    "I-07": (
        lambda d: bare(d.send(unit="", figures=FULL), "甲局2025年政府信息公开年报统计表"),
        again,
        {"M-03"},
    ),
    "I-08": (lambda d: Workbook().save(d.file), again, set()),
    "I-09": (cover(UNIT, "乙局"), again, set()),
    "I-10": (
        both(lambda d: d.send("乙局.xlsx"), listed(Unit(name="甲局"), Unit(name="乙局"))),
        (decision(DecisionKind.ACCEPT, "I-10"), lambda d: d.send("乙局.xlsx", unit="乙局")),
        set(),
    ),
    "I-11": (
        both(lambda d: d.send(unit="泗洪县民政局"), listed(*DISTRICT)),
        listed(*DISTRICT, Unit(name="泗洪县民政局")),
        set(),
    ),
    "I-12": (lambda d: former(d.file, identity=False), again, set()),
    "I-13": (
        dated(title=[DATED, PERIOD.format(2024)]),
        instead(dated(title=[DATED, PERIOD.format(2025)])),
        set(),
    ),
    "I-14": (dated(title=[UNDATED, PERIOD.format(2025)]), None, set()),
    "D-01": (both(sent("1.xlsx", 0), sent("2.xlsx", 60, **{CELL: 5})), None, set()),
    "D-02": (
        both(sent("1.xlsx", 0), sent("2.xlsx", 0, **{CELL: 5})),
        (lambda d: (d.inbox / "1.xlsx").unlink(), decision(DecisionKind.CHOOSE, "2.xlsx")),
        set(),
    ),
    "D-03": (
        both(part("1.xlsx", "t2", "t3"), part("2.xlsx", "t4")),
        (
            part("3.xlsx", "t2", "t3", "t4", seconds=600),
            decision(DecisionKind.COMBINE, "1.xlsx+2.xlsx"),
        ),
        set(),
    ),
    "D-04": (
        both(Desk.send, lambda d: shutil.copy(d.file, d.inbox / "再发.xlsx")),
        None,
        set(),
    ),
    "D-06": (paper(**{"t3.secret.legal": 8}), paper(), set()),
    "M-01": (edited(lambda b: b.remove(b[T4])), again, set()),
    "M-02": (edited(lambda b: b[T3].delete_rows(20)), again, {"M-03"}),
    "M-03": (edited(lambda b: b[T4].insert_rows(1, 2)), None, set()),
    "M-04": (edited(relabelled), again, set()),
    "M-05": (edited(twice), again, set()),
    "M-06": (page("甲局", "乙局"), instead(apart), set()),
    "M-07": (mended(lacking), page("甲局"), set()),
    "M-08": (mended(hanging), page("甲局"), set()),
    "M-09": (edited(joined), again, set()),
    "M-16": (edited(joined_blank), again, set()),
    "M-17": (one_row(), None, set()),
    "M-18": (one_row(3, 0, 0, 0, 0, 0, 3), page("甲局"), set()),
    "B-06": (mended(unsaved), page("甲局"), set()),
    "M-12": (edited(away), (put("t4.cases.review_upheld", 5), again), set()),
    "M-13": (duplicate(name="表四（2024年）"), None, set()),
    "M-14": (duplicate(hidden=True), None, set()),
    "M-10": (edited(column("")), again, set()),
    "M-11": (edited(unmerged), again, set()),
    "M-15": (edited(column("上年同期")), again, set()),
    "V-01": (put(CELL, "3件"), None, set()),
    "V-02": (put(CELL, "约3"), put(CELL, 3), set()),
    "V-03": (cached, put(CELL, 3), set()),
    "V-04": (put(CELL, datetime(2026, 1, 2)), put(CELL, 1), set()),
    "V-05": (put(CELL, True), put(CELL, 1), set()),
    "V-06": (put(CELL, "#N/A"), put(CELL, 1), set()),
    "V-07": (put(CELL, -3), put(CELL, 3), set()),
    "V-08": (put(CELL, 1.5), put(CELL, 2), set()),
    "V-09": (put(CELL, "/"), None, set()),
    "V-10": (put(CELL, "=1+2"), put(CELL, 3), set()),
    "V-11": (put(CELL, 1_234_567_890), put(CELL, 12), set()),
    "V-12": (put(CELL, "55（含自然失效29件）"), put(CELL, 55), set()),
    "V-13": (expenses("0.001"), expenses("0"), set()),
    "V-14": (put(CELL, beside("3", "1", vertAlign="superscript")), None, {"V-01"}),
    "V-15": (put(CELL, beside("3", "2", strike=True)), None, {"V-01"}),
    "V-16": (measured("元"), None, set()),
    "V-17": (edited(in_yuan), again, set()),
    "V-18": (measured("美元"), page("甲局"), set()),
    "V-19": (edited(shown_otherwise), again, set()),
    "V-20": (cells_lost, (instead(word), again), set()),
    "P-09": (headless, None, set()),
    "E-01": (
        lambda d: explain(d.send()),
        None,
        set(),
    ),
    "K-01": (
        both(put(CELL, 4), decision(DecisionKind.CORRECT, at_cell(CELL), 5, basis=3)),
        (both(in_line(BASIS=None), Desk.decide), struck),
        set(),
    ),
    "K-02": (both(put(CELL, 4), decision(DecisionKind.CORRECT, at_cell(CELL), 5)), None, set()),
    "K-03": (
        both(put(CELL, 4), decision(DecisionKind.CORRECT, at_cell("t3.received.total"), 5)),
        (in_line(TARGET=at_cell(CELL)), struck),
        set(),
    ),
    "K-04": (
        both(lambda d: d.send(unit="甲分局"), decision(DecisionKind.MATCH, "甲分局")),
        None,
        set(),
    ),
}
