"""The summary as a DataFrame."""

from pathlib import Path

from test_collect import FORM, GOOD, filled, run
from xltools.model.roster import Unit
from xltools.output.plan import frame


def test_rows_are_units_and_columns_items(tmp_path: Path) -> None:
    filled(tmp_path / "甲.xlsx", "甲局", GOOD | {"t2.fees.charged": 1.25})
    filled(tmp_path / "乙.xlsx", "乙局", GOOD)
    filled(tmp_path / "垂.xlsx", "垂管局", GOOD)
    summary = run(
        tmp_path, Unit(name="乙局"), Unit(name="甲局"), Unit(name="垂管局", counted=False)
    )
    data = frame(summary)
    assert list(data.index) == ["乙局", "甲局"]
    assert data.shape == (2, 200)
    whole = [summary.totals[i.index] for i in FORM.items if i.part == "三"]
    assert data["三"].to_numpy().sum(axis=0).tolist() == whole
    fee = ("二", "第二十条第（八）项 > 行政事业性收费", "本年收费金额（单位：万元）")
    assert data[fee].to_list() == [0, 1.25]
    assert {str(t) for t in data.dtypes} == {"int64", "float64"}
