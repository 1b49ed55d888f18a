"""The text of a form file: its data, and errors that point at their place, in the words of its
users.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NoReturn

from xltools.forms.positions import Path as Where
from xltools.forms.positions import positions
from xltools.model.errors import SpecError
from xltools.model.text import meant

_SAID: Final = (
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
    """A message of `tomllib`, without its place, in Chinese; quoted where it is not known."""
    for pattern, words in _SAID:
        found = re.fullmatch(pattern, message, re.S)
        if found:
            return found.expand(words)
    return f"不合 TOML 的写法（{message}）"


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A formula as it stands in the file, and where."""

    text: str
    at: Where


class Source:
    """One form file. ``data`` is what its TOML says. Raises SpecError when it is no TOML."""

    def __init__(self, text: str, path: Path) -> None:
        self.text, self.path = text.replace("\r\n", "\n"), path
        try:
            self.data: dict[str, Any] = tomllib.loads(self.text)
        except tomllib.TOMLDecodeError as error:
            said = re.sub(r"\s*\(at [^()]*\)$", "", str(error))
            at = re.search(r"\(at line (\d+), column (\d+)\)$", str(error))
            last = self.text.rstrip().split("\n")
            line, column = (int(at[1]), int(at[2])) if at else (len(last), len(last[-1]) + 1)
            self.show(toml_error(said), line, column)
        except (ValueError, RecursionError):
            # tomllib lets these two through: an endless number, and brackets without end.
            self.show("数字太长，或括号套得太深", 1, 1)

    def show(self, message: str, line: int, column: int) -> NoReturn:
        """Raise the error at a line and column, counted from 1."""
        source = self.text.split("\n")[line - 1]
        raise SpecError(message, path=self.path, line=line, column=column, source=source)

    def wrong(self, message: str, at: Where, *, key: bool = False, offset: int = 0) -> NoReturn:
        """Raise the error at a value, at its name (``key``), or ``offset`` characters into it."""
        line, column = positions(self.text).find(at, key=key, offset=offset)
        self.show(message, line, column)

    def string(self, body: Mapping[str, Any], at: Where, default: str | None = None) -> str:
        """A text without the space around it; without a default it must be there and not empty."""
        name = str(at[-1])
        value = body.get(name, default)
        if not isinstance(value, str) or (default is None and not value.strip()):
            self.wrong(f"缺少 '{name}'，或不是加引号的文字", at)
        return value.strip()

    def known(self, body: Mapping[str, Any], at: Where, names: Iterable[str]) -> None:
        """Refuse settings that have no meaning; a misspelt one would be lost in silence."""
        for name in body:
            if name not in names:
                asked = meant(name, names)
                self.wrong(f"[{at[0]}] 没有 '{name}' 这个键{asked}", (*at, name), key=True)
