"""A table that stands in a workbook twice: which is the entry, and what is said of the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path
from typing import Literal

import pytest
from openpyxl import Workbook, load_workbook

from support.client import Office
from support.filled import FORM, LAYOUT
from support.inboxes import filled_in
from support.matching import (
    FIGURES,
    MATCHER,
    T3,
    Flags,
    Pages,
    Rows,
    assert_complete,
    codes,
    identity_rows,
    item,
    only,
    pages_of,
    rows_of,
)
from xltools.checks.run import check
from xltools.forms import declaration
from xltools.layout.places import TEXT_SHEET, compose, lay_out
from xltools.match.labels import earlier
from xltools.model.cells import Area, Flag, Grid
from xltools.model.findings import Words
from xltools.model.identity import CHECKS, COVER, IDENTITY, ISSUES, PRINT, PRINT_FIELDS, YES, ZERO
from xltools.model.returns import Return, Status
from xltools.model.wording import in_words
from xltools.readers.workbook import Book, Sheet, book_of, open_book
from xltools.template.build import build
from xltools.template.opening import Subject

OTHER = {i: n + 1 for i, n in FIGURES.items()}
INPUTS = [i.index for i in FORM.inputs("t3")]
TITLE = T3.table.title
HIDDEN, BURIED = "hidden", "buried"


def book(
    pages: Pages,
    flags: Flags | None = None,
    *,
    states: Mapping[str, str] | None = None,
    merges: Mapping[str, list[Area]] | None = None,
    ours: bool = True,
) -> Book:
    """A workbook as a reader gives it, some of its sheets hidden."""
    pages = dict(pages)
    if ours:
        pages[IDENTITY] = identity_rows()
    seen = dict.fromkeys(pages, "") | dict(states or {})

    def load(name: str, _: bool) -> Grid:
        odd, joined = (flags or {}).get(name, {}), (merges or {}).get(name, ())
        return Grid(name=name, rows=pages[name], flags=odd, merges=joined)

    return Book([Sheet(name=n, visible=not s, buried=s == BURIED) for n, s in seen.items()], load)


def match(pages: Pages, flags: Flags | None = None, **more: object) -> Return:
    return MATCHER.match(book(pages, flags, **more))  # type: ignore[arg-type]  # because they are passed on as they are


def said(ret: Return) -> list[str]:
    """What is said of the reading, of blanks, and of the figures of the table."""
    return [
        f.code
        for f in check(LAYOUT, ret)
        if f.code[0] in "MB" or any(name.startswith("t3.") for name in f.items)
    ]


def words(ret: Return, code: str) -> str:
    return Words.of(FORM).message(only(ret, code))


def blank(ret: Return) -> None:
    """Nothing was taken for the table."""
    assert {ret.statuses[i] for i in INPUTS} == {Status.BLANK}
    assert {ret.numbers[i] for i in INPUTS} == {None}


def cover(*, zero: bool = False, none: str = "") -> Rows:
    rows: Rows = [["", ""], ["", ZERO, YES if zero else ""]]
    return [*rows, ["", none, YES]] if none else rows


# The own sheet is blank


def elsewhere(name: str) -> Callable[[Pages], None]:
    return lambda pages: pages.update({name: rows_of(T3, OTHER)})


def below(pages: Pages) -> None:
    pages[T3.sheet] += [[""] * 10, *rows_of(T3, OTHER)]


def before(pages: Pages) -> None:
    pages["附件"] = rows_of(T3, OTHER)
    pages[T3.sheet] = pages.pop(T3.sheet)


PLACES: dict[str, tuple[Callable[[Pages], None], dict[str, str]]] = {
    "on another sheet": (elsewhere("附件"), {}),
    "on one before": (before, {}),
    "of last year": (elsewhere("表三（2024年）"), {}),
    "on a hidden sheet": (elsewhere("表三 (2)"), {"表三 (2)": HIDDEN}),
    "on a buried sheet": (elsewhere("表三 (2)"), {"表三 (2)": BURIED}),
    "below": (below, {}),
    "on 打印稿": (elsewhere(PRINT), {}),
    "on 校验": (elsewhere(CHECKS), {}),
    "on 问题": (elsewhere(ISSUES), {}),
    "on 文字": (elsewhere(TEXT_SHEET), {}),
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("declared", ["", "zero", "none"])
def test_blank_on_its_own_sheet_and_filled_elsewhere(place: str, declared: str) -> None:
    fill, states = PLACES[place]
    pages = pages_of()
    pages[T3.sheet] = rows_of(T3, {})
    pages[COVER] = cover(zero=declared == "zero", none=TITLE if declared == "none" else "")
    fill(pages)
    ret = match(pages, states=states)
    blank(ret)
    assert codes(ret) == ["M-12"]
    assert said(ret) == ["M-12"]
    found = only(ret, "M-12")
    assert (found.sheet, found.cells, in_words(found.detail)) == (T3.sheet, ("A1",), TITLE)


def test_what_the_template_carried_fills_nothing() -> None:
    pages = pages_of()
    source = next(s for i, s in FORM.carried.items() if FORM.items[i].table == "t3")
    carried = next(i for i, s in FORM.carried.items() if s == source)
    pages[T3.sheet] = rows_of(T3, {carried: 5})
    pages["表三（2024年）"] = rows_of(T3, OTHER)
    pages[IDENTITY] = identity_rows(**{f"prior.{FORM.items[source].name}": 5.0})
    ret = match(pages, ours=False)
    assert codes(ret) == ["M-12"]
    assert ret.numbers[carried] == 5
    # The same in a copy says nothing either.
    pages[T3.sheet], pages["表三（2024年）"] = rows_of(T3), pages[T3.sheet]
    assert not match(pages, ours=False).findings


def test_every_table_elsewhere_is_no_blank_return() -> None:
    pages = {f"{name}（2024年）": rows for name, rows in pages_of(OTHER).items()}
    for table in LAYOUT.tables:
        pages[table.sheet] = rows_of(table, {})
    ret = match(pages)
    assert said(ret) == ["M-12"] * 3
    assert {ret.statuses[i.index] for i in FORM.inputs()} == {Status.BLANK}


@pytest.mark.parametrize("zero", [True, False])
def test_zeros_elsewhere(zero: bool) -> None:
    """What is declared zero is said again by zeros; what is not declared may be meant there."""
    pages = pages_of()
    pages[T3.sheet], pages["附件"] = rows_of(T3, {}), rows_of(T3, dict.fromkeys(FIGURES, 0))
    pages[COVER] = cover(zero=zero)
    assert codes(match(pages)) == ([] if zero else ["M-12"])


# The own sheet is filled

MEANT = [
    "附件",
    "表三 (2)",
    "表三（2025年）",
    "2024-2025",
    "2026年报送",
    "〔2021〕30号",
    "2021年版",
]
PAST = ["表三（2024年）", "表三(2024)", "2023", "二〇二四年", "24年", "上年", "去年表三"]


@pytest.mark.parametrize("name", MEANT + PAST)
@pytest.mark.parametrize("how", ["sheet", "title", "line above"])
def test_another_copy_differs(name: str, how: str) -> None:
    pages, rows = pages_of(), rows_of(T3, OTHER)
    sheet = name if how == "sheet" else "附件"
    if how == "title":
        rows[0][0] = f"{name} {TITLE}"
    elif how == "line above":
        rows[:0] = [[f"{name}度"], [""]]
    pages[sheet] = rows
    ret = match(pages)
    assert_complete(ret)
    assert codes(ret) == (["M-13"] if name in PAST else ["M-05"])
    place = only(ret, codes(ret)[0])
    assert f"{sheet}!A" in in_words(place.found)
    assert place.sheet == (sheet if name in PAST else T3.sheet)


def test_words_of_another_year() -> None:
    assert earlier("去年", 0) and not earlier("2024年", 0)
    assert not earlier("国办公开办函〔2021〕30号", 2025)
    assert not earlier("2024年第12号", 2025)


@pytest.mark.parametrize(("state", "hint"), [(HIDDEN, "选“取消隐藏”"), (BURIED, "只有宏能显示")])
@pytest.mark.parametrize("name", ["附件", "表三（2024年）"])
def test_a_hidden_copy_is_called_hidden(state: str, hint: str, name: str) -> None:
    pages = pages_of()
    pages[name] = rows_of(T3, OTHER)
    ret = match(pages, states={name: state})
    assert_complete(ret)
    assert codes(ret) == ["M-14"]
    assert "隐藏" in words(ret, "M-14") and hint in words(ret, "M-14")
    pages[T3.sheet] = rows_of(T3, {})
    ret = match(pages, states={name: state})
    assert "隐藏" in words(ret, "M-12") and hint in words(ret, "M-12")
    # In a workbook of somebody else's nobody knows which is meant.
    pages[T3.sheet] = rows_of(T3)
    ret = match(pages, states={name: state}, ours=False)
    assert codes(ret) == ["M-05"] and hint in words(ret, "M-05")


def test_two_copies() -> None:
    pages = pages_of()
    pages["表三（2024年）"], pages["附件"] = rows_of(T3, OTHER), rows_of(T3, OTHER)
    ret = match(pages)
    assert_complete(ret)
    assert codes(ret) == ["M-05", "M-13"]
    assert in_words(only(ret, "M-05").found) == "表三!A1、附件!A1"


def test_copies_that_say_nothing_else() -> None:
    pages = pages_of({i: n for i, n in FIGURES.items() if i != INPUTS[0]})
    zero = FIGURES | {INPUTS[0]: 0}
    pages |= {"附件": rows_of(T3, zero), "隐藏": rows_of(T3, zero), "空表": rows_of(T3, {})}
    ret = match(pages, states={"隐藏": HIDDEN})
    assert not ret.findings
    assert ret.statuses[INPUTS[0]] is Status.BLANK


def test_own_sheet_titled_with_another_year() -> None:
    """Then it is the own sheet that may be last year's."""
    pages = pages_of()
    pages[T3.sheet][0][0] = f"2024年 {TITLE}"
    pages["附件"] = rows_of(T3, OTHER)
    assert "M-05" in codes(match(pages))
    pages["附件"] = rows_of(T3, {})
    assert "M-05" in codes(match(pages))


def test_below_and_titled_with_another_year() -> None:
    pages = pages_of()
    pages[T3.sheet] += [[""], ["2024年度"], *rows_of(T3, OTHER)]
    ret = match(pages)
    assert_complete(ret)
    assert codes(ret) == ["M-13"]


# The own sheet is gone


def test_only_a_copy_is_left_that_is_not_meant() -> None:
    for name, state, code in (("附件", HIDDEN, "M-14"), ("表三（2024年）", "", "M-13")):
        pages = pages_of()
        del pages[T3.sheet]
        pages[name] = rows_of(T3, OTHER)
        ret = match(pages, states={name: state})
        assert codes(ret) == ["M-01", code]
        assert ret.missing == {"t3"}
        assert {ret.numbers[i] for i in INPUTS} == {None}


def test_own_sheet_renamed_beside_a_hidden_one() -> None:
    pages = pages_of()
    pages["表三（2024年）"], pages["依申请"] = rows_of(T3, OTHER), pages.pop(T3.sheet)
    ret = match(pages, states={"表三（2024年）": HIDDEN})
    assert_complete(ret)
    assert codes(ret) == ["M-03", "M-14"]


# Workbooks of others


def test_a_sheet_of_our_name_is_not_ours_elsewhere() -> None:
    pages = pages_of()
    pages[PRINT] = rows_of(T3, OTHER)
    assert codes(match(pages, ours=False)) == ["M-05"]


def test_filled_on_a_hidden_sheet_alone() -> None:
    pages = pages_of()
    pages[T3.sheet], pages["附件"] = rows_of(T3, {}), rows_of(T3, OTHER)
    ret = match(pages, states={"附件": HIDDEN}, ours=False)
    blank(ret)
    assert codes(ret) == ["M-12"]
    # Where both are seen, the one that is filled is the entry, as ever.
    ret = match(pages, ours=False)
    assert ret.numbers[INPUTS[0]] == OTHER[INPUTS[0]]


# Our print-out


def printed(
    figures: Mapping[int, int], typed: Mapping[int, int] | None = None
) -> tuple[Rows, dict[tuple[int, int], Flag]]:
    """打印稿 with the results it was saved with, some of its formulas typed over."""
    drawn = compose(LAYOUT, top=2)
    rows: Rows = [[""] * len(drawn.drawing.widths) for _ in drawn.drawing.heights]
    flags = {}
    for box in drawn.drawing.boxes:
        at = box.row, box.col
        if box.item is None:
            rows[at[0]][at[1]] = box.text
        elif typed and box.item in typed:
            rows[at[0]][at[1]] = float(typed[box.item])
        else:
            value = figures.get(box.item)
            rows[at[0]][at[1]] = "" if value is None else float(value)
            flags[at] = Flag(formula=True, cached=value is not None)
    return rows, flags


def printout(
    figures: Mapping[int, int], typed: Mapping[int, int] | None = None, *, own: bool = True
) -> Return:
    pages = pages_of(FIGURES if own else {i: n for i, n in FIGURES.items() if i not in INPUTS})
    rows, flags = printed(figures, typed)
    pages[PRINT] = rows
    return match(pages, {PRINT: flags})


@pytest.mark.parametrize("figures", [{}, OTHER, FIGURES], ids=["uncached", "stale", "right"])
def test_our_print_out_is_no_copy(figures: Mapping[int, int]) -> None:
    ret = printout(figures)
    assert_complete(ret)
    assert not ret.findings


def test_typed_over_a_formula_of_the_print_out() -> None:
    few = {i: FIGURES[i] + 5 for i in INPUTS[:2]}
    ret = printout(OTHER, few)
    assert_complete(ret)
    assert codes(ret) == ["M-05"]
    assert f"{PRINT}!" in in_words(only(ret, "M-05").found) and "等2格" in in_words(
        only(ret, "M-05").found
    )
    assert not printout(OTHER, {i: FIGURES[i] for i in few}).findings
    # All of a table, and none on its own sheet.
    every = {i: FIGURES[i] for i in INPUTS}
    assert codes(printout({}, every, own=False)) == ["M-12"]
    assert codes(printout({}, few, own=False)) == ["M-12"]


def test_formulas_of_the_units_own() -> None:
    """They are no print-out of ours: where the own sheet is blank they may be the figures."""
    rows = rows_of(T3, OTHER)
    made = {
        (r, c): Flag(formula=True)
        for r, row in enumerate(rows)
        for c, value in enumerate(row)
        if isinstance(value, float)
    }
    pages = pages_of() | {"汇总": rows}
    ret = match(pages, {"汇总": made})
    assert_complete(ret)
    assert not ret.findings
    pages[T3.sheet], pages[COVER] = rows_of(T3, {}), cover(zero=True)
    assert codes(match(pages, {"汇总": made})) == ["M-12"]


def test_a_total_typed_over_on_the_print_out() -> None:
    total = item("t3.received.total")
    parts = [i.index for i in FORM.inputs("t3") if i.row == FORM.items[total].row]
    right = sum(FIGURES[i] for i in parts)
    assert not printout(FIGURES, {total: right}).findings
    assert codes(printout(FIGURES, {total: right + 1})) == ["M-05"]


@pytest.mark.parametrize("name", declaration.available())
def test_the_print_out_is_known_by_its_formulas(name: str) -> None:
    """Counted without reading the sheet, which a return has no use for."""
    layout = lay_out(declaration.load(name))
    data = build(layout, Subject(year=2025, unit="甲局"), "x")
    own = book_of(data)
    count = len(layout.form.items) + PRINT_FIELDS
    assert own.formulas(PRINT) == count
    assert sum(f.formula for f in own.grid(PRINT).flags.values()) == count
    assert own.formulas(CHECKS) >= len(layout.form.instances)


# Whole workbooks, in every format


State = Literal["visible", "hidden", "veryHidden"]


def copied(own: Workbook, name: str = "表三 (2)", *, state: State = "visible") -> None:
    sheet = own.copy_worksheet(own[T3.sheet])
    sheet.title, sheet.sheet_state = name, state
    for i in INPUTS:
        place = LAYOUT.address(i)
        sheet[place.a1] = 3


def cleared(own: Workbook) -> None:
    for i in INPUTS:
        place = LAYOUT.address(i)
        own[place.sheet][place.a1] = None


def overtyped(own: Workbook) -> None:
    """Figures over the formulas of a table on the print-out."""
    for row in own[PRINT].iter_rows():
        for cell in row:
            if isinstance(cell.value, str) and f"'{T3.sheet}'!" in cell.value:
                cell.value = 3


Change = Callable[[Workbook], object]
KINDS: dict[str, tuple[tuple[Change, ...], list[str]]] = {
    "good": ((), []),
    "copy": ((copied,), ["M-05"]),
    "last year": ((lambda b: copied(b, "表三（2024年）"),), ["M-13"]),
    "hidden": ((lambda b: copied(b, state="hidden"),), ["M-14"]),
    "buried": ((lambda b: copied(b, state="veryHidden"),), ["M-14"]),
    "elsewhere": ((copied, cleared), ["M-12"]),
    "elsewhere hidden": ((lambda b: copied(b, state="hidden"), cleared), ["M-12"]),
    "typed over": ((overtyped,), ["M-05"]),
    "typed there": ((overtyped, cleared), ["M-12"]),
}
UNSEEN: dict[str, list[str]] = {"hidden": [], "buried": [], "elsewhere hidden": []}
"""A web page has no hidden sheets."""


def workbook(name: str) -> bytes:
    own = load_workbook(BytesIO(filled_in("甲局", 1)))
    for change in KINDS[name][0]:
        change(own)
    out = BytesIO()
    own.save(out)
    return out.getvalue()


def told(data: bytes) -> list[str]:
    return [c for c in codes(MATCHER.match(book_of(data))) if c[0] == "M"]


@pytest.mark.parametrize("name", KINDS)
def test_in_the_template(name: str) -> None:
    assert told(workbook(name)) == KINDS[name][1]


@pytest.fixture(scope="module")
def converted(office: Office, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("copies")
    for number, name in enumerate(KINDS):
        source = folder / f"{number}.xlsx"
        source.write_bytes(workbook(name))
        for kind in ("xls", "et", "ods", "fods", "html"):
            office.convert(source, folder / f"{number}.{kind}")
    return folder


@pytest.mark.parametrize("kind", ["xls", "et", "ods", "fods", "html"])
@pytest.mark.parametrize("name", KINDS)
def test_in_other_formats(converted: Path, name: str, kind: str) -> None:
    """Very hidden sheets are hidden there, and a page has neither those nor formulas."""
    number = list(KINDS).index(name)
    expected = UNSEEN.get(name, KINDS[name][1]) if kind == "html" else KINDS[name][1]
    assert told((converted / f"{number}.{kind}").read_bytes()) == expected


@pytest.mark.parametrize("blank", [False, True])
def test_values_alone(office: Office, tmp_path: Path, blank: bool) -> None:
    """Saved without any formula: the print-out says what the tables say, 0 for blanks."""
    source, calculated = tmp_path / "a.xlsx", tmp_path / "b.xlsx"
    own = load_workbook(BytesIO(filled_in("甲局", 1)))
    for i in INPUTS if blank else INPUTS[:3]:
        place = LAYOUT.address(i)
        own[place.sheet][place.a1] = None
    own.save(source)
    office.convert(source, calculated)
    load_workbook(calculated, data_only=True).save(source)
    kept = open_book(source)
    assert not kept.formulas(PRINT) and not kept.formulas(CHECKS)
    assert told(source.read_bytes()) == []


# Merged figure cells


def area(*items: int) -> Area:
    """The cells of some items, merged."""
    places = [LAYOUT.address(i) for i in items]
    rows, cols = [p.row for p in places], [p.col for p in places]
    return Area(min(rows), min(cols), max(rows), max(cols))


def labels() -> list[Area]:
    """What the table has merged as it was sent out."""
    return [
        Area(b.row, b.col, b.row + b.height - 1, b.col + b.width - 1)
        for b in T3.drawing.boxes
        if b.height > 1 or b.width > 1
    ]


def joined(pages: Pages, *areas: Area, ours: bool = True) -> Return:
    return match(pages, merges={T3.sheet: [*labels(), *areas]}, ours=ours)


ROW = [i for i in INPUTS if FORM.items[i].row == FORM.items[INPUTS[0]].row]


def figures(pages: Pages, values: Mapping[int, int | str]) -> None:
    for i in ROW:
        place = LAYOUT.address(i)
        value = values.get(i, "")
        pages[T3.sheet][place.row][place.col] = float(value) if isinstance(value, int) else value


@pytest.mark.parametrize("ours", [True, False])
@pytest.mark.parametrize("moved", [0, 2])
@pytest.mark.parametrize("zero", [True, False])
@pytest.mark.parametrize(
    "values", [{ROW[0]: 9}, {ROW[0]: 9, ROW[1]: 4}, {ROW[1]: 4}, {ROW[0]: "9件"}, {ROW[0]: "约9"}]
)
def test_a_figure_of_several_cells(
    values: Mapping[int, int | str], *, zero: bool, moved: int, ours: bool
) -> None:
    pages = pages_of()
    figures(pages, values)
    pages[COVER] = cover(zero=zero)
    own = area(*ROW[:3])
    pages[T3.sheet][:0] = [[""] * 10 for _ in range(moved)]
    areas = [Area(a.top + moved, a.left, a.bottom + moved, a.right) for a in (*labels(), own)]
    ret = match(pages, merges={T3.sheet: areas}, ours=ours)
    found = only(ret, "M-09")
    assert found.items == tuple(FORM.items[i].name for i in ROW[:3])
    assert in_words(found.found) == areas[-1].a1
    assert found.sheet == T3.sheet and len(found.cells) == 3
    assert areas[-1].a1 in words(ret, "M-09")


def test_down_a_column_and_over_a_total() -> None:
    total = next(
        i.index
        for i in FORM.items
        if i.formula and i.row == FORM.items[ROW[-1]].row and i.table == "t3"
    )
    column = [i for i in INPUTS if FORM.items[i].column == FORM.items[INPUTS[0]].column]
    for own in (area(*column[:2]), area(ROW[-1], total)):
        found = only(joined(pages_of(), own), "M-09")
        assert in_words(found.found) == own.a1
    both = only(joined(pages_of(), area(*ROW[:2]), area(*column[2:4])), "M-09")
    assert in_words(both.found) == f"{area(*ROW[:2]).a1}、{area(*column[2:4]).a1}"


def test_a_figure_hidden_beneath_something_else() -> None:
    at = area(ROW[0])
    wide = Area(at.top, at.left - 1, at.bottom, at.right)
    assert in_words(only(joined(pages_of(), wide), "M-09").found) == wide.a1
    # The figure stands beside its column, which is merged with it.
    pages = pages_of()
    insert = LAYOUT.address(ROW[0]).col
    for row in pages[T3.sheet]:
        row.insert(insert, "")
    place = LAYOUT.address(ROW[0])
    row = pages[T3.sheet][place.row]
    row[insert], row[insert + 1] = row[insert + 1], ""
    wide = Area(place.row, insert, place.row, insert + 1)
    ret = match(pages, merges={T3.sheet: [wide]})
    assert in_words(only(ret, "M-09").found) == wide.a1


@pytest.mark.parametrize("values", [{}, {ROW[0]: 0}, {ROW[0]: "无"}], ids=["blank", "0", "none"])
def test_nothing_in_several_cells_is_nothing(values: Mapping[int, int | str]) -> None:
    pages = pages_of()
    figures(pages, values)
    ret = joined(pages, area(*ROW[:3]))
    assert "M-09" not in codes(ret)
    place = only(ret, "M-16")
    assert in_words(place.found) == area(*ROW[:3]).a1 and len(place.items) == 3


def test_merged_as_it_may_be() -> None:
    """Headings; a figure over blank cells beside the table; totals alone; what is no table."""
    pages = pages_of()
    for row in pages[T3.sheet]:
        row += ["", ""]
    last = max(T3.drawing.boxes, key=lambda b: b.col).col
    totals = [i.index for i in FORM.items if i.formula and i.table == "t3"]
    beside = Area(10, last, 10, last + 2)
    beneath = Area(len(pages[T3.sheet]) + 1, 0, len(pages[T3.sheet]) + 2, 5)
    down = [t for t in totals if FORM.items[t].column == FORM.items[totals[-1]].column]
    ret = joined(pages, beside, beneath, area(*down[-2:]))
    assert_complete(ret)
    assert not ret.findings
