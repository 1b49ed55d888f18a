"""Write the empty roster workbook: a sheet to fill in, and a sheet that explains each column and
gives examples.
"""

import io
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from xltools.excel.book import PLAIN, WorkbookWriter
from xltools.excel.page import Property
from xltools.ledgers.roster import INSTRUCTIONS
from xltools.model.form import CATEGORIES
from xltools.model.identity import WorkbookKind
from xltools.model.roster import (
    ALIASES,
    CATEGORY,
    CODE,
    CONTACT,
    COUNTED,
    EMAIL,
    LIMIT,
    NAME,
    NO,
    PASSWORD,
    PHONE,
    PREDECESSORS,
    STATE,
    TEXT,
    THROUGH,
    YES,
    Texts,
    UnitState,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterColumn:
    """A column of the roster with the texts that explain it: in the comment at its heading, in the
    prompt of its cells, and in the instructions.
    """

    label: str
    width: float
    blank: str  # what leaving it empty means
    hint: str  # at most 255 characters, the limit of a prompt
    options: tuple[str, ...] = ()
    allowed: str = ""  # what may be entered, where there is no list
    as_text: bool = False  # whether digits are text, not a number: 001 stays 001


COLUMNS = (
    RosterColumn(
        label=NAME,
        width=30,
        blank="必填",
        allowed="单位全称",
        hint="填单位全称，与公章一致。每个单位一行，不能重复。",
    ),
    RosterColumn(
        label=CODE,
        width=12,
        blank="没有代码",
        allowed="字母、数字",
        hint="本地区通用的单位代码，没有就不填。不能重复；前面的 0 会保留。",
        as_text=True,
    ),
    RosterColumn(
        label=ALIASES,
        width=24,
        blank="没有别名",
        allowed="一个或几个名称，用顿号或分号隔开",
        hint="简称、曾用名等报表上可能出现的其他写法，收表时凭它认出单位。",
    ),
    RosterColumn(
        label=CATEGORY,
        width=14,
        blank="不按类别核对",
        hint="部门选工作机构，街道选派出机构，直属事业单位选直属事业机构，区政府选区政府本级。",
        options=CATEGORIES,
    ),
    RosterColumn(
        label=STATE,
        width=8,
        blank="按“在册”",
        hint="在册：今年应报送。撤销：已撤并，不再报送。免报：机构还在，今年不用报送。",
        options=tuple(state.value for state in UnitState),
    ),
    RosterColumn(
        label=COUNTED,
        width=10,
        blank="按“是”",
        hint="数据是否加进全区合计。垂直管理等另有渠道上报、不应重复计算的单位选否。",
        options=(YES, NO),
    ),
    RosterColumn(
        label=THROUGH,
        width=24,
        blank="自己报送",
        allowed="本名录里一个在册单位的名称",
        hint="本单位不单独报表、数据并在别的单位里一起报时，填那个单位的名称。"
        "那个单位的报表收到，本单位即算已报送。",
    ),
    RosterColumn(
        label=PREDECESSORS,
        width=24,
        blank="没有前身单位",
        allowed="本名录里已撤销单位的名称，可填几个",
        hint="由机构改革合并、更名而来的，填原单位名称。原单位也要列为一行，状态选撤销；"
        "它上年的数归到本单位。",
    ),
    RosterColumn(
        label=TEXT,
        width=8,
        blank="按“选填”",
        hint="报表的文字部分是必填、选填，还是不填（只报表格）。",
        options=tuple(text.value for text in Texts),
    ),
    RosterColumn(
        label=CONTACT,
        width=10,
        blank="可以不填",
        allowed="姓名",
        hint="填表的经办人，催报时用。",
    ),
    RosterColumn(
        label=PHONE,
        width=16,
        blank="可以不填",
        allowed="号码",
        hint="办公电话或手机，可带区号和分机。",
        as_text=True,
    ),
    RosterColumn(
        label=EMAIL,
        width=26,
        blank="可以不填",
        allowed="邮箱地址，须含 @",
        hint="收发报表用的邮箱，有几个的用分号隔开。收表时核对发件人是不是这个单位。",
    ),
    RosterColumn(
        label=PASSWORD,
        width=16,
        blank="报表没有密码",
        allowed="一个密码，区分大小写",
        hint="单位约定给报表设打开密码的，填在这里，收表时用它打开。名录请妥善保管；"
        "密码不会写进汇总表和任何提示。",
        as_text=True,
    ),
    RosterColumn(
        label=LIMIT,
        width=10,
        blank="不作要求",
        allowed="一个数（如 1000），或“是”",
        hint="文字部分至多写多少字：填一个数；填“是”，按报表规定的字数（如总体情况 1000 字）。"
        "只核对报表定有字数的部分。",
    ),
)

STEPS = (
    "1. 在“单位名录”表里填写，从第 2 行起，每个单位一行；只有“单位名称”必填，其余可以留空。",
    "2. 标题行不要改名；各栏的先后可以调整，用不着的栏可以删除，也可以另加备注等栏（不读取）。",
    "3. 撤销的单位不要删行：状态选“撤销”，并在接续它的单位的“前身单位”里写上它，上年结转才能接上。",
    "4. 填好后保存，即可用它生成各单位的填报表。名录有误时会逐条指出行、栏和改法，改好再试。",
)

EXAMPLES = (
    (
        "一般的部门，自己报送",
        "单位名称填“某某区教育局”，别名填“区教育局、教育局”，类别选“工作机构”，其余可以留空。",
    ),
    (
        "随主管部门一起报送",
        "“某某区招商服务中心”一行，类别选“直属事业机构”，由…合并报送填“某某区商务局”；"
        "“某某区商务局”照常填一行。",
    ),
    (
        "机构改革合并而成",
        "共三行：“某某区文化和旅游局”一行，前身单位填“某某区文化局、某某区旅游局”；"
        "“某某区文化局”“某某区旅游局”各一行，状态选“撤销”。",
    ),
    (
        "只报送核对，不加进合计",
        "“某某区税务局”一行，计入汇总选“否”：照常报送和核对，数据不加进全区合计。",
    ),
)


SHEET = "单位名录"
LINES = 500
"""Lines with drop-downs; more can be filled in, only without them."""

_LAST = LINES + 1
_NARROW = 20  # entries of narrower columns are centred
_NAMES = f"OFFSET($A$2,0,0,MAX(1,COUNTA($A$2:$A${_LAST})),1)"
_FRAME: dict[str, Property] = {"border": 1, "valign": "vcenter", "text_wrap": True}
_HEADING: dict[str, Property] = {**_FRAME, "bold": True, "align": "center"}


def write_blank(path: Path | str) -> None:
    """Write the empty roster workbook to ``path``; its bytes are the same every time.

    Raises FileExistsError where there is a file already, and OSError where the file cannot be
    written.
    """
    stream = io.BytesIO()
    created = datetime(2000, 1, 1)
    with WorkbookWriter(stream, created=created, title=SHEET, style=PLAIN) as book:
        _list(book)
        _explain(book)
        book.identity({"kind": WorkbookKind.ROSTER}, very=False)
    with Path(path).open("xb") as file:
        file.write(stream.getvalue())


def _list(book: WorkbookWriter) -> None:
    """Write the sheet to fill in: headings with comments, drop-downs, and a frame that appears
    around rows as they are filled in.
    """
    sheet = book.sheet(SHEET)
    needed = book.formats(**_HEADING, bg_color="#FCE4D6")
    optional = book.formats(**_HEADING, bg_color="#DDEBF7")
    sheet.set_row(0, 30)
    for at, column in enumerate(COLUMNS):
        body: dict[str, Any] = {"valign": "vcenter", "text_wrap": True}
        body |= {"num_format": "@"} if column.as_text else {}
        body |= {"align": "center"} if column.width < _NARROW else {"indent": 1}
        sheet.set_column(at, at, column.width, book.formats(**body))
        sheet.write_string(0, at, column.label, optional if at else needed)
        note = f"{column.hint}\n（{'不填：' if at else ''}{column.blank}）"
        font = {"font_name": "宋体", "font_size": 10, "author": ""}
        size = {"x_scale": 1.9, "y_scale": 0.55 + len(note) / 75}
        sheet.write_comment(0, at, note, font | size)
        sheet.data_validation(1, at, LINES, at, _validation(column))
    twice = book.formats.change(bg_color="#FFC7CE", font_color="#9C0006", border=1)
    sheet.conditional_format(1, 0, LINES, 0, {"type": "duplicate", "format": twice})
    # A frame only where a line is filled: framed empty lines would print as empty pages.
    last = len(COLUMNS) - 1
    filled = {"type": "formula", "criteria": f"=COUNTA($A2:${chr(65 + last)}2)>0"}
    border = book.formats.change(border=1)
    sheet.conditional_format(1, 0, LINES, last, {**filled, "format": border})
    sheet.freeze_panes(1, 1)
    sheet.set_selection(1, 0, 1, 0)
    sheet.repeat_rows(0)
    sheet.set_header('&C&"黑体,Regular"&14报送单位名录')
    _print_setup(sheet)


def _validation(column: RosterColumn) -> dict[str, Any]:
    """The drop-down or the rule of a column with its prompt and the message for wrong entries, as
    XlsxWriter's data_validation takes it.
    """
    rule: dict[str, Any] = {"validate": "any"}
    if column.options:
        message = f"请从下拉列表中选择：{'、'.join(column.options)}；也可以留空。"
        rule = {"validate": "list", "source": list(column.options), "error_message": message}
    elif column.label == THROUGH:
        message = "名录的“单位名称”一栏里没有这个名称。确认要填吗？"
        rule = {"validate": "list", "source": f"={_NAMES}", "error_message": message}
        rule["error_type"] = "warning"  # a code or an alias will do as well
    elif column.label == NAME:
        message = "名录里已有这个单位，每个单位只填一行。"
        value = f"=COUNTIF($A$2:$A${_LAST},A2)=1"
        rule = {"validate": "custom", "value": value, "error_message": message}
    elif column.label == EMAIL:
        value = f'=ISNUMBER(FIND("@",{chr(65 + COLUMNS.index(column))}2))'
        rule = {"validate": "custom", "value": value, "error_message": "邮箱地址里要有 @。"}
    if len(rule) > 1:
        rule["error_title"] = f"{column.label}有误"
    return {**rule, "input_title": column.label, "input_message": column.hint}


def _explain(book: WorkbookWriter) -> None:
    """Write the sheet with the instructions, which fits on one printed page: the steps, each
    column, examples.
    """
    sheet = book.sheet(INSTRUCTIONS)
    title = book.formats(font_name="黑体", font_size=16, align="center")
    part = book.formats(font_name="黑体", font_size=12, valign="vcenter")
    step = book.formats(valign="vcenter", text_wrap=True)
    heading = book.formats(**_HEADING, bg_color="#DDEBF7")
    label = book.formats(**_FRAME, bold=True, indent=1)
    body = book.formats(**_FRAME, indent=1)
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
    """Set a sheet to print on A4 landscape, one page wide, with page numbers. ``pages``: how many
    pages long; 0 for as many as needed.
    """
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.set_margins(left=0.5, right=0.5, top=0.75, bottom=0.65)
    sheet.center_horizontally()
    sheet.fit_to_pages(1, pages)
    sheet.set_footer("&C第 &P 页，共 &N 页")
