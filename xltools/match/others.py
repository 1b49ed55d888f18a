"""Whether what came in is another declared form's table: by labels that only the other has."""

from collections.abc import Iterable, Set
from dataclasses import dataclass
from functools import lru_cache

from xltools.forms.declaration import available, load
from xltools.match.labels import key
from xltools.model.form import Form, Table

TOLD = 3  # labels that are named as the reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Other:
    """Another edition of a form, with labels found that only it has, as it prints them."""

    form: Form
    labels: tuple[str, ...]


def edition_of(form: Form, keys: Set[str]) -> Other | None:
    """The edition of the same form that the texts of a file (their keys) speak of; None if that
    is the form itself, or cannot be told.

    At least half of what only the other edition prints must be there, and a greater share than
    of what only this one prints.
    """
    mine = _labels(form)
    for other in _editions(form):
        theirs = _labels(other)
        only, own = theirs.keys() - mine.keys(), mine.keys() - theirs.keys()
        found = only & keys
        if 2 * len(found) < len(only) or not found:
            continue
        if len(found) * len(own) > len(own & keys) * len(only) or not own:
            told = tuple(text for k, text in theirs.items() if k in found)
            return Other(form=other, labels=told[:TOLD])
    return None


def headings_of(form: Form, table: str, keys: Set[str]) -> Other | None:
    """The edition of a form that prints in a table, by its key, the most of the labels that a sheet
    has (keys of its texts) and this form prints nowhere; None where there is none.
    """
    mine = _labels(form)
    found = []
    for other in _editions(form):
        printed = _printed(t for t in other.tables if t.key == table)
        theirs = tuple(text for k, text in printed.items() if k in keys and k not in mine)
        if theirs:
            found.append(Other(form=other, labels=theirs))
    return max(found, key=lambda other: len(other.labels), default=None)


# A program reads few forms; the bound is for tests, which make many.
@lru_cache(maxsize=8)
def _editions(form: Form) -> tuple[Form, ...]:
    """The other editions of a form that come with xltools, the latest first."""
    names = [n for n in reversed(available()) if n != form.name]
    known = [load(n) for n in names if n.startswith(f"{form.form}-")]
    return tuple(f for f in known if f.form == form.form)


@lru_cache(maxsize=8)
def _labels(form: Form) -> dict[str, str]:
    """What a form prints in its tables beside titles and corners, by key, in order."""
    return _printed(form.tables)


def _printed(tables: Iterable[Table]) -> dict[str, str]:
    found: dict[str, str] = {}
    for table in tables:
        for block in table.blocks:
            headings = (*block.rows, *block.columns)
            for text in (block.title, *(label for h in headings for label in h.labels)):
                found.setdefault(key(text), text)
    found.pop("", None)
    return found
