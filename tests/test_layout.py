"""Where things stand: every cell of a table belongs to one box, and the official form's places."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.filled import FORM, LAYOUT
from xltools.forms import declaration
from xltools.layout.geometry import (
    PAGE,
    Drawing,
    Role,
    lines,
    measure,
)
from xltools.layout.places import TEXT_ROWS, Layout, compose, lay_out
from xltools.model.cells import Address
from xltools.model.form import Form
from xltools.model.identity import CHECKS, COVER, IDENTITY, PRINT
from xltools.model.text import columns


def covered(drawing: Drawing) -> dict[tuple[int, int], int]:
    """How many boxes lie on each cell."""
    counts: dict[tuple[int, int], int] = {}
    for box in drawing.boxes:
        for r in range(box.row, box.row + box.height):
            for c in range(box.col, box.col + box.width):
                counts[r, c] = counts.get((r, c), 0) + 1
    return counts


def tiled(drawing: Drawing) -> None:
    """Boxes cover the whole grid, and none covers another."""
    cells = {(r, c) for r in range(len(drawing.heights)) for c in range(len(drawing.widths))}
    counts = covered(drawing)
    assert counts.keys() == cells
    assert set(counts.values()) == {1}
    assert min(drawing.widths) > 0
    assert min(drawing.heights) > 0


def fits(drawing: Drawing) -> None:
    """No text is higher than its box: merged cells do not grow."""
    for box in drawing.boxes:
        if box.text and box.role is not Role.TITLE:
            width = sum(drawing.widths[box.col : box.col + box.width])
            height = sum(drawing.heights[box.row : box.row + box.height])
            assert lines(box.text, width) * 20 <= height, box


def printed(layout: Layout, name: str) -> list[tuple[str, str]]:
    """The labels beside and above an item's cell, as they are drawn: (role, text)."""
    form, at = layout.form, layout.address(layout.form.by_name[name])
    table = next(t for t in layout.tables if t.sheet == at.sheet)
    found = []
    for box in table.drawing.boxes:
        rows, cols = range(box.row, box.row + box.height), range(box.col, box.col + box.width)
        if (box.role is Role.STUB and at.row in rows) or (
            box.role is Role.SPANNER and at.col in cols and box.row < at.row
        ):
            found.append((box.role.value, box.text.replace("\n", "")))
    assert form.items[form.by_name[name]].name == name
    return found


@pytest.mark.parametrize("number", range(3))
def test_the_tables_of_the_official_form_are_tiled_and_fit_their_texts(number: int) -> None:
    drawing = LAYOUT.tables[number].drawing
    tiled(drawing)
    fits(drawing)
    assert sum(drawing.widths) >= PAGE
    assert drawing.landscape == (number == 2)


def test_the_places_of_the_official_form() -> None:
    assert [t.sheet for t in LAYOUT.tables] == ["表二", "表三", "表四"]
    assert len(set(LAYOUT.addresses)) == 200
    found = {n: str(LAYOUT.address(FORM.by_name[n])) for n in (
        "t2.regulations.issued", "t2.normative.in_force", "t2.fees.charged",
        "t3.received.natural", "t3.carried_out.total", "t4.cases.review_upheld",
        "t4.cases.after_total",
    )}  # fmt: skip
    assert found == {
        "t2.regulations.issued": "表二!B4",
        "t2.normative.in_force": "表二!D5",
        "t2.fees.charged": "表二!B15",
        "t3.received.natural": "表三!D5",
        "t3.carried_out.total": "表三!J29",
        "t4.cases.review_upheld": "表四!A5",
        "t4.cases.after_total": "表四!O5",
    }


def test_shared_labels_are_merged_and_the_innermost_stretches() -> None:
    drawing = LAYOUT.tables[1].drawing
    boxes = {box.text.replace("\n", ""): box for box in drawing.boxes if box.text}
    results = boxes["三、本年度办理结果"]
    assert (results.row, results.height, results.col, results.width) == (6, 22, 0, 1)
    refused = boxes["（三）不予公开"]
    assert (refused.row, refused.height, refused.col, refused.width) == (8, 8, 1, 1)
    received = boxes["一、本年新收政府信息公开申请数量"]
    assert (received.height, received.width) == (1, 3)
    organisations = boxes["法人或其他组织"]
    assert (organisations.row, organisations.height, organisations.width) == (2, 1, 5)
    natural = boxes["自然人"]
    assert (natural.row, natural.height, natural.width) == (2, 2, 1)
    corner = next(box for box in drawing.boxes if box.role is Role.CORNER)
    assert (corner.row, corner.height, corner.width) == (1, 3, 3)


def test_the_labels_beside_and_above_a_cell_are_those_of_its_item() -> None:
    for item in FORM.items:
        table = next(t for t in FORM.tables if t.key == item.table)
        block = next(b for b in table.blocks if item.row in {r.key for r in b.rows})
        stubs = item.rows[1:] if block.title else item.rows
        drawn = [text for role, text in printed(LAYOUT, item.name) if role == "stub"]
        assert drawn == [label for label in stubs if label]
        above = [text for role, text in printed(LAYOUT, item.name) if role == "spanner"]
        assert above[-len(item.columns) :] == list(item.columns)


def test_texts_have_their_rows_one_after_the_other() -> None:
    assert [t.part.key for t in LAYOUT.titles] == ["p1"]
    rows = [LAYOUT.titles[0].row]
    for place in LAYOUT.texts:
        assert place.first == place.heading + 1
        assert place.last - place.first + 1 == TEXT_ROWS
        rows += [place.heading, *range(place.first, place.last + 1)]
    assert rows == list(range(1, len(rows) + 1))
    assert [place.text.name for place in LAYOUT.texts] == [text.name for text in FORM.texts]


def test_a_chinese_character_is_two_digits_wide() -> None:
    assert measure("政12") == 28
    assert lines("一二三四", 2 * 14 + 8) == 2
    assert lines("一\n二", 200) == 2
    text = "".join(map(chr, range(0x20, 0x20000)))
    for ambiguous, double in ((2, "WFA"), (1, "WF")):
        widths = [2 if unicodedata.east_asian_width(c) in double else 1 for c in text]
        assert [columns(c, ambiguous=ambiguous) for c in text] == widths
        assert columns(text, ambiguous=ambiguous) == sum(widths)


def test_all_tables_stand_on_one_grid() -> None:
    whole = compose(LAYOUT, top=2)
    assert len(whole.places) == 200
    assert len(set(whole.places.values())) == 200
    assert sum(whole.drawing.widths) == PAGE
    counts = covered(whole.drawing)
    assert set(counts.values()) == {1}
    width = len(whole.drawing.widths)
    for top, one in zip(whole.tops, LAYOUT.tables, strict=True):
        rows = range(top, top + len(one.drawing.heights))
        assert {(r, c) for r in rows for c in range(width)} <= counts.keys()
    for item, (row, col) in whole.places.items():
        table = [t.sheet for t in LAYOUT.tables].index(LAYOUT.address(item).sheet)
        assert row - whole.tops[table] == LAYOUT.address(item).row
        assert 0 <= col < width


def form(columns: list[str], rows: list[str], title: str = "一、表") -> Form:
    """A form of one table with these labels."""

    def named(prefix: str, labels: list[str]) -> str:
        return ", ".join(f'["{prefix}{n}", "{label}"]' for n, label in enumerate(labels))

    text = f"""
form = "f"
edition = "1"
title = "t"
authority = "a"
[t]
title = "{title}"
columns = [{named("c", columns)}]
rows = [{named("r", rows)}]
"""
    return declaration.read(text, Path("f.toml"))


LABEL = st.lists(st.sampled_from(["甲", "乙", "一个很长很长的标签", "x"]), min_size=1, max_size=3)
LABELS = st.lists(LABEL.map(" > ".join), min_size=1, max_size=12, unique=True)


@settings(deadline=None)
@given(
    LABELS,
    LABELS | st.lists(st.just("") | LABEL.map(" > ".join), min_size=1, max_size=4, unique=True),
)
def test_any_headings_tile_their_table(columns: list[str], rows: list[str]) -> None:
    layout = lay_out(form(columns, rows))
    drawing = layout.tables[0].drawing
    tiled(drawing)
    fits(drawing)
    assert len(set(layout.addresses)) == len(columns) * len(rows)
    whole = compose(layout)
    assert set(covered(whole.drawing).values()) == {1}


def test_names_of_sheets_are_allowed_and_not_taken() -> None:
    for name in (COVER, CHECKS, PRINT):
        assert lay_out(form(["a"], ["b"], title=name)).tables[0].sheet == f"{name}_"
    odd = lay_out(form(["a"], ["b"], title="a/b、表")).tables[0].sheet
    assert odd == "表a_b"
    long = lay_out(form(["a"], ["b"], title="很" * 60)).tables[0].sheet
    assert long == "很" * 28
    assert lay_out(form(["a"], ["b"], title=IDENTITY)).tables[0].sheet == f"{IDENTITY}_"


def test_a_layout_gives_addresses_of_its_items() -> None:
    layout = lay_out(form(["a", "b"], ["c"]))
    assert layout.address(1) == Address("表一", 2, 2)
