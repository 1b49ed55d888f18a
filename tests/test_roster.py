"""Rosters: what is read from a workbook or CSV, every error at its cell, and the empty one."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import openpyxl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from support.client import Office
from xltools.ledgers.roster import INSTRUCTIONS, load
from xltools.ledgers.roster_blank import COLUMNS, SHEET, write_blank
from xltools.model.errors import Problem, XltoolsError
from xltools.model.form import CATEGORIES
from xltools.model.roster import LABELS, Roster, RosterError, Texts, Unit, UnitState
from xltools.model.text import clean, key

FULL = {
    "单位名称": "某某区教育局",
    "单位代码": "001",
    "别名": "区教育局；教育局、区教委，市区教育局,教委;教育局",
    "类别": "工作机构",
    "状态": "在册",
    "计入汇总": "否",
    "由…合并报送": "某某区商务局",
    "前身单位": "某某区招生办、某某区电教馆",
    "文字": "必填",
    "联系人": "王　伟",
    "电话": "027-83770000",
    "邮箱": "jyj@example.gov.cn",
    "打开密码": "Ab１ 2",
    "字数要求": "1200",
}
OTHERS = [["某某区商务局"], ["某某区招生办", "撤销"], ["某某区电教馆", "撤销"]]

Lines = list[list[str]]


def write_csv(path: Path, lines: Lines, encoding: str = "utf-8", mark: str = ",") -> Path:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=mark).writerows(lines)
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def write_xlsx(path: Path, sheets: dict[str, list[list[object]]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, lines in sheets.items():
        sheet = book.create_sheet(name)
        for row, line in enumerate(lines, 1):
            for column, value in enumerate(line, 1):
                sheet.cell(row, column).value = value
    book.save(path)
    return path


def problems(path: Path) -> list[Problem]:
    with pytest.raises(RosterError) as caught:
        load(path)
    assert caught.value.path == path
    assert isinstance(caught.value, XltoolsError)
    shown = str(caught.value).splitlines()
    assert len(shown) == 1 + len(caught.value.problems)
    return list(caught.value.problems)


def of_lines(tmp_path: Path, lines: Lines) -> list[tuple[str, str]]:
    """Return the problems of a CSV as (cell, column)."""
    return [(p.cell, p.column) for p in problems(write_csv(tmp_path / "名录.csv", lines))]


def test_every_column_is_read(tmp_path: Path) -> None:
    lines = [list(FULL), list(FULL.values())]
    lines += [[other[0], "", "", "", *other[1:]] for other in OTHERS]
    roster = load(write_csv(tmp_path / "名录.csv", lines))
    assert roster.units[0] == Unit(
        name="某某区教育局",
        code="001",
        aliases=("区教育局", "教育局", "区教委", "市区教育局", "教委"),
        category="工作机构",
        state=UnitState.REGISTERED,
        counted=False,
        files_through="某某区商务局",
        predecessors=("某某区招生办", "某某区电教馆"),
        text=Texts.REQUIRED,
        contact="王伟",
        phone="027-83770000",
        email="jyj@example.gov.cn",
        password="Ab１ 2",
        limit=1200,
        row=2,
    )
    assert roster.units[1] == Unit(name="某某区商务局", row=3)
    assert roster.path == tmp_path / "名录.csv"


def test_defaults() -> None:
    unit = Unit(name="某某区商务局")
    assert (unit.state, unit.counted, unit.text) == (UnitState.REGISTERED, True, Texts.OPTIONAL)
    assert (unit.category, unit.files_through, unit.predecessors) == (None, None, ())


@pytest.mark.parametrize(
    ("said", "limit"),
    [
        ("", None), ("否", None), ("是", 0), ("1000", 1000), ("1,500", 1500), ("１０００字", 1000),
        ("1000字以内", 1000), ("不超过 800 字", 800), ("1000.0", 1000),
    ],
)  # fmt: skip
def test_how_long_texts_may_be(tmp_path: Path, said: str, limit: int | None) -> None:
    lines = [["单位名称", "字数要求"], ["甲局", said]]
    assert [unit.limit for unit in load(write_csv(tmp_path / "名录.csv", lines))] == [limit]


@pytest.mark.parametrize("said", ["0", "-5", "一千", "1000-1500", "有", "1e3", "99999999"])
def test_a_length_that_is_none(tmp_path: Path, said: str) -> None:
    lines = [["单位名称", "字数要求"], ["甲局", said]]
    assert of_lines(tmp_path, lines) == [("B2", "字数要求")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
@pytest.mark.parametrize("mark", [",", "\t"])
def test_encodings_and_separators(tmp_path: Path, encoding: str, mark: str) -> None:
    lines = [["单位名称", "电话"], ["硚口区教育局", "027,1"], ["硚口区商务局", ""]]
    roster = load(write_csv(tmp_path / "名录.csv", lines, encoding, mark))
    assert [(unit.name, unit.phone) for unit in roster] == [
        ("硚口区教育局", "027,1"),
        ("硚口区商务局", ""),
    ]


@pytest.mark.parametrize(
    "heading", ["由何单位合并报送", "合并报送单位", "由...合并报送", "由……合并报送"]
)
def test_headings_as_people_write_them(tmp_path: Path, heading: str) -> None:
    lines = [
        ["2025年度单位名录", "", ""],
        ["填写说明：每个单位一行", "", ""],
        ["序号", "单位 名称*", heading],
        ["1", "例：某某区教育局", "某某区商务局"],
        ["2", "甲局", "乙局"],
        ["3", "", ""],
        ["", "乙局", ""],
    ]
    roster = load(write_csv(tmp_path / "名录.csv", lines))
    assert [(unit.name, unit.files_through, unit.row) for unit in roster] == [
        ("甲局", "乙局", 5),
        ("乙局", None, 7),
    ]


def test_workbook_numbers_stay_as_typed(tmp_path: Path) -> None:
    lines: list[list[object]] = [[], ["单位代码", "单位名称", "电话"]]
    lines += [[420104.0, "甲局", 13900000000], [], ["007", "乙\n局", "027-1 转 2"]]
    old: list[list[object]] = [["单位名称"], ["丙局"]]
    sheets = {"封面": [], "名录": lines, "旧": old}
    roster = load(write_xlsx(tmp_path / "名录.xlsx", sheets))
    assert [(u.code, u.name, u.phone, u.row) for u in roster] == [
        ("420104", "甲局", "13900000000", 3),
        ("007", "乙局", "027-1转2", 5),
    ]


def test_header_below_row_15_is_not_found(tmp_path: Path) -> None:
    lines = [[""]] * 14 + [["单位名称"], ["甲局"]]
    assert len(load(write_csv(tmp_path / "名录.csv", lines))) == 1
    lines = [["x"], *lines]
    assert of_lines(tmp_path, lines) == [("", "")]


HEAD = ["单位名称", "单位代码", "别名", "状态", "由…合并报送", "前身单位", "类别", "邮箱"]
NO4 = [""] * 4


@pytest.mark.parametrize(
    ("lines", "cells"),
    [
        ([["甲局"], ["乙局"], ["甲 局"]], "A4"),
        ([["甲局（区）"], ["甲局(区)"]], "A3"),
        ([["甲局", "1", "a"], ["甲局", "1", "a"]], "A3"),
        ([["甲局", "", "乙局"], ["乙局"]], "A3"),
        ([["乙局"], ["甲局", "", "乙局"]], "C3"),
        ([["甲局", "", "丙局"], ["乙局", "", "丁局、丙局"]], "C3"),
        ([["甲局", "", "甲局"]], ""),
        ([["甲局", "001"], ["乙局", "００１"]], "B3"),
        ([["甲局", "乙局"], ["乙局"]], "A3"),
        ([["", "001"], ["甲局"]], "A2"),
        ([["甲局", "", "", "", "乙局"]], "E2"),
        ([["甲局", "", "", "", "甲局"]], "E2"),
        ([["甲局", "", "", "", "乙局"], ["乙局", "", "", "", "丙局"], ["丙局"]], "E2"),
        ([["甲局", "", "", "", "乙局"], ["乙局", "", "", "", "甲局"]], "E2 E3"),
        ([["甲局", "", "", "", "乙局"], ["乙局", "", "", "撤销"]], "E2"),
        ([["甲局", "", "", "", "乙局"], ["乙局", "", "", "免报"]], "E2"),
        ([["甲局", "", "", "", "", "乙局"]], "F2"),
        ([["甲局", "", "", "", "", "甲局"]], "F2"),
        ([["甲局", "", "", "", "丙局", "甲局"], ["丙局"]], "F2"),
        ([["甲局", "", "", "", "", "乙局"], ["乙局"]], "F2"),
        ([["甲局", "", "", "", "", "乙局"], ["乙局", "", "", "已撤销"]], "D3"),
        ([["甲局", *NO4, "丁局"], ["乙局", *NO4, "丁局"], ["丁局", "", "", "撤销"]], "F3"),
        ([["甲局", "", "", "在职"]], "D2"),
        ([["甲局", "", "", "", "", "", "机关"]], "G2"),
        ([["甲局", "", "", "", "", "", "", "027-83770000"]], "H2"),
        ([["甲局", "", "", "", "", "", "", "a＠b"]], ""),
        ([["", "1"], ["甲局", "", "", "在职", "无局", "", "机关", "x"]], "A2 D3 E3 G3 H3"),
    ],
)  # fmt: skip
def test_each_error_at_its_cell(tmp_path: Path, lines: Lines, cells: str) -> None:
    path = write_csv(tmp_path / "名录.csv", [HEAD, *lines])
    if cells:
        found = problems(path)
        assert " ".join(p.cell for p in found) == cells
        for problem in found:
            assert problem.column == HEAD[ord(problem.cell[0]) - 65]
            assert problem.cell[1:] == str(problem.row)
            assert f"第 {problem.row} 行“{problem.column}”（{problem.cell}）" in str(problem)
    else:
        load(path)


@pytest.mark.parametrize(("label", "value"), [("计入汇总", "部分"), ("文字", "可填")])
def test_value_outside_a_list(tmp_path: Path, label: str, value: str) -> None:
    assert of_lines(tmp_path, [["单位名称", label], ["甲局", value]]) == [("B2", label)]


def test_joint_filer_and_predecessor_by_code_or_alias(tmp_path: Path) -> None:
    lines = [
        HEAD,
        ["甲局", "", "", "", "002", "旧局"],
        ["乙局", "002"],
        ["原旧局", "", "旧局", "撤销"],
    ]
    unit = load(write_csv(tmp_path / "名录.csv", lines)).unit("甲局")
    assert (unit.files_through, unit.predecessors) == ("乙局", ("原旧局",))


def test_a_column_twice(tmp_path: Path) -> None:
    lines = [["单位名称", "电话", "联系电话"], ["甲局", "1", "2"]]
    assert of_lines(tmp_path, lines) == [("C1", "电话")]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b" \r\n",
        b"PK\x03\x04 is no workbook",
        b"\xd0\xcf\x11\xe0 an old or encrypted one",
        b"%PDF-1.7\n\x00\x01\xff",
        "甲局,1\n乙局,2\n".encode(),
        "单位名称,电话\n".encode(),
        "单位名称,电话\n,\n".encode(),
        "单位名称".encode() + b"\n\xff\xff\n",
        "单位名称\n".encode() + b'"' + b"x" * 200_000,
        "\ufeff单位名称\n甲".encode("utf-16-le") + b"\x00",
    ],
)
def test_no_roster_is_one_problem_of_the_file(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "名录.xlsx"
    path.write_bytes(data)
    (problem,) = problems(path)
    assert (problem.row, problem.column, problem.cell) == (0, "", "")
    assert str(problem) == problem.message


def test_missing_file_and_folder(tmp_path: Path) -> None:
    assert len(problems(tmp_path / "没有.xlsx")) == 1
    assert len(problems(tmp_path)) == 1


def test_panic_of_one_reader_leaves_it_to_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import python_calamine

    class PanicException(BaseException):
        pass

    class Panicking:
        @staticmethod
        def from_filelike(_: object) -> None:
            raise PanicException

    monkeypatch.setattr(python_calamine, "CalamineWorkbook", Panicking)
    path = write_xlsx(tmp_path / "名录.xlsx", {"名录": [["单位名称"], ["甲局"]]})
    assert [unit.name for unit in load(path)] == ["甲局"]


def test_roster_looks_up_and_expects() -> None:
    filer = Unit(name="甲局", code="001", aliases=("甲",))
    joint = Unit(name="乙局", files_through="甲局", aliases=("001",))
    gone = Unit(name="丙局", state=UnitState.ABOLISHED)
    exempt = Unit(name="丁局（区）", state=UnitState.EXEMPT)
    roster = Roster(units=(filer, joint, gone, exempt))
    assert roster.unit("乙局") is joint
    with pytest.raises(KeyError):
        roster.unit("戊局")
    assert roster.find(" 甲\u200b 局 ") is filer
    assert roster.find("００１") is filer
    assert roster.find("丁局(区)") is exempt
    assert roster.find("戊局") is None
    assert roster.find("") is None
    assert roster.expected == (filer, joint)
    assert roster.filers == (filer,)
    assert roster.covered_by(joint) is filer
    assert roster.covered_by(filer) is filer


def test_passwords_once_each_in_order_and_never_shown(tmp_path: Path) -> None:
    lines = [
        ["单位名称", "文件密码"],
        ["甲局", "s3cret"],
        ["乙局", "0042"],
        ["丙局", "s3cret"],
        ["丁局"],
    ]
    roster = load(write_csv(tmp_path / "名录.csv", lines))
    assert roster.passwords == ("s3cret", "0042")
    assert "s3cret" not in repr(roster)
    message = "\n".join(map(str, problems(write_csv(tmp_path / "2.csv", [*lines, ["", "s3cret"]]))))
    assert "打开密码" in message
    assert "s3cret" not in message


@pytest.mark.parametrize(
    ("email", "addresses"),
    [
        ("", ()),
        ("A@X.cn", ("a@x.cn",)),
        ("a@x.cn；B@x.cn, a@x.cn", ("a@x.cn", "b@x.cn")),
        ("王伟 <w@x.cn>", ("w@x.cn",)),
    ],
)
def test_addresses_of_a_unit(email: str, addresses: tuple[str, ...]) -> None:
    assert Unit(name="甲局", email=email).addresses == addresses


@given(st.text())
@example("=1+1\u202e\u0007")
@example("A\u00a8")
def test_clean_and_key_settle(text: str) -> None:
    assert clean(clean(text)) == clean(text)
    assert key(key(text)) == key(text)
    assert "\n" not in clean(text)


names = st.lists(st.text("甲乙丙丁区局（）1a ", min_size=1), max_size=6)


@given(st.binary(max_size=200) | names.map(lambda n: "\n".join(["单位名称", *n]).encode()))
def test_any_bytes_give_a_roster_or_a_roster_error(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes(data)
    try:
        roster = load(path)
    except RosterError as error:
        assert error.problems
    else:
        assert len({key(unit.name) for unit in roster}) == len(roster) > 0


# The empty roster


def test_blank_columns_are_the_labels() -> None:
    assert tuple(column.label for column in COLUMNS) == LABELS
    assert all(len(column.hint) <= 255 for column in COLUMNS)
    assert next(c for c in COLUMNS if c.label == "类别").options == CATEGORIES


def test_blank_is_the_same_bytes_and_never_overwrites(tmp_path: Path) -> None:
    one, two = tmp_path / "1.xlsx", tmp_path / "2.xlsx"
    write_blank(one)
    write_blank(two)
    assert one.read_bytes() == two.read_bytes()
    two.write_text("kept", "utf-8")
    with pytest.raises(FileExistsError):
        write_blank(two)
    assert two.read_text("utf-8") == "kept"


def test_blank_has_no_unit(tmp_path: Path) -> None:
    path = tmp_path / "名录.xlsx"
    write_blank(path)
    (problem,) = problems(path)
    assert "还没有单位" in problem.message


def test_blank_sets_up_sheets(tmp_path: Path) -> None:
    path = tmp_path / "名录.xlsx"
    write_blank(path)
    book = openpyxl.load_workbook(path)
    assert book.sheetnames[:2] == [SHEET, INSTRUCTIONS]
    assert [sheet.sheet_state for sheet in book] == ["visible", "visible", "hidden"]
    sheet = book[SHEET]
    assert [cell.value for cell in sheet[1]] == list(LABELS)
    assert all(cell.comment and cell.font.b for cell in sheet[1])
    lists = {str(v.sqref): v.formula1 for v in sheet.data_validations.dataValidation}
    assert lists["D2:D501"] == '"' + ",".join(CATEGORIES) + '"'
    assert lists["E2:E501"] == '"在册,撤销,免报"'
    assert lists["F2:F501"] == '"是,否"'
    assert lists["I2:I501"] == '"必填,选填,不填"'
    assert [sheet.column_dimensions[c].number_format for c in "BKM"] == ["@"] * 3
    assert sheet.freeze_panes == "B2"
    for page in book.worksheets[:2]:
        assert (page.page_setup.paperSize, page.page_setup.orientation) == (9, "landscape")
        assert page.page_setup.fitToWidth in (None, 1)


def test_filled_blank_gives_the_units(tmp_path: Path) -> None:
    path = tmp_path / "名录.xlsx"
    write_blank(path)
    book = openpyxl.load_workbook(path)
    for column, value in enumerate(FULL.values(), 1):
        book[SHEET].cell(2, column).value = value
    for row, other in enumerate(OTHERS, 3):
        book[SHEET].cell(row, 1).value = other[0]
        book[SHEET].cell(row, 5).value = "".join(other[1:])
    book.move_sheet(INSTRUCTIONS, -1)
    book.save(path)
    roster = load(path)
    assert [unit.name for unit in roster] == [FULL["单位名称"], *(other[0] for other in OTHERS)]
    assert roster.units[0].code == "001"


def test_blank_filled_in_a_spreadsheet_program(tmp_path: Path, office: Office) -> None:
    path, filled = tmp_path / "名录.xlsx", tmp_path / "填好.xlsx"
    write_blank(path)
    cells = {
        "A2": "甲局",
        "B2": "007",
        "E2": "停用",
        "K2": "02783770000",
        "A3": "乙局",
        "E3": "免报",
    }
    result = office.fill(path, filled, {f"{SHEET}!{at}": text for at, text in cells.items()})
    assert [refusal.place for refusal in result.refused] == [f"{SHEET}!E2"]
    assert [(u.name, u.code, u.phone, u.state) for u in load(filled)] == [
        ("甲局", "007", "02783770000", UnitState.REGISTERED),
        ("乙局", "", "", UnitState.EXEMPT),
    ]


def merged(path: Path, *areas: str) -> Path:
    """Three units under their headings, with cells merged."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (
        ["某区报送单位名录", None, None, None],
        ["单位名称", "类别", "由…合并报送", "邮箱"],
        ["甲局", "工作机构", "", "a@example.com"],
        ["乙局", None, None, None],
        ["丙局", None, None, None],
        ["丁局", "派出机构", None, None],
    ):
        sheet.append(row)
    for area in areas:
        sheet.merge_cells(area)
    book.save(path)
    return path


def test_merged_cells_count_for_all_their_rows(tmp_path: Path) -> None:
    units = load(merged(tmp_path / "r.xlsx", "A1:D1", "B3:B5", "D3:D4")).units
    assert [(u.name, u.category, u.email) for u in units] == [
        ("甲局", "工作机构", "a@example.com"),
        ("乙局", "工作机构", "a@example.com"),
        ("丙局", "工作机构", ""),
        ("丁局", "派出机构", ""),
    ]


@pytest.mark.parametrize(("area", "place"), [("A3:A4", "A3"), ("A4:B4", "A4"), ("B3:D3", "B3")])
def test_merged_cells_that_are_no_line_of_one_unit(tmp_path: Path, area: str, place: str) -> None:
    with pytest.raises(RosterError) as caught:
        load(merged(tmp_path / "r.xlsx", area))
    (problem,) = caught.value.problems
    assert (problem.cell, area in problem.message) == (place, True)


def test_headings_merged_over_two_rows_are_no_entries(tmp_path: Path) -> None:
    path = merged(tmp_path / "r.xlsx")
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    sheet.insert_rows(3)
    for column in "ABCD":
        sheet.merge_cells(f"{column}2:{column}3")
    book.save(path)
    assert [u.name for u in load(path)] == ["甲局", "乙局", "丙局", "丁局"]
