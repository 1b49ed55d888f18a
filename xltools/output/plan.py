"""Where everything of a summary workbook stands, as its sheets link to one another and look at each
other's figures; and the headings above the figures on 明细.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from xltools.excel.page import file_link
from xltools.layout.geometry import HeadingBox, Label, labelled, merged
from xltools.layout.places import Composite, Layout, compose
from xltools.ledgers.previous import LABELS, UNIT_KEY
from xltools.model.cells import Address, column_name, quoted
from xltools.model.form import Form, Item
from xltools.model.roster import YES
from xltools.model.summary import Summary, UnitStanding, standings


def _rows(item: Item) -> tuple[str, ...]:
    """The labels of an item's row, without empty ones."""
    return tuple(label for label in item.rows if label)


def depth(form: Form) -> int:
    """How many levels the headings on 明细 have: one for the titles of tables, then as many as
    headings of rows and of columns take together.
    """
    return 1 + max(
        max(len(_rows(i)) for i in items) + max(len(_spanners(items, i)) for i in items)
        for items in ([i for i in form.items if i.table == t.key] for t in form.tables)
    )


def _spanners(items: Sequence[Item], item: Item) -> tuple[str, ...]:
    """The labels of an item's column, without outer ones that all ``items`` of its table share."""
    common = 0
    while all(len(i.columns) > common + 1 for i in items) and (
        len({i.columns[: common + 1] for i in items}) == 1
    ):
        common += 1
    return item.columns[common:]


def heads(form: Form, columns: Sequence[int], levels: int) -> list[HeadingBox]:
    """The boxes of the headings on 明细, table by table: its title, then the headings of its rows,
    then those of its columns. ``columns``: where the items stand, by item number; ``levels``: how
    many levels there are, see `depth`.

    The lines of a box are columns of the sheet. The innermost heading of a row, and that of a
    column, takes all levels that are left to it.
    """
    boxes: list[HeadingBox] = []
    for table in form.tables:
        items = [i for i in form.items if i.table == table.key]
        stubs = max(len(_rows(i)) for i in items)
        first = columns[items[0].index]
        boxes += (
            replace(box, left=box.left + first, right=box.right + first)
            for box in merged(_labels(table.title, items, i, stubs, levels) for i in items)
            if box.text or box.innermost
        )
    return boxes


def _labels(title: str, items: Sequence[Item], item: Item, stubs: int, levels: int) -> list[Label]:
    """What stands above an item, from the title of its table to the innermost label of its column.
    ``stubs``: how many of the levels are for headings of rows; where a row has none, an empty label
    takes them.
    """
    rows = _rows(item)
    beside = labelled(rows or ("",), stubs, mark=item.row) if stubs else []
    above = labelled(_spanners(items, item), levels - 1 - stubs, mark=item.index)
    return [Label(text=title), *beside, *above]


TOTALS, DETAIL, STANDING, FINDINGS, DECIDED, PROSE, RULES, SOURCES = (
    *("汇总", "明细", "报送情况", "问题", "决定", "文字"),
    *("校验", "来源"),
)
"""The sheets, in their order; 决定 only where there are any."""

TOTALS_TOP = 4
"""The row of 汇总 where the tables begin."""
LIST_HEAD = 2
"""The row of the headings of a list: 报送情况, 问题, 校验, 来源."""
KEY_ROW, HEAD_ROW = 2, 3
"""On 明细: the hidden row of item names, and the first of the headings."""
META = ("序号", LABELS[UNIT_KEY], "类别", "计入\n汇总", "标记")
"""The first columns of 明细."""
UNIT_COLUMN, CATEGORY_COLUMN, COUNTED_COLUMN, MARK_COLUMN = range(1, 5)
RULE_LEFT, RULE_RIGHT, RULE_DIFFERENCE, RULE_STATE = range(6, 10)
"""The columns of 校验 with figures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryPlan:
    """A summary and the places of its parts. Rows and columns are counted from 0.

    On 明细: ``columns``, that of each item; ``spans``, the first and last column of each table;
    ``levels`` of the headings; ``first`` and ``last``, the rows of the first and the last unit (an
    empty row where there is none); ``units``, the row of each unit by its name. On 报送情况:
    ``stands``, the units; ``rows``, the row of each by its name. On 汇总: ``composite``, the
    tables. ``whole``: by item, whether all figures are whole numbers. ``files``: by the path of a
    document in an archive or mail, the path of that. ``home``: the folder of the workbook.
    """

    summary: Summary
    layout: Layout
    stands: tuple[UnitStanding, ...]
    composite: Composite
    columns: tuple[int, ...]
    spans: tuple[tuple[int, int], ...]
    levels: int
    first: int
    last: int
    whole: tuple[bool, ...]
    rows: Mapping[str, int]
    units: Mapping[str, int]
    files: Mapping[str, str]
    home: Path

    @property
    def total_row(self) -> int:
        """The row of the sums on 明细."""
        return self.last + 1

    def cell(self, item: int) -> Address:
        """The cell of an item on 汇总."""
        return Address(TOTALS, *self.composite.places[item])

    def formula(self, item: Item, home: str) -> str:
        """The formula of the district's figure of an item, for a cell on the sheet ``home``: the
        sum of the units that count, rounded to six decimals unless all figures are whole.
        """
        here = "" if home == DETAIL else quoted(DETAIL) + "!"
        counted, figures = self._range(COUNTED_COLUMN), self._range(self.columns[item.index])
        total = f'SUMIF({here}{counted},"{YES}",{here}{figures})'
        return f"={total}" if self.whole[item.index] else f"=ROUND({total},6)"

    def figures_link(self, item: int) -> str:
        """The link to an item's column on 明细."""
        return f"internal:{quoted(DETAIL)}!{self._range(self.columns[item])}"

    def unit_link(self, name: str) -> str | None:
        """The link to a merged unit's row on 明细."""
        row = self.units.get(name)
        return None if row is None else f"internal:{Address(DETAIL, row, UNIT_COLUMN).full}"

    def standing_link(self, name: str) -> str | None:
        """The link to a unit's row on 报送情况."""
        row = self.rows.get(name)
        return None if row is None else f"internal:{Address(STANDING, row, 1).full}"

    def file_link(self, path: str) -> str | None:
        """The link to a document, or to the archive or mail that holds it, from the folder of
        the workbook.
        """
        file = self.files.get(path, path)
        return file_link(self.summary.inbox, file, self.home) if file else None

    def _range(self, col: int) -> str:
        """A column of 明细 from the first to the last unit."""
        letters = column_name(col)
        return f"${letters}${self.first + 1}:${letters}${self.last + 1}"


def plan(summary: Summary, layout: Layout, home: Path) -> SummaryPlan:
    """The places of a summary's parts. ``layout``: of its form; ``home``: the folder in which the
    workbook will stand.
    """
    columns: list[int] = []
    spans: list[tuple[int, int]] = []
    col = len(META)
    for table in summary.form.tables:
        col += 1  # a gap before each table
        count = sum(item.table == table.key for item in summary.form.items)
        spans.append((col, col + count - 1))
        columns.extend(range(col, col + count))
        col += count
    levels = depth(summary.form)
    first = HEAD_ROW + levels
    stands = standings(summary)
    return SummaryPlan(
        summary=summary,
        layout=layout,
        stands=stands,
        composite=compose(layout, top=TOTALS_TOP),
        columns=tuple(columns),
        spans=tuple(spans),
        levels=levels,
        first=first,
        last=max(first, first + len(summary.entries) - 1),
        whole=_only_whole(summary),
        rows={standing.unit.name: LIST_HEAD + 1 + n for n, standing in enumerate(stands)},
        units={entry.unit.name: first + n for n, entry in enumerate(summary.entries)},
        files={d.path: d.file for d in summary.documents if d.file},
        home=home,
    )


def _only_whole(summary: Summary) -> tuple[bool, ...]:
    """By item, whether it takes whole numbers and all units have such."""
    columns = zip(*(entry.numbers for entry in summary.entries), strict=True)
    numbers = list(columns) or [()] * len(summary.form.items)
    return tuple(
        item.whole and all(type(number) is int for number in column)
        for item, column in zip(summary.form.items, numbers, strict=True)
    )


def headline(summary: Summary, what: str) -> str:
    """The title of a sheet of the summary, which shows ``what``: 某区2025年…报告汇总表, or
    …统计表（汇总） where the form's title ends in 表.
    """
    title = f"{summary.district}{summary.year}年{summary.form.title}"
    return f"{title}（{what}）" if title.endswith("表") else f"{title}{what}表"
