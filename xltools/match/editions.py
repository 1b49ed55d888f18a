"""Two editions of a form: what they have in common, and a return of one read as the other's."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

from xltools.model.cells import Address
from xltools.model.form import Form, Item
from xltools.model.numbers import Number
from xltools.model.returns import Return, Status


@lru_cache(maxsize=8)
def common(old: Form, new: Form) -> Mapping[int, int]:
    """Items of the old form that the new one has as well: number there -> number here.

    The same name and the same labels, or else the same labels under a table of the same title
    where these occur once; always of the same type and unit, an input for an input, a total for
    a total (which may have other parts).
    """
    titles = {form: {t.key: t.title for t in form.tables} for form in (old, new)}

    def printed(form: Form, item: Item) -> tuple[str, ...]:
        return (titles[form][item.table], *item.rows, "", *item.columns)

    there, here = (Counter(printed(form, i) for i in form.items) for form in (old, new))
    by_path = {printed(new, i): i for i in new.items}
    pairs: dict[int, int] = {}
    for item in old.items:
        number = new.by_name.get(item.name)
        found = new.items[number] if number is not None else None
        if found is None or (found.rows, found.columns) != (item.rows, item.columns):
            path = printed(old, item)
            found = by_path.get(path) if there[path] == here[path] == 1 else None
        if found is not None and _alike(item, found):
            pairs[item.index] = found.index
    return pairs


def _alike(one: Item, other: Item) -> bool:
    computed = (one.formula is None) == (other.formula is None)
    return computed and (one.type, one.unit) == (other.type, other.unit)


def carried_over(ret: Return, old: Form, new: Form) -> Return:
    """A return of the old form as one of the new: inputs in common and texts, the rest blank.

    Places stay those in the file that came in. A blank that the unit had declared to be zero is
    a zero; totals are left to the new form's formulas. Findings and explanations, which speak of
    the old form, are dropped.
    """
    size = len(new.items)
    numbers: list[Number | None] = [None] * size
    statuses = [Status.BLANK] * size
    places: list[Address | None] = [None] * size
    found: dict[int, str] = {}
    pairs = common(old, new)
    for there, here in pairs.items():
        item = old.items[there]
        if item.formula is not None:
            continue
        status = ret.statuses[there]
        declared = ret.zero or item.table in ret.none
        numbers[here], statuses[here] = ret.numbers[there], status
        if status is Status.BLANK and declared:
            numbers[here], statuses[here] = 0, Status.GIVEN
        if ret.places:
            places[here] = ret.places[there]
        if there in ret.found:
            found[here] = ret.found[there]
    identity = ret.identity
    if identity is not None:
        identity = replace(identity, form=new.form, edition=new.edition)
    names = {text.name: text.label for text in new.texts}
    texts = {t.name: ret.texts[t.name] for t in old.texts
             if t.name in ret.texts and names.get(t.name) == t.label}  # fmt: skip
    return replace(
        ret,
        identity=identity,
        numbers=numbers,
        statuses=statuses,
        places=places,
        typed=frozenset(),
        found=found,
        zero=False,
        none=frozenset(),
        missing=frozenset(),
        texts=texts,
        explanations={},
        explained=(),
        priors={pairs[i]: n for i, n in ret.priors.items() if i in pairs},
        other="",
        findings=(),
    )
