"""Resolve the names in formulas to items of a form. The name of a row alone means the row in every
column, and the name of a column alone the column in every row.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Final

from xltools.model.form import (
    Instance,
    Item,
    Rule,
    Table,
    TextPart,
)
from xltools.model.formula import (
    Assertion,
    FormulaError,
    Linear,
    Name,
    Operand,
    Term,
)
from xltools.model.text import bare, meant
from xltools.model.toml_source import KeyPath

AXES: Final = {"row": "行", "column": "列"}
"""The names of the axes in messages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A formula as it is written in the file, and its path there."""

    text: str
    at: KeyPath


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """An index for resolving names. ``rows`` and ``columns``: for each table, the keys of its rows
    and columns in order. ``at``: the number of an item by the keys of its table, row and column.
    ``items``: all items of the form.
    """

    rows: Mapping[str, tuple[str, ...]]
    columns: Mapping[str, tuple[str, ...]]
    at: Mapping[tuple[str, str, str], int]
    items: Sequence[Item]

    @classmethod
    def of(cls, items: Sequence[Item], parts: Iterable[Table | TextPart]) -> "Index":
        """Make the index for the items and parts of a form."""
        tables = [p for p in parts if isinstance(p, Table)]
        return cls(
            rows={t.key: _keys(h.key for b in t.blocks for h in b.rows) for t in tables},
            columns={t.key: _keys(h.key for b in t.blocks for h in b.columns) for t in tables},
            at={(i.table, i.row, i.column): i.index for i in items},
            items=items,
        )

    def axis(self, table: str, word: str, position: int) -> str:
        """Returns ``row`` or ``column``, whichever ``word`` is the key of in this table. Raises
        FormulaError, at ``position`` in the formula, if it is the key of neither.
        """
        if word in self.rows[table]:
            return "row"
        if word in self.columns[table]:
            return "column"
        asked = meant(word, (*self.rows[table], *self.columns[table]))
        raise FormulaError(f"表 '{table}' 里没有代号叫 '{word}' 的行或列{asked}", position)

    def across(self, table: str, axis: str, word: str) -> tuple[str, ...]:
        """The keys of the columns in which a row has items, in order; or of the rows, for a column.
        ``axis``: whether ``word`` is a ``row`` or ``column``.
        """
        crossing = self.columns[table] if axis == "row" else self.rows[table]
        return tuple(o for o in crossing if self.find(table, axis, word, o) is not None)

    def find(self, table: str, axis: str, word: str, crossing: str) -> int | None:
        """The number of the item where the heading ``word`` of this axis meets the heading
        ``crossing`` of the other axis; None if there is no such item.
        """
        return self.at.get(self._crossing(table, axis, word, crossing))

    def cell(self, table: str, axis: str, word: str, crossing: str) -> int:
        """The same as `find`, for two headings that are known to meet. Raises KeyError if they do
        not.
        """
        return self.at[self._crossing(table, axis, word, crossing)]

    @staticmethod
    def _crossing(table: str, axis: str, word: str, crossing: str) -> tuple[str, str, str]:
        """The keys of table, row and column where the heading ``word`` of one axis meets
        ``crossing`` of the other.
        """
        return (table, word, crossing) if axis == "row" else (table, crossing, word)


def _keys(keys: Iterable[str]) -> tuple[str, ...]:
    """The keys without repetitions, in their order."""
    return tuple(dict.fromkeys(keys))


def linear(index: Index, total: Assertion, *, table: str, axis: str, fixed: str) -> Linear:
    """Resolve the formula of a total. ``total``: the formula, which adds up headings of one
    ``axis``; ``fixed``: the heading of the other axis where they are added up.

    Raises FormulaError for names that are unknown or of the other axis, for headings that do not
    meet ``fixed``, and for a constant or a comparison.
    """
    operands: list[Operand] = []
    if total.op:
        raise FormulaError("合计的算式只有加减，没有比较", total.position)
    for term in total.left:
        if term.first is None:
            raise FormulaError("合计的算式里不能有数字，只写代号", term.position)
        for name in _range(index, table, term.first, term.last):
            if len(name.words) != 1 or name.prior:
                raise FormulaError("合计的算式里只写同一张表的行或列的代号", name.position)
            word_axis = index.axis(table, name.words[0], name.position)
            if word_axis != axis:
                raise FormulaError(
                    f"{AXES[axis]}的合计由{AXES[axis]}相加；'{name.words[0]}' 是{AXES[word_axis]}",
                    name.position,
                )
            item = index.find(table, axis, name.words[0], fixed)
            if item is None:
                raise FormulaError(f"'{name.words[0]}' 在 '{fixed}' 处没有格", name.position)
            operands.append(Operand(sign=term.sign, item=item))
    return Linear(operands=tuple(operands))


def _range(index: Index, table: str, first: Name, last: Name | None) -> Iterator[Name]:
    """Yield the names from ``first`` to ``last`` in the order of the table; only ``first`` if
    ``last`` is None. Raises FormulaError.
    """
    if last is None:
        yield first
        return
    a, b = first.words[-1], last.words[-1]
    short = len(last.words) == 1 and not last.prior
    if not short and (last.words[:-1], last.prior) != (first.words[:-1], first.prior):
        raise FormulaError("范围的两头要在同一张表里", last.position)
    axis = index.axis(table, a, first.position)
    keys = index.rows[table] if axis == "row" else index.columns[table]
    index.axis(table, b, last.position)
    if b not in keys:
        raise FormulaError("范围只能从行到行，或从列到列", last.position)
    if keys.index(b) < keys.index(a):
        raise FormulaError(f"'{b}' 在 '{a}' 之前，范围要从前往后写", last.position)
    for key in keys[keys.index(a) : keys.index(b) + 1]:
        words = (*first.words[:-1], key)
        yield Name(words=words, prior=first.prior, position=first.position)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Use:
    """A name as a rule uses it, with the ``sign`` of its term (1 or -1): for the single item
    ``item``; or, if that is None, for the whole row or column ``word``, which means all its items.
    ``axis``: whether ``word`` is a ``row`` or ``column``; ``prior``: last year's figure is meant;
    ``position``: the index of the name in the formula.
    """

    sign: int
    prior: bool
    table: str
    axis: str
    word: str
    item: int | None
    position: int


def _uses(index: Index, terms: Sequence[Term]) -> Iterator[_Use]:
    """Yield the names in the terms of a rule, those within ranges too. Raises FormulaError."""
    for term in terms:
        if term.first is None:
            continue
        table = term.first.words[0]
        if table not in index.rows:
            asked = meant(table, index.rows)
            raise FormulaError(f"没有代号叫 '{table}' 的表{asked}", term.first.position)
        for name in _range(index, table, term.first, term.last):
            words, item = name.words, None
            if len(words) not in (2, 3):
                raise FormulaError("勾稽关系里写成 表.行（或列），或 表.行.列", name.position)
            axis = index.axis(table, words[1], name.position)
            if len(words) == 3:
                if index.axis(table, words[2], name.position) == axis:
                    raise FormulaError("一格写成 表.行.列", name.position)
                item = index.find(table, axis, words[1], words[2])
                if item is None:
                    raise FormulaError("这一行和这一列没有相交的格", name.position)
            yield _Use(
                sign=term.sign,
                prior=name.prior,
                table=table,
                axis=axis,
                word=words[1],
                item=item,
                position=name.position,
            )


def instances(index: Index, rule: Rule, assertion: Assertion, start: int) -> Iterator[Instance]:
    """Yield the instances of a rule at all its places, numbered from ``start``. A row alone means
    the row in every column, and a column alone the column in every row; the two cannot be mixed.

    Raises FormulaError with the position in the assertion.
    """
    left, right = list(_uses(index, assertion.left)), list(_uses(index, assertion.right))
    bare = [u for u in (*left, *right) if u.item is None]
    for use in bare:
        if use.axis != bare[0].axis:
            raise FormulaError(
                f"整{AXES[bare[0].axis]} '{bare[0].word}' 不能和"
                f"整{AXES[use.axis]} '{use.word}' 混用",
                use.position,
            )
    lines: tuple[str, ...] = ("",)
    if bare:
        lines = index.across(bare[0].table, bare[0].axis, bare[0].word)
        for use in bare:
            if index.across(use.table, use.axis, use.word) != lines:
                raise FormulaError(
                    f"'{use.word}' 和 '{bare[0].word}' 相交的行列不一样",
                    use.position,
                )
    constants = [sum(t.sign * t.constant for t in s) for s in (assertion.left, assertion.right)]
    count = start
    for line in lines:
        sides = [
            _side(index, uses, line, k) for uses, k in zip((left, right), constants, strict=True)
        ]
        if rule.total:
            formula = _total_formula(index, sides[0], assertion, left)
            if formula is None:
                continue
            sides[1] = formula
        operands = [o for side in sides for o in side.operands]
        cells = tuple(dict.fromkeys(o.item for o in operands if not o.prior))
        if not cells:
            raise FormulaError("勾稽关系里要有本年的数", 0)
        yield Instance(
            index=count,
            rule=rule,
            op=assertion.op or "==",
            left=sides[0],
            right=sides[1],
            line=line,
            along=bare[0].axis if bare else "",
            cells=cells,
            leaves=_leaves(index, cells),
            priors=tuple(dict.fromkeys(o.item for o in operands if o.prior)),
        )
        count += 1


def reading(index: Index, assertion: Assertion) -> Linear:
    """Resolve a sum of single items of this year, as prose may refer to it. Raises FormulaError for
    anything else.
    """
    if assertion.op:
        raise FormulaError("这里是算式，没有比较", assertion.position)
    uses = list(_uses(index, assertion.left))
    for use in uses:
        if use.item is None:
            raise FormulaError("一个数写成 表.行.列", use.position)
        if use.prior:
            raise FormulaError("文字里说的是本年的数，不能用 prior", use.position)
    if not uses:
        raise FormulaError("这里应当是表里的数", 0)
    return _side(index, uses, "", sum(t.sign * t.constant for t in assertion.left))


def _side(index: Index, uses: Sequence[_Use], line: str, constant: int) -> Linear:
    """One side of a rule at one place: whole rows or columns are taken where they meet the heading
    ``line``.
    """
    operands = []
    for use in uses:
        item = use.item
        if item is None:
            item = index.cell(use.table, use.axis, use.word, line)
        operands.append(Operand(sign=use.sign, item=item, prior=use.prior))
    return Linear(operands=tuple(operands), constant=constant)


def _total_formula(
    index: Index, left: Linear, assertion: Assertion, uses: Sequence[_Use]
) -> Linear | None:
    """The right side of a rule that only names a total: the total's formula, at the place given by
    ``left``. None if it would add up figures that must not be added up. Raises FormulaError if what
    is named is not a total.

    Where a computed row meets a computed column, the cell contains the formula of the row; the rule
    for the column then compares the formula of the column with it.
    """
    use = uses[0] if len(uses) == 1 and not uses[0].prior and uses[0].sign > 0 else None
    if use is None or left.constant:
        message = "勾稽关系要用 ==、<= 或 >= 比较两边，或只写一个合计"
        raise FormulaError(message, assertion.position)
    item = index.items[left.operands[0].item]
    axis = use.axis
    pattern = next(
        (
            total.formula
            for total in index.items
            if total.table == item.table
            and (total.row if axis == "row" else total.column) == use.word
            and total.formula is not None
            and _runs_along(index, total.formula, axis, total)
        ),
        None,
    )
    if pattern is None and not item.summed:
        return None
    if pattern is None:
        raise FormulaError(f"'{use.word}' 不是合计，没有算式", use.position)
    operands = []
    for o in pattern.operands:
        source = index.items[o.item]
        key = (item.table, source.row, item.column)
        if axis == "column":
            key = (item.table, item.row, source.column)
        operands.append(Operand(sign=o.sign, item=index.at[key]))
    formula = Linear(operands=tuple(operands))
    unsummed = any(not index.items[o.item].summed for o in operands)
    return None if formula.plain and unsummed else formula


def _runs_along(index: Index, formula: Linear, axis: str, item: Item) -> bool:
    """Whether a formula adds up rows (for the axis ``row``: all its items are in the same column as
    ``item``) or columns.
    """
    others = [index.items[o.item] for o in formula.operands]
    if axis == "row":
        return all(o.column == item.column for o in others)
    return all(o.row == item.row for o in others)


def _leaves(index: Index, cells: Sequence[int]) -> tuple[int, ...]:
    """The inputs on which these items depend, directly or through totals, in order; an input
    depends on itself.
    """
    leaves: dict[int, None] = {}
    seen: set[int] = set()
    stack = list(reversed(cells))
    while stack:
        at = stack.pop()
        if at in seen:
            continue
        seen.add(at)
        formula = index.items[at].formula
        if formula is None:
            leaves.setdefault(at)
        else:
            stack.extend(o.item for o in reversed(formula.operands))
    return tuple(leaves)


def shares_of(items: Sequence[Item], total: Item) -> dict[str, Linear]:
    """The parts of a total, as sums by label; parts with the same outermost label that differs are
    one sum. Empty where the item is no total. ``items``: all items of the form.
    """
    operands = total.formula.operands if total.formula else ()
    parts = [items[o.item] for o in operands]
    labels = [p.rows if p.column == total.column else p.columns for p in parts]
    if len(set(labels)) < 2:
        return {}
    shared = next(n for n in count() if len({label[: n + 1] for label in labels}) > 1)
    by_label: dict[str, list[Operand]] = {}
    for operand, label in zip(operands, labels, strict=True):
        by_label.setdefault(bare(label[min(shared, len(label) - 1)]), []).append(operand)
    return {name: Linear(operands=tuple(alike)) for name, alike in by_label.items()}
