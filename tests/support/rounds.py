"""A district of twenty units for the tests of whole rounds: their figures, mails and mistakes."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from lxml import html
from openpyxl import load_workbook

from support import written
from support.containers import zip_
from support.filled import FORM, LAYOUT, Draft, balance, consistent
from support.outlook import Attached, Outlook, ole
from support.reshaped import collapsed, leaves, reshaped
from support.written import Written
from xltools.forms.declaration import load
from xltools.layout.places import TEXT_SHEET, lay_out
from xltools.ledgers.previous import FIRST, SHEET, UNIT, write_blank
from xltools.model.numbers import Number
from xltools.model.roster import Roster, Unit
from xltools.template.build import build
from xltools.template.opening import Subject

YEAR = 2025
PASSWORD = "rounds"
AREA = "清河区"
INPUTS = [i.name for i in FORM.inputs()]
CARRIED = [i.name for i in FORM.inputs() if i.row == "carried_in"]
Cells = dict[str, str | int | float]
Files = Mapping[str, bytes]

NAMES = """教育局 财政局 民政局 司法局 水务局 商务局 审计局 统计局 体育局 林业局
农业农村局 交通运输局 卫生健康局 应急管理局 市场监督管理局 城市管理局 文化和旅游局
退役军人事务局 自然资源局 医疗保障局""".split()
REQUIRED = "医疗保障局"  # has to write the texts as well


def at(name: str) -> str:
    return str(LAYOUT.address(FORM.by_name[name]))


def plain(number: Number) -> int | float:
    return number if isinstance(number, int) else float(number)


def typed(figures: Mapping[str, Number]) -> Cells:
    return {at(name): plain(number) for name, number in figures.items()}


def texts_of(unit: str) -> dict[str, str]:
    """What a unit that has to write has to say; nothing for the others."""
    if unit != REQUIRED:
        return {}
    said = {text.name: "按规定开展工作。" for text in FORM.texts}
    said["p5.problems"] = "公开内容有待深化，将加强培训。"
    said["p6.matters"] = "本年度没有收取信息处理费。"
    return said


def prose(texts: Mapping[str, str]) -> Cells:
    """Texts of a line each, in their cells."""
    return {
        f"{TEXT_SHEET}!A{p.first + 1}": texts[p.text.name]
        for p in LAYOUT.texts
        if p.text.name in texts
    }


FOURTH = "（四）无法提供"


def truth() -> dict[str, dict[str, Number]]:
    """The inputs that each unit means, all rules kept: what the district's figures rest on."""
    found = {}
    for seed, unit in enumerate(NAMES):
        draft = consistent(seed + 100, typed=False)
        if unit == "司法局":  # 12 cases in one cell, none beside it
            draft.figures |= {"t3.petition.welfare": 12, "t3.petition.legal": 0}
            balance(draft)
        if unit == "商务局":  # cells that may be left blank, and one that may not
            draft.figures["t3.granted.others"] = 7
            balance(draft)
        if unit == "市场监督管理局":  # it may make no regulations, and did all the same
            draft.figures |= {"t2.regulations.issued": 1, "t2.regulations.in_force": 1}
        if unit == "林业局":  # nothing in a group of rows
            draft.figures |= dict.fromkeys(leaves(FOURTH), 0)
            balance(draft)
        draft.add("t2.normative.in_force", 60)  # more than were issued this year
        found[unit] = _inputs(draft)
    return found


def _inputs(draft: Draft) -> dict[str, Number]:
    return {n: v for n in INPUTS if (v := draft.figures[n]) is not None}


def before(figures: Mapping[str, Number]) -> dict[str, Number]:
    """Last year's figures from which this year's follow."""
    last: dict[str, Number] = {}
    for name in CARRIED:
        last[name.replace("carried_in", "carried_out")] = figures[name]
    for row in ("regulations", "normative"):
        one = f"t2.{row}"
        last[f"{one}.in_force"] = (
            figures[f"{one}.in_force"] - figures[f"{one}.issued"] + figures[f"{one}.repealed"]
        )
    return last


def write_roster(path: Path) -> Roster:
    """The roster as a file, and as it is read."""
    from xltools.ledgers.roster import load

    head = ["单位名称", "单位代码", "类别", "文字", "字数要求", "邮箱"]
    rows = [
        [f"{AREA}{n}", f"QH{i:02}", "工作机构", *asked(n), address(n)]
        for i, n in enumerate(NAMES, 1)
    ]
    out = io.StringIO()
    csv.writer(out).writerows([head, *rows])
    path.write_text(out.getvalue(), "utf-8")
    return load(path)


def asked(unit: str) -> tuple[str, str]:
    """What the roster says of a unit's texts and their length."""
    return ("必填", "是") if unit == REQUIRED else ("不填", "")


def address(unit: str) -> str:
    return f"u{NAMES.index(unit) + 1:02}@qinghe.example.cn"


def write_previous(path: Path, last: Mapping[str, Mapping[str, Number]]) -> None:
    """The file of last year's figures, filled in by the coordinator."""
    units = [Unit(name=f"{AREA}{n}") for n in NAMES]
    write_blank(path, FORM, units, year=YEAR - 1)
    book = load_workbook(path)
    sheet = book[SHEET]
    columns = {FORM.items[item].name: FIRST + 1 + n for n, item in enumerate(FORM.priors)}
    rows = {sheet.cell(r, UNIT + 1).value: r for r in range(1, sheet.max_row + 1)}
    for name in NAMES:
        for item, number in last[name].items():
            sheet.cell(rows[f"{AREA}{name}"], columns[item], plain(number))
    book.save(path)


# Mails


def eml(unit: str, when: datetime, files: Files) -> bytes:
    """A mail from a unit's own address."""
    made = EmailMessage()
    made["From"] = f"{unit} <{address(unit)}>"
    made["To"] = "office@qinghe.example.cn"
    made["Subject"] = f"报送{YEAR}年政府信息公开年报"
    made["Date"] = when
    made.set_content("请查收。")
    for name, data in files.items():
        made.add_attachment(data, "application", "octet-stream", filename=name)
    return made.as_bytes()


def zipped(unit: str, when: datetime, files: Files) -> bytes:
    return eml(unit, when, {"年报.zip": zip_(files)})


def msg(unit: str, when: datetime, files: Files) -> bytes:
    attached = [Attached(name=n, data=d) for n, d in files.items()]
    return Outlook(sender=address(unit), name=unit, sent=when, attached=attached).file()


def mbox(unit: str, when: datetime, files: Files) -> bytes:
    """One mail for each file, as a mail program exports a folder."""
    made = b""
    for name, data in files.items():
        mail = eml(unit, when, {name: data}).replace(b"\r\n", b"\n")
        made += b"From a@b Thu Jan 15 09:30:00 2026\n" + mail + b"\n"
    return made


def day(number: int, hour: int = 9) -> datetime:
    return datetime(2026, 1, 10, hour, 0, tzinfo=UTC) + timedelta(days=number)


# What other programs than LibreOffice make of a workbook, and what comes in instead of one


def changed(data: bytes, change: Callable[[Any], None]) -> bytes:
    """Saved by a program that keeps no results of formulas."""
    book = load_workbook(io.BytesIO(data))
    change(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def stale(data: bytes, sheet: str) -> bytes:
    """The formulas of a sheet with 0 as their results, as where nothing was calculated."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    number = load_workbook(io.BytesIO(data), read_only=True).sheetnames.index(sheet) + 1
    name = f"xl/worksheets/sheet{number}.xml"
    parts[name], count = re.subn(
        rb"(<f[^>]*>[^<]*</f><v>)[0-9]+(</v>)", rb"\g<1>0\g<2>", parts[name]
    )
    assert count
    return zip_(parts)


def report(unit: str, figures: Mapping[str, Number], year: int = YEAR) -> Written:
    """The annual report of a unit, as a document."""
    draft = Draft(figures={i.name: figures.get(i.name) for i in FORM.items})
    draft.add_up()
    said = {text.name: "按规定开展工作。" for text in FORM.texts}
    return Written(
        title=[f"{AREA}{unit}{year}年政府信息公开工作年度报告"],
        agency=f"{AREA}{unit}",
        date=f"{year + 1}年1月10日",
        figures=[draft.figures[i.name] for i in FORM.items],
        texts=said,
    )


def page(unit: str, figures: Mapping[str, Number], short: str, shifted: str) -> bytes:
    """The report as a web page: in one row a cell is missing, another stands one to the left, and
    two groups of rows are one row each, one of them with nothing. The first table has lost its
    cells, the fields of the last were saved empty. The period is that of the year before, and the
    first part has no heading.
    """
    said = report(unit, figures)
    parts, by_name = leaves(), dict(zip((i.name for i in FORM.items), said.figures, strict=True))
    columns = dict.fromkeys(name.rpartition(".")[2] for name in parts)
    sums = [
        sum(int(by_name[n] or 0) for n in parts if n.endswith(f".{column}")) for column in columns
    ]
    nothing, given = collapsed(*[0] * len(sums), label=FOURTH), collapsed(*sums)
    said = reshaped(said, {"t3": lambda table: given(replace(table, drawing=nothing(table)))})
    period = f"本报告所列数据的统计期限自{YEAR - 1}年1月1日起至{YEAR - 1}年12月31日止。"
    said = replace(said, title=[*said.title, period])
    made: Any = html.fromstring(written.page(said, around=False).decode())
    heading = next(h for h in made.iter("h2") if FORM.parts[0].title in h.text_content())
    heading.getparent().remove(heading)
    first, _, last = made.iter("table")
    _run_together(first)
    _unsaved(last)
    cell = next(c for c in made.iter("td") if short in c.text_content())
    gone = list(cell.getparent())[3]
    gone.getparent().remove(gone)
    label = next(c for c in made.iter("td") if shifted in c.text_content())
    label.set("rowspan", str(int(label.get("rowspan")) - 1))
    data: bytes = html.tostring(made, encoding="utf-8")
    return b"<!DOCTYPE html>" + data


def _run_together(table: Any) -> None:
    """The words of a table in one paragraph."""
    words = "".join(cell.text_content().strip() for cell in table.iter("td", "th"))
    paragraph = html.Element("p")
    paragraph.text = words
    table.getparent().replace(table, paragraph)


def _unsaved(table: Any) -> None:
    """Fields in the place of figures, saved by a browser without what was typed into them."""
    for cell in table.iter("td"):
        if cell.text_content().strip().isdigit():
            cell.clear()
            cell.append(html.Element("input", type="text", name="f"))


def two_reports(unit: str, figures: Mapping[str, Number]) -> bytes:
    """This year's report and last year's in one file."""
    last = dict.fromkeys(figures, 1)
    both = written.listed(report(unit, figures)), written.listed(report(unit, last, YEAR - 1))
    return "".join(both).encode()


def scan() -> bytes:
    """A PDF whose only page is a picture."""
    objects = (
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [4 0 R] /Count 1 >>",
        "<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray"
        " /BitsPerComponent 8 /Length 1 >>\nstream\nx\nendstream",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 5 0 R"
        " /Resources << /XObject << /I 3 0 R >> >> >>",
        "<< /Length 28 >>\nstream\nq 595 0 0 842 0 0 cm /I Do Q\nendstream",
    )
    out, places = b"%PDF-1.4\n", []
    for n, one in enumerate(objects, 1):
        places.append(len(out))
        out += f"{n} 0 obj\n{one}\nendobj\n".encode()
    table = "".join(f"{p:010} 00000 n \n" for p in places)
    end = f"xref\n0 6\n0000000000 65535 f \n{table}trailer << /Size 6 /Root 1 0 R >>\n"
    return out + f"{end}startxref\n{len(out)}\n%%EOF".encode()


def volume(files: Files) -> bytes:
    """The first volume of a zip that was split."""
    data = bytearray(zip_(files))
    end = data.rindex(b"PK\5\6")
    data[end + 4 : end + 8] = b"\2\0\2\0"
    return bytes(data)


def letter() -> bytes:
    """A workbook that holds no table at all."""
    from openpyxl import Workbook

    book = Workbook()
    book.worksheets[0]["A1"] = "联系人名单"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def yuan(amount: Number) -> float:
    return float(Decimal(amount) * 10_000)


def comments(path: Path) -> set[str]:
    """The cells of a workbook that carry a note: what its unit is asked about."""
    book = load_workbook(path)
    return {
        f"{sheet.title}!{cell.coordinate}"
        for sheet in book.worksheets
        for row in sheet.iter_rows()
        for cell in row
        if cell.comment is not None
    }


def inputs_of(*starts: str) -> list[str]:
    return [n for n in INPUTS if n.startswith(starts)]


def old_form(unit: str) -> bytes:
    """The report in the edition of the form that was in force before."""
    layout = lay_out(load("zfxxgk-2019"))
    said = report(unit, {})
    figures = [1] * len(layout.form.items)
    return written.page(replace(said, layout=layout, figures=figures, texts={}), around=False)


def other_form(unit: str) -> bytes:
    """A template for other figures."""
    return build(lay_out(load("sangong-2024")), Subject(year=YEAR, unit=f"{AREA}{unit}"), "x")


def with_macro(data: bytes) -> bytes:
    """A workbook saved as .xlsm, with a macro in it."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    kind = b'<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/></Types>'
    plain = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    own = b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"
    types = parts["[Content_Types].xml"].replace(plain, own)
    parts["[Content_Types].xml"] = types.replace(b"</Types>", kind)
    parts["xl/vbaProject.bin"] = ole({"PROJECT": b"Module=M1\r\n"})
    link = b'<Relationship Id="rIdV" Target="vbaProject.bin" Type="http://schemas.microsoft.com/'
    link += b'office/2006/relationships/vbaProject"/></Relationships>'
    rels = "xl/_rels/workbook.xml.rels"
    parts[rels] = parts[rels].replace(b"</Relationships>", link)
    return zip_(parts)
