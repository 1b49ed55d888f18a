"""The empty file of decisions: its sheets, drop-downs, looks and instructions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xltools.excel.text import plain
from xltools.layout.drawing import lines
from xltools.model.cells import column_name
from xltools.model.decisions import IDENTITY_KIND, KINDS, Columns
from xltools.model.sheets import IDENTITY

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

HEAD = 3
"""The row of the headings, counted from 1."""
GUIDE = "填写说明"
LINES = 2000
"""Lines with drop-downs."""
_OURS, _YOURS = "E7EDF4", "FCE4D6"
_WIDTHS = {
    Columns.KIND: 12, Columns.CHOICE: 12, Columns.UNIT: 22, Columns.TARGET: 34,
    Columns.BASIS: 30, Columns.VALUE: 16, Columns.REASON: 32, Columns.BY: 10, Columns.DATE: 12,
    Columns.STATE: 30, Columns.MESSAGE: 54, Columns.OFFER: 12, Columns.FILE: 24,
}  # fmt: skip
_NARROW = {Columns.TARGET: 20, Columns.BASIS: 24, Columns.REASON: 22, Columns.STATE: 16}
"""On 待定, which has more columns."""
_HINTS = {
    Columns.KIND: "从下拉列表中选择。",
    Columns.CHOICE: "要作决定时，从“可作的决定”中选一种；不作决定的留空。",
    Columns.UNIT: "名录中的单位名称（单位代码、别名也可以）。",
    Columns.TARGET: "认可问题：编码和单元格；更正数据：模板上的单元格或栏目名称；"
    "名称对应：报表所用的名称，或文件名；选用、拼合：文件名（用＋连接）。",
    Columns.BASIS: "决定所依据的数，变了则决定失效。手写的可留空，由 xltools decide 填写。",
    Columns.VALUE: "更正数据：更正后的数（几格一起更正的写成 表名!D5=12；表名!D6=3）；"
    "待定页上，名称对应填单位名称，选用报表填文件名。",
    Columns.REASON: "必填，会写入汇总表。",
    Columns.STATE: "程序填写：有效、已失效、未用到、不能执行。",
}
_GUIDE = (
    "本表记录经办人的决定，xltools collect 每次汇总都按它执行，并写入汇总表的“决定”页。",
    "“决定”页：一行一条决定。可以直接在最后一行下面填写；不再需要的决定，删去那一行。",
    "“待定”页：上次运行时可以作决定的事项。在“决定”一栏选一种，写明原因和决定人，保存即可；"
    "下次汇总就会执行，运行 xltools decide 时移到“决定”页。",
    "认可问题：问题属实或不需更正，不再要求单位处理；有“必须更正”的，认可后计入汇总。"
    "读不出的数、缺表等不能认可。",
    "更正数据：例如电话核实后更正一个数。汇总时先更正、再核对；明细表上有颜色和批注。",
    "无需报送：本次按免报处理；收到该单位的报表后，这条决定失效。",
    "名称对应：报表上的名称（或某个文件）就是这个单位的。",
    "选用报表：同一单位报了几份，以写明的这一份为准。",
    "拼合报表：几份各填了一部分的报表拼成一份；同一格填得不同的，不能拼合。",
    "“原值”里的数变了（单位又报了不同的数），决定自动失效，汇总时会提示；"
    "核对后仍要这样决定的，清空“原值”再运行 xltools decide。",
    "可以另加列、加颜色、加批注；请不要改动各栏的标题。",
)


def blank() -> Workbook:
    """The file without a decision."""
    from openpyxl import Workbook

    book = Workbook()
    made = book.worksheets[0]
    made.title = Columns.MADE
    note = "一行一条决定，可以手填；浅橙色标题的栏由人填写。"
    _sheet(made, "决定", note, Columns.ON_MADE, Columns.KIND)
    _sheet(book.create_sheet(Columns.WAITING), *_waiting())
    guide = book.create_sheet(GUIDE)
    guide.column_dimensions["A"].width = 100
    for row, text in enumerate((GUIDE, *_GUIDE), 1):
        cell = guide.cell(row, 1)
        put(cell, text)
        dress(cell, title=row == 1, framed=False)
        guide.row_dimensions[row].height = 30 if row == 1 else 18 * lines(text, 680) + 6
    guide.sheet_view.showGridLines = False
    guide.page_setup.paperSize, guide.page_setup.fitToHeight = "9", 0
    if guide.sheet_properties.pageSetUpPr is not None:
        guide.sheet_properties.pageSetUpPr.fitToPage = True
    identity = book.create_sheet(IDENTITY)
    identity.cell(1, 1, "kind")
    identity.cell(1, 2, IDENTITY_KIND)
    identity.sheet_state = "veryHidden"
    book.properties.title = "决定"
    return book


def waiting_sheet(book: Workbook) -> Worksheet:
    """An empty 待定 for a file that has lost its own."""
    sheet: Worksheet = book.create_sheet(Columns.WAITING)
    _sheet(sheet, *_waiting())
    return sheet


def _waiting() -> tuple[str, str, tuple[str, ...], str]:
    note = "上次运行时可以作决定的事项。要决定的，在“决定”一栏选一种，写明原因和决定人。"
    return "待定", note, Columns.ON_WAITING, Columns.CHOICE


def _sheet(sheet: Worksheet, title: str, note: str, labels: tuple[str, ...], choice: str) -> None:
    from openpyxl.comments import Comment
    from openpyxl.formatting.rule import FormulaRule
    from openpyxl.styles import PatternFill
    from openpyxl.worksheet.datavalidation import DataValidation

    put(sheet.cell(1, 1), title)
    dress(sheet.cell(1, 1), title=True, framed=False)
    put(sheet.cell(2, 1), note)
    dress(sheet.cell(2, 1), framed=False, wrap=False)
    ours = {Columns.STATE}
    if choice == Columns.CHOICE:
        ours = set(labels[: labels.index(Columns.CHOICE)]) | {Columns.STATE}
    for col, label in enumerate(labels, 1):
        cell = sheet.cell(HEAD, col)
        put(cell, label)
        dress(cell, head=_OURS if label in ours else _YOURS)
        if label in _HINTS:
            cell.comment = Comment(_HINTS[label], "", height=90, width=260)
        narrow = _NARROW if choice == Columns.CHOICE else {}
        sheet.column_dimensions[column_name(col - 1)].width = narrow.get(label, _WIDTHS[label])
    for row, height in ((1, 28), (2, 20), (HEAD, 24)):
        sheet.row_dimensions[row].height = height
    letter = column_name(labels.index(choice))
    options = DataValidation(type="list", formula1=f'"{",".join(KINDS)}"', allow_blank=True)
    options.showErrorMessage, options.errorTitle = True, choice
    options.error = f"请从下拉列表中选择：{'、'.join(KINDS)}。"
    options.add(f"{letter}{HEAD + 1}:{letter}{HEAD + LINES}")
    sheet.add_data_validation(options)
    state = column_name(labels.index(Columns.STATE))
    area = f"{state}{HEAD + 1}:{state}{HEAD + LINES}"
    for words, colour in (("有效", "E2EFDA"), ("已失效", "F8CBAD"), ("不能执行", "F8CBAD")):
        rule = FormulaRule(  # type: ignore[no-untyped-call]  # of openpyxl
            formula=[f'LEFT(${state}{HEAD + 1},{len(words)})="{words}"'],
            fill=PatternFill(bgColor=colour, fill_type="solid"),
        )
        sheet.conditional_formatting.add(area, rule)
    sheet.freeze_panes = f"C{HEAD + 1}"
    sheet.auto_filter.ref = f"A{HEAD}:{column_name(len(labels) - 1)}{HEAD + LINES}"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", "9"
    sheet.page_setup.fitToHeight = 0
    margins = sheet.page_margins
    margins.left = margins.right = 0.4
    margins.top = margins.bottom = 0.6
    if sheet.sheet_properties.pageSetUpPr is not None:
        sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = f"{HEAD}:{HEAD}"
    if sheet.oddFooter is not None and sheet.oddFooter.center is not None:
        sheet.oddFooter.center.text = "第 &P 页，共 &N 页"


def put(cell: object, text: str) -> None:
    """Text as text, whatever it begins with."""
    from openpyxl.cell import Cell

    assert isinstance(cell, Cell), "no merged cell is written to"
    cell.value = plain(text) or None
    if cell.value is not None:
        cell.data_type = "s"


def dress(
    cell: object, *, head: str = "", title: bool = False, framed: bool = True, wrap: bool = True
) -> None:
    """The looks of a cell: a title, a heading of a colour, or the body of a list."""
    from openpyxl.cell import Cell
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

    assert isinstance(cell, Cell), "no merged cell is dressed"
    size = 15 if title else 10
    cell.font = Font(name="黑体" if title or head else "宋体", size=size, charset=134)
    cell.alignment = Alignment(
        vertical="center", wrap_text=wrap and not title, horizontal="center" if head else None
    )
    cell.number_format = "@"
    if framed:
        side = Side(style="thin", color="808080")
        cell.border = Border(left=side, right=side, top=side, bottom=side)
    if head:
        cell.fill = PatternFill(fgColor=head, fill_type="solid")


def fit(sheet: Worksheet, row: int) -> None:
    """The height that a line of a list needs: not every program finds it by itself."""
    most = 1
    for col, cell in enumerate(sheet[row]):
        width = sheet.column_dimensions[column_name(col)].width or 13
        if isinstance(cell.value, str):
            most = max(most, lines(cell.value[:2000], int(width * 7.3)))
    sheet.row_dimensions[row].height = min(400, 15 * most + 6)
