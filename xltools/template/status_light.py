"""The status light on 填报: the state of the whole return, and what the unit must know before
sending it. It is composed of hidden cells on the identity sheet; each is written as a formula
together with the text that the formula gives when the workbook is opened.
"""

from datetime import date
from typing import Any, Final

from xltools.layout.places import TEXT_SHEET
from xltools.model.cells import Address
from xltools.model.formula import rectangles
from xltools.model.identity import (
    DATE,
    FILLER,
    PHONE,
    RANK,
    UNIT,
)
from xltools.model.returns import RuleState
from xltools.model.roster import Texts
from xltools.model.stated import yuan
from xltools.template.cell_entry import YEARS, CellEntry, counted, says_nothing
from xltools.template.checks import rows_of
from xltools.template.draft import (
    BLANKS,
    COMPLETE,
    DECLARED,
    TABLE_KEY,
    WorkbookDraft,
    entries,
    field_cell,
)
from xltools.template.opening import Opening, inputs_of
from xltools.template.table import LENGTH

# Words of the light: nothing is filled in; all is done; what to do with cells that stay blank.
UNFILLED: Final = "未填报"
READY: Final = "可以发回"
_ADVICE: Final = "：没有的填 0，或把“空白格按零计”选“是”"

# Rows of the hidden cells from which the light is put together.
_MISSING, _DAY, _AMOUNTS, _DAYS, _TEXTS, _REST = range(6)
_LABELS: Final = ("missing", "day", "amounts", "days", "texts", "rest")
_REQUIRED: Final = (UNIT, FILLER, PHONE, DATE)

_LIKE_DAYS: Final = "有数字像是日期，请核对"
_ALL_ZERO: Final = "各表全为零，请确认"


def paint_notices(draft: WorkbookDraft, sheet: Any) -> None:
    """Write the hidden cells of the light to the identity sheet, below the status of the tables."""
    for row, text in enumerate(_formulas(draft)):
        _notice(draft, sheet, row, text)


def _notice(draft: WorkbookDraft, sheet: Any, row: int, formula: str) -> None:
    """Write one of the hidden cells. ``row``: its place in `_LABELS`."""
    at = draft.notice(row)
    sheet.write_string(at.row, TABLE_KEY, _LABELS[row])
    value = draft.shown(lambda now: _now(draft, now)[row])
    sheet.write_formula(at.row, at.col, f"={formula}", None, value)


def _formulas(draft: WorkbookDraft) -> tuple[str, ...]:
    """The formulas of the hidden cells, without ``=``, in the order of `_LABELS`: the fields that
    are not filled in; 1 for a wrong date; the sheets with doubtful amounts; the sheets with figures
    that may be dates; how many texts are missing; and the sentences made from all these. Names are
    each preceded by 、, sentences by ；.
    """
    form, year = draft.layout.form, draft.subject.year
    missing = "&".join(f'IF({says_nothing(field_cell(n).full)},"、{n}","")' for n in _REQUIRED)
    wrong_day = f"IF({odd_day(field_cell(DATE).full, year)},1,0)"
    in_yuan, days = (
        "&".join(
            f'IF({entries(draft, items, f"={state:d}")}>0,"、{sheet}","")'
            for sheet, items in inputs.items()
        )
        for inputs, state in (
            (_amounts(draft), CellEntry.YUAN),
            (_inputs(draft), CellEntry.DAY),
        )
    )
    texts = "0"
    if _asks_for_texts(draft):
        lengths = [Address(TEXT_SHEET, place.heading, LENGTH) for place in draft.layout.texts]
        texts = counted(rectangles(lengths), "=0")
    blank = ",".join(rectangles([draft.status(t.key, BLANKS) for t in form.tables]))
    cells = [draft.notice(row).full for row in range(_REST)]
    rest = "&".join(
        (
            f'IF({cells[_MISSING]}="","","；请补填："&MID({cells[_MISSING]},2,99))',
            f'IF({cells[_DAY]}=0,"","；{_bad_day(draft)}")',
            f'IF({cells[_AMOUNTS]}="","","；"&MID({cells[_AMOUNTS]},2,99)&"{_doubt(draft)}")',
            f'IF({cells[_DAYS]}="","","；"&MID({cells[_DAYS]},2,99)&"{_LIKE_DAYS}")',
            f'IF({cells[_TEXTS]}=0,"","；“{TEXT_SHEET}”页还有 "&{cells[_TEXTS]}&" 处没有写")',
            f'IF(SUM({blank})={len(form.inputs())},"；{_ALL_ZERO}","")',
        )
    )
    return missing, wrong_day, in_yuan or '""', days, texts, rest


def odd_day(cell: str, year: int) -> str:
    """A formula that is true when a cell holds something other than a day on which a return for
    ``year`` may be filled in; false for a blank cell.
    """
    late = f"{cell}>=DATE({year + YEARS},1,1)"
    odd = f"IF(ISNUMBER({cell}),OR({cell}<DATE({year},1,1),{late}),TRUE)"
    return f"IF({says_nothing(cell)},FALSE,{odd})"


def _now(draft: WorkbookDraft, opening: Opening) -> tuple[str | int, ...]:
    """What the formulas of the hidden cells give when the workbook is opened, in the order of
    `_LABELS`.
    """
    form, start, unit = draft.layout.form, draft.subject.start, draft.subject.unit
    filler, phone, typed_day = (start.filler, start.phone, start.date) if start else ("", "", "")
    fields = zip(_REQUIRED, (unit, filler, phone, typed_day), strict=True)
    missing = "".join(f"、{name}" for name, text in fields if not text.strip())
    first, day = draft.subject.year, day_of(typed_day)
    dated = day is not None and first <= day.year < first + YEARS
    wrong_day = int(bool(typed_day.strip()) and not dated)
    in_yuan, days = (_sheets_with(draft, opening, e) for e in (CellEntry.YUAN, CellEntry.DAY))
    written = start.texts if start else {}
    all_blank = all(opening.blanks[key] == len(items) for key, items in inputs_of(form).items())
    texts = sum(not written.get(t.name) for t in form.texts) if _asks_for_texts(draft) else 0
    rest = "".join(
        (
            f"；请补填：{missing[1:]}" if missing else "",
            f"；{_bad_day(draft)}" if wrong_day else "",
            f"；{in_yuan[1:]}{_doubt(draft)}" if in_yuan else "",
            f"；{days[1:]}{_LIKE_DAYS}" if days else "",
            f"；“{TEXT_SHEET}”页还有 {texts} 处没有写" if texts else "",
            f"；{_ALL_ZERO}" if all_blank else "",
        )
    )
    return missing, wrong_day, in_yuan, days, texts, rest


def _sheets_with(draft: WorkbookDraft, opening: Opening, entry: CellEntry) -> str:
    """The names of the sheets on which an input contains ``entry`` (YUAN or DAY) when the workbook
    is opened, each preceded by 、.
    """
    if entry not in opening.states:
        return ""
    inputs = _amounts(draft) if entry is CellEntry.YUAN else _inputs(draft)
    return "".join(
        f"、{sheet}"
        for sheet, items in inputs.items()
        if any(opening.states[item] is entry for item in items)
    )


def _amounts(draft: WorkbookDraft) -> dict[str, list[int]]:
    """The inputs (item numbers) that take amounts in a unit other than 元, by the name of their
    sheet; sheets without such inputs are left out.
    """
    items = draft.layout.form.items
    return {
        sheet: amounts
        for sheet, inputs in _inputs(draft).items()
        if (amounts := [item for item in inputs if yuan(items[item])])
    }


def _inputs(draft: WorkbookDraft) -> dict[str, list[int]]:
    """All inputs (item numbers) by the name of their sheet."""
    form = draft.layout.form
    return {t.sheet: [i.index for i in form.inputs(t.table.key)] for t in draft.layout.tables}


def _doubt(draft: WorkbookDraft) -> str:
    """The text behind the names of sheets with doubtful amounts, which says in which unit they
    should be.
    """
    names = [draft.layout.form.items[i].unit for inputs in _amounts(draft).values() for i in inputs]
    units = "、".join(dict.fromkeys(names))
    return f"有金额像是按“元”填的（应填“{units}”），请核对"


def _bad_day(draft: WorkbookDraft) -> str:
    """The sentence about a wrong date in the field 填报日期, with an example of a right one."""
    return f"填报日期有误（应如 {example(draft.subject.year)}）"


def example(year: int) -> str:
    """A day on which a return for ``year`` may be filled in, as people type it: 2026-1-15 for
    2025.
    """
    return f"{year + 1}-1-15"


def _asks_for_texts(draft: WorkbookDraft) -> bool:
    """Whether the form has texts and the unit must write them."""
    return bool(draft.layout.texts) and draft.subject.text is Texts.REQUIRED


def light_formula(draft: WorkbookDraft) -> str:
    """The formula of the light. It gives what must be corrected; otherwise what is still to be
    filled in; otherwise that everything balances, followed by what the hidden cells say or, if that
    is nothing, that the return can be sent.
    """
    tables, waiting = draft.layout.form.tables, sum(draft.opening.waiting.values())
    count = sum(len(rows_of(draft, t.key)) for t in tables)
    ranks = rectangles([draft.check(r, RANK) for r in range(count)])[0]
    declared, complete, blank = (
        ",".join(rectangles([draft.status(t.key, column) for t in tables]))
        for column in (DECLARED, COMPLETE, BLANKS)
    )
    rest, off = draft.notice(_REST).full, counted([ranks], "=2")
    return (
        f'=IF(MAX({ranks})=3,"有格子填的不是数字，见“校验”",'
        f'IF(MAX({ranks})=2,"须改正 "&{off}&" 处，见“校验”",'
        f"IF(AND(SUM({declared})=0,SUM({complete})=0),"
        f'"{UNFILLED}"&IF(SUM({blank})<{waiting},"{_ADVICE}",""),'
        f'IF(SUM({complete})<{len(tables)},"{RuleState.INCOMPLETE.value}{_ADVICE}",'
        f'"{RuleState.BALANCED.value}，"&IF({rest}="","{READY}",MID({rest},2,300))))))'
    )


def light_now(draft: WorkbookDraft, now: Opening) -> str:
    """The text that the formula of the light gives when the workbook is opened."""
    form, off = draft.layout.form, now.ranks.count(2)
    if off:
        return f"须改正 {off} 处，见“校验”"
    complete = [now.complete(t.key) for t in form.tables]
    if not any(now.declared.values()) and not any(complete):
        begun = sum(now.blanks.values()) < sum(now.waiting.values())
        return UNFILLED + (_ADVICE if begun else "")
    if not all(complete):
        return RuleState.INCOMPLETE.value + _ADVICE
    rest = str(_now(draft, now)[_REST])
    return f"{RuleState.BALANCED.value}，{rest[1:] or READY}"


def day_of(text: str) -> date | None:
    """The date of a text in the form YYYY-MM-DD, if its year is one that the field 填报日期 accepts
    (2000 to 2100); None for any other text.
    """
    try:
        day = date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None
    return day if day is not None and 2000 <= day.year <= 2100 else None
