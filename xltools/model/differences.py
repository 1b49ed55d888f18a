"""Compare two returns, or two sets of figures of the same form.

An `Entry` is the content of a cell as it is compared; `differing` gives the items at which two sets
of entries differ; `content` is everything that must be equal for two returns to be the same;
`changes` compares two returns or two summaries.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, localcontext
from typing import NamedTuple, Self, TypeAlias

from xltools.model.evaluate import EXACT
from xltools.model.form import Form
from xltools.model.numbers import Number, show, tidy
from xltools.model.packed import unpacked
from xltools.model.returns import Return, Status
from xltools.model.text import key
from xltools.model.wording import Phrase

WHOLE = "汇总"
"""The name under which a district's own figures are listed beside those of its units."""


class Entry(NamedTuple):
    """The content of a cell as it is compared: its ``number``, or the ``text`` that is there
    instead of a number; both are None for a blank cell.
    """

    number: Number | None = None
    text: str | None = None

    @classmethod
    def of(cls, number: Number | None, status: Status, text: str | None) -> Self:
        """The entry of a cell that was read. ``text``: what the cell contains, None where that was
        not kept; an entry without number and text that is not blank has the text ？.
        """
        if number is not None or status is Status.BLANK:
            return cls(number)
        return cls(text="？" if text is None else text)

    @property
    def words(self) -> str:
        """The entry as it is shown to people; 空白 for a blank."""
        if self.text is not None:
            return self.text
        return Phrase.BLANK.value if self.number is None else show(self.number)

    @property
    def counted(self) -> "Entry":
        """The entry as it is added up: 0 for a blank, else the entry itself."""
        return Entry(0) if self == Entry() else self


Entries: TypeAlias = Mapping[int, Entry]
"""A set of figures: entries by item number."""


def entry(ret: Return, item: int) -> Entry:
    """The entry of a return at an item, by the item's number."""
    return Entry.of(ret.numbers[item], ret.statuses[item], ret.found.get(item))


def entered(form: Form, ret: Return) -> list[int]:
    """The numbers of the items that a unit has filled in itself: inputs, and totals where it typed
    over the formula. The stored results of the other formulas depend only on the program that saved
    the file.
    """
    return [i for i, item in enumerate(form.items) if item.formula is None or i in ret.typed]


def differing(before: Entries, after: Entries) -> Iterator[tuple[int, Entry, Entry]]:
    """Yield item number, entry before and entry after for every item at which two sets of entries
    differ, in the order of the form. An item that is missing from a set counts as blank there.
    """
    blank = Entry()
    for item in sorted(before.keys() | after.keys()):
        was, now = before.get(item, blank), after.get(item, blank)
        if was != now:
            yield item, was, now


def content(form: Form, ret: Return) -> tuple[object, ...]:
    """Everything that must be equal for two returns to be the same: figures entered, declarations,
    texts and explanations.

    Files of decisions contain digests of the result, so the order and form of its parts must not
    change.
    """
    ret = unpacked(ret)
    items = entered(form, ret)
    return (
        tuple((i, ret.numbers[i], ret.statuses[i] is Status.BLANK) for i in items),
        tuple((i, ret.found.get(i)) for i in items if ret.statuses[i] is Status.UNREADABLE),
        *written(ret),
    )


def written(ret: Return) -> tuple[object, ...]:
    """What a return contains besides its figures (declarations, texts and explanations), as a tuple
    that is compared with another return's, and is a part of `content`. Returns that have the
    same explanations on different lines are equal.
    """
    lines = tuple(sorted({(line.code, line.typed, line.words) for line in ret.explained}))
    return (
        ret.zero, ret.none, tuple(sorted(ret.texts.items())),
        tuple(sorted(ret.explanations.items())),
        # No entry at all if there are no lines: some digests in files are older than this part.
        *((lines,) if lines else ()),
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the two things compared: a return, or a district's summary (``many``).

    ``figures``: numbers by unit and item number, None where the cell is blank or could not be read.
    A summary has its own figures under `WHOLE`; a return has one unit, whose name may be empty.
    ``texts``: by item number, what a return has there instead of a number. ``prose``: its texts by
    name.
    """

    name: str
    year: int
    many: bool
    figures: Mapping[str, Mapping[int, Number | None]]
    texts: Mapping[int, str] = field(default_factory=dict)
    prose: Mapping[str, str] = field(default_factory=dict)

    def entries(self, unit: str, items: Collection[int]) -> Entries:
        """The entries of a unit at some items; an empty text counts as a blank."""
        figures = self.figures[unit]
        texts = {} if self.many else self.texts
        return {item: Entry(figures.get(item), texts.get(item) or None) for item in items}


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One figure that differs, with the entries before (``old``) and after (``new``). ``unit``:
    empty if two returns are compared.
    """

    unit: str
    item: int
    old: Entry
    new: Entry

    @property
    def numeric(self) -> bool:
        """Whether both entries are numbers or blank."""
        return self.old.text is None and self.new.text is None

    @property
    def difference(self) -> Number | None:
        """New minus old, a blank counting as 0; None if one of them is not a number."""
        if not self.numeric:
            return None
        with localcontext(EXACT):
            value = (self.new.number or 0) - (self.old.number or 0)
        return tidy(value) if isinstance(value, Decimal) else value

    @property
    def share(self) -> float | None:
        """The difference divided by the old figure; None if that is 0 or blank, or if one of the
        two is not a number.
        """
        difference, old = self.difference, self.old.number
        return float(difference / old) if difference is not None and old else None

    @property
    def gone(self) -> bool:
        """Whether a figure other than 0 became 0 or blank."""
        return bool(self.old.number) and self.new.counted == Entry(0)

    @property
    def weight(self) -> float:
        """How much the difference matters, for sorting: the square of the difference divided by the
        larger figure.

        Counts that vary by chance thus weigh about 1 whatever their size: a 1 that becomes 0 is no
        news, but 300 that become 200 are. A figure that is gone weighs double; a difference in
        which something is not a number is infinite.
        """
        difference = self.difference
        if difference is None:
            return float("inf")
        larger = max(abs(float(side.number or 0)) for side in (self.old, self.new))
        weight = float(difference) ** 2 / larger if larger else 0.0
        return 2 * weight if self.gone else weight


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Everything that differs between two sides. ``figures``: those that matter most first, as
    `changes` sorts them; ``added`` and ``removed``: units that only the new or only the old summary
    has; ``texts``: names of the texts that differ.
    """

    form: Form
    old: Side
    new: Side
    figures: tuple[Difference, ...]
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()

    @property
    def none(self) -> bool:
        """Whether nothing differs."""
        return not (self.figures or self.added or self.removed or self.texts)


def changes(form: Form, old: Side, new: Side) -> Changes:
    """Compare two returns or two summaries. The differences are sorted by weight, the heaviest
    first, those of the district's own figures before those of its units; equal weights keep the
    order of the form.
    """
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    if old.many and new.many:
        names = {key(name): name for name in old.figures}
        pairs = [(names[key(name)], name) for name in new.figures if key(name) in names]
        added = tuple(name for name in new.figures if key(name) not in names)
        gone = names.keys() - map(key, new.figures)
        removed = tuple(name for name_key, name in names.items() if name_key in gone)
    else:
        pairs = [(next(iter(old.figures)), next(iter(new.figures)))]
    items = range(len(form.items))
    differences = [
        Difference(unit=name if new.many else "", item=item, old=was, new=now)
        for former, name in pairs
        for item, was, now in differing(old.entries(former, items), new.entries(name, items))
    ]
    differences.sort(key=lambda d: (d.unit != WHOLE, -d.weight))
    return Changes(
        form=form,
        old=old,
        new=new,
        figures=tuple(differences),
        added=added,
        removed=removed,
        texts=tuple(
            text.name
            for text in form.texts
            if old.prose.get(text.name, "") != new.prose.get(text.name, "")
        ),
    )
