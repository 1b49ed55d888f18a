"""The empty roster workbook: one sheet to fill in, one that explains it."""

import io
from datetime import datetime
from pathlib import Path
from typing import Any

from xltools.ledgers.roster_guide import COLUMNS, EXAMPLES, STEPS, Column
from xltools.ledgers.roster_table import INSTRUCTIONS
from xltools.model.sheets import IDENTITY

SHEET = "单位名录"
LINES = 500
"""Lines with drop-downs; more can be filled in, only without them."""

_LAST = LINES + 1
_NARROW = 20  # entries of narrower columns are centred
_NAMES = f"OFFSET($A$2,0,0,MAX(1,COUNTA($A$2:$A${_LAST})),1)"
_FRAME = {"border": 1, "valign": "vcenter", "text_wrap": True}
_HEADING = {**_FRAME, "bold": True, "align": "center"}


def write_blank(path: Path | str) -> None:
    """Write the empty roster workbook to `path`; the same bytes every time.

    Raises FileExistsError where there is a file already, and OSError where none can be written.
    """
    from xlsxwriter import Workbook

    stream = io.BytesIO()
    plain = {"font_name": "宋体", "font_size": 11, "font_charset": 134, "font_family": 3}
    book = Workbook(stream, {"in_memory": True, "default_format_properties": plain})
    book.set_properties({"title": SHEET, "created": datetime(2000, 1, 1)})
    _list(book)
    _explain(book)
    identity = book.add_worksheet(IDENTITY)  # tells the collector that this is no return
    identity.write_row(0, 0, ("kind", "roster"))
    identity.hide()
    book.close()
    with Path(path).open("xb") as file:
        file.write(stream.getvalue())


def _list(book: Any) -> None:
    """The sheet to fill in: headings with comments, drop-downs, a frame round what is filled."""
    sheet = book.add_worksheet(SHEET)
    needed = book.add_format({**_HEADING, "bg_color": "#FCE4D6"})
    optional = book.add_format({**_HEADING, "bg_color": "#DDEBF7"})
    sheet.set_row(0, 30)
    for at, column in enumerate(COLUMNS):
        body: dict[str, Any] = {"valign": "vcenter", "text_wrap": True}
        body |= {"num_format": "@"} if column.as_text else {}
        body |= {"align": "center"} if column.width < _NARROW else {"indent": 1}
        sheet.set_column(at, at, column.width, book.add_format(body))
        sheet.write_string(0, at, column.label, optional if at else needed)
        note = f"{column.hint}\n（{'不填：' if at else ''}{column.blank}）"
        font = {"font_name": "宋体", "font_size": 10, "author": ""}
        size = {"x_scale": 1.9, "y_scale": 0.55 + len(note) / 75}
        sheet.write_comment(0, at, note, font | size)
        sheet.data_validation(1, at, LINES, at, _validation(column))
    twice = book.add_format({"bg_color": "#FFC7CE", "font_color": "#9C0006", "border": 1})
    sheet.conditional_format(1, 0, LINES, 0, {"type": "duplicate", "format": twice})
    # A frame only where a line is filled: framed empty lines would print as empty pages.
    last = len(COLUMNS) - 1
    filled = {"type": "formula", "criteria": f"=COUNTA($A2:${chr(65 + last)}2)>0"}
    border = book.add_format({"border": 1})
    sheet.conditional_format(1, 0, LINES, last, {**filled, "format": border})
    sheet.freeze_panes(1, 1)
    sheet.set_selection(1, 0, 1, 0)
    sheet.repeat_rows(0)
    sheet.set_header('&C&"黑体,Regular"&14报送单位名录')
    _print_setup(sheet)


def _validation(column: Column) -> dict[str, Any]:
    """The drop-down or rule of a column, with its prompt and what a refusal says."""
    rule: dict[str, Any] = {"validate": "any"}
    if column.options:
        message = f"请从下拉列表中选择：{'、'.join(column.options)}；也可以留空。"
        rule = {"validate": "list", "source": list(column.options), "error_message": message}
    elif column.label == "由…合并报送":
        message = "名录的“单位名称”一栏里没有这个名称。确认要填吗？"
        rule = {"validate": "list", "source": f"={_NAMES}", "error_message": message}
        rule["error_type"] = "warning"  # a code or an alias will do as well
    elif column.label == "单位名称":
        message = "名录里已有这个单位，每个单位只填一行。"
        value = f"=COUNTIF($A$2:$A${_LAST},A2)=1"
        rule = {"validate": "custom", "value": value, "error_message": message}
    elif column.label == "邮箱":
        value = f'=ISNUMBER(FIND("@",{chr(65 + COLUMNS.index(column))}2))'
        rule = {"validate": "custom", "value": value, "error_message": "邮箱地址里要有 @。"}
    if len(rule) > 1:
        rule["error_title"] = f"{column.label}有误"
    return {**rule, "input_title": column.label, "input_message": column.hint}


def _explain(book: Any) -> None:
    """The sheet with the instructions, on one page: steps, each column, examples."""
    sheet = book.add_worksheet(INSTRUCTIONS)
    title = book.add_format({"font_name": "黑体", "font_size": 16, "align": "center"})
    part = book.add_format({"font_name": "黑体", "font_size": 12, "valign": "vcenter"})
    step = book.add_format({"valign": "vcenter", "text_wrap": True})
    heading = book.add_format({**_HEADING, "bg_color": "#DDEBF7"})
    label = book.add_format({**_FRAME, "bold": True, "indent": 1})
    body = book.add_format({**_FRAME, "indent": 1})
    for col, width in enumerate((18, 16, 46, 78)):
        sheet.set_column(col, col, width)
    sheet.merge_range(0, 0, 0, 3, "单位名录填写说明", title)
    sheet.set_row(0, 32)
    row = 1
    for line in STEPS:
        sheet.merge_range(row, 0, row, 3, line, step)
        sheet.set_row(row, 20)
        row += 1
    sheet.write_string(row, 0, "各栏怎样填", part)
    sheet.set_row(row, 28)
    for col, text in enumerate(("栏", "不填时", "可填内容", "说明")):
        sheet.write_string(row + 1, col, text, heading)
    sheet.set_row(row + 1, 22)
    row += 2
    for column in COLUMNS:
        allowed = "、".join(column.options) or column.allowed
        for col, text in enumerate((column.label, column.blank, allowed, column.hint)):
            sheet.write_string(row, col, text, body if col else label)
        sheet.set_row(row, 22 if len(column.hint) < 37 else 36)  # one line or two
        row += 1
    sheet.write_string(row, 0, "举例", part)
    sheet.set_row(row, 28)
    for head, text in EXAMPLES:
        row += 1
        sheet.merge_range(row, 0, row, 1, head, label)
        sheet.merge_range(row, 2, row, 3, text, body)
        sheet.set_row(row, 22 if len(text) < 58 else 36)
    sheet.hide_gridlines(2)
    _print_setup(sheet, pages=1)


def _print_setup(sheet: Any, pages: int = 0) -> None:
    """A4 landscape, one page wide and `pages` long (0: as long as it is), numbered at the foot."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.set_margins(left=0.5, right=0.5, top=0.75, bottom=0.65)
    sheet.center_horizontally()
    sheet.fit_to_pages(1, pages)
    sheet.set_footer("&C第 &P 页，共 &N 页")
