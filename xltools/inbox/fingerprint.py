"""The fingerprint of a file: equal for two files only if reading them gives the same, apart from
their paths and dates.

It covers the bytes of the file and of the files that belong to it, its name where a reader uses it,
and all else that reading depends on: the form, the limits, this program with its declared forms and
its catalogue, the libraries, LibreOffice, the time zone. Passwords are not in it: what a password
opens is never kept.
"""

import hashlib
import json
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import astuple, dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from xltools.inbox.fitness import this_machine
from xltools.inbox.reading import digest, loaded
from xltools.inbox.stored import Fetched
from xltools.model.errors import ReadError
from xltools.model.file_kinds import FileKind
from xltools.model.form import Form
from xltools.model.limits import Limits
from xltools.readers import kinds
from xltools.readers.bundles import STYLES
from xltools.readers.documents import office

# Of these kinds a reader uses the file's name: as the name of a sheet, or of the file within.
_NAMED: Final = frozenset(
    (FileKind.HTML, FileKind.TEXT, FileKind.SIGNED, FileKind.GZIP, FileKind.BZIP2, FileKind.XZ,
     FileKind.TAR)
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """The fingerprint of a file. ``key``: 32 bytes. ``sha256``: as in the origin of a document that
    is the file itself. ``date``: of the file, in local time, None if unknown.
    """

    key: bytes
    sha256: str
    date: datetime | None


def circumstances(form: Form, settings: Limits) -> bytes:
    """A digest of all that reading depends on besides the file. ``form``: what is read for."""
    soffice = office.program()
    converter: Sequence[object] = ()
    if soffice:
        with suppress(OSError):
            state = Path(soffice).resolve().stat()
            converter = (soffice, state.st_size, state.st_mtime_ns)
    parts = (
        this_machine().digest,
        form.text,
        astuple(settings),
        converter,
        (time.tzname, time.timezone, time.altzone),  # dates in mails and archives become local
    )
    return hashlib.sha256(json.dumps(parts).encode("ascii")).digest()


def fingerprint(name: str, place: Path, around: bytes) -> Fingerprint | None:
    """The fingerprint of a file; None for one that is empty, or cannot be read just now.

    ``name``: its path below the inbox; ``place``: the file, or a folder that is one document;
    ``around``: the digest of `circumstances`.
    """
    try:
        fetched = loaded(place, datetime.fromtimestamp(place.stat().st_mtime))
    except (OSError, ReadError):  # a worker says why
        return None
    if not fetched.data and not fetched.parts:
        return None
    sha256 = digest(fetched)
    parts = [(path, len(content)) for path, content in sorted(fetched.parts.items())]
    used = (sha256, len(fetched.data), parts, _used_name(Path(name).name, fetched))
    key = hashlib.sha256(around + json.dumps(used).encode("ascii")).digest()
    return Fingerprint(key=key, sha256=sha256, date=fetched.modified)


def _used_name(shown: str, fetched: Fetched) -> Sequence[str]:
    """What readers use of the name of a file. ``shown``: the name as it can be printed, which may
    differ from the one on the disk.
    """
    data = fetched.data
    both = (shown, fetched.name)
    if fetched.parts:
        return both
    if data.startswith(kinds.ZIP):
        if STYLES.encode() in data:  # pages in a zip: its name may be that of their folder
            return both
        # The suffixes of Apple's programs tell their packages apart.
        return [ending for ending in kinds.APPLE if shown.lower().endswith(ending)]
    if data.startswith((kinds.OLE, b"%PDF")):
        return ()
    return both if kinds.kind(data) in _NAMED else ()
