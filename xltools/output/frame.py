"""A summary for those who calculate on: as a pandas DataFrame."""

from typing import TYPE_CHECKING

from xltools.model.summary import Summary

if TYPE_CHECKING:
    import pandas as pd


def frame(summary: Summary) -> "pd.DataFrame":
    """The merged returns: a row a unit (index 单位), a column an item.

    The columns are a MultiIndex of part, stub and spanner as printed, in the order of the form.
    Counts are integers; amounts are floats, for sums to the last digit use ``summary.totals``.
    Units that are not counted in the district's figures are left out.
    """
    import pandas as pd

    form = summary.form
    columns = pd.MultiIndex.from_tuples(
        [(i.part, " > ".join(i.rows), " > ".join(i.columns)) for i in form.items],
        names=["部分", "行", "列"],
    )
    entries = [e for e in summary.entries if e.counted]
    data = pd.DataFrame(
        [e.numbers for e in entries],
        index=pd.Index([e.unit.name for e in entries], name="单位"),
        columns=columns,
    )
    kinds = {name: "int64" if i.whole else "float64"
             for name, i in zip(columns, form.items, strict=True)}  # fmt: skip
    return data.astype(kinds)
