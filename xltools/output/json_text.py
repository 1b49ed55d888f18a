"""Data as JSON text in pieces, so that a large result is never in memory as a whole."""

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class DataList(Sequence[Any], Generic[T]):
    """A list of data that are made when they are read, and not kept. ``make`` makes an element from
    one of ``sources``.
    """

    def __init__(self, sources: Sequence[T], make: Callable[[T], Any]) -> None:
        self._sources, self._make = sources, make

    def __len__(self) -> int:
        return len(self._sources)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self._make(source) for source in self._sources[index]]
        return self._make(self._sources[index])

    def __iter__(self) -> Iterator[Any]:
        return map(self._make, self._sources)


_PLAIN = frozenset((str, int, float, bool, type(None)))


def json_pieces(data: object) -> Iterator[str]:
    """The text that ``json.dumps(data, ensure_ascii=False, indent=1)`` gives, in pieces. Where
    ``data`` is a dict, each of its values may be a `DataList`, which gives a piece for each of its
    elements.
    """
    if not isinstance(data, dict) or not any(isinstance(v, DataList) for v in data.values()):
        yield _text(data, 0)
        return
    before = "{"
    for key, value in data.items():
        yield f"{before}\n {_dump(key)}: "
        if isinstance(value, DataList) and value:
            yield "["
            between = ""
            for element in value:
                yield f"{between}\n  {_text(element, 2)}"
                between = ","
            yield "\n ]"
        else:
            yield "[]" if isinstance(value, DataList) else _text(value, 1)
        before = ","
    yield "\n}"


_dump = json.JSONEncoder(ensure_ascii=False).encode


def _text(data: object, depth: int) -> str:
    """Data as text. ``depth``: how many lists and dicts it stands in."""
    if not isinstance(data, dict | list | tuple) or not data:
        return _dump(data)
    margin, end = "\n" + " " * (depth + 1), "\n" + " " * depth
    if _PLAIN.issuperset(map(type, data.values() if isinstance(data, dict) else data)):
        # With an indent, json does not use its encoder in C; with these separators it does.
        text = json.dumps(data, ensure_ascii=False, separators=(f",{margin}", ": "))
        return f"{text[0]}{margin}{text[1:-1]}{end}{text[-1]}"
    if isinstance(data, dict):
        members = (f"{_dump(key)}: {_text(value, depth + 1)}" for key, value in data.items())
        return f"{{{margin}{f',{margin}'.join(members)}{end}}}"
    return f"[{margin}{f',{margin}'.join(_text(member, depth + 1) for member in data)}{end}]"
