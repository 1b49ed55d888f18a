"""What was read from one file: for a terminal, and as data."""

import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any, Final

from xltools.model.findings import Finding, Words
from xltools.model.form import Block, Form, Table
from xltools.model.numbers import show, stored
from xltools.model.returns import Return, Status
from xltools.output.data import finding_data

WIDTH: Final = 80
_FIGURE: Final = 7  # columns of a figure, with the blank before it
_MARKS: Final = {Status.BLANK: "·", Status.UNREADABLE: "？", Status.VOID: "/"}


def reading_data(form: Form, path: str, ret: Return, findings: Sequence[Finding]) -> dict[str, Any]:
    """A whole return as data: each item with its value, its place and what stood there."""
    words = Words.of(form)
    values = []
    for item in form.items:
        value = ret.value(item.index)
        at = value.address
        values.append(
            {
                "item": item.name,
                "value": None if value.number is None else stored(value.number),
                "status": value.status.value if at is not None else "missing",
                "sheet": at.sheet if at is not None else "",
                "cell": at.a1 if at is not None else "",
                "raw": value.found,
            }
        )
    return {
        "path": path,
        "form": form.name,
        "unit": ret.unit,
        "year": ret.year,
        "date": ret.date,
        "title": ret.title,
        "document": ret.document,
        "items": values,
        "texts": dict(ret.texts),
        "findings": [finding_data(one, words) for one in findings],
    }


def reading_lines(form: Form, ret: Return) -> Iterator[str]:
    """A return in lines of at most 80 columns: whose, its tables, how long its texts are."""
    identity = ret.identity
    unit = ret.unit or (identity.unit if identity else "")
    year = ret.year or (identity.year if identity else 0)
    yield f"单位：{unit or '？'}  年度：{year or '？'}  日期：{ret.date or '？'}"
    for table in form.tables:
        yield ""
        yield cut(table.title, WIDTH)
        if table.key in ret.missing:
            yield "  （没有找到）"
            continue
        for block in table.blocks:
            yield from _block(form, ret, table, block)
    if form.texts:
        yield ""
        yield "文字部分（字数）"
        for text in form.texts:
            length = len("".join(ret.texts.get(text.name, "").split()))
            yield f"  {padded(text.label, WIDTH - 12)}{length:>8}"


def _block(form: Form, ret: Return, table: Table, block: Block) -> Iterator[str]:
    named = {(i.row, i.column): i.index for i in form.items if i.table == table.key}
    count = len(block.columns)
    if count * _FIGURE > WIDTH - 24:  # too many side by side: one below the other
        for row in block.rows:
            for column in block.columns:
                label = " > ".join((*row.labels[-1:], *column.labels)).removeprefix(" > ")
                figure = _figure(ret, named[row.key, column.key])
                yield f"  {padded(label, WIDTH - 16)}{figure:>13}"
        return
    wide = max(_FIGURE, *(
        len(_figure(ret, named[r.key, c.key])) + 1 for r in block.rows for c in block.columns
    ))  # fmt: skip
    room = WIDTH - 2 - count * wide
    heads = "".join(_right(cut(c.labels[-1], wide - 1), wide) for c in block.columns)
    yield f"  {padded(block.title, room)}{heads}"
    for row in block.rows:
        figures = "".join(f"{_figure(ret, named[row.key, c.key]):>{wide}}" for c in block.columns)
        yield f"  {padded(row.labels[-1] if row.labels else '', room)}{figures}"


def _figure(ret: Return, item: int) -> str:
    value = ret.value(item)
    if value.address is None:
        return "-"
    if value.number is None or value.status is Status.VOID:
        return _MARKS.get(value.status, "")
    return show(value.number)


def wide(text: str) -> int:
    """Columns that a text takes on a terminal."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def cut(text: str, room: int) -> str:
    """The beginning of a text that fits."""
    while wide(text) > room:
        text = text[:-1]
    return text


def padded(text: str, room: int) -> str:
    """A text cut or filled up to a number of columns, one of them blank."""
    own = cut(text, room - 1)
    return own + " " * (room - wide(own))


def _right(text: str, room: int) -> str:
    return " " * (room - wide(text)) + text
