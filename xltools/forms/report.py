"""The section [report] of a form file: the sentences made from the figures, and the annex."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from xltools.forms.positions import Path as Where
from xltools.forms.resolve import Index, reading
from xltools.forms.source import Source
from xltools.model.form import (
    Column,
    Draft,
    Piece,
    Report,
    Table,
    TextPart,
)
from xltools.model.formula import FormulaError, parse
from xltools.model.text import meant

_HOLE = re.compile(r"\{(?:(?P<what>change|shares) +)?(?P<sum>[^{}|]*)(?:\|(?P<unit>[^{}]*))?\}")


def report(source: Source, index: Index, parts: Sequence[Table | TextPart]) -> Report:
    """The section as declared, empty without one. Raises SpecError.

    In [report.drafts] a text's name stands for its sentence, in which ``{sum}`` is a figure,
    ``{change sum | unit}`` what has changed from last year, and ``{shares item | unit}`` the
    parts of a total with their shares. ``annex`` names figures and headings, the columns of the
    list of units.
    """
    body = source.data.get("report", {})
    if not isinstance(body, dict):
        source.wrong("[report] 下面写键和值", ("report",))
    source.known(body, ("report",), ("annex", "drafts"))
    drafts = body.get("drafts", {})
    if not isinstance(drafts, dict):
        source.wrong('[report.drafts] 下一行一条："文字代号" = "句子"', ("report", "drafts"))
    texts = {t.name for part in parts if isinstance(part, TextPart) for t in part.texts}
    found = []
    for name, sentence in drafts.items():
        at: Where = ("report", "drafts", name)
        if name not in texts:
            source.wrong(f"没有代号叫 '{name}' 的文字{meant(name, texts)}", at, key=True)
        if not isinstance(sentence, str) or not sentence.strip():
            source.wrong("句子空着，或不是加引号的文字", at)
        found.append(Draft(text=name, pieces=tuple(_pieces(source, sentence, at, index))))
    return Report(annex=tuple(_annex(source, body, index)), drafts=tuple(found))


def _pieces(source: Source, sentence: str, at: Where, index: Index) -> Iterator[str | Piece]:
    end = 0
    for hole in _HOLE.finditer(sentence):
        yield from _plain(source, sentence[end : hole.start()], at, end)
        yield _piece(source, hole, at, index)
        end = hole.end()
    yield from _plain(source, sentence[end:], at, end)


def _plain(source: Source, text: str, at: Where, offset: int) -> Iterator[str]:
    stray = re.search(r"[{}]", text)
    if stray:
        source.wrong("花括号不成对", at, offset=offset + stray.start())
    if text:
        yield text


def _piece(source: Source, hole: re.Match[str], at: Where, index: Index) -> Piece:
    what, unit = hole["what"] or "figure", (hole["unit"] or "").strip()
    try:
        summed = reading(index, parse(hole["sum"]))
    except FormulaError as error:
        source.wrong(error.message, at, offset=hole.start("sum") + error.position)
    if what == "shares":
        only = summed.operands
        total = len(only) == 1 and only[0].sign == 1 and not summed.constant
        if not total or index.items[only[0].item].formula is None:
            source.wrong("'shares' 后面只能是一个合计", at, offset=hole.start("sum"))
    return Piece(what=what, sum=summed, unit=unit)


def _annex(source: Source, body: Mapping[str, Any], index: Index) -> Iterator[Column]:
    names = body.get("annex", [])
    if not isinstance(names, list):
        source.wrong("'annex' 是列表，每一项写成 [数据项, 标题]", ("report", "annex"))
    numbers = {item.name: item.index for item in index.items}
    for place, pair in enumerate(names):
        at: Where = ("report", "annex", place)
        if not isinstance(pair, list) or [type(x) for x in pair] != [str, str]:
            source.wrong("'annex' 的每一项写成 [数据项, 标题]", at)
        if pair[0] not in numbers:
            source.wrong(f"没有数据项 '{pair[0]}'{meant(pair[0], numbers)}", (*at, 0))
        yield Column(item=numbers[pair[0]], heading=pair[1].strip())
