"""How reports put their figures into words: what agrees is not asked about, what is wrong is."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from xltools.checks.run import check
from xltools.forms import declaration
from xltools.layout.places import Layout, lay_out
from xltools.model.findings import Finding
from xltools.model.numbers import Number
from xltools.model.returns import Return, Status
from xltools.model.wording import in_words

PARAGRAPHS: list[dict[str, Any]] = tomllib.loads(
    (Path(__file__).parent / "data" / "paragraphs.toml").read_text("utf-8")
)["paragraphs"]
COUNTED = re.compile(r"(?<![0-9,.，．０-９])([0-9０-９]{1,5})(?=件|起)")


@cache
def layout(edition: str) -> Layout:
    return lay_out(declaration.load(f"zfxxgk-{edition}"))


def returned(paragraph: dict[str, Any], text: str) -> Return:
    """A return with the figures of a paragraph, all of them of natural persons."""
    place = layout(paragraph.get("edition", "2021"))
    form = place.form
    figures: list[Number] = [0] * len(form.items)
    for row, number in paragraph.get("t3", {}).items():
        figures[form.by_name[f"t3.{row}.natural"]] = number
    for column, number in paragraph.get("t4", {}).items():
        figures[form.by_name[f"t4.cases.{column}"]] = number
    for _ in range(2):  # totals of totals
        for item in form.items:
            if item.formula is not None:
                figures[item.index] = item.formula.value(figures)
    return Return(
        identity=None,
        numbers=figures,
        statuses=[Status.GIVEN] * len(figures),
        places=place.addresses,
        typed=frozenset(),
        found={},
        zero=False,
        none=frozenset(),
        missing=frozenset(),
        texts={
            "p1.on_request": text,
            "p5.problems": "培训不够，将予加强。",
            "p6.matters": "没有收取信息处理费。",
        },
        year=paragraph.get("year", 2024),
        explanations={},
        priors={},
        findings=(),
    )


def asked(paragraph: dict[str, Any], text: str) -> list[Finding]:
    return list(check(layout(paragraph.get("edition", "2021")), returned(paragraph, text)))


def totals(paragraph: dict[str, Any]) -> set[Number]:
    """What the words of a paragraph may stand for in its tables: rows, and sums of them."""
    t3, t4 = paragraph.get("t3", {}), paragraph.get("t4", {})
    moved = ("received", "carried_in", "carried_out")
    closed = sum(number for row, number in t3.items() if row not in moved)
    reviews = {
        start: sum(number for column, number in t4.items() if column.startswith(start))
        for start in ("review", "direct", "after")
    }
    whole = {t3.get("received", 0) + t3.get("carried_in", 0), closed}
    return {*t3.values(), *whole, *reviews.values(), reviews["direct"] + reviews["after"]} - {0}


def wrong(paragraph: dict[str, Any]) -> Iterator[tuple[bool, str]]:
    """The paragraph with one figure wrong, and whether the right one stands in the tables."""
    text, known = paragraph["text"], totals(paragraph)
    for figure in COUNTED.finditer(text):
        other = int(figure[0]) + 1
        while other in known:
            other += 1
        yield int(figure[0]) in known, f"{text[: figure.start()]}{other}{text[figure.end() :]}"


def test_there_are_enough_paragraphs() -> None:
    assert len(PARAGRAPHS) >= 60
    assert len({p["text"] for p in PARAGRAPHS}) == len({p["way"] for p in PARAGRAPHS})


@pytest.mark.parametrize("paragraph", PARAGRAPHS, ids=lambda p: p["way"])
def test_what_agrees_is_not_asked_about(paragraph: dict[str, Any]) -> None:
    assert [
        (f.code, in_words(f.found), in_words(f.expected))
        for f in asked(paragraph, paragraph["text"])
    ] == []


def test_what_is_wrong_is_still_asked_about() -> None:
    """The first figure of each paragraph that the tables have too is made wrong, then every one."""
    disturbed = [[text for own, text in wrong(p) if own] for p in PARAGRAPHS]
    found = [
        [[f.code for f in asked(p, text)] for text in texts]
        for p, texts in zip(PARAGRAPHS, disturbed, strict=True)
    ]
    firsts = [codes[0] for codes in found if codes]
    every = [codes for each in found for codes in each]
    assert all(set(codes) <= {"P-03"} for codes in every)
    assert (len(firsts), len(every)) >= (75, 200)
    assert sum(map(bool, firsts)) >= 0.95 * len(firsts)
    assert sum(map(bool, every)) >= 0.75 * len(every)  # the others stand among parts
