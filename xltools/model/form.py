"""A declared form: its parts, headings, items and rules, with all names resolved.

``declaration.load`` makes one from a TOML file. The items are numbered from 0 in reading order (by
table, block, row, column); everywhere else an item is referred to by this number or by its name.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from pathlib import Path

from xltools.model.formula import Linear
from xltools.model.overview import NO_OVERVIEW, Overview

CATEGORIES = ("区政府本级", "工作机构", "派出机构", "直属事业机构")
"""The categories of units: a roster gives one to each, and a rule may be for some only."""


BOUND = 999_999_999
"""The largest number that an input accepts: nine digits, more than any figure published so far."""


class ItemType(Enum):
    """COUNT: a whole number; AMOUNT: money, with decimals; CHANGE: a whole number with sign."""

    COUNT = "count"
    AMOUNT = "amount"
    CHANGE = "change"


class Severity(Enum):
    """How serious it is: FATAL keeps a return out, QUERY asks the unit, NOTE only informs."""

    FATAL = "fatal"
    QUERY = "query"
    NOTE = "note"

    @property
    def words(self) -> str:
        """What a finding of this severity asks of its unit, as people read it: 必须更正."""
        return {"fatal": "必须更正", "query": "需说明", "note": "提示"}[self.value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A stub (heading of a row) or spanner (of a column); ``labels``: the outermost first."""

    key: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Rows and columns of a table. ``title``: printed above them; empty if they are all of it."""

    title: str
    rows: tuple[Heading, ...]
    columns: tuple[Heading, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One statistical table. ``key``: its name in the form's declaration; ``part``: the number of
    its part as printed, such as 二; ``corner``: the text in its top left cell, above the row
    labels.
    """

    key: str
    part: str
    title: str
    corner: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """One piece of prose. ``name``: the keys of part and text, joined by a dot; ``part``: the
    part's number as printed, such as 一; ``heading``: printed above it, empty if only the part's
    title is.
    """

    name: str
    part: str
    part_title: str
    heading: str

    @property
    def label(self) -> str:
        """The text printed above it: its heading, or else the title of its part."""
        return self.heading or self.part_title


@dataclass(frozen=True, slots=True, kw_only=True)
class TextPart:
    """A part that consists of texts. ``part``: its number as printed; ``limit``: the largest number
    of characters that all its texts may have together, 0 for no limit.
    """

    key: str
    part: str
    title: str
    limit: int
    texts: tuple[Text, ...]

    def allowed(self, limit: int | None) -> int:
        """How many characters all texts of the part may have together in the return of a unit; 0
        for any number.

        ``limit``: that of the unit (see `Unit`): None for no limit, 0 for the limit of the form,
        any other number in place of that. A part without a limit in the form has none for any unit.
        """
        return 0 if limit is None else self.limit and (limit or self.limit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One figure of the form, where a row meets a column.

    ``formula``: the sum from which it is computed; None for an input. ``rows`` and ``columns``: the
    labels printed beside and above it, from the outermost to the innermost; the title of a block is
    the outermost of ``rows``. ``unit``: the money unit of an amount; ``decimals``: how many
    decimals an amount may have, None for any number. ``yuan_from``: an amount from here on was
    probably entered in 元 instead of ``unit``, 0 if nothing is known; ``yuan_least``: to have been
    entered in 元 it must also be at least this sum of other figures, None for no such condition.
    ``summed``: whether the figures of several units may be added up to one of the district, which
    is not the case for a rate.
    """

    index: int
    table: str
    row: str
    column: str
    part: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    type: ItemType
    formula: Linear | None = None
    unit: str = ""
    decimals: int | None = None
    yuan_from: int = 0
    yuan_least: Linear | None = None
    summed: bool = True

    @property
    def whole(self) -> bool:
        """Whether it is a whole number."""
        return self.type is not ItemType.AMOUNT

    @property
    def signed(self) -> bool:
        """Whether the figure may be negative."""
        return self.type is ItemType.CHANGE

    @property
    def pattern(self) -> str:
        """The Excel number format for figures such as ``+2`` or ``3.50``; empty if any will do."""
        if self.signed:
            return "+0;-0;0"
        return f"0.{'0' * self.decimals}" if self.decimals else ""

    @property
    def name(self) -> str:
        """Its full name, table.row.column, as rules and files write it: ``t3.received.natural``."""
        return f"{self.table}.{self.row}.{self.column}"

    @property
    def label(self) -> str:
        """A short name for people: the innermost labels of its row and column."""
        return " / ".join(x for x in (self.rows[-1] if self.rows else "", self.columns[-1]) if x)

    @property
    def path(self) -> str:
        """All its labels, for use where the innermost ones alone would be ambiguous."""
        return " > ".join((*self.rows, *self.columns))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A balance rule as declared. ``categories``: the categories of units that it is for, empty for
    all. ``total``: it says no more than that a total is the result of its formula. ``trial``: it is
    being tried out; its severity is NOTE, and its findings are marked as such.
    """

    code: str
    severity: Severity
    assertion: str
    message: str
    categories: tuple[str, ...]
    total: bool
    trial: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """A rule applied at one place.

    A rule that names whole rows is judged in every column: then ``along`` is ``row`` and ``line``
    is the key of the column of this instance. For a rule that names whole columns, ``along`` is
    ``column`` and ``line`` the key of a row. Both are empty for a rule that names single items
    only.

    ``left``, ``op``, ``right``: the comparison. ``cells``: all items of this year that it names, in
    order. ``leaves``: the inputs from which these are computed. ``priors``: the items of which it
    uses last year's figure.
    """

    index: int
    rule: Rule
    op: str
    left: Linear
    right: Linear
    line: str
    along: str
    cells: tuple[int, ...]
    leaves: tuple[int, ...]
    priors: tuple[int, ...]

    @property
    def anchor(self) -> int:
        """The number of the item that findings name first: the first that the rule names."""
        return self.cells[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """Words by which prose refers to a figure. ``readings``: sums, one of which the number beside
    the words must equal. ``none``: the words themselves say that the figure is 0.
    """

    words: tuple[str, ...]
    readings: tuple[Linear, ...]
    none: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Fee:
    """What a text must say about a fee: ``called`` or one of the names in ``also``."""

    text: str
    called: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Prose:
    """How the texts of a form are checked. All lists of words are patterns in which … means some
    characters of the same clause.

    ``figures``: the names of texts whose figures are compared with the tables; ``mentions``: the
    words by which these refer to figures. ``substance``: texts that may not just say 无. ``fee``:
    what must be said about a fee; None if nothing.

    The other lists decide which clauses are compared. ``apart``: a clause with one of these words
    is about parts of a figure or about other matters; if the word ends in …, so is the rest of the
    sentence or bracket. ``aside``: a clause with one of these only compares or gives a rate.
    ``about``: the things that the form counts; ``other``: other things, after which only mentions
    that contain one of these words are compared. ``lead``: mentions that contain one of these take
    precedence over words further on. ``acts``: mentions whose object, if there is one before the
    number, must be one of ``about``; ``bound``: mentions that are only compared in a sentence with
    one of ``about``. ``idle``: phrases that are skipped.
    """

    figures: tuple[str, ...] = ()
    mentions: tuple[Mention, ...] = ()
    apart: tuple[str, ...] = ()
    aside: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    other: tuple[str, ...] = ()
    lead: tuple[str, ...] = ()
    acts: tuple[str, ...] = ()
    bound: tuple[str, ...] = ()
    idle: tuple[str, ...] = ()
    substance: tuple[str, ...] = ()
    fee: Fee | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SentencePlace:
    """A place in a sentence that is filled in from the figures.

    ``what``: ``figure`` for the sum itself, ``change`` for its change from last year, ``shares``
    for the parts of the total (then ``sum`` is a single total) with their shares. ``unit``: the
    word to put behind each figure.
    """

    what: str
    sum: Linear
    unit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftSentence:
    """A sentence made from the figures, for a text that nobody has written. ``text``: the name of
    that text; ``pieces``: the words of the sentence and the places among them, in order.
    """

    text: str
    pieces: tuple[str | SentencePlace, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnexColumn:
    """A column of the list of units at the end of a district's report: item number and heading."""

    item: int
    heading: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportForm:
    """What a form declares for the annual report besides its parts."""

    annex: tuple[AnnexColumn, ...] = ()
    drafts: tuple[DraftSentence, ...] = ()


# eq=False: a form equals only itself, so that it can be the key of a cache (``evaluate.prepare``).
# Not slots: what is asked of it again and again is kept.
@dataclass(frozen=True, kw_only=True, eq=False)
class Form:
    """A whole declared form.

    ``name``: form and edition, joined by a hyphen. ``short``: the title on the covers of its
    workbooks and in their file names; ``called``: other names that people use for it. ``years``:
    the first and the last year for which it is used. ``by_name``: the numbers of all items by their
    names. ``signers``: who signs it on paper besides the person who filled it in.

    ``text``: the TOML that the form was read from, from which a worker process can read it again;
    ``path``: the file of that text, for messages.
    """

    name: str
    form: str
    edition: str
    title: str
    short: str
    authority: str
    years: tuple[int, int]
    parts: tuple[Table | TextPart, ...]
    items: tuple[Item, ...]
    rules: tuple[Rule, ...]
    instances: tuple[Instance, ...]
    by_name: Mapping[str, int]
    prose: Prose = Prose()
    signers: tuple[str, ...] = ()
    called: tuple[str, ...] = ()
    report: ReportForm = ReportForm()
    overview: Overview = NO_OVERVIEW
    text: str = field(default="", repr=False, compare=False)
    path: Path = field(default=Path(), compare=False)

    @cached_property
    def tables(self) -> tuple[Table, ...]:
        """The parts that are tables."""
        return tuple(p for p in self.parts if isinstance(p, Table))

    @cached_property
    def texts(self) -> tuple[Text, ...]:
        """The texts of all parts, in order."""
        return tuple(t for p in self.parts if isinstance(p, TextPart) for t in p.texts)

    def key_of(self, instance: Instance) -> str:
        """The key of an instance in explanations, ``CODE@item``: of its rule and its anchor."""
        return f"{instance.rule.code}@{self.items[instance.anchor].name}"

    def heading_of(self, instance: Instance) -> str:
        """The printed heading at which an instance is judged: the innermost label of the column if
        its rule names whole rows (or if the row has no labels), else that of the row.
        """
        item = self.items[instance.anchor]
        return item.columns[-1] if instance.along == "row" or not item.rows else item.rows[-1]

    def inputs(self, table: str = "") -> tuple[Item, ...]:
        """The items that people fill in, of one table (by its key) or of the whole form."""
        return self._inputs.get(table, ())

    @cached_property
    def _inputs(self) -> Mapping[str, tuple[Item, ...]]:
        """The items that people fill in by the key of their table, and all of them under ""."""
        inputs = [item for item in self.items if item.formula is None]
        by_table = {t.key: tuple(i for i in inputs if i.table == t.key) for t in self.tables}
        return {**by_table, "": tuple(inputs)}

    @cached_property
    def unsummed(self) -> frozenset[int]:
        """The items whose figures must not be added up over units."""
        return frozenset(item.index for item in self.items if not item.summed)

    @cached_property
    def carried(self) -> Mapping[int, int]:
        """Inputs that must equal a figure of last year by some rule, each with that item."""
        pairs = {}
        for instance in self.instances:
            left, right = instance.left.operands, instance.right.operands
            plain = instance.op == "==" and len(left) == len(right) == 1
            plain = plain and not instance.left.constant and not instance.right.constant
            plain = plain and left[0].sign == right[0].sign
            if plain and right[0].prior and not left[0].prior:
                item = self.items[left[0].item]
                if item.formula is None:
                    pairs[item.index] = right[0].item
        return pairs

    @cached_property
    def priors(self) -> tuple[int, ...]:
        """The items of which some rule uses last year's figure, in order."""
        return tuple(sorted({p for instance in self.instances for p in instance.priors}))
