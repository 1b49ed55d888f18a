"""A workbook with last year's figures, read: last year's summary, or the plain one made for them.

Both have a hidden row above their headings, with the names of the items and with `UNIT_KEY`, and
the hidden sheet ``xltools``, which says what they are.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from xltools.model import numbers
from xltools.model.cells import CellKind, Grid, column_name
from xltools.model.errors import Problem, ReadError
from xltools.model.evaluate import with_totals
from xltools.model.findings import catalogue
from xltools.model.form import Form
from xltools.model.numbers import Number
from xltools.model.previous import Previous, PreviousError
from xltools.model.roster import NO
from xltools.model.sheets import IDENTITY
from xltools.model.text import clean, key
from xltools.model.years import only_year
from xltools.readers.workbook import Book, open_book

SUMMARY, PLAIN = "summary", "previous"
"""The kinds of workbooks that are read."""
UNIT_KEY, COUNTED_KEY, HEAD_KEY = "unit", "counted", "head:"
"""What the hidden row has above the names of units and above 计入汇总; and, in its first cell,
before the number of rows with headings that follow it."""
YEAR_LABEL = "数据年度"
LABELS: Mapping[str, str] = {UNIT_KEY: "单位名称", COUNTED_KEY: "计入汇总"}
_ITEM = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*\Z")


def load(path: Path, form: Form) -> Previous:
    """Last year's figures from a workbook. Raises PreviousError with all problems at once."""
    try:
        return _read(path, form, open_book(path))
    except ReadError as error:
        message = catalogue()[error.code].message.format(found=error.detail or "无法识别")
        raise PreviousError(path, [Problem(message=message)]) from None


def _read(path: Path, form: Form, book: Book) -> Previous:
    identity: dict[str, str] = {}
    if IDENTITY in book.names:
        grid = book.values(IDENTITY)
        identity = {grid.text(row, 0): grid.text(row, 1) for row in range(len(grid.rows))}
    if identity.get("kind") not in (SUMMARY, PLAIN):
        message = "不是本程序写出的汇总表或上年数据表；可用 xltools previous new 新建一份填写。"
        raise PreviousError(path, [Problem(message=message)])
    if (identity.get("form"), identity.get("edition")) != (form.form, form.edition):
        name = f"{identity.get('form', '')}-{identity.get('edition', '')}"
        message = f"是另一种表（{name}）的数据，这里要的是 {form.name}。"
        raise PreviousError(path, [Problem(message=message)])
    for sheet in book.sheets:
        rows = book.values(sheet.name).rows
        for row, values in enumerate(rows[:100]):
            if UNIT_KEY in values and any(isinstance(v, str) and _ITEM.match(v) for v in values):
                table = _PreviousTable(path, form, book.grid(sheet.name), row, identity)
                return table.previous()
    raise PreviousError(path, [Problem(message="没有找到数据页，或者数据页中隐藏的栏目行被删除。")])


class _PreviousTable:
    """The sheet of figures being read, a row a unit. Its hidden row says what each column is:
    ``items`` is the item of each column of figures, ``columns`` the column of each other key.

    ``by_hand``: people filled it in, so that blanks and totals that are missing are no damage.
    """

    def __init__(
        self, path: Path, form: Form, grid: Grid, row: int, identity: Mapping[str, str]
    ) -> None:
        self.path, self.form, self.grid, self.row = path, form, grid, row
        self.by_hand = identity["kind"] == PLAIN
        self.stored_year = identity.get("year", "")
        self.problems: list[Problem] = []
        self.items: dict[int, int] = {}
        self.columns: dict[str, int] = {}
        self.first = row + 1

    def previous(self) -> Previous:
        """All that stands on the sheet. Raises PreviousError."""
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
        """Whether something other than a formula was put in a cell."""
        cell = self.grid.cell(row, col)
        return cell.raw is not None and not cell.flag.formula

    def fail(self, message: str, row: int, col: int) -> None:
        """Note a problem with its place as people count it."""
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
        """Which column is which, by the hidden row."""
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
        """What year the figures are of: as the program wrote, or as people filled in."""
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
        """One figure; None where nothing stands, or what stands there is no figure."""
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
