"""Mailboxes (.mbox): mails one after another, each behind a line that begins with From."""

import re
from collections.abc import Iterator
from typing import Final

from xltools.model.limits import limits, over
from xltools.readers.containers.budget import Budget
from xltools.readers.containers.eml import subject
from xltools.readers.containers.entry import Entry

# The line names a time, and a header follows: so no sentence that begins with From is one.
_LINE: Final = re.compile(
    rb"^From [^\n]{0,500}\d:\d\d[^\n]{0,100}\n(?=[!-9;-~]{1,100}:|>From )", re.MULTILINE
)
_QUOTED: Final = re.compile(rb"^>(>*From )", re.MULTILINE)


def is_mbox(data: bytes) -> bool:
    """Whether the bytes begin as a mailbox."""
    return data.startswith(b"From ") and _LINE.match(data[:2048]) is not None


def opened(data: bytes, budget: Budget) -> Iterator[Entry]:
    """The mails of a mailbox. Raises ReadError F-05."""
    begun, count = None, 0
    for mark in _LINE.finditer(data):
        if begun is not None:
            yield _mail(data, begun, mark.start(), count, budget)
        begun, count = mark.end(), count + 1
        if count > limits().entries:
            raise over("entries", f"邮箱内超过 {limits().entries} 封邮件")
    if begun is not None:
        yield _mail(data, begun, len(data), count, budget)


def _mail(data: bytes, start: int, end: int, count: int, budget: Budget) -> Entry:
    title = subject(data, start, end)
    budget.take(end - start)
    name = f"第{count}封（{title.replace('/', '_')}）.eml" if title else f"第{count}封.eml"
    return Entry(name=name, data=_QUOTED.sub(rb"\1", data[start:end]), mail=True)
