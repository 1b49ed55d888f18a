"""The workbooks that go out, seen through LibreOffice as the clerk who fills them in."""

import random
import re
import zipfile
from collections.abc import Mapping
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from xml.sax.saxutils import unescape

import pytest
from openpyxl import load_workbook

from support.client import CellDump, Office
from support.dumps import dump
from support.filled import FORM, LAYOUT
from xltools.excel.book import password_hash
from xltools.forms.declaration import load
from xltools.layout.places import TEXT_SHEET, lay_out
from xltools.match.matcher import Matcher
from xltools.model.assessment import judge
from xltools.model.form import ItemType
from xltools.model.formula import rectangles
from xltools.model.identity import (
    CHECKS,
    CHECKS_TOP,
    COVER,
    DATE,
    FIELDS,
    FILLER,
    LIGHT_ROW,
    PHONE,
    PRINT,
    PROGRESS_HEAD,
    ZERO,
)
from xltools.model.numbers import Number
from xltools.model.previous import Previous
from xltools.model.returns import RuleState
from xltools.model.roster import Roster, Texts, Unit, UnitState
from xltools.readers.workbook import open_book
from xltools.template.build import build
from xltools.template.issues import LINES
from xltools.template.opening import Subject
from xltools.template.outbox import Fate, fill_outbox

ROOT = Path(__file__).parent.parent


STATES = f"H{CHECKS_TOP + 1}:H{CHECKS_TOP + len(FORM.instances)}"


def template(tmp_path: Path, **fields: object) -> Path:
    path = tmp_path / "模板.xlsx"
    subject = Subject(**{"year": 2025, "unit": "硚口区教育局", **fields})  # type: ignore[arg-type]  # because the fields are given as they are
    path.write_bytes(build(LAYOUT, subject, "secret"))
    return path


@pytest.mark.parametrize(
    ("limit", "wish"), [(None, ""), (0, "，要求不超过 1000 字"), (1200, "，要求不超过 1200 字")]
)
def test_the_length_of_texts_is_asked_for_as_the_roster_says(
    tmp_path: Path, limit: int | None, wish: str
) -> None:
    sheet = load_workbook(template(tmp_path, limit=limit), data_only=True)[TEXT_SHEET]
    counts = [sheet.cell(title.row + 1, 2).value for title in LAYOUT.titles]
    assert counts == [f"共 0 字{wish if title.part.limit else ''}" for title in LAYOUT.titles]
    red = sheet.conditional_formatting
    assert len(red) == (limit is not None)


def where(item: int) -> str:
    return str(LAYOUT.address(item))


def field(name: str) -> str:
    return f"{COVER}!C{FIELDS[name] + 1}"


def states(office: Office, path: Path) -> list[str]:
    """The state of every rule instance as 校验 shows it after LibreOffice has recalculated."""
    return worded(office.dump(path, sheet=CHECKS, area=STATES)[0].cells)


def worded(cells: Mapping[str, CellDump]) -> list[str]:
    return [cells[f"H{CHECKS_TOP + 1 + one.index}"].text for one in FORM.instances]


def judged(path: Path, category: str = "") -> list[str]:
    """The same by the collector, in the words of the workbook."""
    ret = Matcher(LAYOUT).match(open_book(path))
    texts = []
    for one in judge(FORM, ret, category=category):
        off = one.state is RuleState.OFF
        texts.append(f"差{one.difference}" if off else one.state.value)
    return texts


def test_the_same_input_gives_the_same_bytes() -> None:
    subject = Subject(year=2025, unit="甲", priors=dict.fromkeys(FORM.priors, 3))
    assert build(LAYOUT, subject, "secret") == build(LAYOUT, subject, "secret")
    assert build(LAYOUT, subject, "secret") != build(LAYOUT, subject, "other")


@pytest.mark.parametrize("password", ["", "x" * 16, "密码"])
def test_a_password_that_hashes_differently_elsewhere_is_refused(password: str) -> None:
    with pytest.raises(ValueError, match="1 to 15 ASCII"):
        build(LAYOUT, Subject(year=2025), password)


def test_structure_and_sheets_are_locked(tmp_path: Path) -> None:
    data = template(tmp_path).read_bytes()
    with zipfile.ZipFile(BytesIO(data)) as archive:
        xml = archive.read("xl/workbook.xml").decode()
    hashed = password_hash("secret")
    assert re.search(
        rf'<workbookPr[^>]*/><workbookProtection workbookPassword="{hashed}" lockStructure="1"/>'
        "<bookViews>",
        xml,
    )
    book = load_workbook(BytesIO(data))
    assert book.security.lockStructure
    assert book.security.workbookPassword == hashed
    for sheet in book.worksheets:
        assert sheet.protection.sheet, sheet.title
        assert sheet.protection.password == hashed
        assert not sheet.protection.formatColumns, "widening columns is allowed"
        assert not sheet.protection.selectLockedCells, "selecting and copying is allowed"


def test_no_recent_function_and_no_format_that_looks_at_another_sheet(tmp_path: Path) -> None:
    text = dump(template(tmp_path).read_bytes())
    assert "_xlfn" not in text
    assert "LET(" not in text
    formats = [line for line in text.splitlines() if " format " in line]
    assert formats
    assert not [line for line in formats if "!" in line]


def depth(formula: str) -> int:
    """How many functions stand within one another."""
    open_brackets: list[bool] = []
    deepest = 0
    for found in re.finditer(r"([A-Z]+)?\(|\)", re.sub(r"\"[^\"]*\"|'[^']*'", "", formula)):
        if found[0] == ")":
            open_brackets.pop()
        else:
            open_brackets.append(found[1] is not None)
            deepest = max(deepest, sum(open_brackets))
    return deepest


@pytest.mark.parametrize("name", ["zfxxgk-2021", "zfxxgk-2019", "sangong-2024"])
def test_formulas_are_no_deeper_than_xls_can_hold(name: str) -> None:
    """.xls takes seven functions within one another; Excel saves no more than that."""
    layout = lay_out(load(name))
    priors: dict[int, Number] = {i.index: 1 for i in layout.form.items}
    data = build(layout, Subject(year=2025, priors=priors, text=Texts.REQUIRED), "secret")
    with zipfile.ZipFile(BytesIO(data)) as archive:
        sheets = [archive.read(n) for n in archive.namelist() if n.startswith("xl/worksheets/s")]
    formulas = [unescape(f) for s in sheets for f in re.findall(r"<f[^>]*>([^<]*)", s.decode())]
    assert len(formulas) > 300
    assert max(map(depth, formulas)) <= 7, max(formulas, key=depth)


def test_every_locked_cell_refuses_writing(office: Office, tmp_path: Path) -> None:
    path = template(tmp_path, category="工作机构")
    book = load_workbook(path)
    locked: dict[str, str | int | float] = {}
    unlocked: dict[str, str | int | float] = {}
    for sheet in book.worksheets:
        merged = {
            c
            for m in sheet.merged_cells.ranges
            for row in m.cells
            for c in [row]
            if c != (m.min_row, m.min_col)
        }
        for row in sheet.iter_rows():
            for cell in row:
                if (cell.row, cell.column) in merged:
                    continue
                target = locked if cell.protection.locked else unlocked
                target[f"{sheet.title}!{cell.coordinate}"] = "9"
    inputs = {where(i.index) for i in FORM.inputs()}
    texts = {f"{TEXT_SHEET}!A{r + 1}" for t in LAYOUT.texts for r in range(t.first, t.last + 1)}
    cover = {field(n) for n in (FILLER, PHONE, DATE, ZERO)}
    cover |= {f"{COVER}!C{PROGRESS_HEAD + 2 + n}" for n in range(len(FORM.tables))}
    rows = len(FORM.instances) + 7
    why = {f"{CHECKS}!I{CHECKS_TOP + 1 + n}" for n in range(rows)}
    start = CHECKS_TOP + rows + 1 + 3  # below a blank row and the two of its heading
    listed = {f"{CHECKS}!{column}{start + n}" for n in range(LINES) for column in ("B", "D", "I")}
    assert set(unlocked) == inputs | texts | cover | why | listed
    assert len(locked) > 1000
    result = office.fill(path, tmp_path / "out.xlsx", locked)
    assert {r.place for r in result.refused if r.why == "locked"} == set(locked)


def test_inputs_take_numbers_only(office: Office, tmp_path: Path) -> None:
    path = template(tmp_path)
    count = where(FORM.by_name["t3.received.natural"])
    amount = where(next(i.index for i in FORM.items if i.type is ItemType.AMOUNT))
    for text in ("-1", "1.5", "3件", "1000000000"):
        refused = office.fill(path, tmp_path / "out.xlsx", {count: text}).refused
        assert [r.why for r in refused] == ["validation"], text
        assert "请填不小于0的整数" in (refused[0].message or "")
    assert not office.fill(
        path, tmp_path / "out.xlsx", {count: "999999999", amount: "1.25"}
    ).refused


def light(office: Office, path: Path) -> str:
    at = f"C{LIGHT_ROW + 1}"
    return office.dump(path, sheet=COVER, area=f"{at}:{at}")[0].cells[at].text


@pytest.mark.parametrize("prefilled", [False, True])
def test_a_fresh_template_is_never_red(office: Office, tmp_path: Path, prefilled: bool) -> None:
    priors: dict[int, Number] = dict.fromkeys(range(len(FORM.items)), 7) if prefilled else {}
    path = template(tmp_path, priors=priors, category="工作机构")
    assert light(office, path) == "未填报"
    assert not [s for s in states(office, path) if s.startswith("差") or s == "非数字"]
    for sheet in office.dump(path):
        for address, cell in sheet.cells.items():
            assert not cell.error, f"{sheet.name}!{address}"
            assert not re.match(r"差-?\d|非数字", cell.text), f"{sheet.name}!{address}"


@pytest.mark.parametrize("prefilled", [False, True])
def test_cached_values_are_exact(office: Office, tmp_path: Path, prefilled: bool) -> None:
    priors: dict[int, Number] = {i: i % 5 for i in range(len(FORM.items))} if prefilled else {}
    path = template(tmp_path, priors=priors, category="工作机构")
    fresh = {s.name: s.cells for s in office.dump(path, recalc=False)}
    again = {s.name: s.cells for s in office.dump(path)}
    for name, cells in again.items():
        for address, cell in cells.items():
            assert fresh[name][address].value == cell.value, f"{name}!{address}"


def complete(rng: random.Random, balanced: bool) -> dict[int, Number]:
    """Inputs of a whole return that balances, or has one figure off."""
    inputs: dict[int, Number] = {}
    for item in FORM.inputs():
        amount = item.type is ItemType.AMOUNT
        inputs[item.index] = Decimal(rng.randrange(10**6)) / 10000 if amount else rng.randrange(50)
    at = {(i.row, i.column): i.index for i in FORM.items if i.table == "t3"}
    for column in {i.column for i in FORM.inputs("t3")}:
        rows = [i.index for i in FORM.inputs("t3") if i.column == column]
        ends = [at[r, column] for r in ("received", "carried_in", "carried_out")]
        closed = sum(inputs[i] for i in rows if i not in ends)
        inputs[ends[0]] = closed + inputs[ends[2]]
        inputs[ends[1]] = 0
    if not balanced:
        inputs[rng.choice([at[r, c] for r, c in at if FORM.items[at[r, c]].formula is None])] += 1
    return inputs


def shown(cells: dict[int, Number]) -> dict[str, str | int | float]:
    return {where(i): n if isinstance(n, int) else float(n) for i, n in cells.items()}


def test_states_agree_on_200_random_fills(office: Office, tmp_path: Path) -> None:
    """Numbers and blanks: each instance's state in the workbook is the collector's."""
    rng = random.Random(2025)
    seen: dict[str, int] = {}
    for number in range(200):
        priors: dict[int, Number] = (
            {i: rng.randrange(4) for i in FORM.priors if rng.random() < 0.8} if number % 2 else {}
        )
        category = rng.choice(["", "工作机构", "区政府本级"])
        path = tmp_path / f"{number}.xlsx"
        subject = Subject(year=2025, unit="甲", category=category, priors=priors)
        path.write_bytes(build(LAYOUT, subject, "secret"))
        cells = complete(rng, balanced=number % 4 < 2)
        for i in rng.sample(sorted(cells), rng.choice([0, 0, 1, 5, 60])):
            del cells[i]
        fields: dict[str, str | int | float] = {}
        if rng.random() < 0.4:
            fields[field(ZERO)] = "是"
        for n in range(len(FORM.tables)):
            if rng.random() < 0.2:
                fields[f"{COVER}!C{PROGRESS_HEAD + 2 + n}"] = "是"
        out = tmp_path / "out.xlsx"
        for one in FORM.instances:
            if rng.random() < 0.1:
                fields[f"{CHECKS}!I{CHECKS_TOP + 1 + one.index}"] = "统计口径调整"
        blank = {where(i): "" for i in FORM.carried}
        result = office.fill(
            path, out, {**blank, **shown(cells), **fields}, paste=True, read=(CHECKS, STATES)
        )
        assert not result.refused
        assert result.shown is not None
        in_workbook, by_collector = worded(result.shown.cells), judged(out, category)
        assert in_workbook == by_collector, f"fill {number}"
        for state in in_workbook:
            seen[state[0]] = seen.get(state[0], 0) + 1
    assert set(seen) == {"差", "平", "未", "不", "已"}
    assert seen["差"] > 200


# TRUE is left out: LibreOffice holds it as the number 1. The collector reports it (V-05).
@pytest.mark.parametrize("entry", ["3件", "=1/0", "abc"])
def test_an_input_that_is_no_number_is_not_judged(
    office: Office, tmp_path: Path, entry: str
) -> None:
    rng, item = random.Random(1), FORM.by_name["t3.granted.business"]
    cells: dict[str, str | int | float] = {
        **shown(complete(rng, balanced=True)),
        where(item): entry,
    }
    out = tmp_path / "out.xlsx"
    office.fill(template(tmp_path), out, cells, paste=True)
    for one, state in zip(FORM.instances, states(office, out), strict=True):
        assert (state == "非数字") == (item in one.leaves), one.rule.code
    assert light(office, out).startswith("有格子填的不是数字")
    for sheet in office.dump(out):
        if sheet.name in (COVER, CHECKS):
            assert not [a for a, c in sheet.cells.items() if c.error]


def test_an_imbalance_shows_at_once_everywhere(office: Office, tmp_path: Path) -> None:
    """Without a full recalculation: only what depends on the typed cells is computed anew."""
    cells = complete(random.Random(3), balanced=True)
    item = FORM.by_name["t3.received.natural"]
    cells[item] += 2
    out = tmp_path / "out.xlsx"
    office.fill(template(tmp_path), out, shown(cells), recalc=False)
    sheets = {s.name: s.cells for s in office.dump(out, recalc=False)}
    assert sheets[COVER][f"C{LIGHT_ROW + 1}"].text == "须改正 2 处，见“校验”"
    at = LAYOUT.address(item)
    table = next(t for t in LAYOUT.tables if t.sheet == at.sheet)
    assert sheets[at.sheet][f"{at.a1[0]}{table.foot + 1}"].text == "差2"
    shift = len(table.drawing.widths) + 1
    red = {
        FORM.items[i.index].name
        for i in FORM.items
        if i.table == "t3"
        for a in [LAYOUT.address(i.index)]
        if sheets[a.sheet][_shifted(a.row, a.col + shift)].value
    }
    lines = {"natural", "total"}
    rows = {"received", "carried_in", "closed", "carried_out"}
    assert red == {f"t3.{r}.{c}" for r in rows for c in lines}


def _shifted(row: int, col: int) -> str:
    from xltools.model.cells import column_name

    return f"{column_name(col)}{row + 1}"


def test_colours_survive_xls(office: Office, tmp_path: Path) -> None:
    cells = complete(random.Random(3), balanced=False)
    full, old = tmp_path / "out.xlsx", tmp_path / "out.xls"
    office.fill(template(tmp_path), full, shown(cells))
    office.convert(full, old)
    office.convert(old, tmp_path / "back.xlsx")
    assert states(office, old) == states(office, full)
    before, after = load_workbook(full), load_workbook(tmp_path / "back.xlsx")
    for name in [t.sheet for t in LAYOUT.tables] + [CHECKS, COVER]:
        a, b = (
            sorted(
                (str(f.sqref), r.formula)
                for f in book[name].conditional_formatting
                for r in f.rules
            )
            for book in (before, after)
        )
        assert a == b, name


def test_the_printout_shows_zeros_when_a_table_is_complete(office: Office, tmp_path: Path) -> None:
    path = template(tmp_path)
    received = FORM.by_name["t3.received.natural"]
    empty = {s.name: s.cells for s in office.dump(path)}[PRINT]
    assert not [c for c in empty.values() if c.value == 0]
    out = tmp_path / "out.xlsx"
    office.fill(path, out, {where(received): "4", field(FILLER): "张三", field(ZERO): "是",
                            field(DATE): "2026-1-15"})  # fmt: skip
    cells = {s.name: s.cells for s in office.dump(out)}[PRINT]
    figures = [c.value for c in cells.values() if c.formula and isinstance(c.value, float)]
    assert len(figures) == len(FORM.items)
    assert sorted(figures)[-2:] == [4, 4]
    texts = [c.text for c in cells.values()]
    assert "填表人：张三" in texts
    assert any(t.endswith("2026年1月15日") for t in texts)


def test_a_balanced_return_is_green(office: Office, tmp_path: Path) -> None:
    out, cells = tmp_path / "out.xlsx", shown(complete(random.Random(5), balanced=True))
    office.fill(template(tmp_path), out, cells)
    assert light(office, out) == "平衡，请补填：填表人、联系电话、填报日期"
    fields: dict[str, str | int | float] = {
        field(FILLER): "张三", field(PHONE): "0527-1", field(DATE): "2026-1-15"
    }  # fmt: skip
    office.fill(template(tmp_path), out, cells | fields)
    assert light(office, out) == "平衡，可以发回"


# What the workbook can know, it says before it is sent. A phone of blanks or an error is none.
LEFT_TO_SAY = [
    ({PHONE: ""}, "请补填：联系电话"),
    ({PHONE: "\u3000", FILLER: " "}, "请补填：填表人、联系电话"),
    ({PHONE: "=1/0"}, ""),  # a cell for text: what stands there is =1/0
    ({DATE: "2024-12-31"}, "填报日期有误（应如 2026-1-15）"),
    ({DATE: "2028-1-1"}, "填报日期有误（应如 2026-1-15）"),
    ({DATE: "去年"}, "填报日期有误（应如 2026-1-15）"),
    ({DATE: "=1/0"}, "请补填：填报日期"),
    ({DATE: "2025-12-31"}, ""),
    ({"t2.fees.charged": "100000"}, "表二有金额像是按“元”填的（应填“万元”），请核对"),
    ({"t2.fees.charged": "99999.5"}, ""),
    ({"t2.licences.decisions": "2026-1-5"}, "表二有数字像是日期，请核对"),
    ({"t2.licences.decisions": "45657"}, ""),
    ({"t2.licences.decisions": "46753"}, ""),
    (
        {PHONE: "", DATE: "1月", "t2.fees.charged": "250000"},
        "请补填：联系电话；填报日期有误（应如 2026-1-15）；"
        "表二有金额像是按“元”填的（应填“万元”），请核对",
    ),
]


@pytest.mark.parametrize(("typed", "said"), LEFT_TO_SAY)
def test_what_is_left_is_said_before_sending(
    office: Office, tmp_path: Path, typed: dict[str, str], said: str
) -> None:
    out = tmp_path / "out.xlsx"
    cells: dict[str, str | int | float] = {
        field(FILLER): "张三", field(PHONE): "0527-1", field(DATE): "2026-1-15", field(ZERO): "是",
        where(FORM.by_name["t2.licences.decisions"]): "7",
    }  # fmt: skip
    for name, text in typed.items():
        cells[where(FORM.by_name[name]) if name in FORM.by_name else field(name)] = text
    office.fill(template(tmp_path), out, cells, paste=True)
    assert light(office, out) == "平衡，" + (said or "可以发回")


def test_a_unit_that_must_write_texts_is_told_which_are_missing(
    office: Office, tmp_path: Path
) -> None:
    out = tmp_path / "out.xlsx"
    cells: dict[str, str | int | float] = {
        field(FILLER): "张三", field(PHONE): "0527-1", field(DATE): "2026-1-15", field(ZERO): "是",
        where(FORM.by_name["t2.licences.decisions"]): "7",
        f"{TEXT_SHEET}!A{LAYOUT.texts[0].first + 1}": "一段文字",
    }  # fmt: skip
    office.fill(template(tmp_path, text=Texts.REQUIRED), out, cells)
    assert light(office, out) == f"平衡，“文字”页还有 {len(FORM.texts) - 1} 处没有写"


def test_last_years_amount_tells_what_is_probably_yuan(office: Office, tmp_path: Path) -> None:
    """As X-04 does: some 10,000 times last year's."""
    fee, out = FORM.by_name["t2.fees.charged"], tmp_path / "out.xlsx"
    fields: dict[str, str | int | float] = {
        field(FILLER): "张三", field(PHONE): "0527-1", field(DATE): "2026-1-15", field(ZERO): "是"
    }  # fmt: skip
    for amount, asked in (("12000", True), ("3000", False), ("50000", False)):
        path = template(tmp_path, priors={fee: Decimal("1.2")})
        office.fill(path, out, fields | {where(fee): amount})
        assert ("按“元”" in light(office, out)) == asked, amount


def test_nothing_but_a_declaration_asks_to_be_confirmed(office: Office, tmp_path: Path) -> None:
    out = tmp_path / "out.xlsx"
    fields: dict[str, str | int | float] = {
        field(FILLER): "张三", field(PHONE): "1", field(DATE): "2026-1-15", field(ZERO): "是"
    }  # fmt: skip
    office.fill(template(tmp_path), out, fields)
    assert light(office, out) == "平衡，各表全为零，请确认"
    office.fill(template(tmp_path), out, {where(FORM.by_name["t3.granted.natural"]): "2"})
    assert light(office, out).startswith("未填报：没有的填 0")


def test_a_table_declared_to_have_none_must_have_none(office: Office, tmp_path: Path) -> None:
    out = tmp_path / "out.xlsx"
    none: dict[str, str | int | float] = {
        f"{COVER}!C{PROGRESS_HEAD + 1 + n}": "是" for n in (1, 2, 3)
    }
    figure = {where(FORM.by_name["t4.cases.review_upheld"]): "3"}
    office.fill(template(tmp_path), out, {**none, **figure})
    assert light(office, out).startswith("须改正 1 处")


@pytest.mark.parametrize(
    ("entry", "foot"),
    [
        ("-1", "数字有误"),
        ("1.5", "数字有误"),
        ("1000000000", "数字有误"),
        ("无", "非数字"),
        ('=""', "非数字"),
    ],
)
def test_a_pasted_oddity_is_named_at_the_foot(
    office: Office, tmp_path: Path, entry: str, foot: str
) -> None:
    out, at = tmp_path / "out.xlsx", LAYOUT.address(FORM.by_name["t2.normative.issued"])
    office.fill(template(tmp_path), out, {str(at): entry}, paste=True)
    table = next(t for t in LAYOUT.tables if t.sheet == at.sheet)
    cell = f"{at.a1[0]}{table.foot + 1}"
    shown_there = office.dump(out, sheet=at.sheet, area=f"{cell}:{cell}")[0].cells[cell].text
    assert shown_there == foot
    assert light(office, out)[:3] in ("须改正", "有格子")


@pytest.mark.parametrize("date", ["20260115", "今天"])
def test_a_date_that_is_none_is_refused(office: Office, tmp_path: Path, date: str) -> None:
    refused = office.fill(template(tmp_path), tmp_path / "out.xlsx", {field(DATE): date}).refused
    assert [r.why for r in refused] == ["validation"]


# ---- rosters, last year's figures, files


def roster(*units: Unit) -> Roster:
    return Roster(units=units)


def previous(**figures: dict[str, Number]) -> Previous:
    named = {
        unit: {FORM.by_name[name]: number for name, number in own.items()}
        for unit, own in figures.items()
    }
    return Previous(year=2024, figures=named, path=Path("上年.xlsx"))


OUT, IN = "t3.carried_out.natural", FORM.by_name["t3.carried_in.natural"]


def test_a_merged_unit_gets_the_sum_of_its_predecessors(tmp_path: Path) -> None:
    units = roster(
        Unit(name="新局", predecessors=("旧一", "旧二")),
        Unit(name="旧一", state=UnitState.ABOLISHED),
        Unit(name="旧二", state=UnitState.ABOLISHED),
        Unit(name="随报", files_through="新局"),
    )
    before = previous(旧一={OUT: 3}, 旧二={OUT: 4}, 随报={OUT: 5}, 没了={OUT: 6}, 无={OUT: 0})
    assert before.of(units.unit("新局"), units) == {FORM.by_name[OUT]: 12}
    made = fill_outbox(LAYOUT, units, year=2025, out=tmp_path, previous=before)
    assert [m.unit for m in made.workbooks] == ["新局"]
    assert made.unclaimed == (("没了", 6),)
    sheet = load_workbook(made.workbooks[0].path)[LAYOUT.address(IN).sheet]
    cell = sheet[LAYOUT.address(IN).a1]
    assert cell.value == 12
    assert not cell.protection.locked


def test_names_that_windows_forbids_are_replaced_and_stay_apart(tmp_path: Path) -> None:
    """Whatever the order of the roster, a unit's file keeps its name."""
    units = [Unit(name="甲/乙", code="A1"), Unit(name="甲:乙"), Unit(name="局.")]
    for order in (units, units[::-1]):
        made = fill_outbox(LAYOUT, roster(*order), year=2025, out=tmp_path / order[0].name[-1])
        names = {
            m.unit: m.path.name.removeprefix("2025年政府信息公开年报统计表_")
            for m in made.workbooks
        }
        assert names["甲/乙"] == "甲_乙_A1.xlsx"
        assert re.fullmatch(r"甲_乙_[0-9a-f]{6}\.xlsx", names["甲:乙"])
        assert names["局."] == "局.xlsx"


def test_a_later_run_reuses_the_password_and_overwrites_nothing(tmp_path: Path) -> None:
    units = roster(Unit(name="甲"), Unit(name="乙"))
    first = fill_outbox(LAYOUT, units, year=2025, out=tmp_path)
    assert [m.fate for m in first.workbooks] == [Fate.WRITTEN] * 2
    again = fill_outbox(LAYOUT, units, year=2025, out=tmp_path)
    assert [m.fate for m in again.workbooks] == [Fate.SAME] * 2
    first.workbooks[0].path.write_bytes(b"filled in")
    kept = fill_outbox(LAYOUT, units, year=2025, out=tmp_path)
    assert [m.fate for m in kept.workbooks] == [Fate.KEPT, Fate.SAME]
    assert first.workbooks[0].path.read_bytes() == b"filled in"
    forced = fill_outbox(LAYOUT, units, year=2025, out=tmp_path, force=True)
    assert forced.workbooks[0].fate is Fate.WRITTEN
    assert first.workbooks[0].path.read_bytes() != b"filled in"


@pytest.mark.parametrize("path", sorted((ROOT / "templates").glob("*.xlsx")), ids=lambda p: p.name)
def test_templates_are_what_the_generator_writes(path: Path) -> None:
    year = int(path.name[:4])
    assert dump(path.read_bytes()) == dump(build(LAYOUT, Subject(year=year), "xltools"))


def test_there_are_templates() -> None:
    assert list((ROOT / "templates").glob("*.xlsx"))


def test_ranges_cover_exactly_their_cells() -> None:
    cells = [LAYOUT.address(i.index) for i in FORM.inputs("t3")]
    assert len(rectangles(cells)) == 2
