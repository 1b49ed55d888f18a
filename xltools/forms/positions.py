"""Where the keys and values of a TOML text stand, so that a message can point at them.

``tomllib`` gives values without places. The text has passed it before it comes here, so this
reader only finds its way and judges nothing.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Path = tuple[str | int, ...]

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_KEY = re.compile(r'[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'')
_STRING = re.compile(
    r'"""(?P<b3>(?:[^\\]|\\[\s\S])*?"{0,2})"""(?!")|\'\'\'(?P<l3>[\s\S]*?\'{0,2})\'\'\'(?!\')'
    r'|"(?P<b1>(?:[^"\\\n]|\\.)*)"|\'(?P<l1>[^\'\n]*)\''
)
_SCALAR = re.compile(r"[^,\]}#\n]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Positions:
    """Places by path: ``("t3", "columns", 0, 2)`` is the third entry of the first column.

    ``keys``: where the name of a setting or section starts; ``values``: where a value starts, a
    string inside its quotes; ``exact``: strings without escapes, in which characters can be
    counted. All are indexes into ``text``.
    """

    text: str
    keys: Mapping[Path, int]
    values: Mapping[Path, int]
    exact: frozenset[Path]

    def line_column(self, index: int) -> tuple[int, int]:
        """Line and column, counted from 1, of an index into the text."""
        index = min(index, len(self.text))
        start = self.text.rfind("\n", 0, index) + 1
        return self.text.count("\n", 0, index) + 1, index - start + 1

    def find(self, path: Path, *, key: bool = False, offset: int = 0) -> tuple[int, int]:
        """Line and column of a value (of its name if ``key``), or of the nearest thing around it.

        ``offset`` counts characters into a string.
        """
        for places in (self.keys, self.values) if key else (self.values, self.keys):
            if path in places:
                inside = offset if places is self.values and path in self.exact else 0
                return self.line_column(places[path] + inside)
        return self.find(path[:-1], key=True) if path else (1, 1)


def positions(text: str) -> Positions:
    """The places in a text that ``tomllib`` has read, all line ends being line feeds."""
    reader = _Reader(text)
    reader.document()
    return Positions(
        text=text, keys=reader.keys, values=reader.values, exact=frozenset(reader.exact)
    )


class _Reader:
    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.keys: dict[Path, int] = {}
        self.values: dict[Path, int] = {}
        self.exact: set[Path] = set()
        self.counts: dict[Path, int] = {}  # of arrays of tables: how many so far

    def blank(self) -> None:
        self.at = self._matched(_BLANK).end()

    def _matched(self, pattern: re.Pattern[str]) -> re.Match[str]:
        found = pattern.match(self.text, self.at)
        assert found is not None, "tomllib has read this text"
        return found

    def took(self, mark: str) -> bool:
        if self.text.startswith(mark, self.at):
            self.at += len(mark)
            return True
        return False

    def document(self) -> None:
        section: Path = ()
        self.blank()
        while self.at < len(self.text):
            if self.took("[["):
                section = self.name((), header=True)
                number = self.counts[section] = self.counts.get(section, -1) + 1
                section = (*section, number)
                self.keys[section] = self.keys[section[:-1]]
                self.took("]]")
            elif self.took("["):
                section = self.name((), header=True)
                self.took("]")
            else:
                self.setting(section)
            self.blank()

    def name(self, above: Path, *, header: bool = False) -> Path:
        """The path that a dotted key leads to; sections run through the last of an array."""
        path = above
        while True:
            self.blank()
            if header and path in self.counts:
                path = (*path, self.counts[path])
            found = self._matched(_KEY)
            path = (*path, _plain(found[0]))
            self.keys[path] = found.start()
            self.at = found.end()
            self.blank()
            if not self.took("."):
                return path

    def setting(self, above: Path) -> None:
        path = self.name(above)
        self.took("=")
        self.value(path)

    def value(self, path: Path) -> None:
        self.blank()
        self.values[path] = self.at
        if string := _STRING.match(self.text, self.at):
            inside = string.lastgroup or "b1"
            start = string.start(inside)
            if inside.endswith("3") and self.text.startswith("\n", start):
                start += 1
            self.values[path] = start
            if inside.startswith("l") or "\\" not in string[inside]:
                self.exact.add(path)
            self.at = string.end()
        elif self.took("["):
            number = 0
            self.blank()
            while not self.took("]"):
                self.value((*path, number))
                number += 1
                self.blank()
                self.took(",")
                self.blank()
        elif self.took("{"):
            self.blank()
            while not self.took("}"):
                self.setting(path)
                self.blank()
                self.took(",")
                self.blank()
        else:
            self.at = self._matched(_SCALAR).end()


def _plain(key: str) -> str:
    """A key without its quotes and escapes."""
    if key[0] not in "\"'":
        return key
    read: dict[str, Any] = tomllib.loads(f"key = {key}")
    return str(read["key"])
