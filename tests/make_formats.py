"""Make docs/formats.md anew: ``python tests/make_formats.py``. Every row of it is run."""

from __future__ import annotations

import io
import re
import subprocess
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from functools import partial
from pathlib import Path
from xml.sax.saxutils import escape

from openpyxl import load_workbook

from support import bundled, programs, written
from support.client import Office
from support.containers import rar5
from support.filled import FORM, LAYOUT
from support.hostile.containers import UNIT as ODD_SHEET
from support.hostile.ole import compound
from support.hostile.ooxml import MAIN, OFFICE, STRICT_MAIN, STRICT_OFFICE, xlsb, xlsx
from support.inboxes import YEAR, figures, filled_in, outlook, values
from support.programs import PROGRAMS, Answer
from support.written import Written
from xltools.model.findings import catalogue
from xltools.model.identity import PRINT
from xltools.model.limits import Limits
from xltools.model.numbers import stored
from xltools.model.roster import Roster, Unit
from xltools.model.summary import OUTCOMES, Document, Summary
from xltools.model.wording import in_words
from xltools.steps import Job, collect

PAGE = Path(__file__).parent.parent / "docs" / "formats.md"
SENT = datetime(2026, 1, 12, 1, 30, tzinfo=UTC)
BOOKS, HOLDERS, PAPERS, REST = "表格", "压缩包和邮件", "文档和图片", "其他"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A file, and what people call its kind. ``name``: below the inbox."""

    group: str
    label: str
    name: str
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A sample and what collect made of it: each document's outcome and codes."""

    sample: Sample
    answers: tuple[tuple[str, tuple[str, ...]], ...]


def address(number: int) -> str:
    return f"u{number}@example.cn"


def unit(number: int) -> str:
    return f"样本{number:02}局"


def samples(office: Office, folder: Path) -> Iterator[Sample]:
    """Each with a return of a unit of its own where it can hold one."""
    numbers = iter(range(1, 90))

    def good() -> tuple[int, bytes]:
        number = next(numbers)
        return number, filled_in(unit(number), number)

    def saved(suffix: str, options: str | None = None) -> tuple[int, bytes]:
        number, data = good()
        (folder / f"{number}.xlsx").write_bytes(data)
        office.convert(folder / f"{number}.xlsx", folder / f"{number}-.{suffix}", options=options)
        return number, next(folder.glob(f"{number}-*.{suffix}")).read_bytes()

    book = partial(Sample, group=BOOKS)
    number, data = good()
    yield book(label="Excel 工作簿（.xlsx）", name=f"{unit(number)}.xlsx", data=data)
    number, data = good()
    yield book(label="同上，带宏（.xlsm）", name=f"{unit(number)}.xlsm", data=with_macro(data))
    number, data = saved("xlsx")
    yield book(label="同上，Strict Open XML", name=f"{unit(number)}.xlsx", data=strict(data))
    yield book(
        label="Excel 二进制工作簿（.xlsb），样本里没有本表",
        name="二进制.xlsb",
        data=xlsb([(0, 0, 1)]),
    )
    for suffix, label in (
        ("xls", "Excel 97—2003 工作簿（.xls）"),
        ("et", "WPS 表格（.et）"),
        ("ods", "OpenDocument 表格（.ods）"),
        ("fods", "OpenDocument 表格，单个 XML（.fods）"),
    ):
        number, data = saved(suffix)
        yield book(label=label, name=f"{unit(number)}.{suffix}", data=data)
    number, data = saved("html")
    yield book(label="网页另存为 .xls", name=f"{unit(number)}.xls", data=data)
    number, data = good()
    yield book(label="XML 表格 2003 另存为 .xls", name=f"{unit(number)}.xls", data=xml2003(data))
    sheet = load_workbook(io.BytesIO(data)).sheetnames.index(PRINT) + 1
    for coding, label in (("utf-8", "UTF-8"), ("utf-16", "UTF-16"), ("gb18030", "GB18030")):
        number, data = saved("csv", f"44,34,76,1,,0,false,false,false,false,false,{sheet}")
        told = data.decode("utf-8").encode(coding)
        yield book(
            label=f"“打印稿”页存成的 CSV，{label}（单位凭文件名和发件人认定）",
            name=f"csv{number}.eml",
            data=mail(number, f"{unit(number)}.csv", told),
        )
    number, data = good()
    yield book(label="后缀写错的（.xlsx 写成 .xls）", name=f"{unit(number)}.xls", data=data)
    number, data = good()
    yield book(label="设有打开密码", name=f"{unit(number)}.xlsx", data=locked(data))
    number, data = good()
    yield book(label="损坏的（只有一半）", name=f"{unit(number)}.xlsx", data=data[: len(data) // 2])
    yield book(label="没有本表的工作簿", name="花名册.xlsx", data=xlsx(ODD_SHEET))
    yield from _bundles(numbers)
    yield from _holders(good)
    yield from _papers(numbers, folder)


def _bundles(numbers: Iterator[int]) -> Iterator[Sample]:
    """Workbooks of several files, and those that only their own program reads."""
    book = partial(Sample, group=BOOKS)
    number = next(numbers)
    pages = bundled.frameset(unit(number), unit(number), seed=number)
    label = "工作簿另存的网页，连同它的文件夹（ZIP）"
    yield book(label=label, name="网页.zip", data=bundled.packed(pages))
    first = pages[f"{unit(number)}.htm"]
    yield book(label="同上，没有文件夹", name="首页.htm", data=first)
    number = next(numbers)
    pages = bundled.frameset(unit(number), unit(number), seed=number)
    label = "工作簿另存的单个文件网页（.mht）"
    yield book(label=label, name=f"{unit(number)}.mht", data=bundled.single_file(pages))
    number = next(numbers)
    sheets = bundled.packed(bundled.google(unit(number), number))
    label = "Google 表格下载的网页（ZIP）"
    yield book(label=label, name=f"{unit(number)}.zip", data=sheets)
    label = "Apple Numbers 表格（.numbers）"
    yield book(label=label, name="表格.numbers", data=bundled.packed(bundled.apple()))
    label = "单位的加密软件加密的、设有权限管理的"
    yield book(label=label, name="加密.xlsx", data=bundled.rights())


def _holders(good: object) -> Iterator[Sample]:
    assert callable(good)
    holder = partial(Sample, group=HOLDERS)
    number, data = good()
    yield holder(label="子文件夹", name=f"下级/{unit(number)}.xlsx", data=data)
    number, data = good()
    yield holder(label="ZIP", name="一.zip", data=zipped(f"{unit(number)}.xlsx", data))
    number, data = good()
    gbk = zipped(f"{unit(number)}.xlsx", data, gbk=True)
    yield holder(label="ZIP，文件名为 GBK 编码", name="二.zip", data=gbk)
    number, data = good()
    inner = zipped(f"{unit(number)}.xlsx", data)
    yield holder(label="ZIP 里的 ZIP", name="三.zip", data=zipped("内.zip", inner))
    number, data = good()
    yield holder(label="7z", name="四.7z", data=sevenzip(f"{unit(number)}.xlsx", data))
    number, data = good()
    yield holder(
        label="7z，设有密码",
        name="五.7z",
        data=sevenzip(f"{unit(number)}.xlsx", data, password="谁也不知道"),
    )
    number, data = good()
    yield holder(label=".tar.gz", name="六.tar.gz", data=tarred(f"{unit(number)}.xlsx", data))
    number, data = good()
    stored = rar5({f"{unit(number)}.xlsx": data})
    yield holder(
        label="RAR（存储方式；压缩的需要本机有 unrar 等程序）", name="七甲.rar", data=stored
    )
    yield holder(label="RAR，损坏的", name="七.rar", data=b"Rar!\x1a\x07\x01\x00" + bytes(100))
    number, data = good()
    yield holder(
        label="邮件（.eml）", name="八.eml", data=mail(number, f"{unit(number)}.xlsx", data)
    )
    number, data = good()
    inner = mail(number, f"{unit(number)}.xlsx", data)
    yield holder(label="邮件里转发的邮件", name="九.eml", data=forwarded(inner))
    number, data = good()
    yield holder(
        label="Outlook 邮件（.msg）",
        name="十.msg",
        data=outlook(address(number), SENT, "年报", {f"{unit(number)}.xlsx": data}),
    )
    number, data = good()
    box = b"From u@example.cn Mon Jan 12 01:30:00 2026\n"
    box += mail(number, f"{unit(number)}.xlsx", data).replace(b"\r\n", b"\n") + b"\n"
    yield holder(label="邮箱（.mbox）", name="十一.mbox", data=box)
    number, data = good()
    content = mail(number, f"{unit(number)}.xlsx", data)
    yield holder(label="签名邮件（.p7m）", name="签名.p7m", data=bundled.signed(content))
    yield holder(
        label="加密邮件（.p7m）", name="加密.p7m", data=bundled.signed(bytes(500), number=3)
    )
    text = "从QQ邮箱发来的超大附件 表.xlsx https://mail.qq.com/cgi-bin/ftnExs_download?k=1"
    yield holder(
        label="只有下载链接（超大附件、云附件）的邮件",
        name="链接.eml",
        data=bundled.link("", "u@example.net", text, subject="年报"),
    )
    number, data = good()
    yield holder(
        label="邮件里的 ZIP",
        name="十二.eml",
        data=mail(number, "附件.zip", zipped(f"{unit(number)}.xlsx", data)),
    )


def reported(number: int) -> Written:
    """The report of a unit as a document; its texts are short."""
    known = figures(number)
    name = unit(number)
    return Written(
        title=(f"{name}{YEAR}年政府信息公开工作年度报告",),
        agency=name,
        date=f"{YEAR + 1}年1月12日",
        figures=[known[i.name] for i in FORM.items],
        texts={t.name: f"{t.label}按规定开展，未收取信息处理费。" for t in LAYOUT.form.texts},
    )


def saved_by_office(data: bytes, suffix: str, folder: Path) -> bytes:
    """A Word document in another format."""
    source = folder / f"doc-{suffix}.docx"
    source.write_bytes(data)
    home = (folder / "profile").as_uri()
    command = ["soffice", "--headless", f"-env:UserInstallation={home}", "--convert-to", suffix]
    subprocess.run(
        [*command, "--outdir", str(folder), str(source)],
        check=True, capture_output=True, timeout=200,
    )  # fmt: skip
    return source.with_suffix(f".{suffix}").read_bytes()


def _papers(numbers: Iterator[int], folder: Path) -> Iterator[Sample]:
    from docx import Document as Word

    paper = partial(Sample, group=PAPERS)
    for suffix, label in (
        ("docx", "Word 年度报告（.docx）"),
        ("doc", "旧版 Word 年度报告（.doc，本机须装 LibreOffice）"),
        ("rtf", "RTF 年度报告（本机须装 LibreOffice）"),
        ("pdf", "PDF 年度报告（有文字）"),
        ("html", "网页年度报告"),
        ("txt", "从网页复制的文字"),
    ):
        number = next(numbers)
        report = reported(number)
        if suffix == "html":
            data = written.page(report)
        elif suffix == "txt":
            data = written.listed(report).encode()
        else:
            data = written.word(report)
        if suffix in ("doc", "rtf", "pdf"):
            data = saved_by_office(data, suffix, folder)
        yield paper(label=label, name=f"{unit(number)}.{suffix}", data=data)
    number = next(numbers)
    yield paper(
        label="Word 年度报告，与同一单位的工作簿一起报送",
        name=f"合/{unit(number)}.docx",
        data=written.word(reported(number)),
    )
    book = filled_in(unit(number), number)
    yield paper(label="（那一份工作簿）", name=f"合/{unit(number)}.xlsx", data=book)
    out = io.BytesIO()
    word = Word()
    word.add_paragraph("关于报送年度报告的函")
    word.save(out)
    yield paper(label="Word 文档（.docx），没有本表", name="函.docx", data=out.getvalue())
    old = compound({"WordDocument": b"\xec\xa5" + bytes(5000)})
    yield paper(label="旧版 Word（.doc），损坏的", name="函.doc", data=old)
    yield paper(label="PDF，损坏的", name="函.pdf", data=b"%PDF-1.4\n%%EOF")
    yield paper(label="PDF，文字没有编码的", name="字形.pdf", data=bundled.glyphs())
    yield paper(label="OFD", name="版式.ofd", data=packed({"OFD.xml": b"<ofd:OFD/>"}))
    yield paper(
        label="Apple Pages 文稿（.pages）",
        name="文稿.pages",
        data=bundled.packed(bundled.apple(10000)),
    )
    yield paper(label="图片", name="扫描.jpg", data=b"\xff\xd8\xff\xe0" + bytes(100))
    yield paper(label="RTF 文档", name="函.rtf", data=b"{\\rtf1 x}")
    yield paper(label="文字（.txt）", name="说明.txt", data="请查收。".encode())
    rest = partial(Sample, group=REST)
    yield rest(label="空文件", name="空.xlsx", data=b"")
    yield rest(label="程序（.exe）", name="表.exe", data=b"MZ" + bytes(500))
    yield rest(label="Excel、WPS 的锁定文件（~$）", name="~$表.xlsx", data=b"\5admin")
    yield rest(label="系统文件（Thumbs.db、.DS_Store 等）", name="Thumbs.db", data=b"x")


def parts(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(contents: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in contents.items():
            archive.writestr(name, body)
    return out.getvalue()


def with_macro(data: bytes) -> bytes:
    contents = parts(data)
    kind = b'<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/></Types>'
    types = contents["[Content_Types].xml"].replace(b"</Types>", kind)
    plain = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    own = b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"
    contents["[Content_Types].xml"] = types.replace(plain, own)
    contents["xl/vbaProject.bin"] = compound({"PROJECT": b"Module=M1\r\n"})
    link = b'<Relationship Id="rIdV" Target="vbaProject.bin" Type="http://schemas.microsoft.com/'
    link += b'office/2006/relationships/vbaProject"/></Relationships>'
    rels = "xl/_rels/workbook.xml.rels"
    contents[rels] = contents[rels].replace(b"</Relationships>", link)
    return packed(contents)


def strict(data: bytes) -> bytes:
    changed = {}
    for name, body in parts(data).items():
        text = body.replace(MAIN.encode(), STRICT_MAIN.encode())
        changed[name] = text.replace(OFFICE.encode(), STRICT_OFFICE.encode())
    return packed(changed)


def xml2003(data: bytes) -> bytes:
    name = "urn:schemas-microsoft-com:office:spreadsheet"
    told = ['<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>']
    told.append(f'<Workbook xmlns="{name}" xmlns:ss="{name}">')
    for sheet in load_workbook(io.BytesIO(data)):
        told.append(f'<Worksheet ss:Name="{sheet.title}"><Table>')
        for row in sheet.iter_rows():
            told.append("<Row>")
            for cell in row:
                value = cell.value
                if value is None or cell.data_type == "f":
                    told.append("<Cell/>")
                    continue
                kind = "Number" if cell.data_type == "n" else "String"
                told.append(f'<Cell><Data ss:Type="{kind}">{escape(str(value))}</Data></Cell>')
            told.append("</Row>")
        told.append("</Table></Worksheet>")
    return "".join([*told, "</Workbook>"]).encode()


def locked(data: bytes) -> bytes:
    from msoffcrypto.format.ooxml import OOXMLFile

    out = io.BytesIO()
    OOXMLFile(io.BytesIO(data)).encrypt("谁也不知道", out)
    return out.getvalue()


def zipped(name: str, data: bytes, *, gbk: bool = False) -> bytes:
    from support.hostile.zips import Zip

    made = Zip()
    made.add(name.encode("gbk") if gbk else name, data, flags=0 if gbk else None)
    return made.done()


def sevenzip(name: str, data: bytes, password: str | None = None) -> bytes:
    import py7zr

    out = io.BytesIO()
    with py7zr.SevenZipFile(out, "w", password=password) as archive:
        archive.writestr(data, name)
    return out.getvalue()


def tarred(name: str, data: bytes) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        info = tarfile.TarInfo(name)
        info.size = len(data)
        archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def mail(number: int, name: str, data: bytes) -> bytes:
    made = EmailMessage()
    made["From"], made["Subject"] = address(number), "年报"
    made["Date"] = "Mon, 12 Jan 2026 09:30:00 +0800"
    made.set_content("请查收。")
    made.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return made.as_bytes()


def forwarded(inner: bytes) -> bytes:
    import email
    from email import policy

    made = EmailMessage()
    made["From"], made["Subject"] = "boss@example.cn", "转发"
    made.set_content("见附件。")
    made.add_attachment(email.message_from_bytes(inner, policy=policy.default))
    return made.as_bytes()


def run(office: Office) -> list[Row]:
    """Every sample through collect, in one inbox."""
    with tempfile.TemporaryDirectory() as name:
        folder, inbox = Path(name) / "made", Path(name) / "in"
        folder.mkdir()
        every = list(samples(office, folder))
        for one in every:
            path = inbox / one.name
            assert not path.exists(), one.name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(one.data)
        units = tuple(Unit(name=unit(n), email=address(n)) for n in range(1, 90))
        job = Job(layout=LAYOUT, inbox=inbox, year=YEAR,
                  roster=Roster(units=units))  # fmt: skip
        summary = collect(job)
    for entry in summary.entries:
        read = {i.name: stored(entry.numbers[i.index]) for i in FORM.items}
        assert read == values(int(entry.unit.name[2:4])), entry.document.path
    return [Row(sample=one, answers=tuple(answers(summary, one))) for one in every]


def answers(summary: Summary, sample: Sample) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What became of the documents of a sample; the body of a mail and the like left out."""
    own = [d for d in summary.documents if sample.name in (d.path, d.file)]
    assert own, sample.name
    for one in [d for d in own if not _beside(d, own)]:
        codes = {f.code: None for f in summary.findings if f.path == one.path}
        yield (
            OUTCOMES[one.outcome] + (f"（{in_words(one.reason)}）" if one.reason else ""),
            tuple(codes),
        )


def _beside(one: Document, every: Sequence[Document]) -> bool:
    return len(every) > 1 and one.outcome.value == "ignored"


def page(rows: Sequence[Row], saved: Sequence[Answer]) -> str:
    """The page, in Chinese, for coordinators. ``saved``: what each program saved."""
    told = [HEAD]
    for group in (BOOKS, HOLDERS, PAPERS, REST):
        told.append(f"## {group}\n\n| 收到的 | 结果 |\n| --- | --- |")
        for row in rows:
            if row.sample.group == group:
                result = "；".join(dict.fromkeys(answer(*a) for a in row.answers))
                told.append(f"| {row.sample.label} | {result} |")
        told.append("")
        if group == BOOKS:
            told += [SAVED, *map(line, saved), ""]
    told.append(LIMITS)
    for name, (default, unit_, meaning) in Limits.named().items():
        told.append(f"| `{name}` | {default} {unit_} | {meaning} |")
    return "\n".join([*told, ""])


def line(saved: Answer) -> str:
    """The row of a program's format."""
    return f"| {saved.program} | {saved.suffix} | {answer(saved.outcome, saved.codes)} |"


def answer(outcome: str, codes: tuple[str, ...]) -> str:
    known = [f"{c}：{re.sub('。$', '', catalogue()[c].meaning)}" for c in codes if c in catalogue()]
    return outcome + (f"（{'；'.join(known)}）" if known else "")


HEAD = """# 收到的文件怎样读

<!-- Made by `python tests/make_formats.py` from what collect answers. Do not edit. -->

下面每一行都用一个真实的样本文件实际运行过。文件一律按内容识别，不看后缀。“已汇总”的样本是填好的
统计表存成各种样子，读出的 200 个数与填的完全相同；括号里是问题编码，见[编码一览](catalogue.md)。
"""
SAVED = """## 别的程序存的

填好的统计表由下列程序另存；能录入的程序（LibreOffice、ONLYOFFICE、IronCalc、openpyxl）是在空白模板里填的。
“已汇总”的，200 个数与填的完全相同；其余的都有问题编码，没有一个数悄悄读错。

| 程序 | 存成 | 结果 |
| --- | --- | --- |"""
LIMITS = """## 限制

一个文件超出下列任何一项，只退回它自己（F-05、F-04、F-08），并写明是哪一项；其他文件照常汇总。
确属正常文件的，汇总时放宽，可多次：`xltools collect 收件夹 --limit file-size=100 --limit depth=5`。

| 设置 | 默认 | 含义 |
| --- | --- | --- |"""


if __name__ == "__main__":
    with Office() as running, tempfile.TemporaryDirectory() as name:
        for one in PROGRAMS:
            (Path(name) / one.name).mkdir()
        told = [a for one in PROGRAMS for a in programs.answers(one, Path(name) / one.name)]
        PAGE.write_text(page(run(running), told), "utf-8")
