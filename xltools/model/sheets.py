"""What the sheets of a return are called, and the fields that stand on them.

The generator writes them and the matcher finds them again; no form is named here.
"""

from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What the hidden sheet says: key in column A, value in column B, from row 0 on.

    ``kind``: ``return``, or another workbook of ours that must not be taken for one
    (``summary``, ``previous``, ``dispatch``, ``roster``, ``decisions``). ``answers``: digests of
    the documents that a workbook was sent back for, between spaces.
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
