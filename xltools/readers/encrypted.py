"""Workbooks and documents behind a password, opened with those that are known."""

import io
import re
from collections.abc import Sequence
from typing import Final

from xltools.model.errors import ReadError
from xltools.readers.guard import guarded

# Excel itself locks a workbook whose structure is protected with this one, and opens it unasked.
_OWN: Final = "VelvetSweatshop"
_SPINS: Final = re.compile(rb'spinCount="([0-9]+)"')
_MOST_SPINS: Final = 1_000_000  # hashes for each password; Excel takes 100,000
_LONGEST: Final = 255
# The bit fEncrypted in the first part of a .doc's main stream: [MS-DOC], 2.5.2, FibBase.
_FLAGS_AT: Final = 10
_ENCRYPTED: Final = 0x0100


def document_locked(data: bytes) -> bool:
    """Whether a .doc is behind a password; False for one too damaged to say."""
    import olefile

    def flags() -> int:
        with olefile.OleFileIO(io.BytesIO(data)) as ole:
            head = ole.openstream("WordDocument").read(_FLAGS_AT + 2)
            return int.from_bytes(head[_FLAGS_AT:], "little")

    return bool((guarded(flags) or 0) & _ENCRYPTED)


def opened(data: bytes, passwords: Sequence[str]) -> bytes:
    """The workbook or document within, by the first password that fits.

    Raises ReadError: F-03 when none does, F-05 when trying would take too long.
    """
    import msoffcrypto

    if any(len(n) > 9 or int(n) > _MOST_SPINS for n in _SPINS.findall(data)):
        raise ReadError("F-05", "密码的散列次数过多")
    for password in dict.fromkeys((*passwords, _OWN)):
        if not 0 < len(password) <= _LONGEST:
            continue
        out = io.BytesIO()
        try:
            file = msoffcrypto.OfficeFile(io.BytesIO(data))
            # Old formats verify it in any case.
            more = {} if file.format in ("xls97", "doc97") else {"verify_password": True}
            file.load_key(password=password, **more)
            file.decrypt(out)
        except MemoryError:
            raise
        except Exception:  # many kinds, of a wrong password as of damage
            continue
        return out.getvalue()
    raise ReadError("F-03")
