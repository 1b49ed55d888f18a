"""The text of a form file: its data, and errors that point at their place in it."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from xltools.forms.positions import Path as Where
from xltools.forms.positions import positions
from xltools.forms.toml_errors import toml_error
from xltools.model.errors import SpecError
from xltools.model.text import meant


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
