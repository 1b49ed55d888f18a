"""Read last year's figures, from last year's summary workbook or from the plain workbook for them,
and write an empty one of the latter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from io import BytesIO
from pathlib import Path

from xltools.excel.book import WorkbookWriter
from xltools.excel.page import (
    HEAD_COLOUR,
    HEI,
    Property,
    SheetWriter,
)
from xltools.layout.geometry import Label, by_level, labelled, lines, merged
from xltools.model import numbers
from xltools.model.cells import CellKind, Grid, column_name
from xltools.model.errors import Problem, ReadError
from xltools.model.evaluate import with_totals
from xltools.model.findings import why_unread
from xltools.model.form import Form, Item
from xltools.model.identity import DETAIL_KEY, IDENTITY, WorkbookKind, identity_entries
from xltools.model.numbers import Number
from xltools.model.previous import Previous, PreviousError
from xltools.model.roster import NO, Unit
from xltools.model.stated import only_year
from xltools.model.text import clean, key
from xltools.readers.workbook import Book, open_book
from xltools.version import __version__

UNIT_KEY, COUNTED_KEY, HEAD_KEY = "unit", "counted", "head:"
"""What the hidden row has above the names of units and above 计入汇总; and, in its first cell,
before the number of rows with headings that follow it."""
YEAR_LABEL = "数据年度"
LABELS: Mapping[str, str] = {UNIT_KEY: "单位名称", COUNTED_KEY: "计入汇总"}
_ITEM = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*\Z")


def load(path: Path, form: Form) -> Previous:
    """Read last year's figures from a workbook that this program wrote: a summary, or the plain one
    that people fill in. Raises PreviousError with all problems, also for a workbook of another
    form.
    """
    try:
        return _read(path, form, open_book(path))
    except ReadError as error:
        problem = Problem(message=why_unread(error.code, error.detail))
        raise PreviousError(path, [problem]) from None


def _read(path: Path, form: Form, book: Book) -> Previous:
    """Read last year's figures from a book. ``path``: for messages. Raises PreviousError."""
    identity = identity_entries(book.values(IDENTITY)) if IDENTITY in book.names else {}
    if identity.get("kind") not in (WorkbookKind.SUMMARY, WorkbookKind.PREVIOUS):
        message = "不是本程序写出的汇总表或上年数据表；可用 xltools previous new 新建一份填写。"
        raise PreviousError(path, [Problem(message=message)])
    if (identity.get("form"), identity.get("edition")) != (form.form, form.edition):
        name = f"{identity.get('form', '')}-{identity.get('edition', '')}"
        message = f"是另一种表（{name}）的数据，这里要的是 {form.name}。"
        raise PreviousError(path, [Problem(message=message)])
    if DETAIL_KEY in identity:
        message = (
            f"这份汇总表没有明细，各单位的数在 {identity[DETAIL_KEY]} 里；"
            "请改用有“明细”页的汇总表，或者存放上年各单位报表的文件夹。"
        )
        raise PreviousError(path, [Problem(message=message)])
    for sheet in book.sheets:
        # With flags at once: a second reading would take as long as the first.
        grid = book.grid(sheet.name)
        for row, values in enumerate(grid.rows[:100]):
            if UNIT_KEY in values and any(isinstance(v, str) and _ITEM.match(v) for v in values):
                table = _PreviousTable(path, form, grid, row, identity)
                return table.previous()
    raise PreviousError(path, [Problem(message="没有找到数据页，或者数据页中隐藏的栏目行被删除。")])


class _PreviousTable:
    """Reads the sheet of figures, which has one row for each unit. A hidden row says what each
    column is. ``items``: the item of each column with figures; ``columns``: the column of each
    other entry of the hidden row (`UNIT_KEY`, `COUNTED_KEY`).

    ``by_hand``: whether people filled it in; then blanks and missing totals are allowed. In a
    summary they are a sign of damage.
    """

    def __init__(
        self, path: Path, form: Form, grid: Grid, row: int, identity: Mapping[str, str]
    ) -> None:
        self.path, self.form, self.grid, self.row = path, form, grid, row
        self.by_hand = identity["kind"] == WorkbookKind.PREVIOUS
        self.stored_year = identity.get("year", "")
        self.problems: list[Problem] = []
        self.items: dict[int, int] = {}
        self.columns: dict[str, int] = {}
        self.first = row + 1

    def previous(self) -> Previous:
        """Read the whole sheet: the year, the figures of each unit with totals, and which units are
        not counted. Raises PreviousError with all problems.
        """
        self.head()
        year = self.year()
        figures: dict[str, Mapping[int, Number]] = {}
        rows: dict[str, int] = {}
        left_out = set()
        unit, counted = self.columns[UNIT_KEY], self.columns.get(COUNTED_KEY, -1)
        for row in range(self.first, len(self.grid.rows)):
            name = clean(self.grid.text(row, unit))
            if not name:
                if self.by_hand and any(self.typed(row, col) for col in self.items):
                    self.fail("这一行填了数，却没有单位名称。", row, unit)
                continue
            if key(name) in rows:
                self.fail(f"“{name}”重复，第 {rows[key(name)] + 1} 行已有。", row, unit)
            rows.setdefault(key(name), row)
            stated = {item: self.number(row, col) for col, item in self.items.items()}
            figures[name] = with_totals(
                self.form, {item: n for item, n in stated.items() if n is not None}, keep=True
            )
            if counted >= 0 and self.grid.text(row, counted) == NO:
                left_out.add(name)
        if not figures and not self.problems:
            self.problems.append(Problem(message="一个单位也没有。"))
        if self.problems:
            raise PreviousError(self.path, self.problems)
        return Previous(
            year=year,
            figures=figures,
            path=self.path,
            left_out=frozenset(left_out),
            unsummed=self.form.unsummed,
        )

    def typed(self, row: int, col: int) -> bool:
        """Whether a cell has content that is not a formula."""
        cell = self.grid.cell(row, col)
        return cell.raw is not None and not cell.flag.formula

    def fail(self, message: str, row: int, col: int) -> None:
        """Add a problem of a cell (row and column from 0). Its place is written with row 1 and
        column A first.
        """
        label = ""
        if row >= self.first:  # below the headings
            labels = {c: LABELS[k] for k, c in self.columns.items()}
            labels |= {c: self.form.items[i].path for c, i in self.items.items()}
            label = labels.get(col, "")
        place = f"“{self.grid.name}”第 {row + 1} 行 {column_name(col)} 列"
        self.problems.append(
            Problem(
                message=message,
                place=f"{place}（{label}）" if label else place,
                row=row + 1,
                column=label,
                cell=f"{column_name(col)}{row + 1}",
            )
        )

    def head(self) -> None:
        """Read the hidden row: fill ``items`` and ``columns``, and find the first row below the
        headings. An item that is not in the form, or in two columns, is a problem.
        """
        for col, value in enumerate(self.grid.rows[self.row]):
            if not isinstance(value, str):
                continue
            if value in LABELS:
                self.columns[value] = col
            elif value.startswith(HEAD_KEY) and value[len(HEAD_KEY) :].isdecimal():
                self.first = self.row + 1 + int(value[len(HEAD_KEY) :])
            elif value in self.form.by_name:
                item = self.form.by_name[value]
                if item in self.items.values():
                    self.fail(f"隐藏的栏目名“{value}”有两列。", self.row, col)
                self.items[col] = item
            elif _ITEM.match(value):
                self.fail(f"这里的表没有“{value}”这一项，是另一种表的数据。", self.row, col)

    def year(self) -> int:
        """The year of the figures: as people wrote it behind 数据年度, if they filled in the
        workbook; otherwise as the program stored it. A problem, and 0, where that is not a year.
        """
        text, place = self.stored_year, (0, 0)
        for row in range(self.row if self.by_hand else 0):
            for col in range(len(self.grid.rows[row])):
                if self.grid.text(row, col) == YEAR_LABEL:
                    place = row, col + 1
                    text = self.grid.text(*place)
        year = only_year(text)
        if not year:
            self.fail(f"{YEAR_LABEL}应是四位数的年份，如 2024。", *place)
        return year

    def number(self, row: int, col: int) -> Number | None:
        """The figure in a cell. None where the cell is blank or has no valid number; the latter is
        a problem, and so is a blank in a summary.
        """
        raw = self.grid.raw(row, col)
        if type(raw) is float and raw.is_integer() and 0 <= raw < 2**53:
            return int(raw)  # what nearly all of them are
        cell, item = self.grid.cell(row, col), self.form.items[self.items[col]]
        number: Number | None = None
        if cell.kind is CellKind.BLANK:
            waiting = cell.flag.formula and not cell.flag.cached
            if waiting and item.formula is None:
                self.fail("公式没有结果，请改填数字。", row, col)
            elif not self.by_hand:
                self.fail("空白；汇总表的明细每格都有数，请用程序写出的原表。", row, col)
            return None
        if cell.kind is CellKind.NUMBER and isinstance(cell.raw, (int, float)):
            number = numbers.from_float(cell.raw)
        elif cell.kind is CellKind.TEXT:
            reading = numbers.read(str(cell.raw), item.unit)
            number = reading.number if reading is not None else None
        if number is None:
            self.fail(f"“{cell.shown[:40]}”不是数，请只填数字，没有的填 0。", row, col)
        elif self.by_hand and number < 0 and not item.signed and item.formula is None:
            self.fail(f"{numbers.show(number)} 小于 0。", row, col)
        elif self.by_hand and item.whole and not isinstance(number, int):
            self.fail(f"{numbers.show(number)} 不是整数。", row, col)
        return number


SHEET, GUIDE = "上年数据", "填写说明"
TITLE_ROW, NOTE_ROW, YEAR_ROW, KEY_ROW, HEAD_ROW = range(5)
NUMBER, UNIT, FIRST = range(3)  # columns: 序号, 单位名称, the first item
SPARE = 20  # rows for more units than the roster has
ROWS = 60  # rows for all units, where there is no roster
FIGURE, NAME = 108, 230
BOUND = 10**12
INPUT, TOTAL = "#FFFFE5", "#EDEDED"
INSTRUCTIONS = (
    "1. 每行一个单位，单位名称与单位名录一致（名称、别名或代码均可），不得重复；"
    "已撤并的原单位也填，并在名录的“前身单位”中写明由谁承接。",
    "2. 在“数据年度”后填这些数据是哪一年的（四位数），即本次报告年度的上一年。",
    "3. 数字抄自上年报送的表，每栏的出处见表头。没有的填 0；不知道的留空，留空的不作跨年核对。",
    "4. 灰色的总计自动计算，也可以直接填写。",
    "5. 请勿删除、移动表头上方隐藏的一行，也不要删除隐藏的工作表。",
)


def write_blank(
    path: Path, form: Form, units: Iterable[Unit] = (), *, year: int | None = None
) -> None:
    """Write an empty workbook for last year's figures to ``path``: a row for each unit, and a
    column for each figure that a rule of the form compares with last year's.

    ``units``: those whose names are filled in already. ``year``: the year of the figures; None to
    leave it for people to fill in. Raises OSError where the file cannot be written.
    """
    path.write_bytes(build_blank(form, tuple(units), year=year))


def build_blank(form: Form, units: tuple[Unit, ...] = (), *, year: int | None = None) -> bytes:
    """The content of the workbook that `write_blank` writes; the same input gives the same
    bytes.
    """
    buffer = BytesIO()
    title = f"{form.title}上年数据"
    with WorkbookWriter(buffer, created=datetime(2021, 1, 1), title=title) as book:
        _figures(book.page(SHEET), form, units, year)
        _guide(book.page(GUIDE), form)
        identity: dict[str, str | int] = {
            "kind": WorkbookKind.PREVIOUS,
            "form": form.form,
            "edition": form.edition,
            "version": __version__,
        }
        book.identity(identity)
    return buffer.getvalue()


def _figures(page: SheetWriter, form: Form, units: tuple[Unit, ...], year: int | None) -> None:
    """Write the sheet with the figures: title, note and year, the hidden row, the headings, and the
    rows to fill in: `SPARE` more than ``units``, or `ROWS` where there are none.
    """
    formats, sheet = page.formats, page.sheet
    items = [form.items[i] for i in form.priors]
    columns = {item.index: col for col, item in enumerate(items, FIRST)}
    labels = _labels(items)
    depth, last_col = sum(label.levels for label in labels[0]), FIRST + len(items) - 1
    first = HEAD_ROW + depth
    last = first + (len(units) + SPARE if units else ROWS) - 1
    for row, height in ((TITLE_ROW, 36), (NOTE_ROW, 24), (YEAR_ROW, 26)):
        sheet.set_row_pixels(row, height)
    page.text(TITLE_ROW, 0, f"{form.title}　上年数据", formats(font_name=HEI, font_size=15))
    note = "每行一个单位；没有的填 0，不知道的留空。详见“填写说明”。"
    page.text(NOTE_ROW, 0, note, formats(font_size=9, font_color="#595959"))
    page.merged((YEAR_ROW, NUMBER, YEAR_ROW, NUMBER), "", formats())
    page.text(YEAR_ROW, NUMBER, YEAR_LABEL, formats(font_name=HEI))
    box = formats.cell(bg_color=INPUT, align="center", num_format="0", locked=False)
    if year is None:
        page.text(YEAR_ROW, UNIT, "", box)
    else:
        sheet.write_number(YEAR_ROW, UNIT, year, box)
    sheet.data_validation(YEAR_ROW, UNIT, YEAR_ROW, UNIT, _between("年份", 2000, 2100))
    page.text(KEY_ROW, 0, f"{HEAD_KEY}{depth}", formats())
    page.text(KEY_ROW, UNIT, UNIT_KEY, formats())
    for item in items:
        page.text(KEY_ROW, columns[item.index], item.name, formats())
    sheet.set_row(KEY_ROW, None, None, {"hidden": True})
    sheet.set_column_pixels(NUMBER, NUMBER, 64)
    sheet.set_column_pixels(UNIT, UNIT, NAME)
    sheet.set_column_pixels(FIRST, last_col, FIGURE)
    _head(page, labels, first)
    _rows(page, items, columns, range(first, last + 1), [unit.name for unit in units])
    sheet.freeze_panes(first, FIRST)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(HEAD_ROW, first - 1)
    sheet.center_horizontally()
    sheet.print_area(0, 0, last, last_col)
    sheet.set_selection(first, FIRST if units else UNIT, first, FIRST if units else UNIT)


def _labels(items: list[Item]) -> list[list[Label]]:
    """The headings above each item, from the top: the labels of its row in the form, then those of
    its column. All items get the same number of levels.
    """
    paths = [(*(x for x in i.rows if x), *i.columns) for i in items]
    depth = max(len(path) for path in paths)
    return [labelled(path, depth) for path in paths]


def _head(page: SheetWriter, labels: list[list[Label]], first: int) -> None:
    """Write the headings, as high as their texts need. ``labels``: those above each item;
    ``first``: the row (from 0) below the headings.
    """
    look = page.formats.cell(font_name=HEI, align="center", text_wrap=True, bg_color=HEAD_COLOUR)
    heights = [26] * (first - HEAD_ROW)
    page.merged((HEAD_ROW, NUMBER, first - 1, NUMBER), "序号", look)
    page.merged((HEAD_ROW, UNIT, first - 1, UNIT), LABELS[UNIT_KEY], look)
    for box in by_level(merged(labels)):
        area = (HEAD_ROW + box.top, FIRST + box.left, HEAD_ROW + box.bottom, FIRST + box.right)
        page.merged(area, box.text, look)
        if box.bottom == box.top:
            need = lines(box.text, box.count * FIGURE) * 20 + 6
            heights[box.top] = max(heights[box.top], need)
    for row, height in enumerate(heights, HEAD_ROW):
        page.sheet.set_row_pixels(row, height)


def _rows(
    page: SheetWriter, items: list[Item], columns: dict[int, int], rows: range, names: list[str]
) -> None:
    """Write the rows to fill in: number, unit and a cell for each item; a total is a formula if all
    its parts are on the sheet. ``columns``: of each item; ``names``: of the units in the first
    rows.
    """
    formats, sheet = page.formats, page.sheet
    base: dict[str, Property] = {"bg_color": INPUT, "locked": False}
    name, number = (
        formats.cell(**base, num_format="@", text_wrap=True),
        formats.cell(align="center"),
    )
    grey: dict[str, Property] = {"bg_color": TOTAL, "locked": False}
    for at, row in enumerate(rows):
        unit = names[at] if at < len(names) else ""
        sheet.set_row_pixels(row, lines(unit, NAME) * 19 + 5)
        sheet.write_number(row, NUMBER, at + 1, number)
        page.text(row, UNIT, unit, name)
        for item in items:
            col, formula = columns[item.index], item.formula
            number_format: dict[str, Property] = {"num_format": item.pattern or "General"}
            if formula is None or any(o.item not in columns for o in formula.operands):
                page.text(row, col, "", formats.cell(**base, **number_format))
                continue
            # Without $: rows that people copy down have to add up their own figures.
            parts = [f"{column_name(columns[o.item])}{row + 1}" for o in formula.operands]
            signs = ["-" if o.sign < 0 else "+" for o in formula.operands]
            added = "".join(f"{s}{p}" for s, p in zip(signs, parts, strict=True)).removeprefix("+")
            sum_of_parts = f'=IF(COUNT({",".join(parts)})={len(parts)},{added},"")'
            sheet.write_formula(row, col, sum_of_parts, formats.cell(**grey, **number_format), "")
    for item in items:
        kind = "integer" if item.whole else "decimal"
        least = -BOUND if item.signed or item.formula is not None else 0
        area = (rows[0], columns[item.index], rows[-1], columns[item.index])
        sheet.data_validation(*area, _between("数字", least, BOUND, kind))


def _between(what: str, least: int, most: int, kind: str = "integer") -> dict[str, object]:
    """The rule of a cell for numbers from ``least`` to ``most``, as XlsxWriter takes it. ``what``:
    the title of the error message; ``kind``: ``integer`` or ``decimal``.
    """
    words = "整数" if kind == "integer" else "数"
    return {
        "validate": kind,
        "criteria": "between",
        "minimum": least,
        "maximum": most,
        "error_title": what,
        "error_message": f"请填 {least} 至 {most} 的{words}。",
    }


def _guide(page: SheetWriter, form: Form) -> None:
    """Write the sheet with the instructions for filling in the workbook."""
    sheet, formats = page.sheet, page.formats
    sheet.set_column_pixels(0, 0, 640)
    page.text(0, 0, "填写说明", formats(font_name=HEI, font_size=15))
    sheet.set_row_pixels(0, 36)
    look = formats(text_wrap=True, valign="top")
    for row, text in enumerate(INSTRUCTIONS, 1):
        page.text(row, 0, text, look)
        sheet.set_row_pixels(row, lines(text, 640) * 20 + 8)
    page.text(len(INSTRUCTIONS) + 1, 0, f"表式：{form.title}（{form.authority}）", look)
    sheet.hide_gridlines(2)
    sheet.fit_to_pages(1, 0)
