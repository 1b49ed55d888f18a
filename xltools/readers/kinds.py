"""What kind of file some bytes are, told by the bytes alone: a suffix is often wrong."""

import re
from typing import Final

OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")

UNKNOWN: Final = "无法识别的文件"

_STARTS: Final = (
    (b"%PDF", "PDF"),
    (b"Rar!\x1a\x07", "压缩包（RAR）"),
    (b"7z\xbc\xaf\x27\x1c", "压缩包（7z）"),
    (b"\x1f\x8b", "压缩包（gzip）"),
    (b"BZh", "压缩包（bzip2）"),
    (b"\xfd7zXZ\x00", "压缩包（xz）"),
    (b"\x89PNG", "图片"),
    (b"\xff\xd8\xff", "图片"),
    (b"GIF8", "图片"),
    (b"II*\x00", "图片"),
    (b"MM\x00*", "图片"),
    (b"{\\rtf", "RTF 文档"),
    (b"MZ", "程序"),
    (b"\x7fELF", "程序"),
)
# Streams of an OLE file are named in UTF-16. The order decides: a mail may hold a workbook.
_STREAMS: Final = (
    ("EncryptedPackage", ""),
    ("__properties_version1.0", "邮件（.msg）"),
    ("WordDocument", "旧版 Word（.doc/.wps）"),
    ("PowerPoint Document", "旧版 PowerPoint（.ppt/.dps）"),
    ("Workbook", "旧版 Excel（.xls/.et）"),
    ("Book", "旧版 Excel（.xls/.et）"),
)
_MEMBERS: Final = (
    ("xl/workbook.bin", "Excel 二进制工作簿（.xlsb）"),
    ("word/document.xml", "Word"),
    ("ppt/presentation.xml", "PowerPoint"),
    ("ofd.xml", "OFD"),
)
_MAIL: Final = re.compile(
    rb"(?:[A-Za-z][A-Za-z0-9-]*:[^\n]*\n(?:[ \t][^\n]*\n)*)*?"
    rb"(?:From|Received|Return-Path|MIME-Version|Message-ID|Subject|Delivered-To):",
    re.IGNORECASE,
)


def encrypted(data: bytes) -> bool:
    """Whether this is an Office file behind a password: an OLE file with the package inside."""
    return data.startswith(OLE) and _stream("EncryptedPackage") in data


def kind(data: bytes) -> str:
    """Name the kind of a file that is no zip: what people call it."""
    for start, name in _STARTS:
        if data.startswith(start):
            return name
    if data.startswith(OLE):
        return next((n for s, n in _STREAMS if n and _stream(s) in data), "旧版 Office 文件")
    if (data.startswith(b"BM") and data[6:10] == bytes(4)) or (
        data.startswith(b"RIFF") and data[8:12] == b"WEBP"
    ):
        return "图片"
    return _words(data[:4096])


def zipped(names: frozenset[str], mimetype: str) -> str:
    """Name the kind of a zip by its members (small letters) and its mimetype entry."""
    for member, name in _MEMBERS:
        if member in names:
            return name
    if "opendocument.spreadsheet" in mimetype:
        return "OpenDocument 表格（.ods）"
    if "opendocument" in mimetype:
        return "OpenDocument 文档"
    return "压缩包（ZIP）"


def _words(head: bytes) -> str:
    """Tell kinds of text apart by the beginning, cut anywhere."""
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    low = text[:1024].lower()
    if low.startswith(b"<?xml") and b"excel.sheet" in low:
        return "XML 表格"
    if re.match(rb"<!doctype html|<html|<table|<meta|<head", low) or b"<html" in low:
        return "网页"
    if low.startswith(b"<?xml"):
        return "XML 文件"
    if _MAIL.match(text[:2048].replace(b"\r\n", b"\n")):
        return "邮件"
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "文本"
    if b"\x00" in head:
        return UNKNOWN
    for coding in ("utf-8", "gb18030"):
        for cut in range(4):  # the last character may be cut in two
            try:
                head[: len(head) - cut].decode(coding)
            except UnicodeDecodeError:
                continue
            return "文本"
    return UNKNOWN


def _stream(name: str) -> bytes:
    return name.encode("utf-16-le")
