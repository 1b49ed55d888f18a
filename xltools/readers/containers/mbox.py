"""Mailboxes (.mbox): mails one after another, each behind a line that begins with From."""

import re
from collections.abc import Iterator
from typing import Final

from xltools.model.limits import limits, over
from xltools.readers.containers.budget import Budget
from xltools.readers.containers.eml import subject
from xltools.readers.containers.entry import Entry
from xltools.readers.kinds import MAILBOX_LINE

_QUOTED: Final = re.compile(rb"^>(>*From )", re.MULTILINE)


def opened(data: bytes, budget: Budget) -> Iterator[Entry]:
    """The mails of a mailbox. Raises ReadError F-05."""
    begun, count = None, 0
    for mark in MAILBOX_LINE.finditer(data):
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
