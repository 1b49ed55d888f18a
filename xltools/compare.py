"""Work with returns that is not part of a collection: comparing two files, taking last year's
figures from a folder of returns.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from xltools.identify.identify import identify, usual_year
from xltools.identify.witnesses import Witnesses
from xltools.inbox.intake import read_inbox
from xltools.inbox.pool import read_all
from xltools.inbox.reading import ReadFailure, Reading, ReadReturn
from xltools.inbox.shelf import Shelf
from xltools.layout.places import Layout
from xltools.ledgers.previous import load
from xltools.model.differences import WHOLE, Changes, Side, changes
from xltools.model.errors import Problem, XltoolsError
from xltools.model.evaluate import merge, recomputed, with_totals
from xltools.model.findings import acceptable, catalogue, why_unread
from xltools.model.form import Form
from xltools.model.identity import WorkbookKind
from xltools.model.numbers import Number
from xltools.model.previous import Previous, PreviousError
from xltools.model.record import DocumentRecord, ReturnRecord
from xltools.model.returns import Return, Status
from xltools.model.roster import Roster, unit_of
from xltools.model.summary import Outcome
from xltools.settle.judge import judge
from xltools.settle.versions import settle

_MANY = (WorkbookKind.SUMMARY, WorkbookKind.PREVIOUS)


class CompareError(XltoolsError):
    """Two files cannot be compared; the text says which and why."""


def compare(
    layout: Layout,
    old: Path,
    new: Path,
    *,
    roster: Roster | None = None,
    passwords: tuple[str, ...] = (),
) -> Changes:
    """Find what differs between two files: two returns, or two summaries.

    With a roster, the units of summaries are compared under the names that the roster has for them.
    Raises CompareError if the files cannot be compared, PreviousError if a summary is damaged.
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
    """What a file contains, for a comparison. Raises CompareError unless this is one return or one
    summary.
    """
    returns = [reading.ret for reading in readings if isinstance(reading, ReadReturn)]
    if len(returns) > 1:
        raise CompareError(f"{path} 里有 {len(returns)} 份报表；请取出要比较的一份。")
    if not returns:
        reason = "里面没有报表"
        for reading in readings:
            if isinstance(reading, ReadFailure):
                reason = why_unread(reading.code, reading.detail)
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
    """A return for a comparison: its figures with recomputed totals, None for a blank that no
    declaration covers and for what cannot be computed. Inputs that cannot be read are among its
    texts.
    """
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
    return Side(
        name=path.name,
        year=ret.stated_year,
        many=False,
        figures={ret.stated_unit: figures},
        texts=texts,
        prose=ret.texts,
    )


def _district(form: Form, path: Path, roster: Roster | None) -> Side:
    """A summary for a comparison. Its own figures are the sums of those of its counted units, added
    up anew.
    """
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
    # A table made by hand may contain only some of the items; the others are not known.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class LastYear:
    """Last year's figures from a folder. ``unused``: for each file from which nothing was used, its
    path and the code of the finding that says why.
    """

    previous: Previous
    unused: tuple[tuple[str, str], ...]


def read_folder(
    folder: Path,
    layout: Layout,
    *,
    roster: Roster | None = None,
    year: int = 0,
    workers: int | None = None,
    passwords: Sequence[str] = (),
    shelf: Shelf | None = None,
) -> LastYear:
    """Take last year's figures from a folder with the returns of that year. As in ``collect``, the
    unit of each return is identified, and one return is chosen where a unit has several.

    ``shelf``: what was read before, and where what is read now is kept; None to read all files.
    ``year``: the year of the figures, 0 for the one that most returns name. Returns are not
    rejected again for what was wrong with them: only figures that cannot be read or whose table is
    missing are left out. Raises PreviousError if no return can be used, OSError if the folder
    cannot be listed.
    """
    readings = read_inbox(folder, layout, workers=workers, passwords=tuple(passwords), shelf=shelf)
    records = [reading.record for reading in readings]
    year = year or usual_year(records)
    witnesses = Witnesses(layout.form, roster, records) if roster is not None else None
    records = [_usable(record) for record in identify(layout, records, witnesses, year)]
    unused = [(record.path, code) for record in records if (code := _refused(record))]
    records = settle(layout.form, records)
    records = judge(records, frozenset(record.unit for record in records))
    figures = {
        record.unit: figures_of(layout, record.ret)
        for record in records
        if isinstance(record, ReturnRecord) and record.standing
    }
    refused = [(record.path, code) for record in records if (code := _refused(record))]
    unused += [line for line in refused if line not in unused]
    if not figures:
        raise PreviousError(folder, [_problem(name, code) for name, code in unused] or [_EMPTY])
    left_out = frozenset(name for name in figures if not unit_of(name, roster).counted)
    previous = Previous(
        year=year,
        figures=figures,
        path=folder,
        left_out=left_out,
        unsummed=layout.form.unsummed,
    )
    return LastYear(previous=previous, unused=tuple(unused))


def figures_of(layout: Layout, ret: Return) -> dict[int, Number]:
    """The figures of a return that are known, by item number: inputs that were found and can be
    read, and the totals that follow from them.
    """
    form = layout.form
    placed = [place is not None for place in ret.places]
    totals = recomputed(form, ret)
    inputs = {
        i.index: number
        for i in form.inputs()
        if (number := totals[i.index]) is not None and placed[i.index]
    }
    return with_totals(form, inputs)


def _usable(record: DocumentRecord) -> DocumentRecord:
    """The record with the outcome MERGED, if it is a rejected return whose findings are all
    acceptable, such as that its unit is unknown; any other record as it is.
    """
    rejected = isinstance(record, ReturnRecord) and record.outcome is Outcome.REJECTED
    if rejected and all(acceptable(finding) for finding in record.findings):
        return replace(record, outcome=Outcome.MERGED)
    return record


def _refused(record: DocumentRecord) -> str:
    """The code that says why a file gave no figures; empty if it did, or if it did not have to."""
    if record.outcome is Outcome.UNREADABLE:
        return record.findings[0].code
    if record.outcome is not Outcome.REJECTED:
        return ""
    return next((f.code for f in record.findings if not acceptable(f)), "")


_EMPTY = Problem(message="文件夹里没有报表。")


def _problem(name: str, code: str) -> Problem:
    """The reason why a file of the folder could not be used, as a problem of last year's
    figures.
    """
    return Problem(place=name, message=f"{catalogue()[code].meaning}（{code}）。")
