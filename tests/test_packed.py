"""Packed figures read like the lists that they were made from, in another process too."""

import errno
import io
import pickle
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.filled import FORM, LAYOUT, consistent
from support.replies import sent, truth
from xltools.checks.run import check
from xltools.inbox.pool import read_all
from xltools.inbox.reading import ReadReturn, read
from xltools.match.matcher import Matcher
from xltools.model.cells import Address
from xltools.model.numbers import Number
from xltools.model.packed import (
    PackedNumbers,
    PackedPlaces,
    PackedStatuses,
    kept,
    or_zero,
    packed,
    packed_numbers,
    placed,
    uncommon,
    unpacked,
)
from xltools.model.returns import Return, Status
from xltools.model.spill import NONE, PackedMapping, Spill

BOUNDS = [sign * (2**bits + more) for bits in (7, 8, 15, 16, 31, 32, 62, 63, 64, 100)
          for sign in (1, -1) for more in (-1, 0, 1)]  # fmt: skip
NUMBERS: st.SearchStrategy[Number | None] = st.one_of(
    st.none(),
    st.integers(),
    st.integers(-3, 300),
    st.sampled_from(BOUNDS),
    st.decimals(allow_nan=False, allow_infinity=False),
)
PLACES = st.one_of(
    st.none(),
    st.builds(
        Address,
        st.sampled_from(["表二", "表三", "Sheet1", ""]),
        st.integers(0, 1_048_575),
        st.integers(0, 16_383),
    ),
)


def agree(view: Sequence[object], values: Sequence[object]) -> None:
    """A view and the list that it was made from read alike in every way."""
    count = len(values)
    for twin in (view, pickle.loads(pickle.dumps(view))):
        assert len(twin) == count
        assert list(twin) == list(values)
        assert [twin[i] for i in range(count)] == list(values)
        assert [twin[i - count] for i in range(count)] == list(values)
        assert twin[1:-1] == values[1:-1]
        assert twin == values and twin == tuple(values) and values == twin
        assert twin == view and twin not in ([*values, None], 1)
        assert repr(twin) == repr(values)
        assert [(type(x), str(x)) for x in twin] == [(type(x), str(x)) for x in values]
        assert all(value in twin for value in values)
        for beyond in (count, -count - 1):
            with pytest.raises(IndexError):
                twin[beyond]


@given(st.lists(NUMBERS))
def test_numbers(numbers: list[Number | None]) -> None:
    agree(PackedNumbers.of(numbers), numbers)


@given(st.lists(NUMBERS))
def test_gaps_count_as_zero(numbers: list[Number | None]) -> None:
    held, zeroed = PackedNumbers.of(numbers), [0 if n is None else n for n in numbers]
    agree(held.or_zero(), zeroed)
    assert or_zero(numbers) == or_zero(held) == zeroed
    assert packed_numbers(zeroed, held) == zeroed and packed_numbers(numbers, held) is held
    assert (held == held.or_zero()) is (None not in numbers)


@given(st.lists(NUMBERS))
def test_uncommon_numbers(numbers: list[Number | None]) -> None:
    held = PackedNumbers.of(numbers)
    for view in (numbers, held, held.or_zero()):
        common = set(range(len(numbers))).difference(uncommon(view))
        assert all(isinstance(n := view[i], int) and abs(n) < 10**15 for i in common)
    assert uncommon(PackedNumbers.of([0, 7, 30_000])) == ()


@pytest.mark.parametrize("number", [None, 0, -1, 7, -9, *BOUNDS, Decimal("-1"), Decimal("0.10"),
                                    Decimal("1E+3"), Decimal("249.1801")])  # fmt: skip
def test_each_kind_of_number(number: Number | None) -> None:
    agree(PackedNumbers.of([number]), [number])
    agree(PackedNumbers.of([5, None, number, -1, number]), [5, None, number, -1, number])


@given(st.lists(st.sampled_from(Status)))
def test_statuses(statuses: list[Status]) -> None:
    view = PackedStatuses.of(statuses)
    agree(view, statuses)
    assert [status in view for status in Status] == [status in statuses for status in Status]
    assert not view.__contains__("given")


@given(st.lists(PLACES))
def test_places(places: list[Address | None]) -> None:
    agree(PackedPlaces.of(places), places)


def odd() -> Return:
    """A return with every kind of figure."""
    draft = consistent(1, typed=True)
    draft.blank("t3.received.natural", "t2.fees.charged")
    names = [item.name for item in FORM.items]
    figures: list[Number] = [-1, -7, 10**30, Decimal("3.5"), Decimal("-0.01"), 2**40]
    draft.figures |= dict(zip(names[20:], figures, strict=False))
    draft.figures |= {names[40]: None, names[41]: 0}
    draft.statuses |= {names[40]: Status.UNREADABLE, names[41]: Status.VOID}
    draft.found = {names[40]: "约30", names[41]: "/", names[23]: "3.5件"}
    draft.absent = {names[50]}
    draft.priors = {names[3]: 4, names[4]: Decimal("0.5")}
    return draft.made()


@pytest.mark.parametrize("places", [LAYOUT.addresses, odd().places, [None] * len(FORM.items)])
def test_a_return_comes_back_as_it_was(places: Sequence[Address | None]) -> None:
    ret = replace(odd(), places=tuple(places))
    sent_on: Return = pickle.loads(pickle.dumps(packed(ret, LAYOUT.addresses)))
    back = placed(sent_on, LAYOUT.addresses)
    assert unpacked(back) == ret
    assert [back.value(i) for i in range(len(FORM.items))] == [
        ret.value(i) for i in range(len(FORM.items))
    ]
    assert check(LAYOUT, back) == check(LAYOUT, ret)
    for spill in (Spill(), Spill(small=0)):
        held = kept(sent_on, LAYOUT.addresses, spill)
        assert held == back and back == held
        assert unpacked(held) == ret and unpacked(pickle.loads(pickle.dumps(held))) == ret
        assert check(LAYOUT, held) == check(LAYOUT, ret)
    in_place = tuple(places) == LAYOUT.addresses
    assert (len(sent_on.places) == 0) is in_place


ENTRIES = st.dictionaries(st.text(), st.one_of(st.text(), st.lists(st.integers())))


@given(st.lists(ENTRIES), st.sampled_from([0, 100, 1 << 20]))
def test_packed_mappings_read_like_dicts(dicts: list[dict[str, object]], small: int) -> None:
    spill = Spill(small)
    in_memory = [PackedMapping.of(entries) for entries in dicts]
    in_spill = [mapping.spilled(spill) for mapping in in_memory]
    again = [pickle.loads(pickle.dumps(mapping)) for mapping in in_spill]
    for mapping, entries in zip((*in_memory, *in_spill, *again), dicts * 3, strict=True):
        assert mapping == entries and entries == mapping and mapping == PackedMapping.of(entries)
        assert mapping != {**entries, "another": 1}
        assert dict(mapping) == entries and repr(mapping) == repr(entries)
        assert list(mapping.items()) == list(entries.items())
        assert (list(mapping), list(mapping.values())) == (list(entries), list(entries.values()))
        assert len(mapping) == len(entries) and bool(mapping) == bool(entries)
        assert mapping.get("none of these") is None
        with pytest.raises(KeyError):
            mapping["none of these"]
    assert all(m is NONE for m, entries in zip(in_spill, dicts, strict=True) if not entries)


@pytest.mark.parametrize("room", [0, 60, 130, 200])
def test_what_does_not_fit_on_the_disk_stays_in_memory(
    room: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Disk(io.BytesIO):
        """A file on a disk with ``room`` bytes, which takes what fits, and nothing once it is full,
        as system calls do.
        """

        def write(self, data: Any) -> int:
            fits = data[: room - self.tell()] if self.tell() < room else b""
            if not fits:
                raise OSError(errno.ENOSPC, "No space left on device")
            return super().write(fits)

    monkeypatch.setattr("xltools.model.spill.TemporaryFile", lambda buffering: Disk())
    spill, dicts = Spill(small=0), [{"a": "x" * n} for n in (20, 90, 20, 300, 5)]
    assert [PackedMapping.of(entries).spilled(spill) for entries in dicts] == dicts


def test_no_file_is_made_for_a_small_job(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(buffering: int) -> None:
        raise AssertionError("a file")

    monkeypatch.setattr("xltools.model.spill.TemporaryFile", refused)
    spill = Spill(small=100)
    assert PackedMapping.of({1: "x" * 50}).spilled(spill) == {1: "x" * 50}
    with pytest.raises(AssertionError, match="a file"):
        PackedMapping.of({1: "x" * 50}).spilled(spill)


def test_a_worker_sends_what_was_read(tmp_path: Path) -> None:
    figures = truth(3) | {"t3.received.natural": -1, "t2.fees.charged": Decimal("0.5")}
    plain = sent(tmp_path / "甲局.xlsx", "甲局", figures)
    (there,) = read("甲局.xlsx", plain, Matcher(LAYOUT))
    ((here,),) = read_all([("甲局.xlsx", plain)], LAYOUT)
    assert isinstance(there, ReadReturn) and isinstance(here, ReadReturn)
    assert unpacked(here.ret) == unpacked(there.ret)
    assert here.source == there.source
