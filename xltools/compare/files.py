"""Two files to what changed between them: returns in any format, or summaries."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from xltools.inbox.pool import read_all
from xltools.inbox.reading import ReadFailure, Reading, ReadReturn
from xltools.layout.places import Layout
from xltools.ledgers.previous import load
from xltools.model.differences import WHOLE, Changes, Side, changes
from xltools.model.errors import XltoolsError
from xltools.model.evaluate import merge, recomputed
from xltools.model.findings import catalogue
from xltools.model.form import Form
from xltools.model.numbers import Number
from xltools.model.returns import Return, Status
from xltools.model.roster import Roster

_MANY = ("summary", "previous")


class CompareError(XltoolsError):
    """Two files that cannot be compared; says which and why."""


def compare(
    layout: Layout,
    old: Path,
    new: Path,
    *,
    roster: Roster | None = None,
    passwords: tuple[str, ...] = (),
) -> Changes:
    """What changed from one file to the other.

    With a roster the units of summaries go by their names there, be they written otherwise.
    Raises CompareError, and PreviousError for a summary that is damaged.
    """
    files = [(str(old), old), (str(new), new)]
    read = read_all(files, layout, passwords=passwords)
    before, after = (
        _side(layout.form, path, readings, roster)
        for (_, path), readings in zip(files, read, strict=True)
    )
    if before.many != after.many:
        words = {True: "汇总表", False: "一个单位的报表"}
        raise CompareError(
            f"{old} 是{words[before.many]}，{new} 是{words[after.many]}，不能相比；"
            "请给出两份报表，或两份汇总表。"
        )
    if before.name == after.name:
        before, after = replace(before, name=str(old)), replace(after, name=str(new))
    return changes(layout.form, before, after)


def _side(form: Form, path: Path, readings: Sequence[Reading], roster: Roster | None) -> Side:
    """What a file holds, to be compared; raises CompareError unless it is one return or summary."""
    returns = [reading.ret for reading in readings if isinstance(reading, ReadReturn)]
    if len(returns) > 1:
        raise CompareError(f"{path} 里有 {len(returns)} 份报表；请取出要比较的一份。")
    if not returns:
        reason = "里面没有报表"
        for reading in readings:
            if isinstance(reading, ReadFailure):
                reason = catalogue()[reading.code].message.format(
                    found=reading.detail, expected="", detail="", rule=""
                )
        raise CompareError(f"{path}：{reason.rstrip('。')}。")
    (ret,) = returns
    identity = ret.identity
    if identity is not None and identity.kind in _MANY:
        return _district(form, path, roster)
    if identity is not None and (identity.form, identity.edition) != (form.form, form.edition):
        raise CompareError(
            f"{path} 是另一种表（{identity.form}-{identity.edition}），这里要的是 {form.name}；"
            "可用 --form 指明表式。"
        )
    if len(ret.missing) == len(form.tables):
        raise CompareError(f"{path} 中没有找到要填报的统计表（{form.name}）。")
    return _return(form, path, ret)


def _return(form: Form, path: Path, ret: Return) -> Side:
    figures: dict[int, Number | None] = {}
    for item, total in zip(form.items, recomputed(form, ret), strict=True):
        covered = ret.zero or item.table in ret.none or item.formula is not None
        blank = ret.statuses[item.index] is Status.BLANK and not covered
        figures[item.index] = None if blank else total
    texts = {
        i: ret.found.get(i, "无法读取")
        for i, status in enumerate(ret.statuses)
        if status is Status.UNREADABLE and form.items[i].formula is None
    }
    unit = ret.unit or (ret.identity.unit if ret.identity else "")
    year = ret.year or (ret.identity.year if ret.identity else 0)
    return Side(
        name=path.name, year=year, many=False, figures={unit: figures}, texts=texts,
        prose=ret.texts,
    )  # fmt: skip


def _district(form: Form, path: Path, roster: Roster | None) -> Side:
    """A summary: its own figures are those of the units that count, added up again."""
    ledger = load(path, form)
    inputs = {i.index for i in form.inputs()}
    totals = merge(
        form,
        (
            [figures.get(i.index, 0) for i in form.items]
            for name, figures in ledger.figures.items()
            if name not in ledger.left_out
        ),
    )
    # A table made by hand may hold some of the items only: the others are not known.
    items = {i for figures in ledger.figures.values() for i in figures}
    full = inputs <= items
    sums: dict[int, Number | None] = {
        i: n for i, n in enumerate(totals) if n is not None and (full or i in items)
    }
    units: dict[str, Mapping[int, Number | None]] = {WHOLE: sums}
    for name, figures in ledger.figures.items():
        unit = roster.find(name) if roster is not None else None
        units[unit.name if unit is not None else name] = dict(figures)
    return Side(name=path.name, year=ledger.year, many=True, figures=units)
