"""Convert results to plain data for JSON: the result of a collection, the items of a form, and what
was read from one file. The last one can also be printed as lines on a terminal.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Any, Final

from xltools.layout.places import TEXT_SHEET, Layout
from xltools.model.decisions import AppliedDecision
from xltools.model.findings import Finding, Words
from xltools.model.form import Block, Form, Table
from xltools.model.numbers import show, stored
from xltools.model.packed import uncommon
from xltools.model.returns import Return, Status
from xltools.model.summary import Document, MergedReturn, Outcome, Summary
from xltools.model.text import columns
from xltools.model.wording import in_words
from xltools.output.json_text import DataList


def counts(summary: Summary) -> dict[str, int]:
    """How many documents were received, and how many have each outcome, by the value of
    `Outcome`.
    """
    outcomes = Counter(document.outcome for document in summary.documents)
    return {"received": len(summary.documents), **{o.value: outcomes[o] for o in Outcome}}


def finding_data(finding: Finding, words: Words) -> dict[str, Any]:
    """A finding as data, with its values in words and its message. ``words``: those of the form."""
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "unit": finding.unit,
        "path": finding.path,
        "sheet": finding.sheet,
        "cells": list(finding.cells),
        "items": list(finding.items),
        "found": in_words(finding.found),
        "expected": in_words(finding.expected),
        "message": words.message(finding),
        **({"explanation": finding.explanation} if finding.explanation else {}),
        **({"trial": True} if finding.trial else {}),
        **({"decision": finding.decision} if finding.decision else {}),
    }


def document_data(document: Document, *, contacts: bool = True) -> dict[str, Any]:
    """A document as data; what is unknown is left out. ``contacts``: whether the address of its
    sender is included.
    """
    optional = {
        "file": document.file,
        "kind": document.kind.value if document.kind else "",
        "sender": document.sender if contacts else "",
    }
    return {
        "path": document.path,
        "sha256": document.sha256,
        "outcome": document.outcome.value,
        "unit": document.unit,
        **{name: text for name, text in optional.items() if text},
        **({"companion": True} if document.companion else {}),
    }


def report(summary: Summary, *, totals: bool = True, contacts: bool = True) -> dict[str, Any]:
    """A summary as data, in the order of the form and the roster. ``totals``: whether the
    district's figures are included; ``contacts``: whether the addresses of senders are. Its lists
    of many elements are made while they are read, see `DataList`.
    """
    form, words = summary.form, Words.of(summary.form)
    names = [item.name for item in form.items]

    def merged(entry: MergedReturn) -> dict[str, Any]:
        """A merged return as data."""
        figures: list[int | float | Decimal] = [*entry.numbers]
        for item in uncommon(entry.numbers):
            figures[item] = stored(entry.numbers[item])
        return {
            "unit": entry.unit.name,
            "path": entry.document.path,
            "values": dict(zip(names, figures, strict=True)),
        }

    return {
        "form": form.name,
        "year": summary.year,
        "counts": counts(summary),
        "documents": DataList(summary.documents, partial(document_data, contacts=contacts)),
        **({"totals": _totals(summary)} if totals else {}),
        "returns": DataList(summary.entries, merged),
        "missing": list(summary.missing),
        "findings": DataList(summary.findings, partial(finding_data, words=words)),
        **({"decisions": DataList(summary.decisions, _decision)} if summary.decisions else {}),
    }


def _decision(applied: AppliedDecision) -> dict[str, str | int]:
    """A decision as data, with its standing at the end of the run."""
    decision = applied.decision
    return {
        "kind": decision.kind.value,
        "unit": decision.unit,
        "target": decision.target,
        "basis": decision.basis or applied.basis,
        "value": decision.value,
        "reason": decision.reason,
        "by": decision.by,
        "date": decision.date,
        "year": decision.year,
        "standing": applied.standing.name.lower(),
        "remark": in_words(applied.remark),
    }


def _totals(summary: Summary) -> list[dict[str, Any]]:
    """The district's figures as data; the value of an item that is not summed is None."""
    return [
        {
            "item": i.name,
            "part": i.part,
            "row": list(i.rows),
            "column": list(i.columns),
            "value": None if total is None else stored(total),
        }
        for i, total in zip(summary.form.items, summary.totals, strict=True)
    ]


def items_of(layout: Layout) -> dict[str, Any]:
    """The items and texts of a form as data, with their labels and their cells in the template."""
    form = layout.form
    figures: Sequence[Mapping[str, Any]] = [
        {
            "item": i.name,
            "part": i.part,
            "row": list(i.rows),
            "column": list(i.columns),
            "sheet": layout.address(i.index).sheet,
            "cell": layout.address(i.index).a1,
            "kind": "input" if i.formula is None else "computed",
            "type": i.type.value,
        }
        for i in form.items
    ]
    texts = [
        {
            "item": place.text.name,
            "part": place.text.part,
            "row": [x for x in (place.text.part_title, place.text.heading) if x],
            "column": [],
            "sheet": TEXT_SHEET,
            "cell": f"A{place.first + 1}",
            "kind": "input",
            "type": "text",
        }
        for place in layout.texts
    ]
    return {"form": form.name, "items": [*figures, *texts]}


WIDTH: Final = 80
_FIGURE: Final = 7  # columns of a figure, with the blank before it
_MARKS: Final = {Status.BLANK: "·", Status.UNREADABLE: "？", Status.VOID: "/"}


def reading_data(form: Form, path: str, ret: Return, findings: Sequence[Finding]) -> dict[str, Any]:
    """A return as data: its unit, each item with its value, cell and content, its texts, and
    ``findings`` about it. ``path``: of its file.
    """
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
        "findings": [finding_data(finding, words) for finding in findings],
    }


def reading_lines(form: Form, ret: Return) -> Iterator[str]:
    """A return as lines of at most 80 columns for a terminal: its unit, its tables, and the lengths
    of its texts.
    """
    unit, year, date = (value or "？" for value in (ret.stated_unit, ret.stated_year, ret.date))
    yield f"单位：{unit}  年度：{year}  日期：{date}"
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
    """A block of a table as lines: its columns side by side, or each figure on a line of its own
    where there are too many columns.
    """
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
    """A figure as shown on the terminal: ``-`` where its cell was not found, a mark where the cell
    has no number.
    """
    value = ret.value(item)
    if value.address is None:
        return "-"
    if value.number is None or value.status is Status.VOID:
        return _MARKS.get(value.status, "")
    return show(value.number)


def wide(text: str) -> int:
    """The number of columns that a text takes on a terminal."""
    return columns(text, ambiguous=1)


def cut(text: str, room: int) -> str:
    """The beginning of a text, as much as fits into ``room`` columns."""
    while wide(text) > room:
        text = text[:-1]
    return text


def padded(text: str, room: int) -> str:
    """A text cut or filled up with blanks to ``room`` columns; the last column is always blank."""
    shown = cut(text, room - 1)
    return shown + " " * (room - wide(shown))


def _right(text: str, room: int) -> str:
    """A text filled up with blanks on its left to ``room`` columns."""
    return " " * (room - wide(text)) + text
