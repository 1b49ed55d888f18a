"""Write the sheet 总览, the first page of a summary: how far the collection is, what to do next,
the key figures with last year's, and charts. All of it fits on one page.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from xltools.excel.page import GREY, HEAD_COLOUR, HEI, SheetWriter
from xltools.model.cells import Address
from xltools.model.formula import Operand, excel_sum
from xltools.model.numbers import stored
from xltools.output.board import Bar, Board, Completeness, KeyFigure, Series
from xltools.output.plan import DETAIL, OVERVIEW, SummaryPlan

if TYPE_CHECKING:
    from xlsxwriter.format import Format

_COLUMNS: Final = 12  # of the page, all of the same width
_WIDTH: Final = 58  # pixels
_DATA: Final = _COLUMNS + 1  # the first column of what the charts draw, beside the page
_HALF: Final = _COLUMNS // 2
_CHART: Final = 216  # pixels of the height of a chart
_BAR: Final = 76
_ROW: Final = 24
_MERGED, _RETURNED, _MISSING, _BLUE, _TEAL = "#4E9A51", "#E8A33D", "#C94F4F", "#3C6DB0", "#3A8E8C"
_COLOURS: Final = (_BLUE, _TEAL, "#7A62A8", "#B0733C")
_STANDING: Final = (("已汇总", _MERGED), ("退回", _RETURNED), ("未报", _MISSING))
_FONT: Final = {"name": "宋体", "size": 9, "color": "#404040"}


def write_overview(page: SheetWriter, plan: SummaryPlan, board: Board) -> None:
    """Write the sheet 总览. ``board``: of the summary."""
    sheet = page.sheet
    sheet.set_column_pixels(0, _COLUMNS - 1, _WIDTH)
    sheet.set_column_pixels(_COLUMNS, _COLUMNS, 24)
    sheet.set_column_pixels(_DATA, _DATA, 180)
    page.merged(
        (0, 0, 0, _COLUMNS - 1),
        f"{plan.summary.district}{plan.summary.year}年{plan.summary.form.title}",
        page.formats(font_name=HEI, font_size=16, align="center"),
    )
    sheet.set_row_pixels(0, 42)
    page.text(0, _DATA, "图表所用的数", page.formats(font_name=HEI))
    row = _standing(page, board.completeness, 1)
    row = _steps(page, board, row)
    row = _figures(page, plan, board.figures, row)
    last = _charts(page, plan, board.series, row)
    sheet.set_portrait()
    sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.6)
    sheet.center_horizontally()
    sheet.print_area(0, 0, last, _COLUMNS - 1)
    sheet.fit_to_pages(1, 1)
    sheet.hide_gridlines(2)
    sheet.activate()


def _section(page: SheetWriter, row: int, title: str) -> int:
    """Write the heading of a section; returns the row below it."""
    page.sheet.set_row_pixels(row, 30)
    look = page.formats(
        font_name=HEI, font_size=12, valign="bottom", bottom=1, bottom_color=_BLUE,
        font_color=_BLUE,
    )  # fmt: skip
    page.merged((row, 0, row, _COLUMNS - 1), title, look)
    return row + 1


def _standing(page: SheetWriter, completeness: Completeness, row: int) -> int:
    """Write how far the collection is, as numbers and as a bar; returns the row below."""
    row = _section(page, row, "报送情况")
    numbers = (completeness.merged, completeness.returned, completeness.missing)
    tiles = (("应报", completeness.expected, "#595959"), *(
        (label, number, colour)
        for (label, colour), number in zip(_STANDING, numbers, strict=True)
    ))  # fmt: skip
    step = _COLUMNS // len(tiles)
    page.sheet.set_row_pixels(row, 22)
    page.sheet.set_row_pixels(row + 1, 34)
    for number, (label, count, colour) in enumerate(tiles):
        left = number * step
        small = page.formats(align="center", font_color="#595959", font_size=10)
        page.merged((row, left, row, left + step - 1), f"{label}（个单位）", small)
        large = page.formats(align="center", bold=True, font_size=18, font_color=colour)
        page.merged((row + 1, left, row + 1, left + step - 1), "", large)
        page.sheet.write_number(row + 1, left, count, large)
    chart: Any = page.formats.book.add_chart({"type": "bar", "subtype": "percent_stacked"})
    for number, (label, colour) in enumerate(_STANDING, 1):
        cell = [OVERVIEW, row + 1, number * step, row + 1, number * step]
        chart.add_series({
            "name": label, "values": cell, "fill": {"color": colour}, "border": {"none": True},
            "gap": 20,
            "data_labels": {
                "value": True, "num_format": "0;;", "font": _FONT | {"color": "#FFFFFF"},
            },
        })  # fmt: skip
    chart.set_title({"none": True})
    chart.set_legend({"position": "bottom", "font": _FONT})
    share = {"min": 0, "max": 1}  # of the whole; without it, ONLYOFFICE leaves half the bar's room
    chart.set_x_axis({"visible": False, "major_gridlines": {"visible": False}, **share})
    chart.set_y_axis({"visible": False, "major_gridlines": {"visible": False}})
    _place(page, chart, row + 2, 0, _COLUMNS * _WIDTH, _BAR)
    page.sheet.set_row_pixels(row + 2, _BAR + 4)
    return row + 3


def _steps(page: SheetWriter, board: Board, row: int) -> int:
    """Write what to do next, each with the command for it; returns the row below."""
    row = _section(page, row, "接下来")
    if not board.steps:
        page.sheet.set_row_pixels(row, _ROW)
        page.merged((row, 0, row, _COLUMNS - 1), "没有要做的。", page.formats())
        return row + 1
    command = page.formats(font_name="Consolas", font_color="#595959", font_size=10)
    for number, step in enumerate(board.steps, 1):
        page.sheet.set_row_pixels(row, _ROW)
        page.merged((row, 0, row, 7), f"{number}. {step.words}", page.formats(indent=1))
        page.merged((row, 8, row, _COLUMNS - 1), step.command, command)
        row += 1
    return row


def _figures(page: SheetWriter, plan: SummaryPlan, figures: Sequence[KeyFigure], row: int) -> int:
    """Write the key figures with last year's and the change; returns the row below."""
    if not figures:
        return row
    formats, sheet = page.formats, page.sheet
    row = _section(page, row, "主要数据")
    areas = ((0, 5), (6, 7), (8, 9), (10, 11))
    head = formats.cell(font_name=HEI, align="center", bg_color=HEAD_COLOUR)
    for (left, right), title in zip(areas, ("", "本年", "上年", "增减"), strict=True):
        page.merged((row, left, row, right), title, head)
    label, cell = formats.cell(indent=1), formats.cell(align="center", shrink=True)
    bold = formats.cell(align="center", bold=True, shrink=True)
    grey = formats.cell(align="center", bg_color=GREY, font_size=9)
    change = formats.cell(align="center", shrink=True, num_format='"＋"General;"－"General;0;@')
    for figure in figures:
        row += 1
        sheet.set_row_pixels(row, _ROW)
        page.merged((row, 0, row, 5), figure.label, label)
        for left, right in areas[1:]:
            page.merged((row, left, row, right), "", grey)
        if figure.number is None:
            page.text(row, 6, "不相加", grey)
        else:
            formula = f"={excel_sum(figure.sum, _on_totals(plan), OVERVIEW)}"
            sheet.write_formula(row, 6, formula, bold, stored(figure.number))
        if figure.before is not None:
            sheet.write_number(row, 8, stored(figure.before), cell)
        else:
            page.text(row, 8, "—", cell)
        if figure.change is not None:
            this, last = (Address(OVERVIEW, row, col).a1 for col in (6, 8))
            sheet.write_formula(row, 10, f"={this}-{last}", change, stored(figure.change))
        else:
            page.text(row, 10, "未报齐" if figure.before is not None else "—", cell)
    sheet.set_row_pixels(row + 1, 6)
    return row + 2


def _on_totals(plan: SummaryPlan) -> Callable[[Operand], Address]:
    """Where the district's figures are: the cells of 汇总."""
    return lambda operand: plan.cell(operand.item)


def _charts(page: SheetWriter, plan: SummaryPlan, series: Sequence[Series], row: int) -> int:
    """Write the charts, two beside each other, and beside the page what they draw; returns the last
    row of the page.
    """
    data = 1
    for number, shown in enumerate(series):
        left = (number % 2) * _HALF
        if not left:
            page.sheet.set_row_pixels(row + number // 2, _CHART + 6)
        page.text(data, _DATA, shown.title, page.formats(bold=True))
        first = data + 1
        for at, bar in enumerate(shown.bars, first):
            page.text(at, _DATA, bar.label, page.formats())
            _value(page, plan, at, bar, page.formats(align="center"))
        data = first + len(shown.bars) + 1
        chart = _chart(page, shown, first, _COLOURS[number % len(_COLOURS)])
        _place(page, chart, row + number // 2, left, _HALF * _WIDTH - 4, _CHART)
    return row + max(0, (len(series) + 1) // 2 - 1)


def _value(page: SheetWriter, plan: SummaryPlan, row: int, bar: Bar, look: "Format") -> None:
    """Write the number of a bar beside its label, as a formula over the figures that it is of."""
    number = stored(bar.number)
    if bar.entry is None:
        at = _on_totals(plan)
    else:
        unit = plan.units.get(bar.entry.unit.name)
        if unit is None:
            page.sheet.write_number(row, _DATA + 1, number, look)
            return
        line = unit

        def at(operand: Operand) -> Address:
            return Address(DETAIL, line, plan.columns[operand.item])

    formula = f"={excel_sum(bar.sum, at, OVERVIEW)}"
    page.sheet.write_formula(row, _DATA + 1, formula, look, number)


def _chart(page: SheetWriter, series: Series, first: int, colour: str) -> Any:
    """A chart with a bar for each number, the first at the top. ``first``: the row of the first."""
    chart: Any = page.formats.book.add_chart({"type": "bar"})
    last = first + len(series.bars) - 1
    chart.add_series({
        "name": series.title,
        "categories": [OVERVIEW, first, _DATA, last, _DATA],
        "values": [OVERVIEW, first, _DATA + 1, last, _DATA + 1],
        "fill": {"color": colour}, "border": {"none": True}, "gap": 45,
        "data_labels": {"value": True, "font": _FONT},
    })  # fmt: skip
    chart.set_title({
        "name": series.title, "overlay": False,
        "name_font": {"name": HEI, "size": 11, "bold": False, "color": "#262626"},
    })  # fmt: skip
    chart.set_legend({"none": True})
    chart.set_x_axis({"visible": False, "major_gridlines": {"visible": False}, "min": 0})
    chart.set_y_axis({
        "reverse": True, "num_font": _FONT, "line": {"color": "#BFBFBF"}, "major_tick_mark": "none",
    })  # fmt: skip
    return chart


def _place(page: SheetWriter, chart: Any, row: int, col: int, width: int, height: int) -> None:
    """Put a chart on the page, with its left upper corner at a cell. Sizes in pixels."""
    chart.set_chartarea({"border": {"none": True}, "fill": {"color": "#FFFFFF"}})
    chart.set_plotarea({"fill": {"none": True}})
    chart.set_size({"width": width, "height": height})
    page.sheet.insert_chart(row, col, chart, {"x_offset": 2, "y_offset": 2, "object_position": 2})
