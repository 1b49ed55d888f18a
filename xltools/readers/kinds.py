"""Recognise the kind of a file from its content alone, because its suffix is often wrong."""

import io
import re
from collections.abc import Collection, Mapping
from typing import Final

from xltools.model.errors import ReadError, guarded
from xltools.model.file_kinds import FileKind
from xltools.model.wording import Phrase
from xltools.readers.bundles import STYLES
from xltools.readers.markup import OFFICE, SHEET, decode, local, root

OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")

APPLE: Final = (".numbers", ".pages", ".key")  # suffixes of files, and of folders that are files

# Kinds that only their own program reads, with how to export them there to a common format.
EXPORTED: Final[Mapping[FileKind, Phrase]] = {
    FileKind.NUMBERS: Phrase.FROM_NUMBERS,
    FileKind.APPLE_PAGES: Phrase.FROM_PAGES,
    FileKind.KEYNOTE: Phrase.FROM_KEYNOTE,
    FileKind.OFD: Phrase.FROM_OFD,
}

_STARTS: Final = (
    (b"%PDF", FileKind.PDF),
    (b"Rar!\x1a\x07", FileKind.RAR),
    (b"7z\xbc\xaf\x27\x1c", FileKind.SEVEN_ZIP),
    (b"\x1f\x8b", FileKind.GZIP),
    (b"BZh", FileKind.BZIP2),
    (b"\xfd7zXZ\x00", FileKind.XZ),
    (b"\x89PNG", FileKind.IMAGE),
    (b"\xff\xd8\xff", FileKind.IMAGE),
    (b"GIF8", FileKind.IMAGE),
    (b"II*\x00", FileKind.IMAGE),
    (b"MM\x00*", FileKind.IMAGE),
    (b"{\\rtf", FileKind.RTF),
    (b"\x78\x9f\x3e\x22", FileKind.WINMAIL),
    (b"ID;P", FileKind.SYLK),
    (b"TABLE\r\n0,1", FileKind.DIF),
    (b"TABLE\n0,1", FileKind.DIF),
    (b"MZ", FileKind.PROGRAM),
    (b"\x7fELF", FileKind.PROGRAM),
)
# What a stream of this name, at the top of an OLE file, makes of the file. The first one in this
# order that is there decides: a mail may hold a workbook.
_STREAMS: Final = (
    ("__properties_version1.0", FileKind.OUTLOOK),
    ("WordDocument", FileKind.DOC),
    ("PowerPoint Document", FileKind.PPT),
    ("Workbook", FileKind.XLS),
    ("Book", FileKind.XLS),
)
# How files begin that the encryption software of units has written, with the name to show: 天锐绿盾
# and others (``%TSD-Header-###%``), 亿赛通 (E-SafeNet, its name in the header).
_SEALS: Final = (
    (re.compile(rb"%TSD-Header-"), "单位的加密软件（文件头 %TSD-Header）"),
    (re.compile(rb"[bw]\x14#e|[bc].{1,511}?E-SafeNet", re.DOTALL), "单位的加密软件（亿赛通）"),
    # A mail under rights management (MS-OXORMMS 2.2.4), and a file of any kind.
    (re.compile(rb"\x76\xe8\x04\x60\xc4\x11\xe3\x86|\.pfile"), "文档权限管理（IRM）"),
)
# Names that occur in an OLE file under rights management: [MS-OFFCRYPTO] 2.2 and 4.4.
_RIGHTS: Final = ("DRMEncryptedDataSpace", "DRMEncryptedTransform", "\x09DRMContent")
_CONTAINERS: Final = frozenset(
    (
        FileKind.RAR, FileKind.SEVEN_ZIP, FileKind.GZIP, FileKind.BZIP2, FileKind.XZ, FileKind.TAR,
        FileKind.MAIL, FileKind.OUTLOOK, FileKind.MAILBOX, FileKind.SIGNED,
    )
)  # fmt: skip
_SUFFIXES: Final = {
    FileKind.XLS: ".xls",
    FileKind.ODS: ".ods",
    FileKind.FODS: ".fods",
    FileKind.XML2003: ".xml",
    FileKind.HTML: ".htm",
    FileKind.TEXT: ".txt",
    FileKind.MAIL: ".eml",
    FileKind.OUTLOOK: ".msg",
    FileKind.PDF: ".pdf",
    FileKind.RAR: ".rar",
    FileKind.SEVEN_ZIP: ".7z",
    FileKind.DOC: ".doc",
    FileKind.RTF: ".rtf",
}
XLSB_MAIN: Final = "xl/workbook.bin"
"""The main part of an .xlsb."""
_MEMBERS: Final = (
    (XLSB_MAIN, FileKind.XLSB),
    ("word/document.xml", FileKind.WORD),
    ("ppt/presentation.xml", FileKind.POWERPOINT),
    ("ofd.xml", FileKind.OFD),
)
# Names of parts, of which the zip of every Word document contains at least one.
_WORD_PART: Final = re.compile(rb"word[/\\](?:document[0-9]*|styles|settings)\.xml", re.IGNORECASE)
# The first object in ``Index/Document.iwa`` of Pages has the type 10000 (TP.DocumentArchive); in
# those of Numbers and Keynote it has the type 1.
_PAGES_TYPE: Final = re.compile(rb"\x08\x01\x12.\x08\x90\x4e", re.DOTALL)
# The byte order mark of UTF-16, or ``<`` in UTF-16 without a mark.
_WIDE: Final = re.compile(rb"\xff\xfe|\xfe\xff|<\x00|\x00<")
_MAIL: Final = re.compile(
    rb"(?:[A-Za-z][A-Za-z0-9-]*:[^\n]*\n(?:[ \t][^\n]*\n)*)*?"
    rb"(?:From|Received|Return-Path|MIME-Version|Message-ID|Subject|Delivered-To):",
    re.IGNORECASE,
)
# The line between the mails of a mailbox. It must name a time and be followed by a header, so that
# a sentence in a mail that begins with "From" is not taken for one.
MAILBOX_LINE: Final = re.compile(
    rb"^From [^\n]{0,500}\d:\d\d[^\n]{0,100}\n(?=[!-9;-~]{1,100}:|>From )", re.MULTILINE
)


def sealed(data: bytes) -> str:
    """Return the name, as messages show it, of the encryption or rights-management software that
    protects a file in such a way that no password opens it; an empty string for any other file.
    """
    for start, name in _SEALS:
        if start.match(data):
            return name
    if data.startswith(OLE) and any(_stream(name) in data for name in _RIGHTS):
        return "文档权限管理（IRM）"
    if data.startswith(b"%PDF") and b"/MicrosoftIRMServices" in data:
        return "文档权限管理（IRM）"
    return ""


def encrypted(data: bytes) -> bool:
    """Whether this is an Office file (such as .xlsx or .docx) locked with a password: an OLE file
    that contains the stream EncryptedPackage.
    """
    return data.startswith(OLE) and _stream("EncryptedPackage") in data


def container(data: bytes) -> FileKind | None:
    """Return the kind of archive or mail that a file is, or None if it is a document itself. A zip
    counts as a document if it is a package of Office, OpenDocument, OFD, Apple or Google, and as an
    archive otherwise.
    """
    if data.startswith(ZIP):
        from xltools.readers.containers.zips import is_package

        return None if is_package(data) else FileKind.ZIP
    file_kind = kind(data)
    return file_kind if file_kind in _CONTAINERS else None


def suffix(data: bytes) -> str:
    """Return the usual suffix of files of this kind, with its dot; an empty string for a kind that
    has none.
    """
    if data.startswith(ZIP):
        if b"xl/workbook.xml" in data:
            return ".xlsx"
        return ".docx" if _WORD_PART.search(data) else ".zip"
    return _SUFFIXES.get(kind(data), "")


def is_word(data: bytes) -> bool:
    """Whether people open this file in Word. The file may be damaged, since only its first bytes
    and the names of its parts are examined.
    """
    if data.startswith(ZIP):
        return suffix(data) == ".docx" or b"opendocument.text" in data[:128]
    return kind(data) in (FileKind.DOC, FileKind.RTF)


def kind(data: bytes) -> FileKind:
    """Return the kind of a file that is not a zip (for a zip, use ``zipped``): by its first bytes,
    by the streams in an OLE file, or by what its text looks like. UNKNOWN if nothing fits.
    """
    from xltools.readers.containers.p7m import is_p7m
    from xltools.readers.containers.streams import is_tar

    for start, name in _STARTS:
        if data.startswith(start):
            return name
    if data.startswith(OLE):
        names = _named(data)
        kinds = (k for s, k in _STREAMS if (s in names if names else _stream(s) in data))
        return next(kinds, FileKind.OLD_OFFICE)
    if (data.startswith(b"BM") and data[6:10] == bytes(4)) or (
        data.startswith(b"RIFF") and data[8:12] == b"WEBP"
    ):
        return FileKind.IMAGE
    if is_tar(data[:512]):
        return FileKind.TAR
    if is_p7m(data):
        return FileKind.SIGNED
    if data.startswith(b"\x09\x08\x10\x00\x00\x06"):  # an .xls that is not in an OLE file
        return FileKind.XLS
    return _words(data)


def zipped(names: frozenset[str], mimetype: str) -> FileKind:
    """Return the kind of a zip.

    ``names``: the names of its members, in lower case; ``mimetype``: the content of the member
    ``mimetype``, empty if it has none. Packages of all Apple programs are returned as NUMBERS;
    ``iwork`` finds out which program wrote one.
    """
    for member, name in _MEMBERS:
        if member in names:
            return name
    if any(name.startswith("index/") and name.endswith(".iwa") for name in names):
        return FileKind.NUMBERS  # or another Apple program; ``iwork`` decides
    if STYLES in names:  # a workbook of Google saved as pages
        return FileKind.HTML
    if "opendocument.spreadsheet" in mimetype:
        return FileKind.ODS
    if "opendocument" in mimetype:
        return FileKind.ODT
    return FileKind.ZIP


def iwork(name: str, members: Collection[str], document: bytes) -> FileKind:
    """Return which Apple program (Numbers, Pages or Keynote) wrote a package.

    The suffix of its file name ``name`` decides; without one of those suffixes, its ``members``
    (names in lower case) and ``document``, the content of ``Index/Document.iwa``, do.
    """
    for kind, ending in zip(
        (FileKind.NUMBERS, FileKind.APPLE_PAGES, FileKind.KEYNOTE), APPLE, strict=True
    ):
        if name.lower().endswith(ending):
            return kind
    if any(member.startswith("index/slide") for member in members):
        return FileKind.KEYNOTE
    return FileKind.APPLE_PAGES if _PAGES_TYPE.search(document[:64]) else FileKind.NUMBERS


def _mailbox(data: bytes) -> bool:
    """Whether the content of a file begins as a mailbox (.mbox) does."""
    return data.startswith(b"From ") and MAILBOX_LINE.match(data[:2048]) is not None


def _words(data: bytes) -> FileKind:
    """Return the kind of a text file: HTML, XML, a mail, a mailbox, or plain text; UNKNOWN for
    bytes that are not text. Except for XML, only the first 4 KB are examined.
    """
    head = data[:4096]
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if _WIDE.match(text):  # UTF-16
        text = text.removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff").replace(b"\x00", b"")
        text = text.lstrip()
    low = text[:1024].lower()
    if re.match(rb"<!doctype html|<html|<table|<meta|<head|<body|<style", low):
        return FileKind.HTML
    if low.startswith(b"<?xml") or (low.startswith(b"<") and b"xmlns" in low):
        if b"<html" in low:
            return FileKind.HTML
        return _xml(data)
    if _mailbox(head):
        return FileKind.MAILBOX
    if _MAIL.match(text[:2048].replace(b"\r\n", b"\n")):
        return FileKind.MAIL
    if b"<html" in low or (low.startswith(b"<") and b"<table" in low):
        return FileKind.HTML
    if _WIDE.match(head):
        return FileKind.TEXT
    if b"\x00" in head:
        return FileKind.UNKNOWN
    for coding in ("utf-8", "gb18030"):
        for cut in range(4):  # the last character may be cut in two
            try:
                head[: len(head) - cut].decode(coding)
            except UnicodeDecodeError:
                continue
            return FileKind.TEXT
    return FileKind.UNKNOWN


def _xml(data: bytes) -> FileKind:
    """Return the kind of an XML file, judged by its root element."""
    try:
        name, attributes = root(decode(data))
    except ReadError:
        # Damaged before its root element; the reader of workbooks will report that.
        return FileKind.XML2003 if b"Excel.Sheet" in data[:1024] else FileKind.XML
    if name == f"{SHEET} Workbook":
        return FileKind.XML2003
    if name == f"{OFFICE} document" and "spreadsheet" in local(attributes).get("mimetype", ""):
        return FileKind.FODS
    return FileKind.XML


def _named(data: bytes) -> frozenset[str]:
    """Return the names of the streams at the top level of an OLE file; an empty set if it is
    damaged. Lower levels are left out, because other files may be embedded there.
    """
    import olefile

    def listed() -> frozenset[str]:
        with olefile.OleFileIO(io.BytesIO(data)) as ole:
            return frozenset(path[0] for path in ole.listdir() if len(path) == 1)

    return guarded(listed) or frozenset()


def _stream(name: str) -> bytes:
    """The name of a stream, encoded as the directory of an OLE file stores it."""
    return name.encode("utf-16-le")
