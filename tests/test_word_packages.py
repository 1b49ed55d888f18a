"""Word documents as programs really pack them: what Word opens is read, whatever the package."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook

from support import written
from support.client import Office
from support.containers import eml, zip_
from support.documents import balanced, codes, read, refused, wrong
from support.filled import FORM, LAYOUT
from support.jobs import GOOD, filled
from support.outlook import ole
from support.word_parts import (
    LARGE,
    LINKS,
    MAIN,
    RELS,
    REPORT,
    SEAL,
    Change,
    Parts,
    instead_of_table,
    packed,
    parts_of,
    report,
    run_together,
)
from xltools.model.file_kinds import FileKind
from xltools.model.findings import catalogue
from xltools.model.roster import Roster, Unit
from xltools.model.summary import Outcome
from xltools.model.wording import in_words
from xltools.readers import kinds
from xltools.readers.workbook import book_of
from xltools.steps import Job, collect

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"


def linked(name: str, kind: str, target: str, more: str = "") -> Change:
    """One more relation, its type as Office names them."""
    relation = f'<Relationship Id="rId99" Type="{OFFICE}{kind}" Target="{target}"{more}/>'

    def change(parts: Parts) -> Parts:
        xml = parts[name].decode().replace("</Relationships>", f"{relation}</Relationships>")
        return {**parts, name: xml.encode()}

    return change


def without(*names: str) -> Change:
    return lambda parts: {name: data for name, data in parts.items() if name not in names}


def renamed(rename: Callable[[str], str]) -> Change:
    return lambda parts: {rename(name): data for name, data in parts.items()}


def replaced(name: str, old: str, new: str) -> Change:
    def change(parts: Parts) -> Parts:
        assert old in parts[name].decode()
        return {**parts, name: parts[name].decode().replace(old, new).encode()}

    return change


def together(*changes: Change) -> Change:
    def change(parts: Parts) -> Parts:
        for one in changes:
            parts = one(parts)
        return parts

    return change


def main_at(name: str, target: str) -> Change:
    """The main part under another name, its relations with it."""
    folder, _, file = name.rpartition("/")
    moves = {MAIN: name, LINKS: f"{folder}/_rels/{file}.rels".lstrip("/")}
    return together(
        renamed(lambda part: moves.get(part, part)), replaced(RELS, 'Target="word/document.xml"',
        f'Target="{target}"'),
    )  # fmt: skip


def strict(parts: Parts) -> Parts:
    """The namespaces of Strict OOXML, as Word saves it."""
    old = re.compile(
        rb"http://schemas\.openxmlformats\.org/"
        rb"(wordprocessingml|officeDocument|drawingml)/2006/(main|relationships|math)"
    )
    return {
        name: old.sub(rb"http://purl.oclc.org/ooxml/\1/\2", data)
        if name.endswith((".xml", ".rels"))
        else data
        for name, data in parts.items()
    }


def typed(kind: str) -> Change:
    old = "vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    return replaced("[Content_Types].xml", old, kind)


def in_utf_16(parts: Parts) -> Parts:
    wide = {}
    for name in (MAIN, LINKS, RELS, "word/styles.xml"):
        xml = re.sub(
            r"<\?xml[^>]*\?>", '<?xml version="1.0" encoding="UTF-16"?>', parts[name].decode()
        )
        wide[name] = xml.encode("utf-16")
    return {**parts, **wide}


def remarked(parts: Parts) -> Parts:
    """Comments and instructions within the figures."""
    cut = r"<w:t>\1<!-- 0 --><?x 0?>\2</w:t>"
    xml = re.sub(r"<w:t>([0-9])([0-9]+)</w:t>", cut, parts[MAIN].decode())
    assert "<!-- 0 -->" in xml
    return {**parts, MAIN: f"{xml}<!-- the end -->".encode()}


ODD: dict[str, Change] = {
    "a relation to NULL": linked(LINKS, "image", "NULL"),
    "a relation to ../NULL": linked(LINKS, "image", "../NULL"),
    "a relation to a bookmark": linked(LINKS, "hyperlink", "#_top"),
    "a picture is missing": linked(LINKS, "image", "media/image9.png"),
    "a header is missing": linked(LINKS, "header", "header9.xml"),
    "an address that is none": linked(
        LINKS, "hyperlink", "mailto:甲 乙@[", ' TargetMode="External"'
    ),
    "the thumbnail is missing": without("docProps/thumbnail.jpeg"),
    "the properties are missing": without("docProps/core.xml", "docProps/app.xml"),
    "the package points nowhere": linked(RELS, "officeDocument", "word/none.xml"),
    "no relations": without(RELS, LINKS),
    "no content types": without("[Content_Types].xml"),
    "odd content types": typed("octet-stream"),
    "document2.xml": main_at("word/document2.xml", "word/document2.xml"),
    "document2.xml, absolute": main_at("word/document2.xml", "/word/document2.xml"),
    "a main part of any name": main_at("内容.xml", "内容.xml"),
    "an absolute target": replaced(RELS, 'Target="word/', 'Target="/word/'),
    "backslashes": renamed(lambda name: name.replace("/", "\\")),
    "backslashes in targets": replaced(RELS, "word/document.xml", "word\\document.xml"),
    "other case": renamed(lambda name: name.replace("word/d", "Word/D")),
    "strict": strict,
    "strict under another name": together(main_at("word/a.xml", "word/a.xml"), strict),
    "UTF-16": in_utf_16,
    "comments and instructions": remarked,
    ".docm": typed("vnd.ms-word.document.macroEnabled.main+xml"),
    ".dotx": typed("vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml"),
    ".dotm": typed("vnd.ms-word.template.macroEnabledTemplate.main+xml"),
}  # fmt: skip


@pytest.mark.parametrize("how", ODD)
def test_odd_packages_are_read(how: str) -> None:
    data = packed(ODD[how](parts_of(report())))
    ret = read(data)
    assert wrong(ret, REPORT.figures) == []
    assert ret.findings == ()
    assert (ret.unit, ret.year) == ("宿迁市人民政府", 2023)
    assert book_of(data).kind == FileKind.WORD
    assert kinds.container(data) is None


@pytest.mark.parametrize("how", ["strict", "document2.xml", "a relation to NULL"])
def test_styles_and_headers_are_found_by_relations(how: str) -> None:
    """What is struck out by a style is left out, wherever the part of styles is."""
    looks = "<w:rPr><w:strike/></w:rPr>"
    style = f'<w:style w:type="character" w:styleId="Gone">{looks}</w:style></w:styles>'
    gone = '<w:r><w:rPr><w:rStyle w:val="Gone"/></w:rPr><w:t>9</w:t></w:r>'
    moved = together(
        replaced("word/styles.xml", "</w:styles>", style),
        _behind(gone),
        renamed(lambda name: name.replace("word/styles.xml", "word/looks/a.xml")),
        replaced(LINKS, 'Target="styles.xml"', 'Target="looks/a.xml"'),
        ODD[how],
    )
    ret = read(packed(moved(parts_of(report()))))
    assert wrong(ret, REPORT.figures) == []
    assert codes(ret.findings) == {"V-15"}


def _behind(run: str) -> Change:
    """A run behind the first figure."""

    def change(parts: Parts) -> Parts:
        xml = re.sub(
            r"(<w:r><w:t>[0-9]+</w:t></w:r>)", rf"\g<1>{run}", parts[MAIN].decode(), count=1
        )
        return {**parts, MAIN: xml.encode()}

    return change


def test_the_relations_decide_which_part_is_the_document() -> None:
    """As in Word, an old document.xml that nothing points to is not shown."""
    other = parts_of(written.word(balanced(32)))[MAIN]
    parts = main_at("word/document2.xml", "word/document2.xml")(parts_of(report()))
    assert wrong(read(packed({**parts, MAIN: other})), REPORT.figures) == []
    both = linked(RELS, "officeDocument", MAIN)({**parts, MAIN: other})
    assert refused(packed(both))[0] == "F-19"


DAMAGED: dict[str, Change] = {
    "no document": without(MAIN),
    "the document is cut off": lambda parts: {**parts, MAIN: parts[MAIN][:-99]},
    "the styles are cut off": lambda p: {**p, "word/styles.xml": p["word/styles.xml"][:-99]},
    "another file in it": replaced(MAIN, "<w:sectPr", '<w:altChunk r:id="rId9"/><w:sectPr'),
    "a document type": replaced(MAIN, "<w:document", "<!DOCTYPE a [<!ENTITY e '1'>]><w:document"),
    "nothing in it": lambda parts: {
        **parts, MAIN: re.sub(rb"<w:body>.*</w:body>", b"<w:body/>", parts[MAIN], flags=re.DOTALL)
    },
}  # fmt: skip


@pytest.mark.parametrize("how", DAMAGED)
def test_damaged_documents(how: str) -> None:
    assert refused(packed(DAMAGED[how](parts_of(report()))))[0] == "F-19"


def test_a_package_cut_off() -> None:
    assert refused(report()[:-200])[0] == "F-19"
    entry = catalogue()["F-19"]
    for words in (entry.remedy, entry.unit_remedy):
        assert "Word 或 WPS 文字" in words and "Excel" not in words


def test_limits_hold_within_a_document() -> None:
    deep = replaced(MAIN, "<w:body>", "<w:body>" + "<w:sdt>" * 300 + "</w:sdt>" * 300)
    assert refused(packed(deep(parts_of(report()))))[0] == "F-05"
    bomb = {**parts_of(report()), "word/media/a.bin": bytes(60 << 20)}
    assert refused(packed(bomb))[0] == "F-05"


def test_in_archives_and_mails(tmp_path: Path) -> None:
    data = packed(ODD["document2.xml"](parts_of(report())))
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "甲.zip").write_bytes(zip_({"报告/年报.docx": data}))
    (inbox / "乙.eml").write_bytes(eml({"年报.docm": data}))
    summary = collect(Job(layout=LAYOUT, inbox=inbox, year=2023))
    came = [d for d in summary.documents if d.kind == FileKind.WORD]
    assert Outcome.MERGED in {document.outcome for document in came}
    assert [(d.path, d.unit) for d in came] == [
        ("乙.eml/年报.docm", "宿迁市人民政府"),
        ("甲.zip/报告/年报.docx", "宿迁市人民政府"),
    ]


# Behind a password


@pytest.mark.parametrize("kind", ["docx", "doc", "odt"])
def test_behind_a_password(office: Office, tmp_path: Path, kind: str) -> None:
    """F-03, never damage; what has a way of its own into a file is opened by the password."""
    (tmp_path / "a.docx").write_bytes(report())
    locked = office.convert(
        tmp_path / "a.docx", tmp_path / f"b.{kind}", password="密码1"
    ).read_bytes()
    for passwords in ((), ("", "1")):
        assert refused(locked, passwords)[0] == "F-03"
    if kind == "odt":
        assert refused(locked, ("密码1",))[0] == "F-03"
        return
    ret = read(locked, ("1", "密码1"))
    assert wrong(ret, REPORT.figures) == []


# A table that is no table


T3 = LAYOUT.tables[1]
OLE_OBJECT = (
    '<w:p><w:r><w:object><v:shape xmlns:v="urn:schemas-microsoft-com:vml" '
    'style="width:400pt;height:300pt"><v:imagedata/></v:shape><o:OLEObject '
    'xmlns:o="urn:schemas-microsoft-com:office:office" Type="Embed" ProgID="Excel.Sheet.12" '
    f'r:id="rId99" xmlns:r="{OFFICE[:-1]}"/></w:object></w:r></w:p>'
)


def workbook(*shown: str, seed: int = 31, front: int = 0) -> bytes:
    """A workbook with tables of the form, by their sheets, and another sheet before them."""
    book = Workbook()
    made = balanced(seed)
    for name in shown:
        table = next(t for t in LAYOUT.tables if t.sheet == name)
        sheet = book.create_sheet(name)
        for box in made.boxes(table):
            value: object = box.text
            if box.item is not None:
                value = made.figures[box.item]
            sheet.cell(box.row + 1, box.col + 1, value)
    book.active = front
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def embedding(data: bytes, name: str = "Microsoft_Excel____.xlsx", kind: str = "package") -> Change:
    return together(
        linked(LINKS, kind, f"embeddings/{name}"),
        lambda parts: {**parts, f"word/embeddings/{name}": data},
    )


def attached(data: bytes) -> bytes:
    """A file as Windows attaches it: an OLE object with the file in a stream."""
    head = b"\x00\x00\x00\x00\x02\x00a.xlsx\x00C:\\a.xlsx\x00"
    return ole({"\x01Ole10Native": head + data + b"a.xlsx"})


HELD: dict[str, Callable[[bytes], bytes]] = {
    "Package": lambda data: ole({"Package": data}),
    "attached": attached,
}


@pytest.mark.parametrize("how", HELD)
def test_a_workbook_in_an_ole_object(how: str) -> None:
    data = HELD[how](workbook("表三"))
    change = together(
        instead_of_table(1, OLE_OBJECT), embedding(data, "oleObject1.bin", "oleObject")
    )
    ret = read(packed(change(parts_of(report()))))
    assert (wrong(ret, REPORT.figures), ret.findings) == ([], ())


def test_an_older_workbook_in_a_document(office: Office, tmp_path: Path) -> None:
    """An object of Excel 97 is an OLE object that is the workbook itself."""
    (tmp_path / "a.xlsx").write_bytes(workbook("表三"))
    older = office.convert(tmp_path / "a.xlsx", tmp_path / "b.xls").read_bytes()
    change = together(instead_of_table(1, OLE_OBJECT), embedding(older, "a.bin", "oleObject"))
    data = packed(change(parts_of(report())))
    assert (wrong(read(data), REPORT.figures), read(data).findings) == ([], ())


@pytest.mark.parametrize("front", [0, 1])
def test_a_table_that_is_an_embedded_workbook(front: int) -> None:
    """It is read, and its place says from which object."""
    change = together(instead_of_table(1, OLE_OBJECT), embedding(workbook("表三", front=front)))
    ret = read(packed(change(parts_of(report()))))
    assert wrong(ret, REPORT.figures) == []
    assert ret.findings == ()
    place = ret.places[FORM.by_name["t3.received.total"]]
    assert place is not None
    assert place.sheet == "嵌入的工作簿1（Microsoft_Excel____.xlsx）表三"


def test_every_table_in_one_embedded_workbook() -> None:
    sheets = [table.sheet for table in LAYOUT.tables]
    nothing = [instead_of_table(n, "" if n else OLE_OBJECT) for n in (2, 1, 0)]
    change = together(*nothing, embedding(workbook(*sheets)))
    ret = read(packed(change(parts_of(report()))))
    assert wrong(ret, REPORT.figures) == []
    assert ret.findings == ()


def test_a_table_in_the_text_goes_before_an_embedded_one() -> None:
    """What an object shows is compared; a sheet that only opening it shows is not."""
    behind = together(replaced(MAIN, "<w:body>", f"<w:body>{OLE_OBJECT}"), embedding(
        workbook("表三", seed=32)))  # fmt: skip
    ret = read(packed(behind(parts_of(report()))))
    assert (wrong(ret, REPORT.figures), ret.findings) == ([], ())
    seen = together(replaced(MAIN, "<w:body>", f"<w:body>{OLE_OBJECT}"), embedding(
        workbook("表三", seed=32, front=1)))  # fmt: skip
    assert codes(read(packed(seen(parts_of(report())))).findings) == {"M-05"}


ICON = OLE_OBJECT.replace('Type="Embed"', 'Type="Embed" DrawAspect="Icon"')
HIDDEN = OLE_OBJECT.replace("<w:r>", "<w:r><w:rPr><w:vanish/></w:rPr>")


def _beside(held: str) -> Change:
    """A picture in the place of table 三, and above it a workbook that has one."""
    body = replaced(MAIN, "<w:body>", f"<w:body>{held}")
    return together(instead_of_table(1, LARGE), body, embedding(workbook("表三", seed=32)))


UNREAD: dict[str, Change] = {
    "a picture": instead_of_table(1, LARGE),
    "an old picture": instead_of_table(1, OLE_OBJECT),
    "an object of another program": together(
        instead_of_table(1, OLE_OBJECT), embedding(b"none", "a.bin", "oleObject")
    ),
    "a damaged workbook": together(
        instead_of_table(1, OLE_OBJECT), embedding(workbook("表三")[:-300])
    ),
    "a document": together(instead_of_table(1, OLE_OBJECT), embedding(report(), "a.docx")),
    "a picture beside a workbook attached": _beside(ICON),
    "a picture beside a hidden object": _beside(HIDDEN),
}


@pytest.mark.parametrize("how", UNREAD)
def test_a_table_that_is_a_picture(how: str) -> None:
    ret = read(packed(UNREAD[how](parts_of(report()))))
    (found,) = ret.findings
    assert (found.code, found.sheet, in_words(found.detail)) == (
        "F-20",
        T3.sheet,
        T3.table.title,
    )
    assert re.fullmatch("第[0-9]+段", in_words(found.found))
    assert "做成表格" in catalogue()["F-20"].remedy


def test_a_small_picture_is_no_table() -> None:
    ret = read(packed(instead_of_table(1, SEAL)(parts_of(report()))))
    assert codes(ret.findings) == {"M-01"}


def pictures_alone(parts: Parts) -> Parts:
    body = re.compile(rb"<w:body>.*?(<w:sectPr|</w:body>)", re.DOTALL)
    return {**parts, MAIN: body.sub(rb"<w:body>%b\1" % LARGE.encode(), parts[MAIN])}


def test_a_report_of_pictures_alone() -> None:
    ret = read(packed(pictures_alone(parts_of(report()))))
    assert [one.code for one in ret.findings] == ["F-20"] * len(LAYOUT.tables)


@pytest.mark.parametrize("change", [pictures_alone, instead_of_table(1, LARGE)])
def test_pictures_beside_the_workbook_of_the_unit(change: Change, tmp_path: Path) -> None:
    """Such a report does not stand in the way of what can be read."""
    inbox, name = tmp_path / "inbox", "宿迁市人民政府2023年"
    inbox.mkdir()
    filled(inbox / f"{name}.xlsx", "宿迁市人民政府", GOOD, year=2023)
    (inbox / f"{name}.docx").write_bytes(packed(change(parts_of(report()))))
    roster = Roster(units=(Unit(name="宿迁市人民政府"),))
    job = Job(layout=LAYOUT, inbox=inbox, year=2023, roster=roster)
    summary = collect(job)
    outcomes = {d.path.rpartition(".")[2]: d.outcome for d in summary.documents}
    assert outcomes == {"xlsx": Outcome.MERGED, "docx": Outcome.IGNORED}


@pytest.mark.parametrize("between", ["", "\n"])
@pytest.mark.parametrize("number", range(3))
def test_a_table_that_has_lost_its_cells(number: int, between: str) -> None:
    table = LAYOUT.tables[number]
    lines = run_together(REPORT, table, between)
    ret = read(packed(instead_of_table(number, lines)(parts_of(report()))))
    told = [one for one in ret.findings if one.code != "P-09"]
    assert [(f.code, f.sheet, in_words(f.detail)) for f in told] == [
        ("V-20", table.sheet, table.table.title)
    ]
    assert re.fullmatch("第[0-9]+段", in_words(told[0].found))
    assert "一格一个数" in catalogue()["V-20"].remedy
