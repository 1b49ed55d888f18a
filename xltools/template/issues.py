"""Write the sheet 问题 of a correction workbook, which lists what its unit must correct or explain,
and the list at the end of 校验 in which a unit explains figures that are right though they look
wrong.
"""

from typing import Any

from xltools.excel.page import GREY, LINK, PALE, Property, link_to, lock_sheet
from xltools.layout.geometry import lines
from xltools.model.cells import Address
from xltools.model.findings import catalogue
from xltools.model.form import Instance, Severity
from xltools.model.formula import rectangles
from xltools.model.identity import (
    ABOUT,
    ANSWER,
    ASKED,
    CHECKS,
    CODE,
    COVER,
    EXPLANATION,
    ISSUES,
    NUMBER,
    OTHERS,
    WHERE,
    WHY,
)
from xltools.template.draft import WorkbookDraft
from xltools.template.opening import Issue, Issues

LINES = 12
"""Lines of the list of explanations, unless more are filled in from the start."""
_SPARE = 4  # blank lines that the list ends with at least
_HEIGHT = 34  # pixels of a line
_TITLE = f"{OTHERS}：上面没有列出的问题，数字属实、不必改的，在下面写明；数字有误的，直接改数。"
_HINT = (
    "编码、位置照反馈写（如 {code}，{cell}；位置也可写栏目名称，不写的，指这个编码的所有问题），"
    "“情况说明”栏写明为什么属实。一行一个问题。"
)


def paint_explanations(draft: WorkbookDraft, sheet: Any, row: int) -> int:
    """Write the list of explanations to 校验, from ``row`` on, with the entries that the workbook
    has from the start. Returns its last row.
    """
    f, start = draft.formats, draft.subject.start
    head = f(bold=True, bg_color="#D9E2F3", top=1)
    under = f(font_color="#595959", bg_color="#D9E2F3", bottom=1)
    for column in range(NUMBER, WHY + 1):
        sheet.write_blank(row, column, None, head)
        sheet.write_blank(row + 1, column, None, under)
    sheet.write_string(row, NUMBER, _TITLE, head)
    sheet.write_string(row + 1, NUMBER, _HINT.format(code=_code(), cell=_cell(draft)), under)
    sheet.set_row_pixels(row, 28)
    sheet.set_row_pixels(row + 1, 24)
    explained = [] if start is None else list(start.explained)
    first, last = row + 2, row + 1 + max(LINES, len(explained) + _SPARE)
    entry: dict[str, Property] = {"border": 1, "locked": False, "bg_color": PALE, "text_wrap": True}
    short = f(**entry, align="center", num_format="@")
    looks = {CODE: short, WHERE: short, WHY: f(**entry)}
    plain, grey = f(border=1, align="center"), f(border=1, bg_color=GREY)
    for number, at in enumerate(range(first, last + 1)):
        for column in range(NUMBER, WHY + 1):
            sheet.write_blank(at, column, None, looks.get(column, grey))
        sheet.write_number(at, NUMBER, number + 1, plain)
        line = explained[number] if number < len(explained) else ("", "", "")
        for column, text in zip(looks, line, strict=True):
            if text:
                sheet.write_string(at, column, text, looks[column])
        sheet.set_row_pixels(at, _HEIGHT)
    for column, title, message in (
        (CODE, "编码", f"照反馈写，如 {_code()}。"),
        (WHERE, "位置", f"如 {_cell(draft)}，也可写栏目名称；不写的，指这个编码的所有问题。"),
        (WHY, EXPLANATION, "写明为什么属实；左边写上编码。"),
    ):
        prompt(sheet, (first, column, last, column), title, message)
    return last


def prompt(sheet: Any, area: tuple[int, int, int, int], title: str, message: str) -> None:
    """Show a note beside cells when one of them is selected; the cells still accept any text.
    ``area``: first row, first column, last row, last column.
    """
    sheet.data_validation(
        *area, {"validate": "any", "input_title": title, "input_message": message}
    )


def answer_row(line: int) -> int:
    """The row of 问题 for the answer to its line number ``line``; both are counted from 0."""
    return ISSUES_TOP + 2 * line + 1


ISSUES_TOP = 3
"""The row of the first line of 问题."""


def answered(draft: WorkbookDraft, instance: Instance) -> Address | None:
    """The cell of 问题 in which a unit may explain a rule at a place, as an alternative to 校验;
    None where 问题 does not ask about it.
    """
    issues, anchor = draft.subject.issues, draft.layout.address(instance.anchor)
    for number, line in enumerate(issues.lines if issues is not None else ()):
        if line.code == instance.rule.code and anchor in line.about:
            return Address(ISSUES, answer_row(number), ANSWER)
    return None


def spelled(cells: tuple[Address, ...]) -> str:
    """Cells as people write them, with neighbours joined to ranges: ``表三!D5:E8、表三!G5``."""
    areas = []
    for sheet in dict.fromkeys(cell.sheet for cell in cells):
        ranges = rectangles([cell for cell in cells if cell.sheet == sheet], sheet)
        areas += [f"{sheet}!{area.replace('$', '')}" for area in ranges]
    return "、".join(areas)


def _code() -> str:
    """The code of a finding that units are asked to explain, as an example for people."""
    return next(e.code for e in catalogue().values() if e.severity is Severity.QUERY and e.to_unit)


def _cell(draft: WorkbookDraft) -> str:
    """A cell of the form, such as 表三!D5, as an example for people."""
    return str(draft.layout.address(draft.layout.form.inputs()[0].index))


_WIDTHS = (36, 60, 60, 56, 54, 54, 54, 54, 440)  # pixels: one page across
_LINKS = range(4, 8)
_TEXT = 8
_ANSWER_HEIGHT = 40
_EXPLAIN, _MEND = "数字属实、不必改的，写明原因", "须先改正；另有情况的，也可写明"
_INTRO = (
    "已将贵单位报来的内容全部填入本表，不必重填。请按下列各条处理橙色框的格（光标移到格上可看说明），"
    "点蓝色单元格可直接跳到该处；数字属实、不必改的，在该条的“情况说明”格（浅黄）写明原因。"
    "处理好后把本文件发回即可。"
)


def paint_issues(draft: WorkbookDraft) -> None:
    """Add the sheet 问题 if the subject has issues: what the unit must correct or explain, each
    with a row for its answer, and what could not be carried over from its return. The sheet prints
    on one page.
    """
    issues, f = draft.subject.issues, draft.formats
    if issues is None:
        return
    sheet, last = draft.book.sheet(ISSUES), len(_WIDTHS) - 1
    for column, width in enumerate(_WIDTHS):
        sheet.set_column_pixels(column, column, width)
    sheet.set_column(ABOUT, ABOUT, None, None, {"hidden": True})
    title = f(font_name="黑体", font_size=15, align="center")
    sheet.merge_range(0, 0, 0, last, "", title)
    sheet.write_string(0, 0, f"{draft.subject.unit}：请更正或说明的事项", title)
    sheet.set_row_pixels(0, 40)
    intro = _INTRO if issues.lines else "请按下列说明填报，填好后把本文件发回。"
    notice = draft.subject.collector.notice().replace("\n", "")
    _across(draft, sheet, 1, 0, f"{intro}\n{notice}" if notice else intro)
    row = 2
    head = f(font_name="黑体", border=1, align="center", bg_color="#D9E2F3")
    sheet.merge_range(row, _LINKS[0], row, _LINKS[-1], "", head)
    for column, text in (
        (0, "序号"),
        (ASKED, "编码"),
        (2, "要求"),
        (3, "工作表"),
        (_LINKS[0], "位置"),
        (_TEXT, "问题与处理"),
    ):
        sheet.write_string(row, column, text, head)
    sheet.set_row_pixels(row, 28)
    for number, issue in enumerate(issues.lines):
        row = answer_row(number)
        _line(draft, sheet, row - 1, number + 1, issue)
        _answer(draft, sheet, row, issue)
    if issues.unlisted:
        note = (
            f"另有 {issues.unlisted} 项，见各表橙色框的格；数字属实、不必改的，在“{CHECKS}”页末尾的"
            f"“{OTHERS}”中写明。"
        )
        row += 1
        _across(draft, sheet, row, 0, note)
    row = _lost(draft, sheet, row + 2, issues)
    link = f(**LINK)
    sheet.write_url(row, 0, f"internal:'{COVER}'!A1", link, "← 返回填报")
    sheet.hide_gridlines(2)
    sheet.set_paper(9)
    sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.6)
    sheet.center_horizontally()
    sheet.fit_to_pages(1, 1)
    sheet.print_area(0, 0, row, last)
    sheet.activate()
    lock_sheet(sheet, draft.password)


def _line(draft: WorkbookDraft, sheet: Any, row: int, number: int, issue: Issue) -> None:
    """Write a line of 问题: what is asked for, with links to its cells; where there are too many,
    to the first ones, with their number.
    """
    f = draft.formats
    cell, wide = f(border=1, align="center"), f(border=1, text_wrap=True)
    link = f(border=1, align="center", **LINK)
    sheet.write_number(row, 0, number, f(left=1, right=1, top=1, align="center"))
    sheet.write_string(row, ASKED, issue.code, cell)
    sheet.write_string(row, 2, issue.kind, cell)
    sheet.write_string(row, 3, issue.cells[0].sheet if issue.cells else "", f(
        border=1, align="center", shrink=True))  # fmt: skip
    shown, rest = issue.cells[: len(_LINKS)], len(issue.cells) - len(_LINKS)
    if rest > 0:
        shown = shown[:-1]
    for column, at in zip(_LINKS, shown, strict=False):
        sheet.write_url(row, column, link_to(at), link, _short(at, issue.cells[0]))
    for column in _LINKS[len(shown) :]:
        sheet.write_blank(row, column, None, cell)
    if rest > 0:
        sheet.write_string(row, _LINKS[-1], f"等{len(issue.cells)}格", cell)
    sheet.write_string(row, _TEXT, issue.text, wide)
    sheet.write_string(row, ABOUT, spelled(issue.about))
    sheet.set_row_pixels(row, max(24, 18 * lines(issue.text, _WIDTHS[_TEXT]) + 8))


def _answer(draft: WorkbookDraft, sheet: Any, row: int, issue: Issue) -> None:
    """Write the row below a line in which the unit explains what it is asked about."""
    f = draft.formats
    sheet.write_blank(row, 0, None, f(left=1, right=1, bottom=1))
    small: dict[str, Property] = {"font_size": 9, "font_color": "#595959", "bottom": 1}
    for column in range(ASKED + 1, ANSWER):
        sheet.write_blank(row, column, None, f(**small))
    how = _MEND if issue.mend else _EXPLAIN
    sheet.write_string(row, ASKED, f"{EXPLANATION}（{how}）→", f(**small, indent=1))
    sheet.write_blank(row, ANSWER, None, f(border=1, text_wrap=True, locked=False, bg_color=PALE))
    prompt(sheet, (row, ANSWER, row, ANSWER), EXPLANATION, f"{issue.code}：{how}。")
    sheet.set_row_pixels(row, _ANSWER_HEIGHT)


def _short(at: Address, first: Address) -> str:
    """An address as the text of a link, with its sheet only if that differs from the sheet of
    ``first``.
    """
    return at.a1 if at.sheet == first.sheet else f"{at.sheet}{at.a1}"


def _lost(draft: WorkbookDraft, sheet: Any, row: int, issues: Issues) -> int:
    """Write the entries that could not be carried over, if any, from ``row`` on. Returns the row
    below them.
    """
    if not issues.lost:
        return row
    intro = "以下内容没有能填入本表，请在相应的格重填："
    _across(draft, sheet, row, 0, intro, font_name="黑体")
    texts = [f"{where}：{content}" for where, content in issues.lost]
    if issues.unlisted_lost:
        texts.append(f"另有 {issues.unlisted_lost} 处，见各表橙色框的格。")
    for number, text in enumerate(texts, row + 1):
        _across(draft, sheet, number, 1, text)
    return row + len(texts) + 2


def _across(
    draft: WorkbookDraft, sheet: Any, row: int, col: int, text: str, **properties: Property
) -> None:
    """Write text to a row, in a merged cell from column ``col`` to the right edge of the page."""
    look = draft.formats(text_wrap=True, **properties)
    sheet.merge_range(row, col, row, len(_WIDTHS) - 1, "", look)
    sheet.write_string(row, col, text, look)
    sheet.set_row_pixels(row, max(24, 18 * lines(text, sum(_WIDTHS[col:])) + 8))
