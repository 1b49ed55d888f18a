"""Read the parts of a form file: its head, its texts, and its tables with all headings and
items.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import lcm
from typing import Any

from xltools.forms import rules
from xltools.forms.resolve import Written
from xltools.model.form import (
    Block,
    Heading,
    Item,
    ItemType,
    Table,
    Text,
    TextPart,
)
from xltools.model.text import half_width, meant
from xltools.model.toml_source import KeyPath, Source

_KEY = re.compile(r"[a-z][a-z0-9_]*\Z")
_HEAD = ("form", "edition", "title", "authority")
_SIGNERS = ("审核人", "单位负责人", "保密审查")
OWN = (*_HEAD, "short", "years", "signers", "called", "rules", "prose", "report", "overview")
_FIGURES = ("type", "types", "unit", "decimals", "yuan_from", "yuan_least", "sum")
BLOCK = ("title", *_FIGURES, "columns", "rows")
TABLE = ("title", "corner", *_FIGURES, "blocks", "columns", "rows")
TEXT = ("title", "limit", "text")
_GRID = 100  # the most columns of the grid that the blocks of a table share


@dataclass(frozen=True, slots=True, kw_only=True)
class _ListEntry:
    """One entry of a list of rows, columns or texts. ``formula``: None if it has none; ``at``: its
    path in the file.
    """

    name: str
    label: str
    formula: Written | None
    at: KeyPath


class FormParts:
    """Reads the parts of a form file. Raises FormError for any mistake.

    ``head``: form, edition, title, short title and authority by name. ``years``: the first and the
    last year for which the form is used. ``signers``: who signs it. ``called``: other names of the
    form. ``parts``: its tables and texts in order. ``items``: those of all tables, still without
    formulas. ``formulas``: the formulas of rows and columns, by the keys of table and heading.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.head = {name: source.string(source.data, (name,)) for name in _HEAD}
        self.head["short"] = source.string(source.data, ("short",), self.head["title"])
        self.years = self._years(source.data.get("years", [1, 9999]))
        self.signers = self._signers(source.data.get("signers", list(_SIGNERS)))
        self.called = self._words("called", source.data.get("called", []), "表的叫法")
        self.items: list[Item] = []
        self.formulas: dict[tuple[str, str], Written] = {}
        parts: list[Table | TextPart] = []
        for key, body in source.data.items():
            if key in OWN:
                continue
            if not _KEY.match(key) or key == "prior" or not isinstance(body, dict):
                source.wrong(f"'{key}' 不是表式的一部分{meant(key, OWN)}", (key,), key=True)
            parts.append(self._prose(key, body) if "text" in body else self._table(key, body))
        if not self.items:
            source.wrong("表式至少要有一张有行有列的表", ())
        self.parts = tuple(parts)

    def _years(self, years: object) -> tuple[int, int]:
        """Check the setting ``years`` and return the first and the last year."""
        fine = isinstance(years, list) and [type(y) for y in years] == [int, int]
        if not fine or not isinstance(years, list) or years[0] > years[1]:
            self.source.wrong("'years' 写成 [起, 止]，如 [2025, 9999]", ("years",))
        return years[0], years[1]

    def _signers(self, signers: object) -> tuple[str, ...]:
        """Check the setting ``signers``: who signs the form on paper besides the person who filled
        it in.
        """
        if not isinstance(signers, list) or len(signers) > 4:
            self.source.wrong("'signers' 是至多 4 个文字的列表", ("signers",))
        return self._words("signers", signers, "签字人")

    def _words(self, name: str, words: object, each: str) -> tuple[str, ...]:
        """Check the setting ``name`` at the top of the file, a list of texts, and return them.
        ``each``: what one of the texts is, for the message.
        """
        if not isinstance(words, list):
            self.source.wrong(f"'{name}' 是文字的列表：[\"…\"]", (name,))
        for number, word in enumerate(words):
            if not isinstance(word, str) or not word.strip():
                self.source.wrong(f"{each}是加引号的文字，不能空着", (name, number))
        return tuple(word.strip() for word in words)

    def _prose(self, key: str, body: Mapping[str, Any]) -> TextPart:
        """Read a part that consists of texts. ``key``: the name of its section; ``body``: its
        settings.
        """
        self.source.refuse_unknown(body, (key,), TEXT)
        title, limit = self.source.string(body, (key, "title")), body.get("limit", 0)
        if type(limit) is not int or limit < 0:
            self.source.wrong("'limit' 是字数，不加引号", (key, "limit"))
        texts: dict[str, Text] = {}
        for entry in self._entries(body["text"], (key, "text")):
            if entry.formula:
                self.source.wrong("文字没有算式", entry.formula.at)
            if entry.name in texts:
                self.source.wrong(f"代号 '{entry.name}' 用了两次", (*entry.at, 0))
            texts[entry.name] = Text(
                name=f"{key}.{entry.name}", part=_part(title), part_title=title, heading=entry.label
            )
        return TextPart(
            key=key, part=_part(title), title=title, limit=limit, texts=tuple(texts.values())
        )

    def _entries(self, value: object, at: KeyPath) -> Iterator[_ListEntry]:
        """Yield the entries of a list ``[[name, label], [name, label, formula], ...]``, whose path
        is ``at``.
        """
        if not isinstance(value, list) or not value:
            self.source.wrong(f"'{at[-1]}' 是列表，每一项写成 [代号, 标题]", at)
        for number, entry in enumerate(value):
            here = (*at, number)
            fine = isinstance(entry, list) and 2 <= len(entry) <= 3
            if not fine or not all(isinstance(x, str) for x in entry):
                what = f"'{at[-1]}' 的每一项写成 [代号, 标题] 或 [代号, 标题, 算式]"
                self.source.wrong(what, here)
            name, label, formula = (*entry, "")[:3]
            if not _KEY.match(name) or name == "prior":
                self.source.wrong(
                    f"'{name}' 不能作代号：只用小写字母、数字和 _，以字母开头", (*here, 0)
                )
            written = Written(text=formula, at=(*here, 2)) if formula else None
            yield _ListEntry(name=name, label=label.strip(), formula=written, at=here)

    def _table(self, key: str, body: Mapping[str, Any]) -> Table:
        """Read a part that is a table; its items and formulas are added to those of the form."""
        inner = "blocks" in body
        without = ("columns", "rows", "yuan_from", "yuan_least") if inner else ("blocks",)
        self.source.refuse_unknown(body, (key,), [name for name in TABLE if name not in without])
        title = self.source.string(body, (key, "title"))
        sources = body.get("blocks", [body])
        listed = isinstance(sources, list) and all(isinstance(s, dict) for s in sources)
        if not sources or not listed:
            self.source.wrong(f"'blocks' 逐块写成 [[{key}.blocks]]", (key, "blocks"))
        blocks: list[Block] = []
        rows: set[str] = set()
        columns: set[str] = set()
        for number, source in enumerate(sources):
            at: KeyPath = (key, "blocks", number) if inner else (key,)
            if inner:
                self.source.refuse_unknown(source, at, BLOCK)
            own_rows = self._headings(key, source.get("rows"), (*at, "rows"), rows, columns)
            rows.update(h.key for h in own_rows)
            own_columns = self._headings(key, source.get("columns"), (*at, "columns"), set(), rows)
            columns.update(h.key for h in own_columns)
            name = self.source.string(source, (*at, "title"), "") if inner else ""
            block = Block(title=name, rows=own_rows, columns=own_columns)
            blocks.append(block)
            items = list(self._items(key, title, block, self._types(body, source, key, at)))
            items = list(rules.with_unsummed(self.source, body, source, at, items))
            amounts = rules.with_units(self.source, body, source, at, items)
            rules.refuse_other_units(self.source, block, at, amounts)
            self.items.extend(rules.with_yuan_bounds(self.source, source, at, amounts))
        rules.refuse_idle(self.source, body, (key,), [i for i in self.items if i.table == key])
        by_name = body.get("sum")
        for setting, names in (
            ("types", self._names(body, (key, "types"))),
            ("sum", by_name if isinstance(by_name, dict) else {}),
        ):
            for name in names:
                if name not in rows | columns:
                    text = f"没有代号叫 '{name}' 的行或列{meant(name, rows | columns)}"
                    self.source.wrong(text, (key, setting, name), key=True)
        if lcm(*(len(b.columns) for b in blocks)) > _GRID:
            counts = "、".join(str(len(b.columns)) for b in blocks)
            self.source.wrong(f"各块分别有 {counts} 列，排不到同一张表里", (key,), key=True)
        corner = self.source.string(body, (key, "corner"), "")
        return Table(key=key, part=_part(title), title=title, corner=corner, blocks=tuple(blocks))

    def _headings(
        self, key: str, value: object, at: KeyPath, taken: set[str], others: set[str]
    ) -> tuple[Heading, ...]:
        """Read the rows or columns of a block, and add their formulas to those of the form.

        ``key``: the table; ``at``: the path of the list. ``taken``: names that earlier blocks have
        used on this axis; ``others``: names of the other axis.
        """
        headings: dict[str, Heading] = {}
        for entry in self._entries(value, at):
            name = entry.name
            if name in taken or name in headings:
                self.source.wrong(f"代号 '{name}' 用了两次", (*entry.at, 0))
            if name in others:
                self.source.wrong(f"代号 '{name}' 既是行又是列", (*entry.at, 0))
            if entry.formula:
                earlier = self.formulas.setdefault((key, name), entry.formula)
                if earlier.text != entry.formula.text:
                    self.source.wrong(f"'{name}' 有两个不同的算式", entry.formula.at)
            labels = tuple(x.strip() for x in entry.label.split(">")) if entry.label else ()
            if not all(labels) or (not labels and at[-1] == "columns"):
                self.source.wrong("标题空着，或 > 的一边空着", (*entry.at, 1))
            same = next((h for h in headings.values() if _alike(h.labels) == _alike(labels)), None)
            if same is not None:
                what = f"'{name}' 和 '{same.key}' 的标题相同，收表时分不清；请写得不同"
                self.source.wrong(what, (*entry.at, 1))
            headings[name] = Heading(key=name, labels=labels)
        return tuple(headings.values())

    def _names(self, body: Mapping[str, Any], at: KeyPath) -> dict[str, ItemType]:
        """Read the setting ``types``; returns types by the names of rows and columns."""
        types = body.get("types", {})
        if not isinstance(types, dict):
            self.source.wrong("'types' 写成 { 代号 = \"amount\" }", at)
        return {name: self._type(kind, (*at, name)) for name, kind in types.items()}

    def _type(self, kind: object, at: KeyPath) -> ItemType:
        """The item type with the name that the file gives (``kind``). Raises FormError if there is
        none.
        """
        for item_type in ItemType:
            if kind == item_type.value:
                return item_type
        kinds = [item_type.value for item_type in ItemType]
        asked = meant(str(kind), kinds)
        self.source.wrong(f"类型不能是 {kind!r}：只能是 {'、'.join(kinds)}{asked}", at)

    def _types(
        self, body: Mapping[str, Any], source: Mapping[str, Any], key: str, at: KeyPath
    ) -> dict[str, ItemType]:
        """The types of a block's items by row or column, and under ``""`` the type of all other
        items. Settings of the block (``source``) take precedence over those of its table
        (``body``).
        """
        types = self._names(body, (key, "types"))
        if source is not body:
            declared = self._names(source, (*at, "types"))
            entries = [*source["rows"], *source["columns"]]
            for name in declared:
                if name not in [e[0] for e in entries]:
                    asked = meant(name, [e[0] for e in entries])
                    text = f"没有代号叫 '{name}' 的行或列{asked}"
                    self.source.wrong(text, (*at, "types", name), key=True)
            types |= declared
        where = (*at, "type") if "type" in source else (key, "type")
        types[""] = self._type(source.get("type", body.get("type", "count")), where)
        return types

    def _items(
        self, key: str, title: str, block: Block, types: Mapping[str, ItemType]
    ) -> Iterator[Item]:
        """Make the items of a block row by row, numbered after those that are already there.
        ``title``: that of the table.
        """
        start = len(self.items)
        prefix = (block.title,) if block.title else ()
        cells = [(row, column) for row in block.rows for column in block.columns]
        for number, (row, column) in enumerate(cells, start):
            yield Item(
                index=number,
                table=key,
                row=row.key,
                column=column.key,
                part=_part(title),
                rows=prefix + row.labels,
                columns=column.labels,
                type=types.get(column.key, types.get(row.key, types[""])),
            )


def _alike(labels: tuple[str, ...]) -> str:
    """Labels in the form in which they are compared: in half width and without spaces, since nobody
    could tell labels apart by these.
    """
    return ">".join(half_width(x) for x in labels)


def _part(title: str) -> str:
    """The number of a part as printed: 二 for 二、主动公开…; the whole title if it has no
    number.
    """
    number, mark, _ = title.partition("、")
    return number if mark and 0 < len(number) <= 3 else title
