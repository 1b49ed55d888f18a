"""Whether the machines of a cluster would read files as this one does: the same program on the same
Python with the same libraries, forms and time zone.
"""

import hashlib
import multiprocessing
import platform
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import metadata
from pathlib import Path

from xltools.version import __version__

_PACKAGE = Path(__file__).parent.parent
_NAME = re.compile(r"[A-Za-z0-9._-]*[A-Za-z0-9]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What a process knows of the machine that it runs on.

    ``same``: all that must be the same everywhere, by its Chinese name. ``daemonic``: the process
    may not start processes of its own.
    """

    same: Mapping[str, str]
    daemonic: bool

    @property
    def digest(self) -> str:
        """A digest of all that must be the same."""
        return hashlib.sha256(repr(sorted(self.same.items())).encode()).hexdigest()


def this_machine() -> Machine:
    """What this process knows of its machine."""
    return Machine(same=_same(), daemonic=bool(multiprocessing.current_process().daemon))


@cache
def _same() -> Mapping[str, str]:
    """All that must be the same on every machine, by its Chinese name."""
    zone = datetime.now().astimezone()
    return {
        "xltools 版本": __version__,
        "xltools 程序文件": _digest("*.py"),
        "表式文件": _digest("*.toml"),
        "Python 版本": platform.python_version(),
        "时区": f"{zone:%z}",
        **{f"程序库 {name}": version for name, version in _libraries()},
    }


def _digest(pattern: str) -> str:
    """A short digest of the package's files with a name like ``pattern``."""
    digest = hashlib.sha256()
    for path in sorted(_PACKAGE.rglob(pattern)):
        digest.update(path.relative_to(_PACKAGE).as_posix().encode() + b"\0")
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _libraries() -> list[tuple[str, str]]:
    """The libraries that files are read with, and their versions."""
    try:
        needed = metadata.requires("xltools") or []
    except metadata.PackageNotFoundError:  # it runs from its sources, uninstalled
        return []
    libraries = []
    for requirement in needed:
        match = _NAME.match(requirement)
        if match is None or "extra" in requirement.partition(";")[2]:
            continue
        name = match[0]
        try:
            # Only this line is wanted: parsing all the metadata takes ten times as long.
            text = metadata.distribution(name).read_text("METADATA") or ""
            version = text.partition("\nVersion:")[2].partition("\n")[0].strip()
            libraries.append((name, version))
        except metadata.PackageNotFoundError:
            libraries.append((name, "没有安装"))
    return libraries
