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
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import astuple, dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from xltools.inbox.fitness import this_machine
from xltools.inbox.reading import digest
from xltools.model.errors import ReadError
from xltools.model.file_kinds import FileKind
from xltools.model.form import Form
from xltools.model.limits import Limits
from xltools.readers import kinds
from xltools.readers.bundles import STYLES
from xltools.readers.containers.entry import Member
from xltools.readers.documents import office
from xltools.readers.parts import DiskFolder, parts_below, parts_beside
from xltools.readers.workbook import load_bytes

_HEAD: Final = 4096  # bytes by which the kind of a text is known
# Files that begin so have their tables, or the files within, under names of their own.
_OWN_NAMES: Final = (kinds.OLE, b"%PDF", b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c")
_UNNAMED: Final = frozenset(
    (FileKind.MAIL, FileKind.MAILBOX, FileKind.XML2003, FileKind.FODS, FileKind.XML)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """The fingerprint of a file. ``key``: 32 bytes. ``digests``: those which the origin of a
    document may have that is the file itself, without and with the files that belong to it.
    ``date``: of the file, in local time.
    """

    key: bytes
    digests: tuple[str, str]
    date: datetime


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
    """The fingerprint of a file; None for one that is empty, or cannot be read just now. The file
    may be made to harm whoever opens it: its bytes are looked at here, and no reader is.

    ``name``: its path below the inbox; ``place``: the file, or a folder that is one document;
    ``around``: the digest of `circumstances`.
    """
    try:
        date = datetime.fromtimestamp(place.stat().st_mtime)
        data, parts = _content(place)
    except (OSError, ReadError, ValueError, OverflowError):  # a worker says why
        return None
    if not data and not parts:
        return None
    alone = digest(Member(path="", data=data))
    digests = alone, digest(Member(path="", data=data, parts=parts)) if parts else alone
    sizes = [(path, len(content)) for path, content in sorted(parts.items())]
    names = (Path(name).name, place.name)  # as it can be printed, and as it is on the disk
    used = (*digests, len(data), sizes, names if parts else _used(names, data))
    key = hashlib.sha256(around + json.dumps(used).encode("ascii")).digest()
    return Fingerprint(key=key, digests=digests, date=date)


def _content(place: Path) -> tuple[bytes, Mapping[str, bytes]]:
    """The bytes of a file, empty for a folder, and by path those of all files that may belong to
    it. Raises OSError and ReadError.
    """
    surroundings = DiskFolder(place.parent)
    if place.is_dir():
        return b"", parts_below(surroundings, place.name)
    data = load_bytes(place)
    if data.startswith((*kinds.ZIP, *_OWN_NAMES)):
        return data, {}
    return data, parts_beside(surroundings, place.name, data)


def _used(names: tuple[str, str], data: bytes) -> Sequence[str]:
    """What readers use of the names of a file: as the name of a sheet, or of the file within."""
    if data.startswith(kinds.ZIP):
        if STYLES.encode() in data:  # pages in a zip: its name may be that of their folder
            return names
        # The suffixes of Apple's programs tell their packages apart.
        return [ending for ending in kinds.APPLE if names[0].lower().endswith(ending)]
    if data.startswith(_OWN_NAMES) or kinds.kind(data[:_HEAD]) in _UNNAMED:
        return ()
    return names
