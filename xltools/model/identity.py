"""What the workbooks that this program writes have in common: their kinds, the names of their
sheets, the fields on these, and the hidden sheet that says what a workbook is and for which unit.

The generator writes all this, and the matcher looks for it. Nothing here depends on a form.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from xltools.model.cells import Grid

COVER = "填报"
CHECKS = "校验"
PRINT = "打印稿"
ISSUES = "问题"
IDENTITY = "xltools"

UNIT, YEAR, FILLER, PHONE, DATE = "单位名称", "报告年度", "填表人", "联系电话", "填报日期"
ZERO = "空白格按零计"
NONE = "本年无此项"
YES = "是"
EXPLANATION = "情况说明"
OTHERS = "其他说明"
"""The beginning of the heading of the list at the end of 校验, in which a unit may explain findings
of any code.
"""
TO_COVER, TO_CHECKS = "← 返回填报", "→ 看校验"
"""The texts of the links below each table."""
TO_COMPLETE = "【待补充】"
"""The beginning of a paragraph of the report that was drafted from the figures because nobody wrote
it.
"""

# Rows (from 0) of the fields on 填报: the label is in column B, the entry begins in column C.
FIELD_COLUMN, VALUE_COLUMN = 1, 2
FIELDS = {UNIT: 2, YEAR: 3, FILLER: 4, PHONE: 5, DATE: 6, ZERO: 7}
LIGHT_ROW = 8
PROGRESS_HEAD = 10  # below it one row for each table: label, 本年无此项, filled, state
NONE_COLUMN = 2

PRINT_FIELDS = 4
"""How many formulas 打印稿 has besides those of the figures: unit, state, who filled it in, date.
"""

# Columns (from 0) of 校验. From row CHECKS_TOP on there is one row for each rule instance, then the
# rows of the rules about numbers.
CHECKS_TOP = 3
NUMBER, CODE, SAYS, WHERE, LEFT, RIGHT, DIFFERENCE, STATE, WHY, RANK, OFF = range(11)
# Below these are a heading that begins with OTHERS and lines for explanations: the code in column
# CODE, the cell in WHERE, the words in WHY.

# On 问题 each finding has a second row: in column ASKED a label that begins with EXPLANATION, in
# column ANSWER what the unit answers. The cells that the finding is about are in the hidden column
# ABOUT of the first row, as people type them. No cells are merged there, because some programs lose
# the content of cells beside merged ones.
ASKED, ANSWER, ABOUT = 1, 8, 9


PRIOR: Final = "prior."
"""The beginning of those keys of the hidden sheet that give a figure of last year; the name of the
item follows.
"""
DETAIL_KEY: Final = "detail"
"""The key of the hidden sheet of a summary without the detail; its value: the file that has it."""
_MOST_ROWS: Final = 2000  # rows of the hidden sheet that are read


class WorkbookKind(StrEnum):
    """The kinds of workbooks that this program writes, as their hidden sheet names them. Only a
    RETURN holds a unit's figures for the year; none of the others may be mistaken for one.
    """

    RETURN = "return"
    SUMMARY = "summary"
    PREVIOUS = "previous"
    ROSTER = "roster"
    DECISIONS = "decisions"
    DISPATCH = "dispatch"
    DIFFERENCES = "diff"


def identity_rows(grid: Grid) -> dict[str, int]:
    """The row numbers (from 0) of the hidden sheet ``grid`` by the key in column A; the values are
    in column B.
    """
    rows: dict[str, int] = {}
    for number, row in enumerate(grid.rows[:_MOST_ROWS]):
        key = row[0] if row else ""
        if key is None or key == "":
            continue
        rows[key.strip() if isinstance(key, str) else grid.text(number, 0)] = number
    rows.pop("", None)
    return rows


def identity_entries(grid: Grid) -> dict[str, str]:
    """The values of the hidden sheet ``grid`` as texts, by key, without last year's figures."""
    rows = identity_rows(grid).items()
    return {key: grid.text(row, 1) for key, row in rows if not key.startswith(PRIOR)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What the hidden sheet says about the workbook.

    ``kind``: a `WorkbookKind`, or any other text if somebody changed the sheet. ``form`` and
    ``edition``: those of the form. ``unit``, ``code``, ``category``: name, code and category of the
    unit that the workbook was made for. ``year``: the year reported on, 0 if there is none.
    ``version``: of the program that wrote it. ``answers``: in a correction workbook, the digests of
    the documents that it was sent back for, separated by spaces.
    """

    kind: str
    form: str = ""
    edition: str = ""
    unit: str = ""
    code: str = ""
    year: int = 0
    version: str = ""
    category: str = ""
    answers: str = ""
