"""A file to the documents in it: archives and mails are opened, in any nesting, in memory."""

from xltools.readers.unpack.member import Mail, Member
from xltools.readers.unpack.walk import unpack

__all__ = ["Mail", "Member", "unpack"]
