"""Figures as pandas DataFrames. No other module uses pandas, which is an optional extra."""

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
    """A DataFrame was asked for, but pandas is not installed."""

    def __str__(self) -> str:
        return "to_frame() needs pandas: pip install 'xltools[pandas]'"


def _require_pandas() -> None:
    """Raise MissingPandasError if pandas is not installed."""
    if find_spec("pandas") is None:
        raise MissingPandasError


def figures_by_unit(
    form: Form, units: Sequence[str], figures: Sequence[Sequence[Number]]
) -> "pd.DataFrame":
    """The figures of several units as a DataFrame: one row for each unit (index 单位), one column
    for each item of ``form`` in its order.

    ``figures``: for each of ``units``, the numbers of all items. The columns are a MultiIndex of
    the part, row labels and column labels as printed. Counts are int64, amounts float64. Raises
    MissingPandasError.
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
    """The pandas type for the figures of an item."""
    return "int64" if item.whole else "float64"


def figures_by_item(
    form: Form,
    numbers: Sequence[Number | None],
    statuses: Sequence[str],
    places: Sequence[Address | None],
    contents: Mapping[int, str],
) -> "pd.DataFrame":
    """The figures of one return as a DataFrame: one row for each item (index 数据项, its name),
    with its labels, its figure, and where that was read.

    All sequences have one entry for each item of ``form``; ``contents`` has, by item number, what
    the cell contains where that differs from the number. Columns: 部分, 行, 列 as printed; 数值
    (float, NaN if there is no number), 状态 (a value of ``Status``), 工作表 and 单元格 (empty if
    the item was not found), 内容 (what the cell contains). Raises MissingPandasError.
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
