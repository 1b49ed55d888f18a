"""What kind of file some bytes are, told by the bytes alone: a suffix is often wrong."""

import io
import re
from collections.abc import Collection, Mapping
from typing import Final

from xltools.model.errors import ReadError, guarded
from xltools.readers.markup import decode

OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")

UNKNOWN: Final = "无法识别的文件"
# Those that readers are chosen by.
XLSX: Final = "Excel（.xlsx）"
XLS: Final = "旧版 Excel（.xls/.et）"
ODS: Final = "OpenDocument 表格（.ods）"
FODS: Final = "OpenDocument 表格（.fods）"
XML2003: Final = "XML 表格"
HTML: Final = "网页"
PDF: Final = "PDF"
WORD: Final = "Word"
DOC: Final = "旧版 Word（.doc/.wps）"
RTF: Final = "RTF 文档"
ODT: Final = "OpenDocument 文档"
TEXT: Final = "文本"
OFD: Final = "OFD"
NUMBERS: Final = "Apple Numbers 表格（.numbers）"
APPLE_PAGES: Final = "Apple Pages 文稿（.pages）"
KEYNOTE: Final = "Apple Keynote 演示文稿（.key）"
# Those that hold others.
MAIL: Final = "邮件"
MAILBOX: Final = "邮箱（.mbox）"
OUTLOOK: Final = "邮件（.msg）"
SIGNED: Final = "签名的邮件或文件（.p7m）"
TAR: Final = "压缩包（tar）"
PLAIN_ZIP: Final = "压缩包（ZIP）"
IMAGE: Final = "图片"

# Reports and scans, with what people call them: a unit sends them along with its workbook.
PAPERS: Final[Mapping[str, str]] = {
    WORD: "Word",
    DOC: "Word",
    RTF: "RTF",
    ODT: "ODT",
    PDF: "PDF",
    OFD: "OFD",
    APPLE_PAGES: "Pages",
    KEYNOTE: "Keynote",
    IMAGE: "图片",
    "PowerPoint": "PPT",
    "旧版 PowerPoint（.ppt/.dps）": "PPT",
}
APPLE: Final = (".numbers", ".pages", ".key")  # suffixes of files, and of folders that are files

# What only its own program reads, and how that gives a file that others read.
EXPORTED: Final[Mapping[str, str]] = {
    NUMBERS: "在 Numbers 中选“文件→导出到→Excel”，存成 .xlsx",
    APPLE_PAGES: "在 Pages 中选“文件→导出到→Word”，存成 .docx",
    KEYNOTE: "在 Keynote 中选“文件→导出到→PDF”",
    OFD: "在 OFD 阅读器中另存（导出）为 Word，或者直接报送生成它的 Word、Excel 文件",
}

_STARTS: Final = (
    (b"%PDF", PDF),
    (b"Rar!\x1a\x07", "压缩包（RAR）"),
    (b"7z\xbc\xaf\x27\x1c", "压缩包（7z）"),
    (b"\x1f\x8b", "压缩包（gzip）"),
    (b"BZh", "压缩包（bzip2）"),
    (b"\xfd7zXZ\x00", "压缩包（xz）"),
    (b"\x89PNG", IMAGE),
    (b"\xff\xd8\xff", IMAGE),
    (b"GIF8", IMAGE),
    (b"II*\x00", IMAGE),
    (b"MM\x00*", IMAGE),
    (b"{\\rtf", RTF),
    (b"\x78\x9f\x3e\x22", "Outlook 专用的附件包（winmail.dat）"),
    (b"ID;P", "SYLK 表格（.slk）"),
    (b"TABLE\r\n0,1", "DIF 表格（.dif）"),
    (b"TABLE\n0,1", "DIF 表格（.dif）"),
    (b"MZ", "程序"),
    (b"\x7fELF", "程序"),
)
# Streams of an OLE file are named in UTF-16. The order decides: a mail may hold a workbook.
_STREAMS: Final = (
    ("EncryptedPackage", ""),
    ("__properties_version1.0", OUTLOOK),
    ("WordDocument", DOC),
    ("PowerPoint Document", "旧版 PowerPoint（.ppt/.dps）"),
    ("Workbook", XLS),
    ("Book", XLS),
)
# What the software of units puts before a file that it encrypts: that of 天锐绿盾 and others
# (``%TSD-Header-###%``), that of 亿赛通 (its name stands in the header too).
_SEALS: Final = (
    (re.compile(rb"%TSD-Header-"), "单位的加密软件（文件头 %TSD-Header）"),
    (re.compile(rb"[bw]\x14#e|[bc].{1,511}?E-SafeNet", re.DOTALL), "单位的加密软件（亿赛通）"),
    # A mail under rights management (MS-OXORMMS 2.2.4), and a file of any kind.
    (re.compile(rb"\x76\xe8\x04\x60\xc4\x11\xe3\x86|\.pfile"), "文档权限管理（IRM）"),
)
# Names in an OLE file under rights management, MS-OFFCRYPTO 2.2 and 4.4.
_RIGHTS: Final = ("DRMEncryptedDataSpace", "DRMEncryptedTransform", "\x09DRMContent")
_CONTAINERS: Final = {
    "压缩包（RAR）": "rar",
    "压缩包（7z）": "7z",
    "压缩包（gzip）": "gzip",
    "压缩包（bzip2）": "bzip2",
    "压缩包（xz）": "xz",
    TAR: "tar",
    MAIL: "eml",
    OUTLOOK: "msg",
    MAILBOX: "mbox",
    SIGNED: "p7m",
}
_SUFFIXES: Final = {
    XLS: ".xls",
    ODS: ".ods",
    FODS: ".fods",
    XML2003: ".xml",
    HTML: ".htm",
    TEXT: ".txt",
    MAIL: ".eml",
    OUTLOOK: ".msg",
    PDF: ".pdf",
    "压缩包（RAR）": ".rar",
    "压缩包（7z）": ".7z",
    DOC: ".doc",
    RTF: ".rtf",
}
_MEMBERS: Final = (
    ("xl/workbook.bin", "Excel 二进制工作簿（.xlsb）"),
    ("word/document.xml", WORD),
    ("ppt/presentation.xml", "PowerPoint"),
    ("ofd.xml", OFD),
)
# A part of a Word document, by its name as programs write it.
_WORD_PART: Final = re.compile(rb"word[/\\](?:document[0-9]*|styles|settings)\.xml", re.IGNORECASE)
# The type of the first object of a package of Pages, TP.DocumentArchive (10000), in its first
# message; those of Numbers and Keynote have the type 1.
_PAGES_TYPE: Final = re.compile(rb"\x08\x01\x12.\x08\x90\x4e", re.DOTALL)
# A mark of UTF-16, or a first character of ASCII in it.
_WIDE: Final = re.compile(rb"\xff\xfe|\xfe\xff|<\x00|\x00<")
_MAIL: Final = re.compile(
    rb"(?:[A-Za-z][A-Za-z0-9-]*:[^\n]*\n(?:[ \t][^\n]*\n)*)*?"
    rb"(?:From|Received|Return-Path|MIME-Version|Message-ID|Subject|Delivered-To):",
    re.IGNORECASE,
)
# The line names a time, and a header follows: so no sentence that begins with From is one.
MAILBOX_LINE: Final = re.compile(
    rb"^From [^\n]{0,500}\d:\d\d[^\n]{0,100}\n(?=[!-9;-~]{1,100}:|>From )", re.MULTILINE
)


def sealed(data: bytes) -> str:
    """By what a file is encrypted that no password opens, as people call it; empty for others."""
    for start, name in _SEALS:
        if start.match(data):
            return name
    if data.startswith(OLE) and any(_stream(name) in data for name in _RIGHTS):
        return "文档权限管理（IRM）"
    if data.startswith(b"%PDF") and b"/MicrosoftIRMServices" in data:
        return "文档权限管理（IRM）"
    return ""


def encrypted(data: bytes) -> bool:
    """Whether this is an Office file behind a password: an OLE file with the package inside."""
    return data.startswith(OLE) and _stream("EncryptedPackage") in data


def container(data: bytes) -> str:
    """The short name of the container that a file is (zip, 7z, rar, tar, gzip, bzip2, xz, eml,
    msg, mbox, p7m); empty for one that is a document itself.
    """
    if data.startswith(ZIP):
        from xltools.readers.containers.zips import is_package

        return "" if is_package(data) else "zip"
    return _CONTAINERS.get(kind(data), "")


def suffix(data: bytes) -> str:
    """The suffix that files of this kind have; empty when it is not known."""
    if data.startswith(ZIP):
        if b"xl/workbook.xml" in data:
            return ".xlsx"
        return ".docx" if _WORD_PART.search(data) else ".zip"
    return _SUFFIXES.get(kind(data), "")


def is_word(data: bytes) -> bool:
    """Whether a file, be it damaged, is a document that people open in Word."""
    if data.startswith(ZIP):
        return suffix(data) == ".docx" or b"opendocument.text" in data[:128]
    return kind(data) in (DOC, RTF)


def kind(data: bytes) -> str:
    """Name the kind of a file that is no zip: what people call it."""
    from xltools.readers.containers.p7m import is_p7m
    from xltools.readers.containers.streams import is_tar

    for start, name in _STARTS:
        if data.startswith(start):
            return name
    if data.startswith(OLE):
        names = _named(data)
        own = (n for s, n in _STREAMS if n and (s in names if names else _stream(s) in data))
        return next(own, "旧版 Office 文件")
    if (data.startswith(b"BM") and data[6:10] == bytes(4)) or (
        data.startswith(b"RIFF") and data[8:12] == b"WEBP"
    ):
        return IMAGE
    if is_tar(data[:512]):
        return TAR
    if is_p7m(data):
        return SIGNED
    if data.startswith(b"\x09\x08\x10\x00\x00\x06"):  # the records of an .xls without OLE around
        return XLS
    return _words(data)


def zipped(names: frozenset[str], mimetype: str) -> str:
    """Name the kind of a zip by its members (small letters) and its mimetype entry."""
    for member, name in _MEMBERS:
        if member in names:
            return name
    if any(name.startswith("index/") and name.endswith(".iwa") for name in names):
        return NUMBERS  # of Apple; which of its programs `iwork` tells
    if "resources/sheet.css" in names:  # pages of a workbook of Google
        return HTML
    if "opendocument.spreadsheet" in mimetype:
        return ODS
    if "opendocument" in mimetype:
        return ODT
    return PLAIN_ZIP


def iwork(name: str, members: Collection[str], document: bytes) -> str:
    """Name the program of a package of Apple: by its name, else by its members (small letters) and
    the beginning of ``Index/Document.iwa``.
    """
    for kind, ending in zip((NUMBERS, APPLE_PAGES, KEYNOTE), APPLE, strict=True):
        if name.lower().endswith(ending):
            return kind
    if any(member.startswith("index/slide") for member in members):
        return KEYNOTE
    return APPLE_PAGES if _PAGES_TYPE.search(document[:64]) else NUMBERS


def _mailbox(data: bytes) -> bool:
    """Whether bytes begin as a mailbox."""
    return data.startswith(b"From ") and MAILBOX_LINE.match(data[:2048]) is not None


def _words(data: bytes) -> str:
    """Tell kinds of text apart by the beginning, cut anywhere."""
    head = data[:4096]
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if _WIDE.match(text):  # UTF-16
        text = text.removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff").replace(b"\x00", b"")
        text = text.lstrip()
    low = text[:1024].lower()
    if re.match(rb"<!doctype html|<html|<table|<meta|<head|<body|<style", low):
        return HTML
    if low.startswith(b"<?xml") or (low.startswith(b"<") and b"xmlns" in low):
        if b"<html" in low:
            return HTML
        return _xml(data)
    if _mailbox(head):
        return MAILBOX
    if _MAIL.match(text[:2048].replace(b"\r\n", b"\n")):
        return MAIL
    if b"<html" in low or (low.startswith(b"<") and b"<table" in low):
        return HTML
    if _WIDE.match(head):
        return TEXT
    if b"\x00" in head:
        return UNKNOWN
    for coding in ("utf-8", "gb18030"):
        for cut in range(4):  # the last character may be cut in two
            try:
                head[: len(head) - cut].decode(coding)
            except UnicodeDecodeError:
                continue
            return TEXT
    return UNKNOWN


def _xml(data: bytes) -> str:
    """Name a kind of XML by its first element."""
    from xltools.readers.markup import OFFICE, SHEET, local, root

    try:
        name, attributes = root(decode(data))
    except ReadError:
        # Damaged before its first element: what it was meant to be, its reader will say.
        return XML2003 if b"Excel.Sheet" in data[:1024] else "XML 文件"
    if name == f"{SHEET} Workbook":
        return XML2003
    if name == f"{OFFICE} document" and "spreadsheet" in local(attributes).get("mimetype", ""):
        return FODS
    return "XML 文件"


def _named(data: bytes) -> frozenset[str]:
    """The streams at the top of an OLE file, which may hold other files below; none if damaged."""
    import olefile

    def listed() -> frozenset[str]:
        with olefile.OleFileIO(io.BytesIO(data)) as ole:
            return frozenset(path[0] for path in ole.listdir() if len(path) == 1)

    return guarded(listed) or frozenset()


def _stream(name: str) -> bytes:
    return name.encode("utf-16-le")
