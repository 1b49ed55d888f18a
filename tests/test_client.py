from __future__ import annotations

from pathlib import Path

import pytest
import xlsxwriter

from support.client import Office, OfficeError, Refusal

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    """A protected sheet: A1 locked, A2 open, A3 validated, A4 twice their sum, A5 a list."""
    path = tmp_path / "锁定.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("表 一")
        unlocked = book.add_format({"locked": False})
        sheet.write_number("A1", 7)
        sheet.write_blank("A2", None, unlocked)
        sheet.write_blank("A3", None, unlocked)
        sheet.data_validation(
            "A3",
            {"validate": "integer", "criteria": ">=", "value": 0, "error_message": "须为非负整数"},
        )
        sheet.write_blank("A5", None, unlocked)
        sheet.data_validation("A5", {"validate": "list", "source": ["是", "否"]})
        # A cached value that no calculation gives, to see whether one took place.
        sheet.write_formula("A4", "=2*SUM(A2:A3)", None, 99)
        sheet.protect("secret")
    return path


def test_fill(office: Office, workbook: Path, tmp_path: Path) -> None:
    cells: dict[str, str | int | float] = {"表 一!A1": 1, "表 一!A2": 2.5, "表 一!A3": "4"}
    result = office.fill(workbook, tmp_path / "filled.xlsx", cells)

    assert result.done == 2
    assert result.refused == (Refusal(place="表 一!A1", value="1", why="locked", message=None),)
    (sheet,) = office.dump(result.out)
    assert sheet.name == "表 一"
    assert sheet.visible
    assert sheet.protected
    assert {address: cell.value for address, cell in sheet.cells.items()} == {
        "A1": 7,
        "A2": 2.5,
        "A3": 4,
        "A4": 13,
    }
    assert sheet.cells["A4"].formula == "=2*SUM(A2:A3)"


def test_validation_stops_typing_but_not_pasting(
    office: Office, workbook: Path, tmp_path: Path
) -> None:
    typed = office.fill(workbook, tmp_path / "typed.xlsx", {"表 一!A3": -1})
    assert typed.refused == (
        Refusal(place="表 一!A3", value="-1", why="validation", message="须为非负整数"),
    )

    chosen = {"表 一!A5": "是"}
    assert not office.fill(workbook, tmp_path / "chosen.xlsx", chosen).refused
    other = office.fill(workbook, tmp_path / "other.xlsx", {"表 一!A5": "也许"})
    assert [refusal.why for refusal in other.refused] == ["validation"]

    pasted = office.fill(workbook, tmp_path / "pasted.xlsx", {"表 一!A3": -1}, paste=True)
    assert not pasted.refused
    assert office.dump(pasted.out)[0].cells["A4"].value == -2


def test_structure(office: Office, workbook: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.xlsx"
    insert, locked = "insert-rows '表 一' 1", "unprotect '表 一' wrong"
    assert [r.why for r in office.fill(workbook, out, {}, do=[locked, insert]).refused] == [
        "wrong password",
        "protected",
    ]
    assert not office.fill(workbook, out, {}, do=["unprotect '表 一' secret", insert]).refused
    assert office.dump(out)[0].cells["A2"].value == 7


def test_error_cell(office: Office, workbook: Path, tmp_path: Path) -> None:
    result = office.fill(workbook, tmp_path / "out.xlsx", {"表 一!A2": "=1/0"})
    assert office.dump(result.out)[0].cells["A2"].error == "#DIV/0!"


def test_recalculation_can_be_left_out(office: Office, workbook: Path) -> None:
    assert office.dump(workbook, recalc=False)[0].cells["A4"].value == 99
    assert office.dump(workbook)[0].cells["A4"].value == 0


@pytest.mark.parametrize("suffix", ["xls", "ods"])
def test_convert(office: Office, workbook: Path, tmp_path: Path, suffix: str) -> None:
    out = office.convert(workbook, tmp_path / f"out.{suffix}")
    (sheet,) = office.dump(out)
    assert sheet.protected
    assert sheet.cells["A1"].value == 7


def test_render(office: Office, workbook: Path, tmp_path: Path) -> None:
    pages = office.render(workbook, tmp_path / "pages", dpi=40)
    assert [page.name for page in pages] == ["01-表_一.png"]
    assert pages[0].read_bytes().startswith(PNG)


def test_a_failed_job_is_an_error_and_the_next_works(
    office: Office, workbook: Path, tmp_path: Path
) -> None:
    with pytest.raises(OfficeError, match=r"absent\.xlsx"):
        office.dump(tmp_path / "absent.xlsx")
    with pytest.raises(OfficeError, match="cannot write"):
        office.convert(workbook, tmp_path / "out.pptx")
    with pytest.raises(OfficeError, match="unknown operation"):
        office.fill(workbook, tmp_path / "out.xlsx", {}, do=["explode '表 一'"])
    assert office.dump(workbook)
