"""One thing is one document: of several files, in a folder, an archive or a mail; and what cannot
be read is told as what it is, with the way out.
"""

from __future__ import annotations

import base64
import email.policy
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from email.message import EmailMessage
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from support import bundled, written
from support.bundled import FIGURES, frameset, google, link, packed, rights, signed, single_file
from support.catalogue_cases import report
from support.client import Office
from support.containers import eml, seven, tgz, zip_
from support.filled import FORM, LAYOUT
from support.inboxes import SENT, filled_in, outlook, values
from support.outlook import Outlook
from xltools.inbox import pool
from xltools.inbox.listing import find
from xltools.inbox.reading import Reading, read
from xltools.layout.places import TEXT_SHEET
from xltools.match.matcher import Matcher
from xltools.model.cells import Address
from xltools.model.file_kinds import FileKind
from xltools.model.findings import catalogue
from xltools.model.roster import Roster, Unit
from xltools.model.summary import Outcome, Summary
from xltools.model.wording import in_words
from xltools.output.data import report as as_data
from xltools.readers import kinds
from xltools.readers.bundles import bundles
from xltools.reply.mail import whom_to_write
from xltools.steps import Job, collect

UNIT = Unit(name="甲局", email="jia@example.cn")
ROSTER = Roster(units=(UNIT, Unit(name="乙局", email="yi@example.cn")))
Files = Mapping[str, bytes]


@cache
def matcher() -> Matcher:
    return Matcher(LAYOUT)


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    def read_here(
        _workers: object, files: Sequence[tuple[str, Path]], _progress: object
    ) -> Iterator[tuple[int, list[Reading]]]:
        for number, (name, path) in enumerate(files):
            yield number, list(read(name, path, matcher()))

    monkeypatch.setattr(pool.Workers, "read", read_here)


def put(inbox: Path, files: Files) -> None:
    for name, data in files.items():
        path = inbox / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def collected(inbox: Path, files: Files) -> Summary:
    put(inbox, files)
    job = Job(layout=LAYOUT, inbox=inbox, year=2025, roster=ROSTER)
    return collect(job)


def documents(summary: Summary) -> list[str]:
    """The paths of what came in, without what is no document."""
    return [d.path for d in summary.documents if d.outcome is not Outcome.IGNORED]


def figures(summary: Summary) -> Mapping[str, Any]:
    (one,) = as_data(summary)["returns"]
    assert one["unit"] == UNIT.name
    return one["values"]  # type: ignore[no-any-return]  # because JSON has no types


def mailed(files: Files) -> bytes:
    made = EmailMessage(policy=email.policy.SMTP)
    made["From"], made["To"], made["Subject"] = UNIT.email, "ban@example.cn", "年报"
    made["Date"] = "Thu, 15 Jan 2026 09:30:00 +0800"
    made.set_content("请查收。")
    for path, data in files.items():
        name = path.rpartition("/")[2]
        made.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return made.as_bytes()


def messaged(files: Files) -> bytes:
    flat = {name.rpartition("/")[2]: data for name, data in files.items()}
    return outlook(UNIT.email, SENT, "年报", flat)


# How the files of a document come in, and what the document is called then.
WAYS: Mapping[str, Callable[[Files], tuple[Files, str]]] = {
    "folder": lambda files: (files, next(iter(files))),
    "below": lambda files: (
        {f"甲局/{n}": d for n, d in files.items()},
        f"甲局/{next(iter(files))}",
    ),
    "zip": lambda files: ({"甲局.zip": zip_(files)}, f"甲局.zip/{next(iter(files))}"),
    "reversed": lambda files: (
        {"甲局.zip": zip_(dict(reversed([*files.items()])))},
        f"甲局.zip/{next(iter(files))}",
    ),
    "mail": lambda files: ({"来信.eml": mailed(files)}, f"来信.eml/{next(iter(files))}"),
    "msg": lambda files: ({"来信.msg": messaged(files)}, f"来信.msg/{next(iter(files))}"),
    "7z": lambda files: ({"甲局.7z": seven(files)}, f"甲局.7z/{next(iter(files))}"),
    "tar": lambda files: ({"甲局.tar.gz": tgz(files)}, f"甲局.tar.gz/{next(iter(files))}"),
    "zip in a mail": lambda files: (
        {"来信.eml": mailed({"甲局.zip": zip_(files)})},
        f"来信.eml/甲局.zip/{next(iter(files))}",
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_the_pages_of_a_workbook_are_one(way: str, tmp_path: Path) -> None:
    files, name = WAYS[way](frameset("甲局"))
    summary = collected(tmp_path, files)
    assert documents(summary) == [name]
    assert figures(summary) == FIGURES
    assert summary.findings == ()


@pytest.mark.parametrize("folder", ["甲局_files", "甲局.files"])
def test_other_names_of_its_folder(folder: str, tmp_path: Path) -> None:
    summary = collected(tmp_path, frameset("甲局", folder=folder))
    assert documents(summary) == ["甲局.htm"]
    assert figures(summary) == FIGURES
    (aside,) = (d for d in summary.documents if d.outcome is Outcome.IGNORED)
    assert aside.path == folder
    assert "甲局.htm" in in_words(aside.reason)


def test_under_the_name_of_a_workbook(tmp_path: Path) -> None:
    files = frameset("甲局")
    summary = collected(tmp_path, {"甲局.xls": files.pop("甲局.htm"), **files})
    assert documents(summary) == ["甲局.xls"]
    assert figures(summary) == FIGURES


@pytest.mark.parametrize("how", ["folder", "zip"])
def test_the_folder_without_its_page(how: str, tmp_path: Path) -> None:
    files = frameset("甲局")
    del files["甲局.htm"]
    summary = collected(tmp_path, files if how == "folder" else {"甲局.zip": zip_(files)})
    assert len(documents(summary)) == 1
    assert figures(summary) == FIGURES


@pytest.mark.parametrize("way", ["folder", "zip", "mail"])
def test_the_first_page_alone(way: str, tmp_path: Path) -> None:
    files, name = WAYS[way]({"甲局.htm": frameset("甲局")["甲局.htm"]})
    summary = collected(tmp_path, files)
    (finding,) = summary.findings
    assert (finding.code, finding.path, finding.unit) == ("F-15", name, "甲局")
    assert "甲局.files" in in_words(finding.found)
    assert "xlsx" in catalogue()["F-15"].remedy
    assert [d.outcome for d in summary.documents if d.path == name] == [Outcome.UNREADABLE]


def test_the_pages_of_another_year_are_not_taken(tmp_path: Path) -> None:
    files = {
        name.replace("甲局.files/sheet", "甲局.files/2023/sheet"): data
        for name, data in frameset("甲局").items()
    }
    summary = collected(tmp_path, files)
    assert [f.code for f in summary.findings] == ["F-15"]
    assert not summary.entries


def test_a_page_of_the_workbook_is_missing(tmp_path: Path) -> None:
    files = frameset("甲局")
    del files["甲局.files/sheet003.htm"]
    summary = collected(tmp_path, files)
    (finding,) = summary.findings
    assert finding.code == "F-15"
    assert "sheet003.htm" in in_words(finding.found)


def test_what_people_put_into_such_a_folder_is_read(tmp_path: Path) -> None:
    page = {"乙局.htm": b"<html><body><p>x</p></body></html>", "乙局_files/a.css": b"x"}
    summary = collected(tmp_path, {**page, "乙局_files/甲局.xlsx": filled_in("甲局", 3)})
    assert "乙局_files/甲局.xlsx" in documents(summary)
    assert [r["unit"] for r in as_data(summary)["returns"]] == ["甲局"]


@pytest.mark.parametrize("way", ["folder", "zip", "mail"])
def test_a_saved_page_with_its_images_is_one(way: str, tmp_path: Path) -> None:
    page = written.page(report("甲局"))
    more = {f"甲局_files/{n}": bytes(9) for n in ("a.js", "b.png", "saved_resource.html", "c.css")}
    files, _ = WAYS[way]({"甲局.html": page, **more} if way != "mail" else {"甲局.html": page})
    summary = collected(tmp_path, files)
    assert len(documents(summary)) == 1
    assert [f for f in summary.findings if f.open] == []


@pytest.mark.parametrize("shown", ["iframe", "frame"])
def test_tables_in_a_frame_of_a_page_are_read(shown: str, tmp_path: Path) -> None:
    inner = written.page(report("甲局"))
    frame = f'<{shown} src="./甲局_files/saved_resource.html"></{shown}>'
    frame = f"<frameset>{frame}</frameset>" if shown == "frame" else f"<body>{frame}</body>"
    page = f"<!DOCTYPE html><html><head><meta charset=utf-8></head>{frame}</html>".encode()
    files = {"甲局.html": page, "甲局_files/saved_resource.html": inner}
    summary = collected(tmp_path, files)
    assert documents(summary) == ["甲局.html"]
    assert len(figures(summary)) == len(FORM.items)
    lost = collected(tmp_path / "lost", {"甲局.html": page})
    assert [f.code for f in lost.findings] == ["F-15" if shown == "frame" else "F-01"]


@pytest.mark.parametrize("how", ["bare", "zip", "mail"])
def test_a_workbook_as_a_single_file_page(how: str, tmp_path: Path) -> None:
    data = single_file(frameset("甲局"))
    files = {
        "bare": {"甲局.mht": data},
        "zip": {"甲局.zip": zip_({"甲局.mht": data})},
        "mail": {"来信.eml": mailed({"甲局.mhtml": data})},
    }[how]
    summary = collected(tmp_path, files)
    assert len(summary.documents) == 1 + (how == "mail")  # the text of the mail
    assert figures(summary) == FIGURES
    assert summary.findings == ()


def test_a_document_as_a_single_file_page(tmp_path: Path) -> None:
    page = written.page(report("甲局"), around=False)
    files = {"甲局.htm": page, "甲局.files/header.htm": b"<html><p>1</p></html>",
             "甲局.files/image001.png": b"\x89PNG\r\n\x1a\n"}  # fmt: skip
    summary = collected(tmp_path, {"甲局.mht": single_file(files)})
    assert documents(summary) == ["甲局.mht"]
    assert len(figures(summary)) == len(FORM.items)


@pytest.mark.parametrize("how", ["zip", "inner", "folder", "loose", "mail"])
def test_the_pages_of_google_are_one_workbook(how: str, tmp_path: Path) -> None:
    made = google("甲局")
    files = {
        "zip": {"甲局.zip": zip_(made)},
        "inner": {"甲局.zip": packed(made, "甲局年报")},
        "folder": {f"甲局年报/{name}": data for name, data in made.items()},
        "loose": {**made, "乙局.html": b"<html><body><table><tr><td>x</table></body></html>"},
        "mail": {"来信.eml": mailed({"甲局.zip": zip_(made)})},
    }[how]
    summary = collected(tmp_path, files)
    assert len(documents(summary)) == 1 + (how == "loose")
    assert figures(summary) == FIGURES
    assert [f.code for f in summary.findings if f.unit == "甲局"] == []


@pytest.mark.parametrize("sign", "#?%")
def test_names_of_pages_are_no_links(sign: str, tmp_path: Path) -> None:
    made = {name.replace("表", f"表{sign}25"): data for name, data in google("甲局").items()}
    assert figures(collected(tmp_path, {"甲局.zip": zip_(made)})) == FIGURES


APPLE = {"甲局.numbers": (1, "Numbers"), "甲局.pages": (10000, "Pages"), "甲局": (10000, "Pages")}


@pytest.mark.parametrize("how", ["file", "folder", "zip", "mail"])
@pytest.mark.parametrize("name", APPLE)
def test_what_only_a_program_of_apple_reads(name: str, how: str, tmp_path: Path) -> None:
    kind, program = APPLE[name]
    made = bundled.apple(kind)
    inside = name if "." in name else f"{name}.pages"
    files = {
        "file": {name: zip_(made)},
        "folder": {f"{name}/{n}": d for n, d in made.items()},
        "zip": {"附件.zip": packed(made, inside)},
        "mail": {"来信.eml": mailed({name: zip_(made)})},
    }[how]
    summary = collected(tmp_path, files)
    (finding,) = summary.findings
    (path,) = documents(summary)
    assert (finding.code, finding.path, finding.unit) == ("F-14", path, "甲局")
    assert program in in_words(finding.found)
    assert "导出" in in_words(finding.found)


def test_numbers_beside_the_workbook_made_of_it(tmp_path: Path) -> None:
    files = {"甲局.xlsx": filled_in("甲局", 3), "甲局.numbers": zip_(bundled.apple())}
    put(tmp_path, files)
    for number, name in enumerate(files):
        os.utime(tmp_path / name, (1_768_440_600, 1_768_440_600 + number))
    summary = collected(tmp_path, {})
    assert [f.code for f in summary.findings] == ["F-14"]
    assert [r["unit"] for r in as_data(summary)["returns"]] == ["甲局"]
    chosen, left = whom_to_write(summary)
    assert [case.unit.name for case in chosen] == ["乙局"]
    assert [one.codes for one in left] == [("F-14",)]


@pytest.mark.parametrize("how", ["file", "folder", "zip"])
def test_ofd_is_one_document(how: str, tmp_path: Path) -> None:
    made = {"OFD.xml": b"<ofd:OFD/>", "Doc_0/Document.xml": b"<a/>", "Doc_0/Res/1.png": b"\x89PNG"}
    files = {
        "file": {"甲局.ofd": zip_(made)},
        "folder": {f"甲局/{n}": d for n, d in made.items()},
        "zip": {"附件.zip": zip_({"甲局.ofd": zip_(made)})},
    }[how]
    summary = collected(tmp_path, files)
    (finding,) = summary.findings
    assert (finding.code, finding.unit) == ("F-14", "甲局")
    assert "Word" in in_words(finding.found)
    beside = collected(tmp_path, {"甲局.xlsx": filled_in("甲局", 3)})
    assert beside.findings == ()  # a paper that goes with the workbook


def test_images_of_a_page_of_libreoffice_belong_to_it() -> None:
    (bundle,) = bundles(["甲局.html", "甲局_html_1a2b3c.png", "乙局_html_1.png", "甲局.png"])
    assert (bundle.name, bundle.parts) == ("甲局.html", ("甲局_html_1a2b3c.png",))


def test_bundles_cost_no_more_than_their_names() -> None:
    deep = "/".join(["a"] * 2000)
    names = [f"{deep}/{n}.files/x.htm" for n in range(3000)] + [f"b{n}.htm" for n in range(3000)]
    assert bundles(names) == []


def test_a_folder_that_is_a_document_is_found_once(tmp_path: Path) -> None:
    put(tmp_path, {f"甲局.numbers/{n}": d for n, d in bundled.apple().items()})
    assert [(f.name, f.ignored) for f in find(tmp_path)] == [("甲局.numbers", "")]


# Encrypted


SEALED = {
    "software": b"%TSD-Header-###%" + bytes(range(256)) * 20,
    "other software": b"b\x14#e" + bytes(12) + b"\x07E-SafeNet\x00LOCK" + bytes(500),
    "rights": rights(),
    "rights of a mail": b"\x76\xe8\x04\x60\xc4\x11\xe3\x86" + bytes(500),
    "pdf": b"%PDF-1.7\n1 0 obj\n<< /Filter /MicrosoftIRMServices >>\nendobj\n",
}


@pytest.mark.parametrize("how", ["bare", "mail"])
@pytest.mark.parametrize("kind", SEALED)
def test_encrypted_by_more_than_a_password(kind: str, how: str, tmp_path: Path) -> None:
    data = SEALED[kind]
    files = {"甲局.xlsx": data} if how == "bare" else {"来信.eml": eml({"甲局.xlsx": data})}
    summary = collected(tmp_path, files)
    (finding,) = summary.findings
    assert (finding.code, finding.unit) == ("F-16", "甲局")
    assert ("权限管理" if "rights" in kind or kind == "pdf" else "加密软件") in in_words(
        in_words(finding.found)
    )
    assert "解密" in catalogue()["F-16"].remedy


# Signed and encrypted mails


@pytest.mark.parametrize("endless", [False, True])
@pytest.mark.parametrize("how", ["bare", "text", "armoured", "mail"])
def test_a_signed_mail_is_opened(how: str, endless: bool, tmp_path: Path) -> None:
    inner = EmailMessage(policy=email.policy.SMTP)
    inner.set_content("请查收。")
    inner.add_attachment(filled_in("甲局", 3), maintype="application", subtype="octet-stream",
                         filename="甲局.xlsx")  # fmt: skip
    data = signed(inner.as_bytes(), endless=endless)
    text = base64.encodebytes(data)
    armour = b"-----BEGIN PKCS7-----\n" + text + b"-----END PKCS7-----\n"
    outer = f"From: {UNIT.email}\r\nTo: b@example.cn\r\nSubject: s\r\n".encode()
    outer += b"Content-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\r\n"
    outer += b"Content-Transfer-Encoding: base64\r\n\r\n" + text
    files = {
        "bare": {"smime.p7m": data},
        "text": {"smime.p7m": text},
        "armoured": {"smime.p7m": armour},
        "mail": {"来信.eml": outer},
    }[how]
    summary = collected(tmp_path, files)
    assert summary.findings == ()
    (merged,) = (d for d in summary.documents if d.outcome is Outcome.MERGED)
    assert merged.path.endswith("smime.p7m/smime.eml/甲局.xlsx")
    assert merged.sender == (UNIT.email if how == "mail" else "")


def test_a_signed_file_is_opened(tmp_path: Path) -> None:
    summary = collected(tmp_path, {"甲局.xlsx.p7m": signed(filled_in("甲局", 3))})
    assert documents(summary) == ["甲局.xlsx.p7m/甲局.xlsx"]
    assert summary.findings == ()


def test_an_encrypted_mail_is_told_as_such(tmp_path: Path) -> None:
    summary = collected(tmp_path, {"甲局.p7m": signed(b"x" * 400, number=3)})
    (finding,) = summary.findings
    assert (finding.code, finding.unit) == ("F-16", "甲局")
    assert "S/MIME" in in_words(finding.found)


@pytest.mark.parametrize("cut", [30, 60, 200, 2000])
def test_a_signed_mail_cut_off(cut: int, tmp_path: Path) -> None:
    data = signed(filled_in("甲局", 3))
    summary = collected(tmp_path, {"甲局.p7m": data[:cut]})
    assert [f.code for f in summary.findings] == ["F-02"]
    assert kinds.kind(data) is FileKind.SIGNED


# Mails that hold only a link


NAME = "2025年年报统计表_甲局.xlsx"
LINKS = {
    "qq": (
        f"从QQ邮箱发来的超大附件\n{NAME} (47K, 2026年02月14日 09:00 到期)\n"
        "进入下载页面：https://mail.qq.com/cgi-bin/ftnExs_download?k=abc",
        f'<div id="QQMailBigAttach"><a href="https://mail.qq.com/cgi-bin/ftnExs_download?k=abc">'
        f"{NAME}</a></div>",
    ),
    "163": (
        "见附件",
        '<style>#divNeteaseBigAttach{display:none}</style><div id="divNeteaseBigAttach">云附件'
        f'<a href="https://mail.163.com/large-attachment-download/index.html?p=1">{NAME}</a></div>',
    ),
    "onedrive": ("见 https://1drv.ms/x/s!Abc", ""),
    "baidu": ("链接: https://pan.baidu.com/s/1abc 提取码: 1234", ""),
    "named": (f"下载 https://files.example.cn/{NAME}", ""),
}


@pytest.mark.parametrize("whose", ["sender", "subject"])
@pytest.mark.parametrize("kind", LINKS)
def test_a_mail_that_holds_only_a_link(kind: str, whose: str, tmp_path: Path) -> None:
    text, page = LINKS[kind]
    sender = UNIT.email if whose == "sender" else "someone@example.net"
    text, page = (x if whose == "sender" else x.replace("_甲局", "") for x in (text, page))
    subject = "年报" if whose == "sender" else "甲局年报"
    summary = collected(tmp_path, {"1.eml": link("甲局", sender, text, page, subject=subject)})
    (finding,) = summary.findings
    assert finding.code == "F-17"
    assert finding.path.startswith("1.eml/")
    assert not catalogue()["F-17"].to_unit
    assert "下载" in catalogue()["F-17"].remedy
    if kind in ("qq", "163", "named"):
        assert "年报统计表" in in_words(finding.found)
    if kind == "qq":
        assert "2026年02月14日" in in_words(finding.found)
    chosen, left = whom_to_write(summary)
    assert [case.unit.name for case in chosen] == ["乙局"]
    assert [(one.codes, one.held or (one.document.unit,)) for one in left] == [
        (("F-17",), ("甲局",))
    ]


def test_a_mail_of_outlook_that_holds_only_a_link(tmp_path: Path) -> None:
    mail = Outlook(sender=UNIT.email, sent=SENT, html=LINKS["qq"][1].encode())
    summary = collected(tmp_path, {"1.msg": mail.file()})
    assert [f.code for f in summary.findings] == ["F-17"]


@pytest.mark.parametrize(
    "text",
    [
        "年报已报送，请查收。",
        "详见 https://www.example.gov.cn/zwgk/ 和 https://www.example.gov.cn/",
        "<style>#divNeteaseBigAttach, #divNeteaseBigAttach_bak{display:none;}</style>请查收",
    ],
)
def test_a_mail_without_attachments_may_hold_no_link(text: str, tmp_path: Path) -> None:
    summary = collected(tmp_path, {"1.eml": link("甲局", UNIT.email, text, f"<p>{text}</p>")})
    assert summary.findings == ()


QUOTED = "\n\n------------------ 原始邮件 ------------------\n" + LINKS["qq"][0]


@pytest.mark.parametrize("passed", [False, True])
def test_what_an_answer_quotes_was_sent_by_somebody_else(passed: bool, tmp_path: Path) -> None:
    subject = "转发：年报" if passed else "回复：年报"
    data = link("甲局", UNIT.email, f"收到。{QUOTED}", subject=subject)
    summary = collected(tmp_path, {"1.eml": data})
    assert [f.code for f in summary.findings] == ["F-17"] * passed
    assert len(whom_to_write(summary)[0]) == (1 if passed else 2)


@pytest.mark.parametrize(
    "page",
    [
        "大附件请用文件中转站。<a href='https://www.example.gov.cn/xz/a.pdf'>下载专区a.pdf</a>",
        "云附件：<a href='https://mail.example.com/ftn/download?k=1'>甲局（更正）.xlsx</a>",
    ],
)
def test_a_signature_or_what_is_attached_is_no_link_to_follow(page: str, tmp_path: Path) -> None:
    made = email.message_from_bytes(
        mailed({"甲局（更正）.xlsx": filled_in("甲局", 3)}), policy=email.policy.SMTP
    )
    assert isinstance(made, EmailMessage)
    text = made.get_body()
    assert text is not None
    text.set_content(page, subtype="html")
    summary = collected(tmp_path, {"1.eml": made.as_bytes()})
    assert [f.code for f in summary.findings] == []


def test_beside_an_attachment_a_link_is_to_anything(tmp_path: Path) -> None:
    made = email.message_from_bytes(mailed({"甲局.xlsx": filled_in("甲局", 3)}),
                                    policy=email.policy.SMTP)  # fmt: skip
    assert isinstance(made, EmailMessage)
    text = made.get_body()
    assert text is not None
    text.set_content(
        "请查收。模板见 https://www.example.cn/模板.xlsx\n------ 原始邮件 ------\n"
        "从QQ邮箱发来的超大附件 模板.zip https://mail.qq.com/cgi-bin/ftnExs_download?k=1"
    )
    summary = collected(tmp_path, {"1.eml": made.as_bytes()})
    assert summary.findings == ()


def test_the_text_of_a_mail_is_looked_at_once() -> None:
    from xltools.readers.containers.eml import MailText, linked

    for piece in ("<a href='https://x", "<style", "<!--", "<div id=", "<", "https://", "a.xls"):
        assert len(linked([MailText(piece * 40_000, page=True)], [])) <= 20


# PDF


def test_a_pdf_whose_text_means_nothing(tmp_path: Path) -> None:
    summary = collected(tmp_path, {"甲局.pdf": bundled.glyphs()})
    (finding,) = summary.findings
    assert (finding.code, finding.unit) == ("F-18", "甲局")
    assert "400" in in_words(finding.found)
    assert "Word" in catalogue()["F-18"].remedy


def test_a_template_printed_whole_is_one_report(office: Office, tmp_path: Path) -> None:
    """Its tables stand on their sheets and again on the sheet that is signed."""
    first, whole, out = (tmp_path / name for name in ("1.xlsx", "2.xlsx", "in/附件.pdf"))
    first.write_bytes(filled_in("甲局", 3))
    texts = {
        str(
            Address(TEXT_SHEET, t.first, 0)
        ): f"本单位就此（{t.text.name}）规范办理，没有收取信息处理费。"
        for t in LAYOUT.texts
    }
    assert not office.fill(first, whole, texts).refused
    out.parent.mkdir()
    office.convert(whole, out)
    summary = collected(out.parent, {})
    assert [f.code for f in summary.findings if f.open] == []
    (one,) = as_data(summary)["returns"]
    assert (one["unit"], one["values"]) == ("甲局", values(3))
    (ret,) = summary.returns.values()
    assert (ret.unit, ret.year, ret.zero) == ("甲局", 2025, True)
    assert {name: text.split("\n")[0] for name, text in ret.texts.items()} == {
        t.text.name: f"本单位就此（{t.text.name}）规范办理，没有收取信息处理费。"
        for t in LAYOUT.texts
    }
