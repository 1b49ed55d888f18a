"""What was measured is kept, and shown as a page with plots."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from benchmarks import __main__ as command
from benchmarks import results as kept
from benchmarks.lines import LINES, Growth, Line, Setup
from benchmarks.results import Results, key_of, ratio

COUNTS = {"count": 30, "fewer": 20}


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "kept" / "results.json"
    monkeypatch.setattr(kept, "STORE", path)
    monkeypatch.setattr(kept, "_programs", lambda: "programs")
    return path


def test_a_run_cut_off_goes_on_where_it_was(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    measured: list[str] = []

    def pair(_: Setup) -> tuple[float, float]:
        if len(measured) == 2:
            raise KeyboardInterrupt
        measured.append("x")
        return 1, len(measured)

    line = Line(key="a", work="w", against="o", aims=(2,), pair=pair, repeats=3, faster=True)
    page = store.parent / "RESULTS.md"
    monkeypatch.setattr(command, "LINES", (line,))
    monkeypatch.setattr(kept, "LINES", (line,))
    arguments = ["--count", "30", "--fewer", "20", "--growth", "", "--page", str(page)]
    monkeypatch.setattr("sys.argv", ["benchmarks", *arguments])
    with pytest.raises(KeyboardInterrupt):
        command.main()
    assert Results.load().pairs == {"a 30 20": [(1, 1), (1, 2)]}
    measured.pop()  # now it goes on
    command.main()
    assert Results.load().pairs == {"a 30 20": [(1, 1), (1, 2), (1, 2)]}
    assert "**2.00** | 1.00 – 2.00 | ≥ 2 | yes" in page.read_text("utf-8")


def test_what_was_measured_of_other_code_is_not_shown(store: Path) -> None:
    Results(code="another").save()
    assert store.exists()
    assert Results.load().pairs == {}


def test_the_page_has_a_row_for_each_line_and_both_plots(store: Path) -> None:
    results = Results(code=kept.state_of_code())
    for number, line in enumerate(LINES, 1):
        results.pairs[key_of(line, COUNTS)] = [(1.0 * number, 2.0), (2.0 * number, 2.0)]
    for count in (10, 100):
        point = Growth(count=count, wall=1, processor=count / 50, memory=60 + count, loop=0.1)
        results.growth[str(count)] = point
    results.save()
    assert Results.load() == results
    page = store.parent / "RESULTS.md"
    command.write(results, COUNTS, page)
    text = page.read_text("utf-8")
    rows = [row for row in text.splitlines() if row.count("|") == 9][2:]
    assert len(rows) == len(LINES)
    for name in ("comparison.svg", "growth.svg"):
        assert f"({name})" in text
        picture = etree.fromstring(page.with_name(name).read_bytes())
        assert picture.tag.endswith("svg")


def test_a_ratio_is_ours_by_the_other_or_how_many_times_faster_ours_is() -> None:
    by_key = {line.key: line for line in LINES}
    assert ratio(by_key["collect"], (1, 2)) == 0.5
    assert ratio(by_key["pandas"], (1, 2)) == 2
    assert ratio(by_key["memory"], (120, 0)) == 120
