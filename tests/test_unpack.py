"""A file to the documents in it: every container in every other, names, limits, damage."""

from __future__ import annotations

import base64
import bz2
import gzip
import io
import lzma
import shutil
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.containers import (
    ALL,
    SENDER,
    attachment,
    eml,
    mail,
    mbox,
    raw_zip,
    seven,
    tar,
    tgz,
    zip_,
)
from support.outlook import Attached, Outlook
from xltools.model import limits
from xltools.model.file_kinds import FileKind
from xltools.model.limits import MB, Limits
from xltools.model.wording import in_words
from xltools.readers import kinds
from xltools.readers.containers import rar
from xltools.readers.containers.entry import Member
from xltools.readers.containers.walk import unpack

DATA = Path(__file__).parent / "data" / "rar"

LEAF = b"%PDF-1.4 " + bytes(range(256)) * 40
OTHER = b"ID;P\r\nC;Y1;X1;K1\r\nE\r\n"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(60)


@pytest.fixture(autouse=True)
def _restore() -> Iterator[None]:
    yield
    limits.use(Limits())


def members(data: bytes, *passwords: str, name: str = "f") -> list[Member]:
    found = list(unpack(data, name, passwords))
    assert len({m.path for m in found}) == len(found)
    for one in found:
        assert len(one.path) <= 200 + 8
        assert not one.path.startswith("/") and ".." not in one.path.split("/")
        assert one.path.isprintable()
    return found


def leaves(data: bytes, *passwords: str, name: str = "f") -> dict[str, bytes]:
    found = [m for m in members(data, *passwords, name=name) if not m.ignored]
    assert not [m.error for m in found if m.error is not None]
    return {m.path: m.data for m in found}


def codes(data: bytes, *passwords: str, name: str = "f") -> dict[str, str]:
    """What could not be taken out."""
    return {m.path: m.error.code for m in members(data, *passwords, name=name) if m.error}


def ignored(data: bytes) -> dict[str, str]:
    return {m.path: in_words(m.ignored) for m in members(data) if m.ignored}


# Every container, and each in each


def test_a_file_that_is_no_container_is_its_own_document() -> None:
    assert list(unpack(LEAF, "a.pdf")) == [Member(path="", data=LEAF)]
    for data in (b"", b"P", bytes(10_000), b"a,b\n1,2\n", zip_({"xl/workbook.xml": b"<w/>"})):
        assert [(m.path, m.data) for m in unpack(data, "a")] == [("", data)]


KINDS = {
    "zip": FileKind.ZIP, "7z": FileKind.SEVEN_ZIP, "rar": FileKind.RAR, "tar": FileKind.TAR,
    "eml": FileKind.MAIL, "msg": FileKind.OUTLOOK, "mbox": FileKind.MAILBOX,
}  # fmt: skip
STREAMS = (FileKind.GZIP, FileKind.BZIP2, FileKind.XZ)


@pytest.mark.parametrize("kind", ALL)
def test_a_container_gives_its_files_back(kind: str) -> None:
    files = {"报表/民政局.pdf": LEAF, "空.txt": b"", "b.slk": OTHER}
    data = ALL[kind](files)
    assert kinds.container(data) in {KINDS.get(kind[:3]), KINDS.get(kind), *STREAMS}
    found = leaves(data)
    assert sorted(found.values()) == sorted(files.values())
    if kind not in ("mbox", "eml", "msg"):
        assert found == files
    if kind == "eml":
        assert [m.path for m in members(data)][-1] == "正文"


@pytest.mark.parametrize("outer", ALL)
@pytest.mark.parametrize("inner", ALL)
def test_containers_nest(outer: str, inner: str) -> None:
    data = ALL[outer]({"in": ALL[inner]({"a.pdf": LEAF}), "b.slk": OTHER})
    found = [m for m in members(data) if not m.ignored]
    assert [m.error for m in found] == [None, None]
    assert [m.data for m in found] == [LEAF, OTHER]
    mails = ("eml", "mbox", "msg")
    assert len(found[0].mails) == (outer in mails) + (inner in mails)
    assert found[0].path.endswith("a.pdf") and "in" in found[0].path.split("/")


@pytest.mark.parametrize(
    ("pack", "name"),
    [(gzip.compress, "a.xls.gz"), (bz2.compress, "a.xls.BZ2"), (lzma.compress, "a.xls.xz")],
)
def test_a_packed_file(pack: Callable[[bytes], bytes], name: str) -> None:
    assert leaves(pack(LEAF), name=name) == {"a.xls": LEAF}
    assert codes(pack(LEAF)[:-9], name=name) == {"a.xls": "F-02"}
    assert list(leaves(pack(pack(LEAF)), name=name * 2).values()) == [LEAF]


def test_documents_come_one_at_a_time() -> None:
    found = unpack(zip_({f"{n}.pdf": LEAF for n in range(4)}), "a.zip")
    assert next(found).path == "0.pdf"
    assert next(found).path == "1.pdf"


def test_dates_of_entries() -> None:
    files = {"a.pdf": LEAF}
    assert members(ALL["zip"](files))[0].modified == datetime(2026, 1, 15, 9, 30)
    assert members(ALL["rar4"](files))[0].modified == datetime(2026, 1, 15, 9, 0)
    assert members(ALL["tar"](files))[0].modified == datetime.fromtimestamp(1_768_440_600)
    assert members(gzip.compress(LEAF, mtime=1_768_440_600))[0].modified is not None
    assert members(gzip.compress(LEAF, mtime=0))[0].modified is None
    assert members(ALL["7z"](files))[0].modified is not None


# Names


@pytest.mark.parametrize("local", [None, "b.xls".encode("gbk")])
def test_names_in_a_zip(local: bytes | None) -> None:
    names = [
        ("民政局.pdf".encode(), 0x800),
        ("硚口区財政局.pdf".encode("gb18030"), 0),
        ("教育局.pdf".encode(), 0),
        ("水务局\\誠.pdf".encode("gb18030"), 0),  # its second byte is a backslash
        (b"\xff\xfe.pdf", 0x800),
    ]
    found = list(leaves(raw_zip([(n, f, LEAF) for n, f in names], local)))
    assert found[:4] == ["民政局.pdf", "硚口区財政局.pdf", "教育局.pdf", "水务局/誠.pdf"]
    assert len(found) == 5


def test_names_are_shown_and_never_used() -> None:
    bad = ["../../e.pdf", "/e.pdf", "C:\\e.pdf", "..\\e.pdf", "a/./../e.pdf", "ok.pdf", "ok.pdf",
           "x\ny.pdf", "a\u202excod.pdf", "a" * 300 + ".pdf", "..", "E.pdf", "\u200b"]  # fmt: skip
    found = list(leaves(raw_zip([(n.encode(), 0x800, LEAF) for n in bad])))
    assert found[:7] == ["e.pdf", "e（2）.pdf", "e（3）.pdf", "e（4）.pdf", "a/e.pdf", "ok.pdf",
                         "ok（2）.pdf"]  # fmt: skip
    assert found[7:9] == ["x y.pdf", "axcod.pdf"]
    assert found[9].endswith("a.pdf") and "…" in found[9]
    assert found[10:] == ["未命名", "E.pdf", "未命名（2）"]


NAME = "硚口区民政局 上报表.pdf"


@pytest.mark.parametrize(
    "told",
    [
        b'; filename="' + NAME.encode() + b'"',
        b'; filename="' + NAME.encode("gbk") + b'"',
        b'; filename="=?gb2312?B?' + base64.b64encode(NAME.encode("gbk")) + b'?="',
        b"; filename==?GBK?B?" + base64.b64encode(NAME.encode("gbk")) + b"?=",
        # A character parted in two by encoded words.
        b'; filename="=?gb2312?B?' + base64.b64encode(NAME.encode("gbk")[:9])
        + b'?=\r\n =?gb2312?B?' + base64.b64encode(NAME.encode("gbk")[9:]) + b'?="',
        b"; filename*=utf-8''" + "".join(f"%{b:02X}" for b in NAME.encode()).encode(),
        b"; filename*=gb2312''" + "".join(f"%{b:02X}" for b in NAME.encode("gbk")).encode(),
        b"; filename*0*=gb2312'zh'" + "".join(f"%{b:02X}" for b in NAME.encode("gbk")[:8]).encode()
        + b";\r\n filename*1*=" + "".join(f"%{b:02X}" for b in NAME.encode("gbk")[8:]).encode(),
    ],
)  # fmt: skip
def test_names_of_attachments(told: bytes) -> None:
    assert leaves(mail(attachment(told, LEAF))) == {NAME: LEAF}


def test_attachments_without_a_name() -> None:
    xlsx = zip_({"[Content_Types].xml": b"", "xl/workbook.xml": b"<w/>"})
    named = mail(attachment(b"", xlsx), attachment(b'; filename=""', LEAF), attachment(b"", OTHER))
    assert list(leaves(named)) == ["附件1.xlsx", "附件2.pdf", "附件3"]


# Mails


def test_who_sent_a_mail_and_when() -> None:
    (mail_,) = members(eml({"a.pdf": LEAF}))[0].mails
    assert (mail_.sender, mail_.name, mail_.subject) == (SENDER.lower(), "民政局", "t")
    assert mail_.date == datetime.fromtimestamp(1_768_440_600)
    (mail_,) = members(Outlook(attached=[Attached(name="a", data=LEAF)]).file())[0].mails
    assert (mail_.sender, mail_.name, mail_.subject) == (SENDER.lower(), "民政局", "报送")
    assert mail_.date == datetime.fromtimestamp(1_768_440_600)
    bad = b"Date: Thu, 45 Foo 2026\r\nSubject: =?gb2312?B?s3AgwM+5uw==?=\r\n"
    (mail_,) = members(mail(head=bad))[0].mails
    assert mail_.date is None
    spoofed = b'From: "boss@gov.example" <Evil@example.org>\r\nTo: x@y\r\n\r\nhi'
    assert members(spoofed)[0].mails[0].sender == "evil@example.org"


def test_a_forwarded_mail_nests() -> None:
    inner = mail(attachment(b'; filename="a.pdf"', LEAF), head=b"Subject: inner\r\n")
    as_part = b"Content-Type: message/rfc822\r\n\r\n" + inner
    outlook = Outlook(attached=[Attached(name="a.pdf", data=LEAF)], subject="inner")
    outer = Outlook(attached=[Attached(name="x", data=outlook)])
    for data, path in (
        (mail(as_part), "inner.eml/a.pdf"),
        (mail(attachment(b'; filename="f.eml"', inner)), "f.eml/a.pdf"),
        (outer.file(), "x.msg/a.pdf"),
    ):
        found = next(m for m in members(data) if not m.ignored)
        assert (found.path, found.data) == (path, LEAF)
        assert [m.subject for m in found.mails] in (["t", "inner"], ["报送", "inner"])


def test_what_a_mail_carries_besides() -> None:
    page = b'Content-Type: text/html\r\n\r\n<img src="cid:one@x">'
    image = b"Content-Type: image/png\r\nContent-ID: <one@x>\r\n%b\r\n" + PNG
    signed = b'Content-Type: application/pkcs7-signature; name="smime.p7s"\r\n\r\nx'
    data = mail(
        page,
        image % b"",
        b"Content-Type: image/png\r\nContent-Disposition: inline; filename=i.png\r\n\r\n" + PNG,
        b"Content-Type: image/png\r\nContent-Disposition: attachment; filename=scan.png\r\n\r\n"
        + PNG,
        signed,
        b"Content-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR",
        attachment(b"; filename=~$a.xlsx", b"x"),
        # A workbook is one, whatever it is called.
        b"Content-Type: image/png\r\nContent-Disposition: inline; filename=a.pdf\r\n\r\n" + LEAF,
    )
    assert list(leaves(data)) == ["scan.png", "a.pdf"]
    assert ignored(data) == {
        "图片": "邮件内嵌图片",
        "i.png": "邮件内嵌图片",
        "smime.p7s": "邮件附带的签名或日程",
        "签名或日程": "邮件附带的签名或日程",
        "~$a.xlsx": "编辑软件的锁定文件",
        "正文": "邮件正文",
    }
    assert ignored(mail()) == {"正文": "邮件正文（没有附件）"}
    shown = Attached(name="i.png", data=PNG, cid="one@x")
    data = Outlook(html=b'<img src="cid:one@x">', attached=[shown]).file()
    assert ignored(data) == {"i.png": "邮件内嵌图片", "正文": "邮件正文（没有附件）"}


def test_outlook_in_gbk() -> None:
    attached = [Attached(name=NAME, data=LEAF * 9)]
    found = members(Outlook(subject="硚口区", attached=attached, narrow=True).file())
    assert (found[0].path, found[0].data) == (NAME, LEAF * 9)
    assert found[0].mails[0].subject == "硚口区"


def test_a_mailbox_parts_only_at_its_lines() -> None:
    text = b"From: a@b\nTo: c@d\n\nFrom here on 12:30\nno header\n>From x\n\nFrom us: 1\n"
    data = b"From a@b Thu Jan 15 09:30:00 2026\n" + text
    assert kinds.container(data) is FileKind.MAILBOX
    assert [m.path for m in members(data * 3)] == [f"第{n}封.eml/正文" for n in (1, 2, 3)]
    assert list(leaves(mbox({"a.pdf": LEAF, "b.pdf": OTHER}))) == [
        "第1封（t）.eml/a.pdf",
        "第2封（t）.eml/b.pdf",
    ]


def test_a_saved_page_is_one_document() -> None:
    page = (
        b"MIME-Version: 1.0\r\nX-Document-Type: Workbook\r\n"
        b'Content-Type: multipart/related; boundary="b"\r\n\r\n'
        b"--b\r\nContent-Location: file:///C:/x/book.htm\r\nContent-Type: text/html\r\n\r\n"
        b"<html><frameset></frameset></html>\r\n"
        b"--b\r\nContent-Location: file:///C:/x/sheet001.htm\r\n"
        b"Content-Transfer-Encoding: quoted-printable\r\nContent-Type: text/html\r\n\r\n"
        b"<table id=3D1></table>\r\n"
        b"--b\r\nContent-Location: file:///C:/x/style.css\r\nContent-Type: text/css\r\n\r\nx\r\n"
        b"--b--\r\n"
    )
    (whole,) = members(page)
    assert (whole.path, whole.data) == ("", b"<html><frameset></frameset></html>")
    assert whole.parts == {
        "file:///C:/x/sheet001.htm": b"<table id=1></table>",
        "file:///C:/x/style.css": b"x",
    }


def test_winmail_is_told_as_what_it_is() -> None:
    tnef = b"\x78\x9f\x3e\x22" + bytes(100)
    assert kinds.kind(tnef) is FileKind.WINMAIL
    assert leaves(mail(attachment(b"; filename=winmail.dat", tnef))) == {"winmail.dat": tnef}


# What systems leave behind


def test_leftovers_and_links() -> None:
    files = {".DS_Store": b"x", "__MACOSX/a/._b.xls": b"x", "Thumbs.db": b"x", "a/~$b.xls": b"x",
             "desktop.ini": b"x", "a/b.pdf": LEAF}  # fmt: skip
    for kind in ("zip", "tgz", "7z", "rar"):
        data = ALL[kind](files)
        assert len(ignored(data)) == 5
        assert leaves(data) == {"a/b.pdf": LEAF}
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, mode in (("l", stat.S_IFLNK), ("f", stat.S_IFIFO)):
            info = zipfile.ZipInfo(name)
            info.external_attr, info.create_system = (mode | 0o777) << 16, 3
            archive.writestr(info, "/etc/passwd")
        archive.writestr("folder/", "")
    assert ignored(made.getvalue()) == {"l": "链接", "f": "不是普通文件"}
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as packed:
        for name, kind_ in (("l", tarfile.SYMTYPE), ("h", tarfile.LNKTYPE), ("d", tarfile.CHRTYPE)):
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname = kind_, "/etc/passwd"
            packed.addfile(entry)
    assert ignored(made.getvalue()) == {"l": "链接", "h": "链接", "d": "不是普通文件"}


# Passwords


def test_locked_archives() -> None:
    for hidden in (False, True):
        data = seven({"a.pdf": LEAF, "b.pdf": OTHER}, "密码", hidden)
        assert codes(data) == {"": "F-03"}
        assert codes(data, "x") == {"": "F-03"}
        assert leaves(data, "x", "密码") == {"a.pdf": LEAF, "b.pdf": OTHER}


def test_a_locked_zip() -> None:
    data = locked_zip(b"secret", LEAF)
    assert leaves(data, "x", "secret") == {"a.pdf": LEAF}
    assert codes(data) == codes(data, "x") == {"a.pdf": "F-03"}
    aes = bytearray(raw_zip([(b"a.pdf", 1, LEAF)]))
    for at in (8, aes.find(b"PK\1\2") + 10):
        aes[at : at + 2] = b"\x63\0"
    assert codes(bytes(aes), "secret") == {"a.pdf": "F-03"}


def locked_zip(password: bytes, data: bytes) -> bytes:
    """A stored entry under the cipher of PKWARE (APPNOTE 6.1)."""
    keys = [0x12345678, 0x23456789, 0x34567890]

    def crc(byte: int, value: int) -> int:
        return ~zlib.crc32(bytes([byte]), ~value & 0xFFFFFFFF) & 0xFFFFFFFF

    def update(byte: int) -> None:
        keys[0] = crc(byte, keys[0])
        keys[1] = ((keys[1] + (keys[0] & 0xFF)) * 134775813 + 1) & 0xFFFFFFFF
        keys[2] = crc(keys[1] >> 24, keys[2])

    for byte in password:
        update(byte)
    made = bytearray()
    for byte in bytes(11) + bytes([zlib.crc32(data) >> 24]) + data:
        mask = keys[2] | 2
        made.append(byte ^ ((mask * (mask ^ 1)) >> 8 & 0xFF))
        update(byte)
    whole = bytearray(raw_zip([(b"a.pdf", 1, bytes(made))]))
    for at in (14, whole.find(b"PK\1\2") + 16):
        whole[at : at + 4] = zlib.crc32(data).to_bytes(4, "little")
        whole[at + 8 : at + 12] = len(data).to_bytes(4, "little")
    return bytes(whole)


# RAR


def test_a_packed_rar_needs_a_program(monkeypatch: pytest.MonkeyPatch) -> None:
    packed, locked = ((DATA / f"{n}.rar").read_bytes() for n in ("packed", "locked"))
    assert codes(locked) == {"stest1.txt": "F-03", "stest2.txt": "F-03"}
    monkeypatch.setenv("PATH", "")
    rar.installed_programs.cache_clear()
    assert codes(packed) == {"stest1.txt": "F-09"}  # the other is stored
    assert codes(locked, "password") == {"stest1.txt": "F-09", "stest2.txt": "F-09"}
    monkeypatch.undo()
    rar.installed_programs.cache_clear()


@pytest.mark.skipif(shutil.which("bsdtar") is None, reason="no bsdtar")
def test_a_packed_rar_by_its_program() -> None:
    found = leaves((DATA / "packed.rar").read_bytes())
    assert [len(data) for data in found.values()] == [2048, 2048]


# Limits


def test_limits_of_size() -> None:
    limits.use(Limits(file_size=1))
    assert codes(bytes(MB + 1)) == {"": "F-05"}
    limits.use(Limits(part=1))
    files = {"a.pdf": LEAF, "big": bytes(2 * MB), "b.pdf": OTHER}
    for kind in ("zip", "7z", "tar", "rar", "eml"):
        data = ALL[kind](files)
        assert codes(data) == {"big": "F-05"}, kind
        assert [m.data for m in members(data) if m.data] == [LEAF, OTHER], kind
    limits.use(Limits(unpacked=1))
    for kind in ("zip", "7z", "tar", "tgz", "rar", "eml", "mbox", "msg"):
        found = [m for m in members(ALL[kind](files)) if not m.ignored]
        assert [in_words(m.error.detail).count("unpacked") for m in found if m.error] == [1], kind
        assert found[0].data == (b"" if kind == "msg" and found[0].error else LEAF), kind


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_bombs_are_left_early(pack: Callable[[bytes], bytes]) -> None:
    bomb = pack(bytes(60 * MB))
    (found,) = members(bomb)
    assert found.error is not None and "ratio" in in_words(found.error.detail)
    for kind in ("zip", "7z", "tgz", "eml"):
        assert set(codes(ALL[kind]({"a.gz": bomb, "b.pdf": LEAF})).values()) == {"F-05"}
    assert set(codes(zip_({"a": bytes(60 * MB), "b.pdf": LEAF}))) == {"a"}
    assert set(codes(seven({"a": bytes(60 * MB), "b.pdf": LEAF}))) == {"a"}
    assert set(codes(tgz({"a": bytes(60 * MB), "b.pdf": LEAF})).values()) == {"F-05"}


def test_a_size_that_lies() -> None:
    data = bytearray(zip_({"a": bytes(5 * MB)}))
    for at in (22, data.find(b"PK\1\2") + 24):
        data[at : at + 4] = (10).to_bytes(4, "little")
    assert codes(bytes(data)) == {"a": "F-02"}


def test_limits_of_counts() -> None:
    limits.use(Limits(entries=10))
    many = {f"{n}.pdf": OTHER for n in range(12)}
    for kind in ("zip", "7z", "tar", "rar", "rar4", "mbox"):
        found = members(ALL[kind](many))
        assert found[-1].error is not None and "entries" in in_words(found[-1].error.detail), kind
        if kind in ("zip", "7z", "rar"):
            assert [m.path for m in found] == [""], kind  # before any is read
    limits.use(Limits(members=10))
    nested = zip_({"a.zip": zip_({f"{n}.pdf": OTHER for n in range(8)}), **many})
    found = members(nested)
    assert len(found) == 11
    assert found[-1].error is not None and "members" in in_words(found[-1].error.detail)
    limits.use(Limits(mail_parts=10))
    assert "F-05" in codes(eml(many)).values()


def test_limits_of_depth() -> None:
    data = LEAF
    for _ in range(3):
        data = zip_({"a": data, "b.pdf": OTHER})
    assert list(leaves(data)) == ["a/a/a", "a/a/b.pdf", "a/b.pdf", "b.pdf"]
    assert codes(zip_({"a": data, "b.pdf": OTHER})) == {"a/a/a": "F-05"}
    assert codes(tgz({"a": gzip.compress(zip_({"a": tgz({"b": LEAF})}))})) == {"a/a/a": "F-05"}
    limits.use(Limits(mail_depth=3))
    data = eml({"a.pdf": LEAF})
    for _ in range(3):
        data = eml({"m.eml": data})
    assert codes(data) == {"m.eml/m.eml/m.eml": "F-05"}
    outlook = Outlook(attached=[Attached(name="a.pdf", data=LEAF)])
    for _ in range(3):
        outlook = Outlook(attached=[Attached(name="m", data=outlook)])
    assert codes(outlook.file()) == {"m.msg/m.msg/m.msg": "F-05"}
    head = b"Content-Type: multipart/mixed; boundary=%d\r\n\r\n--%d\r\n"
    deep = b"From: a@b\r\nTo: c@d\r\n" + b"".join(head % (n, n) for n in range(2000))
    assert codes(deep) == {"": "F-05"}
    assert codes(b"From: a@b\r\n" + b"X: y\r\n" * 60_000 + b"\r\nx") == {"": "F-05"}


def test_entries_that_share_their_bytes() -> None:
    data = bytearray(raw_zip([(b"a", 0, OTHER), (b"b", 0, OTHER)]))
    at = data.rfind(b"PK\1\2") + 42
    data[at : at + 4] = bytes(4)
    assert codes(bytes(data)) == {"": "F-05"}
    assert codes(zip_({"a.pdf": LEAF}) + zip_({"b.pdf": LEAF})) == {"": "F-02"}


def test_what_cannot_be_unpacked_is_said() -> None:
    odd = bytearray(raw_zip([(b"a.pdf", 0, LEAF), (b"b.pdf", 0, OTHER)]))
    for at in (8, odd.find(b"PK\1\2") + 10):
        odd[at : at + 2] = b"\x09\0"
    assert codes(bytes(odd)) == {"a.pdf": "F-10"}
    volume = bytearray(zip_({"a": LEAF}))
    volume[-18:-14] = b"\2\0\2\0"
    assert codes(bytes(volume)) == {"": "F-10"}
    assert codes(zip_({})) == {"": "F-02"}
    assert codes(zip_({"a.zip": zip_({}), "b.pdf": LEAF})) == {"a.zip": "F-02"}


# Damage


@pytest.mark.parametrize("kind", ALL)
def test_what_is_cut_off_is_missed(kind: str) -> None:
    """A container cut anywhere gives what it had and an error, or is told to be damaged."""
    files = {f"{n}.pdf": LEAF + bytes([n]) for n in range(3)}
    data = ALL[kind](files)
    for end in range(len(data) // 5, len(data) - 600, len(data) // 7):
        found = [m for m in members(data[:end]) if not m.ignored]
        whole = [m for m in found if m.data in files.values()]
        if kind in ("eml", "mbox") or (kind == "tar" and end >= 3 * (512 + 10_752)):
            continue  # an attachment that is cut is damaged itself; zeros
        assert len(whole) < 3
        assert any(m.error is not None or m.path == "" for m in found)


@pytest.mark.parametrize("kind", ALL)
@settings(max_examples=60, deadline=None)
@given(changes=st.lists(st.tuples(st.integers(0, 1 << 20), st.integers(0, 255)), max_size=8))
def test_damage_gives_documents_or_errors(kind: str, changes: list[tuple[int, int]]) -> None:
    data = bytearray(ALL[kind]({"a.pdf": OTHER, "报表.zip": zip_({"b": OTHER})}))
    for at, byte in changes:
        data[at % len(data)] = byte
    found = members(bytes(data))
    assert found
    assert all(m.error is None or m.error.code.startswith("F-") for m in found)


def test_a_damaged_header_within_a_tar_is_told() -> None:
    data = bytearray(tar({f"{n}.pdf": OTHER for n in range(4)}))
    data[2 * 1024] ^= 0xFF
    found = members(bytes(data))
    assert [m.path for m in found] == ["0.pdf", "1.pdf", ""]
    assert found[-1].error is not None and found[-1].error.code == "F-02"


def test_an_attachment_that_is_missing_in_outlook_is_told() -> None:
    data = Outlook(attached=[Attached(name="a", data=LEAF), Attached(name="b", data=OTHER)]).file()
    gone = data.replace("__attach_version1.0_#00000001".encode("utf-16-le"),
                        "__gone____version1.0_#00000001".encode("utf-16-le")[:58])  # fmt: skip
    assert codes(gone) == {"": "F-02"}
    assert [m.data for m in members(gone)][:1] == [LEAF]
