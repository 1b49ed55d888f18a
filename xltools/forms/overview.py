"""Read the section [overview] of a form file: what the first page of a summary shows."""

from collections.abc import Iterator
from typing import Any, Final

from xltools.forms.resolve import Index, reading, shares_of
from xltools.model.formula import FormulaError, Linear, parse
from xltools.model.overview import Chart, KeySum, Overview
from xltools.model.toml_source import KeyPath, Source

_KINDS: Final = ("bars", "shares", "units")


def overview(source: Source, index: Index) -> Overview:
    """Read the section [overview]; an empty Overview if the file has none. Raises FormError.

    ``figures`` is a list of [sum, label]. ``charts`` lists tables with a ``title`` and one of:
    ``bars``, a list of [sum, label]; ``shares``, a total, of which each part is a bar; ``units``, a
    sum by which the units with the most are compared.
    """
    body = source.data.get("overview", {})
    if not isinstance(body, dict):
        source.wrong("[overview] 下面写键和值", ("overview",))
    source.refuse_unknown(body, ("overview",), ("figures", "charts"))
    charts = body.get("charts", [])
    at: KeyPath = ("overview", "charts")
    if not isinstance(charts, list) or not all(isinstance(chart, dict) for chart in charts):
        source.wrong('\'charts\' 是列表，每一项写成 {{ title = "…", shares = "…" }}', at)
    return Overview(
        figures=tuple(_sums(source, body.get("figures", []), ("overview", "figures"), index)),
        charts=tuple(
            _chart(source, chart, (*at, number), index) for number, chart in enumerate(charts)
        ),
    )


def _chart(source: Source, body: dict[str, Any], at: KeyPath, index: Index) -> Chart:
    """Read one chart. Raises FormError."""
    source.refuse_unknown(body, at, ("title", *_KINDS))
    title = source.string(body, (*at, "title"))
    kinds = [kind for kind in _KINDS if kind in body]
    if len(kinds) != 1:
        source.wrong(f"{title}：在 bars、shares、units 中写一个", at)
    kind = kinds[0]
    here = (*at, kind)
    if kind == "bars":
        return Chart(title=title, bars=tuple(_sums(source, body[kind], here, index)))
    summed = _sum(source, body[kind], here, index)
    if kind == "units":
        return Chart(title=title, by=summed)
    only = summed.operands
    parts = shares_of(index.items, index.items[only[0].item]) if len(only) == 1 else {}
    if not parts:
        source.wrong("'shares' 后面只能是一个合计", here)
    return Chart(title=title, bars=tuple(KeySum(label=n, sum=s) for n, s in parts.items()))


def _sums(source: Source, pairs: object, at: KeyPath, index: Index) -> Iterator[KeySum]:
    """Read a list of [sum, label]. Raises FormError."""
    if not isinstance(pairs, list):
        source.wrong(f"'{at[-1]}' 是列表，每一项写成 [数据项的和, 名称]", at)
    for number, pair in enumerate(pairs):
        if not isinstance(pair, list) or [type(part) for part in pair] != [str, str]:
            source.wrong(f"'{at[-1]}' 的每一项写成 [数据项的和, 名称]", (*at, number))
        yield KeySum(label=pair[1].strip(), sum=_sum(source, pair[0], (*at, number, 0), index))


def _sum(source: Source, text: object, at: KeyPath, index: Index) -> Linear:
    """Read a sum. Raises FormError."""
    if not isinstance(text, str):
        source.wrong("这里写数据项的和，要加引号", at)
    try:
        return reading(index, parse(text))
    except FormulaError as error:
        source.wrong(error.message, at, offset=error.position)
