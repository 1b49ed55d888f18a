"""A return on the former edition of the form: said so, and what both have in common kept."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import load_workbook

from support.filled import FORM, LAYOUT
from support.replies import OLD, answered, by_unit, dated, former, read, sent, truth
from xltools.match.editions import common
from xltools.model.identity import IDENTITY
from xltools.model.roster import Texts, Unit
from xltools.model.summary import Outcome
from xltools.reply.mail import ReplyKind

UNIT = Unit(name="甲局", text=Texts.NONE)


@pytest.mark.parametrize(("identity", "code"), [(True, "I-01"), (False, "I-12")])
def test_what_both_editions_have_is_in_the_correction(
    tmp_path: Path, identity: bool, code: str
) -> None:
    given = former(tmp_path / "in" / "甲局.xlsx", identity=identity)
    summary, made = answered(tmp_path / "in", tmp_path / "out", UNIT)
    assert [d.outcome for d in summary.documents] == [Outcome.REJECTED]
    assert [f.code for f in summary.findings] == [code]
    letter = by_unit(made)["甲局"]
    assert letter.addressee.kind is ReplyKind.CORRECTION
    assert letter.workbook is not None
    ret = read(letter.workbook)
    shared = {
        FORM.items[new].name: given[OLD.form.items[old].name]
        for old, new in common(OLD.form, FORM).items()
        if OLD.form.items[old].formula is None
    }
    assert len(shared) > 100
    filled = {i.name: ret.numbers[i.index] for i in FORM.inputs()}
    assert {n: v for n, v in filled.items() if v is not None} == shared
    # What only this edition asks for is marked, and nothing else.
    book = load_workbook(letter.workbook)
    noted = {
        i.name
        for i in FORM.inputs()
        if book[(at := LAYOUT.address(i.index)).sheet][at.a1].comment is not None
    }
    assert noted == {i.name for i in FORM.inputs()} - shared.keys()
    # With the rest filled in, all is well.
    figures = truth(3)
    sent(tmp_path / "in" / "甲局2.xlsx", "甲局", figures, hours=5)
    summary, made = answered(tmp_path / "in", tmp_path / "out", UNIT)
    assert sorted(d.outcome.value for d in summary.documents) == ["merged", "superseded"]
    assert not made.letters


def test_last_years_return_on_the_former_edition_is_not_carried(tmp_path: Path) -> None:
    path = tmp_path / "in" / "甲局.xlsx"
    former(path, identity=True)
    book = load_workbook(path)
    for row in book[IDENTITY].iter_rows(max_col=2):
        if row[0].value == "year":
            row[1].value = 2019
    book.save(path)
    dated(path, 0)
    _, made = answered(tmp_path / "in", tmp_path / "out", UNIT)
    assert by_unit(made)["甲局"].addressee.kind is ReplyKind.AGAIN
