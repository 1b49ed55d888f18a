"""Write the file of decisions: an empty one, or an existing one brought up to date after a run with
new decisions, their states, and the matters that are open.

An existing file is changed in place, row by row, so that columns, colours and remarks of people
stay. That is why it is written with openpyxl (`excel.edited`), not with the tools for new
workbooks.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from xltools.excel.edited import cell_at, dress, drop_row, fit, identify, put, saved
from xltools.layout.geometry import lines
from xltools.ledgers.filled import find_table
from xltools.model.cells import Grid, column_name
from xltools.model.decisions import (
    DONE,
    KINDS,
    AppliedDecision,
    Columns,
    Decision,
    DecisionsError,
    DecisionStanding,
    Matter,
    text_of,
)
from xltools.model.errors import Problem
from xltools.model.findings import Words
from xltools.model.identity import WorkbookKind
from xltools.model.summary import Summary
from xltools.model.text import clean, key

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
    Columns.YEAR: 8, Columns.STATE: 30, Columns.MESSAGE: 54, Columns.OFFER: 12, Columns.FILE: 24,
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
    Columns.YEAR: "决定是哪个年度的，由程序填写；汇总别的年度时不执行。",
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
    """A workbook without any decision: the sheets 决定 and 待定 with headings only, 填写说明, and
    the hidden sheet that says what kind of workbook it is.
    """
    from openpyxl import Workbook

    book = Workbook()
    decided = book.worksheets[0]
    decided.title = Columns.MADE
    note = "一行一条决定，可以手填；浅橙色标题的栏由人填写。"
    _sheet(decided, "决定", note, Columns.ON_MADE, Columns.KIND)
    _sheet(book.create_sheet(Columns.WAITING), *_waiting())
    guide = book.create_sheet(GUIDE)
    guide.column_dimensions["A"].width = 100
    for row, text in enumerate((GUIDE, *_GUIDE), 1):
        cell = cell_at(guide, row, 1)
        put(cell, text)
        dress(cell, title=row == 1, framed=False)
        guide.row_dimensions[row].height = 30 if row == 1 else 18 * lines(text, 680) + 6
    guide.sheet_view.showGridLines = False
    guide.page_setup.paperSize, guide.page_setup.fitToHeight = "9", 0
    if guide.sheet_properties.pageSetUpPr is not None:
        guide.sheet_properties.pageSetUpPr.fitToPage = True
    identify(book, WorkbookKind.DECISIONS)
    book.properties.title = "决定"
    return book


def waiting_sheet(book: Workbook) -> Worksheet:
    """Add an empty sheet 待定 to a workbook from which it was deleted, and return it."""
    sheet: Worksheet = book.create_sheet(Columns.WAITING)
    _sheet(sheet, *_waiting())
    return sheet


def _waiting() -> tuple[str, str, tuple[str, ...], str]:
    """The title, the note, the headings and the heading of the drop-down column of the sheet 待定,
    as `_sheet` takes them.
    """
    note = "上次运行时可以作决定的事项。要决定的，在“决定”一栏选一种，写明原因和决定人。"
    return "待定", note, Columns.ON_WAITING, Columns.CHOICE


def _sheet(sheet: Worksheet, title: str, note: str, labels: tuple[str, ...], choice: str) -> None:
    """Lay out an empty list on ``sheet``: title, note and headings (``labels``; those that people
    fill in in another colour), a drop-down with the kinds of decisions in the column ``choice``,
    colours for the states, and the print settings.
    """
    from openpyxl.comments import Comment
    from openpyxl.formatting.rule import FormulaRule
    from openpyxl.styles import PatternFill
    from openpyxl.worksheet.datavalidation import DataValidation

    head, below = cell_at(sheet, 1, 1), cell_at(sheet, 2, 1)
    put(head, title)
    dress(head, title=True, framed=False)
    put(below, note)
    dress(below, framed=False, wrap=False)
    ours = {Columns.YEAR, Columns.STATE}
    if choice == Columns.CHOICE:
        ours |= set(labels[: labels.index(Columns.CHOICE)])
    for col, label in enumerate(labels, 1):
        cell = cell_at(sheet, HEAD, col)
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


_TYPED = (Columns.CHOICE, Columns.VALUE, Columns.REASON, Columns.BY, Columns.DATE)


def updated(path: Path, summary: Summary, today: str) -> bytes | None:
    """The new content of the file of decisions after a run, or None when nothing in it changes.
    Where there is no file, a new one is written.

    Decisions of the run that are not in the file yet are added. ``today``: the date for decisions
    without a date. Raises DecisionsError when an existing file cannot be changed.
    """
    book = _opened(path) if path.is_file() else blank()
    sheets = {key(name): name for name in book.sheetnames}
    decided = _DecisionSheet(book[sheets[Columns.MADE]], Columns.ON_MADE)
    if Columns.WAITING in sheets:
        waiting = _DecisionSheet(book[sheets[Columns.WAITING]], Columns.ON_WAITING)
    else:
        waiting = _DecisionSheet(waiting_sheet(book), Columns.ON_WAITING)
    lines: dict[tuple[str, int], list[AppliedDecision]] = {}
    for applied in summary.decisions:
        d = applied.decision
        lines.setdefault((key(d.sheet), d.row or -1 - len(lines)), []).append(applied)
    gone = []
    for (name, row), group in lines.items():
        if name == Columns.MADE:
            _restate(decided, row, group, summary.year)
        elif not name:
            decided.add(_line(group[0], today, summary.year))
        elif all(applied.standing is DecisionStanding.HOLDS for applied in group):
            also = waiting.extra(row)
            for applied in group:
                decided.add(_line(applied, today, summary.year, also))
            gone.append(row)
        else:
            waiting.put(row, Columns.STATE, "；".join(dict.fromkeys(o.words for o in group)))
    _refresh(waiting, summary, gone)
    if path.is_file() and not (decided.changed or waiting.changed):
        return None
    return saved(book)


def _opened(path: Path) -> Workbook:
    """The workbook at ``path``, to be changed. Raises DecisionsError where openpyxl cannot
    read it.
    """
    from openpyxl import load_workbook

    try:
        return load_workbook(path)
    except Exception as error:  # whatever openpyxl stumbles over; others could read the file
        message = f"文件改写不了（{type(error).__name__}）；请用 Excel 另存为 .xlsx 后再试。"
        raise DecisionsError(path, (Problem(message=message),)) from None


def _restate(
    decided: _DecisionSheet, row: int, group: Sequence[AppliedDecision], year: int
) -> None:
    """Update one line of the sheet 决定 after a run. ``group``: the decisions made in this line,
    with their standing after the run. Their state is written to the column of states. The figures
    they rest on are written to their column only if it is empty and all decisions of the group
    hold. ``year``: of the run, which is that of a line that names none.
    """
    if not decided.text(row, Columns.YEAR):
        decided.put(row, Columns.YEAR, str(year))
    decided.put(row, Columns.STATE, "；".join(dict.fromkeys(applied.words for applied in group)))
    first = group[0]
    if decided.text(row, Columns.BASIS) or any(
        o.standing is not DecisionStanding.HOLDS for o in group
    ):
        return
    if len(group) == 1:
        decided.put(row, Columns.BASIS, first.basis)
    else:
        places = {o.decision.target.partition("（")[0]: o.basis for o in group}
        decided.put(row, Columns.BASIS, text_of(places))


def _line(applied: AppliedDecision, today: str, year: int, also: str = "") -> dict[str, str]:
    """The texts of a decision for a new line of 决定, by heading. ``year``: of the run; ``also``:
    what people wrote in columns of their own on 待定, which is added to the reason.
    """
    d: Decision = applied.decision
    return {
        Columns.KIND: d.kind.value,
        Columns.UNIT: d.unit,
        Columns.TARGET: d.target,
        Columns.BASIS: d.basis or applied.basis,
        Columns.VALUE: d.value,
        Columns.REASON: "；".join(x for x in (d.reason, also) if x),
        Columns.BY: d.by,
        Columns.DATE: d.date or today,
        Columns.YEAR: str(d.year or year),
        Columns.STATE: applied.words,
    }


def _refresh(waiting: _DecisionSheet, summary: Summary, gone: list[int]) -> None:
    """Bring the sheet 待定 up to date with the open matters of a run. New matters are added, and
    those that are listed get their present words unless a decision was chosen for them. Lines of
    matters that are gone are removed, unless somebody has typed in them. ``gone``: rows to remove
    in any case, from 1.
    """
    rows: dict[tuple[str, str], list[int]] = {}
    for row in waiting.rows():
        if row not in gone:
            place = key(waiting.text(row, Columns.UNIT)), key(waiting.text(row, Columns.TARGET))
            rows.setdefault(place, []).append(row)
    words = Words.of(summary.form)
    new = []
    for matter in summary.matters:
        line = _matter(matter, words) | {Columns.YEAR: str(summary.year)}
        at = rows.get((key(line[Columns.UNIT]), key(line[Columns.TARGET])))
        if not at:
            new.append(line)
            continue
        row = at.pop(0)
        # What was chosen rests on the figures that stood there when it was chosen.
        if not waiting.text(row, Columns.CHOICE):
            for label, text in line.items():
                waiting.put(row, label, text)
            waiting.put(row, Columns.STATE, "")
    for left in rows.values():
        for row in left:
            if any(waiting.text(row, label) for label in _TYPED) or waiting.extra(row):
                if not waiting.text(row, Columns.CHOICE):
                    waiting.put(row, Columns.STATE, DONE)
            else:
                gone.append(row)
    for row in sorted(gone, reverse=True):
        waiting.delete(row)
    for line in new:
        waiting.add(line)


def _matter(matter: Matter, words: Words) -> dict[str, str]:
    """The texts of an open matter for a line of 待定, by heading."""
    message = (
        words.message(matter.finding) if matter.finding is not None else "没有收到该单位的报表。"
    )
    code = f"{matter.finding.code} " if matter.finding is not None else ""
    return {
        Columns.UNIT: matter.unit,
        Columns.TARGET: matter.target,
        Columns.BASIS: matter.basis,
        Columns.MESSAGE: code + message,
        Columns.FILE: matter.finding.path if matter.finding is not None else "",
        Columns.OFFER: "、".join(kind.value for kind in matter.kinds),
    }


class _DecisionSheet:
    """A sheet of the file, read and changed by row (from 1) and heading. Missing headings are added
    on the right. ``changed``: whether anything on it was changed.
    """

    def __init__(self, sheet: Worksheet, labels: tuple[str, ...]) -> None:
        self.sheet, self.changed = sheet, False
        grid = Grid(name=sheet.title, rows=[list(r) for r in sheet.iter_rows(values_only=True)])  # type: ignore[arg-type]  # formulas are text here
        table = find_table(grid, {key(label): label for label in labels}, least=3)
        self.head = table.head + 1 if table else HEAD
        self.columns = {label: col + 1 for label, col in table.columns.items()} if table else {}
        for label in labels:
            if label not in self.columns:
                self.columns[label] = (sheet.max_column or 0) + 1
                heading = cell_at(sheet, self.head, self.columns[label])
                put(heading, label)
                dress(heading, head=_OURS)
                self.changed = True

    def rows(self) -> list[int]:
        """The rows below the headings that are not empty."""
        return [
            row
            for row in range(self.head + 1, (self.sheet.max_row or 0) + 1)
            if any(cell.value not in (None, "") for cell in self.sheet[row])
        ]

    def text(self, row: int, label: str) -> str:
        """The text of a cell on one line; empty for a blank."""
        value = self.sheet.cell(row, self.columns[label]).value
        return "" if value is None else clean(str(value))

    def extra(self, row: int) -> str:
        """What people wrote in columns that they added, each with its heading, as one text; empty
        where there is nothing.
        """
        known = set(self.columns.values())
        return "；".join(
            f"{clean(str(self.sheet.cell(self.head, c.column).value or '备注'))}：{c.value}"
            for c in self.sheet[row]
            if c.column not in known and c.value not in (None, "")
        )

    def put(self, row: int, label: str, text: str) -> None:
        """Write a text to a cell, unless the cell says the same already."""
        before = self.sheet.cell(row, self.columns[label]).value
        if key("" if before is None else str(before)) != key(text):
            put(cell_at(self.sheet, row, self.columns[label]), text)
            self.changed = True

    def add(self, line: dict[str, str]) -> None:
        """Add a line below the last. ``line``: its texts by heading; columns without one stay
        blank.
        """
        row = max([self.head, *self.rows()]) + 1
        for label, col in self.columns.items():
            cell = cell_at(self.sheet, row, col)
            put(cell, line.get(label, ""))
            dress(cell)
        fit(self.sheet, row)
        self.changed = True

    def delete(self, row: int) -> None:
        """Delete a row; those below move up."""
        drop_row(self.sheet, row)
        self.changed = True
