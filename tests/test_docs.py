"""docs/formats.md says what collect does, row by row."""

from pathlib import Path

from make_formats import PAGE, line, page, run
from support.client import Office
from support.programs import PROGRAMS, Program, answers

ANEW = "python tests/make_formats.py makes it anew"


def test_formats(office: Office) -> None:
    rows = run(office)
    without = "\n".join(text for text in lines() if not of_a_program(text))
    assert without == page(rows, []), ANEW
    merged = {r.sample.label for r in rows if any(a[0] == "已汇总" for a in r.answers)}
    assert len(merged) >= 20


def test_what_a_program_saves(program: Program, tmp_path: Path) -> None:
    stated = [text for text in lines() if text.startswith(f"| {program.name} |")]
    assert [line(answer) for answer in answers(program, tmp_path)] == stated, ANEW


def lines() -> list[str]:
    return PAGE.read_text("utf-8").split("\n")


def of_a_program(text: str) -> bool:
    return any(text.startswith(f"| {program.name} |") for program in PROGRAMS)
