"""Archives and their entries, wrong suffixes, damage, locks, what systems leave in folders."""

import gzip
import stat
import struct
from collections.abc import Iterator

from support.hostile import ole
from support.hostile.case import Case
from support.hostile.ole import compound, record, xls
from support.hostile.ooxml import (
    FIRST,
    OFFICE,
    RELS,
    TYPES,
    fixed,
    inline,
    number,
    relationship,
    row,
    sheet,
    xlsx,
)
from support.hostile.zips import Zip, packed

UNIT = sheet(row(1, inline("A1", "单位"), number("B1")))
GOOD = xlsx(UNIT)
OLD = xls(ole.ONE)
PAGE = (
    '<html xmlns:x="urn:schemas-microsoft-com:office:excel"><head><meta http-equiv="Content-Type" '
    'content="text/html; charset={}"></head><body><table><tr><th>单位</th><th>人数</th></tr>'
    "<tr><td>民政局</td><td>12</td></tr></table></body></html>"
).format
APPLE = b"\0\5\x16\7"


def cases() -> Iterator[Case]:
    yield Case(name="good.xlsx", what="a good one", data=GOOD, honest=True)
    yield from _macros()
    yield from _archives()
    yield from _packages()
    yield from _damage()
    yield from _renamed()
    yield from _leftovers()
    yield from _locked()


def _macros() -> Iterator[Case]:
    project = compound({"PROJECT": b'ID="{0}"\r\nModule=M1\r\n'})
    link = relationship(
        "rIdV",
        "http://schemas.microsoft.com/office/2006/relationships/vbaProject",
        "vbaProject.bin",
    )
    kind = '<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/>'
    data = xlsx(UNIT, macro=True, extra={"xl/vbaProject.bin": project}, rels=link, types=kind)
    yield Case(name="macro.xlsm", what="an idle macro", data=data, honest=True)
    yield Case(name="macro_as.xlsx", what="the same, renamed", data=data, honest=True)


def _archives() -> Iterator[Case]:
    names = (
        "../../evil.xlsx", "/evil_abs.xlsx", "C:\\evil.xlsx", "..\\..\\evil_bs.xlsx",
        "a/../../evil2.xlsx", "ok.xlsx", "ok.xlsx", "OK.XLSX", "con.xlsx", "x.xlsx:ads",
        "trailing. ", "a" * 300 + ".xlsx", "nul\x00.xlsx", "sub/", "new\nline.xlsx",
        "\u202excod.xlsx", "-rf.xlsx", "=cmd.xlsx",
    )  # fmt: skip
    made = Zip()
    for name in names:
        made.add(name, GOOD)
    made.add("link.xlsx", "/etc/hostname", method=0, mode=stat.S_IFLNK | 0o777)
    made.add("linkdir", "/var", method=0, mode=stat.S_IFLNK | 0o777)
    made.add("linkdir/x.xlsx", GOOD)
    made.add("fifo.xlsx", method=0, mode=stat.S_IFIFO | 0o644)
    yield Case(
        name="traversal.zip",
        what="names that climb, absolute, reserved, twice, with NUL; links and a pipe",
        data=made.done(),
    )
    yield Case(
        name="gbk_names.zip",
        what="names in GBK without the mark of UTF-8: every zip of Windows in China",
        data=gbk_names(),
        honest=True,
    )
    unit = "民政局.xlsx"
    made = Zip()
    made.add(unit, GOOD)
    made.add(unit.encode("gbk"), GOOD, flags=0)
    made.add(unit.encode(), GOOD, flags=0)
    made.add(b"\xff\xfe\x81.xlsx", GOOD, flags=0)
    made.add(b"\xff\xfe.xlsx", GOOD, flags=0x800)
    yield Case(
        name="mixed_names.zip",
        what="one name in three codings; two in none",
        data=made.done(),
    )
    made = Zip()
    for name, data in (
        ("报表/民政局.xlsx", GOOD),
        ("__MACOSX/报表/._民政局.xlsx", APPLE + bytes(200)),
        (".DS_Store", b"\0\0\0\1Bud1" + bytes(100)),
        ("Thumbs.db", OLD),
        ("~$民政局.xlsx", b"\5admin" + b" " * 159),
        ("desktop.ini", b"[x]"),
    ):
        made.add(name, data)
    yield Case(
        name="mac.zip",
        what="an honest file among leftovers of systems",
        data=made.done(),
        honest=True,
    )
    made = Zip()
    made.add("a.xlsx", GOOD, flags=1)
    yield Case(name="locked_entry.zip", what="an entry marked encrypted", data=made.done())
    made = Zip()
    made.add("a.xlsx", method=99, raw=GOOD, crc=0, size=len(GOOD))
    yield Case(name="method_99.zip", what="an unknown way of packing", data=made.done())
    yield Case(name="empty.zip", what="an empty archive", data=Zip().done())
    yield Case(name="empty_zip_as.xlsx", what="an empty archive, renamed", data=Zip().done())


def gbk_names() -> bytes:
    made = Zip()
    for name in ("民政局.xlsx", "财政局 上报表.xls", "教育局/附件1.xlsx"):
        made.add(name.encode("gbk"), GOOD, flags=0)
    return made.done()


def _packages() -> Iterator[Case]:
    parts = fixed()
    made = Zip()
    for name, data in parts.items():
        made.add(name, data)
    made.add(FIRST, UNIT, crc=1)
    yield Case(name="bad_crc.xlsx", what="a wrong CRC of the sheet", data=made.done())
    made = Zip()
    for name, data in (
        *parts.items(),
        (FIRST, UNIT),
        (FIRST, UNIT.replace("<v>1</v>", "<v>999</v>")),
    ):
        made.add(name, data)
    yield Case(
        name="twice.xlsx",
        what="two sheets of one name with different figures: readers disagree",
        data=made.done(),
    )
    upper = {name.replace("xl/", "XL/"): data for name, data in parts.items()}
    yield Case(
        name="case.xlsx",
        what="names of parts in another case",
        data=packed({**upper, "XL/Worksheets/Sheet1.xml": UNIT}),
    )
    back = {name.replace("/", "\\"): data for name, data in {**parts, FIRST: UNIT}.items()}
    yield Case(
        name="backslashes.xlsx",
        what="names of parts with backslashes, as some exporters write them",
        data=packed(back),
    )
    links = "xl/_rels/workbook.xml.rels"
    target = 'Target="worksheets/sheet1.xml"'
    for name, what, instead in (
        (
            "climbing_target",
            "a sheet at ../../..",
            'Target="../../../../../../etc/hostname"',
        ),
        (
            "external_target",
            "a sheet on the network",
            'Target="http://127.0.0.1:9/s.xml" TargetMode="External"',
        ),
    ):
        changed = str(parts[links]).replace(target, instead)
        yield Case(name=f"{name}.xlsx", what=what, data=packed({**parts, links: changed}))
    for n, missing in enumerate(("[Content_Types].xml", "_rels/.rels", "xl/workbook.xml", links)):
        left = {k: v for k, v in {**parts, FIRST: UNIT}.items() if k != missing}
        yield Case(name=f"missing_{n}.xlsx", what=f"without {missing}", data=packed(left))
    yield Case(name="missing_sheet.xlsx", what="without its sheet", data=packed(parts))


def _damage() -> Iterator[Case]:
    for name, what, data in (
        ("before", "junk before the archive", b"MZ" + b"junk" * 500 + GOOD),
        ("after", "junk after the archive", GOOD + bytes(100_000)),
        ("two", "two archives joined", GOOD + gbk_names()),
    ):
        yield Case(name=f"junk_{name}.xlsx", what=what, data=data)
    for percent in (1, 10, 50, 90, 99):
        for suffix, whole in (("xlsx", GOOD), ("xls", OLD)):
            yield Case(
                name=f"truncated_{percent}.{suffix}",
                what=f"{percent} % of an .{suffix}",
                data=whole[: len(whole) * percent // 100],
            )
    for suffix in "xlsx xls xlsb ods et zip eml msg docx csv".split():
        yield Case(name=f"zero.{suffix}", what="no bytes")
        yield Case(name=f"nul.{suffix}", what="NUL alone", data=bytes(10_000))
        yield Case(name=f"one.{suffix}", what="one byte", data=b"P")


def _renamed() -> Iterator[Case]:
    word = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    body = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    rels = "application/vnd.openxmlformats-package.relationships+xml"
    yield Case(
        name="word_as.xlsx",
        what="a Word file, renamed",
        data=packed(
            {
                "[Content_Types].xml": f'<Types xmlns="{TYPES}"><Default Extension="rels" '
                f'ContentType="{rels}"/><Override PartName="/word/document.xml" '
                f'ContentType="{word}"/></Types>',
                "_rels/.rels": f'<Relationships xmlns="{RELS}">'
                + relationship("rId1", f"{OFFICE}/officeDocument", "word/document.xml")
                + "</Relationships>",
                "word/document.xml": f'<w:document xmlns:w="{body}"><w:body><w:p/></w:body>'
                "</w:document>",
            }
        ),
    )
    yield Case(
        name="doc_as.xls",
        what="a Word 97 file, renamed",
        data=compound({"WordDocument": b"\xec\xa5" + bytes(5000)}),
    )
    for code in ("utf-8", "gbk"):
        table = "单位,人数\r\n民政局,12\r\n"
        tabbed = "单位\t人数\n民政局\t12\n"
        for name, what, text in (
            (f"html_{code}_as.xls", "a web page saved as .xls; very common", PAGE(code)),
            (f"csv_{code}_as.xls", "CSV saved as .xls", table),
            (f"tsv_{code}_as.xlsx", "TSV saved as .xlsx", tabbed),
        ):
            yield Case(name=name, what=what, data=text.encode(code), honest=True)
    yield Case(
        name="csv_utf16_as.xls",
        what="the Unicode text of Excel as .xls",
        data="单位\t人数\r\n民政局\t12\r\n".encode("utf-16"),
        honest=True,
    )
    names = "urn:schemas-microsoft-com:office:spreadsheet"
    yield Case(
        name="xml2003_as.xls",
        what="XML of Excel 2003 as .xls",
        data=(
            '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>'
            f'<Workbook xmlns="{names}" xmlns:ss="{names}"><Worksheet ss:Name="S"><Table><Row>'
            '<Cell><Data ss:Type="String">单位</Data></Cell></Row></Table></Worksheet></Workbook>'
        ).encode(),
        honest=True,
    )
    yield Case(
        name="mht_as.xls",
        what="a web archive as .xls",
        data=b'MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="b"\r\n\r\n--b\r\n'
        b"Content-Type: text/html\r\n\r\n<table></table>\r\n--b--\r\n",
    )
    for name in ("xlsx_as.xls", "xlsx_as.et", "xlsx_as.ods", "xlsx_as.xlsb", "xlsx_as",
                 "xlsx_as.XLSX.tmp"):  # fmt: skip
        yield Case(name=name, what="an .xlsx, renamed", data=GOOD, honest=True)
    for name in ("xls_as.xlsx", "xls_as.et", "xls_as.ods"):
        yield Case(name=name, what="an .xls, renamed", data=OLD, honest=True)
    for name, data in (
        ("pdf_as.xlsx", b"%PDF-1.4\n%%EOF"),
        ("jpg_as.xlsx", b"\xff\xd8\xff\xe0" + bytes(100)),
        ("rtf_as.xls", b"{\\rtf1 x}"),
        ("exe_as.xlsx", b"MZ" + bytes(500)),
        ("rar_as.xlsx", b"Rar!\x1a\7\1\0" + bytes(100)),
        ("7z_as.zip", b"7z\xbc\xaf'\x1c" + bytes(100)),
        ("gz_as.xlsx", gzip.compress(GOOD, mtime=0)),
        ("slk_as.xls", b'ID;P\r\nC;Y1;X1;K"a"\r\nE\r\n'),
    ):
        yield Case(name=name, what="another kind of file, renamed", data=data)
    start = record(0x809, struct.pack("<HHHH", 0x500, 0x10, 0, 0))
    yield Case(name="biff5.xls", what="bare records of Excel 5", data=start + record(0x0A))


def _leftovers() -> Iterator[Case]:
    owner = b"\5admin" + b" " * 49 + b"\5\0a\0d\0m\0i\0n\0" + b" \0" * 49
    for name, what, data in (
        ("~$民政局.xlsx", "the lock file of Excel", owner),
        (".DS_Store", "of macOS", b"\0\0\0\1Bud1" + bytes(100)),
        ("Thumbs.db", "of Windows", compound({"Catalog": b"x"})),
        ("._民政局.xlsx", "of macOS on other disks", APPLE + b"\0\2\0\0" + bytes(4088)),
    ):
        yield Case(name=name, what=what, data=data)


def _locked() -> Iterator[Case]:
    version = struct.pack("<HHI", 4, 4, 0x40)
    yield Case(
        name="locked_junk.xlsx",
        what="looks like one with a password; junk inside",
        data=compound(
            {
                "EncryptionInfo": version + b"<encryption/>",
                "EncryptedPackage": struct.pack("<Q", 10_000) + bytes(10_000),
            }
        ),
    )
    salt = "A" * 22 + "=="
    common = (
        'saltSize="16" blockSize="16" keyBits="256" hashSize="64" cipherAlgorithm="AES" '
        f'cipherChaining="ChainingModeCBC" hashAlgorithm="SHA512" saltValue="{salt}"'
    )
    office = "http://schemas.microsoft.com/office/2006"
    told = (
        f'<?xml version="1.0"?><encryption xmlns="{office}/encryption" '
        f'xmlns:p="{office}/keyEncryptor/password"><keyData {common}/>'
        '<dataIntegrity encryptedHmacKey="AA==" encryptedHmacValue="AA=="/><keyEncryptors>'
        f'<keyEncryptor uri="{office}/keyEncryptor/password">'
        f'<p:encryptedKey spinCount="4000000000" {common} encryptedVerifierHashInput="{salt}" '
        f'encryptedVerifierHashValue="{salt}" encryptedKeyValue="{"A" * 43}="/>'
        "</keyEncryptor></keyEncryptors></encryption>"
    )
    yield Case(
        name="locked_4e9.xlsx",
        what="a password tried 4 000 000 000 times over: hangs whoever tries one",
        data=compound(
            {
                "EncryptionInfo": (version + told.encode()).ljust(4096, b" "),
                "EncryptedPackage": struct.pack("<Q", 4096) + bytes(4096),
            }
        ),
    )
