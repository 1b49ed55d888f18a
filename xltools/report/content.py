"""A return or a summary to what the annual report made of it says."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from itertools import count
from pathlib import Path
from typing import Final

from xltools.checks.run import check
from xltools.inbox.pool import read_all
from xltools.inbox.reading import ReadFailure, ReadReturn, SetAside
from xltools.layout.places import Layout
from xltools.ledgers.previous import load as load_previous
from xltools.model.errors import XltoolsError
from xltools.model.evaluate import merge, recomputed, with_totals
from xltools.model.findings import Words, finding
from xltools.model.form import DraftSentence, Form, SentencePlace, Severity
from xltools.model.identity import WorkbookKind
from xltools.model.numbers import Number, show
from xltools.model.previous import Previous
from xltools.model.returns import Return, Status
from xltools.model.roster import Unit
from xltools.model.wording import in_words
from xltools.report.word import Annex, Paper
from xltools.settle.comparison import typed_date

# What stands before a label, 一、 （一） 1., and a remark in brackets behind it.
_NUMBERED: Final = re.compile(
    r"^(?:[一二三四五六七八九十]+、|（[一二三四五六七八九十]+）|[0-9]+\.)"
)
_REMARK: Final = re.compile(r"（[^（）]*）$")


def sentences(
    form: Form, numbers: Sequence[Number | None], prior: Mapping[int, Number]
) -> dict[str, str]:
    """The sentences that a form declares for texts left empty, by the name of the text.

    ``numbers``: of all items; ``prior``: last year's by item number, as far as they are known. Left
    out is a sentence with a figure that is None, as those of a district are that are not added up.
    """
    figures = [0 if n is None else n for n in numbers]
    return {
        draft.text: "".join(
            piece if isinstance(piece, str) else _in_words(form, piece, figures, prior)
            for piece in draft.pieces
        )
        for draft in form.report.drafts
        if all(numbers[item] is not None for item in _items(draft))
    }


def _items(draft: DraftSentence) -> Iterator[int]:
    """The items whose figures a sentence names."""
    for piece in draft.pieces:
        if isinstance(piece, SentencePlace):
            yield from (operand.item for operand in piece.sum.operands)


def _plain(label: str) -> str:
    """A label as it stands in a sentence: without its number and its remark."""
    return _REMARK.sub("", _NUMBERED.sub("", label))


def _in_words(
    form: Form, place: SentencePlace, numbers: Sequence[Number], prior: Mapping[int, Number]
) -> str:
    """What stands at a place of a sentence: a figure, how it has changed from last year, or its
    shares; nothing where last year's figure is not known.
    """
    if place.what == "shares":
        return _shares(form, place, numbers)
    value = place.sum.value(numbers)
    if place.what == "figure":
        return show(value)
    if any(operand.item not in prior for operand in place.sum.operands):
        return ""
    before = place.sum.value([prior.get(item.index) for item in form.items])
    if value == before:
        return "，与上年持平"
    word = "增加" if value > before else "减少"
    gap = value - before if value > before else before - value
    rate = f"（{_percent(gap, before)}）" if before else ""
    return f"，比上年{word}{show(gap)}{place.unit}{rate}"


def _shares(form: Form, place: SentencePlace, numbers: Sequence[Number]) -> str:
    """What a total is made of, in brackets: its parts with their shares, put together under the
    outermost labels that differ; nothing where the total is 0.
    """
    total = form.items[place.sum.operands[0].item]
    total_value = numbers[total.index]
    if not total_value:
        return ""
    parts = [form.items[o.item] for o in total.formula.operands] if total.formula else []
    labels = [p.rows if p.column == total.column else p.columns for p in parts]
    shared = next(n for n in count() if len({label[: n + 1] for label in labels}) > 1)
    sums: dict[str, Number] = {}
    for part, label in zip(parts, labels, strict=True):
        name = _plain(label[min(shared, len(label) - 1)])
        sums[name] = sums.get(name, 0) + numbers[part.index]
    shares = [
        f"{name}{show(n)}{place.unit}、占{_percent(n, total_value)}"
        for name, n in sums.items()
        if n
    ]
    return f"（{'，'.join(shares)}）"


def _percent(part: Number, total: Number) -> str:
    """The share of a part in percent, with one decimal: 12.5%."""
    share = Decimal(part) * 100 / Decimal(total)
    return f"{share.quantize(Decimal('0.1'), ROUND_HALF_UP)}%"


_NEEDED = "是汇总表，请用 --unit 写明本级行政机关的全称，如 --unit ××区人民政府。"


class PaperError(XltoolsError):
    """No report can be made of a file; the message says which file, and why."""


def paper_of(
    layout: Layout,
    path: Path,
    *,
    agency: str = "",
    day: str = "",
    previous: Previous | None = None,
    passwords: tuple[str, ...] = (),
) -> Paper:
    """What the report says that a file gives: of a unit if it is a return, of a district if it is a
    summary.

    ``agency``: whose report it is, by default the unit of the return; ``day``: its date, by default
    that of the return, else today; ``previous``: last year's figures, beside those in the return;
    ``passwords``: to try on a file with a password. Raises PaperError.
    """
    (readings,) = read_all([(path.name, path)], layout, passwords=passwords)
    reading = readings[0]
    if len(readings) > 1:
        raise PaperError(f"{path}：文件里有 {len(readings)} 份文件，请先取出要用的一份。")
    if not isinstance(reading, ReadReturn):
        raise PaperError(f"{path}：{_why(layout.form, reading)}")
    ret = reading.ret
    if ret.identity is not None and ret.identity.kind == WorkbookKind.SUMMARY:
        return _district(layout.form, path, agency, day, previous)
    if len(ret.missing) == len(layout.form.tables):
        raise PaperError(f"{path}：文件中没有找到要填报的统计表，也不是汇总表。")
    name = agency or ret.stated_unit
    year = ret.stated_year
    if not name:
        raise PaperError(f"{path}：表内没有写单位名称，请用 --unit 写明。")
    if not year:
        raise PaperError(f"{path}：表内没有写报告年度，请在“填报”页补上。")
    unreadable = [
        item.path for item in layout.form.items if ret.statuses[item.index] is Status.UNREADABLE
    ]
    if unreadable:
        raise PaperError(
            f"{path}：有认不出的数字（{unreadable[0]} 等 {len(unreadable)} 处），请先改正。"
        )
    _follows(path, year, previous)
    numbers = [0 if n is None else n for n in recomputed(layout.form, ret)]
    prior = dict(ret.priors) | dict(previous.of(Unit(name=name)) if previous else {})
    return Paper(
        agency=name,
        year=year,
        date=_day(day) or printed(ret.date),
        figures=_figures(layout.form, ret, numbers),
        texts=ret.texts,
        drafts=sentences(layout.form, numbers, prior),
        wrong=sum(f.severity is Severity.FATAL for f in check(layout, ret)),
    )


def _day(text: str) -> str:
    """The option ``--date`` as documents print dates; empty where it is. Raises PaperError for a
    text that is no date.
    """
    if text and typed_date(text) == date.min:
        raise PaperError(f"--date {text}：请写成 2026年1月20日 这样的日期。")
    return printed(text) if text else ""


def _follows(path: Path, year: int, previous: Previous | None) -> None:
    """Check that ``previous`` is of the year before ``year``, where it says. Raises PaperError."""
    if previous is not None and previous.year and previous.year != year - 1:
        message = (
            f"是 {year} 年度的，--previous 却是 {previous.year} 年的数据；请换成上一年的文件。"
        )
        raise PaperError(f"{path} {message}")


def printed(text: str) -> str:
    """A typed date as documents print it, 2026年1月20日; today's where the text is no date."""
    typed = typed_date(text)
    day = date.today() if typed == date.min else typed
    return f"{day.year}年{day.month}月{day.day}日"


def _why(form: Form, reading: ReadFailure | SetAside) -> str:
    """Why no return was read from a file, in a sentence."""
    if isinstance(reading, SetAside):
        return in_words(reading.reason)
    return Words.of(form).message(finding(reading.code, found=reading.detail))


def _figures(form: Form, ret: Return, numbers: Sequence[Number]) -> list[str]:
    """Every figure as it is printed. A blank cell stays blank, unless the return declares that
    blanks count as 0.
    """
    blank = {
        i.index
        for i in form.inputs()
        if ret.statuses[i.index] is Status.BLANK and not ret.zero and i.table not in ret.none
    }
    return ["" if i in blank else show(n) for i, n in enumerate(numbers)]


def _district(form: Form, path: Path, agency: str, day: str, previous: Previous | None) -> Paper:
    """What the report of a district says, made of its summary workbook. Raises PaperError."""
    if not agency:
        raise PaperError(f"{path}：{_NEEDED}")
    summary = load_previous(path, form)
    _follows(path, summary.year, previous)
    numbers = _summed(form, summary)
    prior: Mapping[int, Number] = {}
    if previous is not None:
        comparable = _complete(form, previous)
        sums = enumerate(_summed(form, previous))
        prior = {n: total for n, total in sums if n in comparable and total is not None}
    return Paper(
        agency=agency,
        year=summary.year,
        date=_day(day) or printed(""),
        figures=["" if n is None else show(n) for n in numbers],
        drafts=sentences(form, numbers, prior),
        annex=_annex(form, summary, numbers) if form.report.annex else None,
    )


def _complete(form: Form, summary: Previous) -> frozenset[int]:
    """The items of which every unit that counts has a figure, and the totals of such items. A table
    of last year's figures that was filled in by hand has but a few of them.
    """
    counted = [set(f) for name, f in summary.figures.items() if name not in summary.left_out]
    in_all = set.intersection(*counted) if counted else ()
    return frozenset(with_totals(form, dict.fromkeys(in_all, 0)))


def _summed(form: Form, summary: Previous) -> Sequence[Number | None]:
    """The sums over the units that count, by item; None for an item that is not added up."""
    return merge(
        form,
        (
            [figures.get(i.index, 0) for i in form.items]
            for name, figures in summary.figures.items()
            if name not in summary.left_out
        ),
    )


def _annex(form: Form, summary: Previous, numbers: Sequence[Number | None]) -> Annex:
    """The list of units with the figures that the form names, and their sums (``numbers``) below.
    Units that do not count are marked.
    """
    items = [form.items[column.item] for column in form.report.annex]
    lines = [
        (str(n), name + ("（不计入）" if name in summary.left_out else ""),
         *(show(figures.get(i.index, 0)) for i in items))
        for n, (name, figures) in enumerate(summary.figures.items(), 1)
    ]  # fmt: skip
    sums = [numbers[i.index] for i in items]
    total = ("", "合计", *("" if n is None else show(n) for n in sums))
    return Annex(
        title="附件：各单位情况",
        head=("序号", "单位", *(column.heading for column in form.report.annex)),
        lines=(*lines, total),
        widths=(9, 44, *[19] * len(items)),
    )
