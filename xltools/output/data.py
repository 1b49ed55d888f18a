"""What a machine reads: the outcome of collect or check as plain data for JSON."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from xltools.layout.places import TEXT_SHEET, Layout
from xltools.model.decisions import Ruled
from xltools.model.findings import Finding, Words
from xltools.model.numbers import stored
from xltools.model.summary import Document, Outcome, Summary


def counts(summary: Summary) -> dict[str, int]:
    """How many files were received, and how many ended in each outcome; these add up."""
    each = Counter(d.outcome for d in summary.documents)
    return {"received": len(summary.documents), **{o.value: each[o] for o in Outcome}}


def finding_data(one: Finding, words: Words) -> dict[str, Any]:
    """One finding with its sentence."""
    return {
        "code": one.code,
        "severity": one.severity.value,
        "unit": one.unit,
        "path": one.path,
        "sheet": one.sheet,
        "cells": list(one.cells),
        "items": list(one.items),
        "found": one.found,
        "expected": one.expected,
        "message": words.message(one),
        **({"explanation": one.explanation} if one.explanation else {}),
        **({"trial": True} if one.trial else {}),
        **({"decision": one.decision} if one.decision else {}),
    }


def document_data(one: Document, *, contacts: bool = True) -> dict[str, Any]:
    """One document; what is not known of it is left out, and the sender unless wanted."""
    more = {"file": one.file, "kind": one.kind, "sender": one.sender if contacts else ""}
    return {
        "path": one.path,
        "sha256": one.sha256,
        "outcome": one.outcome.value,
        "unit": one.unit,
        **{name: text for name, text in more.items() if text},
        **({"companion": True} if one.companion else {}),
    }


def report(summary: Summary, *, totals: bool = True, contacts: bool = True) -> dict[str, Any]:
    """A summary as data, in the order of the form and the roster; totals only when wanted.

    ``contacts`` False: without the addresses of those who sent something.
    """
    form, words = summary.form, Words.of(summary.form)
    return {
        "form": form.name,
        "year": summary.year,
        "counts": counts(summary),
        "documents": [document_data(d, contacts=contacts) for d in summary.documents],
        **({"totals": _totals(summary)} if totals else {}),
        "returns": [
            {
                "unit": e.unit.name,
                "path": e.document.path,
                "values": {i.name: stored(e.numbers[i.index]) for i in form.items},
            }
            for e in summary.entries
        ],
        "missing": list(summary.missing),
        "findings": [finding_data(f, words) for f in summary.findings],
        **({"decisions": [_decision(d) for d in summary.decisions]} if summary.decisions else {}),
    }


def _decision(one: Ruled) -> dict[str, str]:
    """A decision, and how it stands."""
    made = one.decision
    return {
        "kind": made.kind.value,
        "unit": made.unit,
        "target": made.target,
        "basis": made.basis or one.basis,
        "value": made.value,
        "reason": made.reason,
        "by": made.by,
        "date": made.date,
        "standing": one.standing.name.lower(),
        "remark": one.remark,
    }


def _totals(summary: Summary) -> list[dict[str, Any]]:
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
    """A form's items and texts with their labels and places, for ``form show``."""
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
