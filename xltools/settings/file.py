"""The file of settings: found, read, and written anew."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from xltools.model.errors import SettingsError, refusal
from xltools.model.text import meant
from xltools.model.toml_source import Source
from xltools.model.wording import in_words
from xltools.settings.fields import FILE, SETTINGS, Place, SettingField, Settings

_YEARS: Final = range(2000, 2101)
_SECRET: Final = ("password", "passwords", "lock_password")
_MARKS: Final = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"", "utf-8-sig"))


def find(start: Path) -> Path | None:
    """The file of settings of a folder, or of the nearest folder above it up to the user's home
    folder; None if there is none. ``start``: an absolute path.
    """
    try:
        home = Path.home()
    except RuntimeError:  # the system knows none
        home = None
    for folder in (start, *start.parents):
        file = folder / FILE
        if file.is_file():
            return file
        if folder == home:
            return None
    return None


def read(path: Path) -> Settings:
    """Read a file of settings. Raises SettingsError that points at the mistake."""
    try:
        text = _decoded(path.read_bytes(), path)
    except OSError as error:
        raise SettingsError(in_words(refusal(error)), path=path) from None
    source = Source(text, path, SettingsError)
    for name in source.data:
        if name.lower() in _SECRET:
            source.wrong(
                "密码不写在设置里：报表的打开密码写在名录的“打开密码”栏", (name,), key=True
            )
        if name not in SETTINGS:
            source.wrong(f"没有 '{name}' 这个设置{meant(name, SETTINGS)}", (name,), key=True)
    values = {name: _value(source, SETTINGS[name], value) for name, value in source.data.items()}
    return Settings(path=path, given=frozenset(values), **values)


def _decoded(data: bytes, path: Path) -> str:
    """The text of a file in one of the encodings in which Notepad saves. Raises SettingsError."""
    encoding = next(name for mark, name in _MARKS if data.startswith(mark))
    for candidate in (encoding, "gb18030"):
        try:
            return data.decode(candidate)
        except UnicodeDecodeError:
            continue
    raise SettingsError("不是文本；请用记事本另存为，编码选 UTF-8", path=path)


def _value(source: Source, setting: SettingField, value: Any) -> Any:
    """The value of a setting as `Settings` has it. Raises the error of ``source`` where it is of
    another type, or none that there can be.
    """
    name = setting.name
    if setting.type is int:
        return _number(source, name, value)
    if setting.type is bool:
        if not isinstance(value, bool):
            source.wrong(f"'{name}' 写成 true 或 false，不加引号", (name,))
        return value
    if setting.type == date | None:
        return _day(source, name, value)
    if setting.type == tuple[str, ...]:
        if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
            source.wrong(f'\'{name}\' 写成一列文字，如 {name} = ["…", "…"]', (name,))
        return tuple(value)
    if not isinstance(value, str):
        source.wrong(f"'{name}' 要写成加英文半角引号的文字，如 {name} = \"…\"", (name,))
    if "\n" in value:
        source.wrong(f"'{name}' 只写一行", (name,))
    return Place(value.strip()) if setting.type is Place else value.strip()


def _number(source: Source, name: str, value: Any) -> int:
    """A whole number, which may stand in quotation marks. Raises the error of ``source``."""
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit():
        value = int(value[:9])
    if not isinstance(value, int) or isinstance(value, bool):
        source.wrong(f"'{name}' 写成整数，如 {name} = {2025 if name == 'year' else 2}", (name,))
    if name == "year" and value not in _YEARS:
        source.wrong(f"报告年度应在 {_YEARS[0]} 至 {_YEARS[-1]} 之间，如 2025", (name,))
    if value < 0:
        source.wrong(f"'{name}' 不能小于 0", (name,))
    return value


def _day(source: Source, name: str, value: Any) -> date | None:
    """A day, written as a date or as text; None for an empty text. Raises the error of
    ``source``.
    """
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, str) and not value.strip():
        return None
    try:
        return date.fromisoformat(value.strip())
    except (AttributeError, ValueError):
        source.wrong(f"'{name}' 写成年-月-日，如 {name} = 2026-01-20", (name,))


def written(values: Mapping[str, Any]) -> str:
    """The text of a file of settings: every setting with what it means. ``values``: by name; a
    setting without one stands there as a comment.
    """
    return "\n".join(_lines(values)) + "\n"


def _lines(values: Mapping[str, Any]) -> Iterator[str]:
    """The lines of a file of settings, as for `written`."""
    yield "# xltools 的设置：在这个文件夹里（或其下）运行的命令都按它办；命令行上另写的优先。"
    yield "# 路径从本文件所在的文件夹算起。行首有 # 的不起作用，去掉 # 就起作用。"
    yield "# The settings of xltools for this folder. What a command line says comes first."
    for setting in SETTINGS.values():
        yield ""
        yield f"# {setting.chinese} / {setting.english}"
        value = values.get(setting.name)
        if value in (None, "", ()):
            yield f"# {setting.name} = {toml(setting.default)}"
        else:
            yield f"{setting.name} = {toml(value)}"


def toml(value: Any) -> str:
    """A value as TOML."""
    match value:
        case None:
            return '""'
        case bool():
            return str(value).lower()
        case int():
            return str(value)
        case date():
            return value.isoformat()
        case tuple():
            return f"[{', '.join(map(toml, value))}]"
    text = str(value)
    return f"'{text}'" if "\\" in text and "'" not in text else _quoted(text)


def _quoted(text: str) -> str:
    """A text in quotation marks."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in escaped) + '"'
