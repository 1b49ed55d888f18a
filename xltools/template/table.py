"""Write the sheets that units fill in: one for each table of the form, with the state of its rules
under each column and colours on its figures; and 文字, for the texts.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from xltools.excel.page import (
    BALANCES,
    DIFFERENCE,
    DIFFERENCE_AMOUNT,
    GREY,
    LINK,
    MARK,
    PALE,
    TO_LOOK_AT,
    TO_MEND,
    UNDECIDED,
    Property,
    annotate,
    colour_where,
    draw,
    lock_sheet,
    look_of,
)
from xltools.layout.geometry import TALLEST, Box, lines
from xltools.layout.places import TEXT_ROWS, TEXT_SHEET, TableLayout, TextPlace, TextTitle
from xltools.model.cells import Address
from xltools.model.form import BOUND, Item
from xltools.model.formula import Linear, excel_sum, rectangles
from xltools.model.identity import CHECKS, COVER, OFF, RANK, TO_CHECKS, TO_COVER
from xltools.model.numbers import show, stored
from xltools.model.returns import RuleState
from xltools.model.roster import Texts
from xltools.template.cell_entry import CellEntry, counted
from xltools.template.draft import WorkbookDraft, entries
from xltools.template.opening import Opening

LENGTH = 2
"""The hidden column of 文字 that holds the length of each text, beside its heading."""
WIDTH = 540  # pixels of a text
_DOUBT = 0.5  # what a doubtful figure counts in the hidden mirror: less than one reason to be red
_BAD = "数字有误"  # a figure is negative, has too many decimals, or is too large


def paint_table(draft: WorkbookDraft, placed: TableLayout) -> None:
    """Add the sheet of a table: headings, inputs and totals, the states of its rules below,
    colours, and the restrictions on what each input accepts.
    """
    sheet = draft.book.sheet(placed.sheet)
    drawing, form = placed.drawing, draft.layout.form

    def style(box: Box) -> Any:
        if box.item is None:
            return draft.formats(**look_of(box, drawing.stubs))
        return _look(draft, form.items[box.item])

    def figure(box: Box, item: int, look: Any) -> None:
        _figure(draft, sheet, box, form.items[item], look)

    draw(sheet, drawing, style, figure)
    _mirror(draft, sheet, placed)
    _foot(draft, sheet, placed)
    _validate(draft, sheet, placed)
    link = draft.formats(**LINK)
    sheet.write_url(placed.foot + 1, 0, f"internal:'{COVER}'!A1", link, TO_COVER)
    sheet.write_url(placed.foot + 2, 0, f"internal:'{CHECKS}'!A1", link, TO_CHECKS)
    sheet.set_paper(9)
    sheet.set_margins(left=0.7, right=0.7, top=0.75, bottom=0.75)
    sheet.center_horizontally()
    sheet.fit_to_pages(1, 1)
    if drawing.landscape:
        sheet.set_landscape()
    sheet.print_area(0, 0, placed.foot, len(drawing.widths) - 1)
    sheet.set_header(f"&L{draft.head}&R{draft.subject.year}年度")
    sheet.set_footer("&C第 &P 页，共 &N 页")
    sheet.hide_gridlines(2)
    first = next(b for b in drawing.boxes if b.item is not None)
    sheet.freeze_panes(min(first.row, 6), first.col if first.col < 4 else 0)
    sheet.set_selection(first.row, first.col, first.row, first.col)
    lock_sheet(sheet, draft.password)


def _look(draft: WorkbookDraft, item: Item) -> Any:
    """The format of a figure's cell: an input is unlocked and pale yellow, a total locked and grey;
    a figure with a note stands out.
    """
    total = item.formula is not None
    plain: dict[str, Property] = {"border": 1, "align": "center", "shrink": True, "locked": total}
    plain["bg_color"] = GREY if total else PALE
    if item.pattern:
        plain["num_format"] = item.pattern
    return draft.formats(**plain | (MARK if draft.subject.marks.get(item.name) else {}))


def _figure(draft: WorkbookDraft, sheet: Any, box: Box, item: Item, look: Any) -> None:
    """Write a figure's cell (a number, blank, or the formula of a total) and its note."""
    annotate(sheet, box.row, box.col, draft.subject.marks.get(item.name, ""))
    number = draft.opening.numbers[item.index]
    if item.formula is not None:
        text = _total_formula(draft, item, item.formula, sheet.get_name())
        total = draft.shown(lambda now: stored(now.numbers[item.index] or 0))
        sheet.write_formula(box.row, box.col, text, look, total)
    elif number is not None:
        figure = draft.figure(lambda now: now.numbers[item.index] or 0)
        sheet.write_number(box.row, box.col, figure, look)
    else:
        sheet.write_blank(box.row, box.col, None, look)


def _total_formula(draft: WorkbookDraft, item: Item, formula: Linear, home: str) -> str:
    """The formula of a total on the sheet ``home``. Sums of figures with decimals are rounded to
    six places, because sums of binary fractions are not exact.
    """
    text = excel_sum(formula, draft.place, home, single="SUM({})")
    return f"={text}" if item.whole else f"=ROUND({text},6)"


def columns_of(placed: TableLayout) -> Mapping[int, list[tuple[Box, int]]]:
    """The boxes of figures by column of the sheet, each with its item number, from top to
    bottom.
    """
    columns: dict[int, list[tuple[Box, int]]] = {}
    for box in placed.drawing.boxes:
        if box.item is not None:
            columns.setdefault(box.col, []).append((box, box.item))
    return columns


def _validate(draft: WorkbookDraft, sheet: Any, placed: TableLayout) -> None:
    """Let each input accept only what the form allows, with a note beside it when it is
    selected.
    """
    for box, number in (pair for boxes in columns_of(placed).values() for pair in boxes):
        item = draft.layout.form.items[number]
        if item.formula is not None:
            continue
        kind = takes(item)
        validation = {
            "validate": "integer" if item.whole else "decimal",
            "criteria": "between",
            "minimum": -BOUND if item.signed else 0,
            "maximum": BOUND,
            "input_title": _heading(item),
            "input_message": _prompt(draft, item, kind),
            "error_title": "填写有误",
            "error_message": f"请填{kind}，不带单位和其他文字，最大 {BOUND}。没有的填 0。",
        }
        sheet.data_validation(box.row, box.col, box.row, box.col, validation)


def takes(item: Item) -> str:
    """What an input accepts, in words, such as 不小于0的整数 or 可为负数的数，小数至多2位."""
    sign = "可为负数的" if item.signed else "不小于0的"
    if item.whole:
        return f"{sign}整数"
    return f"{sign}数，" + {None: "可有小数", 0: "不带小数"}.get(
        item.decimals, f"小数至多{item.decimals}位"
    )


def _heading(item: Item) -> str:
    """The title of the note beside an input: its innermost labels, cut to the 32 characters that
    Excel shows.
    """
    return " ".join((*item.rows[-1:], *item.columns[-2:]))[-32:]


def _prompt(draft: WorkbookDraft, item: Item, kind: str) -> str:
    """The text of the note beside an input, cut to the 255 characters that Excel shows. It says
    what the input accepts (``kind``, in words), in which unit of money, and last year's figure; for
    a figure carried over from last year, where it comes from.
    """
    known, source = draft.opening.subject.priors, draft.layout.form.carried.get(item.index)
    if source in known and source is not None:
        before = draft.layout.form.items[source]
        label = (before.columns if before.row == item.row else before.rows or before.columns)[-1]
        begin, end = f"已按上年“{label}”填入 ", "，有出入的请改正，并在“校验”页说明。"
        return draft.words(lambda now: f"{begin}{show(now.subject.priors[source])}{end}"[:255])
    unit = f"单位：{item.unit}。" if item.unit else ""
    text = f"请填{kind}，没有的填 0。{unit}"

    def prompt(now: Opening) -> str:
        last = now.subject.priors.get(item.index)
        return (text if last is None else f"{text}\n上年：{show(last)}")[:255]

    return draft.words(prompt)


def _mirror(draft: WorkbookDraft, sheet: Any, placed: TableLayout) -> None:
    """Write the number of reasons to be red of each figure to hidden columns to the right of the
    table, and colour the figures by it.

    The conditions refer only to cells on the same sheet, because those that refer to another sheet
    do not survive in .xls.
    """
    rows: dict[int, list[int]] = {}  # rows of 校验 by the item that their rules use
    for instance in draft.layout.form.instances:
        if draft.opening.rows[instance.index].applies:
            for item in instance.cells:
                rows.setdefault(item, []).append(instance.index)
    columns, shift = columns_of(placed), placed.mirror
    boxes = [box for column in columns.values() for box, _ in column]
    for box, item in (pair for column in columns.values() for pair in column):
        text, reasons = _reasons(draft, item, rows.get(item, ()))
        sheet.write_formula(box.row, box.col + shift, f"={text}", None, draft.shown(reasons))
    top, left, last = min(box.row for box in boxes), min(columns), len(placed.drawing.widths) - 1
    sheet.set_column(shift - 1, shift + last, None, None, {"hidden": True})
    first = Address(sheet.get_name(), top, left + shift).a1
    area = (top, left, max(box.row for box in boxes), last)
    changes = {f"={first}>=1": TO_MEND, f"={first}>0": TO_LOOK_AT}
    colour_where(sheet, draft.formats, area, changes)


def _reasons(
    draft: WorkbookDraft, item: int, rows: Sequence[int]
) -> tuple[str, Callable[[Opening], float]]:
    """The number of reasons a figure has to be red: a formula without ``=``, and a function for its
    value when the workbook is opened. Each violated rule counts 1 (``rows``: those of the figure,
    as rows of 校验), a figure that the form does not allow 1, and a doubtful figure 0.5.
    """
    ranks = rectangles([draft.check(row, RANK) for row in rows])
    parts = [counted(ranks, "=2")] if ranks else []
    entered = draft.layout.form.items[item].formula is None
    if entered:
        state = draft.entry(item).full
        doubt = f"IF({state}>={CellEntry.YUAN:d},{_DOUBT},0)"
        parts.insert(0, f"IF({state}>={CellEntry.WRONG:d},1,{doubt})")

    def count(now: Opening) -> float:
        reasons = float([now.ranks[row] for row in rows].count(2))
        if entered and now.states[item] >= CellEntry.YUAN:
            reasons += 1 if now.states[item] >= CellEntry.WRONG else _DOUBT
        return reasons

    return "+".join(parts) or "0", count


def _foot(draft: WorkbookDraft, sheet: Any, placed: TableLayout) -> None:
    """Write the worst state of the rules of each column below it, in its colour."""
    form, opening = draft.layout.form, draft.opening
    columns = columns_of(placed)
    stubs = min(columns)
    if stubs:
        note = draft.formats(font_size=9, font_color="#7F7F7F", locked=True)
        sheet.write_string(placed.foot, 0, "勾稽校验", note)
    for col, boxes in columns.items():
        items = [number for _, number in boxes]
        instances = [
            instance
            for instance in form.instances
            if instance.anchor in items and opening.rows[instance.index].applies
        ]
        inputs = [number for number in items if form.items[number].formula is None]
        text, state = _foot_formula(draft, inputs, [instance.index for instance in instances])
        amounts = any(draft.amounts(instance) for instance in instances)
        shows = DIFFERENCE_AMOUNT if amounts else DIFFERENCE
        small = draft.formats(font_size=9, align="center", num_format=shows, shrink=True)
        sheet.write_formula(placed.foot, col, text, small, draft.shown(state))
    first = Address(sheet.get_name(), placed.foot, stubs).a1
    wrong = ",".join(f'{first}="{words}"' for words in (RuleState.NOT_NUMBER.value, _BAD))
    changes: dict[str, dict[str, Property]] = {
        f"=OR({wrong},AND(ISNUMBER({first}),{first}<>0))": TO_MEND | {"bold": True},
        f'={first}="{RuleState.INCOMPLETE.value}"': UNDECIDED,
        f"=AND(ISNUMBER({first}),{first}=0)": BALANCES,
    }
    area = (placed.foot, stubs, placed.foot, max(columns))
    colour_where(sheet, draft.formats, area, changes)


def _foot_formula(
    draft: WorkbookDraft, inputs: Sequence[int], rows: Sequence[int]
) -> tuple[str, Callable[[Opening], int | float | str]]:
    """The formula below a column, and a function for its value when the workbook is opened.

    ``inputs``: the inputs in the column (item numbers); ``rows``: the rules that belong to it, as
    rows of 校验. Where an input is not a number or not allowed, the formula says so. Otherwise it
    gives the largest imbalance of the rules, or that they cannot be judged yet, or 0; nothing where
    there are no rules.
    """
    text = '""'
    if rows:
        ranks = ",".join(rectangles([draft.check(row, RANK) for row in rows]))
        offs = ",".join(rectangles([draft.check(row, OFF) for row in rows]))
        worst = f"IF(MAX({offs})>0,MAX({offs}),MIN({offs}))"
        text = (
            f'IF(MAX({ranks})=3,"{RuleState.NOT_NUMBER.value}",IF(MAX({ranks})=2,{worst},'
            f'IF(MAX({ranks})=1,"{RuleState.INCOMPLETE.value}",0)))'
        )

    def state(now: Opening) -> int | float | str:
        if any(now.states[item] is CellEntry.WRONG for item in inputs):
            return _BAD
        if not rows:
            return ""
        rank = max(now.ranks[row] for row in rows)
        if rank < 2:
            return (0, RuleState.INCOMPLETE.value)[rank]
        differences = [now.rows[row].off for row in rows]
        return stored(max(differences) if max(differences) > 0 else min(differences))

    if not inputs:
        return f"={text}", state
    words = entries(draft, inputs, f"={CellEntry.NO_NUMBER:d}")
    wrong = entries(draft, inputs, f"={CellEntry.WRONG:d}")
    text = f'IF({words}>0,"{RuleState.NOT_NUMBER.value}",IF({wrong}>0,"{_BAD}",{text}))'
    return f"={text}", state


def paint_texts(draft: WorkbookDraft) -> None:
    """Add the sheet 文字 if the form has texts. Column A takes the texts, one paragraph in each row
    and 30 rows for each text; column B shows how long they are, by the lengths in the hidden column
    C.
    """
    layout, f, subject = draft.layout, draft.formats, draft.subject
    if not layout.texts:
        return
    sheet = draft.book.sheet(TEXT_SHEET)
    sheet.set_column_pixels(0, 0, WIDTH)
    sheet.set_column_pixels(1, 1, 170)
    sheet.set_column(LENGTH, LENGTH, None, None, {"hidden": True})
    asked = {
        Texts.REQUIRED: "本单位须填写",
        Texts.OPTIONAL: "可不填",
        Texts.NONE: "本单位不用填",
    }[subject.text]
    hint = f"文字部分：一段一格。从 Word 复制后，选中标题下第一个浅黄格粘贴。（{asked}）"
    sheet.write_string(0, 0, hint, f(font_color="#7F7F7F", text_wrap=True))
    sheet.write_url(0, 1, f"internal:'{COVER}'!A1", f(**LINK), "← 填报")
    sheet.set_row_pixels(0, 30)
    texts = {text.name: paragraphs(draft, text.name) for text in layout.form.texts}
    for title in layout.titles:
        _part_title(draft, sheet, title, texts)
    for place in layout.texts:
        _text_rows(draft, sheet, place, texts[place.text.name])
    sheet.freeze_panes(1, 0)
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.print_area(0, 0, layout.texts[-1].last, 0)
    sheet.hide_gridlines(2)
    lock_sheet(sheet, draft.password)


def _small(draft: WorkbookDraft) -> Any:
    """The format of the cells that show the lengths of texts."""
    return draft.formats(font_size=9, font_color="#7F7F7F", indent=1)


def _part_title(
    draft: WorkbookDraft, sheet: Any, title: TextTitle, texts: Mapping[str, Sequence[str]]
) -> None:
    """Write the title of a part of the form and the length of all its texts together, in red where
    they are longer than asked for. ``texts``: the paragraphs of each text, by its name.
    """
    f, part, row = draft.formats, title.part, title.row
    sheet.write_string(row, 0, part.title, f(font_name="黑体", font_size=14))
    sheet.set_row_pixels(row, 34)
    count = "+".join(
        Address(TEXT_SHEET, place.heading, LENGTH).absolute
        for place in draft.layout.texts
        if place.text.part_title == part.title
    )
    limit = part.allowed(draft.subject.limit)
    wish = f" 字，要求不超过 {limit} 字" if limit else " 字"
    length = sum(units(paragraph) for text in part.texts for paragraph in texts[text.name])
    formula = f'="共 "&({count})&"{wish}"'
    sheet.write_formula(row, 1, formula, _small(draft), f"共 {length}{wish}")
    if limit:
        colour_where(sheet, f, (row, 1, row, 1), {f"=({count})>{limit}": TO_MEND})


def _text_rows(draft: WorkbookDraft, sheet: Any, place: TextPlace, written: Sequence[str]) -> None:
    """Write the heading of a text with its length beside it, and the rows for its paragraphs.
    ``written``: the paragraphs that the workbook has from the start.
    """
    f, heading = draft.formats, place.heading
    head = f(font_name="黑体", font_size=12, bg_color="#F2F2F2", border=1)
    sheet.write_string(heading, 0, place.text.label, head)
    sheet.set_row_pixels(heading, 28)
    length, cell = sum(map(units, written)), Address(TEXT_SHEET, heading, LENGTH)
    # An array formula: some programs do not take SUMPRODUCT(LEN()) for one.
    here = (heading, LENGTH)
    area = f"$A${place.first + 1}:$A${place.last + 1}"
    sheet.write_array_formula(*here, *here, f"{{=SUM(LEN({area}))}}", None, length)
    text = f'="已写 "&{cell.absolute}&" 字"'
    sheet.write_formula(heading, 1, text, _small(draft), f"已写 {length} 字")
    base: dict[str, Property] = {"text_wrap": True, "locked": False, "valign": "top"}
    base |= {"num_format": "@"}
    plain = f(**base | {"bg_color": PALE, "border": 4, "border_color": "#BFBFBF"})
    marked, note = f(**base | MARK), draft.subject.marks.get(place.text.name, "")
    for number, row in enumerate(range(place.first, place.last + 1)):
        look = marked if note and number < max(1, len(written)) else plain
        if number < len(written):
            sheet.write_string(row, 0, written[number], look)
            sheet.set_row_pixels(row, min(TALLEST, 18 * lines(written[number], WIDTH) + 8))
        else:
            sheet.write_blank(row, 0, None, look)
    annotate(sheet, place.first, 0, note)


def paragraphs(draft: WorkbookDraft, name: str) -> list[str]:
    """The paragraphs of the form's text ``name`` that the workbook is prefilled with, one for each
    row of the sheet; empty when it is prefilled with none. A text has TEXT_ROWS rows: if there are
    more paragraphs, the last row gets all the remaining ones, separated by line feeds.
    """
    text = draft.subject.start.texts.get(name, "") if draft.subject.start else ""
    return text.split("\n", TEXT_ROWS - 1) if text else []


def units(text: str) -> int:
    """The length of a text as Excel's LEN gives it: in UTF-16 code units."""
    return len(text.encode("utf-16-le")) // 2
