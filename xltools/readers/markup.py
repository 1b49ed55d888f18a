"""XML that is no part of a package: its text, and the element it begins with."""

from contextlib import suppress
from typing import Final

from xltools.readers.scan import parse

OFFICE: Final = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
SHEET: Final = "urn:schemas-microsoft-com:office:spreadsheet"


class _FoundError(Exception):
    pass


def root(xml: bytes | str) -> tuple[str, dict[str, str]]:
    """The first element of XML, as ``namespace name``, and its attributes.

    Raises ReadError F-02 for what is not XML as far as that.
    """
    found: list[tuple[str, dict[str, str]]] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        found.append((name, attributes))
        raise _FoundError

    with suppress(_FoundError):
        parse(xml, start=start)
    return found[0]


def local(attributes: dict[str, str]) -> dict[str, str]:
    """Attributes by their names without namespaces; the first of two wins."""
    own: dict[str, str] = {}
    for name, value in attributes.items():
        own.setdefault(name.rpartition(" ")[2], value)
    return own
