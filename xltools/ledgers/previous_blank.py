"""The plain workbook for last year's figures, where there is no summary of last year."""

from __future__ import annotations

from collections.abc import Iterable
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
from xltools.layout.drawing import lines
from xltools.layout.headings import Label, by_level, labelled, merged
from xltools.ledgers.previous import (
    HEAD_KEY,
    LABELS,
    PLAIN,
    UNIT_KEY,
    YEAR_LABEL,
)
from xltools.model.cells import column_name
from xltools.model.form import Form, Item
from xltools.model.roster import Unit
from xltools.version import __version__

SHEET, GUIDE = "上年数据", "填写说明"
TITLE_ROW, NOTE_ROW, YEAR_ROW, KEY_ROW, HEAD_ROW = range(5)
NUMBER, UNIT, FIRST = range(3)  # columns: 序号, 单位名称, the first item
SPARE = 20  # rows for more units than the roster has
ROWS = 60  # and for all, where there is no roster
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
    """Write an empty workbook: a row a unit, a column for each figure some rule looks back at.

    ``units``: names to fill in; ``year``: of the figures, else the reader of it fills it in.
    Raises OSError where it cannot be written.
    """
    path.write_bytes(build_blank(form, tuple(units), year=year))


def build_blank(form: Form, units: tuple[Unit, ...] = (), *, year: int | None = None) -> bytes:
    """The bytes of `write_blank`; the same input gives the same bytes."""
    buffer = BytesIO()
    title = f"{form.title}上年数据"
    with WorkbookWriter(buffer, created=datetime(2021, 1, 1), title=title) as book:
        _figures(book.page(SHEET), form, units, year)
        _guide(book.page(GUIDE), form)
        identity: dict[str, str | int] = {
            "kind": PLAIN,
            "form": form.form,
            "edition": form.edition,
            "version": __version__,
        }
        book.identity(identity)
    return buffer.getvalue()


def _figures(page: SheetWriter, form: Form, units: tuple[Unit, ...], year: int | None) -> None:
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
    """The labels above each item: those of its row and of its column, on as many levels each."""
    paths = [(*(x for x in i.rows if x), *i.columns) for i in items]
    depth = max(len(path) for path in paths)
    return [labelled(path, depth) for path in paths]


def _head(page: SheetWriter, labels: list[list[Label]], first: int) -> None:
    """Write the headings above the rows, which begin in row ``first``, at heights that fit."""
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
            col, own = columns[item.index], item.formula
            number_format: dict[str, Property] = {"num_format": item.pattern or "General"}
            if own is None or any(o.item not in columns for o in own.operands):
                page.text(row, col, "", formats.cell(**base, **number_format))
                continue
            # Without $: rows that people copy down have to add up their own figures.
            parts = [f"{column_name(columns[o.item])}{row + 1}" for o in own.operands]
            signs = ["-" if o.sign < 0 else "+" for o in own.operands]
            added = "".join(f"{s}{p}" for s, p in zip(signs, parts, strict=True)).removeprefix("+")
            formula = f'=IF(COUNT({",".join(parts)})={len(parts)},{added},"")'
            sheet.write_formula(row, col, formula, formats.cell(**grey, **number_format), "")
    for item in items:
        kind = "integer" if item.whole else "decimal"
        least = -BOUND if item.signed or item.formula is not None else 0
        area = (rows[0], columns[item.index], rows[-1], columns[item.index])
        sheet.data_validation(*area, _between("数字", least, BOUND, kind))


def _between(what: str, least: int, most: int, kind: str = "integer") -> dict[str, object]:
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
