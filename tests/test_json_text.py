"""JSON in pieces: the text that Python's own encoder gives, and nothing of it kept."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from xltools.output.json_text import DataList, json_pieces

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
DATA = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20
)


@given(DATA)
def test_data_is_written_as_json_writes_it(data: Any) -> None:
    assert "".join(json_pieces(data)) == json.dumps(data, ensure_ascii=False, indent=1)


@given(st.dictionaries(st.text(), st.lists(DATA)))
def test_a_list_made_when_read_is_written_as_a_list(data: Mapping[str, list[Any]]) -> None:
    lazy = {key: DataList(members, lambda member: member) for key, members in data.items()}
    assert "".join(json_pieces(lazy)) == json.dumps(data, ensure_ascii=False, indent=1)


def test_elements_are_made_one_by_one() -> None:
    made: list[int] = []

    def make(number: int) -> dict[str, int]:
        made.append(number)
        return {"number": number}

    numbers = DataList(range(3), make)
    assert (len(numbers), made) == (3, [])
    assert (numbers[1], numbers[:1], made) == ({"number": 1}, [{"number": 0}], [1, 0])
    made.clear()
    counts = [len(made) for piece in json_pieces({"numbers": numbers}) if '"number":' in piece]
    assert counts == [1, 2, 3]
