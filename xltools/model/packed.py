"""Returns packed, for sending them from a worker and for keeping them.

A form has some 200 items and an inbox thousands of returns: as lists of objects, the figures would
take most of the memory. The sequences in this module have one entry for each item of a form. They
can be read like lists and equal any sequence of equal values, but they keep their values in arrays
of small integers, with a table beside them for values that are not small integers.
"""

from abc import abstractmethod
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from sys import intern
from typing import Any, Final, Literal, Self, TypeVar, cast

from xltools.model.cells import Address
from xltools.model.identity import Identity
from xltools.model.numbers import Number
from xltools.model.returns import Return, Status
from xltools.model.spill import NONE, PackedMapping, Spill

T = TypeVar("T")

_NONE: Final = -1
_STATUSES: Final = (Status.GIVEN, Status.BLANK, Status.VOID, Status.UNREADABLE)
_CODES: Final = {status: code for code, status in enumerate(_STATUSES)}
_LETTERS: Final = {code: status.value[0] for status, code in _CODES.items()}
_BY_LETTER: Final = {letter: code for code, letter in _LETTERS.items()}


def _narrow(integers: Sequence[int]) -> "array[int]":
    """The integers as an array of the narrowest type that can hold them. Raises OverflowError if
    one of them does not fit into 64 bits.
    """
    for code in "bhi":
        try:
            return array(code, integers)
        except OverflowError:
            continue
    return array("q", integers)


class _Packed(Sequence[T]):
    """A sequence that keeps its values in another form than it returns them. It cannot be
    changed.
    """

    __slots__ = ()

    @abstractmethod
    def unpacked(self) -> list[T]:
        """All values in their order."""

    def __iter__(self) -> Iterator[T]:
        return iter(self.unpacked())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and self.unpacked() == list(other)

    __hash__ = None  # type: ignore[assignment]  # because it may equal a list, which has none

    def __repr__(self) -> str:
        return repr(self.unpacked())


class PackedNumbers(_Packed[Number | None]):
    """Numbers exactly as they were read, None where there is none.

    ``integers``: the numbers; -1 if there is none, or if it cannot be kept in the array.
    ``others``: the numbers that cannot, by position: a Decimal, an integer of more than 63 bits,
    and -1 itself. ``gaps``: whether there is no number at some position; ``gap``: what is returned
    for such a position, None or 0.
    """

    __slots__ = ("_gap", "_gaps", "_integers", "_others")

    def __init__(
        self,
        integers: "array[int]",
        others: Mapping[int, Number],
        gaps: bool,
        gap: Literal[0] | None = None,
    ) -> None:
        self._integers, self._others, self._gaps, self._gap = integers, others, gaps, gap

    @classmethod
    def of(cls, numbers: Sequence[Number | None]) -> Self:
        """Pack numbers."""
        if isinstance(numbers, cls):
            return numbers
        integers = [n if type(n) is int else _NONE for n in numbers]
        try:
            held = _narrow(integers)
        except OverflowError:
            integers = [n if n.bit_length() < 64 else _NONE for n in integers]
            held = _narrow(integers)
        if _NONE not in integers:
            return cls(held, {}, False)
        free = [i for i, integer in enumerate(integers) if integer == _NONE]
        others = {i: n for i in free if (n := numbers[i]) is not None}
        return cls(held, others, len(others) < len(free))

    def __eq__(self, other: object) -> bool:
        if isinstance(other, PackedNumbers):
            return (
                self._integers == other._integers
                and self._others == other._others
                and (self._gap == other._gap or not self._gaps)
            )
        return super().__eq__(other)

    __hash__ = None  # as in `_Packed`

    def __reduce__(self) -> tuple[type[Self], tuple[object, ...]]:
        return type(self), (self._integers, self._others, self._gaps, self._gap)

    def __len__(self) -> int:
        return len(self._integers)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return self.unpacked()[index]
        number = self._integers[index]
        if number != _NONE:
            return number
        return self._others.get(index if index >= 0 else index + len(self), self._gap)

    @property
    def uncommon(self) -> Sequence[int] | None:
        """The positions of all numbers but integers of at most 15 digits, and perhaps of some of
        these; None where each number must be looked at to find out.
        """
        small = (self._gap == 0 or not self._gaps) and self._integers.itemsize < 8
        return tuple(self._others) if small else None

    def unpacked(self) -> list[Number | None]:
        """All numbers in their order."""
        numbers: list[Number | None] = [*self._integers]
        if self._gaps:
            gap = self._gap
            numbers = [gap if n == _NONE else n for n in numbers]
        for index, number in self._others.items():
            numbers[index] = number
        return numbers

    def or_zero(self) -> Self:
        """The same numbers with 0 where there is none. They take no memory of their own."""
        return type(self)(self._integers, self._others, self._gaps, 0) if self._gaps else self


@lru_cache(maxsize=16)
def _all_given(count: int) -> bytes:
    """The codes of statuses that are all GIVEN, in memory once for all returns of a form."""
    return bytes(count)


class PackedStatuses(_Packed[Status]):
    """Statuses. ``codes``: one byte for each, its index in ``_STATUSES``."""

    __slots__ = ("_codes",)

    def __init__(self, codes: bytes) -> None:
        self._codes = codes if codes.strip(b"\0") else _all_given(len(codes))

    @classmethod
    def of(cls, statuses: Sequence[Status]) -> Self:
        """Pack statuses."""
        if isinstance(statuses, cls):
            return statuses
        # Nearly all are GIVEN or BLANK, and looking up an Enum in a dict is slow.
        given, blank = Status.GIVEN, Status.BLANK
        if statuses.count(given) == len(statuses):
            return cls(_all_given(len(statuses)))
        return cls(bytes([0 if s is given else 1 if s is blank else _CODES[s] for s in statuses]))

    def __reduce__(self) -> tuple[type[Self], tuple[object, ...]]:
        return type(self), (self._codes,)

    def __len__(self) -> int:
        return len(self._codes)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return self.unpacked()[index]
        return _STATUSES[self._codes[index]]

    def __contains__(self, status: object) -> bool:
        return isinstance(status, Status) and _CODES[status] in self._codes

    @property
    def letters(self) -> str:
        """The statuses as a text with a letter for each: the first of its value."""
        return self._codes.decode("ascii").translate(_LETTERS)

    @classmethod
    def of_letters(cls, letters: str) -> Self:
        """Pack the statuses that `letters` gave. Raises KeyError for any other text."""
        return cls(bytes([_BY_LETTER[letter] for letter in letters]))

    def positions(self, status: Status) -> list[int]:
        """The positions at which a status is, in ascending order."""
        code = _CODES[status]
        if code not in self._codes:
            return []
        return [position for position, held in enumerate(self._codes) if held == code]

    def unpacked(self) -> list[Status]:
        """All statuses in their order."""
        if not self._codes.strip(b"\0"):  # all are GIVEN, as in most returns
            return [Status.GIVEN] * len(self._codes)
        return [_STATUSES[code] for code in self._codes]


def uncommon(numbers: Sequence[Number | None]) -> Sequence[int]:
    """The positions of those numbers that may be anything but integers of at most 15 digits. Of
    packed numbers, hardly any is looked at.
    """
    if isinstance(numbers, PackedNumbers) and (positions := numbers.uncommon) is not None:
        return positions
    return [
        position
        for position, number in enumerate(numbers)
        if type(number) is not int or abs(number) >= 10**15
    ]


class PackedPlaces(_Packed[Address | None]):
    """Cells, None for an item that was not found. Each Address is made only when it is read.

    ``names``: the sheets on which the cells are. ``sheets``: for each cell, the index of its sheet
    in ``names``, -1 for no cell. ``rows`` and ``cols``: the row and column of each cell.
    """

    __slots__ = ("_cols", "_names", "_rows", "_sheets")

    def __init__(
        self, names: tuple[str, ...], sheets: "array[int]", rows: "array[int]", cols: "array[int]"
    ) -> None:
        self._names, self._sheets, self._rows, self._cols = names, sheets, rows, cols

    @classmethod
    def of(cls, places: Sequence[Address | None]) -> Self:
        """Pack cells."""
        names = tuple({place.sheet: None for place in places if place is not None})
        sheets = {name: position for position, name in enumerate(names)}
        return cls(
            names,
            _narrow([_NONE if place is None else sheets[place.sheet] for place in places]),
            _narrow([0 if place is None else place.row for place in places]),
            _narrow([0 if place is None else place.col for place in places]),
        )

    def __reduce__(self) -> tuple[type[Self], tuple[object, ...]]:
        return type(self), (self._names, self._sheets, self._rows, self._cols)

    def __len__(self) -> int:
        return len(self._sheets)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return self.unpacked()[index]
        sheet = self._sheets[index]
        if sheet == _NONE:
            return None
        return Address(self._names[sheet], self._rows[index], self._cols[index])

    def unpacked(self) -> list[Address | None]:
        """All cells in their order."""
        return [self[index] for index in range(len(self))]


def packed_numbers(
    numbers: Sequence[Number | None], held: Sequence[Number | None]
) -> Sequence[Number | None]:
    """Numbers, packed; or ``held``, packed numbers that are in memory already, if they are the
    same, or are so with 0 where there is none.
    """
    wanted = [*numbers]
    if [*held] == wanted:
        return held
    if isinstance(held, PackedNumbers) and (zeroed := held.or_zero()).unpacked() == wanted:
        return zeroed
    return PackedNumbers.of(wanted)


def or_zero(numbers: Sequence[Number | None]) -> list[Number]:
    """The numbers in a list, with 0 for each one that is None."""
    if isinstance(numbers, PackedNumbers):
        return cast("list[Number]", numbers.or_zero().unpacked())
    return [0 if number is None else number for number in numbers]


def having(ret: Return, status: Status) -> list[int]:
    """The items of a return (item numbers, ascending) that have a status."""
    statuses = ret.statuses
    if isinstance(statuses, PackedStatuses):
        return statuses.positions(status)
    return [item for item, held in enumerate(statuses) if held is status]


def packed(ret: Return, expected: Sequence[Address | None]) -> Return:
    """A return with its figures, texts and last year's figures packed, to be sent from a worker.

    ``expected``: the cells of all items in the template. If the items of the return are in these
    same cells, as in most returns, its ``places`` are left empty, and ``placed`` and ``kept``
    restore them.
    """
    in_place = tuple(ret.places) == expected
    return replace(
        ret,
        numbers=PackedNumbers.of(ret.numbers),
        statuses=PackedStatuses.of(ret.statuses),
        places=() if in_place else PackedPlaces.of(ret.places),
        texts=PackedMapping.of(ret.texts),
        lines=PackedMapping.of(ret.lines),
        priors=PackedMapping.of(ret.priors),
    )


def placed(ret: Return, expected: Sequence[Address | None]) -> Return:
    """A packed return with its places restored, and its texts and last year's figures in dicts
    again. ``expected`` is the same as for ``packed``.
    """
    return replace(
        ret,
        places=ret.places or expected,
        texts=dict(ret.texts.items()),
        lines=dict(ret.lines.items()),
        priors=dict(ret.priors.items()),
    )


_NO_NAMES: Final[frozenset[str]] = frozenset()
_NO_ITEMS: Final[frozenset[int]] = frozenset()


def kept(ret: Return, expected: Sequence[Address | None], spill: Spill) -> Return:
    """A packed return as it is kept when there are thousands: its places restored, its texts and
    last year's figures in ``spill``, and whatever is the same in many returns once in memory.
    ``expected`` is the same as for ``packed``.
    """
    return replace(
        ret,
        identity=_interned(ret.identity) if ret.identity is not None else None,
        places=ret.places or expected,
        typed=ret.typed or _NO_ITEMS,
        found=ret.found or NONE,
        none=ret.none or _NO_NAMES,
        missing=ret.missing or _NO_NAMES,
        texts=PackedMapping.of(ret.texts).spilled(spill),
        lines=PackedMapping.of(ret.lines).spilled(spill),
        explanations=ret.explanations or NONE,
        priors=PackedMapping.of(ret.priors).spilled(spill),
        unit=intern(ret.unit),
        named=ret.named or NONE,
    )


def _interned(identity: Identity) -> Identity:
    """An identity whose texts are in memory once for all returns that have the same."""
    return replace(
        identity,
        kind=intern(str(identity.kind)),
        form=intern(identity.form),
        edition=intern(identity.edition),
        unit=intern(identity.unit),
        version=intern(identity.version),
        category=intern(identity.category),
    )


def unpacked(ret: Return) -> Return:
    """A return with its figures in lists and everything else in dicts, for work that reads them
    many times: reading from a list is four times as fast.
    """
    return replace(
        ret,
        numbers=list(ret.numbers),
        statuses=list(ret.statuses),
        places=tuple(ret.places),
        found=dict(ret.found.items()),
        texts=dict(ret.texts.items()),
        explanations=dict(ret.explanations.items()),
        priors=dict(ret.priors.items()),
    )
