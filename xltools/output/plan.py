"""Plan where everything is in a summary workbook, so that its sheets can link to each other and use
each other's figures; and the headings above the figures on 明细.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from xltools.excel.safe_text import file_link, name, way_to
from xltools.excel.stream import Link
from xltools.layout.geometry import HeadingBox, Label, labelled, merged
from xltools.layout.places import Composite, Layout, compose
from xltools.ledgers.previous import LABELS, UNIT_KEY
from xltools.model.cells import Address, column_name, quoted
from xltools.model.form import Form, Item
from xltools.model.packed import uncommon
from xltools.model.roster import YES
from xltools.model.summary import Summary, UnitStanding, standings


def _rows(item: Item) -> tuple[str, ...]:
    """The labels of an item's row, without empty ones."""
    return tuple(label for label in item.rows if label)


def depth(form: Form) -> int:
    """The number of levels that the headings on 明细 have: one for the titles of tables, and as
    many as the headings of rows and columns need together.
    """
    return 1 + max(
        max(len(_rows(i)) for i in items) + max(len(_spanners(items, i)) for i in items)
        for items in ([i for i in form.items if i.table == t.key] for t in form.tables)
    )


def _spanners(items: Sequence[Item], item: Item) -> tuple[str, ...]:
    """The labels of an item's column, without the outer labels that all ``items`` of its table
    share.
    """
    common = 0
    while all(len(i.columns) > common + 1 for i in items) and (
        len({i.columns[: common + 1] for i in items}) == 1
    ):
        common += 1
    return item.columns[common:]


def heads(form: Form, columns: Sequence[int], levels: int) -> list[HeadingBox]:
    """The boxes of the headings on 明细, table by table: the title, then the headings of rows, then
    those of columns. ``columns``: the column of each item, by item number; ``levels``: how many
    levels there are, see `depth`.

    The position of a box is given in columns of the sheet. The innermost heading of a row or column
    takes all levels that are left for it.
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
    """The labels above an item, from the title of its table to the innermost label of its column.
    ``stubs``: how many levels are for the headings of rows; where a row has none, an empty label
    takes them.
    """
    rows = _rows(item)
    beside = labelled(rows or ("",), stubs, mark=item.row) if stubs else []
    above = labelled(_spanners(items, item), levels - 1 - stubs, mark=item.index)
    return [Label(text=title), *beside, *above]


OVERVIEW, TOTALS, GROUPS, DETAIL, STANDING, KINDS, FINDINGS, DECIDED, PROSE, RULES, SOURCES = (
    *("总览", "汇总", "分组小计", "明细", "报送情况", "问题分类", "问题", "决定", "文字"),
    *("校验", "来源"),
)
"""The sheets, in their order; 决定 and 分组小计 only where there are any. Where the detail is in
files of its own, there is no 明细, 文字 and 来源, but 问题分类.
"""

FIGURES_FILE = "figures.parquet"
"""The file with the figures of all units, where 明细 is left out."""

TOTALS_TOP = 4
"""The row of 汇总 where the tables begin."""
LIST_HEAD = 2
"""The row of the headings of a list: 报送情况, 问题, 校验, 来源."""
KEY_ROW, HEAD_ROW = 2, 3
"""On 明细: the hidden row of item names, and the first of the headings."""
META = ("序号", LABELS[UNIT_KEY], "类别", "计入\n汇总", "标记")
"""The first columns of 明细."""
UNIT_COLUMN, GROUP_COLUMN, COUNTED_COLUMN = 1, 2, 3
RULE_LEFT, RULE_RIGHT, RULE_DIFFERENCE, RULE_STATE = range(6, 10)
"""The columns of 校验 with figures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryPlan:
    """A summary and where its parts are in the workbook. Rows and columns are counted from 0.

    On 明细: ``columns``, the column of each item; ``spans``, the first and last column of each
    table; ``levels``, the number of heading levels; ``first`` and ``last``, the rows of the first
    and the last unit (one empty row where there are no units); ``units``, the row of each unit by
    its name. On 报送情况: ``stands``, the units; ``rows``, the row of each by its name. On 汇总:
    ``composite``, the tables.

    ``whole``: by item, whether all figures are whole numbers. ``files``: for a document in an
    archive or mail, by its path, the path of that. ``common``: how the names of files
    begin that were filled in from a template. ``way``: the path from the folder of the workbook to
    the inbox, None where no link to it can be made. ``detailed``: whether the workbook has the
    detail: a row for each unit's figures and texts, for each finding and document.
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
    common: str
    way: str | None
    detailed: bool

    @property
    def total_row(self) -> int:
        """The row of the sums on 明细: below the headings, and above the units."""
        return self.first - 1

    def cell(self, item: int) -> Address:
        """The cell on 汇总 of an item (its number)."""
        return Address(TOTALS, *self.composite.places[item])

    def formula(self, item: Item, home: str) -> str:
        """The formula of the district's figure of an item, for a cell on the sheet ``home``: the
        sum over the units that count, rounded to six decimals unless all figures are whole numbers.
        """
        here = "" if home == DETAIL else quoted(DETAIL) + "!"
        counted, figures = self._range(COUNTED_COLUMN), self._range(self.columns[item.index])
        total = f'SUMIF({here}{counted},"{YES}",{here}{figures})'
        return f"={total}" if self.whole[item.index] else f"=ROUND({total},6)"

    def on_detail(self, col: int) -> str:
        """The cells of a column of 明细 from the first to the last unit, for a formula on another
        sheet.
        """
        return f"{quoted(DETAIL)}!{self._range(col)}"

    def figures_link(self, item: int) -> str:
        """The link to the column of an item (its number) on 明细."""
        return f"internal:{quoted(DETAIL)}!{self._range(self.columns[item])}"

    def unit_link(self, name: str) -> str | None:
        """The link to a unit's row on 明细; None where the unit has no merged return."""
        row = self.units.get(name)
        return None if row is None else f"internal:{Address(DETAIL, row, UNIT_COLUMN).full}"

    def standing_link(self, name: str) -> str | None:
        """The link to a unit's row on 报送情况; None for a name that is not listed there."""
        row = self.rows.get(name)
        return None if row is None else f"internal:{Address(STANDING, row, 1).full}"

    def file_link(self, path: str) -> str | None:
        """The link to a document, or to the archive or mail that contains it, relative to the
        folder of the workbook; None where no link can be made.
        """
        file = self.files.get(path, path)
        return file_link(self.way, file) if file else None

    def file(self, path: str) -> Link:
        """A document by the unit's part of its name, see `unit_part`. Then the whole path shows
        when the mouse rests on it.
        """
        whole = name(path)
        part = self.unit_part(whole)
        return Link(self.file_link(path), part, "" if part is whole else whole)

    def unit_part(self, path: str) -> str:
        """The path of a document without what the names of all have that were filled in from a
        template: year, form and ending. Any other path is left as it is.
        """
        if self.common not in path:
            return path
        return path.replace(self.common, "").removesuffix(".xlsx")

    def _range(self, col: int) -> str:
        """The cells of a column of 明细 from the first to the last unit, as a range."""
        letters = column_name(col)
        return f"${letters}${self.first + 1}:${letters}${self.last + 1}"


def plan(summary: Summary, layout: Layout, home: Path, *, detailed: bool = True) -> SummaryPlan:
    """Plan where the parts of a summary are in its workbook. ``layout``: of its form; ``home``: the
    folder in which the workbook will be; ``detailed``: whether it has the detail.
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
    first = HEAD_ROW + levels + 1  # below the sums
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
        units={e.unit.name: first + n for n, e in enumerate(summary.entries)} if detailed else {},
        files={d.path: d.file for d in summary.documents if d.file},
        common=f"{summary.year}年{summary.form.short}_",
        way=way_to(summary.inbox, home) if summary.inbox is not None else None,
        detailed=detailed,
    )


def _only_whole(summary: Summary) -> tuple[bool, ...]:
    """For each item, whether it takes whole numbers and the figures of all units are whole."""
    whole = {item.index for item in summary.form.items if item.whole}
    for entry in summary.entries:
        for item in whole.intersection(uncommon(entry.numbers)):
            if type(entry.numbers[item]) is not int:
                whole.remove(item)
    return tuple(item.index in whole for item in summary.form.items)


def headline(summary: Summary, what: str) -> str:
    """The title of a sheet of the summary: 某区2025年…报告汇总表, or …统计表（汇总） where the
    form's title ends in 表. ``what``: what the sheet shows, here 汇总.
    """
    title = f"{summary.district}{summary.year}年{summary.form.title}"
    return f"{title}（{what}）" if title.endswith("表") else f"{title}{what}表"
