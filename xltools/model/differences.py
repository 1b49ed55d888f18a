"""What changed between two sets of figures of one form: two returns, or two districts' years."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, localcontext

from xltools.model.evaluate import EXACT
from xltools.model.form import Form
from xltools.model.numbers import Number, tidy
from xltools.model.text import key

WHOLE = "汇总"
"""The name under which a district's own figures stand beside those of its units."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One figure that changed. ``unit`` is empty between two returns."""

    unit: str
    item: int
    old: Number | None
    new: Number | None
    old_text: str = ""
    new_text: str = ""

    @property
    def difference(self) -> Number | None:
        """New less old; None where one of them is no number."""
        if self.old_text or self.new_text:
            return None
        with localcontext(EXACT):
            value = (self.new or 0) - (self.old or 0)
        return tidy(value) if isinstance(value, Decimal) else value

    @property
    def share(self) -> float | None:
        """The difference as a share of the old figure; None where that is 0 or no number."""
        difference = self.difference
        return float(difference / self.old) if difference is not None and self.old else None

    @property
    def gone(self) -> bool:
        """Whether something became nothing."""
        return bool(self.old) and not self.new and not self.new_text

    @property
    def weight(self) -> float:
        """How much it matters: the square of the difference over the larger figure.

        So counts that vary by chance weigh about 1 whatever their size; 1 that becomes 0 is no
        news, 300 that become 200 are. What is gone weighs double, what is no number most.
        """
        difference = self.difference
        if difference is None:
            return float("inf")
        larger = max(abs(float(self.old or 0)), abs(float(self.new or 0)))
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
    if not (old.many and new.many):
        before, after = (next(iter(side.figures.values())) for side in (old, new))
        pairs = [("", before, after)]
        added: list[str] = []
        removed: list[str] = []
    else:
        names = {key(name): name for name in old.figures}
        pairs = [
            (name, old.figures[names[key(name)]], figures)
            for name, figures in new.figures.items()
            if key(name) in names
        ]
        new_keys = {key(name) for name in new.figures}
        added = [name for name in new.figures if key(name) not in names]
        removed = [name for name_key, name in names.items() if name_key not in new_keys]
    differences = [c for pair in pairs for c in _changed(form, old, new, *pair)]
    differences.sort(key=lambda c: (c.unit != WHOLE, -c.weight))
    texts = [t.name for t in form.texts if old.prose.get(t.name, "") != new.prose.get(t.name, "")]
    return Changes(
        form=form,
        old=old,
        new=new,
        figures=tuple(differences),
        added=tuple(added),
        removed=tuple(removed),
        texts=tuple(texts),
    )


def _changed(
    form: Form,
    old: Side,
    new: Side,
    unit: str,
    old_figures: Mapping[int, Number | None],
    new_figures: Mapping[int, Number | None],
) -> Iterator[Difference]:
    for item in form.items:
        at = item.index
        was, now = old_figures.get(at), new_figures.get(at)
        before, after = ("", "") if unit else (old.texts.get(at, ""), new.texts.get(at, ""))
        if (was, before) != (now, after):
            yield Difference(unit=unit, item=at, old=was, new=now, old_text=before, new_text=after)
