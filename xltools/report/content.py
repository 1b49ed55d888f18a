"""Work out what the annual report says, from a return or from a summary workbook."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from xltools.checks.run import check
from xltools.forms.resolve import shares_of
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


def sentences(
    form: Form, numbers: Sequence[Number | None], prior: Mapping[int, Number]
) -> dict[str, str]:
    """The sentences that a form declares for texts that were left empty, by the name of the text.

    ``numbers``: the figures of all items; ``prior``: last year's by item number, as far as they are
    known. A sentence that uses a figure which is None is left out; in a district that is an item
    which is not summed.
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
    """The numbers of the items whose figures a sentence uses."""
    for piece in draft.pieces:
        if isinstance(piece, SentencePlace):
            yield from (operand.item for operand in piece.sum.operands)


def _in_words(
    form: Form, place: SentencePlace, numbers: Sequence[Number], prior: Mapping[int, Number]
) -> str:
    """The text for a place of a sentence: a figure, its change from last year, or its shares; empty
    where last year's figure is needed and not known.
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
    """The parts of a total with their shares, in brackets; parts with the same outermost label that
    differs are added up. Empty where the total is 0.
    """
    total = form.items[place.sum.operands[0].item]
    total_value = numbers[total.index]
    if not total_value:
        return ""
    sums = {name: parts.value(numbers) for name, parts in shares_of(form.items, total).items()}
    shares = [
        f"{name}{show(n)}{place.unit}、占{_percent(n, total_value)}"
        for name, n in sums.items()
        if n
    ]
    return f"（{'，'.join(shares)}）"


def _percent(part: Number, total: Number) -> str:
    """A part of a total in percent with one decimal, such as 12.5%."""
    share = Decimal(part) * 100 / Decimal(total)
    return f"{share.quantize(Decimal('0.1'), ROUND_HALF_UP)}%"


_NEEDED = "是汇总表，请用 --unit 写明本级行政机关的全称，如 --unit ××区人民政府。"


class PaperError(XltoolsError):
    """No report can be made from a file. The message says which file, and why."""


def paper_of(
    layout: Layout,
    path: Path,
    *,
    agency: str = "",
    day: str = "",
    previous: Previous | None = None,
    passwords: tuple[str, ...] = (),
) -> Paper:
    """The content of the report made from a file: the report of a unit if the file is a return, of
    a district if it is a summary workbook.

    ``agency``: the body whose report it is, by default the unit of the return; ``day``: the date of
    the report, by default that of the return, otherwise today; ``previous``: last year's figures,
    which go before those in the return; ``passwords``: tried on a protected file. Raises
    PaperError.
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
    """The option ``--date`` in the form in which documents print dates; empty when the option is.
    Raises PaperError for a text that is not a date.
    """
    if text and typed_date(text) == date.min:
        raise PaperError(f"--date {text}：请写成 2026年1月20日 这样的日期。")
    return printed(text) if text else ""


def _follows(path: Path, year: int, previous: Previous | None) -> None:
    """Check that ``previous`` is of the year before ``year``, if it names its year. Raises
    PaperError.
    """
    if previous is not None and previous.year and previous.year != year - 1:
        message = (
            f"是 {year} 年度的，--previous 却是 {previous.year} 年的数据；请换成上一年的文件。"
        )
        raise PaperError(f"{path} {message}")


def printed(text: str) -> str:
    """A typed date in the form in which documents print it, 2026年1月20日; today's date where the
    text is not a date.
    """
    typed = typed_date(text)
    day = date.today() if typed == date.min else typed
    return f"{day.year}年{day.month}月{day.day}日"


def _why(form: Form, reading: ReadFailure | SetAside) -> str:
    """The reason, as a sentence, why no return was read from a file."""
    if isinstance(reading, SetAside):
        return in_words(reading.reason)
    return Words.of(form).message(finding(reading.code, found=reading.detail))


def _figures(form: Form, ret: Return, numbers: Sequence[Number]) -> list[str]:
    """Every figure as it is printed. A blank cell stays blank unless the return declares that
    blanks count as 0.
    """
    blank = {
        i.index
        for i in form.inputs()
        if ret.statuses[i.index] is Status.BLANK and not ret.zero and i.table not in ret.none
    }
    return ["" if i in blank else show(n) for i, n in enumerate(numbers)]


def _district(form: Form, path: Path, agency: str, day: str, previous: Previous | None) -> Paper:
    """The content of a district's report, made from its summary workbook. Raises PaperError."""
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
    """The items (numbers) for which every counted unit has a figure, and the totals of such items.
    A workbook of last year's figures that was filled in by hand has only some items.
    """
    counted = [set(f) for name, f in summary.figures.items() if name not in summary.left_out]
    in_all = set.intersection(*counted) if counted else ()
    return frozenset(with_totals(form, dict.fromkeys(in_all, 0)))


def _summed(form: Form, summary: Previous) -> Sequence[Number | None]:
    """The sums over the counted units, by item number; None for an item that is not summed."""
    return merge(
        form,
        (
            [figures.get(i.index, 0) for i in form.items]
            for name, figures in summary.figures.items()
            if name not in summary.left_out
        ),
    )


def _annex(form: Form, summary: Previous, numbers: Sequence[Number | None]) -> Annex:
    """The list of units with the figures that the form chooses for it, and the sums (``numbers``)
    in the last line. Units that do not count are marked.
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
