"""Find out which edition of a form a file was made for, and carry its figures over to another
edition.

A ministry changes its form from time to time, and units go on filling in the edition that they
have. Editions of a form are the forms of xltools whose names begin alike (``zfxxgk-2019``,
``zfxxgk-2021``).
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from xltools.forms.declaration import available, load
from xltools.match.labels import key
from xltools.model.cells import Address
from xltools.model.form import Form, Item, Table
from xltools.model.numbers import Number
from xltools.model.returns import Return, Status

_SHOWN: Final = 3  # labels that a finding names as the reason


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherEdition:
    """Another edition of a form that a file seems to follow. ``labels``: some texts in the file
    that only this edition prints, in the spelling of the form.
    """

    form: Form
    labels: tuple[str, ...]


def edition_of(form: Form, keys: Set[str]) -> OtherEdition | None:
    """The other edition of ``form`` that a file was made for; None where it was made for ``form``
    itself, or where its labels do not decide it. ``keys``: the keys of all texts in the file.

    The file must have at least half of the labels that only the other edition prints, and a greater
    share of them than of the labels that only ``form`` prints.
    """
    labels_here = _labels(form)
    for edition in _editions(form):
        labels_there = _labels(edition)
        only_there = labels_there.keys() - labels_here.keys()
        only_here = labels_here.keys() - labels_there.keys()
        present = only_there & keys
        if not present or 2 * len(present) < len(only_there):
            continue
        if not only_here or len(present) * len(only_here) > len(only_here & keys) * len(only_there):
            labels = tuple(text for k, text in labels_there.items() if k in present)
            return OtherEdition(form=edition, labels=labels[:_SHOWN])
    return None


def headings_of(form: Form, table: str, keys: Set[str]) -> OtherEdition | None:
    """The other edition of ``form`` that has most of those headings on the sheet which ``form``
    does not print anywhere; None where no other edition has any of them.

    ``table``: the key of the table; ``keys``: the keys of all texts on its sheet.
    """
    labels_here = _labels(form)
    editions = []
    for edition in _editions(form):
        printed = _printed(t for t in edition.tables if t.key == table)
        labels = tuple(t for k, t in printed.items() if k in keys and k not in labels_here)
        if labels:
            editions.append(OtherEdition(form=edition, labels=labels))
    return max(editions, key=lambda edition: len(edition.labels), default=None)


# A program reads few forms; the bound is for tests, which make many.
@lru_cache(maxsize=8)
def _editions(form: Form) -> tuple[Form, ...]:
    """The other editions of a form that come with xltools, the latest first."""
    names = [n for n in reversed(available()) if n != form.name]
    loaded = [load(n) for n in names if n.startswith(f"{form.form}-")]
    return tuple(f for f in loaded if f.form == form.form)


@lru_cache(maxsize=8)
def _labels(form: Form) -> dict[str, str]:
    """The texts that a form prints in its tables, by key, in the order of the form; without the
    titles and the corners of tables.
    """
    return _printed(form.tables)


def _printed(tables: Iterable[Table]) -> dict[str, str]:
    """The texts that tables print apart from their titles and corners, by key, in order."""
    texts: dict[str, str] = {}
    for table in tables:
        for block in table.blocks:
            headings = (*block.rows, *block.columns)
            for text in (block.title, *(label for h in headings for label in h.labels)):
                texts.setdefault(key(text), text)
    texts.pop("", None)
    return texts


@lru_cache(maxsize=8)
def common(old: Form, new: Form) -> Mapping[int, int]:
    """The items that two editions have in common: by the item number in ``old``, the item number in
    ``new``.

    Two such items have the same name and the same labels; or the same labels in tables of the same
    title, if these labels occur once in each edition. They always have the same type and unit, and
    are both inputs or both totals (whose parts may differ).
    """
    titles = {form: {t.key: t.title for t in form.tables} for form in (old, new)}

    def printed(form: Form, item: Item) -> tuple[str, ...]:
        """The title of an item's table followed by the labels of its row, an empty text, and the
        labels of its column.
        """
        return (titles[form][item.table], *item.rows, "", *item.columns)

    count_old, count_new = (Counter(printed(f, i) for i in f.items) for f in (old, new))
    by_path = {printed(new, i): i for i in new.items}
    pairs: dict[int, int] = {}
    for item in old.items:
        number = new.by_name.get(item.name)
        counterpart = new.items[number] if number is not None else None
        if counterpart is None or (counterpart.rows, counterpart.columns) != (
            item.rows,
            item.columns,
        ):
            path = printed(old, item)
            unique = count_old[path] == count_new[path] == 1
            counterpart = by_path.get(path) if unique else None
        if counterpart is not None and _same_kind(item, counterpart):
            pairs[item.index] = counterpart.index
    return pairs


def _same_kind(item: Item, counterpart: Item) -> bool:
    """Whether two items have the same type and unit, and both are inputs or both totals."""
    computed = (item.formula is None) == (counterpart.formula is None)
    return computed and (item.type, item.unit) == (counterpart.type, counterpart.unit)


def carried_over(ret: Return, old: Form, new: Form) -> Return:
    """Carry a return of one edition over to another: it keeps the inputs and texts that both
    editions have, and is blank elsewhere.

    Its cells are still those of the file that came in. A blank that the unit had declared to be
    zero becomes zero; totals are left to the formulas of ``new``. Findings and explanations are
    dropped, because they are about ``old``. ``ret`` itself is not changed.
    """
    size = len(new.items)
    numbers: list[Number | None] = [None] * size
    statuses = [Status.BLANK] * size
    places: list[Address | None] = [None] * size
    contents: dict[int, str] = {}
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
            contents[here] = ret.found[there]
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
        found=contents,
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
