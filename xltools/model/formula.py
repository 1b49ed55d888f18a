"""The language of formulas: one grammar for totals and balance rules, and their form in Excel.

    assertion := sum [("==" | "<=" | ">=") sum]
    sum       := ["-"] term {("+" | "-") term}
    term      := "(" sum ")" | number | name [".." name]
    name      := ["prior."] word {"." word}

There is no ``<``: for whole numbers ``a < b`` is the same as ``a + 1 <= b``, and without it a
difference of 0 always means that a rule holds. All formulas are linear, so a rule that holds for
each of several returns also holds for their sum. This module knows only names; ``resolve`` finds
the items of a form that they mean.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from xltools.model.cells import Address, column_name, quoted
from xltools.model.numbers import Number

_TOKEN = re.compile(
    r"\s*(?:(?P<name>[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*)|(?P<number>[0-9]+)"
    r"|(?P<op>==|<=|>=|\.\.|[-+()])|(?P<bad>\S))"
)
COMPARISONS = ("==", "<=", ">=")
_DIGITS, _DEPTH = 15, 20  # most digits of a constant, most nested brackets; more is a mistake


class FormulaError(Exception):
    """A formula is wrong; ``position`` is the index of the character in question, from 0."""

    def __init__(self, message: str, position: int) -> None:
        self.message, self.position = message, position
        super().__init__(message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """A name as written in a formula; ``words`` are its parts between the dots, without a leading
    ``prior``.
    """

    words: tuple[str, ...]
    prior: bool
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One signed term of a sum: a name (``first``), a range of names (``first`` to ``last``), or,
    if ``first`` is None, a constant. ``sign``: 1 or -1.
    """

    sign: int
    position: int
    first: Name | None = None
    last: Name | None = None
    constant: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Assertion:
    """A parsed formula: both sides of a comparison; for a sum alone, ``op`` and ``right`` are
    empty.

    ``position``: the index of the comparison sign, or for a sum alone of its end.
    """

    left: tuple[Term, ...]
    op: str
    right: tuple[Term, ...]
    position: int


class _Parser:
    """A parser of formulas by recursive descent. Raises FormulaError at the first mistake."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[tuple[str, str, int]] = []
        for match in _TOKEN.finditer(text):
            kind = match.lastgroup or "bad"
            if kind == "bad":
                raise FormulaError(
                    f"不认识的符号 {match['bad']!r}；符号一律用英文半角", match.start("bad")
                )
            self.tokens.append((kind, match[kind], match.start(kind)))
        self.tokens.append(("end", "", len(text.rstrip())))
        self.at = 0

    def take(self, *operators: str) -> str:
        """If the next token is one of ``operators``, move behind it and return it; otherwise stay
        and return an empty text.
        """
        kind, value, _ = self.tokens[self.at]
        if kind == "op" and value in operators:
            self.at += 1
            return value
        return ""

    def fail(self, expected: str) -> FormulaError:
        """The error for a token that is not what was expected at this place."""
        _, value, position = self.tokens[self.at]
        instead = f"是 '{value}'" if value else "已经结束"
        return FormulaError(f"这里应当是{expected}，却{instead}", position)

    def name(self) -> Name:
        """Read a name."""
        kind, value, position = self.tokens[self.at]
        if kind != "name":
            raise self.fail("代号")
        self.at += 1
        words = tuple(value.split("."))
        prior = words[0] == "prior"
        if prior and len(words) == 1:
            raise FormulaError("'prior' 后面要写代号：prior.表.代号", position)
        return Name(words=words[1:] if prior else words, prior=prior, position=position)

    def sum(self, sign: int = 1, depth: int = 0) -> Iterator[Term]:
        """Read a sum and yield its terms, those within brackets too. ``sign``: that in front of the
        sum; ``depth``: the number of brackets around it.
        """
        if depth > _DEPTH:
            raise self.fail("更少层的括号")
        current = -sign if self.take("-") else sign
        while True:
            kind, value, position = self.tokens[self.at]
            if self.take("("):
                yield from self.sum(current, depth + 1)
                if not self.take(")"):
                    raise self.fail("右括号")
            elif kind == "number":
                if len(value) > _DIGITS:
                    raise self.fail("短一些的数")
                yield Term(sign=current, position=position, constant=int(value))
                self.at += 1
            else:
                first = self.name()
                last = self.name() if self.take("..") else None
                yield Term(sign=current, position=position, first=first, last=last)
            op = self.take("+", "-")
            if not op:
                return
            current = sign if op == "+" else -sign


def parse(text: str) -> Assertion:
    """Parse a sum, or a comparison of two sums. Raises FormulaError with the position."""
    parser = _Parser(text)
    left = tuple(parser.sum())
    position = parser.tokens[parser.at][2]
    op = parser.take(*COMPARISONS)
    right = tuple(parser.sum()) if op else ()
    if parser.tokens[parser.at][0] != "end":
        raise parser.fail("运算符或末尾")
    return Assertion(left=left, op=op, right=right, position=position)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operand:
    """A figure in a sum. ``sign``: 1 or -1; ``item``: its number in the form; ``prior``: last
    year's figure is meant.
    """

    sign: int
    item: int
    prior: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Linear:
    """A sum whose names are resolved to items: signed figures and a constant."""

    operands: tuple[Operand, ...]
    constant: int = 0

    @property
    def plain(self) -> bool:
        """Whether it is a total of parts: a sum of at least two figures, none of which is
        subtracted.
        """
        return len(self.operands) > 1 and all(o.sign > 0 for o in self.operands)

    def value(self, now: Sequence[Number | None], prior: Sequence[Number | None] = ()) -> Number:
        """The value of the sum. ``now`` and ``prior``: this year's and last year's figures by item
        number; None counts as 0.
        """
        total: Number = self.constant
        for o in self.operands:
            figure = (prior if o.prior else now)[o.item]
            if figure is not None:
                total = total + figure if o.sign > 0 else total - figure
        return total


def in_order(formulas: Mapping[int, Linear]) -> list[int]:
    """The keys of ``formulas`` (totals with their formulas, by item number) in an order in which
    they can be computed: each after the totals that it adds up.

    Totals that depend on themselves are left out, and so are those that depend on such a total.
    """
    ready: dict[int, None] = {}
    while following := [
        item
        for item, formula in formulas.items()
        if item not in ready
        and all(o.item in ready or o.item not in formulas for o in formula.operands)
    ]:
        ready.update(dict.fromkeys(following))
    return list(ready)


def holds(left: Number, op: str, right: Number) -> bool:
    """Whether the comparison ``left op right`` is true."""
    if op == "==":
        return left == right
    return left <= right if op == "<=" else left >= right


def excel_sum(
    linear: Linear,
    place: Callable[[Operand], Address],
    home: str = "",
    *,
    single: str = "{}",
) -> str:
    """A sum as an Excel formula without ``=``; a run of three or more adjacent cells with the same
    sign becomes SUM(a:b).

    ``place`` gives the cell of an operand; cells on the sheet ``home`` are written without the
    sheet's name. ``single``: the pattern for a cell that is not in a run, ``{}`` being its address.
    Use ``SUM({})`` where a cell may contain text: SUM counts text as 0, while ``+`` gives an error
    even if the cell contains only a space. (N() works like SUM, except for blank cells in
    Gnumeric.)
    """
    parts: list[str] = []
    for run, sign in _runs(linear.operands, place):
        text = f"SUM({spell(run, home)})" if len(run) > 1 else single.format(spell(run, home))
        parts.append(("+" if sign > 0 else "-") + text)
    if linear.constant or not parts:
        parts.append(f"{linear.constant:+d}")
    return "".join(parts).removeprefix("+")


def _runs(
    operands: Sequence[Operand], place: Callable[[Operand], Address]
) -> Iterator[tuple[list[Address], int]]:
    """Yield lists of cells with their sign: three or more adjacent cells of the same sign as one
    list, all others one by one.
    """
    run: list[Address] = []
    sign = 0
    for o in operands:
        cell = place(o)
        if run and o.sign == sign and _follows(run, cell):
            run.append(cell)
            continue
        yield from _split(run, sign)
        run, sign = [cell], o.sign
    yield from _split(run, sign)


def _split(run: list[Address], sign: int) -> Iterator[tuple[list[Address], int]]:
    """Yield a run as one list of cells if it has three or more, else each of its cells in a list of
    its own.
    """
    if len(run) >= 3:
        yield run, sign
    else:
        yield from (([cell], sign) for cell in run)


def _follows(run: Sequence[Address], cell: Address) -> bool:
    """Whether a cell continues a run: it is next to the last cell, to the right or below, in the
    same direction as the others.
    """
    last = run[-1]
    step = (cell.row - last.row, cell.col - last.col)
    if cell.sheet != last.sheet or step not in ((0, 1), (1, 0)):
        return False
    return len(run) == 1 or step == (last.row - run[-2].row, last.col - run[-2].col)


def spell(cells: Sequence[Address], home: str = "") -> str:
    """The address of a line of adjacent cells, ``$C$5:$C$9``, or of a single cell, ``$C$5``; with
    the sheet's name unless that is ``home``.
    """
    sheet = "" if cells[0].sheet == home else quoted(cells[0].sheet) + "!"
    ends = cells[0].absolute if len(cells) == 1 else f"{cells[0].absolute}:{cells[-1].absolute}"
    return sheet + ends


def rectangles(cells: Sequence[Address], home: str = "") -> list[str]:
    """The addresses of a few ranges that together cover exactly these cells, for functions that
    accept only ranges (COUNTBLANK). Cells on the sheet ``home`` are written without the sheet's
    name.

    Adjacent cells of a column are joined first, then equal pieces of adjacent columns.
    """
    columns: dict[tuple[str, int], list[int]] = {}
    for cell in sorted(set(cells), key=lambda a: (a.sheet, a.col, a.row)):
        columns.setdefault((cell.sheet, cell.col), []).append(cell.row)
    blocks: list[tuple[str, int, int, int, int]] = []  # sheet, top, bottom, left, right
    for (sheet, col), rows in columns.items():
        cuts = [0, *(i + 1 for i, (a, b) in enumerate(pairwise(rows)) if b != a + 1), len(rows)]
        for start, stop in pairwise(cuts):
            top, bottom = rows[start], rows[stop - 1]
            for i, (s, t, b, left, right) in enumerate(blocks):
                if (s, t, b, right) == (sheet, top, bottom, col - 1):
                    blocks[i] = (s, t, b, left, col)
                    break
            else:
                blocks.append((sheet, top, bottom, col, col))
    spelled = []
    for sheet, top, bottom, left, right in blocks:
        name = "" if sheet == home else quoted(sheet) + "!"
        first = f"${column_name(left)}${top + 1}"
        last = f"${column_name(right)}${bottom + 1}"
        spelled.append(name + (first if first == last else f"{first}:{last}"))
    return spelled
