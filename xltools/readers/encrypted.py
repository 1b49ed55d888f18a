"""Workbooks behind a password, opened with those that are known."""

import io
import re
from collections.abc import Sequence
from typing import Final

from xltools.errors import ReadError

# Excel itself locks a workbook whose structure is protected with this one, and opens it unasked.
_OWN: Final = "VelvetSweatshop"
_SPINS: Final = re.compile(rb'spinCount="([0-9]+)"')
_MOST_SPINS: Final = 1_000_000  # hashes for each password; Excel takes 100,000
_LONGEST: Final = 255


def opened(data: bytes, passwords: Sequence[str]) -> bytes:
    """The workbook within, by the first password that fits.

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
            more = {} if file.format == "xls97" else {"verify_password": True}
            file.load_key(password=password, **more)
            file.decrypt(out)
        except MemoryError:
            raise
        except Exception:  # many kinds, of a wrong password as of damage
            continue
        return out.getvalue()
    raise ReadError("F-03")
