"""Returns to what a fresh workbook starts with; what cannot be taken over is named."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from xltools.excel.text import LONGEST, plain
from xltools.layout.places import Layout
from xltools.model.numbers import Number, from_float, show
from xltools.model.returns import Return, Status
from xltools.template.subject import Start


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """An entry that could not be taken over: the name of its item or text, what stood there."""

    name: str
    found: str


def carry(
    layout: Layout, returns: Sequence[Return], priors: Mapping[int, Number]
) -> tuple[Start, tuple[Lost, ...]]:
    """What the returns of one unit hold, the first of them first; and what of it is left out.

    Several returns are parts of one whole: where one has nothing the next is asked; a cell that
    two fill differently is left blank. Cells that no return had start as in a fresh template, with
    what is carried over from last year (``priors``: its figures by item number).
    """
    form, first = layout.form, returns[0]
    figures: dict[int, Number] = {}
    lost: list[Lost] = []
    for item in form.inputs():
        at = item.index
        given = [r for r in returns if r.statuses[at] in (Status.GIVEN, Status.VOID)]
        numbers = list(dict.fromkeys(n for r in given if (n := r.numbers[at]) is not None))
        bad = [
            r.found.get(at) or "公式，没有保存结果"
            for r in returns
            if r.statuses[at] is Status.UNREADABLE and r.places[at] is not None
        ]
        if len(numbers) > 1:
            told = "、".join(show(n) for n in numbers)
            lost.append(Lost(name=item.name, found=f"几份文件中分别是 {told}"))
        elif numbers and _exact(numbers[0]):
            figures[at] = numbers[0]
        elif numbers:
            lost.append(Lost(name=item.name, found=show(numbers[0])))
        elif bad:
            lost.append(Lost(name=item.name, found=bad[0]))
        elif all(r.places[at] is None for r in returns):
            source = form.carried.get(at)
            if source in priors and source is not None:
                figures[at] = priors[source]
    texts, too_long = _texts(layout, returns)
    explanations: dict[str, str] = {}
    for one in reversed(returns):
        explanations |= {k: plain(text) for k, text in one.explanations.items()}
    # What is said of rules stands in their rows, whence it came.
    lines = dict.fromkeys(
        (line.code or line.typed[0], line.typed[1], plain(line.words))
        for one in returns
        for line in one.explained
        if not line.rows
    )
    filled = {form.items[i].table for i, n in figures.items() if n}
    none = {table for r in returns for table in r.none}
    start = Start(
        figures=figures,
        zero=any(r.zero for r in returns),
        # Of a return alone the contradiction stands, for its unit to settle.
        none=frozenset(none if len(returns) == 1 else none - filled),
        texts=texts,
        explanations=explanations,
        explained=tuple(lines),
        filler=_first(r.filler for r in returns),
        phone=_first(r.phone for r in returns),
        date=first.date,
    )
    return start, (*lost, *too_long)


def _exact(number: Number) -> bool:
    """Whether a cell holds the number to its last digit."""
    # Fifteen digits are what programs keep.
    return -(10**15) < number < 10**15 and from_float(float(number)) == number


def _first(texts: Iterable[str]) -> str:
    return next((plain(t) for t in texts if t), "")


def _texts(layout: Layout, returns: Sequence[Return]) -> tuple[dict[str, str], list[Lost]]:
    """The prose; a text that its rows cannot hold is left out whole."""
    texts: dict[str, str] = {}
    lost = []
    for one in layout.form.texts:
        text = _first(r.texts.get(one.name, "") for r in returns)
        rows = text.split("\n")
        if len(rows) > 1000 or any(len(row.encode("utf-16-le")) > 2 * LONGEST for row in rows):
            lost.append(Lost(name=one.name, found=f"文字过长（{len(text)} 字），请从原文件复制"))
        elif text:
            texts[one.name] = text
    return texts, lost
