"""Readings as plain data and back: all that the samples and the catalogue's cases hold."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from support.filled import LAYOUT
from xltools.inbox.listing import find
from xltools.inbox.plain import from_plain, to_plain
from xltools.inbox.reading import ReadFailure, Reading, ReadReturn, SetAside, read
from xltools.match.matcher import Matcher
from xltools.model.cells import Address, Area
from xltools.model.file_kinds import FileKind
from xltools.model.packed import packed
from xltools.model.record import Origin
from xltools.model.wording import Phrase, Shift, Value, few

SAMPLES = Path(__file__).parent.parent / "samples"


def returned(reading: Reading) -> Reading:
    """A reading after it was written and read again."""
    return from_plain(json.loads(json.dumps(to_plain(reading), ensure_ascii=False)))


def test_the_samples_come_back_as_they_were() -> None:
    matcher = Matcher(LAYOUT)
    readings = [
        reading
        for file in find(SAMPLES / "inbox")
        if isinstance(file.place, Path) and not file.ignored
        for reading in read(file.name, file.place, matcher)
    ]
    assert sum(isinstance(reading, ReadReturn) for reading in readings) > 10
    for reading in readings:
        if isinstance(reading, ReadReturn):
            sent = ReadReturn(
                source=reading.source, ret=packed(reading.ret, matcher.layout.addresses)
            )
            assert returned(sent) == sent
        assert returned(reading) == reading


@pytest.mark.parametrize(
    "value",
    [
        "text", -1, 10**30, Decimal("1.50"), None, Address("表二", 3, 4), Area(1, 2, 3, 4),
        Phrase.BLANK, Phrase.BOTH("甲", Phrase.BLANK_CELLS(3)), few([1, Decimal("2.5"), "三"]),
        Shift(columns=True, first=1, last=2, by=-3, onwards=False), FileKind.XLSX,
    ],
)  # fmt: skip
def test_every_value_of_a_finding(value: Value) -> None:
    source = Origin(path="甲.xlsx", date=datetime(2026, 1, 2, 3, 4, 5, 600), senders=("a@b",))
    failure = ReadFailure(source=source, code="F-02", detail=value)
    assert returned(failure) == failure
    aside = SetAside(source=source, reason=value)
    assert returned(aside) == aside


@pytest.mark.parametrize(
    "data",
    [
        {"=": "Origin", "path": "a"}, {"=": "Popen", "args": "true"}, {"=": "SetAside"}, 7, {},
        {"=": "Phrase", "name": "NONE_SUCH"}, {"=": "Status", "name": "__class__"},
    ],
)  # fmt: skip
def test_nothing_else_comes_out(data: object) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        from_plain(data)


def test_what_is_not_known_is_not_written() -> None:
    with pytest.raises(TypeError):
        to_plain(SetAside(source=Origin(path="a", date=object()), reason=""))  # type: ignore[arg-type]  # on purpose
