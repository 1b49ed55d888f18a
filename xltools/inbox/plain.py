"""Readings as plain data, and back: what may be kept in a storage to which others have access.
Plain data is what JSON knows; only the classes named here can come out of it, unlike from a pickle.
"""

from collections.abc import Mapping
from dataclasses import MISSING, fields, replace
from datetime import datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, Final

from xltools.inbox.reading import ReadFailure, Reading, ReadReturn, SetAside
from xltools.model.cells import Address, Area
from xltools.model.file_kinds import FileKind
from xltools.model.findings import Finding
from xltools.model.form import Severity
from xltools.model.identity import Identity
from xltools.model.packed import PackedNumbers, PackedPlaces, PackedStatuses, packed
from xltools.model.record import Origin
from xltools.model.returns import Explanation, Named, Return, Status
from xltools.model.spill import PackedMapping
from xltools.model.wording import Listing, NamingPlace, Phrase, Saying, Shift

Plain = Any  # None, a truth value, a number, a text, a list or a dict with texts as keys

_RECORDS: Final[Mapping[str, type]] = {
    kind.__name__: kind
    for kind in (
        *(ReadReturn, ReadFailure, SetAside, Origin, Return, Identity, Finding, Explanation, Named),
        *(Address, Area, Saying, Listing, Shift),
    )
}
_ENUMS: Final[Mapping[str, type[Enum]]] = {
    kind.__name__: kind for kind in (FileKind, NamingPlace, Phrase, Severity, Status)
}
_AS_THEY_ARE: Final = frozenset((str, int, bool, type(None)))
_KIND: Final = "="  # the key that says what a dict stands for; no field has this name


def to_plain(reading: Reading) -> Plain:
    """A reading as plain data. Its return is packed for that, if it is not yet."""
    if isinstance(reading, ReadReturn) and not isinstance(reading.ret.numbers, PackedNumbers):
        reading = replace(reading, ret=packed(reading.ret, ()))
    return _plain(reading)


def from_plain(data: Plain) -> Reading:
    """The reading that `to_plain` made plain; its return is packed. Raises ValueError, KeyError,
    TypeError or AttributeError for data that it has not made.
    """
    reading = _value(data)
    if not isinstance(reading, ReadReturn | ReadFailure | SetAside):
        raise ValueError("no reading")
    return reading


def _plain(value: object) -> Plain:
    """A value as plain data: a text, a number and the like as it is, anything else as a dict that
    says under ``=`` what it is.
    """
    if type(value) in _AS_THEY_ARE:  # as most are
        return value
    match value:
        case Address():
            return {_KIND: "Address", "sheet": value.sheet, "row": value.row, "col": value.col}
        case list():
            return [_plain(part) for part in value]
        case tuple():
            return {_KIND: "tuple", "all": [_plain(part) for part in value]}
        case Enum() if not isinstance(value, str):
            return {_KIND: type(value).__name__, "name": value.name}
        case int() | str():
            return value
        case PackedNumbers():
            return {_KIND: "numbers", "all": [n if type(n) is int else _plain(n) for n in value]}
        case PackedStatuses():
            return {_KIND: "statuses", "all": value.letters}
        case PackedPlaces():
            cells = [place and [place.sheet, place.row, place.col] for place in value]
            return {_KIND: "places", "all": cells}
        case Decimal() | datetime():
            return {_KIND: type(value).__name__.lower(), "text": str(value)}
        case frozenset():
            return {_KIND: "set", "all": sorted(map(_plain, value))}
        case Mapping():
            kind = "packed" if isinstance(value, PackedMapping) else "map"
            return {_KIND: kind, "all": [[_plain(k), _plain(v)] for k, v in value.items()]}
    kind = type(value).__name__
    if _RECORDS.get(kind) is not type(value):
        raise TypeError(f"{kind} is not kept as plain data")
    defaults = _defaults(kind)
    said = {name: getattr(value, name) for name in defaults}
    told = {n: _plain(v) for n, v in said.items() if v is not defaults[n] and v != defaults[n]}
    return {_KIND: kind, **told}


@cache
def _defaults(kind: str) -> dict[str, object]:
    """The fields of a record with their defaults, an object of its own where there is none.
    ``kind``: the name of its class.
    """
    return {
        field.name: field.default_factory()
        if field.default_factory is not MISSING
        else object()
        if field.default is MISSING
        else field.default
        for field in fields(_RECORDS[kind])
    }


def _value(data: Plain) -> Any:
    """The value that `_plain` made plain."""
    if isinstance(data, list):
        return [_value(part) for part in data]
    if not isinstance(data, dict):
        return data
    kind = data[_KIND]
    if kind in _RECORDS:
        return _RECORDS[kind](**{name: _value(v) for name, v in data.items() if name != _KIND})
    if kind in _ENUMS:
        return _ENUMS[kind][data["name"]]
    match kind:
        case "numbers":
            return PackedNumbers.of([_value(n) if type(n) is dict else n for n in data["all"]])
        case "statuses":
            return PackedStatuses.of_letters(data["all"])
        case "places":
            return PackedPlaces.of([place and Address(*place) for place in data["all"]])
        case "decimal":
            return Decimal(data["text"])
        case "datetime":
            return datetime.fromisoformat(data["text"])
        case "tuple":
            return tuple(_value(part) for part in data["all"])
        case "set":
            return frozenset(_value(part) for part in data["all"])
        case "map":
            return {_value(k): _value(v) for k, v in data["all"]}
        case "packed":
            return PackedMapping.of({_value(k): _value(v) for k, v in data["all"]})
    raise ValueError(f"{kind} is no kind of plain data")
