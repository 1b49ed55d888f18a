"""Workbooks sent out by earlier versions come back for years: they are collected as they were.

`data/sent` holds one of each form as 0.1.0 first made it, filled in. Its formulas are not those of
today: in Excel they showed a right fee in red.
"""

from pathlib import Path

import pytest

from xltools.checks.run import check
from xltools.forms.declaration import load
from xltools.layout.places import lay_out
from xltools.match.matcher import Matcher
from xltools.model.returns import Status
from xltools.readers.workbook import open_book

SENT = Path(__file__).parent / "data" / "sent"
SAID = "统计口径调整"


@pytest.mark.parametrize(
    ("name", "findings", "figures"),
    [
        (
            "zfxxgk-2021",
            {("Y-01", SAID), ("Y-02", SAID), ("P-05", "")},
            {"t2.fees.charged": "2.61", "t3.received.total": "2473", "t4.cases.after_total": "97"},
        ),
        (
            "zfxxgk-2019",
            {("T2-02", "")},
            {"t3.received.total": "2116", "t4.cases.after_total": "77"},
        ),
        ("sangong-2024", set(), {"s.total.final": "15.4"}),
    ],
)
def test_what_was_sent_before_is_collected_as_before(
    name: str, findings: set[tuple[str, str]], figures: dict[str, str]
) -> None:
    layout = lay_out(load(name))
    ret = Matcher(layout).match(open_book(SENT / f"{name}.xlsx"))
    assert {(f.code, f.explanation) for f in check(layout, ret)} == findings
    assert set(ret.statuses) == {Status.GIVEN}
    assert {item: str(ret.numbers[layout.form.by_name[item]]) for item in figures} == figures
    assert (ret.filler, ret.phone, ret.date) == ("张三", "0527-84390000", "2026-01-15")
