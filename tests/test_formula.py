"""The rule language: what parses, where it does not, what it gives, and how it prints for Excel."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xltools.model.cells import Address, column_name
from xltools.model.formula import (
    FormulaError,
    Linear,
    Operand,
    Term,
    excel_sum,
    holds,
    parse,
    rectangles,
    spell,
)
from xltools.model.numbers import Number


def told(terms: Sequence[Term]) -> str:
    """Terms in a line: +a -b +c..d +3."""
    words = []
    for term in terms:
        sign = "+" if term.sign > 0 else "-"
        names = [n for n in (term.first, term.last) if n is not None]
        shown = "..".join(("prior." if n.prior else "") + ".".join(n.words) for n in names)
        words.append(sign + (shown or str(term.constant)))
    return " ".join(words)


@pytest.mark.parametrize(
    ("text", "left", "op", "right"),
    [
        ("a", "+a", "", ""),
        ("  a+b ", "+a +b", "", ""),
        ("-a - 3", "-a -3", "", ""),
        ("a - (b - c + (d - e))", "+a -b +c -d +e", "", ""),
        ("-(a + b)", "-a -b", "", ""),
        ("(-a)", "-a", "", ""),
        ("a .. d", "+a..d", "", ""),
        ("x - a..d", "+x -a..d", "", ""),
        ("t.a.b == prior.t.a.b", "+t.a.b", "==", "+prior.t.a.b"),
        ("t.a<=t.b+1", "+t.a", "<=", "+t.b +1"),
        ("t.a >= 0", "+t.a", ">=", "+0"),
        ("a1_b", "+a1_b", "", ""),
        ("priority", "+priority", "", ""),
    ],
)
def test_parse(text: str, left: str, op: str, right: str) -> None:
    made = parse(text)
    assert (told(made.left), made.op, told(made.right)) == (left, op, right)


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("", 0),
        ("   ", 0),
        ("a +", 3),
        ("a + * b", 4),
        ("-a - -3", 5),
        ("a b", 2),
        ("a == b == c", 7),
        ("a < b", 2),
        ("a = b", 2),
        ("(a + b", 6),
        ("a + b)", 5),
        ("a ..", 4),
        ("3 .. a", 2),
        ("a .. 3", 5),
        ("a .. b .. c", 7),
        ("A", 0),
        ("a + 规章", 4),
        ("prior", 0),
        ("a + prior", 4),
        ("a..", 3),
        (".a", 0),
        ("a.", 1),
        ("a + ３", 4),
        ("1" * 16, 0),
        ("a + " + "9" * 5000, 4),
        ("(" * 30 + "a" + ")" * 30, 21),
        ("a ** 2", 2),
        ("__import__('os')", 0),
    ],
)
def test_a_wrong_formula_says_where(text: str, position: int) -> None:
    with pytest.raises(FormulaError) as error:
        parse(text)
    assert error.value.position == position
    assert error.value.message


@given(st.text(alphabet="abp.ior 0123()+-=<>_\n规", max_size=40))
def test_any_text_parses_or_is_refused(text: str) -> None:
    try:
        made = parse(text)
    except FormulaError as error:
        assert 0 <= error.position <= len(text)
    else:
        assert made.left
        assert bool(made.op) == bool(made.right)


TREES: st.SearchStrategy[object] = st.recursive(
    st.integers(0, 99) | st.sampled_from("abcd"),
    lambda inner: st.tuples(inner, st.sampled_from("+-"), inner) | st.tuples(st.just("-"), inner),
    max_leaves=12,
)
FIGURES = {"a": 7, "b": 100, "c": 3000, "d": 20000}


def written(tree: object) -> str:
    if isinstance(tree, tuple):
        return "(" + " ".join(str(p) if p in ("+", "-") else written(p) for p in tree) + ")"
    return str(tree)


def worked_out(tree: object) -> int:
    match tree:
        case (a, "+", b):
            return worked_out(a) + worked_out(b)
        case (a, "-", b):
            return worked_out(a) - worked_out(b)
        case ("-", a):
            return -worked_out(a)
        case int():
            return tree
        case _:
            return FIGURES[str(tree)]


@given(TREES)
def test_signs_and_brackets_are_worked_out(tree: object) -> None:
    terms = parse(written(tree)).left
    values = [
        t.sign * (t.constant if t.first is None else FIGURES[t.first.words[0]]) for t in terms
    ]
    assert sum(values) == worked_out(tree)


def test_a_sum_over_this_year_and_the_last() -> None:
    linear = Linear(
        operands=(
            Operand(sign=1, item=0),
            Operand(sign=-1, item=1),
            Operand(sign=1, item=1, prior=True),
        ),
        constant=5,
    )
    assert linear.value([100, 20], [7, 3]) == 100 - 20 + 3 + 5
    assert linear.value([100, None], [7, None]) == 105


@pytest.mark.parametrize(
    ("op", "truth"), [("==", [False, True, False]), ("<=", [True, True, False]),
                      (">=", [False, True, True])],
)  # fmt: skip
def test_holds(op: str, truth: list[bool]) -> None:
    assert [holds(left, op, 2) for left in (1, 2, 3)] == truth


# Printing for Excel: read back by a small reader of the few forms that are printed.

CELLS = st.builds(
    Address, st.sampled_from(["表一", "it's"]), st.integers(0, 5), st.integers(24, 28)
)
PART = re.compile(
    r"(?P<sign>[+-]?)(?:(?P<sum>SUM\()?(?:'(?P<sheet>(?:[^']|'')+)'!)?"
    r"\$(?P<c1>[A-Z]+)\$(?P<r1>\d+)(?::\$(?P<c2>[A-Z]+)\$(?P<r2>\d+)\))?|(?P<constant>\d+))"
)
NUMBER_OF = {column_name(c): c for c in range(100)}


def spread(found: re.Match[str], home: str) -> list[Address]:
    sheet = (found["sheet"] or home).replace("''", "'")
    c1, r1 = NUMBER_OF[found["c1"]], int(found["r1"]) - 1
    c2, r2 = NUMBER_OF[found["c2"] or found["c1"]], int(found["r2"] or found["r1"]) - 1
    return [Address(sheet, r, c) for r in range(r1, r2 + 1) for c in range(c1, c2 + 1)]


@given(st.lists(st.tuples(st.sampled_from([1, -1]), CELLS), max_size=12), st.integers(-9, 9))
def test_the_excel_formula_adds_the_same_cells(
    operands: list[tuple[int, Address]], constant: int
) -> None:
    linear = Linear(
        operands=tuple(Operand(sign=s, item=i) for i, (s, _) in enumerate(operands)),
        constant=constant,
    )
    text = excel_sum(linear, lambda o: operands[o.item][1], "表一")
    at, total, counts = 0, 0, dict[Address, int]()
    while at < len(text):
        found = PART.match(text, at)
        assert found is not None, text[at:]
        sign = -1 if found["sign"] == "-" else 1
        if found["constant"]:
            total += sign * int(found["constant"])
        else:
            cells = spread(found, "表一")
            assert bool(found["sum"]) == (len(cells) > 1)
            assert len(cells) != 2
            for cell in cells:
                counts[cell] = counts.get(cell, 0) + sign
        at = found.end()
    wanted: dict[Address, int] = {}
    for sign, cell in operands:
        wanted[cell] = wanted.get(cell, 0) + sign
    assert {k: v for k, v in counts.items() if v} == {k: v for k, v in wanted.items() if v}
    assert total == constant


def line(*cells: tuple[int, int], sheet: str = "表三") -> str:
    operands = tuple(Operand(sign=1, item=i) for i in range(len(cells)))
    return excel_sum(Linear(operands=operands), lambda o: Address(sheet, *cells[o.item]), "表三")


def test_runs_print_as_sums_and_pairs_do_not() -> None:
    assert line((4, 2), (5, 2), (6, 2)) == "SUM($C$5:$C$7)"
    assert line((4, 2), (4, 3), (4, 4), (9, 9)) == "SUM($C$5:$E$5)+$J$10"
    assert line((4, 2), (4, 3)) == "$C$5+$D$5"
    assert line((4, 2), (4, 3), (5, 3), (6, 3)) == "$C$5+$D$5+$D$6+$D$7"
    assert line((0, 0), sheet="表 '一'") == "'表 ''一'''!$A$1"
    assert excel_sum(Linear(operands=()), lambda _: Address("", 0, 0)) == "0"


@given(st.lists(CELLS, min_size=1, max_size=25))
def test_rectangles_cover_a_set_of_cells_and_nothing_twice(cells: list[Address]) -> None:
    covered: list[Address] = []
    for text in rectangles(cells, "表一"):
        found = re.fullmatch(
            r"(?:'(?P<sheet>(?:[^']|'')+)'!)?\$(?P<c1>[A-Z]+)\$(?P<r1>\d+)"
            r"(?::\$(?P<c2>[A-Z]+)\$(?P<r2>\d+))?",
            text,
        )
        assert found is not None, text
        covered += spread(found, "表一")
    assert sorted(covered) == sorted(set(cells))


def test_a_block_of_cells_is_one_rectangle() -> None:
    block = [Address("表三", r, c) for c in range(3, 9) for r in range(4, 20)]
    assert rectangles(block, "表三") == ["$D$5:$I$20"]
    assert rectangles([*block, Address("表四", 0, 0)], "") == ["'表三'!$D$5:$I$20", "'表四'!$A$1"]
    assert spell([Address("表三", 4, 2), Address("表三", 5, 2)], "表三") == "$C$5:$C$6"


FIGURE = st.integers(-(10**12), 10**12)


@given(st.lists(st.tuples(st.sampled_from([1, -1]), FIGURE), max_size=9), FIGURE)
def test_a_sum_is_exact(operands: list[tuple[int, int]], constant: int) -> None:
    linear = Linear(
        operands=tuple(Operand(sign=s, item=i) for i, (s, _) in enumerate(operands)),
        constant=constant,
    )
    figures: list[Number] = [x for _, x in operands]
    assert Fraction(linear.value(figures)) == sum(s * x for s, x in operands) + constant
