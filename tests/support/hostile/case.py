"""A file that nobody would like to be sent."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """``name``: of the file, below the folder of its module. ``honest``: it must be read right."""

    name: str
    what: str
    data: bytes = b""
    honest: bool = False
