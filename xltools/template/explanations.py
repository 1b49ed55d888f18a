"""Where a unit explains what is right though it looks odd: the list that ends 校验.

Its columns are those of the rules above: the code, the place, and the words in 情况说明.
"""

from typing import Any

from xltools.excel.looks import GREY, PALE
from xltools.model.cells import Address
from xltools.model.findings import catalogue
from xltools.model.form import Instance, Severity
from xltools.model.formula import rectangles
from xltools.model.sheets import (
    ANSWER,
    CODE,
    EXPLANATION,
    ISSUES,
    NUMBER,
    OTHERS,
    WHERE,
    WHY,
)
from xltools.template.draft import Draft
from xltools.template.subject import Issues

LINES = 12
_SPARE = 4  # blank lines that there are at least
_HEIGHT = 34
_SAID = f"{OTHERS}：上面没有列出的问题，数字属实、不必改的，在下面写明；数字有误的，直接改数。"
_HOW = (
    "编码、位置照反馈写（如 {code}，{cell}；位置也可写栏目名称，不写的，指这个编码的所有问题），"
    "“情况说明”栏写明为什么属实。一行一个问题。"
)


def paint_explanations(draft: Draft, sheet: Any, row: int) -> int:
    """Write the list from a row of 校验 on; gives its last row."""
    f, start = draft.formats, draft.subject.start
    head = f(bold=True, bg_color="#D9E2F3", top=1)
    under = f(font_color="#595959", bg_color="#D9E2F3", bottom=1)
    for column in range(NUMBER, WHY + 1):
        sheet.write_blank(row, column, None, head)
        sheet.write_blank(row + 1, column, None, under)
    sheet.write_string(row, NUMBER, _SAID, head)
    sheet.write_string(row + 1, NUMBER, _HOW.format(code=_code(), cell=_cell(draft)), under)
    sheet.set_row_pixels(row, 28)
    sheet.set_row_pixels(row + 1, 24)
    given = [] if start is None else list(start.explained)
    first, last = row + 2, row + 1 + max(LINES, len(given) + _SPARE)
    open_: dict[str, object] = {"border": 1, "locked": False, "bg_color": PALE}
    short = f(**open_ | {"align": "center", "num_format": "@", "text_wrap": True})
    looks = {CODE: short, WHERE: short, WHY: f(**open_ | {"text_wrap": True})}
    plain, grey = f(border=1, align="center"), f(border=1, bg_color=GREY)
    for number, at in enumerate(range(first, last + 1)):
        for column in range(NUMBER, WHY + 1):
            sheet.write_blank(at, column, None, looks.get(column, grey))
        sheet.write_number(at, NUMBER, number + 1, plain)
        line = given[number] if number < len(given) else ("", "", "")
        for column, text in zip(looks, line, strict=True):
            if text:
                sheet.write_string(at, column, text, looks[column])
        sheet.set_row_pixels(at, _HEIGHT)
    for column, title, told in (
        (CODE, "编码", f"照反馈写，如 {_code()}。"),
        (WHERE, "位置", f"如 {_cell(draft)}，也可写栏目名称；不写的，指这个编码的所有问题。"),
        (WHY, EXPLANATION, "写明为什么属实；左边写上编码。"),
    ):
        prompt(sheet, (first, column, last, column), title, told)
    return last


def prompt(sheet: Any, area: tuple[int, int, int, int], title: str, told: str) -> None:
    """A yellow note beside cells that take any text."""
    sheet.data_validation(*area, {"validate": "any", "input_title": title, "input_message": told})


def answer_row(line: int) -> int:
    """The row of 问题 that takes the answer to its line, counted from 0."""
    return ISSUES_TOP + 2 * line + 1


ISSUES_TOP = 3
"""The row of the first line of 问题."""


def answered(draft: Draft, one: Instance) -> Address | None:
    """The cell of 问题 in which a rule at a place may be explained too, where it is asked for."""
    issues: Issues | None = draft.subject.issues
    anchor = draft.layout.address(one.anchor)
    for number, line in enumerate(issues.lines if issues is not None else ()):
        if line.code == one.rule.code and anchor in line.about:
            return Address(ISSUES, answer_row(number), ANSWER)
    return None


def spelled(cells: tuple[Address, ...]) -> str:
    """Cells as a unit types them: ``表三!D5:E8、表三!G5``."""
    found = []
    for sheet in dict.fromkeys(cell.sheet for cell in cells):
        ranges = rectangles([cell for cell in cells if cell.sheet == sheet], sheet)
        found += [f"{sheet}!{area.replace('$', '')}" for area in ranges]
    return "、".join(found)


def _code() -> str:
    """A code of a question, for an example."""
    entries = (e for e in catalogue().values() if e.severity is Severity.QUERY and e.to_unit)
    return next(entries).code


def _cell(draft: Draft) -> str:
    """A cell of the form, for an example."""
    return str(draft.layout.address(draft.layout.form.inputs()[0].index))
