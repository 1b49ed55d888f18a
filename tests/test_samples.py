"""The samples: they give the summary beside them, and with the mistakes mended the true figures."""

from pathlib import Path

import pytest

from make_samples import HANDLED, dealt
from support.filled import printed
from xltools.forms.declaration import load
from xltools.layout.places import lay_out
from xltools.ledgers.previous import load as load_previous
from xltools.ledgers.roster import load as load_roster
from xltools.model.summary import Summary
from xltools.steps import Job, collect

SAMPLES = Path(__file__).parent.parent / "samples"
FORM = load("zfxxgk-2021")


@pytest.fixture(scope="module")
def summary() -> Summary:
    return collect(
        Job(
            layout=lay_out(FORM),
            inbox=SAMPLES / "inbox",
            roster=load_roster(SAMPLES / "roster.xlsx"),
            year=2023,
        )
    )


def test_the_returns_dealt_out_add_up_to_the_published_report() -> None:
    figures, units = printed("suqian_shi_2023"), dealt(printed("suqian_shi_2023"))
    assert set(units) == set(HANDLED)
    for item in FORM.inputs():
        assert sum(u[item.name] for u in units.values()) == pytest.approx(figures[item.name])
    for unit, count in HANDLED.items():
        rows = ("received", "carried_in")
        mine = [n for i, n in units[unit].items() if i.split(".")[1] in rows]
        assert sum(mine) == count


def test_what_becomes_of_each(summary: Summary) -> None:
    outcome = {d.path.split("_")[-1]: d.outcome.value for d in summary.documents}
    odd = {name: what for name, what in outcome.items() if what != "merged"}
    assert odd == {
        "泗阳县.xlsx": "rejected",
        "泗洪县.xlsx": "rejected",
        "宿迁经济技术开发区.xlsx": "superseded",
    }
    assert summary.missing == ("市档案馆",)
    assert len(summary.entries) == 10
    found = {(f.unit, f.code) for f in summary.findings}
    assert found >= {
        ("泗阳县", "T4-01"), ("泗阳县", "T4-02"), ("泗阳县", "T4-03"), ("泗洪县", "X-02"),
        ("宿豫区", "B-02"), ("宿城区", "V-01"), ("市湖滨新区", "M-03"),
        ("苏州宿迁工业园区", "I-07"), ("宿迁经济技术开发区", "D-01"),
    }  # fmt: skip
    # Its prose is that of the year before: a true case, for the figures were given another year.
    assert ("市机关事务服务中心", "P-07") in found
    assert {code for _, code in found if code[0] == "P"} == {"P-07"}


def test_every_merged_figure_is_the_true_one(summary: Summary) -> None:
    units = dealt(printed("suqian_shi_2023"))
    for entry in summary.entries:
        true = units.get(entry.unit.name, {})
        for item in FORM.inputs():
            assert float(entry.numbers[item.index]) == true.get(item.name, 0), (
                entry.unit.name,
                item.name,
            )


def test_the_summary_beside_them_is_the_one_they_give(summary: Summary) -> None:
    kept = load_previous(SAMPLES / "汇总.xlsx", FORM)
    assert kept.year == 2023
    assert set(kept.figures) == {e.unit.name for e in summary.entries}
    for entry in summary.entries:
        assert dict(kept.figures[entry.unit.name]) == dict(enumerate(entry.numbers))
