"""How our own workbooks are told from others: their kinds, the names of their sheets, the fields
that stand on these, and the hidden sheet that says whose workbook it is.

The generator writes all this and the matcher finds it again; no form is named here.
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
"""What the list at the end of 校验 begins with, in which any question is explained."""
TO_COVER, TO_CHECKS = "← 返回填报", "→ 看校验"
"""Links below each table."""
TO_COMPLETE = "【待补充】"
"""What a paragraph of a report begins with that was made from the figures, not written."""

# Rows (from 0) of the fields on 填报: label in column B, what is filled in from column C on.
FIELD_COLUMN, VALUE_COLUMN = 1, 2
FIELDS = {UNIT: 2, YEAR: 3, FILLER: 4, PHONE: 5, DATE: 6, ZERO: 7}
LIGHT_ROW = 8
PROGRESS_HEAD = 10  # then one row a table: label, 本年无此项, filled, state
NONE_COLUMN = 2

PRINT_FIELDS = 4
"""Formulas of 打印稿 beside those of the figures: unit, state, who filled it in, date."""

# Columns (from 0) of 校验, from row CHECKS_TOP on: one row a rule instance, then number rules.
CHECKS_TOP = 3
NUMBER, CODE, SAYS, WHERE, LEFT, RIGHT, DIFFERENCE, STATE, WHY, RANK, OFF = range(11)
# Below them a heading that begins with OTHERS, then lines: CODE, the cell in WHERE, words in WHY.

# On 问题 each line has a second row: what begins with EXPLANATION below the code (ASKED), and the
# answer. The cells that a line is about stand beside the code, hidden, as one types them. Nothing
# is merged there, as some programs lose what stands beside merged cells.
ASKED, ANSWER, ABOUT = 1, 8, 9


PRIOR: Final = "prior."
"""What a key of the hidden sheet begins with that holds a figure of last year; the name of its
item follows."""
_MOST_ROWS: Final = 2000  # of the hidden sheet that are looked at


class WorkbookKind(StrEnum):
    """The workbooks that are written here, as their hidden sheet calls them. Only a return holds
    the figures of a unit for the year; none of the others may be taken for one.
    """

    RETURN = "return"
    SUMMARY = "summary"
    PREVIOUS = "previous"
    ROSTER = "roster"
    DECISIONS = "decisions"
    DISPATCH = "dispatch"
    DIFFERENCES = "diff"


def identity_rows(grid: Grid) -> dict[str, int]:
    """The rows (from 0) of the hidden sheet by their key in column A; the value is in column B."""
    rows = {grid.text(row, 0): row for row in range(min(len(grid.rows), _MOST_ROWS))}
    rows.pop("", None)
    return rows


def identity_entries(grid: Grid) -> dict[str, str]:
    """What the hidden sheet says: its values as texts, by key, without last year's figures."""
    rows = identity_rows(grid).items()
    return {key: grid.text(row, 1) for key, row in rows if not key.startswith(PRIOR)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What the hidden sheet says: key in column A, value in column B, from row 0 on.

    ``kind``: a `WorkbookKind` in a workbook of ours, any word in one that was changed by hand.
    ``answers``: digests of the documents that a workbook was sent back for, between spaces.
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
