"""A declared form: its parts, headings, items and rules, resolved and ready to be used.

``declaration.load`` makes one from a TOML file. Items are numbered in reading order (table,
block, row, column), and everything later speaks of an item by its number or its name.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from xltools.model.formula import Linear

CATEGORIES = ("区政府本级", "工作机构", "派出机构", "直属事业机构")
"""The kinds of reporters in a district, as rosters have them and rules may name them."""


BOUND = 999_999_999
"""What an input takes at most: nine digits, more than any figure published so far."""


class ItemType(Enum):
    """What a figure says: a COUNT is whole, an AMOUNT of money may have decimals, a CHANGE is
    whole and carries its sign.
    """

    COUNT = "count"
    AMOUNT = "amount"
    CHANGE = "change"


class Severity(Enum):
    """How much a finding weighs: FATAL keeps a return out, QUERY asks, NOTE tells."""

    FATAL = "fatal"
    QUERY = "query"
    NOTE = "note"

    @property
    def words(self) -> str:
        """What a finding of this severity asks of its unit, as people read it: 必须更正."""
        return {"fatal": "必须更正", "query": "需说明", "note": "提示"}[self.value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A stub (heading of a row) or spanner (heading of a column).

    ``labels`` from the outermost to the innermost.
    """

    key: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A piece of a table with headings of its own; ``title`` empty when it is the whole table."""

    title: str
    rows: tuple[Heading, ...]
    columns: tuple[Heading, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One statistical table. ``part`` is its number as printed (二); ``corner`` the top left."""

    key: str
    part: str
    title: str
    corner: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """One piece of prose: ``part`` 一, its heading (empty: that of the part alone)."""

    name: str
    part: str
    part_title: str
    heading: str

    @property
    def label(self) -> str:
        """What stands above it on paper."""
        return self.heading or self.part_title


@dataclass(frozen=True, slots=True, kw_only=True)
class TextPart:
    """A part of prose; ``limit``: characters asked for at most over its texts, 0 for none."""

    key: str
    part: str
    title: str
    limit: int
    texts: tuple[Text, ...]

    def allowed(self, limit: int | None) -> int:
        """How many characters all texts of the part may have in the return of a unit; 0 where
        nothing is asked. ``limit`` is that of the unit (see `Unit`), which stands before the
        form's own; a part without a limit in the form has none for any unit.
        """
        return 0 if limit is None else self.limit and (limit or self.limit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One figure of the form, where a row meets a column.

    ``formula`` is its own total (None for an input); ``rows`` and ``columns`` are the labels
    printed beside and above it, a block's title counted as the outermost stub. ``unit``: the
    money unit of an amount; ``decimals``: how many it has at most, None for any number;
    ``yuan_from``: what was probably entered in 元 from this figure on, 0 when nothing is known;
    ``yuan_least``: the sum that it would have to reach if it were 元, None for any amount.
    ``summed``: whether the figures of several units make one of the district when added up, as
    those of a rate do not.
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
        """Whether it has no decimals."""
        return self.type is not ItemType.AMOUNT

    @property
    def signed(self) -> bool:
        """Whether what is filled in may be below 0."""
        return self.type is ItemType.CHANGE

    @property
    def pattern(self) -> str:
        """The number format that shows it as it is written: ``+2``, ``3.50``; empty: any."""
        if self.signed:
            return "+0;-0;0"
        return f"0.{'0' * self.decimals}" if self.decimals else ""

    @property
    def name(self) -> str:
        """Its full name, table.row.column, as rules and files write it: ``t3.received.natural``."""
        return f"{self.table}.{self.row}.{self.column}"

    @property
    def label(self) -> str:
        """As people name it: innermost stub and spanner."""
        return " / ".join(x for x in (self.rows[-1] if self.rows else "", self.columns[-1]) if x)

    @property
    def path(self) -> str:
        """All its labels, for places where the innermost alone would not tell."""
        return " > ".join((*self.rows, *self.columns))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A balance rule as declared. ``total``: it says that a computed heading's formula holds.

    ``trial``: it is being tried out; its severity is NOTE, and what it finds is told apart.
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

    A rule that names rows only holds in every column: then ``along`` is ``row`` and ``line`` the
    column of this place. With ``column`` it is the other way round; both are empty for a rule that
    names single items. ``left``, ``op``, ``right``: what is compared. ``cells``: all items that it
    names, in order; ``anchor``: the first, which a finding names first. ``leaves``: the inputs that
    these are computed from; ``priors``: the items of last year that it looks at.
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
        """The item at which it stands."""
        return self.cells[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """Words that stand for a figure in prose, and the sums that may be meant by them.

    ``none``: they say themselves that the figure is 0.
    """

    words: tuple[str, ...]
    readings: tuple[Linear, ...]
    none: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Fee:
    """What must be said of a fee: in which text, what it is called, and what else it is called."""

    text: str
    called: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Prose:
    """What the texts of a form are asked about.

    ``figures``: the texts whose figures are compared with the tables, by ``claims``, in the
    words of which, as in the lists below, … is some characters of the same clause. ``substance``:
    texts for which 无 is no answer. ``fee``: what must be said of a fee, if anything.

    Which clauses are compared, other words say. ``apart``: a clause (with … at the end, the rest
    of the sentence or of its brackets) tells of parts of a figure or of other things. ``aside``:
    it only compares or rates. ``about``: what is counted; ``other``: what else there is to count,
    which some mentions name themselves. ``lead``: a mention with one of these goes before later
    words. ``acts``: mentions whose object, where it stands before the number, must be ``about``;
    ``bound``: mentions that count only where a sentence names that at all. ``idle``: phrases that
    are read over.
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

    ``what``: ``figure``, the sum itself; ``change`` from last year; ``shares`` of the parts of
    the one total that the sum is. ``unit``: the word behind the figures.
    """

    what: str
    sum: Linear
    unit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftSentence:
    """A sentence for a text that nobody has written, from the figures."""

    text: str
    pieces: tuple[str | SentencePlace, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnexColumn:
    """A column of the list of units behind a district's report: an item under a heading."""

    item: int
    heading: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportForm:
    """What the annual report of a form needs beside its parts."""

    annex: tuple[AnnexColumn, ...] = ()
    drafts: tuple[DraftSentence, ...] = ()


# Equal to itself only, so that what is prepared for a form can be kept by it.
@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Form:
    """A whole declared form. ``short`` is what its workbooks are called, ``called`` what people
    call it besides, as in the names of files; ``signers``: who signs
    them on paper, beside the one who filled them in.

    ``text``: the TOML that it was read from, with which a worker process reads the same form
    again; ``path``: where that text stands, for messages about it.
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
    text: str = field(default="", repr=False, compare=False)
    path: Path = field(default=Path(), compare=False)

    @property
    def tables(self) -> tuple[Table, ...]:
        """The parts that are tables."""
        return tuple(p for p in self.parts if isinstance(p, Table))

    @property
    def texts(self) -> tuple[Text, ...]:
        """All pieces of prose, in order."""
        return tuple(t for p in self.parts if isinstance(p, TextPart) for t in p.texts)

    def key_of(self, instance: Instance) -> str:
        """How explanations name a rule at a place: ``CODE@item``."""
        return f"{instance.rule.code}@{self.items[instance.anchor].name}"

    def heading_of(self, instance: Instance) -> str:
        """The printed heading at which a rule stands: that of the column where it is judged column
        by column, else that of the row.
        """
        item = self.items[instance.anchor]
        return item.columns[-1] if instance.along == "row" or not item.rows else item.rows[-1]

    def inputs(self, table: str = "") -> tuple[Item, ...]:
        """The items that people fill in, of one table or of all."""
        return tuple(i for i in self.items if i.formula is None and table in ("", i.table))

    @property
    def unsummed(self) -> frozenset[int]:
        """The items whose figures are not added up over units."""
        return frozenset(item.index for item in self.items if not item.summed)

    @property
    def carried(self) -> Mapping[int, int]:
        """Inputs that a rule sets equal to a figure of last year: this item -> that one."""
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

    @property
    def priors(self) -> tuple[int, ...]:
        """The items of last year that some rule looks at, in order."""
        return tuple(sorted({p for instance in self.instances for p in instance.priors}))
