"""What commands take from the settings of a year's folder: each value that a command line and the
environment leave open is fed to the parser as its default.
"""

import os
import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

import typer

from xltools.cli.console import fail, warn
from xltools.settings.fields import SETTINGS, Place, Settings

_APART: Final = "init"  # it makes a folder, and has nothing to do with that around it
_NAMES: Final = {
    ("generate", "out"): "outbox",
    ("collect", "out"): "summary",
    ("reply", "out"): "corrections",
    ("report", "file"): "summary",
    ("report", "unit"): "agency",
}
"""Parameters of commands that have another name than the setting that they take."""


def settle(ctx: typer.Context) -> None:
    """Find the file of settings of the current folder, and make what it says the defaults of the
    command that is about to run; say which file that is. Exits with a message if it is faulty.
    """
    name = ctx.invoked_subcommand
    if name is None or name == _APART or "--help" in sys.argv:
        return
    from xltools.model.errors import XltoolsError
    from xltools.settings.file import find, read

    file = find(Path.cwd())
    if file is None:
        return
    try:
        settings = read(file)
        command = ctx.command.get_command(ctx, name)  # type: ignore[attr-defined]  # of a group
        if command is None:
            return
        values = _defaults(command, (name,), settings)
    except XltoolsError as error:
        fail(str(error))
    if values:
        ctx.default_map = {name: values}
        warn(f"设置：{shown(file)}{_about(settings)}")


def _about(settings: Settings) -> str:
    """The district and the year of the settings, in brackets; empty where they say neither."""
    year = f"{settings.year} 年度" if settings.year else ""
    words = "，".join(part for part in (settings.district, year) if part)
    return f"（{words}）" if words else ""


def _defaults(command: Any, path: tuple[str, ...], settings: Settings) -> dict[str, Any]:
    """The defaults of a command by parameter; of a group those of its commands. ``path``: the names
    by which it is called.
    """
    commands: Mapping[str, Any] = getattr(command, "commands", {})
    if commands:
        groups = {n: _defaults(c, (*path, n), settings) for n, c in commands.items()}
        return {name: values for name, values in groups.items() if values}
    named = {p.name: _NAMES.get((*path, p.name), p.name) for p in command.params}
    return {
        parameter: value
        for parameter, name in named.items()
        if name in settings.given and (value := _value(settings, name))
    }


def _value(settings: Settings, name: str) -> Any:
    """The value of a setting as the parser takes it; paths count from the current folder."""
    if name == "decisions":
        from xltools.settings.folder import ledger_of

        ledger, note = ledger_of(settings)
        if note:
            warn(note)
        return None if ledger is None else shown(ledger)
    if name == "form" and settings.path is not None:
        file = settings.path.parent / settings.form  # a name is that of a file only where it exists
        return shown(file) if file.is_file() else settings.form
    if SETTINGS[name].type is Place:
        place = settings.located(name)
        return shown(place) if isinstance(place, Path) else place
    value = getattr(settings, name)
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def shown(path: Path) -> str:
    """A path as it is best shown: from the current folder, where it can be."""
    try:
        return os.path.relpath(path)
    except ValueError:  # on another drive of Windows
        return str(path)


def kept_as(kept: Path, folder: Path) -> str:
    """How to name an earlier file that is kept: by its name alone where it is in ``folder``, in
    which the new one is.
    """
    return kept.name if kept.parent == folder else shown(kept)
