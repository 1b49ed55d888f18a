"""Figures as pandas DataFrames: the only place that uses pandas, which is an optional extra."""

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING

from xltools.model.cells import Address
from xltools.model.errors import XltoolsError
from xltools.model.form import Form, Item
from xltools.model.numbers import Number

if TYPE_CHECKING:
    import pandas as pd


class MissingPandasError(XltoolsError, ImportError):
    """A DataFrame is asked for where pandas is not installed."""

    def __str__(self) -> str:
        return "to_frame() needs pandas: pip install 'xltools[pandas]'"


def _require_pandas() -> None:
    if find_spec("pandas") is None:
        raise MissingPandasError


def figures_by_unit(
    form: Form, units: Sequence[str], figures: Sequence[Sequence[Number]]
) -> "pd.DataFrame":
    """A row a unit (index 单位), a column an item of ``form``, in the order of the form.

    ``figures``: a row of all items for each of ``units``. The columns are a MultiIndex of part,
    stub and spanner as printed. Counts are integers, amounts floats.
    """
    _require_pandas()
    import pandas as pd

    columns = pd.MultiIndex.from_tuples(
        [(i.part, " > ".join(i.rows), " > ".join(i.columns)) for i in form.items],
        names=["部分", "行", "列"],
    )
    frame = pd.DataFrame(figures, index=pd.Index(units, name="单位"), columns=columns)
    return frame.astype({label: _dtype(i) for label, i in zip(columns, form.items, strict=True)})


def _dtype(item: Item) -> str:
    return "int64" if item.whole else "float64"


def figures_by_item(
    form: Form,
    numbers: Sequence[Number | None],
    statuses: Sequence[str],
    places: Sequence[Address | None],
    contents: Mapping[int, str],
) -> "pd.DataFrame":
    """A row an item (index its name), with its labels, its figure, and where that was read.

    All sequences run over the items of ``form``. Columns: 部分, 行, 列 as printed; 数值 (float,
    NaN where there is no number), 状态 (a value of ``Status``), 工作表 and 单元格 (empty where
    the item was not found), 内容 (what stands in the cell).
    """
    _require_pandas()
    import pandas as pd

    cells = [("", "") if place is None else (place.sheet, place.a1) for place in places]
    shown = ["" if number is None else str(number) for number in numbers]
    frame = pd.DataFrame(
        {
            "部分": [item.part for item in form.items],
            "行": [" > ".join(item.rows) for item in form.items],
            "列": [" > ".join(item.columns) for item in form.items],
            "数值": [None if number is None else float(number) for number in numbers],
            "状态": list(statuses),
            "工作表": [sheet for sheet, _ in cells],
            "单元格": [cell for _, cell in cells],
            "内容": [contents.get(index, text) for index, text in enumerate(shown)],
        },
        index=pd.Index([item.name for item in form.items], name="数据项"),
    )
    return frame.astype({"数值": "float64"})
