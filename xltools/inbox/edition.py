"""A return on another edition of the form: what both editions have, kept for its correction."""

from dataclasses import replace
from functools import lru_cache

from xltools.forms.declaration import available, load
from xltools.layout.places import lay_out
from xltools.match.editions import carried_over
from xltools.match.matcher import Matcher
from xltools.model.form import Form
from xltools.model.returns import Return
from xltools.readers.workbook import Book


def in_common(ret: Return, book: Book, form: Form) -> Return:
    """A return as it was matched with ``form``, or, if it is on another edition of it, read as
    that and carried over; ``Return.other`` then names the edition. Raises ReadError for a sheet
    that is damaged.
    """
    identity = ret.identity
    name = ret.other
    if identity is not None and identity.form == form.form and identity.edition != form.edition:
        name = f"{identity.form}-{identity.edition}"
    if not name or name not in available():
        return ret
    matcher = _matcher(name)
    made = carried_over(matcher.match(book), matcher.form, form)
    said = tuple(f for f in ret.findings if f.code == "I-12")
    return replace(made, identity=identity, other=name, findings=said)


@lru_cache(maxsize=4)
def _matcher(name: str) -> Matcher:
    return Matcher(lay_out(load(name)))
