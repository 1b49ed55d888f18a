"""Archives and mails for the tests: each wraps named files."""

from __future__ import annotations

import base64
import bz2
import gzip
import io
import lzma
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Mapping

import py7zr

from support.outlook import Attached, Outlook

Files = Mapping[str, bytes]

SENDER = "Min.Zheng@Example.org"


def zip_(files: Files) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            info = zipfile.ZipInfo(name, (2026, 1, 15, 9, 30, 0))
            archive.writestr(info, data, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def raw_zip(entries: list[tuple[bytes, int, bytes]], local: bytes | None = None) -> bytes:
    """A zip of stored entries: name, flags, content. ``local``: another name in their headers."""
    body, listed = b"", b""
    for name, flags, data in entries:
        own = name if local is None else local
        common = (flags, 0, 0x4800, 0x5C2F, zlib.crc32(data), len(data), len(data))
        at = len(body)
        body += b"PK\3\4" + struct.pack("<HHHHHIIIHH", 20, *common, len(own), 0) + own + data
        listed += b"PK\1\2" + struct.pack("<HHHHHHIIIHHHHHII", 20, 20, *common, len(name), 0, 0, 0,
                                          0, 0, at) + name  # fmt: skip
    end = struct.pack("<HHHHIIH", 0, 0, len(entries), len(entries), len(listed), len(body), 0)
    return body + listed + b"PK\5\6" + end


def seven(files: Files, password: str | None = None, hidden: bool = False) -> bytes:
    made = io.BytesIO()
    with py7zr.SevenZipFile(made, "w", password=password, header_encryption=hidden) as archive:
        for name, data in files.items():
            archive.writestr(data, name)
    return made.getvalue()


def tar(files: Files, mode: str = "w") -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode=mode) as archive:  # type: ignore[call-overload]  # because the modes are told by value
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size, info.mtime = len(data), 1_768_440_600
            archive.addfile(info, io.BytesIO(data))
    return made.getvalue()


def tgz(files: Files) -> bytes:
    return gzip.compress(tar(files), mtime=0)


def tbz(files: Files) -> bytes:
    return bz2.compress(tar(files))


def txz(files: Files) -> bytes:
    return lzma.compress(tar(files))


def rar4(files: Files) -> bytes:
    """A RAR of version 4: stored entries. The CRC of a header is the lower half."""

    def block(kind: int, flags: int, rest: bytes) -> bytes:
        tail = struct.pack("<BHH", kind, flags, 7 + len(rest)) + rest
        return struct.pack("<H", zlib.crc32(tail) & 0xFFFF) + tail

    made = b"Rar!\x1a\x07\x00" + block(0x73, 0, bytes(6))
    for name, data in files.items():
        raw = name.encode()
        rest = struct.pack("<IIBIIBBHI", len(data), len(data), 3, zlib.crc32(data), 0x5C2F4800, 29,
                           0x30, len(raw), 0o100644) + raw  # fmt: skip
        made += block(0x74, 0x8000, rest) + data
    return made + block(0x7B, 0x4000, b"")


def rar5(files: Files) -> bytes:
    """A RAR of version 5: stored entries."""

    def number(value: int) -> bytes:
        made = b""
        while value > 0x7F:
            made, value = made + bytes([value & 0x7F | 0x80]), value >> 7
        return made + bytes([value])

    def block(rest: bytes) -> bytes:
        sized = number(len(rest)) + rest
        return struct.pack("<I", zlib.crc32(sized)) + sized

    made = b"Rar!\x1a\x07\x01\x00" + block(number(1) + number(0) + number(0))
    for name, data in files.items():
        raw = name.encode()
        size = number(len(data))
        rest = number(2) + number(2) + size + number(4) + size + number(0o100644)
        rest += struct.pack("<I", zlib.crc32(data)) + number(0) + number(1) + number(len(raw)) + raw
        made += block(rest) + data
    return made + block(number(5) + number(0) + number(0))


def attachment(name: bytes, data: bytes, more: bytes = b"") -> bytes:
    """A part of a mail; ``name``: what follows ``attachment``."""
    head = b"Content-Type: application/octet-stream\r\n" + more
    head += b"Content-Disposition: attachment" + name
    return head + b"\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(data)


def mail(*parts: bytes, head: bytes = b"") -> bytes:
    """A mail with a text and these parts."""
    bound = b"=_%08x" % zlib.crc32(b"".join(parts))
    body = b"Content-Type: text/plain; charset=utf-8\r\n\r\n\xe6\x8a\xa5\xe9\x80\x81"
    whole = head or b"Subject: t\r\nDate: Thu, 15 Jan 2026 09:30:00 +0800\r\n"
    whole = f"From: =?gb2312?B?w/HV/r7W?= <{SENDER}>\r\nTo: b@example.org\r\n".encode() + whole
    whole += b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="' + bound
    whole += b'"\r\n\r\n'
    for part in (body, *parts):
        whole += b"--" + bound + b"\r\n" + part + b"\r\n"
    return whole + b"--" + bound + b"--\r\n"


def eml(files: Files) -> bytes:
    named = ((f'; filename="{name}"'.encode(), data) for name, data in files.items())
    return mail(*(attachment(name, data) for name, data in named))


def mbox(files: Files) -> bytes:
    """A mail for each file, with the line ends of Unix."""
    mails = (eml({name: data}).replace(b"\r\n", b"\n") for name, data in files.items())
    return b"".join(b"From a@b Thu Jan 15 09:30:00 2026\n" + m + b"\n" for m in mails)


def msg(files: Files) -> bytes:
    return Outlook(attached=[Attached(name=n, data=d) for n, d in files.items()]).file()


ALL: dict[str, Callable[[Files], bytes]] = {
    "zip": zip_, "7z": seven, "rar": rar5, "rar4": rar4, "tar": tar, "tgz": tgz, "tbz": tbz,
    "txz": txz, "eml": eml, "mbox": mbox, "msg": msg,
}  # fmt: skip
