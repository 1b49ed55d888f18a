"""发放清单: which workbook goes to whom, with its hash and the password of the lot."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from xltools.model.files import Placed, put
from xltools.model.roster import Unit
from xltools.model.sheets import IDENTITY

DISPATCH = "发放清单.xlsx"
_PASSWORD = "password"
_HEAD = {
    "序号": 6, "单位名称": 30, "文件": 52, "联系人": 12, "电话": 18, "邮箱": 28,
    "说明": 30, "SHA-256": 68,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One unit's workbook, and what is to be said of it."""

    unit: Unit
    file: str
    sha256: str
    remark: str = ""


def write_dispatch(path: Path, lines: Sequence[Line], password: str, title: str) -> Placed:
    """Write the list; the one before is kept with its date. Raises OSError."""
    from xlsxwriter import Workbook

    stream = BytesIO()
    plain = {"font_name": "宋体", "font_size": 10.5, "font_charset": 134, "font_family": 3}
    book = Workbook(stream, {"in_memory": True, "default_format_properties": plain})
    book.set_properties({"created": datetime(2000, 1, 1, tzinfo=UTC)})
    sheet = book.add_worksheet(path.stem)
    head = book.add_format({"bold": True, "border": 1, "align": "center", "bg_color": "#D9E2F3"})
    cell = book.add_format({"border": 1, "valign": "vcenter", "text_wrap": True})
    link = book.add_format({"border": 1, "font_color": "#0563C1", "underline": 1,
                            "valign": "vcenter", "text_wrap": True})  # fmt: skip
    sheet.merge_range(0, 0, 0, len(_HEAD) - 1, "")
    big = book.add_format({"font_name": "黑体", "font_size": 15})
    sheet.write_string(0, 0, title, big)
    sheet.set_row(0, 28)
    told = f"工作表保护密码：{password}（只供本级解锁维护，不必发给各单位；汇总时也用不到）"
    sheet.write_string(1, 0, told, book.add_format({"font_color": "#7F7F7F"}))
    for column, (name, width) in enumerate(_HEAD.items()):
        sheet.set_column(column, column, width)
        sheet.write_string(2, column, name, head)
    for number, line in enumerate(lines, 1):
        unit, row = line.unit, 2 + number
        sheet.write_number(row, 0, number, cell)
        texts = (unit.name, line.file, unit.contact, unit.phone, unit.email, line.remark,
                 line.sha256)  # fmt: skip
        for column, text in enumerate(texts, 1):
            sheet.write_string(row, column, text, cell)
        target = line.file.replace("%", "%25").replace("#", "%23")
        sheet.write_url(row, 2, f"external:{target}", link, line.file)
    sheet.freeze_panes(3, 2)
    sheet.autofilter(2, 0, 2 + len(lines), len(_HEAD) - 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(2)
    hidden = book.add_worksheet(IDENTITY)
    for row, (key, value) in enumerate((("kind", "dispatch"), (_PASSWORD, password))):
        hidden.write_string(row, 0, key)
        hidden.write_string(row, 1, value)
    hidden.hide()
    book.close()
    return put(path, stream.getvalue())


def read_password(path: Path) -> str:
    """The password in an earlier list; empty when there is none that can be read."""
    if not path.is_file():
        return ""
    from openpyxl import load_workbook

    try:
        book = load_workbook(path, read_only=True)
        for key, value in book[IDENTITY].iter_rows(max_col=2, values_only=True):
            if key == _PASSWORD:
                return str(value)
    except Exception:
        return ""
    return ""
