"""What a finding found and expected, as values; and ``in_words``, the one function that puts them
into Chinese for JSON, workbooks, mails and terminals.

A finding is made far from where it is read. It carries numbers, places, texts quoted from the file,
lists of these, and members of ``Phrase``, and no finished sentence: so it can be compared, counted
and narrowed to some of its cells without taking words apart.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import TypeAlias

from xltools.model.cells import Address, Area, column_name
from xltools.model.numbers import show
from xltools.model.text import listed

FEW = 3  # figures that a message lists
SEVERAL = 5  # contents of cells that a message lists


class Phrase(Enum):
    """What may be said of values within a message of the catalogue; a brace stands for a value.

    A phrase without braces is a value as it is; one with braces is called with its values:
    ``Phrase.BLANK_CELLS(3)``.
    """

    # Figures
    BLANK = "空白"
    BLANK_CELLS = "空白 {} 格"
    RULE_OFF_AT = "“{}”在“{}”差 {}"
    OFF_AT = "“{}”差 {}"
    BOTH = "{} 和 {}"
    UNIT_AND_LAST_YEAR = "{}，上年为 {}"
    TOTAL_PENDING = "（待各项改正后计）"
    COUNTED_AS = "{} 计为 {}"
    NOW_COUNTED = "现把 {}"
    NOT_CONVERTED = "{} 没有折算"
    STRUCK_OUT = "{}（已划去或隐藏）"
    NOT_SHOWN = "（不显示）"
    # Tables
    MISSING_INSTEAD = "{}（表中另有{}的“{}”）"
    EDITION_OF_YEAR = "{}年版"
    EDITION_NAMED = "“{}”版"
    OTHER_YEAR_TITLE = "标题写明的年度不同"
    REPORTS = "{} 份"
    CELLS_FROM = "{}等{}格"
    HIDDEN_SHEET = "{}（隐藏的工作表，右键任一工作表标签选“取消隐藏”可见）"
    BURIED_SHEET = (
        "{}（深度隐藏的工作表，“取消隐藏”里没有，只有宏能显示；要去掉它，请改用下发的空白模板）"
    )
    ON_SHEET = "在工作表“{}”"
    ON_SHEET_FROM = "在工作表“{}”的 {} 起"
    # Years
    IN_YEAR = "{}年"
    YEAR_AT = "{}为{}年"
    COUNTED_AS_YEAR = "，按本次的{}年计"
    YEAR_FROM = "，按{}认定为{}年"
    # Units
    LIKE_UNITS = "，像是“{}”"
    PERHAPS_UNITS = "，是否为“{}”？确认的，写入名录的“别名”栏"
    IN_FILE = "{} {}"
    # Texts
    PAGE_TEXT = "像是网页或页脚的文字，没有计入报告"
    BEHIND_SIGNATURE = "在落款之后，没有计入报告"
    NO_TITLE_BEFORE = "之前没有“{}”的标题，如属该部分，现读在“{}”中"
    NO_TITLE = "没有“{}”的标题，按位置读作这一部分"
    UNPLACED_UNDER = "在“{}”之下，不知属于哪一部分，没有计入报告"
    UNPLACED_FIRST = "在各部分之前，不知属于哪一部分，没有计入报告"
    TABLE_TEXT = "是统计表中的文字，没有计入这一部分"
    HIDDEN_TEXT = "已划去或隐藏，没有计入报告"
    IDENTITY_NUMBER = "身份证号码"
    MOBILE_NUMBER = "手机号码"
    # Why an explanation belongs to no finding
    NO_CODE = "没有写编码"
    NOT_A_CODE = "“{}”不是问题编码"
    NOT_AT_THAT_CELL = "{}：没有对上这个编码的问题，请核对单元格"
    NO_SUCH_FINDING = "{}：本次没有这个问题"

    def __call__(self, *values: "Value") -> "Saying":
        """The phrase with its values, in the order of its braces."""
        return Saying(phrase=self, values=values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """A phrase with the values that stand in it."""

    phrase: Phrase
    values: "tuple[Value, ...]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """Values in a row: ``most`` of them are shown with ``mark`` between them, and ``rest`` behind
    them where there are others, with how many there are in all in place of a ``{}``.
    """

    values: "tuple[Value, ...]"
    most: int
    mark: str = "、"
    rest: str = "等"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """Rows or columns of a table (``first`` to ``last``, counted from 0, as expected) that stand
    ``by`` lines further down or right, less than 0: up or left. ``onwards``: up to the table's end.
    """

    columns: bool
    first: int
    last: int
    by: int
    onwards: bool


Value: TypeAlias = str | int | Decimal | Address | Area | Phrase | Saying | Listing | Shift | None
"""A text as it stands in the file or the roster, a number, a place, a phrase, a list; None is a
figure that is not known. An empty text says that there is nothing to tell.
"""


def in_words(value: Value) -> str:
    """A value as people read it."""
    match value:
        case str():
            return value
        case int() | Decimal():
            return show(value)
        case Address():
            return str(value)
        case Area():
            first, _, last = value.a1.partition(":")
            return first if first == last else value.a1
        case Phrase():
            return value.value
        case Saying():
            return value.phrase.value.format(*map(in_words, value.values))
        case Listing():
            texts = map(in_words, value.values)
            return listed(texts, value.most, more=value.rest, mark=value.mark)
        case Shift():
            return _moved(value)
        case None:
            return "？"


def _moved(shift: Shift) -> str:
    """A shift in words: 第10行移到第21行, D至F列右移1列, 第13行起上移1行."""
    head, line, ways = ("", "列", "右左") if shift.columns else ("第", "行", "下上")
    name: Callable[[int], str] = column_name if shift.columns else lambda row: str(row + 1)
    way = f"{ways[shift.by < 0]}移{abs(shift.by)}{line}"
    first = f"{head}{name(shift.first)}"
    if shift.onwards:
        return f"{first}{line}起{way}"
    if shift.first == shift.last:
        return f"{first}{line}移到{head}{name(shift.first + shift.by)}{line}"
    return f"{first}至{name(shift.last)}{line}{way}"


def distinct(values: Iterable[Value]) -> tuple[Value, ...]:
    """The values that read differently, in their order."""
    by_words: dict[str, Value] = {}
    for value in values:
        by_words.setdefault(in_words(value), value)
    return tuple(by_words.values())


def few(values: Iterable[Value]) -> Listing:
    """A list of figures or rules, the first three of which are shown."""
    return Listing(values=tuple(values), most=FEW)


def several(values: Iterable[Value]) -> Listing:
    """A list of the distinct contents of cells that are not blank, the first five shown."""
    contents = tuple(value for value in distinct(values) if in_words(value))
    return Listing(values=contents, most=SEVERAL, rest="…")


def each(values: Iterable[Value], mark: str = "、") -> Listing:
    """A list of which all values are shown, with ``mark`` between them."""
    listed = tuple(values)
    return Listing(values=listed, most=len(listed), mark=mark)
