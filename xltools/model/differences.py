"""What two returns, or two sets of figures of one form, say differently.

All who compare returns begin here: an `Entry` is what a cell says, `differing` gives the items at
which two sets of entries are not the same, `content` all that makes two returns the same.
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
"""The name under which a district's own figures stand beside those of its units."""


class Entry(NamedTuple):
    """What a cell says: its ``number``; or the ``text`` in it that is no number, None where there
    is none; a blank has neither.
    """

    number: Number | None = None
    text: str | None = None

    @classmethod
    def of(cls, number: Number | None, status: Status, text: str | None) -> Self:
        """The entry of a cell as it was read. ``text``: what stands in it, where that is kept."""
        if number is not None or status is Status.BLANK:
            return cls(number)
        return cls(text="？" if text is None else text)

    @property
    def words(self) -> str:
        """The entry as people are shown it, a blank as 空白."""
        if self.text is not None:
            return self.text
        return Phrase.BLANK.value if self.number is None else show(self.number)

    @property
    def counted(self) -> "Entry":
        """The entry as it is added up: a blank is as good as 0."""
        return Entry(0) if self == Entry() else self


Entries: TypeAlias = Mapping[int, Entry]
"""What a set of figures says, by item number."""


def entry(ret: Return, item: int) -> Entry:
    """What a return says at an item."""
    return Entry.of(ret.numbers[item], ret.statuses[item], ret.found.get(item))


def entered(form: Form, ret: Return) -> list[int]:
    """The items that a unit fills in itself: inputs, and totals typed over their formula. Which
    results of formulas a program stores says nothing.
    """
    return [i for i, item in enumerate(form.items) if item.formula is None or i in ret.typed]


def differing(before: Entries, after: Entries) -> Iterator[tuple[int, Entry, Entry]]:
    """The items at which two sets of entries are not the same, in the order of the form, with what
    each says there; an item that a set does not have is blank in it.
    """
    blank = Entry()
    for item in sorted(before.keys() | after.keys()):
        was, now = before.get(item, blank), after.get(item, blank)
        if was != now:
            yield item, was, now


def content(form: Form, ret: Return) -> tuple[object, ...]:
    """What makes two returns the same: what was entered, declarations, prose.

    The digests of it stand in files of decisions: its parts keep their order and form.
    """
    ret = unpacked(ret)
    items = entered(form, ret)
    return (
        tuple((i, ret.numbers[i], ret.statuses[i] is Status.BLANK) for i in items),
        tuple((i, ret.found.get(i)) for i in items if ret.statuses[i] is Status.UNREADABLE),
        *written(ret),
    )


def written(ret: Return) -> tuple[object, ...]:
    """What a return says beside its figures: declarations, texts, explanations; no matter where
    the lines stand in which something is explained.
    """
    lines = tuple(sorted({(line.code, line.typed, line.words) for line in ret.explained}))
    return (
        ret.zero, ret.none, tuple(sorted(ret.texts.items())),
        tuple(sorted(ret.explanations.items())),
        # Nothing at all where there is nothing: some digests are older than these lines.
        *((lines,) if lines else ()),
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the two. ``figures``: by unit and item number, None where nothing could be read or
    stands; ``texts``: what stood there instead of a number. ``many``: a district's summary, its
    own figures under `WHOLE`; else one return, whose unit may be unknown (empty).
    """

    name: str
    year: int
    many: bool
    figures: Mapping[str, Mapping[int, Number | None]]
    texts: Mapping[int, str] = field(default_factory=dict)
    prose: Mapping[str, str] = field(default_factory=dict)

    def entries(self, unit: str, items: Collection[int]) -> Entries:
        """What a unit says at some items; an empty text is as good as a blank."""
        figures = self.figures[unit]
        texts = {} if self.many else self.texts
        return {item: Entry(figures.get(item), texts.get(item) or None) for item in items}


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One figure that changed. ``unit`` is empty between two returns."""

    unit: str
    item: int
    old: Entry
    new: Entry

    @property
    def numeric(self) -> bool:
        """Whether both are numbers or blank."""
        return self.old.text is None and self.new.text is None

    @property
    def difference(self) -> Number | None:
        """New less old; None where one of them is no number."""
        if not self.numeric:
            return None
        with localcontext(EXACT):
            value = (self.new.number or 0) - (self.old.number or 0)
        return tidy(value) if isinstance(value, Decimal) else value

    @property
    def share(self) -> float | None:
        """The difference as a share of the old figure; None where that is 0 or no number."""
        difference, old = self.difference, self.old.number
        return float(difference / old) if difference is not None and old else None

    @property
    def gone(self) -> bool:
        """Whether something became nothing."""
        return bool(self.old.number) and self.new.counted == Entry(0)

    @property
    def weight(self) -> float:
        """How much it matters: the square of the difference over the larger figure.

        So counts that vary by chance weigh about 1 whatever their size; 1 that becomes 0 is no
        news, 300 that become 200 are. What is gone weighs double, what is no number most.
        """
        difference = self.difference
        if difference is None:
            return float("inf")
        larger = max(abs(float(side.number or 0)) for side in (self.old, self.new))
        weight = float(difference) ** 2 / larger if larger else 0.0
        return 2 * weight if self.gone else weight


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """All that changed: figures, those that matter most first; units that are on one side only;
    names of texts that differ (of two returns).
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
        """Whether both are the same."""
        return not (self.figures or self.added or self.removed or self.texts)


def changes(form: Form, old: Side, new: Side) -> Changes:
    """Compare two sides of a kind. The district's own figures stand before those of its units;
    changes that matter as much keep the order of the form.
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
