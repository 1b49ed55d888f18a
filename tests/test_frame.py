"""A summary and a return as DataFrames."""

import sys
from pathlib import Path

import pytest

from support.filled import FORM
from support.jobs import GOOD, filled, run
from xltools.layout.places import lay_out
from xltools.match.matcher import Matcher
from xltools.model.errors import XltoolsError
from xltools.model.returns import Return
from xltools.model.roster import Unit
from xltools.readers.workbook import open_book


def test_rows_are_units_and_columns_items(tmp_path: Path) -> None:
    filled(tmp_path / "甲.xlsx", "甲局", GOOD | {"t2.fees.charged": 1.25})
    filled(tmp_path / "乙.xlsx", "乙局", GOOD)
    filled(tmp_path / "垂.xlsx", "垂管局", GOOD)
    summary = run(
        tmp_path, Unit(name="乙局"), Unit(name="甲局"), Unit(name="垂管局", counted=False)
    )
    data = summary.to_frame()
    assert list(data.index) == ["乙局", "甲局"]
    assert data.shape == (2, 200)
    whole = [summary.totals[i.index] for i in FORM.items if i.part == "三"]
    assert data["三"].to_numpy().sum(axis=0).tolist() == whole
    fee = ("二", "第二十条第（八）项 > 行政事业性收费", "本年收费金额（单位：万元）")
    assert data[fee].to_list() == [0, 1.25]
    assert {str(t) for t in data.dtypes} == {"int64", "float64"}


def returned(path: Path) -> Return:
    figures = GOOD | {"t2.fees.charged": 1.25}
    return Matcher(lay_out(FORM)).match(open_book(filled(path / "甲.xlsx", "甲局", figures)))


def test_a_return_has_a_row_for_each_item(tmp_path: Path) -> None:
    ret = returned(tmp_path)
    data = ret.to_frame(FORM)
    assert list(data.index) == [item.name for item in FORM.items]
    fee = data.loc["t2.fees.charged"]
    assert (fee["数值"], fee["状态"], fee["内容"]) == (1.25, "given", "1.25")
    assert fee["工作表"]
    assert fee["单元格"]
    assert fee["列"] == "本年收费金额（单位：万元）"


def test_without_pandas_its_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(XltoolsError, match=r"xltools\[pandas\]"):
        returned(tmp_path).to_frame(FORM)
