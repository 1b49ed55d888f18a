"""A file to the documents in it: archives and mails are opened, in any nesting, in memory."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from xltools.readers.unpack.member import Mail, Member

__all__ = ["Mail", "Member", "unpack"]


def unpack(
    data: bytes, name: str, passwords: Sequence[str] = (), *, modified: datetime | None = None
) -> Iterator[Member]:
    """The file itself."""
    yield Member(path="", data=data, modified=modified)
