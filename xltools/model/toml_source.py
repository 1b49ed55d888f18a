"""The text of a TOML file that people write, a form or settings: what it contains, where its keys
and values are in the text, and errors that point at their place.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NoReturn

from xltools.model.errors import FormError, TomlError
from xltools.model.text import meant

KeyPath = tuple[str | int, ...]

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_KEY = re.compile(r'[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'')
_STRING = re.compile(
    r'"""(?P<b3>(?:[^\\]|\\[\s\S])*?"{0,2})"""(?!")|\'\'\'(?P<l3>[\s\S]*?\'{0,2})\'\'\'(?!\')'
    r'|"(?P<b1>(?:[^"\\\n]|\\.)*)"|\'(?P<l1>[^\'\n]*)\''
)
_SCALAR = re.compile(r"[^,\]}#\n]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Positions:
    """The places of all keys and values in a TOML text, by their path: ``("t3", "columns", 0, 2)``
    is the third entry of the first column in the section [t3].

    ``keys``: where the name of a setting or section begins; ``values``: where a value begins, for a
    string after its quotation mark. Both are indexes into ``text``. ``exact``: the paths of strings
    without escapes, so that a character of the value can be found in the text by counting.
    """

    text: str
    keys: Mapping[KeyPath, int]
    values: Mapping[KeyPath, int]
    exact: frozenset[KeyPath]

    def line_column(self, index: int) -> tuple[int, int]:
        """The line and column of an index into the text, counted from 1."""
        index = min(index, len(self.text))
        start = self.text.rfind("\n", 0, index) + 1
        return self.text.count("\n", 0, index) + 1, index - start + 1

    def find(self, path: KeyPath, *, key: bool = False, offset: int = 0) -> tuple[int, int]:
        """The line and column, counted from 1, of the value with this path (of its name if
        ``key``); if that is not known, of the innermost section or setting around it. ``offset``:
        the number of characters into a string.
        """
        for places in (self.keys, self.values) if key else (self.values, self.keys):
            if path in places:
                inside = offset if places is self.values and path in self.exact else 0
                return self.line_column(places[path] + inside)
        return self.find(path[:-1], key=True) if path else (1, 1)


def positions(text: str) -> Positions:
    """Find the places of all keys and values in a text. `tomllib` must have accepted the text, and
    its lines must end in line feeds.
    """
    reader = _TomlReader(text)
    reader.document()
    return Positions(
        text=text, keys=reader.keys, values=reader.values, exact=frozenset(reader.exact)
    )


class _TomlReader:
    """Reads through a valid TOML text and notes where its keys and values are. ``at``: the index of
    the next character to read.
    """

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.keys: dict[KeyPath, int] = {}
        self.values: dict[KeyPath, int] = {}
        self.exact: set[KeyPath] = set()
        self.counts: dict[KeyPath, int] = {}  # by array of tables: the index of its last table

    def blank(self) -> None:
        """Skip white space and comments."""
        self.at = self._matched(_BLANK).end()

    def _matched(self, pattern: re.Pattern[str]) -> re.Match[str]:
        """Match a pattern at the present position (``at``), without moving. Raises ValueError if it
        does not match, which cannot happen in valid TOML.
        """
        match = pattern.match(self.text, self.at)
        if match is None:
            raise ValueError("no TOML, though tomllib has read it")
        return match

    def took(self, mark: str) -> bool:
        """If the text continues with ``mark`` at the present position (``at``), move behind it and
        return True; otherwise stay and return False.
        """
        if self.text.startswith(mark, self.at):
            self.at += len(mark)
            return True
        return False

    def document(self) -> None:
        """Read the whole text."""
        section: KeyPath = ()
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

    def name(self, above: KeyPath, *, header: bool = False) -> KeyPath:
        """Read a dotted key below the path ``above``, and return the path that it leads to. In a
        section ``header``, the name of an array of tables means its last table.
        """
        path = above
        while True:
            self.blank()
            if header and path in self.counts:
                path = (*path, self.counts[path])
            match = self._matched(_KEY)
            path = (*path, _plain(match[0]))
            self.keys[path] = match.start()
            self.at = match.end()
            self.blank()
            if not self.took("."):
                return path

    def setting(self, above: KeyPath) -> None:
        """Read one setting, ``key = value``, of the table with the path ``above``."""
        path = self.name(above)
        self.took("=")
        self.value(path)

    def value(self, path: KeyPath) -> None:
        """Read the value with this path, and all values in it."""
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
    """The key without quotation marks and escapes."""
    if key[0] not in "\"'":
        return key
    read: dict[str, Any] = tomllib.loads(f"key = {key}")
    return str(read["key"])


# Messages of tomllib, as regular expressions, and what is shown instead of them.
_MESSAGES: Final = (
    (r"Expected '=' after a key.*", "键的后面要有等号 ="),
    (r"Expected ('\]+') at the end of (?:a table|an array) declaration", r"这一行末尾要有 \1"),
    (r"Expected newline or end of document.*", "这一项已经写完，后面多了字；每项各占一行"),
    (r"Expected (.+)", r"这里应当是 \1"),
    (r"Cannot declare .* twice", "这一部分写了两次"),
    (r"Cannot (?:overwrite a value|redefine.*|mutate.*)", "同一个键写了两次"),
    (r"Duplicate inline table key (.+)", r"花括号里的 \1 写了两次"),
    (r"Unclosed array", "方括号没有收尾 ]"),
    (r"Unclosed inline table", "花括号没有收尾 }"),
    (r"Unterminated string", "引号没有收尾"),
    (r"Illegal character '\\[nr].*", "这一行的引号没有收尾"),
    (r"(?:Illegal|Found invalid) character (.+)", r"不能用的字符 \1；符号一律用英文半角"),
    (r"Invalid initial character for a key part", "键用字母、数字和 _，符号一律用英文半角"),
    (r"Invalid statement", "这一行写法不对：应是 [代号]，或 键 = 值；符号一律用英文半角"),
    (r"Invalid value", "等号后面的写法不对：文字要加英文半角的引号"),
    (r"Unescaped '\\\\' in a string", r"引号里的 \\ 要写两个"),
)


def toml_error(message: str) -> str:
    """Translate a message of `tomllib` (without its place) into Chinese; a message that is not
    known is quoted.
    """
    for pattern, words in _MESSAGES:
        match = re.fullmatch(pattern, message, re.S)
        if match:
            return match.expand(words)
    return f"不合 TOML 的写法（{message}）"


class Source:
    """The text of a file and the TOML ``data`` in it. Mistakes are raised as ``error``. Raises that
    if the text is not TOML.
    """

    def __init__(self, text: str, path: Path, error: type[TomlError] = FormError) -> None:
        self.text, self.path, self.error = text.replace("\r\n", "\n"), path, error
        try:
            self.data: dict[str, Any] = tomllib.loads(self.text)
        except tomllib.TOMLDecodeError as invalid:
            message = re.sub(r"\s*\(at [^()]*\)$", "", str(invalid))
            at = re.search(r"\(at line (\d+), column (\d+)\)$", str(invalid))
            last = self.text.rstrip().split("\n")
            line, column = (int(at[1]), int(at[2])) if at else (len(last), len(last[-1]) + 1)
            self.wrong_at(toml_error(message), line, column)
        except (ValueError, RecursionError):
            # tomllib raises these for a number with too many digits and for too deep brackets.
            self.wrong_at("数字太长，或括号套得太深", 1, 1)

    def wrong_at(self, message: str, line: int, column: int) -> NoReturn:
        """Raise the error for a line and column, counted from 1."""
        source = self.text.split("\n")[line - 1]
        raise self.error(message, path=self.path, line=line, column=column, source=source)

    def wrong(self, message: str, at: KeyPath, *, key: bool = False, offset: int = 0) -> NoReturn:
        """Raise the error and point at the value with the path ``at``, at its name (if ``key``), or
        at the character ``offset`` of it.
        """
        line, column = positions(self.text).find(at, key=key, offset=offset)
        self.wrong_at(message, line, column)

    def string(self, body: Mapping[str, Any], at: KeyPath, default: str | None = None) -> str:
        """The text of the setting with the path ``at`` in the table ``body``, without surrounding
        white space. Raises the error if it is not a text, and if there is no ``default`` also if it
        is missing or empty.
        """
        name = str(at[-1])
        value = body.get(name, default)
        if not isinstance(value, str) or (default is None and not value.strip()):
            self.wrong(f"缺少 '{name}'，或不是加引号的文字", at)
        return value.strip()

    def refuse_unknown(self, body: Mapping[str, Any], at: KeyPath, names: Iterable[str]) -> None:
        """Raise the error if the table ``body`` has a setting that is not among ``names``, since a
        misspelt one would otherwise be ignored without notice. ``at``: the path of the table.
        """
        for name in body:
            if name not in names:
                asked = meant(name, names)
                where = f"[{at[0]}] " if at else ""
                self.wrong(f"{where}没有 '{name}' 这个键{asked}", (*at, name), key=True)
