"""Recipes: a return whose sheets are all of known structure is read without looking for anything,
and as it is read without a recipe; what differs from the returns read before is seen.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from support.changes import PAIRS, TABLE, changed, damaged, part_of
from support.filled import FORM, LAYOUT
from support.inboxes import INPUTS, figures
from support.jobs import template
from support.typed import typed
from xltools.layout.places import TEXT_SHEET
from xltools.match.matcher import Matcher
from xltools.match.recipe import Recipe
from xltools.model.errors import ReadError
from xltools.model.form import BOUND
from xltools.model.identity import (
    CHECKS,
    CHECKS_TOP,
    COVER,
    DATE,
    FIELDS,
    FILLER,
    IDENTITY,
    PHONE,
    PRINT,
    PROGRESS_HEAD,
    UNIT,
    YEAR,
    ZERO,
)
from xltools.model.numbers import stored
from xltools.model.packed import unpacked
from xltools.model.returns import Return
from xltools.readers.known import Structures
from xltools.readers.workbook import book_of

COLD = Matcher(LAYOUT)
TABLES = [table.sheet for table in LAYOUT.tables]
CARRIED = sorted({FORM.items[item].name for item in FORM.carried.values()})
SEEN = 14  # returns that are read before one is read by a recipe
Change = Callable[[bytes], bytes]


def at(name: str) -> str:
    """The cell of an item, or of a field of 填报."""
    if name in FIELDS:
        return f"{COVER}!C{FIELDS[name] + 1}"
    place = LAYOUT.address(FORM.by_name[name])
    return f"{place.sheet}!{place.a1}"


FIRST = next(i.name for i in FORM.inputs() if i.name not in CARRIED and i.whole)
PRECISE = next(i.name for i in FORM.inputs() if not i.whole)
TOTAL = next(i.name for i in FORM.items if i.formula is not None)
PARAGRAPH = f"{TEXT_SHEET}!A{LAYOUT.texts[0].first + 1}"


@cache
def returned(seed: int) -> bytes:
    """A good return of a unit of its own; last year's figures and the results of formulas are any
    numbers.
    """
    rng = random.Random(seed)
    priors = dict.fromkeys(CARRIED, 100)  # they stand in what 表三 says of its cells, too
    data = template(f"单位{seed}", code=f"{seed:06}", priors=priors).getvalue()
    cells: dict[str, str | int | float] = {
        at(name): stored(value) for name, value in figures(seed).items() if name in INPUTS
    }
    cells |= {at(UNIT): f"单位{seed}", at(FILLER): f"张{seed}", at(PHONE): f"0527-{seed:07}"}
    cells |= {at(DATE): 46_000 + seed, at(PRECISE): seed + 0.5 * (seed % 2)}
    cells |= {
        f"{TEXT_SHEET}!A{text.first + 1}": f"第{seed}段，{rng.random()}" for text in LAYOUT.texts
    }
    data = changed(
        typed(data, cells),
        part_of(data, IDENTITY),
        lambda xml: re.sub(
            r'(<c r="B[0-9]+"[^>]*><v>)100<', lambda m: f"{m[1]}{rng.randrange(1000)}<", xml
        ),
    )
    for sheet in TABLES:
        data = changed(
            data,
            part_of(data, sheet),
            lambda xml: re.sub(
                r'(<c r="[A-Z]+[0-9]+"(?: s="[0-9]+")?><f[^>]*>[^<]*</f><v>)[^<]*(</v>)',
                lambda m: f"{m[1]}{rng.randrange(9**5)}{m[2]}",
                xml,
            ),
        )
    return data


class Reader:
    """Reads files as a worker does: what it has learned grows with each. ``full``: how many were
    read without a recipe, or with markers.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.matcher, self.structures, self.full = Matcher(LAYOUT), Structures(), 0
        read = self.matcher._full

        def counted(book: object) -> object:
            self.full += 1
            return read(book)  # type: ignore[arg-type]  # only Matcher calls it

        monkeypatch.setattr(self.matcher, "_full", counted)

    def read(self, data: bytes) -> Return | str:
        return _read(self.matcher, data, self.structures)


def _read(matcher: Matcher, data: bytes, structures: Structures | None) -> Return | str:
    try:
        return matcher.match(book_of(data, structures=structures))
    except ReadError as error:
        return f"{error.code} {error.detail}"


def exactly(answer: Return | str) -> object:
    """All that a return says, down to the types of numbers."""
    if isinstance(answer, str):
        return answer
    return repr(replace(unpacked(answer), lines=dict(answer.lines.items())))


def expect_alike(reader: Reader, data: bytes) -> None:
    cold, warm = _read(COLD, data, None), reader.read(data)
    assert warm == cold
    assert exactly(warm) == exactly(cold)


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> Reader:
    """One that reads returns like these by a recipe."""
    reader = Reader(monkeypatch)
    for seed in range(SEEN):
        reader.read(returned(seed))
    before = reader.full
    reader.read(returned(SEEN))
    assert reader.full == before
    return reader


def test_returns_are_read_alike_by_a_recipe(reader: Reader) -> None:
    before = reader.full
    for seed in range(SEEN + 6):
        expect_alike(reader, returned(seed))
    assert reader.full == before


def put(cells: Mapping[str, str | int | float]) -> Change:
    return lambda data: typed(data, cells)


def within(sheet: str, old: str, new: str) -> Change:
    """The first place of a sheet that matches ``old`` is written in another way."""
    return lambda data: changed(
        data, part_of(data, sheet), lambda xml: re.sub(old, new, xml, count=1)
    )


def below(cell: str) -> Change:
    """A row more on the sheet of a table."""
    return within(TABLE, "</sheetData>", f'<row r="99">{cell}</row></sheetData>')


def shared(old: str, new: str) -> Change:
    return lambda data: changed(
        data, "xl/sharedStrings.xml", lambda xml: xml.replace(f">{old}<", f">{new}<")
    )


def prior(cell: str) -> Change:
    """The first of last year's figures on the hidden sheet is written in another way."""
    return within(IDENTITY, r'(<c r="B[0-9]+")><v>[0-9]{1,3}</v></c>', cell)


def first_figures(value: str) -> Change:
    return put({at(name): value for name in INPUTS if name.startswith("t2.")})


VALUES: dict[str, Change] = {
    **{f"a figure {value}": put({at(FIRST): value}) for value in (
        -3, 12.5, BOUND, BOUND + 1, 10**15, 10**16 + 1, 1e300, "3件", "无", "", " ", "七", "=1+1",
        "#DIV/0!",
    )},
    **{f"an amount {value}": put({at(PRECISE): value}) for value in (
        -0.5, 0.25, 1.123456789, BOUND + 0.5, "2.5万元",
    )},
    "all figures zero": put({at(name): 0 for name in INPUTS}),
    "a total typed over": put({at(TOTAL): 7}),
    "a total with a decimal": within(TABLE, "(</f><v>)[0-9]+<", r"\g<1>2.5<"),
    "a total below zero": within(TABLE, "(</f><v>)[0-9]+<", r"\g<1>-2<"),
    "a total without a result": within(TABLE, "(</f>)<v>[0-9]+</v>", r"\1"),
    "a total that is text": within(TABLE, r'(<c r="D6"[^>]*)(><v>)', r'\1 t="str"\2'),
    "a table of nothing": first_figures("无"),
    "a number below a table": below('<c r="D99"><v>5</v></c>'),
    "a text below a table": below('<c r="D99" t="inlineStr"><is><t>上年数</t></is></c>'),
    **{f"{field} {value!r}": put({at(field): value}) for field in (UNIT, FILLER, PHONE, DATE)
       for value in (
           "", "联系电话", "单位名称", "打印稿", 13_800_000_000, 3, "2026年1月3日", "=1",
       )},
    **{f"{field} {value!r}": put({at(field): value}) for field in (ZERO, YEAR)
       for value in ("是", "否", 2024, "2024年", "")},
    "a table without cases": put({f"{COVER}!C{PROGRESS_HEAD + 2}": "是"}),
    **{f"a label of 填报 {old}": shared(old, new) for old, new in (
        (UNIT, FILLER), (PHONE, "电话"), (ZERO, "按零计"), (FILLER, UNIT),
    )},
    **{f"an entry {old}": shared(old, new) for old, new in (
        ("return", "summary"), ("return", "别的"), ("zfxxgk", "别的"), ("kind", "sort"),
        ("unit", "code"), ("code", "version"), ("year", "years"),
        (f"prior.{CARRIED[0]}", f"prior.{CARRIED[1]}"),
        (f"prior.{CARRIED[0]}", "prior.nothing"), (f"prior.{CARRIED[0]}", f"prior.{FIRST}"),
    )},
    **{f"last year {cell}": prior(cell) for cell in (
        r"\1><v>-1</v></c>", r"\1><v>2.5</v></c>", r"\1><v>9999999999</v></c>", r"\1/>",
        r'\1 t="str"><v>5</v></c>', r'\1 t="b"><v>1</v></c>',
    )},
    **{f"a paragraph {value!r}": put({PARAGRAPH: value}) for value in (
        "", " ", 0, 12, LAYOUT.texts[1].text.label, "一\n二", "=1",
    )},
    "a heading of 文字": shared(LAYOUT.texts[1].text.label, "别的"),
    "an explanation": put({f"{CHECKS}!I{CHECKS_TOP + 1}": "因为"}),
    "a formula of 打印稿 gone": within(PRINT, "<f>[^<]*</f>", ""),
    "打印稿 typed over": lambda data: changed(
        data, part_of(data, PRINT),
        lambda xml: re.sub(r"(<c [^>]*>)<f>[^<]*</f><v>[0-9]*</v>", r"\1<v>987</v>", xml),
    ),
}  # fmt: skip
CHANGES: dict[str, Change] = {**PAIRS, **VALUES}


@pytest.mark.parametrize("name", CHANGES)
def test_what_differs_is_read_alike_next_to_a_recipe(name: str, reader: Reader) -> None:
    """So often that there may be a recipe for what was changed, too; and the other way round."""
    for seed in range(8):
        expect_alike(reader, CHANGES[name](returned(seed)))
        expect_alike(reader, returned(seed))


@pytest.mark.parametrize("name", CHANGES)
def test_what_came_first_is_not_taken_for_what_follows(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = Reader(monkeypatch)
    for seed in range(SEEN):
        reader.read(CHANGES[name](returned(seed)))
    for seed in range(SEEN):
        expect_alike(reader, returned(seed))
        expect_alike(reader, CHANGES[name](returned(seed)))


@pytest.mark.parametrize("right", [0, 1, 2])
def test_a_recipe_that_fails_its_trial_is_not_used(
    right: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It reads ``right`` workbooks as it should: the one with markers, the first that it fits."""
    reader, count = Reader(monkeypatch), 0
    read = Recipe.read

    def misread(recipe: Recipe, *content: Any) -> Return | None:
        nonlocal count
        count += 1
        ret = read(recipe, *content)
        assert ret is not None
        return ret if count <= right else replace(ret, filler="别人")

    monkeypatch.setattr(Recipe, "read", misread)
    for seed in range(SEEN):
        expect_alike(reader, returned(seed))
    assert count == (right + 1 if right else 4)


def test_a_table_that_may_not_be_filled_in_is_looked_for(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its figures may all be those that the template carried over from last year."""
    before = reader.full
    reader.read(returned(0))
    assert reader.full == before
    monkeypatch.setattr("xltools.match.recipe.is_unfilled", lambda *_: True)
    expect_alike(reader, returned(0))
    assert reader.full == before + 1


@pytest.mark.parametrize("seed", range(4))
def test_damage_is_read_alike_next_to_a_recipe(seed: int, reader: Reader) -> None:
    rng = random.Random(seed)
    for number in range(150):
        expect_alike(reader, damaged(rng, returned(number % 5)))
        if number % 20 == 0:
            expect_alike(reader, returned(number % SEEN))
