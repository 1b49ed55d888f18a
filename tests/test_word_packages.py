"""Word documents as programs really pack them: what Word opens is read, whatever the package."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

import written
from client import Office
from containers import eml, zip_
from filled import LAYOUT
from test_documents import balanced, codes, read, refused, wrong
from xltools.collect.job import Job
from xltools.collect.run import collect
from xltools.findings import catalogue
from xltools.readers import kinds
from xltools.readers.workbook import book_of
from xltools.summary import Outcome

REPORT = balanced(31)
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
MAIN, RELS, LINKS = "word/document.xml", "_rels/.rels", "word/_rels/document.xml.rels"

Parts = dict[str, bytes]
Change = Callable[[Parts], Parts]


@cache
def report() -> bytes:
    return written.word(REPORT)


def parts_of(data: bytes) -> Parts:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return {name: package.read(name) for name in package.namelist()}


def packed(parts: Parts) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in parts.items():
            # Python would turn a backslash into a slash where the system's separator is one.
            info = zipfile.ZipInfo("x")
            info.filename = name
            package.writestr(info, data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


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
    assert book_of(data).kind == kinds.WORD
    assert kinds.container(data) == ""


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
    assert refused(packed(both))[0] == "F-20"


DAMAGED: dict[str, Change] = {
    "no document": without(MAIN),
    "the document is cut off": lambda parts: {**parts, MAIN: parts[MAIN][:-99]},
    "the styles are cut off": lambda p: {**p, "word/styles.xml": p["word/styles.xml"][:-99]},
    "a document type": replaced(MAIN, "<w:document", "<!DOCTYPE a [<!ENTITY e '1'>]><w:document"),
    "nothing in it": lambda parts: {
        **parts, MAIN: re.sub(rb"<w:body>.*</w:body>", b"<w:body/>", parts[MAIN], flags=re.DOTALL)
    },
}  # fmt: skip


@pytest.mark.parametrize("how", DAMAGED)
def test_damaged_documents(how: str) -> None:
    assert refused(packed(DAMAGED[how](parts_of(report()))))[0] == "F-20"


def test_a_package_cut_off() -> None:
    assert refused(report()[:-200])[0] == "F-20"
    entry = catalogue()["F-20"]
    for words in (entry.remedy, entry.ask):
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
    summary = collect(Job(layout=LAYOUT, form="zfxxgk-2021", inbox=inbox, year=2023))
    came = [d for d in summary.documents if d.kind == kinds.WORD]
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
