"""Hostile mails, and a hostile container of an Outlook one."""

import base64
from collections.abc import Iterator
from email.header import Header

from support.hostile.case import Case
from support.hostile.containers import GOOD
from support.hostile.ole import compound

SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TYPES = {
    "octet": "application/octet-stream", "text": "text/plain", "image": "image/png",
    "mail": "message/rfc822", "none": "", "junk": "x/y/z; ;;; charset",
    "partial": "message/partial; number=1; total=9",
    "external": 'message/external-body; access-type=local-file; name="/etc/hostname"',
    "multipart": 'multipart/mixed; boundary="Z"',
}  # fmt: skip
BIDI = "a\u202excod.xlsx"
NAME = "民政局 上报表.xlsx"
GBK_2231 = "".join(f"%{byte:02X}" for byte in NAME.encode("gb18030"))
NAMES: dict[str, str | bytes] = {
    "2047_gbk": f'filename="{Header(NAME, "gb2312").encode()}"',
    "2047_utf8": f'filename="{Header(NAME, "utf-8").encode()}"',
    "2231_gbk": f"filename*=gb18030''{GBK_2231}",
    "2231_split": "filename*0*=utf-8''%E6%B0%91; filename*1*=%E6%94%BF.xlsx",
    "raw_gbk": b'filename="' + NAME.encode("gbk") + b'"',
    "raw_utf8": f'filename="{NAME}"',
    "traversal": 'filename="../../evil.xlsx"',
    "absolute": 'filename="/evil.xlsx"',
    "windows": 'filename="C:\\\\evil.xlsx"',
    "nul": b'filename="a\x00b.xlsx"',
    "missing": "",
    "empty": 'filename=""',
    "long": f'filename="{"x" * 100_000}.xlsx"',
    "bidi": f'filename="{Header(BIDI, "utf-8").encode()}"',
    "crlf": 'filename="a\r\n b.xlsx"',
    "bad_2047": 'filename="=?nosuch?B?////?="',
    "bad_2231": "filename*=nosuch''%FF%FE",
    "conflict": 'filename="a.txt"; filename="b.xlsx"',
}
HEADERS = {
    "parentheses": "To: " + "(" * 20_000, "angles": "To: " + "<" * 50_000,
    "quotes": "From: " + '"' * 50_000, "words": "Subject: " + "=?utf-8?q?a?= " * 20_000,
    "parameters": "Content-Type: text/plain" + "; a=b" * 20_000,
    "pieces": "Content-Disposition: attachment" + "; a*0=b" * 20_000,
    "date": "Date: " + "9" * 100_000, "id": "Message-ID: " + "[" * 20_000,
    "commas": "To: " + "," * 50_000, "at": "To: " + "@" * 20_000,
    "folded": "Subject: " + "x\r\n " * 50_000,
}  # fmt: skip
PLAIN = b"From: a@b\r\nMIME-Version: 1.0\r\n"
MIXED = b'Content-Type: multipart/mixed; boundary="B"\r\n\r\n'


def mail(
    data: bytes = GOOD,
    *,
    kind: str = SHEET,
    disposition: str | bytes = 'attachment; filename="a.xlsx"',
    coding: str = "base64",
    raw: bytes | None = None,
) -> bytes:
    """A mail with a file attached; ``raw``: as it stands in the mail."""
    body = base64.encodebytes(data).replace(b"\n", b"\r\n") if raw is None else raw
    told = disposition.encode() if isinstance(disposition, str) else disposition
    return (
        b"From: a@example.org\r\nTo: b@example.org\r\nSubject: t\r\nMIME-Version: 1.0\r\n" + MIXED
        + b"--B\r\nContent-Type: text/plain\r\n\r\nhi\r\n--B\r\nContent-Type: " + kind.encode()
        + b"\r\nContent-Disposition: " + told
        + b"\r\nContent-Transfer-Encoding: " + coding.encode() + b"\r\n\r\n"
        + body + b"\r\n--B--\r\n"
    )  # fmt: skip


def cases() -> Iterator[Case]:
    yield Case(name="good.eml", what="a good one", data=mail(), honest=True)
    for name, kind in TYPES.items():
        yield Case(
            name=f"type_{name}.eml",
            what=f"an .xlsx declared as {kind!r}",
            data=mail(kind=kind),
            honest=name == "octet",
        )
    for name, told in NAMES.items():
        head = b"attachment; " + (told.encode() if isinstance(told, str) else told)
        yield Case(
            name=f"name_{name}.eml",
            what=f"the name of the attachment: {name}",
            data=mail(disposition=head if told else "attachment"),
            honest=name[:4] in ("2047", "2231") or name == "raw_gbk",
        )
    yield Case(name="name_inline.eml", what="not attached", data=mail(disposition="inline"))
    yield Case(
        name="base64_broken.eml", what="broken base64", data=mail(raw=b"UEsDB!!!!%%%%====\r\n")
    )
    yield Case(
        name="uu.eml",
        what="uuencoded",
        data=mail(coding="x-uuencode", raw=b"begin 644 a.xlsx\r\n#PK\x03\r\n`\r\nend"),
    )
    yield Case(
        name="coding_unknown.eml",
        what="an unknown coding, raw bytes",
        data=mail(coding="nosuch", raw=GOOD),
    )
    yield Case(name="big_100mb.eml", what="100 MB of base64", data=mail(bytes(75_000_000)))
    yield Case(
        name="tnef.eml",
        what="winmail.dat",
        data=mail(
            b"\x78\x9f\x3e\x22" + bytes(200),
            kind="application/ms-tnef",
            disposition='attachment; filename="winmail.dat"',
        ),
    )
    for count in (50, 500, 5000):
        inner = b"Content-Type: message/rfc822\r\n\r\n" * count
        inner += b"Content-Type: text/plain\r\n\r\nend"
        yield Case(
            name=f"nested_{count}.eml", what=f"{count} mails in one another", data=PLAIN + inner
        )
        parts = b"".join(
            b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (n, n)
            for n in range(count)
        )
        yield Case(
            name=f"multipart_{count}.eml",
            what=f"{count} multiparts in one another",
            data=PLAIN + parts + b"Content-Type: text/plain\r\n\r\nx",
        )
    yield Case(
        name="parts_100k.eml",
        what="100 000 parts",
        data=PLAIN + MIXED + b"--B\r\n\r\nx\r\n" * 100_000 + b"--B--",
    )
    headers = b"".join(b"X-%d: y\r\n" % n for n in range(200_000))
    yield Case(name="headers_200k.eml", what="200 000 headers", data=headers + b"\r\nx")
    for name, header in HEADERS.items():
        data = PLAIN + header.encode() + b"\r\n\r\nx"
        yield Case(name=f"header_{name}.eml", what=f"a pathological header: {name}", data=data)
    yield Case(
        name="no_boundary.eml",
        what="many parts without a boundary",
        data=b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed\r\n\r\n--B\r\n\r\nx",
    )
    yield Case(
        name="mbox_as.eml",
        what="begins as a mailbox",
        data=b"From a@b Sun Nov 22 00:00:00 2026\r\nFrom: a@b\r\n\r\nx",
    )
    yield Case(name="utf16.eml", what="in UTF-16", data="From: a@b\r\n\r\nx".encode("utf-16"))
    properties = {"__properties_version1.0": bytes(32)}
    subject = {"__substg1.0_0037001F": "t".encode("utf-16-le")}
    for name, what, data in (
        ("small", "an Outlook mail without attachments", compound(properties | subject)),
        (
            "loop",
            "one whose chain of sectors loops",
            compound(properties, loop=True, size=1 << 40),
        ),
        ("many_fats", "one that lies about its table", compound(properties, fats=0x7FFFFFFF)),
    ):
        yield Case(name=f"{name}.msg", what=what, data=data)
