"""Whether a password has opened something in the file that is being read.

What only a password opens is not for everybody's eyes: whoever keeps what was read of files must
know it. The readers of all formats say it here, so that none of them has to hand it on with what
it returns. It is noted for a process or context, as the limits are.
"""

from contextvars import ContextVar
from typing import Final

_fitted: Final[ContextVar[bool]] = ContextVar("fitted", default=False)


def fits() -> None:
    """Note that a password has opened a file, or an entry of an archive."""
    _fitted.set(True)


def fitted() -> bool:
    """Whether a password has opened something since the last call of `forget`."""
    return _fitted.get()


def forget() -> None:
    """Forget what was noted, before another file is read."""
    _fitted.set(False)
