"""The kinds of files and their names for people.

The kind of a file is determined from its content (see ``readers.kinds``), since suffixes are often
wrong.
"""

from collections.abc import Mapping
from typing import Final

from xltools.model.wording import Worded


class FileKind(Worded):
    """The kind of a file; the value is the name that messages, workbooks and JSON show."""

    UNKNOWN = "无法识别的文件"
    # Workbooks.
    XLSX = "Excel（.xlsx）"
    XLSB = "Excel 二进制工作簿（.xlsb）"
    XLS = "旧版 Excel（.xls/.et）"
    ODS = "OpenDocument 表格（.ods）"
    FODS = "OpenDocument 表格（.fods）"
    XML2003 = "XML 表格"
    NUMBERS = "Apple Numbers 表格（.numbers）"
    SYLK = "SYLK 表格（.slk）"
    DIF = "DIF 表格（.dif）"
    # Documents, some of which may hold tables.
    HTML = "网页"
    PDF = "PDF"
    WORD = "Word"
    DOC = "旧版 Word（.doc/.wps）"
    RTF = "RTF 文档"
    ODT = "OpenDocument 文档"
    TEXT = "文本"
    OFD = "OFD"
    APPLE_PAGES = "Apple Pages 文稿（.pages）"
    KEYNOTE = "Apple Keynote 演示文稿（.key）"
    POWERPOINT = "PowerPoint"
    PPT = "旧版 PowerPoint（.ppt/.dps）"
    IMAGE = "图片"
    # Containers of other files.
    MAIL = "邮件"
    MAILBOX = "邮箱（.mbox）"
    OUTLOOK = "邮件（.msg）"
    SIGNED = "签名的邮件或文件（.p7m）"
    TAR = "压缩包（tar）"
    ZIP = "压缩包（ZIP）"
    RAR = "压缩包（RAR）"
    SEVEN_ZIP = "压缩包（7z）"
    GZIP = "压缩包（gzip）"
    BZIP2 = "压缩包（bzip2）"
    XZ = "压缩包（xz）"
    # Others, from which nothing is read.
    WINMAIL = "Outlook 专用的附件包（winmail.dat）"
    OLD_OFFICE = "旧版 Office 文件"
    XML = "XML 文件"
    PROGRAM = "程序"

    @property
    def brief(self) -> str:
        """A short name for lists of what a unit sent along with its workbook: ``Word`` for both
        formats of Word. The full name for a kind that has no short one.
        """
        return PAPERS.get(self, self.value)


PAPERS: Final[Mapping[FileKind, str]] = {
    FileKind.WORD: "Word",
    FileKind.DOC: "Word",
    FileKind.RTF: "RTF",
    FileKind.ODT: "ODT",
    FileKind.PDF: "PDF",
    FileKind.OFD: "OFD",
    FileKind.APPLE_PAGES: "Pages",
    FileKind.KEYNOTE: "Keynote",
    FileKind.IMAGE: "图片",
    FileKind.POWERPOINT: "PPT",
    FileKind.PPT: "PPT",
}
"""The kinds of reports and scans that a unit may send along with its workbook, with their short
names.
"""
