"""What a decision rests on, in words that people read and that compare exactly.

``表三!D5=12；表三!D6=空白；上年表三!D29=36``: entries, each a place and what stood there. Numbers
compare by value, all else by its letters, whatever the spaces and widths.
"""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal

from xltools.model import numbers
from xltools.model.roster import key

Basis = Mapping[str, str]
"""What stood where. The empty key: a figure alone, which people write for the one they mean."""

BLANK = "空白"
_SPLIT = re.compile(r"[；;\r\n]+")


def basis_of(text: str) -> dict[str, str]:
    """The entries of a text."""
    found: dict[str, str] = {}
    for part in _SPLIT.split(text):
        place, mark, value = part.replace("＝", "=").partition("=")
        if not mark:
            place, value = "", place
        if key(place) or key(value):
            found[key(place)] = value.strip()
    return found


def text_of(basis: Basis) -> str:
    """The text of entries; the marks that separate them are taken out of what stood there."""
    return "；".join(
        f"{place}={_plain(value)}" if place else _plain(value) for place, value in basis.items()
    )


def _plain(value: str) -> str:
    return " ".join(_SPLIT.sub("，", value).replace("=", "＝").split())


def same(one: str, other: str) -> bool:
    """Whether two entries say the same, numbers by value."""
    a, b = _value(one), _value(other)
    return a == b


def _value(text: str) -> Decimal | str:
    reading = numbers.read(_plain(text))
    if reading is not None and reading.kind is numbers.Kind.NUMBER and reading.number is not None:
        return Decimal(reading.number)
    return key(_plain(text)).strip("“”\"'") or BLANK


def changes(made_on: Basis, now: Basis) -> list[str] | None:
    """The entries that are no longer as they were, in words; None when nothing is shared.

    A decision may rest on a part of the figures (written by hand) or on more (several findings).
    """
    if not made_on:
        return []
    known = {key(place): (place, value) for place, value in now.items()}
    if set(made_on) == {""} and now:
        known[""] = next(iter(now.items()))
    shared = [place for place in made_on if place in known]
    if not shared:
        return None
    return [
        f"{known[place][0]} 原为 {made_on[place]}，现为 {known[place][1]}"
        for place in shared
        if not same(made_on[place], known[place][1])
    ]


def joined(parts: Iterable[Basis]) -> dict[str, str]:
    """The entries of several in one."""
    found: dict[str, str] = {}
    for part in parts:
        found |= part
    return found
